"""Decimal arithmetic that does not depend on the caller's decimal context."""

from decimal import Context, Decimal

#: the maximum number of digits of a quantity; longer runs are serial numbers or keys.
MOST_DIGITS = 18

#: what follows the first digit of a number: more digits, and thousands separators in groups of three, in the Indian style
#: (2,06,737), or with spaces (2 000, 2 ,000 .50)
MORE_DIGITS = (
    r"(?:[0-9]{0,2}(?: ?,[0-9]{3})+(?![0-9])(?: (?=\.[0-9]))?|[0-9]?(?:,[0-9]{2}){1,3},[0-9]{3}(?![0-9])|"
    r"[0-9]*(?:(?: 000)+(?![0-9.,]))?)(?:\.[0-9]+)?"
)
DIGITS = f"[0-9]{MORE_DIGITS}"
#: exact sums and products of quantities, whatever decimal context the caller uses
EXACT = Context(prec=80, traps=[])


def of_digits(digits: str, power: int = 0) -> Decimal | None:
    """Return the value of ASCII digits, with or without separators, times ten to a power; None if it is not a number."""
    if len(digits) > 2 * MOST_DIGITS:
        return None
    if not digits.isdecimal():
        digits = digits.replace(",", "").replace("，", "").replace(" ", "")
    whole, _, part = digits.partition(".")
    if len(whole) > MOST_DIGITS or len(part) > MOST_DIGITS or "." in part:
        return None
    return Decimal(f"{digits}E{power}") if power else Decimal(digits)
