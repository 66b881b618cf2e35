"""Compare two quantities: do they mean the same, and if not, is the value, the unit or the qualifier wrong?"""

import re
from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from evalkit.text.normalize import fold_width
from evalkit.text.quantities.lexicons import compatible, load, patterns
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.units import DEGREES, DOLLARS, DURATIONS, MEASURES

UP = ("more than", "at least")
DOWN = ("less than", "at most", "nearly")
#: the maximum relative rounding error of a converted measure.
_ROUNDING = Fraction(3, 100)
#: the maximum ratio of a roughly converted measure, and of an amount at the exchange rate of another year
_SLACK, _RATE_CHANGE = Fraction(11, 10), Fraction(8, 5)
_FAHRENHEIT_SLACK = 4
_SMALL, _FIFTY = Decimal(10), Decimal(50)
_DOLLARS = frozenset(("USD", "HKD", "AUD", "CAD", "NZD", "SGD", "TWD"))
#: currencies with the same name in several countries: rupees, rials, pesos, kronor
_SAME_NAME = ({"IDR", "INR", "LKR", "PKR"}, {"IRR", "SAR"}, {"ARS", "MXN", "PHP"}, {"DKK", "NOK", "SEK"})
_TRADITIONAL = {*re.findall("[一-鿿]", load("zh")["traditional"]["from"])}.difference(load("zh")["traditional"]["to"])
#: endings of a number without a unit or classifier
_SCALE_ENDS = (*"0123456789", *load("evidence")["units"]["scale_ends"].split())
_FORMS = "|".join(f"(?P<{name}>{forms})" for name, forms in load("evidence")["rates"].items())
_RE = patterns("equivalence", forms=_FORMS)


def matches(a: Quantity, b: Quantity) -> bool:
    """Whether one quantity can be a translation of the other.

    Value, kind and unit must agree, as must the classes of the nouns if both are known, and the qualifiers must not be
    opposite ("nearly" for "more than").
    """
    return verdict(a, b) == "matched"


def verdict(a: Quantity, b: Quantity) -> str:
    """Return ``matched``, ``wrong-value``, ``wrong-unit``, ``wrong-qualifier``, or ``unrelated`` (value and unit differ)."""
    same_value, same_unit = _compare(a, b)
    if not same_unit:
        return "wrong-unit" if same_value else "unrelated"
    reversed_score = "score" in (a.noun, b.noun) and _is_reversed_score(a, b)
    if not same_value or reversed_score or not compatible(_counted_noun(a), _counted_noun(b)):
        return "wrong-value"
    return "wrong-qualifier" if opposite_qualifier(a, b) else "matched"


def _is_reversed_score(a: Quantity, b: Quantity) -> bool:
    """Whether a score is reversed (1-3 for 3比1) without a mention of a loss."""
    first, second = (re.findall("[0-9]+", q.surface) for q in (a, b))
    around = (q.text[max(0, q.span[0] - 40) : q.span[1] + 20].lower() for q in (a, b))
    return first[:2] == second[1::-1] != second[:2] and not any(map(_RE["lost"].search, around))


def opposite_qualifier(a: Quantity, b: Quantity) -> bool:
    """Whether one quantity has a lower bound and the other an upper bound."""
    return (a.exact in UP and b.exact in DOWN) or (a.exact in DOWN and b.exact in UP)


def dropped(a: Quantity, b: Quantity) -> bool:
    """Whether only one of two single values has a qualifier."""
    return (a.exact == "exact") != (b.exact == "exact") and a.low == a.high and b.low == b.high


def is_optional(q: Quantity) -> bool:
    """Whether a good translation may omit or add the quantity: a small count in words ("the two men", 三方), or a half."""
    if q.low != q.high or q.exact != "exact" or re.search("[0-9]", q.surface):
        return False
    return q.low == _FIFTY if q.kind == "percent" else q.kind == "count" and q.low <= _SMALL


def required(q: Quantity) -> bool:
    """Whether omitting the quantity is an error; it is not for a bare number, which may be part of a name or code."""
    is_number = q.kind == "count" and not q.noun and re.fullmatch("[0-9]*", q.surface) is not None
    counts_nothing = is_number and not _RE["noun_follows"].match(q.text, q.span[1])
    return q.checkable and not is_optional(q) and not counts_nothing


