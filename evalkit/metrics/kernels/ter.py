"""TER statistics: sacrebleu's edit counts, shifts and beam, computed with bit-parallel rows.

The results are identical to ``sacrebleu.metrics.lib_ter`` 2.6, including its limits and tie-breaking. The
implementation differs:

- A row of the edit distance table is stored as two bit vectors: where the next cell is one more, and where it is one
  less (Myers 1999, https://doi.org/10.1145/316542.316550; Hyyrö 2003 for the form used here), so that a row takes about
  a dozen integer operations. Inside the beam, neighboring cells differ by at most one, as in the full table, because
  the beam never moves back. A path through a cell outside the beam must never give a better value. Such a cell is
  therefore read as one more than its neighbor inside the beam; no step from it then gives a lower value than the steps
  within the beam.
- A shift swaps two adjacent blocks. The rows above them remain valid. As soon as a row below them has the same bits as
  before the shift, so do all rows after it, and the distance changes by the same amount as that row.
- Candidates are counted before any is tried, so it is known in advance whether a segment reaches the limit on
  candidates. The shift found in the round that reaches the limit is not used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate, pairwise
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from evalkit.metrics.base import Statistics
from evalkit.metrics.kernels.ngrams import chunks, flatten
from evalkit.metrics.kernels.plain_tokens import NumberedTokens
from evalkit.metrics.kernels.tokens import LoopTokens, Rows, Spans, code_points, kinds, prepare_tercom

_MAX_SHIFT_SIZE = 10
_MAX_SHIFT_DISTANCE = 50
_MAX_CANDIDATES = 1000
_BEAM = 25


#: up, down, edge, same, more; see :meth:`_Table.next`.
_Row = tuple[int, int, int, int, int]


class _Table:
    """Edit distance of sequences of n words to one reference, row by row, within sacrebleu's beam.

    :param n: length of the hypothesis.
    :param reference: numbers of the reference's words.
    """

    def __init__(self, n: int, reference: Sequence[int]) -> None:
        m = len(reference)
        ratio = m / n
        beam = ceil(ratio / 2 + _BEAM) if ratio / 2 > _BEAM else _BEAM
        #: the first cell of each row, and the one after its last.
        self.low = [0]
        self.high = [m + 1]
        for i in range(1, n + 1):
            diagonal = floor(i * ratio)
            self.low.append(max(0, diagonal - beam))
            self.high.append(m + 1 if i == n else min(m + 1, diagonal + beam))
        self.first: _Row = (-1, 0, 0, 0, 0)
        self._beyond = [-1 << (high - low) for low, high in zip(self.low, self.high, strict=True)]
        self._moved = [0, *(b - a for a, b in pairwise(self.low))]
        # A match can only be used if the cell above and to the left lies in the beam.
        self._usable = [0]
        for i in range(1, n + 1):
            reach = (1 << (self.high[i - 1] - self.low[i] + 1)) - 1
            self._usable.append(reach if self._moved[i] else reach & ~1)
        self._matches: dict[int, int] = {}
        for j, word in enumerate(reference, start=1):
            self._matches[word] = self._matches.get(word, 0) | (1 << j)
        self._last = (1 << (m - self.low[n])) - 1

    def next(self, i: int, above: _Row, word: int) -> _Row:
        """Row ``i`` from row ``i - 1`` for a hypothesis whose word ``i``, counted from 1, is ``word``.

        A row consists of five integers. Four of them are bit sets with one bit per cell, starting at the first cell of
        the row (beyond the last cell, the sign of Python's integers repeats the same bit):

        - up: the cell is one more than the cell before it; down: one less;
        - edge: the value of the first cell;
        - same: the cell equals the one above and to the left; more: it is one more than the one above.
        """
        up, down, edge, _, _ = above
        moved = self._moved[i]
        if moved:
            passed = (1 << moved) - 1
            edge += (up >> 1 & passed).bit_count() - (down >> 1 & passed).bit_count()
            up >>= moved
            down >>= moved
        else:
            up &= ~1
            down |= 1
        matches = self._matches.get(word, 0) >> self.low[i] & self._usable[i]
        same = ((matches & up) + up ^ up) | matches | down
        more = down | ~(same | up)
        less = same & up
        more_left = more << 1 | 1
        beyond = self._beyond[i]
        return (
            less << 1 | ~(same | more_left) | beyond,
            more_left & same & ~beyond,
            edge + (more & 1) - (less & 1),
            same,
            more,
        )

    def last_cell(self, row: _Row) -> int:
        """The edit distance, from the last row."""
        return row[2] + (row[0] >> 1 & self._last).bit_count() - (row[1] >> 1 & self._last).bit_count()


def edits(hypothesis: Sequence[int], reference: Sequence[int]) -> int:
    """Edits and shifts from a hypothesis to a reference, as ``sacrebleu.metrics.lib_ter.translation_edit_rate`` counts them.

    :param hypothesis: numbers of words.
    :param reference: numbers of words; equal numbers are equal words.
    """
    n, m = len(hypothesis), len(reference)
    if not n or not m:
        return n + m
    words = list(hypothesis)
    table = _Table(n, reference)
    places: dict[int, list[int]] = {}
    for j, word in enumerate(reference):
        places.setdefault(word, []).append(j)
    rows = [table.first]
    shifts = checked = 0
    while True:
        for i in range(len(rows), n + 1):
            rows.append(table.next(i, rows[-1], words[i - 1]))
        distance = table.last_cell(rows[-1])
        if not distance:
            return shifts
        candidates = _candidates(words, reference, places, *_alignment(table, rows, words, reference), checked)
        checked += len(candidates)
        if checked >= _MAX_CANDIDATES:
            return shifts + distance
        best = _best(candidates, words, table, rows, distance)
        if best is None:
            return shifts + distance
        a, middle, b = best
        words[a:b] = words[middle:b] + words[a:middle]
        del rows[a + 1 :]
        shifts += 1


def _alignment(
    table: _Table, rows: Sequence[_Row], words: Sequence[int], reference: Sequence[int]
) -> tuple[list[int], list[int], list[int]]:
    """The position of each reference word in the hypothesis (for an unaligned word, that of the last aligned one before
    it), and the running counts of edited hypothesis and reference words."""
    i, j = len(words), len(reference)
    align = [0] * j
    wrong_words = [0] * (i + 1)
    wrong_references = [0] * (j + 1)
    low = table.low
    while i or j:
        if not i:
            step = "insert"
        elif j == low[i] == low[i - 1]:
            step = "delete"
        elif j > table.high[i - 1]:
            step = "insert"
        elif words[i - 1] == reference[j - 1] or not rows[i][3] >> (j - low[i]) & 1:
            step = "pair"
        elif rows[i][4] >> (j - low[i]) & 1 and j < table.high[i - 1]:
            step = "delete"
        else:
            step = "insert"
        if step == "pair":
            i -= 1
            j -= 1
            align[j] = i
            wrong_words[i + 1] = wrong_references[j + 1] = int(words[i] != reference[j])
        elif step == "delete":
            i -= 1
            wrong_words[i + 1] = 1
        else:
            j -= 1
            align[j] = i - 1
            wrong_references[j + 1] = 1
    return align, list(accumulate(wrong_words)), list(accumulate(wrong_references))


def _candidates(
    words: Sequence[int],
    reference: Sequence[int],
    places: dict[int, list[int]],
    align: Sequence[int],
    wrong_words: Sequence[int],
    wrong_references: Sequence[int],
    checked: int,
) -> list[tuple[int, int, int]]:
    """Candidate shifts as (length, minus start, minus target): equal blocks that are edited on both sides and not yet
    in place. Stops early when the limit is reached."""
    candidates: list[tuple[int, int, int]] = []
    n, m = len(words), len(reference)
    for start, word in enumerate(words):
        for target in places.get(word, ()):
            if abs(target - start) > _MAX_SHIFT_DISTANCE:
                continue
            for length in range(1, _MAX_SHIFT_SIZE + 1):
                end, target_end = start + length, target + length
                if (
                    wrong_words[end] > wrong_words[start]
                    and wrong_references[target_end] > wrong_references[target]
                    and not start <= align[target] < end
                ):
                    before = -1
                    for place in range(target - 1, target_end):
                        index = align[place] + 1 if place >= 0 else 0
                        if index != before:
                            candidates.append((length, -start, -index))
                            before = index
                    if checked + len(candidates) >= _MAX_CANDIDATES:
                        return candidates
                if end == n or target_end == m or words[end] != reference[target_end]:
                    break
    return candidates


def _best(
    candidates: Sequence[tuple[int, int, int]], words: list[int], table: _Table, rows: Sequence[_Row], distance: int
) -> tuple[int, int, int] | None:
    """The shift that saves the most edits, as the blocks [a, middle) and [middle, b) that it swaps; None if none does.

    Ties are broken by the longest block, then the first block, then the target closest to the beginning.
    """
    n = len(words)
    tried: dict[tuple[int, int, int], int] = {}
    best: tuple[int, tuple[int, int, int], tuple[int, int, int]] | None = None
    for candidate in candidates:
        length, start, index = candidate[0], -candidate[1], -candidate[2]
        if index < start:
            swap = (index, start, start + length)
        elif index > start + length:
            swap = (start, start + length, index)
        else:  # a target inside the block moves it on by that much
            swap = (start, start + length, min(n, index + length))
        saved = tried.get(swap)
        if saved is None:
            saved = tried[swap] = distance - _distance_after(swap, words, table, rows, distance)
        if saved > 0 and (best is None or (saved, candidate) > best[:2]):
            best = (saved, candidate, swap)
    return None if best is None else best[2]


def _distance_after(
    swap: tuple[int, int, int], words: list[int], table: _Table, rows: Sequence[_Row], distance: int
) -> int:
    """Edit distance with two blocks swapped."""
    a, middle, b = swap
    row = rows[a]
    i = a
    for word in words[middle:b] + words[a:middle]:
        i += 1
        row = table.next(i, row, word)
    while i < len(words):
        usual = rows[i]
        if row[0] == usual[0] and row[1] == usual[1]:
            return distance + row[2] - usual[2]
        i += 1
        row = table.next(i, row, words[i - 1])
    return table.last_cell(row)


class TerRows:
    """The references of n segments as words, numbered once for all systems.

    :param texts: for each segment its references.
    :param words: numbers the words of references and hypotheses.
    :param compiled: whether to use the compiled loops; the numbers are the same.
    """

    def __init__(self, texts: Sequence[Sequence[str]], *, words: NumberedTokens | LoopTokens, compiled: bool) -> None:
        flat, self._groups = flatten(texts)
        self._words = words
        self._compiled = compiled
        self._references = words.references(flat)
        lengths = np.diff(self._references.bounds)
        self._mean_lengths = (
            np.add.reduceat(lengths, self._groups[:-1]) / np.diff(self._groups) if len(texts) else lengths
        )

    def rows(self, hypotheses: Sequence[str]) -> Statistics:
        """float64[n, 2]: edits to the nearest reference, mean length of the references."""
        out = np.empty((len(hypotheses), 2))
        out[:, 1] = self._mean_lengths
        for low, high in chunks(hypotheses):
            words = self._words.hypotheses(hypotheses[low:high])
            groups = self._groups[low : high + 1]
            owners = np.repeat(np.arange(high - low), np.diff(groups))
            out[low:high, 0] = np.minimum.reduceat(self._edits(words, owners, int(groups[0])), groups[:-1] - groups[0])
        return out

    def _edits(self, words: Rows, owners: NDArray[np.int64], first: int) -> NDArray[np.int64]:
        """Edits of hypothesis ``owners[i]`` to reference ``first + i``."""
        if self._compiled:
            from evalkit.metrics.kernels.ter_loops import edits_of_pairs

            edit_counts: NDArray[np.int64] = edits_of_pairs(
                words.values,
                words.bounds,
                owners,
                self._references.values,
                self._references.bounds,
                first,
                len(self._words),
            )
            left = np.flatnonzero(edit_counts < 0)
        else:
            edit_counts = np.empty(len(owners), np.int64)
            left = np.arange(len(owners))
        for i in left.tolist():
            edit_counts[i] = edits(words[int(owners[i])], self._references[first + i])
        return edit_counts


def plain_words(tokenize: Callable[[str], str]) -> NumberedTokens:
    """Words as numbers, found by a function from a text to its words, separated by white space."""
    return NumberedTokens(partial(_words, tokenize, 1), partial(_words, tokenize, 2))


def _words(tokenize: Callable[[str], str], times: int, text: str) -> list[str]:
    # sacrebleu tokenizes references twice, and Tercom's normalization is not idempotent.
    for _ in range(times):
        text = tokenize(text)
    return text.split()


def loop_words(view: Callable[[str], str] | None, normalized: bool, asian: bool) -> LoopTokens:
    """Words as numbers, separated by white space or normalized as in Tercom, found by compiled loops.

    :param view: what is done to a text before anything else.
    :param normalized: whether to apply Tercom's normalization.
    :param asian: whether to apply its normalization of Chinese and Japanese as well.
    """
    kind = "none" if not normalized else "tercom" if asian else "13a"
    return LoopTokens(partial(_loop_words, view, kind, 1), partial(_loop_words, view, kind, 2 if normalized else 1))


def _loop_words(view: Callable[[str], str] | None, kind: str, times: int, texts: Sequence[str]) -> Spans:
    from evalkit.metrics.kernels.text_loops import join_tokens, split_points

    tercom = kind != "none"
    if view is not None:
        texts = [view(text) for text in texts]
    points = code_points(prepare_tercom(texts) if tercom else texts)
    spans = split_points(points.values, points.bounds, kinds(kind), tercom, tercom)
    if times == 2:
        points = Rows(*join_tokens(points.values, *spans))
        spans = split_points(points.values, points.bounds, kinds(kind), tercom, tercom)
    return points.values, *spans
