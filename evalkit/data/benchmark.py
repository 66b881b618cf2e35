"""A benchmark: tasks over articles, each task a list of segments with references."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.data.building import align, build_task, languages_of, position_id
from evalkit.data.fields import Fields
from evalkit.data.formats import open_table
from evalkit.data.formats.file_format import Table
from evalkit.data.opening import named_path
from evalkit.data.records import read_lines
from evalkit.data.tasks import Task, given_references, references_of, task_name
from evalkit.errors import BenchmarkError, SettingError
from evalkit.text.languages import parse_pair

if TYPE_CHECKING:
    import datasets

__all__ = ["Benchmark", "Task", "given_references", "references_of", "task_name"]


@dataclass(frozen=True)
class Benchmark:
    """Named tasks, with the titles of their articles for the reports.

    :param systems: the location of the benchmark's own systems: a folder with one folder per system, or the benchmark
        file itself.
    :param left_out: names of tasks excluded by :meth:`only`; output files for them are ignored.
    :param references_by: who made the references, if known.
    :param canary: texts that mark the benchmark, so that outputs learned from it are noticed.
    :param files: the files of references and sources, which are not treated as systems if they are in the same folder
        as systems.
    """

    name: str
    tasks: tuple[Task, ...]
    titles: Mapping[str, str] = field(default_factory=dict)
    systems: Path | None = None
    left_out: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    references_by: str = ""
    canary: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Benchmark {self.name}: {'; '.join(map(repr, self.tasks))}>"

    def task(self, name: str) -> Task:
        """:raises SettingError: for an unknown task name."""
        for task in self.tasks:
            if task.name == name:
                return task
        raise SettingError(
            f"the benchmark {self.name} has no task {name!r}; it has {', '.join(t.name for t in self.tasks)}"
        )

    def only(self, *names: str) -> Benchmark:
        """The same benchmark with some of its tasks."""
        kept = tuple(self.task(name) for name in names)
        gone = tuple(task.name for task in self.tasks if task.name not in names)
        return replace(self, tasks=kept, left_out=(*self.left_out, *gone))

    def first(self, count: int) -> Benchmark:
        """The same benchmark with the first segments of each task."""
        return replace(self, tasks=tuple(task.first(count) for task in self.tasks))

    def with_field(self, name: str, path: str | Path) -> Benchmark:
        """The same benchmark with another segment field to slice scores by; line i of the file belongs to segment i.

        :raises BenchmarkError: if the number of lines differs from the number of segments, or there are several tasks.
        """
        lines = read_lines(path)
        if len(self.tasks) > 1:
            raise BenchmarkError(f"{path}: {self.name} has several tasks; name the one of these lines with --task")
        task = self.tasks[0]
        if len(lines) != len(task):
            raise BenchmarkError(f"{path}: {len(lines):,} lines, but {task.name} has {len(task):,} segments")
        values = tuple(line.strip() for line in lines)
        return replace(self, tasks=(replace(task, fields={**task.fields, name: values}),))

    def fingerprint(self) -> str:
        """Sixteen hex digits of all tasks."""
        text = "\n".join(f"{task.name} {task.fingerprint()}" for task in self.tasks)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @classmethod
    def from_lines(
        cls,
        references: Sequence[str | Path] = (),
        *,
        lang: str | None = None,
        source: str | Path | None = None,
        docids: str | Path | None = None,
        task: str | None = None,
        name: str | None = None,
        fields: Fields | None = None,
    ) -> Benchmark:
        """Build a benchmark from separate files for references, sources and articles.

        Each may be in any format (see ``docs/inputs.md``). Segments correspond by id where all files have ids, otherwise by
        position; the id of line i is i, from 1.

        :param references: paths, or ``NAME=PATH``; may be empty for metrics that need no reference.
        :param lang: ``zh-en`` (source and target), or only the target; optional if the files specify the languages.
        :param docids: a file with the article of each line.
        :raises BenchmarkError: if the files differ in their number of segments or in their ids; the message names both
            files.
        """
        built, found = align(references, lang=lang, source=source, docids=docids, task=task, fields=fields)
        files = [Path(named_path(path)[1]) for path in (*references, source, docids) if path is not None]
        return cls(name or found, (built,), files=tuple(files))

    @classmethod
    def from_records(
        cls,
        path: str | Path | Sequence[str | Path],
        *,
        lang: str | None = None,
        task: str | None = None,
        name: str | None = None,
        fields: Fields | None = None,
    ) -> Benchmark:
        """Build a benchmark from one or more files, in any format, with one segment per record.

        Fields: ``id``, ``references`` (a list; or ``reference``, ``reference2``, ...), ``source``, and optionally
        ``article``, ``date``, ``domain`` and ``canary``; use ``fields`` for other names. A folder is read as a data set.
        """
        paths = [path] if isinstance(path, str | Path) else list(path)
        named = [named_path(p) for p in paths]
        tables = [open_table(file, fields) for _, file in named]
        pair = languages_of(tables[0], lang)
        found = _Found()
        built = build_task(found.watch(tables, fields or Fields()), pair, name=tables[0].name, task=task, fields=fields)
        title = name or named[0][0] or Path(str(paths[0])).name.partition(".")[0]
        files = tuple(Path(file) for _, file in named if not str(file).startswith("hf:"))
        systems = files[0] if found.outputs and len(files) == 1 else None
        return cls(title, (built,), systems=systems, files=files, canary=tuple(found.canary))

    @classmethod
    def from_dataset(
        cls,
        dataset: datasets.Dataset | Iterable[Mapping[str, Any]],
        *,
        lang: str,
        references: str | Sequence[str] = "references",
        id: str | None = "id",
        source: str | None = "source",
        article: str | None = "article",
        date: str | None = "date",
        task: str | None = None,
        name: str = "dataset",
    ) -> Benchmark:
        """Build a benchmark from a ``datasets.Dataset``, a pandas ``DataFrame`` or any iterable of mappings.

        :param references: a column of lists or of texts, or several columns of texts.
        :param id: None numbers the rows from 1. Other columns that do not exist are ignored.
        """
        columns = [references] if isinstance(references, str) else list(references)
        rows: Any = dataset
        if hasattr(dataset, "iterrows"):
            rows = rows.to_dict("records")

        def records() -> Iterator[tuple[str, Mapping[str, Any]]]:
            for i, record in enumerate(rows):
                missing = [c for c in columns if c not in record]
                if missing or (id is not None and id not in record):
                    raise BenchmarkError(
                        f"{name}, row {i}: no column {[*missing, id][0]!r}; the columns are {', '.join(record)}"
                    )
                texts: list[Any] = []
                for column in columns:
                    value = record[column]
                    texts.extend(value if isinstance(value, list | tuple) else [value])
                row = {"references": texts, **({} if id is None else {"id": record[id]})}
                for key, column_name in (("source", source), ("article", article), ("date", date)):
                    row[key] = record.get(column_name) if column_name else None
                yield f"{name}, row {i}", row

        return cls(name, (build_task(records(), parse_pair(lang), name=name, task=task, number=id is None),))


class _Found:
    """Inspects records while they are read: whether they contain outputs, and the same segment for several systems."""

    def __init__(self) -> None:
        self.outputs = False
        self.canary: dict[str, None] = {}
        self._first: dict[Any, str] = {}

    def watch(self, tables: Iterable[Table], fields: Fields) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for table in tables:
            for number, record in table.rows:
                if not self.outputs:
                    self.outputs = (
                        bool(record.get("outputs"))
                        or fields.column("output", record) is not None
                        or len(fields.wide(record)) > 1
                    )
                canary = fields.get(record, "canary")
                if isinstance(canary, str) and canary.strip():
                    self.canary[canary.strip()] = None
                # A log numbers its samples if the data has no ids.
                id_, position = fields.get(record, "id"), record.get("position")
                if table.log and id_ is None and position is not None:
                    id_ = position_id(position)
                    record["id"] = id_
                system = fields.get(record, "system")
                if system is not None and self._first.setdefault(id_, system) != system:
                    continue  # already read with an earlier system
                yield table.place(number), record
