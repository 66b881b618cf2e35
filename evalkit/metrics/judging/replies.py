"""Parse replies as strict JSON and check them against the schema; error messages tell the model what to correct."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from evalkit.models.chat import ReplyError, well_formed
from evalkit.reading import unique_keys

LONGEST_QUOTE = 80


def parse_reply(text: str, schema: Mapping[str, Any]) -> Any:
    """Return the object in a reply.

    If the whole reply is one fenced code block, its content is used; nothing else is guessed.

    :raises ReplyError: if the reply is not valid; the message says what is wrong.
    """
    text = text.strip()
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        text = text[3:-3].removeprefix("json").strip()
    try:
        value = json.loads(text, object_pairs_hook=unique_keys, parse_constant=_no_constant)
    except ReplyError:
        raise
    except KeyError as error:
        raise ReplyError(f"a name occurs twice in one object: {_quoted(error.args[0])}") from None
    except RecursionError:
        raise ReplyError("the reply is nested too deeply") from None
    except ValueError as error:
        raise ReplyError(f"the reply is not JSON ({error})") from None
    return _checked(value, schema, "the reply")


def _no_constant(name: str) -> Any:
    raise ReplyError(f"{name} is not JSON")


_KINDS: dict[str, tuple[Any, str]] = {
    "object": ((dict,), "an object"),
    "array": ((list,), "a list"),
    "string": ((str,), "a text"),
    "integer": ((int, float), "a whole number"),
    "number": ((int, float), "a number"),
}
_NAMES = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}


def _checked(value: Any, schema: Mapping[str, Any], where: str) -> Any:
    """Check a value and return it with well-formed texts.

    :raises ReplyError: if it does not match the schema.
    """
    types, description = _KINDS[schema["type"]]
    fraction = schema["type"] == "integer" and isinstance(value, float) and not value.is_integer()
    if not isinstance(value, types) or isinstance(value, bool) or fraction:
        raise ReplyError(f"{where} must be {description}, not {_NAMES.get(type(value), f'{value!r:.{LONGEST_QUOTE}}')}")
    if isinstance(value, dict):
        return _checked_object(value, schema, where)
    if isinstance(value, list):
        return [_checked(item, schema["items"], f"{where}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, str):
        if value not in schema.get("enum", (value,)):
            raise ReplyError(f"{where} is {_quoted(value)}; it must be one of {', '.join(schema['enum'])}")
        return well_formed(value)
    if not (math.isfinite(value) and schema["minimum"] <= value <= schema["maximum"]):
        raise ReplyError(
            f"{where} is {value!r:.{LONGEST_QUOTE}}; it must lie from {schema['minimum']:g} to {schema['maximum']:g}"
        )
    return value


def _checked_object(value: Mapping[str, Any], schema: Mapping[str, Any], where: str) -> dict[str, Any]:
    if missing := [name for name in schema["required"] if name not in value]:
        raise ReplyError(f"{where} lacks {', '.join(missing)}")
    if unknown := [name for name in value if name not in schema["properties"]]:
        raise ReplyError(f"{where} has the unknown name {_quoted(unknown[0])}")
    within = "" if where == "the reply" else f"{where}."
    return {name: _checked(value[name], part, f"{within}{name}") for name, part in schema["properties"].items()}


def _quoted(text: str) -> str:
    return json.dumps(text[:LONGEST_QUOTE])
