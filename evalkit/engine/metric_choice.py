"""Choose the metrics that a task is scored with, from metric names and groups of metrics.

The groups ``all``, ``facts`` and ``surface`` are replaced by those of their members that apply to the task.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from evalkit.data.benchmark import Benchmark
from evalkit.data.tasks import Task
from evalkit.errors import SettingError
from evalkit.files import tell
from evalkit.metrics import METRICS
from evalkit.metrics.base import Metric
from evalkit.metrics.parsing import as_metrics, check_plugins, listed
from evalkit.results.task_results import ScoredMetric

GROUPS = {
    "facts": ("KeyFacts", "Quantities", "Terms", "Names"),
    "surface": ("BLEU", "chrF", "chrF++", "TER", "ROUGE-1", "ROUGE-2", "ROUGE-L", "ROUGE-Lsum"),
    "all": tuple(METRICS),
}


def _members(group: str) -> list[Metric]:
    """The metrics of a group; none of them needs a model, a judge, a network or recorded scores."""
    return [metric for metric in as_metrics(GROUPS[group]) if metric.where == "worker"]


def choose_metrics(
    benchmark: Benchmark, metrics: Iterable[str | Metric]
) -> tuple[Benchmark, tuple[Metric, ...] | None]:
    """Return the benchmark and the metrics to score, with groups replaced by their members that apply to each task.

    A member that does not apply is omitted with a note. If the choice differs between tasks, it is stored in the
    benchmark, and the second value is None.

    :raises SettingError: if no member of a group applies.
    """
    asked = listed(metrics)
    check_plugins(item for item in asked if isinstance(item, str))
    if not any(isinstance(item, str) and item in GROUPS for item in asked):
        return benchmark, as_metrics(asked)
    tasks = []
    for task in benchmark.tasks:
        chosen: dict[str, Metric] = {}
        left_out: dict[tuple[str, str], list[str]] = {}
        for item in asked:
            group = item if isinstance(item, str) and item in GROUPS else None
            for metric in _members(group) if group else as_metrics([item]):
                try:
                    if group and str(metric) not in chosen:
                        scored_metrics(task, [metric])
                except SettingError as error:
                    reason = str(error).removeprefix(f"{task.name}: ").removeprefix(f"{metric} ")
                    left_out.setdefault((group or "", reason.partition(";")[0]), []).append(str(metric))
                else:
                    chosen[str(metric)] = metric
        for (group, reason), names in left_out.items():
            tell(f"{task.name}: left out of the group {group}: {', '.join(names)} ({reason})")
        if not chosen:
            raise SettingError(f"{task.name}: no metric of {', '.join(map(str, asked))} applies")
        tasks.append(tuple(chosen.values()))
    if len(tasks) == 1:
        return benchmark, tasks[0]
    named = [
        replace(task, metrics=tuple(map(str, chosen))) for task, chosen in zip(benchmark.tasks, tasks, strict=True)
    ]
    return replace(benchmark, tasks=tuple(named)), None


def scored_metrics(task: Task, metrics: Sequence[Metric] | None) -> tuple[ScoredMetric, ...]:
    """Return the metrics for a task, resolved for its language.

    :raises SettingError: one error that lists every metric that cannot be used, each with the setting to use instead.
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
        if any(str(metric) == other.label for other in scored):
            problems.append(f"{task.name}: two different metrics are called {metric}; rename one of them")
        scored.append(ScoredMetric(str(metric), resolved))
    if problems:
        raise SettingError("\n".join(problems))
    return tuple(scored)


#: The options that give what a metric needs.
_FLAGS = {"references": "reference", "sources": "source", "terms": "terms", "facts": "facts"}


def _check_needs(task: Task, metric: Metric) -> None:
    if task.kind not in metric.kinds:
        others = " and ".join(sorted(f"a {kind}" for kind in metric.kinds))
        raise SettingError(
            f"{metric} judges {others}, and {task.name} is a {task.kind}; leave it out, or choose a --task"
        )
    for part in sorted(metric.needs):
        if getattr(task, part, None) is None or (part == "references" and not any(task.references)):
            flag = f", or give --{_FLAGS[part]} FILE" if part in _FLAGS else ""
            raise SettingError(
                f"{metric} needs {part}, which {task.name} of this benchmark does not have; leave it out{flag}"
            )
    metric.check_languages(task.lang, task.source_lang)
