"""Renderings of terms: accepted, rejected or missing; surnames; consistency."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from evalkit.text.renderings import SourceTerms, inconsistencies, renderings
from evalkit.text.term_matching import Glossary, Term

SUN = Term("孙利军", ("Sun Lijun",), ("Sun Lijuan",), "person")
KHAN = Term("夏泽翰", ("Shahbaz Khan",), ("Xia Zehan",), "person")
ZHANG = Term("张勇", ("Daniel Zhang", "Zhang Yong"), (), "person")
SJTU = Term(
    "上海交大", ("Shanghai Jiao Tong University", "SJTU", "Jiao Tong University", "the university"), (), "organisation"
)
LAND = Term("热土计划", ("Hometown Initiative", "Homeland Plan"), ("Hot Land",), "programme")
TALENT = Term("人才", ("talent", "people"), (), "term")
COLLEGE = Term("上海交大学院", ("Shanghai College",), (), "organisation")
SHORT = Term("交大", ("SJTU",), (), "organisation")
TERMS = (SUN, KHAN, ZHANG, SJTU, LAND, TALENT, COLLEGE, SHORT)


def fates(source: str, text: str) -> str:
    glossary = Glossary(TERMS)
    return " ".join(
        f"{r.term.source}:{r.status}" for r in renderings(glossary, SourceTerms.of(glossary, source), text, "en")
    )


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("孙利军和张勇", "Sun Lijun and Daniel Zhang", "孙利军:accepted 张勇:accepted"),
        ("张勇和孙利军", "Sun Lijun and Daniel Zhang", "张勇:accepted 孙利军:accepted"),
        ("孙利军，孙利军", "Sun Lijun and SUN LIJUN's", "孙利军:accepted"),
        ("孙利军", "The chairman spoke", "孙利军:missing"),
        ("孙利军", "Sun Lijuan spoke", "孙利军:rejected"),
        ("孙利军", "Sun Lijun spoke, then Sun Lijuan", "孙利军:rejected"),
        ("", "Sun", ""),
        # a name that the source does not contain
        ("", "Sun Lijun spoke, Sun Lijun!", "孙利军:added"),
        ("孙利军", "Daniel Zhang spoke", "孙利军:missing 张勇:added"),
        ("孙利军", "Sun Lijun and Zhang spoke of talent", "孙利军:accepted"),
        ("孙利军", "Sun Lijun spoke at the university", "孙利军:accepted"),
        ("孙利军", "Sun Lijun spoke at SJTU", "孙利军:accepted 上海交大:added"),
        ("孙利军", "Sun Lijun unveiled the Homeland Plan", "孙利军:accepted"),
        # ... is none where the source has it inside a longer term, or where another term has the same form
        ("上海交大学院", "SJTU's college", "上海交大学院:missing"),
        ("交大", "SJTU", "交大:accepted"),
        ("孙利军", "Sun Lijun Foundation", "孙利军:accepted"),
        # the surname alone, since an earlier segment may have the whole name
        ("孙利军", "Sun said so", "孙利军:accepted"),
        ("孙利军", "But Sun said so", "孙利军:accepted"),
        ("孙利军", "so said Chairman Sun.", "孙利军:accepted"),
        ("夏泽翰", "“Mr. Khan’s speech", "夏泽翰:accepted"),
        ("孙利军", "the sun said so", "孙利军:missing"),
        # another full name is no surname
        ("孙利军", "Sun Lixian spoke", "孙利军:missing"),
        ("夏泽翰", "Shabaz Khan spoke", "夏泽翰:missing"),
        ("夏泽翰", "Imran-Khan spoke", "夏泽翰:missing"),
        ("孙利军", "Sun Lijun spoke. Sun Lixian spoke", "孙利军:accepted"),
    ],
)
def test_fates(source: str, text: str, expected: str) -> None:
    assert fates(source, text) == expected


def test_places_are_those_of_both_texts() -> None:
    glossary = Glossary(TERMS)
    source, text = "会上孙利军说", "He, Sun Lijun, spoke"
    (found,) = renderings(glossary, SourceTerms.of(glossary, source), text, "en")
    assert found.source_span is not None
    assert source[slice(*found.source_span)] == "孙利军"
    assert [text[f.start : f.end] for f in found.forms] == ["Sun Lijun"]


def test_without_a_source_the_terms_of_the_output_count() -> None:
    glossary = Glossary(TERMS)
    found = renderings(glossary, None, "Sun Lijuan and SJTU; Sun", "en")
    assert [(r.term.source, r.status, r.source_span) for r in found] == [
        ("孙利军", "rejected", None),
        ("上海交大", "accepted", None),
        ("交大", "accepted", None),
    ]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("Hometown Initiative", "the Homeland Plan"), {"Hometown Initiative": (0,), "Homeland Plan": (1,)}),
        (("Hometown Initiative", "Hometown Initiatives", "hometown-initiative"), None),
        (("Hometown Initiative and Homeland Plan",), {"Hometown Initiative": (0,), "Homeland Plan": (0,)}),
        (("Shanghai Jiao Tong University", "SJTU", "Jiao Tong University", "the university"), None),
        (("Daniel Zhang", "Zhang said", "Mr. Zhang"), None),
        (("Daniel Zhang", "Zhang Yong"), {"Daniel Zhang": (0,), "Zhang Yong": (1,)}),
        (("talent", "people"), None),
    ],
)
def test_one_name_has_one_form_in_a_document(
    texts: tuple[str, ...], expected: dict[str, tuple[int, ...]] | None
) -> None:
    glossary = Glossary(TERMS)
    source = SourceTerms.of(glossary, "孙利军、张勇、上海交大、热土计划、人才")
    found = inconsistencies([renderings(glossary, source, text, "en") for text in texts])
    assert [dict(case.segments) for case in found] == ([] if expected is None else [expected])


@given(st.text(st.sampled_from("Sun Lijuan孙利军上海交大 ．.'’-\u202e\u0000") | st.characters(), max_size=60))
def test_any_string_gets_an_answer(text: str) -> None:
    glossary = Glossary(TERMS)
    found = renderings(glossary, SourceTerms.of(glossary, text), text, "en")
    assert all(r.status in {"accepted", "rejected", "missing"} for r in found)
    inconsistencies([found, found])
