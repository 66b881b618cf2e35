"""Feeds texts into a hash with an unambiguous encoding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np


class Digest(Protocol):
    """The interface of ``hashlib`` objects."""

    def update(self, data: bytes, /) -> None:
        """Update the hash with bytes."""


def feed(digest: Digest, texts: Sequence[str | None]) -> None:
    """Add a column of texts: their number, the length of each (None is -1), and the concatenated texts."""
    lengths = [-1 if text is None else len(text) for text in texts]
    digest.update(np.array([len(texts), *lengths], "<i8").tobytes())
    digest.update("".join([text for text in texts if text]).encode("utf-8", "surrogatepass"))


def feed_lists(digest: Digest, lists: Sequence[Sequence[str]]) -> None:
    """Add a column of lists of texts."""
    digest.update(np.array([len(lists), *map(len, lists)], "<i8").tobytes())
    feed(digest, [text for texts in lists for text in texts])
