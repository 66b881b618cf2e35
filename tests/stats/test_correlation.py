from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from evalkit.errors import InputError
from evalkit.stats.correlation import MEASURES, rowwise

GOLD, METRIC = [1, 2, 2, 3, 4], [2, 1, 1.5, 5, 3]


def naive(measure, x, y):
    """One pair after the other."""
    n = len(x)
    if measure == "pearson":
        dx, dy = np.array(x) - np.mean(x), np.array(y) - np.mean(y)
        scale = np.sqrt((dx @ dx) * (dy @ dy))
        return dx @ dy / scale if scale > 1e-12 else np.nan
    c = d = t_x = t_y = t_xy = like_c = like = 0
    for i, j in combinations(range(n), 2):
        a, b = x[i] - x[j], y[i] - y[j]
        c, d = c + (a * b > 0), d + (a * b < 0)
        t_x, t_y, t_xy = t_x + (a == 0 and b != 0), t_y + (a != 0 and b == 0), t_xy + (a == 0 and b == 0)
        like, like_c = like + (abs(a) >= 25), like_c + (abs(a) >= 25 and a * b > 0)
    every = n * (n - 1) / 2
    if measure == "kendall-b":
        scale = np.sqrt((c + d + t_x) * (c + d + t_y))
        return (c - d) / scale if scale else np.nan
    if measure == "kendall-23":
        return (c + t_xy - d - t_x - t_y) / every
    if measure == "kendall-like":
        return (2 * like_c - like) / like if like else np.nan
    return (c + t_xy) / every


def one(measure, gold, metric):
    return rowwise(measure, np.array([gold], dtype=float), np.array([metric], dtype=float))[0][0]


def test_published_values():
    assert one("kendall-b", GOLD, METRIC) == pytest.approx(0.316227766)
    assert one("kendall-23", GOLD, METRIC) == pytest.approx(0.2)
    assert one("accuracy", GOLD, METRIC) == pytest.approx(0.6)
    assert one("kendall-like", [10, 11, 100, 150], [2, 1, 4, 3]) == pytest.approx(3 / 5)
    x, y = [1, 1, 1, 2, 2, 3, 4], [1, 1, 2, 2, 4, 3, 3]
    assert one("kendall-23", x, y) == pytest.approx((14 - 7) / 21)
    assert one("accuracy", [1, 2, 3, 3, 4], [1, 1, 2, 1, 2]) == pytest.approx(5 / 10)


@pytest.mark.parametrize("measure", [*MEASURES, "kendall-like"])
@pytest.mark.parametrize("n", [2, 3, 7, 40])
def test_against_one_pair_after_the_other(measure, n):
    rng = np.random.default_rng(n)
    gold = rng.integers(0, 4, (20, n)) * 20.0
    metric = gold * rng.random((20, n)) + rng.integers(0, 3, (20, n))
    metric[0] = 1.0
    expected = [naive(measure, list(x), list(y)) for x, y in zip(gold, metric, strict=True)]
    assert rowwise(measure, gold, metric)[0] == pytest.approx(expected, abs=1e-12, nan_ok=True)
    if measure != "kendall-like":
        found = [MEASURES[measure](x, y, np.ones((1, n)))[0] for x, y in zip(gold, metric, strict=True)]
        assert found == pytest.approx(expected, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_weight_is_a_repetition(measure):
    rng = np.random.default_rng(5)
    gold, metric = rng.integers(0, 9, 30).astype(float), rng.integers(0, 9, 30).astype(float)
    weights = rng.integers(0, 4, (25, 30)).astype(float)
    weights[3] = 0
    weights[4] = np.eye(30)[2]
    found = MEASURES[measure](gold, metric, weights)
    for value, line in zip(found, weights, strict=True):
        drawn = np.repeat(np.arange(30), line.astype(int))
        expected = np.nan
        if len(drawn) >= 2:
            expected = naive(measure, list(gold[drawn]), list(metric[drawn]))
        assert value == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_a_small_spread_far_from_the_mean_is_no_constant():
    gold, metric = [0.0] * 20 + [100, 101, 102], [0.0] * 20 + [100, 103, 101]
    weights = np.array([[0.0] * 20 + [1, 1, 1]])
    found = MEASURES["pearson"](np.array(gold), np.array(metric), weights)
    assert found == pytest.approx([naive("pearson", gold[20:], metric[20:])], abs=1e-9)


def test_against_scipy():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(1)
    x = rng.integers(0, 50, 2000).astype(float)
    y = x + 30 * rng.standard_normal(2000)
    found = {measure: MEASURES[measure](x, y, np.ones((1, 2000)))[0] for measure in ("pearson", "kendall-b")}
    assert found["pearson"] == pytest.approx(stats.pearsonr(x, y)[0], abs=1e-12)
    assert found["kendall-b"] == pytest.approx(stats.kendalltau(x, y)[0], abs=1e-12)


@pytest.mark.parametrize("measure", ["pearson", "kendall-b"])
def test_missing_judgements_are_left_out(measure):
    gold, metric = [1.0, np.nan, 2.0, 3.0, 4.0, 2.0], [2.0, 7.0, 1.0, 5.0, 3.0, np.nan]
    assert one(measure, gold, metric) == pytest.approx(one(measure, [1, 2, 3, 4], [2, 1, 5, 3]))


@pytest.mark.parametrize("measure", ["pearson", "kendall-b"])
def test_undefined_is_nan(measure):
    for gold, metric in (([1.0, 1.0, 1.0], [1, 2, 3]), ([0.1] * 7, [0.3] * 7), ([1.0], [1.0]), ([], [])):
        assert np.isnan(one(measure, gold, metric))
        points = np.array(gold, dtype=float), np.array(metric, dtype=float), np.ones((1, len(gold)))
        assert np.isnan(MEASURES[measure](*points)[0])


@pytest.mark.parametrize("measure", ["pearson", "kendall-b"])
def test_no_correlation_is_above_one(measure):
    for n in range(2, 30):
        assert MEASURES[measure](np.arange(n), np.arange(n), np.ones((1, n)))[0] <= 1.0
        assert MEASURES[measure](np.arange(n), -np.arange(n), np.ones((1, n)))[0] >= -1.0


def test_bad_input():
    with pytest.raises(InputError, match="measure"):
        rowwise("kendall", np.ones((1, 2)), np.ones((1, 2)))
