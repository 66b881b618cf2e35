"""Differences, intervals and ranks of the systems of a run, as named rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit import stats
from evalkit.errors import InputError
from evalkit.results.rows import Rows
from evalkit.results.task_results import ScoredMetric, TaskResults, number
from evalkit.stats import Comparison, Test
from evalkit.stats.comparison import named
from evalkit.stats.resampling_units import system_reasons
from evalkit.wording import count, format_interval, format_number, p_equation, rank_text

#: With this few articles, the scores describe only these articles: nothing is tested, and there are no rank clusters.
FEW_ARTICLES = 3

#: One sentence per verdict (see :class:`Difference`), with placeholders for the systems,
#: the metric and the p-value as formatted by :func:`~evalkit.wording.p_equation`.
PAIR_SENTENCES = {
    "better": "{system} is better than {baseline} on {metric}, {p}",
    "worse": "{system} is worse than {baseline} on {metric}, {p}",
    "open": "no significant difference between {system} and {baseline} on {metric}, {p}",
    "undecided": "inconclusive between {system} and {baseline} on {metric}: it depends on unjudged segments",
    "same": "{system} and {baseline} are identical on every segment on {metric}",
    "untested": "{system} and {baseline} were not compared on {metric}",
}

#: What a :class:`Difference` has from a comparison under the same name.
_FIGURES = ("difference", "low", "high", "p", "p_corrected", "min_detectable_difference")


@dataclass(frozen=True)
class Difference:
    """One pair of systems on one metric.

    :param difference: score of ``system`` minus score of ``baseline``; ``low`` and ``high`` bound it.
    :param p: two-sided; ``p_corrected`` is corrected for the number of pairs of this task and metric.
    :param better: the better of the two systems if the corrected test is significant, else None.
    :param verdict: on ``system``: ``better``, ``worse``, ``same`` (identical statistics on every segment), ``open`` (no
        significant difference), ``undecided`` (significant on the segments judged for both, but not in the worst case
        for the unjudged ones) or ``untested``.
    :param min_detectable_difference: the smallest true difference that these data can detect with 80% power.
    :param reason: why a value is None, if one is; with three articles or fewer, nothing is tested.
    :param unit: the unit that was resampled; ``units`` is their number.
    :param agreement: human agreement at this difference: the share of system pairs with this difference on the metric
        that people rank in the same order, if published.
    :param unjudged: the number of segments for which at least one of the two systems has no judgement; the comparison
        uses the others.
    :param worst: the difference if the unjudged segments of ``system`` get their worst score and those of ``baseline``
        their best; ``best`` is the reverse. None without unjudged segments.
    :param coverage_p: p-value of the exact McNemar test of whether the two systems differ in coverage; None if
        everything is judged.
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
    unjudged: int = 0
    worst: float | None = None
    best: float | None = None
    coverage_p: float | None = None

    def __str__(self) -> str:
        return f"{self.task}: {sentence(self)}"

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
            worst=_negative(self.best),
            best=_negative(self.worst),
            verdict={"better": "worse", "worse": "better"}.get(self.verdict, self.verdict),
        )


@dataclass(frozen=True)
class Interval:
    """A corpus score with its interval; ``note`` says what was resampled and what the interval covers.

    :param sampling_share: with several outputs per segment, the share of the score's variance that comes from sampling;
        None if it cannot be estimated.
    :param shrinkage: the fraction by which the interval would shrink with infinitely many outputs per segment.
    """

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
    sampling_share: float | None = None
    shrinkage: float | None = None

    def __str__(self) -> str:
        text = f"{self.task} {self.metric} {self.system}: {format_number(self.score, '.4g', undefined='undefined')}"
        if self.low is None or self.high is None:
            return f"{text}, no interval: {self.reason}"
        sampled = "" if self.sampling_share is None else f", {self.sampling_share:.0%} of the variance from sampling"
        return f"{text} {format_interval(self.low, self.high, '.4g')} ({count(self.units, self.unit)}{sampled})"


