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
- Without compiled loops, the rows of many pairs and of all their shifts are computed together, on arrays.
- Candidates are counted before any is tried, so it is known in advance whether a segment reaches the limit on
  candidates. The shift found in the round that reaches the limit is not used.
- A reference more than 48 times as long as the hypothesis, whose beam is wider than a machine word, is left to sacrebleu.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import Any

import numpy as np

from evalkit.metrics.base import Statistics
from evalkit.metrics.kernels.ngrams import View
from evalkit.metrics.kernels.plain_tokens import NumberedTokens
from evalkit.metrics.kernels.segment_rows import Ints, SegmentRows
from evalkit.metrics.kernels.tokens import LoopTokens, Rows, Spans, code_points, joined, kinds, prepare_tercom

_MAX_SHIFT_SIZE = 10
_MAX_SHIFT_DISTANCE = 50
_MAX_CANDIDATES = 1000
_BEAM = 25
#: up to this ratio of lengths, the beam keeps its width and a row fits into an int64.
_WIDEST_RATIO = 48
#: pairs that are searched together, which limits the memory.
_PAIRS = 256

#: a shift, as (length, minus start, minus target), so that the largest of equally good ones is sacrebleu's choice.
_Shift = tuple[int, int, int]
#: two adjacent blocks [a, middle) and [middle, b), in the arrays of all searches.
_Swap = tuple[int, int, int]


def _next_row(
    up: Ints, down: Ints, edge: Ints, matches: Ints, moved: Ints, passed: Ints, stayed: Ints, beyond: Ints
) -> tuple[Ints, ...]:
    """A row of each of many edit distance tables, from the rows above.

    A row consists of five integers. Four of them are bit sets with one bit per cell, starting at the first cell of the
    row (beyond the last cell, the sign repeats the same bit):

    - up: the cell is one more than the cell before it; down: one less;
    - edge: the value of the first cell;
    - same: the cell equals the one above and to the left; more: it is one more than the one above.

    :param matches: the cells whose reference word is the word of the row, among those with a cell above and to the left.
    :param moved: how many cells the row begins after the one above.
    :param beyond: the bits after the last cell.
    """
    if moved.any():
        edge = edge + _bit_counts(up >> 1 & passed) - _bit_counts(down >> 1 & passed)
        up, down = up >> moved, down >> moved
    up = up & ~stayed
    down = down | stayed
    same = ((matches & up) + up ^ up) | matches | down
    more = down | ~(same | up)
    less = same & up
    more_left = more << 1 | 1
    return (
        less << 1 | ~(same | more_left) | beyond,
        more_left & same & ~beyond,
        edge + (more & 1) - (less & 1),
        same,
        more,
    )


def _bit_counts_of_bytes(bits: Ints) -> Any:
    return np.unpackbits(bits.view(np.uint8).reshape(-1, 8), axis=1).sum(axis=1, dtype=np.int64)


#: the number of bits set; numpy has it since 2.0.
_bit_counts: Callable[[Ints], Any] = getattr(np, "bitwise_count", _bit_counts_of_bytes)


