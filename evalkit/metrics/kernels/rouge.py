"""ROUGE-1, -2, -L and -Lsum statistics: rouge-score's counts.

Source of all conventions: ``rouge_score.rouge_scorer`` and ``rouge_score.tokenize`` 0.1.2. Words are stemmed one at a
time by :mod:`evalkit.metrics.kernels.porter`, and the stems are cached.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain, pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from evalkit.metrics.base import Statistics
from evalkit.metrics.kernels.ngrams import shared_ngrams_of
from evalkit.metrics.kernels.porter import porter_stem
from evalkit.metrics.kernels.segment_rows import Ints, SegmentRows, best_of_groups
from evalkit.metrics.kernels.tokens import LoopTokens, NumberedTokens, Rows, each, offsets, split, split_mixed
from evalkit.text.tokenize import mixed_tokens

_WORD = re.compile("[a-z0-9]+")
#: The number of hypothesis tokens that a reader caches, four bytes each.
_CACHED_TOKENS = 1 << 23
#: The character of tokens that occur in no reference.
_LAST_CHARACTER = 0x10FFFF

_Token = TypeVar("_Token", bound=Hashable)


class _Texts:
    """The tokens of texts, grouped by sentence.

    :param tokens: token numbers, one row per sentence.
    :param texts: int64[n + 1]; text i has the sentences ``texts[i]`` to ``texts[i + 1]``.
    """

    def __init__(self, tokens: Rows, texts: Ints) -> None:
        self.tokens = tokens
        self._texts = texts

    def lengths(self) -> Ints:
        """The number of tokens in each text."""
        return np.diff(self.tokens.bounds[self._texts])

    def sentences(self, first: int = 0, end: int | None = None) -> list[list[Sequence[Any]]]:
        """The sentences of some texts, with a character for each token as long as there are enough characters."""
        texts = self._texts[first : None if end is None else end + 1]
        bounds = self.tokens.bounds[texts[0] : texts[-1] + 1]
        numbers = self.tokens.values[bounds[0] : bounds[-1]]
        symbols: Sequence[Any]
        if numbers.max(initial=0) < _LAST_CHARACTER:
            points = np.where(numbers < 0, _LAST_CHARACTER, numbers)
            symbols = points.astype("<i4").tobytes().decode("utf-32-le", "surrogatepass")
        else:
            symbols = numbers.tolist()
        sentences = [symbols[a:b] for a, b in pairwise((bounds - bounds[0]).tolist())]
        if (np.diff(texts) == 1).all():  # the most frequent case
            return [[sentence] for sentence in sentences]
        return [sentences[a:b] for a, b in pairwise((texts - texts[0]).tolist())]


class Reader:
    """Tokenizes and numbers texts; shared by all ROUGE variants, so that each text is tokenized only once.

    :param tokenize: a function from a text to its tokens; None for rouge-score's own words (a-z and 0-9, lowercased).
    """

    def __init__(
        self, texts: Sequence[str], *, tokenize: Callable[[str], list[str]] | None, stemmed: bool, compiled: bool
    ) -> None:
        self._words: LoopTokens | NumberedTokens
        if compiled and tokenize is None:
            self._words = LoopTokens(partial(split, "rouge"), stem=stem if stemmed else None)
        elif compiled and tokenize is mixed_tokens:
            self._words = LoopTokens(split_mixed)
        else:
            self._words = NumberedTokens(partial(each, tokenize or (_stemmed_words if stemmed else _plain_words)))
        self.references = self._words.references(texts)
        self._cache: dict[tuple[str, ...], Rows] = {}
        self._room = _CACHED_TOKENS

    def __len__(self) -> int:
        return len(self._words)

    def hypotheses(self, texts: Sequence[str]) -> Rows:
        """The tokens of texts, from a bounded cache of texts seen before."""
        key = tuple(texts)
        rows = self._cache.get(key)
        if rows is None:
            rows = self._words.hypotheses(key)
            if len(rows.values) <= self._room:
                self._room -= len(rows.values)
                self._cache[key] = rows
        return rows


class RougeRows(SegmentRows):
    """The references as tokens. Rows: precision, recall and F against the reference with the best F, and 1.

    :param order: length of the n-grams; 0 for longest common subsequences.
    :param sentences: a function from a text to the non-empty sentences that are compared; None to compare whole texts.
    """

    width = 4

    def __init__(
        self,
        texts: Sequence[Sequence[str]],
        *,
        order: int,
        reader: Callable[[Sequence[str]], Reader],
        sentences: Callable[[str], list[str]] | None,
        compiled: bool,
    ) -> None:
        super().__init__(texts)
        self._order = order
        self._sentences = sentences
        parts, bounds = self._parts(self.flat)
        self._reader = reader(parts)
        self._references = _Texts(self._reader.references, bounds)
        if order:
            tokens, each = self._references.tokens, np.arange(len(self.flat) + 1)
            self._ngrams = shared_ngrams_of(tokens, each, order, len(self._reader), compiled=compiled)

    def _rows(self, hypotheses: Sequence[str], groups: Ints, owners: Ints) -> Statistics:
        parts, bounds = self._parts(hypotheses)
        pairs = self._pairs(_Texts(self._reader.hypotheses(parts), bounds), owners, int(groups[0]))
        return best_of_groups(lambda rows: rows[:, 2], pairs, groups)

    def _parts(self, texts: Sequence[str]) -> tuple[Sequence[str], Ints]:
        """The parts tokenized separately, and each text's offsets; lines of single-line texts are those texts."""
        if self._sentences is None or (self._sentences is lines and not any("\n" in text for text in texts)):
            return texts, np.arange(len(texts) + 1)
        parts = [self._sentences(text) for text in texts]
        return list(chain.from_iterable(parts)), offsets(parts)

    def _pairs(self, hypotheses: _Texts, owners: Ints, first: int) -> NDArray[np.float64]:
        """Precision, recall, F and 1 of hypothesis ``owners[i]`` and reference ``first + i``."""
        hits = self._hits(hypotheses, owners, first)
        shorter = max(self._order - 1, 0)
        ours = np.maximum(hypotheses.lengths()[owners] - shorter, 1)
        theirs = np.maximum(self._references.lengths()[first : first + len(owners)] - shorter, 1)
        precision, recall = hits / ours, hits / theirs
        both = precision + recall
        f = np.divide(2 * precision * recall, both, out=np.zeros(len(owners)), where=both > 0)
        return np.column_stack((precision, recall, f, np.ones(len(owners))))

    def _hits(self, hypotheses: _Texts, owners: Ints, first: int) -> Ints:
        """The n-grams, or the tokens of the longest common subsequences, that the two texts of each pair share."""
        if self._order:
            each = np.arange(first, first + len(owners) + 1)
            return self._ngrams.counts(hypotheses.tokens, owners, each)[:, -1]
        ours, theirs = hypotheses.sentences(), self._references.sentences(first, first + len(owners))
        return np.array([union_lcs(ours[i], text) for i, text in zip(owners.tolist(), theirs, strict=True)], np.int64)


