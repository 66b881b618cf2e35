"""Compiled loops over code points: the tokens of ROUGE on Chinese, and one number for each distinct token.

Texts come as one array of code points, text ``r`` being ``points[rows[r]:rows[r + 1]]``. Tokens come as half-open spans
of that array. This file has no compiled imports, because numba's cache detects changes to a source file but not to its
imports.
"""

from typing import Any

import numpy as np

from evalkit.metrics.kernels.jit import compiled

Array = Any  # numpy arrays whose types numba infers

# Classes of code points; see tokens.py, which builds the table.
ALONE, DIGIT, POINT, LETTER, PERCENT, JOINT = 2, 3, 4, 6, 7, 8


@compiled
def split_mixed(points: Array, rows: Array, kinds: Array) -> tuple[Array, Array, Array]:
    """Tokens of :func:`evalkit.text.tokenize.mixed_tokens`: starts, ends, and the first token of each text.

    ALONE is a Han character; DIGIT and LETTER are digits and letters; POINT occurs inside numbers, PERCENT after them,
    and JOINT between letters.
    """
    starts = np.empty(len(points), np.int64)
    ends = np.empty(len(points), np.int64)
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
