"""The :class:`Quantity` class and its normal form, such as ``more than CNY 2300000``.

``str(quantity)`` writes the normal form, and :func:`parse_normal` reads it.
"""

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from evalkit.errors import InputError
from evalkit.text.quantities import lexicons, units

KINDS = tuple("count money percent percentage-point measure duration ordinal provision date time multiple".split())

EXACTNESS = ("exact", "about", "nearly", "more than", "at least", "less than", "at most")


@dataclass(slots=True, unsafe_hash=True)
class Quantity:
    """One quantity in a text. Do not change its fields; it is not frozen, because creating frozen objects takes twice as long.

    :param low: the value, or the lower end of a range. A percentage is 20 for 20%; a time of day is minutes after
        midnight; a date is ``year * 10000 + month * 100 + day``, with 0 for each unknown part.
    :param high: the upper end of a range; equal to ``low`` for a single value.
    :param kind: one of :data:`KINDS`.
    :param unit: the ISO 4217 code of a currency, or the unit of a measure or duration (``kg``, ``m``, ``year``). A date
        may have ``decade``, ``century`` or ``BC``; a time of day has ``12h`` if it may be morning or afternoon. A provision
        (a numbered part of a law) has ``article``, ``section``, ``chapter`` or ``paragraph``.
    :param noun: the class of the counted noun (see :mod:`evalkit.text.quantities.lexicons`), or empty if unknown.
    :param exact: the qualifier, one of :data:`EXACTNESS`.
    :param year, month, day: the known parts of a date.
    :param span: the half-open character span in the text.
    :param surface: the text of the span.
    :param checkable: whether a translation has to contain the quantity; false for ordinals, provisions, a bare "one" and
        words such as "several".
    :param text: the whole text, which provides the context of the quantity.
    """

    low: Decimal
    high: Decimal
    kind: str = "count"
    unit: str = ""
    noun: str = ""
    exact: str = "exact"
    year: int | None = None
    month: int | None = None
    day: int | None = None
    span: tuple[int, int] = (0, 0)
    surface: str = ""
    checkable: bool = True
    text: str = field(default="", repr=False, compare=False)

    def __str__(self) -> str:
        value = self._value()
        return value if self.exact == "exact" else f"{self.exact} {value}"

    def _value(self) -> str:
        if self.kind == "date":
            return f"date {self._date()}"
        ends = dict.fromkeys((self.low, self.high))
        if self.kind == "time":
            return f"time {'-'.join('{:02d}:{:02d}'.format(*divmod(int(v), 60)) for v in ends)}"
        number = "-".join(map(plain, ends))
        if self.kind == "provision":
            inserted = int(self.low % 1 * 1000)
            return f"{self.unit} {int(self.low)}-{inserted}" if inserted else f"{self.unit} {number}"
        if self.kind == "percent":
            return (self.low == self.high and _fraction(self.low)) or f"{number}%"
        before = {"money": f"{self.unit} ", "ordinal": "ordinal ", "multiple": "x"}.get(self.kind)
        after = "pp" if self.kind == "percentage-point" else self.unit
        return f"{before}{number}" if before else f"{number} {after}".rstrip()

    def _date(self) -> str:
        if self.unit == "decade":
            return f"{self.year}s"
        if self.unit == "BC":
            return f"{plain(self.low)} BC"
        if self.unit == "century":
            number = int(self.low)
            suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
            return f"{number}{suffix} century"
        if self.year is None and self.month is None:
            return f"---{self.day or 0:02d}"
        year = "-" if self.year is None else f"{self.year:04d}"
        rest = () if self.month is None else (self.month, self.day)
        return "-".join((year, *(f"{part:02d}" for part in rest if part is not None)))


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _fraction(percent: Decimal) -> str:
    """Return a fraction such as ``1/3`` for a percentage with no short decimal form, otherwise an empty string."""
    _, _, exponent = percent.as_tuple()
    if not isinstance(exponent, int) or exponent > -5:
        return ""
    near = (Fraction(percent) / 100).limit_denominator(1000)
    return f"{near.numerator}/{near.denominator}"


