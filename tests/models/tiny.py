"""Tiny random models in the exact layouts of the real ones: nothing is downloaded, and no file holds weights of others.

All weights come from numpy's generator by the names of the tensors, so that every version of torch and transformers
builds the same model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import yaml

HIDDEN, LAYERS, POSITIONS = 32, 3, 260
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,!?'\"-:;()%"
HAN = "的一是不了人我在有他这为之大来以个中上们到说国和地也时出而要于就下得可你年生子猫坐垫阿里巴销售板栗吨增长今天气很好。，！？"
WORDS = ("the", "cat", "sat", "on", "mat", "in", "of", "and", "sold", "tons", "not", "source", "candidate", "reference")

SOURCES = [
    "猫坐在垫子上。",
    "阿里巴巴销售板栗38吨，增长20%。",
    "今天天气很好！你说不说？",
    "他来了。",
    "国人我在有。" * 3,
]
REFERENCES = [
    "The cat sat on the mat.",
    "Alibaba sold 38 tons of chestnuts, up 20%.",
    "The weather is fine today! Will you say it?",
    "He came.",
    "All of them are here, in the city, not there: the cat and the mat.",
]
SYSTEMS = {
    "good": REFERENCES[::-1][::-1],
    "other": [
        "A cat is sitting on a mat",
        "Alibaba sold 3.8 tons",
        "Weather fine? You not say.",
        "they left the city in 2022",
        "x",
    ],
    "longer": [f"{text} And then the cat sat there again, (for 20 years)." for text in REFERENCES],
}


#: name to the kind and the settings of a checkpoint whose scores are compared with those of unbabel-comet.
COMETS: dict[str, tuple[str, dict[str, Any]]] = {
    "softmax": ("regression_metric", {}),
    "sparsemax": ("regression_metric", {"layer_transformation": "sparsemax"}),
    "layer norm": ("regression_metric", {"layer_norm": True}),
    "sparsemax, layer norm": ("regression_metric", {"layer_transformation": "sparsemax", "layer_norm": True}),
    "one layer": ("regression_metric", {"layer": 2}),
    "cls pooling": ("regression_metric", {"pool": "cls"}),
    "max pooling": ("regression_metric", {"pool": "max", "final_activation": "Sigmoid"}),
    "BERT": ("regression_metric", {"family": "bert"}),
    "without reference": ("referenceless_regression_metric", {}),
    "Kiwi": ("unified_metric", {"input_segments": ["mt", "src"], "layer_transformation": "sparsemax_patch"}),
    "Kiwi, BERT": ("unified_metric", {"input_segments": ["mt", "src"], "family": "bert", "layer_norm": True}),
    "Kiwi, one layer": ("unified_metric", {"input_segments": ["mt", "src"], "sent_layer": 1}),
    "UniTE": ("unified_metric", {}),
    "UniTE, reference only": ("unified_metric", {"input_segments": ["mt", "ref"]}),
    "xCOMET": ("xcomet_metric", {}),
    "xCOMET, layer norm": ("xcomet_metric", {"layer_norm": True, "seed": 3}),
}
#: family of an encoder and layer for BERTScore.
BERTS = (("bert", 2), ("bert", 3), ("roberta", 1), ("xlm-roberta", 2))


def fill(state: Mapping[str, Any], seed: int = 0, scale: float = 0.12) -> dict[str, Any]:
    """Random values for every tensor, by its name; norms stay near 1."""
    import torch

    filled = {}
    for name, tensor in state.items():
        rng = np.random.default_rng([seed, *name.encode()])
        if not tensor.is_floating_point():
            filled[name] = tensor
        elif "norm" in name.lower() and name.endswith("weight"):
            filled[name] = torch.tensor(1 + 0.1 * rng.standard_normal(tuple(tensor.shape)), dtype=torch.float32)
        else:
            filled[name] = torch.tensor(scale * rng.standard_normal(tuple(tensor.shape)), dtype=torch.float32)
    return filled


# -- tokenizers ---------------------------------------------------------------------------------------------------------


def unigram_tokenizer(folder: Path, *, pair: bool = True, start: bool = True) -> int:
    """SentencePiece style, as XLM-R (or, without ``start``, T5) has it; the size of its vocabulary."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    pieces = ["▁", *(f"▁{word}" for word in WORDS), *WORDS, *dict.fromkeys(LETTERS + HAN)]
    head = ["<s>", "<pad>", "</s>", "<unk>"] if start else ["<pad>", "</s>", "<unk>"]
    vocab = [(token, 0.0) for token in head] + [(piece, -1.0 - i / 50) for i, piece in enumerate(dict.fromkeys(pieces))]
    vocab += [("<mask>", 0.0)] if start else []
    tokenizer = Tokenizer(models.Unigram(vocab, unk_id=head.index("<unk>")))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    if start:
        single, double = "<s> $A </s>", "<s> $A </s> </s> $B </s>"
    else:
        single, double = "$A </s>", "$A </s> $B </s>"
    specials = [(token, head.index(token)) for token in head if token in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing(single=single, pair=double, special_tokens=specials)
    tokenizer.add_special_tokens([*head, *(["<mask>"] if start else [])])
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    if start:
        names |= {"bos_token": "<s>", "cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>"}
    kind = "XLMRobertaTokenizer" if start else "T5Tokenizer"
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": kind, "model_max_length": POSITIONS - 2, **names})
    )
    (folder / "special_tokens_map.json").write_text(json.dumps(names))
    return len(vocab)


