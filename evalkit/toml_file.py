"""Settings in TOML files: gate rules, options of a run and metadata."""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from evalkit import wording
from evalkit.errors import SettingError, did_you_mean
from evalkit.reading import read_file

#: Maximum size of a settings file in bytes.
_LIMIT = 1 << 22

_ROOT = ("tool", "evalkit")
#: The tables of a ``pyproject.toml``.
_STANDARD = ("build-system", "project", "dependency-groups", "tool")
_TABLES = ("run", "gate", "metadata")


def read_settings(path: Path, table: Sequence[str]) -> Mapping[str, Any] | None:
    """Read a table of a TOML file, such as ``("tool", "evalkit", "gate")``.

    A file of another name than ``pyproject.toml`` may hold the settings at its top instead.

    :returns: the settings; None for a ``pyproject.toml`` without the table.
    """
    whole = _read(path)
    section: Any = whole
    for i, name in enumerate(table):
        if tuple(table[:i]) == _ROOT:
            _check_names(section, path)
        if name not in section:
            return None if path.name == "pyproject.toml" else whole
        section = section[name]
        if not isinstance(section, dict):
            raise SettingError(f"{path}: {'.'.join(table[: i + 1])} is {kind_of(section)}, not a table")
    if outside := [key for key in whole if key not in _STANDARD and path.name != "pyproject.toml"]:
        raise SettingError(f"{path}: {outside[0]} is outside of [{'.'.join(table)}]; move it there")
    settings: Mapping[str, Any] = section
    return settings


def _check_names(tables: Mapping[str, Any], path: Path) -> None:
    if unknown := next((name for name in tables if name not in _TABLES), None):
        hint, known = did_you_mean(unknown, _TABLES) or ".", ", ".join(f"[tool.evalkit.{name}]" for name in _TABLES)
        raise SettingError(f"{path}: unknown table [tool.evalkit.{unknown}]{hint} The tables are {known}")


#: Describes the type of a value in a message: ``a number``, ``a table``.
kind_of = partial(wording.kind_of, mapping="a table")


def _read(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    if not path.exists():
        raise SettingError(f"{path}: no such file")
    content = read_file(path, limit=_LIMIT)
    try:
        whole: dict[str, Any] = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SettingError(f"{path}: not UTF-8; save it as UTF-8") from None
    except (ValueError, RecursionError) as error:
        # A number with thousands of digits is a ValueError, too.
        raise SettingError(f"{path}: not valid TOML: {error}") from None
    return whole
