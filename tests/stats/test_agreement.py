from __future__ import annotations

import numpy as np
import pytest

from evalkit.errors import InputError
from evalkit.metrics.base import References, mean_score
from evalkit.metrics.bleu import BLEU
from evalkit.metrics.chrf import ChrF, ChrFpp
from evalkit.metrics.ter import TER
from evalkit.stats.agreement import SEGMENT_MEASURES, SYSTEM_MEASURES, segment_agreement, system_agreement
from evalkit.stats.correlation import MEASURES
from evalkit.stats.pairwise_accuracy import RankedPairs
from evalkit.stats.student import widened_level

from .statistics_of import f1, random_statistics
from .test_intervals import as_mean

N = np.nan
GOLD, METRIC = [1, 2, 2, 3, 4], [2, 1, 1.5, 5, 3]
# Two systems of three segments.
MATRIX = np.array([[1.0, 2, 3], [4, 5, 6]]), np.array([[2.0, 1, 4], [3, 3, 7]])


# -- tie calibration ------------------------------------------------------------------------------------------------------


def test_published_calibrations():
    assert RankedPairs(GOLD, METRIC).best().accuracy == pytest.approx(0.7)
    nonzero = RankedPairs([1, 1, 1, 4], [0, 2, 6, 8]).best()
    assert (nonzero.accuracy, nonzero.threshold) == (pytest.approx(4 / 6), 4)
    zero = RankedPairs([1, 2, 3, 4], [0, 2, 6, 8]).best()
    assert (zero.accuracy, zero.threshold) == (1.0, 0.0)
    human = [[1, 5, 2, 1, 1], [4, 2, 2, 1, 4], [5, 9, 2, 8, 7], [7, 6, N, 3, 2], [N] * 5]
    metric = [[0, 5, 2, 3, 2], [N, 2, 1, 5, 3], [9, 1, 5, 3, 8], [9, 3, 4, 4, 1], [N] * 5]
    found = RankedPairs(human, metric).best()
    assert (found.accuracy, found.threshold, found.rows) == (pytest.approx(0.4916666666666668), 1.0, 4)


def test_calibration_is_the_best_of_all_thresholds():
    rng = np.random.default_rng(0)
    gold, metric = rng.integers(0, 4, (12, 6)).astype(float), np.round(rng.random((12, 6)), 2)
    gold[3, 2] = N
    found = RankedPairs(gold, metric).best()
    first, second = np.triu_indices(6, 1)
    apart_gold, apart = gold[:, first] - gold[:, second], metric[:, first] - metric[:, second]

    def accuracy(threshold):
        called = np.where(np.abs(apart) <= threshold, 0, np.sign(apart))
        return np.nanmean(np.where(np.isnan(apart_gold), N, called == np.sign(apart_gold)), axis=1).mean()

    every = [0.0, *np.unique(np.abs(apart[~np.isnan(apart_gold)]))]
    assert found.accuracy == pytest.approx(max(accuracy(t) for t in every))
    assert accuracy(found.threshold) == pytest.approx(found.accuracy)
    assert found.threshold > 0
    assert RankedPairs(gold, metric).accuracies(found.threshold).mean() == pytest.approx(found.accuracy)


def test_calibration_of_nothing():
    assert np.isnan(RankedPairs([[N, N]], [[1.0, 2.0]]).best().accuracy)
    assert np.isnan(RankedPairs(np.zeros((0, 3)), np.zeros((0, 3))).best().accuracy)
    with pytest.raises(InputError, match="do not match"):
        RankedPairs([1, 2], [1, 2, 3]).best()
    with pytest.raises(InputError, match="group"):
        RankedPairs(np.zeros(10**4), np.zeros(10**4)).best()


# -- soft pairwise accuracy -----------------------------------------------------------------------------------------------


def soft_accuracy(gold, metric):
    return system_agreement(gold, as_mean(metric), mean_score, "soft-pairwise-accuracy", trials=0).value


def test_published_soft_accuracy():
    gold, metric = np.reshape([1, 2, 3, 2, 3, 4], (2, 3)), np.reshape([2, 2, 4, 1, 3, 5], (2, 3))
    assert soft_accuracy(gold, metric) == pytest.approx(0.872)


def test_soft_accuracy_of_the_same_and_the_opposite():
    scores = np.random.default_rng(0).standard_normal((4, 60)) + np.arange(4)[:, None] * 5
    assert soft_accuracy(scores, scores) == 1
    assert soft_accuracy(scores, -scores) == pytest.approx(0, abs=0.01)
    shuffled = scores.copy()
    shuffled[2, 7] = N
    assert soft_accuracy(shuffled, shuffled) == 1
    assert np.isnan(soft_accuracy(scores[:1], scores[:1]))
    assert np.isnan(soft_accuracy(scores[:, :1], scores[:, :1]))


