"""Extract quantities from Chinese text.

The scanner finds runs of digits and numeral characters, and applies ordered lists of rules from ``zh.toml``; a run that no
rule reads is a count. Rules look only at the characters around a run, so the running time is linear in the text.
"""

from __future__ import annotations

import re
from decimal import Decimal

from evalkit.text.quantities import chinese_numerals as numerals
from evalkit.text.quantities.chinese_context import ARABIC, CLASSIFIERS, LEXICON, PATTERNS, RUN, WORDS, ChineseContext
from evalkit.text.quantities.dates import Day
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.rule_lists import Found
from evalkit.text.quantities.scanner import Draft, Tail, fold_commas
from evalkit.text.quantities.units import ZH_UNIT, latin_unit, percent_of

_ZERO, _ONE, _TEN, _HALF, _HUNDRED_MILLION = (Decimal(n) for n in ("0", "1", "10", "0.5", "1E8"))
_H = numerals.HANZI
#: first characters of words that begin a quantity without a number
_WORD_STARTS = frozenset("今去前明后本上下翻半无没零全昼日双百成")
_CANDIDATE = re.compile(
    f"(?=[0-9{_H}{numerals.FORMAL}{''.join(sorted(_WORD_STARTS))}])"
    "(?:(?:[零无]|没有)(?:新增|死亡|确诊|伤亡|感染|本土)|成倍|全天候|昼夜|日夜|百分[一二两三]?百(?!分)|双倍|"
    rf"{RUN}|[{numerals.FORMAL}]{{2,}}[万亿]*|半|翻|[今去前明后]年|[本上下]个?月)"
)
_TRADITIONAL = LEXICON.tables["traditional"]
_FOLDED = str.maketrans(
    "０１２３４５６７８９％．：－～／＄　" + _TRADITIONAL["from"], "0123456789%.:-~/$ " + _TRADITIONAL["to"]
)
#: a number with full-width commas; 第5，100, 5-3，100 and 250，300 are two numbers each
_THOUSANDS = re.compile(
    "(?<![0-9.,，])[1-9][0-9]{0,2}(?:，[0-9]{3})*，000(?![0-9]|，[0-9])|"
    r"(?:^|(?<=[^\W\d_a-zA-Z])|(?<=[，。、；：（“¥$€￥]))(?<![第比版])[1-9][0-9]?(?:，[0-9]{3})+(?![0-9]|，[0-9])"
)
_FOLDS = re.compile(f"[{''.join(map(chr, _FOLDED))}]")
_CALENDAR_SIGNS = "年月日号点时世:Hh分刻-–—~到至、"
_NAMED_DAYS = ("今明", "昨今", "明后", "今昨", "前后", "昨前")
_LISTS = ("、", "，", ",", "或", "和", "/", " ")
#: text between two days or two hours
_JOINTS = frozenset(a + joint + b for joint in (*"至到-—~–、和－", "——") for a in ("", " ") for b in ("", " "))
#: the maximum distance between two days of the same month; a day further away may belong to another month.
_NEAR_DAYS = 20
_NOON = 720
_BEFORE_ONE = frozenset("第每期拜周初老高大小上双打 ")
_AFTER_ONE = frozenset("点分刻时月日号世年半是折至到或、~—– -")
#: words after a numeral that does not count anything, by first character
_NO_COUNT = {c: tuple(w for w in sorted(WORDS["no_count"]) if w[0] == c) for c in {w[0] for w in WORDS["no_count"]}}
#: numeral to the text before and after it in idioms: 八 in 胡说八道
_IN_PHRASES: dict[str, list[tuple[str, str]]] = {}
for _phrase in sorted(WORDS["phrases"]):
    for _i, _c in enumerate(_phrase[:-1]):
        if _c in "一二三四五六七八九十百千万两半":
            _IN_PHRASES.setdefault(_phrase[_i : _i + 2], []).append((_phrase[:_i], _phrase[_i:]))
_LARGER = tuple("大高多长快重贵强")
_NUMBERED = tuple(WORDS["numbered"])
_LABEL_ENDS = frozenset(")） :为是达约")


def extract(text: str, when: Day | None) -> list[Quantity]:
    """Return the quantities of a Chinese text, in order and without overlaps.

    :param when: the date of the text.
    """
    folded = fold_commas(text.translate(_FOLDED) if _FOLDS.search(text) else text, _THOUSANDS)
    return _Scan(text, folded, when).run()


