"""BLEU and chrF, plain and from the compiled loops, equal sacrebleu's statistics, integer by integer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sacrebleu.metrics
from hypothesis import given, settings, strategies as st
from kernel_texts import HARD, SEGMENT, SETS, TEXT, public_set

from evalkit.errors import InputError
from evalkit.metrics.base import References
from evalkit.metrics.bleu import BLEU
from evalkit.metrics.chrf import ChrF, ChrFpp
from evalkit.metrics.kernels import ngrams, segment_rows, tokens
from evalkit.metrics.kernels.routing import RoutedMetric
from evalkit.text.normalize import fold_width

pytest.importorskip("numba")

BLEUS = [
    BLEU(tokenize="13a"), BLEU(tokenize="zh"), BLEU(tokenize="char", lowercase=True), BLEU(tokenize="none", max_order=2),
    BLEU(tokenize="intl"), BLEU(tokenize="zh", fold_width=True, lowercase=True, max_order=6),
]  # fmt: skip
CHRFS = [
    ChrF(), ChrFpp(), ChrFpp(lowercase=True, fold_width=True), ChrF(char_order=3, beta=1), ChrF(whitespace=True),
    ChrF(char_order=9),
]  # fmt: skip
METRICS = BLEUS + CHRFS


BOTH = (False, True)


def rows_of(
    metric: RoutedMetric, references: Sequence[Sequence[str]], hypotheses: Sequence[str], compiled: bool
) -> Any:
    return metric._source(References(tuple(map(tuple, references))), compiled=compiled).rows(hypotheses)


def by_sacrebleu(metric: BLEU | ChrF, hypotheses: Sequence[str], references: Sequence[tuple[str, ...]]) -> np.ndarray:
    """Segment statistics as sacrebleu computes them, one segment at a time."""
    reference_metric = (
        sacrebleu.metrics.BLEU(
            lowercase=metric.lowercase, tokenize=metric.tokenize, max_ngram_order=metric.max_order, force=True
        )
        if isinstance(metric, BLEU)
        else sacrebleu.metrics.CHRF(
            char_order=metric.char_order, word_order=metric.word_order, beta=metric.beta,
            lowercase=metric.lowercase, whitespace=metric.whitespace,
        )
    )  # fmt: skip

    def prepared(text: str) -> str:
        return reference_metric._preprocess_segment(fold_width(text) if metric.fold_width else text)

    rows = []
    for hypothesis, texts in zip(hypotheses, references, strict=True):
        info = reference_metric._extract_reference_info([prepared(text) for text in texts])
        rows.append(reference_metric._compute_segment_statistics(prepared(hypothesis), info))
    return np.array(rows, dtype=np.float64).reshape(len(hypotheses), len(metric.columns))


def equal(metric: BLEU | ChrF, hypotheses: Sequence[str], references: Sequence[tuple[str, ...]]) -> None:
    theirs = by_sacrebleu(metric, hypotheses, references)
    for compiled in BOTH:
        ours = rows_of(metric, references, hypotheses, compiled)
        wrong = np.flatnonzero((ours != theirs).any(axis=1))
        if len(wrong):
            i = int(wrong[0])
            raise AssertionError(
                f"{metric}, compiled={compiled}: {len(wrong)} rows differ; first {i}: {ours[i]} for {theirs[i]}\n"
                f"{hypotheses[i]!r}\n{references[i]!r}"
            )


@pytest.mark.parametrize("metric", METRICS, ids=str)
@settings(max_examples=60)
@given(st.lists(SEGMENT, min_size=1, max_size=4))
def test_equals_sacrebleu_on_generated_text(metric: BLEU | ChrF, segments: list[tuple[str, tuple[str, ...]]]) -> None:
    equal(metric, [h for h, _ in segments], [r for _, r in segments])


@pytest.mark.parametrize("metric", METRICS, ids=str)
def test_equals_sacrebleu_on_every_pair_of_hard_texts(metric: BLEU | ChrF) -> None:
    pairs = [(h, (r,)) for h in HARD for r in HARD]
    equal(metric, [h for h, _ in pairs], [r for _, r in pairs])


@pytest.mark.parametrize("name", SETS)
def test_equals_sacrebleu_on_public_outputs(shared_data: Path, name: str) -> None:
    references, systems = public_set(shared_data, name, step=41)
    lang = SETS[name]
    metrics = [BLEU(), ChrF()] if lang == "zh" else [BLEU(), ChrF(), ChrFpp()]
    for metric in metrics:
        for k in (1, 2):
            chosen = [refs[:k] for refs in references]
            resolved = metric.resolve(lang)
            assert isinstance(resolved, BLEU | ChrF)
            for hypotheses in systems.values():
                equal(resolved, hypotheses, chosen)


def test_the_number_of_references_may_differ_between_segments() -> None:
    references = [("a b c",), ("a b", "a b c d", "c"), ("", "x"), ("", "")]
    for metric in METRICS:
        equal(metric, ["a b c", "b a b", "", "y"], references)


def test_long_texts_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_rows, "_CHUNK_CHARACTERS", 50_000)
    long = "the cat, sat. " * 1_000
    hypotheses = [long] * 6 + ["", long[:-7], long * 7]
    assert list(segment_rows._chunks(hypotheses)) == [(0, 3), (3, 7), (7, 8), (8, 9)]
    for metric in (BLEU(tokenize="13a"), ChrF(), ChrFpp()):
        equal(metric, hypotheses, [("the cat",), ("a", long)] * 4 + [(long * 3,)])


def test_rows_do_not_depend_on_neighbours() -> None:
    references = [(r,) for r in HARD]
    for compiled, metric in product(BOTH, METRICS):
        together = rows_of(metric, references, HARD[::-1], compiled)
        alone = [rows_of(metric, (r,), [h], compiled)[0] for h, r in zip(HARD[::-1], references, strict=True)]
        assert (together == np.array(alone)).all()


def test_no_segments() -> None:
    for compiled in BOTH:
        assert rows_of(BLEU(tokenize="13a"), (), [], compiled).shape == (0, 10)
        assert rows_of(ChrFpp(), (), [], compiled).shape == (0, 24)


def test_a_segment_without_a_reference_is_refused() -> None:
    with pytest.raises(InputError, match="segment 1 has no reference"):
        ChrF()._source(References((("a",), ())), compiled=False)


# -- against naive versions -------------------------------------------------------------------------------------------


def naive_13a(text: str) -> list[str]:
    text = text.rstrip().replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for escaped, plain in (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(escaped, plain)
    text = f" {text} "
    text = re.sub(r"([\{-\~\[-\` -\&\(-\+\:-\@\/])", r" \1 ", text)
    text = re.sub(r"([^0-9])([\.,])", r"\1 \2 ", text)
    text = re.sub(r"([\.,])([^0-9])", r" \1 \2", text)
    return re.sub(r"([0-9])(-)", r"\1 \2 ", text).split()


def counted(tokens: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


@settings(max_examples=200)
@given(SEGMENT)
def test_bleu_against_a_naive_version(segment: tuple[str, tuple[str, ...]]) -> None:
    hypothesis, references = naive_13a(segment[0]), [naive_13a(r) for r in segment[1]]
    nearest = min((abs(len(hypothesis) - len(r)), len(r)) for r in references)[1]
    expected = [len(hypothesis), nearest, *[0] * 8]
    for n in range(1, 5):
        ours, most = counted(hypothesis, n), Counter[tuple[str, ...]]()
        for reference in references:
            most |= counted(reference, n)
        expected[1 + n] = (ours & most).total()
        expected[5 + n] = ours.total()
    for compiled in BOTH:
        assert rows_of(BLEU(tokenize="13a"), (segment[1],), [segment[0]], compiled).tolist() == [expected]


@settings(max_examples=200)
@given(TEXT, TEXT)
def test_chrf_against_a_naive_version(hypothesis: str, reference: str) -> None:
    expected = []
    for n in range(1, 7):
        ours = counted([c for c in hypothesis if not c.isspace()], n)
        theirs = counted([c for c in reference if not c.isspace()], n)
        expected += [ours.total() if theirs else 0, theirs.total(), (ours & theirs).total()]
    for compiled in BOTH:
        assert rows_of(ChrF(), ((reference,),), [hypothesis], compiled).tolist() == [expected]


def as_rows(sequences: Sequence[Sequence[int]]) -> tokens.Rows:
    return tokens.Rows(np.array([n for numbers in sequences for n in numbers], np.int32), tokens.offsets(sequences))


@settings(max_examples=200)
@given(st.lists(st.lists(st.text("abcdefgh", max_size=30), min_size=1, max_size=3), min_size=1, max_size=4), st.data())
def test_shared_ngrams_are_counted_as_counters_do(groups: list[list[str]], data: st.DataObject) -> None:
    hypotheses = [data.draw(st.text("abcdefghx", max_size=30)) for _ in groups]
    numbered = [[ord(c) - ord("a") for c in text] for group in groups for text in group]
    bounds = np.concatenate(([0], np.cumsum([len(group) for group in groups])))
    ours = as_rows([[-1 if c == "x" else ord(c) - ord("a") for c in text] for text in hypotheses])
    expected = []
    for hypothesis, group in zip(hypotheses, groups, strict=True):
        row = []
        for n in range(1, 5):
            most = Counter[tuple[str, ...]]()
            for text in group:
                most |= counted(text, n)
            row.append((counted(hypothesis, n) & most).total())
        expected.append(row)
    for compiled in BOTH:
        index = ngrams.shared_ngrams_of(as_rows(numbered), bounds, 4, 8, compiled=compiled)
        assert index.counts(ours, np.arange(len(groups)), bounds).tolist() == expected
        last = slice(len(groups) - 1, None)
        assert index.counts(ours, np.arange(len(groups))[last], bounds[last.start :]).tolist() == expected[last]


# -- tables of kinds --------------------------------------------------------------------------------------------------


def test_white_space_is_what_str_split_takes_for_it() -> None:
    assert [c for c in range(0x110000) if chr(c).isspace()] == list(tokens.WHITE_SPACE)


def test_zh_splits_exactly_what_sacrebleu_splits() -> None:
    from sacrebleu.tokenizers.tokenizer_zh import _UCODE_RANGES

    points = [*range(0x10000), *range(0x10000, 0x110000, 41)]
    chinese = {c for c in points if any(low <= chr(c) <= high for low, high in _UCODE_RANGES)}
    alone = {c for c in points if tokens.kinds("zh")[c] == 2} | {0x3000}
    symbols = {c for c in points if tokens.kinds("13a")[c] == 2}
    assert alone - symbols == chinese - {c for c in tokens.WHITE_SPACE if c != 0x3000}
