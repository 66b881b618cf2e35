"""Writes results to standard output, or to a file that is replaced only if evalkit wrote it; shows the progress."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evalkit.files import check_own, tell, write_own
from evalkit.printable import printable

if TYPE_CHECKING:
    from evalkit.reports.tables import Table


def choice_option(*names: str, choices: Sequence[str], help: str) -> Callable[[Any], Any]:
    """Add an option with the given choices, whose default is the first."""
    return click.option(*names, type=click.Choice(choices), default=choices[0], help=help)


def format_option(*formats: str) -> Callable[[Any], Any]:
    """Add the option ``--format``."""
    return choice_option("--format", "format_", choices=formats, help="Output format.")


def json_text(value: Any) -> str:
    """Encode plain values and dataclasses as JSON, with a line feed."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=asdict) + "\n"


def print_rows(
    rows: Sequence[Any], format_: str, tables: Callable[[], Iterable[Table]], notes: Sequence[str] = ()
) -> None:
    """Print records as JSON, or as tables with notes below them; with JSON, the notes are printed to standard error."""
    if format_ == "json":
        click.echo(json_text(rows), nl=False)
        for note in notes:
            tell(note)
    else:
        from evalkit.reports import terminal

        click.echo(terminal.tables(list(tables()), notes=notes, stream=sys.stdout), nl=False)


def writer(path: Path | None, format_: str, mark: str, **beginnings: str) -> Callable[[str], None]:
    """Return a function that writes to standard output, or to a file that has the mark of the command's files."""
    if path is None:
        return partial(click.echo, nl=False)
    marked = beginnings.get(format_, mark), "text" if format_ == "table" else format_
    check_own(path, *marked)
    return lambda text: write_own(path, text, *marked)


_REFRESH_SECONDS = 0.1


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Callable[[int, int, str], None] | None]:
    """Show a progress bar if standard error is a terminal; the value moves it, as ``progress(done, total, what)``."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    what, speed = TextColumn("{task.description}", markup=False), TaskProgressColumn(show_speed=True)
    columns = (what, BarColumn(), speed, TimeRemainingColumn())
    # Without the thread that refreshes the bar, a run can share its work with a copy of this process.
    with Progress(*columns, console=Console(file=sys.__stderr__), transient=True, auto_refresh=False) as bar:
        task = bar.add_task("scoring", total=None)
        shown = 0.0

        def move(done: int, total: int, what: str) -> None:
            nonlocal shown
            bar.update(task, completed=done, total=total, description=printable(what))
            if time.monotonic() - shown >= _REFRESH_SECONDS:
                bar.refresh()
                shown = time.monotonic()

        yield move
