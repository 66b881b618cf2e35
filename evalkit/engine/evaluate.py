"""The run: a benchmark, systems and metrics to results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.data.benchmark import Benchmark, Task, references_of
from evalkit.data.outputs import Outputs, collect
from evalkit.engine.executors import WORTHWHILE, jobs_for, lost_a_worker, process_pool, spares_of, workers_of
from evalkit.engine.shards import CHUNK, Shard, ShardResult, chunks, score_shard
from evalkit.engine.statistics_cache import StatisticsCache, cacheable, reference_hash, texts_hash
from evalkit.errors import EvalkitError, InputError, SettingError
from evalkit.metrics.base import Finding, Metric, References, check_references
from evalkit.metrics.parsing import as_metrics
from evalkit.results.results import Results
from evalkit.results.task_results import ScoredMetric, TaskResults, Texts, number

__all__ = ["READABLE", "evaluate", "run", "score", "scored_metrics"]

#: called as progress(done, total, what); the unit is one output scored by one metric.
Progress = Callable[[int, int, str], None]

DEFAULT_SEED = 12345

#: outputs (systems times segments of a task) up to which texts and findings are kept for the reports.
READABLE = 50_000

# Outputs of a shard: with many systems a chunk makes several shards, so that none is too large to be sent.
_OUTPUTS = 65_536

# Shards handed out ahead of those waited for, a worker: enough to keep all of them busy, few enough to bound memory. After
# so many shards the workers are counted again, because a cluster may grow.
_AHEAD = 3
_RECOUNT = 64

# A pool notices a dead worker at once, if ever; seconds after which it is looked after.
_WATCH = 2.0

# How often a shard whose worker went away is handed out.
_TRIES = 3


def run(
    benchmark: Benchmark,
    systems: Mapping[str, Any],
    *,
    metrics: Iterable[str | Metric] | None = None,
    allow_missing: bool = False,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
    executor: Executor | None = None,
    jobs: int | None = 1,
    cache: StatisticsCache | None = None,
) -> Results:
    """Score the outputs of systems on a benchmark.

    :param benchmark: see :func:`evalkit.load_benchmark`.
    :param systems: name of a system to its outputs: a mapping of segment id to text, a list in benchmark order, a
        ``datasets.Dataset`` with the columns id and output, the path of a file or folder, or a mapping of task to these.
    :param metrics: names or metric objects; the benchmark's own choice if left out.
    :param allow_missing: score a missing output as empty.
    :param seed: seed of everything random that is later asked of the results.
    :param progress: called as ``progress(done, total, what)``.
    :param executor: any ``concurrent.futures.Executor``; its workers must be able to import evalkit and the metrics. The
        results are the same to the last bit, whichever executor and however many workers.
    :param jobs: processes, where no executor is given; None chooses by the amount of work. With more than one, a script
        needs the usual ``if __name__ == "__main__":``.
    :param cache: statistics scored before, see :class:`evalkit.engine.statistics_cache.StatisticsCache`; none if left out.
    :raises InputError: outputs that do not fit, before anything is scored; or a metric that failed, naming the segments.
    :raises SettingError: an unknown metric or setting, or one that would score this language wrongly.
    """
    chosen = None if metrics is None else as_metrics(metrics)
    outputs = collect(benchmark, systems, allow_missing=allow_missing)
    return evaluate(
        benchmark, outputs, metrics=chosen, seed=seed, progress=progress, executor=executor, jobs=jobs, cache=cache
    )


def evaluate(
    benchmark: Benchmark,
    outputs: Outputs,
    *,
    metrics: Sequence[Metric] | None = None,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
    executor: Executor | None = None,
    jobs: int | None = 1,
    cache: StatisticsCache | None = None,
    chunk: int = CHUNK,
) -> Results:
    """Score checked outputs; see :func:`run`.

    :param chunk: segments a shard; the results do not depend on it.
    """
    tasks = [task for task in benchmark.tasks if outputs.get(task.name)]
    if not tasks:
        raise InputError("there is nothing to score")
    # Settings are resolved for every task first, so that a wrong one stops the run before any work is done.
    plans = [_Plan.of(task, outputs, scored_metrics(task, metrics), chunk) for task in tasks]
    total = sum(plan.size for plan in plans)
    done = 0

    def step(amount: int, what: str) -> None:
        nonlocal done
        done += amount
        if progress:
            progress(done, total, what)

    if executor is not None:
        fingerprint = _score_on([executor, *spares_of(executor)], benchmark, plans, cache, step)
    else:
        count = jobs_for(sum(plan.work() for plan in plans)) if jobs is None else jobs
        with process_pool(count) as pool:
            executors = [] if pool is None else [pool, *spares_of(pool)]
            fingerprint = _score_on(executors, benchmark, plans, cache, step)
    if cache is not None:
        cache.trim()
    return Results(
        benchmark=benchmark.name,
        fingerprint=fingerprint,
        tasks=tuple(plan.results() for plan in plans),
        titles=dict(benchmark.titles),
        seed=seed,
    )


def scored_metrics(task: Task, metrics: Sequence[Metric] | None) -> tuple[ScoredMetric, ...]:
    """The metrics for a task, resolved for its language.

    :raises SettingError: one error for all that cannot be used, each with the setting to use instead.
    """
    asked = as_metrics(task.metrics) if metrics is None else metrics
    scored: list[ScoredMetric] = []
    problems: list[str] = []
    for metric in asked:
        try:
            resolved = metric.resolve(task.lang, task.defaults)
            _check_needs(task, metric)
        except SettingError as error:
            problems.append(f"{task.name}: {error}")
            continue
        scored.append(ScoredMetric(str(metric), resolved))
    if problems:
        raise SettingError("\n".join(problems))
    return tuple(scored)


def score(
    hypotheses: Sequence[str],
    references: Sequence[Any],
    *,
    metrics: Iterable[str | Metric] = ("BLEU", "chrF"),
    lang: str,
    sources: Sequence[str] | None = None,
    source_lang: str | None = None,
) -> dict[str, float | None]:
    """Just the numbers: the corpus score of each metric.

    :param hypotheses: n texts.
    :param references: n lists of references; ``references[i]`` belongs to ``hypotheses[i]``.
    :param lang: language of the hypotheses.
    :returns: metric as asked for to score; None where it is undefined.
    :raises InputError: where the two do not fit, transposed references among them.
    """
    texts = check_references(hypotheses, references)
    if not texts:
        raise InputError("there are no hypotheses to score")
    if sources is not None and len(sources) != len(texts):
        raise InputError(f"{len(texts)} hypotheses but {len(sources)} sources")
    side = References(texts, lang=lang, sources=None if sources is None else tuple(sources), source_lang=source_lang)
    found: dict[str, float | None] = {}
    for metric in as_metrics(metrics):
        for part in metric.needs:
            if getattr(side, part, None) is None:
                raise SettingError(f"{metric} needs {part}; give them, or use evalkit.run on a benchmark that has them")
        resolved = metric.resolve(lang)
        found[str(metric)] = number(resolved.score(resolved.statistics(hypotheses, side).sum(axis=0)))
    return found


def _check_needs(task: Task, metric: Metric) -> None:
    for part in sorted(metric.needs):
        if getattr(task, part, None) is None:
            raise SettingError(
                f"{metric} needs {part}, which {task.name} of this benchmark does not have; leave it out"
            )


@dataclass(eq=False)
class _Plan:
    """One task of a run: what is to be scored, and the statistics as they come in."""

    task: Task
    outputs: Mapping[str, Any]
    scored: tuple[ScoredMetric, ...]
    chunk: int
    metrics: dict[str, Metric]
    statistics: dict[str, NDArray[np.float64]]
    findings: dict[str, dict[str, list[tuple[Finding, ...]]]] = field(default_factory=dict)

    @classmethod
    def of(cls, task: Task, outputs: Outputs, scored: tuple[ScoredMetric, ...], chunk: int) -> _Plan:
        metrics: dict[str, Metric] = {}
        for item in scored:
            metrics.setdefault(item.metric.statistics_key(), item.metric)
        return cls(task, outputs[task.name], scored, chunk, metrics, {})

    @property
    def size(self) -> int:
        return len(self.task) * len(self.outputs) * len(self.metrics)

    @property
    def readable(self) -> bool:
        return len(self.task) * len(self.outputs) <= READABLE

    def work(self) -> int:
        """Estimated from a sample of segments."""
        n = len(self.task)
        rows = range(0, n, max(1, n // 32))
        texts = [
            text for i in rows for text in (*self.task.references[i], *(o.texts[i] for o in self.outputs.values()))
        ]
        return sum(map(len, texts)) * n // max(1, len(rows)) * len(self.metrics)

    def prepare(self) -> None:
        shape = (len(self.outputs), len(self.task))
        self.statistics = {key: np.empty((*shape, len(metric.columns))) for key, metric in self.metrics.items()}

    def shards(self, cache: StatisticsCache | None, step: Callable[[int, str], None]) -> Iterator[_Job]:
        """What is left to do after the cache; what it knows goes straight into the statistics."""
        large = self.work() >= WORTHWHILE
        for start, stop in chunks(len(self.task), self.chunk, self.task.articles):
            side = references_of(self.task, start, stop)
            texts = {name: given.texts[start:stop] for name, given in self.outputs.items()}
            hashed = reference_hash(side) if cache is not None else b""
            hashes = {name: texts_hash(part) for name, part in texts.items()} if cache is not None else {}
            wanted: list[tuple[str, str]] = []
            keys: dict[tuple[str, str], str] = {}
            for key, metric in self.metrics.items():
                shape = (stop - start, len(metric.columns))
                for s, name in enumerate(texts):
                    if cache is not None and cacheable(metric):
                        keys[key, name] = cache.key(key, hashed, hashes[name])
                        known = cache.get(keys[key, name], shape)
                        if known is not None:
                            self.statistics[key][s, start:stop] = known
                            step(stop - start, f"{metric.name} of {name}")
                            continue
                    wanted.append((key, name))
            where = f"{self.task.name}, {self.task.place(start, stop)}"
            names, most = list(texts), max(1, _OUTPUTS // (stop - start))
            for first in range(0, len(names), most):
                part = {name: texts[name] for name in names[first : first + most]}
                asked = tuple(pair for pair in wanted if pair[1] in part)
                if asked or self.readable:
                    yield _Job(
                        self, Shard(side, self.metrics, part, asked, self.readable, where, large), start, stop, keys
                    )

    def take(self, job: _Job, result: ShardResult, cache: StatisticsCache | None) -> None:
        names = list(self.outputs)
        for (key, name), rows in result.rows.items():
            self.statistics[key][names.index(name), job.start : job.stop] = rows
            if cache is not None and (key, name) in job.keys:
                cache.put(job.keys[key, name], rows)
        for (key, name), found in result.findings.items():
            column = self.findings.setdefault(key, {n: [()] * len(self.task) for n in names})[name]
            column[job.start : job.stop] = found

    def results(self) -> TaskResults:
        task = self.task
        findings: dict[str, dict[str, tuple[tuple[Finding, ...], ...]]] = {}
        for item in self.scored:
            found = self.findings.get(item.metric.statistics_key(), {})
            if any(any(column) for column in found.values()):
                findings[item.label] = {name: tuple(column) for name, column in found.items()}
        texts = None
        if self.readable:
            texts = Texts(
                sources=None if task.sources is None else tuple(task.sources),
                references=tuple(map(tuple, task.references)),
                outputs={name: tuple(given.texts) for name, given in self.outputs.items()},
                blocks=task.blocks,
                reference_names=task.reference_names,
            )
        return TaskResults(
            name=task.name,
            lang=task.lang,
            source_lang=task.source_lang,
            kind=task.kind,
            fingerprint=task.fingerprint(),
            systems=tuple(self.outputs),
            ids=task.ids,
            articles=task.articles,
            metrics=self.scored,
            statistics={m.label: self.statistics[m.metric.statistics_key()] for m in self.scored},
            missing={name: given.missing for name, given in self.outputs.items() if given.missing},
            texts=texts,
            findings=findings,
        )


@dataclass(frozen=True, eq=False)
class _Job:
    """A shard on its way: whose it is, where its rows go and under which names they are kept."""

    plan: _Plan
    shard: Shard
    start: int
    stop: int
    keys: Mapping[tuple[str, str], str]


def _score_on(
    executors: Sequence[Executor],
    benchmark: Benchmark,
    plans: Sequence[_Plan],
    cache: StatisticsCache | None,
    step: Callable[[int, str], None],
) -> str:
    """Score, and take the benchmark's fingerprint meanwhile where others do the work: of a million texts it takes seconds."""
    if not executors:
        _score(plans, executors, cache, step)
        return benchmark.fingerprint()
    with ThreadPoolExecutor(1) as aside:
        fingerprint = aside.submit(benchmark.fingerprint)
        _score(plans, executors, cache, step)
        return fingerprint.result()


