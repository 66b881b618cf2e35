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
Beam = Any  # low, valid; see set_beam
Rows = Any  # up, down and edge of each row
Places = Any  # first and next places of words in the reference, and their bits; see set_places
Trace = Any  # for each reference word its hypothesis word; the edited words of both sides up to each word

MAX_SHIFT_SIZE = 10
MAX_SHIFT_DISTANCE = 50
MAX_CANDIDATES = 1000
BEAM = 25
#: the maximum number of cells of a row that fit into a machine word; the beam is 50 wide.
WIDEST = 62
#: larger tables of matches than this are handled by the plain version.
MASK_WORDS = 1 << 22
#: up to this ratio of lengths, the beam keeps its width and adjacent rows overlap.
WIDEST_RATIO = 48


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
def matches_at(word: int, low: int, places: Places) -> Word:
    """Where the reference has a word, as bits from cell ``low`` on."""
    first_at, next_at, masks = places
    if first_at[word] < 0:
        return np.uint64(0)
    at = first_at[word] * (len(next_at) // 64 + 2) + (low >> 6)
    bit = np.uint64(low & 63)
    return (masks[at] >> bit) | ((masks[at + 1] << np.uint64(1)) << (np.uint64(63) - bit))


@compiled
def last_cell(up: Word, down: Word, edge: int, cells: int) -> int:
    """The edit distance, from the last row: the value of its cell number ``cells``."""
    inside = ones(cells)
    distance: int = edge + ones_in((up >> np.uint64(1)) & inside) - ones_in((down >> np.uint64(1)) & inside)
    return distance


@compiled
def set_places(r: Array, places: Places) -> None:
    """Index a reference: where it has each word first, the next place of the word at each place, and for each word, from its
    first place times the number of machine words on, the cells after its places as bits."""
    first_at, next_at, masks = places
    words = len(r) // 64 + 2
    masks[: len(r) * words] = 0
    for j in range(len(r) - 1, -1, -1):
        next_at[j] = first_at[r[j]]
        first_at[r[j]] = j
    for j in range(len(r)):
        masks[first_at[r[j]] * words + ((j + 1) >> 6)] |= np.uint64(1) << np.uint64((j + 1) & 63)


@compiled
def set_beam(n: int, m: int, beam: Beam) -> None:
    """Row i holds cells ``low[i]`` and up; ``valid[i]`` cells of row i - 1 reach into row i from its first cell on."""
    low, valid = beam
    ratio = m / n
    low[0] = 0
    high = m + 1
    for i in range(1, n + 1):
        diagonal = int(np.floor(i * ratio))
        low[i] = max(0, diagonal - BEAM)
        valid[i] = min(high - low[i], WIDEST)
        high = m + 1 if i == n else min(m + 1, diagonal + BEAM)


@compiled
def trace_back(h: Array, r: Array, beam: Beam, sames: Array, mores: Array, trace: Trace) -> None:
    """Align the words of the reference, and count the edited words of both sides up to each word.

    Match or substitution comes first, then deletion of a hypothesis word, then insertion.
    """
    low, valid = beam
    align, hyp_errors, ref_errors = trace
    i = len(h)
    j = len(r)
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
    for i in range(len(h)):
        hyp_errors[i + 1] += hyp_errors[i]
    for j in range(len(r)):
        ref_errors[j + 1] += ref_errors[j]


@compiled
def find_shifts(h: Array, r: Array, places: Places, trace: Trace, most: int, shifts: Array) -> int:
    """Fill in candidate shifts, as (length, start, target index), and return their number.

    Candidates are equal blocks that are edited on both sides and not yet in place. The search ends at ``most`` of them.
    """
    first_at, next_at, _ = places
    align, hyp_errors, ref_errors = trace
    n = len(h)
    m = len(r)
    count = 0
    for start in range(n):
        target = first_at[h[start]]
        while target >= 0:
            longest = min(MAX_SHIFT_SIZE, n - start, m - target) if abs(target - start) <= MAX_SHIFT_DISTANCE else 0
            for length in range(1, longest + 1):
                if h[start + length - 1] != r[target + length - 1]:
                    break
                if (
                    hyp_errors[start + length] > hyp_errors[start]
                    and ref_errors[target + length] > ref_errors[target]
                    and not start <= align[target] < start + length
                ):
                    count = add_targets(align, target, length, start, shifts, count)
                    if count >= most:
                        return count
            target = next_at[target]
    return count


@compiled
def add_targets(align: Array, target: int, length: int, start: int, shifts: Array, count: int) -> int:
    """Add the shifts of one block to each distinct place next to the words that it matches; return the new number of shifts."""
    previous = -1
    for place in range(target - 1, target + length):
        index = 0 if place == -1 else align[place] + 1
        if index != previous:
            shifts[count, 0] = length
            shifts[count, 1] = start
            shifts[count, 2] = index
            count += 1
            previous = index
    return count


@compiled
def swapped_blocks(shift: Array, n: int) -> tuple[int, int, int]:
    """The two adjacent blocks that a shift swaps: [a, middle) and [middle, b)."""
    length = shift[0]
    start = shift[1]
    index = shift[2]
    if index < start:
        return index, start, start + length
    # A target inside the block moves the block by that distance.
    return start, start + length, index if index > start + length else min(n, length + index)


@compiled
def distance_after(
    a: int, middle: int, b: int, distance: int, h: Array, m: int, beam: Beam, places: Places, rows: Rows
) -> int:
    """Edit distance with the blocks [a, middle) and [middle, b) swapped."""
    low, valid = beam
    ups, downs, edges = rows
    n = len(h)
    up = ups[a]
    down = downs[a]
    edge = edges[a]
    for i in range(a + 1, n + 1):
        if i > b:
            word = h[i - 1]
        elif i - 1 - a < b - middle:
            word = h[middle + i - 1 - a]
        else:
            word = h[i - 1 - (b - middle)]
        matches = matches_at(word, low[i], places)
        up, down, edge, _, _ = next_row(up, down, edge, matches, low[i] - low[i - 1], valid[i], i == 1)
        if i >= b and up == ups[i] and down == downs[i]:
            after: int = distance + edge - edges[i]
            return after
    return last_cell(up, down, edge, m - low[n])


@compiled
def edits_of_pairs(
    hyp: Array, hyp_bounds: Array, owners: Array, ref: Array, ref_bounds: Array, first_ref: int, vocabulary: int
) -> Array:
    """TER edits of hypothesis ``owners[i]`` against reference ``first_ref + i``: int64[pairs], -1 where the plain version
    has to do it (a reference more than some fifty times as long as the hypothesis, or of more than some ten thousand words).

    :param vocabulary: every word is less than this.
    """
    pairs = len(owners)
    out = np.empty(pairs, np.int64)
    most_hyp = 1
    most_ref = 1
    for i in range(pairs):
        most_hyp = max(most_hyp, hyp_bounds[owners[i] + 1] - hyp_bounds[owners[i]])
        most_ref = max(most_ref, ref_bounds[first_ref + i + 1] - ref_bounds[first_ref + i])
    hyp_room = np.empty(most_hyp, np.int32)
    old = np.empty(most_hyp, np.int32)
    # The last place is that of -1, a word of no reference.
    first_at = np.full(vocabulary + 1, -1, np.int32)
    next_room = np.empty(most_ref, np.int32)
    masks = np.empty(min(most_ref * (most_ref // 64 + 2), MASK_WORDS), np.uint64)
    low = np.empty(most_hyp + 1, np.int64)
    beam = (low, np.empty(most_hyp + 1, np.int64))
    ups = np.empty(most_hyp + 1, np.uint64)
    downs = np.empty(most_hyp + 1, np.uint64)
    edges = np.empty(most_hyp + 1, np.int64)
    rows = (ups, downs, edges)
    sames = np.empty(most_hyp + 1, np.uint64)
    mores = np.empty(most_hyp + 1, np.uint64)
    trace = (np.empty(most_ref, np.int64), np.empty(most_hyp + 1, np.int32), np.empty(most_ref + 1, np.int32))
    candidates = np.empty((MAX_CANDIDATES + MAX_SHIFT_SIZE + 1, 3), np.int64)
    ups[0] = ~np.uint64(0)
    downs[0] = 0
    edges[0] = 0
    for pair in range(pairs):
        a = hyp_bounds[owners[pair]]
        n = hyp_bounds[owners[pair] + 1] - a
        r = ref[ref_bounds[first_ref + pair] : ref_bounds[first_ref + pair + 1]]
        m = len(r)
        if n == 0 or m == 0:
            out[pair] = n + m
            continue
        if m > WIDEST_RATIO * n or m * (m // 64 + 2) > MASK_WORDS:
            out[pair] = -1
            continue
        h = hyp_room[:n]
        h[:] = hyp[a : a + n]
        places = (first_at, next_room[:m], masks)
        set_places(r, places)
        set_beam(n, m, beam)

        shifts = 0
        left = MAX_CANDIDATES
        changed = 0  # rows above this one are still right
        while True:
            for i in range(changed + 1, n + 1):
                matches = matches_at(h[i - 1], low[i], places)
                ups[i], downs[i], edges[i], sames[i], mores[i] = next_row(
                    ups[i - 1], downs[i - 1], edges[i - 1], matches, low[i] - low[i - 1], beam[1][i], i == 1
                )
            distance = last_cell(ups[n], downs[n], edges[n], m - low[n])
            if distance == 0:
                break
            trace_back(h, r, beam, sames, mores, trace)
            count = find_shifts(h, r, places, trace, left, candidates)
            left -= count
            if left <= 0:
                break

            # The best shift: most edits saved, then longest, then first, then nearest to the beginning.
            best = (0, 0, 0, 0)
            blocks = (0, 0, 0)
            for c in range(count):
                a, middle, b = swapped_blocks(candidates[c], n)
                after = distance_after(a, middle, b, distance, h, m, beam, places, rows)
                shift = (distance - after, candidates[c, 0], -candidates[c, 1], -candidates[c, 2])
                if shift[0] > 0 and shift > best:
                    best = shift
                    blocks = (a, middle, b)
            if best[0] == 0:
                break
            a, middle, b = blocks
            old[a:b] = h[a:b]
            h[a : a + b - middle] = old[middle:b]
            h[a + b - middle : b] = old[a:middle]
            shifts += 1
            changed = a
        out[pair] = shifts + distance
        first_at[r] = -1
    return out
