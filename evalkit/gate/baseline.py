"""The baseline of a gate: an earlier run in a single JSON file that can be committed.

The file contains what a paired comparison needs: statistics per segment, findings, the segments whose output was absent
and, optionally, texts. It has no date, so the same run always produces the same bytes. The numbers of one metric and
system share one line.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import starmap
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from evalkit.arguments import checked
from evalkit.errors import IncomparableError, InputError
from evalkit.files import errors_of, tell, write_own
from evalkit.printable import printable
from evalkit.reading import read_file, unique_keys
from evalkit.results.results import Results
from evalkit.results.task_results import Finding, TaskResults, comparable
from evalkit.version import __version__
from evalkit.wording import count

FORMAT = "evalkit-baseline"
FORMAT_VERSION = 2

#: Maximum size of a baseline in bytes.
_LIMIT = 1 << 30

Floats = NDArray[np.float64]


class Articles(msgspec.Struct):
    """The article of each segment, as an index of ``names``."""

    names: list[str]
    of: list[int]


class _MetricHead(msgspec.Struct):
    label: str
    signature: str


class BaselineTask(msgspec.Struct, eq=False, kw_only=True):
    """One task of the earlier run, with the fields of the file in their order.

    :param columns: by metric label, the number of columns k of its statistics.
    :param absent: by system, the indices of the segments whose output was missing or empty; None in a baseline of
        format 1, which does not record it. The same applies to ``findings``.
    :param undefined: by metric label, system and segment index, why a segment has no score.
    :param systems: by system and metric label, float64[n * k], the statistics row by row in the order of ``ids``.
    :param findings: by metric label, system and segment index, the findings.
    :param texts: by system, the outputs; None if the baseline was made without texts.
    :param reference_counts: the smallest and the largest number of references of a segment, if it was recorded.
    """

    name: str
    fingerprint: str
    ids: tuple[str, ...]
    articles: Articles | None
    metrics: list[_MetricHead]
    columns: dict[str, int]
    absent: dict[str, tuple[int, ...]] | None = None
    undefined: dict[str, dict[str, dict[int, str]]] = {}
    systems: dict[str, dict[str, np.ndarray]]
    findings: dict[str, dict[str, dict[int, tuple[Finding, ...]]]] | None = None
    texts: dict[str, tuple[str, ...]] | None = None
    reference_counts: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        for name in self.systems:
            for label in self.signatures:
                self.rows(label, name)

    @property
    def signatures(self) -> dict[str, str]:
        """By metric label."""
        return {metric.label: metric.signature for metric in self.metrics}

    def rows(self, label: str, system: str) -> Floats:
        """float64[n, k]: the statistics of one system."""
        return self.systems[system][label].reshape(len(self.ids), self.columns[label])

    def errors(self, label: str, system: str) -> list[tuple[int, Finding]]:
        """The error findings of one system by one metric, each with the index of its segment."""
        return matching((self.findings or {}).get(label, {}).get(system, {}).items(), "error")


def matching(by_segment: Iterable[tuple[int, Sequence[Finding]]], kind: str) -> list[tuple[int, Finding]]:
    """Return the findings of a kind or severity, each with the index of its segment; by default, errors with a span."""
    every = ((i, finding) for i, findings in by_segment for finding in findings)
    if not kind:
        return [(i, f) for i, f in every if f.severity == "error" and f.output_span is not None]
    return [(i, f) for i, f in every if kind in (f.kind, f.severity)]


class Baseline(msgspec.Struct, eq=False):
    """An earlier run. ``origin`` is its file, for messages; ``versions`` are the library versions that scored it."""

    benchmark: str
    tasks: tuple[BaselineTask, ...]
    versions: dict[str, str] = {}
    origin: str = "the baseline"

    @property
    def systems(self) -> tuple[str, ...]:
        """The systems of all tasks, in order of first appearance."""
        return tuple(dict.fromkeys(name for task in self.tasks for name in task.systems))


@checked
def baseline_of(results: Results, systems: Sequence[str] = (), *, with_texts: bool = False) -> Baseline:
    """Create a baseline from some or all systems of a run; with texts, a later comment can show each sentence."""
    known = {name for task in results.tasks for name in task.systems}
    for name in systems:
        if name not in known:
            raise InputError(f"no system {name!r} in this run; there are {', '.join(sorted(known))}")
    tasks: list[BaselineTask] = []
    for task in results.tasks:
        chosen = [i for i, name in enumerate(task.systems) if not systems or name in systems]
        if with_texts and task.texts is None:
            advice = "leave out --with-texts, or score with evalkit run --with-texts"
            raise InputError(f"the run kept no texts of {task.name}; {advice}")
        if chosen:
            _tell_of_ranges(task)
            tasks.append(_task_of(task, chosen, with_texts))
    return Baseline(results.benchmark, tuple(tasks), dict(results.info.get("versions", {})))


def _tell_of_ranges(task: TaskResults) -> None:
    """Warn about recorded scores that reach both ends of their range, which is probably that of their file.

    The range of the next file would be another, and scores of unequal ranges are not compared: they may have other scales.
    """
    for scored in task.metrics:
        scores = task.by_segment(scored.label) if scored.metric.name == "RecordedScores" else np.zeros(0)
        if (ends := scored.metric.range) == (np.nanmin(scores, initial=np.inf), np.nanmax(scores, initial=-np.inf)):
            option = f"--scores '{scored.label}(low=...,high=...)=FILE'"
            range_ = f"the range of {scored.label}, {ends[0]:g} to {ends[1]:g}, is that of its scores"
            tell(
                f"{task.name}: {range_}; if the scale is wider, give it, or other scores will not be compared: {option}"
            )


def _task_of(task: TaskResults, chosen: Sequence[int], with_texts: bool) -> BaselineTask:
    """The part of a baseline about one task, with the systems of these indices."""
    names = [task.systems[i] for i in chosen]
    return BaselineTask(
        name=task.name,
        fingerprint=task.fingerprint,
        ids=task.ids,
        articles=None if task.articles is None else _coded(task.articles),
        metrics=[_MetricHead(m.label, m.signature) for m in task.metrics],
        columns={m.label: task.statistics[m.label].shape[2] for m in task.metrics},
        absent={name: task.absent(name) for name in names},
        undefined={
            label: {name: dict(sorted(by_system[name].items())) for name in names if by_system.get(name)}
            for label, by_system in task.undefined.items()
        },
        systems={
            task.systems[i]: {m.label: task.statistics[m.label][i].reshape(-1) for m in task.metrics} for i in chosen
        },
        findings={
            label: {
                name: {i: tuple(findings) for i, findings in enumerate(by_system[name]) if findings}
                for name in names
                if any(by_system.get(name, ()))
            }
            for label, by_system in task.findings.items()
        },
        texts={name: task.texts.outputs[name] for name in names} if with_texts and task.texts else None,
        reference_counts=task.reference_counts,
    )


@checked
def write_baseline(path: str | Path, baseline: Baseline) -> Path:
    """Write a baseline atomically. An earlier baseline is replaced; any other file is not overwritten."""
    write_own(path, _text(baseline), f'{{\n"format":"{FORMAT}",', "json")
    return Path(path)


@checked
def read_baseline(path: str | Path) -> Baseline:
    """Read a baseline of the current format or of format 1."""
    path = Path(path)
    with errors_of("read", path):
        if not path.exists():
            raise InputError(f"{path}: no such baseline; create it from a run that you trust with --update")
    renew = "restore the file, or renew it from a run you trust with --update"
    try:
        content = read_file(path, limit=_LIMIT).decode()
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8; {renew}") from None
    try:
        head = json.loads(content, parse_constant=_no_constant, object_pairs_hook=unique_keys)
    except KeyError as error:
        raise InputError(f"{path}: duplicate key {error}; {renew}") from None
    except (ValueError, RecursionError) as error:
        merged = "; it has merge conflict markers" if "\n<<<<<<<" in content or content[:7] == "<<<<<<<" else ""
        raise InputError(f"{path}: cut short or altered: not valid JSON ({error}){merged}; {renew}") from None
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise InputError(f"{path}: not a baseline of evalkit gate; name one, or make one elsewhere with --update")
    if head.get("format_version") not in (1, FORMAT_VERSION):
        problem = f"a baseline of format {head.get('format_version')!r}, but this version of evalkit reads 1 to {FORMAT_VERSION}"
        raise InputError(f"{path}: {problem}; {renew}, or use the evalkit that wrote it ({head.get('evalkit')})")
    if head.get("sha256") != _digest(head):
        raise InputError(f"{path}: altered since it was written (its sha256 does not match); {renew}")
    try:
        baseline = msgspec.convert(
            head, Baseline, str_keys=True, dec_hook=lambda _, numbers: np.array(numbers, dtype=np.float64)
        )
    except (msgspec.ValidationError, KeyError, ValueError, IndexError) as error:
        raise InputError(f"{path}: is corrupt ({error}); {renew}") from None
    baseline.origin = str(path)
    return baseline


def check_alike(results: Results, baseline: Baseline, systems: Sequence[str]) -> None:
    """Raise an IncomparableError with all reasons why systems of a run and a baseline cannot be compared."""
    reasons: list[str] = []
    new = {task.name: task for task in results.tasks}
    for old in baseline.tasks:
        if not old.systems.keys().isdisjoint(systems):
            if old.name in new:
                reasons.extend(f"{old.name}: {reason}" for reason in _unlike(new[old.name], old, systems))
            else:
                reasons.append(f"the task {old.name} of the baseline was not run")
    if reasons:
        if results.benchmark != baseline.benchmark:
            reasons.append(f"the run is of the benchmark {results.benchmark!r}, the baseline of {baseline.benchmark!r}")
        advice = "if the change is intended, look at the scores and renew the baseline with --update"
        why = f"the run cannot be compared with {baseline.origin}: {'; '.join(reasons)}"
        raise IncomparableError(f"{why}. Run what the baseline ran, or, {advice}")


def _unlike(new: TaskResults, old: BaselineTask, systems: Sequence[str]) -> Iterator[str]:
    if new.ids != old.ids:
        removed = next(filter(set(old.ids).difference(new.ids).__contains__, old.ids), None)
        added = next(filter(set(new.ids).difference(old.ids).__contains__, new.ids), None)
        what = f"without {removed!r}" if removed else f"with {added!r}" if added else "in another order"
        yield f"{count(len(new.ids), 'segment')} now, {what}; {len(old.ids)} in the baseline"
    elif new.fingerprint != old.fingerprint or (new.articles and _coded(new.articles)) != old.articles:
        changed = f"its data changed: fingerprint {new.fingerprint} now, {old.fingerprint} in the baseline"
        yield f"{changed} (sources, references, articles, facts or terms)"
        now, before = new.reference_counts, old.reference_counts
        if now and before and now != before:
            yield f"{count(now[1], 'reference')} per segment now, {before[1]} in the baseline"
    signatures = {m.label: m.signature for m in new.metrics}
    for label, signature in old.signatures.items():
        if label not in signatures:
            yield f"{label} was not scored, the baseline has it"
        elif comparable(signatures[label]) != comparable(signature):
            yield f"{label} is another metric: {signatures[label]} now, {signature} in the baseline"
            if signature.startswith("RecordedScores|"):
                yield f"score both with the same range and direction, --scores '{label}(low=...,high=...,higher=...)=FILE'"
    for name in old.systems:
        if name in systems and name not in new.systems:
            yield f"there is no system {name!r} in the run"


# -- the file -------------------------------------------------------------------------------------------------------


def _text(baseline: Baseline) -> str:
    head: dict[str, Any] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "evalkit": __version__,
        "benchmark": baseline.benchmark,
        "versions": baseline.versions,
        "tasks": msgspec.to_builtins(baseline.tasks, str_keys=True, enc_hook=_flat),
    }
    start = "".join(f"{_dump(key)}:{_dump(value)},\n" for key, value in head.items() if key != "tasks")
    tasks = ",\n".join("{" + ",\n".join(starmap(_field, task.items())) + "}" for task in head["tasks"])
    return f'{{\n{start}"sha256":{_dump(_digest(head))},\n"tasks":[\n{tasks}]\n}}\n'


def _field(key: str, value: Any) -> str:
    return f"{_dump(key)}:{_by_line(value, 2 if key in ('systems', 'findings', 'texts') else 0)}"


def _by_line(value: Any, depth: int) -> str:
    """Format a nested object with one line per entry of its first levels."""
    if not isinstance(value, Mapping) or not depth:
        return _dump(value)
    return "{" + ",".join(f"\n{_dump(key)}:{_by_line(inner, depth - 1)}" for key, inner in value.items()) + "}"


def _dump(value: Any) -> str:
    return printable(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def _digest(head: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in head.items() if key != "sha256"}
    text = json.dumps(rest, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _coded(articles: Sequence[str]) -> Articles:
    number = {name: i for i, name in enumerate(dict.fromkeys(articles))}
    return Articles(list(number), [number[name] for name in articles])


def _flat(rows: Floats) -> list[float | int | None]:
    """Convert an array to the numbers of a file; whole numbers become integers, and NaN becomes null."""
    return [None if not math.isfinite(v) else int(v) if v.is_integer() else v for v in rows.tolist()]


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")
