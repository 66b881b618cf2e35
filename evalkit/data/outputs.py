"""System outputs, which are read, validated and put into the benchmark's order before scoring."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evalkit.data.benchmark import Benchmark
from evalkit.data.building import id_text, position_id
from evalkit.data.columns import TextWriter
from evalkit.data.fields import Fields
from evalkit.data.formats import open_table
from evalkit.data.formats.columnar import read_folder
from evalkit.data.formats.file_format import Table
from evalkit.data.formats.harness import sample_logs
from evalkit.data.opening import check_text, kind_of, named_path, stem_of
from evalkit.data.tasks import Task
from evalkit.data.text_checks import as_list, check_language, check_texts
from evalkit.errors import InputError, OutputsError, SettingError, did_you_mean, few
from evalkit.files import tell
from evalkit.wording import count

#: outputs by task name and system name, with systems in the order given.
Outputs = dict[str, dict[str, "SystemOutputs"]]

_MAX_NAME = 100
#: the most columns of a wide table that are taken for systems without being named.
_MOST_SYSTEMS = 1000
#: extensions of files in a folder that may contain outputs.
_ENDINGS = (
    ".jsonl",
    ".ndjson",
    ".json",
    ".csv",
    ".tsv",
    ".parquet",
    ".arrow",
    ".txt",
    ".eval",
    ".sgm",
    ".xliff",
    ".xlf",
)


@dataclass(frozen=True)
class SystemOutputs:
    """n texts in the task's order, and the ids that were missing and are scored as empty.

    :param known: False if only scores of the system were given; the texts are then unknown and all empty.
    :param samples: n tuples of outputs, if the system has several per segment; ``texts`` are the first of each.
    """

    texts: Sequence[str]
    missing: tuple[str, ...] = ()
    known: bool = True
    samples: tuple[tuple[str, ...], ...] | None = None


def check_system_name(name: Any, where: str) -> str:
    """Return the name if it can be used in a table, a file name and a report.

    :raises OutputsError: otherwise; the message says what to use.
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
    """Validate outputs given in Python.

    :param systems: maps each system name to a mapping of id to text; a list in benchmark order; a ``datasets.Dataset``
        with the columns id and output; the path of a file or folder; or, for several tasks, a mapping of task to any of
        these.
    :param samples: repeated ids are several outputs of a segment; a mapping or list may have a list of outputs for each.
    :raises OutputsError: naming the system and the id.
    """
    if not isinstance(systems, Mapping):
        raise OutputsError(
            f'systems is a {type(systems).__name__} where a mapping is meant: {{"name of the system": its outputs}}'
        )
    if not systems:
        raise OutputsError("no systems were given")
    reader = _Reader(benchmark, allow_missing, samples, Fields())
    for name, value in systems.items():
        check_system_name(name, "systems")
        if isinstance(value, str | Path):
            reader.read(value, name)
        else:
            for task_name, outputs in _by_task(benchmark, name, value).items():
                task = benchmark.task(task_name)
                reader.add(_table_of(task, name, outputs, samples), name, "", task)
    return reader.outputs()


def read_systems(
    benchmark: Benchmark,
    paths: Sequence[str | Path],
    *,
    allow_missing: bool = False,
    samples: bool = False,
    fields: Fields | None = None,
) -> Outputs:
    """Read outputs from files and folders, given as ``NAME=PATH``; the name defaults to that of the file or folder.

    A file may contain one system or several (a column with the system's name, a column per system, WMT XML, promptfoo).
    A folder may be one system with a file per task, results of lm-evaluation-harness, or a set of systems with one file
    each.

    :param samples: repeated ids are several outputs of a segment.
    :raises OutputsError: naming file, line and id.
    """
    reader = _Reader(benchmark, allow_missing, samples, fields or Fields())
    for path in paths:
        name, file = named_path(path)
        reader.read(file, name)
    return reader.outputs()


