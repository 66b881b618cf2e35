"""Cache of statistics and findings: a folder of small files, keyed by everything that they depend on.

The key of an entry is a hash of the metric's signature, the versions of the packages and the code that it depends on, and
the texts of the chunk: source, references, dates, facts, terms, output. An entry consists of a SHA-256 checksum of the
key and the rest, the number type, the shape, the values in the smallest type that represents them exactly, and the findings as
compressed JSON; a corrupt entry is scored again. Entries are written under a temporary name and renamed, so two runs may
write at the same time: they write the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from evalkit.data.columns import feed, feed_lists
from evalkit.files import remove_leftovers, replace_file
from evalkit.metrics.base import Metric, References
from evalkit.results.packed import Block, unpack_findings

DEFAULT_LIMIT = 2 * 1024**3

# SHA-256 of everything that follows, bytes per number, segments, columns, bytes of findings (-1 for none).
_HEAD = struct.Struct("<32sqqqq")
_KINDS = {1: "<u1", 2: "<u2", 4: "<u4", 8: "<f8"}
# Incremented whenever the format of entries changes.
_VERSION = 2


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
        parts = [_VERSION, _code(), metric_key, sorted(self.versions.items())]
        digest = hashlib.sha256(json.dumps(parts).encode())
        digest.update(references + texts)
        return digest.hexdigest()

    def get(self, key: str, shape: tuple[int, int], *, findings: bool = False) -> Block | None:
        """Return an entry, or None if it is missing or corrupt.

        :param findings: whether the metric reports findings.
        """
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        if len(data) < _HEAD.size or _checksum(key, data) != data[:32]:
            return None
        _, kind, segments, columns, size = _HEAD.unpack_from(data)
        count = segments * columns
        end = _HEAD.size + kind * count
        if (segments, columns) != shape or kind not in _KINDS or len(data) != end + max(0, size):
            return None
        rows: NDArray[Any] = np.frombuffer(data[_HEAD.size : end], _KINDS[kind]).reshape(shape)
        packed = data[end:] if size >= 0 else None
        if findings != (packed is not None):
            return None
        try:
            if packed is not None and len(unpack_findings(packed)) != segments:
                return None
        except ValueError:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return Block(rows, packed)

    def put(self, key: str, block: Block) -> None:
        """Store a block; failing to write the cache does not stop a run."""
        rows, findings = block.rows, block.findings
        size = -1 if findings is None else len(findings)
        data = _HEAD.pack(b"", rows.itemsize, *rows.shape, size) + rows.tobytes() + (findings or b"")
        path = self._path(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, _checksum(key, data) + data[32:], durable=False)

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


def _checksum(key: str, data: bytes) -> bytes:
    """The checksum of an entry, which holds under its own key only: a file that was renamed is not another entry."""
    return hashlib.sha256(key.encode() + data[32:]).digest()


@cache
def _code() -> str:
    """A hash of the code and word lists that compute statistics and findings, so that changed code is never trusted."""
    digest = hashlib.sha256()
    package = Path(__file__).parents[1]
    for room in ("metrics", "text"):
        for path in sorted((package / room).rglob("*.*")):
            if path.suffix in (".py", ".toml", ".tsv", ".yaml"):
                digest.update(f"{path.relative_to(package).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()


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
            digest.update(msgspec.json.encode(value, enc_hook=dict, order="sorted") + b"\n")
    return digest.digest()


def texts_hash(texts: Sequence[str]) -> bytes:
    """Return the SHA-256 of a system's outputs for a chunk."""
    digest = hashlib.sha256()
    feed(digest, texts)
    return digest.digest()
