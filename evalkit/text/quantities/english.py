"""Quantities in English text.

One scan of the text in lower case finds digits and the few words that can begin a quantity. Ordered lists of small rules
(:data:`_DIGIT_RULES`, :data:`_WORD_RULES`, :data:`_NUMBER_WORD_RULES`) say what each begins; the first that returns true
wins. All of them look only at the words around, so the work is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from evalkit.text.quantities import decimals as exact
from evalkit.text.quantities import english_dates as dates
from evalkit.text.quantities import english_lexicon as lexicon
from evalkit.text.quantities import english_words as words
from evalkit.text.quantities.dates import Day
from evalkit.text.quantities.english_context import (
    BETWEENS,
    NUMBER_WORDS,
    PLURAL,
    SCORE,
    EnglishContext,
    Symbol,
)
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.units import DEGREES, EN_RATE, EN_UNIT, percent_of, whole_unit

__all__ = ["extract"]

_ZERO, _ONE, _TWO, _NINE, _TWENTY = (Decimal(n) for n in (0, 1, 2, 9, 20))
_HALF, _FIFTY, _DAY_HOURS, _DOZENS = Decimal("0.5"), Decimal(50), Decimal(24), Decimal(99)
_OLDEST = 115
_FOLD = {f"{word}fold": value for word, value in words.SMALL.items() if 2 <= value <= 20}
_TIMES = {"doubled": 2, "doubling": 2, "tripled": 3, "tripling": 3, "trebled": 3, "quadrupled": 4, "quadrupling": 4}
_DECADES = {f"{word[:-1]}ies": value for word, value in words.SMALL.items() if value >= 20}
_HUNDRED_YEARS = {"centenary": 100, "centennial": 100, "bicentenary": 200, "bicentennial": 200}
_WHOSE = ("his ", "her ", "their ", "my ", "your ", "our ")
_ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_SCALES = "hundred|thousand|million|billion|trillion"
_SMALL = words.alternatives(words.SMALL)

# -- around digits
#: letters that digits may follow without a space
_GLUED = ("rmb", "rs", "usd", "eur", "cny", "hkd", "to", "rm")
_SYMBOL_ENDS = frozenset(" $€£¥￥₩₹₽฿dryprkbsfm.")
_RANGE_STARTS = frozenset(" -–—~‑%kmcfdhyg")
_AFTER_STARTS = frozenset("+- ,")
_QUOTES = frozenset("“\"'‘")
_CONTINUES = (", ", " and ", ",", "-", " or ", " to ", " & ", "/")
_LISTED = re.compile(r", (?=[A-Z\[])")
_ADDRESS = re.compile(r"(?: [A-Z][a-z]+){1,4} (?:Road|Street|Avenue|Lane|Boulevard|Rd|Ave)\b")
_SERIAL = re.compile(r"[0-9.,]+-(?:[0-9]+-[0-9]|eleven)")
_LADDER = re.compile("[0-9]{1,2}(?:-[0-9]{1,2}){2,6}(?![0-9-])")
_AGES = re.compile("[0-9]{1,2}(?:-[0-9]{1,2}){2,6}(?: years? old|-years?-olds?)")
_AGED = (" age ", " aged ", " ages ", " age of ", " ages of ")
_EMERGENCY = frozenset(("110", "112", "119", "120", "911", "999"))
_CALLS = tuple(f"{word} " for word in lexicon.WORDS["called"])
_SLASH = re.compile(r"(?:/|x(?=7\b))([0-9]{1,3})(?![0-9/])")
_FEET = re.compile("(?:['’′]| ?ft) ?([0-9]|1[01]) ?(?:[\"”″]|in\\b)")
_MILLIONS = re.compile(rf"([mb]) (?=(?:[a-z]+ ){{0,2}}(?:{lexicon.any_of('in_millions')})\b)")
_MONEY_SCALE = re.compile(r" ?([mbt])\b")
_SHORT_SCALES = {"m": 6, "b": 9, "t": 12}
#: words that have a capital for other reasons than naming a product
_NO_NAMES = frozenset(
    ("age", "aged", "ages", *lexicon.WORDS["skipped"], *lexicon.WORDS["noun_stop"], *lexicon.WEEKDAYS, *dates.MONTHS)
)
_RATE = re.compile(r"(?: an? | per | each | every |/)([a-z]{2,9}2?)\b")
_TIMES_TAIL = re.compile(r"[ \-]times\b")
_FOLD_TAIL = re.compile(r"[ \-]?fold\b")

# -- the calendar and the clock
_ORDINAL_TAIL = re.compile(r"(?:st|nd|rd|th)(?![a-z])")
_DATED = re.compile(r"[ \-](?:birthday|anniversary)\b")
_CENTURY = re.compile(r"[ \-](?:century\b(?! old)|centuries\b)")
_TO_CENTURY = re.compile(r"(?: ?[-–—] ?| to | and )(?:the )?[0-9a-z-]{3,14} (?:century\b(?! old)|centuries\b)")
_ROCKET = re.compile(r"March[ -][0-9][0-9A-Z]*")
_PAST = re.compile(r"\b(half|(?:a )?quarter) (past|after|to) $")
_PART_OF_DAY = re.compile(r" (?:in the (?=[mae])|at (?=n))(morning|afternoon|evening|night)\b")
_HALVES = {"morning": "am", "afternoon": "pm", "evening": "pm", "night": "night"}
_HOUR_BEFORE = ("at ", "by ", "until ", "till ", "from ", "around ", "about ", "before ", "after ", "to ")
_SECOND_NUMBER = re.compile(rf"(?: ?[-–—~‑] ?| to ?)({words.DIGITS})(?![0-9])")
_IN_YEAR = (" in ", " since ", " during ", " by ", "from ")
_COMPARED_YEAR = re.compile(rf"\b(?:{lexicon.any_of('changed')})[a-z]*\b[^.;]{{0,40}} (?:over|than|from) $")

# -- numbers in words
_WORD_RANGE = re.compile(rf"(?:-| )(to|or|and)(?:-| )({_SMALL}|[0-9]{{1,3}})\b(?![.,][0-9]|:)")
_TO_A_SCALE = re.compile(rf" to (?:a|one) ({_SCALES})\b")
_FRACTION_TAIL = re.compile(
    r"[ \-‑](thirds?|quarters?|fourths?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?|half|halves|hundredths?)\b"
)
_DENOMINATOR = {
    "quarter": 4,
    "half": 2,
    "halve": 2,
    **{w: n for w, n in words.ORDINALS.items() if 3 <= n <= 10 or n == 100},
}
_OUT_OF = re.compile(rf"[ -](in|out[ -]of)(?: every)?[ -]({words.DIGITS}|{_SMALL}|hundred|thousand)\b")
_OR_TWO = re.compile(r"\b(?:an?|another) (minute|hour|day|week|month|year|decade|mile) or $")
_QUARTER_OF_SCALE = re.compile(r"(?:[ \-]| of a )(million|billion|trillion)\b")
_SCORES_OF = re.compile(r"s? of (?=[a-z]+s\b|people|men|women|children)")
_BEFORE_SCORES = re.compile(
    r"(?:^|[.,;:(—“\"] ?|\b(?:and|by|with|for|to|from|of|in|killed|killing|injured|injuring|left|leaving|drew|has|have|had) )$"
)
_SCORE_TIMES = re.compile(r"\b(two|three|four|five|six)[ \-]$")
_HALF_UNIT = re.compile(rf"(?:[ \-](?:a|an|of a))?[ \-]({lexicon.any_of('half_units')})\b")
_UNIT_AND_A = re.compile(r"(?:\b|(?<=\s))([a-z0-9]+)[ -]((?:year|hour|month|week|mile|decade|day)s?) and a $")
_SURE_HALF = re.compile(r" (?:of(?! the battle)|the(?! effort| work| battle)|as|that|its|their|what)\b")
_COUPLE_OF = re.compile(r" (?:of )?(hundred|thousand|million|billion|dozen)\b")
_OF_SCALE = re.compile(r" of (thousand|million|billion|trillion)s?\b")
_PLAN = re.compile(r"[ \-]year[ \-](?:plan|development)")
_QUOTED_WORD = re.compile(r" [a-z]+[”\"’']")
_OF_SEVERAL = re.compile("-[a-z]{3,}[^su ]s(?= [a-z])")
_PRONOUN = re.compile(r"(?! |-)| of| another| can| who| by | day| is| has| that| thing| was| and|-of| in ")
_NONE = re.compile(rf" (?:(?:{lexicon.any_of('none_between')})[ -]){{0,3}}(?:{lexicon.any_of('none_of')})\b")


class _Digits(NamedTuple):
    """A run of digits, the characters around it, and the currency sign before it."""

    start: int
    end: int
    digits: str
    before: str
    after: str
    symbol: Symbol | None


class _Word(NamedTuple):
    """A number that begins with a word: value, where its words end, and the power of ten of its last scale word."""

    start: int
    end: int
    word: str
    value: Decimal
    q: int
    scale: int


def extract(text: str, when: Day | None) -> list[Quantity]:
    """Quantities of an English text, in order, not overlapping."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = text.translate(_ASCII_LOWER)
    return _Scan(text, lower, when).run()


