"""The alignment of the quantities of two texts, and what is wrong with a pair."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

from evalkit.text.quantities import doubts
from evalkit.text.quantities.dates import Day, parse_day
from evalkit.text.quantities.equivalence import (
    dropped,
    leaves_unit_out,
    loose,
    matches,
    names_ends,
    opposite_qualifier,
    required,
    spelled_out,
    unspecified_dollar,
    verdict,
    years,
)
from evalkit.text.quantities.exchanges import NEIGHBORS, Order, change_places, interchangeable
from evalkit.text.quantities.figures import changed_figures
from evalkit.text.quantities.model import Quantity, plain
from evalkit.text.quantities.units import DOLLARS
from evalkit.text.scripts import HAN

VERDICTS = ("matched", "missing", "added", "wrong-value", "wrong-unit", "wrong-qualifier")

#: more pairs than this are not compared one by one.
_MOST_PAIRS = 250_000
#: the maximum distance of a conversion from its sum of money, in characters.
_CONVERSION_REACH = 24
_RATE_CHANGE = 1.6
_CHINESE = re.compile(f"[{HAN}]")


@dataclass(frozen=True, slots=True)
class Pair:
    """One line of the comparison of two texts.

    :param verdict: one of :data:`VERDICTS`.
    :param severity: ``ok``, ``warning`` or ``error``. A warning is a qualifier dropped, a small count in words that only
        one side has, or an unspecified dollar made specific.
    :param source: the source's quantity, None where one is added.
    :param output: the output's quantity, None where one is missing.
    """

    verdict: str
    severity: str
    source: Quantity | None
    output: Quantity | None


def align(
    source: Sequence[Quantity],
    output: Sequence[Quantity],
    elsewhere: Sequence[Quantity] = (),
    *,
    whole: bool = True,
    date: str | None = None,
    texts: tuple[str, str] | None = None,
) -> list[Pair]:
    """Every quantity of two texts, paired one to one, best first.

    A quantity that is left over matches one that is already matched (a date said twice), and in the output one of the
    rest of the article. Where the two texts have more than 250,000 pairs, only equal normal forms are paired.

    :param source: quantities of the source text (or of the reference side).
    :param output: quantities of the output.
    :param elsewhere: quantities of the rest of the source article: a quantity that occurs there is not an added one.
    :param whole: whether the output renders the whole source. A summary does not: there a quantity without match is
        paired with another value only where it looks like a slip of it (a digit, a power of ten, the same noun).
    :param date: the day the source was written, ISO, whole or in part. With it a year that the output adds to a day of
        the source must be a year that the source names, or the one it was written in.
    :param texts: source and output, where a side may have no quantity; an error is only reported where no other reading
        of them fits (:mod:`evalkit.text.quantities.doubts`).
    :returns: a pair for every checkable quantity of either side, in the order of the output, what is missing first; an
        unchecked quantity appears only in a pair with a checked one.
    """
    if len(source) * (len(output) + len(elsewhere)) > _MOST_PAIRS or len(output) * len(elsewhere) > _MOST_PAIRS:
        return _by_normal_form(source, output, elsewhere)
    pairs = _Alignment(source, output).pairs(elsewhere, _both_checkable if whole else _slip)
    if (day := parse_day(date)) is not None:
        named = {year for q in (*source, *elsewhere) if q.kind == "date" for year in years(q)}
        pairs = [replace(p, verdict="wrong-value", severity="error") if _invented(p, named, day) else p for p in pairs]
    texts = texts or (source[0].text if source else "", output[0].text if output else "")
    if any(p.severity == "error" for p in pairs):
        pairs = _weighed(pairs, texts, whole=whole)
    return _with_changed_figures(pairs, texts) if whole else pairs


def _with_changed_figures(pairs: list[Pair], texts: tuple[str, str]) -> list[Pair]:
    """The same pairs, with an error for each figure that has changed in place of the warnings about it."""
    settled = [(p.source, p.output) for p in pairs if p.severity != "warning" and p.source and p.output]
    paired = [[pair[side].span for pair in settled if pair[side].text == texts[side]] for side in (0, 1)]
    changed = changed_figures(texts, paired)
    if not changed:
        return pairs
    places = [[pair[side].span for pair in changed] for side in (0, 1)]

    def remains(pair: Pair) -> bool:
        sides = ((pair.source, places[0]), (pair.output, places[1]))
        return pair.severity != "warning" or not any(
            q is not None and q.span[0] < end and start < q.span[1] for q, spans in sides for start, end in spans
        )

    pairs = [pair for pair in pairs if remains(pair)]
    return sorted([*pairs, *(Pair("wrong-value", "error", a, b) for a, b in changed)], key=_place)


def _weighed(pairs: list[Pair], texts: tuple[str, str], *, whole: bool) -> list[Pair]:
    """The same pairs with a warning where the evidence for an error is weak."""
    errors = [pair for pair in pairs if pair.severity == "error"]
    around = _surroundings(pairs, texts, whole)

    def is_weak(pair: Pair) -> bool:
        return not _is_exchanged(pair, errors) and doubts.is_doubtful(pair.source, pair.output, around)

    return [replace(pair, severity="warning") if pair.severity == "error" and is_weak(pair) else pair for pair in pairs]


def _surroundings(pairs: Sequence[Pair], texts: tuple[str, str], whole: bool) -> doubts.Texts:
    """What the two texts say beside the paired quantities."""
    said = [p.source for p in pairs if p.source is not None and p.source.text == texts[0]]
    alone = [[p.source for p in pairs if p.output is None], [p.output for p in pairs if p.source is None]]
    return doubts.Texts(
        texts,
        rest=_unpaired(pairs, texts),
        unread=_without(texts[0], [q.span for q in said]),
        stated={end for q in said for end in (q.low, q.high)},
        alone=[{_unit(q) for q in side if q is not None} for side in alone],
        aligned=whole,
    )


def _unpaired(pairs: Sequence[Pair], texts: tuple[str, str]) -> list[str]:
    """Both texts without their paired quantities."""
    both = [(p.source, p.output) for p in pairs if p.source is not None and p.output is not None]
    # One end of a range explains no range.
    alike = [pair for pair in both if _is_range(pair[0]) == _is_range(pair[1])]
    return [
        _without(text, [pair[side].span for pair in alike if pair[side].text == text])
        for side, text in enumerate(texts)
    ]


def _is_exchanged(pair: Pair, errors: Sequence[Pair]) -> bool:
    """Whether another pair has the true counterparts: two numbers that changed places, or the order of a score."""
    a, b = pair.source, pair.output
    if a is None or b is None:
        return False
    return (a.noun == "score" and (b.noun == "score" or _is_range(b))) or any(
        c is not None and d is not None and (a.low, a.high, c.low, c.high) == (d.low, d.high, b.low, b.high)
        for c, d in ((other.source, other.output) for other in errors if other is not pair)
    )


def _is_range(q: Quantity) -> bool:
    return q.low != q.high


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with a bar in place of each span."""
    parts, end = [], 0
    for start, stop in sorted(spans):
        parts.append(text[end:start])
        end = max(end, stop)
    return "|".join([*parts, text[end:]])


