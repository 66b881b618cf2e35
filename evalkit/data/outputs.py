"""The outputs of systems: read, checked and put in the benchmark's order before anything is scored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evalkit.data.benchmark import Benchmark, Task
from evalkit.data.formats.logs import LogRecord, read_log
from evalkit.data.lazy import JsonLines, LazyColumn, Lines, ParquetRows, Spool, is_large
from evalkit.data.records import MAX_SEGMENT, RECORD_SUFFIXES, read_lines, read_records
from evalkit.errors import OutputsError, SettingError

__all__ = ["Outputs", "check_system_name", "collect", "read_systems"]

#: task name to system name to outputs; systems in the order they were given.
Outputs = dict[str, dict[str, "SystemOutputs"]]

_MAX_NAME = 100


@dataclass(frozen=True)
class SystemOutputs:
    """n texts in the task's order, and which ids were missing and scored as empty.

    :param known: False where only scores of the system were given: then the texts are not known and all empty.
    :param samples: n tuples of outputs where the system gave several per segment; ``texts`` are the first of each.
    """

    texts: Sequence[str]
    missing: tuple[str, ...] = ()
    known: bool = True
    samples: tuple[tuple[str, ...], ...] | None = None


def check_system_name(name: Any, where: str) -> str:
    """The name, if it can stand in a table, a file name and a report.

    :raises OutputsError: otherwise, with what to use.
    """
    if not isinstance(name, str) or not name.strip():
        raise OutputsError(f"{where}: a system's name is a text, not {name!r}")
    bad = re.search(r"[/\\\"'`|<>\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]", name)
    if bad or name != name.strip() or name in {".", ".."} or len(name) > _MAX_NAME:
        why = (
            f"holds {bad.group()!r}"
            if bad
            else f"is longer than {_MAX_NAME}"
            if len(name) > _MAX_NAME
            else "has outer spaces"
        )
        raise OutputsError(
            f"{where}: the system's name {name[:_MAX_NAME]!r} {why}; "
            "rename it: letters of any script, digits, spaces and . _ - + @ ( ) are safe"
        )
    return name


def collect(
    benchmark: Benchmark, systems: Mapping[str, Any], *, allow_missing: bool = False, samples: bool = False
) -> Outputs:
    """Outputs given in Python, checked.

    :param systems: system name to: a mapping of id to text; a list in benchmark order; a ``datasets.Dataset`` with the
        columns id and output; the path of a file or folder; or, for several tasks, a mapping of task to any of these.
    :param samples: repeated ids are several outputs of a segment; a mapping or list may hold a list of outputs for each.
    :raises OutputsError: naming the system and the id.
    """
    if not isinstance(systems, Mapping):
        raise OutputsError(
            f'systems is a {type(systems).__name__} where a mapping is meant: {{"name of the system": its outputs}}'
        )
    if not systems:
        raise OutputsError("no systems were given")
    found: Outputs = {task.name: {} for task in benchmark.tasks}
    for name, given in systems.items():
        check_system_name(name, "systems")
        if isinstance(given, str | Path):
            _read_system(benchmark, Path(given), found, allow_missing=allow_missing, name=name, samples=samples)
            continue
        for task_name, outputs in _by_task(benchmark, name, given).items():
            found[task_name][name] = _given(
                benchmark.task(task_name), outputs, f"system {name!r}", allow_missing, samples
            )
    return {task: by_system for task, by_system in found.items() if by_system}


def read_systems(
    benchmark: Benchmark, paths: Sequence[str | Path], *, allow_missing: bool = False, samples: bool = False
) -> Outputs:
    """Outputs from files and folders: the name of a system is the file's stem, or the folder's name.

    :param samples: repeated ids are several outputs of a segment.
    :raises OutputsError: naming file, line and id.
    """
    found: Outputs = {task.name: {} for task in benchmark.tasks}
    for path in paths:
        _read_system(benchmark, Path(path), found, allow_missing=allow_missing, samples=samples)
    return {task: by_system for task, by_system in found.items() if by_system}


def _by_task(benchmark: Benchmark, name: str, given: Any) -> Mapping[str, Any]:
    names = [task.name for task in benchmark.tasks]
    if (
        len(names) == 1
        and isinstance(given, Mapping)
        and names[0] not in given
        and set(given) & set(benchmark.tasks[0].ids)
    ):
        return {names[0]: given}
    if isinstance(given, Mapping) and given and not any(isinstance(v, str) or v is None for v in given.values()):
        unknown = [key for key in given if key not in names]
        if not unknown:
            return given
        if all(isinstance(v, Mapping | Sequence) for v in given.values()):
            raise SettingError(
                f"system {name!r}: no task {unknown[0]!r} in {benchmark.name}; it has {', '.join(names)}"
            )
    if len(names) == 1:
        return {names[0]: given}
    if isinstance(given, Mapping):
        fitting = [t.name for t in benchmark.tasks if set(given) & (set(t.ids) | set(t.articles or ()))]
        if len(fitting) == 1:
            return {fitting[0]: given}
    raise OutputsError(
        f"system {name!r}: {benchmark.name} has the tasks {', '.join(names)}; say whose outputs these are: "
        '{"task": outputs}, or load the benchmark with task=...'
    )


def _read_system(
    benchmark: Benchmark,
    path: Path,
    found: Outputs,
    *,
    allow_missing: bool,
    name: str | None = None,
    samples: bool = False,
) -> None:
    if path.is_dir():
        name = check_system_name(name or path.resolve().name, str(path))
        files = {task.name: _task_file(path, task.name) for task in benchmark.tasks}
        known = {file for file in files.values() if file}
        if not known:
            wanted = ", ".join(f"{task.name}.jsonl" for task in benchmark.tasks)
            raise OutputsError(f"{path}: no file of a task in this folder; name them {wanted}")
        stray = sorted(
            f.name
            for f in path.iterdir()
            if f.suffix.lower() in RECORD_SUFFIXES and f not in known and f.stem not in benchmark.left_out
        )
        if stray:
            raise OutputsError(f"{path / stray[0]}: no task of {benchmark.name} has this name")
        for task in benchmark.tasks:
            file = files[task.name]
            if file is not None:
                _add(found, task, name, _read_file(task, file, allow_missing, samples), str(file))
        return
    name = check_system_name(name or path.stem, str(path))
    if len(benchmark.tasks) == 1:
        task = benchmark.tasks[0]
    else:
        task = _guess_task(benchmark, path)
    _add(found, task, name, _read_file(task, path, allow_missing, samples), str(path))


def _add(found: Outputs, task: Task, name: str, outputs: SystemOutputs, where: str) -> None:
    if name in found[task.name]:
        raise OutputsError(f"{where}: a system named {name!r} was given already for {task.name}; rename one of them")
    found[task.name][name] = outputs


def _task_file(folder: Path, task: str) -> Path | None:
    files = [f for f in (folder / f"{task}{s}" for s in (*RECORD_SUFFIXES, ".json", ".txt")) if f.exists()]
    if len(files) > 1:
        raise OutputsError(f"{folder}: both {files[0].name} and {files[1].name}; keep one")
    return files[0] if files else None


def _guess_task(benchmark: Benchmark, path: Path) -> Task:
    """The task whose ids a file has; ids of the summaries are the articles', so the target may still be open."""
    log = read_log(path)
    if log is not None or path.suffix.lower() in RECORD_SUFFIXES:
        ids = (
            {record.id for record in log} if log is not None else {record.get("id") for _, record in read_records(path)}
        )
        fitting = [task for task in benchmark.tasks if ids <= set(task.ids)]
        if len(fitting) == 1:
            return fitting[0]
    names = ", ".join(task.name for task in benchmark.tasks)
    raise OutputsError(
        f"{path}: which task are these outputs for? Name one with --task ({names}), or give a folder with a file a task"
    )


