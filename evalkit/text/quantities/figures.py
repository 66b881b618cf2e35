"""Detect mistyped and exchanged figures, including those in names, codes and list marks: 370 in place of 360.

A good translation keeps the figures of names, codes and bare numbers. The output is wrong in these cases:

- The source has a figure that the output lacks in any form, the output has one that the source lacks, and the two differ by
  one digit or a final zero.
- Between two figures that are the same, one differs by a digit or a final zero.
- One digit differs or has a zero added, and all other figures and small counts in words are the same, in the same order.
- Source and output have the same figures, or the same figures in brackets, in the same order, but for two that changed
  places.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from evalkit.text.normalize import fold_width
from evalkit.text.quantities.chinese_numerals import DIGIT, HANZI
from evalkit.text.quantities.decimals import MOST_DIGITS
from evalkit.text.quantities.english_words import SMALL
from evalkit.text.quantities.exchanges import is_link
from evalkit.text.quantities.lexicons import patterns
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.number_values import simplified, values
from evalkit.text.quantities.rule_lists import trie

Span = tuple[int, int]
#: the maximum number of figures; texts with more are tables, and comparing all pairs would take too long.
_MOST_FIGURES = 1000
#: small counts in words, and their values
_COUNTS = {**{word: value for word, value in SMALL.items() if value < 13}, "once": 1, "twice": 2, "thrice": 3}
_COUNTS |= {digit: DIGIT[digit] for digit in "一二两三四五六七八九"} | {"十": 10}
_RE = patterns(
    "figures", hanzi=f"[{HANZI}]", small=trie(SMALL), counts=trie(word for word in _COUNTS if word.isascii())
)
#: the maximum distance of two exchanged figures, in characters
_NEAR = 100


class _Figure(NamedTuple):
    """A figure of a text.

    :param text: the whole text.
    :param digits: its digits without separators.
    :param here, there: how often its own and the other text have these digits.
    :param paired: whether it belongs to a quantity that has a counterpart in the other text.
    """

    text: str
    span: Span
    digits: str
    here: int
    there: int
    paired: bool

    @property
    def whole(self) -> bool:
        """Whether it is one short number, and not a part of a longer one."""
        start, end = self.span
        short = len(self.digits) <= MOST_DIGITS and self.digits.count(".") < 2
        return short and not (_RE["continues"].match(self.text, end) or _RE["after_colon"].match(self.text, start))

    @property
    def sign(self) -> str:
        """A bracket, which makes it the mark of a list item, or % directly after it."""
        match = _RE["sign"].match(self.text, self.span[1])
        return match[0].strip() if match else ""


_Figures = list[_Figure]
_Pairs = list[tuple[_Figure, _Figure]]
#: the spans of the quantities in both texts that are each other's counterpart
_Paired = Sequence[tuple[Span, Span]]


def wrong_figures(
    texts: tuple[str, str], paired: _Paired, fixed: Sequence[Sequence[Span]]
) -> list[tuple[Quantity, Quantity]]:
    """Return pairs of a source figure and the wrong output figure in its place, which is changed or exchanged.

    :param texts: source and output. The result is empty if one of them has more than 1,000 figures.
    :param fixed: for each text, the spans of quantities that cannot be exchanged: errors, and those with a unit that match.
    """
    source, output = _figures([fold_width(text) for text in texts], paired)
    changed = _slips(texts, source, output) or _changed_in_place(texts, source, output, paired)
    pairs = changed or _exchanged(texts, source, output, fixed) or _wrong_in_brackets(texts, source, output)
    pairs = pairs or _changed_beside_words(texts, paired)
    return [(_quantity(texts[0], x), _quantity(texts[1], y)) for x, y in pairs]


def _figures(texts: Sequence[str], paired: _Paired) -> list[_Figures]:
    """Return the figures of both texts; none if one has too many, or both have the same."""
    matches = [list(_RE["figure"].finditer(text)) for text in texts]
    digits = [[_plain(match[0]) for match in side] for side in matches]
    if digits[0] == digits[1] or max(map(len, matches)) > _MOST_FIGURES:
        return [[], []]
    own, other = map(Counter, digits)
    sides = []
    for side, spans in enumerate(zip(*paired, strict=True) if paired else ((), ())):
        rows = zip(matches[side], digits[side], strict=True)
        sides.append([_Figure(m.string, m.span(), d, own[d], other[d], _overlaps(m.span(), spans)) for m, d in rows])
        own, other = other, own
    return sides


def _with_figures(text: str) -> str:
    """Replace small counts in words by figures; the length does not change."""
    text = fold_width(simplified(text))
    return _RE["count"].sub(lambda match: str(_COUNTS[match[0].lower()]).ljust(len(match[0])), text)


def _changed_beside_words(texts: tuple[str, str], paired: _Paired) -> _Pairs:
    """Return a changed digit if all other figures and small counts in words are the same: "2 dice, once" for 1个, 1次."""
    counted = [_with_figures(text) for text in texts]
    source, output = _figures(counted, paired)
    pairs = _of_same_place(source, output)
    if len(pairs) != 1 or len(source) < 2:
        return []
    x, y = pairs[0]
    is_slip = len(x.digits) == 1 and (len(y.digits) == 1 or y.digits == f"{x.digits}0") and x.whole and y.whole
    is_alone = y.span[0] > 1 and _RE["alone"].match(texts[1], y.span[0]) and not (x.paired or y.paired)
    if not (is_slip and is_alone):
        return []
    stated = [values(_RE["figure"].sub("|", text)).whole for text in counted]
    return [] if Decimal(y.digits) in stated[0] or Decimal(x.digits) in stated[1] else pairs


def contradictions(texts: tuple[str, str]) -> list[Quantity]:
    """Return the figures in brackets that contradict the word before them in the output: "six (7) months"."""
    found = []
    for match in _RE["repeated"].finditer(texts[1]):
        word, figure = values(match[1]).whole, Decimal(match[2])
        stated = values(texts[0]).whole
        if word and figure not in word and bool(word & stated) != (figure in stated):
            found.append(Quantity(figure, figure, span=match.span(2), surface=match[2], checkable=False, text=texts[1]))
    return found


def _slips(texts: tuple[str, str], source: _Figures, output: _Figures) -> _Pairs:
    """Return unpaired figures that the other text lacks, and that differ by one digit or zero.

    A long figure of the source may occur in the output elsewhere, "the S&P 600 index (S&P 500)", and so may one with an added
    zero: "+10 (up to 1 time)".
    """
    free = [y for y in output if y.whole and not y.paired and Decimal(y.digits) not in values(texts[0]).whole]
    pairs = []
    for x in source if free else []:
        twin = next((y for y in free if x.whole and _is_slip(x.digits, y.digits) and _is_lost(x, y)), None)
        if twin and (x.there or twin.digits == f"{x.digits}0" or Decimal(x.digits) not in values(texts[1]).whole):
            pairs.append((x, twin))
            free.remove(twin)
    return pairs


def _is_lost(x: _Figure, y: _Figure) -> bool:
    """Whether a similar figure of the output may replace one of the source, even if that occurs elsewhere in the output."""
    both_long = all(_RE["long"].fullmatch(figure.digits) for figure in (x, y))
    return both_long or (x.there < x.here and not (x.paired and y.digits != f"{x.digits}0"))


def _changed_in_place(texts: tuple[str, str], source: _Figures, output: _Figures, paired: _Paired) -> _Pairs:
    """Return changed figures between the same figures, or where all others are the same; no text has their values in words.

    If a text has fewer than three figures, the two must be unpaired, and each be in its own text only.
    """
    few = min(len(source), len(output)) < 3
    lost, free = ([f for f in side if (f.here, f.there, f.paired) == (1, 0, False)] for side in (source, output))
    same_place = [pair for pair in _of_same_place(source, output) if _is_unpaired(*pair, paired)]
    ours, theirs = map(_by_neighbors, (source, output))
    between = [(x, y) for at, x in ours.items() if x and (y := theirs.get(at)) and _is_unpaired(x, y, paired)]
    only = [*zip(lost, free, strict=True)] if len(lost) == len(free) == 1 else []
    candidates = (same_place if len(same_place) == 1 else [], between, only)
    pairs = next(filter(None, ([pair for pair in row if _may_be_changed(*pair, few)] for row in candidates)), [])
    stated = [values(_RE["figure"].sub("|", fold_width(text))).whole if pairs else () for text in texts]
    return [(x, y) for x, y in pairs if Decimal(x.digits) not in stated[1] and Decimal(y.digits) not in stated[0]]


def _of_same_place(source: _Figures, output: _Figures) -> _Pairs:
    if len(source) != len(output):
        return []
    return [(x, y) for x, y in zip(source, output, strict=True) if x.digits != y.digits]


def _is_unpaired(x: _Figure, y: _Figure, paired: _Paired) -> bool:
    """Whether two figures are not parts of quantities that are each other's counterpart."""
    return not any(_overlaps(x.span, [a]) and _overlaps(y.span, [b]) for a, b in paired)


