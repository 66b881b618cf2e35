"""ROUGE from big integers and from compiled loops equals rouge-score, to the last bit."""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from kernel_texts import HARD, SEGMENT, SETS, TEXT, public_set
from rouge_score.rouge_scorer import RougeScorer, lcs_ind
from rouge_score.tokenizers import DefaultTokenizer

from evalkit.metrics import base
from evalkit.metrics.base import References
from evalkit.metrics.kernels import rouge as kernels
from evalkit.metrics.kernels.tokens import split_mixed
from evalkit.metrics.rouge import ROUGE1, ROUGE2, ROUGEL, Rouge, ROUGELsum
from evalkit.text.sentences import sentences
from evalkit.text.tokenize import TOKENIZERS, mixed_tokens

KINDS = (ROUGE1, ROUGE2, ROUGEL, ROUGELsum)
METRICS = [
    *(kind(tokenize="rouge", stem=stem) for stem in (False, True) for kind in KINDS),
    *(kind(tokenize="mixed", stem=False) for kind in KINDS),
    ROUGELsum(tokenize="char", stem=False, sentences="punctuation"),
    ROUGE2(tokenize=str.split, stem=False),
]


class AsTokenizer:
    def __init__(self, tokenize) -> None:
        self.tokenize = tokenize


def theirs(metric: Rouge, hypotheses: Sequence[str], references: Sequence[tuple[str, ...]]) -> list[list[float]]:
    if metric.tokenize == "rouge":
        tokenizer = DefaultTokenizer(use_stemmer=bool(metric.stem))
    else:
        tokenizer = AsTokenizer(TOKENIZERS.get(str(metric.tokenize), metric.tokenize))
    lines = getattr(metric, "sentences", None) == "punctuation"
    split = (lambda text: "\n".join(sentences(text, "zh"))) if lines else str
    kind = metric.name.replace("ROUGE-", "rouge")
    scorer = RougeScorer([kind], tokenizer=tokenizer)
    rows = []
    for hypothesis, texts in zip(hypotheses, references, strict=True):
        best = scorer.score_multi([split(text) for text in texts], split(hypothesis))[kind]
        rows.append([best.precision, best.recall, best.fmeasure, 1.0])
    return rows


def equal(metric: Rouge, hypotheses: Sequence[str], references: Sequence[tuple[str, ...]]) -> None:
    expected = theirs(metric, hypotheses, references)
    for compiled in (False, True):
        rows = metric._source(References(tuple(references), lang="zh"), compiled=compiled).rows(hypotheses).tolist()
        for i, (row, other) in enumerate(zip(rows, expected, strict=True)):
            assert row == other, (str(metric), compiled, hypotheses[i], references[i])


@pytest.mark.parametrize("metric", METRICS, ids=str)
@settings(max_examples=50)
@given(st.lists(SEGMENT, min_size=1, max_size=4))
def test_equals_rouge_score_on_generated_text(metric: Rouge, segments: list[tuple[str, tuple[str, ...]]]) -> None:
    equal(metric, [h for h, _ in segments], [r for _, r in segments])


@pytest.mark.parametrize("metric", METRICS, ids=str)
def test_equals_rouge_score_on_every_pair_of_hard_texts(metric: Rouge) -> None:
    pairs = [(h, (r,)) for h in HARD for r in HARD]
    equal(metric, [h for h, _ in pairs], [r for _, r in pairs])


@pytest.mark.parametrize("name", SETS)
def test_equals_rouge_score_on_public_outputs(shared_data: Path, name: str) -> None:
    references, systems = public_set(shared_data, name, step=89)
    zh = SETS[name] == "zh"
    for number, hypotheses in enumerate(systems.values()):
        for kind in KINDS:
            metric = kind(tokenize="mixed" if zh else "rouge", stem=not zh and number % 2 == 0)
            equal(metric, hypotheses, [refs[: 1 + number % 2] for refs in references])


TOKENS = st.lists(st.integers(0, 4), max_size=12)
DOCUMENT = st.lists(TOKENS, min_size=1, max_size=6).map(lambda s: "\n".join(" ".join(f"w{t}" for t in x) for x in s))


@settings(max_examples=150)
@given(DOCUMENT, st.lists(DOCUMENT, min_size=1, max_size=3).map(tuple))
def test_documents_of_several_sentences(hypothesis: str, references: tuple[str, ...]) -> None:
    for kind in KINDS:
        equal(kind(tokenize="rouge", stem=False), [hypothesis], [references])


