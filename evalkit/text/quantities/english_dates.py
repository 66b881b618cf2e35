"""Dates and times of day in English text: July 25, 2022; 25 July; last May; the 1990s; 10:30 a.m.; 0200 GMT.

Every function takes the text as written, where months have their capital, and returns quantities or nothing.
"""

from __future__ import annotations

import re

from evalkit.text.quantities.dates import Day, date_quantity, time_quantity
from evalkit.text.quantities.english_words import alternatives
from evalkit.text.quantities.lexicons import barred
from evalkit.text.quantities.model import Quantity

__all__ = [
    "MONTHS",
    "before_christ",
    "clock",
    "day_alone",
    "day_first",
    "decade",
    "iso",
    "month_first",
    "relative",
    "season",
]

MONTHS: dict[str, int] = {
    name: i + 1
    for i, names in enumerate(
        barred(
            "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|"
            "october oct|november nov|december dec"
        )
    )
    for name in names.split()
}
_MONTH = alternatives([name.capitalize() for name in MONTHS] + [name.upper() for name in MONTHS if len(name) > 3])
_YEAR = r"(?:1[0-9]|20)[0-9]{2}"
_NOT_DAY = (
    r"(?![0-9%]|:[0-9]|[.,][0-9]|(?:[- ]|th )?(?:percent|million|billion|thousand|per cent|people|years?|days|points))"
)
_AFTER_MONTH = re.compile(
    rf"\.?(?: (?:the )?([0-9]{{1,2}})(?:st|nd|rd|th)?\b{_NOT_DAY}(?:(?:, ?| | of )({_YEAR})\b(?!,[0-9]|%))?"
    rf"|,? (?:of )?({_YEAR})\b(?!,[0-9]))"
)
_TO_DAY = re.compile(
    r" ?(?:-|–|—|to|through|until|till) ?(?:the )?([0-9]{1,2})(?:st|nd|rd|th)?\b"
    r"(?![:%]|[.,]?[0-9]| (?:percent|million|people|years|of))"
    r"| (?:and|&) (?:the )?([0-9]{1,2})(?:st|nd|rd|th)?(?=[.,;)]|, [0-9]{4}|$)(?![.,][0-9])"
)
_THEN_YEAR = re.compile(rf"(?:, ?| )({_YEAR})\b")
_OF_YEAR = re.compile(r",? (?:of )?(this|last|next) year\b")
_DAY_FIRST = re.compile(
    rf"([0-9]{{1,2}})(?:st|nd|rd|th)?(?: ?(?:-|–|to|and) ?([0-9]{{1,2}})(?:st|nd|rd|th)?)? (?:of )?({_MONTH})\b\.?"
    rf"(?:,? (?:of )?({_YEAR})\b)?"
)
_DAY_ALONE = re.compile(
    r"(?:st|nd|rd|th)(?:((?: day)? of (?:this|last|next|the) month)"
    r"|(?=[.,;:!?)”]|$| (?:and|to|at|when|local|that|in|for|with|from|as|by|after|before)\b))"
)
_AND_DAY = (" and ", ", ", " to ", " and the ", " to the ")
_BEFORE_DAY = (" on the ", " since the ", " until the ", "on the morning of the ")
_ISO = re.compile(rf"({_YEAR})[-/.]([01]?[0-9])[-/.]([0-3]?[0-9])(?![0-9])")
_SLASHED = re.compile(rf"([0-3]?[0-9])/([0-3]?[0-9])/({_YEAR})(?![0-9])")
_SEASON = re.compile(r"(?: ?[-–—/] ?| to )((?:1[0-9]|20)[0-9]{2}|[0-9]{2})(?![0-9])")
_CLOCK = re.compile(r"([0-9]{1,2})(?:(?:: ?|\.)([0-5][0-9]))?(?::[0-5][0-9])? ?(?:([aApP])\.? ?[mM]\b\.?|(o['’]clock))")
#: the first hour of 6-8 p.m., 9:30 to 11 am
_HOURS = re.compile(r"([0-9]{1,2})(?::([0-5][0-9]))? ?(?:-|–|—|to) ?([0-9]{1,2})(?::[0-5][0-9])? ?([aApP])\.? ?[mM]\b")
_CLOCK24 = re.compile(
    r"([0-9]{1,2})(?::|(?<=[0-9]{2})[hH]|: (?=00\b|[0-9]{2}[ap]))([0-5][0-9])(?::[0-5][0-9])?(?![0-9]|[a-z])"
)
_MILITARY = re.compile(
    r"([0-2][0-9])([0-5][0-9])(?: ?(?:GMT|UTC|hours)| sharp\b|(?<=(?:at|by) 0[0-9]{3})(?![0-9.,:%])"
    r"|(?<=^0[0-9]{3})(?= [A-Za-z])|(?<=[.!?”\n] 0[0-9]{3})(?= [A-Za-z]))"
)
_LAST_MONTH = re.compile(rf" (?:(year|month)|({_MONTH})(?: ([0-9]{{1,2}})(?:st|nd|rd|th)?{_NOT_DAY})?)\b")
_TO_MONTH = re.compile(rf" ?(?:-|–|to|and|through|or) ?(?:{_MONTH})\b")
_BC = re.compile(r" ?(?:BCE?\b|B\.C\.(?:E\.)?)")
_STEP = {"this": 0, "last": -1, "next": 1}
#: months that are also words need one of these before them when no day or year follows.
_WORD_MONTHS = frozenset(("may", "march", "mar", "jan", "jun", "dec", "sep"))
_BEFORE_MONTH = frozenset(
    (
        "in of since by until early late mid from to and between through this last next during before after till -"
    ).split()
)


