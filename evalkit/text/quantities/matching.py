"""Which quantity of one text stands for which of the other, and what is wrong with a pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.nouns import kin
from evalkit.text.quantities.units import DURATIONS, MEASURES

__all__ = ["VERDICTS", "Pair", "align", "matches", "verdict"]

VERDICTS = ("matched", "missing", "added", "wrong-value", "wrong-unit", "wrong-qualifier")

_SCALE_WORDS = (
    "hundred",
    "thousand",
    "million",
    "billion",
    "trillion",
    "hundreds",
    "thousands",
    "millions",
    "billions",
    "trillions",
)
_UP = ("more than", "at least")
_DOWN = ("less than", "at most", "nearly")
#: a conversion is written rounded: how far it may be off.
_ROUNDING = Fraction(3, 100)


@dataclass(frozen=True)
class Pair:
    """One line of the comparison of two texts.

    :param verdict: one of :data:`VERDICTS`.
    :param severity: ``ok``, ``warning`` (a qualifier dropped) or ``error``.
    :param source: the source's quantity, None where one is added.
    :param output: the output's quantity, None where one is missing.
    """

    verdict: str
    severity: str
    source: Quantity | None
    output: Quantity | None


def matches(a: Quantity, b: Quantity) -> bool:
    """Whether one quantity can stand for the other: value, kind and unit agree, nouns do where both are known, and no
    qualifier is turned ("nearly" for "more than").
    """
    return verdict(a, b) == "matched"


def verdict(a: Quantity, b: Quantity) -> str:
    """``matched``, ``wrong-value``, ``wrong-unit``, ``wrong-qualifier``, or ``unrelated`` (another kind of thing)."""
    same_value, same_unit = _compare(a, b)
    if same_value and same_unit:
        if not kin(_counted(a), _counted(b)):
            return "wrong-value"
        return "wrong-qualifier" if turned(a, b) else "matched"
    if same_value:
        return "wrong-unit"
    return "wrong-value" if same_unit else "unrelated"


def turned(a: Quantity, b: Quantity) -> bool:
    """Whether the two qualifiers point in opposite directions."""
    return (a.exact in _UP and b.exact in _DOWN) or (a.exact in _DOWN and b.exact in _UP)


def dropped(a: Quantity, b: Quantity) -> bool:
    """Whether one side qualifies what the other states exactly."""
    return (a.exact == "exact") != (b.exact == "exact") and a.low == a.high and b.low == b.high


def loose(q: Quantity) -> bool:
    """Whether a good translation may leave it out or add it: a small count in words ("the two men", 三方)."""
    return (
        q.kind == "count"
        and q.low == q.high
        and q.low <= 10
        and q.exact == "exact"
        and not any("0" <= c <= "9" for c in q.surface)
    )


def _counted(q: Quantity) -> str:
    return q.noun if q.kind == "count" and q.noun != "score" else ""


def _compare(a: Quantity, b: Quantity) -> tuple[bool, bool]:
    """Whether the values agree, and whether kind and unit do."""
    if a.kind == b.kind:
        if a.kind == "date":
            return _dates(a, b)
        if a.kind == "time":
            return _times(a, b), True
        if a.kind in ("measure", "duration"):
            return _measures(a, b)
        if a.kind == "multiple":
            return _multiples(a, b), True
        if a.kind == "percent" and ("discount" in (a.noun, b.noun)) and a.noun != b.noun:
            return _same(a, b) or (a.low == 100 - b.high and a.high == 100 - b.low), True
        return _same(a, b), a.unit == b.unit
    return _across(a, b) or _across(b, a) or (_same(a, b) and "date" not in (a.kind, b.kind), False)


def _across(a: Quantity, b: Quantity) -> tuple[bool, bool] | None:
    """Pairs of kinds that say the same thing in two languages."""
    if b.kind == "count" and a.kind in ("multiple", "time"):
        return (_same(a, b), b.noun in ("", "time")) if a.kind == "multiple" else None
    if a.kind == "duration" and b.kind == "count":
        if a.noun == "age" and not b.noun:
            return _same(a, b), True
        return None
    if a.kind == "ordinal" and b.kind == "count":
        return _same(a, b), True
    if a.kind == "ordinal" and b.kind == "duration" and b.noun == "anniversary":
        return _same(a, b), True
    if a.kind == "date" and b.kind in ("ordinal", "count"):
        if a.unit == "century":
            return (a.low == b.low, True) if b.kind == "ordinal" else None
        parts = [p for p in (a.year, a.month, a.day) if p is not None]
        if len(parts) == 1 and not b.noun and not a.unit:
            return b.low == parts[0], True
        return None
    if a.kind == "date" and b.kind == "duration" and (a.year, a.month) == (None, None) and b.unit == "day":
        return b.low == b.high == a.day, True
    if a.kind == "money" and a.unit == "GBP" and b.kind == "measure" and "pound" in a.surface:
        weighed = Quantity(a.low, a.high, "measure", "lb")
        return _measures(weighed, b)
    return None


def _same(a: Quantity, b: Quantity) -> bool:
    if a.low == b.low and a.high == b.high:
        return True
    vague = (a.exact == "about" and a.low < a.high) or (b.exact == "about" and b.low < b.high)
    return vague and a.low <= b.high and b.low <= a.high


def _multiples(a: Quantity, b: Quantity) -> bool:
    """增长3倍 is said of the increase; quadrupled of the result."""
    if _same(a, b):
        return True
    if a.noun == b.noun:
        return False
    more, plain = (a, b) if a.noun == "increase" else (b, a)
    return more.low + 1 == plain.low and more.high + 1 == plain.high


def _dates(a: Quantity, b: Quantity) -> tuple[bool, bool]:
    if (a.unit or b.unit) and a.unit != b.unit:
        return False, False
    if a.unit == "century":
        return a.low == b.low, True
    shared = False
    if a.year is not None and b.year is not None:
        if not ({a.year, int(a.high // 10000) or a.year} & {b.year, int(b.high // 10000) or b.year}):
            return False, True
        shared = True
    for x, y in ((a.month, b.month), (a.day, b.day)):
        if x is not None and y is not None:
            if x != y:
                return False, True
            shared = True
    return shared, shared


def _times(a: Quantity, b: Quantity) -> bool:
    if a.unit == "12h" or b.unit == "12h":
        return a.low % 720 == b.low % 720
    return a.low == b.low


def _measures(a: Quantity, b: Quantity) -> tuple[bool, bool]:
    if a.unit == b.unit:
        return _same(a, b), True
    table = MEASURES if a.kind == "measure" else DURATIONS
    (family, factor), (other, by) = table.get(a.unit, (a.unit, Fraction(1))), table.get(b.unit, (b.unit, Fraction(1)))
    if {a.unit, b.unit} == {"degree", "C"} and not _same(a, b):
        c, f = (a, b) if a.unit == "C" else (b, a)  # "90 degrees" may be Fahrenheit
        if abs(Fraction(c.low) * 9 / 5 + 32 - Fraction(f.low)) <= 1:
            return True, True
    if family == other:
        exact_only = a.kind == "duration"
        same = all(
            _near(Fraction(x) * factor, Fraction(y) * by, exact_only) for x, y in ((a.low, b.low), (a.high, b.high))
        )
        # another unit of the same family with the same number is a wrong unit, not a wrong value
        return (same, True) if same or not _same(a, b) else (True, False)
    if "degree" in (a.unit, b.unit) and "F" in (a.unit, b.unit):
        return _same(a, b), True
    if a.kind == "measure" and {family, other} == {"temperature", "temperature-f"}:
        c, f = (a, b) if family == "temperature" else (b, a)
        same = abs(Fraction(c.low) * 9 / 5 + 32 - Fraction(f.low)) <= 1
        return (same, True) if same or not _same(a, b) else (True, False)
    return _same(a, b), False


def _near(x: Fraction, y: Fraction, exact_only: bool) -> bool:
    if x == y:
        return True
    return not exact_only and abs(x - y) <= _ROUNDING * max(abs(x), abs(y))


def align(source: Sequence[Quantity], output: Sequence[Quantity], elsewhere: Sequence[Quantity] = ()) -> list[Pair]:
    """Every quantity of two texts, paired one to one, best first.

    :param source: quantities of the source text (or of the reference side).
    :param output: quantities of the output.
    :param elsewhere: quantities of the rest of the source article: one that stands there is not added.
    :returns: a pair for every checkable quantity of either side, in the order of the output with what is missing at its
        place in the source; an unchecked quantity appears only in a pair with a checked one.
    """
    left = dict(enumerate(source))
    right = dict(enumerate(output))
    pairs: list[tuple[int | None, int | None, str]] = []

    def take(i: int, j: int, name: str) -> None:
        pairs.append((i, j, name))
        del left[i], right[j]

    for name in ("matched", "wrong-qualifier"):
        scored = sorted(
            (_cost(a, b, i, j), i, j) for i, a in left.items() for j, b in right.items() if verdict(a, b) == name
        )
        for _, i, j in scored:
            if i in left and j in right:
                take(i, j, name)
    _ranges(left, right, pairs)
    checked = {i for i, q in left.items() if q.checkable}, {j for j, q in right.items() if q.checkable}
    matched_left = [source[i] for i, _, name in pairs if i is not None and name == "matched"]
    matched_right = [output[j] for _, j, name in pairs if j is not None and name == "matched"]
    for i in [i for i in left if _bare(source[i])]:
        j = next((j for j, o in right.items() if o.unit and _same(source[i], o) and not turned(source[i], o)), None)
        if j is not None:
            take(i, j, "matched")
    for name in ("wrong-unit", "wrong-value"):
        scored = sorted(
            (_cost(source[i], output[j], i, j), i, j)
            for i in checked[0]
            for j in checked[1]
            if verdict(source[i], output[j]) == name
        )
        for _, i, j in scored:
            if i in left and j in right:
                take(i, j, name)
    result: list[tuple[tuple[int, int], Pair]] = []
    for mine, theirs, name in pairs:
        a = None if mine is None else source[mine]
        b = None if theirs is None else output[theirs]
        if not ((a and a.checkable) or (b and b.checkable)):
            continue
        severity = "ok"
        if name == "matched" and a and b and dropped(a, b):
            name, severity = "wrong-qualifier", "warning"
        elif name != "matched":
            severity = "error"
        result.append((_place(a, b), Pair(name, severity, a, b)))
    for q in left.values():
        if not q.checkable:
            continue
        twin = next((o for o in matched_right if matches(q, o)), None)
        if twin is not None:
            result.append((_place(q, twin), Pair("matched", "ok", q, twin)))
        else:
            result.append((_place(q, None), Pair("missing", "warning" if loose(q) else "error", q, None)))
    for q in right.values():
        if not q.checkable:
            continue
        twin = next((o for o in (*matched_left, *elsewhere) if matches(o, q)), None)
        if twin is not None:
            result.append((_place(None, q), Pair("matched", "ok", twin, q)))
        elif not _conversion(q, [o for o in output if o is not q]):
            result.append((_place(None, q), Pair("added", "warning" if loose(q) else "error", None, q)))
    return [pair for _, pair in sorted(result, key=lambda item: item[0])]


def _place(a: Quantity | None, b: Quantity | None) -> tuple[int, int]:
    return (b.span[0] if b else a.span[0] if a else 0, a.span[0] if a else 0)


def _cost(a: Quantity, b: Quantity, i: int, j: int) -> tuple[bool, bool, bool, bool, Decimal, int]:
    """Smaller is the better pair: both checked, same unit and noun, the same qualifier, near in value and in order."""
    return (
        a.checkable != b.checkable,
        a.kind != b.kind or a.unit != b.unit,
        not (a.noun and a.noun == b.noun),
        a.exact != b.exact,
        abs(a.low - b.low) if len(str(a.low)) < 30 and len(str(b.low)) < 30 else Decimal(0),
        abs(i - j),
    )


def _ranges(
    left: dict[int, Quantity], right: dict[int, Quantity], pairs: list[tuple[int | None, int | None, str]]
) -> None:
    """A range on one side may be two single quantities on the other."""
    for mine, other, swap in ((left, right, False), (right, left, True)):
        for i, q in list(mine.items()):
            if q.low == q.high or q.kind == "date":
                continue
            ends = []
            for value in (q.low, q.high):
                single = _single(q, value)
                hit = next(
                    (j for j, o in other.items() if j not in ends and o.low == o.high and matches(single, o)), None
                )
                if hit is None:
                    break
                ends.append(hit)
            if len(ends) == 2:
                for j in ends:
                    pairs.append((j, i, "matched") if swap else (i, j, "matched"))
                    del other[j]
                del mine[i]


def _bare(q: Quantity) -> bool:
    """A number without unit, classifier or noun: the other side may say what it counts."""
    return (
        q.kind == "count"
        and not q.noun
        and (q.surface[-1:] in tuple("0123456789万亿千百余多") or q.surface.lower().endswith(_SCALE_WORDS))
    )


def _single(q: Quantity, value: Decimal) -> Quantity:
    return Quantity(
        value, value, q.kind, q.unit, q.noun, q.exact, span=q.span, surface=q.surface, checkable=q.checkable
    )


def _conversion(q: Quantity, others: Sequence[Quantity]) -> bool:
    """Whether a sum of money or a measure only says again, in another currency, what stands right before it."""
    return q.kind == "money" and any(
        o.kind == "money" and o.unit != q.unit and 0 <= q.span[0] - o.span[1] <= 24 for o in others
    )
