"""The verdict of a gate as plain data for the reports, and the decision on scores from arrays and limits alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit import stats
from evalkit.results.task_results import Finding
from evalkit.stats.resampling_units import sum_by_group

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


@dataclass(frozen=True, eq=False)
class Measured:
    """One metric of one task, with every system compared with its own baseline; arrays have one value per system.

    :param old: corpus scores of the baseline; nan where undefined.
    :param new: corpus scores of the run.
    :param low: lower bound of ``new - old``; ``high`` is the upper bound.
    :param bound: one-sided 95% upper confidence bound of the drop.
    :param detectable: the smallest true difference that these data can detect with 80% power.
    :param p: two-sided p-value, uncorrected; nan if there is none.
    :param min_p: the smallest p-value that the test can reach, 2 ** (1 - units that differ); 1 if no unit differs.
    :param old_articles: float64[systems, articles]; ``new_articles`` has the same shape.
    :param unit: ``article`` or ``segment``, the unit that the test exchanges.
    :param units: the number of units; ``moved``, int64[systems], is how many of them differ.
    :param unjudged: the number of segments without a judgement in the run or the baseline; the test uses the others.
    :param worst_drop: the drop if the unjudged segments of the run get their worst score and those of the baseline
        their best; ``best_drop`` is the reverse.
    """

    old: Floats
    new: Floats
    low: Floats
    high: Floats
    bound: Floats
    detectable: Floats
    p: Floats
    min_p: Floats
    old_articles: Floats
    new_articles: Floats
    unit: str
    units: int
    moved: NDArray[np.int64]
    unjudged: NDArray[np.int64]
    worst_drop: Floats
    best_drop: Floats


@dataclass(frozen=True, eq=False)
class Change:
    """The change in one score of one system; ``change`` is ``new - old``, in the metric's units.

    :param scale: the highest possible score, for the number of decimals.
    :param gated: whether the rule ``max_drop`` applies to this score; otherwise it is only reported.
    :param p: two-sided, uncorrected, as reported by ``evalkit compare`` for the same pair; None if there is no test.
    :param p_corrected: the p-value corrected for all tests of the gate.
    :param bound: one-sided 95% bound of the drop.
    :param detectable: the smallest true difference that these data can detect with 80% power.
    :param allowed: the rule ``max_drop``.
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
    state: ChangeState
    gated: bool = True
    old: float | None = None
    new: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_corrected: float | None = None
    bound: float | None = None
    detectable: float | None = None
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
    new: Floats,
    old: Floats,
    score: Callable[[Floats], Any],
    groups: NDArray[np.int64] | None,
    *,
    higher_is_better: bool = True,
    trials: int,
    seed: int,
    unjudged: NDArray[np.bool_] | None = None,
    extremes: tuple[Floats, Floats] | None = None,
) -> Measured:
    """Compare every system with its own baseline: scores, bounds of the change, p-values.

    :param new: float64[systems, n, k], the run's statistics.
    :param old: float64[systems, n, k], the baseline's statistics; each row belongs to the same system and segment as in
        ``new``.
    :param score: float64[..., k] to float64[...].
    :param groups: int[n], the article of each segment numbered from 0, or None.
    :param unjudged: bool[2 * systems, n], segments without a judgement, first of the run, then of the baseline.
    :param extremes: float64[n, k] twice, the rows of the worst and the best possible output.
    """
    systems = len(new)
    both = np.concatenate([new, old])
    pairs = [(i, systems + i) for i in range(systems)]
    test = stats.Test(trials=trials, seed=seed, correction="none", confidence=CONFIDENCE)
    lacking = np.zeros(both.shape[:2], dtype=bool) if unjudged is None else unjudged
    worst, best = extremes or (both[0], both[0])
    bounded = stats.compare_with_undefined(
        both, lacking, worst, best, score, pairs, groups, test, higher_is_better=higher_is_better
    )
    compared = bounded.comparison
    with np.errstate(all="ignore"):
        scores = np.asarray(score(both.sum(axis=1)), dtype=np.float64)
    sign = -1.0 if higher_is_better else 1.0
    units = stats.to_units(both, groups).rows
    moved = (units[:systems] != units[systems:]).any(axis=2).sum(axis=1)
    by_article = np.empty((2 * systems, 0))
    if groups is not None and new.shape[1]:
        with np.errstate(all="ignore"):
            by_article = np.asarray(score(sum_by_group(both, groups)[0]), dtype=np.float64)
    return Measured(
        old=scores[systems:],
        new=scores[:systems],
        low=compared.low,
        high=compared.high,
        bound=-compared.lower_bound if higher_is_better else compared.upper_bound,
        detectable=compared.min_detectable_difference,
        p=compared.p,
        # Exchanging an identical unit changes nothing, and exchanging all units is as extreme as exchanging none.
        min_p=np.minimum(1.0, np.ldexp(2.0, -np.minimum(moved, 1000))),
        old_articles=by_article[systems:],
        new_articles=by_article[:systems],
        unit=compared.unit,
        units=compared.units,
        moved=moved,
        unjudged=bounded.undefined,
        worst_drop=sign * bounded.worst,
        best_drop=sign * bounded.best,
    )


def decide(
    old: float,
    new: float,
    p_corrected: float,
    min_p: float,
    bound: float,
    *,
    higher_is_better: bool,
    max_drop: float,
    alpha: float,
) -> ChangeState:
    """Decide the state of one gated score.

    A score is *worse* only if it fell by more than is allowed *and* the corrected test is significant. It is *within
    max_drop* if the one-sided bound of its drop is; this needs no correction, because a gate passes only if every score
    is within the limit. Anything else is inconclusive.

    :param old: nan where undefined; likewise ``new``, and ``p_corrected`` if there is no test.
    :param min_p: the smallest possible p.
    :param max_drop: at least 0.
    """
    drop = old - new if higher_is_better else new - old
    # Differences that exceed the limit only by rounding error do not count.
    limit = max_drop + 1e-9 * max(1.0, abs(old))
    significant = p_corrected <= alpha
    if np.isnan(old) or np.isnan(new):
        return ChangeState.UNCHANGED if np.isnan(old) and np.isnan(new) else ChangeState.UNDEFINED
    if min_p >= 1.0 and drop == 0.0:
        return ChangeState.UNCHANGED
    if significant and drop < 0:
        return ChangeState.BETTER
    if significant and drop > limit:
        return ChangeState.WORSE
    if bound <= limit:
        return ChangeState.WITHIN
    return ChangeState.UNTESTED if np.isnan(p_corrected) else ChangeState.INCONCLUSIVE


def corrected(p: Sequence[float], min_p: Sequence[float], alpha: float) -> Floats:
    """Correct p-values together (Holm); nan if no test is made.

    Tests that cannot reach ``alpha`` whatever the outcome (too few units differ) are not made, so they do not weaken
    the correction of the others.

    Sources: Tarone 1990, "A Modified Bonferroni Method for Discrete Data", Biometrics 46, for omitting tests; Holm 1979
    for the correction.
    """
    return stats.holm(np.where(np.asarray(min_p, dtype=np.float64) <= alpha, np.asarray(p, dtype=np.float64), np.nan))