class _Search:
    """sacrebleu's greedy search for shifts from one hypothesis to one reference, which share a word.

    :param start: where its rows and words begin in the arrays of all searches.
    """

    def __init__(self, words: Sequence[int], reference: Sequence[int], start: int) -> None:
        self.words, self.reference, self.start = list(words), reference, start
        self.end = start + len(words)
        self.shifts = self.distance = self._checked = 0
        n, m = len(words), len(reference)
        diagonal = np.floor(np.arange(n + 1) * (m / n)).astype(np.int64)
        #: the first cell of each row, and the one after its last.
        self.low, self.high = np.maximum(diagonal - _BEAM, 0), np.minimum(diagonal + _BEAM, m + 1)
        self.high[[0, n]] = m + 1
        moved = np.diff(self.low, prepend=0)
        #: see :func:`_next_row`.
        self.geometry = np.stack([moved, (1 << moved) - 1, moved == 0, -1 << np.minimum(self.high - self.low, 62)])
        self.last = (1 << (m - self.low[n])) - 1
        self._places: dict[int, list[int]] = {}
        for j, word in enumerate(reference):
            self._places.setdefault(word, []).append(j)

    def matches(self) -> tuple[Ints, Ints]:
        """Where words match in each row, as the bits that :func:`_next_row` takes, and which line is that of each word."""
        lines = {word: k for k, word in enumerate(dict.fromkeys(self.words))}
        m = len(self.reference)
        bits = np.zeros((len(lines), (m // 64 + 2) * 64), np.bool_)
        bits[:, 1 : m + 1] = np.equal.outer(list(lines), self.reference)
        masks = np.packbits(bits, axis=1, bitorder="little").view("<u8")
        at, shift = self.low >> 6, (self.low & 63).astype(np.uint64)
        cells = (masks[:, at] >> shift | masks[:, at + 1] << np.uint64(1) << np.uint64(63) - shift).view(np.int64)
        # A match can only be used if the cell above and to the left lies in the beam.
        reach = np.minimum(np.roll(self.high, 1) - self.low + 1, 62)
        return cells & (1 << reach) - 1 & ~self.geometry[2], np.array([lines[word] for word in self.words])

    def swap(self, shift: _Shift) -> _Swap:
        """The two blocks that a shift swaps."""
        length, start, index = shift[0], self.start - shift[1], self.start - shift[2]
        if index < start:
            return index, start, start + length
        # A target inside the block moves the block by that distance.
        return start, start + length, index if index > start + length else min(self.end, index + length)

    def next_shifts(
        self, align: Sequence[int], wrong_words: Sequence[int], wrong_references: Sequence[int]
    ) -> list[_Shift]:
        """The shifts of the next round, equal blocks edited on both sides and not yet in place; none if the limit is
        reached."""
        words, reference = self.words, self.reference
        shifts: list[_Shift] = []
        n, m = len(words), len(reference)
        for start, word in enumerate(words):
            if wrong_words[min(start + _MAX_SHIFT_SIZE, n)] == wrong_words[start]:
                continue
            for target in self._places.get(word, ()):
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
                        if self._checked + len(shifts) >= _MAX_CANDIDATES:
                            return []
                    if end == n or target_end == m or words[end] != reference[target_end]:
                        break
        self._checked += len(shifts)
        return shifts

    def alignment(self, sames: Sequence[int], mores: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
        """The position of each reference word in the hypothesis (for an unaligned word, that of the last aligned one before
        it), and the running counts of edited hypothesis and reference words."""
        low, high = self.low.tolist(), self.high.tolist()
        i, j = len(self.words), len(self.reference)
        align = [0] * j
        wrong_words = [0] * (i + 1)
        wrong_references = [0] * (j + 1)
        while i or j:
            if not i:
                step = "insert"
            elif j == low[i] == low[i - 1]:
                step = "delete"
            elif j > high[i - 1]:
                step = "insert"
            elif self.words[i - 1] == self.reference[j - 1] or not sames[i] >> (j - low[i]) & 1:
                step = "pair"
            elif mores[i] >> (j - low[i]) & 1 and j < high[i - 1]:
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


class _Tables:
    """The edit distance tables of many searches, one after the other in arrays."""

    def __init__(self, pairs: Iterable[tuple[Sequence[int], Sequence[int]]]) -> None:
        self.searches: list[_Search] = []
        start = size = 0
        matches: list[Ints] = []
        lines: list[Ints] = []
        for words, reference in pairs:
            search = _Search(words, reference, start)
            self.searches.append(search)
            of_words, line = search.matches()
            # What must be added to the place of a row to find the matches of a word in it.
            lines += [size - start + line * (len(words) + 1), np.zeros(1, np.int64)]
            matches.append(of_words.ravel())
            size += len(matches[-1])
            start += len(words) + 1
        self._matches, self._lines = np.concatenate(matches), np.concatenate(lines)
        self._geometry = np.concatenate([search.geometry for search in self.searches], axis=1)
        #: up, down, edge, same and more of each row; the first row of a table counts up from 0.
        self._rows = np.zeros((5, start), np.int64)
        self._rows[0, [search.start for search in self.searches]] = -1
        self.apply({search: (search.start, search.end, search.end) for search in self.searches})

    def alignment(self, search: _Search) -> tuple[list[int], list[int], list[int]]:
        """See :meth:`_Search.alignment`."""
        return search.alignment(*self._rows[3:, search.start : search.end + 1].tolist())

    def apply(self, swaps: Mapping[_Search, _Swap]) -> None:
        """Swap two blocks of the words of each search, and compute the rows that change."""
        for search, distance in zip(swaps, self.distances_after(list(swaps.items()), keep=True), strict=True):
            search.distance = distance
            a, middle, b = swaps[search]
            self._lines[a:b] = np.roll(self._lines[a:b], a - middle)
            a, middle, b = a - search.start, middle - search.start, b - search.start
            search.words[a:b] = search.words[middle:b] + search.words[a:middle]

    def distances_after(self, tries: Sequence[tuple[_Search, _Swap]], *, keep: bool = False) -> list[int]:
        """Edit distances after swaps, of which the rows may be kept if there is one per search."""
        distances = np.zeros(len(tries), np.int64)
        columns = [
            (a, a + b - middle, middle - a, middle - b, b, search.end, search.last, search.distance, t)
            for t, (search, (a, middle, b)) in enumerate(tries)
        ]
        place, *rest = np.array(columns, np.int64).reshape(len(tries), 9).T
        fixed = np.array(rest)
        up, down, edge = self._rows[:3].take(place, axis=1)
        while len(place):
            turn, forth, back, b, end, last, distance, number = fixed
            word = place + np.where(place < turn, forth, np.where(place < b, back, 0))
            place = place + 1
            matches = self._matches.take(self._lines.take(word) + place)
            row = _next_row(up, down, edge, matches, *self._geometry.take(place, axis=1))
            up, down, edge, _, _ = row
            old_up, old_down, old_edge = self._rows[:3].take(place, axis=1)
            if keep:
                self._rows[:, place] = row
            done = (up == old_up) & (down == old_down) & (place >= b) | (place == end)
            if done.any():
                at_end = edge + _bit_counts(up >> 1 & last) - _bit_counts(down >> 1 & last)
                distances[number[done]] = np.where(place < end, distance + edge - old_edge, at_end)[done]
                if keep:
                    for first, stop, by in zip(place[done] + 1, end[done] + 1, (edge - old_edge)[done], strict=True):
                        self._rows[2, first:stop] += by
                left = np.flatnonzero(~done)
                fixed = fixed.take(left, axis=1)
                place, up, down, edge = np.stack((place, up, down, edge)).take(left, axis=1)
        found: list[int] = distances.tolist()
        return found


def edits(pairs: Iterable[tuple[Sequence[int], Sequence[int]]]) -> list[int]:
    """Edits and shifts from hypotheses to references, as ``sacrebleu.metrics.lib_ter.translation_edit_rate`` counts them.

    :param pairs: numbers of the words of a hypothesis and of a reference; equal numbers are equal words.
    """
    counts: list[int] = []
    narrow: dict[int, tuple[Sequence[int], Sequence[int]]] = {}
    for k, (words, reference) in enumerate(pairs):
        # This is the result where no word is shared.
        counts.append(max(len(words), len(reference)))
        if set(words).isdisjoint(reference):
            continue
        if len(reference) > _WIDEST_RATIO * len(words):
            from sacrebleu.metrics.lib_ter import translation_edit_rate

            counts[k] = translation_edit_rate(words, reference)[0]
        else:
            narrow[k] = words, reference
    if narrow:
        counts_of_narrow = _searched(_Tables(narrow.values()))
        for k, found in zip(narrow, counts_of_narrow, strict=True):
            counts[k] = found
    return counts


def _searched(tables: _Tables) -> list[int]:
    """The edits of all searches, after as many rounds as they take."""
    searches = tables.searches
    while searches:
        shifts = {search: search.next_shifts(*tables.alignment(search)) for search in searches if search.distance}
        swaps = {search: {shift: search.swap(shift) for shift in of_search} for search, of_search in shifts.items()}
        tries = [(search, swap) for search, of_search in swaps.items() for swap in dict.fromkeys(of_search.values())]
        after = dict(zip(tries, tables.distances_after(tries), strict=True))
        best: dict[_Search, _Swap] = {}
        for search, of_search in swaps.items():
            saved = ((search.distance - after[search, swap], shift) for shift, swap in of_search.items())
            most, shift = max(saved, default=(0, None))
            if shift is not None and most > 0:
                search.shifts += 1
                best[search] = of_search[shift]
        tables.apply(best)
        searches = list(best)
    return [search.shifts + search.distance for search in tables.searches]


class TerRows(SegmentRows):
    """The references as words. Rows: edits to the nearest reference, mean length of the references."""

    width = 2

    def __init__(self, texts: Sequence[Sequence[str]], *, words: NumberedTokens | LoopTokens, compiled: bool) -> None:
        super().__init__(texts)
        self._words = words
        self._compiled = compiled
        self._references = words.references(self.flat)
        self._lengths = np.diff(self._references.bounds)

    def _rows(self, hypotheses: Sequence[str], groups: Ints, owners: Ints) -> Statistics:
        counts = self._edits(self._words.hypotheses(hypotheses), owners, int(groups[0]))
        starts, lengths = groups[:-1] - groups[0], self._lengths[groups[0] : groups[-1]]
        means = np.add.reduceat(lengths, starts) / np.diff(groups)
        return np.column_stack((np.minimum.reduceat(counts, starts), means))

    def _edits(self, words: Rows, owners: Ints, first: int) -> Ints:
        """Edits of hypothesis ``owners[i]`` to reference ``first + i``."""
        if self._compiled:
            from evalkit.metrics.kernels.ter_loops import edits_of_pairs

            edit_counts: Ints = edits_of_pairs(
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
        for low in range(0, len(left), _PAIRS):
            part = left[low : low + _PAIRS]
            edit_counts[part] = edits((words[int(owners[i])], self._references[first + i]) for i in part)
        return edit_counts


def plain_words(tokenize: Callable[[str], str]) -> NumberedTokens:
    """Words as numbers, found by a function from a text to its words, separated by white space."""
    return NumberedTokens(partial(_words, tokenize, 1), partial(_words, tokenize, 2))


def _words(tokenize: Callable[[str], str], times: int, text: str) -> list[str]:
    # sacrebleu tokenizes references twice, and Tercom's normalization is not idempotent.
    for _ in range(times):
        text = tokenize(text)
    return text.split()


def loop_words(view: View, normalized: bool, asian: bool) -> LoopTokens:
    """Words as numbers, found by compiled loops: separated by white space, or by Tercom's rules, ``asian`` or not."""
    kind = "none" if not normalized else "tercom" if asian else "13a"
    return LoopTokens(partial(_loop_words, view, kind, 1), partial(_loop_words, view, kind, 2 if normalized else 1))


def _loop_words(view: View, kind: str, times: int, texts: Sequence[str]) -> Spans:
    from evalkit.metrics.kernels.text_loops import split_points

    tercom = kind != "none"

    def split(points: Rows) -> Spans:
        return points.values, *split_points(points.values, points.bounds, kinds(kind), tercom, tercom)

    texts = list(map(view, texts))
    spans = split(code_points(prepare_tercom(texts) if tercom else texts))
    return split(joined(spans)) if times == 2 else spans
