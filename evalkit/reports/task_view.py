"""One task of a report: its leaderboard, its tables by article and its text viewer."""

import math
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.reports import limits
from evalkit.reports.embedding import link, text_blocks
from evalkit.reports.narrative import Part, Sentence, p_text, sentences, task_words
from evalkit.reports.slice_tables import slice_tables
from evalkit.reports.tables import Cell, Table, best_text, row_of, units_text
from evalkit.reports.view_model import Group, HeatCell, ReadFirst, Row, ScoreCell
from evalkit.reports.worst_text import headline, marked_parts, texts_of
from evalkit.results.comparisons import Difference
from evalkit.results.coverage import completeness_notes, references_note, unusable_systems
from evalkit.results.evidence import gather_all
from evalkit.results.metadata import metadata_notes, optimized_for
from evalkit.results.results import Results
from evalkit.results.rows import Rows
from evalkit.results.slices import Slice
from evalkit.results.task_results import ScoredMetric, TaskResults, number
from evalkit.results.worst_segments import WorstSegment, worst
from evalkit.wording import count, rank_text, rounded, signed

#: Number of outputs to read first: of the best system, and of all others together.
_READ_OF_BEST, _READ_OF_OTHERS = 3, 3
#: Maximum characters shown there of a text without a marked span.
_EXCERPT = 220


