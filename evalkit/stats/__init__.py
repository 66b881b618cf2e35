"""Resampling, tests, corrections, rank clusters: arrays in, arrays out."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# These functions have the names of their modules, which would replace them when imported later.
from evalkit.stats.clusters import Clusters as Clusters, clusters as clusters
from evalkit.stats.jackknife import jackknife as jackknife

if TYPE_CHECKING:
    # ruff: noqa: F403
    from evalkit.stats import agreement as agreement, compat as compat
    from evalkit.stats.bootstrap import *
    from evalkit.stats.comparison import *
    from evalkit.stats.corrections import *
    from evalkit.stats.counts import *
    from evalkit.stats.human_agreement import *
    from evalkit.stats.pairs import *
    from evalkit.stats.ppi import *
    from evalkit.stats.resampling_units import *
    from evalkit.stats.sample_size import *
    from evalkit.stats.sampling import *
    from evalkit.stats.slice_effects import *
    from evalkit.stats.undefined import *

# A module is imported when one of its names is first used.
_NAMES = {
    "agreement": "",
    "bootstrap": "Intervals intervals intervals_together",
    "comparison": "Comparison Test clusters_of compare",
    "compat": "",
    "corrections": "benjamini_hochberg correct holm",
    "counts": "mcnemar_p sign_flip_p",
    "human_agreement": "agreement_with_people variance_between_raters",
    "pairs": "all_pairs",
    "ppi": "CorrectedMean corrected_mean sensitivity_and_specificity",
    "resampling_units": "ENOUGH_ARTICLES Score Units to_units",
    "sample_size": "min_detectable_difference",
    "sampling": "SamplingShare sample_means sampling_share",
    "slice_effects": "SliceInteractions difference_shares slice_interactions",
    "undefined": "BoundedComparison compare_with_undefined",
}
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = value
        return value
    if name in _NAMES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