def _by_task(benchmark: Benchmark, name: str, outputs: Any) -> Mapping[str, Any]:
    names = [task.name for task in benchmark.tasks]
    ids = set(benchmark.tasks[0].ids)
    if len(names) == 1 and isinstance(outputs, Mapping) and names[0] not in outputs and not ids.isdisjoint(outputs):
        return {names[0]: outputs}
    if isinstance(outputs, Mapping) and outputs and not any(isinstance(v, str) or v is None for v in outputs.values()):
        unknown = [key for key in outputs if key not in names]
        if not unknown:
            return outputs
        if all(isinstance(v, Mapping | Sequence) for v in outputs.values()):
            raise SettingError(
                f"system {name!r}: no task {unknown[0]!r} in {benchmark.name}; it has {', '.join(names)}"
            )
    if len(names) == 1:
        return {names[0]: outputs}
    if isinstance(outputs, Mapping):
        fitting = [t.name for t in benchmark.tasks if set(outputs) & (set(t.ids) | set(t.articles or ()))]
        if len(fitting) == 1:
            return {fitting[0]: outputs}
    raise OutputsError(
        f"system {name!r}: {benchmark.name} has the tasks {', '.join(names)}; say whose outputs these are: "
        '{"task": outputs}, or load the benchmark with task=...'
    )


@dataclass
class _System:
    """The outputs of one system as in its file: the texts, each with its id or position."""

    texts: TextWriter = field(default_factory=TextWriter)
    ids: list[str | None] = field(default_factory=list)
    positions: list[int | None] = field(default_factory=list)
    numbers: array[int] = field(default_factory=lambda: array("q"))
    #: the targets in a log, and the hashes of the sources in another file with sources.
    targets: list[tuple[str, ...]] = field(default_factory=list)
    sources: array[int] = field(default_factory=lambda: array("q"))


