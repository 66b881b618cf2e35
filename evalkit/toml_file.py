"""Settings in TOML files: the one reader of gate rules and of options."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.errors import SettingError
from evalkit.files import read_file

__all__ = ["kind_of", "read_settings"]

#: largest file of settings that is read, in bytes.
_LIMIT = 1 << 22


def read_settings(path: Path, table: Sequence[str]) -> Mapping[str, Any] | None:
    """A table of a TOML file, such as ``("tool", "evalkit", "gate")``.

    A file of another name than ``pyproject.toml`` may hold the settings at its top instead.

    :returns: the settings; None for a ``pyproject.toml`` without the table.
    :raises SettingError: a file that cannot be read, is not TOML, or where the name of the table is not a table.
    """
    whole = _read(path)
    found: Any = whole
    for i, name in enumerate(table):
        if name not in found:
            return None if path.name == "pyproject.toml" else whole
        found = found[name]
        if not isinstance(found, dict):
            raise SettingError(f"{path}: {'.'.join(table[: i + 1])} is {kind_of(found)}, not a table")
    settings: Mapping[str, Any] = found
    return settings


def kind_of(value: Any) -> str:
    """What kind of value it is, for a message: ``a number``, ``a text``."""
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a table"}
    return kinds.get(type(value), "a date" if hasattr(value, "isoformat") else type(value).__name__)


def _read(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    if not path.exists():
        raise SettingError(f"{path}: no such file")
    try:
        whole: dict[str, Any] = tomllib.loads(read_file(path, limit=_LIMIT).decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SettingError(f"{path}: not UTF-8; save it as UTF-8") from None
    except (ValueError, RecursionError) as error:
        # A number with thousands of digits is a ValueError, too.
        raise SettingError(f"{path}: not valid TOML: {error}") from None
    return whole
