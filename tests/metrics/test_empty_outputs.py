"""All metrics with ``empty_is_worst``: emptying or deleting an output never raises a corpus score."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from evalkit import load_benchmark
from evalkit.data.outputs import read_systems
from evalkit.data.tasks import references_of
from evalkit.errors import SettingError
from evalkit.metrics import METRICS
from evalkit.metrics.base import Metric, References, Runtime
from evalkit.metrics.recorded import RecordedScores
from evalkit.text.term_matching import Term

#: outputs that leave out, contradict and invent, beside sources that ask for nothing.
SOURCES = ("阿里巴巴2022年销售板栗38吨，增长20%。", "今天天气很好。", "王文涛在北京会见了3名记者。", "他们来了。")
OUTPUTS = (
    ("Alibaba sold 3.8 tonnes of chestnuts in 2021, up 90%, and 500 pears to Tencent.", "Alibaba sold chestnuts."),
    ("The weather was fine for 12 hours on 3 May in Beijing.", "The weather is fine."),
    ("Wang Wentao met 30 reporters in Shanghai on 5 June.", "Wang Wentao met 3 reporters in Beijing."),
    ("They came, 7,000 of them, from Alibaba.", "They came."),
)
TERMS = (
    Term("阿里巴巴", ("Alibaba",), ("Ali Baba",), "organisation"),
    Term("腾讯", ("Tencent",), (), "organisation"),
    Term("北京", ("Beijing",), (), "place"),
    Term("上海", ("Shanghai",), (), "place"),
    Term("王文涛", ("Wang Wentao",), (), "person"),
)
EXEMPT = {"BLEU", "chrF", "chrF++", "TER", "Extractiveness"}


@cache
def cases() -> list[tuple[str, References, tuple[tuple[str, ...], ...]]]:
    """Name, references and the outputs of several systems."""
    found = []
    for kind in ("translation", "summary"):
        side = References(
            texts=tuple((good,) for _, good in OUTPUTS),
            lang="en",
            sources=SOURCES,
            source_lang="zh",
            articles=("a", "a", "b", "b"),
            facts={},
            terms={"": TERMS},
            kind=kind,
        )
        found.append((f"invented {kind}", side, tuple(zip(*OUTPUTS, strict=True))))
    bench = load_benchmark("zh-news")
    assert bench.systems is not None
    outputs = read_systems(bench, sorted(bench.systems.iterdir()))
    for task in bench.tasks:
        systems = tuple(tuple(given.texts) for given in outputs[task.name].values())
        found.append((task.name, references_of(task), systems))
    return found


def largest_rise(metric: Metric, side: References, systems: tuple[tuple[str, ...], ...]) -> float:
    """By how much emptying one output improves the score of a corpus at most; corpora are random choices of segments."""
    rng = np.random.default_rng(1)
    n = len(side)
    keep = np.concatenate([np.ones((1, n)), np.eye(n), rng.integers(0, 2, (100, n))])
    empty = metric.statistics([""] * n, side)
    sign = 1.0 if metric.higher_is_better else -1.0
    most = -np.inf
    with np.errstate(all="ignore"):
        for outputs in systems:
            rows = metric.statistics(outputs, side)
            before = metric.score(keep @ rows)
            for i in range(n):
                after = metric.score(keep @ rows + np.outer(keep[:, i], empty[i] - rows[i]))
                worst = metric.range[0] if sign > 0 else metric.range[1]
                rise = sign * (
                    np.where(np.isnan(after), sign * np.inf, after) - np.where(np.isnan(before), worst, before)
                )
                # A score that is undefined stays undefined where nothing is asked at all.
                rise[np.isnan(after) & np.isnan(before)] = 0.0
                most = max(most, float(rise[keep[:, i] > 0].max()))
    return most


def test_exactly_the_metrics_with_a_reference_implementation_and_the_descriptive_ones_are_exempt() -> None:
    assert {name for name, cls in METRICS.items() if not cls.empty_is_worst} == EXEMPT


@pytest.mark.parametrize(
    "name", sorted(name for name, cls in METRICS.items() if cls.empty_is_worst and cls.where == "worker")
)
def test_emptying_an_output_never_raises_a_score(name: str) -> None:
    checked = 0
    for case, side, systems in cases():
        try:
            metric = METRICS[name]().resolve(side.lang)
            rise = largest_rise(metric, side, systems)
        except SettingError:
            continue
        checked += 1
        assert rise <= 1e-9, f"{case}: emptying an output raises {name} by {rise:.4f}"
    assert checked >= 2


def test_recorded_scores_do_not_rise_when_an_output_is_emptied() -> None:
    scores = {"mine": {"1": 10.0, "2": 90.0, "3": 50.0}}
    side = References((("x",),) * 3, lang="en", ids=("1", "2", "3"))
    metric = RecordedScores("Human", scores)
    before, after = (
        metric.statistics_of({"mine": outputs}, side, Runtime())["mine"].rows for outputs in (["a"] * 3, ["", "a", "a"])
    )
    np.testing.assert_array_equal(before, after)


def test_the_law_is_tested_for_every_metric_of_the_main_process() -> None:
    """Here for recorded scores, in tests/models/test_neural.py for models, in tests/judging/test_judge.py for the judge."""
    main = {name for name, cls in METRICS.items() if cls.where == "main"}
    assert main == {"RecordedScores", "Judge", "COMET", "BERTScore", "MetricX", "Entailment"}
    assert all(METRICS[name].empty_is_worst for name in main)
