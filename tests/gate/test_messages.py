"""The messages of hand-made verdicts."""

from __future__ import annotations

import pytest

from evalkit.gate.baseline import Baseline, BaselineTask, baseline_of
from evalkit.gate.checking import check
from evalkit.gate.examples import _listed
from evalkit.gate.messages import new_systems
from evalkit.gate.rules import Rules
from evalkit.gate.verdict import Change
from gate.making import bench, noisy, references, results


def test_the_first_five_new_systems_are_named_and_the_others_counted() -> None:
    task = BaselineTask(name="t", fingerprint="", ids=(), articles=None, metrics=[], columns={}, systems={"old": {}})
    baseline = Baseline("b", (task,))
    note = "Not in the baseline, so only floors and findings were checked: a, b, c, d, e"
    assert list(new_systems(["old", *"abcde"], baseline)) == [f"{note}."]
    assert list(new_systems(["old", *"abcdef"], baseline)) == [f"{note} and 1 more."]
    assert not list(new_systems(["a"], None))


def test_scores_have_three_decimals_on_a_scale_to_one() -> None:
    changes = [
        Change(task="t", system="s", metric="m", higher_is_better=True, scale=s, allowed=0.0) for s in (1.0, 100.0)
    ]
    assert [change.text(0.12345) for change in changes] == ["0.123", "0.12"]
    assert changes[0].text(None) == "undefined"


def test_the_first_three_findings_of_a_segment_are_listed_and_the_others_counted() -> None:
    assert _listed(list("abc")) == "a; b; c"
    assert _listed(list("abcde")) == "a; b; c (and 2 more)"


@pytest.mark.parametrize("metric", ["chrF", "TER"])
def test_an_article_may_drop_by_at_most_its_limit(metric: str) -> None:
    b = bench(12, 4)
    before = baseline_of(results(b, {"mine": references(b)}, (metric,)))
    run = results(b, {"mine": noisy(references(b), 0.3, 1)}, (metric,))

    def broken(limit: float) -> list[str]:
        verdict = check(run, before, Rules(max_article_drop={metric: limit}))
        return [breach.article for breach in verdict.breaches if breach.rule == "max_article_drop"]

    (change,) = check(run, before, Rules()).changes
    scores = zip(change.articles, change.articles_before or (), strict=True)
    drops = {f"a{i}": abs((old or 0.0) - (new or 0.0)) for i, (new, old) in enumerate(scores)}
    worst = max(drops, key=lambda article: drops[article])
    assert broken(drops[worst] * 1.001) == []
    assert broken(drops[worst] * 0.999) == [worst]


def test_a_segment_that_did_not_change_is_no_example_of_a_drop() -> None:
    b = bench(12, 4)
    texts = references(b)
    before = baseline_of(results(b, {"mine": texts}, ("chrF",)))
    run = results(b, {"mine": ["nothing", "at all", *texts[2:]]}, ("chrF",))
    verdict = check(run, before, Rules(max_article_drop={"chrF": 0.1}))
    assert [breach.article for breach in verdict.breaches] == ["a0"]
    assert {example.segment for example in verdict.examples} == {"s0", "s1"}
