from __future__ import annotations

import numpy as np
import pytest

from evalkit.errors import InputError
from evalkit.stats import sample_means, sampling_share

from .statistics_of import f1, mean


def rows_of(values):
    values = np.asarray(values, dtype=float)
    return np.stack([values, np.where(np.isnan(values), np.nan, 1.0)], axis=-1)


def test_the_row_of_a_segment_is_the_mean_of_its_samples():
    means = sample_means(rows_of([[1, 3], [5, np.nan], [np.nan, np.nan]]))
    assert means[:2].tolist() == [[2, 1], [5, 1]]
    assert np.isnan(means[2]).all()


def test_the_share_of_a_mean_is_sigma_squared_over_k_against_the_whole():
    values = np.random.default_rng(0).normal(size=(50, 4))
    found = sampling_share(rows_of(values), mean)
    whole = values.mean(axis=1).var(ddof=1)
    assert found.share == pytest.approx((values.var(axis=1, ddof=1) / 4).mean() / whole)
    assert found.standard_error == pytest.approx(np.sqrt(whole / 50))
    assert found.shrinkage == pytest.approx(1 - np.sqrt(1 - found.share))
    assert (found.samples, found.unit, found.units, found.reason) == (4, "segment", 50, None)


@pytest.mark.parametrize(("samples", "expected"), [(2, 0.5), (4, 1 / 3)])
def test_the_share_of_a_known_variance_is_found(samples, expected):
    rng = np.random.default_rng(1)
    # Segments with variance 1, samples with variance 2; the share is (2 / K) / (1 + 2 / K).
    shares = []
    for _ in range(100):
        values = rng.normal(size=(400, 1)) + np.sqrt(2) * rng.normal(size=(400, samples))
        shares.append(sampling_share(rows_of(values), mean).share)
    assert np.mean(shares) == pytest.approx((2 / samples) / (1 + 2 / samples), abs=0.02)
    assert expected == pytest.approx((2 / samples) / (1 + 2 / samples))


def test_articles_are_units_and_a_baseline_makes_it_the_share_of_the_difference():
    rng = np.random.default_rng(2)
    articles = np.repeat(np.arange(20), 5)
    a, b = (rng.normal(size=20)[articles][:, None] + rng.normal(size=(100, 3)) for _ in range(2))
    found = sampling_share(rows_of(a), mean, articles, rows_of(b))
    sampling = (a.var(axis=1, ddof=1).sum() + b.var(axis=1, ddof=1).sum()) / 3 / 100**2
    sums = np.bincount(articles, a.mean(axis=1) - a.mean() - b.mean(axis=1) + b.mean()) / 100
    assert found.share == pytest.approx(sampling / (20 * sums.var(ddof=1)))
    assert (found.unit, found.units) == ("article", 20)


def test_a_corpus_metric_is_linearized():
    rng = np.random.default_rng(3)
    reference = np.full((200, 5), 20.0)
    matches = rng.binomial(20, rng.beta(8, 4, (200, 1)), (200, 5)).astype(float)
    found = sampling_share(np.stack([matches, reference, reference], axis=-1), f1)
    # With lengths fixed this F1 is a mean.
    as_mean = sampling_share(rows_of(100 * matches / 20), mean)
    assert found.share == pytest.approx(as_mean.share, rel=1e-6)
    assert found.standard_error == pytest.approx(as_mean.standard_error, rel=1e-6)


def test_unequal_numbers_and_what_cannot_be_estimated():
    values = np.random.default_rng(4).normal(size=(60, 3))
    values[::2, 1:] = np.nan
    found = sampling_share(rows_of(values), mean)
    inner = values[1::2].var(axis=1, ddof=1)
    naive = (inner.sum() / 3 + 30 * inner.mean()) / 60
    assert found.share == pytest.approx(naive / np.nanmean(values, axis=1).var(ddof=1), rel=1e-9)
    assert "one sample per segment" in (sampling_share(rows_of(values[:, :1]), mean).reason or "")
    assert "at least two" in (sampling_share(rows_of(values[1:2]), mean).reason or "")
    with pytest.raises(InputError, match="no sample"):
        sampling_share(rows_of(np.full((3, 2), np.nan)), mean)
