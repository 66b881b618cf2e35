"""Findings in outputs: as rows with their positions, and ``findings.jsonl`` of a run folder, with one finding per line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from evalkit.metrics.base import Finding
from evalkit.results.packed import PackedFindings
from evalkit.results.results import Results
from evalkit.results.rows import Rows
from evalkit.results.run_json import reading
from evalkit.wording import count

#: By metric label and system, the findings of each segment; systems without findings are left out.
FindingsOfTask = dict[str, dict[str, PackedFindings]]


@dataclass(frozen=True)
class Item:
    """One finding in one output, and the metric that found it."""

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
    """The numbers of outputs by system and task, the metrics by task, and the findings, if any, of each output."""

    outputs: dict[tuple[str, str], int]
    metrics: dict[str, tuple[str, ...]]
    items: tuple[Item, ...]

    def __repr__(self) -> str:
        outputs = count(sum(self.outputs.values()), "output")
        return repr(Rows(Item, "findings" if self.items else f"findings in {outputs}", self.items))


class _Line(msgspec.Struct):
    task: str
    metric: str
    system: str
    segment: str
    kind: str
    severity: str
    message: str
    source_span: tuple[int, int] | None
    output_span: tuple[int, int] | None
    key: str


def write_findings(path: Path, results: Results) -> None:
    """Write the findings of all tasks."""
    encoder = msgspec.json.Encoder()
    with path.open("wb") as file:
        for line in _lines(results):
            file.write(encoder.encode(line) + b"\n")


def _lines(results: Results) -> Iterator[_Line]:
    for task in results.tasks:
        for label, by_system in task.findings.items():
            for system, segments in by_system.items():
                for id_, findings in zip(task.ids, segments, strict=True):
                    for f in findings:
                        yield _Line(
                            task.name, label, system, id_,
                            f.kind, f.severity, f.message, f.source_span, f.output_span, f.key,
                        )  # fmt: skip


def read_findings(path: Path, tasks: Mapping[str, Sequence[str]]) -> dict[str, FindingsOfTask]:
    """Read the findings of all tasks, given the ids of their segments; only one block of them is unpacked at a time."""
    findings: dict[str, FindingsOfTask] = {name: {} for name in tasks}
    with reading(path), path.open("rb") as file:
        for (task, label, system), rows in groupby(_read(file), lambda row: (row.task, row.metric, row.system)):
            of_metric = findings[task].setdefault(label, {})
            if system in of_metric:
                raise ValueError(f"the findings of {label} for {system} are not in one place")
            of_metric[system] = PackedFindings.of(_by_segment(rows, tasks[task]))
    return findings


def _read(file: Iterable[bytes]) -> Iterator[_Line]:
    decoder = msgspec.json.Decoder(_Line)
    for number, raw in enumerate(file, 1):
        try:
            yield decoder.decode(raw)
        except msgspec.MsgspecError as error:
            raise ValueError(f"line {number}: {error}") from None


def _by_segment(rows: Iterator[_Line], ids: Sequence[str]) -> Iterator[tuple[Finding, ...]]:
    """The findings of each segment, from lines in the order of the segments."""
    row = next(rows, None)
    for id_ in ids:
        of_segment: tuple[Finding, ...] = ()
        while row is not None and row.segment == id_:
            of_segment += (Finding(row.kind, row.severity, row.message, row.source_span, row.output_span, row.key),)
            row = next(rows, None)
        yield of_segment
    if row is not None:
        raise ValueError(f"segment {row.segment!r} is unknown or out of order")