def _counted_noun(q: Quantity) -> str:
    return q.noun if q.kind == "count" and q.noun != "score" else ""


def _compare(a: Quantity, b: Quantity) -> tuple[bool, bool]:
    """Whether the values agree, and whether kind and unit agree."""
    if _is_another_scale(a, b):
        return True, True
    if "provision" in (a.kind, b.kind):
        return _compare_provisions(a, b)
    if a.kind != b.kind:
        return _compare_kinds(a, b) or _compare_kinds(b, a) or (_same(a, b) and "date" not in (a.kind, b.kind), False)
    if a.kind == "date":
        return _compare_dates(a, b)
    if a.kind == "time":
        apart = a.low - b.low
        return apart == 0 or ("12h" in (a.unit, b.unit) and apart % 720 == 0), True
    if a.kind in ("measure", "duration"):
        return _compare_measures(a, b)
    if a.kind == "multiple":
        return _same_multiple(a, b), True
    if a.kind == "percent" and a.noun != b.noun:  # 八折 is 80% of the price and 20% off
        off = Fraction(a.low) == 100 - Fraction(b.high) and Fraction(a.high) == 100 - Fraction(b.low)
        return _same(a, b) or off, True
    if a.kind == "money" and _same(a, b) and _has_other_rate(a, b):
        return True, False
    return _same(a, b), a.unit == b.unit


def _is_another_scale(a: Quantity, b: Quantity) -> bool:
    """Whether one is a multiple of the other in percent (增长两倍, 200%), or was read in meters (5.6m) but means its millions."""
    one, other = (a, b) if a.kind == "multiple" or a.unit == "m" else (b, a)
    if one.kind == "multiple":
        factor = 100 if other.kind == "percent" else 0
    else:
        factor = 10**6 if one.unit == "m" and _RE["millions"].search(one.surface) else 0
    return factor > 0 and (factor * one.low, factor * one.high) == (other.low, other.high)


def _compare_provisions(a: Quantity, b: Quantity) -> tuple[bool, bool]:
    if a.kind == b.kind:
        return a.low == b.low, a.low == b.low or a.unit == b.unit  # 第50款 may be Article 50
    return _same(a, b) and not (a.checkable or b.checkable), True  # 第三条跑道 is the third runway


def _compare_kinds(a: Quantity, b: Quantity) -> tuple[bool, bool] | None:
    """Compare quantities of two kinds that can mean the same; None if they cannot."""
    if a.kind == "date":
        return _compare_date(a, b)
    if (a.kind, b.kind) == ("multiple", "count"):
        return _same(a, b), b.noun in ("", "time", "person-time")
    lessons = a.unit == "hour" and b.surface.endswith(("学时", "课时"))  # 4 hours, 4学时
    age = a.noun == "age" and not b.noun  # aged 5, 5岁
    if (b.kind == "count" and (a.kind == "ordinal" or lessons or age)) or (a.kind, b.noun) == (
        "ordinal",
        "anniversary",
    ):
        return _same(a, b), True
    if a.kind == "time" and b.unit == "second":  # 3:35 and 2:08:12 can also be durations
        seconds = sum(60**i * int(part) for i, part in enumerate(re.findall("[0-9]+", a.surface)[::-1]))
        return (True, True) if b.low in (a.low, seconds) else None
    if a.kind == "money" and a.unit == "GBP" and b.kind == "measure" and "pound" in a.surface.lower():
        return _compare_measures(replace(a, kind="measure", unit="lb"), b)
    return None


def _compare_date(a: Quantity, b: Quantity) -> tuple[bool, bool] | None:
    if a.unit == "century":
        return (a.low == b.low, True) if b.kind == "ordinal" else None
    if a.unit:
        return None
    if b.kind == "duration":  # 3日 can be the third day or three days
        return (b.low == b.high == a.day, True) if (a.year, a.month, b.unit) == (None, None, "day") else None
    if b.kind in ("ordinal", "count"):
        if b.kind == "ordinal" and a.day is not None and a.year is None:  # 11日, if the month was mentioned before
            return b.low == a.day, True
        parts = [p for p in (a.year, a.month, a.day) if p is not None]
        if len(parts) == 1 and not b.noun:
            return b.low == b.high == parts[0], True
    return None


