from __future__ import annotations

import numpy as np
import pytest

from evalkit.errors import InputError
from evalkit.stats import difference_shares, slice_interactions
from evalkit.stats.resample import bootstrap_weights

from .statistics_of import f1, mean, random_statistics
from .test_intervals import as_mean

LABELS = np.repeat([0, 1, 2], [10, 25, 5])
MEMBERS = np.arange(3)[:, np.newaxis] == LABELS


def test_shares_of_a_mean_are_weight_times_difference_and_add_up():
    first, second = np.random.default_rng(1).random((2, 40))
    shares = difference_shares(as_mean([first, second]), mean, MEMBERS, mean=True)
    for share, part in zip(shares, MEMBERS, strict=True):
        assert share == pytest.approx(part.mean() * (first[part].mean() - second[part].mean()))
    assert shares.sum() == pytest.approx(first.mean() - second.mean())


def test_shares_of_a_corpus_metric_are_the_difference_minus_that_without_the_slice():
    rows = random_statistics(np.random.default_rng(2), shift=0.05)
    shares = difference_shares(rows[:2], f1, MEMBERS)
    for share, part in zip(shares, MEMBERS, strict=True):
        rest, whole = rows[:, ~part].sum(axis=1), rows.sum(axis=1)
        assert share == pytest.approx((f1(whole[0]) - f1(whole[1])) - (f1(rest[0]) - f1(rest[1])))


def test_an_interaction_of_whole_articles_is_welchs_test():
    scipy_stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(3)
    values = rng.normal(size=(2, 60))
    articles, members = np.repeat(np.arange(20), 3), np.arange(60) < 18
    found = slice_interactions(as_mean(values), mean, [members], articles)
    by_article = (values[0] - values[1]).reshape(20, 3).mean(axis=1)
    expected = scipy_stats.ttest_ind(by_article[:6], by_article[6:], equal_var=False)
    assert found.interaction[0] == pytest.approx(by_article[:6].mean() - by_article[6:].mean())
    assert found.p[0] == pytest.approx(expected.pvalue, rel=1e-6)
    error = np.sqrt(by_article[:6].var(ddof=1) / 6 + by_article[6:].var(ddof=1) / 14)
    assert found.standard_error[0] == pytest.approx(error)


def test_the_error_of_an_interaction_is_that_of_the_bootstrap():
    rows = random_statistics(np.random.default_rng(3), 2, 300, shift=0.05)
    members = np.arange(300) % 4 == 0
    articles = np.arange(300) // 5
    found = slice_interactions(rows, f1, [members], articles)
    drawn = np.concatenate(list(bootstrap_weights(60, 2000, 7)))[:, articles]
    values = [
        (f1(w[members] @ rows[0][members]) - f1(w[members] @ rows[1][members]))
        - (f1(w[~members] @ rows[0][~members]) - f1(w[~members] @ rows[1][~members]))
        for w in drawn
    ]
    assert found.standard_error[0] == pytest.approx(np.std(values), rel=0.06)


def test_a_difference_in_one_slice_is_found_and_one_everywhere_is_not():
    rng = np.random.default_rng(4)
    articles, members = np.repeat(np.arange(40), 3), np.repeat(np.arange(40) < 12, 3)
    base = rng.normal(0, 1, 120)
    everywhere, inside = base + 0.8 + rng.normal(0, 0.2, 120), base + 0.8 * members + rng.normal(0, 0.2, 120)
    assert slice_interactions(as_mean([everywhere, base]), mean, [members], articles).p[0] > 0.05
    found = slice_interactions(as_mean([inside, base]), mean, [members], articles)
    assert found.p[0] < 0.005
    assert found.interaction[0] == pytest.approx(0.8, abs=0.15)


@pytest.mark.parametrize("nested", [True, False])
def test_a_true_null_of_an_interaction_is_rejected_as_often_as_the_test_says(nested):
    rng = np.random.default_rng(5)
    rejected = 0
    for _ in range(800):
        articles = np.repeat(np.arange(30), 4)
        members = articles < 6 if nested else rng.random(120) < 0.3
        # Six articles, or all of them, with a difference of 1 that varies by article, inside as outside.
        values = 1 + rng.normal(0, 1, 30)[articles] + rng.normal(0, 1, 120)
        rows = as_mean([values, np.zeros(120)])
        found = slice_interactions(rows, mean, [members], articles)
        rejected += found.p[0] <= 0.05
    assert 0.02 <= rejected / 800 <= 0.08


def test_slices_that_are_too_small_are_not_tested():
    rows = as_mean(np.random.default_rng(0).random((2, 30)))
    members = np.zeros((2, 30), dtype=bool)
    members[0, 3] = members[1, :15] = True
    found = slice_interactions(rows, mean, members)
    assert np.isnan(found.p[0]) and not np.isnan(found.p[1])
    with pytest.raises(InputError, match="one row of 30"):
        slice_interactions(rows, mean, members[:, :4])
    with pytest.raises(InputError, match="sum and count"):
        difference_shares(random_statistics(np.random.default_rng(0)), f1, MEMBERS, mean=True)
