from __future__ import annotations

import numpy as np
import pytest

from evalkit.errors import InputError
from evalkit.stats import benjamini_hochberg, correct, holm

# Benjamini and Hochberg 1995, section 3.2.
PAPER = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
PAPER += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]


def test_holm_gives_what_r_gives():
    assert holm([0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])


def test_benjamini_hochberg_rejects_four_of_the_papers_fifteen():
    assert int((benjamini_hochberg(PAPER) <= 0.05).sum()) == 4
    assert int((np.array(PAPER) * 15 <= 0.05).sum()) == 3
    assert benjamini_hochberg(PAPER)[3] == pytest.approx(0.0095 * 15 / 4)


@pytest.mark.parametrize("method", ["holm", "benjamini-hochberg", "none"])
def test_corrections_keep_the_order_and_never_lower(method):
    p = np.random.default_rng(1).random(50)
    corrected = correct(p, method)
    assert (corrected >= p).all()
    assert (corrected <= 1).all()
    assert (np.diff(corrected[np.argsort(p)]) >= 0).all()


def test_undefined_comparisons_do_not_count_in_the_correction():
    with_gap = holm([0.01, np.nan, 0.03])
    assert np.isnan(with_gap[1])
    assert with_gap[[0, 2]] == pytest.approx(holm([0.01, 0.03]))
    assert holm([]).shape == (0,)
    assert np.isnan(holm([np.nan])).all()


def test_bad_input():
    with pytest.raises(InputError, match="0 to 1"):
        holm([1.5])
    with pytest.raises(InputError, match="flat"):
        holm([[0.5]])
    with pytest.raises(InputError, match="unknown"):
        correct([0.5], "bonferonni")
