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
    match = _AFTER_MONTH.match(text, end)
    if match is None:
        joined = _TO_MONTH.match(text, end)
        if name in _WORD_MONTHS and joined is None and not _after(text, start, _BEFORE_MONTH):
            return []
        year, stop = _year_after(text, end, when)
        return [date_quantity(text, start, stop, year, month)]
    day = int(match[1]) if match[1] else None
    said = match[2] or match[3]
    year = int(said) if said else None
    if day is not None and not 1 <= day <= 31:
        return [date_quantity(text, start, end, None, month)]
    stop = match.end()
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
    match = _OF_YEAR.match(text, end) if when is not None else None
    if match is None or when is None:
        return None, end
    return when.year + _STEP[match[1]], match.end()


def day_first(text: str, start: int, when: Day | None) -> list[Quantity]:
    """25 July 2022; the 25th of July; 23-25 July."""
    match = _DAY_FIRST.match(text, start)
    if match is None:
        return []
    day, last = int(match[1]), int(match[2] or 0)
    if not 1 <= day <= 31 or last > 31:
        return []
    month = MONTHS[match[3].lower()]
    year = int(match[4]) if match[4] else None
    end = match.end()
    if year is None:
        year, end = _year_after(text, end, when)
    if not last:
        return [date_quantity(text, start, end, year, month, day)]
    first_end = start + len(match[1])
    middle = match.start(2)
    return [
        date_quantity(text, start, first_end, year, month, day),
        date_quantity(text, middle, end, year, month, last),
    ]


def day_alone(text: str, start: int, end: int, last: Quantity | None) -> Quantity | None:
    """On the 11th; the 21st and 22nd; the 23rd day of this month: a day whose month is not said.

    :param end: where its digits end.
    :param last: the quantity before.
    """
    match = _DAY_ALONE.match(text, end)
    if match is None or not text[start:end].isdigit() or not 1 <= int(text[start:end][:3]) <= 31:
        return None
    said = bool(match[1]) or f" {text[max(0, start - 12) : start]}".lower().endswith(_BEFORE_DAY)
    after_day = (
        last is not None and last.day is not None and last.month is None and text[last.span[1] : start] in _AND_DAY
    )
    if not said and not after_day:
        return None
    stop = match.end()
    return date_quantity(text, start, stop, None, None, int(text[start:end]))


def iso(text: str, start: int) -> Quantity | None:
    """2022-07-25, 2022/7/25; 25/12/2022 and 12/25/2022, where 5/6/2022 leaves the month open."""
    if match := _ISO.match(text, start):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
        if 1 <= month <= 12 and 1 <= day <= 31:
            return date_quantity(text, start, match.end(), year, month, day)
    elif match := _SLASHED.match(text, start):
        a, b, year = int(match[1]), int(match[2]), int(match[3])
        if a > 12 >= b >= 1 and a <= 31:
            return date_quantity(text, start, match.end(), year, b, a)
        if b > 12 >= a >= 1 and b <= 31:
            return date_quantity(text, start, match.end(), year, a, b)
        if a == b:
            return date_quantity(text, start, match.end(), year, a, b)
        return date_quantity(text, start, match.end(), year)
    return None


def before_christ(text: str, start: int, end: int) -> Quantity | None:
    """472 B.C., 472 BCE."""
    match = _BC.match(text, end)
    if match is None or end - start > 5 or not text[start:end].isdigit():
        return None
    return date_quantity(text, start, match.end(), None, unit="BC", century=int(text[start:end]))


def season(text: str, start: int, end: int) -> list[Quantity]:
    """Both years of 2021-2022, 2019-20 or 2016/17; the year alone where no second one follows."""
    year = int(text[start:end])
    match = _SEASON.match(text, end)
    first = date_quantity(text, start, end, year)
    if match is None:
        return [first]
    said = match[1]
    other = int(said) if len(said) == 4 else year // 100 * 100 + int(said)
    if not year < other <= year + 300 or (len(said) == 2 and other > year + 30):
        return [first]
    begin = match.start(1)
    return [first, date_quantity(text, begin, match.end(), other)]


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
    match = _LAST_MONTH.match(text, end)
    if match is None or text[max(0, start - 4) : start].lower() in ("the ", "its ", "her ", "his "):
        return None
    step = _STEP[word]
    if match[1] == "year":
        return date_quantity(text, start, match.end(), when.year + step)
    if match[1] == "month":
        then = when.months_ago(-step)
        return None if then is None else date_quantity(text, start, match.end(), *then)
    month = MONTHS[match[2].lower()]
    day = int(match[3]) if match[3] else None
    if day is not None and not 1 <= day <= 31:
        return None
    year, other = when.year, None
    if step < 0:
        year -= 1
        other = year + 1 if when.month is None or month < when.month else None
    elif step > 0 and when.month is not None and month <= when.month:
        year += 1
    return date_quantity(text, start, match.end(), year, month, day, or_year=other)


def clock(text: str, start: int) -> Quantity | None:
    """10 a.m., 10:30pm, 1 o'clock, 19:25, 0200 GMT."""
    if (match := _HOURS.match(text, start)) and 1 <= int(match[1]) <= 12:
        hour, last = int(match[1]), int(match[3])
        other = last != 12 and (hour > last or hour == 12)  # 11-1 p.m. begins in the morning
        half = "am" if (match[4] in "aA") != other else "pm"
        end = match.end(2) if match[2] else match.end(1)
        return time_quantity(text, start, end, hour, int(match[2] or 0), half)
    if match := _CLOCK.match(text, start):
        hour, minute = int(match[1]), int(match[2] or 0)
        if hour <= 24:
            half = "" if match[4] else "am" if match[3] in "aA" else "pm"
            return time_quantity(text, start, match.end(), hour, minute, half)
        return None
    match = _CLOCK24.match(text, start) or _MILITARY.match(text, start)
    if match is None or int(match[1]) > 24:
        return None
    return time_quantity(text, start, match.end(), int(match[1]), int(match[2]), "")
