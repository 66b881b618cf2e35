"""Differences, intervals and ranks of the systems of a run: the arrays of the statistics as rows with names."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from evalkit import stats
from evalkit.errors import InputError, SettingError
from evalkit.results.pair_text import pair_sentence
from evalkit.results.task_results import ScoredMetric, TaskResults, number
from evalkit.stats import Test

if TYPE_CHECKING:
    import pandas

__all__ = [
    "Difference",
    "Differences",
    "Influence",
    "Interval",
    "Rank",
    "compare",
    "compare_metric",
    "differences",
    "intervals",
    "jackknife",
    "rank",
    "rank_metric",
    "sentence",
]


@dataclass(frozen=True)
class Difference:
    """One pair of systems on one metric.

    :param difference: score of ``system`` minus score of ``baseline``; ``low`` and ``high`` bound it.
    :param p: two-sided; ``p_corrected`` is corrected for the number of pairs of this task and metric.
    :param better: the better of the two if the corrected test is significant, else None.
    :param verdict: on ``system``: ``better``, ``worse``, ``same`` (identical statistics on every segment), ``open`` (no
        significant difference) or ``untested``.
    :param min_detectable_difference: the smallest true difference that these data would show with 80% power.
    :param reason: why something is None, where it is.
    :param unit: what was resampled; ``units`` is their number.
    :param agreement: human agreement at this difference: the share of pairs of systems so far apart on this metric that
        people rank the same way, where it is published.
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
    verdict: str
    min_detectable_difference: float | None
    reason: str | None
    method: str
    unit: str
    units: int
    note: str
    agreement: float | None = None

    def reversed(self) -> Difference:
        """The same pair with ``system`` and ``baseline`` exchanged."""
        return dataclasses.replace(
            self,
            system=self.baseline,
            baseline=self.system,
            score=self.baseline_score,
            baseline_score=self.score,
            difference=_negative(self.difference),
            low=_negative(self.high),
            high=_negative(self.low),
            verdict={"better": "worse", "worse": "better"}.get(self.verdict, self.verdict),
        )


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
        return "\n".join(f"{d.task}: {sentence(d)}" for d in self._rows) or "<no differences>"

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
    """The rank of a system: systems of one ``cluster`` do not differ significantly; 0 means that it has no score.

    :param best: the best rank that significance allows; ``worst`` is the worst.
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
    """The verdict on one pair with its figures: ``a is better than b on BLEU, p = .004 (+1.2 [0.3, 2.1])``."""
    if d.difference is None or d.p_corrected is None:
        return f"{pair_sentence(d)}: {d.reason}"
    interval = "" if d.low is None or d.high is None else f" [{d.low:.3g}, {d.high:.3g}]"
    return f"{pair_sentence(d)} ({d.difference:+.3g}{interval})"


def compare(
    tasks: Sequence[TaskResults], baseline: str | None = None, metric: str | None = None, test: Test | None = None
) -> Differences:
    """See :meth:`evalkit.results.results.Results.compare`."""
    rows: list[Difference] = []
    for t in tasks:
        if len(t.systems) < 2 or (baseline is not None and baseline not in t.systems):
            continue
        pairs = stats.all_pairs(len(t.systems)) if baseline is None else t.pairs_with(t.system_index(baseline))
        for scored in _metrics(t, metric):
            rows += differences(t, scored, compare_metric(t, scored, pairs, test))
    if not rows:
        if baseline is not None and not any(baseline in t.systems for t in tasks):
            tasks[0].system_index(baseline)
        raise InputError("there are no two systems to compare in one task; score at least two")
    return Differences(rows)


def compare_metric(
    t: TaskResults, scored: ScoredMetric, pairs: Sequence[tuple[int, int]], test: Test | None = None
) -> stats.Comparison:
    """Pairs of systems of one task on one metric, as arrays."""
    return stats.compare(
        t.statistics[scored.label],
        _score_function(scored, test),
        pairs,
        t.groups(),
        test,
        higher_is_better=scored.higher_is_better,
    )


def rank_metric(t: TaskResults, scored: ScoredMetric, test: Test | None = None) -> stats.Ranking:
    """All systems of one task on one metric ranked, as arrays."""
    return stats.rank(
        t.statistics[scored.label],
        _score_function(scored, test),
        t.groups(),
        test,
        higher_is_better=scored.higher_is_better,
    )


def _score_function(scored: ScoredMetric, test: Test | None) -> stats.Score:
    # sacrebleu's p-values need sacrebleu's roundings.
    compat = test is not None and test.compat
    formula = stats.compat.formula(scored.metric.name, scored.metric.settings()) if compat else None
    return formula or scored.metric.score


def differences(t: TaskResults, scored: ScoredMetric, compared: stats.Comparison) -> list[Difference]:
    """The rows of a comparison with the names of the systems."""
    # The published curves are of machine translation.
    name = scored.metric.name if t.kind == "translation" else ""
    agreement = stats.agreement_with_people(name, compared.difference)
    rows: list[Difference] = []
    for row, (i, j) in enumerate(compared.pairs.tolist()):
        better, p = int(compared.better[row]), number(compared.p_corrected[row])
        verdict = "untested" if p is None else "open"
        if compared.identical[row]:
            verdict = "same"
        elif better >= 0:
            verdict = "better" if better == i else "worse"
        rows.append(
            Difference(
                task=t.name,
                metric=scored.label,
                system=t.systems[i],
                baseline=t.systems[j],
                score=number(compared.score[i]),
                baseline_score=number(compared.score[j]),
                difference=number(compared.difference[row]),
                low=number(compared.low[row]),
                high=number(compared.high[row]),
                p=number(compared.p[row]),
                p_corrected=p,
                better=t.systems[better] if better >= 0 else None,
                verdict=verdict,
                min_detectable_difference=number(compared.min_detectable_difference[row]),
                reason=_named(compared.reasons[row], t),
                method=compared.test.method,
                unit=compared.unit,
                units=compared.units,
                note=compared.note,
                agreement=number(agreement[row]),
            )
        )
    return rows


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
        pairs = t.pairs_with(t.system_index(baseline)) if baseline in t.systems else []
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


def rank(tasks: Sequence[TaskResults], metric: str | None = None, test: Test | None = None) -> list[Rank]:
    """See :meth:`evalkit.results.results.Results.rank`."""
    rows: list[Rank] = []
    for t in tasks:
        for scored in _metrics(t, metric):
            ranking = rank_metric(t, scored, test)
            rows += [
                Rank(
                    task=t.name,
                    metric=scored.label,
                    system=t.systems[i],
                    score=number(ranking.score[i]),
                    cluster=int(ranking.cluster[i]),
                    best=int(ranking.rank_low[i]),
                    worst=int(ranking.rank_high[i]),
                    reason=ranking.reasons[i],
                )
                for i in map(int, ranking.order)
            ]
    return rows


def _metrics(t: TaskResults, metric: str | None) -> tuple[ScoredMetric, ...]:
    if metric is None:
        return t.metrics
    return tuple(m for m in t.metrics if m.label == metric) or (t.metric(metric),)


def _named(reason: str | None, t: TaskResults) -> str | None:
    """A reason from the statistics, which number the systems, with the systems' names."""
    if reason is None:
        return None
    for i, name in enumerate(t.systems):
        reason = reason.replace(f"system {i}:", f"{name}:")
    return reason


def _negative(value: float | None) -> float | None:
    # 0.0 - value, so that 0.0 stays positive.
    return None if value is None else 0.0 - value
