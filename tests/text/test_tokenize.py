"""Tokenizers and sentences."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, strategies as st

from evalkit.text.normalize import fold_width
from evalkit.text.sentences import sentence_spans, sentences
from evalkit.text.tokenize import TOKENIZERS, char_tokens, mixed_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("2,100余户", ["2,100", "余", "户"]),
        ("4.5万,20%", ["4.5", "万", "20%"]),
        ("４．２亿（２０％）", ["4.2", "亿", "20%"]),
        ("COVID-19和5G、AI", ["covid-19", "和", "5g", "ai"]),
        ("3.", ["3"]),
        ("“你好”——（世界）…", ["你", "好", "世", "界"]),
        ("𠀀〇々", ["𠀀", "〇", "々"]),
        ("don't e-mail", ["don't", "e-mail"]),
        ("", []),
    ],
)
def test_mixed_tokens(text: str, tokens: list[str]) -> None:
    assert mixed_tokens(text) == tokens


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("甲。乙！丙？丁", "zh", ["甲。", "乙！", "丙？", "丁"]),
        ("他说：“好。”（笑。）走了……完", "zh", ["他说：“好。”", "（笑。）", "走了……", "完"]),
        ("等…再说。」", "zh", ["等…再说。」"]),
        ("甲\n乙", "zh", ["甲", "乙"]),
        ("增长4.2亿。", "zh", ["增长4.2亿。"]),
        ("Mr. Li paid 4.5 yuan. “Yes.” He left.", "en", ["Mr. Li paid 4.5 yuan.", "“Yes.”", "He left."]),
        ("One? Two! three. four", "en", ["One?", "Two! three. four"]),
        ("The U.S. Army came. OK", "en", ["The U.S. Army came.", "OK"]),
        ("  \n ", "en", []),
    ],
)
def test_sentences(text: str, lang: str, expected: list[str]) -> None:
    assert sentences(text, lang) == expected


@given(st.text(max_size=60), st.sampled_from(["zh", "en"]))
def test_sentences_lose_nothing_but_white_space(text: str, lang: str) -> None:
    spans = sentence_spans(text, lang)
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())
    assert all(a < b for a, b in spans)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))


@given(st.text(max_size=60))
def test_folding_keeps_the_length_and_is_done_once(text: str) -> None:
    folded = fold_width(text)
    assert len(folded) == len(text)
    assert fold_width(folded) == folded


@given(st.text(max_size=60))
def test_tokens_have_no_white_space_and_do_not_depend_on_width(text: str) -> None:
    for name in ("mixed", "char", "words"):
        tokens = TOKENIZERS[name](text)
        assert all(token and not any(c.isspace() for c in token) for token in tokens)
    assert mixed_tokens(text) == mixed_tokens(fold_width(text))
    assert char_tokens(text) == char_tokens(fold_width(text))


def test_identical_chinese_texts_share_all_tokens_and_a_year_alone_is_one_of_many() -> None:
    left, right = mixed_tokens("2023年北京下雪"), mixed_tokens("2023年上海放晴")
    assert left != right
    assert set(left) & set(right) == {"2023", "年"}


def test_jieba_is_an_option() -> None:
    pytest.importorskip("jieba")
    assert TOKENIZERS["jieba"]("上海交通大学，2022年") == ["上海交通大学", "2022", "年"]
