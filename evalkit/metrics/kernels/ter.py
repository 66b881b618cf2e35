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
- Without compiled loops, many pairs are searched in rounds, and the shifts of one round are tried on arrays, where that
  is faster than one by one.
- Candidates are counted before any is tried, so it is known in advance whether a segment reaches the limit on
  candidates. The shift found in the round that reaches the limit is not used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import accumulate, islice, pairwise
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.metrics.base import Statistics
from evalkit.metrics.kernels.ngrams import View, chunks, flatten
from evalkit.metrics.kernels.plain_tokens import NumberedTokens
from evalkit.metrics.kernels.tokens import LoopTokens, Rows, Spans, code_points, joined, kinds, prepare_tercom

_MAX_SHIFT_SIZE = 10
_MAX_SHIFT_DISTANCE = 50
_MAX_CANDIDATES = 1000
_BEAM = 25
#: the cells of a row that an int64 holds beside its sign and the carry.
_CELLS = (1 << 62) - 1
#: how many rows of single tables take the time of one step through many tables.
_ROWS_PER_STEP = 30
#: how many rows after a shift usually differ from those before it.
_UNTIL_EQUAL = 10
#: pairs whose shifts are tried together, which limits the memory.
_PAIRS = 256


Bits = Any  # an int, or int64 arrays of equal shape
#: up, down, edge, same, more; see :func:`_next_row`.
_Row = tuple[Bits, Bits, Bits, Bits, Bits]
#: The two adjacent blocks [a, middle) and [middle, b) of a shift.
_Swap = tuple[int, int, int]


def _next_row(above: _Row, matches: Bits, moved: Bits, beyond: Bits, count: Callable[[Bits], Bits]) -> _Row:
    """A row of the edit distance table from the row above; of one table, or of many at once.

    A row consists of five integers. Four of them are bit sets with one bit per cell, starting at the first cell of the
    row (beyond the last cell, the sign repeats the same bit, so a row of up to 62 cells is the same as an int64):

    - up: the cell is one more than the cell before it; down: one less;
    - edge: the value of the first cell;
    - same: the cell equals the one above and to the left; more: it is one more than the one above.

    :param matches: the cells whose reference word is the word of the row, among those with a cell above and to the left.
    :param moved: how many cells the row begins after the one above.
    :param beyond: the bits after the last cell.
    :param count: counts the bits set.
    """
    up, down, edge, _, _ = above
    passed = (1 << moved) - 1
    edge = edge + count(up >> 1 & passed) - count(down >> 1 & passed)
    unmoved = moved == 0
    up = up >> moved & ~(1 * unmoved)
    down = down >> moved | unmoved
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
        self.beyond = [-1 << (high - low) for low, high in zip(self.low, self.high, strict=True)]
        self.moved = [0, *(b - a for a, b in pairwise(self.low))]
        # A match can only be used if the cell above and to the left lies in the beam.
        self.usable = [0]
        for i in range(1, n + 1):
            reach = (1 << (self.high[i - 1] - self.low[i] + 1)) - 1
            self.usable.append(reach if self.moved[i] else reach & ~1)
        self.places: dict[int, list[int]] = {}
        for j, word in enumerate(reference):
            self.places.setdefault(word, []).append(j)
        self._matches = {word: sum(2 << j for j in places) for word, places in self.places.items()}
        self.last = (1 << (m - self.low[n])) - 1

    def next(self, i: int, above: _Row, word: int) -> _Row:
        """Row ``i`` from row ``i - 1`` for a hypothesis whose word ``i``, counted from 1, is ``word``."""
        matches = self._matches.get(word, 0) >> self.low[i] & self.usable[i]
        return _next_row(above, matches, self.moved[i], self.beyond[i], int.bit_count)

    def last_cell(self, row: _Row) -> int:
        """The edit distance, from the last row."""
        distance: int = row[2] + (row[0] >> 1 & self.last).bit_count() - (row[1] >> 1 & self.last).bit_count()
        return distance


