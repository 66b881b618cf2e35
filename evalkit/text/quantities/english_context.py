"""The context of a number in English text: units, counted nouns, qualifiers, the second end of a range."""

from __future__ import annotations

import re
from decimal import Decimal

from evalkit.text.quantities import decimals as exact
from evalkit.text.quantities import english_lexicon as lexicon
from evalkit.text.quantities import english_words as words
from evalkit.text.quantities.collector import SpanCollector
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.nouns import EN_NOUN
from evalkit.text.quantities.units import EN_SYMBOL, EN_UNIT, latin_unit

__all__ = ["NUMBER_WORDS", "EnglishContext", "Symbol", "Tail"]

#: code of a currency, and where its sign begins
Symbol = tuple[str, int]
#: kind, unit, and where it ends
Tail = tuple[str, str, int]
NUMBER_WORDS = frozenset((*words.SMALL, *words.SCALES, "dozen"))

_UNIT_HEAD = re.compile(r"[ \-‑\u00a0]?([a-zA-Zμµ²³°º℃%㎡]{1,18}[23]?)")
_UNIT_MORE = re.compile(r"[ \-]([A-Za-z]{1,18})\.?(?:[ \-]([A-Za-z]{1,18}))?")
#: GB 18030, GB/T 2312: national standards of China, not gigabytes
_STANDARD = re.compile(r"(?:/[A-Z]+)? ?[0-9]{4}|/[A-Z]")
_US_DOLLARS = re.compile(r"[ -]?U\. ?S\.? ?(?:A\.)? ?dollars?\b")
_SPACED = {name: unit for name, unit in EN_UNIT.items() if re.search("[ .-]", name)}
#: first words of units of several words
_HEADS = frozenset(re.split(r"[ \-.]", name)[0].lower() for name in _SPACED)
_ALIAS = {re.sub(r"[-. ]+", " ", name.lower()).strip(): unit for name, unit in _SPACED.items()}
#: short units that must touch their digits
_TOUCHING = frozenset("WVAhFp")
#: lines of a picture, not pence
_RESOLUTIONS = frozenset(("144", "240", "360", "480", "540", "720"))
_LABEL_UNIT = re.compile(r"\(([A-Za-zµμ²³°℃%]{1,5}[23]?)\) ?: ?$")
_A_UNIT_AND = re.compile(r"\b(?:an?|one) (year|week|day|hour|minute) and $")
_NOUN_WORD = re.compile(r"[ \-]([a-z][a-z'’\-]*)")
PLURAL = re.compile("[a-z]{3,}[^su]s")

_RANGE = re.compile(rf"(?: ?[-–—~‑] ?| to ?)({words.DIGITS})(?![0-9])")
_MONEY_RANGE = re.compile(rf"(?: ?[-–—] ?| to )(?P<sign>(?:US|HK)?[$€£¥])({words.DIGITS})(?![0-9])")
_OR = re.compile(rf" or ({words.DIGITS})(?![0-9])")
_BETWEEN = re.compile(rf" and [$€£¥]?({words.DIGITS})(?![0-9])")
BETWEENS = ("between ", "between $", "between €", "between £", "between the ages of ")
SCORE = re.compile(r"(?:[-–—:]| to )([0-9]{1,3})(?![0-9]|[.,:][0-9]|%|-[0-9])")

_AT = re.compile(r"\bat (least|most) (?:[a-z]+ ){1,4}$")
_OPPOSITE = {"more than": "at most", "less than": "at least"}
#: a negation, at most a few words, and the qualifier
_NEGATED = re.compile(
    r"(?:\bnot|\bnever|\bno|\bnor|\bcannot|n['’]t)(?: (?:to|be|been|have|has|had|any|even|go|rise|fall|drop|get|reach))*"
    r" (?:more|less|fewer|greater|higher|lower|larger|smaller|older|younger|longer|over|above|under|below|beyond|"
    r"exceed(?:ed|ing)?|in excess)(?: than| of)?(?: a| an| the)? ?$"
)


def consecutive(a: str, b: str) -> bool:
    """Whether two runs of digits are neighbors, by their last digit that is not 0: 3 or 4, 70 or 80, 90 or 100."""
    if len(a) > 6 or len(b) > 6 or not (a.isdigit() and b.isdigit()):
        return False
    step = int(b) - int(a)
    return step == 10 ** (len(a) - len(a.rstrip("0"))) if step > 0 else False


def _tops(word: list[str]) -> bool:
    """Whether "top" after the word is a verb: will top, cases top."""
    return bool(word) and (word[0] in lexicon.WORDS["verb_before"] or PLURAL.fullmatch(word[0]) is not None)


