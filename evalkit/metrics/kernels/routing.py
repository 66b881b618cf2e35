"""The choice between plain code and compiled loops, so that small inputs never wait for the compiler.

Loading compiled code takes about half a second per process, and compiling it for the first time takes several. Both
paths return the same numbers, so the choice only affects speed: the plain path is used until its total time in this
process reaches the cost of loading. Compiling takes longer, but only once per machine, so it starts well before the
total time reaches its cost.
"""

import importlib.util
import logging
import sys
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from evalkit.errors import InputError
from evalkit.metrics.base import Metric, References, Statistics
from evalkit.metrics.kernels.segment_rows import SegmentRows
from evalkit.wording import count

_log = logging.getLogger("evalkit")

_LOAD_SECONDS = 0.5
_COMPILE_SECONDS = 1.5

_plain_seconds: defaultdict[str, float] = defaultdict(float)
_ready: set[str] = set()
_LOOPS = ("ngram_loops", "ter_loops")


class Routed:
    """Rows from the plain or the compiled path, depending on the amount of work so far.

    :param make: a factory for the source of rows: ``make(compiled=...)``.
    :param seconds: the approximate time of the plain source per character of hypotheses and references.
    """

    def __init__(
        self, texts: Sequence[Sequence[str]], loops: str, make: Callable[..., SegmentRows], seconds: float
    ) -> None:
        self._segments = len(texts)
        self._loops = loops
        self._make = make
        self._seconds = seconds * sum(map(len, texts)) / max(1, len(texts))
        self._sources: dict[bool, SegmentRows] = {}

    def rows(self, hypotheses: Sequence[str]) -> Statistics:
        """float64[n, k]: row i depends only on segment i.

        :raises InputError: if the number of hypotheses differs from the number of segments.
        """
        if len(hypotheses) != self._segments:
            raise InputError(f"{len(hypotheses)} hypotheses but references for {count(self._segments, 'segment')}")
        compiled = compiled_pays(self._loops, self._seconds * sum(map(len, hypotheses)))
        if compiled not in self._sources:
            self._sources[compiled] = self._make(compiled=compiled)
        return self._sources[compiled].rows(hypotheses)


class RoutedMetric(Metric):
    """Base class of metrics with a plain and a compiled path; :meth:`_source` makes the source of rows of either."""

    needs = frozenset({"references"})
    #: Name of the module of compiled loops.
    loops: ClassVar[str]
    #: Measured time of the plain path per character of hypotheses and references.
    seconds_per_character: ClassVar[float]

    @abstractmethod
    def _source(self, references: References, *, compiled: bool) -> SegmentRows:
        """The prepared references as a source of rows."""

    def prepare(self, references: References) -> Routed:
        """Tokenize and count the references once for all systems, with plain code or (large inputs) compiled loops."""
        return Routed(references.texts, self.loops, partial(self._source, references), self.seconds_per_character)

    def _statistics(self, hypotheses: Sequence[str], prepared: Routed) -> Statistics:
        return prepared.rows(hypotheses)


def compiled_pays(loops: str, seconds: float) -> bool:
    """Whether to use these compiled loops for work that takes ``seconds`` without them."""
    if loops in _ready:
        return True
    if importlib.util.find_spec("numba") is None:
        return False
    on_disk = _on_disk(loops)
    _plain_seconds[loops] += seconds
    if _plain_seconds[loops] <= (_LOAD_SECONDS if on_disk else _COMPILE_SECONDS):
        return False
    if not on_disk:
        _log.warning("compiling this metric: this takes some seconds, once; later runs load it from disk")
    _ready.add(loops)
    return True


def compiled_where_kept(*, load: bool = False) -> None:
    """Use compiled loops that are cached on disk from now on; ``load`` imports them at once, if there is much work ahead."""
    if importlib.util.find_spec("numba") is None:
        return
    for loops in _LOOPS:
        if loops not in _ready and _on_disk(loops):
            _ready.add(loops)
            if load:
                importlib.import_module(f"{__package__}.{loops}")


def _on_disk(loops: str) -> bool:
    """Whether numba has compiled these loops before, by its index files next to the source or in the cache."""
    here = Path(__file__).resolve().parent
    pattern = f"{loops}.*.py{sys.version_info.major}{sys.version_info.minor}.nbi"
    if any((here / "__pycache__").glob(pattern)):
        return True
    caches = (Path.home() / ".cache" / "numba", Path.home() / "Library" / "Caches" / "numba")
    return any(True for folder in caches for _ in folder.glob(f"{here.name}_*/{pattern}"))
