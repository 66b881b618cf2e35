"""The context of a number in Chinese text: units, classifiers, nouns, qualifiers, currencies, the second end of a range."""

from __future__ import annotations

import re
from decimal import Decimal

from evalkit.text.quantities import chinese_lexicon as lexicon
from evalkit.text.quantities import chinese_numerals as numerals
from evalkit.text.quantities.collector import SpanCollector
from evalkit.text.quantities.english_words import DIGITS
from evalkit.text.quantities.nouns import ZH_NOUN
from evalkit.text.quantities.units import EN_SYMBOL, ZH_RATE, ZH_UNIT, latin_unit

__all__ = ["ARABIC", "DIGIT", "NUMBER", "RANGE", "RUN", "ChineseContext", "Tail"]

#: kind, unit, and where it ends
Tail = tuple[str, str, int]
#: both ends of a range, where it ends, and whether it is a score
Joined = tuple[Decimal, Decimal, int, bool]
ARABIC = "0123456789"
DIGIT = "零〇一二三四五六七八九"
_H = numerals.HANZI
RUN = (
    rf"(?:{DIGITS}(?: ?(?=[万亿]|千(?![瓦米克卡伏赫帕])))?(?:[{_H}]|(?<=[{_H}]){DIGITS})*"
    rf"|[{_H}](?:[{_H}]|(?<=[{DIGIT}十])点(?=[{DIGIT}]))*)"
)
NUMBER = re.compile(RUN)
RANGE = re.compile(rf" ?(?:[-–—~到至]|——|或) ?(?=[0-9]|[{_H}])")
_SCORE = re.compile(r" ?(?:比|:|-|–|—) ?([0-9]{1,3})(?![0-9:.%]|-[0-9])")
_SAID_FRACTION = re.compile(rf"(?:[0-9]{{1,2}}(?![0-9.])|[{DIGIT}]{{1,2}})(?![{_H}点0-9比分年月日])")

_LATIN = re.compile(r" ?([A-Za-zμµ°℃²³]{1,5}[23]?(?:/[hs](?![a-z]))?)")
_UNIT_STARTS = frozenset((*lexicon.ONLY_BEFORE, *(name[0] for name in ZH_UNIT)))
_LONGEST_UNIT = max(map(len, ZH_UNIT))
_CONTEXT_UNITS = {
    "块": ("money", "CNY"),
    "码": ("measure", "yard"),
    "里": ("measure", "li"),
    "毛": ("money", "CNY:10"),
}
#: what is measured in kWh when it has so many 度
_POWER_WORDS = re.compile("[电能耗](?:量|费|价|了|近|约|超|超过|达|达到|累计|合计|共|为|仅|只|不到|逾){0,3}$")
#: a unit -> the speed that it is after one of some words
_SPEEDS = {
    **dict.fromkeys(("公里", "千米"), ("km/h", ("时速", "每小时"))),
    "英里": ("mph", ("时速", "每小时")),
    "米": ("m/s", ("每秒",)),
}
_TIMES_DU = re.compile("[^，。、；！？）左以多余的到至~—0-9-]")

_NOUN_CLASSIFIERS = ("", *"个家所座条项辆架艘支大类多")
_STOP = "的和与及或在有是被从共也都参等为已均之内中获，,、。；;：:)）”\"'! !?？"

_OR_MORE = re.compile("[及或和](?:(以上|更多|更长|更久|更高|更大)|(?:以下|更少|更短|更低))")
#: signs behind a number that qualify it, unless one of the characters follows
_SIGNS = {
    **dict.fromkeys("多余", ("more than", "数么样元地家次")),
    "许": ("about", "多可诺愿久"),
    "+": ("more than", ARABIC),
}
_NEGATED = re.compile(
    "(?:不|未|没有?|无|从不|从未|绝不|决不|并不|并未|尚未|别|勿)(?:会|能|得|应|可|宜|曾|再|要|许|准|允许|该|必|需)?(?:再)?$"
)
_OPPOSITE = {"more than": "at most", "less than": "at least"}
#: before 过 in other words: 通过百年党史
_ALSO_PAST = tuple("通经超不度路走跑")
_BREAK = frozenset("0123456789，,。、；;：:？?！!（(）)一二三四五六七八九十百千万亿两几半")
_CURRENCY_NAME = re.compile(rf"({'|'.join(lexicon.CURRENCY_BEFORE)})(?:近|约|超过?|逾|共|仅|大约)?$")


