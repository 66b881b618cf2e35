"""Quantities in English text.

One scan of the text in lower case finds digits and the few words that can begin a quantity; everything else looks only
at the words around them, so the work is linear in the length of the text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from evalkit.text.quantities import decimals as exact
from evalkit.text.quantities import english_dates as dates
from evalkit.text.quantities import english_lexicon as lexicon
from evalkit.text.quantities import english_words as words
from evalkit.text.quantities.collector import Found
from evalkit.text.quantities.dates import Day, date_quantity, time_quantity
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.nouns import EN_NOUN
from evalkit.text.quantities.units import DEGREES, EN_RATE, EN_SYMBOL, EN_UNIT, latin_unit, percent_of

__all__ = ["extract"]

_FOLD = {f"{w}fold": i for w, i in words.SMALL.items() if 2 <= i <= 20}
_TIMES = {"doubled": 2, "doubling": 2, "tripled": 3, "tripling": 3, "trebled": 3, "quadrupled": 4, "quadrupling": 4}
_DECADES = {
    f"{w[:-1]}ies": 20 + 10 * i for i, w in enumerate(("twenty thirty forty fifty sixty seventy eighty ninety").split())
}
_WHOSE = ("his ", "her ", "their ", "my ", "your ", "our ")
_HUNDRED_YEARS = {"centenary": 100, "centennial": 100, "bicentenary": 200, "bicentennial": 200}
_PRONOUN_BEFORE = frozenset(
    ("no any every some the this that each which another only new big good first number").split()
)
_NUMBER_WORDS = frozenset((*words.SMALL, *words.SCALES, "dozen"))
_BEGIN = [
    *_NUMBER_WORDS,
    *words.PLURAL_SCALES,
    *words.ORDINALS,
    *dates.MONTHS,
    *_FOLD,
    *_TIMES,
    *_DECADES,
    *_HUNDRED_YEARS,
    *("halfway noon midnight score scores no clock fortnight").split(),
    *(
        "dozens half quarter couple several few last this next twice thrice double triple both pair decade decades "
        "century centuries"
    ).split(),
]
_CANDIDATE = re.compile(rf"(?<![a-z])(?:{words.DIGITS}|{words.trie(_BEGIN)}(?![a-z]))|{words.DIGITS}")
#: letters that digits may follow without a space.
_GLUED = ("rmb", "rs", "usd", "eur", "cny", "hkd", "to", "rm")
_ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")

_UNIT_HEAD = re.compile(r"[ \-‑\u00a0]?([a-zA-Zμµ²³°º℃%㎡]{1,18}[23]?)")
_US_DOLLARS = re.compile(r"[ -]?U\. ?S\.? ?(?:A\.)? ?dollars?\b")
_UNIT_MORE = re.compile(r"[ \-]([A-Za-z]{1,18})\.?(?:[ \-]([A-Za-z]{1,18}))?")
_SPACED_ALIAS = {name: unit for name, unit in EN_UNIT.items() if " " in name or "-" in name or "." in name}
#: first words of units of several words
_HEADS = frozenset(re.split(r"[ \-.]", name)[0].lower() for name in _SPACED_ALIAS)
_NORMAL_ALIAS = {re.sub(r"[-. ]+", " ", name.lower()).strip(): unit for name, unit in _SPACED_ALIAS.items()}
#: short units that must touch their digits.
_TOUCHING = frozenset("WVAhFp")
#: lines of a picture, not pence
_RESOLUTIONS = frozenset(("144", "240", "360", "480", "540", "720"))
#: words that stand between a number and its unit: three consecutive years.
_BETWEEN_UNIT = frozenset(
    (
        "consecutive straight full whole successive more additional solid calendar entire further extra long short"
    ).split()
)
_NOUN_WORD = re.compile(r"[ \-]([a-z][a-z'’\-]*)")
_RANGE = re.compile(rf"(?: ?[-–—~‑] ?| to ?)({words.DIGITS})(?![0-9])")
_TO_A_SCALE = re.compile(r" to (?:a|one) (hundred|thousand|million|billion|trillion)\b")
_OR = re.compile(rf" or ({words.DIGITS})(?![0-9])")
_MONEY_RANGE = re.compile(rf"(?: ?[-–—] ?| to )(?P<sign>(?:US|HK)?[$€£¥])(?P<number>{words.DIGITS})(?![0-9])")
_BETWEEN = re.compile(rf" and [$€£¥]?({words.DIGITS})(?![0-9])")
_BETWEENS = ("between ", "between $", "between €", "between £", "between the ages of ")
_WORD_RANGE = re.compile(rf"(?:-| )(to|or|and)(?:-| )({words.alternatives(words.SMALL)}|[0-9]{{1,3}})\b(?![.,][0-9]|:)")
_SCORE = re.compile(r"(?:[-–—:]| to )([0-9]{1,3})(?![0-9]|[.,:][0-9]|%|-[0-9])")
_SERIAL = re.compile(r"-[0-9]+-[0-9]")
_LISTED = re.compile(r", (?=[A-Z\[])")
_ADDRESS = re.compile(r"(?: [A-Z][a-z]+){1,4} (?:Road|Street|Avenue|Lane|Boulevard|Rd|Ave)\b")
_LADDER = re.compile("[0-9]{1,2}(?:-[0-9]{1,2}){2,6}(?![0-9-])")
_AGES = re.compile("[0-9]{1,2}(?:-[0-9]{1,2}){2,6}(?: years? old|-years?-olds?)")
_EMERGENCY = frozenset(("110", "112", "119", "120", "911", "999"))
_CALLS = ("call ", "called ", "calling ", "calls ", "rang ")
_SLASH = re.compile(r"/([0-9]{1,3})(?![0-9/])")
#: 420m people, 2.3m yuan
_MILLIONS = re.compile(
    r"([mb]) (?=(?:[a-z]+ ){0,2}(?:yuan|rmb|renminbi|dollars|euros|pounds|rupees|yen|won|rubles|people|users|customers|"
    r"viewers|passengers|tourists|visitors|workers|jobs|cases|doses|residents|children|adults|women|men|students|voters|"
    r"subscribers|followers|fans|households|families|vehicles|tickets|copies|downloads|shares|barrels|tons|tonnes)\b)"
)
_MONEY_SCALE = re.compile(r" ?([mbtMBT])\b")
_ORDINAL_TAIL = re.compile(r"(?:st|nd|rd|th)(?![a-z])")
_DATED = re.compile(r"[ \-](?:birthday|anniversary)\b")
_CENTURY = re.compile(r"[ \-](?:century\b(?! old)|centuries\b)")
_TO_CENTURY = re.compile(r"(?: ?[-–—] ?| to | and )(?:the )?[0-9a-z-]{3,14} (?:century\b(?! old)|centuries\b)")
_TIMES_TAIL = re.compile(r"[ \-]times\b")
_FOLD_TAIL = re.compile(r"[ \-]?fold\b")
_FRACTION_TAIL = re.compile(
    r"[ \-‑](thirds?|quarters?|fourths?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?|half|halves|hundredths?)\b"
)
_DENOMINATOR = {
    **{word: value for word, value in words.ORDINALS.items() if 3 <= value <= 10 or value == 100},
    "quarter": 4,
    "half": 2,
    "halve": 2,
}
_OR_TWO = re.compile(r"\b(?:an?|another) (minute|hour|day|week|month|year|decade|mile) or $")
_QUARTER_OF_SCALE = re.compile(r"(?:[ \-]| of a )(million|billion|trillion)\b")
_SCORES_OF = re.compile(r"(s)? of (?=[a-z]+s\b|people|men|women|children)")
_BEFORE_SCORES = re.compile(
    r"(?:^|[.,;:(—“\"] ?|\b(?:and|by|with|for|to|from|of|in|killed|killing|injured|injuring|left|leaving|drew|has|have|had) )$"
)
_SCORE_TIMES = re.compile(r"\b(two|three|four|five|six)[ \-]$")
_HALF_UNIT = re.compile(
    r"(?:[ \-](?:a|an|of a))?[ \-](million|billion|trillion|thousand|hundred|dozen|year|month|hour|day|century|decade|mile|"
    r"kilogram|kilometer|kilometre|ton|pound|minute|second|inch|metre|meter|acre)\b"
)
_UNIT_AND_A = re.compile(r"(?:\b|(?<=\s))([a-z0-9]+)[ -]((?:year|hour|month|week|mile|decade|day)s?) and a $")
_COUPLE_OF = re.compile(r" (?:of )?(hundred|thousand|million|billion|dozen)\b")
_AT = re.compile(r"\bat (least|most) (?:[a-z]+ ){1,4}$")
#: words that have a capital for other reasons than naming a product.
_NO_NAMES = (
    frozenset(("age", "aged", "ages"))
    | lexicon.SKIPPED
    | lexicon.NOUN_STOP
    | lexicon.WEEKDAYS
    | frozenset(dates.MONTHS)
)
_RATE = re.compile(r"(?: an? | per | each | every |/)([a-z]{2,9}2?)\b")
_PAST = re.compile(r"\b(half|(?:a )?quarter) (past|after|to) $")
_PART_OF_DAY = re.compile(r" (?:in the (?=[mae])|at (?=n))(morning|afternoon|evening|night)\b")
_AGED = (" age ", " aged ", " ages ", " age of ", " ages of ")
_HALVES = {"morning": "am", "afternoon": "pm", "evening": "pm", "night": "night"}
_HOUR_BEFORE = ("at ", "by ", "until ", "till ", "from ", "around ", "about ", "before ", "after ", "to ")
_OUT_OF = re.compile(rf" (in|out of)(?: every)? ({words.DIGITS}|{words.alternatives(words.SMALL)}|hundred|thousand)\b")
_LABEL_UNIT = re.compile(r"\(([A-Za-zµμ²³°℃%]{1,5}[23]?)\) ?: ?$")
_FEET = re.compile("['’′] ?([0-9]|1[01])[\"”″]")
_QUOTED_WORD = re.compile(r" [a-z]+[”\"’']")
_OF_SEVERAL = re.compile("-[a-z]{3,}[^su ]s(?= [a-z])")
_PLURAL = re.compile("[a-z]{3,}[^su]s")
_OR_TWO = re.compile(r"\b(?:an?|another) (minute|hour|day|week|month|year|decade|mile) or $")
_OF_SCALE = re.compile(r" of (thousand|million|billion|trillion)s?\b")
_SURE_HALF = re.compile(r" (?:of|the|as|that|its|their|an?|what)\b")
_OTHER_HALF = frozenset(("first second last other better latter final - and top bottom upper lower next half").split())
_HALF_AFTER = frozenset(("than nearly almost over about by in one around").split())
_YEAR_BEFORE = frozenset(("in since of by until till from year during before after").split())
_NOT_YEAR_BEFORE = frozenset(("than over about nearly almost approximately around some least").split())
_IN_YEAR = (" in ", " since ", " during ", " by ", "from ")
_COMPARED_YEAR = re.compile(
    r"\b(?:increas|growth|grew|rose|rise|rising|up|gain|jump|drop|declin|decreas|fell|fall|down|higher|lower|more|less|"
    r"compared|improv|climb)[a-z]*\b[^.;]{0,40} (?:over|than|from) $"
)
_PLAN = re.compile(r"[ \-]year[ \-](?:plan|development)")
#: before a scale word without number: words per thousand.
_PER = (" per ", " every ", " each ")
_NO_CASES = re.compile(
    r" (?:(?:new|more|further|confirmed|additional|other|reported|local|domestic|known|related|serious|imported)[ -]){0,3}"
    r"(?:cases?|deaths?|fatalities|infections?|injuries|casualties|patients?|victims?|goals?|points?|votes?|survivors?)\b"
)
_ZERO = Decimal(0)
_DAY_HOURS = Decimal(24)
_OLDEST = 115
_ONE = Decimal(1)
_TWO = Decimal(2)
_FOUR = Decimal(4)
_NINE = Decimal(9)
_TWENTY = Decimal(20)
_FIFTY = Decimal(50)
_TWENTY_FIVE = Decimal(25)
_Symbol = tuple[str, int]
_Tail = tuple[str, str, int]


def extract(text: str, when: Day | None) -> list[Quantity]:
    """Quantities of an English text, in order, not overlapping."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = text.translate(_ASCII_LOWER)
    return _Scan(text, lower, when).run()


