"""The alignment of the quantities of two texts, and what is wrong with a pair."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

from evalkit.text.quantities import doubts
from evalkit.text.quantities.dates import Day, parse_day
from evalkit.text.quantities.figures import changed_figures
from evalkit.text.quantities.model import Quantity, plain
from evalkit.text.quantities.nouns import counted, kin
from evalkit.text.quantities.units import DOLLARS, DURATIONS, MEASURES
from evalkit.text.scripts import HAN

__all__ = ["VERDICTS", "Pair", "align", "dropped", "loose", "matches", "opposite_qualifier", "required", "verdict"]

VERDICTS = ("matched", "missing", "added", "wrong-value", "wrong-unit", "wrong-qualifier")

_UP = ("more than", "at least")
_DOWN = ("less than", "at most", "nearly")
#: a conversion is written rounded: how far it may be off.
_ROUNDING = Fraction(3, 100)
_FAHRENHEIT_ROUNDING = 1
#: the unit of a number whose surface ends so may be left to the reader.
_SCALE_ENDS = (
    *"0123456789万亿千百十余多",
    *("hundred", "thousand", "million", "billion", "trillion"),
    *("hundreds", "thousands", "millions", "billions", "trillions"),
    *("以上", "以下", "左右", "上下"),
)
_DOLLARS = frozenset(("USD", "HKD", "AUD", "CAD", "NZD", "SGD", "TWD"))
_DOLLAR = re.compile(r"(?i)\$|dollar")
_SPECIFIC_DOLLAR = re.compile(r"us|u\.s|hk|a\$|au|c\$|ca|nz|s\$|nt|sg|[美港澳加新台]")
#: more pairs than this are not compared one by one.
_MOST_PAIRS = 250_000
#: the maximum distance of a conversion from its sum of money, in characters.
_CONVERSION_REACH = 24
_RATE_CHANGE = 1.6
_CHINESE = re.compile(f"[{HAN}]")
_FIGURES = re.compile("[0-9][0-9.,]*")
#: a word after a number in English, unless it is one that ends a noun phrase
_NOUN_FOLLOWS = re.compile(
    r"[ -](?!(?:in|and|the|to|for|from|with|at|on|by|was|is|are|or|than|these|those|this|that|right|now|of|as|it)\b)[a-z]"
)
_LOST = re.compile(r"\b(?:los[et]|loss|losing|defeat|beaten|fell|down|behind|trail)|[负输败落]|不敌")
_SMALL, _FIFTY = Decimal(10), Decimal(50)
#: a preposition joins two quantities, whose order Chinese reverses; no other clause begins between them
_LINK = re.compile(
    r"(?i)(?!.*\b(?:and|with|that|which|who|while|can|will|has|have|had)\b)[^,;.:!?]*"
    r"(?:\b(?:of|in|on|among|for|from|per|by|at|out|to|than|after|against|behind)\b|, (?:up|down|compared|versus)\b)[^,;.:!?]*"
)
_FROM = re.compile(r"(?i)\b(?:from|between)\b[^,;.:!?]{0,20}$")
#: how many quantities further on another may have changed places with one
_NEIGHBORS = 4


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


# -- two quantities ---------------------------------------------------------------------------------------------------


def matches(a: Quantity, b: Quantity) -> bool:
    """Whether one quantity can be a rendering of the other: value, kind and unit agree, nouns do where both are known, and no
    qualifier is turned ("nearly" for "more than").
    """
    return verdict(a, b) == "matched"


def verdict(a: Quantity, b: Quantity) -> str:
    """``matched``, ``wrong-value``, ``wrong-unit``, ``wrong-qualifier``, or ``unrelated`` (another kind of thing)."""
    same_value, same_unit = _compare(a, b)
    if same_value and same_unit:
        if "score" in (a.noun, b.noun) and _other_way(a, b):
            return "wrong-value"
        if not kin(_counted(a), _counted(b)):
            return "wrong-value"
        return "wrong-qualifier" if opposite_qualifier(a, b) else "matched"
    if same_value:
        return "wrong-unit"
    return "wrong-value" if same_unit else "unrelated"


def _other_way(a: Quantity, b: Quantity) -> bool:
    """Whether 3比1 has become 1-3, and nobody has lost."""
    first, second = (re.findall("[0-9]+", q.surface) for q in (a, b))
    around = (q.text[max(0, q.span[0] - 40) : q.span[1] + 20].lower() for q in (a, b))
    return first[:2] == second[1::-1] != second[:2] and not any(map(_LOST.search, around))


def opposite_qualifier(a: Quantity, b: Quantity) -> bool:
    """Whether the two qualifiers point in opposite directions."""
    return (a.exact in _UP and b.exact in _DOWN) or (a.exact in _DOWN and b.exact in _UP)


def dropped(a: Quantity, b: Quantity) -> bool:
    """Whether one side qualifies what the other states exactly."""
    return (a.exact == "exact") != (b.exact == "exact") and a.low == a.high and b.low == b.high


def loose(q: Quantity) -> bool:
    """Whether a good translation may leave it out or add it: a small count in words ("the two men", 三方), or half of
    something.
    """
    if q.low != q.high or q.exact != "exact" or any("0" <= c <= "9" for c in q.surface):
        return False
    return q.low == _FIFTY if q.kind == "percent" else q.kind == "count" and q.low <= _SMALL


def required(q: Quantity) -> bool:
    """Whether an output that lacks it has an error: not of a bare number, which may as well be a name or a code."""
    return q.checkable and not loose(q) and not _counts_nothing(q)


def _counts_nothing(q: Quantity) -> bool:
    """Whether digits are followed by no classifier, noun or scale."""
    if q.kind != "count" or q.noun or not all("0" <= c <= "9" for c in q.surface):
        return False
    return _NOUN_FOLLOWS.match(q.text, q.span[1]) is None


def _counted(q: Quantity) -> str:
    return q.noun if q.kind == "count" and q.noun != "score" else ""


def _compare(a: Quantity, b: Quantity) -> tuple[bool, bool]:
    """Whether the values agree, and whether kind and unit do."""
    if a.kind != b.kind:
        return _across(a, b) or _across(b, a) or (_same(a, b) and "date" not in (a.kind, b.kind), False)
    if a.kind == "date":
        return _dates(a, b)
    if a.kind == "time":
        return _times(a, b), True
    if a.kind in ("measure", "duration"):
        return _measures(a, b)
    if a.kind == "multiple":
        return _multiples(a, b), True
    if a.kind == "percent" and a.noun != b.noun:  # 八折 is 80% of the price and 20% off
        off = Fraction(a.low) == 100 - Fraction(b.high) and Fraction(a.high) == 100 - Fraction(b.low)
        return _same(a, b) or off, True
    if a.kind == "money" and a.noun and b.noun and a.noun != b.noun:  # 3元/箱 is not 3 yuan a kilogram
        return _same(a, b), False
    return _same(a, b), a.unit == b.unit


def _across(a: Quantity, b: Quantity) -> tuple[bool, bool] | None:
    """Pairs of kinds that say the same thing in two languages."""
    if a.kind == "date":
        return _date_across(a, b)
    if b.kind == "count":
        return _count_across(a, b)
    if a.kind == "ordinal" and b.kind == "duration" and b.noun == "anniversary":
        return _same(a, b), True
    if a.kind == "time" and b.unit == "hour" and a.surface.startswith(("24", "0", "零")):  # 0—24时 is 24 hours
        return (b.low == 24, True) if a.low == 0 else None
    if a.kind == "money" and a.unit == "GBP" and b.kind == "measure" and "pound" in a.surface.lower():
        return _measures(replace(a, kind="measure", unit="lb"), b)
    return None


def _count_across(a: Quantity, b: Quantity) -> tuple[bool, bool] | None:
    if a.kind == "multiple":
        return _same(a, b), b.noun in ("", "time", "person-time")
    if a.kind == "duration":  # aged 5, 5岁; 4 hours, 4学时
        lessons = a.unit == "hour" and b.surface.endswith(("学时", "课时"))
        return (_same(a, b), True) if lessons or (a.noun == "age" and not b.noun) else None
    return (_same(a, b), True) if a.kind == "ordinal" else None


def _date_across(a: Quantity, b: Quantity) -> tuple[bool, bool] | None:
    if a.unit == "century":
        return (a.low == b.low, True) if b.kind == "ordinal" else None
    if a.unit:
        return None
    if b.kind == "duration":  # 3日 is the third and three days
        return (b.low == b.high == a.day, True) if (a.year, a.month, b.unit) == (None, None, "day") else None
    if b.kind in ("ordinal", "count"):
        if b.kind == "ordinal" and a.day is not None and a.year is None:  # 11日, whose month the text has said before
            return b.low == a.day, True
        parts = [p for p in (a.year, a.month, a.day) if p is not None]
        if len(parts) == 1 and not b.noun:
            return b.low == parts[0], True
    return None


def _same(a: Quantity, b: Quantity) -> bool:
    if a.low == b.low and a.high == b.high:
        return True
    if _alone_scale(a, b) or _alone_scale(b, a):
        return True
    return _is_vague(a, b) and a.low <= b.high and b.low <= a.high


def _is_vague(a: Quantity, b: Quantity) -> bool:
    """Whether one of two quantities is a range that does not name its ends, such as dozens and 十几."""
    return any(q.exact == "about" and q.low < q.high and not names_ends(q) for q in (a, b))


def names_ends(q: Quantity) -> bool:
    """Whether it is a range with both ends in figures."""
    return q.low < q.high and q.text != "" and len(_FIGURES.findall(q.surface)) > 1


def _alone_scale(a: Quantity, b: Quantity) -> bool:
    """百万 and 千人 without a number before them are as well millions and thousands, and 十几 is more than a dozen."""
    if b.surface.lower().endswith("dozen"):
        return a.low == 10 and b.low == 12
    return a.surface[:1] in tuple("百千万亿") and a.low == a.high and b.exact == "about" and b.low == 2 * a.low


def _multiples(a: Quantity, b: Quantity) -> bool:
    """增长3倍 is said of the increase; quadrupled of the result."""
    if _same(a, b):
        return True
    if a.noun == b.noun:
        return False
    more, plain = (a, b) if a.noun == "increase" else (b, a)
    return Fraction(more.low) + 1 == Fraction(plain.low) and Fraction(more.high) + 1 == Fraction(plain.high)


def _years(q: Quantity) -> set[int | None]:
    return {q.year, int(q.high) // 10000 or q.year}


def _dates(a: Quantity, b: Quantity) -> tuple[bool, bool]:
    """Parts that both name must agree, and one must be named by both."""
    if {a.unit, b.unit} == {"century", "decade"}:  # the 19th century, the 1800s
        century, decade = (a, b) if a.unit == "century" else (b, a)
        return decade.year == (int(century.low) - 1) * 100, True
    if a.unit != b.unit:
        return False, False
    if a.unit in ("century", "BC"):
        return a.low == b.low, True
    shared = False
    if a.year is not None and b.year is not None:
        if not _years(a) & _years(b):
            return False, True
        shared = True
    for x, y in ((a.month, b.month), (a.day, b.day)):
        if x is not None and y is not None:
            if x != y:
                return False, True
            shared = True
    return shared, shared


def _times(a: Quantity, b: Quantity) -> bool:
    x, y = int(a.low), int(b.low)
    return x % 720 == y % 720 if "12h" in (a.unit, b.unit) else x == y


def _measures(a: Quantity, b: Quantity) -> tuple[bool, bool]:
    """Measures and durations: units of one dimension are converted."""
    if a.unit == b.unit:
        return _same(a, b), True
    units = {a.unit, b.unit}
    if a.kind == "measure" and units <= {"degree", "C", "F"}:
        # "degrees" alone may be of either scale
        same = (_same(a, b) and units != {"C", "F"}) or _fahrenheit(a, b) or _fahrenheit(b, a)
        return same, True
    table = MEASURES if a.kind == "measure" else DURATIONS
    family, factor = table.get(a.unit, (a.unit, Fraction(1)))
    other, by = table.get(b.unit, (b.unit, Fraction(1)))
    if family != other:
        return _same(a, b), False
    rounded = a.kind == "measure"
    same = all(_near(Fraction(x) * factor, Fraction(y) * by, rounded) for x, y in ((a.low, b.low), (a.high, b.high)))
    if same:
        return True, True
    # the same number with another unit of the family is a wrong unit, not a wrong value
    return (True, False) if _same(a, b) else (False, True)


def _fahrenheit(c: Quantity, f: Quantity) -> bool:
    if c.unit == "F" or f.unit == "C":
        return False
    return abs(Fraction(c.low) * 9 / 5 + 32 - Fraction(f.low)) <= _FAHRENHEIT_ROUNDING


def _near(x: Fraction, y: Fraction, rounded: bool) -> bool:
    return x == y or (rounded and abs(x - y) <= _ROUNDING * max(abs(x), abs(y)))


# -- two texts --------------------------------------------------------------------------------------------------------


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
        named = {year for q in (*source, *elsewhere) if q.kind == "date" for year in _years(q)}
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
    both = [(p.source, p.output) for p in pairs if p.source is not None and p.output is not None]
    alike = [pair for pair in both if _is_range(pair[0]) == _is_range(pair[1])]  # one end of a range explains no range
    spans = [[pair[side].span for pair in alike if pair[side].text == text] for side, text in enumerate(texts)]
    rest = (_without(texts[0], spans[0]), _without(texts[1], spans[1]))

    def is_weak(pair: Pair) -> bool:
        return not _is_exchanged(pair, errors) and doubts.is_doubtful(
            pair.source, pair.output, texts, rest, aligned=whole
        )

    return [replace(pair, severity="warning") if pair.severity == "error" and is_weak(pair) else pair for pair in pairs]


def _is_exchanged(pair: Pair, errors: Sequence[Pair]) -> bool:
    """Whether another pair has the true counterparts: two numbers that changed places, or the order of a score."""
    a, b = pair.source, pair.output
    if a is None or b is None:
        return False
    return a.noun == "score" or any(
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
        places = [i for i, (_, a, b) in enumerate(self.taken) if a.text and b.text and a.checkable and b.checkable]
        places.sort(key=lambda i: self.taken[i][1].span)
        order = _Order([self.taken[i][1:] for i in places])
        moved: set[int] = set()
        for at, i in enumerate(places):
            for other, j in enumerate(places[at + 1 : at + 1 + _NEIGHBORS], at + 1):
                if i in moved or j in moved:
                    continue
                (_, a, x), (_, b, y) = self.taken[i], self.taken[j]
                if not _interchangeable(a, b, x, y) or not _change_places(a, b, x, y, order, at, other):
                    continue
                # where the output says one of them again, that may be the true counterpart
                if not any(matches(o, q) for o in (a, b) for q in self.right.values() if q.unit == o.unit):
                    self.taken[i], self.taken[j] = ("wrong-value", a, y), ("wrong-value", b, x)
                    moved |= {i, j}

    def _exchanged_units(self) -> None:
        """The same where the units differ: four days and three children for three days and four children."""
        # The currency may be left out on either side.
        odd = [
            i
            for i, (_, a, x) in enumerate(self.taken)
            if (a.kind, a.unit) != (x.kind, x.unit) and "money" not in (a.kind, x.kind)
        ]
        for i, j in combinations(odd, 2):
            (_, a, x), (_, b, y) = self.taken[i], self.taken[j]
            if a.low != b.low and (a.kind, a.unit, b.kind, b.unit) == (y.kind, y.unit, x.kind, x.unit):
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
                    if _spelled_out(q, o) and (o.kind != "money" or not allowed or o.unit in allowed)
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
        if name == "wrong-unit" and _unspecified_dollar(a, b):
            return Pair("wrong-qualifier", "error", a, b) if opposite_qualifier(a, b) else Pair(name, "warning", a, b)
        return Pair(name, "error", a, b)


def _ends_of(q: Quantity, other: Mapping[int, Quantity], swapped: bool) -> tuple[int, int] | None:
    """Which two quantities of the other text are the ends of a range; in order, with at most one between them."""
    lows, highs = (
        [j for j, o in other.items() if _is_end(replace(q, low=v, high=v), o, swapped)] for v in (q.low, q.high)
    )
    return next(((i, j) for i in lows for j in highs if i != j and (0 < j - i < 3 or q.noun == "score")), None)


def _is_end(end: Quantity, o: Quantity, swapped: bool) -> bool:
    return (o.low == o.high or o.exact == "about") and (matches(end, o) or (swapped and _spelled_out(o, end)))


class _Order:
    """The order of matched pairs in both texts.

    :param pairs: pairs in the order of the source.
    """

    def __init__(self, pairs: Sequence[tuple[Quantity, Quantity]]) -> None:
        self.kinds = [a.kind for a, _ in pairs]
        self.places = [x.span for _, x in pairs]

    def exchanged(self, i: int, j: int) -> bool:
        """Whether an exchange of pairs i and j in the output explains the order there, and no common move of clauses does."""
        near = range(max(0, i - _NEIGHBORS), min(len(self.places), j + _NEIGHBORS + 1))
        alike = [k for k in near if self.kinds[k] == self.kinds[i] and k not in (i, j)]
        back = all(self._keeps(k, i, self.places[j]) and self._keeps(k, j, self.places[i]) for k in alike)
        around_i, around_j = ([k for k in (at - 1, at + 1) if k in near and k not in (i, j)] for at in (i, j))
        return back and all(self._keeps(c, d, self.places[d]) for c in around_i for d in around_j)

    def _keeps(self, k: int, i: int, place: tuple[int, int]) -> bool:
        """Whether pairs k and i are in the order of the source if i were at another place in the output."""
        return k == i or (k < i) == (self.places[k] < place)


def _change_places(a: Quantity, b: Quantity, x: Quantity, y: Quantity, order: _Order, i: int, j: int) -> bool:
    """Whether a belongs to what the output says of y, and b to what it says of x, rather than a to x and b to y."""
    p, q, r, s = (counted(one.text, one.span) for one in (a, b, x, y))
    straight, crossed = len(p & r) + len(q & s), len(p & s) + len(q & r)
    in_order = (a.span < b.span) == (x.span < y.span)
    linked = _linked(a, b, x, y)
    if crossed > straight:
        if in_order or linked:
            return not straight and (not in_order or linked or bool(p & s and q & r))
        return True
    return straight == crossed and not (in_order or linked) and order.exchanged(i, j)


def _linked(a: Quantity, b: Quantity, x: Quantity, y: Quantity) -> bool:
    """Whether English joins the two by a preposition ("252 flats in two buildings"); Chinese reverses their order."""
    pairs = ((a, b), (x, y))
    for pair in pairs:
        first, second = sorted(pair, key=_start)
        end, start = first.span[1], second.span[0]
        before = first.text[max(0, first.span[0] - 30) : first.span[0]]
        if _LINK.fullmatch(first.text[end:start]) and not _FROM.search(before):
            return True
    return False


def _start(q: Quantity) -> int:
    return q.span[0]


def _interchangeable(a: Quantity, b: Quantity, x: Quantity, y: Quantity) -> bool:
    """Whether a and b of the source, and x and y of the output, are of one kind and unit, or spelled out on one side only."""
    if any(q.kind in ("date", "time") for q in (a, b, x, y)) or (a.kind == "multiple") != (b.kind == "multiple"):
        return False
    source, output = (p.unit == q.unit and verdict(p, q) == "wrong-value" for p, q in ((a, b), (x, y)))
    if (source and output) or (source and _bare(a) and _bare(b)):
        return True
    return (output and x.unit != "" and (_bare(a) or _bare(b))) or (source and a.unit != "" and (_bare(x) or _bare(y)))


def _bare(q: Quantity) -> bool:
    return q.kind == "count" and not q.noun and q.surface.lower().endswith(_SCALE_ENDS)


def _spelled_out(a: Quantity, b: Quantity) -> bool:
    """Whether the output spells out the unit of a bare number in the source: 500、600就很好 for "500 or 600 yuan"."""
    return _bare(a) and b.unit != "" and _same(a, b) and not opposite_qualifier(a, b)


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


def _unspecified_dollar(a: Quantity, b: Quantity) -> bool:
    """Whether one side only says dollars, of whichever country."""
    if a.kind != "money" or not {a.unit, b.unit} <= _DOLLARS:
        return False
    return any(
        q.unit == "USD" and _DOLLAR.search(q.surface) and not _SPECIFIC_DOLLAR.search(q.surface.lower()) for q in (a, b)
    )


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
