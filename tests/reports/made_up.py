"""Runs made up for the reports: no text here comes from a benchmark."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit import BLEU, ChrF
from evalkit.data.benchmark import Benchmark
from evalkit.engine.evaluate import run
from evalkit.metrics.base import Finding, Metric
from evalkit.results.results import Results
from evalkit.results.task_results import ScoredMetric, TaskResults

SOURCES = (
    "图书馆新增两万册图书。",
    "今年有一千二百人参加比赛,比去年多三成。",
    "市长李明周二说,新桥将在五月通车。",
    "河水昨夜上涨两米。",
    "学校新开了三门课。",
    "他们种了四百棵树。",
)
REFERENCES = (
    "The library has added twenty thousand books.",
    "This year 1,200 people took part in the contest, thirty percent more than last year.",
    "Mayor Li Ming said on Tuesday that the new bridge will open in May.",
    "The river rose two metres last night.",
    "The school has started three new courses.",
    "They planted four hundred trees.",
)
SECOND = (
    "Twenty thousand books were added to the library.",
    "The contest drew 1,200 people this year, up 30 percent.",
    "The new bridge opens in May, Mayor Li Ming said Tuesday.",
    "Overnight the river rose by two metres.",
    "Three new courses began at the school.",
    "Four hundred trees were planted by them.",
)
GOOD = (
    "The library has added twenty thousand new books.",
    "This year 1,200 people took part in the contest, thirty percent more than last year.",
    "Mayor Li Ming said Tuesday that the new bridge will open in May.",
    "The river rose two metres last night.",
    "The school has opened three new courses.",
    "They planted four hundred trees.",
)
POOR = (
    "Library add book two thousand.",
    "1,000 people in contest, less than before.",
    "Li Ming mayor new bridge in June said.",
    "River water up yesterday night 20 metres.",
    "School 3 lesson.",
    "Trees 400 planted by they.",
)
OTHER = (
    "The library added twenty thousand books.",
    "This year 1,200 people entered the contest, 30% more than last year.",
    "Mayor Li Ming said on Tuesday the new bridge opens in May.",
    "The river rose three metres last night.",
    "The school started three courses.",
    "They planted forty trees.",
)


@dataclasses.dataclass(frozen=True)
class KeyFacts(ChrF):
    """Scores as chrF does, and is called as the metric of key facts is."""

    name = "KeyFacts"


@dataclasses.dataclass(frozen=True)
class Share(Metric):
    """A share of words, undefined where there are none."""

    name = "Share"
    summary = "a share"
    range = (0.0, 1.0)

    @property
    def columns(self) -> tuple[str, ...]:
        return ("hits", "words")

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> NDArray[np.float64]:
        return np.array([[text.count("e"), len(text)] for text in hypotheses], dtype=np.float64)

    def score(self, statistics: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(all="ignore"):
            return np.asarray(statistics[..., 0] / statistics[..., 1])


def benchmark(
    *,
    articles: Sequence[str] | None = ("bridge", "bridge", "bridge", "river", "river", "river"),
    titles: Mapping[str, str] | None = None,
    name: str = "made-up",
    sources: Sequence[str] = SOURCES,
    references: Sequence[Sequence[str]] | None = None,
) -> Benchmark:
    rows = [
        {
            "id": f"{articles[i]}/p{i:02d}" if articles else str(i),
            "article": articles[i] if articles else None,
            "source": sources[i],
            "references": list(references[i] if references else (REFERENCES[i % 6], SECOND[i % 6])),
        }
        for i in range(len(sources))
    ]
    built = Benchmark.from_dataset(rows, lang="zh-en", name=name)
    return dataclasses.replace(built, titles=dict(titles or {"bridge": "新桥五月通车", "river": "The river"}))


def results(
    systems: Mapping[str, Sequence[str]] | None = None,
    *,
    bench: Benchmark | None = None,
    metrics: Sequence[Metric] = (BLEU(), ChrF()),
) -> Results:
    given = systems or {"good": GOOD, "other": OTHER, "poor": POOR}
    return run(bench or benchmark(), {name: list(texts) for name, texts in given.items()}, metrics=metrics)


def with_findings(found: Results, label: str, findings: Mapping[str, Mapping[int, Sequence[Finding]]]) -> Results:
    """The same results with findings: by system and number of the segment, in the first task."""
    task = found.tasks[0]
    rows = {
        system: tuple(tuple(by_segment.get(i, ())) for i in range(len(task.ids)))
        for system, by_segment in findings.items()
    }
    changed = dataclasses.replace(task, findings={**task.findings, label: rows})
    return dataclasses.replace(found, tasks=(changed, *found.tasks[1:]))


def with_key_facts(found: Results) -> Results:
    """The same results, the metric chrF replaced by one called KeyFacts."""
    task: TaskResults = found.tasks[0]
    metrics = tuple(
        ScoredMetric("KeyFacts", KeyFacts()) if scored.label == "chrF" else scored for scored in task.metrics
    )
    statistics = {"KeyFacts" if label == "chrF" else label: rows for label, rows in task.statistics.items()}
    return dataclasses.replace(
        found, tasks=(dataclasses.replace(task, metrics=metrics, statistics=statistics), *found.tasks[1:])
    )


def span(text: str, part: str) -> tuple[int, int]:
    start = text.index(part)
    return start, start + len(part)


def _pair(severity: str, kind: str, message: str, i: int, source: str, output: str, text: str) -> Finding:
    return Finding(kind, severity, message, span(SOURCES[i], source), span(text, output), source)


def reading() -> Results:
    """Three systems, two articles, with quantities matched, missing and wrong, and key facts."""
    wrong = "wrong-value"
    findings: dict[str, dict[int, list[Finding]]] = {
        "good": {
            0: [_pair("ok", "matched", "两万 is carried by twenty thousand", 0, "两万", "twenty thousand", GOOD[0])],
            1: [_pair("ok", "matched", "一千二百 is carried by 1,200", 1, "一千二百", "1,200", GOOD[1])],
        },
        "poor": {
            0: [
                _pair("error", wrong, "两万 is 20,000, the output has two thousand", 0, "两万", "two thousand", POOR[0])
            ],
            1: [
                _pair("error", wrong, "一千二百 is 1,200, the output has 1,000", 1, "一千二百", "1,000", POOR[1]),
                Finding("missing", "warning", "三成 (30%) is missing", span(SOURCES[1], "三成"), None, "30%"),
            ],
            4: [Finding("cut-off", "warning", "the output is much shorter than the source", None, None, "")],
        },
    }
    opens = "The new bridge opens in May."
    facts: dict[str, dict[int, list[Finding]]] = {
        "good": {2: [Finding("carried", "ok", opens, None, span(GOOD[2], "open in May"), "f1")]},
        "poor": {
            2: [
                Finding("contradicted", "error", opens, None, span(POOR[2], "June"), "f1"),
                Finding("missing", "warning", "The mayor spoke on Tuesday.", None, None, "f2"),
            ]
        },
    }
    return with_findings(with_key_facts(with_findings(results(), "BLEU", findings)), "KeyFacts", facts)
