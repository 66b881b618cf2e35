"""How evalkit grows: a million segments, one process and two, Dask, the cache, and the statistics.

    python -m benchmarks.speed.scale --data FOLDER            # the table, as Markdown
    python -m benchmarks.speed.scale --data FOLDER --quick    # a tenth of it, to see that it works
    python -m benchmarks.speed.scale --data FOLDER --rows one two --sizes 1000000    # where memory is limited

FOLDER holds the WMT22 general test, Chinese to English: ``source.zh``, ``reference.ref-A.en`` and ``systems/*.en``, line by
line. Larger benchmarks are drawn from it with a fixed seed: every line is a drawn line with small edits (words and digits
changed, so that hardly a text is repeated), 20 lines an article. Each figure is one fresh ``evalkit`` process: wall-clock
time, processor time of it and all its workers, and memory: ``peak`` is the largest process, as the kernel counts it, and
``all`` is all processes together, sampled every quarter of a second (pages they share are counted once).
"""

from __future__ import annotations

import argparse
import filecmp
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

SEED = 20220725
METRICS = ("BLEU", "chrF", "ROUGE-L", "Quantities")
SYSTEMS = ("Online-W", "Lan-Bridge")
MANY = tuple(f"{name}@{i}" for i in range(50) for name in SYSTEMS)
ARTICLE = 20
DATA = Path(__file__).resolve().parents[3] / "shared/data/wmt22-zh-en"
SIZES = (10_000, 100_000, 1_000_000)


# -- the data -------------------------------------------------------------------------------------------------------


def generate(data: Path, folder: Path, n: int, systems: Sequence[str] = SYSTEMS) -> Path:
    """Line-aligned files of n segments: ``source.zh``, ``ref.en``, ``docids`` and a file a system; the same for one seed."""
    if folder.exists():
        return folder
    folder.mkdir(parents=True)
    originals = {
        "source.zh": data / "source.zh",
        "ref.en": data / "reference.ref-A.en",
        # What stands behind @ only makes other edits of the same outputs.
        **{f"{name}.en": data / "systems" / f"{name.partition('@')[0]}.en" for name in systems},
    }
    with (folder / "docids").open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"article{i // ARTICLE}\n" for i in range(n))
    with ProcessPoolExecutor() as pool:
        list(pool.map(_write, originals.values(), [folder / name for name in originals], [n] * len(originals)))
    return folder


def _write(original: Path, path: Path, n: int) -> None:
    texts = original.read_text(encoding="utf-8").split("\n")[:-1]
    uniform, drawn = random.Random(f"{SEED} {path.name}").random, random.Random(SEED).random
    # Where lines have no spaces, characters are the words.
    between = " " if sum(text.count(" ") for text in texts) > len(texts) else ""
    words = [text.split(" ") if between else list(text) for text in texts]
    numeric = [any(c in "123456789" for c in text) for text in texts]
    pool = sorted({word for text in words for word in text})
    digits = [str.maketrans("123456789", "".join(random.Random(i).choices("123456789", k=9))) for i in range(256)]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for _ in range(n):
            i = int(drawn() * len(texts))  # the same lines in every file
            line = between.join(_edited(words[i], pool, uniform))
            file.write((line.translate(digits[int(uniform() * 256)]) if numeric[i] else line) + "\n")


def _edited(words: Sequence[str], pool: Sequence[str], uniform: Callable[[], float]) -> list[str]:
    """The words with one in twenty, and at least one, changed for another of the corpus."""
    edited = list(words)
    for _ in range(1 + len(edited) // 20):
        edited[int(uniform() * len(edited))] = pool[int(uniform() * len(pool))]
    return edited


# -- measuring ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """Seconds and MiB of one command and its children."""

    wall: float
    cpu: float
    peak: float
    together: float
    output: str


def measure(command: Sequence[str], cache: Path) -> Measured:
    """Run a command in a fresh process.

    :raises SystemExit: where it fails, with what it printed.
    """
    environment = {**os.environ, "EVALKIT_CACHE": str(cache)}
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    with _sampled(process.pid) as largest:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {process.returncode}:\n{output}")
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, max(largest) / 1024, output)


