"""Find persons of whom an output says the opposite of the source: somebody admits what he denies."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from evalkit.text.names.attribution import spoken_spans
from evalkit.text.names.mentions import Mention
from evalkit.text.names.wrong_name import WrongName
from evalkit.text.word_lists import word_lists

_LINES = [
    line.split() for line in word_lists("opposites", Path(__file__).parent)["opposites"]["pairs"].split("\n") if line
]
_NEGATED = {
    "zh": re.compile(r"[不没未无]\w{0,2}\Z|并非\w?\Z"),
    "en": re.compile(r"(?:\b(?:not|never|no|nor|nobody)|n[’']t)\b(?: \w+)?\W*\Z"),
}
_REACH = {"zh": 3, "en": 20}


def _words(side: int) -> tuple[dict[str, list[tuple[int, bool]]], re.Pattern[str]]:
    """The pairs that each word belongs to, and which of the two it is."""
    words: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for number, line in enumerate(_LINES):
        for positive, forms in zip((True, False), line[side].split("="), strict=True):
            for form in forms.split(","):
                words[form].append((number, positive))
    pattern = "|".join(sorted(words, key=len, reverse=True))
    return dict(words), re.compile(rf"\b(?:{pattern})\b" if side else pattern)


_WORDS = {"zh": _words(0), "en": _words(1)}

Stance = tuple[int, bool]


def _stances(text: str, lang: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[Stance, re.Match[str]]]:
    """What parts of a text say, with the words that say it."""
    words, pattern = _WORDS[lang]
    for start, end in spans:
        for match in pattern.finditer(text, start, end):
            negated = _NEGATED[lang].search(text, max(start, match.start() - _REACH[lang]), match.start())
            for number, positive in words[match[0]]:
                yield (number, positive != bool(negated)), match


def opposite_statements(
    source: str, theirs: Sequence[Mention], text: str, lang: str, ours: Sequence[Mention]
) -> Iterator[WrongName]:
    """Find words that say the opposite of what the source says of the same person."""
    said: dict[str, set[Stance]] = defaultdict(set)
    about: dict[tuple[str, Stance], str] = {}
    for mention, spans in spoken_spans(source, "zh", theirs):
        for stance, _ in _stances(source, "zh", spans):
            said[mention.name].add(stance)
            about.setdefault((mention.name, stance), source[spans[0][0] : spans[-1][1]])
    for mention, spans in spoken_spans(text, lang, ours):
        for (number, positive), match in _stances(text, lang, spans):
            other = number, not positive
            if other in said[mention.name] and (number, positive) not in said[mention.name]:
                yield WrongName(*match.span(), "negated", "statement", about[mention.name, other])
