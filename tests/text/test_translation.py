"""English words, their Chinese expressions and their opposites."""

import re

import pytest

from evalkit.text.translation import _tables, opposites, translation

WORDS, OPPOSITES = _tables()


@pytest.mark.parametrize(
    ("word", "chinese"),
    [("farming", "农业"), ("Factories", "三家工厂"), ("stopped", "停止"), ("doctor's", "医生"), ("quickest", None)],
)
def test_words_have_chinese_expressions_in_any_inflection(word: str, chinese: str | None) -> None:
    pattern = translation(word)
    assert bool(pattern and pattern.search(chinese or "")) == bool(chinese)


@pytest.mark.parametrize(
    ("word", "own", "other"),
    [
        ("Exports", "汽车出口", "煤炭进口"),
        ("women", "妇女", "男性"),
        ("refused", "拒绝签字", "同意签字"),
        ("rural", "农村居民", "城镇居民"),
        ("illegally", "非法所得", "合法所得"),
        ("fell", "下降5%", "上升5%"),
    ],
)
def test_opposites_are_found_by_the_words_of_both_sides(word: str, own: str, other: str) -> None:
    sides = opposites(word)
    assert any(side.chinese.search(own) for side, _ in sides)
    assert not any(side.chinese.search(other) for side, _ in sides)
    assert any(against.chinese.search(other) for _, against in sides)
    assert not any(against.chinese.search(own) for _, against in sides)


def test_negated_fragments_and_both_at_once_are_no_opposites() -> None:
    assert not any(own.chinese.search("不同意") for own, _ in opposites("agree"))
    assert not any(own.chinese.search("进出口") for own, _ in opposites("export"))


def test_words_without_an_opposite_have_none() -> None:
    assert opposites("table") == ()


def test_the_lists_are_well_formed() -> None:
    for forms in WORDS.values():
        assert re.compile(forms).search("") is None, forms
    for word in OPPOSITES:
        for own, other in opposites(word):
            assert not own.english & other.english, word
            for side in (own, other):
                assert side.english and side.chinese.search("") is None, word
