"""Soft pairwise accuracy: does a metric prefer systems with the same confidence as human judgments?

It is one minus the mean absolute difference between the human and the metric's one-sided p-values over system pairs.

Source: Thompson, Mathur, Deutsch, Khayrallah 2024, "Improving Statistical Significance in Human Evaluation of Automatic
Metrics via Soft Pairwise Accuracy", https://aclanthology.org/2024.wmt-1.118. Draws are those of mt-metrics-eval (1,000
trials, seed 4), so that its values are reproduced to the digit: gold [[1, 2, 3], [2, 3, 4]], metric [[2, 2, 4],
[1, 3, 5]]: .872 (over all eight exchanges: .875).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.resampling_units import Floats, Score, evaluate


def swap_signs(segments: int, trials: int, seed: int) -> NDArray[np.float32]:
    """float32[trials, segments] of -1 and 1, the draws of the reference implementation."""
    signs: NDArray[np.float32] = np.rint(np.random.default_rng(seed).random(size=(trials, segments), dtype=np.float32))
    signs *= np.float32(2)
    signs -= np.float32(1)
    return signs


def one_sided_p(scores: Floats, signs: NDArray[np.float32]) -> Floats:
    """p-values of a paired permutation test that the first system of each pair is better, pairs in order of numbers.

    :param signs: [trials, n] of -1 and 1.
    """
    # Single precision as in the reference implementation: ties depend on it.
    single = scores.astype(np.float32)
    totals = single.sum(axis=1)
    moved = signs @ single.T
    first, second = np.triu_indices(len(scores), 1)
    apart = totals[first] - totals[second]
    shares: Floats = (moved[:, first] - moved[:, second] >= apart).mean(axis=0)
    return shares


def one_sided_p_of_corpus(rows: Floats, score: Score, signs: NDArray[np.float32]) -> Floats:
    """:func:`one_sided_p` for corpus scores: where a sign is -1, the two systems exchange that segment's statistics.

    For a mean that is defined on every segment it is the same as :func:`one_sided_p` of the segment scores.

    :param rows: float64[systems, n, k]; higher scores are better.
    :returns: float64[pairs]; nan where the score of a system is undefined.
    """
    totals = rows.sum(axis=1)
    observed = evaluate(score, totals)
    systems, segments, columns = rows.shape
    flat = rows.transpose(1, 0, 2).reshape(segments, systems * columns)
    sums = ((signs.astype(np.float64) + 1) / 2 @ flat).reshape(-1, systems, columns)
    first, second = np.triu_indices(systems, 1)
    shares = np.empty(len(first))
    for pair, (i, j) in enumerate(zip(first, second, strict=True)):
        mixed = sums[:, i] + totals[j] - sums[:, j]
        difference = evaluate(score, mixed) - evaluate(score, totals[i] + totals[j] - mixed)
        reach = observed[i] - observed[j]
        # Differences that are equal except for rounding count as reached.
        shares[pair] = np.nan if np.isnan(reach) else (~(difference < reach - 1e-12 * abs(reach))).mean()
    return shares


def soft_accuracy_of(people: Floats, metric: Floats | float) -> float:
    """One minus the mean absolute difference; the p-values of a metric without information are all one half."""
    return float(1.0 - np.abs(people - metric).mean())
