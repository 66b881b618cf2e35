"""Measure how well metrics agree with human scores, on the systems and segments that have them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evalkit import stats
from evalkit.errors import InputError, SettingError
from evalkit.metrics.base import mean_score
from evalkit.results.evidence import ALL_PAIRS
from evalkit.results.results import Results
from evalkit.results.task_results import TaskResults, number
from evalkit.stats import agreement as measures
from evalkit.stats.metric_comparison import compare_item_accuracies, compare_metrics, contributions
from evalkit.stats.pairwise_accuracy import (
    MOST_PAIRS,
    RankedPairs,
    accuracy_floor,
    one_sided_p,
    soft_accuracy_of,
    swap_signs,
)
from evalkit.stats.resampling_units import Floats, Score
from evalkit.wording import count

#: Level and measure, in the order of the table; ``item`` groups segments by source, as WMT does since 2023.
FIGURES = (
    ("system", "pearson"),
    ("system", "kendall-b"),
    ("system", "accuracy"),
    ("system", "soft-pairwise-accuracy"),
    ("segment", "pearson"),
    ("segment", "kendall-b"),
    ("item", "calibrated-accuracy"),
)
#: The measures by which metrics are compared with each other, and their levels.
COMPARED = {measure: level for level, measure in FIGURES if level != "segment" and measure != "kendall-b"}

#: Soft pairwise accuracy keeps a thousand sign flips of each segment in memory: 200 MB for this many segments.
MOST_SEGMENTS = 50_000

Lines = NDArray[np.bool_]


@dataclass(frozen=True)
class AgreementRow:
    """One agreement measure of one metric.

    :param kind: ``metric``; ``sentinel`` for a metric that does not read the text (a length); ``floor`` for
        the value that an uninformative metric reaches.
    :param count: the number of systems, outputs or items that it is based on.
    :param judged: the number of segments that it is based on.
    :param reason: why the value, or its interval, is None.
    """

    task: str
    metric: str
    kind: str
    level: str
    measure: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    count: int = 0
    judged: int = 0
    reason: str | None = None
    note: str = ""


@dataclass(frozen=True)
class MetricPair:
    """A comparison of two metrics by their agreement with human scores.

    :param difference: agreement of ``metric`` minus agreement of ``other``.
    :param p: two-sided, from a paired permutation test; ``p_corrected`` is corrected (Holm) for the pairs of this
        measure.
    :param better: the metric that agrees better if the corrected test is significant at .05, else None.
    """

    task: str
    level: str
    measure: str
    metric: str
    other: str
    value: float | None
    other_value: float | None
    difference: float | None
    p: float | None
    p_corrected: float | None
    better: str | None
    unit: str
    units: int


@dataclass(frozen=True, eq=False)
class _Judged:
    """The systems that have both human and metric scores; ``gold`` is float64[systems, n], nan where not judged."""

    task: TaskResults
    systems: tuple[str, ...]
    gold: Floats

    @cached_property
    def some(self) -> Lines:
        """Which segments are judged for at least one system."""
        return np.asarray(~np.isnan(self.gold).all(axis=0))

    @cached_property
    def complete(self) -> Lines:
        """Which segments are judged for all systems."""
        return np.asarray(~np.isnan(self.gold).any(axis=0))

    def too_many(self, measure: str) -> str | None:
        """Why a measure cannot be computed for this many judged segments, or None."""
        lines = int(self.some.sum())
        if measure == "soft-pairwise-accuracy" and lines > MOST_SEGMENTS:
            return f"soft pairwise accuracy: {lines:,} judged segments are more than {MOST_SEGMENTS:,}"
        pairs = len(self.systems) * (len(self.systems) - 1) // 2 * lines
        if measure == "calibrated-accuracy" and pairs > MOST_PAIRS:
            return f"calibrated accuracy: {pairs:,} pairs of outputs are more than {MOST_PAIRS:,}"
        return None


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A metric or a sentinel for the systems of a :class:`_Judged`; higher values of ``score`` are better."""

    label: str
    statistics: Floats
    score: Score
    failed: Lines
    kind: str = "metric"
    levels: tuple[str, ...] = ("system", "segment", "item")

    @property
    def segments(self) -> Floats:
        """float64[systems, n]: segment scores."""
        return np.where(self.failed, np.nan, np.asarray(self.score(self.statistics), dtype=np.float64))


