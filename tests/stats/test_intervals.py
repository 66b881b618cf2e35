from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from evalkit.errors import InputError
from evalkit.stats import ENOUGH_ARTICLES, bootstrap, intervals, intervals_together
from evalkit.stats.bootstrap import two_sided_p
from evalkit.stats.student import widened_level, widened_p

from .statistics_of import f1, mean, random_statistics


def as_mean(values):
    values = np.atleast_2d(values).astype(float)
    return np.stack([values, np.ones_like(values)], axis=-1)


def test_an_interval_is_the_percentiles_of_rescored_resamples():
    rows = random_statistics(np.random.default_rng(0))
    found = intervals(rows, f1, trials=400, seed=9)
    rng = np.random.default_rng([9, 1])
    n = rows.shape[1]
    scores = np.array(
        [[f1(system[drawn].sum(axis=0)) for system in rows] for drawn in rng.integers(0, n, (400, n), dtype=np.uint32)]
    )
    tail = widened_level(0.025, n)
    assert found.low == pytest.approx(np.quantile(scores, tail, axis=0), abs=1e-12)
    assert found.high == pytest.approx(np.quantile(scores, 1 - tail, axis=0), abs=1e-12)
    assert found.standard_error == pytest.approx(scores.std(axis=0, ddof=1), abs=1e-12)
    assert found.score == pytest.approx(f1(rows.sum(axis=1)))
    assert (found.unit, found.units, found.reason, found.reasons) == ("segment", n, None, (None,) * 3)


def test_the_standard_error_of_a_mean_is_the_textbooks():
    values = np.random.default_rng(1).standard_normal(200) * 3
    found = intervals(as_mean(values), mean, trials=20000)
    assert found.standard_error[0] == pytest.approx(values.std() / np.sqrt(200), rel=0.02)
    half = 1.96 * values.std() / np.sqrt(200)
    assert (found.high - found.low)[0] == pytest.approx(2 * half, rel=0.04)


@pytest.mark.parametrize("room", [1, 1000, 10**9])
@pytest.mark.parametrize("grouped", [False, True])
def test_together_is_as_one_by_one(monkeypatch, room, grouped):
    monkeypatch.setattr(bootstrap, "_ROOM", room)
    rows = random_statistics(np.random.default_rng(0))
    broken = rows.copy()
    broken[1, 3] = np.nan
    empty = np.zeros_like(rows)
    groups = np.arange(rows.shape[1]) // 3 if grouped else None
    measured = [(rows, f1), (broken, f1), (rows[..., :2] / 7, mean), (empty, f1), (rows[:1], f1)]
    together = intervals_together(measured, groups, 5, 300)
    for (statistics, score), found in zip(measured, together, strict=True):
        alone = intervals(statistics, score, groups, trials=300, seed=5)
        for name in ("low", "high", "score", "standard_error"):
            np.testing.assert_array_equal(getattr(found, name), getattr(alone, name))
        assert (found.unit, found.units, found.reasons, found.note) == (
            alone.unit,
            alone.units,
            alone.reasons,
            alone.note,
        )


def test_more_confidence_is_wider():
    rows = random_statistics(np.random.default_rng(0))
    narrow, wide = (intervals(rows, f1, confidence=c) for c in (0.8, 0.99))
    assert (wide.low < narrow.low).all()
    assert (wide.high > narrow.high).all()


def test_enough_articles_are_resampled_whole():
    rng = np.random.default_rng(4)
    groups = np.repeat(np.arange(30), 20)
    # All of the spread lies between articles.
    values = np.repeat(rng.standard_normal(30), 20)
    by_article = intervals(as_mean(values), mean, groups)
    by_segment = intervals(as_mean(values), mean, groups, unit="segment")
    assert (by_article.unit, by_article.units) == ("article", 30)
    assert (by_article.high - by_article.low)[0] > 3.5 * (by_segment.high - by_segment.low)[0]
    assert ENOUGH_ARTICLES <= 30


def test_the_same_bytes_only_for_the_same_seed():
    rows = random_statistics(np.random.default_rng(0))
    one, two, other = (intervals(rows, f1, seed=seed) for seed in (5, 5, 6))
    assert one.low.tobytes() == two.low.tobytes()
    assert one.low.tobytes() != other.low.tobytes()
    alone = intervals(rows[1], f1, seed=5)
    assert alone.low[0] == one.low[1]