class _Alignment:
    """The quantities not yet paired, by position, and the pairs so far."""

    def __init__(self, source: Sequence[Quantity], output: Sequence[Quantity]) -> None:
        self.left = dict(enumerate(source))
        self.right = dict(enumerate(output))
        self.source = source
        self.output = output
        self.taken: list[tuple[str, Quantity, Quantity]] = []
        self._verdicts: dict[tuple[int, int], str] = {}

    def pairs(self, elsewhere: Sequence[Quantity], fit: Callable[[Quantity, Quantity], bool]) -> list[Pair]:
        self._best("matched")
        self._best("wrong-qualifier")
        self._units_added()
        if fit is _both_checkable:
            self._best("wrong-value", lambda a, b: a.kind == b.kind == "count" and (a.low, a.high) == (b.low, b.high))
        if fit is _both_checkable:
            self._exchanged()
        self._ranges()
        matched = [(a, b) for name, a, b in self.taken if name == "matched"]
        self._best("wrong-unit", _both_checkable if fit is _both_checkable else _both_exact)
        if fit is _both_checkable:
            self._exchanged_units()
        self._best("wrong-value", fit)
        pairs = [
            self._judged(name, a, b)
            for name, a, b in self.taken
            if a.checkable or b.checkable or (name == "wrong-qualifier" and a.kind != "percent")
        ]
        pairs += self._alone("missing", self.left, [b for _, b in matched])
        pairs += self._alone("added", self.right, [*(a for a, _ in matched), *elsewhere])
        return sorted(pairs, key=_place)

    def _alone(self, name: str, side: Mapping[int, Quantity], twins: Sequence[Quantity]) -> Iterator[Pair]:
        """What one side alone has, unless it only says again what is matched, or a sum in another currency."""
        missing = name == "missing"
        own = self.source if missing else self.output
        for q in side.values():
            if not q.checkable:
                continue
            twin = next((o for o in twins if (matches(q, o) if missing else matches(o, q))), None)
            if twin is not None:
                yield Pair("matched", "ok", *((q, twin) if missing else (twin, q)))
            elif not self._conversion(q, own):
                yield Pair(name, _severity(name, q), *((q, None) if missing else (None, q)))

    def _verdict(self, i: int, j: int) -> str:
        if (i, j) not in self._verdicts:
            self._verdicts[i, j] = verdict(self.left[i], self.right[j])
        return self._verdicts[i, j]

    def _best(self, name: str, fit: Callable[[Quantity, Quantity], bool] | None = None) -> None:
        """Take pairs of one verdict, the closest first."""
        left, right = self.left, self.right
        pairs = [(i, j) for i in left for j in right if self._verdict(i, j) == name]
        scored = sorted(
            (*_cost(left[i], right[j], i, j), i, j) for i, j in pairs if fit is None or fit(left[i], right[j])
        )
        for *_, i, j in scored:
            if i in left and j in right:
                self.taken.append((name, left.pop(i), right.pop(j)))

    def _exchanged(self) -> None:
        """Two numbers that have changed places, though the output has both.

        The nouns counted and the order decide: good translations keep the order of quantities of one unit (91 of 91 such
        pairs in the references of WMT21 and WMT22), and move a count only together with its noun.
        """
        self._pair_equals_in_order()
        places = [i for i, (_, a, b) in enumerate(self.taken) if a.text and b.text and a.checkable and b.checkable]
        places.sort(key=lambda i: self.taken[i][1].span)
        order = Order([self.taken[i][1:] for i in places], (self.source, self.output))
        moved: set[int] = set()
        for at, i in enumerate(places):
            for other, j in enumerate(places[at + 1 : at + 1 + NEIGHBORS], at + 1):
                if i in moved or j in moved:
                    continue
                (_, a, x), (_, b, y) = self.taken[i], self.taken[j]
                if not interchangeable(a, b, x, y) or not change_places(a, b, x, y, order, at, other):
                    continue
                # where the output says one of them again, that may be the true counterpart
                if not any(matches(o, q) for o in (a, b) for q in self.right.values() if q.unit == o.unit):
                    self.taken[i], self.taken[j] = ("wrong-value", a, y), ("wrong-value", b, x)
                    moved |= {i, j}

    def _pair_equals_in_order(self) -> None:
        """Pair what is said several times in the order of the texts."""
        equals: dict[tuple[str, ...], list[int]] = {}
        for i, (name, a, x) in enumerate(self.taken):
            equals.setdefault((name, str(a), str(x)), []).append(i)
        for places in equals.values():
            if len(places) > 1:
                sources = sorted((self.taken[i][1] for i in places), key=_span)
                outputs = sorted((self.taken[i][2] for i in places), key=_span)
                for i, a, x in zip(places, sources, outputs, strict=True):
                    self.taken[i] = (self.taken[i][0], a, x)

    def _exchanged_units(self) -> None:
        """The same where the units differ: four days and three children for three days and four children.

        A bare number may have changed places with one that has a unit, but of sums either may leave out the currency.
        """
        odd = [i for i, (_, a, x) in enumerate(self.taken) if _unit(a) != _unit(x)]
        for i, j in combinations(odd, 2):
            (_, a, x), (_, b, y) = self.taken[i], self.taken[j]
            if (
                a.low != b.low
                and (_unit(a), _unit(b)) == (_unit(y), _unit(x))
                and not (x.kind == "money" and leaves_unit_out(a))
            ):
                self.taken[i], self.taken[j] = ("wrong-value", a, y), ("wrong-value", b, x)

    def _ranges(self) -> None:
        """A range on one side may be two single quantities on the other."""
        for mine, other, swapped in ((self.left, self.right, False), (self.right, self.left, True)):
            for i, q in list(mine.items()):
                if q.low == q.high or q.kind == "date" or (q.exact == "about" and not names_ends(q)):
                    continue
                ends = _ends_of(q, other, swapped)
                if ends is None:
                    continue
                del mine[i]
                for o in map(other.pop, ends):
                    self.taken.append(("matched", o, q) if swapped else ("matched", q, o))

    def _units_added(self) -> None:
        stated = {q.unit for q in self.source if q.kind == "money"}
        for i, q in list(self.left.items()):
            allowed = stated or ({"CNY"} if _CHINESE.search(q.text) else set())
            j = next(
                (
                    j
                    for j, o in self.right.items()
                    if spelled_out(q, o) and (o.kind != "money" or not allowed or o.unit in allowed)
                ),
                None,
            )
            if j is not None:
                self.taken.append(("matched", self.left.pop(i), self.right.pop(j)))

    @staticmethod
    def _conversion(q: Quantity, text: Sequence[Quantity]) -> bool:
        """Whether a sum of money only repeats, in another currency, the sum right before it."""
        if q.kind != "money":
            return False
        start = q.span[0]
        for i in range(bisect_right(text, start, key=lambda o: o.span[1]) - 1, -1, -1):
            o = text[i]
            if start - o.span[1] > _CONVERSION_REACH:
                break
            if o.kind == "money" and o.unit != q.unit and _plausible(o, q):
                return True
        return False

    @staticmethod
    def _judged(name: str, a: Quantity, b: Quantity) -> Pair:
        if name == "matched":
            minded = dropped(a, b) and a.checkable and b.checkable
            return Pair("wrong-qualifier", "warning", a, b) if minded else Pair(name, "ok", a, b)
        if name == "wrong-unit" and unspecified_dollar(a, b):
            return Pair("wrong-qualifier", "error", a, b) if opposite_qualifier(a, b) else Pair(name, "warning", a, b)
        return Pair(name, "error", a, b)


