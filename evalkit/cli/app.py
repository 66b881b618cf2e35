"""The command group, and the conversion of errors to messages and exit statuses."""

from __future__ import annotations

import _thread
import contextlib
import copy
import io
import os
import re
import sys
import threading
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem, shell_complete

from evalkit.cli.streams import abandon, flush, safe_streams
from evalkit.errors import EvalkitError, ResourceError, SettingError, interrupt_in
from evalkit.files import cannot, finished
from evalkit.version import __version__

#: The commands in the order of typical use, with the module and name of each, which are imported when they are used.
_COMMANDS = {
    "run": "run:run",
    "compare": "compare:compare",
    "duel": "duel:duel",
    "worst": "worst:worst",
    "report": "report:report",
    "gate": "gate:gate",
    "leaderboard": "leaderboard:leaderboard",
    "check": "check:check",
    "probe": "probe:probe",
    "agree": "agree:agree",
    "plan": "plan:plan",
    "export": "export:export",
    "list": "list_command:list_",
    "compare-sacrebleu": "compare_sacrebleu:compare_sacrebleu",
}
_FILES = re.compile("FILE|FOLDER|RUN|PATH|HISTORY|SYSTEM]")

#: The environment variable with which shells ask for completions.
_COMPLETE = "_EVALKIT_COMPLETE"

#: Old names of commands, kept for one release.
_RENAMED = {"beside": "compare-sacrebleu"}


class _Group(click.Group):
    """A group that imports a command when it is used. Its ``commands`` are empty; tools must call :meth:`list_commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_COMMANDS, *_RENAMED]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = _COMMANDS.get(_RENAMED.get(cmd_name, cmd_name))
        if place is None:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(import_module(f"evalkit.cli.{module}"), name)
        for parameter in command.params:
            if parameter.type is click.STRING and _FILES.search(parameter.metavar or ""):
                parameter.type = _FileName()
            if isinstance(parameter, click.Option):
                parameter.show_default = True
        if cmd_name in _RENAMED:
            command = copy.copy(command)
            command.name, command.hidden, command.deprecated = cmd_name, True, True
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        for before, argument in zip(["", *args], args, strict=False):
            if not argument or (argument.startswith("--") and argument.endswith("=")):
                option = argument[:-1] or (before if before.startswith("-") else "an argument")
                raise SettingError(f"{option} is empty; give it a value, or leave it out (is a variable unset?)")
        return super().resolve_command(ctx, args)


class _FileName(click.types.StringParamType):
    """A text that shells complete as the name of a file."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(incomplete, type="file")]


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="evalkit")
def cli() -> None:
    """Evaluate summaries and translations of Chinese news.

    evalkit run scores the bundled systems on the bundled articles. Exit status: 0 done, 1 a gate failed, 2 wrong usage
    or bad input, 3 runs that cannot be compared, 4 an internal or environment error, 130 interrupted, 141 the
    output pipe was closed.
    """


#: Set when an interrupt arrived where Python cannot raise it, or when it was raised.
_interrupted = False


def _interrupt_again(lost: sys.UnraisableHookArgs) -> None:
    """Deliver an interrupt once more that Python lost in a finalizer, or in a callback from C code, as of numba's compiler.

    After an interrupt, objects that were being made fail in their finalizers; nothing is printed about them.
    """
    global _interrupted
    if issubclass(lost.exc_type, KeyboardInterrupt):
        _interrupted = True
        again = threading.Timer(0.01, _thread.interrupt_main)
        again.daemon = True
        again.start()
    elif not _interrupted:
        sys.__unraisablehook__(lost)


def main() -> None:
    """Run the program: any error becomes an exit status and a single message on stderr."""
    global _interrupted
    _interrupted = False
    sys.unraisablehook = _interrupt_again
    with safe_streams():
        status = _status()
        try:
            flush()
        except OSError as error:
            status = _failed(error)
            abandon()
    sys.exit(status)


def _status() -> int:
    """Run the command; unlike :meth:`click.Group.main`, this distinguishes a closed pipe from other errors."""
    try:
        if instruction := os.environ.get(_COMPLETE):
            return shell_complete(cli, {}, "evalkit", _COMPLETE, instruction)
        with cli.make_context("evalkit", sys.argv[1:]) as context:
            cli.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except (Exception, KeyboardInterrupt) as error:
        if os.environ.get("EVALKIT_DEBUG"):
            traceback.print_exc()
        return _failed(error)
    return 0


def _failed(error: BaseException) -> int:
    """Print an error and return its exit status."""
    global _interrupted
    # The error may be a consequence of a callback that was interrupted.
    error = interrupt_in(error) or (KeyboardInterrupt() if _interrupted else error)
    _interrupted = isinstance(error, KeyboardInterrupt)
    if isinstance(error, BrokenPipeError):
        return 141  # as shells report a program ended by a closed pipe, for example in evalkit run | head
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
    if isinstance(error, KeyboardInterrupt):
        written = f"complete: {', '.join(map(str, finished))}" if finished else "nothing was written"
        return f"evalkit: interrupted; {str(error) or written}", 130
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
    """Return where an error was raised: the innermost frame in evalkit."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "evalkit" in Path(f.filename).parts]
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}, {frames[-1].name}" if frames else "outside evalkit"
