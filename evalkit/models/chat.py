"""What is asked of a chat model and what comes back: plain values, without a network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

__all__ = [
    "ChatRequest",
    "Completion",
    "Estimate",
    "Judgement",
    "Question",
    "ReplyError",
    "Usage",
    "estimated_tokens",
    "well_formed",
]


class ReplyError(ValueError):
    """A reply that is not what was asked for; the message is shown to the model when it is asked to repair it."""


@dataclass(frozen=True)
class Usage:
    """Tokens of a call, or of several added up."""

    input: int = 0
    output: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.input + other.input, self.output + other.output)


@dataclass(frozen=True, eq=False)
class ChatRequest:
    """One question to a chat model.

    :param messages: pairs of role and text.
    :param schema: JSON schema of the reply; sent as ``response_format`` where the server takes one.
    :param sample: which repetition of the same question this is; part of the key, so that each is asked once.
    """

    model: str
    messages: tuple[tuple[str, str], ...]
    schema: Mapping[str, Any] = field(default_factory=dict)
    temperature: float = 0.0
    max_tokens: int = 4096
    sample: int = 0

    @cached_property
    def key(self) -> str:
        """32 hex digits of everything the reply may depend on, but for the server."""
        parts = [self.model, self.messages, self.schema, self.temperature, self.max_tokens, self.sample]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]

    def repair(self, reply: str, error: str) -> ChatRequest:
        """The same question once more, with the reply that was wrong and what is wrong with it."""
        asked = (
            f"That reply cannot be used: {error}\n"
            "Answer the same question again, with one JSON object of the form that was asked for and nothing else."
        )
        return replace(self, messages=(*self.messages, ("assistant", reply), ("user", asked)))

    def tokens(self) -> int:
        """Estimated tokens of the messages."""
        return sum(estimated_tokens(text) + 4 for _, text in self.messages)


@dataclass(frozen=True)
class Completion:
    """What a server answered: the text, or why there is none.

    :param text: the reply; None where the call failed.
    :param failure: why it failed, in a few words; None where it did not.
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

    :param value: what the check made of the reply.
    :param reason: why there is no value; None where there is one.
    :param repaired: whether the first reply was not usable.
    :param usage: tokens of all replies that led here, whenever they were paid for.
    """

    value: Any
    reason: str | None = None
    repaired: bool = False
    model: str | None = None
    fingerprint: str | None = None
    usage: Usage = Usage()


#: a request, and what makes a value of the reply or raises :class:`ReplyError`.
Question = tuple[ChatRequest, Callable[[str], Any]]


@dataclass(frozen=True)
class Estimate:
    """What asking would take: calls, those that the store saves, and tokens of the calls."""

    calls: int
    stored: int
    usage: Usage
    cost: float | None


def estimated_tokens(text: str) -> int:
    """A rough count of tokens: one for each character beyond Latin-1, one for four others."""
    plain = sum(character < "\u0100" for character in text)
    return len(text) - plain + -(-plain // 4)


def well_formed(text: str) -> str:
    """The text with unpaired surrogates, which JSON may escape but no file can hold, replaced by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
