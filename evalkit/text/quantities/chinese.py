"""Extract quantities from Chinese text.

The scanner finds runs of digits and numeral characters, and applies ordered lists of rules from ``zh.toml``; a run that no
rule reads is a count. Rules look only at the characters around a run, so the running time is linear in the text.
"""

import re
from decimal import Decimal

from evalkit.text.quantities import chinese_numerals as numerals
from evalkit.text.quantities.decimals import EXACT
from evalkit.text.quantities.lexicons import ZH_NOUN, Lexicon
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.rule_lists import RuleMatch
from evalkit.text.quantities.scanner import Day, Draft, Number, Scanner, Tail
from evalkit.text.quantities.units import MACROS, ZH_UNIT, percent_of

_H = numerals.HANZI
ARABIC = "0123456789"
LEXICON = Lexicon(
    "zh",
    unit_name=ZH_UNIT,
    **MACROS,
    noun=[noun for noun in ZH_NOUN if len(noun) > 1],
    short_noun=[noun for noun in ZH_NOUN if len(noun) == 1],
)
WORDS, PATTERNS = LEXICON.words, LEXICON.patterns
_TABLES = LEXICON.tables
CLASSIFIERS = WORDS["classifiers"] | WORDS["long_classifiers"]
_NOUN_OF = {**{c: ZH_NOUN[c] for c in CLASSIFIERS & ZH_NOUN.keys()}, **LEXICON.inverted("noun_of")}
_NOUN_CLASSIFIERS = frozenset(("", *"个家所座条项辆架艘支大类多")) - _NOUN_OF.keys()
_ZERO, _ONE, _TEN, _HALF, _HUNDRED_MILLION = (Decimal(n) for n in ("0", "1", "10", "0.5", "1E8"))
#: first characters of words that begin a quantity without a number
_WORD_STARTS = frozenset("今去前明后本上下翻半无没零全昼日双百成俩仨")
#: the first character of a candidate, with the candidate in a group; a search is fast if it begins with a character class
_CANDIDATE = re.compile(
    f"[0-9{_H}{numerals.FORMAL}{''.join(sorted(_WORD_STARTS | {phrase[0] for phrase in WORDS['phrases']}))}]"
    f"(?<=(?=({PATTERNS['candidate'].pattern})).)"
)
_FOLDED = str.maketrans(LEXICON.tables["traditional"]["from"], LEXICON.tables["traditional"]["to"])
_FOLDS = re.compile(f"[{''.join(map(chr, _FOLDED))}]")
#: for unusual spellings
_USUAL = str.maketrans("·元0", ".一〇")
_CALENDAR_SIGNS = "年月日号点时世:Hh分刻-–—~到至、"
#: the maximum distance between two days of the same month; a day further away may belong to another month.
_NEAR_DAYS = 20
_NOON = 720


def extract(text: str, when: Day | None) -> list[Quantity]:
    """Return the quantities of a Chinese text, in order and without overlaps; ``when`` is the date of the text."""
    folded = text.translate(_FOLDED) if _FOLDS.search(text) else text
    if "0" in folded or "·" in folded or "元月" in folded:
        folded = PATTERNS["unusual"].sub(lambda match: match[0].translate(_USUAL), folded)
    return _Scan(text, folded, when, folded).run()