@dataclass(frozen=True)
class Rank:
    """The rank of a system. Systems in one ``cluster`` do not differ significantly; cluster 0 means no score or no test.

    :param best: the best rank compatible with the significance tests; ``worst`` is the worst; 0 in cluster 0.
    """

    task: str
    metric: str
    system: str
    score: float | None
    cluster: int
    best: int
    worst: int
    reason: str | None

    def __str__(self) -> str:
        rank = f"no rank, {self.reason}"
        if self.cluster:
            rank = f"rank {rank_text(self.best, self.worst).replace('–', ' to ')}, cluster {self.cluster}"
        score = "" if self.score is None else f" ({format_number(self.score, '.4g')})"
        return f"{self.task} {self.metric} {self.system}: {rank}{score}"


@dataclass(frozen=True)
class Influence:
    """The contribution of one article (or segment) to a system's score, or to its difference from a baseline.

    :param unit: the id of the article or segment.
    :param influence: the value with the unit minus the value without it; None if undefined.
    """

    task: str
    metric: str
    system: str
    baseline: str | None
    unit: str
    influence: float | None


def pair_sentence(d: Difference) -> str:
    """Return the verdict on one pair, such as ``a is better than b on BLEU, p = .004``."""
    p = "" if d.p_corrected is None else p_equation(d.p_corrected)
    text = PAIR_SENTENCES[d.verdict].format(system=d.system, baseline=d.baseline, metric=d.metric, p=p)
    return text.replace("on unjudged segments", f"on {count(d.unjudged, 'unjudged segment')}") if d.unjudged else text


def sentence(d: Difference) -> str:
    """The verdict on one pair with its figures: ``a is better than b on BLEU, p = .004 (+1.2 [0.3, 2.1])``."""
    if d.difference is None or d.p_corrected is None:
        return f"{pair_sentence(d)}: {d.reason}"
    interval = format_interval(d.low, d.high, ".3g", undefined="")
    figures = f"{format_number(d.difference, '+.3g')} {interval}".rstrip()
    return f"{pair_sentence(d)} ({figures})" + (f"; {unjudged_note(d)}" if d.unjudged else "")


def unjudged_note(d: Difference) -> str:
    """Describe the effect of unjudged segments: the bounds, and whether the two systems differ in coverage."""
    worst, best = format_number(d.worst, "+.3g"), format_number(d.best, "+.3g")
    bounds = "" if d.worst is None or d.best is None else f", {worst} to {best} with these at their worst and best"
    p = "" if d.coverage_p is None else f"; coverage differs with {p_equation(d.coverage_p)} (McNemar)"
    return f"{d.system} and {d.baseline}: {count(d.unjudged, 'segment')} not judged for both systems{bounds}{p}"


def compare(
    tasks: Sequence[TaskResults], baseline: str | None = None, metric: str | None = None, test: Test | None = None
) -> Rows[Difference]:
    """See :meth:`evalkit.results.results.Results.compare`."""
    rows: list[Difference] = []
    for t in tasks:
        if len(t.systems) > 1 and (baseline is None or baseline in t.systems):
            for scored in t.chosen(metric):
                rows += differences(t, scored, shown_comparison(t, scored, t.pairs(baseline), test))
    if not rows:
        if baseline is not None and not any(baseline in t.systems for t in tasks):
            tasks[0].system_index(baseline)
        raise InputError("there are no two systems to compare in one task; score at least two")
    return Rows(Difference, "differences", rows)


