"""Builds a task from records with one segment each, of any file format or given in Python."""

from collections.abc import Iterable, Mapping
from typing import Any

from evalkit.data.building import Numbering, TaskBuilder, id_text, position_id, task_names
from evalkit.data.fields import Fields
from evalkit.data.formats.file_format import Table
from evalkit.data.opening import check_text
from evalkit.data.tasks import Task
from evalkit.errors import BenchmarkError, InputError, few
from evalkit.text.languages import Pair
from evalkit.wording import is_missing, kind_of

#: The kind of a table of rows given in Python.
IN_PYTHON = "rows"

#: Article ids longer than this are probably texts in the wrong column.
_LONGEST_ID = 200


class RecordReader:
    """Reads the tables of a benchmark, numbering the segments from 1 if asked to.

    After reading, ``columns`` are those of the first record, ``canary`` holds the texts that mark the benchmark, and
    ``has_outputs`` says whether the records contain outputs as well.
    """

    def __init__(self, name: str, pair: Pair, fields: Fields, *, number: bool = False) -> None:
        self.columns: tuple[str, ...] = ()
        self._nested: list[str] = []
        self.canary: dict[str, None] = {}
        self.has_outputs = False
        self._fields = fields
        self._builder = TaskBuilder(name, pair)
        self._number = number
        #: Whether the records have no ids; None before the first one.
        self._numbered: bool | None = None
        self._with_references = False
        self._reference_names: set[tuple[str, ...]] = set()
        #: By id, the first system or sample, the hash of its source and references, and its location.
        self._first: dict[Any, tuple[Any, int, str]] = {}

    def read(self, tables: Iterable[Table], task: str | None) -> Task:
        """The checked task; its name is by default derived from the languages."""
        task_names(self._builder.pair, task)  # before the records are read
        numbering = Numbering()
        texts = records = 0
        for table in tables:
            for number, record in table.rows:
                where = table.place(number)
                if table.kind == IN_PYTHON and isinstance(record, dict):
                    for name in record:
                        check_text(name, f"{where}: the name of a column")
                if not isinstance(record, dict):
                    raise BenchmarkError(f"{where}: {kind_of(record)} where a mapping of columns to values is expected")
                try:
                    texts += self._add(table, where, record)
                except BenchmarkError:
                    raise
                except InputError as error:
                    raise BenchmarkError(str(error) if where in str(error) else f"{where}: {error}") from None
                numbering.add(record)
                records += 1
        if records and not texts and not self._with_references:
            raise self._without_texts()
        if column := numbering.shuffled:
            self._builder.unordered = f"{column} of {self._builder.name} numbers the segments in another order"
        names = self._reference_names.pop() if len(self._reference_names) == 1 else ()
        return self._builder.task(task, with_references=self._with_references, reference_names=names)

    def _add(self, table: Table, where: str, record: dict[str, Any]) -> bool:
        """Add the segment of a record, and return whether it has a source or a reference."""
        fields, pair = self._fields, self._builder.pair
        if table.log and fields.get(record, "id") is None and (position := record.get("position")) is not None:
            record["id"] = position_id(position)  # a log numbers its samples if the data has no ids
        references, source = fields.references(record, pair.target), fields.source(record, pair.source)
        if not self.columns:
            self._check_columns(table, where, record, references is not None or source is not None)
        self._note_outputs_and_canary(record)
        if self._is_repeated(table, where, record, (source, references)):
            return True
        id_ = self._id(where, record)
        at = where if id_ is None else f"{where} (id {id_!r})"
        if references is None and isinstance(record.get("text"), str | list) and not fields.names("text"):
            references = record["text"] if isinstance(record["text"], list) else [record["text"]]
        self._with_references |= references is not None
        self._builder.add(
            where,
            id_,
            [None if is_missing(text) else check_text(text, f"{at}: a reference") for text in references or ()],
            source=None if source is None else check_text(source, f"{at}: the source"),
            article=self._article(at, record),
            date=_label(fields.get(record, "date"), f"{at}: the date") or None,
            domain=_label(fields.get(record, "domain"), f"{at}: the domain"),
        )
        self._reference_names.add(tuple(record.get("reference_names") or ()))
        return source is not None or references is not None

    def _note_outputs_and_canary(self, record: Mapping[str, Any]) -> None:
        if not self.has_outputs:
            wide = len(self._fields.wide(record)) > 1
            self.has_outputs = bool(record.get("outputs")) or self._fields.column("output", record) is not None or wide
        canary = self._fields.get(record, "canary")
        if isinstance(canary, str) and canary.strip():
            self.canary[canary.strip()] = None

    def _check_columns(self, table: Table, where: str, record: Mapping[str, Any], has_texts: bool) -> None:
        """:raises InputError: if two columns may have one role, or none has the role of sources or references."""
        self.columns, fields = tuple(record), self._fields
        inner = {n: [f"{n}.{key}" for key in value] for n, value in record.items() if isinstance(value, dict)}
        self._nested = [part for name in record for part in inner.get(name) or [name]]
        fields.refuse_doubles(record)
        if "text" in record and not has_texts and table.kind != IN_PYTHON:
            advice = f"If these are references, write --reference {table.name}, and name the files to score after it"
            raise BenchmarkError(f"{table.name}: one text per segment, and neither sources nor outputs. {advice}")
        known = {"text", "translation"} & {*record} or {"source", "references"} & {*fields.named}
        if table.uniform and not (known or has_texts or fields.column("source", record)):
            self._article(where, record)  # which may be a text
            raise self._without_texts()

    def _without_texts(self) -> BenchmarkError:
        what = f"neither references nor sources; the columns are {few(map(repr, self._nested))}"
        advice = "Name them with --field references=COLUMN or --field source=COLUMN"
        return BenchmarkError(f"{self._builder.name}: {what}. {advice}")

    def _is_repeated(self, table: Table, where: str, record: Mapping[str, Any], texts: tuple[Any, Any]) -> bool:
        """Whether the segment was read with an earlier system or sample, which must have the same texts."""
        id_ = self._fields.get(record, "id")
        system = (self._fields.get(record, "system"), record.get("epoch") if table.log else None)
        if system == (None, None) or id_text(id_) is None:
            return False
        first, digest, place = self._first.setdefault(id_, (system, hash(str(texts)), where))
        if digest != hash(str(texts)):
            raise BenchmarkError(f"{where}: the source or the references of {id_!r} differ from those at {place}")
        return bool(first != system)

    def _id(self, where: str, record: Mapping[str, Any]) -> str | None:
        """The id of a record; None if the segments are numbered."""
        value = None if self._number else self._fields.get(record, "id")
        if self._numbered is None:
            self._numbered = value is None and (self._number or self._fields.column("id", record) is None)
        if self._numbered:
            if value is not None:
                raise InputError(f"{where}: an id, though earlier records have none; give all or none")
            return None
        id_ = id_text(value)
        if id_ is None:
            raise InputError(f"{where}: the id is {kind_of(value)}; give each segment a text of its own as id")
        return check_text(id_, f"{where}: the id")

    def _article(self, at: str, record: Mapping[str, Any]) -> str | None:
        value = self._fields.get(record, "article")
        if value is None or value == "":
            return None
        article, column = id_text(value), self._fields.column("article", record) or "article"
        if article is None:
            inner = f": --field article={column}.NAME" if isinstance(value, dict) else ""
            raise InputError(f"{at}: the article is {kind_of(value)}; give the id of the article{inner}")
        if len(article) > _LONGEST_ID:
            size = f"the id of the article has {len(article):,} characters: this is a text"
            raise InputError(f"{at}: {size}. If {column!r} is the source, write --field source={column}")
        return check_text(article, f"{at}: the article")


def _label(value: Any, what: str) -> str:
    """A short text, a number or a date as a text; empty if it is missing."""
    if is_missing(value):
        return ""
    if isinstance(value, list | tuple | dict | set):
        raise InputError(f"{what} is {kind_of(value)}; give a text")
    return check_text(value.isoformat()[:10] if hasattr(value, "isoformat") else str(value), what)
