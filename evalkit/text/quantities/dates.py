"""The day an article is read against."""

from __future__ import annotations

import datetime
import re
from typing import NamedTuple

from evalkit.errors import InputError


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
