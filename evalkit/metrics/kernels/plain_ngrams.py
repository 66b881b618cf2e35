"""Shared n-grams with numpy only, used for small inputs, for which compiled loops do not pay off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalkit.metrics.kernels.tokens import Rows

Ints = NDArray[np.int64]


class PlainNgrams:
    """The n-grams of groups of reference sequences; the numpy counterpart of ``ngrams.SharedNgrams``.

    The key of an n-gram joins the number of the n-gram without its last token (at first, of the group) and that token. The
    keys of one order are sorted, so those of a group are contiguous, and the place of a key is the number of its n-gram.
    """

    def __init__(self, references: Rows, groups: Ints, order: int, numbers: int) -> None:
        self._groups = groups
        self._numbers = max(1, numbers)
        #: for each order its n-grams: their keys, their counts in the sequence of the group that has them most often, and
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
        """As :meth:`SharedNgrams.counts <evalkit.metrics.kernels.ngrams.SharedNgrams.counts>`."""
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
