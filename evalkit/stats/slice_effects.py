"""Slices of a benchmark: the share of each in the difference of two systems, and whether it differs within a slice.

A slice is a set of segments, such as a domain. That a difference is significant in one slice and not in another is no
evidence that the slices differ; the test for that is the interaction (:func:`slice_interactions`): the difference in the
slice minus the difference in the rest.

Here ``statistics`` is float64[2, n, k], of two systems, and ``members`` is bool[slices, n], the segments of each slice.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.errors import InputError
from evalkit.stats.resampling_units import Floats, Score, checked, evaluate, sum_by_group, system_reasons, to_units
from evalkit.stats.student import t_tail
from evalkit.wording import count


def difference_shares(statistics: ArrayLike, score: Score, members: ArrayLike, *, mean: bool = False) -> Floats:
    """The contribution of each slice to the difference of two systems, float64[slices] in units of the score.

    For a mean it is the slice's weight times the difference in the slice; these shares add up to the difference. For a
    corpus metric it is the difference minus the difference without the slice; these need not add up.

    :param members: slices that do not overlap and together have all segments.
    :param mean: whether the score is the mean of segment scores, with the columns sum and count.
    """
    rows, slices = _checked(statistics, members)
    sums, labels = sum_by_group(rows, slices.argmax(axis=0))
    total = rows.sum(axis=1)
    shares = np.zeros((2, len(slices)))
    if mean:
        if rows.shape[2] != 2:
            raise InputError(f"a mean has the columns sum and count, but this has {count(rows.shape[2], 'column')}")
        with np.errstate(divide="ignore", invalid="ignore"):
            shares[:, labels] = sums[:, :, 0] / total[:, 1:]
    else:
        shares[:, labels] = evaluate(score, total)[:, np.newaxis] - evaluate(score, total[:, np.newaxis] - sums)
    difference: Floats = shares[0] - shares[1]
    return difference


class SliceInteractions(NamedTuple):
    """Whether the difference of two systems in a slice differs from that in the rest; arrays are float64[slices].

    :param interaction: the difference within the slice (first system minus second) minus that on all other segments.
    :param standard_error: standard error of the interaction; nan where a side has fewer than two units.
    """

    interaction: Floats
    standard_error: Floats
    p: Floats


def slice_interactions(
    statistics: ArrayLike, score: Score, members: ArrayLike, groups: ArrayLike | None = None, *, unit: str | None = None
) -> SliceInteractions:
    """Test each slice against the rest by article: does the difference of two systems differ inside and outside?

    A t-test with the jackknife's standard error: each article is left out of its side, and what it changes on both sides
    is taken together. The degrees of freedom are those of Welch 1947, "The Generalization of 'Student's' Problem",
    Biometrika 34, with the effective number of articles of each side (Kish 1965, Survey Sampling: the squared sum of their
    sizes over the sum of the squares), so that a slice of few articles, or of one large and several small ones, gets wide
    intervals. For a mean over slices of articles of equal size this is Welch's test of the articles.
    ``benchmarks/calibration`` measures how often a true null is rejected.

    :param members: slices that may overlap.
    """
    rows, slices = _checked(statistics, members)
    results = np.full((3, len(slices)), np.nan)
    for s, member in enumerate(slices):
        inside, outside = (_half(rows, part, score, groups, unit) for part in (member, ~member))
        results[0, s] = interaction = inside.difference - outside.difference
        if min(inside.units, outside.units) < 2:
            continue
        results[1, s] = error = float(np.sqrt(((inside.influence - outside.influence) ** 2).sum()))
        if np.isfinite(interaction + error) and error > 0:
            variances = [float((half.influence**2).sum()) for half in (inside, outside)]
            shares = [variance / sum(variances) for variance in variances]
            freedom = 1 / (shares[0] ** 2 / inside.freedom + shares[1] ** 2 / outside.freedom)
            results[2, s] = 2 * t_tail(abs(interaction) / error, freedom)
    return SliceInteractions(*results)


def _checked(statistics: ArrayLike, members: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    rows, slices = checked(statistics), np.asarray(members, dtype=bool)
    if slices.ndim != 2 or slices.shape[1] != rows.shape[1]:
        raise InputError(f"slices have shape {slices.shape}; give one row of {rows.shape[1]} yes/no values per slice")
    return rows, slices


class _Half(NamedTuple):
    """A slice or its complement: what each unit contributes (0 if it has no segment here), and the degrees of freedom."""

    difference: float
    #: float64[units], scaled so that the sum of squares is the jackknife's variance.
    influence: Floats
    units: int
    freedom: float


def _half(rows: Floats, member: NDArray[np.bool_], score: Score, groups: ArrayLike | None, unit: str | None) -> _Half:
    chosen = to_units(np.where(member[:, np.newaxis], rows, 0.0), groups, unit)
    sizes = to_units(member[:, np.newaxis].astype(np.float64), groups, unit).rows[0, :, 0]
    present = sizes > 0
    total, n = chosen.rows.sum(axis=1), int(present.sum())
    observed = evaluate(score, total)
    observed[[reason is not None for reason in system_reasons(chosen, observed)]] = np.nan
    without = evaluate(score, total[:, np.newaxis] - chosen.rows)
    center = without[:, present].mean(axis=1, keepdims=True)
    influence = np.where(present, (center - without) * np.sqrt((n - 1) / max(n, 1)), 0.0)
    effective = float(sizes.sum() ** 2 / max((sizes**2).sum(), 1))
    return _Half(float(observed[0] - observed[1]), influence[0] - influence[1], n, max(effective - 1, 1.0))
