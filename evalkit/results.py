"""Results of a run: statistics by task and metric, and every table that can be read from them."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Finding, Metric

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

    from evalkit.comparisons import Differences, Influence, Interval, Rank

__all__ = ["LEVELS", "Results", "Score", "ScoredMetric", "Scores", "TaskResults", "Texts"]

# Segments scored at a time where all are listed.
_BLOCK = 65_536

LEVELS = ("corpus", "article", "segment")


@dataclass(frozen=True)
class Score:
    """One row of the scores: ``article`` and ``segment`` are None above their level; ``score`` is None if undefined."""

    system: str
    task: str
    level: str
    article: str | None
    segment: str | None
    metric: str
    score: float | None
    low: float | None = None
    high: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Fields in order; ``low`` and ``high`` only where an interval was asked for."""
        row = dict(vars(self))
        if self.low is None and self.high is None:
            del row["low"], row["high"]
        return row

    def as_json(self) -> str:
        """:meth:`as_dict` as JSON on one line."""
        return json.dumps(self.as_dict(), ensure_ascii=False, allow_nan=False)


class Scores(Sequence[Score]):
    """Tidy rows of scores."""

    def __init__(self, rows: Sequence[Score]) -> None:
        self._rows = tuple(rows)

    @overload
    def __getitem__(self, index: int) -> Score: ...
    @overload
    def __getitem__(self, index: slice) -> Scores: ...
    def __getitem__(self, index: int | slice) -> Score | Scores:
        return Scores(self._rows[index]) if isinstance(index, slice) else self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        head = "\n".join(f"  {row.as_dict()}" for row in self._rows[:10])
        more = f"\n  ... {len(self) - 10} more" if len(self) > 10 else ""
        return f"<{len(self)} scores\n{head}{more}>"

    def to_dicts(self) -> list[dict[str, Any]]:
        """Rows as plain dictionaries."""
        return [row.as_dict() for row in self._rows]

    def to_pandas(self) -> pandas.DataFrame:
        """Rows as a pandas DataFrame; undefined scores are NaN."""
        import pandas

        columns = [f.name for f in dataclasses.fields(Score)]
        frame = pandas.DataFrame([dataclasses.astuple(row) for row in self._rows], columns=columns)
        typed: pandas.DataFrame = frame.astype({"score": "float64", "low": "float64", "high": "float64"})
        return typed


@dataclass(frozen=True)
class ScoredMetric:
    """A metric as it was asked for (``label``) and as it was resolved for the task's language."""

    label: str
    metric: Metric

    @property
    def signature(self) -> str:
        """See :meth:`evalkit.metrics.Metric.signature`."""
        return self.metric.signature()

    @property
    def higher_is_better(self) -> bool:
        """Which way is better."""
        return self.metric.higher_is_better