class _Reader:
    """Reads the files and folders of a run one by one."""

    def __init__(self, benchmark: Benchmark, allow_missing: bool, samples: bool, fields: Fields) -> None:
        self._benchmark = benchmark
        self._allow_missing = allow_missing
        self._samples = samples
        self._fields = fields
        self.by_task: Outputs = {task.name: {} for task in benchmark.tasks}
        self._segments = sum(len(task) + len(task.left_out) for task in benchmark.tasks)
        self._most = 10 * self._segments + 10_000
        self._ids = {id_: id_ for task in benchmark.tasks for id_ in task.ids}
        self._source_lang = benchmark.tasks[0].source_lang

    def outputs(self) -> Outputs:
        """The outputs read, without tasks for which there are none."""
        return {task: by_system for task, by_system in self.by_task.items() if by_system}

    def read(self, path: str | Path, name: str | None) -> None:
        """Read a file or a folder."""
        if not str(path).startswith("hf:") and Path(path).is_dir():
            self._folder(Path(path), name)
        else:
            self.add(open_table(path, self._fields, self._benchmark.copies), name, stem_of(path))

    # -- folders ----------------------------------------------------------------------------------------------------

    def _folder(self, path: Path, name: str | None) -> None:
        tasks = self._benchmark.tasks
        files = {task.name: _task_file(path, task.name) for task in tasks}
        known = {file for file in files.values() if file}
        if known:
            self._refuse_strays(path, known)
            for task in tasks:
                if file := files[task.name]:
                    self.add(open_table(file, self._fields), name or path.resolve().name, "", task)
            return
        if table := read_folder(path, self._fields):
            self.add(table, name, path.resolve().name)
            return
        if samples := sample_logs(path):
            self._harness_results(path, samples, name)
            return
        if len(tasks) != 1:
            wanted = ", ".join(f"{task.name}.jsonl" for task in tasks)
            raise OutputsError(f"{path}: no file of a task in this folder; name them {wanted}")
        self._set_of_systems(path, tasks[0], name)

    def _refuse_strays(self, path: Path, known: set[Path]) -> None:
        for file in sorted(path.iterdir()):
            if file.suffix.lower() in _ENDINGS[:6] and file not in known and file.stem not in self._benchmark.left_out:
                raise OutputsError(f"{file}: no task of {self._benchmark.name} has this name")

    def _harness_results(self, path: Path, samples: list[Path], name: str | None) -> None:
        folders = {file.parent for file in samples}
        if len(folders) < len(samples):
            double = next(f for f in sorted(folders) if sum(s.parent == f for s in samples) > 1)
            listed = few([s.name for s in samples if s.parent == double], 4)
            raise OutputsError(f"{double}: several sample logs ({listed}); name the one to score")
        if name and len(folders) > 1:
            raise OutputsError(f"{path}: the results of {len(folders)} models; {name}= names one system")
        for file in samples:
            self.add(open_table(file, self._fields), name, file.parent.resolve().name)

    def _set_of_systems(self, path: Path, task: Task, name: str | None) -> None:
        ours = {file.resolve() for file in self._benchmark.files}
        files = sorted(f for f in path.iterdir() if f.is_file() and f.name[0] != "." and f.resolve() not in ours)
        plain = {f: f.with_suffix("") if f.suffix.lower() == ".gz" else f for f in files}
        chosen = [f for f in files if plain[f].suffix.lower() == f".{task.lang}"]
        if not chosen:
            chosen = [f for f in files if plain[f].suffix.lower() in _ENDINGS]
        if not chosen:
            raise OutputsError(
                f"{path}: no file of outputs in this folder; expected *.{task.lang}, or {', '.join(_ENDINGS[:6])}"
            )
        if name:
            raise OutputsError(f"{path}: a folder of {len(chosen)} systems; {name}= names one system")
        for file in chosen:
            self.add(open_table(file, self._fields), None, stem_of(file))

    # -- tables -----------------------------------------------------------------------------------------------------

    def add(self, table: Table, name: str | None, stem: str, task: Task | None = None) -> None:
        """Read the systems of a table."""
        systems = self._systems(table)
        if self._wide and (
            other := [column for column in self._wide if _hardly_outputs(systems[column].texts.column())]
        ):
            named = ",".join(column for column in self._wide if column not in other) or "COLUMN"
            raise OutputsError(
                f"{table.name}: {few(map(repr, other))} has the same text in every row, or no letters, and is hardly a system; "
                f"name the columns with outputs: --field output={named}"
            )
        if name and len(systems) > 1:
            raise OutputsError(f"{table.name}: {len(systems)} systems ({few(systems, 5)}); {name}= names one")
        for own, system in systems.items():
            title = check_system_name(name or own or stem, table.name)
            of = task or self._task_of(table, system)
            if title in self.by_task[of.name]:
                raise OutputsError(
                    f"{table.name}: a system named {title!r} was given already for {of.name}; write NAME={table.name} to name it"
                )
            self.by_task[of.name][title] = self._fitted(table, title, of, system)

    def _systems(self, table: Table) -> dict[str, _System]:
        systems: dict[str, _System] = {}
        self._wide: list[str] = []
        outputs: Callable[[Mapping[str, Any], str], Iterable[tuple[str, Any]]] | None = None
        if table.kind == "text":
            system = _System()
            for number, record in table.rows:
                system.texts.append(record["text"])
                system.numbers.append(number)
                self._check_length(table, system)
            system.ids = [None] * len(system.numbers)
            return {"": system}
        for number, record in table.rows:
            where = table.place(number)
            try:
                if outputs is None:
                    self._fields.refuse_doubles(record)
                    outputs = self._outputs_in(record, where)
                pairs = list(outputs(record, where))
                id_ = id_text(self._fields.get(record, "id"))
            except InputError as error:
                raise OutputsError(str(error) if where in str(error) else f"{where}: {error}") from None
            if id_ is None and "" not in dict(pairs) and "system" in record and not table.log:
                raise OutputsError(
                    f"{where}: a table with a column of systems needs ids; name them with --field id=COLUMN"
                )
            if id_ is None and "id" in record and not table.log:
                raise OutputsError(f"{where}: the id is {kind_of(record['id'])}, not a text")
            for name, text in pairs:
                if text is None and (table.log or "outputs" in record):
                    systems.setdefault(name, _System())
                    continue  # failed requests have no output
                location = f"{where} (id {id_!r})" if id_ is not None else where
                system = systems.get(name) or systems.setdefault(name, _System())
                system.texts.append(_checked(text, f"{location}: the output"))
                system.ids.append(None if id_ is None else self._ids.get(id_, id_))
                system.numbers.append(number)
                self._check_length(table, system)
                if table.log:
                    system.positions.append(record.get("position"))
                    system.targets.append(_targets(self._fields.references(record)))
                elif isinstance(source := self._fields.source(record, self._source_lang), str):
                    system.sources.append(hash(_collapsed(source)))
        return systems or {"": _System()}

    def _check_length(self, table: Table, system: _System) -> None:
        """Stop at a file that cannot fit, before it fills the memory: one of a megabyte may unpack to billions of lines."""
        if len(system.numbers) > self._most and not self._samples:
            raise OutputsError(
                f"{table.name}: more than {self._most:,} {table.unit}s for one system, but {self._benchmark.name} has "
                f"{count(self._segments, 'segment')}"
            )

    def _outputs_in(
        self, record: Mapping[str, Any], where: str
    ) -> Callable[[Mapping[str, Any], str], Iterable[tuple[str, Any]]]:
        """Determine how to get the outputs from records like this one."""
        fields = self._fields
        if len(fields.named.get("output", ())) > 1:
            return lambda row, at: ((name, row.get(name)) for name in fields.named["output"])
        if isinstance(record.get("outputs"), Mapping):
            return lambda row, at: row["outputs"].items()
        column = fields.column("output", record)
        if column is not None:
            if fields.column("system", record) is not None:
                return lambda row, at: [(_system_name(fields.get(row, "system"), at), _field(row, column, fields, at))]
            return lambda row, at: [("", _field(row, column, fields, at))]
        if "text" in record:
            return lambda row, at: [("", row.get("text"))]
        target = self._benchmark.tasks[0].lang
        if isinstance(record.get("translation"), Mapping):
            return lambda row, at: [("", (fields.references(row, target) or [None])[0])]
        wide = fields.wide(record)
        if len(wide) > _MOST_SYSTEMS:
            raise OutputsError(
                f"{where}: {len(wide):,} columns without a known role; name the ones with outputs: --field output=COLUMN,COLUMN"
            )
        if len(wide) > 1:
            tell(
                f"{where}: read as a table with one column per system ({few(wide)}); to choose, write "
                f"--field output={','.join(wide[:2])}"
            )
            self._wide = wide
            return lambda row, at: ((name, row.get(name)) for name in wide)
        raise OutputsError(
            f"{where}: no field 'output'; the fields are {few(map(repr, record)) or 'none'}. "
            'A record is {"id": ..., "output": ...}; name another field with --field output=FIELD'
        )

    def _task_of(self, table: Table, system: _System) -> Task:
        """The task whose ids the outputs have; summaries have article ids, so that the target may be ambiguous."""
        tasks = self._benchmark.tasks
        if len(tasks) == 1:
            return tasks[0]
        ids = set(system.ids)
        fitting = [task for task in tasks if ids and ids <= {*task.ids, *task.left_out, *_members(task)}]
        if len(fitting) == 1:
            return fitting[0]
        names = ", ".join(task.name for task in tasks)
        raise OutputsError(
            f"{table.name}: which task are these outputs for? Name one with --task ({names}), give a folder with one file per "
            "task, or say with --lang SRC-TGT that the file is a benchmark of its own"
        )

    # -- the task's order -------------------------------------------------------------------------------------------

    def _fitted(self, table: Table, name: str, task: Task, system: _System) -> SystemOutputs:
        outputs = _Fit(task, table, system, self._samples).outputs(self._allow_missing)
        if not (self._benchmark.systems and self._benchmark.systems in Path(table.name).parents):
            _check_outputs(outputs.texts, task, f"{table.name}: the outputs of {name}")
        return outputs


