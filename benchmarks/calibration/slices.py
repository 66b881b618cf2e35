"""How often the test of a slice against the rest rejects when there is nothing to find, on real system outputs.

A slice of some articles is drawn at random, so that the difference of two systems inside it and outside differs by chance
alone. The share of slices that the test calls different at .01, .05 and .10 is printed, for slices of several sizes.

    python -m benchmarks.calibration.slices ../shared/data/wmt24-en-zh --reference reference.refA.zh

The folder holds ``systems/*.LANG``, ``reference.*.LANG`` and ``docids``, one segment per line.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from evalkit.metrics.base import References
from evalkit.metrics.bleu import BLEU
from evalkit.metrics.chrf import ChrF
from evalkit.stats import slice_interactions

from .__main__ import lines

LEVELS = (0.01, 0.05, 0.10)
SIZES = (3, 5, 10, 20, 50)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--reference", default="reference.*", help="name of a reference file")
    parser.add_argument("--repeats", type=int, default=1000, help="slices tried for each size (1000)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    reference = sorted(args.folder.glob(args.reference))[0]
    lang = reference.suffix[1:]
    texts = lines(reference)
    articles = np.unique(lines(args.folder / "docids"), return_inverse=True)[1]
    outputs = [lines(path) for path in sorted((args.folder / "systems").glob(f"*.{lang}"))]
    number = int(articles.max()) + 1
    print(f"{len(outputs)} systems, {len(texts):,} segments, {number} articles; {args.repeats:,} slices per line\n")
    print(f"| metric | articles in the slice | {' | '.join(f'rejected at {level}' for level in LEVELS)} |")
    print("|---" * (2 + len(LEVELS)) + "|")
    for metric in (BLEU().resolve(lang), ChrF().resolve(lang)):
        prepared = metric.prepare(References(tuple((text,) for text in texts)))
        rows = np.array([metric.statistics(system, prepared) for system in outputs])
        for size in (size for size in SIZES if 2 * size <= number):
            rng = np.random.default_rng([args.seed, size])
            rejected = np.zeros(len(LEVELS))
            for _ in range(args.repeats):
                pair = rng.choice(len(outputs), 2, replace=False)
                inside = np.isin(articles, rng.choice(number, size, replace=False))
                found = slice_interactions(rows[pair], metric.score, [inside], groups=articles, unit="article")
                rejected += found.p[0] <= np.array(LEVELS)
            shares = " | ".join(f"{share:.3f}" for share in rejected / args.repeats)
            print(f"| {metric.name} | {size} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
