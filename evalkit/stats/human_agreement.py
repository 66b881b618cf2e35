"""Human agreement at a difference of a given size.

A significant difference may still be too small for people to notice. Kocmi et al. studied human-judged system pairs and
counted, for each size of a metric difference, how often the metric and the human judges preferred the same system.

Source: Kocmi, Zouhar, Federmann, Post 2024, "Navigating the Metrics Maze: Reconciling Score Magnitudes and Accuracies",
https://aclanthology.org/2024.acl-long.110, table of thresholds; the fitted curves are those of the authors' tool,
https://github.com/kocmitom/MT-Thresholds. The limits of that study apply: machine translation into
many languages, mostly by systems of a similar kind. The authors call BLEU unreliable for unrelated systems, and publish no
curve for chrF++, TER, ROUGE or any metric of summaries, so there is no figure for these.
"""

import numpy as np
from numpy.typing import ArrayLike

from evalkit.errors import InputError
from evalkit.stats.resampling_units import Floats

# For the metrics of this package that have a curve, ceiling and slope of ``ceiling / (1 + exp(-slope * difference))``, the
# share of system pairs on which humans agree; the difference is in points of a 0 to 100 score.
_CURVES = {
    "BLEU": (0.8833333333333225, 0.9663926931178954),
    "chrF": (0.9299999999997200, 1.1142732157139852),
}


def agreement_with_people(metric: str, difference: Floats | float) -> Floats:
    """The share of system pairs, 0.5 (chance) to 1, on which people preferred the system that the metric did.

    Reproduces the published thresholds: BLEU 0.78 and chrF 0.54 for 60%, BLEU 2.34 and chrF 1.63 for 80%. Below the
    difference at which the curve passes one half it is one half.

    :param difference: float64[...], in points; the sign does not matter.
    :returns: float64[...]; nan where nothing is published for the metric, or where the difference is nan.
    """
    size = np.abs(np.asarray(difference, dtype=np.float64))
    if metric not in _CURVES:
        return np.full(size.shape, np.nan)
    ceiling, slope = _CURVES[metric]
    share: Floats = np.maximum(0.5, ceiling / (1 + np.exp(-slope * size)))
    return share


def variance_between_raters(scores: ArrayLike, raters: ArrayLike) -> float:
    """The share of the variance of scores that lies between raters, 0 to 1; nan where scores do not vary.

    Some raters are strict and some are lenient. Where the share is large and systems are not spread evenly over raters,
    scores should be standardized for each rater first.

    :param raters: int[m], the number of each score's rater.
    """
    values, numbers = np.asarray(scores, dtype=np.float64), np.asarray(raters)
    if values.ndim != 1 or values.shape != numbers.shape or not np.isfinite(values).all():
        raise InputError("give one finite score and one rater per judgement")
    _, index, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    means = np.bincount(index.reshape(-1), values) / counts
    total = float(((values - values.mean()) ** 2).sum()) if len(values) else 0.0
    between = float((counts * (means - values.mean()) ** 2).sum()) if len(values) else 0.0
    return between / total if total > 0 else float("nan")
