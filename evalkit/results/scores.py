"""Tidy rows of scores, as objects and as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit import stats
from evalkit.results.coverage import coverage
from evalkit.results.task_results import ScoredMetric, TaskResults, number

LEVELS = ("corpus", "article", "segment")


@dataclass(frozen=True)
class Score:
    """One row of scores. ``article`` and ``segment`` are None above their level; ``score`` is None if undefined.

    :param coverage: for a corpus score, the share of the segments that were judged; None if all were.
    """

    system: str
    task: str
    level: str
    article: str | None
    segment: str | None
    metric: str
    score: float | None
    low: float | None = None
    high: float | None = None
    coverage: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Fields in order; ``low`` and ``high`` only if requested, ``coverage`` only if incomplete."""
        row = dict(vars(self))
        if self.low is None and self.high is None:
            del row["low"], row["high"]
        if self.coverage is None:
            del row["coverage"]
        return row

    def __str__(self) -> str:
        place = " ".join(filter(None, (self.task, self.article, self.segment)))
        text = f"{place} {self.system} {self.metric}: {_figure(self.score)}"
        if self.low is not None and self.high is not None:
            text += f" [{_figure(self.low)}, {_figure(self.high)}]"
        return text if self.coverage is None else f"{text} ({self.coverage:.1%} judged)"

    def as_json(self) -> str:
        """Return :meth:`as_dict` as one line of JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False, allow_nan=False)


def _figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.4g}"


def score_rows(task: TaskResults, label: str, level: str, confidence: float | None, seed: int) -> Iterator[Score]:
    """Return the scores of one metric at one level as rows."""
    bounds: NDArray[np.float64] | None = None
    if confidence is not None and level != "segment":
        bounds = _bounds(task, label, level, confidence, seed)
    if level == "corpus":
        shares = {row.system: row.share for row in coverage(task) if row.metric == label and row.judged < row.asked}
        for s, (system, value) in enumerate(zip(task.systems, task.corpus(label), strict=True)):
            low, high = (None, None) if bounds is None else map(number, bounds[s, 0])
            yield Score(system, task.name, level, None, None, label, number(value), low, high, shares.get(system))
    elif level == "article":
        names = task.article_names()
        for s, (system, row) in enumerate(zip(task.systems, task.by_article(label), strict=True)):
            for a, (article, value) in enumerate(zip(names, row, strict=True)):
                low, high = (None, None) if bounds is None else map(number, bounds[s, a])
                yield Score(system, task.name, level, article, None, label, number(value), low, high)
    else:
        articles: Sequence[str | None] = task.articles or [None] * len(task.ids)
        score = task.metric(label).metric.score
        for s, system in enumerate(task.systems):
            for part, rows in task.row_blocks(label, s):
                for where, segment, value in zip(articles[part], task.ids[part], score(rows).tolist(), strict=True):
                    yield Score(system, task.name, level, where, segment, label, number(value))


def article_lines(task: TaskResults, scored: ScoredMetric) -> Iterator[list[str]]:
    """Return :meth:`Score.as_json` of every article, without intervals."""
    places = [f'{encode_basestring(name)}, "segment": null' for name in task.article_names()]
    for system, values in zip(task.systems, task.by_article(scored.label), strict=True):
        yield _lines(task, scored, system, "article", places, values)


def segment_lines(task: TaskResults, scored: ScoredMetric) -> Iterator[list[str]]:
    """Yield :meth:`Score.as_json` of every segment."""
    for s, system in enumerate(task.systems):
        for part, rows in task.row_blocks(scored.label, s):
            segments = map(encode_basestring, task.ids[part])
            if task.articles is None:
                places = [f'null, "segment": {segment}' for segment in segments]
            else:
                articles = map(encode_basestring, task.articles[part])
                places = [f'{article}, "segment": {id_}' for article, id_ in zip(articles, segments, strict=True)]
            yield _lines(task, scored, system, "segment", places, scored.metric.score(rows))


def _lines(
    task: TaskResults, scored: ScoredMetric, system: str, level: str, places: Sequence[str], values: NDArray[np.float64]
) -> list[str]:
    """Format one line of JSON per article or segment; the parts that all lines share are encoded once."""
    start = f'{{"system": {encode_basestring(system)}, "task": {encode_basestring(task.name)}, "level": "{level}", "article": '
    middle = f', "metric": {encode_basestring(scored.label)}, "score": '
    texts: Iterable[str] = map(float.__repr__, values.tolist())
    if not np.isfinite(values).all():
        texts = ("null" if number(value) is None else repr(value) for value in values.tolist())
    return [f"{start}{place}{middle}{value}}}" for place, value in zip(places, texts, strict=True)]


def _bounds(task: TaskResults, label: str, level: str, confidence: float, seed: int) -> NDArray[np.float64]:
    """float64[systems, 1 or articles, 2]: lower and upper bounds; within an article, its segments are resampled."""
    metric, rows, groups = task.metric(label).metric, task.statistics[label], task.groups()
    if level == "corpus" or groups is None:
        bounds = stats.intervals(rows, metric.score, groups, confidence=confidence, seed=seed)
        return np.stack([bounds.low, bounds.high], axis=-1)[:, None, :]
    parts = [
        stats.intervals(rows[:, groups == a], metric.score, None, confidence=confidence, seed=seed)
        for a in range(len(task.article_names()))
    ]
    return np.stack([np.stack([p.low, p.high], axis=-1) for p in parts], axis=1)