def _ends_of(q: Quantity, other: Mapping[int, Quantity], swapped: bool) -> tuple[int, int] | None:
    """Which two quantities of the other text are the ends of a range; in order, with at most one between them."""
    lows, highs = (
        [j for j, o in other.items() if _is_end(replace(q, low=v, high=v), o, swapped)] for v in (q.low, q.high)
    )
    return next(((i, j) for i in lows for j in highs if i != j and (0 < j - i < 3 or q.noun == "score")), None)


def _is_end(end: Quantity, o: Quantity, swapped: bool) -> bool:
    return (o.low == o.high or o.exact == "about") and (matches(end, o) or (swapped and spelled_out(o, end)))


def _invented(pair: Pair, named: set[int | None], day: Day) -> bool:
    """Whether the output adds a year to a date, and none that the source can mean."""
    a, b = pair.source, pair.output
    if pair.severity == "error" or a is None or b is None or a.kind != "date" or b.kind != "date":
        return False
    if a.year is not None or b.year is None or a.month is None or b.year in named:
        return False
    near = {day.year}
    if day.month is None or a.month > day.month:
        near.add(day.year - 1)
    if day.month is None or a.month < day.month:
        near.add(day.year + 1)
    return b.year not in near


def _by_normal_form(
    source: Sequence[Quantity], output: Sequence[Quantity], elsewhere: Sequence[Quantity]
) -> list[Pair]:
    """The alignment that :func:`align` uses if comparing all pairs would take too long."""
    pairs = []
    for name, own, others in (("missing", source, output), ("added", output, (*elsewhere, *source))):
        twins = {str(q): q for q in others}
        for q in own:
            twin = twins.get(str(q))
            if q.checkable:
                both = (q, twin) if name == "missing" else (twin, q)
                pairs.append(Pair(name, _severity(name, q), *both) if twin is None else Pair("matched", "ok", *both))
    return sorted(pairs, key=_place)


