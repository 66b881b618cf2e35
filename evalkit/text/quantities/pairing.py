"""Pair the quantities of two texts one to one, the closest first, and judge each pair by value, unit and qualifier."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from evalkit.text.quantities import equivalence as eq
from evalkit.text.quantities.decimals import EXACT
from evalkit.text.quantities.exchanges import LIKELY, NEIGHBORS, POSSIBLE, Exchanges
from evalkit.text.quantities.model import Quantity, plain
from evalkit.text.scripts import HAN

VERDICTS = ("matched", "missing", "added", "wrong-value", "wrong-unit", "wrong-qualifier")
#: the maximum distance between an amount or measure and its conversion, in characters.
_CONVERSION_REACH = 24
_CHINESE = re.compile(f"[{HAN}]")


@dataclass(frozen=True, slots=True)
class Pair:
    """A quantity of the source and its counterpart in the output.

    :param verdict: one of :data:`VERDICTS`.
    :param severity: ``ok``, ``warning`` or ``error``. Warnings are dropped qualifiers, small counts in words that only one
        text has, dollars of a country that the source does not name, and errors with weak evidence.
    :param source: the quantity of the source; None for an added one.
    :param output: the quantity of the output; None for a missing one.
    """

    verdict: str
    severity: str
    source: Quantity | None
    output: Quantity | None


class Alignment:
    """An alignment in progress.

    :ivar left, right: the unpaired quantities of source and output, by position.
    :ivar paired: verdict, source quantity and output quantity of each pair so far.
    :ivar _places: the positions of source and output quantity by verdict.
    """

    def __init__(self, source: Sequence[Quantity], output: Sequence[Quantity]) -> None:
        self.left = dict(enumerate(source))
        self.right = dict(enumerate(output))
        self.source = source
        self.output = output
        self.paired: list[tuple[str, Quantity, Quantity]] = []
        self._places: dict[str, list[tuple[int, int]]] = {}
        for i, a in self.left.items():
            for j, b in self.right.items():
                self._places.setdefault(eq.verdict(a, b), []).append((i, j))

    def pairs(self, elsewhere: Sequence[Quantity], *, whole: bool) -> list[Pair]:
        """Return all pairs in the order of the output; see :func:`evalkit.text.quantities.align`."""
        # "several days" is paired with 7天 only if nothing else is left for it
        self._pair("matched", lambda a, b: not whole or eq.is_vague_range(a) == eq.is_vague_range(b))
        self._pair("wrong-qualifier")
        self._pair_implied_units()
        if whole:
            self._pair("wrong-value", lambda a, b: a.kind == b.kind == "count" and (a.low, a.high) == (b.low, b.high))
        self._pair_ranges()
        self._pair("wrong-unit", lambda a, b: _both_checkable(a, b) and (whole or not any(map(eq.is_optional, (a, b)))))
        if whole:
            self._mark_exchanged()
        matched = [(a, b) for name, a, b in self.paired if name == "matched"]
        if whole:
            self._mark_exchanged_units()
            self._pair("wrong-value", lambda a, b: _both_checkable(a, b) and unit_of(a) == unit_of(b) != ("count", ""))
            self._pair("matched")
        self._pair("wrong-value", _both_checkable if whole else _slip)
        if whole:
            self._pair("wrong-value", _are_digits)
        pairs = [self._judge(*pair) for pair in self.paired if _is_judged(*pair)]
        pairs += self._unpaired("missing", self.left, [b for _, b in matched])
        pairs += self._unpaired("added", self.right, [*(a for a, _ in matched), *elsewhere])
        return sorted(pairs, key=place)

    def _unpaired(self, name: str, side: Mapping[int, Quantity], twins: Sequence[Quantity]) -> Iterator[Pair]:
        """Yield the unpaired quantities of a side as missing, added, or repeated (matched); skip conversions."""
        own, order = (self.source, 1) if name == "missing" else (self.output, -1)
        for q in side.values():
            if not q.checkable:
                continue
            others = {eq.verdict(*(q, o)[::order]): o for o in reversed(twins)}
            if repeated := next((one for one in ("matched", "wrong-qualifier") if one in others), ""):
                yield Pair(repeated, "ok" if repeated == "matched" else "error", *(q, others[repeated])[::order])
                continue
            first, last = (bisect_right(own, q.span[0] - back, key=_end) for back in (_CONVERSION_REACH + 1, 0))
            if not any(eq.is_conversion(o, q) for o in own[first:last]):
                yield Pair(name, severity(name, q), *(q, None)[::order])

    def _pair(self, name: str, fit: Callable[[Quantity, Quantity], bool] = lambda _a, _b: True) -> None:
        """Pair quantities with one verdict, the closest first."""
        left, right = self.left, self.right
        places = [(i, j) for i, j in self._places.get(name, ()) if i in left and j in right and fit(left[i], right[j])]
        for *_, i, j in sorted((*_cost(left[i], right[j], i, j), i, j) for i, j in places):
            if i in left and j in right:
                self.paired.append((name, left.pop(i), right.pop(j)))

    def _mark_exchanged(self) -> None:
        """Find matched numbers that the output exchanged, and mark both pairs as wrong.

        Those that are likely exchanged are errors, and those that are possibly exchanged are warnings (see
        :mod:`evalkit.text.quantities.exchanges`).
        """
        self._pair_equals_in_order()
        places = [i for i, (_, a, b) in enumerate(self.paired) if a.text and b.text and a.kind != "provision"]
        # English may name a paragraph before its article
        places.sort(key=lambda i: self.paired[i][1].span)
        pairs = [self.paired[i][1:] for i in places]
        exchanges = Exchanges(pairs, (self.source, self.output), list(self.right.values()))
        near = ((i, j) for i in range(len(places)) for j in range(i + 1, min(i + 1 + NEIGHBORS, len(places))))
        likely = sorted((-exchanges.likelihood(i, j), i, j) for i, j in near)
        moved: set[int] = set()
        for odds, *at in likely:
            i, j = (places[k] for k in at)
            (_, a, x), (_, b, y) = self.paired[i], self.paired[j]
            if -odds < POSSIBLE or moved & {i, j}:
                continue
            name = "wrong-value" if -odds >= LIKELY else "exchanged"
            self.paired[i], self.paired[j] = (name, a, y), (name, b, x)
            moved |= {i, j}

    def _pair_equals_in_order(self) -> None:
        """Pair the occurrences of a repeated quantity in text order."""
        equals: dict[tuple[str, ...], list[int]] = {}
        for i, (name, a, x) in enumerate(self.paired):
            equals.setdefault((name, str(a), str(x)), []).append(i)
        for places in equals.values():
            sources = sorted((self.paired[i][1] for i in places), key=_end)
            outputs = sorted((self.paired[i][2] for i in places), key=_end)
            for i, a, x in zip(places, sources, outputs, strict=True):
                self.paired[i] = (self.paired[i][0], a, x)

    def _mark_exchanged_units(self) -> None:
        """Find exchanged numbers whose units differ: "four days and three children" for three days and four children."""
        odd = [i for i, (_, a, x) in enumerate(self.paired) if unit_of(a) != unit_of(x)]
        for i, j in combinations(odd, 2):
            (_, a, x), (_, b, y) = self.paired[i], self.paired[j]
            crossed = (unit_of(a), unit_of(b)) == (unit_of(y), unit_of(x))
            # one number lost its unit, and the other received one
            moved = [q.kind for q in (a, b, x, y)].count("count") == 2 and (a.kind, b.kind) == (y.kind, x.kind)
            if a.low != b.low and (crossed or moved):
                self.paired[i], self.paired[j] = ("wrong-value", a, y), ("wrong-value", b, x)

    def _pair_ranges(self) -> None:
        """Pair a range on one side with two single quantities on the other."""
        for mine, other, swapped in ((self.left, self.right, False), (self.right, self.left, True)):
            for i, q in list(mine.items()):
                if q.low == q.high or q.kind == "date" or (q.exact == "about" and not eq.has_explicit_ends(q)):
                    continue
                ends = _ends_of(q, other, swapped)
                if ends:
                    del mine[i]
                for j, name, end in ends:
                    o = other.pop(j)
                    self.paired.append((name, o, end) if swapped else (name, end, o))

    def _pair_implied_units(self) -> None:
        stated = {q.unit for q in self.source if q.kind == "money"}
        chinese = not stated and any(_CHINESE.search(text) for text in {q.text for q in self.source})
        allowed = stated or ({"CNY"} if chinese else set())
        named = {q.unit for q in self.source} | {q.text for q in self.source}
        for i, q in list(self.left.items()):
            for j, o in self.right.items():
                unit_allowed = o.kind != "money" or not allowed or o.unit in allowed
                if unit_allowed and eq.adds_implied_unit(q, o) and not eq.invents_duration(o, named):
                    self.paired.append(("matched", self.left.pop(i), self.right.pop(j)))
                    break

    @staticmethod
    def _judge(name: str, a: Quantity, b: Quantity) -> Pair:
        unnamed = name == "wrong-unit" and eq.unspecified_currency(a, b)
        if name == "matched" and eq.dropped(a, b) and a.checkable and b.checkable:
            return Pair("wrong-qualifier", "warning", a, b)
        if unnamed and eq.opposite_qualifier(a, b):
            return Pair("wrong-qualifier", "error", a, b)
        level = "ok" if name == "matched" else "warning" if unnamed or name == "exchanged" else "error"
        return Pair("wrong-value" if name == "exchanged" else name, level, a, b)


def _is_judged(name: str, a: Quantity, b: Quantity) -> bool:
    if a.checkable or b.checkable:
        return True
    return (name == "wrong-qualifier" and a.kind != "percent") or (name != "matched" and a.kind == "provision")


def _ends_of(q: Quantity, other: Mapping[int, Quantity], swapped: bool) -> list[tuple[int, str, Quantity]]:
    """Return the two quantities that are the ends of a range, in order, with at most one in between.

    One of them may have a wrong unit; it is then paired with its end of the range.

    :returns: position, verdict and counterpart of each, or nothing.
    """
    low, high = (
        {j: name for j, o in other.items() if (name := _end_verdict(replace(q, low=v, high=v), o, swapped))}
        for v in (q.low, q.high)
    )
    close = [(i, j) for i in low for j in high if i != j and (0 < j - i < 3 or q.noun == "score")]
    wrong = [(low[i] != "matched") + (high[j] != "matched") for i, j in close]
    if not close or min(wrong) > 1:
        return []
    i, j = close[wrong.index(min(wrong))]
    ends = ((i, low[i], q.low), (j, high[j], q.high))
    return [(at, name, q if name == "matched" else replace(q, low=v, high=v)) for at, name, v in ends]


def _end_verdict(end: Quantity, o: Quantity, swapped: bool) -> str:
    """Whether a quantity is an end of a range (``matched``), or this value with a wrong unit; otherwise empty."""
    if (o.low == o.high or o.exact == "about") and (eq.matches(end, o) or (swapped and eq.adds_implied_unit(o, end))):
        return "matched"
    return "wrong-unit" if o.kind not in ("count", "date") and eq.verdict(end, o) == "wrong-unit" else ""


def _both_checkable(a: Quantity, b: Quantity) -> bool:
    return (a.checkable and b.checkable) or a.kind == b.kind == "provision"


def _are_digits(a: Quantity, b: Quantity) -> bool:
    """Whether two values are below ten, and the second has to be in the source: "2 papers" for 1篇, 1个 for "nine"."""
    digits = unit_of(a) == unit_of(b) and eq.has_figures(b) and 0 < a.low == a.high < 10 and 0 < b.low == b.high < 10
    counts = a.kind == "count" and b.checkable and eq.has_figures(a)
    return digits and (counts or (1 == b.low < a.low and not b.surface.isdigit()))


def _slip(a: Quantity, b: Quantity) -> bool:
    """Whether a value looks like a slip of the other (a digit, swapped digits, a power of ten), or the nouns are equal."""
    if not _both_checkable(a, b):
        return False
    if a.kind == "date":
        return (a.year, a.month) == (b.year, b.month) or (a.month, a.day) == (b.month, b.day) != (None, None)
    x, y = (plain(q.low).replace(".", "").strip("0") for q in (a, b))
    one_digit = len(x) == len(y) > 1 and sum(map(str.__ne__, x, y)) == 1
    return one_digit or sorted(x) == sorted(y) or bool(a.noun and a.noun == b.noun)


def severity(name: str, q: Quantity) -> str:
    """Return the severity of a missing or added quantity."""
    return "warning" if (eq.is_optional(q) if name == "added" else not eq.required(q)) else "error"


def unit_of(q: Quantity) -> tuple[str, str]:
    """Return kind and unit of a quantity."""
    return q.kind, q.unit


def _end(q: Quantity) -> int:
    return q.span[1]


def place(pair: Pair) -> tuple[int, int]:
    """Return the sort key of a pair: its position in the output, or in the source if it is missing."""
    at = pair.output or pair.source
    return (at.span[0] if at else 0, pair.source.span[0] if pair.source else 0)


def _cost(a: Quantity, b: Quantity, i: int, j: int) -> tuple[bool, bool, bool, bool, Decimal, int]:
    """Return a sort key; better pairs have the same unit, noun and qualifier, and are close in value and position."""
    other_noun = not (a.noun and a.noun == b.noun)
    differences = a.checkable != b.checkable, unit_of(a) != unit_of(b), other_noun, a.exact != b.exact
    return *differences, EXACT.subtract(a.low, b.low).copy_abs(), abs(i - j)
