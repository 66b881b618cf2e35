"""Reads the word lists and expressions of this folder, each once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from evalkit.text.quantities.rule_lists import Rules, expand
from evalkit.text.word_lists import word_lists

_FOLDER = Path(__file__).parent


@cache
def load(name: str) -> dict[str, Any]:
    """The tables of ``zh.toml``, ``en.toml`` or ``units.toml``."""
    return word_lists(name, _FOLDER)


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


class _Patterns(dict[str, re.Pattern[str]]):
    """Expressions that are compiled when they are first used."""

    def __init__(self, rows: Mapping[str, str], macros: Mapping[str, str | Iterable[str]]) -> None:
        super().__init__()
        self._rows, self._macros = rows, macros

    def __missing__(self, key: str) -> re.Pattern[str]:
        self[key] = re.compile(expand(self._rows[key], self._macros))
        return self[key]


class Lexicon:
    """The words and expressions of one language.

    :param name: ``zh`` or ``en``.
    :param macros: more expressions and words that the expressions may name in braces.
    """

    def __init__(self, name: str, **macros: str | Iterable[str]) -> None:
        self.tables = load(name)
        #: name of a list -> its words
        self.words: dict[str, frozenset[str]] = {
            key: frozenset(row.split()) for key, row in self.tables["words"].items()
        }
        after = "|".join(self.tables["after"].values())
        self._macros: Mapping[str, str | Iterable[str]] = {
            **self.words,
            **self.tables["macros"],
            "after": after,
            **macros,
        }
        self.patterns = _Patterns(self.tables["patterns"], self._macros)

    def rules(self, name: str, scanner: Any) -> Rules:
        """The list of rules of that name, whose actions are methods of a scanner."""
        return Rules(self.tables[name], self._macros, scanner.action)

    def after(self) -> re.Pattern[str]:
        """The qualifiers behind a number; the name of the group that matches is its exactness."""
        return re.compile("|".join(f"(?P<{said}>{row})" for said, row in self.tables["after"].items()))

    def inverted(self, name: str) -> dict[str, str]:
        """Word -> the name of its row."""
        return {word: row for row, words in self.tables[name].items() for word in words.split()}
