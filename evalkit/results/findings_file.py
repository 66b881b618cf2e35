"""``findings.jsonl`` of a run folder: what metrics found, one finding per line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from evalkit.errors import RunFolderError
from evalkit.metrics.base import Finding
from evalkit.results.results import Results

__all__ = ["FindingsOfTask", "read_findings", "write_findings"]

#: By metric label, system and segment id.
FindingsOfTask = dict[str, dict[str, dict[str, list[Finding]]]]


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
    """Write the findings of all tasks.

    :raises OSError: if the file cannot be written.
    """
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


def read_findings(path: Path, tasks: Sequence[str]) -> dict[str, FindingsOfTask]:
    """Read the findings of all tasks.

    :raises RunFolderError: naming the line that cannot be read.
    """
    findings: dict[str, FindingsOfTask] = {name: {} for name in tasks}
    decoder = msgspec.json.Decoder(_Line)
    number = 0
    try:
        with path.open("rb") as file:
            for raw in file:
                number += 1
                row = decoder.decode(raw)
                finding = Finding(row.kind, row.severity, row.message, row.source_span, row.output_span, row.key)
                of_metric = findings[row.task].setdefault(row.metric, {})
                of_metric.setdefault(row.system, {}).setdefault(row.segment, []).append(finding)
    except OSError as error:
        raise RunFolderError(f"{path}: cannot be read: {error.strerror or error}; score again") from None
    except (msgspec.MsgspecError, ValueError, KeyError, RecursionError) as error:
        raise RunFolderError(f"{path}:{number}: cannot be read ({error}); score again") from None
    return findings
