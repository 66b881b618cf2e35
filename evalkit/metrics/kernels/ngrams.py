"""BLEU and chrF statistics, with numpy or from compiled loops (``compiled``), with identical numbers.

Source of all conventions: ``sacrebleu.metrics.bleu`` and ``sacrebleu.metrics.chrf`` 2.6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import InputError
from evalkit.metrics.base import Statistics
from evalkit.metrics.kernels.plain_ngrams import PlainNgrams
from evalkit.metrics.kernels.plain_tokens import TOKENIZERS, NumberedTokens
from evalkit.metrics.kernels.tokens import (
    Alphabet,
    LoopTokens,
    Rows,
    Spans,
    code_points,
    kinds,
    offsets,
    part_punctuation,
    prepare_13a,
)
from evalkit.text.normalize import fold_width

_CHUNK_CHARACTERS = 1 << 21
#: what is done to a text before it is tokenized.
View = Callable[[str], str]


class SharedNgrams:
    """An index of the n-grams of groups of reference sequences, for compiled loops.

    :param references: numbered sequences, every number less than ``numbers``.
    :param groups: int64[g + 1]: group i holds the sequences ``groups[i]`` to ``groups[i + 1]``.
    :param order: longest n-gram.
    """

    def __init__(self, references: Rows, groups: NDArray[np.int64], order: int, numbers: int) -> None:
        from evalkit.metrics.kernels.ngram_loops import sorted_suffixes

        self._bounds, self._order, self._numbers = references.bounds, order, numbers
        self._index = sorted_suffixes(references.values, references.bounds, groups, order)

    def counts(self, hypotheses: Rows, owners: NDArray[np.int64], groups: NDArray[np.int64]) -> NDArray[np.int64]:
        """Shared n-grams of hypothesis ``owners[i]`` and the group from ``groups[i]`` to ``groups[i + 1]``: int64[i, order].

        Each n-gram is counted at most as often as it occurs in the reference of the group that has it most often.
        """
        from evalkit.metrics.kernels.ngram_loops import shared_ngrams

        counts: NDArray[np.int64] = shared_ngrams(
            hypotheses.values, hypotheses.bounds, owners, self._index, self._bounds, groups, self._numbers, self._order
        )
        return counts


NgramIndex = SharedNgrams | PlainNgrams


def shared_ngrams_of(
    references: Rows, groups: NDArray[np.int64], order: int, numbers: int, *, compiled: bool
) -> NgramIndex:
    """An index of the n-grams of references, for compiled loops or for numpy, with identical counts."""
    return (SharedNgrams if compiled else PlainNgrams)(references, groups, order, numbers)


class BleuRows:
    """The references of n segments, tokenized and numbered once for all systems.

    :param texts: for each segment its references.
    :param tokenize: ``13a``, ``zh``, ``char`` or ``none`` (white space).
    :param before: what is done to a text before it is tokenized.
    :param max_order: longest n-gram.
    """

    def __init__(
        self, texts: Sequence[Sequence[str]], tokenize: str, before: View, max_order: int, compiled: bool
    ) -> None:
        self._order = max_order
        self._before = before
        self._words = _numbered(tokenize, compiled)
        flat, self._groups = flatten(texts)
        references = self._words.references(list(map(before, flat)))
        self._lengths = np.diff(references.bounds)
        self._shared = shared_ngrams_of(references, self._groups, max_order, len(self._words), compiled=compiled)

    def rows(self, hypotheses: Sequence[str]) -> Statistics:
        """float64[n, 2 + 2 * max_order]: lengths, matched n-grams by order, all n-grams by order."""
        out = np.empty((len(hypotheses), 2 + 2 * self._order))
        for low, high in chunks(hypotheses):
            tokens = self._words.hypotheses(list(map(self._before, hypotheses[low:high])))
            groups, lengths = self._groups[low : high + 1], np.diff(tokens.bounds)
            out[low:high, 0] = lengths
            out[low:high, 1] = self._closest(lengths, groups)
            out[low:high, 2 : 2 + self._order] = self._shared.counts(tokens, np.arange(high - low), groups)
            out[low:high, 2 + self._order :] = _ngrams_in(lengths, self._order)
        return out

    def _closest(self, lengths: NDArray[np.int64], groups: NDArray[np.int64]) -> NDArray[np.int64]:
        """The reference length closest to that of each hypothesis; of two equally close ones, the shorter."""
        ours = self._lengths[groups[0] : groups[-1]]
        distance = np.abs(np.repeat(lengths, np.diff(groups)) - ours)
        packed = np.minimum.reduceat((distance << 32) | ours, groups[:-1] - groups[0])
        return packed & 0xFFFFFFFF


class ChrfRows:
    """The references of n segments as characters (and words), numbered once for all systems.

    :param texts: for each segment its references.
    :param char_order: longest character n-gram.
    :param word_order: longest word n-gram, 0 for chrF, 2 for chrF++.
    :param whitespace: spaces count as characters.
    :param f_score: computes F from rows of statistics; of several references, the first one with the best F counts.
    :param before: what is done to a text before it is numbered.
    """

    def __init__(
        self,
        texts: Sequence[Sequence[str]],
        *,
        char_order: int,
        word_order: int,
        whitespace: bool,
        f_score: Callable[[Statistics], NDArray[np.float64]],
        before: View,
        compiled: bool,
    ) -> None:
        self._f_score = f_score
        self._before = before
        flat, self._groups = flatten(texts)
        references = list(map(before, flat))
        each = np.arange(len(flat) + 1)
        #: for characters, and for words: how they are numbered, the n-grams of the references, and how many they have.
        self._parts: list[tuple[Alphabet | LoopTokens | NumberedTokens, NgramIndex, NDArray[np.int64]]] = []
        for numbered, order in ((Alphabet(whitespace), char_order), (_numbered("chrf", compiled), word_order)):
            if order:
                rows = numbered.references(references)
                ngrams = shared_ngrams_of(rows, each, order, len(numbered), compiled=compiled)
                self._parts.append((numbered, ngrams, _ngrams_in(np.diff(rows.bounds), order)))

    def rows(self, hypotheses: Sequence[str]) -> Statistics:
        """float64[n, 3 * orders]: for each order, n-grams of the hypothesis, n-grams of the reference, and matches."""
        out = np.empty((len(hypotheses), 3 * sum(totals.shape[1] for _, _, totals in self._parts)))
        for low, high in chunks(hypotheses):
            groups = self._groups[low : high + 1]
            pairs = self._pairs(list(map(self._before, hypotheses[low:high])), groups)
            out[low:high] = pairs[best_of_groups(self._f_score, pairs, groups - groups[0])]
        return out

    def _pairs(self, hypotheses: Sequence[str], groups: NDArray[np.int64]) -> NDArray[np.float64]:
        owners = np.repeat(np.arange(len(hypotheses)), np.diff(groups))
        ours = np.arange(groups[0], groups[-1] + 1)
        triples = []
        for numbered, ngrams, totals in self._parts:
            hyp, theirs = numbered.hypotheses(hypotheses), totals[ours[:-1]]
            # sacrebleu counts no hypothesis n-grams of an order that the reference is too short for.
            own = np.where(theirs > 0, _ngrams_in(np.diff(hyp.bounds), theirs.shape[1])[owners], 0)
            triples.append(np.stack((own, theirs, ngrams.counts(hyp, owners, ours)), axis=2).reshape(len(owners), -1))
        return np.concatenate(triples, axis=1).astype(np.float64)


def _numbered(tokenize: str, compiled: bool) -> LoopTokens | NumberedTokens:
    """The tokens of sacrebleu's tokenizer of that name as numbers, or the words of chrF++ (``chrf``)."""
    return LoopTokens(partial(_loop_tokens, tokenize)) if compiled else NumberedTokens(TOKENIZERS[tokenize])


