from __future__ import annotations

import numpy as np
import pytest

from evalkit.stats import agreement_with_people

# The published table: at 50, 55, ... 90 percent.
SHARES = np.arange(0.5, 0.91, 0.05)
PUBLISHED = {
    "BLEU": [0.27, 0.52, 0.78, 1.06, 1.39, 1.79, 2.34, 3.35],
    "chrF": [0.14, 0.33, 0.54, 0.76, 1.00, 1.28, 1.63, 2.12, 3.05],
}


@pytest.mark.parametrize("metric", sorted(PUBLISHED))
def test_published_thresholds(metric):
    for share, difference in zip(SHARES, PUBLISHED[metric], strict=False):
        # The thresholds are printed with two decimals.
        below, above = (agreement_with_people(metric, difference + side) for side in (-0.0051, 0.0051))
        assert below <= share <= above


def test_no_difference_of_bleu_reaches_ninety_percent():
    assert agreement_with_people("BLEU", 100.0) == pytest.approx(0.8833, abs=1e-4)


def test_never_below_one_half_and_the_same_for_either_sign():
    assert agreement_with_people("chrF", [0.0, 0.01, -1.0, 1.0]).tolist()[:2] == [0.5, 0.5]
    assert agreement_with_people("chrF", -1.0) == agreement_with_people("chrF", 1.0)


def test_no_figure_without_a_published_curve():
    for metric in ("chrF++", "TER", "ROUGE-L", "anything"):
        assert np.isnan(agreement_with_people(metric, [0.5, 3.0])).all()
    assert np.isnan(agreement_with_people("BLEU", np.nan))
