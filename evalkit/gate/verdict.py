"""The verdict of a gate as plain data for the reports, and the decision on scores from arrays and limits alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit import stats
from evalkit.results.task_results import Finding, number
from evalkit.stats.resampling_units import sum_by_group
from evalkit.wording import count

Floats = NDArray[np.float64]

#: Confidence of the one-sided bounds of a drop.
CONFIDENCE = 0.95


class State(Enum):
    """The state of a gate; the value is the word printed in reports."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    REFUSED = "refused"


class ChangeState(Enum):
    """The state of one score, most important first; the value is the phrase printed in reports."""

    WORSE = "worse"
    UNDEFINED = "undefined"
    UNTESTED = "too few units to test"
    INCONCLUSIVE = "inconclusive"
    WITHIN = "within max_drop"
    BETTER = "better"
    REPORTED = "reported, not gated"
    NEW = "new"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, eq=False, kw_only=True)
class Change:
    """The change in one score of one system; ``change`` is ``new - old``, in the metric's units.

    :param scale: the highest possible score, for the number of decimals.
    :param allowed: the rule ``max_drop``.
    :param gated: whether that rule applies to this score; otherwise it is only reported.
    :param old: the corpus score of the baseline; ``new`` is that of the run. None where undefined.
    :param low: lower bound of the change; ``high`` is the upper bound.
    :param bound: one-sided 95% upper bound of the drop.
    :param detectable: the smallest true difference that these data can detect with 80% power.
    :param p: two-sided, uncorrected, as reported by ``evalkit compare`` for the same pair; None if there is no test.
    :param min_p: the smallest p-value that the test can reach, 2 ** (1 - units that differ); 1 if no unit differs.
    :param p_corrected: the p-value corrected for all tests of the gate.
    :param units: the segments or articles that the test exchanges and that differ, in words.
    :param unjudged: the number of segments without a judgement in the run or the baseline; the test uses the others.
    :param worst_drop: the drop if the unjudged segments of the run get their worst score and those of the baseline
        their best; ``best_drop`` is the reverse.
    :param reason: an explanation of the state for the reader, if the state needs one.
    :param articles: current scores of the articles; ``articles_before`` are those of the baseline, None for a new
        system.
    """

    task: str
    system: str
    metric: str
    higher_is_better: bool
    scale: float
    allowed: float
    gated: bool = True
    state: ChangeState = ChangeState.NEW
    old: float | None = None
    new: float | None = None
    low: float | None = None
    high: float | None = None
    bound: float | None = None
    detectable: float | None = None
    p: float | None = None
    min_p: float = 1.0
    p_corrected: float | None = None
    units: str = ""
    unjudged: int = 0
    worst_drop: float | None = None
    best_drop: float | None = None
    reason: str = ""
    articles: tuple[float | None, ...] = ()
    articles_before: tuple[float | None, ...] | None = None

    @property
    def change(self) -> float | None:
        """``new - old``."""
        return None if self.new is None or self.old is None else self.new - self.old

    @property
    def drop(self) -> float | None:
        """The amount by which the score got worse, whichever direction is better; negative if it improved."""
        return None if self.change is None else (-self.change if self.higher_is_better else self.change)

    @property
    def undecided(self) -> bool:
        """Whether the state of this gated score is inconclusive: ``max_drop`` is neither met nor broken."""
        return self.gated and self.state in (ChangeState.INCONCLUSIVE, ChangeState.UNTESTED)


@dataclass(frozen=True, eq=False)
class FindingChange:
    """The errors that one metric found in one system's outputs, compared with the baseline.

    :param new: errors that the baseline did not have, each with the number of its segment; those that fail a build on
        their own come first.
    :param resolved: the number of errors of the baseline that no longer occur.
    :param alone: how many of ``new`` are of kinds that fail a build on their own.
    :param p: p-value of the one-sided sign-flip test of (new - resolved) by article over the other kinds; None without
        a test.
    :param min_p: the smallest p-value that this test can reach.
    :param p_corrected: the p-value corrected for all tests of the gate.
    """

    task: str
    system: str
    metric: str
    new: tuple[tuple[int, Finding], ...]
    resolved: int
    alone: int = 0
    p: float | None = None
    min_p: float = 1.0
    p_corrected: float | None = None

    @property
    def undecided(self) -> bool:
        """Whether there are new errors that no rule decides on."""
        return len(self.new) > self.resolved


