"""Compiled loops over sequences of numbers: n-grams that a hypothesis shares with its references.

Sequence ``r`` is ``values[bounds[r]:bounds[r + 1]]``; a negative number is a token that occurs in no reference. This
file has no compiled imports, because numba's cache detects changes to a source file but not to its imports.
"""

from typing import Any

import numpy as np

from evalkit.metrics.kernels.jit import compiled

Array = Any  # numpy arrays whose types numba infers
Index = Any  # two arrays


@compiled
def sorted_suffixes(values: Array, bounds: Array, groups: Array, order: int) -> tuple[Array, Array]:
    """An index of the n-grams of references: what :func:`shared_ngrams` walks.

    :param groups: int64[g + 1]: group i holds the sequences ``groups[i]`` to ``groups[i + 1]``.
    :returns: the sequences with -1 after each, so that position ``p`` of sequence ``r`` is now ``p + r``; and for each
        group, from ``bounds[groups[i]]`` on, its positions, sorted by the first ``order`` numbers that follow. The
        positions of an n-gram are therefore contiguous and contain those of all longer n-grams that begin with it.
    """
    ended = np.empty(len(values) + len(bounds) - 1, np.int32)
    places = np.empty(len(values), np.int32)
    for r in range(len(bounds) - 1):
        for p in range(bounds[r], bounds[r + 1]):
            ended[p + r] = values[p]
            places[p] = p + r
        ended[bounds[r + 1] + r] = -1
    other = np.empty(len(values), np.int32)
    for g in range(len(groups) - 1):
        begin = bounds[groups[g]]
        end = bounds[groups[g + 1]]
        # Short runs by insertion, then merged two by two.
        run = 8
        for low in range(begin, end, run):
            for k in range(low + 1, min(low + run, end)):
                place = places[k]
                j = k - 1
                while j >= low and comes_before(ended, place, places[j], order):
                    places[j + 1] = places[j]
                    j -= 1
                places[j + 1] = place
        while run < end - begin:
            for low in range(begin, end, 2 * run):
                middle = min(low + run, end)
                high = min(low + 2 * run, end)
                i = low
                j = middle
                for k in range(low, high):
                    if j == high or (i < middle and not comes_before(ended, places[j], places[i], order)):
                        other[k] = places[i]
                        i += 1
                    else:
                        other[k] = places[j]
                        j += 1
                for k in range(low, high):
                    places[k] = other[k]
            run *= 2
    return ended, places


@compiled
def comes_before(ended: Array, a: int, b: int, order: int) -> bool:
    """Whether the sequence at ``a`` sorts before the sequence at ``b``."""
    for d in range(order):
        if ended[a + d] != ended[b + d]:
            return bool(ended[a + d] < ended[b + d])
        if ended[a + d] < 0:
            break
    return False


@compiled
def shared_ngrams(
    hyp: Array, hyp_bounds: Array, owners: Array, index: Index, bounds: Array, groups: Array, numbers: int, order: int
) -> Array:
    """For each n-gram order, how many n-grams of a hypothesis are in its references, each counted as often as in the one
    reference that has it most often (clipped counts, as in BLEU, chrF and ROUGE-N): int64[g, order].

    :param owners: int64[g]: which hypothesis belongs to a group of references.
    :param index: from :func:`sorted_suffixes` with at least this order, for these bounds and groups.
    :param numbers: every number is less than this.
    """
    ended, places = index
    out = np.zeros((len(owners), order), np.int64)
    longest = 0
    for g in range(len(owners)):
        longest = max(longest, bounds[groups[g + 1]] - bounds[groups[g]])
    # The range of positions of each single number, if it belongs to the current group.
    low = np.empty(numbers, np.int64)
    high = np.empty(numbers, np.int64)
    group = np.full(numbers, -1, np.int64)
    room = np.empty(longest * order, np.int32)
    for g in range(len(owners)):
        begin = bounds[groups[g]]
        end = bounds[groups[g + 1]]
        hyp_end = hyp_bounds[owners[g] + 1]
        several = groups[g + 1] - groups[g] > 1
        length = end - begin
        for k in range(begin, end):
            number = ended[places[k]]
            if group[number] != g:
                group[number] = g
                low[number] = k
            high[number] = k + 1
        room[: length * order] = -1
        for i in range(hyp_bounds[owners[g]], hyp_end):
            number = hyp[i]
            if number < 0 or group[number] != g:
                continue
            a = low[number]
            b = high[number]
            d = 0
            while True:
                # The n-gram of d + 1 numbers from i on is at positions a to b. How often may it still be counted?
                at = d * length + a - begin
                left = room[at]
                if left < 0:
                    left = b - a
                    if several and left > 1:
                        left = most_in_one(places, a, b, bounds, groups[g], groups[g + 1])
                if left > 0:
                    out[g, d] += 1
                    left -= 1
                room[at] = left
                d += 1
                if d == order or i + d == hyp_end:
                    break
                number = hyp[i + d]
                if number < 0:
                    break
                if b - a > 8:
                    a = first_place(ended, places, a, b, d, number)
                else:
                    while a < b and ended[places[a] + d] < number:
                        a += 1
                if a == b or ended[places[a] + d] != number:
                    break
                if b - a > 8:
                    b = first_place(ended, places, a, b, d, number + 1)
                else:
                    c = a + 1
                    while c < b and ended[places[c] + d] == number:
                        c += 1
                    b = c
    return out


@compiled
def first_place(ended: Array, places: Array, a: int, b: int, d: int, number: int) -> int:
    """The first of the sorted positions a to b whose number at offset ``d`` is at least ``number``."""
    while a < b:
        middle = (a + b) // 2
        if ended[places[middle] + d] < number:
            a = middle + 1
        else:
            b = middle
    return a


@compiled
def most_in_one(places: Array, a: int, b: int, bounds: Array, first: int, end: int) -> int:
    """The maximum number of the positions a to b that are in a single sequence."""
    most = 0
    for r in range(first, end):
        count = 0
        for k in range(a, b):
            if bounds[r] + r <= places[k] < bounds[r + 1] + r:
                count += 1
        most = max(most, count)
    return most