class _Fit:
    """Maps a system's outputs to segments, by id or, if there are none, by position."""

    def __init__(self, task: Task, table: Table, system: _System, samples: bool) -> None:
        self._task, self._table, self._system, self._samples = task, table, system, samples
        self._more: dict[int, list[int]] = {}
        self._index = {id_: i for i, id_ in enumerate(task.ids)}
        self._left_out = set(task.left_out)
        self._members = _members(task)

    def outputs(self, allow_missing: bool) -> SystemOutputs:
        """The texts in the task's order.

        :raises OutputsError: as for :meth:`order`, or if outputs are missing.
        """
        order, task, texts = self.order(), self._task, self._system.texts
        ids = (task.ids[i] for i, j in enumerate(order) if j < 0)
        missing = _missing(task, ids, self._table.name, allow_missing)
        in_place = len(order) == len(texts) and all(i == j for i, j in enumerate(order))
        samples = None
        if self._samples:
            every = texts.column()
            places = ([j, *self._more.get(i, ())] if j >= 0 else [] for i, j in enumerate(order))
            samples = tuple(tuple(every[j] for j in group) for group in places)
        return SystemOutputs(texts.column(None if in_place else order), missing, samples=samples)

    def order(self) -> list[int]:
        """For each segment, the position of its (first) text; -1 if there is none.

        :raises OutputsError: for an unknown or duplicate id, a wrong number of texts, or a different target.
        """
        system, task = self._system, self._task
        named = [id_ for id_ in system.ids if id_ is not None]
        positions = [position for position in system.positions if position is not None]
        known = any(id_ in self._index or id_ in self._members or id_ in self._left_out for id_ in named)
        if system.positions and len(positions) == len(system.ids) and not known:
            return self._by_position(positions)
        if not named and system.ids:
            return self._in_line()
        if len(named) < len(system.ids):
            unnamed = system.numbers[system.ids.index(None)]
            raise OutputsError(
                f"{self._table.place(unnamed)}: no id, though other {'samples' if system.positions else 'records'} "
                f"of this {'log' if system.positions else 'file'} have one"
            )
        return self._by_id(task)

    def _in_line(self) -> list[int]:
        n, total = len(self._task), len(self._task) + len(self._left_out)
        given = len(self._system.texts)
        if given not in (n, total):
            what = (
                f"{given:,} entries" if self._table.unit == "entry" and given != 1 else count(given, self._table.unit)
            )
            raise OutputsError(
                f"{self._table.name}: {what}, but {self._task.name} has {count(n, 'segment')}; outputs without ids are "
                "one per segment, in the benchmark's order"
            )
        if self._system.sources:
            for i in range(n):
                self._compare(i, i, self._at(i))
        return list(range(n))

    def _by_position(self, positions: list[int]) -> list[int]:
        order = [-1] * len(self._task)
        for place, number in enumerate(positions):
            where = self._table.place(self._system.numbers[place])
            position = self._index.get(position_id(number), number)
            if not 0 <= position < len(order) + len(self._left_out):
                raise OutputsError(
                    f"{where}: sample {position} of the log's data set, but {self._task.name} has "
                    f"{count(len(order), 'segment')}; give the samples the benchmark's ids ({self._task.ids[0]!r}, ...)"
                )
            if position < len(order):
                self._put(order, position, place, str(position))
                self._compare(position, place, where)
        return order

    def _by_id(self, task: Task) -> list[int]:
        system = self._system
        order = [-1] * len(task)
        whole: list[tuple[int, str]] = []
        for place, id_ in enumerate(system.ids):
            segment = self._index.get(id_ or "")
            if segment is None:
                if id_ in self._left_out:
                    continue
                if id_ in self._members:
                    whole.append((place, id_ or ""))
                    continue
                lines = (
                    "; the benchmark has no ids, so that its lines are numbered from 1: give outputs without ids in its order"
                    if task.origin
                    else ""
                )
                near = lines or _nearest(id_ or "", [*task.ids, *self._members])
                raise OutputsError(f"{self._at(place)}: unknown id {id_!r}{near}")
            self._put(order, segment, place, repr(id_))
            self._compare(segment, place, self._at(place))
        if whole:
            texts = system.texts.column()
            for place, article in whole:
                parts = _whole_article(task, article, self._members[article], texts[place], self._at(place))
                for part, text in parts.items():
                    system.texts.append(text)
                    system.numbers.append(system.numbers[place])
                    self._put(order, self._index[part], len(system.texts) - 1, f"{part!r} (part of {article!r})")
        return order

    def _put(self, order: list[int], segment: int, place: int, id_: str) -> None:
        if order[segment] < 0:
            order[segment] = place
        elif self._samples:
            self._more.setdefault(segment, []).append(place)
        else:
            raise OutputsError(
                f"{self._at(place)}: duplicate id {id_}, first at {self._at(order[segment])}; several outputs of a segment are "
                "read with --samples"
            )

    def _at(self, place: int) -> str:
        return self._table.place(self._system.numbers[place])

    def _compare(self, segment: int, place: int, where: str) -> None:
        """Compare the targets in a log, or the sources in another file, with those of the benchmark."""
        sources = self._task.sources or ()
        known = self._task.sources is not None and len(self._system.sources) == len(self._system.ids)
        if known and self._system.sources[place] != hash(_collapsed(sources[segment])):
            raise OutputsError(
                f"{where}: the source of {self._task.ids[segment]!r} in this file is not that of the benchmark, "
                f"{sources[segment][:80]!r}; are the two the same data in the same order?"
            )
        targets = self._system.targets[place] if self._system.targets else ()
        references = {_collapsed(text) for text in self._task.references[segment]}
        if targets and references and not references.intersection(targets):
            raise OutputsError(
                f"{where}: the log's own target of {self._task.ids[segment]!r} is {targets[0][:80]!r}, but the benchmark has "
                f"{self._task.references[segment][0][:80]!r}; are the two the same data in the same order?"
            )


