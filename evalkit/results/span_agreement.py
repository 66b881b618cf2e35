"""Measure how well the error spans reported by a metric agree with those marked by people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from evalkit import stats
from evalkit.metrics.base import mean_score
from evalkit.results.results import Results
from evalkit.results.task_results import number

Span = tuple[int, int]

#: Columns of the sums, and each measure as its numerator and denominator.
_COLUMNS = ("both", "found", "marked", "found_spans", "found_touching", "marked_spans", "marked_touched")
_MEASURES = {
    "precision (characters)": ("both", "found"),
    "recall (characters)": ("both", "marked"),
    "precision (spans)": ("found_touching", "found_spans"),
    "recall (spans)": ("marked_touched", "marked_spans"),
}


@dataclass(frozen=True)
class SpanAgreement:
    """One measure of one metric.

    :param measure: precision or recall, counted by characters or by spans that overlap a span of the other side.
    :param chance: precision of spans at random positions, that is, the share of characters that people marked; None for
        measures without such a floor.
    :param outputs: number of outputs that people marked and the metric judged.
    """

    metric: str
    measure: str
    value: float | None
    low: float | None
    high: float | None
    chance: float | None
    outputs: int
    note: str


def span_agreement(
    results: Results, people: Mapping[tuple[str, int], Iterable[Span]], *, task: str | None = None, trials: int = 1000
) -> list[SpanAgreement]:
    """Compute precision and recall of the output spans that each metric reports as errors or warnings.

    :param people: by system and index of the segment, the spans that people marked, if any.
    :returns: the measures of each metric; none for metrics without spans in outputs, or if no system was marked.
    """
    t = results.task(task)
    agreements: list[SpanAgreement] = []
    for label, by_system in t.findings.items():
        rows = np.zeros((len(t.ids), len(_COLUMNS)))
        outputs, characters, spans_found = 0, 0, 0
        for system, segments in by_system.items():
            failed = t.undefined.get(label, {}).get(system, {})
            texts = t.texts.outputs[system] if t.texts else None
            for i, findings in enumerate(segments):
                if (system, i) not in people or i in failed:
                    continue
                spans = [f.output_span for f in findings if f.output_span and f.severity != "ok"]
                length = len(texts[i]) if texts else None
                rows[i] += _row(spans, [(a, b if length is None else min(b, length)) for a, b in people[system, i]])
                outputs, characters, spans_found = outputs + 1, characters + (length or 0), spans_found + len(spans)
        if not outputs or not spans_found:
            continue
        for measure, (over, under) in _MEASURES.items():
            score = partial(mean_score, part=_COLUMNS.index(over), whole=_COLUMNS.index(under))
            bounds = stats.intervals(rows, score, t.groups(), trials=trials, seed=results.seed)
            marked = rows[:, _COLUMNS.index("marked")].sum()
            chance = marked / characters if characters and measure == "precision (characters)" else None
            value, low, high = (number(values[0]) for values in (bounds.score, bounds.low, bounds.high))
            agreements.append(SpanAgreement(label, measure, value, low, high, chance, outputs, bounds.note))
    return agreements


def _row(span_list: Iterable[Span], marked: Iterable[Span]) -> list[int]:
    """Return the columns of one output; characters covered by several spans of one side count once."""
    span_list, marked = list(span_list), list(marked)
    of_found, of_marked = ({i for a, b in spans for i in range(a, b)} for spans in (span_list, marked))
    touching = sum(any(i in of_marked for i in range(a, b)) for a, b in span_list)
    touched = sum(any(i in of_found for i in range(a, b)) for a, b in marked)
    return [len(of_found & of_marked), len(of_found), len(of_marked), len(span_list), touching, len(marked), touched]
