"""What a notebook shows of results: the verdict and the leaderboard of each task, as a fragment of HTML."""

from __future__ import annotations

from html import escape

from evalkit.reports.shown import Cell, TaskView
from evalkit.reports.view import build
from evalkit.results import Results

__all__ = ["render"]

# Notebooks strip style elements and bring styles of their own, so the little that is needed stands on the elements.
_CELL = "text-align:right;padding:.25em .9em;font-variant-numeric:tabular-nums"
_NAME = "text-align:left;padding:.25em .9em"
_COLOURS = {"better": ";color:#14693f", "worse": ";color:#a3211b"}
_ROWS = 30


def render(results: Results) -> str:
    """The fragment; every text is escaped."""
    report = build(results, texts=False)
    return f"<div><strong>{escape(report.title)}</strong>{''.join(map(_task, report.tasks))}</div>"


def _task(task: TaskView) -> str:
    verdict = "".join(
        "<div>"
        + "".join(f"<strong>{escape(p.text)}</strong>" if p.strong else escape(p.text) for p in sentence)
        + "</div>"
        for sentence in task.verdict
    )
    head = "".join(f'<th scope="col" style="{_CELL}">{escape(c.label)} {c.arrow}</th>' for c in task.columns)
    body = "".join(
        f'<tr><td style="{_CELL}">{row.ranks}</td><th scope="row" style="{_NAME}">{escape(row.system)}</th>'
        + "".join(map(_cell, row.cells))
        + "</tr>"
        for row in task.rows[:_ROWS]
    )
    more = f"<div>and {len(task.rows) - _ROWS} more systems</div>" if len(task.rows) > _ROWS else ""
    baseline = ""
    if len(task.rows) > 1:
        baseline = (
            f'<div style="font-size:85%">Differences to {escape(task.baseline)}; ≈ cannot be told apart. '
            f"{escape('. '.join(task.notes))}.</div>"
        )
    return (
        f'<div style="margin:1em 0"><div>{escape(task.name)}: {escape(task.heading)}, {escape(task.units)}</div>{verdict}'
        f'<table><thead><tr><th scope="col" style="{_CELL}">rank</th><th scope="col" style="{_NAME}">system</th>{head}</tr>'
        f"</thead><tbody>{body}</tbody></table>{more}{baseline}</div>"
    )


def _cell(cell: Cell) -> str:
    text = f"<strong>{cell.text}</strong>" if cell.best else cell.text
    if cell.delta is not None:
        about = " ≈" if cell.delta.verdict in ("open", "same") else ""
        colour = _COLOURS.get(cell.delta.verdict, "")
        text += (
            f' <span style="font-size:85%{colour}" title="{escape(cell.delta.words)}">{cell.delta.text}{about}</span>'
        )
    title = f' title="interval {cell.interval}"' if cell.interval else ""
    return f'<td style="{_CELL}"{title}>{text}</td>'
