"""Collect the quantities of one text. Both languages use this class as the base of their scanners."""

from __future__ import annotations

from collections.abc import Container
from decimal import Decimal

from evalkit.text.quantities.decimals import EXACT
from evalkit.text.quantities.model import Quantity

_ONE = Decimal(1)
_NO_DATE = (None, None, None)
#: kinds for which a value of one is not checkable, because it is often written as an article or left out ("a week", 一周)
_LOOSE_ONE = frozenset(("count", "duration", "measure"))
_JOINTS = frozenset(("", " ", "零", "又", " and ", ", ", ", and ", "-"))
#: larger unit and smaller unit of a compound quantity (1小时30分钟) to the number of smaller units in the larger one
_COMPOUNDS = {
    "duration": {
        ("year", "month"): Decimal(12),
        ("week", "day"): Decimal(7),
        ("day", "hour"): Decimal(24),
        ("hour", "minute"): Decimal(60),
        ("minute", "second"): Decimal(60),
    },
    "measure": {("ft", "inch"): Decimal(12), ("m", "cm"): Decimal(100)},
}


class SpanCollector:
    """Collects the quantities of a text from left to right.

    :ivar t: the text that is scanned: lowercase, or with full-width digits folded; as long as the original ``text``.
    :ivar done: the offset up to which the text has been read.
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
        """Append a quantity, and return True.

        :param date: year, month and day of a date.
        """
        first = self._larger_part(kind, start, unit) if kind in _COMPOUNDS and low == high else None
        if first is not None and low < _COMPOUNDS[kind][first.unit, unit]:  # 一周七天 is not a week plus seven days
            start, exact = first.span[0], exact if first.exact == "exact" else first.exact
            low = high = EXACT.add(low, EXACT.multiply(first.low, _COMPOUNDS[kind][first.unit, unit]))
            noun = noun or first.noun
            self.quantities.pop()
        if checkable and low == _ONE and high == _ONE and kind in _LOOSE_ONE and noun != "score":
            checkable = False
        while self.quantities and self.quantities[-1].span[0] >= start:
            self.quantities.pop()  # the "half" of "half past six", read as a number before
        start = max(start, self.last_end())  # a preceding sign may already belong to the previous quantity
        span, surface = (start, end), self.text[start:end]
        self.quantities.append(Quantity(low, high, kind, unit, noun, exact, *date, span, surface, checkable, self.text))
        self.done = end
        return True

    def add_value(self, start: int, end: int, value: Decimal, kind: str, unit: str = "", **more: object) -> bool:
        """Append a quantity with a single value."""
        return self.add(start, end, value, value, kind, unit, **more)  # type: ignore[arg-type]

    def add_date(
        self,
        start: int,
        end: int,
        year: int | None,
        month: int | None = None,
        day: int | None = None,
        unit: str = "",
        or_year: int | None = None,
    ) -> bool:
        """Append a date; ``or_year`` is a second possible year, as in "last May"."""
        rest = (month or 0) * 100 + (day or 0)
        low = Decimal((year or 0) * 10000 + rest)
        high = low if or_year is None else Decimal(or_year * 10000 + rest)
        return self.add(start, end, low, high, "date", unit, date=(year, month, day))

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

    def _larger_part(self, kind: str, start: int, unit: str) -> Quantity | None:
        """Return the larger part before ``start``: the hour of 1小时30分钟."""
        last = self.previous(start, _JOINTS, kind)
        if last is None or last.low != last.high or (last.unit, unit) not in _COMPOUNDS[kind]:
            return None
        return None if last.unit == "week" and last.span[1] == start else last  # 一周四天