@pytest.mark.parametrize("length", [63, 64, 65, 128, 129, 300])
def test_sentences_longer_than_a_word_of_bits(length: int) -> None:
    long = " ".join(f"t{i * i % 37}" for i in range(length))
    other = " ".join(f"t{i * 7 % 41}" for i in range(length + 5))
    for texts in (
        (long, other),
        (f"{long}\n{other}", f"{other}\n\n{long} x"),
        (f"a b\n{long}", other),
        (long, f"{other}\nt1"),
    ):
        for kind in (ROUGEL, ROUGELsum):
            equal(kind(tokenize="rouge", stem=False), [texts[0], texts[1]], [(texts[1],), (texts[0],)])


@given(TOKENS, TOKENS)
def test_lcs_length_against_a_naive_table(ours: list[int], their: list[int]) -> None:
    table = [[0] * (len(their) + 1) for _ in range(len(ours) + 1)]
    for i, a in enumerate(ours, start=1):
        for j, b in enumerate(their, start=1):
            table[i][j] = table[i - 1][j - 1] + 1 if a == b else max(table[i - 1][j], table[i][j - 1])
    assert kernels.union_lcs([ours], [their]) == table[-1][-1]


@given(TOKENS, TOKENS)
def test_the_path_is_the_one_rouge_score_reads_out(reference: list[int], sentence: list[int]) -> None:
    assert kernels._path(reference, sentence, kernels._places(sentence))[::-1] == lcs_ind(reference, sentence)


def test_stems_are_rouge_scores_own() -> None:
    tokenizer = DefaultTokenizer(use_stemmer=True)
    for word in ("running", "flies", "was", "generously", "2023s", "news", "ponies"):
        assert [kernels.stem(word)] == tokenizer.tokenize(word)


def test_rows_do_not_depend_on_neighbours() -> None:
    for metric in METRICS:
        together = metric._source(References(tuple((r,) for r in HARD)), compiled=True).rows(HARD[::-1])
        alone = [
            metric._source(References(((r,),)), compiled=True).rows([h])[0]
            for h, r in zip(HARD[::-1], HARD, strict=True)
        ]
        assert together.tolist() == [row.tolist() for row in alone]


def test_no_segments() -> None:
    for metric in METRICS:
        for compiled in (False, True):
            assert metric._source(References(()), compiled=compiled).rows([]).shape == (0, 4)


def test_the_measure_changes_no_row() -> None:
    rows = [
        dataclasses.replace(ROUGE1(tokenize="rouge", stem=False), measure=m)
        ._source(References((("a b c",),)), compiled=False)
        .rows(["a"])
        for m in ("f", "precision", "recall")
    ]
    assert rows[0].tolist() == rows[1].tolist() == rows[2].tolist() == [[1.0, 1 / 3, 0.5, 1.0]]


def test_a_text_is_tokenised_once_for_all_variants_and_forgotten_with_the_references(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # On one path: what a process has loaded by now must not send the variants different ways.
    monkeypatch.setattr("evalkit.metrics.kernels.routing.compiled_pays", lambda loops, seconds: False)
    calls: list[str] = []

    def counted(text: str) -> list[str]:
        calls.append(text)
        return text.split()

    references = References((("a b", "c"), ("d",)))
    for kind in KINDS:
        metric = kind(tokenize=counted, stem=False)
        metric.statistics(["a c", "d d"], metric.prepare(references))
    assert calls == ["a b", "c", "d", "a c", "d d"]
    gc.collect()  # What other tests left behind is not counted.
    held = len(base._KEPT)
    del references, metric
    gc.collect()
    assert len(base._KEPT) == held - 1


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "_CACHED_TOKENS", 3)
    reader = kernels.Reader(["a b"], tokenize=str.split, stemmed=False, compiled=False)
    for texts in (("a a",), ("b b",), ("c",)):
        assert reader.hypotheses(texts)[0] == reader.hypotheses(list(texts))[0]
    assert list(reader._cache) == [("a a",), ("c",)]


def mixed(texts: Sequence[str]) -> list[list[str]]:
    points, starts, ends, first = split_mixed(texts)
    found = ["".join(map(chr, points[a:b])) for a, b in zip(starts, ends, strict=True)]
    return [found[a:b] for a, b in pairwise(first.tolist())]


@settings(max_examples=300)
@given(st.lists(st.one_of(TEXT, st.text("年A中a１二3.,%-'’_ ﹪％x〇々²½٣Ⅷ", max_size=25)), max_size=5))
def test_mixed_tokens_by_loops_are_those_of_the_expression(texts: list[str]) -> None:
    assert mixed(texts) == [mixed_tokens(text) for text in texts]


def test_every_character_is_to_the_loops_what_it_is_to_the_expression() -> None:
    texts = [f"a{chr(c)}1{chr(c)}" for c in (*range(0x3400), *range(0x9FF0, 0xD800), *range(0xE000, 0x110000, 29))]
    assert mixed(texts) == [mixed_tokens(text) for text in texts]
