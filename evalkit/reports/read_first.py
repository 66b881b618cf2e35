"""The outputs of a task to read first, for the page and Markdown: excerpts with the erroneous spans marked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from evalkit.reports.view_model import ReadFirst
from evalkit.reports.worst_text import headline, marked_parts, texts_of
from evalkit.results.worst_segments import worst

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
    others = [other for i, other in enumerate(task.systems) if i != view.best and i not in view.unusable]
    losses = [row for other in others for row in enumerate(worst(task, other, against=name, n=_OF_OTHERS))]
    # The first output of each system comes before the second of any.
    losses.sort(key=lambda turn: (turn[0], -turn[1].errors, -(turn[1].loss or 0.0)))
    scored = task.metrics[0]
    flawless = scored.metric.range[1 if scored.higher_is_better else 0]
    chosen: list[ReadFirst] = []
    for row in (*worst(task, name, n=_OF_BEST), *(row for _, row in losses[:_OF_OTHERS])):
        if row.errors or (row.score is not None and not math.isclose(row.score, flawless)):
            excerpts = tuple(
                (
                    title,
                    task.source_lang or "und" if title == "source" else task.lang,
                    marked_parts(text, spans, _PLAIN),
                )
                for title, text, spans in texts_of(row, references=1)
                if title != row.against
            )
            chosen.append(ReadFirst(row, headline(row), excerpts, view.segment_link(row)))
    return tuple(chosen)
