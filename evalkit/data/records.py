"""Text lines and records of files that are not texts to score: facts, glossaries, settings."""

from __future__ import annotations

from pathlib import Path

from evalkit.data.fields import Fields
from evalkit.data.formats import open_table
from evalkit.data.formats.base import Row
from evalkit.data.opening import MAX_TEXT, Input

__all__ = ["MAX_SEGMENT", "read_lines", "read_records"]

#: longest text of one segment, in characters, unless ``--max-text`` says otherwise.
MAX_SEGMENT = MAX_TEXT.get()


def read_lines(path: str | Path) -> list[str]:
    """The lines of a UTF-8 text file, split at ``\\n`` and ``\\r\\n`` only.

    :raises InputError: a file that is missing, empty or not UTF-8, with the line.
    """
    return [line for _, line in Input(path).lines()]


def read_records(path: str | Path, columns: tuple[str, ...] = ()) -> list[Row]:
    """Records of a file in any format as they are there, each with the number of its line or row.

    :param columns: names of columns that are needed; of a Parquet file only these are read, and those with usual names.
    :raises InputError: naming file and line.
    """
    return list(open_table(path, Fields(extra=columns, raw=True)).rows)
