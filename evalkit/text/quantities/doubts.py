"""Rules that recognize errors with weak evidence, which are reported as warnings.

A missing or added number is an error only if nothing in the other text can have the same meaning: the same figures in a name
or code, another spelling, a rounded value, a relative date ("last year"), or a general word ("dozens", 一些).
"""

import re
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import NamedTuple

from evalkit.text.quantities import equivalence as eq, number_values as nv
from evalkit.text.quantities.lexicons import load, patterns
from evalkit.text.quantities.model import Quantity

_RE = patterns("doubts", any_scale=nv.ANY_SCALE)
_RELATIVE, _MAJOR = patterns("relative"), patterns("currencies")
_ONE_OF: dict[str, str] = load("evidence")["one_of"]
#: units with the same name, or one of which continues the other
_ALIKE = [set(units.split("+")) for units in load("evidence")["units"]["alike"].split()]
#: the maximum ratio of the values of a pair that have no digits, noun or unit in common
_FAR = 20
#: the minimum length of a long text, and the maximum shift of a quantity in its translation, as a share of the text
_LONG_TEXT, _ELSEWHERE = 400, 0.15
#: the maximum distance of the two ends of a range, in characters; it also bounds the time that a long text takes
_BESIDE = 1000
_YEARS = Decimal(1900), Decimal(2100)
_ONE, _TEN, _HUNDRED = Decimal(1), Decimal(10), Decimal(100)


def _values(q: Quantity) -> list[set[Decimal]]:
    """Return the set of values of a quantity; for a date or score, a set for each of its parts."""
    if q.kind == "date":
        parts = [p for p in (q.year, q.month, q.day) if p is not None] or [int(q.low)]
        together = Decimal((q.month or 0) * 100 + (q.day or 0))
        return [{Decimal(p), Decimal(p % 100), together} for p in parts]
    if q.kind == "time":
        hour, minute = divmod(int(q.low), 60)
        return [{Decimal(n) for n in (hour, hour % 12, hour * 100 + minute, hour % 12 * 100 + minute)}]
    return [{q.low}, {q.high}] if q.noun == "score" else [{abs(q.low), abs(q.high)}]


def _occurs_in(q: Quantity, other: nv.Values) -> bool:
    """Whether the other text has the value, or its figures with another scale."""
    ends = _values(q)
    if all(part & other.whole for part in ends):
        return True
    if q.kind in ("date", "time"):
        return False
    powers = (-2, -1, 1, 2) if q.kind in ("percent", "money") else ()
    scaled = {
        value.scaleb(power)
        for value in ends[0]
        for power in (-9, -8, -6, -4, -3, *powers)
        if _digits(value) > 1 or power in powers
    }
    return bool(scaled & other.bare)


class Context(NamedTuple):
    """The context that the rules use in addition to the quantities.

    :param texts: source and output.
    :param rest: both texts without their paired quantities.
    :param unread: the source without its quantities.
    :param stated: the values of the source's quantities.
    :param units: the units of the source's quantities, and the source.
    :param alone: the unpaired quantities of each text.
    :param aligned: whether the output renders the whole source; false for a summary.
    """

    texts: Sequence[str]
    rest: Sequence[str]
    unread: str
    stated: Collection[Decimal]
    units: Collection[str]
    alone: Sequence[Collection[Quantity]]
    aligned: bool


# -- rules for a missing or added quantity; ``side`` is the text that has it (0 source, 1 output) ------------------------


def _vague(q: Quantity, _side: int, context: Context) -> bool:
    """A quantity for which a translation may use a general word ("hundreds", "a few days", "half"), or a small one in words."""
    single = q.low == q.high
    if not eq.has_figures(q):
        clear = q.kind in ("duration", "measure", "money") and single and q.high > 1
        return not clear or (context.aligned and q.high <= _HUNDRED)
    return (
        (q.day is not None and q.month is None)
        or (q.exact == "about" and not (q.unit and single))
        or (q.kind == "percent" and single and q.low in (50, 100))
    )


