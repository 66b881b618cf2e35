"""What a report shows, as plain values: every decision is made here, templates and scripts only show it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from evalkit.reports.evidence import Evidence, Pair, gather
from evalkit.reports.tables import UNDEFINED, format_score
from evalkit.reports.words import Sentence, Standing, count, difference_words, p_text, sentences, task_words
from evalkit.results import Results, TaskResults

if TYPE_CHECKING:
    from evalkit.metrics.base import Finding

__all__ = [
    "ArticleTexts",
    "Bar",
    "Cell",
    "Column",
    "Delta",
    "HeatCell",
    "HeatTable",
    "Limits",
    "ReportView",
    "Row",
    "TaskView",
    "Worse",
    "build",
    "choose_baseline",
    "script_json",
]


@dataclass(frozen=True)
class Limits:
    """How much a report holds before it leaves things out and says so.

    :param texts: bytes of sources, references, outputs and findings in all.
    :param text: characters of one text.
    :param systems: systems whose outputs and article scores are held.
    :param articles: rows of a heat table.
    :param heat_systems: columns of a heat table.
    :param chunk: segments a page where nothing is known of articles.
    """

    texts: int = 16_000_000
    text: int = 20_000
    systems: int = 60
    articles: int = 200
    heat_systems: int = 40
    chunk: int = 50


@dataclass(frozen=True)
class Bar:
    """An interval and a score on the column's scale, in percent of its width."""

    low: float
    high: float
    at: float


@dataclass(frozen=True)
class Delta:
    """A system beside the baseline on one metric."""

    text: str
    verdict: str
    words: str


@dataclass(frozen=True)
class Cell:
    """One system's score on one metric."""

    text: str
    value: float | None
    best: bool
    bar: Bar | None
    interval: str
    delta: Delta | None
    ranks: str
    cluster: int | None


@dataclass(frozen=True)
class Column:
    """A metric of the leaderboard."""

    label: str
    higher: bool
    digits: int
    signature: str
    summary: str
    note: str

    @property
    def arrow(self) -> str:
        """Which way is better."""
        return "↑" if self.higher else "↓"


@dataclass(frozen=True)
class Row:
    """A system of the leaderboard; ``place`` is where the first metric puts it."""

    system: str
    index: int
    held: int | None
    place: int
    ranks: str
    cluster: int | None
    first_of_cluster: bool
    cells: tuple[Cell, ...]
    missing: int


@dataclass(frozen=True)
class HeatCell:
    """A score with its shade, -4 (worst) to 4 (best), and the link to its texts."""

    text: str
    shade: int | None
    best: bool
    link: str | None


@dataclass(frozen=True)
class HeatTable:
    """Articles by systems for one metric."""

    label: str
    arrow: str
    systems: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[HeatCell, ...]], ...]
    total: tuple[str, ...]
    low: str
    high: str


@dataclass(frozen=True)
class Worse:
    """An article on which a system fell behind the baseline."""

    system: str
    article: str
    title: str
    metric: str
    baseline: str
    score: str
    drop: str
    share: float
    link: str | None


@dataclass(frozen=True)
class ArticleTexts:
    """The texts of an article as a block of JSON."""

    id: str
    json: str


