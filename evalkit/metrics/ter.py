"""TER, translation edit rate (Snover et al. 2006, https://aclanthology.org/2006.amta-papers.25)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Metric, References, Statistics, setting
from evalkit.metrics.kernels.ngrams import tokenized, view
from evalkit.metrics.kernels.routing import RoutedMetric
from evalkit.metrics.kernels.ter import TerRows
from evalkit.text.languages import UNSPACED, language


@dataclass(frozen=True)
class TER(RoutedMetric):
    """Edits (insertions, deletions, substitutions and shifts of blocks) to the nearest reference, per reference word.

    In percent; lower is better. The value exceeds 100 if the hypothesis is much longer than the references. With
    several references, it is the number of edits to the nearest one divided by their mean length. If only one of the
    two texts is empty, the score is 100; if both are, it is 0.
    """

    name = "TER"
    empty_is_worst = False
    loops = "ter_loops"
    #: For sentences; much longer texts take more.
    seconds_per_character = 3e-6
    summary = "edits per reference word, block shifts counted as one"
    range = (0.0, float("inf"))
    higher_is_better = False

    normalized: bool | None = setting(kind=bool, by_lang=True, doc="Tercom's normalization of punctuation")
    asian: bool | None = setting(kind=bool, by_lang=True, doc="split Chinese and Japanese into characters")
    punctuation: bool = setting(True, kind=bool, doc="count punctuation")
    case: bool = setting(False, kind=bool, doc="distinguish upper from lower case")
    fold_width: bool | None = setting(kind=bool, doc="fold full-width punctuation, letters and digits to ASCII first")

    columns = ("edits", "reference_length")

    def _resolve(self, lang: str) -> Metric:
        base = language(lang)
        if base in {"zh", "ja"}:
            if self.normalized is False or self.asian is False:
                raise SettingError(
                    f"without normalization, TER treats a {lang} sentence as one word; use TER(normalized=true,asian=true)"
                )
            return replace(self, normalized=True, asian=True, fold_width=bool(self.fold_width))
        if base in UNSPACED:
            raise SettingError(f"TER counts words separated by spaces, which {lang} does not have; use chrF")
        return replace(self, normalized=bool(self.normalized), asian=bool(self.asian), fold_width=bool(self.fold_width))

    def _source(self, references: References, *, compiled: bool) -> TerRows:
        return TerRows(references.texts, tokenize=self._tokenizer(), compiled=compiled)

    def _tokenizer(self) -> Callable[[str], str]:
        """sacrebleu's implementation of Tercom's normalization; without normalization only the case is changed."""
        prepared = view(bool(self.fold_width), not self.case)
        if not self.normalized and self.punctuation:
            return prepared
        from sacrebleu.tokenizers.tokenizer_ter import TercomTokenizer

        tercom: Callable[[str], str] = TercomTokenizer(
            normalized=bool(self.normalized),
            no_punct=not self.punctuation,
            asian_support=bool(self.asian),
            case_sensitive=True,
        )
        return partial(tokenized, tercom, prepared)

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """TER of summed rows: float64[..., 2] to float64[...], in percent.

        Source: ``sacrebleu.metrics.ter.TER._compute_score_from_stats``, vectorized.
        """
        s = np.asarray(statistics, dtype=np.float64)
        edits, length = s[..., 0], s[..., 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.where(length > 0, edits / length, np.where(edits > 0, 1.0, 0.0))
        return 100.0 * rate
