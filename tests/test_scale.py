"""Shards on any executor, the cache, and workers that die."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier, Thread
from typing import Any, ClassVar
from unittest.mock import patch

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from scale_metrics import Deadly, Fragile, HalfSent, Mean, Slow

import evalkit
from evalkit.data.benchmark import Benchmark
from evalkit.data.outputs import collect
from evalkit.data.tasks import references_of
from evalkit.engine import dispatch, shard_plan, statistics_cache
from evalkit.engine.executors import dask_executor, process_pool
from evalkit.engine.metric_choice import scored_metrics
from evalkit.engine.shards import CHUNK, chunks, get_ready
from evalkit.engine.statistics_cache import StatisticsCache, cacheable
from evalkit.errors import InputError, ResourceError
from evalkit.metrics.base import References
from evalkit.metrics.parsing import parse
from evalkit.metrics.quantities import Quantities
from evalkit.metrics.rouge import ROUGEL
from evalkit.results.packed import Block, pack_findings
from evalkit.results.results import Results

N = 230
WORDS = ["the", "cat", "sold", "38", "tonnes", "of", "chestnuts", "for", "2.3", "million", "yuan", "in", "2022", "."]
METRICS = ["BLEU", "chrF", "ROUGE-L", "TER"]


def evaluate(bench: Benchmark, systems: Mapping[str, Any], *, chunk: int = CHUNK, **settings: Any) -> Results:
    """:func:`evalkit.run` with shards of ``chunk`` segments."""
    with patch("evalkit.engine.evaluate.CHUNK", chunk):
        return evalkit.run(bench, systems, **settings)


def texts(seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, rng.integers(0, 12))) for _ in range(N)]


@pytest.fixture(scope="module")
def bench() -> Benchmark:
    sources, references = texts(1), texts(2)
    rows = [
        {"id": f"s{i}", "article": f"d{i // 10}", "source": s, "references": [r, s]}
        for i, (s, r) in enumerate(zip(sources, references, strict=True))
    ]
    return Benchmark.from_dataset(rows, lang="de-en", name="generated")


@pytest.fixture(scope="module")
def counts() -> Benchmark:
    """Chinese sources with quantities."""
    rows = [
        {
            "id": f"s{i}",
            "article": f"d{i // 10}",
            "source": f"市场卖出{i}吨栗子。",
            "references": [f"They sold {i} tons."],
        }
        for i in range(N)
    ]
    return Benchmark.from_dataset(rows, lang="zh-en", name="counts")


@pytest.fixture(scope="module")
def systems() -> dict[str, list[str]]:
    return {f"system{i}": texts(10 + i) for i in range(3)}


@pytest.fixture(autouse=True)
def workers_can_import_the_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [str(Path(__file__).parent), str(Path(evalkit.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, folders)))


def saved(results: Any, folder: Path) -> dict[str, bytes]:
    evalkit.save_results(results, folder)
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name != "run.json"}


@pytest.fixture
def cache(tmp_path: Path) -> StatisticsCache:
    return StatisticsCache(tmp_path / "cache", {"evalkit": "test"})


def test_chunks_cover_everything_once() -> None:
    for n in (0, 1, 7, 8, 9, 100):
        assert [i for a, b in chunks(n, 8) for i in range(a, b)] == list(range(n))


def test_chunks_keep_an_article_together() -> None:
    articles = ["a"] * 3 + ["b"] * 9 + ["c"] * 2 + ["d"] + ["c"]
    assert chunks(16, 4, articles) == [(0, 8), (8, 12), (12, 16)]
    assert chunks(16, 5, articles) == [(0, 10), (10, 15), (15, 16)]
    assert chunks(16, 9, articles) == [(0, 12), (12, 16)]
    assert chunks(3, 1, ["a", "a", "b"]) == [(0, 2), (2, 3)]


def test_a_number_of_another_block_is_found_there_whatever_the_shards() -> None:
    rows = [
        {"id": "1", "article": "a", "source": "收入38吨。", "references": ["x"]},
        {"id": "2", "article": "a", "source": "农民高兴。", "references": ["x"]},
        {"id": "3", "article": "b", "source": "下雨了。", "references": ["x"]},
    ]
    bench = Benchmark.from_dataset(rows, lang="zh-en")
    outputs = collect(bench, {"s": ["They got 38 tons.", "Farmers were glad of 38 tons.", "It rained 38 tons."]})
    for chunk in (1, 2, 2048):
        (task,) = evaluate(bench, outputs, metrics=[parse("Quantities(measure=precision)")], chunk=chunk).tasks
        errors = task.statistics["Quantities(measure=precision)"][0, :, 4]
        assert errors.tolist() == [0, 0, 1]


def test_the_same_bytes_whatever_the_executor_and_the_shards(
    bench: Benchmark, systems: dict[str, list[str]], tmp_path: Path
) -> None:
    def run(name: str, chunk: int, executor: Executor | None = None, jobs: int = 1) -> dict[str, bytes]:
        found = evaluate(
            bench,
            systems,
            metrics=[parse(m) for m in METRICS],
            chunk=chunk,
            executor=executor,
            jobs=jobs,
        )
        return saved(found, tmp_path / name)

    expected = run("here", 2048)
    assert expected["scores.jsonl"].count(b"\n") == len(METRICS) * len(systems) * (1 + 23 + N)
    for chunk in (1, 7, 100):
        assert run(f"here{chunk}", chunk) == expected
    with ThreadPoolExecutor(3) as threads:
        assert run("threads", 16, threads) == expected
    with pytest.MonkeyPatch.context() as patch:  # shards of one system and of two
        for outputs in (1, 450):
            patch.setattr(shard_plan, "OUTPUTS_PER_SHARD", outputs)
            assert run(f"outputs{outputs}", 200) == expected
    with pytest.MonkeyPatch.context() as patch:  # a shard for each metric and system
        patch.setattr(shard_plan, "_WORK_PER_SHARD", 1)
        assert run("portions", 2048) == expected
    assert run("processes", 50, jobs=2) == expected
    with process_pool(2) as pool:
        assert pool is not None
        assert run("pool", 33, pool) == expected


def test_slow_metrics_are_split_into_shards_of_some_seconds(
    bench: Benchmark, systems: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    task = replace(bench.tasks[0], source_lang="zh")
    metrics = scored_metrics(task, [parse("BLEU"), parse("chrF"), parse("Quantities"), parse("Health")])
    plan = shard_plan.Plan(task, collect(bench, systems), metrics, 2048, None)
    letters = sum(map(len, systems["system0"]))
    monkeypatch.setattr(shard_plan, "_WORK_PER_SHARD", 12 * letters)
    shards = [job.shard for job in plan.shards(None, lambda *_: None)]
    portions = [[(key.partition("|")[0], name) for key, name in shard.wanted] for shard in shards]
    # BLEU and chrF of all systems are less work than one fact metric of one system.
    assert portions[0] == [(name, system) for name in ("BLEU", "chrF") for system in systems] + [
        ("Quantities", "system0")
    ]
    assert [pair for portion in portions[1:] for pair in portion] == [
        *(("Quantities", system) for system in list(systems)[1:]),
        *(("Health", system) for system in systems),
    ]
    assert all(
        len(portion) <= 2 and set(shard.outputs) == {name for _, name in shard.wanted}
        for portion, shard in list(zip(portions, shards, strict=True))[1:]
    )


@dataclass(frozen=True)
class Together(Mean):
    """Goes on when all shards are under way at the same time."""

    name: ClassVar[str] = "Together"
    all_here: ClassVar[Barrier] = Barrier(23)

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> NDArray[np.float64]:
        self.all_here.wait(timeout=20)
        return super()._statistics(hypotheses, prepared)


def test_every_worker_of_a_large_executor_has_work(bench: Benchmark, systems: dict[str, list[str]]) -> None:
    with ThreadPoolExecutor(23) as executor:
        outputs = collect(bench, {"mine": systems["system0"]})
        found = evaluate(bench, outputs, metrics=[Together()], executor=executor, chunk=10)
    assert found.tasks[0].corpus("Together")[0] > 0


class Forgetful(ThreadPoolExecutor):
    """Cancels every task the first so many times, as a cluster does whose worker went away."""

    times: int

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if not self.times:
            return super().submit(fn, *args, **kwargs)
        self.times -= 1
        future: Future[Any] = Future()
        future.cancel()
        future.set_running_or_notify_cancel()
        return future


def test_a_shard_that_was_cancelled_is_handed_out_again(bench: Benchmark, systems: dict[str, list[str]]) -> None:
    outputs = collect(bench, systems)
    with Forgetful(2) as executor:
        executor.times = 2
        found, expected = (evaluate(bench, outputs, metrics=[Mean()], executor=e).tasks[0] for e in (executor, None))
        assert found.corpus("Mean").tolist() == expected.corpus("Mean").tolist()
        executor.times = 100
        with pytest.raises(InputError, match="segments 's0' to 's229': CancelledError"):
            evaluate(bench, outputs, metrics=[Mean()], executor=executor)
    assert executor.times == 97


def test_a_failing_shard_is_named_and_the_others_are_kept(
    bench: Benchmark, systems: dict[str, list[str]], cache: StatisticsCache
) -> None:
    poisoned = {"s": [*systems["system0"][:150], "poison", *systems["system0"][151:]]}
    for executor in (None, ThreadPoolExecutor(2)):
        with pytest.raises(InputError) as error:
            evaluate(
                bench,
                poisoned,
                metrics=[parse("chrF"), Fragile()],
                chunk=50,
                cache=cache,
                executor=executor,
            )
        assert "segments 's150' to 's199': Fragile failed with ZeroDivisionError: poisoned" in str(error.value)
        assert "1 shard failed; finished work is in the cache" in str(error.value)
    done: list[int] = []
    evaluate(
        bench,
        poisoned,
        metrics=[parse("chrF")],
        chunk=50,
        cache=cache,
        progress=lambda d, t, w: done.append(d),
    )
    assert done[0] == 50


def test_line_aligned_files_are_named_with_their_lines(tmp_path: Path) -> None:
    (tmp_path / "ref.en").write_text("a\n" * 20)
    bench = Benchmark.from_lines([tmp_path / "ref.en"], lang="de-en")
    with pytest.raises(InputError, match=r"ref\.en:11-20: Fragile failed"):
        evaluate(bench, {"s": ["a"] * 15 + ["poison"] * 5}, metrics=[Fragile()], chunk=10)


def test_a_worker_that_dies_is_replaced_once(bench: Benchmark, systems: dict[str, list[str]], tmp_path: Path) -> None:
    poisoned = {"s": [*systems["system0"][:150], "poison", *systems["system0"][151:]]}
    for name in ("own", "ahead"):
        metric = Deadly(mark=str(tmp_path / name))
        with process_pool(2, ahead=get_ready) if name == "ahead" else nullcontext() as pool:
            found = evaluate(bench, poisoned, metrics=[metric], chunk=20, executor=pool, jobs=2)
        assert (tmp_path / name).exists()
        assert found.task().statistics[str(metric)].sum() == sum(map(len, poisoned["s"])) + N


def test_a_worker_that_dies_while_it_sends_is_replaced_too(
    bench: Benchmark, systems: dict[str, list[str]], tmp_path: Path
) -> None:
    metric = HalfSent(mark=str(tmp_path / "mark"))
    found = evaluate(bench, systems, metrics=[metric], chunk=20, jobs=2)
    assert (tmp_path / "mark").exists()
    assert (
        found.task().statistics[str(metric)].sum()
        == sum(len(text) for given in systems.values() for text in given) + 3 * N
    )


def test_a_broken_executor_of_the_callers_ends_in_an_error_that_names_what_is_left(
    bench: Benchmark, systems: dict[str, list[str]], tmp_path: Path
) -> None:
    poisoned = {"s": [*systems["system0"][:150], "poison", *systems["system0"][151:]]}
    metric = Deadly(mark=str(tmp_path / "mark"))
    with (
        ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool,
        pytest.raises(InputError, match="the worker that scored it died"),
    ):
        evaluate(bench, poisoned, metrics=[metric], chunk=20, executor=pool)


# -- the cache ------------------------------------------------------------------------------------------------------


def count_scored(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the metrics whose statistics are really computed, one entry a call."""
    calls: list[str] = []
    from evalkit.metrics.base import Metric

    real = Metric.prepared_statistics

    def spy(self: Metric, hypotheses: Any, prepared: Any) -> Any:
        calls.append(self.name)
        return real(self, hypotheses, prepared)

    monkeypatch.setattr(Metric, "prepared_statistics", spy)
    return calls