@dataclass(frozen=True)
class TaskView:
    """One task."""

    name: str
    key: str
    heading: str
    units: str
    verdict: tuple[Sentence, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    heat: tuple[HeatTable, ...]
    worse: tuple[Worse, ...]
    worse_more: int
    baseline: str
    baselines: tuple[str, ...]
    notes: tuple[str, ...]
    texts: tuple[ArticleTexts, ...]
    model: Mapping[str, Any]
    evidence: Mapping[str, Evidence] = field(repr=False, default_factory=dict)

    @property
    def link(self) -> str:
        """Opens this task."""
        return link(self.name)

    @property
    def read(self) -> str:
        """Opens the first article that has texts."""
        return next((link(self.name, a["id"]) for a in self.model["articles"] if a["texts"]), self.link)


@dataclass(frozen=True)
class ReportView:
    """The whole report."""

    title: str
    created: str
    facts: tuple[str, ...]
    tasks: tuple[TaskView, ...]
    left_out: tuple[str, ...]
    about: tuple[tuple[str, str], ...]

    def model(self) -> str:
        """The part that is parsed when the page opens, as JSON for a script element."""
        return script_json({"tasks": [task.model for task in self.tasks]})


def build(
    results: Results,
    *,
    baseline: str | None = None,
    limits: Limits | None = None,
    texts: bool = True,
) -> ReportView:
    """Decide what is shown.

    :param baseline: the system the others are held against; see :func:`choose_baseline`.
    :param texts: hold sources, references and outputs.
    :raises SettingError: a baseline that no task has.
    """
    limits = limits or Limits()
    left: list[str] = []
    tasks: list[TaskView] = []
    room = limits.texts
    for number, task in enumerate(results.tasks):
        builder = _TaskBuilder(results, task, f"t{number}", baseline, limits)
        built = builder.build(room if texts else 0, texts)
        room -= sum(len(block.json.encode()) for block in built.texts)
        tasks.append(built)
        left.extend(builder.left_out)
    info = results.info
    versions = info.get("versions", {})
    about = [("benchmark", f"{results.benchmark}, fingerprint {results.fingerprint}"), ("seed", str(results.seed))]
    if info.get("created"):
        about.append(("made", str(info["created"])))
    if info.get("command"):
        about.append(("command", " ".join(map(str, info["command"]))))
    if versions:
        about.append(("versions", ", ".join(f"{name} {version}" for name, version in versions.items())))
    systems = len({name for task in results.tasks for name in task.systems})
    articles = len({name for task in results.tasks for name in task.article_names()})
    facts = [count(systems, "system")]
    if articles:
        facts.append(count(articles, "article"))
    facts.append(count(len(results.tasks), "task"))
    return ReportView(
        title=results.benchmark,
        created=str(info.get("created", ""))[:10],
        facts=tuple(facts),
        tasks=tuple(tasks),
        left_out=tuple(left),
        about=tuple(about),
    )


def choose_baseline(task: TaskResults, asked: str | None, results: Results | None = None) -> int:
    """The number of the baseline: the one asked for, else a system called baseline, else the first of two, else the best.

    :raises SettingError: a name that no task of the results has.
    """
    if asked is not None:
        if asked in task.systems:
            return task.systems.index(asked)
        if results is None or not any(asked in other.systems for other in results.tasks):
            task.system_index(asked)
    named = [i for i, name in enumerate(task.systems) if name.casefold() == "baseline"]
    if named:
        return named[0]
    return 0 if len(task.systems) <= 2 else task.ranked(task.metrics[0].label)[0]


def script_json(value: Any) -> str:
    """JSON that may stand in a script element: nothing in it can end the element or open a comment."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


_UNSAFE = re.compile("[<>&\u2028\u2029\ufffe\uffff\ud800-\udfff]")


def link(task: str, article: str = "", systems: Sequence[str] = (), segment: str = "") -> str:
    """The fragment that opens a task, an article, with these systems, at this segment."""
    parts = [quote(task, safe=""), quote(article, safe=""), "+".join(quote(s, safe="") for s in systems)]
    parts.append(quote(segment, safe=""))
    while parts and not parts[-1]:
        parts.pop()
    return "#" + "/".join(parts)


class _TaskBuilder:
    def __init__(self, results: Results, task: TaskResults, key: str, baseline: str | None, limits: Limits) -> None:
        self.results, self.task, self.key, self.limits = results, task, key, limits
        self.baseline = choose_baseline(task, baseline, results)
        self.labels = [scored.label for scored in task.metrics]
        self.digits = {m.label: 3 if m.metric.range[1] <= 1.0 else 2 for m in task.metrics}
        self.corpus = {label: task.corpus(label) for label in self.labels}
        self.evidence = {label: gather(task, label, self.baseline, results.seed) for label in self.labels}
        self.order = task.ranked(self.labels[0])
        self.left_out: list[str] = []
        held = list(self.order[: limits.systems])
        if self.baseline not in held:
            held[-1] = self.baseline
        self.held = held
        self.position = {system: place for place, system in enumerate(held)}
        if len(task.systems) > len(held):
            self._leave(
                f"article scores and outputs of {len(task.systems) - len(held)} of {len(task.systems)} systems (the first "
                f"{len(held)} by {self.labels[0]} are here)"
            )
        self.groups = _groups(task, results.titles, limits.chunk)
        self.by_article = {label: self._article_scores(label) for label in self.labels}

    def build(self, room: int, texts: bool) -> TaskView:
        task = self.task
        shown = self._shown_articles()
        blocks, with_texts = self._texts(room) if texts and task.texts is not None else ((), frozenset())
        if task.texts is None:
            self._leave("the texts, which the run did not keep")
        self.with_texts = with_texts
        worse = self._worse()
        return TaskView(
            name=task.name,
            key=self.key,
            heading=task_words(task.kind, task.lang, task.source_lang),
            units=_units(task),
            verdict=sentences([self._standing(label) for label in self.labels], task.systems, self.baseline),
            columns=tuple(self._column(label) for label in self.labels),
            rows=self._rows(),
            heat=tuple(self._heat(label, shown) for label in self.labels) if self._has_articles else (),
            worse=tuple(worse[:100]),
            worse_more=max(0, len(worse) - 100),
            baseline=task.systems[self.baseline],
            baselines=tuple(task.systems[i] for i in self.held),
            notes=self._notes(),
            texts=blocks,
            model=self._model(shown, with_texts),
            evidence=self.evidence,
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

    def _column(self, label: str) -> Column:
        scored, evidence = self.task.metric(label), self.evidence[label]
        note = "; ".join(part for part in (evidence.note, evidence.method) if part)
        return Column(label, scored.higher_is_better, self.digits[label], scored.signature, scored.metric.summary, note)

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
                    held=self.position.get(i),
                    place=place,
                    ranks=_ranks(main.ranks[i], place),
                    cluster=cluster,
                    first_of_cluster=place > 1 and cluster != previous,
                    cells=tuple(columns[label][i] for label in self.labels),
                    missing=len(self.task.missing.get(name, ())),
                )
            )
            previous = cluster
        return tuple(rows)

    def _cells(self, label: str) -> list[Cell]:
        scored, evidence, values = self.task.metric(label), self.evidence[label], self.corpus[label]
        best = _best(values, scored.higher_is_better, self.digits[label])
        ends = [v for v in (*values, *evidence.low, *evidence.high) if v is not None and math.isfinite(v)]
        scale = _Scale(min(ends), max(ends)) if ends else _Scale(0.0, 1.0)
        places = {i: place for place, i in enumerate(self.task.ranked(label), 1)}
        cells = []
        for i, value in enumerate(values):
            low, high = evidence.low[i], evidence.high[i]
            known = math.isfinite(value)
            has_bar = known and low is not None and high is not None
            cells.append(
                Cell(
                    text=self._text(label, float(value)),
                    value=float(value) if known else None,
                    best=known and len(values) > 1 and round(float(value), self.digits[label]) == best,
                    bar=Bar(scale(low), scale(high), scale(float(value)))
                    if has_bar and low is not None and high is not None
                    else None,
                    interval=f"{self._text(label, low)} to {self._text(label, high)}" if has_bar else "",
                    delta=self._delta(label, i),
                    ranks=_ranks(evidence.ranks[i], places[i]),
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
        names = self.task.systems
        return Delta(
            text=_signed(pair.difference, self.digits[label]),
            verdict=pair.verdict,
            words=difference_words(pair, label, names[system], names[self.baseline]),
        )

    def _notes(self) -> tuple[str, ...]:
        notes = list(dict.fromkeys(self.evidence[label].note for label in self.labels))
        notes += list(dict.fromkeys(filter(None, (self.evidence[label].method for label in self.labels))))
        for name, missing in self.task.missing.items():
            notes.append(f"{name}: {count(len(missing), 'missing output')} scored as empty")
        return tuple(note[0].upper() + note[1:] for note in notes)

    # -- articles -------------------------------------------------------------------------------------------------------

    def _article_scores(self, label: str) -> NDArray[np.float64]:
        if self.task.articles is None:
            return np.empty((len(self.task.systems), 0))
        return self.task.by_article(label)

    def _losses(self) -> NDArray[np.float64]:
        """By article, how far the worst system fell behind the baseline on the first metric."""
        scores = self.by_article[self.labels[0]][self.held]
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

    def _heat(self, label: str, shown: Sequence[int]) -> HeatTable:
        scored, digits = self.task.metric(label), self.digits[label]
        columns = self.held[: self.limits.heat_systems]
        if len(self.held) > len(columns) and label == self.labels[0]:
            self._leave(f"{len(self.held) - len(columns)} of {len(self.held)} systems in the tables by article")
        values = self.by_article[label]
        part = values[np.ix_(columns, list(shown))]
        finite = part[np.isfinite(part)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (math.nan, math.nan)
        rows = []
        for a in shown:
            best = _best(values[columns, a], scored.higher_is_better, digits)
            cells = []
            for i in columns:
                value = float(values[i, a])
                cells.append(
                    HeatCell(
                        text=self._text(label, value),
                        shade=_shade(value, low, high, scored.higher_is_better),
                        best=len(columns) > 1 and math.isfinite(value) and round(value, digits) == best,
                        link=self._link(a, i),
                    )
                )
            group = self.groups[a]
            rows.append((group.title, group.lang, tuple(cells)))
        return HeatTable(
            label=label,
            arrow="↑" if scored.higher_is_better else "↓",
            systems=tuple(self.task.systems[i] for i in columns),
            rows=tuple(rows),
            total=tuple(self._text(label, float(self.corpus[label][i])) for i in columns),
            low=self._text(label, low),
            high=self._text(label, high),
        )

    def _link(self, article: int, system: int) -> str | None:
        if article not in self.with_texts or system not in self.position:
            return None
        names = self.task.systems
        systems = dict.fromkeys((names[system], names[self.baseline]))
        return link(self.task.name, self.groups[article].id, tuple(systems))

    def _worse(self) -> list[Worse]:
        if self.task.articles is None or len(self.task.systems) < 2:
            return []
        found: list[tuple[float, Worse]] = []
        for label in self.labels:
            sign = 1.0 if self.task.metric(label).higher_is_better else -1.0
            values = self.by_article[label]
            finite = values[self.held][np.isfinite(values[self.held])]
            spread = float(finite.max() - finite.min()) if finite.size else 0.0
            for i in self.held:
                for a, group in enumerate(self.groups):
                    drop = sign * float(values[self.baseline, a] - values[i, a])
                    if not math.isfinite(drop) or round(drop, self.digits[label]) <= 0 or not spread:
                        continue
                    # Metrics have scales of their own, so a drop is measured by the spread of its metric's scores.
                    share = drop / spread
                    found.append(
                        (
                            share,
                            Worse(
                                system=self.task.systems[i],
                                article=group.id,
                                title=group.title,
                                metric=label,
                                baseline=self._text(label, float(values[self.baseline, a])),
                                score=self._text(label, float(values[i, a])),
                                drop=_signed(float(values[i, a] - values[self.baseline, a]), self.digits[label]),
                                share=share,
                                link=self._link(a, i),
                            ),
                        )
                    )
        found.sort(key=lambda item: -item[0])
        return [worse for _, worse in found]

    # -- the page's data ------------------------------------------------------------------------------------------------

    def _model(self, shown: Sequence[int], with_texts: frozenset[int]) -> dict[str, Any]:
        task, names = self.task, self.task.systems
        visible = set(shown)
        return {
            "key": self.key,
            "name": task.name,
            "lang": task.lang,
            "sourceLang": task.source_lang,
            "kind": task.kind,
            "systems": [names[i] for i in self.held],
            "baseline": self.position[self.baseline],
            "references": _reference_names(task),
            "pairs": len(names) <= len(self.held)
            and all(self.evidence[label].pair(self.held[0], i) for label in self.labels for i in self.held[1:]),
            "metrics": [self._metric_model(label) for label in self.labels],
            "articles": [
                {
                    "id": group.id,
                    "title": group.title,
                    "lang": group.lang,
                    "segments": len(group.segments),
                    "texts": f"{self.key}a{a}" if a in with_texts else None,
                    "scores": [
                        [_rounded(self.by_article[label][i, a], self.digits[label]) for i in self.held]
                        for label in self.labels
                    ]
                    if a in visible and task.articles is not None
                    else None,
                }
                for a, group in enumerate(self.groups)
            ],
        }

    def _metric_model(self, label: str) -> dict[str, Any]:
        scored, evidence, digits = self.task.metric(label), self.evidence[label], self.digits[label]

        def against(i: int) -> list[Any]:
            return [_pair_model(evidence.pair(i, j), digits) for j in self.held]

        return {
            "label": label,
            "name": scored.metric.name,
            "higher": scored.higher_is_better,
            "digits": digits,
            "scores": [_rounded(self.corpus[label][i], digits) for i in self.held],
            "confidence": evidence.confidence,
            "pairs": [against(i) for i in self.held] if evidence.pairs else None,
        }

    def _texts(self, room: int) -> tuple[tuple[ArticleTexts, ...], frozenset[int]]:
        """Articles as JSON, as many as there is room for, those with the largest loss against the baseline first."""
        scores = {label: self.task.by_segment(label) for label in self.labels}
        blocks: dict[int, str] = {}
        used = 0
        for a in np.argsort(-self._losses(), kind="stable").tolist():
            text = script_json({"segments": [self._segment(i, scores) for i in self.groups[a].segments]})
            size = len(text.encode())
            if used + size <= room:
                blocks[a] = text
                used += size
        if len(blocks) < len(self.groups):
            what = "articles" if self.task.articles is not None else "pages of segments"
            self._leave(
                f"the texts of {len(self.groups) - len(blocks)} of {len(self.groups)} {what}, to stay under "
                f"{self.limits.texts // 1_000_000} MB; the run folder has them"
            )
        ordered = sorted(blocks)
        return tuple(ArticleTexts(f"{self.key}a{a}", blocks[a]) for a in ordered), frozenset(ordered)

    def _segment(self, i: int, scores: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
        task, texts = self.task, self.task.texts
        assert texts is not None
        names = [task.systems[s] for s in self.held]
        found = []
        for m, label in enumerate(self.labels):
            by_system = task.findings.get(label, {})
            for place, name in enumerate(names):
                segments = by_system.get(name, ())
                if i < len(segments):
                    source = texts.sources[i] if texts.sources else ""
                    found += [self._finding(f, place, m, source, texts.outputs[name][i]) for f in segments[i]]
        segment: dict[str, Any] = {
            "id": task.ids[i],
            "references": [self._cut(text) for text in texts.references[i]],
            "outputs": [self._cut(texts.outputs[name][i]) for name in names],
            "scores": [[_rounded(scores[label][s, i], self.digits[label]) for s in self.held] for label in self.labels],
        }
        if texts.sources:
            segment["source"] = self._cut(texts.sources[i])
        if texts.blocks:
            segment["block"] = texts.blocks[i]
        if found:
            segment["findings"] = found
        missing = [place for place, name in enumerate(names) if task.ids[i] in task.missing.get(name, ())]
        if missing:
            segment["missing"] = missing
        return segment

    def _finding(self, f: Finding, system: int, metric: int, source: str, output: str) -> list[Any]:
        return [
            system,
            metric,
            f.kind,
            f.severity,
            f.message,
            self._span(f.source_span, source),
            self._span(f.output_span, output),
            f.key,
        ]

    def _span(self, span: tuple[int, int] | None, text: str) -> list[int] | None:
        """A span in the units a browser counts in; None where it lies outside what is shown."""
        if span is None or not 0 <= span[0] < span[1] <= min(len(text), self.limits.text):
            return None
        return [_utf16(text, span[0]), _utf16(text, span[1])]

    def _cut(self, text: str) -> str | list[Any]:
        if len(text) <= self.limits.text:
            return text
        return [text[: self.limits.text], len(text) - self.limits.text]


@dataclass(frozen=True)
class _Group:
    id: str
    title: str
    lang: str
    segments: tuple[int, ...]


def _groups(task: TaskResults, titles: Mapping[str, str], chunk: int) -> list[_Group]:
    """Articles, or pages of segments where nothing is known of articles."""
    if task.articles is None:
        pages = range(0, len(task.ids), chunk)
        return [
            _Group(
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
        _Group(name, titles.get(name, name), _lang(titles.get(name, name)), tuple(segments))
        for name, segments in members.items()
    ]


class _Scale:
    """From scores to percent, with a little air at both ends."""

    def __init__(self, low: float, high: float) -> None:
        air = (high - low) * 0.06 or 1.0
        self.low, self.width = low - air, high - low + 2 * air

    def __call__(self, value: float) -> float:
        return round(100 * (value - self.low) / self.width, 2)


def _shade(value: float, low: float, high: float, higher: bool) -> int | None:
    if not math.isfinite(value):
        return None
    if high <= low:
        return 0
    share = (value - low) / (high - low)
    return round(8 * (share if higher else 1 - share)) - 4


def _best(values: NDArray[np.float64], higher: bool, digits: int) -> float | None:
    """What looks equal to the reader is equally best."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    return round(float(finite.max() if higher else finite.min()), digits)


def _pair_model(pair: Pair | None, digits: int) -> list[Any] | None:
    if pair is None or pair.difference is None:
        return None
    values = [_rounded(v, digits) for v in (pair.difference, pair.low, pair.high)]
    return [*values, None if pair.p is None else p_text(pair.p), pair.verdict]


def _rounded(value: float | None, digits: int) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    # Adding 0.0 turns -0.0 into 0.0.
    return round(float(value), digits) + 0.0


def _signed(value: float, digits: int) -> str:
    rounded = _rounded(value, digits)
    if rounded is None:
        return UNDEFINED
    sign = "+" if rounded > 0 else "−" if rounded < 0 else "±"
    return f"{sign}{abs(rounded):.{digits}f}"


def _ranks(ranks: tuple[int, int] | None, place: int) -> str:
    if ranks is None:
        return str(place)
    return str(ranks[0]) if ranks[0] == ranks[1] else f"{ranks[0]}–{ranks[1]}"


def _reference_names(task: TaskResults) -> list[str]:
    if task.texts is None:
        return []
    most = max((len(refs) for refs in task.texts.references), default=0)
    names = list(task.texts.reference_names[:most])
    return names + [f"reference {n + 1}" for n in range(len(names), most)]


def _units(task: TaskResults) -> str:
    units = count(len(task.ids), "segment")
    articles = len(task.article_names())
    return f"{units} of {count(articles, 'article')}" if articles and articles != len(task.ids) else units


_CJK = re.compile("[\u3400-\u9fff\uf900-\ufaff]")


def _lang(text: str) -> str:
    """The language a title is shown in: fonts and line breaks follow it."""
    return "zh" if _CJK.search(text) else "en"


def _utf16(text: str, index: int) -> int:
    return index + sum(1 for c in text[:index] if ord(c) > 0xFFFF)