def _added_or_unread(q: Quantity, side: int, context: Context) -> bool:
    """An addition in words, or one that may render a number of the source that was not read as a quantity.

    The latter is excluded if the quantity looks like a slip of a source quantity.
    """
    if not context.aligned or side == 0 or not eq.has_figures(q):
        return context.aligned and side == 1
    slip = any(_is_slip(value, end) for value in context.stated for end in (q.low, q.high))
    return not slip and bool(nv.values(context.unread).whole - {_ONE})


def _counts_nothing(q: Quantity, _side: int, _context: Context) -> bool:
    """A bare number, or the 1 of an exchange rate: 7.0 yuan to one dollar."""
    return (q.kind == "count" and not q.noun and not has_classifier(q)) or (q.kind == "money" and q.high == _ONE)


def _counts_list(q: Quantity, _side: int, _context: Context) -> bool:
    """A count that equals the number of names listed before it: 江苏、浙江、辽宁3省."""
    names = _RE["list"].search(q.text, max(0, q.span[0] - 40), q.span[0])
    return names is not None and len(re.split("[、和与及]", names[0].rstrip("等"))) == q.low


def _relative_date(q: Quantity, side: int, context: Context) -> bool:
    """A date or time that the other text states relative to another one."""
    if q.kind not in ("date", "time"):
        return False
    part = "time" if q.kind == "time" else "day" if q.day else "month" if q.month else "year"
    return _RELATIVE[part].search(context.texts[1 - side]) is not None


def _part_of_name(q: Quantity, side: int, context: Context) -> bool:
    """A part of a name, code, quotation or longer number, or the number of a list item."""
    start, end = q.span
    # 109，990，742; 2委託人之義務: (ii) The settlor's obligations
    continued = _RE["continued_before"].search(q.text, max(0, start - 3), start) or _RE["continues"].match(q.text, end)
    mark = start == 0 and _RE["mark"].match(context.texts[1 - side])
    if continued or mark:
        return True
    if (q.unit and q.kind != "measure") or (q.kind == "date" and (q.month, q.day) != (None, None)):
        return False
    part = "date" if q.kind == "date" else "code"
    before = _RE[f"{part}_before"].search(q.text, max(0, start - 24), start)
    return bool(before or _RE[f"{part}_after"].match(q.text, end))


def _other_form(q: Quantity, side: int, context: Context) -> bool:
    """A quantity whose value occurs in the other text in another form."""
    if not context.aligned and q.high < _TEN:
        return False  # an article has most small numbers somewhere
    text, rest = context.texts[1 - side], context.rest[1 - side]
    whole = _ONE_OF.get(f"{int(q.low)} {q.unit}")
    dated = q.kind == "date" or _YEARS[0] <= q.low == q.high <= _YEARS[1]
    return (
        _occurs_in(q, nv.values(text if dated else rest))
        or (nv.plain_figures(q.surface) and nv.plain_figures(q.surface) <= nv.plain_figures(rest))
        or (whole is not None and re.search(whole, text) is not None)
    )


