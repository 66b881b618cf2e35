"""chrF (Popović 2015, https://aclanthology.org/W15-3049) and chrF++ (Popović 2017, https://aclanthology.org/W17-4770)."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Metric, References, Statistics, setting
from evalkit.metrics.kernels.ngrams import ChrfRows, view
from evalkit.metrics.kernels.routing import RoutedMetric
from evalkit.text.languages import UNSPACED, language


@dataclass(frozen=True)
class ChrF(RoutedMetric):
    """F-score of character n-grams, 0 to 100; recall weighs ``beta`` squared times as much as precision.

    With several references, the one with the best F for the segment counts. Precision and recall are means over the
    n-gram orders for which both texts are long enough, as in sacrebleu.
    """

    name = "chrF"
    empty_is_worst = False
    loops = "ngram_loops"
    seconds_per_character = 0.5e-6
    summary = "F2 of character n-grams"
    range = (0.0, 100.0)
    reading = frozenset({"measure"})
    word_order = 0

    char_order: int = setting(6, kind=int, low=1, high=16, doc="longest character n-gram")
    beta: int = setting(2, kind=int, low=1, high=10, doc="weight of recall")
    lowercase: bool = setting(False, kind=bool, doc="compare in lower case")
    whitespace: bool = setting(False, kind=bool, doc="count spaces as characters")
    fold_width: bool | None = setting(kind=bool, doc="fold full-width punctuation, letters and digits to ASCII first")
    measure: str = setting("f", choices=("f", "precision", "recall"), doc="which of the three is the score")

    @property
    def columns(self) -> tuple[str, ...]:
        """Three counts per n-gram order."""
        names = [f"char_{n}" for n in range(1, self.char_order + 1)]
        names += [f"word_{n}" for n in range(1, self.word_order + 1)]
        return tuple(f"{name}_{side}" for name in names for side in ("hypothesis", "reference", "match"))

    def _resolve(self, lang: str) -> Metric:
        language(lang)
        return replace(self, fold_width=bool(self.fold_width))

    def _source(self, references: References, *, compiled: bool) -> ChrfRows:
        return ChrfRows(
            references.texts,
            char_order=self.char_order,
            word_order=self.word_order,
            whitespace=self.whitespace,
            f_score=replace(self, measure="f").score,
            before=view(bool(self.fold_width), self.lowercase),
            compiled=compiled,
        )

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """chrF of summed rows: float64[..., 3 * orders] to float64[...], 0 to 100.

        Source: ``sacrebleu.metrics.chrf.CHRF._compute_f_score``, vectorized.
        """
        s = np.asarray(statistics, dtype=np.float64)
        hypothesis, reference, match = s[..., 0::3], s[..., 1::3], s[..., 2::3]
        both = (hypothesis > 0) & (reference > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            precision: NDArray[np.float64] = _mean(np.where(both, match / hypothesis, 0.0), both)
            recall: NDArray[np.float64] = _mean(np.where(both, match / reference, 0.0), both)
            if self.measure != "f":
                one: NDArray[np.float64] = 100.0 * (precision if self.measure == "precision" else recall)
                return one
            factor = float(self.beta**2)
            f = (1 + factor) * precision * recall / (factor * precision + recall)
        scores: NDArray[np.float64] = np.where(precision + recall > 0, 100.0 * f, 0.0)
        return scores


@dataclass(frozen=True)
class ChrFpp(ChrF):
    """chrF with word unigrams and bigrams, for languages that put spaces between words."""

    name = "chrF++"
    summary = "F2 of character and word n-grams"
    word_order = 2

    force: bool = setting(False, kind=bool, doc="accept a language without spaces, to reproduce a published number")

    def _resolve(self, lang: str) -> Metric:
        base = language(lang)
        # Korean has spaces.
        if (base == "zh" or base in UNSPACED - {"ko"}) and not self.force:
            raise SettingError(
                f"chrF++ counts words separated by spaces, and {lang} has none; use chrF, or chrF++(force=true) to "
                "reproduce a published number"
            )
        return super()._resolve(lang)


def _mean(values: NDArray[np.float64], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
    # Summed order by order, as in the reference implementation, because the last digit depends on it.
    total = np.zeros(values.shape[:-1])
    for i in range(values.shape[-1]):
        total = total + values[..., i]
    mean: NDArray[np.float64] = total / np.maximum(counted.sum(axis=-1), 1)
    return mean
