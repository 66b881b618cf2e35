"""What is wrong with outputs, one by one, for a reader: nothing is scored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.data.benchmark import Benchmark, Task
from evalkit.data.outputs import Outputs, collect
from evalkit.engine import references_of
from evalkit.errors import SettingError
from evalkit.metrics import METRICS
from evalkit.metrics.base import Finding, Metric, References
from evalkit.metrics.terms import inconsistent

__all__ = ["Checked", "Item", "check", "check_outputs", "render"]


@dataclass(frozen=True)
class Item:
    """One finding in one output.

    :param metric: the metric that found it.
    """

    system: str
    task: str
    article: str | None
    segment: str
    metric: str
    finding: Finding

    def as_dict(self) -> dict[str, Any]:
        """Plain values; spans are pairs of offsets or null."""
        found = self.finding
        return {
            "system": self.system,
            "task": self.task,
            "article": self.article,
            "segment": self.segment,
            "metric": self.metric,
            "severity": found.severity,
            "kind": found.kind,
            "message": found.message,
            "key": found.key,
            "source_span": found.source_span,
            "output_span": found.output_span,
        }


@dataclass(frozen=True)
class Checked:
    """Which outputs were read, and what was found in them; an output without findings has no item.

    :param outputs: for each system and task, how many outputs it has.
    :param metrics: by task, the metrics that looked.
    """

    outputs: dict[tuple[str, str], int]
    metrics: dict[str, tuple[str, ...]]
    items: tuple[Item, ...]


def check(benchmark: Benchmark, systems: Mapping[str, Any], *, allow_missing: bool = False) -> Checked:
    """What is wrong with the outputs of systems.

    :param systems: name of a system to its outputs, as :func:`evalkit.run` takes them.
    :raises OutputsError: outputs that do not fit the benchmark.
    """
    return check_outputs(benchmark, collect(benchmark, systems, allow_missing=allow_missing))


def check_outputs(benchmark: Benchmark, outputs: Outputs) -> Checked:
    """The errors and warnings of every metric that gives its findings and that the benchmark has the data for.

    :param outputs: checked outputs, see :func:`evalkit.data.outputs.read_systems`.
    :returns: items by system and task in the order given, then in the order of the segments.
    """
    items: list[Item] = []
    counts: dict[tuple[str, str], int] = {}
    looked: dict[str, tuple[str, ...]] = {}
    for task in benchmark.tasks:
        systems = outputs.get(task.name)
        if not systems:
            continue
        metrics = list(_metrics(task))
        looked[task.name] = tuple(metric.name for metric in metrics)
        side = references_of(task)
        for system, given in systems.items():
            counts[system, task.name] = len(given.texts)
            items += _items(task, side, metrics, system, given.texts)
    order = list(dict.fromkeys(system for system, _ in counts))
    items.sort(key=lambda item: order.index(item.system))
    return Checked({key: counts[key] for key in sorted(counts, key=lambda k: order.index(k[0]))}, looked, tuple(items))


def _metrics(task: Task) -> Iterator[Metric]:
    for cls in METRICS.values():
        if cls.explain is Metric.explain or any(getattr(task, part, None) is None for part in cls.needs):
            continue
        try:
            yield cls().resolve(task.lang, task.defaults)
        except SettingError:
            # Another language than it can read; render() says which metrics looked.
            continue


def _items(
    task: Task, side: References, metrics: Sequence[Metric], system: str, texts: Sequence[str]
) -> Iterator[Item]:
    names = inconsistent(texts, side) if task.kind == "translation" and task.terms and task.sources else {}
    for i, text in enumerate(texts):
        found = [(metric.name, finding) for metric in metrics for finding in metric.explain(text, side, i)]
        found += [("Terms", finding) for finding in names.get(i, ())]
        for name, finding in found:
            if finding.severity != "ok":
                yield Item(system, task.name, task.articles[i] if task.articles else None, task.ids[i], name, finding)


def render(checked: Checked) -> str:
    """A block a system and task: a line a finding under the id of its output, and a count."""
    lines: list[str] = []
    for (system, task), number in checked.outputs.items():
        items = [item for item in checked.items if (item.system, item.task) == (system, task)]
        lines.append(f"{system}, {task}")
        last = None
        for item in items:
            if item.segment != last:
                lines.append(f"  {_plain(item.segment)}")
                last = item.segment
            lines.append(f"    {item.finding.severity:<7}  {item.metric}: {_plain(item.finding.message)}")
        errors = sum(item.finding.severity == "error" for item in items)
        faulty = len({item.segment for item in items if item.finding.severity == "error"})
        looked = ", ".join(checked.metrics[task]) or "no metric: nothing to check with"
        lines += [
            f"  {errors} errors in {faulty} of {number} outputs, {len(items) - errors} warnings ({looked})",
            "",
        ]
    return "\n".join(lines)


def _plain(text: str) -> str:
    """One line that a terminal shows as it is: control characters and marks of direction are spelled out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
