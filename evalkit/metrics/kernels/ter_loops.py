"""TER: the search for shifts from a hypothesis to a reference, in functions that run as they are and compiled.

As they are, they take lists and integers of Python, in ``ter.py``, which says what the bits of a row mean. Compiled, they
take arrays, for all pairs of a chunk in :func:`edits_of_pairs`. All that is compiled is in this file, because numba's cache
detects changes to a source file but not to its imports.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any  # a list, or an array whose type numba works out by itself
Beam = Any  # low, valid; see set_beam
Rows = Any  # up, down and edge of each row
Places = Any  # first and next places of words in the reference; see set_places
Trace = Any  # for each reference word its hypothesis word; the edited words of both sides up to each word

MAX_SHIFT_SIZE = 10
MAX_SHIFT_DISTANCE = 50
MAX_CANDIDATES = 1000
BEAM = 25
#: up to this ratio of lengths, the beam keeps its width, and a row fits into a machine word.
WIDEST_RATIO = 48
#: larger tables of matches than this are not for compiled loops.
MASK_WORDS = 1 << 22


def next_row(up: int, down: int, edge: int, matches: int, moved: int, valid: int) -> tuple[int, int, int, int, int]:
    """A row of the edit distance table from the row above.

    A row consists of five integers. Four of them are bit sets with one bit per cell, starting at the first cell of the
    row; bits beyond its cells are arbitrary:

    - up: the cell is one more than the cell before it; down: one less;
    - edge: the value of the first cell;
    - same: the cell equals the one above and to the left; more: it is one more than the one above.

    :param matches: the cells whose reference word is the word of the row.
    :param moved: how many cells the row begins after the one above.
    :param valid: how many cells of the row above reach into the row, from its first cell on.
    """
    if moved > 0:
        edge = cell_value(up, down, edge, moved)
        up >>= moved
        down >>= moved
    real = (1 << valid) - 1
    up |= ~real
    down &= real
    # A match can only be used if the cell above and to the left lies in the beam.
    matches &= real << 1 | 1
    if moved == 0:
        up &= ~1
        down |= 1
        matches &= ~1
    same = (((matches & up) + up) ^ up) | matches | down
    more = down | ~(same | up)
    less = same & up
    more_left = more << 1 | 1
    return less << 1 | ~(same | more_left), more_left & same, edge + (more & 1) - (less & 1), same, more


def cell_value(up: int, down: int, edge: int, cell: int) -> int:
    """The value of a cell, counted from the first cell of the row."""
    for k in range(1, cell + 1):
        edge += (up >> k & 1) - (down >> k & 1)
    return edge


def set_beam(n: int, m: int, beam: Beam) -> None:
    """Row i holds cells ``low[i]`` and up; ``valid[i]`` cells of row i - 1 reach into row i from its first cell on."""
    low, valid = beam
    ratio = m / n
    width = BEAM if ratio / 2 <= BEAM else math.ceil(ratio / 2 + BEAM)
    high = m + 1
    for i in range(1, n + 1):
        diagonal = math.floor(i * ratio)
        low[i] = max(0, diagonal - width)
        valid[i] = min(high - low[i], 2 * width + 12)  # of the first row, as many as the second one can have
        high = m + 1 if i == n else min(m + 1, diagonal + width)


def set_places(r: Array, places: Places) -> None:
    """Index a reference: where it has each word first, and the next place of the word at each place; -1 for none."""
    first_at, next_at = places
    for j in range(len(r) - 1, -1, -1):
        next_at[j] = first_at[r[j]]
        first_at[r[j]] = j


def trace_back(h: Array, r: Array, beam: Beam, sames: Array, mores: Array, trace: Trace) -> None:
    """Align the words of the reference (an unaligned one with the last aligned one before it), and count the edited words
    of both sides up to each word.

    Match or substitution comes first, then deletion of a hypothesis word, then insertion.
    """
    low, valid = beam
    align, hyp_errors, ref_errors = trace
    i = len(h)
    j = len(r)
    while i > 0 or j > 0:
        place = j - low[i]
        if i == 0:
            step = 2
        elif place == 0 and low[i] == low[i - 1]:
            step = 1
        elif place > valid[i]:
            step = 2
        elif h[i - 1] == r[j - 1] or sames[i] >> place & 1 == 0:
            step = 0
        elif mores[i] >> place & 1 == 1 and place < valid[i]:
            step = 1
        else:
            step = 2
        if step == 0:
            i -= 1
            j -= 1
            wrong = 1 if h[i] != r[j] else 0
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


def find_shifts(h: Array, r: Array, places: Places, trace: Trace, most: int, shifts: Array) -> int:
    """Fill in candidate shifts, as (length, start, target index), and return their number.

    Candidates are equal blocks that are edited on both sides and not yet in place. The search ends at ``most`` of them.
    """
    first_at, next_at = places
    align, hyp_errors, ref_errors = trace
    n = len(h)
    m = len(r)
    count = 0
    for start in range(n):
        if hyp_errors[min(start + MAX_SHIFT_SIZE, n)] == hyp_errors[start]:
            continue
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
                    # To each distinct place next to the words that it matches.
                    previous = -1
                    for place in range(target - 1, target + length):
                        index = 0 if place == -1 else align[place] + 1
                        if index != previous:
                            shifts[count] = (length, start, index)
                            count += 1
                            previous = index
                    if count >= most:
                        return count
            target = next_at[target]
    return count


def swapped_blocks(length: int, start: int, index: int, n: int) -> tuple[int, int, int]:
    """The two adjacent blocks that a shift swaps: [a, middle) and [middle, b)."""
    if index < start:
        return index, start, start + length
    # A target inside the block moves the block by that distance.
    return start, start + length, index if index > start + length else min(n, length + index)


# -- only compiled ----------------------------------------------------------------------------------------------------


def set_masks(r: Array, first_at: Array, masks: Array) -> None:
    """For each word, from its first place times the number of machine words on, the cells after its places as bits."""
    words = len(r) // 64 + 2
    masks[: len(r) * words] = 0
    for j in range(len(r)):
        masks[first_at[r[j]] * words + ((j + 1) >> 6)] |= np.uint64(1) << np.uint64((j + 1) & 63)


def matches_at(word: int, low: int, m: int, first_at: Array, masks: Array) -> Any:
    """Where the reference has a word, as bits from cell ``low`` on."""
    if first_at[word] < 0:
        return np.int64(0)
    at = first_at[word] * (m // 64 + 2) + (low >> 6)
    bit = np.uint64(low & 63)
    return np.int64((masks[at] >> bit) | ((masks[at + 1] << np.uint64(1)) << (np.uint64(63) - bit)))


def distance_after(
    a: int, middle: int, b: int, distance: int, h: Array, m: int, beam: Beam, first_at: Array, masks: Array, rows: Rows
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
        matches = matches_at(word, low[i], m, first_at, masks)
        up, down, edge, _, _ = next_row(up, down, edge, matches, low[i] - low[i - 1], valid[i])
        if i >= b and up == ups[i] and down == downs[i]:
            after: int = distance + edge - edges[i]
            return after
    return cell_value(up, down, edge, m - low[n])


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
    low = np.zeros(most_hyp + 1, np.int64)
    beam = (low, np.empty(most_hyp + 1, np.int64))
    ups = np.empty(most_hyp + 1, np.int64)
    downs = np.empty(most_hyp + 1, np.int64)
    edges = np.empty(most_hyp + 1, np.int64)
    rows = (ups, downs, edges)
    sames = np.empty(most_hyp + 1, np.int64)
    mores = np.empty(most_hyp + 1, np.int64)
    trace = (np.empty(most_ref, np.int64), np.empty(most_hyp + 1, np.int32), np.empty(most_ref + 1, np.int32))
    candidates = np.empty((MAX_CANDIDATES + MAX_SHIFT_SIZE + 1, 3), np.int64)
    ups[0] = -1
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
        places = (first_at, next_room[:m])
        set_places(r, places)
        set_masks(r, first_at, masks)
        set_beam(n, m, beam)

        shifts = 0
        left = MAX_CANDIDATES
        changed = 0  # rows above this one are still right
        while True:
            for i in range(changed + 1, n + 1):
                matches = matches_at(h[i - 1], low[i], m, first_at, masks)
                ups[i], downs[i], edges[i], sames[i], mores[i] = next_row(
                    ups[i - 1], downs[i - 1], edges[i - 1], matches, low[i] - low[i - 1], beam[1][i]
                )
            distance = cell_value(ups[n], downs[n], edges[n], m - low[n])
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
                length, start, index = candidates[c, 0], candidates[c, 1], candidates[c, 2]
                a, middle, b = swapped_blocks(length, start, index, n)
                after = distance_after(a, middle, b, distance, h, m, beam, first_at, masks, rows)
                shift = (distance - after, length, -start, -index)
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


#: the functions that :func:`edits_of_pairs` calls.
CALLED = (
    *(next_row, cell_value, set_beam, set_places, trace_back, find_shifts, swapped_blocks),
    *(set_masks, matches_at, distance_after),
)
