"""Read the context of a number in Chinese text: units, classifiers, nouns, qualifiers, the second end of a range."""

import re
from decimal import Decimal

from evalkit.text.quantities import chinese_numerals as numerals
from evalkit.text.quantities.decimals import DIGITS
from evalkit.text.quantities.lexicons import ZH_NOUN, Lexicon, load
from evalkit.text.quantities.rule_lists import trie
from evalkit.text.quantities.scanner import Draft, Number, Scanner, Tail, signs
from evalkit.text.quantities.units import EN_SYMBOL, ZH_UNIT, latin_unit

ARABIC = "0123456789"
DIGIT = "零〇一二三四五六七八九"
_H = numerals.HANZI
LEXICON = Lexicon("zh", digits=DIGITS, half=" ".join(load("zh")["halves"].values()).split())
WORDS, PATTERNS = LEXICON.words, LEXICON.patterns
_TABLES = LEXICON.tables


CLASSIFIERS = frozenset(_TABLES["classifiers"].split())
#: the characters, other than ASCII, that can follow a numeral that counts
COUNTED = frozenset("–—到至或、成折μµ°℃²³") | {word[0] for word in (*CLASSIFIERS, *ZH_UNIT)}
_CLASSIFIER = re.compile(f" ?({trie(CLASSIFIERS)})")
#: classifier or unit to the characters after it that make it the start of another word (360集成, 米饭)
_NOT_CLASSIFIER = {word[0]: word[1:] for word in _TABLES["not_classifier"].split()}
_OTHER_WORD = {word[0]: word[1:] for word in _TABLES["other_word"].split()}
_NOUN_OF = {**{c: ZH_NOUN[c] for c in CLASSIFIERS & ZH_NOUN.keys()}, **LEXICON.inverted("noun_of")}
_UNIT = re.compile(f" ?(?:({trie(ZH_UNIT)})|{PATTERNS['latin_unit'].pattern})")
#: unit to a unit of speed, if the text before the number has the pattern of this unit (时速60公里)
_SPEEDS = {"km": "km/h", "公里": "km/h", "千米": "km/h", "英里": "mph", "英哩": "mph", "米": "m/s", "公尺": "m/s"}
_NOUN_CLASSIFIERS = frozenset(("", *"个家所座条项辆架艘支大类多")) - _NOUN_OF.keys()
#: up to four characters and a noun, or two nouns (企业用户 are users); a noun of one character ends its phrase
_NOUN_AFTER = re.compile(
    rf"(?:(?![{_H}的])[一-鿿]){{0,4}}?(?:({trie(noun for noun in ZH_NOUN if len(noun) > 1)}){{1,2}}(?![级队报化型])|"
    rf"([{''.join(noun for noun in ZH_NOUN if len(noun) == 1)}])"
    rf"(?=[{_H}的和与及或在有是被从共也都参等为已均之内中获]|[^一-鿿]|$))"
)


class ChineseContext(Scanner):
    """Reads units, classifiers and qualifiers around a number; ``t`` has full-width digits and signs folded."""

    lexicon = LEXICON
    CURRENCIES = {**EN_SYMBOL, **{name: ZH_UNIT[name][1] for name in _TABLES["currency_before"].split()}}  # noqa: RUF012
    SIGNS = signs(CURRENCIES, "(?:近|约|超过?|逾|共|仅|大约)?")
    SIGN_ENDS = frozenset("近约超过逾共仅") | {sign[-1] for sign in CURRENCIES}
    FOLDED = True
    begin = 0
    small_number = staticmethod(numerals.small)

    def unit_at(self, at: int) -> Tail | None:
        """Return kind, unit and end of the unit at ``at``, after at most one space."""
        t, match = self.t, _UNIT.match(self.t, at)
        if match is None:
            return None
        piece, start, stop = match[1] or match[2], match.end() - len(match[1] or match[2]), match.end()
        unit = ZH_UNIT[piece] if match[1] else latin_unit(piece)
        if unit is None or t[stop : stop + 1] in tuple(_OTHER_WORD.get(piece, "")):
            return None
        if piece in _TABLES["patterns"] and PATTERNS[piece].match(t, start) is None:
            return None
        if piece == "度":
            return self._read_degrees(start, stop)
        speed = _SPEEDS.get(piece)
        if speed is not None and PATTERNS[speed].search(t, max(0, start - 12), start):
            return "measure", speed, stop
        return (*unit, stop)

    def _read_degrees(self, at: int, stop: int) -> Tail | None:
        """Return the meaning of 度: kWh (用电8度), times (两度) or degrees."""
        t = self.t
        warmth = PATTERNS["warmth"].search(t, max(0, self.begin - 6), self.begin)
        if (t[at - 1] in "万亿" and not warmth) or PATTERNS["power"].search(t, max(0, at - 16), self.begin):
            return "measure", "kWh", stop
        if t[at - 1] not in DIGIT + "两" or t[at - 2 : at - 1] in tuple(_H + "下点") or warmth:
            return "measure", "degree", stop
        twice = t[at - 1] in "两三四五" and PATTERNS["times_du"].match(t, stop)
        return ("count", "", stop) if twice else None

    def classifier_at(self, at: int) -> int:
        """Return the end of the classifier at ``at``, or ``at`` if there is none."""
        match = _CLASSIFIER.match(self.t, at)
        if match is None:
            return at
        following = self.t[match.end() : match.end() + 1]
        return at if following and following in _NOT_CLASSIFIER.get(match[1], "") else match.end()

    def is_counted(self, at: int, *, tenths: bool = False) -> bool:
        """Whether a unit or classifier starts at ``at``, or with ``tenths`` also 成 or 折."""
        counted = self.unit_at(at) is not None or self.classifier_at(at) > at
        return counted or (tenths and PATTERNS["tenths"].match(self.t, at) is not None)

    def noun(self, start: int, stop: int) -> str:
        """Return the class of the noun, from the classifier between ``start`` and ``stop`` or the words after it."""
        classifier = self.t[start:stop].strip()
        match = _NOUN_AFTER.match(self.t, stop) if classifier in _NOUN_CLASSIFIERS else None
        if match is None or (match[2] and match.start(2) > stop + 2):
            return _NOUN_OF.get(classifier, "")
        return ZH_NOUN[match[1] or match[2]]

    def qualifier_before(self, start: int) -> str:
        """Return the qualifier in the words before ``start``, one of :data:`EXACTNESS`."""
        qualifier = self.adjacent_qualifier(start)
        reach = 64 if self.preceded_by(start, "等") else 14
        return qualifier or self.distant_qualifier("far", start, reach)

    def adjacent_qualifier(self, start: int) -> str:
        """Return the qualifier directly before ``start``, or an empty string."""
        t = self.t
        at = start - 1 if start and t[start - 1] == " " else start
        if t[at - 1 : at] in ("破", "过") and at > 1 and PATTERNS["past"].match(t, at - 2):
            return "more than"
        qualifier = self.lexicon.qualifiers.read(t, at)
        if not qualifier and (money := self.currency_before(at)) is not None:  # 超过人民币50万元
            return self.lexicon.qualifiers.read(t, money[1])
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
