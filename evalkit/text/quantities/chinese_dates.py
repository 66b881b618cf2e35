"""Dates and times of day in Chinese text: 2022年7月25日, 去年5月, 20世纪六七十年代, 下午3点半, 19:25."""

from __future__ import annotations

import re

from evalkit.text.quantities.chinese_numerals import DIGIT, small, value
from evalkit.text.quantities.dates import Day, date_quantity, time_quantity
from evalkit.text.quantities.model import Quantity

__all__ = ["clock", "day_of_month", "decades", "month", "o_clock", "relative", "valid", "year"]

_D = "零〇一二三四五六七八九"
_SMALL = rf"[0-9]{{1,2}}|[{_D}十]{{1,3}}"
_MONTH_DAY = re.compile(
    rf"\s?({_SMALL}) ?月(?:份|\s?({_SMALL})(?: ?[日号](?![线楼院门馆])"
    rf"|(?=[和与及、至到~—-](?:(?:{_SMALL})月)?(?:{_SMALL})[日号])))?"
)
_DAY = re.compile(rf" ?({_SMALL}) ?[日号]")
_CENTURY = re.compile(rf" ?世纪 ?(?:([0-9]0|[{_D}]{{1,2}}十)(?:([、和至到~-]) ?([0-9]0|[{_D}]十))?(?: ?年代))?")
_TIME_REST = re.compile(
    r" ?[点时](?:钟|整|(半)|\s?([0-9]{1,2}|[零〇一二三四五六七八九十]{1,3}) ?分(?!钟)|([一三])刻|(差一刻|前一刻))?"
    r"(?:(许|左右)|(多))?"
)
_CLOCK = re.compile(r" ?[:Hh] ?([0-5][0-9])(?: ?: ?[0-5][0-9])?(?![0-9])")
_PERIODS = {
    **dict.fromkeys(("凌晨", "早上", "清晨", "上午", "早晨", "今早", "早", "次日凌晨", "明早", "晨"), "am"),
    **dict.fromkeys(("下午", "傍晚", "午后"), "pm"),
    **dict.fromkeys(("晚上", "夜里", "晚间", "当晚", "今晚", "昨晚", "深夜", "晚", "夜", "午夜"), "night"),
    "中午": "",
}
_NO_HOUR = frozenset("候间代刻期段速差值")
#: what follows 3点 when it is a time of day.
_SAID_OF_TIME = tuple("到 至 开始 前 后 之前 之后 出发 起床 的时候 准时 下单 就到 送到 了".split())
_FIRST_YEAR = re.compile("((?:1[5-9]|20)[0-9]{2}) ?[-–—~至到] ?$")
_NOON = 720
_ZERO = ("零", "〇", "0")
_YEARS_BACK = {"今": 0, "去": 1, "前": 2, "明": -1, "后": -2}
_MONTHS_BACK = {"本": 0, "上": 1, "下": -1}
#: a clause may begin with 前年 and 后年; elsewhere they are the end of 以前 or 之后 and a 年.
_OPENING = frozenset("，。,、“比在与和从自至到于（(")


def relative(text: str, t: str, start: int, end: int, when: Day | None) -> Quantity | None:
    """今年, 去年5月17日, 本月, 上个月3日."""
    c = t[start]
    if t[end - 1] == "年":
        if c in "前后" and start and t[start - 1] not in _OPENING:
            return None
        said = None if when is None else when.year - _YEARS_BACK[c]
        if match := _MONTH_DAY.match(t, end):
            return _month_day(text, start, match, said)
        return None if said is None else date_quantity(text, start, end, said)
    then = None if when is None else when.months_ago(_MONTHS_BACK[c])
    if then is None or (c in "上下" and start and t[start - 1] in "以之"):
        return None
    day = None
    if match := _DAY.match(t, end):
        day, end = small(match[1]), match.end()
    if day is not None and not 1 <= day <= 31:
        return None
    return date_quantity(text, start, end, then[0], then[1], day)


def valid(month: int, day: int) -> bool:
    """Whether there can be such a day."""
    return 1 <= month <= 12 and 1 <= day <= 31


def month(text: str, t: str, start: int) -> Quantity | None:
    """7月25日, 7月."""
    match = _MONTH_DAY.match(t, start)
    return _month_day(text, start, match, None) if match else None


