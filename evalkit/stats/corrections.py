"""Corrections of p-values where several comparisons are made at once, and rank clusters."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.errors import InputError
from evalkit.stats.resampling_units import Floats, Ints


def holm(p: ArrayLike) -> Floats:
    """Holm's step-down correction: bounds the probability of any false claim among all.

    Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6.
    Reproduces R's ``p.adjust(c(.01, .02, .03, .04, .05), "holm")``: .05 .08 .09 .09 .09.

    :param p: float64[m] in 0 to 1; nan marks a comparison that could not be made; it is not counted.
    :returns: float64[m], not below ``p``, nan where ``p`` is.
    """
    return _stepped(p, lambda ordered: np.maximum.accumulate(ordered * np.arange(len(ordered), 0, -1)))


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Benjamini and Hochberg's correction: bounds the expected share of false claims among the claims.

    Arguments and result as in :func:`holm`.

    Source: Benjamini and Hochberg 1995, "Controlling the False Discovery Rate", J. R. Statist. Soc. B 57(1).
    Reproduces the paper's section 3.2: of its 15 p-values the four smallest are rejected at .05 (Bonferroni: three).
    """
    ranks = np.arange(1, np.size(p) + 1)
    return _stepped(p, lambda q: np.minimum.accumulate((q * len(q) / ranks[: len(q)])[::-1])[::-1])


_CORRECTIONS: dict[str, Callable[[ArrayLike], Floats]] = {
    "holm": holm,
    "benjamini-hochberg": benjamini_hochberg,
    "none": lambda p: _stepped(p, lambda ordered: ordered),
}


def correct(p: ArrayLike, method: str = "holm") -> Floats:
    """The correction with this name: ``holm``, ``benjamini-hochberg`` or ``none``."""
    if method not in _CORRECTIONS:
        raise InputError(f"correction {method!r} is unknown; use 'holm', 'benjamini-hochberg' or 'none'")
    return _CORRECTIONS[method](p)


def _stepped(p: ArrayLike, step: Callable[[Floats], Floats]) -> Floats:
    """Apply a correction to the known p-values in ascending order; the results are at most 1."""
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1:
        raise InputError(f"p-values have shape {values.shape}; give a flat list")
    known = np.flatnonzero(~np.isnan(values))
    if ((values[known] < 0) | (values[known] > 1)).any():
        raise InputError("p-values lie outside 0 to 1")
    order = known[np.argsort(values[known], kind="stable")]
    corrected = np.full(len(values), np.nan)
    corrected[order] = np.minimum(step(values[order]), 1.0)
    return corrected


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

    def places(self) -> list[tuple[int, int, int]]:
        """Cluster, best and worst rank of each system."""
        return list(zip(*(ranks.tolist() for ranks in (self.cluster, self.rank_low, self.rank_high)), strict=True))


def clusters(scores: Floats, significant: NDArray[np.bool_], higher_is_better: bool = True) -> Clusters:
    """Clusters of systems that do not differ significantly.

    Systems are sorted by score; a boundary is drawn where every system above it is significantly better than every system
    below it. Two systems of one cluster may still differ significantly, if a third one lies between them.

    Source: the tables of the WMT shared tasks: Bojar et al. 2013, https://aclanthology.org/W13-2201, section 3 (clusters
    whose rank ranges do not overlap, after Koehn 2012), and Barrault et al. 2020, https://aclanthology.org/2020.wmt-1.1
    (a cluster's systems all significantly outperform all systems of lower clusters); rank ranges as there.

    :param scores: float64[systems], nan where there is none.
    :param significant: bool[systems, systems], symmetric: whether two systems differ significantly.
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
    outranks = significant & known[:, np.newaxis] & known & (keys[:, np.newaxis] < keys)
    rank_low = np.where(known, 1 + outranks.sum(axis=0), 0)
    rank_high = np.where(known, len(ranked) - outranks.sum(axis=1), 0)
    return Clusters(order.astype(np.int64), cluster, rank_low.astype(np.int64), rank_high.astype(np.int64))