@dataclass(frozen=True)
class Breach:
    """A broken rule. ``metric`` and ``article`` are empty if the rule does not refer to one.

    :param kind: the kind or severity that a rule on findings counts; empty for errors with a span in the output.
    :param segments: ids of the segments to look at, if the rule names any.
    """

    rule: str
    task: str
    system: str
    metric: str
    article: str
    message: str
    kind: str = ""
    segments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Example:
    """A segment to show, because its score dropped most or because of its findings.

    :param before: the output of the baseline, if it has texts.
    :param new_error: whether the segment has a new error finding.
    """

    task: str
    system: str
    article: str
    segment: str
    why: str
    source: str
    reference: str
    output: str
    before: str | None = None
    new_error: bool = False


@dataclass(frozen=True, eq=False)
class Verdict:
    """The result of a gate.

    :param headline: one-line summary.
    :param changes: one per task, system and metric, in the order of the run.
    :param notes: sentences for a reader, such as what the test could not show.
    :param articles: by task, the ids and titles of the articles, in the order of :attr:`Change.articles`.
    :param inconclusive_fails: whether the rule ``inconclusive = "fail"`` is set.
    """

    state: State
    headline: str
    benchmark: str = ""
    changes: tuple[Change, ...] = ()
    findings: tuple[FindingChange, ...] = ()
    breaches: tuple[Breach, ...] = ()
    examples: tuple[Example, ...] = ()
    notes: tuple[str, ...] = ()
    articles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    inconclusive_fails: bool = False

    @property
    def failed(self) -> bool:
        """Whether the build should fail: a rule is broken, or the gate is inconclusive and ``inconclusive = "fail"``."""
        return self.state is State.FAILED or (self.state is State.INCONCLUSIVE and self.inconclusive_fails)


def measure(
    changes: Sequence[Change],
    new: Floats,
    old: Floats,
    score: Callable[[Floats], Any],
    groups: NDArray[np.int64] | None,
    *,
    trials: int,
    seed: int,
    unjudged: NDArray[np.bool_] | None = None,
    extremes: tuple[Floats, Floats] | None = None,
) -> list[Change]:
    """Compare every system with its own baseline: fill in the scores, bounds of the change and p-values of one metric.

    :param changes: one for each system.
    :param new: float64[systems, n, k], the run's statistics.
    :param old: float64[systems, n, k], the baseline's statistics; each row belongs to the same system and segment as in
        ``new``.
    :param score: float64[..., k] to float64[...].
    :param groups: int[n], the article of each segment numbered from 0, or None.
    :param unjudged: bool[2 * systems, n], segments without a judgement, first of the run, then of the baseline.
    :param extremes: float64[n, k] twice, the rows of the worst and the best possible output.
    """
    systems, higher_is_better = len(new), changes[0].higher_is_better
    both = np.concatenate([new, old])
    pairs = [(i, systems + i) for i in range(systems)]
    test = stats.Test(trials=trials, seed=seed, correction="none", confidence=CONFIDENCE)
    lacking = np.zeros(both.shape[:2], dtype=bool) if unjudged is None else unjudged
    worst, best = extremes or (both[0], both[0])
    compared = stats.compare_with_undefined(
        both, lacking, worst, best, score, pairs, groups, test, higher_is_better=higher_is_better
    )
    by_article = np.empty((2 * systems, 0))
    with np.errstate(all="ignore"):
        scores = np.asarray(score(both.sum(axis=1)), dtype=np.float64)
        if groups is not None and new.shape[1]:
            by_article = np.asarray(score(sum_by_group(both, groups)[0]), dtype=np.float64)
    sign = -1.0 if higher_is_better else 1.0
    columns = {
        "old": scores[systems:],
        "new": scores[:systems],
        "low": compared.low,
        "high": compared.high,
        "bound": -compared.lower_bound if higher_is_better else compared.upper_bound,
        "detectable": compared.min_detectable_difference,
        "p": compared.p,
        "worst_drop": sign * compared.worst,
        "best_drop": sign * compared.best,
    }
    units = stats.to_units(both, groups).rows
    differing = (units[:systems] != units[systems:]).any(axis=2).sum(axis=1).tolist()
    total = f"{compared.units} {compared.unit}s"
    measured: list[Change] = []
    for i, change in enumerate(changes):
        values: dict[str, Any] = {name: number(column[i]) for name, column in columns.items()}
        measured.append(
            replace(
                change,
                **values,
                state=ChangeState.REPORTED,
                # Exchanging an identical unit changes nothing, and exchanging all is as extreme as exchanging none.
                min_p=min(1.0, math.ldexp(2.0, -min(differing[i], 1000))),
                units=total if differing[i] == compared.units else f"{differing[i]} of {total} changed",
                unjudged=int(compared.undefined[i]),
                articles=tuple(map(number, by_article[i])),
                articles_before=tuple(map(number, by_article[systems + i])),
            )
        )
    return measured


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
        reason = f"{change.units}: no test can give less than p = {change.min_p:.2g}"
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
