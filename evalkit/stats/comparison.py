"""Comparing systems: pairs or all against all, with p-values, intervals, corrections and rank clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.errors import InputError
from evalkit.stats import compat as sacrebleu
from evalkit.stats.bootstrap import (
    bootstrap_scores,
    checked_confidence,
    compat_mode,
    difference_interval,
    two_sided_p,
)
from evalkit.stats.clusters import clusters
from evalkit.stats.corrections import correct
from evalkit.stats.pairs import checked_pairs, pair_reasons
from evalkit.stats.power import detectable
from evalkit.stats.randomization import randomization_p
from evalkit.stats.resample import grid, trial_counts
from evalkit.stats.resampling_units import Floats, Score, evaluate, system_reasons, to_units
from evalkit.stats.student import widened_level

__all__ = ["Comparison", "Ranking", "compare", "rank"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Pairs of systems compared; every array has one value a pair.

    :param pairs: int64[m, 2], system numbers.
    :param difference: score of the first less score of the second; nan where undefined.
    :param low: lower bound of the difference.
    :param high: upper bound of the difference.
    :param p: two-sided p-value.
    :param p_corrected: the same, corrected for the number of pairs.
    :param reasons: why a pair has no figures, or what makes them trivial; None where all is well.
    :param better: int64[m], the better system where ``p_corrected`` is at most ``alpha``, else -1.
    :param standard_error: standard deviation of the difference over resamples.
    :param smallest: the smallest true difference that these data would show in 4 of 5 cases, at ``alpha`` uncorrected.
    :param score: float64[systems].
    :param unit: ``article`` or ``segment``.
    :param units: how many of them.
    :param note: one sentence for a reader on the unit.
    :param method: ``randomization`` or ``bootstrap``.
    :param trials: of the test.
    :param correction: name of the correction.
    :param alpha: level of ``better`` and ``smallest``.
    :param confidence: of ``low`` and ``high``.
    """

    pairs: Ints
    difference: Floats
    low: Floats
    high: Floats
    p: Floats
    p_corrected: Floats
    reasons: tuple[str | None, ...]
    better: Ints
    standard_error: Floats
    smallest: Floats
    score: Floats
    unit: str
    units: int
    note: str
    method: str
    trials: int
    correction: str
    alpha: float
    confidence: float


@dataclass(frozen=True, eq=False)
class Ranking:
    """All systems ranked as far as the data bears it out; see :func:`evalkit.stats.clusters.clusters`.

    :param order: int64[systems], best first; systems without a score last.
    :param cluster: int64[systems], 1 for the best; 0 without a score.
    :param rank_low: int64[systems], best rank that significance allows.
    :param rank_high: int64[systems], worst rank.
    :param score: float64[systems].
    :param p: float64[systems, systems], two-sided, symmetric, nan on the diagonal.
    :param p_corrected: float64[systems, systems].
    :param reasons: per system, why it has no score, or None.
    :param comparison: all pairs, as :func:`compare` returns them.
    """

    order: Ints
    cluster: Ints
    rank_low: Ints
    rank_high: Ints
    score: Floats
    p: Floats
    p_corrected: Floats
    reasons: tuple[str | None, ...]
    comparison: Comparison