def _converted_alone(q: Quantity, side: int, context: Context) -> bool:
    """An amount or measure that the other text states in another currency or unit, or a year for "the mid-1990s"."""
    others = context.alone[1 - side]
    decades = [o.year // 10 for o in others if o.year is not None and {q.unit, o.unit} == {"", "decade"}]
    return any(eq.is_conversion(q, o) for o in others) or (q.year is not None and q.year // 10 in decades)


# -- rules for a pair of different quantities -----------------------------------------------------------------------------


def _other_reading(a: Quantity, b: Quantity, context: Context) -> bool:
    """One of the two can also be read with the value of the other: "14½-13½", "8½", "69.1 thousands"."""
    if (a.low, a.high) == (b.low, b.high) or (a.low < 0) != (b.low < 0) or a.kind == b.kind == "percentage-point":
        return False  # basis points are no percentage points
    for q, other, text in ((a, b, context.texts[1]), (b, a, context.texts[0])):
        if other.text != text or other.low < other.high or other.kind == "date":
            continue
        value = Decimal(q.year or 0) if q.kind == "date" else q.low
        if q.low == q.high and value in nv.readings_at(text, *other.span):
            return True
        shared = _RE["shared_scale"].match(text, other.span[1]) if other.surface[-1:].isdigit() else None
        if shared and q.low == q.high == other.low * nv.SCALES[shared[1].lower()]:
            return True
        if (note := _RE["note"].match(text, other.span[0])) and "".join(note.groups()) in nv.plain_figures(q.surface):
            return True
    return False


def _units_alike(a: Quantity, b: Quantity, context: Context) -> bool:
    """The same value with a unit that only one side has or that continues, or with units that can replace each other.

    A clear unit may be left out, and one that the reader does not know is missed.
    """
    if a.low != b.low or eq.opposite_qualifier(a, b):
        return False
    if (a.kind == "count") != (b.kind == "count"):
        measured, alone = (b, context.alone[0]) if a.kind == "count" else (a, context.alone[1])
        moved = any((q.kind, q.unit) == (measured.kind, measured.unit) for q in alone)
        points = b.kind == "percentage-point" and not _RE["point"].search(context.texts[0])
        if eq.is_bare(a) and (points or eq.invents_duration(b, context.units)):
            return False
        return not moved and not (b.unit in _MAJOR and not _MAJOR[b.unit].search(context.texts[0]))
    short, long = sorted((a, b), key=lambda q: len(q.unit))
    continues = long.unit.startswith(f"{short.unit}/") and _RE["unit_continues"].match(short.text, short.span[1])
    return {a.unit, b.unit} in _ALIKE or bool(continues)


def _qualifier_unclear(a: Quantity, b: Quantity, _context: Context) -> bool:
    """A qualifier that belongs to the next number ("above 35 °C and below 37 °C"), or that stands in a negated clause."""
    return a.exact != b.exact and any(
        (_RE["compared"].search(q.surface) and _RE["number_follows"].match(q.text, q.span[1]))
        or (eq.opposite_qualifier(a, b) and _RE["negated"].search(q.text, max(0, q.span[0] - 100), q.span[0]))
        for q in (a, b)
    )


def _rounded(a: Quantity, b: Quantity, context: Context) -> bool:
    """A value that is rounded, if a measure also after conversion, or that lies in the range of the other."""
    if a.kind in ("date", "time"):
        return False
    rough = _are_vague(a, b) or _is_bounded(a, b) or (a.kind != "money" and eq.is_conversion(a, b))
    return rough or any(
        _rounds(p, q) or _is_end_of(p, q, alone) or (p.unit == q.unit and _overlaps(p, q))
        for p, q, alone in ((a, b, context.alone[0]), (b, a, context.alone[1]))
    )


def _same_value(a: Quantity, b: Quantity, _context: Context) -> bool:
    """Equal counts whose nouns have different classes."""
    same = (a.kind, a.low, a.high, a.exact) == (b.kind, b.low, b.high, b.exact)
    return same and a.kind == "count" and a.noun != b.noun and "score" not in (a.noun, b.noun)


def _one_excluded(a: Quantity, b: Quantity, _context: Context) -> bool:
    """Counts that differ by one, because the smaller excludes what is named: "and two others"."""
    both = sorted((a, b), key=lambda q: q.low)
    return a.kind == b.kind == "count" and abs(a.low - b.low) == 1 and [*map(excludes, both)] == [True, False]


def _elsewhere_in_text(a: Quantity, b: Quantity, context: Context) -> bool:
    """Counts of different nouns, at least one of them bare, at very different positions in a long translation."""
    counts = a.kind == b.kind == "count" and not (a.noun and a.noun == b.noun)
    if not (counts and context.aligned) or len(a.text) < _LONG_TEXT or (has_classifier(a) and has_classifier(b)):
        return False
    return abs(a.span[0] / len(a.text) - b.span[0] / len(b.text)) > _ELSEWHERE


def _score_or_count(a: Quantity, b: Quantity, _context: Context) -> bool:
    """A score and a single number: "6-3, 6-3" for 两个6比3."""
    return "score" in (a.noun, b.noun) and (a.low == a.high) != (b.low == b.high) and not _is_slip(a.high, b.high)


def _far_apart(a: Quantity, b: Quantity, _context: Context) -> bool:
    """Two values too different to be a typical slip."""
    if a.low == b.low:
        return False
    numbers = {a.kind, b.kind} <= {"count", "multiple", "date"} and {a.month, a.day, b.month, b.day} == {None}
    if a.kind != b.kind and not (numbers and a.unit == b.unit):  # a year may be a misread count
        return not ("count" in (a.kind, b.kind) and _is_slip(a.high, b.high))
    if a.kind == b.kind and a.kind in ("date", "time"):
        return False
    if a.unit or (a.noun and a.noun == b.noun) or not a.low or not b.low:
        return False
    small, large = sorted(abs(Decimal(q.year or 0) if q.kind == "date" else q.low) for q in (a, b))
    is_shift = small and (a.low < a.high) == (b.low < b.high) and (large / small).normalize().as_tuple().digits == (1,)
    return large > _FAR * small and not is_shift


def _both_elsewhere(a: Quantity, b: Quantity, context: Context) -> bool:
    """Two values that may not belong together, because each also occurs elsewhere in the other text.

    One occurrence is enough if kind or unit differ; for a count in words, it is enough that the source has the value of the
    output.
    """
    if a.low == b.low:
        return False
    named = [_ends_in(q, rest) for q, rest in zip((a, b), reversed(context.rest), strict=True)]
    if (a.kind, a.unit) != (b.kind, b.unit):
        return any(named)
    in_words = a.kind == "count" and not (eq.has_figures(a) and eq.has_figures(b)) and not a.noun == b.noun != ""
    return all(named) or (in_words and _ends_in(b, nv.without_codes(context.rest[0])))


def _ends_in(q: Quantity, text: str) -> bool:
    """Whether the text has both ends of a quantity."""
    return all(part & nv.values(text).whole for part in (_values(q) if q.low == q.high else [{q.low}, {q.high}]))


#: the rules in order; an error becomes a warning if any of them applies
_ALONE = [_vague, _added_or_unread, _counts_nothing, _counts_list, _relative_date, _part_of_name, _other_form]
_ALONE += [_converted_alone]
_PAIR = [_other_reading, _units_alike, _qualifier_unclear, _rounded, _same_value, _one_excluded]
_PAIR += [_elsewhere_in_text, _score_or_count, _far_apart, _both_elsewhere]


def is_doubtful(a: Quantity | None, b: Quantity | None, texts: Context) -> bool:
    """Whether the evidence for an error is so weak that it should be a warning.

    :param a: the quantity of the source; None for an added one.
    :param b: the quantity of the output; None for a missing one.
    """
    if a is not None and b is not None:
        return "provision" not in (a.kind, b.kind) and any(rule(a, b, texts) for rule in _PAIR)
    return any(rule(q, side, texts) for side, q in enumerate((a, b)) if q is not None for rule in _ALONE)


def excludes(q: Quantity) -> bool:
    """Whether a word near a number shows that it excludes what is named before it."""
    return _RE["others"].search(q.text, max(0, q.span[0] - 12), q.span[1] + 12) is not None


def has_classifier(q: Quantity) -> bool:
    """Whether a classifier, plural noun or large value excludes a name or code."""
    return (
        q.surface[-1:] not in tuple("0123456789")
        or q.high >= 10_000
        or _RE["plural_after"].match(q.text, q.span[1]) is not None
    )


def are_list_marks(a: Quantity, b: Quantity) -> bool:
    """Whether both are the number of the item that a text begins with; a list may be numbered in another way."""
    return all((mark := _RE["list_mark"].match(q.text)) is not None and q.span[1] < mark.end() for q in (a, b))


def _is_slip(a: Decimal, b: Decimal) -> bool:
    """Whether two numbers differ in one digit, or by a power of ten."""
    x, y = (str(value.normalize().as_tuple().digits) for value in (a, b))
    return x == y or (len(x) == len(y) and a.adjusted() == b.adjusted() > 0 and sum(map(str.__ne__, x, y)) == 1)


def _rounds(precise: Quantity, rough: Quantity) -> bool:
    """Whether the rough value equals the precise one with fewer significant digits."""
    if precise.unit != rough.unit or precise.low != precise.high or rough.low != rough.high:
        return False
    digits = _digits(rough.low)
    return 1 < digits < _digits(precise.low) and abs(precise.low - rough.low) < _last_place(rough.low)


def _are_vague(a: Quantity, b: Quantity) -> bool:
    """Whether both are vague ranges, or one is a scale word, and at most a factor of 2 apart: "thousands" for 万人."""
    ranges = [eq.is_vague_range(q) for q in (a, b)]
    scales = [
        q.kind in ("count", "duration") and q.low == q.high >= _TEN and f"{q.low:f}".strip("0.") == "1" for q in (a, b)
    ]
    if not any(ranges) or not all(x or y for x, y in zip(ranges, scales, strict=True)):
        return False
    alike = (a.kind, a.unit) == (b.kind, b.unit) or "count" in (a.kind, b.kind)
    return alike and max(a.low, b.low) <= 2 * min(a.high, b.high)


def _is_bounded(precise: Quantity, rough: Quantity) -> bool:
    """Whether the rough value, of one digit, is the nearest bound of the precise one: 二十多年 for 22 years, 近百人 for 98."""
    sign = (rough.exact in eq.UP) - (rough.exact in eq.DOWN)
    place = rough.low / 10 if rough.exact == "nearly" else _last_place(rough.low)
    same = (precise.kind, precise.unit) == (rough.kind, rough.unit) and _digits(rough.low) == 1
    return same and 0 < sign * (precise.low - rough.low) < place


def _is_end_of(single: Quantity, extended: Quantity, others: Collection[Quantity]) -> bool:
    """Whether the value is an end of the range, and the other end is in its place in the text: 由2%升至3%, "from 2% to 3%".

    :param others: the unpaired quantities of the text that has the single value.
    """
    if single.low < single.high or extended.low == extended.high:
        return False
    if eq.is_vague_range(extended):
        return single.exact == "about" or single.low == extended.low
    start, end = single.span
    if single.low == extended.low:
        other, beside = extended.high, single.text[end : end + _BESIDE]
    elif single.low == extended.high:
        other, beside = extended.low, single.text[max(0, start - _BESIDE) : start]
    else:
        return False
    unit = single.kind, single.unit
    return (other in nv.values(beside).whole or (other == _ONE and "一" in beside)) and all(
        q.low != other or (q.kind, q.unit) == unit for q in others
    )


def _digits(value: Decimal) -> int:
    """Return the number of significant digits."""
    return len(value.normalize().as_tuple().digits)


def _last_place(value: Decimal) -> Decimal:
    """Return the power of ten of the last significant digit, as a value."""
    return Decimal(1).scaleb(value.adjusted() + 1 - _digits(value))


def _overlaps(extended: Quantity, open_end: Quantity) -> bool:
    """Whether a range and a value can mean the same: 十几 and "more than ten"."""
    if extended.low == extended.high or open_end.low != open_end.high:
        return False
    value = open_end.low
    if open_end.exact in eq.UP:
        return extended.low / 2 < value <= extended.high
    if open_end.exact in eq.DOWN:
        return extended.low < value <= extended.high * 2
    return not eq.has_explicit_ends(extended) and extended.low <= value <= extended.high <= extended.low + 1 <= _TEN
