"""The decision itself: a truth table by hand, and how often it fails where nothing changed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evalkit.gate import verdict as states
from evalkit.gate.verdict import decide, measure

NAN = math.nan


def one(old: float, new: float, p: float, *, floor: float = 0.001, higher: bool = True, allowed: float = 0.5) -> str:
    return decide([old], [new], [p], [floor], [higher], [allowed], 0.05)[0][0]


@pytest.mark.parametrize(
    ("old", "new", "p", "more", "state"),
    [
        (40.0, 38.0, 0.01, {}, states.WORSE),
        (40.0, 38.0, 0.05, {}, states.WORSE),
        (40.0, 38.0, 0.06, {}, states.NO_EVIDENCE),  # a large drop, and chance explains it
        (40.0, 39.6, 0.01, {}, states.WORSE_ALLOWED),  # surely a drop, and a small one
        (40.0, 39.5, 0.01, {}, states.WORSE_ALLOWED),  # exactly what is allowed
        (40.0, 39.5 - 1e-6, 0.01, {}, states.WORSE),
        (0.3, 0.1 + 0.1 + 0.1 - 0.1, 0.01, {"allowed": 0.1}, states.WORSE_ALLOWED),  # equal but for the last digit
        (40.0, 42.0, 0.01, {}, states.BETTER),
        (40.0, 42.0, 0.5, {}, states.NO_EVIDENCE),
        (40.0, 42.0, 0.01, {"higher": False}, states.WORSE),
        (40.0, 38.0, 0.01, {"higher": False}, states.BETTER),
        (40.0, 0.0, 0.25, {"floor": 0.25}, states.UNTESTABLE),  # three summaries
        (40.0, 40.0, 1.0, {"floor": 1.0}, states.UNCHANGED),
        (40.0, 38.0, 1.0, {"floor": 1.0}, states.UNTESTABLE),  # one segment differs
        (40.0, NAN, NAN, {}, states.UNDEFINED),
        (NAN, 40.0, NAN, {}, states.UNDEFINED),
        (NAN, NAN, NAN, {}, states.UNCHANGED),
        (40.0, 38.0, NAN, {}, states.UNTESTABLE),
    ],
)
def test_the_truth_table(old: float, new: float, p: float, more: dict[str, float], state: str) -> None:
    assert one(old, new, p, **more) == state  # type: ignore[arg-type]


def test_tests_are_corrected_together() -> None:
    """Holm over .03 and .04: neither holds; alone each would."""
    states_, p = decide([40, 40], [30, 30], [0.03, 0.04], [0.001] * 2, [True] * 2, [0.0] * 2, 0.05)
    assert states_ == [states.NO_EVIDENCE] * 2
    assert p.tolist() == pytest.approx([0.06, 0.06])


def test_tests_that_could_show_nothing_cost_the_others_nothing() -> None:
    states_, p = decide([40, 40], [30, 30], [0.03, 0.25], [0.001, 0.25], [True] * 2, [0.0] * 2, 0.05)
    assert states_ == [states.WORSE, states.UNTESTABLE]
    assert p[0] == pytest.approx(0.03)
    assert math.isnan(p[1])


def mean(rows: np.ndarray) -> np.ndarray:
    return 100 * rows[..., 0] / rows[..., 1]


def test_what_is_measured_is_what_was_given() -> None:
    """Four segments of two articles by hand: the mean falls from 50 to 25, and only two segments differ."""
    old = np.array([[[1, 1], [0, 1], [1, 1], [0, 1]]], dtype=float)
    new = np.array([[[0, 1], [0, 1], [1, 1], [0, 1]]], dtype=float)
    got = measure(new, old, mean, np.array([0, 0, 1, 1]), trials=1000, seed=1)
    assert (got.old.tolist(), got.new.tolist()) == ([50.0], [25.0])
    assert got.old_articles.tolist() == [[50.0, 50.0]]
    assert got.new_articles.tolist() == [[0.0, 50.0]]
    assert (got.moved.tolist(), got.floor.tolist(), got.unit, got.units) == ([1], [1.0], "segment", 4)
    assert got.p[0] == 1.0


def test_the_smallest_possible_p_is_reached_and_not_passed() -> None:
    """All of n segments fall alike: the randomisation test gives about 2 ** (1 - n), which ``floor`` foretells."""
    for n in (3, 5, 8):
        old = np.stack([np.ones(n), np.ones(n)], axis=1)[None]
        new = old * [0.5, 1.0]
        got = measure(new, old, mean, None, trials=20_000, seed=3)
        assert got.floor[0] == 2.0 ** (1 - n)
        assert got.p[0] == pytest.approx(got.floor[0], rel=0.25)


def test_how_often_the_gate_fails_where_nothing_changed_and_where_much_did() -> None:
    """Three metrics a gate: at most 5% of gates fail on noise, by the correction, and nearly all on a real drop."""
    rng = np.random.default_rng(11)
    failed = {0.0: 0, 0.12: 0}
    gates = 120
    for shift in failed:
        for _ in range(gates):
            parts = []
            for _metric in range(3):
                old = rng.normal(0.5, 0.15, (1, 60))
                new = rng.normal(0.5 - shift, 0.15, (1, 60))
                rows = [np.stack([v, np.ones_like(v)], axis=2) for v in (new, old)]
                parts.append(measure(rows[0], rows[1], mean, None, trials=1000, seed=5))
            found, _ = decide(
                [m.old[0] for m in parts],
                [m.new[0] for m in parts],
                [m.p[0] for m in parts],
                [m.floor[0] for m in parts],
                [True] * 3,
                [1.0] * 3,
                0.05,
            )
            failed[shift] += states.WORSE in found
    # Binomial(120, .025) exceeds 9 once in 1,000: only drops fail, which is half of the two-sided 5%.
    assert failed[0.0] <= 9
    assert failed[0.12] >= 0.95 * gates
