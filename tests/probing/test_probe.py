"""Verdicts of a probe on hand-made cases and on the bundled contrasts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from evalkit.data.tasks import Task
from evalkit.errors import InputError, SettingError
from evalkit.metrics.base import Finding, Metric, References, Statistics
from evalkit.probing import Case, Probe, bundled_cases, probe
from evalkit.reports import probe_report as report


@dataclass(frozen=True)
class Vowels(Metric):
    """Number of a's: a custom metric that reports no findings."""

    name: ClassVar[str] = "Vowels"
    summary: ClassVar[str] = "a's"
    range: ClassVar[tuple[float, float]] = (0.0, 5.0)
    columns: ClassVar[tuple[str, ...]] = ("a", "n")

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> Statistics:
        return np.array([[text.count("a"), float("u" not in text)] for text in hypotheses], dtype=np.float64).reshape(
            -1, 2
        )

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        with np.errstate(all="ignore"):
            found: NDArray[np.float64] = np.asarray(statistics)[..., 0] / np.asarray(statistics)[..., 1]
        return found


@dataclass(frozen=True)
class Errors(Vowels):
    """The same, lower is better, with a finding for x."""

    name: ClassVar[str] = "Errors"
    higher_is_better: ClassVar[bool] = False

    def explain(self, hypothesis: str, references: References, index: int) -> tuple[Finding, ...]:
        # What is in a reference is not an error, so the findings show what a text is scored against.
        wrong = [c for c in "xyz" if c in hypothesis and not any(c in text for text in references.texts[index])]
        return tuple(Finding("letter", "warning" if c == "z" else "error", c, key=c) for c in wrong)


TASK = Task("t", "en", "translation", ("s1", "s2"), (("aaaa x", "aaa x"), ("aaaaa",)), sources=("甲", "乙"))


def case(id: str, base: str, text: str, harmless: bool = False, kind: str = "k", segment: str = "s1") -> Case:
    return Case(id, "t", segment, 0, kind, harmless, base, text)


PROBE = Probe(
    "a few cases",
    {"t": TASK},
    (
        case("1", "aaaa x", "aaa x"),
        case("2", "aaaa x", "aaaa xy", kind="j"),
        case("3", "aaaa x", "aaaaa x"),
        case("4", "aaaa x", "aaaa xu"),
        case("5", "aaaa x", "aaaa z x"),
        case("6", "aaaaa", "aaaaa x", segment="s2"),
        case("7", "aaaa x", "aaaa x.", harmless=True, kind="h"),
        case("8", "aaaa x", "aa x", harmless=True, kind="h"),
    ),
)


def test_detected_means_a_lower_score_or_a_new_error() -> None:
    probed = probe([Vowels(), Errors()], PROBE)
    assert probed.metrics == ("Vowels", "Errors")
    by = {(v.metric, v.case.id): v for v in probed.verdicts}
    # s2 has one reference: "Vowels" compares with references alone, and is not asked there.
    assert [by["Vowels", c.id].noticed for c in PROBE.cases if c.id != "6"] == [
        True, False, False, False, False, False, True,
    ]  # fmt: skip
    assert ("Vowels", "6") not in by
    assert list(probed.skipped) == ["Vowels, t"]
    assert probed.skipped["Vowels, t"].startswith("1 of 8 contrasts left out: their segments have only the reference")
    assert [by["Errors", c.id].noticed for c in PROBE.cases] == [False, True, True, False, False, True, False, False]
    assert [by["Errors", c.id].error_kinds for c in PROBE.cases] == [(), ("letter",), (), (), (), ("letter",), (), ()]
    assert (by["Vowels", "1"].base, by["Vowels", "1"].text, by["Vowels", "1"].drop) == (4, 3, 1)
    assert by["Errors", "1"].drop == -1
    # undefined: no drop
    assert (by["Vowels", "4"].text, by["Vowels", "4"].drop) == (None, None)


def test_references_are_judged_by_the_others() -> None:
    probed = probe([Vowels(), Errors()], PROBE)
    # s2 has one reference and nothing to judge it by
    assert [(r.metric, r.segment, r.reference, r.score, r.punished) for r in probed.references] == [
        ("Vowels", "s1", 0, 4, True),
        ("Vowels", "s1", 1, 3, True),
        ("Errors", "s1", 0, 4, False),
        ("Errors", "s1", 1, 3, False),
    ]


