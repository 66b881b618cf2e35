"""The base class of the Chinese and English scanners.

It parses the actions of rules, and reads what both languages have in common: dates, times, ranges, scores, units, qualifiers,
currency signs, and numbers in names and codes.

The expressions of rules for dates and times use the groups ``y`` (year), ``yy`` (year of two digits), ``cc`` (its century),
``roc`` (year of the Republic of China), ``m`` (month), ``d`` (day), ``h`` (hour), ``min`` (minute), ``part`` (part of an
hour), ``to`` (the part is before the hour) and ``half`` (half of the day). An expression for two dates marks them with
``first`` and ``second``; ``d2`` is the second day, and ``m2`` the second month.
"""

import datetime
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from evalkit.errors import InputError
from evalkit.text.quantities.decimals import EXACT, MOST_DIGITS
from evalkit.text.quantities.lexicons import Lexicon, load, patterns
from evalkit.text.quantities.model import KINDS, Quantity, parse_normal
from evalkit.text.quantities.rule_lists import Action, RuleMatch
from evalkit.text.quantities.units import CURRENCY_OF, DEGREES, ZH_UNIT, latin_unit, percent_of, whole_unit

#: code of a currency, and the start of its sign
Symbol = tuple[str, int]


class Number(NamedTuple):
    """A value, the end of its words, and the value of its last scale words, such as a million; 1 if it has none."""

    value: Decimal
    end: int
    scale: Decimal


#: kind, unit, and end of the unit
Tail = tuple[str, str, int]
_ZERO, _ONE = Decimal(0), Decimal(1)
#: kinds for which a value of one is not checkable, because it is often written as an article or left out ("a week", 一周)
_LOOSE_ONE = frozenset(("count", "duration", "measure"))
#: larger unit and smaller unit of a compound quantity (1小时30分钟) to the number of smaller units in the larger one
_COMPOUNDS = {(larger, unit): Decimal(parts) for unit, larger, parts in load("units")["compounds"]}
_SMALLER_UNITS = frozenset(unit for _, unit in _COMPOUNDS)
_SEPARATOR = re.compile("(?<=[0-9])[, ](?=[0-9])")
_ISO = re.compile(r"\d{4}(?:-\d\d){0,2}\Z")
#: the maximum length of a currency sign, and of the text before a unit that tells what it means
_LONGEST_SIGN, _LONGEST_CONTEXT = 8, 80
#: in "40 to 30 million", the maximum ratio of the two values if they share the scale
_FAR = 5
_LARGEST_NAME = 100_000
_HUNDREDTH = Decimal("0.01")
_WITH_UNIT = frozenset(("money", "percent", "percentage-point", "measure", "duration"))
_RE = patterns("scanner")
_FIELD = re.compile("{([a-z]+)}")


@dataclass(slots=True)
class Draft:
    """A quantity that is being read: the fields of :class:`Quantity`, and two fields about the number as written."""

    start: int
    end: int
    low: Decimal
    high: Decimal
    run: str = ""  # the digits or numeral characters; empty for a number in words
    scaled: bool = False  # whether a scale word follows
    kind: str = "count"
    unit: str = ""
    noun: str = ""
    exact: str = "exact"
    checkable: bool = True

    @property
    def single(self) -> bool:
        """Whether the value is not a range."""
        return self.low == self.high

    def set_unit(self, kind: str, unit: str, end: int, noun: str = "") -> None:
        """Set kind, unit, end and noun."""
        self.kind, self.unit, self.end, self.noun = kind, unit, end, noun

    def change(self, end: int, *, times: Decimal = _ONE, plus: Decimal = _ZERO) -> None:
        """Multiply the values by a number, and add another; the last one ends at ``end``."""
        self.low, self.high, self.end = EXACT.fma(self.low, times, plus), EXACT.fma(self.high, times, plus), end

    def set_range(self, low: Decimal, high: Decimal, end: int, noun: str = "") -> bool:
        """Set the values of a range or score that ends at ``end``, and return True."""
        self.low, self.high, self.end, self.noun = low, high, end, noun
        return True


class Day(NamedTuple):
    """The date of a text; month and day may be unknown."""

    year: int
    month: int | None = None
    day: int | None = None


