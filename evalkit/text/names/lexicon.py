"""The word lists of ``names.toml``, the expressions made of them, and the forms in which names are compared."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from evalkit.text.pinyin import readings_of
from evalkit.text.quantities.number_values import simplified
from evalkit.text.term_matching import fold
from evalkit.text.word_lists import entries, word_lists

_TABLES = word_lists("names", Path(__file__).parent)
CHINESE, ENGLISH = _TABLES["chinese"], _TABLES["english"]
#: A Chinese character, for expressions that are made for each name: the class of all Han characters compiles slowly.
CHARACTER = r"[^\W\d_a-zA-Z]"
_SIMPLIFIED = str.maketrans(_TABLES["traditional"]["from"], _TABLES["traditional"]["to"])
TITLES: tuple[str, ...] = tuple(sorted(CHINESE["titles"].split(), key=len, reverse=True))
TITLE = re.compile(f"副?(?:{'|'.join(TITLES)})")
DOUBLE_SURNAMES = "|".join(CHINESE["double_surnames"].split())
SURNAMES, COMMON_SURNAMES = CHINESE["surnames"], CHINESE["common_surnames"]
PROVINCES = {place: "".join(short) for place, short in entries(CHINESE["provinces"])}
OTHER_WORDS = dict(entries(CHINESE["other_words"]))
CAPITAL_OF = dict(entries(CHINESE["capital_of"]))
#: Characters before a place with which it is part of other words: 上海南部.
NOT_BEFORE = dict(entries(CHINESE["not_before"]))
CITIES_OF = dict(entries(CHINESE["cities"]))
CITIES = list(itertools.chain.from_iterable(CITIES_OF.values()))
PLACE = re.compile("|".join(sorted([*PROVINCES, *CITIES], key=len, reverse=True)))
PLACE_END = (
    "(?<![全本该我各外跨个邻节城超上股门些几数])[省市县]"
    "(?<![渔菜夜早鱼楼车街集闹灯黑熊牛汇债期房休开收入面罢]市)(?![场民值面容域长级委内外里])"
)
ORGANISATION_HEADS = frozenset(ENGLISH["heads"].split())


class KnownName(NamedTuple):
    """A name that has a fixed form in both languages.

    :param words: what a source may say for it.
    """

    group: str
    words: re.Pattern[str]


def _known_names() -> Iterator[tuple[str, KnownName]]:
    for group, listed in _TABLES["known"].items():
        for english, words in entries(listed):
            forms = [word for word in words if not word.startswith("/")]
            spelled = [*english.split(","), *forms]
            other = [word[1:] for word in words if word.startswith("/")]
            name = KnownName(group, re.compile("|".join(re.escape(word.lower()) for word in (*spelled, *other))))
            yield from ((form, name) for form in spelled)


#: The known names by their forms.
KNOWN = dict(_known_names())
_FORMS = sorted(map(re.escape, KNOWN), key=len, reverse=True)
_CHINESE_FORMS = [form for form in _FORMS if re.match(CHARACTER, form)]
_LATIN_FORMS = "|".join(form for form in _FORMS if form not in _CHINESE_FORMS)
KNOWN_NAME = re.compile(
    rf"\b({_LATIN_FORMS})(?:(?<=[a-z])(?:n|an|ian|ese|i)?s?)?\b(?! Columbia)"
    rf"|({'|'.join(_CHINESE_FORMS)})"
)
#: What a word in the name of an organization is in Chinese: one of some characters.
ORGANISATION_WORDS = {word: re.compile("|".join(forms)) for word, forms in entries(ENGLISH["organisation_words"])}
#: English titles with the ends of Chinese ones.
ENGLISH_TITLES = dict(entries(ENGLISH["titles"]))
#: Kinds of organizations with the ends of their Chinese names.
BODIES = dict(entries(ENGLISH["bodies"]))


def folded(text: str) -> str:
    """The form in which names are compared: without case and width, in simplified characters if these are known."""
    return simplified(fold(text)).translate(_SIMPLIFIED)


def bare(word: str) -> str:
    """Return a word in lower case, without a possessive, apostrophes and hyphens."""
    return re.sub(r"[’']s\Z|[’'-]", "", word.lower())


@lru_cache(maxsize=1 << 14)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of an English name, folded and without possessives."""
    return tuple(word.removesuffix("'s").removesuffix("’s") for word in re.findall(r"[\w’'-]+", name.casefold()))


def spellings(name: str) -> Iterator[str]:
    """Return the readings of a Chinese name in pinyin, each in one word."""
    return map("".join, itertools.product(*map(readings_of, name)))


@cache
def _cantonese() -> dict[str, tuple[str, ...]]:
    spelled: dict[str, tuple[str, ...]] = {}
    for syllable, (characters,) in entries(word_lists("cantonese", Path(__file__).parent)["cantonese"]["syllables"]):
        for character in characters:
            spelled[character] = (*spelled.get(character, ()), syllable)
    return spelled


def hong_kong_spellings(name: str) -> Iterator[str]:
    """Return how a name is spelled in Hong Kong, each in one word; nothing if it has a character that is rare in names.

    >>> list(hong_kong_spellings("钟咏诗"))
    ['chungwingsze', 'chungwingsi']
    """
    return map("".join, itertools.product(*(_cantonese().get(character, ()) for character in name)))


@cache
def surname_readings() -> frozenset[str]:
    """Return the pinyin of all surnames."""
    names = (*SURNAMES, *DOUBLE_SURNAMES.split("|"))
    return frozenset(reading for name in names for reading in spellings(name))


@cache
def place_readings() -> dict[str, str]:
    """Provinces and large cities by their English names, which are pinyin with a few exceptions."""
    english: dict[str, str] = {name: place for name, (place,) in entries(ENGLISH["places"])}
    for place in (*PROVINCES, *CITIES):
        for reading in spellings(place):
            english.setdefault(reading, place)
    # 西安 is written Xi'an; Xian is a given name.
    del english["xian"]
    return english
