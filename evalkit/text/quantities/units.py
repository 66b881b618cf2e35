"""Currencies and units of measure and time: their names in Chinese and English, and their conversion factors."""

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from evalkit.text.quantities.decimals import DIGITS, EXACT
from evalkit.text.quantities.lexicons import Unit, load, split_phrases

_TABLES = load("units")
#: kind and unit, Chinese names, English names
_ROWS: list[tuple[Unit, str, str]] = [
    *((("money", code), row[0], row[1]) for code, row in _TABLES["currencies"].items()),
    *(((kind, unit), row[2], row[3]) for kind in ("measure", "duration") for unit, row in _TABLES[kind].items()),
    *(((kind, unit), chinese, english) for kind, unit, chinese, english in _TABLES["others"]),
]


def _english(names: str) -> Iterator[str]:
    for name in split_phrases(names):
        yield name
        if len(name) > 3 and name[-1] != "s" and name[-1].islower():
            yield f"{name}s"


#: unit to (dimension, factor to the base unit of the dimension)
MEASURES, DURATIONS = (
    {unit: (dimension, Fraction(factor)) for unit, (dimension, factor, *_) in _TABLES[kind].items()}
    for kind in ("measure", "duration")
)
#: units whose values can be below zero
DEGREES = frozenset(("C", "F", "degree"))
CURRENCIES: frozenset[str] = frozenset(_TABLES["currencies"])
#: currency sign before a number to code
EN_SYMBOL: dict[str, str] = {
    sign: code for code, (*_, signs, _rate) in _TABLES["currencies"].items() for sign in signs.split()
}
_LATIN = {sign for sign in EN_SYMBOL if sign[0].isascii() and sign[0].isalpha()}
_SPACED = {f"{sign[:-1]} $" for sign in _LATIN - {"A$"} if sign[-1] == "$"}
#: expressions and words for the rules of both languages: currency signs that begin with a letter, possibly with a space
#: ("US $5", but "A $100 note"), and other ones
MACROS = {"digits": DIGITS, "latin_sign": _LATIN | _SPACED, "sign": EN_SYMBOL.keys() - _LATIN}
#: code to value in US dollars, or 0 if the exchange rate varies too much
DOLLARS: dict[str, float] = {code: rate for code, (*_, rate) in _TABLES["currencies"].items()}
#: name of a numbered part of a law to its level
PROVISIONS: dict[str, str] = {name: level for level, names in _TABLES["provisions"].items() for name in names.split()}
#: name to (kind, unit)
ZH_UNIT: dict[str, Unit] = {name: unit for unit, chinese, _ in _ROWS for name in chinese.split()}
#: currency sign or Chinese name to code
CURRENCY_OF = {**{name: code for name, (kind, code) in ZH_UNIT.items() if kind == "money"}, **EN_SYMBOL}
EN_UNIT: dict[str, Unit] = {
    **{code.lower(): ("money", code) for code in CURRENCIES if code != "TRY"},
    **{name: unit for unit, _, english in _ROWS for name in _english(english)},
}


def _fold(name: str) -> str:
    return re.sub("[-. ]+", " ", name.lower()).strip()


_FOLDED = {_fold(name): unit for name, unit in EN_UNIT.items() if len(name) > 1}


def latin_unit(name: str) -> Unit | None:
    """Return kind and unit for a name in Latin letters; case matters only in names of one letter (m, M)."""
    return EN_UNIT.get(name) or (EN_UNIT.get(name.lower()) or _FOLDED.get(_fold(name)) if len(name) > 1 else None)


def whole_unit(unit: str, low: Decimal, high: Decimal) -> tuple[str, Decimal, Decimal]:
    """Convert a range from a decimal fraction of a unit to the unit: from ``USD:100`` (cents) to ``USD``."""
    unit, _, part = unit.partition(":")
    return (unit, EXACT.scaleb(low, 1 - len(part)), EXACT.scaleb(high, 1 - len(part))) if part else (unit, low, high)


def percent_of(numerator: Decimal | int, denominator: int) -> Decimal:
    """Return a fraction as a percentage, rounded to ten decimal places."""
    percent = EXACT.divide(EXACT.scaleb(numerator, 2), denominator)
    return EXACT.normalize(percent.quantize(Decimal("1E-10"), ROUND_HALF_UP, EXACT))
