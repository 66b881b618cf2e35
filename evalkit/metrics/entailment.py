"""Entailment: whether the source or the reference supports each sentence of the output, according to an NLI model.

Based on Laban et al. 2022 (SummaC, https://aclanthology.org/2022.tacl-1.10): every sentence of the output is compared
with every sentence of the premise, and the best one counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.metrics.base import Finding, References, Runtime, Statistics, mean_score, setting
from evalkit.metrics.model_metric import ModelMetric
from evalkit.models.entailment_model import load_entailment
from evalkit.models.scoring_model import ScoringModel, load_once
from evalkit.text.languages import language
from evalkit.text.sentences import sentence_spans

_AGGREGATES = ("mean", "min")


@dataclass(frozen=True)
class Entailment(ModelMetric):
    """Mean over segments of the probability that a sentence of the output follows from the source or reference.

    A sentence that is contradicted by some sentence of the premise and supported by none becomes a finding. Depending
    on its model, the metric detects errors that checks of numbers and names cannot, such as negation and swapped roles.
    Omissions are not penalized.
    """

    name: ClassVar[str] = "Entailment"
    summary: ClassVar[str] = "whether source or reference support each sentence, by a model for inference (NLI)"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    reading: ClassVar[frozenset[str]] = frozenset({"aggregate"})
    worst: ClassVar[Mapping[str, float]] = {"": 0.0}
    columns: ClassVar[tuple[str, ...]] = (*_AGGREGATES, "count")

    model: str | None = setting(
        "MoritzLaurer/mDeBERTa-v3-base-xnli-multilingual-nli-2mil7", doc="a model of the hub, or a folder"
    )
    against: str = setting("source", choices=("source", "reference"), doc="what has to support the output")
    window: str = setting(
        "sentences", choices=("sentences", "text"), doc="compare with each sentence, or with the whole"
    )
    aggregate: str = setting("mean", choices=_AGGREGATES, doc="over the sentences of an output")

    @property
    def gives_findings(self) -> bool:
        """True: contradicted sentences are findings."""
        return True

    def _load(self, runtime: Runtime, device: Any, references: References) -> ScoringModel:
        premise_lang = references.source_lang if self.against == "source" else references.lang
        spans = partial(sentence_spans, lang=language(premise_lang or "en"))
        return replace(
            load_once(str(self.model), runtime, load_entailment, device, self.dtype),
            segments=("mt", "src" if self.against == "source" else "ref"),
            output_spans=partial(sentence_spans, lang=language(references.lang)),
            premise_spans=spans if self.window == "sentences" else None,
            depends_on=f"{references.lang}|{premise_lang}",  # sentences end differently
        )

    def _finding(self, span: tuple[int, int, str, float], text: str) -> Finding:
        start, end, label, confidence = span
        return Finding(
            label,
            "error",
            f"the {self.against} contradicts “{text[start:end]}” (probability {confidence:.2f})",
            output_span=(start, end),
            key=text[start:end],
        )

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """Mean over the segments: float64[..., 3] to float64[...]."""
        return mean_score(statistics, _AGGREGATES.index(self.aggregate), -1)
