"""Comparisons, ranks and influence, from results down to the command line."""

from __future__ import annotations

import numpy as np
import pytest
from made_words import MadeWords
from sacrebleu.metrics import BLEU as SacrebleuBLEU
from sacrebleu.significance import PairedTest

import evalkit
from evalkit.data.benchmark import Benchmark
from evalkit.errors import InputError, SettingError
from evalkit.results.comparisons import sentence
from evalkit.results.evidence import gather_all
from evalkit.results.results import Results
from evalkit.wording import format_interval, format_number, p_equation, p_value, signed

N = 60
#: The share of wrong words of each system.
SHARES = {"best": 0.1, "middle": 0.3, "alike": 0.3, "worst": 0.7}


@pytest.fixture(scope="module")
def results() -> Results:
    made = MadeWords(N, 10)
    systems = {name: made.worse(share) for name, share in SHARES.items()}
    return evalkit.run(made.benchmark, systems, metrics=["BLEU", "TER"])


def test_who_is_better_follows_the_metrics_direction(results: Results) -> None:
    found = {(d.metric, d.system): d for d in results.compare("middle")}
    for metric in ("BLEU", "TER"):
        assert found[metric, "best"].better == "best"
        assert found[metric, "worst"].better == "middle"
        assert found[metric, "alike"].better is None
    assert found["BLEU", "best"].difference == pytest.approx(
        results.scores("corpus", system="best", metric="BLEU")[0].score
        - results.scores("corpus", system="middle", metric="BLEU")[0].score  # type: ignore[operator]
    )
    one = found["BLEU", "best"]
    assert one.low is not None
    assert one.high is not None
    assert one.low < one.difference < one.high  # type: ignore[operator]
    assert one.agreement is not None
    assert found["TER", "best"].agreement is None
    assert sentence(one).startswith("best is better than middle on BLEU, p < .001 (+")
    assert sentence(found["BLEU", "worst"]).startswith("worst is worse than middle on BLEU, p < .001 (-")
    assert sentence(found["BLEU", "alike"]).startswith(
        "no significant difference between alike and middle on BLEU, p = ."
    )
    assert "best" in repr(results.compare("middle"))
    assert list(results.compare("middle").to_pandas()["system"][:3]) == ["best", "alike", "worst"]


@pytest.mark.parametrize(
    ("articles", "named"), [(1, "one article is"), (2, "two articles are"), (3, "three articles are")]
)
def test_on_three_articles_or_fewer_nothing_is_tested(articles: int, named: str) -> None:
    rows = [{"id": str(i), "article": f"d{i % articles}", "references": [f"one two three {i}"]} for i in range(N)]
    systems = {"good": [f"one two three {i}" for i in range(N)], "bad": ["one"] * N, "also bad": ["one"] * N}
    found = evalkit.run(Benchmark.from_dataset(rows, lang="en"), systems, metrics=["chrF"])
    pairs = {(d.system, d.baseline): d for d in found.compare()}
    pair = pairs["good", "bad"]
    assert (pair.p, pair.p_corrected, pair.better, pair.verdict) == (None, None, None, "untested")
    assert pair.difference is not None and pair.difference > 50 and pair.min_detectable_difference is None
    reason = f"{named} too few to say which system is better in general"
    assert reason in str(pair)
    assert pairs["bad", "also bad"].verdict == "same"
    first = found.rank()[0]
    assert (first.system, first.cluster, first.best, first.worst) == ("good", 0, 0, 0)
    assert str(first).startswith("translate-en chrF good: no rank, " + reason)
    evidence = gather_all(found.tasks[0], 0, found.seed)["chrF"]
    assert evidence.pairs.get((0, 1)) == pair and evidence.few_articles == articles
    # The test of sacrebleu, which knows no articles, is reproduced where it is asked for.
    assert found.compare("bad", compat="sacrebleu")[0].p is not None


def test_with_four_articles_segments_are_tested() -> None:
    rows = [{"id": str(i), "article": f"d{i % 4}", "references": [f"one two three {i}"]} for i in range(N)]
    systems = {"good": [f"one two three {i}" for i in range(N)], "bad": ["one"] * N}
    found = evalkit.run(Benchmark.from_dataset(rows, lang="en"), systems, metrics=["chrF"])
    assert found.compare()[0].better == "good" and [r.cluster for r in found.rank()] == [1, 2]


def test_without_a_test_there_is_no_rank() -> None:
    bench = Benchmark.from_dataset([{"id": "1", "references": ["one two three"]}], lang="en")
    found = evalkit.run(bench, {"a": ["one two"], "b": ["one"]}, metrics=["chrF"])
    for row in found.rank():
        assert (row.cluster, row.best, row.worst) == (0, 0, 0)
        assert row.reason == "there is only one segment; resampling needs at least two"
    assert [row.cluster for row in evalkit.run(bench, {"a": ["one two"]}, metrics=["chrF"]).rank()] == [1]


