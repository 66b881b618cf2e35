"""Slices of a benchmark: the share of each in a difference, and whether a difference is larger in a slice.

A slice is a set of segments, such as a domain. That a difference is significant in one slice and not in another is no
evidence that the slices differ; the test for that is the interaction (:func:`slice_interactions`): the difference in the
slice minus the difference in the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.errors import InputError
from evalkit.stats.comparison import checked_pairs
from evalkit.stats.corrections import correct
from evalkit.stats.resampling_units import Floats, Score, checked, evaluate, sum_by_group, system_reasons, to_units
from evalkit.stats.student import t_tail
from evalkit.wording import count


def difference_shares(
    statistics: ArrayLike,
    score: Score,
    labels: ArrayLike,
    pairs: Sequence[tuple[int, int]] | None = None,
    *,
    mean: bool = False,
) -> Floats:
    """How much each slice contributes to the difference of two systems.

    For a mean it is the slice's weight times the difference in the slice; these shares add up to the difference. For a
    corpus metric it is the difference minus the difference without the slice; these need not add up.

    :param labels: int[n], the slice of each segment.
    :param mean: whether the score is the mean of segment scores, with the columns sum and count.
    :returns: float64[m, slices], in units of the score, slices in ascending order of their labels.
    """
    rows = checked(statistics)
    table = checked_pairs(pairs, rows.shape[0])
    sums, _ = sum_by_group(rows, labels)
    total = rows.sum(axis=1)
    if mean:
        if rows.shape[2] != 2:
            raise InputError(f"a mean has the columns sum and count, but this has {count(rows.shape[2], 'column')}")
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = sums[:, :, 0] / total[:, 1:]
    else:
        shares = evaluate(score, total)[:, np.newaxis] - evaluate(score, total[:, np.newaxis] - sums)
    moved: Floats = shares[table[:, 0]] - shares[table[:, 1]]
    return moved


@dataclass(frozen=True, eq=False)
class SliceInteractions:
    """Whether the difference of two systems in a slice differs from that in the rest; arrays are [slices, m].

    :param interaction: the difference within the slice (first system minus second) minus that on all other segments.
    :param standard_error: of the interaction; nan where a side has fewer than two units.
    :param p_corrected: corrected for the number of slices times pairs.
    """

    interaction: Floats
    standard_error: Floats
    p: Floats
    p_corrected: Floats


def slice_interactions(
    statistics: ArrayLike,
    score: Score,
    members: ArrayLike,
    pairs: Sequence[tuple[int, int]] | None = None,
    groups: ArrayLike | None = None,
    correction: str = "holm",
    *,
    unit: str | None = None,
) -> SliceInteractions:
    """Test each slice against the rest by article: does the difference of two systems differ inside and outside?

    A t-test with the jackknife's standard error: each article is left out of its side, and what it changes on both sides
    is taken together. The degrees of freedom are those of Welch 1947, "The Generalization of 'Student's' Problem",
    Biometrika 34, with the effective number of articles of each side (Kish 1965, Survey Sampling: the squared sum of their
    sizes over the sum of the squares), so that a slice of few articles, or of one large and several small ones, gets wide
    intervals. For a mean over slices of articles of equal size this is Welch's test of the articles.
    ``benchmarks/calibration`` measures how often a true null is rejected.

    :param members: bool[slices, n], which segments belong to each slice; slices may overlap.
    :param correction: see :func:`~evalkit.stats.corrections.correct`.
    """
    rows, slices = checked(statistics), np.asarray(members, dtype=bool)
    if slices.ndim != 2 or slices.shape[1] != rows.shape[1]:
        raise InputError(f"slices have shape {slices.shape}; give one row of {rows.shape[1]} yes/no values per slice")
    table = checked_pairs(pairs, rows.shape[0])
    interaction, error, p = (np.full((len(slices), len(table)), np.nan) for _ in range(3))
    for s, member in enumerate(slices):
        halves = [_half(rows, part, score, groups, unit) for part in (member, ~member)]
        inside, outside = (half.score[table[:, 0]] - half.score[table[:, 1]] for half in halves)
        interaction[s] = inside - outside
        if min(half.units for half in halves) < 2:
            continue
        parts = [half.influence[table[:, 0]] - half.influence[table[:, 1]] for half in halves]
        error[s] = np.sqrt(((parts[0] - parts[1]) ** 2).sum(axis=1))
        variances = [(part**2).sum(axis=1) for part in parts]
        for place in np.flatnonzero(np.isfinite(interaction[s] + error[s]) & (error[s] > 0)):
            shares = [float(v[place] / (variances[0][place] + variances[1][place])) for v in variances]
            freedom = 1 / sum(share**2 / half.freedom for share, half in zip(shares, halves, strict=True))
            p[s, place] = 2 * t_tail(abs(float(interaction[s, place])) / float(error[s, place]), freedom)
    return SliceInteractions(interaction, error, p, correct(p.reshape(-1), correction).reshape(p.shape))


class _Half(NamedTuple):
    """A slice or its complement.

    :param score: float64[systems].
    :param influence: float64[systems, units]: how the score changes without each unit, 0 for units that are not here;
        scaled so that the sum of squares is the jackknife's variance.
    :param units: how many units have a segment here.
    :param freedom: degrees of freedom: the effective number of units minus 1, and at least 1.
    """

    score: Floats
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
    return _Half(observed, influence, n, max(effective - 1, 1.0))
