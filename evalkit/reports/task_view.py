"""One task of a report: its leaderboard, its tables by article and its text viewer."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.reports.embedding import link
from evalkit.reports.narrative import Part, Sentence, Standing, p_text, sentences, task_words
from evalkit.reports.read_first import read_first
from evalkit.reports.slice_tables import slice_tables
from evalkit.reports.tables import best_text, units_text
from evalkit.reports.text_blocks import blocks_within
from evalkit.reports.view_model import (
    ArticleTexts,
    Bar,
    Cell,
    Delta,
    Group,
    HeatCell,
    HeatTable,
    Limits,
    ReadFirst,
    Row,
)
from evalkit.results.comparisons import Difference
from evalkit.results.coverage import completeness_notes, references_note, unusable_systems
from evalkit.results.evidence import gather_all
from evalkit.results.metadata import metadata_notes, optimized_for
from evalkit.results.results import Results
from evalkit.results.rows import Rows
from evalkit.results.slices import Slice
from evalkit.results.task_results import TaskResults
from evalkit.results.worst_segments import WorstSegment
from evalkit.wording import arrow, decimals, format_score, rank_text, rounded, signed


class TaskView:
    """One task of a report: what the pages show of it, as plain values.

    :param key: the task's identifier in the page.
    :param baseline: index of the system that the others are compared with.
    :param slices: the scores by slice; empty if none were requested.
    :param room: maximum size of the texts in bytes; None to leave them out.

    The attributes that renderers read are ``columns`` (the metrics of the leaderboard), ``baseline`` (a name),
    ``references`` (the number of references per segment), ``left_out`` (what is omitted) and the properties below.
    """

    def __init__(
        self,
        results: Results,
        task: TaskResults,
        key: str,
        baseline: int,
        limits: Limits,
        slices: Rows[Slice],
        room: int | None,
    ) -> None:
        self.results, self.task, self.key, self.limits = results, task, key, limits
        self.name, self.columns, self.base, self.baseline = task.name, task.metrics, baseline, task.systems[baseline]
        self.heading, self.units = task_words(task.kind, task.lang, task.source_lang), units_text(task)
        self.references = references_note(task)
        self.labels = [scored.label for scored in task.metrics]
        self.digits = {m.label: decimals(m.metric.range[1]) for m in task.metrics}
        self.corpus = {label: task.corpus(label) for label in self.labels}
        self.evidence = gather_all(task, baseline, results.seed)
        self.order = task.ranked(self.labels[0])
        self.unusable = unusable_systems(task)
        self.best = next((i for i in self.order if i not in self.unusable), self.order[0])
        self.left_out: list[str] = []
        self.page_systems = list(self.order[: limits.systems])
        if baseline not in self.page_systems:
            self.page_systems[-1] = baseline
        self.position = {system: place for place, system in enumerate(self.page_systems)}
        here, there = len(self.page_systems), len(task.systems)
        if there > here:
            self._leave(
                f"article scores and outputs of {there - here} of {there} systems (the first {here} by {self.labels[0]} are "
                "here)"
            )
        self.groups = _groups(task, results.titles, limits.chunk)
        no_articles = np.empty((there, 0))
        self.by_article = {
            label: no_articles if task.articles is None else task.by_article(label) for label in self.labels
        }
        self.has_articles = task.articles is not None and len(self.groups) > 1
        self.articles = self._shown_articles()
        self.texts = () if room is None else self._texts(room)
        self.with_texts = frozenset(block.article for block in self.texts)
        if self.has_articles and here > limits.heat_systems:
            self._leave(f"{here - limits.heat_systems} of {here} systems in the tables by article")
        self.slices = {
            label: tuple(slice_tables((row for row in slices if row.metric == label), results))
            for label in self.labels
            if slices
        }

    def _leave(self, what: str) -> None:
        self.left_out.append(f"{self.name}: {what}")

    @property
    def link(self) -> str:
        """Link that opens this task."""
        return link(self.name)

    @property
    def read(self) -> str:
        """Link that opens the first article with texts."""
        return next((link(self.name, a["id"]) for a in self.model["articles"] if a["texts"]), self.link)

    @cached_property
    def verdict(self) -> tuple[Sentence, ...]:
        """The results in sentences."""
        standings = [self._standing(label) for label in self.labels]
        notes = ((Part(f"{note[0].upper()}{note[1:]}."),) for note in metadata_notes(self.task))
        return (*sentences(standings, self.task.systems, self.base, self.unusable), *notes)

    # -- leaderboard ----------------------------------------------------------------------------------------------------

    def _text(self, label: str, value: float | None) -> str:
        return format_score(value, self.task.metric(label).metric.range[1])

    def _standing(self, label: str) -> Standing:
        values = self.corpus[label]
        return Standing(
            label,
            self.task.ranked(label),
            [self._text(label, float(v)) if math.isfinite(v) else None for v in values],
            self.evidence[label],
        )

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The leaderboard, best first."""
        main = self.evidence[self.labels[0]]
        columns = {label: self._cells(label) for label in self.labels}
        rows = []
        previous: int | None = None
        for place, i in enumerate(self.order, 1):
            cluster = main.cluster[i]
            name = self.task.systems[i]
            rows.append(
                Row(
                    system=name,
                    index=i,
                    page_position=self.position.get(i),
                    ranks=rank_text(main.ranks[i], place),
                    cluster=cluster,
                    first_of_cluster=place > 1 and cluster != previous,
                    cells=tuple(columns[label][i] for label in self.labels),
                    badges=self._badges(name),
                )
            )
            previous = cluster
        return tuple(rows)

    def _badges(self, system: str) -> tuple[str, ...]:
        missing = len(self.task.missing.get(system, ()))
        uses = (use for scored in self.task.metrics for use in optimized_for(self.task.metadata, system, scored))
        return (*([f"{missing} missing"] if missing else []), *dict.fromkeys(uses))

    def _cells(self, label: str) -> list[Cell]:
        scored, evidence, values = self.task.metric(label), self.evidence[label], self.corpus[label]
        best = best_text(scored, values)
        ends = [v for v in (*values, *evidence.low, *evidence.high) if v is not None and math.isfinite(v)]
        scale = _Scale(min(ends), max(ends)) if ends else _Scale(0.0, 1.0)
        places = {i: place for place, i in enumerate(self.task.ranked(label), 1)}
        cells = []
        for i, value in enumerate(values):
            low, high = evidence.low[i], evidence.high[i]
            text, bar, interval = self._text(label, float(value)), None, ""
            if math.isfinite(value) and low is not None and high is not None:
                bar = Bar(scale(low), scale(high), scale(float(value)))
                interval = f"{self._text(label, low)} to {self._text(label, high)}"
            cells.append(
                Cell(
                    text=text,
                    value=float(value) if math.isfinite(value) else None,
                    best=text == best,
                    bar=bar,
                    interval=interval,
                    delta=self._delta(label, i),
                    ranks=rank_text(evidence.ranks[i], places[i]),
                    cluster=evidence.cluster[i],
                )
            )
        return cells

    def _delta(self, label: str, system: int) -> Delta | None:
        if system == self.base:
            return None
        pair = self.evidence[label].pair(system, self.base)
        if pair is None or pair.difference is None:
            return None
        return Delta(signed(pair.difference, self.digits[label]), pair.verdict)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """How the scores were compared, and what is missing."""
        notes = list(dict.fromkeys(self.evidence[label].note for label in self.labels))
        notes += list(dict.fromkeys(filter(None, (self.evidence[label].method for label in self.labels))))
        notes.extend(completeness_notes(self.task))
        return tuple(note[0].upper() + note[1:] for note in notes)

    # -- articles -------------------------------------------------------------------------------------------------------

    def _losses(self) -> NDArray[np.float64]:
        """By article, the largest drop of any system below the baseline on the first metric."""
        scores = self.by_article[self.labels[0]][self.page_systems]
        if not scores.shape[1]:
            return np.zeros(len(self.groups))
        sign = 1.0 if self.task.metric(self.labels[0]).higher_is_better else -1.0
        drops = sign * (self.by_article[self.labels[0]][self.base] - scores)
        return np.asarray(np.where(np.isfinite(drops), drops, -np.inf).max(axis=0), dtype=np.float64)

    def _shown_articles(self) -> list[int]:
        count = len(self.groups)
        if not self.has_articles or count <= self.limits.articles:
            return list(range(count))
        worst = np.argsort(-self._losses(), kind="stable")[: self.limits.articles]
        self._leave(
            f"{count - self.limits.articles} of {count} articles in the tables by article (those with the largest loss "
            f"against {self.task.systems[self.base]} on {self.labels[0]} are here)"
        )
        return sorted(worst.tolist())

    @cached_property
    def heat(self) -> tuple[HeatTable, ...]:
        """A table of articles by systems for each metric; none if the task has no articles."""
        return tuple(map(self._heat, self.labels)) if self.has_articles else ()

    def _heat(self, label: str) -> HeatTable:
        scored = self.task.metric(label)
        columns = self.page_systems[: self.limits.heat_systems]
        values = self.by_article[label]
        part = values[np.ix_(columns, self.articles)]
        finite = part[np.isfinite(part)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (math.nan, math.nan)
        rows = []
        for a in self.articles:
            best = best_text(scored, values[columns, a])
            cells = []
            for i in columns:
                value = float(values[i, a])
                text, shade_ = self._text(label, value), _shade(value, low, high, scored.higher_is_better)
                cells.append(HeatCell(text, shade_, text == best, self._link(a, (i, self.base))))
            rows.append((self.groups[a].title, self.groups[a].lang, tuple(cells)))
        return HeatTable(
            label=label,
            arrow=arrow(scored.higher_is_better),
            systems=tuple(self.task.systems[i] for i in columns),
            rows=tuple(rows),
            total=tuple(self._text(label, float(self.corpus[label][i])) for i in columns),
        )

    def _link(self, article: int, systems: Sequence[int], segment: str = "") -> str | None:
        """The link to an article's texts, with the outputs of these systems; None if the page does not have them."""
        if article not in self.with_texts or systems[0] not in self.position:
            return None
        names = tuple(dict.fromkeys(self.task.systems[i] for i in systems))
        return link(self.task.name, self.groups[article].id, names, segment)

    @cached_property
    def read_first(self) -> tuple[ReadFirst, ...]:
        """The outputs to read first."""
        return read_first(self)

    def segment_link(self, row: WorstSegment) -> str | None:
        """The link to a segment; None if the page does not have its texts."""
        groups = self.task.groups()
        article = row.index // self.limits.chunk if groups is None else int(groups[row.index])
        return self._link(article, (self.task.systems.index(row.system), self.best), row.segment)

    @cached_property
    def worse(self) -> tuple[tuple[tuple[str, ...], ...], int]:
        """The articles where a system scored furthest below the baseline, and how many there are in total.

        Each has its article, system, metric, score of the baseline, score and change, as text. Metrics have different
        scales, so drops are sorted after division by the spread of their metric's scores.
        """
        rows: list[tuple[float, tuple[str, ...]]] = []
        total = 0
        for label in self.labels if self.task.articles is not None else ():
            values, digits = self.by_article[label], self.digits[label]
            sign = 1.0 if self.task.metric(label).higher_is_better else -1.0
            with np.errstate(invalid="ignore"):
                drops = sign * (values[self.base] - values[self.page_systems])
                places = np.argwhere(np.isfinite(drops) & (np.round(drops, digits) > 0))
            if not len(places):
                continue
            total += len(places)
            shares = drops[tuple(places.T)] / np.ptp(values[self.page_systems][np.isfinite(values[self.page_systems])])
            for k in np.argsort(-shares, kind="stable")[: self.limits.worse].tolist():
                h, a = places[k].tolist()
                i = self.page_systems[h]
                base, score = float(values[self.base, a]), float(values[i, a])
                texts = (self._text(label, base), self._text(label, score), signed(score - base, digits))
                rows.append((float(shares[k]), (self.groups[a].title, self.task.systems[i], label, *texts)))
        rows.sort(key=lambda row: -row[0])
        return tuple(row for _, row in rows[: self.limits.worse]), total

    def _texts(self, room: int) -> tuple[ArticleTexts, ...]:
        if self.task.texts is None:
            self._leave("the texts, which the run did not keep")
            return ()
        order = np.argsort(-self._losses(), kind="stable").tolist()
        blocks = blocks_within(self, room, order)
        if len(blocks) < len(self.groups):
            what = "articles" if self.task.articles is not None else "pages of segments"
            self._leave(
                f"the texts of {len(self.groups) - len(blocks)} of {len(self.groups)} {what}, to stay under "
                f"{self.limits.texts // 1_000_000} MB; the run folder has them"
            )
        return blocks

    # -- the page's data ------------------------------------------------------------------------------------------------

    @cached_property
    def model(self) -> dict[str, Any]:
        """The values that the page's script reads."""
        task, names = self.task, self.task.systems
        visible = set(self.articles)
        return {
            "key": self.key,
            "name": task.name,
            "lang": task.lang,
            "sourceLang": task.source_lang,
            "kind": task.kind,
            "hasArticles": task.articles is not None,
            "systems": [names[i] for i in self.page_systems],
            "baseline": self.position[self.base],
            "references": _reference_names(task),
            "pairs": len(names) <= len(self.page_systems)
            and all(
                self.evidence[label].pair(self.page_systems[0], i)
                for label in self.labels
                for i in self.page_systems[1:]
            ),
            "metrics": [self._metric_model(label) for label in self.labels],
            "articles": [
                {
                    "id": group.id,
                    "title": group.title,
                    "lang": group.lang,
                    "segments": len(group.segments),
                    "texts": f"{self.key}a{a}" if a in self.with_texts else None,
                    "scores": [
                        [rounded(self.by_article[label][i, a], self.digits[label]) for i in self.page_systems]
                        for label in self.labels
                    ]
                    if a in visible and task.articles is not None
                    else None,
                }
                for a, group in enumerate(self.groups)
                # The others can be neither read nor drawn.
                if a in self.with_texts or (a in visible and task.articles is not None)
            ],
        }

    def _metric_model(self, label: str) -> dict[str, Any]:
        scored, evidence, digits = self.task.metric(label), self.evidence[label], self.digits[label]

        def against(i: int) -> list[Any]:
            return [_pair_model(evidence.pair(i, j), digits) for j in self.page_systems]

        return {
            "label": label,
            "name": scored.metric.name,
            "higher": scored.higher_is_better,
            "digits": digits,
            "scores": [rounded(self.corpus[label][i], digits) for i in self.page_systems],
            "confidence": evidence.confidence,
            "pairs": [against(i) for i in self.page_systems] if evidence.pairs else None,
        }


def _groups(task: TaskResults, titles: Mapping[str, str], chunk: int) -> list[Group]:
    """Return the articles, or pages of segments if the task has no article ids."""
    if task.articles is None:
        pages = range(0, len(task.ids), chunk)
        return [
            Group(
                str(start // chunk + 1),
                f"Segments {start + 1} to {min(start + chunk, len(task.ids))}",
                "en",
                tuple(range(start, min(start + chunk, len(task.ids)))),
            )
            for start in pages
        ]
    members: dict[str, list[int]] = {}
    for i, name in enumerate(task.articles):
        members.setdefault(name, []).append(i)
    return [
        Group(name, titles.get(name, name), _lang(titles.get(name, name)), tuple(segments))
        for name, segments in members.items()
    ]


def _pair_model(pair: Difference | None, digits: int) -> list[Any] | None:
    if pair is None or pair.difference is None:
        return None
    values = [rounded(v, digits) for v in (pair.difference, pair.low, pair.high)]
    return [*values, None if pair.p_corrected is None else p_text(pair.p_corrected), pair.verdict]


def _reference_names(task: TaskResults) -> list[str]:
    if task.texts is None:
        return []
    most = max((len(refs) for refs in task.texts.references), default=0)
    names = list(task.texts.reference_names[:most])
    return names + [f"reference {n + 1}" for n in range(len(names), most)]


_CJK = re.compile("[\u3400-\u9fff\uf900-\ufaff]")


def _lang(text: str) -> str:
    """The language of a title; it determines fonts and line breaks."""
    return "zh" if _CJK.search(text) else "en"


class _Scale:
    """Convert scores to percent of the axis, with a small margin at both ends."""

    def __init__(self, low: float, high: float) -> None:
        margin = (high - low) * 0.06 or 1.0
        self.low, self.width = low - margin, high - low + 2 * margin

    def __call__(self, value: float) -> float:
        """Return a position from 0 to 100."""
        return round(100 * (value - self.low) / self.width, 2)


def _shade(value: float, low: float, high: float, higher: bool) -> int | None:
    """Return -4 for the worst score of a table up to 4 for the best; None for an undefined score."""
    if not math.isfinite(value):
        return None
    if high <= low:
        return 0
    share = (value - low) / (high - low)
    return round(8 * (share if higher else 1 - share)) - 4
