"""Read the values of English numbers: forty-two, a hundred and five, 4.2 million, two and a half dozen.

All functions expect lowercase text.
"""

import re
from decimal import Decimal

from evalkit.text.quantities.decimals import EXACT, MOST_DIGITS, of_digits
from evalkit.text.quantities.lexicons import load
from evalkit.text.quantities.rule_lists import trie
from evalkit.text.quantities.scanner import Number

_TABLES = load("en")["numerals"]
_ONES, _TENS = _TABLES["ones"].split(), _TABLES["tens"].split()
_NUMBERS = (*range(20), *range(20, 100, 10))
SMALL = dict(zip(_ONES + _TENS, _NUMBERS, strict=True))
#: stem of twenties and the like to the number of tens
TENS = {word[:-1]: value // 10 for word, value in SMALL.items() if value >= 20}
#: scale word to power of ten
SCALES: dict[str, int] = _TABLES["scales"]
SHORT_SCALES: dict[str, int] = _TABLES["short_scales"]
ORDINALS: dict[str, int] = dict(zip(_TABLES["ordinal_words"].split(), _NUMBERS, strict=True)) | _TABLES["ordinals"]

MONTHS = {name: i for i, names in enumerate(_TABLES["months"].split("|"), 1) for name in names.split()}
_ZERO, _ONE, _TWELVE = Decimal(0), Decimal(1), Decimal(12)
_KINDS = {word: "digit" if 0 < SMALL[word] < 10 else "ones" for word in _ONES}
_KINDS |= dict.fromkeys(_TENS, "tens") | dict.fromkeys(SCALES, "large") | {"hundred": "hundred", "dozen": "dozen"}
#: kind of word to the kinds that may follow it, directly and after "and"
_FOLLOWING, _AFTER_AND = (
    {kind: row.split() for kind, row in _TABLES[name].items()} for name in ("following", "following_and")
)
_NEXT = re.compile(r"(?:(?P<joined> and |-and-)|[ \-‑\s])([a-z]+)\b")
#: parts of a unit in signs and words to their values
PARTS: dict[str, str] = _TABLES["parts"]
_PART = re.compile(_TABLES["part"])
_ANY_SCALE = trie([*SCALES, *SHORT_SCALES, "dozen"])
#: a scale word after digits
_SCALE = re.compile(rf"(?:[ \-‑]| - )?({_ANY_SCALE})\b")
#: a word after a number that does not continue it: no scale, fraction, range, score or qualifier
ALONE = re.compile(f" (?!(?:to|or|and|at|plus|odd|grand|mil|{_ANY_SCALE})(?![a-z]))[a-z]{{2}}")


def read(text: str, end: int, first: str) -> Number | None:
    """Read the number that begins with digits or a word, ``first``, which ends at ``end``; None for no valid number."""
    if first[0] not in ".0123456789":
        return _from_words(text, end, first)
    value = of_digits(first)
    if value is None:
        return None
    if ALONE.match(text, end):
        return Number(value, end, _ONE)
    part, end = (_ZERO, end) if "." in first else _part(text, end)
    return _scaled(text, end, EXACT.add(value, part) if part else value)


def _part(text: str, end: int) -> tuple[Decimal, int]:
    """Return the value and end of a fraction after a whole number."""
    match = _PART.match(text, end)
    return (_ZERO, end) if match is None else (Decimal(PARTS[match[match.lastindex or 0]]), match.end())


def _scaled(text: str, end: int, value: Decimal) -> Number:
    """Read up to two scale words after a value."""
    scale = _ONE
    for _ in range(2):
        match = _SCALE.match(text, end)
        if not match:
            break
        word, end = match[1], match.end()
        if word == "dozen":
            scale = EXACT.multiply(scale, _TWELVE)
        elif scale == 1 or word in SCALES:  # £1.35 billion BN
            scale = EXACT.scaleb(scale, SCALES.get(word) or SHORT_SCALES[word])
    return Number(EXACT.multiply(value, scale) if scale > 1 else value, end, scale)


def _from_words(text: str, end: int, first: str) -> Number | None:
    """Read a number in words; each large scale (thousand, million ...) must be smaller than the one before."""
    total = current = 0
    scale = 1
    largest, word, kind, after_hundred = 99, first, _KINDS[first], False
    while True:
        power = SCALES.get(word, 0)
        if kind == "dozen":
            current, scale = max(current, 1) * 12, 12
        elif kind == "hundred":
            current, scale, after_hundred = max(current, 1) * 100, 100, True
        elif kind == "large":
            if power >= largest:
                return None
            largest, after_hundred = power, False
            total, current, scale = total + max(current, 1) * 10**power, 0, 10**power
        else:
            current += SMALL[word]
        match = _NEXT.match(text, end)
        following = "" if match is None else _KINDS.get(match[2], "")
        allowed = (_AFTER_AND if match and match["joined"] else _FOLLOWING).get(kind, [])
        if match is None or following not in allowed or (after_hundred and following in ("hundred", "dozen")):
            break
        word, kind, end = match[2], following, match.end()
    if total > 10**MOST_DIGITS:
        return None
    value, (part, after_part) = Decimal(total + current), _part(text, end)
    if not part:
        return Number(value, end, Decimal(scale))
    if word in SCALES:  # a million and a half
        return Number(EXACT.add(value, part * scale), after_part, Decimal(scale))
    return _scaled(text, after_part, EXACT.add(value, part))
