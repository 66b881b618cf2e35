"""How many articles it takes to resample articles.

Segments of one article are alike. Scores are simulated with a part that a whole article shares, and two systems without
a true difference. For each number of articles it is counted how often the 95% interval holds the true score, and how often
each test rejects at 0.05, with articles and with segments as the unit.

    python benchmarks/calibration/units.py
"""

from __future__ import annotations

import argparse
import os
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from evalkit.stats import Test, compare, intervals

NUMBERS = (3, 5, 8, 10, 15, 20, 30, 50)


def mean(sums: np.ndarray) -> np.ndarray:
    return sums[..., 0] / sums[..., 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=1000)
    parser.add_argument("--shared", type=float, default=0.2, help="share of the variance between articles (0.2)")
    args = parser.parse_args()
    start = time.process_time()
    print(
        f"{args.repeats:,} simulations each; articles of 5 to 40 segments, {args.shared:.0%} of the variance between them\n"
    )
    columns = [
        f"{what} by {unit}" for what in ("interval", "randomization", "bootstrap") for unit in ("article", "segment")
    ]
    print(f"| articles | effects | {' | '.join(columns)} |")
    print("|---" * (2 + len(columns)) + "|")
    for effects in ("normal", "skewed"):
        for number in NUMBERS:
            shares = simulate(number, effects, args.shared, args.repeats)
            print(f"| {number} | {effects} | " + " | ".join(f"{share:.3f}" for share in shares) + " |", flush=True)
    print(f"\n{time.process_time() - start:.0f} s of CPU")


def simulate(number: int, effects: str, shared: float, repeats: int) -> np.ndarray:
    rng = np.random.default_rng([number, effects == "skewed"])
    found = np.zeros(6)
    for repeat in range(repeats):
        sizes = rng.integers(5, 41, number)
        groups = np.repeat(np.arange(number), sizes)
        # Both systems: what the article does to that system, and noise.
        of_article = rng.standard_normal((2, number)) if effects == "normal" else rng.exponential(size=(2, number)) - 1
        noise = rng.standard_normal((2, len(groups)))
        scores = np.sqrt(shared) * of_article[:, groups] + np.sqrt(1 - shared) * noise
        rows = np.stack([scores, np.ones_like(scores)], axis=-1)
        for at, unit in enumerate(("article", "segment")):
            interval = intervals(rows[:1], mean, groups, 500, seed=repeat, unit=unit)
            found[at] += interval.low[0] <= 0 <= interval.high[0]
            for offset, method in ((2, "randomization"), (4, "bootstrap")):
                p = compare(rows, mean, None, groups, Test(method, 500, seed=repeat, resamples=2), unit=unit).p[0]
                found[offset + at] += p <= 0.05
    return found / repeats


if __name__ == "__main__":
    main()
