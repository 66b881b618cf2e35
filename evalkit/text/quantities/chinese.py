"""Quantities in Chinese text.

One scan finds runs of digits and numeral characters; everything else looks only at the few characters around a run, so
the work is linear in the length of the text.
"""

from __future__ import annotations

import re
from decimal import Decimal

from evalkit.text.quantities import chinese_numerals as numerals
from evalkit.text.quantities.dates import Day, date_quantity, time_quantity
from evalkit.text.quantities.listing import spaced
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.nouns import ZH_NOUN
from evalkit.text.quantities.units import EN_SYMBOL, EN_UNIT, ZH_UNIT, percent_of

__all__ = ["extract"]

_H = numerals.HANZI
_D = "零〇一二三四五六七八九"
_N = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
_CANDIDATE = re.compile(
    rf"(?:{_N}|[{_H}])(?:[{_H}]|(?<=[{_H}]){_N}|(?<=[{_H}])点(?=[{_D}]))*"
    r"|半|翻|[今去前明后]年|[本上下]个?月|○"
)
_WIDTH = str.maketrans("０１２３４５６７８９％．：－～", "0123456789%.:-~")
_WIDE = re.compile("[０-９％．：－～]")

_CLASSIFIERS = frozenset(
    spaced(
        """
        个 名 位 家 项 条 件 次 人 人次 户 所 座 辆 台 架 艘 只 头 匹 张 份 本 部 篇
        期 届 场 轮 批 组 队 支 枚 颗 粒 块 片 层 栋 幢 间 套 门 种 类 款 例 宗 笔 道
        站 班 节 集 句 字 处 口 对 双 副 盒 箱 袋 瓶 杯 碗 盘 桶 车 步 级 代 股 票 页
        回 遍 趟 局 球 环 投 剂 剂次 声 席 国 省 市 县 区 镇 乡 村 州 校 方 者 党 支队
        架次 车次 班次 航班 场次 台次 人份 艘次 例次 株 棵 朵 根 顶 发 枪 封 首 幅 尊 则
        起 通 员 胎 子 楼 居室 房 室 厅 层楼 岛 城 地 院 军 星 冠 连胜 连败 连冠 分 拳
        成员 车道 小组 部门 类别 帧 册 卷 版 味 针 盏 伙 帮 群 排 串 滴 勺 把 扇 段 餐
        顿 夜 晚 平台 学期 学年 维 方面 领域 地区 国家 城市 省份 学生 院士 企业 公司 项目
        学校 民族 条线 旬 胞胎 口人 口之家
        """
    )
)

#: counts that are told by the classifier alone.
_NOUN_OF = {
    "名": "person",
    "位": "person",
    "人": "person",
    "口人": "person",
    "人次": "person-time",
    "户": "household",
    "国": "country",
    "省": "province",
    "市": "city",
    "县": "county",
    "镇": "town",
    "村": "village",
    "次": "time",
    "例": "case",
    "国家": "country",
    "城市": "city",
    "省份": "province",
    "学生": "person",
    "院士": "person",
    "企业": "company",
    "公司": "company",
    "项目": "project",
    "学校": "school",
    "地区": "region",
    "分": "point",
    "球": "goal",
    "步": "step",
}
_PUNCTUATED = "的和与及或在有是被从共也都参等为已均之内中获,，、。；;：:)）”\"' "

