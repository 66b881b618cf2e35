"""The settings of a metric: the fields of its dataclass, their checks, and how their values are written."""

import dataclasses
import os
import sys
from collections.abc import Sequence
from dataclasses import field
from typing import Any

from evalkit.arguments import plain
from evalkit.errors import SettingError

_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a name"}


def setting(
    default: Any = None,
    *,
    kind: type = str,
    choices: Sequence[Any] = (),
    low: float | None = None,
    high: float | None = None,
    by_lang: bool = False,
    open_to_callables: bool = False,
    doc: str,
) -> Any:
    """A field of a metric.

    :param default: the value if none is given; None leaves the setting open.
    :param kind: the type to which a value in a string is converted.
    :param choices: the allowed values; empty allows any.
    :param low: the lowest number allowed, ``high`` the highest.
    :param open_to_callables: whether a function may be given in place of a name.
    :param by_lang: whether None means "chosen by the target language".
    :param doc: one line for the list of a metric's settings.
    """
    facts = {"kind": kind, "choices": tuple(choices), "low": low, "high": high, "by_lang": by_lang}
    return field(default=default, metadata={**facts, "callable": open_to_callables, "doc": doc})


def checked_setting(metric: str, f: dataclasses.Field[Any], value: Any) -> Any:
    """Return the value in the type of the setting, so that equal metrics have equal signatures."""
    kind, choices = f.metadata.get("kind", object), f.metadata.get("choices", ())
    if (value is None and f.default is None) or (callable(value) and f.metadata.get("callable")):
        return value
    value = os.fspath(value) if kind is str and isinstance(value, os.PathLike) else plain(value)
    types = (int, float) if kind is float else kind
    if not isinstance(value, types) or (kind in (int, float) and isinstance(value, bool)):
        raise SettingError(f"{metric}: {f.name}={spell(value)} is not {_KINDS.get(kind, kind.__name__)}")
    if choices and value not in choices:
        raise SettingError(
            f"{metric}: {f.name}={spell(value)} is unknown; choose from {', '.join(map(spell, choices))}"
        )
    if kind not in (int, float):
        return value
    low, high = f.metadata.get("low"), f.metadata.get("high")
    if not abs(value) <= sys.float_info.max or (low is not None and value < low) or (high is not None and value > high):
        allowed = (
            "a number"
            if low is None
            else f"{low:g} or more"
            if high is None
            else f"a number between {low:g} and {high:,}"
        )
        raise SettingError(f"{metric}: {f.name}={spell(value)} is out of range; use {allowed}")
    return kind(value) + 0  # 0.0 instead of -0.0


def spell(value: Any) -> str:
    """A setting's value, formatted for metric strings and signatures."""
    if isinstance(value, bool):
        return str(value).lower()
    if callable(value):
        return f"{getattr(value, '__module__', '?')}.{getattr(value, '__qualname__', type(value).__qualname__)}"
    return str(value)
