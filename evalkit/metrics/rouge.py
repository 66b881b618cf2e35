"""ROUGE-1, -2, -L and -Lsum (Lin 2004, https://aclanthology.org/W04-1013), with rouge-score's numbers on English.

rouge-score's own tokenizer keeps ``[a-z0-9]`` only, so Chinese is tokenized here (see :mod:`evalkit.text.tokenize`) and
passed on as tokens.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Metric, References, Statistics, kept_with, mean_score, setting
from evalkit.metrics.kernels.rouge import Reader, RougeRows, lines
from evalkit.metrics.kernels.routing import RoutedMetric
from evalkit.text.languages import UNSPACED, language
from evalkit.text.sentences import sentences
from evalkit.text.tokenize import TOKENIZERS

_MEASURES = ("precision", "recall", "f")


@dataclass(frozen=True)
class Rouge(RoutedMetric):
    """Overlap with the reference, 0 to 1; the corpus score is the mean over segments.

    With several references, the one with the best F counts, also for precision and recall.
    """

    range = (0.0, 1.0)
    reading = frozenset({"measure"})
    loops = "ngram_loops"
    seconds_per_character = 2e-7
    #: Length of the n-grams; 0 for longest common subsequences.
    order: ClassVar[int] = 0

    tokenize: str | Callable[[str], list[str]] | None = setting(
        choices=("rouge", *TOKENIZERS),
        by_lang=True,
        open_to_callables=True,
        doc="rouge for English, mixed for Chinese, words elsewhere; char, jieba, or a function from text to tokens",
    )
    stem: bool | None = setting(kind=bool, by_lang=True, doc="Porter stems, as published ROUGE-1.5.5 -m (English only)")
    measure: str = setting("f", choices=("f", "precision", "recall"), doc="which of the three is the score")

    columns = (*_MEASURES, "segments")

    def _resolve(self, lang: str) -> Metric:
        base = language(lang)
        tokenize = self.tokenize
        if tokenize is None:
            if base in UNSPACED:
                raise SettingError(
                    f"{self.name} cannot find words in {lang} by itself: use {self.name}(tokenize=char) or give a function"
                )
            tokenize = {"zh": "mixed", "en": "rouge"}.get(base, "words")
        if tokenize == "rouge" and base != "en":
            raise SettingError(
                f"{self.name}(tokenize=rouge) keeps a-z and 0-9 only and scores {lang} wrongly; "
                f"use {self.name}(tokenize={'mixed' if base == 'zh' else 'words'})"
            )
        if (tokenize == "words" and (base == "zh" or base in UNSPACED)) or (tokenize == "mixed" and base in UNSPACED):
            raise SettingError(
                f"{self.name}(tokenize={tokenize}) cannot find words in {lang}; "
                f"use {self.name}(tokenize={'mixed' if base == 'zh' else 'char'})"
            )
        stem = tokenize == "rouge" if self.stem is None else self.stem
        if stem and tokenize != "rouge":
            raise SettingError(f"{self.name}: stem=true is for English with tokenize=rouge; leave it out")
        return replace(self, tokenize=tokenize, stem=stem)

    def _source(self, references: References, *, compiled: bool) -> RougeRows:
        return RougeRows(
            references.texts,
            order=self.order,
            reader=partial(self._reader, references, compiled),
            sentences=self._sentences(language(references.lang)),
            compiled=compiled,
        )

    def _reader(self, references: References, compiled: bool, texts: Sequence[str]) -> Reader:
        """The reader of these references, shared by all variants with the same tokens."""
        tokenize = self.tokenize if callable(self.tokenize) else TOKENIZERS.get(str(self.tokenize))
        make = partial(Reader, texts, tokenize=tokenize, stemmed=bool(self.stem), compiled=compiled)
        reader: Reader = kept_with(references, (self.tokenize, self.stem, compiled, tuple(texts)), make)
        return reader

    def _sentences(self, lang: str) -> Callable[[str], list[str]] | None:
        """From a text to the sentences that are compared; None to compare whole texts."""
        return None

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """Mean over segments: float64[..., 4] to float64[...], 0 to 1; nan if there are no segments."""
        return mean_score(statistics, _MEASURES.index(self.measure), 3)


@dataclass(frozen=True)
class ROUGE1(Rouge):
    """ROUGE on unigrams."""

    name = "ROUGE-1"
    summary = "overlap of tokens"
    order = 1


@dataclass(frozen=True)
class ROUGE2(Rouge):
    """ROUGE on bigrams."""

    name = "ROUGE-2"
    summary = "overlap of token pairs"
    order = 2


@dataclass(frozen=True)
class ROUGEL(Rouge):
    """ROUGE on the longest common subsequence of the whole texts."""

    name = "ROUGE-L"
    summary = "longest common subsequence"


@dataclass(frozen=True)
class ROUGELsum(Rouge):
    """ROUGE on the union of longest common subsequences, sentence by sentence.

    rouge-score treats each line as a sentence, so that the score of a single-line text equals ROUGE-L. This is the
    default for languages other than Chinese (``sentences=newline``), in order to reproduce rouge-score's numbers.
    ``sentences=punctuation``, the default for Chinese, splits sentences by punctuation.
    """

    name = "ROUGE-Lsum"
    summary = "longest common subsequences by sentence"

    sentences: str | None = setting(
        choices=("newline", "punctuation"),
        by_lang=True,
        doc="where sentences end: at line ends, or at 。！？ and . ! ?",
    )

    def _resolve(self, lang: str) -> Metric:
        resolved = super()._resolve(lang)
        chosen = self.sentences or ("punctuation" if language(lang) == "zh" else "newline")
        return replace(resolved, sentences=chosen)  # type: ignore[call-arg]

    def _sentences(self, lang: str) -> Callable[[str], list[str]] | None:
        return partial(sentences, lang=lang) if self.sentences == "punctuation" else lines
