"""Load the word lists in TOML files."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def word_lists(name: str, folder: Path = Path(__file__).parent) -> dict[str, Any]:
    """Return the tables of ``NAME.toml`` in a folder, by default this one."""
    tables: dict[str, Any] = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
    return tables


def entries(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Split entries such as ``chief_engineer=总工程师,总工``."""
    for entry in text.split():
        name, _, values = entry.partition("=")
        yield name.replace("_", " "), tuple(values.split(","))
