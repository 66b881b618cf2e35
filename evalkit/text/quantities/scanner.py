"""One scan of a text, as both languages do it: qualifiers, currency signs, names and codes, shares and ages."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from evalkit.errors import InputError
from evalkit.text.quantities.dates import DateRules
from evalkit.text.quantities.decimals import MOST_DIGITS, negative, plus, shift, times
from evalkit.text.quantities.model import Quantity, parse_normal
from evalkit.text.quantities.rule_lists import Action, Found, any_of
from evalkit.text.quantities.units import DEGREES, EN_SYMBOL, percent_of, whole_unit

#: code of a currency, and where its sign begins
Symbol = tuple[str, int]


class Number(NamedTuple):
    """A value, where its words end, and the power of ten of its last scale word."""

    value: Decimal
    end: int
    scale: int


#: kind, unit, and where it ends
Tail = tuple[str, str, int]
_LONGEST_SIGN = 8
_WITH_UNIT = frozenset(("money", "percent", "percentage-point", "measure", "duration"))
#: between the numbers of a list that share a unit
_JOINTS = frozenset((",", "、"))
_LAST_JOINTS = frozenset(("and", ", and", "&", "、", "和", "及", "与", "以及"))
_FIELD = re.compile("{([a-z]+)}")
_WIDE_COMMA = re.compile("，(?<=[0-9]，)[0-9]{3}(?![0-9])")


@dataclass(slots=True)
class Draft:
    """A number and what has been read around it so far.

    :ivar run: the digits or numeral characters as they are written, empty for a number in words.
    :ivar scale: the power of ten of its last scale word.
    """

    start: int
    end: int
    low: Decimal
    high: Decimal
    run: str = ""
    scale: int = 0
    kind: str = "count"
    unit: str = ""
    noun: str = ""
    exact: str = "exact"
    checkable: bool = True

    @property
    def single(self) -> bool:
        """Whether it is no range."""
        return self.low == self.high

    def become(self, kind: str, unit: str, end: int, noun: str = "") -> None:
        """It has this unit, which ends there."""
        self.kind, self.unit, self.end, self.noun = kind, unit, end, noun

    def plus(self, more: Decimal, end: int) -> None:
        """Something is added that ends there."""
        self.low, self.high, self.end = plus(self.low, more), plus(self.high, more), end

    def times(self, factor: Decimal, end: int) -> None:
        """It is multiplied by something that ends there."""
        self.low, self.high, self.end = times(self.low, factor), times(self.high, factor), end

    def join(self, low: Decimal, high: Decimal, end: int, noun: str = "") -> bool:
        """It is a range, or a score, that ends there."""
        self.low, self.high, self.end, self.noun = low, high, end, noun
        return True


def fold_commas(text: str, numbers: re.Pattern[str]) -> str:
    """The text with commas for the full-width ones in some numbers: 250，000."""
    if _WIDE_COMMA.search(text) is None:
        return text
    return numbers.sub(lambda match: match.group().replace("，", ","), text)


def signs(names: Iterable[str], between: str = "") -> re.Pattern[str]:
    """The sign or name of a currency at the end of what precedes a number."""
    latin = any_of(name for name in names if name[0].isascii() and name[0].isalpha())
    latin = re.sub(r"(?<!\bA)\\\$", r" ?\$", latin)  # US $5, but A $100 note
    other = any_of(name for name in names if not (name[0].isascii() and name[0].isalpha()))
    return re.compile(rf"((?<![A-Za-z])(?:{latin})|{other}){between} ?$")


@lru_cache(maxsize=4096)
def _normal(text: str) -> Quantity | None:
    normal, _, noun = text.partition(";")
    try:
        quantity = parse_normal(normal)
    except InputError:
        return None
    low, high = sorted((quantity.low, quantity.high))
    return replace(quantity, low=low, high=high, noun=noun or quantity.noun)


class Scanner(DateRules):
    """One pass over one text.

    :ivar named: where the last number ended that is part of a name or of a list of names.
    :ivar labelled: the word before the last bare number, and the number.
    """

    SIGNS = signs(EN_SYMBOL)
    CURRENCIES: Mapping[str, str] = EN_SYMBOL

    named = -1
    labelled = ("", 0)

    @property
    def signed(self) -> str:
        """The text in which currency signs are looked for."""
        return self.text

    @classmethod
    def action(cls, text: str) -> Action:
        """What a rule does: steps with ampersands between them, all of which have to accept.

        A step is a method, with an exclamation mark before it where it must refuse, or a quantity in normal form. In this, groups
        of the expression may stand in braces, what it counts or is the measure of follows after a semicolon, and with dots at the
        end the scale in the group ``scale`` and the unit or noun behind belong to it. A question mark before a step: the quantity
        is not checkable.
        """
        steps = [cls._step(step) for step in text.split(" & ")]
        return steps[0] if len(steps) == 1 else lambda scan, found: all(step(scan, found) for step in steps)

    @classmethod
    def _step(cls, text: str) -> Action:
        name, checkable = text.lstrip("!?"), not text.startswith("?")
        method: Action | None = getattr(cls, f"_{name}", None)
        if method is None:
            return lambda scan, found: scan.constant(found, name, checkable=checkable)
        if text[0] == "!":
            return lambda scan, found: not method(scan, found)
        return method if checkable else lambda scan, found: method(scan, found) and scan.doubt()

    def doubt(self) -> bool:
        """Makes the last quantity one that is not checkable."""
        self.quantities[-1] = replace(self.quantities[-1], checkable=False)
        return True

    def constant(self, found: Found, normal: str, *, checkable: bool) -> bool:
        """A phrase that always names the same quantity, or one with numbers of the phrase."""
        for name in _FIELD.findall(normal):
            said = found.get(name)[: 2 * MOST_DIGITS].replace(",", "")
            value = said if said.isascii() and said.isdigit() else self.small(said)
            normal = normal.replace(f"{{{name}}}", said if value == -1 else str(value))
        q = _normal(normal.rstrip("…"))
        if q is None:
            return False
        if normal[-1] == "…":
            factor = self.scale(found.get("scale"))
            low, high = times(q.low, factor), times(q.high, factor)
            return self.complete(Draft(found.start, found.end, low, high, scale=1, exact=q.exact)) and (
                checkable or self.doubt()
            )
        end, exactness, date = found.end, q.exact, (q.year, q.month, q.day)
        if checkable and q.kind not in ("date", "time"):
            end, exactness = self.qualified(found.start, end, exactness)
        return self.add(found.start, end, q.low, q.high, q.kind, q.unit, q.noun, exactness, checkable, date)

    @abstractmethod
    def scale(self, text: str) -> Decimal:
        """The product of scales in words."""

    @abstractmethod
    def complete(self, d: Draft) -> bool:
        """The value is read: now the second end of a range, the unit, the noun and the qualifiers."""

    # -- names and codes --------------------------------------------------------------------------------------------

    def _nothing(self, found: Found) -> bool:
        """A part of a name or a code."""
        self.done = max(self.done, found.end)
        return True

    def _ignored(self, found: Found) -> bool:
        """Digits or words that count nothing."""
        return True

    def _apart(self, found: Found) -> bool:
        """Whether no quantity ends before the sign before, so that it does not join two ends of a range."""
        return self.end() != found.start - 1

    def _no_sign(self, found: Found) -> bool:
        """Whether no currency precedes."""
        return self.symbol(found.start) is None

    def _no_unit(self, found: Found) -> bool:
        """Whether no unit follows the number."""
        return self.unit_at(found.stop("n") if "n" in found.groups else found.end) is None

    def in_series(self, word: str, digits: str, *, alone: bool) -> bool:
        """芯片1，芯片2: the numbers of things that are called the same."""
        last, self.labelled = self.labelled, (word, int(digits) if digits.isdigit() and len(digits) < 4 else 0)
        return alone and bool(word) and word == last[0] and self.labelled[1] == last[1] + 1 > 1

    def _unread(self, found: Found) -> bool:
        """Digits that count nothing."""
        self.named = found.stop("n")
        return True

    def _name(self, found: Found) -> bool:
        """The number of something: it counts nothing, but may be taken for a count on the other side."""
        self.named = found.stop("n")
        self.name(found.begin("n"), found.stop("n"), found.get("n"))
        return self._nothing(found)

    # -- shares and ages --------------------------------------------------------------------------------------------

    def _share(self, found: Found) -> bool:
        """3/4, 每10人中有4人."""
        top, bottom = self.part(found, "top") if "top" in found.groups else 1, self.part(found, "bottom") or 0
        if top is None or not 0 < top < bottom:
            return False
        end, exactness = self.qualified(found.start, found.end)
        return self.one(found.start, end, percent_of(top, bottom), "percent", exact=exactness)

    def _slash(self, found: Found) -> bool:
        """3/4; 7/7 is no share."""
        return self._share(found) or self._nothing(found)

    def _dimensions(self, found: Found) -> bool:
        """62x40x272mm: each number has the unit."""
        tail = self.unit_at(found.end)
        if tail is None or tail[0] != "measure":
            return False
        numbers = list(re.finditer(r"[0-9][0-9.,]*", found.get("list")))
        for match in numbers:
            start, end = found.start + match.start(), tail[2] if match is numbers[-1] else found.start + match.end()
            self.one(start, end, Decimal(match[0].replace(",", "")), tail[0], tail[1])
        return True

    def _ages(self, found: Found) -> bool:
        """7-9-12 years old."""
        ages = [Decimal(age) for age in re.findall("[0-9]+", found.get("ages"))]
        return self.add(found.begin("ages"), found.end, min(ages), max(ages), "duration", "year", "age")

    # -- qualifiers and currencies ----------------------------------------------------------------------------------

    def after(self, q: int, exactness: str = "exact") -> tuple[int, str]:
        """The qualifier behind, and where it ends."""
        match = self.lexicon.after.match(self.t, q)
        if match is None or match.lastgroup is None:
            return q, exactness
        return match.end(), match.lastgroup.replace("_", " ")

    def qualified(self, start: int, end: int, exactness: str = "exact") -> tuple[int, str]:
        """Where the quantity ends with a qualifier behind it, and how exact it is."""
        if exactness == "exact":
            end, exactness = self.after(end)
        return end, exactness if exactness != "exact" else self.before(start)

    # -- ranges and scores ------------------------------------------------------------------------------------------

    @abstractmethod
    def second(self, d: Draft, q: int) -> Number | None:
        """The number at ``q``, where it can be the second end of a range."""

    @abstractmethod
    def joins(self, d: Draft, joint: re.Match[str], low: Decimal, second: Number, tail: Tail | None) -> bool:
        """Whether what is between the two ends, of which ``low`` is the first, makes a range of them."""

    def joined(self, d: Draft, tail: Tail | None = None) -> bool:
        """The second end of a range: 10到20万, 3 or 4, 5 yuan to 10 yuan; a scale at the second belongs to both.

        :param tail: the unit of the first end, where it has one of its own.
        """
        joint = self.lexicon.patterns["joint"].match(self.t, d.end if tail is None else tail[2])
        second = None if joint is None else self.second(d, joint.end())
        if joint is None or second is None:
            return False
        if tail is not None and (self.unit_at(second.end) or ())[:2] != tail[:2]:
            return False
        shared = second.scale > d.scale == 0 and d.low < shift(second.value, -second.scale)
        low = shift(d.low, second.scale) if shared else d.low
        if tail is None and self.falls(d, joint, second):
            return True
        joins = low < second.value and self.joins(d, joint, low, second, tail)
        return joins and d.join(low, second.value, second.end)

    def falls(self, d: Draft, joint: re.Match[str], second: Number) -> bool:
        """Whether a smaller number follows that shares its scale and unit with the first."""
        return False

    def scored(self, d: Draft) -> bool:
        """3比1, 102-98; 747-8 can not be the result of a game."""
        score = self.lexicon.patterns["score"].match(self.t, d.end) if len(d.run) <= 3 and d.run.isdigit() else None
        if score is None or self.unit_at(score.end()) is not None:
            return False
        other, sure = Decimal(score[1]), set("比:") & set(self.t[d.end : score.start(1)])
        if not sure and (other > d.low or (d.low >= 100 and other * 3 < d.low)):
            return False
        return d.join(min(d.low, other), max(d.low, other), score.end(), "score")

    @abstractmethod
    def unit_at(self, q: int) -> Tail | None:
        """Kind, unit and end of the longest unit that begins here."""

    @abstractmethod
    def below_zero(self, d: Draft) -> bool:
        """Whether degrees are below zero."""

    def reconsider(self, d: Draft) -> None:
        """What is only seen when everything has been read."""

    def finish(self, d: Draft) -> bool:
        """The unit and the noun are read: now the qualifiers."""
        if d.kind in _WITH_UNIT and d.single and d.run and not d.scale:
            self._share_unit(d)
        d.unit, d.low, d.high = whole_unit(d.unit, d.low, d.high)
        if d.unit in DEGREES and self.below_zero(d):
            d.low, d.high = negative(d.low, d.high)
        d.end, d.exact = self.qualified(d.start, d.end, d.exact)
        self.reconsider(d)
        return self.add(d.start, d.end, d.low, d.high, d.kind, d.unit, d.noun, d.exact, d.checkable)

    def _share_unit(self, d: Draft) -> None:
        """286, 92 and 16 basis points: the bare numbers of a list have the unit of the last one."""
        start, joints = d.start, _LAST_JOINTS
        for i in range(len(self.quantities) - 1, -1, -1):
            q = self.quantities[i]
            bare = q.kind == "count" and not q.noun and q.surface.replace(".", "").isdigit()
            if not bare or self.t[q.span[1] : start].strip() not in joints:
                return
            unit, low, high = whole_unit(d.unit, q.low, q.high)
            self.quantities[i] = replace(q, kind=d.kind, unit=unit, noun=d.noun, low=low, high=high)
            start, joints = q.span[0], _JOINTS

    def symbol(self, start: int) -> Symbol | None:
        """Code of the currency sign before, and where the sign begins."""
        begin = max(0, start - _LONGEST_SIGN)
        match = self.SIGNS.search(self.signed, begin, start)
        if match is None or match.start(1) < self.end():
            return None
        return self.CURRENCIES[match[1].replace(" ", "")], match.start()
