"""One task of a report: its leaderboard, its tables by article and its text viewer."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.reports.embedding import link
from evalkit.reports.narrative import Part, Standing, p_text, sentences, task_words
from evalkit.reports.numbers import Scale, rank_text, rounded, shade, signed
from evalkit.reports.read_first import read_first
from evalkit.reports.slice_tables import slice_tables
from evalkit.reports.tables import best_text, units_text
from evalkit.reports.text_blocks import TextBlocks
from evalkit.reports.view_model import (
    ArticleTexts,
    Bar,
    Cell,
    Delta,
    Group,
    HeatCell,
    HeatTable,
    Limits,
    Row,
    TaskView,
)
from evalkit.results.comparisons import Difference
from evalkit.results.coverage import completeness_notes, references_note
from evalkit.results.evidence import gather_all
from evalkit.results.metadata import metadata_notes, optimized_for
from evalkit.results.results import Results
from evalkit.results.rows import Rows
from evalkit.results.slices import Slice
from evalkit.results.task_results import TaskResults
from evalkit.results.validity import unusable_systems
from evalkit.results.worst_segments import WorstSegment
from evalkit.wording import arrow, decimals, format_score

__all__ = ["TaskBuilder"]


class TaskBuilder:
    """Decides what is shown for a task; ``left_out`` says what is omitted.

    :param key: the task's identifier in the page.
    :param baseline: index of the system that the others are compared with.
    :param slices: the scores by slice; empty if none were requested.
    """

    def __init__(
        self, results: Results, task: TaskResults, key: str, baseline: int, limits: Limits, slices: Rows[Slice]
    ) -> None:
        self.results, self.task, self.key, self.limits = results, task, key, limits
        self.baseline, self.slices = baseline, slices
        self.labels = [scored.label for scored in task.metrics]
        self.digits = {m.label: decimals(m.metric.range[1]) for m in task.metrics}
        self.corpus = {label: task.corpus(label) for label in self.labels}
        self.evidence = gather_all(task, self.baseline, results.seed)
        self.order = task.ranked(self.labels[0])
        self.unusable = unusable_systems(task)
        self.best = next((i for i in self.order if i not in self.unusable), self.order[0])
        self.left_out: list[str] = []
        page_systems = list(self.order[: limits.systems])
        if self.baseline not in page_systems:
            page_systems[-1] = self.baseline
        self.page_systems = page_systems
        self.position = {system: place for place, system in enumerate(page_systems)}
        if len(task.systems) > len(page_systems):
            self._leave(
                f"article scores and outputs of {len(task.systems) - len(page_systems)} of {len(task.systems)} systems (the "
                f"first {len(page_systems)} by {self.labels[0]} are here)"
            )
        self.groups = _groups(task, results.titles, limits.chunk)
        no_articles = np.empty((len(task.systems), 0))
        self.by_article = {
            label: no_articles if task.articles is None else task.by_article(label) for label in self.labels
        }

    def build(self, room: int, texts: bool) -> TaskView:
        """Build the view.

        :param room: maximum size of the texts in bytes.
        :param texts: whether to include texts.
        """
        task = self.task
        articles = self._shown_articles()
        blocks = self._texts(room) if texts else ()
        self.with_texts = frozenset(block.article for block in blocks)
        worse, in_all = self._worse()
        return TaskView(
            name=task.name,
            key=self.key,
            heading=task_words(task.kind, task.lang, task.source_lang),
            units=units_text(task),
            verdict=(
                *sentences(
                    [self._standing(label) for label in self.labels], task.systems, self.baseline, self.unusable
                ),
                *((Part(f"{note[0].upper()}{note[1:]}."),) for note in metadata_notes(task)),
            ),
            columns=task.metrics,
            rows=self._rows(),
            heat=tuple(self._heat(label, articles) for label in self.labels) if self._has_articles else (),
            read_first=read_first(task, self.best, self.unusable, self._segment_link),
            slices={
                label: tuple(slice_tables((row for row in self.slices if row.metric == label), self.results))
                for label in self.labels
                if self.slices
            },
            worse=tuple(worse),
            worse_total=in_all,
            baseline=task.systems[self.baseline],
            notes=self._notes(),
            texts=blocks,
            model=self._model(articles),
            evidence=self.evidence,
            references=references_note(self.task),
        )

    def _leave(self, what: str) -> None:
        self.left_out.append(f"{self.task.name}: {what}")

    @property
    def _has_articles(self) -> bool:
        return self.task.articles is not None and len(self.groups) > 1

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

    def _rows(self) -> tuple[Row, ...]:
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
        scale = Scale(min(ends), max(ends)) if ends else Scale(0.0, 1.0)
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
        if system == self.baseline:
            return None
        pair = self.evidence[label].pair(system, self.baseline)
        if pair is None or pair.difference is None:
            return None
        return Delta(signed(pair.difference, self.digits[label]), pair.verdict)

    def _notes(self) -> tuple[str, ...]:
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
        drops = sign * (self.by_article[self.labels[0]][self.baseline] - scores)
        return np.asarray(np.where(np.isfinite(drops), drops, -np.inf).max(axis=0), dtype=np.float64)

    def _shown_articles(self) -> list[int]:
        count = len(self.groups)
        if not self._has_articles or count <= self.limits.articles:
            return list(range(count))
        worst = np.argsort(-self._losses(), kind="stable")[: self.limits.articles]
        self._leave(
            f"{count - self.limits.articles} of {count} articles in the tables by article (those with the largest loss "
            f"against {self.task.systems[self.baseline]} on {self.labels[0]} are here)"
        )
        return sorted(worst.tolist())

    def _heat(self, label: str, articles: Sequence[int]) -> HeatTable:
        scored = self.task.metric(label)
        columns = self.page_systems[: self.limits.heat_systems]
        if len(self.page_systems) > len(columns) and label == self.labels[0]:
            self._leave(
                f"{len(self.page_systems) - len(columns)} of {len(self.page_systems)} systems in the tables by article"
            )
        values = self.by_article[label]
        part = values[np.ix_(columns, list(articles))]
        finite = part[np.isfinite(part)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (math.nan, math.nan)
        rows = []
        for a in articles:
            best = best_text(scored, values[columns, a])
            cells = []
            for i in columns:
                value = float(values[i, a])
                text, shade_ = self._text(label, value), shade(value, low, high, scored.higher_is_better)
                cells.append(HeatCell(text, shade_, text == best, self._link(a, (i, self.baseline))))
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

    def _segment_link(self, row: WorstSegment) -> str | None:
        groups = self.task.groups()
        article = row.index // self.limits.chunk if groups is None else int(groups[row.index])
        return self._link(article, (self.task.systems.index(row.system), self.best), row.segment)

    def _worse(self) -> tuple[list[tuple[str, ...]], int]:
        """The articles where a system scored furthest below the baseline, and how many there are in total.

        Metrics have different scales, so drops are sorted after division by the spread of their metric's scores.
        """
        rows: list[tuple[float, tuple[str, ...]]] = []
        total = 0
        for label in self.labels if self.task.articles is not None else ():
            values, digits = self.by_article[label], self.digits[label]
            sign = 1.0 if self.task.metric(label).higher_is_better else -1.0
            with np.errstate(invalid="ignore"):
                drops = sign * (values[self.baseline] - values[self.page_systems])
                places = np.argwhere(np.isfinite(drops) & (np.round(drops, digits) > 0))
            if not len(places):
                continue
            total += len(places)
            shares = drops[tuple(places.T)] / np.ptp(values[self.page_systems][np.isfinite(values[self.page_systems])])
            for k in np.argsort(-shares, kind="stable")[: self.limits.worse].tolist():
                h, a = places[k].tolist()
                i = self.page_systems[h]
                base, score = float(values[self.baseline, a]), float(values[i, a])
                texts = (self._text(label, base), self._text(label, score), signed(score - base, digits))
                rows.append((float(shares[k]), (self.groups[a].title, self.task.systems[i], label, *texts)))
        rows.sort(key=lambda row: -row[0])
        return [row for _, row in rows[: self.limits.worse]], total

    def _texts(self, room: int) -> tuple[ArticleTexts, ...]:
        if self.task.texts is None:
            self._leave("the texts, which the run did not keep")
            return ()
        order = np.argsort(-self._losses(), kind="stable").tolist()
        maker = TextBlocks(self.task, self.key, self.groups, self.page_systems, self.digits, self.limits)
        blocks = maker.within(room, order)
        if len(blocks) < len(self.groups):
            what = "articles" if self.task.articles is not None else "pages of segments"
            self._leave(
                f"the texts of {len(self.groups) - len(blocks)} of {len(self.groups)} {what}, to stay under "
                f"{self.limits.texts // 1_000_000} MB; the run folder has them"
            )
        return blocks

    # -- the page's data ------------------------------------------------------------------------------------------------

    def _model(self, articles: Sequence[int]) -> dict[str, Any]:
        task, names = self.task, self.task.systems
        visible = set(articles)
        return {
            "key": self.key,
            "name": task.name,
            "lang": task.lang,
            "sourceLang": task.source_lang,
            "kind": task.kind,
            "hasArticles": task.articles is not None,
            "systems": [names[i] for i in self.page_systems],
            "baseline": self.position[self.baseline],
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
