"""Comparison of metrics by their agreement with human scores.

The test is the paired permutation test of Deutsch et al. 2021, https://aclanthology.org/2021.tacl-1.67 (PERM-INPUTS): if two
metrics agreed equally well, their scores of an article could be exchanged. Both are standardized first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from evalkit.errors import InputError
from evalkit.stats.comparison import better_of_pairs, significance
from evalkit.stats.corrections import Clusters, clusters, holm
from evalkit.stats.correlation import rowwise
from evalkit.stats.pairwise_accuracy import one_sided_p, swap_signs
from evalkit.stats.resample import generator, trial_counts
from evalkit.stats.resampling_units import Floats, Ints, Score, Units, evaluate, influence, sum_by_group, to_units

#: From sums [..., columns] to agreement [...].
Agreement = Callable[[Floats], Floats]

# The number of trials computed together.
_BLOCK = 64


@dataclass(frozen=True, eq=False)
class MetricComparison:
    """Pairs of metrics compared by their agreement with human scores.

    :param value: float64[metrics], the agreement of each; nan where undefined.
    :param pairs: int64[m, 2], numbers of metrics.
    :param difference: float64[m], agreement of the first minus that of the second.
    :param p_corrected: float64[m], with Holm's correction.
    :param better: int64[m], the metric that agrees better where p_corrected is at most 0.05, else -1.
    """

    value: Floats
    pairs: Ints
    difference: Floats
    p: Floats
    p_corrected: Floats
    better: Ints
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
        raise InputError(f"gold scores of shape {people.shape} and metrics of shape {scores.shape} do not match")
    if not (np.isfinite(people).all() and np.isfinite(scores).all()):
        raise InputError("compare metrics on segments that everything is defined on")
    spread = scores.std(axis=(1, 2), keepdims=True)
    standard = (scores - scores.mean(axis=(1, 2), keepdims=True)) / np.where(spread > 0, spread, 1.0)
    chosen = to_units(np.zeros((1, people.shape[1], 1)), groups)
    agreement, parts = _agreement(people, standard, measure, groups if chosen.name == "article" else None)
    value = agreement(parts.sum(axis=1))
    return _compared(lambda i, j: (value[i] - value[j], agreement, parts[i], parts[j]), value, chosen, trials, seed)


def _agreement(people: Floats, standard: Floats, measure: str, groups: ArrayLike | None) -> tuple[Agreement, Floats]:
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
    signs = swap_signs(n)
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


def compare_item_accuracies(
    accuracies: ArrayLike, groups: ArrayLike | None = None, trials: int = 10_000, seed: int = 12345
) -> MetricComparison:
    """Compare metrics by an agreement that is a mean over items: float64[metrics, items], nan where undefined."""
    values = np.asarray(accuracies, dtype=np.float64)
    if values.ndim != 2:
        raise InputError(f"accuracies have shape {values.shape}; they must be [metrics, items]")
    chosen = to_units(np.zeros((1, values.shape[1], 1)), groups)
    index = chosen.of_segments(groups)

    def parts_of(i: int, j: int) -> tuple[float, Agreement, Floats, Floats]:
        apart = values[i] - values[j]
        known = ~np.isnan(apart)
        sums = np.bincount(index[known], apart[known], minlength=chosen.count).astype(np.float64)[:, np.newaxis]
        items = known.sum() or np.nan
        return sums.sum() / items, lambda of_units: of_units[..., 0] / items, sums, np.zeros_like(sums)

    with np.errstate(invalid="ignore"):
        value = np.nansum(values, axis=1) / (~np.isnan(values)).sum(axis=1)
    return _compared(parts_of, value, chosen, trials, seed)


def _compared(
    parts_of: Callable[[int, int], tuple[float, Agreement, Floats, Floats]],
    value: Floats,
    units: Units,
    trials: int,
    seed: int,
) -> MetricComparison:
    """Compare all pairs of metrics: units change sides with probability one half.

    :param parts_of: for two metrics, their difference, the agreement that belongs to a sum, and the summands of each:
        [units, columns].
    """
    pairs = np.array(list(combinations(range(len(value)), 2)), dtype=np.int64).reshape(-1, 2)
    sides = generator(seed, 3).integers(0, 2, (trial_counts(trials), units.count))
    difference, p = np.full((2, len(pairs)), np.nan)
    for at, (i, j) in enumerate(pairs.tolist()):
        difference[at], agreement, first, second = parts_of(i, j)
        if np.isnan(difference[at]):
            continue
        apart, total, every = first - second, second.sum(axis=0), second.sum(axis=0) + first.sum(axis=0)
        extreme = 0
        for start in range(0, trials, _BLOCK):
            mixed = sides[start : start + _BLOCK].astype(apart.dtype) @ apart + total
            moved = agreement(mixed) - agreement(every - mixed)
            extreme += int((~(np.abs(moved) < abs(difference[at]) - 1e-12)).sum())
        p[at] = (extreme + 1) / (trials + 1)
    corrected = holm(p)
    better = better_of_pairs(pairs, difference, corrected, 0.05, True)
    ranks = clusters(value, significance(pairs, better, len(value)))
    return MetricComparison(value, pairs, difference, p, corrected, better, ranks, units.name, units.count)