def _loop_tokens(tokenize: str, texts: Sequence[str]) -> Spans:
    from evalkit.metrics.kernels.text_loops import split_points

    if tokenize == "13a":
        texts = prepare_13a(texts)
    elif tokenize == "zh":
        texts = [text.strip() for text in texts]
    points = code_points(texts)
    table = kinds("none" if tokenize == "chrf" else tokenize)
    spans = (points.values, *split_points(points.values, points.bounds, table, tokenize == "13a", False))
    return part_punctuation(spans) if tokenize == "chrf" else spans


def _ngrams_in(lengths: NDArray[np.int64], order: int) -> NDArray[np.int64]:
    """The number of n-grams of each order in a sequence of each length: int64[n, order]."""
    counts: NDArray[np.int64] = np.maximum(lengths[:, None] - np.arange(order), 0)
    return counts


def view(fold: bool, lowercase: bool) -> View:
    """What is done to a text before it is tokenized; nothing by default."""
    if fold and lowercase:
        return lambda text: fold_width(text).lower()
    return fold_width if fold else str.lower if lowercase else str


def flatten(texts: Sequence[Sequence[str]]) -> tuple[list[str], NDArray[np.int64]]:
    """The references of all segments in one list, and the offset of each segment's references: int64[n + 1].

    :raises InputError: for a segment without a reference.
    """
    missing = next((i for i, references in enumerate(texts) if not references), None)
    if missing is not None:
        raise InputError(f"segment {missing} has no reference; every segment needs at least one")
    return list(chain.from_iterable(texts)), offsets(texts)


def chunks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Half-open ranges of segments of a few million characters, to bound memory use on any input."""
    low = 0
    size = 0
    for i, text in enumerate(texts):
        if size and size + len(text) > _CHUNK_CHARACTERS:
            yield low, i
            low, size = i, 0
        size += len(text)
    if low < len(texts):
        yield low, len(texts)


def best_of_groups(
    f_score: Callable[[Statistics], NDArray[np.float64]], pairs: NDArray[np.float64], groups: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The first row with the highest score in each group: int64[groups]."""
    if len(pairs) == len(groups) - 1:
        return np.arange(len(pairs))
    scores = f_score(pairs)
    sizes = np.diff(groups)
    top = np.repeat(np.maximum.reduceat(scores, groups[:-1]), sizes)
    positions = np.where(scores == top, np.arange(len(pairs)), len(pairs))
    first: NDArray[np.int64] = np.minimum.reduceat(positions, groups[:-1])
    return first
