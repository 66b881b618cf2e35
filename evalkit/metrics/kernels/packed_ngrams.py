"""Shared n-grams with numpy only, used for small inputs, for which compiled loops do not pay off.

Tokens are numbered within each group of references, so that an n-gram of the longest order fits into one 64-bit integer
together with its group. One sort of these integers serves every order, because a shorter n-gram is a prefix.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.metrics.kernels.tokens import Rows

Ints = NDArray[np.int64]

# Bits of a packed n-gram; the remaining bit is the sign.
_BITS = 63

#: the maximum number of groups packed together.
_BLOCK = 2048

#: Below this, distinct values are found by one flag per possible value instead of sorting.
_FLAGS = 1 << 24


class PackedNgrams:
    """The n-grams of groups of reference sequences; the numpy counterpart of ``ngrams.SharedNgrams``.

    :param references: numbered sequences.
    :param groups: int64[g + 1]: group i holds the sequences ``groups[i]`` to ``groups[i + 1]``.
    :param order: longest n-gram.
    :param numbers: every number of the references is less than this.
    """

    def __init__(self, references: Rows, groups: Ints, order: int, numbers: int) -> None:
        self._references = references
        self._groups = groups
        self._order = order
        sizes = np.diff(references.bounds[groups])
        owners = np.repeat(np.arange(len(groups) - 1), sizes)
        #: the distinct tokens of each group, and the first of each group.
        self._letters = _distinct(owners * numbers + references.values)
        self._first = np.searchsorted(self._letters, np.arange(len(groups)) * numbers)
        self._numbers = numbers
        self._packed = {low: _Block.of(self, low, high) for low, high in self._blocks(0, len(groups) - 1)}

    def counts(self, hypotheses: Rows, owners: Ints, groups: Ints) -> Ints:
        """Shared n-grams of hypothesis ``owners[i]`` and the group from ``groups[i]`` to ``groups[i + 1]``: int64[i, order].

        Each n-gram is counted at most as often as it occurs in the reference of the group that has it most often.
        """
        out = np.zeros((len(owners), self._order), np.int64)
        offset = int(np.searchsorted(self._groups, groups[0])) if len(owners) else 0
        for low, high in self._blocks(0, len(self._groups) - 1):
            begin, end = max(low, offset), min(high, offset + len(owners))
            if begin < end:
                part = slice(begin - offset, end - offset)
                chosen = _chosen(hypotheses, owners[part])
                block = self._packed[low]
                if block is None:
                    out[part] = self._one_by_one(chosen, begin)
                else:
                    out[part] = block.counts(self._sequences(chosen, np.arange(begin, end)), begin - low, end - begin)
        return out

    def _blocks(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        """Ranges of groups that fit into packed integers; a single group that does not fit is a range of its own."""
        for start in range(low, high, _BLOCK):
            yield from self._halves(start, min(start + _BLOCK, high))

    def _halves(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        if high - low == 1 or self._width(low, high) <= _BITS:
            yield low, high
            return
        middle = (low + high) // 2
        yield from self._halves(low, middle)
        yield from self._halves(middle, high)

    def _width(self, low: int, high: int) -> int:
        sequences = int(self._groups[high] - self._groups[low])
        return self.letter_bits(low, high) * self._order + sequences.bit_length()

    def letter_bits(self, low: int, high: int) -> int:
        """The number of bits of a token number within its group; 0 means no token."""
        return int(np.diff(self._first[low : high + 1]).max(initial=0)).bit_length()

    def _sequences(self, rows: Rows, groups: Ints) -> Rows:
        """Token numbers of each sequence within its group; 0 for a token that does not occur in the group."""
        of_group = np.repeat(groups, np.diff(rows.bounds))
        keys = of_group * self._numbers + rows.values
        places = np.minimum(np.searchsorted(self._letters, keys), max(0, len(self._letters) - 1))
        known = (
            (self._letters[places] == keys) & (rows.values >= 0) if len(self._letters) else np.zeros(len(keys), bool)
        )
        return Rows(np.where(known, places - self._first[of_group] + 1, 0), rows.bounds)

    def _one_by_one(self, hypothesis: Rows, group: int) -> Ints:
        """The counts of a group whose n-grams do not fit into packed integers."""
        counts = np.zeros((1, self._order), np.int64)
        ours = hypothesis[0]
        for n in range(1, self._order + 1):
            most: Counter[tuple[int, ...]] = Counter()
            for sequence in range(int(self._groups[group]), int(self._groups[group + 1])):
                most |= _ngrams(self._references[sequence], n)
            counts[0, n - 1] = sum((_ngrams(ours, n) & most).values())
        return counts


@dataclass(frozen=True, eq=False)
class _Block:
    """The packed n-grams of some groups: for each order, the distinct n-grams with their group and count."""

    bits: int
    orders: tuple[tuple[Ints, Ints], ...]

    @classmethod
    def of(cls, index: PackedNgrams, low: int, high: int) -> _Block | None:
        """The block of groups ``low`` to ``high``; None if their n-grams do not fit into packed integers."""
        if index._width(low, high) > _BITS:
            return None
        bits, order = index.letter_bits(low, high), index._order
        first, last = int(index._groups[low]), int(index._groups[high])
        sequences = _chosen(index._references, np.arange(first, last))
        sizes = np.diff(index._groups[low : high + 1])
        group_of = np.repeat(np.arange(high - low), sizes)
        packed = _packed(index._sequences(sequences, group_of + low), np.arange(last - first), bits, order)
        several = bool((sizes > 1).any())
        orders = _runs(packed, bits, order)
        if several:
            orders = [_most_of_group(*grams, group_of, bits * n) for n, grams in enumerate(orders, start=1)]
        return cls(bits, tuple(orders))

    def counts(self, sequences: Rows, first: int, number: int) -> Ints:
        """Shared n-grams of the hypothesis of group ``first + i`` of the block: int64[number, order]."""
        order = len(self.orders)
        packed = _packed(sequences, np.arange(first, first + number), self.bits, order)
        out = np.zeros((number, order), np.int64)
        matched = zip(self.orders, _runs(packed, self.bits, order), strict=True)
        for n, ((theirs, most), (ours, times)) in enumerate(matched, start=1):
            if not len(theirs) or not len(ours):
                break
            places = np.minimum(np.searchsorted(theirs, ours), len(theirs) - 1)
            same = theirs[places] == ours
            shared = np.minimum(times[same], most[places[same]])
            groups = (ours[same] >> (self.bits * n)) - first
            out[:, n - 1] = np.bincount(groups, weights=shared, minlength=number).astype(np.int64)
        return out


def _packed(rows: Rows, owners: Ints, bits: int, order: int) -> Ints:
    """The n-grams starting at each position, sorted: the owner, then ``order`` token numbers, padded with 0."""
    ended = np.zeros(len(rows.values) + len(rows) + order, np.int64)
    sequence = np.repeat(np.arange(len(rows)), np.diff(rows.bounds))
    places = np.arange(len(rows.values)) + sequence
    ended[places] = rows.values
    keys = owners[sequence]
    alive = np.ones(len(places), bool)
    for d in range(order):
        token = ended[places + d]
        alive &= token > 0
        keys = (keys << bits) | np.where(alive, token, 0)
    keys.sort()
    return keys


def _distinct(keys: Ints) -> Ints:
    """The distinct values, sorted, as ``np.unique`` returns them, but without its import of numpy's masked arrays."""
    if len(keys) and keys.max() < _FLAGS:
        present = np.zeros(int(keys.max()) + 1, bool)
        present[keys] = True
        return np.flatnonzero(present)
    keys.sort()
    return keys[_starts(keys)]


