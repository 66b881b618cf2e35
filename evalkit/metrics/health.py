"""Health: the share of outputs that are complete and well-formed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.metrics.base import Finding, References, Statistics, mean_score
from evalkit.metrics.fact_metric import FactMetric
from evalkit.text.health_checks import CHECKS, Expected, Problem, problems


@dataclass(frozen=True)
class Health(FactMetric):
    """Share of the outputs without a failing check, 0 to 1.

    The checks: empty output, refusal, wrong language (by script), copied source, untranslated Chinese, leftover words
    of a prompt, text cut off in the middle of a sentence, repetition, a length outside the range of the references,
    unpaired quotes or brackets. A check fails only if the output does something that neither the source nor any
    reference does; see :mod:`evalkit.text.health_checks` for the limits of each check. Segments with a blank reference
    are excluded; in all others a blank output fails.
    """

    name: ClassVar[str] = "Health"
    version: ClassVar[int] = 3
    finding_kinds: ClassVar[tuple[str, ...]] = CHECKS
    summary: ClassVar[str] = "share of outputs that are complete and well-formed"

    columns: ClassVar[tuple[str, ...]] = ("sound", "segments")

    def prepare(self, references: References) -> Any:
        """The normal properties of each segment, from its source and references."""
        sources: Sequence[str | None] = references.sources or [None] * len(references)

        @cache
        def expected(texts: tuple[str, ...], source: str | None) -> Expected:
            return Expected(references.lang, texts, source, references.source_lang, references.kind)

        return _Prepared(tuple(map(expected, references.texts, sources)))

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """Outputs without a failing check over all outputs: float64[..., 2] to float64[...]."""
        return mean_score(statistics)


@dataclass(frozen=True)
class _Prepared:
    segments: tuple[Expected, ...]

    def judge(self, i: int, text: str) -> list[Problem]:
        return problems(text, self.segments[i])

    def row(self, i: int, _text: str, judgement: Sequence[Problem]) -> tuple[int, int]:
        if self.segments[i].may_be_blank:
            return 0, 0
        return int(all(problem.severity != "error" for problem in judgement)), 1

    def findings(self, _i: int, _text: str, judgement: Sequence[Problem]) -> Iterator[Finding]:
        return (Finding(p.check, p.severity, p.message, output_span=p.span, key=p.check) for p in judgement)
