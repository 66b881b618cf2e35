"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parent.parent
# The tools that build the dataset are part of the checkout. The path goes last: the installed evalkit is the one tested.
sys.path.append(str(REPOSITORY))

settings.register_profile(
    "evalkit", deadline=None, derandomize=True, print_blob=False, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("evalkit")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout: what is not part of the installed package is read from here."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Public system outputs for development, which the project does not contain."""
    folder = Path(os.environ.get("EVALKIT_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no public data at {folder}; set EVALKIT_SHARED_DATA to run this test")
    return folder


@pytest.fixture(scope="session")
def new_process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line in a new process, as a user runs it."""

    def call(*arguments: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONWARNINGS": "error::DeprecationWarning:evalkit", "COLUMNS": "100"}
        environment.setdefault("EVALKIT_CACHE", str(cwd.parent / "cache"))
        environment.update(env)
        if "EVALKIT_TEST_WHEEL" not in os.environ:
            environment["PYTHONPATH"] = str(REPOSITORY)
        return subprocess.run(
            [sys.executable, "-m", "evalkit", *map(str, arguments)],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=float(os.environ.get("EVALKIT_TEST_TIMEOUT", "300")),
            check=False,
        )

    return call


@pytest.fixture(scope="session")
def cli(
    new_process: Callable[..., subprocess.CompletedProcess[str]],
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line in a process that is forked where this is possible, which saves the second that imports take."""
    if not hasattr(os, "fork"):
        return new_process
    from forked import forked

    def call(*arguments: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
        return forked(arguments, cwd, env=env)

    return call
