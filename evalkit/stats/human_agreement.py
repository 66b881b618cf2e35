"""Human agreement at a difference of a given size.

A significant difference may still be too small for people to notice. Kocmi et al. studied human-judged system pairs and
counted, for each size of a metric difference, how often the metric and the human judges preferred the same system.

Source: Kocmi, Zouhar, Federmann, Post 2024, "Navigating the Metrics Maze: Reconciling Score Magnitudes and Accuracies",
https://aclanthology.org/2024.acl-long.110, table of thresholds; the fitted curves are those of the authors' tool,
https://github.com/kocmitom/MT-Thresholds. The limits of that study apply: machine translation into
many languages, mostly by systems of a similar kind. The authors call BLEU unreliable for unrelated systems, and publish no
curve for chrF++, TER, ROUGE or any metric of summaries, so there is no figure for these.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.stats.resampling_units import Floats

__all__ = ["CURVES", "SOURCE", "Curve", "agreement_with_people"]

SOURCE = "Kocmi et al. 2024, https://aclanthology.org/2024.acl-long.110"


@dataclass(frozen=True)
class Curve:
    """The share of system pairs on which people agree, as a function of the difference.

    ``ceiling / (1 + exp(-slope * difference))``

    :param ceiling: the largest share that is reached.
    :param slope: per unit of the metric's score.
    """

    ceiling: float
    slope: float


#: The fitted curves for the metrics of this package that have one, in points of a 0 to 100 score.
CURVES: dict[str, Curve] = {
    "BLEU": Curve(0.8833333333333225, 0.9663926931178954),
    "chrF": Curve(0.9299999999997200, 1.1142732157139852),
}


def agreement_with_people(metric: str, difference: Floats | float) -> Floats:
    """The share of system pairs, 0.5 (chance) to 1, on which people preferred the system that the metric did.

    Reproduces the published thresholds: BLEU 0.78 and chrF 0.54 for 60%, BLEU 2.34 and chrF 1.63 for 80%. Below the
    difference at which the curve passes one half it is one half.

    :param metric: the metric's name.
    :param difference: float64[...], in points; the sign does not matter.
    :returns: float64[...]; nan where nothing is published for the metric, or where the difference is nan.
    """
    size = np.abs(np.asarray(difference, dtype=np.float64))
    curve = CURVES.get(metric)
    if curve is None:
        return np.full(size.shape, np.nan)
    share: Floats = np.maximum(0.5, curve.ceiling / (1 + np.exp(-curve.slope * size)))
    return share
