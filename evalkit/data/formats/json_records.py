"""JSON and JSONL: one record per line, or one document with a list of records.

JSONL, one record per line::

    {"id": "1", "source": "你好", "references": ["Hello", "Hi"]}

A JSON document is an array of records or of texts, a mapping of ids to texts or to records, a mapping of columns to
lists, or a mapping that has one array of records among other things::

    {"1": "Hello", "2": "Good morning"}

Both may also be a log of an evaluation tool, see :data:`evalkit.data.formats.LOGS`.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from evalkit.data.fields import Fields
from evalkit.data.formats.file_format import Format, Row, Table
from evalkit.data.opening import Input
from evalkit.errors import InputError
from evalkit.reading import unique_keys
from evalkit.wording import kind_of


class Log(NamedTuple):
    """A log of an evaluation tool, recognized by its first record or the whole document.

    :param name: the name of the tool; ``unit`` is that of the numbers of its records.
    :param matches: whether a record belongs to this kind of log.
    :param read: converts the records of a file, given its name, to rows of a table.
    :param document: extracts the records of a document; None if the document is not from this tool.
    """

    name: str
    unit: str
    matches: Callable[[dict[str, Any]], bool]
    read: Callable[[str, Iterator[Row], Fields], Iterator[Row]]
    document: Callable[[str, dict[str, Any]], list[Any] | None] | None = None

    def table(self, name: str, rows: Iterator[Row], fields: Fields) -> Table:
        """The records of a file as a table."""
        return Table(name, self.name, self.read(name, rows, fields), self.unit, log=True)


def json_format(logs: tuple[Log, ...]) -> Format:
    """The JSON format, including the logs that such files may contain."""
    return Format("JSON", (".json", ".jsonl", ".ndjson"), _sniff, partial(_read, logs=logs))


def _sniff(file: Input) -> bool:
    if file.suffix in (".json", ".jsonl", ".ndjson"):
        return bool(re.match(r'\s*[\[{"]', file.beginning))
    return bool(re.match(r'\s*(\{\s*"[^"\n]{1,100}"\s*:|\[\s*\{\s*")', file.beginning))


def _read(file: Input, fields: Fields, logs: tuple[Log, ...]) -> Table:
    lines = file.lines()
    number, first = next(lines)
    try:
        value = parse_json(first, f"{file.name}:{number}")
    except NotJSONError:
        if file.suffix in (".jsonl", ".ndjson") and first.strip() not in ("{", "[", ""):
            raise
        value = parse_json("\n".join([first, *(line for _, line in lines), ""]), file.name)
        return _document(file, value, fields, logs)
    second = next(lines, None)
    if not isinstance(value, dict) and second is not None and (second[1].strip() or next(lines, None)):
        raise _no_mapping(f"{file.name}:{number}", value)
    documents = (log.document(file.name, value) for log in logs if log.document and isinstance(value, dict))
    if not isinstance(value, dict) or (second is None and (file.suffix == ".json" or any(documents))):
        return _document(file, value, fields, logs)
    rest = chain([second] if second else [], lines)
    return _table(file, value, chain([(number, value)], _records(file, rest)), fields, logs, "line")


def _records(file: Input, lines: Iterator[tuple[int, str]]) -> Iterator[Row]:
    blank = 0
    for number, line in lines:
        where = f"{file.name}:{number}"
        if not line.strip():
            blank = blank or number
            continue
        if blank:
            raise InputError(f"{file.name}:{blank}: an empty line; every line of a JSONL file is one record")
        record = parse_json(line, where)
        if not isinstance(record, dict):
            raise _no_mapping(where, record)
        yield number, record


def _no_mapping(where: str, value: Any) -> InputError:
    example = '{"id": ..., "output": ...}; a JSONL file has one on each line'
    return InputError(f"{where}: {kind_of(value)} where a mapping is expected, such as {example}")


def _table(file: Input, first: Any, rows: Iterator[Row], fields: Fields, logs: tuple[Log, ...], unit: str) -> Table:
    for log in logs:
        if isinstance(first, dict) and log.matches(first):
            return log.table(file.name, rows, fields)
    return Table(file.name, "records", rows, unit)


def _document(file: Input, value: Any, fields: Fields, logs: tuple[Log, ...]) -> Table:
    name = file.name
    if isinstance(value, dict):
        for log in logs:
            records = log.document(name, value) if log.document else None
            if records is not None:
                return log.table(name, enumerate(_mappings(name, records), 1), fields)
        lists = [item for item in value.values() if isinstance(item, list)]
        if len(lists) != 1 or not lists[0] or not isinstance(lists[0][0], dict):
            return Table(name, "records", _mapping(name, value), "item")
        value = lists[0]  # the records, beside a version or a description of them
    if not isinstance(value, list) or not value:
        raise InputError(f"{name}: {'an empty list' if value == [] else kind_of(value)} where records are expected")
    if all(isinstance(item, str) for item in value):
        return Table(name, "texts", enumerate(({"text": item} for item in value), 1), "item")
    return _table(file, value[0], enumerate(_mappings(name, value), 1), fields, logs, "item")


def _mapping(name: str, value: dict[str, Any]) -> Iterator[Row]:
    if all(isinstance(item, list) for item in value.values()) and len({len(item) for item in value.values()}) == 1:
        # Column-oriented, as written by pandas and datasets.
        yield from enumerate((dict(zip(value, row, strict=True)) for row in zip(*value.values(), strict=True)), 1)
        return
    for number, (id_, item) in enumerate(value.items(), 1):
        if isinstance(item, str):
            yield number, {"id": id_, "text": item}
        elif isinstance(item, dict):
            yield number, {"id": id_, **item}
        else:
            advice = "a JSON mapping gives a text or a record for each id"
            raise InputError(f"{name}: under {id_[:40]!r} there is {kind_of(item)}; {advice}")


def _mappings(name: str, items: list[Any]) -> Iterator[dict[str, Any]]:
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            what = f"{kind_of(item)} where a mapping is expected"
            raise InputError(f"{name}, item {number}: {what}, as in the other items")
        yield item


def read_object(file: Input) -> dict[str, Any]:
    """The mapping that a JSON file consists of; an InputError for anything else."""
    value = parse_json(file.text(), file.name)
    if not isinstance(value, dict):
        raise InputError(f"{file.name}: {kind_of(value)} where a mapping is expected")
    return value


class NotJSONError(InputError):
    """A text is not JSON, or not all of it."""


def parse_json(text: str, where: str, number: Callable[[str], Any] | None = None) -> Any:
    """Parse JSON text strictly: duplicate keys and anything else that JSON does not allow are errors.

    :param where: the location of the text, for messages.
    :param number: makes a number from how it is written.
    :raises NotJSONError: for a text that is not JSON; another InputError for a duplicate key.
    """
    try:
        return json.loads(text, object_pairs_hook=unique_keys, parse_int=number, parse_float=number)
    except KeyError as error:
        raise InputError(f"{where}: duplicate key {error} in one record") from None
    except (ValueError, RecursionError) as error:
        line = f":{error.lineno}" if isinstance(error, json.JSONDecodeError) and "\n" in text else ""
        raise NotJSONError(f"{where}{line}: not valid JSON: {_what_is_wrong(error, text)}") from None


def _what_is_wrong(error: Exception, text: str) -> str:
    if isinstance(error, json.JSONDecodeError):
        at_end = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        return f"{error}; is the file cut short?" if at_end else str(error)
    return "a number has too many digits" if "digits" in str(error) else "lists or mappings are nested too deeply"
