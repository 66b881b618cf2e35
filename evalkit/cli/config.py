"""Read defaults for ``evalkit run`` from a TOML file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from evalkit.cli.judge_flags import shown_value
from evalkit.errors import SettingError, did_you_mean
from evalkit.toml_file import read_settings

_META = "evalkit.config"
_ASKED = "evalkit.config.asked"
_TABLE = "tool.evalkit.run"


def config_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--config FILE`` and ``--no-config`` to a command; flags on the command line override the file."""
    command = click.option(
        "--no-config",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_no_config,
        help=f"Ignore [{_TABLE}] of ./pyproject.toml.",
    )(command)
    return click.option(
        "--config",
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_config,
        help=f"TOML file with options.  [default: [{_TABLE}] of ./pyproject.toml]",
    )(command)


def config_used(ctx: click.Context) -> dict[str, Any] | None:
    """Return the file and the options that this call took from it; None if no file was used."""
    used: dict[str, Any] | None = ctx.meta.get(_META)
    return used


def _no_config(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        if ctx.meta.get(_ASKED):
            raise click.UsageError("give --config or --no-config, not both")
        ctx.default_map = None
        ctx.meta[_META] = None


def _config(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if _META in ctx.meta and ctx.meta[_META] is None:
        if value:
            raise click.UsageError("give --config or --no-config, not both")
        return
    ctx.meta[_ASKED] = value is not None
    path = Path(value or "pyproject.toml")
    if value is None and not path.is_file():
        return
    table = read_settings(path, _TABLE.split("."))
    if table is None:
        if value is not None:
            raise SettingError(f"{path}: there is no table [{_TABLE}]; add one, or name another file")
        return
    ctx.default_map = _defaults(ctx.command, table, path)
    ctx.meta[_META] = {"file": str(path), "options": {key: shown_value(key, value) for key, value in table.items()}}
    if table:
        click.echo(f"options from {path}: {', '.join(sorted(table))}", err=True)


def _defaults(command: click.Command, table: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return the values of the table by the names of the command's parameters.

    :raises SettingError: for an unknown key (the message suggests the nearest known one) or a value of the wrong type.
    """
    known = {_key(p): p for p in command.params if p.expose_value}
    defaults: dict[str, Any] = {}
    for key, value in table.items():
        parameter = known.get(key.replace("_", "-"))
        if parameter is None:
            hint = did_you_mean(key.replace("_", "-"), known) or "."
            raise SettingError(
                f"{path}: unknown option {key!r} of evalkit run{hint} The options are {', '.join(sorted(known))}"
            )
        defaults[str(parameter.name)] = _value(parameter, value, f"{path}: {key}")
    return defaults


def _key(parameter: click.Parameter) -> str:
    """Return the longest name of an option without its dashes, or the name of an argument."""
    return max(parameter.opts, key=len).lstrip("-")


def _value(parameter: click.Parameter, value: Any, where: str) -> Any:
    several = parameter.multiple if isinstance(parameter, click.Option) else parameter.nargs == -1
    if several:
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) for item in values):
            raise SettingError(f'{where} takes texts, such as ["a", "b"]')
        return values
    if isinstance(parameter, click.Option) and parameter.is_flag:
        if not isinstance(value, bool):
            raise SettingError(f"{where} is true or false, not {value!r}")
        return value
    if isinstance(value, bool | list | dict) or not isinstance(value, str | int | float):
        raise SettingError(f"{where} takes one value, not {value!r}")
    return str(value)  # as on the command line: click would round 1.5 to a whole number
