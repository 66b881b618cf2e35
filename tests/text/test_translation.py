"""English words, their Chinese expressions."""

import re

import pytest

from evalkit.text.translation import _translations, translation


@pytest.mark.parametrize(
    ("word", "chinese"),
    [("farming", "农业"), ("Factories", "三家工厂"), ("stopped", "停止"), ("doctor's", "医生"), ("quickest", None)],
)
def test_words_have_chinese_expressions_in_any_inflection(word: str, chinese: str | None) -> None:
    pattern = translation(word)
    assert bool(pattern and pattern.search(chinese or "")) == bool(chinese)


def test_the_list_is_well_formed() -> None:
    for forms in _translations().values():
        assert re.compile(forms).search("") is None, forms
