"""Quantities in Chinese text.

One scan finds runs of digits and numeral characters. An ordered list of small rules (``numerals`` in ``zh.toml``) says what a run
may be beside a count; all of them look only at the few characters around it, so the work is linear in the length of the text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from evalkit.text.quantities import chinese_numerals as numerals, decimals as exact
from evalkit.text.quantities.chinese_context import (
    ARABIC,
    CLASSIFIERS,
    LEXICON,
    PATTERNS,
    RUN,
    WORDS,
    ChineseContext,
)
from evalkit.text.quantities.dates import Day
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.rule_lists import Found
from evalkit.text.quantities.scanner import Draft, Tail, fold_commas
from evalkit.text.quantities.units import ZH_UNIT, percent_of

_ONE, _TEN, _FIFTY = Decimal(1), Decimal(10), Decimal(50)
_HALF, _HUNDRED_MILLION = Decimal("0.5"), Decimal("1E8")
_H = numerals.HANZI
#: a number, or a word that begins a quantity without one
_CANDIDATE = re.compile(
    "(?:[零无]|没有)(?:新增|死亡|确诊|伤亡|感染|本土)|成倍|全天候|昼夜|日夜|百分[一二两三]?百(?!分)|双倍|"
    rf"{RUN}|[{numerals.FORMAL}]{{2,}}[万亿]*|半|翻|[今去前明后]年|[本上下]个?月"
)
_WORD_STARTS = frozenset("今去前明后本上下翻半无没零全昼日双百成")
_WIDTH = str.maketrans("０１２３４５６７８９％．：－～／　", "0123456789%.:-~/ ")
#: a number with full-width commas; 第5，100 and 5-3，100 are two numbers, and so are 250，300
_THOUSANDS = re.compile(
    "(?<![0-9.,，])[1-9][0-9]{0,2}(?:，[0-9]{3})*，000(?![0-9]|，[0-9])|"
    "(?:^|(?<=[一-鿿，。、；：（“¥$€￥]))(?<![第比版])[1-9][0-9]?(?:，[0-9]{3})+(?![0-9]|，[0-9])"
)
_WIDE = re.compile("[０-９％．：－～／　]")
_CALENDAR_SIGNS = "年月日号点时世:Hh分刻-–—~到至、"
_NAMED_DAYS = ("今明", "昨今", "明后", "今昨", "前后", "昨前")
_LISTS = ("、", "，", ",", "或", "和", "/", " ")
_ORDINAL_JOINTS = (*"、，和及-–~至到", " 至 ", " - ")
#: what joins two days or two hours
_JOINTS = frozenset(("至", "到", "-", "—", "~", "–", "、", "和", "——", "－"))
#: a day further off than this may be of the next month.
_NEAR_DAYS = 20
#: what follows 3点 when it is a time of day.
_SAID_OF_TIME = tuple("到 至 开始 前 后 之前 之后 出发 起床 的时候 准时 下单 就到 送到 了".split())
_NOON = 720
_LARGER = tuple("大高多长快重贵强")
_CLAUSE_END = ("", *"，。；、,;！？!? \n”）)")
_LASTING, _NUMBERED = tuple(WORDS["lasting"]), tuple(WORDS["numbered"])


class _Numeral(NamedTuple):
    """A run of numeral characters or digits, the character after it that is no space, and where that is."""

    start: int
    end: int
    at: int
    run: str
    before: str
    after: str
    digits: bool


def extract(text: str, when: Day | None) -> list[Quantity]:
    """Quantities of a Chinese text, in order, not overlapping."""
    folded = fold_commas(text.translate(_WIDTH) if _WIDE.search(text) else text, _THOUSANDS)
    return _Scan(text, folded, when).run()


class _Scan(ChineseContext):
    """One pass over one text.

    :ivar n: the number that is being read.
    """

    n: _Numeral

    def run(self) -> list[Quantity]:
        t = self.t
        for match in _CANDIDATE.finditer(t):
            start, end = match.span()
            if start < self.done:
                if end <= self.done or (again := PATTERNS["number"].match(t, self.done)) is None:
                    continue
                start, end = again.span()
            if t[start] not in _WORD_STARTS or not (_PHRASES.apply(self, t, start) or t[start] not in _H):
                self._number(start, end)
        return self.quantities

    # -- words ------------------------------------------------------------------------------------------------------

    def _half_a_unit(self, found: Found) -> bool:
        """半年, 半个小时, 半个多月."""
        before, q = self.t[found.start - 1 : found.start], found.end
        tail = self.unit_at(q) or (self._months(q) if q > found.start + 1 else None)
        if tail is not None and tail[0] in ("duration", "measure"):
            idle = tail[1] == "day" and before not in tuple("每近约前后")
            end, exactness = self.qualified(found.start, tail[2], "more than" if found.get("more") else "exact")
            self.one(found.start, end, _HALF, tail[0], tail[1], exact=exactness, checkable=not idle)
        return True

    def _doubled(self, found: Found) -> bool:
        """翻番, 翻了两番."""
        times = numerals.small(found.get("n") or "一")
        return not 0 < times < 10 or self.one(found.start, found.end, Decimal(2**times), "multiple")

    def _times_more(self, found: Found) -> bool:
        """翻3倍."""
        times = Decimal(numerals.small(found.get("n")))
        return self.one(found.start, found.end, times, "multiple", noun="increase")

    # -- numbers ----------------------------------------------------------------------------------------------------

    def _number(self, start: int, end: int) -> None:
        t = self.t
        if end > start + 1 and self._belongs_before(start):
            start += 1
        if end > start + 1 and t[end - 1] in "千兆百" and self._prefix(end):
            end -= 1
        if t[end - 1] == " ":
            end -= 1
        self.begin = start
        before = "第" if self.follows(start, "第 ") else t[max(0, start - 1) : start]
        at = end + 1 if t[end : end + 1] == " " else end
        n = self.n = _Numeral(start, end, at, t[start:end], before, t[at : at + 1], t[start] in ARABIC)
        if (n.digits and _NAMES.apply(self, t, start)) or _NUMERALS.apply(self, t, start):
            return
        if n.after and n.after in _CALENDAR_SIGNS and _CALENDAR.apply(self, t, start):
            return
        if n.digits:
            if not _DIGITS.apply(self, t, start):
                self._count(n)
        elif not _HANZI.apply(self, t, start):
            _LICENSES.apply(self, t, start)

    def _belongs_before(self, start: int) -> bool:
        """数 of 总数140万, 零 of 一年零三个月."""
        c = self.t[start]
        return (c == "数" and self.t[start + 1] not in "十百千万亿") or (
            c == "零" and start > 0 and self.end() == start
        )

    def _prefix(self, end: int) -> bool:
        """Whether the last character before ``end`` is the prefix of a unit, or one: 82万千瓦, 5千克, 500兆."""
        unit = self.t[end - 1 : end + 1]
        return unit in ZH_UNIT or (unit[0] == "兆" and unit[1:] not in tuple("元美日欧港韩台万亿"))

    # -- names and codes --------------------------------------------------------------------------------------------

    def _listed(self, found: Found) -> bool:
        """The numbers of 249,289,299都有."""
        at = found.begin("list")
        for match in re.finditer("[0-9]+", found.get("list")):
            self.one(at + match.start(), at + match.end(), Decimal(match.group()), "count")
        return True

    def _glued(self, found: Found) -> bool:
        """G20, #5, v2.0; not RMB20."""
        return self.symbol(found.start) is None

    def _bare(self, found: Found) -> bool:
        """Whether no unit or classifier follows the digits: after a Latin word or 图 they are its number."""
        t, start, number, q = self.t, self.n.start, self.n.run, self.n.end
        if self.symbol(start) is not None or t[start - 3 : start - 1].lower() == "to":
            return False
        if t[q - 1] in "万亿" or t[q : q + 1] in tuple("年月日:-到至~%多余"):
            return False
        if t[q : q + 2] in (" 年", " 月", " 日", " 点", " 时") or (number.isdigit() and 1900 <= int(number[:5]) < 2100):
            return False
        return not self.counts(q)

    def _service_number(self, found: Found) -> bool:
        """12306, 10086."""
        return self._bare(found) and self._name(found)

    def _after_hyphen(self, found: Found) -> bool:
        """Covid -19, 歼-20, 米-28NM, B-2; not the second end of a range."""
        t, start, last = self.t, found.start, self.last()
        two = t[start - 2 : start - 1]
        if last is not None and last.span[1] == start - 1:
            return False
        if two == " ":
            two = t[start - 3 : start - 2]
            return two.isascii() and two.isalpha() and self._bare(found)
        if "一" <= two <= "鿿" and two not in _H:
            return PATTERNS["code"].match(t, start) is not None or self._bare(found)
        if not (two.isascii() and two.isalnum()):
            return False
        return not (two.isdigit() and start >= self.done + 4 and t[start - 5 : start - 1].isdigit())

    def _after_space(self, found: Found) -> bool:
        """iPhone 13, Covid- 19; not 哇 x 2."""
        before = self.t[found.start - 3 : found.start - 2]
        if self.t[found.start - 2] == "-":
            return before.isascii() and before.isalpha()
        return self._bare(found)

    def _account(self, found: Found) -> bool:
        """@用户44."""
        return True

    def _before_letters(self, found: Found) -> bool:
        """737NG, but not 5kg, 40x10."""
        t, at = self.t, found.end
        by = t[at] in "xX" and self.n.run != "0" and t[at + 1 : at + 2].isdigit()
        return at == self.n.end and not by and self.unit_at(at) is None and self._dotted(found)

    def _dotted(self, found: Found) -> bool:
        t, at = self.t, found.end
        while at < len(t) and ((t[at].isascii() and t[at].isalnum()) or t[at] in ".-"):
            at += 1
        self.done = at
        return True

    def _long(self, found: Found) -> bool:
        """A telephone number."""
        return not self.n.after or (not self.counts(self.n.end) and self.symbol(found.start) is None)

    def _label(self, found: Found) -> bool:
        """Digits that name something, and are no count."""
        n = self.n
        return found.end == n.end and (self._series(n) or self._number_of_something(n)) and self._name(found)

    def _series(self, n: _Numeral) -> bool:
        """芯片1，芯片2: the numbers of things that are called the same."""
        word = self.t[n.start - 2 : n.start] if n.start > 1 else ""
        if len(n.run) > 3 or not all("一" <= c <= "鿿" for c in word) or self._said_before(n.start):
            return False
        last, self.labelled = self.labelled, (word, int(n.run))
        alone = self.t[n.end : n.end + 1] in ("", *"，,、。；;)）和及 ")
        return bool(word) and alone and word == last[0] and int(n.run) == last[1] + 1 and last[1] > 0

    def _number_of_something(self, n: _Numeral) -> bool:
        """尾号8888, 波音737, and the numbers after it in a list."""
        t, start = self.t, n.start
        if self.counts(n.end):
            return False
        if self.named > 0 and t[self.named : start] in _LISTS:
            return True
        return t[max(0, start - 8) : start].rstrip("为是比如：: ").endswith(_NUMBERED)

    def _slash(self, found: Found) -> bool:
        """3/4; 7/7 is the last of several messages."""
        return self._share(found) or self._nothing(found)

    # -- fractions and ordinals -------------------------------------------------------------------------------------

    def _fraction(self, found: Found) -> bool:
        """三分之一, 百分之三十."""
        run, second = found.get("bottom").rstrip(), found.get("top")
        if not second or run in ("几", "数"):
            return True
        bottom = numerals.value("一" + run if run in ("百", "千", "万") else run)
        top = numerals.value(second.rstrip())
        if bottom is None or top is None or bottom[0] != int(bottom[0]) or not 1 <= bottom[0] <= 10**9:
            return True
        low, high = (_percentage(value, int(bottom[0])) for value in top[:2])
        if low is not None and high is not None:
            end, exactness = self.qualified(found.start, found.end, "about" if top[2] else "exact")
            if exactness == "exact":
                exactness = self.of_a_whole(found.start)
            self.add(found.start, end, low, high, "percent", "", "", exactness)
        return True

    def _ordinal(self, found: Found) -> bool:
        """第3届; 第三产业 and 第三章 are names."""
        parsed = numerals.value(self.n.run)
        self.done = self.n.end
        return parsed is None or self.add(found.start, self.n.end, parsed[0], parsed[1], "ordinal", checkable=False)

    def _next_ordinal(self, found: Found) -> bool:
        """The others of 第1、2、3节."""
        last = self.last()
        listed = last is not None and last.kind == "ordinal" and self.t[last.span[1] : found.start] in _ORDINAL_JOINTS
        return listed and self.one(found.start, found.end, Decimal(found.get("n")), "ordinal", checkable=False)

    def _tenths_off(self, found: Found) -> bool:
        """七五折."""
        return self.one(found.start, found.end, Decimal(numerals.small(found.get("n"))), "percent", noun="discount")

    def _point(self, found: Found) -> bool:
        """一是, 二是: the points of a list."""
        value = numerals.small(found.get("n"))
        return value <= 0 or self.one(found.start, found.end, Decimal(value), "ordinal", checkable=False)

    # -- the calendar and the clock ---------------------------------------------------------------------------------

    def _first_hour(self, found: Found) -> bool:
        """0—24时: the first number is an hour as the second is."""
        first, second = self.part(found, "h") or 0, self.part(found, "h2")
        return 0 <= first <= 24 and self.time(found.start, found.end, first, checkable=(first, second) != (0, 24))

    def _first_month(self, found: Found) -> bool:
        """3至6月, 5、6月, 21-23日: the first number is a month or a day as the second is."""
        first, second = self.part(found, "m") or self.part(found, "d") or 0, self.part(found, "then") or 0
        return 1 <= first < second and self._date(found)

    def _decades(self, found: Found) -> bool:
        """90年代, 八九十年代, 20世纪六七十年代, 21世纪."""
        nth, run, end = self.part(found, "c"), found.get("t"), found.end
        if nth is not None:
            if not 1 <= nth <= 30:
                return False
            if not run:
                return self.date(found.start, self.n.at + 2, None, unit="century", century=nth)
            tens = _tens(run) + _tens(found.get("t2"))
            return self._spread(found.start, end, [(nth - 1) * 100 + ten for ten in tens])
        said = numerals.small(run)
        if len(run) == 4 and 1000 <= said < 2200 and said % 10 == 0:
            return self._spread(self.n.start, end, [said])
        tens = _tens(run)
        century = 2000 if found.start == self.n.start and tens and max(tens) < 40 else 1900
        return self._spread(found.start, end, [century + ten for ten in tens])

    def _spread(self, start: int, end: int, years: list[int]) -> bool:
        """One quantity per decade; each has a part of the words, so that spans do not overlap."""
        cut = [start, *(end - 3 * (len(years) - i) for i in range(1, len(years))), end]
        for said, a, b in zip(years, cut, cut[1:], strict=False):
            if a < b:
                self.date(a, b, said, unit="decade")
        return bool(years)

    def _before_christ(self, found: Found) -> bool:
        return 0 < numerals.small(found.get("bc")) < 100000 and super()._before_christ(found)

    def _days_that_pass(self, found: Found) -> bool:
        """已经3日, 3日内, 三日: days that pass, not a day of the month."""
        start, end, days = found.start, found.end, self.part(found, "d") or 0
        following = self.t[end : end + 1]
        lasts = self.t[max(0, start - 2) : start].endswith(_LASTING) or PATTERNS["within"].match(self.t, end)
        if lasts and days >= 1 and following not in tuple("本常元圆"):
            end, exactness = self.qualified(start, end)
            return self.one(start, end, Decimal(days), "duration", "day", exact=exactness)
        if self.n.digits or not 1 <= days <= 10 or self._month_of(start) is not None:
            return False
        checkable = not self._named_days(start)
        return following in ("本", "常") or self.one(start, end, Decimal(days), "duration", "day", checkable=checkable)

    def _month_of(self, start: int) -> Quantity | None:
        """The whole date before that a day belongs to: 7月23日至25日."""
        last = self.last()
        joined = last is not None and last.month and last.day and self.t[last.span[1] : start] in _JOINTS
        return last if joined else None

    def _day(self, found: Found) -> bool:
        """25日; after 7月23日至 it is of the same month, and so is a day near it that is named later (12月11日电 … 10日)."""
        t, start, end, day = self.t, found.start, found.end, self.part(found, "d") or 0
        if not 1 <= day <= 31 or (found.get("sign") and self.follows(start, *_NUMBERED)):
            return False
        if (whole := self._month_of(start)) is not None:
            return self._dated(start, end, whole.month, day, whole.year)
        if not self.n.digits and day <= 10:
            return False
        dated = self.dated
        near = dated is not None and dated.day is not None and abs(day - dated.day) <= _NEAR_DAYS
        return self._dated(start, end, dated.month if near and dated and t[start - 1 : start] != "月" else None, day)

    def _dated(self, start: int, end: int, month: int | None, day: int, year: int | None = None) -> bool:
        self.date(start, end, year, month, day)
        if month:
            self.dated = self.last()
        return True

    def _named_days(self, start: int) -> bool:
        """21日、22日两日: whether the days that are counted have just been named."""
        last = self.last()
        return (last is not None and last.kind == "date" and last.span[1] == start) or self.follows(start, *_NAMED_DAYS)

    def _two_months(self, found: Found) -> bool:
        """七八月份."""
        months = (Decimal(9), _TEN, False) if found.get("months") == "九十" else numerals.value(found.get("months"))
        if months is None or not 1 <= months[0] < months[1] <= 12:
            return False
        middle = found.stop("months") - 1
        return self.date(found.start, middle, None, int(months[0])) and self.date(
            middle, found.end, None, int(months[1])
        )

    def _bare_year(self, found: Found) -> bool:
        """2021 without 年 is a year unless a unit, a classifier or a counted noun follows."""
        t, start, end, last = self.t, found.start, found.end, self.last()
        if end != self.n.end or self.symbol(start) is not None or self.before(start) != "exact":
            return False
        after_year = last is not None and last.kind == "date" and last.unit == "" and 1 <= start - last.span[1] <= 2
        joined = PATTERNS["joined_year"].match(t, end) or (after_year and t[start - 1] in "-–—~至到/")
        if not joined and (PATTERNS["after_count"].match(t, end) or self.after(end)[0] > end or self.counts(end)):
            return False
        return self.date(start, end, int(found.get("y")))

    def _born(self, found: Found) -> bool:
        """90后."""
        tens = int(found.get("tens"))
        year = (1900 if tens else 2000) + tens
        return self.date(found.start, found.end, year, unit="decade", checkable=False)

    def _period(self, start: int) -> tuple[str | None, int]:
        """The half of the day that is stated before a time, and its start."""
        match = PATTERNS["period"].search(self.t, max(0, start - 5), start)
        return (None, start) if match is None else ((match.lastgroup or "").replace("noon", ""), match.start())

    def _time(self, found: Found) -> bool:
        """19:25."""
        hour, minute = self.part(found, "h") or 0, self.part(found, "min") or 0
        half, begin = self._period(found.start)
        return hour <= 24 and self._timed(found, begin, hour, minute, half or "")

    def _clock_time(self, found: Found) -> bool:
        """0200 GMT, 北京时间1430."""
        return self.time(found.start, found.end, int(found.get("h")), int(found.get("min")))

    def _o_clock(self, found: Found) -> bool:
        """下午3点, 十时三十分, 8点半, 6点至8点. A bare 3点 counts points."""
        start, at, hour = found.start, self.n.at, self.part(found, "h") or 0
        half, begin = self._period(start)
        if not 0 <= hour <= 24 or "点" in self.n.run:
            return False
        last = self.last()
        joined = last is not None and last.kind == "time" and self.t[last.span[1] : start].strip() in _JOINTS
        more = found.end > at + 1 or self.t[max(0, start - 3) : start].rstrip().endswith("时间")
        if not (more or joined or half is not None or self._is_hour(at)):
            return False
        if half is None and joined and last is not None and last.unit != "12h":
            half = _later_half(hour, late=last.low >= _NOON)
        minute = 30 if found.get("half_past") else self._minute(found)
        if found.get("less"):  # 九点差一刻
            hour, minute = hour - 1 or 12, 45
        said = {"": "exact", "多": "more than"}.get(found.get("said"), "about")
        return 0 <= minute < 60 and self._timed(found, begin, hour, minute, half or "", said)

    def _minute(self, found: Found) -> int:
        return self.part(found, "min") or {"一": 15, "三": 45}.get(found.get("quarter"), 0)

    def _spelled_out(self, found: Found) -> bool:
        """十点三十分, 十点一刻: the scan has taken it for a decimal number."""
        hour, minute = self.part(found, "h") or 0, self._minute(found)
        half, begin = self._period(found.start)
        return hour <= 24 and 0 <= minute < 60 and self._timed(found, begin, hour, minute, half or "")

    def _is_hour(self, at: int) -> bool:
        """Whether 8点 and 8时 are a time though nothing else says so."""
        run, t = self.n.run, self.t
        zero = run in ("零", "〇", "0")
        if t[at] == "点":
            return zero or t.startswith(_SAID_OF_TIME, at + 1)
        return self.n.digits or zero

    def _timed(self, found: Found, begin: int, hour: int, minute: int, half: str, said: str = "exact") -> bool:
        """A time with its qualifier; the second one of 0—24时 is not checkable."""
        last, checkable = self.last(), True
        if said == "exact":
            checkable = not (
                last is not None and last.kind == "time" and not last.checkable and begin - last.span[1] <= 3
            )
            _, said = self.qualified(found.start, found.end)
            if said == "exact":
                said = self.before(begin)
            if said == "exact" and self.t[max(0, begin - 2) : begin].rstrip().endswith("快"):
                said = "nearly"
        return self.time(begin, found.end, hour, minute, half, exact=said, checkable=checkable)

    def _above(self, found: Found) -> bool:
        """上百, 上千万, 上万."""
        n, start, end = self.n, found.start, found.end
        low = numerals.value(found.get("scale"))[0]  # type: ignore[index]
        high = exact.times(low, Decimal(9))
        tail = self.unit_at(end)
        if tail is not None:
            return self.add(start, tail[2], low, high, tail[0], tail[1], "", "about")
        r = self.classifier_at(end)
        if r == end and n.after not in ("个", *_CLAUSE_END):
            return False
        return self.add(start, r, low, high, "count", "", self.noun(end, r), "about")

    def _single(self, found: Found) -> bool:
        """一 counts only with a unit or classifier, and then it is rarely checkable."""
        n = self.n
        if self._counted_range(n):
            return False
        t, start, end = self.t, n.start, n.end
        d = Draft(start, end, _ONE, _ONE, n.run)
        piece = t[end : end + 1] == "块" and t[end + 1 : end + 2] not in ("钱", "多")
        tail = None if piece else self.unit_at(end)
        if tail is not None:
            if tail[0] != "money" or t[tail[2] : tail[2] + 1] not in ("化", "论"):
                self._measured(d)
        elif t.startswith("个半", end):
            self._count(n)
        elif self._tenths(d):
            return True
        elif (r := self.classifier_at(end)) > end:
            self.one(start, r, _ONE, "count", noun=self.noun(end, r), checkable=False)
        elif n.before == "之":  # 四大发明之一
            self.one(start, end, _ONE, "count", checkable=False)
        return True

    def _counted(self, found: Found) -> bool:
        self._count(self.n)
        return True

    def _scale_above(self, found: Found) -> bool:
        """上百, 近百人."""
        at_end = "end" in found.groups and "other" in found.groups
        return not (at_end or self.counts(found.end)) or self._counted(found)

    def _ten_million(self, found: Found) -> bool:
        """价值千万."""
        if self.unit_at(found.end) is not None:
            return self._counted(found)
        return self.one(found.start, found.end, Decimal("1E7"), "count", checkable=False)

    def _counted_by_unit(self, found: Found) -> bool:
        n, rest = self.n, self.t[self.n.end : self.n.end + 2]
        single = len(n.run) == 1 and (rest[:1] == "字" or rest in CLASSIFIERS)
        return (rest == "个半" or single or self.counts(n.end) or self._counted_range(n)) and self._counted(found)

    def _counted_range(self, n: _Numeral) -> bool:
        """两到三天."""
        match = PATTERNS["range"].match(self.t, n.end)
        second = None if match is None else PATTERNS["number"].match(self.t, match.end())
        return second is not None and second.group()[0] not in ARABIC and self.counts(second.end())

    # -- from a numeral to a quantity -------------------------------------------------------------------------------

    def _count(self, n: _Numeral) -> bool:
        """Read the value, then the second end of a range, the unit or classifier, the qualifiers and the noun."""
        parsed = numerals.value(n.run)
        if parsed is None:
            return False
        low, high, vague = parsed
        d = Draft(n.start, n.end, low, high, n.run, exact="about" if vague else "exact")
        d.checkable = n.run not in ("几", "数")
        more = PATTERNS["and_more"].match(self.t, d.end)
        if more is not None:
            if not self._and_more(d, more):
                return False
        elif d.single and self.joined(d, n.digits) and d.noun == "score":
            return self.finish(d)
        if self.t.startswith("个亿", d.end):
            d.times(_HUNDRED_MILLION, d.end + 2)
            d.checkable = True
        return any(
            step(d) for step in (self._measured, self._aged, self._priced, self._tenths, self._edition, self._so_many)
        )

    def _and_more(self, d: Draft, more: re.Match[str]) -> bool:
        """余 of 100余万: the value with the scale after it, if there is one."""
        value = numerals.value(d.run + more["scale"]) if more["scale"] else (d.low, d.high, False)
        d.exact = "about" if more["sign"] == "来" else "more than"
        return value is not None and d.join(value[0], value[1], more.end())

    def _measured(self, d: Draft) -> bool:
        """A number with its unit: the second end of a range, a fraction behind the unit, what it is the measure of."""
        t, half = self.t, False
        tail = self.unit_at(d.end) or self._minutes(d)
        if tail is None and (said := self._said_unit(d)) is not None:
            tail, half = said[0], said[1] == _HALF
            d.plus(said[1], d.end)
        if tail is None:
            return False
        d.become(*tail)
        if d.single:
            self._second_measure(d)
        if d.kind in ("duration", "measure") and t[d.end : d.end + 1] == "半" and not half:
            d.plus(_HALF, d.end + 1)
        elif d.single and t[d.end - 1] in "米块" and (rest := self.said_fraction(d.end, t[d.end - 1])) is not None:
            d.plus(*rest)
        last = self.last()
        if d.unit == "second" and last is not None and last.span[1] == d.start and last.surface.endswith("分"):
            self.quantities[-1] = replace(last, kind="duration", unit="minute", noun="")  # 2分 of 2分15秒
        self._measure_of(d)
        return self.finish(d)

    def _measure_of(self, d: Draft) -> None:
        """An age, an increase, the price of something."""
        if d.unit == "year" and self.t[d.end - 1] in "岁旬":
            d.noun = "age"
        elif d.kind == "money":
            d.noun = self.rate(d.start, d.end)
        elif d.kind == "multiple" and (
            self.follows(d.start, *_LARGER) or PATTERNS["growth"].search(self.t, max(0, d.start - 6), d.start)
        ):
            d.noun = "increase"

    def below_zero(self, d: Draft) -> bool:
        """零下5度."""
        return PATTERNS["below_zero"].search(self.t, max(0, d.start - 4), d.start) is not None

    def reconsider(self, d: Draft) -> None:
        """不超过总额的5%, 近三年来, 21日、22日两日."""
        if d.kind == "percent" and d.exact == "exact" and not d.noun:
            d.exact = self.of_a_whole(d.start)
        if d.exact == "nearly" and d.kind == "duration" and self._of_late(d):
            d.exact = "exact"
        if d.unit in ("day", "month", "year") and self._named_days(d.start):
            d.checkable = False

    def _of_late(self, d: Draft) -> bool:
        """Whether 近 says of a few years or days that they are the last ones (近三年来), and not nearly so many."""
        few = d.single and d.low == int(d.low) and d.low < _TEN and d.unit in ("year", "month", "week", "day")
        return few and PATTERNS["late"].search(self.t, max(0, d.start - 3), d.start) is not None

    def _said_unit(self, d: Draft) -> tuple[Tail, Decimal] | None:
        """个半月, 分半钟, 旬: the unit of what is said in another way, and what is to be added."""
        t, q = self.t, d.end
        if t.startswith("旬", q) and d.low >= 5:  # 年近七旬
            return ("duration", "year", q + 1), exact.times(d.low, Decimal(9))
        if t.startswith("分半钟", q):
            return ("duration", "minute", q + 3), _HALF
        tail = self.unit_at(q + 2) or self._months(q + 2) if t.startswith("个半", q) else None
        return None if tail is None else (tail, _HALF)

    def _months(self, q: int) -> Tail | None:
        return ("duration", "month", q + 1) if self.t[q : q + 1] == "月" else None

    def _minutes(self, d: Draft) -> Tail | None:
        """30分 of 1小时30分."""
        last, q = self.last(), d.end
        after_hour = last is not None and last.unit == "hour" and self.t[last.span[1] : d.start] in ("", "零", "又")
        return ("duration", "minute", q + 1) if after_hour and self.t[q : q + 1] == "分" else None

    def _second_measure(self, d: Draft) -> None:
        """3米到5米."""
        match = PATTERNS["range"].match(self.t, d.end)
        second = None if match is None else PATTERNS["number"].match(self.t, match.end())
        again = None if second is None else self.unit_at(second.end())
        if match is None or second is None or again is None or again[:2] != (d.kind, d.unit) or "或" in match.group():
            return
        ends = self.both(d.run, second.group(), self.n.digits)
        if ends is not None:
            d.join(*ends, again[2])

    def _aged(self, d: Draft) -> bool:
        """年过五十."""
        if not self.follows(d.start, "年过", "年近", "年满", "年逾", "年届"):
            return False
        d.become("duration", "year", d.end, "age")
        return self.finish(d)

    def _priced(self, d: Draft) -> bool:
        """¥50, 马币近两百万."""
        money = self.symbol(d.start)
        if money is None:
            return False
        code, at = money
        d.become("money", code, d.end)
        if not (self.t[at].isascii() or self.t.startswith("人民", at)):
            d.exact = self.qualified(d.start, d.end, d.exact)[1]
        d.start = at
        return self.finish(d)

    def _tenths(self, d: Draft) -> bool:
        """七成五, 八折."""
        match = PATTERNS["tenths"].match(self.t, d.end)
        if match is None or d.high > (_TEN if match.lastgroup == "share" else 99):
            return False
        d.times(_TEN if match.lastgroup == "share" or d.high < _TEN else _ONE, match.end())
        d.become("percent", "", d.end, "" if match.lastgroup == "share" else "discount")
        if match.lastgroup == "share" and d.single and (more := self.tenth_after(d.end)) is not None:
            d.plus(more, d.end + 1)
        return self.finish(d)

    def _edition(self, d: Draft) -> bool:
        """14届, 2022届."""
        r = self.classifier_at(d.end)
        if self.t[d.end : r].strip() != "届" or self.follows(d.start, "了"):
            return False
        if len(d.run) == 4 and "1900" <= d.run < "2100":
            return self.date(d.start, d.end, int(d.run))
        return self.add(d.start, r, d.low, d.high, "ordinal", checkable=False)

    def _so_many(self, d: Draft) -> bool:
        """So many of something, or of nothing that is named."""
        r = self.classifier_at(d.end)
        d.become("count", "", r, self.noun(d.end, r))
        if d.run == "百万" and self.qualified(d.start, r, d.exact) == (r, "exact"):
            d.checkable = False
        return self.finish(d)


