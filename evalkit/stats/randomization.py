"""Approximate randomization: if two systems were equal, it would not matter which of them wrote which output."""

import numpy as np
from numpy.typing import NDArray

from evalkit.stats.resample import Grid, swap_sums
from evalkit.stats.resampling_units import Floats, Score, evaluate

# Scores that differ only by rounding are ties, and ties count as at least as extreme.
_TIE = 1e-12
# Scores computed at once: pairs * trials.
_AT_ONCE = 1 << 17


def randomization_p(grid_rows: Grid, score: Score, pairs: NDArray[np.int64], trials: int, seed: int) -> Floats:
    """Two-sided p-values of approximate randomization, p = (c + 1) / (n + 1).

    In each trial every unit's outputs are exchanged with probability one half; c counts the trials whose absolute
    difference is at least the observed one. If the units have no more than ``trials`` exchanges, each of them is made once
    and p is their share. All pairs share the swaps. A trial with an undefined score counts against significance.

    Source: Riezler and Maxwell 2005, https://aclanthology.org/W05-0908, after Noreen 1989. Exact if the two systems
    are exchangeable: at most 5% of true nulls get p <= 0.05, for any number of units. For units [1, 2, 3, 4] against 0, two
    of the 16 exchanges reach the observed sum of 10, so p is .125.

    :param grid_rows: rows of all systems, by unit.
    :param pairs: int64[m, 2].
    :returns: float64[m].
    """
    totals = grid_rows.total()
    observed = evaluate(score, totals)
    first, second = pairs[:, 0], pairs[:, 1]
    reach = np.abs(observed[first] - observed[second])
    reach -= _TIE * (np.abs(observed[first]) + np.abs(observed[second]))

    def extreme(sums: Floats) -> NDArray[np.int64]:
        count = np.zeros(len(pairs), dtype=np.int64)
        step = max(1, _AT_ONCE // sums.shape[1])
        for start in range(0, len(pairs), step):
            i, j = first[start : start + step], second[start : start + step]
            moved = sums[i] - sums[j]
            a = evaluate(score, totals[j][:, np.newaxis] + moved)
            b = evaluate(score, totals[i][:, np.newaxis] - moved)
            count[start : start + step] = (~(np.abs(a - b) < reach[start : start + step, np.newaxis])).sum(axis=1)
        return count

    counts = [counts for (counts,) in swap_sums([(grid_rows, extreme)], trials, seed)]
    extremes: NDArray[np.int64] = np.sum(counts, axis=0)
    exchanges = 2**grid_rows.units
    return extremes / exchanges if exchanges <= trials else (extremes + 1) / (trials + 1)