def count_explained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The outputs that Quantities really compares, one entry each."""
    calls: list[str] = []
    real = Quantities.explained_statistics

    def spy(self: Quantities, hypotheses: Sequence[str], references: References) -> Any:
        calls.extend(hypotheses)
        return real(self, hypotheses, references)

    monkeypatch.setattr(Quantities, "explained_statistics", spy)
    return calls


def test_rows_and_findings_of_one_pass_are_those_of_two(counts: Benchmark, systems: dict[str, list[str]]) -> None:
    side = references_of(counts.tasks[0])
    metric = parse("Quantities").resolve("en")
    for outputs in (systems["system0"], ["", *systems["system1"][1:]]):
        rows, findings = metric.explained_statistics(outputs, side)
        np.testing.assert_array_equal(rows, metric.statistics(outputs, side))
        assert findings == [metric.explain(text, side, i) for i, text in enumerate(outputs)]
        assert any(findings)


def test_nothing_is_scored_twice(
    bench: Benchmark,
    systems: dict[str, list[str]],
    cache: StatisticsCache,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    calls = count_scored(monkeypatch)
    two = dict(list(systems.items())[:2])
    first = evalkit.run(bench, two, metrics=METRICS, cache=cache)
    assert len(calls) == 8
    again = evalkit.run(bench, two, metrics=METRICS, cache=cache)
    assert len(calls) == 8
    assert saved(again, tmp_path / "a") == saved(first, tmp_path / "b")
    evalkit.run(bench, systems, metrics=METRICS, cache=cache)
    assert len(calls) == 12
    evalkit.run(bench, systems, metrics=["chrF(beta=3)", "chrF(measure=recall)"], cache=cache)
    assert calls[12:] == ["chrF"] * 3
    changed = {"system0": [*systems["system0"][:-1], "changed"]}
    evalkit.run(bench, changed, metrics=["chrF"], cache=cache)
    assert len(calls) == 16
    evalkit.run(bench, systems, metrics=["chrF"], cache=StatisticsCache(cache.folder, {"evalkit": "other"}))
    assert len(calls) == 19


def test_another_reference_or_source_is_another_entry(
    bench: Benchmark, systems: dict[str, list[str]], cache: StatisticsCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    evalkit.run(bench, systems, metrics=["chrF"], cache=cache)
    calls = count_scored(monkeypatch)
    task = bench.tasks[0]
    rows = [
        {"id": i, "article": a, "source": s, "references": list(r)}
        for i, a, s, r in zip(task.ids, task.articles or (), task.sources or (), task.references, strict=True)
    ]
    rows[7]["references"] = ["other"]
    evalkit.run(Benchmark.from_dataset(rows, lang="de-en"), systems, metrics=["chrF"], cache=cache)
    assert len(calls) == 3


def rewritten(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Damage whose checksum is to be corrected, which zeros say."""
    return lambda entry: bytes(32) + change(entry[32:])