class _Scan(Scanner):
    """Scans one Chinese text; ``t`` has full-width digits and signs folded.

    :ivar begin, stop: start and end of the current number.
    :ivar digits: whether the current number begins with a digit.
    """

    lexicon = LEXICON
    FAR = 64
    small_number = staticmethod(numerals.small)
    begin = stop = 0
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
        if _HANZI.apply(self, t, start) or (run == "一" and self._single()):
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
        named = PATTERNS["number_in_name"].search(self.t, max(0, match.start - 8), match.start) or self._continues(
            match
        )
        return bool(named) and match.groups["n"][1] == self.stop and not self.is_counted(match.end)

    def _fraction(self, match: RuleMatch) -> bool:
        """Add a fraction as a percentage: 三分之一, 百分之三十."""
        bottom, top = numerals.small(match.get("bottom").rstrip()), numerals.value(match.get("top"))
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
            self.add_date(a, b, 100 * (nth - 1) + ten, unit="decade")
        return True

    def _day(self, match: RuleMatch) -> bool:
        """Add a day with the month of the date before it (7月23日至25日), or of the last date if close (12月11日电 … 10日)."""
        start, day, dated = match.start, self.number(match, "d") or 0, self.dated
        if not 1 <= day <= 31:
            return False
        month = year = None
        last = self.previous(start, "ends_joint", "date")
        if last is not None and last.month and last.day:
            year, month = last.year, last.month
        elif not self.digits and day <= 10:
            return False
        elif dated is not None and dated.day is not None and abs(day - dated.day) <= _NEAR_DAYS:
            month = dated.month
        return self.add_date(start, match.end, year, month, day)

    def _bare_year(self, match: RuleMatch) -> bool:
        """Add a year without 年, unless a unit, classifier or noun follows."""
        t, start, end = self.t, match.start, match.end
        if end != self.stop or self.qualifier_before(start) != "exact":
            return False
        joined = PATTERNS["joined_year"].match(t, end) or self.previous(start, "years_joint", "date")
        counts = PATTERNS["after_count"].match(t, end) or self.is_counted(end)
        return bool(joined or not counts) and self.add_date(start, end, int(match.get("y")))

    def _sure_hour(self, match: RuleMatch) -> bool:
        """Whether an hour is surely a time: 3点多, 下午3点, 3点至6点."""
        doubtful = match.groups.keys().isdisjoint(("sure", "half", "min", "part", "qualifier"))
        return not doubtful or self.previous(match.start, "ends_joint", "time") is not None

    def _time(self, match: RuleMatch) -> bool:
        """Add a time of day; the second one of a range (下午3点至6点) is in the same half of the day, or in the next one."""
        half = self.lexicon.halves.get(match.get("half"), "")
        before = self.previous(match.start, "ends_joint", "time")
        if before is not None and before.unit != "12h" and "half" not in match.groups:
            half = "pm" if (before.low >= _NOON) != (self.number(match, "h") == 12) else "am"
        end, exactness = self.read_qualifiers(self.begin, match.end)
        if exactness == "exact":
            exactness = self.qualifier_before(match.start)
        return self.add_time_of(match._replace(end=end), half, exactness)

    def _single(self) -> bool:
        """Read 一, which counts only with a unit or classifier."""
        t, start, end = self.t, self.begin, self.stop
        if self._counted_range(end):
            return False
        d, stop = Draft(start, end, _ONE, _ONE, t[start:end]), self.classifier_at(end)
        if not (self._measured(d) or self._tenths(d)) and (stop > end or t.endswith("之", 0, start)):
            self.add_value(start, stop, _ONE, "count", noun=self.noun(end, stop), checkable=False)  # 一个, 四大发明之一
        return True

    def _whole(self, match: RuleMatch) -> bool:
        return match.end == self.stop

    def _counted(self, match: RuleMatch) -> bool:
        """Whether a unit, classifier or counted range follows the numeral."""
        return self.is_counted(self.stop) or self._counted_range(self.stop)

    def _counted_range(self, at: int) -> bool:
        """Whether a second end with a unit or classifier follows: 两到三天."""
        joint = PATTERNS["joint"].match(self.t, at)
        second = None if joint is None else PATTERNS["number"].match(self.t, joint.end())
        if second is None or second.group()[0] in ARABIC or not self.is_counted(second.end(), tenths=True):
            return False
        first, listed = numerals.small(self.t[self.begin : at]), self.t[at] == "、"  # 六、七百人
        return not listed or (
            1 < first == numerals.small(second.group()[0]) - 1 and not self.t.endswith("、", 0, self.begin)
        )

    def _count(self, match: RuleMatch) -> bool:
        """Read the number, which may continue after a space: 2 750万, 1 0 亿."""
        self.stop = max(self.stop, match.end)
        self._read()
        return True

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
            d.change(d.end + 2, times=_HUNDRED_MILLION)
            d.checkable = True
        return self.read_rest(d)

    def read_rest(self, d: Draft) -> bool:
        """Read the unit or classifier, noun and qualifiers."""
        return self._measured(d) or self._priced(d) or self._tenths(d) or self._default(d)

    def _measured(self, d: Draft) -> bool:
        """Read a unit, and a range or decimals after it: 一米八五."""
        t, tail = self.t, self.unit_at(d.end) or self._unit_of_time(d)
        if tail is None:
            return False
        if d.single and self.read_range(d, tail):
            tail = self.unit_at(d.end) or tail
        if tail[1] == "CNY" and t[d.end : tail[2]].strip() == "元":
            tail = ("money", self._currency_of_yuan(d.start), tail[2])
        d.set_unit(*tail)
        if d.kind in ("duration", "measure", "multiple") and t[d.end : d.end + 1] == "半":
            d.change(d.end + 1, plus=_HALF)
        elif d.single and (part := PATTERNS["decimals"].match(t, d.end)) is not None:
            d.change(part.end(), plus=Decimal(f"0.{''.join(str(numerals.small(c)) for c in part[0])}"))
        d.noun = self._measured_noun(d)
        return self.finish(d)

    def _currency_of_yuan(self, start: int) -> str:
        """Return the currency that is named before an amount in 元 (£28亿元), or before the last one in its clause."""
        sign, last = self.currency_before(start), self.previous(start, "same_currency", "money")
        return sign[0] if sign else last.unit if last else "CNY"

    def _measured_noun(self, d: Draft) -> str:
        """Return what is measured: an age, an increase."""
        if d.kind == "multiple":
            grown = d.high == _ONE or PATTERNS["growth"].search(self.t, max(0, d.start - 6), d.start)
            return "increase" if grown else ""
        return "age" if d.unit == "year" and self.t[d.end - 1] == "岁" else ""

    def correct(self, d: Draft) -> None:
        """Correct qualifiers (不超过总额的5%, 近三年来)."""
        if d.kind == "percent" and d.exact == "exact":
            d.exact = self.distant_qualifier("of_a_whole", d.start, 16)
        if d.exact == "nearly" and d.unit in ("day", "week", "month", "year"):
            few = d.single and d.low == int(d.low) and d.low < _TEN
            late = few and PATTERNS["late"].search(self.t, max(0, d.start - 5), d.start)
            since = late or self.t.startswith(("来", "以来"), d.end)
            d.exact = ("exact" if d.single else "about") if since else d.exact

    def _unit_of_time(self, d: Draft) -> Tail | None:
        """Return a unit of time after 个: 个半月, 个多星期, 个来月."""
        more = PATTERNS["more_of_time"].match(self.t, d.end)
        if more is None:
            return None
        end = more.end()
        tail = ("duration", "month", end + 1) if self.t.startswith("月", end) else self.unit_at(end)
        if tail is None or tail[0] != "duration" or (tail[1] != "month" and tail[2] == end + 1):
            return None
        d.change(d.end, plus=_HALF if more[1] == "半" else _ZERO)
        d.exact = {"多": "more than", "来": "about"}.get(more[1], d.exact)
        return tail

    def _priced(self, d: Draft) -> bool:
        """Read an amount of money: ¥50, 马币近两百万."""
        if (money := self.currency_before(d.start)) is None:
            return False
        d.set_unit("money", money[0], d.end)
        d.exact = self.read_qualifiers(d.start, d.end, d.exact)[1]
        d.start = money[1]
        return self.finish(d)

    def _tenths(self, d: Draft) -> bool:
        """Read tenths as a percentage: 七成五, 八折."""
        match = PATTERNS["tenths"].match(self.t, d.end)
        if match is None or d.high > (_TEN if match["share"] else 99):
            return False
        d.change(match.end(), times=_TEN if d.high <= _TEN else _ONE)
        d.set_unit("percent", "", d.end, "" if match["share"] else "discount")
        if match["tenth"]:
            d.change(d.end, plus=Decimal(5 if match["tenth"] == "半" else numerals.small(match["tenth"])))
        return self.finish(d)

    def _default(self, d: Draft) -> bool:
        """Read a count, with or without a classifier and noun."""
        stop = self.classifier_at(d.end)
        d.set_unit("count", "", stop, self.noun(d.end, stop))
        if d.run == "百万" and self.read_qualifiers(d.start, stop, d.exact) == (stop, "exact"):
            d.checkable = False
        return self.finish(d)

    def classifier_at(self, at: int) -> int:
        """Return the end of the classifier at ``at``, or ``at`` if there is none."""
        match = PATTERNS["classifier"].match(self.t, at)
        return at if match is None else match.end()

    def is_counted(self, at: int, *, tenths: bool = False) -> bool:
        """Whether a unit or classifier starts at ``at``, or with ``tenths`` also 成 or 折."""
        counted = self.unit_at(at) is not None or self.classifier_at(at) > at
        return counted or (tenths and PATTERNS["tenths"].match(self.t, at) is not None)

    def noun(self, start: int, stop: int) -> str:
        """Return the class of the noun, from the classifier between ``start`` and ``stop`` or the words after it."""
        classifier = self.t[start:stop].strip()
        match = PATTERNS["noun_after"].match(self.t, stop) if classifier in _NOUN_CLASSIFIERS else None
        if match is None or (match[2] and match.start(2) > stop + 2):
            return _NOUN_OF.get(classifier, "")
        return ZH_NOUN[match[1] or match[2]]

    def adjacent_qualifier(self, start: int) -> str:
        """Return the qualifier directly before ``start``, or an empty string."""
        t = self.t
        if t[start - 1 : start] in ("破", "过") and start > 1 and PATTERNS["past"].match(t, start - 2):
            return "more than"
        qualifier = self.lexicon.qualifier_before(t, start)
        if not qualifier and (money := self.currency_before(start)) is not None:  # 超过人民币50万元
            return self.lexicon.qualifier_before(t, money[1])
        return qualifier

    def scale_value(self, text: str) -> Decimal:
        """Return the value of a scale such as 万."""
        return (numerals.value(text) or (Decimal({"打": 12, "k": 1000, "w": 10000}.get(text.lower(), 1)),))[0]

    def second_number(self, d: Draft, at: int) -> Number | None:
        """Return the number at ``at``, if it is in digits or characters like the first one."""
        match = PATTERNS["number"].match(self.t, at)
        if match is None or (match[0][0] in ARABIC) != (d.run[:1] in tuple(ARABIC)):
            return None
        run, end = match[0].rstrip(), match.end()
        low, high, vague = numerals.value(run) or (None, None, True)
        if low is None or low != high or vague:
            return None
        listed = self.t[at - 1] == "、"  # 七、八十人
        shared = run[-1:] in "万亿兆" or run[1:] in ("百", "千") or (listed and run[1:] == "十")
        scale = numerals.value(run[len(run.rstrip("十百千万亿兆")) :]) if shared else None
        return Number(low, end + (self.t[end : end + 1] in ("余", "多")), scale[0] if scale else numerals.ONE)

    def is_range(self, d: Draft, joint: re.Match[str], low: Decimal, second: Number, tail: Tail | None) -> bool:
        """Whether two numbers form a range: 10到20, 3或4, 5、6个."""
        neighbors = second.value == low + (1 if low == d.low else second.scale)  # 5、6个, 六、七百人
        if joint["list"]:
            short = len(d.run) == 1 and (low != d.low or second.end - joint.end() == 1)
            return tail is None and neighbors and short and self.is_counted(second.end, tenths=True)
        return not joint["either"] or low != d.low or (tail is None and (neighbors or d.run[0] not in ARABIC))


_NAMES, _NUMERALS, _CALENDAR, _DIGITS, _HANZI, _SCALES, _RUNS, _AFTER_RUN, _PHRASES = LEXICON.rules(
    _Scan, "names numerals calendar digits hanzi scales runs after_run phrases"
)
