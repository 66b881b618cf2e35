"""TER: the search for shifts from a hypothesis to a reference, in functions that run as they are and compiled.

As they are, they take lists and integers of Python, in ``ter.py``, which says what the bits of a row mean. Compiled, they
take arrays, for all pairs of a chunk in :func:`edits_of_pairs`. All that is compiled is in this file, because numba's cache
detects changes to a source file but not to its imports.
"""

import math
from typing import Any

import numpy as np

Array = Any  # a list, or an array whose type numba infers
Beam = Any  # low, valid; see set_beam
Rows = Any  # up, down and edge of each row
Places = Any  # first and next places of words in the reference; see set_places
Trace = Any  # for each reference word its hypothesis word; the edited words of both sides up to each word

MAX_SHIFT_SIZE = 10
MAX_SHIFT_DISTANCE = 50
MAX_CANDIDATES = 1000
BEAM = 25
#: Up to this ratio of lengths, the beam keeps its width, and a row fits into a machine word.
WIDEST_RATIO = 48


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
            longest = 0
            if align[target] != start and abs(target - start) <= MAX_SHIFT_DISTANCE:
                longest = min(MAX_SHIFT_SIZE, n - start, m - target)
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


def matches_at(word: int, low: int, valid: int, places: Places) -> int:
    """Where the reference has a word, as bits from cell ``low`` on."""
    first_at, next_at = places
    bits = 0
    cell = first_at[word] + 1 - low
    while -low < cell <= valid:
        if cell >= 0:
            bits |= 1 << cell
        cell = next_at[cell + low - 1] + 1 - low
    return bits


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
        matches = matches_at(word, low[i], valid[i], places)
        up, down, edge, _, _ = next_row(up, down, edge, matches, low[i] - low[i - 1], valid[i])
        if i >= b and up == ups[i] and down == downs[i]:
            after: int = distance + edge - edges[i]
            return after
    return cell_value(up, down, edge, m - low[n])


def edits_of_pair(h: Array, r: Array, first_at: Array) -> int:
    """The TER edits from a hypothesis, which is modified in place, to a reference.

    :param first_at: working memory, -1 for every word; it is reset at the end.
    """
    n = len(h)
    m = len(r)
    places = (first_at, np.empty(m, np.int32))
    set_places(r, places)
    low, valid = beam = (np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64))
    set_beam(n, m, beam)
    ups, downs, edges = rows = (np.full(n + 1, -1), np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64))
    sames, mores = np.empty(n + 1, np.int64), np.empty(n + 1, np.int64)
    trace = (np.empty(m, np.int64), np.empty(n + 1, np.int32), np.empty(m + 1, np.int32))
    candidates = np.empty((MAX_CANDIDATES + MAX_SHIFT_SIZE + 1, 3), np.int64)
    shifts = 0
    left = MAX_CANDIDATES
    changed = 0  # rows above this one are still right
    while True:
        for i in range(changed + 1, n + 1):
            matches = matches_at(h[i - 1], low[i], valid[i], places)
            ups[i], downs[i], edges[i], sames[i], mores[i] = next_row(
                ups[i - 1], downs[i - 1], edges[i - 1], matches, low[i] - low[i - 1], valid[i]
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
        for length, start, index in candidates[:count]:
            a, middle, b = swapped_blocks(length, start, index, n)
            after = distance_after(a, middle, b, distance, h, m, beam, places, rows)
            shift = (distance - after, length, -start, -index)
            if shift[0] > 0 and shift > best:
                best = shift
                blocks = (a, middle, b)
        if best[0] == 0:
            break
        changed, middle, b = blocks
        h[changed:b] = np.concatenate((h[middle:b], h[changed:middle]))
        shifts += 1
    first_at[r] = -1
    return int(shifts + distance)


def edits_of_pairs(
    hyp: Array, hyp_bounds: Array, owners: Array, ref: Array, ref_bounds: Array, first_ref: int, vocabulary: int
) -> Array:
    """TER edits of hypothesis ``owners[i]`` against reference ``first_ref + i``: int64[pairs], -1 where the plain version
    has to do it (a reference more than some fifty times as long as the hypothesis).

    :param vocabulary: every word is less than this.
    """
    out = np.empty(len(owners), np.int64)
    # The last place is that of -1, a word of no reference.
    first_at = np.full(vocabulary + 1, -1, np.int32)
    for pair in range(len(owners)):
        h = hyp[hyp_bounds[owners[pair]] : hyp_bounds[owners[pair] + 1]]
        r = ref[ref_bounds[first_ref + pair] : ref_bounds[first_ref + pair + 1]]
        if len(h) == 0 or len(r) == 0:
            out[pair] = len(h) + len(r)
        elif len(r) > WIDEST_RATIO * len(h):
            out[pair] = -1
        else:
            out[pair] = edits_of_pair(h.copy(), r, first_at)
    return out


#: The functions that :func:`edits_of_pairs` calls.
CALLED = (
    *(next_row, cell_value, set_beam, set_places, trace_back, find_shifts, swapped_blocks),
    *(matches_at, distance_after, edits_of_pair),
)
