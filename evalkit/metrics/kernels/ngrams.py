"""BLEU and chrF statistics from compiled loops.

Source of every convention: ``sacrebleu.metrics.bleu`` and ``sacrebleu.metrics.chrf`` 2.6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import InputError
from evalkit.metrics.base import Statistics
from evalkit.metrics.kernels.tokens import Alphabet, Rows, Vocabulary, code_points, kinds, prepare_13a
from evalkit.text.normalize import fold_width

__all__ = ["BleuRows", "ChrfRows", "SharedNgrams", "best_of_groups", "chunks", "flatten", "view"]

_CHUNK_CHARACTERS = 1 << 21


class SharedNgrams:
    """The n-grams of groups of reference sequences, indexed once.

    :param references: numbered sequences.
    :param groups: int64[g + 1]: group i holds the sequences ``groups[i]`` to ``groups[i + 1]``.
    :param order: longest n-gram.
    :param numbers: every number of the references is less than this.
    """

    def __init__(self, references: Rows, groups: NDArray[np.int64], order: int, numbers: int) -> None:
        from evalkit.metrics.kernels.ngram_loops import sorted_suffixes

        self._bounds = references.bounds
        self._order = order
        self._numbers = numbers
        self._ended, self._places = sorted_suffixes(references.values, references.bounds, groups, order)

    def counts(self, hypotheses: Rows, owners: NDArray[np.int64], groups: NDArray[np.int64]) -> NDArray[np.int64]:
        """Shared n-grams of hypothesis ``owners[i]`` and the group from ``groups[i]`` to ``groups[i + 1]``: int64[i, order]."""
        from evalkit.metrics.kernels.ngram_loops import shared_ngrams

        counts: NDArray[np.int64] = shared_ngrams(
            hypotheses.values, hypotheses.bounds, owners,
            self._ended, self._places, self._bounds, groups, self._numbers, self._order,
        )  # fmt: skip
        return counts


class BleuRows:
    """The references of n segments, tokenised and numbered once for all systems.

    :param texts: for each segment its references.
    :param tokenize: ``13a``, ``zh``, ``char`` or ``none``; the loops know these. Another tokenizer is given as
        ``pretokenize`` with ``none`` here.
    :param pretokenize: from a text to its tokens with spaces between.
    :param view: what is done to a text before anything else.
    :param max_order: longest n-gram.
    """

    def __init__(
        self,
        texts: Sequence[Sequence[str]],
        *,
        tokenize: str,
        max_order: int,
        view: Callable[[str], str] | None = None,
        pretokenize: Callable[[str], str] | None = None,
    ) -> None:
        self._tokenize = tokenize
        self._order = max_order
        self._view = view
        self._pretokenize = pretokenize
        flat, self._groups = flatten(texts)
        points, starts, ends, self._first = self._tokens(flat)
        self._vocabulary = Vocabulary(points, starts, ends)
        self._lengths = np.diff(self._first)
        references = Rows(self._vocabulary.ids, self._first)
        self._shared = SharedNgrams(references, self._groups, max_order, len(self._vocabulary))

    def rows(self, hypotheses: Sequence[str]) -> Statistics:
        """float64[n, 2 + 2 * max_order]: lengths, matched n-grams by order, all n-grams by order."""
        out = np.empty((len(hypotheses), 2 + 2 * self._order))
        for low, high in chunks(hypotheses):
            out[low:high] = self._chunk(hypotheses[low:high], low, high)
        return out

    def _chunk(self, hypotheses: Sequence[str], low: int, high: int) -> NDArray[np.float64]:
        points, starts, ends, first = self._tokens(hypotheses)
        tokens = Rows(self._vocabulary.look_up(points, starts, ends), first)
        groups = self._groups[low : high + 1]
        matched = self._shared.counts(tokens, np.arange(high - low), groups)
        lengths = np.diff(first)
        return np.column_stack(
            (lengths, self._closest(lengths, groups), matched, _ngrams_in(lengths, self._order))
        ).astype(np.float64)

    def _closest(self, lengths: NDArray[np.int64], groups: NDArray[np.int64]) -> NDArray[np.int64]:
        """The reference length nearest to each hypothesis's, the shorter of two as near."""
        ours = self._lengths[groups[0] : groups[-1]]
        distance = np.abs(np.repeat(lengths, np.diff(groups)) - ours)
        packed = np.minimum.reduceat((distance << 32) | ours, groups[:-1] - groups[0])
        return packed & 0xFFFFFFFF

    def _tokens(
        self, texts: Sequence[str]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
        from evalkit.metrics.kernels.text_loops import split_points

        if self._view is not None:
            texts = [self._view(text) for text in texts]
        if self._tokenize == "13a":
            texts = prepare_13a(texts)
        elif self._pretokenize is not None:
            texts = [self._pretokenize(text.rstrip()) for text in texts]
        elif self._tokenize == "zh":
            texts = [text.strip() for text in texts]
        points = code_points(texts)
        starts, ends, first = split_points(
            points.values, points.bounds, kinds(self._tokenize), self._tokenize == "13a", False
        )
        return points.values, starts, ends, first


class ChrfRows:
    """The references of n segments as characters (and words), once for all systems.

    :param texts: for each segment its references.
    :param char_order: longest character n-gram.
    :param word_order: longest word n-gram, 0 for chrF, 2 for chrF++.
    :param whitespace: spaces count as characters.
    :param f_score: from rows of statistics to F; with several references the first with the best F counts.
    :param view: what is done to a text before anything else.
    """

    def __init__(
        self,
        texts: Sequence[Sequence[str]],
        *,
        char_order: int,
        word_order: int,
        whitespace: bool,
        f_score: Callable[[Statistics], NDArray[np.float64]],
        view: Callable[[str], str] | None = None,
    ) -> None:
        self._char_order = char_order
        self._word_order = word_order
        self._f_score = f_score
        self._view = view
        flat, self._groups = flatten(texts)
        points = self._points(flat)
        each = np.arange(len(flat) + 1)
        self._alphabet = Alphabet(spaces=whitespace)
        characters = self._alphabet.references(points)
        self._parts = [SharedNgrams(characters, each, char_order, len(self._alphabet))]
        self._totals = [_ngrams_in(np.diff(characters.bounds), char_order)]
        if word_order:
            starts, ends, first = _chrf_words(points)
            self._vocabulary = Vocabulary(points.values, starts, ends)
            words = Rows(self._vocabulary.ids, first)
            self._parts.append(SharedNgrams(words, each, word_order, len(self._vocabulary)))
            self._totals.append(_ngrams_in(np.diff(first), word_order))

    def rows(self, hypotheses: Sequence[str]) -> Statistics:
        """float64[n, 3 * orders]: for each order the n-grams of the hypothesis, of the reference, and the matched ones."""
        out = np.empty((len(hypotheses), 3 * (self._char_order + self._word_order)))
        for low, high in chunks(hypotheses):
            groups = self._groups[low : high + 1]
            pairs = self._pairs(hypotheses[low:high], groups)
            best = best_of_groups(self._f_score, pairs, groups - groups[0])
            out[low:high] = pairs[best]
        return out

    def _pairs(self, hypotheses: Sequence[str], groups: NDArray[np.int64]) -> NDArray[np.float64]:
        owners = np.repeat(np.arange(len(hypotheses)), np.diff(groups))
        points = self._points(hypotheses)
        sequences = [self._alphabet.look_up(points)]
        if self._word_order:
            starts, ends, first = _chrf_words(points)
            sequences.append(Rows(self._vocabulary.look_up(points.values, starts, ends), first))
        ours = np.arange(groups[0], groups[-1] + 1)
        triples = []
        for hyp, part, totals in zip(sequences, self._parts, self._totals, strict=True):
            theirs = totals[ours[:-1]]
            # sacrebleu counts no hypothesis n-grams of an order that the reference is too short for.
            own = np.where(theirs > 0, _ngrams_in(np.diff(hyp.bounds), theirs.shape[1])[owners], 0)
            triples.append(np.stack((own, theirs, part.counts(hyp, owners, ours)), axis=2).reshape(len(owners), -1))
        return np.concatenate(triples, axis=1).astype(np.float64)

    def _points(self, texts: Sequence[str]) -> Rows:
        return code_points(texts if self._view is None else [self._view(text) for text in texts])


def _chrf_words(points: Rows) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    from evalkit.metrics.kernels.text_loops import part_punctuation, split_points

    starts, ends, first = split_points(points.values, points.bounds, kinds("none"), False, False)
    words: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]] = part_punctuation(
        points.values, starts, ends, first, kinds("punctuation")
    )
    return words


