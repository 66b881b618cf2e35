"""Names in summaries that are none of the source's."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.metrics.base import References
from evalkit.metrics.terms import Terms
from evalkit.text.person_names import altered_english, wrong_chinese
from evalkit.text.term_matching import Glossary, Term

SOURCE = (
    "25日，市民政局在京举行会议。乡村教育发展基金会秘书长李小明介绍，广西的活动由该基金会主办。主任王大力、书记陈文表示支持。"
    "王大力教授说，活动将在苏州举行。"
)
TERMS = (
    Term("乡村教育发展基金会", ("Rural Education Development Foundation",), kind="organisation"),
    Term("李小明", ("Li Xiaoming",), kind="person"),
    Term("王大力", ("Wang Dali",), kind="person"),
    Term("陈文", ("Chen Wen",), kind="person"),
    Term("刘教授", ("Professor Liu",), kind="person"),
)


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("广西的活动由乡村教育发展基金会主办。", []),
        ("北京会议上，李小明秘书长介绍了广西的活动。", []),  # 在京
        ("广东的活动由基金会主办。", [("广东", "added", "")]),
        ("教育部举行会议。", [("教育部", "added", "")]),
        ("乡村教育创新基金会主办。", [("乡村教育创新基金会", "altered", "乡村教育发展基金会")]),
        ("秘书长李小军介绍。", [("李小军", "altered", "李小明")]),
        ("书记王大力表示支持。", [("书记王大力", "title", "书记陈文")]),
        ("主任王大力和书记陈文表示支持，王大力教授介绍。", []),
        ("教授王大力说。", []),
        ("他去了上海南部和黄河北岸。", [("上海", "added", "")]),
        ("李小姐和刘老师来了。", []),
        ("", []),
    ],
)
def test_wrong_names_in_chinese(summary: str, expected: list[tuple[str, str, str]]) -> None:
    found = wrong_chinese(summary, SOURCE, TERMS)
    assert [(name.form, name.why, name.meant) for name in found] == expected
    assert all(summary[name.start : name.end] == name.form for name in found)


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("The Rural Education Development Foundation met.", []),
        ("The Education Development Foundation met.", []),
        ("The Shanghai Development Foundation met.", ["Shanghai Development Foundation"]),
        ("The Development Foundation met Big Oil.", []),
        ("The Great Wall School opened.", []),
    ],
)
def test_altered_names_in_english(summary: str, expected: list[str]) -> None:
    places = Glossary(TERMS).target(summary)
    assert [name.form for name in altered_english(summary, TERMS, places)] == expected


def test_terms_of_a_chinese_summary_are_the_names_it_keeps() -> None:
    references = References(
        ((SOURCE,),) * 3, lang="zh", sources=(SOURCE,) * 3, source_lang="zh", terms={"": TERMS}, kind="summary"
    )
    outputs = ["李小明介绍，活动由乡村教育发展基金会主办。", "李小明介绍，广东的活动由教育部主办。", "活动结束了。"]
    metric = Terms()
    rows = metric.statistics(outputs, references)
    assert rows.tolist() == [[2, 2, 0, 0, 1, 1], [1, 1, 0, 2, 0, 1], [0, 0, 0, 0, 1, 1]]
    assert metric.score(rows).tolist() == [1.0, 0.0, 1.0]
    found = [f for f in metric.explain(outputs[1], references, 1) if f.severity == "error"]
    assert [f.message for f in found] == ["“广东” is not named in the source", "“教育部” is not named in the source"]


@given(st.text(alphabet="北京上海南广东教育部民政局李小明军书记主任王大力陈文，。A İß\u200f", max_size=60))
def test_any_text_is_answered(text: str) -> None:
    found = wrong_chinese(text, SOURCE, TERMS)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(text[name.start : name.end] == name.form for name in found)


def test_long_texts_take_no_more_than_linear_work() -> None:
    """Quadratic work would take minutes here: the test is that it ends."""
    assert wrong_chinese("广东李小军书记王大力乡村教育" * 60_000, SOURCE, TERMS)
    altered_english("Shanghai Development Foundation " * 60_000, TERMS, [])
