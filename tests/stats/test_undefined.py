from __future__ import annotations

import numpy as np
import pytest

from evalkit import stats
from evalkit.errors import InputError
from evalkit.stats import compare, compare_with_undefined
from evalkit.stats.comparison import named

from .statistics_of import mean
from .test_intervals import as_mean

TEST = stats.Test(trials=500)


def bounds(n):
    return as_mean(np.zeros(n))[0], as_mean(np.ones(n))[0]


def test_common_segments_and_bounds_are_what_filling_in_gives():
    rng = np.random.default_rng(0)
    values, undefined = rng.random((3, 40)), rng.random((3, 40)) < 0.1
    found = compare_with_undefined(as_mean(values), undefined, *bounds(40), mean, test=TEST)
    corrected = stats.holm(found.p)
    assert found.p_corrected.tolist() == corrected.tolist()
    for at, (i, j) in enumerate(found.pairs):
        kept = ~(undefined[i] | undefined[j])
        naive = compare(as_mean(values[[i, j]][:, kept]), mean, test=TEST)
        assert found.difference[at] == naive.difference[0]
        assert (found.p[at], found.low[at]) == (naive.p[0], naive.low[0])
        assert found.undefined[at] == 40 - kept.sum()
        worst = np.where(undefined[i], 0, values[i]).mean() - np.where(undefined[j], 1, values[j]).mean()
        best = np.where(undefined[i], 1, values[i]).mean() - np.where(undefined[j], 0, values[j]).mean()
        assert (found.worst[at], found.best[at]) == pytest.approx((worst, best))
        assert worst <= found.difference[at] <= best


def test_articles_with_undefined_segments_are_resampled_with_the_others():
    rng = np.random.default_rng(4)
    groups, values = np.repeat(np.arange(24), 4), rng.random((2, 96))
    undefined = np.zeros((2, 96), dtype=bool)
    undefined[0, 5] = undefined[1, 50:53] = True
    found = compare_with_undefined(as_mean(values), undefined, *bounds(96), mean, groups=groups, test=TEST)
    kept = ~undefined.any(axis=0)
    naive = compare(as_mean(values[:, kept]), mean, groups=groups[kept], test=TEST)
    assert (found.unit, found.units) == ("article", 24)
    for name in ("difference", "low", "high", "p", "standard_error"):
        assert getattr(found, name)[0] == pytest.approx(getattr(naive, name)[0], abs=1e-12)
    worst = np.where(undefined[0], 0, values[0]).mean() - np.where(undefined[1], 1, values[1]).mean()
    assert found.worst[0] == pytest.approx(worst)


def test_without_undefined_segments_it_is_the_plain_comparison():
    values = np.random.default_rng(1).random((3, 40))
    found = compare_with_undefined(as_mean(values), np.zeros((3, 40)), *bounds(40), mean, test=TEST)
    plain = compare(as_mean(values), mean, test=TEST)
    assert found.p.tolist() == plain.p.tolist()
    assert found.better.tolist() == plain.better.tolist()
    assert found.worst.tolist() == found.best.tolist() == plain.difference.tolist()
    assert not found.undecided.any()


@pytest.mark.parametrize(("hidden", "decided"), [(1, True), (12, False)])
def test_a_system_is_better_only_if_that_holds_at_the_worst_bound(hidden, decided):
    rng = np.random.default_rng(2)
    base = 0.3 + 0.3 * rng.random(60)
    undefined = np.zeros((2, 60), dtype=bool)
    undefined[0, :hidden] = True
    rows = as_mean([base + 0.1, base])
    found = compare_with_undefined(rows, undefined, *bounds(60), mean, test=TEST)
    assert found.p[0] < 0.05
    assert found.better[0] == (0 if decided else -1)
    assert found.undecided[0] == (not decided)
    # Lower is better: the bounds change places and the other system wins.
    low, high = bounds(60)
    turned = compare_with_undefined(rows, undefined, high, low, mean, test=TEST, higher_is_better=False)
    assert turned.better[0] == (1 if decided else -1)


def test_hiding_the_worst_segments_makes_no_winner():
    rng = np.random.default_rng(3)
    wins = naive = 0
    for _ in range(60):
        values = rng.beta(4, 2, (2, 200))
        undefined = np.zeros((2, 200), dtype=bool)
        undefined[0, np.argsort(values[0])[:10]] = True
        found = compare_with_undefined(as_mean(values), undefined, *bounds(200), mean, test=stats.Test(trials=200))
        wins += found.better[0] >= 0
        naive += found.p[0] <= 0.05
    assert naive > 12
    assert wins <= 4


def test_shapes_that_do_not_fit():
    rows = as_mean(np.zeros((2, 5)))
    with pytest.raises(InputError, match="do not match"):
        compare_with_undefined(rows, np.zeros((2, 4)), *bounds(5), mean)


def test_a_reason_names_the_system_that_it_is_about():
    values, undefined = np.random.default_rng(2).random((4, 20)), np.zeros((4, 20), dtype=bool)
    undefined[2, 3], undefined[1, :] = True, True
    values[3, 7] = np.nan
    found = compare_with_undefined(as_mean(values), undefined, *bounds(20), mean, [(0, 1), (2, 3), (0, 2)], test=TEST)
    assert found.reasons[0] == "no segment is judged for both systems"
    assert str(found.reasons[1]).startswith("system 3: 1 segment with nan statistics")
    assert found.reasons[2] is None
    names = ["system 1", "b", "c", "d"]
    assert [named(reason, names) for reason in ("system 0: x", "system 3: y", "only system 0: z", None)] == [
        "system 1: x",
        "d: y",
        "only system 0: z",
        None,
    ]


def test_systems_are_identical_only_where_the_same_segments_are_judged():
    values = as_mean(np.tile(np.linspace(0, 1, 10), (5, 1)))
    undefined = np.zeros((5, 10), dtype=bool)
    undefined[1, 3] = undefined[2, 3] = True
    undefined[3:] = True
    pairs = [(0, 1), (1, 2), (3, 4), (0, 3)]
    found = compare_with_undefined(values, undefined, *bounds(10), mean, pairs, test=TEST)
    assert found.identical.tolist() == [False, True, False, False]
    assert found.reasons[0] is None
    assert found.reasons[2] == found.reasons[3] == "no segment is judged for both systems"
