"""Reads lines and records of files other than texts to score: facts, glossaries, settings."""

from __future__ import annotations

from pathlib import Path

from evalkit.data.formats import open_table
from evalkit.data.formats.file_format import Row
from evalkit.data.opening import Input


def read_lines(path: str | Path) -> list[str]:
    """The lines of a UTF-8 text file, split at ``\\n`` and ``\\r\\n`` only.

    :raises InputError: if the file is missing, empty or not UTF-8; the message names the line.
    """
    return [line for _, line in Input(path).lines()]


def read_records(path: str | Path) -> list[Row]:
    """The records of a file in any format, each with the number of its line or row.

    :raises InputError: naming file and line.
    """
    return list(open_table(path).rows)