def parse_day(date: str | datetime.date | None) -> Day | None:
    """Parse an ISO date: a day, month or year.

    :raises InputError: if the value is not a valid date.
    """
    if date is None:
        return None
    iso = date.isoformat()[:10] if isinstance(date, datetime.date) else date
    try:
        datetime.date.fromisoformat(f"{iso}-01-01"[:10] if _ISO.match(iso) else "")
    except (TypeError, ValueError):
        raise InputError(f"date {date!r} is not a day in ISO format; write 2022-07-25, 2022-07 or 2022") from None
    return Day(*map(int, iso.split("-")))


@lru_cache(maxsize=4096)
def _normal(text: str) -> Quantity | None:
    normal, _, noun = text.partition(";")
    try:
        quantity = parse_normal(normal)
    except InputError:
        return None
    low, high = sorted((quantity.low, quantity.high))
    return replace(quantity, low=low, high=high, noun=noun or quantity.noun)


class Scanner:
    """Scans one text once, from left to right, and collects its quantities.

    :ivar t: the text that is scanned: lowercase, or with full-width digits folded; as long as the original ``text``.
    :ivar cased: the text in which case matters: of ``text`` and ``t``, the one with uppercase letters.
    :ivar when: the date of the text.
    :ivar done: the offset up to which the text has been read.
    :ivar dated: the last date that has a month and a day.
    """

    lexicon: Lexicon
    #: the maximum distance of a qualifier that does not stand directly before its number
    FAR: int

    #: the end of the last number that is part of a name or a list of names
    name_end = -1
    #: an offset at which no qualifier follows a number
    unqualified = -1
    #: the end of the last quantity
    last_end = 0
    done = 0
    dated: Quantity | None = None
    # methods that each language defines; ``small_number`` returns the value of a short whole number, or -1
    small_number: Callable[[str], int]
    second_number: Callable[[Draft, int], Number | None]
    is_range: Callable[[Draft, re.Match[str], Decimal, Number, Tail | None], bool]
    scale_value: Callable[[str], Decimal]
    read_rest: Callable[[Draft], bool]

    def __init__(self, text: str, t: str, when: Day | None, cased: str) -> None:
        self.text, self.t, self.when, self.cased = text, t, when, cased
        self.quantities: list[Quantity] = []

    def add(self, d: Draft, date: tuple[int | None, int | None, int | None] = (None, None, None)) -> bool:
        """Append a quantity, and return True; ``date`` has the year, month and day of a date."""
        quantities = self.quantities
        first = self.previous(d.start, "parts_joint", d.kind) if d.unit in _SMALLER_UNITS and d.single else None
        parts = _COMPOUNDS.get((first.unit, d.unit), _ZERO) if first is not None and first.low == first.high else _ZERO
        # the hour of 1小时30分钟; 一周四天 and 一周七天 are no week plus some days
        if first is not None and d.low < parts and (first.unit != "week" or first.span[1] < d.start):
            d.start, d.exact = first.span[0], d.exact if first.exact == "exact" else first.exact
            d.change(d.end, plus=EXACT.multiply(first.low, parts))
            quantities.pop()
        checkable = d.checkable and not (d.kind in _LOOSE_ONE and d.low == d.high == _ONE and d.noun != "score")
        while quantities and quantities[-1].span[0] >= d.start:
            quantities.pop()  # the "half" of "half past six", read as a number before
        if quantities:  # a preceding sign may already belong to the previous quantity
            last = quantities[-1]
            d.start = max(d.start, last.span[1])
            if self.t[d.end : d.end + 1] in (")", "）") and self.t[last.span[1] : d.start].strip() in ("(", "（"):
                checkable &= (d.low, d.high) != (last.low, last.high) or d.unit not in ("", last.unit)  # 五千瓦特(5kW)
        end = self.done = self.last_end = d.end
        about = d.kind, d.unit, d.noun, d.exact, *date, (d.start, end), self.text[d.start : end]
        quantities.append(Quantity(d.low, d.high, *about, checkable, self.text))
        return True

    def add_value(self, start: int, end: int, value: Decimal, kind: str, unit: str = "", **more: Any) -> bool:
        """Append a quantity with a single value."""
        return self.add(Draft(start, end, value, value, kind=kind, unit=unit, **more))

    def add_date(self, start: int, end: int, *date: int | None, unit: str = "", or_year: int | None = None) -> bool:
        """Append a date: year, month and day; ``or_year`` is a second possible year, as in "last May"."""
        year, month, day = (*date, None, None)[:3]
        rest = (month or 0) * 100 + (day or 0)
        low = Decimal((year or 0) * 10000 + rest)
        high = Decimal(or_year * 10000 + rest) if or_year else low
        return self.add(Draft(start, end, low, high, kind="date", unit=unit), (year, month, day))

    def previous(self, start: int, joint: str, kind: str) -> Quantity | None:
        """Return the last quantity if it has this kind, and the text up to ``start`` matches an expression."""
        last = self.quantities[-1] if self.quantities else None
        if last is None or last.kind != kind or not self.lexicon.patterns[joint].fullmatch(self.t, last.span[1], start):
            return None
        return last

    def number(self, match: RuleMatch, name: str) -> int | None:
        """Return the number in a group; None if the group did not match or is too long for a number."""
        digits = _SEPARATOR.sub("", match.get(name))
        return self.small_number(digits) if 0 < len(digits) <= 2 * MOST_DIGITS else None

    def _date(self, match: RuleMatch) -> bool:
        """Add one date or two; false if the parts are not a valid date."""
        year, month, day, day2 = [self.number(match, name) for name in ("y", "m", "d", "d2")]
        if (short_year := self.number(match, "yy")) is not None:
            century = self.number(match, "cc")
            year = short_year + (100 * century if century else 2000 if short_year < 40 else 1900)
        if (republic := self.number(match, "roc")) is not None:
            year = 1911 + republic
        if not (_valid(month, day) and _valid(month, day2)):
            return False
        start = match.start
        if "second" in match.groups:
            self.add_date(start, match.groups["first"][1], year, month, day)
            start, month, day = match.groups["second"][0], self.number(match, "m2") or month, day2
        self.add_date(start, match.end, year, month, day)
        if month and day:
            self.dated = self.quantities[-1]
        return True

    def _time(self, match: RuleMatch) -> bool:
        """Add a time of day; in a range, the first hour has the same half of the day (6-8 p.m.) or the other (11-1 p.m.)."""
        half = self.lexicon.halves.get(match.get("half"), "")
        hour, second = self.number(match, "h") or 0, self.number(match, "h2")
        if second and second != 12 and (hour > second or hour == 12):
            half = "pm" if half == "am" else "am"
        return self.add_time_of(match, half, self.qualifier_before(match.start))

    def add_time_of(self, match: RuleMatch, half: str, exact: str) -> bool:
        """Add the time of day with the hour and minutes of a match; false if the time is not valid."""
        hour, minute = self.number(match, "h"), self.number(match, "min")
        if minute is None:
            minute = self.lexicon.tables["minutes"].get(match.get("part").lower(), 0)
        if hour is None or not 0 <= hour <= 24 or not 0 <= minute < 60:
            return False
        if match.get("to"):
            hour, minute = hour - 1 or 12, 60 - minute
        if (half == "pm" and hour < 12) or (half == "night" and 5 <= hour < 12):
            hour += 12
        elif half in ("am", "night") and hour == 12:
            hour = 0
        value, unit = Decimal(hour % 24 * 60 + minute), "12h" if not half and 1 <= hour <= 12 else ""
        return self.add_value(match.start, match.end, value, "time", unit, exact=exact)

    def _relative(self, match: RuleMatch) -> bool:
        """Add a date that depends on the date of the text: this year, 去年5月17日, last month, last May (of two years)."""
        when, step, other = self.when, self.lexicon.tables["steps"][match.get("back").lower()], None
        year = None if when is None else when.year + step
        month, day = self.number(match, "m"), self.number(match, "d")
        if not _valid(month, day) or (when is None and (month is None or "year" not in match.groups)):
            return False
        if when is not None and "year" not in match.groups:
            if month is not None:
                year = when.year - (step < 0) + (month <= (when.month or 0) * step)
                other = when.year if step < 0 and (when.month is None or month < when.month) else None
            elif when.month is None:
                return False
            else:
                months = when.year * 12 + when.month - 1 + step
                year, month = months // 12, months % 12 + 1
        return self.add_date(match.start, match.end, year, month, day, or_year=other)

    @classmethod
    def action(cls, text: str) -> Action:
        """Parse the action of a rule: one or more steps separated by ``&``, all of which must return true.

        A step is the name of a method, or a quantity in normal form that is added. ``!`` before a method inverts its result, and
        ``?`` before a step makes the quantity uncheckable. ``after_KIND`` accepts a match that continues a list or range of
        this kind. In a normal form, ``{name}`` inserts a group of the expression, and a noun may follow after a semicolon. If it
        ends with ``…``, the value is multiplied by the group ``scale``, and the unit or noun after the match is read as well.
        """
        first, _, others = text.partition(" & ")
        if not others:
            return cls._step(first)
        step, rest = cls._step(first), cls.action(others)
        return lambda scan, match: step(scan, match) and rest(scan, match)

    @classmethod
    def _step(cls, text: str) -> Action:
        name, checkable = text.lstrip("!?"), not text.startswith("?")
        after, _, kind = name.partition("_")
        if after == "after" and kind in KINDS:
            return lambda scan, match: (scan.previous(match.start, "list_joint", kind) is None) == text.startswith("!")
        method: Action | None = getattr(cls, f"_{name}", None)
        if method is None:
            fields = _FIELD.findall(name)
            return lambda scan, match: scan.add_normal_form(match, name, fields, checkable=checkable)
        if text[0] == "!":
            return lambda scan, match: not method(scan, match)
        return method if checkable else lambda scan, match: method(scan, match) and scan.mark_uncheckable()

    def mark_uncheckable(self) -> bool:
        """Make the last quantity uncheckable."""
        self.quantities[-1].checkable = False
        return True

    def add_normal_form(self, match: RuleMatch, normal: str, fields: Iterable[str], *, checkable: bool) -> bool:
        """Add the quantity of a normal form, with the groups of the match inserted for the names of ``fields``."""
        for name in fields:
            digits = match.get(name)[: 2 * MOST_DIGITS].replace(",", "").replace(" ", "")
            value = digits if digits.isascii() and digits.isdigit() else self.small_number(digits)
            normal = normal.replace(f"{{{name}}}", digits if value == -1 else str(value))
        q = _normal(normal.rstrip("…"))
        if q is None:
            return False
        if normal[-1] == "…":
            factor = self.scale_value(match.get("scale"))
            low, high = EXACT.multiply(q.low, factor), EXACT.multiply(q.high, factor)
            added = self.read_rest(Draft(match.start, match.end, low, high, scaled=True, exact=q.exact))
            return added and (checkable or self.mark_uncheckable())
        end, exactness = match.end, q.exact
        if checkable and q.kind not in ("date", "time"):
            end, exactness = self.read_qualifiers(match.start, end, exactness)
        draft = Draft(match.start, end, q.low, q.high, "", False, q.kind, q.unit, q.noun, exactness, checkable)
        return self.add(draft, (q.year, q.month, q.day))

    def _skip(self, match: RuleMatch) -> bool:
        """Skip the match: it is part of a name or code."""
        self.done = max(self.done, match.end)
        return True

    def _ignored(self, match: RuleMatch) -> bool:
        """Accept the match without adding a quantity."""
        return True

    def _not_joined(self, match: RuleMatch) -> bool:
        return self.last_end != match.start - 1

    def _no_currency(self, match: RuleMatch) -> bool:
        return self.currency_before(match.start) is None

    def _no_unit(self, match: RuleMatch) -> bool:
        return self.unit_at(match.groups["n"][1] if "n" in match.groups else match.end) is None

    def _continues(self, match: RuleMatch) -> bool:
        """Whether the match continues a list of names: Rooms 3, 4 and 5."""
        joint = self.lexicon.patterns["names_joint"]
        return self.name_end >= 0 and joint.fullmatch(self.t, self.name_end, match.start) is not None

    def _mark_name(self, match: RuleMatch) -> bool:
        """Accept a number in a name without adding a quantity."""
        self.name_end = match.groups["n"][1]
        return True

    def _name(self, match: RuleMatch) -> bool:
        """Add a short number in a name as an uncheckable count, and skip the match."""
        self.name_end, number = match.groups["n"][1], self.number(match, "n")
        if number is not None and 0 <= number < _LARGEST_NAME:
            self.add_value(*match.groups["n"], Decimal(number), "count", checkable=False)
        return self._skip(match)

    def _share(self, match: RuleMatch) -> bool:
        """Add a fraction as a percentage: 3/4, 每10人中有4人."""
        top, bottom = self.number(match, "top") if "top" in match.groups else 1, self.number(match, "bottom") or 0
        if top is None or not 0 < top < bottom:
            return False
        percent = percent_of(top, bottom)
        return self.add_fraction(match, percent, percent)

    def add_fraction(self, match: RuleMatch, low: Decimal, high: Decimal) -> bool:
        """Add a percentage, or a part of the unit that follows: a tenth of a second, a tenth of 1%, 十分之一秒."""
        of = self.lexicon.patterns["of_unit"].match(self.t, match.end)
        tail = None if of is None else self.unit_at(of.end())
        d = Draft(match.start, match.end, low, high, kind="percent")
        if tail is not None and tail[0] in ("measure", "duration", "percent"):
            d.change(d.end, times=_HUNDREDTH)
            d.set_unit(*tail)
        return self.finish(d)

    def _numbers(self, match: RuleMatch) -> bool:
        """Add each number of a list, with the unit of measure after the last one: 62x40x272mm; 249,289,299都有."""
        kind, unit, end = self.unit_at(match.end) or ("count", "", match.end)
        if kind not in ("count", "measure"):
            return False
        numbers = list(re.finditer("[0-9][0-9.]*", match.get("list")))
        for number in numbers:
            start, stop = match.start + number.start(), match.start + number.end()
            self.add_value(start, end if number is numbers[-1] else stop, Decimal(number[0]), kind, unit)
        return True

    def qualifier_after(self, at: int) -> tuple[int, str]:
        """Return the end and value of the qualifier at ``at``, if any."""
        match = None if at == self.unqualified else self.lexicon.after.match(self.t, at)
        if match is None or match.lastgroup is None:
            self.unqualified = at
            return at, "exact"
        return match.end(), match.lastgroup.replace("_", " ")

    def read_qualifiers(self, start: int, end: int, exactness: str = "exact") -> tuple[int, str]:
        """Return the end of a quantity with its qualifiers, and the qualifier."""
        stop, qualifier = self.qualifier_after(end)
        if stop == end:
            qualifier = self.qualifier_before(start) if exactness == "exact" else self.adjacent_qualifier(start)
        return stop, exactness if qualifier in ("", "exact") else qualifier

    def qualifier_before(self, start: int) -> str:
        """Return the qualifier in the words before ``start``; "not more than" is "at most"."""
        return self.adjacent_qualifier(start) or self.distant_qualifier("far", start, self.FAR)

    def adjacent_qualifier(self, start: int) -> str:
        """Return the qualifier directly before ``start``, or an empty string."""
        return self.lexicon.qualifier_before(self.t, start)

    def distant_qualifier(self, pattern: str, start: int, reach: int) -> str:
        """Return the qualifier named by the last group of an expression for the text before ``start``."""
        match = self.lexicon.patterns[pattern].search(self.t, max(0, start - reach), start)
        name = None if match is None or self.last_end > match.start() else match.lastgroup
        return "exact" if name is None else name.rstrip("_").replace("_", " ")

    def read_range(self, d: Draft, tail: Tail | None = None) -> bool:
        """Read the second end of a range: 10到20万, 3 or 4; ``tail`` is the unit after the first end (5 yuan to 10 yuan)."""
        joint = self.lexicon.patterns["joint"].match(self.t, d.end if tail is None else tail[2])
        second = None if joint is None else self.second_number(d, joint.end())
        if joint is None or second is None:
            return False
        if tail is not None and (self.unit_at(second.end) or ())[:2] != tail[:2]:
            return False
        ago = self.t.startswith(("年前", " years ago"), second.end)
        falls = not ago and joint[0] == " to " and self.t.endswith("from ", 0, d.start)  # from 40 to 30 million
        shared = not d.scaled and second.scale > 1 and d.low * second.scale < second.value * _FAR
        low = EXACT.multiply(d.low, second.scale) if shared else d.low
        if low == second.value or (low > second.value and not (falls or shared or ago)):
            return False
        first, last = (low, second.value) if falls else sorted((low, second.value))  # 4.2-3.9 million
        return self.is_range(d, joint, low, second, tail) and d.set_range(first, last, second.end)

    def read_score(self, d: Draft) -> bool:
        """Read the rest of a score: 3比1, 102-98, but not 747-8."""
        score = self.lexicon.patterns["score"].match(self.t, d.end) if len(d.run) <= 3 and d.run.isdigit() else None
        if score is None or self.unit_at(score.end()) is not None:
            return False
        other, sure = Decimal(score[1]), set("比:") & set(self.t[d.end : score.start(1)])
        if not sure and (other > d.low or (d.low >= 100 and other * 3 < d.low)):
            return False
        return d.set_range(min(d.low, other), max(d.low, other), score.end(), "score")

    def correct(self, d: Draft) -> None:
        """Correct a draft that has been read completely."""

    def finish(self, d: Draft) -> bool:
        """Read the qualifiers, and add the quantity."""
        if d.kind in _WITH_UNIT and self.quantities and self.quantities[-1].kind == "count":
            self._share_unit(d)
        d.unit, d.low, d.high = whole_unit(d.unit, d.low, d.high)
        if d.unit in DEGREES:
            minus = self.lexicon.patterns["below_zero"].search(self.t, max(0, d.start - 9), d.start)
            if minus is not None or self.t.startswith((" below zero", " below freezing"), d.end):
                d.low, d.high = EXACT.minus(d.high), EXACT.minus(d.low)
            d.start = d.start if minus is None else minus.start()
        d.end, d.exact = self.read_qualifiers(d.start, d.end, d.exact)
        self.correct(d)
        return self.add(d)

    def _share_unit(self, d: Draft) -> None:
        """Give the numbers of a list the last one's unit: 286, 92 and 16 basis points."""
        start, joint = d.start, "last_joint"
        for q in reversed(self.quantities):
            number = _RE["listed"].fullmatch(q.surface) if q.kind == "count" and not q.noun else None
            if number is None or (number[1] != "") != d.scaled or not _RE[joint].fullmatch(self.t, q.span[1], start):
                return
            q.unit, q.low, q.high = whole_unit(d.unit, q.low, q.high)
            q.kind, q.noun, q.checkable = d.kind, d.noun, True
            start, joint = q.span[0], "joint"

    def unit_at(self, at: int) -> Tail | None:
        """Return kind, unit and end of the unit at ``at``."""
        match = self.lexicon.patterns["unit"].match(self.t, at)
        if match is None:
            return None
        start, end = match.span(match.lastindex or 0)
        name = self.cased[start:end]
        for (kind, unit), here, before in self.lexicon.readings.get(name, ()):
            if here.match(self.t, start) and before.search(self.t, max(0, start - _LONGEST_CONTEXT), start):
                return (kind, unit, end) if kind else None
        usual = ZH_UNIT.get(name) or latin_unit(name)
        return None if usual is None else (*usual, end)

    def currency_before(self, start: int) -> Symbol | None:
        """Return code and start of the currency sign before a number."""
        if not self.lexicon.patterns["sign_end"].match(self.cased, start):
            return None
        match = self.lexicon.patterns["sign"].search(self.cased, max(0, start - _LONGEST_SIGN), start)
        if match is None or match.start(1) < self.last_end or _RE["formula"].match(self.cased, start - 1):
            return None
        return CURRENCY_OF[match[1].replace(" ", "")], match.start()


def _valid(month: int | None, day: int | None) -> bool:
    """Whether month and day are in range. With a month, any day is accepted, so that a wrong date (May 40) is still read."""
    return (month is None or 1 <= month <= 12) and (day is None or 1 <= day <= 31 or month is not None)
