"""Quantities in Chinese text.

One scan finds runs of digits and numeral characters. Ordered lists of small rules (:data:`_RULES`, :data:`_DIGIT_RULES`,
:data:`_LICENSES`) say what a run may be beside a count; all of them look only at the few characters around it, so the work
is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from evalkit.text.quantities import chinese_dates as dates
from evalkit.text.quantities import chinese_lexicon as lexicon
from evalkit.text.quantities import chinese_numerals as numerals
from evalkit.text.quantities import decimals as exact
from evalkit.text.quantities.chinese_context import ARABIC, DIGIT, NUMBER, RANGE, RUN, ChineseContext, Tail
from evalkit.text.quantities.dates import Day
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.units import DEGREES, percent_of, whole_unit

__all__ = ["extract"]

_ZERO, _ONE, _TWO, _TEN, _FIFTY, _DAY_HOURS = (Decimal(n) for n in (0, 1, 2, 10, 50, 24))
_HALF = Decimal("0.5")
_H = numerals.HANZI
#: none of what is counted: 零新增, 没有新增病例
_NOTHING = "(?:[零无]|没有)(?:新增|死亡|确诊|伤亡|感染|本土)"
#: a number, or a word that begins a quantity without one
_CANDIDATE = re.compile(
    rf"{_NOTHING}|成倍|全天候|昼夜|日夜|百分[一二两三]?百(?!分)|双倍|{RUN}|[{numerals.FORMAL}]{{2,}}[万亿]*|半|翻|"
    "[今去前明后]年|[本上下]个?月"
)
_STARTERS = frozenset("今去前明后本上下翻半")
_WORD_STARTS = _STARTERS | frozenset("无没零全昼日双百成")
_WIDTH = str.maketrans("０１２３４５６７８９％．：－～／　", "0123456789%.:-~/ ")
_WIDE = re.compile("[０-９％．：－～／　]")

# -- dates and times
_DATED_SECOND = re.compile(
    rf" ?(?:[-–—~到至、]|——) ?([0-9]{{1,2}}|[{DIGIT}十]{{1,3}}) ?(?:(月)(?!份?[大小])|(世)纪|[日号](?=[^线楼院]|$))"
)
_HOURS = re.compile(rf" ?(?:[-–—~到至]|——) ?([0-9]{{1,2}}|[{DIGIT}十]{{1,3}}) ?[时点](?![间期候代刻段])")
_JOINED_YEAR = re.compile(
    rf" ?(?:[-–—~到至]|——) ?(?:1[0-9]|20)[0-9]{{2}} ?(?:年|[^0-9{_H}万亿个人名元]|$)|-[0-9]{{2}}年"
)
_AFTER_COUNT = tuple("余多来+万亿:-~到至—–%/")
#: after 2019 the name of an illness
_CORONAVIRUS = ("冠状病毒", "新型冠状", "新冠")
_YEAR_LISTED = re.compile("(?:19|20)[0-9]{2}(?:[、,，/]|和|及|与) ?(?=(?:19|20)[0-9]{2}(?:年|[、,，/]))")
_YEAR_OF = re.compile("(?:19|20)[0-9]{2} ?年")
_LAST_YEAR = re.compile("20[0-9]{2}年")
_LISTED = re.compile("[0-9]{3}(?:,[0-9]{3})+(?=[都均等各皆三])")
_ISO = re.compile(r"((?:1[0-9]|20)[0-9]{2})[-/.]([01]?[0-9])[-/.]([0-3]?[0-9])(?![0-9])")
_SAID_DAY = re.compile(r"[)）]日")
_CLOCK_OF_FOUR = re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9]")
_ZONE = re.compile(r" ?(?:(?:GMT|UTC)(?![A-Za-z])|时(?!代|间|期))")
_ROUND_THE_CLOCK = re.compile(r"7 ?[×xX*] ?24(?: ?(?:个?小时|h))?|24 ?[/×xX*] ?7(?![0-9])")
_SEPTEMBER_11 = re.compile("9(?:/|[.·](?=11[”’」]?(?:恐|事件|袭)))11|911(?=[事恐“])|(?<=[事恐“])911|911(?=.[事恐“])")
#: a day of a festival: 二月二, 三月三, 九月九
_FESTIVAL = re.compile(rf"([{DIGIT}])月\1(?![{_H}0-9日号月])")
_WITHIN = re.compile("[之以]?内(?![部容地蒙外心陆战阁科衣存涵核政敛])")
_BORN = re.compile("[5-90]0")
_NAMED_DAYS = ("今明", "昨今", "明后", "今昨", "前后", "昨前")

# -- names and codes
#: before a bare number they make a name of it: 图3, 运20
_MODELS = "图表题式例歼轰运直苏碳"
_EMERGENCY = frozenset(("110", "119", "120", "122", "911", "999"))
_ROOMS = re.compile("[0-9]{1,5}(?:[、,，和及至到-][0-9]{1,5})+ ?[号室楼路线]")
_ORDINAL_JOINTS = (*"、，和及-–~至到", " 至 ", " - ")
_SERIAL = re.compile(r"-[0-9]+-[0-9]")
_CODE = re.compile("[0-9]{1,4}[A-Z]+")
_AGES = re.compile(r"[0-9]{1,2}(?:[-~—][0-9]{1,2}){2,6} ?岁")

# -- numerals
_QUARTERS = re.compile("([一三])刻钟")
_TENTHS_OFF = re.compile("([一二三四五六七八九])([一二三四五六七八九])折(?![叠磨射旧腾扣])")
_EVERY = re.compile(rf" ?[个名位]?人?(?:当?中|里|就)?就?有 ?([0-9]{{1,4}}|[{DIGIT}十两]{{1,3}}) ?[个名位]?人?")
_SLASHED = re.compile("([1-9])/([2-9]|10)(?![0-9/月日])")
_DOUBLING = re.compile(rf"翻(?:了)?(?:([{DIGIT}两]|[0-9])?番|([{DIGIT}两]|[0-9])翻|([{DIGIT}两]|[0-9]) ?倍)")
_GROWTH = re.compile("增|涨|提高|提升|扩大|上升|高出|多出|翻|大了|多了|高了|超出")
_LARGER = tuple("大高多长快重贵强")
_BELOW_ZERO = re.compile(r"(?:零下 ?|负|(?:^|[^0-9A-Za-z])-)$")
#: verbs after which 近三年 is nearly three years, and not the last three
_SPENT = ("历时", "耗时", "长达", "用了", "花了", "持续", "达", "历经", "过去", "等了", "有")
_AGED = ("年过", "年近", "年满", "年逾", "年届")
_NO_TENTH = tuple("为功立员本果长就分熟绩都型交效群千")
_NO_DISCOUNT = tuple("叠磨射旧腾扣")
_ALONE = {"百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8}
#: after a unit prefix: 千瓦, 兆赫, 百帕
_AFTER_PREFIX = tuple("瓦米克卡伏赫帕")
_CLAUSE = frozenset("，。；：,;:、\n “")
_CLAUSE_END = ("", *"，。；、,;！？!? \n”）)")
#: 半 before or after these is no half by itself
_HALF_COUNTED = tuple("年个小天月公世径导")
_MORE_THAN_HALF = {"近": "nearly", "过": "more than", "超": "more than", "逾": "more than"}


#: lowest and highest value, and whether the numeral itself is vague
_Value = tuple[Decimal, Decimal, bool]


class _Numeral(NamedTuple):
    """A run of numeral characters or digits; ``at`` is the position of the next character that is not a space."""

    start: int
    end: int
    at: int
    run: str
    before: str
    after: str
    digits: bool

    @property
    def whole(self) -> bool:
        """Whether it is all ASCII digits."""
        return self.digits and self.run.isdigit()


def extract(text: str, when: Day | None) -> list[Quantity]:
    """Quantities of a Chinese text, in order, not overlapping."""
    folded = text.translate(_WIDTH) if _WIDE.search(text) else text
    return _Scan(text, folded, when).run()


class _Scan(ChineseContext):
    """One pass over one text."""

    def __init__(self, text: str, folded: str, when: Day | None) -> None:
        super().__init__(text, folded)
        self.when = when
        self.dated: Quantity | None = None  # the last date with month and day
        self.labelled = ("", 0)  # the two characters before the last bare number, and the number
        self.named = 0  # where the last number ended that is a name or number of something

    def run(self) -> list[Quantity]:
        t = self.t
        for match in _CANDIDATE.finditer(t):
            start, end = match.span()
            if start < self.done:
                if end <= self.done or (again := NUMBER.match(t, self.done)) is None:
                    continue
                start, end = again.span()
            if t[start] not in _WORD_STARTS or not self._word(start, end, t[start]):
                self._number(start, end)
        return self.quantities

    # -- words ------------------------------------------------------------------------------------------------------

    def _word(self, start: int, end: int, c: str) -> bool:
        """What begins a quantity without being a number."""
        t = self.t
        if c in _STARTERS:
            if c == "半":
                return end == start + 1 and self._half(start)
            if c == "翻":
                return self._doubling(start)
            self.take(dates.relative(self.text, t, start, end, self.when))
            return True
        if c in "无没" or (c == "零" and end > start + 1 and t[start + 1] not in _H + "点时"):
            return self.one(start, end, _ZERO, "count", checkable=False)
        if c in "全昼日":
            return self.one(start, end, _DAY_HOURS, "duration", "hour", checkable=False)
        if c == "双" or (c == "成" and t.startswith("成倍", start)):
            return self.one(start, end, _TWO, "multiple", checkable=c == "双")
        if c == "百" and end > start + 2 and t.startswith("百分", start):  # 百分百, 百分二百
            return self.one(start, end, Decimal(100 * numerals.small(t[start + 2 : end - 1] or "一")), "percent")
        return False

    def _half(self, start: int) -> bool:
        """半年, 半个小时, 过半, 半数."""
        t = self.t
        before, counted = t[start - 1 : start], t[start + 1 : start + 2]
        if before == "一":
            return True
        if counted == "数" or (before in _MORE_THAN_HALF and counted not in _HALF_COUNTED):
            return self._half_of_all(start, _MORE_THAN_HALF.get(before, ""), start + 1 + (counted == "数"))
        if before in tuple("大多南北东西参对折") or (counted == "年" and before in ("上", "下")):
            return True
        if counted == "年" and before in ("前", "后") and t[start - 2 : start] not in ("提前", "之后", "此后"):
            return True
        q = start + 1
        if counted == "个":
            q += 2 if t[q + 1 : q + 2] == "多" else 1
        tail = self.unit_at(q)
        if tail is None and counted == "个" and t[q : q + 1] == "月":
            tail = ("duration", "month", q + 1)
        if tail is not None and tail[0] in ("duration", "measure"):
            kind, unit, end = tail
            idle = unit == "day" and before not in ("每", "近", "约", "前", "后")
            end, exactness = self.qualified(start, end, "more than" if t[q - 1] == "多" else "exact")
            self.one(start, end, _HALF, kind, unit, exact=exactness, checkable=not idle)
        return True

    def _half_of_all(self, start: int, exactness: str, end: int) -> bool:
        if exactness:
            return self.one(start - 1, end, _FIFTY, "percent", exact=exactness)
        end, exactness = self.qualified(start, end)
        return self.one(start, end, _FIFTY, "percent", exact=exactness)

    def _doubling(self, start: int) -> bool:
        """翻番, 翻了两番, 翻3倍."""
        match = _DOUBLING.match(self.t, start)
        if match is None:
            return True
        if match[3]:
            return self.one(start, match.end(), Decimal(numerals.small(match[3])), "multiple", noun="increase")
        times = numerals.small(match[1] or match[2] or "一")
        return not 0 < times < 10 or self.one(start, match.end(), Decimal(2**times), "multiple")

    # -- numbers ----------------------------------------------------------------------------------------------------

    def _number(self, start: int, end: int) -> None:
        t = self.t
        if end > start + 1 and self._belongs_before(start):
            start += 1
        digits = t[start] in ARABIC
        before = "第" if self.follows(start, "第 ") else t[max(0, start - 1) : start]
        if digits and (self._listed(start, end) or self._part_of_name(start, before) or self._account(start)):
            return
        if end > start + 1 and t[end - 1] in "千兆百" and self._prefix(end):
            end -= 1
        if t[end - 1] == " ":
            end -= 1
        self.begin = start
        at = end + 1 if t[end : end + 1] == " " else end
        n = _Numeral(start, end, at, t[start:end], before, t[at : at + 1], digits)
        for rule in _DIGIT_RULES if digits else _RULES:
            if rule(self, n):
                return
        if digits or self._licensed(n):
            self._count(n)

    def _belongs_before(self, start: int) -> bool:
        """数 of 总数140万, 零 of 一年零三个月."""
        c = self.t[start]
        return (c == "数" and self.t[start + 1] not in "十百千万亿") or (
            c == "零" and start > 0 and self.end() == start
        )

    def _prefix(self, end: int) -> bool:
        """Whether the last character before ``end`` is the prefix of a unit, or one: 82万千瓦, 5千克, 500兆."""
        following = self.t[end : end + 1]
        return following in _AFTER_PREFIX or (self.t[end - 1] == "兆" and following not in tuple("元美日欧港韩台万亿"))

    def _listed(self, start: int, end: int) -> bool:
        """2000 of 2000,2005年 and 2000、2005年; the numbers of 249,289,299都有."""
        t = self.t
        if _YEAR_LISTED.match(t, start):
            return self.date(start, start + 4, int(t[start : start + 4]))
        if not _LISTED.match(t, start):
            return False
        for match in re.finditer("[0-9]+", t[start:end]):
            self.one(start + match.start(), start + match.end(), Decimal(match.group()), "count")
        return True

    def _part_of_name(self, start: int, before: str) -> bool:
        """Whether the character before makes the digits a part of a name: G20, COVID-19, #5, v2.0, 图3."""
        t = self.t
        if not before or not (before.isascii() or before in _MODELS):
            return False
        two = t[start - 2 : start - 1]
        if before == "-":
            return self._after_hyphen(start, two)
        if before == " ":
            return self._after_space(start, two)
        if before in "xX×*" and two.isdigit():
            return False  # 40x10米
        if before in ".,":
            return start > 1 and two in ARABIC and _LAST_YEAR.match(t, start) is None
        if before in _MODELS:
            return self._bare(start)
        if before.isalpha() and _YEAR_OF.match(t, start):
            return False
        if not (before.isalnum() or before in "_#/\\@=&") or (before == "/" and two.isalnum() is False):
            return False
        return self.currency_before(start) is None

    def _after_space(self, start: int, two: str) -> bool:
        """iPhone 13, Covid- 19; not 哇 x 2."""
        before = self.t[start - 3 : start - 2]
        if two == "-":
            return before.isascii() and before.isalpha()
        if two in tuple("xX×") and before == " ":
            return False
        return two.isascii() and two.isalpha() and self._bare(start)

    def _account(self, start: int) -> bool:
        """@用户44."""
        return "@" in self.t[max(0, start - 8) : start].rpartition(" ")[2]

    def _after_hyphen(self, start: int, two: str) -> bool:
        """Covid -19, 歼-20, 米-28NM, B-2; not the second end of a range."""
        t, last = self.t, self.last()
        if last is not None and last.span[1] == start - 1:
            return False
        if two == " ":
            two = t[start - 3 : start - 2]
            return two.isascii() and two.isalpha() and self._bare(start)
        if "一" <= two <= "鿿" and two not in _H:
            return _CODE.match(t, start) is not None or self._bare(start)
        if not (two.isascii() and two.isalnum()):
            return False
        return not (two.isdigit() and start >= self.done + 4 and t[start - 5 : start - 1].isdigit())

    def _bare(self, start: int) -> bool:
        """Whether no unit or classifier follows the digits that begin here: after a Latin word they are its number."""
        t = self.t
        match = NUMBER.match(t, start)
        if match is None or self.currency_before(start) is not None or t[start - 3 : start - 1].lower() == "to":
            return False
        q, number = match.end(), match.group()
        if t[q - 1] in "万亿" or t[q : q + 1] in tuple("年月日:-到至~%多余"):
            return False
        if t[q : q + 2] in (" 年", " 月", " 日", " 点", " 时") or (number.isdigit() and 1900 <= int(number[:5]) < 2100):
            return False
        return not self.counts(q)

    # -- what any numeral may be ------------------------------------------------------------------------------------

    def _fraction(self, n: _Numeral) -> bool:
        """三分之一, 百分之三十."""
        t = self.t
        if n.after != "分" or t[n.at + 1 : n.at + 2] != "之":
            return False
        second = NUMBER.match(t, n.at + 2)
        if not second or n.run in ("几", "数"):
            return True
        bottom = numerals.value("一" + n.run if n.run in ("百", "千", "万") else n.run)
        top = numerals.value(second.group().rstrip())
        if bottom is None or top is None or bottom[0] != int(bottom[0]) or not 1 <= bottom[0] <= 10**9:
            return True
        low, high = (_percentage(value, int(bottom[0])) for value in top[:2])
        if low is not None and high is not None:
            end, exactness = self.qualified(n.start, second.end(), "about" if top[2] else "exact")
            if exactness == "exact":
                exactness = self.of_a_whole(n.start)
            self.add(n.start, end, low, high, "percent", "", "", exactness)
        return True

    def _of_every(self, n: _Numeral) -> bool:
        """每10人中有4人."""
        match = _EVERY.match(self.t, n.end) if n.before == "每" else None
        bottom, top = numerals.small(n.run), numerals.small(match[1]) if match else 0
        if match is None or not 0 < top < bottom:
            return False
        return self.one(n.start - 1, match.end(), percent_of(top, bottom), "percent")

    def _ordinal(self, n: _Numeral) -> bool:
        """第3届; the others of 第1、2、3节; 第三产业 and 第三章 are names."""
        if n.before != "第":
            last = self.last()
            listed = last is not None and last.kind == "ordinal" and self.t[last.span[1] : n.start] in _ORDINAL_JOINTS
            return listed and n.whole and self.one(n.start, n.end, Decimal(n.run[:9]), "ordinal", checkable=False)
        self.done = n.end
        parsed = numerals.value(n.run)
        if parsed is not None and n.after not in tuple("产章节条款页"):
            begin = n.start - 1 if self.t[n.start - 1] == "第" else n.start - 2
            self.add(begin, n.end, parsed[0], parsed[1], "ordinal", checkable=False)
        return True

    def _quarter_hours(self, n: _Numeral) -> bool:
        """一刻钟."""
        match = _QUARTERS.match(self.t, n.start) if n.after == "刻" else None
        if match is None:
            return False
        return self.one(n.start, match.end(), Decimal(15 * numerals.small(match[1])), "duration", "minute")

    def _tenths_off(self, n: _Numeral) -> bool:
        """七五折."""
        match = _TENTHS_OFF.match(self.t, n.start) if n.after == "折" else None
        if match is None:
            return False
        value = Decimal(10 * numerals.small(match[1]) + numerals.small(match[2]))
        return self.one(n.start, match.end(), value, "percent", noun="discount")

    def _first_of_dates(self, n: _Numeral) -> bool:
        """3至6月, 5、6月, 21-23日, 0—24时: the first number is a month, a day or an hour as the second is."""
        if not n.after or n.after not in "-–—~到至、":
            return False
        start, end, first = n.start, n.end, numerals.small(n.run)
        if 0 <= first <= 24 and (hours := _HOURS.match(self.t, end)):
            return self.time(start, end, first, checkable=(first, numerals.small(hours[1])) != (0, 24))
        match = _DATED_SECOND.match(self.t, end)
        if match is None or not 1 <= first < numerals.small(match[1]):
            return False
        if match[3]:
            return self.date(start, end, None, unit="century", century=first)
        month, day = (first, None) if match[2] == "月" else (None, first)
        if (month or 0) > 12 or (day or 0) > 31:
            return False
        last = self.last()
        if day and last is not None and last.kind == "date" and last.month and not last.day and last.span[1] == start:
            self.quantities.pop()  # 5月1-7日
            self.date(last.span[0], end, last.year, last.month, day)
            self.dated = self.last()
            return True
        return self.date(start, end, None, month, day)

    def _calendar(self, n: _Numeral) -> bool:
        """Dates and times of day."""
        if not n.after or n.after not in "年月日号点时世:Hh分刻":
            return False
        if n.after == "世" or (n.after == "年" and self.t[n.at + 1 : n.at + 2] == "代"):
            decade = n.after == "年" or self.t[n.at + 1 : n.at + 2] == "纪"
            return decade and self.take_all(dates.decades(self.text, self.t, n.start, n.end, n.at))
        if self._festival(n) or self._days_that_pass(n):
            return True
        quantity = self._dated(n)
        if quantity is None:
            return False
        if n.after == "月" and self.follows(n.start, "农历", "阴历", "旧历"):
            quantity = replace(quantity, checkable=False)
        if quantity.month and quantity.day:
            self.dated = quantity
        return self.take(self._timed(quantity) if quantity.kind == "time" else quantity)

    def _dated(self, n: _Numeral) -> Quantity | None:
        text, t, start, end, at = self.text, self.t, n.start, n.end, n.at
        if n.after == "年":
            return dates.year(text, t, start, end, at)
        if n.after == "月":
            return dates.month(text, t, start)
        if n.after in "日号":
            if n.after == "号" and self.follows(n.start, *lexicon.NUMBERED):
                return None  # 神舟十四号
            return dates.day_of_month(text, t, start, end, at, self.last(), self.dated)
        if n.after in ":Hh":
            return None if n.before == "以" else dates.clock(text, t, start, end)
        return dates.o_clock(text, t, start, end, at, self.last())

    def _timed(self, quantity: Quantity) -> Quantity:
        """The time with its qualifier; the second one of 0—24时 is not checkable either."""
        if quantity.exact != "exact":
            return quantity
        begin, last = quantity.span[0], self.last()
        whole_day = last is not None and last.kind == "time" and not last.checkable and begin - last.span[1] <= 3
        _, exactness = self.qualified(begin, quantity.span[1])
        if exactness == "exact" and self.t[max(0, begin - 2) : begin].rstrip().endswith("快"):
            exactness = "nearly"
        return replace(quantity, exact=exactness, checkable=quantity.checkable and not whole_day)

    def _festival(self, n: _Numeral) -> bool:
        match = _FESTIVAL.match(self.t, n.start) if n.after == "月" else None
        if match is None:
            return False
        number = numerals.small(match[1])
        return self.date(n.start, match.end(), None, number, number, checkable=False)

    def _days_that_pass(self, n: _Numeral) -> bool:
        """已经3日, 3日内, 三日: days that pass, not a day of the month."""
        if n.after != "日":
            return False
        start, at, days, following = n.start, n.at, numerals.small(n.run), self.t[n.at + 1 : n.at + 2]
        lasts = self.t[max(0, start - 2) : start].endswith(lexicon.LASTING) or _WITHIN.match(self.t, at + 1)
        if lasts and days >= 1 and following not in tuple("本常元圆"):
            end, exactness = self.qualified(start, at + 1)
            return self.one(start, end, Decimal(days), "duration", "day", exact=exactness)
        if n.digits or not 1 <= days <= 10 or self._dated(n) is not None:
            return False
        named = self._named_days(start)
        return following in ("本", "常") or self.one(
            start, at + 1, Decimal(days), "duration", "day", checkable=not named
        )

    def _named_days(self, start: int) -> bool:
        """21日、22日两日: whether the days that are counted have just been named."""
        last = self.last()
        return (last is not None and last.kind == "date" and last.span[1] == start) or self.follows(start, *_NAMED_DAYS)

    # -- idioms of numeral characters -------------------------------------------------------------------------------

    def _idiom(self, n: _Numeral) -> bool:
        """成千上万, 数以万计."""
        t, start = self.t, n.start
        if t[start] not in "千百数":
            return False
        if t[start] == "数":
            if t[start + 1 : start + 2] != "以":
                return False
            close = t.find("计", start, start + 6) + 1
            self._vague(start, close, lexicon.IDIOMS.get(t[start:close]) if close else None)
            self.done = max(self.done, n.end)
            return True
        return n.before == "成" and self._vague(start - 1, start + 3, lexicon.IDIOMS.get(t[start - 1 : start + 3]))

    def _vague(self, start: int, end: int, ends: Sequence[int] | None) -> bool:
        return ends is not None and self.add(start, end, Decimal(ends[0]), Decimal(ends[1]), "count", "", "", "about")

    def _known_day(self, n: _Numeral) -> bool:
        """五四, 双十一."""
        day = lexicon.DAYS.get(n.run)
        if day is None or n.after in lexicon.CLASSIFIERS:
            return False
        double = n.before == "双"
        if n.run in ("十一", "十二") and not double:
            return False
        return self.date(n.start - double, n.end, None, *day, checkable=False)

    def _one_half(self, n: _Numeral) -> bool:
        return n.run == "一" and n.after == "半" and self._half_of_all(n.start, "", n.end + 1)

    def _point(self, n: _Numeral) -> bool:
        """一是, 二是: the points of a list."""
        if len(n.run) > 1 or n.after != "是" or not (n.start == 0 or n.before in _CLAUSE):
            return False
        value = numerals.small(n.run)
        return value <= 0 or self.one(n.start, n.end, Decimal(value), "ordinal", checkable=False)

    def _part_of_word(self, n: _Numeral) -> bool:
        """周四, 星期三, 初八, 老三, 大三学生."""
        if len(n.run) > 1 or not n.before:
            return False
        two = self.t[n.start - 2 : n.start - 1]
        if n.before == "周":
            return two not in tuple("每一两三几") if n.start > 1 else True
        if n.before in "期拜":
            return two in ("星", "礼")
        following = self.t[n.end : n.end + 2]
        return n.before in "初老" or (n.before in "高大小" and following in ("学生", "年级", "男生", "女生", "学期"))

    def _two_months(self, n: _Numeral) -> bool:
        """七八月份."""
        months = numerals.value(n.run) if n.after == "月" and len(n.run) > 1 else None
        if months is None or not 1 <= months[0] < months[1] <= 12:
            return False
        middle, stop = n.end - 1, n.end + 1 + self.t.startswith("份", n.end + 1)
        return self.date(n.start, middle, None, int(months[0])) and self.date(middle, stop, None, int(months[1]))

    def _above(self, n: _Numeral) -> bool:
        """上百, 上千万, 上万."""
        power = _ALONE.get(n.run) if n.before == "上" else None
        if power is None:
            return False
        start, end = n.start - 1, n.end
        tail = self.unit_at(end)
        low, high = Decimal(f"1E{power}"), Decimal(f"9E{power}")
        if tail is not None:
            return self.add(start, tail[2], low, high, tail[0], tail[1], "", "about")
        r = self.classifier_at(end)
        if r == end and n.after not in ("个", *_CLAUSE_END):
            return False
        return self.add(start, r, low, high, "count", "", self.noun(end, r), "about")

    def _single(self, n: _Numeral) -> bool:
        """一 counts only with a unit or classifier, and then it is rarely checkable."""
        if n.run != "一" or self._by_range(n, ""):
            return False
        t, start, end = self.t, n.start, n.end
        if t[start : start + 2] in lexicon.ONE_WORDS or any(t[end : end + i] in lexicon.NO_COUNT for i in (1, 2, 3, 4)):
            return True
        piece = t[end : end + 1] == "块" and t[end + 1 : end + 2] not in ("钱", "多")
        tail = None if piece else self.unit_at(end)
        if tail is not None:
            if tail[0] != "money" or t[tail[2] : tail[2] + 1] not in ("化", "论"):
                self._measured(n, _ONE, _ONE, tail, "exact")
        elif t[end : end + 2] == "个半":
            self._count(n)
        elif t[end : end + 1] == "成" and t[end + 1 : end + 2] not in (*_NO_TENTH, "不"):
            more = self.tenth_after(end + 1)
            self.one(start, end + 1 + (more is not None), _TEN if more is None else exact.plus(_TEN, more), "percent")
        elif (r := self.classifier_at(end)) > end:
            self.one(start, r, _ONE, "count", noun=self.noun(end, r), checkable=False)
        elif n.before == "之":  # 四大发明之一
            self.one(start, end, _ONE, "count", checkable=False)
        return True

    # -- digits that count nothing ----------------------------------------------------------------------------------

    def _round_the_clock(self, n: _Numeral) -> bool:
        match = _ROUND_THE_CLOCK.match(self.t, n.start)
        return match is not None and self.one(n.start, match.end(), _DAY_HOURS, "duration", "hour", checkable=False)

    def _said_day(self, n: _Numeral) -> bool:
        """今（11）日."""
        if (
            not n.whole
            or n.before not in ("（", "(")
            or self.t[n.start - 2 : n.start - 1] not in tuple("今昨前明当本同次")
        ):
            return False
        day = int(n.run[:3])
        return (
            1 <= day <= 31 and _SAID_DAY.match(self.t, n.end) is not None and self.date(n.start, n.end, None, None, day)
        )

    def _clock_of_four(self, n: _Numeral) -> bool:
        """0200 GMT, 北京时间1430."""
        if not _CLOCK_OF_FOUR.fullmatch(n.run):
            return False
        if n.run[0] != "0" and not self.follows(n.start, "时间") and not _ZONE.match(self.t, n.end):
            return False
        return self.time(n.start, n.end, int(n.run[:2]), int(n.run[2:]))

    def _iso(self, n: _Numeral) -> bool:
        day = _ISO.match(self.t, n.start) if n.after in ("-", ".", "/") else None
        if day is None or not dates.valid(int(day[2]), int(day[3])):
            return False
        return self.date(n.start, day.end(), int(day[1]), int(day[2]), int(day[3]))

    def _bare_year(self, n: _Numeral) -> bool:
        """2021 without 年 is a year unless a unit, a classifier or a counted noun follows."""
        t, start, end, last = self.t, n.start, n.end, self.last()
        if not n.whole or len(n.run) != 4 or not "1900" <= n.run < "2100" or self.currency_before(start) is not None:
            return False
        after_year = last is not None and last.kind == "date" and last.unit == "" and 1 <= start - last.span[1] <= 2
        joined = _JOINED_YEAR.match(t, end) or (after_year and t[start - 1] in "-–—~至到/")
        if not joined and (t[end : end + 1] in _AFTER_COUNT or t[end : end + 2] in lexicon.AFTER or self.counts(end)):
            return False
        return self.date(start, end, int(n.run), checkable=not t.startswith(_CORONAVIRUS, end))

    def _dotted(self, n: _Numeral) -> bool:
        return n.after == "." and n.at == n.end and self.t[n.end + 1 : n.end + 2].isdigit() and self._skip(n.end)

    def _emergency_call(self, n: _Numeral) -> bool:
        if n.run not in _EMERGENCY:
            return False
        called = self.t[max(0, n.start - 2) : n.start].rstrip().endswith("打")
        return called or self.t.startswith(("报警", " 报警"), n.end)

    def _born(self, n: _Numeral) -> bool:
        """90后."""
        if n.after != "后" or not _BORN.fullmatch(n.run):
            return False
        tens = int(n.run) // 10 * 10
        return self.date(n.start, n.at + 1, (1900 if tens else 2000) + tens, unit="decade", checkable=False)

    def _numbered(self, n: _Numeral) -> bool:
        """7号, 3楼, 302路, 2.0版."""
        if _ROOMS.match(self.t, n.start):
            return self.name(n.start, n.end, n.run)
        if n.after == "号":
            self.name(n.start, n.end, n.run)
            self.done = n.at + 1
            return True
        if not n.after or n.after not in "版楼室线路型后" or not (n.whole or n.after == "版"):
            return False
        return self.name(n.start, n.end, n.run)

    def _cited(self, n: _Numeral) -> bool:
        """[1, 2]."""
        signs = n.before + n.after.replace("]", "[")
        return bool(n.after) and "[" in signs and self.t[n.start - 1 : n.start] in "[," and n.after in "],"

    def _before_letters(self, n: _Numeral) -> bool:
        """737NG, but not 5kg, 40x10."""
        if not (n.after.isascii() and n.after.isalpha()) or n.at != n.end or self.unit_at(n.end) is not None:
            return False
        by = n.after in "xX" and n.run != "0" and self.t[n.end + 1 : n.end + 2].isdigit()
        return not by and self._skip(n.end)

    def _ladder_of_ages(self, n: _Numeral) -> bool:
        """7-9-12岁; 010-555-1234."""
        if not n.after or n.after not in "-~—":
            return False
        match = _AGES.match(self.t, n.start)
        if match is None:
            return n.after == "-" and _SERIAL.match(self.t, n.end) is not None and self._skip(n.end)
        ages = [Decimal(age) for age in re.findall("[0-9]+", match.group())]
        return self.add(n.start, match.end(), min(ages), max(ages), "duration", "year", "age")

    def _long(self, n: _Numeral) -> bool:
        """A telephone number."""
        if not n.whole or len(n.run) < 7:
            return False
        return not n.after or (not self.counts(n.end) and self.currency_before(n.start) is None)

    def _label(self, n: _Numeral) -> bool:
        """Digits that name something, and are no count."""
        if not n.whole or not (self._series(n) or self._number_of_something(n)):
            return False
        self.named = n.end
        return self.name(n.start, n.end, n.run)

    def _series(self, n: _Numeral) -> bool:
        """芯片1，芯片2: the numbers of things that are called the same."""
        word = self.t[n.start - 2 : n.start] if n.start > 1 else ""
        if len(n.run) > 3 or not all("一" <= c <= "鿿" for c in word) or word in lexicon.BEFORE:
            return False
        last, self.labelled = self.labelled, (word, int(n.run))
        alone = self.t[n.end : n.end + 1] in ("", *"，,、。；;)）和及 ")
        return bool(word) and alone and word == last[0] and int(n.run) == last[1] + 1 and last[1] > 0

    def _number_of_something(self, n: _Numeral) -> bool:
        """尾号8888, 波音737, 985高校, 3单元502室."""
        t, start, end = self.t, n.start, n.end
        if t[start - 1 : start] in tuple("楼栋幢座") and t[end : end + 2] in ("单元", "室", "楼"):
            return True
        if len(n.run) > 1 and t.startswith(lexicon.NAMED, end):
            return True
        if len(n.run) == 3 and t.startswith(lexicon.NAMED_OF_THREE, end):
            return True
        if self.counts(end):
            return False
        if self.named and t[self.named : start] in tuple("、，,或和/ "):
            return True
        return t[max(0, start - 8) : start].rstrip("为是比如：: ").endswith(lexicon.NUMBERED)

    def _slashed(self, n: _Numeral) -> bool:
        """3/4."""
        part = _SLASHED.match(self.t, n.start) if n.after == "/" else None
        if part is None:
            return False
        if int(part[1]) >= int(part[2]):
            self.done = part.end()  # the last of several messages
            return True
        return self.one(n.start, part.end(), percent_of(int(part[1]), int(part[2])), "percent")

    def _september(self, n: _Numeral) -> bool:
        """9/11, 9.11事件, “911”."""
        match = _SEPTEMBER_11.match(self.t, n.start) if n.run[0] == "9" else None
        return match is not None and self.date(n.start, match.end(), None, 9, 11, checkable=False)

    def _list_mark(self, n: _Numeral) -> bool:
        """1、 or （2） at the beginning of a line; a number that begins with 0."""
        t, start = self.t, n.start
        if not n.whole:
            return False
        if n.run[0] == "0" and len(n.run) > 1:
            return True
        opens = bool(n.before) and t[start - 1] in "(（"
        at_start = start == 0 or t[start - 1] == "\n" or (opens and (start == 1 or t[start - 2] in "\n。；"))
        if not n.after:
            return False
        if len(n.run) <= 2 and n.after in ".、)），," and at_start and not t[n.at + 1 : n.at + 2].isdigit():
            return True
        return len(n.run) == 1 and n.after in "）)" and opens

    def _skip(self, at: int) -> bool:
        t = self.t
        while at < len(t) and ((t[at].isascii() and t[at].isalnum()) or t[at] in ".-"):
            at += 1
        self.done = at
        return True

    # -- numeral characters that count ------------------------------------------------------------------------------

    def _licensed(self, n: _Numeral) -> bool:
        """Whether numeral characters are a number here: in most words with 三, 百 or 万 they are not."""
        pairs = lexicon.PHRASES.get(self.t[n.start : n.start + 2])
        if pairs is not None and any(i <= n.start and self.t.startswith(phrase, n.start - i) for phrase, i in pairs):
            return False
        rest = self.t[n.end : n.end + 5]
        if n.run in lexicon.NO_NUMBER:
            return self._scale_alone(n, rest)
        for licence in _LICENSES:
            if (said := licence(self, n, rest)) is not None:
                return bool(said)
        return False

    def _scale_alone(self, n: _Numeral, rest: str) -> bool:
        """百 and 千万 without a number before them: 千余人, 近百人, 百年, 价值千万."""
        run, end, following = n.run, n.end, rest[:1]
        if run in ("数", "〇", "万一", "一二三", "一二", "一百一", "五五"):
            return False
        if following in ("余", "多"):
            return True
        if n.start and self.t[n.start - 1] in lexicon.ABOVE:
            return (following in _CLAUSE_END and self.t[n.start - 1] != "成") or self.counts(end)
        if run in ("百", "千") and following == "年" and rest[:3] not in ("年大计", "年树人", "年好合", "年孤独"):
            self.one(
                n.start,
                end + 1,
                Decimal(100 if run == "百" else 1000),
                "duration",
                "year",
                exact="about",
                checkable=False,
            )
            return False
        if run == "千万":
            if self.unit_at(end) is None and following not in tuple("不别要记勿莫注小个千万"):
                self.one(n.start, end, Decimal("1E7"), "count", checkable=False)
                return False
            return self.unit_at(end) is not None
        if run == "百千" or self.t[n.start : n.start + 3] in lexicon.ALONE_IDIOMS:
            return False
        return len(run) == 1 and run in "百千万亿" and any(rest[:i] in lexicon.COUNTED_ALONE for i in (1, 2))

    def _no_count(self, n: _Numeral, rest: str) -> bool | None:
        """三国演义, 十分."""
        run, following = n.run, rest[:1]
        if any(rest[:i] in lexicon.NO_COUNT for i in (1, 2, 3, 4)):
            return False
        other = rest[:2] not in ("分钟", "分之", "周年", "周时", "国政", "国元")
        if len(run) == 1 and run + following in lexicon.WORDS and other:
            return False
        if run == "二" and following == "元":
            return False
        return False if run == "几" and following in tuple("乎率何经近度番") else None

    def _spelled_digits(self, n: _Numeral, rest: str) -> bool | None:
        """二〇二二 counts nothing, 三点五 does, 五六 is a range; 十四五规划 is a plan."""
        run = n.run
        if run in ("十二五", "十三五", "十四五", "十五五"):
            return rest[:1] in tuple("个岁名年") and rest[:2] != "年规"
        if len(run) < 2 or not all(c in numerals.DIGIT for c in run):
            return None
        return False if len(run) > 2 or not _is_range(run) else None

    def _surely_counts(self, n: _Numeral, rest: str) -> bool | None:
        """几十, 二十出头, 年过五十, 三四十, 四点五, 三百, 十余."""
        run = n.run
        if run in ("几十", "数十") or any(rest.startswith(word) for word in lexicon.AFTER):
            return True
        if self.follows(n.start, *_AGED) or "点" in run or (len(run) >= 2 and run[-1] in "百千万亿"):
            return True
        if len(run) > 2 and (
            (run[-1] == "十" and _is_range(run)) or (run[-1] != "几" and any(c in run for c in "百千万亿"))
        ):
            return True
        return True if rest[:1] in ("余", "多", "来") and any(c in run for c in "十百千万亿") else None

    def _by_what_follows(self, n: _Numeral, rest: str) -> bool | None:
        """三成, 八折, 四大, 三点希望."""
        following, far = rest[:1], rest[1:2]
        if following == "成":
            return far not in _NO_TENTH
        if following == "折":
            return far not in _NO_DISCOUNT
        if following == "大":
            return len(n.run) == 1 and far not in ("", *"会以于学多报妈爷叔伯夫后一二三四五六七八九十，。、")
        return rest[1:].startswith(lexicon.POINTS) if following == "点" else None

    def _by_unit(self, n: _Numeral, rest: str) -> bool | None:
        if rest[:2] == "个半" or self.counts(n.end):
            return True
        if n.run == "两" and rest[:1] in tuple("军地院字国侧岸端极"):
            return rest[:1] in "军地院字"
        return True if len(n.run) == 1 and (rest[:1] == "字" or rest[:2] in lexicon.CLASSIFIERS) else None

    def _by_range(self, n: _Numeral, rest: str) -> bool | None:
        """两到三天."""
        match = RANGE.match(self.t, n.end)
        second = None if match is None else NUMBER.match(self.t, match.end())
        return second is not None and second.group()[0] not in ARABIC and self.counts(second.end())

    # -- from a numeral to a quantity -------------------------------------------------------------------------------

    def _count(self, n: _Numeral) -> None:
        """Read the value, then the second end of a range, the unit or classifier, the qualifiers and the noun."""
        parsed = numerals.value(n.run)
        if parsed is None:
            return
        t, start, q = self.t, n.start, n.end
        low, high, vague = parsed
        exactness = "about" if vague else "exact"
        if t[q : q + 1] == " " and t[q + 1 : q + 2] in ("余", "多", "来"):
            q += 1
        if t[q : q + 1] in ("余", "多", "来", "+"):
            exactness = "about" if t[q] == "来" else "more than"
            parsed, q = self._and_more(n.run, q, parsed)
            if parsed is None:
                return
            low, high, _ = parsed
        elif low == high:
            low, high, q, scored = self.joined(n.run, low, q, n.digits)
            if scored:
                q, exactness = self.qualified(start, q)
                self.add(start, q, low, high, "count", "", "score", exactness)
                return
        billions = t.startswith("个亿", q)
        if billions:
            low, high, q = exact.shift(low, 8), exact.shift(high, 8), q + 2
        tail = self.unit_at(q) or self._minutes(start, q)
        half = False
        if tail is None and (said := self._said_unit(q, low)) is not None:
            tail, low, high, half = said[0], exact.plus(low, said[1]), exact.plus(high, said[1]), said[1] == _HALF
        if tail is not None:
            self._measured(n, low, high, tail, exactness, half=half, checkable=billions or n.run not in ("几", "数"))
        elif not self._priced_or_shared(n, low, high, q, exactness):
            self._counted(n, low, high, q, exactness, billions or n.run not in ("几", "数"))

    def _and_more(self, run: str, q: int, value: _Value) -> tuple[_Value | None, int]:
        """余 of 100余万: the value with the scale after it, if there is one, and where it ends."""
        end = q + 1
        while end < q + 4 and self.t[end : end + 1] in tuple("万亿百千"):
            end += 1
        return (value if end == q + 1 else numerals.value(run + self.t[q + 1 : end])), end

    def _said_unit(self, q: int, low: Decimal) -> tuple[Tail, Decimal] | None:
        """个半月, 分半钟, 旬: the unit of what is said in another way, and what is to be added."""
        t = self.t
        if t.startswith("旬", q) and low >= 5:  # 年近七旬
            return ("duration", "year", q + 1), exact.times(low, Decimal(9))
        if t.startswith("分半钟", q):
            return ("duration", "minute", q + 3), _HALF
        tail = self.unit_at(q + 2) or self._months(q + 2) if t.startswith("个半", q) else None
        return None if tail is None else (tail, _HALF)

    def _months(self, q: int) -> Tail | None:
        return ("duration", "month", q + 1) if self.t[q : q + 1] == "月" else None

    def _minutes(self, start: int, q: int) -> Tail | None:
        """30分 of 1小时30分."""
        last = self.last()
        after_hour = last is not None and last.unit == "hour" and last.span[1] == start and self.t[q : q + 1] == "分"
        return ("duration", "minute", q + 1) if after_hour else None

    def _priced_or_shared(self, n: _Numeral, low: Decimal, high: Decimal, q: int, exactness: str) -> bool:
        """年过五十, ¥50, 七成五, 八折, 第14届."""
        t, start = self.t, n.start
        if self.follows(start, *_AGED):
            q, exactness = self.qualified(start, q, exactness)
            return self.add(start, q, low, high, "duration", "year", "age", exactness)
        if money := self.currency_before(start) or self.currency_name_before(start):
            code, at = money
            before_sign = t[at].isascii() or t.startswith("人民", at)
            q, exactness = self.qualified(at if before_sign else start, q, exactness)
            return self.add(at, q, low, high, "money", code, "", exactness)
        following, far = t[q : q + 1], t[q + 1 : q + 2]
        if following == "成" and far not in _NO_TENTH and high <= _TEN:
            low, high, q = exact.times(low, _TEN), exact.times(high, _TEN), q + 1
            if low == high and (more := self.tenth_after(q)) is not None:
                low, high, q = exact.plus(low, more), exact.plus(high, more), q + 1
            end, exactness = self.qualified(start, q, exactness)
            return self.add(start, end, low, high, "percent", "", "", exactness)
        if following == "折" and far not in _NO_DISCOUNT and high < 100:
            factor = _TEN if high < _TEN else _ONE
            return self.add(
                start, q + 1, exact.times(low, factor), exact.times(high, factor), "percent", "", "discount"
            )
        return False

    def _counted(self, n: _Numeral, low: Decimal, high: Decimal, q: int, exactness: str, checkable: bool) -> None:
        start, r = n.start, self.classifier_at(q)
        if self.t[q:r].strip() == "届" and self.t[start - 1 : start] != "了":
            if len(n.run) == 4 and "1900" <= n.run < "2100":
                self.date(start, q, int(n.run))
            else:
                self.add(start, r, low, high, "ordinal", checkable=False)
            return
        noun = self.noun(q, r)
        q, exactness = self.qualified(start, r, exactness)
        self.add(
            start,
            q,
            low,
            high,
            "count",
            "",
            noun,
            exactness,
            checkable and not (n.run == "百万" and exactness == "exact" and r == q),
        )

    def _measured(
        self,
        n: _Numeral,
        low: Decimal,
        high: Decimal,
        tail: Tail,
        exactness: str,
        *,
        half: bool = False,
        checkable: bool = True,
    ) -> None:
        """A number with its unit: the second end of a range, a fraction behind the unit, what it is the measure of."""
        t, start = self.t, n.start
        kind, unit, r = tail
        if low == high:
            low, high, r = self._second_measure(n, low, high, tail)
        if kind in ("duration", "measure") and t[r : r + 1] == "半" and not half:
            low, high, r = exact.plus(low, _HALF), exact.plus(high, _HALF), r + 1
        elif low == high and t[r - 1] in "米块" and (rest := self.said_fraction(r, t[r - 1])) is not None:
            low, high, r = exact.plus(low, rest[0]), exact.plus(high, rest[0]), rest[1]
        unit, low, high = whole_unit(unit, low, high)
        self._minutes_before(unit, start)
        if unit in DEGREES and _BELOW_ZERO.search(t, max(0, start - 4), start):
            low, high = exact.negative(low, high)
        noun = self._measure_of(kind, unit, start, r)
        q, exactness = self.qualified(start, r, exactness)
        if kind == "percent" and exactness == "exact":
            exactness = self.of_a_whole(start)
        if exactness == "nearly" and kind == "duration" and self._of_late(start, low, high, unit):
            exactness = "exact"
        named = unit in ("day", "month", "year") and self._named_days(start)
        self.add(start, q, low, high, kind, unit, noun, exactness, checkable and not named)

    def _minutes_before(self, unit: str, start: int) -> None:
        """2分 of 2分15秒 is no count."""
        last = self.last()
        if unit == "second" and last is not None and last.span[1] == start and last.surface.endswith("分"):
            self.quantities[-1] = replace(last, kind="duration", unit="minute", noun="")

    def _second_measure(self, n: _Numeral, low: Decimal, high: Decimal, tail: Tail) -> tuple[Decimal, Decimal, int]:
        """3米到5米."""
        match = RANGE.match(self.t, tail[2])
        second = None if match is None else NUMBER.match(self.t, match.end())
        again = None if second is None else self.unit_at(second.end())
        if match is None or second is None or again is None or again[:2] != tail[:2] or "或" in match.group():
            return low, high, tail[2]
        ends = self.both(n.run, second.group(), n.digits)
        return (low, high, tail[2]) if ends is None else (*ends, again[2])

    def _measure_of(self, kind: str, unit: str, start: int, end: int) -> str:
        """An age, an increase, the price of something."""
        if unit == "year" and self.t[end - 1] == "岁":
            return "age"
        if kind == "multiple":
            more = self.t[start - 1 : start] in _LARGER or _GROWTH.search(self.t, max(0, start - 6), start)
            return "increase" if more else ""
        return self.rate(start, end) if kind == "money" else ""

    def _of_late(self, start: int, low: Decimal, high: Decimal, unit: str) -> bool:
        """Whether 近 says of a few years or days that they are the last ones (近三年来), and not nearly so many."""
        late = self.t[start - 1 : start] == "近" and self.t[start - 2 : start - 1] not in lexicon.NOT_OF_LATE
        few = late and low == high == int(low) and low < _TEN and unit in ("year", "month", "week", "day")
        return few and not self.t[max(0, start - 3) : start - 1].endswith(_SPENT)


