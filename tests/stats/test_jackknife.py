from __future__ import annotations

import numpy as np
import pytest

from evalkit.errors import InputError
from evalkit.stats import jackknife

from .statistics_of import f1, mean, random_statistics
from .test_intervals import as_mean


def test_each_unit_is_left_out_once():
    rows = random_statistics(np.random.default_rng(0), 3, 24)
    groups = np.arange(24) % 4 * 10
    influence = jackknife(rows, f1, groups)
    assert influence.shape == (3, 4)
    for at, label in enumerate((0, 10, 20, 30)):
        rest = f1(rows[:, groups != label].sum(axis=1))
        assert influence[:, at] == pytest.approx(f1(rows.sum(axis=1)) - rest, abs=1e-12)


def test_the_odd_one_is_found():
    values = np.full((2, 20), 0.5)
    values[0, 13] = 0.9
    values[1, 4] = 0.0
    influence = jackknife(as_mean(values), mean)
    assert np.abs(influence).argmax(axis=1).tolist() == [13, 4]
    assert influence[0, 13] > 0 > influence[1, 4]


def test_the_influences_on_a_mean_give_the_textbooks_standard_error():
    values = np.random.default_rng(3).standard_normal(37)
    influence = jackknife(as_mean(values), mean)[0]
    error = np.sqrt(36 / 37 * ((influence - influence.mean()) ** 2).sum())
    assert error == pytest.approx(values.std(ddof=1) / np.sqrt(37), rel=1e-10)


def test_bad_input():
    rows = as_mean(np.random.default_rng(0).random((2, 5)))
    rows[1, 2] = np.nan
    influence = jackknife(rows, mean)
    assert np.isfinite(influence[0]).all() and np.isnan(influence[1]).all()
    for segments in (0, 1):
        assert np.isnan(jackknife(np.ones((1, segments, 2)), mean)).all()
    with pytest.raises(InputError, match="groups"):
        jackknife(rows, mean, groups=[0, 1])


def test_a_score_that_only_one_unit_defines():
    rows = np.zeros((1, 4, 2))
    rows[0, 1] = [1, 1]
    assert np.isnan(jackknife(rows, mean)[0]).tolist() == [False, True, False, False]
