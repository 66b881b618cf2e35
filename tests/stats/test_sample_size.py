from __future__ import annotations

import math

import numpy as np
import pytest

from evalkit import stats
from evalkit.errors import InputError
from evalkit.stats import compare
from evalkit.stats.sample_size import (
    inclusion_probabilities,
    min_detectable_difference,
    systematic_sample,
    units_needed,
)
from evalkit.stats.student import t_quantile

from .statistics_of import mean
from .test_intervals import as_mean


def test_the_smallest_difference_is_the_published_multiple_of_the_standard_error() -> None:
    # Bloom 1995: 2.8 standard errors for .05 two-sided and 80% power.
    assert min_detectable_difference(np.array([1.0, 0.5]), 6, 0.05, 0.8) == pytest.approx([2.8016, 1.4008], abs=1e-4)
    assert np.isnan(min_detectable_difference(np.array([1.0, 0.5]), 5, 0.05, 0.8)).all()  # no p below .0625
    assert np.isnan(min_detectable_difference(np.array([0.0, 1e-14, np.nan]), 6, 0.05, 0.8)).all()


def test_units_needed_is_the_smallest_number_that_is_enough():
    for deviation, difference in ((1, 1), (1, 0.5), (3, 0.1), (0.01, 5), *((1, d / 40) for d in range(8, 40))):
        n = units_needed(deviation, difference)
        assert n is not None

        def enough(n, deviation=deviation, difference=difference):
            # The smallest p-value of five units is 2 / 2**5.
            return n > 5 and (t_quantile(0.025, n - 1) + 0.8416212) * deviation / math.sqrt(n) <= difference

        assert enough(n)
        assert not enough(n - 1)
    # A textbook's sample size: d = .5 needs 34 pairs (G*Power), (1.96 + .84)**2 / .25 = 31.4 without Student's t.
    assert units_needed(1, 0.5) == 34
    assert units_needed(1, -0.5) == 34
    assert units_needed(1, 1e-9) is None
    assert units_needed(math.nan, 1) is None
    with pytest.raises(InputError, match="must not be 0"):
        units_needed(1, 0)


@pytest.mark.parametrize("difference", [1.2, 0.5])
def test_the_planned_number_of_units_has_the_planned_power(difference):
    n = units_needed(1.0, difference)
    assert n is not None
    rng = np.random.default_rng(1)
    detected = 0
    for seed in range(400):
        rows = as_mean([difference + rng.normal(size=n), np.zeros(n)])
        detected += compare(rows, mean, test=stats.Test(trials=300, resamples=2, seed=seed)).p[0] <= 0.05
    assert 0.74 <= detected / 400 <= 0.87


def test_segments_are_chosen_with_their_probabilities():
    sizes = np.array([0, 1, 2, 3, 4, 90])
    chances = inclusion_probabilities(sizes, 3)
    assert chances.sum() == pytest.approx(3)
    assert chances[5] == 1
    rest = 0.75 / 6 + 0.25 * sizes[:5] / 100
    assert chances[:5] == pytest.approx(2 * rest / rest.sum())
    counts = np.zeros(6)
    for seed in range(3000):
        chosen = systematic_sample(chances, seed)
        assert len(chosen) == 3
        counts[chosen] += 1
    assert counts / 3000 == pytest.approx(chances, abs=0.03)
    assert inclusion_probabilities(np.zeros(4), 2).tolist() == [0.5] * 4
    assert systematic_sample(np.ones(4), 0).tolist() == [0, 1, 2, 3]
    for bad in (0, 7):
        with pytest.raises(InputError, match="to choose from 6"):
            inclusion_probabilities(sizes, bad)
    with pytest.raises(InputError, match="at least 0"):
        inclusion_probabilities(-sizes, 2)


def test_weights_of_chosen_segments_give_unbiased_means():
    rng = np.random.default_rng(2)
    values, sizes = rng.normal(5, 2, 200), rng.random(200)
    chances = inclusion_probabilities(values * sizes, 40)
    means = []
    for seed in range(1000):
        chosen = systematic_sample(chances, seed)
        means.append((values[chosen] / chances[chosen]).sum() / 200)
    assert np.mean(means) == pytest.approx(values.mean(), abs=3 * np.std(means) / math.sqrt(1000))
