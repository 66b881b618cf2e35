"""Compiled loops of TER: the algorithm of ``ter.py``, with machine words for its bit rows.

Keep the two in sync: the tests require equal results. This file has no compiled imports, because numba's cache detects
changes to a source file but not to its imports.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evalkit.metrics.kernels.jit import compiled

Array = Any  # numpy arrays whose types numba works out by itself
Word = Any  # np.uint64

MAX_SHIFT_SIZE = 10
MAX_SHIFT_DISTANCE = 50
MAX_CANDIDATES = 1000
BEAM = 25
#: the maximum number of cells of a row that fit into a machine word; the beam is 50 wide.
WIDEST = 62
#: up to this ratio of lengths, the beam keeps its width and adjacent rows overlap.
WIDEST_RATIO = 48
#: larger tables of matches than this are handled by the plain version.
MASK_WORDS = 1 << 22


@compiled
def ones(count: int) -> Word:
    """The lowest ``count`` bits, at most 64."""
    if count >= 64:
        return ~np.uint64(0)
    return (np.uint64(1) << np.uint64(count)) - np.uint64(1)


@compiled
def ones_in(word: Word) -> int:
    """The number of bits set."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    count: int = np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))
    return count


@compiled
def next_row(
    up: Word, down: Word, edge: int, matches: Word, moved: int, valid: int, first: bool
) -> tuple[Word, Word, int, Word, Word]:
    """One row of the edit distance from the row above; see ``ter.py`` for what the bits mean."""
    one = np.uint64(1)
    if moved > 0:
        if first:
            edge += moved
        else:
            passed = ones(moved)
            edge += ones_in((up >> one) & passed) - ones_in((down >> one) & passed)
            up >>= np.uint64(moved)
            down >>= np.uint64(moved)
    real = ones(valid)
    up |= ~real
    down &= real
    matches &= ones(valid + 1)
    if moved == 0:
        up &= ~one
        down |= one
        matches &= ~one
    same = (((matches & up) + up) ^ up) | matches | down
    more = down | ~(same | up)
    less = same & up
    edge += np.int64(more & one) - np.int64(less & one)
    more_left = (more << one) | one
    return (less << one) | ~(same | more_left), more_left & same, edge, same, more


