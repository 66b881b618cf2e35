"""The command line in a process that is forked: alone as in one of its own, without the second that imports take."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import IO

import evalkit
from evalkit.cli import app

__all__ = ["forked"]

#: Seconds after which a command is killed.
LONGEST = 300


def forked(
    arguments: Sequence[object], cwd: Path, *, env: Mapping[str, str] | None = None, stdout: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``evalkit`` with these arguments.

    :param env: variables that are read while a command runs, and ``PYTHONIOENCODING``.
    :param stdout: a descriptor to write to instead; the result's ``stdout`` is empty then.
    """
    _load()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # newer Pythons warn of forks beside threads
            child = os.fork()
        if child == 0:
            status = 1
            try:
                _become(out.fileno() if stdout is None else stdout, err.fileno(), cwd, env or {})
                sys.argv = ["evalkit", *map(str, arguments)]
                app.main()
            except SystemExit as end:
                status = int(end.code or 0)
            except BaseException:
                traceback.print_exc(file=sys.stderr)
                sys.stderr.flush()
            finally:
                os._exit(status)
        status = _wait(child)
        return subprocess.CompletedProcess(list(map(str, arguments)), status, _text(out), _text(err))


@lru_cache
def _load() -> None:
    """Import what commands import when they run, so that each fork need not."""
    for module in walk_packages(evalkit.__path__, "evalkit."):
        if module.name.split(".")[1] not in ("models", "integrations", "pytest_plugin", "__main__"):
            import_module(module.name)


def _become(out: int, err: int, cwd: Path, env: Mapping[str, str]) -> None:
    """Make this process look as if it had just started."""
    from evalkit import files

    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    encoding = env.get("PYTHONIOENCODING", "utf-8")
    sys.stdin = open(0, encoding=encoding, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding=encoding, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding=encoding, errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.chdir(cwd)
    os.environ["EVALKIT_CACHE"] = str(cwd.parent / "cache")
    os.environ["COLUMNS"] = "100"
    os.environ.update(env)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
    warnings.filterwarnings("error", category=DeprecationWarning, module="evalkit")
    files.finished.clear()


def _wait(child: int) -> int:
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        process, status = os.waitpid(child, os.WNOHANG)
        if process:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise subprocess.TimeoutExpired("evalkit", LONGEST)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "surrogateescape")
