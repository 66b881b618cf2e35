"""TER, translation edit rate (Snover et al. 2006, https://aclanthology.org/2006.amta-papers.25)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Metric, References, Statistics, setting
from evalkit.metrics.sacrebleu_statistics import SacrebleuStatistics
from evalkit.text.languages import UNSPACED, language
from evalkit.text.normalize import fold_width


@dataclass(frozen=True)
class TER(Metric):
    """Edits (insertions, deletions, substitutions and shifts of blocks) to the nearest reference, per reference word.

    In percent, lower is better, and above 100 where the hypothesis is much longer than the references. With several
    references: edits to the nearest one over their mean length. An empty text against one that is not scores 100, two
    empty texts 0.
    """

    name: ClassVar[str] = "TER"
    summary: ClassVar[str] = "edits per reference word, block shifts counted as one"
    range: ClassVar[tuple[float, float]] = (0.0, float("inf"))
    higher_is_better: ClassVar[bool] = False

    normalized: bool | None = setting(kind=bool, by_lang=True, doc="Tercom's normalisation of punctuation")
    asian: bool | None = setting(kind=bool, by_lang=True, doc="split Chinese and Japanese into characters")
    punctuation: bool = setting(True, kind=bool, doc="count punctuation")
    case: bool = setting(False, kind=bool, doc="tell upper from lower case")
    fold_width: bool | None = setting(kind=bool, doc="fold full-width punctuation, letters and digits to ASCII first")

    columns: ClassVar[tuple[str, ...]] = ("edits", "reference_length")

    def _resolve(self, lang: str) -> Metric:
        base = language(lang)
        if base in {"zh", "ja"}:
            if self.normalized is False or self.asian is False:
                raise SettingError(
                    f"TER without normalisation takes a {lang} sentence for one word; use TER(normalized=true,asian=true)"
                )
            return replace(self, normalized=True, asian=True, fold_width=bool(self.fold_width))
        if base in UNSPACED:
            raise SettingError(f"TER counts words set apart by spaces, and cannot find those of {lang}; use chrF")
        return replace(self, normalized=bool(self.normalized), asian=bool(self.asian), fold_width=bool(self.fold_width))

    def prepare(self, references: References) -> SacrebleuStatistics:
        """Tokenise the references once for all systems."""
        from sacrebleu.metrics.ter import TER as SacrebleuTER

        peer = SacrebleuTER(
            normalized=bool(self.normalized),
            asian_support=bool(self.asian),
            no_punct=not self.punctuation,
            case_sensitive=self.case,
        )
        return SacrebleuStatistics(peer, references.texts, len(self.columns), fold_width if self.fold_width else None)

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> Statistics:
        rows: Statistics = prepared.rows(hypotheses)
        return rows

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """TER of summed rows: float64[..., 2] to float64[...], in percent.

        Source: ``sacrebleu.metrics.ter.TER._compute_score_from_stats``, vectorised.
        """
        s = np.asarray(statistics, dtype=np.float64)
        edits, length = s[..., 0], s[..., 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.where(length > 0, edits / length, np.where(edits > 0, 1.0, 0.0))
        return 100.0 * rate
