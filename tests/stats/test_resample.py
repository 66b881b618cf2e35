from __future__ import annotations

import numpy as np
import pytest

from evalkit.errors import InputError
from evalkit.stats import resample
from evalkit.stats.parallel import cores, one_thread_each, over_blocks


def all_sums(sums_of, held, trials, seed, block=None):
    return np.concatenate([sums for (sums,) in sums_of([(held, lambda sums: sums)], trials, seed, block)], axis=1)


def rows(kind, systems=3, n=130, k=4):
    rng = np.random.default_rng(3)
    if kind == "counts":
        values = rng.integers(0, 60, (systems, n, k)).astype(float)
        values[:, :, 2] = values[0, :, 2]
        return values
    if kind == "large counts":
        return rng.integers(0, 2**40, (systems, n, k)).astype(float)
    return rng.standard_normal((systems, n, k)) * [1e-3, 1, 1e6, 0]


def naive_weights(seed, units, trials):
    # Draws as documented: one stream, units whole numbers a resample.
    rng = np.random.default_rng([seed, 1])
    return np.stack(
        [np.bincount(rng.integers(0, units, units, dtype=np.uint32), minlength=units) for _ in range(trials)]
    )


def naive_swaps(seed, units, trials):
    rng = np.random.default_rng([seed, 2])
    words = -(-units // 64) * 8
    bits = [np.unpackbits(np.frombuffer(rng.bytes(words), np.uint8))[:units] for _ in range(trials)]
    return np.stack(bits).astype(int)


@pytest.mark.parametrize("kind", ["counts", "large counts", "real"])
@pytest.mark.parametrize(
    ("sums_of", "naive"),
    [(resample.bootstrap_sums, naive_weights), (resample.swap_sums, naive_swaps)],
    ids=["bootstrap", "swaps"],
)
def test_sums_are_those_of_one_resample_at_a_time(kind, sums_of, naive):
    values = rows(kind)
    found = all_sums(sums_of, resample.grid(values), 50, 7)
    weights = naive(7, values.shape[1], 50)
    expected = np.stack(
        [[sum(w * row for w, row in zip(line, system, strict=True)) for line in weights] for system in values]
    )
    if kind == "real":
        scale = np.abs(values).max(axis=(0, 1)) * values.shape[1]
        assert (np.abs(found - expected) <= 1e-13 * scale).all()
    else:
        assert np.array_equal(found, expected)


@pytest.mark.parametrize("kind", ["counts", "real"])
@pytest.mark.parametrize("sums_of", [resample.bootstrap_sums, resample.swap_sums])
def test_size_of_blocks_and_tiles_changes_no_byte(kind, sums_of):
    held = resample.grid(rows(kind))
    whole = all_sums(sums_of, held, 50, 7)
    for block in (1, 7, 50, 1000):
        assert all_sums(sums_of, held, 50, 7, block).tobytes() == whole.tobytes()
    narrow = resample.Grid(held.matrix, held.where, 64)
    assert all_sums(sums_of, narrow, 50, 7).tobytes() == whole.tobytes()


@pytest.mark.parametrize("sums_of", [resample.bootstrap_sums, resample.swap_sums])
def test_more_trials_begin_with_the_same_ones(sums_of):
    held = resample.grid(rows("counts"))
    assert np.array_equal(all_sums(sums_of, held, 300, 1)[:, :20], all_sums(sums_of, held, 20, 1))


def test_seeds_and_purposes_have_streams_of_their_own():
    held = resample.grid(rows("counts"))
    one, two = (all_sums(resample.swap_sums, held, 20, seed) for seed in (1, 2))
    assert not np.array_equal(one, two)


def test_single_precision_is_used_only_where_it_is_exact():
    assert resample.grid(rows("counts")).matrix.dtype == np.float32
    assert resample.grid(rows("large counts")).matrix.dtype == np.float64
    assert resample.grid(rows("real")).matrix.dtype == np.float64
    held = resample.grid(np.full((1, 4000, 1), 8191.0))
    assert held.matrix.dtype == np.float32
    # 4000 * 8191 is above 2**24, so only tiles keep it exact.
    assert all_sums(resample.bootstrap_sums, held, 3, 1).tolist() == [[[4000 * 8191.0]] * 3]


def test_columns_shared_by_all_systems_are_held_once():
    values = rows("counts")
    assert len(resample.grid(values).matrix) == 3 * 3 + 1
    assert np.array_equal(resample.grid(values).total(), values.sum(axis=1))


def test_a_resample_draws_as_many_units_as_there_are():
    ones = np.ones((1, 77, 1))
    assert set(all_sums(resample.bootstrap_sums, resample.grid(ones), 200, 5).ravel()) == {77.0}


def test_swaps_are_even_and_independent():
    n, trials = 70, 4000
    held = resample.grid(np.eye(n)[None])
    swaps = all_sums(resample.swap_sums, held, trials, 5)[0]
    assert set(np.unique(swaps)) == {0.0, 1.0}
    spread = 0.5 / np.sqrt(trials)
    assert np.abs(swaps.mean(axis=0) - 0.5).max() < 5 * spread
    correlation = np.corrcoef(swaps.T) - np.eye(n)
    assert np.abs(correlation).max() < 6 / np.sqrt(trials)


@pytest.mark.parametrize("seed", [-1, 1.5, "x", None, True])
def test_bad_seed(seed):
    with pytest.raises(InputError, match="seed"):
        resample.generator(seed, 1)


@pytest.mark.parametrize("trials", [0, -5, 2.5, True])
def test_bad_trials(trials):
    with pytest.raises(InputError, match="trials"):
        resample.trial_counts(trials)


def test_numbers_near_the_ends_of_the_range_stay_finite():
    values = np.array([[[1e300, 1e-300], [2e300, 3e-300], [0.0, 0.0]]])
    held = resample.grid(values)
    assert np.allclose(held.total(), values.sum(axis=1), rtol=1e-12)


def test_threads_change_no_byte(monkeypatch):
    held = resample.grid(rows("real"))
    for sums_of in (resample.bootstrap_sums, resample.swap_sums):
        alone = all_sums(sums_of, held, 60, 3, 7)
        monkeypatch.setattr(resample, "_workers", lambda held, trials: 3)
        assert all_sums(sums_of, held, 60, 3, 7).tobytes() == alone.tobytes()
        monkeypatch.undo()


def test_large_work_uses_all_cores_and_small_work_one():
    held = resample.grid(rows("counts"))
    assert resample._workers(held, 10) == 1
    assert resample._workers(held, 10**6) == cores()


def test_an_error_in_a_block_comes_out_and_ends_the_work():
    done = []

    def block(number):
        def run():
            done.append(number)
            if number == 3:
                raise ValueError("block 3")
            return number

        return run

    with pytest.raises(ValueError, match="block 3"):
        list(over_blocks((block(number) for number in range(1000)), 2))
    assert len(done) < 20
    assert list(over_blocks((block(number) for number in (5, 6, 7)), 2)) == [5, 6, 7]


def test_the_librarys_threads_are_given_back_by_the_last():
    from threadpoolctl import ThreadpoolController

    def threads():
        return [library["num_threads"] for library in ThreadpoolController().info() if library["user_api"] == "blas"]

    before = threads()
    first, second = one_thread_each(), one_thread_each()
    first.__enter__()
    second.__enter__()
    assert set(threads()) <= {1}
    first.__exit__(None, None, None)
    assert set(threads()) <= {1}
    second.__exit__(None, None, None)
    assert threads() == before