class _Scan(EnglishContext):
    """One pass over one text."""

    def __init__(self, text: str, lower: str, when: Day | None) -> None:
        super().__init__(text, lower)
        self.when = when
        self.named = -1  # where a number ended that was part of a name or a list
        self.labelled = ("", 0)  # the word before the last bare number, and the number

    def run(self) -> list[Quantity]:
        for match in _CANDIDATE.finditer(self.t):
            start, end = match.span()
            if start < self.done:
                continue
            word = match.group()
            if word[0] in "0123456789":
                self._digits(start, end, word)
            else:
                _WORD_RULES[word](self, start, end, word)
        return self.quantities

    # -- digits -----------------------------------------------------------------------------------------------------

    def _digits(self, start: int, end: int, digits: str) -> None:
        t = self.t
        before = t[start - 1] if start else " "
        after = t[end] if end < len(t) else " "
        if before == "." and "." not in digits and not t[max(0, start - 2) : start - 1].isalnum():
            digits, start, before = f"0.{digits}", start - 1, t[max(0, start - 2) : start - 1] or " "  # .35
        symbol = self.symbol(start) if before in _SYMBOL_ENDS else None
        n = _Digits(start, end, digits, before, after, symbol)
        for rule in _DIGIT_RULES if symbol is None else ():
            if rule(self, n):
                return
        number = words.read(t, end, digits)
        if number is None:
            return
        value, q, scale = number
        if symbol is None:
            if self._said_otherwise(n, value, q, scale):
                return
            short = _MILLIONS.match(t, q)
        else:
            short = _MONEY_SCALE.match(t, q)
        if short is not None and scale == 0:
            scale = _SHORT_SCALES[short[1]]
            value, q = exact.shift(value, scale), short.end(1)
        self._finish(start, q, value, value, scale, symbol, digits)

    def _said_otherwise(self, n: _Digits, value: Decimal, q: int, scale: int) -> bool:
        """Half past 6, 1 in 5, 5'10", 4K."""
        if self._hour(n.start, q, value) or self._out_of(n.start, q, value):
            return True
        if len(n.digits) == 1 and (feet := _FEET.match(self.t, n.end)):
            inches = Decimal(12 * int(n.digits) + int(feet[1]))
            return self.one(n.start, feet.end(), inches, "measure", "inch", exact=self.before(n.start))
        if scale == 3 and self.text[q - 1] == "K" and q == n.end + 1 and value <= 10000:
            # the resolution of a screen, a network, or kilometers of a race
            return self.one(n.start, q, exact.shift(value, -3), "measure", "km", checkable=False)
        return False

    def _part_of_name(self, n: _Digits) -> bool:
        """COVID-19, B-2, #5, v2.0, and letters directly before."""
        start, before, t = n.start, n.before, self.t
        if before == " ":
            return False
        if before == "-":
            part = self._after_hyphen(start)
        elif before in ".,":
            part = start > 1 and t[start - 2] in "0123456789"
        else:
            part = before in "_#\\@=&" or (before == "/" and start > 1 and t[start - 2].isalnum())
        return part and self._skip(n.end)

    def _after_hyphen(self, start: int) -> bool:
        last = self.last()
        if last is not None and last.span[1] == start - 1:
            return False
        i = start - 2
        while i >= 0 and i > start - 20 and self.t[i].isalnum():
            i -= 1
        word = self.text[i + 1 : start - 1]
        if not word or word.isdigit() or word.lower() in lexicon.WORDS["prefixes"]:
            return False
        return not ("1900" <= self.t[start : start + 4] < "2100" and word[-1].islower())

    def _after_letters(self, n: _Digits) -> bool:
        if not n.before.isalpha() or self.t[max(0, n.start - 3) : n.start].strip().endswith(_GLUED):
            return False
        alone = n.start < 2 or not self.t[n.start - 2].isalnum()
        if alone and self.text[n.start - 1].isupper() and words.SCALE.match(self.t, n.end):
            return False  # N585 million
        return self._skip(n.end)

    def _dotted(self, n: _Digits) -> bool:
        """1.2.3 is a version or an address; 2022.07.25 is a date."""
        if n.after != "." or not self.t[n.end + 1 : n.end + 2].isdigit():
            return False
        return ("." in n.digits and self.take(dates.iso(self.text, n.start))) or self._skip(n.end)

    def _skip(self, at: int) -> bool:
        t = self.t
        while at < len(t) and (t[at].isalnum() or (t[at] in ".-" and t[at + 1 : at + 2].isdigit())):
            at += 1
        self.done = at
        return True

    def _before_letters(self, n: _Digits) -> bool:
        """737NG, but not 5kg, 3bn, 40x10."""
        glued = n.after.isalpha() and (n.after != "x" or n.digits == "0") and self.unit_at(n.end) is None
        return glued and not words.SCALE.match(self.t, n.end) and self._skip(n.end)

    def _list_mark(self, n: _Digits) -> bool:
        """1. or (2) at the beginning of a line, 6, Notes."""
        t, start = self.t, n.start
        at_start = start == 0 or n.before == "\n" or (n.before == "(" and (start == 1 or t[start - 2] == "\n"))
        return at_start and len(n.digits) <= 2 and (n.after in ")." or _LISTED.match(self.text, n.end) is not None)

    def _address(self, n: _Digits) -> bool:
        if n.after != " " or not _ADDRESS.match(self.text, n.end):
            return False
        return self.name(n.start, n.end, n.digits)

    def _emergency_call(self, n: _Digits) -> bool:
        return n.digits in _EMERGENCY and (self.t.startswith(" call", n.end) or self.follows(n.start, *_CALLS))

    def _ladder_of_ages(self, n: _Digits) -> bool:
        """7-9-12 years old, aged 3-4-5."""
        if n.after != "-":
            return False
        aged = f" {self.t[max(0, n.start - 9) : n.start]}".endswith(_AGED)
        match = (_LADDER if aged else _AGES).match(self.t, n.start)
        if match is None:
            return _SERIAL.match(self.t, n.start) is not None and self._skip_serial(n)
        ages = [Decimal(age) for age in re.findall("[0-9]+", match.group())]
        return self.add(n.start, match.end(), min(ages), max(ages), "duration", "year", "age")

    def _skip_serial(self, n: _Digits) -> bool:
        """010-555-1234, 7-Eleven."""
        self._skip(n.end)
        self.done = max(self.done, n.end + len("-eleven") if self.t.startswith("-eleven", n.end) else 0)
        return True

    def _no_count(self, n: _Digits) -> bool:
        """[1, 2], 007, 13800138000."""
        digits = n.digits
        if "[" in n.before + n.after.replace("]", "[") and n.before in "[, " and n.after in "],":
            return True
        return digits.isdigit() and (
            (digits[0] == "0" and len(digits) > 1) or (len(digits) >= 7 and not digits.endswith("00"))
        )

    def _continues_list(self, n: _Digits) -> bool:
        return self.named >= 0 and self.t[self.named : n.start] in _CONTINUES

    def _after_word(self, n: _Digits) -> bool:
        """No. 5, Chapter 3, chip 1, chip 2, Group of 20, Porsche 911: the word before makes a name of it."""
        start, end, digits, t = n.start, n.end, n.digits, self.t
        head = t[max(0, start - 14) : start]
        parts = head.split()
        if not parts or not head[-1].isspace():
            return False
        word = parts[-1].rpartition(">")[2].lstrip("(\"'“")
        if self._series(word, digits, n.after) or head.endswith(lexicon.DIALLED):
            return self.unit_at(end) is None and self.name(start, end, digits)
        if word == "number" and ("," in digits or (parts[-2:-1] and parts[-2] in lexicon.WORDS["verb_before"])):
            return False  # they will number 110,000
        if word == "of" and self.text[start - 9 : start] == "Group of ":
            return self.noun(end, plural=True) == "" and self.name(start, end, digits)
        capital = self.text[start - len(parts[-1]) - 1].isupper()
        if word in lexicon.WORDS["named"] or (word in lexicon.WORDS["named_capital"] and capital):
            return self.unit_at(end) is None and not words.SCALE.match(t, end) and self.name(start, end, digits)
        return self._after_name(start, end, word) and self.name(start, end, digits)

    def _series(self, word: str, digits: str, after: str) -> bool:
        """chip 1, chip 2: the numbers of things that are called the same."""
        last, self.labelled = self.labelled, (word, int(digits) if digits.isdigit() and len(digits) < 4 else 0)
        if word != last[0] or self.labelled[1] != last[1] + 1 or not last[1] or after.isalnum() or after == "-":
            return False
        return word.isalpha() and len(word) > 2 and word not in _NO_NAMES and word not in lexicon.BEFORE

    def _after_name(self, start: int, end: int, word: str) -> bool:
        """Porsche 911: a capitalized word, a bare number, and no noun after it."""
        text, at = self.text, start - 1 - len(word)
        if at < 0 or not text[at].isupper() or not word.isalpha() or word in _NO_NAMES or word in lexicon.BEFORE:
            return False
        acronym = len(word) > 1 and text[at : start - 1].isupper()
        opens = text[at - 2 : at - 1] in (".", "", "”") if at else not text[end + 1 : end + 2].isupper() and not acronym
        if opens or end - start > 4 + acronym or "." in self.t[start:end]:
            return False
        following = _NOUN_AFTER.match(self.t, end)
        if following is None:
            return self.t[end : end + 1] in ("", *",.;)!?”'") or self.t[end : end + 2] in (" +", " &", " [", " |", " (")
        noun = following[1]
        if noun in lexicon.WORDS["noun_stop"]:
            return True
        return not PLURAL.fullmatch(noun) and noun not in lexicon.WORDS["unmarked_plural"] and self.unit_at(end) is None

    def _doubled_digit(self, n: _Digits) -> bool:
        """double 9, No.5."""
        return self.t[max(0, n.start - 7) : n.start].endswith(("double ", "no.", "no. ")) and self._skip(n.end)

    def _slash(self, n: _Digits) -> bool:
        """1/3 is a fraction; 24/7 and 9/11 are none."""
        match = _SLASH.match(self.t, n.end) if n.after in "/x" else None
        if match is None:
            return False
        digits, bottom, end = n.digits, int(match[1]), match.end()
        self.done = end
        if (digits, bottom) == ("24", 7):
            return self.one(n.start, end, _DAY_HOURS, "duration", "hour", checkable=False)
        if (digits, bottom) == ("9", 11):
            return self.date(n.start, end, None, 9, 11, checkable=False)
        if digits.isdigit() and len(digits) <= 3 and 0 < int(digits) < bottom:
            self.one(n.start, end, percent_of(int(digits), bottom), "percent", exact=self.before(n.start))
        return True

    # -- the calendar and the clock ---------------------------------------------------------------------------------

    def _calendar(self, n: _Digits) -> bool:
        text, start, digits, after = self.text, n.start, n.digits, n.after
        length = len(digits)
        if after in " b" and self.take(dates.before_christ(text, start, n.end)):
            return True
        if "." in digits and 6 <= length <= 7 and self.take(dates.iso(text, start)):
            return True
        if length == 4 and digits.isdigit():
            return self._year(n)
        if length > 5 or (length > 2 and "." not in digits):
            return False
        if length <= 2 and (
            (after == "/" and self.take(dates.iso(text, start)))
            or self.take_all(dates.day_first(text, start, self.when))
            or (after == ":" and self._with_colon(n))
        ):
            return True
        clock = dates.clock(text, start) if after in " :apAPhH.-–—" or "." in digits else None
        return clock is not None and self.take(replace(clock, exact=self.before(start)))

    def _with_colon(self, n: _Digits) -> bool:
        """3:1 is a score, 3:1 in the afternoon a time."""
        score = SCORE.match(self.t, n.end)
        if score is None:
            return False
        if len(score[1]) == 1 and (part := _PART_OF_DAY.match(self.t, score.end())):
            half = _HALVES[part[1]]
            said = self.before(n.start)
            return self.time(n.start, part.end(), int(n.digits), int(score[1]), half, exact=said)
        if len(score[1]) == 2:
            return False
        low, high = sorted((Decimal(n.digits), Decimal(score[1])))
        return self.add(n.start, score.end(), low, high, "count", "", "score")

    def _year(self, n: _Digits) -> bool:
        """A year, a season, a decade, a date that begins with its year, 0200 GMT."""
        text, start, end, after = self.text, n.start, n.end, n.after
        if self._first_of_range(start, end):
            return False
        if after in "-/." and self.take(dates.iso(text, start)):
            return True
        if after in "s'’ " and self.take(dates.decade(text, start, end)):
            return True
        if (after in " guh" or n.digits[0] == "0") and self.take(dates.clock(text, start)):
            return True
        year = int(n.digits)
        if not 1000 <= year < 2200 or (after.isalpha() and after != "s") or after in "%°":
            return False
        if not self._placed(start, year):
            return False
        if words.SCALE.match(self.t, end) or self.unit_at(end) is not None or self.noun(end, plural=True):
            return False
        return self.take_all(dates.season(text, start, end))

    def _first_of_range(self, start: int, end: int) -> bool:
        """Whether the digits are a number that the second end of a range follows, and no year: 1500-3000 yuan."""
        match = _SECOND_NUMBER.match(self.t, end)
        if match is None or (match.group().startswith(" to") and self.follows(start, *_IN_YEAR)):
            return False
        second = match[1]
        counted = len(second) != 4 or second[:2] not in ("18", "19", "20")
        return counted and (len(second) > 2 or self.unit_at(match.end()) is not None)

    def _placed(self, start: int, year: int) -> bool:
        """Whether the word before allows a year: in 1492, growth over 2018; not over 2018."""
        word = (self.t[max(0, start - 14) : start].split() or [""])[-1]
        if word in lexicon.WORDS["year_before"] and year >= 1400:
            return True
        if word in ("over", "than", "from") and _COMPARED_YEAR.search(self.t, max(0, start - 60), start):
            return True
        return (
            1800 <= year < 2100 and word not in lexicon.WORDS["not_year_before"] and word not in lexicon.WORDS["named"]
        )

    def _tens(self, n: _Digits) -> bool:
        """The '60s are a decade; in his 20s is an age."""
        start, end, digits = n.start, n.end, n.digits
        if n.after != "s" or len(digits) != 2 or digits[1] != "0" or self.t[end + 1 : end + 2].isalpha():
            return False
        head, tens = self.t[max(0, start - 12) : start], int(digits)
        if head.endswith(("'", "’", "the ", "post-")):
            return self.date(start, end + 1, (1900 if tens >= 30 else 2000) + tens, unit="decade", checkable=tens >= 30)
        if any(whose in head for whose in _WHOSE) or head.endswith(("in early ", "in late ", "in mid-", "in mid ")):
            return self.add(start, end + 1, Decimal(tens), Decimal(tens + 9), "duration", "year", "age", "about", False)
        return False

    def _nth(self, n: _Digits) -> bool:
        if n.after not in "snrt" or not _ORDINAL_TAIL.match(self.t, n.end):
            return False
        if not self.take(dates.day_alone(self.text, n.start, n.end, self.last())):
            self._ordinal(n.start, n.end + 2, exact.of_digits(n.digits))
        return True

    def _ordinal(self, start: int, end: int, value: Decimal | None) -> None:
        t = self.t
        if value is None:
            self.done = end
        elif t[start].isdigit() and self.take_all(dates.day_first(self.text, start, self.when)):
            pass
        elif _TO_CENTURY.match(t, end):
            self.date(start, end, None, unit="century", century=int(value))
        elif match := _CENTURY.match(t, end):
            self.date(start, match.end(), None, unit="century", century=int(value))
        elif match := _DATED.match(t, end):
            self.one(start, match.end(), value, "duration", "year", noun="anniversary")
        else:
            self.one(start, end, value, "ordinal", checkable=False)

    def _hour(self, start: int, q: int, value: Decimal) -> bool:
        """Half past six, a quarter to nine, at seven in the evening."""
        t = self.t
        if not _ONE <= value <= 12 or value != int(value):
            return False
        hour, minute, begin = int(value), 0, start
        part = _PART_OF_DAY.match(t, q)
        past = _PAST.search(t[max(0, start - 20) : start])
        if past is None:
            if part is None or not t[max(0, start - 8) : start].endswith(_HOUR_BEFORE):
                return False
        elif _FRACTION_TAIL.match(t, q):
            return False
        else:
            begin, minute = start - len(past.group()), 30 if past[1] == "half" else 15
            if past[2] == "to":
                hour, minute = hour - 1 or 12, 60 - minute
        last = self.last()
        if last is not None and last.span[0] >= begin:
            self.quantities.pop()  # the half or the quarter
        end, half = (part.end(), _HALVES[part[1]]) if part else (q, "")
        return self.time(begin, end, hour, minute, half, exact=self.before(begin))

    # -- words ------------------------------------------------------------------------------------------------------

    def _month(self, start: int, end: int, word: str) -> None:
        if self.follows(start, "long ") and (rocket := _ROCKET.match(self.text, start)):
            self.done = rocket.end()
        elif self.text[start].isupper():
            self.take_all(dates.month_first(self.text, start, end, self.when))

    def _relative(self, start: int, end: int, word: str) -> None:
        """Last May, this year; only where the day of the text is known."""
        if self.when is not None:
            self.take(dates.relative(self.text, start, end, word, self.when))

    def _quarter(self, start: int, end: int, word: str) -> None:
        article = self.follows(start, "a ")
        if part := _QUARTER_OF_SCALE.match(self.t, end):
            power = words.SCALES[part[1]]
            value = exact.shift(Decimal("0.25"), power)
            self._finish(start - 2 if article else start, part.end(), value, value, power, None, "")
        elif article and self.t.startswith((" of", " to a "), end):
            self.one(start - 2, end, Decimal(25), "percent", exact=self.before(start - 2))

    def _teens(self, start: int, end: int, word: str) -> None:
        self.add(start, end, Decimal(13), Decimal(19), "duration", "year", "age", "about", False)

    def _hundred_years(self, start: int, end: int, word: str) -> None:
        self.one(start, end, Decimal(_HUNDRED_YEARS[word]), "duration", "year", noun="anniversary", checkable=False)

    def _noon(self, start: int, end: int, word: str) -> None:
        last = self.last()
        if last is not None and last.low == 12 and last.kind == "count" and start - last.span[1] == 1:
            self.quantities.pop()  # 12 noon
        self.time(start, end, 12 if word == "noon" else 0, 0, "pm" if word == "noon" else "am", checkable=False)

    def _none(self, start: int, end: int, word: str) -> None:
        """No new cases."""
        if _NONE.match(self.t, end):
            self.one(start, end, _ZERO, "count", checkable=False)

    def _clock_round(self, start: int, end: int, word: str) -> None:
        if self.follows(start, "around the ", "round the "):
            self.one(start, end, _DAY_HOURS, "duration", "hour", checkable=False)

    def _fortnight(self, start: int, end: int, word: str) -> None:
        self.one(start, end, _ONE, "duration", "fortnight", exact=self.before(start))

    def _fold(self, start: int, end: int, word: str) -> None:
        said = self.before(start)
        self.one(start, end, Decimal(_FOLD[word]), "multiple", exact=said, checkable=word != "twofold")

    def _factor(self, start: int, end: int, word: str) -> None:
        self.one(start, end, Decimal(_TIMES[word]), "multiple", exact=self.before(start))

    def _double(self, start: int, end: int, word: str) -> None:
        if lexicon.COMPARED.match(self.t, end) or self.follows(start, " in "):
            self.one(start, end, Decimal(2 if word == "double" else 3), "multiple", exact=self.before(start))

    def _twice(self, start: int, end: int, word: str) -> None:
        """Twice as many is a factor; else it counts times. "Once or twice" is a range."""
        if self.t.startswith(" the result", end):
            return  # with half the effort
        value = Decimal(2 if word == "twice" else 3)
        if lexicon.COMPARED.match(self.t, end):
            self.one(start, end, value, "multiple", exact=self.before(start))
            return
        begin, low = (start - 8, _ONE) if self.follows(start, "once or ") else (start, value)
        self.add(begin, end, low, value, "count", "", "time", self.before(begin))

    def _score_of(self, start: int, end: int, word: str) -> None:
        """A score of villagers, three score years, scores of people; any other score is a result."""
        t = self.t
        times = _SCORE_TIMES.search(t, max(0, start - 6), start)
        if times is not None and word == "score":
            last = self.last()
            if last is not None and last.span[1] > times.start():
                self.quantities.pop()
            value = Decimal(20 * words.SMALL[times[1]])
            self._finish(times.start(), end, value, value, 1, None, "")
        elif _SCORES_OF.match(t, start + len("score")) is None:
            return
        elif word == "scores" and _BEFORE_SCORES.search(t, max(0, start - 10), start):
            self.add(start, end, Decimal(40), _DOZENS, "count", "", self.noun(end + 3, plural=True), "about")
        elif word == "score" and self.follows(start, "a "):
            self.one(start - 2, end, _TWENTY, "count", noun=self.noun(end + 3, plural=True))

    def _decade_word(self, start: int, end: int, word: str) -> None:
        """The eighties are a decade; in his forties is an age."""
        tens = _DECADES[word]
        if any(whose in self.t[max(0, start - 14) : start] for whose in _WHOSE):
            self.add(start, end, Decimal(tens), Decimal(tens + 9), "duration", "year", "age", "about", False)
        elif self.follows(start, "the ") or self.text[start].isupper():
            self.date(start, end, 1900 + tens, unit="decade", checkable=tens >= 50)

    def _long_time(self, start: int, end: int, word: str) -> None:
        """Decades: tens of years; a decade is one."""
        unit, power = ("decade", 1) if word.startswith("decade") else ("century", 2)
        if word == unit:
            if self.t[start - 1 : start] not in ("-", "'", "’"):
                self.one(start, end, _ONE, "duration", unit, exact=self.before(start))
            return
        low, high = exact.shift(_TWO, power), exact.shift(_NINE, power)
        self.add(start, end, low, high, "duration", "year", "", "about", not self.follows(start, "the "))

    def _plural(self, start: int, end: int, word: str) -> None:
        """Hundreds of, tens of thousands, dozens."""
        match = _OF_SCALE.match(self.t, end)
        if match is None and word == "tens":
            return
        low, high = (_DAY_HOURS, _DOZENS) if word == "dozens" else (_TWO, _NINE)
        power = words.PLURAL_SCALES.get(word, 0)
        if match is not None:
            power, end = power + words.SCALES[match[1]], match.end()
        at = end + 3 if self.t.startswith(" of ", end) else end
        self.measured_or_counted(start, end, exact.shift(low, power), exact.shift(high, power), at=at)

    def _ordinal_word(self, start: int, end: int, word: str) -> None:
        value, last = words.ORDINALS[word], self.last()
        joined = last is not None and last.kind == "percent" and self.t[last.span[1] : start] in _FRACTION_JOINTS
        part = joined or self.t.startswith((" of", " to a"), end) or self.follows(start, "by a ")
        if part and value in (3, 4, 5, 6, 10, 100, 1000) and self.follows(start, "a "):
            self.one(start - 2, end, percent_of(1, value), "percent", exact=self.before(start - 2))
        elif not (self.follows(start, "-") and self.t[start - 2 : start - 1].isalpha()):
            self._ordinal(start, end, Decimal(value))

    def _two_of_them(self, start: int, end: int, word: str) -> None:
        """Both, a pair, a couple of, a couple of hundred."""
        scale = _COUPLE_OF.match(self.t, end) if word == "couple" else None
        if scale is not None:
            factor = Decimal(12 if scale[1] == "dozen" else 10 ** words.SCALES[scale[1]])
            begin = start - 2 if self.follows(start, "a ") else start
            low, high = exact.times(_TWO, factor), exact.times(Decimal(3), factor)
            self.measured_or_counted(begin, scale.end(), low, high)
        elif word != "couple" or self.t.startswith(" of", end):
            said = "about" if word == "couple" else "exact"
            self.one(start, end, _TWO, "count", exact=said, checkable=False)

    def _several(self, start: int, end: int, word: str) -> None:
        """Several, a few; several hundred."""
        begin = start - 2 if word == "few" and self.follows(start, "a ") else start
        if word == "few" and begin == start and not self.follows(start, "past ", "last ", "next "):
            return
        low, high, checkable = _TWO, _NINE, False
        for _ in range(2):
            match = words.SCALE.match(self.t, end)
            dozen = match is not None and match[1] == "dozen"
            power = words.SCALES.get(match[1], 0) if match is not None else 0
            if match is None or not (dozen or power):
                break
            factor = Decimal(12) if dozen else Decimal(f"1E{power}")
            low, high, end, checkable = exact.times(low, factor), exact.times(high, factor), match.end(), True
            if dozen:
                high = _DOZENS
        self.measured_or_counted(begin, end, low, high, checkable)

    def _half(self, start: int, end: int, word: str) -> None:
        t = self.t
        before = (t[max(0, start - 8) : start].split() or [""])[-1]
        other = before in lexicon.WORDS["other_half"] or before.endswith("-")
        if (not other or t[end : end + 1] == "-") and (match := _HALF_UNIT.match(t, end)):
            self._half_of(start, match, before)
        elif other:
            return
        elif before == "a" and (unit := _UNIT_AND_A.search(t[max(0, start - 30) : start])):
            self._unit_and_a_half(start, end, unit)
        elif t[end : end + 1] != "-":
            sure = _SURE_HALF.match(t, end) is not None or before in lexicon.WORDS["half_after"]
            self.one(start, end, _FIFTY, "percent", exact=self.before(start), checkable=sure)

    def _half_of(self, start: int, match: re.Match[str], before: str) -> None:
        """Half a million, half a dozen, half an hour."""
        word, end = match[1], match.end()
        power = words.SCALES.get(word, 0)
        if word == "dozen" or power:
            value = exact.shift(_HALF, power) if power else Decimal(6)
            self._finish(start, end, value, value, power or 1, None, "")
        else:
            idle = word == "day" and before not in ("each", "every", "per", "a")
            self.one(start, end, _HALF, *EN_UNIT[word], exact=self.before(start), checkable=not idle)

    def _unit_and_a_half(self, start: int, end: int, match: re.Match[str]) -> None:
        """An hour and a half; two years and a half."""
        begin = max(0, start - 30) + match.start()
        kind, unit = EN_UNIT[match[2]]
        last = self.last()
        if match[1] in ("a", "an", "one"):
            if last is not None and last.span[1] > begin:
                self.quantities.pop()
            self.one(begin, end, Decimal("1.5"), kind, unit, exact=self.before(begin))
        elif last is not None and last.unit == unit and last.span[1] == start - len(" and a "):
            self.quantities.pop()
            low, high = exact.plus(last.low, _HALF), exact.plus(last.high, _HALF)
            self.add(last.span[0], end, low, high, kind, unit, "", last.exact)

    # -- numbers in words -------------------------------------------------------------------------------------------

    def _number_word(self, start: int, end: int, word: str) -> None:
        t = self.t
        number = None if self._ends_word(start) else words.read(t, end, word)
        if number is None:
            return
        n = _Word(start, end, word, *number)
        for rule in _NUMBER_WORD_RULES:
            if rule(self, n):
                return
        value, q, scale = number
        if self._article(start) and (word in words.SCALES or word == "dozen"):
            start -= 2
        if t[q : q + 1] in (" ", "-") and self._fraction(start, q, value):
            return
        low, high, q = self._word_range(start, q, value, scale)
        if _PLAN.match(t, q) and self._follows_ordinal(start):
            return
        before = t[start - 1] if start else " "
        slogan = before in _QUOTES and _QUOTED_WORD.match(t, q) is not None  # the “two establishments”
        if slogan or (t[q : q + 1] == "-" and self.unit_at(q) is None and self._scheme(start, q, before)):
            self.named = q
            self.add(start, q, low, high, "count", checkable=False)
        else:
            self._finish(start, q, low, high, scale, None, "")

    def _ends_word(self, start: int) -> bool:
        """Catch-twenty, double nine; not top-ten, multi-million."""
        hyphen = self.follows(start, "-") and self.t[start - 2 : start - 1].isalpha()
        return self.follows(start, "double ") or (hyphen and not self.follows(start, "top-", "multi-"))

    def _article(self, start: int) -> bool:
        return self.follows(start, "a ") and (start == 2 or not self.t[start - 3].isalnum())

    def _o_clock(self, n: _Word) -> bool:
        if not self.t.startswith((" o'clock", " o’clock"), n.end) or words.SMALL.get(n.word, 99) > 12:
            return False
        return self.time(n.start, n.end + 8, words.SMALL[n.word], exact=self.before(n.start))

    def _or_two(self, n: _Word) -> bool:
        """Another hour or two."""
        match = _OR_TWO.search(self.t, max(0, n.start - 24), n.start) if n.word == "two" else None
        return match is not None and self.add(match.start(), n.end, _ONE, _TWO, *EN_UNIT[match[1]])

    def _continues_names(self, n: _Word) -> bool:
        """Grade one, two and three."""
        if not 0 <= self.named < n.start or self.t[self.named : n.start] not in (", ", " and ", ", and ", " or "):
            return False
        self.named = n.q
        return True

    def _part_of_word(self, n: _Word) -> bool:
        return self.t.startswith(("-way", "-fifty"), n.q)

    def _named_by_word(self, n: _Word) -> bool:
        """Chapter Three, phase "four"."""
        start, q, t = n.start, n.q, self.t
        head = t[max(0, start - 14) : start].split()
        if not head or (following := t[q : q + 1]) == "-":
            return False
        word = head[-1].strip("\"'“‘(") or (head[-2] if len(head) > 1 else "")
        at = t.rfind(word, max(0, start - 14), start) if word else -1
        capitals = word in lexicon.WORDS["named_capital"] and self.text[at].isupper() and self.text[start].isupper()
        if word not in lexicon.WORDS["named_in_words"] and not capitals:
            return False
        if self.unit_at(q) is not None or (following == " " and self.noun(q, plural=True)):
            return False
        self.named = q
        return True

    def _hour_in_words(self, n: _Word) -> bool:
        return self._hour(n.start, n.q, n.value)

    def _share(self, n: _Word) -> bool:
        return self._out_of(n.start, n.q, n.value)

    def _no_number(self, n: _Word) -> bool:
        """A scale word without a number before it, zero alone, and one as a pronoun."""
        if n.q != n.end:
            return False
        if n.word in words.SCALES:
            return not self._article(n.start) and not self.follows(n.start, " per ", " every ", " each ")
        if n.word == "zero":
            return self.unit_at(n.q) is None and not _NONE.match(self.t, n.q)
        if n.word != "one":
            return False
        parts = self.t[max(0, n.start - 9) : n.start].split()
        before = bool(parts) and parts[-1] in lexicon.WORDS["pronoun_before"]
        return before or _PRONOUN.match(self.t, n.end) is not None

    def _fraction(self, start: int, q: int, value: Decimal) -> bool:
        """Two thirds; three quarters of an hour."""
        match = _FRACTION_TAIL.match(self.t, q)
        if match is None:
            return False
        stem = match[1].rstrip("s")
        bottom, plural = _DENOMINATOR.get(stem, 0), match[1] != stem
        if not 0 < value < bottom or value != int(value) or (value == 1) == plural:
            return False
        if stem == "quarter" and value not in (1, 3):
            return False
        percent = percent_of(int(value), bottom)
        if self.t.startswith((" of an hour", " of the hour"), match.end()):
            minutes = exact.times(percent, Decimal("0.6"))
            return self.one(start, match.end() + 11, minutes, "duration", "minute", exact=self.before(start))
        end, exactness = self.after(match.end(), "exact")
        return self.one(start, end, percent, "percent", exact=exactness or self.before(start))

    def _word_range(self, start: int, q: int, value: Decimal, scale: int) -> tuple[Decimal, Decimal, int]:
        """Two to three, five or six, between two and four."""
        match = _WORD_RANGE.match(self.t, q) if self.t[q : q + 1] in (" ", "-") else None
        joined = None if match is None else words.read(self.t, match.end(), match[2])
        if match is None or joined is None or joined.value <= value:
            return value, value, q
        if match[1] == "and" and not self.follows(start, *BETWEENS):
            return value, value, q
        first = exact.shift(value, joined.scale) if joined.scale > scale else value
        if first < joined.value and (match[1] != "or" or joined.value <= 2 * first):
            return first, joined.value, joined.end
        return value, value, q

    def _scheme(self, start: int, q: int, before: str) -> bool:
        """“six-stability”, “four-against and two-balance”, the three-rivers area: a name with a number in it."""
        listed = 0 <= self.named > start - 24 and self.follows(start, " and ")
        return before in _QUOTES or listed or _OF_SEVERAL.match(self.t, q) is not None

    def _out_of(self, start: int, q: int, value: Decimal) -> bool:
        """One in five, three out of ten: a share."""
        match = _OUT_OF.match(self.t, q)
        second = None if match is None else words.read(self.t, match.end(), match[2])
        if match is None or second is None or value != int(value) or second.value != int(second.value):
            return False
        if not 0 < value < second.value <= 1000:
            return False
        if match[1] == "in" and ((value != _ONE and second.value not in (10, 100, 1000)) or self.follows(start, "-")):
            return False
        if self.unit_at(second.end) is not None or self.t[second.end : second.end + 1] in ("-", "."):
            return False
        percent = percent_of(int(value), int(second.value))
        return self.one(start, second.end, percent, "percent", exact=self.before(start))

    def _follows_ordinal(self, start: int) -> bool:
        """The 14th Five-Year Plan is a name."""
        last = self.last()
        return last is not None and last.kind == "ordinal" and start - last.span[1] <= 2

    # -- from a value to a quantity ---------------------------------------------------------------------------------

    def _finish(
        self,
        start: int,
        q: int,
        low: Decimal,
        high: Decimal,
        scale: int,
        symbol: Symbol | None,
        digits: str,
        exactness: str = "",
    ) -> bool:
        """The value is read: now the second end of a range, the unit, the noun and the qualifiers."""
        t = self.t
        named = not digits and self._title(start, q)
        low, high, q, scored = self._range(start, q, low, high, scale, symbol, digits)
        if scored:
            return self.add(start, q, low, high, "count", "", "score")
        if t[q : q + 1] in _AFTER_STARTS:
            q, exactness = self.after(q, exactness)
        kind, unit, noun, q = self._kind(start, q, low, symbol)
        unit, low, high = whole_unit(unit, low, high)
        if symbol is not None:
            start = symbol[1]
        if not exactness and t[q : q + 1] in _AFTER_STARTS:
            q, exactness = self.after(q, "")
        if kind == "money" and (rate := _RATE.match(t, q)) is not None:
            noun = EN_RATE.get(rate[1], "")
        if kind == "count" and not noun and self._aged(start, q, low, digits):
            kind, unit, noun = "duration", "year", "age"
            if not exactness and self.follows(start, "the age of "):
                exactness = self.before(start - 11)  # around the age of 50
        if unit in DEGREES and self._minus(start, q):
            low, high = exact.negative(low, high)
        idle = kind == "count" and (named or self._no_number_of(q, low))
        return self.add(start, q, low, high, kind, unit, noun, exactness or self.before(start), not idle)

    def _range(
        self, start: int, q: int, low: Decimal, high: Decimal, scale: int, symbol: Symbol | None, digits: str
    ) -> tuple[Decimal, Decimal, int, bool]:
        following = self.t[q : q + 1]
        if low == high and following == " " and (match := _TO_A_SCALE.match(self.t, q)):
            most = Decimal(10 ** words.SCALES[match[1]])
            if low < most:
                return low, most, match.end(), False
        if digits and following in _RANGE_STARTS:
            return self.joined(start, q, low, scale, symbol, digits)
        return low, high, q, False

    def _kind(self, start: int, q: int, low: Decimal, symbol: Symbol | None) -> tuple[str, str, str, int]:
        """Kind, unit, noun, and where the unit ends."""
        t, tail = self.t, self.unit_at(q)
        if symbol is not None:
            if tail is not None and tail[0] == "money" and ":" not in tail[1]:
                return "money", tail[1], "", tail[2]
            return "money", symbol[0], "", q
        if tail is not None:
            kind, unit, end = tail
            return kind, unit, "age" if unit == "year" and t.find("old", q, end) >= 0 else "", end
        if t[q : q + 1] == "x" and not t[q + 1 : q + 2].isalnum():
            return "multiple", "", "", q + 1
        if (times := _TIMES_TAIL.match(t, q)) is not None:
            end = times.end()
            if lexicon.COMPARED.match(t, end) or lexicon.GROWTH.search(t, max(0, start - 40), start):
                return "multiple", "", "", end
            return "count", "", "time", end
        if (fold := _FOLD_TAIL.match(t, q)) is not None:
            return "multiple", "", "", fold.end()
        noun = self.noun(q, plural=low != _ONE)
        ahead = None if noun else self.unit_ahead(start)
        return (*ahead, "", q) if ahead is not None else ("count", "", noun, q)

    def _aged(self, start: int, q: int, age: Decimal, digits: str) -> bool:
        """Aged 5; Mukherjee, 52, …; Moses (14); as young as 5."""
        if f" {self.t[max(0, start - 9) : start]}".endswith(_AGED):
            return True
        if not digits or len(digits) > 3 or not 0 < age <= _OLDEST:
            return False
        if self.follows(start, "as young as ", "as old as "):
            return True
        head = self.text[max(0, start - 22) : start]
        ends = ",." if head.endswith(", ") else ")" if head.endswith("(") else ""
        word = head.rstrip("( ,").rpartition(" ")[2]
        return self.text[q : q + 1] in tuple(ends) and word[:1].isupper() and word[-1:].islower()

    def _no_number_of(self, q: int, value: Decimal) -> bool:
        """A five-star hotel, four seasons."""
        if value == 4 and self.t.startswith(" seasons", q):
            return True
        return self.t.startswith(("-star", " star", "-dime"), q) and self.t[q + 5 : q + 6] != "s"

    def _minus(self, start: int, q: int) -> bool:
        if self.t.startswith((" below zero", " below freezing"), q):
            return True
        if self.t[start - 1 : start] in ("-", "−", "–"):
            return start < 2 or not self.t[start - 2].isalnum()
        return self.follows(start, "minus ", "negative ")

    def _title(self, start: int, q: int) -> bool:
        """Five Eyes, Three Cup Chicken: a number word with a capital before another is a part of a name."""
        t = self.text
        if not t[start].isupper() or self.t.startswith((" piece", " pack"), q):
            return False
        if t[q : q + 1] in ("", *",.;:!?)”\"’'"):
            parts = t[max(0, start - 20) : start].split() or ["-"]
            return t[start - 1] == " " and parts[-1][0].isupper() and parts[-1][-1].isalpha()  # the Big Four
        if t[q : q + 1] != " " or not t[q + 1 : q + 2].isupper():
            return False
        before = t[start - 2 : start - 1]
        if (start > 1 and (before.isalnum() or before == ",")) or (t[start - 1] in _QUOTES and start):
            return True
        head, _, rest = t[q + 1 : q + 40].partition(" ")
        return not rest or rest[0].isupper() or not head[-1].isalnum()


