"""Find statements of an English output that its Chinese source makes about somebody else, or negates."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from evalkit.text.names.attribution import SENTENCE, Told
from evalkit.text.names.english_people import chinese_name
from evalkit.text.names.lexicon import ENGLISH, KNOWN, bare
from evalkit.text.names.mentions import without
from evalkit.text.names.source_names import SourceNames
from evalkit.text.names.statements import Place, Places, chinese_clauses, comparable, compared, has_negation, opposites
from evalkit.text.names.wrong_name import WrongName
from evalkit.text.pinyin import syllables
from evalkit.text.polarity import NO_NEGATION
from evalkit.text.translation import translation

_CLAUSE = re.compile(r"(?:(?!,|;|:|—| but | while | whereas | and )[^.!?\n])+")
_WORD = re.compile(r"[A-Za-z][a-z’']*|\d+")
_NAME = re.compile(r"\b[A-Z][a-z]+ [A-Z][a-z]+(?:[’'][a-rt-z]+)?\b(?!-)")
_NEGATIVE_VERB = re.compile("den(?:y|ies|ied|ying)|refus(?:e[sd]?|ing)|reject(?:s|ed|ing)?|oppose[sd]?")
_NEGATION = re.compile(
    rf"\b(?:not|never|no longer|no|none|nobody|neither|nor|cannot|{_NEGATIVE_VERB.pattern})\b|n['’]t\b",
    re.IGNORECASE,
)
_NO_NEGATION = re.compile(rf"{NO_NEGATION['en'].pattern}|\bnot (?:to )?(?:exceed|more|less|fewer)|not-", re.IGNORECASE)
#: Words that may express a negation in another way.
_DOUBTFUL = re.compile(
    rf"\b(?:un(?!i|der|til|cle|veil)\w{{4,}}|\w+less|{'|'.join(ENGLISH['negative_words'].split())})\b", re.IGNORECASE
)
_NOT_NEGATED = frozenset(ENGLISH["not_negated"].split())
#: The distance between a negation and the word that it negates.
_REACH, _CHINESE_REACH = 30, 2


@dataclass(frozen=True)
class _Sentence:
    """A sentence of the source.

    :param words: the words of the output that it may express.
    """

    text: str
    words: frozenset[str]


class _Statements:
    """An English output beside the sentences of its source."""

    def __init__(self, names: SourceNames, text: str) -> None:
        self.names, self.text = names, text
        spelled = (chinese_name(names, match[0]) for match in _NAME.finditer(text))
        self.people = names.mentioned.with_names(filter(None, spelled))
        self.mentions = self.people.in_english(text)
        self.theirs = self.people.in_chinese(names.text)
        self._plain = without(names.text, self.theirs)
        self._output = without(text, self.mentions)
        found = ((word, self._pattern(word)) for word in dict.fromkeys(_WORD.findall(self._output)))
        self.patterns = {word: pattern for word, pattern in found if pattern}
        self._places = {
            pattern.pattern: [match.start() for match in pattern.finditer(self._plain)]
            for pattern in self.patterns.values()
        }
        self.sentences = [_Sentence(m[0], self._words_between(*m.span())) for m in SENTENCE["zh"].finditer(names.text)]
        self._count = Counter(word for one in self.sentences for word in one.words)

    def _words_between(self, start: int, end: int) -> frozenset[str]:
        """The words of the output that a part of the source may express."""
        return frozenset(
            word for word, places in self._places.items() if bisect_left(places, start) < bisect_left(places, end)
        )

    def _words_of(self, start: int, end: int) -> frozenset[str]:
        words = (self.patterns.get(word) for word in _WORD.findall(self._output[start:end]))
        return frozenset(pattern.pattern for pattern in words if pattern)

    def _pattern(self, word: str) -> re.Pattern[str] | None:
        """What may express a word in the source: a translation, or the characters that pinyin spells."""
        if word.isdigit():
            return re.compile(rf"(?<![\d.]){word}(?![\d.])")
        if pattern := translation(word):
            return pattern
        if word in KNOWN:
            return KNOWN[word].words
        readings = (split for split in syllables(bare(word)) if len(split) > 1 and word[0].isupper() and len(word) > 4)
        found = next(filter(None, (self.names.with_reading(*split) for split in readings)), "")
        return re.compile(re.escape(found)) if found else None

    def _weight(self, words: frozenset[str]) -> float:
        return math.fsum(math.log(1 + len(self.sentences) / self._count[word]) for word in words)

    def compared(self) -> Iterator[WrongName]:
        """Find what the source does not say about the persons of the output."""
        theirs = Told(self.names.text, "zh", self.theirs, self._words_between)
        ours = Told(self.text, "en", self.mentions, self._words_of)
        return compared(self.names, theirs, ours, self.people.sure)

    def negated(self) -> Iterator[WrongName]:
        """Find words that are negated in the output only, or in the source only, in sentences about the same."""
        sentences = {one.text: one for one in self.sentences}
        for place, others in opposites(_english_places(self.text), self._chinese_places()):
            if not place.negated and _NEGATION.search(_NO_NEGATION.sub("_", place.sentence)):
                continue
            plain = (one.sentence for one in others if not (place.negated and has_negation(one.sentence)))
            if sentence := next((one for one in plain if self._is_about(place.sentence, sentences[one])), ""):
                yield WrongName(place.start, place.end, "negated", "statement", sentence, sure=False)

    def _is_about(self, text: str, sentence: _Sentence) -> bool:
        """Whether a sentence of the output is about the same as a sentence of the source."""
        start = self.text.find(text)
        words = self._words_of(start, start + len(text))
        same = any(one.name in sentence.text for one in self.mentions if start <= one.start < start + len(text))
        best = max(self._weight(words & one.words) for one in self.sentences)
        return same and len(words & sentence.words) >= 3 and self._weight(words & sentence.words) >= best

    def _chinese_places(self) -> Places:
        places: Places = defaultdict(list)
        patterns = [(word, one) for word, one in self.patterns.items() if translation(word)]
        for sentence, _, plain, spans, otherwise in chinese_clauses(self.names.text, masked=False):
            for word, pattern in patterns:
                for match in pattern.finditer(plain):
                    negated = len(spans) == 1 and 0 <= match.start() - spans[0][1] < _CHINESE_REACH
                    places[word].append(Place(*match.span(), negated or otherwise, sentence))
        return places


def _english_places(text: str) -> Places:
    places: Places = defaultdict(list)
    for sentence in SENTENCE["en"].finditer(text):
        earlier = False
        for clause in _CLAUSE.finditer(text, *sentence.span()):
            plain = _NO_NEGATION.sub(lambda m: "_" * len(m[0]), clause[0])
            negations = list(_NEGATION.finditer(plain))
            words = [m for m in _WORD.finditer(plain) if translation(m[0]) and m[0].lower() not in _NOT_NEGATED]
            after = (m for m in words if len(negations) == 1 and 0 < m.start() - negations[0].end() < _REACH)
            # The first word after the only negation is what it negates; "no special meals" does not deny meals.
            first = None if negations and _NEGATIVE_VERB.match(negations[0][0]) else next(after, None)
            if first and negations[0][0].lower() == "no" and first.start() > negations[0].end() + 1:
                first = None
            otherwise = None if negations or earlier or _DOUBTFUL.search(plain) else False
            for word in words:
                start = clause.start() + (negations[0] if word is first else word).start()
                place = Place(start, clause.start() + word.end(), word is first or otherwise, sentence[0])
                places[word[0]].append(place)
            earlier = earlier or bool(negations)
    return places


def wrong_statements(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find statements of an English output that its Chinese source makes about somebody else, or negates."""
    if not comparable(names.text, text):
        return
    statements = _Statements(names, text)
    yield from statements.compared()
    yield from statements.negated()
