"""Extractiveness: how much of a summary is taken from its article word for word (Grusky et al. 2018).

Newsroom: A Dataset of 1.3 Million Summaries with Diverse Extractive Strategies, https://aclanthology.org/N18-1065.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Metric, References, Statistics, mean_score, setting
from evalkit.text.fragments import fragments, novel
from evalkit.text.languages import UNSPACED, language
from evalkit.text.tokenize import TOKENIZERS, mixed_tokens

_MEASURES = ("coverage", "density", "compression", "novel")


@dataclass(frozen=True)
class Extractiveness(Metric):
    """Mean of one measure over the summaries; it describes the kind of summary, not its quality.

    - ``coverage``: share of the summary's tokens in fragments of the article, 0 to 1;
    - ``density``: mean length, in tokens, of the fragment that contains a token (the sum of squared lengths over the
      tokens);
    - ``compression``: tokens of the article for each token of the summary;
    - ``novel``: share of the summary's n-grams that the article does not have, 0 to 1.

    An empty summary has none of them and is left out of the mean, as is one shorter than n tokens from ``novel``. The
    summary must be in the language of the article: a summary of a Chinese article in English shares nothing with it,
    and the scores are undefined.
    """

    name = "Extractiveness"
    empty_is_worst = False
    summary = "how much of a summary is copied from its article: coverage, density, compression or novel n-grams"
    range = (0.0, float("inf"))
    needs = frozenset({"sources"})
    reading = frozenset({"measure"})

    measure: str = setting("coverage", choices=_MEASURES, doc="which of the four is the score")
    n: int = setting(2, kind=int, low=1, high=10, doc="length of the n-grams of novel")
    tokenize: str | None = setting(
        choices=tuple(TOKENIZERS),
        by_lang=True,
        doc="mixed for Chinese (Han characters, words, numbers), words for languages with spaces; char, jieba",
    )

    columns = (*_MEASURES, "with_ngrams", "summaries")

    def _resolve(self, lang: str) -> Metric:
        base = language(lang)
        tokenize = self.tokenize or ("mixed" if base == "zh" else "char" if base in UNSPACED else "words")
        if tokenize == "words" and (base == "zh" or base in UNSPACED):
            raise SettingError(
                f"Extractiveness(tokenize=words) cannot find words in {lang}; "
                f"use Extractiveness(tokenize={'mixed' if base == 'zh' else 'char'})"
            )
        return replace(self, tokenize=tokenize)

    def prepare(self, references: References) -> Any:
        """The tokens of each article; none where it is in another language than its summary."""
        tokenize = TOKENIZERS.get(str(self.tokenize), mixed_tokens)
        if references.sources is None:
            raise SettingError("Extractiveness needs sources: the articles that are summarized")
        same = references.source_lang is None or language(references.source_lang) == language(references.lang)
        return _Prepared(tuple(tuple(tokenize(source)) if same else () for source in references.sources))

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> Statistics:
        tokenize = TOKENIZERS.get(str(self.tokenize), mixed_tokens)
        rows = np.zeros((len(hypotheses), len(self.columns)))
        for row, text, article in zip(rows, hypotheses, prepared.articles, strict=True):
            summary = tokenize(text) if article else []
            if not summary:
                continue
            lengths = np.array([end - start for start, end in fragments(summary, article)], dtype=np.float64)
            new, grams = novel(summary, article, self.n)
            row[:3] = lengths.sum() / len(summary), (lengths**2).sum() / len(summary), len(article) / len(summary)
            row[3:] = new / grams if grams else 0.0, grams > 0, 1.0
        return rows

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """Mean over summaries: float64[..., 6] to float64[...]; nan for none."""
        return mean_score(statistics, _MEASURES.index(self.measure), 4 if self.measure == "novel" else 5)


@dataclass(frozen=True)
class _Prepared:
    articles: tuple[tuple[str, ...], ...]
