"""Detect mistyped figures, including those in names and codes: 370 in place of 360, 912 in place of 911.

A good translation keeps the figures of names, codes and bare numbers. If the source has a figure that the output lacks in
any form, the output has one that the source lacks, and the two differ by one digit or a final zero, the output is wrong.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from evalkit.text.normalize import fold_width
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.number_values import values

Span = tuple[int, int]
_FIGURE = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
#: a scale, more digits or the second end of a range after a figure, which is then only a part of a number
_CONTINUES = re.compile(
    r" ?(?:[万亿千百十]|thousand|million|billion|trillion|hundred|lakh|crore|bn?\b|mn?\b|k\b)|, [0-9]{3}|[、~～-] ?[0-9]",
    re.IGNORECASE,
)
_MOST_DIGITS = 18
#: the maximum number of figures; texts with more are tables, and comparing all pairs would take too long.
_MOST_FIGURES = 1000


class _Figure(NamedTuple):
    """A figure of a text; ``free`` is false if it has a counterpart in the other text or is part of a longer number."""

    digits: str
    span: Span
    free: bool


def changed_figures(texts: tuple[str, str], paired: Sequence[Sequence[Span]]) -> list[tuple[Quantity, Quantity]]:
    """Return pairs of a source figure and the changed output figure, which differ by one digit or zero.

    :param texts: source and output. The result is empty if one of them has more than 1,000 figures.
    :param paired: for each text, the spans of the quantities that have a counterpart.
    """
    matches = [list(_FIGURE.finditer(fold_width(text))) for text in texts]
    if max(map(len, matches)) > _MOST_FIGURES:
        return []
    counts = [Counter(_plain(match[0]) for match in side) for side in matches]
    # A change takes a figure that occurs more often in the source, and one that occurs only in the output.
    if not counts[0] - counts[1] or not counts[1].keys() - counts[0].keys():
        return []

    def figure(match: re.Match[str], side: int) -> _Figure:
        digits, (start, end) = _plain(match[0]), match.span()
        elsewhere = counts[1 - side][digits]
        free = (
            elsewhere < (counts[0][digits] if side == 0 else 1)
            and len(digits) <= _MOST_DIGITS
            and digits.count(".") < 2
            and not any(s < end and start < e for s, e in paired[side])
            and not _CONTINUES.match(match.string, end)
            and (elsewhere > 0 or Decimal(digits) not in values(texts[1 - side]).whole)
        )
        return _Figure(digits, (start, end), free)

    source, output = ([figure(match, side) for match in matches[side]] for side in (0, 1))
    pairs = _slips(source, output) or _only_difference(source, output)
    return [(_quantity(texts[0], x), _quantity(texts[1], y)) for x, y in pairs]


def _slips(source: list[_Figure], output: list[_Figure]) -> list[tuple[_Figure, _Figure]]:
    pairs, free = [], [figure for figure in output if figure.free]
    for x in source:
        if x.free and (twin := next((y for y in free if _is_slip(x.digits, y.digits)), None)):
            pairs.append((x, twin))
            free.remove(twin)
    return pairs


def _only_difference(source: list[_Figure], output: list[_Figure]) -> list[tuple[_Figure, _Figure]]:
    """Return a changed figure of one digit, if all other figures are the same."""
    different = [(x, y) for x, y in zip(source, output, strict=False) if x.digits != y.digits]
    single = len(source) == len(output) and len(different) == 1
    return [(x, y) for x, y in different if single and len(x.digits) == len(y.digits) == 1 and x.free and y.free]


def _plain(figure: str) -> str:
    return figure.replace(",", "").lstrip("0") or "0"


def _is_slip(a: str, b: str) -> bool:
    if len(a) == len(b) > 1:
        return a.find(".") == b.find(".") and sum(map(str.__ne__, a, b)) == 1
    return a + "0" == b or b + "0" == a


def _quantity(text: str, figure: _Figure) -> Quantity:
    """Return a figure as an uncheckable count."""
    start, end = figure.span
    value = Decimal(figure.digits)
    return Quantity(value, value, span=figure.span, surface=text[start:end], checkable=False, text=text)
