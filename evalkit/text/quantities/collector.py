"""Collect the quantities of one text, and read dates and times of day. Both scanners have this class as their base.

The expressions of rules for dates and times use the groups ``y`` (year), ``yy`` (year of two digits), ``cc`` (its century),
``roc`` (year of the Republic of China), ``m`` (month), ``d`` (day), ``h`` (hour), ``min`` (minute), ``part`` (part of an
hour), ``to`` (the part is before the hour) and ``half`` (half of the day). An expression for two dates marks them with
``first`` and ``second``; ``d2`` is the second day, and ``m2`` the second month.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from evalkit.errors import InputError
from evalkit.text.quantities.decimals import EXACT, MOST_DIGITS
from evalkit.text.quantities.lexicons import Lexicon, load
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.rule_lists import RuleMatch

_ONE = Decimal(1)
#: kinds for which a value of one is not checkable, because it is often written as an article or left out ("a week", 一周)
_LOOSE_ONE = frozenset(("count", "duration", "measure"))
_JOINTS = frozenset(("", " ", "零", "又", " and ", ", ", ", and ", "-"))
#: larger unit and smaller unit of a compound quantity (1小时30分钟) to the number of smaller units in the larger one
_COMPOUNDS = {(larger, unit): Decimal(parts) for unit, (larger, parts) in load("units")["compounds"].items()}
_SMALLER_UNITS = frozenset(unit for _, unit in _COMPOUNDS)
_SEPARATOR = re.compile("(?<=[0-9])[, ](?=[0-9])")
_ISO = re.compile(r"\d{4}(?:-\d\d){0,2}\Z")


@dataclass(slots=True)
class Draft:
    """A quantity that is being read: the fields of :class:`Quantity`, and two fields about the number as written."""

    start: int
    end: int
    low: Decimal
    high: Decimal
    run: str = ""  # the digits or numeral characters; empty for a number in words
    scaled: bool = False  # whether a scale word follows
    kind: str = "count"
    unit: str = ""
    noun: str = ""
    exact: str = "exact"
    checkable: bool = True

    @property
    def single(self) -> bool:
        """Whether the value is not a range."""
        return self.low == self.high

    def set_unit(self, kind: str, unit: str, end: int, noun: str = "") -> None:
        """Set kind, unit, end and noun."""
        self.kind, self.unit, self.end, self.noun = kind, unit, end, noun

    def plus(self, more: Decimal, end: int) -> None:
        """Add a number that ends at ``end``."""
        self.low, self.high, self.end = EXACT.add(self.low, more), EXACT.add(self.high, more), end

    def times(self, factor: Decimal, end: int) -> None:
        """Multiply by a number that ends at ``end``."""
        self.low, self.high, self.end = EXACT.multiply(self.low, factor), EXACT.multiply(self.high, factor), end

    def set_range(self, low: Decimal, high: Decimal, end: int, noun: str = "") -> bool:
        """Set the values of a range or score that ends at ``end``, and return True."""
        self.low, self.high, self.end, self.noun = low, high, end, noun
        return True


class Day(NamedTuple):
    """The date of a text; month and day may be unknown."""

    year: int
    month: int | None = None
    day: int | None = None


def parse_day(date: str | datetime.date | None) -> Day | None:
    """Parse an ISO date: a day, month or year.

    :raises InputError: if the value is not a valid date.
    """
    if date is None:
        return None
    try:
        return _iso_day(date.isoformat()[:10] if isinstance(date, datetime.date) else date)
    except (TypeError, ValueError):
        raise InputError(f"date {date!r} is not a day in ISO format; write 2022-07-25, 2022-07 or 2022") from None


@lru_cache(maxsize=64)
def _iso_day(date: str) -> Day:
    if not _ISO.match(date):
        raise ValueError
    datetime.date.fromisoformat(f"{date}-01-01"[:10])
    return Day(*map(int, date.split("-")))


class SpanCollector:
    """Collects the quantities of a text from left to right.

    :ivar t: the text that is scanned: lowercase, or with full-width digits folded; as long as the original ``text``.
    :ivar when: the date of the text.
    :ivar done: the offset up to which the text has been read.
    :ivar dated: the last date that has a month and a day.
    """

    lexicon: Lexicon
    done = 0
    dated: Quantity | None = None
    # methods that each language defines; ``small_number`` returns the value of a short whole number, or -1
    small_number: Callable[[str], int]
    qualifier_before: Callable[[int], str]

    def __init__(self, text: str, t: str, when: Day | None) -> None:
        self.text, self.t, self.when = text, t, when
        self.quantities: list[Quantity] = []

    def add(self, d: Draft, date: tuple[int | None, int | None, int | None] = (None, None, None)) -> bool:
        """Append a quantity, and return True; ``date`` has the year, month and day of a date."""
        quantities = self.quantities
        first = self._larger_part(d) if d.unit in _SMALLER_UNITS else None
        if first is not None and d.low < _COMPOUNDS[first.unit, d.unit]:  # 一周七天 is not a week plus seven days
            d.start, d.exact = first.span[0], d.exact if first.exact == "exact" else first.exact
            d.plus(EXACT.multiply(first.low, _COMPOUNDS[first.unit, d.unit]), d.end)
            quantities.pop()
        checkable = d.checkable and not (d.kind in _LOOSE_ONE and d.low == d.high == _ONE and d.noun != "score")
        while quantities and quantities[-1].span[0] >= d.start:
            quantities.pop()  # the "half" of "half past six", read as a number before
        start = max(d.start, self.last_end())  # a preceding sign may already belong to the previous quantity
        end = self.done = d.end
        about = d.kind, d.unit, d.noun, d.exact, *date, (start, end), self.text[start:end]
        quantities.append(Quantity(d.low, d.high, *about, checkable, self.text))
        return True

    def add_value(self, start: int, end: int, value: Decimal, kind: str, unit: str = "", **more: Any) -> bool:
        """Append a quantity with a single value."""
        return self.add(Draft(start, end, value, value, kind=kind, unit=unit, **more))

    def add_date(self, start: int, end: int, *date: int | None, unit: str = "", or_year: int | None = None) -> bool:
        """Append a date: year, month and day; ``or_year`` is a second possible year, as in "last May"."""
        year, month, day = (*date, None, None)[:3]
        rest = (month or 0) * 100 + (day or 0)
        low = Decimal((year or 0) * 10000 + rest)
        high = Decimal(or_year * 10000 + rest) if or_year else low
        return self.add(Draft(start, end, low, high, kind="date", unit=unit), (year, month, day))

    def last_end(self) -> int:
        """Return the end of the last quantity, or 0."""
        return self.quantities[-1].span[1] if self.quantities else 0

    def last(self) -> Quantity | None:
        """Return the last quantity."""
        return self.quantities[-1] if self.quantities else None

    def previous(self, start: int, joints: Container[str], kind: str) -> Quantity | None:
        """Return the last quantity if it has this kind and only a joint separates it from ``start``."""
        last = self.last()
        joined = last is not None and last.kind == kind and self.t[last.span[1] : start] in joints
        return last if joined else None

    def preceded_by(self, start: int, *words: str) -> bool:
        """Whether one of the words directly precedes ``start``."""
        return self.t.endswith(words, 0, start)

    def _larger_part(self, d: Draft) -> Quantity | None:
        """Return the larger part before a smaller one: the hour of 1小时30分钟."""
        last = self.previous(d.start, _JOINTS, d.kind)
        if last is None or last.low != last.high or not d.single or (last.unit, d.unit) not in _COMPOUNDS:
            return None
        return None if last.unit == "week" and last.span[1] == d.start else last  # 一周四天

    def number(self, match: RuleMatch, name: str) -> int | None:
        """Return the number in a group; None if the group did not match or is too long for a number."""
        if name not in match.groups:
            return None
        digits = _SEPARATOR.sub("", match.get(name))
        return self.small_number(digits) if 0 < len(digits) <= 2 * MOST_DIGITS else None

    def _date(self, match: RuleMatch) -> bool:
        """Add one date or two; false if the parts are not a valid date."""
        year, month, day, day2 = [self.number(match, name) for name in ("y", "m", "d", "d2")]
        if (short_year := self.number(match, "yy")) is not None:
            century = self.number(match, "cc")
            year = short_year + (100 * century if century else 2000 if short_year < 40 else 1900)
        if (republic := self.number(match, "roc")) is not None:
            year = 1911 + republic
        if not (_valid(month, day) and _valid(month, day2)):
            return False
        if "second" in match.groups:
            self.add_date(match.start, match.groups["first"][1], year, month, day)
            month = self.number(match, "m2") or month
            self.add_date(match.groups["second"][0], match.end, year, month, day2)
        else:
            self.add_date(match.start, match.end, year, month, day)
        if month and (day or day2):
            self.dated = self.last()
        return True

    def _time(self, match: RuleMatch) -> bool:
        """Add a time of day; in a range, the first hour has the same half of the day (6-8 p.m.) or the other (11-1 p.m.)."""
        half = self.lexicon.halves.get(match.get("half"), "")
        hour, second = self.number(match, "h") or 0, self.number(match, "h2")
        if second and second != 12 and (hour > second or hour == 12):
            half = "pm" if half == "am" else "am"
        return self.add_time_of(match, half, self.qualifier_before(match.start))

    def add_time_of(self, match: RuleMatch, half: str, exact: str) -> bool:
        """Add the time of day with the hour and minutes of a match; false if the time is not valid."""
        hour, minute = self.number(match, "h"), self.number(match, "min")
        if minute is None:
            minute = self.lexicon.minutes.get(match.get("part").lower(), 0)
        if hour is None or not 0 <= hour <= 24 or not 0 <= minute < 60:
            return False
        if match.get("to"):
            hour, minute = hour - 1 or 12, 60 - minute
        if (half == "pm" and hour < 12) or (half == "night" and 5 <= hour < 12):
            hour += 12
        elif half in ("am", "night") and hour == 12:
            hour = 0
        value, unit = Decimal(hour % 24 * 60 + minute), "12h" if not half and 1 <= hour <= 12 else ""
        return self.add_value(match.start, match.end, value, "time", unit, exact=exact)

    def _relative(self, match: RuleMatch) -> bool:
        """Add a date that depends on the date of the text: this year, 去年5月17日, last month, 本月3日."""
        step = self.lexicon.steps[match.get("back").lower()]
        month, day = self.number(match, "m"), self.number(match, "d")
        if not _valid(month, day):
            return False
        year = None if self.when is None else self.when.year + step
        if "year" not in match.groups:
            if self.when is None or self.when.month is None:
                return False
            months = self.when.year * 12 + self.when.month - 1 + step
            year, month = months // 12, months % 12 + 1
        elif year is None and month is None:
            return False
        return self.add_date(match.start, match.end, year, month, day)


def _valid(month: int | None, day: int | None) -> bool:
    """Whether month and day are in range. With a month, any day is accepted, so that a wrong date (May 40) is still read."""
    return (month is None or 1 <= month <= 12) and (day is None or 1 <= day <= 31 or month is not None)