_NOUN_AFTER = re.compile(r"[ \-]([a-z][a-z'’\-]*)")
_FRACTION_JOINTS = (" to a ", " or a ", " and a ")
_DigitRule = Callable[[_Scan, _Digits], bool]


def _naming(rule: _DigitRule) -> _DigitRule:
    """The rule, which also notes that a number ends here that was part of a name or a list."""

    def noting(scan: _Scan, n: _Digits) -> bool:
        if not rule(scan, n):
            return False
        scan.named = n.end
        return True

    return noting


def _rules(names: str) -> tuple[Callable[..., bool], ...]:
    return tuple(getattr(_Scan, f"_{name}") for name in names.split())


#: what a run of digits may be, in this order
_DIGIT_RULES = (
    *_rules("part_of_name after_letters dotted calendar tens nth"),
    *map(
        _naming,
        _rules("before_letters list_mark address emergency_call ladder_of_ages no_count continues_list after_word"),
    ),
    *_rules("doubled_digit slash"),
)
#: what a number in words may be, in this order
_NUMBER_WORD_RULES = _rules("o_clock or_two continues_names part_of_word named_by_word hour_in_words share no_number")
#: word -> what it may begin
_WORD_RULES: dict[str, Callable[[_Scan, int, int, str], None]] = {
    **dict.fromkeys(("last", "this", "next"), _Scan._relative),
    **dict.fromkeys((*words.PLURAL_SCALES, "dozens"), _Scan._plural),
    **dict.fromkeys(("decade", "decades", "century", "centuries"), _Scan._long_time),
    **dict.fromkeys(_HUNDRED_YEARS, _Scan._hundred_years),
    **dict.fromkeys(("score", "scores"), _Scan._score_of),
    **dict.fromkeys(_DECADES, _Scan._decade_word),
    **dict.fromkeys(("noon", "midnight"), _Scan._noon),
    **dict.fromkeys(_FOLD, _Scan._fold),
    **dict.fromkeys(_TIMES, _Scan._factor),
    **dict.fromkeys(("double", "triple"), _Scan._double),
    **dict.fromkeys(("twice", "thrice"), _Scan._twice),
    **dict.fromkeys(("both", "pair", "couple"), _Scan._two_of_them),
    **dict.fromkeys(("several", "few"), _Scan._several),
    **dict.fromkeys(("teenage", "teenager", "teenagers"), _Scan._teens),
    "half": _Scan._half,
    "quarter": _Scan._quarter,
    "no": _Scan._none,
    "clock": _Scan._clock_round,
    "fortnight": _Scan._fortnight,
    **dict.fromkeys(words.ORDINALS, _Scan._ordinal_word),
    **dict.fromkeys(dates.MONTHS, _Scan._month),
    **dict.fromkeys(NUMBER_WORDS, _Scan._number_word),
}
_CANDIDATE = re.compile(rf"(?<![a-z])(?:{words.DIGITS}|{words.trie(_WORD_RULES)}(?![a-z]))|{words.DIGITS}")
