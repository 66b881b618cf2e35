"""Statistics and findings, packed: a run of a million segments holds them in a fraction of the memory.

Both come in blocks of some thousand segments. A block of rows uses the smallest number type that represents its numbers
exactly, since most are small counts; a block of findings is compressed JSON. Reading gives float64 and findings again.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from evalkit.metrics.base import Finding

Floats = NDArray[np.float64]

# Segments per block where whole arrays and lists are packed.
_BLOCK = 2048

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(list[tuple[Finding, ...]])


@dataclass(frozen=True, eq=False)
class Block:
    """The packed results of one metric for consecutive segments of one system; without ``findings`` if it reports none."""

    rows: NDArray[Any]
    findings: bytes | None = None


def smallest(rows: Floats) -> NDArray[Any]:
    """The same numbers in the smallest type that represents all of them exactly: unsigned integers or float64."""
    plain = np.ascontiguousarray(rows, "<f8")
    low, high = (float(plain.min()), float(plain.max())) if plain.size else (0.0, 0.0)
    for kind in ("<u1", "<u2", "<u4"):
        if low >= 0 and high <= np.iinfo(kind).max:
            small = plain.astype(kind)
            # Compared as bytes, because -0.0 equals 0.
            if small.astype("<f8").tobytes() == plain.tobytes():
                return small
    return plain


class PackedRows:
    """float64[systems, n, k], stored as blocks that may be added in any order."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.shape = shape
        self._blocks: list[dict[int, NDArray[Any]]] = [{} for _ in range(shape[0])]

    def pack(self, system: int, start: int, rows: Floats) -> None:
        """Pack and add the rows of the segments from ``start`` on, float64[m, k]."""
        for first in range(0, len(rows), _BLOCK):
            self.put(system, start + first, smallest(rows[first : first + _BLOCK]))

    def put(self, system: int, start: int, rows: NDArray[Any]) -> None:
        """Add the rows of the segments from ``start`` on, as :func:`smallest` returns them."""
        self._blocks[system][start] = rows

    def read(self, system: int, start: int, stop: int) -> Floats:
        """float64[stop - start, k]: the rows of some segments of one system."""
        rows = np.empty((stop - start, self.shape[2]))
        blocks = self._blocks[system]
        starts = sorted(blocks)
        for first in starts[max(0, bisect_right(starts, start) - 1) :]:
            if first >= stop:
                break
            part = blocks[first][max(0, start - first) : stop - first]
            place = max(0, first - start)
            rows[place : place + len(part)] = part
        return rows

    def array(self) -> Floats:
        """float64[systems, n, k]: all rows."""
        rows = np.empty(self.shape)
        for system, of_system in enumerate(rows):
            for start, part in self._blocks[system].items():
                of_system[start : start + len(part)] = part
        return rows


class PackedStatistics(Mapping[str, Floats]):
    """By metric label, float64[systems, n, k]; the arrays are stored packed, and each lookup unpacks one."""

    def __init__(self, packed: Mapping[str, PackedRows]) -> None:
        self.packed = dict(packed)

    @classmethod
    def of(cls, statistics: Mapping[str, Floats]) -> PackedStatistics:
        """Pack arrays, float64[systems, n, k]."""
        packed: dict[str, PackedRows] = {}
        for label, rows in statistics.items():
            systems, n, k = rows.shape
            packed[label] = PackedRows((systems, n, k))
            for system in range(systems):
                packed[label].pack(system, 0, np.asarray(rows[system], np.float64))
        return cls(packed)

    def __getitem__(self, label: str) -> Floats:
        return self.packed[label].array()

    def __iter__(self) -> Iterator[str]:
        return iter(self.packed)

    def __len__(self) -> int:
        return len(self.packed)


def pack_findings(findings: Sequence[tuple[Finding, ...]]) -> bytes:
    """Compress the findings of consecutive segments."""
    return zlib.compress(_ENCODER.encode(findings), 1)


def unpack_findings(data: bytes) -> list[tuple[Finding, ...]]:
    """Return what was packed; a ``ValueError`` for other data."""
    try:
        return _DECODER.decode(zlib.decompress(data))
    except (zlib.error, msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"these are not packed findings ({error})") from None


class PackedFindings(Sequence[tuple[Finding, ...]]):
    """The findings of n segments, stored as blocks that may be added in any order."""

    def __init__(self, segments: int) -> None:
        self._segments = segments
        self._blocks: dict[int, bytes] = {}
        self._last: tuple[int, list[tuple[Finding, ...]]] = -1, []

    @classmethod
    def of(cls, findings: Iterable[tuple[Finding, ...]]) -> PackedFindings:
        """Pack the findings of all segments."""
        packed, left = cls(0), iter(findings)
        while block := list(islice(left, _BLOCK)):
            packed.put(len(packed), pack_findings(block))
            packed._segments += len(block)
        return packed

    def put(self, start: int, findings: bytes) -> None:
        """Add the findings of the segments from ``start`` on, as :func:`pack_findings` returns them."""
        self._blocks[start] = findings

    def __len__(self) -> int:
        return self._segments

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        i = range(len(self))[index]
        start, findings = self._last
        if not 0 <= i - start < len(findings):
            starts = sorted(self._blocks)
            start = starts[bisect_right(starts, i) - 1]
            findings = unpack_findings(self._blocks[start])
            self._last = start, findings
        return findings[i - start]

    def __iter__(self) -> Iterator[tuple[Finding, ...]]:
        for start in sorted(self._blocks):
            yield from unpack_findings(self._blocks[start])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]
