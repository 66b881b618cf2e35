"""Extract quantities from English text.

The scanner finds digits and the words that can begin a quantity, and applies ordered lists of rules from ``en.toml``. Rules
look only at the surrounding words, so the running time is linear in the text.
"""

import re
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from evalkit.text.quantities import english_words as words
from evalkit.text.quantities.decimals import EXACT, MORE_DIGITS
from evalkit.text.quantities.lexicons import EN_NOUN, Lexicon, load
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.rule_lists import RuleMatch, trie
from evalkit.text.quantities.scanner import Day, Draft, Number, Scanner, Symbol, Tail
from evalkit.text.quantities.units import EN_SYMBOL, EN_UNIT, MACROS, PROVISIONS

NUMBER_WORDS = frozenset((*words.SMALL, *words.SCALES, "dozen"))
_LISTS = load("en")["words"]
LEXICON = Lexicon(
    "en",
    months=words.MONTHS,
    any_scale=[*words.SCALES, *words.SHORT_SCALES, "dozen"],
    ordinal=words.ORDINALS,
    provision=[name for name in PROVISIONS if name[0] < "一"],
    unit_name=trie([*(name.lower().replace("-", " ") for name in EN_UNIT), *"scf"]).replace(r"\ ", r"(?:[ \-]| - )"),
    number_word=NUMBER_WORDS,
    name_word=[word + s for name in ("named", "named_capital") for word in _LISTS[name].split() for s in ("", "s")],
    **MACROS,
    qualifier_end={phrase.split()[-1] for row in load("en")["before"].values() for phrase in row.split("|")},
)
WORDS, PATTERNS = LEXICON.words, LEXICON.patterns
_VALUES = {**words.TENS, **words.ORDINALS, "half": 2, "quarter": 4, **words.MONTHS}
_ONE, _TEN = Decimal(1), Decimal(10)
_OLDEST = 115
_ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_SHORT_SCALES = {"m": 6, "b": 9, "t": 12, "mil": 6, "grand": 3}


def extract(text: str, when: Day | None) -> list[Quantity]:
    """Return the quantities of an English text, in order and without overlaps; ``when`` is the date of the text."""
    lower = text.lower()
    return _Scan(text, lower if len(lower) == len(text) else text.translate(_ASCII_LOWER), when, text).run()


@lru_cache(maxsize=1024)
def small_number(text: str) -> int:
    """Return the value of digits, a number word or the name of a month; -1 for other text."""
    if text.isdigit():
        return int(text)
    word = text.lower()
    number = words.read(word, len(first), first) if (first := re.split("[ -]", word)[0]) in NUMBER_WORDS else None
    return int(number.value) if number is not None else _VALUES.get(word, -1)


