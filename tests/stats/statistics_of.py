"""Small metrics and naive versions that the tests of this folder hold the real thing against."""

from __future__ import annotations

import numpy as np


def mean(sums):
    """Score of columns (sum, count)."""
    sums = np.asarray(sums, dtype=float)
    return sums[..., 0] / sums[..., 1]


def f1(sums):
    """Score of columns (matches, hypothesis length, reference length), in percent: no linear function of them."""
    sums = np.asarray(sums, dtype=float)
    return 200 * sums[..., 0] / (sums[..., 1] + sums[..., 2])


def random_statistics(rng, systems=3, n=40, shift=0.0):
    """Whole-number statistics for :func:`f1`."""
    reference = rng.integers(5, 30, n)
    hypothesis = np.maximum(1, reference + rng.integers(-3, 4, (systems, n)))
    share = 0.5 + shift * np.arange(systems)[:, None] + 0.2 * rng.random((systems, n))
    matches = np.floor(np.minimum(hypothesis, reference) * share)
    return np.stack([matches, hypothesis, np.broadcast_to(reference, (systems, n))], axis=-1).astype(float)