def test_single_references_are_skipped_for_metrics_that_compare_with_them() -> None:
    alone = replace(TASK, references=tuple(refs[:1] for refs in TASK.references))
    probed = probe(
        ["chrF", "Quantities"], Probe("x", {"t": replace(alone, sources=("甲",) * 2, source_lang="zh")}, PROBE.cases)
    )
    assert probed.metrics == ("Quantities",)
    assert "add a second reference" in probed.skipped["chrF, t"]
    assert "skipped: chrF, t: 8 of 8 contrasts left out" in report.table(probed)
    with pytest.raises(SettingError, match="add a second reference"):
        probe(["chrF"], Probe("x", {"t": alone}, PROBE.cases))


def test_separation_by_hand() -> None:
    probed = probe([Vowels()], PROBE)
    # drops of errors 1, 0, -1, 0 (one undefined, one without another reference); of harmless variants 0, 2
    pairs = [(w > h) + 0.5 * (w == h) for w in (1, 0, -1, 0) for h in (0, 2)]
    assert probed.separation("Vowels") == pytest.approx(sum(pairs) / len(pairs))
    assert probed.separation("Vowels", "j") == pytest.approx(0.25)
    assert probe([Vowels()], Probe("x", {"t": TASK}, PROBE.cases[:3])).separation("Vowels") is None


def test_a_metric_that_cannot_be_used_is_skipped_with_a_reason() -> None:
    probed = probe(["KeyFacts", Vowels()], PROBE)
    assert probed.metrics == ("Vowels",)
    assert probed.skipped["KeyFacts, t"] == "KeyFacts needs facts, which t does not have"
    assert probed.skipped["Vowels, t"].startswith("1 of 8 contrasts left out: their segments have only the reference")
    with pytest.raises(SettingError, match="KeyFacts needs facts"):
        probe(["KeyFacts"], PROBE)
    with pytest.raises(SettingError, match="unknown metric 'BLUE'"):
        probe(["BLUE"], PROBE)


def test_reports_of_a_few_cases() -> None:
    probed = probe([Vowels(), Errors()], PROBE)
    text = report.table(probed)
    assert "a few cases: 6 texts with one error each, 2 harmless variants" in text
    assert [
        line.split() for line in text.splitlines() if line.startswith(("k ", "j ", "all", "h ", "references  "))
    ] == [
        # case 5 has no other reference to be compared with, so Vowels is not asked about it
        ["k", "5", "25%", "40%"],
        ["j", "1", "0%", "100%"],
        ["all", "6", "20%", "50%"],
        # the z of case 5
        ["all,", "with", "warnings", "6", "20%", "67%"],
        ["h", "2", "50%", "0%"],
        ["all", "2", "50%", "0%"],
        ["all,", "with", "warnings", "2", "50%", "0%"],
        ["references", "2", "100%", "0%"],
    ]
    page = report.markdown(probed, command="evalkit probe")
    assert "| k | 5 | 25% | 40% |" in page
    assert "`evalkit probe`" in page
    data = report.records(probed)
    json.dumps(data, allow_nan=False)
    assert data["summary"][0] == {
        "metric": "Vowels",
        "kind": "k",
        "harmless": False,
        "cases": 4,
        "noticed": 1,
        "warned": 0,
        "mean_drop": 0,
        "separation": probed.separation("Vowels", "k"),
    }
    assert len(data["verdicts"]) == 15


def test_the_bundled_cases_start_from_references_and_change_them() -> None:
    cases = bundled_cases()
    assert len(cases.cases) > 350
    assert {c.task for c in cases.cases} == {"translate-en", "summarize-zh", "summarize-en"}
    for c in cases.cases:
        task = cases.tasks[c.task]
        references = task.references[task.ids.index(c.segment)]
        assert references[c.reference] == c.base != c.text
        assert cases.others(c) == references[: c.reference] + references[c.reference + 1 :]
        assert bool(c.breaks) != c.harmless