def wordpiece_tokenizer(folder: Path) -> int:
    """WordPiece, as BERT has it; the size of its vocabulary."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *dict.fromkeys(LETTERS + HAN)]
    tokens += [f"##{letter}" for letter in LETTERS[:26]]
    tokenizer = Tokenizer(models.WordPiece({t: i for i, t in enumerate(tokens)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.add_special_tokens(tokens[:5])
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
    config = {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": False,
        "strip_accents": False,
        "model_max_length": POSITIONS,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return len(tokens)


def byte_tokenizer(folder: Path) -> int:
    """Byte-level BPE without merges, as RoBERTa has it; the size of its vocabulary."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

    tokens = ["<s>", "<pad>", "</s>", "<unk>", *sorted(pre_tokenizers.ByteLevel.alphabet()), "<mask>"]
    vocabulary = {token: i for i, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    config = {"tokenizer_class": "RobertaTokenizer", "model_max_length": POSITIONS - 2}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return len(tokens)


# -- models of transformers -----------------------------------------------------------------------------------------------


def encoder(
    folder: Path, family: str = "xlm-roberta", *, seed: int = 0, weights: str = "safetensors", **config: Any
) -> Any:
    """A folder with configuration, tokenizer and weights of an encoder; the state of its tensors."""
    import transformers

    tokenizers = {"bert": wordpiece_tokenizer, "roberta": byte_tokenizer, "xlm-roberta": unigram_tokenizer}
    vocabulary = tokenizers[family](folder)
    sizes = {
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "vocab_size": vocabulary,
        "max_position_embeddings": POSITIONS,
        **config,
    }
    special = {"pad_token_id": 0} if family == "bert" else {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
    made = {
        "xlm-roberta": transformers.XLMRobertaConfig,
        "roberta": transformers.RobertaConfig,
        "bert": transformers.BertConfig,
    }[family](**sizes, **special, type_vocab_size=2 if family == "bert" else 1)
    classify = "num_labels" in config or "id2label" in config
    auto = transformers.AutoModelForSequenceClassification if classify else transformers.AutoModel
    model = auto.from_config(made) if classify else auto.from_config(made, add_pooling_layer=False)
    state = fill(model.state_dict(), seed)
    made.architectures = [type(model).__name__]
    made.save_pretrained(folder)
    save(folder / ("model.safetensors" if weights == "safetensors" else "pytorch_model.bin"), state)
    return state


def save(path: Path, state: Mapping[str, Any]) -> None:
    import torch
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    plain = {name: tensor.contiguous().clone() for name, tensor in state.items()}
    if path.suffix == ".safetensors":
        save_file(plain, path, metadata={"format": "pt"})
    else:
        torch.save(plain, path)


def metricx(folder: Path, *, seed: int = 3) -> None:
    """mT5 with the vocabulary that the regression token needs."""
    import transformers

    unigram_tokenizer(folder, start=False)
    config = transformers.MT5Config(
        vocab_size=250112,
        d_model=16,
        d_kv=8,
        d_ff=32,
        num_layers=2,
        num_decoder_layers=2,
        num_heads=2,
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
        tie_word_embeddings=False,
    )
    model = transformers.MT5ForConditionalGeneration(config)
    state = fill(model.state_dict(), seed, 0.2)
    for name in ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight"):
        if name in state:
            state[name] = state["shared.weight"]
    # Scores in the middle of the range, so that little is clipped.
    model.load_state_dict(state)
    model.save_pretrained(folder)


# -- checkpoints of COMET -------------------------------------------------------------------------------------------------


def comet(
    folder: Path,
    kind: str = "regression_metric",
    *,
    family: str = "xlm-roberta",
    seed: int = 0,
    safe: bool = False,
    encoder_settings: Mapping[str, Any] | None = None,
    **hparams: Any,
) -> Path:
    """A checkpoint of unbabel-comet, with its encoder's configuration and tokenizer beside it."""
    import torch

    base = folder.parent / f"{folder.name}-encoder"
    sizes_of_encoder = {"hidden_size": HIDDEN, "num_hidden_layers": LAYERS, **(encoder_settings or {})}
    width, layers = sizes_of_encoder["hidden_size"], sizes_of_encoder["num_hidden_layers"]
    state = encoder(base, family, seed=seed, **sizes_of_encoder)
    joint = kind in ("unified_metric", "xcomet_metric")
    settings: dict[str, Any] = {
        "class_identifier": kind,
        "encoder_model": "BERT" if family == "bert" else "XLM-RoBERTa",
        "pretrained_model": str(base),
        "sent_layer" if joint else "layer": "mix",
        "layer_transformation": "softmax",
        "layer_norm": False,
        "hidden_sizes": [24, 12],
        "activations": "Tanh",
        "final_activation": None,
        "dropout": 0.1,
        **({"word_layer": 2, "word_level_training": kind == "xcomet_metric"} if joint else {"pool": "avg"}),
        **({"input_segments": ["mt", "src", "ref"]} if kind == "unified_metric" else {}),
        **({"error_labels": ["minor", "major", "critical"]} if kind == "xcomet_metric" else {}),
        **hparams,
    }
    sizes = [width * {"regression_metric": 6, "referenceless_regression_metric": 4}.get(kind, 1)]
    sizes += [*settings["hidden_sizes"], 1]
    tensors = {f"encoder.model.{name}": value for name, value in state.items()}
    shapes: dict[str, tuple[int, ...]] = {}
    for i, (inside, outside) in enumerate(pairwise(sizes)):
        shapes[f"estimator.ff.{3 * i}.weight"] = (outside, inside)
        shapes[f"estimator.ff.{3 * i}.bias"] = (outside,)
    if settings["sent_layer" if joint else "layer"] == "mix":
        shapes |= {f"layerwise_attention.scalar_parameters.{i}": (1,) for i in range(layers + 1)}
        shapes["layerwise_attention.gamma"] = (1,)
    if settings.get("word_level_training"):
        shapes |= {"hidden2tag.weight": (4, width), "hidden2tag.bias": (4,)}
    tensors |= fill({name: torch.empty(shape) for name, shape in shapes.items()}, seed, 0.35)
    folder.mkdir(parents=True)
    (folder / "hparams.yaml").write_text(yaml.safe_dump(settings))
    if safe:
        save(folder / "checkpoints" / "model.safetensors", tensors)
    else:
        (folder / "checkpoints").mkdir()
        own = {
            k: v
            for k, v in settings.items()
            if k
            not in ("class_identifier", *(("word_level_training", "input_segments") if kind == "xcomet_metric" else ()))
        }
        content = {"state_dict": tensors, "hyper_parameters": own, "pytorch-lightning_version": "2.0.0"}
        torch.save(content, folder / "checkpoints" / "model.ckpt")
    return folder
