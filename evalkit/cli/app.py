"""The command group, and how errors become messages and exit statuses."""

from __future__ import annotations

import copy
import sys

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
from evalkit.cli.worst import worst
from evalkit.errors import EvalkitError, SettingError
from evalkit.version import __version__

__all__ = ["main"]


class _Group(click.Group):
    """Commands in the order they are used, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


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
    or bad input, 3 runs that cannot be compared.
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
    """Entry point: every foreseen error is one message on stderr and an exit status, never a traceback."""
    try:
        status = cli.main(standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except EvalkitError as error:
        click.echo(f"evalkit: {error}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt) as error:
        kept = str(error if isinstance(error, KeyboardInterrupt) else error.__cause__ or "")
        click.echo(f"evalkit: interrupted; {kept or 'nothing was written'}", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader has gone (evalkit run | head); point the stream elsewhere so that the interpreter's own flush is quiet.
        sys.stdout = open("/dev/null", "w")  # noqa: SIM115, PTH123
        sys.exit(141)
    except MemoryError:
        click.echo("evalkit: out of memory; score fewer systems or segments at once", err=True)
        sys.exit(2)
