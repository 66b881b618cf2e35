"""Reads the word lists and expressions of this folder, each once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from evalkit.text.quantities.rule_lists import Rules, any_of, expand, trie
from evalkit.text.word_lists import word_lists

#: what a qualifier says with a negation before it
OPPOSITE = {"more than": "at most", "less than": "at least"}
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


class Qualifiers:
    """The qualifiers directly before a number, read backwards from it, so that no text is read twice.

    :param phrases: exactness -> phrases; "exact" are phrases that qualify nothing though they end with one that does.
    :param negated: a negation, searched for at the end of the text before the qualifier.
    :param skipped: words that may follow the qualifier.
    """

    def __init__(self, phrases: Mapping[str, str], negated: str, skipped: Iterable[str] = ()) -> None:
        self._said = {phrase[::-1]: said for said, row in phrases.items() for phrase in barred(row)}
        phrase = trie(self._said).replace(r"\ ", r"\s+")
        skip = rf"|(?:{any_of(word[::-1] for word in skipped)})\s+({phrase})(?![a-z])" if skipped else ""
        self._before = re.compile(rf"\s*(?:({phrase})(?![a-z]){skip})")
        self.negated = re.compile(f"(?:{negated})$")

    def read(self, t: str, start: int) -> str:
        """How exact the words before ``start`` say the quantity is, empty where they say nothing."""
        window = t[max(0, start - 48) : start]
        match = self._before.match(window[::-1])
        if match is None:
            return ""
        said = self._said[" ".join(match[match.lastindex or 1].split())]
        if said in OPPOSITE and self.negated.search(window, 0, len(window) - match.end()):
            return OPPOSITE[said]
        return said


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
        after: dict[str, str] = self.tables["after"]
        self._macros: Mapping[str, str | Iterable[str]] = {
            **self.words,
            **self.tables["macros"],
            "after": "|".join(after.values()),
            **macros,
        }
        self.patterns = _Patterns(self.tables["patterns"], self._macros)
        #: the qualifiers before a number, and those behind it; the name of the group that matches is the exactness
        self.qualifiers = Qualifiers(self.tables["before"], self.tables["negation"], self.words.get("skipped", ()))
        self.after = re.compile("|".join(f"(?P<{said}>{row})" for said, row in after.items()))
        #: half of the day as it is written -> ``am``, ``pm``, ``night``, or empty where it leaves it open
        self.halves = self.inverted("halves")
        #: parts of an hour -> minutes
        self.minutes: dict[str, int] = self.tables["minutes"]
        #: words such as "last" and 去 -> how many years or months they add
        self.steps: dict[str, int] = self.tables["steps"]

    def rules(self, name: str, scanner: Any) -> Rules:
        """The list of rules of that name, whose actions are methods of a scanner."""
        return Rules(self.tables[name], self._macros, scanner.action)

    def inverted(self, name: str) -> dict[str, str]:
        """Word -> the name of its row."""
        return {word: row for row, words in self.tables[name].items() for word in words.split()}
