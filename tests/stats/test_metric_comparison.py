from __future__ import annotations

import numpy as np
import pytest

from evalkit.errors import InputError
from evalkit.stats.agreement import system_agreement
from evalkit.stats.correlation import rowwise
from evalkit.stats.human_agreement import variance_between_raters
from evalkit.stats.metric_comparison import compare_item_accuracies, compare_metrics, contributions

from .statistics_of import f1, mean, random_statistics
from .test_intervals import as_mean


def people_and_metrics(rng, noises, systems=8, n=60):
    quality = np.sort(rng.normal(0, 0.5, systems))[:, None]
    gold = quality + rng.normal(0, 1, (systems, n))
    return gold, np.array(
        [quality + rng.normal(0, noise, (systems, 1)) + rng.normal(0, 1, (systems, n)) for noise in noises]
    )


def test_contributions_add_up_to_the_score():
    rows = random_statistics(np.random.default_rng(0), 3, 40, 0.1)
    assert contributions(rows, f1).sum(axis=1) == pytest.approx(f1(rows.sum(axis=1)), rel=1e-6)
    values = np.random.default_rng(0).random((3, 40))
    assert contributions(as_mean(values), mean) == pytest.approx(values / 40, abs=1e-9)


@pytest.mark.parametrize(
    ("measure", "naive"),
    [
        ("pearson", lambda gold, metric: np.corrcoef(gold.mean(axis=1), metric.mean(axis=1))[0, 1]),
        (
            "accuracy",
            lambda gold, metric: rowwise("accuracy", gold.mean(axis=1)[None], metric.mean(axis=1)[None])[0][0],
        ),
        (
            "soft-pairwise-accuracy",
            lambda gold, metric: (
                system_agreement(gold, as_mean(metric), mean, "soft-pairwise-accuracy", trials=0).value
            ),
        ),
    ],
)
def test_an_exchange_is_a_swap_of_standardized_segments(measure, naive):
    rng = np.random.default_rng(1)
    gold, metrics = people_and_metrics(rng, (0.1, 1.0), 5, 12)
    found = compare_metrics(gold, metrics, measure, trials=200, seed=3)
    # In small sets exchanges tie but for rounding.
    assert found.value == pytest.approx([naive(gold, metric) for metric in metrics], abs=5e-4)
    standard = [(metric - metric.mean()) / metric.std() for metric in metrics]
    sides = np.random.default_rng([3, 3]).integers(0, 2, (200, 12)).astype(bool)
    extreme = 0
    for side in sides:
        first, second = np.where(side, standard[0], standard[1]), np.where(side, standard[1], standard[0])
        extreme += abs(naive(gold, first) - naive(gold, second)) >= abs(found.difference[0]) - 1e-9
    assert found.p[0] == pytest.approx((extreme + 1) / 201, abs=0.011)


def test_equal_systems_stay_equal():
    rng = np.random.default_rng(3)
    rows = random_statistics(rng, 3, 40)
    rows[1] = rows[0][rng.permutation(40)]
    gold = rng.normal(size=(3, 40))
    found = compare_metrics(gold, contributions(rows, f1)[np.newaxis], "accuracy")
    scores = f1(rows.sum(axis=1))
    equal = np.array([[scores[0], scores[0], scores[2]]])
    assert found.value[0] == rowwise("accuracy", gold.mean(axis=1)[np.newaxis], equal)[0][0]


def test_articles_are_exchanged_as_a_whole():
    rng = np.random.default_rng(2)
    gold, metrics = people_and_metrics(rng, (0.2, 0.2))
    articles = np.repeat(np.arange(12), 5)
    for measure in ("pearson", "soft-pairwise-accuracy"):
        found = compare_metrics(gold, metrics, measure, articles, trials=100)
        assert (found.unit, found.units) == ("article", 12)
        assert found.value == pytest.approx(compare_metrics(gold, metrics, measure, trials=1).value)
        assert found.p[0] != compare_metrics(gold, metrics, measure, trials=100).p[0]


def test_a_better_metric_ranks_first_and_equal_ones_share_a_cluster():
    rng = np.random.default_rng(7)
    gold, metrics = people_and_metrics(rng, (0.0, 0.0, 3.0), systems=12, n=200)
    found = compare_metrics(gold, metrics, trials=500)
    assert found.clusters.cluster.tolist() == [1, 1, 2]
    assert found.clusters.rank_low.tolist() == [1, 1, 3]
    assert found.p_corrected[1] >= 3 * found.p[1] - 1e-12 or found.p_corrected[1] >= found.p[1]


def test_a_true_null_is_rejected_as_often_as_the_test_says():
    rng = np.random.default_rng(5)
    rejected = 0
    for seed in range(300):
        gold, metrics = people_and_metrics(rng, (0.5, 0.5), 6, 40)
        # Exchange the segments of the two metrics at random: equal in law.
        side = rng.integers(0, 2, 40).astype(bool)
        standard = [(metric - metric.mean()) / metric.std() for metric in metrics]
        mixed = np.array([np.where(side, standard[0], standard[1]), np.where(side, standard[1], standard[0])])
        rejected += compare_metrics(gold, mixed, trials=99, seed=seed).p[0] <= 0.05
    assert rejected / 300 <= 0.09


def test_item_accuracies_are_sign_flips_by_article():
    rng = np.random.default_rng(6)
    values = rng.random((2, 50))
    values[0, :5] = np.nan
    found = compare_item_accuracies(values, trials=300, seed=2)
    apart = (values[0] - values[1])[5:]
    signs = np.random.default_rng([2, 3]).integers(0, 2, (300, 50)) * 2 - 1
    naive = (np.abs(signs[:, 5:] @ apart) >= abs(apart.sum()) - 1e-12).sum()
    assert found.difference[0] == pytest.approx(apart.mean())
    assert found.p[0] == (naive + 1) / 301
    assert compare_item_accuracies(values, np.repeat(np.arange(10), 5)).units == 10
    # Rounding makes no metric better.
    alike = compare_item_accuracies([values[1], values[1] + 0.1 - 0.1], trials=300)
    assert (alike.p[0], alike.better[0]) == (1.0, -1)
    with pytest.raises(InputError, match="everything is defined"):
        compare_metrics(values, values[np.newaxis])


def test_the_share_of_variance_between_raters():
    scores, raters = np.array([1.0, 3, 10, 10, 4, 8]), np.array([7, 7, 2, 2, 5, 5])
    between = (2 * np.array([2 - 6, 10 - 6, 6 - 6]) ** 2).sum()
    assert variance_between_raters(scores, raters) == pytest.approx(between / ((scores - 6) ** 2).sum())
    assert np.isnan(variance_between_raters([1, 1], [1, 2]))
    with pytest.raises(InputError, match="one rater per judgement"):
        variance_between_raters([1, 2], [1])
