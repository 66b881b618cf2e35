"""Dates: the day an article is read against, and quantities that are dates or times of day."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import NamedTuple

from evalkit.errors import InputError
from evalkit.text.quantities.model import Quantity

__all__ = ["Day", "date_quantity", "parse_day", "time_quantity"]


class Day(NamedTuple):
    """The date of an article, as far as it is known."""

    year: int
    month: int | None = None
    day: int | None = None

    def months_ago(self, back: int) -> tuple[int, int] | None:
        """Year and month so many months before, where the month is known."""
        if self.month is None:
            return None
        months = self.year * 12 + self.month - 1 - back
        return months // 12, months % 12 + 1


_ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?\Z")


def parse_day(date: str | datetime.date | None) -> Day | None:
    """An ISO date, whole or in part.

    :raises InputError: if it is no date.
    """
    if date is None:
        return None
    if isinstance(date, datetime.date):
        return Day(date.year, date.month, date.day)
    match = _ISO.match(date) if isinstance(date, str) else None
    if not match:
        raise InputError(f"date {date!r} is no ISO date; write 2022-07-25, 2022-07 or 2022")
    year, month, day = (int(g) if g else None for g in match.groups())
    if year is None or (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        raise InputError(f"date {date!r} is no day of the calendar; write 2022-07-25, 2022-07 or 2022")
    return Day(year, month, day)


def date_quantity(
    text: str,
    start: int,
    end: int,
    year: int | None,
    month: int | None = None,
    day: int | None = None,
    *,
    unit: str = "",
    or_year: int | None = None,
    century: int | None = None,
    checkable: bool = True,
) -> Quantity:
    """A date; ``or_year`` is a second possible year ("last May"); ``century`` is set instead of a year."""
    rest = (month or 0) * 100 + (day or 0)
    low = Decimal(century if century is not None else (year or 0) * 10000 + rest)
    high = low if or_year is None else Decimal(or_year * 10000 + rest)
    span = (start, end)
    return Quantity(low, high, "date", unit, "", "exact", year, month, day, span, text[start:end], checkable, text)


def time_quantity(
    text: str, start: int, end: int, hour: int, minute: int, half: str, exact: str = "exact", checkable: bool = True
) -> Quantity:
    """A time of day; ``half`` is ``am``, ``pm``, ``night``, or empty if it is not stated."""
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    elif half == "night" and hour == 12:
        hour = 24
    elif half == "night" and 5 <= hour < 12:
        hour += 12
    unit = "12h" if not half and 1 <= hour <= 12 else ""
    value = Decimal(hour % 24 * 60 + minute)
    span = (start, end)
    return Quantity(value, value, "time", unit, "", exact, None, None, None, span, text[start:end], checkable, text)
