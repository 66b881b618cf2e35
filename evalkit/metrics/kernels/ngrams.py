"""BLEU and chrF statistics, with numpy or from compiled loops (``compiled``), with identical numbers.

Source of all conventions: ``sacrebleu.metrics.bleu`` and ``sacrebleu.metrics.chrf`` 2.6.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from evalkit.metrics.base import Statistics
from evalkit.metrics.kernels.segment_rows import Ints, SegmentRows, best_of_groups
from evalkit.metrics.kernels.tokens import Alphabet, LoopTokens, NumberedTokens, Rows, spelled, split
from evalkit.text.normalize import fold_width

#: A function that is applied to a text before it is tokenized.
View = Callable[[str], str]


class SharedNgrams:
    """An index of the n-grams of reference sequences, whose numbers are less than ``numbers``, for compiled loops.

    :param groups: int64[g + 1]: group i holds the sequences ``groups[i]`` to ``groups[i + 1]``.
    """

    def __init__(self, references: Rows, groups: Ints, order: int, numbers: int) -> None:
        from evalkit.metrics.kernels.ngram_loops import sorted_suffixes

        self._bounds, self._order, self._numbers = references.bounds, order, numbers
        self._index = sorted_suffixes(references.values, references.bounds, groups, order)

    def counts(self, hypotheses: Rows, owners: Ints, groups: Ints) -> Ints:
        """Shared n-grams of hypothesis ``owners[i]`` and the group from ``groups[i]`` to ``groups[i + 1]``: int64[i, order].

        Each n-gram is counted at most as often as it occurs in the reference of the group that has it most often.
        """
        from evalkit.metrics.kernels.ngram_loops import shared_ngrams

        counts: Ints = shared_ngrams(
            hypotheses.values, hypotheses.bounds, owners, self._index, self._bounds, groups, self._numbers, self._order
        )
        return counts


class PlainNgrams:
    """The same index for numpy only, used for small inputs, for which compiled loops do not pay off.

    The key of an n-gram joins the number of the n-gram without its last token (at first, of the group) and that token. The
    keys of one order are sorted, so those of a group are contiguous, and the place of a key is the number of its n-gram.
    """

    def __init__(self, references: Rows, groups: Ints, order: int, numbers: int) -> None:
        self._groups = groups
        self._numbers = max(1, numbers)
        #: For each order its n-grams: their keys, their counts in the sequence of the group that has them most often, and
        #: their groups.
        self._orders: list[tuple[Ints, Ints, Ints]] = []
        group_of = np.arange(len(groups) - 1)
        sequences = np.repeat(np.arange(len(references)), np.diff(references.bounds))
        ids = np.repeat(group_of, np.diff(groups))[sequences]
        places = np.arange(len(references.values))
        for _ in range(order):
            keys = ids * self._numbers + references.values[places]
            ordered = np.argsort(keys, kind="stable")
            keys, places, sequences = keys[ordered], places[ordered], sequences[ordered]
            starts = _starts(keys)
            counts = np.diff(starts, append=len(keys))
            ids = np.repeat(np.arange(len(starts)), counts)
            group_of = group_of[keys[starts] // self._numbers]
            if len(groups) - 1 < len(references) and len(keys):
                runs = _starts(ids * len(references) + sequences)
                counts = np.maximum.reduceat(np.diff(runs, append=len(keys)), _starts(ids[runs]))
            self._orders.append((keys[starts], counts, group_of))
            places = places + 1
            longer = places < references.bounds[sequences + 1]
            places, sequences, ids = places[longer], sequences[longer], ids[longer]

    def counts(self, hypotheses: Rows, owners: Ints, groups: Ints) -> Ints:
        """As :meth:`SharedNgrams.counts`."""
        out = np.zeros((len(owners), len(self._orders)), np.int64)
        first = int(np.searchsorted(self._groups, groups[0]))
        ends, sizes = hypotheses.bounds[owners + 1], np.diff(hypotheses.bounds)[owners]
        ids = np.repeat(np.arange(first, first + len(owners)), sizes)
        places = np.arange(len(ids)) + np.repeat(ends - np.cumsum(sizes), sizes)
        ends = np.repeat(ends, sizes)
        for n, (known, most, group_of) in enumerate(self._orders):
            if not len(known) or not len(places):
                break
            tokens = hypotheses.values[places]
            keys = ids * self._numbers + tokens
            found = np.minimum(np.searchsorted(known, keys), len(known) - 1)
            shared = (known[found] == keys) & (tokens >= 0)
            ids = found[shared]
            low, high = np.searchsorted(group_of, [first, first + len(owners)])
            clipped = np.minimum(np.bincount(ids - low, minlength=high - low), most[low:high])
            out[:, n] = np.bincount(group_of[low:high] - first, weights=clipped, minlength=len(owners))
            places, ends = places[shared] + 1, ends[shared]
            longer = places < ends
            places, ends, ids = places[longer], ends[longer], ids[longer]
        return out


def _starts(keys: Ints) -> Ints:
    """The start of each run of equal values in a sorted array."""
    changes = np.empty(len(keys), bool)
    changes[:1] = True
    np.not_equal(keys[1:], keys[:-1], out=changes[1:])
    return np.flatnonzero(changes)


NgramIndex = SharedNgrams | PlainNgrams


def shared_ngrams_of(references: Rows, groups: Ints, order: int, numbers: int, *, compiled: bool) -> NgramIndex:
    """An index of the n-grams of references, for compiled loops or for numpy, with identical counts."""
    return (SharedNgrams if compiled else PlainNgrams)(references, groups, order, numbers)


class BleuRows(SegmentRows):
    """The references as tokens. Rows: lengths, matched n-grams by order, all n-grams by order.

    :param before: a function that is applied to a text before it is tokenized.
    """

    def __init__(
        self, texts: Sequence[Sequence[str]], tokenize: str, before: View, max_order: int, compiled: bool
    ) -> None:
        super().__init__(texts)
        self._order, self.width = max_order, 2 + 2 * max_order
        self._before = before
        self._words = _numbered(tokenize, compiled)
        references = self._words.references(list(map(before, self.flat)))
        self._lengths = np.diff(references.bounds)
        self._shared = shared_ngrams_of(references, self.groups, max_order, len(self._words), compiled=compiled)

    def _rows(self, hypotheses: Sequence[str], groups: Ints, owners: Ints) -> Statistics:
        tokens = self._words.hypotheses(list(map(self._before, hypotheses)))
        lengths = np.diff(tokens.bounds)
        # The reference length closest to that of the hypothesis; of two equally close ones, the shorter.
        theirs = self._lengths[groups[0] : groups[-1]]
        packed = np.abs(lengths[owners] - theirs) << 32 | theirs
        closest = np.minimum.reduceat(packed, groups[:-1] - groups[0]) & 0xFFFFFFFF
        shared = self._shared.counts(tokens, np.arange(len(hypotheses)), groups)
        return np.column_stack((lengths, closest, shared, _ngrams_in(lengths, self._order))).astype(np.float64)


class ChrfRows(SegmentRows):
    """The references as characters (and words). Rows: for each order, n-grams of the hypothesis, of the reference, matches.

    :param f_score: computes F from rows; of several references, the first one with the best F counts.
    :param before: a function that is applied to a text before it is numbered.
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
        super().__init__(texts)
        self._f_score, self.width = f_score, 3 * (char_order + word_order)
        self._before = before
        references = list(map(before, self.flat))
        each = np.arange(len(references) + 1)
        #: For characters, and for words: how they are numbered, the n-grams of the references, and how many they have.
        self._parts: list[tuple[Alphabet | LoopTokens | NumberedTokens, NgramIndex, Ints]] = []
        for numbered, order in ((Alphabet(whitespace), char_order), (_numbered("chrf", compiled), word_order)):
            if order:
                rows = numbered.references(references)
                ngrams = shared_ngrams_of(rows, each, order, len(numbered), compiled=compiled)
                self._parts.append((numbered, ngrams, _ngrams_in(np.diff(rows.bounds), order)))

    def _rows(self, hypotheses: Sequence[str], groups: Ints, owners: Ints) -> Statistics:
        hypotheses = list(map(self._before, hypotheses))
        ours = np.arange(groups[0], groups[-1] + 1)
        triples = []
        for numbered, ngrams, totals in self._parts:
            hyp, theirs = numbered.hypotheses(hypotheses), totals[ours[:-1]]
            # sacrebleu counts no hypothesis n-grams of an order that the reference is too short for.
            own = np.where(theirs > 0, _ngrams_in(np.diff(hyp.bounds), theirs.shape[1])[owners], 0)
            triples.append(np.stack((own, theirs, ngrams.counts(hyp, owners, ours)), axis=2).reshape(len(owners), -1))
        return best_of_groups(self._f_score, np.concatenate(triples, axis=1).astype(np.float64), groups)


def _numbered(tokenizer: str, compiled: bool) -> LoopTokens | NumberedTokens:
    return LoopTokens(partial(split, tokenizer)) if compiled else NumberedTokens(partial(spelled, tokenizer))


def _ngrams_in(lengths: Ints, order: int) -> Ints:
    """The number of n-grams of each order in a sequence of each length: int64[n, order]."""
    counts: Ints = np.maximum(lengths[:, None] - np.arange(order), 0)
    return counts


def view(fold: bool, lowercase: bool) -> View:
    """The function that is applied to a text before it is tokenized; by default it changes nothing."""
    if fold and lowercase:
        return lambda text: fold_width(text).lower()
    return fold_width if fold else str.lower if lowercase else str


def tokenized(tokenizer: Callable[[str], str], before: View, text: str) -> str:
    """A text as a tokenizer of sacrebleu sees it and returns it: with spaces between the tokens."""
    return tokenizer(before(text).rstrip())
