"""How the process allocates memory."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

_M_ARENA_MAX = -8


def share_one_heap() -> None:
    """Let all threads allocate from one heap, where the C library is glibc (mallopt(3)).

    By default, each thread keeps freed memory in a heap of its own. In a large run, that is a third of the peak.
    ``MALLOC_ARENA_MAX`` of the environment takes precedence.
    """
    if sys.platform != "linux" or "MALLOC_ARENA_MAX" in os.environ:
        return
    import ctypes

    with suppress(AttributeError, OSError):  # other C libraries
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
