"""A benchmark: tasks over articles, each task a list of segments with references."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.data.aligning import align
from evalkit.data.building import build_task, id_text, languages_of, position_id
from evalkit.data.fields import ROLES, Fields
from evalkit.data.formats import open_table
from evalkit.data.formats.file_format import Table
from evalkit.data.opening import Input, TemporaryFile, kind_of, named_path, read_lines, stem_of
from evalkit.data.tasks import Task
from evalkit.errors import BenchmarkError, SettingError, few
from evalkit.files import tell
from evalkit.text.languages import Pair, parse_pair
from evalkit.wording import count

if TYPE_CHECKING:
    import datasets


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
    :param unknown: columns of the benchmark file that were not used.
    :param copies: what was read from pipes, because a log in a pipe contains the outputs as well.
    """

    name: str
    tasks: tuple[Task, ...]
    titles: Mapping[str, str] = field(default_factory=dict)
    systems: Path | None = None
    left_out: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    references_by: str = ""
    canary: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    copies: Mapping[str, TemporaryFile] = field(default_factory=dict, repr=False, compare=False)

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
        tasks = tuple(self.task(name) for name in names)
        gone = tuple(task.name for task in self.tasks if task.name not in names)
        return replace(self, tasks=tasks, left_out=(*self.left_out, *gone))

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
            raise BenchmarkError(
                f"{path}: {count(len(lines), 'line')}, but {task.name} has {count(len(task), 'segment')}"
            )
        values = tuple(line.strip() for line in lines)
        return replace(self, tasks=(replace(task, fields={**task.fields, name: values}),))

    def fingerprint(self) -> str:
        """Sixteen hex digits of all tasks."""
        text = "\n".join(f"{task.name} {task.fingerprint()}" for task in self.tasks)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @classmethod
    def from_lines(
        cls,
        references: str | Path | Sequence[str | Path] = (),
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
        references = [references] if isinstance(references, str | Path) else references
        for path in (*references, source, docids):
            if not isinstance(path, str | Path | None):
                raise BenchmarkError(
                    f"{kind_of(path)} where a path is expected; texts in memory are given to from_dataset"
                )
        built, default_name = align(references, lang=lang, source=source, docids=docids, task=task, fields=fields)
        files = [Path(named_path(path)[1]) for path in (*references, source, docids) if path is not None]
        return cls(name or default_name, (built,), files=tuple(files))

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
        copies = {k: copy for _, file in named for k, copy in Input.keep(file).items()}
        fields = fields or Fields()
        tables = [open_table(file, fields, copies) for _, file in named]
        pair = languages_of(tables[0], lang)
        observer = _RecordObserver(fields, pair)
        built = build_task(
            observer.watch(tables),
            pair,
            name=tables[0].name,
            task=task,
            fields=fields,
            uniform=all(table.uniform for table in tables),
        )
        title = name or named[0][0] or stem_of(paths[0]).partition(".")[0]
        files = tuple(Path(file) for _, file in named if not str(file).startswith("hf:"))
        unknown = tuple(fields.unknown(observer.columns))
        if unknown and not any(built.references[:1000]):
            tell(
                f"{tables[0].name}: no references were found; columns without a known role are {few(map(repr, unknown))}. "
                "Name the column of the references with --field references=COLUMN"
            )
        systems = files[0] if observer.outputs and len(files) == 1 else None
        canary = tuple(observer.canary)
        return cls(title, (built,), systems=systems, files=files, canary=canary, unknown=unknown, copies=copies)

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

        :param references: a column of lists or of texts, or several columns of texts. This and the other columns have
            the same default names as in a file, such as ``ref``, ``src`` and ``translation``; a dot selects a nested
            column, and None says that there is none.
        :param id: None numbers the rows from 1.
        """
        columns_by_role = {"references": references, "id": id, "source": source, "article": article, "date": date}
        named = {
            role: (columns,) if isinstance(columns, str) else tuple(columns)
            for role, columns in columns_by_role.items()
            if columns is not None and columns != role
        }
        ignored = {column for role, columns in columns_by_role.items() if columns is None for column in ROLES[role]}
        rows: Any = dataset
        if hasattr(dataset, "iterrows"):
            rows = rows.to_dict("records")
        elif hasattr(dataset, "to_pylist"):
            rows = rows.to_pylist()
        elif isinstance(dataset, str | Mapping) or not isinstance(dataset, Iterable):
            parts = dataset if isinstance(dataset, Mapping) else {}
            splits = [str(split) for split, part in parts.items() if hasattr(part, "column_names")]
            advice = f"one of its splits: {few(splits)}" if splits else "rows, such as datasets.Dataset.from_dict(...)"
            raise BenchmarkError(f"{name} is {kind_of(dataset)}; give {advice}")
        records = (
            (f"{name}, row {i}", {column: value for column, value in row.items() if column not in ignored})
            for i, row in enumerate(rows)
        )
        try:
            built = build_task(records, parse_pair(lang), name=name, task=task, fields=Fields(named), number=id is None)
        except BenchmarkError as error:
            raise BenchmarkError(re.sub(r"--(?:field )?(\w+)[ =]?", r"\1=", str(error))) from None
        return cls(name, (built,))


class _RecordObserver:
    """Inspects records while they are read: whether they contain outputs, and the same segment for several systems."""

    def __init__(self, fields: Fields, pair: Pair) -> None:
        self.outputs = False
        self.canary: dict[str, None] = {}
        self.columns: tuple[str, ...] = ()
        self._fields = fields
        self._pair = pair
        #: by id, the first system or sample, the hash of its source and references, and its location.
        self._first: dict[Any, tuple[Any, int, str]] = {}

    def watch(self, tables: Iterable[Table]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        fields = self._fields
        for table in tables:
            for number, record in table.rows:
                where = table.place(number)
                if not self.columns:
                    self.columns = tuple(record)
                    self._refuse_texts(table, record)
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
                system = (fields.get(record, "system"), record.get("epoch") if table.log else None)
                if system != (None, None) and id_text(id_) is not None and self._repeated(id_, system, record, where):
                    continue
                yield where, record

    def _repeated(self, id_: Any, system: Any, record: Mapping[str, Any], where: str) -> bool:
        """Whether the segment was read with an earlier system.

        :raises BenchmarkError: if its source or references were different there.
        """
        content = self._fields.source(record, self._pair.source), self._fields.references(record, self._pair.target)
        first, digest, place = self._first.setdefault(id_, (system, hash(str(content)), where))
        if digest != hash(str(content)):
            raise BenchmarkError(f"{where}: the source or the references of {id_!r} differ from those at {place}")
        return bool(first != system)

    def _refuse_texts(self, table: Table, record: Mapping[str, Any]) -> None:
        """Refuse a file with one text per segment, which may be a reference or an output."""
        if (
            "text" in record
            and self._fields.references(record, self._pair.target) is None
            and self._fields.source(record, self._pair.source) is None
        ):
            raise BenchmarkError(
                f"{table.name}: one text per segment, and neither sources nor outputs. If these are references, write "
                f"--reference {table.name}, and name the files to score after it"
            )
