"""The jackknife: which article or segment moves a score, or the difference of two systems, most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evalkit.stats.pairs import checked_pairs, pair_reasons
from evalkit.stats.resampling_units import Floats, Ints, Score, Units, evaluate, sum_by_group, system_reasons, to_units

__all__ = ["Jackknife", "jackknife"]


@dataclass(frozen=True, eq=False)
class Jackknife:
    """The influence of each unit on each system's score and on each pair's difference.

    :param labels: int64[units]: the groups' numbers, or segment indices.
    :param score: float64[systems], of all units.
    :param without: float64[systems, units], the score of all but that unit; nan where undefined.
    :param influence: float64[systems, units], ``score - without``.
    :param pairs: int64[m, 2].
    :param difference: float64[m].
    :param difference_influence: float64[m, units], the same for the difference.
    :param standard_error: float64[systems], the jackknife estimate.
    :param unit: ``article`` or ``segment``.
    :param reasons: per system, why there are no results, or None.
    :param pair_reasons: per pair, why there are no results, or None.
    """

    labels: Ints
    score: Floats
    without: Floats
    influence: Floats
    pairs: Ints
    difference: Floats
    difference_influence: Floats
    standard_error: Floats
    unit: str
    reasons: tuple[str | None, ...]
    pair_reasons: tuple[str | None, ...]


def jackknife(
    statistics: ArrayLike,
    score: Score,
    groups: ArrayLike | None = None,
    pairs: Sequence[tuple[int, int]] | None = None,
) -> Jackknife:
    """Leave out one article (one segment where ``groups`` is None) at a time and score the rest.

    Source: Tukey 1958; Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 11. For the mean of n numbers
    the standard error is s / sqrt(n), exactly.

    :param statistics: float64[systems, n, k] or float64[n, k].
    :param score: float64[..., k] to float64[...].
    :param groups: int[n], the article of each segment; the articles are used however few there are.
    :param pairs: pairs of system numbers; None for all.
    :raises InputError: shapes that do not fit, or a pair that does not exist.
    """
    chosen = to_units(statistics, None if groups is None else groups, "segment")
    if groups is not None:
        sums, labels = sum_by_group(chosen.rows, groups)
        chosen = Units(sums, "article", labels, chosen.note, chosen.defects)
    systems = chosen.rows.shape[0]
    table = checked_pairs([] if pairs is None and systems == 1 else pairs, systems)
    total = chosen.rows.sum(axis=1)
    observed = evaluate(score, total)
    reasons = system_reasons(chosen, observed)
    between = pair_reasons(chosen, observed, table)
    observed[[reason is not None for reason in reasons]] = np.nan
    if chosen.count < 2:
        few = f"there is {'only one ' + chosen.name if chosen.count else 'no segment'}; nothing is left without it"
        reasons = [reason or few for reason in reasons]
        without = np.full((systems, chosen.count), np.nan)
    else:
        without = np.stack([evaluate(score, total[s] - chosen.rows[s]) for s in range(systems)])
        without[[reason is not None for reason in reasons]] = np.nan
    influence = observed[:, np.newaxis] - without
    moved = influence[table[:, 0]] - influence[table[:, 1]]
    return Jackknife(
        labels=chosen.labels,
        score=observed,
        without=without,
        influence=influence,
        pairs=table,
        difference=observed[table[:, 0]] - observed[table[:, 1]],
        difference_influence=moved,
        standard_error=_standard_error(without),
        unit=chosen.name,
        reasons=tuple(reasons),
        pair_reasons=tuple(between),
    )


def _standard_error(without: Floats) -> Floats:
    units = without.shape[1]
    if units < 2:
        return np.full(len(without), np.nan)
    apart = without - without.mean(axis=1, keepdims=True)
    errors: Floats = np.sqrt((units - 1) / units * (apart**2).sum(axis=1))
    return errors
