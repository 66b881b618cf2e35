"""MetricX: the error score of a translation from 0 to 25, by a model trained on MQM annotations; lower is better.

Juraska et al. 2024, https://aclanthology.org/2024.wmt-1.35: mT5 whose first output token carries the score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from evalkit.errors import InputError, SettingError
from evalkit.metrics.base import References, Runtime, setting
from evalkit.metrics.model_metric import ModelMetric
from evalkit.models.batching import Batches
from evalkit.models.model_folder import ModelFolder, find_model, single_tokenizer
from evalkit.models.result_store import Item, Judgement
from evalkit.models.scoring_model import ScoringModel, load_once
from evalkit.models.text_encoder import Tokens, pad, pretrained

#: The token whose logit is the score (``<extra_id_10>`` of mT5), and the range that it is clipped to.
SCORE_TOKEN = 250089
LOW, HIGH = 0.0, 25.0
#: By version and whether there is a reference: how the texts are joined, and the maximum number of tokens (with the end).
INPUTS = {
    ("24", True): ("source: {source} candidate: {output} reference: {reference}", 1536),
    ("24", False): ("source: {source} candidate: {output}", 1536),
    ("23", True): ("candidate: {output} reference: {reference}", 1024),
    ("23", False): ("candidate: {output} source: {source}", 1024),
}
#: The model whose tokenizer is used, since the checkpoints come without one.
TOKENIZER = "google/mt5-xl"


@dataclass(frozen=True)
class MetricX(ModelMetric):
    """Mean over segments of the scores of a MetricX model, with or without references."""

    name = "MetricX"
    summary = "errors of a translation by a neural model trained on MQM annotations"
    range = (0.0, 25.0)
    higher_is_better = False
    needs = frozenset({"sources"})
    worst: ClassVar[Mapping[str, float]] = {"": 25.0}

    model: str | None = setting("google/metricx-24-hybrid-large-v2p6", doc="a model of the hub, or a folder")
    reference: bool = setting(True, kind=bool, doc="whether the reference is read")
    input: str | None = setting(
        choices=("23", "24"), doc="version of the input format; by default that in the model's name, else 24"
    )

    def _load(self, runtime: Runtime, device: Any, references: References) -> ScoringModel:
        name = str(self.model).lower()
        # MetricX-23 has models with and without reference, which only their names tell; later ones read either input.
        if "metricx-23" in name and ("metricx-23-qe" in name) == self.reference:
            needed = "no reference: add reference=false" if self.reference else "a reference: leave out reference=false"
            raise SettingError(f"MetricX: {self.model} reads {needed}")
        version = self.input or ("23" if "metricx-23" in name else "24")
        form, limit = INPUTS[version, self.reference]
        names = {"mt": "{output}", "src": "{source}", "ref": "{reference}"}
        segments = tuple(segment for segment, name in names.items() if name in form)
        model = load_once(str(self.model), runtime, _load_model, device, self.dtype)
        return replace(model, form=form, limit=limit, segments=segments, depends_on=form)


@dataclass(eq=False, kw_only=True)
class _MetricXModel(ScoringModel):
    """A loaded model, and the format of its input."""

    form: str = ""

    def texts(self, item: Item) -> list[str]:
        # Their counts include the token at the end, without which the model was trained.
        return [self.form.format(source=item.source, output=item.output, reference=item.reference)]

    def _judge(self, items: Sequence[Item], batches: Batches) -> list[Judgement]:
        rows = [self.tokens.content(text)[: self.limit - 1] for item in items for text in self.texts(item)]
        return batches.run(rows, self._read)

    def _read(self, rows: list[list[int]]) -> list[Judgement]:
        import torch

        ids, mask = pad(rows, 0, self.device)
        start = torch.zeros((len(rows), 1), dtype=torch.int64, device=self.device)
        logits = self.network(input_ids=ids, attention_mask=mask, decoder_input_ids=start).logits[:, 0, SCORE_TOKEN]
        scores = logits.float()
        scores = scores.clamp(LOW, HIGH).where(
            scores.isfinite(), torch.nan
        )  # infinity is an error, not the worst score
        return [Judgement((score,)) for score in scores.tolist()]


def _load_model(folder: ModelFolder, runtime: Runtime, device: Any, dtype: str) -> _MetricXModel:
    what = "a MetricX model (mT5)"
    network, config = pretrained(folder, "AutoModelForSeq2SeqLM", what, device, dtype)
    if "t5" not in config.model_type or config.vocab_size <= SCORE_TOKEN:
        raise InputError(f"{folder.name}: not {what}: it lacks the token {SCORE_TOKEN}, whose logit is the score")
    own = any((folder.path / file).is_file() for file in ("tokenizer.json", "spiece.model"))
    words = folder if own else find_model(TOKENIZER, runtime, weights=False)
    tokenizer = single_tokenizer(words.path)
    end = tokenizer.encode("").ids
    if len(end) != 1:
        raise InputError(f"{words.name}: the tokenizer is not that of mT5: it adds no token at the end of a text")
    return _MetricXModel(
        fingerprint="+".join(dict.fromkeys((folder.fingerprint, words.fingerprint))),
        network=network,
        tokens=Tokens(tokenizer, (), tuple(end), 0, config.vocab_size),
        device=device,
    )