def with_findings(entry: bytes, findings: bytes | None) -> bytes:
    kind, rows, _ = msgspec.msgpack.decode(entry)
    return msgspec.msgpack.encode((kind, rows, findings))


@pytest.mark.parametrize(
    "damage",
    [
        lambda b: b[:-1],
        lambda b: b"",
        lambda b: b[:40] + bytes([b[40] ^ 1]) + b[41:],
        lambda b: b + b"x",
        rewritten(lambda b: b + b"x"),
        rewritten(lambda b: b"x" + b),
        rewritten(lambda b: msgspec.msgpack.encode(("<u4", *msgspec.msgpack.decode(b)[1:]))),
        rewritten(lambda b: msgspec.msgpack.encode(("|O", *msgspec.msgpack.decode(b)[1:]))),
        rewritten(lambda b: with_findings(b, None)),
        rewritten(lambda b: with_findings(b, b"no JSON")),
        rewritten(lambda b: with_findings(b, pack_findings([()]))),
        rewritten(lambda b: with_findings(b, zlib.compress(b'[[{"kind": 1}]]'))),
    ],
)
def test_a_damaged_entry_is_scored_anew(
    counts: Benchmark,
    systems: dict[str, list[str]],
    cache: StatisticsCache,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[bytes], bytes],
    tmp_path: Path,
) -> None:
    expected = saved(evalkit.run(counts, systems, metrics=["Quantities"], cache=cache), tmp_path / "a")
    entries = sorted(cache.folder.glob("??/*.rows"))
    damaged = damage(entries[0].read_bytes())
    if damaged[:32] == bytes(32):
        key = entries[0].parent.name + entries[0].stem
        damaged = hashlib.sha256(key.encode() + damaged[32:]).digest() + damaged[32:]
    entries[0].write_bytes(damaged)
    explained = count_explained(monkeypatch)
    found = evalkit.run(counts, systems, metrics=["Quantities"], cache=cache)
    assert saved(found, tmp_path / "b") == expected
    assert len(explained) == N
    evalkit.run(counts, systems, metrics=["Quantities"], cache=cache)
    assert len(explained) == N