def month_first(text: str, start: int, end: int, when: Day | None) -> list[Quantity]:
    """July 25, 2022; July 2022; July 23-25; in July; May last year."""
    name = text[start:end].lower()
    month = MONTHS[name]
    found = _AFTER_MONTH.match(text, end)
    if found is None:
        joined = _TO_MONTH.match(text, end)
        if name in _WORD_MONTHS and joined is None and not _after(text, start, _BEFORE_MONTH):
            return []
        year, stop = _year_after(text, end, when)
        return [date_quantity(text, start, stop, year, month)]
    day = int(found[1]) if found[1] else None
    said = found[2] or found[3]
    year = int(said) if said else None
    if day is not None and not 1 <= day <= 31:
        return [date_quantity(text, start, end, None, month)]
    stop = found.end()
    if day is not None and year is None and (more := _TO_DAY.match(text, stop)):
        group = 1 if more[1] else 2
        other = int(more[group])
        if 1 <= other <= 31:
            tail = _THEN_YEAR.match(text, more.end())
            year = int(tail[1]) if tail else None
            last = tail.end() if tail else more.end()
            begin = more.start(group)
            return [
                date_quantity(text, start, stop, year, month, day),
                date_quantity(text, begin, last, year, month, other),
            ]
    if year is None:
        year, stop = _year_after(text, stop, when)
    return [date_quantity(text, start, stop, year, month, day)]


def _after(text: str, start: int, words: frozenset[str]) -> bool:
    before = text[max(0, start - 10) : start]
    parts = before.split()
    return bool(parts) and (parts[-1].lower() in words or before[-1] == "-")


def _year_after(text: str, end: int, when: Day | None) -> tuple[int | None, int]:
    """This year, last year, after a day or a month."""
    found = _OF_YEAR.match(text, end) if when is not None else None
    if found is None or when is None:
        return None, end
    return when.year + _STEP[found[1]], found.end()


def day_first(text: str, start: int, when: Day | None) -> list[Quantity]:
    """25 July 2022; the 25th of July; 23-25 July."""
    found = _DAY_FIRST.match(text, start)
    if found is None:
        return []
    day, last = int(found[1]), int(found[2] or 0)
    if not 1 <= day <= 31 or last > 31:
        return []
    month = MONTHS[found[3].lower()]
    year = int(found[4]) if found[4] else None
    end = found.end()
    if year is None:
        year, end = _year_after(text, end, when)
    if not last:
        return [date_quantity(text, start, end, year, month, day)]
    first_end = start + len(found[1])
    middle = found.start(2)
    return [
        date_quantity(text, start, first_end, year, month, day),
        date_quantity(text, middle, end, year, month, last),
    ]


def day_alone(text: str, start: int, end: int, last: Quantity | None) -> Quantity | None:
    """On the 11th; the 21st and 22nd; the 23rd day of this month: a day whose month is not said.

    :param end: where its digits end.
    :param last: the quantity before.
    """
    found = _DAY_ALONE.match(text, end)
    if found is None or not text[start:end].isdigit() or not 1 <= int(text[start:end][:3]) <= 31:
        return None
    said = bool(found[1]) or f" {text[max(0, start - 12) : start]}".lower().endswith(_BEFORE_DAY)
    after_day = (
        last is not None and last.day is not None and last.month is None and text[last.span[1] : start] in _AND_DAY
    )
    if not said and not after_day:
        return None
    stop = found.end()
    return date_quantity(text, start, stop, None, None, int(text[start:end]))