class _Scan(Scanner):
    """Scans one English text; ``text`` has the original case, and ``t`` is lowercase."""

    lexicon = LEXICON
    FAR = 48
    small_number = staticmethod(small_number)

    def run(self) -> list[Quantity]:
        for match in _CANDIDATE.finditer(f" {self.t}"):  # every match includes the character before a word
            more_digits, glued, spaced = match.groups()
            start, end, word = match.start(), match.end() - 1, glued or spaced
            if more_digits is not None and start > self.done:
                self._digits(start - 1, match.end(1) - 1)
            if word and end - len(word) >= self.done:
                self._word(end - len(word), end, word)
        return self.quantities

    def _word(self, start: int, end: int, word: str) -> None:
        if word in NUMBER_WORDS:
            if not _NUMBERS.apply(self, self.t, start):
                scale = word in words.SCALES or word == "dozen"
                self._read(start - 2 if scale and PATTERNS["article"].match(self.t, start) else start, end, word)
        elif word in self.lexicon.tables["steps"]:
            if self.when is not None:
                _RELATIVE.apply(self, self.text, start)
        elif word not in words.MONTHS:
            _PHRASES.apply(self, self.t, start)
        elif self.text[start].isupper():
            _MONTHS.apply(self, self.text, start)

    def _digits(self, start: int, end: int) -> None:
        t, digits = self.t, self.t[start:end]
        if t[start - 1 : start] == "." and "." not in digits and PATTERNS["leading_point"].match(t, start - 1):
            digits, start = f".{digits}", start - 1
        symbol = self.currency_before(start)
        if symbol is not None or digits[0] == "." or not _DIGITS.apply(self, self.text, start):
            self._read(start, end, digits, symbol)

    def _read(self, start: int, end: int, first: str, symbol: Symbol | None = None) -> None:
        """Read a number that begins with digits or a word, ``first``, and what follows it."""
        t, number = self.t, words.read(self.t, end, first)
        if number is None:
            return
        value, stop, scale = number
        alone = words.ALONE.match(t, stop) is not None
        if alone:
            self.unqualified = stop
        elif scale == 1 and (short := PATTERNS["millions" if symbol is None else "money_scale"].match(t, stop)):
            scale, stop = Decimal(10 ** _SHORT_SCALES[short[1].strip()]), short.end(1)  # $5m, 40 grand
            value = EXACT.multiply(value, scale)
        digits = first if first[0] in ".0123456789" else ""
        self.read_rest(Draft(start, stop, value, value, digits, scale > 1), symbol, alone=alone)

    def _year(self, match: RuleMatch) -> bool:
        """Add a year, or both years of a season, unless a unit, scale or counted noun follows."""
        start, end, year = match.start, match.end, int(match.get("y"))
        if self.noun(end, plural=True):
            return False
        self.add_date(start, end, year)
        if season := PATTERNS["season"].match(self.text, end):
            other = int(match.get("y")[: 4 - len(season[1])] + season[1])
            if year < other <= year + 300:
                self.add_date(season.start(1), season.end(), other)
        return True

    def read_rest(self, d: Draft, symbol: Symbol | None = None, *, alone: bool = False) -> bool:
        """Read what follows a value, such as a unit, and add the quantity; ``alone`` is whether no range can follow."""
        t = self.t
        capital = not d.run and d.exact == "exact" and self.text[d.start].isupper()
        around = f"{self.text[max(0, d.start - 20) : d.start]}\0{self.text[d.end : d.end + 40]}" if capital else ""
        named = capital and PATTERNS["title"].search(around) is not None  # Five Eyes, Three Cup Chicken, the Big Four
        if symbol is not None:
            d.unit = symbol[0]
        if not alone and d.single and not self.read_range(d) and symbol is None and self.read_score(d):
            return self.add(d)
        if d.exact == "exact":
            d.end, d.exact = self.qualifier_after(d.end)
        self._read_kind(d, symbol)
        if symbol is not None:
            d.start = symbol[1]
        if d.kind == "count" and not d.noun and self._is_age(d):
            d.set_unit("duration", "year", d.end, "age")
        d.checkable = d.kind != "count" or not (named or PATTERNS["no_count"].match(t, d.end))
        return self._add_change(d) or self.finish(d)

    def _add_change(self, d: Draft) -> bool:
        """Add both values of a change: grew from 40 to 60 million yuan."""
        middle = -1 if d.single else self.t.find(" to ", d.start, d.end)
        if middle < 0 or not (d.low > d.high or PATTERNS["change"].search(self.t, max(0, d.start - 60), d.start)):
            return False
        self.finish(replace(d, end=middle, high=d.low, exact="exact"))
        return self.finish(replace(d, start=middle + 4, low=d.high))

    def _read_kind(self, d: Draft, symbol: Symbol | None) -> None:
        """Read kind, unit and noun, and the end of the unit."""
        t, at = self.t, d.end + (3 if d.exact == "about" and self.t.startswith(" of ", d.end) else 0)
        tail = self.unit_at(at)
        if tail is not None and d.single and self.read_range(d, tail):
            tail = self.unit_at(d.end)
        if symbol is not None:
            code, sign = symbol
            if tail is None or tail[0] != "money" or (tail[1] != code and self.text[sign] not in "$¥￥£"):
                tail = ("money", code, at)
            d.set_unit(*tail)  # $5 Canadian dollars
        elif tail is not None:
            d.set_unit(*tail, "age" if tail[1] == "year" and t.find("old", at, tail[2]) >= 0 else "")
            if d.single and d.kind in ("measure", "duration") and (part := PATTERNS["and_part"].match(t, d.end)):
                d.change(part.end(), plus=Decimal(words.PARTS[part[1]]))
        elif not self._read_multiple(d, at):
            d.noun = self.noun(at, plural=d.low != _ONE)

    def _read_multiple(self, d: Draft, at: int) -> bool:
        """Read a multiple: 2x, 3 times as many, fourfold. Without a comparison, "5 times" is a count."""
        match = PATTERNS["multiple"].match(self.t, at)
        if match is None:
            return False
        growth = match["compared"] or PATTERNS["growth"].search(self.t, max(0, d.start - 40), d.start)
        kind, noun = ("count", "time") if match["times"] and not growth else ("multiple", "")
        d.set_unit(kind, "", match.end("times" if match["times"] else 0), noun)
        return True

    def _is_age(self, d: Draft) -> bool:
        """Whether the number is an age: aged 5, women over 40, aged 33, 34 and 39; Mukherjee, 52, …; the actor, 31, …"""
        t, start = self.t, d.start
        if d.high > _OLDEST or not d.low:
            return False
        if t[max(0, start - 9) : start].rstrip().rpartition(" ")[2] in WORDS["before_age"]:
            before = PATTERNS["age_before"].search(t, max(0, start - 40), start)
            if before is not None and before["sure"] and t.endswith("the age of ", 0, start):
                d.exact = self.qualifier_before(start - 11)  # around the age of 50
            if before is not None:
                follows = PATTERNS["age_then" if before["then"] else "age_after"].match(t, d.end)
                return bool(before["sure"]) or follows is not None
        listed = self.previous(start, "names_joint", "duration")
        if listed is not None and listed.noun == "age":
            return PATTERNS["age_after"].match(t, d.end) is not None
        comma = "," in t[max(0, start - 7) : start]
        if not (d.single and comma and PATTERNS["name_before_age"].search(self.text, max(0, start - 24), start)):
            return False
        if PATTERNS["next_person" if d.run else "next_name"].match(self.text, d.end):
            return True
        last = self.previous(start, "next_age", "duration")
        return last is not None and last.noun == "age"

    def scale_value(self, text: str) -> Decimal:
        """Return the product of the scale words in a text."""
        factor = Decimal(1)
        for word in PATTERNS["scale"].findall(text):
            factor = EXACT.multiply(factor, Decimal({"dozen": 12, "score": 20}.get(word) or 10 ** words.SCALES[word]))
        return factor

    def noun(self, at: int, *, plural: bool) -> str:
        """Return the class of the noun within the next four words; with ``plural``, only a plural."""
        for _ in range(4):
            match = PATTERNS["noun_word"].match(self.t, at)
            if match is None:
                return ""
            word = match[1]
            if word in WORDS["noun_stop"] or word in NUMBER_WORDS:
                return ""
            name = EN_NOUN.get(word) or ("-" in word and EN_NOUN.get(word.rpartition("-")[2]))
            if name and (not plural or word[-1] == "s" or word in WORDS["unmarked_plural"]):
                last = PATTERNS["noun_word"].match(self.t, match.end())  # aircraft carriers: the last noun
                return EN_NOUN.get(last[1], name) if last is not None and last[1][-1] == "s" else name
            at = match.end()
        return ""

    def qualifier_before(self, start: int) -> str:
        """Return the qualifier in the words before ``start``; a distant one is only looked for where it can be, to save time."""
        window = self.t[max(0, start - self.FAR) : start]
        if window.endswith(("top ", "of ")) or "at least " in window or "at most " in window:
            return super().qualifier_before(start)
        return self.adjacent_qualifier(start) or "exact"

    def second_number(self, d: Draft, at: int) -> Number | None:
        """Return the number at ``at``, if it is written like the first one."""
        match = PATTERNS["second" if d.run else "second_word"].match(self.t, at)
        return None if match is None else words.read(self.t, match.end(), match[match.lastindex or 0])

    def is_range(self, d: Draft, joint: re.Match[str], low: Decimal, second: Number, tail: Tail | None) -> bool:
        """Whether two numbers form a range: 10-20, between 3 and 4, $5 to $6; not 4 or 90."""
        if joint["both"]:
            return PATTERNS["between"].search(self.t, max(0, d.start - 24), d.start) is not None
        if sign := joint["sign"] or joint["sign_after_dash"]:
            return (not joint["either"] or low != d.low) and EN_SYMBOL.get(sign.upper()) == d.unit
        if not d.run:
            return joint["word"] is not None and (not joint["either"] or second.value <= 2 * low)
        step = int("1" + "0" * (len(d.run) - len(d.run.rstrip("0"))))
        if not joint["either"] or low != d.low or (d.run.isdigit() and second.value == low + step):
            return True  # 3 or 4, 70 or 80, 10 or 12 million
        return tail is None and second.value <= 2 * low and self.unit_at(second.end) is not None


_DIGITS, _MONTHS, _RELATIVE, _PHRASES, _NUMBERS = LEXICON.rules(_Scan, "digits months relative phrases numbers")
_WORD = f"({trie([*NUMBER_WORDS, *words.MONTHS, *words.ORDINALS, *WORDS['starters']])})(?![a-z])"
#: digits, possibly with a word directly after them, or a word after another character
_CANDIDATE = re.compile(f"[^a-z](?:(?<=[0-9])({MORE_DIGITS})(?:{_WORD})?|{_WORD})")