@compiled
def edits_of_pairs(
    hyp: Array, hyp_bounds: Array, owners: Array, ref: Array, ref_bounds: Array, first_ref: int
) -> Array:
    """TER edits of hypothesis ``owners[i]`` against reference ``first_ref + i``: int64[pairs], -1 where the plain version
    has to do it (a reference more than some fifty times as long as the hypothesis, or of more than some ten thousand words).
    """
    pairs = len(owners)
    out = np.empty(pairs, np.int64)
    most_hyp = 1
    most_ref = 1
    for i in range(pairs):
        most_hyp = max(most_hyp, hyp_bounds[owners[i] + 1] - hyp_bounds[owners[i]])
        most_ref = max(most_ref, ref_bounds[first_ref + i + 1] - ref_bounds[first_ref + i])
    bits = 3
    while (1 << bits) < 2 * most_ref:
        bits += 1
    keys = np.empty(1 << bits, np.int32)
    numbers = np.empty(1 << bits, np.int32)
    stamps = np.full(1 << bits, -1, np.int64)
    h = np.empty(most_hyp, np.int32)
    old = np.empty(most_hyp, np.int32)
    r = np.empty(most_ref, np.int32)
    first_at = np.empty(most_ref, np.int32)
    next_at = np.empty(most_ref, np.int32)
    low = np.empty(most_hyp + 1, np.int64)
    valid = np.empty(most_hyp + 1, np.int64)
    ups = np.empty(most_hyp + 1, np.uint64)
    downs = np.empty(most_hyp + 1, np.uint64)
    edges = np.empty(most_hyp + 1, np.int64)
    sames = np.empty(most_hyp + 1, np.uint64)
    mores = np.empty(most_hyp + 1, np.uint64)
    align = np.empty(most_ref, np.int64)
    hyp_errors = np.empty(most_hyp + 1, np.int32)
    ref_errors = np.empty(most_ref + 1, np.int32)
    candidates = np.empty((MAX_CANDIDATES + MAX_SHIFT_SIZE + 1, 3), np.int64)
    masks = np.empty(1, np.uint64)
    for pair in range(pairs):
        hyp_begin = hyp_bounds[owners[pair]]
        n = hyp_bounds[owners[pair] + 1] - hyp_begin
        ref_begin = ref_bounds[first_ref + pair]
        m = ref_bounds[first_ref + pair + 1] - ref_begin
        if n == 0 or m == 0:
            out[pair] = n + m
            continue
        ratio = m / n
        if ratio > WIDEST_RATIO:
            out[pair] = -1
            continue

        # Number the words of the reference; a word of the hypothesis that is not among them is -1.
        bits = 3
        while (1 << bits) < 2 * m:
            bits += 1
        distinct = 0
        for j in range(m):
            key = ref[ref_begin + j]
            slot = np.int64((np.uint64(key) * np.uint64(11400714819323198485)) >> np.uint64(64 - bits))
            while stamps[slot] == pair and keys[slot] != key:
                slot = (slot + 1) & ((1 << bits) - 1)
            if stamps[slot] != pair:
                stamps[slot] = pair
                keys[slot] = key
                numbers[slot] = distinct
                distinct += 1
            r[j] = numbers[slot]
        words = (m + 64) // 64 + 1
        if distinct * words > MASK_WORDS:
            out[pair] = -1
            continue
        if distinct * words > len(masks):
            masks = np.empty(2 * distinct * words, np.uint64)
        masks[: distinct * words] = 0
        for k in range(distinct):
            first_at[k] = -1
        for j in range(m - 1, -1, -1):
            next_at[j] = first_at[r[j]]
            first_at[r[j]] = j
            masks[r[j] * words + ((j + 1) >> 6)] |= np.uint64(1) << np.uint64((j + 1) & 63)
        for i in range(n):
            key = hyp[hyp_begin + i]
            h[i] = -1
            if key >= 0:
                slot = np.int64((np.uint64(key) * np.uint64(11400714819323198485)) >> np.uint64(64 - bits))
                while stamps[slot] == pair and keys[slot] != key:
                    slot = (slot + 1) & ((1 << bits) - 1)
                if stamps[slot] == pair:
                    h[i] = numbers[slot]

        # The beam: row i holds cells low[i] to high; valid[i] of row i - 1 reach into row i from its first cell on.
        low[0] = 0
        high = m + 1
        for i in range(1, n + 1):
            diagonal = int(np.floor(i * ratio))
            low[i] = max(0, diagonal - BEAM)
            valid[i] = min(high - low[i], WIDEST)
            high = m + 1 if i == n else min(m + 1, diagonal + BEAM)
        ups[0] = ~np.uint64(0)
        downs[0] = 0
        edges[0] = 0

        shifts = 0
        checked = 0
        changed = 0  # rows above this one are still right
        while True:
            for i in range(changed + 1, n + 1):
                matches = np.uint64(0)
                if h[i - 1] >= 0:
                    at = h[i - 1] * words + (low[i] >> 6)
                    bit = np.uint64(low[i] & 63)
                    matches = masks[at] >> bit
                    if bit > 0:
                        matches |= masks[at + 1] << (np.uint64(64) - bit)
                ups[i], downs[i], edges[i], sames[i], mores[i] = next_row(
                    ups[i - 1], downs[i - 1], edges[i - 1], matches, low[i] - low[i - 1], valid[i], i == 1
                )
            inside = ones(m - low[n])
            distance = (
                edges[n] + ones_in((ups[n] >> np.uint64(1)) & inside) - ones_in((downs[n] >> np.uint64(1)) & inside)
            )
            if distance == 0:
                break

            # Trace back: match or substitution first, then deletion of a hypothesis word, then insertion.
            i = n
            j = m
            while i > 0 or j > 0:
                place = np.uint64(j - low[i])
                if i == 0:
                    step = 2
                elif j == low[i] and low[i] == low[i - 1]:
                    step = 1
                elif j - low[i] > valid[i]:
                    step = 2
                elif h[i - 1] == r[j - 1] or (sames[i] >> place) & np.uint64(1) == 0:
                    step = 0
                elif (mores[i] >> place) & np.uint64(1) == 1 and j - low[i] < valid[i]:
                    step = 1
                else:
                    step = 2
                if step == 0:
                    i -= 1
                    j -= 1
                    wrong = np.int32(1) if h[i] != r[j] else np.int32(0)
                    align[j] = i
                    hyp_errors[i + 1] = wrong
                    ref_errors[j + 1] = wrong
                elif step == 1:
                    i -= 1
                    hyp_errors[i + 1] = 1
                else:
                    j -= 1
                    align[j] = i - 1
                    ref_errors[j + 1] = 1
            hyp_errors[0] = 0
            ref_errors[0] = 0
            for i in range(n):
                hyp_errors[i + 1] += hyp_errors[i]
            for j in range(m):
                ref_errors[j + 1] += ref_errors[j]

            # All candidate shifts.
            count = 0
            for start in range(n):
                if h[start] < 0 or checked + count >= MAX_CANDIDATES:
                    continue
                target = first_at[h[start]]
                while target >= 0 and checked + count < MAX_CANDIDATES:
                    if abs(target - start) > MAX_SHIFT_DISTANCE:
                        target = next_at[target]
                        continue
                    length = 0
                    while True:
                        length += 1
                        if (
                            hyp_errors[start + length] > hyp_errors[start]
                            and ref_errors[target + length] > ref_errors[target]
                            and not start <= align[target] < start + length
                        ):
                            previous = -1
                            for offset in range(-1, length):
                                index = 0 if target + offset == -1 else align[target + offset] + 1
                                if index != previous:
                                    candidates[count, 0] = length
                                    candidates[count, 1] = start
                                    candidates[count, 2] = index
                                    count += 1
                                    previous = index
                            if checked + count >= MAX_CANDIDATES:
                                break
                        if (
                            length == MAX_SHIFT_SIZE
                            or start + length == n
                            or target + length == m
                            or h[start + length] != r[target + length]
                        ):
                            break
                    target = next_at[target]
            checked += count
            if checked >= MAX_CANDIDATES:
                break

            # The best of them: most edits saved, then longest, then first, then nearest to the beginning.
            best = -1
            best_saved = 0
            for c in range(count):
                length = candidates[c, 0]
                start = candidates[c, 1]
                index = candidates[c, 2]
                # A shift swaps two adjacent blocks, [a, middle) and [middle, b).
                if index < start:
                    a = index
                    middle = start
                    b = start + length
                else:
                    a = start
                    middle = start + length
                    b = index if index > start + length else min(n, length + index)
                up = ups[a]
                down = downs[a]
                edge = edges[a]
                result = -1
                for i in range(a + 1, n + 1):
                    if i > b:
                        word = h[i - 1]
                    elif i - 1 - a < b - middle:
                        word = h[middle + i - 1 - a]
                    else:
                        word = h[i - 1 - (b - middle)]
                    matches = np.uint64(0)
                    if word >= 0:
                        at = word * words + (low[i] >> 6)
                        bit = np.uint64(low[i] & 63)
                        matches = masks[at] >> bit
                        if bit > 0:
                            matches |= masks[at + 1] << (np.uint64(64) - bit)
                    up, down, edge, _, _ = next_row(up, down, edge, matches, low[i] - low[i - 1], valid[i], i == 1)
                    if i >= b and up == ups[i] and down == downs[i]:
                        result = distance + edge - edges[i]
                        break
                if result < 0:
                    result = edge + ones_in((up >> np.uint64(1)) & inside) - ones_in((down >> np.uint64(1)) & inside)
                saved = distance - result
                if saved <= 0 or saved < best_saved:
                    continue
                if saved == best_saved:
                    other = candidates[best]
                    if (length, -start, -index) <= (other[0], -other[1], -other[2]):
                        continue
                best = c
                best_saved = saved
            if best < 0:
                break
            shifts += 1
            length = candidates[best, 0]
            start = candidates[best, 1]
            index = candidates[best, 2]
            if index < start:
                a = index
                middle = start
                b = start + length
            else:
                a = start
                middle = start + length
                b = index if index > start + length else min(n, length + index)
            for i in range(a, b):
                old[i] = h[i]
            for i in range(a, b):
                h[i] = old[middle + i - a] if i - a < b - middle else old[i - (b - middle)]
            changed = a
        out[pair] = shifts + distance
    return out
