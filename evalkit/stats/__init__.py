"""Resampling, tests, corrections, rank clusters: arrays in, arrays out."""

from __future__ import annotations

from evalkit.stats import agreement, compat
from evalkit.stats.bootstrap import Intervals, intervals, intervals_together
from evalkit.stats.clusters import Clusters, clusters
from evalkit.stats.comparison import Comparison, Ranking, Test, compare, rank
from evalkit.stats.corrections import benjamini_hochberg, correct, holm
from evalkit.stats.human_agreement import agreement_with_people, difference_for
from evalkit.stats.jackknife import Jackknife, jackknife
from evalkit.stats.pairs import all_pairs
from evalkit.stats.power import min_detectable_difference
from evalkit.stats.resampling_units import ENOUGH_ARTICLES, Score, Units, to_units

__all__ = [
    "ENOUGH_ARTICLES",
    "Clusters",
    "Comparison",
    "Intervals",
    "Jackknife",
    "Ranking",
    "Score",
    "Test",
    "Units",
    "agreement",
    "agreement_with_people",
    "all_pairs",
    "benjamini_hochberg",
    "clusters",
    "compare",
    "compat",
    "correct",
    "difference_for",
    "holm",
    "intervals",
    "intervals_together",
    "jackknife",
    "min_detectable_difference",
    "rank",
    "to_units",
]