class _Scan(Found):
    """One pass over one text; ``s`` is the text in lower case, of the same length."""

    def __init__(self, text: str, lower: str, when: Day | None) -> None:
        super().__init__(text)
        self.s = lower
        self.when = when
        self.scored = False  # whether the two numbers just joined are a score, not a range
        self.named = -1  # where a number ended that was part of a name or a list
        self.labelled = ("", 0)  # the word before the last bare number, and the number

    def run(self) -> list[Quantity]:
        for match in _CANDIDATE.finditer(self.s):
            start, end = match.span()
            if start < self.done:
                continue
            word = match.group()
            if word[0] in "0123456789":
                self._digits(start, end, word)
            elif word in _NUMBER_WORDS:
                self._number_word(start, end, word)
            elif word in dates.MONTHS:
                if self.text[start].isupper():
                    self._take_all(dates.month_first(self.text, start, end, self.when))
            elif word in words.ORDINALS:
                self._ordinal_word(start, end, word)
            else:
                self._other_word(start, end, word)
        return self.quantities

    def _take_all(self, quantities: list[Quantity]) -> bool:
        for quantity in quantities:
            self.take(quantity)
        return bool(quantities)

    # -- digits -----------------------------------------------------------------------------------------------------

    def _digits(self, start: int, end: int, digits: str) -> None:
        s = self.s
        before = s[start - 1] if start else " "
        after = s[end] if end < len(s) else " "
        symbol = self._symbol(start) if before in _SYMBOL_ENDS else None
        if symbol is None and before != " " and self._belongs_to_name(start, before):
            self._skip(end)
            return
        if before.isalpha() and symbol is None and not s[max(0, start - 3) : start].strip().endswith(_GLUED):
            self._skip(end)
            return
        if after == "." and s[end + 1 : end + 2].isdigit():
            if "." in digits and (day := dates.iso(self.text, start)) is not None:
                self.take(day)
            else:
                self._skip(end)
            return
        if symbol is None and self._calendar(start, end, digits, after):
            return
        if after == "s" and len(digits) == 2 and self._tens(start, end, digits):
            return
        if after in "snrt" and _ORDINAL_TAIL.match(s, end):
            if day := dates.day_alone(self.text, start, end, self.last()):
                self.take(day)
                return
            self._ordinal(start, end + 2, exact.of_digits(digits))
            return
        if symbol is None and self._uncounted(start, end, digits, after):
            self.named = end
            return
        if s[max(0, start - 7) : start].endswith(("double ", "no.", "no. ")):
            self._skip(end)
            return
        if after == "/" and (fraction := _SLASH.match(s, end)):
            self._slash(start, fraction, digits)
            return
        number = words.read(s, end, digits)
        if number is None:
            return
        value, q, scale = number
        if symbol is None and (self._hour(start, q, value) or self._out_of(start, q, value)):
            return
        if symbol is None and (feet := _FEET.match(s, end)) and len(digits) == 1:
            inches = Decimal(12 * int(digits) + int(feet[1]))
            self.add(start, feet.end(), inches, inches, "measure", "inch", "", self._before(start))
            return
        if scale == 3 and self.text[q - 1] == "K" and q == end + 1 and symbol is None and value <= 10000:
            self.done = q  # the resolution of a screen, a network, a race
            return
        if symbol is None and scale == 0 and (millions := _MILLIONS.match(s, q)) is not None:
            power = {"m": 6, "b": 9}[millions[1]]
            value, q, scale = exact.shift(value, power), millions.end(1), power
        if symbol is not None and scale == 0 and (short := _MONEY_SCALE.match(s, q)):
            power = {"m": 6, "b": 9, "t": 12}[short[1]]
            value, q, scale = exact.shift(value, power), short.end(), power
        self._finish(start, q, value, value, scale, symbol, digits)

    def _belongs_to_name(self, start: int, before: str) -> bool:
        """Whether the character before makes the digits a part of a name: COVID-19, B-2, #5."""
        s = self.s
        last = self.last()
        if before == "-" and last is not None and last.span[1] == start - 1:
            return False
        if before == "-":
            i = start - 2
            while i >= 0 and i > start - 20 and s[i].isalnum():
                i -= 1
            word = self.text[i + 1 : start - 1]
            if not word or word.isdigit() or word.lower() in _PREFIXES:
                return False
            return not ("1900" <= s[start : start + 4] < "2100" and word[-1].islower())
        if before in ".,":
            return start > 1 and s[start - 2] in "0123456789"
        return before in "_#\\@=&" or (before == "/" and start > 1 and s[start - 2].isalnum())

    def _uncounted(self, start: int, end: int, digits: str, after: str) -> bool:
        """Digits that count nothing: list numbers, names of models, telephone and serial numbers."""
        s = self.s
        if after.isalpha() and self._unit_at(end) is None and not words.SCALE.match(s, end) and after != "x":
            self._skip(end)
            return True
        at_start = start == 0 or s[start - 1] == "\n" or (s[start - 1] == "(" and (start == 1 or s[start - 2] == "\n"))
        if at_start and len(digits) <= 2 and (after in ")." or _LISTED.match(self.text, end)):
            return True
        if after == " " and _ADDRESS.match(self.text, end):
            return self._name(start, end, digits)
        if digits == "7" and s.startswith("-eleven", end):
            self.done = end + len("-eleven")
            return True
        if digits in _EMERGENCY and (s.startswith(" call", end) or s.endswith(_CALLS, max(0, start - 8), start)):
            return True
        aged = f" {s[max(0, start - 9) : start]}".endswith(_AGED)
        if after == "-" and (found := (_LADDER if aged else _AGES).match(s, start)):
            ages = [Decimal(age) for age in re.findall("[0-9]+", found.group())]
            self.add(start, found.end(), min(ages), max(ages), "duration", "year", "age")
            return True
        if after == "-" and _SERIAL.match(s, end):
            self._skip(end)
            return True
        if "[" in (before := s[start - 1 : start]) + after.replace("]", "[") and before in "[, " and after in "],":
            return True
        if digits[0] == "0" and len(digits) > 1 and digits.isdigit():
            return True
        if len(digits) >= 7 and digits.isdigit() and not digits.endswith("00"):
            return True
        if self.named >= 0 and s[self.named : start] in (", ", " and ", ",", "-", " or ", " to ", " & ", "/"):
            return True
        head = s[max(0, start - 14) : start]
        parts = head.split()
        if not parts or not head[-1].isspace():
            return False
        word = parts[-1].rpartition(">")[2].lstrip("(\"'“")
        if self._series(word, digits, after) or head.endswith(lexicon.DIALLED):
            return self._unit_at(end) is None and self._name(start, end, digits)
        if word == "number" and ("," in digits or (len(parts) > 1 and parts[-2] in lexicon.VERB_BEFORE)):
            return False  # they will number 110,000
        if word == "of" and self.text[start - 9 : start] == "Group of ":
            return self._noun(end, plural=True) == "" and self._name(start, end, digits)
        if word in lexicon.NAMED or (word in lexicon.NAMED_CAPITAL and self.text[start - len(parts[-1]) - 1].isupper()):
            return self._unit_at(end) is None and not words.SCALE.match(s, end) and self._name(start, end, digits)
        return self._after_name(start, end, word) and self._name(start, end, digits)

    def _name(self, start: int, end: int, digits: str) -> bool:
        """A number that counts nothing may be taken for one that does on the other side: it can be matched, not missed."""
        if digits.isdigit() and len(digits) <= 5:
            self.add(start, end, Decimal(digits), Decimal(digits), "count", checkable=False)
        return True

    def _series(self, word: str, digits: str, after: str) -> bool:
        """chip 1, chip 2: the numbers of things that are called the same."""
        last, self.labelled = self.labelled, (word, int(digits) if digits.isdigit() and len(digits) < 4 else 0)
        if word != last[0] or self.labelled[1] != last[1] + 1 or not last[1] or after.isalnum() or after == "-":
            return False
        return word.isalpha() and len(word) > 2 and word not in _NO_NAMES and word not in lexicon.BEFORE

    def _after_name(self, start: int, end: int, word: str) -> bool:
        """Porsche 911: a capitalised word, a bare number, and no noun after it."""
        at = start - 1 - len(word)
        acronym = len(word) > 1 and self.text[max(0, at) : start - 1].isupper()
        if (
            at < 0
            or (at == 0 and not self.text[end + 1 : end + 2].isupper() and not acronym)
            or not self.text[at].isupper()
            or not word.isalpha()
            or (at > 0 and self.text[at - 2 : at - 1] in (".", "", "”"))
        ):
            return False
        s = self.s
        if word in _NO_NAMES or word in lexicon.BEFORE or end - start > 4 + acronym or "." in s[start:end]:
            return False
        following = _NOUN_WORD.match(s, end)
        if following is None:
            return s[end : end + 1] in ("", *",.;)!?”'") or s[end : end + 2] in (" +", " &", " [", " |", " (")
        if following[1] in lexicon.NOUN_STOP:
            return True
        return (
            not _PLURAL.fullmatch(following[1])
            and following[1] not in lexicon.UNMARKED_PLURAL
            and self._unit_at(end) is None
        )

    def _skip(self, at: int) -> None:
        s = self.s
        while at < len(s) and (s[at].isalnum() or (s[at] in ".-" and s[at + 1 : at + 2].isdigit())):
            at += 1
        self.done = at

    def _slash(self, start: int, found: re.Match[str], digits: str) -> None:
        """1/3 is a fraction; 24/7 and 9/11 are none."""
        end = found.end()
        bottom = int(found[1])
        self.done = end
        if (digits, bottom) == ("24", 7):
            self.add(start, end, _DAY_HOURS, _DAY_HOURS, "duration", "hour", checkable=False)
            return
        if (digits, bottom) == ("9", 11):
            self.take(date_quantity(start, end, self.text[start:end], None, 9, 11, checkable=False))
            return
        if not digits.isdigit() or len(digits) > 3 or not 0 < int(digits) < bottom:
            return
        value = percent_of(int(digits), bottom)
        self.add(start, end, value, value, "percent", "", "", self._before(start))

    def _symbol(self, start: int) -> _Symbol | None:
        """Code of the currency sign before, and where the sign begins."""
        t = self.text
        at = start - 1 if t[start - 1] == " " else start
        for length in (5, 4, 3, 2, 1):
            if at < length or (code := EN_SYMBOL.get(t[at - length : at].replace(" $", "$", 1))) is None:
                continue
            if at > length and t[at - length - 1].isalpha() and t[at - length].isalpha():
                continue
            return code, at - length
        return None

    # -- the calendar and the clock ---------------------------------------------------------------------------------

    def _calendar(self, start: int, end: int, digits: str, after: str) -> bool:
        t = self.text
        length = len(digits)
        if after in " b" and (quantity := dates.before_christ(t, start, end)) is not None:
            self.take(quantity)
            return True
        if "." in digits and 6 <= length <= 7 and (quantity := dates.iso(t, start)) is not None:
            self.take(quantity)
            return True
        if length == 4 and digits.isdigit():
            return self._year(start, end, digits, after)
        if length > 5 or (length > 2 and "." not in digits):
            return False
        if length <= 2:
            if after == "/" and (quantity := dates.iso(t, start)) is not None:
                self.take(quantity)
                return True
            if self._take_all(dates.day_first(t, start, self.when)):
                return True
            score = _SCORE.match(self.s, end) if after == ":" else None
            if score is not None and len(score[1]) == 1 and (part := _PART_OF_DAY.match(self.s, score.end())):
                half, stop = _HALVES[part[1]], part.end()
                self.take(
                    time_quantity(start, stop, t[start:stop], int(digits), int(score[1]), half, self._before(start))
                )
                return True
            if score is not None and len(score[1]) != 2:
                a, b = Decimal(digits), Decimal(score[1])
                self.add(start, score.end(), min(a, b), max(a, b), "count", "", "score")
                return True
        if after in " :apAPhH." or "." in digits:
            quantity = dates.clock(t, start)
            if quantity is not None:
                self.take(replace(quantity, exact=self._before(start)))
                return True
        return False

    def _year(self, start: int, end: int, digits: str, after: str) -> bool:
        t = self.text
        found = _RANGE.match(self.s, end)
        counted = found is not None and (len(found[1]) != 4 or found[1][:2] not in ("18", "19", "20"))
        counted = (
            counted
            and found is not None
            and not (" to" in found.group() and self.s[max(0, start - 7) : start].endswith(_IN_YEAR))
        )
        if found is not None and counted and (len(found[1]) > 2 or self._unit_at(found.end()) is not None):
            return False
        if after in "-/." and (quantity := dates.iso(t, start)) is not None:
            self.take(quantity)
            return True
        if after in "s'’ " and (quantity := dates.decade(t, start, end)) is not None:
            self.take(quantity)
            return True
        if (after in " guh" or digits[0] == "0") and (quantity := dates.clock(t, start)) is not None:
            self.take(quantity)
            return True
        year = int(digits)
        if not 1000 <= year < 2200 or (after.isalpha() and after != "s") or after in "%°":
            return False
        head = self.s[max(0, start - 14) : start].split()
        word = head[-1] if head else ""
        placed = word in _YEAR_BEFORE and year >= 1400
        compared = word in ("over", "than", "from") and _COMPARED_YEAR.search(self.s, max(0, start - 60), start)
        if (
            not placed
            and not compared
            and (not 1800 <= year < 2100 or word in _NOT_YEAR_BEFORE or word in lexicon.NAMED)
        ):
            return False
        if words.SCALE.match(self.s, end) or self._unit_at(end) is not None or self._noun(end, plural=True):
            return False
        return self._take_all(dates.season(t, start, end))

    def _ordinal(self, start: int, end: int, value: Decimal | None) -> None:
        s = self.s
        if value is None:
            self.done = end
            return
        if s[start].isdigit() and self._take_all(dates.day_first(self.text, start, self.when)):
            return
        if _TO_CENTURY.match(s, end):
            self.take(date_quantity(start, end, self.text[start:end], None, unit="century", century=int(value)))
        elif found := _CENTURY.match(s, end):
            stop = found.end()
            self.take(date_quantity(start, stop, self.text[start:stop], None, unit="century", century=int(value)))
        elif found := _DATED.match(s, end):
            self.add(start, found.end(), value, value, "duration", "year", "anniversary")
        else:
            self.add(start, end, value, value, "ordinal", checkable=False)

    def _tens(self, start: int, end: int, digits: str) -> bool:
        """The '60s are a decade; in his 20s is an age."""
        s = self.s
        if digits[1] != "0" or s[end + 1 : end + 2].isalpha():
            return False
        head = s[max(0, start - 12) : start]
        tens = int(digits)
        if head.endswith(("'", "’", "the ", "post-")) and tens >= 30:
            self.take(date_quantity(start, end + 1, self.text[start : end + 1], 1900 + tens, unit="decade"))
            return True
        if any(whose in head for whose in _WHOSE):
            low, high = Decimal(tens), Decimal(tens + 9)
            self.add(start, end + 1, low, high, "duration", "year", "age", "about", False)
            return True
        return False

    # -- words ------------------------------------------------------------------------------------------------------

    def _other_word(self, start: int, end: int, word: str) -> None:
        if word in ("last", "this", "next"):
            if self.when is not None:
                quantity = dates.relative(self.text, start, end, word, self.when)
                if quantity is not None:
                    self.take(quantity)
        elif word == "half":
            self._half(start, end)
        elif word == "quarter":
            if part := _QUARTER_OF_SCALE.match(self.s, end):
                value = exact.times(Decimal("0.25"), Decimal(10 ** words.SCALES[part[1]]))
                begin = start - 2 if self.s[start - 2 : start] == "a " else start
                self._finish(begin, part.end(), value, value, words.SCALES[part[1]], None, "")
            elif self.s[start - 2 : start] == "a " and self.s.startswith((" of", " to a "), end):
                self.add(start - 2, end, _TWENTY_FIVE, _TWENTY_FIVE, "percent", "", "", self._before(start - 2))
        elif word in words.PLURAL_SCALES or word == "dozens":
            self._plural(start, end, word)
        elif word in ("decade", "decades", "century", "centuries"):
            self._ages(start, end, word)
        elif word in _HUNDRED_YEARS:
            value = Decimal(_HUNDRED_YEARS[word])
            self.add(start, end, value, value, "duration", "year", "anniversary", "exact", False)
        elif word in ("score", "scores"):
            self._score_of(start, end, word)
        elif word in _DECADES:
            self._decade_word(start, end, word)
        elif word in ("noon", "midnight"):
            hour = 12 if word == "noon" else 0
            said = time_quantity(start, end, self.text[start:end], hour, 0, "pm" if hour else "am", checkable=False)
            self.take(said)
        elif word == "no":
            if _NO_CASES.match(self.s, end):
                self.add(start, end, _ZERO, _ZERO, "count", checkable=False)
        elif word == "clock":
            if self.s.endswith(("around the ", "round the "), 0, start):
                self.add(start, end, _DAY_HOURS, _DAY_HOURS, "duration", "hour", checkable=False)
        elif word == "fortnight":
            self.add(start, end, _ONE, _ONE, "duration", "fortnight", "", self._before(start))
        elif word == "halfway":
            self.add(start, end, _FIFTY, _FIFTY, "percent", checkable=False)
        elif word in _FOLD:
            value = Decimal(_FOLD[word])
            self.add(start, end, value, value, "multiple", "", "", self._before(start), word != "twofold")
        elif word in _TIMES:
            value = Decimal(_TIMES[word])
            self.add(start, end, value, value, "multiple", "", "", self._before(start))
        elif word in ("double", "triple"):
            if lexicon.COMPARED.match(self.s, end) or self.s[start - 4 : start] == " in ":
                value = Decimal(2 if word == "double" else 3)
                self.add(start, end, value, value, "multiple", "", "", self._before(start))
        elif word == "twice" and self.s.startswith(" the result", end):
            return  # with half the effort
        elif word in ("twice", "thrice"):
            value = Decimal(2 if word == "twice" else 3)
            kind = "multiple" if lexicon.COMPARED.match(self.s, end) else "count"
            once = kind == "count" and self.s[max(0, start - 8) : start] == "once or "
            begin, low = (start - 8, _ONE) if once else (start, value)
            self.add(begin, end, low, value, kind, "", "" if kind == "multiple" else "time", self._before(begin))
        else:
            self._vague(start, end, word)

    def _score_of(self, start: int, end: int, word: str) -> None:
        """A score of villagers, three score years, scores of people; any other score is a result."""
        s = self.s
        times = _SCORE_TIMES.search(s, max(0, start - 6), start)
        if times is not None and word == "score":
            last = self.last()
            if last is not None and last.span[1] > times.start():
                self.quantities.pop()
            value = Decimal(20 * words.SMALL[times[1]])
            self._finish(times.start(), end, value, value, 1, None, "")
        elif _SCORES_OF.match(s, start + len("score")) is None:
            return
        elif word == "scores":
            if _BEFORE_SCORES.search(s, max(0, start - 10), start) is None:
                return
            self.add(start, end, Decimal(40), Decimal(99), "count", "", self._noun(end + 3, plural=True), "about")
        elif s[max(0, start - 2) : start] == "a ":
            self.add(start - 2, end, _TWENTY, _TWENTY, "count", "", self._noun(end + 3, plural=True))

    def _decade_word(self, start: int, end: int, word: str) -> None:
        """The eighties are a decade; in his forties is an age."""
        tens = Decimal(_DECADES[word])
        if any(whose in self.s[max(0, start - 14) : start] for whose in _WHOSE):
            self.add(start, end, tens, tens + 9, "duration", "year", "age", "about", False)
        elif self.s[max(0, start - 4) : start].endswith("the ") or self.text[start].isupper():
            surface, year = self.text[start:end], 1900 + _DECADES[word]
            self.take(replace(date_quantity(start, end, surface, year, unit="decade"), checkable=tens >= 50))

    def _ages(self, start: int, end: int, word: str) -> None:
        """Decades: tens of years; a decade is one."""
        s = self.s
        unit = "decade" if word.startswith("decade") else "century"
        if word in ("decade", "century"):
            if s[start - 1 : start] not in ("-", "'", "’"):
                self.add(start, end, _ONE, _ONE, "duration", unit, "", self._before(start))
            return
        power = 1 if unit == "decade" else 2
        sure = not s[max(0, start - 4) : start].endswith("the ")
        self.add(start, end, Decimal(f"2E{power}"), Decimal(f"9E{power}"), "duration", "year", "", "about", sure)

    def _number_word(self, start: int, end: int, word: str) -> None:
        s = self.s
        before = s[start - 1] if start else " "
        if (
            before == "-" and start > 1 and s[start - 2].isalpha() and not s.endswith(("top-", "multi-"), 0, start)
        ) or s[max(0, start - 7) : start] == "double ":
            return
        if s[end : end + 8] in (" o'clock", " o’clock") and word in words.SMALL and words.SMALL[word] <= 12:
            said = self._before(start)
            self.take(time_quantity(start, end + 8, self.text[start : end + 8], words.SMALL[word], 0, "", said))
            return
        if word == "two" and (found := _OR_TWO.search(s, max(0, start - 24), start)) is not None:
            kind, unit = EN_UNIT[found[1]]
            self.add(found.start(), end, _ONE, _TWO, kind, unit)
            return
        if word in words.SCALES and s.endswith("multi-", 0, start):
            power = words.SCALES[word]
            self._finish(start - 6, end, exact.shift(_TWO, power), exact.shift(_NINE, power), power, None, "", "about")
            return
        number = words.read(s, end, word)
        if number is None:
            return
        value, q, scale = number
        if 0 <= self.named < start and s[self.named : start] in (", ", " and ", ", and ", " or "):
            self.named = q  # grade one, two and three
            return
        if (
            s.startswith(("-way", "-fifty"), q)
            or self._named_by_word(start, q)
            or self._hour(start, q, value)
            or self._out_of(start, q, value)
        ):
            return
        article = s[start - 2 : start] == "a " and (start == 2 or not s[start - 3].isalnum())
        if q == end:
            if word in words.SCALES and not article and not s[max(0, start - 7) : start].endswith(_PER):
                return
            if word == "zero" and self._unit_at(q) is None:
                return
            if word == "one" and self._pronoun(start, end):
                return
        if article and (word in words.SCALES or word == "dozen"):
            start -= 2
        if s[q : q + 1] in (" ", "-") and (fraction := _FRACTION_TAIL.match(s, q)):
            stem = fraction[1].rstrip("s")
            bottom = _DENOMINATOR.get(stem, 0)
            plural = fraction[1] != stem
            if (
                0 < value < bottom
                and value == int(value)
                and (value == 1) != plural
                and (stem != "quarter" or value in (1, 3))
            ):
                percent = percent_of(int(value), bottom)
                if s.startswith((" of an hour", " of the hour"), fraction.end()):
                    stop, minutes = fraction.end() + 11, exact.times(percent, Decimal("0.6"))
                    self.add(start, stop, minutes, minutes, "duration", "minute", "", self._before(start))
                    return
                end, exactness = self._after(fraction.end(), "exact")
                self.add(start, end, percent, percent, "percent", "", "", exactness or self._before(start))
                return
        low = high = value
        if s[q : q + 1] in (" ", "-") and (found := _WORD_RANGE.match(s, q)):
            joined = words.read(s, found.end(), found[2])
            between = s[max(0, start - 20) : start].endswith(_BETWEENS)
            if joined is not None and joined.value > value and (found[1] != "and" or between):
                first = exact.shift(low, joined.scale) if joined.scale > scale else low
                if first < joined.value and (found[1] != "or" or joined.value <= 2 * first):
                    low, high, q = first, joined.value, joined.end
        if _PLAN.match(s, q) and self._follows_ordinal(start):
            return
        slogan = before in _QUOTES and _QUOTED_WORD.match(s, q) is not None  # the “two establishments”
        if slogan or (s[q : q + 1] == "-" and self._unit_at(q) is None and self._scheme(start, q, before)):
            self.named = q
            self.add(start, q, low, high, "count", checkable=False)
            return
        self._finish(start, q, low, high, scale, None, "")

    def _scheme(self, start: int, q: int, before: str) -> bool:
        """“six-stability”, “four-against and two-balance”, the three-rivers area: a name with a number in it."""
        listed = 0 <= self.named > start - 24 and self.s[start - 5 : start] == " and "
        return before in _QUOTES or listed or _OF_SEVERAL.match(self.s, q) is not None

    def _named_by_word(self, start: int, q: int) -> bool:
        """Chapter Three, phase "four"."""
        head = self.s[max(0, start - 14) : start].split()
        if not head or (following := self.s[q : q + 1]) == "-":
            return False
        word = head[-1].strip("\"'“‘(") or (head[-2] if len(head) > 1 else "")
        at = self.s.rfind(word, max(0, start - 14), start) if word else -1
        if word not in lexicon.NAMED_IN_WORDS and not (
            word in lexicon.NAMED_CAPITAL and self.text[at].isupper() and self.text[start].isupper()
        ):
            return False
        if self._unit_at(q) is not None or (following == " " and self._noun(q, plural=True)):
            return False
        self.named = q
        return True

    def _hour(self, start: int, q: int, value: Decimal) -> bool:
        """Half past six, a quarter to nine, at seven in the evening."""
        s = self.s
        if not _ONE <= value <= 12 or value != int(value):
            return False
        hour, minute, begin = int(value), 0, start
        if past := _PAST.search(s[max(0, start - 20) : start]):
            begin = start - len(past.group())
            minutes = 30 if past[1] == "half" else 15
            if past[2] == "to":
                hour, minutes = hour - 1 or 12, 60 - minutes
            minute = minutes
        part = _PART_OF_DAY.match(s, q)
        if past is not None and _FRACTION_TAIL.match(s, q):
            return False
        if past is None and (part is None or not s[max(0, start - 8) : start].endswith(_HOUR_BEFORE)):
            return False
        end = q if part is None else part.end()
        half = _HALVES[part[1]] if part else ""
        last = self.last()
        if last is not None and last.span[0] >= begin:
            self.quantities.pop()  # the half or the quarter
        self.take(time_quantity(begin, end, self.text[begin:end], hour, minute, half, self._before(begin)))
        return True

    def _out_of(self, start: int, q: int, value: Decimal) -> bool:
        """One in five, three out of ten: a share."""
        s = self.s
        found = _OUT_OF.match(s, q)
        if found is None:
            return False
        second = words.read(s, found.end(), found[2])
        if (
            second is None
            or not 0 < value < second.value <= 1000
            or second.value != int(second.value)
            or value != int(value)
        ):
            return False
        loose = found[1] == "in" and value != _ONE and second.value not in (10, 100, 1000)
        if loose or self._unit_at(second.end) is not None or s[second.end : second.end + 1] in ("-", "."):
            return False
        if found[1] == "in" and s[start - 1 : start] == "-":
            return False
        percent = percent_of(int(value), int(second.value))
        self.add(start, second.end, percent, percent, "percent", "", "", self._before(start))
        return True

    def _follows_ordinal(self, start: int) -> bool:
        """The 14th Five-Year Plan is a name."""
        last = self.last()
        return last is not None and last.kind == "ordinal" and start - last.span[1] <= 2

    def _pronoun(self, start: int, end: int) -> bool:
        """Whether a lone "one" is a pronoun."""
        s = self.s
        following = s[end : end + 1]
        if following not in (" ", "-"):
            return True
        if s[end : end + 9].startswith(
            (
                " of",
                " another",
                " can",
                " who",
                " by ",
                " day",
                " is",
                " has",
                " that",
                " thing",
                " was",
                " and",
                "-of",
                " in ",
            )
        ):
            return True
        parts = s[max(0, start - 9) : start].split()
        return bool(parts) and parts[-1] in _PRONOUN_BEFORE

    def _plural(self, start: int, end: int, word: str) -> None:
        """Hundreds of, tens of thousands, dozens."""
        s = self.s
        found = _OF_SCALE.match(s, end)
        if found is None and word == "tens":
            return
        if word == "dozens":
            low, high, power = Decimal(24), Decimal(99), 0
        else:
            low, high, power = _TWO, _NINE, words.PLURAL_SCALES[word]
        if found is not None:
            power += words.SCALES[found[1]]
            end = found.end()
        low, high = exact.shift(low, power), exact.shift(high, power)
        at = end + 3 if s[end : end + 4] == " of " else end
        if (unit := self._unit_at(at)) is not None:
            self.add(start, unit[2], low, high, unit[0], unit[1], "", "about")
        else:
            self.add(start, end, low, high, "count", "", self._noun(at, plural=True), "about")

    def _ordinal_word(self, start: int, end: int, word: str) -> None:
        s = self.s
        value = words.ORDINALS[word]
        last = self.last()
        joined = (
            last is not None and last.kind == "percent" and s[last.span[1] : start] in (" to a ", " or a ", " and a ")
        )
        part = joined or s[end : end + 3] == " of" or s[start - 5 : start] == "by a " or s[end : end + 4] == " to a"
        if part and s[start - 2 : start] == "a " and value in (3, 4, 5, 6, 10):
            percent = percent_of(1, value)
            self.add(start - 2, end, percent, percent, "percent", "", "", self._before(start - 2))
            return
        if s[start - 1 : start] == "-" and s[start - 2 : start - 1].isalpha():
            return
        self._ordinal(start, end, Decimal(value))

    def _vague(self, start: int, end: int, word: str) -> None:
        """Several, a few, a couple of, both; several hundred."""
        s = self.s
        if word in ("both", "pair", "couple"):
            if word == "couple" and (scale := _COUPLE_OF.match(s, end)) is not None:
                factor = Decimal(12 if scale[1] == "dozen" else 10 ** words.SCALES[scale[1]])
                begin = start - 2 if s[start - 2 : start] == "a " else start
                low, high = exact.times(_TWO, factor), exact.times(Decimal(3), factor)
                if (unit := self._unit_at(scale.end())) is not None:
                    self.add(begin, unit[2], low, high, unit[0], unit[1], "", "about")
                else:
                    self.add(begin, scale.end(), low, high, "count", "", self._noun(scale.end(), plural=True), "about")
            elif word != "couple" or s[end : end + 3] == " of":
                self.add(start, end, _TWO, _TWO, "count", "", "", "about" if word == "couple" else "exact", False)
            return
        begin = start
        if word == "few":
            if s[start - 2 : start] != "a " and s[start - 5 : start] not in ("past ", "last ", "next "):
                return
            begin = start - 2 if s[start - 2 : start] == "a " else start
        low, high = _TWO, _NINE
        checkable = False
        for _ in range(2):
            found = words.SCALE.match(s, end)
            if found is None:
                break
            dozen = found[1] == "dozen"
            power = words.SCALES.get(found[1], 0)
            if not dozen and not power:
                break
            factor = Decimal(12) if dozen else Decimal(f"1E{power}")
            low, high, end, checkable = exact.times(low, factor), exact.times(high, factor), found.end(), True
            if dozen:
                high = Decimal(99)  # as of dozens
        if (unit := self._unit_at(end)) is not None:
            self.add(begin, unit[2], low, high, unit[0], unit[1], "", "about", checkable)
        else:
            self.add(begin, end, low, high, "count", "", self._noun(end, plural=True), "about", checkable)

    def _half(self, start: int, end: int) -> None:
        s = self.s
        parts = s[max(0, start - 8) : start].split()
        before = parts[-1] if parts else ""
        other = before in _OTHER_HALF or before.endswith("-")
        if (not other or s[end : end + 1] == "-") and (found := _HALF_UNIT.match(s, end)):
            word = found[1]
            half = Decimal("0.5")
            if word == "dozen":
                self._finish(start, found.end(), Decimal(6), Decimal(6), 1, None, "")
            elif power := words.SCALES.get(word, 0):
                value = exact.shift(half, power)
                self._finish(start, found.end(), value, value, power, None, "")
            else:
                kind, unit = EN_UNIT[word]
                idle = word == "day" and before not in ("each", "every", "per", "a")
                self.add(start, found.end(), half, half, kind, unit, "", self._before(start), not idle)
            return
        if other:
            return
        if before == "a" and (found := _UNIT_AND_A.search(s[max(0, start - 30) : start])):
            self._unit_and_a_half(start, end, found)
            return
        if s[end : end + 1] == "-":
            return
        sure = bool(_SURE_HALF.match(s, end)) or before in _HALF_AFTER
        sure = sure and not s.startswith((" the effort", " the work", " the battle"), end)
        self.add(start, end, _FIFTY, _FIFTY, "percent", "", "", self._before(start), sure)

    def _unit_and_a_half(self, start: int, end: int, found: re.Match[str]) -> None:
        """An hour and a half; two years and a half."""
        begin = max(0, start - 30) + found.start()
        kind, unit = EN_UNIT[found[2]]
        last = self.last()
        if found[1] in ("a", "an", "one"):
            if last is not None and last.span[1] > begin:
                self.quantities.pop()
            value = Decimal("1.5")
            self.add(begin, end, value, value, kind, unit, "", self._before(begin))
        elif last is not None and last.unit == unit and last.span[1] == start - len(" and a "):
            self.quantities.pop()
            half = Decimal("0.5")
            low, high = exact.plus(last.low, half), exact.plus(last.high, half)
            self.add(last.span[0], end, low, high, kind, unit, "", last.exact)

    # -- what stands around a number --------------------------------------------------------------------------------

    def _finish(
        self,
        start: int,
        q: int,
        low: Decimal,
        high: Decimal,
        scale: int,
        symbol: _Symbol | None,
        digits: str,
        exactness: str = "",
    ) -> None:
        """Value read: now the second end of a range, the unit, the noun and the qualifiers."""
        s = self.s
        following = s[q : q + 1]
        named = not digits and self._title(start, q)
        if (
            low == high
            and following == " "
            and (found := _TO_A_SCALE.match(s, q))
            and low < 10 ** words.SCALES[found[1]]
        ):
            high, q = Decimal(10 ** words.SCALES[found[1]]), found.end()
            following = s[q : q + 1]
        elif digits and following in _RANGE_STARTS:
            low, high, q = self._joined(start, q, low, scale, symbol, digits)
            following = s[q : q + 1]
        if self.scored:
            self.scored = False
            self.add(start, q, low, high, "count", "", "score")
            return
        if following in _AFTER_STARTS:
            q, exactness = self._after(q, exactness)
        noun = ""
        if symbol is not None:
            kind, (unit, start) = "money", symbol
            tail = self._unit_at(q)
            if tail is not None and tail[0] == "money" and ":" not in tail[1]:
                unit, q = tail[1], tail[2]
        elif (tail := self._unit_at(q)) is not None:
            kind, unit, r = tail
            if ":" in unit:
                unit, _, part = unit.partition(":")
                low, high = exact.shift(low, 1 - len(part)), exact.shift(high, 1 - len(part))
            if kind == "duration" and unit == "year" and s.find("old", q, r) >= 0:
                noun = "age"
            q = r
        elif following == "x" and not s[q + 1 : q + 2].isalnum():
            kind, unit, q = "multiple", "", q + 1
        elif (times := _TIMES_TAIL.match(s, q)) is not None:
            kind, unit, q = "count", "", times.end()
            if lexicon.COMPARED.match(s, q) or lexicon.GROWTH.search(s, max(0, start - 40), start):
                kind = "multiple"
            else:
                noun = "time"
        elif (fold := _FOLD_TAIL.match(s, q)) is not None:
            kind, unit, q = "multiple", "", fold.end()
        else:
            kind, unit = "count", ""
            noun = self._noun(q, plural=low != _ONE)
        if kind == "count" and not noun and (ahead := self._unit_ahead(start)) is not None:
            kind, unit = ahead
        if not exactness and s[q : q + 1] in _AFTER_STARTS:
            q, exactness = self._after(q, "")
        if kind == "money" and s[q : q + 1] in (" ", "/") and (rate := _RATE.match(s, q)) is not None:
            noun = EN_RATE.get(rate[1], "")
        if kind == "count" and not noun and f" {s[max(0, start - 9) : start]}".endswith(_AGED):
            kind, unit, noun = "duration", "year", "age"
            if not exactness and s[max(0, start - 11) : start] == "the age of ":
                exactness = self._before(start - 11)  # around the age of 50
        if kind == "count" and not noun and digits and len(digits) <= 3 and self._aged_beside_name(start, q, low):
            kind, unit, noun = "duration", "year", "age"
        if unit in DEGREES and (self._minus(start) or s.startswith((" below zero", " below freezing"), q)):
            low, high = exact.negative(low, high)
        star = kind == "count" and s[q : q + 5] in ("-star", " star", "-dime") and s[q + 5 : q + 6] != "s"
        self.add(
            start,
            q,
            low,
            high,
            kind,
            unit,
            noun,
            exactness or self._before(start),
            not (star or (named and kind == "count") or (low == _FOUR == high and s.startswith(" seasons", q))),
        )

    def _aged_beside_name(self, start: int, q: int, age: Decimal) -> bool:
        """Mukherjee, 52, …; Moses (14); as young as 5."""
        if not 0 < age <= _OLDEST:
            return False
        if self.s.endswith(("as young as ", "as old as "), 0, start):
            return True
        head = self.text[max(0, start - 22) : start]
        ends = ",." if head.endswith(", ") else ")" if head.endswith("(") else ""
        word = head.rstrip("( ,").rpartition(" ")[2]
        return self.text[q : q + 1] in tuple(ends) and word[:1].isupper() and word[-1:].islower()

    def _minus(self, start: int) -> bool:
        s = self.s
        if s[start - 1 : start] in ("-", "−", "–"):
            return start < 2 or not s[start - 2].isalnum()
        return s[max(0, start - 9) : start].endswith(("minus ", "negative "))

    def _unit_ahead(self, start: int) -> tuple[str, str] | None:
        """Kind and unit that a label says before its number: weight (kg): 2.9."""
        window = self.text[max(0, start - 12) : start]
        found = _LABEL_UNIT.search(window) if ")" in window else None
        hit = None if found is None else latin_unit(found[1])
        return None if hit is None or ":" in hit[1] else hit

    def _title(self, start: int, q: int) -> bool:
        """Five Eyes, Three Cup Chicken: a number word with a capital before another is a part of a name."""
        t = self.text
        if not t[start].isupper() or self.s.startswith((" piece", " pack"), q):
            return False
        if t[q : q + 1] in ("", *",.;:!?)”\"'’"):
            parts = t[max(0, start - 20) : start].split() or ["-"]
            return t[start - 1] == " " and parts[-1][0].isupper() and parts[-1][-1].isalpha()  # the Big Four
        if t[q : q + 1] != " " or not t[q + 1 : q + 2].isupper():
            return False
        before = t[start - 2 : start - 1]
        if (start > 1 and (before.isalnum() or before == ",")) or (t[start - 1] in _QUOTES and start):
            return True
        head, _, rest = t[q + 1 : q + 40].partition(" ")
        return not rest or rest[0].isupper() or not head[-1].isalnum()

    def _after(self, q: int, exactness: str) -> tuple[int, str]:
        """The qualifier behind, and where it ends."""
        found = lexicon.AFTER.match(self.s, q)
        if found is None:
            return q, exactness if exactness != "exact" else ""
        if found[1]:
            said = "at least"
        elif found[2]:
            said = "more than" if found[2].strip() == "+" else "at least"
        elif found[3]:
            said = "about"
        else:
            said = "at most" if found[4] else "at least"
        return found.end(), said

    def _joined(
        self, start: int, q: int, low: Decimal, scale: int, symbol: _Symbol | None, digits: str
    ) -> tuple[Decimal, Decimal, int]:
        """The second end of a range, or the other side's score."""
        s = self.s
        unit: _Tail | None = None
        found = _RANGE.match(s, q)
        if found is None and symbol is not None and (money := _MONEY_RANGE.match(self.text, q)) is not None:
            found = money if EN_SYMBOL.get(money["sign"]) == symbol[0] else None
        if (found is None and s[q : q + 1] != " ") or (found is None and self._unit_at(q) is not None):
            unit = self._unit_at(q)
            if unit is not None:
                found = _RANGE.match(s, unit[2])
                either = _OR.match(s, unit[2]) if found is None else None
                if either is not None and _following(digits, either[1]):
                    found = either
        if found is None and s[max(0, start - 20) : start].endswith(_BETWEENS):
            found = _BETWEEN.match(s, q)
        if found is None and (either := _OR.match(s, q)) is not None:
            other, unit_of_both = exact.of_digits(either[1]), self._unit_at(either.end())
            near = other is not None and low < other <= 2 * low and unit_of_both is not None  # 60 or 65 percent
            if near or _following(digits, either[1]):
                found = either
        if found is None:
            return low, low, q
        second = words.read(s, found.end(), found[found.lastindex or 1])
        if second is None:
            return low, low, q
        if unit is not None:
            again = self._unit_at(second.end)
            if again is None or again[:2] != unit[:2]:
                return low, low, q
        first = low
        own = exact.of_digits(found[found.lastindex or 1])
        if second.scale > scale == 0 and own is not None and low < own:
            first = exact.shift(low, second.scale)
        if first < second.value:
            return first, second.value, second.end
        if unit is None and symbol is None and len(digits) <= 3 and (score := _SCORE.match(s, q)):
            other = Decimal(score[1])
            if other <= low and "to" not in score.group():
                self.scored = True
                return other, low, score.end()
        return low, low, q

    def _unit_at(self, q: int) -> _Tail | None:
        """Kind, unit and end of the longest unit that stands here."""
        s = self.s
        found = _UNIT_HEAD.match(self.text, q)
        if found is None:
            return None
        head = found[1]
        lower = head.lower()
        if s[found.end() : found.end() + 1] == "/" and (speed := EN_UNIT.get(s[found.start(1) : found.end() + 2])):
            return speed[0], speed[1], found.end() + 2
        if lower in _BETWEEN_UNIT and s[found.end() : found.end() + 1] == " ":
            found = _UNIT_HEAD.match(self.text, found.end())
            if found is None or len(found[1]) < 3:
                return None
            head = found[1]
            lower = head.lower()
        elif lower == "s" and found.start() == found.start(1) and "." in s[max(0, q - 3) : q]:
            return "duration", "second", found.end()
        if head[0] == "%":
            if s.startswith(" point", q + len(found.group())):
                stop = q + len(found.group()) + 6
                return "percentage-point", "", stop + 1 if s[stop : stop + 1] == "s" else stop
            return "percent", "", found.start(1) + 1
        if head == "U" and (dollars := _US_DOLLARS.match(self.text, q)) is not None:
            return "money", "USD", dollars.end()
        if lower in _HEADS and (more := _UNIT_MORE.match(s, found.end() + (s[found.end() : found.end() + 1] == "."))):
            a, b = more.groups()
            if b and (hit := _NORMAL_ALIAS.get(f"{lower} {a} {b}")) is not None:
                return hit[0], hit[1], more.end(2)
            if (hit := _NORMAL_ALIAS.get(f"{lower} {a}")) is not None:
                stop = more.end(1)
                if hit[0] == "duration" and s[stop : stop + 4] == " old":
                    stop += 4
                return hit[0], hit[1], stop
        if len(head) <= 3:
            if (len(head) == 1 and (found.start(1) > q and head in _TOUCHING)) or s[found.end() : found.end() + 1] in (
                "'",
                "’",
            ):
                return None
            hit = latin_unit(head)
            if head == "p" and ((q > 3 and s[q - 4 : q].isdigit()) or s[q - 3 : q] in _RESOLUTIONS):
                return None
        else:
            hit = latin_unit(head)
        return None if hit is None else (hit[0], hit[1], found.end())

    def _noun(self, q: int, *, plural: bool) -> str:
        """Class of the counted noun within the next words: a plural, so that what only describes it is passed over."""
        s = self.s
        for _ in range(4):
            found = _NOUN_WORD.match(s, q)
            if found is None:
                return ""
            word = found[1]
            if word in lexicon.NOUN_STOP or word in _NUMBER_WORDS:
                return ""
            name = EN_NOUN.get(word) or EN_NOUN.get(word.rpartition("-")[2])
            if name and (not plural or word[-1] == "s" or word in lexicon.UNMARKED_PLURAL):
                last = _NOUN_WORD.match(s, found.end())  # aircraft carriers: the noun that ends the row
                return EN_NOUN.get(last[1], name) if last is not None and last[1][-1] == "s" else name
            q = found.end()
        return ""

    def _before(self, start: int) -> str:
        """How exact the words before say it is; "not more than" is at most."""
        said = self._unnegated(start)
        if said in _OPPOSITE and _NEGATED.search(self.s, max(0, start - 48), start):
            return _OPPOSITE[said]
        return said

    def _unnegated(self, start: int) -> str:
        parts = self.s[max(0, start - 26) : start].split()
        if not parts:
            return "exact"
        if parts[-1] == "top" and len(parts) > 1 and (parts[-2] in lexicon.VERB_BEFORE or _PLURAL.fullmatch(parts[-2])):
            return "more than"  # cases top 60,000
        first = parts[0]
        if not first[0].isalpha():
            parts[0] = first.lstrip("(“\"'‘[")
        skipped = parts.pop() if parts[-1] in lexicon.SKIPPED else ""
        if not parts or (skipped, parts[-1]) == ("every", "over") or parts[-2:] == ["the", "above"]:
            return "exact"  # over every four kilometres, the above two ships
        if parts[-1] in ("above", "below") and parts[-2:-1] == ["or"]:
            return "at least" if parts[-1] == "above" else "at most"  # of or above 80 inches
        phrases = lexicon.BEFORE.get(parts[-1])
        if phrases is None:
            return "about" if self.s[start - 1 : start] == "~" else self._far(start)
        for head, said in phrases:
            n = len(head)
            if not n:
                if said == "about" and len(parts) > 1 and parts[-2] in lexicon.NOT_ABOUT:
                    return "exact"
                return said
            if len(parts) > n and tuple(parts[-n - 1 : -1]) == head:
                return said
        return "exact"

    def _far(self, start: int) -> str:
        """At least, at most, a few words ahead: at most wait for 20 minutes."""
        window = self.s[max(0, start - 36) : start]
        if "at " not in window:
            return "exact"
        found = _AT.search(window)
        if found is None:
            return "exact"
        last = self.last()
        if last is not None and last.span[1] > start - len(window) + found.start():
            return "exact"
        return f"at {found[1]}"


