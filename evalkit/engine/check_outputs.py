"""List the findings in outputs for a human reader. Nothing is scored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evalkit.data.benchmark import Benchmark
from evalkit.data.outputs import collect
from evalkit.data.tasks import Task, references_of
from evalkit.engine.metric_choice import scored_metrics
from evalkit.errors import SettingError
from evalkit.metrics import METRICS
from evalkit.metrics.base import Metric, References
from evalkit.metrics.terms import inconsistent
from evalkit.results.findings import Checked, Item


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
    looked: dict[str, tuple[str, ...]] = {}
    for task in benchmark.tasks:
        by_system = outputs.get(task.name)
        if not by_system:
            continue
        metrics = list(_metrics(task))
        looked[task.name] = tuple(metric.name for metric in metrics)
        side = references_of(task)
        for system, system_outputs in by_system.items():
            counts[system, task.name] = len(system_outputs.texts)
            items += _items(task, side, metrics, system, system_outputs.texts)
    order = list(dict.fromkeys(system for system, _ in counts))
    items.sort(key=lambda item: order.index(item.system))
    return Checked({key: counts[key] for key in sorted(counts, key=lambda k: order.index(k[0]))}, looked, tuple(items))


def _metrics(task: Task) -> Iterator[Metric]:
    for cls in METRICS.values():
        if cls.explain is Metric.explain:
            continue
        try:
            yield scored_metrics(task, [cls()])[0].metric
        except SettingError:
            # The task lacks what the metric reads; render() says which metrics ran.
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
