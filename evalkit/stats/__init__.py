"""Resampling, tests, corrections, rank clusters: arrays in, arrays out."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# These functions have the names of their modules, which would replace them when imported later.
from evalkit.stats.clusters import Clusters, clusters
from evalkit.stats.jackknife import Jackknife, jackknife

if TYPE_CHECKING:
    from evalkit.stats import agreement, compat
    from evalkit.stats.bootstrap import Intervals, intervals, intervals_together
    from evalkit.stats.comparison import Comparison, Ranking, Test, compare, rank, rank_compared
    from evalkit.stats.corrections import benjamini_hochberg, correct, holm
    from evalkit.stats.counts import McNemar, mcnemar, sign_flip_p
    from evalkit.stats.human_agreement import agreement_with_people, variance_between_raters
    from evalkit.stats.pairs import all_pairs
    from evalkit.stats.ppi import CorrectedMean, CorrectedRate, corrected_mean, corrected_rate
    from evalkit.stats.resampling_units import ENOUGH_ARTICLES, Score, Units, to_units
    from evalkit.stats.sample_size import min_detectable_difference
    from evalkit.stats.sampling import SamplingShare, sample_means, sampling_share
    from evalkit.stats.slice_effects import SliceInteractions, difference_shares, slice_interactions
    from evalkit.stats.undefined import BoundedComparison, compare_with_undefined

# A module is imported when one of its names is first used.
_NAMES = {
    "bootstrap": "Intervals intervals intervals_together",
    "comparison": "Comparison Ranking Test compare rank rank_compared",
    "corrections": "benjamini_hochberg correct holm",
    "counts": "McNemar mcnemar sign_flip_p",
    "human_agreement": "agreement_with_people variance_between_raters",
    "pairs": "all_pairs",
    "ppi": "CorrectedMean CorrectedRate corrected_mean corrected_rate",
    "resampling_units": "ENOUGH_ARTICLES Score Units to_units",
    "sample_size": "min_detectable_difference",
    "sampling": "SamplingShare sample_means sampling_share",
    "slice_effects": "SliceInteractions difference_shares slice_interactions",
    "undefined": "BoundedComparison compare_with_undefined",
}
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = [
    "ENOUGH_ARTICLES",
    "BoundedComparison",
    "Clusters",
    "Comparison",
    "CorrectedMean",
    "CorrectedRate",
    "Intervals",
    "Jackknife",
    "McNemar",
    "Ranking",
    "SamplingShare",
    "Score",
    "SliceInteractions",
    "Test",
    "Units",
    "agreement",
    "agreement_with_people",
    "all_pairs",
    "benjamini_hochberg",
    "clusters",
    "compare",
    "compare_with_undefined",
    "compat",
    "correct",
    "corrected_mean",
    "corrected_rate",
    "difference_shares",
    "holm",
    "intervals",
    "intervals_together",
    "jackknife",
    "mcnemar",
    "min_detectable_difference",
    "rank",
    "rank_compared",
    "sample_means",
    "sampling_share",
    "sign_flip_p",
    "slice_interactions",
    "to_units",
    "variance_between_raters",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = value
        return value
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
