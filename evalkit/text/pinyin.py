"""The pinyin of Chinese characters, and words in Latin letters that may be pinyin."""

import re
import unicodedata
from functools import cache, lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location

from evalkit.text.scripts import HAN

_HAN = re.compile(f"[{HAN}]")
_VOWELS = tuple("aeo")
#: Letters in Wade-Giles, the romanizations of Hong Kong and Taiwan, or pinyin, to their common form.
_SPELLINGS = (("hs", "x"), ("tz", "z"), ("ts", "z"), ("zh", "ch"), ("q", "ch"), ("j", "ch"), ("b", "p"), ("d", "t"),
              ("ien", "ian"), ("ung", "ong"), ("ueh", "ue"), ("ieh", "ie"))  # fmt: skip
#: How many readings of a character are common, and common ones after these: the surname Shan.
_COMMON, _MORE = 2, {"单": ("shan",)}
_INITIAL_G, _INITIAL_C = re.compile("(?<!n)g"), re.compile("c(?!h)")


@cache
def _readings() -> dict[int, str]:
    """pypinyin's table of single characters, without importing the package, which loads 47,000 phrases."""
    folder = find_spec("pypinyin").submodule_search_locations[0]  # type: ignore[union-attr, index]
    spec = spec_from_file_location("evalkit_pinyin_table", f"{folder}/pinyin_dict.py")
    module = module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    table: dict[int, str] = module.pinyin_dict
    return table


def _toneless(readings: str) -> list[str]:
    """Split readings at commas and remove their tones; ü becomes v."""
    plain = unicodedata.normalize("NFD", readings).replace("u\u0308", "v")
    return [one for one in dict.fromkeys(re.sub("[^A-Za-z,]", "", plain).split(",")) if one]


@lru_cache(maxsize=1 << 14)
def readings_of(character: str) -> frozenset[str]:
    """Return the common readings of a character in pinyin without tones; empty if it is not a Chinese character."""
    if not _HAN.match(character):
        return frozenset()
    # The most frequent ones are first: 平 is ping, rarely pian, and never bing in a name.
    readings = {*_toneless(_readings().get(ord(character), ""))[:_COMMON], *_MORE.get(character, ())}
    return frozenset(readings | {r.replace("v", u) for r in readings for u in ("u", "yu")})


@cache
def _every_syllable() -> frozenset[str]:
    syllables = set(_toneless(",".join(reading for code, reading in _readings().items() if 0x4E00 <= code <= 0x9FFF)))
    return frozenset(syllables - {"m", "n", "ng", "hm", "hng"}) | {"lu", "nu", "lyu", "nyu"}


@lru_cache(maxsize=1 << 12)
def syllables(word: str) -> tuple[tuple[str, ...], ...]:
    """Return every way to split a word into at most five pinyin syllables."""
    if not word:
        return ((),)
    if len(word) > 20:
        return ()
    every = _every_syllable()
    return tuple(
        (word[:size], *rest)
        for size in range(1, min(6, len(word)) + 1)
        if word[:size] in every
        for rest in syllables(word[size:])
        if len(rest) < 5
    )


def is_pinyin(word: str) -> bool:
    """Whether a lowercase word can be the pinyin of two or three characters, like the name of a place.

    Later syllables must not begin with a vowel, because pinyin would separate these with an apostrophe.
    """
    short = (split for split in syllables(word) if 1 < len(split) < 4)
    return any(not any(syllable.startswith(_VOWELS) for syllable in split[1:]) for split in short)


@lru_cache(maxsize=1 << 14)
def loose(letters: str) -> str:
    """Return a form of a name that is the same for pinyin and the romanizations of Taiwan and Hong Kong."""
    for written, form in _SPELLINGS:
        letters = letters.replace(written, form)
    return _INITIAL_C.sub("z", _INITIAL_G.sub("k", letters))
