"""Rows on intervals and tests, and the one on everything together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sacrebleu.metrics import BLEU as SacrebleuBLEU, CHRF, TER as SacrebleuTER
from sacrebleu.significance import PairedTest

from evalkit.metrics.parsing import parse
from evalkit.stats import Test, clusters_of, compare, compat, intervals

from .measure import Row, statistics
from .sets import Set


def bleu_tests(data: Set) -> Iterator[Row]:
    """sacrebleu's two tests of BLEU, every system against the first, from statistics that both get ready made.

    evalkit's own tests draw other resamples and give other p-values, on purpose; that both start from the same numbers is
    shown by its copy of sacrebleu's tests, which must give sacrebleu's p-values to the last digit.
    """
    metric = parse("BLEU(effective_order=false)").resolve(data.lang)
    rows = np.array(statistics(metric, data))
    ready = {texts: system.astype(int).tolist() for texts, system in zip(data.systems.values(), rows, strict=True)}
    sacrebleu_metric = SacrebleuBLEU(force=True)
    references = [list(column) for column in zip(*data.references, strict=True)]
    sacrebleu_metric._cache_references(references)
    sacrebleu_metric._extract_corpus_statistics = lambda texts, _: ready[texts]
    baseline = [(i, 0) for i in range(1, len(rows))]
    formula = compat.formula("BLEU", metric.settings())
    for name, kind, method, trials, goal in (
        ("1,000 paired bootstraps", "bs", "bootstrap", 1_000, 50),
        ("10,000 randomizations", "ar", "randomization", 10_000, 100),
    ):

        def theirs(kind: str = kind, trials: int = trials) -> list[float]:
            _, found = PairedTest(list(data.systems.items()), {"BLEU": sacrebleu_metric}, references, kind, trials)()
            return [result.p_value for result in found["BLEU"][1:]]

        def ours(method: str = method, trials: int = trials) -> Any:
            return compare(rows, metric.score, baseline, test=Test(method=method, trials=trials))

        def equal(p: list[float], _: Any, method: str = method, trials: int = trials) -> bool:
            copy = compare(
                rows, formula, baseline, test=Test(method=method, trials=trials, compat="sacrebleu", resamples=2)
            )
            return copy.p.tolist() == p

        yield Row(
            f"{name}, BLEU, against a baseline", str(data), theirs, ours, goal, equal, "p-values of the compat mode"
        )


def everything(data: Set) -> Row:
    """Four metrics, all systems, intervals (1,000 resamples) and tests of all pairs (10,000 swaps).

    sacrebleu tests against one baseline at a time; here each system takes that place once, and statistics are taken once a
    system and kept.
    """
    sacrebleu_metrics = {
        "BLEU(effective_order=false)": lambda: SacrebleuBLEU(force=True),
        "chrF": CHRF,
        "chrF++": lambda: CHRF(word_order=2),
        "TER": SacrebleuTER,
    }

    def theirs() -> list[float]:
        references = [list(column) for column in zip(*data.references, strict=True)]
        systems = list(data.systems.items())
        scores: list[float] = []
        for make in sacrebleu_metrics.values():
            sacrebleu_metric = make()
            info = sacrebleu_metric._cache_references(references)
            kept = {
                texts: [
                    sacrebleu_metric._compute_segment_statistics(sacrebleu_metric._preprocess_segment(text), refs)
                    for text, refs in zip(texts, info, strict=True)
                ]
                for texts in data.systems.values()
            }
            sacrebleu_metric._extract_corpus_statistics = lambda texts, _, kept=kept: kept[texts]
            for first in range(len(systems) - 1):
                confidence = 0 if first == 0 else -1  # the first run gives the intervals of all
                _, found = PairedTest(systems[first:], {"it": sacrebleu_metric}, references, "ar", 10_000, confidence)()
                if first == 0:
                    scores += [result.score for key, column in found.items() if key != "System" for result in column]
        return scores

    def ours() -> list[float]:
        scores: list[float] = []
        for name in sacrebleu_metrics:
            metric = parse(name).resolve(data.lang)
            rows = np.array(statistics(metric, data))
            intervals(rows, metric.score, trials=1_000)
            better = {"higher_is_better": metric.higher_is_better}
            clusters_of(compare(rows, metric.score, test=Test(trials=10_000), **better), **better)
            scores += metric.score(rows.sum(axis=1)).tolist()
        return scores

    def equal(first: list[float], second: list[float]) -> bool:
        return len(first) == len(second) and np.allclose(first, second, rtol=0, atol=1e-9)

    name = "BLEU, chrF, chrF++, TER, intervals, tests of all pairs"
    return Row(name, str(data), theirs, ours, 100, equal, "scores to 1e-9")