class EnglishContext(SpanCollector):
    """Reads units, nouns and qualifiers around a number; ``t`` is the text in lower case."""

    # -- units and nouns --------------------------------------------------------------------------------------------

    def unit_at(self, q: int) -> Tail | None:
        """Kind, unit and end of the longest unit that begins here."""
        match = _UNIT_HEAD.match(self.text, q)
        if match is None:
            return None
        t, head, end = self.t, match[1], match.end()
        lower = head.lower()
        if t[end : end + 1] == "/" and (speed := latin_unit(self.text[match.start(1) : end + 2])):
            return speed[0], speed[1], end + 2
        if lower in lexicon.WORDS["between_unit"] and t[end : end + 1] == " ":
            match = _UNIT_HEAD.match(self.text, end)
            if match is None or len(match[1]) < 3:
                return None
            head, end = match[1], match.end()
            lower = head.lower()
        elif lower == "s" and match.start() == match.start(1) and "." in t[max(0, q - 3) : q]:
            return "duration", "second", end
        if head[0] == "%":
            return self._percent(match.start(1), q + len(match.group()))
        if head == "U" and (dollars := _US_DOLLARS.match(self.text, q)) is not None:
            return "money", "USD", dollars.end()
        if lower in _HEADS and (several := self._several_words(lower, end)) is not None:
            return several
        if len(head) <= 3 and self._no_short_unit(q, head, match.start(1) > q, end):
            return None
        hit = None if head == "GB" and _STANDARD.match(self.text, end) else latin_unit(head)
        return None if hit is None else (*hit, end)

    def _percent(self, start: int, end: int) -> Tail:
        if self.t.startswith(" point", end):
            return "percentage-point", "", end + 6 + self.t.startswith("s", end + 6)
        return "percent", "", start + 1

    def _several_words(self, head: str, end: int) -> Tail | None:
        """Square meters, percentage points, years old."""
        more = _UNIT_MORE.match(self.t, end + (self.t[end : end + 1] == "."))
        if more is None:
            return None
        a, b = more.groups()
        if b and (hit := _ALIAS.get(f"{head} {a} {b}")) is not None:
            return (*hit, more.end(2))
        if (hit := _ALIAS.get(f"{head} {a}")) is None:
            return None
        stop = more.end(1)
        return (*hit, stop + 4 if hit[0] == "duration" and self.t.startswith(" old", stop) else stop)

    def _no_short_unit(self, q: int, head: str, spaced: bool, end: int) -> bool:
        if (len(head) == 1 and spaced and head in _TOUCHING) or self.t[end : end + 1] in ("'", "’"):
            return True
        if head.lower() == "in":
            return spaced or head != "in"
        return head == "p" and (
            (self.t[max(0, q - 4) : q].isdigit() and q > 3) or self.t[max(0, q - 3) : q] in _RESOLUTIONS
        )

    def _larger_part(self, kind: str, start: int, unit: str) -> Quantity | None:
        """Also the year of "a year and three months", which is no quantity by itself."""
        match = _A_UNIT_AND.search(self.t, max(0, start - 18), start)
        if match is None or (kind, match[1]) not in EN_UNIT.values() or self.end() > match.start():
            return super()._larger_part(kind, start, unit)
        self.one(match.start(), start - 5, Decimal(1), kind, match[1], exact=self.before(match.start()))
        larger = super()._larger_part(kind, start, unit)
        if larger is None:
            self.quantities.pop()
        return larger

    def unit_ahead(self, start: int) -> tuple[str, str] | None:
        """Kind and unit that a label says before its number: weight (kg): 2.9."""
        window = self.text[max(0, start - 12) : start]
        match = _LABEL_UNIT.search(window) if ")" in window else None
        hit = None if match is None else latin_unit(match[1])
        return None if hit is None or ":" in hit[1] else hit

    def noun(self, q: int, *, plural: bool) -> str:
        """Class of the counted noun within the next words: a plural, so that what only describes it is passed over."""
        for _ in range(4):
            match = _NOUN_WORD.match(self.t, q)
            if match is None:
                return ""
            word = match[1]
            if word in lexicon.WORDS["noun_stop"] or word in NUMBER_WORDS:
                return ""
            name = EN_NOUN.get(word) or EN_NOUN.get(word.rpartition("-")[2])
            if name and (not plural or word[-1] == "s" or word in lexicon.WORDS["unmarked_plural"]):
                last = _NOUN_WORD.match(self.t, match.end())  # aircraft carriers: the noun that ends the row
                return EN_NOUN.get(last[1], name) if last is not None and last[1][-1] == "s" else name
            q = match.end()
        return ""

    def measured_or_counted(
        self, start: int, end: int, low: Decimal, high: Decimal, checkable: bool = True, at: int | None = None
    ) -> bool:
        """Adds about so many of the unit or noun that follows."""
        at = end if at is None else at
        if (unit := self.unit_at(at)) is not None:
            return self.add(start, unit[2], low, high, unit[0], unit[1], "", "about", checkable)
        return self.add(start, end, low, high, "count", "", self.noun(at, plural=True), "about", checkable)

    def symbol(self, start: int) -> Symbol | None:
        """Code of the currency sign before, and where the sign begins."""
        t = self.text
        at = start - 1 if t[start - 1] == " " else start
        for length in (5, 4, 3, 2, 1):
            if at < length or (code := EN_SYMBOL.get(t[at - length : at].replace(" $", "$", 1))) is None:
                continue
            if not (at > length and t[at - length - 1].isalpha() and t[at - length].isalpha()):
                return code, at - length
        return None

    # -- qualifiers -------------------------------------------------------------------------------------------------

    def before(self, start: int) -> str:
        """How exact the words before say it is; "not more than" is at most."""
        said = self._said_before(start)
        if said in _OPPOSITE and _NEGATED.search(" ".join(self.t[max(0, start - 48) : start].split()) + " "):
            return _OPPOSITE[said]
        return said

    def _said_before(self, start: int) -> str:
        parts = self.t[max(0, start - 26) : start].split()
        if not parts:
            return "exact"
        if parts[-1] == "top" and _tops(parts[-2:-1]):
            return "more than"  # cases top 60,000
        if not parts[0][0].isalpha():
            parts[0] = parts[0].lstrip("(“\"'‘[")
        skipped = parts.pop() if parts[-1] in lexicon.WORDS["skipped"] else ""
        if not parts or (skipped, parts[-1]) == ("every", "over") or parts[-2:] == ["the", "above"]:
            return "exact"  # over every four kilometres, the above two ships
        if parts[-1] in ("above", "below") and parts[-2:-1] == ["or"]:
            return "at least" if parts[-1] == "above" else "at most"  # of or above 80 inches
        phrases = lexicon.BEFORE.get(parts[-1])
        if phrases is None:
            return "about" if self.t[start - 1 : start] == "~" else self._far(start)
        said = next((said for head, said in phrases if tuple(parts[-len(head) - 1 : -1]) == head), "exact")
        subject = said == "about" and parts[-2:-1] and parts[-2] in lexicon.WORDS["not_about"]
        return "exact" if subject else said

    def _far(self, start: int) -> str:
        """At least, at most, a few words ahead: at most wait for 20 minutes."""
        begin = max(0, start - 36)
        match = _AT.search(self.t, begin, start) if "at " in self.t[begin:start] else None
        last = self.last()
        if match is None or (last is not None and last.span[1] > match.start()):
            return "exact"
        return f"at {match[1]}"

    def after(self, q: int, exactness: str) -> tuple[int, str]:
        """The qualifier behind, and where it ends."""
        match = lexicon.AFTER.match(self.t, q)
        if match is None:
            return q, exactness if exactness != "exact" else ""
        if match[2]:
            said = "more than" if match[2].strip() == "+" else "at least"
        else:
            said = "about" if match[3] else "at most" if match[4] else "at least"
        return match.end(), said

    # -- ranges -----------------------------------------------------------------------------------------------------

    def joined(
        self, start: int, q: int, low: Decimal, scale: int, symbol: Symbol | None, digits: str
    ) -> tuple[Decimal, Decimal, int, bool]:
        """The second end of a range, or the other side's score: both ends, where they end, and whether it is a score."""
        alone = low, low, q, False
        unit, match = self._second(start, q, low, symbol, digits)
        if match is None:
            return alone
        number = match[match.lastindex or 1]
        second = words.read(self.t, match.end(), number)
        if second is None:
            return alone
        if unit is not None:
            again = self.unit_at(second.end)
            if again is None or again[:2] != unit[:2]:
                return alone
        own = exact.of_digits(number)
        shared_scale = second.scale > scale == 0 and own is not None and low < own
        first = exact.shift(low, second.scale) if shared_scale else low
        if first < second.value:
            return first, second.value, second.end, False
        score = SCORE.match(self.t, q) if unit is None and symbol is None and len(digits) <= 3 else None
        if score is not None and "to" not in score.group() and (other := Decimal(score[1])) <= low:
            return other, low, score.end(), True
        return alone

    def _second(
        self, start: int, q: int, low: Decimal, symbol: Symbol | None, digits: str
    ) -> tuple[Tail | None, re.Match[str] | None]:
        """The unit of the first end, where it has one of its own, and the match of the second."""
        t, unit = self.t, None
        match = _RANGE.match(t, q)
        if match is None and symbol is not None and (money := _MONEY_RANGE.match(self.text, q)) is not None:
            match = money if EN_SYMBOL.get(money["sign"]) == symbol[0] else None
        if match is None and (unit := self.unit_at(q)) is not None:
            match = _RANGE.match(t, unit[2])
            either = _OR.match(t, unit[2]) if match is None else None
            if either is not None and consecutive(digits, either[1]):
                match = either
        if match is None and self.follows(start, *BETWEENS):
            match = _BETWEEN.match(t, q)
        if match is None and (either := _OR.match(t, q)) is not None:
            other, unit_of_both = exact.of_digits(either[1]), self.unit_at(either.end())
            near = other is not None and low < other <= 2 * low and unit_of_both is not None  # 60 or 65 percent
            if near or consecutive(digits, either[1]):
                match = either
        return unit, match
