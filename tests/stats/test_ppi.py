from __future__ import annotations

import math

import numpy as np
import pytest

from evalkit.errors import InputError
from evalkit.stats.ppi import corrected_mean, sensitivity_and_specificity


def judge_and_people(rng, n=400, labelled=60, rho=0.8, bias=0.5, articles=None):
    people = 0.2 + rng.normal(size=n)
    if articles is not None:
        people = people + rng.normal(size=articles.max() + 1)[articles]
    judge = bias + rho * people + math.sqrt(1 - rho**2) * rng.normal(size=n)
    labels = np.full(n, np.nan)
    chosen = rng.choice(n, labelled, replace=False)
    labels[chosen] = people[chosen]
    return judge, labels


def test_the_estimate_is_the_regression_estimator():
    judge, labels = judge_and_people(np.random.default_rng(0))
    kept = ~np.isnan(labels)
    slope = np.cov(judge[kept], labels[kept])[0, 1] / judge[kept].var(ddof=1)
    found = corrected_mean(judge, labels)
    assert found.value == pytest.approx((labels - slope * judge)[kept].mean() + slope * judge.mean())
    assert found.rho2 == pytest.approx(np.corrcoef(judge[kept], labels[kept])[0, 1] ** 2)
    assert found.saved == pytest.approx(found.rho2 * (1 - 60 / 400))
    assert (found.labels, found.segments, found.unit) == (60, 400, "segment")
    assert found.judge_only == judge.mean()
    classical = np.std(labels[kept], ddof=1) / math.sqrt(60)
    assert found.labels_only == pytest.approx(labels[kept].mean())
    assert found.labels_high - found.labels_low == pytest.approx(2 * 2.0010 * classical, rel=1e-4)
    # The interval shrinks by what the judge saves.
    ratio = (found.high - found.low) / (found.labels_high - found.labels_low)
    assert ratio == pytest.approx(math.sqrt(1 - found.saved), rel=0.05)


@pytest.mark.parametrize("rho", [0.0, 0.13, 0.9])
@pytest.mark.parametrize("by_article", [False, True])
def test_intervals_contain_the_truth_as_often_as_they_say(rho, by_article):
    rng = np.random.default_rng(1)
    articles = np.repeat(np.arange(80), 5) if by_article else None
    inside = shorter = 0
    for _ in range(400):
        judge, labels = judge_and_people(rng, rho=rho, labelled=100, articles=articles)
        found = corrected_mean(judge, labels, articles)
        inside += found.low <= 0.2 <= found.high
        shorter += found.high - found.low < found.labels_high - found.labels_low
    assert 0.92 <= inside / 400 <= 0.98
    if rho == 0.9:
        assert shorter == 400
        # A biased judge alone is wrong.
        assert not found.low <= found.judge_only <= found.high


def test_weights_of_an_uneven_selection_keep_the_estimate_unbiased():
    rng = np.random.default_rng(2)
    errors = {True: [], False: []}
    for _ in range(300):
        people = rng.normal(size=300)
        judge = people + rng.normal(size=300)
        # Segments that look bad are more likely to be labelled.
        chance = np.clip(0.4 - 0.15 * judge, 0.05, 1)
        labels = np.where(rng.random(300) < chance, people, np.nan)
        for weighted in (True, False):
            found = corrected_mean(judge, labels, weights=1 / chance if weighted else None)
            errors[weighted].append(found.labels_only - people.mean())
    assert abs(np.mean(errors[True])) < 0.02
    assert np.mean(errors[False]) < -0.2


def test_few_labels_flat_judges_and_bad_input():
    judge, labels = judge_and_people(np.random.default_rng(3), labelled=9)
    found = corrected_mean(judge, labels)
    assert math.isnan(found.value)
    assert found.reason == "labeled segments: 9; at least 10 are needed"
    judge, labels = judge_and_people(np.random.default_rng(3))
    flat = corrected_mean(np.ones(400), labels)
    assert (flat.rho2, flat.saved) == (0, 0)
    assert flat.value == pytest.approx(flat.labels_only)
    judge[:100] = np.nan
    assert corrected_mean(judge, labels).segments == 300
    with pytest.raises(InputError, match="do not match"):
        corrected_mean(judge, labels[:3])
    with pytest.raises(InputError, match="positive weight"):
        corrected_mean(judge, labels, weights=np.zeros(400))
    with pytest.raises(InputError, match="infinite"):
        corrected_mean(judge, labels * np.inf)


def test_sensitivity_and_specificity_are_shares_of_the_labels():
    verdicts = np.r_[np.ones(300), np.zeros(700)].astype(bool)
    labels = np.full(1000, np.nan)
    # 40 positive labels, 32 found; 60 negative labels, 54 classified as negative.
    labels[:32] = labels[300:308] = 1
    labels[32:38] = labels[308:362] = 0
    assert sensitivity_and_specificity(verdicts, labels) == (0.8, 0.9)
    assert np.isnan(sensitivity_and_specificity([True, False, True], [1, np.nan, 1])).all()
    assert np.isnan(sensitivity_and_specificity([True, False, True], [1, 0, 1])).all()
    assert sensitivity_and_specificity([True, False] * 2, [1, 1, 0, 0]) == (0.5, 0.5)
    with pytest.raises(InputError, match="0 or 1"):
        sensitivity_and_specificity([True, False], [0.5, 1])
    with pytest.raises(InputError, match="do not match"):
        sensitivity_and_specificity([True], [0, 1])
