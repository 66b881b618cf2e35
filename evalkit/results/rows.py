"""Rows of a table: a sequence that prints readably and converts to dictionaries, Arrow and pandas."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_type_hints, overload

from evalkit.wording import count

if TYPE_CHECKING:
    import pandas
    import pyarrow

Row = TypeVar("Row")

#: Maximum number of rows printed.
PRINTED = 20


class Rows(Sequence[Row], Generic[Row]):
    """A sequence of instances of one dataclass.

    :param row: the dataclass; its ``str`` is printed as one line.
    :param name: the plural noun for the rows, such as ``differences``.
    """

    def __init__(self, row: type[Row], name: str, rows: Iterable[Row]) -> None:
        self._row: Any = row
        self._name, self._rows = name, tuple(rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Rows[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Rows[Row]:
        return Rows(self._row, self._name, self._rows[index]) if isinstance(index, slice) else self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        lines = list(map(str, self._rows[:PRINTED])) or [f"<no {self._name}>"]
        more = f"... {count(len(self) - PRINTED, f'more {self._name}'.removesuffix('s'))}"
        return "\n".join([*lines, more] if len(self) > PRINTED else lines)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as plain dictionaries."""
        return [getattr(row, "as_dict", lambda row=row: dataclasses.asdict(row))() for row in self._rows]

    def to_arrow(self) -> pyarrow.Table:
        """Return the rows as a ``pyarrow.Table``; undefined values are null."""
        import pyarrow

        # A column without values has a type, too, so that tables of several runs can be combined.
        plain = {str: pyarrow.string(), float: pyarrow.float64(), int: pyarrow.int64(), bool: pyarrow.bool_()}
        types: dict[Any, Any] = {**plain, **{kind | None: of for kind, of in plain.items()}}
        columns = {
            name: pyarrow.array([getattr(row, name) for row in self._rows], types.get(of))
            for name, of in get_type_hints(self._row).items()
        }
        return pyarrow.table(columns)

    def to_pandas(self) -> pandas.DataFrame:
        """Return the rows as a pandas DataFrame; undefined numbers are NaN."""
        import pandas

        types = get_type_hints(self._row)
        records = [[getattr(row, name) for name in types] for row in self._rows]
        frame: pandas.DataFrame = pandas.DataFrame(records, columns=list(types))
        typed: pandas.DataFrame = frame.astype({name: "float64" for name, of in types.items() if of == float | None})
        return typed
