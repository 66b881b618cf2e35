"""Correlations of a metric with human scores, over weighted points.

Weights make the bootstrap cheap: a resample of segments is a weight for each point, points are sorted once, and all
resamples are computed together. A weight of 2 means that the point occurs twice.

Missing judgments are nan and are left out together with their metric score.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.errors import InputError
from evalkit.stats.resampling_units import Floats, Ints

#: WMT's Kendall-like correlation ignores pairs whose human scores (0 to 100) are closer than this.
LIKE_THRESHOLD = 25.0
# Elements of a block of weights or pairs.
_BLOCK = 1 << 22

Correlation = Callable[[Floats, Floats, Floats], Floats]


def pearson(gold: ArrayLike, metric: ArrayLike) -> float:
    """Pearson's correlation of two vectors, -1 to 1; nan for fewer than two points or a constant side."""
    return _one("pearson", gold, metric)


def spearman(gold: ArrayLike, metric: ArrayLike) -> float:
    """Spearman's rank correlation, ties sharing their mean rank; nan as :func:`pearson`."""
    return _one("spearman", gold, metric)


def kendall(gold: ArrayLike, metric: ArrayLike, variant: str = "b", threshold: float = 0.0) -> float:
    """Kendall's tau in one of its variants.

    With C concordant, D discordant pairs, T_g tied in the gold scores only, T_m in the metric only, T_b in both:

    - ``b``: (C - D) / sqrt((C + D + T_g) (C + D + T_m)), Kendall 1945; scipy's default.
    - ``c``: 2 (C - D) / (n**2 (m - 1) / m), m the smaller number of different values; Stuart 1953.
    - ``23``: (C + T_b - D - T_g - T_m) / all pairs, Deutsch et al. 2023, https://aclanthology.org/2023.emnlp-main.798.
    - ``acc``: (C + T_b) / all pairs, accuracy with ties, same paper.
    - ``like``: WMT's Kendall-like (C - D) / (C + D) over pairs whose human scores differ by at least 25 points, with
      metric ties counted as discordant; Mathur et al. 2020, https://aclanthology.org/2020.wmt-1.77.

    Reproduces mt-metrics-eval's tests: gold [1, 2, 2, 3, 4], metric [2, 1, 1.5, 5, 3]: b .316227766, c .32, 23 .2, acc .6,
    acc with a threshold of 2 .4; like of [10, 11, 100, 150] and [2, 1, 4, 3] .6.

    :param threshold: metric scores that differ by no more than this are ties (``b``, ``23``, ``acc``); for ``like`` the
        smallest difference of gold scores, 25 if it is 0.
    :returns: -1 to 1 (``acc``: 0 to 1); nan where undefined.
    :raises InputError: for lengths that differ, an unknown variant, a negative threshold.
    """
    if variant not in ("b", "c", "23", "acc", "like"):
        raise InputError(f"Kendall variant {variant!r} is unknown; use b, c, 23, acc or like")
    if not threshold >= 0 or (threshold and variant == "c"):
        raise InputError(f"threshold {threshold!r}: it must be at least 0, and variant c takes none")
    x, y = _vectors(gold, metric)
    if variant == "like" or threshold:
        counts = _pairs_of_rows(x[np.newaxis], y[np.newaxis], threshold if variant != "like" else 0.0)
        return float(_tau_of_pairs(counts, variant, threshold or LIKE_THRESHOLD)[0])
    return float(_tau(variant)(x, y, np.ones((1, len(x))))[0])


def _one(measure: str, gold: ArrayLike, metric: ArrayLike) -> float:
    x, y = _vectors(gold, metric)
    return float(weighted(measure)(x, y, np.ones((1, len(x))))[0])


