"""Tables, sentences and headlines, word for word, from hand-made values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from evalkit import TER, ChrF
from evalkit.gate.verdict import Breach, Change, ChangeState, Example, State, Verdict
from evalkit.reports import badge, comment, gate_report, markdown, render_html, terminal
from evalkit.reports.duel_view import duel_tables
from evalkit.reports.human_score_tables import (
    agreement_table,
    correction_tables,
    metric_tables,
    plan_tables,
    span_table,
)
from evalkit.reports.model_index import model_index
from evalkit.reports.narrative import plain, sentences
from evalkit.reports.plot import plot
from evalkit.reports.slice_tables import slice_tables
from evalkit.reports.tables import Cell, Table, leaderboard
from evalkit.reports.task_view import _shade
from evalkit.reports.view import build
from evalkit.reports.view_model import HeatCell
from evalkit.reports.worst_text import headline, marked_parts
from evalkit.results.comparisons import Difference
from evalkit.results.duel_results import DuelPair, DuelResults, DuelStanding
from evalkit.results.evidence import Evidence
from evalkit.results.human_correction import CorrectedDifference
from evalkit.results.meta_evaluation import AgreementRow, MetricPair
from evalkit.results.planning import Goal, PlanRow
from evalkit.results.slices import MACRO, Slice
from evalkit.results.span_agreement import SpanAgreement
from evalkit.results.task_results import ScoredMetric
from evalkit.results.worst_segments import WorstSegment

from .made_up import GOOD, OTHER, POOR, SOURCES, benchmark, results


def texts(table: Table) -> list[tuple[str, ...]]:
    return [tuple(cell.text for cell in row) for row in table.rows]


# -- tables of commands -------------------------------------------------------------------------------------------


def test_a_plan_names_a_pair_once_and_marks_the_cheapest() -> None:
    row = PlanRow(
        "t", "chrF", "a", "b", 1.234, 2.5, "article", 12, 1, "samples", 1234, (900, None), 5000, 10_000, False, None
    )
    more = replace(row, repeats=2, needed=800, needed_range=(500, 1500), segments=3000, judgements=9000, cheapest=True)
    unknown = replace(
        row, system="c", needed=None, needed_range=(None, None), segments=None, judgements=None, repeats=None
    )
    (table,) = plan_tables([row, more, replace(unknown, reason="too few articles")], Goal(0.5))
    assert table.title == "t, chrF"
    assert table.header == (
        "system", "baseline", "in the pilot", "detectable now", "samples", "articles", "segments", "judgements"
    )  # fmt: skip
    assert texts(table) == [
        ("a", "b", "+1.23", "2.5", "1", "1,234 (900 to –)", "5,000", "10,000"),
        ("", "", "", "", "2", "800 (500 to 1,500)", "3,000", "9,000*"),
        ("c", "b", "+1.23", "2.5", "–", "–", "–", "–"),
    ]
    assert table.note.startswith("data needed to find a true difference of 0.5 with 80% power at p ≤ 0.05; ")
    assert "too few articles. the effect of more samples per output cannot be estimated from one" in table.note
    (by_segment,) = plan_tables([replace(row, unit="segment", pilot=1500)], Goal(0.5))
    assert by_segment.header[5:] == ("segments", "judgements")
    assert texts(by_segment) == [("a", "b", "+1.23", "2.5", "1", "1,234 (900 to –)", "10,000")]
    assert "pilot: 1,500 segments" in by_segment.note and "planned by segment" in by_segment.note


def test_a_corrected_difference_says_what_the_metric_saves() -> None:
    row = CorrectedDifference(
        "t", "chrF", "a", "b", 0.5, 0.25, 0.75, 0.001, 0.012, "a", 0.4, 0.0, 0.8, 1.0, 0.36, 0.355, 1100, 2000,
        "article", None, None, None,
    )  # fmt: skip
    (table,) = correction_tables([row])
    assert table.title == "t, chrF; rho² = 0.36: the metric saves 36% of the labels"
    assert texts(table) == [("a", "b", "1,100/2,000", "0.36", "+0.4", "+0.5", "[0.25, 0.75]", ".012", "a")]
    assert table.note.endswith("standard errors by article; p corrected (Holm)")
    other = replace(row, rho2=0.5, saved=0.5, better=None, p_corrected=None, sensitivity=0.9, specificity=0.8)
    (both,) = correction_tables([row, other, replace(row, rho2=None, saved=None, low=None, reason="no labels")])
    assert both.title == "t, chrF; rho² = 0.36 to 0.50: the metric saves 36% to 50% of the labels"
    assert [row[-3:] for row in texts(both)] == [
        ("[0.25, 0.75]", ".012", "a"),
        ("[0.25, 0.75]", "–", "–"),
        ("–", ".012", "a"),
    ]
    assert both.note.endswith("no labels. a and b: sensitivity 0.90, specificity 0.80")
    (zero,) = correction_tables([replace(row, rho2=0.0, saved=0.0)])
    assert zero.title == "t, chrF; rho² = 0.00: the metric saves 0% of the labels"
    (none,) = correction_tables([replace(row, rho2=None, saved=None)])
    assert none.title == "t, chrF"


def test_agreement_lists_metrics_before_sentinels_best_first() -> None:
    rows = [
        AgreementRow("t", "length", "sentinel", "segment", "tau", 0.9, judged=1500),
        AgreementRow("t", "BLEU", "metric", "segment", "tau", 0.25, 0.2, 0.3, 12, 1500, note="by document"),
        AgreementRow("t", "broken", "metric", "segment", "tau", None, reason="constant"),
        AgreementRow("t", "chrF", "metric", "segment", "tau", 0.5, judged=1500),
        AgreementRow("t", "chrF", "metric", "system", "pairs", 0.75, judged=1500),
    ]
    table = agreement_table(rows, "esa")
    assert table.title == "t: agreement with esa"
    assert texts(table) == [
        ("segment tau", "chrF", "0.500", "", "1,500"),
        ("", "BLEU", "0.250", "[0.200, 0.300]", "1,500"),
        ("", "broken", "–", "", "0"),
        ("", "(length)", "0.900", "", "1,500"),
        ("system pairs", "chrF", "0.750", "", "1,500"),
    ]
    assert table.note.startswith("0 systems; . In parentheses: ") and table.note.endswith("constant")


def test_metrics_are_ranked_and_compared() -> None:
    pair = MetricPair("t", "system", "pairs", "chrF", "BLEU", 0.75, 0.5, 0.25, 0.01, 0.02, "chrF", "segment", 1500)
    undecided = replace(pair, other="TER", other_value=0.7, difference=0.05, better=None, p_corrected=None)
    ranks = {"BLEU": (2, 3, 3), "chrF": (1, 1, 2), "TER": (0, 0, 0)}
    ranked, compared = metric_tables([pair, undecided], ranks)
    assert (ranked.title, ranked.header) == (
        "t: metrics by system pairs",
        ("metric", "system pairs", "rank", "cluster"),
    )
    assert texts(ranked) == [
        ("chrF", "0.750", "1–2", "1"),
        ("BLEU", "0.500", "3", "2"),
        ("TER", "0.700", "–", "–"),
    ]
    assert texts(compared) == [
        ("chrF", "BLEU", "+0.250", ".010", ".020", "chrF"),
        ("chrF", "TER", "+0.050", ".010", "–", "–"),
    ]
    assert "by segment (1,500), corrected (Holm)" in compared.note


def test_spans_have_one_column_per_measure() -> None:
    rows = [
        SpanAgreement("M", "precision", 0.5, 0.4, 0.6, 0.123, 40, "by segment"),
        SpanAgreement("M", "recall", 0.25, None, None, None, 40, "by segment"),
        SpanAgreement("N", "precision", None, None, None, None, 3, "by segment"),
        SpanAgreement("N", "recall", 1.0, 1.0, 1.0, None, 3, "by segment"),
    ]
    table = span_table("t", rows)
    assert table.header == ("metric", "outputs", "precision", "recall", "chance")
    assert texts(table) == [
        ("M", "40", "0.500 [0.400, 0.600]", "0.250", "0.123"),
        ("N", "3", "–", "1.000 [1.000, 1.000]", "–"),
    ]
    assert table.note.endswith("at random places; by segment")


def test_a_duel_counts_and_bounds() -> None:
    pair = DuelPair("a", "b", 7, 2, 1, 0.125, 0.55, 1, 0.8, 0.6, 1.02, 0.01, 0.02, "a", "depends on 1 unjudged segment")
    standing = DuelStanding("a", 0.8, -0.01, 0.9)
    duel = DuelResults("t", 1, "judge|v:1", "segment", "by segment", (pair,), (standing, standing))
    (table,) = duel_tables(duel)
    assert table.title == "t: duel over 1 segment"
    assert texts(table) == [("a", "b", "7", "2", "1", "12%", "55%", "0.800 [0.600, 1.000]", ".020", "a")]
    assert table.note.endswith("by segment; a and b: 1 segment not judged; a and b: depends on 1 unjudged segment")
    assert len(duel_tables(replace(duel, standings=(standing,) * 3))) == 2
    assert texts(duel_tables(replace(duel, standings=(standing,) * 3))[1])[0] == ("a", "0.800 [0.000, 0.900]")


def test_slices_say_what_is_too_small() -> None:
    row = Slice("translate-en", "chrF", "kind", "news", "a", 1500, 12, 50.0, 49.0, 51.0, "b", -0.001, 1.5, 0.04)
    small = replace(row, slice="tiny", segments=1, articles=1, small=True, low=None, difference=2.0, p=None)
    rows = [row, small, replace(row, slice=MACRO), replace(row, system="b", baseline=None)]
    by_system, detailed = slice_tables(
        rows[:1] + rows[1:3] + [replace(r, system="b", baseline=None) for r in rows[:3]], results()
    )
    assert by_system.header == ("system", "news (1,500, 12 articles)", "tiny (1, 1 article; too few)", MACRO)
    assert texts(by_system) == [("a", "50.00", "50.00", "50.00"), ("b", "50.00", "50.00", "50.00")]
    assert [cell.faded for cell in by_system.rows[0]] == [False, False, True, False]
    assert by_system.note == "Too few segments or articles to interpret, and not part of the macro-average: tiny"
    assert detailed.title == "translate-en, chrF by kind: a against b"
    assert texts(detailed) == [
        ("news (1,500, 12 articles)", "50.00", "49.00 to 51.00", "±0.00", "+1.50", ".040"),
        ("tiny (1, 1 article; too few)", "50.00", "–", "+2.00", "+1.50", "–"),
        (MACRO, "50.00", "49.00 to 51.00", "±0.00", "+1.50", ".040"),
    ]
    (alone,) = slice_tables([replace(small, baseline=None)], results())
    assert alone.header == ("kind", "score", "95% interval")
    assert alone.note == "Too few segments or articles to interpret: tiny"


# -- terminal -----------------------------------------------------------------------------------------------------


def test_columns_are_aligned_and_the_best_has_a_star() -> None:
    rows = ((Cell("系统"), Cell("1.00", best=True), Cell("x")), (Cell("b"), Cell("12.00"), Cell("long name")))
    page = terminal.page_for(None)
    page.table(Table("title", ("system", "score", "name"), rows, "note"), mark=True, left=(2,))
    page.table(Table("", ("a", "b"), ((Cell("1"), Cell("2", best=True)),)))
    assert page.text().splitlines() == [
        "title", "system   score  name", "系统     1.00*  x", "b       12.00   long name", "note (* best)", "",
        "a  b", "1  2", "",
    ]  # fmt: skip


def test_a_narrow_table_is_cut_between_columns() -> None:
    assert terminal._fitting([6, 4, 4, 4], 18) == [[0, 1, 2], [0, 3]]
    assert terminal._fitting([6, 4, 4], 18) == [[0, 1, 2]]
    assert terminal._fitting([6, 40, 4], 18) == [[0, 1], [0, 2]]


def test_a_leaderboard_says_how_it_is_sorted() -> None:
    table = leaderboard(results().tasks[0])
    assert table.header == ("system", "BLEU ↑", "chrF ↑")
    assert table.note == (
        "6 segments of 2 articles, 2 references per segment; sorted by BLEU; ↑ higher is better, ↓ lower"
    )
    assert [row[0].text for row in table.rows] == ["good", "other", "poor"]
    assert [[cell.best for cell in row] for row in table.rows] == [[False, True, True], [False] * 3, [False] * 3]


# -- worst segments -----------------------------------------------------------------------------------------------


WORST = WorstSegment(
    index=0, task="t", system="a", article=None, segment="s", metric="chrF", score=31.2, against="b",
    against_score=43.6, loss=12.4, findings=(), missing=False, source=None, references=None, output=None,
    against_output=None,
)  # fmt: skip


def test_a_headline_has_the_score_and_the_loss() -> None:
    assert headline(WORST) == "chrF 31.20, 12.40 worse than b"
    assert headline(replace(WORST, loss=-1.0, missing=True)) == "chrF 31.20, 1.00 better than b, missing output"
    share = replace(WORST, score=0.5, digits=3)
    assert headline(replace(share, against_score=1.0, loss=0.0)) == "chrF 0.500, 0.000 worse than b"
    assert headline(replace(share, against_score=None, loss=None)) == "chrF 0.500"
    assert headline(replace(WORST, score=0.5, against_score=None, loss=None)) == "chrF 0.50"
    assert headline(replace(WORST, score=None, against_score=1.01, loss=None)) == "chrF –"


def test_text_far_from_every_span_is_left_out() -> None:
    text = "x" * 200 + "WRONG" + "y" * 200
    assert marked_parts(text, [(200, 205)], 10) == (
        ("…", False), ("x" * 110, False), ("WRONG", True), ("y" * 110, False), ("…", False)
    )  # fmt: skip
    assert marked_parts("abcdef", [], 4) == (("abcd", False), ("…", False))
    assert marked_parts("abcd", [(2, 9), (3, 3)], 4) == (("abcd", False),)
    assert marked_parts("a  b", [(0, 1), (1, 3)], 4) == (("a ", True), ("b", False))


# -- gate ---------------------------------------------------------------------------------------------------------


def change(**values: Any) -> Change:
    defaults: dict[str, Any] = {
        "task": "t", "system": "s", "metric": "chrF", "higher_is_better": True, "scale": 100.0, "allowed": 1.0
    }  # fmt: skip
    return Change(**(defaults | values))


def test_a_badge_for_every_state() -> None:
    breach = Breach("max_drop", "t", "s", "chrF", "", "fell")
    better = (change(state=ChangeState.BETTER), change(state=ChangeState.UNCHANGED))
    cases = {
        ("2 rules broken", "red", True): Verdict(State.FAILED, "h", breaches=(breach, breach), changes=better),
        ("1 rule broken", "red", True): Verdict(State.FAILED, "h", breaches=(breach,)),
        ("not comparable", "lightgrey", True): Verdict(State.REFUSED, "h"),
        ("inconclusive", "yellow", False): Verdict(State.INCONCLUSIVE, "h", changes=better),
        ("inconclusive", "yellow", True): Verdict(State.INCONCLUSIVE, "h", inconclusive_fails=True),
        ("better", "brightgreen", False): Verdict(State.PASSED, "h", changes=better),
        ("passing", "green", False): Verdict(State.PASSED, "h", changes=better[1:]),
    }
    for expected, verdict in cases.items():
        made = json.loads(badge.render(verdict))
        assert (made["message"], made["color"], made["isError"]) == expected
        assert (made["schemaVersion"], made["label"]) == (1, "evalkit")


def test_changes_are_listed_by_state_and_size_and_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = [
        change(system="same", state=ChangeState.UNCHANGED, old=1.0, new=1.0),
        change(system="small", state=ChangeState.WITHIN, old=50.0, new=49.5, reason="a significant drop"),
        change(system="large", state=ChangeState.WITHIN, old=50.0, new=51.0, low=0.5, high=1.5),
        change(system="bad", state=ChangeState.WORSE, old=50.0, new=40.0, low=-12.0, high=-8.0, p=0.0004, p_corrected=0.01,
               reason="not shown"),
        change(system="unit", scale=1.0, state=ChangeState.NEW, new=0.5, higher_is_better=False),
    ]  # fmt: skip
    table = comment.changes_table(changes)
    assert texts(table) == [
        ("t", "bad", "chrF ↑", "50.00", "40.00", "−10.00", "−12.00 to −8.00", "<.001", ".010", "worse"),
        ("t", "large", "chrF ↑", "50.00", "51.00", "+1.00", "+0.50 to +1.50", "–", "–", "within max_drop"),
        ("t", "small", "chrF ↑", "50.00", "49.50", "−0.50", "–", "–", "–", "within max_drop: a significant drop"),
        ("t", "unit", "chrF ↓", "–", "0.500", "–", "–", "–", "–", "new"),
    ]
    assert table.note == "Not shown: 1 unchanged score."
    monkeypatch.setattr(comment, "MAX_ROWS", 2)
    assert comment.changes_table(changes).note == "Not shown: 1 unchanged score and 2 scores with a smaller change."


def test_many_broken_rules_are_counted() -> None:
    breaches = tuple(Breach(f"rule{i}", "t", "s", "", "", f"message {i}") for i in range(45))
    verdict = Verdict(State.FAILED, "gate failed: message 0", breaches=breaches, notes=("a note",))
    lines = gate_report.render(verdict).splitlines()
    assert lines[0] == "gate failed: message 0"
    assert lines[1:3] == ["  rule: rule0", "  rule1: message 1"]
    assert lines[-3:] == ["  rule19: message 19", "  and 25 more", "a note"]
    text = comment.render(verdict)
    assert "- `rule39`: message 39\n- and 5 more; junit.xml lists them all\n" in text
    assert text.startswith("<!-- evalkit-gate -->\n❌ **gate failed: message 0**\n")


def test_examples_show_the_texts_that_there_are() -> None:
    example = Example("t", "s", "a", "a/1", "fell by 3", "源", "", " ", before="", new_error=False)
    verdict = Verdict(State.PASSED, "gate passed", examples=(example,))
    assert comment.render(verdict).endswith(
        "#### Largest losses\n\n**s**, t, a/1: fell by 3\n\n> **source** 源\n>\n> **before** (empty)\n>\n> **after** (empty)\n"
    )
    failed = replace(verdict, state=State.FAILED, breaches=(Breach("r", "t", "s", "", "", "m"),))
    only = replace(example, before=None, source="", output="out")
    text = comment.render(replace(failed, examples=(only, replace(only, new_error=True))))
    assert "#### Worst examples\n" in text and text.count("> **output** out\n") == 1
    assert "**before**" not in text


# -- sentences ----------------------------------------------------------------------------------------------------


def pair(verdict: str, p: float | None = 0.004, unjudged: int = 0) -> Difference:
    return Difference(
        "t", "m", "s", "b", 1.0, 0.0, 1.0, None, None, p, p, None, verdict, None, None, "", "segment", 9, "",
        unjudged=unjudged,
    )  # fmt: skip


OPPOSITE = {"better": "worse", "worse": "better"}


def told(
    scores: Mapping[str, Sequence[float]],
    pairs: Mapping[str, Mapping[tuple[int, int], Difference]],
    *,
    baseline: int = 0,
    unusable: Mapping[int, str] | None = None,
    few: int | None = None,
) -> list[str]:
    """The sentences about systems A, B, C, ... with these scores, best first, and these comparisons."""
    evidence = {}
    for label, values in scores.items():
        n = len(values)
        both = {}
        for (i, j), difference in pairs.get(label, {}).items():
            both[i, j] = difference
            both[j, i] = replace(difference, verdict=OPPOSITE.get(difference.verdict, difference.verdict))
        evidence[label] = Evidence((40.0,) * n, (60.0,) * n, (None,) * n, (None,) * n, both, "", "", "95%", few)
    first = next(iter(scores.values()))
    view: Any = SimpleNamespace(
        labels=list(scores),
        columns=[ScoredMetric(label, ChrF()) for label in scores],
        task=SimpleNamespace(systems=tuple("ABCDEFG"[: len(first)])),
        corpus={label: np.array(values) for label, values in scores.items()},
        evidence=evidence,
        order=list(range(len(first))),
        unusable=unusable or {},
        base=baseline,
    )
    return [plain(sentence).replace("\N{NO-BREAK SPACE}", " ") for sentence in sentences(view)]


def test_a_single_usable_system_has_its_score() -> None:
    nan = float("nan")
    assert told({"M": [50.0]}, {}) == ["A scores 50.00 on M (interval 40.00 to 60.00)."]
    assert told({"M": [nan]}, {}) == ["No usable system has a defined M."]
    assert told(
        {"M": [50.0, 40.0, 30.0]}, {}, unusable={0: "3 of 3 outputs are missing", 2: "3 of 3 outputs are missing"}
    ) == [
        "A and C are not usable: 3 of 3 outputs are missing.",
        "B scores 40.00 on M (interval 40.00 to 60.00).",
    ]


def test_few_articles_have_no_winner() -> None:
    ending = "; this is no evidence about systems in general."
    assert told({"M": [50.0, 40.0]}, {}, few=1) == [
        f"On this one article A scores better on M than B (M 50.00 against 40.00){ending}"
    ]
    assert told({"KeyFacts": [50.0, 40.0]}, {}, few=2) == [
        f"On these two articles A states more key facts than B (KeyFacts 50.00 against 40.00){ending}"
    ]
    assert told({"M": [50.0, 50.0, 50.0, 40.0]}, {}, few=3) == [
        f"On these three articles A, B and C score the same on M (50.00){ending}"
    ]
    assert told({"M": [50.0, 50.001]}, {}, few=4) == [
        f"On these 4 articles A and B score the same on M (50.00){ending}"
    ]


def test_two_systems() -> None:
    scores = {"M": [50.0, 40.0]}
    assert told(scores, {}) == ["A comes first on M (50.00), B follows (40.00); the difference could not be tested."]
    assert told(scores, {"M": {(0, 1): pair("better")}}) == ["A is better than B on M: 50.00 against 40.00, p = .004."]
    assert told(scores, {"M": {(0, 1): pair("open", 0.5)}}) == [
        "A and B show no significant difference on M: 50.00 against 40.00, p = .500."
    ]
    assert told(scores, {"M": {(0, 1): pair("undecided", 0.01, 1)}}) == [
        "Whether A is better than B on M depends on 1 unjudged segment: 50.00 against 40.00."
    ]


def test_the_other_metrics_are_compared_with_the_runner_up() -> None:
    scores = {label: [50.0, 40.0] for label in "MNOPQ"}
    first = {"M": {(0, 1): pair("better")}}

    def other(**verdicts: Difference) -> str:
        return told(scores, first | {label: {(0, 1): found} for label, found in verdicts.items()})[1]

    assert other(N=pair("better", 0.01), O=pair("better", 0.02), P=pair("worse", 0.03), Q=pair("open", 0.9)) == (
        "Compared with B, A is better on N and O (p ≤ .020) and is worse on P (p = .030); on Q there is no significant "
        "difference."
    )
    assert other(N=pair("better", 0.01), O=pair("undecided", 0.02)) == (
        "Compared with B, A is better on N (p = .010); on O it depends on unjudged segments."
    )
    assert other(**{label: pair("open", 0.9) for label in "NOPQ"}) == (
        "On all other metrics A shows no significant difference from B."
    )
    assert other(N=pair("open", 0.9), O=pair("undecided", 0.9)) == (
        "On N A shows no significant difference from B; on O it depends on unjudged segments."
    )
    assert other(N=pair("undecided", 0.9)) == "On N the comparison with B depends on unjudged segments."


def test_several_systems() -> None:
    scores = {"M": [50.0, 49.0, 48.0, 47.0, 46.0, 45.0, 44.0]}

    def lead(*verdicts: Difference) -> str:
        return told({"M": scores["M"][: len(verdicts) + 1]}, {"M": {(0, i): v for i, v in enumerate(verdicts, 1)}})[0]

    better, open_ = pair("better", 0.01), pair("open", 0.3)
    assert (
        lead(better, pair("better", 0.02)) == "A is the best on M (50.00), better than every other system (p ≤ .020)."
    )
    assert lead(better, pair("better", None)) == "A is the best on M (50.00), better than B (p ≤ .010)."
    assert lead(open_, open_) == "A leads on M (50.00), but is not significantly better than any other system."
    assert lead(open_, better, better) == (
        "A leads on M (50.00), but is not significantly better than B; it is better than C and D."
    )
    assert lead(open_, better, better, better, better) == (
        "A leads on M (50.00), but is not significantly better than B; it is better than the other 4."
    )
    assert lead(open_, better, better, better, pair("better", None)) == (
        "A leads on M (50.00), but is not significantly better than B; it is better than C, D and E."
    )
    assert lead(*[open_] * 5, better).endswith(
        "is not significantly better than B, C, D and 2 more; it is better than G."
    )
    assert lead(pair("undecided", 0.1, 3), pair("undecided", 0.1, 25), open_) == (
        "A leads on M (50.00), but is not significantly better than D; whether it is better than B and C depends on 25 "
        "unjudged segments."
    )


def test_systems_with_the_best_score_share_it() -> None:
    better, same = pair("better", 0.01), pair("same", 1.0)

    def lead(scores: Sequence[float], *verdicts: Difference) -> str:
        return told({"M": scores}, {"M": {(0, i): v for i, v in enumerate(verdicts, 1)}})[0]

    assert lead([50.0, 50.0, 50.0], same, same) == "A, B and C share the best M (50.00)."
    assert lead([50.0, 50.0, 40.0], same, better) == "A and B share the best M (50.00); A is better than C."
    assert lead([50.0, 50.0, 49.0, 40.0], same, pair("open", 0.3), better) == (
        "A and B share the best M (50.00); A is not significantly better than C; A is better than D."
    )
    assert lead([50.0, 49.999, 40.0], pair("open", 0.9), better) == (
        "A leads on M (50.00), but is not significantly better than B; it is better than C."
    )


def test_what_differs_from_the_baseline_is_counted() -> None:
    scores = {"M": [50.0, 49.0, 48.0, 47.0]}
    pairs = {(0, 1): pair("open", 0.3), (0, 2): pair("better"), (0, 3): pair("better"), (1, 2): pair("open", 0.2)}
    assert told(scores, {"M": pairs | {(2, 3): pair("better")}}, baseline=2)[-1] == (
        "Compared with the baseline C, 1 is better, 1 is worse and 1 is not significantly different on M."
    )
    assert len(told(scores, {"M": pairs}, baseline=2)) == 1
    # The first sentence has already compared two systems, or the best one with all others.
    assert len(told({"M": [50.0, 49.0]}, {"M": {(0, 1): pair("better")}}, baseline=1)) == 1
    assert len(told(scores, {"M": {(0, i): pair("better") for i in (1, 2, 3)}}, baseline=0)) == 1


# -- Markdown, models, charts -------------------------------------------------------------------------------------


def test_long_tables_of_markdown_say_what_they_leave_out() -> None:
    n = 22
    sources, references = [SOURCES[i % 6] for i in range(n)], [GOOD[i % 6] for i in range(n)]
    bench = benchmark(articles=[f"a{i:02d}" for i in range(n)], sources=sources, titles={})
    systems = {f"s{i:02d}": [f"{text} {i}" for text in references] for i in range(43)}
    text = markdown.render(build(results(systems, bench=bench, metrics=[ChrF()]), baseline="s00"))
    assert "\nand 3 more systems\n" in text
    heat = text.partition("chrF ↑ by article\n\n")[2]
    rows = [line for line in heat.splitlines() if line.startswith("| a")]
    assert len(rows) == 2 + 20 and len(rows[0].split("|")) == 12 + 3
    assert "\n2 articles and 28 systems more in report.html.\n" in heat


def test_a_table_of_markdown_aligns_numbers_to_the_right() -> None:
    table = Table("a|b", ("system", "x*y", "n"), ((Cell("1. s"), Cell("2", best=True), Cell("#3")),), "see #1")
    rows = "| system | x\\*y | n |\n{}\n| 1. s | **2** | #\u2060" + "3 |\n"
    assert markdown.table_section(table) == (
        "### a\\|b\n\n" + rows.format("| :--- | ---: | ---: |") + "\nsee #\u2060" + "1.\n"
    )
    assert markdown.table(table, left=2).splitlines()[1] == "| :--- | :--- | ---: |"
    assert markdown.table_section(replace(table, note="")).endswith("3 |\n")


def test_shades_run_from_the_worst_score_of_a_table_to_the_best() -> None:
    assert [_shade(value, 0.0, 8.0, True) for value in range(9)] == list(range(-4, 5))
    assert [_shade(value, 0.0, 8.0, False) for value in (0, 1, 8)] == [4, 3, -4]
    assert [_shade(value, 0.0, 1.0, True) for value in (0.43, 0.44, 0.57)] == [-1, 0, 1]
    assert (_shade(None, 0.0, 1.0, True), _shade(2.0, 2.0, 2.0, True)) == (None, 0)
    found = results(metrics=[ChrF(), TER()])
    view = build(found, baseline="good")
    for table, sign in zip(view.tasks[0].heat, (1, -1), strict=True):
        *articles, total = table.rows
        cells = [cell for row in articles for cell in row if isinstance(cell, HeatCell)]
        ordered = sorted(cells, key=lambda cell: sign * float(cell.text))
        assert [cell.shade for cell in ordered] == sorted(cell.shade or 0 for cell in cells)
        assert (ordered[0].shade, ordered[-1].shade) == (-4, 4)
        assert total[0].text == "all" and not any(isinstance(cell, HeatCell) for cell in total)
    page = render_html(view)
    assert len(re.findall(r'class="s-4', page)) >= 2 and 'class="s4 best"' in page and "snone" not in page


def test_without_clusters_ranks_are_places_and_bars_span_the_column() -> None:
    rows = build(results()).tasks[0].rows
    assert [[cell.ranks for cell in row.cells] for row in rows] == [["1", "1"], ["2", "2"], ["3", "3"]]
    for column in zip(*(row.cells for row in rows), strict=True):
        ends = [end for cell in column for end in cell.bar or ()]
        # The margin at both ends is 6% of the range of scores and intervals.
        assert (min(ends), max(ends)) == (round(100 * 0.06 / 1.12, 2), round(100 * 1.06 / 1.12, 2))
        assert all(re.fullmatch(r"[0-9.]+ to [0-9.]+", cell.interval) for cell in column)


@pytest.mark.parametrize(
    ("bar", "drawn"),
    [
        ((0, 50, 99.9), "━━━━━━━━●━━━━━━━"),
        ((50, 50, 50), "········●·······"),
        ((93.75, 100, 100), "···············●"),
        ((12.5, 25.0, 37.4), "··━━●━··········"),
    ],
)
def test_an_interval_is_drawn_in_sixteen_characters(bar: Sequence[float], drawn: str) -> None:
    assert markdown._bar(bar) == drawn


def test_a_model_card_has_six_decimals() -> None:
    found = results({"good": GOOD, "poor": POOR})
    models = model_index(found, "poor")
    metrics = models[0]["results"][0]["metrics"]
    assert [m["value"] for m in metrics] == [round(float(found.tasks[0].corpus(m["name"])[1]), 6) for m in metrics]
    assert [(m["type"], m["verified"]) for m in metrics] == [("bleu", False), ("chrf", False)]
    assert [len(str(m["value"]).partition(".")[2]) for m in metrics] == [6, 6]


def test_charts_have_no_frame_and_short_names() -> None:
    pytest.importorskip("matplotlib", reason="the charts need matplotlib: the extra plot")
    long = "a$" + "n" * 80
    found = results({long: GOOD, "other": OTHER, "poor": POOR}, bench=benchmark(articles=None))
    (axes,) = plot(found, baseline="poor", metric="BLEU").axes
    assert [side for side in ("top", "right", "left", "bottom") if axes.spines[side].get_visible()] == ["bottom"]
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert labels[1] == "a" + r"\$" + "n" * 56 + "…" and len(labels[1]) == 60
    assert axes.get_title(loc="left") == "translate-en: BLEU"
    assert axes.get_xlabel() == "difference in BLEU ↑ from poor, with 95% interval"
    assert axes.get_ylim() == (-0.7, 1.7)
    (heat,) = plot(results(), "articles", metric="chrF", baseline="good").axes
    assert not any(spine.get_visible() for spine in heat.spines.values())
    assert heat.figure.get_suptitle() == "translate-en: chrF ↑ by article"
    weights = {text.get_text(): text.get_fontweight() for text in heat.texts}
    best = {f"{value:.2f}" for value in results().tasks[0].by_article("chrF").max(axis=0)}
    assert {text for text, weight in weights.items() if weight == "bold"} == best
