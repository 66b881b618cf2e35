"""Compiled loops over code points: token boundaries, and one number for each distinct token.

Texts come as one array of code points, text ``r`` being ``points[rows[r]:rows[r + 1]]``. Tokens come as half-open spans
of that array. This file has no compiled imports, because numba's cache detects changes to a source file but not to its
imports.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evalkit.metrics.kernels.jit import compiled

Array = Any  # numpy arrays whose types numba infers

# Classes of code points for tokenizers; see tokens.py, which builds the tables.
SPACE, ALONE, DIGIT, POINT, DASH, LETTER, PERCENT, JOINT = 1, 2, 3, 4, 5, 6, 7, 8


@compiled
def split_points(points: Array, rows: Array, kinds: Array, padded: bool) -> tuple[Array, Array, Array]:
    """Tokens of texts under a table of kinds: starts, ends, and the first token of each text.

    A code point that is ALONE is a separate token; SPACE separates tokens. The rest is the closed form of the last three
    expressions of mteval-v13a, applied one after the other, each from left to right without overlap:

    - ``([^0-9])([.,])`` separates both, so a run of points after a digit is taken in pairs (first, second), and after
      anything else as (character before, first), (second, third) and so on: all but an unpaired last point are tokens;
    - ``([.,])([^0-9])`` separates such a last point unless a digit (or nothing at all) follows;
    - ``([0-9])(-)`` separates a dash after a digit.

    :param padded: the text has a space at either end, which 13a adds and zh does not.
    """
    starts = np.empty(len(points), np.int32)
    ends = np.empty(len(points), np.int32)
    first = np.empty(len(rows), np.int64)
    n = 0
    for r in range(len(rows) - 1):
        first[r] = n
        begin = rows[r]
        end = rows[r + 1]
        open_ = -1
        i = begin
        while i < end:
            kind = kinds[points[i]]
            if kind == 0 or kind == DIGIT or (kind == DASH and not follows_digit(points, kinds, begin, i)):
                if open_ < 0:
                    open_ = i
                i += 1
                continue
            if kind == POINT:
                stop = i + 1
                while stop < end and kinds[points[stop]] == POINT:
                    stop += 1
                alone = points_alone(points, kinds, begin, i, stop, end, padded)
                if alone > 0:
                    n = add_token(starts, ends, n, open_, i)
                    open_ = -1
                for j in range(i, i + alone):
                    n = add_token(starts, ends, n, j, j + 1)
                if alone < stop - i and open_ < 0:
                    open_ = stop - 1
                i = stop
                continue
            if open_ >= 0:
                n = add_token(starts, ends, n, open_, i)
                open_ = -1
            if kind != SPACE:
                n = add_token(starts, ends, n, i, i + 1)
            i += 1
        n = add_token(starts, ends, n, open_, end)
    first[len(rows) - 1] = n
    return starts[:n], ends[:n], first


@compiled
def add_token(starts: Array, ends: Array, n: int, start: int, end: int) -> int:
    """Make a span the token number ``n``, unless ``start`` is -1 (no token is open); return the new number of tokens."""
    if start < 0:
        return n
    starts[n] = start
    ends[n] = end
    return n + 1


@compiled
def follows_digit(points: Array, kinds: Array, begin: int, i: int) -> bool:
    """Whether the code point before ``i`` is a digit of the text that begins at ``begin``."""
    return i > begin and kinds[points[i - 1]] == DIGIT


@compiled
def points_alone(points: Array, kinds: Array, begin: int, i: int, stop: int, end: int, padded: bool) -> int:
    """The number of code points from ``i`` to ``stop`` that are separate tokens: all, or all but the last."""
    count = stop - i
    taken_in_pairs = follows_digit(points, kinds, begin, i) or (i == begin and not padded)
    unpaired = (count % 2 == 1) == taken_in_pairs
    glued = unpaired and (kinds[points[stop]] == DIGIT if stop < end else not padded)
    return count - 1 if glued else count


@compiled
def split_mixed(points: Array, rows: Array, kinds: Array) -> tuple[Array, Array, Array]:
    """Tokens of :func:`evalkit.text.tokenize.mixed_tokens`: starts, ends, and the first token of each text.

    ALONE is a Han character; DIGIT and LETTER are digits and letters; POINT occurs inside numbers, PERCENT after them,
    and JOINT between letters.
    """
    starts = np.empty(len(points), np.int32)
    ends = np.empty(len(points), np.int32)
    first = np.empty(len(rows), np.int64)
    n = 0
    for r in range(len(rows) - 1):
        first[r] = n
        end = rows[r + 1]
        i = rows[r]
        while i < end:
            start = i
            kind = kinds[points[i]]
            i += 1
            if kind != ALONE and kind != DIGIT and kind != LETTER:
                continue
            tail = kind != ALONE
            if kind == DIGIT:
                while i < end and (
                    kinds[points[i]] == DIGIT
                    or (kinds[points[i]] == POINT and i + 1 < end and kinds[points[i + 1]] == DIGIT)
                ):
                    i += 1
                if i < end and kinds[points[i]] == PERCENT:
                    i += 1
                    tail = False
            if tail:
                while i < end and (kinds[points[i]] == LETTER or kinds[points[i]] == DIGIT):
                    i += 1
                while i + 1 < end and kinds[points[i]] == JOINT:
                    after = kinds[points[i + 1]]
                    if after != LETTER and after != DIGIT:
                        break
                    i += 2
                    while i < end and (kinds[points[i]] == LETTER or kinds[points[i]] == DIGIT):
                        i += 1
            starts[n] = start
            ends[n] = i
            n += 1
    first[len(rows) - 1] = n
    return starts[:n], ends[:n], first


@compiled
def same(points: Array, start: int, end: int, others: Array, other_start: int, other_end: int) -> bool:
    """Whether two spans hold the same code points."""
    if end - start != other_end - other_start:
        return False
    for i in range(end - start):  # noqa: SIM110
        if points[start + i] != others[other_start + i]:
            return False
    return True


@compiled
def hash_of(points: Array, start: int, end: int) -> int:
    """A 32-bit hash of a span (FNV-1a over code points, folded)."""
    h = np.uint64(14695981039346656037)
    for i in range(start, end):
        h = (h ^ np.uint64(points[i])) * np.uint64(1099511628211)
    return int(np.int64((h ^ (h << np.uint64(17))) >> np.uint64(32)))


@compiled
def number_tokens(
    points: Array, starts: Array, ends: Array, letters: Array, bounds: Array, table: Array, known: int
) -> tuple[Array, Array, int]:
    """Number the distinct tokens 0, 1, 2, ... in the order of their first occurrence, or look up their numbers.

    :param letters: the code points of the distinct tokens, and ``bounds`` where each begins, with room for new ones.
    :param table: their numbers by hash: a power of two of slots, -1 for a free one.
    :param known: how many tokens the table holds; -1 to add none, so that a token that is not in it gets -1.
    :returns: the number of each token, the table, and how many tokens it holds.
    """
    ids = np.empty(len(starts), np.int32)
    mask = len(table) - 1
    for t in range(len(starts)):
        slot = hash_of(points, starts[t], ends[t]) & mask
        index = -1
        while table[slot] >= 0:
            i = table[slot]
            if same(points, starts[t], ends[t], letters, bounds[i], bounds[i + 1]):
                index = i
                break
            slot = (slot + 1) & mask
        if index < 0 and known >= 0:
            index = known
            table[slot] = known
            bounds[known + 1] = bounds[known] + ends[t] - starts[t]
            letters[bounds[known] : bounds[known + 1]] = points[starts[t] : ends[t]]
            known += 1
            if 2 * (known + 1) > len(table):
                table = np.full(4 * len(table), -1, np.int32)
                mask = len(table) - 1
                for i in range(known):
                    slot = hash_of(letters, bounds[i], bounds[i + 1]) & mask
                    while table[slot] >= 0:
                        slot = (slot + 1) & mask
                    table[slot] = i
        ids[t] = index
    return ids, table, known
