"""Measure how the scores of a run differ from those of a baseline, and decide the state of each."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evalkit import stats
from evalkit.gate.verdict import Change, ChangeState
from evalkit.results.comparisons import compare_metric
from evalkit.results.task_results import ScoredMetric, TaskResults, number
from evalkit.wording import count

#: Confidence of the one-sided bounds of a drop.
CONFIDENCE = 0.95


def measure(
    changes: Sequence[Change], both: TaskResults, scored: ScoredMetric, *, trials: int, seed: int
) -> list[Change]:
    """Fill in scores, bounds and p-values of one metric; ``both`` contains the systems, then their baselines."""
    systems = len(changes)
    test = stats.Test(trials=trials, seed=seed, correction="none", confidence=CONFIDENCE)
    compared = compare_metric(both, scored, [(i, systems + i) for i in range(systems)], test)
    with np.errstate(all="ignore"):
        scores, by_article = both.corpus(scored.label), both.by_article(scored.label)
    changes_judged, by_article_judged = np.full(systems, np.nan), by_article
    if compared.undefined.any():
        # Like the test, changes are computed from the segments that were judged in both runs.
        judged = ~np.tile(both.unjudged(scored.label).reshape(2, systems, -1).any(axis=0), (2, 1))
        common = {scored.label: both.statistics[scored.label] * judged[..., np.newaxis]}
        changes_judged = compared.difference
        by_article_judged = replace(both, statistics=common).by_article(scored.label)
    sign = -1.0 if scored.higher_is_better else 1.0
    columns = {
        "old": scores[systems:],
        "new": scores[:systems],
        "change_judged": changes_judged,
        "low": compared.low,
        "high": compared.high,
        "bound": -compared.lower_bound if scored.higher_is_better else compared.upper_bound,
        "detectable": compared.min_detectable_difference,
        "p": compared.p,
        "worst_drop": sign * compared.worst,
        "best_drop": sign * compared.best,
    }
    units = stats.to_units(*both.resampled(scored.label)).rows
    differing = (units[:systems] != units[systems:]).any(axis=2).sum(axis=1).tolist()
    total = count(compared.units, compared.unit)
    return [
        replace(
            change,
            **{name: number(column[i]) for name, column in columns.items()},  # type: ignore[arg-type]
            state=ChangeState.REPORTED,
            # Exchanging an identical unit changes nothing, and exchanging all is as extreme as exchanging none.
            min_p=min(1.0, math.ldexp(2.0, -min(differing[i], 1000))),
            units=total if differing[i] == compared.units else f"{differing[i]} of {total} changed",
            unjudged=int(compared.undefined[i]),
            articles=tuple(map(number, by_article[i])),
            articles_before=tuple(map(number, by_article[systems + i])),
            article_changes=tuple(map(number, by_article_judged[i] - by_article_judged[systems + i])),
        )
        for i, change in enumerate(changes)
    ]


def decide(change: Change, p_corrected: float | None, alpha: float) -> Change:
    """Decide the state of a score that was measured.

    A score is *worse* only if it fell by more than is allowed *and* the corrected test is significant. It is *within
    max_drop* if the one-sided bound of its drop is; this needs no correction, because a gate passes only if every score
    is within the limit. Anything else is inconclusive, as is a decision that depends on segments without a judgement.

    :param p_corrected: None if there is no test.
    """
    significant = p_corrected is not None and p_corrected <= alpha
    state, reason = _state(change, significant, p_corrected is not None), ""
    if state is ChangeState.UNTESTED:
        reason = f"{change.units}: the smallest possible p-value is {change.min_p:.2g}"
    elif significant and state is ChangeState.WITHIN:
        reason = "a significant drop"
    elif significant and state is ChangeState.INCONCLUSIVE:
        reason = "a significant drop that may exceed max_drop"
    at_worst, at_best = (math.nan if drop is None else drop for drop in (change.worst_drop, change.best_drop))
    if change.unjudged and (
        (state in (ChangeState.WITHIN, ChangeState.BETTER) and at_worst > change.allowed)
        or (state is ChangeState.WORSE and at_best <= change.allowed)
    ):
        state, reason = ChangeState.INCONCLUSIVE, f"depends on {count(change.unjudged, 'unjudged segment')}"
    p = change.p if change.min_p <= alpha else None
    return replace(change, state=state, reason=reason, p=p, p_corrected=p_corrected)


def _state(change: Change, significant: bool, tested: bool) -> ChangeState:
    if change.old is None or change.new is None or change.drop is None:
        return ChangeState.UNCHANGED if change.old is change.new else ChangeState.UNDEFINED
    if change.min_p >= 1.0 and change.drop == 0.0:
        return ChangeState.UNCHANGED
    if not change.gated:
        return ChangeState.REPORTED
    # Differences that exceed the limit only by rounding error do not count.
    limit = change.allowed + 1e-9 * max(1.0, abs(change.old))
    if significant and change.drop < 0:
        return ChangeState.BETTER
    if significant and change.drop > limit:
        return ChangeState.WORSE
    if change.bound is not None and change.bound <= limit:
        return ChangeState.WITHIN
    return ChangeState.INCONCLUSIVE if tested else ChangeState.UNTESTED


def corrected(p: Sequence[float | None], min_p: Sequence[float], alpha: float) -> list[float | None]:
    """Correct p-values together (Holm); None if no test is made.

    Tests that cannot reach ``alpha`` whatever the outcome (too few units differ) are not made, so they do not weaken
    the correction of the others.

    Sources: Tarone 1990, "A Modified Bonferroni Method for Discrete Data", Biometrics 46, for omitting tests; Holm 1979
    for the correction.
    """
    made = [value if value is not None and least <= alpha else math.nan for value, least in zip(p, min_p, strict=True)]
    return [number(value) for value in stats.holm(np.array(made, dtype=np.float64))]
