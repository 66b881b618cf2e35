"""Reading files: regular files and pipes within a limit; devices, sockets and folders are refused."""

import contextlib
import mmap
import os
import select
import stat
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO

from evalkit.errors import InputError
from evalkit.files import errors_of, tell

#: Seconds without data after which a message says that a pipe is being waited for.
PATIENCE = 2.0


@contextlib.contextmanager
def open_input(path: str | Path, *, dash: bool = True) -> Iterator[BinaryIO]:
    """Open a regular file, a pipe or standard input (``-``) for reading.

    If a pipe provides no data within two seconds, a message says what evalkit is waiting for.

    :param dash: whether ``-`` is standard input, or a file of that name.
    """
    dash = dash and str(path) == "-"
    name = "standard input" if dash else str(path)
    with errors_of("read", name), os.fdopen(os.dup(0) if dash else _open(Path(path)), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode) and sys.platform != "win32":
            _wait_for_data(file.fileno(), name)
        yield file


def _open(path: Path) -> int:
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
        kind = "directory" if stat.S_ISDIR(mode) else "socket" if stat.S_ISSOCK(mode) else "device"
        raise InputError(f"{path}: this is a {kind}; name a file")
    # Without O_NONBLOCK, opening a pipe would wait for its writer.
    return os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))


def _wait_for_data(handle: int, name: str) -> None:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    if not poll.poll(PATIENCE * 1000):
        tell(f"{name}: waiting for data")
        poll.poll()
    os.set_blocking(handle, True)


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Convert a JSON object to a mapping, as the ``object_pairs_hook`` of a parser.

    :raises KeyError: for a key that occurs twice.
    """
    record = dict(pairs)
    if len(record) != len(pairs):
        raise KeyError(next(key[:100] for key, times in Counter(key for key, _ in pairs).items() if times > 1))
    return record


def arrow_source(file: IO[bytes]) -> Any:
    """An open file as pyarrow should read it: mapped into memory, on the calling thread.

    pyarrow reads any other file on threads of its own, even with ``use_threads=False``, and a thread that is still starting
    when the process ends aborts it.
    """
    import pyarrow

    try:
        content: Any = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # an empty file, or one that is no file of the system
        content = file.read()
    return pyarrow.BufferReader(pyarrow.py_buffer(content))


def read_file(path: str | Path, *, limit: int) -> bytes:
    """The bytes of a regular file or a pipe; at most ``limit`` are allowed."""
    with open_input(path, dash=False) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise InputError(f"{path}: larger than {limit:,} bytes, the most that is read of such a file")
    return content
