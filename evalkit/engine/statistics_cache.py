"""Cache of statistics and findings: a folder of small files, keyed by everything that they depend on.

The key of an entry is a hash of the metric's signature, the versions of the packages and the code that it depends on, and
the texts of the chunk: source, references, dates, facts, terms, output. An entry consists of a SHA-256 checksum of the
key and the rest, and of the packed rows and findings (:class:`_Entry`); a corrupt entry is scored again. Entries are written
under a temporary name and renamed, so two runs may write at the same time: they write the same bytes.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from evalkit import version
from evalkit.arguments import checked_fields
from evalkit.data.columns import feed, feed_lists
from evalkit.files import remove_leftovers, replace_file
from evalkit.metrics.base import Metric, References
from evalkit.results.packed import Block, unpack_findings

DEFAULT_LIMIT = 2 * 1024**3

# Incremented whenever the format of entries changes.
_VERSION = 3


class _Entry(msgspec.Struct, array_like=True):
    """A block of rows: the type of its numbers, the numbers, and the findings if the metric reports any."""

    kind: Literal["|u1", "<u2", "<u4", "<f8"]
    rows: bytes
    findings: bytes | None


@checked_fields
@dataclass(frozen=True)
class StatisticsCache:
    """A cache in a folder.

    :param limit: size in bytes; when a run has ended, the least recently used entries are deleted first.
    :param versions: versions of the packages that the statistics depend on; those that are installed by default.
    """

    folder: Path
    versions: Mapping[str, str] = field(default_factory=version.versions)
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
            if data[:32] != _checksum(key, data[32:]):
                return None
            entry = msgspec.msgpack.decode(data[32:], type=_Entry)
            rows = np.frombuffer(entry.rows, entry.kind).reshape(shape)
            segments = None if entry.findings is None else len(unpack_findings(entry.findings))
        except (OSError, ValueError, msgspec.MsgspecError):
            return None
        if segments != (shape[0] if findings else None):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return Block(rows, entry.findings)

    def put(self, key: str, block: Block) -> None:
        """Store a block; failing to write the cache does not stop a run."""
        data = msgspec.msgpack.encode((block.rows.dtype.str, block.rows.tobytes(), block.findings))
        path = self._path(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, _checksum(key, data) + data, durable=False)

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
    return hashlib.sha256(key.encode() + data).digest()


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
