"""Columns of large files that are read slice by slice: what a benchmark of a million segments is made of.

Every column here is a ``Sequence``: ``column[i]`` reads one value, ``column[a:b]`` a list with one pass over that part of
the file. The files are scanned once when they are opened (encoding, line ends, length of lines), so a wrong byte in the
last line is found before anything is scored; texts are then read when they are needed and kept nowhere.
"""

from __future__ import annotations

import codecs
import json
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from evalkit.data.records import MAX_SEGMENT
from evalkit.errors import InputError

__all__ = ["LARGE", "JsonLines", "LazyColumn", "Lines", "ParquetRows", "Spool", "is_large"]

#: files of more bytes than this are read in slices; smaller ones are held, which is faster.
LARGE = 64 * 1024 * 1024

_BLOCK = 8 * 1024 * 1024

# Rows of a part of a Parquet row group, and how many parts are kept: more rows than are ever asked for at a time.
_PART = 4096
_KEPT = 8


def is_large(*paths: Path) -> bool:
    """Whether files, taken together, are too large to be held."""
    return sum(path.stat().st_size for path in paths if path.is_file()) > LARGE


class LazyColumn(Sequence[Any]):
    """A column given by how a slice of it is read; pickled as such, so that a worker can read its own part."""

    def __init__(self, length: int, read: Callable[[int, int], list[Any]]) -> None:
        self._length = length
        self._read = read

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            start, stop, step = index.indices(self._length)
            values = self._read(start, max(start, stop))
            return values if step == 1 else values[::step]
        i = index if index >= 0 else self._length + index
        if not 0 <= i < self._length:
            raise IndexError(index)
        return self._read(i, i + 1)[0]

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, self._length, 4096):
            yield from self._read(start, min(start + 4096, self._length))


@dataclass(frozen=True, eq=False)
class Lines:
    """The lines of a UTF-8 file by their byte offsets, int64[n + 1]."""

    path: Path
    offsets: NDArray[np.int64]

    @classmethod
    def scan(cls, path: Path) -> Lines:
        """Find the lines of a file.

        :raises InputError: an unreadable or empty file, bad UTF-8, a line too long; with the line.
        """
        decoder = codecs.getincrementaldecoder("utf-8")()
        ends: list[NDArray[np.int64]] = []
        position = 0
        try:
            with path.open("rb") as file:
                start = 3 if file.read(3) == codecs.BOM_UTF8 else 0
                file.seek(start)
                position = start
                while block := file.read(_BLOCK):
                    try:
                        decoder.decode(block)
                    except UnicodeDecodeError as error:
                        # The offset counts from the bytes the decoder had kept back of an earlier block.
                        good = block[: max(error.start - (len(error.object) - len(block)), 0)]
                        line = sum(len(e) for e in ends) + good.count(b"\n") + 1
                        raise InputError(f"{path}:{line}: not UTF-8; save it as UTF-8") from None
                    found = np.flatnonzero(np.frombuffer(block, np.uint8) == 10)
                    ends.append(found.astype(np.int64) + position + 1)
                    position += len(block)
                try:
                    decoder.decode(b"", final=True)
                except UnicodeDecodeError:
                    line = sum(len(e) for e in ends) + 1
                    raise InputError(f"{path}:{line}: the file ends in the middle of a character") from None
        except FileNotFoundError:
            raise InputError(f"{path}: no such file") from None
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
        if position == start:
            raise InputError(f"{path}: the file is empty")
        offsets = np.concatenate([np.array([start], np.int64), *ends])
        if offsets[-1] != position:
            offsets = np.append(offsets, position)
        longest = int(np.argmax(np.diff(offsets)))
        if offsets[longest + 1] - offsets[longest] > 4 * MAX_SEGMENT:
            raise InputError(f"{path}:{longest + 1}: a line of more than {MAX_SEGMENT:,} characters")
        return cls(path, offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def read(self, start: int, stop: int) -> list[str]:
        """Lines start to stop, without their ends."""
        if start >= stop:
            return []
        with self.path.open("rb") as file:
            file.seek(int(self.offsets[start]))
            data = file.read(int(self.offsets[stop] - self.offsets[start]))
        lines = data.decode("utf-8").split("\n")
        if lines[-1] == "" and len(lines) > stop - start:
            lines.pop()
        if len(lines) != stop - start:
            raise InputError(f"{self.path}: the file changed while it was read; run again")
        return [line[:-1] if line.endswith("\r") else line for line in lines]

    def read_at(self, rows: NDArray[np.int64]) -> list[str]:
        """The lines of these numbers, in this order; neighbours are read together."""
        texts: list[str] = []
        breaks = np.flatnonzero(np.diff(rows) != 1) + 1
        for run in np.split(rows, breaks):
            if len(run):
                texts += self.read(int(run[0]), int(run[-1]) + 1)
        return texts

    def column(self) -> LazyColumn:
        """All lines."""
        return LazyColumn(len(self), self.read)


@dataclass(frozen=True, eq=False)
class JsonLines:
    """A JSONL file whose records are parsed when they are read."""

    lines: Lines

    def __len__(self) -> int:
        return len(self.lines)

    def read(self, start: int, stop: int) -> list[dict[str, Any]]:
        """Records start to stop."""
        return [self._record(line, start + i + 1) for i, line in enumerate(self.lines.read(start, stop))]

    def read_at(self, rows: NDArray[np.int64]) -> list[dict[str, Any]]:
        """The records of these numbers, in this order."""
        return [self._record(line, int(row) + 1) for line, row in zip(self.lines.read_at(rows), rows, strict=True)]

    def _record(self, line: str, number: int) -> dict[str, Any]:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{self.lines.path}:{number}: not valid JSON: {error}") from None
        if not isinstance(record, dict):
            raise InputError(f"{self.lines.path}:{number}: not a mapping; every line is one record")
        return record


class Spool:
    """Records kept in a temporary file that goes when nothing reads it any more: a stream, or what is read in any order."""

    def __init__(self) -> None:
        self._file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - it outlives this call
            mode="w", encoding="utf-8", newline="\n", suffix=".jsonl", prefix="evalkit-", delete=False
        )
        self._path = Path(self._file.name)
        self._remove = weakref.finalize(self, self._path.unlink, missing_ok=True)

    @classmethod
    def of(cls, rows: ParquetRows) -> JsonLines:
        """The rows as records that can be read in any order."""
        spool = cls()
        for start in range(0, len(rows), _PART):
            for record in rows.read(start, min(start + _PART, len(rows))):
                spool.append(record)
        return spool.finished()

    def append(self, record: dict[str, Any]) -> None:
        """Add a record."""
        self._file.write(json.dumps(record, ensure_ascii=True) + "\n")

    def finished(self) -> JsonLines:
        """The records; the file stays as long as they do."""
        self._file.close()
        rows = (
            _Spooled(Lines.scan(self._path))
            if self._path.stat().st_size
            else _Spooled(Lines(self._path, np.zeros(1, np.int64)))
        )
        object.__setattr__(rows, "spool", self)
        return rows


