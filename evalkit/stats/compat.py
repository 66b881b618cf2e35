"""Compatibility mode: the p-values that sacrebleu 2.6.0 prints for the same seed.

It serves to reproduce published numbers and is never the default, because sacrebleu's paired bootstrap is not calibrated (it
takes absolute differences before it centers them; see ``benchmarks/calibration``).

sacrebleu's bootstrap works in single precision, and a p-value is a count of comparisons: the same count takes the same
roundings in the same order. A :class:`Formula` therefore calls sacrebleu's own BLEU, chrF, chrF++ or TER. Any other score
function is computed in double precision, which may change a p-value by a count or two.

Source: ``sacrebleu/significance.py`` and ``sacrebleu/metrics`` of version 2.6.0, after Koehn 2004
(https://aclanthology.org/W04-3250), Riezler and Maxwell 2005 (https://aclanthology.org/W05-0908) and Clark et al. 2011
(https://aclanthology.org/P11-2031).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import InputError
from evalkit.stats.resampling_units import Floats, Score, evaluate

#: Sacrebleu's names for settings of BLEU.
_BLEU_SETTINGS = {
    "smooth": "smooth_method",
    "smooth_value": "smooth_value",
    "effective_order": "effective_order",
    "max_order": "max_ngram_order",
}


@dataclass(frozen=True)
class Formula:
    """The score of a metric of sacrebleu, from sums of statistics with the columns of sacrebleu."""

    metric: Any

    def __call__(self, sums: NDArray[Any]) -> NDArray[Any]:
        """number[..., k] to number[...], in the precision of sacrebleu, which depends on that of the sums."""
        with np.errstate(all="ignore"):
            scores = [self.metric._compute_score_from_stats(row).score for row in sums.reshape(-1, sums.shape[-1])]
        return np.array(scores).reshape(sums.shape[:-1])


def formula(metric: str, settings: Mapping[str, Any] | None = None) -> Formula | None:
    """The formula of a metric of evalkit, or None if sacrebleu has none with these settings.

    :param metric: the metric's name: ``BLEU``, ``chrF``, ``chrF++`` or ``TER``.
    :param settings: the metric's settings; those that only concern the texts are ignored.
    """
    from sacrebleu.metrics import BLEU, CHRF, TER

    values = dict(settings or {})
    if metric == "BLEU":
        known = {theirs: values[ours] for ours, theirs in _BLEU_SETTINGS.items() if ours in values}
        return Formula(BLEU(force=True, **known))
    if metric in ("chrF", "chrF++") and values.get("measure", "f") == "f":
        words = 2 if metric == "chrF++" else 0
        return Formula(CHRF(values.get("char_order", 6), words, values.get("beta", 2)))
    return Formula(TER()) if metric == "TER" else None


def p_values(rows: Floats, score: Score, pairs: NDArray[np.int64], method: str, trials: int, seed: int) -> Floats:
    """p-values of sacrebleu's ``--paired-bs`` (``bootstrap``) or ``--paired-ar`` (``randomization``), by segment.

    Reproduces ``sacrebleu.significance.PairedTest`` to the last digit where ``score`` is a :class:`Formula`. Both tests
    treat the two systems alike, so the order of a pair does not matter.
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
            scores = score(sums) if isinstance(score, Formula) else evaluate(score, sums.astype(np.float64))
            blocks[i].append(scores)
    return [np.concatenate(parts) for parts in blocks]