def _score(
    plans: Sequence[_Plan],
    executors: Sequence[Executor],
    cache: StatisticsCache | None,
    step: Callable[[int, str], None],
) -> None:
    """Score all shards; where one fails the others are finished (and kept in the cache) before the error is raised.

    :param executors: the first is used; the next takes over if it breaks. None: everything is done here.
    """
    errors: list[str] = []

    def finish(job: _Job, result: ShardResult) -> None:
        if result.error is not None:
            errors.append(result.error)
            return
        job.plan.take(job, result, cache)
        for key, name in job.shard.wanted:
            step(job.stop - job.start, f"{job.plan.metrics[key].name} of {name}")

    for plan in plans:
        plan.prepare()
    jobs = (job for plan in plans for job in plan.shards(cache, step))
    if not executors:
        for job in jobs:
            finish(job, score_shard(job.shard))
    else:
        left = _submit(jobs, executors[0], finish)
        for executor in executors[1:]:
            if left:
                left = _submit(iter(left), executor, finish)
        errors += [f"{job.shard.where}: the worker that scored it died" for job in left]
    if errors:
        kept = "; what was finished is kept in the cache: run again to go on from there" if cache is not None else ""
        more = f"\n... and {len(errors) - 5} more" if len(errors) > 5 else ""
        raise InputError("\n".join(errors[:5]) + more + f"\n{len(errors)} shards failed{kept}")