_OPPOSITE = {"more than": "at most", "less than": "at least"}
#: a negation, and at most a few words between it and the qualifier
_NEGATED = re.compile(
    r"(?:\bnot|\bnever|\bno|\bnor|\bcannot|n['’]t)(?: (?:to|be|been|have|has|had|any|even|go|rise|fall|drop|get|reach))*"
    r" (?:more|less|fewer|greater|higher|lower|larger|smaller|older|younger|longer|over|above|under|below|beyond|"
    r"exceed(?:ed|ing)?|in excess|bigger|heavier|faster)(?: than| of)?(?: a| an| the)? ?$"
)
#: words joined to a number with a hyphen that are no part of a name
_PREFIXES = frozenset(
    ("mid", "early", "late", "sub", "pre", "post", "non", "under", "over", "top", "nearly", "almost", "about")
)
_QUOTES = frozenset("“\"'‘")
_SYMBOL_ENDS = frozenset(" $€£¥￥₩₹₽฿dryprkbsfm.")
_RANGE_STARTS = frozenset(" -–—~‑%kmcfdhyg")
_AFTER_STARTS = frozenset("+- ,")


def _following(a: str, b: str) -> bool:
    """Whether two runs of digits are neighbours, by their last digit that is not 0: 3 or 4, 70 or 80, 90 or 100."""
    if len(a) > 6 or len(b) > 6 or not (a.isdigit() and b.isdigit()):
        return False
    step = int(b) - int(a)
    return step == 10 ** (len(a) - len(a.rstrip("0"))) if step > 0 else False
