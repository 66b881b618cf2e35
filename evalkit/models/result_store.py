"""Results of models on disk: append-only files, one per model and settings, so that a killed run continues where it stopped.

Each line is a hash of the rest of the line, a space, and JSON: the key of an item, its values, its spans. A line that does
not match its hash, such as the last one of a killed run, is ignored and computed again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from evalkit.files import append_file, errors_of

_DIGITS = 16


@dataclass(frozen=True)
class Item:
    """One output with its source and reference; texts that the model does not read are empty."""

    source: str
    output: str
    reference: str

    def text(self, segment: str) -> str:
        """The text of a segment: ``mt`` (the output), ``src`` or ``ref``."""
        return {"mt": self.output, "src": self.source, "ref": self.reference}[segment]

    @property
    def key(self) -> str:
        """SHA-256 of the texts."""
        return hashlib.sha256(json.dumps([self.source, self.output, self.reference]).encode()).hexdigest()


@dataclass(frozen=True)
class Judgement:
    """The judgment of a model on one item.

    :param values: one or more numbers, rounded to six decimals.
    :param spans: marked parts of the output: start, end (characters, half-open), label, confidence.
    """

    values: tuple[float, ...]
    spans: tuple[tuple[int, int, str, float], ...] = ()


@dataclass(eq=False)
class ResultStore:
    """The stored results of one model with the same settings; without a path nothing is stored."""

    path: Path | None
    known: dict[str, Judgement] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path | None, metric: str, signature: str) -> ResultStore:
        """The store for a signature, which is everything that the results depend on besides the texts."""
        if folder is None:
            return cls(None)
        name = f"{metric.lower()}-{hashlib.sha256(signature.encode()).hexdigest()[:32]}.jsonl"
        store = cls(folder / name)
        with errors_of("read", folder / name):
            try:
                data = (folder / name).read_bytes()
            except FileNotFoundError:
                return store
        for line in data.split(b"\n"):
            digest, _, text = line.partition(b" ")
            if text and _digest(text) == digest:
                record = msgspec.json.decode(text, type=_Record)
                store.known[record.key] = Judgement(record.values, record.spans)
        return store

    def add(self, items: Iterable[tuple[str, Judgement]]) -> None:
        """Store results, with a single write; see :func:`evalkit.files.append_file` for errors."""
        items = list(items)
        self.known.update(items)
        if self.path is not None and items:
            append_file(self.path, "".join(_line(key, judgement) for key, judgement in items), durable=False)


class _Record(msgspec.Struct, omit_defaults=True):
    key: str
    values: tuple[float, ...]
    spans: tuple[tuple[int, int, str, float], ...] = ()


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:_DIGITS].encode()


def _line(key: str, judgement: Judgement) -> str:
    text = msgspec.json.encode(_Record(key, judgement.values, judgement.spans))
    return f"{_digest(text).decode()} {text.decode()}\n"
