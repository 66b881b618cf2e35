"""Where shards are scored: here, in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from evalkit.errors import InputError, SettingError
from evalkit.version import install_hint

__all__ = [
    "WORTHWHILE",
    "available_cores",
    "dask_executor",
    "jobs_ahead",
    "jobs_for",
    "lost_a_worker",
    "process_pool",
    "spares_of",
    "workers_of",
]

#: characters times metrics below which starting processes costs more than it saves: some seconds of work.
WORTHWHILE = 100_000_000

# Workers of an executor that does not say how many it has.
_UNKNOWN = 8


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


def workers_of(executor: Executor) -> int:
    """How many shards an executor works on at a time, as far as it tells; a cluster may have more of them later."""
    if isinstance(executor, _Pool | _Dask):
        return executor.workers()
    return int(getattr(executor, "_max_workers", None) or _UNKNOWN)


def spares_of(executor: Executor) -> list[Executor]:
    """What takes over once when an executor breaks: pools made here have a second one."""
    return [executor.spare] if isinstance(executor, _Pool) and executor.spare is not None else []


def jobs_ahead(size: int) -> int:
    """How many processes to start before the files are read, where that is sure to pay.

    :param size: bytes of outputs and references, times metrics; no character has more than four.
    """
    return jobs_for(size // 4)


@contextlib.contextmanager
def process_pool(jobs: int, *, ahead: Callable[[], object] | None = None) -> Iterator[Executor | None]:
    """A pool of processes, or None for one job.

    Workers are spawned, not forked: a fork of a process with threads may hang, and spawning is the same everywhere. They
    leave Ctrl-C to this process, and end at once when it gives up, or dies.

    :param ahead: run once in each worker, at once, so that the workers start while this process does something else.
    """
    if jobs <= 1:
        yield None
        return
    context = multiprocessing.get_context("spawn")
    theirs, ours = context.Pipe(duplex=False)
    # The second starts no process before it is used: only when a worker of the first has died.
    pools = [
        ProcessPoolExecutor(jobs, mp_context=context, initializer=_start_worker, initargs=(theirs,)) for _ in range(2)
    ]
    try:
        first, second = (_Pool(pool, jobs) for pool in pools)
        first.spare = second
        if ahead is not None:
            for _ in range(jobs):
                first.submit(ahead)
        yield first
    except BaseException:
        # Do not wait for shards nobody will read.
        ours.close()
        for pool in pools:
            _shut_down(pool, cancel=True)
        raise
    else:
        for pool in pools:
            _shut_down(pool)
    finally:
        ours.close()
        theirs.close()


def _shut_down(pool: ProcessPoolExecutor, *, cancel: bool = False) -> None:
    """End a pool.

    This process holds the other ends of the pool's pipes, too. So where workers died while a shard was on its way to them, or
    a result on its way back, the pool's own threads would wait for ever for the rest; closing these ends tells them
    (https://github.com/python/cpython/issues/94777 has the first of the two, for Python 3.10).
    """
    workers = _processes(pool)
    ends = [getattr(getattr(pool, "_call_queue", None), "_reader", None)]
    if cancel or any(worker.exitcode is not None for worker in workers):
        ends.append(getattr(getattr(pool, "_result_queue", None), "_writer", None))
        for worker in workers:
            worker.kill()
    for end in ends:
        if end is not None:
            end.close()
    pool.shutdown(cancel_futures=cancel)


def _processes(pool: ProcessPoolExecutor) -> list[BaseProcess]:
    return list((getattr(pool, "_processes", None) or {}).values())


def lost_a_worker(executor: Executor) -> bool:
    """Whether a worker of a pool made here is dead, which the pool may not have noticed: see :func:`_shut_down`."""
    return isinstance(executor, _Pool) and executor.lost_a_worker()


class _Pool(Executor):
    """A pool whose first use, which starts the workers, is hidden from Ctrl-C: they would all report it."""

    def __init__(self, pool: ProcessPoolExecutor, jobs: int) -> None:
        self._pool = pool
        self._jobs = jobs
        self._started = 0
        self.spare: _Pool | None = None

    def workers(self) -> int:
        return self._jobs

    def lost_a_worker(self) -> bool:
        return any(worker.exitcode is not None for worker in _processes(self._pool))

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        # A worker is started with each of the first tasks.
        if self._started >= self._jobs:
            return self._pool.submit(fn, *args, **kwargs)
        self._started += 1
        with _interrupts_held():
            return self._pool.submit(fn, *args, **kwargs)


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits until the end of this. What is started in here never hears of it: a program inherits what is blocked."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[bool] = []
    # Another thread may take the signal, so it has a handler that only makes a note, too.
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        signal.signal(signal.SIGINT, before)
        if pressed:
            signal.raise_signal(signal.SIGINT)


def _start_worker(parent: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        parent.recv_bytes()  # nothing is ever sent: this returns when the other end is closed
    os._exit(1)


@contextlib.contextmanager
def dask_executor(address: str, *, timeout: float = 5.0, jobs: int | None = None) -> Iterator[Executor]:
    """An executor on a Dask cluster.

    :param address: such as ``tcp://127.0.0.1:8786``, or ``local`` for a cluster started here and stopped at the end.
    :raises SettingError: where distributed is not installed.
    :raises InputError: where no scheduler answers in time.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise SettingError(f"--dask needs distributed: {install_hint('dask')}") from None
    cluster = None
    try:
        if address == "local":
            cluster = LocalCluster(
                n_workers=jobs or available_cores(),
                threads_per_worker=1,
                dashboard_address=None,
                host="127.0.0.1",
                silence_logs=logging.ERROR,
                preload=["import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"],
            )
            client = Client(cluster)
        else:
            client = _in_time(lambda: Client(address, timeout=timeout), timeout)
    except Exception as error:  # what is read as a greeting may even ask for more memory than there is
        if cluster is not None:
            cluster.close()
        raise InputError(
            f"no Dask scheduler answers at {address} within {timeout:g} s ({type(error).__name__}); check that "
            "`dask scheduler` runs there, that the address has the form tcp://host:8786, and that a firewall lets it through"
        ) from None
    try:
        with client.get_executor(pure=False) as executor:
            yield _Dask(client, executor)
    finally:
        client.close()
        if cluster is not None:
            cluster.close()


def _in_time(connect: Callable[[], Any], timeout: float) -> Any:
    """What ``connect`` returns or raises.

    The client's own timeout is for the connection; a server that is no scheduler and never says a word would hold it after
    that for ever, so it is waited for from another thread.

    :raises TimeoutError: where it takes longer.
    """
    found: Future[Any] = Future()

    def run() -> None:
        try:
            found.set_result(connect())
        except BaseException as error:
            found.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return found.result(timeout + 1)


class _Dask(Executor):
    """A client's executor, which also tells how many workers its cluster has at the moment.

    What a task is called with goes to the workers on its own: a scheduler keeps the tasks it was sent for minutes, and with
    their texts a run of a million segments would hold two gigabytes there. If the worker that has the only copy dies, the
    task is cancelled, and the engine hands it out again.
    """

    def __init__(self, client: Any, executor: Executor) -> None:
        self._client = client
        self._executor = executor
        self._known = 1

    def workers(self) -> int:
        # A scheduler that does not answer now is the business of the shards that wait for it.
        with contextlib.suppress(OSError, TimeoutError):
            self._known = int(sum(self._client.nthreads().values()))
        return self._known

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        # With no worker there at the moment, the scheduler may hold it until one comes.
        with contextlib.suppress(OSError, TimeoutError):
            args = tuple(self._client.scatter(list(args), hash=False))
        return self._executor.submit(fn, *args, **kwargs)
