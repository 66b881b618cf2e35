"""Several outputs of a system per segment: each is scored separately, then they are combined into one row per segment.

During scoring, each sample is treated as a separate system. The row of a segment is the mean over its samples, so
resampling uses segments or articles as units and never the samples within them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from evalkit.data.outputs import Outputs, SystemOutputs
from evalkit.results.task_results import Finding, Samples, TaskResults, Texts


@dataclass(frozen=True)
class Expansion:
    """How the systems of one task were expanded.

    :param members: by system, in order, the names of its samples.
    :param counts: by system with samples, how many outputs each segment actually has.
    """

    members: Mapping[str, tuple[str, ...]]
    counts: Mapping[str, tuple[int, ...]]


def expand(outputs: Outputs) -> tuple[Outputs, dict[str, Expansion]]:
    """Return outputs with one system per sample, and for each task how to combine them; a missing sample is empty."""
    expanded = Outputs()
    expansions: dict[str, Expansion] = {}
    for task, by_system in outputs.items():
        if not any(system_outputs.samples for system_outputs in by_system.values()):
            expanded[task] = by_system
            continue
        members: dict[str, tuple[str, ...]] = {}
        counts: dict[str, tuple[int, ...]] = {}
        expanded[task] = {}
        for name, system_outputs in by_system.items():
            every = system_outputs.samples or tuple((text,) for text in system_outputs.texts)
            most = max(1, *map(len, every))
            # The separator cannot occur in a system's name.
            members[name] = tuple(f"{name}/{k + 1}" for k in range(most))
            if system_outputs.samples:
                counts[name] = tuple(map(len, every))
            for k, member in enumerate(members[name]):
                texts = tuple(texts[k] if k < len(texts) else "" for texts in every)
                expanded[task][member] = SystemOutputs(texts, system_outputs.missing, system_outputs.known)
        expansions[task] = Expansion(members, counts)
    return expanded, expansions


def join_samples(task: TaskResults, expansion: Expansion) -> TaskResults:
    """Return the results of one task with one row per segment for each system: the mean over its samples."""
    places = {
        name: [task.systems.index(member) for member in member_names]
        for name, member_names in expansion.members.items()
    }
    statistics = {label: np.empty((len(places), *rows.shape[1:])) for label, rows in task.statistics.items()}
    undefined: dict[str, dict[str, dict[int, str]]] = {}
    samples = {name: Samples(counts) for name, counts in expansion.counts.items()}
    for label, rows in task.statistics.items():
        scored = task.metric(label)
        for s, (name, members) in enumerate(places.items()):
            several = np.moveaxis(rows[members], 0, 1).copy()
            reasons = [task.undefined.get(label, {}).get(task.systems[m], {}) for m in members]
            for k, failed in enumerate(reasons):
                several[list(failed), k] = np.nan
            lost = {i: why for i, why in reasons[0].items() if all(i in failed for failed in reasons)}
            several[list(lost)] = 0.0
            statistics[label][s] = np.nanmean(several, axis=1)
            if lost:
                undefined.setdefault(label, {})[name] = lost
            if name in samples:
                rate = _pass_rate(task, label, members) if scored.metric.gives_findings else None
                samples[name] = samples[name].including(scored, several, task.groups(), rate)
    return replace(
        task,
        systems=tuple(places),
        statistics=statistics,
        missing={
            name: task.missing[task.systems[m[0]]] for name, m in places.items() if task.systems[m[0]] in task.missing
        },
        empty={name: empty for name, m in places.items() if (empty := _empty(task, m))},
        undefined=undefined,
        samples=samples,
        texts=None if task.texts is None else _texts(task.texts, expansion),
        findings={label: _findings(task, label, expansion) for label in task.findings},
    )


def _pass_rate(task: TaskResults, label: str, members: list[int]) -> float:
    """The share of outputs without an error finding."""
    by_member = [task.findings.get(label, {}).get(task.systems[m], ()) for m in members]
    failing = sum(any(f.severity == "error" for f in findings) for by_segment in by_member for findings in by_segment)
    return 1 - failing / max(1, len(members) * len(task.ids))


def _empty(task: TaskResults, members: list[int]) -> tuple[str, ...]:
    """The ids with at least one empty sample, except those that are missing altogether."""
    empty = {id_ for m in members for id_ in task.empty.get(task.systems[m], ())}
    return tuple(id_ for id_ in task.ids if id_ in empty)


def _head(k: int, members: tuple[str, ...]) -> str:
    """The header before a sample when several are shown as one text."""
    return f"[{k + 1}] " if len(members) > 1 else ""


def _texts(texts: Texts, expansion: Expansion) -> Texts:
    outputs: dict[str, tuple[str, ...]] = {}
    for name, members in expansion.members.items():
        columns = (texts.outputs[member] for member in members)
        outputs[name] = tuple(
            "\n".join(_head(k, members) + text for k, text in enumerate(row)) for row in zip(*columns, strict=True)
        )
    return replace(texts, outputs=outputs)


def _findings(task: TaskResults, label: str, expansion: Expansion) -> dict[str, tuple[tuple[Finding, ...], ...]]:
    """Collect the findings of all samples of a segment, with offsets shifted to positions in the combined text."""
    findings: dict[str, tuple[tuple[Finding, ...], ...]] = {}
    for name, members in expansion.members.items():
        columns = [task.findings[label].get(member, ((),) * len(task.ids)) for member in members]
        joined: list[tuple[Finding, ...]] = []
        for i in range(len(task.ids)):
            shift, row = 0, []
            for k, member in enumerate(members):
                head = _head(k, members)
                row += [_moved(finding, shift + len(head), head) for finding in columns[k][i]]
                shift += len(head) + len(task.texts.outputs[member][i]) + 1 if task.texts else 0
            joined.append(tuple(row))
        findings[name] = tuple(joined)
    return findings


def _moved(finding: Finding, by: int, head: str) -> Finding:
    span = finding.output_span
    return replace(
        finding, message=head + finding.message, output_span=None if span is None else (span[0] + by, span[1] + by)
    )
