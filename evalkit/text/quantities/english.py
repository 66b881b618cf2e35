"""Quantities in English text.

One scan of the text finds digits and the few words that can begin a quantity. Ordered lists of small rules (``en.toml``) say
what each begins; the first that accepts wins. All of them look only at the words around, so the work is linear in the length
of the text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from evalkit.text.quantities import decimals as exact, english_words as words
from evalkit.text.quantities.dates import Day
from evalkit.text.quantities.english_context import (
    BETWEENS,
    LEXICON,
    MONTHS,
    NUMBER_WORDS,
    PATTERNS,
    WORDS,
    EnglishContext,
)
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.rule_lists import Found, trie
from evalkit.text.quantities.scanner import Draft, Symbol, fold_commas
from evalkit.text.quantities.units import EN_RATE, EN_UNIT, percent_of

_ONE, _TWO, _NINE, _TWENTY, _FIFTY, _DOZENS = (Decimal(n) for n in (1, 2, 9, 20, 50, 99))
_HALF = Decimal("0.5")
_OLDEST = 115
#: a number with full-width commas; 101，102，103 are three
_THOUSANDS = re.compile(
    "(?<![0-9.,，])[1-9](?:[0-9]{0,2}(?:，[0-9]{3})*，000|[0-9]?(?:，[0-9]{3})+|[0-9]{2}，[0-9]{3})(?![0-9]|，[0-9])"
)
_SCALE_WORD = re.compile("dozen|hundred|thousand|million|billion|trillion")
_PART_OF_AGE = ("in early ", "in late ", "in mid-", "in mid ")
_TENS = {word[:-1]: value for word, value in words.SMALL.items() if value >= 20}
_ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_SYMBOL_ENDS = frozenset(" $€£¥￥₩₹₽฿dryprkbsfm.")
_RANGE_STARTS = frozenset(" -–—~‑%kmcfdhyg")
_QUOTES = frozenset("“\"'‘")
_CONTINUES = (", ", " and ", ",", "-", " or ", " to ", " & ", "/")
_SHORT_SCALES = {"m": 6, "b": 9, "t": 12}
#: words that have a capital for other reasons than naming a product
_NO_NAMES = frozenset(("age", "aged", "ages", *WORDS["skipped"], *WORDS["noun_stop"], *WORDS["weekdays"], *MONTHS))
_IN_YEAR = (" in ", " since ", " during ", " by ", "from ")
_AND_DAY = (" and ", ", ", " to ", " and the ", " to the ")
_BEFORE_DAY = (" on the ", " since the ", " until the ", "on the morning of the ")
_DENOMINATOR = {"quarter": 4, "half": 2, "halve": 2} | {
    w: n for w, n in words.ORDINALS.items() if 3 <= n <= 10 or n == 100
}
_FRACTION_JOINTS = (" to a ", " or a ", " and a ")
_QUALIFIER_ENDS = frozenset(
    phrase.split()[-1] for row in LEXICON.tables["before"].values() for phrase in row.split("|")
)


def extract(text: str, when: Day | None) -> list[Quantity]:
    """Quantities of an English text, in order, not overlapping."""
    folded = fold_commas(text, _THOUSANDS)
    lower = folded.lower()
    if len(lower) != len(text):
        lower = folded.translate(_ASCII_LOWER)
    found = _Scan(folded, lower, when).run()
    return found if folded == text else [replace(q, surface=text[slice(*q.span)], text=text) for q in found]


class _Scan(EnglishContext):
    """One pass over one text."""

    def run(self) -> list[Quantity]:
        for match in _CANDIDATE.finditer(self.t):
            start, end = match.span()
            if start < self.done:
                continue
            word = match.group()
            if word[0] in "0123456789":
                self._digits(start, end, word)
            elif word in NUMBER_WORDS:
                self._number_word(start, end, word)
            elif word not in MONTHS:
                _PHRASES.apply(self, self.t, start)
            elif self.text[start].isupper():
                _MONTHS.apply(self, self.text, start)
        return self.quantities

    # -- digits -----------------------------------------------------------------------------------------------------

    def _digits(self, start: int, end: int, digits: str) -> None:
        t = self.t
        before = t[start - 1] if start else " "
        fraction = before == "." and "." not in digits and not t[max(0, start - 2) : start - 1].isalnum()
        if fraction:
            digits, start, before = f"0.{digits}", start - 1, t[max(0, start - 2) : start - 1] or " "  # .35
        symbol = self.symbol(start) if before in _SYMBOL_ENDS else None
        if symbol is None and not fraction and _DIGITS.apply(self, self.text, start):
            return
        number = words.read(t, end, digits)
        if number is None:
            return
        value, q, scale = number
        if symbol is None:
            if self._said_otherwise(start, end, digits, value, q, scale):
                return
            short = PATTERNS["millions"].match(t, q)
        else:
            short = PATTERNS["money_scale"].match(t, q)
        if short is not None and scale == 0:
            scale = _SHORT_SCALES[short[1]]
            value, q = exact.shift(value, scale), short.end(1)
        self._complete(Draft(start, q, value, value, digits, scale), symbol)

    def _said_otherwise(self, start: int, end: int, digits: str, value: Decimal, q: int, scale: int) -> bool:
        """Half past 6, 1 in 5, 5'10", 4K."""
        if self._hour(start, q, value) or self._out_of(start, q, value):
            return True
        if len(digits) == 1 and (feet := PATTERNS["feet"].match(self.t, end)):
            inches = Decimal(12 * int(digits) + int(feet[1]))
            return self.one(start, feet.end(), inches, "measure", "inch", exact=self.before(start))
        if scale == 3 and self.text[q - 1] == "K" and q == end + 1 and value <= 10000:
            # the resolution of a screen, a network, or kilometers of a race
            return self.one(start, q, exact.shift(value, -3), "measure", "km", checkable=False)
        return False

    def _after_hyphen(self, found: Found) -> bool:
        """COVID-19, B-2; not the second end of a range."""
        start, last = found.start, self.last()
        if last is not None and last.span[1] == start - 1:
            return False
        i = start - 2
        while i >= 0 and i > start - 20 and self.t[i].isalnum():
            i -= 1
        word = self.text[i + 1 : start - 1]
        if not word or word.isdigit() or word.lower() in WORDS["prefixes"]:
            return False
        year = PATTERNS["century_year"].match(self.t, start) is not None and word[-1].islower()
        return not year and self._skip(start)

    def _after_letters(self, found: Found) -> bool:
        start = found.start
        if PATTERNS["glued"].match(self.t, start):
            return False
        alone = start < 2 or not self.t[start - 2].isalnum()
        if alone and self.text[start - 1].isupper() and PATTERNS["scaled"].match(self.t, start):
            return False  # N585 million
        return self._skip(start)

    def _skip(self, at: int) -> bool:
        """The rest of a name or a code."""
        match = PATTERNS["rest"].match(self.t, at)
        self.done = at if match is None else match.end()
        return True

    def _before_letters(self, found: Found) -> bool:
        """737NG, but not 5kg, 3bn, 40x10."""
        end, t = found.end, self.t
        if (
            (t[end] == "x" and t[found.start : end] != "0")
            or self.unit_at(end) is not None
            or words.SCALE.match(t, end)
        ):
            return False
        self.named = end
        return self._skip(end)

    def _continued_list(self, found: Found) -> bool:
        return self.named >= 0 and self.t[self.named : found.start] in _CONTINUES and self._unread(found)

    def _after_word(self, found: Found) -> bool:
        """No. 5, Chapter 3, chip 1, chip 2, Group of 20, Porsche 911: the word before makes a name of it."""
        start, end, digits, t = found.start, found.end, found.get("n"), self.t
        head = t[max(0, start - 14) : start]
        parts = head.split()
        if not parts:
            return False
        word = parts[-1].rpartition(">")[2].lstrip("(\"'“")
        if self._series(word, digits, t[end : end + 1]) or PATTERNS["dialled"].match(t, start):
            return self.unit_at(end) is None and self._name(found)
        if word == "number" and ("," in digits or (parts[-2:-1] and parts[-2] in WORDS["verb_before"])):
            return False  # they will number 110,000
        if word == "of" and self.text[start - 9 : start] == "Group of ":
            return self.noun(end, plural=True) == "" and self._name(found)
        capital = self.text[start - len(parts[-1]) - 1].isupper()
        if word in WORDS["named"] or (word in WORDS["named_capital"] and capital):
            return self.unit_at(end) is None and not words.SCALE.match(t, end) and self._name(found)
        return self._after_name(start, end, word) and self._name(found)

    def _series(self, word: str, digits: str, after: str) -> bool:
        """chip 1, chip 2: the numbers of things that are called the same."""
        last, self.labelled = self.labelled, (word, int(digits) if digits.isdigit() and len(digits) < 4 else 0)
        if word != last[0] or self.labelled[1] != last[1] + 1 or not last[1] or after.isalnum() or after == "-":
            return False
        return word.isalpha() and len(word) > 2 and word not in _NO_NAMES and word not in _QUALIFIER_ENDS

    def _after_name(self, start: int, end: int, word: str) -> bool:
        """Porsche 911: a capitalized word, a bare number, and no noun after it."""
        text, at = self.text, start - 1 - len(word)
        if at < 0 or not text[at].isupper() or not word.isalpha() or word in _NO_NAMES or word in _QUALIFIER_ENDS:
            return False
        acronym = len(word) > 1 and text[at : start - 1].isupper()
        opens = text[at - 2 : at - 1] in (".", "", "”") if at else not text[end + 1 : end + 2].isupper() and not acronym
        if opens or end - start > 4 + acronym or "." in self.t[start:end]:
            return False
        following = PATTERNS["noun_word"].match(self.t, end)
        if following is None:
            return self.t[end : end + 1] in ("", *",.;)!?”'") or self.t[end : end + 2] in (" +", " &", " [", " |", " (")
        noun = following[1]
        if noun in WORDS["noun_stop"]:
            return True
        plural = PATTERNS["plural"].fullmatch(noun) or noun in WORDS["unmarked_plural"]
        return not plural and self.unit_at(end) is None

    def _slash(self, found: Found) -> bool:
        """1/3 is a fraction; 7/7 is none."""
        return self._share(found) or self._nothing(found)

    # -- the calendar and the clock ---------------------------------------------------------------------------------

    def _date(self, found: Found) -> bool:
        """Also the year of "25 May last year"."""
        year = PATTERNS["of_year"].match(self.text, found.end) if self.when is not None and not found.get("y") else None
        if not super()._date(found):
            return False
        if year is not None and self.when is not None and "second" not in found.groups:
            last = self.quantities.pop()
            said = self.when.year + self.STEPS[year[1]]
            return self.date(last.span[0], year.end(), said, last.month, last.day)
        return True

    def _time_or_score(self, found: Found) -> bool:
        """3:1 is a score, 3:1 in the afternoon a time."""
        a, b, half = int(found.get("a")), int(found.get("b")), found.get("half")
        if half:
            return self.time(found.start, found.end, a, b, self.HALVES[half], exact=self.before(found.start))
        return self.add(found.start, found.end, Decimal(min(a, b)), Decimal(max(a, b)), "count", "", "score")

    def _year(self, found: Found) -> bool:
        """A year, or both years of a season; not a number with a counted noun."""
        start, end, year = found.start, found.end, int(found.get("y"))
        if self._first_of_range(start, end) or not self._placed(start, year):
            return False
        if words.SCALE.match(self.t, end) or self.unit_at(end) is not None or self.noun(end, plural=True):
            return False
        self.date(start, end, year)
        if season := PATTERNS["season"].match(self.text, end):
            said = season[1]
            other = int(said) if len(said) == 4 else year // 100 * 100 + int(said)
            if year < other <= year + (300 if len(said) == 4 else 30):
                self.date(season.start(1), season.end(), other)
        return True

    def _first_of_range(self, start: int, end: int) -> bool:
        """Whether the digits are a number that the second end of a range follows, and no year: 1500-3000 yuan."""
        match = PATTERNS["range"].match(self.t, end)
        if match is None or (match.group().startswith(" to") and self.follows(start, *_IN_YEAR)):
            return False
        second = match[1]
        counted = len(second) != 4 or second[:2] not in ("18", "19", "20")
        return counted and (len(second) > 2 or self.unit_at(match.end()) is not None)

    def _placed(self, start: int, year: int) -> bool:
        """Whether the word before allows a year: in 1492, growth over 2018; not over 2018."""
        word = (self.t[max(0, start - 14) : start].split() or [""])[-1]
        if word in WORDS["year_before"] and year >= 1400:
            return True
        if word in ("over", "than", "from") and PATTERNS["compared_year"].search(self.t, max(0, start - 60), start):
            return True
        return 1800 <= year < 2100 and word not in WORDS["not_year_before"] and word not in WORDS["named"]

    def _tens(self, found: Found) -> bool:
        """The '60s and the eighties are a decade; in his 20s and in his forties is an age."""
        start, said = found.start, found.get("tens")
        tens = int(said) if said.isdigit() else _TENS[said]
        head = self.t[max(0, start - 14) : start]
        if PATTERNS["whose"].search(head) or (said.isdigit() and head.endswith(_PART_OF_AGE)):
            return self.add(
                start, found.end, Decimal(tens), Decimal(tens + 9), "duration", "year", "age", "about", False
            )
        last = self.last()
        joined = last is not None and last.unit == "decade" and self.t[last.span[1] : start] in _AND_DAY
        if joined or head.endswith(("'", "’", "the ", "post-")) or (not said.isdigit() and self.text[start].isupper()):
            later = said.isdigit() and tens < 30
            sure = tens >= (30 if said.isdigit() else 50)
            return self.date(start, found.end, (2000 if later else 1900) + tens, unit="decade", checkable=sure)
        return False

    def _nth(self, found: Found) -> bool:
        return self._day_alone(found) or self._ordinal(found.start, found.end, exact.of_digits(found.get("n")))

    def _day_alone(self, found: Found) -> bool:
        """On the 11th; the 21st and 22nd; the 23rd day of this month: a day whose month is not said."""
        start, day, last = found.start, found.get("n"), self.last()
        match = PATTERNS["day_alone"].match(self.text, found.end)
        if match is None or not day.isdigit() or not 1 <= int(day[:3]) <= 31:
            return False
        after_day = last is not None and last.day and not last.month and self.text[last.span[1] : start] in _AND_DAY
        said = match[1] or f" {self.t[max(0, start - 12) : start]}".endswith(_BEFORE_DAY)
        return bool(said or after_day) and self.date(start, match.end(), None, None, int(day))

    def _ordinal_word(self, found: Found) -> bool:
        start, end, last = found.start, found.end, self.last()
        value = words.ORDINALS[self.t[start:end]]
        joined = last is not None and last.kind == "percent" and self.t[last.span[1] : start] in _FRACTION_JOINTS
        part = joined or self.t.startswith((" of", " to a"), end) or self.follows(start, "by a ")
        if part and value in (3, 4, 5, 6, 10, 100, 1000) and self.follows(start, "a "):
            return self.one(start - 2, end, percent_of(1, value), "percent", exact=self.before(start - 2))
        if self.follows(start, "-") and self.t[start - 2 : start - 1].isalpha():
            return False
        return self._ordinal(start, end, Decimal(value))

    def _ordinal(self, start: int, end: int, value: Decimal | None) -> bool:
        t = self.t
        if value is None:
            self.done = end
            return True
        if PATTERNS["to_century"].match(t, end):
            return self.date(start, end, None, unit="century", century=int(value))
        if match := PATTERNS["century"].match(t, end):
            return self.date(start, match.end(), None, unit="century", century=int(value))
        if match := PATTERNS["dated"].match(t, end):
            return self.one(start, match.end(), value, "duration", "year", noun="anniversary")
        return self.one(start, end, value, "ordinal", checkable=False)

    def _hour(self, start: int, q: int, value: Decimal) -> bool:
        """Half past six, a quarter to nine, at seven in the evening."""
        t = self.t
        if not _ONE <= value <= 12 or value != int(value):
            return False
        hour, minute, begin = int(value), 0, start
        part = PATTERNS["part_of_day"].match(t, q)
        past = PATTERNS["past"].search(t, max(0, start - 20), start)
        if past is None:
            if part is None or not PATTERNS["hour_follows"].match(t, start):
                return False
        elif PATTERNS["fraction"].match(t, q):
            return False
        else:
            begin, minute = past.start(), 30 if past[1] == "half" else 15
            if past[2] == "to":
                hour, minute = hour - 1 or 12, 60 - minute
        last = self.last()
        if last is not None and last.span[0] >= begin:
            self.quantities.pop()  # the half or the quarter
        end, half = (part.end(), self.HALVES[part[1]]) if part else (q, "")
        return self.time(begin, end, hour, minute, half, exact=self.before(begin))

    def _month_alone(self, found: Found) -> bool:
        """In July; of months that are also words only after a word that a month can follow."""
        parts = self.t[max(0, found.start - 10) : found.start].split()
        if found.get("m").lower() in WORDS["word_months"] and not (
            parts and (parts[-1] in WORDS["before_month"] or parts[-1][-1] == "-")
        ):
            return False
        return self._date(found)

    def _past_or_next(self, found: Found) -> bool:
        """Last May, this year; only where the day of the text is known. "Last May" may be of this year or of the last."""
        when = self.when
        if when is None or self.follows(found.start, "the ", "its ", "her ", "his "):
            return False
        return _RELATIVE.apply(self, self.text, found.start)

    def _relative_month(self, found: Found) -> bool:
        when, step, month = self.when, self.STEPS[found.get("back").lower()], self.part(found, "m")
        if when is None or month is None:
            return False
        year, other = when.year, None
        if step < 0:
            year, other = year - 1, year if when.month is None or month < when.month else None
        elif step > 0 and when.month is not None and month <= when.month:
            year += 1
        return self.date(found.start, found.end, year, month, self.part(found, "d"), or_year=other)

    # -- words ------------------------------------------------------------------------------------------------------

    def _quarter(self, found: Found) -> bool:
        start, end = found.start, found.end
        begin = start - 2 if self.follows(start, "a ") else start
        if part := PATTERNS["quarter_of_scale"].match(self.t, end):
            power = words.SCALES[part[1]]
            value = exact.shift(Decimal("0.25"), power)
            return self._complete(Draft(begin, part.end(), value, value, scale=power))
        if begin == start or not self.t.startswith((" of", " to a "), end):
            return False
        return self.one(begin, end, Decimal(25), "percent", exact=self.before(begin))

    def _noon(self, found: Found) -> bool:
        last, noon = self.last(), self.t.startswith("noon", found.start)
        if last is not None and last.low == 12 and last.kind == "count" and found.start - last.span[1] == 1:
            self.quantities.pop()  # 12 noon
        return self.time(found.start, found.end, 12 if noon else 0, 0, "pm" if noon else "am", checkable=False)

    def _fold(self, found: Found) -> bool:
        value = words.SMALL[found.get("n")]
        return self.one(found.start, found.end, Decimal(value), "multiple", exact=self.before(found.start))

    def _score(self, found: Found) -> bool:
        """A score of villagers, three score years, scores of people; any other score is a result."""
        t, start, end, last = self.t, found.start, found.end, self.last()
        times = PATTERNS["score_times"].search(t, max(0, start - 6), start)
        if times is not None and not found.get("plural"):
            if last is not None and last.span[1] > times.start():
                self.quantities.pop()
            value = Decimal(20 * words.SMALL[times[1]])
            return self._complete(Draft(times.start(), end, value, value, scale=1))
        if PATTERNS["scores_of"].match(t, end) is None:
            return False
        if found.get("plural"):
            many = PATTERNS["before_scores"].search(t, max(0, start - 10), start) is not None
            noun = self.noun(end + 3, plural=True)
            return many and self.add(start, end, Decimal(40), _DOZENS, "count", "", noun, "about")
        return self.follows(start, "a ") and self.one(
            start - 2, end, _TWENTY, "count", noun=self.noun(end + 3, plural=True)
        )

    def _long_time(self, found: Found) -> bool:
        """Decades: tens of years; a decade is one."""
        start, end, word = found.start, found.end, self.t[found.start : found.end]
        unit, power = ("decade", 1) if word.startswith("decade") else ("century", 2)
        if word == unit:
            after_one = self.t[start - 1 : start] in ("-", "'", "’")
            return not after_one and self.one(start, end, _ONE, "duration", unit, exact=self.before(start))
        low, high = exact.shift(_TWO, power), exact.shift(_NINE, power)
        return self.add(start, end, low, high, "duration", "year", "", "about", not self.follows(start, "the "))

    def _several(self, found: Found) -> bool:
        """Several, a few; several hundred, hundreds of thousands, dozens."""
        scales = _SCALE_WORD.findall(found.get("scale"))
        if "dozen" not in scales:
            return self._about(found, _TWO, _NINE, scales, checkable=bool(scales))
        scales.remove("dozen")
        return self._about(found, Decimal(24), Decimal(99), scales)

    def _tens_of(self, found: Found) -> bool:
        """Tens of thousands."""
        return self._about(found, _TWENTY, Decimal(90), _SCALE_WORD.findall(found.get("scale")))

    def _couple(self, found: Found) -> bool:
        """A couple of days, a couple of hundred."""
        if found.get("scale"):
            return self._about(found, _TWO, Decimal(3), _SCALE_WORD.findall(found.get("scale")))
        start = self.t.index("couple", found.start)
        return bool(found.get("of")) and self.one(start, start + 6, _TWO, "count", exact="about", checkable=False)

    def _about(self, found: Found, low: Decimal, high: Decimal, scales: list[str], checkable: bool = True) -> bool:
        """About so many of the unit or noun that follows."""
        start, end = found.start, found.end
        for scale in scales:
            factor = Decimal(12 if scale == "dozen" else 10 ** words.SCALES[scale])
            low, high = exact.times(low, factor), exact.times(high, factor)
        at = end + 3 if self.t.startswith(" of ", end) else end
        if (unit := self.unit_at(at)) is not None:
            return self.add(start, unit[2], low, high, unit[0], unit[1], "", "about", checkable)
        return self.add(start, end, low, high, "count", "", self.noun(at, plural=True), "about", checkable)

    def _half(self, found: Found) -> bool:
        t, start, end = self.t, found.start, found.end
        before = (t[max(0, start - 8) : start].split() or [""])[-1]
        other = before in WORDS["other_half"] or before.endswith("-")
        if (not other or t[end : end + 1] == "-") and (match := PATTERNS["half_unit"].match(t, end)):
            return self._half_of(start, match, before)
        if other:
            return False
        if before == "a" and (unit := PATTERNS["unit_and_a"].search(t, max(0, start - 30), start)):
            return self._unit_and_a_half(start, end, unit)
        sure = PATTERNS["sure_half"].match(t, end) is not None or before in WORDS["half_after"]
        return t[end : end + 1] != "-" and self.one(
            start, end, _FIFTY, "percent", exact=self.before(start), checkable=sure
        )

    def _half_of(self, start: int, match: re.Match[str], before: str) -> bool:
        """Half a million, half a dozen, half an hour."""
        word, end = match[1], match.end()
        power = words.SCALES.get(word, 0)
        if word == "dozen" or power:
            value = exact.shift(_HALF, power) if power else Decimal(6)
            return self._complete(Draft(start, end, value, value, scale=power or 1))
        idle = word == "day" and before not in ("each", "every", "per", "a")
        return self.one(start, end, _HALF, *EN_UNIT[word], exact=self.before(start), checkable=not idle)

    def _unit_and_a_half(self, start: int, end: int, match: re.Match[str]) -> bool:
        """An hour and a half; two years and a half."""
        begin = match.start()
        kind, unit = EN_UNIT[match[2]]
        last = self.last()
        if match[1] in ("a", "an", "one"):
            if last is not None and last.span[1] > begin:
                self.quantities.pop()
            return self.one(begin, end, Decimal("1.5"), kind, unit, exact=self.before(begin))
        if last is None or last.unit != unit or last.span[1] != start - len(" and a "):
            return False
        self.quantities.pop()
        low, high = exact.plus(last.low, _HALF), exact.plus(last.high, _HALF)
        return self.add(last.span[0], end, low, high, kind, unit, "", last.exact)

    # -- numbers in words -------------------------------------------------------------------------------------------

    def _number_word(self, start: int, end: int, word: str) -> None:
        """A number in words, unless a rule says that it is none."""
        t = self.t
        number = None if _NUMBERS.apply(self, t, start) else words.read(t, end, word)
        if number is None:
            return
        value, q, scale = number
        article = (word in words.SCALES or word == "dozen") and PATTERNS["article"].match(t, start) is not None
        if (q == end and not article and self._no_number(start, word)) or self._part_of_name(start, q):
            return
        if self._hour(start, q, value) or self._out_of(start, q, value):
            return
        if word == "one" and q == end and PATTERNS["pronoun"].match(t, start):
            return
        if article:
            start -= 2
        if t[q : q + 1] in (" ", "-") and self._fraction(start, q, value):
            return
        low, high, q = self._word_range(start, q, value, scale)
        if PATTERNS["plan"].match(t, q) and self._follows_ordinal(start):
            return
        if self._slogan(start, q):
            self.named = q
            self.add(start, q, low, high, "count", checkable=False)
        else:
            self._complete(Draft(start, q, low, high, scale=scale))

    def _no_number(self, start: int, word: str) -> bool:
        """A scale word without a number before it."""
        return word in words.SCALES and not self.follows(start, " per ", " every ", " each ")

    def _slogan(self, start: int, q: int) -> bool:
        """The “two establishments”, “six-stability”, “four-against and two-balance”, the three-rivers area: a name with a
        number in it.
        """
        before = self.t[start - 1] if start else " "
        if before in _QUOTES and PATTERNS["quoted_word"].match(self.t, q):
            return True
        if self.t[q : q + 1] != "-" or self.unit_at(q) is not None:
            return False
        listed = 0 <= self.named > start - 24 and self.follows(start, " and ")
        return before in _QUOTES or listed or PATTERNS["of_several"].match(self.t, q) is not None

    def _or_two(self, found: Found) -> bool:
        """Another hour or two."""
        match = PATTERNS["or_two"].search(self.t, max(0, found.start - 24), found.start)
        return match is not None and self.add(match.start(), found.end, _ONE, _TWO, *EN_UNIT[match[1]])

    def _zero(self, found: Found) -> bool:
        """Zero alone."""
        return self.unit_at(found.end) is None

    def _part_of_name(self, start: int, q: int) -> bool:
        """Chapter Three, phase "four"; grade one, two and three."""
        t = self.t
        listed = 0 <= self.named < start and t[self.named : start] in (", ", " and ", ", and ", " or ")
        if not listed:
            head = t[max(0, start - 14) : start].split()
            if not head or (following := t[q : q + 1]) == "-":
                return False
            word = head[-1].strip("\"'“‘(") or (head[-2] if len(head) > 1 else "")
            at = t.rfind(word, max(0, start - 14), start) if word else -1
            capitals = word in WORDS["named_capital"] and self.text[at].isupper() and self.text[start].isupper()
            if word not in WORDS["named_in_words"] and not capitals:
                return False
            if self.unit_at(q) is not None or (following == " " and self.noun(q, plural=True)):
                return False
        self.named = q
        return True

    def _fraction(self, start: int, q: int, value: Decimal) -> bool:
        """Two thirds; three quarters of an hour."""
        match = PATTERNS["fraction"].match(self.t, q)
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
        end, exactness = self.qualified(start, match.end())
        return self.one(start, end, percent, "percent", exact=exactness)

    def _word_range(self, start: int, q: int, value: Decimal, scale: int) -> tuple[Decimal, Decimal, int]:
        """Two to three, five or six, between two and four."""
        match = PATTERNS["word_range"].match(self.t, q) if self.t[q : q + 1] in (" ", "-") else None
        joined = None if match is None else words.read(self.t, match.end(), match[2])
        if match is None or joined is None or joined.value <= value:
            return value, value, q
        if match[1] == "and" and not self.follows(start, *BETWEENS):
            return value, value, q
        first = exact.shift(value, joined.scale) if joined.scale > scale else value
        if first < joined.value and (match[1] != "or" or joined.value <= 2 * first):
            return first, joined.value, joined.end
        return value, value, q

    def _out_of(self, start: int, q: int, value: Decimal) -> bool:
        """One in five, three out of ten: a share."""
        match = PATTERNS["out_of"].match(self.t, q)
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

    def scale(self, text: str) -> Decimal:
        return Decimal(1)

    def complete(self, d: Draft) -> bool:
        return self._complete(d)

    # -- from a value to a quantity ---------------------------------------------------------------------------------

    def _complete(self, d: Draft, symbol: Symbol | None = None) -> bool:
        """The value is read: now the second end of a range, the unit, the noun and the qualifiers."""
        t = self.t
        named = not d.run and self._title(d.start, d.end)
        self._range(d, symbol)
        if d.noun == "score":
            return self.add(d.start, d.end, d.low, d.high, "count", "", "score")
        d.end, d.exact = self.after(d.end)
        self._kind(d, symbol)
        if d.exact == "exact":
            d.end, d.exact = self.after(d.end)
        if symbol is not None:
            d.start = symbol[1]
        if d.kind == "money" and (rate := PATTERNS["rate"].match(t, d.end)) is not None:
            d.noun = EN_RATE.get(rate[1], "")
        if d.kind == "count" and not d.noun and self._aged(d):
            d.become("duration", "year", d.end, "age")
            if d.exact == "exact" and self.follows(d.start, "the age of "):
                d.exact = self.before(d.start - 11)  # around the age of 50
        d.checkable = d.kind != "count" or not (named or self._no_number_of(d))
        return self._change(d) or self.finish(d)

    def _change(self, d: Draft) -> bool:
        """Grew from 40 to 60 million yuan: both values with the unit, and no range."""
        if d.single or PATTERNS["change"].search(self.t, max(0, d.start - 60), d.start) is None:
            return False
        middle = self.t.find(" to ", d.start, d.end)
        if middle < 0:
            return False
        self.finish(replace(d, end=middle, high=d.low, exact="exact"))
        return self.finish(replace(d, start=middle + 4, low=d.high))

    def _range(self, d: Draft, symbol: Symbol | None) -> None:
        following = self.t[d.end : d.end + 1]
        if d.single and following == " " and (match := PATTERNS["to_a_scale"].match(self.t, d.end)):
            most = Decimal(10 ** words.SCALES[match[1]])
            if d.low < most:
                d.join(d.low, most, match.end())
                return
        if d.run and following in _RANGE_STARTS:
            self.joined(d, symbol)

    def _kind(self, d: Draft, symbol: Symbol | None) -> None:
        """Kind, unit, noun, and where the unit ends."""
        t, q, tail = self.t, d.end, self.unit_at(d.end)
        if symbol is not None:
            more = tail is not None and tail[0] == "money" and ":" not in tail[1]
            d.become(*(tail if tail is not None and more else ("money", symbol[0], q)))
        elif tail is not None:
            d.become(*tail, "age" if tail[1] == "year" and t.find("old", q, tail[2]) >= 0 else "")
        elif t[q : q + 1] == "x" and not t[q + 1 : q + 2].isalnum():
            d.become("multiple", "", q + 1)
        elif (times := PATTERNS["times"].match(t, q)) is not None:
            end = times.end()
            grows = PATTERNS["compared"].match(t, end) or PATTERNS["growth"].search(t, max(0, d.start - 40), d.start)
            d.become(*(("multiple", "", end) if grows else ("count", "", end, "time")))
        elif (fold := PATTERNS["fold"].match(t, q)) is not None:
            d.become("multiple", "", fold.end())
        else:
            d.noun = self.noun(q, plural=d.low != _ONE)
            if not d.noun and (ahead := self.unit_ahead(d.start)) is not None:
                d.become(*ahead, q)

    def _aged(self, d: Draft) -> bool:
        """Aged 5; Mukherjee, 52, …; Moses (14); as young as 5."""
        if PATTERNS["aged"].match(self.t, d.start):
            return True
        if not d.run or len(d.run) > 3 or not 0 < d.low <= _OLDEST:
            return False
        if self.follows(d.start, "as young as ", "as old as "):
            return True
        head = self.text[max(0, d.start - 22) : d.start]
        ends = ",." if head.endswith(", ") else ")" if head.endswith("(") else ""
        word = head.rstrip("( ,").rpartition(" ")[2]
        return self.text[d.end : d.end + 1] in tuple(ends) and word[:1].isupper() and word[-1:].islower()

    def _no_number_of(self, d: Draft) -> bool:
        """A five-star hotel, four seasons."""
        if d.low == 4 and self.t.startswith(" seasons", d.end):
            return True
        return self.t.startswith(("-star", " star", "-dime"), d.end) and self.t[d.end + 5 : d.end + 6] != "s"

    def below_zero(self, d: Draft) -> bool:
        """Minus 5 degrees."""
        start = d.start
        if self.t.startswith((" below zero", " below freezing"), d.end):
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


_DIGITS, _MONTHS, _RELATIVE, _PHRASES, _NUMBERS = (
    LEXICON.rules(name, _Scan) for name in ("digits", "months", "relative", "phrases", "numbers")
)
_CANDIDATE = re.compile(
    rf"(?<![a-z])(?:{exact.DIGITS}|{trie([*NUMBER_WORDS, *MONTHS, *words.ORDINALS, *WORDS['starters']])}(?![a-z]))|{exact.DIGITS}"
)
