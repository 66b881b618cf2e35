"""Reads the word lists of this folder, each once."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["barred", "load", "nouns"]

_FOLDER = Path(__file__).parent


@cache
def load(name: str) -> dict[str, Any]:
    """The tables of ``zh.toml``, ``en.toml`` or ``units.toml``."""
    tables: dict[str, Any] = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return tables


@cache
def nouns() -> list[tuple[str, list[str], list[str]]]:
    """Class, Chinese forms and English forms of each entry of ``nouns.tsv``; the class is empty for mere evidence."""
    rows = []
    for line in (_FOLDER / "nouns.tsv").read_text(encoding="utf-8").splitlines():
        name, *rest = line.split("\t")
        pairs = [rest] if name else [entry.split(":") for entry in rest]
        rows += [(name, pair[0].split(), pair[1].split()) for pair in pairs if len(pair) == 2]
    return rows


def barred(text: str) -> list[str]:
    """Phrases separated by bars."""
    return [phrase.strip() for phrase in text.split("|") if phrase.strip()]
