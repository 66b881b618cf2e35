"""Reads the word lists beside this module."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def word_lists(name: str, folder: Path = Path(__file__).parent) -> dict[str, Any]:
    """The tables of ``NAME.toml``."""
    tables: dict[str, Any] = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
    return tables
