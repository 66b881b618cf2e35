"""What a metric finds in an output, and what it computes for a system."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Statistics = NDArray[np.float64]


@dataclass(frozen=True)
class Finding:
    """One observation about a hypothesis that explains its score.

    :param kind: for example ``missing``, ``added``, ``wrong-value``, ``contradicted``, ``cut-off``.
    :param severity: ``error``, ``warning`` or ``ok`` (an ``ok`` finding links a matched pair).
    :param message: one sentence for the user.
    :param source_span: half-open character span in the source, if any.
    :param output_span: half-open character span in the hypothesis, if any.
    :param key: the subject of the finding: a fact's id, a term, a quantity in normal form.
    """

    kind: str
    severity: str
    message: str
    source_span: tuple[int, int] | None = None
    output_span: tuple[int, int] | None = None
    key: str = ""


@dataclass(frozen=True, eq=False)
class SystemStatistics:
    """The statistics that a metric computed for one system.

    :param rows: float64[n, k], one row per segment; all zero where the judgment failed.
    :param undefined: the reason for each segment whose judgment failed, by segment index. Segments to which the metric
        does not apply are not included; their rows are zero.
    :param findings: the findings of the metric, by segment index.
    """

    rows: Statistics
    undefined: Mapping[int, str] = field(default_factory=dict)
    findings: Mapping[int, tuple[Finding, ...]] = field(default_factory=dict)
