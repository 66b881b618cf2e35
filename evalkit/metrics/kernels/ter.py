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

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from evalkit.metrics.base import Statistics
from evalkit.metrics.kernels import ter_loops as loops
from evalkit.metrics.kernels.segment_rows import Ints, SegmentRows
from evalkit.metrics.kernels.tokens import NumberedTokens, Rows, each

#: Length, start and target of a shift.
_Shift = tuple[int, int, int]
#: See :func:`evalkit.metrics.kernels.ter_loops.next_row`.
_Row = tuple[int, int, int, int, int]


class _Table:
    """The edit distance table of a hypothesis and a reference that share a word; a word is a character here."""

    def __init__(self, words: str, reference: str) -> None:
        self.words, self.reference = words, reference
        n, m = len(words), len(reference)
        self._beam: tuple[list[int], list[int]] = [0] * (n + 1), [0] * (n + 1)
        loops.set_beam(n, m, self._beam)
        self._places = dict.fromkeys(words + reference, -1), [-1] * m
        loops.set_places(reference, self._places)
        self._cells = dict.fromkeys(words, 0)
        for j, word in enumerate(reference):
            self._cells[word] = self._cells.get(word, 0) | 2 << j
        self._rows: list[_Row] = [(-1, 0, 0, 0, 0)]
        self.replace(words, 0)

    def replace(self, words: str, start: int) -> None:
        """Replace the hypothesis by one with the same words that begins with the same ``start`` words."""
        self.words = words
        self._rows[start + 1 :] = self._rows_after(words, start)
        self.distance = self._last_cell(self._rows[-1])

    def distance_of(self, words: str, start: int, end: int) -> int:
        """The edit distance of a hypothesis whose words from ``start`` to ``end`` were changed."""
        row = self._rows[start]
        for row, old in zip(self._rows_after(words, start), self._rows[start + 1 :], strict=True):
            start += 1
            if start >= end and row[:2] == old[:2]:
                return self.distance + row[2] - old[2]
        return self._last_cell(row)

    def _rows_after(self, words: str, start: int) -> Iterator[_Row]:
        low, valid = self._beam
        up, down, edge, _, _ = self._rows[start]
        for i, word in enumerate(words[start:], start + 1):
            row = loops.next_row(up, down, edge, self._cells[word] >> low[i], low[i] - low[i - 1], valid[i])
            up, down, edge, _, _ = row
            yield row

    def _last_cell(self, row: _Row) -> int:
        return loops.cell_value(*row[:3], len(self.reference) - self._beam[0][-1])

    def shifts(self, most: int) -> list[_Shift]:
        """The shifts of the next round, equal blocks edited on both sides and not yet in place, up to about ``most``."""
        n, m = len(self.words), len(self.reference)
        trace = [0] * m, [0] * (n + 1), [0] * (m + 1)
        _, _, _, sames, mores = zip(*self._rows, strict=True)
        loops.trace_back(self.words, self.reference, self._beam, sames, mores, trace)
        shifts = [(0, 0, 0)] * (most + loops.MAX_SHIFT_SIZE + 1)
        return shifts[: loops.find_shifts(self.words, self.reference, self._places, trace, most, shifts)]

    def shifted(self, shift: _Shift) -> tuple[str, int, int]:
        """The words after a shift, and from where to where they differ from those before."""
        words = self.words
        a, middle, b = loops.swapped_blocks(*shift, len(words))
        return words[:a] + words[middle:b] + words[a:middle] + words[b:], a, b


def edits(words: Sequence[int], reference: Sequence[int]) -> int:
    """Edits and shifts from a hypothesis to a reference, as ``sacrebleu.metrics.lib_ter.translation_edit_rate`` counts them.

    :param words: numbers of the words; equal numbers are equal words.
    """
    if set(words).isdisjoint(reference):
        return max(len(words), len(reference))
    letters = {word: chr(k) for k, word in enumerate(dict.fromkeys((*words, *reference)))}
    table = _Table(*("".join(letters[word] for word in side) for side in (words, reference)))
    count, left = 0, loops.MAX_CANDIDATES
    while table.distance:
        shifts = table.shifts(left)
        left -= len(shifts)
        best = _best(table, shifts) if left > 0 else None
        if best is None:
            break
        words_after, start, _ = table.shifted(best)
        table.replace(words_after, start)
        count += 1
    return count + table.distance


def _best(table: _Table, shifts: Sequence[_Shift]) -> _Shift | None:
    """The shift that saves most edits; of equally good ones the longest, then the first, then that to the first target."""
    before, best = table.distance, (1, 0, 0, 0)
    bounds = []
    for shift in shifts:
        distance = Levenshtein.distance(table.shifted(shift)[0], table.reference, score_cutoff=before - 1)
        bounds.append((before - distance, shift[0], -shift[1], -shift[2]))
    for bound in sorted(bounds, reverse=True):
        if bound < best:
            break
        _, length, start, target = bound
        saved = before - table.distance_of(*table.shifted((length, -start, -target)))
        best = max(best, (saved, length, start, target))
    return (best[1], -best[2], -best[3]) if best[1] else None


class TerRows(SegmentRows):
    """The references as words. Rows: edits to the nearest reference, mean length of the references.

    :param tokenize: a function from a text to its words, separated by white space.
    """

    width = 2

    def __init__(self, texts: Sequence[Sequence[str]], *, tokenize: Callable[[str], str], compiled: bool) -> None:
        super().__init__(texts)
        self._words = NumberedTokens(partial(each, partial(_words, tokenize)))
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
            edit_counts = _compiled_edits()(
                words.values, words.bounds, owners, references.values, references.bounds, first, len(self._words)
            )
        for i in np.flatnonzero(edit_counts < 0).tolist():
            edit_counts[i] = edits(words[int(owners[i])], references[first + i])
        return edit_counts


@cache
def _compiled_edits() -> Any:
    from evalkit.metrics.kernels.jit import compiled

    return compiled(loops.edits_of_pairs, *loops.CALLED)


def _words(tokenize: Callable[[str], str], text: str) -> list[str]:
    return tokenize(text).split()
