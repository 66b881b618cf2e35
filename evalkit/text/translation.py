"""The Chinese expressions for English words, and for words of the opposite meaning, from ``translations.toml``."""

import re
from collections import defaultdict
from functools import cache
from typing import NamedTuple

from evalkit.text.word_lists import entries, word_lists

_ENDINGS = [entry.split("=") for entry in "s= es= ies=y ed= ed=e ied=y ing= ing=e ly=".split()]


class Side(NamedTuple):
    """One of two opposites: English words in their base forms, and what may express them in Chinese."""

    english: frozenset[str]
    chinese: re.Pattern[str]


@cache
def _tables() -> tuple[dict[str, str], dict[str, list[tuple[str, str]]]]:
    """The Chinese expressions of each English word, and the pairs of opposites in which it is, its own side first."""
    lists = word_lists("translations")
    table = entries(lists["words"]["english"])
    words = {word: "|".join(forms) for names, forms in table for word in names.lower().split("/")}
    pairs = defaultdict(list)
    for one, other in (entry.split(":") for entry in lists["opposites"]["pairs"].split()):
        for own, against in ((one, other), (other, one)):
            for word in own.partition("=")[0].split("/"):
                pairs[word].append((own, against))
    return words, pairs


def base_forms(word: str) -> list[str]:
    """Return what an English word may be an inflection of, itself first; some are no words ("houses": "hous")."""
    word = word.lower().removesuffix("'s").removesuffix("’s")
    stems = [word, *(word.removesuffix(end) + new for end, new in _ENDINGS if word.endswith(end))]
    return stems + [stem[:-1] for stem in stems if len(stem) > 3 and stem[-1] == stem[-2]]


@cache
def translation(word: str) -> re.Pattern[str] | None:
    """Return what may express an English word, in any inflection, in Chinese; None if the word is not in the list.

    The expressions are fragments of Chinese words ("农" for "agriculture") and are searched in simplified characters.
    They tell which sentence of a source a sentence of an output is about; they do not list all translations.
    """
    known, _ = _tables()
    return next((re.compile(known[stem]) for stem in base_forms(word) if stem in known), None)


def _side(entry: str) -> Side:
    english, _, chinese = entry.partition("=")
    return Side(frozenset(english.split("/")), re.compile(rf"(?<![不非未没无])(?:{chinese.replace(',', '|')})"))


@cache
def opposites(word: str) -> tuple[tuple[Side, Side], ...]:
    """Return the pairs of opposites with an English word, in any inflection: its own side, then the other.

    A word has several pairs where it has several senses or opposites ("lose" against "win" and "find"), and none
    if it is not in the list. Fragments are searched in simplified characters, as by :func:`translation`.

    >>> [(own, other)] = opposites("importers")
    >>> bool(own.chinese.search("进口商")), bool(other.chinese.search("出口商"))
    (True, True)
    """
    _, known = _tables()
    pairs = next((known[stem] for stem in base_forms(word) if stem in known), [])
    return tuple((_side(own), _side(other)) for own, other in pairs)
