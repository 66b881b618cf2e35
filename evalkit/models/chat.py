"""Requests to a chat model and its replies, as plain values without any network access."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any


class ReplyError(ValueError):
    """A reply that cannot be used; the message tells the model what to correct."""


@dataclass(frozen=True)
class Usage:
    """The number of tokens of one call or of several."""

    input: int = 0
    output: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.input + other.input, self.output + other.output)


@dataclass(frozen=True, eq=False)
class ChatRequest:
    """One question to a chat model.

    :param messages: pairs of role and text.
    :param schema: JSON schema of the reply; sent as ``response_format`` if the server accepts it.
    :param sample: the index of this repetition of the question; part of the key, so that each repetition is asked once.
    """

    model: str
    messages: tuple[tuple[str, str], ...]
    schema: Mapping[str, Any] = field(default_factory=dict)
    temperature: float = 0.0
    max_tokens: int = 4096
    sample: int = 0

    @cached_property
    def key(self) -> str:
        """A hash (32 hex digits) of everything that the reply can depend on, except the server."""
        parts = [self.model, self.messages, self.schema, self.temperature, self.max_tokens, self.sample]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]

    def repair(self, reply: str, error: str) -> ChatRequest:
        """Return a request that repeats the question, with the wrong reply and what is wrong with it."""
        asked = (
            f"That reply cannot be used: {error}\n"
            "Answer the same question again, with one JSON object of the form that was asked for and nothing else."
        )
        return replace(self, messages=(*self.messages, ("assistant", reply), ("user", asked)))

    def tokens(self) -> int:
        """The estimated number of tokens of the messages."""
        return sum(estimated_tokens(text) + 4 for _, text in self.messages)


@dataclass(frozen=True)
class Completion:
    """The answer of a server: a text, or the reason why there is none.

    :param text: the reply; None if the call failed.
    :param failure: why the call failed, in a few words; None if it succeeded.
    :param model: the model that the server says it used; ``fingerprint`` its ``system_fingerprint``.
    """

    text: str | None
    failure: str | None = None
    model: str | None = None
    fingerprint: str | None = None
    usage: Usage = Usage()
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Judgement:
    """The outcome of one question: a checked value, or the reason why there is none.

    :param value: the value that the check made from the reply.
    :param reason: why there is no value; None if there is one.
    :param repaired: whether the first reply could not be used.
    :param usage: the tokens of all replies to the question, including those of earlier runs.
    """

    value: Any
    reason: str | None = None
    repaired: bool = False
    model: str | None = None
    fingerprint: str | None = None
    usage: Usage = Usage()


#: A request, and what makes a value of the reply or raises :class:`ReplyError`.
Question = tuple[ChatRequest, Callable[[str], Any]]


@dataclass(frozen=True)
class Estimate:
    """The estimated effort: calls, judgements already in the store, and the tokens and cost of the calls."""

    calls: int
    stored: int
    usage: Usage
    cost: float | None


def estimated_tokens(text: str) -> int:
    """Estimate the number of tokens: one per character beyond Latin-1, one per four other characters."""
    plain = sum(character < "\u0100" for character in text)
    return len(text) - plain + -(-plain // 4)


def well_formed(text: str) -> str:
    """Replace unpaired surrogates, which JSON can escape but UTF-8 cannot encode, by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
