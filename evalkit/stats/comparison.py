"""Comparing systems: pairs or all against all, with p-values, intervals, corrections and rank clusters."""

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.errors import InputError
from evalkit.stats import compat as sacrebleu
from evalkit.stats.bootstrap import bootstrap_scores, checked_confidence, percentiles, two_sided_p
from evalkit.stats.corrections import Clusters, clusters, correct
from evalkit.stats.randomization import randomization_p
from evalkit.stats.resample import grid, trial_counts
from evalkit.stats.resampling_units import Floats, Ints, Score, checked, evaluate, system_reasons, to_units, too_few
from evalkit.stats.sample_size import min_detectable_difference
from evalkit.stats.student import widened_level


@dataclass(frozen=True)
class Test:
    """How systems are compared. Values are validated at construction.

    :param method: ``randomization`` (:func:`~evalkit.stats.randomization.randomization_p`) or ``bootstrap``
        (:func:`~evalkit.stats.bootstrap.two_sided_p`); both are two-sided.
    :param trials: number of trials of the test; 10,000 if None (1,000 for the bootstrap in compat mode, which is
        sacrebleu's default).
    :param correction: ``holm``, ``benjamini-hochberg`` or ``none``, applied across all pairs of one comparison.
    :param alpha: the significance level at which one system is called better.
    :param compat: ``sacrebleu`` for the p-values that sacrebleu prints for this seed, resampled by segment; see
        :mod:`evalkit.stats.compat`, which has the score functions that are needed for equality to the last digit. The
        interval is evalkit's: sacrebleu has none for a difference.
    :param resamples: number of resamples for the interval of the difference; the bootstrap test uses ``trials`` for both.
    """

    method: str = "randomization"
    trials: int | None = None
    confidence: float = 0.95
    correction: str = "holm"
    alpha: float = 0.05
    seed: int = 12345
    compat: str | None = None
    resamples: int = 1000

    def __post_init__(self) -> None:
        if self.method not in ("randomization", "bootstrap"):
            raise InputError(f"method {self.method!r} is unknown; use 'randomization' or 'bootstrap'")
        checked_confidence(self.confidence)
        checked_confidence(self.alpha, "alpha", 0.05)
        if self.compat not in (None, "sacrebleu"):
            raise InputError(f"compat {self.compat!r} is unknown; use 'sacrebleu' or None")
        correct([], self.correction)
        trial_counts(self.resamples)
        trial_counts(self.trial_count)

    @property
    def trial_count(self) -> int:
        """The number of trials, with the default filled in."""
        if self.trials is not None:
            return self.trials
        return 1000 if self.compat and self.method == "bootstrap" else 10_000


@dataclass(frozen=True, eq=False)
class Comparison:
    """Pairs of systems compared; every array has one value per pair.

    :param pairs: int64[m, 2], system numbers.
    :param difference: score of the first system minus score of the second; nan where undefined.
    :param lower_bound: one-sided bound: with ``test.confidence``, the true difference is at least this; ``upper_bound``: at most.
    :param reasons: why a pair has no results, or why they are trivial.
    :param identical: bool[m], whether the two systems have the same statistics on every segment.
    :param better: int64[m], the better system where ``p_corrected`` is at most ``test.alpha``, else -1.
    :param standard_error: standard deviation of the difference over resamples.
    :param min_detectable_difference: the smallest true difference that a test at ``test.alpha`` (uncorrected) would find
        with 80% power on data like these; nan if the data do not show it.
    :param score: float64[systems].
    :param undefined: int64[m], number of segments that at least one of the two lacks; the others are compared.
    :param worst: the difference with the first system's undefined segments at their worst and the second's at their best;
        ``best`` is the reverse.
    :param undecided: bool[m], whether a system is better on the compared segments but not at the worst bound.
    """

    pairs: Ints
    difference: Floats
    low: Floats
    high: Floats
    lower_bound: Floats
    upper_bound: Floats
    p: Floats
    p_corrected: Floats
    reasons: tuple[str | None, ...]
    identical: NDArray[np.bool_]
    better: Ints
    standard_error: Floats
    min_detectable_difference: Floats
    score: Floats
    unit: str
    units: int
    note: str
    test: Test
    undefined: Ints
    worst: Floats
    best: Floats
    undecided: NDArray[np.bool_]