def _ngrams_in(lengths: NDArray[np.int64], order: int) -> NDArray[np.int64]:
    """How many n-grams of each order a sequence of each length has: int64[n, order]."""
    counts: NDArray[np.int64] = np.maximum(lengths[:, None] - np.arange(order), 0)
    return counts


def view(fold: bool, lowercase: bool) -> Callable[[str], str] | None:
    """What is done to a text before anything else; None for nothing."""
    if fold and lowercase:
        return _fold_and_lower
    return fold_width if fold else str.lower if lowercase else None


def _fold_and_lower(text: str) -> str:
    return fold_width(text).lower()


def flatten(texts: Sequence[Sequence[str]]) -> tuple[list[str], NDArray[np.int64]]:
    """The references of all segments in one list, and where each segment's begin: int64[n + 1].

    :raises InputError: for a segment without a reference.
    """
    counts = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    if not counts.all():
        raise InputError(f"segment {int(np.argmin(counts))} has no reference; every segment needs at least one")
    return list(chain.from_iterable(texts)), np.concatenate(([0], np.cumsum(counts)))


def chunks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Half-open ranges of segments of a few million characters, so that memory stays bounded on any input."""
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
    """In each group of rows the first with the highest score: int64[groups]."""
    if len(pairs) == len(groups) - 1:
        return np.arange(len(pairs))
    scores = f_score(pairs)
    sizes = np.diff(groups)
    top = np.repeat(np.maximum.reduceat(scores, groups[:-1]), sizes)
    positions = np.where(scores == top, np.arange(len(pairs)), len(pairs))
    first: NDArray[np.int64] = np.minimum.reduceat(positions, groups[:-1])
    return first