def agree(
    results: Results, human: Mapping[str, Floats], *, task: str | None = None, trials: int = 200, ties: str = "held-out"
) -> tuple[list[AgreementRow], list[str]]:
    """Return the agreement of every metric of a task with human scores, and warnings about the data behind it.

    :param human: by system, float64[n] in the order of the task's segments, higher is better, nan where not judged.
    :param ties: how the tie threshold of ``calibrated-accuracy`` is fitted: ``held-out`` or ``parity``; see
        :func:`evalkit.stats.agreement.segment_agreement`.
    """
    judged = _judged(results.task(task), human)
    settings = judged.task.groups(), trials, 0.95, results.seed
    rows: list[AgreementRow] = []
    for candidate in _candidates(judged):
        # Human scores of segments that the metric does not have are not compared with its score of the others.
        gold = np.where(candidate.failed, np.nan, judged.gold)
        for level, measure in FIGURES:
            if level not in candidate.levels:
                continue
            place = (judged.task.name, candidate.label, candidate.kind, level, measure)
            if reason := judged.too_many(measure):
                count, lines = len(judged.systems), int(judged.some.sum())
                rows.append(AgreementRow(*place, count=count, judged=lines, reason=reason))
                continue
            if level == "system":
                statistics, score = candidate.statistics, candidate.score
                result = measures.system_agreement(gold, statistics, score, measure, True, *settings)
            else:
                by = "none" if level == "segment" else "item"
                ties_of = ties if measure == "calibrated-accuracy" else "parity"
                result = measures.segment_agreement(gold, candidate.segments, measure, by, *settings, ties_of)
            value, low, high = map(number, (result.value, result.low, result.high))
            rows.append(AgreementRow(*place, value, low, high, result.count, result.judged, result.reason, result.note))
    rows += _floors(judged)
    return rows, [*_warnings(judged, rows, human), *_contradictions(judged, results.seed)]


def compare_agreement(
    results: Results, human: Mapping[str, Floats], measure: str, *, task: str | None = None, ties: str = "held-out"
) -> tuple[list[MetricPair], dict[str, tuple[int, int, int]]]:
    """Test which metrics agree better with human scores: paired permutation tests of all pairs, and ranks.

    Metrics are compared on the segments that have human scores, and scores of every metric, for all systems.

    :param measure: one of :data:`COMPARED`.
    :returns: the pairs, and for each metric its cluster and the best and worst rank compatible with the tests.
    """
    if measure not in COMPARED:
        raise SettingError(f"metrics cannot be compared by {measure!r}; choose one of {', '.join(COMPARED)}")
    level = COMPARED[measure]
    judged = _judged(results.task(task), human)
    if reason := judged.too_many(measure):
        raise InputError(f"{judged.task.name}: {reason}")
    candidates = [c for c in _candidates(judged) if c.kind == "metric"]
    lines = judged.complete & ~np.any([c.failed.any(axis=0) for c in candidates], axis=0)
    if lines.sum() < 2:
        raise InputError(f"{judged.task.name}: fewer than two segments are judged for all systems")
    if len(judged.task.metrics) < 2:
        raise InputError(f"{judged.task.name}: the run has one metric; score at least two to compare them")
    articles, gold = judged.task.groups(lines), judged.gold[:, lines]
    if level == "item":
        accuracies = [_item_accuracies(gold, c.segments[:, lines], articles, ties) for c in candidates]
        compared = compare_item_accuracies(accuracies, articles, 1000, results.seed)
    else:
        parts = {c.label: _system_parts(c, lines, measure) for c in candidates}
        candidates = [c for c in candidates if np.isfinite(parts[c.label]).all()]
        scores = np.array([parts[c.label] for c in candidates])
        compared = compare_metrics(gold, scores, measure, articles, seed=results.seed)
    labels = [candidate.label for candidate in candidates]
    pairs: list[MetricPair] = []
    for at, (i, j) in enumerate(compared.pairs.tolist()):
        place = judged.task.name, level, measure, labels[i], labels[j]
        value, other, difference = map(number, (compared.value[i], compared.value[j], compared.difference[at]))
        p, corrected = number(compared.p[at]), number(compared.p_corrected[at])
        better = labels[compared.better[at]] if compared.better[at] >= 0 else None
        pairs.append(MetricPair(*place, value, other, difference, p, corrected, better, compared.unit, compared.units))
    return pairs, dict(zip(labels, compared.clusters.places(), strict=True))


def _system_parts(candidate: _Candidate, lines: Lines, measure: str) -> Floats:
    """float64[systems, n]: the contributions whose sum is a system's score."""
    segments = candidate.segments[:, lines]
    if measure == "soft-pairwise-accuracy" and np.isfinite(segments).all():
        return segments
    return contributions(candidate.statistics[:, lines], candidate.score)


def _item_accuracies(gold: Floats, segments: Floats, articles: NDArray[np.int64] | None, ties: str) -> Floats:
    pairs = RankedPairs(gold.T, segments.T)
    if ties == "held-out":
        return pairs.held_out(measures.folds_of(gold.shape[1], articles))
    return pairs.accuracies(pairs.best().threshold)


def _judged(t: TaskResults, human: Mapping[str, Floats]) -> _Judged:
    systems = tuple(name for name in t.systems if name in human)
    if len(systems) < 2:
        raise InputError(
            f"{t.name}: {count(len(systems), 'system')} in both the run and the human scores; at least two are needed. "
            f"Judged: {', '.join(human)}. Scored: {', '.join(t.systems)}"
        )
    return _Judged(t, systems, np.stack([human[name] for name in systems]))


