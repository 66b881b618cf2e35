"""Agreement of a metric with human scores, at the system and the segment level, with confidence intervals.

Three levels, as in the WMT metrics tasks (Freitag et al. 2023, https://aclanthology.org/2023.wmt-1.51):

- **systems** (:func:`system_agreement`): whether both rank systems alike: Pearson, Spearman, Kendall, pairwise accuracy
  (Kocmi et al. 2021, https://aclanthology.org/2021.wmt-1.57) and soft pairwise accuracy.
- **segments** (:func:`segment_agreement`), over all outputs together (``by="none"``), within each system (``"system"``) or
  among the outputs of one segment (``"item"``), averaged over the groups in which the measure is defined.

Only judged outputs are compared: a missing judgment is nan, and the metric's statistics of that output are excluded as
well. Scores must point the same way: flip the sign of MQM and of TER. Intervals are percentile bootstrap intervals over
the articles or segments that were judged (:mod:`evalkit.stats.resampling_units`); the systems stay fixed, so that the
intervals apply to these systems on other texts: BOOT-INPUTS in Deutsch et al. 2021,
https://aclanthology.org/2021.tacl-1.67.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.errors import InputError
from evalkit.stats.bootstrap import checked_confidence, percentiles
from evalkit.stats.correlation import (
    MEASURES,
    kendall as kendall,
    pearson as pearson,
    rowwise,
    spearman as spearman,
    weighted,
)
from evalkit.stats.parallel import one_thread_each
from evalkit.stats.resample import bootstrap_weights
from evalkit.stats.resampling_units import (
    Floats,
    Ints,
    Score,
    Units,
    checked,
    checked_groups,
    evaluate,
    to_units,
    too_few,
)
from evalkit.stats.soft_accuracy import (
    one_sided_p,
    one_sided_p_of_corpus,
    soft_accuracy_of,
    swap_signs,
)
from evalkit.stats.student import widened_level
from evalkit.stats.ties import RankedPairs

#: the measures of :func:`segment_agreement`.
SEGMENT_MEASURES = (*MEASURES, "kendall-like", "calibrated-accuracy")
#: the measures of :func:`system_agreement`.
SYSTEM_MEASURES = (*MEASURES, "soft-pairwise-accuracy")

# Without grouping, all pairs of all outputs are compared; with this maximum, a thousand resamples take a minute.
_PAIRS_RESAMPLED = 2_000_000
_PAIRS_AT_ONCE = 10_000_000


@dataclass(frozen=True, eq=False)
class Agreement:
    """One agreement value.

    :param value: -1 to 1 (accuracies: 0 to 1); nan where undefined.
    :param low: lower bound, nan where there is none.
    :param high: upper bound.
    :param measure: the name of the measure.
    :param by: ``system level``, or the grouping of segments: ``none``, ``item``, ``system``.
    :param count: the number of systems, points (``none``) or groups it is based on.
    :param judged: the number of segments it is based on.
    :param threshold: the tie threshold of ``calibrated-accuracy``, else nan.
    :param unit: what was resampled, ``article`` or ``segment``.
    :param units: how many of them.
    :param reason: why the value or its interval is null, or None.
    :param note: one sentence about the unit, for the user.
    """

    value: float
    low: float
    high: float
    measure: str
    by: str
    count: int
    judged: int
    threshold: float
    unit: str
    units: int
    reason: str | None
    note: str


def system_agreement(
    gold: ArrayLike,
    statistics: ArrayLike,
    score: Score | None = None,
    measure: str = "pearson",
    higher_is_better: bool = True,
    groups: ArrayLike | None = None,
    trials: int = 1000,
    confidence: float = 0.95,
    seed: int = 12345,
) -> Agreement:
    """Agreement of system scores.

    The human score of a system is the mean over its judged segments; the metric's is the corpus score of the same
    segments.

    :param gold: float64[systems, n], human scores of each segment, higher is better, nan where not judged.
    :param statistics: float64[systems, n, k] with ``score``; or the metric's segment scores float64[systems, n], whose mean
        is the system's score. Soft pairwise accuracy uses the segment scores where all of them are defined, else exchanges
        of statistics between systems.
    :param score: float64[..., k] to float64[...], or None.
    :param measure: one of :data:`SYSTEM_MEASURES`.
    :param higher_is_better: False flips the sign of the metric.
    :param groups: int[n], the article of each segment, or None.
    :param trials: resamples for the interval; 0 for none.
    :raises InputError: for mismatched shapes or an unknown measure.
    """
    if measure not in SYSTEM_MEASURES:
        raise InputError(f"measure {measure!r} is unknown for systems; use one of {', '.join(SYSTEM_MEASURES)}")
    people, confidence = _people(gold), checked_confidence(confidence)
    sign = 1.0 if higher_is_better else -1.0
    rows = _metric_rows(statistics, score, people.shape)
    lines = ~np.isnan(people).all(axis=0)
    articles = None if groups is None else checked_groups(groups, people.shape[1])[1][lines]
    people, rows = people[:, lines], rows[:, lines]
    if measure == "soft-pairwise-accuracy":
        return _soft(people, rows, score, sign, articles, trials, confidence, seed)
    judged = _judged(people)
    scored = _mean_of if score is None else score
    chosen = to_units(np.concatenate([judged, np.where(judged[:, :, 1:] > 0, rows, 0.0)], axis=2), articles)

    def values(weights: Floats) -> Floats:
        systems, units, columns = chosen.rows.shape
        sums = (weights @ chosen.rows.transpose(1, 0, 2).reshape(units, -1)).reshape(-1, systems, columns)
        human = evaluate(_mean_of, sums[:, :, :2])
        value, _ = rowwise(measure, human, sign * evaluate(scored, sums[:, :, 2:]))
        return value

    total = chosen.rows.sum(axis=1)
    known = np.isfinite(evaluate(_mean_of, total[:, :2])) & np.isfinite(evaluate(scored, total[:, 2:]))
    defect = next((f"system {i}: {defect}" for i, defect in enumerate(chosen.defects) if defect), None)
    value = math.nan if defect else float(values(np.ones((1, chosen.count)))[0])
    drawn = (values(weights) for weights in _weights(chosen.count, trials, seed))
    rests_on = (int(known.sum()), int(lines.sum()))
    return _result(value, drawn, measure, "system level", rests_on, math.nan, chosen, confidence, defect)


def segment_agreement(
    gold: ArrayLike,
    metric: ArrayLike,
    measure: str = "kendall-b",
    by: str = "none",
    groups: ArrayLike | None = None,
    trials: int = 1000,
    confidence: float = 0.95,
    seed: int = 12345,
    ties: str = "parity",
) -> Agreement:
    """Agreement of segment scores.

    Reproduces mt-metrics-eval's tests: two systems of three segments, gold [[1, 2, 3], [4, 5, 6]], metric [[2, 1, 4],
    [3, 3, 7]]: Pearson .776 (none), .760 (system), 1 (item); tau-b .552, .575, 1.

    :param gold: float64[systems, n], human scores, higher is better, nan where not judged.
    :param metric: float64[systems, n], the metric's scores, higher is better.
    :param measure: one of :data:`SEGMENT_MEASURES`; ``calibrated-accuracy``
        (:class:`~evalkit.stats.ties.RankedPairs`) is meant ``by="item"``.
    :param by: ``none``, ``item`` or ``system``; groups in which the measure is undefined are left out of the average.
    :param groups: int[n], the article of each segment, or None.
    :param trials: resamples for the interval; 0 for none.
    :param ties: of ``calibrated-accuracy``: ``parity`` fits the tie threshold to the same pairs that it is evaluated
        on, as published; ``held-out`` fits it to the other articles (to other segments if there are not several
        articles), which avoids a bias in favor of the metric. Resamples keep the thresholds of ``held-out``.
    :raises InputError: for shapes that do not fit, an unknown measure or grouping, infinite scores.
    """
    if measure not in SEGMENT_MEASURES:
        raise InputError(f"measure {measure!r} is unknown for segments; use one of {', '.join(SEGMENT_MEASURES)}")
    if by not in ("none", "item", "system"):
        raise InputError(f"grouping {by!r} is unknown; use 'none', 'item' or 'system'")
    people, scores = _people(gold), np.asarray(metric, dtype=np.float64)
    confidence = checked_confidence(confidence)
    if people.shape != scores.shape:
        raise InputError(f"gold scores of shape {people.shape} and metric scores of shape {scores.shape} do not fit")
    if np.isinf(scores).any():
        raise InputError("the metric has infinite scores; leave them out or mark them missing (nan)")
    if ties not in ("parity", "held-out") or (ties == "held-out" and by != "item"):
        raise InputError(f"ties={ties!r} by {by}: use 'parity', or 'held-out' with by='item'")
    lines = ~(np.isnan(people) | np.isnan(scores)).all(axis=0)
    articles = None if groups is None else checked_groups(groups, people.shape[1])[1][lines]
    people, scores = people[:, lines], scores[:, lines]
    chosen = to_units(np.zeros((1, people.shape[1], 1)), articles)
    folds = folds_of(people.shape[1], articles) if ties == "held-out" else None
    rows = _Rows(people, scores, measure, by, folds)
    value, threshold, count = rows.value()
    reason = rows.too_many(trials)
    unit_of = chosen.of_segments(articles)
    drawn = (rows.resampled(weights[:, unit_of]) for weights in _weights(chosen.count, trials, seed))
    return _result(value, drawn, measure, by, (count, int(lines.sum())), threshold, chosen, confidence, reason)


def folds_of(segments: int, articles: Ints | None) -> Ints:
    """int64[segments]: ten folds, or fewer, of whole articles where there are at least two of them."""
    whole = np.arange(segments) if articles is None else np.unique(articles, return_inverse=True)[1]
    if len(np.unique(whole)) < 2:
        whole = np.arange(segments)
    return whole.astype(np.int64) % 10


class _Rows:
    """Groups of points, and their average agreement under weights of the segments."""

    def __init__(self, gold: Floats, metric: Floats, measure: str, by: str, folds: Ints | None = None) -> None:
        self.measure, self.by = measure, by
        missing = np.isnan(gold) | np.isnan(metric)
        self.gold, self.metric = np.where(missing, np.nan, gold), np.where(missing, np.nan, metric)
        self.segments = gold.shape[1]
        if by == "item":
            self.rows = (self.gold.T, self.metric.T)
        elif by == "system":
            self.rows = (self.gold, self.metric)
        else:
            self.rows = (self.gold.reshape(1, -1), self.metric.reshape(1, -1))
        in_pairs = measure in ("calibrated-accuracy", "kendall-like")
        if in_pairs and by != "item" and self._pairs() > _PAIRS_AT_ONCE and measure == "kendall-like":
            raise InputError(f"{self._pairs():,} pairs are too many for {measure}; group the scores by item")
        self.ranked = RankedPairs(*self.rows) if measure == "calibrated-accuracy" else None
        if self.ranked is not None and folds is not None:
            self.each, self.weight = self.ranked.held_out(folds), np.ones(self.segments)
            self.ranked = None
        elif by == "item" and self.ranked is None:
            self.each, self.weight = rowwise(measure, *self.rows)

    def _pairs(self) -> int:
        rows, width = (int(size) for size in self.rows[0].shape)
        return rows * width * (width - 1) // 2

    def too_many(self, trials: int) -> str | None:
        """Why there is no interval, or None."""
        if not trials or self.by == "item" or self.measure not in ("calibrated-accuracy", "kendall-like"):
            return None
        if self._pairs() <= _PAIRS_RESAMPLED:
            return None
        return f"{self._pairs():,} pairs are too many to resample; group the scores by item for an interval"

    def value(self) -> tuple[float, float, int]:
        """Value, tie threshold, and the number of outputs or groups it is based on."""
        if self.ranked is not None:
            best = self.ranked.best()
            return best.accuracy, best.threshold, best.rows
        if self.by == "item":
            known = ~np.isnan(self.each)
            return float(self.resampled(np.ones((1, self.segments)))[0]), math.nan, int(known.sum())
        values, weight = self._of_rows(np.ones((1, self.segments)))
        known = ~np.isnan(values[:, 0])
        count = int((~np.isnan(self.rows[0])).sum()) if self.by == "none" else int(known.sum())
        return float(_average(values, weight)[0]), math.nan, count

    def resampled(self, weights: Floats) -> Floats:
        """Values float64[t] under weights float64[t, segments]."""
        if self.ranked is not None and self.by == "item":
            return np.array([self.ranked.best(line).accuracy for line in weights])
        if self.by == "item":
            known = ~np.isnan(self.each)
            counted = weights[:, known] * self.weight[known]
            total = counted.sum(axis=1)
            sums = counted @ self.each[known]
            return np.where(total > 0, sums / np.maximum(total, 1e-300), np.nan)
        if self.measure in ("calibrated-accuracy", "kendall-like"):
            return np.array([self._repeated(line) for line in weights])
        return _average(*self._of_rows(weights))

    def _of_rows(self, weights: Floats) -> tuple[Floats, Floats]:
        """Values float64[rows, t] and the rows' weights float64[rows, t]."""
        if self.measure == "kendall-like":
            values, weight = rowwise(self.measure, *self.rows)
            return values[:, np.newaxis], weight[:, np.newaxis]
        function = weighted(self.measure)
        copies = len(self.gold) if self.by == "none" else 1
        columns = []
        for gold, metric in zip(*self.rows, strict=True):
            known = ~np.isnan(gold)
            repeated = np.tile(weights, (1, copies))[:, known]
            columns.append(function(gold[known], metric[known], repeated))
        values = np.array(columns)
        return values, np.ones(values.shape)

    def _repeated(self, weights: Floats) -> float:
        drawn = np.repeat(np.arange(self.segments), weights.astype(np.int64))
        inner = _Rows(self.gold[:, drawn], self.metric[:, drawn], self.measure, self.by)
        return inner.value()[0]


