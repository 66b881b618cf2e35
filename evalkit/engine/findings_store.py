"""The findings of one metric for one system, which are moved to a file when they are many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import msgspec
import numpy as np

from evalkit.data.columns import TextWriter
from evalkit.metrics.base import Finding

__all__ = ["FindingsWriter"]

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(tuple[Finding, ...])


class FindingsWriter:
    """Collects the findings of n segments in any order.

    A finding takes about half a kilobyte as an object, and in a run of a million segments there may be as many.
    """

    def __init__(self, segments: int) -> None:
        self._texts = TextWriter()
        self._places = np.full(segments, -1, np.int32)

    def put(self, start: int, findings: Sequence[tuple[Finding, ...]]) -> None:
        """Add the findings of the segments from ``start`` on."""
        for i, segment_findings in enumerate(findings, start):
            if segment_findings:
                self._places[i] = len(self._texts)
                self._texts.append(_ENCODER.encode(segment_findings).decode())

    def __bool__(self) -> bool:
        return len(self._texts) > 0

    def column(self) -> Sequence[tuple[Finding, ...]]:
        """The findings of each segment: objects if they are few, else read from the file as they are needed."""
        findings = _Findings(self._texts.column(self._places))
        return findings if self._texts.spilled else tuple(findings)


class _Findings(Sequence[tuple[Finding, ...]]):
    """The findings of n segments as JSON; an empty text for a segment without findings."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, index: int) -> tuple[Finding, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> list[tuple[Finding, ...]]: ...
    def __getitem__(self, index: int | slice) -> Any:
        return list(map(_decoded, self._texts[index])) if isinstance(index, slice) else _decoded(self._texts[index])

    def __iter__(self) -> Iterator[tuple[Finding, ...]]:
        return map(_decoded, self._texts)


def _decoded(text: str) -> tuple[Finding, ...]:
    return _DECODER.decode(text) if text else ()
