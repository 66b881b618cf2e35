"""The command line: one module per command. Only this package prints, reads environment variables or exits."""

import gc
import os
import sys

INTERRUPTED = 130


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
