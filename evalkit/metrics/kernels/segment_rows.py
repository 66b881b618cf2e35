"""What the sources of rows of all metrics share: references in groups, and hypotheses scored in chunks."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import InputError
from evalkit.metrics.base import Statistics
from evalkit.metrics.kernels.tokens import offsets

Ints = NDArray[np.int64]
_CHUNK_CHARACTERS = 1 << 21


class SegmentRows(ABC):
    """The references of n segments, tokenized and numbered once for all systems.

    ``flat`` holds the references of all segments; those of segment i are from ``groups[i]`` to ``groups[i + 1]``.

    :param texts: the references of each segment.
    :raises InputError: for a segment without a reference.
    """

    #: The number of statistics of a segment.
    width: int

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        missing = next((i for i, references in enumerate(texts) if not references), None)
        if missing is not None:
            raise InputError(f"segment {missing} has no reference; every segment needs at least one")
        self.flat = list(chain.from_iterable(texts))
        self.groups = offsets(texts)

    def rows(self, hypotheses: Sequence[str]) -> Statistics:
        """float64[n, width]: one row per segment."""
        out = np.empty((len(hypotheses), self.width))
        for low, high in _chunks(hypotheses):
            groups = self.groups[low : high + 1]
            owners = np.repeat(np.arange(high - low), np.diff(groups))
            out[low:high] = self._rows(hypotheses[low:high], groups, owners)
        return out

    @abstractmethod
    def _rows(self, hypotheses: Sequence[str], groups: Ints, owners: Ints) -> Statistics:
        """Rows of some segments.

        :param groups: int64[m + 1]: the start and end of the references of each segment.
        :param owners: the hypothesis of each of these references.
        """


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Half-open ranges of segments of a few million characters, to bound memory use on any input."""
    low = 0
    size = 0
    for i, text in enumerate(texts):
        if size and size + len(text) > _CHUNK_CHARACTERS:
            yield low, i
            low, size = i, 0
        size += len(text)
    if low < len(texts):
        yield low, len(texts)


def best_of_groups(f_score: Callable[[Statistics], NDArray[np.float64]], pairs: Statistics, groups: Ints) -> Statistics:
    """The first row with the highest score in each group.

    :param pairs: the rows of all references of the groups.
    """
    if len(pairs) == len(groups) - 1:
        return pairs
    scores, starts = f_score(pairs), groups[:-1] - groups[0]
    top = np.repeat(np.maximum.reduceat(scores, starts), np.diff(groups))
    return pairs[np.minimum.reduceat(np.where(scores == top, np.arange(len(pairs)), len(pairs)), starts)]
