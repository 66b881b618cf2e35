"""Submit shards to an executor and collect the results, even when workers die."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Future,
    ThreadPoolExecutor,
    wait,
)
from operator import attrgetter

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
    """Score all shards, and return the benchmark's fingerprint, which is computed while other processes work.

    If a shard fails, the others are finished and cached before the error is raised.

    :param workers: if they break, their spare takes over. If None, everything runs in this process.
    :param fork: without workers, share the shards with a copy of this process.
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
    fingerprint = benchmark.fingerprint
    if workers is not None:
        with ThreadPoolExecutor(1) as aside:
            fingerprint = aside.submit(benchmark.fingerprint).result
            left = _Submission(workers, finish).run(jobs)
            if left and workers.spare is not None:
                left = _Submission(workers.spare, finish).run(left)
        errors += [f"{job.shard.where}: the worker that scored it died" for job in left]
    elif fork:
        # Slow metrics last, so that the copy begins with them.
        parts = sorted((part for job in jobs for part in job.by_metric()), key=attrgetter("cost"))
        score_with_copy([part.shard for part in parts], lambda i, result: finish(parts[i], result))
    else:
        for job in jobs:
            finish(job, score_shard(job.shard))
    if errors:
        hint = "; finished work is in the cache: run again to continue from there" if cache is not None else ""
        more = f"\n... and {len(errors) - 5} more" if len(errors) > 5 else ""
        raise InputError("\n".join(errors[:5]) + more + f"\n{count(len(errors), 'shard')} failed{hint}")
    return fingerprint()


class _Submission:
    """Jobs that run on workers, some submitted ahead of time; ``lost`` contains the jobs of workers that died."""

    def __init__(self, workers: Workers, finish: Callable[[Job, ShardResult], None]) -> None:
        self._workers, self._finish = workers, finish
        self._pending: dict[Future[ShardResult], tuple[Job, int]] = {}
        self._broken = False
        self._idle = 0
        self.lost: list[Job] = []

    def run(self, jobs: Iterable[Job]) -> list[Job]:
        """Run the jobs; return those that were lost."""
        try:
            for number, job in enumerate(jobs):
                if number % RECOUNT == 0 and not self._broken:
                    window = AHEAD * max(2, self._workers.count())
                self._hand_out(job)
                while len(self._pending) >= window:
                    self._collect_done()
            while self._pending:
                self._collect_done()
        except BaseException:
            for future in self._pending:
                future.cancel()
            raise
        return self.lost

    def _hand_out(self, job: Job, tries: int = 1) -> None:
        if not self._broken:
            try:
                self._pending[self._workers.submit(score_shard, job.shard)] = job, tries
            except BrokenExecutor:
                self._broken = True
        if self._broken:
            self.lost.append(job)

    def _retry(self, job: Job, tries: int, reason: str) -> None:
        if tries < TRIES:
            self._hand_out(job, tries + 1)
        else:
            self._finish(job, ShardResult({}, f"{job.shard.where}: {reason}"))

    def _collect_done(self) -> None:
        done = wait(self._pending, timeout=WATCH_SECONDS, return_when=FIRST_COMPLETED).done
        if not done and self._workers.lost_one():
            self._broken = True
            self.lost += [job for job, _ in self._forgotten()]
        self._idle = self._idle + 1 if not done and self._workers.is_idle() else 0
        if self._idle == IDLE_CHECKS:
            self._idle = 0
            for job, tries in self._forgotten():
                self._retry(job, tries, "the cluster lost the shard, or its result")
        for future in done:
            self._take(future, *self._pending.pop(future))

    def _forgotten(self) -> list[tuple[Job, int]]:
        """Give up on all pending jobs."""
        jobs = list(self._pending.values())
        self._pending.clear()
        return jobs

    def _take(self, future: Future[ShardResult], job: Job, tries: int) -> None:
        try:
            result = future.result()
        except EvalkitError:
            raise
        except BrokenExecutor:
            self._broken = True
            self.lost.append(job)
        except Exception as error:  # an executor may raise anything for a task that it gave up on
            # evalkit never cancels jobs, so the worker of a cancelled shard has died.
            last = tries if isinstance(error, CancelledError) else TRIES
            self._retry(job, last, f"{type(error).__name__}: {error}")
        else:
            self._finish(job, result)
