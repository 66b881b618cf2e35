"""CPU time of the tests, evalkit's against sacrebleu's, on the same statistics.

    python -m benchmarks.calibration.speed ../shared/data/wmt22-zh-en

Both get the statistics ready made, so that only the resampling is timed. sacrebleu runs once, evalkit several times (the
fastest counts), in one process. Both return p-values for every system against the first; evalkit returns intervals of the
differences besides.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import sacrebleu
from sacrebleu.metrics import BLEU as SacrebleuBLEU
from sacrebleu.significance import PairedTest

import evalkit
from evalkit.metrics.base import References
from evalkit.metrics.bleu import BLEU
from evalkit.stats import Test, clusters_of, compare, compat, intervals

from .__main__ import lines


def cpu(job: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """Least CPU and wall seconds."""
    best = (float("inf"), float("inf"))
    for _ in range(repeats):
        processor, wall = time.process_time(), time.perf_counter()
        job()
        best = min(best, (time.process_time() - processor, time.perf_counter() - wall))
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    reference = sorted(args.folder.glob("reference.*"))[0]
    metric = BLEU(effective_order=False).resolve(reference.suffix[1:])
    prepared = metric.prepare(References(tuple((text,) for text in lines(reference)), lang=reference.suffix[1:]))
    paths = sorted((args.folder / "systems").iterdir())
    outputs = {path.stem: lines(path) for path in paths}
    rows = np.array([metric.statistics(texts, prepared) for texts in outputs.values()])
    baseline = [(i, 0) for i in range(1, len(paths))]

    sacrebleu_metric = SacrebleuBLEU(tokenize=str(metric.tokenize))
    ready = {tuple(texts): system.astype(int).tolist() for texts, system in zip(outputs.values(), rows, strict=True)}
    sacrebleu_metric._cache_references([lines(reference)])
    sacrebleu_metric._extract_corpus_statistics = lambda texts, _: ready[tuple(texts)]

    print(f"{args.folder.name}, BLEU, {len(paths)} systems, {rows.shape[1]} segments, all against the first")
    print(
        f"evalkit {evalkit.__version__}, sacrebleu {sacrebleu.__version__}, numpy {np.__version__}, "
        f"Python {platform.python_version()}, {platform.machine()}\n"
    )
    print("| job | sacrebleu, CPU s | evalkit, CPU s | ratio | evalkit, wall s |")
    print("|---|---|---|---|---|")
    formula = compat.formula(metric.name, metric.settings())
    for name, kind, method, trials in (
        ("1,000 paired bootstraps", "bs", "bootstrap", 1000),
        ("10,000 randomizations", "ar", "randomization", 10000),
    ):
        found: dict[str, Any] = {}

        def theirs(kind: str = kind, trials: int = trials, found: dict[str, Any] = found) -> None:
            _, results = PairedTest(
                list(outputs.items()), {"BLEU": sacrebleu_metric}, [lines(reference)], kind, trials
            )()
            found["p"] = [result.p_value for result in results["BLEU"][1:]]

        def ours(method: str = method, trials: int = trials) -> None:
            compare(rows, metric.score, baseline, test=Test(method=method, trials=trials))

        slow, _ = cpu(theirs, 1)
        fast, wall = cpu(ours, args.repeats)
        copy = compare(
            rows, formula, baseline, test=Test(method=method, trials=trials, compat="sacrebleu", resamples=2)
        ).p
        if copy.tolist() != found["p"]:
            raise SystemExit(f"{name}: sacrebleu's p-values {found['p']}, evalkit's copy of them {copy.tolist()}")
        print(f"| {name} | {slow:.2f} | {fast:.3f} | {slow / fast:.0f} | {wall:.3f} |")
    for name, job in (
        ("1,000 bootstraps, intervals of all systems", lambda: intervals(rows, metric.score)),
        ("10,000 randomizations, all pairs, and clusters", lambda: clusters_of(compare(rows, metric.score))),
    ):
        fast, wall = cpu(job, args.repeats)
        print(f"| {name} | | {fast:.3f} | | {wall:.3f} |")


if __name__ == "__main__":
    main()
