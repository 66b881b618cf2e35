"""COMET checkpoints: regression with or without reference, and unified models with or without error spans.

COMET-22 (Rei et al. 2022, https://aclanthology.org/2022.wmt-1.52), CometKiwi (https://aclanthology.org/2022.wmt-1.60),
UniTE (https://aclanthology.org/2022.acl-long.558), xCOMET (https://aclanthology.org/2024.tacl-1.54). The layout of the
checkpoints is that of unbabel-comet 2.2: ``hparams.yaml`` next to ``checkpoints/model.ckpt`` (or ``model.safetensors``).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import msgspec

from evalkit.errors import InputError
from evalkit.models.batching import Batches
from evalkit.models.model_folder import ModelFolder, find_model, model_errors, read_config, read_weights
from evalkit.models.result_store import Item, Judgement
from evalkit.models.runtime import Runtime
from evalkit.models.scoring_model import ScoringModel
from evalkit.models.text_encoder import Tokens, configuration, pad

WEIGHTS = ("checkpoints/model.safetensors", "model.safetensors", "checkpoints/model.ckpt")

Kind = Literal["regression_metric", "referenceless_regression_metric", "unified_metric", "xcomet_metric"]
Pair = tuple[Any, Any]

#: Weights of the inputs [output, source], [output, reference], [output, source, reference] for the spans of xCOMET, and of
#: the same inputs and of the spans' own score for its sentence score.
_SPAN_WEIGHTS = (0.1667, 0.3333, 0.5)
_SCORE_WEIGHTS = (0.12, 0.33, 0.33, 0.22)
_PENALTIES = {"minor": 1, "major": 5, "critical": 10}
#: Activations of single numbers; unbabel-comet takes any name of torch.nn whose capitals are those of a title.
_ACTIVATIONS = ("Tanh", "Sigmoid", "Softplus", "Softsign", "Hardtanh", "Hardsigmoid", "Hardswish", "Mish")


class _Hparams(msgspec.Struct, frozen=True):
    """The settings in ``hparams.yaml`` and the checkpoint that affect scores; defaults as in unbabel-comet.

    :param layer: the layer whose states are pooled; ``mix`` for the weighted sum of all. ``sent_layer`` in joint models.
    :param input_segments: the texts that a unified model reads.
    :param word_layer: the layer from whose states errors are marked.
    """

    class_identifier: Kind
    encoder_model: Literal["BERT", "RemBERT", "XLM-RoBERTa", "XLM-RoBERTa-XL", "MiniLM"] = "XLM-RoBERTa"
    pretrained_model: str = "xlm-roberta-large"
    pool: Literal["avg", "max", "cls", "default"] = "avg"
    layer: int | Literal["mix"] = "mix"
    sent_layer: int | Literal["mix"] = "mix"
    layer_transformation: Literal["softmax", "sparsemax", "sparsemax_patch"] = "softmax"
    layer_norm: bool | None = None
    hidden_sizes: list[int] | None = None
    activations: str = "Tanh"
    final_activation: str | None = None
    input_segments: list[Literal["mt", "src", "ref"]] | None = None
    word_layer: int = 24
    word_level_training: bool = False
    error_labels: list[str] | None = None

    @property
    def joint(self) -> bool:
        # All texts are read together, so that sources cannot be encoded once for all systems.
        return self.class_identifier in ("unified_metric", "xcomet_metric")

    @property
    def mixed_layer(self) -> int | str:
        return self.sent_layer if self.joint else self.layer

    @property
    def word_level(self) -> bool:
        return self.class_identifier == "xcomet_metric" or self.word_level_training

    @property
    def segments(self) -> tuple[str, ...]:
        if self.class_identifier == "referenceless_regression_metric":
            return ("mt", "src")
        read = self.input_segments if self.joint else None
        return tuple(segment for segment in ("mt", "src", "ref") if segment in (read or ("mt", "src", "ref")))

    @property
    def labels(self) -> Sequence[str]:
        # In the order of the model's classes after the first.
        return self.error_labels or tuple(_PENALTIES)

    @property
    def separator(self) -> int:
        # Tokens between two texts of a joint input.
        return 1 if self.encoder_model in ("BERT", "RemBERT") else 2


@dataclass(eq=False, kw_only=True)
class CometModel(ScoringModel):
    """A loaded checkpoint.

    :param joint_limit: the maximum number of tokens of a joint input, without those between its texts.
    :param estimator: weights and biases of the layers that compute a score from the features.
    :param mixture: how the layers of the encoder are weighted, with ``gamma`` the factor of their sum; None if only one
        is used.
    :param tagger: weights and biases of the layer that marks errors.
    """

    hparams: _Hparams
    joint_limit: int
    estimator: tuple[Pair, ...]
    mixture: tuple[float, ...] | None
    gamma: Any
    tagger: Pair | None

    def too_long(self, item: Item) -> tuple[int, int] | None:
        """The number of tokens of the longest text or joint input and the limit, or None if it fits."""
        counts = self.counts(item)
        if max(counts) <= self.limit and self.hparams.joint:
            total, limit = sum(counts) - 2 * len(counts), self.joint_limit - len(counts) * self.hparams.separator
            return (total, limit) if total > limit else None
        return super().too_long(item)

    def _judge(self, items: Sequence[Item], batches: Batches) -> list[Judgement]:
        return (self._judge_jointly if self.hparams.joint else self._judge_by_embeddings)(items, batches)

    # -- each text by itself ------------------------------------------------------------------------------------------

    def _judge_by_embeddings(self, items: Sequence[Item], batches: Batches) -> list[Judgement]:
        import torch

        embeddings = self.embedded(items, batches, self._embed)
        scores: list[float] = []
        for start in range(0, len(items), 1024):
            part = items[start : start + 1024]
            columns = zip(*(self.texts(item) for item in part), strict=True)
            output, source, *reference = (torch.stack([embeddings[text] for text in column]) for column in columns)
            first = reference[0] if reference else source
            parts = [output, first]
            for other in dict.fromkeys((first, source)):
                parts += [output * other, (output - other).abs()]
            scores += self._estimate(torch.cat(parts, dim=1)).tolist()
        return [Judgement((score,)) for score in scores]

    def _embed(self, rows: list[list[int]]) -> Any:
        ids, mask = pad(rows, self.tokens.pad, self.device)
        layers, last = self._layers(ids, mask)
        mixed = self._mix(layers, mask)
        pool = self.hparams.pool
        if pool == "avg":
            token_mask = ids.ne(self.tokens.pad).unsqueeze(-1)
            return (mixed * token_mask).sum(dim=1) / mask.sum(dim=1, keepdim=True)
        if pool == "max":
            return mixed.masked_fill(ids.eq(self.tokens.pad).unsqueeze(-1), float("-inf")).amax(dim=1)
        return (mixed if pool == "cls" else last.float())[:, 0, :]

    # -- all texts together -------------------------------------------------------------------------------------------

    def _judge_jointly(self, items: Sequence[Item], batches: Batches) -> list[Judgement]:
        whole = len(self.segments) == 3
        inputs = [("mt", "src"), ("mt", "ref"), self.segments] if whole else [self.segments]
        rows = [self._join([item.text(segment) for segment in segments]) for item in items for segments in inputs]
        outcomes = batches.run(rows, self._read, lambda row: len(row[0]))
        each = len(inputs)
        return [self._combine(item, outcomes[i * each : (i + 1) * each]) for i, item in enumerate(items)]

    def _join(self, texts: Sequence[str]) -> tuple[list[int], int]:
        """The ids of a joint input, and how many of them belong to the output with its start and end."""
        parts = [self.tokens.content(text, self.limit) for text in texts]
        row = [*self.tokens.start, *parts[0]]
        for part in parts[1:]:
            row += [*self.tokens.end * self.hparams.separator, *part]
        row += self.tokens.end
        if sum(map(len, parts)) > self.joint_limit - len(parts) * self.hparams.separator:
            row = row[: self.joint_limit + 1]
        return row, len(parts[0]) + 2

    def _read(self, rows: list[tuple[list[int], int]]) -> list[tuple[float, Any]]:
        import torch

        ids, mask = pad([row for row, _ in rows], self.tokens.pad, self.device)
        types = {}
        if self.hparams.encoder_model == "BERT":
            first = torch.tensor([length for _, length in rows], device=self.device).unsqueeze(1)
            types["token_type_ids"] = (torch.arange(ids.shape[1], device=self.device).unsqueeze(0) >= first).long()
        layers, _ = self._layers(ids, mask, **types)
        scores = self._estimate(self._mix(layers, mask)[:, 0, :]).tolist()
        if self.tagger is None:
            return [(score, None) for score in scores]
        logits = torch.nn.functional.linear(layers[self.hparams.word_layer].float(), *self.tagger)
        shares = logits.softmax(dim=2).cpu()
        return [(score, shares[i, : rows[i][1]]) for i, score in enumerate(scores)]

    def _combine(self, item: Item, outcomes: Sequence[tuple[float, Any]]) -> Judgement:
        scores = [score for score, _ in outcomes]
        spans: list[tuple[int, int, str, float]] = []
        penalty = 0
        if self.tagger is not None:
            weights = _SPAN_WEIGHTS if len(outcomes) == 3 else (1.0,)
            shares: Any = sum(weight * share for weight, (_, share) in zip(weights, outcomes, strict=True))
            if not shares.isfinite().all():
                return Judgement((math.nan,))
            spans, penalty = self._spans(item.output, shares)
        if self.hparams.class_identifier != "xcomet_metric":
            return Judgement((sum(scores) / len(scores),), tuple(spans))
        weights = _SCORE_WEIGHTS[:3] if len(scores) == 3 else (sum(_SCORE_WEIGHTS[:3]),)
        score = sum(min(score, 1.0) * weight for score, weight in zip(scores, weights, strict=True))
        score += _SCORE_WEIGHTS[3] * (25 - min(penalty, 25)) / 25
        return Judgement((score,), tuple(spans))

    def _spans(self, text: str, shares: Any) -> tuple[list[tuple[int, int, str, float]], int]:
        """Runs of tokens that are marked as errors, with their characters, and the penalty of all runs.

        As in unbabel-comet a run has the label of its first token, and one that the last token does not end is left out.
        """
        spans: list[tuple[int, int, str, float]] = []
        penalty = 0
        offsets = [(0, 0), *self.tokens.offsets(text)[: self.limit - 2], (0, 0)]
        run: list[tuple[tuple[int, int], float]] = []
        label = ""
        confidences, marks = shares.max(dim=1)
        for offset, mark, confidence in zip(offsets, marks.tolist(), confidences.tolist(), strict=True):
            if mark:
                label = label if run else self.hparams.labels[mark - 1]
                run.append((offset, confidence))
            elif run:
                penalty += _PENALTIES.get(label, 0)
                characters = [span for span, _ in run if span[1] > span[0]]
                start, end = min((a for a, _ in characters), default=0), max((b for _, b in characters), default=0)
                start += len(text[start:end]) - len(text[start:end].lstrip())
                if start < end:
                    spans.append((start, end, label, round(sum(c for _, c in run) / len(run), 6)))
                run = []
        return spans, penalty

    # -- layers -------------------------------------------------------------------------------------------------------

    def _layers(self, ids: Any, mask: Any, **types: Any) -> tuple[Any, Any]:
        out = self.network(input_ids=ids, attention_mask=mask, output_hidden_states=True, **types)
        return out.hidden_states, out.last_hidden_state

    def _mix(self, layers: Sequence[Any], mask: Any) -> Any:
        """The selected layer, or the weighted sum of all layers."""
        if self.mixture is None:
            return layers[int(self.hparams.mixed_layer)].float()
        norm = self.hparams.layer_norm
        if norm is None:
            norm = self.hparams.class_identifier != "xcomet_metric"
        real = mask.unsqueeze(-1).float()
        total: Any = None
        for weight, values in zip(self.mixture, layers, strict=True):
            if weight == 0.0:
                continue
            values = values.float()
            if norm:
                values = _normalized(values, real)
            total = weight * values if total is None else total.add_(values, alpha=weight)
        return self.gamma * total

    def _estimate(self, features: Any) -> Any:
        import torch

        *hidden, last = self.estimator
        for layer in hidden:
            features = _activation(self.hparams.activations)(torch.nn.functional.linear(features, *layer))
        features = torch.nn.functional.linear(features, *last)
        if self.hparams.final_activation:
            features = _activation(self.hparams.final_activation)(features)
        return features.view(-1)


def _normalized(values: Any, real: Any) -> Any:
    """Each text's states with mean 0 and variance 1 over its real tokens."""
    masked = values * real
    count = real.sum(dim=(1, 2), keepdim=True) * values.shape[2]
    mean = masked.sum(dim=(1, 2), keepdim=True) / count
    variance = (((masked - mean) * real) ** 2).sum(dim=(1, 2), keepdim=True) / count
    return (values - mean) / (variance + 1e-12).sqrt()


