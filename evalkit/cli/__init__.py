"""The command line: one module per command. Only this package prints, reads environment variables or exits."""

import gc
import os
import sys
from contextlib import suppress

INTERRUPTED = 130
_M_ARENA_MAX = -8


def main() -> None:
    """Entry point of the command ``evalkit``."""
    # A command keeps nearly all objects it creates, so frequent garbage collection would only cost time.
    gc.set_threshold(100_000, 50)
    try:
        from evalkit.cli import app

        app.main()
    except KeyboardInterrupt:  # during import, or at the very end of the program
        sys.stderr.write("evalkit: interrupted; nothing was written\n")
        _end()
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            _end()
        raise


def _end() -> None:
    """End the process with the status of an interrupt.

    After an interrupt in code compiled from a string, as numba's is, Python would otherwise end itself with the signal.
    """
    sys.stderr.flush()
    os._exit(INTERRUPTED)


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
