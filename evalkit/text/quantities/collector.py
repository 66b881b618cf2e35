"""What a scan of one text has found so far; shared by both languages."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from evalkit.text.quantities.decimals import plus, times
from evalkit.text.quantities.model import Quantity

__all__ = ["Found"]

_ONE = Decimal(1)
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
#: kinds where a single one is as often said by an article or left out ("a week", 一周).
_LOOSE_ONE = frozenset(("count", "duration", "measure"))


class Found:
    """The quantities in order, and ``done``: how far the text has been read."""

    def __init__(self, text: str) -> None:
        self.text = text
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
    ) -> None:
        """A quantity that is neither a date nor a time of day."""
        if kind in _COMPOUNDS and low == high and (first := self._larger_part(start, unit)) is not None:
            start, exact = first.span[0], exact if first.exact == "exact" else first.exact
            low = high = plus(low, times(first.low, _COMPOUNDS[kind][first.unit, unit]))
            noun = noun or first.noun
            self.quantities.pop()
        if checkable and low == _ONE and high == _ONE and kind in _LOOSE_ONE and noun != "score":
            checkable = False
        start = max(start, self.end())  # a sign before may already belong to the quantity before
        surface = self.text[start:end]
        self.quantities.append(
            Quantity(low, high, kind, unit, noun, exact, None, None, None, (start, end), surface, checkable, self.text)
        )
        self.done = end

    def _larger_part(self, start: int, unit: str) -> Quantity | None:
        """The hour of 1小时30分钟, directly before the minutes that begin at ``start``."""
        last = self.last()
        if last is None or last.low != last.high or (last.unit, unit) not in _COMPOUNDS.get(last.kind, ()):
            return None
        return last if self.text[last.span[1] : start] in _JOINTS else None

    def take(self, quantity: Quantity) -> None:
        """A quantity made elsewhere."""
        start, end = quantity.span
        quantity = replace(quantity, text=self.text)
        if start < self.end():
            start = self.end()
            quantity = replace(quantity, span=(start, end), surface=self.text[start:end])
        self.quantities.append(quantity)
        self.done = end

    def end(self) -> int:
        """Where the last quantity ends."""
        return self.quantities[-1].span[1] if self.quantities else 0

    def last(self) -> Quantity | None:
        """The quantity before."""
        return self.quantities[-1] if self.quantities else None
