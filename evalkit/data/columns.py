"""Columns of texts with bounded memory use: what exceeds :data:`SPILL_BYTES` is moved to an anonymous temporary file."""

import threading
from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.data.opening import TemporaryFile

#: The maximum size of a column that is kept in memory, in bytes of UTF-8.
SPILL_BYTES = 32 * 1024 * 1024


class _Column(Sequence[Any]):
    """Base class of the columns: a sequence that supports slices."""

    def _read(self, start: int, stop: int) -> list[Any]:
        raise NotImplementedError

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            return self._read(start, max(start, stop))[::step]
        i = index if index >= 0 else len(self) + index
        if not 0 <= i < len(self):
            raise IndexError(index)
        return self._read(i, i + 1)[0]

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, len(self), 4096):
            yield from self._read(start, min(start + 4096, len(self)))


class TextColumn(_Column):
    """n texts in a file, given by their start and end offsets: int64[n] each."""

    def __init__(self, file: TemporaryFile, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> None:
        self._file, self._starts, self._ends = file, starts, ends
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._starts)

    def _read(self, start: int, stop: int) -> list[str]:
        starts, ends = self._starts[start:stop], self._ends[start:stop]
        texts: list[str] = []
        # Adjacent texts in the file are read together.
        breaks = [0, *(np.flatnonzero(starts[1:] != ends[:-1]) + 1).tolist(), stop - start]
        for a, b in pairwise(breaks):
            if a == b:
                continue
            first = int(starts[a])
            with self._lock:
                self._file.open.seek(first)
                data = self._file.open.read(int(ends[b - 1]) - first)
            places = zip((starts[a:b] - first).tolist(), (ends[a:b] - first).tolist(), strict=True)
            texts += [data[i:j].decode("utf-8") for i, j in places]
        return texts


class TextWriter:
    """Collects texts one by one and returns them as a column."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._bytes = 0
        self._file: TemporaryFile | None = None
        self._offsets = array("q", [0])

    def __len__(self) -> int:
        return len(self._texts) if self._file is None else len(self._offsets) - 1

    def append(self, text: str) -> None:
        """Append a validated text."""
        if self._file is not None:
            self._write(text)
            return
        self._texts.append(text)
        self._bytes += len(text) + (0 if text.isascii() else 2 * len(text))
        if self._bytes > SPILL_BYTES:
            self._file = TemporaryFile()
            for buffered_text in self._texts:
                self._write(buffered_text)
            self._texts.clear()

    def _write(self, text: str) -> None:
        assert self._file is not None
        self._offsets.append(self._offsets[-1] + self._file.open.write(text.encode("utf-8")))

    def column(self, order: Sequence[int] | NDArray[np.int32] | None = None) -> Sequence[str]:
        """The texts in the order they were appended, or by ``order``: text ``order[i]`` at position i, empty for -1."""
        if self._file is None:
            texts = self._texts
            return tuple(texts) if order is None else tuple("" if i < 0 else texts[i] for i in order)
        self._file.open.flush()
        offsets = np.frombuffer(self._offsets, np.int64)
        if order is None:
            return TextColumn(self._file, offsets[:-1], offsets[1:])
        index = np.asarray(order, np.int64)
        ends = np.where(index < 0, 0, offsets[index + 1])
        # An empty text is placed next to the text before it, so that neighbors are still read together.
        ends = np.where(index < 0, np.maximum.accumulate(ends), ends)
        return TextColumn(self._file, np.where(index < 0, ends, offsets[index]), ends)


class GroupedColumn(_Column):
    """A column of tuples of texts, such as the references of each segment; the offsets are int64[n + 1]."""

    def __init__(self, texts: Sequence[str], ends: NDArray[np.int64]) -> None:
        self._texts, self._ends = texts, ends

    def __len__(self) -> int:
        return len(self._ends) - 1

    def _read(self, start: int, stop: int) -> list[tuple[str, ...]]:
        first = int(self._ends[start])
        texts = self._texts[first : int(self._ends[stop])]
        places = (self._ends[start : stop + 1] - first).tolist()
        return [tuple(texts[i:j]) for i, j in pairwise(places)]


def feed(digest: Any, texts: Sequence[str | None]) -> None:
    """Add a column of texts to a hash: their number, the length of each (None is -1), and the concatenated texts."""
    lengths = [-1 if text is None else len(text) for text in texts]
    digest.update(np.array([len(texts), *lengths], "<i8").tobytes())
    digest.update("".join([text for text in texts if text]).encode("utf-8", "surrogatepass"))


def feed_lists(digest: Any, lists: Sequence[Sequence[str]]) -> None:
    """Add a column of lists of texts."""
    digest.update(np.array([len(lists), *map(len, lists)], "<i8").tobytes())
    feed(digest, [text for texts in lists for text in texts])
