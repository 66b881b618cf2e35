"""The one door to numba: importing this module imports it, so only code that is about to do large work does so."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["compiled"]

_log = logging.getLogger("evalkit")


def compiled(function: F) -> F:
    """The function as machine code, compiled at its first call and kept on disk for the next process.

    The code goes beside the source file, or where that is read-only to numba's folder in the user's cache; where neither
    can be written it is compiled in each process. Integers wrap and indices are not checked, as in C.
    """
    options = {"nogil": True, "error_model": "numpy"}
    try:
        dispatcher = numba.njit(cache=True, **options)(function)
    except RuntimeError as error:
        # numba has no other way to say that no cache folder is writable, and says it here, before any work.
        if "cannot cache function" not in str(error):
            raise
        _log.warning("compiled loops cannot be kept on disk (no writable cache folder): each process compiles anew")
        dispatcher = numba.njit(**options)(function)
    return cast(F, dispatcher)