def test_an_entry_under_another_name_is_scored_anew(counts: Benchmark, cache: StatisticsCache) -> None:
    outputs = {"a": [f"They sold {i} tons." for i in range(N)], "b": [f"They sold {i + 1} tons." for i in range(N)]}
    expected = evalkit.run(counts, outputs, metrics=["Quantities"], cache=cache).tasks[0].corpus("Quantities")
    first, *others = sorted(cache.folder.glob("??/*.rows"))
    for other in others:
        other.write_bytes(first.read_bytes())
    found = evalkit.run(counts, outputs, metrics=["Quantities"], cache=cache).tasks[0].corpus("Quantities")
    assert found.tolist() == expected.tolist() and found[0] != found[1]


@pytest.mark.parametrize("readable", [50_000, 1])
def test_findings_from_the_cache_are_the_same(
    counts: Benchmark, cache: StatisticsCache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, readable: int
) -> None:
    outputs = {"a": [f"They sold {i + i % 2} tons." for i in range(N)]}
    without = saved(evalkit.run(counts, outputs, metrics=["Quantities"]), tmp_path / "without")
    if readable == 1:
        evalkit.run(counts, outputs, metrics=["Quantities"], cache=cache)
        monkeypatch.setattr(shard_plan, "READABLE", readable)
        without = saved(evalkit.run(counts, outputs, metrics=["Quantities"]), tmp_path / "large")
    explained = count_explained(monkeypatch)
    for name in ("cold", "warm"):
        found = evalkit.run(counts, outputs, metrics=["Quantities"], cache=cache)
        assert saved(found, tmp_path / name) == without
        assert len(explained) == N
    kinds = {f.severity for row in found.task().findings["Quantities"]["a"] for f in row}
    assert ("ok" in kinds) == (readable > 1) and "error" in kinds


