from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from evalkit import stats
from evalkit.errors import InputError
from evalkit.stats import clusters_of, compare, holm
from evalkit.stats.randomization import randomization_p
from evalkit.stats.resample import grid

from .statistics_of import f1, mean, random_statistics
from .test_intervals import as_mean

METHODS = ("randomization", "bootstrap")


@pytest.mark.parametrize(("units", "trials"), [(3, 7), (8, 255), (None, 500)])
def test_randomization_is_a_count_over_swaps(units, trials):
    rows = random_statistics(np.random.default_rng(2), shift=0.01)[:, :units]
    n = rows.shape[1]
    found = randomization_p(grid(rows), f1, np.array([(0, 1), (2, 0)]), trials, 4)
    rng = np.random.default_rng([4, 2])
    words = -(-n // 64) * 8
    counts = np.zeros(2)
    for _ in range(trials):
        swap = np.unpackbits(np.frombuffer(rng.bytes(words), np.uint8))[:n].astype(bool)
        for at, (i, j) in enumerate([(0, 1), (2, 0)]):
            a = np.where(swap[:, None], rows[i], rows[j]).sum(axis=0)
            b = np.where(swap[:, None], rows[j], rows[i]).sum(axis=0)
            observed = abs(f1(rows[i].sum(axis=0)) - f1(rows[j].sum(axis=0)))
            counts[at] += abs(f1(a) - f1(b)) >= observed - 1e-9
    assert found.tolist() == ((counts + 1) / (trials + 1)).tolist()


@pytest.mark.parametrize("trials", [511, 512, 20000])
def test_few_units_have_the_share_of_all_exchanges(trials):
    rng = np.random.default_rng(5)
    values = rng.integers(0, 9, (2, 9)).astype(float)
    differences = values[0] - values[1]
    sums = np.array([np.dot(signs, differences) for signs in product((-1, 1), repeat=9)])
    exact = (np.abs(sums) >= abs(differences.sum())).mean()
    found = compare(as_mean(values), mean, test=stats.Test(trials=trials))
    assert found.p[0] == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / trials) if trials < 512 else 0)


def test_four_wins_of_four_cannot_be_below_one_eighth():
    assert compare(as_mean([[1, 2, 3, 4], [0, 0, 0, 0]]), mean).p[0] == 0.125


def test_ties_count_whatever_the_last_digit():
    # Every exchange of thirds gives sums that tie but for rounding.
    values = np.array([[1 / 3] * 6 + [0.1] * 6, [0.1] * 6 + [1 / 3] * 6])
    assert compare(as_mean(values), mean).p[0] == 1.0


@pytest.mark.parametrize("method", METHODS)
def test_the_test_and_the_interval_tell_the_same(method):
    rng = np.random.default_rng(8)
    for shift in (0.0, 0.02, 0.05, 0.2):
        found = compare(
            random_statistics(rng, 2, 60, shift), f1, test=stats.Test(method=method, trials=2000, resamples=2000)
        )
        assert found.low[0] <= found.difference[0] <= found.high[0]
        if method == "bootstrap":
            assert (found.p[0] <= 0.05) == (not found.low[0] <= 0 <= found.high[0])


@pytest.mark.parametrize("method", METHODS)
def test_far_apart_and_the_same(method):
    rows = random_statistics(np.random.default_rng(8), 2, 200, 0.2)
    found = compare(rows, f1, test=stats.Test(method=method, trials=999))
    assert found.p[0] <= 0.01
    assert found.better.tolist() == [1]
    assert compare(rows, f1, higher_is_better=False, test=stats.Test(method=method, trials=999)).better.tolist() == [0]
    same = compare(np.stack([rows[0], rows[0]]), f1, test=stats.Test(method=method, trials=999))
    assert (same.difference[0], same.low[0], same.high[0], same.p[0], same.better[0]) == (0, 0, 0, 1, -1)
    assert "same statistics" in (same.reasons[0] or "")


@pytest.mark.parametrize("method", METHODS)
def test_exchanging_the_pair_only_flips_the_sign(method):
    rows = random_statistics(np.random.default_rng(3), 2, 50, 0.03)
    one = compare(rows, f1, [(0, 1)], test=stats.Test(method=method, trials=500))
    two = compare(rows, f1, [(1, 0)], test=stats.Test(method=method, trials=500))
    assert one.p[0] == two.p[0]
    assert one.difference[0] == -two.difference[0]
    assert [one.low[0], one.high[0]] == pytest.approx([-two.high[0], -two.low[0]], rel=1e-12)
    assert one.better.tolist() == two.better.tolist()


@pytest.mark.parametrize("method", METHODS)
def test_a_pair_does_not_depend_on_its_company(method):
    rows = random_statistics(np.random.default_rng(3), 4, 50, 0.03)
    every = compare(rows, f1, test=stats.Test(method=method, trials=300))
    assert every.pairs.tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]
    for at, (i, j) in enumerate(every.pairs):
        alone = compare(rows[[i, j]], f1, test=stats.Test(method=method, trials=300))
        assert alone.p[0] == every.p[at]
        assert (alone.low[0], alone.high[0]) == (every.low[at], every.high[at])
    assert every.p_corrected == pytest.approx(holm(every.p))


@pytest.mark.parametrize("method", METHODS)
def test_a_true_null_is_rejected_as_often_as_the_test_says(method):
    rng = np.random.default_rng(21)
    rows = random_statistics(rng, 2, 60, 0.0)
    rejected = np.zeros(3)
    repeats = 800
    for seed in range(repeats):
        swap = rng.integers(0, 2, 60).astype(bool)[:, None]
        mixed = np.stack([np.where(swap, rows[0], rows[1]), np.where(swap, rows[1], rows[0])])
        p = compare(mixed, f1, test=stats.Test(method=method, trials=300, resamples=2, seed=seed)).p[0]
        rejected += p <= np.array([0.01, 0.05, 0.10])
    for share, alpha in zip(rejected / repeats, (0.01, 0.05, 0.10), strict=True):
        assert abs(share - alpha) < 3.5 * np.sqrt(alpha * (1 - alpha) / repeats)


