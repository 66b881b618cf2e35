"""What a file format is: how it is recognized, and how it is read as records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evalkit.data.fields import Fields
from evalkit.data.opening import Input

__all__ = ["Format", "Head", "Row", "Table"]

#: the number of a record in its file (a line, a row), and its fields.
Row = tuple[int, dict[str, Any]]


@dataclass(frozen=True)
class Head:
    """The beginning of a file, for recognizing it.

    :param data: the first bytes, decompressed; ``text`` the same as text.
    :param suffix: the ending of the name in lower case.
    """

    data: bytes
    text: str
    suffix: str

    @property
    def first_line(self) -> str:
        """The first line, without its end."""
        return self.text.partition("\n")[0].rstrip("\r")


@dataclass
class Table:
    """The records of one file, which are read once.

    :param name: the path, for messages.
    :param kind: the name of the format.
    :param rows: records in the order of the file. The field ``text`` is what the file was given for (a reference, a source,
        an output); ``outputs`` maps systems to texts; all other fields have the names of :data:`evalkit.data.fields.ROLES`
        or those of the file.
    :param unit: what the numbers of rows count: ``line``, ``row``, ``sample``.
    :param languages: tags of source and target, where the file names them.
    :param log: whether it is the log of a run, whose own targets are compared with the benchmark's references.
    """

    name: str
    kind: str
    rows: Iterable[Row]
    unit: str = "line"
    languages: tuple[str | None, str | None] = (None, None)
    log: bool = False

    def place(self, number: int) -> str:
        """Where a record is, for a message."""
        return f"{self.name}:{number}" if self.unit == "line" else f"{self.name}, {self.unit} {number}"


@dataclass(frozen=True)
class Format:
    """One file format.

    :param name: for messages and documentation.
    :param endings: endings that promise this format; a file of another kind under such a name is refused.
    :param sniff: whether the beginning of a file shows this format.
    :param read: from the file to its records.
    """

    name: str
    endings: tuple[str, ...]
    sniff: Callable[[Head], bool]
    read: Callable[[Input, Fields], Table]


def by_number(records: Iterable[Mapping[str, Any]], first: int = 1) -> Iterator[Row]:
    """Records with their numbers."""
    for number, record in enumerate(records, first):
        yield number, dict(record)
