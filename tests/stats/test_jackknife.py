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
    found = jackknife(rows, f1, groups)
    assert (found.unit, found.labels.tolist()) == ("article", [0, 10, 20, 30])
    for at, label in enumerate(found.labels):
        rest = f1(rows[:, groups != label].sum(axis=1))
        assert found.without[:, at] == pytest.approx(rest, abs=1e-12)
        assert found.influence[:, at] == pytest.approx(f1(rows.sum(axis=1)) - rest, abs=1e-12)
    apart = f1(rows.sum(axis=1))
    assert found.pairs.tolist() == [[0, 1], [0, 2], [1, 2]]
    assert found.difference == pytest.approx([apart[0] - apart[1], apart[0] - apart[2], apart[1] - apart[2]])
    assert found.difference_influence[1] == pytest.approx(found.influence[0] - found.influence[2])


def test_the_odd_one_is_found():
    values = np.full((2, 20), 0.5)
    values[0, 13] = 0.9
    values[1, 4] = 0.0
    found = jackknife(as_mean(values), mean)
    assert np.abs(found.influence).argmax(axis=1).tolist() == [13, 4]
    assert np.abs(found.difference_influence).argmax(axis=1).tolist() == [4]
    assert found.influence[0, 13] > 0 > found.influence[1, 4]


def test_the_standard_error_of_a_mean_is_the_textbooks():
    values = np.random.default_rng(3).standard_normal(37)
    found = jackknife(as_mean(values), mean)
    assert found.standard_error[0] == pytest.approx(values.std(ddof=1) / np.sqrt(37), rel=1e-10)


def test_bad_input():
    rows = as_mean(np.random.default_rng(0).random((2, 5)))
    rows[1, 2] = np.nan
    found = jackknife(rows, mean)
    assert np.isfinite(found.without[0]).all()
    assert np.isnan(found.without[1]).all()
    assert np.isnan(found.difference_influence).all()
    assert "segment 2" in found.reasons[1]
    assert "system 1" in found.pair_reasons[0]
    for segments in (0, 1):
        few = jackknife(np.ones((1, segments, 2)), mean)
        assert few.reasons[0]
        assert np.isnan(few.influence).all()
    with pytest.raises(InputError, match="does not exist"):
        jackknife(rows, mean, pairs=[(0, 5)])
    with pytest.raises(InputError, match="groups"):
        jackknife(rows, mean, groups=[0, 1])


def test_a_score_that_only_one_unit_defines():
    rows = np.zeros((1, 4, 2))
    rows[0, 1] = [1, 1]
    found = jackknife(rows, mean)
    assert np.isnan(found.without[0, 1])
    assert np.isnan(found.standard_error[0])
    assert found.score[0] == 1
