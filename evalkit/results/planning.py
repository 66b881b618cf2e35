"""Plan an evaluation from a pilot run: how much data detects a difference, and which segments people should label."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evalkit import stats
from evalkit.errors import InputError
from evalkit.metrics.base import mean_score
from evalkit.results.human_correction import pairs_of_people
from evalkit.results.results import Results
from evalkit.results.task_results import ScoredMetric, TaskResults, number
from evalkit.stats import sample_size
from evalkit.stats.resampling_units import Floats
from evalkit.stats.sampling import SamplingShare
from evalkit.wording import count as counted

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
    """The difference between two systems in the pilot, and the part of its variance from samples or raters, if known."""

    observed: float
    segments: int
    share: SamplingShare
    sampling: float | None
    repeats: float


_REASON = "fewer than two segments are judged for both systems"
_NO_PILOT = _Pilot(math.nan, 0, SamplingShare(math.nan, math.nan, math.nan, 1.0, "segment", 0, _REASON), None, 1.0)


def plan(
    results: Results, goal: Goal, *, baseline: str | None = None, task: str | None = None, metric: str | None = None
) -> list[PlanRow]:
    """Estimate how many articles, segments and samples detect a difference between pairs of systems of a pilot run."""
    t = results.task(task)
    if len(t.systems) < 2:
        raise InputError(f"{t.name} has one system; a pilot needs at least two to compare")
    return [
        row
        for scored in t.chosen(metric)
        for i, j in t.pairs(baseline)
        for row in _rows(t, scored.label, i, j, _metric_pilot(t, scored, i, j), goal, "samples")
    ]


def plan_for_people(
    results: Results,
    judgements: Mapping[str, tuple[NDArray[np.int64], Floats]],
    goal: Goal,
    *,
    baseline: str | None = None,
    task: str | None = None,
) -> list[PlanRow]:
    """Estimate how many articles, segments and raters detect a difference in human scores.

    :param judgements: by system, the segment (as an index) and the score of each judgement.
    """
    t = results.task(task)
    pairs = pairs_of_people(t, judgements, baseline)
    tables = {i: _by_segment(judgements[t.systems[i]], len(t.ids)) for i in {i for pair in pairs for i in pair}}
    return [
        row
        for i, j in pairs
        for row in _rows(t, "human scores", i, j, _human_pilot(t, tables[i], tables[j]), goal, "raters")
    ]


def _rows(t: TaskResults, label: str, i: int, j: int, pilot: _Pilot, goal: Goal, repeats_of: str) -> Iterator[PlanRow]:
    share, reason = pilot.share, _no_estimate(t, label, pilot.share, goal)
    if reason is not None:
        share = replace(share, standard_error=math.nan)
    variance = share.standard_error**2 * share.units
    detectable = sample_size.min_detectable_difference(
        np.array(share.standard_error), share.units, goal.level, goal.power
    )
    deviations: dict[int | None, float] = {None: math.sqrt(variance)}
    if pilot.sampling is not None:
        sampling = pilot.sampling * share.units
        fixed = max(variance - sampling, 0.0)
        deviations = {k: math.sqrt(fixed + sampling * pilot.repeats / k) for k in REPEATS}

    def units(deviation: float) -> int | None:
        return sample_size.units_needed(deviation, goal.difference, goal.level, goal.power)

    needed = {repeats: units(deviation) for repeats, deviation in deviations.items()}
    per_unit = pilot.segments / max(share.units, 1)
    segments = {repeats: math.ceil(n * per_unit) for repeats, n in needed.items() if n is not None}
    costs = {repeats: n * (repeats or round(pilot.repeats)) * 2 for repeats, n in segments.items()}
    for repeats, deviation in deviations.items():
        low, high = sample_size.deviation_interval(deviation, share.units)
        yield PlanRow(
            task=t.name,
            metric=label,
            system=t.systems[i],
            baseline=t.systems[j],
            observed=number(pilot.observed),
            detectable=number(detectable),
            unit=share.unit,
            pilot=share.units,
            repeats=repeats,
            repeats_of=repeats_of,
            needed=needed[repeats],
            needed_range=(units(low), units(high)),
            segments=segments.get(repeats),
            judgements=costs.get(repeats),
            cheapest=repeats in costs and costs[repeats] == min(costs.values()),
            reason=reason,
        )


def _no_estimate(t: TaskResults, label: str, share: SamplingShare, goal: Goal) -> str | None:
    """Why there is no estimate; None if there is one."""
    if math.isnan(share.standard_error):
        return share.reason
    if share.standard_error < 1e-12:
        return f"the difference is the same on every {share.unit} of the pilot, so it does not show how much data is needed"
    low, high = next((m.metric.range for m in t.metrics if m.label == label), (-math.inf, math.inf))
    if abs(goal.difference) >= high - low:
        return f"no two scores of {label} differ by {abs(goal.difference):g}: they range from {low:g} to {high:g}"
    return None


def _metric_pilot(t: TaskResults, scored: ScoredMetric, i: int, j: int) -> _Pilot:
    (rows, groups), score = t.referenced(scored.label), scored.metric.score
    judged = ~np.delete(t.unjudged(scored.label)[[i, j]], t.without_reference(scored.label), axis=1).any(axis=0)
    if judged.sum() < 2:
        return _NO_PILOT
    first, second = rows[i, judged, np.newaxis], rows[j, judged, np.newaxis]
    share = stats.sampling_share(first, score, None if groups is None else groups[judged], second)
    shares = [t.samples[name].shares.get(scored.label) for name in (t.systems[i], t.systems[j]) if name in t.samples]
    known = [s for s in shares if s is not None and s.reason is None]
    sampling, repeats = None, 1.0
    if len(known) == 2:
        sampling = min(sum(s.share * s.standard_error**2 for s in known), share.standard_error**2)
        repeats = float(np.mean([s.samples for s in known]))
    with np.errstate(all="ignore"):
        observed = score(first.sum(axis=0)) - score(second.sum(axis=0))
    return _Pilot(float(observed[0]), len(first), share, sampling, repeats)


def _by_segment(judgements: tuple[NDArray[np.int64], Floats], n: int) -> Floats:
    """float64[n, most]: the scores of each segment in the order of the judgements, padded with nan."""
    segments, values = judgements
    order = np.argsort(segments, kind="stable")
    segments, values = segments[order], values[order]
    place = np.arange(len(segments)) - np.searchsorted(segments, segments)
    table = np.full((n, int(place.max(initial=0)) + 1), np.nan)
    table[segments, place] = values
    return table


def _human_pilot(t: TaskResults, a: Floats, b: Floats) -> _Pilot:
    judged = ~(np.isnan(a).all(axis=1) | np.isnan(b).all(axis=1))
    if judged.sum() < 2:
        return _NO_PILOT
    tables = [np.stack([table[judged], np.where(np.isnan(table[judged]), np.nan, 1.0)], axis=-1) for table in (a, b)]
    share = stats.sampling_share(tables[0], mean_score, t.groups(judged), tables[1])
    observed = np.nanmean(a[judged], axis=1).mean() - np.nanmean(b[judged], axis=1).mean()
    sampling = share.share * share.standard_error**2 if share.reason is None else None
    return _Pilot(float(observed), int(judged.sum()), share, sampling, share.samples)


@dataclass(frozen=True)
class LabelChoice:
    """A segment to label; ``weight`` is the number of segments that it represents."""

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
    chances = np.zeros(len(t.ids))
    chances[differs] = sample_size.inclusion_probabilities(sizes[differs], count)
    articles = t.articles or (None,) * len(t.ids)
    chosen = np.flatnonzero(differs)[sample_size.systematic_sample(chances[differs], seed)]
    return [LabelChoice(t.ids[i], articles[i], float(1 / chances[i])) for i in chosen]
