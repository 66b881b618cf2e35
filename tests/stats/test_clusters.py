from __future__ import annotations

import numpy as np
import pytest

from evalkit.errors import InputError
from evalkit.stats import clusters


def told(pairs, systems):
    matrix = np.zeros((systems, systems), dtype=bool)
    for i, j in pairs:
        matrix[i, j] = matrix[j, i] = True
    return matrix


def test_a_boundary_needs_every_pair_across_it():
    # 3 > 1 > 0 > 2; everything beats 2; 3 beats 0 but not 1, 1 does not beat 0: so no boundary before 2.
    found = clusters(np.array([2.0, 3.0, 1.0, 4.0]), told([(3, 0), (3, 2), (1, 2), (0, 2)], 4))
    assert found.order.tolist() == [3, 1, 0, 2]
    assert found.cluster.tolist() == [1, 1, 2, 1]
    assert found.rank_low.tolist() == [2, 1, 4, 1]
    assert found.rank_high.tolist() == [3, 3, 4, 2]


def test_all_significant_and_none_significant():
    scores = np.array([1.0, 3.0, 2.0])
    every = told([(0, 1), (0, 2), (1, 2)], 3)
    assert clusters(scores, every).cluster.tolist() == [3, 1, 2]
    assert clusters(scores, every, higher_is_better=False).cluster.tolist() == [1, 3, 2]
    assert clusters(scores, told([], 3)).cluster.tolist() == [1, 1, 1]


def test_a_system_without_a_score_is_in_no_cluster():
    found = clusters(np.array([1.0, np.nan, 2.0]), told([(0, 2)], 3))
    assert found.order.tolist() == [2, 0, 1]
    assert found.cluster.tolist() == [2, 0, 1]
    assert found.rank_low.tolist() == [2, 0, 1]


def test_shapes():
    with pytest.raises(InputError, match="square"):
        clusters(np.zeros(3), told([], 2))