def compare(
    statistics: ArrayLike,
    score: Score,
    pairs: Sequence[tuple[int, int]] | None = None,
    groups: ArrayLike | None = None,
    test: Test | None = None,
    *,
    higher_is_better: bool = True,
    unit: str | None = None,
    identical: NDArray[np.bool_] | None = None,
) -> Comparison:
    """Compare pairs of systems.

    :param pairs: a baseline is the second of every pair.
    :param identical: bool[m], which pairs have the same statistics on every segment; needed if the rows are sums of segments.
    """
    test = test or Test()
    chosen = to_units(statistics, groups, "segment" if test.compat else unit)
    table = checked_pairs(pairs, chosen.rows.shape[0])
    observed = evaluate(score, chosen.rows.sum(axis=1))
    own = system_reasons(chosen, observed)
    reasons = [next((f"system {s}: {own[s]}" for s in pair if own[s]), too_few(chosen)) for pair in table]
    observed[[defect is not None for defect in chosen.defects]] = np.nan
    difference = observed[table[:, 0]] - observed[table[:, 1]]
    names = ("low", "high", "lower_bound", "upper_bound", "standard_error", "p")
    figures = {name: np.full(len(table), np.nan) for name in names}
    low, high, lower_bound, upper_bound, standard_error, p = figures.values()
    testable = np.flatnonzero([reason is None for reason in reasons])
    if len(testable):
        grid_rows, tested = grid(chosen.rows), table[testable]
        resampled_test = test.method == "bootstrap" and not test.compat
        values = bootstrap_scores(grid_rows, score, test.trial_count if resampled_test else test.resamples, test.seed)
        one_sided = widened_level(1 - test.confidence, chosen.count)
        two_sided = widened_level((1 - test.confidence) / 2, chosen.count)
        for place, (i, j) in zip(testable, tested, strict=True):
            lower_bound[place], upper_bound[place], _, _ = percentiles(values[i] - values[j], one_sided)
            low[place], high[place], standard_error[place], reasons[place] = percentiles(
                values[i] - values[j], two_sided
            )
        if test.compat:
            p[testable] = sacrebleu.p_values(chosen.rows, score, tested, test.method, test.trial_count, test.seed)
        elif resampled_test:
            p[testable] = [two_sided_p(values[i] - values[j], chosen.count) for i, j in tested]
        else:
            p[testable] = randomization_p(grid_rows, score, tested, test.trial_count, test.seed)
    if identical is None:
        given = np.asarray(statistics)
        identical = np.array([np.array_equal(given[i], given[j]) for i, j in table], dtype=bool)
    for place in np.flatnonzero(identical):
        reasons[place] = reasons[place] or "the two systems have the same statistics on every segment"
    corrected = correct(p, test.correction)
    return Comparison(
        pairs=table,
        difference=difference,
        **figures,
        p_corrected=corrected,
        reasons=tuple(reasons),
        identical=identical,
        better=better_of_pairs(table, difference, corrected, test.alpha, higher_is_better),
        min_detectable_difference=min_detectable_difference(standard_error, chosen.count, test.alpha, 0.8),
        score=observed,
        unit=chosen.name,
        units=chosen.count,
        note=chosen.note,
        test=test,
        undefined=np.zeros(len(table), dtype=np.int64),
        worst=difference,
        best=difference,
        undecided=np.zeros(len(table), dtype=bool),
    )


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
            none, reason = np.zeros(1, dtype=bool), "no segment is judged for both systems"
            common = dataclasses.replace(common, identical=none, reasons=(reason,))
        elif common.identical[0] and not np.array_equal(lacking[i], lacking[j]):
            # Equal as far as both are judged, which is not on every segment.
            common = dataclasses.replace(common, identical=np.zeros(1, dtype=bool), reasons=(None,))
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


def checked_pairs(pairs: Sequence[tuple[int, int]] | None, systems: int) -> Ints:
    """Pairs as int64[m, 2]; None means all."""
    if pairs is None:
        if systems < 2:
            raise InputError("there is only one system; a comparison needs at least two")
        pairs = list(combinations(range(systems), 2))
    table = np.array([tuple(pair) for pair in pairs], dtype=np.int64).reshape(-1, 2)
    for i, j in table:
        if not (0 <= i < systems and 0 <= j < systems):
            raise InputError(
                f"pair ({i}, {j}) names a system that does not exist; they are numbered 0 to {systems - 1}"
            )
        if i == j:
            raise InputError(f"pair ({i}, {j}) compares a system with itself")
    return table


def named(reason: str | None, names: Sequence[str]) -> str | None:
    """Replace the number of a system at the beginning of a reason with its name."""
    return reason and re.sub(r"^system (\d+):", lambda match: f"{names[int(match[1])]}:", reason)


def better_of_pairs(table: Ints, difference: Floats, p: Floats, alpha: float, higher_is_better: bool) -> Ints:
    """int64[m]: the better system of each pair if its p-value is at most ``alpha``, else -1."""
    first_is_better = difference > 0 if higher_is_better else difference < 0
    better: Ints = np.where((p <= alpha) & (difference != 0), np.where(first_is_better, table[:, 0], table[:, 1]), -1)
    return better


def clusters_of(compared: Comparison, *, higher_is_better: bool = True) -> Clusters:
    """The rank clusters of a comparison of all pairs; WMT's tables use p-values without correction."""
    significant = significance(compared.pairs, compared.better, len(compared.score))
    return clusters(compared.score, significant, higher_is_better)


def significance(pairs: Ints, better: Ints, systems: int) -> NDArray[np.bool_]:
    """bool[systems, systems], symmetric: whether one of two systems is better."""
    significant = np.zeros((systems, systems), dtype=bool)
    first, second = pairs.T
    significant[first, second] = significant[second, first] = better >= 0
    return significant
