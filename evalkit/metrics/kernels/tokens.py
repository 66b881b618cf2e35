"""Tokenizers as tables of code point classes, and tokens as numbers: the same tokens as sacrebleu's.

Sources: ``sacrebleu.tokenizers.tokenizer_13a``, ``tokenizer_zh`` and ``tokenizer_char``; ``sacrebleu.metrics.chrf`` for the
words of chrF++; ``rouge_score.tokenize``.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, chain, pairwise

import numpy as np
from numpy.typing import NDArray

from evalkit.text.normalize import fold_width
from evalkit.text.scripts import HAN

#: White space to ``str.split``.
WHITE_SPACE = (
    *range(0x09, 0x0E), *range(0x1C, 0x21), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
)  # fmt: skip

# mteval-v13a's [\{-\~\[-\` -\&\(-\+\:-\@\/]
SYMBOLS = tuple(map(ord, '{|}~[\\]^_` !"#$%&()*+:;<=>?@/'))

# sacrebleu's effective ranges for zh: two of them have one digit too many for their escapes ('\\u20000' is U+2000 and a
# 0), so that U+2001 to U+2A6D count as Chinese and Extension B does not.
ZH_RANGES = (
    (0x3400, 0x4DB5), (0x4E00, 0x9FBB), (0xF900, 0xFA2D), (0xFA30, 0xFA6A), (0xFA70, 0xFAD9), (0x2001, 0x2A6D), (0x2F81, 0x2FA1),
    (0xFF00, 0xFFEF), (0x2E80, 0x2EFF), (0x3000, 0x303F), (0x31C0, 0x31EF), (0x2F00, 0x2FDF), (0x2FF0, 0x2FFF), (0x3100, 0x312F),
    (0x31A0, 0x31BF), (0xFE10, 0xFE1F), (0xFE30, 0xFE4F), (0x2600, 0x27BF), (0x3200, 0x33FF),
)  # fmt: skip

Points = NDArray[np.int32]
Ints = NDArray[np.int64]
#: Code points of texts, starts and ends of tokens in them, and the first token of each text.
Spans = tuple[Points, Ints, Ints, Ints]

PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

# Classes of code points; those of split_mixed as in text_loops.
_SPACE, _ALONE, _DIGIT, _POINT, _DASH, _LETTER, _PERCENT, _JOINT, _OTHER, _UNKNOWN = range(1, 11)
_HAN = re.compile(f"[{HAN}]")


@dataclass(frozen=True, eq=False)
class Rows:
    """n sequences of numbers, stored in one array.

    :param values: int32, all sequences concatenated.
    :param bounds: int64[n + 1]; sequence i is ``values[bounds[i]:bounds[i + 1]]``.
    """

    values: NDArray[np.int32]
    bounds: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __getitem__(self, i: int) -> list[int]:
        numbers: list[int] = self.values[self.bounds[i] : self.bounds[i + 1]].tolist()
        return numbers


def code_points(texts: Sequence[str]) -> Rows:
    """The code points of texts."""
    encoded = "".join(texts).encode("utf-32-le", "surrogatepass")
    return Rows(np.frombuffer(encoded, dtype="<i4").astype(np.int32, copy=False), offsets(texts))


def offsets(sequences: Sequence[Sequence[object]]) -> NDArray[np.int64]:
    """Where each sequence starts and the last ends if they are concatenated: int64[n + 1]."""
    return np.fromiter(accumulate(map(len, sequences), initial=0), dtype=np.int64, count=len(sequences) + 1)


_13A = ((_ALONE, SYMBOLS), (_DIGIT, b"0123456789"), (_POINT, b".,"), (_DASH, b"-"))
#: By tokenizer, classes and their code points; later ones take precedence, and white space is always _SPACE.
_KINDS: dict[str, tuple[tuple[int, slice | Sequence[int]], ...]] = {
    "13a": _13A,
    "zh": (*((_ALONE, slice(low, high + 1)) for low, high in ZH_RANGES), *_13A),
    "char": ((_ALONE, slice(None)),),
    "none": (),
    "chrf": (),
    "punctuation": ((_ALONE, PUNCTUATION.encode()),),
    "rouge": ((_SPACE, slice(None)), (0, b"abcdefghijklmnopqrstuvwxyz0123456789")),
}


@cache
def kinds(tokenizer: str) -> NDArray[np.uint8]:
    """The class of each code point for a tokenizer: uint8[0x110000], 0 for a letter.

    :param tokenizer: ``13a``, ``zh``, ``char``, ``none`` (white space only), ``chrf`` (the same), ``punctuation`` (chrF's
        marks) or ``rouge`` (for lowercased text: everything except a-z and 0-9 is space).
    """
    table = np.zeros(0x110000, np.uint8)
    for kind, points in _KINDS[tokenizer]:
        table[points if isinstance(points, slice) else list(points)] = kind
    table[list(WHITE_SPACE)] = _SPACE
    table.flags.writeable = False
    return table


def split(tokenizer: str, texts: Sequence[str]) -> Spans:
    """The tokens of one of sacrebleu's tokenizers, of chrF++ (``chrf``) or of rouge-score (``rouge``).

    A code point that is ALONE is a separate token; SPACE separates tokens. For the rest of 13a and zh see
    :func:`_points_alone`; a dash is separated after a digit.
    """
    if tokenizer == "13a":
        texts = prepare_13a(texts)
    elif tokenizer == "zh":
        texts = [text.strip() for text in texts]
    elif tokenizer == "rouge":
        texts = [text.lower() for text in texts]
    points = code_points(texts)
    kind = kinds(tokenizer)[points.values]
    begins = np.zeros(len(kind) + 1, np.bool_)
    begins[points.bounds] = True
    alone = kind == _ALONE
    if tokenizer in ("13a", "zh"):
        after_digit = np.append(False, kind[:-1] == _DIGIT)[: len(kind)] & ~begins[:-1]
        alone |= (kind == _DASH) & after_digit
        alone[_points_alone(kind, begins, after_digit, padded=tokenizer == "13a")] = True
    word = ~alone & (kind != _SPACE)
    goes_on = word[1:] & word[:-1] & ~begins[1:-1]
    starts = np.flatnonzero(alone | word & ~np.append(False, goes_on)[: len(kind)])
    ends = np.flatnonzero(alone | word & ~np.append(goes_on, False)[: len(kind)]) + 1
    spans = points.values, starts, ends, np.searchsorted(starts, points.bounds)
    return _part_punctuation(spans) if tokenizer == "chrf" else spans


def _points_alone(
    kind: NDArray[np.uint8], begins: NDArray[np.bool_], after_digit: NDArray[np.bool_], *, padded: bool
) -> Ints:
    """The places of points that are separate tokens: the closed form of two expressions of mteval-v13a, applied one after
    the other, each from left to right without overlap.

    - ``([^0-9])([.,])`` separates both, so a run of points after a digit is taken in pairs (first, second), and after
      anything else as (what is before, first), (second, third) and so on: all but an unpaired last point stand alone;
    - ``([.,])([^0-9])`` separates such a last point unless a digit (or nothing at all) follows.

    :param begins: where a text begins, or the last one ends.
    :param padded: the texts have a space at either end, as 13a puts it and zh does not.
    """
    points = np.flatnonzero(kind == _POINT)
    first = np.flatnonzero((np.diff(points, prepend=-2) != 1) | begins[points])
    start, count = points[first], np.diff(first, append=len(points))
    stop = start + count
    in_pairs = after_digit[start] | (begins[start] & (not padded))
    before_digit = np.append(kind, 0)[stop] == _DIGIT
    glued = ((count % 2 == 1) == in_pairs) & np.where(begins[stop], not padded, before_digit)
    return np.setdiff1d(points, stop[glued] - 1, assume_unique=True)


def _part_punctuation(spans: Spans) -> Spans:
    """chrF's words: a punctuation mark at the end of a word of two or more, else at its start, is a separate word."""
    points, starts, ends, first = spans
    marks = kinds("punctuation")
    at_end = (ends - starts > 1) & (marks[points[ends - 1]] == _ALONE)
    at_start = (ends - starts > 1) & ~at_end & (marks[points[starts]] == _ALONE)
    cut = np.flatnonzero(at_end | at_start)
    places = np.concatenate(([0], np.cumsum(1 + (at_end | at_start))))
    new_starts, new_ends = np.empty((2, places[-1]), np.int64)
    new_starts[places[:-1]] = starts
    new_ends[places[1:] - 1] = ends
    new_ends[places[cut]] = new_starts[places[cut] + 1] = np.where(at_end[cut], ends[cut] - 1, starts[cut] + 1)
    return points, new_starts, new_ends, places[first]


