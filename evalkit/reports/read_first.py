"""The outputs of a task to read first, for the page and Markdown: excerpts with the erroneous spans marked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from evalkit.reports.view_model import Excerpt, ReadFirst
from evalkit.reports.worst_text import headline, marked_parts, texts_of
from evalkit.results.task_results import TaskResults
from evalkit.results.worst_segments import WorstSegment, worst

if TYPE_CHECKING:
    from evalkit.reports.task_view import TaskView

#: Number of outputs of the best system, and of all others together.
_OF_BEST, _OF_OTHERS = 3, 3

#: Maximum characters shown of a text without a marked span.
_PLAIN = 220


def read_first(view: TaskView) -> tuple[ReadFirst, ...]:
    """Return the worst outputs of the best system, then the largest losses of the others against it."""
    task = view.task
    name = task.systems[view.best]
    rows = list(worst(task, name, n=_OF_BEST))
    others = [i for i in range(len(task.systems)) if i != view.best and i not in view.unusable]
    losses = [worst(task, task.systems[i], against=name, n=_OF_OTHERS) for i in others]
    # The first output of each system comes before the second of any.
    turns = [
        (k, -row.errors, -(row.loss or 0.0), row) for metric_losses in losses for k, row in enumerate(metric_losses)
    ]
    rows += [turn[-1] for turn in sorted(turns, key=lambda turn: turn[:3])[:_OF_OTHERS]]
    scored = task.metrics[0]
    flawless = scored.metric.range[1 if scored.higher_is_better else 0]
    return tuple(
        _entry(task, row, view.segment_link(row))
        for row in rows
        if row.errors or (row.score is not None and not math.isclose(row.score, flawless))
    )


def _entry(task: TaskResults, row: WorstSegment, link: str | None) -> ReadFirst:
    listed = row.findings[:4]
    langs = {"source": task.source_lang or "und"}
    return ReadFirst(
        system=row.system,
        segment=row.segment,
        headline=headline(row),
        findings=tuple((finding.severity, finding.message) for _, finding in listed),
        more=len(row.findings) - len(listed),
        texts=tuple(
            Excerpt(name, langs.get(name, task.lang), marked_parts(text, spans, _PLAIN))
            for name, text, spans in texts_of(row, references=1)
            if name != row.against
        ),
        link=link,
    )
