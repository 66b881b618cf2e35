"""Submit shards to an executor and collect the results, even when workers die."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Future,
    ThreadPoolExecutor,
    wait,
)
from operator import itemgetter

from evalkit.data.benchmark import Benchmark
from evalkit.engine.executors import Workers
from evalkit.engine.forking import score_with_copy
from evalkit.engine.shard_plan import Job, Plan
from evalkit.engine.shards import ShardResult, score_shard
from evalkit.engine.statistics_cache import StatisticsCache
from evalkit.errors import EvalkitError, InputError
from evalkit.wording import count

# Shards submitted per worker ahead of those being waited for: enough to keep all workers busy without using much
# memory.
# The workers are counted again after every RECOUNT shards, because a cluster may grow.
AHEAD = 3
RECOUNT = 64

# A pool usually notices a dead worker at once; it is also checked after this many seconds without a result.
WATCH_SECONDS = 2.0

# A cluster that lost a worker may forget a shard without saying so. If nothing runs on it in this many checks in a row,
# the shards that are still pending are submitted again.
IDLE_CHECKS = 3

# How many times a shard is submitted if its worker disappears.
TRIES = 3


def score_plans(
    workers: Workers | None,
    benchmark: Benchmark,
    plans: Sequence[Plan],
    cache: StatisticsCache | None,
    step: Callable[[int, str], None],
    *,
    fork: bool = False,
) -> str:
    """Score all plans; while other processes work, compute the benchmark's fingerprint, which may take seconds.

    :param fork: without workers, share the shards with a copy of this process.
    """
    if workers is None:
        _score(plans, workers, cache, step, fork=fork)
        return benchmark.fingerprint()
    with ThreadPoolExecutor(1) as aside:
        fingerprint = aside.submit(benchmark.fingerprint)
        _score(plans, workers, cache, step)
        return fingerprint.result()


def _score(
    plans: Sequence[Plan],
    workers: Workers | None,
    cache: StatisticsCache | None,
    step: Callable[[int, str], None],
    *,
    fork: bool = False,
) -> None:
    """Score all shards. If one fails, the others are finished and cached before the error is raised.

    :param workers: if they break, their spare takes over. If None, everything runs in this process.
    """
    errors: list[str] = []

    def finish(job: Job, result: ShardResult) -> None:
        if result.error is not None:
            errors.append(result.error)
            return
        job.plan.take(job, result, cache)
        for key, name in job.shard.wanted:
            step(job.stop - job.start, f"{job.plan.metrics[key].name} of {name}")

    jobs = (job for plan in plans for job in plan.shards(cache, step))
    if workers is None and fork:
        # Slow metrics last and, among equals, those that the benchmark lists first: they share the reading of numbers.
        ranked = [(part.cost, -i, part) for job in jobs for i, part in enumerate(job.by_metric())]
        parts = [part for *_, part in sorted(ranked, key=itemgetter(0, 1))]
        score_with_copy([part.shard for part in parts], lambda i, result: finish(parts[i], result))
    elif workers is None:
        for job in jobs:
            finish(job, score_shard(job.shard))
    else:
        left = _submit(jobs, workers, finish)
        if left and workers.spare is not None:
            left = _submit(iter(left), workers.spare, finish)
        errors += [f"{job.shard.where}: the worker that scored it died" for job in left]
    if errors:
        hint = "; finished work is in the cache: run again to continue from there" if cache is not None else ""
        more = f"\n... and {len(errors) - 5} more" if len(errors) > 5 else ""
        raise InputError("\n".join(errors[:5]) + more + f"\n{count(len(errors), 'shard')} failed{hint}")


def _submit(jobs: Iterator[Job], workers: Workers, finish: Callable[[Job, ShardResult], None]) -> list[Job]:
    """Run jobs on workers, submitting some ahead of time; return the jobs that were lost because they broke."""
    pending: dict[Future[ShardResult], tuple[Job, int]] = {}
    lost: list[Job] = []
    broken = False
    window = idle = 0

    def hand_out(job: Job, tries: int = 1) -> None:
        nonlocal broken
        if not broken:
            try:
                pending[workers.submit(score_shard, job.shard)] = job, tries
            except BrokenExecutor:
                broken = True
        if broken:
            lost.append(job)

    def retry(job: Job, tries: int, reason: str) -> None:
        if tries < TRIES:
            hand_out(job, tries + 1)
        else:
            finish(job, ShardResult({}, f"{job.shard.where}: {reason}"))

    def collect_done() -> None:
        nonlocal broken, idle
        done = wait(pending, timeout=WATCH_SECONDS, return_when=FIRST_COMPLETED).done
        if not done and workers.lost_one():
            broken = True
            lost.extend(job for job, _ in pending.values())
            pending.clear()
        idle = idle + 1 if not done and workers.is_idle() else 0
        if idle == IDLE_CHECKS:
            idle = 0
            forgotten = list(pending.values())
            pending.clear()
            for job, tries in forgotten:
                retry(job, tries, "the cluster lost the shard, or its result")
        for future in done:
            job, tries = pending.pop(future)
            try:
                result = future.result()
            except EvalkitError:
                raise
            except BrokenExecutor:
                broken = True
                lost.append(job)
            except Exception as error:  # an executor may raise anything for a task that it gave up on
                # evalkit never cancels jobs, so the worker of a cancelled shard has died.
                last = tries if isinstance(error, CancelledError) else TRIES
                retry(job, last, f"{type(error).__name__}: {error}")
            else:
                finish(job, result)

    try:
        for number_, job in enumerate(jobs):
            if number_ % RECOUNT == 0 and not broken:
                window = AHEAD * max(2, workers.count())
            hand_out(job)
            while len(pending) >= window:
                collect_done()
        while pending:
            collect_done()
    except BaseException:
        for future in pending:
            future.cancel()
        raise
    return lost
