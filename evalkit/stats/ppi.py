"""Prediction-powered inference: estimates from all judgments of a judge, corrected by human labels of some segments.

A judge that is biased gives a precise but wrong difference of two systems; a few labels give a right but imprecise one.
Prediction-powered inference treats the labels as correct and uses the judge to reduce the noise. The possible gain is
the squared correlation rho**2 of judge and labels: with rho = .13, less than 2% of the labels are saved; with .7, half.

Labeled segments must be a random sample of all segments, or come with the weights of their selection
(:mod:`evalkit.stats.sample_size`).

Source: Angelopoulos et al. 2023, "Prediction-Powered Inference", https://doi.org/10.1126/science.adi6000, with the power
tuning of https://arxiv.org/abs/2311.01453; for a mean it is the regression estimator of survey sampling (Cochran 1977,
Sampling Techniques, chapter 7).
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.errors import InputError
from evalkit.stats.resampling_units import ENOUGH_ARTICLES, Floats, Ints, checked_groups
from evalkit.stats.student import t_quantile, t_tail

#: With fewer labels than this, the correlation cannot be estimated.
FEWEST_LABELS = 10


@dataclass(frozen=True)
class CorrectedMean:
    """The mean of human labels over all segments, estimated from a judge and some labels; nan if there are too few labels.

    :param segments: number of segments that the judge has scored.
    :param judge_only: the judge's mean over all segments, uncorrected.
    :param p: p-value of the hypothesis that the mean is 0.
    :param labels_only: the mean of the labels alone; ``labels_low`` and ``labels_high`` bound it.
    :param rho2: squared correlation of judge and labels on the labeled segments.
    :param saved: the share of labels that the judge saves at the same precision.
    """

    labels: int
    segments: int
    unit: str
    judge_only: float
    reason: str | None = None
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p: float = math.nan
    labels_only: float = math.nan
    labels_low: float = math.nan
    labels_high: float = math.nan
    rho2: float = math.nan
    saved: float = math.nan


def corrected_mean(
    judge: ArrayLike,
    labels: ArrayLike,
    groups: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    confidence: float = 0.95,
) -> CorrectedMean:
    """The mean of the labels over all segments: mean of ``label - b * judge`` where labeled, plus b times the judge's mean.

    For a difference of two systems give the differences of their scores and of their labels. The factor b is the slope
    of labels on the judge's scores; it is 0 for a judge without information, and any value of it keeps the estimate
    unbiased. Errors are those of the linearized estimate by article (from 10 labeled articles on, otherwise by
    segment), with Student's t.

    :param judge: float64[n], nan where the judge has no score; such segments are left out.
    :param labels: float64[n], nan where not labeled.
    :param weights: float64[n], how many segments each labeled one represents; None if all were equally likely.
    """
    scores, human_scores = np.asarray(judge, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    if scores.ndim != 1 or scores.shape != human_scores.shape:
        raise InputError(f"judge scores of shape {scores.shape} and labels of shape {human_scores.shape} do not match")
    if np.isinf(scores).any() or np.isinf(human_scores).any():
        raise InputError("there are infinite scores; leave them out or mark them missing (nan)")
    articles = np.arange(len(scores)) if groups is None else checked_groups(groups, len(scores))[1]
    weight = np.ones(len(scores)) if weights is None else np.asarray(weights, dtype=np.float64)
    known = ~np.isnan(scores)
    scores, human_scores, articles, weight = scores[known], human_scores[known], articles[known], weight[known]
    labeled = ~np.isnan(human_scores)
    if not (np.isfinite(weight[labeled]) & (weight[labeled] > 0)).all():
        raise InputError("every labeled segment needs a positive weight")
    by_article = groups is not None and len(np.unique(articles[labeled])) >= ENOUGH_ARTICLES
    units, unit = (articles, "article") if by_article else (np.arange(len(scores)), "segment")
    count, judge_only = int(labeled.sum()), float(scores.mean()) if len(scores) else math.nan
    counted = CorrectedMean(count, len(scores), unit, judge_only)
    if count < FEWEST_LABELS:
        return replace(counted, reason=f"labeled segments: {count}; at least {FEWEST_LABELS} are needed")
    weight = np.where(labeled, weight, 0.0)
    share = weight / weight.sum()
    y = np.where(labeled, human_scores, 0.0)
    mean_y, mean_x = float(share @ y), float(share @ scores)
    dy, dx = np.where(labeled, y - mean_y, 0.0), scores - mean_x
    variance_x, variance_y, covariance = (float(share @ v) for v in (dx * dx, dy * dy, dx * dy))
    flat = variance_x <= 1e-26 * max(1.0, mean_x**2) or variance_y <= 0
    slope = 0.0 if flat else covariance / variance_x
    rho2 = 0.0 if flat else min(1.0, covariance**2 / (variance_x * variance_y))
    value = mean_y + slope * (judge_only - mean_x)
    of_labels = share * dy
    corrected = of_labels - slope * share * dx + slope * (scores - judge_only) / len(scores)
    error, labels_error, freedom = _errors(units, share, corrected, of_labels)
    reach = t_quantile((1 - confidence) / 2, freedom)
    return replace(
        counted,
        value=value,
        low=value - reach * error,
        high=value + reach * error,
        p=2 * t_tail(abs(value) / error, freedom) if error > 0 else float(value == 0),
        labels_only=mean_y,
        labels_low=mean_y - reach * labels_error,
        labels_high=mean_y + reach * labels_error,
        rho2=rho2,
        saved=rho2 * (1 - count / len(scores)),
    )


def _errors(units: Ints, share: Floats, corrected: Floats, of_labels: Floats) -> tuple[float, float, float]:
    """The standard errors of both estimates, given what each segment contributes, and their degrees of freedom.

    These are jackknife errors, in which an article with a large share of the labels counts more. The degrees of freedom
    are the effective number of articles (Kish 1965, Survey Sampling) minus 1.
    """
    share_sums = np.bincount(units, share)
    sampled, freedom = int((share_sums > 0).sum()), max(1 / float((share_sums**2).sum()) - 1, 1.0)
    sums = [np.bincount(units, part) / np.maximum(1 - share_sums, 0.5) for part in (corrected, of_labels)]
    error, labels_error = (math.sqrt((sampled - 1) / sampled * float((part**2).sum())) for part in sums)
    return error, labels_error, freedom


def sensitivity_and_specificity(verdicts: ArrayLike, labels: ArrayLike) -> tuple[float, float]:
    """The share of the true positives that a judge finds, and of the true negatives that it identifies, each 0 to 1.

    :param labels: float64[n], 1 or 0 where labeled, else nan; both results are nan with fewer than two of either kind.
    """
    positive_verdicts: NDArray[np.bool_] = np.asarray(verdicts, dtype=bool)
    truth = np.asarray(labels, dtype=np.float64)
    if positive_verdicts.ndim != 1 or positive_verdicts.shape != truth.shape:
        raise InputError(f"verdicts of shape {positive_verdicts.shape} and labels of shape {truth.shape} do not match")
    positive, negative = truth == 1, truth == 0
    if (~(positive | negative | np.isnan(truth))).any():
        raise InputError("labels must be 0 or 1, or nan where not labeled")
    if min(positive.sum(), negative.sum()) < 2:
        return math.nan, math.nan
    return float(positive_verdicts[positive].mean()), float((~positive_verdicts[negative]).mean())