def compare_metric(
    t: TaskResults, scored: ScoredMetric, pairs: Sequence[tuple[int, int]], test: Test | None = None
) -> Comparison:
    """Compare pairs of systems on one metric: on the segments judged for both, with bounds for the unjudged ones."""
    test, label, metric = test or Test(), scored.label, scored.metric
    score: stats.Score = metric.score
    if test.compat:
        # Reproducing sacrebleu's p-values requires its rounding.
        score = stats.compat.formula(metric.name, metric.settings()) or score
    unjudged = t.unjudged(label)
    if not unjudged.any():
        rows, groups = t.referenced(label) if test.compat else t.resampled(label)
        identical = np.array([t.identical(label, i, j) for i, j in pairs], dtype=bool)
        better = scored.higher_is_better
        return stats.compare(rows, score, pairs, groups, test, higher_is_better=better, identical=identical)
    rows, groups = t.referenced(label)
    unjudged = np.delete(unjudged, t.without_reference(label), axis=1)
    ends = extreme_rows(scored, rows, unjudged)
    compared = stats.compare_with_undefined(
        rows, unjudged, *ends, score, pairs, groups, test, higher_is_better=scored.higher_is_better
    )
    undecided = compared.undecided
    if not metric.is_mean:
        # No row is the worst possible one, so no claim can be made beyond the segments judged for both.
        undecided = undecided | ((compared.undefined > 0) & (compared.better >= 0))
    better_of = np.where(undecided, -1, compared.better)
    return dataclasses.replace(compared, score=t.corpus(label), better=better_of, undecided=undecided)


def shown_comparison(
    t: TaskResults, scored: ScoredMetric, pairs: Sequence[tuple[int, int]], test: Test | None = None
) -> Comparison:
    """A comparison for :func:`differences`; with few articles there is no p-value, so one trial is enough."""
    test = test or Test()
    if few_articles(t) and test.method == "randomization" and not test.compat:
        test = dataclasses.replace(test, trials=1)
    return compare_metric(t, scored, pairs, test)


