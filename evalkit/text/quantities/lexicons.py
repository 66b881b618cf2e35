"""Load the word lists, patterns and rules of each language from this folder's TOML and TSV files."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from evalkit.text.quantities.rule_lists import Macros, Rules, expand, trie
from evalkit.text.scripts import HAN
from evalkit.text.word_lists import word_lists

#: qualifier to its meaning after a negation: "not more than" means "at most"
OPPOSITE = {"more than": "at most", "less than": "at least"}
_FOLDER = Path(__file__).parent
#: kind and unit
Unit = tuple[str, str]


@cache
def load(name: str) -> dict[str, Any]:
    """Return the tables of ``zh.toml``, ``en.toml``, ``units.toml`` or ``evidence.toml``."""
    return word_lists(name, _FOLDER)


def patterns(table: str, **macros: str) -> dict[str, re.Pattern[str]]:
    """Return the expressions of a table of ``evidence.toml``; they can insert each other, ``{han}`` and other macros."""
    rows: dict[str, str] = load("evidence")[table]
    return {name: re.compile(expand(row, {**rows, "han": f"[{HAN}]", **macros})) for name, row in rows.items()}


@cache
def nouns() -> list[tuple[str, list[str], list[str]]]:
    """Return class (empty if only for exchanges), Chinese forms and English forms of each entry of ``nouns.tsv``."""
    lines = (_FOLDER / "nouns.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return [(name, chinese.split(), english.split()) for name, chinese, english in rows]


def split_phrases(text: str) -> list[str]:
    """Split phrases that are separated by ``|``."""
    return [phrase.strip() for phrase in text.split("|") if phrase.strip()]


class Lexicon:
    """The word lists, patterns and rules of a language; ``macros`` are further expressions that patterns can insert."""

    def __init__(self, name: str, **macros: str | Iterable[str]) -> None:
        self.tables = load(name)
        #: name of a list to its words
        self.words = {key: frozenset(row.split()) for key, row in self.tables["words"].items()}
        after: dict[str, str] = self.tables["after"]
        #: word for a part of the day to ``am``, ``pm``, ``night``, or empty if it can be either half
        self.halves = self.inverted("halves")
        own = self.tables["macros"] | {"after": "|".join(after.values()), "half": self.halves}
        self._macros: Macros = {**self.words, **own, **macros}
        self.patterns = {key: re.compile(expand(row, self._macros)) for key, row in self.tables["patterns"].items()}
        # phrases under "exact" end with a qualifier but do not qualify the number
        before: dict[str, str] = self.tables["before"]
        self._qualifiers = {phrase[::-1]: name for name, row in before.items() for phrase in split_phrases(row)}
        phrase, skipped = trie(self._qualifiers).replace(r"\ ", r"\s+"), self.words.get("skipped", ())
        skip = rf"|(?:{trie(word[::-1] for word in skipped)})\s+({phrase})(?![a-z])" if skipped else ""
        self._before = re.compile(rf"\s*(?:({phrase})(?![a-z]){skip})")
        self._negated = re.compile(f"(?:{self.tables['negation']})$")
        #: a qualifier after a number, which is the name of the matched group
        self.after = re.compile("|".join(f"(?P<{qualifier}>{row})" for qualifier, row in after.items()))
        #: ambiguous name of a unit to its readings: kind and unit (or empty), and expressions for the name and the text before
        self.readings = {
            name: list(self._readings(rows))
            for names, rows in self.tables["ambiguous"].items()
            for name in names.split()
        }

    def _readings(self, rows: Any) -> Iterator[tuple[Unit, re.Pattern[str], re.Pattern[str]]]:
        for reading, *expressions in [["", f"(?!{rows})"]] if isinstance(rows, str) else rows:
            kind, _, unit = reading.partition(" ")
            name, before = (re.compile(expand(row, self._macros)) for row in [*expressions, ""][:2])
            yield (kind, unit), name, before

    def rules(self, scanner: Any, names: str) -> list[Rules]:
        """Return the named lists of rules; their actions are methods of the scanner class."""
        return [Rules(self.tables[name], self._macros, scanner.action) for name in names.split()]

    def qualifier_before(self, t: str, start: int) -> str:
        """Return the qualifier directly before a number, one of :data:`EXACTNESS`, or an empty string if there is none.

        Reversed phrases are matched backwards from the number; a word of the list ``skipped`` may come between.
        """
        window = t[max(0, start - 48) : start]
        match = self._before.match(window[::-1])
        if match is None:
            return ""
        name = self._qualifiers[" ".join(match[match.lastindex or 1].split())]
        if name in OPPOSITE and self._negated.search(window, 0, len(window) - match.end()):
            return OPPOSITE[name]
        return name

    def inverted(self, name: str) -> dict[str, str]:
        """Return a table as a mapping from word to the name of its row."""
        return {word: row for row, words in self.tables[name].items() for word in words.split()}


#: form of a counted noun to its class; numbers of incompatible classes do not match
ZH_NOUN: dict[str, str] = {form: name for name, forms, _ in nouns() if name for form in forms}
EN_NOUN: dict[str, str] = {form: name for name, _, forms in nouns() if name for form in forms}
_NAMES = frozenset(EN_NOUN.values())
#: pairs of classes that good translations use for each other
KIN = frozenset(frozenset(pair.split("+")) for pair in load("evidence")["nouns"]["kin"].split())


def english_class(word: str) -> str:
    """Return the class of an English noun or class name, or an empty string if it is unknown."""
    return EN_NOUN.get(word) or EN_NOUN.get(word.lower()) or (word if word in _NAMES else "")


def compatible(a: str, b: str) -> bool:
    """Whether two classes of nouns are compatible; an unknown class (empty) is compatible with all."""
    return not a or not b or a == b or frozenset((a, b)) in KIN