def _month_day(text: str, start: int, match: re.Match[str], year: int | None) -> Quantity | None:
    month = small(match[1])
    day = small(match[2]) if match[2] else None
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return None
    return date_quantity(text, start, match.end(), year, month, day)


def year(text: str, t: str, start: int, end: int, at: int) -> Quantity | None:
    """2022年7月25日, 二〇二二年, 08年; ``at`` is the position of 年. 22年 is a duration."""
    run = t[start:end]
    era = t[max(0, start - 4) : start].rstrip()
    if era.endswith("公元前") and 0 < small(run) < 100000:
        return date_quantity(text, t.rindex("公", 0, start), at + 1, None, unit="BC", century=small(run))
    if era.endswith("公元") and 0 < small(run) < 2200:
        return date_quantity(text, t.rindex("公", 0, start), at + 1, small(run))
    said = _said_year(t, start, at, run)
    if said is None:
        return None
    if (match := _MONTH_DAY.match(t, at + 1)) and (whole := _month_day(text, start, match, said)):
        return whole
    return date_quantity(text, start, at + 1, said)


def _said_year(t: str, start: int, at: int, run: str) -> int | None:
    if not all(c in "0123456789" or c in DIGIT for c in run) or "两" in run:
        return None
    said = small(run)
    if len(run) == 2:
        if first := _FIRST_YEAR.search(t, max(0, start - 7), start):  # 1981-87年
            return said + int(first[1]) // 100 * 100
        if run[0] in "0〇零":
            return said + 2000
        if run.isascii() and _MONTH_DAY.match(t, at + 1):  # 22年8月
            return said + (2000 if said < 50 else 1900)
    return said if len(run) == 4 and 1000 <= said < 2200 else None


def decades(text: str, t: str, start: int, end: int, at: int) -> list[Quantity]:
    """90年代, 八九十年代, 20世纪六七十年代, 21世纪; ``at`` is the position of 年 or 世."""
    if t[at] == "世":
        match = _CENTURY.match(t, end)
        nth = small(t[start:end])
        if match is None or not 1 <= nth <= 30:
            return []
        if match[1] is None:
            return [date_quantity(text, start, at + 2, None, unit="century", century=nth)]
        tens = _tens(match[1]) + (_tens(match[3]) if match[3] else [])
        return _spread(text, start, match.end(), [(nth - 1) * 100 + ten for ten in tens])
    run = t[start:end]
    begin = start
    for back in (3, 4):
        if start >= back and t[start - back : start].rstrip() == "上世纪":
            begin = start - back
    said = small(run)
    if len(run) == 4 and 1000 <= said < 2200 and said % 10 == 0:
        return _spread(text, start, at + 2, [said])
    tens = _tens(run)
    century = 2000 if begin == start and tens and max(tens) < 40 else 1900
    return _spread(text, begin, at + 2, [century + ten for ten in tens])


def _tens(run: str) -> list[int]:
    """90 of 90 or 九十; 60 and 70 of 六七十."""
    parsed = value(run)
    if parsed is None or parsed[2] or not 10 <= parsed[0] <= parsed[1] < 100 or parsed[0] % 10 or parsed[1] % 10:
        return []
    return sorted({int(parsed[0]), int(parsed[1])})


def _spread(text: str, start: int, end: int, years: list[int]) -> list[Quantity]:
    """One quantity a decade; each has a part of the words, so that spans do not overlap."""
    cut = [start, *(end - 3 * (len(years) - i) for i in range(1, len(years))), end]
    return [
        date_quantity(text, a, b, said, unit="decade") for said, a, b in zip(years, cut, cut[1:], strict=False) if a < b
    ]


