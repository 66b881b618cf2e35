"""Values of English number words: forty-two, a hundred and five, 4.2 million, half a million, two and a half."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from evalkit.text.quantities.chinese_numerals import plain_decimal
from evalkit.text.quantities.listing import spaced

__all__ = ["DIGITS", "ORDINALS", "PLURAL_SCALES", "SCALE", "SCALES", "SMALL", "Number", "read"]

_ONES = spaced(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = spaced("twenty thirty forty fifty sixty seventy eighty ninety")

SMALL: dict[str, int] = {**{w: i for i, w in enumerate(_ONES)}, **{w: 20 + 10 * i for i, w in enumerate(_TENS)}}
#: scale word -> power of ten
SCALES: dict[str, int] = {
    "hundred": 2,
    "thousand": 3,
    "million": 6,
    "billion": 9,
    "trillion": 12,
    "quadrillion": 15,
    "lakh": 5,
    "crore": 7,
    "k": 3,
    "mn": 6,
    "mln": 6,
    "bn": 9,
    "bln": 9,
    "tn": 12,
    "trn": 12,
}
PLURAL_SCALES: dict[str, int] = {
    "tens": 1,
    "hundreds": 2,
    "thousands": 3,
    "millions": 6,
    "billions": 9,
    "trillions": 12,
}
_ORD_ONES = spaced(
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_ORD_TENS = spaced("twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth")
ORDINALS: dict[str, int] = {
    **{w: i for i, w in enumerate(_ORD_ONES) if i},
    **{w: 20 + 10 * i for i, w in enumerate(_ORD_TENS)},
    "hundredth": 100,
    "thousandth": 1000,
}

DIGITS = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
_WORDS = "|".join(sorted([*SMALL, *SCALES, "dozen"], key=len, reverse=True))
_NEXT = re.compile(rf"(?:[ \-‑]|\s?-\s?|\s+and\s+|\s)?({_WORDS})\b", re.IGNORECASE)
_HALF = re.compile(r"(?:\s+|-)and(?:\s+|-)(?:a|one)(?:\s+|-)half\b", re.IGNORECASE)
SCALE = re.compile(
    r"[ \-‑]?(hundred|thousand|million|billion|trillion|dozen|lakh|crore|k|mn|mln|bn|bln|tn|trn)\b", re.IGNORECASE
)
_MOST_WORDS = 16


class Number(NamedTuple):
    """A value and where its words end; ``scale`` is the power of ten of the last scale word."""

    value: Decimal
    end: int
    scale: int


def read(text: str, start: int, first_end: int, first: str) -> Number | None:
    """The number that begins with ``first`` at ``start``.

    :param first: digits, or a number word in lower case.
    :returns: None where the words make no number.
    """
    if first[0].isdigit():
        return _from_digits(text, first_end, first)
    return _from_words(text, first_end, first)


def _from_digits(text: str, end: int, digits: str) -> Number | None:
    power = 0
    dozens = False
    half = _HALF.match(text, end)
    if half:
        end = half.end()
    for _ in range(3):
        found = SCALE.match(text, end)
        if not found:
            break
        word = found[1].lower()
        if word == "dozen":
            dozens = True
        else:
            power += SCALES[word]
        end = found.end()
    if half:
        whole = plain_decimal(digits)
        if whole is None:
            return None
        digits = f"{digits}.5" if "." not in digits else digits
    value = plain_decimal(digits, power)
    if value is None:
        return None
    return Number(value * 12 if dozens else value, end, power)


def _from_words(text: str, end: int, first: str) -> Number | None:
    """Words in the usual order: ones and tens, hundred, then thousand and up, each scale below the last."""
    total, current, scale = 0, 0, 0
    last_scale = 99
    group: int | None = None  # power of the last word within a group of three digits
    half = False
    last_end = end
    word: str | None = first
    for _ in range(_MOST_WORDS):
        assert word is not None
        if word in SMALL:
            number = SMALL[word]
            size = 0 if number < 10 else 1
            if group is not None and not (
                (group == 2) or (group == 1 and size == 0 and current % 100 >= 20 and number > 0)
            ):
                return _close(total, current, last_end, scale, half) if group is not None else None
            current += number
            group = size if number < 20 or size == 0 else 1
            if 10 <= number < 20:
                group = 0
        elif word == "dozen":
            return Number(Decimal((total + max(current, 1)) * 12), end, 1)
        else:
            power = SCALES[word]
            if power == 2:
                if group == 2:
                    break
                current = max(current, 1) * 100
                group = 2
            else:
                if power >= last_scale:
                    break
                value = Decimal(max(current, 1))
                if half:
                    value += Decimal("0.5")
                    half = False
                    total_d = Decimal(total) + value.scaleb(power)
                    return Number(total_d, end, power)
                total += max(current, 1) * 10**power
                current, last_scale, group = 0, power, None
                if total > 10**18:
                    return None
            scale = power
        last_end = end
        if not half and (found := _HALF.match(text, end)):
            half, end, last_end = True, found.end(), found.end()
        found = _NEXT.match(text, end)
        if not found:
            break
        word = found[1].lower()
        joined_by_and = " and" in text[end : found.start(1)].lower() or "\nand" in text[end : found.start(1)]
        if joined_by_and and not (scale >= 2 and word in SMALL):
            break
        end = found.end()
    return _close(total, current, last_end, scale, half)


def _close(total: int, current: int, end: int, scale: int, half: bool) -> Number:
    value = Decimal(total + current)
    return Number(value + Decimal("0.5") if half else value, end, scale)
