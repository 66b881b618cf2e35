"""Correlations of a metric with human scores: :data:`MEASURES` over weighted points, and :func:`rowwise` over many short rows.

Weights make the bootstrap cheap: a resample of segments is a weight for each point, points are sorted once, and all
resamples are computed together. A weight of 2 means that the point occurs twice.

With C concordant and D discordant pairs, T_g tied in the gold scores only, T_m in the metric only, T_b in both:

- ``pearson``: nan for fewer than two points or a constant side.
- ``kendall-b``: (C - D) / sqrt((C + D + T_g) (C + D + T_m)), Kendall 1945; scipy's default.
- ``kendall-23``: (C + T_b - D - T_g - T_m) / all pairs, Deutsch et al. 2023, https://aclanthology.org/2023.emnlp-main.798.
- ``accuracy``: (C + T_b) / all pairs, accuracy with ties, same paper.
- ``kendall-like``: WMT's (C - D) / (C + D) over pairs whose human scores differ by at least 25 points, with metric ties
  counted as discordant; Mathur et al. 2020, https://aclanthology.org/2020.wmt-1.77. Of rows only.

Reproduces mt-metrics-eval's tests: gold [1, 2, 2, 3, 4], metric [2, 1, 1.5, 5, 3]: kendall-b .316227766, kendall-23 .2,
accuracy .6; kendall-like of [10, 11, 100, 150] and [2, 1, 4, 3] .6.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import InputError
from evalkit.stats.resampling_units import Floats, Ints

#: WMT's Kendall-like correlation ignores pairs whose human scores (0 to 100) are closer than this.
LIKE_THRESHOLD = 25.0
#: Elements of a block of weights or pairs.
_BLOCK = 1 << 22

Correlation = Callable[[Floats, Floats, Floats], Floats]


def _pearson(x: Floats, y: Floats, weights: Floats) -> Floats:
    if len(x) < 2:
        return np.full(len(weights), np.nan)
    x, y = x - x.mean(), y - y.mean()
    columns = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1)
    n, sx, sy, sxx, syy, sxy = (weights @ columns).T
    with np.errstate(divide="ignore", invalid="ignore"):
        spread_x, spread_y = sxx - sx * sx / n, syy - sy * sy / n
        values = (sxy - sx * sy / n) / np.sqrt(spread_x * spread_y)
    # The spread of a constant side is rounding error in proportion to its size.
    flat = (spread_x <= 1e-13 * sxx) | (spread_y <= 1e-13 * syy)
    result: Floats = np.where(flat | ~np.isfinite(values), np.nan, np.clip(values, -1.0, 1.0))
    return result


def _tau(measure: str) -> Correlation:
    def tau(x: Floats, y: Floats, weights: Floats) -> Floats:
        results = np.full(len(weights), np.nan)
        if len(x) < 2:
            return results
        rank_x, rank_y = _dense(x), _dense(y)
        if rank_x.max() < rank_y.max():
            # Every variant is symmetric; the side with fewer distinct values takes fewer passes.
            rank_x, rank_y = rank_y, rank_x
        joint = _dense(rank_x * (int(rank_y.max()) + 1) + rank_y)
        order = np.lexsort((rank_y, rank_x))
        for at in _blocks(weights):
            part = weights[at]
            every = _tied(part.sum(axis=1, keepdims=True))
            tied_x, tied_y, tied = (_tied(_group_sums(part, ranks)) for ranks in (rank_x, rank_y, joint))
            discordant = _inversions(rank_y[order], part[:, order])
            concordant = every - tied_x - tied_y + tied - discordant
            results[at] = _formula(measure, concordant, discordant, tied_x - tied, tied_y - tied, tied)
        return results

    return tau


def _formula(measure: str, concordant: Floats, discordant: Floats, one: Floats, other: Floats, both: Floats) -> Floats:
    """A measure of the numbers of pairs: concordant, discordant, tied on one side, on the other, on both."""
    every = concordant + discordant + one + other + both
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "kendall-b":
            values = (concordant - discordant) / np.sqrt(every - one - both) / np.sqrt(every - other - both)
        elif measure == "kendall-23":
            values = (concordant + both - discordant - one - other) / every
        else:
            values = (concordant + both) / every
    # Square roots round, and three pairs in the same order would have a correlation just above 1.
    result: Floats = np.where(np.isfinite(values), np.clip(values, -1.0, 1.0), np.nan)
    return result


def _inversions(ranks: Ints, weights: Floats) -> Floats:
    """Weight of the pairs in the wrong order: sum of w_i w_j over i < j with ranks[i] > ranks[j].

    Works bit by bit from the highest. Points with the same leading bits are adjacent and in their original order; each
    point whose next bit is 0 is in the wrong order with the points before it whose next bit is 1.
    """
    counts = np.zeros(len(weights))
    ranks, weights = ranks.copy(), weights.copy()
    for bit in range(int(ranks.max(initial=0)).bit_length() - 1, -1, -1):
        upper = ranks >> (bit + 1)
        ones = (ranks >> bit) & 1
        before = np.cumsum(weights * ones, axis=1)
        starts = np.flatnonzero(np.r_[True, upper[1:] != upper[:-1]])
        at_start = (before - weights * ones)[:, starts]
        group = np.cumsum(np.r_[True, upper[1:] != upper[:-1]]) - 1
        counts += (weights * (1 - ones) * (before - at_start[:, group])).sum(axis=1)
        order = np.argsort(ranks >> bit, kind="stable")
        ranks, weights = ranks[order], weights[:, order]
    return counts


def _dense(values: NDArray[np.float64] | Ints) -> Ints:
    return np.unique(values, return_inverse=True)[1].astype(np.int64).reshape(-1)


def _group_sums(weights: Floats, groups: Ints) -> Floats:
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(groups[order]) > 0])
    return np.add.reduceat(weights[:, order], starts, axis=1)


def _tied(sizes: Floats) -> Floats:
    """The number of pairs within groups of these sizes, [t, groups] to [t]."""
    pairs: Floats = (sizes * (sizes - 1) / 2).sum(axis=1)
    return pairs


def _blocks(weights: Floats) -> list[slice]:
    step = max(1, _BLOCK // max(weights.shape[1], 1))
    return [slice(start, start + step) for start in range(0, len(weights), step)]


#: By name: from gold float64[n], metric float64[n] and weights float64[t, n] to float64[t], nan where undefined.
MEASURES: dict[str, Correlation] = {
    "pearson": _pearson,
    **{measure: _tau(measure) for measure in ("kendall-b", "kendall-23", "accuracy")},
}


def rowwise(measure: str, gold: Floats, metric: Floats) -> tuple[Floats, Floats]:
    """A correlation of each row, for many short rows such as one per segment or one per resample.

    :param gold: float64[r, m], nan where missing; ``metric`` likewise.
    :returns: float64[r], nan where undefined, and the weight of each row in an average: 1, or for ``kendall-like`` the
        number of pairs, whose average is taken over pairs.
    """
    if measure not in (*MEASURES, "kendall-like"):
        raise InputError(f"measure {measure!r} is unknown; use one of {', '.join(MEASURES)}, kendall-like")
    values, weight = np.full(len(gold), np.nan), np.ones(len(gold))
    first, second = np.triu_indices(gold.shape[1], 1)
    step = max(1, _BLOCK // max(gold.shape[1] ** 2, 1))
    for start in range(0, len(gold), step):
        at = slice(start, start + step)
        missing = np.isnan(gold[at]) | np.isnan(metric[at])
        x, y = np.where(missing, np.nan, gold[at]), np.where(missing, np.nan, metric[at])
        if measure == "pearson":
            values[at] = _pearson_of_rows(x, y)
            continue
        by_gold, by_metric = x[:, first] - x[:, second], y[:, first] - y[:, second]
        if measure == "kendall-like":
            apart = np.abs(by_gold) >= LIKE_THRESHOLD
            right = (apart & (np.sign(by_gold) == np.sign(by_metric))).sum(axis=1)
            weight[at] = every = apart.sum(axis=1)
            values[at] = np.where(every > 0, (2.0 * right - every) / np.maximum(every, 1), np.nan)
        else:
            same = np.sign(by_gold) * np.sign(by_metric)
            ties = by_gold == 0, by_metric == 0
            only_gold, only_metric = ties[0] & ~ties[1] & ~np.isnan(by_metric), ties[1] & ~ties[0] & ~np.isnan(by_gold)
            pairs = (same > 0, same < 0, only_gold, only_metric, ties[0] & ties[1])
            values[at] = _formula(measure, *(kind.sum(axis=1).astype(np.float64) for kind in pairs))
    return values, weight


def _pearson_of_rows(x: Floats, y: Floats) -> Floats:
    known = ~np.isnan(x)
    n = np.maximum(known.sum(axis=1, keepdims=True), 1)
    size_x, size_y = (np.where(known, np.abs(v), 0.0).max(axis=1, initial=0.0) for v in (x, y))
    x = np.where(known, x - np.where(known, x, 0.0).sum(axis=1, keepdims=True) / n, 0.0)
    y = np.where(known, y - np.where(known, y, 0.0).sum(axis=1, keepdims=True) / n, 0.0)
    xx, yy, xy = (x * x).sum(axis=1), (y * y).sum(axis=1), (x * y).sum(axis=1)
    flat = (xx <= 1e-26 * size_x**2) | (yy <= 1e-26 * size_y**2) | (known.sum(axis=1) < 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = xy / np.sqrt(xx * yy)
    result: Floats = np.where(flat | ~np.isfinite(values), np.nan, np.clip(values, -1.0, 1.0))
    return result