def test_arguments_are_not_modified():
    rows = random_statistics(np.random.default_rng(0))
    rows.setflags(write=False)
    before = rows.copy()
    intervals(rows, f1, np.arange(40) % 12, trials=10)
    assert np.array_equal(rows, before)


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_segments(n):
    found = intervals(np.ones((2, n, 2)), mean)
    assert np.isnan(found.low).all()
    assert "at least two" in (found.reason or "")
    assert found.reasons == (found.reason,) * 2


def test_one_article_insisted_on():
    found = intervals(np.ones((1, 5, 2)), mean, np.zeros(5, int), unit="article")
    assert found.reason == "there is only one article; resampling needs at least two"


def test_constant_scores_have_an_interval_of_no_width():
    found = intervals(as_mean(np.full(30, 0.7)), mean)
    assert found.low[0] == found.high[0] == pytest.approx(0.7, abs=1e-12)
    assert found.standard_error[0] == pytest.approx(0, abs=1e-12)


def test_bad_statistics_and_undefined_scores_spoil_one_system_only():
    rows = as_mean(np.random.default_rng(0).random((4, 30)))
    rows[1, 3] = np.nan
    rows[2, 4, 0] = np.inf
    rows[3, :, 1] = 0
    found = intervals(rows, mean)
    assert np.isfinite([found.low[0], found.high[0], found.score[0]]).all()
    for values in (found.low, found.high, found.score, found.standard_error):
        assert np.isnan(values[1:]).all()
    assert "nan statistics" in (found.reasons[1] or "")
    assert "infinite statistics" in (found.reasons[2] or "")
    assert found.reasons[3] == "the score is undefined on these segments"
    assert found.reason is None
    assert found.low[0] == intervals(rows[:1], mean).low[0]


def test_resamples_without_a_score_only_widen():
    # 4 of 12 segments count: about (2/3)**12 = 0.8% of resamples have none.
    values = np.zeros((1, 12, 2))
    values[0, :4] = [[0, 1], [1, 1], [2, 1], [3, 1]]
    found = intervals(values, mean, trials=4000)
    assert found.reasons == (None,)
    assert found.low[0] == 0.0
    assert found.high[0] == 3.0
    values[0, 2:4] = 0
    undefined = intervals(values, mean, trials=4000)
    assert np.isnan(undefined.low[0])
    assert "% of resamples" in (undefined.reasons[0] or "")


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5, float("nan")])
def test_confidence_out_of_range(confidence):
    with pytest.raises(InputError, match="confidence"):
        intervals(np.ones((1, 5, 2)), mean, confidence=confidence)


def test_coverage_is_nominal_for_few_units():
    # 10 units of normal numbers: the plain percentile interval covers 90%.
    rng = np.random.default_rng(11)
    held = 0
    for seed in range(600):
        found = intervals(as_mean(rng.standard_normal(10)), mean, trials=400, seed=seed)
        held += found.low[0] <= 0 <= found.high[0]
    assert 0.915 <= held / 600 <= 0.975


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50),
    st.floats(0, 1) | st.sampled_from([0.025, 0.975, 0.05, 0.95, 0.5]),
)
def test_quantile_is_numpys_to_the_last_bit(values: list[float], q: float) -> None:
    assert bootstrap.quantile(np.sort(values), q) == np.quantile(values, q)


@pytest.mark.parametrize(
    ("below", "zero", "undefined", "p"),
    [(0, 0, 0, 0.002), (9, 0, 0, 0.02), (4, 3, 2, 0.02), (400, 0, 0, 0.802), (500, 499, 0, 1.0)],
)
def test_the_bootstrap_p_is_twice_the_smaller_share(below: int, zero: int, undefined: int, p: float) -> None:
    above = 999 - below - zero - undefined
    differences = np.array([-1.0] * below + [0.0] * zero + [np.nan] * undefined + [1.0] * above)
    assert two_sided_p(differences, 10**9) == two_sided_p(-differences, 10**9) == pytest.approx(p, rel=1e-4)
    assert two_sided_p(differences, 5) == pytest.approx(max(2 / 2**5, widened_p(p, 5)), rel=1e-12)
