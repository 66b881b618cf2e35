"""Random linear maps of rows: sums under bootstrap weights and under random swaps, in blocks of bounded memory.

Both are one matrix product shared by all systems. Every generator here guarantees:

- **The same numbers everywhere.** A resample depends only on the seed and its own index, not on the size of a block, the
  number of resamples or the number of threads. Statistics are first rounded to a fixed-point grid (whole numbers are on it
  already; others move by less than 2**-51 of the largest sum), so that sums are exact in any order.
- **Single precision only where it is exact**: for whole numbers whose sums stay below 2**24.
- **Bounded memory**: some tens of MiB in addition to the rows, whatever the number of units and trials. Time is linear in
  units, trials and columns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import InputError
from evalkit.stats.parallel import cores, over_blocks
from evalkit.stats.resampling_units import Floats

T = TypeVar("T")
#: Weights of the units from ``start`` to ``stop``: [trials, stop - start].
Weights = Callable[[int, int], NDArray[Any]]

# Elements of one block's weights or swaps: 4 Mi, so 16 MiB in single precision.
_BLOCK = 1 << 22
_TRIALS_AT_ONCE = 256
# With few units, more trials at once: otherwise the time goes into starting a block rather than into its sums.
_FEW_UNITS = 1 << 6
_TRIALS_OF_FEW = 2048
# Whole numbers up to this size are stored in single precision, in tiles of units short enough to be exact.
_SMALL = 1 << 13
_EXACT_SINGLE = 1 << 24
_EXACT_DOUBLE = 52
_TILE = 16384
# Multiplications from which on all cores are used.
_LARGE = 10**9


@dataclass(frozen=True, eq=False)
class Grid:
    """Rows on a fixed-point grid, laid out for products.

    :param matrix: [columns', units]: the distinct columns, in single precision where that is exact.
    :param where: int[columns, systems]: the row of ``matrix`` with that column of that system.
    :param tile: how many units may be added up in the precision of ``matrix``.
    """

    matrix: NDArray[Any]
    where: NDArray[np.int64]
    tile: int

    @property
    def units(self) -> int:
        """Number of units."""
        return int(self.matrix.shape[1])

    def spread(self, sums: Floats) -> Floats:
        """float64[columns', trials] as float64[systems, trials, columns], each column contiguous in memory."""
        return np.moveaxis(sums[self.where], 0, -1)

    def total(self) -> Floats:
        """Sums over all units, float64[systems, columns]."""
        sums: Floats = self.matrix.sum(axis=1, dtype=np.float64)
        return self.spread(sums[:, np.newaxis])[:, 0]


def grid(rows: Floats) -> Grid:
    """Rows, float64[systems, units, columns], rounded to the grid."""
    systems, units, columns = rows.shape
    parts: list[Floats] = []
    where = np.empty((columns, systems), dtype=np.int64)
    for column in range(columns):
        values = rows[:, :, column]
        if systems > 1 and (values == values[0]).all():
            # A column that all systems share, such as the reference length, needs one product only.
            where[column] = len(parts)
            parts.append(values[0])
        else:
            where[column] = np.arange(len(parts), len(parts) + systems)
            parts.extend(values)
    sizes = np.array([np.abs(values).max(initial=0.0) for values in parts])
    whole = np.array([bool((values == np.rint(values)).all()) for values in parts])
    largest = float(sizes.max())
    if whole.all() and largest <= _SMALL:
        # Half of what is exact, because the bootstrap weights of a tile may add up to more than its length: for tiles of
        # 1,024 units and more by 3% (one standard deviation), far less than a factor of two.
        tile = int(_EXACT_SINGLE / 2 / max(largest, 1.0))
        return Grid(np.array(parts, dtype=np.float32), where, max(64, min(tile, _TILE) // 64 * 64))
    matrix = np.empty((len(parts), units))
    for i, values in enumerate(parts):
        total = float(sizes[i]) * max(units, 1)
        if whole[i] and total < 2.0**_EXACT_DOUBLE:
            matrix[i] = values
        else:
            # ldexp overflows outside these bounds; values that small are negligible.
            bits = min(max(_EXACT_DOUBLE - math.ceil(math.log2(total)), -960), 960) if total > 0 else 0
            matrix[i] = np.ldexp(np.rint(np.ldexp(values, bits)), -bits)
    return Grid(matrix, where, _TILE)


#: Maximum number of trials; more would take very long and add no useful precision.
MAX_TRIALS = 1_000_000


def generator(seed: int, stream: int) -> np.random.Generator:
    """A separate generator for each purpose, so that swaps and weights of one seed are independent."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"seed {seed!r} is not a whole number of at least 0")
    return np.random.default_rng([int(seed), stream])


def trial_counts(trials: int) -> int:
    """:raises InputError: for a number of trials that is not a whole number from 1 to :data:`MAX_TRIALS`."""
    if isinstance(trials, bool) or not isinstance(trials, int | np.integer) or not 1 <= trials <= MAX_TRIALS:
        raise InputError(f"trials {trials!r} is not a whole number from 1 to {MAX_TRIALS:,}")
    return int(trials)


def bootstrap_weights(units: int, trials: int, seed: int, block: int | None = None) -> Iterator[NDArray[np.int64]]:
    """The number of times that each unit is drawn in a resample with replacement: blocks int64[t, units]."""
    for drawn in _draws(units, trials, seed, block):
        yield _counts(drawn, units)


def _draws(units: int, trials: int, seed: int, block: int | None) -> Iterator[NDArray[np.uint32]]:
    rng = generator(seed, 1)
    step = block or min(_TRIALS_AT_ONCE, max(1, _BLOCK // max(units, 1)))
    for done in range(0, trials, step):
        yield rng.integers(0, units, (min(step, trials - done), units), dtype=np.uint32)


def _counts(drawn: NDArray[np.uint32], units: int) -> NDArray[np.int64]:
    cells = drawn.astype(np.int64)
    cells += np.arange(0, len(drawn) * units, units, dtype=np.int64)[:, np.newaxis]
    return np.bincount(cells.reshape(-1), minlength=len(drawn) * units).reshape(len(drawn), units)


def bootstrap_sums(
    parts: Sequence[tuple[Grid, Callable[[Floats], T]]], trials: int, seed: int, block: int | None = None
) -> Iterator[list[T]]:
    """Sums of units drawn with replacement, as many as there are; every system of every metric gets the same draws.

    Source: Efron 1979, the bootstrap; Koehn 2004, https://aclanthology.org/W04-3250, for corpus metrics.

    :param parts: for each metric its rows and a job, which is called with a block of sums, float64[systems, t, columns];
        blocks may run on several threads.
    :returns: for each block what every job returned, in order, ``trials`` sums in all.
    """
    units = parts[0][0].units

    def weights_of(drawn: NDArray[np.uint32]) -> Weights:
        counts = _counts(drawn, units)
        return lambda start, stop: counts[:, start:stop]

    return _over_parts(parts, trials, _draws(units, trials, seed, block), weights_of)


def swap_sums(
    parts: Sequence[tuple[Grid, Callable[[Floats], T]]], trials: int, seed: int, block: int | None = None
) -> Iterator[list[T]]:
    """Sums over a random half of the units: each unit is in or out with probability one half.

    If all swaps of the units are no more than ``trials``, the result has each of them once.

    With F the 0/1 matrix and a, b two systems' rows, ``F @ a + (1 - F) @ b`` is ``sum(b) + F @ a - F @ b``: one product
    for all systems is enough for every pair of them. Parameters and results as in :func:`bootstrap_sums`.
    """
    units = parts[0][0].units

    def weights_of(packed: NDArray[np.uint8]) -> Weights:
        return lambda start, stop: np.unpackbits(packed[:, start // 8 : -(-stop // 8)], axis=1, count=stop - start)

    return _over_parts(parts, trials, _swaps(units, trials, seed, block), weights_of)


def _swaps(units: int, trials: int, seed: int, block: int | None = None) -> Iterator[NDArray[np.uint8]]:
    """Blocks uint8[t, bytes] of one bit per unit, ``trials`` rows in all or every swap once."""
    rng = generator(seed, 2)
    # Whole 64-bit words per trial make the random numbers independent of the block size.
    width = -(-units // 64) * 8
    at_once = _TRIALS_OF_FEW if units <= _FEW_UNITS else _TRIALS_AT_ONCE
    step = block or min(at_once, max(1, (_BLOCK << 6) // max(units, 1)))
    if 2**units <= trials:
        every = (
            (np.arange(2**units, dtype=np.uint64) << np.uint64(64 - units)).astype(">u8").view(np.uint8).reshape(-1, 8)
        )
        yield from (every[done : done + step] for done in range(0, len(every), step))
        return
    for done in range(0, trials, step):
        count = min(step, trials - done)
        yield np.frombuffer(rng.bytes(count * width), dtype=np.uint8).reshape(count, width)


def _over_parts(
    parts: Sequence[tuple[Grid, Callable[[Floats], T]]],
    trials: int,
    blocks: Iterable[NDArray[Any]],
    weights_of: Callable[[NDArray[Any]], Weights],
) -> Iterator[list[T]]:
    """Run the jobs of all parts on each block of random numbers, from which ``weights_of`` makes the weights."""

    def run(block: NDArray[Any]) -> list[T]:
        weights = weights_of(block)
        return [job(_sums(grid_rows, len(block), weights)) for grid_rows, job in parts]

    return over_blocks(
        (partial(run, block) for block in blocks), max(_workers(grid_rows, trials) for grid_rows, _ in parts)
    )


def _workers(grid_rows: Grid, trials: int) -> int:
    """All cores if there is work for some hundredths of a second, else this thread alone."""
    scored = grid_rows.where.size * 100
    return cores() if trials * (grid_rows.matrix.size + scored) > _LARGE else 1


def _sums(grid_rows: Grid, trials: int, weights: Weights) -> Floats:
    """Weighted sums over all units, tile by tile; ``weights(start, stop)`` gives [trials, stop - start]."""
    sums = np.zeros((grid_rows.matrix.shape[0], trials))
    for start in range(0, grid_rows.units, grid_rows.tile):
        stop = min(start + grid_rows.tile, grid_rows.units)
        sums += grid_rows.matrix[:, start:stop] @ weights(start, stop).astype(grid_rows.matrix.dtype).T
    return grid_rows.spread(sums)
