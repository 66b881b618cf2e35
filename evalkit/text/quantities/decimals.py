"""Decimal arithmetic that does not depend on the caller's decimal context."""

from __future__ import annotations

from decimal import Context, Decimal

#: more digits than this are a serial number, a key or a prank, not a quantity.
MOST_DIGITS = 18

#: thousands in groups of three, as in India (2,06,737), or with spaces (2 000, 2 ,000 .50)
DIGITS = (
    r"(?:[0-9]{1,3}(?: ?,[0-9]{3})+(?![0-9])(?: (?=\.[0-9]))?|[0-9]{1,2}(?:,[0-9]{2}){1,3},[0-9]{3}(?![0-9])|"
    r"[0-9]+(?:(?: 000)+(?![0-9.,]))?)(?:\.[0-9]+)?"
)
_CONTEXT = Context(prec=80, traps=[])


def of_digits(digits: str, power: int = 0) -> Decimal | None:
    """The value of ASCII digits with thousands separators, times ten to a power; None where there are too many."""
    if len(digits) > 2 * MOST_DIGITS:
        return None
    digits = digits.replace(",", "").replace(" ", "")
    whole, _, part = digits.partition(".")
    if len(whole) > MOST_DIGITS or len(part) > MOST_DIGITS:
        return None
    return Decimal(f"{digits}E{power}") if power else Decimal(digits)


def shift(value: Decimal, power: int) -> Decimal:
    """The value times ten to a power."""
    return _CONTEXT.scaleb(value, power)


def plus(a: Decimal, b: Decimal) -> Decimal:
    """The sum."""
    return _CONTEXT.add(a, b)


def negative(low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    """Both ends of a range on the other side of zero."""
    return _CONTEXT.minus(high), _CONTEXT.minus(low)


def times(a: Decimal, b: Decimal) -> Decimal:
    """The product."""
    return _CONTEXT.multiply(a, b)
