"""Several samples per segment: how much of a score's uncertainty comes from sampling outputs.

The row of a segment is the mean over its samples, and resampling keeps segments or articles as units. Resampling the
samples inside them as well makes intervals too wide, because the variance between samples counts twice; taking samples as
units makes a test reject a true null two to four times too often. ``benchmarks/calibration/samples.py`` simulates both.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evalkit.errors import InputError
from evalkit.stats.resampling_units import Floats, Ints, Score, influence, to_units, too_few


@dataclass(frozen=True)
class SamplingShare:
    """What sampling adds to the uncertainty of a score or of a difference.

    :param share: the share of the variance that comes from sampling, 0 to 1: the mean of sigma**2 / K over segments against
        the whole; nan if it cannot be estimated.
    :param shrinkage: the fraction by which the interval would shrink with infinitely many samples per segment, 0 to 1.
    :param standard_error: standard error of the score, computed from units.
    :param samples: number of samples per segment, its mean.
    """

    share: float
    shrinkage: float
    standard_error: float
    samples: float
    unit: str
    units: int
    reason: str | None


def sample_means(samples: ArrayLike) -> Floats:
    """float64[..., n, k]: the mean of each segment over its samples, float64[..., n, K, k], nan where a sample is missing."""
    rows = np.asarray(samples, dtype=np.float64)
    known = ~np.isnan(rows)
    count = known.sum(axis=-2)
    sums = np.where(known, rows, 0.0).sum(axis=-2)
    return np.where(count > 0, sums / np.maximum(count, 1), np.nan)


def sampling_share(
    samples: ArrayLike, score: Score, groups: ArrayLike | None = None, baseline: ArrayLike | None = None
) -> SamplingShare:
    """How much of the variance of a score, or of its difference from a baseline, comes from sampling.

    Scores are linearized: the influence of a row is the derivative of the score in its direction, which for a mean is exact.
    The variance by units contains the sampling variance, so that the share is their ratio. A segment with one sample gets
    the mean variance of the others.

    :param samples: float64[n, K, k], rows of up to K samples per segment; nan where there are fewer.
    :param baseline: float64[n, K', k], the samples of a second system, for the share of the difference.
    """
    systems = [_checked(rows) for rows in (samples, baseline) if rows is not None]
    if len({len(rows) for rows in systems}) > 1:
        raise InputError(f"the systems have {len(systems[0])} and {len(systems[1])} segments; they must be the same")
    influences = [_influence(rows, score) for rows in systems]
    of_segments, *others = (sample_means(influence[:, :, np.newaxis]) for influence in influences)
    chosen = to_units(of_segments - others[0] if others else of_segments, groups)
    values = chosen.rows[0, :, 0]
    counts = [(~np.isnan(influence)).sum(axis=1) for influence in influences]
    reason = too_few(chosen)
    if reason is None and not all((count > 1).any() for count in counts):
        reason = "with one sample per segment the share of sampling cannot be estimated"
    average = float(np.mean([count.mean() for count in counts]))
    n, share = chosen.count, math.nan
    whole = n / (n - 1) * float(((values - values.mean()) ** 2).sum()) if n > 1 else math.nan
    if reason is None and not whole > 0:
        reason = "the score does not vary"
    if reason is None:
        share = min(1.0, sum(map(_sampling_variance, influences, counts)) / whole)
    return SamplingShare(share, 1 - math.sqrt(1 - share), math.sqrt(whole), average, chosen.name, n, reason)


def _checked(samples: ArrayLike) -> Floats:
    rows = np.asarray(samples, dtype=np.float64)
    if rows.ndim != 3 or not rows.shape[1]:
        raise InputError(f"samples have shape {rows.shape}; they must be [segments, samples, columns]")
    if np.isinf(rows).any():
        raise InputError("there are infinite statistics among the samples")
    if not (~np.isnan(rows).any(axis=2)).sum(axis=1).all():
        raise InputError("a segment has no sample; score the missing output as the worst one")
    return rows


def _influence(rows: Floats, score: Score) -> Floats:
    """float64[n, K]: the influence of each sample on the score, nan where there is no sample."""
    n, most, k = rows.shape
    total = sample_means(rows).sum(axis=0)
    slopes = influence(np.nan_to_num(rows).reshape(n * most, k), score, total).reshape(n, most)
    return np.where(np.isnan(rows).any(axis=2), np.nan, slopes)


def _sampling_variance(influence: Floats, counts: Ints) -> float:
    """The sum of sigma**2 / K over segments."""
    repeated = counts > 1
    variance = np.zeros(len(influence))
    variance[repeated] = np.nanvar(influence[repeated], axis=1, ddof=1)
    variance[~repeated] = variance[repeated].mean()
    return float((variance / counts).sum())