class _Scan(ChineseContext):
    """Scans one Chinese text.

    :ivar begin, stop: start and end of the current number.
    :ivar digits: whether the current number begins with a digit.
    """

    JOINTS = frozenset((*_JOINTS, *"、，及"))
    stop = 0
    digits = False

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

    def _number(self, start: int, end: int) -> None:
        t = self.t
        if t[start] == "零" and end > start + 1 and 0 < start == self.end():
            start += 1  # 一年零三个月
        if t[end - 1] == " ":
            end -= 1
        self.begin, self.stop, self.digits = start, end, t[start] in ARABIC
        if (self.digits and _NAMES.apply(self, t, start)) or _NUMERALS.apply(self, t, start):
            return
        after = t[end : end + 2].lstrip(" ")[:1]
        if after and after in _CALENDAR_SIGNS and _CALENDAR.apply(self, t, start):
            return
        if not self.digits:
            self._numeral()
        elif not _DIGITS.apply(self, t, start):
            self._read()

    def _numeral(self) -> None:
        """Read numeral characters, unless they are part of a word."""
        t, start, stop = self.t, self.begin, self.stop
        run = t[start:stop]
        if self._part_of_word(run):
            self.done = max(self.done, stop)
        elif run == "一" and t[start - 1 : start] not in _BEFORE_ONE and t[stop : stop + 1] not in _AFTER_ONE:
            self._single()  # 一 is the most frequent numeral, and no rule applies to it here
        elif _HANZI.apply(self, t, start) or (run == "一" and self._single()):
            pass
        elif run in WORDS["no_number"]:
            _SCALES.apply(self, t, start)
        elif not _RUNS.apply(self, t, start, stop):
            _AFTER_RUN.apply(self, t, stop)

    def _part_of_word(self, run: str) -> bool:
        """Whether numeral characters are part of a word or idiom: 一起, 三明治, 胡说八道."""
        t, start, stop = self.t, self.begin, self.stop
        if run == "一" and t[start : start + 2] in WORDS["one_words"]:
            return True
        if t.startswith(_NO_COUNT.get(t[stop : stop + 1], ("\0",)), stop):
            return True
        phrases = _IN_PHRASES.get(t[start : start + 2], ())
        return any(t.startswith(rest, start) and t.endswith(before, 0, start) for before, rest in phrases)

    # -- names and codes --------------------------------------------------------------------------------------------

    def _listed(self, found: Found) -> bool:
        """Add each number of a list such as 249,289,299都有."""
        for match in re.finditer("[0-9]+", found.get("list")):
            at = found.start + match.start()
            self.one(at, at + len(match[0]), Decimal(match[0]), "count")
        return True

    def _bare(self, found: Found) -> bool:
        """Whether no unit or classifier follows the digits, so that after a Latin word or 图 they are part of a name."""
        t, q = self.t, self.stop
        if PATTERNS["no_name"].match(t, q) or PATTERNS["likely_year"].match(t, self.begin):
            return False
        return self.symbol(self.begin) is None and not self.counts(q)

    def _countable(self, found: Found) -> bool:
        """Whether a unit or classifier follows the match."""
        return self.counts(found.end)

    def _series(self, found: Found) -> bool:
        """Whether the digits continue a series such as 芯片1，芯片2."""
        start, end, word = found.start, found.end, self.t[max(0, found.start - 2) : found.start]
        if end != self.stop or len(word) < 2 or not all("一" <= c <= "鿿" for c in word) or self.said_before(start):
            return False
        alone = self.t[end : end + 1] in ("", *"，,、。；;)）和及 ")
        return self.in_series(word, found.get("n"), alone=alone)

    def _numbered(self, found: Found) -> bool:
        """Whether the digits are a number in a name (尾号8888, 波音737), or follow one in a list."""
        t, start = self.t, found.start
        if found.end != self.stop or self.counts(found.end):
            return False
        listed = self.named > 0 and t[self.named : start] in _LISTS
        return listed or t[max(0, start - 8) : start].rstrip("为是比如：: ").endswith(_NUMBERED)

    # -- fractions and ordinals -------------------------------------------------------------------------------------

    def _fraction(self, found: Found) -> bool:
        """Add a fraction as a percentage: 三分之一, 百分之三十."""
        run, second = found.get("bottom").rstrip(), found.get("top")
        if self.t.startswith("决赛", found.end):
            return self._nothing(found)
        if not second or run in ("几", "数"):
            return True
        bottom = numerals.value("一" + run if run in ("百", "千", "万") else run)
        top = numerals.value(second.rstrip())
        if bottom is None or top is None or bottom[0] != int(bottom[0]) or not 1 <= bottom[0] <= 10**9:
            return True
        low, high = (percent_of(value, int(bottom[0])) for value in top[:2])
        vague = "about" if top[2] else "exact"
        return self.finish(Draft(found.start, found.end, low, high, kind="percent", exact=vague))

    def _ordinal(self, found: Found) -> bool:
        """Add an ordinal (第3), unless it is part of a name (第3章)."""
        n = self.part(found, "n") or 0
        if "name" in found.groups or n < 1:
            return self._nothing(found)
        return self.one(found.start, found.stop("n"), Decimal(n), "ordinal", checkable=False)

    def _lunar(self, found: Found) -> bool:
        """Add a date of the traditional calendar, which is not checkable."""
        return not self.follows(found.start, "农历", "阴历", "旧历") or self.doubt()

    # -- the calendar and the clock ---------------------------------------------------------------------------------

    def _first_month(self, found: Found) -> bool:
        """Add the first of two months or days that share one character: 3至6月, 5、6月, 21-23日."""
        first, second = self.part(found, "m") or self.part(found, "d") or 0, self.part(found, "then") or 0
        return 1 <= first < second and self._date(found)

    def _decades(self, found: Found) -> bool:
        """Add one quantity for each decade: 90年代, 八九十年代, 20世纪六七十年代."""
        start, end, nth = found.start, found.end, self.part(found, "c")
        tens = [*_tens(found.get("t")), *_tens(found.get("more"))]
        if not tens or (nth is not None and not 1 <= nth <= 30):
            return False
        century = 1900 if nth is None else 100 * (nth - 1)
        if nth is None and start == self.begin and max(tens) < 40:
            century = 2000
        cut = [start, *(end - 3 * (len(tens) - i) for i in range(1, len(tens))), end]
        for ten, a, b in zip(tens, cut, cut[1:], strict=False):
            if a < b:
                self.date(a, b, century + ten, unit="decade")
        return True

    def _few_days(self, found: Found) -> bool:
        """Add a number of days, as opposed to a day of the month: 三日."""
        if self.month_of(found.start) is not None:
            return False
        days, checkable = Decimal(self.part(found, "d") or 0), not self._named_days(found.start)
        return self.one(found.start, found.end, days, "duration", "day", checkable=checkable)

    def month_of(self, start: int) -> Quantity | None:
        """Return the complete date directly before a day of the same month: 7月23日至25日."""
        last = self.previous(start, _JOINTS, "date")
        return last if last is not None and last.month and last.day else None

    def _day(self, found: Found) -> bool:
        """Add a day without a month: 25日.

        It has the month of the date before it (7月23日至25日), or of the last date if the days are close (12月11日电 … 10日).
        """
        start, day, dated = found.start, self.part(found, "d") or 0, self.dated
        if not 1 <= day <= 31 or (found.get("sign") and self.follows(start, *_NUMBERED)):
            return False
        month = year = None
        if (whole := self.month_of(start)) is not None:
            year, month = whole.year, whole.month
        elif not self.digits and day <= 10:
            return False
        elif dated is not None and dated.day is not None and abs(day - dated.day) <= _NEAR_DAYS:
            month = None if self.follows(start, "月") else dated.month
        self.date(start, found.end, year, month, day)
        if month:
            self.dated = self.last()
        return True

    def _named_days(self, start: int) -> bool:
        """Whether a number counts days that precede it: 21日、22日两日."""
        last = self.last()
        return (last is not None and last.kind == "date" and last.span[1] == start) or self.follows(start, *_NAMED_DAYS)

    def _two_months(self, found: Found) -> bool:
        """Add both months of an expression such as 七八月份."""
        said = found.get("months")
        months = (Decimal(9), _TEN, False) if said == "九十" else numerals.value(said)
        if months is None or not 1 <= months[0] < months[1] <= 12:
            return False
        middle = found.stop("months") - 1
        self.date(found.start, middle, None, int(months[0]))
        return self.date(middle, found.end, None, int(months[1]))

    def _bare_year(self, found: Found) -> bool:
        """Add a year without 年 (2021), unless a unit, classifier or counted noun follows."""
        t, start, end, last = self.t, found.start, found.end, self.last()
        if end != self.stop or self.symbol(start) is not None or self.before(start) != "exact":
            return False
        after_year = last is not None and last.kind == "date" and last.unit == "" and 1 <= start - last.span[1] <= 2
        joined = PATTERNS["joined_year"].match(t, end) or (after_year and t[start - 1] in "-–—~至到/")
        counts = PATTERNS["after_count"].match(t, end) or self.after(end)[0] > end or self.counts(end)
        return bool(joined or not counts) and self.date(start, end, int(found.get("y")))

    def _sure_hour(self, found: Found) -> bool:
        """Whether an hour is a time of day: something follows or precedes it, or it is the second one of a range."""
        said = {"sure", "half", "min", "part", "said"} & found.groups.keys()
        return bool(said) or self.previous(found.start, _JOINTS, "time") is not None

    def _time(self, found: Found) -> bool:
        """Add a time of day: 下午3点, 十时三十分, 8点半.

        The second time of a range (下午3点至6点) is in the same half of the day, or in the next one.
        """
        half, last = self.lexicon.halves.get(found.get("half"), ""), self.last()
        before = self.previous(found.start, _JOINTS, "time")
        if before is not None and before.unit != "12h" and "half" not in found.groups:
            hour, late = self.part(found, "h"), before.low >= _NOON
            half = ("night" if late else "pm") if hour == 12 else "pm" if late and hour and hour < 12 else "am"
        said = {"": "exact", "多": "more than"}.get(found.get("said"), "about")
        whole_day = last is not None and last.kind == "time" and not last.checkable and found.start - last.span[1] <= 3
        if said == "exact":
            said = self.qualified(self.begin, found.end)[1]
        if said == "exact":
            said = self.before(found.start)
        if said == "exact" and self.t[max(0, found.start - 2) : found.start].rstrip().endswith("快"):
            said = "nearly"
        return self.time_of(found, half, said) and (not whole_day or self.doubt())

    # -- numerals ---------------------------------------------------------------------------------------------------

    def _half_a_unit(self, found: Found) -> bool:
        """Add half a unit: 半年, 半个小时, 半个多月."""
        start, end = found.start, found.end
        tail = self.unit_at(end) or (self._months(end) if end > start + 1 else None)
        if tail is not None and tail[0] in ("duration", "measure"):
            said = "more than" if found.get("more") else "exact"
            d = Draft(start, tail[2], _HALF, _HALF, kind=tail[0], unit=tail[1], exact=said)
            d.checkable = tail[1] != "day" or self.t[start - 1 : start] in tuple("每近约前后")
            self.finish(d)
        return True

    def _single(self) -> bool:
        """Read 一, which counts only with a unit or classifier and is rarely checkable."""
        t, start, end = self.t, self.begin, self.stop
        if self._counted_range(end):
            return False
        d = Draft(start, end, _ONE, _ONE, t[start:end])
        piece = t[end : end + 1] == "块" and t[end + 1 : end + 2] not in ("钱", "多")
        tail = None if piece else self.unit_at(end)
        if tail is not None:
            return (tail[0] == "money" and t[tail[2] : tail[2] + 1] in ("化", "论")) or self._measured(d)
        if t.startswith("个半", end) or (t.startswith("个", end) and self._piece_of_time(end) is not None):
            self._read()
        elif not self._tenths(d) and ((r := self.classifier_at(end)) > end or self.follows(start, "之")):
            self.one(start, r, _ONE, "count", noun=self.noun(end, r), checkable=False)  # 一个, 四大发明之一
        return True

    def _whole(self, found: Found) -> bool:
        """Whether the match ends where the numeral ends."""
        return found.end == self.stop

    def _one_character(self, found: Found) -> bool:
        """Whether the numeral has one character."""
        return self.stop == self.begin + 1

    def _named_day(self, found: Found) -> bool:
        """Add a day named by its month and day: 五四, 双十一."""
        month, day = LEXICON.tables["named_days"][self.t[self.begin : self.stop]]
        return self.date(found.start, found.end, None, month, day)

    def _counted(self, found: Found) -> bool:
        """Whether a unit, classifier or counted range follows the numeral."""
        q = self.stop
        rest, single = self.t[q : q + 2], q == self.begin + 1
        return rest == "个半" or (single and rest in CLASSIFIERS) or self.counts(q) or self._counted_range(q)

    def _counted_range(self, q: int) -> bool:
        """Whether the second end of a range with a unit or classifier follows: 两到三天."""
        joint = PATTERNS["joint"].match(self.t, q)
        second = None if joint is None or joint["list"] else PATTERNS["number"].match(self.t, joint.end())
        return second is not None and second.group()[0] not in ARABIC and self.counts(second.end())

    def _count(self, found: Found) -> bool:
        self._read()
        return True

    def _read(self) -> bool:
        """Read the value of the current number and everything after it, and add the quantity."""
        run = self.t[self.begin : self.stop]
        parsed = numerals.value(run)
        if parsed is None:
            return False
        low, high, vague = parsed
        scale = int(run[-1] in "万亿百千")
        d = Draft(self.begin, self.stop, low, high, run, scale, exact="about" if vague else "exact")
        d.checkable = run not in ("几", "数")
        more = PATTERNS["and_more"].match(self.t, d.end)
        if more is not None:  # 100余万
            value = numerals.value(run + more["scale"]) if more["scale"] else parsed
            d.exact = "about" if more["sign"] == "来" else "more than"
            if value is None:
                return False
            d.join(value[0], value[1], more.end())
        elif d.single and not self.joined(d) and self.digits and self.scored(d):
            return self.finish(d)
        if self.t.startswith("个亿", d.end):
            d.times(_HUNDRED_MILLION, d.end + 2)
            d.checkable = True
        return self.complete(d)

    def complete(self, d: Draft) -> bool:
        """Read the unit or classifier, the noun and the qualifiers, and add the quantity."""
        return any(
            step(d) for step in (self._measured, self._aged, self._priced, self._tenths, self._edition, self._so_many)
        )

    def _measured(self, d: Draft) -> bool:
        """Read a number with a unit, including a second end of a range and a fraction after the unit (一米八五)."""
        t, tail = self.t, self.unit_at(d.end) or self._said_unit(d)
        if tail is None:
            return False
        if d.single and self.joined(d, tail):
            tail = self.unit_at(d.end) or tail
        sign = self.symbol(d.start) if tail[1] == "CNY" else None
        if sign is not None and t[d.end : tail[2]].strip() == "元":
            tail = ("money", sign[0], tail[2])  # £28亿元
        d.become(*tail)
        if d.kind in ("duration", "measure") and t[d.end : d.end + 1] == "半":
            d.plus(_HALF, d.end + 1)
        elif d.single and (rest := self.said_fraction(d.end, t[d.end - 1])) is not None:
            d.plus(*rest)
        d.noun = self._measure_of(d)
        return self.finish(d)

    def _measure_of(self, d: Draft) -> str:
        """Return what the number measures: an age, a price per unit, an increase, or an empty string."""
        if d.kind == "money":
            return self.rate(d.start, d.end)
        if d.kind == "multiple":
            grows = PATTERNS["growth"].search(self.t, max(0, d.start - 6), d.start)
            return "increase" if grows or self.follows(d.start, *_LARGER) else ""
        return "age" if d.unit == "year" and self.t[d.end - 1] in "岁旬" else ""

    def below_zero(self, d: Draft) -> bool:
        """Whether a temperature is below zero: 零下5度."""
        return PATTERNS["below_zero"].search(self.t, max(0, d.start - 4), d.start) is not None

    def reconsider(self, d: Draft) -> None:
        """Correct the qualifier of shares (不超过总额的5%) and recent periods (近三年来); days just named are uncheckable."""
        if d.kind == "percent" and d.exact == "exact" and not d.noun:
            d.exact = self.of_a_whole(d.start)
        if d.unit in ("day", "week", "month", "year"):
            few = d.single and d.low == int(d.low) and d.low < _TEN
            lately = self.t.startswith(("来", "以来"), d.end)
            if d.exact == "nearly" and (
                lately or (few and PATTERNS["late"].search(self.t, max(0, d.start - 5), d.start) is not None)
            ):
                d.exact = "exact"
            if d.unit != "week" and self._named_days(d.start):
                d.checkable = False
        elif (
            d.exact == "nearly" and d.kind == "count" and d.high < _TEN and PATTERNS["recent"].match(self.t, self.stop)
        ):
            d.exact = "exact"

    def _said_unit(self, d: Draft) -> Tail | None:
        """Return a unit in an unusual form: 个半月, 分半钟, 旬 (decades of age), 分 in 1小时30分 and 30分15秒."""
        t, q = self.t, d.end
        if t.startswith("旬", q) and d.low >= 5:  # 年近七旬
            d.times(_TEN, q)
            return "duration", "year", q + 1
        if t.startswith("分半钟", q):
            d.plus(_HALF, q)
            return "duration", "minute", q + 3
        if t.startswith("个", q) and (tail := self._piece_of_time(q)) is not None:
            d.plus(_HALF if t.startswith("个半", q) else _ZERO, q)
            d.exact = {"多": "more than", "来": "about"}.get(t[q + 1], d.exact)
            return tail
        last = self.previous(d.start, ("", "零", "又"), "duration")
        after_hour = last is not None and last.unit == "hour"
        minutes = t.startswith("分", q) and (after_hour or PATTERNS["seconds"].match(t, q + 1))
        return ("duration", "minute", q + 1) if minutes else None

    def _piece_of_time(self, q: int) -> Tail | None:
        """Return the unit of time after 个 with 半, 多 or 来: 个半小时, 个多星期, 个来月, 个分钟."""
        piece = PATTERNS["piece_of_time"].match(self.t, q)
        if piece is None:
            return None
        tail = self.unit_at(piece.end()) or self._months(piece.end())
        named = (
            tail is not None and tail[0] == "duration" and (tail[2] > piece.end() + 1 or self.t[piece.end()] == "月")
        )
        return tail if named else None

    def _months(self, q: int) -> Tail | None:
        return ("duration", "month", q + 1) if self.t[q : q + 1] == "月" else None

    def _aged(self, d: Draft) -> bool:
        """Read an age after 年过 and the like: 年过五十."""
        if not self.follows(d.start, "年过", "年近", "年满", "年逾", "年届"):
            return False
        d.become("duration", "year", d.end, "age")
        return self.finish(d)

    def _priced(self, d: Draft) -> bool:
        """Read an amount after a currency sign or name: ¥50, 马币近两百万."""
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
        """Read tenths as a percentage: 七成五, 八折."""
        match = PATTERNS["tenths"].match(self.t, d.end)
        if match is None or d.high > (_TEN if match.lastgroup == "share" else 99):
            return False
        d.times(_TEN if match.lastgroup == "share" or d.high < _TEN else _ONE, match.end())
        d.become("percent", "", d.end, "" if match.lastgroup == "share" else "discount")
        if match.lastgroup == "share" and d.single and (more := self.tenth_after(d.end)) is not None:
            d.plus(more, d.end + 1)
        return self.finish(d)

    def _edition(self, d: Draft) -> bool:
        """Read the number of an edition: 14届 is an ordinal, 2022届 a year."""
        r = self.classifier_at(d.end)
        if self.t[d.end : r].strip() != "届" or self.follows(d.start, "了"):
            return False
        if len(d.run) == 4 and "1900" <= d.run < "2100":
            return self.date(d.start, d.end, int(d.run))
        return self.add(d.start, r, d.low, d.high, "ordinal", checkable=False)

    def _so_many(self, d: Draft) -> bool:
        """Read a count, with or without a classifier and noun."""
        r = self.classifier_at(d.end)
        if r == d.end and self.t[d.start - 1 : d.start] in _LABEL_ENDS and self._labelled(d):
            return self.finish(d)
        d.become("count", "", r, self.noun(d.end, r))
        if d.run == "百万" and self.qualified(d.start, r, d.exact) == (r, "exact"):
            d.checkable = False
        return self.finish(d)

    def _labelled(self, d: Draft) -> bool:
        """Read the unit from a label before the number: 面积（平方米）：320."""
        label = PATTERNS["label"].search(self.t, max(0, d.start - 14), d.start)
        if label is None:
            return False
        scale = PATTERNS["scales"].match(label["unit"])
        name = label["unit"][scale.end() if scale else 0 :].strip()
        unit = ZH_UNIT.get(name) or latin_unit(name)
        if unit is None or name in LEXICON.tables["patterns"]:
            return False
        d.times(self.scale(scale[0]) if scale else _ONE, d.end)
        d.become(*unit, d.end)
        return True


_NAMES, _NUMERALS, _CALENDAR, _DIGITS, _HANZI, _SCALES, _RUNS, _AFTER_RUN, _PHRASES = (
    LEXICON.rules(name, _Scan)
    for name in ("names", "numerals", "calendar", "digits", "hanzi", "scales", "runs", "after_run", "phrases")
)


def _tens(run: str) -> list[int]:
    """Return the tens in a numeral of decades: 90 for 90 and 九十, 60 and 70 for 六七十."""
    parsed = numerals.value(run) if run else None
    if parsed is None or parsed[2] or not 10 <= parsed[0] <= parsed[1] < 100 or parsed[0] % 10 or parsed[1] % 10:
        return []
    return sorted({int(parsed[0]), int(parsed[1])})