@dataclass(frozen=True, eq=False)
class Texts:
    """What a reader sees: sources, references and outputs of a task, in the order of its segments."""

    sources: tuple[str, ...] | None
    references: tuple[tuple[str, ...], ...]
    outputs: Mapping[str, tuple[str, ...]]
    blocks: tuple[str, ...] | None = None
    reference_names: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class TaskResults:
    """The statistics of one task.

    :param statistics: by metric label, float64[systems, n, k] in the order of ``systems`` and ``ids``.
    :param missing: by system, the ids that had no output and were scored as empty.
    :param findings: by metric label and system, for each segment what the metric found there; only where it says more
        than its number.
    """

    name: str
    lang: str
    source_lang: str | None
    kind: str
    fingerprint: str
    systems: tuple[str, ...]
    ids: tuple[str, ...]
    articles: tuple[str, ...] | None
    metrics: tuple[ScoredMetric, ...]
    statistics: Mapping[str, NDArray[np.float64]]
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    texts: Texts | None = None
    findings: Mapping[str, Mapping[str, tuple[tuple[Finding, ...], ...]]] = field(default_factory=dict)

    def metric(self, label: str) -> ScoredMetric:
        """:raises SettingError: for a metric that was not scored."""
        for scored in self.metrics:
            if label in (scored.label, str(scored.metric)):
                return scored
        raise SettingError(
            f"{label!r} was not scored for {self.name}; there are {', '.join(m.label for m in self.metrics)}"
        )

    def system_index(self, system: str) -> int:
        """:raises SettingError: for a system that was not scored."""
        if system not in self.systems:
            raise SettingError(f"no system {system!r} in {self.name}; there are {', '.join(self.systems)}")
        return self.systems.index(system)

    def article_names(self) -> tuple[str, ...]:
        """Articles in order of first appearance; empty where nothing is known of articles."""
        return self._articles[0]

    def groups(self) -> NDArray[np.int64] | None:
        """int[n]: for each segment the number of its article, or None."""
        return self._articles[1]

    @cached_property
    def _articles(self) -> tuple[tuple[str, ...], NDArray[np.int64] | None]:
        if self.articles is None:
            return (), None
        numbers: dict[str, int] = {}
        groups = np.fromiter(
            (numbers.setdefault(name, len(numbers)) for name in self.articles), np.int64, len(self.articles)
        )
        groups.flags.writeable = False
        return tuple(numbers), groups

    def corpus(self, label: str) -> NDArray[np.float64]:
        """float64[systems]: corpus scores."""
        return self.metric(label).metric.score(self.statistics[label].sum(axis=1))

    def by_article(self, label: str) -> NDArray[np.float64]:
        """float64[systems, articles]: scores of each article, in the order of :meth:`article_names`."""
        from evalkit.stats.units import sum_by_group

        groups = self.groups()
        if groups is None:
            return np.empty((len(self.systems), 0))
        return self.metric(label).metric.score(sum_by_group(self.statistics[label], groups)[0])

    def by_segment(self, label: str) -> NDArray[np.float64]:
        """float64[systems, n]: scores of each segment."""
        return self.metric(label).metric.score(self.statistics[label])

    def ranked(self, label: str) -> list[int]:
        """Systems' indices, best first; ties in the order given, undefined last."""
        scored = self.metric(label)
        values = self.corpus(label)
        sign = -1.0 if scored.higher_is_better else 1.0
        return sorted(range(len(self.systems)), key=lambda i: (bool(np.isnan(values[i])), sign * values[i], i))


