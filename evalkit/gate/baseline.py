"""The baseline of a gate: an earlier run's statistics a segment, in one JSON file that can be committed.

The file holds what a paired comparison needs and nothing else: no texts, no date, so that the same run gives the same
bytes. Numbers of one metric and system stand in one line.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import IncomparableError, InputError
from evalkit.files import write_file
from evalkit.results.results import Results
from evalkit.results.task_results import TaskResults
from evalkit.version import __version__

__all__ = ["Baseline", "BaselineTask", "baseline_of", "check_alike", "read_baseline", "write_baseline"]

FORMAT = "evalkit-baseline"
FORMAT_VERSION = 1

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BaselineTask:
    """One task of the earlier run.

    :param signatures: by metric label.
    :param statistics: by metric label, float64[systems, n, k] in the order of ``systems`` and ``ids``.
    """

    name: str
    fingerprint: str
    systems: tuple[str, ...]
    ids: tuple[str, ...]
    articles: tuple[str, ...] | None
    signatures: Mapping[str, str]
    statistics: Mapping[str, Floats]

    def rows(self, label: str, system: str) -> Floats:
        """float64[n, k]: the statistics of one system."""
        rows: Floats = self.statistics[label][self.systems.index(system)]
        return rows


@dataclass(frozen=True, eq=False)
class Baseline:
    """An earlier run; ``origin`` is its file, for messages."""

    benchmark: str
    tasks: tuple[BaselineTask, ...]
    origin: str = "the baseline"

    def task(self, name: str) -> BaselineTask | None:
        """The task of that name, if the earlier run had it."""
        return next((task for task in self.tasks if task.name == name), None)

    @property
    def systems(self) -> tuple[str, ...]:
        """Systems of all tasks, in order of first appearance."""
        return tuple(dict.fromkeys(name for task in self.tasks for name in task.systems))


def baseline_of(results: Results, systems: Sequence[str] = ()) -> Baseline:
    """The baseline that a run makes.

    :param systems: keep these systems; all if empty.
    :raises InputError: for a system that is in no task of the run.
    """
    known = {name for task in results.tasks for name in task.systems}
    for name in systems:
        if name not in known:
            raise InputError(f"no system {name!r} in this run; there are {', '.join(sorted(known))}")
    tasks: list[BaselineTask] = []
    for task in results.tasks:
        kept = [i for i, name in enumerate(task.systems) if not systems or name in systems]
        if kept:
            tasks.append(
                BaselineTask(
                    name=task.name,
                    fingerprint=task.fingerprint,
                    systems=tuple(task.systems[i] for i in kept),
                    ids=task.ids,
                    articles=task.articles,
                    signatures={m.label: m.signature for m in task.metrics},
                    statistics={m.label: task.statistics[m.label][kept] for m in task.metrics},
                )
            )
    return Baseline(results.benchmark, tuple(tasks))


def write_baseline(path: str | Path, baseline: Baseline) -> Path:
    """Write a baseline whole or not at all. An earlier baseline there is replaced, anything else refused.

    :raises InputError: if something other than a baseline stands there, or it cannot be written.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path}: this is a directory; name a file")
    if path.exists() and path.stat().st_size and not _is_baseline(path):
        raise InputError(
            f"{path}: not a baseline of evalkit; refusing to overwrite it (name another file, or move this one)"
        )
    write_file(path, "".join(_text(baseline)))
    return path


def read_baseline(path: str | Path) -> Baseline:
    """Read a baseline.

    :raises InputError: a file that is missing, cut short, altered or of another version, with what to do.
    """
    path = Path(path)
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: no such baseline; make it from a run you trust with --update") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    renew = "restore the file, or renew it from a run you trust with --update"
    try:
        head = json.loads(content, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        merged = "; it holds marks of a merge conflict" if "\n<<<<<<<" in content or content[:7] == "<<<<<<<" else ""
        raise InputError(f"{path}: cut short or altered: not valid JSON ({error}){merged}; {renew}") from None
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise InputError(f"{path}: not a baseline of evalkit gate; name one, or make one elsewhere with --update")
    if head.get("format_version") != FORMAT_VERSION:
        raise InputError(
            f"{path}: a baseline of format {head.get('format_version')!r}, and this version of evalkit reads "
            f"{FORMAT_VERSION}; renew it from a run you trust with --update, or use the evalkit that wrote it "
            f"({head.get('evalkit')})"
        )
    if head.get("sha256") != _digest(head):
        raise InputError(f"{path}: altered since it was written (its sha256 does not fit); {renew}")
    try:
        return Baseline(head["benchmark"], tuple(_task(task) for task in head["tasks"]), str(path))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path}: does not hold together ({error!r}); {renew}") from None