def _read_file(task: Task, path: Path, allow_missing: bool, samples: bool = False) -> SystemOutputs:
    log = read_log(path)
    if log is not None:
        return _from_log(task, path, log, allow_missing, samples)
    suffix = path.suffix.lower()
    if is_large(path) and not samples and suffix not in (".csv", ".tsv"):
        return _read_large(task, path, allow_missing)
    if suffix not in RECORD_SUFFIXES:
        lines = read_lines(path)
        if len(lines) != len(task):
            raise OutputsError(
                f"{path}: {len(lines)} lines, but {task.name} has {len(task)} segments; "
                "a line-aligned file has one line a segment"
            )
        for number, (line, id_) in enumerate(zip(lines, task.ids, strict=True), 1):
            _check_text(line, f"{path}:{number} (id {id_!r})")
        return SystemOutputs(tuple(lines))
    pairs = (_pair(record, f"{path}:{number}") for number, record in read_records(path))
    return _by_id(task, pairs, str(path), allow_missing, samples)


def _read_large(task: Task, path: Path, allow_missing: bool) -> SystemOutputs:
    """Outputs that stay in their file: every record is checked first, then found again by its number."""
    if path.suffix.lower() not in RECORD_SUFFIXES:
        lines = Lines.scan(path)
        if len(lines) != len(task):
            raise OutputsError(
                f"{path}: {len(lines)} lines, but {task.name} has {len(task)} segments; "
                "a line-aligned file has one line a segment"
            )
        return SystemOutputs(lines.column())
    rows = ParquetRows([path]) if path.suffix.lower() == ".parquet" else JsonLines(Lines.scan(path))
    index = {id_: i for i, id_ in enumerate(task.ids)}
    place = np.full(len(task), -1, np.int64)
    for start in range(0, len(rows), 8192):
        for i, record in enumerate(rows.read(start, min(start + 8192, len(rows))), start):
            id_, text, at = _pair(record, f"{path}:{i + 1}")
            _check_text(text, f"{at} (id {id_!r})")
            segment = index.get(id_)
            if segment is None:
                raise OutputsError(f"{at}: unknown id {id_!r}{_nearest(id_, index)}")
            if place[segment] >= 0:
                raise OutputsError(f"{at}: the id {id_!r} stands twice, first at {path}:{place[segment] + 1}")
            place[segment] = i
    missing = _missing(task, (task.ids[i] for i in np.flatnonzero(place < 0)), str(path), allow_missing)
    if isinstance(rows, ParquetRows) and (np.diff(place[place >= 0]) < 0).any():
        rows = Spool.of(rows)

    def read(a: int, b: int) -> list[str]:
        found = place[a:b]
        texts = iter(rows.read_at(found[found >= 0]))
        return [next(texts)["output"] if i >= 0 else "" for i in found]

    return SystemOutputs(LazyColumn(len(task), read), missing)