def _starts(keys: Ints) -> Ints:
    """The start of each run of equal values in a sorted array."""
    changes = np.empty(len(keys), bool)
    changes[:1] = True
    np.not_equal(keys[1:], keys[:-1], out=changes[1:])
    return np.flatnonzero(changes)


def _runs(packed: Ints, bits: int, order: int) -> list[tuple[Ints, Ints]]:
    """For each order from 1, the distinct n-grams of a sorted array, and their counts.

    Equal n-grams of one order have equal prefixes, so each order is counted from the distinct n-grams of the next.
    """
    starts = _starts(packed)
    keys, counts = packed[starts], np.diff(np.append(starts, len(packed)))
    runs: list[tuple[Ints, Ints]] = []
    for _ in range(order):
        whole = (keys & ((1 << bits) - 1)) != 0
        runs.append((keys[whole], counts[whole]))
        keys = keys >> bits
        starts = _starts(keys)
        keys, counts = keys[starts], np.add.reduceat(counts, starts) if len(starts) else counts
    return runs[::-1]


def _most_of_group(keys: Ints, counts: Ints, group_of: Ints, shift: int) -> tuple[Ints, Ints]:
    """Merge the n-grams of sequences into those of groups, each with its highest count in a single sequence."""
    keys = (group_of[keys >> shift] << shift) | (keys & ((1 << shift) - 1))
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    if not len(keys):
        return keys, counts
    starts = _starts(keys)
    return keys[starts], np.maximum.reduceat(counts, starts)


def _chosen(rows: Rows, chosen: Ints) -> Rows:
    """Select sequences in the given order; a sequence may be selected several times."""
    if len(chosen) == len(rows) and bool((chosen == np.arange(len(rows))).all()):
        return rows
    sizes = np.diff(rows.bounds)[chosen]
    bounds = np.concatenate(([0], np.cumsum(sizes)))
    places = np.arange(bounds[-1]) + np.repeat(rows.bounds[chosen] - bounds[:-1], sizes)
    return Rows(rows.values[places], bounds)


def _ngrams(tokens: list[int], n: int) -> Counter[tuple[int, ...]]:
    return Counter(zip(*(tokens[i:] for i in range(n)), strict=False))
