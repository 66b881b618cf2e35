"""Quantities in English text.

One scan finds digits and the few words that can begin a quantity; everything else looks only at the words around them,
so the work is linear in the length of the text.
"""

from __future__ import annotations

import re
from decimal import Decimal

from evalkit.text.quantities import english_words as words
from evalkit.text.quantities.chinese_numerals import plain_decimal
from evalkit.text.quantities.dates import Day, date_quantity, time_quantity
from evalkit.text.quantities.listing import barred, spaced
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.nouns import EN_NOUN
from evalkit.text.quantities.units import EN_SYMBOL, EN_UNIT, percent_of

__all__ = ["extract"]

_MONTHS: dict[str, int] = {
    name: i + 1
    for i, names in enumerate(
        barred(
            "January Jan|February Feb|March Mar|April Apr|May|June Jun|July Jul|August Aug|September Sept Sep|"
            "October Oct|November Nov|December Dec"
        )
    )
    for name in spaced(names)
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_BEGIN = [*words.SMALL, *words.SCALES, *words.PLURAL_SCALES, *words.ORDINALS]
_SPECIAL = spaced(
    "dozen dozens half quarter couple several few last this next twice thrice double doubled doubling triple tripled "
    "tripling quadrupled onefold twofold threefold fourfold fivefold sixfold sevenfold eightfold ninefold tenfold "
    "thirds quarters halved both pair"
)
_CANDIDATE = re.compile(
    rf"({words.DIGITS})|\b(?:({'|'.join(sorted({*_BEGIN, *_SPECIAL}, key=len, reverse=True))})|((?-i:{_MONTH})))\b",
    re.IGNORECASE,
)

_MORE, _LEAST, _LESS, _MOST = "more than", "at least", "less than", "at most"
_BEFORE: dict[str, str] = {
    phrase: exact
    for exact, phrases in (
        (
            _MORE,
            "more than|over|above|exceeding|exceeded|exceeds|exceed|in excess of|upwards of|upward of|greater than|"
            "well over|just over|larger than|higher than|surpassing|surpassed|topped|beyond",
        ),
        (_LEAST, "at least|no less than|no fewer than|not less than|a minimum of|minimum of|not fewer than|minimum"),
        (_LESS, "less than|fewer than|under|below|lower than|short of|smaller than|just under"),
        (
            _MOST,
            "at most|up to|no more than|not more than|a maximum of|maximum of|no higher than|maximum|not exceeding|"
            "not exceed",
        ),
        ("nearly", "nearly|almost|close to|approaching|near|nearing|just short of"),
        ("about", "about|around|approximately|some|roughly|circa|approx.|approx|an estimated|estimated|or so"),
    )
    for phrase in barred(phrases)
}
_AFTER = re.compile(
    r"\s?(?:(\+|-plus\b| plus\b|(?:or|and) (?:more|above|over|older|higher|up)\b)"
    r"|(or so\b|-odd\b| odd\b|or thereabouts\b)|((?:or|and) (?:less|fewer|under|below|younger)\b))",
    re.IGNORECASE,
)
_UNIT_WORDS = re.compile(
    r"[ \-‑\u00a0]?([A-Za-zμµ²³°℃%㎡.]{1,20}[23²³]?)(?:[ \-]([A-Za-z.]{1,20}[23²³]?))?(?:[ \-]([A-Za-z.]{1,20}))?"
)
_NOUN_WORDS = re.compile(r"[ \-]([A-Za-z][A-Za-z'’\-]*)")
_NOUN_STOP = frozenset(
    spaced(
        "of in and the to for from with at on by were was is are have has had who that which or a an as than per into "
        "since after before during until when while but will would could can may be been being their his her its our "
        "your my this these those more"
    )
)
_IRREGULAR = frozenset(spaced("people men women children kids personnel staff police aircraft youths"))
_RANGE = re.compile(rf"(?:\s?[-–—~‑]\s?|\s+to\s+)({words.DIGITS})(?![0-9])")
_WORD_RANGE = re.compile(
    rf"(?:-|–|\s+)(?:to|or)(?:-|–|\s+)({'|'.join(sorted(words.SMALL, key=len, reverse=True))})\b", re.IGNORECASE
)
_BETWEEN = re.compile(rf"\s+and\s+[$€£¥]?({words.DIGITS})(?![0-9])")
_NOT_COUNTED_AFTER = frozenset(
    spaced(
        "no no. number chapter section figure fig fig. table article phase type route flight unit grade level line "
        "room page boeing airbus iphone windows apollo group class version stage part volume vol vol. season episode "
        "gate platform highway interstate channel appendix annex act scene lot item step model mark area pier hall "
        "building zone pm2. galaxy xbox playstation mate note python ps bus train"
    )
)
_MONTH_TAIL = re.compile(
    r"\.?(?:\s+(?:the\s+)?([0-9]{1,2})(?:st|nd|rd|th)?(?![0-9:%]|[.,][0-9]|\s?(?:percent|million|billion|per cent))\b"
    r"(?:(?:,\s?|\s+|\s+of\s+)((?:1[0-9]|20)[0-9]{2})\b(?!,[0-9]))?"
    r"|,?\s+(?:of\s+)?((?:1[0-9]|20)[0-9]{2})\b(?!,[0-9]))"
)
_DAY_RANGE = re.compile(
    r"\s?(?:-|–|—|to|and|through|until)\s?(?:the\s+)?([0-9]{1,2})(?:st|nd|rd|th)?\b(?![:%,.]?[0-9])"
)
_YEAR_TAIL = re.compile(r"(?:,\s?|\s+)((?:1[0-9]|20)[0-9]{2})\b")
_RELATIVE_TAIL = re.compile(r",?\s+(?:of\s+)?(this|last|next)\s+year\b", re.I)
_DAY_MONTH = re.compile(
    rf"([0-9]{{1,2}})(?:st|nd|rd|th)?(?:\s?(?:-|–|to|and)\s?([0-9]{{1,2}})(?:st|nd|rd|th)?)?\s+(?:of\s+)?({_MONTH})\b\.?"
    r"(?:,?\s+(?:of\s+)?((?:1[0-9]|20)[0-9]{2})\b)?"
)
_ISO = re.compile(r"((?:1[0-9]|20)[0-9]{2})[-/.]([01]?[0-9])[-/.]([0-3]?[0-9])(?![0-9])")
_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.]([0-5][0-9]))?(?::[0-5][0-9])?\s?([ap])\.?\s?m\b\.?", re.I)
_CLOCK24 = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::[0-5][0-9])?(?![0-9])")
_OCLOCK = re.compile(r"\s?o['’]clock", re.I)
_ORDINAL_TAIL = re.compile(r"(?:st|nd|rd|th)\b", re.I)
_COMPARED = re.compile(
    r"\s+(?:as|more|less|higher|larger|greater|faster|bigger|lower|the|that|of|its|their|what|longer|stronger|smaller|"
    r"cheaper|better|worse|heavier|richer|those|this|over)\b",
    re.I,
)
_FRACTION_TAIL = re.compile(
    r"[ \-‑](thirds?|quarters?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?|halves|half|hundredths?)\b", re.I
)
_DENOMINATOR = {
    "third": 3,
    "quarter": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "halve": 2,
    "half": 2,
    "hundredth": 100,
}
_FOLD = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_HALF_UNIT = re.compile(
    r"(?:[ \-](?:a|an|of a))?[ \-](million|billion|trillion|thousand|hundred|dozen|year|month|hour|day|century|decade|"
    r"mile|kilogram|kilometer|kilometre|ton|pound|minute|second|inch|metre|meter)\b",
    re.I,
)
_OTHER_HALF = frozenset(spaced("first second last other better latter final - and top bottom upper"))
_ONE = Decimal(1)


