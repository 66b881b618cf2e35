"""Segment statistics as sacrebleu computes them: the reference path, for every setting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from evalkit.metrics.base import Statistics

__all__ = ["SacrebleuStatistics"]


class SacrebleuStatistics:
    """The references of n segments, counted once by a sacrebleu metric object.

    sacrebleu's own corpus functions take transposed references and warn on their own channel, so its segment functions
    are called one by one.
    """

    def __init__(
        self, peer: Any, texts: Sequence[Sequence[str]], columns: int, fold: Callable[[str], str] | None = None
    ) -> None:
        self._peer = peer
        self._columns = columns
        self._fold = fold
        self._references = [
            peer._extract_reference_info([peer._preprocess_segment(self._view(text)) for text in refs])
            for refs in texts
        ]

    def _view(self, text: str) -> str:
        return text if self._fold is None else self._fold(text)

    def rows(self, hypotheses: Sequence[str]) -> Statistics:
        """float64[n, columns]: row i is sacrebleu's for hypothesis i."""
        peer = self._peer
        rows = [
            peer._compute_segment_statistics(peer._preprocess_segment(self._view(text)), info)
            for text, info in zip(hypotheses, self._references, strict=True)
        ]
        return np.array(rows, dtype=np.float64).reshape(len(hypotheses), self._columns)
