"""Find statements of an English output that its Chinese source makes about somebody else, or negates."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from evalkit.text.names.chinese_people import possible_people
from evalkit.text.names.english_output import chinese_name
from evalkit.text.names.lexicon import ENGLISH, KNOWN, bare, spellings
from evalkit.text.names.source_names import SourceNames
from evalkit.text.names.statements import PRONOUN, SENTENCE, Place, Places, chinese_clauses, comparable, opposites
from evalkit.text.names.wrong_name import WrongName
from evalkit.text.pinyin import syllables
from evalkit.text.polarity import NO_NEGATION
from evalkit.text.translation import translation

_SENTENCE = re.compile(r"(?:[^.!?;\n]|\.(?! [A-Z]|\Z|\n))+")
_PART = re.compile(r"(?:(?!, (?:and|but|while) | but | while )[^;])+")
_CLAUSE = re.compile(r"(?:(?!,|;|:|—| but | while | whereas | and )[^.!?\n])+")
_WORD = re.compile(r"[A-Za-z][a-z’']*|\d+")
_NAME = re.compile(r"\b([A-Z][a-z]+)(?: ([A-Z][a-z]+(?:[’'][a-rt-z]+)?)\b(?!-))?")
#: What introduces a person: General manager Xia Qinghe, Gu Feng, a deputy secretary of the committee,
_TITLE_BEFORE = re.compile(r"(?:[A-Za-z’'-]+ ){0,4}\Z")
_TITLE_AFTER = re.compile(
    r", (?:who|whose|an?|the|its|his|her|their|deputy|head|chief|director|president|chairman|[a-z]+ (?:of|at|with|for)\b)[^,]*,?"
    r"| of [^,]*,"
)
_NEGATIVE_VERB = re.compile("den(?:y|ies|ied|ying)|refus(?:e[sd]?|ing)|reject(?:s|ed|ing)?|oppose[sd]?")
_NEGATION = re.compile(
    rf"\b(?:not|never|no longer|no|none|nobody|neither|nor|cannot|{_NEGATIVE_VERB.pattern})\b|n['’]t\b"
)
_NO_NEGATION = re.compile(rf"{NO_NEGATION['en'].pattern}|\bnot (?:to )?(?:exceed|more|less|fewer)|not-", re.IGNORECASE)
#: Words that may express a negation in another way.
_DOUBTFUL = re.compile(
    rf"\b(?:un(?!i|der|til|cle|veil)\w{{4,}}|\w+less|{'|'.join(ENGLISH['negative_words'].split())})\b", re.IGNORECASE
)
#: Surnames that are English words.
_NO_SURNAME = frozenset("he she an so long song you man sun men in a".split())
_NOT_NEGATED = frozenset(ENGLISH["not_negated"].split())
#: The distance between a negation and the word that it negates.
_REACH, _CHINESE_REACH = 30, 2


@dataclass(frozen=True)
class _Sentence:
    """A sentence of the source.

    :param people: the persons in it, or those to whom its pronoun refers.
    :param topic: these or, if it names nobody, the last persons named.
    :param words: the words of the output that it may express.
    """

    text: str
    people: frozenset[str]
    topic: frozenset[str]
    words: frozenset[str]


class _Statements:
    """An English output beside the sentences of its source."""

    def __init__(self, names: SourceNames, text: str) -> None:
        self.names, self.text = names, text
        #: the persons in the output: the positions, and the name in the source.
        self.people = list(self._find_people())
        known = [*possible_people(names.text, names.people), *(name for *_, name in self.people)]
        person = re.compile("|".join(map(re.escape, dict.fromkeys(known))) or "(?!)")
        found = ((word, self._pattern(word)) for word in dict.fromkeys(_WORD.findall(text)))
        self.patterns = {word: pattern for word, pattern in found if pattern}
        self.sentences: list[_Sentence] = []
        topic = frozenset[str]()
        for match in SENTENCE.finditer(names.text):
            people = frozenset(person.findall(match[0])) or (topic if PRONOUN.match(match[0]) else frozenset())
            topic = people or topic
            plain = person.sub(" ", match[0])
            words = frozenset(word for word, pattern in self.patterns.items() if pattern.search(plain))
            self.sentences.append(_Sentence(match[0], people, topic, words))
        self._count = Counter(word for one in self.sentences for word in one.words)

    def _find_people(self) -> Iterator[tuple[int, int, str]]:
        full = {m: chinese_name(self.names, m[0]) for m in _NAME.finditer(self.text) if m[2]}
        surnames: dict[str, set[str]] = defaultdict(set)
        for name in (*self.names.people, *filter(None, full.values())):
            for reading in spellings(name[0]):
                surnames[reading].add(name)
        for match in _NAME.finditer(self.text):
            same = surnames.get(match[1].lower(), set())
            if match[2] and (name := chinese_name(self.names, match[0])):
                yield *match.span(), name
            elif not match[2] and len(same) == 1 and match[1].lower() not in _NO_SURNAME:
                yield *match.span(), min(same)

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
        patterns = {self.patterns[word].pattern: self._count[word] for word in words}
        return sum(math.log(1 + len(self.sentences) / count) for count in patterns.values())

    def _belongs_to(self, name: str, named: set[str], statement: str) -> str:
        """Another person about whom the source makes a statement, or an empty string."""
        words = frozenset(word for word in _WORD.findall(statement) if self._count[word])
        shared = [(self._weight(words & one.words), one) for one in self.sentences]
        best, theirs = max(shared, key=lambda one: one[0])
        common = len({self.patterns[word].pattern for word in words & theirs.words})
        own = max((w for w, one in shared if name in one.topic or name in one.text), default=0.0)
        rest = max((w for w, one in shared if not theirs.people & one.topic), default=0.0)
        alike = own <= best / 2 if common > 2 else common == 2 and own == 0
        known = any(one in theirs.text for one in named) or any(one[0] == name[0] for one in theirs.people)
        clear = alike and best >= max(1.3 * rest, 0.4 * self._weight(words))
        return min(theirs.people, default="") if clear and not known else ""

    def misattributed(self) -> Iterator[WrongName]:
        """Find persons said to have said or done what the source says about somebody else."""
        text = self.text
        for sentence in _SENTENCE.finditer(text):
            named = {name for at, _, name in self.people if sentence.start() <= at < sentence.end()}
            for part in _PART.finditer(text, *sentence.span()):
                here = [one for one in self.people if part.start() <= one[0] < part.end()]
                if len({name for *_, name in here}) != 1:
                    continue
                at, end, name = here[0]
                before = _TITLE_BEFORE.search(text, part.start(), at).start()  # type: ignore[union-attr]
                title = _TITLE_AFTER.match(text, end, part.end())
                whole = text[part.start() : at] + text[end : part.end()]
                untitled = text[part.start() : before] + text[title.end() if title else end : part.end()]
                others = (self._belongs_to(name, named, statement) for statement in (whole, untitled))
                if other := next(filter(None, others), ""):
                    yield WrongName(at, end, "attributed", "person", other)

    def negated(self) -> Iterator[WrongName]:
        """Find words that are negated in the output only, or in the source only, in sentences about the same."""
        sentences = {one.text: one for one in self.sentences}
        for place, others in opposites(_english_places(self.text), self._chinese_places()):
            meant = (one.sentence for one in others if self._is_about(place.sentence, sentences[one.sentence]))
            if sentence := next(meant, ""):
                yield WrongName(place.start, place.end, "negated", "statement", sentence)

    def _is_about(self, text: str, sentence: _Sentence) -> bool:
        """Whether a sentence of the output is about the same as a sentence of the source."""
        words = frozenset(_WORD.findall(text)) & self.patterns.keys()
        common = {self.patterns[word].pattern for word in words & sentence.words}
        start = self.text.find(text)
        same = any(name in sentence.text for at, _, name in self.people if start <= at < start + len(text))
        best = max(self._weight(words & one.words) for one in self.sentences)
        return same and len(common) >= 3 and self._weight(words & sentence.words) >= best

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
    for sentence in _SENTENCE.finditer(text):
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
    yield from statements.misattributed()
    yield from statements.negated()
