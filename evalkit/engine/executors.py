"""Where shards are scored: in this process, in a pool of local processes, or on a Dask cluster.

The pool is CPython's. The one of loky 3.7 notices a worker that dies while it works, but like CPython's it waits forever for
the rest of a result that a worker was sending when it died, so it would need the same private fields (:func:`_shut_down`).
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any

from evalkit.errors import InputError, SettingError
from evalkit.version import install_hint

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

#: Characters times the cost of the metrics below which starting processes costs more than it saves: a few seconds of work.
WORTHWHILE = 40_000_000

# Number of workers to assume for an executor that does not report it.
_UNKNOWN = 8


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def jobs_for(work: int) -> int:
    """Return how many processes to use for a run of this size.

    :param work: characters of outputs and references, times the cost of the metrics.
    """
    return 1 if work < WORTHWHILE else available_cores()


class Workers(Executor):
    """An executor with information about its workers; this base class has only what every executor provides."""

    #: Takes over if this one breaks.
    spare: Workers | None = None

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a task; see :class:`concurrent.futures.Executor`."""
        return self._executor.submit(fn, *args, **kwargs)

    def count(self) -> int:
        """The number of tasks that run at the same time, as far as it is known; a cluster may grow later."""
        return int(getattr(self._executor, "_max_workers", None) or _UNKNOWN)

    def lost_one(self) -> bool:
        """Whether a worker is dead, which the executor itself may not have noticed."""
        return False

    def is_idle(self) -> bool:
        """Whether tasks are pending although all workers are idle."""
        return False


@contextlib.contextmanager
def process_pool(jobs: int, *, ahead: Callable[[], object] | None = None) -> Iterator[Workers | None]:
    """Yield a pool of processes, or None for a single job.

    Workers are spawned, not forked: forking a process with threads may hang, and spawning works the same on every
    platform. They leave Ctrl-C to this process, and exit at once when it stops or dies.

    :param ahead: called once in each worker immediately, so that the workers start while this process does other work.
    """
    if jobs <= 1:
        yield None
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")
    theirs, ours = context.Pipe(duplex=False)
    # The spare pool starts no process until it is used, that is, until a worker of the first has died.
    pools = [
        ProcessPoolExecutor(jobs, mp_context=context, initializer=_start_worker, initargs=(theirs,)) for _ in range(2)
    ]
    try:
        first, second = map(_Pool, pools)
        first.spare = second
        if ahead is not None:
            for _ in range(jobs):
                first.submit(ahead)
        yield first
    except BaseException:
        # Do not wait for shards whose results will not be read.
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
    """Shut down a pool.

    This process also holds the other ends of the pool's pipes. If a worker died while a shard was being sent to it, or
    while it was sending a result, the pool's own threads would wait for the rest forever; closing these ends wakes them
    (https://github.com/python/cpython/issues/94777 describes the first case, for Python 3.10).
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


def _processes(pool: Executor) -> list[BaseProcess]:
    return list((getattr(pool, "_processes", None) or {}).values())


class _Pool(Workers):
    """A pool that starts its workers shielded from Ctrl-C, which every one of them would otherwise report."""

    _started = 0

    def lost_one(self) -> bool:
        # The pool may wait forever without noticing; see _shut_down.
        return any(worker.exitcode is not None for worker in _processes(self._executor))

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        # The pool starts one worker with each of the first tasks.
        starts = self._started < self.count()
        self._started += starts
        with interrupts_held() if starts else contextlib.nullcontext():
            return super().submit(fn, *args, **kwargs)


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """Defer Ctrl-C until the block ends; processes started within it inherit the signal mask and never receive it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[bool] = []
    # Another thread may receive the signal, so a handler that only records it is installed as well.
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
        parent.recv_bytes()  # nothing is ever sent; this returns when the other end is closed
    os._exit(1)


@contextlib.contextmanager
def dask_executor(address: str, *, timeout: float = 5.0, jobs: int | None = None) -> Iterator[Workers]:
    """Yield an executor on a Dask cluster.

    :param address: for example ``tcp://127.0.0.1:8786``, or ``local`` to start a cluster here and stop it at the end.
    :raises SettingError: if ``distributed`` is not installed.
    :raises InputError: if no scheduler answers in time.
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
    except Exception as error:  # a malformed greeting may even request more memory than is available
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
    """Call ``connect`` in another thread with a time limit; return or raise what it does.

    The client's own timeout covers only the connection. A server that is not a scheduler and never sends anything would
    block it forever after that, so the call runs in another thread.

    :raises TimeoutError: if it takes longer.
    """
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(connect())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future.result(timeout + 1)


class _Dask(Workers):
    """A client's executor that also reports how many workers its cluster has at the moment.

    The arguments of a task are sent to the workers separately. A scheduler keeps tasks for minutes, and if they
    contained the texts, a run of a million segments would occupy two gigabytes there. If the worker with the only copy
    dies, the task is cancelled, and the engine submits it again.
    """

    _known = 1

    def __init__(self, client: Any, executor: Executor) -> None:
        super().__init__(executor)
        self._client = client

    def count(self) -> int:
        # If the scheduler does not answer now, the shards that wait for it report the error.
        with contextlib.suppress(OSError, TimeoutError):
            self._known = int(sum(self._client.nthreads().values()))
        return self._known

    def is_idle(self) -> bool:
        with contextlib.suppress(OSError, TimeoutError):
            tasks = self._client.processing()
            return bool(tasks) and not any(tasks.values())
        return False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        # If the cluster has no worker at the moment, the scheduler may hold the data until one joins.
        with contextlib.suppress(OSError, TimeoutError):
            args = tuple(self._client.scatter(list(args), hash=False))
        return super().submit(fn, *args, **kwargs)
