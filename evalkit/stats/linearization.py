"""Linearization of scores: the influence of each row on a score."""

from __future__ import annotations

from evalkit.stats.resampling_units import Floats, Score, evaluate

__all__ = ["influence"]


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