def _average(values: Floats, weight: Floats) -> Floats:
    known = ~np.isnan(values)
    total = np.where(known, weight, 0.0).sum(axis=0)
    sums = np.where(known, weight * np.where(known, values, 0.0), 0.0).sum(axis=0)
    return np.where(total > 0, sums / np.maximum(total, 1e-300), np.nan)


def _soft(
    people: Floats,
    rows: Floats,
    score: Score | None,
    sign: float,
    articles: Ints | None,
    trials: int,
    confidence: float,
    seed: int,
) -> Agreement:
    segments = sign * evaluate(_mean_of if score is None else score, rows)
    if score is None:
        lines = ~(np.isnan(people) | np.isnan(segments)).any(axis=0)
    else:
        lines = ~np.isnan(people).any(axis=0)
    gold, metric, rows = people[:, lines], segments[:, lines], rows[:, lines]
    judged = gold.shape[1]
    articles = None if articles is None else articles[lines]
    chosen = to_units(np.zeros((1, judged, 1)), articles)
    unit_of = chosen.of_segments(articles)
    by_corpus = score if np.isnan(metric).any() else None

    def agreement(drawn: Ints, signs: NDArray[np.float32]) -> float:
        if by_corpus is None:
            of_metric = one_sided_p(metric[:, drawn], signs)
        else:
            of_metric = one_sided_p_of_corpus(rows[:, drawn], lambda sums: sign * by_corpus(sums), signs)
        return soft_accuracy_of(one_sided_p(gold[:, drawn], signs), of_metric)

    reason, value = None, math.nan
    if len(people) < 2 or judged < 2:
        reason = "it takes at least two systems and two segments that are judged for all of them"
    else:
        value = agreement(np.arange(judged), swap_signs(judged, 1000, 4))
    resamples = [] if reason else list(_weights(chosen.count, trials, seed))
    # A resample of articles may hold more segments than there are.
    longest = max((int(weights[:, unit_of].sum(axis=1).max()) for weights in resamples), default=0)
    signs = swap_signs(longest, 1000, 4)

    def values(weights: Floats) -> Floats:
        drawn = (np.repeat(np.arange(judged), line) for line in weights[:, unit_of].astype(np.int64))
        return np.array([agreement(places, signs[:, : len(places)]) for places in drawn])

    blocks = (values(weights) for weights in resamples)
    rests_on = (len(people), judged)
    measure = "soft-pairwise-accuracy"
    return _result(value, blocks, measure, "system level", rests_on, math.nan, chosen, confidence, reason)


