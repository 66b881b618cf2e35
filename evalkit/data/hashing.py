"""Feeds texts into a hash with an unambiguous encoding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def feed(digest: Any, texts: Sequence[str | None]) -> None:
    """Add a column of texts to a hash: their number, the length of each (None is -1), and the concatenated texts."""
    lengths = [-1 if text is None else len(text) for text in texts]
    digest.update(np.array([len(texts), *lengths], "<i8").tobytes())
    digest.update("".join([text for text in texts if text]).encode("utf-8", "surrogatepass"))


def feed_lists(digest: Any, lists: Sequence[Sequence[str]]) -> None:
    """Add a column of lists of texts."""
    digest.update(np.array([len(lists), *map(len, lists)], "<i8").tobytes())
    feed(digest, [text for texts in lists for text in texts])
