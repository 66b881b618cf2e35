"""Read all values that the figures and number words of a text can have, regardless of what they count.

This is more lenient than quantity extraction: it also accepts numbers in names, codes and fractions, and unusual spellings.
It is used to check whether a text that seems to lack a number contains it in another form.
"""

import re
import unicodedata
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from evalkit.text.normalize import FULL_WIDTH, fold_width
from evalkit.text.quantities import chinese_numerals as numerals, english_words as words
from evalkit.text.quantities.lexicons import load
from evalkit.text.scripts import HAN


class Values(NamedTuple):
    """The possible values of the numbers in a text.

    :param whole: all values.
    :param bare: the values of figures without a scale.
    """

    whole: frozenset[Decimal]
    bare: frozenset[Decimal]


_MOST_DIGITS = 18
#: the number of characters on each side that may belong to a number
_REACH = 12
_EVIDENCE = load("evidence")
SCALES: dict[str, int] = {
    **{word: 10**power for scale, power in words.SCALES.items() for word in (scale, f"{scale}s")},
    **_EVIDENCE["scales"],
}
ANY_SCALE = "|".join(sorted(SCALES, key=len, reverse=True))
_FIGURES = re.compile(rf"([0-9]+(?:(?: ?[.,，] ?| )[0-9]+)*)(?:[ -]?({ANY_SCALE})(?![a-z]))?", re.IGNORECASE)
#: a scale with the next word attached: 10 billionequivalent
_GLUED_SCALE = re.compile(" ?([mbtr]+illion)[a-z]")
_PARTS = re.compile(r"[.,， ]+")
#: a number that may have a point before its thousands: 10.700
_POINT_THOUSANDS = re.compile("[1-9][0-9]{0,2}[.][0-9]{3}")
#: a power, whose exponent may be written like other digits: 10⁸, 2^{24}
_POWER = re.compile(r"([0-9]{1,9})(?:\^[{(]?([0-9]{1,3})|([⁰¹²³⁴-⁹]{1,3}))")
#: a number in a code or version: ESP32-P4, USB 4G, 9.4.3
_IN_CODE = re.compile(r"[A-Za-z_][-_]?[0-9][0-9.]*|[0-9]{1,9}(?:\.[0-9]{1,9}){2,9}|[0-9]{1,9}[GD](?![A-Za-z0-9])")
#: a year and its last two digits ('19 for 2019); a fifth digit other than 0 may be a footnote mark
_YEAR = re.compile("((?:19|20)([0-9]{2}))[1-9]?")
_SIGNS = {"1/2": "½", "1/4": "¼", "3/4": "¾"}
_VULGAR_FRACTION = re.compile(f"([0-9]*)([{''.join(_SIGNS.values())}])")
#: a fraction after a whole number: 3 1/2
_WRITTEN_FRACTION = re.compile("(?<=[0-9]) (1/2|[13]/4)(?![0-9])")
_TENTHS = re.compile("([一二三四五六七八九])成")
_ROMAN: dict[str, int] = _EVIDENCE["roman"]
_ROMAN_NUMERAL = re.compile(rf"\b(?:{'|'.join(_ROMAN)})\b")
_HALF = f"(?:[个部年天块星]半|[{HAN}]半(?![{HAN}]))"
_HANZI = re.compile(f"([{numerals.HANZI}{numerals.FORMAL}]+)({_HALF})?")
_WORDS: dict[str, int] = {
    **words.SMALL,
    **{f"{word}s": value for word, value in words.SMALL.items() if value < 20},
    **words.ORDINALS,
    **{f"{stem}ies": 10 * value for stem, value in words.TENS.items()},
    **words.MONTHS,
    **{word: int(value) for value, row in _EVIDENCE["words"].items() for word in row.split()},
}
_WORD = re.compile("[a-z]+")
_CHARACTERS: dict[str, int] = _EVIDENCE["characters"]
_HAN = re.compile(f"[{HAN}]")
#: a decimal part after a space; in English, where a sentence may end before it, only one that starts with 0
_SPACED_DECIMAL = re.compile(r"\. (?<=[0-9]\. )([0-9]{1,2})(?= ?[%％])")
#: a number of a scanned text with the letter O for a zero (1O, 2Ooo, O.5), but not an isotope of oxygen
_LETTER_ZERO = re.compile(
    r"[O0-9](?<![A-Za-z0-9].)(?:(?<=O)(?=\.[0-9])|(?<=[0-9])(?!(?<=1)[78]O)"
    r"(?:[0-9,.]{0,20}O[Oo0-9]{0,20}|[0-9]{0,2} O[Oo0]{2}(?![A-Za-z0-9])))"
)
_NEAR_DIGIT = re.compile(r"O(?:(?=\.[0-9])|(?<=[0-9,.]O)|(?<=[0-9] O))")


