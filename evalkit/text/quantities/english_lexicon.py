"""Words around English numbers (``en.toml``): qualifiers, ends of noun phrases, words before numbers that count nothing."""

from __future__ import annotations

import re

from evalkit.text.quantities.lexicons import barred, load

_TABLES = load("en")
_WORDS: dict[str, frozenset[str]] = {name: frozenset(words.split()) for name, words in _TABLES["words"].items()}


def _by_last_word() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for exact, phrases in _TABLES["before"].items():
        for phrase in barred(phrases):
            *head, last = phrase.split()
            found.setdefault(last, []).append((tuple(head), exact))
    return {last: sorted(heads, key=lambda item: -len(item[0])) for last, heads in found.items()}


#: last word -> phrases that end with it, the longer first
BEFORE = _by_last_word()
SKIPPED = _WORDS["skipped"]
NOT_ABOUT = _WORDS["not_about"]
NAMED = _WORDS["named"]
NAMED_IN_WORDS = _WORDS["named_in_words"]
NAMED_CAPITAL = _WORDS["named_capital"]
VERB_BEFORE = _WORDS["verb_before"]
NOUN_STOP = _WORDS["noun_stop"]
UNMARKED_PLURAL = _WORDS["unmarked_plural"]
WEEKDAYS = frozenset(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
#: numbers that are dialled or read off
DIALLED = tuple(
    f"{words} " for words in barred("such as|ending in|ending with|ends in|ends with|dial|dialed|dialled|dialing")
)
#: qualifiers behind: group 1 at least, 2 more than, 3 about, 4 at most
AFTER = re.compile(
    r"(?:,? ?(or|and) (?:more|above|over|older|higher|up|beyond|longer|larger|greater)\b(?! than| to))"
    r"|( ?\+(?! ?[0-9])|-plus\b| plus\b(?! [a-z]))|( or so\b|-odd\b| odd\b| or thereabouts\b)"
    r"|(?:,? (?:or|and) (less|fewer|under|below|younger|lower|shorter)\b)|(,? at least\b(?=[,.;:]))"
)
COMPARED = re.compile(
    r" (?:as|more|less|higher|larger|greater|faster|bigger|lower|the|that|of|its|their|what|longer|stronger|smaller|"
    r"cheaper|better|worse|heavier|richer|those|this|over|his|her|likelier|hotter|brighter|difference|increase|compared)\b"
)
#: before "40 times" it introduces a factor
GROWTH = re.compile(
    r"\b(?:increas(?:e|ed|es|ing)|growth|gr[eo]wn?|growing|rose|risen|rise|rising|jump(?:ed)?|soar(?:ed)?|surged?|"
    r"expand(?:ed)?|multiplied|up)"
    r"(?: of| by| to| up| nearly| almost| about| around| over| some| more than| at least| the| a| an)* $"
)
