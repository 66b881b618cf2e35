"""Statistics scored before: a folder of small files, keyed by what they depend on.

The key of an entry is a hash of the metric's signature, of the versions that stand behind it, and of the texts of the
chunk: source, references, dates, facts, terms, output. An entry is a header of 32 bytes (SHA-256 of the rest), the shape
and the float64 values; one that does not hold together is scored anew. Entries are written under a temporary name and
renamed, so two runs may write at once: they write the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.metrics.base import Metric, References

__all__ = ["StatisticsCache", "cacheable", "reference_hash"]

DEFAULT_LIMIT = 2 * 1024**3


@dataclass(frozen=True)
class StatisticsCache:
    """A cache in a folder.

    :param limit: bytes; the entries used longest ago go first when a run has ended.
    :param versions: of the packages that numbers depend on.
    """

    folder: Path
    versions: Mapping[str, str]
    limit: int = DEFAULT_LIMIT

    def key(self, metric_key: str, references: bytes, texts: Sequence[str]) -> str:
        """Name of the entry for one metric, chunk and system."""
        digest = hashlib.sha256(json.dumps([metric_key, sorted(self.versions.items())]).encode())
        digest.update(references)
        for text in texts:
            data = text.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "little") + data)
        return digest.hexdigest()

    def get(self, key: str, shape: tuple[int, int]) -> NDArray[np.float64] | None:
        """The rows of an entry, or None where there is none that holds together."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        rest = data[32:]
        if len(rest) != 16 + 8 * shape[0] * shape[1] or hashlib.sha256(rest).digest() != data[:32]:
            return None
        if tuple(np.frombuffer(rest[:16], "<i8").tolist()) != shape:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return np.frombuffer(rest[16:], "<f8").astype(np.float64).reshape(shape)

    def put(self, key: str, rows: NDArray[np.float64]) -> None:
        """Keep the rows; a cache that cannot be written is no reason to stop a run."""
        rest = np.array(rows.shape, "<i8").tobytes() + np.ascontiguousarray(rows, "<f8").tobytes()
        path = self._path(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(hashlib.sha256(rest).digest() + rest)
                Path(temporary).replace(path)
            except OSError:
                Path(temporary).unlink(missing_ok=True)

    def trim(self) -> int:
        """Delete the entries used longest ago until the limit holds; how many went."""
        entries: list[tuple[float, int, Path]] = []
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


def cacheable(metric: Metric) -> bool:
    """Whether a signature tells all: not for a function as a setting, nor for metrics from elsewhere."""
    return type(metric).__module__.startswith("evalkit.") and not any(callable(v) for v in metric.settings().values())


def reference_hash(references: References) -> bytes:
    """SHA-256 of the reference side of a chunk."""
    return hashlib.sha256(json.dumps(_plain(references), ensure_ascii=True, sort_keys=True).encode()).digest()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value