def repaired(text: str) -> str:
    """Restore numbers of a scanned text: the letter O for a zero, and "11. 04%"; the length does not change."""
    if ". " in text:

        def decimal(match: re.Match[str]) -> str:
            sure = (match[1][0] == "0" and len(match[1]) == 2) or _HAN.search(text)
            return f".{match[1]} " if sure else match[0]

        text = _SPACED_DECIMAL.sub(decimal, text)
    if "O" in text and _NEAR_DIGIT.search(text):
        text = _LETTER_ZERO.sub(lambda match: re.sub("[Oo]", "0", match[0]), text)
    return text


@lru_cache(maxsize=64)
def simplified(text: str) -> str:
    """Convert traditional characters used in numbers and full-width figures; the length does not change."""
    return text.translate(_folds()) if _HAN.search(text) else text


@cache
def _folds() -> dict[int, int]:
    traditional = load("zh")["traditional"]
    return {**FULL_WIDTH, **str.maketrans(traditional["from"], traditional["to"])}


@lru_cache(maxsize=64)
def values(text: str) -> Values:
    """Return all values that the figures and number words of a text can have in any reading."""
    text = simplified(text)
    bare: set[Decimal] = set()
    whole = {Decimal(_ROMAN[numeral]) for numeral in _ROMAN_NUMERAL.findall(text)}
    for figures, scale in _FIGURES.findall(text):
        parts = _PARTS.split(figures)
        readings = {re.sub("[,， ]", "", figures), *parts, *figures.split(" ")}
        for reading in readings:
            if len(reading) <= _MOST_DIGITS and re.fullmatch(r"[0-9]+(\.[0-9]+)?", reading):
                if scale:
                    whole.add(Decimal(reading) * SCALES[scale.lower()])
                else:
                    bare.add(Decimal(reading))
                    if reading == figures and (year := _YEAR.fullmatch(reading)):
                        bare.update(map(Decimal, year.groups()))
    whole.update(Decimal(number or 0) + Decimal(words.PARTS[sign]) for number, sign in _VULGAR_FRACTION.findall(text))
    powers = (unicodedata.normalize("NFKC", "".join((base, *power))) for base, *power in _POWER.findall(text))
    whole.update(Decimal(digits) for digits in powers if len(digits) <= _MOST_DIGITS)
    whole.update(_hanzi_values(text))
    whole.update(_word_values(text.lower()))
    return Values(frozenset(whole | bare), frozenset(bare))


def without_codes(text: str) -> str:
    """Remove the numbers of codes and versions from a text."""
    return _IN_CODE.sub(" ", text)


def _hanzi_values(text: str) -> set[Decimal]:
    values_read = {Decimal(value) for word, value in _CHARACTERS.items() if word in text}
    values_read.update(Decimal(numerals.DIGIT[digit] * 10) for digit in _TENTHS.findall(text))
    for run, half in _HANZI.findall(text):
        parts = {run, *re.split("[零万亿]", run), *(run[i : i + 2] for i in range(len(run)))}
        for read in map(numerals.value, parts - {"", "一", "数"}):
            values_read.update(read[:2] if read else ())
        if half and (read := numerals.value(run)):
            values_read.add(read[0] + Decimal("0.5"))  # 八部半
    return values_read


def _word_values(lower: str) -> set[Decimal]:
    values_read = {Decimal(_WORDS[word]) for word in _WORD.findall(lower) if _WORDS.get(word, 1) != 1}
    for match in _WORD.finditer(lower):
        if match.group() in words.SMALL and (number := words.read(lower, match.end(), match.group())):
            values_read.add(number.value)
    return values_read


def readings_at(text: str, start: int, end: int) -> set[Decimal]:
    """Return the values of the number around a span, including adjacent fractions and scales: "8½", "1 0 亿".

    The result is empty if the span touches more than one number.
    """
    begin = max(0, start - _REACH)
    text = _WRITTEN_FRACTION.sub(lambda m: _SIGNS[m[1]] + "   ", simplified(text)[begin : end + _REACH])
    at = [m for m in _FIGURES.finditer(text) if m.end() > start - begin and m.start() < end - begin]
    if len(at) != 1:
        return set() if at else {value for value in _hanzi_values(text) if value % 1}
    match = at[0]
    number = re.sub("[,， ]", "", match[1])
    if len(number) > _MOST_DIGITS or number.count(".") > 1:
        return set()
    half = "0.5" if re.match(_HALF, text[match.end() :]) else "0"
    value = Decimal(number) + Decimal(words.PARTS.get(text[match.end() : match.end() + 1], half))
    scale = match[2] or (glued[1] if (glued := _GLUED_SCALE.match(text, match.end())) else "")
    if not scale and _POINT_THOUSANDS.fullmatch(number):
        return {value, value * 1000}
    return {value * (SCALES[scale.lower()] if scale else 1)}


def figures(text: str) -> list[str]:
    """Return the runs of digits in a text, in order."""
    return re.findall("[0-9]+", simplified(text))


def plain_figures(text: str) -> frozenset[str]:
    """Return the figures of a text without thousands separators."""
    return frozenset(re.findall("[0-9]+", re.sub("(?<=[0-9]),(?=[0-9])", "", fold_width(text))))
