"""Find persons of whom an output says the opposite of the source: somebody admits what he denies."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from evalkit.text.names.attribution import Span, Told, spoken_spans
from evalkit.text.names.wrong_name import WrongName
from evalkit.text.word_lists import word_lists

_LINES = [
    line.split() for line in word_lists("opposites", Path(__file__).parent)["opposites"]["pairs"].split("\n") if line
]
_NEGATED = {
    "zh": re.compile(r"(?:[不没未无]\w{0,2}|(?:并非|拒绝|反对)\w?|否认\w{0,3})\Z"),
    "en": re.compile(r"(?:\b(?:not|never|no|nor|nobody)|n[’']t)\b(?: \w+)?\W*\Z"),
}
_REACH = {"zh": 5, "en": 20}


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

_Stance = tuple[int, bool]


def _stances(text: str, lang: str, spans: Sequence[Span]) -> Iterator[tuple[_Stance, Span, Span]]:
    """What parts of a text say, where the word is that says it, and where its clause."""
    words, pattern = _WORDS[lang]
    for start, end in spans:
        for match in pattern.finditer(text, start, end):
            negated = _NEGATED[lang].search(text, max(start, match.start() - _REACH[lang]), match.start())
            for number, positive in words[match[0]]:
                yield (number, positive != bool(negated)), match.span(), (start, end)


def _stances_of_people(told: Told) -> Iterator[tuple[str, _Stance, Span, Span]]:
    """What each person says, and where the word and its clause are."""
    for mention, spans in spoken_spans(told):
        yield from ((mention.name, *one) for one in _stances(told.text, told.lang, spans))


def opposite_statements(source: Told, output: Told) -> Iterator[WrongName]:
    """Find words that say the opposite of what the source says of the same person, in clauses with a word in common."""
    said: dict[tuple[str, _Stance], list[Span]] = defaultdict(list)
    for name, stance, _, clause in _stances_of_people(source):
        said[name, stance].append(clause)
    ours = list(_stances_of_people(output))
    both = {(name, stance) for name, stance, _, _ in ours}
    for name, (number, positive), word, clause in ours:
        alike = (
            one for one in said.get((name, (number, not positive)), ()) if source.words(*one) & output.words(*clause)
        )
        # "five were approved, while the others were not": the output may say the one in other words than the source
        clear = (name, (number, not positive)) not in both
        if clear and (name, (number, positive)) not in said and (other := next(alike, None)):
            yield WrongName(*word, "negated", "statement", source.text[slice(*other)])
