"""Health: the share of outputs that are whole, sound outputs at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.metrics.aggregation import ratio
from evalkit.metrics.base import Finding, Metric, References, Statistics
from evalkit.text.health_checks import Expected, expect, problems


@dataclass(frozen=True)
class Health(Metric):
    """Share of the outputs without a failing check, 0 to 1.

    The checks: empty, a refusal, wrong language (by script), source copied, Chinese left untranslated, words of a prompt
    left over, cut off in the middle of a sentence, repetition, a length the references do not span, unpaired quotes or
    brackets. A check fails only where the output does what neither the source nor any reference does; see
    :mod:`evalkit.text.health_checks` for the limits of each. A segment with a blank reference asks for nothing and is
    left out; elsewhere a blank output always fails.
    """

    name: ClassVar[str] = "Health"
    version: ClassVar[int] = 2
    summary: ClassVar[str] = "share of outputs that are whole and sound"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)

    columns: ClassVar[tuple[str, ...]] = ("sound", "segments")

    def prepare(self, references: References) -> Any:
        """What is normal for each segment."""
        sources: Sequence[str | None] = references.sources or [None] * len(references)
        known: dict[tuple[tuple[str, ...], str | None], Expected] = {}
        for pair in zip(references.texts, sources, strict=True):
            if pair not in known:
                texts, source = pair
                known[pair] = expect(references.lang, texts, source, references.source_lang, references.kind)
        return _Prepared(tuple(known[pair] for pair in zip(references.texts, sources, strict=True)))

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> Statistics:
        rows = np.zeros((len(hypotheses), 2))
        for row, text, expected in zip(rows, hypotheses, prepared.segments, strict=True):
            if not expected.may_be_blank:
                row[:] = not any(problem.severity == "error" for problem in problems(text, expected)), 1
        return rows

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """Sound outputs over all: float64[..., 2] to float64[...]."""
        s = np.asarray(statistics, dtype=np.float64)
        return ratio(s[..., 0], s[..., 1])

    def explain(self, hypothesis: str, references: References, index: int) -> tuple[Finding, ...]:
        """The checks that fail, and warnings of what may be right in a segment of a longer text."""
        return tuple(
            Finding(problem.check, problem.severity, problem.message, output_span=problem.span, key=problem.check)
            for problem in problems(hypothesis, self._kept(references).segments[index])
        )


@dataclass(frozen=True)
class _Prepared:
    segments: tuple[Expected, ...]
