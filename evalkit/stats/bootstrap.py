"""The bootstrap: percentile intervals of scores and of differences, and the corresponding test."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from evalkit.errors import InputError
from evalkit.stats.resample import Grid, bootstrap_sums, grid, trial_counts
from evalkit.stats.resampling_units import Floats, Score, Units, evaluate, system_reasons, to_units, too_few
from evalkit.stats.student import widened_level, widened_p

#: Statistics (systems * units * columns) that are resampled together: 64 MiB in single precision.
_ROOM = 1 << 24


@dataclass(frozen=True, eq=False)
class Intervals:
    """Intervals of the systems' scores.

    :param low: float64[systems].
    :param reason: why no system has an interval.
    :param score: float64[systems], the scores themselves.
    :param standard_error: float64[systems], standard deviation over resamples.
    :param confidence: the share of such intervals that contain the true value.
    """

    low: Floats
    high: Floats
    unit: str
    units: int
    reason: str | None
    score: Floats
    standard_error: Floats
    reasons: tuple[str | None, ...]
    note: str
    confidence: float


def intervals(
    statistics: ArrayLike,
    score: Score,
    groups: ArrayLike | None = None,
    trials: int = 1000,
    confidence: float = 0.95,
    seed: int = 12345,
    unit: str | None = None,
) -> Intervals:
    """Percentile bootstrap intervals of each system's score; the same resamples for all systems.

    Source: Koehn 2004, https://aclanthology.org/W04-3250, for the bootstrap of corpus metrics; Hesterberg 2015 for reading
    the percentiles a little further out when units are few (:func:`evalkit.stats.student.widened_level`). For the mean of
    n numbers the standard error is the textbook's s * sqrt((n - 1) / n) / sqrt(n) up to the randomness of the resamples.

    :param confidence: between 0 and 1.
    """
    level = checked_confidence(confidence)
    return _intervals([(to_units(statistics, groups, unit), score)], level, trial_counts(trials), seed)[0]


def intervals_together(
    measured: Iterable[tuple[ArrayLike, Score]], groups: ArrayLike | None, seed: int, trials: int = 1000
) -> list[Intervals]:
    """95% :func:`intervals` of several metrics on the same segments: the same numbers, but the units are drawn only once."""
    all_intervals: list[Intervals] = []
    together: list[tuple[Units, Score]] = []
    for statistics, score in measured:
        units = to_units(statistics, groups)
        del statistics
        if together and sum(other.rows.size for other, _ in together) + units.rows.size > _ROOM:
            all_intervals += _intervals(together, 0.95, trials, seed)
            together = []
        together.append((units, score))
        del units
    return all_intervals + _intervals(together, 0.95, trials, seed)


def _intervals(measured: Sequence[tuple[Units, Score]], level: float, trials: int, seed: int) -> list[Intervals]:
    results: list[Intervals] = []
    for units, score in measured:
        observed = evaluate(score, units.rows.sum(axis=1))
        reasons = [too_few(units) or reason for reason in system_reasons(units, observed)]
        observed[[defect is not None for defect in units.defects]] = np.nan
        low, high, error = np.full((3, len(observed)), np.nan)
        reason, unit, count, note = too_few(units), units.name, units.count, units.note
        results.append(Intervals(low, high, unit, count, reason, observed, error, tuple(reasons), note, level))
    wanted = [i for i, of_one in enumerate(results) if not all(of_one.reasons)]
    if wanted:
        parts = [(grid(measured[i][0].rows), partial(evaluate, measured[i][1])) for i in wanted]
        blocks = list(bootstrap_sums(parts, trials, seed))
        for i, of_one in zip(wanted, zip(*blocks, strict=True), strict=True):
            one, resampled, reasons = results[i], np.concatenate(of_one, axis=1), list(results[i].reasons)
            tail = widened_level((1 - level) / 2, one.units)
            for s in np.flatnonzero([reason is None for reason in reasons]):
                one.low[s], one.high[s], one.standard_error[s], reasons[s] = percentiles(resampled[s], tail)
            results[i] = replace(one, reasons=tuple(reasons))
    return results


def bootstrap_scores(grid_rows: Grid, score: Score, trials: int, seed: int) -> Floats:
    """Scores of resamples, float64[systems, trials]."""
    blocks = bootstrap_sums([(grid_rows, partial(evaluate, score))], trials, seed)
    return np.concatenate([scores for (scores,) in blocks], axis=1)


def percentiles(values: Floats, tail: float) -> tuple[float, float, float, str | None]:
    """Lower and upper percentile, standard deviation, and why there are none.

    Resamples on which the score is undefined (nan) count as lying beyond both ends, which can only widen the interval. If
    too many are undefined, there is no interval.
    """
    defined = np.sort(values[~np.isnan(values)])
    undefined = len(values) - len(defined)
    if not undefined:
        return quantile(defined, tail), quantile(defined, 1 - tail), deviation(values), None
    # The bound is at position tail * (trials - 1) of all resamples in ascending order, with the undefined ones first.
    position = math.floor(tail * (len(values) - 1)) - undefined
    if position < 0:
        share = 100 * undefined / len(values)
        return math.nan, math.nan, math.nan, f"the score is undefined on {share:.3g}% of resamples"
    return float(defined[position]), float(defined[-1 - position]), deviation(defined), None


def quantile(ordered: Floats, q: float) -> float:
    """``numpy.quantile`` of ascending values, to the last bit; the first call of numpy's imports its masked arrays."""
    position = (len(ordered) - 1) * q
    low = math.floor(position)
    first, second = float(ordered[low]), float(ordered[min(low + 1, len(ordered) - 1)])
    share = position - low
    return second - (second - first) * (1 - share) if share >= 0.5 else first + (second - first) * share


def two_sided_p(differences: Floats, units: int) -> float:
    """The paired bootstrap test: twice the smaller share of resampled differences on either side of 0.

    The share is (c + 1) / (n + 1), widened for few units, so that p is at most 0.05 where the 95% interval excludes 0; but p
    is at least ``2 / 2**units``, the probability that all units lie on one side of 0 if no system is better. The test uses
    signed differences and needs no centering. sacrebleu 2.6.0 takes absolute values before it centers them and rejects a
    true null twice as often as it should; ``benchmarks/calibration`` measures both.

    Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 15.4, the achieved significance level
    from percentiles.

    :param differences: float64[trials]; undefined ones count on both sides.
    """
    below = int((~(differences > 0)).sum())
    above = int((~(differences < 0)).sum())
    return max(2.0 ** (1 - units), widened_p(2 * (min(below, above) + 1) / (len(differences) + 1), units))


def deviation(values: Floats) -> float:
    """Standard deviation of resampled values, 0 for a single value."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def checked_confidence(value: float, name: str = "confidence", usual: float = 0.95) -> float:
    """:raises InputError: for a value that does not lie between 0 and 1."""
    if not 0 < value < 1:
        raise InputError(f"{name} {value!r} does not lie between 0 and 1; {usual:g} is usual")
    return float(value)
