"""Whole processes beside sacrebleu's, and scoring in a loop: what a user waits for.

    python -m benchmarks.speed.commands ../shared/data --runs 5

The folder holds ``wmt22-zh-en``. Each command is a fresh process with an empty cache of statistics; the commands take turns,
and the fastest of all runs counts, by wall clock and by processor time. BLEU and chrF with one reference throughout. The loops
are compiled before anything is measured: that happens once per installation, and how long it took is printed first.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .sets import load


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    data = args.folder / "wmt22-zh-en"
    systems = sorted(map(str, (data / "systems").iterdir()))
    many = {key: job for key, job in jobs(data, systems, tests=True).items() if key in ("evalkit", "sacrebleu")}
    wall, _ = measured({"evalkit": many["evalkit"]}, 1)["evalkit"]
    print(
        f"12 systems with paired tests, run once before the others: {wall:.2f} s, with compiling where that was needed\n"
    )
    print("| process | wall s | CPU s |\n|---|---|---|")
    for name, (wall, cpu) in measured(jobs(data, systems[-2:-1]), args.runs).items():
        print(f"| one system of 1,875 segments: {name} | {wall:.2f} | {cpu:.2f} |", flush=True)
    for name, (wall, cpu) in measured(many, 1).items():
        print(f"| 12 systems with paired tests, 10,000 trials: {name} | {wall:.2f} | {cpu:.2f} |", flush=True)
    loop(args.folder)


def jobs(data: Path, systems: list[str], *, tests: bool = False) -> dict[str, list[str]]:
    """The commands by name; with ``tests``, sacrebleu compares all systems with the first (evalkit's report has all pairs)."""
    reference = str(data / "reference.ref-A.en")
    evalkit = [sys.executable, "-m", "evalkit", "run", "--quiet", "-m", "BLEU,chrF"]
    ours = [*evalkit, "--lang", "zh-en", "--reference", reference, *systems]
    paired = ["--paired-ar"] if tests else []
    return {
        "sacrebleu": [sys.executable, "-m", "sacrebleu", reference, "-m", "bleu", "chrf", *paired, "-i", *systems],
        "evalkit": ours,
        "evalkit --no-save": [*ours, "--no-save"],
        "evalkit run, bundled": [sys.executable, "-m", "evalkit", "run", "--quiet"],
    }


def measured(commands: dict[str, list[str]], runs: int) -> dict[str, tuple[float, float]]:
    """Least wall and CPU seconds of each command."""
    seconds = {name: (float("inf"), float("inf")) for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            with tempfile.TemporaryDirectory() as place:
                before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
                environment = {**os.environ, "EVALKIT_CACHE": f"{place}/cache"}
                environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
                subprocess.run(command, env=environment, cwd=place, check=True, capture_output=True)
                wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            seconds[name] = min(seconds[name][0], wall), min(seconds[name][1], cpu)
    return seconds


def loop(folder: Path) -> None:
    """CPU seconds of each call of ``evalkit.score`` and of sacrebleu for ten systems in turn; both must agree."""
    import sacrebleu

    import evalkit

    data = load(folder, "wmt22-zh-en").with_references(1)
    references, flat = [list(texts) for texts in data.references], [[texts[0] for texts in data.references]]
    bleu, chrf = sacrebleu.BLEU(), sacrebleu.CHRF()
    theirs: list[float] = []
    ours: list[float] = []
    for texts in list(data.systems.values())[:10]:
        start = time.process_time()
        expected = bleu.corpus_score(list(texts), flat).score, chrf.corpus_score(list(texts), flat).score
        middle = time.process_time()
        scores = evalkit.score(texts, references, metrics=["BLEU", "chrF"], lang="en")
        theirs.append(middle - start)
        ours.append(time.process_time() - middle)
        if any(abs(a - b) > 1e-9 for a, b in zip(expected, scores.values(), strict=True)):
            raise SystemExit(f"different scores: {expected} and {scores}")
    print("\n| call of a loop, BLEU and chrF | sacrebleu, CPU ms | evalkit, CPU ms | ratio |\n|---|---|---|---|")
    for i, (slow, fast) in enumerate(zip(theirs, ours, strict=True), 1):
        print(f"| {i} | {1000 * slow:.0f} | {1000 * fast:.0f} | {slow / fast:.1f} |")
    slow, fast = sum(theirs[1:]), sum(ours[1:])
    print(f"| from the second call on | {1000 * slow:.0f} | {1000 * fast:.0f} | {slow / fast:.1f} |")


if __name__ == "__main__":
    main()
