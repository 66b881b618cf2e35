"""Words around English numbers (``en.toml``): qualifiers, ends of noun phrases, words before numbers that count nothing."""

from __future__ import annotations

import re

from evalkit.text.quantities.lexicons import barred, load

_TABLES = load("en")
#: name of a list -> its words
WORDS: dict[str, frozenset[str]] = {name: frozenset(words.split()) for name, words in _TABLES["words"].items()}


def any_of(name: str) -> str:
    """A regular expression for any word of a list, the longer first."""
    return "|".join(sorted(map(re.escape, WORDS[name]), key=len, reverse=True))


def _by_last_word() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    by_last_word: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for exact, phrases in _TABLES["before"].items():
        for phrase in barred(phrases):
            *head, last = phrase.split()
            by_last_word.setdefault(last, []).append((tuple(head), exact))
    return {last: sorted(heads, key=lambda item: -len(item[0])) for last, heads in by_last_word.items()}


#: last word -> phrases that end with it, the longer first
BEFORE = _by_last_word()
WEEKDAYS = frozenset(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
#: numbers that are dialled or read off
DIALLED = tuple(f"{words} " for words in barred(_TABLES["words"]["dialled"]))
#: qualifiers behind: group 1 at least, 2 more than, 3 about, 4 at most
AFTER = re.compile(
    r"(?:,? ?(or|and) (?:more|above|over|older|higher|up|beyond|longer|larger|greater)\b(?! than| to))"
    r"|( ?\+(?! ?[0-9])|-plus\b| plus\b(?! [a-z]))|( or so\b|-odd\b| odd\b|-something\b| or thereabouts\b)"
    r"|(?:,? (?:or|and) (less|fewer|under|below|younger|lower|shorter)\b)|(,? at least\b(?=[,.;:]))"
)
COMPARED = re.compile(rf" (?:{any_of('compared')})\b")
GROWTH = re.compile(rf"\b(?:{any_of('growth')})(?: (?:{any_of('growth_between')}))* $")
