"""COMET: scores of neural models that were trained on human judgments, with or without a reference.

COMET-22 (Rei et al. 2022, https://aclanthology.org/2022.wmt-1.52); all checkpoints of the family can be loaded, see
:mod:`evalkit.models.comet_network`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from evalkit.metrics.base import References, Runtime, setting
from evalkit.metrics.model_metric import ModelMetric
from evalkit.models.comet_network import load_comet
from evalkit.models.scoring_model import ScoringModel, load_once


@dataclass(frozen=True)
class COMET(ModelMetric):
    """Mean over segments of the scores of a COMET checkpoint.

    The checkpoint determines the inputs: output, source and reference (regression); output and source (Kiwi); or
    whatever is available (unified models, including xCOMET, whose error spans become findings).
    """

    name = "COMET"
    summary = "a neural model trained on human judgements (COMET, CometKiwi, UniTE, xCOMET)"
    range = (0.0, 1.0)
    needs = frozenset({"sources"})
    worst: ClassVar[Mapping[str, float]] = {
        "wmt22-comet-da": 0.0,
        "wmt22-cometkiwi-da": 0.0,
        "wmt23-cometkiwi-da": 0.0,
        "xcomet": 0.0,
    }

    model: str | None = setting("Unbabel/wmt22-comet-da", doc="a model of the hub (owner/name), or a folder")
    reference: bool = setting(True, kind=bool, doc="whether a model that can do without the reference reads it")
    mixture: str | None = setting(
        choices=("softmax", "sparsemax"), doc="how the layers are weighted; by default as the checkpoint says"
    )

    def _load(self, runtime: Runtime, device: Any, references: References) -> ScoringModel:
        loaded = load_once(str(self.model), runtime, load_comet, device, self.dtype, self.mixture)
        if self.reference or not loaded.hparams.joint:
            return loaded
        return replace(loaded, segments=tuple(segment for segment in loaded.segments if segment != "ref"))