def test_all_pairs_ranks_and_intervals(results: Results) -> None:
    assert len(results.compare(metric="BLEU")) == 6
    ranks = {r.system: r for r in results.rank(metric="BLEU")}
    assert ranks["best"].cluster == 1
    assert ranks["middle"].cluster == ranks["alike"].cluster == 2
    assert (ranks["middle"].best, ranks["middle"].worst) == (2, 3)
    assert ranks["worst"].cluster == 3
    for interval in results.intervals(metric="BLEU"):
        assert interval.low < interval.score < interval.high  # type: ignore[operator]
        assert "6 articles are too few" in interval.note
    bounded = results.scores("corpus", metric="BLEU", confidence=0.95)
    assert [(r.low, r.high) for r in bounded] == [(i.low, i.high) for i in results.intervals(metric="BLEU")]
    articles = results.scores("article", metric="BLEU", system="best", confidence=0.95)
    assert all(r.low <= r.score <= r.high for r in articles)  # type: ignore[operator]


def test_the_jackknife_is_what_leaving_one_out_gives(results: Results) -> None:
    task = results.task()
    rows = [r for r in results.jackknife(metric="BLEU", baseline="worst") if r.system == "best"]
    assert {r.unit for r in rows} == set(task.article_names())
    assert [abs(r.influence or 0) for r in rows] == sorted((abs(r.influence or 0) for r in rows), reverse=True)
    metric, statistics = task.metric("BLEU").metric, task.statistics["BLEU"]
    keep = np.array([a != rows[0].unit for a in task.articles or ()])
    a, b = task.system_index("best"), task.system_index("worst")
    whole = metric.score(statistics.sum(axis=1))
    rest = metric.score(statistics[:, keep].sum(axis=1))
    assert rows[0].influence == pytest.approx((whole[a] - whole[b]) - (rest[a] - rest[b]))
    assert len(results.jackknife(metric="TER", unit="segment")) == 4 * N
    with pytest.raises(SettingError, match="choose article or segment"):
        results.jackknife(unit="word")


def test_the_old_number_for_those_who_need_it(results: Results) -> None:
    texts = results.task().texts
    assert texts is not None
    sacrebleu_metric = SacrebleuBLEU(effective_order=True, force=True)
    named = [(name, list(texts.outputs[name])) for name in ("middle", "best", "alike")]
    references = [[r[0] for r in texts.references]]
    _, scores = PairedTest(named, {"BLEU": sacrebleu_metric}, references, "ar", n_samples=1000)()
    found = {
        d.system: d.p
        for d in results.compare("middle", metric="BLEU", trials=1000, compat="sacrebleu", correction="none")
    }
    for at, name in ((1, "best"), (2, "alike")):
        assert found[name] == pytest.approx(scores["BLEU"][at].p_value, abs=1e-12)
    with pytest.raises(InputError, match="unknown"):
        results.compare("middle", compat="mteval")


def test_what_cannot_be_compared(results: Results) -> None:
    with pytest.raises(SettingError, match="no system 'none'"):
        results.compare("none")
    alone = evalkit.run(
        Benchmark.from_dataset([{"id": "1", "references": ["a"]}], lang="en"), {"s": ["a"]}, metrics=["chrF"]
    )
    with pytest.raises(InputError, match="no two systems"):
        alone.compare()
    one = evalkit.run(
        Benchmark.from_dataset([{"id": "1", "references": ["a"]}], lang="en"),
        {"s": ["a"], "t": ["b"]},
        metrics=["chrF"],
    )
    d = one.compare()[0]
    assert (d.p, d.low, d.better) == (None, None, None)
    assert "at least two" in (d.reason or "")
    assert sentence(d).startswith("s and t were not compared on chrF: ")
    assert one.rank()[0].score == 100.0
    same = evalkit.run(
        Benchmark.from_dataset([{"id": str(i), "references": ["a b"]} for i in range(5)], lang="en"),
        {"s": ["a"] * 5, "t": ["a"] * 5},
        metrics=["chrF"],
    ).compare()[0]
    assert (same.difference, same.p, same.better) == (0.0, 1.0, None)


def test_p_values_are_printed_as_papers_do() -> None:
    assert [p_value(p) for p in (0.0001, 0.00099, 0.001, 0.04, 0.5, 1.0)] == [
        "<.001",
        "<.001",
        ".001",
        ".040",
        ".500",
        "1",
    ]
    assert [p_equation(p) for p in (0.0001, 0.04, 1.0)] == ["p < .001", "p = .040", "p = 1"]
    assert p_equation(0.04, "≤") == "p ≤ .040"
    # A value above .05 must not look as if it were not.
    assert [p_equation(p) for p in (0.0495, 0.05, 0.050001, 0.0504, 0.0505)] == [
        "p = .050",
        "p = .050",
        "p > .050",
        "p > .050",
        "p = .051",
    ]


def test_a_number_that_is_rounded_to_zero_has_no_minus_sign() -> None:
    specs = [".2f", "+.2f", ".3g", "+.3g", ".0%", ","]
    assert [format_number(-0.0, spec) for spec in specs] == ["0.00", "+0.00", "0", "+0", "0%", "0.0"]
    assert format_number(-0.004, ".2f") == "0.00"
    assert format_number(-0.004, ".3g") == "-0.004"
    assert [format_number(x, "+.3g") for x in (-12345.6, 999.6, 0.00001)] == ["-12346", "+1000", "+1e-05"]
    assert format_number(12345.6, ".4g") == "12346"
    assert format_interval(-0.0, -0.001, ".2f") == "[0.00, 0.00]"
    assert [signed(x, 2) for x in (-0.0, -0.004, -0.006, 0.006, None)] == ["±0.00", "±0.00", "−0.01", "+0.01", "–"]
