"""Find the persons of a Chinese source in the source and in an output."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

from evalkit.text.names.lexicon import (
    CHARACTER,
    CHINESE,
    ENGLISH,
    ENGLISH_TITLES,
    KNOWN,
    ORGANISATION_HEADS,
    PLACE,
    SURNAMES,
    TITLE,
    bare,
    hong_kong_spellings,
    spellings,
)
from evalkit.text.names.likely_people import LIKELY, likely_people
from evalkit.text.names.transcription import distance
from evalkit.text.pinyin import loose
from evalkit.text.translation import chinese_words, translation

_NO_NAME = frozenset(ENGLISH["not_pinyin"].split())
#: The kinds of organizations, which end no name of a person.
_KINDS = frozenset(word.capitalize() for word in ORGANISATION_HEADS)
_NO_PERSON = tuple(CHINESE["no_person"].split())
_ENGLISH_NAME = re.compile(
    r"\b[A-Z][\w’'-]*(?: (?:(?:van|von|de|der|den|da|di|al|el|bin|la|le|du) ){0,2}[A-Z][\w’'-]+){0,7}"
)
#: How unlike a name and its transcription may be (see :func:`evalkit.text.names.transcription.distance`), and
#: how unlike if the last word is also an English one.
_ALIKE, _SURE = 0.4, 0.1
#: Words before a name that are no part of it.
_RANKS = frozenset((*ENGLISH_TITLES, *"deputy vice former acting".split()))
_HONG_KONG = re.compile("香港|澳门|港[元铁]|九龙")
#: Surnames that are English words.
_NO_SURNAME = frozenset("he she an so long song you man sun men in a may will mark".split())


class Mention(NamedTuple):
    """A place where a text names a person.

    :param name: the name in the source.
    """

    start: int
    end: int
    name: str


def without(text: str, mentions: Iterable[Mention]) -> str:
    """Return the text with spaces in place of the mentions."""
    characters = list(text)
    for start, end, _ in mentions:
        characters[start:end] = " " * (end - start)
    return "".join(characters)


class People:
    """The persons that a Chinese source names.

    :param text: the source, folded.
    :param known: names known otherwise, such as those of the glossary.
    :param spelled: names of the source that an output has, too.
    """

    def __init__(self, text: str, known: Iterable[str] = (), spelled: Collection[str] = ()) -> None:
        self.text = text
        self._known, self._spelled_out = tuple(known), tuple(spelled)
        odds: dict[str, float] = {}
        for start, end, value in likely_people(text):
            name = text[start:end]
            word = "·" not in name and text.startswith(_NO_PERSON, start)
            if not word and not any(name != one and name in one for one in spelled):
                odds[name] = max(value, odds.get(name, value))
        words = chinese_words()
        longer = [
            name
            for name in self._known
            if name not in words and not PLACE.search(name) and not any(name != one and one in name for one in odds)
        ]
        self.names: tuple[str, ...] = tuple(dict.fromkeys((*spelled, *odds, *longer)))
        #: the names that are surely some, also if the output does not have them
        self.sure = frozenset((*spelled, *longer)).union(name for name in odds if odds[name] >= LIKELY)

    def with_names(self, names: Iterable[str]) -> People:
        """Return these persons and those whose names of the source an output has."""
        further = [name for name in dict.fromkeys(names) if name in self.text]
        return _people(self.text, self._known, (*self._spelled_out, *further)) if further else self

    @cached_property
    def _forms(self) -> dict[str, str]:
        """The names, and the parts of foreign ones, that stand for one person."""
        parts = {part for name in self.names for part in name.split("·") if len(part) > 1}
        longer = {
            form: {name for name in self.names if form in name and form != name} for form in {*self.names, *parts}
        }
        return {form: min(names) if len(names) == 1 else form for form, names in longer.items()}

    @cached_property
    def _surnames(self) -> dict[str, str]:
        """The surnames that only one person has."""
        names: dict[str, set[str]] = {}
        for name in self.names:
            if "·" not in name:
                names.setdefault(name[0], set()).add(name)
        return {surname: min(same) for surname, same in names.items() if len(same) == 1}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        forms = sorted(self._forms, key=len, reverse=True)
        surnames = "".join(self._surnames) or "\0"
        return re.compile(
            "|".join((*map(re.escape, forms), f"(?<!{CHARACTER})[{re.escape(surnames)}](?={TITLE.pattern})"))
        )

    def in_chinese(self, text: str) -> list[Mention]:
        """The mentions in the source or in another Chinese text, folded."""
        found = ((match.span(), match[0]) for match in self._pattern.finditer(text))
        return [
            Mention(*span, self._forms.get(form) or self._surnames[form])
            for span, form in found
            if text[span[0] - 1 : span[0]] != "·"  # somebody else with the same last name
        ]

    def in_english(self, text: str) -> list[Mention]:
        """The mentions in an English text."""
        mentions: list[Mention] = []
        last: dict[str, str] = {}
        for match in _ENGLISH_NAME.finditer(text):
            words = match[0].split(" ")
            spans = _parts(match.start(), words)
            for size in (3, 2):
                named = next(self._full_names(words, size), None)
                if named:
                    first, name = named
                    last.update(dict.fromkeys((bare(words[first]), bare(words[first + size - 1])), name))
                    mentions.append(Mention(spans[first][0], spans[first + size - 1][1], name))
                    break
            else:
                mentions += self._single_names(words, spans, last)
        return mentions

    def _full_names(self, words: list[str], size: int) -> Iterator[tuple[int, str]]:
        for i in range(len(words) - size + 1):
            if name := self.named(tuple(words[i : i + size])):
                yield i, name

    def _single_names(self, words: list[str], spans: list[tuple[int, int]], last: dict[str, str]) -> Iterator[Mention]:
        """The surname that a run of capitalized words ends in, alone or after a title: the Ma of Ma Ying-jeou is none."""
        plain = bare(words[-1])
        titled = len(words) == 1 or translation(words[-2]) or words[-2].lower() in ENGLISH_TITLES
        if titled and plain not in _NO_SURNAME and (name := last.get(plain) or self._by_surname(plain)):
            yield Mention(*spans[-1], name)

    @cached_property
    def _spelled_surnames(self) -> dict[str, set[str]]:
        surnames: dict[str, set[str]] = {}
        for name in self.names:
            if "·" not in name and name[0] in SURNAMES:
                local = hong_kong_spellings(name[0]) if _HONG_KONG.search(self.text) else ()
                for reading in (*spellings(name[0]), *local):
                    surnames.setdefault(reading, set()).add(name)
        return surnames

    def _by_surname(self, word: str) -> str:
        names = self._spelled_surnames.get(word, set())
        return min(names) if len(names) == 1 else ""

    def named(self, words: tuple[str, ...]) -> str:
        """Return the person whom a full English name means, or an empty string."""
        letters = bare("".join(words))
        if letters in _NO_NAME:
            return ""
        if (name := self._spelled.get(loose(letters), "")) or (
            name := self._spelled.get(loose(bare(words[-1] + "".join(words[:-1]))), "")
        ):
            return name
        if not _RANKS.isdisjoint(word.lower() for word in words):
            return ""  # Deputy Mayor Tseng
        distances = [(*self._distance(words, name), name) for name in self.names if "·" in name]
        _, worst, name = min(distances, default=(1.0, 1.0, ""))
        # Rhino Shield is no person, unless its sounds are all there.
        word = words[-1] in KNOWN or words[-1] in _KINDS or translation(words[-1])
        return name if worst <= (_SURE if word else _ALIKE if len(words) == 2 else _ALIKE / 2) else ""

    @staticmethod
    def _distance(words: tuple[str, ...], name: str) -> tuple[float, float]:
        """How unlike the first and the last names are: on average, and the worse of the two."""
        first, *_, last = name.split("·")
        distances = distance(words[0], first), min(distance(words[-1], last), distance("".join(words[1:]), last))
        return sum(distances) / 2, max(distances)

    @cached_property
    def _spelled(self) -> dict[str, str]:
        """The names by their romanization, the same for pinyin and the spellings of Taiwan, or that of Hong Kong."""
        names = [name for name in reversed(self.names) if "·" not in name]
        return {
            loose(reading): name
            for spelled in (hong_kong_spellings, spellings)
            for name in names
            for reading in spelled(name)
        }


@lru_cache(maxsize=256)
def _people(text: str, known: tuple[str, ...], spelled: tuple[str, ...]) -> People:
    return People(text, known, spelled)


def _parts(start: int, words: list[str]) -> list[tuple[int, int]]:
    spans = []
    for word in words:
        spans.append((start, start + len(word)))
        start += len(word) + 1
    return spans
