"""The statistical evidence that reports show for a metric: intervals, rank clusters and pairs of systems."""

from dataclasses import dataclass

from evalkit.results.comparisons import Difference, differences, few_articles, rank_metric, scoped, shown_comparison
from evalkit.results.task_results import ScoredMetric, TaskResults, number
from evalkit.stats import Intervals, Test, intervals_together

#: With more systems than this, only pairs with the baseline are compared, because the number of pairs grows
#: quadratically.
ALL_PAIRS = 30


@dataclass(frozen=True)
class Evidence:
    """One metric of one task.

    :param low: by system, lower bound of the score's interval, or None.
    :param high: by system, upper bound.
    :param cluster: by system, 1 for the best cluster; None if not all pairs were compared or there is no score.
    :param ranks: by system, the best and worst rank compatible with the significance tests.
    :param pairs: the comparisons that were made, by the indices of two systems, in both directions.
    :param note: one sentence on what was resampled.
    :param method: one sentence on the test.
    :param confidence: confidence level of all intervals, such as ``95%``; empty if there are too few units for an
        interval.
    :param few_articles: the number of articles if it is too small for a statement about systems, else None.
    """

    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    cluster: tuple[int | None, ...]
    ranks: tuple[tuple[int, int] | None, ...]
    pairs: dict[tuple[int, int], Difference]
    note: str
    method: str
    confidence: str
    few_articles: int | None = None


def gather_all(task: TaskResults, baseline: int, seed: int) -> dict[str, Evidence]:
    """Return the evidence for each metric, by label."""
    spreads: dict[str, Intervals] = {}
    # Metrics that apply to the same segments share the units that are drawn.
    by_segments: dict[tuple[int, ...], list[ScoredMetric]] = {}
    for scored in task.metrics:
        by_segments.setdefault(tuple(task.without_reference(scored.label)), []).append(scored)
    for metrics in by_segments.values():
        measured = ((task.resampled(scored.label)[0], scored.metric.score) for scored in metrics)
        groups, labels = task.resampled(metrics[0].label)[1], [scored.label for scored in metrics]
        spreads |= zip(labels, intervals_together(measured, groups, seed), strict=True)
    return {m.label: _gather(task, m, spreads[m.label], baseline, Test(seed=seed)) for m in task.metrics}


def _gather(task: TaskResults, scored: ScoredMetric, spread: Intervals, baseline: int, test: Test) -> Evidence:
    n, few = len(task.systems), few_articles(task)
    cluster: tuple[int | None, ...] = (None,) * n
    ranks: tuple[tuple[int, int] | None, ...] = (None,) * n
    if n <= ALL_PAIRS:
        ranking, compared = rank_metric(task, scored, test)
        if few is None and any(reason is None for reason in compared.reasons):
            cluster = tuple(place[0] or None for place in ranking.places())
            ranks = tuple(place[1:] if place[0] else None for place in ranking.places())
    else:
        compared = shown_comparison(task, scored, task.pairs(task.systems[baseline]), test)
    rows = differences(task, scored, compared)
    pairs: dict[tuple[int, int], Difference] = {}
    for (i, j), row in zip(compared.pairs.tolist(), rows, strict=True):
        pairs[i, j], pairs[j, i] = row, row.reversed()
    # With this few units, no interval of this confidence exists; evalkit.stats.resampling_units says so in its note.
    attainable = spread.units >= 2 and 1 - 2.0 ** (1 - spread.units) >= spread.confidence
    confidence = f"{100 * spread.confidence:g}%" if attainable else ""
    note = scoped(f"{confidence} intervals, {spread.note}".strip(), scored)
    correction = f", corrected for {len(rows)} pairs ({test.correction.capitalize()})" if len(rows) > 1 else ""
    method = f"paired {test.method}, {test.trial_count:,} trials{correction}; significant at p ≤ {test.alpha:g}"
    return Evidence(
        low=tuple(map(number, spread.low)),
        high=tuple(map(number, spread.high)),
        cluster=cluster,
        ranks=ranks,
        pairs=pairs,
        note=note if spread.reason is None else f"no intervals: {spread.reason}",
        method=method if any(row.p_corrected is not None for row in rows) else "",
        confidence=confidence,
        few_articles=few,
    )
