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

Shapes that do not match, values that are not finite or out of range, and unknown settings raise
:class:`~evalkit.errors.InputError`.
"""

from evalkit.stats import agreement, compat
from evalkit.stats.bootstrap import Intervals, intervals, intervals_together
from evalkit.stats.comparison import Comparison, Test, clusters_of, compare, compare_with_undefined
from evalkit.stats.corrections import Clusters, benjamini_hochberg, clusters, correct, holm
from evalkit.stats.counts import mcnemar_p, sign_flip_p
from evalkit.stats.human_agreement import agreement_with_people, variance_between_raters
from evalkit.stats.ppi import CorrectedMean, corrected_mean, sensitivity_and_specificity
from evalkit.stats.resampling_units import ENOUGH_ARTICLES, Score, Units, jackknife, to_units
from evalkit.stats.sample_size import min_detectable_difference
from evalkit.stats.sampling import SamplingShare, sample_means, sampling_share
from evalkit.stats.slice_effects import SliceInteractions, difference_shares, slice_interactions
