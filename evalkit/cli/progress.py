"""The progress bar of the command line."""

from __future__ import annotations

import sys
from typing import Any

from evalkit.printable import printable


class progress_bar:
    """Show a progress bar if standard error is a terminal; otherwise show nothing."""

    def __init__(self, quiet: bool) -> None:
        self._bar: Any = None
        if not quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

            columns = (
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TaskProgressColumn(show_speed=True),
                TimeRemainingColumn(),
            )
            self._bar = Progress(*columns, console=Console(file=sys.__stderr__), transient=True)

    def __enter__(self) -> Any:
        if self._bar is None:
            return None
        self._bar.start()
        task = self._bar.add_task("scoring", total=None)
        return lambda done, total, what: self._bar.update(
            task, completed=done, total=total, description=printable(what)
        )

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
