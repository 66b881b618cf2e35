"""Rank clusters: groups of systems that do not differ significantly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import InputError
from evalkit.stats.resampling_units import Floats, Ints


@dataclass(frozen=True, eq=False)
class Clusters:
    """A ranking of systems into significantly different clusters.

    :param order: int64[systems], system numbers from best to worst; systems without a score last.
    :param cluster: int64[systems], 1 for the best cluster; 0 for a system without a score.
    :param rank_low: int64[systems], best rank that significance allows: 1 + systems significantly better.
    :param rank_high: int64[systems], worst rank: the number of systems with a score minus those significantly worse.
    """

    order: Ints
    cluster: Ints
    rank_low: Ints
    rank_high: Ints


def clusters(scores: Floats, significant: NDArray[np.bool_], higher_is_better: bool = True) -> Clusters:
    """Clusters of systems that do not differ significantly.

    Systems are sorted by score; a boundary is drawn where every system above it is significantly better than every system
    below it. Two systems of one cluster may still differ significantly, if a third one lies between them.

    Source: the tables of the WMT shared tasks: Bojar et al. 2013, https://aclanthology.org/W13-2201, section 3 (clusters
    whose rank ranges do not overlap, after Koehn 2012), and Barrault et al. 2020, https://aclanthology.org/2020.wmt-1.1
    (a cluster's systems all significantly outperform all systems of lower clusters); rank ranges as there.

    :param scores: float64[systems], nan where there is none.
    :param significant: bool[systems, systems], symmetric: whether two systems differ significantly.
    :raises InputError: for shapes that do not fit.
    """
    systems = len(scores)
    if significant.shape != (systems, systems):
        raise InputError(f"significance of shape {significant.shape} for {systems} systems; it must be square")
    known = np.isfinite(scores)
    keys = np.where(known, -scores if higher_is_better else scores, np.inf)
    order = np.argsort(keys, kind="stable")
    ranked = order[: int(known.sum())]
    cluster = np.zeros(systems, dtype=np.int64)
    current = 1
    for place, system in enumerate(ranked):
        if place and significant[np.ix_(ranked[:place], ranked[place:])].all():
            current += 1
        cluster[system] = current
    better = keys[:, np.newaxis] < keys[np.newaxis, :]
    both = significant & known[:, np.newaxis] & known[np.newaxis, :]
    above = (both & better).sum(axis=0)
    below = (both & better).sum(axis=1)
    rank_low = np.where(known, 1 + above, 0)
    rank_high = np.where(known, int(known.sum()) - below, 0)
    return Clusters(order.astype(np.int64), cluster, rank_low.astype(np.int64), rank_high.astype(np.int64))