def day_of_month(
    text: str, t: str, start: int, end: int, at: int, last: Quantity | None, dated: Quantity | None
) -> Quantity | None:
    """25日; after 7月23日至 it is of the same month, and so is a day near it that is named later (12月11日电 … 10日).

    :param at: the position of 日 or 号.
    :param last: the quantity before.
    :param dated: the last date of the text that has a month and a day.
    """
    run = t[start:end]
    day = small(run)
    if not 1 <= day <= 31:
        return None
    if last is not None and last.month and last.day and t[last.span[1] : start] in _JOINING:
        return date_quantity(text, start, at + 1, last.year, last.month, day)
    if not run[0].isascii() and day <= 10:
        return None
    following = t[at + 1 : at + 2]
    if t[at] == "号" and following and following not in "，,。、晚早上下凌前后起开和到的当那才就收，":
        return None
    if (following and following in "游内") or (t[at] == "号" and t[start - 1 : start] in ("-", "–")):
        return None
    month = None
    if dated is not None and dated.day is not None and abs(day - dated.day) <= _NEAR_DAYS:
        month = dated.month
    return date_quantity(text, start, at + 1, None, None if t[start - 1 : start] == "月" else month, day)


#: a day further off than this may be of the next month.
_NEAR_DAYS = 20
_JOINING = frozenset(("至", "到", "-", "—", "~", "–", "、", "和", "——", "－"))


def _period(t: str, start: int) -> tuple[str | None, int]:
    """The half of the day that is stated before a time, and its start."""
    at = start - 1 if start and t[start - 1] == " " else start
    for length in (4, 2, 1):
        if at >= length and (half := _PERIODS.get(t[at - length : at])) is not None:
            return half, at - length
    return None, start


def o_clock(text: str, t: str, start: int, end: int, at: int, last: Quantity | None) -> Quantity | None:
    """下午3点, 十时三十分, 8点半, 6点至8点; ``at`` is the position of 点 or 时. A bare 3点 counts points.

    :param last: the quantity before.
    """
    run = t[start:end]
    half, begin = _period(t, start)
    if "点" in run:  # 十点三十分: the scan has taken it for a decimal number
        return _spelled_out(text, t, begin, at, run, half or "")
    hour = small(run)
    match = _TIME_REST.match(t, end)
    if match is None or not 0 <= hour <= 24:
        return None
    joined = last is not None and last.kind == "time" and t[last.span[1] : start].strip() in _JOINING
    said = any(match.groups()) or match.end() > at + 1 or t[max(0, start - 3) : start].rstrip().endswith("时间")
    if t[at + 1 : at + 2] in _NO_HOUR if said or joined or half is not None else not _is_hour(t, at, run):
        return None
    if half is None and joined and last is not None and last.unit != "12h":
        half = "pm" if last.low >= _NOON and hour < 12 else "am"
    return _with_minutes(text, begin, hour, half or "", match)


def _with_minutes(text: str, begin: int, hour: int, half: str, match: re.Match[str]) -> Quantity | None:
    minute = 30 if match[1] else small(match[2]) if match[2] else {"一": 15, "三": 45}.get(match[3] or "", 0)
    if not 0 <= minute < 60:
        return None
    if match[4]:  # 九点差一刻
        hour, minute = hour - 1 or 12, 45
    exact = "about" if match[5] else "more than" if match[6] else "exact"
    return time_quantity(text, begin, match.end(), hour, minute, half, exact)


def _spelled_out(text: str, t: str, begin: int, at: int, run: str, half: str) -> Quantity | None:
    """十点三十分, 十点一刻."""
    head, _, tail = run.partition("点")
    quarter = {"一": 15, "三": 45}.get(tail) if t[at : at + 1] == "刻" else None
    if quarter is None and (t[at : at + 1] != "分" or t[at : at + 2] == "分钟"):
        return None
    hour, minute = small(head), small(tail) if quarter is None else quarter
    if not (0 <= hour <= 24 and 0 <= minute < 60):
        return None
    return time_quantity(text, begin, at + 1, hour, minute, half)


def _is_hour(t: str, at: int, run: str) -> bool:
    """Whether 8点 and 8时 are a time though nothing else says so."""
    if t[at] == "点":
        return run in _ZERO or t.startswith(_SAID_OF_TIME, at + 1)
    return (run[0].isascii() or run in _ZERO) and t[at + 1 : at + 2] not in _NO_HOUR


def clock(text: str, t: str, start: int, end: int) -> Quantity | None:
    """19:25."""
    run = t[start:end]
    if not run.isascii() or not 1 <= len(run) <= 2 or not run.isdigit() or int(run) > 24:
        return None
    match = _CLOCK.match(t, end)
    if match is None:
        return None
    half, begin = _period(t, start)
    return time_quantity(text, begin, match.end(), int(run), int(match[1]), half or "")
