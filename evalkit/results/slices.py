"""Scores by slice: groups of segments defined by the source, the reference or a field of the benchmark.

Slices never depend on outputs, so they are the same for all systems. A difference that is significant in one slice and
not in another is no evidence that the slices differ. The test is therefore for the interaction: the difference in the
slice is compared with the difference in the rest, by article, corrected over slices and pairs (Holm).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from evalkit import stats
from evalkit.errors import SettingError
from evalkit.metrics.source_traits import count_names, count_quantities
from evalkit.results.task_results import ScoredMetric, TaskResults, number
from evalkit.wording import count, format_number

T = TypeVar("T")

#: Slices derived from articles, kinds of segments and texts.
BUILT_IN = ("article", "kind", "length", "quantities", "names")
#: Name of the rows that average over slices with equal weights; slices that are too small are excluded.
MACRO = "macro-average"
#: Slices with fewer segments or articles are too small to interpret.
ENOUGH_SEGMENTS, ENOUGH_ARTICLES = 10, 3
#: Maximum number of slices of one field; a field with more values is an identifier, not a slice.
MOST = 100


@dataclass(frozen=True)
class Slice:
    """The score of one system in one slice, and its difference from a baseline.

    :param by: the field or property that defines the slices, such as ``domain``.
    :param segments: the number of segments that the metric applies to.
    :param articles: the number of their articles; None if the task has no article ids.
    :param low: with ``high`` the bounds of the score's 95% interval.
    :param difference: score minus the score of ``baseline`` in the same slice, on the segments judged for both, as are
        ``share`` and ``p``.
    :param share: the contribution of the slice to the overall difference: for a mean, its weight times the difference;
        for a corpus metric, the overall difference minus the difference without the slice.
    :param p: p-value of the test whether the difference in the slice differs from that in the rest, corrected over
        slices and pairs.
    :param small: whether the slice has too few segments or articles to interpret.
    """

    task: str
    metric: str
    by: str
    slice: str
    system: str
    segments: int
    articles: int | None
    score: float | None
    low: float | None = None
    high: float | None = None
    baseline: str | None = None
    difference: float | None = None
    share: float | None = None
    p: float | None = None
    small: bool = False

    def __str__(self) -> str:
        score = format_number(self.score, ".4g", undefined="undefined")
        text = f"{self.task} {self.metric} {self.by}={self.slice} {self.system}: {score} ({count(self.segments, 'segment')})"
        return text if self.difference is None else f"{text}, {self.difference:+.3g} against {self.baseline}"


def slice_names(task: TaskResults) -> list[str]:
    """Return the names by which the segments of a task can be sliced."""
    return [name for name in dict.fromkeys((*task.fields, *BUILT_IN)) if name in task.fields or _labels(task, name)]


def _labels(task: TaskResults, by: str) -> Sequence[str | None] | None:
    """The slice of each segment; None if the task has no such slices."""
    labels: Sequence[str | None] | None = None
    if by in task.fields:
        labels = task.fields[by]
    elif by == "article":
        labels = task.articles
    elif task.texts is not None:
        labels = task.texts.blocks if by == "kind" else _TRAITS[by](task) if by in _TRAITS else None
    return labels if labels is not None and any(labels) else None


def slice_labels(task: TaskResults, by: str) -> tuple[str, ...]:
    """Return the slice of each segment; a :class:`SettingError` if the task has no such slices, or too many."""
    labels = _labels(task, by)
    if labels is None:
        known = ", ".join(slice_names(task)) or "none"
        lost = "" if task.texts else "; the run kept no texts, which slices by length, quantities and names need"
        raise SettingError(f"{task.name} has no slices {by!r}; there are {known}{lost}")
    if by != "article" and len(set(labels)) > MOST:
        raise SettingError(
            f"{task.name}: {by!r} has {len(set(labels))} values, more than the {MOST} that slices may have"
        )
    if MACRO in labels:
        raise SettingError(
            f"{task.name}: a slice by {by!r} is called {MACRO!r}, like the average; give it another name"
        )
    return tuple(label or "(none)" for label in labels)


def of_all(tasks: Iterable[TaskResults], of_one: Callable[[TaskResults], T]) -> Iterator[T]:
    """Yield what a function of slices returns for each task that has them; an error if no task has."""
    problems: list[str] = []
    found = False
    for task in tasks:
        try:
            result = of_one(task)
        except SettingError as error:
            problems.append(str(error))
        else:
            found = True
            yield result
    if problems and not found:
        raise SettingError("\n".join(problems))


def by_slice(
    task: TaskResults, by: str, *, metric: str | None, baseline: str | None, test: stats.Test
) -> Iterator[Slice]:
    """Yield the scores of every system in every slice, with a macro-average over slices."""
    labels = slice_labels(task, by)
    for scored in task.chosen(metric):
        yield from _of_metric(task, scored, by, labels, baseline, test)


def _of_metric(
    task: TaskResults, scored: ScoredMetric, by: str, labels: Sequence[str], baseline: str | None, test: stats.Test
) -> list[Slice]:
    (statistics, groups), score = task.referenced(scored.label), scored.metric.score
    names = _ordered(labels)
    bare = task.without_reference(scored.label)
    members = np.delete(np.array([[label == name for label in labels] for name in names]), bare, axis=1)
    pairs = [] if baseline is None else task.pairs(baseline)
    spans: list[stats.Intervals] = []
    sizes: list[tuple[int, int | None]] = []
    for inside in members:
        part = None if groups is None else groups[inside]
        sizes.append((int(inside.sum()), None if part is None else len(np.unique(part))))
        spans.append(stats.intervals(statistics[:, inside], score, part, confidence=test.confidence, seed=test.seed))
    small = [
        size < ENOUGH_SEGMENTS or (by != "article" and articles_in is not None and articles_in < ENOUGH_ARTICLES)
        for size, articles_in in sizes
    ]
    averaged = [s for s, few in enumerate(small) if not few] or list(range(len(names)))
    scores = _with_macro(_scores(statistics, score, members), averaged)
    total = (sum(sizes[s][0] for s in averaged), None if groups is None else len(task.article_names()))
    unjudged = np.delete(task.unjudged(scored.label), bare, axis=1)
    differences, shares, p = _compared(scored, statistics, members, groups, unjudged, pairs)
    differences = _with_macro(differences, averaged)
    p = stats.correct(p.reshape(-1), test.correction).reshape(shares.shape)
    rivals = {first: k for k, (first, _) in enumerate(pairs)}
    slices: list[Slice] = []
    for s, (name, size) in enumerate(zip((*names, MACRO), (*sizes, total), strict=True)):
        for i, system in enumerate(task.systems):
            figures: dict[str, Any] = {}
            if name is not MACRO:
                figures = {"low": number(spans[s].low[i]), "high": number(spans[s].high[i]), "small": small[s]}
            if i in rivals:
                k = rivals[i]
                figures |= {"baseline": baseline, "difference": number(differences[s, k])}
                figures |= {} if name is MACRO else {"share": number(shares[s, k]), "p": number(p[s, k])}
            score_of = number(scores[s, i])
            slices.append(Slice(task.name, scored.label, by, name, system, *size, score_of, **figures))
    return slices


def _scores(statistics: NDArray[np.float64], score: stats.Score, members: NDArray[np.bool_]) -> NDArray[np.float64]:
    """float64[slices, systems]; nan for a slice without segments."""
    with np.errstate(all="ignore"):
        scores = np.array([score(statistics[:, inside].sum(axis=1)) for inside in members])
    scores[~members.any(axis=1)] = np.nan
    return scores


def _with_macro(figures: NDArray[np.float64], averaged: Sequence[int]) -> NDArray[np.float64]:
    """The figures of the slices, and their average over some slices."""
    return np.concatenate([figures, figures[averaged].mean(axis=0, keepdims=True)])


def _compared(
    scored: ScoredMetric,
    statistics: NDArray[np.float64],
    members: NDArray[np.bool_],
    groups: NDArray[np.int64] | None,
    unjudged: NDArray[np.bool_],
    pairs: Sequence[tuple[int, int]],
) -> NDArray[np.float64]:
    """float64[3, slices, pairs]: difference, share and uncorrected p, on the segments judged for both systems."""
    figures, score = np.full((3, len(members), len(pairs)), np.nan), scored.metric.score
    for k, pair in enumerate(map(list, pairs)):
        judged = ~unjudged[pair].any(axis=0)
        if not judged.any():
            continue
        rows, inside = statistics[pair][:, judged], members[:, judged]
        present = inside.any(axis=1)
        first, second = _scores(rows, score, inside).T
        figures[0, :, k] = first - second
        figures[1, present, k] = _shares(scored, rows, inside[present])
        if present.sum() > 1:
            part = None if groups is None else groups[judged]
            figures[2, present, k] = stats.slice_interactions(rows, score, inside[present], part).p
    return figures


def _shares(scored: ScoredMetric, statistics: NDArray[np.float64], members: NDArray[np.bool_]) -> NDArray[np.float64]:
    """float64[slices]: the contribution of each slice to the difference of two systems."""
    score, mean = scored.metric.score, scored.metric.is_mean
    if mean:
        counts = statistics[..., -1]
        with np.errstate(all="ignore"):
            statistics = np.stack([np.nan_to_num(score(statistics)) * counts, counts], axis=-1)
    return stats.difference_shares(statistics, score, members, mean=mean)


def _ordered(labels: Sequence[str]) -> list[str]:
    """Sort slices by first appearance; those derived from numbers are sorted by number."""
    names = list(dict.fromkeys(labels))
    return sorted(names, key=_RANGES.index) if set(names) <= set(_RANGES) else names


_LENGTHS = ("short source", "medium source", "long source")
_QUANTITIES = ("no quantities", "1 or 2 quantities", "3 or more quantities")
_NAMES = ("no names", "with names")
_RANGES = (*_LENGTHS, *_QUANTITIES, *_NAMES)


def _by_length(task: TaskResults) -> list[str | None]:
    """Divide the segments into thirds by length of the source, or of the first reference if there are no sources."""
    assert task.texts is not None
    texts = task.texts.sources or tuple(refs[0] if refs else "" for refs in task.texts.references)
    sizes = np.array([len(text) for text in texts])
    low, high = np.quantile(sizes, [1 / 3, 2 / 3])
    return [_LENGTHS[int(size > low) + int(size > high)] for size in sizes]


def _by_count(
    count: Callable[[str, str], int | None], names: Sequence[str], bounds: Sequence[int], task: TaskResults
) -> list[str | None]:
    """Divide the segments by a count in the source or, if its language is not supported, in the first reference."""
    assert task.texts is not None
    counts: list[int | None] = [None] * len(task.ids)
    if task.texts.sources and task.source_lang:
        counts = [count(text, task.source_lang) for text in task.texts.sources]
    if not any(c is not None for c in counts):
        counts = [count(refs[0], task.lang) if refs else None for refs in task.texts.references]
    return [None if c is None else names[sum(c > bound for bound in bounds)] for c in counts]


_TRAITS: dict[str, Callable[[TaskResults], list[str | None]]] = {
    "length": _by_length,
    "quantities": partial(_by_count, count_quantities, _QUANTITIES, (0, 2)),
    "names": partial(_by_count, count_names, _NAMES, (0,)),
}