def _rules(names: str) -> tuple[Callable[..., Any], ...]:
    return tuple(getattr(_Scan, f"_{name}") for name in names.split())


#: what numeral characters may be beside a count, in this order
_RULES = _rules(
    "fraction of_every ordinal quarter_hours tenths_off first_of_dates calendar idiom known_day one_half point "
    "part_of_word two_months above single"
)
#: the same for digits
_DIGIT_RULES = _rules(
    "fraction of_every ordinal first_of_dates calendar round_the_clock said_day clock_of_four iso bare_year dotted "
    "emergency_call born numbered cited before_letters ladder_of_ages long label slashed september list_mark"
)
#: whether numeral characters count something: the first answer holds
_LICENSES = _rules("no_count spelled_digits surely_counts by_what_follows by_unit by_range")


def _is_range(run: str) -> bool:
    """三四十, 七八百."""
    parsed = numerals.value(run)
    return parsed is not None and parsed[0] < parsed[1]


def _percentage(value: Decimal, bottom: int) -> Decimal | None:
    """``value`` parts of ``bottom`` as a percentage."""
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or exponent < -9 or len(digits) + max(exponent, 0) > 18:
        return None
    if bottom == 100:
        return value
    scale = 10 ** max(0, -exponent)
    return percent_of(int(exact.shift(value, max(0, -exponent))), bottom * scale)
