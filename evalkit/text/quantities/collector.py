"""What a scan of one text has found so far; shared by both languages."""

from __future__ import annotations

from collections.abc import Container
from decimal import Decimal

from evalkit.text.quantities.decimals import plus, times
from evalkit.text.quantities.model import Quantity

_ONE = Decimal(1)
_LONGEST_NAME = 5
_NO_DATE = (None, None, None)
#: kinds where a single one is as often said by an article or left out ("a week", 一周)
_LOOSE_ONE = frozenset(("count", "duration", "measure"))
_JOINTS = frozenset(("", " ", "零", "又", " and ", ", ", ", and ", "-"))
#: a larger unit and a smaller one that follows it in one measure -> how many of the smaller one the larger one is
_COMPOUNDS = {
    "duration": {
        ("year", "month"): Decimal(12),
        ("week", "day"): Decimal(7),
        ("day", "hour"): Decimal(24),
        ("hour", "minute"): Decimal(60),
        ("minute", "second"): Decimal(60),
    },
    "measure": {("ft", "inch"): Decimal(12), ("m", "cm"): Decimal(100), ("jin", "liang"): Decimal(10)},
}


class SpanCollector:
    """The quantities in order, and ``done``: how far the text has been read.

    :ivar t: the text in the form that is scanned (lower case, or with full-width digits folded), of the same length.
    """

    def __init__(self, text: str, t: str) -> None:
        self.text = text
        self.t = t
        self.done = 0
        self.quantities: list[Quantity] = []

    def add(
        self,
        start: int,
        end: int,
        low: Decimal,
        high: Decimal,
        kind: str,
        unit: str = "",
        noun: str = "",
        exact: str = "exact",
        checkable: bool = True,
        date: tuple[int | None, int | None, int | None] = _NO_DATE,
    ) -> bool:
        """Appends a quantity; ``date`` are its year, month and day. Always true, so that a rule can return it."""
        first = self._larger_part(kind, start, unit) if kind in _COMPOUNDS and low == high else None
        if first is not None and low < _COMPOUNDS[kind][first.unit, unit]:  # 一周七天 is no week and seven days
            start, exact = first.span[0], exact if first.exact == "exact" else first.exact
            low = high = plus(low, times(first.low, _COMPOUNDS[kind][first.unit, unit]))
            noun = noun or first.noun
            self.quantities.pop()
        if checkable and low == _ONE and high == _ONE and kind in _LOOSE_ONE and noun != "score":
            checkable = False
        while self.quantities and self.quantities[-1].span[0] >= start:
            self.quantities.pop()  # the half of half past six
        start = max(start, self.end())  # a sign before may already belong to the quantity before
        surface = self.text[start:end]
        self.quantities.append(
            Quantity(low, high, kind, unit, noun, exact, *date, (start, end), surface, checkable, self.text)
        )
        self.done = end
        return True

    def one(self, start: int, end: int, value: Decimal, kind: str, unit: str = "", **more: object) -> bool:
        """A single value."""
        return self.add(start, end, value, value, kind, unit, **more)  # type: ignore[arg-type]

    def date(
        self,
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
    ) -> bool:
        """A date; ``or_year`` is a second possible year ("last May"); ``century`` is set instead of a year."""
        rest = (month or 0) * 100 + (day or 0)
        low = Decimal(century if century is not None else (year or 0) * 10000 + rest)
        high = low if or_year is None else Decimal(or_year * 10000 + rest)
        return self.add(start, end, low, high, "date", unit, "", "exact", checkable, (year, month, day))

    def time(
        self,
        start: int,
        end: int,
        hour: int,
        minute: int = 0,
        half: str = "",
        exact: str = "exact",
        checkable: bool = True,
    ) -> bool:
        """A time of day; ``half`` is ``am``, ``pm``, ``night``, or empty if it is not stated."""
        if (half == "pm" and hour < 12) or (half == "night" and 5 <= hour < 12):
            hour += 12
        elif half in ("am", "night") and hour == 12:
            hour = 0
        unit = "12h" if not half and 1 <= hour <= 12 else ""
        value = Decimal(hour % 24 * 60 + minute)
        return self.add(start, end, value, value, "time", unit, "", exact, checkable)

    def name(self, start: int, end: int, digits: str) -> bool:
        """A number in a name counts nothing; on the other side it may be taken for a count, so that it can be matched."""
        if digits.isdigit() and len(digits) <= _LONGEST_NAME:
            self.one(start, end, Decimal(digits), "count", checkable=False)
        return True

    def end(self) -> int:
        """Where the last quantity ends."""
        return self.quantities[-1].span[1] if self.quantities else 0

    def last(self) -> Quantity | None:
        """The quantity before."""
        return self.quantities[-1] if self.quantities else None

    def previous(self, start: int, joints: Container[str], kind: str) -> Quantity | None:
        """The quantity before, where it is of that kind and only one of some words is between."""
        last = self.last()
        joined = last is not None and last.kind == kind and self.t[last.span[1] : start] in joints
        return last if joined else None

    def follows(self, start: int, *words: str) -> bool:
        """Whether one of some words is directly before."""
        return self.t.endswith(words, 0, start)

    def _larger_part(self, kind: str, start: int, unit: str) -> Quantity | None:
        """The hour of 1小时30分钟, directly before the minutes that begin at ``start``."""
        last = self.previous(start, _JOINTS, kind)
        if last is None or last.low != last.high or (last.unit, unit) not in _COMPOUNDS[kind]:
            return None
        return None if last.unit == "week" and last.span[1] == start else last  # 一周四天
