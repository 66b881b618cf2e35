"""BERTScore (Zhang et al. 2020, https://openreview.net/forum?id=SkeHuCVFDr): greedy matching of contextual embeddings."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import InputError, SettingError
from evalkit.metrics.base import Metric, References, Runtime, Statistics, mean_score, setting
from evalkit.metrics.model_metric import ModelMetric
from evalkit.models.batching import Batches
from evalkit.models.model_folder import ModelFolder, read_config
from evalkit.models.result_store import Item, Judgement
from evalkit.models.scoring_model import ScoringModel, load_once
from evalkit.models.text_encoder import Tokens, pad, position_limit, pretrained
from evalkit.text.languages import language

_MEASURES = ("precision", "recall", "f")
#: Bert-score's default model for each language, and the layer that correlates best with human judgments (from its
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
    "deberta-v3-large": 12,
}


@dataclass(frozen=True)
class BERTScore(ModelMetric):
    """Mean over segments of the greedy matching between the tokens of output and reference.

    Equal to bert-score 0.3.13 with one reference. With several references the best one counts, as in bert-score; this
    is called ``references=max`` here.
    """

    name = "BERTScore"
    summary = "similarity of output and reference, token by token, in the embeddings of a language model"
    range = (0.0, 1.0)
    reading = frozenset({"measure", "baseline"})
    worst: ClassVar[Mapping[str, float]] = {"": 0.0}
    columns = (*_MEASURES, "count")

    layer: int | None = setting(kind=int, low=0, doc="layer of the embeddings; by model if left out")
    measure: str = setting("f", choices=_MEASURES, doc="which of the three is the score")
    idf: bool = setting(False, kind=bool, doc="weight tokens by their inverse document frequency in the references")
    baseline: float | None = setting(kind=float, doc="score of unrelated texts, such as 0.83, which is rescaled to 0")

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


@dataclass(eq=False, kw_only=True)
class BertScoreModel(ScoringModel):
    """An encoder without the layers above the one that is used.

    :param spaced: whether a space is put before each text, as bert-score does for RoBERTa.
    :param idf: weight of each token id; None where all weigh 1 but those that start and end a text, which weigh 0.
    :param idf_default: the weight of a token that occurs in no reference.
    """

    spaced: bool
    segments: tuple[str, ...] = ("mt", "ref")
    idf: Mapping[int, float] | None = None
    idf_default: float = 1.0

    def texts(self, item: Item) -> list[str]:
        """The output and the reference, without white space around them."""
        return [self._clean(text) for text in super().texts(item)]

    def _judge(self, items: Sequence[Item], batches: Batches) -> list[Judgement]:
        """Precision, recall and F of each item."""
        known = self.embedded(items, batches, self._embed)
        pairs = [[known[text] for text in self.texts(item)] for item in items]
        return batches.run(pairs, _match, lambda pair: sum(len(weights) for _, weights in pair))

    def with_idf(self, references: Sequence[str]) -> BertScoreModel:
        """The model with tokens weighted by their inverse document frequency in the references."""
        texts = [self._clean(text) for text in references]
        self.tokens.prepare(texts)
        counts = Counter(id_ for text in texts for id_ in set(self.tokens.cut(text, self.limit)))
        idf = {id_: math.log((len(texts) + 1) / (count + 1)) for id_, count in counts.items()}
        digest = hashlib.sha256(repr(sorted(counts.items())).encode()).hexdigest()
        return replace(self, idf=idf, idf_default=math.log(len(texts) + 1), depends_on=digest)

    def _clean(self, text: str) -> str:
        text = text.strip()
        return f" {text}" if self.spaced and text else text

    def _embed(self, rows: list[list[int]]) -> list[tuple[Any, Any]]:
        """The normalized states of each row of token ids, and their weights."""
        import torch

        ids, mask = pad(rows, self.tokens.pad, self.device)
        states = self.network(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        states = states / states.norm(dim=-1, keepdim=True)
        idf = dict.fromkeys((*self.tokens.start, *self.tokens.end), 0.0) if self.idf is None else self.idf
        weights = [torch.tensor([idf.get(id_, self.idf_default) for id_ in row], device=self.device) for row in rows]
        return [(states[i, : len(row)], weights[i]) for i, row in enumerate(rows)]


def _match(pairs: list[list[tuple[Any, Any]]]) -> list[Judgement]:
    """Greedy matching. [CLS] and [SEP] have weight 0, but other tokens can match them."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    (outputs, output_weights, real_output), (references, reference_weights, real_reference) = (
        (
            pad_sequence([states for states, _ in side], batch_first=True),
            pad_sequence([weights for _, weights in side], batch_first=True),
            pad_sequence([torch.ones_like(weights, dtype=torch.bool) for _, weights in side], batch_first=True),
        )
        for side in zip(*pairs, strict=True)
    )
    similarity = torch.bmm(outputs, references.transpose(1, 2))
    best_for_output = similarity.masked_fill(~real_reference.unsqueeze(1), -torch.inf).amax(dim=2)
    best_for_reference = similarity.masked_fill(~real_output.unsqueeze(2), -torch.inf).amax(dim=1)
    precision = _weighted(best_for_output, output_weights)
    recall = _weighted(best_for_reference, reference_weights)
    empty = (real_output.sum(dim=1) <= 2) | (real_reference.sum(dim=1) <= 2)
    both = precision + recall
    f = torch.where(both == 0, 0.0, 2 * precision * recall / both)
    columns = torch.stack([precision, recall, f], dim=1).masked_fill(empty.unsqueeze(1), 0.0)
    return [Judgement(tuple(row)) for row in columns.tolist()]


def _weighted(values: Any, weights: Any) -> Any:
    shares = weights / weights.sum(dim=1, keepdim=True).clamp(min=1e-30)  # with idf, all weights may be 0
    return (values.masked_fill(weights == 0, 0.0) * shares).sum(dim=1)


def load_bertscore(folder: ModelFolder, runtime: Runtime, layer: int, device: Any, dtype: str) -> BertScoreModel:
    """Load an encoder up to the given layer."""
    what = "an encoder in the layout of transformers"
    config = read_config(folder.path / "config.json", what=what)
    layers = config.get("num_hidden_layers")
    if config.get("is_encoder_decoder") or not isinstance(layers, int):
        raise InputError(f"{folder.name}: not {what}, but a model of the kind {config.get('model_type')!r}")
    if not 0 <= layer <= layers:
        raise SettingError(f"BERTScore: layer={layer}, but {folder.name} has the layers 0 to {layers}")
    network, loaded = pretrained(folder, "AutoModel", what, device, dtype, num_hidden_layers=layer)
    return BertScoreModel(
        fingerprint=folder.fingerprint,
        network=network,
        tokens=Tokens.of(folder.path, loaded),
        device=device,
        limit=position_limit(folder, loaded),
        spaced=loaded.model_type in ("roberta", "gpt2"),
    )
