"""Pairwise accuracy: with ties, up to the metric difference below which two outputs are best called tied; and soft.

Soft pairwise accuracy asks whether a metric prefers systems with the same confidence as human judgments. It is one minus
the mean absolute difference between the human and the metric's one-sided p-values over system pairs.

Source: Thompson, Mathur, Deutsch, Khayrallah 2024, "Improving Statistical Significance in Human Evaluation of Automatic
Metrics via Soft Pairwise Accuracy", https://aclanthology.org/2024.wmt-1.118. Draws are those of mt-metrics-eval (1,000
trials, seed 4), so that its values are reproduced to the digit: gold [[1, 2, 3], [2, 3, 4]], metric [[2, 2, 4],
[1, 3, 5]]: .872 (over all eight exchanges: .875).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.errors import InputError
from evalkit.stats.resampling_units import Floats, Score, evaluate

#: More pairs than this are refused; group human scores by item.
MOST_PAIRS = 10_000_000


@dataclass(frozen=True, eq=False)
class TieCalibration:
    """The best tie threshold and the resulting accuracy.

    :param accuracy: mean over rows of the share of pairs that the metric orders, or ties, like the human scores.
    :param threshold: metric scores that differ by no more than this are called tied.
    :param rows: number of rows with at least one pair.
    """

    accuracy: float
    threshold: float
    rows: int


def accuracy_floor(gold: ArrayLike) -> float:
    """The result of :meth:`RankedPairs.best` for a metric without information: all pairs tied, or ordered by chance."""
    x = np.atleast_2d(np.asarray(gold, dtype=np.float64))
    first, second = np.triu_indices(x.shape[1], 1)
    apart = x[:, first] - x[:, second]
    known = (~np.isnan(apart)).sum(axis=1)
    ties = float(((apart == 0).sum(axis=1)[known > 0] / known[known > 0]).mean()) if known.any() else np.nan
    return max(ties, (1 - ties) / 2)


class RankedPairs:
    """All pairs of all rows in the order of the metric's difference, for any weighting of the rows.

    Their :meth:`best` accuracy is acc*_eq: with the best tie threshold, the same one for all rows.

    Source: Deutsch, Foster, Freitag 2023, "Ties Matter", https://aclanthology.org/2023.emnlp-main.798. Reproduces
    mt-metrics-eval: gold [1, 2, 2, 3, 4], metric [2, 1, 1.5, 5, 3]: .7; human [1, 1, 1, 4], metric [0, 2, 6, 8]: 4/6 at
    threshold 4; and its regression example of five rows with gaps: .49166 at 1.

    :param gold: float64[rows, m], one row per item (the m outputs of a segment), or a single row float64[m]; nan is missing.
    :param metric: float64 of the same shape.
    """

    def __init__(self, gold: ArrayLike, metric: ArrayLike) -> None:
        x, y = np.atleast_2d(np.asarray(gold, dtype=np.float64)), np.atleast_2d(np.asarray(metric, dtype=np.float64))
        if x.shape != y.shape or x.ndim != 2:
            raise InputError(f"gold scores of shape {x.shape} and metric scores of shape {y.shape} do not match")
        if np.isinf(x).any() or np.isinf(y).any():
            raise InputError("there are infinite scores; leave them out or mark them missing (nan)")
        pairs = x.shape[0] * x.shape[1] * (x.shape[1] - 1) // 2
        if pairs > MOST_PAIRS:
            raise InputError(
                f"{pairs:,} pairs are more than {MOST_PAIRS:,}; group the scores by item, one row per segment"
            )
        first, second = np.triu_indices(x.shape[1], 1)
        by_gold, by_metric = x[:, first] - x[:, second], y[:, first] - y[:, second]
        known: NDArray[np.bool_] = np.asarray(~(np.isnan(by_gold) | np.isnan(by_metric)))
        size = np.maximum(known.sum(axis=1), 1).astype(np.float64)
        row = np.broadcast_to(np.arange(len(x))[:, np.newaxis], known.shape)[known]
        by_gold, by_metric = by_gold[known], by_metric[known]
        plain = np.sign(by_gold) == np.sign(by_metric)
        gain: Floats = ((by_gold == 0).astype(np.float64) - plain) / size[row]
        order = np.argsort(np.abs(by_metric), kind="stable")
        self.rows: NDArray[np.bool_] = np.asarray(known.any(axis=1))
        self.plain: Floats = np.bincount(row, plain, minlength=len(x)) / size
        self.differences: Floats = np.abs(by_metric)[order]
        self.gain: Floats = gain[order]
        self.row: NDArray[np.int64] = row[order]
        # Pairs with equal differences become ties together: only the last of them is a possible threshold.
        self.ends = np.flatnonzero(np.r_[np.diff(self.differences) > 0, True]) if len(order) else np.zeros(0, np.int64)

    def best(self, weights: Floats | None = None) -> TieCalibration:
        """Best threshold where row r counts ``weights[r]`` times."""
        counted = self.rows.astype(np.float64)
        each: Floats = counted if weights is None else weights * counted
        total = float(each.sum())
        if total == 0:
            return TieCalibration(np.nan, np.nan, 0)
        reached: Floats = np.cumsum(self.gain * each[self.row])[self.ends] / total
        plain = float((self.plain * each).sum()) / total
        at = int(np.argmax(reached))
        # No threshold is preferred to one that gains nothing but rounding error.
        if reached[at] <= 1e-12:
            return TieCalibration(plain, 0.0, int(self.rows.sum()))
        at = int(np.flatnonzero(reached >= reached[at] - 1e-12)[0])
        return TieCalibration(plain + float(reached[at]), float(self.differences[self.ends[at]]), int(self.rows.sum()))

    def accuracies(self, threshold: float) -> Floats:
        """Accuracy of each row at a threshold, float64[rows]; nan where a row has no pair."""
        tied = self.differences <= threshold if threshold > 0 else np.zeros(len(self.differences), dtype=bool)
        gained = np.bincount(self.row[tied], self.gain[tied], minlength=len(self.plain))
        accuracies: Floats = np.where(self.rows, self.plain + gained, np.nan)
        return accuracies

    def held_out(self, folds: NDArray[np.int64]) -> Floats:
        """Accuracy of each row at the threshold that is best for the rows of all other folds, float64[rows].

        A threshold that is fitted to the same pairs that it is evaluated on is biased in favor of the metric.
        """
        accuracies = np.full(len(self.plain), np.nan)
        for fold in np.unique(folds):
            in_fold = folds == fold
            threshold = self.best(weights=(~in_fold).astype(np.float64)).threshold
            accuracies[in_fold] = self.accuracies(0.0 if np.isnan(threshold) else threshold)[in_fold]
        return accuracies


def swap_signs(segments: int) -> NDArray[np.float32]:
    """float32[1000, segments] of -1 and 1, the draws of the reference implementation."""
    signs: NDArray[np.float32] = np.rint(np.random.default_rng(4).random(size=(1000, segments), dtype=np.float32))
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
