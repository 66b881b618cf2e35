"""Tables for a terminal, and for what it is piped into."""

from __future__ import annotations

import io
from typing import TextIO

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from evalkit.reports.tables import Table, by_article, leaderboard
from evalkit.results import Results

__all__ = ["render"]

# A pipe has no width: lines are never wrapped there.
_PIPE_WIDTH = 10_000


def render(results: Results, *, by: str | None = None, stream: TextIO | None = None) -> str:
    """The leaderboard of each task.

    :param by: ``article`` adds a table a metric with a column an article.
    :param stream: where the text will go; colours and width follow it. Plain and unwrapped if left out.
    """
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
    for task in results.tasks:
        _print(console, leaderboard(task), mark=not tty)
        if by == "article":
            names = [results.titles.get(name, name) for name in task.article_names()]
            for scored in task.metrics:
                _print(console, by_article(task, scored.label, names), mark=not tty)
    return buffer.getvalue()


def _print(console: Console, table: Table, *, mark: bool) -> None:
    shown = RichTable(title=Text(table.title), title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for i, name in enumerate(table.header):
        shown.add_column(Text(name), justify="left" if i == 0 else "right", overflow="fold")
    for row in table.rows:
        # Bold is lost in a pipe, so the best value carries a star there.
        shown.add_row(
            *(
                Text(
                    cell.text + ("*" if cell.best and mark else " " if mark and i else ""),
                    style="bold" if cell.best else "",
                )
                for i, cell in enumerate(row)
            )
        )
    console.print(shown)
    if table.note:
        console.print(Text(table.note + (" (* best)" if mark else ""), style="dim"))
    console.print()
