"""The figures of docs/facts.md are those that benchmarks/facts keeps."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

pytest.importorskip("benchmarks.facts.piles")

from benchmarks.facts import measure, new_findings, piles, sets
from benchmarks.facts.mutate import mutations


def test_the_page_has_the_table_of_the_piles(repository: Path) -> None:
    page = (repository / "docs" / "facts.md").read_text(encoding="utf-8")
    assert f"<!-- piles -->\n{piles.markdown(piles.counts())}\n<!-- end of piles -->" in page
    assert {count.pile for count in piles.counts()} == {*piles.PILES, "tested earlier"}


def test_wilson_against_known_values() -> None:
    assert piles.interval(0, 10) == pytest.approx((0, 0.2775), abs=1e-3)
    assert piles.interval(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-3)


def test_the_page_has_the_table_of_new_findings(repository: Path) -> None:
    if sys.version_info < (3, 11):
        pytest.skip("tomllib")
    counts = new_findings.recorded()
    assert list(counts) == [(metric, kind) for metric, kinds in new_findings.KINDS.items() for kind in kinds]
    page = (repository / "docs" / "facts.md").read_text(encoding="utf-8")
    assert f"<!-- new findings -->\n{new_findings.markdown(counts)}\n<!-- end of new findings -->" in page


def test_the_page_has_the_rates_of_the_weak_kinds(repository: Path) -> None:
    """Those for which an error needs a second sign."""
    judged = {
        flag: right
        for flag, right in measure.judgements().items()
        if flag.metric == "Quantities" and flag.set.startswith(("wmt21", "wmt22", "wmt23", "wmt24"))
    }
    added = [right for flag, right in judged.items() if flag.kind == "added"]
    bare = [
        right
        for flag, right in judged.items()
        if flag.kind == "wrong-unit" and _bare(flag.source) != _bare(flag.output)
    ]
    page = " ".join((repository / "docs" / "facts.md").read_text(encoding="utf-8").split())
    assert f"{sum(added)} of {len(added)} quantities that only the output has were right" in page
    assert f"{sum(bare)} of {len(bare)} wrong units beside a bare number" in page


def _bare(normal: str) -> bool:
    return normal != "" and re.search("[A-Za-z%]", normal) is None


def test_judged_flags_are_of_known_kinds() -> None:
    judged = measure.judgements()
    assert 0 < sum(judged.values()) < len(judged)
    assert {(flag.metric, flag.kind) for flag in judged} <= {
        (metric, kind) for metric, kinds in new_findings.KINDS.items() for kind in kinds
    }


@pytest.mark.parametrize(
    ("source", "text", "kind", "changed"),
    [
        ("由20%升至30%", "It rose from 20% to 30%.", "exchanged", ["It rose from 30% to 20%."]),
        ("20%至30%的人", "20% to 30% of the people", "exchanged", []),
        ("15、30和50倍", "factors of 15, 30 and 50", "exchanged", []),
        ("3只猫，5只狗", "3 cats and 5 dogs", "exchanged", ["5 cats and 3 dogs"]),
        ("12月31日", "on December 31", "date", ["on December 30", "on January 31"]),
        ("近5吨", "nearly 5 tons", "qualifier", ["more than 5 tons"]),
    ],
)
def test_changes_that_alter_the_meaning(source: str, text: str, kind: str, changed: list[str]) -> None:
    assert [m.text for m in mutations(text, "en", source, "zh") if m.kind == kind] == changed


@pytest.mark.parametrize(
    ("source", "text"), [("in recent 5 years, over 9", "最近5年"), ("the 100th anniversary of 100 people", "100周年")]
)
def test_words_that_only_look_like_a_unit_or_a_qualifier(source: str, text: str) -> None:
    assert {m.kind for m in mutations(text, "zh", source, "en")} <= {"tenfold", "digit"}


def test_measure_counts_flags_and_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "set-zh-en"
    (folder / "systems").mkdir(parents=True)
    (folder / "source.zh").write_text("参加者有40人。\n天气很好。\n", encoding="utf-8")
    (folder / "reference.A.en").write_text("40 people took part.\nThe weather was fine.\n", encoding="utf-8")
    (folder / "systems" / "one.en").write_text("60 people took part.\nThe weather was fine.\n", encoding="utf-8")
    (folder / "lines").write_text("2\n4\n", encoding="utf-8")
    monkeypatch.setitem(sets.STRONG, "set-zh-en", ("one",))
    measured = measure.Measurement(sets.parallel_sets(tmp_path))
    assert measured.required == {("set-zh-en", "A"): 1, ("set-zh-en", "one"): 1}
    assert measured.flags == [measure.Flag("set-zh-en", "one", 2, "Quantities", "wrong-value", "40", "60")]
    assert {(change.kind, change.text.split()[0], change.noticed) for change in measured.changes} == {
        ("tenfold", "400", True),
        ("digit", "50", True),
    }
    assert "tenfold" in measured.report()
    measure.write(measured.flags, tmp_path / "flags.tsv")
    assert (tmp_path / "flags.tsv").read_text(encoding="utf-8").splitlines()[1].startswith("set-zh-en\tone\t2")
