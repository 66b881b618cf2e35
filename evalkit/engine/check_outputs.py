"""List the findings in outputs for a human reader. Nothing is scored."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evalkit.arguments import checked
from evalkit.data.benchmark import Benchmark
from evalkit.data.outputs import collect
from evalkit.data.tasks import Task, references_of
from evalkit.engine.metric_choice import scored_metrics
from evalkit.errors import SettingError
from evalkit.metrics import METRICS
from evalkit.metrics.base import Metric, References
from evalkit.metrics.terms import inconsistent
from evalkit.results.findings import Checked, Item


@checked
def check(benchmark: Benchmark, systems: Mapping[str, Any], *, allow_missing: bool = False) -> Checked:
    """List the problems in the outputs of systems.

    :param systems: maps the name of a system to its outputs, in any form that :func:`evalkit.run` accepts.
    :returns: the errors and warnings of every metric that reports findings and has the data it needs, ordered by system
        and task as given, then by segment.
    :raises OutputsError: if the outputs do not match the benchmark.
    """
    outputs = collect(benchmark, systems, allow_missing=allow_missing)
    items: list[Item] = []
    counts: dict[tuple[str, str], int] = {}
    tasks = [task for task in benchmark.tasks if outputs.get(task.name)]
    sides = {task.name: references_of(task) for task in tasks}
    metrics = {task.name: tuple(_metrics(task)) for task in tasks}
    for system in dict.fromkeys(name for task in tasks for name in outputs[task.name]):
        for task in tasks:
            if given := outputs[task.name].get(system):
                counts[system, task.name] = len(given.texts)
                items += _items(task, sides[task.name], metrics[task.name], system, given.texts)
    names = {task: tuple(metric.name for metric in of_task) for task, of_task in metrics.items()}
    return Checked(counts, names, tuple(items))


def _metrics(task: Task) -> Iterator[Metric]:
    for cls in METRICS.values():
        if cls.explain is Metric.explain:
            continue
        try:
            yield scored_metrics(task, [cls()])[0].metric
        except SettingError:
            # The task does not have the data that the metric needs; render() says which metrics ran.
            continue


def _items(
    task: Task, side: References, metrics: Sequence[Metric], system: str, texts: Sequence[str]
) -> Iterator[Item]:
    names = inconsistent(texts, side) if task.kind == "translation" and task.terms and task.sources else {}
    for i, text in enumerate(texts):
        findings = [(metric.name, finding) for metric in metrics for finding in metric.explain(text, side, i)]
        findings += [("Terms", finding) for finding in names.get(i, ())]
        for name, finding in findings:
            if finding.severity != "ok":
                yield Item(system, task.name, task.articles[i] if task.articles else None, task.ids[i], name, finding)
