"""Compare foreign names with their Chinese transcriptions by their consonants: 塔里克·曼苏里 is Tariq Mansouri."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from evalkit.text.pinyin import readings_of

#: Consonants that transcriptions do not distinguish, as one letter; vowels, y and a final h are left out.
_ENGLISH = (
    ("ph|v|w", "f"),
    ("tch|sch|sh|ch|ts|tz|th(?=r?[aeiouy]?$)|c(?=[eiy])|j|g(?=[eiy])", "s"),
    *(("x", "ks"), (r"ng\b", "n"), ("b", "p"), ("d|th", "t"), ("gh?|c|q|kh", "k"), ("z", "s"), ("r", "l")),
    *((r"\bh", "H"), ("[aeiouyh]", ""), (r"(.)\1+", r"\1")),
)
_INITIALS = dict(zip("bdgrwzcjqxhy", (*"ptklfsssssH", ""), strict=True))
#: What it costs to leave out a consonant: transcriptions drop r and many final consonants, and add none.
_DROPPED = {"l": 0.35, "t": 0.6, "n": 0.5, "H": 0.4, "f": 0.6, "s": 0.8}
_ADDED = {"n": 0.6, "H": 0.4, "f": 0.7}
_ALIKE = {
    frozenset(pair): cost for pair, cost in {"Hf": 0.3, "sk": 0.7, "st": 0.7, "nm": 0.5, "Hk": 0.6, "pf": 0.6}.items()
}


@lru_cache(maxsize=1 << 12)
def _consonants_of_english(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.lower().removesuffix("'s").removesuffix("’s"))
    letters = re.sub(r"[^a-z]", "", plain)
    for pattern, letter in _ENGLISH:
        letters = re.sub(pattern, letter, letters)
    return letters


@lru_cache(maxsize=1 << 12)
def _consonants_of_chinese(name: str) -> tuple[frozenset[str], ...]:
    """The consonants of each character, in every reading."""
    readings = ({one for reading in readings_of(character) for one in _spoken(reading)} for character in name)
    return tuple(frozenset(map(_consonants_of_syllable, found)) or frozenset({""}) for found in readings)


def _spoken(reading: str) -> tuple[str, ...]:
    """A syllable and another one that it may transcribe: 吉 is ki, too, and 希 hi."""
    if reading[0] == "j":
        return reading, "k" + reading[1:]
    return (reading, "h" + reading[1:]) if reading in ("xi", "xin", "xiu") else (reading,)


def _consonants_of_syllable(reading: str) -> str:
    if reading == "er":
        return "l"
    initial = "" if reading == "wu" else _INITIALS.get(reading[:1], "" if reading[:1] in "aeo" else reading[:1])
    return initial + ("n" if reading.endswith(("n", "ng")) else "")


@lru_cache(maxsize=1 << 12)
def distance(word: str, name: str) -> float:
    """Return how unlike the consonants of a foreign name and of Chinese characters are: 0 (alike) to 1.

    >>> distance("Mansouri", "曼苏里"), distance("Berg", "范德梅尔") > 0.5
    (0.0, True)
    """
    english = _consonants_of_english(word)
    # the costs of all prefixes of the English consonants
    row = [0.0]
    for letter in english:
        row.append(row[-1] + _DROPPED.get(letter, 1.0))
    size = 0.0
    for options in _consonants_of_chinese(name):
        row = [min(costs) for costs in zip(*(_after(row, english, option) for option in options), strict=True)]
        size += max(map(len, options))
    return min(1.0, row[-1] / max(len(english), size, 1.0))


def _after(row: list[float], english: str, consonants: str) -> list[float]:
    for consonant in consonants:
        costs = [row[0] + _ADDED.get(consonant, 1.0)]
        for i, letter in enumerate(english):
            changed = 0.0 if letter == consonant else _ALIKE.get(frozenset((letter, consonant)), 1.2)
            costs.append(
                min(row[i] + changed, row[i + 1] + _ADDED.get(consonant, 1.0), costs[i] + _DROPPED.get(letter, 1.0))
            )
        row = costs
    return row
