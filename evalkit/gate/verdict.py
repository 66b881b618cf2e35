"""What a gate says, as plain data for the reports; and the decision on scores, from arrays and limits alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit import stats
from evalkit.results.task_results import Finding

__all__ = [
    "Breach",
    "Change",
    "ChangeState",
    "Example",
    "FindingChange",
    "Measured",
    "State",
    "Verdict",
    "corrected",
    "decide",
    "measure",
]

Floats = NDArray[np.float64]

#: of the one-sided bounds of a drop.
CONFIDENCE = 0.95


class State(Enum):
    """The state of a gate; the value is the word that reports print."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    REFUSED = "refused"


class ChangeState(Enum):
    """The state of one score, what a reader should see first at the top; the value is the phrase that reports print."""

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
    """One metric of one task, every system against its own baseline; arrays have one value per system.

    :param old: corpus scores of the baseline; nan where undefined.
    :param new: corpus scores of the run.
    :param low: lower bound of ``new - old``; ``high`` is the upper bound.
    :param bound: one-sided 95% bound of the drop: it is smaller than this with that confidence.
    :param detectable: the smallest true difference that these data show with 80% power.
    :param p: two-sided p-value, uncorrected; nan where there is none.
    :param min_p: the smallest p-value that the test could give, 2 ** (1 - units that differ); 1 where none differs.
    :param old_articles: float64[systems, articles]; ``new_articles`` likewise.
    :param unit: ``article`` or ``segment``, what the test exchanges.
    :param units: how many of them there are; ``moved``, int64[systems], how many differ.
    :param unjudged: how many segments the run or the baseline has no judgement of; the test is made on the others.
    :param worst_drop: the drop with the unjudged segments of the run at their worst and those of the baseline at their
        best; ``best_drop`` the other way round.
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
    """How one score of one system changed; ``change`` is ``new - old``, in the metric's units.

    :param scale: the highest possible score, for the number of decimals.
    :param gated: whether the rule ``max_drop`` holds for this score; else it is only reported.
    :param p: two-sided, uncorrected, as ``evalkit compare`` gives it for the same pair; None where there is no test.
    :param p_corrected: the same corrected for all tests of the gate.
    :param bound: one-sided 95% bound of the drop.
    :param detectable: the smallest true difference that these data show with 80% power.
    :param allowed: the rule ``max_drop``.
    :param unjudged: how many segments have no judgement in the run or the baseline.
    :param reason: what the state rests on, for a reader, where the state does not say it.
    :param articles: scores of the articles now; ``articles_before`` in the baseline, None for a new system.
    """

    task: str
    system: str
    metric: str
    higher_is_better: bool
    scale: float
    old: float | None
    new: float | None
    allowed: float
    state: ChangeState
    gated: bool = True
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_corrected: float | None = None
    bound: float | None = None
    detectable: float | None = None
    unjudged: int = 0
    reason: str = ""
    articles: tuple[float | None, ...] = ()
    articles_before: tuple[float | None, ...] | None = None

    @property
    def change(self) -> float | None:
        """``new - old``."""
        return None if self.new is None or self.old is None else self.new - self.old

    @property
    def drop(self) -> float | None:
        """By how much the score got worse, whichever way is better; negative where it got better."""
        return None if self.change is None else (-self.change if self.higher_is_better else self.change)

    @property
    def undecided(self) -> bool:
        """Whether this gated score neither holds ``max_drop`` nor breaks it."""
        return self.gated and self.state in (ChangeState.INCONCLUSIVE, ChangeState.UNTESTED)


@dataclass(frozen=True, eq=False)
class FindingChange:
    """The errors that one metric found in one system's outputs, compared with the baseline.

    :param new: errors that the baseline did not have, each with the number of its segment; those that fail a build alone
        come first.
    :param resolved: how many errors of the baseline are gone.
    :param alone: how many of ``new`` are of kinds that fail a build alone.
    :param p: of the one-sided sign-flip test of (new - resolved) by article over the other kinds; None without one.
    :param min_p: the smallest p-value that this test could give.
    :param p_corrected: the same corrected for all tests of the gate.
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
        """Whether errors were added that no rule decides on."""
        return len(self.new) > self.resolved