@dataclass(frozen=True, eq=False)
class Results:
    """Everything a run found out."""

    benchmark: str
    fingerprint: str
    tasks: tuple[TaskResults, ...]
    titles: Mapping[str, str] = field(default_factory=dict)
    seed: int = 12345
    #: versions, command and time of the run: what run.json says beside the results.
    info: Mapping[str, Any] = field(default_factory=dict)

    def task(self, name: str | None = None) -> TaskResults:
        """The task of that name; the only one where there is one.

        :raises SettingError: an unknown name, or none where there are several.
        """
        if name is None and len(self.tasks) == 1:
            return self.tasks[0]
        for task in self.tasks:
            if task.name == name:
                return task
        names = ", ".join(t.name for t in self.tasks)
        raise SettingError(f"no task {name!r} in these results; there are {names}" if name else f"name a task: {names}")

    def scores(
        self,
        level: str | None = None,
        *,
        task: str | None = None,
        system: str | None = None,
        metric: str | None = None,
        confidence: float | None = None,
    ) -> Scores:
        """Tidy rows, in the order task, metric, level, system, article, segment.

        :param level: ``corpus``, ``article`` or ``segment``; all of them if left out.
        :param task: one task only; likewise ``system`` and ``metric`` (its label).
        :param confidence: such as 0.95, for ``low`` and ``high`` at the levels of corpus and article.
        :raises SettingError: for a level, task, system or metric that is not there.
        """
        return Scores(list(self.iter_scores(level, task=task, system=system, metric=metric, confidence=confidence)))

    def iter_scores(
        self,
        level: str | None = None,
        *,
        task: str | None = None,
        system: str | None = None,
        metric: str | None = None,
        confidence: float | None = None,
    ) -> Iterator[Score]:
        """The rows of :meth:`scores` one by one, for runs whose segments are too many to list."""
        if level is not None and level not in LEVELS:
            raise SettingError(f"no level {level!r}; there are {', '.join(LEVELS)}")
        tasks = self.tasks if task is None else (self.task(task),)
        if system is not None and not any(system in t.systems for t in tasks):
            tasks[0].system_index(system)
        if metric is not None and not any(metric == m.label for t in tasks for m in t.metrics):
            tasks[0].metric(metric)
        for t in tasks:
            for scored in t.metrics:
                if metric in (None, scored.label):
                    for wanted in LEVELS if level is None else (level,):
                        for row in _rows(t, scored.label, wanted, confidence, self.seed):
                            if system in (None, row.system):
                                yield row

    def iter_json(self, *, confidence: float | None = None) -> Iterator[list[str]]:
        """The rows of :meth:`scores`, each as its JSON on one line; many at a time, at a tenth of the time."""
        for task in self.tasks:
            for scored in task.metrics:
                yield [row.as_json() for row in _rows(task, scored.label, "corpus", confidence, self.seed)]
                if confidence is None:
                    yield from _article_lines(task, scored)
                else:
                    yield [row.as_json() for row in _rows(task, scored.label, "article", confidence, self.seed)]
                yield from _segment_lines(task, scored)

    def compare(
        self,
        baseline: str | None = None,
        *,
        task: str | None = None,
        metric: str | None = None,
        method: str = "randomization",
        trials: int | None = None,
        confidence: float = 0.95,
        correction: str = "holm",
        compat: str | None = None,
    ) -> Differences:
        """Which system is better, and how sure that is.

        :param baseline: every other system against this one; all pairs if left out.
        :param trials: 10,000 if left out (with ``compat`` and the bootstrap 1,000, as there).
        :param method: ``randomization`` or ``bootstrap``; see :func:`evalkit.stats.compare`.
        :param compat: ``sacrebleu`` for the p-values sacrebleu gives for the same seed.
        :raises SettingError: a task, metric or system that is not there.
        :raises InputError: fewer than two systems in every task.
        """
        from evalkit.comparisons import compare

        return compare(self, baseline, task, metric, method, trials, confidence, correction, compat)

    def intervals(
        self, *, task: str | None = None, metric: str | None = None, trials: int = 1000, confidence: float = 0.95
    ) -> list[Interval]:
        """Corpus scores with their bootstrap intervals; the unit of resampling is named in each."""
        from evalkit.comparisons import intervals

        return intervals(self, task, metric, trials, confidence)

    def jackknife(
        self,
        *,
        task: str | None = None,
        metric: str | None = None,
        baseline: str | None = None,
        unit: str = "article",
    ) -> list[Influence]:
        """Which article or segment moves a score most, or with a baseline the difference from it; the largest first."""
        from evalkit.comparisons import jackknife

        return jackknife(self, task, metric, baseline, unit)

    def rank(
        self, *, task: str | None = None, metric: str | None = None, trials: int = 10_000, correction: str = "holm"
    ) -> list[Rank]:
        """Rank clusters: systems of one cluster are not told apart."""
        from evalkit.comparisons import rank

        return rank(self, task, metric, trials, correction)

    def to_pandas(self) -> pandas.DataFrame:
        """All scores of all levels as a pandas DataFrame."""
        return self.scores().to_pandas()

    def plot(
        self,
        kind: str = "differences",
        *,
        task: str | None = None,
        metric: str | None = None,
        baseline: str | None = None,
    ) -> Figure:
        """A chart as a matplotlib figure (the extra ``plot``); see :func:`evalkit.reports.plot.plot`.

        :param kind: ``differences`` from a baseline with their intervals, or ``articles`` by systems as a heat map.
        """
        from evalkit.reports.plot import plot

        return plot(self, kind, task=task, metric=metric, baseline=baseline)

    def _repr_html_(self) -> str:
        from evalkit.reports.notebook import render

        return render(self)


