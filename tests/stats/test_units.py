from __future__ import annotations

import numpy as np
import pytest

from evalkit.errors import InputError
from evalkit.stats import ENOUGH_ARTICLES, to_units
from evalkit.stats.resampling_units import evaluate, influence, sum_by_group

from .statistics_of import f1, mean, random_statistics

ROWS = np.arange(2 * 24 * 3, dtype=float).reshape(2, 24, 3)


def test_articles_are_the_unit_where_there_are_enough():
    many = to_units(ROWS, np.arange(24) % ENOUGH_ARTICLES)
    assert (many.name, many.count) == ("article", ENOUGH_ARTICLES)
    assert "other articles" in many.note
    few = to_units(ROWS, np.arange(24) % (ENOUGH_ARTICLES - 1))
    assert (few.name, few.count) == ("segment", 24)
    assert "these articles only" in few.note


def test_three_articles_and_one_are_named():
    assert "3 articles are too few" in to_units(ROWS, np.arange(24) % 3).note
    assert (
        "1 article is too few to resample, so the figures apply to this article only"
        in to_units(ROWS, np.zeros(24, int)).note
    )
    assert "unknown" in to_units(ROWS).note


def test_few_units_limit_the_attainable_confidence():
    assert (
        "with 3 of them the maximum attainable confidence is 0.75 and the smallest p-value 0.25"
        in to_units(ROWS[:, :3]).note
    )
    assert "maximum attainable" in to_units(ROWS, np.arange(24) % 5, "article").note
    for enough in (to_units(ROWS[:, :6]), to_units(ROWS, np.arange(24) % 3)):
        assert "maximum attainable" not in enough.note


def test_the_unit_can_be_insisted_on():
    assert to_units(ROWS, np.arange(24) % 3, "article").count == 3
    assert "fewer than" in to_units(ROWS, np.arange(24) % 3, "article").note
    assert to_units(ROWS, np.arange(24), "segment").name == "segment"
    with pytest.raises(InputError, match="groups is None"):
        to_units(ROWS, None, "article")
    with pytest.raises(InputError, match="unknown"):
        to_units(ROWS, None, "paragraph")


def test_sums_by_group_in_any_order():
    rng = np.random.default_rng(0)
    groups = rng.integers(-3, 9, 24)
    sums, labels = sum_by_group(ROWS, groups)
    assert labels.tolist() == sorted(set(groups.tolist()))
    for at, label in enumerate(labels):
        assert np.array_equal(sums[:, at], ROWS[:, groups == label].sum(axis=1))


def test_bad_statistics_are_named_by_segment():
    rows = ROWS.copy()
    rows[1, 5, 0] = np.nan
    rows[1, 7, 2] = np.inf
    units = to_units(rows)
    assert units.defects == (None, "2 segments with nan statistics, the first is segment 5")
    assert np.isfinite(units.rows).all()
    assert np.isnan(rows[1, 5, 0])


@pytest.mark.parametrize(
    "statistics",
    [np.zeros(3), np.zeros((1, 2, 3, 4)), [[[1.0], [2.0]], [[1.0]]], "text", np.zeros((0, 5, 2)), np.zeros((2, 5, 0))],
)
def test_shapes_that_are_none(statistics):
    with pytest.raises(InputError, match="statistics"):
        to_units(statistics)


@pytest.mark.parametrize("groups", [np.zeros(23, int), np.zeros((24, 1), int), np.zeros(24)])
def test_groups_that_do_not_fit(groups):
    with pytest.raises(InputError, match="groups"):
        to_units(ROWS, groups)


def test_a_score_keeps_leading_axes():
    with pytest.raises(InputError, match="score function"):
        evaluate(lambda sums: sums.sum(), np.zeros((2, 3)))
    assert np.isnan(evaluate(lambda sums: 1 / sums[..., 0], np.zeros((2, 3)))).all()


def test_influence_is_the_derivative_in_the_direction_of_a_row():
    values = np.random.default_rng(0).random(30)
    rows = np.stack([values, np.ones(30)], axis=-1)
    assert influence(rows, mean) == pytest.approx((values - values.mean()) / 30, abs=1e-9)
    counts = random_statistics(np.random.default_rng(1), 1)[0]
    matches, hypothesis, reference = counts.sum(axis=0)
    lengths = hypothesis + reference
    expected = 200 * (counts[:, 0] / lengths - matches * (counts[:, 1] + counts[:, 2]) / lengths**2)
    assert influence(counts, f1) == pytest.approx(expected, rel=1e-6, abs=1e-8)
