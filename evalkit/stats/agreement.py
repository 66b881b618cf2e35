"""Agreement of a metric with human scores, at the system and the segment level, with confidence intervals.

Three levels, as in the WMT metrics tasks (Freitag et al. 2023, https://aclanthology.org/2023.wmt-1.51):

- **systems** (:func:`system_agreement`): whether both rank systems alike: Pearson, Kendall, pairwise accuracy
  (Kocmi et al. 2021, https://aclanthology.org/2021.wmt-1.57) and soft pairwise accuracy.
- **segments** (:func:`segment_agreement`), over all outputs together (``by="none"``), within each system (``"system"``) or
  among the outputs of one segment (``"item"``), averaged over the groups in which the measure is defined.

Only judged outputs are compared: a missing judgment is nan, and the metric's statistics of that output are excluded as
well. Scores must point the same way: flip the sign of MQM and of TER. Intervals are percentile bootstrap intervals over
the articles or segments that were judged (:mod:`evalkit.stats.resampling_units`); the systems stay fixed, so that the
intervals apply to these systems on other texts: BOOT-INPUTS in Deutsch et al. 2021,
https://aclanthology.org/2021.tacl-1.67.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.errors import InputError
from evalkit.stats.bootstrap import checked_confidence, percentiles
from evalkit.stats.correlation import MEASURES, rowwise
from evalkit.stats.pairwise_accuracy import (
    RankedPairs,
    one_sided_p,
    one_sided_p_of_corpus,
    soft_accuracy_of,
    swap_signs,
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
from evalkit.stats.student import widened_level

#: The measures of :func:`system_agreement`.
SYSTEM_MEASURES = (*MEASURES, "soft-pairwise-accuracy")
#: The measures of :func:`segment_agreement`; the last two compare the outputs of one segment (``by="item"``).
SEGMENT_MEASURES = (*MEASURES, "kendall-like", "calibrated-accuracy")

#: Values float64[t] under weights of the segments, float64[t, n].
Values = Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class Agreement:
    """One agreement value.

    :param value: -1 to 1 (accuracies: 0 to 1); nan where undefined.
    :param count: the number of systems, points (``none``) or groups it is based on.
    :param judged: the number of segments it is based on.
    :param reason: why the value or its interval is null.
    """

    value: float
    low: float
    high: float
    count: int
    judged: int
    unit: str
    units: int
    reason: str | None
    note: str


def system_agreement(
    gold: ArrayLike,
    statistics: ArrayLike,
    score: Score,
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
    :param statistics: float64[systems, n, k]. Soft pairwise accuracy uses the segment scores where all of them are
        defined, else exchanges of statistics between systems.
    :param measure: one of :data:`SYSTEM_MEASURES`.
    :param higher_is_better: False flips the sign of the metric.
    :param trials: resamples for the interval; 0 for none.
    """
    if measure not in SYSTEM_MEASURES:
        raise InputError(f"measure {measure!r} is unknown for systems; use one of {', '.join(SYSTEM_MEASURES)}")
    people, confidence = _people(gold), checked_confidence(confidence)
    sign = 1.0 if higher_is_better else -1.0
    rows = checked(statistics)
    if rows.shape[:2] != people.shape:
        raise InputError(f"statistics of shape {rows.shape} and human scores of shape {people.shape} do not match")
    lines = ~np.isnan(people).all(axis=0)
    articles = None if groups is None else checked_groups(groups, people.shape[1])[1][lines]
    people, rows = people[:, lines], rows[:, lines]
    if measure == "soft-pairwise-accuracy":
        return _soft(people, rows, lambda sums: sign * score(sums), articles, trials, confidence, seed)
    known = ~np.isnan(people)[:, :, np.newaxis]
    gold_rows = np.where(known, np.stack([people, np.ones_like(people)], axis=-1), 0.0)
    chosen = to_units(np.concatenate([gold_rows, np.where(known, rows, 0.0)], axis=2), articles)

    def values(weights: Floats) -> Floats:
        systems, units, columns = chosen.rows.shape
        sums = (weights @ chosen.rows.transpose(1, 0, 2).reshape(units, -1)).reshape(-1, systems, columns)
        human = evaluate(_mean_of, sums[:, :, :2])
        value, _ = rowwise(measure, human, sign * evaluate(score, sums[:, :, 2:]))
        return value

    total = chosen.rows.sum(axis=1)
    defined = np.isfinite(evaluate(_mean_of, total[:, :2])) & np.isfinite(evaluate(score, total[:, 2:]))
    defect = next((f"system {i}: {defect}" for i, defect in enumerate(chosen.defects) if defect), None)
    value = math.nan if defect else float(values(np.ones((1, chosen.count)))[0])
    drawn = (values(weights) for weights in _weights(chosen.count, trials, seed))
    return _result(value, drawn, (int(defined.sum()), int(lines.sum())), chosen, confidence, defect)


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
    :param measure: one of :data:`SEGMENT_MEASURES`.
    :param by: ``none``, ``item`` or ``system``; groups in which the measure is undefined are left out of the average.
    :param trials: resamples for the interval; 0 for none.
    :param ties: of ``calibrated-accuracy``: ``parity`` fits the tie threshold to the same pairs that it is evaluated
        on, as published; ``held-out`` fits it to the other articles (to other segments if there are not several
        articles), which avoids a bias in favor of the metric. Resamples keep the thresholds of ``held-out``.
    """
    if measure not in SEGMENT_MEASURES:
        raise InputError(f"measure {measure!r} is unknown for segments; use one of {', '.join(SEGMENT_MEASURES)}")
    if by not in ("none", "item", "system") or (by != "item" and measure not in MEASURES):
        usable = "'none', 'item' or 'system'" if measure in MEASURES else "'item'"
        raise InputError(f"grouping {by!r} does not fit {measure}; use {usable}")
    people, scores = _people(gold), np.asarray(metric, dtype=np.float64)
    confidence = checked_confidence(confidence)
    if people.shape != scores.shape:
        raise InputError(f"gold scores of shape {people.shape} and metric scores of shape {scores.shape} do not match")
    if np.isinf(scores).any():
        raise InputError("the metric has infinite scores; leave them out or mark them missing (nan)")
    if ties not in ("parity", "held-out") or (ties == "held-out" and measure != "calibrated-accuracy"):
        raise InputError(f"ties={ties!r} for {measure}: use 'parity', or 'held-out' for calibrated-accuracy")
    lines = ~(np.isnan(people) | np.isnan(scores)).all(axis=0)
    articles = None if groups is None else checked_groups(groups, people.shape[1])[1][lines]
    missing = np.isnan(people) | np.isnan(scores)
    people, scores = (np.where(missing, np.nan, side)[:, lines] for side in (people, scores))
    chosen = to_units(np.zeros((1, people.shape[1], 1)), articles)
    folds = folds_of(people.shape[1], articles) if ties == "held-out" else None
    if by == "item":
        count, values = _by_item(people, scores, measure, folds)
    else:
        count, values = _by_system(people, scores, measure, together=by == "none")
    unit_of = chosen.of_segments(articles)
    drawn = (values(weights[:, unit_of]) for weights in _weights(chosen.count, trials, seed))
    value = float(values(np.ones((1, people.shape[1])))[0])
    return _result(value, drawn, (count, int(lines.sum())), chosen, confidence, None)


def _by_item(people: Floats, scores: Floats, measure: str, folds: Ints | None) -> tuple[int, Values]:
    """The number of segments that have a value, and the average over segments under weights."""
    if measure == "calibrated-accuracy":
        pairs = RankedPairs(people.T, scores.T)
        if folds is None:
            return pairs.best().rows, lambda weights: np.array([pairs.best(row).accuracy for row in weights])
        each, weight = pairs.held_out(folds), np.ones(people.shape[1])
    else:
        each, weight = rowwise(measure, people.T, scores.T)
    known = ~np.isnan(each)

    def values(weights: Floats) -> Floats:
        counted = weights[:, known] * weight[known]
        total = counted.sum(axis=1)
        return np.where(total > 0, counted @ each[known] / np.maximum(total, 1e-300), np.nan)

    return int(known.sum()), values


def _by_system(people: Floats, scores: Floats, measure: str, *, together: bool) -> tuple[int, Values]:
    """The number of outputs (or systems that have a value), and the value of all outputs together (or by system, averaged)."""
    rows = [(people.ravel(), scores.ravel())] if together else zip(people, scores, strict=True)
    points = [(gold[known], metric[known], known) for gold, metric in rows for known in (~np.isnan(gold),)]
    copies = len(people) if together else 1

    def each(weights: Floats) -> Floats:
        repeated = np.tile(weights, (1, copies))
        return np.array([MEASURES[measure](gold, metric, repeated[:, known]) for gold, metric, known in points])

    def values(weights: Floats) -> Floats:
        by_row = each(weights)
        defined = ~np.isnan(by_row)
        sums = np.where(defined, by_row, 0.0).sum(axis=0)
        return np.where(defined.any(axis=0), sums / np.maximum(defined.sum(axis=0), 1), np.nan)

    counted = people if together else each(np.ones((1, people.shape[1])))
    return int((~np.isnan(counted)).sum()), values


def folds_of(segments: int, articles: Ints | None) -> Ints:
    """int64[segments]: ten folds, or fewer, of whole articles where there are at least two of them."""
    whole = np.arange(segments) if articles is None else np.unique(articles, return_inverse=True)[1]
    if len(np.unique(whole)) < 2:
        whole = np.arange(segments)
    return whole.astype(np.int64) % 10


def _soft(
    people: Floats, rows: Floats, score: Score, articles: Ints | None, trials: int, confidence: float, seed: int
) -> Agreement:
    lines = ~np.isnan(people).any(axis=0)
    gold, rows = people[:, lines], rows[:, lines]
    metric = evaluate(score, rows)
    judged = gold.shape[1]
    articles = None if articles is None else articles[lines]
    chosen = to_units(np.zeros((1, judged, 1)), articles)
    unit_of = chosen.of_segments(articles)
    by_corpus = bool(np.isnan(metric).any())

    def agreement(drawn: Ints, signs: NDArray[np.float32]) -> float:
        if by_corpus:
            of_metric = one_sided_p_of_corpus(rows[:, drawn], score, signs)
        else:
            of_metric = one_sided_p(metric[:, drawn], signs)
        return soft_accuracy_of(one_sided_p(gold[:, drawn], signs), of_metric)

    reason, value = None, math.nan
    if len(people) < 2 or judged < 2:
        reason = "it takes at least two systems and two segments that are judged for all of them"
    else:
        value = agreement(np.arange(judged), swap_signs(judged))
    resamples = [] if reason else list(_weights(chosen.count, trials, seed))
    # A resample of articles may contain more segments than the data.
    longest = max((int(weights[:, unit_of].sum(axis=1).max()) for weights in resamples), default=0)
    signs = swap_signs(longest)

    def values(weights: Floats) -> Floats:
        drawn = (np.repeat(np.arange(judged), line) for line in weights[:, unit_of].astype(np.int64))
        return np.array([agreement(places, signs[:, : len(places)]) for places in drawn])

    blocks = (values(weights) for weights in resamples)
    return _result(value, blocks, (len(people), judged), chosen, confidence, reason)


def _weights(units: int, trials: int, seed: int) -> Iterator[Floats]:
    if units >= 2 and trials:
        for drawn in bootstrap_weights(units, trials, seed, 64):
            yield drawn.astype(np.float64)


def _result(
    value: float,
    drawn: Iterable[Floats],
    rests_on: tuple[int, int],
    chosen: Units,
    confidence: float,
    reason: str | None,
) -> Agreement:
    low = high = math.nan
    if math.isnan(value):
        reason = reason or "too few judged outputs, or scores that are all the same: the measure is undefined"
    elif reason is None:
        with one_thread_each():
            blocks = list(drawn)
        reason = too_few(chosen)
        if blocks:
            tail = widened_level((1 - confidence) / 2, chosen.count)
            low, high, _, reason = percentiles(np.concatenate(blocks), tail)
    return Agreement(value, low, high, *rests_on, chosen.name, chosen.count, reason, chosen.note)


def _people(gold: ArrayLike) -> Floats:
    people = np.asarray(gold, dtype=np.float64)
    if people.ndim != 2:
        raise InputError(f"human scores have shape {people.shape}; they must be [systems, segments], nan where missing")
    if np.isinf(people).any():
        raise InputError("some human scores are infinite; leave them out or mark them missing (nan)")
    return people


def _mean_of(sums: Floats) -> Floats:
    means: Floats = sums[..., 0] / sums[..., 1]
    return means
