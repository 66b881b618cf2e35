"""The outputs of one or several systems in the records of a file."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evalkit.data.benchmark import Benchmark
from evalkit.data.building import Numbering, collapsed, id_text
from evalkit.data.columns import TextWriter
from evalkit.data.fields import Fields, if_given
from evalkit.data.formats.file_format import Table
from evalkit.data.opening import check_text
from evalkit.data.tasks import Task
from evalkit.errors import InputError, OutputsError, few
from evalkit.files import tell
from evalkit.wording import count, kind_of

#: The most columns of a wide table that are taken for systems without being named.
_MOST_SYSTEMS = 1000

#: From a record and its location to the outputs in it, each with the name of its system; "" if the record has none.
_Outputs = Callable[[Mapping[str, Any], str], Iterable[tuple[str, Any]]]


@dataclass
class SystemTexts:
    """The outputs of one system as in its file: texts, each with its id or position and the number of its record."""

    texts: TextWriter = field(default_factory=TextWriter)
    ids: list[str | None] = field(default_factory=list)
    positions: list[int | None] = field(default_factory=list)
    numbers: array[int] = field(default_factory=lambda: array("q"))
    #: The other columns of a file, which show its order if it has no ids.
    numbering: Numbering = field(default_factory=Numbering)
    #: The targets in a log, and the hashes of the sources and first references beside the outputs, 0 where there is none.
    targets: list[tuple[str, ...]] = field(default_factory=list)
    sources: array[int] = field(default_factory=lambda: array("q"))
    references: array[int] = field(default_factory=lambda: array("q"))

    def compared(self, task: Task) -> bool:
        """Whether each output has a source that is compared with that of its segment, so that the order is certain."""
        return task.sources is not None and len(self.sources) == len(self.ids)


def read_outputs(table: Table, benchmark: Benchmark, fields: Fields, most: float) -> dict[str, SystemTexts]:
    """The outputs in a table by system ("" if it names none); reading stops after ``most`` outputs of one system."""
    systems: dict[str, SystemTexts] = {}
    lang, known_ids = benchmark.tasks[0].source_lang, {id_: id_ for task in benchmark.tasks for id_ in task.ids}
    outputs: _Outputs | None = None
    wide: list[str] = []
    numbering = Numbering()
    if table.kind == "text":
        return {"": _read_lines(table, benchmark, most)}
    for number, record in table.rows:
        where = table.place(number)
        try:
            if outputs is None:
                fields.refuse_doubles(record)
                outputs, wide = _outputs_in(record, where, fields, benchmark.tasks[0].lang)
            pairs = list(outputs(record, where))
            id_ = id_text(if_given(fields.get, record, "id") if table.log else fields.get(record, "id"))
            if id_ is None and not table.log:
                _check_no_id(record, named=all(name for name, _ in pairs))
            what = f"{where}: the output" if id_ is None else f"{where} (id {id_!r}): the output"
            # Failed requests have no output.
            may_fail = table.log or "outputs" in record
            pairs = [(name, text if text is None and may_fail else check_text(text, what)) for name, text in pairs]
        except InputError as error:
            raise OutputsError(str(error) if where in str(error) else f"{where}: {error}") from None
        numbering.add(record, () if table.log or id_ is not None else fields.beside_texts(record))
        for name, text in pairs:
            system = systems.get(name) or systems.setdefault(name, SystemTexts(numbering=numbering))
            if text is None:
                continue
            system.texts.append(text)
            system.ids.append(None if id_ is None else known_ids.get(id_, id_))
            system.numbers.append(number)
            if len(system.numbers) > most:
                raise _too_long(table, benchmark, most)
            _add_context(system, record, table, fields, lang)
    _check_wide(wide, systems, table)
    _check_order(numbering, systems, table, benchmark)
    return systems or {"": SystemTexts()}


def _add_context(
    system: SystemTexts, record: Mapping[str, Any], table: Table, fields: Fields, lang: str | None
) -> None:
    """Keep what is compared with the benchmark: source and reference beside an output, position and targets in a log."""
    source = if_given(fields.source, record, lang)
    if isinstance(source, str) or table.log:
        system.sources.append(hash(collapsed(source)) if isinstance(source, str) else 0)
    references = if_given(fields.references, record, None) or ()
    targets = tuple(collapsed(text) for text in references if isinstance(text, str) and text.strip())
    if table.log:
        system.positions.append(record.get("position"))
        system.targets.append(targets)
    else:
        system.references.append(hash(targets[0]) if targets else 0)


def _check_order(numbering: Numbering, systems: Mapping[str, SystemTexts], table: Table, benchmark: Benchmark) -> None:
    """:raises OutputsError: if outputs without ids are in another order than a column says."""
    if table.log or benchmark.holds(table):
        return
    certain = all(any(system.ids) or system.compared(benchmark.tasks[0]) for system in systems.values())
    if not certain and (column := numbering.shuffled):
        advice = "sort the records by it, or name the column of the ids with --field id=COLUMN"
        raise OutputsError(f"{table.name}: no ids, and {column} numbers the records in another order; {advice}")


def _check_wide(columns: Sequence[str], systems: Mapping[str, SystemTexts], table: Table) -> None:
    """:raises OutputsError: if one of the columns that are taken for systems is hardly one."""
    if other := [column for column in columns if _hardly_outputs(systems[column].texts.column())]:
        named = ",".join(column for column in columns if column not in other) or "COLUMN"
        what = f"{few(map(repr, other))} has the same text in every row, or no letters, and is hardly a system"
        raise OutputsError(f"{table.name}: {what}; name the columns with outputs: --field output={named}")


def _read_lines(table: Table, benchmark: Benchmark, most: float) -> SystemTexts:
    """The lines of a text file, which are already validated."""
    system = SystemTexts()
    for number, record in table.rows:
        system.texts.append(record["text"])
        system.numbers.append(number)
        if number > most:
            raise _too_long(table, benchmark, most)
    system.ids = [None] * len(system.numbers)
    return system


def _check_no_id(record: Mapping[str, Any], *, named: bool) -> None:
    """:raises InputError: if a record without a usable id needs one."""
    if named and "system" in record:
        raise InputError("a table with a column of systems needs ids; name them with --field id=COLUMN")
    if "id" in record:
        raise InputError(f"the id is {kind_of(record['id'])}; give the id of the segment as a text")


def _too_long(table: Table, benchmark: Benchmark, most: float) -> OutputsError:
    segments = count(sum(len(task) + len(task.left_out) for task in benchmark.tasks), "segment")
    given = f"more than {most:,} {table.unit}s for one system"
    return OutputsError(f"{table.name}: {given}, but {benchmark.name} has {segments}")


def _outputs_in(record: Mapping[str, Any], where: str, fields: Fields, lang: str) -> tuple[_Outputs, list[str]]:
    """How to get the outputs from records like this one, and the columns of a wide table that were not named."""
    if len(named := fields.named.get("output", ())) > 1:
        return lambda row, at: ((name, row.get(name)) for name in named), []
    if isinstance(record.get("outputs"), Mapping):
        return lambda row, at: row["outputs"].items(), []
    column = fields.column("output", record)
    if column is not None:
        return lambda row, at: [(_system_in(row, fields, at, record), _output_in(row, column, fields, at))], []
    if "text" in record:
        return lambda row, at: [("", row.get("text"))], []
    if isinstance(record.get("translation"), Mapping):
        return lambda row, at: [("", (fields.references(row, lang) or [None])[0])], []
    wide = fields.wide(record)
    if len(wide) > _MOST_SYSTEMS:
        advice = "name the ones with outputs: --field output=COLUMN,COLUMN"
        raise OutputsError(f"{where}: {len(wide):,} columns without a known role; {advice}")
    if len(wide) > 1:
        option = f"--field output={','.join(wide[:2])}"
        tell(f"{where}: read as a table with one column per system ({few(wide)}); to choose, write {option}")
        return lambda row, at: ((name, row.get(name)) for name in wide), wide
    advice = 'A record is {"id": ..., "output": ...}; name another field with --field output=FIELD'
    raise OutputsError(f"{where}: no field 'output'; the fields are {few(map(repr, record)) or 'none'}. {advice}")


def _output_in(record: Mapping[str, Any], column: str, fields: Fields, where: str) -> Any:
    if column not in record and "output" not in fields.named:
        raise OutputsError(f"{where}: no field {column!r}; the fields are {few(map(repr, record)) or 'none'}")
    return fields.get(record, "output")


def _system_in(record: Mapping[str, Any], fields: Fields, where: str, first: Mapping[str, Any]) -> str:
    """The name of the system in a record; "" if the first record has none."""
    if fields.column("system", first) is None:
        return ""
    value = fields.get(record, "system")
    if not isinstance(value, str) or not value:
        raise OutputsError(f"{where}: the system is {kind_of(value)}; give its name")
    return value


def _hardly_outputs(texts: Sequence[str]) -> bool:
    """Whether all texts are the same, or none has a letter, as in a column of languages or of times."""
    same = all(text == texts[0] for text in texts)
    return len(texts) >= 3 and (same or not any(re.search(r"[^\W\d_]", text) for text in texts))
