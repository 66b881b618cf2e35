"""Blocks of work on all cores, without the linear algebra library's own threads.

Matrix products of a block are short, and between them the library's idle threads spin, which costs as much processor time
as it saves, and several times that on a busy machine. Here whole blocks (random bits, product and scores) run on our own
threads, and each product on a single one.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")


def over_blocks(blocks: Iterable[Callable[[], T]], workers: int) -> Iterator[T]:
    """Run the blocks and yield their results in order; at most two per worker are in progress, so memory stays bounded.

    The result of a block must not depend on the thread that runs it.

    :param workers: threads; 1 for none.
    """
    with one_thread_each():
        if workers <= 1:
            for block in blocks:
                yield block()
            return
        waiting: deque[Future[T]] = deque()
        pool = ThreadPoolExecutor(workers)
        try:
            for block in blocks:
                waiting.append(pool.submit(block))
                if len(waiting) >= 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@lru_cache(maxsize=1)
class one_thread_each(AbstractContextManager[None]):
    """A context in which products of the linear algebra library run on the calling thread.

    The library has one setting for the whole process: the first user sets it and the last one restores it.
    """

    def __init__(self) -> None:
        # Finding the loaded libraries takes a millisecond, so it is done once; numpy's is loaded by now.
        from threadpoolctl import ThreadpoolController

        self._controller = ThreadpoolController()
        self._lock = Lock()
        self._users = 0
        self._limit: AbstractContextManager[Any] = nullcontext()

    def __enter__(self) -> None:
        with self._lock:
            if not self._users:
                self._limit = self._controller.limit(limits=1, user_api="blas")
                self._limit.__enter__()
            self._users += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                self._limit.__exit__(None, None, None)