@dataclass(frozen=True)
class Breach:
    """A rule that is broken. ``metric`` and ``article`` are empty where the rule is not about one.

    :param kind: the kind or severity that a rule on findings counts; empty for errors that have a place in the output.
    :param segments: ids of the segments to look at, where the rule names some.
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
    """A segment for a reader: where the score fell most, or what was found there.

    :param before: the output of the baseline, where it has texts.
    :param new_error: whether it shows a new error finding.
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
    """What the gate says.

    :param headline: one line.
    :param changes: one per task, system and metric, in the order of the run.
    :param notes: sentences for a reader, such as what the test could not show.
    :param articles: titles of the articles by task, in the order of :attr:`Change.articles`; ``article_ids`` their ids.
    :param inconclusive_fails: the rule ``inconclusive = "fail"``.
    """

    state: State
    headline: str
    benchmark: str = ""
    changes: tuple[Change, ...] = ()
    findings: tuple[FindingChange, ...] = ()
    breaches: tuple[Breach, ...] = ()
    examples: tuple[Example, ...] = ()
    notes: tuple[str, ...] = ()
    articles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    article_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inconclusive_fails: bool = False

    @property
    def failed(self) -> bool:
        """Whether a build should fail: a rule is broken, or nothing is shown where ``inconclusive = "fail"``."""
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
    """Every system against its own baseline: scores, bounds of the change, p-values.

    :param new: float64[systems, n, k], the run's statistics.
    :param old: float64[systems, n, k], the baseline's, row by row of the same system and segment.
    :param score: float64[..., k] to float64[...].
    :param groups: int[n], the article of each segment numbered from 0, or None.
    :param unjudged: bool[2 * systems, n], segments without a judgement, of the run and then of the baseline.
    :param extremes: float64[n, k] twice, the rows of the worst and the best possible output.
    """
    systems, segments = new.shape[0], new.shape[1]
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
    differ = (units[:systems] != units[systems:]).any(axis=2)
    moved = differ.sum(axis=1)
    by_article = np.empty((2 * systems, 0))
    if groups is not None and segments:
        sums = np.zeros((2 * systems, int(groups.max()) + 1, both.shape[2]))
        for row, held in zip(both, sums, strict=True):
            np.add.at(held, groups, row)
        with np.errstate(all="ignore"):
            by_article = np.asarray(score(sums), dtype=np.float64)
    return Measured(
        old=scores[systems:],
        new=scores[:systems],
        low=compared.low,
        high=compared.high,
        bound=-compared.lower_bound if higher_is_better else compared.upper_bound,
        detectable=compared.min_detectable_difference,
        p=compared.p,
        # Exchanging a unit that is the same on both sides changes nothing, and all exchanged is as extreme as none.
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
    old: Sequence[float],
    new: Sequence[float],
    p_corrected: Sequence[float],
    min_p: Sequence[float],
    bound: Sequence[float],
    higher_is_better: Sequence[bool],
    max_drop: Sequence[float],
    alpha: float,
) -> list[ChangeState]:
    """The states of all gated scores.

    A score is *worse* only if it fell by more than is allowed *and* the corrected test is significant. It is *within
    max_drop* if the one-sided bound of its drop is: no correction is needed for that, because a gate passes only if every
    score is. Anything else is inconclusive.

    :param old: float[m], nan where undefined; likewise ``new``, ``p_corrected`` (nan: no test), ``min_p`` (the smallest
        possible p) and ``bound``.
    :param max_drop: float[m], at least 0.
    """
    states: list[ChangeState] = []
    for before, after, p, least, most, higher, allowed in zip(
        old, new, p_corrected, min_p, bound, higher_is_better, max_drop, strict=True
    ):
        drop = before - after if higher else after - before
        # Differences that are equal to the limit but for the last digit do not exceed it.
        limit = allowed + 1e-9 * max(1.0, abs(before))
        significant = p <= alpha
        if np.isnan(before) or np.isnan(after):
            both = np.isnan(before) and np.isnan(after)
            states.append(ChangeState.UNCHANGED if both else ChangeState.UNDEFINED)
        elif least >= 1.0 and drop == 0.0:
            states.append(ChangeState.UNCHANGED)
        elif significant and drop < 0:
            states.append(ChangeState.BETTER)
        elif significant and drop > limit:
            states.append(ChangeState.WORSE)
        elif most <= limit:
            states.append(ChangeState.WITHIN)
        elif np.isnan(p):
            states.append(ChangeState.UNTESTED)
        else:
            states.append(ChangeState.INCONCLUSIVE)
    return states


def corrected(p: Sequence[float], min_p: Sequence[float], alpha: float) -> Floats:
    """P-values corrected together (Holm); nan where no test is made.

    Tests that could not give ``alpha`` whatever the outcome (too few units that differ) are not made, so they cost the
    others nothing.

    Source of leaving them out: Tarone 1990, "A Modified Bonferroni Method for Discrete Data", Biometrics 46; of the
    correction: Holm 1979.
    """
    return stats.holm(np.where(np.asarray(min_p, dtype=np.float64) <= alpha, np.asarray(p, dtype=np.float64), np.nan))
