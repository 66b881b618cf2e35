"""The outputs of a task to read first, for the page and Markdown: excerpts with the erroneous span marked."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from evalkit.reports.view_model import Excerpt, ReadFirst
from evalkit.reports.worst_text import headline
from evalkit.results.task_results import TaskResults
from evalkit.results.worst_segments import WorstSegment, worst

__all__ = ["read_first"]

#: Number of outputs of the best system, and of all others together.
_OF_BEST, _OF_OTHERS = 3, 3

#: Characters around a marked span, and characters shown of a text without one.
_AROUND, _PLAIN = 110, 220


def read_first(
    task: TaskResults, best: int, unusable: Collection[int], lang_of_source: str | None
) -> tuple[ReadFirst, ...]:
    """Return the worst outputs of the best system, then the largest losses of the others against it."""
    name = task.systems[best]
    rows = list(worst(task, name, n=_OF_BEST))
    others = [i for i in range(len(task.systems)) if i != best and i not in unusable]
    losses = [worst(task, task.systems[i], against=name, n=_OF_OTHERS) for i in others]
    # The first output of each system comes before the second of any.
    turns = [(k, -row.errors, -(row.loss or 0.0), row) for found in losses for k, row in enumerate(found)]
    rows += [turn[-1] for turn in sorted(turns, key=lambda turn: turn[:3])[:_OF_OTHERS]]
    return tuple(_entry(task, row, lang_of_source) for row in rows if row.errors or row.score is not None)


def _entry(task: TaskResults, row: WorstSegment, lang_of_source: str | None) -> ReadFirst:
    shown = row.findings[:4]
    wrong = [f for _, f in shown if f.severity == "error"] or [f for _, f in shown]
    in_source = next((f.source_span for f in wrong if f.source_span), None)
    in_output = next((f.output_span for f in wrong if f.output_span), None)
    texts = []
    if row.source is not None:
        texts.append(Excerpt("source", lang_of_source or "und", *_window(row.source, in_source)))
    for reference in (row.references or ())[:1]:
        texts.append(Excerpt("reference", task.lang, *_window(reference, None)))
    if row.output is not None:
        texts.append(Excerpt(row.system, task.lang, *_window(row.output or "(empty)", in_output)))
    return ReadFirst(
        system=row.system,
        index=row.index,
        segment=row.segment,
        article=row.article,
        headline=headline(row),
        findings=tuple((finding.severity, finding.message) for _, finding in shown),
        more=len(row.findings) - len(shown),
        texts=tuple(texts),
    )


def _window(text: str, span: tuple[int, int] | None) -> Iterator[str]:
    """Return the text before, within and after a marked span; without a span, nothing is marked."""
    if span is None or not 0 <= span[0] < span[1] <= len(text):
        cut = text if len(text) <= _PLAIN else text[:_PLAIN] + "…"
        yield from (_line(cut), "", "")
        return
    start, end = max(0, span[0] - _AROUND), min(len(text), span[1] + _AROUND)
    yield ("…" if start else "") + _line(text[start : span[0]])
    yield _line(text[span[0] : span[1]][: 2 * _PLAIN])
    yield _line(text[span[1] : end]) + ("…" if end < len(text) else "")


def _line(text: str) -> str:
    return text.replace("\n", " ")
