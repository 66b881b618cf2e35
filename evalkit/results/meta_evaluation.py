"""How far metrics agree with people, on the systems and segments that people have judged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit import stats
from evalkit.errors import InputError
from evalkit.results.results import Results
from evalkit.results.task_results import TaskResults, number

__all__ = ["AgreementRow", "agree"]

#: measure and level, in the order of the table; ``item`` groups segments by source, as WMT does since 2023.
_FIGURES = (
    ("system", "pearson"),
    ("system", "kendall-b"),
    ("system", "accuracy"),
    ("system", "soft-pairwise-accuracy"),
    ("segment", "pearson"),
    ("segment", "kendall-b"),
    ("item", "calibrated-accuracy"),
)


@dataclass(frozen=True)
class AgreementRow:
    """One figure of agreement of one metric; ``reason`` says why it, or its interval, is None."""

    task: str
    metric: str
    level: str
    measure: str
    value: float | None
    low: float | None
    high: float | None
    count: int
    reason: str | None
    note: str


def agree(
    results: Results,
    human: Mapping[str, NDArray[np.float64]],
    *,
    task: str | None = None,
    trials: int = 200,
    confidence: float = 0.95,
) -> tuple[list[AgreementRow], list[str]]:
    """Agreement of every metric of a task with people, and warnings about what stands behind it.

    :param human: by system, float64[n] in the order of the task's segments, higher is better, nan where not judged.
    :param trials: resamples for the intervals.
    :raises InputError: fewer than two systems that both people and metrics have scored.
    """
    t = results.task(task)
    common = [name for name in t.systems if name in human]
    if len(common) < 2:
        raise InputError(
            f"{t.name}: people and the run have {len(common)} systems in common; at least two are needed. "
            f"Judged: {', '.join(human)}. Scored: {', '.join(t.systems)}"
        )
    gold = np.stack([human[name] for name in common])
    index = [t.system_index(name) for name in common]
    groups = t.groups()
    rows: list[AgreementRow] = []
    for scored in t.metrics:
        statistics = t.statistics[scored.label][index]
        sign = 1.0 if scored.higher_is_better else -1.0
        segments = sign * scored.metric.score(statistics)
        for level, measure in _FIGURES:
            if level == "system":
                soft = measure == "soft-pairwise-accuracy"
                found = stats.agreement.system_agreement(
                    gold,
                    segments if soft else statistics,
                    None if soft else scored.metric.score,
                    measure,
                    higher_is_better=soft or scored.higher_is_better,
                    groups=groups,
                    trials=trials,
                    confidence=confidence,
                    seed=results.seed,
                )
            else:
                found = stats.agreement.segment_agreement(
                    gold,
                    segments,
                    measure,
                    by="none" if level == "segment" else "item",
                    groups=groups,
                    trials=0 if (level, measure) == ("item", "calibrated-accuracy") else trials,
                    confidence=confidence,
                    seed=results.seed,
                )
            rows.append(
                AgreementRow(
                    task=t.name,
                    metric=scored.label,
                    level=level,
                    measure=measure,
                    value=number(found.value),
                    low=number(found.low),
                    high=number(found.high),
                    count=found.count,
                    reason=found.reason,
                    note=found.note,
                )
            )
    return rows, _warnings(t, rows, human, common)


def _warnings(
    t: TaskResults, rows: list[AgreementRow], human: Mapping[str, NDArray[np.float64]], common: list[str]
) -> list[str]:
    found: list[str] = []
    pearson = [r for r in rows if (r.level, r.measure) == ("system", "pearson") and r.value is not None]
    negative = [r.metric for r in pearson if r.value is not None and r.value < 0]
    if negative:
        found.append(
            f"{', '.join(negative)} order systems against people (negative system Pearson): look at the reference before "
            "the systems"
        )
    means = {name: float(np.nanmean(human[name])) for name in common if not np.isnan(human[name]).all()}
    for name in t.texts.reference_names if t.texts else ():
        judged = next((part for part in [name, *re.split(r"[._]", name)] if part in human and part not in common), None)
        if judged is None or np.isnan(human[judged]).all():
            continue
        own = float(np.nanmean(human[judged]))
        better = [system for system, mean in means.items() if mean > own]
        if 2 * len(better) > len(means):
            found.append(
                f"people put the reference {judged} ({own:.2f}) below {len(better)} of {len(means)} systems: scores against "
                "it reward being like a poor text"
            )
    return found