class _Search:
    """sacrebleu's greedy search for shifts from one hypothesis to one reference, round by round."""

    def __init__(self, hypothesis: Sequence[int], reference: Sequence[int]) -> None:
        self.words = list(hypothesis)
        self.reference = reference
        #: edits and shifts, final once :meth:`start_round` has returned False.
        self.edits = len(hypothesis) + len(reference)
        self._shifts = self._checked = 0
        if hypothesis and reference:
            self.table = _Table(len(hypothesis), reference)
            self.rows = [self.table.first]
            for i, word in enumerate(hypothesis, start=1):
                self.rows.append(self.table.next(i, self.rows[-1], word))

    def is_narrow(self) -> bool:
        """Whether an int64 holds every row but the first, which is the same for all tables."""
        return bool(self.words and self.reference) and min(self.table.beyond[1:]) > -_CELLS

    def start_round(self) -> bool:
        """Find the shifts that this round tries; False if the search is over."""
        if not self.words or not self.reference:
            return False
        self.distance = self.table.last_cell(self.rows[-1])
        self.edits = self._shifts + self.distance
        if not self.distance:
            return False
        self._candidates = _candidates(
            self.words,
            self.reference,
            self.table.places,
            *_alignment(self.table, self.rows, self.words, self.reference),
            self._checked,
        )
        self._checked += len(self._candidates)
        #: the swaps that the shifts amount to, each once.
        self.swaps = dict.fromkeys(self._swap(candidate) for candidate in self._candidates)
        return self._checked < _MAX_CANDIDATES and bool(self.swaps)

    def _swap(self, candidate: tuple[int, int, int]) -> _Swap:
        length, start, index = candidate[0], -candidate[1], -candidate[2]
        if index < start:
            return index, start, start + length
        if index > start + length:
            return start, start + length, index
        # A target inside the block moves the block by that distance.
        return start, start + length, min(len(self.words), index + length)

    def end_round(self, distances: Iterable[int]) -> bool:
        """Apply the shift that saves the most edits; False if none saves any.

        Ties are broken by the longest block, then the first block, then the target closest to the beginning.

        :param distances: the edit distance after each of the swaps.
        """
        after = dict(zip(self.swaps, distances, strict=True))
        saved, best = max((self.distance - after[self._swap(candidate)], candidate) for candidate in self._candidates)
        if saved <= 0:
            return False
        self.words, self.rows = self._after(self._swap(best))
        self._shifts += 1
        return True

    def distance_after(self, swap: _Swap) -> int:
        """Edit distance with two blocks swapped."""
        return self.table.last_cell(self._after(swap)[1][-1])

    def _after(self, swap: _Swap) -> tuple[list[int], list[_Row]]:
        """Words and rows with two blocks swapped."""
        a, middle, b = swap
        words = [*self.words[:a], *self.words[middle:b], *self.words[a:middle], *self.words[b:]]
        rows = self.rows[: a + 1]
        for i in range(a + 1, len(words) + 1):
            row = self.table.next(i, rows[-1], words[i - 1])
            rows.append(row)
            if i >= b and row[:2] == self.rows[i][:2]:
                more = row[2] - self.rows[i][2]
                rows += [(up, down, edge + more, same, over) for up, down, edge, same, over in self.rows[i + 1 :]]
                break
        return words, rows