def test_changed_code_is_another_entry(cache: StatisticsCache, monkeypatch: pytest.MonkeyPatch) -> None:
    key = cache.key("m", b"r", b"t")
    assert key == cache.key("m", b"r", b"t")
    monkeypatch.setattr(statistics_cache, "_code", lambda: "changed")
    assert key != cache.key("m", b"r", b"t")


def test_the_limit_drops_what_was_used_longest_ago(tmp_path: Path) -> None:
    cache = StatisticsCache(tmp_path, {}, limit=3000)
    rows = np.full((10, 10), 0.1)
    keys = [cache.key("m", bytes([i]), b"x") for i in range(5)]
    for age, key in enumerate(keys):
        cache.put(key, Block(rows))
        path = cache._path(key)
        os.utime(path, (1000 + age, 1000 + age))
    assert cache.get(keys[0], (10, 10)) is not None
    assert cache.trim() == 2
    assert [cache.get(k, (10, 10)) is not None for k in keys] == [True, False, False, True, True]
    assert not list(tmp_path.rglob("*.tmp"))


def test_two_runs_may_write_at_once(bench: Benchmark, systems: dict[str, list[str]], cache: StatisticsCache) -> None:
    with ThreadPoolExecutor(4) as threads:
        runs = [threads.submit(evalkit.run, bench, systems, metrics=["chrF", "BLEU"], cache=cache) for _ in range(4)]
        found = [r.result().task() for r in runs]
    for task in found[1:]:
        for label in ("chrF", "BLEU"):
            np.testing.assert_array_equal(task.statistics[label], found[0].statistics[label])


def test_a_cache_that_cannot_be_written_stops_nothing(
    bench: Benchmark, systems: dict[str, list[str]], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    cache = StatisticsCache(tmp_path / "file" / "cache", {})
    assert evalkit.run(bench, systems, metrics=["chrF"], cache=cache).task().systems == tuple(systems)


def test_metrics_whose_signature_does_not_tell_all_are_not_kept() -> None:
    assert cacheable(parse("ROUGE-L").resolve("en"))
    assert not cacheable(ROUGEL(tokenize=str.split).resolve("en"))
    assert not cacheable(Mean())


# -- Dask -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two worker processes on the loopback."""
    pytest.importorskip("distributed")
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    common = ["--host", "127.0.0.1", "--no-dashboard"]
    commands = [["dask_scheduler", *common, "--port", str(port)]]
    commands += [["dask_worker", address, *common, "--nthreads", "1", "--no-nanny", "--memory-limit", "0"]] * 2
    log = (tmp_path / "dask.log").open("wb")
    scheduler, *workers = (
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{name}", *arguments], stdout=log, stderr=log, cwd=tmp_path
        )
        for name, *arguments in commands
    )
    try:
        yield address, workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()
        log.close()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.mark.filterwarnings("ignore")  # what the cluster's own libraries warn of is not ours