_BEFORE = {
    "约": "about",
    "大约": "about",
    "约为": "about",
    "大概": "about",
    "大致": "about",
    "近": "nearly",
    "将近": "nearly",
    "接近": "nearly",
    "近乎": "nearly",
    "超": "more than",
    "超过": "more than",
    "超出": "more than",
    "逾": "more than",
    "突破": "more than",
    "多于": "more than",
    "大于": "more than",
    "高于": "more than",
    "至少": "at least",
    "最少": "at least",
    "起码": "at least",
    "不少于": "at least",
    "不低于": "at least",
    "至多": "at most",
    "最多": "at most",
    "不超过": "at most",
    "不高于": "at most",
    "不多于": "at most",
    "最高": "at most",
    "不到": "less than",
    "不足": "less than",
    "不满": "less than",
    "未满": "less than",
    "少于": "less than",
    "低于": "less than",
    "小于": "less than",
    "上": "about",
    "成": "about",
}
#: 近 and 约 as the end of another word are no qualifier.
_NOT_AFTER = {"近": "最附邻靠亲临远", "约": "纽条合预节签相公契邀违誓守", "超": "中英西意法德高赶反"}
_AFTER = {
    "以上": "at least",
    "之上": "at least",
    "以下": "at most",
    "以内": "at most",
    "之内": "at most",
    "左右": "about",
    "上下": "about",
    "有余": "more than",
    "开外": "more than",
    "不到": "less than",
}
_LATIN = re.compile(r"[A-Za-zμ°℃²³]+[23]?")
_RANGE = re.compile(rf"[-–—~到至](?={_N}|[{_H}])|——?(?=[0-9])")
_MONTH_DAY = re.compile(
    rf"\s?([0-9]{{1,2}}|[{_D}十]{{1,3}})月(?:份|\s?([0-9]{{1,2}}|[{_D}十]{{1,3}})[日号](?!线|楼|院|门))?"
)
_TIME_REST = re.compile(r"[点时](?:钟|整|许|(半)|\s?([0-9]{1,2}|[零〇一二三四五六七八九十]{1,3})分(?!钟)|([一三])刻)?")
_CLOCK = re.compile(r":([0-5][0-9])(?::[0-5][0-9])?(?![0-9])")
_PERIODS = {
    **dict.fromkeys(("凌晨", "早上", "清晨", "上午", "早晨", "今早", "早", "次日凌晨"), "am"),
    **dict.fromkeys(("下午", "晚上", "傍晚", "夜里", "晚间", "午后", "当晚", "今晚", "昨晚", "深夜", "晚", "夜"), "pm"),
    **dict.fromkeys(("中午", "午夜"), ""),
}
_YEARS_BACK = {"今": 0, "去": 1, "前": 2, "明": -1, "后": -2}
_MONTHS_BACK = {"本": 0, "上": 1, "下": -1}
_GROWTH = re.compile("增|涨|提高|提升|扩大|上升|高出|多出|翻|大了|多了|高了")
#: numeral characters alone that name no number: 万一, 千百
_NO_NUMBER = frozenset(spaced("百 千 万 亿 千万 百千 千百 万千 万一 千千万万 数 兆 零 〇 十百"))
_ONE = Decimal(1)


def extract(text: str, when: Day | None) -> list[Quantity]:
    """Quantities of a Chinese text, in order, not overlapping."""
    folded = text.translate(_WIDTH) if _WIDE.search(text) else text
    return _Scan(text, folded, when).run()


