"""A small run that shares its work with a copy of its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

import evalkit
from evalkit.engine import forking
from evalkit.engine.forking import score_with_copy, worth_a_copy
from evalkit.engine.shards import Shard, ShardResult

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="a process is copied on Linux only")

ME = os.getpid()


@pytest.fixture(autouse=True)
def copies(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The copies that a test made, all of which have ended when it ends."""
    made: list[int] = []
    fork = os.fork

    def noted() -> int:
        copy = fork()
        made.append(copy)
        return copy

    monkeypatch.setattr(os, "fork", noted)
    yield made
    for copy in made:
        with pytest.raises(ChildProcessError):
            os.waitpid(copy, os.WNOHANG)


def scored(monkeypatch: pytest.MonkeyPatch, score: Callable[[int], object], shards: int = 6) -> dict[int, str]:
    """By shard, what was scored, where ``score`` may do anything to the process it runs in."""

    def fake(shard: Shard) -> ShardResult:
        score(int(shard.where))
        return ShardResult({}, f"{shard.where} in the {'original' if os.getpid() == ME else 'copy'}")

    monkeypatch.setattr(forking, "score_shard", fake)
    results: dict[int, str] = {}
    score_with_copy(
        [Shard(None, {}, {}, (), False, str(i)) for i in range(shards)],  # type: ignore[arg-type]
        lambda i, result: results.__setitem__(i, str(result.error)),
    )
    assert sorted(results) == list(range(shards))
    assert all(text.startswith(f"{i} ") for i, text in results.items())
    return results


def test_the_copy_takes_shards_from_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    results = scored(monkeypatch, lambda i: time.sleep(0.05))
    assert results[0] == "0 in the original"
    assert results[5] == "5 in the copy"


def test_one_slow_shard_leaves_the_others_to_the_original(monkeypatch: pytest.MonkeyPatch) -> None:
    results = scored(monkeypatch, lambda i: time.sleep(0.5 if i == 5 else 0.01))
    assert [i for i, text in results.items() if text.endswith("copy")] == [5]


def test_shards_of_a_copy_that_dies_are_scored_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def score(i: int) -> None:
        time.sleep(0.02)
        if os.getpid() != ME:
            os.kill(os.getpid(), signal.SIGKILL)

    assert all(text.endswith("original") for text in scored(monkeypatch, score).values())


def test_shards_of_a_copy_that_hangs_are_scored_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forking, "_PATIENCE", 0.2)
    results = scored(monkeypatch, lambda i: time.sleep(0.01 if os.getpid() == ME else 60))
    assert all(text.endswith("original") for text in results.values())


def test_without_another_process_all_is_scored_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refused)
    assert all(text.endswith("original") for text in scored(monkeypatch, lambda i: None).values())


def test_an_interrupt_ends_the_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    def score(i: int) -> None:
        if os.getpid() == ME:
            raise KeyboardInterrupt
        time.sleep(60)

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        scored(monkeypatch, score)
    assert time.monotonic() - start < 30


ORPHAN = """
import os, signal, time
from evalkit.engine import forking
from evalkit.engine.shards import Shard, ShardResult
me, fork = os.getpid(), os.fork
def told():
    copy = fork()
    if copy:
        print(copy, flush=True)
    return copy
def score(shard):
    if os.getpid() == me:
        os.kill(me, signal.SIGKILL)
    while os.getppid() == me:  # the copy may be the first to score
        time.sleep(0.01)
    return ShardResult({}, "x" * 100_000)
os.fork, forking.score_shard = told, score
forking.score_with_copy([Shard(None, {}, {}, (), False, "")] * 6, print)
"""


def test_a_copy_ends_when_its_original_was_killed() -> None:
    killed = subprocess.run([sys.executable, "-c", ORPHAN], capture_output=True, text=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    state = Path("/proc", killed.stdout.strip(), "stat")
    end = time.monotonic() + 20
    while state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < end, "the copy is still running"
        time.sleep(0.05)


def test_a_process_with_threads_is_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forking, "available_cores", lambda: 2)
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    assert worth_a_copy(forking.WORTHWHILE)
    assert not worth_a_copy(forking.WORTHWHILE - 1)
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert not worth_a_copy(forking.WORTHWHILE)
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(forking, "available_cores", lambda: 1)
    assert not worth_a_copy(forking.WORTHWHILE)


def test_a_run_with_a_copy_has_the_results_of_one_process(monkeypatch: pytest.MonkeyPatch, copies: list[int]) -> None:
    bench = evalkit.load_benchmark("zh-news", task="translate-en")
    systems = {
        "a": [refs[0] for refs in bench.tasks[0].references],
        "b": [refs[-1] for refs in bench.tasks[0].references],
    }
    alone = evalkit.run(bench, systems)
    monkeypatch.setattr("evalkit.engine.evaluate.worth_a_copy", lambda work: True)
    shared = evalkit.run(bench, systems, jobs=None)
    assert len(copies) == 1
    assert list(shared.iter_json()) == list(alone.iter_json())
    for one, two in zip(shared.tasks, alone.tasks, strict=True):
        assert {k: {s: list(f) for s, f in v.items()} for k, v in one.findings.items()} == {
            k: {s: list(f) for s, f in v.items()} for k, v in two.findings.items()
        }


def test_metrics_that_extract_the_same_stay_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = evalkit.load_benchmark("zh-news", task="translate-en")
    systems = {name: [refs[0] for refs in bench.tasks[0].references] for name in ("a", "b")}
    shared: list[set[str]] = []

    def noted(shards: Sequence[Shard], finish: Callable[[int, ShardResult], None]) -> None:
        shared.extend({shard.metrics[key].name for key, _ in shard.wanted} for shard in shards)
        score_with_copy(shards, finish)

    monkeypatch.setattr("evalkit.engine.evaluate.worth_a_copy", lambda work: True)
    monkeypatch.setattr("evalkit.engine.dispatch.score_with_copy", noted)
    evalkit.run(bench, systems, metrics=["Quantities", "BLEU", "KeyFacts", "chrF"], jobs=None)
    assert shared == [{"BLEU"}, {"chrF"}, {"Quantities", "KeyFacts"}]
