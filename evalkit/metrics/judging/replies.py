"""Reading replies: strict JSON, checked against the schema, with messages that a model can act on."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from evalkit.models.chat import ReplyError, well_formed

__all__ = ["parse_reply"]

LONGEST_QUOTE = 80


def parse_reply(text: str, schema: Mapping[str, Any]) -> Any:
    """The object in a reply.

    A reply that is one fenced block as a whole is read as its inside; beyond that nothing is guessed.

    :raises ReplyError: saying what is wrong.
    """
    text = text.strip()
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        text = text[3:-3].removeprefix("json").strip()
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except ReplyError:
        raise
    except RecursionError:
        raise ReplyError("the reply is nested too deeply") from None
    except ValueError as error:
        where = (
            f"line {error.lineno}, column {error.colno}: {error.msg}" if isinstance(error, _JSON_ERROR) else str(error)
        )
        raise ReplyError(f"the reply is not JSON ({where})") from None
    return _checked(value, schema, "the reply")


_JSON_ERROR = json.JSONDecodeError


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        raise ReplyError(f"a name occurs twice in one object: {_quoted(max(names, key=names.count))}")
    return value


def _no_constant(name: str) -> Any:
    raise ReplyError(f"{name} is not JSON")


def _checked(value: Any, schema: Mapping[str, Any], where: str) -> Any:
    """The value with well-formed texts.

    :raises ReplyError: where it does not fit the schema.
    """
    kind = schema["type"]
    if kind == "object":
        if not isinstance(value, dict):
            raise ReplyError(f"{where} must be an object, not {_kind(value)}")
        missing = [name for name in schema["required"] if name not in value]
        if missing:
            raise ReplyError(f"{where} lacks {', '.join(missing)}")
        unknown = [name for name in value if name not in schema["properties"]]
        if unknown:
            raise ReplyError(f"{where} has the unknown name {_quoted(unknown[0])}")
        within = "" if where == "the reply" else f"{where}."
        return {name: _checked(value[name], part, f"{within}{name}") for name, part in schema["properties"].items()}
    if kind == "array":
        if not isinstance(value, list):
            raise ReplyError(f"{where} must be a list, not {_kind(value)}")
        return [_checked(item, schema["items"], f"{where}[{i}]") for i, item in enumerate(value)]
    if kind == "string":
        if not isinstance(value, str):
            raise ReplyError(f"{where} must be a text, not {_kind(value)}")
        if "enum" in schema and value not in schema["enum"]:
            raise ReplyError(f"{where} is {_quoted(value)}; it must be one of {', '.join(schema['enum'])}")
        return well_formed(value)
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not isinstance(value, int | float) or (kind == "integer" and not whole):
        raise ReplyError(f"{where} must be {'a whole number' if kind == 'integer' else 'a number'}, not {_kind(value)}")
    if not (math.isfinite(value) and schema["minimum"] <= value <= schema["maximum"]):
        raise ReplyError(
            f"{where} is {value!r:.{LONGEST_QUOTE}}; it must lie from {schema['minimum']:g} to {schema['maximum']:g}"
        )
    return value


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), f"{value!r:.{LONGEST_QUOTE}}")


def _quoted(text: str) -> str:
    return json.dumps(text[:LONGEST_QUOTE])
