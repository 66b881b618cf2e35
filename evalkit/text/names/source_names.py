"""What a Chinese source and its glossary name: persons with their titles, places, organizations, and their readings."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from itertools import pairwise

from evalkit.text.names.chinese_people import people_in
from evalkit.text.names.lexicon import (
    BODIES,
    CAPITAL_OF,
    CHINESE,
    CITIES,
    CITIES_OF,
    KNOWN,
    KNOWN_NAME,
    ORGANISATION_HEADS,
    ORGANISATION_WORDS,
    OTHER_WORDS,
    PLACE,
    PLACE_END,
    PROVINCES,
    SURNAMES,
    TITLE,
    KnownName,
    bare,
    folded,
    place_readings,
    spellings,
    words_of,
)
from evalkit.text.names.mentions import People
from evalkit.text.pinyin import loose, readings_of, syllables
from evalkit.text.scripts import HAN
from evalkit.text.term_matching import Term

#: Longer sources are not searched for probable names, and their sentences are not compared.
LONGEST_SOURCE = 10_000
#: The number of characters before a name that may contain its title.
_TITLE_REACH = 24
#: The greatest distance of the words in the name of an organization.
_NAME_REACH = 14
_OFTEN_ADDED = frozenset({"university", "technology", "science", "sciences"})
_NAMED_AFTER_PLACES = frozenset({"university", "college", "hospital"})
_SEVERAL_PLACES = re.compile("(?<![第十百])[两二三四五六七八九][省市县区州地](?![级间方区点])")
_BIG = re.compile("..?大(?!学)|大(?!学)")
_NOT_SPOKEN = re.compile(f"某|(?<=[{HAN}]) (?=[{HAN}])")
_ABBREVIATIONS = "".join((*PROVINCES.values(), *(place[0] for place in (*PROVINCES, *CITIES))))
_NO_ABBREVIATION = re.compile("|".join(CHINESE["no_abbreviation"].split()))
#: A source about places whose names are not written in pinyin.
_OTHER_SPELLINGS = re.compile('台[湾北中南东]|(?<![平电舞柜阳站讲擂])台"|香港|澳门')


def _is_near(places: Sequence[int], at: int) -> bool:
    first = bisect_left(places, at - _NAME_REACH)
    return first < len(places) and places[first] <= at + _NAME_REACH


def _are_together(found: Mapping[str, Sequence[int] | None]) -> bool:
    """Whether words, those of which the meaning is known, are near each other anywhere."""
    # 清华 is a university, too, and 矿业大学 one of technology.
    places = [p for word, p in found.items() if p is not None and word not in _OFTEN_ADDED]
    places = places or [p for word, p in found.items() if p or (p is not None and word != "university")]
    return any(all(_is_near(others, at) for others in places) for at in min(places, key=len)) if places else True


class SourceNames:
    """The names in a source and its glossary."""

    def __init__(self, source: str, terms: Sequence[Term] = ()) -> None:
        self.text = folded(source)
        self.terms = tuple(terms)
        self.titles_of = cache(self._find_titles_of)
        self.has_known = cache(self._has_known)
        self.has_place_name = cache(self._has_place_name)
        self.introduction_of = cache(self._introduction_of)
        self.lacks_place = lru_cache(maxsize=4)(self._lacks_place)
        self.has_organisation = cache(self._has_organisation)
        self.with_reading = cache(self._with_reading)
        self.has_characters = cache(self._has_characters)

    @cached_property
    def people(self) -> tuple[str, ...]:
        """The persons in the source."""
        return tuple(name for name in self._any_people if name in self.text)

    @cached_property
    def mentioned(self) -> People:
        """The persons in the source, with what is probably the name of one if the source is not too long."""
        return People(self.text if len(self.text) <= LONGEST_SOURCE else "", self.people)

    @cached_property
    def _any_people(self) -> tuple[str, ...]:
        """The persons of the glossary, and those with a title in the source."""
        named = [folded(t.source) for t in self.terms if t.kind == "person"]
        return tuple(dict.fromkeys([*named, *(name for name, _ in people_in(self.text, self.text))]))

    def _find_titles_of(self, name: str) -> frozenset[str]:
        """The titles next to a name anywhere in the source: before it, or directly after it."""
        titles: set[str] = set()
        for before, after in self._around(name):
            titles.update(m[0] for m in TITLE.finditer(before))
            if title := TITLE.match(after):
                titles.add(title[0])
        return frozenset(titles)

    def titles_of_surname(self, reading: str) -> frozenset[str]:
        """The titles of all persons whose surname has this reading, and those directly after such a surname."""
        alike = [name for name in self.people if reading in spellings(name[0])]
        titles = {title for name in alike for title in self.titles_of(name)}
        titles.update(m[0] for m in TITLE.finditer(self.text) if reading in readings_of(self.text[m.start() - 1]))
        return frozenset(titles)

    def _introduction_of(self, name: str) -> str:
        """What is said directly before and after a name in its sentences, up to another person."""
        return "".join(before + after for before, after in self._around(name, 3 * _TITLE_REACH))

    def _around(self, name: str, reach: int = _TITLE_REACH) -> Iterator[tuple[str, str]]:
        everyone = dict.fromkeys((*self._any_people, *self.mentioned.names))
        others = [other for other in everyone if other not in name and name not in other]
        for match in re.finditer(re.escape(name), self.text):
            before = re.split("[。!?]", self.text[max(0, match.start() - reach) : match.start()])[-1]
            # 书记顾锋、主任王杰秀: the title belongs to the person named first.
            last = max((before.rfind(other) + len(other) for other in others if other in before), default=0)
            after = re.split("[。!?]", self.text[match.end() : match.end() + reach // 2])[0]
            first = min((after.find(other) for other in others if other in after), default=len(after))
            # The clause with another person introduces that one: 农民张有粮种活了树,行长陈宝莲
            ends = max(after.rfind(mark, 0, first) for mark in ",;:、") if first < len(after) else -1
            yield before[last:], after[: first if ends < 0 else ends]

    @cached_property
    def known(self) -> frozenset[KnownName]:
        """The names in the source that have a fixed form in both languages."""
        latin = {form.lower(): name for form, name in KNOWN.items()}
        words = (form[0] for form in KNOWN_NAME.finditer(self.text) if form[2])
        return frozenset(latin[word] for word in (*words, *self.latin_words) if word in latin)

    @cached_property
    def _without_known(self) -> str:
        return KNOWN_NAME.sub("|", self.text)

    def _has_known(self, name: KnownName) -> bool:
        """Whether the source may mean a known name; 瑞 in 瑞士 does not mean Sweden."""
        whole = (match for match in name.words.finditer(self.text) if len(match[0]) > 1)
        return any(whole) or name.words.search(self._without_known) is not None

    @cached_property
    def _spoken(self) -> str:
        """The source without 某 in partly withheld names (王某国 may be written Wang Guo) and spaces between characters."""
        return _NOT_SPOKEN.sub("", self.text)

    @cached_property
    def _places_of_syllable(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for i, character in enumerate(self._spoken):
            for reading in readings_of(character):
                places.setdefault(reading, []).append(i)
        return places

    def _with_reading(self, *syllables: str) -> str:
        """Return the first characters of the source that have this pinyin reading, or an empty string."""
        text, size = self._spoken, len(syllables)
        words = (text[i : i + size] for i in self._places_of_syllable.get(syllables[0], ()) if i + size <= len(text))
        spoken = (word for word in words if all(s in readings_of(c) for c, s in zip(word, syllables, strict=True)))
        return next(spoken, "")

    def lacks_surname(self, reading: str) -> bool:
        """Whether no character with this reading may be a surname."""
        return not any(self._spoken[i] in SURNAMES for i in self._places_of_syllable.get(reading, ()))

    @cached_property
    def has_minority_places(self) -> bool:
        """Whether the source is about a region where the names of places are not written in pinyin: Zanda for 札达."""
        return any(map(self.has_place_name, CHINESE["minority_regions"].split()))

    @cached_property
    def latin_words(self) -> frozenset[str]:
        """The words in Latin letters, such as an original name in brackets."""
        return frozenset(re.findall("[a-z]+", self.text))

    @cached_property
    def other_spellings(self) -> frozenset[str]:
        """Spellings of adjacent characters in Taiwan and Hong Kong, if the source is about these."""
        if not _OTHER_SPELLINGS.search(self.text):
            return frozenset()
        readings = [{loose(reading) for reading in readings_of(c)} for c in self.text]
        windows = (readings[i : i + size] for i in range(len(readings)) for size in (2, 3, 4))
        return frozenset("".join(spelled) for window in windows for spelled in itertools.product(*window))

    def _has_characters(self, name: str) -> bool:
        """Whether the source has the characters of a name near each other, in this order."""
        return re.search(".{0,3}".join(name), self.text) is not None

    def _has_place_name(self, place: str) -> bool:
        """Whether the source names a province or city, or has an abbreviation or a word for it, or a city in the province."""
        words = (place, *OTHER_WORDS.get(place, ()), *CITIES_OF.get(place, ()))
        short = PROVINCES.get(place, "")
        return any(word in self.text for word in words) or not set(short).isdisjoint(self._abbreviating)

    @cached_property
    def _abbreviating(self) -> str:
        """The source without names such as 东京, whose 京 is not Beijing."""
        return _NO_ABBREVIATION.sub("|", self.text)

    def may_abbreviate(self, place: str) -> bool:
        """Whether the source may mean the place: 中国 for Beijing, 京广 for Beijing and Guangzhou, or 四省 for any province."""
        if _SEVERAL_PLACES.search(self.text):
            return True
        if any(word in self.text for word in CAPITAL_OF.get(place, ())):
            return True
        short = f"[{PROVINCES.get(place, place[0])}]"
        rest = PLACE.sub("|", self.text)
        return re.search(f"[{_ABBREVIATIONS}]{short}|{short}[{_ABBREVIATIONS}]", rest) is not None

    def _is_university(self, first: str) -> bool:
        """Whether the source has 大 at most three characters after a character with this reading."""
        return any(_BIG.match(self._spoken, i + 1) for i in self._places_of_syllable.get(first, ()))

    @cached_property
    def accepted_words(self) -> frozenset[str]:
        """The words in all accepted forms."""
        forms = (form.lower() for term in self.terms for form in term.accepted)
        return frozenset(word for form in forms for word in re.findall(r"[\w’'-]+", form))

    @cached_property
    def _english_places(self) -> tuple[frozenset[str], ...]:
        """The English names of each place of the source, such as a province and the characters before 县."""
        found = {match[0] for match in re.finditer(f"{PLACE.pattern}|[{HAN}]{{2}}(?={PLACE_END})", self.text)}
        found.update(place for place, short in PROVINCES.items() if re.search(f"[在抵赴来离][{short}]", self.text))
        names = place_readings().items()
        return tuple(
            frozenset((*spellings(place), *(name for name, chinese in names if chinese == place))) for place in found
        )

    def has_place(self, word: str, place: str | None) -> bool:
        """Whether the source has the place with this reading: 交大 and 北师大 are abbreviated universities, 粤 is Guangdong."""
        readings = (split for split in syllables(word) if len(split) > 1)
        abbreviated = any(self.with_reading(*s) or self._is_university(s[0]) for s in readings)
        named = place is not None and self.has_place_name(place)
        return abbreviated or named or loose(word) in self.other_spellings

    def _lacks_place(self, text: str) -> bool:
        """Whether an English text does not name a place of the source."""
        said = {bare(word) for word in re.findall(r"[A-Z][\w’']+", text)}
        return any(names.isdisjoint(said) for names in self._english_places)

    @cached_property
    def organisation_heads(self) -> dict[str, Term]:
        """The kinds of organizations in the source, such as ``bank``, with a term of each kind."""
        organisations = (t for t in self.terms if t.kind == "organisation" and folded(t.source) in self.text)
        return {
            word: t
            for t in organisations
            for form in t.accepted
            for word in words_of(form)
            if word in ORGANISATION_HEADS
        }

    def _has_organisation(self, words: tuple[str, ...], cities: tuple[KnownName, ...] = ()) -> bool:
        """Whether the known words of an English name of an organization are near each other, and its cities in the source."""
        bodies = [[end for end in BODIES[word] if len(end) > 1] or BODIES[word] for word in words if word in BODIES]
        local = not _NAMED_AFTER_PLACES.isdisjoint(words)
        found = {word: self._places_of_word(bare(word), local) for word in (*words, *map(" ".join, pairwise(words)))}
        known = [p for word, p in found.items() if p is not None and word not in BODIES]
        hints = [*map(bool, known), *map(self.has_known, cities)]
        # An organization of a kind that the source does not have may be known from the context.
        if not bodies or not all(any(end in self.text for end in ends) for ends in bodies):
            return not bodies or not hints or any(hints)
        return all(map(self.has_known, cities)) and _are_together(found)

    def _places_of_word(self, word: str, local: bool) -> list[int] | None:
        """Where the source has a word in the name of an organization; None if its meaning is unknown."""
        if forms := ORGANISATION_WORDS.get(word):
            return [match.start() for match in forms.finditer(self.text)]
        # Jian and Dali are given names more often than places.
        place = place_readings().get(word) if local and len(word) > 4 else None
        if place is None or (place not in self.text and any(self.with_reading(*split) for split in syllables(word))):
            return None  # Jinan University is 暨南大学
        short = PROVINCES.get(place, place[0])
        return [match.start() for match in re.finditer(f"{place}|[{short}]", self.text)]

    @cached_property
    def forms(self) -> list[set[str]]:
        """The words of each form of the glossary, except those of persons."""
        terms = (term for term in self.terms if term.kind != "person")
        return [set(words_of(form)) for term in terms for form in (*term.accepted, *term.rejected)]
