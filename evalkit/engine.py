"""The run: a benchmark, systems and metrics to results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.data.benchmark import Benchmark, Task
from evalkit.data.outputs import Outputs, collect
from evalkit.errors import InputError, SettingError
from evalkit.metrics.base import Finding, Metric, References, check_references
from evalkit.metrics.names import as_metrics
from evalkit.results import Results, ScoredMetric, TaskResults, Texts

__all__ = ["evaluate", "references_of", "run", "score"]

#: called as progress(done, total, what) after each system and metric.
Progress = Callable[[int, int, str], None]

DEFAULT_SEED = 12345


def run(
    benchmark: Benchmark,
    systems: Mapping[str, Any],
    *,
    metrics: Iterable[str | Metric] | None = None,
    allow_missing: bool = False,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
) -> Results:
    """Score the outputs of systems on a benchmark.

    :param benchmark: see :func:`evalkit.load_benchmark`.
    :param systems: name of a system to its outputs: a mapping of segment id to text, a list in benchmark order, a
        ``datasets.Dataset`` with the columns id and output, the path of a file or folder, or a mapping of task to these.
    :param metrics: names or metric objects; the benchmark's own choice if left out.
    :param allow_missing: score a missing output as empty.
    :param seed: seed of everything random that is later asked of the results.
    :raises InputError: outputs that do not fit, before anything is scored.
    :raises SettingError: an unknown metric or setting, or one that would score this language wrongly.
    """
    chosen = None if metrics is None else as_metrics(metrics)
    outputs = collect(benchmark, systems, allow_missing=allow_missing)
    return evaluate(benchmark, outputs, metrics=chosen, seed=seed, progress=progress)


def evaluate(
    benchmark: Benchmark,
    outputs: Outputs,
    *,
    metrics: Sequence[Metric] | None = None,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
) -> Results:
    """Score checked outputs; see :func:`run`."""
    tasks = [task for task in benchmark.tasks if outputs.get(task.name)]
    if not tasks:
        raise InputError("there is nothing to score")
    # Settings are resolved for every task first, so that a wrong one stops the run before any work is done.
    plans = [(task, scored_metrics(task, metrics)) for task in tasks]
    total = sum(len(scored) * len(outputs[task.name]) for task, scored in plans)
    done = 0

    def step(what: str) -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, total, what)

    results = tuple(_evaluate_task(task, outputs, scored, step) for task, scored in plans)
    return Results(
        benchmark=benchmark.name,
        fingerprint=benchmark.fingerprint(),
        tasks=results,
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


def references_of(task: Task) -> References:
    """The reference side of a task, as metrics take it."""
    return References(
        texts=task.references,
        lang=task.lang,
        sources=task.sources,
        source_lang=task.source_lang,
        articles=task.articles,
        dates=task.dates,
        facts=task.facts,
        terms=task.terms,
        kind=task.kind,
        ids=task.ids,
    )


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
    from evalkit.results import number

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


def _evaluate_task(
    task: Task, outputs: Outputs, scored: Sequence[ScoredMetric], step: Callable[[str], None]
) -> TaskResults:
    systems = outputs[task.name]
    side = references_of(task)
    shared: dict[str, NDArray[np.float64]] = {}
    statistics: dict[str, NDArray[np.float64]] = {}
    findings: dict[str, dict[str, tuple[tuple[Finding, ...], ...]]] = {}
    for item in scored:
        metric = item.metric
        key = metric.statistics_key()
        if key not in shared:
            prepared = metric.prepare(side)
            rows = []
            for name, given in systems.items():
                rows.append(metric.statistics(given.texts, prepared))
                step(f"{item.label} of {name}")
            shared[key] = np.stack(rows)
        else:
            for name in systems:
                step(f"{item.label} of {name}")
        statistics[item.label] = shared[key]
        explained = {name: _explain(metric, given.texts, side) for name, given in systems.items()}
        if any(any(found) for found in explained.values()):
            findings[item.label] = explained
    return TaskResults(
        name=task.name,
        lang=task.lang,
        source_lang=task.source_lang,
        kind=task.kind,
        fingerprint=task.fingerprint(),
        systems=tuple(systems),
        ids=task.ids,
        articles=task.articles,
        metrics=tuple(scored),
        statistics=statistics,
        missing={name: given.missing for name, given in systems.items() if given.missing},
        texts=Texts(
            sources=task.sources,
            references=task.references,
            outputs={name: given.texts for name, given in systems.items()},
            blocks=task.blocks,
            reference_names=task.reference_names,
        ),
        findings=findings,
    )


def _explain(metric: Metric, texts: Sequence[str], side: References) -> tuple[tuple[Finding, ...], ...]:
    if type(metric).explain is Metric.explain:
        return ()
    return tuple(metric.explain(text, side, i) for i, text in enumerate(texts))
