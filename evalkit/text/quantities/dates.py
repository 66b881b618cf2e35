"""The date of a text, and the actions of rules for dates and times of day in both languages.

The expressions of these rules use the groups ``y`` (year), ``yy`` (year of two digits), ``cc`` (its century), ``m`` (month),
``d`` (day), ``h`` (hour), ``min`` (minute), ``part`` (part of an hour), ``to`` (the part is before the hour) and ``half``
(half of the day). An expression for two days of a month marks them with ``first`` and ``second``; ``d2`` is the second day,
and ``m2`` the second month.
"""

from __future__ import annotations

import datetime
import re
from abc import abstractmethod
from decimal import Decimal
from typing import NamedTuple

from evalkit.errors import InputError
from evalkit.text.quantities.collector import SpanCollector
from evalkit.text.quantities.decimals import MOST_DIGITS
from evalkit.text.quantities.lexicons import Lexicon
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.rule_lists import RuleMatch


class Day(NamedTuple):
    """The date of a text; month and day may be unknown."""

    year: int
    month: int | None = None
    day: int | None = None


_ISO = re.compile(r"\d{4}(?:-\d\d){0,2}\Z")


def parse_day(date: str | datetime.date | None) -> Day | None:
    """Parse an ISO date: a day, month or year.

    :raises InputError: if the value is not a valid date.
    """
    if date is None:
        return None
    if isinstance(date, datetime.date):
        return Day(date.year, date.month, date.day)
    try:
        if not (isinstance(date, str) and _ISO.match(date)):
            raise ValueError
        datetime.date.fromisoformat(f"{date}-01-01"[:10])
    except ValueError:
        raise InputError(f"date {date!r} is not a day in ISO format; write 2022-07-25, 2022-07 or 2022") from None
    return Day(*map(int, date.split("-")))


class DateRules(SpanCollector):
    """Actions that add dates and times of day; ``when`` is the date of the text."""

    lexicon: Lexicon

    def __init__(self, text: str, t: str, when: Day | None) -> None:
        super().__init__(text, t)
        self.when = when
        self.dated: Quantity | None = None  # the last date that has a month and a day

    @abstractmethod
    def small_number(self, text: str) -> int:
        """Return the value of digits, a numeral or the name of a month; -1 for other text."""

    @abstractmethod
    def qualifier_before(self, start: int) -> str:
        """Return the qualifier in the words before ``start``, one of :data:`EXACTNESS`."""

    def number(self, match: RuleMatch, name: str) -> int | None:
        """Return the number in a group; None if the group did not match or is too long for a number."""
        digits = match.get(name).replace(",", "")
        return self.small_number(digits) if 0 < len(digits) <= 2 * MOST_DIGITS else None

    def _date(self, match: RuleMatch) -> bool:
        """Add one date or two; false if the parts are not a valid date."""
        year, short_year, century = (self.number(match, name) for name in ("y", "yy", "cc"))
        month, day, month2, day2 = (self.number(match, name) for name in ("m", "d", "m2", "d2"))
        if short_year is not None:
            year = short_year + (100 * century if century else 2000 if short_year < 50 else 1900)
        if not (_valid(month, day) and _valid(month, day2)):
            return False
        if "second" in match.groups:
            self.add_date(match.start, match.stop("first"), year, month, day)
            self.add_date(match.begin("second"), match.end, year, month2 or month, day2)
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
