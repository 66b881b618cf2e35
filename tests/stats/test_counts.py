from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, strategies as st

from evalkit.errors import InputError
from evalkit.stats import mcnemar_p, sign_flip_p


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 5), st.integers(0, 5))
def test_mcnemar_is_the_binomial_test_of_what_differs(first, second, both, neither):
    a = np.r_[np.ones(first), np.zeros(second), np.ones(both), np.zeros(neither)].astype(bool)
    b = np.r_[np.zeros(first), np.ones(second), np.ones(both), np.zeros(neither)].astype(bool)
    total, fewer = first + second, min(first, second)
    expected = min(1.0, 2 * sum(comb(total, i) for i in range(fewer + 1)) / 2**total)
    assert mcnemar_p(a, b) == pytest.approx(expected, rel=1e-10)


def test_mcnemar_of_published_and_of_large_counts():
    first = np.arange(13) < 3
    assert mcnemar_p(first, ~first) == pytest.approx(0.09228515625)
    many = np.arange(1_000_000) < 501_000
    # Nearly normal: (500500 - 499500) ... a difference of 2,000 in a million is two standard deviations.
    assert mcnemar_p(many, ~many) == pytest.approx(0.0455, abs=2e-4)
    with pytest.raises(InputError, match="two equally long lists"):
        mcnemar_p(first, many)


@given(st.lists(st.integers(-9, 9), max_size=10))
def test_sign_flips_are_all_flips(changes):
    values = np.array(changes, dtype=int)
    flips = [np.dot(signs, values) >= values.sum() for signs in product((-1, 1), repeat=len(values))]
    assert sign_flip_p(values) == pytest.approx(np.mean(flips), abs=1e-12)


def test_sign_flips_of_many_articles():
    assert sign_flip_p([1, 1, 1, 1, 1]) == 1 / 32
    assert sign_flip_p([0, 0]) == 1.0
    assert sign_flip_p(np.ones(200, int)) == pytest.approx(2.0**-200)
    changes = np.r_[np.ones(1040, int), -np.ones(960, int)]
    # 1,040 of 2,000 or more heads.
    assert sign_flip_p(changes) == pytest.approx(sum(comb(2000, k) for k in range(1040, 2001)) / 2**2000, rel=1e-9)
    with pytest.raises(InputError, match="whole numbers"):
        sign_flip_p([0.5, 1])
