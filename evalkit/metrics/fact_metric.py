"""The base class of the fact metrics, which judge each output once for both its statistics and its findings.

Each row of statistics ends with credit and weight. The weight of a segment depends only on its source and references. Errors
that an output adds or contradicts are subtracted from its credit, which never falls below 0; an empty output has credit
0. Therefore, emptying or deleting an output never raises a score. The formulas of earlier versions, whose denominators
depend on the output, remain available as ``aggregate=pooled``.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.metrics.base import Finding, Metric, References, Statistics

AGGREGATES = ("segments", "pooled")
AGGREGATE_DOC = "segments, or pooled: the formula of the previous version, in which an empty output can raise the score"


class FactMetric(Metric):
    """A metric that judges each output independently.

    The object that :meth:`prepare` returns has three methods: ``judge(i, text)`` returns a judgement of the output of
    segment i, ``row(i, text, judgement)`` its statistics in the order of the columns, and ``findings(i, text, judgement)``
    its findings.
    """

    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    cost: ClassVar[int] = 12

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> Statistics:
        return self._array([prepared.row(i, text, prepared.judge(i, text)) for i, text in enumerate(hypotheses)])

    def _array(self, rows: list[tuple[float, ...]]) -> Statistics:
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.columns))

    def explain(self, hypothesis: str, references: References, index: int) -> tuple[Finding, ...]:
        """Return the findings of one output, with their positions."""
        prepared = self._prepared_once(references)
        return tuple(prepared.findings(index, hypothesis, prepared.judge(index, hypothesis)))

    def explained_statistics(
        self, hypotheses: Sequence[str], references: References
    ) -> tuple[Statistics, list[tuple[Finding, ...]]]:
        """Return the statistics and the findings of each output, judging each output once."""
        prepared = self._prepared_once(references)
        rows, findings = [], []
        for i, text in enumerate(hypotheses):
            judgement = prepared.judge(i, text)
            rows.append(prepared.row(i, text, judgement))
            findings.append(tuple(prepared.findings(i, text, judgement)))
        return self._array(rows), findings


def ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``part / whole``; nan if the whole is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(part / np.where(whole == 0, np.nan, whole), dtype=np.float64)
