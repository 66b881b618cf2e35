"""Standard output and standard error, which all printing goes through."""

import contextlib
import logging
import os
import re
import sys
from collections.abc import Iterator
from typing import Any, TextIO

from evalkit.printable import printable

#: Escape sequences for colors and weights, which only terminals receive.
_STYLE = re.compile(r"(\x1b\[[0-9;]*m)")


class SafeStream:
    """A text stream that escapes control sequences; see :func:`~evalkit.printable.printable`."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._line_began = False

    def write(self, text: str) -> int:
        """Write a text; colors are kept if the stream is a terminal."""
        parts = _STYLE.split(text) if self._stream.isatty() else [text]
        self._stream.write("".join(part if i % 2 else self._clean(part) for i, part in enumerate(parts)))
        return len(text)

    def _clean(self, text: str) -> str:
        # Only text at the start of a line can be interpreted as a command.
        before = "x" if self._line_began else ""
        clean = printable(before + text)[len(before) :]
        if text:
            self._line_began = not text.endswith("\n")
        return clean

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Handler(logging.Handler):
    """Prints each message once, because a file may be read both for the benchmark and for the outputs."""

    def __init__(self) -> None:
        super().__init__()
        self._printed: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message not in self._printed:
            self._printed.add(message)
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.write(f"evalkit: {message}\n")


@contextlib.contextmanager
def safe_streams() -> Iterator[None]:
    """Print through :class:`SafeStream`, whatever the encoding of the streams, and print evalkit's log messages."""
    before = sys.stdout, sys.stderr
    handler, logger = _Handler(), logging.getLogger("evalkit")
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None:  # the parent process closed the stream
            with contextlib.suppress(AttributeError, OSError, ValueError):
                stream.reconfigure(errors="backslashreplace")
            setattr(sys, name, SafeStream(stream))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        logger.removeHandler(handler)


def flush() -> None:
    """Flush both streams, so that write errors are raised here and not when the interpreter exits."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def abandon() -> None:
    """Discard what is still buffered in the streams, so that the interpreter does not fail again when it exits."""
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, descriptor)
            os.close(null)
