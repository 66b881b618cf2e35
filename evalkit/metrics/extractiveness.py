"""Extractiveness: how much of a summary is taken from its article word for word (Grusky et al. 2018).

Newsroom: A Dataset of 1.3 Million Summaries with Diverse Extractive Strategies, https://aclanthology.org/N18-1065.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Metric, References, Statistics, mean_score, setting
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


def fragments(summary: Sequence[str], article: Sequence[str]) -> list[tuple[int, int]]:
    """The extractive fragments of a summary: from left to right, always the longest run that occurs in the article.

    :returns: half-open ranges of summary tokens, in order, not overlapping. Takes linear time in both lengths, whereas
        the paper's procedure compares every pair of positions.
    """
    if not article:
        return []
    lengths = _longest(summary, article)
    spans: list[tuple[int, int]] = []
    i = 0
    while i < len(summary):
        if lengths[i]:
            spans.append((i, i + lengths[i]))
        i += max(1, lengths[i])
    return spans


def novel(summary: Sequence[str], article: Sequence[str], n: int) -> tuple[int, int]:
    """The number of n-grams of a summary that do not occur in the article, and the number of all n-grams."""
    known = {tuple(article[i : i + n]) for i in range(len(article) - n + 1)}
    grams = [tuple(summary[i : i + n]) for i in range(len(summary) - n + 1)]
    return sum(gram not in known for gram in grams), len(grams)


def _longest(summary: Sequence[str], article: Sequence[str]) -> list[int]:
    """For each position of the summary, the length of the longest run from there that occurs in the article.

    Uses a suffix automaton of the reversed article, which reads the summary backwards.
    """
    steps: list[dict[str, int]] = [{}]
    links, lengths = [-1], [0]
    last = 0
    for token in reversed(article):
        new = len(steps)
        steps.append({})
        lengths.append(lengths[last] + 1)
        links.append(0)
        state = last
        while state >= 0 and token not in steps[state]:
            steps[state][token] = new
            state = links[state]
        if state >= 0:
            target = steps[state][token]
            if lengths[target] == lengths[state] + 1:
                links[new] = target
            else:
                clone = len(steps)
                steps.append(dict(steps[target]))
                lengths.append(lengths[state] + 1)
                links.append(links[target])
                while state >= 0 and steps[state].get(token) == target:
                    steps[state][token] = clone
                    state = links[state]
                links[target] = links[new] = clone
        last = new
    longest = [0] * len(summary)
    state = length = 0
    for i in range(len(summary) - 1, -1, -1):
        token = summary[i]
        while state and token not in steps[state]:
            state = links[state]
            length = lengths[state]
        if token in steps[state]:
            state = steps[state][token]
            length += 1
        longest[i] = length
    return longest
