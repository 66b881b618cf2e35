"""The decision of the gate: a hand-made truth table, and the failure rate if nothing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest

from evalkit.gate.decisions import corrected, decide, measure
from evalkit.gate.verdict import Change, ChangeState
from evalkit.metrics.base import Metric
from evalkit.results.task_results import ScoredMetric, TaskResults


def change(*, higher: bool = True, allowed: float = 0.5) -> Change:
    return Change(task="t", system="s", metric="m", higher_is_better=higher, scale=100.0, allowed=allowed)


def one(
    old: float | None,
    new: float | None,
    p: float | None,
    bound: float | None,
    *,
    min_p: float = 0.001,
    higher: bool = True,
    allowed: float = 0.5,
) -> ChangeState:
    values = replace(change(higher=higher, allowed=allowed), old=old, new=new, bound=bound, min_p=min_p)
    return decide(values, p, 0.05).state


@pytest.mark.parametrize(
    ("old", "new", "p", "bound", "more", "state"),
    [
        (40.0, 38.0, 0.01, 3.0, {}, ChangeState.WORSE),
        (40.0, 38.0, 0.05, 3.0, {}, ChangeState.WORSE),
        (40.0, 38.0, 0.06, 4.0, {}, ChangeState.INCONCLUSIVE),  # a large drop that chance explains
        (40.0, 39.6, 0.01, 0.45, {}, ChangeState.WITHIN),  # a significant drop, surely small
        (40.0, 39.6, 0.01, 0.9, {}, ChangeState.INCONCLUSIVE),  # significant, and it may be too large
        (40.0, 39.5, 0.01, 0.5, {}, ChangeState.WITHIN),  # exactly what is allowed
        (40.0, 39.5 - 1e-6, 0.01, 0.9, {}, ChangeState.WORSE),
        (0.3, 0.1 + 0.1 + 0.1 - 0.1, 0.01, 0.1, {"allowed": 0.1}, ChangeState.WITHIN),  # equal but for the last digit
        (40.0, 42.0, 0.01, -1.0, {}, ChangeState.BETTER),
        (40.0, 42.0, 0.5, 0.4, {}, ChangeState.WITHIN),
        (40.0, 42.0, 0.5, 0.6, {}, ChangeState.INCONCLUSIVE),
        (40.0, 42.0, 0.01, 3.0, {"higher": False}, ChangeState.WORSE),
        (40.0, 38.0, 0.01, -1.0, {"higher": False}, ChangeState.BETTER),
        (40.0, 0.0, None, None, {"min_p": 0.25}, ChangeState.UNTESTED),  # three summaries
        (40.0, 40.0, None, 0.0, {"min_p": 1.0}, ChangeState.UNCHANGED),
        (40.0, 38.0, None, None, {"min_p": 1.0}, ChangeState.UNTESTED),  # one segment differs
        (40.0, None, None, None, {}, ChangeState.UNDEFINED),
        (None, 40.0, None, None, {}, ChangeState.UNDEFINED),
        (None, None, None, None, {}, ChangeState.UNCHANGED),
    ],
)
def test_the_truth_table(
    old: float | None,
    new: float | None,
    p: float | None,
    bound: float | None,
    more: dict[str, float],
    state: ChangeState,
) -> None:
    assert one(old, new, p, bound, **more) is state  # type: ignore[arg-type]


def test_tests_are_corrected_together() -> None:
    """Holm over .03 and .04: neither is significant; alone each would be."""
    assert corrected([0.03, 0.04], [0.001] * 2, 0.05) == pytest.approx([0.06, 0.06])


def test_tests_that_cannot_be_significant_do_not_count_in_the_correction() -> None:
    p = corrected([0.03, 0.25], [0.001, 0.25], 0.05)
    assert p[0] == pytest.approx(0.03)
    assert p[1] is None


@dataclass(frozen=True)
class Mean(Metric):
    """The mean of what the rows hold, as a percentage."""

    name: ClassVar[str] = "Mean"
    summary: ClassVar[str] = "a mean"
    range: ClassVar[tuple[float, float]] = (0.0, 100.0)
    columns: ClassVar[tuple[str, ...]] = ("sum", "count")

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> np.ndarray:
        raise AssertionError("the statistics are given")

    def score(self, statistics: np.ndarray) -> np.ndarray:
        return 100 * statistics[..., 0] / statistics[..., 1]


class Cost(Mean):
    """The same where a lower score is better."""

    higher_is_better: ClassVar[bool] = False


def measured(
    new: np.ndarray, old: np.ndarray, articles: str = "", metric: Metric | None = None, **options: int
) -> Change:
    """The change from ``old`` to ``new``, float64[n, 2] both."""
    scored = ScoredMetric("m", metric or Mean())
    both = TaskResults(
        name="t",
        lang="en",
        source_lang=None,
        kind="translation",
        fingerprint="",
        systems=("now", "before"),
        ids=tuple(map(str, range(len(new)))),
        articles=tuple(articles) or None,
        metrics=(scored,),
        statistics={"m": np.stack([new, old])},
    )
    return measure([change(higher=scored.higher_is_better, allowed=1.0)], both, scored, **options)[0]


def test_what_is_measured_is_what_was_given() -> None:
    """Four segments of two articles by hand: the mean falls from 50 to 25, and only two segments differ."""
    old = np.array([[1, 1], [0, 1], [1, 1], [0, 1]], dtype=float)
    new = np.array([[0, 1], [0, 1], [1, 1], [0, 1]], dtype=float)
    got = measured(new, old, "aabb", trials=1000, seed=1)
    assert (got.old, got.new) == (50.0, 25.0)
    assert got.articles_before == (50.0, 50.0)
    assert got.articles == (0.0, 50.0)
    assert (got.min_p, got.units) == (1.0, "1 of 4 segments changed")
    assert got.p == 1.0
    assert got.bound is not None
    assert got.bound >= 25.0


def test_a_rise_is_the_drop_of_a_metric_where_lower_is_better() -> None:
    rng = np.random.default_rng(4)
    old, new = (np.stack([rng.uniform(0, 1, 30), np.ones(30)], axis=1) for _ in range(2))
    mean = measured(new, old, trials=500, seed=2)
    cost = measured([0, 1] + new * [-1, 0] + [1, 0], [0, 1] + old * [-1, 0] + [1, 0], metric=Cost(), trials=500, seed=2)
    assert cost.old == pytest.approx(100 - (mean.old or 0.0))
    assert cost.bound == pytest.approx(mean.bound)
    assert cost.p == mean.p


def test_what_depends_on_unjudged_segments_is_inconclusive() -> None:
    fallen = replace(change(), old=40.0, new=38.0, bound=3.0, min_p=0.001, unjudged=5, worst_drop=4.0, best_drop=0.4)
    undecided = decide(fallen, 0.01, 0.05)
    assert (undecided.state, undecided.reason) == (ChangeState.INCONCLUSIVE, "depends on 5 unjudged segments")
    assert decide(replace(fallen, best_drop=1.0), 0.01, 0.05).state is ChangeState.WORSE
    same = replace(fallen, old=40.0, new=40.1, bound=0.2)
    assert decide(same, 0.9, 0.05).state is ChangeState.INCONCLUSIVE
    assert decide(replace(same, worst_drop=0.5), 0.9, 0.05).state is ChangeState.WITHIN


def test_the_smallest_possible_p_is_reached_and_not_passed() -> None:
    """All of n segments fall alike: the randomization test gives about 2 ** (1 - n), which ``min_p`` foretells."""
    for n in (3, 5, 8):
        old = np.ones((n, 2))
        new = old * [0.5, 1.0]
        got = measured(new, old, trials=20_000, seed=3)
        assert got.min_p == 2.0 ** (1 - n)
        assert got.p == pytest.approx(got.min_p, rel=0.25)


def test_how_often_the_gate_fails_without_and_with_a_change() -> None:
    """Three metrics a gate: at most 5% of gates fail on noise, by the correction, and nearly all on a real drop."""
    rng = np.random.default_rng(11)
    failed = {0.0: 0, 0.12: 0}
    gates = 120
    for shift in failed:
        for _ in range(gates):
            parts: list[Change] = []
            for _metric in range(3):
                old = rng.normal(0.5, 0.15, 60)
                new = rng.normal(0.5 - shift, 0.15, 60)
                rows = [np.stack([v, np.ones_like(v)], axis=1) for v in (new, old)]
                parts.append(measured(rows[0], rows[1], trials=1000, seed=5))
            p = corrected([m.p for m in parts], [m.min_p for m in parts], 0.05)
            states = [decide(m, q, 0.05).state for m, q in zip(parts, p, strict=True)]
            failed[shift] += ChangeState.WORSE in states
    # Binomial(120, .025) exceeds 9 once in 1,000: only drops fail, which is half of the two-sided 5%.
    assert failed[0.0] <= 9
    assert failed[0.12] >= 0.95 * gates


def test_the_bound_of_a_drop_covers_the_truth_in_95_of_100_cases() -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(200):
        old = rng.normal(0.5, 0.15, 60)
        new = old - 0.02 + rng.normal(0, 0.1, 60)
        rows = [np.stack([v, np.ones_like(v)], axis=1) for v in (new, old)]
        got = measured(rows[0], rows[1], trials=100, seed=5)
        covered += got.bound is not None and got.bound >= 2.0
    assert 0.91 * 200 <= covered <= 0.985 * 200