class ChineseContext(SpanCollector):
    """Reads units, classifiers and qualifiers around a number; ``t`` has full-width digits and signs folded."""

    #: where the number begins that is being read
    begin = 0

    # -- units, classifiers, nouns ----------------------------------------------------------------------------------

    def unit_at(self, q: int) -> Tail | None:
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
            return self._by_context(q, c)
        if c and (c.isascii() or c in "℃°μµ") and (match := _LATIN.match(t, q)):
            named, following = latin_unit(match[1]), t[match.end() : match.end() + 1]
            if named is not None and not (following.isascii() and following.isalnum()):
                return (*named, match.end())
        return None

    def _by_context(self, q: int, c: str) -> Tail | None:
        """块, 码, 里, 毛: a unit only before some characters."""
        context = _CONTEXT_UNITS.get(c)
        if context is None or (c == "毛" and self.t[q - 1] not in ARABIC):
            return None
        clear = (self.t[q + 1 : q + 2] or "^") in lexicon.ONLY_BEFORE[c] or (c == "码" and self.t[q - 3 : q].isdigit())
        return (*context, q + 1) if clear or (c == "块" and self.said_fraction(q + 1, c)) else None

    def _unless_other_word(self, piece: str, hit: tuple[str, str], q: int) -> Tail | None:
        """The unit, unless what follows makes another word of it, or what precedes another unit."""
        t, stop = self.t, q + len(piece)
        following = t[stop : stop + 1]
        if following and following in lexicon.OTHER_WORD.get(piece, ""):
            return None
        if piece in ("度", "伏"):
            if piece == "度" and (t[q - 1] in "万亿" or _POWER_WORDS.search(t, max(0, q - 16), self.begin)):
                return "measure", "kWh", stop
            if t[q - 1] in DIGIT + "两" and t[q - 2 : q - 1] not in tuple(_H + "下"):
                twice = piece == "度" and t[q - 1] in "两三四五" and _TIMES_DU.match(t, stop)
                return ("count", "", stop) if twice else None
        if piece in ("兆", "安") and (following or "^") not in lexicon.ONLY_BEFORE[piece]:
            return None
        speed = _SPEEDS.get(piece)
        if speed is not None and any(said in t[max(0, q - 12) : q] for said in speed[1]):
            return "measure", speed[0], stop
        return (*hit, stop)

    def classifier_at(self, q: int) -> int:
        """End of the classifier that starts here, after at most one space, or ``q``."""
        t = self.t
        at = q + 1 if t[q : q + 1] == " " else q
        for length in range(lexicon.LONGEST_CLASSIFIER, 0, -1):
            piece = t[at : at + length]
            if len(piece) == length and piece in lexicon.CLASSIFIERS:
                following = t[at + length : at + length + 1]
                return q if following and following in lexicon.NOT_CLASSIFIER.get(piece, "") else at + length
        return q

    def counts(self, q: int) -> bool:
        """Whether a unit or a classifier starts here."""
        return self.unit_at(q) is not None or self.classifier_at(q) > q

    def noun(self, q: int, r: int) -> str:
        """The class of the counted noun, from the classifier between ``q`` and ``r`` or from the noun after it."""
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
            name, end = self._longest_noun(at)
            if name and t[end : end + 1] not in ("级", "队", "报", "化", "型"):
                return self._longest_noun(end)[0] or name  # 企业用户 are users
            if at <= r + 2 and c in ZH_NOUN:
                following = t[at + 1 : at + 2]
                if following in _STOP or not "一" <= following <= "鿿" or following in _H:
                    return ZH_NOUN[c]
            if c in "的，、":
                break
        return ""

    def _longest_noun(self, at: int) -> tuple[str, int]:
        for length in (4, 3, 2):
            if (name := ZH_NOUN.get(self.t[at : at + length])) is not None:
                return name, at + length
        return "", at

    def rate(self, start: int, end: int) -> str:
        """What a price is for: 3元/箱, 每公斤3元."""
        t = self.t
        if t[end : end + 1] in ("/", "每"):
            for length in (3, 2, 1):
                if (name := ZH_RATE.get(t[end + 1 : end + 1 + length])) is not None:
                    return name
        window = t[max(0, start - 4) : start]
        at = window.rfind("每")
        return ZH_RATE.get(window[at + 1 :].strip(), "") if at >= 0 else ""

    def said_fraction(self, q: int, unit: str) -> tuple[Decimal, int] | None:
        """八五 of 一米八五, 五 of 三块五: hundredths and tenths of the unit, and where they end."""
        match = _SAID_FRACTION.match(self.t, q)
        if match is None or self.counts(match.end()):
            return None
        digits = "".join(str(numerals.small(c)) for c in match[0])
        return None if unit == "块" and len(digits) > 1 else (Decimal(f"0.{digits}"), match.end())

    def tenth_after(self, q: int) -> Decimal | None:
        """五 of 七成五, 半 of 一成半, where it is the last numeral and counts nothing itself."""
        c = self.t[q : q + 1]
        if c == "半":
            return Decimal(5)
        alone = NUMBER.match(self.t, q) if c and (c in DIGIT or c in "123456789") else None
        return None if alone is None or alone.end() != q + 1 or self.counts(q + 1) else Decimal(numerals.small(c))

    # -- qualifiers and currencies ----------------------------------------------------------------------------------

    def qualified(self, start: int, end: int, exactness: str = "exact") -> tuple[int, str]:
        """The end of the quantity, including a qualifier after it, and its exactness."""
        t = self.t
        if (more := _OR_MORE.match(t, end)) is not None:
            return more.end(), "at least" if more[1] else "at most"
        if t[end : end + 1] == " " and (t[end + 1 : end + 3] in lexicon.AFTER or t[end + 1 : end + 2] in ("多", "余")):
            end += 1
        two = t[end : end + 2]
        if two in lexicon.AFTER and not (two == "不到" and t[end + 2 : end + 3] in tuple("的就我你请可吗")):
            said = lexicon.AFTER[two]
            return end + 2, exactness if said == "exact" else said
        if exactness == "exact" and (sign := _SIGNS.get(two[:1])) is not None and two[1:] not in tuple(sign[1]):
            return end + 1, sign[0]
        at = start - 1 if start and t[start - 1] == " " else start
        return end, self._qualifier_before(at) or (exactness == "exact" and self._distant(at)) or exactness

    def _qualifier_before(self, at: int) -> str:
        t = self.t
        if (
            t[at - 1 : at] in ("破", "过")
            and t[at : at + 1] in tuple("百千万亿")
            and t[at - 2 : at - 1] not in _ALSO_PAST
        ):
            return "more than"
        for length in range(min(at, lexicon.LONGEST_BEFORE), 0, -1):
            head = at - length
            hit = lexicon.BEFORE.get(t[head:at])
            if hit is None:
                continue
            if hit in _OPPOSITE and head and _NEGATED.search(t, max(0, head - 4), head):
                return _OPPOSITE[hit]
            if t[head - 1 : head] not in tuple(lexicon.NOT_AFTER.get(t[head:at], "")) or t[head - 2 : head] == "其中":
                return hit
        return ""

    def _distant(self, at: int) -> str:
        """至少提前24小时."""
        window = self.t[max(0, at - 6) : at]
        for word, hit in lexicon.DISTANT.items():
            i = window.rfind(word)
            between = window[i + len(word) :]
            if i >= 0 and len(between) <= 4 and _BREAK.isdisjoint(between):
                return hit
        return ""

    def of_a_whole(self, start: int) -> str:
        """How exact a share is whose qualifier precedes what it is a share of: 不超过总额的5%."""
        window = self.t[max(0, start - 12) : start]
        if not window.endswith("的") or any(word in window for word in lexicon.COMPARED):
            return "exact"
        clause = window[max(map(window.rfind, "，。；、：,;")) + 1 :]
        said = [(clause.rfind(word), len(word), hit) for word, hit in lexicon.OF_A_WHOLE.items() if word in clause]
        if not said:
            return "exact"
        at, _, hit = max(said, key=lambda one: (one[0] + one[1], one[1]))
        return _OPPOSITE.get(hit, hit) if _NEGATED.search(clause, 0, at) else hit

    def currency_before(self, start: int) -> tuple[str, int] | None:
        """Code and beginning of the currency sign directly before."""
        t = self.t
        at = start - 1 if start and t[start - 1] == " " else start
        if at == 0 or (t[at - 1].isalnum() and t[at - 1] not in "币DRYPBKMs"):
            return None
        for length in range(min(at, 4), 0, -1):
            code = EN_SYMBOL.get(t[at - length : at])
            previous = t[at - length - 1 : at - length]
            if code and not (t[at - 1].isalpha() and previous.isascii() and previous.isalpha()):
                return code, at - length
        return ("CNY", at - 3) if at >= 3 and t[at - 3 : at] == "人民币" else None

    def currency_name_before(self, start: int) -> tuple[str, int] | None:
        """马币近两百万."""
        match = _CURRENCY_NAME.search(self.t, max(0, start - 6), start)
        return None if match is None else (lexicon.CURRENCY_BEFORE[match[1]], match.start())

    # -- ranges -----------------------------------------------------------------------------------------------------

    def joined(self, run: str, low: Decimal, q: int, digits: bool) -> Joined:
        """The second end of a range, or the other side's score: 10到20, 3-5, 3比1; both ends, their end, if it is a score."""
        ends = self._neighbors(run, low, q, digits) or self._range(run, q, digits) or self._score(run, low, q, digits)
        return (low, low, q, False) if ends is None else ends

    def _neighbors(self, run: str, low: Decimal, q: int, digits: bool) -> Joined | None:
        """5、6个."""
        t = self.t
        if t[q : q + 1] != "、" or len(run) != 1 or t[q + 1 : q + 2].isdigit() != digits:
            return None
        following, single = numerals.small(t[q + 1 : q + 2]), NUMBER.match(t, q + 1)
        if following != low + 1 or single is None or single.end() != q + 2 or not self.counts(q + 2):
            return None
        return low, Decimal(following), q + 2, False

    def _range(self, run: str, q: int, digits: bool) -> Joined | None:
        match = RANGE.match(self.t, q)
        second = None if match is None else NUMBER.match(self.t, match.end())
        ends = None if second is None else self.both(run, second.group(), digits)
        if match is None or second is None or ends is None:
            return None
        if "或" in match.group() and digits and ends[1] != ends[0] + 1:
            return None
        end = second.end()
        return *ends, end + (self.t[end : end + 1] in ("余", "多")), False

    def _score(self, run: str, low: Decimal, q: int, digits: bool) -> Joined | None:
        score = _SCORE.match(self.t, q) if digits and len(run) <= 3 and "." not in run else None
        if score is None or self.unit_at(score.end()) is not None:
            return None
        other, sign = Decimal(score[1]), self.t[q : score.start(1)]
        if other > low and "比" not in sign and ":" not in sign:
            return None
        return min(low, other), max(low, other), score.end(), True

    def both(self, run: str, other: str, digits: bool) -> tuple[Decimal, Decimal] | None:
        """Both ends of a range; a scale at the second belongs to both (10到20万)."""
        other = other.rstrip()
        b = numerals.value(other)
        if b is None or b[2] or b[0] != b[1] or (other[0] in ARABIC) != digits:
            return None
        scale = other[len(other.rstrip("万亿")) :]
        a = numerals.value(run if run[-1] in "万亿百千" else run + scale)
        if a is None or a[0] >= b[0]:
            a = numerals.value(run)
        return (a[0], b[0]) if a is not None and a[0] < b[0] else None
