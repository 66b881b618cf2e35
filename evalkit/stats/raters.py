"""Scores of several raters."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from evalkit.errors import InputError

__all__ = ["variance_between_raters"]


def variance_between_raters(scores: ArrayLike, raters: ArrayLike) -> float:
    """The share of the variance of scores that lies between raters, 0 to 1; nan where scores do not vary.

    Some raters are strict and some are lenient. Where the share is large and systems are not spread evenly over raters,
    scores should be standardized for each rater first.

    :param scores: float64[m].
    :param raters: int[m], the number of each score's rater.
    :raises InputError: lengths that differ, a score that is not finite.
    """
    values, numbers = np.asarray(scores, dtype=np.float64), np.asarray(raters)
    if values.ndim != 1 or values.shape != numbers.shape or not np.isfinite(values).all():
        raise InputError("give one finite score and one rater per judgement")
    _, index, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    means = np.bincount(index.reshape(-1), values) / counts
    total = float(((values - values.mean()) ** 2).sum()) if len(values) else 0.0
    between = float((counts * (means - values.mean()) ** 2).sum()) if len(values) else 0.0
    return between / total if total > 0 else float("nan")
