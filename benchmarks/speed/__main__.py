"""CPU time of evalkit and of the reference implementations, on identical input, with a check that both return the same.

    python -m benchmarks.speed ../shared/data                # all rows: about ten minutes, nearly all of it for the others
    python -m benchmarks.speed ../shared/data --row TER      # rows with TER in their names

The folder holds the sets ``wmt22-zh-en`` and ``wmt21-en-zh``, each with ``systems/*.LANG`` and ``reference.*.LANG``, one
segment per line. Each row runs the reference implementation and evalkit in turn in one process with one thread. Warm:
modules are loaded and loops compiled; what either caches of texts (sacrebleu's tokenized lines, stems) is cleared before
each run. The reference implementation runs once, evalkit several times, of which the fastest counts. The reference
implementation is used in its fastest form: references are prepared once for all systems, and only its segment statistics
are computed.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from pathlib import Path

import numba
import numpy as np
import sacrebleu

import evalkit
from evalkit.metrics.kernels.routing import always_compiled

from .cold import first_runs, peak_memory
from .measure import Row, timed
from .rows import rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--row", default="", help="only rows with this in their names; no first runs, no memory")
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()

    print(
        f"evalkit {evalkit.__version__}, sacrebleu {sacrebleu.__version__}, rouge-score 0.1.2, numba {numba.__version__}, "
        f"numpy {np.__version__}, Python {platform.python_version()}, {os.cpu_count()} cores {platform.machine()}\n"
    )
    print("| job | input | reference implementation, CPU s | evalkit, CPU s | ratio | goal | equal |")
    print("|---|---|---|---|---|---|---|")
    always_compiled()
    missed: list[str] = []
    for row in rows(args.folder):
        if args.row not in row.name:
            continue
        report(row, args.repeats, missed)
    if not args.row:
        print("\n| first runs, fresh process | wall s | CPU s |\n|---|---|---|")
        for name, wall, cpu in first_runs(args.folder):
            print(f"| {name} | {wall:.2f} | {cpu:.2f} |", flush=True)
        print("\n| peak memory, fresh process | MiB |\n|---|---|")
        for name, mib in peak_memory(args.folder):
            print(f"| {name} | {mib:.0f} |", flush=True)
    if missed:
        sys.exit("below the goal: " + ", ".join(missed))


def report(row: Row, repeats: int, missed: list[str]) -> None:
    slow, theirs = timed(row.theirs, 1)
    row.ours()  # loads and compiles
    fast, ours = timed(row.ours, repeats)
    if not row.equal(theirs, ours):
        raise SystemExit(f"{row.name}, {row.input}: the reference implementation and evalkit return different numbers")
    ratio = slow / fast
    if row.goal and ratio < row.goal:
        missed.append(f"{row.name} ({ratio:.0f}x of {row.goal}x)")
    goal = f"{row.goal}x" if row.goal else ""
    print(
        f"| {row.name} | {row.input} | {slow:.2f} | {fast:.3f} | {ratio:.0f}x | {goal} | {row.equality} |", flush=True
    )


if __name__ == "__main__":
    main()
