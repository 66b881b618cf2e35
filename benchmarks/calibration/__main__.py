"""How often each test rejects a null hypothesis that is true, on real system outputs.

Two real systems' outputs change hands at random, segment by segment. Whatever comes out are two systems that differ by
chance alone, so a test at 0.05 should reject 5% of the time. This is done thousands of times, and the share is printed
for evalkit's tests and for sacrebleu's.

    python -m benchmarks.calibration ../shared/data/wmt22-zh-en

The folder holds ``systems/*.LANG`` and ``reference.*.LANG``, a segment a line. sacrebleu's tests are run through
``evalkit.stats.compat``, which gives its p-values to the last digit; on the first swaps that is checked against sacrebleu
itself.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import platform
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from sacrebleu.metrics import BLEU as SacrebleuBLEU, CHRF
from sacrebleu.significance import PairedTest

import evalkit
from evalkit.metrics.base import References
from evalkit.metrics.bleu import BLEU
from evalkit.metrics.chrf import ChrF
from evalkit.stats import Test, compare, compat

CHECKED = 2
LEVELS = (0.01, 0.05, 0.10)
TESTS = (
    ("evalkit, approximate randomization", "randomization", None),
    ("evalkit, paired bootstrap", "bootstrap", None),
    ("sacrebleu, approximate randomization", "randomization", "sacrebleu"),
    ("sacrebleu, paired bootstrap", "bootstrap", "sacrebleu"),
)


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def sacrebleu_p(
    outputs: list[list[str]], reference: list[str], metric: BLEU | ChrF, method: str, trials: int, seed: int
) -> float:
    """What sacrebleu itself says."""
    theirs = CHRF() if isinstance(metric, ChrF) else SacrebleuBLEU(tokenize=str(metric.tokenize))
    kind = "bs" if method == "bootstrap" else "ar"
    named = [("a", outputs[0]), ("b", outputs[1])]
    test = PairedTest(named, {"metric": theirs}, [reference], test_type=kind, n_samples=trials)
    test._seed = seed
    _, results = test()
    return float(next(values for name, values in results.items() if name != "System")[1].p_value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--reference", help="name of a reference file; the first one if not given")
    parser.add_argument("--repeats", type=int, default=4000, help="swaps tried (4000)")
    parser.add_argument("--trials", type=int, default=1000, help="trials of each test (1000)")
    parser.add_argument("--segments", type=int, default=None, help="use the first so many segments only")
    parser.add_argument("--metric", choices=("BLEU", "chrF"), default="BLEU")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    reference = sorted(args.folder.glob(args.reference or "reference.*"))[0]
    lang = reference.suffix[1:]
    # sacrebleu's BLEU is without effective order.
    metric = (BLEU(effective_order=False) if args.metric == "BLEU" else ChrF()).resolve(lang)
    formula = compat.formula(metric.name, metric.settings())
    texts = lines(reference)[: args.segments]
    prepared = metric.prepare(References(tuple((text,) for text in texts), lang=lang))
    paths = sorted((args.folder / "systems").iterdir())
    outputs = [lines(path)[: args.segments] for path in paths]
    rows = np.array([metric.statistics(output, prepared) for output in outputs])
    segments = rows.shape[1]
    pairs = list(itertools.combinations(range(len(paths)), 2))

    rng = np.random.default_rng(args.seed)
    rejected = np.zeros((len(TESTS), len(LEVELS)))
    spent = np.zeros(len(TESTS))
    for repeat in range(args.repeats):
        i, j = pairs[repeat % len(pairs)]
        swap = rng.integers(0, 2, segments).astype(bool)[:, np.newaxis]
        mixed = np.stack([np.where(swap, rows[i], rows[j]), np.where(swap, rows[j], rows[i])])
        checked = repeat < CHECKED
        if checked:
            whole = [
                [a if s else b for a, b, s in zip(outputs[x], outputs[y], swap[:, 0], strict=True)]
                for x, y in ((i, j), (j, i))
            ]
        for at, (_, method, mode) in enumerate(TESTS):
            score = formula if mode else metric.score
            start = time.process_time()
            found = compare(
                mixed, score, test=Test(method=method, trials=args.trials, compat=mode, seed=repeat + 1, resamples=2)
            )
            spent[at] += time.process_time() - start
            if mode and checked:
                theirs = sacrebleu_p(whole, texts, metric, method, args.trials, repeat + 1)
                if found.p[0] != theirs:
                    raise SystemExit(f"swap {repeat}: sacrebleu's p is {theirs}, evalkit's copy of it {found.p[0]}")
            rejected[at] += found.p[0] <= np.array(LEVELS)

    print(f"{args.folder.name}, {metric.name}, {len(paths)} systems, {segments} segments, reference {reference.name}")
    print(
        f"{args.repeats:,} swaps over {len(pairs)} pairs, {args.trials:,} trials a test, evalkit {evalkit.__version__}"
    )
    print(f"numpy {np.__version__}, Python {platform.python_version()}, {platform.machine()}\n")
    print("| test | " + " | ".join(f"rejected at {level:.2f}" for level in LEVELS) + " | CPU ms |")
    print("|---|" + "---|" * (len(LEVELS) + 1))
    for (name, _, _), shares, seconds in zip(TESTS, rejected / args.repeats, spent, strict=True):
        print(f"| {name} | " + " | ".join(f"{s:.4f}" for s in shares) + f" | {1000 * seconds / args.repeats:.0f} |")
    errors = (2 * math.sqrt(level * (1 - level) / args.repeats) for level in LEVELS)
    print(
        "| *nominal ± two standard errors* | "
        + " | ".join(f"{level:.2f} ± {error:.4f}" for level, error in zip(LEVELS, errors, strict=True))
        + " | |"
    )


if __name__ == "__main__":
    main()
