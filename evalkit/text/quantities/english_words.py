"""Values of English number words: forty-two, a hundred and five, 4.2 million, two and a half dozen.

All functions take text in lower case.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from evalkit.text.quantities import decimals as exact

__all__ = ["DIGITS", "ORDINALS", "PLURAL_SCALES", "SCALE", "SCALES", "SMALL", "Number", "alternatives", "read"]

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = ("twenty thirty forty fifty sixty seventy eighty ninety").split()

SMALL: dict[str, int] = {**{w: i for i, w in enumerate(_ONES)}, **{w: 20 + 10 * i for i, w in enumerate(_TENS)}}
#: scale word -> power of ten
SCALES: dict[str, int] = {
    "hundred": 2,
    "thousand": 3,
    "million": 6,
    "billion": 9,
    "trillion": 12,
    "lakh": 5,
    "crore": 7,
}
_SHORT_SCALES: dict[str, int] = {"k": 3, "mn": 6, "mln": 6, "bn": 9, "bln": 9, "tn": 12, "trn": 12}
PLURAL_SCALES: dict[str, int] = {
    "tens": 1,
    "hundreds": 2,
    "thousands": 3,
    "millions": 6,
    "billions": 9,
    "trillions": 12,
}
_ORD_ONES = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth"
).split()
_ORD_TENS = ("twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth").split()
ORDINALS: dict[str, int] = {
    **{w: i for i, w in enumerate(_ORD_ONES) if i},
    **{w: 20 + 10 * i for i, w in enumerate(_ORD_TENS)},
    "hundredth": 100,
    "thousandth": 1000,
}

#: thousands in groups of three, as in India (2,06,737), or with spaces (2 000)
DIGITS = (
    r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]{1,2}(?:,[0-9]{2}){1,3},[0-9]{3}(?![0-9])|"
    r"[0-9]+(?:(?: 000)+(?![0-9.,]))?)(?:\.[0-9]+)?"
)
_HALF = Decimal("0.5")
_TWELVE = Decimal(12)
_MOST_WORDS = 16


def alternatives(words: object) -> str:
    """A regular expression for any of some words, the longer first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))  # type: ignore[call-overload]


_NEXT = re.compile(rf"(?:[ \-‑]| and |-and-|\s)({alternatives([*SMALL, *SCALES, 'dozen'])})\b")
_AND_A_HALF = re.compile(r"[ -]and[ -](?:a|one)[ -]half\b")
#: a scale after digits
SCALE = re.compile(rf"[ \-‑]?({alternatives([*SCALES, *_SHORT_SCALES, 'dozen'])})\b")


class Number(NamedTuple):
    """A value, where its words end, and the power of ten of its last scale word."""

    value: Decimal
    end: int
    scale: int


def read(text: str, end: int, first: str) -> Number | None:
    """The number that begins with ``first``, which ends at ``end``.

    :param first: digits, or a number word.
    :returns: None where the words make no number.
    """
    return _from_digits(text, end, first) if first[0] in "0123456789" else _from_words(text, end, first)


def _from_digits(text: str, end: int, digits: str) -> Number | None:
    power = 0
    dozens = half = False
    if text[end : end + 4] in (" and", "-and") and (match := _AND_A_HALF.match(text, end)):
        half, end = True, match.end()
    for _ in range(2):
        match = SCALE.match(text, end)
        if not match:
            break
        word = match[1]
        if word == "dozen":
            dozens = True
        else:
            power += SCALES.get(word) or _SHORT_SCALES[word]
        end = match.end()
    if half and "." not in digits:
        digits += ".5"
    value = exact.of_digits(digits, power)
    if value is None:
        return None
    return Number(exact.times(value, _TWELVE) if dozens else value, end, power)


def _from_words(text: str, end: int, first: str) -> Number | None:
    """Words in the usual order: tens and ones, hundred, then thousand and up, each scale smaller than the one before."""
    total = current = scale = 0
    last_scale = 99
    room = 1000  # what is still to come in this group of three digits must be smaller
    word = first
    stop = end
    for _ in range(_MOST_WORDS):
        if word in SMALL:
            number = SMALL[word]
            if number >= room or (room < 1000 and number == 0):
                break
            current += number
            room = 10 if number >= 20 else 0
        elif word == "dozen":
            return _dozens(text, end, (total + max(current, 1)) * 12)
        elif (power := SCALES[word]) == 2:
            if current >= 100 or (room == 1000 and word != first):
                break
            current, room, scale = max(current, 1) * 100, 100, 2
        else:
            if power >= last_scale:
                break
            total += max(current, 1) * 10**power
            if total > 10**exact.MOST_DIGITS:
                return None
            current, room, last_scale, scale = 0, 1000, power, power
        stop = end
        if text[end : end + 4] in (" and", "-and") and (match := _AND_A_HALF.match(text, end)):
            return _with_half(text, match.end(), total, current, scale, after_scale=word in SCALES)
        match = _NEXT.match(text, end)
        if not match or ("and" in text[end : match.start(1)] and not (scale >= 2 and match[1] in SMALL)):
            break
        word, end = match[1], match.end()
    return Number(Decimal(total + current), stop, scale)


def _dozens(text: str, end: int, dozens: int) -> Number:
    """Two dozen; a dozen thousand."""
    match = _NEXT.match(text, end)
    if match and match[1] in ("thousand", "million", "billion") and "and" not in text[end : match.start(1)]:
        power = SCALES[match[1]]
        return Number(Decimal(dozens * 10**power), match.end(), power)
    return Number(Decimal(dozens), end, 1)


def _with_half(text: str, end: int, total: int, current: int, scale: int, *, after_scale: bool) -> Number:
    """Two and a half million; a million and a half."""
    value = exact.plus(Decimal(total + current), exact.shift(_HALF, scale) if after_scale else _HALF)
    if after_scale:
        return Number(value, end, scale)
    match = SCALE.match(text, end)
    if match and match[1] in SCALES:
        power = SCALES[match[1]]
        return Number(exact.shift(value, power), match.end(), power)
    return Number(value, end, scale)
