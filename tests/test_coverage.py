"""Segments that a metric could not judge: how they are reported, and what a comparison may conclude."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from evalkit.data.benchmark import Benchmark
from evalkit.engine.evaluate import run
from evalkit.errors import SettingError
from evalkit.gate.baseline import baseline_of
from evalkit.gate.checking import check
from evalkit.gate.rules import Rules, rules_from
from evalkit.gate.verdict import ChangeState
from evalkit.metrics.base import Metric, References, Runtime, SystemStatistics
from evalkit.reports import render_as, terminal
from evalkit.reports.slice_tables import slice_tables
from evalkit.results.coverage import unusable_systems
from evalkit.results.planning import Goal, plan
from evalkit.results.results import Results
from evalkit.results.run_folder import load_results, save_results


@dataclass(frozen=True)
class Digits(Metric):
    """The score is the number in the output; ``?`` cannot be judged, and ``-`` asks for nothing."""

    name: ClassVar[str] = "Digits"
    summary: ClassVar[str] = "a stand-in for a judge"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    columns: ClassVar[tuple[str, ...]] = ("sum", "count")
    where: ClassVar[str] = "main"

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> np.ndarray:
        raise AssertionError("all systems are judged at once")

    def score(self, statistics: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(statistics)[..., 0] / np.asarray(statistics)[..., 1]

    def statistics_of(
        self, outputs: Mapping[str, Sequence[str]], references: References, runtime: Runtime
    ) -> Mapping[str, SystemStatistics]:
        def judged(texts: Sequence[str]) -> SystemStatistics:
            rows = np.array([[0, 0] if t in "?-" else [float(t), 1] for t in texts])
            return SystemStatistics(rows, {i: "time-out" for i, t in enumerate(texts) if t == "?"})

        return {name: judged(texts) for name, texts in outputs.items()}


def bench(n: int, references: Sequence[Sequence[str]] | None = None) -> Benchmark:
    rows = [{"id": f"s{i}", "references": ["x"], "source": "原文"} for i in range(n)]
    made = Benchmark.from_dataset(rows, lang="zh-en")
    if references is not None:
        object.__setattr__(made.tasks[0], "references", tuple(map(tuple, references)))
    return made


def judged(**systems: Sequence[str]) -> Results:
    n = len(next(iter(systems.values())))
    return run(bench(n), systems, metrics=[Digits()])


def test_coverage_counts_what_was_asked_and_says_why_the_rest_is_missing() -> None:
    results = judged(a=["1", "?", "-", "0.5"], b=["1", "1", "-", "1"])
    a, b = results.coverage()
    assert (a.asked, a.judged, a.reasons, a.share) == (3, 2, {"time-out": 1}, 2 / 3)
    assert (b.asked, b.judged, b.share) == (3, 3, 1.0)
    assert str(a) == "Digits judged 2 of 3 segments of a (66.7%): time-out (1)"
    many = dataclasses.replace(a, reasons={"refused": 1, "time-out": 9, "too long": 2, "not JSON": 3})
    assert str(many).endswith(": time-out (9), not JSON (3), too long (2) and 1 more")
    assert [row.coverage for row in results.scores("corpus")] == [2 / 3, None]
    assert results.scores("corpus")[0].as_dict()["coverage"] == pytest.approx(2 / 3)
    for text in (terminal.render(results), render_as(results, "markdown").replace("\\", "")):
        assert "Digits judged 2 of 3 segments of a (66.7%): time-out (1)" in text
        assert "segments of b (" not in text


def test_a_gate_compares_on_the_segments_judged_in_both_runs() -> None:
    rows = [{"id": f"s{i}", "references": ["x"], "source": "原文", "article": f"a{i // 5}"} for i in range(60)]
    articles = Benchmark.from_dataset(rows, lang="zh-en")
    before = ["0" if i % 10 == 0 else "0.6" for i in range(60)]
    after = ["?" if i % 10 == 0 else "0.58" for i in range(60)]
    old, new = (run(articles, {"mine": texts}, metrics=[Digits()]) for texts in (before, after))
    limits: dict[str, Any] = {"max_drop": {"Digits": 0.01}, "max_article_drop": {"Digits": 0.01}, "coverage_min": 0}
    verdict = check(new, baseline_of(old), rules_from(limits))
    (change,) = verdict.changes
    assert (change.old, change.new) == (pytest.approx(0.54), pytest.approx(0.58))
    assert change.drop == pytest.approx(0.02) and change.article_changes == pytest.approx([-0.02] * 12)
    assert {breach.rule for breach in verdict.breaches} == {"max_article_drop"}
    assert change.state is ChangeState.INCONCLUSIVE and change.reason == "depends on 6 unjudged segments"


def test_a_slice_is_compared_on_the_segments_judged_for_both() -> None:
    scores = [f"{i % 10 / 10}" for i in range(40)]
    results = judged(whole=scores, part=["?" if i < 20 and i % 10 < 5 else s for i, s in enumerate(scores)])
    fields = {"domain": ("law",) * 20 + ("news",) * 20}
    results = dataclasses.replace(results, tasks=(dataclasses.replace(results.tasks[0], fields=fields),))
    slices = results.slices("domain", baseline="whole")
    part = [row for row in slices if row.system == "part"]
    assert [row.score for row in part] == pytest.approx([0.7, 0.45, 0.575])
    assert [row.difference for row in part] == [0, 0, 0]
    assert [(row.share, row.p) for row in part[:2]] == [(0, None)] * 2
    disjoint = judged(whole=["1", "1", "?", "?"], part=["?", "?", "1", "1"])
    disjoint = dataclasses.replace(disjoint, tasks=(dataclasses.replace(disjoint.tasks[0], articles=tuple("aabb")),))
    assert {row.difference for row in disjoint.slices("article", baseline="whole")} == {None}
    assert {row.needed for row in plan(disjoint, Goal(0.5))} == {None}
    text = terminal.tables(list(slice_tables(slices, results)))
    assert "10 segments not judged for both systems; they count only in the score" in text


def test_a_difference_that_rests_on_unjudged_segments_is_undecided() -> None:
    good, bad = ["0.9", "0.8"] * 10, ["0.7", "0.65"] * 10
    whole = judged(good=good, bad=bad).compare("bad")[0]
    assert (whole.verdict, whole.unjudged, whole.worst, whole.coverage_p) == ("better", 0, None, None)
    one = judged(good=["?", *good[1:]], bad=bad).compare("bad")[0]
    assert (one.verdict, one.better, one.unjudged) == ("better", "good", 1)
    assert one.difference == pytest.approx(np.mean([0.15] * 10 + [0.2] * 9), abs=1e-9)
    assert one.worst == pytest.approx(np.mean([float(x) for x in good[1:]] + [0.0]) - 0.675)
    assert one.best == pytest.approx(np.mean([float(x) for x in good[1:]] + [1.0]) - 0.675)
    many = judged(good=["?"] * 8 + good[8:], bad=bad).compare("bad")[0]
    assert (many.verdict, many.better, many.unjudged) == ("undecided", None, 8)
    assert many.coverage_p == pytest.approx(2 * 0.5**8)
    text = repr(judged(good=["?"] * 8 + good[8:], bad=bad).compare("bad"))
    assert "inconclusive between good and bad on Digits: it depends on 8 unjudged segments" in text
    note = "good and bad: 8 segments not judged for both systems, "
    assert note in text and "coverage differs with p = .008 (McNemar)" in text
    assert note in terminal.differences(judged(good=["?"] * 8 + good[8:], bad=bad).compare("bad"))
    reported = judged(good=["?"] * 8 + good[8:], bad=bad)
    for page in (render_as(reported, "html"), render_as(reported, "markdown")):
        assert "Digits judged 12 of 20 segments of good (60.0%): time-out (8)" in page.replace("\\", "")
    turned = many.reversed()
    assert (turned.verdict, turned.worst, turned.best) == ("undecided", -many.best, -many.worst)  # type: ignore[operator]
    assert {r.cluster for r in judged(good=["?"] * 8 + good[8:], bad=bad).rank()} == {1}
    assert {r.cluster for r in judged(good=good, bad=bad).rank()} == {1, 2}


@dataclass(frozen=True)
class Root(Digits):
    """A score that is no mean over segments."""

    name: ClassVar[str] = "Root"

    def score(self, statistics: np.ndarray) -> np.ndarray:
        return np.sqrt(super().score(statistics))


def test_a_metric_that_is_no_mean_leaves_any_difference_with_unjudged_segments_undecided() -> None:
    good, bad = ["0.9", "0.8"] * 10, ["0.2", "0.3"] * 10
    for systems, verdict in (
        ({"good": good, "bad": bad}, "better"),
        ({"good": ["?", *good[1:]], "bad": bad}, "undecided"),
        ({"bad": bad, "good": ["?", *good[1:]]}, "undecided"),
        ({"bad": ["?", *bad[1:]], "good": good}, "undecided"),
    ):
        results = run(bench(20), systems, metrics=[Root()])
        for baseline in ("good", "bad"):
            (found,) = results.compare(baseline)
            assert found.verdict in (verdict, "worse" if verdict == "better" else verdict)


def test_the_gate_counts_what_is_unjudged_in_the_run_or_in_the_baseline() -> None:
    before = baseline_of(judged(a=["?", "?", *["0.9", "0.8"] * 10]))
    (change,) = check(judged(a=["1", "?", "?", *["0.8"] * 19]), before, Rules(coverage_min=0.5)).changes
    assert change.unjudged == 3


def test_segments_without_a_reference_are_undefined_for_the_metrics_that_need_one() -> None:
    b = bench(3, [["the cat"], [], ["the dog"]])
    results = run(b, {"a": ["the cat", "a bird", "the frog"]}, metrics=["BLEU", "chrF", "ROUGE-L", "Health", "TER"])
    task = results.tasks[0]
    assert {label: dict(found["a"]) for label, found in task.undefined.items()} == {
        name: {1: "no reference"} for name in ("BLEU", "chrF", "ROUGE-L", "TER")
    }
    alone = run(
        bench(2, [["the cat"], ["the dog"]]), {"a": ["the cat", "the frog"]}, metrics=["BLEU", "chrF", "ROUGE-L"]
    )
    for label in ("BLEU", "chrF", "ROUGE-L"):
        assert task.corpus(label)[0] == alone.tasks[0].corpus(label)[0]
        assert np.all(task.statistics[label][0, 1] == 0)
    assert "1 of 3 segments have no reference; BLEU, chrF, ROUGE-L, TER cover the others" in terminal.render(results)
    with pytest.raises(SettingError, match="BLEU needs references"):
        run(bench(2, [[], []]), {"a": ["x", "y"]}, metrics=["BLEU"])


def test_a_segment_without_a_reference_has_no_score_and_is_never_drawn() -> None:
    some: list[list[str]] = [["the cat sat here"], [], ["the dog ran far off"], [], [], []]
    rows = [
        {"id": str(i), "source": f"源{i}", "references": refs, "article": f"a{i // 2}", "domain": "x" if i < 4 else "y"}
        for i, refs in enumerate(some)
    ]
    b = Benchmark.from_dataset(rows, lang="zh-en")
    outputs = {
        "a": ["the cat sat", "b", "the dog ran off", "d", "e", "f"],
        "b": ["the cat", "x", "dog ran", "y", "z", ""],
    }
    results = run(b, outputs, metrics=["BLEU", "TER", "chrF", "Health"], allow_missing=True)
    task = results.tasks[0]
    alone = run(
        Benchmark.from_dataset([row for row in rows if row["references"]], lang="zh-en"),
        {name: [texts[0], texts[2]] for name, texts in outputs.items()},
        metrics=["BLEU", "TER", "chrF", "Health"],
    )
    for label in ("BLEU", "TER", "chrF"):
        assert np.isnan(task.by_segment(label)[:, [1, 3, 4, 5]]).all()
        assert np.isnan(task.by_article(label)[:, 2]).all() and np.isfinite(task.by_article(label)[:, :2]).all()
        written = [row.score for row in results.scores("segment", system="a", metric=label)]
        assert [score is None for score in written] == [False, True, False, True, True, True]
        for ours, theirs in zip(results.intervals(metric=label), alone.intervals(metric=label), strict=True):
            assert (ours.score, ours.low, ours.high, ours.units) == (theirs.score, theirs.low, theirs.high, 2)
        ours, theirs = results.compare(metric=label)[0], alone.compare(metric=label)[0]
        assert (ours.difference, ours.low, ours.high, ours.p, ours.units) == (
            theirs.difference,
            theirs.low,
            theirs.high,
            theirs.p,
            theirs.units,
        )
        by_domain = {(row.slice, row.system): row for row in results.slices("domain", metric=label)}
        assert by_domain["y", "a"].score is None and by_domain["y", "a"].segments == 0
        assert by_domain["x", "a"].score == task.corpus(label)[0]
    assert results.worst("a", metric="TER", n=6)[-1].score is None
    # Two thirds of the segments lack a reference, which is no fault of the systems.
    assert unusable_systems(task) == {}
    assert all(row.share == 1 and not row.reasons for row in results.coverage())
    assert {row.asked for row in results.coverage() if row.metric == "TER"} == {2}
    assert all(row.coverage is None for row in results.scores("corpus"))
    verdict = check(results, baseline_of(results), Rules())
    assert not verdict.failed and all(change.state is ChangeState.UNCHANGED for change in verdict.changes)
    assert "0 to 1 references per segment" in terminal.render(results)


def test_empty_outputs_and_failed_judgements_survive_the_run_folder(tmp_path: Any) -> None:
    results = judged(a=["1", "?", "0", "0.5"], b=["1", "1", "1", "1"])
    task = load_results(save_results(results, tmp_path / "run"), metrics=[Digits()]).tasks[0]
    if task.undefined:  # stored from format 2 on
        assert task.undefined == results.tasks[0].undefined