def test_the_detectable_difference_is_found_four_times_of_five():
    rng = np.random.default_rng(6)
    n = 100
    noise = rng.standard_normal((2, n))
    size = compare(as_mean(noise), mean, test=stats.Test(trials=10)).min_detectable_difference[0]
    assert size == pytest.approx(2.8016 * np.std(noise[0] - noise[1]) / np.sqrt(n), rel=0.1)
    detected = 0
    for seed in range(400):
        noise = rng.standard_normal((2, n))
        noise[0] += 2.8016 * np.sqrt(2 / n)
        detected += compare(as_mean(noise), mean, test=stats.Test(trials=300, resamples=2, seed=seed)).p[0] <= 0.05
    assert 0.73 <= detected / 400 <= 0.87


def test_one_sided_bounds_are_the_ends_of_the_interval_of_half_the_risk():
    rows = random_statistics(np.random.default_rng(3), 2, 50, 0.03)
    one_sided = compare(rows, f1, test=stats.Test(trials=10, confidence=0.95))
    two_sided = compare(rows, f1, test=stats.Test(trials=10, confidence=0.90))
    assert one_sided.lower_bound.tolist() == pytest.approx(two_sided.low.tolist())
    assert one_sided.upper_bound.tolist() == pytest.approx(two_sided.high.tolist())
    assert one_sided.low[0] < one_sided.lower_bound[0] < one_sided.difference[0] < one_sided.upper_bound[0]


def test_bloom_multiple():
    rows = random_statistics(np.random.default_rng(3), 2, 50, 0.03)
    compared = compare(rows, f1, test=stats.Test(trials=10))
    ratio = compared.min_detectable_difference / compared.standard_error
    assert ratio[0] == pytest.approx(2.8016, abs=1e-4)


def test_systems_that_are_far_apart_are_in_different_clusters():
    rng = np.random.default_rng(1)
    near = random_statistics(rng, 2, 300, 0.0)
    rows = np.concatenate([near, near[::-1]])
    rows[2:, :, 0] = np.floor(rows[2:, :, 0] * 0.5)
    found = clusters_of(compare(rows, f1, test=stats.Test(trials=2000)))
    assert found.cluster.tolist() == [1, 1, 2, 2]
    assert set(found.order[:2].tolist()) == {0, 1}
    assert found.rank_low.tolist() == [1, 1, 3, 3]
    lower = compare(rows, f1, test=stats.Test(trials=2000), higher_is_better=False)
    assert clusters_of(lower, higher_is_better=False).cluster.tolist() == [2, 2, 1, 1]


def test_clusters_with_an_undefined_system_and_with_a_single_system():
    rows = random_statistics(np.random.default_rng(1), 3, 50, 0.2)
    rows[0, 0, 0] = np.nan
    found = clusters_of(compare(rows, f1, test=stats.Test(trials=500)))
    assert found.order.tolist() == [2, 1, 0]
    assert found.cluster[0] == 0
    for alone in (rows[1], rows[1:2]):
        one = clusters_of(compare(alone, f1, []))
        assert (one.order.tolist(), one.cluster.tolist()) == ([0], [1])


@pytest.mark.parametrize("method", METHODS)
def test_pairs_without_figures_say_why(method):
    rows = as_mean(np.random.default_rng(0).random((4, 30)))
    rows[1, 3] = np.nan
    rows[2, :, 1] = 0
    found = compare(rows, mean, test=stats.Test(method=method, trials=50))
    good = (found.pairs == [0, 3]).all(axis=1)
    assert np.isfinite(found.p[good]).all()
    for values in (found.p, found.low, found.high, found.difference, found.p_corrected):
        assert np.isnan(values[~good]).all()
    assert all(reason for reason, fine in zip(found.reasons, good, strict=True) if not fine)
    assert found.reasons[0] == "system 1: 1 segment with nan statistics, the first is segment 3"


@pytest.mark.parametrize("method", METHODS)
def test_fewer_than_two_segments(method):
    found = compare(np.ones((2, 1, 2)), mean, test=stats.Test(method=method))
    assert np.isnan(found.p[0])
    assert found.difference[0] == 0
    assert "at least two" in (found.reasons[0] or "")


@pytest.mark.parametrize("method", METHODS)
def test_undefined_trials_count_against_significance(method):
    # One segment in six has a count: many resamples are undefined.
    rows = np.zeros((2, 12, 2))
    rows[:, :2, 1] = 1
    rows[0, :2, 0] = 1
    found = compare(rows, mean, test=stats.Test(method=method, trials=500))
    assert found.p[0] > 0.1


def test_bad_arguments():
    rows = np.ones((2, 5, 2))
    with pytest.raises(InputError, match="only one system"):
        compare(rows[:1], mean)
    with pytest.raises(InputError, match="itself"):
        compare(rows, mean, [(1, 1)])
    with pytest.raises(InputError, match="does not exist; they are numbered 0 to 1"):
        compare(rows, mean, [(0, 2)])
    with pytest.raises(InputError, match="method"):
        compare(rows, mean, test=stats.Test(method="t-test"))
    with pytest.raises(InputError, match="correction"):
        compare(rows, mean, test=stats.Test(correction="bonferroni"))
    with pytest.raises(InputError, match="rectangular"):
        compare([rows[0].tolist(), rows[1][:4].tolist()], mean)
