"""Output files of batch APIs in OpenAI's style: the id is the ``custom_id`` of the request.

::

    {"custom_id": "1", "response": {"status_code": 200, "body": {"choices": [{"message": {"content": "Hello!"}}]}}}

Supports bodies of the chat completions and responses APIs, and Anthropic's ``result`` records. A failed request has no
output; a refusal is an empty output.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from evalkit.data.fields import Fields
from evalkit.data.formats.file_format import Row, Table
from evalkit.data.formats.inspect_log import message_text
from evalkit.data.formats.json_records import Log
from evalkit.errors import InputError
from evalkit.files import tell

__all__ = ["BATCH_OUTPUT"]


def _matches(record: Mapping[str, Any]) -> bool:
    return "custom_id" in record and ("response" in record or "result" in record)


def _read(name: str, rows: Iterator[Row], fields: Fields) -> Table:
    return Table(name, "batch output", _replies(name, rows), "line", log=True)


def _replies(name: str, rows: Iterator[Row]) -> Iterator[Row]:
    cut_off: list[str] = []
    for number, row in rows:
        if not _matches(row):
            raise InputError(f"{name}:{number}: no custom_id and response as before; is the file cut short?")
        output, complete = _reply(row, f"{name}:{number}")
        if not complete:
            cut_off.append(str(row["custom_id"]))
        yield number, {"id": row["custom_id"], "output": output}
    if cut_off:
        tell(
            f"{name}: {len(cut_off):,} outputs were cut off by the token limit, for example {cut_off[0]!r}",
        )


def _reply(row: Mapping[str, Any], where: str) -> tuple[str | None, bool]:
    """The text (None for a failed request) and whether it is complete."""
    if isinstance(row.get("result"), dict):
        message = row["result"].get("message")
        if row["result"].get("type") != "succeeded" or not isinstance(message, dict):
            return None, True
        return message_text(message.get("content")) or "", message.get("stop_reason") != "max_tokens"
    response = row.get("response")
    if row.get("error") or not isinstance(response, dict) or response.get("status_code", 200) != 200:
        return None, True
    body = response.get("body", response)
    choices = body.get("choices") if isinstance(body, dict) else None
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        if len(choices) > 1:
            raise InputError(f"{where}: {len(choices)} choices; ask for one (n=1), or give each its own file")
        message = choices[0].get("message")
        text = message_text(message.get("content")) if isinstance(message, dict) else choices[0].get("text")
        return (text if isinstance(text, str) else ""), choices[0].get("finish_reason") != "length"
    items = body.get("output") if isinstance(body, dict) else None
    if isinstance(items, list):
        texts = [message_text(item.get("content")) for item in items if isinstance(item, dict)]
        return "\n".join(text for text in texts if text), body.get("status") != "incomplete"
    raise InputError(f"{where}: the response has neither choices nor output")


BATCH_OUTPUT = Log("batch output", _matches, _read)
