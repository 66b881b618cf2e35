"""Tables for a terminal, and for what it is piped into."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import groupby
from typing import TextIO

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from evalkit.printable import printable
from evalkit.reports.tables import UNDEFINED, Cell, Table, by_article, leaderboard, leave_one_out
from evalkit.results.comparisons import Difference, Differences
from evalkit.results.pair_text import p_value
from evalkit.results.results import Results

__all__ = ["differences", "render", "tables"]

# A pipe has no width: lines are never wrapped there.
_PIPE_WIDTH = 10_000


def render(results: Results, *, by: str | None = None, stream: TextIO | None = None) -> str:
    """The leaderboard of each task.

    :param by: ``article`` adds a table a metric with a column an article.
    :param stream: where the text will go; colours and width follow it. Plain and unwrapped if left out.
    """
    console, buffer, tty = _console(stream)
    for task in results.tasks:
        _print(console, leaderboard(task), mark=not tty)
        if references := leave_one_out(task):
            _print(console, references, mark=False)
        if by == "article":
            for scored in task.metrics:
                _print(console, by_article(task, scored.label), mark=not tty)
    return buffer.getvalue()


_LEGEND = (
    "detectable difference: the smallest true difference that these data show with 80% power; human agreement: the share "
    "of pairs of systems with this difference that people rank the same way (Kocmi et al. 2024), where published"
)


def differences(found: Differences, *, stream: TextIO | None = None) -> str:
    """A table of pairs for each task and metric, with what was resampled and how it was tested."""
    console, buffer, tty = _console(stream)
    for (task, metric), group in groupby(found, key=lambda d: (d.task, d.metric)):
        rows = list(group)
        table = Table(
            title=f"{task}, {metric}",
            header=(
                "system",
                "baseline",
                "difference",
                "interval",
                "p",
                "corrected p",
                "better",
                "detectable difference",
                "human agreement",
            ),
            rows=tuple(_difference_row(d) for d in rows),
            note=f"{rows[0].method}; {rows[0].note}. {_LEGEND}",
        )
        _print(console, table, mark=not tty, left=(1, 6))
        for reason in dict.fromkeys(d.reason for d in rows if d.reason):
            console.print(Text(printable(f"  {reason}"), style="dim"))
    return buffer.getvalue()


def tables(shown: Sequence[Table], *, stream: TextIO | None = None) -> str:
    """Any tables, one after the other."""
    console, buffer, _ = _console(stream)
    for table in shown:
        _print(console, table, mark=False, left=(1,))
    return buffer.getvalue()


def _difference_row(d: Difference) -> tuple[Cell, ...]:
    def number(value: float | None, form: str) -> str:
        return UNDEFINED if value is None else format(value, form)

    interval = UNDEFINED if d.low is None or d.high is None else f"[{d.low:.3g}, {d.high:.3g}]"
    p, corrected = (UNDEFINED if v is None else p_value(v) for v in (d.p, d.p_corrected))
    cells = (
        d.system,
        d.baseline,
        number(d.difference, "+.3g"),
        interval,
        p,
        corrected,
        d.better or UNDEFINED,
        number(d.min_detectable_difference, ".2g"),
        number(d.agreement, ".0%"),
    )
    return tuple(Cell(text) for text in cells)


def _console(stream: TextIO | None) -> tuple[Console, io.StringIO, bool]:
    tty = stream is not None and stream.isatty()
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=None if tty else _PIPE_WIDTH,
        force_terminal=tty,
        no_color=None if tty else True,
        highlight=False,
        emoji=False,
        markup=False,
    )
    return console, buffer, tty


def _print(console: Console, table: Table, *, mark: bool, left: tuple[int, ...] = ()) -> None:
    if table.title:
        console.print(_text(table.title, "italic"))
    shown = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for i, name in enumerate(table.header):
        shown.add_column(_text(name), justify="left" if i == 0 or i in left else "right", overflow="fold")
    for row in table.rows:
        # Bold is lost in a pipe, so the best value carries a star there.
        shown.add_row(
            *(
                _text(
                    cell.text + ("*" if cell.best and mark else " " if mark and i else ""),
                    style="bold" if cell.best else "",
                )
                for i, cell in enumerate(row)
            )
        )
    console.print(shown)
    if table.note:
        console.print(Text(printable(table.note) + (" (* best)" if mark else ""), style="dim"))
    console.print()


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text, one_line=True), style=style)
