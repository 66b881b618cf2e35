"""The rows of the table: each job as the reference implementation does it and as evalkit does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import BLEU as SacrebleuBLEU, CHRF, TER as SacrebleuTER

from evalkit.metrics.parsing import parse
from evalkit.text.tokenize import mixed_tokens

from .measure import Row, statistics
from .sets import Set, load
from .significance import bleu_tests, everything

ROUGE = {"ROUGE-1": "rouge1", "ROUGE-2": "rouge2", "ROUGE-L": "rougeL", "ROUGE-Lsum": "rougeLsum"}
Texts = Sequence[Sequence[str]]


def rows(folder: Path) -> Iterator[Row]:
    """All rows, in the order of the table."""
    both = {"en": load(folder, "wmt22-zh-en"), "zh": load(folder, "wmt21-en-zh")}
    english, chinese = (one.with_references(1) for one in both.values())
    for one in both.values():
        for references in (1, 2):
            chosen = one.with_references(references)
            tokenizer = "zh" if one.lang == "zh" else "13a"
            yield mt(f"BLEU, {tokenizer}", chosen, "BLEU", SacrebleuBLEU(tokenize=tokenizer, force=True), 15)
            yield mt("chrF", chosen, "chrF", CHRF(), 15)
            if one.lang == "en":
                yield mt("chrF++", chosen, "chrF++", CHRF(word_order=2), 15)
    yield mt("TER", english.sample(systems=1), "TER", SacrebleuTER(), 150)
    zh_ter = SacrebleuTER(normalized=True, asian_support=True)
    yield mt("TER, Chinese", chinese.sample(systems=1, every=10), "TER", zh_ter, 150)
    yield mt("TER, two references", both["en"].sample(systems=1, every=10), "TER", SacrebleuTER(), 150)
    articles = english.articles([300, 336, 500, 700, 1000])
    yield mt("TER, articles of 300 to 1,000 words", articles.sample(systems=1), "TER", SacrebleuTER(), 300)
    yield rouge("ROUGE-1/2/L/Lsum, short texts", english, "stem=false", RougeScorer([*ROUGE.values()]), 40)
    stemming = RougeScorer([*ROUGE.values()], use_stemmer=True)
    yield rouge("ROUGE-1/2/L/Lsum, with stemming", english, "stem=true", stemming, 40)
    yield rouge("ROUGE-1/2/L/Lsum, with stemming", both["en"].sample(systems=4), "stem=true", stemming, 40)
    mixed = RougeScorer([*ROUGE.values()], tokenizer=_Tokenizer(mixed_tokens))
    yield rouge("ROUGE-1/2/L/Lsum, Chinese", chinese.sample(systems=8), "sentences=newline", mixed, 40)
    documents = english.articles([1000] * 12, lines=True).sample(systems=2)
    yield rouge("ROUGE-L, documents of 1,000 words", documents, "stem=false", RougeScorer(["rougeL"]), 500)
    yield rouge("ROUGE-Lsum, documents of 1,000 words", documents, "stem=false", RougeScorer(["rougeLsum"]), 0)
    yield from bleu_tests(english)
    yield everything(english.sample(systems=4, every=4))


def mt(name: str, data: Set, metric: str, sacrebleu_metric: Any, goal: int) -> Row:
    """Segment statistics of a sacrebleu metric, for every system of a set."""
    resolved = parse(metric).resolve(data.lang)

    def theirs() -> list[np.ndarray]:
        info = sacrebleu_metric._cache_references([list(column) for column in zip(*data.references, strict=True)])
        return [
            np.array(
                [
                    sacrebleu_metric._compute_segment_statistics(sacrebleu_metric._preprocess_segment(h), r)
                    for h, r in zip(texts, info, strict=True)
                ]
            )
            for texts in data.systems.values()
        ]

    return Row(name, str(data), theirs, lambda: statistics(resolved, data), goal)


def rouge(name: str, data: Set, setting: str, scorer: RougeScorer, goal: int) -> Row:
    """Precision, recall and F of the scorer's variants, for every system of a set."""
    kinds = [ours for ours, theirs in ROUGE.items() if theirs in scorer.rouge_types]
    chosen = [setting if kind == "ROUGE-Lsum" or "stem" in setting else "" for kind in kinds]
    metrics = [parse(f"{k}({s})" if s else k).resolve(data.lang) for k, s in zip(kinds, chosen, strict=True)]

    def theirs() -> list[np.ndarray]:
        found = [
            [scorer.score_multi(list(r), h) for h, r in zip(texts, data.references, strict=True)]
            for texts in data.systems.values()
        ]
        return [np.array([s[ROUGE[kind]] for s in system]) for kind in kinds for system in found]

    def ours() -> list[np.ndarray]:
        return [rows[:, :3] for metric in metrics for rows in statistics(metric, data)]

    return Row(name, str(data), theirs, ours, goal)


class _Tokenizer:
    def __init__(self, tokenize: Callable[[str], list[str]]) -> None:
        self.tokenize = tokenize