def _may_be_changed(x: _Figure, y: _Figure, few: bool) -> bool:
    if few and (x.paired or y.paired or x.there or y.there):
        return False
    alike = _is_slip(x.digits, y.digits) or all(len(f.digits) == 1 and f.span[1] - f.span[0] < 3 for f in (x, y))
    return alike and x.sign == y.sign and x.here > x.there and y.here > y.there and x.whole and y.whole


def _by_neighbors(figures: Sequence[_Figure]) -> dict[tuple[str, str], _Figure | None]:
    """Return the figures by the digits before and after them; None where these are not unique."""
    digits = ["", *(figure.digits for figure in figures), ""]
    result: dict[tuple[str, str], _Figure | None] = {}
    for before, figure, after in zip(digits, figures, digits[2:], strict=False):
        result[before, after] = None if (before, after) in result else figure
    return result


def _exchanged(texts: tuple[str, str], source: _Figures, output: _Figures, fixed: Sequence[Sequence[Span]]) -> _Pairs:
    """Return the figures of two places where each text has the other figure, at least two of them unpaired.

    These are list marks, "(n=67)" and the like; the order of quantities is the task of
    :mod:`evalkit.text.quantities.exchanges`.
    """
    source, output = ([figure for figure in side if figure.here == figure.there] for side in (source, output))
    pairs, balance, start = [], Counter[str](), 0
    for end, (x, y) in enumerate(zip(source, output, strict=True), 1):
        balance[x.digits] += 1
        balance[y.digits] -= 1
        if any(balance.values()):
            continue
        different = [(x, y) for x, y in zip(source[start:end], output[start:end], strict=True) if x.digits != y.digits]
        start = end
        may_move = (_may_move(texts[i], [pair[i].span for pair in different], fixed[i]) for i in (0, 1))
        few_paired = sum(one.paired for pair in different for one in pair) < 3
        if len(different) == 2 and few_paired and all(x.sign == y.sign for x, y in different) and not any(may_move):
            pairs += different
    return pairs