def test_a_dask_cluster_loses_a_worker_and_finishes_with_the_same_result(
    bench: Benchmark,
    systems: dict[str, list[str]],
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
    tmp_path: Path,
) -> None:
    address, workers = cluster
    metrics = [parse("chrF"), Slow()]
    expected = saved(evaluate(bench, systems, metrics=metrics), tmp_path / "here")
    killed: list[int] = []

    def kill_one_in_the_middle(done: int, total: int, what: str) -> None:
        if not killed and done > total // 4:
            workers[0].kill()
            killed.append(done)

    with dask_executor(address, timeout=60) as executor:
        wait_for_workers(address, 2)
        found = evaluate(
            bench,
            systems,
            metrics=metrics,
            chunk=5,
            executor=executor,
            progress=kill_one_in_the_middle,
        )
    assert killed
    assert workers[0].wait(10) != 0
    assert workers[1].poll() is None
    assert saved(found, tmp_path / "dask") == expected


@pytest.mark.filterwarnings("ignore")
def test_a_shard_that_the_cluster_forgot_is_submitted_again(
    bench: Benchmark,
    systems: dict[str, list[str]],
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    expected = saved(evaluate(bench, systems, metrics=[parse("chrF")]), tmp_path / "here")
    monkeypatch.setattr(dispatch, "WATCH_SECONDS", 0.1)
    with dask_executor(cluster[0], timeout=60) as executor:
        submit, forgotten = executor.submit, []

        def forget_the_second(*args: Any) -> Future[Any]:
            forgotten.append(len(forgotten) == 1)
            return Future() if forgotten[-1] else submit(*args)

        monkeypatch.setattr(executor, "submit", forget_the_second)
        results = evaluate(bench, systems, metrics=[parse("chrF")], chunk=50, executor=executor)
    assert any(forgotten)
    assert saved(results, tmp_path / "dask") == expected


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_forgets_every_shard_is_an_error(
    bench: Benchmark,
    systems: dict[str, list[str]],
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dispatch, "WATCH_SECONDS", 0.05)
    with dask_executor(cluster[0], timeout=60) as executor:
        monkeypatch.setattr(executor, "submit", lambda *args: Future())
        with pytest.raises(InputError, match="the cluster lost the shard"):
            evaluate(bench, systems, metrics=[parse("chrF")], executor=executor)


def wait_for_workers(address: str, count: int) -> None:
    from distributed import Client

    with Client(address, timeout=30, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=60)


def test_a_scheduler_that_does_not_answer_is_given_up_in_seconds() -> None:
    pytest.importorskip("distributed")
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(InputError, match=r"no Dask scheduler answers.*check that"), dask_executor(address, timeout=1):
        pass
    with pytest.raises(InputError, match="no Dask scheduler answers"), dask_executor("nonsense", timeout=1):
        pass


@pytest.mark.filterwarnings("ignore")  # the connections that are given up are no concern of ours
@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n" + 1000 * b"no"])
def test_a_server_that_is_no_scheduler_is_given_up_in_seconds(says: bytes) -> None:
    pytest.importorskip("distributed")
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[socket.socket] = []

        def serve() -> None:
            with suppress(OSError):  # the server is closed
                while True:
                    taken.append(server.accept()[0])
                    taken[-1].sendall(says)

        Thread(target=serve, daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with (
            pytest.raises(InputError, match=r"no Dask scheduler answers.*check that"),
            dask_executor(address, timeout=1),
        ):
            pass
        for connection in taken:
            connection.close()


def test_a_disk_that_is_full_leaves_nothing_behind(
    bench: Benchmark, systems: dict[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = evalkit.run(bench, systems, metrics=["chrF"])
    import evalkit.results.run_folder as run_folder

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(run_folder, "write_texts", full)
    with pytest.raises(ResourceError, match="cannot be written: No space left"):
        evalkit.save_results(found, tmp_path / "run")
    assert not list(tmp_path.iterdir())
