"""System outputs, which are read, validated and put into the benchmark's order before scoring."""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evalkit.arguments import plain
from evalkit.data.benchmark import Benchmark
from evalkit.data.building import check_same_languages, id_text
from evalkit.data.fields import ROLES, Fields
from evalkit.data.formats import open_table
from evalkit.data.formats.columnar import read_folder
from evalkit.data.formats.file_format import Table
from evalkit.data.formats.harness import sample_logs
from evalkit.data.opening import named_path, stem_of, suffix_of
from evalkit.data.output_order import OutputOrder, members_of
from evalkit.data.output_tables import SystemTexts, read_outputs
from evalkit.data.tasks import Task
from evalkit.data.text_checks import Alignment, as_list, check_language, check_texts
from evalkit.errors import InputError, OutputsError, SettingError, few
from evalkit.printable import first_invisible
from evalkit.text.languages import Pair
from evalkit.wording import count, kind_of

_MAX_NAME = 100
#: Extensions of files in a folder that may contain outputs: tables, and other formats.
_TABLES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
_ENDINGS = (*_TABLES, ".arrow", ".txt", ".eval", ".sgm", ".xliff", ".xlf")


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


class Outputs(dict[str, dict[str, SystemOutputs]]):
    """Outputs that have been read and validated, by task name and system name, with systems in the order given."""


def check_system_name(name: Any, where: str) -> str:
    """Return the name if it can be used in a table, a file name and a report."""
    if not isinstance(name, str) or not name.strip():
        raise OutputsError(f"{where}: a system's name must be a text, not {name!r}")
    bad = re.search(r"[/\\\"'`|<>\n\t]", name) or first_invisible(name)
    if bad or name != name.strip() or name in {".", ".."} or len(name) > _MAX_NAME:
        why = "has outer spaces" if name != name.strip() else "is that of a folder"
        why = f"is longer than {_MAX_NAME} characters" if len(name) > _MAX_NAME else why
        why = f"holds {bad.group()!r}" if bad else why
        advice = "rename it: letters of any script, digits, spaces and . _ - + @ ( ) are safe"
        raise OutputsError(f"{where}: the system's name {name[:_MAX_NAME]!r} {why}; {advice}")
    return str(plain(name))


