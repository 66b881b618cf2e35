"""TER statistics: sacrebleu's edit counts, shifts and beam, computed with rows of bits.

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
- Without compiled loops, rapidfuzz gives the distance without the beam, which is never larger, so that few shifts have
  to be tried with it.
- Candidates are counted before any is tried, so it is known in advance whether a segment reaches the limit on
  candidates. The shift found in the round that reaches the limit is not used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import accumulate, pairwise

import numpy as np
from rapidfuzz.distance import Levenshtein

from evalkit.metrics.base import Statistics
from evalkit.metrics.kernels.plain_tokens import NumberedTokens
from evalkit.metrics.kernels.segment_rows import Ints, SegmentRows
from evalkit.metrics.kernels.tokens import Rows

_MAX_SHIFT_SIZE = 10
_MAX_SHIFT_DISTANCE = 50
_MAX_CANDIDATES = 1000
_BEAM = 25

#: a shift, as (length, minus start, minus target), so that the largest of equally good ones is sacrebleu's choice.
_Shift = tuple[int, ...]
#: a row of the table: four bit sets with one bit per cell of the beam, and a value.
#: up: the cell is one more than the cell before it; down: one less; edge: the value of the first cell;
#: same: the cell equals the one above and to the left; more: it is one more than the one above.
_Row = tuple[int, int, int, int, int]


class _Table:
    """The edit distance table of a hypothesis and a reference that share a word; a word is a character here."""

    def __init__(self, words: str, reference: str) -> None:
        self.words, self.reference = words, reference
        n, m = len(words), len(reference)
        ratio = m / n
        beam = _BEAM if ratio / 2 <= _BEAM else math.ceil(ratio / 2 + _BEAM)
        diagonal = [math.floor(i * ratio) for i in range(n + 1)]
        #: the first cell of each row, and the one after its last.
        self.low = [max(at - beam, 0) for at in diagonal]
        self.high = [m + 1, *(min(at + beam, m + 1) for at in diagonal[1:-1]), m + 1]
        self.places: dict[str, list[int]] = {}
        for j, word in enumerate(reference):
            self.places.setdefault(word, []).append(j)
        self._cells = {word: sum(2 << j for j in places) for word, places in self.places.items()}
        # For each row but the first: how many cells it begins after the one above, the cells whose neighbor above and
        # to the left is in the beam, and the bits after the last cell.
        self._geometry = [
            (low - low_above, (1 << high_above - low + 1) - 1 - (low == low_above), -1 << high - low)
            for (low_above, low), (high_above, high) in zip(pairwise(self.low), pairwise(self.high), strict=True)
        ]
        self._rows: list[_Row] = [(-1, 0, 0, 0, 0)]
        self.replace(words, 0)

    def replace(self, words: str, start: int) -> None:
        """Replace the hypothesis by one that begins with the same ``start`` words."""
        self.words = words
        self._rows[start + 1 :] = self._rows_after(words, start)
        self.distance = self._last_cell(self._rows[-1])

    def distance_of(self, words: str, start: int, end: int) -> int:
        """The edit distance of a hypothesis that has other words from ``start`` to ``end``."""
        row = self._rows[start]
        for row, old in zip(self._rows_after(words, start), self._rows[start + 1 :], strict=True):
            start += 1
            if start >= end and row[:2] == old[:2]:
                return self.distance + row[2] - old[2]
        return self._last_cell(row)

    def _rows_after(self, words: str, start: int) -> Iterator[_Row]:
        up, down, edge, _, _ = self._rows[start]
        for word, low, (moved, reach, beyond) in zip(
            words[start:], self.low[start + 1 :], self._geometry[start:], strict=True
        ):
            if moved:
                passed = (1 << moved) - 1
                edge += (up >> 1 & passed).bit_count() - (down >> 1 & passed).bit_count()
                up >>= moved
                down >>= moved
            else:
                up &= ~1
                down |= 1
            matches = self._cells.get(word, 0) >> low & reach
            same = ((matches & up) + up ^ up) | matches | down
            more = down | ~(same | up)
            less = same & up
            more_left = more << 1 | 1
            edge += (more & 1) - (less & 1)
            up = less << 1 | ~(same | more_left) | beyond
            down = more_left & same & ~beyond
            yield up, down, edge, same, more

    def _last_cell(self, row: _Row) -> int:
        last = (1 << len(self.reference) - self.low[-1]) - 1
        return row[2] + (row[0] >> 1 & last).bit_count() - (row[1] >> 1 & last).bit_count()

    def alignment(self) -> tuple[list[int], list[int], list[int]]:
        """The position of each reference word in the hypothesis (for an unaligned word, that of the last aligned one before
        it), and the running counts of edited hypothesis and reference words."""
        low, high = self.low, self.high
        i, j = len(self.words), len(self.reference)
        align = [0] * j
        wrong_words = [0] * (i + 1)
        wrong_references = [0] * (j + 1)
        while i or j:
            _, _, _, same, more = self._rows[i]
            if not i:
                step = "insert"
            elif j == low[i] == low[i - 1]:
                step = "delete"
            elif j > high[i - 1]:
                step = "insert"
            elif self.words[i - 1] == self.reference[j - 1] or not same >> (j - low[i]) & 1:
                step = "pair"
            elif more >> (j - low[i]) & 1 and j < high[i - 1]:
                step = "delete"
            else:
                step = "insert"
            if step == "pair":
                i -= 1
                j -= 1
                align[j] = i
                wrong_words[i + 1] = wrong_references[j + 1] = int(self.words[i] != self.reference[j])
            elif step == "delete":
                i -= 1
                wrong_words[i + 1] = 1
            else:
                j -= 1
                align[j] = i - 1
                wrong_references[j + 1] = 1
        return align, list(accumulate(wrong_words)), list(accumulate(wrong_references))

    def shifts(self, most: int) -> list[_Shift]:
        """The shifts of the next round, equal blocks edited on both sides and not yet in place, up to about ``most``."""
        align, wrong_words, wrong_references = self.alignment()
        shifts: list[_Shift] = []
        n, m = len(self.words), len(self.reference)
        for start, word in enumerate(self.words):
            if wrong_words[min(start + _MAX_SHIFT_SIZE, n)] == wrong_words[start]:
                continue
            for target in self.places.get(word, ()):
                if align[target] == start or abs(target - start) > _MAX_SHIFT_DISTANCE:
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
                                shifts.append((length, -start, -index))
                                before = index
                        if len(shifts) >= most:
                            return shifts
                    if end == n or target_end == m or self.words[end] != self.reference[target_end]:
                        break
        return shifts

    def shifted(self, shift: _Shift) -> tuple[str, int, int]:
        """The words after a shift, and from where to where they differ from those before: two adjacent blocks are swapped."""
        length, start, index = shift[0], -shift[1], -shift[2]
        if index < start:
            a, middle, b = index, start, start + length
        else:
            # A target inside the block moves the block by that distance.
            a, middle = start, start + length
            b = index if index > middle else min(len(self.words), index + length)
        words = self.words
        return words[:a] + words[middle:b] + words[a:middle] + words[b:], a, b


def edits(words: Sequence[int], reference: Sequence[int]) -> int:
    """Edits and shifts from a hypothesis to a reference, as ``sacrebleu.metrics.lib_ter.translation_edit_rate`` counts them.

    :param words: numbers of the words; equal numbers are equal words.
    """
    if set(words).isdisjoint(reference):
        return max(len(words), len(reference))
    letters = {word: chr(k) for k, word in enumerate(dict.fromkeys((*words, *reference)))}
    table = _Table(*("".join(letters[word] for word in side) for side in (words, reference)))
    count, left = 0, _MAX_CANDIDATES
    while table.distance:
        shifts = table.shifts(left)
        left -= len(shifts)
        best = _best(table, shifts) if left > 0 else None
        if not best:
            break
        words_after, start, _ = table.shifted(best)
        table.replace(words_after, start)
        count += 1
    return count + table.distance


def _best(table: _Table, shifts: Sequence[_Shift]) -> _Shift:
    """The shift that saves most edits, of equally good ones the largest; empty if none saves any."""
    before, best = table.distance, (1, _Shift())
    bounds = [
        (before - Levenshtein.distance(table.shifted(shift)[0], table.reference, score_cutoff=before - 1), shift)
        for shift in shifts
    ]
    for bound in sorted(bounds, reverse=True):
        if bound < best:
            break
        shift = bound[1]
        best = max(best, (before - table.distance_of(*table.shifted(shift)), shift))
    return best[1]


class TerRows(SegmentRows):
    """The references as words. Rows: edits to the nearest reference, mean length of the references.

    :param tokenize: a function from a text to its words, separated by white space.
    """

    width = 2

    def __init__(self, texts: Sequence[Sequence[str]], *, tokenize: Callable[[str], str], compiled: bool) -> None:
        super().__init__(texts)
        self._words = NumberedTokens(partial(_words, tokenize))
        self._compiled = compiled
        # sacrebleu tokenizes references twice, and Tercom's normalization is not idempotent.
        self._references = self._words.references(list(map(tokenize, self.flat)))
        self._lengths = np.diff(self._references.bounds)

    def _rows(self, hypotheses: Sequence[str], groups: Ints, owners: Ints) -> Statistics:
        counts = self._edits(self._words.hypotheses(hypotheses), owners, int(groups[0]))
        starts, lengths = groups[:-1] - groups[0], self._lengths[groups[0] : groups[-1]]
        means = np.add.reduceat(lengths, starts) / np.diff(groups)
        return np.column_stack((np.minimum.reduceat(counts, starts), means))

    def _edits(self, words: Rows, owners: Ints, first: int) -> Ints:
        """Edits of hypothesis ``owners[i]`` to reference ``first + i``."""
        references = self._references
        edit_counts: Ints = np.full(len(owners), -1)
        if self._compiled:
            from evalkit.metrics.kernels.ter_loops import edits_of_pairs

            edit_counts = edits_of_pairs(
                words.values, words.bounds, owners, references.values, references.bounds, first, len(self._words)
            )
        for i in np.flatnonzero(edit_counts < 0).tolist():
            edit_counts[i] = edits(words[int(owners[i])], references[first + i])
        return edit_counts


def _words(tokenize: Callable[[str], str], text: str) -> list[str]:
    return tokenize(text).split()