def _weights(units: int, trials: int, seed: int) -> Iterator[Floats]:
    if units >= 2 and trials:
        for drawn in bootstrap_weights(units, trials, seed, 64):
            yield drawn.astype(np.float64)


def _result(
    value: float,
    drawn: Iterable[Floats],
    measure: str,
    by: str,
    rests_on: tuple[int, int],
    threshold: float,
    chosen: Units,
    confidence: float,
    reason: str | None,
) -> Agreement:
    low = high = math.nan
    blocks: list[Floats] = []
    if math.isnan(value):
        reason = reason or "too few judged outputs, or scores that are all the same: the measure is undefined"
    elif reason is None:
        with one_thread_each():
            blocks = list(drawn)
        reason = too_few(chosen)
    if blocks:
        tail = widened_level((1 - confidence) / 2, chosen.count)
        low, high, _, reason = percentiles(np.concatenate(blocks), tail)
    unit, units, note = chosen.name, chosen.count, chosen.note
    return Agreement(value, low, high, measure, by, *rests_on, threshold, unit, units, reason, note)


def _people(gold: ArrayLike) -> Floats:
    people = np.asarray(gold, dtype=np.float64)
    if people.ndim != 2:
        raise InputError(f"human scores have shape {people.shape}; they must be [systems, segments], nan where missing")
    if np.isinf(people).any():
        raise InputError("some human scores are infinite; leave them out or mark them missing (nan)")
    return people


def _metric_rows(statistics: ArrayLike, score: Score | None, shape: tuple[int, ...]) -> Floats:
    array = np.asarray(statistics, dtype=np.float64)
    if score is None:
        if array.shape != shape:
            raise InputError(f"segment scores of shape {array.shape} and human scores of shape {shape} do not fit")
        if np.isinf(array).any():
            raise InputError("the metric has infinite scores; leave them out or mark them missing (nan)")
        return _judged(array)
    rows = checked(array)
    if rows.shape[:2] != shape:
        raise InputError(f"statistics of shape {rows.shape} and human scores of shape {shape} do not fit")
    return rows


def _judged(scores: Floats) -> Floats:
    """Scores as rows (sum, count) that add up; missing ones are zero."""
    known = ~np.isnan(scores)
    return np.stack([np.where(known, scores, 0.0), known.astype(np.float64)], axis=-1)


def _mean_of(sums: Floats) -> Floats:
    means: Floats = sums[..., 0] / sums[..., 1]
    return means
