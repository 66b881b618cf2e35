"""Plan an evaluation from a pilot run: how much data detects a difference, and which segments people should label."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit import stats
from evalkit.errors import InputError
from evalkit.metrics.base import mean_score
from evalkit.results.results import Results
from evalkit.results.task_results import ScoredMetric, TaskResults, number
from evalkit.stats.sample_size import (
    deviation_interval,
    inclusion_probabilities,
    min_detectable_difference,
    systematic_sample,
    units_needed,
)
from evalkit.wording import count as counted

Floats = NDArray[np.float64]

#: Numbers of samples or raters to consider.
REPEATS = (1, 2, 3, 5, 10)


@dataclass(frozen=True)
class Goal:
    """The difference to detect.

    :param difference: the true difference between two systems, in units of the score.
    :param power: the probability of finding it significant.
    :param alpha: the significance level of the test, shared by the ``comparisons`` that are corrected together.
    """

    difference: float
    power: float = 0.8
    alpha: float = 0.05
    comparisons: int = 1

    @property
    def level(self) -> float:
        """The significance level of a single comparison."""
        return self.alpha / self.comparisons


@dataclass(frozen=True)
class PlanRow:
    """The data required to detect a difference between two systems on one metric or in human scores.

    :param observed: the difference in the pilot.
    :param detectable: the smallest difference that data of the size of the pilot can detect with the requested power.
    :param unit: ``article`` or ``segment``; ``pilot`` is their number in the pilot.
    :param repeats: samples or raters per output; None if the pilot cannot show the effect of more of them.
    :param repeats_of: ``samples`` or ``raters``.
    :param needed: the number of units required, None for more than a billion; ``segments`` is the total with the
        pilot's segments per article; ``judgements`` is segments times repeats times the two systems.
    :param needed_range: 95% confidence interval of ``needed``: a pilot of few units estimates their variance roughly.
    :param cheapest: whether no other number of repeats requires fewer judgements.
    :param reason: why there is no estimate, or None.
    """

    task: str
    metric: str
    system: str
    baseline: str
    observed: float | None
    detectable: float | None
    unit: str
    pilot: int
    repeats: int | None
    repeats_of: str
    needed: int | None
    needed_range: tuple[int | None, int | None]
    segments: int | None
    judgements: int | None
    cheapest: bool
    reason: str | None


@dataclass(frozen=True)
class _Pilot:
    """The difference between two systems in the pilot.

    :param error: standard error of the difference; nan if there is none.
    :param sampling: the part of the variance that comes from samples or raters; None if unknown.
    :param repeats: the mean number of samples or raters per output.
    """

    observed: float
    error: float
    unit: str
    units: int
    segments: int
    sampling: float | None
    repeats: float
    reason: str | None


def plan(
    results: Results, goal: Goal, *, baseline: str | None = None, task: str | None = None, metric: str | None = None
) -> list[PlanRow]:
    """Estimate how many articles, segments and samples detect a difference, for pairs of systems of a pilot run.

    :param baseline: the system to compare every other system with; all pairs if None.
    :raises InputError: for fewer than two systems.
    """
    t = results.task(task)
    if len(t.systems) < 2:
        raise InputError(f"{t.name} has one system; a pilot needs at least two to compare")
    pairs = stats.all_pairs(len(t.systems)) if baseline is None else t.pairs_with(t.system_index(baseline))
    rows: list[PlanRow] = []
    for scored in t.metrics if metric is None else (t.metric(metric),):
        for i, j in pairs:
            rows += _rows(
                t, scored.label, (t.systems[i], t.systems[j]), _metric_pilot(t, scored, i, j), goal, "samples"
            )
    return rows


def plan_for_people(
    results: Results,
    judgements: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64], Floats]],
    goal: Goal,
    *,
    baseline: str | None = None,
    task: str | None = None,
) -> list[PlanRow]:
    """Estimate how many articles, segments and raters detect a difference in human scores.

    :param judgements: by system, the segment and rater (as indices) and the score of each judgement.
    :raises InputError: for fewer than two systems with judgements.
    """
    t = results.task(task)
    systems = [name for name in t.systems if name in judgements]
    if len(systems) < 2 or (baseline is not None and baseline not in systems):
        raise InputError(f"{t.name}: people judged {', '.join(systems) or 'no system'} of the run; two are needed")
    pairs = [(a, b) for i, a in enumerate(systems) for b in systems[i + 1 :]]
    if baseline is not None:
        pairs = [(name, baseline) for name in systems if name != baseline]
    tables = {name: _by_rater(judgements[name], len(t.ids)) for name in systems}
    rows: list[PlanRow] = []
    for a, b in pairs:
        rows += _rows(t, "human scores", (a, b), _human_pilot(t, tables[a], tables[b]), goal, "raters")
    return rows


def _rows(
    t: TaskResults, label: str, names: tuple[str, str], pilot: _Pilot, goal: Goal, repeats_of: str
) -> Iterator[PlanRow]:
    variance = pilot.error**2 * pilot.units
    detectable = min_detectable_difference(np.array(pilot.error), goal.level, goal.power)
    deviations: dict[int | None, float]
    if pilot.sampling is None:
        deviations = {None: math.sqrt(variance)}
    else:
        sampling = pilot.sampling * pilot.units
        fixed = max(variance - sampling, 0.0)
        deviations = {k: math.sqrt(fixed + sampling * pilot.repeats / k) for k in REPEATS}

    def units(deviation: float) -> int | None:
        return units_needed(deviation, goal.difference, goal.level, goal.power)

    needed_units = {repeats: units(deviation) for repeats, deviation in deviations.items()}
    per_unit = pilot.segments / max(pilot.units, 1)

    def judgements(repeats: int | None, needed: int | None) -> int | None:
        return None if needed is None else math.ceil(needed * per_unit) * (repeats or round(pilot.repeats)) * 2

    costs = [cost for option in needed_units.items() if (cost := judgements(*option)) is not None]
    for repeats, needed in needed_units.items():
        low, high = deviation_interval(deviations[repeats], pilot.units)
        cost = judgements(repeats, needed)
        yield PlanRow(
            task=t.name,
            metric=label,
            system=names[0],
            baseline=names[1],
            observed=number(pilot.observed),
            detectable=number(float(detectable)),
            unit=pilot.unit,
            pilot=pilot.units,
            repeats=repeats,
            repeats_of=repeats_of,
            needed=needed,
            needed_range=(units(low), units(high)),
            segments=None if needed is None else math.ceil(needed * per_unit),
            judgements=cost,
            cheapest=cost is not None and cost == min(costs),
            reason=pilot.reason,
        )


def _metric_pilot(t: TaskResults, scored: ScoredMetric, i: int, j: int) -> _Pilot:
    rows, groups = t.statistics[scored.label], t.groups()
    share = stats.sampling_share(rows[i][:, np.newaxis], scored.metric.score, groups, rows[j][:, np.newaxis])
    corpus = t.corpus(scored.label)
    shares = [s.shares.get(scored.label) for name in (t.systems[i], t.systems[j]) if (s := t.samples.get(name))]
    sampling, repeats = None, 1.0
    known = [s for s in shares if s is not None and s.reason is None]
    if known and len(known) == 2:
        sampling = min(sum(s.share * s.standard_error**2 for s in known), share.standard_error**2)
        repeats = float(np.mean([s.samples for s in known]))
    few = share.reason if math.isnan(share.standard_error) else None
    return _Pilot(
        observed=float(corpus[i] - corpus[j]),
        error=share.standard_error,
        unit=share.unit,
        units=share.units,
        segments=len(t.ids),
        sampling=sampling,
        repeats=repeats,
        reason=few,
    )


def _by_rater(judgements: tuple[NDArray[np.int64], NDArray[np.int64], Floats], n: int) -> Floats:
    """float64[n, most]: the scores of each segment in the order of the judgements, padded with nan."""
    segments, _, values = judgements
    order = np.argsort(segments, kind="stable")
    segments, values = segments[order], values[order]
    first = np.searchsorted(segments, segments)
    place = np.arange(len(segments)) - first
    table = np.full((n, int(place.max(initial=0)) + 1), np.nan)
    table[segments, place] = values
    return table


def _human_pilot(t: TaskResults, a: Floats, b: Floats) -> _Pilot:
    judged = ~(np.isnan(a).all(axis=1) | np.isnan(b).all(axis=1))
    if judged.sum() < 2:
        reason = "fewer than two segments are judged for both systems"
        return _Pilot(math.nan, math.nan, "segment", 0, 0, None, 1.0, reason)
    groups = t.groups()
    articles = None if groups is None else groups[judged]
    tables = [np.stack([table[judged], np.where(np.isnan(table[judged]), np.nan, 1.0)], axis=-1) for table in (a, b)]
    share = stats.sampling_share(tables[0], mean_score, articles, tables[1])
    known = share.reason is None
    observed = np.nanmean(a[judged], axis=1).mean() - np.nanmean(b[judged], axis=1).mean()
    return _Pilot(
        observed=float(observed),
        error=share.standard_error,
        unit=share.unit,
        units=share.units,
        segments=int(judged.sum()),
        sampling=share.share * share.standard_error**2 if known else None,
        repeats=share.samples,
        reason=share.reason if math.isnan(share.standard_error) else None,
    )


@dataclass(frozen=True)
class LabelChoice:
    """A segment to label.

    :param weight: the number of segments that it represents.
    """

    id: str
    article: str | None
    weight: float


def choose_segments(
    results: Results, count: int, *, systems: Sequence[str] | None = None, task: str | None = None, seed: int = 12345
) -> list[LabelChoice]:
    """Choose segments to label so that differences between systems can be estimated without bias.

    Segments on which the outputs of all systems are identical are never chosen, because their difference is 0. For the
    others, three quarters of the sampling probability are uniform, and one quarter is proportional to how much the
    metric scores of the systems differ. With the weights, every estimate is unbiased however good or bad the metrics
    are.

    :param systems: the systems to compare; all of them if None.
    :raises InputError: if more segments are requested than there are segments with different outputs.
    """
    t = results.task(task)
    index = [t.system_index(name) for name in systems or t.systems]
    if len(index) < 2:
        raise InputError(f"{t.name}: name at least two systems to compare")
    differs = np.ones(len(t.ids), dtype=bool)
    if t.texts is not None:
        outputs = [t.texts.outputs[t.systems[i]] for i in index]
        differs = np.array([len(set(texts)) > 1 for texts in zip(*outputs, strict=True)])
    if count > differs.sum():
        raise InputError(
            f"{t.name}: {counted(count, 'segment')} to label, but the systems differ on {int(differs.sum()):,} only"
        )
    spreads = []
    for scored in t.metrics:
        scores = t.by_segment(scored.label)[index]
        deviation = float(np.nanstd(scores))
        if deviation > 0:
            spreads.append(np.nan_to_num(np.nanstd(np.nan_to_num(scores), axis=0) / deviation))
    sizes = np.mean(spreads, axis=0) if spreads else np.zeros(len(t.ids))
    places = np.flatnonzero(differs)
    chances = inclusion_probabilities(sizes[places], count)
    chosen = systematic_sample(chances, seed)
    return [
        LabelChoice(t.ids[places[i]], None if t.articles is None else t.articles[places[i]], float(1 / chances[i]))
        for i in chosen
    ]
