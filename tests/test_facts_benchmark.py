"""The figures of docs/facts.md are those recorded in benchmarks/facts."""

from __future__ import annotations

import csv
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("benchmarks.facts.piles")

from benchmarks.facts import measure, new_findings, piles, sets
from benchmarks.facts.mutate import mutations


def test_the_page_has_the_tables_of_the_piles(repository: Path) -> None:
    page = (repository / "docs" / "facts.md").read_text(encoding="utf-8")
    counts = piles.counts()
    assert f"<!-- piles -->\n{piles.markdown(counts)}\n<!-- end of piles -->" in page
    comparison = piles.comparison(counts, piles.BASELINE)
    assert comparison.count("\n") > 20
    assert f"<!-- comparison -->\n{comparison}\n<!-- end of comparison -->" in page
    assert {count.pile for count in counts} == {*piles.PILES, *piles.OTHERS}


#: the texts of the last measurement, and the sets they are made of.
LAST = {
    "news of 2016 and government reports": "newsdev2017|officialcn",
    "dialogues about travel": "crosswoz",
    "posts of a company": "qwenblog",
    "news of 2016, other lines": "newsdev2017",
    "subtitles, dialogues about travel": "msctd|multiwoz",
    "an encyclopedia of a game": "civilopedia",
    "an encyclopedia of Taiwan, essays, zh-en": "(?:taiwanmd|yageblog)-zh-en",
    "WMT26, talks on finance and technology, en-zh": "(?:wmt26|wmt26sent|podcast)-en-zh(?:TW)?",
    "news and encyclopedia, written in English": "ftnewsrev|pawsxrev",
    "statutes of Taiwan and Macau": "twlaw9|umlaws",
    "dialogues, forums and blogs, abstracts of theses": "risawoz|webforum|umthesis",
    "Financial Times, web news": "ftnews|umnews",
    "textbooks": "books",
    "encyclopedia, science": "pawsx|umscience",
}
REFERENCES = {"WMT", "official", "postedit", "Qwen", "MSCTD", "en", "zh"}
#: the commit that was measured, and one that was measured on other text afterwards
NOW, AFTERWARDS = "e9f03d6", "2056309"


@pytest.mark.parametrize(("commit", "checks"), [(piles.BASELINE, 10), (NOW, 10), (AFTERWARDS, 8)])
def test_the_last_measurements_count_what_was_judged(commit: str, checks: int) -> None:
    with measure.JUDGED.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if commit in row["commits"].split()]
    counts = [
        count
        for count in piles.counts()
        if (commit == NOW and count.pile == "tested once" and not count.note.startswith("at "))
        or count.note.startswith(f"at {commit}")
    ]
    direction = {"zh-en": "zh-en", "en-zh (simplified)": "en-zh", "en-zh (traditional)": "en-zhTW"}
    checked = 0
    for count in counts:
        judged = [row for row in rows if row["metric"] == count.what.split(":")[0]]
        references = [row for row in judged if row["system"] in REFERENCES]
        systems = [row for row in judged if row["system"] not in REFERENCES]
        if "false positives per quantity" in count.what:
            ending = direction[count.what.rpartition("references ")[2]]
            sets = re.compile(f"(?:{LAST[count.text]})-{ending}$")
            found = [row for row in references if re.match(sets, row["set"])]
            expected = sum(row["right"] == "no" for row in found)
            assert f"{len(found)} errors judged" in count.note
        elif "errors reported in strong systems" in count.what and count.what.startswith("Quantities"):
            text = re.sub(", (?:every error|a sample of the errors)$", "", count.text)
            found = [row for row in systems if re.fullmatch(LAST[text], row["set"])]
            expected = sum(row["right"] == "yes" for row in found)
            assert len(found) == count.of
        elif "errors reported in translations" in count.what:
            found = references
            expected = sum(row["right"] == "yes" for row in found)
            assert len(found) == count.of
        elif "human translations with a false positive" in count.what:
            wrong = [row for row in references if row["right"] == "no"]
            expected = len({(row["set"], row["system"], row["line"]) for row in wrong})
        else:
            continue
        checked += 1
        assert count.hits == expected, count
    assert checked == checks


def test_the_prose_has_the_sums_of_the_last_measurement(repository: Path) -> None:
    page = " ".join((repository / "docs" / "facts.md").read_text(encoding="utf-8").split())
    counts = [count for count in piles.counts() if count.pile == "tested once" and not count.note.startswith("at ")]
    earlier = [count for count in piles.counts() if count.note.startswith(f"at {piles.BASELINE}")]

    def total(found: list[piles.Count], what: str) -> tuple[float, int]:
        chosen = [count for count in found if count.what.startswith(what) and count.pile != "part"]
        return sum(count.hits for count in chosen), sum(count.of for count in chosen)

    false, before = (total(found, "Quantities: false positives")[0] for found in (counts, earlier))
    of = total(counts, "Quantities: false positives")[1]
    assert f"{false:.0f} false positives in {of:,} quantities instead of {before:.0f}" in page
    rates = []
    for what in ("Quantities: changed quantities", "Quantities: exchanged quantities"):
        rates += [f"{hits / of:.1%}" for hits, of in (total(counts, what), total(earlier, what))]
    changed, changed_before, exchanged, exchanged_before = rates
    assert f"{changed} of the changed quantities detected instead of {changed_before}" in page
    assert f"{exchanged} of the exchanged ones instead of {exchanged_before}" in page


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
    assert {(change.kind, change.text.split()[0], change.noticed, change.hinted) for change in measured.changes} == {
        ("tenfold", "400", True, True),
        ("digit", "50", True, True),
    }
    assert "tenfold" in measured.report()
    measure.write(measured.flags, tmp_path / "flags.tsv")
    assert (tmp_path / "flags.tsv").read_text(encoding="utf-8").splitlines()[1].startswith("set-zh-en\tone\t2")


def test_measure_tells_changes_noticed_as_warnings_from_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "set-zh-en"
    folder.mkdir()
    (folder / "source.zh").write_text("参加者有40人。\n", encoding="utf-8")
    (folder / "reference.A.en").write_text("40 people took part.\n", encoding="utf-8")
    levels = {"ok": "ok", "warning": "warning", "error": "warning"}
    align = measure.align
    monkeypatch.setattr(
        measure,
        "align",
        lambda *sides, **texts: [replace(p, severity=levels[p.severity]) for p in align(*sides, **texts)],
    )
    measured = measure.Measurement(sets.parallel_sets(tmp_path))
    assert {(change.noticed, change.hinted) for change in measured.changes} == {(False, True)}
    assert [line.split()[2:5] for line in measured.report().splitlines() if "all others" in line] == [
        ["0", "/", "2"],
        ["2", "/", "2"],
    ]