# -- levels and groupings -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "by", "value"),
    [
        ("pearson", "none", 0.776),
        ("pearson", "system", 0.760),
        ("pearson", "item", 1.0),
        ("kendall-b", "none", 0.552),
        ("kendall-b", "system", 0.575),
        ("kendall-b", "item", 1.0),
    ],
)
def test_published_groupings(measure, by, value):
    assert segment_agreement(*MATRIX, measure, by, trials=0).value == pytest.approx(value, abs=0.0005)


def test_groups_without_a_value_are_left_out():
    gold, metric = np.array([[1.0, 2, 3], [4, 5, 6]]), np.array([[2.0, 2, 2], [4, 5, 6]])
    found = segment_agreement(gold, metric, "pearson", "system", trials=0)
    assert (found.value, found.count) == (pytest.approx(1), 1)


def test_kendall_like_is_averaged_over_pairs():
    gold, metric = np.array([[10.0, 11], [100, 150], [N, 90]]), np.array([[2.0, 1], [4, 3], [9, 0.5]])
    # Pairs at least 25 apart: one in the first segment, three in the second, of which one is wrong.
    found = segment_agreement(gold, metric, "kendall-like", "item", trials=0)
    assert found.value == pytest.approx((3 - 1) / 4)


@pytest.mark.parametrize(
    ("measure", "by"),
    [*((measure, by) for measure in MEASURES for by in ("none", "system")), *((m, "item") for m in SEGMENT_MEASURES)],
)
def test_intervals_are_percentiles_over_resampled_segments(measure, by):
    rng = np.random.default_rng(7)
    gold = rng.integers(0, 6, (4, 15)) * 10.0
    metric = gold + 25 * rng.standard_normal((4, 15))
    gold[1, 3] = N
    found = segment_agreement(gold, metric, measure, by, trials=40, seed=3)
    draws = np.random.default_rng([3, 1]).integers(0, 15, (40, 15), dtype=np.uint32)
    again = [segment_agreement(gold[:, line], metric[:, line], measure, by, trials=0).value for line in draws]
    tail = widened_level(0.025, 15)
    assert [found.low, found.high] == pytest.approx(np.quantile(again, [tail, 1 - tail]), abs=1e-12)
    assert found.low <= found.value <= found.high or measure == "calibrated-accuracy"


@pytest.mark.parametrize("measure", SYSTEM_MEASURES)
def test_system_intervals_rescore_the_corpus(measure):
    rng = np.random.default_rng(7)
    rows = random_statistics(rng, 5, 15, 0.03)
    gold = np.round(rows[:, :, 0] + 3 * rng.standard_normal((5, 15)))
    gold[1, 3] = N
    given = (rows, f1) if measure != "soft-pairwise-accuracy" else (as_mean(f1(rows)), mean_score)
    found = system_agreement(gold, *given, measure, trials=40, seed=3)
    draws = np.random.default_rng([3, 1]).integers(0, 15, (40, 15), dtype=np.uint32)
    if measure == "soft-pairwise-accuracy":
        assert found.low <= found.value <= found.high
        return
    again = [system_agreement(gold[:, line], rows[:, line], f1, measure, trials=0).value for line in draws]
    tail = widened_level(0.025, 15)
    assert [found.low, found.high] == pytest.approx(np.quantile(again, [tail, 1 - tail]), abs=1e-12)
    turned = system_agreement(gold, rows, lambda sums: -f1(sums), measure, higher_is_better=False, trials=0)
    assert turned.value == pytest.approx(found.value)


def test_articles_are_resampled_where_there_are_enough():
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(12), 4)
    gold = rng.standard_normal((6, 48))
    metric = gold + rng.standard_normal((6, 48))
    for found in (
        segment_agreement(gold, metric, "kendall-b", "none", groups, 60),
        segment_agreement(gold, metric, "calibrated-accuracy", "item", groups, 60),
        system_agreement(gold, as_mean(metric), mean_score, "pearson", groups=groups, trials=60),
        system_agreement(gold, as_mean(metric), mean_score, "soft-pairwise-accuracy", groups=groups, trials=60),
    ):
        assert (found.unit, found.units) == ("article", 12)
        assert found.low < found.value < found.high
    one = segment_agreement(gold, metric, "pearson", "none", groups, 1, seed=5)
    drawn = np.random.default_rng([5, 1]).integers(0, 12, 12, dtype=np.uint32)
    segments = np.concatenate([np.flatnonzero(groups == article) for article in drawn])
    again = segment_agreement(gold[:, segments], metric[:, segments], "pearson", "none", trials=0)
    assert one.low == one.high == pytest.approx(again.value)


# -- bad input ------------------------------------------------------------------------------------------------------------


def test_undefined_has_a_reason():
    flat = np.ones((3, 10))
    some = np.random.default_rng(0).random((3, 10))
    for found in (
        segment_agreement(some, flat),
        segment_agreement(np.full((3, 10), N), some),
        segment_agreement(some[:, :0], some[:, :0]),
        system_agreement(some[:1], as_mean(some[:1]), mean_score),
        system_agreement(flat, as_mean(some), mean_score),
        system_agreement(some[:1], as_mean(some[:1]), mean_score, "soft-pairwise-accuracy"),
        system_agreement(np.full((3, 10), N), as_mean(some), mean_score, "soft-pairwise-accuracy"),
    ):
        assert np.isnan([found.value, found.low, found.high]).all()
        assert found.reason