def check_alike(results: Results, baseline: Baseline, pairs: Mapping[str, str]) -> None:
    """Refuse to compare what cannot be compared.

    :param pairs: systems of the run to the baseline's systems they are compared with.
    :raises IncomparableError: with every reason: another benchmark, other data, other segments or signatures, something
        of the baseline that the run lacks.
    """
    reasons: list[str] = []
    if results.benchmark != baseline.benchmark:
        reasons.append(f"the run is of the benchmark {results.benchmark!r}, the baseline of {baseline.benchmark!r}")
    compared = set(pairs.values())
    for old in baseline.tasks:
        if not compared & set(old.systems):
            continue
        new = next((task for task in results.tasks if task.name == old.name), None)
        if new is None:
            reasons.append(f"the task {old.name} of the baseline was not run")
            continue
        reasons.extend(f"{old.name}: {reason}" for reason in _unlike(new, old, pairs))
    if reasons:
        raise IncomparableError(
            f"the run cannot be compared with {baseline.origin}: {'; '.join(reasons)}. Run what the baseline ran, or, if "
            "the change is meant, look at the scores and renew the baseline with --update"
        )


def _unlike(new: TaskResults, old: BaselineTask, pairs: Mapping[str, str]) -> Iterator[str]:
    if new.ids != old.ids:
        gone, come = [i for i in old.ids if i not in set(new.ids)], [i for i in new.ids if i not in set(old.ids)]
        what = f"without {gone[0]!r}" if gone else f"with {come[0]!r}" if come else "in another order"
        yield f"{len(new.ids)} segments now, {what}; {len(old.ids)} in the baseline"
    elif new.fingerprint != old.fingerprint or new.articles != old.articles:
        yield (
            f"its data changed: fingerprint {new.fingerprint} now, {old.fingerprint} in the baseline "
            "(sources, references, articles, facts or terms)"
        )
    signatures = {m.label: m.signature for m in new.metrics}
    for label, signature in old.signatures.items():
        if label not in signatures:
            yield f"{label} was not scored, the baseline has it"
        elif signatures[label] != signature:
            yield f"{label} is another metric: {signatures[label]} now, {signature} in the baseline"
    there = {theirs for ours, theirs in pairs.items() if ours in new.systems}
    for name in old.systems:
        if name in pairs.values() and name not in there:
            yield f"there is no system {name!r} in the run"


# -- the file -------------------------------------------------------------------------------------------------------


def _text(baseline: Baseline) -> Iterator[str]:
    head: dict[str, Any] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "evalkit": __version__,
        "benchmark": baseline.benchmark,
        "tasks": [
            {
                "name": task.name,
                "fingerprint": task.fingerprint,
                "ids": list(task.ids),
                "articles": None if task.articles is None else _coded(task.articles),
                "metrics": [{"label": label, "signature": task.signatures[label]} for label in task.signatures],
                "columns": {label: int(task.statistics[label].shape[2]) for label in task.signatures},
                "systems": {
                    name: {label: _flat(task.statistics[label][i]) for label in task.signatures}
                    for i, name in enumerate(task.systems)
                },
            }
            for task in baseline.tasks
        ],
    }
    yield "{\n"
    for key in ("format", "format_version", "evalkit", "benchmark"):
        yield f"{_dump(key)}:{_dump(head[key])},\n"
    yield f'"sha256":{_dump(_digest(head))},\n"tasks":['
    for t, task in enumerate(head["tasks"]):
        yield ",\n{" if t else "\n{"
        for key in ("name", "fingerprint", "ids", "articles", "metrics", "columns"):
            yield f"{_dump(key)}:{_dump(task[key])},\n"
        yield '"systems":{'
        for s, (name, rows) in enumerate(task["systems"].items()):
            yield f"{',' if s else ''}\n{_dump(name)}:{{"
            for m, (label, numbers) in enumerate(rows.items()):
                yield f"{',' if m else ''}\n{_dump(label)}:{_dump(numbers)}"
            yield "}"
        yield "}}"
    yield "]\n}\n"


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _digest(head: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in head.items() if key != "sha256"}
    text = json.dumps(rest, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _coded(articles: Sequence[str]) -> dict[str, Any]:
    """Names of articles once, and for each segment the number of its article."""
    names = list(dict.fromkeys(articles))
    number = {name: i for i, name in enumerate(names)}
    return {"names": names, "of": [number[name] for name in articles]}


def _flat(rows: Floats) -> list[float | int | None]:
    """Row by row; whole numbers as such, null for what is no number."""
    return [
        None if not math.isfinite(value) else int(value) if value.is_integer() else value
        for value in rows.reshape(-1).tolist()
    ]


def _task(head: Mapping[str, Any]) -> BaselineTask:
    ids = tuple(head["ids"])
    articles = None
    if head["articles"] is not None:
        names = head["articles"]["names"]
        articles = tuple(names[i] for i in head["articles"]["of"])
    labels = [item["label"] for item in head["metrics"]]
    systems = tuple(head["systems"])
    statistics: dict[str, Floats] = {}
    for label in labels:
        shape = (len(ids), int(head["columns"][label]))
        rows = [np.array(head["systems"][name][label], dtype=np.float64).reshape(shape) for name in systems]
        statistics[label] = np.stack(rows)
    return BaselineTask(
        name=head["name"],
        fingerprint=head["fingerprint"],
        systems=systems,
        ids=ids,
        articles=articles,
        signatures={item["label"]: item["signature"] for item in head["metrics"]},
        statistics=statistics,
    )


def _is_baseline(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            start = file.read(1000)
    except (OSError, UnicodeDecodeError):
        return False
    return f'"format":"{FORMAT}"' in start


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")
