"""Cache of statistics: a folder of small files, keyed by everything that the statistics depend on.

The key of an entry is a hash of the metric's signature, the package versions that it depends on, and the texts of the
chunk: source, references, dates, facts, terms, output. An entry consists of a SHA-256 checksum of the rest, the number
type, the shape and the values, in the smallest type that represents them exactly; a corrupt entry is scored again.
Entries are written under a temporary name and renamed, so two runs may write at the same time: they write the same
bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.data.hashing import feed, feed_lists
from evalkit.files import remove_leftovers, replace_file
from evalkit.metrics.base import Metric, References

__all__ = ["StatisticsCache", "cacheable", "reference_hash", "texts_hash"]

DEFAULT_LIMIT = 2 * 1024**3

# SHA-256 of everything that follows, number type, segments, columns.
_HEAD = struct.Struct("<32sqqq")
_KINDS = {1: "<u1", 2: "<u2", 4: "<u4", 8: "<f8"}
_FULL = 8


@dataclass(frozen=True)
class StatisticsCache:
    """A cache in a folder.

    :param limit: size in bytes; when a run has ended, the least recently used entries are deleted first.
    :param versions: of the packages that the statistics depend on.
    """

    folder: Path
    versions: Mapping[str, str]
    limit: int = DEFAULT_LIMIT

    def key(self, metric_key: str, references: bytes, texts: bytes) -> str:
        """Return the name of the entry for one metric, chunk and system.

        :param references: the result of :func:`reference_hash`.
        :param texts: the result of :func:`texts_hash`.
        """
        digest = hashlib.sha256(json.dumps([metric_key, sorted(self.versions.items())]).encode())
        digest.update(references + texts)
        return digest.hexdigest()

    def get(self, key: str, shape: tuple[int, int]) -> NDArray[np.float64] | None:
        """Return the rows of an entry, or None if it is missing or corrupt."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        if len(data) < _HEAD.size or hashlib.sha256(data[32:]).digest() != data[:32]:
            return None
        _, kind, segments, columns = _HEAD.unpack_from(data)
        if (segments, columns) != shape or kind not in _KINDS:
            return None
        rows: NDArray[np.float64] = np.frombuffer(data, _KINDS[kind], offset=_HEAD.size).astype(np.float64)
        if rows.size != segments * columns:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return rows.reshape(shape)

    def put(self, key: str, rows: NDArray[np.float64]) -> None:
        """Store the rows; failing to write the cache does not stop a run."""
        kind, values = _smallest(np.ascontiguousarray(rows, "<f8"))
        data = _HEAD.pack(b"", kind, *rows.shape) + values
        path = self._path(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, hashlib.sha256(data[32:]).digest() + data[32:], durable=False)

    def trim(self) -> int:
        """Delete the least recently used entries until the cache is within its limit; return how many were deleted."""
        entries: list[tuple[float, int, Path]] = []
        for folder in self.folder.glob("??"):
            remove_leftovers(folder)
        with contextlib.suppress(OSError):
            for path in self.folder.glob("??/*.rows"):
                with contextlib.suppress(OSError):
                    status = path.stat()
                    entries.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in entries)
        gone = 0
        for _, size, path in sorted(entries, key=lambda entry: (entry[0], entry[2])):
            if total <= self.limit:
                break
            with contextlib.suppress(OSError):
                path.unlink()
                total -= size
                gone += 1
        return gone

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key[2:]}.rows"


def _smallest(rows: NDArray[np.float64]) -> tuple[int, bytes]:
    """Convert rows to the smallest number type that represents them exactly: most are small counts."""
    plain = rows.tobytes()
    low, high = (float(rows.min()), float(rows.max())) if rows.size else (0.0, 0.0)
    for kind, name in _KINDS.items():
        if name != "<f8" and low >= 0 and high <= np.iinfo(name).max:
            small = rows.astype(name)
            if small.astype("<f8").tobytes() == plain:
                return kind, small.tobytes()
    return _FULL, plain


def cacheable(metric: Metric) -> bool:
    """Return whether the signature identifies a metric: not if a setting is a function or the metric is third-party."""
    return type(metric).__module__.startswith("evalkit.") and not any(callable(v) for v in metric.settings().values())


def reference_hash(references: References) -> bytes:
    """Return the SHA-256 of the reference side of a chunk."""
    digest = hashlib.sha256()
    feed_lists(digest, references.texts)
    for f in fields(references):
        value = getattr(references, f.name)
        digest.update(f"{f.name} {type(value).__name__}\n".encode())
        if f.name == "texts":
            continue
        if isinstance(value, tuple):
            feed(digest, value)
        else:
            digest.update(json.dumps(_plain(value), ensure_ascii=True, sort_keys=True).encode() + b"\n")
    return digest.digest()


def texts_hash(texts: Sequence[str]) -> bytes:
    """Return the SHA-256 of a system's outputs for a chunk."""
    digest = hashlib.sha256()
    feed(digest, texts)
    return digest.digest()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value
