"""Interrupted and killed parallel runs: no incomplete file, no worker left behind, and the next run continues."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import evalkit
from evalkit.engine.executors import interrupts_held

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")

LINES = 20_000
CHUNKS = -(-LINES // 2048)


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    words = (
        "the harvest of 2022 brought 38 tonnes of chestnuts and 2.3 million yuan to the village by the river".split()
    )
    for name, step in (("ref.en", 3), ("mine.en", 5)):
        lines = (" ".join([str(i), *words[i * step % 7 :], *words[: i % 11]]) for i in range(LINES))
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "docids").write_text("".join(f"article{i // 512}\n" for i in range(LINES)), encoding="utf-8")
    return folder


@contextmanager
def running(texts: Path, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A run with two workers in a session of its own."""
    command = [sys.executable, "-m", "evalkit", "run", "--jobs", "2", "--lang", "zh-en", "--out", str(folder / "run")]
    command += ["--reference", str(texts / "ref.en"), str(texts / "mine.en")]
    # A metric that takes its time and compiles nothing; articles keep the intervals quick.
    command += ["--docids", str(texts / "docids"), "-m", "Health"]
    environment = {**os.environ, "EVALKIT_CACHE": str(folder / "cache")}
    if "EVALKIT_TEST_WHEEL" not in environment:
        environment["PYTHONPATH"] = str(Path(evalkit.__file__).parents[1])
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def at_work(process: subprocess.Popen[str], folder: Path) -> int:
    """Wait until some shards are done; how many."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        if done := len(list((folder / "cache").glob("??/*.rows"))):
            return done
        time.sleep(0.02)
    raise AssertionError("no shard was finished in two minutes")


def alive(session: int) -> list[int]:
    """The processes of a session that have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(of) == session and state not in "ZX":
            found.append(int(path.parent.name))
    return found


def none_left(session: int) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not alive(session):
            return True
        time.sleep(0.1)
    return False


def test_ctrl_c_ends_a_parallel_run_and_the_next_goes_on(texts: Path, tmp_path: Path) -> None:
    with running(texts, tmp_path) as process:
        at_work(process, tmp_path)
        assert len(alive(process.pid)) >= 3
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to this process and its workers
        out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert err.strip() == "evalkit: interrupted; nothing was written"
    assert out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
    assert not list((tmp_path / "cache").rglob("*.tmp"))
    assert none_left(process.pid)
    entries = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*.rows")}
    assert 0 < len(entries) < CHUNKS
    inodes = {path: path.stat().st_ino for path in entries}
    with running(texts, tmp_path) as process:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
    # What had been scored was read, not written again.
    assert {path: path.stat().st_ino for path in entries} == inodes
    assert len(list((tmp_path / "cache").rglob("*.rows"))) == CHUNKS
    assert json.loads((tmp_path / "run" / "run.json").read_text())["tasks"][0]["segments"] == LINES


def test_workers_end_with_a_killed_run(texts: Path, tmp_path: Path) -> None:
    with running(texts, tmp_path) as process:
        at_work(process, tmp_path)
        assert len(alive(process.pid)) >= 3
        process.kill()
        process.communicate(timeout=120)
        assert none_left(process.pid)


def test_an_interrupt_while_workers_are_started_comes_after_it() -> None:
    done = []
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt), interrupts_held():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
            done.append("the rest")
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with interrupts_held():
        done.append("nothing pressed")
    assert done == ["the rest", "the rest", "nothing pressed"]