def compare(
    statistics: ArrayLike,
    score: Score,
    pairs: Sequence[tuple[int, int]] | None = None,
    groups: ArrayLike | None = None,
    method: str = "randomization",
    trials: int | None = None,
    seed: int = 12345,
    compat: str | None = None,
    higher_is_better: bool = True,
    confidence: float = 0.95,
    resamples: int = 1000,
    correction: str = "holm",
    alpha: float = 0.05,
    unit: str | None = None,
) -> Comparison:
    """Compare pairs of systems.

    :param statistics: float64[systems, n, k]; row i of every system belongs to segment i.
    :param score: float64[..., k] to float64[...].
    :param pairs: pairs of system numbers; None for all. A baseline is the second of every pair.
    :param groups: int[n], the article of each segment, or None.
    :param method: ``randomization`` (:func:`~evalkit.stats.randomization.randomization_p`) or ``bootstrap``
        (:func:`~evalkit.stats.bootstrap.two_sided_p`); both two-sided.
    :param trials: of the test; 10,000 if None (1,000 for the bootstrap in compat mode, sacrebleu's own default).
    :param compat: ``sacrebleu`` for the p-values that sacrebleu gives for this seed, by segment; see
        :mod:`evalkit.stats.compat`, which has the score functions that it takes for the last digit. The interval stays
        evalkit's: sacrebleu has none for a difference.
    :param higher_is_better: which side of the difference is the better one.
    :param confidence: of the interval of the difference.
    :param resamples: for the interval of the difference; the bootstrap test uses ``trials`` for both.
    :param correction: ``holm``, ``benjamini-hochberg`` or ``none``, across ``pairs``.
    :param alpha: the level at which one system is called better.
    :param unit: ``article`` or ``segment`` to insist on one; None chooses.
    :raises InputError: shapes that do not fit, fewer than two systems, a pair that does not exist, settings out of range.
    """
    if method not in ("randomization", "bootstrap"):
        raise InputError(f"method {method!r} is unknown; use 'randomization' or 'bootstrap'")
    level, alpha = checked_confidence(confidence), checked_confidence(alpha)
    if compat_mode(compat):
        unit = "segment"
    if trials is None:
        trials = 1000 if compat and method == "bootstrap" else 10000
    trials, resamples = trial_counts(trials), trial_counts(resamples)
    chosen = to_units(statistics, groups, unit)
    table = checked_pairs(pairs, chosen.rows.shape[0])
    observed = evaluate(score, chosen.rows.sum(axis=1))
    reasons = pair_reasons(chosen, observed, table)
    observed[[defect is not None for defect in chosen.defects]] = np.nan
    difference = observed[table[:, 0]] - observed[table[:, 1]]
    low, high, spread, p = (np.full(len(table), np.nan) for _ in range(4))
    live = np.flatnonzero([reason is None for reason in reasons])
    if len(live):
        # Systems that no live pair needs are left out of the products.
        needed, local = np.unique(table[live], return_inverse=True)
        local = local.reshape(-1, 2)
        held = grid(chosen.rows[needed])
        values = bootstrap_scores(held, score, trials if method == "bootstrap" and not compat else resamples, seed)
        tail = widened_level((1 - level) / 2, chosen.count)
        for place, (i, j) in zip(live, local, strict=True):
            low[place], high[place], spread[place], reasons[place] = difference_interval(values[i], values[j], tail)
        if compat:
            p[live] = sacrebleu.p_values(chosen.rows[needed], score, local, method, trials, seed)
        elif method == "bootstrap":
            for place, (i, j) in zip(live, local, strict=True):
                p[place] = two_sided_p(values[i] - values[j], chosen.count)
        else:
            p[live] = randomization_p(held, score, local, trials, seed)
        for place in live:
            i, j = table[place]
            if reasons[place] is None and np.array_equal(chosen.rows[i], chosen.rows[j]):
                reasons[place] = "the two systems have the same statistics on every segment"
    corrected = correct(p, correction)
    sign = 1.0 if higher_is_better else -1.0
    told = (corrected <= alpha) & (difference != 0)
    better = np.where(told, np.where(sign * difference > 0, table[:, 0], table[:, 1]), -1)
    return Comparison(
        pairs=table,
        difference=difference,
        low=low,
        high=high,
        p=p,
        p_corrected=corrected,
        reasons=tuple(reasons),
        better=better,
        standard_error=spread,
        smallest=detectable(spread, alpha, 0.8),
        score=observed,
        unit=chosen.name,
        units=chosen.count,
        note=chosen.note,
        method=method,
        trials=trials,
        correction=correction,
        alpha=alpha,
        confidence=level,
    )


def rank(
    statistics: ArrayLike,
    score: Score,
    groups: ArrayLike | None = None,
    method: str = "randomization",
    trials: int | None = None,
    seed: int = 12345,
    higher_is_better: bool = True,
    correction: str = "holm",
    alpha: float = 0.05,
    confidence: float = 0.95,
    resamples: int = 1000,
    unit: str | None = None,
) -> Ranking:
    """All systems compared with all, sorted, and put into clusters that significance tells apart.

    WMT's tables use p-values without correction; ``correction="none"`` gives those. Parameters as in :func:`compare`. One
    system alone is ranked first with nothing to compare.

    :raises InputError: as :func:`compare`.
    """
    rows = np.asarray(statistics)
    compared = compare(
        statistics,
        score,
        [] if rows.ndim == 2 or len(rows) == 1 else None,
        groups,
        method,
        trials,
        seed,
        None,
        higher_is_better,
        confidence,
        resamples,
        correction,
        alpha,
        unit,
    )
    systems = len(compared.score)
    p, corrected = np.full((systems, systems), np.nan), np.full((systems, systems), np.nan)
    for table, values in ((p, compared.p), (corrected, compared.p_corrected)):
        table[compared.pairs[:, 0], compared.pairs[:, 1]] = values
        table[compared.pairs[:, 1], compared.pairs[:, 0]] = values
    found = clusters(compared.score, corrected <= alpha, higher_is_better)
    return Ranking(
        order=found.order,
        cluster=found.cluster,
        rank_low=found.rank_low,
        rank_high=found.rank_high,
        score=compared.score,
        p=p,
        p_corrected=corrected,
        reasons=tuple(system_reasons(to_units(statistics, groups, unit), compared.score)),
        comparison=compared,
    )
