"""What a first run costs, and how much memory: each measured in a fresh process."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import evalkit

# Scores the first systems of the set with each metric and prints its own peak memory in KiB.
_JOB = """
import sys
from pathlib import Path
from evalkit.metrics.base import References
from evalkit.metrics.parsing import parse
folder, systems, segments, names = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
lines = lambda path: path.read_text(encoding="utf-8").removesuffix("\\n").split("\\n")[:segments]
paths = sorted((folder / "systems").iterdir())
references = References(tuple(zip(*map(lines, sorted(folder.glob("reference.*"))), strict=True)))
texts = [lines(paths[i % len(paths)]) for i in range(systems)]
for name in names:
    metric = parse(name).resolve("en")
    prepared = metric.prepare(references)
    kept = [metric.statistics(system, prepared) for system in texts]
# The peak of getrusage would be that of the process that started this one, if it was larger.
print(next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
_MT = ("BLEU", "chrF", "chrF++", "TER")
_ROUGE = ("ROUGE-1", "ROUGE-2", "ROUGE-L", "ROUGE-Lsum")


def first_runs(folder: Path) -> Iterator[tuple[str, float, float]]:
    """Wall and CPU seconds of scoring with a copy of the package that nothing has been compiled for, and once more."""
    for label, systems, segments, names in (
        ("one system of 20 segments, four MT metrics", 1, 20, _MT),
        ("one system of 1,875 segments, four MT metrics", 1, 1875, _MT),
        ("12 systems of 1,875 segments, four MT metrics", 12, 1875, _MT),
        ("12 systems of 1,875 segments, four ROUGE metrics", 12, 1875, _ROUGE),
    ):
        with tempfile.TemporaryDirectory() as place:
            package = Path(evalkit.__file__).parent
            shutil.copytree(package, Path(place) / "evalkit", ignore=shutil.ignore_patterns("__pycache__"))
            for turn in ("first ever", "second"):
                wall, cpu, _ = _run(folder, Path(place), systems, segments, names)
                yield f"{label}, {turn}", wall, cpu


def peak_memory(folder: Path) -> Iterator[tuple[str, float]]:
    """Peak resident memory in MiB, compiled loops on disk."""
    root = Path(evalkit.__file__).parents[1]
    for systems, names in ((1, _MT), (12, _MT), (23, _MT), (23, _ROUGE)):
        _, _, peak = _run(folder, root, systems, 1875, names)
        yield f"{systems} system{'s' * (systems > 1)} of 1,875 segments, two references, {', '.join(names)}", peak


def _run(folder: Path, root: Path, systems: int, segments: int, names: tuple[str, ...]) -> tuple[float, float, float]:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _JOB, str(folder / "wmt22-zh-en"), str(systems), str(segments), *names],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, int(done.stdout) / 1024