@cache
def _mixed_kinds() -> NDArray[np.uint8]:
    """The class of each code point for :func:`split_mixed`; those not yet seen are unknown."""
    table = np.full(0x110000, _UNKNOWN, np.uint8)
    table[[ord("."), ord(",")]] = _POINT
    table[ord("%")] = _PERCENT
    table[[ord("-"), ord("'"), ord("’")]] = _JOINT
    return table


def split_mixed(texts: Sequence[str]) -> Spans:
    """The tokens of :func:`evalkit.text.tokenize.mixed_tokens`, found by compiled loops; the code points are folded."""
    from evalkit.metrics.kernels import text_loops

    points, table = _folded(texts), _mixed_kinds()
    for point in np.unique(points.values[table[points.values] == _UNKNOWN]).tolist():
        character = chr(point)
        if _HAN.match(character):
            table[point] = _ALONE
        elif character.isdecimal():
            table[point] = _DIGIT
        else:
            table[point] = _LETTER if character.isalnum() else _OTHER
    return points.values, *text_loops.split_mixed(points.values, points.bounds, table)


def _folded(texts: Sequence[str]) -> Rows:
    """Code points of texts, with width folded and lowercased."""
    if any("Σ" in text for text in texts):
        # The only letter whose lowercase form depends on its neighbors, and therefore on whether they are folded.
        return code_points([fold_width(text).lower() for text in texts])
    points = code_points([text.lower() for text in texts])
    wide = (points.values >= 0xFF01) & (points.values <= 0xFF5E)
    # The ideographic space needs no folding, because it is never part of a token.
    return Rows(np.where(wide, points.values - 0xFEE0, points.values), points.bounds)