@contextmanager
def _sampled(pid: int, every: float = 0.25) -> Iterator[list[int]]:
    """KiB of a process and its descendants at every quarter of a second."""
    found, over = [0], threading.Event()

    def sample() -> None:
        while not over.wait(every):
            found.append(sum(map(_proportional, [pid, *_descendants(pid)])))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def _descendants(pid: int) -> Iterator[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return
    for task in tasks:
        try:
            children = [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
        for child in children:
            yield child
            yield from _descendants(child)


def _proportional(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


# -- the table ------------------------------------------------------------------------------------------------------


def evalkit(
    folder: Path, out: Path, systems: Sequence[str], metrics: Sequence[str], *options: str, docids: bool = True
) -> list[str]:
    command = [sys.executable, "-m", "evalkit", "run", "--quiet", "--out", str(out), *options]
    for metric in metrics:
        command += ["-m", metric]
    command += ["--source", str(folder / "source.zh"), "--reference", str(folder / "ref.en")]
    command += ["--lang", "zh-en", *(["--docids", str(folder / "docids")] if docids else [])]
    return command + [str(folder / f"{name}.en") for name in systems]


def row(what: str, n: int, m: Measured, note: str = "") -> str:
    per = 1e6 * m.cpu / n
    return f"| {what} | {n:,} | {m.wall:.1f} | {m.cpu:.1f} | {per:.0f} | {m.peak:.0f} | {m.together:.0f} | {note} |"


def same(first: Path, second: Path) -> str:
    """Whether two runs wrote the same scores; empty if there is no second run."""
    if not second.exists():
        return ""
    equal = filecmp.cmp(first / "scores.jsonl", second / "scores.jsonl", shallow=False)
    return "same bytes in scores.jsonl" if equal else "OTHER BYTES IN scores.jsonl"


def say(line: str) -> None:
    print(line, flush=True)


def table(
    data: Path, work: Path, sizes: Sequence[int], metrics: Sequence[str], trials: int, rows: Sequence[str]
) -> None:
    say("| what | segments | wall s | CPU s | CPU µs a segment | peak MiB | all MiB | |")
    say("|---|---|---|---|---|---|---|---|")
    # A first small run compiles what numba keeps on disk, so that no figure holds it.
    small = generate(data, work / "small", 10_000)
    measure(evalkit(small, work / "warm", SYSTEMS[:1], metrics, "--no-cache", "--jobs", "1"), work / "none")
    for name in rows:
        ROWS[name](data, work, sizes, metrics, trials)


def _one(data: Path, work: Path, sizes: Sequence[int], metrics: Sequence[str], trials: int) -> None:
    one: dict[int, Measured] = {}
    for before, n in zip((None, *sizes), sizes, strict=False):
        folder = generate(data, work / f"data{n}", n)
        one[n] = measure(evalkit(folder, work / f"one{n}", SYSTEMS[:1], metrics, "--jobs", "1"), work / f"cache{n}")
        grown = "" if before is None else f"{one[n].cpu / one[before].cpu:.1f} times the CPU of {before:,}"
        say(row("1 process, no cache yet", n, one[n], grown))
    again = measure(evalkit(folder, work / "again", SYSTEMS[:1], metrics, "--jobs", "1"), work / f"cache{n}")
    kept = sum(path.stat().st_size for path in (work / f"cache{n}").rglob("*.rows")) / 2**20
    note = f"{one[n].wall / again.wall:.1f} times as fast; the cache holds {kept:.0f} MiB"
    say(row("1 process, all in the cache", n, again, f"{note}; {same(work / 'again', work / f'one{n}')}"))
    shutil.rmtree(work / "again")


def _two(data: Path, work: Path, sizes: Sequence[int], metrics: Sequence[str], trials: int) -> None:
    n = sizes[-1]
    folder, both = generate(data, work / f"data{n}", n), work / "both"
    added = measure(evalkit(folder, both, SYSTEMS, metrics, "--jobs", "2"), work / f"cache{n}")
    say(row("2 processes, 2 systems", n, added, "the first comes from the cache, if it was scored above"))
    size = sum(path.stat().st_size for path in both.iterdir()) / 2**20
    compared = measure(_compare(both, "--trials", str(trials)), work / "none")
    say(row(f"compare 2 systems, {trials:,} trials, by article", n, compared, f"run folder {size:.0f} MiB"))
    for unit, method in (("segment", "bootstrap"), ("segment", "randomization"), ("article", "randomization")):
        code = _STATISTICS.format(unit=unit, method=method, trials=trials, folder=str(both))
        found = measure([sys.executable, "-c", code], work / "none")
        say(row(f"BLEU of 2 systems, {method}, {trials:,} trials, by {unit}", n, found, found.output.strip()))


def _processes(data: Path, work: Path, sizes: Sequence[int], metrics: Sequence[str], trials: int) -> None:
    n = sizes[-1]
    folder, out = generate(data, work / f"data{n}", n), work / "more"
    first = work / f"one{n}"
    two = measure(evalkit(folder, out, SYSTEMS[:1], metrics, "--jobs", "2"), work / "cold2")
    say(row("2 processes, no cache yet", n, two, same(out, first)))
    dask = measure(evalkit(folder, out, SYSTEMS[:1], metrics, "--dask", "local", "--jobs", "2"), work / "colddask")
    note = f"{two.wall / dask.wall:.2f} times as fast as 2 processes; {same(out, first)}"
    say(row("Dask, 2 workers here, no cache yet", n, dask, note))
    alone = measure(evalkit(folder, out, SYSTEMS[:1], metrics, "--jobs", "2", docids=False), work / "colddask")
    say(row("2 processes, without --docids", n, alone, "the report resamples segments"))
    shutil.rmtree(out)


def _many(data: Path, work: Path, sizes: Sequence[int], metrics: Sequence[str], trials: int) -> None:
    n, out = sizes[-1] // len(MANY), work / "manyout"
    folder = generate(data, work / "many", n, MANY)
    note = f"{len(MANY) * n:,} outputs; a segment is an output of one system here"
    scored = measure(evalkit(folder, out, MANY, metrics, "--jobs", "2"), work / "coldmany")
    say(row(f"2 processes, {len(MANY)} systems of {n:,} segments", len(MANY) * n, scored, note))
    compared = measure(_compare(out, "--baseline", MANY[0], "--trials", str(trials)), work / "none")
    what = f"compare {len(MANY) - 1} systems with one, {trials:,} trials, by article"
    say(row(what, len(MANY) * n, compared, "all metrics"))


ROWS = {"one": _one, "two": _two, "processes": _processes, "many": _many}


def _compare(folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "evalkit", "compare", str(folder), *options]


_STATISTICS = """
from evalkit import load_results, stats
task = load_results({folder!r}).task()
rows, score, groups = task.statistics["BLEU"], task.metric("BLEU").metric.score, task.groups()
found = stats.compare(rows, score, None, groups, stats.Test({method!r}, {trials}), unit={unit!r})
low, high = found.low[0], found.high[0]
print(f"{{found.difference[0]:+.3f}} [{{low:.3f}}, {{high:.3f}}], p = {{found.p[0]:.4f}}, {{found.units:,}} units")
"""


def versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for package in ("evalkit", "numpy", "numba", "pyarrow", "sacrebleu", "rouge-score", "rapidfuzz", "distributed"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            if package == "evalkit":
                from evalkit.version import __version__

                found.append(f"evalkit {__version__}")
    return ", ".join(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="segments, smallest first")
    parser.add_argument("--metrics", nargs="+", default=METRICS)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument(
        "--rows", nargs="+", choices=ROWS, default=list(ROWS), help="parts of the table; all by default"
    )
    parser.add_argument("--quick", action="store_true", help="1,000 to 100,000 segments, 1,000 trials")
    parser.add_argument(
        "--work", type=Path, help="folder for the generated files; a temporary one, deleted, if left out"
    )
    arguments = parser.parse_args()
    if not (arguments.data / "source.zh").is_file():
        sys.exit(f"{arguments.data}: no source.zh there; name the folder of the WMT22 files with --data")
    sizes, trials = arguments.sizes, arguments.trials
    if arguments.quick:
        sizes, trials = (1_000, 10_000, 100_000), 1_000
    say(f"{datetime.now(timezone.utc):%Y-%m-%d}, {versions()}; {os.cpu_count()} cores {platform.machine()}\n")
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="evalkit-scale-", dir=arguments.work) as work:
        table(arguments.data, Path(work), sizes, arguments.metrics, trials, arguments.rows)
    say(f"\nMade in {time.perf_counter() - started:.0f} s with metrics {', '.join(arguments.metrics)}, seed {SEED}.")


if __name__ == "__main__":
    main()
