"""KeyFacts: which facts a segment is expected to state, and how each verdict counts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evalkit.data.loading import load_benchmark
from evalkit.data.tasks import references_of
from evalkit.errors import SettingError
from evalkit.metrics.base import References
from evalkit.metrics.key_facts import WEIGHTS, KeyFacts
from evalkit.text.facts import Fact
from evalkit.text.term_matching import Term

SALES = Fact(
    "f1",
    1,
    {"zh": "卖出38吨板栗。", "en": "38 tonnes of chestnuts were sold."},
    {"zh": (("#38 t", "板栗"),), "en": (("#38 t", "chestnut*"),)},
    {"en": (("#38 kg", "chestnut*"),)},
    "quantity",
    ("p1", "p2"),
)
PLACE = Fact(
    "f2",
    2,
    {"en": "It was in Qinglong."},
    {"zh": (("青龙",),), "en": (("Qinglong",),)},
    {"en": (("Julu",),)},
    "place",
    ("p1",),
)
OPEN = Fact("f3", 3, {"en": "Farmers were glad."}, {"en": (("glad|happy",),)})
ZH_ONLY = Fact("f4", 1, {"zh": "农民高兴。"}, {"zh": (("高兴",),)})


def side(kind: str = "translation", **changes: object) -> References:
    given: dict[str, object] = {
        "texts": (("x",), ("x",), ("x",)),
        "lang": "en",
        "sources": ("青龙卖出38吨板栗。", "板栗很好。", "青龙。"),
        "source_lang": "zh",
        "articles": ("a", "a", "b"),
        "ids": ("a/p1", "a/p2", "b/p1"),
        "facts": {"a": (SALES, PLACE, OPEN, ZH_ONLY)},
        "kind": kind,
    }
    return References(**(given | changes))  # type: ignore[arg-type]


def rows(texts: list[str], references: References) -> list[list[float]]:
    found: list[list[float]] = KeyFacts().statistics(texts, references).tolist()
    return found


def test_a_segment_of_a_translation_owes_what_its_source_states() -> None:
    # p1: sales 3, place 2, open 1; p2 is a block of the sales but its source does not state them; b has no facts
    assert rows(["", "", ""], side()) == [[0, 6, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_a_summary_owes_all_facts_of_its_article_that_its_language_can_show() -> None:
    assert rows(["", "", ""], side("summary")) == [[0, 6, 0, 0], [0, 6, 0, 0], [0, 0, 0, 0]]
    assert rows(["", "", ""], side("summary", lang="zh"))[0] == [0, 8, 0, 0]


def test_what_is_not_known_rules_no_fact_out() -> None:
    assert rows(["", "", ""], side(ids=None))[:2] == [[0, 6, 0, 0], [0, 1, 0, 0]]
    assert rows(["", "", ""], side(sources=None))[:2] == [[0, 6, 0, 0], [0, 4, 0, 0]]
    assert rows(["", "", ""], side(source_lang="de"))[:2] == [[0, 6, 0, 0], [0, 4, 0, 0]]
    assert rows(["", "", ""], side(ids=("p1", "p2", "p1")))[:2] == [[0, 6, 0, 0], [0, 1, 0, 0]]


def test_carried_and_contradicted_facts_count_by_tier() -> None:
    text = "Glad farmers of Qinglong sold 38 tonnes of chestnuts."
    assert rows([text, "", ""], side())[0] == [6, 6, 0, 6]
    assert rows([text.replace("tonnes", "kilograms"), "", ""], side())[0] == [3, 6, 3, 0]
    # contradicted in one place is contradicted, whatever else is said
    assert rows([text + " In Julu, too.", "", ""], side())[0] == [4, 6, 2, 2]


def test_the_score_is_the_credit_over_what_is_expected() -> None:
    assert WEIGHTS == {1: 3.0, 2: 2.0, 3: 1.0}
    rows = np.array([[6, 6, 0, 6], [3, 6, 3, 0], [3, 6, 0, 3], [0, 6, 6, 0], [0, 0, 0, 0]])
    np.testing.assert_allclose(KeyFacts().score(rows), [1, 0, 3 / 6, 0, math.nan])
    pooled = KeyFacts(aggregate="pooled")
    np.testing.assert_allclose(pooled.score(rows), [1, 3 / 9, 3 / 6, 0, math.nan])
    assert pooled.statistics_key() == KeyFacts().statistics_key()


def test_findings_of_a_translation() -> None:
    text = "In Julu 38 tonnes of chestnuts were sold."
    sales, place, glad = KeyFacts().explain(text, side(), 0)
    assert (sales.kind, sales.severity, sales.key) == ("fact", "ok", "f1")
    assert sales.source_span is not None and side().sources is not None
    assert side().sources[0][slice(*sales.source_span)] == "38吨板栗"  # type: ignore[index]
    assert sales.output_span is not None
    assert text[slice(*sales.output_span)] == "38 tonnes of chestnuts"
    assert (place.kind, place.severity, place.message) == (
        "contradicted-fact",
        "error",
        "contradicts the fact: It was in Qinglong.",
    )
    assert place.output_span == (3, 7)
    assert (glad.kind, glad.severity, glad.output_span) == ("missing-fact", "warning", None)


def test_of_a_summary_only_what_is_central_is_missing_and_that_is_a_warning() -> None:
    found = KeyFacts().explain("", side("summary"), 0)
    assert [(f.kind, f.severity, f.key) for f in found] == [("missing-fact", "warning", "f1")]
    assert KeyFacts().explain("", side("summary"), 2) == ()


def test_needs_and_languages() -> None:
    with pytest.raises(SettingError, match="KeyFacts needs facts"):
        KeyFacts().statistics(["", "", ""], side(facts=None))
    with pytest.raises(SettingError, match="reads outputs in en and zh, not de"):
        KeyFacts().resolve("de")
    assert KeyFacts().resolve("zh-Hans") == KeyFacts()


def test_the_bundled_translations_carry_every_fact_and_no_reference_contradicts_one() -> None:
    for task in load_benchmark().tasks:
        references = references_of(task)
        prepared = KeyFacts().prepare(references)
        for k in range(len(task.references[0])):
            texts = [refs[k] for refs in task.references]
            carried, expected, contradicted, credit = KeyFacts().statistics(texts, prepared).sum(axis=0)
            assert contradicted == 0
            assert expected > 150
            assert 0 < carried == credit <= expected
            if task.kind == "translation":
                assert carried == expected
    # ... and every fact is expected of one block at least
    task = load_benchmark().task("translate-en")
    assert task.facts is not None
    expected = {
        (task.articles[i], finding.key)  # type: ignore[index]
        for i, _ in enumerate(task.ids)
        for finding in KeyFacts().explain("", references_of(task), i)
    }
    assert expected == {(article, fact.id) for article, facts in task.facts.items() for fact in facts}


def test_a_stated_fact_mentions_the_term_that_terms_reports() -> None:
    terms = {"": (Term("板栗", ("Chinese chestnuts",), (), "term"), Term("丰收", ("harvest",), (), "phrase"))}
    sold = side(terms=terms, sources=("青龙卖出38吨板栗，丰收。", "板栗很好。", "青龙。"))
    stated = [f.message for f in KeyFacts().explain("38 tonnes of chestnuts were sold.", sold, 0) if f.kind == "fact"]
    assert stated == ["38 tonnes of chestnuts were sold. (stated; Terms judges the rendering of 板栗 separately)"]
    (right,) = (f for f in KeyFacts().explain("38 tonnes of Chinese chestnuts", sold, 0) if f.kind == "fact")
    assert right.message == "38 tonnes of chestnuts were sold."
