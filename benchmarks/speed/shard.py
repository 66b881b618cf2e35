"""What one shard costs: the figures that docs/scale.md multiplies.

    python -m benchmarks.speed.shard --data FOLDER

A shard of 2,048 segments of the WMT22 set of ``python -m benchmarks.speed.scale``: bytes sent to a worker and back, and CPU
time a segment (the least of five runs) of what a worker does and of what the process that hands out shards does.
"""

from __future__ import annotations

import argparse
import pickle
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed.scale import DATA, METRICS, SYSTEMS, generate, versions
from evalkit.data.benchmark import Benchmark
from evalkit.data.opening import Input
from evalkit.data.tasks import references_of
from evalkit.engine.evaluate import run, scored_metrics
from evalkit.engine.shards import CHUNK, Shard, score_shard
from evalkit.engine.statistics_cache import StatisticsCache, reference_hash, texts_hash
from evalkit.metrics.base import Metric, References
from evalkit.metrics.parsing import as_metrics

RUNS = 5

# Chunks of the run whose handing out is measured.
HANDED_OUT = 50
# Systems of the run that is measured with many: as many as one shard takes.
MANY = 32


def cost(work: Callable[[int], Any]) -> float:
    """CPU microseconds a segment; each run has a shard of its own, because metrics remember what they have prepared."""
    times = []
    for i in range(RUNS):
        started = time.process_time()
        work(i)
        times.append(time.process_time() - started)
    return 1e6 * min(times) / CHUNK


def table(data: Path, folder: Path) -> None:
    """Print the costs as Markdown."""
    generate(data, folder, HANDED_OUT * CHUNK)
    bench = bench_of(folder)
    task, system = bench.tasks[0], SYSTEMS[0]
    lines, others = ([line for _, line in Input(folder / f"{name}.en").lines()] for name in SYSTEMS)
    metrics = {scored.label: scored.metric for scored in scored_metrics(task, as_metrics(METRICS))}
    parts = [(start, start + CHUNK) for start in range(0, RUNS * CHUNK, CHUNK)]
    sides, texts = [references_of(task, *part) for part in parts], [lines[a:b] for a, b in parts]
    wanted = tuple((label, system) for label in metrics)
    shards = [Shard(side, metrics, {system: t}, wanted, False, "here") for side, t in zip(sides, texts, strict=True)]
    result = score_shard(shards[0])
    sent, back = pickle.dumps(shards[0]), pickle.dumps(result)
    columns = sum(len(metric.columns) for metric in metrics.values())
    shown = [*(sides[0].sources or ()), *texts[0], *(text for refs in sides[0].texts for text in refs)]
    print(
        f"A shard of {CHUNK:,} segments, {sum(map(len, shown)) / CHUNK:.0f} characters of source, reference and output each:"
    )
    print(f"{len(sent):,} bytes to a worker, {len(back):,} back ({columns} columns).\n")
    print("| at a worker | CPU µs a segment: first system | each further system |\n|---|---|---|")
    for label, metric in metrics.items():
        first, further = _metric_cost(metric, sides, texts, [others[a:b] for a, b in parts])
        print(f"| {label} | {first:.1f} | {further:.1f} |")
    print(f"| unpickling | {cost(lambda _: pickle.loads(sent)):.1f} | |")
    cache = StatisticsCache(folder / "cache", {})
    steps: dict[str, Callable[[int], Any]] = {
        "hashing them": lambda i: (reference_hash(sides[i]), texts_hash(texts[i])),
        "pickling the shard": lambda i: pickle.dumps(shards[i]),
        "unpickling the result": lambda i: pickle.loads(back),
        "writing the cache": lambda i: [cache.put(f"{i}{key[0]:>60}", block) for key, block in result.blocks.items()],
    }
    print("\n| where shards are handed out | CPU µs a segment |\n|---|---|")
    for what, work in steps.items():
        print(f"| {what} | {cost(work):.1f} |")
    one = _handed_out(bench, {system: lines}, cache)
    print(f"| all of a run of {HANDED_OUT} shards in two other processes, but for its run folder | {one:.1f} |")
    # The same lines, each with its system's number, are as good as outputs of their own.
    few = bench_of(folder, MANY)
    whole = lines[: len(few.tasks[0])]
    numbered = {f"system{i}": [f"{i} {line}" for line in whole] for i in range(MANY)}
    many = _handed_out(few, numbered, cache)
    print(f"| the same, {MANY} systems, an output | {many:.1f} |")
    spread = {name: text[:CHUNK] for name, text in numbered.items()}
    wanted = tuple((label, name) for label in metrics for name in spread)
    large = len(pickle.dumps(Shard(sides[0], metrics, spread, wanted, False, "here")))
    print(f"\nA shard of {MANY} systems: {large:,} bytes, {large / (MANY * CHUNK):.0f} an output.")
    print(f"\n{versions()}")


def _metric_cost(
    metric: Metric, sides: Sequence[References], texts: Sequence[Sequence[str]], others: Sequence[Sequence[str]]
) -> tuple[float, float]:
    prepared: list[Any] = []

    def first(i: int) -> None:
        prepared.append(metric.prepare(sides[i]))
        metric.statistics(texts[i], prepared[i])

    return cost(first), cost(lambda i: metric.statistics(others[i], prepared[i]))


def bench_of(folder: Path, part: int = 1) -> Benchmark:
    """The generated benchmark, or the first of so many parts of it."""
    files = {name: folder / name for name in ("ref.en", "source.zh")}
    if part > 1:
        for name, path in files.items():
            lines = [line for _, line in Input(path).lines()]
            files[name] = folder / f"part.{name}"
            text = "".join(f"{line}\n" for line in lines[: len(lines) // part])
            files[name].write_text(text, encoding="utf-8", newline="\n")
    return Benchmark.from_lines([files["ref.en"]], source=files["source.zh"], lang="zh-en")


def _handed_out(bench: Benchmark, outputs: Mapping[str, Sequence[str]], cache: StatisticsCache) -> float:
    started = time.process_time()
    run(bench, outputs, metrics=METRICS, jobs=2, cache=cache)
    return 1e6 * (time.process_time() - started) / (len(outputs) * len(bench.tasks[0]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    with tempfile.TemporaryDirectory(prefix="evalkit-shard-") as folder:
        table(parser.parse_args().data, Path(folder))


if __name__ == "__main__":
    main()