def _rows(task: TaskResults, label: str, level: str, confidence: float | None, seed: int) -> Iterator[Score]:
    bounds: NDArray[np.float64] | None = None
    if confidence is not None and level != "segment":
        bounds = _bounds(task, label, level, confidence, seed)
    if level == "corpus":
        for s, (system, value) in enumerate(zip(task.systems, task.corpus(label), strict=True)):
            low, high = (None, None) if bounds is None else map(number, bounds[s, 0])
            yield Score(system, task.name, level, None, None, label, number(value), low, high)
    elif level == "article":
        names = task.article_names()
        for s, (system, row) in enumerate(zip(task.systems, task.by_article(label), strict=True)):
            for a, (article, value) in enumerate(zip(names, row, strict=True)):
                low, high = (None, None) if bounds is None else map(number, bounds[s, a])
                yield Score(system, task.name, level, article, None, label, number(value), low, high)
    else:
        articles: Sequence[str | None] = task.articles or [None] * len(task.ids)
        score = task.metric(label).metric.score
        for system, rows in zip(task.systems, task.statistics[label], strict=True):
            for start in range(0, len(rows), _BLOCK):
                part = slice(start, start + _BLOCK)
                for where, segment, value in zip(
                    articles[part], task.ids[part], score(rows[part]).tolist(), strict=True
                ):
                    yield Score(system, task.name, level, where, segment, label, number(value))


def _article_lines(task: TaskResults, scored: ScoredMetric) -> Iterator[list[str]]:
    """:meth:`Score.as_json` of every article, without intervals."""
    places = [f'{encode_basestring(name)}, "segment": null' for name in task.article_names()]
    for system, values in zip(task.systems, task.by_article(scored.label), strict=True):
        yield _lines(task, scored, system, "article", places, values)


def _segment_lines(task: TaskResults, scored: ScoredMetric) -> Iterator[list[str]]:
    """:meth:`Score.as_json` of every segment."""
    for system, rows in zip(task.systems, task.statistics[scored.label], strict=True):
        for first in range(0, len(rows), _BLOCK):
            part = slice(first, first + _BLOCK)
            segments = map(encode_basestring, task.ids[part])
            if task.articles is None:
                places = [f'null, "segment": {segment}' for segment in segments]
            else:
                articles = map(encode_basestring, task.articles[part])
                places = [f'{article}, "segment": {s}' for article, s in zip(articles, segments, strict=True)]
            yield _lines(task, scored, system, "segment", places, scored.metric.score(rows[part]))


def _lines(
    task: TaskResults, scored: ScoredMetric, system: str, level: str, places: Sequence[str], values: NDArray[np.float64]
) -> list[str]:
    """A JSON line a place; what is the same in all of them is written once."""
    start = f'{{"system": {encode_basestring(system)}, "task": {encode_basestring(task.name)}, "level": "{level}", "article": '
    middle = f', "metric": {encode_basestring(scored.label)}, "score": '
    texts: Iterable[str] = map(float.__repr__, values.tolist())
    if not np.isfinite(values).all():
        texts = ("null" if number(value) is None else repr(value) for value in values.tolist())
    return [f"{start}{place}{middle}{value}}}" for place, value in zip(places, texts, strict=True)]


def _bounds(task: TaskResults, label: str, level: str, confidence: float, seed: int) -> NDArray[np.float64]:
    """float64[systems, 1 or articles, 2]: lower and upper bounds; within one article its segments are resampled."""
    from evalkit import stats

    metric, rows, groups = task.metric(label).metric, task.statistics[label], task.groups()
    if level == "corpus" or groups is None:
        found = stats.intervals(rows, metric.score, groups, confidence=confidence, seed=seed)
        return np.stack([found.low, found.high], axis=-1)[:, None, :]
    parts = [
        stats.intervals(rows[:, groups == a], metric.score, None, confidence=confidence, seed=seed)
        for a in range(len(task.article_names()))
    ]
    return np.stack([np.stack([p.low, p.high], axis=-1) for p in parts], axis=1)


def number(value: Any) -> float | None:
    """A float, or None for what is undefined or not finite: JSON has no word for either."""
    value = float(value)
    return value if math.isfinite(value) else None
