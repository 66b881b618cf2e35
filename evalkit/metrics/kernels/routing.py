"""When compiled loops pay: small work never waits for them.

Loading compiled code takes about half a second in a process, compiling it for the first time several. Both paths return the
same numbers, so the choice is one of time alone: work goes the plain way until it has added up, in this process, to what
loading costs. Compiling costs more, but is paid once while its gain comes back with every run, so it begins well before
the work has added up to it.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from evalkit.errors import InputError
from evalkit.metrics.base import Statistics

__all__ = ["Routed", "RowSource", "always_compiled", "compiled_pays", "compiled_where_kept"]

_log = logging.getLogger("evalkit")

_LOAD_SECONDS = 0.5
_COMPILE_SECONDS = 1.5
_NOTICE_AFTER_SECONDS = 2.0

_owed: defaultdict[str, float] = defaultdict(float)
_ready: set[str] = set()
_LOOPS = ("ngram_loops", "lcs_loops", "ter_loops")


class RowSource(Protocol):
    """The references of n segments, prepared: gives a row for each of n hypotheses."""

    def rows(self, hypotheses: Sequence[str]) -> Statistics:
        """float64[n, k]."""
        ...


class Routed:
    """Rows from the plain path or from the compiled one, whichever the work so far calls for.

    :param texts: for each segment its references.
    :param loops: name of the module of compiled loops.
    :param plain: makes the plain source.
    :param fast: makes the compiled source.
    :param seconds: about how long the plain source takes for a character of the hypotheses and one reference.
    """

    def __init__(
        self,
        texts: Sequence[Sequence[str]],
        loops: str,
        plain: Callable[[], RowSource],
        fast: Callable[[], RowSource],
        seconds: float,
    ) -> None:
        self._segments = len(texts)
        self._loops = loops
        self._make_plain = plain
        self._make_fast = fast
        self._seconds = seconds * sum(map(len, texts)) / max(1, len(texts))
        self._plain: RowSource | None = None
        self._fast: RowSource | None = None

    def rows(self, hypotheses: Sequence[str]) -> Statistics:
        """float64[n, k]: row i depends on segment i alone.

        :raises InputError: for another number of hypotheses than segments.
        """
        if len(hypotheses) != self._segments:
            raise InputError(f"{len(hypotheses)} hypotheses but references for {self._segments} segments")
        if compiled_pays(self._loops, self._seconds * sum(map(len, hypotheses))):
            with _notice_if_compiling(self._loops):
                if self._fast is None:
                    self._fast = self._make_fast()
                return self._fast.rows(hypotheses)
        if self._plain is None:
            self._plain = self._make_plain()
        return self._plain.rows(hypotheses)


def compiled_pays(loops: str, seconds: float) -> bool:
    """Whether work that the plain path does in ``seconds`` shall go to the compiled loops.

    :param loops: name of the module of compiled loops.
    """
    if loops in _ready:
        return True
    if importlib.util.find_spec("numba") is None:
        return False
    _owed[loops] += seconds
    return _owed[loops] > (_LOAD_SECONDS if _on_disk(loops) else _COMPILE_SECONDS)


def always_compiled() -> None:
    """From now on use compiled loops for the smallest work too: for a process that has much of it ahead, and to measure."""
    if importlib.util.find_spec("numba") is not None:
        _ready.update(_LOOPS)


def compiled_where_kept(*, load: bool = False) -> None:
    """From now on use those compiled loops that only have to be loaded: for a process that has much work ahead.

    :param load: import them at once.
    """
    if importlib.util.find_spec("numba") is None:
        return
    for loops in _LOOPS:
        if loops not in _ready and _on_disk(loops):
            _ready.add(loops)
            if load:
                importlib.import_module(f"{__package__}.{loops}")


@contextmanager
def _notice_if_compiling(loops: str) -> Iterator[None]:
    if loops in _ready:
        yield
        return
    timer = threading.Timer(
        _NOTICE_AFTER_SECONDS,
        _log.warning,
        ["compiling the fast path of this metric: some seconds, once; later runs load it from disk"],
    )
    timer.daemon = True
    if not _on_disk(loops):
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
    _ready.add(loops)


def _on_disk(loops: str) -> bool:
    """Whether numba has compiled these loops before: its index files, beside the source or in the user's cache."""
    here = Path(__file__).resolve().parent
    pattern = f"{loops}.*.py{sys.version_info.major}{sys.version_info.minor}.nbi"
    if any((here / "__pycache__").glob(pattern)):
        return True
    caches = (Path.home() / ".cache" / "numba", Path.home() / "Library" / "Caches" / "numba")
    return any(True for folder in caches for _ in folder.glob(f"{here.name}_*/{pattern}"))
