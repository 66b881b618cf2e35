"""Key facts: atomic statements, the surface forms that express or contradict them, and the search for those forms.

A form is a list of alternatives. An alternative is a list of groups; it matches if all groups occur within a window of
two adjacent sentences. A group is a string of variants separated by ``|``; it occurs if any of its variants does:

``livestream*``
    Literal text. In English, whole words are matched regardless of case; a word that ends in ``*`` is a prefix;
    hyphens, dashes and spaces are equivalent, as are curly and straight quotes; and the last word may have a plural s
    or es. In Chinese, characters are matched regardless of width.
``#>45000``
    A quantity in normal form (:func:`evalkit.text.quantities.parse_normal`), matched regardless of spelling. A leading
    qualifier (``>`` ``>=`` ``<`` ``<=`` ``~`` ``nearly``) must also occur in the text; "more than" and "at least" are
    treated as equal. Without a qualifier, a quantity with "more than", "less than" or "nearly" does not match. A date
    matches if it has all parts of the expected date, except that the year may be missing, and contradicts none of them.
``#12 + province*/region*``
    A sequence: parts that occur in this order, close together, in one sentence; alternatives of a part are separated by
    ``/``. If a part is a quantity, no other quantity may occur between the parts, so that "22 provinces and 12
    counties" does not match 12 provinces.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise

from evalkit.arguments import checked_fields
from evalkit.errors import InputError, SettingError
from evalkit.text.normalize import FULL_WIDTH, PLAIN_QUOTES
from evalkit.text.quantities import Quantity, extract, matches, parse_normal
from evalkit.text.sentences import sentence_spans

#: Alternatives of word groups: a form matches if all groups of one alternative occur.
Forms = tuple[tuple[str, ...], ...]
#: Finds the quantities of a text in a language (``zh`` or ``en``).
Extractor = Callable[[str, str], Sequence[Quantity]]
Span = tuple[int, int]

#: The number of sentences in a window.
WINDOW = 2
#: The maximum number of characters between two parts of a sequence.
GAP = {"en": 60, "zh": 20}


@checked_fields
@dataclass(frozen=True)
class Fact:
    """One atomic statement about an article.

    :param statement: the statement by language.
    :param tier: 1 (central) to 3 (detail).
    :param kind: ``who``, ``what``, ``quantity``, ``date``, ``place``, ``quote`` or ``cause``.
    :param forms: accepted surface forms by language.
    :param contradicts: surface forms that contradict the fact, by language.
    :param blocks: the blocks of the article that state it.
    """

    id: str
    tier: int
    statement: Mapping[str, str]
    forms: Mapping[str, Forms]
    contradicts: Mapping[str, Forms] = field(default_factory=dict)
    kind: str = "what"
    blocks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """The position of a matched form of a fact.

    :param fact: id of the fact.
    :param alternative: index of the alternative in the forms of the language.
    :param spans: half-open character span of each group of the alternative, in its order.
    """

    fact: str
    alternative: int
    spans: tuple[Span, ...]


class View:
    """A text prepared for the search; one view can be used for any number of facts.

    :param lang: ``zh`` or ``en``.
    :param quantities: finds the quantities; :func:`evalkit.text.quantities.extract` if left out. Quantities whose spans
        lie outside the text are ignored.
    :raises SettingError: for another language.
    """

    def __init__(self, text: str, lang: str, quantities: Extractor | None = None) -> None:
        if lang not in GAP:
            raise SettingError(f"facts are not supported in {lang!r}; use zh or en")
        self.text = text
        self.lang = lang
        self.folded = _fold(text, lang)
        self._extract = quantities
        self._occurrences: dict[str, list[Span]] = {}

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """The quantities of the text, by position."""
        quantities = (self._extract or extract)(self.text, self.lang)
        inside = (q for q in quantities if 0 <= q.span[0] < q.span[1] <= len(self.text))
        return tuple(sorted(inside, key=lambda q: q.span))

    @cached_property
    def packed(self) -> str:
        """The folded text with single spaces; Chinese without spaces."""
        return self.folded.replace(" ", "") if self.lang == "zh" else re.sub(" +", " ", self.folded)

    def occurrences(self, expression: str) -> list[Span]:
        """The spans of an expression in the folded text."""
        if expression not in self._occurrences:
            self._occurrences[expression] = [m.span() for m in _compiled(expression).finditer(self.folded)]
        return self._occurrences[expression]

    @cached_property
    def sentences(self) -> tuple[int, ...]:
        """The start of each sentence; a blank line counts as one, so that no window reaches over it."""
        starts = [0]
        for (_, end), (start, _) in pairwise(sentence_spans(self.text, self.lang)):
            starts += [end, start] if self.text.count("\n", end, start) > 1 else [start]
        return tuple(starts)

    def sentence(self, offset: int) -> int:
        """The index of the sentence that contains an offset."""
        return bisect_right(self.sentences, offset) - 1

    @cached_property
    def _checkable(self) -> tuple[list[int], list[int]]:
        spans = [q.span for q in self.quantities if q.checkable]
        return [start for start, _ in spans], sorted(end for _, end in spans)

    def parted(self, start: int, end: int) -> bool:
        """Whether a complete checkable quantity lies between two offsets, where it may not occur inside a sequence."""
        starts, ends = self._checkable
        return bisect_right(ends, end) > bisect_left(starts, start)


def carries(fact: Fact, view: View, accept: Callable[[Match], bool] | None = None) -> Match | None:
    """The first match of the first alternative of a fact that matches and is accepted; None if there is none."""
    return next(filter(accept or bool, _matches(fact, fact.forms, view)), None)


def contradicted(fact: Fact, view: View) -> Match | None:
    """Where a text contradicts a fact; result and errors as for :func:`carries`."""
    return next(_matches(fact, fact.contradicts, view), None)


def validate(fact: Fact) -> None:
    """Check that all forms of a fact can be parsed; an InputError names the fact and the group."""
    for forms in (fact.forms, fact.contradicts):
        for lang, alternatives in forms.items():
            for groups in alternatives:
                if not groups:
                    raise InputError(f"fact {fact.id}, {lang}: an alternative without groups; give at least one")
                for group in groups:
                    try:
                        _group(group, lang)
                    except InputError as error:
                        raise InputError(f"fact {fact.id}, {lang}: {error}") from None


def _matches(fact: Fact, forms: Mapping[str, Forms], view: View) -> Iterator[Match]:
    for number, groups in enumerate(forms.get(view.lang, ())):
        for spans in _windows(groups, view):
            yield Match(fact.id, number, spans)


def _windows(groups: Sequence[str], view: View) -> Iterator[tuple[Span, ...]]:
    """The spans of all groups, for each window that contains all of them."""
    spans_by_sentence: list[dict[int, Span]] = []
    for group in groups:
        by_sentence: dict[int, Span] = {}
        for variant in _group(group, view.lang):
            for span in variant.find(view):
                by_sentence.setdefault(view.sentence(span[0]), span)
        if not by_sentence:
            return
        spans_by_sentence.append(by_sentence)
    if not spans_by_sentence:
        return
    for first in sorted({max(0, s - back) for s in spans_by_sentence[0] for back in range(WINDOW)}):
        window = range(first, first + WINDOW)
        window_spans = [[by_sentence[s] for s in window if s in by_sentence] for by_sentence in spans_by_sentence]
        if all(window_spans):
            yield tuple(spans[0] for spans in window_spans)


# -- variants -----------------------------------------------------------------------------------------------------------


#: Like ``re.compile``, which caches 512 expressions only.
_compiled = lru_cache(maxsize=8192)(re.compile)


@dataclass(frozen=True)
class _Literal:
    """Words or characters.

    :param stem: a part of every occurrence, searched in the text with single spaces (Chinese: without spaces).
    :param expression: the expression for an occurrence; compiled only if the stem occurs, because most forms never do.
    """

    stem: str
    expression: str

    def find(self, view: View) -> list[Span]:
        return view.occurrences(self.expression) if self.stem in view.packed else []


@dataclass(frozen=True)
class _Amount:
    wanted: Quantity

    def find(self, view: View) -> list[Span]:
        return [q.span for q in view.quantities if _agrees(self.wanted, q)]


@dataclass(frozen=True)
class _Sequence:
    parts: tuple[tuple[_Literal | _Amount, ...], ...]

    def find(self, view: View) -> list[Span]:
        amounts = [any(isinstance(v, _Amount) for v in part) for part in self.parts]
        tails = self._occurrences(-1, view)
        for number in range(len(self.parts) - 2, -1, -1):
            strict = amounts[number] or amounts[number + 1]
            starts = [start for start, _ in tails]
            heads = []
            for start, end in self._occurrences(number, view):
                # The span of a quantity may include the noun it counts.
                at = bisect_left(starts, start + 1 if amounts[number] else end)
                if at == len(starts) or starts[at] - end > GAP[view.lang]:
                    continue
                if view.sentence(start) != view.sentence(starts[at]) or (strict and view.parted(end, starts[at])):
                    continue
                heads.append((start, tails[at][1]))
            tails = heads
        return tails

    def _occurrences(self, number: int, view: View) -> list[Span]:
        return sorted({span for variant in self.parts[number] for span in variant.find(view)})


_Variant = _Literal | _Amount | _Sequence


@lru_cache(maxsize=8192)
def _group(group: str, lang: str) -> tuple[_Variant, ...]:
    """The variants of a group."""
    if lang not in GAP:
        raise SettingError(f"facts are not supported in {lang!r}; use zh or en")
    return tuple(_variant(variant.split(" + "), lang) for variant in group.split("|"))


def _variant(parts: Sequence[str], lang: str) -> _Variant:
    if len(parts) == 1:
        return _atom(parts[0], lang)
    return _Sequence(tuple(tuple(_atom(atom, lang) for atom in part.split("/")) for part in parts))


def _atom(text: str, lang: str) -> _Literal | _Amount:
    text = text.strip()
    if text.startswith("#"):
        return _Amount(parse_normal(text[1:]))
    folded = _fold(text, lang).strip()
    if not folded:
        raise InputError("a group has an empty variant; write words or a quantity between the bars")
    if lang == "zh":
        if "*" in folded:
            raise InputError(f"{text!r} has a *, but Chinese is searched by characters; leave the * out")
        # The text layer of a page may have a space between Chinese characters and digits.
        packed = folded.replace(" ", "")
        return _Literal(packed, " ?".join(map(re.escape, packed)))
    words = folded.split()
    if not all(re.fullmatch(r"[^*]+\*?", word) for word in words):
        raise InputError(f"{text!r} has a * that does not end a word; a * matches the rest of a word")
    pattern = " +".join(re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in words)
    before = r"(?<!\w)" if re.match(r"\w", words[0]) else ""
    if not words[-1].endswith("*") and re.search(r"\w$", words[-1]):
        pattern += r"(?:e?s)?(?!\w)"
    return _Literal(" ".join(words).partition("*")[0], before + pattern)


# -- quantities ---------------------------------------------------------------------------------------------------------

#: The qualifiers accepted in the text for each expected qualifier.
_ACCEPTED = {
    "exact": ("exact", "about", "at least", "at most"),
    "about": ("about", "nearly"),
    "nearly": ("nearly",),
    **dict.fromkeys(("more than", "at least"), ("more than", "at least")),
    **dict.fromkeys(("less than", "at most"), ("less than", "at most")),
}


def _agrees(wanted: Quantity, quantity: Quantity) -> bool:
    """Whether a quantity of a text matches the expected one."""
    if wanted.kind != quantity.kind or not matches(wanted, quantity):
        return False
    if wanted.kind == "date":
        # A year alone does not match an expected day, but a day without a year does.
        fine = (quantity.month is not None or wanted.month is None) and (quantity.day is not None or wanted.day is None)
        return fine and (quantity.year is not None or wanted.month is not None or wanted.day is not None)
    return quantity.exact in _ACCEPTED[wanted.exact]


# -- text ---------------------------------------------------------------------------------------------------------------

_SPACES = "\t\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_COMMON: dict[int, int | str] = {
    **FULL_WIDTH,
    **PLAIN_QUOTES,
    **dict.fromkeys(map(ord, _SPACES), " "),
    # U+0130 is the only character whose lowercase form has two characters, and spans must not shift.
    0x130: "i",
}
_FOLD: dict[str, dict[int, int | str]] = {
    "zh": _COMMON,
    "en": {**_COMMON, **dict.fromkeys(map(ord, "-\xad‐‑‒–—―−﹣－"), " ")},
}


def _fold(text: str, lang: str) -> str:
    """Normalize width, case, quotes and dashes, character by character."""
    return text.translate(_FOLD[lang]).lower()
