"""Extract quantities from Chinese text.

The scanner finds runs of digits and numeral characters, and applies ordered lists of rules from ``zh.toml``; a run that no
rule reads is a count. Rules look only at the characters around a run, so the running time is linear in the text.
"""

import re
from decimal import Decimal

from evalkit.text.quantities import chinese_numerals as numerals
from evalkit.text.quantities.chinese_context import ARABIC, COUNTED, LEXICON, PATTERNS, WORDS, ChineseContext
from evalkit.text.quantities.decimals import EXACT
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.rule_lists import RuleMatch, trie
from evalkit.text.quantities.scanner import Day, Draft, Tail
from evalkit.text.quantities.units import percent_of

_ZERO, _ONE, _TEN, _HALF, _HUNDRED_MILLION = (Decimal(n) for n in ("0", "1", "10", "0.5", "1E8"))
_H = numerals.HANZI
#: first characters of words that begin a quantity without a number
_WORD_STARTS = frozenset("今去前明后本上下翻半无没零全昼日双百成俩仨")
#: the first character of a candidate, with the candidate in a group; a search is fast if it begins with a character class
_CANDIDATE = re.compile(
    f"[0-9{_H}{numerals.FORMAL}{''.join(sorted(_WORD_STARTS | {phrase[0] for phrase in WORDS['phrases']}))}]"
    f"(?<=(?=({trie(WORDS['phrases'])}()|"
    "(?:[零无]|没有)(?:新增|死亡|确诊|伤亡|感染|本土)|成倍|全天候|昼夜|日夜|百分[一二两三]?百(?!分)|双倍|"
    rf"{PATTERNS['number'].pattern}|[{numerals.FORMAL}]{{2,}}[万亿]*|[半翻俩仨]|[今去前明后]年|[本上下]个?月)).)"
)
_FOLDED = str.maketrans(LEXICON.tables["traditional"]["from"], LEXICON.tables["traditional"]["to"])
_FOLDS = re.compile(f"[{''.join(map(chr, _FOLDED))}]")
#: for unusual spellings
_USUAL = str.maketrans("·元0", ".一〇")
_CALENDAR_SIGNS = "年月日号点时世:Hh分刻-–—~到至、"
_LISTS = ("、", "，", ",", "或", "和", "/", " ")
#: text between two days or two hours
_JOINTS = frozenset(a + joint + b for joint in (*"至到-—~–、和－", "——") for a in ("", " ") for b in ("", " "))
_YEAR_JOINTS = frozenset((*"-–—~至到/", "——"))
#: the maximum distance between two days of the same month; a day further away may belong to another month.
_NEAR_DAYS = 20
_NOON = 720
_BEFORE_ONE = frozenset("第每期拜周初老高大小上双打 ")
_AFTER_ONE = frozenset("点分刻时月日号世年半是折至到或、~—– -")
_NUMBERED = tuple(WORDS["numbered"])
_AGED = ("年过", "年近", "年满", "年逾", "年届")