_NAMES, _NUMERALS, _CALENDAR, _DIGITS, _HANZI, _LICENSES, _PHRASES = (
    LEXICON.rules(name, _Scan) for name in ("names", "numerals", "calendar", "digits", "hanzi", "licenses", "phrases")
)


def _later_half(hour: int, *, late: bool) -> str:
    """The half of the day of the second of two hours: 6 of 下午3点到6点."""
    if hour == 12:
        return "night" if late else "pm"
    return "pm" if late and hour < 12 else "am"


def _percentage(value: Decimal, bottom: int) -> Decimal | None:
    """``value`` parts of ``bottom`` as a percentage."""
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or exponent < -9 or len(digits) + max(exponent, 0) > 18:
        return None
    if bottom == 100:
        return value
    scale = 10 ** max(0, -exponent)
    return percent_of(int(exact.shift(value, max(0, -exponent))), bottom * scale)


def _tens(run: str) -> list[int]:
    """90 of 90 or 九十; 60 and 70 of 六七十."""
    parsed = numerals.value(run) if run else None
    if parsed is None or parsed[2] or not 10 <= parsed[0] <= parsed[1] < 100 or parsed[0] % 10 or parsed[1] % 10:
        return []
    return sorted({int(parsed[0]), int(parsed[1])})
