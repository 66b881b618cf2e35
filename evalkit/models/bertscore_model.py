"""BERTScore (Zhang et al. 2020, https://openreview.net/forum?id=SkeHuCVFDr): greedy matching of contextual embeddings."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evalkit.errors import InputError, SettingError
from evalkit.models.batching import Batches
from evalkit.models.model_folder import ModelFolder, read_config
from evalkit.models.result_store import Item, Judgement
from evalkit.models.runtime import Runtime
from evalkit.models.scoring_model import ScoringModel
from evalkit.models.text_encoder import Tokens, pad, position_limit, pretrained


@dataclass(eq=False)
class BertScoreModel(ScoringModel):
    """An encoder without the layers above the one that is used.

    :param spaced: whether a space is put before each text, as bert-score does for RoBERTa.
    :param idf: weight of each token id, 0 for those that start and end a text; None where all others weigh 1.
    """

    fingerprint: str
    encoder: Any
    tokens: Tokens
    device: Any
    limit: int
    spaced: bool
    idf: Mapping[int, float] | None = None
    idf_default: float = 1.0
    depends_on: str = ""
    segments: tuple[str, ...] = field(default=("mt", "ref"))

    def texts(self, item: Item) -> list[str]:
        """The output and the reference."""
        return [self._clean(item.output), self._clean(item.reference)]

    def judge(self, items: Sequence[Item], batches: Batches) -> list[Judgement]:
        """Return precision, recall and F of each item."""
        import torch

        with torch.inference_mode():
            texts = list(dict.fromkeys(text for item in items for text in (item.output, item.reference)))
            rows = [self.tokens.cut(self._clean(text), self.limit) for text in texts]
            encoded = batches.run(rows, [len(row) for row in rows], self._embed)
            weights = [self._weights(row) for row in rows]
            known = {text: (e, w) for text, e, w in zip(texts, encoded, weights, strict=True)}
            sizes = {text: len(row) for text, row in zip(texts, rows, strict=True)}
            pairs = [(known[item.output], known[item.reference]) for item in items]
            return batches.run(pairs, [sizes[i.output] + sizes[i.reference] for i in items], _match)

    def with_idf(self, references: Sequence[str]) -> BertScoreModel:
        """Weight tokens by their inverse document frequency in the references."""
        texts = [self._clean(text) for text in references]
        self.tokens.prepare(texts)
        counts = Counter(id_ for text in texts for id_ in set(self.tokens.cut(text, self.limit)))
        self.idf = {id_: math.log((len(texts) + 1) / (count + 1)) for id_, count in counts.items()}
        self.idf_default = math.log(len(texts) + 1)
        self.depends_on = hashlib.sha256(repr(sorted(counts.items())).encode()).hexdigest()
        return self

    def without_idf(self) -> BertScoreModel:
        """Give every token a weight of 1."""
        self.idf, self.idf_default, self.depends_on = None, 1.0, ""
        return self

    def _clean(self, text: str) -> str:
        text = text.strip()
        return f" {text}" if self.spaced and text else text

    def _embed(self, rows: list[list[int]]) -> list[Any]:
        ids, mask = pad(rows, self.tokens.pad, self.device)
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        states = states / states.norm(dim=-1, keepdim=True)
        return [states[i, : len(row)] for i, row in enumerate(rows)]

    def _weights(self, row: Sequence[int]) -> Any:
        import torch

        if self.idf is None:
            special = {*self.tokens.start, *self.tokens.end}
            values = [0.0 if id_ in special else 1.0 for id_ in row]
        else:
            values = [self.idf.get(id_, self.idf_default) for id_ in row]
        return torch.tensor(values, device=self.device)


def _match(pairs: list[tuple[tuple[Any, Any], tuple[Any, Any]]]) -> list[Judgement]:
    """Greedy matching. [CLS] and [SEP] have weight 0, but other tokens can match them."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    outputs = pad_sequence([e for (e, _), _ in pairs], batch_first=True)
    references = pad_sequence([e for _, (e, _) in pairs], batch_first=True)
    output_weights = pad_sequence([w for (_, w), _ in pairs], batch_first=True)
    reference_weights = pad_sequence([w for _, (_, w) in pairs], batch_first=True)
    real_output = _real([len(w) for (_, w), _ in pairs], outputs)
    real_reference = _real([len(w) for _, (_, w) in pairs], references)
    likeness = torch.bmm(outputs, references.transpose(1, 2))
    best_for_output = likeness.masked_fill(~real_reference.unsqueeze(1), -torch.inf).amax(dim=2)
    best_for_reference = likeness.masked_fill(~real_output.unsqueeze(2), -torch.inf).amax(dim=1)
    precision = _weighted(best_for_output, output_weights)
    recall = _weighted(best_for_reference, reference_weights)
    empty = (real_output.sum(dim=1) <= 2) | (real_reference.sum(dim=1) <= 2)
    f = 2 * precision * recall / (precision + recall)
    columns = torch.stack([precision, recall, f], dim=1).masked_fill(empty.unsqueeze(1), 0.0)
    return [Judgement(tuple(row)) for row in columns.nan_to_num(0.0).tolist()]


def _weighted(values: Any, weights: Any) -> Any:
    shares = weights / weights.sum(dim=1, keepdim=True)
    return (values.masked_fill(weights == 0, 0.0) * shares).sum(dim=1)


def _real(lengths: Sequence[int], padded: Any) -> Any:
    import torch

    places = torch.arange(padded.shape[1], device=padded.device).unsqueeze(0)
    return places < torch.tensor(lengths, device=padded.device).unsqueeze(1)


def load_bertscore(folder: ModelFolder, runtime: Runtime, layer: int, device: Any, dtype: str) -> BertScoreModel:
    """Load an encoder up to the given layer.

    :raises SettingError: for a layer that the model does not have.
    :raises InputError: for a folder that does not contain an encoder, or a damaged one.
    """
    what = "an encoder in the layout of transformers"
    config = read_config(folder.path / "config.json", what=what)
    layers = config.get("num_hidden_layers")
    if config.get("is_encoder_decoder") or not isinstance(layers, int):
        raise InputError(f"{folder.name}: not {what}, but a model of the kind {config.get('model_type')!r}")
    if not 0 <= layer <= layers:
        raise SettingError(f"BERTScore: layer={layer}, but {folder.name} has the layers 0 to {layers}")
    encoder, loaded = pretrained(folder, "AutoModel", what, device, dtype, num_hidden_layers=layer)
    tokens = Tokens.of(folder.path, loaded)
    limit = position_limit(folder, loaded)
    return BertScoreModel(
        folder.fingerprint, encoder, tokens, device, limit, spaced=loaded.model_type in ("roberta", "gpt2")
    )
