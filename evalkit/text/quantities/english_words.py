"""Read the values of English numbers: forty-two, a hundred and five, 4.2 million, two and a half dozen.

All functions expect lowercase text.
"""

from __future__ import annotations

import re
from decimal import Decimal

from evalkit.text.quantities import decimals as exact
from evalkit.text.quantities.lexicons import load
from evalkit.text.quantities.rule_lists import any_of
from evalkit.text.quantities.scanner import Number

_TABLES = load("en")["numerals"]
_ONES, _TENS = _TABLES["ones"].split(), _TABLES["tens"].split()


def _values(ones: list[str], tens: list[str]) -> dict[str, int]:
    return {**{word: i for i, word in enumerate(ones)}, **{word: 20 + 10 * i for i, word in enumerate(tens)}}


SMALL = _values(_ONES, _TENS)
TENS = {f"{word[:-1]}ies": value for word, value in SMALL.items() if value >= 20}
#: scale word to power of ten
SCALES: dict[str, int] = _TABLES["scales"]
SHORT_SCALES: dict[str, int] = _TABLES["short_scales"]
ORDINALS = _values(_TABLES["ordinal_ones"].split(), _TABLES["ordinal_tens"].split()) | _TABLES["ordinals"]

_HALF = Decimal("0.5")
_TWELVE = Decimal(12)


_KINDS = {
    **dict.fromkeys(_ONES, "ones"),
    **dict.fromkeys(_ONES[1:10], "digit"),
    **dict.fromkeys(_TENS, "tens"),
    **dict.fromkeys(SCALES, "large"),
    "hundred": "hundred",
    "dozen": "dozen",
}
#: which kinds of words may follow one, and which after "and"
_FOLLOWING = {
    "tens": ("digit", "hundred", "dozen", "large"),
    "digit": ("hundred", "dozen", "large"),
    "ones": ("hundred", "dozen", "large"),
    "hundred": ("tens", "ones", "digit", "large"),
    "dozen": ("large",),
    "large": ("tens", "ones", "digit", "hundred", "dozen", "large"),
}
_AFTER_AND = {"hundred": ("tens", "ones", "digit"), "large": ("tens", "ones", "digit", "hundred", "dozen")}
_NEXT = re.compile(r"(?:(?P<joined> and |-and-)|[ \-‑\s])([a-z]+)\b")
_SIGNS = {"½": ".5", "¼": ".25", "¾": ".75"}
_AND_A_HALF = re.compile(r"[ -]and[ -](?:a|one)[ -]half\b")
#: a scale word after digits
SCALE = re.compile(rf"(?:[ \-‑]| - )?({any_of([*SCALES, *SHORT_SCALES, 'dozen'])})\b")


def read(text: str, end: int, first: str) -> Number | None:
    """Read the number that begins with ``first``.

    :param end: where ``first`` ends in the text.
    :param first: digits, or a number word.
    :returns: None if the words are not a valid number.
    """
    return _from_digits(text, end, first) if first[0] in "0123456789" else _from_words(text, end, first)


def _from_digits(text: str, end: int, digits: str) -> Number | None:
    power = 0
    dozens = half = False
    sign = re.match("[ -]?([½¼¾])", text[end : end + 2])
    if sign is not None and "." not in digits:
        digits, end = digits + _SIGNS[sign[1]], end + sign.end()
    if text[end : end + 4] in (" and", "-and") and (match := _AND_A_HALF.match(text, end)):
        half, end = True, match.end()
    for _ in range(2):
        match = SCALE.match(text, end)
        if not match:
            break
        word = match[1]
        if word == "dozen":
            dozens = True
        elif not (power and word in SHORT_SCALES):  # £1.35 billion BN
            power += SCALES.get(word) or SHORT_SCALES[word]
        end = match.end()
    if half and "." not in digits:
        digits += ".5"
    value = exact.of_digits(digits, power)
    if value is None:
        return None
    return Number(exact.times(value, _TWELVE) if dozens else value, end, power)


def _from_words(text: str, end: int, first: str) -> Number | None:
    """Tens and ones, hundred, then thousand and more, each scale smaller than the one before."""
    total = current = scale = 0
    largest, word, kind, after_hundred = 99, first, _KINDS[first], False
    while True:
        power = SCALES.get(word, 0)
        if kind == "dozen":
            current, scale = max(current, 1) * 12, 1
        elif kind == "hundred":
            current, scale, after_hundred = max(current, 1) * 100, 2, True
        elif kind == "large":
            if power >= largest:
                return None
            largest, after_hundred = power, False
            total, current, scale = total + max(current, 1) * 10**power, 0, power
        else:
            current += SMALL[word]
        match = _NEXT.match(text, end)
        following = "" if match is None else _KINDS.get(match[2], "")
        allowed = (_AFTER_AND if match and match["joined"] else _FOLLOWING).get(kind, ())
        if match is None or following not in allowed or (after_hundred and following in ("hundred", "dozen")):
            break
        word, kind, end = match[2], following, match.end()
    if total > 10**exact.MOST_DIGITS:
        return None
    half = _AND_A_HALF.match(text, end)
    if half is not None:
        return _with_half(text, half.end(), total, current, scale, after_scale=word in SCALES)
    return Number(Decimal(total + current), end, scale)


def _with_half(text: str, end: int, total: int, current: int, scale: int, *, after_scale: bool) -> Number:
    """Read the half in "two and a half million" and "a million and a half"."""
    value = exact.plus(Decimal(total + current), exact.shift(_HALF, scale) if after_scale else _HALF)
    if after_scale:
        return Number(value, end, scale)
    match = SCALE.match(text, end)
    if match and match[1] in SCALES:
        power = SCALES[match[1]]
        return Number(exact.shift(value, power), match.end(), power)
    return Number(value, end, scale)