def iso(text: str, start: int) -> Quantity | None:
    """2022-07-25, 2022/7/25; 25/12/2022 and 12/25/2022, where 5/6/2022 leaves the month open."""
    if found := _ISO.match(text, start):
        year, month, day = int(found[1]), int(found[2]), int(found[3])
        if 1 <= month <= 12 and 1 <= day <= 31:
            return date_quantity(text, start, found.end(), year, month, day)
    elif found := _SLASHED.match(text, start):
        a, b, year = int(found[1]), int(found[2]), int(found[3])
        if a > 12 >= b >= 1 and a <= 31:
            return date_quantity(text, start, found.end(), year, b, a)
        if b > 12 >= a >= 1 and b <= 31:
            return date_quantity(text, start, found.end(), year, a, b)
        if a == b:
            return date_quantity(text, start, found.end(), year, a, b)
        return date_quantity(text, start, found.end(), year)
    return None


def before_christ(text: str, start: int, end: int) -> Quantity | None:
    """472 B.C., 472 BCE."""
    found = _BC.match(text, end)
    if found is None or end - start > 5 or not text[start:end].isdigit():
        return None
    return date_quantity(text, start, found.end(), None, unit="BC", century=int(text[start:end]))


def season(text: str, start: int, end: int) -> list[Quantity]:
    """Both years of 2021-2022, 2019-20 or 2016/17; the year alone where no second one follows."""
    year = int(text[start:end])
    found = _SEASON.match(text, end)
    first = date_quantity(text, start, end, year)
    if found is None:
        return [first]
    said = found[1]
    other = int(said) if len(said) == 4 else year // 100 * 100 + int(said)
    if not year < other <= year + 300 or (len(said) == 2 and other > year + 30):
        return [first]
    begin = found.start(1)
    return [first, date_quantity(text, begin, found.end(), other)]


def decade(text: str, start: int, end: int) -> Quantity | None:
    """The 1990s, 1990's."""
    more = 1 if text[end : end + 1] == "s" else 2 if text[end : end + 2] in ("'s", "’s", " s") else 0
    year = int(text[start:end])
    if not more or year % 10 or text[end + more : end + more + 1].isalnum() or (more == 2 and not year % 100):
        return None
    return date_quantity(text, start, end + more, year, unit="decade")


def relative(text: str, start: int, end: int, word: str, when: Day) -> Quantity | None:
    """This year, last month, last May, next June 5.

    "Last May" read in July may be May of this year or of the last: both years are allowed.
    """
    found = _LAST_MONTH.match(text, end)
    if found is None or text[max(0, start - 4) : start].lower() in ("the ", "its ", "her ", "his "):
        return None
    step = _STEP[word]
    if found[1] == "year":
        return date_quantity(text, start, found.end(), when.year + step)
    if found[1] == "month":
        then = when.months_ago(-step)
        return None if then is None else date_quantity(text, start, found.end(), *then)
    month = MONTHS[found[2].lower()]
    day = int(found[3]) if found[3] else None
    if day is not None and not 1 <= day <= 31:
        return None
    year, other = when.year, None
    if step < 0:
        year -= 1
        other = year + 1 if when.month is None or month < when.month else None
    elif step > 0 and when.month is not None and month <= when.month:
        year += 1
    return date_quantity(text, start, found.end(), year, month, day, or_year=other)


def clock(text: str, start: int) -> Quantity | None:
    """10 a.m., 10:30pm, 1 o'clock, 19:25, 0200 GMT."""
    if (found := _HOURS.match(text, start)) and 1 <= int(found[1]) <= 12:
        hour, last = int(found[1]), int(found[3])
        other = last != 12 and (hour > last or hour == 12)  # 11-1 p.m. begins in the morning
        half = "am" if (found[4] in "aA") != other else "pm"
        end = found.end(2) if found[2] else found.end(1)
        return time_quantity(text, start, end, hour, int(found[2] or 0), half)
    if found := _CLOCK.match(text, start):
        hour, minute = int(found[1]), int(found[2] or 0)
        if hour <= 24:
            half = "" if found[4] else "am" if found[3] in "aA" else "pm"
            return time_quantity(text, start, found.end(), hour, minute, half)
        return None
    found = _CLOCK24.match(text, start) or _MILITARY.match(text, start)
    if found is None or int(found[1]) > 24:
        return None
    return time_quantity(text, start, found.end(), int(found[1]), int(found[2]), "")
