from __future__ import annotations

import numpy as np
import pytest
from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.significance import PairedTest

from evalkit import stats
from evalkit.errors import InputError
from evalkit.stats import compare, compat

from .statistics_of import f1, random_statistics

METRICS = {
    "BLEU": (BLEU(), "BLEU", {}),
    "chrF2": (CHRF(), "chrF", {"beta": 2}),
    "chrF2++": (CHRF(word_order=2), "chrF++", {}),
    "TER": (TER(), "TER", {"case": False}),
}


@pytest.fixture(scope="module")
def few(ted):
    """Four systems keep sacrebleu's side to some seconds."""
    return [(ted.systems[i], ted.hypotheses[i]) for i in (5, 0, 1, 3)], ted.references["refB"]


@pytest.fixture(scope="module")
def statistics(few):
    """Statistics of all systems, which sacrebleu then gets from here, too: TER takes it seconds a system."""
    systems, reference = few
    found = {}
    for name, (metric, _, _) in METRICS.items():
        rows = {tuple(texts): metric._extract_corpus_statistics(texts, [reference]) for _, texts in systems}
        metric._extract_corpus_statistics = lambda texts, _, rows=rows: rows[tuple(texts)]
        found[name] = np.array([rows[tuple(texts)] for _, texts in systems], dtype=float)
    assert len(rows) == len(systems)
    yield found
    for metric, _, _ in METRICS.values():
        del metric._extract_corpus_statistics


@pytest.mark.parametrize(("test", "method"), [("bs", "bootstrap"), ("ar", "randomization")])
def test_p_values_are_sacrebleus_to_the_last_digit(few, statistics, test, method):
    systems, reference = few
    trials = {"bs": 1000, "ar": 2000}[test]
    metrics = {name: metric for name, (metric, _, _) in METRICS.items()}
    _, expected = PairedTest(systems, metrics, [reference], test_type=test, n_samples=trials, n_ar_confidence=0)()
    pairs = [(i, 0) for i in range(1, len(systems))]
    for name, (_, ours, settings) in METRICS.items():
        formula = compat.formula(ours, settings)
        assert formula is not None
        found = compare(
            statistics[name],
            formula,
            pairs,
            test=stats.Test(method=method, trials=trials, compat="sacrebleu", resamples=2),
        )
        assert found.p.tolist() == [result.p_value for result in expected[name][1:]]
        assert found.score.tolist() == [result.score for result in expected[name]]


@pytest.mark.parametrize(
    ("sacrebleu_metric", "settings"),
    [
        (BLEU(smooth_method="floor"), {"smooth": "floor"}),
        (BLEU(smooth_method="floor", smooth_value=0.7), {"smooth": "floor", "smooth_value": 0.7}),
        (BLEU(smooth_method="add-k"), {"smooth": "add-k"}),
        (BLEU(smooth_method="none"), {"smooth": "none"}),
        (BLEU(effective_order=True), {"effective_order": True}),
        (BLEU(), {}),
    ],
)
def test_formula_of_bleu_equals_sacrebleus_on_small_counts(sacrebleu_metric, settings):
    rng = np.random.default_rng(0)
    lengths = rng.integers(0, 7, (400, 2))
    totals = np.maximum(lengths[:, :1] - np.arange(4), 0)
    correct = np.floor(totals * rng.random((400, 4)))
    correct[rng.random(400) < 0.1] = 0
    rows = np.concatenate([lengths, correct, totals], axis=1).astype(float)
    formula = compat.formula("BLEU", settings)
    for kind in (np.float64, np.float32):
        expected = [sacrebleu_metric._compute_score_from_stats(row).score for row in rows.astype(kind)]
        assert formula(rows.astype(kind)).tolist() == expected


@pytest.mark.parametrize(("sacrebleu_metric", "name"), [(CHRF(), "chrF"), (CHRF(beta=3), "chrF"), (TER(), "TER")])
def test_other_formulas_equal_sacrebleus_on_small_counts(sacrebleu_metric, name):
    rng = np.random.default_rng(1)
    rows = rng.integers(0, 5, (300, 18 if name == "chrF" else 2)).astype(float)
    formula = compat.formula(name, {"beta": getattr(sacrebleu_metric, "beta", 2)})
    for kind in (np.float64, np.float32):
        expected = [float(sacrebleu_metric._compute_score_from_stats(row).score) for row in rows.astype(kind)]
        assert formula(rows.astype(kind)).astype(float).tolist() == expected


def test_any_other_score_is_worked_out_in_double_precision():
    rows = random_statistics(np.random.default_rng(0), 2, 60, 0.02)
    pairs = [(0, 1)]
    n, trials = 60, 500
    rng = np.random.default_rng(12345)
    drawn = rng.choice(n, size=(trials, n), replace=True)
    scores = np.array([[f1(rows[s][line].sum(axis=0)) for line in drawn] for s in (0, 1)])
    apart = np.abs(scores[0] - scores[1])
    observed = abs(f1(rows[0].sum(axis=0)) - f1(rows[1].sum(axis=0)))
    expected = (np.sum(apart - apart.mean() > observed) + 1) / (trials + 1)
    assert (
        compare(rows, f1, pairs, test=stats.Test(method="bootstrap", trials=trials, compat="sacrebleu")).p[0]
        == expected
    )


def test_sums_that_single_precision_rounds_are_added_in_sacrebleus_order():
    # TER with two references has lengths in halves, here in thirds.
    rng = np.random.default_rng(2)
    rows = np.stack([rng.integers(0, 9, (2, 50)), rng.integers(3, 60, (2, 50)) / 3], axis=-1)
    drawn = np.random.default_rng(12345).choice(50, size=(100, 50), replace=True)
    single = rows.astype(np.float32)
    expected = [[float(TER()._compute_score_from_stats(s[line].sum(0)).score) for line in drawn] for s in single]
    found = compat._resampled(rows, compat.formula("TER"), 100, np.random.default_rng(12345))
    assert [values.astype(float).tolist() for values in found] == expected


def test_metrics_without_a_formula():
    assert compat.formula("ROUGE-L") is None
    assert compat.formula("chrF", {"measure": "recall"}) is None


def test_bad_arguments():
    rows = random_statistics(np.random.default_rng(0), 2)
    with pytest.raises(InputError, match="compat"):
        compare(rows, f1, test=stats.Test(compat="moses"))
    with pytest.raises(InputError, match="seed 0"):
        compare(rows, f1, test=stats.Test(compat="sacrebleu", seed=0))


def test_a_system_against_itself_is_not_called_better():
    rows = random_statistics(np.random.default_rng(0), 1)
    found = compare(np.concatenate([rows, rows]), f1, test=stats.Test(compat="sacrebleu", trials=999))
    # sacrebleu's p for identical systems is as small as can be.
    assert found.p[0] == 1 / 1000
    assert found.better[0] == -1
    assert "same statistics" in found.reasons[0]
