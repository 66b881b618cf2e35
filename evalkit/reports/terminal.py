"""Tables for a terminal or a pipe."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from itertools import groupby
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table as RichTable
from rich.text import Text

from evalkit.printable import printable
from evalkit.reports.tables import UNDEFINED, Cell, Table, by_article, leaderboard, leave_one_out
from evalkit.results.comparisons import Difference, Differences, unjudged_note
from evalkit.results.pair_text import p_value
from evalkit.results.results import Results

__all__ = ["differences", "render", "tables"]

# A pipe has no width, so lines are never wrapped there.
_PIPE_WIDTH = 10_000
# Number of spaces between columns.
_GAP = 2


def render(results: Results, *, by: str | None = None, stream: TextIO | None = None) -> str:
    """The leaderboard of each task.

    :param by: ``article`` adds one table per metric with one column per article.
    :param stream: the stream that the text is written to, which determines colors and width. Plain and unwrapped by
        default.
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
    "detectable difference: the smallest true difference that these data show with 80% power",
    "human agreement: the share of pairs of systems with this difference that people rank the same way (Kocmi et al. 2024), "
    "where published",
)


def differences(found: Differences, *, more: Sequence[str] = (), stream: TextIO | None = None) -> str:
    """Render a table of pairs for each task and metric; the resampling and the test are described once, at the end.

    :param more: further notes.
    """
    console, buffer, tty = _console(stream)
    notes: dict[str, None] = {}
    for (task, metric), group in groupby(found, key=lambda d: (d.task, d.metric)):
        rows = list(group)
        table = _difference_table(f"{task}, {metric}", rows)
        _print(
            console, table, mark=not tty, left=tuple(map(table.header.index, {"baseline", "better"} & {*table.header}))
        )
        notes |= dict.fromkeys(f"{task}, {metric}: {d.reason}" for d in rows if d.reason)
        notes |= dict.fromkeys(f"{task}, {metric}: {unjudged_note(d)}" for d in rows if d.unjudged)
        notes |= dict.fromkeys(f"{task}: {d.method}; {d.note}" for d in rows)
    for note in (*more, *notes, *_LEGEND):
        console.print(_text(note, "dim"))
    return buffer.getvalue()


def tables(shown: Sequence[Table], *, stream: TextIO | None = None) -> str:
    """Render any tables, one after another."""
    console, buffer, _ = _console(stream)
    for table in shown:
        _print(console, table, mark=False, left=(1,))
    return buffer.getvalue()


def _difference_table(title: str, rows: Sequence[Difference]) -> Table:
    header = (
        "system",
        "baseline",
        "difference",
        "interval",
        "p",
        "corrected p",
        "better",
        "detectable difference",
        "human agreement",
    )
    # A value that is the same in all rows, or missing from all of them, needs no column.
    baselines, published = {d.baseline for d in rows}, any(d.agreement is not None for d in rows)
    left_out = {1 if len(baselines) == 1 else None, None if published else 8}
    if len(baselines) == 1:
        title += f", against {rows[0].baseline}"
    kept = [i for i in range(len(header)) if i not in left_out]
    cells = [[_difference_row(d)[i] for i in kept] for d in rows]
    return Table(title, tuple(header[i] for i in kept), tuple(map(tuple, cells)))


def _difference_row(d: Difference) -> tuple[Cell, ...]:
    digits = 2
    if d.low is not None and d.high is not None and d.high - d.low > 1e-9 * abs(d.high):
        # Use two significant digits of the interval's width.
        digits = max(0, 1 - math.floor(math.log10(d.high - d.low)))

    def number(value: float | None, sign: str = "") -> str:
        return UNDEFINED if value is None else format(value, f"{sign}.{digits}f")

    interval = UNDEFINED if d.low is None or d.high is None else f"[{number(d.low)}, {number(d.high)}]"
    p, corrected = (UNDEFINED if v is None else p_value(v) for v in (d.p, d.p_corrected))
    texts = (
        d.system,
        d.baseline,
        number(d.difference, "+"),
        interval,
        p,
        corrected,
        d.better or UNDEFINED,
        number(d.min_detectable_difference),
        UNDEFINED if d.agreement is None else f"{d.agreement:.0%}",
    )
    return tuple(map(Cell, texts))


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
    # Bold is lost in a pipe, so the best value is marked with a star there.
    rows = [
        [
            _text(cell.text + ("*" if cell.best and mark else " " if mark and i else ""), "bold" if cell.best else "")
            for i, cell in enumerate(row)
        ]
        for row in table.rows
    ]
    widths = [max([cell_len(word) for word in name.split()] + [1]) for name in table.header]
    widths = [max([least, *(row[i].cell_len for row in rows)]) for i, least in enumerate(widths)]
    for columns in _fitting(widths, console.width):
        shown = RichTable(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
        whole = sum(max(widths[i], cell_len(table.header[i])) + _GAP for i in columns) - _GAP <= console.width
        for i in columns:
            justify: JustifyMethod = "left" if i == 0 or i in left else "right"
            width = None if whole else min(widths[i], console.width)
            shown.add_column(_text(table.header[i]), justify=justify, overflow="fold", width=width)
        for row in rows:
            shown.add_row(*(row[i] for i in columns))
        console.print(shown)
    if table.note:
        console.print(Text(printable(table.note) + (" (* best)" if mark else ""), style="dim"))
    console.print()


def _fitting(widths: Sequence[int], room: int) -> list[list[int]]:
    """Split a table into parts that fit the width without breaking a word; each part repeats the first column."""
    parts: list[list[int]] = [[0]]
    for i in range(1, len(widths)):
        if sum(widths[k] + _GAP for k in parts[-1]) + widths[i] > room and len(parts[-1]) > 1:
            parts.append([0])
        parts[-1].append(i)
    return parts


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text, one_line=True), style=style)
