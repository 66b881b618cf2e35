"""Build Arrow columns from texts and numbers without importing pandas.

``pyarrow.array`` and ``pyarrow.table`` import pandas if it is installed, to check whether their arguments are pandas
objects. That takes longer than scoring a system, so columns are built from buffers and builders here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray


def strings(values: Iterable[str | None]) -> Any:
    """A ``pyarrow.StringArray``; None becomes null."""
    from pyarrow.lib import StringBuilder

    builder = StringBuilder()
    for value in values:
        builder.append(value)
    return builder.finish()


def numbers(values: NDArray[Any]) -> Any:
    """A ``pyarrow`` array that shares the memory of a one-dimensional array of numbers."""
    import pyarrow

    values = np.ascontiguousarray(values)
    kind = pyarrow.from_numpy_dtype(values.dtype)
    return pyarrow.Array.from_buffers(kind, len(values), [None, pyarrow.py_buffer(values)])


def lists(lengths: Iterable[int], values: Any) -> Any:
    """A ``pyarrow.ListArray`` that splits ``values`` into lists of the given lengths."""
    import pyarrow

    return pyarrow.ListArray.from_arrays(numbers(np.fromiter(accumulate(lengths, initial=0), np.int32)), values)


def string_lists(values: Sequence[Sequence[str]]) -> Any:
    """A ``pyarrow.ListArray`` of strings."""
    return lists(map(len, values), strings(text for texts in values for text in texts))


def constant(value: str, length: int) -> Any:
    """A ``pyarrow.DictionaryArray`` of one string, repeated."""
    import pyarrow

    return pyarrow.DictionaryArray.from_arrays(numbers(np.zeros(length, np.int32)), strings([value]))
