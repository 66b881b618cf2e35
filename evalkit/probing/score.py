"""Scoring of probes: whether each metric detects the change in each case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evalkit.arguments import checked
from evalkit.data.tasks import Task, references_of
from evalkit.errors import SettingError
from evalkit.metrics import METRICS
from evalkit.metrics.base import Finding, Metric, Runtime
from evalkit.metrics.judge import Estimate, Judge
from evalkit.metrics.parsing import as_metrics
from evalkit.probing.cases import Case, Probe, bundled_cases
from evalkit.results.task_results import number
from evalkit.wording import count

#: Why contrasts of single-reference segments are not informative for metrics that compare with references.
ALONE = (
    "{count} of {total} contrasts left out: their segments have only the reference that they were made from, so this metric "
    "would detect any change; add a second reference"
)
#: Differences of scores up to this size are treated as rounding errors.
EPSILON = 1e-9


@dataclass(frozen=True)
class Verdict:
    """The result of one metric on one case.

    :param base: score of the correct text, None if undefined; ``text`` is the score of the changed text.
    :param error_kinds: kinds of errors in the changed text but not in the correct one.
    :param warned: the same for warnings.
    """

    metric: str
    case: Case
    base: float | None
    text: float | None
    drop: float | None
    error_kinds: tuple[str, ...]
    warned: tuple[str, ...] = ()

    @property
    def noticed(self) -> bool:
        """Whether the changed text scores lower than the correct one, or has an error that the latter does not have."""
        return bool(self.error_kinds) or (self.drop is not None and self.drop > EPSILON)


@dataclass(frozen=True)
class ReferenceVerdict:
    """Whether one metric penalizes a reference when it is scored against the other references of its segment.

    :param punished: for a metric with findings, whether it reports an error; for other metrics, whether the score is
        below the maximum.
    """

    metric: str
    task: str
    segment: str
    reference: int
    score: float | None
    punished: bool


@dataclass(frozen=True, eq=False)
class Probed:
    """The verdicts of all metrics, and by metric and task the reasons why they were ``skipped``."""

    probe: Probe
    metrics: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    references: tuple[ReferenceVerdict, ...]
    skipped: dict[str, str]

    def of(self, metric: str, *, harmless: bool, kind: str | None = None, task: str | None = None) -> list[Verdict]:
        """The verdicts of a metric for one kind or all kinds."""
        return [
            v
            for v in self.verdicts
            if v.metric == metric
            and v.case.harmless == harmless
            and kind in (None, v.case.kind)
            and task in (None, v.case.task)
        ]

    def kinds(self, *, harmless: bool) -> list[str]:
        """Kinds of error or of harmless difference, in order of first appearance."""
        return list(dict.fromkeys(c.kind for c in self.probe.cases if c.harmless == harmless))

    def separation(self, metric: str, kind: str | None = None) -> float | None:
        """Share of the pairs in a task in which the error lowers the score more than the harmless variant; ties count half."""
        wins = pairs = 0.0
        for task in self.probe.tasks:
            wrong = _drops(self.of(metric, harmless=False, kind=kind, task=task))
            right = np.sort(_drops(self.of(metric, harmless=True, task=task)))
            below = np.searchsorted(right, wrong - EPSILON, "left")
            above = np.searchsorted(right, wrong + EPSILON, "right")
            wins += float((below + above).sum()) / 2
            pairs += len(wrong) * len(right)
        return wins / pairs if pairs else None


def _drops(verdicts: Iterable[Verdict]) -> NDArray[np.float64]:
    return np.array([v.drop for v in verdicts if v.drop is not None], dtype=np.float64)


def default_metrics() -> list[Metric]:
    """All metrics of evalkit that judge outputs without a model or a score file; those with findings come first."""
    metrics = [cls() for name, cls in METRICS.items() if name != "Extractiveness" and cls.where == "worker"]
    return sorted(metrics, key=lambda metric: not metric.gives_findings)


@checked
def probe(
    metrics: Iterable[str | Metric] | None = None,
    cases: Probe | None = None,
    *,
    progress: Callable[[int, int, str], None] | None = None,
    runtime: Runtime | None = None,
) -> Probed:
    """Score every case and the correct text it was made from against the other references, with every metric.

    :param metrics: names or objects, including custom metrics; defaults to :func:`default_metrics`.
    :param cases: defaults to :func:`bundled_cases`; use :func:`generate` for cases from your own benchmark.
    :param progress: called as ``progress(done, total, what)``.
    :param runtime: options for metrics that need a model or a judge.
    :returns: one verdict per metric and case. A metric that cannot be used on a task (unsupported language, no sources)
        is skipped there, with a reason. For metrics that only compare texts with references, contrasts of segments with
        a single reference are skipped as well.
    :raises SettingError: if a metric is unknown, or no metric can be used.
    """
    cases = bundled_cases() if cases is None else cases
    chosen = as_metrics(default_metrics() if metrics is None else metrics)
    verdicts: list[Verdict] = []
    references: list[ReferenceVerdict] = []
    skipped: dict[str, str] = {}
    used: dict[str, None] = {}
    total, done = len(cases.tasks) * len(chosen), 0
    runtime = runtime or Runtime()
    for task, members, others, texts, own in _tasks(cases, runtime):
        for metric in chosen:
            done += 1
            label = str(metric)
            try:
                resolved = _resolve(metric, task)
                alone = 0 if _reads_sources(resolved) else sum(cases.is_alone(case) for case in members)
                if alone:
                    skipped[f"{label}, {task.name}"] = ALONE.format(count=alone, total=len(members))
                if len(members) > alone:
                    failures: list[str] = []
                    scored = list(_verdicts(label, resolved, members, texts, failures))
                    verdicts += [verdict for verdict in scored if not alone or not cases.is_alone(verdict.case)]
                    references += list(_reference_verdicts(label, resolved, others, own, failures))
                    if failures:
                        left_out = f"{count(len(failures), 'comparison')} left out"
                        skipped[f"{label}, {task.name}, failed"] = f"{left_out}, the first because: {failures[0]}"
                    used |= dict.fromkeys(verdict.metric for verdict in scored)
            except SettingError as error:  # such as texts that are too long for its model
                skipped[f"{label}, {task.name}"] = str(error)
                continue
            if progress:
                progress(done, total, f"{label} on {task.name}")
    if not used:
        raise SettingError("\n".join(dict.fromkeys(skipped.values())) or "there is nothing to probe")
    labels = tuple(str(metric) for metric in chosen if str(metric) in used)
    return Probed(cases, labels, tuple(verdicts), tuple(references), skipped)


def _tasks(probe: Probe, runtime: Runtime) -> Iterator[tuple[Task, list[Case], list[Case], _Texts, _Texts]]:
    """Yield for each task its cases and their texts.

    References that have other references next to them are added as cases without a change.
    """
    for task in probe.tasks.values():
        cases = [case for case in probe.cases if case.task == task.name]
        references = [
            Case("", task.name, segment, k, "reference", True, text, text)
            for segment in dict.fromkeys(case.segment for case in cases)
            for k, text in enumerate(task.references[probe.places[task.name][segment]])
        ]
        references = [case for case in references if not probe.is_alone(case)]
        pairs = [row for case in cases for row in ((case, case.base, None), (case, case.text, case.source))]
        own = [(case, case.text, None) for case in references]
        yield task, cases, references, _Texts(probe, task, pairs, runtime), _Texts(probe, task, own, runtime)


def judge_estimates(judges: Sequence[Judge], cases: Probe, runtime: Runtime) -> Iterator[tuple[str, Estimate]]:
    """Estimate the cost of judging all texts of a probe, by task and metric, without making a request."""
    for task, _, _, changed, own in _tasks(cases, runtime):
        for judge in judges:
            resolved = _resolve(judge, task)
            if isinstance(resolved, Judge):
                for what, texts in (("contrasts", changed), ("references", own)):
                    estimate = resolved.estimate({"": texts.texts}, texts.references, runtime)
                    yield f"{task.name}, {what}, {judge}", estimate


def _reads_sources(metric: Metric) -> bool:
    """Whether a metric uses more than the references, so that an identical text does not automatically score best."""
    return metric.gives_findings or "sources" in metric.needs


def _resolve(metric: Metric, task: Task) -> Metric:
    for part in sorted(metric.needs):
        if getattr(task, part, None) is None:
            raise SettingError(f"{metric} needs {part}, which {task.name} does not have")
    if task.kind not in metric.kinds:
        raise SettingError(f"{metric} does not judge a {task.kind}, as {task.name} is")
    metric.check_languages(task.lang, task.source_lang)
    return metric.resolve(task.lang, task.defaults)


class _Judged(NamedTuple):
    """The score and the findings of a text, and why judging it failed."""

    score: float | None
    findings: list[Finding]
    failed: str | None


class _Texts:
    """Texts to score, equal ones once.

    :param rows: each text with its case, and its source if that is not the segment's.
    """

    def __init__(
        self, probe: Probe, task: Task, rows: Sequence[tuple[Case, str, str | None]], runtime: Runtime
    ) -> None:
        keys = [(case.segment, probe.others(case), text, source) for case, text, source in rows]
        distinct = {key: i for i, key in enumerate(dict.fromkeys(keys))}
        #: The index of each requested text in the distinct texts.
        self._at = [distinct[key] for key in keys]
        self._runtime = runtime
        self.texts = [text for _, _, text, _ in distinct]
        places = [probe.places[task.name][segment] for segment, *_ in distinct]
        whole = references_of(task)
        columns = {name: getattr(whole, name) for name in ("sources", "articles", "dates", "ids")}
        picked: dict[str, Any] = {name: column and tuple(column[i] for i in places) for name, column in columns.items()}
        if picked["sources"]:
            own = zip(picked["sources"], distinct, strict=True)
            picked["sources"] = tuple(text if source is None else source for text, (_, _, _, source) in own)
        self.references = replace(whole, texts=tuple(others for _, others, _, _ in distinct), **picked)

    def judged(self, metric: Metric) -> list[_Judged]:
        """Score each requested text."""
        statistics = metric.checked_statistics_of({"": self.texts}, self.references, self._runtime)[""]
        scores = metric.score(statistics.rows)
        wrong = [[f for f in statistics.findings.get(i, ()) if f.severity != "ok"] for i in range(len(self.texts))]
        return [_Judged(number(scores[i]), wrong[i], statistics.undefined.get(i)) for i in self._at]


def _verdicts(
    label: str, metric: Metric, cases: Sequence[Case], texts: _Texts, failures: list[str]
) -> Iterator[Verdict]:
    judged, sign = texts.judged(metric), 1.0 if metric.higher_is_better else -1.0
    for case, base, text in zip(cases, judged[::2], judged[1::2], strict=True):
        if reason := base.failed or text.failed:
            failures.append(reason)
            continue
        known = {(f.severity, f.kind, f.key) for f in base.findings}
        new = dict.fromkeys((f.severity, f.kind) for f in text.findings if (f.severity, f.kind, f.key) not in known)
        errors, warnings = (tuple(kind for of, kind in new if of == severity) for severity in ("error", "warning"))
        drop = None if base.score is None or text.score is None else sign * (base.score - text.score)
        yield Verdict(label, case, base.score, text.score, drop, errors, warnings)


def _reference_verdicts(
    label: str, metric: Metric, references: Sequence[Case], texts: _Texts, failures: list[str]
) -> Iterator[ReferenceVerdict]:
    best = metric.range[1 if metric.higher_is_better else 0]
    for case, (score, findings, failed) in zip(references, texts.judged(metric) if references else (), strict=True):
        if failed:
            failures.append(failed)
            continue
        punished = any(f.severity == "error" for f in findings)
        if not metric.gives_findings:
            punished = score is not None and abs(score - best) > 1e-6
        yield ReferenceVerdict(label, case.task, case.segment, case.reference, score, punished)