class _Scan:
    """One pass over one text. ``done`` is how far it has been read."""

    def __init__(self, text: str, folded: str, when: Day | None) -> None:
        self.text = text
        self.t = folded
        self.when = when
        self.done = 0
        self.found: list[Quantity] = []

    def run(self) -> list[Quantity]:
        t = self.t
        for match in _CANDIDATE.finditer(t):
            start, end = match.span()
            if start < self.done:
                if end <= self.done:
                    continue
                again = _CANDIDATE.match(t, self.done)
                if again is None:
                    continue
                start, end = again.span()
            c = t[start]
            if c in "今去前明后本上下":
                self._relative(start, end)
            elif c == "半":
                self._half(start)
            elif c == "翻":
                self._doubling(start)
            else:
                self._number(start, end)
        return self.found

    def _add(
        self,
        start: int,
        end: int,
        low: Decimal,
        high: Decimal,
        kind: str,
        unit: str = "",
        noun: str = "",
        exact: str = "exact",
        checkable: bool = True,
    ) -> None:
        self.found.append(
            Quantity(
                low, high, kind, unit, noun, exact, None, None, None, (start, end), self.text[start:end], checkable
            )
        )
        self.done = end

    # -- words ------------------------------------------------------------------------------------------------------

    def _relative(self, start: int, end: int) -> None:
        """今年, 去年5月17日, 本月, 上个月."""
        t = self.t
        if self.when is None:
            if t[end - 1] == "年" and (found := _MONTH_DAY.match(t, end)):
                self._month_day(start, found, None)
            return
        c = t[start]
        if t[end - 1] == "年":
            if c in "前后" and t[start - 1 : start] not in (
                "",
                "，",
                "。",
                ",",
                "、",
                "“",
                "比",
                "在",
                "与",
                "和",
                "从",
            ):
                return
            year = self.when.year - _YEARS_BACK[c]
            if found := _MONTH_DAY.match(t, end):
                self._month_day(start, found, year)
            else:
                self.found.append(date_quantity(start, end, self.text[start:end], year))
                self.done = end
            return
        then = self.when.months_ago(_MONTHS_BACK[c])
        if then is None or (c in "上下" and t[start - 1 : start] in "以之" and start):
            return
        day = None
        if found := re.compile(r"([0-9]{1,2})[日号]").match(t, end):
            day = int(found[1])
            end = found.end()
        self.found.append(date_quantity(start, end, self.text[start:end], then[0], then[1], day))
        self.done = end

    def _month_day(self, start: int, found: re.Match[str], year: int | None) -> bool:
        month = _small(found[1])
        day = _small(found[2]) if found[2] else None
        end = found.end()
        if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
            return False
        self.found.append(date_quantity(start, end, self.text[start:end], year, month, day))
        self.done = end
        return True

    def _half(self, start: int) -> None:
        t = self.t
        before = t[start - 1 : start]
        if before == "一":
            return
        if before and before in "过超近逾" and t[start + 1 : start + 2] not in ("年", "个", "小", "天", "月"):
            exact = "nearly" if before == "近" else "more than"
            self._add(start - 1, start + 1, Decimal(50), Decimal(50), "percent", "", "", exact)
            return
        if before and before in "上下前后大多南北东西夜参":
            return
        q = start + 1
        if t[q : q + 2] == "个多":
            q += 2
        tail = self._unit_at(q)
        if tail is None and t[q : q + 1] == "个":
            tail = self._unit_at(q + 1)
        if tail is None:
            return
        kind, unit, end = tail
        if kind not in ("duration", "measure") or (unit == "day" and t[end - 1] == "天"):
            return
        half = Decimal("0.5")
        end, exact = self._qualified(start, end)
        self._add(start, end, half, half, kind, unit, "", exact)

    def _doubling(self, start: int) -> None:
        found = re.compile(rf"翻了?(?:([{_D}两]|[0-9])?番|([{_D}两]|[0-9])?倍)").match(self.t, start)
        if not found:
            return
        times = _small(found[1]) if found[1] else 1
        if found[2]:
            value = Decimal(_small(found[2]))
            self._add(start, found.end(), value, value, "multiple", "", "increase")
        elif times < 10:
            value = Decimal(2**times)
            self._add(start, found.end(), value, value, "multiple")

    # -- numbers ----------------------------------------------------------------------------------------------------

    def _number(self, start: int, end: int) -> None:
        t = self.t
        first = t[start]
        ascii_digit = first.isascii()
        before = t[start - 1] if start else ""
        after = t[end] if end < len(t) else ""
        if ascii_digit and before and before.isascii() and self._belongs_to_name(start, before):
            return
        run = t[start:end]
        if after == "分" and t[end : end + 2] == "分之":
            self._fraction(start, end, run)
            return
        if before == "第":
            self._ordinal(start, end, run)
            return
        if after == "半" and run[-1] == "一" and (len(run) == 1 or run[:-1] == "一"):
            self._one_half(start, end)
            return
        if after in "年月日号点时世:" and after and self._calendar(start, end, run, after):
            return
        if "点" in run and self._spoken_time(start, end):
            return
        if run == "一":
            self._bare_one(start, end)
            return
        if not ascii_digit and not self._licensed(start, end, run):
            return
        if ascii_digit and self._no_quantity(start, end, run, after):
            return
        parsed = numerals.value(run)
        if parsed is None:
            return
        low, high, vague = parsed
        self._finish(start, end, run, low, high, vague, ascii_digit)

    def _finish(self, start: int, end: int, run: str, low: Decimal, high: Decimal, vague: bool, digits: bool) -> None:
        """Value read: now the second end of a range, the unit or classifier, the qualifiers, the noun."""
        t = self.t
        exact = "about" if vague else "exact"
        q = end
        if t[q : q + 1] in ("余", "多", "来") and t[q : q + 1]:
            exact = "about" if t[q] == "来" else "more than"
            r = q + 1
            while r < len(t) and t[r] in "万亿百千" and r < q + 4:
                r += 1
            if r > q + 1:
                scaled = numerals.value(run + t[q + 1 : r])
                if scaled is None:
                    return
                low, high, _ = scaled
            q = r
        elif low == high and (found := _RANGE.match(t, q)):
            second = _CANDIDATE.match(t, found.end())
            joined = second and self._range(run, second, digits)
            if joined and second:
                low, high = joined
                q = second.end()
                if t[q : q + 1] in ("余", "多") and t[q : q + 1]:
                    q += 1
        half = t[q : q + 2] == "个半"
        if half:
            tail = self._unit_at(q + 2) or self._unit_at(q, skip=1)
            if tail is None and t[q + 2 : q + 3] == "月":
                tail = ("duration", "month", q + 3)
            if tail is not None:
                low, high = _plus_half(low), _plus_half(high)
        else:
            tail = self._unit_at(q)
        checkable = not (run[0] == "几" or run == "数")
        if tail is not None:
            kind, unit, r = tail
            if low == high and (found := _RANGE.match(t, r)):
                second = _CANDIDATE.match(t, found.end())
                if second and (again := self._unit_at(second.end())) and again[:2] == tail[:2]:
                    joined = self._range(run, second, digits)
                    if joined:
                        low, high = joined
                        r = again[2]
            if t[r : r + 1] == "半" and kind in ("duration", "measure") and not half:
                low, high = _plus_half(low), _plus_half(high)
                r += 1
            noun = ""
            if kind == "duration" and t[r - 1] == "岁":
                noun = "age"
            elif kind == "multiple" and _GROWTH.search(t, max(0, start - 6), start):
                noun = "increase"
            q, exact = self._qualified(start, r, exact)
            self._add(start, q, low, high, kind, unit, noun, exact, checkable)
            return
        if money := self._currency_before(start):
            code, at = money
            q, exact = self._qualified(at, q, exact)
            self._add(at, q, low, high, "money", code, "", exact)
            return
        if t[q : q + 1] == "成" and t[q + 1 : q + 2] not in tuple("为功立员本果长就分熟绩都型交效"):
            if high < 11:
                q, exact = self._qualified(start, q + 1, exact)
                self._add(start, q, low * 10, high * 10, "percent", "", "", exact)
            return
        if t[q : q + 1] == "折" and t[q + 1 : q + 2] not in tuple("叠磨射旧腾扣"):
            if high < 100:
                factor = 10 if high < 10 else 1
                self._add(start, q + 1, low * factor, high * factor, "percent", "", "discount")
            return
        r = self._classifier_at(q)
        noun = self._noun(q, r)
        q, exact = self._qualified(start, r, exact)
        self._add(start, q, low, high, "count", "", noun, exact, checkable)

    def _range(self, run: str, second: re.Match[str], digits: bool) -> tuple[Decimal, Decimal] | None:
        """Both ends of ``run`` to ``second``: 10到20, 3-5, 10到20万 (the scale belongs to both)."""
        other = second.group()
        b = numerals.value(other)
        if b is None or b[2] or b[0] != b[1] or other[0].isascii() != digits:
            return None
        scale = other[len(other.rstrip("万亿")) :]
        a = numerals.value(run if run[-1] in "万亿百千" else run + scale)
        if a is None:
            return None
        if a[0] >= b[0]:
            a = numerals.value(run)
            if a is None or a[0] >= b[0]:
                return None
        return a[0], b[0]

    def _unit_at(self, q: int, skip: int = 0) -> tuple[str, str, int] | None:
        """Kind, unit and end of the longest unit that starts here, an optional space before it."""
        t = self.t
        q += skip
        if t[q : q + 1] == " ":
            q += 1
        c = t[q : q + 1]
        if (c.isascii() and c != "%") or c in ("℃", "°"):
            if found := _LATIN.match(t, q):
                name = found.group()
                if (name in EN_UNIT and name not in ("A", "V", "m")) or name in ("m",):
                    kind, unit = EN_UNIT[name]
                    return kind, unit, found.end()
            return None
        for length in range(6, 0, -1):
            piece = t[q : q + length]
            hit = ZH_UNIT.get(piece)
            if hit is not None and len(piece) == length and not self._other_word(piece, q + length):
                return hit[0], hit[1], q + length
        return None

    def _other_word(self, unit: str, end: int) -> bool:
        """Whether what looks like a unit is the beginning of another word."""
        nxt = self.t[end : end + 1]
        if not nxt:
            return False
        if unit == "年":
            return nxt in "级轻龄代"
        if unit == "天":
            return nxt in "然下空气"
        if unit == "周":
            return nxt in "边围"
        if unit == "度":
            return nxt in "假过"
        if unit == "方":
            return nxt not in "土石，。,"
        if unit == "米":
            return nxt in "饭粉线"
        if unit == "克":
            return nxt in "里服隆"
        if unit == "升":
            return nxt in "级学至到温"
        if unit == "元":
            return nxt in "素旦宵老月宇"
        if unit == "倍":
            return nxt in "感加受"
        if unit == "平方":
            return False
        if unit == "载":
            return nxt in "体重人客"
        return False

    def _classifier_at(self, q: int) -> int:
        """End of the classifier that starts here, or ``q``."""
        t = self.t
        for length in (3, 2, 1):
            if t[q : q + length] in _CLASSIFIERS:
                return min(q + length, len(t))
        return q

    def _noun(self, q: int, r: int) -> str:
        """Class of what is counted: told by the classifier, or standing soon after it."""
        t = self.t
        if (known := _NOUN_OF.get(t[q:r])) is not None:
            return known
        if t[q:r] in ("", "个", "家", "所", "座", "条", "项", "辆", "架", "艘", "支", "大", "类"):
            for at in range(r, r + 5):
                c = t[at : at + 1]
                if not c or not "一" <= c <= "鿿" or c in _H:
                    break
                for length in (4, 3, 2):
                    name = ZH_NOUN.get(t[at : at + length])
                    if name and len(t[at : at + length]) == length and t[at + length : at + length + 1] != "级":
                        return name
                if c in ZH_NOUN and at <= r + 2:
                    nxt = t[at + 1 : at + 2]
                    if not nxt or nxt in _PUNCTUATED or not "一" <= nxt <= "鿿" or nxt in _H:
                        return ZH_NOUN[c]
                if c in "的，、":
                    break
        return ""

    def _qualified(self, start: int, end: int, exact: str = "exact") -> tuple[int, str]:
        """The qualifier before or after, and where the quantity ends with it."""
        t = self.t
        two = t[end : end + 2]
        if two in _AFTER:
            return end + 2, _AFTER[two]
        if two[:1] in ("多", "余") and exact == "exact" and two[1:] not in tuple("数么样元地的家次"):
            return end + 1, "more than"
        at = start
        while at > 0 and t[at - 1] == " ":
            at -= 1
        for length in (3, 2, 1):
            word = t[at - length : at] if at >= length else ""
            hit = _BEFORE.get(word)
            if hit is None:
                continue
            if word == "上" or word == "成":
                if t[start] in "百千万亿":
                    return end, "about"
                return end, exact
            previous = t[at - length - 1 : at - length] if at > length else ""
            if previous and previous in _NOT_AFTER.get(word, ""):
                return end, exact
            return end, hit
        return end, exact

    def _currency_before(self, start: int) -> tuple[str, int] | None:
        t = self.t
        at = start
        if at and t[at - 1] == " ":
            at -= 1
        for length in (4, 3, 2, 1):
            code = EN_SYMBOL.get(t[at - length : at]) if at >= length else None
            if code:
                return code, at - length
        if t[at - 3 : at] == "人民币":
            return "CNY", at - 3
        return None

    # -- what else a numeral may be ---------------------------------------------------------------------------------

    def _fraction(self, start: int, end: int, run: str) -> None:
        """三分之一, 百分之三十."""
        t = self.t
        second = _CANDIDATE.match(t, end + 2)
        if not second or second.group()[0] in "半翻今去前明后本上下":
            return
        bottom, top = numerals.value(run), numerals.value(second.group())
        if run in ("百", "千", "万"):
            bottom = numerals.value("一" + run)
        if bottom is None or top is None or bottom[0] <= 0 or bottom[0] != int(bottom[0]):
            return
        if run == "百":
            low, high = top[0], top[1]
        else:
            ends = []
            for value in top[:2]:
                _, digits, exponent = value.as_tuple()
                if not isinstance(exponent, int) or exponent < -9 or len(digits) + max(exponent, 0) > 18:
                    return
                scale = 10 ** max(0, -exponent)
                ends.append(percent_of(int(value * scale), int(bottom[0]) * scale))
            low, high = ends
        q, exact = self._qualified(start, second.end(), "about" if top[2] else "exact")
        self._add(start, q, low, high, "percent", "", "", exact)

    def _one_half(self, start: int, end: int) -> None:
        q, exact = self._qualified(start, end + 1)
        self._add(start, q, Decimal(50), Decimal(50), "percent", "", "", exact)

    def _ordinal(self, start: int, end: int, run: str) -> None:
        t = self.t
        self.done = end
        if t[end : end + 2] in ("产业", "三产", "二产", "一夫", "一时"):
            return
        parsed = numerals.value(run)
        if parsed is None or (t[end : end + 1] in "章节" and t[end : end + 1]):
            return
        self._add(start - 1, end, parsed[0], parsed[1], "ordinal", checkable=False)

    def _bare_one(self, start: int, end: int) -> None:
        """一 counts only with a unit or classifier, and then it is not checkable."""
        t = self.t
        two = t[start : start + 2]
        if two in ("一起", "一家", "一度", "一代", "一方", "一口", "一手", "一片", "一部", "一级", "一票"):
            return
        tail = self._unit_at(end)
        if tail is not None:
            kind, unit, r = tail
            loose = kind in ("duration", "measure")
            if t[r : r + 1] == "半" and loose:
                q, exact = self._qualified(start, r + 1)
                self._add(start, q, Decimal("1.5"), Decimal("1.5"), kind, unit, "", exact)
                return
            noun = "increase" if kind == "multiple" and _GROWTH.search(t, max(0, start - 6), start) else ""
            q, exact = self._qualified(start, r)
            self._add(start, q, _ONE, _ONE, kind, unit, noun, exact, not loose)
            return
        if t[end : end + 2] == "成" and t[end + 1 : end + 2] not in tuple("为不"):
            self._add(start, end + 1, Decimal(10), Decimal(10), "percent")
            return
        if t[end : end + 2] == "个半" and (tail := self._unit_at(end + 2) or self._unit_at(end, skip=2)):
            self._add(start, tail[2], Decimal("1.5"), Decimal("1.5"), tail[0], tail[1])
            return
        r = self._classifier_at(end)
        if r > end:
            self._add(start, r, _ONE, _ONE, "count", "", self._noun(end, r), "exact", False)

    def _licensed(self, start: int, end: int, run: str) -> bool:
        """Whether numeral characters stand for a number here: most words with 三, 百 or 万 in them do not."""
        t = self.t
        rest = t[end : end + 4]
        if run in (
            "百",
            "千",
            "万",
            "亿",
            "千万",
            "百千",
            "千百",
            "万千",
            "万一",
            "千千万万",
            "数",
            "兆",
            "零",
            "〇",
            "十百",
        ):
            vague = rest[:1] in ("余", "多") and rest[:1] != ""
            above = t[start - 1 : start] in ("上", "近", "逾", "超", "成") and start > 0
            if not (vague or above) and not (run == "千万" and self._unit_at(end)):
                return False
            return run not in ("数", "万一", "零", "〇")
        if run == "十" and rest[:1] == "分" and rest[:2] not in ("分钟", "分之"):
            return False
        if run == "几" and rest[:1] in ("乎", "率", "何", "经", "近", "度", "番"):
            return False
        if run in ("三", "四", "五", "两") and rest[:2] in ("国演", "国志", "国时", "方会"):
            return False
        if rest[:1] in ("周", "处", "方") and run in ("四", "八") and rest[:1] != "":
            return False
        if len(run) >= 2 and run[-1] in "十百千万亿" and run not in ("三十", "二十", "四万"):
            return True
        if len(run) >= 3 and run[-1] != "几" and ("十" in run or "百" in run or "千" in run or "万" in run):
            return True
        if rest[:1] in ("余", "多", "来") and rest[:1] and ("十" in run or "百" in run or "千" in run or "万" in run):
            return True
        if self._unit_at(end) is not None:
            return True
        if rest[:1] == "成" or rest[:1] == "折" or rest[:2] == "个半":
            return rest[:2] not in ("成都",)
        if self._classifier_at(end) > end:
            return True
        if found := _RANGE.match(t, end):
            second = _CANDIDATE.match(t, found.end())
            if second and not second.group()[0].isascii():
                return self._unit_at(second.end()) is not None or self._classifier_at(second.end()) > second.end()
        return False

    def _no_quantity(self, start: int, end: int, run: str, after: str) -> bool:
        """Digits that count nothing: names of models, versions, list numbers, telephone and serial numbers."""
        t = self.t
        if after == "." and t[end + 1 : end + 2].isdigit():
            self._skip_digits(end)
            return True
        if after and after.isascii() and after.isalpha() and self._unit_at(end) is None:
            return True
        if after in ("版", "号") and after:
            return True
        if after == "-" and re.compile(r"-[0-9]+-[0-9]").match(t, end):
            self._skip_digits(end)
            return True
        if len(run) >= 7 and run.isdigit() and not self._unit_at(end) and self._classifier_at(end) == end:
            return True
        if len(run) <= 2 and after and after in ".、)）．" and (start == 0 or t[start - 1] in "\n(（"):
            return self._unit_at(end) is None
        return len(run) == 1 and after in ("）", ")") and t[start - 1 : start] in ("（", "(")

    def _belongs_to_name(self, start: int, before: str) -> bool:
        """Whether the character before makes the digits a part of a name: G20, COVID-19, #5."""
        t = self.t
        if not (before.isalnum() or before in "_#/\\@=+&.-"):
            return False
        if before == "-" and not (start > 1 and t[start - 2].isascii() and t[start - 2].isalnum()):
            return False
        return self._currency_before(start) is None

    def _skip_digits(self, at: int) -> None:
        t = self.t
        while at < len(t) and (t[at].isdigit() or t[at] in ".-"):
            at += 1
        self.done = at

    # -- the calendar and the clock ---------------------------------------------------------------------------------

    def _calendar(self, start: int, end: int, run: str, after: str) -> bool:
        """Dates, times of day and scores; whether the run was one."""
        t = self.t
        if after == "年":
            return self._year(start, end, run)
        if after == "月":
            found = _MONTH_DAY.match(t, start)
            return bool(found) and self._month_day(start, found, None)  # type: ignore[arg-type]
        if after in "日号":
            return self._day(start, end, run, after)
        if after == "世":
            if t[end : end + 2] != "世纪":
                return False
            parsed = numerals.value(run)
            if parsed is None or not 1 <= parsed[0] <= 30:
                return False
            if found := re.compile(rf"世纪([0-9]0|[{_D}]十)年代").match(t, end):
                year = (int(parsed[0]) - 1) * 100 + _small(found[1])
                self._decade(start, found.end(), year)
                return True
            self._add(start, end + 2, parsed[0], parsed[0], "date", "century")
            return True
        if after == ":":
            return self._colon(start, end, run)
        return self._oclock(start, end, run, after)

    def _decade(self, start: int, end: int, year: int) -> None:
        self.found.append(date_quantity(start, end, self.text[start:end], year, unit="decade"))
        self.done = end

    def _year(self, start: int, end: int, run: str) -> bool:
        t = self.t
        parsed = numerals.value(run)
        if parsed is None or parsed[0] != parsed[1]:
            return False
        value = parsed[0]
        if t[end : end + 2] == "年代":
            if 10 <= value < 100 and value % 10 == 0:
                century = 2000 if value < 40 else 1900
                at = start - 3 if t[start - 3 : start] == "上世纪" else start
                self._decade(at, end + 2, century + int(value))
                return True
            if 1000 <= value < 2200 and value % 10 == 0:
                self._decade(start, end + 2, int(value))
                return True
            return False
        if not ((len(run) == 4 and 1000 <= value < 2200) or (len(run) == 2 and run[0] in "0〇零")):
            return False
        if not all(c in "0123456789〇零一二三四五六七八九" for c in run):
            return False
        year = int(value) + (2000 if len(run) == 2 else 0)
        found = _MONTH_DAY.match(t, end + 1)
        if found and self._month_day(start, found, year):
            return True
        self.found.append(date_quantity(start, end + 1, self.text[start : end + 1], year))
        self.done = end + 1
        return True

    def _day(self, start: int, end: int, run: str, after: str) -> bool:
        t = self.t
        value = _small(run)
        if not 1 <= value <= 31:
            return False
        last = self.found[-1] if self.found else None
        month = year = None
        if (
            last is not None
            and last.month
            and last.day
            and t[last.span[1] : start] in ("至", "到", "-", "—", "~", "–", "、", "和")
        ):
            year, month = last.year, last.month
        if month is None:
            if not run[0].isascii() and value <= 10:
                return False
            if after == "号" and t[end + 1 : end + 2] not in tuple("，,。、晚早上下凌前后起开和到的当那，"):
                self.done = end + 1
                return True
            if t[end + 1 : end + 2] in ("游", "内"):
                return False
        self.found.append(date_quantity(start, end + 1, self.text[start : end + 1], year, month, value))
        self.done = end + 1
        return True

    def _period(self, start: int) -> tuple[str | None, int]:
        """Half of the day said before a time, and where it begins."""
        t = self.t
        for length in (4, 2, 1):
            word = t[start - length : start] if start >= length else ""
            if word in _PERIODS:
                return _PERIODS[word], start - length
        return None, start

    def _oclock(self, start: int, end: int, run: str, after: str) -> bool:
        t = self.t
        value = _small(run)
        if not 0 <= value <= 24:
            return False
        found = _TIME_REST.match(t, end)
        assert found
        half, at = self._period(start)
        more = found.end() > end + 1
        if after == "时":
            if not more and (not run[0].isascii() or t[end + 1 : end + 2] in tuple("候间代刻期段速差")):
                return False
        elif not more and half is None and t[start - 1 : start] not in ("日", "晚", "早", "午"):
            return False
        minute = 30 if found[1] else _small(found[2]) if found[2] else {"一": 15, "三": 45}.get(found[3] or "", 0)
        if not 0 <= minute < 60:
            return False
        quantity = time_quantity(at, found.end(), self.text[at : found.end()], value, minute, half or "")
        self.found.append(quantity)
        self.done = found.end()
        return True

    def _spoken_time(self, start: int, end: int) -> bool:
        """十点三十分: the scan takes it for a decimal number."""
        t = self.t
        head, _, tail = t[start:end].partition("点")
        if t[end : end + 1] != "分" or t[end : end + 2] == "分钟":
            return False
        hour, minute = _small(head), _small(tail)
        if not (0 <= hour <= 24 and 0 <= minute < 60):
            return False
        half, at = self._period(start)
        self.found.append(time_quantity(at, end + 1, self.text[at : end + 1], hour, minute, half or ""))
        self.done = end + 1
        return True

    def _colon(self, start: int, end: int, run: str) -> bool:
        t = self.t
        if not run.isdigit() or not run.isascii() or len(run) > 4:
            return False
        if len(run) <= 2 and int(run) <= 24 and t[start - 1 : start] != "以" and (found := _CLOCK.match(t, end)):
            half, at = self._period(start)
            quantity = time_quantity(at, found.end(), self.text[at : found.end()], int(run), int(found[1]), half or "")
            self.found.append(quantity)
            self.done = found.end()
            return True
        if found := re.compile(r":\s?([0-9]{1,4})(?![0-9:.])").match(t, end):
            self._score(start, found.end(), int(run), int(found[1]))
            return True
        return False

    def _score(self, start: int, end: int, a: int, b: int) -> None:
        self._add(start, end, Decimal(min(a, b)), Decimal(max(a, b)), "count", "", "score")


def _small(text: str) -> int:
    """A whole number of at most a few digits, or -1."""
    if len(text) > 6:
        return -1
    if text.isascii():
        return int(text) if text.isdigit() else -1
    parsed = numerals.value(text)
    if parsed is None or parsed[0] != parsed[1] or parsed[2]:
        return -1
    return int(parsed[0]) if parsed[0] == int(parsed[0]) else -1


def _plus_half(value: Decimal) -> Decimal:
    return value + Decimal("0.5")
