"""The segments to read first: those with error findings, then those with the largest loss or the lowest score."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError, check_whole_number
from evalkit.results.rows import Rows
from evalkit.results.slices import slice_labels
from evalkit.results.task_results import Finding, TaskResults, number
from evalkit.wording import format_number


@dataclass(frozen=True)
class WorstSegment:
    """An output worth reading.

    :param against: the system that it is compared with, if any; ``loss`` is how much worse it scores than that one.
    :param findings: metric label and finding, errors first; matched pairs are left out.
    :param slice: the slice of the segment, if slices were requested.
    :param samples: the spans of several samples in ``output``; empty for a single one.
    :param source: None, like ``references`` and ``output``, where the run kept no texts.
    :param digits: decimals of the metric's scores.
    """

    index: int
    task: str
    system: str
    article: str | None
    segment: str
    metric: str
    score: float | None
    against: str | None
    against_score: float | None
    loss: float | None
    findings: tuple[tuple[str, Finding], ...]
    missing: bool
    source: str | None
    references: tuple[str, ...] | None
    output: str | None
    against_output: str | None
    slice: str | None = None
    samples: tuple[tuple[int, int], ...] = ()
    digits: int = 2

    @property
    def errors(self) -> int:
        """The number of error findings."""
        return sum(finding.severity == "error" for _, finding in self.findings)

    def __str__(self) -> str:
        score = format_number(self.score, ".4g", undefined="undefined")
        loss = "" if self.loss is None else f", {self.loss:.4g} worse than {self.against}"
        what = "; ".join(finding.message for _, finding in self.findings[:2])
        return f"{self.task} {self.segment}: {self.metric} {score}{loss}" + (f": {what}" if what else "")

    def as_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can represent."""
        row = dict(vars(self))
        del row["digits"]
        return row | {"findings": [{"metric": label, **vars(finding)} for label, finding in self.findings]}


def worst(
    task: TaskResults,
    system: str | None = None,
    *,
    against: str | None = None,
    metric: str | None = None,
    n: int = 20,
    by: str | None = None,
) -> Rows[WorstSegment]:
    """Return the outputs of a system to read first.

    Outputs with error findings come first, sorted by the number of errors; the rest follow. Ties are sorted by loss
    against another system, or by score if none is given.

    :param system: defaults to the best system by the first metric.
    :param against: a system to compare with; only segments that have errors or score worse than it are listed.
    :param metric: label of the metric that sorts the segments; defaults to the first metric of the task.
    :param n: maximum number of segments; with ``by``, the maximum per slice.
    :param by: group the segments by slices, see :mod:`evalkit.results.slices`.
    """
    check_whole_number("n", n, 1)
    scored = task.metrics[0] if metric is None else task.metric(metric)
    label = scored.label
    s = task.ranked(label)[0] if system is None else task.system_index(system)
    name = task.systems[s]
    if against == name:
        raise SettingError(f"{name} cannot be compared with itself; name another system")
    other = None if against is None else task.system_index(against)
    # The score that would be lost to a score of 0, or to the other system.
    scores = scored.sign * task.by_segment(label)
    losses = -scores[s] if other is None else scores[other] - scores[s]
    # An undefined score says nothing about the output, so it comes last.
    badness = np.where(np.isfinite(losses), losses, -np.inf)
    errors = _error_counts(task, name)
    listed = np.flatnonzero((badness > 0) | (errors > 0) | (other is None))
    order = listed[np.lexsort((listed, -badness[listed], -errors[listed]))]
    slices = (None,) * len(task.ids) if by is None else slice_labels(task, by)
    chosen = [(part, i) for part in dict.fromkeys(slices) for i in [i for i in order.tolist() if slices[i] == part][:n]]
    rows = (dataclasses.replace(segment_at(task, label, s, other, i), slice=part) for part, i in chosen)
    return Rows(WorstSegment, "segments", rows)


def _error_counts(task: TaskResults, system: str) -> NDArray[np.int64]:
    """int64[n]: the number of error findings in each output."""
    counts = np.zeros(len(task.ids), np.int64)
    for by_system in task.findings.values():
        for i, findings in enumerate(by_system.get(system, ())):
            if findings:
                counts[i] += sum(finding.severity == "error" for finding in findings)
    return counts


def _findings(task: TaskResults, system: str, i: int) -> tuple[tuple[str, Finding], ...]:
    findings = (
        (label, finding)
        for label, by_system in task.findings.items()
        if system in by_system
        for finding in by_system[system][i]
        if finding.severity != "ok"
    )
    return tuple(sorted(findings, key=lambda item: item[1].severity != "error"))


def segment_at(task: TaskResults, label: str, s: int, other: int | None, i: int) -> WorstSegment:
    """Return a segment of system ``s``, compared with system ``other``, if there is one."""
    scored, texts, name = task.metric(label), task.texts, task.systems[s]
    against = None if other is None else task.systems[other]
    score, against_score = (
        None
        if k is None or i in task.undefined.get(label, {}).get(task.systems[k], {})
        else number(scored.metric.score(task.rows(label, k, i, i + 1)[0]))
        for k in (s, other)
    )
    loss = None
    if score is not None and against_score is not None:
        loss = scored.sign * (against_score - score)
    output = texts.outputs[name][i] if texts else None
    return WorstSegment(
        index=i,
        task=task.name,
        system=name,
        article=None if task.articles is None else task.articles[i],
        segment=task.ids[i],
        metric=label,
        score=score,
        against=against,
        against_score=against_score,
        loss=loss,
        findings=_findings(task, name, i),
        missing=task.ids[i] in task.missing.get(name, ()),
        source=texts.sources[i] if texts and texts.sources else None,
        references=texts.references[i] if texts else None,
        output=output,
        against_output=texts.outputs[against][i] if texts and against else None,
        samples=task.samples[name].parts(output) if output and name in task.samples else (),
        digits=scored.digits,
    )
