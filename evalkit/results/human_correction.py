"""Estimate differences in human scores from a metric or judge on all segments and human scores on some of them."""

import dataclasses
import math
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from evalkit import stats
from evalkit.errors import InputError
from evalkit.results.results import Results
from evalkit.results.task_results import TaskResults, number
from evalkit.stats.resampling_units import Floats


@dataclass(frozen=True)
class CorrectedDifference:
    """One pair of systems: the estimated difference of their human scores over all segments.

    :param difference: human score of ``system`` minus that of ``baseline``, estimated from all judgements and corrected by
        the labels; ``low`` and ``high`` bound it.
    :param p: two-sided; ``p_corrected`` after Holm for the pairs of this task and metric.
    :param better: the better system if the corrected test is significant at .05, else None.
    :param labels_only: the difference from the labels alone, with its bounds.
    :param metric_only: the difference according to the metric alone, in its own units, higher is better.
    :param rho2: squared correlation between metric and label differences on the labeled segments.
    :param saved: the share of labels that the metric saves at the same precision.
    :param labels: number of segments labeled for both systems; ``segments`` is the number with a metric score. Segments
        with identical outputs need no label, because their difference is 0; neither number includes them.
    :param sensitivity: for a binary metric with binary labels, the share of positive outputs that it detects;
        ``specificity`` is the share of negative ones that it classifies as negative.
    """

    task: str
    metric: str
    system: str
    baseline: str
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    p_corrected: float | None
    better: str | None
    labels_only: float | None
    labels_low: float | None
    labels_high: float | None
    metric_only: float | None
    rho2: float | None
    saved: float | None
    labels: int
    segments: int
    unit: str
    sensitivity: float | None
    specificity: float | None
    reason: str | None


def corrected_differences(
    results: Results,
    human: Mapping[str, Floats],
    *,
    baseline: str | None = None,
    task: str | None = None,
    metric: str | None = None,
    weights: Floats | None = None,
    confidence: float = 0.95,
) -> list[CorrectedDifference]:
    """Prediction-powered inference for pairs of systems; see :mod:`evalkit.stats.ppi`.

    The labeled segments must have been chosen at random, or with known weights.

    :param human: by system, float64[n] in the order of the task's segments, higher is better, nan where not labeled.
    :param baseline: compare every other system with this one; all pairs if None.
    :param weights: float64[n], the number of segments that each labeled one represents; None if all were equally likely
        to be chosen.
    """
    t = results.task(task)
    pairs = pairs_of_people(t, human, baseline)
    labels = [human.get(name, np.empty(0)) for name in t.systems]
    rows: list[CorrectedDifference] = []
    for scored in t.chosen(metric):
        scores = scored.sign * t.by_segment(scored.label)
        estimates = [
            _estimate(t, i, j, scores[i] - scores[j], labels[i] - labels[j], weights, confidence) for i, j in pairs
        ]
        corrected = stats.holm([estimate.p for estimate in estimates])
        for (i, j), estimate, p in zip(pairs, estimates, corrected, strict=True):
            rates = _rates(np.concatenate([scores[i], scores[j]]), np.concatenate([labels[i], labels[j]]))
            figures: dict[str, Any] = {
                name: number(value) if isinstance(value, float) else value for name, value in vars(estimate).items()
            }
            difference, (first, second) = figures.pop("value"), (t.systems[i], t.systems[j])
            rows.append(
                CorrectedDifference(
                    task=t.name,
                    metric=scored.label,
                    system=first,
                    baseline=second,
                    difference=difference,
                    metric_only=figures.pop("judge_only"),
                    p_corrected=number(p),
                    better=(first if difference > 0 else second) if p <= 0.05 and difference else None,
                    sensitivity=number(rates[0]),
                    specificity=number(rates[1]),
                    **figures,
                )
            )
    return rows


def pairs_of_people(t: TaskResults, judged: Container[str], baseline: str | None) -> list[tuple[int, int]]:
    """Return the pairs of systems that people judged, with the baseline if there is one; an error if there are none."""
    systems = [name for name in t.systems if name in judged]
    if baseline is not None:
        t.system_index(baseline)
    if len(systems) < 2 or (baseline is not None and baseline not in systems):
        raise InputError(
            f"{t.name}: people judged {', '.join(systems) or 'no system'} of the run; human scores of two systems are needed"
            + ("" if baseline is None else f", {baseline} among them")
        )
    return t.pairs(baseline, systems)


def _estimate(
    t: TaskResults, i: int, j: int, scores: Floats, labels: Floats, weights: Floats | None, confidence: float
) -> stats.CorrectedMean:
    """Estimate the mean difference over all segments; identical outputs have a difference of 0 and need no label.

    :raises InputError: if a labeled segment has no weight.
    """
    differs = np.ones(len(scores), dtype=bool)
    if t.texts is not None:
        outputs = t.texts.outputs[t.systems[i]], t.texts.outputs[t.systems[j]]
        differs = np.array([a != b for a, b in zip(*outputs, strict=True)])
    if weights is not None and (unweighted := np.flatnonzero(differs & np.isnan(weights) & ~np.isnan(labels))).size:
        name = t.ids[unweighted[0]]
        raise InputError(
            f"segment {name!r} has human scores but no weight; name it in --weights, or leave its scores out"
        )
    corrected = stats.corrected_mean(
        scores[differs],
        labels[differs],
        t.groups(differs),
        None if weights is None else weights[differs],
        confidence,
    )
    share = float(differs.mean())
    scaled = ("value", "low", "high", "labels_only", "labels_low", "labels_high", "judge_only")
    return dataclasses.replace(corrected, **{name: share * getattr(corrected, name) for name in scaled})


def _rates(scores: Floats, labels: Floats) -> tuple[float, float]:
    """Return sensitivity and specificity; nan unless metric and labels are binary."""
    known = ~np.isnan(scores)
    verdicts, truth = np.abs(scores[known]), labels[known]
    if not (np.isin(verdicts, (0.0, 1.0)).all() and np.isin(truth[~np.isnan(truth)], (0.0, 1.0)).all()):
        return math.nan, math.nan
    return stats.sensitivity_and_specificity(verdicts > 0, truth)