def _has_other_rate(a: Quantity, b: Quantity) -> bool:
    """Whether two prices are for different units: 3元/箱 is not 3 yuan a kilogram."""
    rates, others = _rates(a), _rates(b)
    return bool(rates) and bool(others) and not rates & others


def _rates(q: Quantity) -> set[str]:
    """Return what a price is for: at most three units after it, and three before it."""
    start, end = q.span
    rates = set()
    for _ in range(3):
        if after := _RE["rate_after"].match(q.text, end):
            rates.add(after.lastgroup or "")
            end = after.end()
        if before := _RE["rate_before"].search(q.text, max(0, start - 5), start):
            rates.add(before.lastgroup or "")
            start = before.start()
    return rates


def _same(a: Quantity, b: Quantity) -> bool:
    if (a.low, a.high) == (b.low, b.high) or _is_bare_scale(a, b) or _is_bare_scale(b, a):
        return True
    return (is_vague_range(a) or is_vague_range(b)) and a.low <= b.high and b.low <= a.high


def has_figures(q: Quantity) -> bool:
    """Whether a quantity contains figures."""
    return any("0" <= c <= "9" for c in fold_width(q.surface))


def is_vague_range(q: Quantity) -> bool:
    """Whether a quantity is a range without explicit ends, such as "dozens" and 十几."""
    return q.exact == "about" and q.low < q.high and not has_explicit_ends(q)


def has_explicit_ends(q: Quantity) -> bool:
    """Whether a quantity is a range that states both ends."""
    stated = len(_RE["figures"].findall(q.surface)) > 1 or _RE["two_words"].search(q.surface) is not None
    return q.low < q.high and q.text != "" and stated


def _is_bare_scale(a: Quantity, b: Quantity) -> bool:
    """Whether one side is a bare scale (百万, 十几, 二十多), and the other "millions", "dozen" or "two dozen"."""
    if b.low == b.high and "dozen" in b.surface.lower():
        return a.low * 12 == b.low * 10
    return a.surface[:1] in tuple("百千万亿") and a.low == a.high and b.exact == "about" and b.low == 2 * a.low


def _same_multiple(a: Quantity, b: Quantity) -> bool:
    """Compare multiples; 增长3倍 states the increase, "quadrupled" the result."""
    if _same(a, b):
        return True
    if a.noun == b.noun:
        return False
    more, plain = (a, b) if a.noun == "increase" else (b, a)
    return all(Fraction(x) + 1 == Fraction(y) for x, y in ((more.low, plain.low), (more.high, plain.high)))


