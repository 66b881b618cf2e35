from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from evalkit.errors import InputError
from evalkit.stats.agreement import kendall, pearson, spearman
from evalkit.stats.correlation import MEASURES, rowwise, weighted

GOLD, METRIC = [1, 2, 2, 3, 4], [2, 1, 1.5, 5, 3]


def naive(measure, x, y):
    """One pair after the other."""
    n = len(x)
    if measure in ("pearson", "spearman"):
        if measure == "spearman":
            x, y = ([sum(b < a for b in v) + (sum(b == a for b in v) + 1) / 2 for a in v] for v in (x, y))
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
    if measure == "kendall-c":
        m = min(len(set(x)), len(set(y)))
        return 2 * (c - d) / (n**2 * (m - 1) / m) if m > 1 else np.nan
    if measure == "kendall-23":
        return (c + t_xy - d - t_x - t_y) / every
    if measure == "kendall-like":
        return (2 * like_c - like) / like if like else np.nan
    return (c + t_xy) / every


def test_published_values():
    assert kendall(GOLD, METRIC) == pytest.approx(0.316227766)
    assert kendall(GOLD, METRIC, "c") == pytest.approx(0.32)
    assert kendall(GOLD, METRIC, "23") == pytest.approx(0.2)
    assert kendall(GOLD, METRIC, "acc") == pytest.approx(0.6)
    assert kendall(GOLD, METRIC, "acc", threshold=2) == pytest.approx(0.4)
    assert kendall([10, 11, 100, 150], [2, 1, 4, 3], "like") == pytest.approx(3 / 5)
    assert kendall([10, 11, 100, 150], [2, 1, 4, 3], "like", threshold=1) == pytest.approx(2 / 6)
    x, y = [1, 1, 1, 2, 2, 3, 4], [1, 1, 2, 2, 4, 3, 3]
    assert kendall(x, y, "23") == pytest.approx((14 - 7) / 21)
    # A threshold of 1 in x: 16 concordant or tied in both, of 21.
    assert kendall(y, x, "23", threshold=1) == pytest.approx((7 + 3 - 1 - 10) / 21)


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
        found = [weighted(measure)(x, y, np.ones((1, n)))[0] for x, y in zip(gold, metric, strict=True)]
        assert found == pytest.approx(expected, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_weight_is_a_repetition(measure):
    rng = np.random.default_rng(5)
    gold, metric = rng.integers(0, 9, 30).astype(float), rng.integers(0, 9, 30).astype(float)
    weights = rng.integers(0, 4, (25, 30)).astype(float)
    weights[3] = 0
    weights[4] = np.eye(30)[2]
    found = weighted(measure)(gold, metric, weights)
    for value, line in zip(found, weights, strict=True):
        drawn = np.repeat(np.arange(30), line.astype(int))
        expected = np.nan
        if len(drawn) >= 2:
            expected = naive(measure, list(gold[drawn]), list(metric[drawn]))
        assert value == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_against_scipy():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(1)
    x = rng.integers(0, 50, 2000).astype(float)
    y = x + 30 * rng.standard_normal(2000)
    assert pearson(x, y) == pytest.approx(stats.pearsonr(x, y)[0], abs=1e-12)
    assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y)[0], abs=1e-12)
    for variant in ("b", "c"):
        assert kendall(x, y, variant) == pytest.approx(stats.kendalltau(x, y, variant=variant)[0], abs=1e-12)


def test_missing_judgements_are_left_out():
    gold = [1.0, np.nan, 2.0, 3.0, 4.0, 2.0]
    metric = [2.0, 7.0, 1.0, 5.0, 3.0, np.nan]
    for function in (pearson, spearman, kendall):
        assert function(gold, metric) == function([1, 2, 3, 4], [2, 1, 5, 3])
    row = rowwise("spearman", np.array([gold]), np.array([metric]))[0][0]
    assert row == pytest.approx(spearman(gold, metric))


@pytest.mark.parametrize("function", [pearson, spearman, kendall])
def test_undefined_is_nan(function):
    assert np.isnan(function([1.0, 1.0, 1.0], [1, 2, 3]))
    assert np.isnan(function([0.1] * 7, [0.3] * 7))
    assert np.isnan(function([1.0], [1.0]))
    assert np.isnan(function([], []))


def test_bad_input():
    with pytest.raises(InputError, match="equally long"):
        pearson([1, 2], [1, 2, 3])
    with pytest.raises(InputError, match="infinite"):
        kendall([1, 2], [1, np.inf])
    with pytest.raises(InputError, match="variant"):
        kendall([1, 2], [1, 2], "d")
    with pytest.raises(InputError, match="threshold"):
        kendall([1, 2], [1, 2], "b", -1)
    with pytest.raises(InputError, match="measure"):
        weighted("kendall")
    with pytest.raises(InputError, match="measure"):
        rowwise("kendall", np.ones((1, 2)), np.ones((1, 2)))
