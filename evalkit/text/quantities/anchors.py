"""Find the words that two texts have in common near their quantities, which tell which quantities belong together."""

import math
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.number_values import simplified
from evalkit.text.scripts import HAN
from evalkit.text.translation import translation

Span = tuple[int, int]
#: the pairs of two texts, and all quantities of each
Pairs = Sequence[tuple[Quantity, Quantity]]
Quantities = tuple[Sequence[Quantity], Sequence[Quantity]]
_WORD, _HAN = re.compile(r"[A-Za-z][A-Za-z'’]+"), re.compile(f"[{HAN}]")
_BOUNDARY = re.compile(r"[,，;；、:：()（）。！？!?\n和与及而但]|\.(?: |$)|\b(?:and|or|but|while|whereas)\b")
#: words with more places, and longer texts, are not compared
_MOST_PLACES, _LONGEST = 6, 20_000
#: the distance in characters from which on a word says nothing about a quantity, and that at which it says 1/e
_REACH, _DECAY = 150, 25
#: the weight of a word that both texts have, such as a name in Latin letters; that of a translation is 1
_SAME = 3.0
#: how many characters of an English text say as much as a Chinese one
_ENGLISH_PER_CHINESE = 2.5
_translation = lru_cache(maxsize=4096)(translation)


class Anchor(NamedTuple):
    """A place in the source, and one in the output that expresses the same.

    :param weight: 1 for a paired quantity or a translated word, 3 for a word that both texts have; less if a word is repeated.
    """

    source: Span
    output: Span
    weight: float


class Anchors:
    """The words of source and output that translate each other or are the same in Latin letters, and the paired quantities.

    :param pairs: quantities of the source and their counterparts.
    :param quantities: all quantities of source and output; the words in them are no anchors.
    :ivar words, pairs: the anchors of both kinds, in the order of the source.
    """

    def __init__(self, pairs: Pairs, quantities: Quantities) -> None:
        a, x = pairs[0]
        self._texts = a.text, x.text
        self._boundaries = [[match.start() for match in _BOUNDARY.finditer(text)] for text in self._texts]
        self._scales = [_ENGLISH_PER_CHINESE if _HAN.search(text) else 1.0 for text in self._texts]
        self._attraction = cache(self._new_attraction)
        self.pairs = [Anchor(p.span, q.span, 1.0) for p, q in pairs]
        self.words = []
        if max(map(len, self._texts)) <= _LONGEST:
            masked = [_masked(text, own) for text, own in zip(self._texts, quantities, strict=True)]
            self.words = sorted(_common_words(*masked))

    def evidence(self, anchors: list[Anchor], a: Quantity, b: Quantity, x: Quantity, y: Quantity) -> float:
        """Return by how much anchors support the pairs (a, x) and (b, y), if positive, or (a, y) and (b, x), if negative.

        Each contributes the product of how much closer it is to a than to b and to x than to y.
        """
        first, last = min(a.span, b.span)[0] - _REACH, max(a.span, b.span)[1] + _REACH
        total, attraction = 0.0, self._attraction
        for source, output, weight in anchors[_at(anchors, first) : _at(anchors, last)]:
            if source not in (a.span, b.span) and output not in (x.span, y.span):
                closer = attraction(0, a.span, source) - attraction(0, b.span, source)
                if closer:
                    total += weight * closer * (attraction(1, x.span, output) - attraction(1, y.span, output))
        return total

    def _new_attraction(self, side: int, quantity: Span, word: Span) -> float:
        """Return how likely a word belongs to a quantity, 0 to 1, by their distance."""
        start, end = (word[1], quantity[0]) if word[0] < quantity[0] else (quantity[1], word[0])
        if end - start > _REACH:
            return 0.0
        boundaries = bisect_left(self._boundaries[side], end) - bisect_left(self._boundaries[side], start)
        return 0.7**boundaries * math.exp(-(end - start) * self._scales[side] / _DECAY)


def _at(anchors: list[Anchor], place: int) -> int:
    return bisect_left(anchors, place, key=lambda anchor: anchor.source[0])


def _masked(text: str, quantities: Sequence[Quantity]) -> str:
    characters = list(text)
    for start, end in (q.span for q in quantities if q.text == text):
        characters[start:end] = " " * (end - start)
    return "".join(characters)


def _common_words(source: str, output: str) -> list[Anchor]:
    ours, theirs = _words(source), _words(output)
    same = [(ours[word], theirs[word], _SAME) for word in ours if word in theirs and len(word) > 3]
    translated = [(*both, 1.0) for both in _translated(ours, output)]
    translated += [(first, second, 1.0) for second, first in _translated(theirs, source)]
    return [
        Anchor(a, b, weight / math.sqrt(len(first) * len(second)))
        for first, second, weight in (*same, *translated)
        if max(len(first), len(second)) <= _MOST_PLACES
        for a in first
        for b in second
    ]


def _words(text: str) -> dict[str, list[Span]]:
    words: dict[str, list[Span]] = {}
    for match in _WORD.finditer(text):
        words.setdefault(match[0].lower().removesuffix("'s"), []).append(match.span())
    return words


def _translated(words: Mapping[str, list[Span]], text: str) -> Iterator[tuple[list[Span], list[Span]]]:
    """Yield the places of each English word, and those of its translations in a Chinese text."""
    if _HAN.search(text):
        text = simplified(text)
        for word, spans in words.items():
            if pattern := _translation(word):
                yield spans, [match.span() for match in pattern.finditer(text)]
