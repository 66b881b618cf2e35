"""A benchmark: tasks over articles, each task a list of segments with references."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.arguments import checked
from evalkit.data.aligning import align
from evalkit.data.building import languages_of
from evalkit.data.fields import ROLES, Fields
from evalkit.data.formats import open_table
from evalkit.data.formats.file_format import Table
from evalkit.data.opening import Input, TemporaryFile, named_path, stem_of
from evalkit.data.records import IN_PYTHON, RecordReader
from evalkit.data.tasks import Task
from evalkit.errors import BenchmarkError, InputError, SettingError, check_whole_number, few
from evalkit.files import tell
from evalkit.printable import printable
from evalkit.text.languages import parse_pair
from evalkit.wording import count, kind_of

if TYPE_CHECKING:
    import datasets

#: Longer values of a field are texts in the wrong file.
_LONGEST_VALUE = 200


@dataclass(frozen=True)
class Benchmark:
    """Named tasks, with the titles of their articles for the reports.

    :param systems: the location of the benchmark's own systems: a folder with one folder per system, or the file itself.
    :param left_out: names of tasks excluded by :meth:`only`; output files for them are ignored.
    :param references_by: who made the references, if known.
    :param canary: texts that mark the benchmark, so that outputs learned from it are noticed.
    :param files: the files of references and sources, which are not treated as systems in the same folder.
    :param unknown: columns of the benchmark file that were not used.
    :param copies: copies of the pipes that were read, because a log in a pipe also contains the outputs.
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

    def __post_init__(self) -> None:
        # A file name may contain any characters.
        object.__setattr__(self, "name", printable(self.name, one_line=True))

    def __repr__(self) -> str:
        return f"<Benchmark {self.name}: {'; '.join(map(repr, self.tasks))}>"

    @property
    def articles(self) -> set[str]:
        """The ids of all articles; empty if the segments have none."""
        return {article for task in self.tasks for article in task.articles or ()}

    def check_articles(self, names: Iterable[str], where: str) -> None:
        """:raises InputError: for the id of an article that the benchmark does not have; ``where`` begins the message."""
        known = self.articles
        for name in names:
            if name not in known:
                others = f"it has {', '.join(sorted(known)[:5])}" if known else "its segments have no article ids"
                raise InputError(f"{where}no article {name!r} in {self.name}; {others}")

    def holds(self, table: Table) -> bool:
        """Whether a table is one of the files of the benchmark, whose records are its segments."""
        return Path("-" if table.name == "<stdin>" else table.name) in self.files

    @checked
    def task(self, name: str) -> Task:
        """:raises SettingError: for an unknown task name."""
        names = [task.name for task in self.tasks]
        if name in names:
            return self.tasks[names.index(name)]
        raise SettingError(f"the benchmark {self.name} has no task {name!r}; it has {', '.join(names)}")

    @checked
    def only(self, *names: str) -> Benchmark:
        """The same benchmark with some of its tasks."""
        tasks = tuple(self.task(name) for name in dict.fromkeys(names))
        gone = tuple(task.name for task in self.tasks if task.name not in names)
        return replace(self, tasks=tasks, left_out=(*self.left_out, *gone))

    @checked
    def first(self, count: int) -> Benchmark:
        """The same benchmark with the first segments of each task."""
        check_whole_number("count", count, 1)
        return replace(self, tasks=tuple(task.first(count) for task in self.tasks))

    @checked
    def with_field(self, name: str, path: str | Path) -> Benchmark:
        """The same benchmark with another segment field to slice scores by; line i of the file belongs to segment i.

        :raises BenchmarkError: if the number of lines differs from the number of segments, or there are several tasks.
        """
        if len(self.tasks) > 1:
            raise BenchmarkError(f"{path}: {self.name} has several tasks; name the one of these lines with --task")
        task = self.tasks[0]
        table = open_table(path)
        if table.kind != "text":
            raise BenchmarkError(f"{path}: {table.kind}, but a field is read from plain text, one value per line")
        values = tuple(line["text"].strip() for _, line in table.rows)
        if len(values) != len(task):
            segments = count(len(task), "segment")
            raise BenchmarkError(f"{path}: {count(len(values), 'line')}, but {task.name} has {segments}")
        if task.unordered:
            raise BenchmarkError(f"{path}: line i belongs to segment i, but {task.unordered}; sort the records alike")
        name = printable(name, one_line=True)
        if name == "article":
            raise BenchmarkError(
                f"{path}: give the articles of the segments with --docids, or write another name, NAME={path}"
            )
        if name in task.fields:
            raise BenchmarkError(f"{path}: there is a field {name!r} already; write another name, NAME={path}")
        if long := next((i for i, value in enumerate(values, 1) if len(value) > _LONGEST_VALUE), 0):
            size = f"{len(values[long - 1]):,} characters"
            raise BenchmarkError(f"{path}:{long}: {size}; the value of a field must be a short label")
        return replace(self, tasks=(replace(task, fields={**task.fields, name: values}),))

    def fingerprint(self) -> str:
        """Sixteen hex digits of all tasks."""
        text = "\n".join(f"{task.name} {task.fingerprint()}" for task in self.tasks)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @classmethod
    @checked
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
        built, default_name = align(references, lang=lang, source=source, docids=docids, task=task, fields=fields)
        files = [Path(named_path(path)[1]) for path in (*references, source, docids) if path is not None]
        return cls(name or default_name, (built,), files=tuple(files))

    @classmethod
    @checked
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
        reader = RecordReader(tables[0].name, languages_of(tables[0], lang), fields)
        built = reader.read(tables, task)
        title = name or named[0][0] or stem_of(paths[0]).partition(".")[0]
        files = tuple(Path(file) for _, file in named if not str(file).startswith("hf:"))
        unknown = tuple(fields.unknown(reader.columns))
        if unknown and not any(built.references[:1000]):
            columns = f"columns without a known role are {few(map(repr, unknown))}"
            advice = "Name the column of the references with --field references=COLUMN"
            tell(f"{tables[0].name}: no references were found; {columns}. {advice}")
        elif others := fields.unread_references(reader.columns):
            columns = few(map(repr, others))
            advice = f"if they are references, name all with --field references=COLUMN,{others[0]}"
            tell(f"{tables[0].name}: columns that are not read: {columns}; {advice}")
        systems = files[0] if reader.has_outputs and len(files) == 1 else None
        canary = tuple(reader.canary)
        return cls(title, (built,), systems=systems, files=files, canary=canary, unknown=unknown, copies=copies)

    @classmethod
    @checked
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
        given = {role: names for role, names in columns_by_role.items() if names is not None and names != role}
        named = {role: (names,) if isinstance(names, str) else tuple(names) for role, names in given.items()}
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
        records = ({k: row[k] for k in row if k not in ignored} if isinstance(row, Mapping) else row for row in rows)
        fields = Fields(named)
        reader = RecordReader(name, parse_pair(lang), fields, number=id is None)
        try:
            built = reader.read([Table(name, IN_PYTHON, enumerate(records, 1), "row")], task)
            fields.refuse_unfound()
        except InputError as error:
            raise BenchmarkError(re.sub(r"--(?:field )?(\w+)[ =]?", r"\1=", str(error))) from None
        return cls(name, (built,))
