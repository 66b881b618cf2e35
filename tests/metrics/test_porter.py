"""The Porter stemmer against nltk's, which rouge-score uses."""

from __future__ import annotations

from itertools import product

from hypothesis import given, strategies as st
from nltk.stem.porter import PorterStemmer

from evalkit import load_benchmark
from evalkit.metrics.kernels.porter import porter_stem
from evalkit.metrics.kernels.rouge import _WORD

NLTK = PorterStemmer()
SUFFIXES = (
    "ational tional enci anci izer bli alli entli eli ousli ization ation ator alism iveness fulness ousness aliti iviti biliti "
    "fulli logi icate ative alize iciti ical ful ness al ance ence er ic able ible ant ement ment ent sion tion ion ou ism ate "
    "iti ous ive ize ed ing eed ied ies sses ss s y e ll"
).split()


def test_every_word_of_the_bundled_references() -> None:
    bench = load_benchmark()
    texts = [text for name in ("translate-en", "summarize-en") for refs in bench.task(name).references for text in refs]
    words = {word for text in texts for word in _WORD.findall(text.lower())}
    assert len(words) > 500
    assert {word: porter_stem(word) for word in words} == {word: NLTK.stem(word) for word in words}


def test_suffixes_on_short_stems_and_on_each_other() -> None:
    stems = ["", "t", "a", "y", "by", "tr", "ee", "oat", "try", "hop", "fall", "troubl", "syzyg"]
    words = {"".join(parts) for parts in product(stems, SUFFIXES, ["", "s", *SUFFIXES])}
    words |= {
        "sky",
        "skies",
        "dying",
        "lying",
        "tying",
        "news",
        "innings",
        "outing",
        "canning",
        "howe",
        "proceed",
        "succeeds",
    }
    assert {word: porter_stem(word) for word in words} == {word: NLTK.stem(word) for word in words}


@given(st.from_regex("[a-z0-9]{1,12}", fullmatch=True))
def test_any_word(word: str) -> None:
    assert porter_stem(word) == NLTK.stem(word)
