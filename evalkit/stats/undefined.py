"""Comparisons with segments that could not be judged: on the common segments, with bounds for the others."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evalkit.errors import InputError
from evalkit.stats.comparison import Comparison, Test, better_of_pairs, checked_pairs, compare, named
from evalkit.stats.corrections import correct
from evalkit.stats.resampling_units import Floats, Ints, Score, checked


def compare_with_undefined(
    statistics: ArrayLike,
    undefined: ArrayLike,
    worst: ArrayLike,
    best: ArrayLike,
    score: Score,
    pairs: Sequence[tuple[int, int]] | None = None,
    groups: ArrayLike | None = None,
    test: Test | None = None,
    *,
    higher_is_better: bool = True,
) -> Comparison:
    """Compare pairs of systems of which some segments have no judgment.

    Leaving undefined segments out is not harmless: hiding the worst 1% of one system's segments makes a third of true nulls
    significant. So a system is called better only if that is significant, in the same direction, with its undefined
    segments at their worst and those of the other system at their best. The scores of the result are those of the first
    pair; scores of systems on all their segments are the caller's.

    :param statistics: float64[systems, n, k]; the contents of undefined rows do not matter.
    :param undefined: bool[systems, n].
    :param worst: float64[n, k], the row of the worst possible output of each segment: with the lowest score where higher is
        better, the highest where lower is; ``best`` is that of the best one.
    """
    test = test or Test()
    rows, lacking = checked(statistics), np.asarray(undefined, dtype=bool)
    low, high = (np.asarray(bound, dtype=np.float64) for bound in (worst, best))
    if lacking.shape != rows.shape[:2] or low.shape != rows.shape[1:] or high.shape != rows.shape[1:]:
        raise InputError(
            f"statistics of shape {rows.shape} do not match undefined segments of shape {lacking.shape} and bounds of shape "
            f"{low.shape} and {high.shape}"
        )
    table = checked_pairs(pairs, rows.shape[0])
    if not np.any(lacking, axis=1)[table].any():
        return compare(rows, score, pairs, groups, test, higher_is_better=higher_is_better)
    gaps = (lacking[table[:, 0]] | lacking[table[:, 1]]).sum(axis=1)
    articles = None if groups is None else np.asarray(groups)
    alone = dataclasses.replace(test, correction="none")

    def compared(two: Floats, part: Ints | None) -> Comparison:
        return compare(two, score, [(0, 1)], part, alone, higher_is_better=higher_is_better)

    def filled(i: int, j: int, of_first: Floats, of_second: Floats) -> Comparison:
        two = rows[[i, j]]
        two[0][lacking[i]], two[1][lacking[j]] = of_first[lacking[i]], of_second[lacking[j]]
        return compared(two, articles)

    # On the common segments, and with the others at the worst and at the best of the first system.
    parts: list[tuple[Comparison, Comparison, Comparison]] = []
    for i, j in table.tolist():
        judged = np.flatnonzero(~(lacking[i] | lacking[j]))
        common = compared(rows[np.ix_([i, j], judged)], None if articles is None else articles[judged])
        if not len(judged):
            common = dataclasses.replace(common, reasons=("no segment is judged for both systems",))
        bounded = lacking[[i, j]].any()
        parts.append((common, filled(i, j, low, high), filled(i, j, high, low)) if bounded else (common,) * 3)
    merged, at_worst, at_best = (
        _merged(of_side, table, test, higher_is_better) for of_side in zip(*parts, strict=True)
    )
    holds = (merged.better == at_worst.better) & (merged.better == at_best.better)
    return dataclasses.replace(
        merged,
        better=np.where(holds, merged.better, -1),
        undefined=gaps,
        worst=at_worst.difference,
        best=at_best.difference,
        undecided=(merged.better >= 0) & ~holds,
    )


def _merged(parts: Sequence[Comparison], table: Ints, test: Test, higher_is_better: bool) -> Comparison:
    """Comparisons of one pair each as one, with the correction across all of them."""
    columns: dict[str, Any] = {
        name: np.concatenate([value, *(getattr(part, name) for part in parts[1:])])
        for name, value in vars(parts[0]).items()
        if isinstance(value, np.ndarray) and name not in ("pairs", "score")
    }
    columns["p_corrected"] = corrected = correct(columns["p"], test.correction)
    columns["better"] = better_of_pairs(table, columns["difference"], corrected, test.alpha, higher_is_better)
    reasons = tuple(
        named(part.reasons[0], [f"system {s}" for s in pair]) for part, pair in zip(parts, table, strict=True)
    )
    return dataclasses.replace(parts[0], pairs=table, reasons=reasons, test=test, **columns)
