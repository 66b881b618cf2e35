"""MetricX: the error score of a translation from 0 to 25, by a model trained on MQM annotations; lower is better.

Juraska et al. 2024, https://aclanthology.org/2024.wmt-1.35.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from evalkit.metrics.base import References, Runtime, setting
from evalkit.metrics.model_metric import ModelMetric
from evalkit.models.metricx_model import load_metricx
from evalkit.models.scoring_model import ScoringModel, load_once


@dataclass(frozen=True)
class MetricX(ModelMetric):
    """Mean over segments of the scores of a MetricX model, with or without references."""

    name: ClassVar[str] = "MetricX"
    summary: ClassVar[str] = "errors of a translation by a neural model trained on MQM annotations"
    range: ClassVar[tuple[float, float]] = (0.0, 25.0)
    higher_is_better: ClassVar[bool] = False
    needs: ClassVar[frozenset[str]] = frozenset({"sources"})
    worst: ClassVar[Mapping[str, float]] = {"": 25.0}

    model: str | None = setting("google/metricx-24-hybrid-large-v2p6", doc="a model of the hub, or a folder")
    reference: bool = setting(True, kind=bool, doc="whether the reference is read")
    input: str | None = setting(
        choices=("23", "24"), doc="the version whose form of input the model reads; by its name if left out, else 24"
    )

    def _load(self, runtime: Runtime, device: Any, references: References) -> ScoringModel:
        version = self.input or ("23" if "metricx-23" in str(self.model).lower() else "24")
        return load_once(str(self.model), runtime, load_metricx, device, self.dtype).with_input(version, self.reference)