def _from_log(
    task: Task, path: Path, log: Sequence[LogRecord], allow_missing: bool, samples: bool = False
) -> SystemOutputs:
    """Outputs of another tool's log: by id, or by place where the dataset of the log had no ids."""
    known = set(task.ids) | set(_members(task))
    places = [record.position for record in log if record.position is not None]
    if not log or len(places) < len(log) or any(record.id in known for record in log):
        unnamed = next((record.where for record in log if record.id is None), None)
        if unnamed is not None:
            raise OutputsError(f"{unnamed}: no id, though other samples of this log have one")
        pairs = ((record.id or "", record.text, record.where) for record in log)
        return _by_id(task, pairs, str(path), allow_missing, samples)
    if samples and set(places) == set(range(len(task))):
        pairs = ((task.ids[record.position or 0], record.text, record.where) for record in log)
        return _by_id(task, pairs, str(path), allow_missing, samples)
    if sorted(places) != list(range(len(task))):
        raise OutputsError(
            f"{path}: {len(log)} samples without ids, but {task.name} has {len(task)} segments; give the samples the "
            f"benchmark's ids ({task.ids[0]!r}, ...), or all segments in its order"
        )
    texts = [""] * len(task)
    for place, record in zip(places, log, strict=True):
        _check_text(record.text, record.where)
        texts[place] = record.text
    return SystemOutputs(tuple(texts))


def _pair(record: Mapping[str, Any], where: str) -> tuple[str, Any, str]:
    for key in ("id", "output"):
        if key not in record:
            raise OutputsError(
                f"{where}: no field {key!r}; the fields are {', '.join(map(repr, record)) or 'none'}. "
                'A record is {"id": ..., "output": ...}'
            )
    id_ = record["id"]
    if isinstance(id_, int) and not isinstance(id_, bool):
        id_ = str(id_)
    if not isinstance(id_, str):
        raise OutputsError(f"{where}: the id is {_kind(id_)}, not a text")
    return id_, record["output"], where


