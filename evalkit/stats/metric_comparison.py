"""Comparison of metrics by their agreement with human scores.

The test is the paired permutation test of Deutsch et al. 2021, https://aclanthology.org/2021.tacl-1.67 (PERM-INPUTS): if two
metrics agreed equally well, their scores of an article could be exchanged. Both are standardized first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.errors import InputError
from evalkit.stats.comparison import all_pairs
from evalkit.stats.corrections import Clusters, clusters, holm
from evalkit.stats.correlation import rowwise
from evalkit.stats.resample import generator, trial_counts
from evalkit.stats.resampling_units import Floats, Ints, Score, evaluate, influence, sum_by_group, to_units
from evalkit.stats.soft_accuracy import one_sided_p, swap_signs

# The number of trials computed together.
_BLOCK = 64


@dataclass(frozen=True, eq=False)
class MetricComparison:
    """Pairs of metrics compared by their agreement with human scores.

    :param value: float64[metrics], the agreement of each; nan where undefined.
    :param pairs: int64[m, 2], numbers of metrics.
    :param difference: float64[m], agreement of the first minus that of the second.
    :param p_corrected: float64[m], after Holm.
    :param clusters: ranks and clusters of the metrics, significant at p_corrected <= 0.05.
    """

    value: Floats
    pairs: Ints
    difference: Floats
    p: Floats
    p_corrected: Floats
    clusters: Clusters
    unit: str
    units: int


def contributions(statistics: ArrayLike, score: Score) -> Floats:
    """What each segment contributes to the corpus score: values whose sum over segments is the score.

    For a mean it is value / n. Any other score is linearized (:func:`~evalkit.stats.resampling_units.influence`).

    :returns: float64[systems, n].
    """
    rows = np.asarray(statistics, dtype=np.float64)
    share: Floats = influence(rows, score) + (evaluate(score, rows.sum(axis=1)) / rows.shape[1])[:, np.newaxis]
    return share


def compare_metrics(
    gold: ArrayLike,
    metrics: ArrayLike,
    measure: str = "pearson",
    groups: ArrayLike | None = None,
    trials: int = 1000,
    seed: int = 12345,
) -> MetricComparison:
    """Compare metrics by their agreement with people on systems.

    :param gold: float64[systems, n], human scores, higher is better; every segment is judged for every system.
    :param metrics: float64[metrics, systems, n], higher is better: segment scores or :func:`contributions`.
    :param measure: ``pearson``, ``kendall-b``, ``accuracy`` or ``soft-pairwise-accuracy``.
    :param trials: number of exchanges.
    """
    people, scores = np.asarray(gold, dtype=np.float64), np.asarray(metrics, dtype=np.float64)
    if people.ndim != 2 or scores.ndim != 3 or scores.shape[1:] != people.shape:
        raise InputError(f"gold scores of shape {people.shape} and metrics of shape {scores.shape} do not fit")
    if not (np.isfinite(people).all() and np.isfinite(scores).all()):
        raise InputError("compare metrics on segments that everything is defined on")
    spread = scores.std(axis=(1, 2), keepdims=True)
    standard = (scores - scores.mean(axis=(1, 2), keepdims=True)) / np.where(spread > 0, spread, 1.0)
    chosen = to_units(np.zeros((1, people.shape[1], 1)), groups)
    agreement, parts = _agreement(people, standard, measure, groups if chosen.name == "article" else None)
    value = agreement(parts.sum(axis=1))
    difference, p = _exchange(agreement, parts, value, trials, seed)
    return _compared(value, difference, p, chosen.name, chosen.count)


def _agreement(
    people: Floats, standard: Floats, measure: str, groups: ArrayLike | None
) -> tuple[Callable[[Floats], Floats], Floats]:
    """A function from sums [..., columns] to agreement [...], and each unit's summands, [metrics, units, columns]."""
    systems, n = people.shape
    if measure != "soft-pairwise-accuracy":
        human = people.mean(axis=1)

        def by_system(sums: Floats) -> Floats:
            # Scores that are equal except for rounding and linearization are ties.
            flat = np.round(sums.reshape(-1, systems), 4)
            return rowwise(measure, np.broadcast_to(human, flat.shape), flat)[0].reshape(sums.shape[:-1])

        parts = standard.transpose(0, 2, 1)
        return by_system, parts if groups is None else sum_by_group(parts, groups)[0]
    signs = swap_signs(n, 1000, 4)
    of_people = one_sided_p(people, signs)
    first, second = np.triu_indices(systems, 1)

    def soft(sums: Floats) -> Floats:
        moved = sums.reshape(*sums.shape[:-1], 1 + len(signs), systems)
        apart = moved[..., first] - moved[..., second]
        # Sums of exchanged parts are rounded: equal ones are ties.
        reach = apart[..., :1, :] - 1e-6
        shares = (apart[..., 1:, :] >= reach).mean(axis=-2)
        result: Floats = 1.0 - np.abs(shares - of_people).mean(axis=-1)
        return result

    # For each unit the sums over its segments as they are and under each of the sign flips.
    labels = np.arange(n) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    flips = np.concatenate([np.ones((1, n), dtype=np.float32), signs])
    parts = np.empty((len(standard), int(labels.max(initial=-1)) + 1, len(flips) * systems), dtype=np.float32)
    for unit in range(parts.shape[1]):
        inside = labels == unit
        for metric, values in enumerate(standard):
            parts[metric, unit] = (flips[:, inside] @ values[:, inside].T.astype(np.float32)).reshape(-1)
    return soft, parts


