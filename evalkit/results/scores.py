"""Tidy rows of scores, as objects and as JSON lines."""

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
from evalkit.wording import format_interval, format_number

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
        """Fields in order; ``low`` and ``high`` only if there is an interval, ``coverage`` only if incomplete."""
        optional = ("low", "high", "coverage")
        return {name: value for name, value in vars(self).items() if value is not None or name not in optional}

    def __str__(self) -> str:
        place = " ".join(filter(None, (self.task, self.article, self.segment)))
        score = format_number(self.score, ".4g", undefined="undefined")
        interval = format_interval(self.low, self.high, ".4g", undefined="")
        judged = "" if self.coverage is None else f"({self.coverage:.1%} judged)"
        return " ".join(filter(None, (f"{place} {self.system} {self.metric}: {score}", interval, judged)))


@dataclass(frozen=True)
class Batch:
    """Scores of one system on one metric at one level; ``bounds`` is float64[m, 2]."""

    task: str
    metric: str
    level: str
    system: str
    articles: Sequence[str | None]
    segments: Sequence[str | None]
    scores: NDArray[np.float64]
    bounds: NDArray[np.float64] | None = None
    coverage: float | None = None

    def rows(self) -> Iterator[Score]:
        """Yield one row per score."""
        for k, (article, segment) in enumerate(zip(self.articles, self.segments, strict=True)):
            low, high = (None, None) if self.bounds is None else map(number, self.bounds[k])
            place = self.system, self.task, self.level, article, segment, self.metric
            yield Score(*place, number(self.scores[k]), low, high, self.coverage)

    def lines(self) -> list[str]:
        """Return :meth:`Score.as_dict` of every row as JSON; ten times as fast, because what all rows share is encoded once."""
        if self.bounds is not None or self.coverage is not None:
            return [json.dumps(row.as_dict(), ensure_ascii=False, allow_nan=False) for row in self.rows()]
        start = f'{{"system": {_text(self.system)}, "task": {_text(self.task)}, "level": "{self.level}", "article": '
        middle = f', "metric": {_text(self.metric)}, "score": '
        values: Iterable[str] = map(float.__repr__, self.scores.tolist())
        if not np.isfinite(self.scores).all():
            values = ("null" if number(value) is None else repr(value) for value in self.scores.tolist())
        places = zip(map(_text, self.articles), map(_text, self.segments), values, strict=True)
        return [f'{start}{article}, "segment": {segment}{middle}{value}}}' for article, segment, value in places]


def _text(value: str | None) -> str:
    return "null" if value is None else encode_basestring(value)


def batches(
    task: TaskResults, scored: ScoredMetric, level: str, confidence: float | None, seed: int
) -> Iterator[Batch]:
    """Yield the scores of one metric at one level, with intervals above the segments if ``confidence`` is not None."""
    label, place = scored.label, (task.name, scored.label, level)
    if level == "segment":
        for s, system in enumerate(task.systems):
            for part, of_part in task.segment_scores(label, s):
                ids = task.ids[part]
                articles: Sequence[str | None] = task.articles[part] if task.articles else [None] * len(ids)
                yield Batch(*place, system, articles, ids, of_part)
        return
    names: Sequence[str | None] = (None,)
    shares: dict[str, float] = {}
    if level == "article":
        names, scores = task.article_names(), task.by_article(label)
    else:
        scores = task.corpus(label)[:, np.newaxis]
        shares = {row.system: row.share for row in coverage(task, label) if row.judged < row.asked}
    bounds = None if confidence is None else _bounds(task, scored, level, confidence, seed)
    for s, system in enumerate(task.systems):
        of_system = None if bounds is None else bounds[s]
        yield Batch(*place, system, names, (None,) * len(names), scores[s], of_system, shares.get(system))


def _bounds(task: TaskResults, scored: ScoredMetric, level: str, confidence: float, seed: int) -> NDArray[np.float64]:
    """float64[systems, 1 or articles, 2]: lower and upper bounds; within an article, its segments are resampled."""
    rows, groups = task.referenced(scored.label)
    parts: list[tuple[NDArray[np.float64], NDArray[np.int64] | None]] = [(rows, groups)]
    if level == "article" and groups is not None:
        parts = [(rows[:, groups == a], None) for a in range(len(task.article_names()))]
    score = scored.metric.score
    bounds = [stats.intervals(part, score, of, confidence=confidence, seed=seed) for part, of in parts]
    return np.stack([np.stack([part.low, part.high], axis=-1) for part in bounds], axis=1)