def prepare_13a(texts: Sequence[str]) -> list[str]:
    """The language-independent part of the normalization of mteval-v13a."""
    prepared = [text.rstrip() for text in texts]
    for i, text in enumerate(prepared):
        if "&" in text or "\n" in text or "<" in text:
            for old, new in _REPLACED_13A:
                text = text.replace(old, new)
            prepared[i] = text
    return prepared


_REPLACED_13A = (
    *(("<skipped>", ""), ("-\n", ""), ("\n", " ")),
    *(("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")),
)


class Alphabet:
    """The characters of texts as numbers, in the manner of :class:`LoopTokens`, with or without white space."""

    def __init__(self, spaces: bool) -> None:
        self._spaces = spaces
        self._numbers = np.full(0x110000, -1, np.int32)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def references(self, texts: Sequence[str]) -> Rows:
        """The character numbers of the references; each distinct character gets the next number."""
        points = self._counted(texts)
        known = np.flatnonzero(np.bincount(points.values))
        self._numbers[known] = np.arange(len(known))
        self._size = len(known)
        return Rows(self._numbers[points.values], points.bounds)

    def hypotheses(self, texts: Sequence[str]) -> Rows:
        """The character numbers of hypotheses, -1 for a character that occurs in no reference."""
        points = self._counted(texts)
        return Rows(self._numbers[points.values], points.bounds)

    def _counted(self, texts: Sequence[str]) -> Rows:
        points = code_points(texts)
        if self._spaces:
            return points
        mask = kinds("none")[points.values] != _SPACE
        return Rows(points.values[mask], np.concatenate(([0], np.cumsum(mask)))[points.bounds])


