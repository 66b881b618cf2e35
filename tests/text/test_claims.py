"""Key facts that are negated, or stated about somebody else, do not count as stated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, strategies as st

from evalkit.data.loading import load_benchmark
from evalkit.data.tasks import references_of
from evalkit.metrics.key_facts import KeyFacts
from evalkit.metrics.terms import Terms
from evalkit.text.claims import Claims
from evalkit.text.facts import Fact, View
from evalkit.text.term_matching import Term

WRITTEN: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "written" / "key_fact_cases.yaml").read_text("utf-8")
)
REFERENCES = {task.lang: references_of(task) for task in load_benchmark().tasks if task.kind == "summary"}

OPPOSES = Fact(
    "f1",
    1,
    {"zh": "李小明说，基金会反对歧视。", "en": "Li Xiaoming said the foundation opposes discrimination."},
    {"zh": (("反对", "歧视"),), "en": (("oppos*|not + tolerat*", "discriminat*"),)},
    kind="quote",
)
SOURCE = "秘书长李小明说，基金会反对歧视。主任王大力来了。"
PEOPLE = (Term("李小明", ("Li Xiaoming",), (), "person"), Term("王大力", ("Wang Dali",), (), "person"))


def carried(text: str, lang: str, terms: tuple[Term, ...] = PEOPLE) -> bool:
    return Claims(SOURCE, terms).affirmed_match(OPPOSES, View(text, lang)) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("李小明说，基金会反对歧视。", True),
        ("基金会反对歧视。", True),
        ("基金会不反对歧视。", False),
        ("基金会并非不反对歧视。", True),
        ("基金会不仅反对歧视，也反对贫困。", True),
        ("天气不好，基金会反对歧视。", True),
        ("王大力说，基金会反对歧视。", False),
        ("秘书长赵晓天说，基金会反对歧视。", False),
        ("王大力来了。李小明说，基金会反对歧视。", True),
        # said wrongly in one place and rightly in another
        ("王大力说，基金会反对歧视。天气很好。李小明说，基金会反对歧视。", True),
    ],
)
def test_chinese(text: str, expected: bool) -> None:
    assert carried(text, "zh") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Li Xiaoming said the foundation opposes discrimination.", True),
        ("It opposes discrimination, Li said.", True),
        ("The foundation does not oppose discrimination.", False),
        ("The foundation doesn’t oppose discrimination.", False),
        ("The foundation does not tolerate discrimination.", True),
        ("The foundation never stops opposing discrimination.", True),
        ("It is not only that the foundation opposes discrimination.", True),
        ("The weather was not good, but the foundation opposes discrimination.", True),
        ("Wang Dali opposes discrimination.", False),
        ("Zhao Xiaotian opposes discrimination.", False),
        ("Wang Dali came. Li Xiaoming opposes discrimination.", True),
    ],
)
def test_english(text: str, expected: bool) -> None:
    assert carried(text, "en") == expected


def test_without_a_source_or_a_glossary_polarity_is_read() -> None:
    claims = Claims("")
    assert claims.affirmed_match(OPPOSES, View("It opposes discrimination.", "en"))
    assert not claims.affirmed_match(OPPOSES, View("It does not oppose discrimination.", "en"))


def test_a_fact_that_denies_something_itself_is_carried_by_its_denial() -> None:
    fact = Fact("f", 1, {"en": "No relapse into poverty must occur."}, {"en": (("relaps*", "poverty"),)})
    assert Claims("").affirmed_match(fact, View("The aim is that no relapse into poverty occurs.", "en"))
    assert Claims("").affirmed_match(fact, View("A relapse into poverty is to be avoided.", "en"))


def status(article: str, lang: str, fact: str, text: str) -> str:
    references = REFERENCES[lang]
    assert references.articles is not None
    verdicts = KeyFacts()._prepared_once(references).judge(references.articles.index(article), text)
    found: str = next(v.status for v in verdicts if v.fact.id == f"{article}/{fact}")
    return found


def test_sentences_that_were_written_before_the_code() -> None:
    wrong: dict[str, list[str]] = {"carried": [], "denied": [], "another": []}
    count = 0
    for entry in WRITTEN:
        for fact, by_lang in entry["facts"].items():
            for lang, groups in by_lang.items():
                for group, texts in groups.items():
                    for text in texts:
                        count += 1
                        if (status(entry["article"], lang, fact, text) == "carried") != (group == "carried"):
                            wrong[group].append(text)
    assert count >= 100
    assert wrong["carried"] == []
    assert wrong["denied"] == []
    assert len(wrong["another"]) <= 2, wrong


def test_a_form_that_terms_marks_as_wrong_carries_no_fact() -> None:
    references = REFERENCES["en"]
    assert references.articles is not None
    place = references.articles.index("youth-forum")
    text = "Yao Ming, vice president of the Chinese Basketball Association, came."
    assert [f.kind for f in Terms().explain(text, references, place) if f.severity == "error"] == ["rejected-term"]
    assert status("youth-forum", "en", "f13", text) == "missing"
    assert status("youth-forum", "en", "f13", text.replace("vice ", "")) == "carried"


@given(
    st.text(
        st.sampled_from("基金会不反对歧视李小明王大力说，。 not oppose discrimination") | st.characters(), max_size=80
    )
)
def test_any_text_is_answered(text: str) -> None:
    for lang in ("zh", "en"):
        carried(text, lang)


def test_sentences_of_the_second_set() -> None:
    second = yaml.safe_load((Path(__file__).parents[1] / "written" / "tested_once.yaml").read_text("utf-8"))[
        "key_facts"
    ]
    for case in second:
        found = status(case["article"], case["lang"], case["fact"], case["text"])
        assert (found == "carried") == case["carried"], case
