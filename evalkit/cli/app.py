"""The command group, and how errors become messages and exit statuses."""

from __future__ import annotations

import contextlib
import copy
import io
import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from evalkit.cli.agree import agree
from evalkit.cli.check import check
from evalkit.cli.compare import compare
from evalkit.cli.compare_sacrebleu import compare_sacrebleu
from evalkit.cli.duel import duel
from evalkit.cli.export import export
from evalkit.cli.gate import gate
from evalkit.cli.leaderboard import leaderboard
from evalkit.cli.list_command import list_
from evalkit.cli.plan import plan
from evalkit.cli.probe import probe
from evalkit.cli.report import report
from evalkit.cli.run import run
from evalkit.cli.streams import abandon, flush, safe_streams
from evalkit.cli.worst import worst
from evalkit.errors import EvalkitError, ResourceError, SettingError
from evalkit.files import cannot, finished
from evalkit.version import __version__

__all__ = ["main"]


class _Group(click.Group):
    """Commands in the order they are used, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    # click would end the process with status 1 when the reader of a pipe has gone.
    def make_context(self, *arguments: Any, **settings: Any) -> click.Context:
        with _closed_pipes():
            return super().make_context(*arguments, **settings)

    def invoke(self, ctx: click.Context) -> Any:
        with _closed_pipes():
            return super().invoke(ctx)


class _PipeClosedError(Exception):
    """The reader of standard output has gone."""


@contextlib.contextmanager
def _closed_pipes() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise _PipeClosedError from None


def _hidden(name: str, command: click.Command) -> click.Command:
    """An old name of a command, kept for one release."""
    alias = copy.copy(command)
    alias.name, alias.hidden, alias.deprecated = name, True, True
    return alias


def _removed(name: str, replacement: str) -> click.Command:
    """A command that is gone; calling it says what replaces it."""

    @click.command(name, hidden=True, context_settings={"ignore_unknown_options": True})
    @click.argument("arguments", nargs=-1)
    def gone(arguments: tuple[str, ...]) -> None:
        raise SettingError(f"evalkit {name} was removed; use {replacement}")

    return gone


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="evalkit")
def cli() -> None:
    """Judge candidate summaries and translations of Chinese news.

    evalkit run scores the bundled systems on the bundled articles. Exit status: 0 done, 1 a gate failed, 2 wrong usage
    or bad input, 3 runs that cannot be compared, 4 a full disk or a bug, 130 interrupted, 141 the reader of a pipe went away.
    """


for command in (
    run,
    compare,
    duel,
    worst,
    report,
    gate,
    leaderboard,
    check,
    probe,
    agree,
    plan,
    export,
    list_,
    compare_sacrebleu,
):
    cli.add_command(command)
cli.add_command(_hidden("beside", compare_sacrebleu))
cli.add_command(_removed("references", "python -m references.tools, from a checkout of evalkit"))


def main() -> None:
    """Entry point: whatever happens becomes an exit status, and one message on stderr where it is an error."""
    with safe_streams():
        status = _status()
        try:
            flush()
        except OSError as error:
            status = _failed(error)
            abandon()
    sys.exit(status)


def _status() -> int:
    try:
        status = cli.main(standalone_mode=False)
        flush()
        return status if isinstance(status, int) else 0
    except (Exception, KeyboardInterrupt) as error:
        if os.environ.get("EVALKIT_DEBUG"):
            traceback.print_exc()
        return _failed(error)


def _failed(error: BaseException) -> int:
    """Print what went wrong; the exit status for it."""
    if isinstance(error, BrokenPipeError | _PipeClosedError):
        return 141  # as a shell has it of a program that a closed pipe ended: the reader (evalkit run | head) has gone
    message, status = _message(error)
    with contextlib.suppress(OSError, ValueError):
        click.echo(message, err=True)
    return status


def _message(error: BaseException) -> tuple[str, int]:
    if isinstance(error, EvalkitError):
        return f"evalkit: {error}", error.exit_code
    if isinstance(error, click.ClickException):
        text = io.StringIO()
        error.show(file=text)
        return text.getvalue().rstrip("\n"), 2
    if isinstance(error, click.Abort | KeyboardInterrupt):
        kept = str(error if isinstance(error, KeyboardInterrupt) else error.__cause__ or "")
        written = f"complete: {', '.join(map(str, finished))}" if finished else "nothing was written"
        return f"evalkit: interrupted; {kept or written}", 130
    if isinstance(error, MemoryError):
        return "evalkit: out of memory; score fewer systems or segments at once", ResourceError.exit_code
    if isinstance(error, OSError) and error.filename:
        problem = cannot("used", os.fsdecode(error.filename), error)
        return f"evalkit: {problem}", problem.exit_code
    if isinstance(error, OSError):
        return f"evalkit: standard output: {error.strerror or error}", ResourceError.exit_code
    return f"evalkit: internal error: {type(error).__name__}: {error} ({_place(error)}). {_DEBUG}", 4


_DEBUG = "This is a bug; set EVALKIT_DEBUG=1 to see the traceback, and report it."


def _place(error: BaseException) -> str:
    """Where an error was raised: the last line of evalkit that was running."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "evalkit" in Path(f.filename).parts]
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}, {frames[-1].name}" if frames else "outside evalkit"