def extract(text: str, when: Day | None) -> list[Quantity]:
    """Return the quantities of a Chinese text, in order and without overlaps; ``when`` is the date of the text."""
    folded = text.translate(_FOLDED) if _FOLDS.search(text) else text
    if "0" in folded or "·" in folded or "元月" in folded:
        folded = PATTERNS["unusual"].sub(lambda match: match[0].translate(_USUAL), folded)
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
        while (match := _CANDIDATE.search(t, self.done)) is not None:
            start, end = match.span(1)
            if match[2] is None:  # not an idiom
                begins_word = t[start] in _WORD_STARTS and (_PHRASES.apply(self, t, start) or t[start] not in _H)
                if not begins_word:
                    self._number(start, end)
            self.done = max(self.done, end)
        return self.quantities

    def _number(self, start: int, end: int) -> None:
        t = self.t
        if t[start] == "零" and end > start + 1 and 0 < start == self.last_end:
            start += 1  # 一年零三个月
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
        if PATTERNS["no_count"].match(t, stop) or (run == "一" and t[start : start + 2] in WORDS["one_words"]):
            return  # 三明治, 一起
        if run == "一" and t[start - 1 : start] not in _BEFORE_ONE and t[stop : stop + 1] not in _AFTER_ONE:
            self._single()  # 一 is the most frequent numeral, and no rule applies to it here
        elif _HANZI.apply(self, t, start) or (run == "一" and self._single()):
            pass
        elif run in WORDS["no_number"]:
            _SCALES.apply(self, t, start)
        elif not _RUNS.apply(self, t, start, stop):
            _AFTER_RUN.apply(self, t, stop)

    def _bare(self, match: RuleMatch) -> bool:
        """Whether no unit or classifier follows the digits."""
        t, at = self.t, self.stop
        other = PATTERNS["no_name"].match(t, at) or PATTERNS["likely_year"].match(t, self.begin)
        return not other and self.currency_before(self.begin) is None and not self.is_counted(at)

    def _countable(self, match: RuleMatch) -> bool:
        return self.is_counted(match.end)

    def _numbered(self, match: RuleMatch) -> bool:
        """Whether the digits are a number in a name (尾号8888, 波音737), or continue a list of names."""
        t, start = self.t, match.start
        named = t[max(0, start - 8) : start].rstrip("为是比如：: ").endswith(_NUMBERED)
        listed = self.name_end > 0 and t[self.name_end : start] in _LISTS
        return (named or listed) and match.groups["n"][1] == self.stop and not self.is_counted(match.end)

    def _fraction(self, match: RuleMatch) -> bool:
        """Add a fraction as a percentage: 三分之一, 百分之三十."""
        run = match.get("bottom").rstrip()
        bottom, top = numerals.small("一" + run if run in ("百", "千", "万") else run), numerals.value(match.get("top"))
        if bottom < 1 or top is None or self.t.startswith("决赛", match.end):
            return self._skip(match)
        whole = 100 * (self.number(match, "whole") or 0)  # 一又四分之三小时
        low, high = (EXACT.add(percent_of(value, bottom), whole) for value in top[:2])
        return self.add_fraction(match, low, high)

    def _decades(self, match: RuleMatch) -> bool:
        """Add one quantity for each decade: 90年代, 八九十年代, 20世纪六七十年代."""
        start, end, nth = match.start, match.end, self.number(match, "c")
        runs = (numerals.value(match.get(name)) for name in ("t", "more") if name in match.groups)
        tens = sorted({int(ten) for run in runs if run for ten in run[:2] if 10 <= ten < 100 and ten % 10 == 0})
        if nth is None:
            nth = 21 if start == self.begin and max(tens, default=0) < 40 else 20
        if not tens or not 1 <= nth <= 30:
            return False
        cut = [start, *(end - 3 * (len(tens) - i) for i in range(1, len(tens))), end]
        for ten, a, b in zip(tens, cut, cut[1:], strict=False):
            if a < b:
                self.add_date(a, b, 100 * (nth - 1) + ten, unit="decade")
        return True

    def _day(self, match: RuleMatch) -> bool:
        """Add a day with the month of the date before it (7月23日至25日), or of the last date if close (12月11日电 … 10日)."""
        start, day, dated = match.start, self.number(match, "d") or 0, self.dated
        if not 1 <= day <= 31 or (match.get("sign") and self.preceded_by(start, *_NUMBERED)):
            return False
        month = year = None
        last = self.previous(start, _JOINTS, "date")
        if last is not None and last.month and last.day:
            year, month = last.year, last.month
        elif not self.digits and day <= 10:
            return False
        elif dated is not None and dated.day is not None and abs(day - dated.day) <= _NEAR_DAYS:
            month = dated.month
        self.add_date(start, match.end, year, month, day)
        if month:
            self.dated = self.last()
        return True

    def _bare_year(self, match: RuleMatch) -> bool:
        """Add a year without 年, unless a unit, classifier or noun follows."""
        t, start, end = self.t, match.start, match.end
        if end != self.stop or self.qualifier_before(start) != "exact":
            return False
        joined = PATTERNS["joined_year"].match(t, end) or self.previous(start, _YEAR_JOINTS, "date")
        counts = PATTERNS["after_count"].match(t, end) or self.is_counted(end)
        return bool(joined or not counts) and self.add_date(start, end, int(match.get("y")))

    def _sure_hour(self, match: RuleMatch) -> bool:
        """Whether an hour is surely a time: 3点多, 下午3点, 3点至6点."""
        evidence = {"sure", "half", "min", "part", "qualifier"} & match.groups.keys()
        return bool(evidence) or self.previous(match.start, _JOINTS, "time") is not None

    def _republic_named(self, match: RuleMatch) -> bool:
        """Whether the text before counts years from the founding of the Republic of China."""
        return "民国" in self.t[max(0, match.start - 400) : match.start]

    def _time(self, match: RuleMatch) -> bool:
        """Add a time of day; the second one of a range (下午3点至6点) is in the same half of the day, or in the next one."""
        half = self.lexicon.halves.get(match.get("half"), "")
        before = self.previous(match.start, _JOINTS, "time")
        if before is not None and before.unit != "12h" and "half" not in match.groups:
            half = "pm" if (before.low >= _NOON) != (self.number(match, "h") == 12) else "am"
        end, exactness = self.read_qualifiers(self.begin, match.end)
        if exactness == "exact":
            exactness = self.qualifier_before(match.start)
        return self.add_time_of(match._replace(end=end), half, exactness)

    def _single(self) -> bool:
        """Read 一, which counts only with a unit or classifier."""
        t, start, end = self.t, self.begin, self.stop
        after = t[end : end + 1]
        if after not in COUNTED and not after.isascii() and not self.preceded_by(start, "之"):
            return True  # 一定
        if self._counted_range(end):
            return False
        d = Draft(start, end, _ONE, _ONE, t[start:end])
        piece = t.startswith("块", end) and PATTERNS["price"].match(t, end + 1) is None
        if not piece and (t.startswith("个", end) or self.unit_at(end) is not None) and self._measured(d):
            return True
        if not self._tenths(d) and ((stop := self.classifier_at(end)) > end or self.preceded_by(start, "之")):
            self.add_value(start, stop, _ONE, "count", noun=self.noun(end, stop), checkable=False)  # 一个, 四大发明之一
        return True

    def _whole(self, match: RuleMatch) -> bool:
        return match.end == self.stop

    def _counted(self, match: RuleMatch) -> bool:
        """Whether a unit, classifier or counted range follows the numeral."""
        at = self.stop
        return self.t.startswith("个半", at) or self.is_counted(at) or self._counted_range(at)

    def _counted_range(self, at: int) -> bool:
        """Whether a second end with a unit or classifier follows: 两到三天."""
        joint = PATTERNS["joint"].match(self.t, at)
        second = None if joint is None else PATTERNS["number"].match(self.t, joint.end())
        if second is None or second.group()[0] in ARABIC or not self.is_counted(second.end(), tenths=True):
            return False
        first, listed = numerals.small(self.t[self.begin : at]), self.t[at] == "、"  # 六、七百人
        return not listed or (
            1 < first == numerals.small(second.group()[0]) - 1 and not self.preceded_by(self.begin, "、")
        )

    def _count(self, match: RuleMatch) -> bool:
        self._read()
        return True

    def _spaced(self, match: RuleMatch) -> bool:
        """Read digits that are separated by spaces: 2 750万, 1 0 亿."""
        self.stop = match.end
        return self._read()

    def _read(self) -> bool:
        """Read the current number and what follows it."""
        run, more = self.t[self.begin : self.stop], PATTERNS["and_more"].match(self.t, self.stop)
        parsed = numerals.value(run + more["scale"] if more else run)  # 100余万
        if parsed is None:
            return False
        low, high, vague = parsed
        d = Draft(self.begin, self.stop, low, high, run, run[-1] in "万亿百千", exact="about" if vague else "exact")
        d.checkable = run not in ("几", "数")
        if more is not None:
            d.end, d.exact = more.end(), "about" if more["sign"] == "来" else "more than"
        elif d.single and not self.read_range(d) and self.digits and self.read_score(d):
            return self.finish(d)
        if self.t.startswith("个亿", d.end):
            d.times(_HUNDRED_MILLION, d.end + 2)
            d.checkable = True
        return self.read_rest(d)

    def read_rest(self, d: Draft) -> bool:
        """Read the unit or classifier, noun and qualifiers."""
        return self._measured(d) or self._priced(d) or self._tenths(d) or self._default(d)

    def _measured(self, d: Draft) -> bool:
        """Read a unit, and a range or decimals after it: 一米八五."""
        t, tail = self.t, self.unit_at(d.end) or self._irregular_unit(d)
        if tail is None:
            return False
        if d.single and self.read_range(d, tail):
            tail = self.unit_at(d.end) or tail
        if tail[1] == "CNY" and t[d.end : tail[2]].strip() == "元":
            tail = ("money", self._currency_of_yuan(d.start), tail[2])
        d.set_unit(*tail)
        if d.kind in ("duration", "measure", "multiple") and t[d.end : d.end + 1] == "半":
            d.plus(_HALF, d.end + 1)
        elif d.single and (part := PATTERNS["decimals"].match(t, d.end)) is not None:
            d.plus(Decimal(f"0.{''.join(str(numerals.small(c)) for c in part[0])}"), part.end())
        d.noun = self._measured_noun(d)
        return self.finish(d)

    def _currency_of_yuan(self, start: int) -> str:
        """Return the currency that is named before an amount in 元 (£28亿元), or before the last one in its clause."""
        last = self.last()
        if (sign := self.currency_before(start)) is not None or last is None or last.kind != "money":
            return sign[0] if sign else "CNY"
        return last.unit if PATTERNS["same_currency"].match(self.t[last.span[0] : start]) else "CNY"

    def _measured_noun(self, d: Draft) -> str:
        """Return what is measured: an age, an increase."""
        if d.kind == "multiple":
            grown = d.high == _ONE or PATTERNS["growth"].search(self.t, max(0, d.start - 6), d.start)
            return "increase" if grown else ""
        return "age" if d.unit == "year" and (self.t[d.end - 1] == "岁" or self.preceded_by(d.start, *_AGED)) else ""

    def correct(self, d: Draft) -> None:
        """Correct qualifiers (不超过总额的5%, 近三年来)."""
        if d.kind == "percent" and d.exact == "exact":
            d.exact = self.distant_qualifier("of_a_whole", d.start, 16)
        if d.exact == "nearly" and d.unit in ("day", "week", "month", "year"):
            few = d.single and d.low == int(d.low) and d.low < _TEN
            late = few and PATTERNS["late"].search(self.t, max(0, d.start - 5), d.start)
            since = late or self.t.startswith(("来", "以来"), d.end)
            d.exact = ("exact" if d.single else "about") if since else d.exact

    def _irregular_unit(self, d: Draft) -> Tail | None:
        """Return a unit in an unusual form: 个半月, 个多星期, 个来月, 分半钟, 旬, 30分15秒."""
        t, at = self.t, d.end
        if self.preceded_by(d.start, *_AGED) and self.classifier_at(at) == at:
            return "duration", "year", at
        if t.startswith("个", at):
            end = at + 1 + t.startswith(("半", "多", "来"), at + 1)
            tail = ("duration", "month", end + 1) if t.startswith("月", end) else self.unit_at(end)
            if tail is not None and tail[0] == "duration" and (tail[1] == "month" or tail[2] > end + 1):
                d.plus(_HALF if t.startswith("个半", at) else _ZERO, at)
                d.exact = {"多": "more than", "来": "about"}.get(t[at + 1], d.exact)
                return tail
        at += t.startswith(" 分", at)
        if not t.startswith("分", at):
            return None
        last = self.previous(d.start, ("", "零", "又"), "duration")
        minutes = (last is not None and last.unit == "hour") or PATTERNS["seconds"].match(t, at + 1)
        return ("duration", "minute", at + 1) if minutes else None

    def _priced(self, d: Draft) -> bool:
        """Read an amount of money: ¥50, 马币近两百万."""
        if (money := self.currency_before(d.start)) is None:
            return False
        d.set_unit("money", money[0], d.end)
        if not self.t[money[1]].isascii():
            d.exact = self.read_qualifiers(d.start, d.end, d.exact)[1]
        d.start = money[1]
        return self.finish(d)

    def _tenths(self, d: Draft) -> bool:
        """Read tenths as a percentage: 七成五, 八折."""
        match = PATTERNS["tenths"].match(self.t, d.end)
        if match is None or d.high > (_TEN if match["share"] else 99):
            return False
        d.times(_TEN if d.high <= _TEN else _ONE, match.end())
        d.set_unit("percent", "", d.end, "" if match["share"] else "discount")
        if match["tenth"]:
            d.plus(Decimal(5 if match["tenth"] == "半" else numerals.small(match["tenth"])), d.end)
        return self.finish(d)

    def _default(self, d: Draft) -> bool:
        """Read a count, with or without a classifier and noun."""
        stop = self.classifier_at(d.end)
        d.set_unit("count", "", stop, self.noun(d.end, stop))
        if d.run == "百万" and self.read_qualifiers(d.start, stop, d.exact) == (stop, "exact"):
            d.checkable = False
        return self.finish(d)


_NAMES, _NUMERALS, _CALENDAR, _DIGITS, _HANZI, _SCALES, _RUNS, _AFTER_RUN, _PHRASES = LEXICON.rules(
    _Scan, "names numerals calendar digits hanzi scales runs after_run phrases"
)
