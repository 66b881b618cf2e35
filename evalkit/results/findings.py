"""Findings in outputs, with their positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evalkit.metrics.base import Finding
from evalkit.wording import count


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
        """Return plain values; spans are pairs of offsets or null."""
        finding = self.finding
        return {
            "system": self.system,
            "task": self.task,
            "article": self.article,
            "segment": self.segment,
            "metric": self.metric,
            "severity": finding.severity,
            "kind": finding.kind,
            "message": finding.message,
            "key": finding.key,
            "source_span": finding.source_span,
            "output_span": finding.output_span,
        }


@dataclass(frozen=True)
class Checked:
    """The outputs that were checked, and the findings in them; an output without findings has no item.

    :param outputs: for each system and task, the number of outputs.
    :param metrics: by task, the metrics that were run.
    """

    outputs: dict[tuple[str, str], int]
    metrics: dict[str, tuple[str, ...]]
    items: tuple[Item, ...]

    def __repr__(self) -> str:
        """List the first twenty findings, one per line."""
        lines = [
            f"{item.system} {item.task} {item.segment} {item.metric}: {item.finding.severity}, {item.finding.message}"
            for item in self.items[:20]
        ]
        more = [f"... {count(len(self.items) - 20, 'more finding')}"] if len(self.items) > 20 else []
        return "\n".join([*lines, *more]) or f"<no findings in {count(sum(self.outputs.values()), 'output')}>"
