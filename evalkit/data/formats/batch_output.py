"""Output files of batch APIs: OpenAI and those in its style, Anthropic, and Gemini.

The id is the ``custom_id`` of the request (``key`` of Gemini)::

    {"custom_id": "1", "response": {"status_code": 200, "body": {"choices": [{"message": {"content": "Hello!"}}]}}}

Supports bodies of the chat completions and responses APIs, Anthropic's ``result`` and Gemini's ``candidates``. A failed
request has no output; a refusal is an empty output.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from evalkit.data.fields import Fields
from evalkit.data.formats.file_format import Row
from evalkit.data.formats.inspect_log import message_text, reported
from evalkit.data.formats.json_records import Log
from evalkit.errors import InputError
from evalkit.files import tell
from evalkit.wording import count


def _matches(record: Mapping[str, Any]) -> bool:
    ids = {"custom_id", "key", "request"} & record.keys()
    kinds = {"response", "result", "body", "error"} & record.keys()
    return bool(ids and kinds) and all(isinstance(record[kind], dict | None) for kind in kinds)


@reported
def _replies(name: str, rows: Iterator[Row], fields: Fields) -> Iterator[Row]:
    failures: Counter[str] = Counter()
    for number, row in rows:
        where = f"{name}:{number}"
        if not _matches(row):
            raise InputError(f"{where}: no custom_id and response as before; is the file cut short?")
        id_ = row.get("custom_id", row.get("key"))
        if "body" in row or id_ is None:
            what = "are requests, not replies" if "body" in row else "have no custom_id or key, and no order"
            raise InputError(f"{where}: the lines {what}; give the output file of a batch whose requests have ids")
        output, ended = _reply(row, where)
        failures[ended] += output is None
        yield number, {"id": id_, "output": output, "ended": ended}
    for reason, n in failures.items():
        if n:
            tell(f"{name}: {count(n, 'request')} failed: {reason}")


def _reply(row: Mapping[str, Any], where: str) -> tuple[str | None, str]:
    """The text and why it ended; None and the reason for a failed request."""
    if isinstance(row.get("result"), dict):
        message = row["result"].get("message")
        if row["result"].get("type") != "succeeded" or not isinstance(message, dict):
            return None, str(row["result"].get("type"))
        return message_text(message.get("content")) or "", str(message.get("stop_reason"))
    response = row.get("response")
    if row.get("error") or not isinstance(response, dict):
        error = row.get("error")
        return None, str(error.get("code") or error.get("message")) if isinstance(error, dict) else "no response"
    if response.get("status_code", 200) != 200:
        return None, f"status {response['status_code']}"
    body = response.get("body", response)
    choices = body.get("choices", body.get("candidates")) if isinstance(body, dict) else None
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        if len(choices) > 1:
            raise InputError(f"{where}: {len(choices)} choices; ask for one (n=1), or give each its own file")
        return _choice(choices[0])
    items = body.get("output") if isinstance(body, dict) else None
    if isinstance(items, list):
        texts = [message_text(item.get("content")) for item in items if isinstance(item, dict)]
        return "\n".join(text for text in texts if text), str(body.get("status"))
    if isinstance(body, dict) and "promptFeedback" in body:
        return "", "refused"
    raise InputError(f"{where}: the response has neither choices, candidates nor output")


def _choice(choice: Mapping[str, Any]) -> tuple[str, str]:
    content = choice.get("content")
    if isinstance(content, dict) or "finishReason" in choice:
        parts = content.get("parts") if isinstance(content, dict) else None
        parts = parts if isinstance(parts, list) else []
        texts = [part.get("text") for part in parts if isinstance(part, dict) and not part.get("thought")]
        return "".join(text for text in texts if isinstance(text, str)), str(choice.get("finishReason"))
    message = choice.get("message")
    text = message_text(message.get("content")) if isinstance(message, dict) else choice.get("text")
    return text if isinstance(text, str) else "", str(choice.get("finish_reason"))


BATCH_OUTPUT = Log("batch output", "line", _matches, _replies)
