"""Where shards are scored: here, in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor

from evalkit.errors import InputError, SettingError

__all__ = ["available_cores", "dask_executor", "jobs_for", "process_pool"]

#: characters times metrics below which starting processes costs more than it saves: some seconds of work.
WORTHWHILE = 100_000_000


def available_cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def jobs_for(work: int) -> int:
    """How many processes a run of this size is worth.

    :param work: characters of outputs and references, times metrics.
    """
    return 1 if work < WORTHWHILE else available_cores()


@contextlib.contextmanager
def process_pool(jobs: int) -> Iterator[Executor | None]:
    """A pool of processes, or None for one job.

    Workers are spawned, not forked: a fork of a process with threads may hang, and spawning is the same everywhere.
    """
    if jobs <= 1:
        yield None
        return
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield pool
    except BaseException:
        # Do not wait for shards nobody will read.
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    else:
        pool.shutdown()


@contextlib.contextmanager
def dask_executor(address: str, *, timeout: float = 10.0, jobs: int | None = None) -> Iterator[Executor]:
    """An executor on a Dask cluster.

    :param address: such as ``tcp://127.0.0.1:8786``, or ``local`` for a cluster started here and stopped at the end.
    :raises SettingError: where distributed is not installed.
    :raises InputError: where no scheduler answers in time.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise SettingError('--dask needs distributed: pip install "evalkit[dask]"') from None
    cluster = None
    try:
        if address == "local":
            cluster = LocalCluster(
                n_workers=jobs or available_cores(), threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
            )
            client = Client(cluster, timeout=timeout)
        else:
            client = Client(address, timeout=timeout)
    except (OSError, ValueError, TimeoutError) as error:
        if cluster is not None:
            cluster.close()
        raise InputError(
            f"no Dask scheduler answers at {address} within {timeout:g} s ({type(error).__name__}); check that "
            "`dask scheduler` runs there, that the address has the form tcp://host:8786, and that a firewall lets it through"
        ) from None
    try:
        with client.get_executor(pure=False) as executor:
            yield executor
    finally:
        client.close()
        if cluster is not None:
            cluster.close()