_QUALIFIERS = {word: word for word in EXACTNESS} | {"~": "about", "≈": "about", ">": "more than", "<": "less than"}
_QUALIFIERS |= {">=": "at least", "≥": "at least", "<=": "at most", "≤": "at most"}
_QUALIFIED = re.compile("|".join(sorted(map(re.escape, _QUALIFIERS), key=len, reverse=True)))
_NUMBER = r"\d{1,30}(?:\.\d{1,30})?"
_PLAIN = re.compile(rf"(-?{_NUMBER})(?:-(-?{_NUMBER}))?")
_DATE = re.compile(
    r"(?P<decade>\d{3}0)s|(?P<century>\d\d?)(?:st|nd|rd|th) century|(?P<BC>\d{1,5}) BC|"
    r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?|--(\d\d)(?:-(\d\d))?|---(\d\d)"
)
#: a number of a provision; 12-1 was inserted after 12
_PROVISION = re.compile(r"(\d{1,5})(?:-(\d{1,3}))?\Z", re.ASCII)
_UNITS = {"%": ("percent", ""), "pp": ("percentage-point", "")}
_UNITS |= {unit: ("measure", unit) for unit in units.MEASURES} | {unit: ("duration", unit) for unit in units.DURATIONS}


def parse_normal(text: str) -> Quantity:
    """Parse a normal form; the inverse of ``str(quantity)``.

    Annotations may use signs as qualifiers (``>20``, ``>=300``, ``<5``, ``<=5``, ``~100``) and name a counted noun after
    the number (``12 province``).

    :raises InputError: if the text is not a normal form.
    """
    rest, exact = text.strip(), "exact"
    if match := _QUALIFIED.match(rest):
        exact = _QUALIFIERS[match.group()]
        rest = rest[match.end() :].strip()
    if (quantity := _parse_value(rest)) is None:
        raise InputError(
            f"{text!r} is not a quantity in normal form; write, for example, 420000000, CNY 2300000, 20%, 1/3, 38 t, 22 year, "
            "2 pp, x3, ordinal 3, time 10:30, date 2022-07-25 or date --07-25, with >, >=, <, <=, ~ or nearly before it"
        )
    return replace(quantity, exact=exact, span=(0, len(text)), surface=text)


def _single(value: int | Decimal, kind: str, unit: str = "", *, year: int | None = None) -> Quantity:
    return Quantity(Decimal(value), Decimal(value), kind, unit, year=year)


def _parse_value(text: str) -> Quantity | None:
    head, _, tail = text.partition(" ")
    if head == "date":
        return _parse_date(tail)
    if head == "time":
        clock = re.fullmatch(r"(\d\d?):(\d\d)", tail)
        return _single(int(clock[1]) * 60 + int(clock[2]), "time") if clock else None
    if level := units.PROVISIONS.get(head.lower()):
        part = _PROVISION.match(tail)
        return _single(Decimal(f"{part[1]}.{part[2] or 0:0>3}"), "provision", level) if part else None
    kind, unit = "count", ""
    if head == "ordinal":
        kind, text = "ordinal", tail
    elif head in units.CURRENCIES:
        kind, unit, text = "money", head, tail
    elif text.startswith("x"):
        kind, text = "multiple", text[1:]
    if divided := re.fullmatch(r"(\d{1,9})/(\d{1,9})", text):
        return _single(units.percent_of(int(divided[1]), int(divided[2])), "percent") if int(divided[2]) else None
    if not (number := _PLAIN.match(text)):
        return None
    rest, noun = text[number.end() :].strip(), ""
    if rest and kind != "count":
        return None
    if rest in _UNITS:
        kind, unit = _UNITS[rest]
    elif rest and not (noun := lexicons.english_class(rest)):
        return None
    return Quantity(Decimal(number[1]), Decimal(number[2] or number[1]), kind, unit, noun)


def _parse_date(text: str) -> Quantity | None:
    if (match := _DATE.fullmatch(text)) is None:
        return None
    if (unit := match.lastgroup) is not None:
        number = int(match[unit])
        return _single(number * 10000, "date", unit, year=number) if unit == "decade" else _single(number, "date", unit)
    parts = match[4], match[5] or match[7], match[6] or match[8] or match[9]
    year, month, day = (int(part) if part else None for part in parts)
    if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return None
    value = (year or 0) * 10000 + (month or 0) * 100 + (day or 0)
    return replace(_single(value, "date", year=year), month=month, day=day)