def _vectors(gold: ArrayLike, metric: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.asarray(gold, dtype=np.float64), np.asarray(metric, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise InputError(
            f"gold scores of shape {x.shape} and metric scores of shape {y.shape}; give two equally long lists"
        )
    if np.isinf(x).any() or np.isinf(y).any():
        raise InputError("there are infinite scores; leave them out or mark them missing (nan)")
    known = ~(np.isnan(x) | np.isnan(y))
    return x[known], y[known]


# -- many points, many weightings -----------------------------------------------------------------------------------------


def weighted(measure: str) -> Correlation:
    """The function (gold float64[n], metric float64[n], weights float64[t, n]) to float64[t] of that name.

    :raises InputError: for an unknown measure.
    """
    if measure not in MEASURES:
        raise InputError(f"measure {measure!r} is unknown here; use one of {', '.join(MEASURES)}")
    return MEASURES[measure]


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


def _spearman(x: Floats, y: Floats, weights: Floats) -> Floats:
    results = np.full(len(weights), np.nan)
    if len(x) < 2:
        return results
    for at in _blocks(weights):
        part = weights[at]
        total = part.sum(axis=1)
        rank_x, rank_y = _ranks(x, part), _ranks(y, part)
        middle = (total[:, np.newaxis] + 1) / 2
        rank_x, rank_y = rank_x - middle, rank_y - middle
        products = [(part * a * b).sum(axis=1) for a, b in ((rank_x, rank_y), (rank_x, rank_x), (rank_y, rank_y))]
        with np.errstate(divide="ignore", invalid="ignore"):
            values = products[0] / np.sqrt(products[1] * products[2])
        results[at] = np.where(np.isfinite(values), np.clip(values, -1.0, 1.0), np.nan)
    return results


def _ranks(values: Floats, weights: Floats) -> Floats:
    """Mean ranks of weighted points, float64[t, n]."""
    groups = _dense(values)
    size = _group_sums(weights, groups)
    upto = np.cumsum(size, axis=1)
    ranks: Floats = (upto - size + (size + 1) / 2)[:, groups]
    return ranks


def _tau(variant: str) -> Correlation:
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
            total = part.sum(axis=1)
            every = total * (total - 1) / 2
            sizes_x, sizes_y = _group_sums(part, rank_x), _group_sums(part, rank_y)
            tied_x, tied_y, tied = (_tied(sizes) for sizes in (sizes_x, sizes_y, _group_sums(part, joint)))
            discordant = _inversions(rank_y[order], part[:, order])
            concordant = every - tied_x - tied_y + tied - discordant
            classes = np.minimum((sizes_x > 0).sum(axis=1), (sizes_y > 0).sum(axis=1))
            results[at] = _formula(variant, concordant, discordant, tied_x - tied, tied_y - tied, tied, total, classes)
        return results

    return tau


def _formula(
    variant: str,
    concordant: Floats,
    discordant: Floats,
    one: Floats,
    other: Floats,
    both: Floats,
    n: Floats,
    classes: Ints,
) -> Floats:
    every = concordant + discordant + one + other + both
    apart = concordant - discordant
    with np.errstate(divide="ignore", invalid="ignore"):
        if variant == "b":
            values = apart / np.sqrt(every - one - both) / np.sqrt(every - other - both)
        elif variant == "c":
            values = 2 * apart / (n**2 * (classes - 1) / classes)
        elif variant == "23":
            values = (concordant + both - discordant - one - other) / every
        else:
            values = (concordant + both) / every
    result: Floats = np.where(np.isfinite(values), values, np.nan)
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
    pairs: Floats = (sizes * (sizes - 1) / 2).sum(axis=1)
    return pairs


def _blocks(weights: Floats) -> list[slice]:
    step = max(1, _BLOCK // max(weights.shape[1], 1))
    return [slice(start, start + step) for start in range(0, len(weights), step)]


#: Every measure by name, as :func:`weighted` returns it; :func:`rowwise` also has ``kendall-like``.
MEASURES: dict[str, Correlation] = {
    "pearson": _pearson,
    "spearman": _spearman,
    "kendall-b": _tau("b"),
    "kendall-c": _tau("c"),
    "kendall-23": _tau("23"),
    "accuracy": _tau("acc"),
}


# -- many short rows ------------------------------------------------------------------------------------------------------


def rowwise(measure: str, gold: Floats, metric: Floats) -> tuple[Floats, Floats]:
    """A correlation of each row, for many short rows such as one per segment or one per resample.

    :param gold: float64[r, m], nan where missing.
    :param metric: float64[r, m].
    :returns: float64[r], nan where undefined, and the weight of each row in an average: 1, or for ``kendall-like`` the
        number of pairs, whose average is taken over pairs.
    :raises InputError: for an unknown measure.
    """
    if measure not in MEASURES and measure != "kendall-like":
        raise InputError(f"measure {measure!r} is unknown; use one of {', '.join(MEASURES)}, kendall-like")
    values, weight = np.full(len(gold), np.nan), np.ones(len(gold))
    step = max(1, _BLOCK // max(gold.shape[1] ** 2, 1))
    for start in range(0, len(gold), step):
        at = slice(start, start + step)
        missing = np.isnan(gold[at]) | np.isnan(metric[at])
        x, y = np.where(missing, np.nan, gold[at]), np.where(missing, np.nan, metric[at])
        if measure == "pearson":
            values[at] = _pearson_of_rows(x, y)
        elif measure == "spearman":
            values[at] = _pearson_of_rows(_ranks_of_rows(x), _ranks_of_rows(y))
        else:
            counts = _pairs_of_rows(x, y, 0.0)
            variant = measure.removeprefix("kendall-").replace("accuracy", "acc")
            values[at] = _tau_of_pairs(counts, variant, LIKE_THRESHOLD)
            if variant == "like":
                weight[at] = (np.abs(counts.gold) >= LIKE_THRESHOLD).sum(axis=1)
    return values, weight


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Differences of all pairs of each row, nan where a side is missing; metric ties are 0."""

    gold: Floats
    metric: Floats
    x: Floats
    y: Floats


def _pairs_of_rows(x: Floats, y: Floats, threshold: float) -> _Pairs:
    first, second = np.triu_indices(x.shape[1], 1)
    metric = y[:, first] - y[:, second]
    metric[np.abs(metric) <= threshold] = 0.0
    return _Pairs(x[:, first] - x[:, second], metric, x, y)


def _tau_of_pairs(pairs: _Pairs, variant: str, apart: float) -> Floats:
    with np.errstate(invalid="ignore"):
        if variant == "like":
            judged = np.abs(pairs.gold) >= apart
            right = (judged & (np.sign(pairs.gold) == np.sign(pairs.metric))).sum(axis=1)
            every = judged.sum(axis=1)
            return np.where(every > 0, (2.0 * right - every) / np.maximum(every, 1), np.nan)
        sign = np.sign(pairs.gold) * np.sign(pairs.metric)
        gold_tied, metric_tied = pairs.gold == 0, pairs.metric == 0
    count = [(sign > 0).sum(axis=1), (sign < 0).sum(axis=1)]
    count += [(gold_tied & (pairs.metric != 0) & ~np.isnan(pairs.metric)).sum(axis=1)]
    count += [
        (metric_tied & (pairs.gold != 0) & ~np.isnan(pairs.gold)).sum(axis=1),
        (gold_tied & metric_tied).sum(axis=1),
    ]
    n = (~np.isnan(pairs.x)).sum(axis=1).astype(np.float64)
    classes = np.minimum(_distinct(pairs.x), _distinct(pairs.y))
    concordant, discordant, gold, metric, both = (values.astype(np.float64) for values in count)
    return _formula(variant, concordant, discordant, gold, metric, both, n, classes)


def _distinct(x: Floats) -> Ints:
    ordered = np.sort(x, axis=1)
    new = np.ones(ordered.shape, dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    distinct: Ints = (new & ~np.isnan(ordered)).sum(axis=1)
    return distinct


def _ranks_of_rows(x: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        below = (x[:, :, np.newaxis] > x[:, np.newaxis, :]).sum(axis=2)
        same = (x[:, :, np.newaxis] == x[:, np.newaxis, :]).sum(axis=2)
    return np.where(np.isnan(x), np.nan, below + (same + 1) / 2)


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