def _submit(jobs: Iterator[_Job], executor: Executor, finish: Callable[[_Job, ShardResult], None]) -> list[_Job]:
    """Run jobs on an executor, some ahead; the jobs that were lost because it broke."""
    pending: dict[Future[ShardResult], tuple[_Job, int]] = {}
    lost: list[_Job] = []
    broken = False
    window = 0

    def hand_out(job: _Job, tries: int = 1) -> None:
        nonlocal broken
        if not broken:
            try:
                pending[executor.submit(score_shard, job.shard)] = job, tries
            except BrokenExecutor:
                broken = True
        if broken:
            lost.append(job)

    def collect_done() -> None:
        nonlocal broken
        done = wait(pending, timeout=_WATCH, return_when=FIRST_COMPLETED).done
        if not done and lost_a_worker(executor):
            broken = True
            lost.extend(job for job, _ in pending.values())
            pending.clear()
        for future in done:
            job, tries = pending.pop(future)
            try:
                result = future.result()
            except EvalkitError:
                raise
            except BrokenExecutor:
                broken = True
                lost.append(job)
            except Exception as error:  # what an executor raises for a task that it gave up
                if isinstance(error, CancelledError) and tries < _TRIES:
                    hand_out(job, tries + 1)  # nobody here cancels: the worker that had the shard is gone
                    continue
                finish(job, ShardResult({}, {}, f"{job.shard.where}: {type(error).__name__}: {error}"))
            else:
                finish(job, result)

    try:
        for number_, job in enumerate(jobs):
            if number_ % _RECOUNT == 0 and not broken:
                window = _AHEAD * max(2, workers_of(executor))
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
