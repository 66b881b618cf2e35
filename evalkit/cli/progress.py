"""The progress bar of the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from evalkit.printable import printable


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Callable[[int, int, str], None] | None]:
    """Show a progress bar if standard error is a terminal; otherwise show nothing.

    The value is a function that moves the bar, called as ``progress(done, total, what)``.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    what, speed = TextColumn("{task.description}", markup=False), TaskProgressColumn(show_speed=True)
    columns = (what, BarColumn(), speed, TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.__stderr__), transient=True) as bar:
        task = bar.add_task("scoring", total=None)
        yield lambda done, total, what: bar.update(task, completed=done, total=total, description=printable(what))