def collect(
    benchmark: Benchmark, systems: Mapping[str, Any], *, allow_missing: bool = False, samples: bool = False
) -> Outputs:
    """Validate outputs given in Python; outputs that have already been validated are returned unchanged.

    :param systems: maps each system name to a mapping of id to text; a list in benchmark order; a ``datasets.Dataset``
        with the columns id and output; the path of a file or folder; or, for several tasks, a mapping of task to any of
        these.
    :param samples: repeated ids are several outputs of a segment; a mapping or list may have a list of outputs for each.
    """
    if isinstance(systems, Outputs):
        return systems
    if not systems:
        raise OutputsError("no systems were given")
    reader = _Reader(benchmark, allow_missing, samples, Fields())
    for name, value in systems.items():
        name = check_system_name(name, "systems")
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
    A folder may be one system with a file per task, results of lm-evaluation-harness, or one file for each system.

    :param samples: repeated ids are several outputs of a segment.
    """
    reader = _Reader(benchmark, allow_missing, samples, fields or Fields())
    for path in paths:
        name, file = named_path(path)
        reader.read(file, name)
    return reader.outputs()


def _by_task(benchmark: Benchmark, name: str, outputs: Any) -> Mapping[str, Any]:
    """The outputs of a system by task: as they are given, or of the only task that fits."""
    names = [task.name for task in benchmark.tasks]
    mapping = outputs if isinstance(outputs, Mapping) else {}
    unknown = [key for key in mapping if key not in names]
    if mapping and not unknown and not any(isinstance(value, str) or value is None for value in mapping.values()):
        return mapping
    fitting = [t.name for t in benchmark.tasks if not mapping.keys().isdisjoint({*t.ids, *(t.articles or ())})]
    if len(fitting) == 1:
        return {fitting[0]: outputs}
    if unknown and all(isinstance(v, Mapping | Sequence) and not isinstance(v, str) for v in mapping.values()):
        raise SettingError(f"system {name!r}: no task {unknown[0]!r} in {benchmark.name}; it has {', '.join(names)}")
    if len(names) == 1:
        return {names[0]: outputs}
    advice = 'say whose outputs these are: {"task": outputs}, or load the benchmark with task=...'
    raise OutputsError(f"system {name!r}: {benchmark.name} has the tasks {', '.join(names)}; {advice}")


class _Reader:
    """Reads the files and folders of a run one by one."""

    def __init__(self, benchmark: Benchmark, allow_missing: bool, samples: bool, fields: Fields) -> None:
        self._benchmark = benchmark
        self._allow_missing = allow_missing
        self._samples = samples
        self._fields = fields
        self._alignments: dict[str, Alignment] = {}
        self.by_task = Outputs({task.name: {} for task in benchmark.tasks})
        segments = sum(len(task) + len(task.left_out) for task in benchmark.tasks)
        self._most = math.inf if samples else 10 * segments + 10_000

    def outputs(self) -> Outputs:
        """The outputs read, without tasks for which there are none."""
        return Outputs({task: by_system for task, by_system in self.by_task.items() if by_system})

    def read(self, path: str | Path, name: str | None) -> None:
        """Read a file or a folder."""
        if not str(path).startswith("hf:") and Path(path).is_dir():
            self._folder(Path(path), name)
        else:
            self.add(open_table(path, self._fields, self._benchmark.copies), name, stem_of(path))

    # -- folders ----------------------------------------------------------------------------------------------------

    def _folder(self, path: Path, name: str | None) -> None:
        tasks, known = self._benchmark.tasks, self._benchmark.left_out
        if files := {file: task for task in tasks if (file := _task_file(path, task.name))}:
            for file in sorted(path.iterdir()):
                if file.suffix.lower() in _TABLES and file not in files and file.stem not in known:
                    raise OutputsError(f"{file}: no task of {self._benchmark.name} has this name")
            for file, task in files.items():
                self.add(open_table(file, self._fields), name or path.resolve().name, "", task)
        elif table := read_folder(path, self._fields):
            self.add(table, name, path.resolve().name)
        else:
            logs = {file: file.parent.resolve().name for file in sample_logs(path)}
            systems = logs or {file: stem_of(file) for file in self._system_files(path)}
            if name and len(systems) > 1:
                raise OutputsError(f"{path}: a folder of {len(systems)} systems, but {name}= names one")
            for file, stem in systems.items():
                self.add(open_table(file, self._fields), name, stem)

    def _system_files(self, path: Path) -> list[Path]:
        """The files of a folder that holds one file for each system."""
        if len(self._benchmark.tasks) > 1:
            wanted = ", ".join(f"{task.name}.jsonl" for task in self._benchmark.tasks)
            raise OutputsError(f"{path}: no file of a task in this folder; name them {wanted}")
        lang, ours = self._benchmark.tasks[0].lang, {file.resolve() for file in self._benchmark.files}
        # A link to a file that is missing is an error when it is read.
        present = (f for f in path.iterdir() if f.name[0] != "." and (f.is_file() or not f.exists()))
        files = sorted(f for f in present if f.resolve() not in ours)
        chosen = [f for f in files if suffix_of(f) == f".{lang}"] or [f for f in files if suffix_of(f) in _ENDINGS]
        if not chosen:
            endings = ", ".join(_TABLES)
            raise OutputsError(f"{path}: no file of outputs in this folder; expected *.{lang}, or {endings}")
        return chosen

    # -- tables -----------------------------------------------------------------------------------------------------

    def add(self, table: Table, name: str | None, stem: str, task: Task | None = None) -> None:
        """Read the systems of a table."""
        if table.role == "source":
            raise OutputsError(f"{table.name}: the file says that it holds sources, not outputs")
        systems = read_outputs(table, self._benchmark, self._fields, self._most)
        if name and len(systems) > 1:
            raise OutputsError(f"{table.name}: {len(systems)} systems ({few(systems, 5)}); {name}= names one")
        for own, system in systems.items():
            title = check_system_name(name or own or stem, table.name)
            of = task or self._task_of(table, system)
            if unicodedata.normalize("NFC", title) in {unicodedata.normalize("NFC", t) for t in self.by_task[of.name]}:
                twice = f"a system named {title!r} was given already for {of.name}"
                raise OutputsError(f"{table.name}: {twice}; write NAME={table.name} to name it")
            check_same_languages(table, Pair(of.source_lang, of.lang), f"in {self._benchmark.name}")
            outputs = self._fitted(table, of, system)
            if not (self._benchmark.systems and self._benchmark.systems in Path(table.name).parents):
                in_python = table.name == f"system {title!r}"
                what = f"{table.name}: the outputs" if in_python else f"{table.name}: the outputs of {title}"
                check_language(outputs.texts, of.lang, what, refuse=False)
                check_texts(outputs.texts, what, of.references)
                self._alignment(of).check(outputs.texts.__getitem__, what)
            self.by_task[of.name][title] = outputs

    def _alignment(self, task: Task) -> Alignment:
        if task.name not in self._alignments:
            self._alignments[task.name] = task.alignment()
        return self._alignments[task.name]

    def _task_of(self, table: Table, system: SystemTexts) -> Task:
        """The task whose ids the outputs have; summaries have article ids, so that the target may be ambiguous."""
        tasks = self._benchmark.tasks
        if len(tasks) == 1:
            return tasks[0]
        ids = set(system.ids)
        fitting = [task for task in tasks if ids and ids <= {*task.ids, *task.left_out, *members_of(task)}]
        if len(fitting) == 1:
            return fitting[0]
        advice = f"Name one with --task ({', '.join(t.name for t in tasks)}), give a folder with one file per task"
        benchmark = "or say with --lang SRC-TGT that the file is a benchmark of its own"
        raise OutputsError(f"{table.name}: which task are these outputs for? {advice}, {benchmark}")

    def _fitted(self, table: Table, task: Task, system: SystemTexts) -> SystemOutputs:
        """The outputs of a system in the task's order; an OutputsError if some are missing."""
        ordered = replace(task, unordered="") if self._benchmark.holds(table) else task
        order = OutputOrder(ordered, table, system, self._samples)
        missing = tuple(task.ids[i] for i, place in enumerate(order.first) if place < 0)
        if missing and not self._allow_missing:
            more = f" and {len(missing) - 1:,} more" if len(missing) > 1 else ""
            advice, present = "add it, or score what is missing as empty with --allow-missing", len(task) - len(missing)
            if present and missing == task.ids[present:]:
                advice += f", or score the first {count(present, 'segment')} with --limit {present}"
            raise OutputsError(f"{table.name}: no output for the id {missing[0]!r}{more} of {task.name}; {advice}")
        texts = system.texts.column(None if order.first == list(range(len(system.texts))) else order.first)
        if not self._samples:
            return SystemOutputs(texts, missing)
        every = system.texts.column()
        places = ([place, *order.more.get(i, ())] if place >= 0 else [] for i, place in enumerate(order.first))
        return SystemOutputs(texts, missing, samples=tuple(tuple(every[j] for j in group) for group in places))