def years(q: Quantity) -> set[int | None]:
    """Return the possible years of a date: one, or two for "last May"."""
    return {q.year, int(q.high) // 10000 or q.year}


def _compare_dates(a: Quantity, b: Quantity) -> tuple[bool, bool]:
    """Compare dates by the parts (year, month, day) that both have; there must be one."""
    if {a.unit, b.unit} == {"century", "decade"}:  # the 19th century, the 1800s
        century, decade = (a, b) if a.unit == "century" else (b, a)
        return decade.year == (int(century.low) - 1) * 100, True
    if a.unit != b.unit:
        return False, False
    if a.unit in ("century", "BC"):
        return a.low == b.low, True
    if a.unit == "decade" and any(_RE["decade_alone"].fullmatch(q.surface) for q in (a, b)):
        return (a.low - b.low) % 1_000_000 == 0, True
    parts = ((years(a), years(b)), ({a.month}, {b.month}), ({a.day}, {b.day}))
    shared = [(x, y) for x, y in parts if not x | y >= {None}]
    return bool(shared) and all(x & y for x, y in shared), bool(shared)


def _compare_measures(a: Quantity, b: Quantity) -> tuple[bool, bool]:
    """Compare measures or durations; units of the same dimension are converted."""
    if a.unit == b.unit:
        return _same(a, b), True
    units = {a.unit, b.unit}
    if a.kind == "measure" and units <= {"degree", "C", "F"}:
        # "degrees" alone may be Celsius or Fahrenheit
        same = (_same(a, b) and units != {"C", "F"}) or _is_fahrenheit_of(a, b) or _is_fahrenheit_of(b, a)
        return same, True
    (family, factor), (other, by) = map(_dimension, (a, b))
    if family != other:
        return _same(a, b), False
    rounding = _ROUNDING if a.kind == "measure" else 0
    ends = ((Fraction(x) * factor, Fraction(y) * by) for x, y in ((a.low, b.low), (a.high, b.high)))
    if all(abs(x - y) <= rounding * max(abs(x), abs(y)) for x, y in ends):
        return True, True
    # the same number with another unit of the dimension is a wrong unit, not a wrong value
    return (True, False) if _same(a, b) else (False, True)


def _is_fahrenheit_of(c: Quantity, f: Quantity, rounding: int = 1) -> bool:
    if c.unit == "F" or f.unit == "C":
        return False
    return abs(Fraction(c.low) * 9 / 5 + 32 - Fraction(f.low)) <= rounding


def is_conversion(a: Quantity, b: Quantity) -> bool:
    """Whether the values in two currencies or units of a dimension can be equal, roughly rounded or at another exchange rate."""
    if a.kind != b.kind or a.kind not in ("money", "measure") or a.unit == b.unit:
        return False
    if {"F"} < {a.unit, b.unit} <= DEGREES:
        return _is_fahrenheit_of(a, b, _FAHRENHEIT_SLACK) or _is_fahrenheit_of(b, a, _FAHRENHEIT_SLACK)
    (family, x), (other, y) = map(_dimension, (a, b))
    if family != other:
        return False
    slack = _RATE_CHANGE if a.kind == "money" else _SLACK
    lowest, highest = Fraction(a.low) * x / slack, Fraction(a.high) * x * slack
    return not x or not y or (lowest <= Fraction(b.high) * y and Fraction(b.low) * y <= highest)


def _dimension(q: Quantity) -> tuple[str, Fraction]:
    """Return the dimension of a unit, and its factor to the base unit; 0 for a currency without a stable exchange rate."""
    if q.kind == "money":
        return q.kind, Fraction(DOLLARS.get(q.unit, 0))
    return (MEASURES if q.kind == "measure" else DURATIONS).get(q.unit, (q.unit, Fraction(1)))


def is_bare(q: Quantity) -> bool:
    """Whether a quantity has no noun and classifier, so that its unit may be implied."""
    return q.kind == "count" and not q.noun and q.surface.lower().endswith(_SCALE_ENDS)


def adds_implied_unit(a: Quantity, b: Quantity) -> bool:
    """Whether the output adds an implied unit: "500 or 600 yuan" for 500、600就很好."""
    return is_bare(a) and b.unit != "" and _same(a, b) and not opposite_qualifier(a, b)


def invents_duration(q: Quantity, units: Collection[str]) -> bool:
    """Whether a bare number cannot imply the unit: weeks or months that the source does not name, since ages are in years.

    :param units: texts that name the units of the source.
    """
    return q.kind == "duration" and q.unit in ("week", "month") and not any(q.unit in unit for unit in units)


def unspecified_currency(a: Quantity, b: Quantity) -> bool:
    """Whether one side does not name the country: dollars, ¥ for yuan or yen, or 元 in the output for the source's dollars."""
    units = {a.unit, b.unit}
    if a.kind != "money" or b.kind != "money":
        return False
    if units == {"CNY", "JPY"}:
        return any(q.surface.startswith(("¥", "￥")) for q in (a, b))
    dollars = [q.unit == "USD" and _RE["any_dollar"].match(q.surface) for q in (a, b)]
    if a.unit in _DOLLARS and b.unit == "CNY":
        return a.surface.isascii() and _RE["bare_yuan"].fullmatch(b.surface) is not None
    if any(units <= family for family in _SAME_NAME):
        return True
    if a.unit == "CNY" and (dollars[1] or b.unit in ("TWD", "HKD")):
        place = _RE["dollar_place"].search(a.text) or _TRADITIONAL.intersection(a.text)
        return bool(place and _RE["bare_yuan"].fullmatch(a.surface))
    return units <= _DOLLARS and any(dollars)