def _sparsemax(values: Any) -> Any:
    """Martins & Astudillo 2016, https://proceedings.mlr.press/v48/martins16: weights of which some are exactly 0."""
    import torch

    ordered, _ = values.sort(descending=True)
    cumulated = ordered.cumsum(0) - 1
    ranks = torch.arange(1, len(values) + 1, dtype=values.dtype, device=values.device)
    support = int((ranks * ordered > cumulated).sum())
    return (values - cumulated[support - 1] / support).clamp(min=0)


def _activation(name: str) -> Callable[[Any], Any]:
    import torch

    layer: Callable[[Any], Any] = getattr(torch.nn, name.title())()
    return layer


# -- loading ----------------------------------------------------------------------------------------------------------


def load_comet(folder: ModelFolder, runtime: Runtime, device: Any, dtype: str, mixture: str | None) -> CometModel:
    """Load a checkpoint; ``mixture`` is how the layers are weighted, None to use the checkpoint's setting."""
    import torch

    name, what = folder.name, "a checkpoint of COMET"
    settings = read_config(folder.path / "hparams.yaml", what=what)
    if "class_identifier" not in settings:
        raise InputError(f"{name}: not {what}: hparams.yaml has no class_identifier")
    state, saved_hparams = read_weights(folder.path, WEIGHTS)
    try:
        hparams = msgspec.convert(
            {**settings, **saved_hparams, "class_identifier": settings["class_identifier"]}, _Hparams
        )
    except msgspec.ValidationError as error:
        raise InputError(f"{name}: a checkpoint that evalkit cannot read: hparams: {error}") from None
    used = mixture or _mixture(hparams, settings.get("layer_transformation"), name, runtime)
    base = _encoder_folder(folder, hparams.pretrained_model, runtime)
    tokenizer = base
    if hparams.encoder_model == "MiniLM" and not (base.path / "tokenizer.json").is_file():
        tokenizer = find_model("FacebookAI/xlm-roberta-base", runtime, weights=False)
    with model_errors(name, what):
        encoder = _encoder(base, state, name).to(device=device, dtype=getattr(torch, dtype)).eval()
        heads = _heads(state, hparams, encoder.config, used, device, name)
    prints = dict.fromkeys(f.fingerprint for f in (folder, base, tokenizer))
    positions = int(encoder.config.max_position_embeddings) - 2
    return CometModel(
        fingerprint="+".join(prints),
        hparams=hparams,
        network=encoder,
        segments=hparams.segments,
        tokens=Tokens.of(tokenizer.path, encoder.config),
        device=device,
        limit=positions - 2,
        joint_limit=positions - 1,
        **heads,
    )