def test_a_contrast_that_fits_no_reference_is_an_error() -> None:
    from dataclasses import replace

    from evalkit.data.loading import load_benchmark

    bench = load_benchmark(task="translate-en")
    task = bench.tasks[0]
    wrong = replace(bench, tasks=(replace(task, references=tuple(refs[::-1] for refs in task.references)),))
    with pytest.raises(InputError, match="its base is not the reference news"):
        bundled_cases(wrong)


@pytest.fixture(scope="module")
def facts() -> Any:
    return probe(["KeyFacts", "Quantities", "Terms", "Names", "Health"])


def cells(page: str, heading: str) -> dict[str, dict[str, str]]:
    """Rows of the table below a heading, by first cell and column."""
    lines = page.split(f"## {heading}", 1)[1].split("\n## ", 1)[0].splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    columns, _, *rows = table
    return {row[0]: dict(zip(columns, row, strict=True)) for row in rows}


def test_the_committed_page_says_what_the_probe_says_now(facts: Any, repository: Path) -> None:
    fresh, kept = report.markdown(facts), (repository / "benchmarks" / "probe" / "README.md").read_text("utf-8")
    for heading in ("Errors detected", "False positives"):
        old = cells(kept, heading)
        for name, row in cells(fresh, heading).items():
            assert {column: old[name][column] for column in row} == row, name
    for heading in ("Detection by annotation", "Errors that no factual metric detects"):
        assert cells(fresh, heading) == cells(kept, heading)


def test_the_metric_for_an_annotation_detects_its_errors(facts: Any) -> None:
    noticed = {(v.case.id, v.metric) for v in facts.verdicts if v.noticed}
    warned = {(v.case.id, v.metric) for v in facts.verdicts if v.warned}
    missed = set()
    for c in facts.probe.cases:
        broken = {name.split(":")[0] for name in c.breaks}
        # a summary need not name a term
        wanted = {"fact": "KeyFacts", "quantity": "Quantities", "added": "Quantities"}
        wanted |= {"term": "Terms"} if c.task == "translate-en" else {}
        for name, metric in wanted.items():
            if name in broken and (c.id, metric) not in noticed:
                missed.add((c.id, c.kind, metric))
                # A dropped qualifier or another counted noun is only a warning of Quantities, a missing phrase one of Terms.
                assert (c.id, metric) in warned
        if c.kind == "untranslated":
            assert (c.id, "Health") in noticed
    warnings = {("qualifier-lost", "Quantities"), ("unit", "Quantities")}
    assert {(kind, metric) for _, kind, metric in missed if metric != "Terms"} <= warnings


def test_no_fact_metric_penalizes_a_harmless_variant_or_a_reference(facts: Any) -> None:
    assert [(v.metric, v.case.id) for v in facts.verdicts if v.case.harmless and (v.noticed or v.warned)] == []
    assert [r for r in facts.references if r.punished] == []
    assert len(facts.references) > 250


def test_the_command_line(tmp_path: Path, cli: Callable[..., Any]) -> None:
    done = cli("probe", "-m", "Health", "--out", "page/probe.md", "--format", "markdown", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "# Which errors do metrics detect?" in (tmp_path / "page/probe.md").read_text(encoding="utf-8")
    (tmp_path / "s.zh").write_text("共计38吨。\n下雨了。\n", encoding="utf-8")
    (tmp_path / "r.en").write_text("A total of 38 tons.\nIt rained.\n", encoding="utf-8")
    (tmp_path / "r2.en").write_text("38 tons in all.\nThere was rain.\n", encoding="utf-8")
    alone = ("--source", "s.zh", "--reference", "r.en", "--lang", "zh-en")
    done = cli("probe", *alone, "-m", "chrF", "--kind", "number", cwd=tmp_path)
    assert done.returncode == 2
    assert "add a second reference" in done.stderr
    own = (*alone, "--reference", "r2.en")
    done = cli("probe", *own, "-m", "chrF", "--kind", "number", "--format", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)["summary"]
    assert (row["kind"], row["cases"], row["noticed"]) == ("number", 2, 2)
    done = cli("probe", "--kind", "number", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        "evalkit: --kind, --terms and --facts apply to generated contrasts; add --generate\n",
    )