@lru_cache(maxsize=1 << 17)
def stem(word: str) -> str:
    """Stem a word of a-z and 0-9 as rouge-score does, which leaves words of up to three letters as they are."""
    return porter_stem(word) if len(word) > 3 else word


def lines(text: str) -> list[str]:
    """The non-empty lines of a text, which are sentences to rouge-score."""
    return [line for line in text.split("\n") if line]


def _plain_words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _stemmed_words(text: str) -> list[str]:
    return [stem(word) for word in _WORD.findall(text.lower())]


def union_lcs(ours: Sequence[Sequence[_Token]], theirs: Sequence[Sequence[_Token]]) -> int:
    """The matches of ROUGE-L and ROUGE-Lsum for one hypothesis and one reference, each a sequence of sentences.

    For each reference sentence the positions that lie on a longest common subsequence with any hypothesis sentence; each
    token counts as often as the hypothesis has it.
    """
    if len(ours) == len(theirs) == 1:
        return LCSseq.similarity(ours[0], theirs[0])
    left = Counter(token for sentence in ours for token in sentence)
    places = list(map(_places, ours))
    hits = 0
    for reference in theirs:
        marked: set[int] = set()
        for sentence, bits in zip(ours, places, strict=True):
            marked.update(_path(reference, sentence, bits))
        for j in marked:
            if left[reference[j]] > 0:
                left[reference[j]] -= 1
                hits += 1
    return hits


def _places(sentence: Sequence[_Token]) -> dict[_Token, int]:
    """The positions of each token in a sentence, as bits."""
    places: dict[_Token, int] = {}
    for j, token in enumerate(sentence):
        places[token] = places.get(token, 0) | 1 << j
    return places


def _lcs_rows(reference: Sequence[_Token], places: Mapping[_Token, int], length: int) -> list[int]:
    """Rows of the table of a sentence with these places, each as a big integer (Hyyrö 2004).

    After j tokens of the reference, bit i is 0 where position i of the sentence makes the common subsequence longer.
    """
    everything = (1 << length) - 1
    rows = [everything]
    for token in reference:
        row = rows[-1]
        used = row & places.get(token, 0)
        rows.append((row + used | row - used) & everything if used else row)
    return rows


def _path(reference: Sequence[_Token], sentence: Sequence[_Token], places: Mapping[_Token, int]) -> list[int]:
    """The positions of a reference that lie on a longest common subsequence, the last first.

    Of several equally long ones, it is that of ``rouge_score.rouge_scorer._backtrack_norec``: from the ends, a pair where the
    tokens are equal, else one back in the sentence where that keeps the length and one back in the reference does not,
    else one back in the reference.
    """
    rows = _lcs_rows(reference, places, len(sentence))
    i, j = len(sentence), len(reference)
    common = i - rows[j].bit_count()
    path = []
    while common:
        if sentence[i - 1] == reference[j - 1]:
            i -= 1
            j -= 1
            common -= 1
            path.append(j)
        elif i - (rows[j - 1] & ((1 << i) - 1)).bit_count() < common:
            i -= 1
        else:
            j -= 1
    return path