def _exchange(
    agreement: Callable[[Floats], Floats], parts: Floats, value: Floats, trials: int, seed: int
) -> tuple[Floats, Floats]:
    """Differences and p-values of all pairs of metrics: units change sides with probability one half."""
    pairs = all_pairs(len(value))
    difference = np.array([value[i] - value[j] for i, j in pairs])
    rng = generator(seed, 3)
    sides = rng.integers(0, 2, (trial_counts(trials), parts.shape[1])).astype(parts.dtype)
    p = np.full(len(pairs), np.nan)
    for at, (i, j) in enumerate(pairs):
        if np.isnan(difference[at]):
            continue
        total, apart = parts[j].sum(axis=0), parts[i] - parts[j]
        every = total + parts[i].sum(axis=0)
        extreme = 0
        for start in range(0, trials, _BLOCK):
            mixed = sides[start : start + _BLOCK] @ apart + total
            moved = agreement(mixed) - agreement(every - mixed)
            extreme += int((~(np.abs(moved) < abs(difference[at]) - 1e-12)).sum())
        p[at] = (extreme + 1) / (trials + 1)
    return difference, p


def compare_item_accuracies(
    accuracies: ArrayLike, groups: ArrayLike | None = None, trials: int = 10_000, seed: int = 12345
) -> MetricComparison:
    """Compare metrics by an agreement that is a mean over items: float64[metrics, items], nan where undefined."""
    values = np.asarray(accuracies, dtype=np.float64)
    if values.ndim != 2:
        raise InputError(f"accuracies have shape {values.shape}; they must be [metrics, items]")
    pairs = all_pairs(len(values))
    chosen = to_units(np.zeros((1, values.shape[1], 1)), groups)
    index = chosen.of_segments(groups)
    signs = generator(seed, 3).integers(0, 2, (trial_counts(trials), chosen.count)) * 2.0 - 1.0
    difference, p = np.full(len(pairs), np.nan), np.full(len(pairs), np.nan)
    for at, (i, j) in enumerate(pairs):
        apart = values[i] - values[j]
        known = ~np.isnan(apart)
        if not known.any():
            continue
        sums = np.bincount(index[known], apart[known], minlength=chosen.count)
        difference[at] = sums.sum() / known.sum()
        extreme = int((np.abs(signs @ sums) >= abs(sums.sum()) * (1 - 1e-12)).sum())
        p[at] = (extreme + 1) / (trials + 1)
    with np.errstate(invalid="ignore"):
        value = np.nansum(values, axis=1) / (~np.isnan(values)).sum(axis=1)
    return _compared(value, difference, p, chosen.name, chosen.count)


def _compared(value: Floats, difference: Floats, p: Floats, unit: str, units: int) -> MetricComparison:
    pairs = np.array(all_pairs(len(value)), dtype=np.int64).reshape(-1, 2)
    corrected = holm(p)
    significant: NDArray[np.bool_] = np.zeros((len(value), len(value)), dtype=bool)
    significant[pairs[:, 0], pairs[:, 1]] = significant[pairs[:, 1], pairs[:, 0]] = corrected <= 0.05
    return MetricComparison(value, pairs, difference, p, corrected, clusters(value, significant), unit, units)
