"""The smallest difference that the data could have shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.stats.bootstrap import bootstrap_scores, checked_confidence, percentiles
from evalkit.stats.pairs import checked_pairs, pair_reasons
from evalkit.stats.resample import grid, trial_counts
from evalkit.stats.resampling_units import Floats, Score, evaluate, to_units
from evalkit.stats.student import normal_quantile

__all__ = ["SmallestDifference", "detectable", "smallest_difference"]


@dataclass(frozen=True, eq=False)
class SmallestDifference:
    """What the data could have shown, one value a pair.

    :param pairs: int64[m, 2].
    :param difference: the smallest true difference that a test at ``alpha`` finds with probability ``power``.
    :param observed: the difference that was found.
    :param standard_error: standard deviation of the difference over resamples.
    :param alpha: level of the test, two-sided.
    :param power: probability of finding it.
    :param reasons: why there is no figure, or None.
    :param unit: ``article`` or ``segment``.
    :param units: how many of them.
    """

    pairs: NDArray[np.int64]
    difference: Floats
    observed: Floats
    standard_error: Floats
    alpha: float
    power: float
    reasons: tuple[str | None, ...]
    unit: str
    units: int


def detectable(standard_error: Floats, alpha: float, power: float) -> Floats:
    """(z(1 - alpha / 2) + z(power)) * standard error: 2.80 standard errors for 0.05 and 0.8.

    Source: Bloom 1995, "Minimum Detectable Effects", Evaluation Review 19(5), whose multiple for 0.05 two-sided and 80% is
    2.8. For scale: Card et al. 2020, https://aclanthology.org/2020.emnlp-main.745, find about 75% power for 1 BLEU on 2,000
    sentences.

    :param standard_error: float64[...]; nan stays nan.
    """
    return (normal_quantile(1 - alpha / 2) + normal_quantile(power)) * standard_error


def smallest_difference(
    statistics: ArrayLike,
    score: Score,
    pairs: Sequence[tuple[int, int]] | None = None,
    groups: ArrayLike | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
    trials: int = 1000,
    seed: int = 12345,
    unit: str | None = None,
) -> SmallestDifference:
    """The smallest true difference of two systems that a set of this size shows, from the bootstrap's standard error.

    A difference that was not found significant may still be there, if it is smaller than this.

    :param statistics: float64[systems, n, k].
    :param score: float64[..., k] to float64[...].
    :param pairs: pairs of system numbers; None for all.
    :param groups: int[n], the article of each segment, or None.
    :raises InputError: as :func:`evalkit.stats.comparison.compare`.
    """
    alpha, power = checked_confidence(alpha), checked_confidence(power)
    chosen = to_units(statistics, groups, unit)
    table = checked_pairs(pairs, chosen.rows.shape[0])
    observed = evaluate(score, chosen.rows.sum(axis=1))
    reasons = pair_reasons(chosen, observed, table)
    spread, difference = np.full(len(table), np.nan), np.full(len(table), np.nan)
    if None in reasons:
        values = bootstrap_scores(grid(chosen.rows), score, trial_counts(trials), seed)
    for place, (i, j) in enumerate(table):
        if reasons[place] is None:
            difference[place] = observed[i] - observed[j]
            _, _, spread[place], reasons[place] = percentiles(values[i] - values[j], 0.025)
    return SmallestDifference(
        pairs=table,
        difference=detectable(spread, alpha, power),
        observed=difference,
        standard_error=spread,
        alpha=alpha,
        power=power,
        reasons=tuple(reasons),
        unit=chosen.name,
        units=chosen.count,
    )
