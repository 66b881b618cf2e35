"""Base classes for file formats: how a format is recognized and read as records."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from evalkit.data.fields import Fields
from evalkit.data.opening import Input

#: The number of a record in its file (line or row), and its fields.
Row = tuple[int, dict[str, Any]]


@dataclass
class Table:
    """The records of one file, which can be iterated once.

    :param name: the path, for messages.
    :param rows: records in the order of the file. The field ``text`` is the text for the role of the file (a reference,
        a source, an output); ``outputs`` maps systems to texts; all other fields have the names of
        :data:`evalkit.data.fields.ROLES` or those of the file.
    :param unit: the unit of the row numbers: ``line``, ``row``, ``sample``.
    :param languages: tags of source and target, if the file specifies them.
    :param role: the role of its texts, if the file specifies it.
    :param log: whether it is the log of a run, whose own targets are compared with the benchmark's references.
    :param uniform: whether all records have the same fields, those of the columns of the file.
    """

    name: str
    kind: str
    rows: Iterable[Row]
    unit: str = "line"
    languages: tuple[str | None, str | None] = (None, None)
    role: str = ""
    log: bool = False
    uniform: bool = False

    def place(self, number: int) -> str:
        """The location of a record, for messages."""
        return f"{self.name}:{number}" if self.unit == "line" else f"{self.name}, {self.unit} {number}"


@dataclass(frozen=True)
class Format:
    """One file format.

    :param endings: file extensions of this format; files with such an extension but different content are rejected.
    :param sniff: tests whether the beginning of a file has this format.
    """

    name: str
    endings: tuple[str, ...]
    sniff: Callable[[Input], bool]
    read: Callable[[Input, Fields], Table]
