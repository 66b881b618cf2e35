"""Corrections of p-values where several comparisons are made at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from evalkit.errors import InputError
from evalkit.stats.resampling_units import Floats


def holm(p: ArrayLike) -> Floats:
    """Holm's step-down correction: bounds the probability of any false claim among all.

    Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6.
    Reproduces R's ``p.adjust(c(.01, .02, .03, .04, .05), "holm")``: .05 .08 .09 .09 .09.

    :param p: float64[m] in 0 to 1; nan marks a comparison that could not be made; it is not counted.
    :returns: float64[m], not below ``p``, nan where ``p`` is.
    :raises InputError: for values outside 0 to 1.
    """
    return _stepped(p, lambda ordered: np.maximum.accumulate(ordered * np.arange(len(ordered), 0, -1)))


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Benjamini and Hochberg's correction: bounds the expected share of false claims among the claims.

    Source: Benjamini and Hochberg 1995, "Controlling the False Discovery Rate", J. R. Statist. Soc. B 57(1).
    Reproduces the paper's section 3.2: of its 15 p-values the four smallest are rejected at .05 (Bonferroni: three).

    :param p: float64[m] in 0 to 1; nan marks a comparison that could not be made; it is not counted.
    :returns: float64[m], not below ``p``, nan where ``p`` is.
    :raises InputError: for values outside 0 to 1.
    """
    ranks = np.arange(1, np.size(p) + 1)
    return _stepped(p, lambda q: np.minimum.accumulate((q * len(q) / ranks[: len(q)])[::-1])[::-1])


def correct(p: ArrayLike, method: str = "holm") -> Floats:
    """The correction of that name: ``holm``, ``benjamini-hochberg`` or ``none``.

    :raises InputError: for an unknown name, or values outside 0 to 1.
    """
    if method == "holm":
        return holm(p)
    if method == "benjamini-hochberg":
        return benjamini_hochberg(p)
    if method == "none":
        return _stepped(p, lambda ordered: ordered)
    raise InputError(f"correction {method!r} is unknown; use 'holm', 'benjamini-hochberg' or 'none'")


def _stepped(p: ArrayLike, step: Callable[[Floats], Floats]) -> Floats:
    """Apply a correction to the known p-values in ascending order; the results are at most 1."""
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1:
        raise InputError(f"p-values have shape {values.shape}; give a flat list")
    known = np.flatnonzero(~np.isnan(values))
    if ((values[known] < 0) | (values[known] > 1)).any():
        raise InputError("p-values lie outside 0 to 1")
    order = known[np.argsort(values[known], kind="stable")]
    corrected = np.full(len(values), np.nan)
    corrected[order] = np.minimum(step(values[order]), 1.0)
    return corrected
