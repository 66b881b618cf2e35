"""Runs against baselines: what fails, what does not, and what is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from evalkit.errors import IncomparableError, SettingError
from evalkit.gate import verdict as states
from evalkit.gate.baseline import baseline_of
from evalkit.gate.checking import check, pair_systems
from evalkit.gate.rules import Rules, rules_from
from evalkit.metrics.base import Finding, Metric, References
from gate.making import bench, noisy, references, results


def rules(**table: Any) -> Rules:
    return rules_from(table)


@dataclass(frozen=True)
class Quantities(Metric):
    """Stands in for a metric with findings: every word ``bridge`` of an output is unsupported."""

    name: ClassVar[str] = "Quantities"
    summary: ClassVar[str] = "a stand-in"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    columns: ClassVar[tuple[str, ...]] = ("bridges", "words")

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> np.ndarray:
        return np.array([[t.split().count("bridge"), len(t.split())] for t in hypotheses], dtype=float)

    def score(self, statistics: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return 1.0 - np.asarray(statistics)[..., 0] / np.asarray(statistics)[..., 1]

    def explain(self, hypothesis: str, references: References, index: int) -> tuple[Finding, ...]:
        at = [i for i in range(len(hypothesis)) if hypothesis.startswith("bridge", i)]
        found = [Finding("added", "error", "a bridge <b>from nowhere</b>", output_span=(i, i + 6)) for i in at]
        return (Finding("missing", "error", "a road is missing", source_span=(0, 1)), *found)


def test_noise_passes_and_a_planted_regression_fails() -> None:
    b = bench()
    texts = references(b)
    before = baseline_of(results(b, {"mine": noisy(texts, 0.3, 1)}))
    for seed in range(2, 8):
        verdict = check(results(b, {"mine": noisy(texts, 0.3, seed)}), before, Rules())
        assert verdict.status == "passed", verdict.headline
        assert "no evidence of a change in 2 scores (2 tested)" in verdict.headline
    worse = check(results(b, {"mine": noisy(texts, 0.4, 9)}), before, rules(max_drop={"BLEU": 1.0, "chrF": 1.0}))
    assert worse.status == "failed"
    assert {x.rule for x in worse.breaches} == {"max_drop"}
    assert worse.headline.startswith("gate failed: BLEU of mine on translate-en fell by ")
    better = check(results(b, {"mine": noisy(texts, 0.1, 9)}), before, Rules())
    assert better.status == "passed" and "better: " in better.headline
    assert {c.state for c in better.changes} == {states.BETTER}


def test_a_sure_but_small_drop_is_allowed() -> None:
    b = bench()
    texts = references(b)
    before = baseline_of(results(b, {"mine": texts}))
    run = results(b, {"mine": noisy(texts, 0.03, 1)})
    strict, lenient = (
        check(run, before, Rules()),
        check(run, before, rules(max_drop={"*/x": 0} and {"BLEU": 9, "chrF": 9})),
    )
    assert strict.status == "failed"
    assert lenient.status == "passed"
    assert "2 scores worse, within what is allowed" in lenient.headline


def test_lower_is_better_is_respected() -> None:
    b = bench()
    texts = references(b)
    good, bad = {"mine": noisy(texts, 0.1, 1)}, {"mine": noisy(texts, 0.5, 2)}
    before = baseline_of(results(b, good, ("TER",)))
    verdict = check(results(b, bad, ("TER",)), before, rules(max_drop=5))
    assert verdict.status == "failed"
    assert "TER of mine on translate-en rose by" in verdict.headline
    verdict = check(results(b, good, ("TER",)), baseline_of(results(b, bad, ("TER",))), rules(max_article_drop=1))
    assert verdict.status == "passed" and verdict.changes[0].state == states.BETTER
    assert check(results(b, bad, ("TER",)), None, rules(corpus_max={"TER": 20})).status == "failed"
    assert check(results(b, good, ("TER",)), None, rules(corpus_max={"TER": 20})).status == "passed"
    with pytest.raises(
        SettingError, match="corpus_min: 'TER' means TER, whose lower scores are better; use corpus_max"
    ):
        check(results(b, good, ("TER",)), None, rules(corpus_min={"TER": 20}))


def test_floors_hold_for_corpus_and_articles() -> None:
    b = bench(12, 4)
    texts = references(b)
    outputs = [*texts[:9], *noisy(texts[9:], 0.8, 1)]
    run = results(b, {"mine": outputs}, ("chrF",))
    assert check(run, None, rules(corpus_min={"chrF": 50})).status == "passed"
    failed = check(run, None, rules(corpus_min={"chrF": 99}, article_min={"chrF": 60}))
    assert [(x.rule, x.article) for x in failed.breaches] == [("corpus_min", ""), ("article_min", "a3")]
    assert "in “a3”, below 60.00" in failed.breaches[1].message
    assert failed.examples[-1].article == "a3" and failed.examples[-1].output in outputs[9:]


def test_a_limit_of_a_task_goes_before_that_of_a_metric() -> None:
    b = bench(12, 4)
    run = results(b, {"mine": noisy(references(b), 0.5, 1)}, ("chrF",))
    assert check(run, None, rules(corpus_min={"chrF": 100, "translate-en/chrF": 1})).status == "passed"
    assert check(run, None, rules(corpus_min={"chrF": 1, "translate-en/chrF": 100})).status == "failed"
    assert check(run, None, rules(corpus_min={"*": 1, "translate-en/*": 100})).status == "failed"
    assert check(run, None, rules(corpus_min={"*": 100, "chrF": 1})).status == "passed"


def test_one_article_that_falls_fails_although_no_test_is_made() -> None:
    b = bench(3, 3)
    texts = references(b)
    before = baseline_of(results(b, {"mine": texts}, ("chrF",)))
    run = results(b, {"mine": [*texts[:2], "nothing at all"]}, ("chrF",))
    silent = check(run, before, Rules())
    assert silent.status == "passed"
    assert silent.changes[0].state == states.UNTESTABLE
    assert "1 of 3 segments changed: no test can give less than p = 1" in silent.notes[0]
    assert "1 score fell by more than max_drop allows" in silent.notes[0]
    failed = check(run, before, rules(max_article_drop={"chrF": 30}))
    assert [(x.rule, x.article) for x in failed.breaches] == [("max_article_drop", "a2")]
    assert failed.examples[0].output == "nothing at all"


def test_findings_are_counted_by_kind_severity_and_support() -> None:
    b = bench(12, 4)
    texts = [t.replace("bridge", "road") for t in references(b)]
    texts[4] = "bridge " + texts[4] + " bridge"
    run = results(b, {"mine": texts}, (Quantities(), "chrF"))
    assert check(run, None, rules(findings_max={"Quantities.added": 2})).status == "passed"
    for table in (
        {"findings_max": {"Quantities.added": 1}},
        {"findings_max": {"translate-en/Quantities.added": 0}},
        {"findings_max": {"Quantities.error": 13}},
        {"unsupported_quantities_max": 0},
    ):
        verdict = check(run, None, rules(**table))
        assert verdict.status == "failed", table
        assert verdict.examples[0].segment == "s4" or "error" in str(table)
    assert "2 added findings" in check(run, None, rules(findings_max={"Quantities.added": 1})).headline
    unsupported = check(run, None, rules(unsupported_quantities_max=1)).breaches[0]
    assert unsupported.message.startswith("2 quantities without support in the source")
    assert unsupported.article == "a1"


def test_missing_outputs_can_be_a_broken_rule() -> None:
    b = bench(12, 4)
    outputs = dict(zip(b.tasks[0].ids, references(b), strict=True))
    del outputs["s5"]
    run = results(b, {"mine": outputs}, allow_missing=True)
    assert check(run, None, Rules()).status == "passed"
    verdict = check(run, None, rules(missing_max=0))
    assert verdict.headline == "gate failed: 1 outputs of mine on translate-en are missing (first 's5'), 0 allowed"


def test_rules_that_would_check_nothing_are_refused() -> None:
    b = bench(12, articles=None)
    run = results(b, {"mine": references(b)}, ("BLEU", "ROUGE-L"))
    for table, said in (
        ({"max_drop": {"BLUE": 1}}, "max_drop: 'BLUE' is no metric of this run; did you mean BLEU?"),
        ({"corpus_min": {"translate-zh/BLEU": 1}}, "'translate-zh/BLEU' is no metric"),
        ({"max_drop": 1}, "for metrics of different scales: BLEU .to 100., ROUGE-L .to 1."),
        ({"article_min": {"BLEU": 1}}, "translate-en knows nothing of articles"),
        ({"findings_max": {"Quantities.added": 1}}, "'Quantities' is no metric"),
        ({"unsupported_quantities_max": 0}, "unsupported_quantities_max: 'Quantities' is no metric"),
        ({"systems": ["yours"]}, "the system 'yours' is named in the rules given, but not in the run"),
    ):
        with pytest.raises(SettingError, match=said):
            check(run, None, rules(**table))
    assert check(run, None, rules(max_drop=0)).status == "passed"


def test_which_systems_are_compared() -> None:
    b = bench(12, 4)
    texts = references(b)
    good, bad = texts, noisy(texts, 0.9, 1)
    before = baseline_of(results(b, {"old": good, "other": bad}))
    run = results(b, {"old": good, "new": bad, "other": bad})
    verdict = check(run, before, Rules())
    assert verdict.status == "passed"
    assert [c.state for c in verdict.changes if c.system == "new"] == [states.NEW] * 2
    assert "not in the baseline, checked against floors and findings alone: new." in verdict.notes
    assert check(run, before, rules(corpus_min={"BLEU": 50})).status == "failed"
    assert check(run, before, rules(corpus_min={"BLEU": 50}, systems=["old"])).status == "passed"
    assert check(run, before, Rules(), pair_systems(["new=old"])).status == "failed"
    assert check(run, before, Rules(), pair_systems(["new=other"])).status == "passed"
    with pytest.raises(SettingError, match="no system 'gone' in the baseline; there are old, other"):
        check(run, before, Rules(), pair_systems(["new=gone"]))
    with pytest.raises(SettingError, match="asked for, but not in the run"):
        check(run, before, Rules(), pair_systems(["gone"]))
    with pytest.raises(IncomparableError, match="the system 'other' of the baseline is not in the run"):
        check(results(b, {"old": good}), before, Rules())
    with pytest.raises(IncomparableError, match="To compare 'v2' with it: --system v2=v1"):
        check(results(b, {"v2": good}), baseline_of(results(b, {"v1": good})), Rules())
    for wrong in (["=old"], ["new="], ["new", "new=old"]):
        with pytest.raises(SettingError, match="--system"):
            pair_systems(wrong)


def test_a_score_that_becomes_undefined_fails() -> None:
    b = bench(4, 2)
    words = [f"road {i}" for i in range(4)]
    before = baseline_of(results(b, {"mine": words}, (Quantities(),)))
    verdict = check(results(b, {"mine": [""] * 4}, (Quantities(),)), before, Rules())
    assert verdict.headline == "gate failed: Quantities of mine on translate-en is undefined now, and was 1.000"


def test_the_examples_of_a_drop_are_the_segments_that_fell_most() -> None:
    b = bench(40, 4)
    texts = references(b)
    before = baseline_of(results(b, {"mine": texts}, ("chrF",)))
    outputs = noisy(texts, 0.2, 1)
    outputs[17] = "x" * 5000
    verdict = check(results(b, {"mine": outputs}, ("chrF",)), before, Rules())
    first = verdict.examples[0]
    assert (first.segment, first.source, first.reference) == ("s17", "原文17", texts[17])
    assert first.output.startswith("xxx") and first.output.endswith("(3,800 more characters)")
    assert first.why == "chrF 0.00, 100.00 in the baseline"


def test_many_systems_and_a_long_article_are_no_trouble() -> None:
    b = bench(4, 2)
    texts = references(b)
    systems = {f"s{i}": noisy(texts, 0.3, i) for i in range(500)}
    run = results(b, systems, ("chrF",))
    assert len(check(run, baseline_of(run), Rules()).changes) == 500
    long = [*texts[:3], texts[3] * 12_000]
    verdict = check(results(b, {"mine": long}, ("chrF",)), baseline_of(results(b, {"mine": texts}, ("chrF",))), Rules())
    assert all(len(e.output) < 1300 for e in verdict.examples)