def _mixture(hparams: _Hparams, in_yaml: Any, name: str, runtime: Runtime) -> str:
    """How the layers are weighted.

    Unified models were trained and published with softmax while their files said sparsemax: unbabel-comet ignored the
    setting up to 2.2.3 and marks them ``sparsemax_patch`` since (issues 195 and 244 there). The regression models that say
    sparsemax were always weighted so.
    """
    if "sparsemax" not in (in_yaml, hparams.layer_transformation) or in_yaml == "sparsemax_patch":
        return "softmax"
    if hparams.joint:
        runtime.tell(
            f"{name} says sparsemax, which unified models were published with by mistake; its layers are weighted "
            "with softmax, as it was trained; for a model of your own that was not: mixture=sparsemax"
        )
        return "softmax"
    return "sparsemax"


def _encoder_folder(folder: ModelFolder, name: str, runtime: Runtime) -> ModelFolder:
    """The folder with the encoder's configuration and tokenizer: inside the checkpoint, elsewhere, or from the hub."""
    inside = folder.path / name
    if not Path(name).is_absolute() and inside.is_dir():
        return replace(find_model(str(inside), runtime), fingerprint=folder.fingerprint)
    return find_model(name, runtime, weights=False)


def _encoder(base: ModelFolder, state: dict[str, Any], name: str) -> Any:
    import transformers

    config = configuration(base, f"{name}: its encoder {base.name}")
    encoder = transformers.AutoModel.from_config(config, add_pooling_layer=False).float()
    prefix = "encoder.model."
    weights = {key[len(prefix) :]: value for key, value in state.items() if key.startswith(prefix)}
    if not all(value.is_floating_point() for key, value in weights.items() if "position_ids" not in key):
        raise InputError(f"{name}: damaged: weights of the encoder are whole numbers")
    missing, _ = encoder.load_state_dict(weights, strict=False)
    missing = [key for key in missing if "position_ids" not in key]
    if missing:
        raise InputError(
            f"{name}: the checkpoint does not fit its encoder {base.name}: {missing[0]} and {len(missing) - 1} more are missing"
        )
    return encoder


