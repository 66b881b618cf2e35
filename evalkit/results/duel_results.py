"""Results of a duel: wins, ties and losses for each pair of systems, with tests and intervals."""

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
from evalkit.stats.comparison import named
from evalkit.stats.resampling_units import Floats
from evalkit.wording import count

Marks = NDArray[np.bool_]


@dataclass(frozen=True)
class DuelPair:
    """Two systems of one task.

    :param wins: number of segments on which the first system is preferred in both orders; ``losses`` is the opposite.
        Verdicts that depend on the order are ties.
    :param flip_rate: among the segments that the judge was asked about, the share whose verdict depends on the order.
    :param first_rate: among the judge's verdicts that prefer one text, the share that prefers the text shown first; 0.5
        without position bias.
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
    :param unit: what was resampled, ``article`` or ``segment``; ``note`` explains it in words.
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
    """Count wins and losses, and test the difference by randomly swapping articles (segments if articles are few)."""
    groups = None if articles is None else number_articles(articles)[1]
    systems, index = preferences.systems, np.array(preferences.pairs)
    first, second = preferences.verdicts[:, 0], preferences.verdicts[:, 1]
    # float64[pairs, n]: 1 for a win of the first system, 0.5 for a tie, 0 for a loss.
    judged = ~np.isnan(first + second)
    wins = np.where(judged, np.where(first == second, (first + 1) / 2, 0.5), 0.0)
    # float64[pairs, 2, n, 2]: wins plus half the ties of both systems, and the number of judged comparisons.
    sides = np.stack([np.stack([score, judged], axis=-1) for score in (wins, judged - wins)], axis=1)
    n = wins.shape[1]
    compared = stats.compare_with_undefined(
        sides.reshape(-1, n, 2),
        np.repeat(~judged, 2, axis=0),
        np.tile((0.0, 1.0), (n, 1)),
        np.tile((1.0, 1.0), (n, 1)),
        mean_score,
        [(2 * k, 2 * k + 1) for k in range(len(index))],
        groups,
        stats.Test(seed=seed),
    )
    pairs = [
        _pair(systems[i], systems[j], preferences, judged[k], wins[k], compared, k)
        for k, (i, j) in enumerate(index.tolist())
    ]
    rows = np.zeros((len(systems), n, 2))
    np.add.at(rows, index, sides)
    bounds = stats.intervals(rows, mean_score, groups, seed=seed)
    order = sorted(range(len(rows)), key=lambda s: (np.isnan(bounds.score[s]), -bounds.score[s], s))
    standings = tuple(
        DuelStanding(systems[s], number(bounds.score[s]), number(bounds.low[s]), number(bounds.high[s])) for s in order
    )
    return DuelResults(task, n, preferences.signature, bounds.unit, bounds.note, tuple(pairs), standings)


def _pair(
    system: str,
    opponent: str,
    preferences: Preferences,
    judged: Marks,
    wins: Floats,
    compared: stats.Comparison,
    k: int,
) -> DuelPair:
    undefined, better = int((~judged).sum()), int(compared.better[k])
    reason = named(compared.reasons[k], [system, opponent] * (k + 1))
    # A verdict for the text shown first is 1 in the first order and -1 in the second.
    one, other = preferences.verdicts[k][:, judged & preferences.asked[k]]
    shown_first = np.concatenate([one, -other])
    decided = shown_first[shown_first != 0]
    return DuelPair(
        system=system,
        opponent=opponent,
        wins=int((wins[judged] == 1).sum()),
        ties=int((wins[judged] == 0.5).sum()),
        losses=int((wins[judged] == 0).sum()),
        flip_rate=number((one != other).mean()) if len(one) else None,
        first_rate=number((decided > 0).mean()) if len(decided) else None,
        undefined=undefined,
        # The half-wins of both systems add up to 1.
        half_wins=number((1 + compared.difference[k]) / 2),
        low=number((1 + compared.low[k]) / 2),
        high=number((1 + compared.high[k]) / 2),
        p=number(compared.p[k]),
        p_corrected=number(compared.p_corrected[k]),
        better=None if better < 0 else system if better == 2 * k else opponent,
        reason=f"depends on {count(undefined, 'unjudged segment')}" if compared.undecided[k] else reason,
    )
