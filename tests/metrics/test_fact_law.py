"""Fact metrics: emptying or deleting an output never raises a corpus score."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, strategies as st

from evalkit.data.loading import load_benchmark
from evalkit.data.tasks import references_of
from evalkit.metrics.base import Metric, References
from evalkit.metrics.health import Health
from evalkit.metrics.key_facts import KeyFacts
from evalkit.metrics.names import Names
from evalkit.metrics.quantities import Quantities
from evalkit.metrics.terms import Terms
from evalkit.text.facts import Fact
from evalkit.text.term_matching import Term

SUN = Term("孙利军", ("Sun Lijun",), ("Sun Lijuan",), "person")
LAND = Term("热土计划", ("Hometown Initiative",), ("Hot Land",), "programme")
GANSU = Term("甘肃", ("Gansu",), (), "place")
SALES = Fact("f1", 1, {}, {"en": (("Hometown Initiative",),)}, {"en": (("Hot Land",),)})
SPEAKER = Fact("f2", 3, {}, {"en": (("Sun Lijun",),)}, {"en": (("Gansu",),)})
SOURCES = ("孙利军在甘肃发布热土计划。", "孙利军如是说。", "下雨了。", "……")
PIECES = ("Sun Lijun", "Sun Lijuan", "Hometown Initiative", "Hot Land", "Gansu", "it rained", ".", " ", "（", "")

METRICS: tuple[Metric, ...] = (Terms(), Names(), KeyFacts(), Health())


def side(segments: list[int], kind: str) -> References:
    return References(
        texts=tuple((("Sun Lijun said so in Gansu.", "It rained.", "…", "")[i],) for i in segments),
        lang="en",
        sources=tuple(SOURCES[i] for i in segments),
        source_lang="zh",
        articles=("a",) * len(segments),
        terms={"": (SUN, LAND, GANSU)},
        facts={"a": (SALES, SPEAKER)},
        kind=kind,
    )


def worst_first(score: float) -> float:
    """An undefined score is no better than any."""
    return -1.0 if np.isnan(score) else score


@pytest.mark.parametrize("metric", METRICS, ids=str)
@pytest.mark.parametrize("kind", ["translation", "summary"])
@given(data=st.data())
def test_emptying_outputs_never_raises_a_score(metric: Metric, kind: str, data: st.DataObject) -> None:
    segments = data.draw(st.lists(st.integers(0, len(SOURCES) - 1), min_size=1, max_size=6))
    text = st.lists(st.sampled_from(PIECES), max_size=5).map(" ".join)
    outputs = [data.draw(text) for _ in segments]
    kept = [data.draw(st.booleans()) for _ in segments]
    emptied = [output if keep else "" for output, keep in zip(outputs, kept, strict=True)]
    references = side(segments, kind)
    before, after = (metric.statistics(texts, references) for texts in (outputs, emptied))
    assert worst_first(float(metric.score(after.sum(axis=0)))) <= worst_first(float(metric.score(before.sum(axis=0))))
    # The segment itself is at its worst, and no output changes what a segment weighs.
    assert (np.nan_to_num(metric.score(after)[~np.array(kept)]) == 0).all()
    defined = ~np.isnan(metric.score(before))
    np.testing.assert_array_equal(defined, ~np.isnan(metric.score(after)))


@pytest.mark.parametrize("task", ["translate-en", "summarize-en", "summarize-zh"])
def test_emptying_any_bundled_output_never_raises_a_score(task: str) -> None:
    given_task = load_benchmark().task(task)
    references = references_of(given_task)
    # References in the wrong place are wrong outputs that name and count much.
    texts = [refs[0] for refs in given_task.references]
    for metric in METRICS if task != "summarize-zh" else METRICS[1:]:
        prepared = metric.prepare(references)
        for outputs in (texts, texts[::-1]):
            rows = metric.statistics(outputs, prepared)
            empty = metric.statistics([""] * len(outputs), prepared)
            whole = float(metric.score(rows.sum(axis=0)))
            for i in range(len(outputs)):
                swapped = rows.copy()
                swapped[i] = empty[i]
                assert float(metric.score(swapped.sum(axis=0))) <= whole


def test_pooled_scores_do_not_keep_the_law() -> None:
    """Why the formula changed: a summary with a wrong name is better left empty."""
    references = dataclasses.replace(side([0, 1], "summary"))
    wrong = Terms().statistics(["Sun Lijun", "Sun Lijuan"], references).sum(axis=0)
    empty = Terms().statistics(["Sun Lijun", ""], references).sum(axis=0)
    assert Terms(aggregate="pooled").score(empty) > Terms(aggregate="pooled").score(wrong)
    assert Terms().score(empty) <= Terms().score(wrong)


def test_a_copy_of_the_source_cannot_be_checked() -> None:
    source = "孙利军在会上表示，去年农民的收入增长了两成，今年公司将派出二十七位特派员。"
    for kind in ("translation", "summary"):
        references = References((("Sun Lijun spoke.",),), lang="en", sources=(source,), source_lang="zh", kind=kind)
        for metric in (Names(), Quantities()):
            assert metric.score(metric.statistics([source], references)).tolist() == [0], (kind, metric)
    own = References((("孙利军讲话。",),), lang="zh", sources=(source,), source_lang="zh", kind="summary")
    assert Names().score(Names().statistics([source], own)).tolist() == [1]