def _heads(
    state: dict[str, Any], hparams: _Hparams, config: Any, mixture: str, device: Any, name: str
) -> dict[str, Any]:
    """The weights of all layers except the encoder, checked against each other and the settings."""
    import torch

    def weights(key: str, *shape: int | None) -> Any:
        tensor = state.get(key)
        if tensor is None or not tensor.is_floating_point() or len(tensor.shape) != len(shape):
            raise InputError(f"{name}: damaged: the weights {key} are missing or of another kind")
        if any(wanted not in (None, actual) for wanted, actual in zip(shape, tensor.shape, strict=True)):
            raise InputError(
                f"{name}: damaged: the weights {key} are {tuple(tensor.shape)}; a {hparams.class_identifier} with this "
                f"encoder needs {shape}"
            )
        return tensor.float().to(device)

    def linear(key: str, inside: int, outside: int | None = None) -> Pair:
        weight = weights(f"{key}.weight", outside, inside)
        return weight, weights(f"{key}.bias", weight.shape[0])

    for activation in (hparams.activations, hparams.final_activation or "Tanh"):
        if activation.title() not in _ACTIVATIONS:
            raise InputError(f"{name}: the activation {activation!r} is unknown; known are {', '.join(_ACTIVATIONS)}")
    if hparams.pool == "default" and hparams.encoder_model == "BERT":
        raise InputError(f"{name}: the pooling 'default' of BERT is unknown")
    if "mt" not in (hparams.input_segments or ["mt"]):
        raise InputError(f"{name}: input_segments lacks mt, the output that is judged")
    width, count = config.hidden_size, config.num_hidden_layers + 1
    used = [hparams.mixed_layer, *([hparams.word_layer] if hparams.word_level else [])]
    if wrong := [layer for layer in used if isinstance(layer, int) and not 0 <= layer < count]:
        raise InputError(f"{name}: damaged: layer {wrong[0]}, but the encoder has {count}")
    layers = None
    if hparams.mixed_layer == "mix":
        raw = torch.cat([weights(f"layerwise_attention.scalar_parameters.{i}", 1).cpu() for i in range(count)])
        layers = tuple((torch.softmax(raw, 0) if mixture == "softmax" else _sparsemax(raw)).tolist())
    inside = width * {"regression_metric": 6, "referenceless_regression_metric": 4}.get(hparams.class_identifier, 1)
    depth = sum(key.startswith("estimator.ff.") and key.endswith(".weight") for key in state)
    sizes = hparams.hidden_sizes if hparams.hidden_sizes is not None else [None] * (depth - 1)
    estimator: list[Pair] = []
    for number, outside in enumerate([*sizes, 1]):  # with an activation and a dropout between two
        estimator.append(linear(f"estimator.ff.{3 * number}", inside, outside))
        inside = estimator[-1][0].shape[0]
    return {
        "estimator": tuple(estimator),
        "mixture": layers,
        "gamma": None if layers is None else weights("layerwise_attention.gamma", 1),
        "tagger": linear("hidden2tag", width, len(hparams.labels) + 1) if hparams.word_level else None,
    }
