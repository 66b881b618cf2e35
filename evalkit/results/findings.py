"""Findings in outputs, with their positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evalkit.metrics.base import Finding
from evalkit.results.rows import Rows
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

    def __str__(self) -> str:
        finding = self.finding
        return f"{self.system} {self.task} {self.segment} {self.metric}: {finding.severity}, {finding.message}"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values; spans are pairs of offsets or null."""
        place = {name: getattr(self, name) for name in ("system", "task", "article", "segment", "metric")}
        return place | vars(self.finding)


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
        outputs = count(sum(self.outputs.values()), "output")
        return repr(Rows(Item, "findings" if self.items else f"findings in {outputs}", self.items))
