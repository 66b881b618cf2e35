"""The forms of facts and terms on independently written wordings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from evalkit.text.facts import carries, contradicted
from evalkit.text.term_matching import Glossary
from references.tools.check_content import view
from references.tools.load import load_folder
from references.tools.schema import Article

PHRASINGS: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "phrasings.yaml").read_text("utf-8"))
ARTICLES = {article.id: article for article in load_folder(Path(__file__).resolve().parents[2] / "references")}


@pytest.fixture(params=sorted(ARTICLES))
def article(request: pytest.FixtureRequest) -> Article:
    return ARTICLES[request.param]


def test_every_fact_has_three_phrasings_in_each_language(article: Article) -> None:
    given = PHRASINGS["facts"][article.id]
    assert list(given) == [entry.fact.id for entry in article.facts]
    for by_lang in given.values():
        assert {lang: len(set(texts)) for lang, texts in by_lang.items()} == {"en": 3, "zh": 3}


def test_a_fair_phrasing_of_a_fact_carries_it_and_contradicts_none(article: Article) -> None:
    wrong = []
    for entry in article.facts:
        for lang, texts in PHRASINGS["facts"][article.id][entry.fact.id].items():
            for text in texts:
                ready = view(article, text, lang)
                if not carries(entry.fact, ready):
                    wrong.append(f"{entry.fact.id} is not found in: {text}")
                wrong += [
                    f"{e.fact.id} is contradicted by: {text}" for e in article.facts if contradicted(e.fact, ready)
                ]
    assert wrong == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_phrasing_carries_few_other_facts(article: Article, lang: str) -> None:
    """Forms so wide that any sentence on the subject has them would pass the other tests."""
    given = PHRASINGS["facts"][article.id]
    ready = [(id, view(article, text, lang)) for id, by_lang in given.items() for text in by_lang[lang]]
    facts = [entry.fact for entry in article.facts]
    others = [(fact.id, id) for fact in facts for id, v in ready if id != fact.id and carries(fact, v)]
    assert len(others) < 0.002 * len(facts) * len(ready), others


def test_true_statements_contradict_no_fact(article: Article) -> None:
    glossary = Glossary(entry.term for entry in article.terms)
    wrong = []
    for lang, texts in PHRASINGS["fair"][article.id].items():
        for text in texts:
            ready = view(article, text, lang)
            wrong += [f"{e.fact.id} is contradicted by: {text}" for e in article.facts if contradicted(e.fact, ready)]
            if lang == "en":
                wrong += [f"{o.form} is rejected in: {text}" for o in glossary.target(text) if o.status == "rejected"]
    assert wrong == []


def test_a_fair_rendering_of_a_term_is_accepted(article: Article) -> None:
    glossary = Glossary(entry.term for entry in article.terms)
    wrong = []
    for source, forms in PHRASINGS["terms"][article.id].items():
        for form in forms:
            found = glossary.target(f"They spoke of {form} there.", "en")
            if not any(o.term.source == source and o.status == "accepted" for o in found):
                wrong.append(f"{source}: {form}")
            wrong += [f"{o.term.source}: {o.form!r} is rejected in {form!r}" for o in found if o.status == "rejected"]
    assert wrong == []