def _task_file(folder: Path, task: str) -> Path | None:
    files = [f for ending in _ENDINGS for gz in ("", ".gz") if (f := folder / f"{task}{ending}{gz}").exists()]
    if len(files) > 1:
        raise OutputsError(f"{folder}: both {files[0].name} and {files[1].name}; keep one")
    return files[0] if files else None


def _table_of(task: Task, name: str, outputs: Any, samples: bool) -> Table:
    """Outputs given in Python, as records with ids; those of a list are in the benchmark's order."""
    where = f"system {name!r}"
    if hasattr(outputs, "iterrows"):
        outputs = outputs.to_dict("records")
    elif hasattr(outputs, "to_pylist"):  # a table or an array of pyarrow
        outputs = outputs.to_pylist()
    elif hasattr(outputs, "index") and hasattr(outputs, "items"):
        outputs = _of_series(outputs, task, where)
    columns = getattr(outputs, "column_names", None)
    if isinstance(outputs, Mapping):
        rows: Iterable[tuple[Any, Any]] = outputs.items()
    elif columns is not None or (isinstance(outputs, list | tuple) and outputs and isinstance(outputs[0], Mapping)):
        columns = list(outputs[0]) if columns is None else columns
        if missing := {"id", "output"} - set(columns):
            columns = f"no column {min(missing)!r}; the columns are {', '.join(columns)}"
            raise OutputsError(f"{where}: {columns}. Give a list of texts if they are in the benchmark's order")
        if others := [name for name in ROLES["output"] if name in columns and name != "output"]:
            raise OutputsError(f"{where}: the columns 'output' and {others[0]!r} may both be the output; leave one out")
        rows = ((row.get("id"), row.get("output")) for row in outputs)
    else:
        rows = zip(task.ids, _in_order(outputs, task, where, samples), strict=True)
    records = (
        (number, {"id": id_text(id_) or str(id_), "output": text})
        for number, (id_, value) in enumerate(rows, 1)
        for text in (_samples(value) if samples else [value])
    )
    return Table(where, "", records, "item")


def _in_order(outputs: Any, task: Task, where: str, samples: bool) -> Sequence[Any]:
    """The outputs of a list, one for each segment."""
    try:
        listed = as_list(outputs, where)
    except InputError:
        advice = "give a mapping of id to text, a list in benchmark order, or a Dataset"
        raise OutputsError(f"{where}: outputs are {kind_of(outputs)}; {advice}") from None
    if len(listed) != len(task):
        given = f"{where}: {count(len(listed), 'output')}"
        raise OutputsError(f"{given}, but {task.name} has {count(len(task), 'segment')}")
    if listed and isinstance(listed[0], tuple) and not samples:
        raise OutputsError(f"{where}: the outputs are tuples; give dict(outputs) if they are pairs of id and text")
    return listed


def _samples(value: Any) -> list[Any]:
    """The outputs of a segment: several in a list, a tuple, an array or a Series, or a single one."""
    value = value.tolist() if hasattr(value, "tolist") else value
    return list(value) if isinstance(value, list | tuple) else [value]


def _of_series(series: Any, task: Task, where: str) -> list[Any]:
    """A pandas Series as records if its index has the ids of segments, else as texts if its index counts the rows."""
    labels = [str(int(label) if isinstance(label, float) and label.is_integer() else label) for label in series.index]
    known, in_order = set(labels) & set(task.ids), labels == list(map(str, range(len(labels))))
    if known == set(labels) and not (in_order and sorted(labels) == sorted(task.ids) and labels != list(task.ids)):
        return [{"id": label, "output": text} for label, text in zip(labels, series, strict=True)]
    texts = any(isinstance(label, str) for label in series.index)
    if not in_order and (known or texts or not series.index.is_monotonic_increasing):
        what = "the index of the Series has neither the ids of the segments nor the numbers of its rows"
    elif known == set(labels):
        what = "the index of the Series counts its rows, but its numbers are also the ids of segments in another order"
    else:
        return list(series)
    raise OutputsError(f"{where}: {what}; give its .tolist() if it is in the benchmark's order")
