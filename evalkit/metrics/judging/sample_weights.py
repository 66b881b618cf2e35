"""Weights of repeated judgements of the same output."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def sample_weights(values: Floats, aggregate: str, *, higher_is_better: bool) -> Floats:
    """Return the weight of each sample; the weights sum to 1.

    :param values: float64[samples], the value of each sample.
    :param aggregate: ``mean``, or ``gemba-v2``: without the samples beyond two standard deviations from the mean, weighted
        by the reciprocal of their rank, the best first. Source: Junczys-Dowmunt 2025, GEMBA V2,
        https://aclanthology.org/2025.wmt-1.67.
    """
    n = len(values)
    if aggregate == "mean" or n == 1:
        return np.full(n, 1.0 / n)
    inliers = np.abs(values - values.mean()) <= 2 * values.std() + 1e-12
    order = np.argsort(-values if higher_is_better else values, kind="stable")
    weights = np.zeros(n)
    ranked = order[inliers[order]]
    weights[ranked] = 1.0 / np.arange(1, len(ranked) + 1)
    weights /= weights.sum()
    return weights
