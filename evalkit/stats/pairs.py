"""Pairs of systems."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from evalkit.errors import InputError
from evalkit.stats.resampling_units import Floats, Ints, Units, system_reasons, too_few


def all_pairs(systems: int) -> list[tuple[int, int]]:
    """Every pair once, the lower number first."""
    return list(combinations(range(systems), 2))


def checked_pairs(pairs: Sequence[tuple[int, int]] | None, systems: int) -> Ints:
    """Pairs as int64[m, 2]; None means all.

    :raises InputError: for a pair of a system with itself or with one that does not exist, or one system alone.
    """
    if pairs is None:
        if systems < 2:
            raise InputError("there is only one system; a comparison needs at least two")
        pairs = all_pairs(systems)
    table = np.array([tuple(pair) for pair in pairs], dtype=np.int64).reshape(-1, 2)
    for i, j in table:
        if not (0 <= i < systems and 0 <= j < systems):
            raise InputError(
                f"pair ({i}, {j}) names a system that does not exist; they are numbered 0 to {systems - 1}"
            )
        if i == j:
            raise InputError(f"pair ({i}, {j}) compares a system with itself")
    return table


def pair_reasons(chosen: Units, observed: Floats, table: Ints) -> list[str | None]:
    """Per pair, why it has no results, or None."""
    few = too_few(chosen)
    own = system_reasons(chosen, observed)
    reasons: list[str | None] = []
    for i, j in table:
        own_reasons = [f"system {s}: {own[s]}" for s in (i, j) if own[s] is not None]
        reasons.append(own_reasons[0] if own_reasons else few)
    return reasons
