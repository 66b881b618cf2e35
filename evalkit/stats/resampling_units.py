"""The unit of resampling, and statistics summed over it.

Segments of one article are not independent: a hard article is hard in every paragraph. Intervals from resampled segments
therefore apply to *these* articles only. Resampling whole articles generalizes to other articles, but needs enough of them:
:data:`ENOUGH_ARTICLES`, a number that ``benchmarks/calibration`` explains.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.errors import InputError
from evalkit.wording import count

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: float64[..., k] to float64[...], vectorized over leading axes; see :meth:`evalkit.metrics.base.Metric.score`.
Score = Callable[[Floats], Floats]

#: From this many articles on, articles are resampled. With 10 articles, 95% intervals contain the true value 90% to 94% of
#: the time (5 articles: 89% to 92%), and the randomization test can reach p = 2/2**10 (5 articles: .0625, never below .05).
ENOUGH_ARTICLES = 10


@dataclass(frozen=True, eq=False)
class Units:
    """Statistics summed over the units that are resampled.

    :param rows: float64[systems, units, k].
    :param name: ``article`` or ``segment``.
    :param labels: int64[units], the group number of each unit, or its index where segments are the units.
    :param note: one sentence for the user: which unit, how many, and what the results therefore apply to.
    :param defects: per system, why its results are null, or None.
    """

    rows: Floats
    name: str
    labels: Ints
    note: str
    defects: tuple[str | None, ...]

    @property
    def count(self) -> int:
        """Number of units."""
        return int(self.rows.shape[1])

    def of_segments(self, groups: ArrayLike | None) -> Ints:
        """int64[n]: the index of each segment's unit.

        :param groups: int[n], the article of each segment, as given to :func:`to_units`.
        """
        if groups is None or self.name == "segment":
            return np.arange(self.count)
        return np.searchsorted(self.labels, np.asarray(groups))


def checked(statistics: ArrayLike) -> Floats:
    """Statistics as float64[systems, n, k]; a single system's float64[n, k] gets a leading axis.

    :raises InputError: for another number of axes, no column, or values that are not numbers.
    """
    try:
        rows = np.asarray(statistics, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"statistics are not a rectangular array of numbers ({error}); every system needs one row per segment"
        ) from None
    if rows.ndim == 2:
        rows = rows[np.newaxis]
    if rows.ndim != 3:
        raise InputError(f"statistics have shape {rows.shape}; they must be [systems, segments, columns]")
    if rows.shape[0] == 0 or rows.shape[2] == 0:
        raise InputError(f"statistics have shape {rows.shape}: there is no system or no column in them")
    return rows


def checked_groups(groups: ArrayLike, segments: int) -> tuple[Ints, Ints]:
    """Group numbers as labels int64[g] in ascending order and the index int64[n] of each segment's group.

    :raises InputError: for another length than the segments, or not whole numbers.
    """
    numbers = np.asarray(groups)
    if numbers.shape != (segments,):
        raise InputError(
            f"groups have shape {numbers.shape}, but there are {segments} segments; give one number per segment"
        )
    if segments and not np.issubdtype(numbers.dtype, np.integer):
        raise InputError(f"groups are {numbers.dtype}, not whole numbers; number the articles 0, 1, 2, ...")
    if segments and bool((numbers[1:] >= numbers[:-1]).all()):
        # Segments are mostly in the order of articles: no need to sort.
        first = np.concatenate([[True], numbers[1:] != numbers[:-1]])
        return numbers[first].astype(np.int64), np.cumsum(first, dtype=np.int64) - 1
    labels, index = np.unique(numbers, return_inverse=True)
    return labels.astype(np.int64), index.astype(np.int64).reshape(-1)


def sum_by_group(rows: Floats, groups: ArrayLike) -> tuple[Floats, Ints]:
    """Rows of each group added up.

    :param rows: float64[systems, n, k].
    :param groups: int[n].
    :returns: float64[systems, groups, k] and the labels int64[groups], ascending.
    """
    labels, index = checked_groups(groups, rows.shape[1])
    if not len(labels):
        return rows[:, :0], labels
    if (index[1:] < index[:-1]).any():
        order = np.argsort(index, kind="stable")
        rows, index = rows[:, order], index[order]
    starts = np.searchsorted(index, np.arange(len(labels)))
    return np.add.reduceat(rows, starts, axis=1), labels


def to_units(statistics: ArrayLike, groups: ArrayLike | None = None, unit: str | None = None) -> Units:
    """Choose the unit and sum the rows over it.

    Articles are the unit if there are at least :data:`ENOUGH_ARTICLES`, else segments. Summing first makes a resample of
    articles as cheap as one of that many segments.

    :param statistics: float64[systems, n, k] or float64[n, k].
    :param groups: int[n], the article of each segment; None if it is unknown.
    :param unit: ``article`` or ``segment`` to insist on one; None chooses.
    :raises InputError: for shapes that do not fit, an unknown unit, articles asked for but not given.
    """
    rows = checked(statistics)
    if unit not in (None, "article", "segment"):
        raise InputError(f"unit {unit!r} is unknown; use 'article' or 'segment'")
    if unit == "article" and groups is None:
        raise InputError("unit is 'article', but groups is None; give the article of each segment")
    defects = tuple(_defect(system) for system in rows)
    if any(defects):
        rows = np.where(np.isfinite(rows), rows, 0.0)
    segments = rows.shape[1]
    labels = np.arange(segments, dtype=np.int64)
    if groups is None:
        note = f"resampled by segment ({segments}); the articles are unknown" + _warning(segments)
        return Units(rows, "segment", labels, note, defects)
    articles = len(checked_groups(groups, segments)[0])
    if unit == "article" or (unit is None and articles >= ENOUGH_ARTICLES):
        sums, labels = sum_by_group(rows, groups)
        note = f"resampled by article ({articles}): the figures also apply to other articles like these"
        if articles < ENOUGH_ARTICLES:
            note = f"resampled by article ({articles}), fewer than the {ENOUGH_ARTICLES} that are needed for reliable figures"
        return Units(sums, "article", labels, note + _warning(articles), defects)
    few = count(articles, "article")
    note = (
        f"resampled by segment ({segments}): {few} are too few to resample, so the figures apply to these articles only"
    )
    if articles == 1:
        note = note.replace("article are too few", "article is too few").replace("these articles", "this article")
    if articles >= ENOUGH_ARTICLES:
        note = f"resampled by segment ({segments}), as requested; the figures apply to these {articles} articles only"
    return Units(rows, "segment", labels, note + _warning(segments), defects)


def _warning(units: int) -> str:
    """A warning about few units: with probability 2**(1 - units) all of them lie on one side of the truth."""
    odds = 2.0 ** (1 - units)
    if units < 2 or odds <= 0.05:
        return ""
    return f"; with {units} of them the maximum attainable confidence is {1 - odds:.4g} and the smallest p-value {odds:.4g}"


def _defect(system: Floats) -> str | None:
    bad = ~np.isfinite(system).all(axis=1)
    if not bad.any():
        return None
    kind = "nan" if np.isnan(system).any() else "infinite"
    return f"{count(int(bad.sum()), 'segment')} with {kind} statistics, the first is segment {int(bad.argmax())}"


def evaluate(score: Score, sums: Floats) -> Floats:
    """Scores of sums, nan where they are not finite; numpy's warnings are silenced here and nowhere else.

    :raises InputError: for a score function that does not keep the leading axes.
    """
    with np.errstate(all="ignore"):
        values: Any = np.asarray(score(sums), dtype=np.float64)
    if values.shape != sums.shape[:-1]:
        raise InputError(
            f"the score function returned shape {values.shape} for sums of shape {sums.shape}; it must return one score per "
            f"row, {sums.shape[:-1]}"
        )
    finite: Floats = np.where(np.isfinite(values), values, np.nan)
    return finite


def too_few(chosen: Units) -> str | None:
    """Why nothing can be resampled, or None."""
    if chosen.count >= 2:
        return None
    return f"there is {'only one ' + chosen.name if chosen.count else 'no segment'}; resampling needs at least two"


def system_reasons(chosen: Units, observed: Floats) -> list[str | None]:
    """Per system, why it has no results: invalid statistics, or an undefined corpus score."""
    undefined = [None if np.isfinite(value) else "the score is undefined on these segments" for value in observed]
    return [defect or own for defect, own in zip(chosen.defects, undefined, strict=True)]


def influence(rows: Floats, score: Score, total: Floats | None = None) -> Floats:
    """The derivative of the score of the total in the direction of each row.

    For a mean with the columns sum and count it is (value - mean) / n. The influences of all rows of a scale-free score
    add up to 0, and the sum of their squares is its variance to first order.

    Source: the infinitesimal jackknife, Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 21.

    :param rows: float64[..., n, k].
    :param total: float64[..., k]; the sum of the rows if None.
    :returns: float64[..., n]; nan where the score is undefined nearby.
    """
    total = rows.sum(axis=-2) if total is None else total
    # A step by an average row changes the total by one part in 100,000.
    step = 1e-5 * rows.shape[-2]
    around = total[..., None, :]
    slope: Floats = (evaluate(score, around + step * rows) - evaluate(score, around - step * rows)) / (2 * step)
    return slope
