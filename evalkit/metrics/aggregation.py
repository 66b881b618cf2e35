"""How the fact metrics aggregate segments.

Each row ends in ``credit`` and ``weight``. The weight of a segment depends only on its source and references. Errors
that an output adds or contradicts are subtracted from its credit, which never falls below 0; an empty output has credit
0. Therefore, emptying or deleting an output never raises a score. The formulas of earlier versions, whose denominators
depend on the output, remain available as ``aggregate=pooled``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

AGGREGATES = ("segments", "pooled")
AGGREGATE_DOC = "segments, or pooled: the formula of the version before, which an empty output can raise"


def ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """``part / whole``, nan where the whole is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(part / np.where(whole == 0, np.nan, whole), dtype=np.float64)
