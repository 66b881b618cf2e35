"""Read all values that the figures and number words of a text can have, regardless of what they count.

This is more lenient than quantity extraction: it also accepts numbers in names, codes and fractions, and unusual spellings.
It is used to check whether a text that seems to lack a number contains it in another form.
"""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from evalkit.text.normalize import FULL_WIDTH, fold_width
from evalkit.text.quantities import chinese_numerals as numerals, english_words as words
from evalkit.text.quantities.decimals import MOST_DIGITS
from evalkit.text.quantities.lexicons import load, patterns


class Values(NamedTuple):
    """The possible values of the numbers in a text.

    :param whole: all values.
    :param bare: the values of figures without a scale.
    """

    whole: frozenset[Decimal]
    bare: frozenset[Decimal]


#: the number of characters on each side that may belong to a number
_REACH = 12
_EVIDENCE = load("evidence")
SCALES: dict[str, int] = {
    **{word: 10**power for scale, power in words.SCALES.items() for word in (scale, f"{scale}s")},
    **_EVIDENCE["scales"],
}
ANY_SCALE = "|".join(sorted(SCALES, key=len, reverse=True))
_SIGNS = {"1/2": "½", "1/4": "¼", "3/4": "¾"}
_ROMAN: dict[str, int] = _EVIDENCE["roman"]
_RE = patterns(
    "number_values", any_scale=ANY_SCALE, roman="|".join(_ROMAN), numeral=f"[{numerals.HANZI}{numerals.FORMAL}]"
)
_WORDS: dict[str, int] = {
    **words.SMALL,
    **{f"{word}s": value for word, value in words.SMALL.items() if value < 20},
    **words.ORDINALS,
    **{f"{stem}ies": 10 * value for stem, value in words.TENS.items()},
    **words.MONTHS,
    **{word: int(value) for value, row in _EVIDENCE["words"].items() for word in row.split()},
}
_FOLDS = {**FULL_WIDTH, **str.maketrans(load("zh")["traditional"]["from"], load("zh")["traditional"]["to"])}


def repaired(text: str) -> str:
    """Restore numbers of a scanned text: the letter O for a zero, and "11. 04%"; the length does not change."""
    if ". " in text and _RE["spaced_decimal"].search(text):
        text = _RE["spaced_decimal" if _RE["chinese"].search(text) else "spaced_hundredths"].sub(r".\1 ", text)
    if "O" in text and _RE["near_digit"].search(text):
        text = _RE["letter_zero"].sub(lambda match: re.sub("[Oo]", "0", match[0]), text)
    return text


@lru_cache(maxsize=64)
def simplified(text: str) -> str:
    """Convert traditional characters used in numbers and full-width figures; the length does not change."""
    return text.translate(_FOLDS) if _RE["chinese"].search(text) else text


@lru_cache(maxsize=64)
def values(text: str) -> Values:
    """Return all values that the figures and number words of a text can have in any reading."""
    text = simplified(text)
    bare: set[Decimal] = set()
    whole = {Decimal(_ROMAN[numeral]) for numeral in _RE["roman_numeral"].findall(text)}
    for figures, scale in _RE["figures"].findall(text):
        parts = _RE["parts"].split(figures)
        readings = {_RE["separator"].sub("", figures), *parts, *figures.split(" ")}
        for reading in readings:
            if len(reading) <= MOST_DIGITS and _RE["reading"].fullmatch(reading):
                if scale:
                    whole.add(Decimal(reading) * SCALES[scale.lower()])
                else:
                    bare.add(Decimal(reading))
                    if reading == figures and (year := _RE["year"].fullmatch(reading)):
                        bare.update(map(Decimal, year.groups()))
    whole.update(Decimal(n or 0) + Decimal(words.PARTS[sign]) for n, sign in _RE["vulgar_fraction"].findall(text))
    powers = (unicodedata.normalize("NFKC", "".join((base, *power))) for base, *power in _RE["power"].findall(text))
    whole.update(Decimal(digits) for digits in powers if len(digits) <= MOST_DIGITS)
    whole.update(_hanzi_values(text))
    for match in _RE["word"].finditer(text.lower()):
        if _WORDS.get(match[0], 1) != 1:
            whole.add(Decimal(_WORDS[match[0]]))
        if match[0] in words.SMALL and (number := words.read(match.string, match.end(), match[0])):
            whole.add(number.value)
    return Values(frozenset(whole | bare), frozenset(bare))


def without_codes(text: str) -> str:
    """Remove the numbers of codes and versions from a text."""
    return _RE["in_code"].sub(" ", text)


def _hanzi_values(text: str) -> set[Decimal]:
    values_read = {Decimal(value) for word, value in _EVIDENCE["characters"].items() if word in text}
    values_read.update(Decimal(numerals.DIGIT[digit] * 10) for digit in _RE["tenths"].findall(text))
    for run, half in _RE["numerals"].findall(text):
        parts = {run, *_RE["scale"].split(run), *(run[i : i + 2] for i in range(len(run)))}
        for read in map(numerals.value, parts - {"", "一", "数"}):
            values_read.update(read[:2] if read else ())
        if half and (read := numerals.value(run)):
            values_read.add(read[0] + Decimal("0.5"))  # 八部半
    return values_read


def readings_at(text: str, start: int, end: int) -> set[Decimal]:
    """Return the values of the number around a span, including adjacent fractions and scales: "8½", "1 0 亿".

    The result is empty if the span touches more than one number.
    """
    begin = max(0, start - _REACH)
    text = _RE["written_fraction"].sub(lambda m: _SIGNS[m[1]] + "   ", simplified(text)[begin : end + _REACH])
    at = [m for m in _RE["figures"].finditer(text) if m.end() > start - begin and m.start() < end - begin]
    if len(at) != 1:
        return set() if at else {value for value in _hanzi_values(text) if value % 1}
    match = at[0]
    number = _RE["separator"].sub("", match[1])
    if len(number) > MOST_DIGITS or number.count(".") > 1:
        return set()
    half = "0.5" if _RE["half"].match(text, match.end()) else "0"
    value = Decimal(number) + Decimal(words.PARTS.get(text[match.end() : match.end() + 1], half))
    scale = match[2] or (glued[1] if (glued := _RE["glued_scale"].match(text, match.end())) else "")
    if not scale and _RE["point_thousands"].fullmatch(number):
        return {value, value * 1000}
    return {value * (SCALES[scale.lower()] if scale else 1)}


def plain_figures(text: str) -> frozenset[str]:
    """Return the figures of a text without thousands separators."""
    return frozenset(re.findall("[0-9]+", re.sub("(?<=[0-9]),(?=[0-9])", "", fold_width(text))))