def _candidates(judged: _Judged) -> Iterator[_Candidate]:
    t = judged.task
    index = [t.system_index(name) for name in judged.systems]
    for scored in t.metrics:
        rows, failed = t.statistics[scored.label][index], t.failed(scored.label)[index]
        yield _Candidate(scored.label, rows, scored.signed_score, failed)
    if t.texts is None:
        return
    lengths = np.array([[len(text) for text in t.texts.outputs[name]] for name in judged.systems], dtype=np.float64)
    none = np.zeros(lengths.shape, dtype=bool)
    yield _Candidate("output length", _as_mean(lengths), mean_score, none, "sentinel")
    if t.texts.sources is not None:
        source = np.broadcast_to([float(len(text)) for text in t.texts.sources], lengths.shape)
        # The length of the source is the same for all systems and all outputs of a segment.
        yield _Candidate("source length", _as_mean(source), mean_score, none, "sentinel", ("segment",))


def _as_mean(values: Floats) -> Floats:
    return np.stack([values, np.ones_like(values)], axis=-1)


def _floors(judged: _Judged) -> Iterator[AgreementRow]:
    """Yield the values that an uninformative metric reaches."""
    gold = judged.gold[:, judged.complete]
    floors: dict[str, float] = {"accuracy": 0.5, "soft-pairwise-accuracy": np.nan}
    if judged.too_many("calibrated-accuracy") is None:
        floors["calibrated-accuracy"] = accuracy_floor(judged.gold[:, judged.some].T)
    if 1 < gold.shape[1] <= MOST_SEGMENTS:
        signs = swap_signs(gold.shape[1])
        floors["soft-pairwise-accuracy"] = soft_accuracy_of(one_sided_p(gold, signs), 0.5)
    for level, measure in FIGURES:
        lines = judged.complete if measure == "soft-pairwise-accuracy" else judged.some
        value = None if judged.too_many(measure) else number(floors.get(measure, 0.0))
        place = (judged.task.name, "no information", "floor", level, measure)
        yield AgreementRow(*place, value, count=len(judged.systems), judged=int(lines.sum()))


def _warnings(judged: _Judged, rows: Sequence[AgreementRow], human: Mapping[str, Floats]) -> Iterator[str]:
    counts = (~np.isnan(judged.gold)).sum(axis=1)
    complete = int(judged.complete.sum())
    if complete < counts.max():
        yield (
            f"people judged {int(counts.min()):,} to {int(counts.max()):,} segments per system, {complete:,} of them for all "
            "systems: system scores are based on different segments"
        )
    negative = [
        r.metric
        for r in rows
        if (r.kind, r.level, r.measure) == ("metric", "system", "pearson") and r.value is not None and r.value < 0
    ]
    if negative:
        verb = "correlates" if len(negative) == 1 else "correlate"
        yield (
            f"{', '.join(negative)} {verb} negatively with the human scores of the systems: check the reference before the "
            "systems"
        )
    t = judged.task
    means = {name: float(np.nanmean(human[name])) for name in judged.systems if not np.isnan(human[name]).all()}
    for name in t.texts.reference_names if t.texts else ():
        own_name = next((part for part in [name, *re.split(r"[._]", name)] if part in human), None)
        if own_name is None or np.isnan(human[own_name]).all():
            continue
        own = float(np.nanmean(human[own_name]))
        better = [system for system, mean in means.items() if mean > own]
        if 2 * len(better) > len(means):
            yield (
                f"people rate the reference {own_name} ({own:.2f}) below {len(better)} of {len(means)} systems: metrics that "
                "compare with it reward similarity to a poor text"
            )


def _contradictions(judged: _Judged, seed: int) -> Iterator[str]:
    """Yield a warning if metrics and human scores show significant differences in opposite directions."""
    lines = judged.complete
    if lines.sum() < 2 or len(judged.systems) > ALL_PAIRS:
        return
    articles = judged.task.groups(lines)
    test = stats.Test(trials=2000, resamples=2, correction="none", seed=seed)
    precise = replace(test, trials=10_000)
    people = stats.compare(_as_mean(judged.gold[:, lines]), mean_score, None, articles, precise)
    opposite: list[str] = []
    for candidate in _candidates(judged):
        if candidate.kind == "metric":
            metric = stats.compare(candidate.statistics[:, lines], candidate.score, None, articles, test)
            count = int(((people.better >= 0) & (metric.better >= 0) & (people.better != metric.better)).sum())
            opposite += [f"{candidate.label} for {count}"] if count else []
    if opposite:
        yield (
            f"people separate {int((people.better >= 0).sum())} of {len(people.pairs)} pairs of systems (p ≤ .05 by "
            f"{people.unit}, uncorrected); metrics that are significant in the opposite direction: {', '.join(opposite)}"
        )
