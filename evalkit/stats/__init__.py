"""Resampling, tests, corrections, rank clusters: arrays in, arrays out."""

from __future__ import annotations

from evalkit.stats.bootstrap import Intervals, intervals
from evalkit.stats.clusters import Clusters, clusters
from evalkit.stats.comparison import Comparison, Ranking, all_pairs, compare, rank
from evalkit.stats.corrections import benjamini_hochberg, correct, holm
from evalkit.stats.power import SmallestDifference, smallest_difference
from evalkit.stats.units import ENOUGH_ARTICLES, Score, Units, to_units

__all__ = [
    "ENOUGH_ARTICLES",
    "Clusters",
    "Comparison",
    "Intervals",
    "Ranking",
    "Score",
    "SmallestDifference",
    "Units",
    "all_pairs",
    "benjamini_hochberg",
    "clusters",
    "compare",
    "correct",
    "holm",
    "intervals",
    "rank",
    "smallest_difference",
    "to_units",
]