def _wrong_in_brackets(texts: tuple[str, str], source: _Figures, output: _Figures) -> _Pairs:
    """Return one changed figure in brackets, or two exchanged ones, if all others are the same in the same order."""
    marks = [
        [figure for figure in side if _RE["brackets"].fullmatch(text, max(0, figure.span[0] - 1), figure.span[1] + 1)]
        for text, side in zip(texts, (source, output), strict=True)
    ]
    pairs = _of_same_place(*marks)
    if len(pairs) == 1 and (len(marks[0]) > 2 or (len(marks[0]) == 2 and _may_be_changed(*pairs[0], few=False))):
        return pairs
    return pairs if len(pairs) == 2 and {x.digits for x, _ in pairs} == {y.digits for _, y in pairs} else []


def _may_move(text: str, spans: Sequence[Span], fixed: Sequence[Span]) -> bool:
    """Whether a translation may have two figures in another order: they are in one English clause, or parts of names."""
    (_, first), (second, _) = spans
    return (
        second - first > _NEAR
        or _RE["joined"].fullmatch(text, first, second) is not None
        or is_link(text[first:second])
        or any(
            _overlaps((start, end), fixed)
            or _RE["name_before"].search(text, max(0, start - 20), start)
            or _RE["name_after"].match(text, end)
            for start, end in spans
        )
    )


def _overlaps(span: Span, others: Sequence[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in others)


def _plain(figure: str) -> str:
    digits = figure.replace(",", "").lstrip("0")
    return (digits.rstrip("0").rstrip(".") if "." in digits else digits) or "0"


def _is_slip(a: str, b: str) -> bool:
    if len(a) == len(b) > 1:
        return a.find(".") == b.find(".") and sum(map(str.__ne__, a, b)) == 1
    return a + "0" == b or b + "0" == a


def _quantity(text: str, figure: _Figure) -> Quantity:
    """Return a figure as an uncheckable count."""
    start, end = figure.span
    value = Decimal(figure.digits)
    return Quantity(value, value, span=figure.span, surface=text[start:end], checkable=False, text=text)
