"""Detect two numbers of the source that the output contains in each other's place."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property, lru_cache
from operator import attrgetter

from evalkit.text.quantities.anchors import Anchors, Pairs, Quantities
from evalkit.text.quantities.english_words import MONTHS
from evalkit.text.quantities.equivalence import DOWN, UP, has_figures, is_vague_range, matches
from evalkit.text.quantities.lexicons import load, nouns, patterns
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.number_values import simplified
from evalkit.text.quantities.rule_lists import trie

_RE = patterns("exchanges")
_SPAN = attrgetter("span")
#: smaller counts are exchanged only near each other: the minimum value, and the maximum length between two in both texts
_LARGE, _FAR = 11, 100
#: the maximum distance of two exchanged quantities, counted in quantities
NEIGHBORS = 4

#: the weights of :meth:`Exchanges.features`, fitted by logistic regression to references with and without two exchanged
#: quantities
_WEIGHTS: dict[str, float] = load("evidence")["weights"]
#: log-odds from which on two exchanged quantities are an error, and a warning
LIKELY, POSSIBLE = 1.6, 0.6


def _rows(column: int) -> dict[str, frozenset[int]]:
    """Return the rows of the table by form."""
    rows: dict[str, frozenset[int]] = {}
    for i, row in enumerate(nouns()):
        for form in row[column]:
            for one in (form, f"{form}s") if form.isascii() and form[-1] != "s" else (form,):
                rows[one] = rows.get(one, frozenset()) | {i}
    return rows


_ZH_ROWS, _EN_ROWS = _rows(1), _rows(2)
_ZH_NOUN, _EN_WORD = re.compile(trie(_ZH_ROWS)), re.compile("[a-z]+(?:-[a-z]+)?")
_HAN, _CLAUSE = re.compile("[一-鿿]"), re.compile("[,.;，。；0-9]")
_ROLES, _DIRECTIONS, _PERIODS = (
    [(int(role), pattern) for role, pattern in patterns(table).items()] for table in ("roles", "directions", "periods")
)
#: offset of years and months among the numbers that :func:`referents` returns; smaller ones are rows, negative ones roles
DATED = 10_000
#: the roles "start of a change" and "part of a whole"
_START, _PART = -1, -3
_NAMED_MONTH = "|".join(month for month in MONTHS if len(month) > 4 or month in ("may", "june", "july"))
_CONTEXT = patterns("context", month=_NAMED_MONTH)


class Exchanges:
    """Judge which of the matched pairs of two texts were exchanged.

    :param pairs: pairs in the order of the source.
    :param texts: all quantities of source and output.
    :param unpaired: the quantities of the output that have no counterpart.
    """

    def __init__(self, pairs: Pairs, texts: Quantities, unpaired: Sequence[Quantity]) -> None:
        self._pairs, self._texts = pairs, texts
        self._repeated = [any(a.unit == q.unit and matches(a, q) for q in unpaired) for a, _ in pairs]
        self.kinds = [a.kind for a, _ in pairs]
        self.places = [x.span for _, x in pairs]
        self.values = [a.high for a, _ in pairs]

    @cached_property
    def _anchors(self) -> Anchors:
        return Anchors(self._pairs, self._texts)

    @cached_property
    def _kinds_in_order(self) -> set[str]:
        """The kinds whose values have the same order in source and output."""
        source, output = ([(q.kind, q.low, q.high) for q in sorted(text, key=_SPAN)] for text in self._texts)
        kinds = {kind for kind, *_ in output}
        return {k for k in kinds if _is_subsequence([q for q in output if q[0] == k], [q for q in source if q[0] == k])}

    def likelihood(self, i: int, j: int) -> float:
        """Return the log-odds that the output exchanged the quantities of pairs i and j."""
        (a, x), (b, y) = self._pairs[i], self._pairs[j]
        if not interchangeable(a, b, x, y):
            return -math.inf
        return sum(_WEIGHTS[name] * value for name, value in self.features(i, j).items())

    def features(self, i: int, j: int) -> dict[str, float]:
        """Return what tells whether the quantities of pairs i and j were exchanged.

        - ``words``, ``other pairs``: how much the words and the other pairs near the two support the pairs as they are (see
          :class:`evalkit.text.quantities.anchors.Anchors`); ``any words`` counts weak support more.
        - ``noun``, ``date``, ``qualifier`` or the number of a role: how many of this kind support the pairs as they are, minus
          those that support the exchange; ``both`` is whether both quantities have something that supports the exchange.
        - ``in order``: the order is that of the source; ``linked``: a preposition joins the two in English, an order that
          Chinese reverses; ``reversed``: the order is reversed, and nothing explains it.
        - ``distance``: the number of pairs from i to j; ``repeated``: the output has one of the two numbers once more.
        - ``same units``: in how many texts the two have the same unit; ``units``: how many units support the pairs as they are.
        - ``uncheckable``: how many may be no quantities; ``ordinal``: whether one is an ordinal.
        """
        (a, x), (b, y) = self._pairs[i], self._pairs[j]
        words, pairs = (self._anchors.evidence(own, a, b, x, y) for own in (self._anchors.words, self._anchors.pairs))
        of_a, of_b, of_x, of_y = map(_context, (a, b, x, y))
        p, q, r, s = of_a - of_b, of_b - of_a, of_x - of_y, of_y - of_x
        context = Counter(map(_kind, [*p & r, *q & s]))
        context.subtract(map(_kind, [*p & s, *q & r]))
        between = _between(a, b), _between(x, y)
        in_order = (a.span < b.span) == (x.span < y.span)
        linked = _linked(between, (min(a, b, key=_SPAN), min(x, y, key=_SPAN)))
        unit_a, unit_b, unit_x, unit_y = ((o.kind, o.unit) for o in (a, b, x, y))
        return {
            "always": 1,
            "words": _limited(words, 1.5),
            "any words": _limited(words, 0.3),
            "other pairs": _limited(pairs, 1.5),
            **{kind: _limited(support, 2) for kind, support in context.items()},
            "both": bool(p & s and q & r),
            "in order": in_order,
            "linked": linked,
            "linked in order": linked and in_order,
            "reversed": not (in_order or linked or x.kind in self._kinds_in_order)
            and _order_is_evidence(a, b, x, y, between)
            and self._restores_order(i, j),
            "distance": j - i,
            "repeated": self._repeated[i] or self._repeated[j],
            "same units": (unit_a == unit_b) + (unit_x == unit_y),
            "units": (unit_a == unit_x) + (unit_b == unit_y) - (unit_a == unit_y) - (unit_b == unit_x),
            "uncheckable": sum(not o.checkable for o in (a, b, x, y)),
            "ordinal": any(o.kind == "ordinal" for o in (a, b, x, y)),
        }

    def _restores_order(self, i: int, j: int) -> bool:
        """Whether exchanging pairs i and j would restore the source order in the output, and no moved clause explains it."""
        near = range(max(0, i - NEIGHBORS), min(len(self.places), j + NEIGHBORS + 1))
        kept = {
            k: self._keeps(k, i, self.places[j]) + self._keeps(k, j, self.places[i]) for k in near if k not in (i, j)
        }
        alike = [k for k in kept if self.kinds[k] == self.kinds[i]]
        moved = [k for k in kept if not kept[k] and self.values[k] > max(self.values[i], self.values[j])]
        if len(alike) < 2 or len(moved) != 1:  # a single pair that moved past both may be their total
            moved = []
        back = all(kept[k] == 2 for k in alike if k not in moved)
        # dates move freely
        around_i, around_j = (
            [k for k in (at - 1, at + 1) if k in kept and k not in moved and self.kinds[k] not in ("date", "time")]
            for at in (i, j)
        )
        return back and all(self._keeps(c, d, self.places[d]) for c in around_i for d in around_j)

    def _keeps(self, k: int, i: int, place: tuple[int, int]) -> bool:
        """Whether pairs k and i would be in source order if i were at this place in the output."""
        return k == i or (k < i) == (self.places[k] < place)


def _order_is_evidence(a: Quantity, b: Quantity, x: Quantity, y: Quantity, between: Sequence[str]) -> bool:
    """Whether good translations rarely reverse two such quantities.

    They do so in different sentences, if one is a range ("12.5 months on average (6 to 16)"), and within a clause: English
    joins the two by a preposition or conjunction that Chinese translates with 的 or 时.
    """
    if (a.low == a.high) != (b.low == b.high) or has_figures(x) != has_figures(y):
        return False
    least = min(a.low, b.low) if a.kind == "count" else _LARGE
    if least <= (not has_figures(x)) or (least < _LARGE and sum(map(len, between)) > _FAR):
        return False  # "one" and 0 are often no numbers, and small counts further apart often no pair
    if any("。" in text for text in between):
        return False
    if _keep_order(between) or any(map(_RE["coordinates"].search, between)):
        return True
    in_a_clause = [_RE["clause_end"].search(text) is None for text in between]
    joined = all(in_a_clause) and any(map(_RE["prepositions"].search, between))
    return not joined and not (any(in_a_clause) and any(map(_RE["subordinates"].search, between)))


def _limited(value: float, most: float) -> float:
    return max(-most, min(value, most))


def _context(q: Quantity) -> frozenset[int | str]:
    """Return what a quantity refers to, and its qualifier."""
    direction = "up" if q.exact in UP else "down" if q.exact in DOWN else q.exact
    qualifier = () if q.exact == "exact" else (direction,)
    return referents(q.text, q.span).union(qualifier)


def _kind(referent: int | str) -> str:
    """Return the name of the weight that applies to what :func:`_context` returns."""
    if isinstance(referent, str):
        return "qualifier"
    return "date" if referent >= DATED else "noun" if referent >= 0 else str(referent)


@lru_cache(maxsize=256)
def referents(text: str, span: tuple[int, int]) -> frozenset[int]:
    """Return what the number at a span refers to, encoded as integers.

    The result contains the rows of the nouns directly after the number, its role (negative, such as the start of a change
    or a part of a whole), and its year or month plus :data:`DATED`.
    """
    start, end = span
    simple = simplified(text)
    before = simple[max(0, start - 40) : start].lower()
    dated = _CONTEXT["dated_after"].match(text[end : end + 40].lower()) or _CONTEXT["dated_before"].search(before)
    dates = [DATED + (MONTHS.get(dated[1]) or int(dated[1]))] if dated else []
    before = _CONTEXT["dates"].sub("", before)
    roles = [role for role, pattern in _ROLES if pattern.search(before)]
    clause = _CLAUSE.split(before)[-1]
    if _START not in roles:  # "rose from 3 to 5" says of both that they rose
        dates += [role for role, pattern in _DIRECTIONS if pattern.search(clause)]
    after = _CONTEXT["after"].match(simple, end)
    near = f"{clause} {after.group()[:30] if after and text.isascii() else ''}".lower()
    dates += [role for role, pattern in _PERIODS if pattern.search(near)]
    if _CONTEXT["part_of"].match(text, end):
        return frozenset((_PART, *dates))
    nouns_named = _noun_rows(text[start:end]) | _noun_rows(after.group() if after else "")
    return frozenset((*roles[:1], *dates, *nouns_named))


def _noun_rows(phrase: str) -> frozenset[int]:
    kinds: frozenset[int] = frozenset()
    if _HAN.search(phrase, 0, 12):
        return kinds.union(*(_ZH_ROWS[name] for name in _ZH_NOUN.findall(phrase, 0, 16)))
    for at, word in enumerate(_EN_WORD.findall(phrase.lower())[:7]):
        if word == "to" or (at and (_CONTEXT["end"].fullmatch(word) or (word == "of" and kinds))):
            break
        kinds |= _EN_ROWS.get(word) or _EN_ROWS.get(word.rpartition("-")[2], frozenset())
    return kinds


def _linked(between: Sequence[str], firsts: Sequence[Quantity]) -> bool:
    """Whether a preposition joins the two in English ("252 flats in two buildings"), an order that Chinese reverses."""
    if _keep_order(between):
        return False
    nested = any(map(_RE["nested"].fullmatch, between))
    return any(
        (nested and _RE["preposition"].search(text) is not None)
        or (is_link(text) and not _RE["from"].search(q.text, max(0, q.span[0] - 30), q.span[0]))
        for text, q in zip(between, firsts, strict=True)
    )


def _keep_order(between: Sequence[str]) -> bool:
    """Whether Chinese keeps the order of the two quantities, as in 5英寸乘以6英寸."""
    return any(map(_RE["paired"].fullmatch, between)) or any(map(_RE["compared"].search, between))


def is_link(text: str) -> bool:
    """Whether the text between two numbers is a part of one English clause with a preposition."""
    return _RE["link"].fullmatch(text) is not None


def _between(a: Quantity, b: Quantity) -> str:
    first, second = sorted((a, b), key=_SPAN)
    return first.text[first.span[1] : second.span[0]]


def _is_subsequence(part: Sequence[object], whole: Sequence[object]) -> bool:
    rest = iter(whole)
    return all(one in rest for one in part)


def interchangeable(a: Quantity, b: Quantity, x: Quantity, y: Quantity) -> bool:
    """Whether the numbers of two pairs differ, none is a day or time, and the units do not tell them apart."""
    if (a.kind, a.unit) == (x.kind, x.unit) != (b.kind, b.unit) == (y.kind, y.unit):
        return False
    alike = ((p.low, p.high) == (q.low, q.high) or p.kind == q.kind == "date" for p, q in ((a, b), (x, y)))
    return not any(alike) and not any(q.kind == "time" or q.month or q.day or is_vague_range(q) for q in (a, b, x, y))
