"""Read the context of a number in English text: units, nouns, qualifiers, the second end of a range."""

import re
from decimal import Decimal
from functools import lru_cache

from evalkit.text.quantities import english_words as words
from evalkit.text.quantities.decimals import DIGITS, EXACT
from evalkit.text.quantities.lexicons import EN_NOUN, Lexicon, load
from evalkit.text.quantities.rule_lists import trie
from evalkit.text.quantities.scanner import Draft, Number, Scanner, Tail
from evalkit.text.quantities.units import EN_SYMBOL, EN_UNIT, PROVISIONS, latin_unit

NUMBER_WORDS = frozenset((*words.SMALL, *words.SCALES, "dozen"))
LEXICON = Lexicon(
    "en",
    months=words.MONTHS,
    any_scale=[*words.SCALES, *words.SHORT_SCALES, "dozen"],
    ordinal=words.ORDINALS,
    digits=DIGITS,
    provision=[name for name in PROVISIONS if name[0] < "一"],
    provision_before_=[f"{name} " for name in PROVISIONS if name[0] < "一"],
    pronoun_before_=[f"{word} " for word in load("en")["words"]["pronoun_before"].split()],
)
WORDS, PATTERNS = LEXICON.words, LEXICON.patterns

_VALUES = {**words.TENS, **words.ORDINALS, "half": 2, "quarter": 4, **words.MONTHS}
_SCALE = re.compile("dozen|score|hundred|thousand|million|billion|trillion")
_NAMES = trie([*(name.lower().replace("-", " ") for name in EN_UNIT), *"scf"])
_UNIT = re.compile(
    rf"(?!(?<=[a-z] (?:19|20)[0-9][0-9]) won)(?:[ \-‑\u00a0]| ?[-–] ?)?((?:{trie(WORDS['between_unit'])})[ \-‑])?"
    rf"({_NAMES})(?:(?<=[%°℃])|(?![^\W_]|[°²³]|-to-| [bm]illionaire))".replace(r"\ ", r"(?:[ \-]| - )")
)
#: short units that must directly follow their digits
_TOUCHING = frozenset((*"AhFp", "MP"))


@lru_cache(maxsize=1024)
def small_number(text: str) -> int:
    """Return the value of digits, a number word or the name of a month; -1 for other text."""
    if text.isdigit():
        return int(text)
    word = text.lower()
    number = words.read(word, len(first), first) if (first := re.split("[ -]", word)[0]) in NUMBER_WORDS else None
    return int(number.value) if number is not None else _VALUES.get(word, -1)


class EnglishContext(Scanner):
    """Reads units, nouns and qualifiers around a number; ``t`` is the lowercase text."""

    lexicon = LEXICON
    small_number = staticmethod(small_number)

    def scale_value(self, text: str) -> Decimal:
        """Return the product of the scale words in a text."""
        factor = Decimal(1)
        for word in _SCALE.findall(text):
            factor = EXACT.multiply(factor, Decimal({"dozen": 12, "score": 20}.get(word) or 10 ** words.SCALES[word]))
        return factor

    def unit_at(self, at: int) -> Tail | None:
        """Return kind, unit and end of the unit at ``at``."""
        match = _UNIT.match(self.t, at)
        if match is None:
            return None
        start, end = match.span(2)
        name = self.text[start:end]
        if match[1] and len(name) < 3:
            return None
        if len(name) <= 3 and name[0].isalpha() and self._no_short_unit(at, name, start > at, end):
            return None
        if name == "s":
            return ("duration", "second", end) if "." in self.t[max(0, at - 3) : at] else None
        if name in ("C", "F"):
            warm = PATTERNS["warmth"].search(self.t, max(0, at - 80), at)
            return ("measure", name, end) if warm else None
        if (hit := latin_unit(name)) is None or (name == "stone" and PATTERNS["stone"].match(self.t, start) is None):
            return None
        if name in ("pound", "pounds"):
            weight = PATTERNS["weighs"].search(self.t, max(0, at - 60), at) or PATTERNS["weighed"].match(self.t, end)
            return ("measure", "lb", end) if weight else (*hit, end)
        return *hit, end

    def _no_short_unit(self, at: int, name: str, spaced: bool, end: int) -> bool:
        """Whether a short name is not a unit in this place: in, 5 A, 1080p."""
        if (spaced and name in _TOUCHING) or self.t[end : end + 1] in ("'", "’"):
            return True
        if name.lower() == "in":
            return spaced or name != "in"
        return name == "PC" or (name == "p" and self.t[max(0, at - 3) : at].isdigit() and at > 2)

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
        """Return the qualifier in the words before ``start``; "not more than" is "at most"."""
        if qualifier := self.adjacent_qualifier(start):
            return qualifier
        window = self.t[max(0, start - 48) : start]
        far = window.endswith(("top ", "of ")) or "at least " in window or "at most " in window
        return self.distant_qualifier("far", start, 48) if far else "exact"

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
