"""Reading text files strictly: UTF-8 or an error that names the line; a BOM and CRLF are accepted."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evalkit.errors import InputError

__all__ = ["MAX_SEGMENT", "read_lines", "read_records"]

#: longest text of one segment, in characters: more is a file of another kind, not a summary or a paragraph.
MAX_SEGMENT = 16 * 1024 * 1024

RECORD_SUFFIXES = (".jsonl", ".ndjson", ".csv", ".tsv", ".parquet")


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 text file, split at ``\\n`` and ``\\r\\n`` alone; a last line without its end counts.

    :raises InputError: a file that is missing, empty or not UTF-8, with the line.
    """
    data = _bytes(path)
    text = _decode(path, data)
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    lines = [line[:-1] if line.endswith("\r") else line for line in lines]
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_SEGMENT:
            raise InputError(
                f"{path}:{number}: a line of {len(line):,} characters; a segment has at most {MAX_SEGMENT:,}. "
                "Is this one text a line?"
            )
    return lines


def read_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Records of a JSONL, CSV, TSV or Parquet file, each with the number of its line (its row, in Parquet).

    :raises InputError: naming file and line.
    """
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        yield from _jsonl(path)
    elif suffix in (".csv", ".tsv"):
        yield from _csv(path, "\t" if suffix == ".tsv" else ",")
    elif suffix == ".parquet":
        yield from _parquet(path)
    else:
        raise InputError(f"{path}: cannot tell the format from the ending; use {', '.join(RECORD_SUFFIXES)}")


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: a folder where a file is meant") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    if not data:
        raise InputError(f"{path}: the file is empty")
    return data


def _decode(path: Path, data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{path}:1: this is UTF-16; save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start : error.start + 1].hex()
        raise InputError(
            f"{path}:{line}: not UTF-8 (byte 0x{byte} at position {error.start}); save it as UTF-8"
        ) from None


def _jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(read_lines(path), 1):
        if not line.strip():
            raise InputError(f"{path}:{number}: an empty line; every line of a JSONL file is one record")
        try:
            record = json.loads(line, object_pairs_hook=_no_doubles)
        except _DoubledKeyError as error:
            raise InputError(f"{path}:{number}: the key {error} stands twice in one record") from None
        except (ValueError, RecursionError) as error:
            whole = " (a JSONL file has one whole record a line)" if number == 1 and line.strip() in "[{" else ""
            raise InputError(f"{path}:{number}: not valid JSON: {error}{whole}") from None
        if not isinstance(record, dict):
            raise InputError(
                f'{path}:{number}: a {_json_kind(record)} where a mapping is meant, such as {{"id": ..., "output": ...}}'
            )
        yield number, record


def _csv(path: Path, delimiter: str) -> Iterator[tuple[int, dict[str, Any]]]:
    text = _decode(path, _bytes(path))
    csv.field_size_limit(MAX_SEGMENT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next(reader)
        if len(set(header)) != len(header):
            raise InputError(f"{path}:1: a column's name stands twice in the header")
        for row in reader:
            if not row:
                continue
            if len(row) != len(header):
                raise InputError(f"{path}:{reader.line_num}: {len(row)} fields where the header has {len(header)}")
            yield reader.line_num, dict(zip(header, row, strict=True))
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: not valid {path.suffix[1:].upper()}: {error}") from None


def _parquet(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    import pyarrow
    import pyarrow.parquet

    _bytes(path)
    try:
        table = pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"{path}: not a readable Parquet file: {error}") from None
    yield from enumerate(table.to_pylist(), 1)


class _DoubledKeyError(Exception):
    pass


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        keys = [key for key, _ in pairs]
        raise _DoubledKeyError(repr(next(key for key in keys if keys.count(key) > 1)))
    return record


def _json_kind(value: Any) -> str:
    if value is None:
        return "null"
    return {list: "list", str: "text", bool: "true/false", int: "number", float: "number"}.get(type(value), "value")