def _both_checkable(a: Quantity, b: Quantity) -> bool:
    return a.checkable and b.checkable


def _both_exact(a: Quantity, b: Quantity) -> bool:
    return _both_checkable(a, b) and not loose(a) and not loose(b)


def _slip(a: Quantity, b: Quantity) -> bool:
    """Whether one value looks like the other gone wrong: a digit, two digits exchanged, a power of ten, the noun."""
    if not (a.checkable and b.checkable):
        return False
    if a.kind == "date":
        return (a.year, a.month) == (b.year, b.month) or (a.month, a.day) == (b.month, b.day) != (None, None)
    if a.noun and a.noun == b.noun:
        return True
    x, y = (plain(q.low).replace(".", "").strip("0") for q in (a, b))
    if x == y or sorted(x) == sorted(y):
        return True
    return len(x) == len(y) > 1 and sum(c != d for c, d in zip(x, y, strict=True)) == 1


def _severity(name: str, q: Quantity) -> str:
    """The severity of a quantity that only one text has."""
    return "warning" if (loose(q) if name == "added" else not required(q)) else "error"


def _plausible(a: Quantity, b: Quantity) -> bool:
    """Whether one sum may be the other in another currency, at a rate of these years or of some time ago."""
    x, y = float(a.low) * DOLLARS.get(a.unit, 0), float(b.low) * DOLLARS.get(b.unit, 0)
    return not x or not y or 1 / _RATE_CHANGE <= x / y <= _RATE_CHANGE


def _unit(q: Quantity) -> tuple[str, str]:
    return q.kind, q.unit


def _span(q: Quantity) -> tuple[int, int]:
    return q.span


def _place(pair: Pair) -> tuple[int, int]:
    at = pair.output or pair.source
    return (at.span[0] if at else 0, pair.source.span[0] if pair.source else 0)


def _cost(a: Quantity, b: Quantity, i: int, j: int) -> tuple[bool, bool, bool, bool, Fraction, int]:
    """Smaller is the better pair: both checked, same unit and noun, the same qualifier, near in value and in order."""
    return (
        a.checkable != b.checkable,
        a.kind != b.kind or a.unit != b.unit,
        not (a.noun and a.noun == b.noun),
        a.exact != b.exact,
        abs(Fraction(a.low) - Fraction(b.low)),
        abs(i - j),
    )