def _targets(texts: Sequence[Any] | None) -> tuple[str, ...]:
    return tuple(_collapsed(text) for text in texts or () if isinstance(text, str) and text.strip())


def _collapsed(text: str) -> str:
    return " ".join(text.split())


def _field(record: Mapping[str, Any], column: str, fields: Fields, where: str) -> Any:
    if column not in record and "output" not in fields.named:
        raise OutputsError(f"{where}: no field {column!r}; the fields are {few(map(repr, record)) or 'none'}")
    return fields.get(record, "output")


def _system_name(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise OutputsError(f"{where}: the system is {kind_of(value)}; give its name")
    return value


def _task_file(folder: Path, task: str) -> Path | None:
    endings = (*_ENDINGS, *(f"{ending}.gz" for ending in _ENDINGS))
    files = [f for f in (folder / f"{task}{ending}" for ending in endings) if f.exists()]
    if len(files) > 1:
        raise OutputsError(f"{folder}: both {files[0].name} and {files[1].name}; keep one")
    return files[0] if files else None


def _table_of(task: Task, name: str, outputs: Any, samples: bool) -> Table:
    """Outputs given in Python, as records with ids; those of a list are in the benchmark's order."""
    where = f"system {name!r}"
    if hasattr(outputs, "iterrows"):
        outputs = outputs.to_dict("records")
    elif hasattr(outputs, "index") and hasattr(outputs, "items"):
        outputs = _of_series(outputs, task, where)
    columns = getattr(outputs, "column_names", None)
    if isinstance(outputs, Mapping):
        rows: Iterable[tuple[Any, Any]] = outputs.items()
    elif columns is not None or (isinstance(outputs, list | tuple) and outputs and isinstance(outputs[0], Mapping)):
        columns = list(outputs[0]) if columns is None else columns
        if missing := {"id", "output"} - set(columns):
            raise OutputsError(
                f"{where}: no column {min(missing)!r}; the columns are {', '.join(columns)}. Give a list of texts if they are "
                "in the benchmark's order"
            )
        rows = ((row.get("id"), row.get("output")) for row in outputs)
    else:
        try:
            listed = as_list(outputs, where)
        except InputError:
            raise OutputsError(
                f"{where}: outputs are {kind_of(outputs)}; give a mapping of id to text, a list in benchmark order, or a Dataset"
            ) from None
        if len(listed) != len(task):
            raise OutputsError(
                f"{where}: {count(len(listed), 'output')}, but {task.name} has {count(len(task), 'segment')}"
            )
        if listed and isinstance(listed[0], tuple) and not samples:
            raise OutputsError(f"{where}: the outputs are tuples; give dict(outputs) if they are pairs of id and text")
        rows = zip(task.ids, listed, strict=True)
    records = (
        (number, {"id": id_text(id_) or str(id_), "output": text})
        for number, (id_, value) in enumerate(rows, 1)
        for text in (value if samples and isinstance(value, list | tuple) else [value])
    )
    return Table(where, "", records, "item")


def _of_series(series: Any, task: Task, where: str) -> Any:
    """A pandas Series as a mapping if its index has the ids of segments, else as a list if its index is in order."""
    labels = [id_text(label) if isinstance(label, str) else str(label) for label in series.index]
    if set(labels) <= set(task.ids):
        return dict(zip(labels, series, strict=True))
    if any(isinstance(label, str) for label in series.index) or not series.index.is_monotonic_increasing:
        raise OutputsError(
            f"{where}: the index of the Series has neither the ids of the segments nor the numbers of its rows; "
            "give its .tolist() if it is in the benchmark's order"
        )
    return list(series)


def _hardly_outputs(texts: Sequence[str]) -> bool:
    """Whether all texts are the same, or none has a letter, as in a column of languages or of times."""
    return len(texts) >= 3 and (
        all(text == texts[0] for text in texts) or not any(re.search(r"[^\W\d_]", text) for text in texts)
    )


def _check_outputs(texts: Sequence[str], task: Task, what: str) -> None:
    check_language(texts, task.lang, what, refuse=False)
    check_texts(texts, what, task.references)


def _missing(task: Task, ids: Iterable[str], where: str, allow_missing: bool) -> tuple[str, ...]:
    missing = tuple(ids)
    if missing and not allow_missing:
        more = f" and {len(missing) - 1:,} more" if len(missing) > 1 else ""
        present_count = len(task) - len(missing)
        only = (
            f", or score the first {count(present_count, 'segment')} with --limit {present_count}"
            if missing == task.ids[present_count:] and present_count
            else ""
        )
        raise OutputsError(
            f"{where}: no output for the id {missing[0]!r}{more} of {task.name}; "
            f"add it, or score what is missing as empty with --allow-missing{only}"
        )
    return missing


def _members(task: Task) -> dict[str, list[str]]:
    """The segments of each article of a translation task; a translation may be given as a whole."""
    members: dict[str, list[str]] = {}
    if task.kind == "translation" and task.articles is not None:
        for id_, article in zip(task.ids, task.articles, strict=True):
            members.setdefault(article, []).append(id_)
    return members


def _whole_article(task: Task, article: str, ids: Sequence[str], text: str, where: str) -> dict[str, str]:
    paragraphs = [p.strip() for p in re.split(r"\n[^\S\n]*\n", text.strip().replace("\r\n", "\n")) if p.strip()]
    if len(paragraphs) != len(ids):
        raise OutputsError(
            f"{where}: the translation of the whole article {article!r} has {count(len(paragraphs), 'paragraph')}, but the "
            f"article has {count(len(ids), 'block')}; separate exactly {count(len(ids), 'paragraph')} by blank lines, or "
            f"give one output a block ({ids[0]}, ...)"
        )
    return dict(zip(ids, paragraphs, strict=True))


def _checked(value: Any, what: str) -> str:
    try:
        return check_text(value, what)
    except InputError as error:
        raise OutputsError(str(error)) from None


def _nearest(id_: str, known: Iterable[str]) -> str:
    pool = sorted(known)[:10_000]
    return did_you_mean(id_[:200], pool, quoted=True) or f"; the ids look like {pool[0]!r}"
