"""Differences, intervals and ranks of the systems of a run: the statistics room's arrays as named rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from evalkit import stats
from evalkit.errors import InputError, SettingError
from evalkit.results.task_results import ScoredMetric, TaskResults, number

if TYPE_CHECKING:
    import pandas

__all__ = [
    "Difference",
    "Differences",
    "Influence",
    "Interval",
    "Rank",
    "compare",
    "intervals",
    "jackknife",
    "rank",
]


@dataclass(frozen=True)
class Difference:
    """One pair of systems on one metric.

    :param difference: score of ``system`` less score of ``baseline``; ``low`` and ``high`` bound it.
    :param p: two-sided; ``p_corrected`` for the number of pairs of this task and metric.
    :param better: the better of the two where the corrected test says so, else None.
    :param smallest: the smallest true difference these data would show in four of five cases.
    :param reason: why something is None, where it is.
    :param unit: what was resampled, and ``units`` how many.
    :param agreement: share of pairs of systems so far apart on this metric that people rank the same way, where that
        is published.
    """

    task: str
    metric: str
    system: str
    baseline: str
    score: float | None
    baseline_score: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    p_corrected: float | None
    better: str | None
    smallest: float | None
    reason: str | None
    method: str
    unit: str
    units: int
    note: str
    agreement: float | None = None


class Differences(Sequence[Difference]):
    """Rows of a comparison."""

    def __init__(self, rows: Sequence[Difference]) -> None:
        self._rows = tuple(rows)

    @overload
    def __getitem__(self, index: int) -> Difference: ...
    @overload
    def __getitem__(self, index: slice) -> Differences: ...
    def __getitem__(self, index: int | slice) -> Difference | Differences:
        return Differences(self._rows[index]) if isinstance(index, slice) else self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return "\n".join(f"{d.task} {d.metric}: {sentence(d)}" for d in self._rows) or "<no differences>"

    def to_dicts(self) -> list[dict[str, Any]]:
        """Rows as plain dictionaries."""
        return [dataclasses.asdict(row) for row in self._rows]

    def to_pandas(self) -> pandas.DataFrame:
        """Rows as a pandas DataFrame."""
        import pandas

        frame: pandas.DataFrame = pandas.DataFrame(
            self.to_dicts(), columns=[f.name for f in dataclasses.fields(Difference)]
        )
        return frame


@dataclass(frozen=True)
class Interval:
    """A corpus score with its interval; ``note`` says what was resampled and what the interval speaks of."""

    task: str
    metric: str
    system: str
    score: float | None
    low: float | None
    high: float | None
    reason: str | None
    unit: str
    units: int
    note: str


@dataclass(frozen=True)
class Rank:
    """Where a system stands: systems of one ``cluster`` are not told apart; 0 stands for no score.

    :param best: the best rank that significance allows, and ``worst`` the worst.
    """

    task: str
    metric: str
    system: str
    score: float | None
    cluster: int
    best: int
    worst: int
    reason: str | None


@dataclass(frozen=True)
class Influence:
    """What one article (or segment) adds to a system's score, or to its difference from a baseline.

    :param unit: its id.
    :param influence: the figure with it less the figure without it; None where undefined.
    """

    task: str
    metric: str
    system: str
    baseline: str | None
    unit: str
    influence: float | None


def sentence(d: Difference) -> str:
    """One comparison in words.

    >>> # "a is better than b: +1.20 [0.30, 2.10], p = .004"
    """
    if d.difference is None or d.p_corrected is None:
        return f"{d.system} and {d.baseline} cannot be compared: {d.reason}"
    figures = f"{d.difference:+.3g}"
    if d.low is not None and d.high is not None:
        figures += f" [{d.low:.3g}, {d.high:.3g}]"
    figures += f", p = {p_value(d.p_corrected)}"
    if d.better is None:
        return f"{d.system} and {d.baseline} cannot be told apart: {figures}"
    worse = d.baseline if d.better == d.system else d.system
    return f"{d.better} is better than {worse}: {figures}"


def p_value(p: float) -> str:
    """A p-value as it is printed: three decimals without the leading zero."""
    return "<.001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def compare(
    tasks: Sequence[TaskResults],
    seed: int,
    baseline: str | None,
    metric: str | None,
    method: str,
    trials: int | None,
    confidence: float,
    correction: str,
    compat: str | None = None,
) -> Differences:
    """See :meth:`evalkit.results.results.Results.compare`."""
    rows: list[Difference] = []
    for t in tasks:
        if len(t.systems) < 2 or (baseline is not None and baseline not in t.systems):
            continue
        pairs = stats.all_pairs(len(t.systems))
        if baseline is not None:
            b = t.system_index(baseline)
            pairs = [(i, b) for i in range(len(t.systems)) if i != b]
        for scored in _metrics(t, metric):
            rows += _compare(t, scored, pairs, method, trials, seed, confidence, correction, compat)
    if not rows:
        if baseline is not None and not any(baseline in t.systems for t in tasks):
            tasks[0].system_index(baseline)
        raise InputError("there are no two systems to compare in one task; score at least two")
    return Differences(rows)


def _compare(
    t: TaskResults,
    scored: ScoredMetric,
    pairs: Sequence[tuple[int, int]],
    method: str,
    trials: int | None,
    seed: int,
    confidence: float,
    correction: str,
    compat: str | None,
) -> Iterator[Difference]:
    # The roundings of the peer have to be made where its very p-values are wanted.
    formula = stats.compat.formula(scored.metric.name, scored.metric.settings()) if compat else None
    found = stats.compare(
        t.statistics[scored.label],
        formula or scored.metric.score,
        pairs,
        t.groups(),
        method=method,
        trials=trials,
        seed=seed,
        higher_is_better=scored.higher_is_better,
        confidence=confidence,
        correction=correction,
        compat=compat,
    )
    # The published curves are of machine translation.
    meaning = stats.agreement_with_people(scored.metric.name if t.kind == "translation" else "", found.difference)
    for row, (i, j) in enumerate(pairs):
        better = int(found.better[row])
        yield Difference(
            task=t.name,
            metric=scored.label,
            system=t.systems[i],
            baseline=t.systems[j],
            score=number(found.score[i]),
            baseline_score=number(found.score[j]),
            difference=number(found.difference[row]),
            low=number(found.low[row]),
            high=number(found.high[row]),
            p=number(found.p[row]),
            p_corrected=number(found.p_corrected[row]),
            better=t.systems[better] if better >= 0 else None,
            smallest=number(found.smallest[row]),
            reason=_named(found.reasons[row], t),
            method=found.method,
            unit=found.unit,
            units=found.units,
            note=found.note,
            agreement=number(meaning[row]),
        )


def intervals(
    tasks: Sequence[TaskResults], seed: int, metric: str | None, trials: int, confidence: float
) -> list[Interval]:
    """See :meth:`evalkit.results.results.Results.intervals`."""
    rows: list[Interval] = []
    for t in tasks:
        for scored in _metrics(t, metric):
            found = stats.intervals(
                t.statistics[scored.label],
                scored.metric.score,
                t.groups(),
                trials=trials,
                confidence=confidence,
                seed=seed,
            )
            rows += [
                Interval(
                    task=t.name,
                    metric=scored.label,
                    system=system,
                    score=number(found.score[i]),
                    low=number(found.low[i]),
                    high=number(found.high[i]),
                    reason=found.reasons[i],
                    unit=found.unit,
                    units=found.units,
                    note=found.note,
                )
                for i, system in enumerate(t.systems)
            ]
    return rows


def jackknife(tasks: Sequence[TaskResults], metric: str | None, baseline: str | None, unit: str) -> list[Influence]:
    """See :meth:`evalkit.results.results.Results.jackknife`."""
    if unit not in ("article", "segment"):
        raise SettingError(f"unit={unit!r} is unknown; choose article or segment")
    rows: list[Influence] = []
    for t in tasks:
        names = t.ids if unit == "segment" or t.articles is None else t.article_names()
        pairs: list[tuple[int, int]] = []
        if baseline is not None and baseline in t.systems:
            b = t.system_index(baseline)
            pairs = [(i, b) for i in range(len(t.systems)) if i != b]
        for scored in _metrics(t, metric):
            found = stats.jackknife(
                t.statistics[scored.label], scored.metric.score, None if unit == "segment" else t.groups(), pairs
            )
            if baseline is None:
                for i, system in enumerate(t.systems):
                    rows += [
                        Influence(t.name, scored.label, system, None, name, number(found.influence[i, u]))
                        for u, name in enumerate(names)
                    ]
            for row, (i, j) in enumerate(pairs):
                rows += [
                    Influence(
                        t.name,
                        scored.label,
                        t.systems[i],
                        t.systems[j],
                        name,
                        number(found.difference_influence[row, u]),
                    )
                    for u, name in enumerate(names)
                ]
    if baseline is not None and not rows:
        tasks[0].system_index(baseline)
    return sorted(rows, key=lambda r: (r.task, r.metric, r.system, -abs(r.influence or 0.0), r.unit))


def rank(tasks: Sequence[TaskResults], seed: int, metric: str | None, trials: int, correction: str) -> list[Rank]:
    """See :meth:`evalkit.results.results.Results.rank`."""
    rows: list[Rank] = []
    for t in tasks:
        for scored in _metrics(t, metric):
            found = stats.rank(
                t.statistics[scored.label],
                scored.metric.score,
                t.groups(),
                trials=trials,
                seed=seed,
                higher_is_better=scored.higher_is_better,
                correction=correction,
            )
            rows += [
                Rank(
                    task=t.name,
                    metric=scored.label,
                    system=t.systems[i],
                    score=number(found.score[i]),
                    cluster=int(found.cluster[i]),
                    best=int(found.rank_low[i]),
                    worst=int(found.rank_high[i]),
                    reason=found.reasons[i],
                )
                for i in map(int, found.order)
            ]
    return rows


def _metrics(t: TaskResults, metric: str | None) -> tuple[ScoredMetric, ...]:
    if metric is None:
        return t.metrics
    return tuple(m for m in t.metrics if m.label == metric) or (t.metric(metric),)


def _named(reason: str | None, t: TaskResults) -> str | None:
    """A reason of the statistics room, which knows systems by number only, with their names."""
    if reason is None:
        return None
    for i, name in enumerate(t.systems):
        reason = reason.replace(f"system {i}:", f"{name}:")
    return reason
