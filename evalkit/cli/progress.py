"""The progress bar of the command line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from evalkit.printable import printable

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
