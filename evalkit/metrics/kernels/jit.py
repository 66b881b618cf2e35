"""The only module that imports numba; it is imported only before large amounts of work."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.extending import register_jitable

F = TypeVar("F", bound=Callable[..., Any])

_log = logging.getLogger("evalkit")


def compiled(function: F, *called: Callable[..., Any]) -> F:
    """Compile the function at its first call, and cache the code next to the source file, or in the user's cache if that is
    read-only, for later processes. Integers wrap around and indices are not checked, as in C.

    :param called: functions of Python that it calls, which can still be called as they are.
    """
    for inner in called:
        register_jitable(error_model="numpy")(inner)
    options = {"nogil": True, "error_model": "numpy"}
    try:
        dispatcher = numba.njit(cache=True, **options)(function)
    except RuntimeError as error:
        # This is how numba reports, before any work, that no cache folder is writable.
        if "cannot cache function" not in str(error):
            raise
        _log.warning(
            "compiled loops cannot be kept on disk (no writable cache folder): each process has to compile them again"
        )
        dispatcher = numba.njit(**options)(function)
    return cast(F, dispatcher)
