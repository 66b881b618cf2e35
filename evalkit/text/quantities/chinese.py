"""Quantities in Chinese text.

One scan finds runs of digits and numeral characters; everything else looks only at the few characters around a run, so
the work is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from evalkit.text.quantities import chinese_dates as dates
from evalkit.text.quantities import chinese_lexicon as lexicon
from evalkit.text.quantities import chinese_numerals as numerals
from evalkit.text.quantities import decimals as exact
from evalkit.text.quantities.collector import SpanCollector
from evalkit.text.quantities.dates import Day, date_quantity, time_quantity
from evalkit.text.quantities.english_words import DIGITS
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.nouns import ZH_NOUN
from evalkit.text.quantities.units import DEGREES, EN_SYMBOL, ZH_RATE, ZH_UNIT, latin_unit, percent_of

__all__ = ["extract"]

_H = numerals.HANZI
_F = numerals.FORMAL
_D = "零〇一二三四五六七八九"
_N = DIGITS
_RUN = rf"(?:{_N}(?: ?(?=[万亿]))?(?:[{_H}]|(?<=[{_H}]){_N})*|[{_H}](?:[{_H}]|(?<=[{_D}十])点(?=[{_D}]))*)"
#: none of what is counted: 零新增, 没有新增病例
_NOTHING = "(?:[零无]|没有)(?:新增|死亡|确诊|伤亡|感染|本土)"
#: a number, or a word that begins a quantity without one.
_CANDIDATE = re.compile(
    rf"{_NOTHING}|全天候|昼夜|日夜|百分[一二两三]?百(?!分)|双倍|{_RUN}|[{_F}]{{2,}}[万亿]*|半|翻|[今去前明后]年|[本上下]个?月"
)
_NUMBER = re.compile(_RUN)
_WIDTH = str.maketrans("０１２３４５６７８９％．：－～／　", "0123456789%.:-~/ ")
_WIDE = re.compile("[０-９％．：－～／　]")
_LATIN = re.compile(r" ?([A-Za-zμµ°℃²³]{1,5}[23]?(?:/[hs](?![a-z]))?)")
_RANGE = re.compile(rf" ?(?:[-–—~到至]|——|或) ?(?=[0-9]|[{_H}])")
_JOINED_YEAR = re.compile(rf" ?(?:[-–—~到至]|——) ?(?:1[0-9]|20)[0-9]{{2}} ?(?:年|[^0-9{_H}万亿个人名元]|$)")
_DATED_SECOND = re.compile(
    rf" ?(?:[-–—~到至、]|——) ?([0-9]{{1,2}}|[{_D}十]{{1,3}}) ?(?:(月)(?!份?[大小])|(世)纪|[日号](?=[^线楼院]|$))"
)
_SAID_FRACTION = re.compile(rf"(?:[0-9]{{1,2}}(?![0-9.])|[{_D}]{{1,2}})(?![{_H}点0-9比分年月日])")
_WITHIN = re.compile("[之以]?内(?![部容地蒙外心陆战阁科衣存涵核政敛])")
_CURRENCY_NAME = re.compile(rf"({'|'.join(lexicon.CURRENCY_BEFORE)})(?:近|约|超过?|逾|共|仅|大约)?$")
_OR_MORE = re.compile("[及或和](?:(以上|更多|更长|更久|更高|更大)|(?:以下|更少|更短|更低))")
_SAID_DAY = re.compile(r"[)）]日")
_CLOCK_OF_FOUR = re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9]")
_ZONE = re.compile(r" ?(?:GMT|UTC)(?![A-Za-z])")
_YEAR_LISTED = re.compile("(?:19|20)[0-9]{2}(?:[、,，/]|和|及|与) ?(?=(?:19|20)[0-9]{2}(?:年|[、,，/]))")
_LAST_YEAR = re.compile("20[0-9]{2}年")
_LISTED = re.compile("[0-9]{3}(?:,[0-9]{3})+(?=[都均等各皆三])")
_ROUND_THE_CLOCK = re.compile(r"7 ?[×xX*] ?24(?: ?(?:个?小时|h))?|24 ?[/×xX*] ?7(?![0-9])")
_ISO = re.compile(r"((?:1[0-9]|20)[0-9]{2})[-/.]([01]?[0-9])[-/.]([0-3]?[0-9])(?![0-9])")
_SEPTEMBER_11 = re.compile("9(?:/|[.·](?=11[”’」]?(?:恐|事件|袭)))11")
_QUARTERS = re.compile("([一三])刻钟")
_TENTHS_OFF = re.compile("([一二三四五六七八九])([一二三四五六七八九])折(?![叠磨射旧腾扣])")
_SLASHED = re.compile("([1-9])/([2-9]|10)(?![0-9/月日])")
_SERIAL = re.compile(r"-[0-9]+-[0-9]")
_CODE = re.compile("[0-9]{1,4}[A-Z]+")
_BELOW_ZERO = re.compile(r"(?:零下 ?|(?:^|[^0-9A-Za-z])-)$")
_AGES = re.compile(r"[0-9]{1,2}(?:[-~—][0-9]{1,2}){2,6} ?岁")
#: a day of a festival: 二月二, 三月三, 九月九.
_FESTIVAL = re.compile(rf"([{_D}])月\1(?![{_H}0-9日号月])")
#: verbs after which 近三年 is nearly three years, and not the last three.
_SPENT = ("历时", "耗时", "长达", "用了", "花了", "持续", "达", "历经", "过去", "等了", "有")
_SCORE = re.compile(r" ?(?:比|:|-|–|—) ?([0-9]{1,3})(?![0-9:.%]|-[0-9])")
_DOUBLING = re.compile(rf"翻(?:了)?(?:([{_D}两]|[0-9])?(?:番|翻)|([{_D}两]|[0-9]) ?倍)")
_GROWTH = re.compile("增|涨|提高|提升|扩大|上升|高出|多出|翻|大了|多了|高了|超出")
_NO_FRACTION_TENTH = frozenset("为功立员本果长就分熟绩都型交效群千")
_NO_DISCOUNT = frozenset("叠磨射旧腾扣")
#: what is numbered in points: 三点希望
_POINTS = (
    "希望 建议 要求 意见 原因 启示 理由 看法 体会 思考 经验 优势 好处 共识 不同 内容 变化 特点 主张 倡议 期望 想法 措施 "
    "： : 。 ， 因素"
).split()
_STOP = "的和与及或在有是被从共也都参等为已均之内中获，,、。；;：:)）”\"'! !?？"
_AGED = frozenset(("年过", "年近", "年满", "年逾", "年届"))
_LARGER = ("大", "高", "多", "长", "快", "重", "贵", "强")
_HALF = Decimal("0.5")
_DAY_HOURS = Decimal(24)
_ZERO = Decimal(0)
_ONE = Decimal(1)
_TEN = Decimal(10)
_NOUN_CLASSIFIERS = frozenset(("", "个", "家", "所", "座", "条", "项", "辆", "架", "艘", "支", "大", "类", "多"))
#: what follows a bare number of four digits that is no year.
_Tail = tuple[str, str, int]


def extract(text: str, when: Day | None) -> list[Quantity]:
    """Quantities of a Chinese text, in order, not overlapping."""
    folded = text.translate(_WIDTH) if _WIDE.search(text) else text
    return _Scan(text, folded, when).run()


class _Scan(SpanCollector):
    """One pass over one text; ``t`` is the text with full-width digits and signs folded, of the same length."""

    def __init__(self, text: str, folded: str, when: Day | None) -> None:
        super().__init__(text, folded)
        self.dated: Quantity | None = None  # the last date with month and day
        self.scored = False  # whether the two numbers just joined are a score, not a range
        self.labelled = ("", 0)  # the two characters before the last bare number, and the number
        self.named = 0  # where the last number ended that is a name or number of something
        self.when = when
        self.begin = 0  # where the number begins that is being read

    def run(self) -> list[Quantity]:
        t = self.t
        for match in _CANDIDATE.finditer(t):
            start, end = match.span()
            if start < self.done:
                if end <= self.done or (again := _NUMBER.match(t, self.done)) is None:
                    continue
                start, end = again.span()
            c = t[start]
            if c in "无没" or (c == "零" and end > start + 1 and t[start + 1] not in _H + "点时"):
                self.add(start, end, _ZERO, _ZERO, "count", checkable=False)
            elif t.startswith(("全天候", "昼夜", "日夜"), start):
                self.add(start, end, _DAY_HOURS, _DAY_HOURS, "duration", "hour", checkable=False)
            elif c == "双":
                self.add(start, end, Decimal(2), Decimal(2), "multiple")
            elif t.startswith("百分", start) and end > start + 2:  # 百分百, 百分二百
                value = Decimal(100 * numerals.small(t[start + 2 : end - 1] or "一"))
                self.add(start, end, value, value, "percent")
            elif c in _STARTERS and (c in "今去前明后本上下翻" or (c == "半" and end == start + 1)):
                self._word(start, end, c)
            else:
                self._number(start, end)
        return self.quantities

    # -- words ------------------------------------------------------------------------------------------------------

    def _word(self, start: int, end: int, c: str) -> None:
        if c == "半":
            self._half(start)
        elif c == "翻":
            self._doubling(start)
        elif (quantity := dates.relative(self.text, self.t, start, end, self.when)) is not None:
            self.take(quantity)

    def _half(self, start: int) -> None:
        """半年, 半个小时, 过半, 半数."""
        t = self.t
        before = t[start - 1 : start]
        counted = t[start + 1 : start + 2]
        if before == "一":
            return
        if counted == "数" or (before and before in "过超近逾" and counted not in tuple("年个小天月公世径导")):
            exactness = {"近": "nearly", "过": "more than", "超": "more than", "逾": "more than"}.get(before, "exact")
            begin = start - 1 if exactness != "exact" else start
            end = start + 2 if counted == "数" else start + 1
            if exactness == "exact":
                end, exactness = self._qualified(start, end)
            self.add(begin, end, Decimal(50), Decimal(50), "percent", "", "", exactness)
            return
        if (before and before in "大多南北东西参对折") or (before in ("上", "下") and counted == "年"):
            return
        if before in ("前", "后") and counted == "年" and t[start - 2 : start] not in ("提前", "之后", "此后"):
            return
        q = start + 1
        if counted == "个":
            q += 2 if t[q + 1 : q + 2] == "多" else 1
        tail = self._unit_at(q)
        if tail is None and counted == "个" and t[q : q + 1] == "月":
            tail = ("duration", "month", q + 1)
        if tail is None or tail[0] not in ("duration", "measure"):
            return
        kind, unit, end = tail
        idle = unit == "day" and before not in ("每", "近", "约", "前", "后")
        end, exactness = self._qualified(start, end, "more than" if t[q - 1] == "多" else "exact")
        self.add(start, end, _HALF, _HALF, kind, unit, "", exactness, not idle)

    def _doubling(self, start: int) -> None:
        """翻番, 翻了两番, 翻3倍."""
        found = _DOUBLING.match(self.t, start)
        if not found:
            return
        if found[2]:
            value = Decimal(numerals.small(found[2]))
            self.add(start, found.end(), value, value, "multiple", "", "increase")
            return
        times = numerals.small(found[1]) if found[1] else 1
        if 0 < times < 10:
            value = Decimal(2**times)
            self.add(start, found.end(), value, value, "multiple")

    # -- numbers ----------------------------------------------------------------------------------------------------

    def _number(self, start: int, end: int) -> None:
        t = self.t
        if t[start] == "数" and end > start + 1 and t[start + 1] not in "十百千万亿":
            start += 1  # 总数140万: the end of a word, not a numeral
        digits = t[start] in "0123456789"
        before = t[start - 1] if start else ""
        if before == " " and t[start - 2 : start - 1] == "第":
            before = "第"
        if digits and self._list_of_years(start, end):
            return
        if digits and before and (before.isascii() or before in "图表题式例") and self._belongs_to_name(start, before):
            return
        if t[end - 1] == " ":
            end -= 1
        if end > start + 1 and t[end - 1] in "千兆百" and self._prefix(end):
            end -= 1
        run = t[start:end]
        self.begin = start
        at = end + 1 if t[end : end + 1] == " " else end
        after = t[at : at + 1]
        if after == "分" and t[at + 1 : at + 2] == "之":
            self._fraction(start, at, run)
        elif before == "第":
            self._ordinal(start, end, at, run)
        elif quarter := _QUARTERS.match(t, start):  # 一刻钟
            minutes = Decimal(15 * numerals.small(quarter[1]))
            self.add(start, quarter.end(), minutes, minutes, "duration", "minute")
        elif low_price := _TENTHS_OFF.match(t, start):  # 七五折
            value = Decimal(10 * numerals.small(low_price[1]) + numerals.small(low_price[2]))
            self.add(start, low_price.end(), value, value, "percent", "", "discount")
        elif (
            (after and after in "-–—~到至、" and self._first_of_dates(start, end, run))
            or (after and after in "年月日号点时世:Hh分刻" and self._calendar(start, end, at, run, after))
            or (not digits and self._idiom(start, end, run))
        ):
            return
        elif run == "一":
            self._one(start, end)
        elif digits:
            if not self._uncounted(start, end, at, run, after):
                self._count(start, end, run, digits)
        elif self._licensed(start, end, run):
            self._count(start, end, run, digits)

    def _prefix(self, end: int) -> bool:
        """Whether the last character before ``end`` is the prefix of a unit, or one: 82万千瓦, 5千克, 500兆."""
        following = self.t[end : end + 1]
        return following in _AFTER_PREFIX or (self.t[end - 1] == "兆" and following not in tuple("元美日欧港韩台万亿"))

    def _list_of_years(self, start: int, end: int) -> bool:
        """2000 of 2000,2005年 and 2000、2005年; the numbers of 249,289,299都有."""
        t, run = self.t, self.t[start:end]
        if _YEAR_LISTED.match(t, start):
            self.take(date_quantity(self.text, start, start + 4, int(t[start : start + 4])))
            return True
        if not _LISTED.match(t, start):
            return False
        for found in re.finditer("[0-9]+", run):
            value = Decimal(found.group())
            self.add(start + found.start(), start + found.end(), value, value, "count")
        return True

    def _count(self, start: int, end: int, run: str, digits: bool) -> None:
        """Read the value, then the second end of a range, the unit or classifier, the qualifiers and the noun."""
        parsed = numerals.value(run)
        if parsed is None:
            return
        t = self.t
        low, high, vague = parsed
        checkable = run not in ("几", "数")
        exactness = "about" if vague else "exact"
        q = end
        if t[q : q + 1] == " " and t[q + 1 : q + 2] in ("余", "多", "来"):
            q += 1
        sign = t[q : q + 1]
        if sign in ("余", "多", "来", "+"):
            exactness = "about" if sign == "来" else "more than"
            r = q + 1
            while r < q + 4 and t[r : r + 1] in ("万", "亿", "百", "千"):
                r += 1
            if r > q + 1:
                scaled = numerals.value(run + t[q + 1 : r])
                if scaled is None:
                    return
                low, high, _ = scaled
            q = r
        elif low == high:
            low, high, q = self._joined(run, low, q, digits)
            if self.scored:
                self.scored = False
                q, exactness = self._qualified(start, q)
                self.add(start, q, low, high, "count", "", "score", exactness)
                return
        if t[q : q + 2] == "个亿":
            low, high, q = exact.shift(low, 8), exact.shift(high, 8), q + 2
            checkable = True
        half = t[q : q + 2] == "个半"
        tail = self._unit_at(q) or self._minutes(start, q)
        if half and tail is None:
            tail = self._unit_at(q + 2) or (("duration", "month", q + 3) if t[q + 2 : q + 3] == "月" else None)
            if tail is not None:
                low, high = exact.plus(low, _HALF), exact.plus(high, _HALF)
        if tail is not None:
            self._measured(start, low, high, tail, exactness, digits, run, half, checkable)
            return
        if t[max(0, start - 2) : start] in _AGED:
            q, exactness = self._qualified(start, q, exactness)
            self.add(start, q, low, high, "duration", "year", "age", exactness)
            return
        if money := self._currency_before(start) or self._currency_name_before(start):
            code, at = money
            before_sign = t[at].isascii() or t[at : at + 2] == "人民"
            q, exactness = self._qualified(at if before_sign else start, q, exactness)
            self.add(at, q, low, high, "money", code, "", exactness)
            return
        nxt, far = t[q : q + 1], t[q + 1 : q + 2]
        if nxt == "成" and far not in _NO_FRACTION_TENTH and high <= _TEN:
            low, high, q = exact.times(low, _TEN), exact.times(high, _TEN), q + 1
            if low == high and (more := self._tenth_after(q)) is not None:  # 七成五
                low, high, q = exact.plus(low, more), exact.plus(high, more), q + 1
            end, exactness = self._qualified(start, q, exactness)
            self.add(start, end, low, high, "percent", "", "", exactness)
            return
        if nxt == "折" and far not in _NO_DISCOUNT and high < 100:
            factor = _TEN if high < _TEN else _ONE
            self.add(start, q + 1, exact.times(low, factor), exact.times(high, factor), "percent", "", "discount")
            return
        r = self._classifier_at(q)
        if t[q:r].strip() == "届" and t[start - 1 : start] != "了":
            if len(run) == 4 and "1900" <= run < "2100":
                self.take(date_quantity(self.text, start, q, int(run)))
            else:
                self.add(start, r, low, high, "ordinal", checkable=False)
            return
        noun = self._noun(q, r)
        q, exactness = self._qualified(start, r, exactness)
        if run == "百万" and r == q:
            checkable = False
        self.add(start, q, low, high, "count", "", noun, exactness, checkable)

    def _minutes(self, start: int, q: int) -> _Tail | None:
        """30分 of 1小时30分."""
        last = self.last()
        after_hour = last is not None and last.unit == "hour" and last.span[1] == start and self.t[q : q + 1] == "分"
        return ("duration", "minute", q + 1) if after_hour else None

    def _measured(
        self,
        start: int,
        low: Decimal,
        high: Decimal,
        tail: _Tail,
        exactness: str,
        digits: bool,
        run: str,
        half: bool,
        checkable: bool,
    ) -> None:
        t = self.t
        kind, unit, r = tail
        if low == high and (found := _RANGE.match(t, r)) and (second := _NUMBER.match(t, found.end())):
            again = self._unit_at(second.end())
            ends = self._both(run, second.group(), digits) if again and again[:2] == (kind, unit) else None
            if ends is not None and again is not None and "或" not in found.group():
                low, high = ends
                r = again[2]
        if kind in ("duration", "measure") and t[r : r + 1] == "半" and not half:
            low, high = exact.plus(low, _HALF), exact.plus(high, _HALF)
            r += 1
        elif low == high and t[r - 1] in "米块" and (rest := self._said_fraction(r, t[r - 1])) is not None:
            low, high, r = exact.plus(low, rest[0]), exact.plus(high, rest[0]), rest[1]
        if ":" in unit:
            unit, _, part = unit.partition(":")
            low, high = exact.shift(low, 1 - len(part)), exact.shift(high, 1 - len(part))
        noun = ""
        if unit == "year" and t[r - 1] == "岁":
            noun = "age"
        elif kind == "multiple" and (t[start - 1 : start] in _LARGER or _GROWTH.search(t, max(0, start - 6), start)):
            noun = "increase"
        elif kind == "money":
            noun = self._rate(start, r)
        last = self.last()
        if unit == "second" and last is not None and last.span[1] == start and last.surface.endswith("分"):
            self.quantities[-1] = replace(last, kind="duration", unit="minute", noun="")
        if unit in DEGREES and _BELOW_ZERO.search(t, max(0, start - 4), start):
            low, high = exact.negative(low, high)
        checkable = checkable and not (unit == "day" and self._named_days(start))
        q, exactness = self._qualified(start, r, exactness)
        if kind == "percent" and exactness == "exact":
            exactness = self._of_a_whole(start)
        if exactness == "nearly" and kind == "duration" and self._of_late(start, low, high, unit):
            exactness = "exact"
        self.add(start, q, low, high, kind, unit, noun, exactness, checkable)

    def _of_late(self, start: int, low: Decimal, high: Decimal, unit: str) -> bool:
        """Whether 近 says of a few years or days that they are the last ones (近三年来), and not nearly so many."""
        late = self.t[start - 1 : start] == "近" and self.t[start - 2 : start - 1] not in lexicon.NOT_OF_LATE
        few = late and low == high == int(low) and low < _TEN and unit in ("year", "month", "week", "day")
        return few and not self.t[max(0, start - 3) : start - 1].endswith(_SPENT)

    def _named_days(self, start: int) -> bool:
        """21日、22日两日: whether the days that are counted have just been named."""
        last = self.last()
        named = last is not None and last.kind == "date" and last.span[1] == start
        return named or self.t[max(0, start - 2) : start] in ("今明", "昨今", "明后", "今昨", "前后")

    def _said_fraction(self, q: int, unit: str) -> tuple[Decimal, int] | None:
        """八五 of 一米八五, 五 of 三块五: hundredths and tenths of the unit, and where they end."""
        t = self.t
        found = _SAID_FRACTION.match(t, q)
        if found is None or self._unit_at(found.end()) is not None or self._classifier_at(found.end()) > found.end():
            return None
        digits = "".join(str(numerals.small(c)) for c in found[0])
        if unit == "块" and len(digits) > 1:
            return None
        return Decimal(f"0.{digits}"), found.end()

    def _tenth_after(self, q: int) -> Decimal | None:
        """五 of 七成五 or 三块五, 半 of 一成半, where it is the last numeral and counts nothing itself."""
        t = self.t
        c = t[q : q + 1]
        if c == "半":
            return Decimal(5)
        alone = c and (c in _D or c in "123456789") and _NUMBER.match(t, q)
        if not alone or alone.end() != q + 1 or self._unit_at(q + 1) is not None or self._classifier_at(q + 1) > q + 1:
            return None
        return Decimal(numerals.small(c))

    def _rate(self, start: int, end: int) -> str:
        """What a price is for: 3元/箱, 每公斤3元."""
        t = self.t
        if t[end : end + 1] in ("/", "每"):
            for length in (3, 2, 1):
                if (name := ZH_RATE.get(t[end + 1 : end + 1 + length])) is not None:
                    return name
        window = t[max(0, start - 4) : start]
        at = window.rfind("每")
        return ZH_RATE.get(window[at + 1 :].strip(), "") if at >= 0 else ""

    def _joined(self, run: str, low: Decimal, q: int, digits: bool) -> tuple[Decimal, Decimal, int]:
        """The second end of a range, or the other side's score: 10到20, 3-5, 3比1."""
        t = self.t
        if t[q : q + 1] == "、" and len(run) == 1 and t[q + 1 : q + 2].isdigit() == digits:
            nxt = numerals.small(t[q + 1 : q + 2])
            single = _NUMBER.match(t, q + 1)
            if (
                nxt == low + 1
                and single is not None
                and single.end() == q + 2
                and (self._unit_at(q + 2) is not None or self._classifier_at(q + 2) > q + 2)
            ):
                return low, Decimal(nxt), q + 2
        found = _RANGE.match(t, q)
        if found is not None and (second := _NUMBER.match(t, found.end())) is not None:
            ends = self._both(run, second.group(), digits)
            if ends is not None and ("或" not in found.group() or not digits or ends[1] == exact.plus(ends[0], _ONE)):
                q = second.end()
                return ends[0], ends[1], q + 1 if t[q : q + 1] in ("余", "多") else q
        if digits and len(run) <= 3 and (score := _SCORE.match(t, q)) is not None and "." not in run:
            other = Decimal(score[1])
            tight = t[q : score.start(1)]
            if (other <= low or "比" in tight or ":" in tight) and self._unit_at(score.end()) is None:
                self.scored = True
                return min(low, other), max(low, other), score.end()
        return low, low, q

    def _both(self, run: str, other: str, digits: bool) -> tuple[Decimal, Decimal] | None:
        """Both ends of a range; a scale at the second belongs to both (10到20万)."""
        other = other.rstrip()
        b = numerals.value(other)
        if b is None or b[2] or b[0] != b[1] or (other[0] in "0123456789") != digits:
            return None
        scale = other[len(other.rstrip("万亿")) :]
        a = numerals.value(run if run[-1] in "万亿百千" else run + scale)
        if a is None or a[0] >= b[0]:
            a = numerals.value(run)
        return (a[0], b[0]) if a is not None and a[0] < b[0] else None

    # -- what stands around a number --------------------------------------------------------------------------------

    def _unit_at(self, q: int) -> _Tail | None:
        """Kind, unit and end of the longest unit that starts here, after at most one space."""
        t = self.t
        c = t[q : q + 1]
        if c == " ":
            q += 1
            c = t[q : q + 1]
        if c in _UNIT_STARTS:
            for length in range(_LONGEST_UNIT, 0, -1):
                piece = t[q : q + length]
                hit = ZH_UNIT.get(piece)
                if hit is not None and len(piece) == length:
                    return self._unless_other_word(piece, hit, q)
            context = _CONTEXT_UNITS.get(c)
            if c == "毛" and t[q - 1] not in "0123456789":
                return None
            if context is not None and ((t[q + 1 : q + 2] or "^") in lexicon.ONLY_BEFORE[c] or self._price(q, c)):
                return (*context, q + 1)
            return None
        if c and (c.isascii() or c in "℃°μµ") and (found := _LATIN.match(t, q)):
            named = latin_unit(found[1])
            if named is not None and not t[found.end() : found.end() + 1].isascii():
                return named[0], named[1], found.end()
            if named is not None and not t[found.end() : found.end() + 1].isalnum():
                return named[0], named[1], found.end()
        return None

    def _unless_other_word(self, piece: str, hit: tuple[str, str], q: int) -> _Tail | None:
        """The unit, unless what follows makes another word of it, or what precedes another unit."""
        t = self.t
        stop = q + len(piece)
        following = t[stop : stop + 1]
        if following and following in lexicon.OTHER_WORD.get(piece, ""):
            return None
        if piece == "度" and (t[q - 1] in "万亿" or _POWER_WORDS.search(t, max(0, q - 16), self.begin)):
            return "measure", "kWh", stop
        if piece in ("度", "伏") and t[q - 1] in _D + "两" and t[q - 2 : q - 1] not in tuple(_H + "下"):
            twice = piece == "度" and t[q - 1] in "两三四五" and _TIMES_DU.match(t, stop)
            return ("count", "", stop) if twice else None
        if piece in ("兆", "安") and (following or "^") not in lexicon.ONLY_BEFORE[piece]:
            return None
        if piece in ("公里", "千米", "英里") and ("时速" in t[max(0, q - 12) : q] or "每小时" in t[max(0, q - 12) : q]):
            return "measure", "mph" if piece == "英里" else "km/h", stop
        return hit[0], hit[1], stop

    def _price(self, q: int, c: str) -> bool:
        """三块五."""
        return c == "块" and self._said_fraction(q + 1, c) is not None

    def _classifier_at(self, q: int) -> int:
        """End of the classifier that starts here, after at most one space, or ``q``."""
        t = self.t
        at = q + 1 if t[q : q + 1] == " " else q
        for length in range(lexicon.LONGEST_CLASSIFIER, 0, -1):
            piece = t[at : at + length]
            if len(piece) == length and piece in lexicon.CLASSIFIERS:
                if t[at + length : at + length + 1] in tuple(lexicon.NOT_CLASSIFIER.get(piece, "")):
                    return q
                return at + length
        return q

    def _noun(self, q: int, r: int) -> str:
        """Class of what is counted: told by the classifier, or standing soon after it."""
        t = self.t
        classifier = t[q:r].strip()
        if (known := lexicon.NOUN_OF.get(classifier)) is not None:
            return known
        if classifier not in _NOUN_CLASSIFIERS:
            return ""
        for at in range(r, r + 5):
            c = t[at : at + 1]
            if not "一" <= c <= "鿿" or c in _H:
                break
            for length in (4, 3, 2):
                name = ZH_NOUN.get(t[at : at + length])
                if name and t[at + length : at + length + 1] not in ("级", "队", "报", "化", "型"):
                    return self._last_noun(at + length, name)
            if at <= r + 2 and c in ZH_NOUN:
                following = t[at + 1 : at + 2]
                if following in _STOP or not "一" <= following <= "鿿" or following in _H:
                    return ZH_NOUN[c]
            if c in "的，、":
                break
        return ""

    def _last_noun(self, q: int, name: str) -> str:
        """企业用户 are users: the noun that ends the row."""
        t = self.t
        for length in (4, 3, 2):
            if (more := ZH_NOUN.get(t[q : q + length])) is not None:
                return more
        return name

    def _qualified(self, start: int, end: int, exactness: str = "exact") -> tuple[int, str]:
        """Where the quantity ends with the qualifier after it, and how exact it is said to be."""
        t = self.t
        if (more := _OR_MORE.match(t, end)) is not None:
            return more.end(), "at least" if more[1] else "at most"
        if t[end : end + 1] == " " and (t[end + 1 : end + 3] in lexicon.AFTER or t[end + 1 : end + 2] in ("多", "余")):
            end += 1
        two = t[end : end + 2]
        if two in lexicon.AFTER and not (two == "不到" and t[end + 2 : end + 3] in tuple("的就我你请可吗")):
            said = lexicon.AFTER[two]
            return end + 2, exactness if said == "exact" else said
        first, second = two[:1], two[1:]
        if exactness == "exact":
            if first in ("多", "余") and second not in _NOT_MORE:
                return end + 1, "more than"
            if first == "许" and second not in tuple("多可诺愿久"):
                return end + 1, "about"
            if first == "+" and not ("0" <= second <= "9"):
                return end + 1, "more than"
        at = start - 1 if start and t[start - 1] == " " else start
        if (
            t[at - 1 : at] in ("破", "过")
            and t[at : at + 1] in tuple("百千万亿")
            and t[at - 2 : at - 1] not in _ALSO_PAST
        ):
            return end, "more than"
        for length in range(lexicon.LONGEST_BEFORE, 0, -1):
            word = t[at - length : at] if at >= length else ""
            hit = lexicon.BEFORE.get(word)
            if hit is not None:
                head = at - length
                if hit in _OPPOSITE and head and _NEGATED.search(t, max(0, head - 4), head):
                    return end, _OPPOSITE[hit]
                if t[head - 1 : head] not in tuple(lexicon.NOT_AFTER.get(word, "")) or t[head - 2 : head] == "其中":
                    return end, hit
        if exactness == "exact":
            window = t[max(0, at - 6) : at]
            for word, hit in lexicon.DISTANT.items():
                i = window.rfind(word)
                if i >= 0:
                    between = window[i + len(word) :]
                    if len(between) <= 4 and not any(c in _BREAK for c in between):
                        return end, hit
        return end, exactness

    def _of_a_whole(self, start: int) -> str:
        """How exact a share is whose qualifier stands before what it is a share of: 不超过总额的5%."""
        window = self.t[max(0, start - 12) : start]
        if not window.endswith("的") or any(word in window for word in lexicon.COMPARED):
            return "exact"
        clause = window[max(map(window.rfind, "，。；、：,;")) + 1 :]
        said = [(clause.rfind(word), len(word), hit) for word, hit in lexicon.OF_A_WHOLE.items() if word in clause]
        if not said:
            return "exact"
        at, _, hit = max(said, key=lambda one: (one[0] + one[1], one[1]))
        return _OPPOSITE.get(hit, hit) if _NEGATED.search(clause, 0, at) else hit

    def _currency_before(self, start: int) -> tuple[str, int] | None:
        t = self.t
        at = start - 1 if start and t[start - 1] == " " else start
        if at == 0 or (t[at - 1].isalnum() and t[at - 1] not in "币DRYPBKMs"):
            return None
        for length in (4, 3, 2, 1):
            code = EN_SYMBOL.get(t[at - length : at]) if at >= length else None
            if code and not (
                t[at - 1].isalpha() and at > length and t[at - length - 1].isascii() and t[at - length - 1].isalpha()
            ):
                return code, at - length
        return ("CNY", at - 3) if at >= 3 and t[at - 3 : at] == "人民币" else None

    def _currency_name_before(self, start: int) -> tuple[str, int] | None:
        """马币近两百万."""
        found = _CURRENCY_NAME.search(self.t, max(0, start - 6), start)
        return None if found is None else (lexicon.CURRENCY_BEFORE[found[1]], found.start())

    # -- what else a numeral may be ---------------------------------------------------------------------------------

    def _fraction(self, start: int, at: int, run: str) -> None:
        """三分之一, 百分之三十; ``at`` is where 分之 stands."""
        t = self.t
        second = _NUMBER.match(t, at + 2)
        if not second or run in ("几", "数"):
            return
        bottom = numerals.value("一" + run if run in ("百", "千", "万") else run)
        top = numerals.value(second.group().rstrip())
        if bottom is None or top is None or bottom[0] != int(bottom[0]) or not 1 <= bottom[0] <= 10**9:
            return
        ends = [_percentage(v, int(bottom[0])) for v in top[:2]]
        if ends[0] is None or ends[1] is None:
            return
        end, exactness = self._qualified(start, second.end(), "about" if top[2] else "exact")
        if exactness == "exact":
            exactness = self._of_a_whole(start)
        self.add(start, end, ends[0], ends[1], "percent", "", "", exactness)

    def _ordinal(self, start: int, end: int, at: int, run: str) -> None:
        """第3届; 第三产业 and 第三章 are names."""
        self.done = end
        parsed = numerals.value(run)
        if parsed is not None and self.t[at : at + 1] not in ("产", "章", "节", "条", "款", "页"):
            begin = start - 1 if self.t[start - 1] == "第" else start - 2
            self.add(begin, end, parsed[0], parsed[1], "ordinal", checkable=False)

    def _idiom(self, start: int, end: int, run: str) -> bool:
        """成千上万 and its like; 一半; 周四; 陆续."""
        t = self.t
        c = t[start]
        if c in "千百" and t[start - 1 : start] == "成" and (ends := lexicon.IDIOMS.get(t[start - 1 : start + 3])):
            self._vague(start - 1, start + 3, ends)
            return True
        if c == "数" and t[start + 1 : start + 2] == "以":
            close = t.find("计", start, start + 6) + 1
            if close and (ends := lexicon.IDIOMS.get(t[start:close])):
                self._vague(start, close, ends)
            self.done = max(self.done, end)
            return True
        if (day := lexicon.DAYS.get(run)) is not None and t[end : end + 1] not in lexicon.CLASSIFIERS:
            month, number = day
            begin = start - 1 if t[start - 1 : start] == "双" and start else start
            if run not in ("十一", "十二") or begin < start:
                named = date_quantity(self.text, begin, end, None, month, number, checkable=False)
                self.take(named)
                return True
        if run == "一" and t[end : end + 1] == "半":
            stop, exactness = self._qualified(start, end + 1)
            self.add(start, stop, Decimal(50), Decimal(50), "percent", "", "", exactness)
            return True
        if len(run) == 1 and t[end : end + 1] == "是" and (start == 0 or t[start - 1] in _CLAUSE):
            value = Decimal(numerals.small(run))  # 一是, 二是
            if value > 0:
                self.add(start, end, value, value, "ordinal", checkable=False)
            return True
        if len(run) == 1 and start:
            before = t[start - 1]
            if before == "周":
                return t[start - 2 : start - 1] not in tuple("每一两三几") if start > 1 else True
            if before in "期拜":
                return t[start - 2 : start - 1] in ("星", "礼")
            if before in "初老":
                return True
            if before in "高大小" and t[end : end + 2] in ("学生", "年级", "男生", "女生", "学期"):
                return True
        if t[end : end + 1] == "月" and len(run) > 1 and self._two_months(start, end, run):
            return True
        if c == "上" or (run in ("百", "千", "万", "百万", "千万", "亿") and t[start - 1 : start] == "上" and start):
            power = {"百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8}[run]
            q = end + 1 if t[end : end + 1] == "个" else end
            tail = self._unit_at(end)
            low, high = Decimal(f"1E{power}"), Decimal(f"9E{power}")
            if tail is not None:
                self.add(start - 1, tail[2], low, high, tail[0], tail[1], "", "about")
                return True
            r = self._classifier_at(end)
            if r == end and q == end and t[end : end + 1] not in _CLAUSE_END:
                return False
            self.add(start - 1, r, low, high, "count", "", self._noun(end, r), "about")
            return True
        return False

    def _two_months(self, start: int, end: int, run: str) -> bool:
        """七八月份."""
        months = numerals.value(run)
        if months is None or not 1 <= months[0] < months[1] <= 12:
            return False
        stop = end + 2 if self.t[end + 1 : end + 2] == "份" else end + 1
        for a, b, month in ((start, start + len(run) - 1, months[0]), (start + len(run) - 1, stop, months[1])):
            self.take(date_quantity(self.text, a, b, None, int(month)))
        return True

    def _vague(self, start: int, end: int, ends: Sequence[int]) -> None:
        self.add(start, end, Decimal(ends[0]), Decimal(ends[1]), "count", "", "", "about")

    def _one(self, start: int, end: int) -> None:
        """一 counts only with a unit or classifier, and then it is rarely checkable."""
        t = self.t
        if t[start : start + 2] in lexicon.ONE_WORDS or any(t[end : end + n] in lexicon.NO_COUNT for n in (1, 2, 3, 4)):
            return
        tail = self._unit_at(end)
        if t[end : end + 1] == "块" and t[end + 1 : end + 2] not in ("钱", "多"):
            tail = None
        if tail is not None:
            if tail[0] == "money" and t[tail[2] : tail[2] + 1] in ("化", "论"):
                return
            self._measured(start, _ONE, _ONE, tail, "exact", False, "一", False, True)
            return
        if t[end : end + 2] == "个半":
            self._count(start, end, "一", False)
            return
        if t[end : end + 1] == "成" and t[end + 1 : end + 2] not in (*_NO_FRACTION_TENTH, "不"):
            more = self._tenth_after(end + 1)
            value = _TEN if more is None else exact.plus(_TEN, more)
            self.add(start, end + (1 if more is None else 2), value, value, "percent")
            return
        r = self._classifier_at(end)
        if r > end:
            self.add(start, r, _ONE, _ONE, "count", "", self._noun(end, r), "exact", False)
        elif t[start - 1 : start] == "之":  # 四大发明之一
            self.add(start, end, _ONE, _ONE, "count", checkable=False)

    def _licensed(self, start: int, end: int, run: str) -> bool:
        """Whether numeral characters stand for a number here: most words with 三, 百 or 万 in them do not."""
        t = self.t
        rest = t[end : end + 5]
        nxt = rest[:1]
        pairs = lexicon.PHRASES.get(t[start : start + 2])
        if pairs is not None and any(i <= start and t.startswith(phrase, start - i) for phrase, i in pairs):
            return False
        if run in lexicon.NO_NUMBER:
            if run in ("数", "〇", "万一", "一二三", "一二", "一百一", "五五"):
                return False
            if nxt in ("余", "多") or (start and t[start - 1] in lexicon.ABOVE):
                stops = nxt in _CLAUSE_END and t[start - 1] != "成"
                return bool(nxt in ("余", "多") or stops or self._unit_at(end) or self._classifier_at(end) > end)
            if run in ("百", "千") and nxt == "年" and rest[:3] not in ("年大计", "年树人", "年好合", "年孤独"):
                value = Decimal(100 if run == "百" else 1000)
                self.add(start, end + 1, value, value, "duration", "year", "", "about", False)
                return False
            if run == "千万" and self._unit_at(end) is None and nxt not in tuple("不别要记勿莫注小个千万"):
                million = Decimal("1E7")
                self.add(start, end, million, million, "count", checkable=False)
                return False
            if run in ("千万", "百千") or t[start : start + 3] in lexicon.ALONE_IDIOMS:
                return run == "千万" and self._unit_at(end) is not None
            return len(run) == 1 and run in "百千万亿" and any(rest[:n] in lexicon.COUNTED_ALONE for n in (1, 2))
        if any(rest[:n] in lexicon.NO_COUNT for n in (1, 2, 3, 4)):
            return False
        if (
            len(run) == 1
            and run + nxt in lexicon.WORDS
            and rest[:2] not in ("分钟", "分之", "周年", "周时", "国政", "国元")
        ):
            return False
        if run == "十" and nxt == "分" and rest[:2] != "分钟":
            return False
        if run == "几" and nxt in ("乎", "率", "何", "经", "近", "度", "番"):
            return False
        if len(run) >= 2 and all(c in numerals.DIGIT for c in run):
            pair = numerals.value(run)
            if len(run) > 2 or pair is None or pair[0] == pair[1]:
                return len(run) > 2 and "点" in run
        if run in ("十二五", "十三五", "十四五", "十五五"):
            return nxt in ("个", "岁", "名", "年") and rest[:2] != "年规"
        if run in ("几十", "数十") or any(rest.startswith(word) for word in lexicon.AFTER):
            return True
        if t[max(0, start - 2) : start] in _AGED or (len(run) > 2 and run[-1] in "十百千万亿" and _is_range(run)):
            return True
        if "点" in run or (len(run) >= 2 and run[-1] in "百千万亿"):
            return True
        if len(run) >= 3 and run[-1] not in "几" and any(c in run for c in "百千万亿"):
            return True
        if nxt in ("余", "多", "来") and nxt and any(c in run for c in "十百千万亿"):
            return True
        if nxt == "成":
            return rest[1:2] not in _NO_FRACTION_TENTH
        if nxt == "折":
            return rest[1:2] not in _NO_DISCOUNT
        if nxt == "大":
            return (
                len(run) == 1
                and rest[1:2] not in tuple("会以于学多报妈爷叔伯夫后一二三四五六七八九十，。、")
                and rest[1:2] != ""
            )
        if nxt == "点":
            return any(rest[1:].startswith(word) for word in _POINTS)
        if rest[:2] == "个半" or self._unit_at(end) is not None or self._classifier_at(end) > end:
            return True
        if run == "两" and nxt in ("军", "地", "院", "字", "国", "侧", "岸", "端", "极"):
            return nxt in ("军", "地", "院", "字")
        if len(run) == 1 and (nxt in ("字",) or rest[:2] in lexicon.CLASSIFIERS):
            return True
        if found := _RANGE.match(t, end):
            second = _NUMBER.match(t, found.end())
            if second and second.group()[0] not in "0123456789":
                return self._unit_at(second.end()) is not None or self._classifier_at(second.end()) > second.end()
        return False

    def _belongs_to_name(self, start: int, before: str) -> bool:
        """Whether the character before makes the digits a part of a name: G20, COVID-19, #5, v2.0."""
        t = self.t
        if before == "-":
            last = self.last()
            if last is not None and last.span[1] == start - 1:
                return False
            two = t[start - 2 : start - 1]
            if two == " ":  # Covid -19
                two = t[start - 3 : start - 2]
                return two.isascii() and two.isalpha() and self._bare(start)
            if "一" <= two <= "鿿" and two not in _H:
                found = _CODE.match(t, start)
                return found is not None or self._bare(start)  # 歼-20, 米-28NM
            if not (two.isascii() and two.isalnum()):
                return False
            return not (two.isdigit() and start >= self.done + 4 and t[start - 5 : start - 1].isdigit())
        if before in "xX×*" and t[start - 2 : start - 1].isdigit():
            return False  # 40x10米
        if before == " " and t[start - 2 : start - 1] == "-":
            return t[start - 3 : start - 2].isascii() and t[start - 3 : start - 2].isalpha()  # Covid- 19
        if before == " ":
            return t[start - 2 : start - 1].isascii() and t[start - 2 : start - 1].isalpha() and self._bare(start)
        if before == "." or before == ",":
            return start > 1 and t[start - 2] in "0123456789" and _LAST_YEAR.match(t, start) is None
        if before in "图表题式例":
            return self._bare(start)
        if not (before.isalnum() or before in "_#/\\@=&"):
            return False
        return self._currency_before(start) is None and not (
            before == "/" and t[start - 2 : start - 1].isalnum() is False
        )

    def _bare(self, start: int) -> bool:
        """Whether no unit or classifier follows the digits that begin here: after a Latin word they are its number."""
        t = self.t
        found = _NUMBER.match(t, start)
        if found is None or self._currency_before(start) is not None or t[start - 3 : start - 1].lower() == "to":
            return False
        q = found.end()
        if t[q - 1] in "万亿" or t[q : q + 1] in ("年", "月", "日", ":", "-", "到", "至", "~", "%", "多", "余"):
            return False
        if t[q : q + 2] in (" 年", " 月", " 日", " 点", " 时") or (
            found.group().isdigit() and 1900 <= int(found.group()[:5]) < 2100
        ):
            return False
        return self._unit_at(q) is None and self._classifier_at(q) == q

    def _uncounted(self, start: int, end: int, at: int, run: str, after: str) -> bool:
        """Digits that count nothing: years without 年, versions, list numbers, telephone and serial numbers."""
        t = self.t
        whole = run.isdigit()
        if found := _ROUND_THE_CLOCK.match(t, start):
            self.add(start, found.end(), _DAY_HOURS, _DAY_HOURS, "duration", "hour", checkable=False)
            return True
        if whole and self._said_day(start, end):
            return True
        if whole and self._clock_of_four(start, end, run):
            return True
        if after in ("-", ".", "/") and (day := _ISO.match(t, start)) and dates.valid(int(day[2]), int(day[3])):
            self.take(date_quantity(self.text, start, day.end(), int(day[1]), int(day[2]), int(day[3])))
            return True
        if whole and len(run) == 4 and "1900" <= run < "2100" and self._bare_year(start, end):
            return True
        if after == "." and at == end and t[end + 1 : end + 2].isdigit():
            self._skip(end)
            return True
        if run in _EMERGENCY and (
            t[max(0, start - 2) : start].rstrip().endswith("打") or t.startswith(("报警", " 报警"), end)
        ):
            return True
        if not after:
            return whole and (len(run) >= 7 or self._label(start, end, run))
        if after == "后" and run in _BORN:
            year = 2000 if run == "00" else 1900 + int(run)
            born = date_quantity(self.text, start, at + 1, year, unit="decade", checkable=False)
            self.take(born)
            return True
        if after in "版楼室线路型后" and at - end <= 1 and (whole or after == "版"):
            if whole and len(run) <= 5:
                self.add(start, end, Decimal(run), Decimal(run), "count", checkable=False)
            return True
        if after == "号":
            if whole and len(run) <= 5:
                self.add(start, end, Decimal(run), Decimal(run), "count", checkable=False)
            self.done = at + 1
            return True
        previous = t[start - 1 : start]
        if "[" in previous + after.replace("]", "[") and previous in "[," and after in "],":
            return True
        by = after in ("x", "X") and t[end + 1 : end + 2].isdigit()
        if after.isascii() and after.isalpha() and at == end and not by and self._unit_at(end) is None:
            self._skip(end)
            return True
        if after and after in "-~—" and (found := _AGES.match(t, start)):
            ages = [Decimal(age) for age in re.findall("[0-9]+", found.group())]
            self.add(start, found.end(), min(ages), max(ages), "duration", "year", "age")
            return True
        if after == "-" and _SERIAL.match(t, end):
            self._skip(end)
            return True
        if whole and len(run) >= 7 and self._unit_at(end) is None and self._classifier_at(end) == end:
            return self._currency_before(start) is None
        if whole and self._label(start, end, run):
            return True
        if after == "/" and (part := _SLASHED.match(t, start)) is not None and int(part[1]) < int(part[2]):
            share = percent_of(int(part[1]), int(part[2]))
            self.add(start, part.end(), share, share, "percent")
            return True
        if september := _SEPTEMBER_11.match(t, start):
            stop = september.end()
            self.take(date_quantity(self.text, start, stop, None, 9, 11, checkable=False))
            return True
        if run == "911" and any(c in "事恐“" for c in t[start - 1 : start] + t[end : end + 2]):
            self.take(date_quantity(self.text, start, end, None, 9, 11, checkable=False))
            return True
        if whole and run[0] == "0" and len(run) > 1:
            return True
        at_start = (
            start == 0 or t[start - 1] == "\n" or (t[start - 1] in "(（" and (start == 1 or t[start - 2] in "\n。；"))
        )
        if whole and len(run) <= 2 and after in ".、)），," and at_start and not t[at + 1 : at + 2].isdigit():
            return True
        return whole and len(run) == 1 and after in "）)" and t[start - 1] in "（("

    def _said_day(self, start: int, end: int) -> bool:
        """今（11）日."""
        t = self.t
        said = t[start - 2 : start - 1] in tuple("今昨前明当本同次") and t[start - 1] in "（("
        if not said or not 1 <= int(t[start:end][:3]) <= 31 or not _SAID_DAY.match(t, end):
            return False
        self.take(date_quantity(self.text, start, end, None, None, int(t[start:end])))
        return True

    def _clock_of_four(self, start: int, end: int, run: str) -> bool:
        """0200 GMT, 北京时间1430."""
        zone = _ZONE.match(self.t, end)
        if not _CLOCK_OF_FOUR.fullmatch(run) or (zone is None and self.t[start - 2 : start] != "时间"):
            return False
        self.take(time_quantity(self.text, start, end, int(run[:2]), int(run[2:]), ""))
        return True

    def _label(self, start: int, end: int, run: str) -> bool:
        """Digits that name something, and are no count."""
        if not self._series(start, end, run) and not self._number_of_something(start, end, run):
            return False
        self.named = end
        if len(run) <= 5:  # on the other side it may be taken for a count: it can be matched, not missed
            self.add(start, end, Decimal(run), Decimal(run), "count", checkable=False)
        return True

    def _series(self, start: int, end: int, run: str) -> bool:
        """芯片1，芯片2: the numbers of things that are called the same."""
        t = self.t
        word = t[start - 2 : start] if start > 1 else ""
        if len(run) > 3 or not all("一" <= c <= "鿿" for c in word) or word in lexicon.BEFORE:
            return False
        last, self.labelled = self.labelled, (word, int(run))
        alone = t[end : end + 1] in ("", *"，,、。；;)）和及 ")
        return bool(word) and alone and word == last[0] and int(run) == last[1] + 1 and last[1] > 0

    def _number_of_something(self, start: int, end: int, run: str) -> bool:
        """尾号8888, 波音737, 985高校, 3单元502室."""
        t = self.t
        if t[start - 1 : start] in tuple("楼栋幢座") and t[end : end + 2] in ("单元", "室", "楼"):
            return True
        if len(run) > 1 and (
            t.startswith(lexicon.NAMED, end) or (len(run) == 3 and t.startswith(lexicon.NAMED_OF_THREE, end))
        ):
            return True
        if self._unit_at(end) is not None or self._classifier_at(end) > end:
            return False
        if self.named and t[self.named : start] in ("、", "，", ",", "或", "和", "/", " "):
            return True
        return t[max(0, start - 8) : start].rstrip("为是比如：: ").endswith(lexicon.NUMBERED)

    def _bare_year(self, start: int, end: int) -> bool:
        """2021 without 年 is a year unless a unit, a classifier or a counted noun follows."""
        t = self.t
        if self._currency_before(start) is not None:
            return False
        last = self.last()
        joined = _JOINED_YEAR.match(t, end)
        after_year = last is not None and last.kind == "date" and last.unit == "" and 1 <= start - last.span[1] <= 2
        if (
            joined is None
            and not (after_year and t[start - 1] in "-–—~至到/")
            and (
                t[end : end + 1] in ("余", "多", "来", "+", "万", "亿", ":", "-", "~", "到", "至", "—", "–", "%", "/")
                or self._unit_at(end) is not None
                or self._classifier_at(end) > end
                or t[end : end + 2] in lexicon.AFTER
            )
        ):
            return False
        year = date_quantity(self.text, start, end, int(t[start:end]))
        self.take(replace(year, checkable=not t.startswith(_CORONAVIRUS, end)))
        return True

    def _skip(self, at: int) -> None:
        t = self.t
        while at < len(t) and ((t[at].isascii() and t[at].isalnum()) or t[at] in ".-"):
            at += 1
        self.done = at

    def _first_of_dates(self, start: int, end: int, run: str) -> bool:
        """3至6月, 5、6月, 21-23日: the first number is a month or a day as the second is."""
        first = numerals.small(run)
        if 0 <= first <= 24 and _HOURS.match(self.t, end):
            whole_day = first == 0 and numerals.small(re.sub("[^0-9]", "", self.t[end : end + 5])) == 24
            self.take(time_quantity(self.text, start, end, first, 0, "", checkable=not whole_day))
            return True
        found = _DATED_SECOND.match(self.t, end)
        if found is None or not 1 <= first < numerals.small(found[1]):
            return False
        if found[3]:
            self.take(date_quantity(self.text, start, end, None, unit="century", century=first))
            return True
        month, day = (first, None) if found[2] == "月" else (None, first)
        if (month or 0) > 12 or (day or 0) > 31:
            return False
        last = self.last()
        if day and last is not None and last.kind == "date" and last.month and not last.day and last.span[1] == start:
            self.quantities.pop()  # 5月1-7日
            begin = last.span[0]
            self.take(date_quantity(self.text, begin, end, last.year, last.month, day))
            self.dated = self.last()
        else:
            self.take(date_quantity(self.text, start, end, None, month, day))
        return True

    # -- the calendar and the clock ---------------------------------------------------------------------------------

    def _calendar(self, start: int, end: int, at: int, run: str, after: str) -> bool:
        """Dates, times of day and scores; whether the run was one. ``at`` is where the sign of it stands."""
        text, t = self.text, self.t
        quantity: Quantity | None = None
        if after == "世" or (after == "年" and t[at + 1 : at + 2] == "代"):
            if after == "年" or t[at + 1 : at + 2] == "纪":
                several = dates.decades(text, t, start, end, at)
                for one in several:
                    self.take(one)
                return bool(several)
            return False
        if after == "年":
            quantity = dates.year(text, t, start, end, at)
        elif after == "月":
            if festival := _FESTIVAL.match(t, start):
                stop, number = festival.end(), numerals.small(festival[1])
                self.take(date_quantity(self.text, start, stop, None, number, number, checkable=False))
                return True
            quantity = dates.month(text, t, start)
        elif after in "日号":
            if after == "日" and self._lasting(start, at, run):
                return True
            quantity = dates.day_of_month(text, t, start, end, at, self.last(), self.dated)
            if quantity is None and after == "日" and 1 <= numerals.small(run) <= 10 and run[0] not in "0123456789":
                if t[at + 1 : at + 2] in ("本", "常"):
                    return True
                value = Decimal(numerals.small(run))
                self.add(start, at + 1, value, value, "duration", "day", "", "exact", not self._named_days(start))
                return True
        elif after in ":Hh":
            if t[start - 1 : start] != "以":
                quantity = dates.clock(text, t, start, end)
        else:
            quantity = dates.o_clock(text, t, start, end, at)
        if quantity is None:
            return False
        if after == "月" and t[max(0, start - 2) : start] in ("农历", "阴历", "旧历"):
            quantity = replace(quantity, checkable=False)
        if quantity.month and quantity.day:
            self.dated = quantity
        if quantity.kind == "time" and quantity.exact == "exact":
            begin = quantity.span[0]
            last = self.last()
            if last is not None and last.kind == "time" and not last.checkable and begin - last.span[1] <= 3:
                quantity = replace(quantity, checkable=False)  # 0—24时
            _, exactness = self._qualified(begin, quantity.span[1])
            if exactness == "exact" and t[max(0, begin - 2) : begin].rstrip().endswith("快"):
                exactness = "nearly"
            quantity = replace(quantity, exact=exactness)
        self.take(quantity)
        return True

    def _lasting(self, start: int, at: int, run: str) -> bool:
        """已经3日, 3日内: days that pass, not a day of the month; ``at`` is where 日 stands."""
        t = self.t
        days = numerals.small(run)
        lasts = t[max(0, start - 2) : start].endswith(lexicon.LASTING) or _WITHIN.match(t, at + 1)
        if not lasts or days < 1 or t[at + 1 : at + 2] in ("本", "常", "元", "圆"):
            return False
        end, exactness = self._qualified(start, at + 1)
        self.add(start, end, Decimal(days), Decimal(days), "duration", "day", "", exactness)
        return True


#: after 2019 the name of an illness
_CORONAVIRUS = ("冠状病毒", "新型冠状", "新冠")
_BORN = frozenset(("50", "60", "70", "80", "90", "00"))
_EMERGENCY = frozenset(("110", "119", "120", "122", "911", "999"))
#: before 过 in other words: 通过百年党史
_ALSO_PAST = tuple("通经超不度路走跑")
_CLAUSE_END = ("", *"，。；、,;！？!? \n”）)")
_CLAUSE = frozenset("，。；：,;:、\n “")
_STARTERS = frozenset("今去前明后本上下翻半")
_NOT_MORE = frozenset("数么样元地家次")
_BREAK = frozenset("0123456789，,。、；;：:？?！!（(）)一二三四五六七八九十百千万亿两几半")
_UNIT_STARTS = frozenset((*lexicon.ONLY_BEFORE, *(name[0] for name in ZH_UNIT)))
#: after 千, 兆 and 百 in units: 千瓦, 兆赫, 百帕
_AFTER_PREFIX = tuple("瓦米克卡伏赫帕")
_CONTEXT_UNITS = {
    "块": ("money", "CNY"),
    "码": ("measure", "yard"),
    "里": ("measure", "li"),
    "毛": ("money", "CNY:10"),
}
_NEGATED = re.compile(
    "(?:不|未|没有?|无|从不|从未|绝不|决不|并不|并未|尚未|别|勿)(?:会|能|得|应|可|宜|曾|再|要|许|准|允许|该|必|需)?(?:再)?$"
)
_OPPOSITE = {"more than": "at most", "less than": "at least"}
#: what is measured in kWh when it has so many 度
_POWER_WORDS = re.compile("[电能耗](?:量|费|价|了|近|约|超|超过|达|达到|累计|合计|共|为|仅|只|不到|逾){0,3}$")
_TIMES_DU = re.compile("[^，。、；！？）左以多余的到至~—0-9-]")
_HOURS = re.compile(rf" ?(?:[-–—~到至]|——) ?(?:[0-9]{{1,2}}|[{_D}十]{{1,3}}) ?[时点](?![间期候代刻段])")
_LONGEST_UNIT = max(map(len, ZH_UNIT))


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