def test_one_segment_has_a_value_but_no_interval():
    found = system_agreement([[1.0], [2.0], [3.0]], as_mean([[1.0], [3.0], [2.0]]), mean_score)
    assert found.value == pytest.approx(0.5)
    assert np.isnan(found.low)
    assert "at least two" in found.reason


def test_a_system_with_bad_statistics_is_named():
    rows = random_statistics(np.random.default_rng(0), 3, 20)
    rows[2, 4, 0] = N
    found = system_agreement(np.ones((3, 20)), rows, f1)
    assert np.isnan(found.value)
    assert found.reason == "system 2: 1 segment with nan statistics, the first is segment 4"


def test_a_system_that_nobody_judged_is_left_out():
    rng = np.random.default_rng(0)
    gold, metric = rng.random((4, 20)), rng.random((4, 20))
    gold[1] = N
    kept = [0, 2, 3]
    found = system_agreement(gold, as_mean(metric), mean_score, "kendall-23", trials=0)
    assert found.value == system_agreement(gold[kept], as_mean(metric[kept]), mean_score, "kendall-23", trials=0).value
    assert found.count == 3


def test_bad_arguments():
    gold = np.ones((2, 3))
    with pytest.raises(InputError, match="do not match"):
        segment_agreement(gold, np.ones((3, 2)))
    with pytest.raises(InputError, match="do not match"):
        system_agreement(gold, np.ones((2, 4, 3)), f1)
    with pytest.raises(InputError, match="must be"):
        segment_agreement([1, 2], [1, 2])
    with pytest.raises(InputError, match="infinite"):
        segment_agreement(gold * np.inf, gold)
    with pytest.raises(InputError, match="infinite"):
        segment_agreement(gold, gold * np.inf)
    with pytest.raises(InputError, match="measure"):
        segment_agreement(gold, gold, "tau")
    with pytest.raises(InputError, match="measure"):
        system_agreement(gold, as_mean(gold), mean_score, "tau")
    with pytest.raises(InputError, match="grouping"):
        segment_agreement(gold, gold, "pearson", "article")
    with pytest.raises(InputError, match="held-out"):
        segment_agreement(gold, gold, "kendall-b", ties="held-out")
    with pytest.raises(InputError, match="grouping"):
        segment_agreement(gold, gold, "calibrated-accuracy")
    with pytest.raises(InputError, match="confidence"):
        segment_agreement(gold, gold, confidence=95)
    with pytest.raises(InputError, match="groups"):
        system_agreement(gold, as_mean(gold), mean_score, "soft-pairwise-accuracy", groups=[1, 2])


# -- the known answers on ted21-zh-en -------------------------------------------------------------------------------------

KNOWN = {
    BLEU: (38.70, 0.332, 0.615, 0.119, 0.158, -0.367),
    ChrF: (62.84, 0.340, 0.615, 0.125, 0.153, -0.305),
    ChrFpp: (61.46, 0.332, 0.615, 0.128, 0.157, None),
    TER: (46.92, 0.428, 0.667, 0.136, 0.151, -0.247),
}


@pytest.mark.parametrize("kind", [BLEU, ChrF, ChrFpp, TER])
def test_known_answers(ted, kind):
    niutrans, sys_pearson, accuracy, tau, seg_pearson, poor = KNOWN[kind]
    metric = kind().resolve("en")

    def rows(reference):
        prepared = metric.prepare(References(tuple((text,) for text in ted.references[reference])))
        return np.array([metric.statistics(texts, prepared) for texts in ted.hypotheses])

    standard = rows("refB")
    assert round(float(metric.score(standard.sum(axis=1))[ted.systems.index("NiuTrans")]), 2) == niutrans
    up = metric.higher_is_better
    given = (ted.gold, standard, metric.score)
    assert round(system_agreement(*given, "pearson", up, trials=0).value, 3) == sys_pearson
    assert round(system_agreement(*given, "accuracy", up, trials=0).value, 3) == accuracy
    segments = metric.score(standard) * (1 if up else -1)
    assert round(segment_agreement(ted.gold, segments, "kendall-b", trials=0).value, 3) == tau
    assert round(segment_agreement(ted.gold, segments, "pearson", trials=0).value, 3) == seg_pearson
    interval = system_agreement(*given, "pearson", up, ted.documents, trials=200)
    assert interval.low < interval.value < interval.high
    assert "5 articles are too few" in interval.note
    # TER through sacrebleu takes seconds a system.
    if poor is not None and kind is not TER:
        assert round(system_agreement(ted.gold, rows("ref"), metric.score, "pearson", up, trials=0).value, 3) == poor


def test_pairs_without_a_judgement_give_no_accuracy():
    best = RankedPairs([[np.nan, 1.0], [np.nan, np.nan]], [[1.0, 2.0], [3.0, 4.0]]).best()
    assert np.isnan(best.accuracy) and np.isnan(best.threshold) and best.rows == 0
