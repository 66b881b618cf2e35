"""Numbers as they appear in a report."""

from __future__ import annotations

import math

from evalkit.wording import UNDEFINED

__all__ = ["Scale", "rank_text", "rounded", "shade", "signed"]


class Scale:
    """Convert scores to percent of the axis, with a small margin at both ends."""

    def __init__(self, low: float, high: float) -> None:
        air = (high - low) * 0.06 or 1.0
        self.low, self.width = low - air, high - low + 2 * air

    def __call__(self, value: float) -> float:
        """Return a position from 0 to 100."""
        return round(100 * (value - self.low) / self.width, 2)


def shade(value: float, low: float, high: float, higher: bool) -> int | None:
    """Return -4 for the worst score of a table up to 4 for the best; None for an undefined score."""
    if not math.isfinite(value):
        return None
    if high <= low:
        return 0
    share = (value - low) / (high - low)
    return round(8 * (share if higher else 1 - share)) - 4


def rounded(value: float | None, digits: int) -> float | None:
    """Round a number as it is printed; None if it is undefined."""
    if value is None or not math.isfinite(value):
        return None
    # Adding 0.0 turns -0.0 into 0.0.
    return round(float(value), digits) + 0.0


def signed(value: float, digits: int) -> str:
    """Format a difference with its sign, using typographic characters."""
    number = rounded(value, digits)
    if number is None:
        return UNDEFINED
    sign = "+" if number > 0 else "−" if number < 0 else "±"
    return f"{sign}{abs(number):.{digits}f}"


def rank_text(ranks: tuple[int, int] | None, place: int) -> str:
    """Format a range of ranks as ``2–5``; falls back to the position by score if the ranks are not known."""
    if ranks is None:
        return str(place)
    return str(ranks[0]) if ranks[0] == ranks[1] else f"{ranks[0]}–{ranks[1]}"
