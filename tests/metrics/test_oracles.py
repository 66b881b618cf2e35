"""Equality with sacrebleu and rouge-score, on real and on generated text."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import BLEU, CHRF, TER

from evalkit.metrics.parsing import parse
from evalkit.text.tokenize import mixed_tokens

ROUGE_TYPES = {"ROUGE-1": "rouge1", "ROUGE-2": "rouge2", "ROUGE-L": "rougeL", "ROUGE-Lsum": "rougeLsum"}


def sacrebleu_metric(name: str, lang: str):
    zh = lang == "zh"
    return {
        "BLEU": lambda: BLEU(tokenize="zh" if zh else "13a", effective_order=True, force=True),
        "BLEU(effective_order=false)": lambda: BLEU(tokenize="zh" if zh else "13a", force=True),
        "BLEU(lowercase=true,smooth=floor)": lambda: BLEU(
            tokenize="zh" if zh else "13a", lowercase=True, smooth_method="floor", effective_order=True, force=True
        ),
        "BLEU(smooth=add-k)": lambda: BLEU(
            tokenize="zh" if zh else "13a", smooth_method="add-k", effective_order=True, force=True
        ),
        "BLEU(smooth=none,max_order=2)": lambda: BLEU(
            tokenize="zh" if zh else "13a", smooth_method="none", max_ngram_order=2, effective_order=True, force=True
        ),
        "chrF": CHRF,
        "chrF(beta=3,whitespace=true,lowercase=true)": lambda: CHRF(beta=3, whitespace=True, lowercase=True),
        "chrF++": lambda: CHRF(word_order=2),
        "TER": lambda: TER(normalized=zh, asian_support=zh),
        "TER(punctuation=false,case=true)": lambda: TER(
            no_punct=True, case_sensitive=True, normalized=zh, asian_support=zh
        ),
    }[name]()


def scores(metric: str, lang: str, hypotheses: list[str], references: list[list[str]]) -> tuple[np.ndarray, float]:
    resolved = parse(metric).resolve(lang)
    rows = resolved.statistics(hypotheses, references)
    return resolved.score(rows), float(resolved.score(rows.sum(axis=0)))


def assert_equal_to_sacrebleu(metric: str, lang: str, hypotheses: list[str], references: list[list[str]]) -> None:
    segments, corpus = scores(metric, lang, hypotheses, references)
    reference = sacrebleu_metric(metric, lang)
    expected = [reference.sentence_score(h, r).score for h, r in zip(hypotheses, references, strict=True)]
    np.testing.assert_allclose(segments, expected, rtol=0, atol=1e-9)
    transposed = [list(column) for column in zip(*references, strict=True)]
    assert corpus == pytest.approx(reference.corpus_score(hypotheses, transposed).score, abs=1e-9)


def assert_equal_to_rouge_score(metric: str, lang: str, hypotheses: list[str], references: list[list[str]]) -> None:
    kind = ROUGE_TYPES[metric]
    tokenizer = type("Tokenizer", (), {"tokenize": staticmethod(mixed_tokens)})() if lang == "zh" else None
    scorer = RougeScorer([kind], use_stemmer=True, tokenizer=tokenizer)
    expected = [scorer.score_multi(r, h)[kind] for h, r in zip(hypotheses, references, strict=True)]
    extra = ",sentences=newline" if metric == "ROUGE-Lsum" else ""
    for measure, field in (("f", "fmeasure"), ("precision", "precision"), ("recall", "recall")):
        segments, corpus = scores(f"{metric}(measure={measure}{extra})", lang, hypotheses, references)
        values = [getattr(e, field) for e in expected]
        np.testing.assert_allclose(segments, values, rtol=0, atol=1e-12)
        assert corpus == pytest.approx(math.fsum(values) / len(values), abs=1e-12)


def lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8").split("\n")
    return text[:-1] if text[-1] == "" else text


def sample(*columns: list[str], size: int) -> list[list[str]]:
    """The same evenly spread lines of each column."""
    step = max(1, len(columns[0]) // size)
    return [column[::step] for column in columns]


TED = ("Borderline DIDI-NLP Facebook-AI IIE-MT MiSS NiuTrans Online-W SMU "
       "metricsystem1 metricsystem2 metricsystem3 metricsystem4 metricsystem5").split()  # fmt: skip


@pytest.mark.parametrize("system", TED)
@pytest.mark.parametrize("metric", ["BLEU", "BLEU(effective_order=false)", "chrF", "chrF++"])
def test_ted_equals_sacrebleu_for_every_system(shared_data: Path, system: str, metric: str) -> None:
    folder = shared_data / "ted21-zh-en"
    hypotheses = lines(folder / "systems" / f"{system}.en")
    references = [
        list(r) for r in zip(lines(folder / "reference.refB.en"), lines(folder / "reference.ref.en"), strict=True)
    ]
    assert_equal_to_sacrebleu(metric, "en", hypotheses, references)
    resolved = parse(metric).resolve("en")
    single = float(resolved.score(resolved.statistics(hypotheses, [r[:1] for r in references]).sum(axis=0)))
    expected = sacrebleu_metric(metric, "en").corpus_score(hypotheses, [[r[0] for r in references]]).score
    assert single == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("system", TED)
@pytest.mark.parametrize("metric", sorted(ROUGE_TYPES))
def test_ted_equals_rouge_score_for_every_system(shared_data: Path, system: str, metric: str) -> None:
    folder = shared_data / "ted21-zh-en"
    columns = sample(
        lines(folder / "systems" / f"{system}.en"),
        lines(folder / "reference.refB.en"),
        lines(folder / "reference.ref.en"),
        size=100,
    )
    hypotheses, *references = columns
    assert_equal_to_rouge_score(metric, "en", hypotheses, [list(r) for r in zip(*references, strict=True)])


@pytest.mark.parametrize("system", TED)
def test_ted_ter_equals_sacrebleu_for_every_system(shared_data: Path, system: str) -> None:
    folder = shared_data / "ted21-zh-en"
    hypotheses, *references = sample(
        lines(folder / "systems" / f"{system}.en"),
        lines(folder / "reference.refB.en"),
        lines(folder / "reference.ref.en"),
        size=40,
    )
    assert_equal_to_sacrebleu("TER", "en", hypotheses, [list(r) for r in zip(*references, strict=True)])


@pytest.mark.parametrize("metric", ["BLEU", "chrF", "TER", *sorted(ROUGE_TYPES)])
@pytest.mark.parametrize(
    ("folder", "lang", "refs"), [("wmt21-en-zh", "zh", ("ref-A", "ref-B")), ("wmt22-zh-en", "en", ("ref-A", "ref-B"))]
)
def test_samples_of_the_other_sets_equal_the_peers(
    shared_data: Path, folder: str, lang: str, refs: tuple[str, str], metric: str
) -> None:
    data = shared_data / folder
    systems = sorted((data / "systems").iterdir())[::6]
    for system in systems:
        hypotheses, *references = sample(
            lines(system), *(lines(data / f"reference.{r}.{lang}") for r in refs), size=12 if metric == "TER" else 40
        )
        pairs = [list(r) for r in zip(*references, strict=True)]
        if metric in ROUGE_TYPES:
            assert_equal_to_rouge_score(metric, lang, hypotheses, pairs)
        else:
            assert_equal_to_sacrebleu(metric, lang, hypotheses, pairs)


def test_published_numbers_of_ted(shared_data: Path) -> None:
    folder = shared_data / "ted21-zh-en"
    hypotheses = lines(folder / "systems" / "NiuTrans.en")
    references = [[r] for r in lines(folder / "reference.refB.en")]
    for metric, expected in (("BLEU", "38.70"), ("chrF", "62.84"), ("chrF++", "61.46")):
        assert f"{scores(metric, 'en', hypotheses, references)[1]:.2f}" == expected


ALPHABET = "abcAB 0123.,;%-'\"&<>$中国人民二〇亿。，、“”…—€😀é\u0301\u0308\U00020000\U0002a6d6\u3000\u00a0\n\r\t\u2028\x00\x85ﬁÅ"
TEXT = st.text(st.sampled_from(ALPHABET), max_size=30)


@pytest.mark.parametrize(
    ("metric", "lang"),
    [
        (metric, lang)
        for metric in (
            "BLEU",
            "BLEU(effective_order=false)",
            "BLEU(lowercase=true,smooth=floor)",
            "BLEU(smooth=add-k)",
            "BLEU(smooth=none,max_order=2)",
            "chrF",
            "chrF(beta=3,whitespace=true,lowercase=true)",
            "chrF++",
            "TER",
            "TER(punctuation=false,case=true)",
        )
        for lang in ("en", "zh")
        if (metric, lang) != ("chrF++", "zh")
    ],
)
@given(data=st.data())
def test_generated_text_equals_sacrebleu(metric: str, lang: str, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 4))
    segments = data.draw(
        st.lists(st.tuples(TEXT, st.lists(TEXT, min_size=count, max_size=count)), min_size=1, max_size=4)
    )
    assert_equal_to_sacrebleu(metric, lang, [h for h, _ in segments], [r for _, r in segments])


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("metric", sorted(ROUGE_TYPES))
@given(data=st.data())
def test_generated_text_equals_rouge_score(metric: str, lang: str, data: st.DataObject) -> None:
    segments = data.draw(st.lists(st.tuples(TEXT, st.lists(TEXT, min_size=1, max_size=4)), min_size=1, max_size=4))
    assert_equal_to_rouge_score(metric, lang, [h for h, _ in segments], [r for _, r in segments])


def test_edge_cases_have_the_documented_scores() -> None:
    empty = {"TER": 0.0}
    for metric in ("BLEU", "chrF", "TER", "ROUGE-1", "ROUGE-L"):
        segments, _ = scores(metric, "en", ["", "a b", ""], [["a b"], [""], [""]])
        if metric == "TER":
            np.testing.assert_array_equal(segments, [100.0, 100.0, 0.0])
        else:
            np.testing.assert_array_equal(segments, [0.0, 0.0, empty.get(metric, 0.0)])


def test_a_short_identical_text_scores_full_with_effective_order_and_zero_without() -> None:
    assert scores("BLEU", "en", ["one two three"], [["one two three"]])[1] == pytest.approx(100.0)
    assert scores("BLEU(effective_order=false)", "en", ["one two three"], [["one two three"]])[1] == 0.0


def test_width_is_folded_only_where_asked() -> None:
    ascii_, full = "他说,今天(周一)增长20%:好。", "他说，今天（周一）增长２０％：好。"
    for metric in ("BLEU", "chrF", "TER"):
        best = 0.0 if metric == "TER" else 100.0
        assert scores(metric, "zh", [full], [[ascii_]])[1] != pytest.approx(best)
        assert scores(f"{metric}(fold_width=true)", "zh", [full], [[ascii_]])[1] == pytest.approx(best)
    for metric in ROUGE_TYPES:
        assert scores(metric, "zh", [full], [[ascii_]])[1] == 1.0