def extreme_rows(
    scored: ScoredMetric, rows: NDArray[np.float64], lacking: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """float64[n, k] twice: the rows of the worst and the best possible output of each segment.

    For a mean with an unbounded range these are the extreme observed rows; for other metrics, rows of zeros.
    """
    worst, best = np.zeros(rows.shape[1:]), np.zeros(rows.shape[1:])
    if scored.metric.is_mean and lacking.any():
        judged = scored.metric.score(rows[~lacking])
        observed = (np.nanmin(judged), np.nanmax(judged)) if np.isfinite(judged).any() else (0.0, 0.0)
        low, high = (b if np.isfinite(b) else o for b, o in zip(scored.metric.range, observed, strict=True))
        ends = (low, high) if scored.higher_is_better else (high, low)
        worst[:], best[:] = (scored.metric.row_of_score(float(end)) for end in ends)
    return worst, best


def rank_metric(t: TaskResults, scored: ScoredMetric, test: Test | None = None) -> tuple[stats.Clusters, Comparison]:
    """Rank all systems of one task on one metric, and return the comparison of all pairs behind the ranking."""
    compared = shown_comparison(t, scored, t.pairs(), test)
    return stats.clusters_of(compared, higher_is_better=scored.higher_is_better), compared


def few_articles(t: TaskResults) -> int | None:
    """The number of articles if it is too small for a statement about systems, else None (also if it is unknown)."""
    articles = len(t.article_names())
    return articles if 0 < articles <= FEW_ARTICLES else None


def these_articles(articles: int) -> str:
    """``this one article``, ``these two articles``, ``these 4 articles``."""
    words: dict[int, str] = {1: "this one article", 2: "these two articles", 3: "these three articles"}
    return words.get(articles, f"these {articles} articles")


def untested_reason(articles: int) -> str:
    """Why systems are not tested on a few articles."""
    number = these_articles(articles).split(" ", 1)[1]
    return f"{number} {'is' if articles == 1 else 'are'} too few to say which system is better in general"


def scoped(note: str, scored: ScoredMetric) -> str:
    """A note on an interval, with what the interval holds for (:attr:`evalkit.metrics.base.Metric.scope`)."""
    return "; ".join(filter(None, (note, scored.metric.scope)))


def differences(t: TaskResults, scored: ScoredMetric, compared: Comparison) -> list[Difference]:
    """Return the rows of a comparison with the names of the systems."""
    unjudged = t.unjudged(scored.label)
    # The published curves apply to machine translation.
    name = scored.metric.name if t.kind == "translation" else ""
    agreement = stats.agreement_with_people(name, compared.difference)
    rows: list[Difference] = []
    # With compat, the test of another tool is reproduced, which does not use articles.
    few = None if compared.test.compat else few_articles(t)
    for row, (i, j) in enumerate(compared.pairs.tolist()):
        figures = {name: number(getattr(compared, name)[row]) for name in _FIGURES}
        better, gaps = int(compared.better[row]), int(compared.undefined[row])
        reason = named(compared.reasons[row], t.systems)
        if few is not None:
            figures.update(dict.fromkeys(("p", "p_corrected", "min_detectable_difference")))
            better, reason = -1, reason or untested_reason(few)
        verdict = "untested" if figures["p_corrected"] is None else "open"
        if compared.identical[row]:
            verdict = "same"
        elif better >= 0:
            verdict = "better" if better == i else "worse"
        elif compared.undecided[row] and few is None:
            verdict = "undecided"
        if gaps:
            figures |= {"worst": number(compared.worst[row]), "best": number(compared.best[row])}
            figures["coverage_p"] = stats.mcnemar_p(unjudged[i], unjudged[j])
        rows.append(
            Difference(
                task=t.name,
                metric=scored.label,
                system=t.systems[i],
                baseline=t.systems[j],
                score=number(compared.score[i]),
                baseline_score=number(compared.score[j]),
                better=t.systems[better] if better >= 0 else None,
                verdict=verdict,
                reason=reason,
                method=compared.test.method,
                unit=compared.unit,
                units=compared.units,
                note=scoped(compared.note, scored),
                agreement=number(agreement[row]),
                unjudged=gaps,
                **figures,
            )
        )
    return rows


def intervals(t: TaskResults, scored: ScoredMetric, trials: int, confidence: float, seed: int) -> list[Interval]:
    """Return the scores of all systems with their bootstrap intervals."""
    units, groups = t.referenced(scored.label)
    bounds = stats.intervals(units, scored.metric.score, groups, trials=trials, confidence=confidence, seed=seed)
    rows: list[Interval] = []
    for i, system in enumerate(t.systems):
        share = t.samples[system].shares[scored.label] if system in t.samples else None
        value, low, high = (number(values[i]) for values in (bounds.score, bounds.low, bounds.high))
        unit = bounds.unit, bounds.units, scoped(bounds.note, scored)
        sampling = () if share is None else (number(share.share), number(share.shrinkage))
        rows.append(Interval(t.name, scored.label, system, value, low, high, bounds.reasons[i], *unit, *sampling))
    return rows


def jackknife(t: TaskResults, scored: ScoredMetric, baseline: str | None, unit: str) -> list[Influence]:
    """Return the influence of each article or segment on the scores, or on their differences from a baseline."""
    groups = None if unit == "segment" else t.groups()
    influence = stats.jackknife(t.statistics[scored.label], scored.metric.score, groups)
    moved = list(enumerate(influence))
    if baseline is not None:
        moved = [(i, influence[i] - influence[j]) for i, j in t.pairs(baseline)]
    return [
        Influence(t.name, scored.label, t.systems[i], baseline, name, number(value))
        for i, values in moved
        for name, value in zip(t.ids if groups is None else t.article_names(), values, strict=True)
    ]


def rank(t: TaskResults, scored: ScoredMetric, test: Test) -> list[Rank]:
    """Return the rank clusters of all systems, best first."""
    few = few_articles(t)
    ranking, compared = rank_metric(t, scored, test)
    reasons = system_reasons(stats.to_units(*t.referenced(scored.label)), compared.score)
    if len(compared.pairs) and not np.isfinite(compared.p).any():
        untested = named(compared.reasons[0], t.systems)
        reasons = [reason or untested for reason in reasons]
    places = ranking.places()
    rows: list[Rank] = []
    for i in ranking.order.tolist():
        reason = reasons[i] or (untested_reason(few) if few else None)
        cluster, best, worst = (0, 0, 0) if reason else places[i]
        rows.append(Rank(t.name, scored.label, t.systems[i], number(compared.score[i]), cluster, best, worst, reason))
    return rows


def _negative(value: float | None) -> float | None:
    # Use 0.0 - value so that 0.0 stays positive.
    return None if value is None else 0.0 - value
