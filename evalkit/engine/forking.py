"""Share the shards of a small run with a copy of this process.

Starting a worker takes longer than a small run takes. A copy made by ``fork`` starts in milliseconds, with all modules
loaded.
"""

import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe

from evalkit.engine.executors import available_cores, interrupts_held
from evalkit.engine.shards import Shard, ShardResult, score_shard

#: Work, as :meth:`evalkit.engine.shard_plan.Plan.work` counts it, below which a copy takes longer than it saves.
WORTHWHILE = 500_000

# Seconds to wait for the copy before its shards are scored here; a small run takes a few.
_PATIENCE = 60.0


def worth_a_copy(work: int) -> bool:
    """Whether a copy of this process saves time: it is safe, has a core to run on, and there is enough to do.

    A copy has only the thread that made it, so a lock that another thread of Python held would stay locked. The threads
    of OpenBLAS and of pyarrow's allocator prepare for a fork themselves.
    """
    return work >= WORTHWHILE and sys.platform == "linux" and threading.active_count() == 1 and available_cores() > 1


def score_with_copy(shards: Sequence[Shard], finish: Callable[[int, ShardResult], None]) -> None:
    """Score shards, from the first on in this process and from the last on in a copy of it, until they meet.

    If the copy dies or hangs, its shards are scored here.

    :param finish: called in this process with the index and the result of each shard.
    """
    # A pipe with one byte for each shard: whoever reads a byte scores the next shard.
    left, tickets = os.pipe()
    os.write(tickets, bytes(len(shards)))
    os.close(tickets)
    reader, writer = Pipe(duplex=False)
    copy = None
    try:
        with interrupts_held(), warnings.catch_warnings(), suppress(OSError):  # the system may allow no more processes
            # From 3.12 on, CPython warns if the process has any other thread, even one that is not Python's.
            warnings.simplefilter("ignore", DeprecationWarning)
            copy = os.fork()
            if copy == 0:
                reader.close()  # so that sending fails when the original is gone
                _score_from_last(shards, left, writer)
        writer.close()
        mine = 0
        while os.read(left, 1):
            finish(mine, score_shard(shards[mine]))
            mine += 1
        results: dict[int, ShardResult] = {}
        with suppress(EOFError):
            if reader.poll(_PATIENCE):
                results = reader.recv()
        for i in range(mine, len(shards)):
            finish(i, results[i] if i in results else score_shard(shards[i]))
    finally:
        if copy is not None:
            os.kill(copy, signal.SIGKILL)
            os.waitpid(copy, 0)
        os.close(left)
        reader.close()


def _score_from_last(shards: Sequence[Shard], left: int, writer: Connection) -> None:
    """Score shards and send their results, then end without running anything that the original has to run."""
    results: dict[int, ShardResult] = {}
    try:
        while os.read(left, 1):
            i = len(shards) - 1 - len(results)
            results[i] = score_shard(shards[i])
        writer.send(results)
    finally:
        os._exit(0)
