"""Processes that are killed at a chosen change to the file system, or many at once."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence

__all__ = ["at_once", "killed_at"]

#: What changes files; an audit hook sees it just before it happens.
_CHANGES = {
    "os.mkdir",
    "os.rename",
    "os.link",
    "os.remove",
    "os.rmdir",
    "os.symlink",
    "os.chmod",
    "os.utime",
    "os.truncate",
}


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do the work in a process of its own, killed at its n-th change to the file system; whether it came so far.

    A write is killed when half of it is on the disk, anything else just before it happens.
    """
    child = os.fork()
    if child == 0:
        left = step
        write = os.write

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            if event in _CHANGES or event == "ctypes.dlsym" or writes:
                count()

        def count(before: Callable[[], object] = lambda: None) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                before()
                os.kill(os.getpid(), signal.SIGKILL)

        def half(handle: int, data: bytes) -> int:
            count(lambda: write(handle, data[: len(data) // 2]))
            return write(handle, data)

        sys.addaudithook(hook)
        os.write = half  # type: ignore[assignment]
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def at_once(works: Sequence[Callable[[], bool]]) -> list[bool]:
    """Do all of these at the same time, each in a process of its own; what each returned."""
    reader, writer = os.pipe()
    children = []
    for work in works:
        child = os.fork()
        if child == 0:
            os.close(writer)
            os.read(reader, 1)  # until all are there
            status = 2
            try:
                status = 0 if work() else 1
            finally:
                os._exit(status)
        children.append(child)
    os.close(reader)
    os.close(writer)
    statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert set(statuses) <= {0, 1}, statuses
    return [status == 0 for status in statuses]