class _Together:
    """The searches of many pairs, whose candidate shifts are tried together, one row of all of them at a time."""

    def __init__(self, searches: Sequence[_Search]) -> None:
        #: per search, where its rows and its matches begin in the arrays that hold those of all searches.
        self._places: dict[_Search, tuple[int, int]] = {}
        self._words: dict[_Search, dict[int, int]] = {}
        moved: list[int] = []
        beyond: list[int] = []
        matches: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
        size = 0
        for search in searches:
            self._places[search] = len(moved), size
            self._words[search] = {word: k for k, word in enumerate(dict.fromkeys(search.words))}
            moved += search.table.moved[1:]
            beyond += search.table.beyond[1:]
            matches.append(_matches(search.table, list(self._words[search]), search.reference).ravel())
            size += len(matches[-1])
        self._moved, self._beyond = np.array(moved, np.int64), np.array(beyond, np.int64)
        self._matches = np.concatenate(matches)

    def distances_after(self, tries: Sequence[tuple[_Search, _Swap]]) -> list[int]:
        """Edit distances after swaps, one by one if these are too few for arrays to be faster."""
        steps = max((len(search.words) - swap[0] for search, swap in tries), default=0)
        if sum(b - a + _UNTIL_EQUAL for _, (a, _, b) in tries) < _ROWS_PER_STEP * steps:
            return _distances_after(tries)
        starts: dict[_Search, tuple[int, ...]] = {}
        words: list[int] = []
        for search, _ in tries:
            if search not in starts:
                n = len(search.words)
                row, match = self._places[search]
                starts[search] = len(words), row, n, search.table.last
                words += [match + n * self._words[search][word] for word in search.words]
        # The longest way to the last row first, so that the swaps still under way are those up to some k.
        order = sorted(range(len(tries)), key=lambda t: tries[t][1][0] - len(tries[t][0].words))
        table = np.array(
            [(*starts[search], *swap, *search.rows[swap[0]][:3]) for search, swap in map(tries.__getitem__, order)]
        )
        word, row, n, last, a, middle, b, up, down, edge = table.T.copy()
        at = np.array(words)
        for step in range(steps):
            k = int(np.searchsorted(a - n, -step))
            place = a[:k] + step
            second = (b - middle)[:k]
            moved_from = place + np.where(step < second, (middle - a)[:k], np.where(place < b[:k], -second, 0))
            i = row[:k] + place
            up[:k], down[:k], edge[:k], _, _ = _next_row(
                (up[:k], down[:k], edge[:k], 0, 0),
                self._matches[at[word[:k] + moved_from] + place],
                self._moved[i],
                self._beyond[i],
                _bit_counts,
            )
        distances = np.empty(len(tries), np.int64)
        distances[order] = edge + _bit_counts(up >> 1 & last) - _bit_counts(down >> 1 & last)
        return list(map(int, distances))


def _matches(table: _Table, words: Sequence[int], reference: Sequence[int]) -> NDArray[np.int64]:
    """Where words match in each row, as the bits that :func:`_next_row` takes: int64[words, rows]."""
    bits = np.zeros((len(words), (len(reference) // 64 + 2) * 64), np.bool_)
    bits[:, 1 : len(reference) + 1] = np.equal.outer(words, reference)
    masks = np.packbits(bits, axis=1, bitorder="little").view("<u8")
    low = np.array(table.low[1:], np.uint64)
    at, shift = (low >> np.uint64(6)).astype(np.int64), low & np.uint64(63)
    cells = masks[:, at] >> shift | masks[:, at + 1] << np.uint64(1) << np.uint64(63) - shift
    matches: NDArray[np.int64] = cells.view(np.int64) & np.array([min(usable, _CELLS) for usable in table.usable[1:]])
    return matches


def _bit_counts(bits: NDArray[np.int64]) -> Any:
    if hasattr(np, "bitwise_count"):  # since numpy 2.0
        return np.bitwise_count(bits)
    return np.unpackbits(bits.view(np.uint8).reshape(-1, 8), axis=1).sum(axis=1, dtype=np.int64)


def edits(pairs: Iterable[tuple[Sequence[int], Sequence[int]]]) -> list[int]:
    """Edits and shifts from hypotheses to references, as ``sacrebleu.metrics.lib_ter.translation_edit_rate`` counts them.

    :param pairs: numbers of the words of a hypothesis and of a reference; equal numbers are equal words.
    """
    searches = [_Search(*pair) for pair in pairs]
    narrow = [search for search in searches if search.is_narrow()]
    _finish(narrow, _Together(narrow).distances_after)
    _finish([search for search in searches if not search.is_narrow()], _distances_after)
    return [search.edits for search in searches]


def _finish(searches: list[_Search], distances_after: Callable[[Sequence[tuple[_Search, _Swap]]], list[int]]) -> None:
    while searches := [search for search in searches if search.start_round()]:
        distances = iter(distances_after([(search, swap) for search in searches for swap in search.swaps]))
        searches = [search for search in searches if search.end_round(islice(distances, len(search.swaps)))]


def _distances_after(tries: Sequence[tuple[_Search, _Swap]]) -> list[int]:
    return [search.distance_after(swap) for search, swap in tries]


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
    """Words as numbers, separated by white space or normalized as in Tercom, found by compiled loops.

    :param view: what is done to a text before anything else.
    :param normalized: whether to apply Tercom's normalization.
    :param asian: whether to apply its normalization of Chinese and Japanese as well.
    """
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
