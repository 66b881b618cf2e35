"""Notices columns that number the records of a file in another order than that of the file."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np


class Numbering:
    """The columns of whole numbers of a table, record by record.

    Records without ids are matched by their position in the file, which is wrong if the file was shuffled or sorted by
    something else and a column such as ``index`` has the positions.
    """

    def __init__(self) -> None:
        self._columns: dict[str, array[int]] | None = None

    def add(self, record: Mapping[str, Any]) -> None:
        """Add a record."""
        if self._columns is None:
            self._columns = {name: array("q") for name in record}
        for name, numbers in list(self._columns.items()):
            number = _whole(record.get(name))
            if number is None:
                del self._columns[name]
            else:
                numbers.append(number)

    @property
    def shuffled(self) -> str:
        """A column, in words, with each of the numbers from 0 or 1 once, but not in order; empty if there is none."""
        for name, numbers in (self._columns or {}).items():
            given = np.frombuffer(numbers, np.int64)
            ordered = np.sort(given)
            if ordered[0] in (0, 1) and (np.diff(ordered) == 1).all() and (ordered != given).any():
                return f"the column {name!r}"
        return ""


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and len(value) < 10 and value.isascii() and value.isdecimal():
        return int(value)
    return value if type(value) is int and 0 <= value < 1 << 62 else None
