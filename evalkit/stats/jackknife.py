"""The jackknife: which article or segment moves a score, or the difference of two systems, most."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from evalkit.stats.resampling_units import Floats, Score, evaluate, sum_by_group, system_reasons, to_units


def jackknife(statistics: ArrayLike, score: Score, groups: ArrayLike | None = None) -> Floats:
    """The influence of each article (of each segment if ``groups`` is None): the score minus the score without it.

    The influence on the difference of two systems is the difference of their influences.

    Source: Tukey 1958; Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 11.

    :param statistics: float64[systems, n, k] or float64[n, k].
    :param score: float64[..., k] to float64[...].
    :param groups: int[n], the article of each segment; the articles are used however few there are.
    :returns: float64[systems, units], articles in ascending order; nan where undefined, and for a single unit.
    :raises InputError: for shapes that do not fit.
    """
    chosen = to_units(statistics, groups, "segment")
    rows = chosen.rows if groups is None else sum_by_group(chosen.rows, groups)[0]
    total = rows.sum(axis=1)
    observed = evaluate(score, total)
    without = np.stack([evaluate(score, total[s] - units) for s, units in enumerate(rows)])
    undefined = [reason is not None or rows.shape[1] < 2 for reason in system_reasons(chosen, observed)]
    observed[undefined] = np.nan
    influence: Floats = observed[:, np.newaxis] - without
    return influence