@dataclass(eq=False)
class NumberedTokens:
    """The tokens of texts as numbers.

    :param tokenize: from texts to all of their tokens, and the first token of each text.
    """

    tokenize: Callable[[Sequence[str]], tuple[list[str], Ints]]
    _numbers: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._numbers)

    def references(self, texts: Sequence[str]) -> Rows:
        """Token numbers of the references; each distinct token gets the next number."""
        tokens, first = self.tokenize(texts)
        number = self._numbers.setdefault
        return Rows(np.array([number(token, len(self._numbers)) for token in tokens], np.int32), first)

    def hypotheses(self, texts: Sequence[str]) -> Rows:
        """Token numbers of hypotheses, -1 for a token that occurs in no reference."""
        tokens, first = self.tokenize(texts)
        number = self._numbers.get
        return Rows(np.array([number(token, -1) for token in tokens], np.int32), first)


def each(tokenize: Callable[[str], Sequence[str]], texts: Sequence[str]) -> tuple[list[str], Ints]:
    """The tokens of texts by a function that tokenizes one text, and the first token of each."""
    tokens = list(map(tokenize, texts))
    return list(chain.from_iterable(tokens)), offsets(tokens)


def spelled(tokenizer: str, texts: Sequence[str]) -> tuple[list[str], Ints]:
    """The tokens that :func:`split` finds, and the first token of each text."""
    points, starts, ends, first = split(tokenizer, texts)
    text = _decoded(points)
    return [text[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)], first


def _decoded(points: Points) -> str:
    return points.astype("<i4").tobytes().decode("utf-32-le", "surrogatepass")


@dataclass(eq=False)
class LoopTokens:
    """The counterpart of :class:`NumberedTokens` with compiled loops.

    :param stem: a function from a token to the stem that is numbered in its place.
    """

    split: Callable[[Sequence[str]], Spans]
    stem: Callable[[str], str] | None = None
    _stems: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._stems) if self.stem else len(self._words[1]) - 1

    def references(self, texts: Sequence[str]) -> Rows:
        """Token numbers of the references; each distinct token gets the next number."""
        points, starts, ends, first = self.split(texts)
        ids, self._words = _numbered(points, starts, ends)
        if self.stem:
            stems = [self._stems.setdefault(self.stem(word), len(self._stems)) for word in _spelled(self._words)]
            # The last entry is for words that occur in no reference.
            self._stem_of_word = np.array([*stems, -1], np.int32)
            ids = self._stem_of_word[ids]
        return Rows(ids, first)

    def hypotheses(self, texts: Sequence[str]) -> Rows:
        """Token numbers of hypotheses, -1 for a token that occurs in no reference."""
        from evalkit.metrics.kernels.text_loops import number_tokens

        points, starts, ends, first = self.split(texts)
        ids = number_tokens(points, starts, ends, *self._words, -1)[0]
        if self.stem:
            # A word that occurs in no reference may share its stem with a reference word.
            new = np.flatnonzero(ids < 0)
            new_ids, words = _numbered(points, starts[new], ends[new])
            stems = np.array([self._stems.get(self.stem(word), -1) for word in _spelled(words)], np.int32)
            ids = self._stem_of_word[ids]
            ids[new] = stems[new_ids]
        return Rows(ids, first)


#: The code points of distinct tokens, where each begins, and a table of their numbers.
_Words = tuple[Points, NDArray[np.int64], Points]


def _numbered(points: Points, starts: Ints, ends: Ints) -> tuple[Points, _Words]:
    """The number of each token, and the distinct tokens."""
    from evalkit.metrics.kernels.text_loops import number_tokens

    letters, bounds = np.empty(len(points), np.int32), np.zeros(len(starts) + 1, np.int64)
    ids, table, count = number_tokens(points, starts, ends, letters, bounds, np.full(64, -1, np.int32), 0)
    return ids, (letters[: bounds[count]].copy(), bounds[: count + 1].copy(), table)


def _spelled(words: _Words) -> list[str]:
    """The distinct tokens in the order of their numbers."""
    text = _decoded(words[0])
    return [text[a:b] for a, b in pairwise(words[1].tolist())]
