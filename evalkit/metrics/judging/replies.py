"""Parse replies as strict JSON and check them against the schema; error messages tell the model what to correct."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from evalkit.models.chat import ReplyError, well_formed
from evalkit.reading import unique_keys
from evalkit.text.refusals import is_refusal

LONGEST_ERROR = 200


def parse_reply(text: str, form: Any) -> Any:
    """The object in a reply, or in its fenced code block if it is one, with well-formed texts.

    Some servers send the reasoning of a model before its reply, in a block that is skipped.

    :param form: the type of the reply, from :func:`reply_type`.
    :raises ReplyError: if the reply is not valid; the message says what is wrong.
    """
    text = text.strip()
    if text.startswith("<think>"):
        text = text.rpartition("</think>")[2].strip()
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        text = text[3:-3].removeprefix("json").strip()
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=plain_number)
        return msgspec.to_builtins(msgspec.convert(value, form))
    except ReplyError:
        raise
    except RecursionError:
        raise ReplyError("the reply is nested too deeply") from None
    except msgspec.ValidationError as error:
        raise ReplyError(f"the reply does not have the form: {str(error)[:LONGEST_ERROR]}") from None
    except ValueError as error:
        refused = not text.startswith(("{", "[")) and is_refusal(text)
        what = "a refusal" if refused else f"not JSON ({error})"
        raise ReplyError(f"the reply is {what}") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    try:
        parts = unique_keys(pairs)
    except KeyError as error:
        raise ReplyError(f"a name occurs twice in one object: {str(error)[:LONGEST_ERROR]}") from None
    return {name: well_formed(part) if isinstance(part, str) else part for name, part in parts.items()}


def _no_constant(name: str) -> Any:
    raise ReplyError(f"{name} is not JSON")


def plain_number(value: str | float) -> float:
    """A number as a judge should write it: 5 instead of 5.0."""
    number = float(value)
    return int(number) if number.is_integer() else number


def reply_type(schema: Mapping[str, Any]) -> Any:
    """The type of values that fit a schema of :class:`evalkit.metrics.judging.rubric.Rubric`."""
    kind = schema["type"]
    if kind == "object":
        fields = [(name, reply_type(part)) for name, part in schema["properties"].items()]
        return msgspec.defstruct("Reply", fields, forbid_unknown_fields=True)
    if kind == "array":
        return list[reply_type(schema["items"])]  # type: ignore[misc]
    if kind == "string":
        return Literal[tuple(schema["enum"])] if "enum" in schema else str
    number = int if kind == "integer" else float
    return Annotated[number, msgspec.Meta(ge=number(schema["minimum"]), le=number(schema["maximum"]))]