@dataclass(frozen=True, eq=False)
class _Spooled(JsonLines):
    spool: Spool | None = None


class ParquetRows:
    """The rows of one Parquet file or of several, some parts of a row group in memory at a time.

    A row group may hold a whole file, and can be read from its beginning only: reading goes on from where it is, and the
    parts read last are kept, because the columns of a benchmark are read one after the other. Rows in another order than
    the file's take far longer: :meth:`Spool.of` them first.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        import pyarrow
        import pyarrow.parquet

        self.paths = tuple(paths)
        groups: list[tuple[int, int]] = []
        ends = [0]
        for number, path in enumerate(self.paths):
            try:
                metadata = pyarrow.parquet.read_metadata(path)
            except (pyarrow.ArrowException, OSError) as error:
                raise InputError(f"{path}: not a readable Parquet file: {error}") from None
            for group in range(metadata.num_row_groups):
                groups.append((number, group))
                ends.append(ends[-1] + metadata.row_group(group).num_rows)
        self._groups = groups
        self._ends = np.array(ends, np.int64)
        self._forget()

    def _forget(self) -> None:
        self._kept: dict[tuple[int, int], list[dict[str, Any]]] = {}
        self._place = -1
        self._next = 0
        self._coming: Iterator[list[dict[str, Any]]] = iter(())

    def __getstate__(self) -> dict[str, Any]:
        return {"paths": self.paths, "_groups": self._groups, "_ends": self._ends}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    def __len__(self) -> int:
        return int(self._ends[-1])

    def read(self, start: int, stop: int) -> list[dict[str, Any]]:
        """Rows start to stop.

        :raises InputError: a file that changed or cannot be read any more.
        """
        return self.read_at(np.arange(start, stop, dtype=np.int64))

    def read_at(self, rows: NDArray[np.int64]) -> list[dict[str, Any]]:
        """The rows of these numbers, in this order; fastest where they ascend."""
        places = np.searchsorted(self._ends, rows, side="right") - 1
        within = rows - self._ends[places]
        return [
            self._part(place, row // _PART)[row % _PART]
            for place, row in zip(places.tolist(), within.tolist(), strict=True)
        ]

    def _part(self, place: int, part: int) -> list[dict[str, Any]]:
        while (place, part) not in self._kept:
            number, records = self._read_part(place, part)
            self._kept[place, number] = records
            if len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]
        return self._kept[place, part]

    def _read_part(self, place: int, part: int) -> tuple[int, list[dict[str, Any]]]:
        """The number and the records of this part, or of one on the way to it."""
        path = self.paths[self._groups[place][0]]
        if place != self._place or part < self._next:
            self._place, self._next, self._coming = place, 0, self._parts(place)
        number, records = self._next, next(self._coming, [])
        self._next += 1
        if len(records) != min(_PART, int(self._ends[place + 1] - self._ends[place]) - number * _PART):
            raise InputError(f"{path}: the file changed while it was read; run again")
        return number, records

    def _parts(self, place: int) -> Iterator[list[dict[str, Any]]]:
        import pyarrow
        import pyarrow.parquet

        number, group = self._groups[place]
        records: list[dict[str, Any]] = []
        try:
            with pyarrow.parquet.ParquetFile(self.paths[number]) as file:
                for batch in file.iter_batches(_PART, row_groups=[group]):
                    records += batch.to_pylist()
                    while len(records) >= _PART:
                        yield records[:_PART]
                        del records[:_PART]
        except (pyarrow.ArrowException, OSError) as error:
            raise InputError(f"{self.paths[number]}: cannot be read: {error}") from None
        if records:
            yield records
