"""Run an evaluation: from a benchmark, systems and metrics to results."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from evalkit.arguments import checked
from evalkit.data.benchmark import Benchmark
from evalkit.data.outputs import Outputs, SystemOutputs, check_system_name, collect
from evalkit.data.tasks import given_references, references_of
from evalkit.data.text_checks import as_list, check_language, check_same_index
from evalkit.engine.dispatch import score_plans
from evalkit.engine.executors import Workers, jobs_for, process_pool
from evalkit.engine.forking import worth_a_copy
from evalkit.engine.leave_one_out import with_leave_one_out
from evalkit.engine.metric_choice import choose_metrics, scored_metrics
from evalkit.engine.samples import expand, join_samples
from evalkit.engine.shard_plan import Plan
from evalkit.engine.shards import CHUNK
from evalkit.engine.statistics_cache import StatisticsCache, cacheable
from evalkit.errors import InputError, SettingError, check_whole_number
from evalkit.files import tell
from evalkit.metrics.base import Metric, References, Runtime
from evalkit.metrics.kernels.routing import compiled_where_kept
from evalkit.metrics.own_metric import is_bundled
from evalkit.metrics.parsing import as_metrics
from evalkit.metrics.score_arguments import check_references
from evalkit.printable import is_blank
from evalkit.results.metadata import Metadata, MetadataLike, read_metadata
from evalkit.results.results import Results
from evalkit.results.slices import of_all, slice_labels
from evalkit.results.task_results import number

if TYPE_CHECKING:
    from evalkit.metrics.judge import Estimate, Judge

#: Called as progress(done, total, what); the unit is one output scored by one metric.
Progress = Callable[[int, int, str], None]

DEFAULT_SEED = 12345


@checked
def run(
    benchmark: Benchmark,
    systems: Mapping[str, Any] | None,
    *,
    metrics: Iterable[str | Metric] | None = None,
    allow_missing: bool = False,
    samples: bool = False,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
    executor: Executor | None = None,
    jobs: int | None = 1,
    cache: StatisticsCache | None = None,
    runtime: Runtime | None = None,
    leave_one_out: bool = False,
    with_texts: bool | None = None,
    metadata: MetadataLike = None,
) -> Results:
    """Score the outputs of systems on a benchmark.

    :param benchmark: see :func:`evalkit.load_benchmark`.
    :param systems: maps the name of a system to its outputs: a mapping of segment id to text, a list in benchmark
        order, a ``datasets.Dataset`` with the columns id and output, the path of a file or folder, or a mapping of task
        to these; or outputs that have been read (:class:`evalkit.data.outputs.Outputs`). None if all metrics are recorded
        scores: the systems are then taken from the scores, and there are no texts.
    :param metrics: names or metric objects, or the groups ``all``, ``facts`` and ``surface``. Defaults to the metrics
        that the benchmark names.
    :param allow_missing: score a missing output as empty.
    :param samples: treat repeated ids, or a list of outputs in place of one, as several outputs of a system for one
        segment. The row of a segment is the mean over its outputs; if it has fewer outputs than other segments, the
        missing ones score as empty.
    :param seed: seed of all random procedures that the results run later.
    :param progress: called as ``progress(done, total, what)``.
    :param executor: any ``concurrent.futures.Executor``; its workers must be able to import evalkit and the metrics.
        The results are bit-identical for every executor and number of workers.
    :param jobs: number of processes if no executor is given; None chooses by the amount of work. With more than one, a
        script needs the usual ``if __name__ == "__main__":``.
    :param cache: cache of statistics from earlier runs, see :class:`evalkit.engine.statistics_cache.StatisticsCache`.
        No cache by default.
    :param leave_one_out: also score systems and references against all references but one, to compare the systems with
        the references themselves.
    :param with_texts: whether the results keep sources, references and outputs, which reports show; None keeps those of
        tasks with at most 50,000 outputs.
    :param runtime: device, stores and limits of metrics that need a model; by default nothing is stored or downloaded.
    :param metadata: what is known about the systems and the benchmark, as a file or a mapping; see
        :func:`evalkit.results.metadata.read_metadata`.
    :raises InputError: if the outputs do not match the benchmark (raised before anything is scored), or if a metric
        fails (the message names the segments).
    :raises SettingError: for an unknown metric or setting, or one that would score this language incorrectly.
    """
    benchmark, chosen = (benchmark, None) if metrics is None else choose_metrics(benchmark, metrics)
    if systems is None:
        outputs = systems_of_scores(benchmark, chosen or ())
    else:
        outputs = collect(benchmark, systems, allow_missing=allow_missing, samples=samples)
    check_whole_number("seed", seed, 0)
    check_whole_number("jobs", 1 if jobs is None else jobs, 1)
    expanded, expansions = expand(outputs)
    plans = _plans(benchmark, expanded, chosen, with_texts)
    declared = _declared(benchmark, outputs, plans, metadata)
    runtime = runtime or Runtime()
    for metric in dict.fromkeys(metric for plan in plans for metric in plan.metrics.values()):
        metric.check_ready(runtime)
        if expansions and metric.name == "RecordedScores":
            raise SettingError(
                "recorded scores belong to one output per segment; leave them out to score several outputs"
            )
    with runtime.recording() as recorded:
        fingerprint = _score_plans(benchmark, plans, progress, executor, jobs, cache, recorded)
    results = Results(
        benchmark=benchmark.name,
        fingerprint=fingerprint,
        tasks=tuple(
            replace(
                join_samples(task_results, expansions[task_results.name])
                if task_results.name in expansions
                else task_results,
                metadata=declared,
            )
            for task_results in (plan.results() for plan in plans)
        ),
        titles=dict(benchmark.titles),
        seed=seed,
        info={"models": recorded.record} if recorded.record else {},
    )
    for task in results.tasks:
        for scored in task.metrics:
            if not is_bundled(type(scored.metric)):
                scored.metric.check_range(task.corpus(scored.label))
    return with_leave_one_out(results, benchmark, outputs, chosen, run, runtime) if leave_one_out else results


def check_slices(benchmark: Benchmark, outputs: Outputs, by: str, with_texts: bool | None = None) -> None:
    """Check before scoring that the results can be sliced.

    :raises SettingError: if no task has such slices.
    """
    outputs, _ = expand(outputs)
    plans = _plans(benchmark, outputs, (), with_texts)
    next(of_all((plan.unscored() for plan in plans), partial(slice_labels, by=by)))


def _plans(
    benchmark: Benchmark, expanded: Outputs, metrics: Sequence[Metric] | None, with_texts: bool | None = None
) -> list[Plan]:
    """Resolve the settings of every task, so that an invalid one stops the run before any work is done."""
    tasks = [task for task in benchmark.tasks if expanded.get(task.name)]
    if not tasks:
        raise InputError("there is nothing to score")
    return [Plan(task, expanded, scored_metrics(task, metrics), CHUNK, with_texts) for task in tasks]


def _declared(benchmark: Benchmark, outputs: Outputs, plans: Sequence[Plan], metadata: MetadataLike) -> Metadata:
    """Return the declarations about the systems of a run."""
    systems = tuple(dict.fromkeys(name for plan in plans for name in outputs[plan.task.name]))
    labels = [scored.label for plan in plans for scored in plan.scored]
    return read_metadata(metadata).of(systems, labels, benchmark.canary)


def _score_plans(
    benchmark: Benchmark,
    plans: Sequence[Plan],
    progress: Progress | None,
    executor: Executor | None,
    jobs: int | None,
    cache: StatisticsCache | None,
    runtime: Runtime,
) -> str:
    """Score all plans, and return the fingerprint of the benchmark."""
    total = sum(plan.size for plan in plans)
    done = 0

    def step(amount: int, what: str) -> None:
        nonlocal done
        done += amount
        if progress:
            progress(done, total, what)

    if executor is not None:
        workers = executor if isinstance(executor, Workers) else Workers(executor)
        fingerprint = score_plans(workers, benchmark, plans, cache, step)
    else:
        work = sum(plan.work() for plan in plans) if jobs is None else 0
        count = jobs_for(work) if jobs is None else jobs
        with process_pool(count) as pool:
            fingerprint = score_plans(pool, benchmark, plans, cache, step, fork=worth_a_copy(work))
    if cache is not None:
        cache.trim()
    for plan in plans:
        plan.score_in_main(runtime, step)
    return fingerprint


def judges_among(metrics: Iterable[Metric]) -> list[Judge]:
    """Return the metrics that ask a judge; only metrics that run in the main process can be judges."""
    in_main = [metric for metric in metrics if metric.where == "main"]
    if not in_main:
        return []
    from evalkit.metrics.judge import Judge

    return [metric for metric in in_main if isinstance(metric, Judge)]


def estimates(
    benchmark: Benchmark,
    outputs: Outputs,
    metrics: Sequence[Metric] | None,
    runtime: Runtime,
    metadata: MetadataLike = None,
) -> Iterator[tuple[str, Estimate]]:
    """Estimate the cost of asking the judges among the metrics about outputs, by task and metric, without making a call.

    Raises the same errors as :func:`run` does before it scores.
    """
    plans = _plans(benchmark, expand(outputs)[0], metrics)
    _declared(benchmark, outputs, plans, metadata)
    for plan in plans:
        texts = {name: system_outputs.texts[:] for name, system_outputs in plan.outputs.items()}
        for scored in plan.scored:
            for judge in judges_among([scored.metric]):
                yield f"{plan.task.name}, {scored.label}", judge.estimate(texts, references_of(plan.task), runtime)


def systems_of_scores(benchmark: Benchmark, metrics: Sequence[Metric]) -> Outputs:
    """Return the systems of recorded scores, without texts.

    :raises InputError: if another metric is requested, which would need outputs, or if the benchmark has several tasks.
    """
    from evalkit.metrics.recorded import RecordedScores

    others = [str(metric) for metric in metrics if not isinstance(metric, RecordedScores)]
    if others or not metrics:
        raise InputError(
            f"no systems were given, and {others[0] if others else 'the metrics of the benchmark'} needs outputs"
        )
    if len(benchmark.tasks) != 1:
        raise InputError("recorded scores belong to one task; load the benchmark with task=...")
    task = benchmark.tasks[0]
    names = dict.fromkeys(name for metric in metrics for name in getattr(metric, "scores", ()))
    without_texts = SystemOutputs(("",) * len(task), known=False)
    return Outputs({task.name: {check_system_name(name, "recorded scores"): without_texts for name in names}})


@checked
def score(
    hypotheses: Iterable[str],
    references: Iterable[Any],
    *,
    metrics: Iterable[str | Metric] = ("BLEU", "chrF"),
    lang: str,
    sources: Iterable[str] | None = None,
    source_lang: str | None = None,
    runtime: Runtime | None = None,
) -> dict[str, float | None]:
    """Return only the corpus score of each metric.

    :param hypotheses: n texts: a list, a pandas Series, a generator.
    :param references: n lists of references; ``references[i]`` belongs to ``hypotheses[i]``.
    :param lang: language of the hypotheses, such as ``zh``; or a pair, source and target, such as ``zh-en``.
    :param runtime: see :func:`run`.
    :returns: maps each metric, as it was requested, to its score; None if the score is undefined.
    :raises InputError: if hypotheses and references do not match, for example if the references are transposed.
    """
    check_same_index(hypotheses=hypotheses, references=references, sources=sources)
    hypotheses, references = as_list(hypotheses, "hypotheses"), as_list(references, "references")
    sources = None if sources is None else as_list(sources, "sources")
    texts = check_references(hypotheses, references)
    if not texts:
        raise InputError("there are no hypotheses to score")
    if sources is not None and len(sources) != len(texts):
        raise InputError(f"{len(texts)} hypotheses but {len(sources)} sources")
    side = given_references(texts, lang=lang, sources=sources, source_lang=source_lang)
    # Twenty texts are enough for a warning, and score() may be called in a loop.
    check_language(hypotheses[:: len(hypotheses) // 20 + 1], side.lang, "the hypotheses", refuse=False)
    blank = [i for i, of_segment in enumerate(texts) if all(map(is_blank, of_segment))]
    if blank:
        tell(
            f"references[{blank[0]}] is blank ({len(blank):,} of {len(texts):,} are); leave out segments without a reference"
        )
    if len(texts) >= _MANY_SEGMENTS:
        compiled_where_kept()  # the next system is likely to follow, and the cost of loading belongs to the first call
    scores: dict[str, float | None] = {}
    for metric in as_metrics(metrics):
        for part in metric.needs - {"references"}:
            if getattr(side, part, None) is None:
                raise SettingError(f"{metric} needs {part}; give them, or use evalkit.run on a benchmark that has them")
        resolved = metric.resolve(side.lang)
        if resolved.where == "main":
            statistics = resolved.checked_statistics_of({"": hypotheses}, side, runtime or Runtime())[""]
            rows = statistics.rows
            if statistics.undefined:
                i, reason = next(iter(statistics.undefined.items()))
                tell(
                    f"{metric}: {len(statistics.undefined):,} of {len(rows):,} have no score, hypotheses[{i}] because: {reason}"
                )
        else:
            rows = _rows(resolved, hypotheses, side)
        corpus_score = resolved.score(rows.sum(axis=0))
        if not is_bundled(type(metric)):
            metric.check_range(corpus_score)
        scores[str(metric)] = number(corpus_score)
    return scores


_MANY_SEGMENTS = 1_000

# The references that score() prepared most recently, one set for each of a few metrics.
_PREPARED: OrderedDict[Metric, tuple[References, Any]] = OrderedDict()
_MOST_PREPARED = 8
_MOST_SEGMENTS = 10_000


def _rows(metric: Metric, hypotheses: Sequence[str], side: References) -> Any:
    """The statistics of hypotheses; references with the texts of an earlier call, as when systems are scored in a loop, are
    not prepared again."""
    if len(side) > _MOST_SEGMENTS or metric.needs - {"references"} or not cacheable(metric):
        return metric.statistics(hypotheses, side)
    cached = _PREPARED.pop(metric, None)
    if cached is None or (cached[0].texts, cached[0].lang) != (side.texts, side.lang):
        metric.check_resolved()
        cached = side, metric.prepare(side)
    _PREPARED[metric] = cached
    while len(_PREPARED) > _MOST_PREPARED:
        _PREPARED.popitem(last=False)
    return metric.prepared_statistics(hypotheses, cached[1])
