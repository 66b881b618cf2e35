"""Texts into a hash: the same bytes for the same texts, and for no others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

__all__ = ["Digest", "feed", "feed_lists"]


class Digest(Protocol):
    """What ``hashlib`` gives."""

    def update(self, data: bytes, /) -> None:
        """Take bytes in."""


def feed(digest: Digest, texts: Sequence[str | None]) -> None:
    """Take a column of texts in: how many, how long each is (None is -1), and the texts end to end."""
    lengths = [-1 if text is None else len(text) for text in texts]
    digest.update(np.array([len(texts), *lengths], "<i8").tobytes())
    digest.update("".join([text for text in texts if text]).encode("utf-8", "surrogatepass"))


def feed_lists(digest: Digest, lists: Sequence[Sequence[str]]) -> None:
    """Take a column of lists of texts in."""
    digest.update(np.array([len(lists), *map(len, lists)], "<i8").tobytes())
    feed(digest, [text for texts in lists for text in texts])
