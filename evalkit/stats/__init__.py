"""Resampling, tests, corrections, rank clusters: arrays in, arrays out.

Arguments with the same name mean the same everywhere:

- ``statistics``: float64[systems, n, k], or float64[n, k] of one system; row i belongs to segment i, and rows add up.
- ``score``: float64[..., k] to float64[...].
- ``groups``: int[n], the article of each segment; None if it is unknown.
- ``unit``: ``article`` or ``segment`` to insist on one; None chooses (:mod:`evalkit.stats.resampling_units`).
- ``pairs``: pairs of system numbers; None for all of them.

So do results:

- ``low`` and ``high``: bounds of an interval, nan where there is none.
- ``p``: a two-sided p-value; ``p_corrected`` is corrected for the number of comparisons.
- ``unit``: what was resampled, ``article`` or ``segment``; ``units`` is their number, ``note`` a sentence on it for the user.
- ``reason``: why a result is undefined, else None; ``reasons`` has one per system or pair.

Shapes that do not fit, values that are not finite or out of range, and unknown settings raise
:class:`~evalkit.errors.InputError`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # ruff: noqa: F403
    from evalkit.stats import agreement as agreement, compat as compat
    from evalkit.stats.bootstrap import *
    from evalkit.stats.comparison import *
    from evalkit.stats.corrections import *
    from evalkit.stats.counts import *
    from evalkit.stats.human_agreement import *
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
    "comparison": "Comparison Test all_pairs clusters_of compare",
    "compat": "",
    "corrections": "Clusters benjamini_hochberg clusters correct holm",
    "counts": "mcnemar_p sign_flip_p",
    "human_agreement": "agreement_with_people variance_between_raters",
    "ppi": "CorrectedMean corrected_mean sensitivity_and_specificity",
    "resampling_units": "ENOUGH_ARTICLES Score Units jackknife to_units",
    "sample_size": "min_detectable_difference",
    "sampling": "SamplingShare sample_means sampling_share",
    "slice_effects": "SliceInteractions difference_shares slice_interactions",
    "undefined": "compare_with_undefined",
}
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value
