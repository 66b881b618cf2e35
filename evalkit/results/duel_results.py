"""Results of a duel: wins, ties and losses for each pair of systems, with tests and intervals."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit import stats
from evalkit.metrics.base import mean_score
from evalkit.metrics.judging.duels import Preferences
from evalkit.results.task_results import number, number_articles
from evalkit.wording import count

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DuelPair:
    """Two systems of one task.

    :param wins: number of segments on which the first system is preferred in both orders; ``losses`` is the opposite.
        Verdicts that depend on the order are ties.
    :param flip_rate: share of the judged segments whose verdict depends on the order.
    :param first_rate: among verdicts that prefer one text, the share that prefers the text shown first; 0.5 without
        position bias.
    :param undefined: segments that could not be judged.
    :param half_wins: wins plus half the ties, divided by the judged segments; ``low`` and ``high`` bound it.
    :param better: the better system if the corrected test is significant even when every unjudged segment counts
        against it.
    :param reason: why a value is None, or what the verdict depends on.
    """

    system: str
    opponent: str
    wins: int
    ties: int
    losses: int
    flip_rate: float | None
    first_rate: float | None
    undefined: int
    half_wins: float | None
    low: float | None
    high: float | None
    p: float | None
    p_corrected: float | None
    better: str | None
    reason: str | None


@dataclass(frozen=True)
class DuelStanding:
    """A system against all others: wins plus half the ties, with a bootstrap interval."""

    system: str
    half_wins: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class DuelResults:
    """One task.

    :param signature: model, prompts and settings of the judge.
    :param unit: the unit that was resampled, ``article`` or ``segment``; ``note`` explains it in words.
    :param standings: the systems, best first.
    :param declarations: what was declared about the systems that affects how the duel should be read.
    """

    task: str
    segments: int
    signature: str
    unit: str
    note: str
    pairs: tuple[DuelPair, ...]
    standings: tuple[DuelStanding, ...]
    declarations: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the results as plain values."""
        return dataclasses.asdict(self)


def duel_results(
    preferences: Preferences, task: str, articles: Sequence[str] | None, *, seed: int = 12345
) -> DuelResults:
    """Count wins and losses, and test the difference by randomly swapping articles (segments if articles are few).

    :param articles: n article ids, or None.
    """
    groups = None if articles is None else number_articles(articles)[1]
    test = stats.Test(correction="none", seed=seed)
    halves = _halves(preferences.verdicts)
    compared = [_compare(half, groups, test) for half in halves]
    corrected = stats.holm([float(comparison.p[0]) for comparison in compared])
    # float64[systems, n, 2]: wins plus half the ties against all others, and the number of judged comparisons.
    rows = np.zeros((len(preferences.systems), halves.shape[1], 2))
    pairs: list[DuelPair] = []
    for k, (i, j) in enumerate(preferences.pairs):
        names = preferences.systems[i], preferences.systems[j]
        pairs.append(_pair(names, preferences.verdicts[k], halves[k], compared[k], float(corrected[k]), groups, test))
        rows[[i, j]] += _rows(halves[k])
    bounds = stats.intervals(rows, mean_score, groups, seed=seed)
    order = sorted(range(len(rows)), key=lambda s: (np.isnan(bounds.score[s]), -bounds.score[s], s))
    standings = tuple(
        DuelStanding(preferences.systems[s], number(bounds.score[s]), number(bounds.low[s]), number(bounds.high[s]))
        for s in order
    )
    return DuelResults(task, halves.shape[1], preferences.signature, bounds.unit, bounds.note, tuple(pairs), standings)


def _halves(verdicts: Floats) -> Floats:
    """float64[pairs, n]: 1 for a win of the first system, 0.5 for a tie, 0 for a loss, nan if not judged."""
    first, second = verdicts[:, 0], verdicts[:, 1]
    return np.where(np.isnan(first + second), np.nan, np.where(first == second, (first + 1) / 2, 0.5))


def _rows(half: Floats) -> Floats:
    """float64[2, n, 2]: (half-wins, judged) of both systems."""
    judged = ~np.isnan(half)
    first = np.where(judged, half, 0.0)
    return np.stack([np.stack([first, judged], axis=-1), np.stack([judged - first, judged], axis=-1)])


def _compare(half: Floats, groups: NDArray[np.int64] | None, test: stats.Test) -> stats.Comparison:
    return stats.compare(_rows(half), mean_score, [(0, 1)], groups, test)


def _pair(
    names: tuple[str, str],
    verdicts: Floats,
    half: Floats,
    comparison: stats.Comparison,
    p_corrected: float,
    groups: NDArray[np.int64] | None,
    test: stats.Test,
) -> DuelPair:
    judged = ~np.isnan(half)
    undefined = int((~judged).sum())
    reason = comparison.reasons[0]
    ahead = 0 if comparison.difference[0] > 0 else 1
    better = None
    if p_corrected <= test.alpha and comparison.difference[0] != 0:
        better = names[ahead]
        if undefined:
            # Count every unjudged segment as a loss of the leading system.
            worst = _compare(np.where(judged, half, float(ahead)), groups, test)
            still = worst.p[0] <= test.alpha and (worst.difference[0] > 0) == (ahead == 0)
            if not still:
                better, reason = None, f"depends on {count(undefined, 'unjudged segment')}"
    # A verdict for the text shown first is 1 in the first order and -1 in the second.
    shown_first = np.concatenate([verdicts[0][judged], -verdicts[1][judged]])
    decided = shown_first[shown_first != 0]
    return DuelPair(
        system=names[0],
        opponent=names[1],
        wins=int((half == 1).sum()),
        ties=int((half == 0.5).sum()),
        losses=int((half == 0).sum()),
        flip_rate=number((verdicts[0] != verdicts[1])[judged].mean()) if judged.any() else None,
        first_rate=number((decided > 0).mean()) if len(decided) else None,
        undefined=undefined,
        half_wins=number(comparison.score[0]),
        low=number((1 + comparison.low[0]) / 2),
        high=number((1 + comparison.high[0]) / 2),
        p=number(comparison.p[0]),
        p_corrected=number(p_corrected),
        better=better,
        reason=reason,
    )
