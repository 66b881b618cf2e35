"""What goes wrong when samples of a segment are resampled as if they were segments.

Two systems with the same true score write K outputs for each segment. A segment suits one system better than the other
(variance 1 between segments), and outputs of one segment vary (variance S). Three ways of resampling are tried:

- *segments*: the mean of a segment's samples is its row, and segments are the units. This is what evalkit does.
- *nested*: segments are drawn, then samples within each of them.
- *samples*: every sample is a unit of its own.

Printed are the width of the 95% interval of the difference, as a multiple of the right width 2 * 1.96 standard deviations, the
share of intervals that do not contain the true difference of 0 (5% is right), and the share of the variance that comes from
sampling, true and as estimated by :func:`evalkit.stats.sampling_share`.

    python -m benchmarks.calibration.samples
"""

from __future__ import annotations

import argparse
import math

import numpy as np

from evalkit.stats import intervals, sampling_share


def mean(sums: np.ndarray) -> np.ndarray:
    return sums[..., 0] / sums[..., 1]


def rows_of(values: np.ndarray) -> np.ndarray:
    return np.stack([values, np.ones_like(values)], axis=-1)


def nested(values: np.ndarray, trials: int, rng: np.random.Generator) -> tuple[float, float]:
    """Percentiles of means over drawn segments, whose samples are drawn as well."""
    n, k = values.shape
    segments = rng.integers(0, n, (trials, n))
    drawn = [values[segments, rng.integers(0, k, (trials, n))] for _ in range(k)]
    low, high = np.quantile(np.mean(drawn, axis=(0, 2)), [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--segments", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=2000)
    parser.add_argument("--trials", type=int, default=500)
    args = parser.parse_args()
    rng = np.random.default_rng(1)
    print("| samples | variance of sampling | resampled | width | rejected at .05 | share of sampling | estimated |")
    print("|---|---|---|---|---|---|---|")
    for k, variance in ((2, 1.0), (3, 2.0), (5, 2.0), (10, 10.0)):
        true_share = (variance / k) / (1 + variance / k)
        right = 2 * 1.96 * math.sqrt((1 + variance / k) / args.segments)
        widths: dict[str, list[float]] = {"segments": [], "nested": [], "samples": []}
        missed = dict.fromkeys(widths, 0)
        shares: list[float] = []
        for repeat in range(args.repeats):
            # The difference of the two systems, sample by sample.
            values = rng.normal(size=(args.segments, 1)) + math.sqrt(variance) * rng.normal(size=(args.segments, k))
            by_segment = intervals(rows_of(values.mean(axis=1)), mean, trials=args.trials, seed=repeat)
            by_sample = intervals(rows_of(values.reshape(-1)), mean, trials=args.trials, seed=repeat)
            bounds = {
                "segments": (by_segment.low[0], by_segment.high[0]),
                "nested": nested(values, args.trials, rng),
                "samples": (by_sample.low[0], by_sample.high[0]),
            }
            for name, (low, high) in bounds.items():
                widths[name].append(high - low)
                missed[name] += not low <= 0 <= high
            shares.append(sampling_share(rows_of(values), mean).share)
        for name, width in widths.items():
            print(
                f"| {k} | {variance:g} | {name} | {np.mean(width) / right:.3f} | {missed[name] / args.repeats:.1%} | "
                f"{true_share:.0%} | {np.mean(shares):.0%} |"
            )


if __name__ == "__main__":
    main()
