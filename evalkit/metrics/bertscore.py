"""BERTScore (Zhang et al. 2020, https://openreview.net/forum?id=SkeHuCVFDr): similarity of token embeddings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Metric, References, Runtime, Statistics, mean_score, setting
from evalkit.metrics.model_metric import ModelMetric
from evalkit.models.bertscore_model import load_bertscore
from evalkit.models.scoring_model import ScoringModel, load_once
from evalkit.text.languages import language

_MEASURES = ("precision", "recall", "f")
#: bert-score's default model for each language, and the layer that correlates best with human judgments (from its
#: tables).
_MODELS = {"en": "FacebookAI/roberta-large", "zh": "google-bert/bert-base-chinese"}
_LAYERS = {
    "roberta-large": 17,
    "roberta-base": 10,
    "xlm-roberta-base": 9,
    "xlm-roberta-large": 17,
    "bert-base-chinese": 8,
    "bert-base-multilingual-cased": 9,
    "bert-base-uncased": 9,
    "bert-large-uncased": 18,
    "deberta-xlarge-mnli": 40,
    "deberta-large-mnli": 18,
    "microsoft/deberta-v3-large": 12,
}


@dataclass(frozen=True)
class BERTScore(ModelMetric):
    """Mean over segments of the greedy matching between the tokens of output and reference.

    Equal to bert-score 0.3.13 with one reference. With several references the best one counts, as in bert-score; this
    is called ``references=max`` here.
    """

    name: ClassVar[str] = "BERTScore"
    summary: ClassVar[str] = "likeness of output and reference, token by token, in the embeddings of a language model"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    reading: ClassVar[frozenset[str]] = frozenset({"measure", "baseline"})
    worst: ClassVar[Mapping[str, float]] = {"": 0.0}
    columns: ClassVar[tuple[str, ...]] = (*_MEASURES, "count")

    layer: int | None = setting(kind=int, doc="layer of the embeddings; by model if left out")
    measure: str = setting("f", choices=_MEASURES, doc="which of the three is the score")
    idf: bool = setting(False, kind=bool, doc="weigh tokens by how few references of the task have them")
    baseline: float | None = setting(kind=float, doc="score of unrelated texts, from which it is rescaled: 0.83, say")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.baseline is not None and not 0 <= self.baseline < 1:
            raise SettingError(f"BERTScore: baseline={self.baseline:g} is out of range; use 0 to below 1")

    def _resolve(self, lang: str) -> Metric:
        model = self.model or _MODELS.get(language(lang), "google-bert/bert-base-multilingual-cased")
        layer = self.layer if self.layer is not None else _LAYERS.get(model.rstrip("/").rsplit("/", 1)[-1])
        if layer is None:
            raise SettingError(f"BERTScore: no layer is known for the model {model}; choose one, such as layer=9")
        return replace(self, model=model, layer=layer)

    def _load(self, runtime: Runtime, device: Any, references: References) -> ScoringModel:
        if self.layer is None:
            raise SettingError('BERTScore: choose a layer, or call BERTScore.resolve("zh")')
        model = load_once(str(self.model), runtime, load_bertscore, self.layer, device, self.dtype)
        return model.with_idf([text for texts in references.texts for text in texts]) if self.idf else model

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """Mean of the measure, rescaled if a baseline is given: float64[..., 4] to float64[...]."""
        mean = mean_score(statistics, _MEASURES.index(self.measure), -1)
        return mean if self.baseline is None else (mean - self.baseline) / (1 - self.baseline)
