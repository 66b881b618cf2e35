"""Coverage: how many segments a metric has judged, and why the others have no judgement."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from evalkit.errors import few
from evalkit.results.task_results import NO_REFERENCE, Samples, TaskResults
from evalkit.wording import count

#: Number of units below which unequal numbers of samples cause a warning.
ENOUGH_UNITS = 50
#: A system is called unusable if less than this share of its outputs is present, healthy or judged.
USABLE = 0.5
#: Maximum number of reasons listed in a note.
_REASONS = 3


@dataclass(frozen=True)
class Coverage:
    """The coverage of one system by one metric.

    :param asked: number of segments to which the metric applies, the same for all systems; ``judged`` have a score.
    :param reasons: maps each reason for a missing score to the number of segments.
    """

    task: str
    metric: str
    system: str
    asked: int
    judged: int
    reasons: Mapping[str, int]

    @property
    def share(self) -> float:
        """``judged`` divided by ``asked``; 1 if ``asked`` is 0."""
        return self.judged / self.asked if self.asked else 1.0

    def __str__(self) -> str:
        text = f"{self.metric} judged {self.judged:,} of {self.asked:,} segments of {self.system} ({self.share:.1%})"
        counted_reasons = [f"{why} ({count:,})" for why, count in Counter(self.reasons).most_common()]
        return f"{text}: {few(counted_reasons, _REASONS, longest=200)}" if counted_reasons else text


def references_note(task: TaskResults) -> str:
    """Describe the number of references per segment, which scores depend on as on the signatures; empty if it is unknown."""
    if task.reference_counts is None:
        return ""
    low, high = task.reference_counts
    if high == 0:
        return "no references"
    return f"{count(high, 'reference') if low == high else f'{low} to {high} references'} per segment"


def coverage(task: TaskResults, metric: str | None = None) -> list[Coverage]:
    """Coverage by metric (or of one of them) and system, complete or not."""
    rows: list[Coverage] = []
    for scored in task.chosen(metric):
        by_system = task.undefined.get(scored.label, {})
        applies = len(task.ids) - len(task.without_reference(scored.label))
        if by_system:
            # Where the metric does not apply, there is no score, although no judgement failed.
            undefined = np.isnan(task.by_segment(scored.label))
            applies -= int((undefined & ~task.failed(scored.label)).any(axis=0).sum())
        for system in task.systems:
            reasons = Counter(why for why in by_system.get(system, {}).values() if why != NO_REFERENCE)
            judged = applies - reasons.total()
            rows.append(Coverage(task.name, scored.label, system, applies, judged, dict(reasons)))
    return rows


def completeness_notes(task: TaskResults) -> Iterator[str]:
    """Write one sentence for each kind of missing output or judgement."""
    for what, by_system in (("missing", task.missing), ("empty", task.empty)):
        for system, ids in by_system.items():
            outputs = count(len(ids), f"{what} output")
            yield f"{system}: {outputs} scored as empty" if what == "missing" else f"{system}: {outputs}"
    for system, samples in task.samples.items():
        yield from _sampling_notes(task, system, samples)
    # Segments without a reference are the same for all systems and metrics that need one.
    bare = {label: lacking for label in task.undefined if (lacking := len(task.without_reference(label)))}
    if bare:
        without, verb = next(iter(bare.values())), "covers" if len(bare) == 1 else "cover"
        yield f"{without:,} of {len(task.ids):,} segments have no reference; {', '.join(bare)} {verb} the others"
    yield from task.notes
    for scored in task.metrics:
        for system, total in zip(task.systems, task.totals[scored.label], strict=True):
            yield from (f"{scored.label} of {system}: {note}" for note in scored.metric.notes(total))
    for row in coverage(task):
        if row.reasons:
            yield str(row)


def _sampling_notes(task: TaskResults, system: str, samples: Samples) -> Iterator[str]:
    fewest, most = min(samples.counts), max(samples.counts)
    if fewest < most:
        yield f"{system}: {fewest} to {most} outputs per segment; missing ones are scored as empty"
    for label, share in samples.shares.items():
        if fewest < most and share.units < ENOUGH_UNITS:
            yield (
                f"{system}: with unequal numbers of outputs and only {share.units} {share.unit}s the intervals may be too "
                "narrow; give every segment the same number"
            )
            fewest = most
        if share.reason is None:
            yield (
                f"{system}: {share.samples:.3g} outputs per segment; {share.share:.0%} of the variance of {label} comes from "
                f"sampling, and with infinitely many outputs its interval would shrink by {share.shrinkage:.0%}"
            )


def unusable_systems(task: TaskResults) -> dict[int, str]:
    """By index, the reason why a system is unusable, such as ``32 of 32 outputs fail Health``; only unusable systems."""
    n = len(task.ids)
    healths = [scored for scored in task.metrics if scored.metric.name == "Health"]
    reasons: dict[int, str] = {}
    for i, name in enumerate(task.systems):
        missing = len(task.missing.get(name, ()))
        if n - missing < USABLE * n:
            reasons[i] = f"{missing:,} of {n:,} outputs are missing"
            continue
        for scored in healths:
            if float(task.corpus(scored.label)[i]) < USABLE:
                rows = scored.metric.score(task.rows(scored.label, i, 0, n))
                failing = int((np.nan_to_num(rows, nan=1.0) < 1.0).sum())
                reasons[i] = f"{failing:,} of {n:,} outputs fail {scored.label}"
        for label in task.undefined:
            asked, undefined = n - len(task.without_reference(label)), int(task.unjudged(label)[i].sum())
            if asked - undefined < USABLE * asked and i not in reasons:
                reasons[i] = f"{undefined:,} of {asked:,} outputs were not judged by {label}"
    return reasons