class TaskView:
    """One task of a report: what the pages show of it, as plain values.

    :param key: the task's identifier in the page.
    :param baseline: index of the system that the others are compared with.
    :param room: maximum size of the texts in bytes; None to leave them out.
    """

    def __init__(
        self, results: Results, task: TaskResults, key: str, baseline: int, slices: Rows[Slice], room: int | None
    ) -> None:
        self.results, self.task, self.key = results, task, key
        self.name, self.columns, self.base, self.baseline = task.name, task.metrics, baseline, task.systems[baseline]
        self.heading, self.units = task_words(task.kind, task.lang, task.source_lang), units_text(task)
        self.references = references_note(task)
        self.labels = [scored.label for scored in task.metrics]
        self.digits = {m.label: m.digits for m in task.metrics}
        self.corpus = {label: task.corpus(label) for label in self.labels}
        self.evidence = gather_all(task, baseline, results.seed)
        self.order = task.ranked(self.labels[0])
        self.unusable = unusable_systems(task)
        self.best = next((i for i in self.order if i not in self.unusable), self.order[0])
        self.left_out: list[str] = []
        self.page_systems = list(self.order[: limits.SYSTEMS])
        if baseline not in self.page_systems:
            self.page_systems[-1] = baseline
        self.position = {system: place for place, system in enumerate(self.page_systems)}
        here, there = len(self.page_systems), len(task.systems)
        if there > here:
            self._leave(
                f"article scores and outputs of {there - here} of {there} systems (the first {here} by {self.labels[0]} are "
                "here)"
            )
        self.groups = _groups(task, results.titles)
        self.by_article = {label: task.by_article(label) for label in self.labels}
        self.has_articles = task.articles is not None and len(self.groups) > 1
        self.articles = self._shown_articles()
        #: By article, its texts as JSON.
        self.texts = {} if room is None else self._texts(room)
        if self.has_articles and here > limits.HEAT_SYSTEMS:
            self._leave(f"{here - limits.HEAT_SYSTEMS} of {here} systems in the tables by article")
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
        notes = ((Part(f"{self._capitalized(note)}."),) for note in metadata_notes(self.task))
        return (*sentences(self), *notes)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The leaderboard, best first."""
        columns = [self._cells(scored) for scored in self.columns]
        return tuple(
            Row(self.task.systems[i], i, tuple(column[i] for column in columns), self._badges(self.task.systems[i]))
            for i in self.order
        )

    def _badges(self, system: str) -> tuple[str, ...]:
        missing = len(self.task.missing.get(system, ()))
        uses = (use for scored in self.task.metrics for use in optimized_for(self.task.metadata, system, scored))
        return (*([f"{missing} missing"] if missing else []), *dict.fromkeys(uses))

    def _cells(self, scored: ScoredMetric) -> list[ScoreCell]:
        label, evidence, values = scored.label, self.evidence[scored.label], self.corpus[scored.label]
        best = best_text(scored, values)
        ends = [v for v in (*values, *evidence.low, *evidence.high) if v is not None and math.isfinite(v)] or [0.0, 1.0]
        margin = (max(ends) - min(ends)) * 0.06 or 1.0
        start, width = min(ends) - margin, max(ends) - min(ends) + 2 * margin
        cells = []
        for i, value in enumerate(map(number, values)):
            low, high, pair = evidence.low[i], evidence.high[i], evidence.pairs.get((i, self.base))
            text, bar, interval, delta, verdict = scored.text(value), None, "", "", ""
            if value is not None and low is not None and high is not None:
                at_low, at, at_high = (round(100 * (v - start) / width, 2) for v in (low, value, high))
                bar, interval = (at_low, at, at_high), f"{scored.text(low)} to {scored.text(high)}"
            if pair is not None and pair.difference is not None:
                delta, verdict = signed(pair.difference, self.digits[label]), pair.verdict
            # Without tests, equal scores share a rank.
            place = 0 if value is None else 1 + int((scored.sign * values > scored.sign * value).sum())
            ranks = rank_text(*(evidence.ranks[i] or (place, place)))
            cell = ScoreCell(
                text, text == best, False, value, bar, interval, delta, verdict, ranks, evidence.cluster[i]
            )
            cells.append(cell)
        return cells

    @property
    def ranked_by_tests(self) -> bool:
        """Whether any system was tested, so that ranks and marks of significance have a meaning."""
        return any(evidence.method for evidence in self.evidence.values())

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """How the scores were compared, and what is missing."""
        evidence = self.evidence.values()
        compared = dict.fromkeys([*(one.note for one in evidence), *(one.method for one in evidence if one.method)])
        return tuple(map(self._capitalized, (*compared, *completeness_notes(self.task))))

    def _capitalized(self, note: str) -> str:
        """The note as a sentence; names of systems and metrics keep their case."""
        names = (*self.task.systems, *(scored.label for scored in self.task.metrics))
        return note if note.startswith(names) else note[0].upper() + note[1:]

    def _drops(self, label: str, baseline: int) -> NDArray[np.float64]:
        """float64[systems of the page, articles]: how far each scores below the baseline; nan if undefined."""
        scores, sign = self.by_article[label], self.task.metric(label).sign
        with np.errstate(invalid="ignore"):
            return np.asarray(sign * (scores[baseline] - scores[self.page_systems]), dtype=np.float64)

    def _worse(self, label: str, baseline: int, articles: Sequence[int]) -> tuple[int, list[tuple[int, int, float]]]:
        """Count the scores below the baseline, and list the largest drops: place on the page, article and drop."""
        drops = self._drops(label, baseline)[:, articles]
        places = np.argwhere(np.isfinite(drops) & (np.round(drops, self.digits[label]) > 0))
        order = np.argsort(-drops[tuple(places.T)], kind="stable")[: limits.WORSE]
        return len(places), [(h, articles[a], float(drops[h, a])) for h, a in places[order].tolist()]

    def _most_different(self) -> list[int]:
        """The articles in order of the largest drop of any system below the baseline on the first metric."""
        if self.task.articles is None:
            return list(range(len(self.groups)))
        drops = self._drops(self.labels[0], self.base)
        largest = np.where(np.isfinite(drops), drops, -np.inf).max(axis=0)
        return list(map(int, np.argsort(-largest, kind="stable")))

    def _shown_articles(self) -> list[int]:
        there, most = len(self.groups), limits.ARTICLES
        if not self.has_articles or there <= most:
            return list(range(there))
        self._leave(
            f"{there - most} of {there} articles in the tables by article (those with the largest loss against "
            f"{self.baseline} on {self.labels[0]} are here)"
        )
        return sorted(self._most_different()[:most])

    @cached_property
    def heat(self) -> tuple[Table, ...]:
        """A table of articles by systems for each metric, with the corpus scores below; none if the task has no articles."""
        return tuple(map(self._heat, self.columns)) if self.has_articles else ()

    def _heat(self, scored: ScoredMetric) -> Table:
        label, columns = scored.label, self.page_systems[: limits.HEAT_SYSTEMS]
        values = self.by_article[label][columns]
        part = values[:, self.articles]
        finite = part[np.isfinite(part)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (math.nan, math.nan)
        rows = []
        for a in self.articles:
            best = best_text(scored, values[:, a])
            cells = []
            for i, value in zip(columns, map(number, values[:, a]), strict=True):
                text, shade = scored.text(value), _shade(value, low, high, scored.higher_is_better)
                cells.append(HeatCell(text, text == best, False, shade, self._link(a, (i, self.base))))
            rows.append((Cell(self.groups[a].title), *cells))
        total = row_of("all", *(scored.text(float(self.corpus[label][i])) for i in columns))
        header = ("article", *(self.task.systems[i] for i in columns))
        return Table(f"{scored.heading} by article", header, (*rows, total))

    def _link(self, article: int, systems: Sequence[int], segment: str = "") -> str | None:
        """The link to an article's texts, with the outputs of these systems; None if the page does not have them."""
        if article not in self.texts or systems[0] not in self.position:
            return None
        names = tuple(dict.fromkeys(self.task.systems[i] for i in systems))
        return link(self.name, self.groups[article].id, names, segment)

    @cached_property
    def read_first(self) -> tuple[ReadFirst, ...]:
        """The worst outputs of the best system, then the largest losses of the others against it."""
        task, scored, best = self.task, self.task.metrics[0], self.task.systems[self.best]
        others = [name for i, name in enumerate(task.systems) if i != self.best and i not in self.unusable]
        losses = [row for name in others for row in enumerate(worst(task, name, against=best, n=_READ_OF_OTHERS))]
        # The first outputs of all systems come before the second outputs.
        losses.sort(key=lambda turn: (turn[0], -turn[1].errors, -(turn[1].loss or 0.0)))
        flawless = scored.metric.range[1 if scored.higher_is_better else 0]
        return tuple(
            ReadFirst(row, headline(row), self._excerpts(row), self.segment_link(row))
            for row in (*worst(task, best, n=_READ_OF_BEST), *(row for _, row in losses[:_READ_OF_OTHERS]))
            if row.errors or (row.score is not None and not math.isclose(row.score, flawless))
        )

    def _excerpts(self, row: WorstSegment) -> tuple[tuple[str, str, tuple[tuple[str, bool], ...]], ...]:
        languages = {"source": self.task.source_lang or "und"}
        return tuple(
            (title, languages.get(title, self.task.lang), marked_parts(text, spans, _EXCERPT))
            for title, text, spans in texts_of(row, references=1)
            if title != row.against
        )

    def segment_link(self, row: WorstSegment) -> str | None:
        """The link to a segment; None if the page does not have its texts."""
        groups = self.task.groups()
        article = row.index // limits.CHUNK if groups is None else int(groups[row.index])
        return self._link(article, (self.task.systems.index(row.system), self.best), row.segment)

    @cached_property
    def worse(self) -> Table:
        """The articles where a system scored furthest below the baseline, by the share of the spread of the metric's scores."""
        rows: list[tuple[float, tuple[str, ...]]] = []
        total = 0
        for scored in self.columns if self.task.articles is not None else ():
            label, values = scored.label, self.by_article[scored.label]
            found, worst = self._worse(label, self.base, range(len(self.groups)))
            total += found
            for h, a, drop in worst:
                i, shown = self.page_systems[h], values[self.page_systems]
                base, score = float(values[self.base, a]), float(values[i, a])
                texts = (scored.text(base), scored.text(score), signed(score - base, self.digits[label]))
                share = drop / np.ptp(shown[np.isfinite(shown)])
                rows.append((share, (self.groups[a].title, self.task.systems[i], label, *texts)))
        rows.sort(key=lambda row: -row[0])
        left = total - limits.WORSE
        return Table(
            f"articles where systems score below {self.baseline}",
            ("article", "system", "metric", "baseline", "score", "change"),
            tuple(row_of(*texts) for _, texts in rows[: limits.WORSE]),
            f"and {count(left, 'smaller one')}" if left > 0 else "",
        )

    def _texts(self, room: int) -> dict[int, str]:
        if self.task.texts is None:
            self._leave("the texts, which the run did not keep")
            return {}
        blocks = text_blocks(self, room, self._most_different())
        if len(blocks) < len(self.groups):
            what = "articles" if self.task.articles is not None else "pages of segments"
            self._leave(
                f"the texts of {len(self.groups) - len(blocks)} of {len(self.groups)} {what}, to stay under "
                f"{limits.TEXTS // 1_000_000} MB; the run folder has them"
            )
        return blocks

    @cached_property
    def model(self) -> dict[str, Any]:
        """The values that the page's script reads."""
        task, names = self.task, self.task.systems
        visible = set(self.articles) if task.articles is not None else set()
        # The others can be neither read nor drawn.
        places = {a: place for place, a in enumerate(sorted({*self.texts, *visible}))}
        first, *others = self.page_systems
        pairs = len(names) <= len(self.page_systems) and all(
            self.evidence[label].pairs.get((first, i)) for label in self.labels for i in others
        )
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
            "pairs": pairs,
            "metrics": [self._metric_model(m, pairs, places) for m in self.columns],
            "articles": [
                {
                    "id": self.groups[a].id,
                    "title": self.groups[a].title,
                    "lang": self.groups[a].lang,
                    "texts": f"{self.key}a{a}" if a in self.texts else None,
                    "scores": [
                        [rounded(self.by_article[label][i, a], self.digits[label]) for i in self.page_systems]
                        for label in self.labels
                    ]
                    if a in visible
                    else None,
                }
                for a in places
            ],
        }

    def _metric_model(self, scored: ScoredMetric, pairs: bool, places: Mapping[int, int]) -> dict[str, Any]:
        label, evidence, digits = scored.label, self.evidence[scored.label], self.digits[scored.label]

        def worse(baseline: int) -> list[Any]:
            found, worst = self._worse(label, baseline, self.articles)
            return [found, [[places[a], h, rounded(-scored.sign * drop, digits)] for h, a, drop in worst]]

        def against(i: int) -> list[Any]:
            return [_pair_model(evidence.pairs.get((i, j)), digits) for j in self.page_systems]

        return {
            "label": label,
            "name": scored.metric.name,
            "higher": scored.higher_is_better,
            "digits": digits,
            "confidence": evidence.confidence,
            "pairs": [against(i) for i in self.page_systems] if evidence.pairs else None,
            "worse": [worse(i) if pairs or i == self.base else None for i in self.page_systems]
            if self.task.articles is not None
            else None,
        }


def _groups(task: TaskResults, titles: Mapping[str, str]) -> list[Group]:
    """Return the articles, or pages of segments if the task has no article ids."""
    if task.articles is None:
        spans = [(start, min(start + limits.CHUNK, len(task.ids))) for start in range(0, len(task.ids), limits.CHUNK)]
        return [
            Group(str(n), f"Segments {start + 1} to {end}", "en", tuple(range(start, end)))
            for n, (start, end) in enumerate(spans, 1)
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


def _shade(value: float | None, low: float, high: float, higher: bool) -> int | None:
    """Return -4 for the worst score of a table up to 4 for the best; None for an undefined score."""
    if value is None:
        return None
    if high <= low:
        return 0
    share = (value - low) / (high - low)
    return round(8 * (share if higher else 1 - share)) - 4
