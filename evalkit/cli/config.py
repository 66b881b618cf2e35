"""Read defaults for ``evalkit run`` from a TOML file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from evalkit.cli.judge_flags import shown_value
from evalkit.errors import SettingError, did_you_mean
from evalkit.toml_file import read_settings

_META = "evalkit.config"
_TABLE = "tool.evalkit.run"


def config_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--config FILE`` and ``--no-config`` to a command; flags on the command line override the file."""
    eager: dict[str, Any] = {"is_eager": True, "expose_value": False, "callback": _configure}
    ignored = click.option("--no-config", is_flag=True, help=f"Ignore [{_TABLE}] of ./pyproject.toml.", **eager)
    text = f"TOML file with options.  [default: [{_TABLE}] of ./pyproject.toml]"
    return click.option("--config", metavar="FILE", help=text, **eager)(ignored(command))


def config_used(ctx: click.Context) -> dict[str, Any] | None:
    """Return the file and the options that this call took from it, unless a flag replaced them; None without a file."""
    file, table = ctx.meta.get(_META, (None, {}))
    by_flag = ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT
    names = {key: str(p.name) for key, p in _options(ctx.command).items()}
    # In older versions of click, an argument that was left out has the source COMMANDLINE, too.
    replaced = {
        key for key, name in names.items() if ctx.get_parameter_source(name) in by_flag and ctx.params.get(name) != ()
    }
    used = {key: shown_value(key, value) for key, value in table.items() if key.replace("_", "-") not in replaced}
    return {"file": file, "options": used} if file else None


def print_config_used(ctx: click.Context) -> None:
    """Print the names of these options in one line."""
    used = config_used(ctx)
    if used and used["options"]:
        click.echo(f"options from {used['file']}: {', '.join(sorted(used['options']))}", err=True)


def _configure(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Take defaults from the file as soon as both options are known."""
    given = ctx.meta.setdefault(f"{_META}.given", {})
    given[parameter.name] = value
    if len(given) < 2:
        return
    file = given["config"]
    if given["no_config"]:
        if file:
            raise click.UsageError("give --config or --no-config, not both")
        return
    path = Path(file or "pyproject.toml")
    table = read_settings(path, _TABLE.split(".")) if file or path.is_file() else None
    if table is None:
        if file:
            raise SettingError(f"{path}: there is no table [{_TABLE}]; add one, or name another file")
        return
    ctx.default_map = _defaults(ctx.command, table, path)
    ctx.meta[_META] = str(path), table


def _options(command: click.Command) -> dict[str, click.Parameter]:
    """Return the parameters by key: the longest name of an option, or the name of an argument."""
    return {max(p.opts, key=len).lstrip("-"): p for p in command.params if not p.is_eager}


def _defaults(command: click.Command, table: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return the values of the table by the names of the command's parameters."""
    known = _options(command)
    defaults: dict[str, Any] = {}
    for key, value in table.items():
        parameter = known.get(key.replace("_", "-"))
        if parameter is None:
            hint = did_you_mean(key.replace("_", "-"), known) or "."
            options = ", ".join(sorted(known))
            raise SettingError(f"{path}: unknown option {key!r} of evalkit run{hint} The options are {options}")
        if str(parameter.name) in defaults:
            raise SettingError(f"{path}: {key} is given twice, with - and with _")
        defaults[str(parameter.name)] = _value(parameter, value, f"{path}: {key}")
    return defaults


def _value(parameter: click.Parameter, value: Any, where: str) -> Any:
    if value == "" or (isinstance(value, list) and "" in value):
        raise SettingError(f"{where} is empty; give it a value, or leave it out")
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
        raise SettingError(f"{where} takes a text or a number, not {value!r}")
    text = str(value)  # as on the command line: click would round 1.5 to a whole number
    try:
        parameter.type.convert(text, parameter, None)
    except click.BadParameter as error:
        raise SettingError(f"{where}: {error.message}") from None
    return text