def extract(text: str, when: Day | None) -> list[Quantity]:
    """Quantities of an English text, in order, not overlapping."""
    return _Scan(text, when).run()


class _Scan:
    """One pass over one text. ``done`` is how far it has been read."""

    def __init__(self, text: str, when: Day | None) -> None:
        self.t = text
        self.when = when
        self.done = 0
        self.found: list[Quantity] = []

    def run(self) -> list[Quantity]:
        for match in _CANDIDATE.finditer(self.t):
            start, end = match.span()
            if start < self.done:
                continue
            digits, word, month = match.groups()
            if digits:
                self._digits(start, end, digits)
            elif month:
                self._month(start, end, month)
            else:
                self._word(start, end, word.lower())
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
        if checkable and low == high == 1 and kind in ("count", "duration", "measure"):
            checkable = False
        self.found.append(
            Quantity(low, high, kind, unit, noun, exact, None, None, None, (start, end), self.t[start:end], checkable)
        )
        self.done = end

    def _date(self, start: int, end: int, year: int | None, month: int | None = None, day: int | None = None) -> None:
        self.found.append(date_quantity(start, end, self.t[start:end], year, month, day))
        self.done = end

    # -- digits -----------------------------------------------------------------------------------------------------

    def _digits(self, start: int, end: int, digits: str) -> None:
        t = self.t
        before = t[start - 1] if start else " "
        after = t[end] if end < len(t) else " "
        if (before.isalnum() and not self._symbol(start)) or before in "_#/\\@=&":
            if not (before == "/" and start > 1):
                self._skip(end)
                return
            return
        named = (
            before == "-" and start > 1 and (t[start - 2].isupper() or not t[max(0, start - 5) : start - 1].isalpha())
        )
        if named and t[start - 2].isalpha() and not self._symbol(start):
            return
        if before in ".," and start > 1 and t[start - 2].isdigit():
            return
        if after in ".," and t[end + 1 : end + 2].isdigit():
            self._skip(end)
            return
        if self._calendar(start, end, digits, after):
            return
        if after.isalpha() and _ORDINAL_TAIL.match(t, end):
            self._ordinal(start, end + 2, Decimal(digits.replace(",", "")) if len(digits) < 12 else None)
            return
        symbol = self._symbol(start)
        if symbol is None and self._not_counted(start, end, digits, after):
            return
        if after == "-" and re.compile(r"-[0-9]+-[0-9]").match(t, end):
            self._skip(end)
            return
        if after == "/" and (fraction := re.compile(r"/([0-9]{1,3})(?![0-9/])").match(t, end)):
            self._slash(start, fraction, digits)
            return
        number = words.read(t, start, end, digits)
        if number is None:
            return
        low = high = number.value
        q = number.end
        if symbol and number.scale == 0 and (short := re.compile(r"\s?(m|b|t|M|B|T)\b").match(t, q)):
            power = {"m": 6, "b": 9, "t": 12}[short[1].lower()]
            scaled = plain_decimal(digits, power)
            if scaled is not None:
                low = high = scaled
                q = short.end()
        self._finish(start, q, low, high, number.scale, symbol, digits=True)

    def _skip(self, at: int) -> None:
        t = self.t
        while at < len(t) and (t[at].isalnum() or (t[at] in ".-" and t[at + 1 : at + 2].isdigit())):
            at += 1
        self.done = at

    def _not_counted(self, start: int, end: int, digits: str, after: str) -> bool:
        t = self.t
        if after.isalpha() and self._unit_at(end) is None and not re.compile(r"(?:k|K|mn|bn|tn|m|x|s)\b").match(t, end):
            self._skip(end)
            return True
        if after in ")." and len(digits) <= 2 and (start == 0 or t[start - 1] in "\n("):
            return not t[end + 1 : end + 2].isdigit()
        if len(digits) >= 7 and "," not in digits and "." not in digits:
            return True
        previous = t[max(0, start - 14) : start].rstrip().rsplit(None, 1)
        return bool(previous) and previous[-1].lower().lstrip("(\"'“") in _NOT_COUNTED_AFTER

    def _slash(self, start: int, found: re.Match[str], digits: str) -> None:
        """1/3; 3/4 of; and 24/7, which is none."""
        end = found.end()
        top, bottom = digits, int(found[1])
        self.done = end
        if not top.isdigit() or len(top) > 3 or bottom == 0 or int(top) >= bottom or (top, bottom) == ("24", 7):
            return
        value = percent_of(int(top), bottom)
        self._add(start, end, value, value, "percent", "", "", self._before(start))

    def _symbol(self, start: int) -> tuple[str, int] | None:
        """Currency code and start of the symbol before."""
        t = self.t
        at = start - 1 if start and t[start - 1] == " " else start
        if at == 0:
            return None
        for length in (4, 3, 2, 1):
            if at >= length and (code := EN_SYMBOL.get(t[at - length : at])) is not None:
                if at - length and t[at - length - 1].isalpha() and t[at - length].isalpha():
                    continue
                return code, at - length
        return None

    # -- the calendar and the clock ---------------------------------------------------------------------------------

    def _calendar(self, start: int, end: int, digits: str, after: str) -> bool:
        t = self.t
        length = len(digits)
        if length == 4 and digits.isdigit():
            return self._year(start, end, digits, after)
        if length > 2 and not (length <= 5 and "." in digits):
            return False
        whole = digits.isdigit()
        if whole and (found := _DAY_MONTH.match(t, start)):
            month = _MONTHS[found[3]]
            day, last = int(found[1]), int(found[2] or 0)
            year = int(found[4]) if found[4] else None
            end = found.end()
            if year is None and self.when and (relative := _RELATIVE_TAIL.match(t, end)):
                year = self.when.year + {"this": 0, "last": -1, "next": 1}[relative[1].lower()]
                end = relative.end()
            if 1 <= day <= 31 and last <= 31:
                if last:
                    middle = found.start(2)
                    self._date(start, start + len(found[1]), year, month, day)
                    self._date(middle, end, year, month, last)
                else:
                    self._date(start, end, year, month, day)
                return True
        if found := _CLOCK.match(t, start):
            hour, minute = int(found[1]), int(found[2] or 0)
            if hour <= 24:
                half = "am" if found[3].lower() == "a" else "pm"
                self.found.append(time_quantity(start, found.end(), t[start : found.end()], hour, minute, half))
                self.done = found.end()
                return True
        if not whole:
            return False
        if after == ":" and (found := _CLOCK24.match(t, start)) and int(found[1]) <= 24:
            self.found.append(
                time_quantity(start, found.end(), t[start : found.end()], int(found[1]), int(found[2]), "")
            )
            self.done = found.end()
            return True
        if after in " o" and (clock := _OCLOCK.match(t, end)) and int(digits) <= 24:
            self.found.append(time_quantity(start, clock.end(), t[start : clock.end()], int(digits), 0, ""))
            self.done = clock.end()
            return True
        return False

    def _year(self, start: int, end: int, digits: str, after: str) -> bool:
        t = self.t
        if found := _ISO.match(t, start):
            month, day = int(found[2]), int(found[3])
            if 1 <= month <= 12 and 1 <= day <= 31:
                self._date(start, found.end(), int(digits), month, day)
                return True
        year = int(digits)
        if not 1000 <= year < 2200:
            return False
        if after == "s" or t[end : end + 2] in ("'s", "’s"):
            more = 1 if after == "s" else 2
            if year % 10 == 0 and not t[end + more : end + more + 1].isalnum() and (after == "s" or year % 100):
                self.found.append(date_quantity(start, end + more, t[start : end + more], year, unit="decade"))
                self.done = end + more
                return True
        if self._symbol(start) or after.isalpha() or after in "%°":
            return False
        previous = t[max(0, start - 12) : start].rstrip().rsplit(None, 1)
        word = previous[-1].lower() if previous else ""
        placed = word in ("in", "since", "of", "by", "until", "till", "from", "year", "during", "before", "after")
        if placed and year >= 1400 and self._unit_at(end) is None and not self._noun(end, plural=True):
            self._date(start, end, year)
            return True
        if not 1800 <= year < 2100 or word in ("than", "over", "about", "nearly", "almost", "approximately", "around"):
            return False
        if words.SCALE.match(t, end) or self._unit_at(end) is not None or self._noun(end, plural=True):
            return False
        self._date(start, end, year)
        return True

    def _month(self, start: int, end: int, name: str) -> None:
        t = self.t
        month = _MONTHS[name]
        found = _MONTH_TAIL.match(t, end)
        if found:
            day = int(found[1]) if found[1] else None
            year_text = found[2] or found[3]
            year = int(year_text) if year_text else None
            if day is not None and not 1 <= day <= 31:
                self._date(start, end, None, month)
                return
            end = found.end()
            if day is not None and year is None and (more := _DAY_RANGE.match(t, end)) and 1 <= int(more[1]) <= 31:
                tail = _YEAR_TAIL.match(t, more.end())
                year = int(tail[1]) if tail else None
                self._date(start, end, year, month, day)
                self._date(more.start(1), tail.end() if tail else more.end(), year, month, int(more[1]))
                return
            if year is None and self.when and (relative := _RELATIVE_TAIL.match(t, end)):
                year = self.when.year + {"this": 0, "last": -1, "next": 1}[relative[1].lower()]
                end = relative.end()
            self._date(start, end, year, month, day)
            return
        if name in ("May", "March", "Mar", "Jan", "Jun", "Dec", "Sep"):
            previous = t[max(0, start - 10) : start].rstrip().rsplit(None, 1)
            if not previous or previous[-1].lower() not in (
                "in", "of", "since", "by", "until", "early", "late", "mid", "from", "to", "and", "between", "through",
            ):  # fmt: skip
                return
        year = None
        if self.when and (relative := _RELATIVE_TAIL.match(t, end)):
            year = self.when.year + {"this": 0, "last": -1, "next": 1}[relative[1].lower()]
            end = relative.end()
        elif name != "May" and t[end : end + 1] == "." and len(name) <= 4:
            end += 1
        self._date(start, end, year, month)

    def _relative(self, start: int, end: int, word: str) -> None:
        """This year, last month, last May."""
        if self.when is None:
            return
        t = self.t
        found = re.compile(rf"\s+(?:(year|month)|({_MONTH}))\b").match(t, end)
        if not found or t[max(0, start - 4) : start].lower() in ("the ", "its ", "her ", "his ", "ast "):
            return
        if found[1] == "year":
            self._date(start, found.end(), self.when.year + {"this": 0, "last": -1, "next": 1}[word])
            return
        if found[1] == "month":
            then = self.when.months_ago({"this": 0, "last": 1, "next": -1}[word])
            if then:
                self._date(start, found.end(), *then)
            return
        month = _MONTHS[found[2]]
        year = self.when.year
        other = None
        if word == "last":
            if self.when.month is None or month < self.when.month:
                year, other = year - 1, year
            else:
                year -= 1
        elif word == "next" and self.when.month is not None and month <= self.when.month:
            year += 1
        day = None
        end = found.end()
        if more := re.compile(r"\s+([0-9]{1,2})(?:st|nd|rd|th)?\b(?![0-9:%.,]?[0-9])").match(t, end):
            day, end = int(more[1]), more.end()
            if not 1 <= day <= 31:
                day, end = None, found.end()
        self.found.append(date_quantity(start, end, t[start:end], year, month, day, or_year=other))
        self.done = end

    def _ordinal(self, start: int, end: int, value: Decimal | None) -> None:
        t = self.t
        if value is None:
            self.done = end
            return
        if t[end : end + 8].lower() == " century" or t[end : end + 8].lower() == "-century":
            self._add(start, end + 8, value, value, "date", "century")
            return
        if found := re.compile(r"[ \-](?:birthday|anniversary)\b", re.I).match(t, end):
            self._add(start, found.end(), value, value, "duration", "year", "anniversary")
            return
        self._add(start, end, value, value, "ordinal", checkable=False)

    # -- words ------------------------------------------------------------------------------------------------------

    def _word(self, start: int, end: int, word: str) -> None:
        t = self.t
        if word in ("last", "this", "next"):
            self._relative(start, end, word)
        elif word == "half":
            self._half(start, end)
        elif word in words.PLURAL_SCALES or word == "dozens":
            self._plural(start, end, word)
        elif word in words.ORDINALS:
            self._ordinal_word(start, end, word)
        elif word in ("several", "few", "couple", "pair", "both"):
            self._vague(start, end, word)
        elif word.endswith("fold"):
            value = Decimal(_FOLD[word[:-4]])
            self._add(start, end, value, value, "multiple")
        elif word in (
            "doubled",
            "doubling",
            "twice",
            "tripled",
            "tripling",
            "quadrupled",
            "thrice",
            "double",
            "triple",
        ):
            times = {"d": 2, "t": 3, "q": 4}[word[0]] if word != "twice" else 2
            checkable = word not in ("double", "triple", "twice", "thrice") or bool(_COMPARED.match(t, end))
            value = Decimal(times)
            self._add(start, end, value, value, "multiple", "", "", self._before(start), checkable)
        elif word in ("halved", "thirds", "quarters", "quarter"):
            if word == "quarter" and t[max(0, start - 2) : start].lower() == "a " and t[end : end + 3] == " of":
                self._add(start - 2, end, Decimal(25), Decimal(25), "percent", "", "", self._before(start - 2))
        elif word in ("k", "mn", "mln", "bn", "bln", "tn", "trn", "lakh", "crore"):
            return
        else:
            self._number_word(start, end, word)

    def _number_word(self, start: int, end: int, word: str) -> None:
        t = self.t
        if start and t[start - 1] == "-" and start > 1 and t[start - 2].isalpha():
            return
        number = words.read(t, start, end, word)
        if number is None:
            return
        value = number.value
        article = t[max(0, start - 2) : start].lower() == "a " and not t[max(0, start - 3) : start - 2].isalnum()
        if number.end == end:
            if word in words.SCALES and not article:
                return
            if word == "one" and self._bare_one(start, end):
                return
        if article and (word in words.SCALES or word == "dozen"):
            start -= 2
        if fraction := _FRACTION_TAIL.match(t, number.end):
            stem = fraction[1].lower().rstrip("s")
            bottom = _DENOMINATOR["halve" if stem == "halve" else stem]
            plural = fraction[1].lower().endswith("s")
            if (
                value == int(value)
                and value < bottom
                and (value == 1) != plural
                and not (stem == "quarter" and plural and value != 3)
            ):
                percent = percent_of(int(value), bottom)
                self._add(start, fraction.end(), percent, percent, "percent", "", "", self._before(start))
                return
        low = high = value
        q = number.end
        if found := _WORD_RANGE.match(t, q):
            second = words.read(t, found.start(1), found.end(1), found[1].lower())
            if second and second.value > value:
                high = second.value
                if second.scale > number.scale:
                    low = _shift(low, second.scale)
                q = second.end
        self._finish(start, q, low, high, number.scale, None, digits=False)

    def _bare_one(self, start: int, end: int) -> bool:
        """Whether a lone "one" is a pronoun."""
        t = self.t
        if t[end : end + 1] in ("'", "’", ",", ".", ";", "?", "!", ")", "”", '"', ""):
            return True
        following = t[end : end + 9].lower()
        if following.startswith((" of", " another", " can", " who", " by ", " day", " is", " has", " that", " thing")):
            return True
        previous = t[max(0, start - 7) : start].rstrip().rsplit(None, 1)
        return bool(previous) and previous[-1].lower() in (
            "no", "any", "every", "some", "the", "this", "that", "each", "which", "another", "only", "new", "big",
        )  # fmt: skip

    def _plural(self, start: int, end: int, word: str) -> None:
        """Hundreds of, tens of thousands, dozens."""
        t = self.t
        if word == "dozens":
            low, high, power = Decimal(24), Decimal(99), 0
        else:
            power = words.PLURAL_SCALES[word]
            if word == "tens" and not re.compile(r"\s+of\s+(?:thousand|million|billion)s?\b", re.I).match(t, end):
                return
        if found := re.compile(r"\s+of\s+(thousand|million|billion|trillion)s?\b", re.I).match(t, end):
            power += words.SCALES[found[1].lower()]
            end = found.end()
        if word != "dozens":
            low, high = Decimal(f"2E{power}"), Decimal(f"9E{power}")
        elif power:
            low, high = Decimal(f"2E{power + 1}"), Decimal(f"9E{power + 1}")
        noun_at = end + 3 if t[end : end + 4].lower() == " of " else end
        unit = self._unit_at(noun_at)
        if unit:
            self._add(start, unit[2], low, high, unit[0], unit[1], "", "about")
            return
        self._add(start, end, low, high, "count", "", self._noun(noun_at, plural=True), "about")

    def _ordinal_word(self, start: int, end: int, word: str) -> None:
        t = self.t
        value = Decimal(words.ORDINALS[word])
        part = word in ("third", "fifth", "tenth", "fourth", "sixth") and t[end : end + 3] == " of"
        if part and t[max(0, start - 2) : start].lower() == "a ":
            percent = percent_of(1, int(value))
            self._add(start - 2, end, percent, percent, "percent", "", "", self._before(start - 2))
            return
        if word == "second" and t[end : end + 1] == "s":
            return
        self._ordinal(start, end, value)

    def _vague(self, start: int, end: int, word: str) -> None:
        t = self.t
        if word in ("both", "pair", "couple"):
            if word != "couple" or t[end : end + 3] == " of":
                two = Decimal(2)
                self._add(start, end, two, two, "count", "", "", "about" if word == "couple" else "exact", False)
            return
        if word == "few" and t[max(0, start - 2) : start].lower() != "a ":
            return
        begin = start - 2 if word == "few" else start
        low, high = Decimal(2), Decimal(9)
        if found := words.SCALE.match(t, end):
            scale = found[1].lower()
            if scale == "dozen":
                low, high = low * 12, high * 12
            else:
                low, high = _shift(low, words.SCALES[scale]), _shift(high, words.SCALES[scale])
            end = found.end()
            if (again := words.SCALE.match(t, end)) and again[1].lower() in words.SCALES:
                low, high = (
                    _shift(low, words.SCALES[again[1].lower()]),
                    _shift(high, words.SCALES[again[1].lower()]),
                )
                end = again.end()
            unit = self._unit_at(end)
            if unit:
                self._add(begin, unit[2], low, high, unit[0], unit[1], "", "about")
            else:
                self._add(begin, end, low, high, "count", "", self._noun(end, plural=True), "about")
            return
        unit = self._unit_at(end)
        if unit:
            self._add(begin, unit[2], low, high, unit[0], unit[1], "", "about", False)
        else:
            self._add(begin, end, low, high, "count", "", "", "about", False)

    def _half(self, start: int, end: int) -> None:
        t = self.t
        previous = t[max(0, start - 8) : start].rstrip().rsplit(None, 1)
        before = previous[-1].lower() if previous else ""
        if before in (
            "first",
            "second",
            "last",
            "other",
            "better",
            "latter",
            "final",
            "-",
            "and",
            "top",
            "bottom",
            "upper",
        ):
            return
        if found := _HALF_UNIT.match(t, end):
            word = found[1].lower()
            power = words.SCALES.get(word)
            half = Decimal("0.5")
            if word == "dozen":
                self._finish(start, found.end(), Decimal(6), Decimal(6), 1, None, digits=False)
            elif power:
                value = _shift(half, power)
                self._finish(start, found.end(), value, value, power, None, digits=False)
            else:
                kind, unit = EN_UNIT[word]
                self._add(start, found.end(), half, half, kind, unit, "", self._before(start), word != "day")
            return
        sure = bool(re.compile(r"\s+(?:of|the|as|that|its|their)\b", re.I).match(t, end)) or before in (
            "than", "nearly", "almost", "over", "about", "by", "in", "one", "around",
        )  # fmt: skip
        if t[end : end + 1] == "-":
            return
        if before == "a" and not sure:
            return
        self._add(start, end, Decimal(50), Decimal(50), "percent", "", "", self._before(start), sure)

    # -- what follows a number --------------------------------------------------------------------------------------

    def _finish(
        self,
        start: int,
        q: int,
        low: Decimal,
        high: Decimal,
        scale: int,
        symbol: tuple[str, int] | None,
        *,
        digits: bool,
    ) -> None:
        t = self.t
        if digits and low == high and t[q : q + 1] in (" ", "-", "–", "—", "~", "‑", "%"):
            low, high, q = self._joined(start, q, low, scale, symbol)
        exact = "exact"
        if after := _AFTER.match(t, q):
            exact = _LEAST if after[1] else "about" if after[2] else _MOST
            q = after.end()
        if symbol:
            code, at = symbol
            if (unit := self._unit_at(q)) and unit[0] == "money":
                code, q = unit[1], unit[2]
            self._close(at, q, low, high, "money", code, "", exact)
            return
        if t[q : q + 1] == "x" and not t[q + 1 : q + 2].isalnum():
            self._close(start, q + 1, low, high, "multiple", "", "", exact)
            return
        if re.compile(r"[ \-]?fold\b").match(t, q):
            r = t.index("fold", q) + 4
            self._close(start, r, low, high, "multiple", "", "", exact)
            return
        unit = self._unit_at(q)
        if unit is not None:
            kind, name, r = unit
            noun = ""
            if kind == "duration" and name == "year" and "old" in t[q:r]:
                noun = "age"
            self._close(start, r, low, high, kind, name, noun, exact)
            return
        if times := re.compile(r"[ \-]times\b", re.I).match(t, q):
            kind = "multiple" if _COMPARED.match(t, times.end()) else "count"
            self._close(start, times.end(), low, high, kind, "", "" if kind == "multiple" else "time", exact)
            return
        self._close(start, q, low, high, "count", "", self._noun(q, plural=low != 1), exact)

    def _close(
        self, start: int, q: int, low: Decimal, high: Decimal, kind: str, unit: str, noun: str, exact: str
    ) -> None:
        if exact == "exact" and (after := _AFTER.match(self.t, q)):
            exact = _LEAST if after[1] else "about" if after[2] else _MOST
            q = after.end()
        if exact == "exact":
            exact = self._before(start)
        self._add(start, q, low, high, kind, unit, noun, exact)

    def _joined(
        self, start: int, q: int, low: Decimal, scale: int, symbol: tuple[str, int] | None
    ) -> tuple[Decimal, Decimal, int]:
        """The second end of a range, or the other side's score."""
        t = self.t
        at = q
        unit = None
        if (found := _RANGE.match(t, at)) is None:
            unit = self._unit_at(q)
            if unit is not None:
                at = unit[2]
                found = _RANGE.match(t, at)
            elif symbol is not None:
                found = re.compile(rf"(?:\s?[-–—]\s?|\s+to\s+)(?:US\$|HK\$|[$€£¥])({words.DIGITS})(?![0-9])").match(
                    t, at
                )
        if found is None and t[max(0, start - 9) : start].lower().endswith(("between ", "between $", "between €")):
            found = _BETWEEN.match(t, at)
        if found is None:
            return low, low, q
        second = words.read(t, found.start(1), found.end(1), found[1])
        if second is None:
            return low, low, q
        if unit is not None:
            again = self._unit_at(second.end)
            if again is None or again[:2] != unit[:2]:
                return low, low, q
        first = low
        if second.scale > scale == 0 and low < Decimal(found[1].replace(",", "")):
            first = _shift(low, second.scale)
        if first < second.value:
            return first, second.value, second.end
        if unit is None and symbol is None and scale == second.scale == 0 and low < 200 and "to" not in found.group():
            return second.value, low, second.end
        return low, low, q

    def _unit_at(self, q: int) -> tuple[str, str, int] | None:
        """Kind, unit and end of the longest unit that stands here."""
        found = _UNIT_WORDS.match(self.t, q)
        if not found:
            return None
        a, b, c = found.groups()
        if a == "%" or a[0] == "%":
            if b and a == "%" and b in ("point", "points"):
                return "percentage-point", "", found.end(2)
            return "percent", "", found.start(1) + 1
        if c and (hit := _unit(f"{a} {b} {c}")):
            return hit[0], hit[1], found.end(3)
        if b and (hit := _unit(f"{a} {b}")):
            return hit[0], hit[1], found.end(2)
        if hit := _unit(a):
            return hit[0], hit[1], found.end(1)
        if a[-1] == "." and (hit := _unit(a[:-1])):
            return hit[0], hit[1], found.end(1) - 1
        return None

    def _noun(self, q: int, *, plural: bool) -> str:
        """Class of the counted noun within the next words: a plural, so that what only describes it is passed over."""
        t = self.t
        for _ in range(4):
            found = _NOUN_WORDS.match(t, q)
            if not found:
                return ""
            word = found[1].lower()
            if word in _NOUN_STOP:
                return ""
            name = EN_NOUN.get(word)
            if name and (not plural or word in _IRREGULAR or word.endswith("s")):
                return name
            q = found.end()
        return ""

    def _before(self, start: int) -> str:
        """How exact the words before say it is."""
        parts = self.t[max(0, start - 26) : start].lower().split()
        if not parts:
            return "exact"
        if parts[-1] in ("a", "an", "the"):
            parts.pop()
        for length in (3, 2, 1):
            if len(parts) >= length and (hit := _BEFORE.get(" ".join(parts[-length:]).lstrip("(“\"'"))):
                return hit
        return "exact"


def _unit(name: str) -> tuple[str, str] | None:
    return EN_UNIT.get(name) or (EN_UNIT.get(name.lower()) if len(name) > 2 else None)


def _shift(value: Decimal, power: int) -> Decimal:
    return value.scaleb(power)