def _given(task: Task, outputs: Any, where: str, allow_missing: bool, samples: bool = False) -> SystemOutputs:
    if samples and isinstance(outputs, Mapping | Sequence) and not isinstance(outputs, str):
        items = outputs.items() if isinstance(outputs, Mapping) else zip(task.ids, outputs, strict=False)
        several = ((str(id_), given if isinstance(given, list | tuple) else [given]) for id_, given in items)
        if isinstance(outputs, Mapping) or len(outputs) == len(task):
            return _by_id(
                task, ((id_, text, where) for id_, texts in several for text in texts), where, allow_missing, True
            )
    if isinstance(outputs, Mapping):
        pairs = ((str(id_), text, where) for id_, text in outputs.items())
        return _by_id(task, pairs, where, allow_missing)
    if hasattr(outputs, "column_names"):
        missing = {"id", "output"} - set(outputs.column_names)
        if missing:
            raise OutputsError(
                f"{where}: the dataset has no column {min(missing)!r}; its columns are {', '.join(outputs.column_names)}"
            )
        rows = (_pair(row, f"{where}, row {i}") for i, row in enumerate(outputs))
        return _by_id(task, rows, where, allow_missing, samples)
    if isinstance(outputs, str) or not isinstance(outputs, Sequence):
        raise OutputsError(
            f"{where}: outputs are {_kind(outputs)}; give a mapping of id to text, a list in benchmark order, or a Dataset"
        )
    if len(outputs) != len(task):
        raise OutputsError(f"{where}: {len(outputs)} outputs, but {task.name} has {len(task)} segments")
    for id_, text in zip(task.ids, outputs, strict=True):
        _check_text(text, f"{where}, id {id_!r}")
    return SystemOutputs(tuple(outputs))


def _by_id(
    task: Task, pairs: Iterable[tuple[str, Any, str]], where: str, allow_missing: bool, samples: bool = False
) -> SystemOutputs:
    known = set(task.ids)
    members = _members(task)
    texts: dict[str, list[str]] = {}
    first: dict[str, str] = {}
    for id_, text, at in pairs:
        _check_text(text, f"{at} (id {id_!r})" if at != where else f"{where}, id {id_!r}")
        if id_ in known:
            parts = {id_: text}
        elif id_ in members:
            parts = _whole_article(task, id_, members[id_], text, at)
        else:
            raise OutputsError(f"{at}: unknown id {id_!r}{_nearest(id_, known | set(members))}")
        for part, content in parts.items():
            if part in texts and not samples:
                again = "" if part == id_ else f" (part of {id_!r})"
                earlier = f", first at {first[part]}" if first[part] != where else ""
                raise OutputsError(
                    f"{at}: duplicate id {part!r}{again}{earlier}; several outputs of a segment are read with --samples"
                )
            texts.setdefault(part, []).append(content)
            first.setdefault(part, at)
    missing = _missing(task, (id_ for id_ in task.ids if id_ not in texts), where, allow_missing)
    every = tuple(tuple(texts.get(id_, ())) for id_ in task.ids)
    return SystemOutputs(
        tuple(found[0] if found else "" for found in every), missing, samples=every if samples else None
    )


def _missing(task: Task, ids: Iterable[str], where: str, allow_missing: bool) -> tuple[str, ...]:
    missing = tuple(ids)
    if missing and not allow_missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise OutputsError(
            f"{where}: no output for the id {missing[0]!r}{more} of {task.name}; "
            "add it, or score what is missing as empty with --allow-missing"
        )
    return missing


def _members(task: Task) -> dict[str, list[str]]:
    members: dict[str, list[str]] = {}
    if task.kind == "translation" and task.articles is not None:
        for id_, article in zip(task.ids, task.articles, strict=True):
            members.setdefault(article, []).append(id_)
    return members


def _whole_article(task: Task, article: str, ids: Sequence[str], text: str, where: str) -> dict[str, str]:
    paragraphs = [p.strip() for p in re.split(r"\n[^\S\n]*\n", text.strip().replace("\r\n", "\n")) if p.strip()]
    if len(paragraphs) != len(ids):
        raise OutputsError(
            f"{where}: the translation of the whole article {article!r} has {len(paragraphs)} paragraphs, but the article "
            f"has {len(ids)} blocks; separate exactly {len(ids)} paragraphs by blank lines, or give one output a block "
            f"({ids[0]}, ...)"
        )
    return dict(zip(ids, paragraphs, strict=True))


def _check_text(value: Any, where: str) -> None:
    if not isinstance(value, str):
        raise OutputsError(f"{where}: the output is {_kind(value)}, not a text")
    if len(value) > MAX_SEGMENT:
        raise OutputsError(f"{where}: an output of {len(value):,} characters; at most {MAX_SEGMENT:,} are taken")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise OutputsError(f"{where}: half a surrogate pair, which is no character; repair the text") from None


def _kind(value: Any) -> str:
    return "null" if value is None else f"a {type(value).__name__}"


def _nearest(id_: str, known: Iterable[str]) -> str:
    import difflib

    pool = sorted(known)[:10_000]
    near = difflib.get_close_matches(id_[:200], pool, n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else f"; the ids look like {pool[0]!r}"
