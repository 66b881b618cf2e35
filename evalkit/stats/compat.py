"""Compatibility mode: the p-values and intervals that sacrebleu 2.6.0 prints for the same seed.

It serves to reproduce published numbers and is never the default, because sacrebleu's paired bootstrap is not calibrated (it
takes absolute differences before it centers them; see ``benchmarks/calibration``).

sacrebleu's bootstrap works in single precision, and a p-value is a count of comparisons: the same count takes the same
roundings in the same order. A :class:`Formula` makes them for BLEU, chrF, chrF++ and TER. Any other score function is
computed in double precision, which may change a p-value by a count or two.

Source: ``sacrebleu/significance.py`` and ``sacrebleu/metrics`` of version 2.6.0, after Koehn 2004
(https://aclanthology.org/W04-3250), Riezler and Maxwell 2005 (https://aclanthology.org/W05-0908) and Clark et al. 2011
(https://aclanthology.org/P11-2031).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import InputError
from evalkit.stats.resampling_units import Floats, Score, evaluate

__all__ = ["Formula", "confidence", "formula", "p_values"]

_LOG_OF_ZERO = -9999999999
_SMOOTH_VALUES = {"floor": 0.1, "add-k": 1.0}
# numpy keeps single precision when combined with a Python float from version 2 on; before, the result was double.
_JOINED: type[np.floating[Any]] = np.float32 if int(np.__version__.split(".")[0]) >= 2 else np.float64


@dataclass(frozen=True)
class Formula:
    """A score function with sacrebleu's order of operations, in the precision of its argument.

    :param kind: ``bleu``, ``chrf`` or ``ter``; the columns are those of sacrebleu's statistics.
    :param smooth: of BLEU.
    :param smooth_value: of BLEU; None for sacrebleu's default.
    :param effective_order: of BLEU.
    :param beta: of chrF.
    """

    kind: str
    smooth: str = "exp"
    smooth_value: float | None = None
    effective_order: bool = False
    beta: int = 2

    def __call__(self, sums: Floats) -> Floats:
        """float64[..., k] to float64[...]."""
        scores: Floats = self.scores(np.asarray(sums, dtype=np.float64)).astype(np.float64)
        return scores

    def scores(self, sums: NDArray[Any]) -> NDArray[Any]:
        """Scores in sacrebleu's precision."""
        with np.errstate(all="ignore"):
            if self.kind == "bleu":
                return self._bleu(sums)
            return self._chrf(sums) if self.kind == "chrf" else _ter(sums)

    def _bleu(self, sums: NDArray[Any]) -> NDArray[Any]:
        flat = sums.reshape(-1, sums.shape[-1])
        orders = (flat.shape[1] - 2) // 2
        joined = _JOINED if flat.dtype == np.float32 else np.float64
        length, reference = flat[:, 0].astype(np.float64), flat[:, 1].astype(np.float64)
        value = _SMOOTH_VALUES.get(self.smooth, 0.0) if self.smooth_value is None else self.smooth_value
        precision = np.zeros((len(flat), orders), dtype=joined)
        alive = np.ones(len(flat), dtype=bool)
        reached = np.zeros(len(flat), dtype=np.int64)
        halvings = np.ones(len(flat), dtype=joined)
        for n in range(orders):
            correct, total = flat[:, 2 + n].astype(joined), flat[:, 2 + orders + n].astype(joined)
            if self.smooth == "add-k" and n:
                correct, total = correct + joined(value), total + joined(value)
            alive = alive & (total != 0)
            reached += alive
            empty = alive & (correct == 0)
            halvings = np.where(empty, halvings * 2, halvings)
            precision[:, n] = np.where(alive & ~empty, joined(100) * correct / total, 0)
            if self.smooth == "exp":
                precision[:, n] = np.where(empty, joined(100) / (halvings * total), precision[:, n])
            elif self.smooth == "floor":
                precision[:, n] = np.where(empty, joined(100.0 * value) / total, precision[:, n])
        order = reached.tolist() if self.effective_order else [orders] * len(flat)
        # Python's logarithm, sum and exponential: numpy's differ in the last digit.
        scores = np.zeros(len(flat))
        for i in np.flatnonzero((flat[:, 2 : 2 + orders] != 0).any(axis=1)):
            logs = [math.log(p) if p else _LOG_OF_ZERO for p in precision[i, : order[i]].tolist()]
            penalty = 1.0
            if length[i] < reference[i]:
                penalty = math.exp(1 - reference[i] / length[i]) if length[i] > 0 else 0.0
            scores[i] = penalty * math.exp(sum(logs) / order[i])
        return scores.reshape(sums.shape[:-1])

    def _chrf(self, sums: NDArray[Any]) -> NDArray[Any]:
        joined = _JOINED if sums.dtype == np.float32 else np.float64
        precision = recall = np.zeros(sums.shape[:-1], dtype=joined)
        orders = np.zeros(sums.shape[:-1], dtype=np.int64)
        for n in range(sums.shape[-1] // 3):
            hypothesis, reference, match = (sums[..., 3 * n + side] for side in range(3))
            both = (hypothesis > 0) & (reference > 0)
            precision = precision + np.where(both, match / hypothesis, 0).astype(joined)
            recall = recall + np.where(both, match / reference, 0).astype(joined)
            orders = orders + both
        counted = np.maximum(orders, 1).astype(joined)
        precision, recall = precision / counted, recall / counted
        factor = self.beta**2
        score = joined(1 + factor) * precision * recall / (joined(factor) * precision + recall)
        scores: NDArray[Any] = np.where(precision + recall != 0, joined(100) * score, joined(0))
        return scores


def _ter(sums: NDArray[Any]) -> NDArray[Any]:
    joined = _JOINED if sums.dtype == np.float32 else np.float64
    edits, length = sums[..., 0], sums[..., 1]
    rate = np.where(length > 0, edits / length, (edits > 0).astype(sums.dtype))
    scores: NDArray[Any] = joined(100) * rate.astype(joined)
    return scores


def formula(metric: str, settings: Mapping[str, Any] | None = None) -> Formula | None:
    """The formula of a metric of evalkit, or None if sacrebleu has none with these settings.

    :param metric: the metric's name: ``BLEU``, ``chrF``, ``chrF++`` or ``TER``.
    :param settings: the metric's settings; those that only concern the texts are ignored.
    """
    values = dict(settings or {})
    if metric == "BLEU":
        known = ("smooth", "smooth_value", "effective_order")
        return Formula("bleu", **{name: values[name] for name in known if name in values})
    if metric in ("chrF", "chrF++") and values.get("measure", "f") == "f":
        return Formula("chrf", beta=int(values.get("beta", 2)))
    return Formula("ter") if metric == "TER" else None


def p_values(rows: Floats, score: Score, pairs: NDArray[np.int64], method: str, trials: int, seed: int) -> Floats:
    """p-values of sacrebleu's ``--paired-bs`` (``bootstrap``) or ``--paired-ar`` (``randomization``), by segment.

    Reproduces ``sacrebleu.significance.PairedTest`` to the last digit where ``score`` is a :class:`Formula`. Both tests
    treat the two systems alike, so the order of a pair does not matter.

    :param rows: float64[systems, n, k].
    :param pairs: int64[m, 2].
    :returns: float64[m].
    :raises InputError: seed 0, which sacrebleu treats as no seed.
    """
    if seed == 0:
        raise InputError("sacrebleu treats seed 0 as no seed, so there is nothing to reproduce; use another seed")
    observed = evaluate(score, rows.sum(axis=1))
    if method == "bootstrap":
        resampled = _resampled(rows, score, trials, np.random.default_rng(seed))
    else:
        swaps = np.random.default_rng(seed).integers(2, size=(trials, rows.shape[1]), dtype=bool).astype(np.float64)
    p = np.empty(len(pairs))
    for at, (i, j) in enumerate(pairs):
        reach = float(abs(observed[j] - observed[i]))
        if method == "bootstrap":
            differences = np.abs(resampled[i] - resampled[j])
            differences = differences - differences.mean()
        else:
            total, moved = rows[i].sum(axis=0), swaps @ (rows[j] - rows[i])
            differences = np.abs(evaluate(score, total + moved) - evaluate(score, rows[j].sum(axis=0) - moved))
        # Strictly greater, as in sacrebleu.
        p[at] = (int((differences > reach).sum()) + 1) / (len(differences) + 1)
    return p


def confidence(
    rows: Floats, score: Score, trials: int = 1000, seed: int = 12345, swaps: int = 0
) -> tuple[Floats, Floats]:
    """Mean over resamples and half the width of the 95% interval, as sacrebleu prints them (``μ = 38.69 ± 1.35``).

    Reproduces the intervals of ``--confidence`` and ``--paired-bs``, and the baseline's of ``--paired-ar``. For the other
    systems of ``--paired-ar`` sacrebleu draws the swaps first: give their number, 10,000 if it was not changed.

    :param rows: float64[systems, n, k].
    :returns: float64[systems] each.
    """
    rng = np.random.default_rng(seed)
    if swaps:
        rng.integers(2, size=(swaps, rows.shape[1]), dtype=bool)
    resampled = _resampled(rows, score, trials, rng)
    cut = trials // 40
    mean, half = np.empty(len(rows)), np.empty(len(rows))
    for i, scores in enumerate(np.sort(values) for values in resampled):
        mean[i], half[i] = scores.mean(), 0.5 * (scores[trials - cut - 1] - scores[cut])
    return mean, half


def _resampled(rows: Floats, score: Score, trials: int, rng: np.random.Generator) -> list[NDArray[Any]]:
    """Scores of bootstrap resamples, [systems][trials], in sacrebleu's precision."""
    blocks: list[list[NDArray[Any]]] = [[] for _ in rows]
    single = rows.astype(np.float32)
    whole = bool((rows == np.rint(rows)).all()) and float(np.abs(rows).max(initial=0)) * rows.shape[1] < 2**24
    units = rows.shape[1]
    step = max(1, (1 << 21) // max(units, 1))
    for done in range(0, trials, step):
        drawn = rng.choice(units, size=(min(step, trials - done), units), replace=True)
        for i, system in enumerate(single):
            if whole:
                cells = drawn + np.arange(len(drawn))[:, np.newaxis] * units
                weights = np.bincount(cells.reshape(-1), minlength=drawn.size).reshape(drawn.shape)
                sums = weights.astype(np.float32) @ system
            else:
                # Not exact in single precision, so the order of summation must be sacrebleu's.
                sums = np.stack([system[line].sum(axis=0) for line in drawn])
            scores = score.scores(sums) if isinstance(score, Formula) else evaluate(score, sums.astype(np.float64))
            blocks[i].append(scores)
    return [np.concatenate(parts) for parts in blocks]
