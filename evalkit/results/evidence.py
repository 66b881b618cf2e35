"""What the statistics say of one metric: intervals, rank clusters and every pair of systems, as plain numbers for a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.results.task_results import ScoredMetric, TaskResults
from evalkit.stats import Intervals, compare, intervals_together, rank

__all__ = ["ALL_PAIRS", "Evidence", "Pair", "gather_all"]

#: With more systems than this, only pairs with the baseline are compared: pairs grow with the square.
ALL_PAIRS = 30

Number = float | None


@dataclass(frozen=True)
class Pair:
    """The first system beside the second.

    :param difference: score of the first less score of the second; None where undefined.
    :param low: lower bound of the difference.
    :param high: upper bound of the difference.
    :param p: two-sided, corrected for the number of pairs; None where it was not tested.
    :param verdict: of the first: ``better``, ``worse``, ``same`` (equal on every segment), ``open`` (cannot be told
        apart) or ``untested``.
    """

    difference: Number
    low: Number
    high: Number
    p: Number
    verdict: str

    def turned(self) -> Pair:
        """The second system beside the first."""
        opposite = {"better": "worse", "worse": "better"}
        return Pair(
            _minus(self.difference),
            _minus(self.high),
            _minus(self.low),
            self.p,
            opposite.get(self.verdict, self.verdict),
        )


@dataclass(frozen=True)
class Evidence:
    """One metric of one task.

    :param low: by system, lower bound of the score's interval, or None.
    :param high: by system, upper bound.
    :param cluster: by system, 1 for the best cluster; None where not all pairs were compared or there is no score.
    :param ranks: by system, the best and worst rank that significance allows.
    :param pairs: by the numbers of two systems; both directions of each.
    :param note: one sentence on what was resampled.
    :param method: one sentence on the test.
    :param confidence: of all intervals, such as ``95%``; empty where the units are too few for it.
    """

    low: tuple[Number, ...]
    high: tuple[Number, ...]
    cluster: tuple[int | None, ...]
    ranks: tuple[tuple[int, int] | None, ...]
    pairs: dict[tuple[int, int], Pair]
    note: str
    method: str
    confidence: str

    def pair(self, first: int, second: int) -> Pair | None:
        """The first system beside the second, or None where they were not compared."""
        return self.pairs.get((first, second))


def gather_all(task: TaskResults, baseline: int, seed: int) -> dict[str, Evidence]:
    """Ask the statistics everything a report shows of each metric, by label."""
    groups = task.groups()
    measured = [(task.statistics[scored.label], scored.metric.score) for scored in task.metrics]
    spreads = intervals_together(measured, groups, seed=seed)
    return {
        scored.label: _gather(task, scored, spread, groups, baseline, seed)
        for scored, spread in zip(task.metrics, spreads, strict=True)
    }


def _gather(
    task: TaskResults,
    scored: ScoredMetric,
    spread: Intervals,
    groups: NDArray[np.int64] | None,
    baseline: int,
    seed: int,
) -> Evidence:
    rows, n = task.statistics[scored.label], len(task.systems)
    cluster: tuple[int | None, ...] = (None,) * n
    ranks: tuple[tuple[int, int] | None, ...] = (None,) * n
    if n <= ALL_PAIRS:
        ranking = rank(rows, scored.metric.score, groups, seed=seed, higher_is_better=scored.higher_is_better)
        compared = ranking.comparison
        if n > 1 and any(reason is None for reason in compared.reasons):
            cluster = tuple(int(c) or None for c in ranking.cluster)
            ranks = tuple(
                (int(a), int(b)) if a else None for a, b in zip(ranking.rank_low, ranking.rank_high, strict=True)
            )
    else:
        pairs = [(i, baseline) for i in range(n) if i != baseline]
        compared = compare(
            rows, scored.metric.score, pairs, groups, seed=seed, higher_is_better=scored.higher_is_better
        )
    found: dict[tuple[int, int], Pair] = {}
    for k, (i, j) in enumerate(compared.pairs.tolist()):
        p = _number(compared.p_corrected[k])
        same = bool(np.array_equal(rows[i], rows[j]))
        pair = Pair(
            _number(compared.difference[k]),
            _number(compared.low[k]),
            _number(compared.high[k]),
            p,
            _verdict(int(compared.better[k]), i, p, same),
        )
        found[i, j], found[j, i] = pair, pair.turned()
    method = ""
    if found and any(pair.p is not None for pair in found.values()):
        correction = f", corrected for {len(compared.pairs)} pairs ({compared.correction.capitalize()})"
        method = (
            f"paired {compared.method}, {compared.trials:,} trials"
            f"{correction if len(compared.pairs) > 1 else ''}; told apart at p ≤ {compared.alpha:g}"
        )
    # With so few units no interval of this confidence exists; evalkit.stats.resampling_units says so in its note.
    bearable = spread.units >= 2 and 1 - 2.0 ** (1 - spread.units) >= spread.confidence
    confidence = f"{100 * spread.confidence:g}%" if bearable else ""
    return Evidence(
        low=_numbers(spread.low),
        high=_numbers(spread.high),
        cluster=cluster,
        ranks=ranks,
        pairs=found,
        note=f"{confidence} intervals, {spread.note}".strip()
        if spread.reason is None
        else f"no intervals: {spread.reason}",
        method=method,
        confidence=confidence,
    )


def _verdict(better: int, first: int, p: Number, same: bool) -> str:
    if same:
        return "same"
    if p is None:
        return "untested"
    if better < 0:
        return "open"
    return "better" if better == first else "worse"


def _number(value: float) -> Number:
    value = float(value)
    return value if math.isfinite(value) else None


def _numbers(values: Sequence[float] | np.ndarray) -> tuple[Number, ...]:
    return tuple(_number(v) for v in values)


def _minus(value: Number) -> Number:
    return None if value is None else 0.0 - value
