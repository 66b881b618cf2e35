"""A transformer that reads token ids, and its tokenizer: what COMET and BERTScore have in common."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evalkit.errors import InputError
from evalkit.models.model_folder import ModelFolder, model_errors, read_config, single_tokenizer

_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(eq=False)
class Tokens:
    """Token ids of texts, each text tokenized once.

    :param start: the ids before a text, such as [CLS]; ``end`` those after it.
    :param pad: the id that fills up a batch.
    :param size: the size of the model's vocabulary.
    """

    tokenizer: Any
    start: tuple[int, ...]
    end: tuple[int, ...]
    pad: int
    size: int
    _known: dict[Any, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, config: Any) -> Tokens:
        """The tokenizer of a folder, with the padding token and the size of the vocabulary that the configuration names."""
        tokenizer = single_tokenizer(folder)
        special = tokenizer.encode("").ids
        if len(special) != 2:
            raise InputError(
                f"{folder}: the tokenizer has no tokens that start and end a text ([CLS] and [SEP], or <s> and </s>)"
            )
        if config.pad_token_id is None:
            raise InputError(f"{folder}: the configuration names no padding token (pad_token_id)")
        return cls(tokenizer, (special[0],), (special[1],), int(config.pad_token_id), int(config.vocab_size))

    def prepare(self, texts: Sequence[Any]) -> None:
        """Tokenize many texts, or pairs of texts, at once."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        encodings = self.tokenizer.encode_batch(list(map(_encodable, new))) if new else []
        highest = max((max(encoding.ids, default=0) for encoding in encodings), default=0)
        if highest >= self.size:
            raise InputError(
                f"the tokenizer is not that of the model: its highest token id is {highest:,}, but the model has "
                f"{self.size:,} tokens"
            )
        self._known.update(zip(new, encodings, strict=True))

    def encoding(self, text: Any) -> Any:
        """The ``tokenizers.Encoding`` of a text or of a pair of texts."""
        if text not in self._known:
            self.prepare([text])
        return self._known[text]

    def ids(self, text: Any) -> list[int]:
        """The ids of a text or of a pair, with those that start and end it."""
        ids: list[int] = self.encoding(text).ids
        return ids

    def content(self, text: str, limit: int | None = None) -> list[int]:
        """The ids of a text alone, cut so that with its start and end it has at most ``limit``."""
        inside = self.ids(text)[len(self.start) : -len(self.end)]
        return inside if limit is None else inside[: limit - 2]

    def cut(self, text: str, limit: int) -> list[int]:
        """At most ``limit`` ids, those that start and end the text included."""
        return [*self.start, *self.content(text, limit), *self.end]

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """The characters of each token, those that start and end the text left out."""
        spans: list[tuple[int, int]] = self.encoding(text).offsets[len(self.start) : -len(self.end)]
        return spans

    def forget(self) -> None:
        """Drop the ids that are kept."""
        self._known.clear()


def _encodable(text: Any) -> Any:
    """A text or a pair with U+FFFD for each half of a surrogate pair, which tokenizers refuse; it is no longer or shorter."""
    return _SURROGATES.sub("\ufffd", text) if isinstance(text, str) else tuple(map(_encodable, text))


def pad(rows: Sequence[Sequence[int]], value: int, device: Any) -> tuple[Any, Any]:
    """Rows of ids as one tensor int64[rows, longest], and which of its ids are real."""
    import torch

    longest = max(map(len, rows))
    ids = torch.tensor([[*row, *[value] * (longest - len(row))] for row in rows], dtype=torch.int64)
    lengths = torch.tensor([len(row) for row in rows]).unsqueeze(1)
    return ids.to(device), (torch.arange(longest) < lengths).long().to(device)


def configuration(folder: ModelFolder, problem: str) -> Any:
    """The configuration of a model in the layout of transformers; ``problem`` is the message for a folder without one."""
    import transformers

    if not (folder.path / "config.json").is_file():
        raise InputError(f"{problem} has no config.json")
    return transformers.AutoConfig.from_pretrained(str(folder.path), local_files_only=True, trust_remote_code=False)


def pretrained(folder: ModelFolder, auto: str, what: str, device: Any, dtype: str, **changes: Any) -> tuple[Any, Any]:
    """A model that an auto class of transformers loads, and its configuration, with changes made before it is built."""
    import torch
    import transformers

    with model_errors(folder.name, what):
        config = configuration(folder, f"{folder.name}: not {what}: it")
        for key, value in changes.items():
            setattr(config, key, value)
        model, report = getattr(transformers, auto).from_pretrained(
            str(folder.path),
            config=config,
            local_files_only=True,
            trust_remote_code=False,
            weights_only=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
        missing = [key for key in report["missing_keys"] if not key.startswith("pooler.")]
        if missing:
            raise InputError(f"{folder.name}: not {what}: the weights lack {missing[0]} and {len(missing) - 1} more")
        return model.to(device=device, dtype=getattr(torch, dtype)).eval(), config


def position_limit(folder: ModelFolder, config: Any) -> int:
    """Most tokens that a model reads: its positions, or fewer where its tokenizer says so."""
    limit = getattr(config, "max_position_embeddings", None)
    if not isinstance(limit, int) or limit <= 0:
        raise InputError(
            f"{folder.name}: the configuration does not state how long a text may be (max_position_embeddings)"
        )
    if "roberta" in config.model_type or config.model_type == "camembert":
        limit -= int(config.pad_token_id) + 1  # their positions are counted from there
    file = folder.path / "tokenizer_config.json"
    if file.is_file():
        stated = read_config(file, what="a tokenizer").get("model_max_length")
        if isinstance(stated, int) and 0 < stated < limit:
            limit = stated
    return limit
