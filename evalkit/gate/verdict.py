"""The decision of a gate, from arrays and limits alone; and what a verdict says, as plain data for the reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit import stats

__all__ = ["Breach", "Change", "Example", "Measured", "Verdict", "decide", "measure"]

Floats = NDArray[np.float64]

FAILED, PASSED, REFUSED = "failed", "passed", "refused"

# States of a change.
WORSE = "worse"
WORSE_ALLOWED = "worse, within what is allowed"
BETTER = "better"
NO_EVIDENCE = "no evidence of a change"
UNTESTABLE = "cannot be tested"
UNCHANGED = "unchanged"
NEW = "new"
UNDEFINED = "undefined"


@dataclass(frozen=True, eq=False)
class Measured:
    """One metric of one task, every system against its own baseline; arrays have one value a system.

    :param old: baseline's corpus scores; nan where undefined.
    :param new: the run's corpus scores.
    :param low: lower bound of ``new - old``; ``high`` the upper one.
    :param p: two-sided p-value, uncorrected; nan where there is none.
    :param floor: the smallest p-value that the test could give, 2 ** (1 - units that differ); 1 where none does.
    :param old_articles: float64[systems, articles]; ``new_articles`` likewise.
    :param unit: ``article`` or ``segment``, what the test exchanges.
    :param units: how many of them there are; ``moved``, int64[systems], how many differ.
    """

    old: Floats
    new: Floats
    low: Floats
    high: Floats
    p: Floats
    floor: Floats
    old_articles: Floats
    new_articles: Floats
    unit: str
    units: int
    moved: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Change:
    """What became of one score of one system; ``change`` is ``new - old``, in the metric's units.

    :param scale: the highest possible score, for the number of decimals.
    :param state: ``worse``, ``worse, within what is allowed``, ``better``, ``no evidence of a change``, ``cannot be
        tested``, ``unchanged``, ``new`` or ``undefined``.
    :param p: as corrected for all tests of the gate; None where there is no test.
    :param allowed: the rule ``max_drop``.
    :param reason: why there is no test, for a reader.
    :param articles: scores of the articles now; ``articles_before`` in the baseline, None for a new system.
    """

    task: str
    system: str
    metric: str
    higher_is_better: bool
    scale: float
    old: float | None
    new: float | None
    low: float | None
    high: float | None
    p: float | None
    allowed: float
    state: str
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


@dataclass(frozen=True)
class Breach:
    """A rule that is broken. ``metric`` and ``article`` are empty where the rule is of none.

    :param kind: the kind or severity that a rule on findings counts; empty for errors that stand in the output.
    """

    rule: str
    task: str
    system: str
    metric: str
    article: str
    message: str
    kind: str = ""


@dataclass(frozen=True)
class Example:
    """A segment for a reader: where the score is worst, or what a rule found."""

    task: str
    system: str
    article: str
    segment: str
    why: str
    source: str
    reference: str
    output: str


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the gate says.

    :param status: ``passed``, ``failed`` or ``refused``.
    :param headline: one line.
    :param changes: a task, system and metric each, in the order of the run.
    :param articles: titles of the articles by task, in the order of :attr:`Change.articles`.
    :param notes: sentences for a reader, such as what the test could not show.
    """

    status: str
    headline: str
    benchmark: str = ""
    changes: tuple[Change, ...] = ()
    breaches: tuple[Breach, ...] = ()
    examples: tuple[Example, ...] = ()
    notes: tuple[str, ...] = ()
    articles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: their ids.
    article_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether a rule is broken."""
        return self.status == FAILED


def measure(
    new: Floats,
    old: Floats,
    score: Callable[[Floats], Any],
    groups: NDArray[np.int64] | None,
    *,
    trials: int,
    seed: int,
) -> Measured:
    """Every system against its own baseline: scores, intervals of the change, p-values.

    :param new: float64[systems, n, k], the run's statistics.
    :param old: float64[systems, n, k], the baseline's, row by row of the same system and segment.
    :param score: float64[..., k] to float64[...].
    :param groups: int[n], the article of each segment numbered from 0, or None.
    """
    systems, segments = new.shape[0], new.shape[1]
    both = np.concatenate([new, old])
    pairs = [(i, systems + i) for i in range(systems)]
    compared = stats.compare(both, score, pairs, groups, stats.Test(trials=trials, seed=seed, correction="none"))
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
        old=compared.score[systems:],
        new=compared.score[:systems],
        low=compared.low,
        high=compared.high,
        p=compared.p,
        # Exchanging a unit that is the same on both sides changes nothing, and all exchanged is as extreme as none.
        floor=np.minimum(1.0, np.ldexp(2.0, -np.minimum(moved, 1000))),
        old_articles=by_article[systems:],
        new_articles=by_article[:systems],
        unit=compared.unit,
        units=compared.units,
        moved=moved,
    )


def decide(
    old: Sequence[float],
    new: Sequence[float],
    p: Sequence[float],
    floor: Sequence[float],
    higher_is_better: Sequence[bool],
    max_drop: Sequence[float],
    alpha: float,
) -> tuple[list[str], Floats]:
    """The state of every change of a gate, all tests corrected together.

    A score is ``worse`` only where it fell by more than is allowed *and* the corrected test excludes zero. Tests that could
    not give ``alpha`` whatever the outcome (too few units that differ) are not made, so they cost the others nothing.

    Source of leaving them out: Tarone 1990, "A Modified Bonferroni Method for Discrete Data", Biometrics 46; of the
    correction: Holm 1979.

    :param old: float[m], nan where undefined; likewise ``new``, ``p`` (nan: no test) and ``floor`` (the smallest possible p).
    :param max_drop: float[m], at least 0.
    :returns: the states, and the corrected p-values float64[m], nan where no test was made.
    """
    before, after = np.asarray(old, dtype=np.float64), np.asarray(new, dtype=np.float64)
    bounds = np.asarray(floor, dtype=np.float64)
    family = np.where(bounds <= alpha, np.asarray(p, dtype=np.float64), np.nan)
    corrected = stats.holm(family)
    sign = np.where(np.asarray(higher_is_better, dtype=bool), 1.0, -1.0)
    drop = sign * (before - after)
    states: list[str] = []
    for i in range(len(before)):
        if np.isnan(before[i]) or np.isnan(after[i]):
            states.append(UNCHANGED if np.isnan(before[i]) and np.isnan(after[i]) else UNDEFINED)
        elif bounds[i] >= 1.0 and drop[i] == 0.0:
            states.append(UNCHANGED)
        elif np.isnan(corrected[i]):
            states.append(UNTESTABLE)
        elif corrected[i] > alpha or drop[i] == 0.0:
            states.append(NO_EVIDENCE)
        elif drop[i] < 0:
            states.append(BETTER)
        else:
            # Differences that are equal to the limit but for the last digit do not exceed it.
            tie = 1e-9 * max(1.0, abs(before[i]))
            states.append(WORSE if drop[i] > max_drop[i] + tie else WORSE_ALLOWED)
    return states, corrected
