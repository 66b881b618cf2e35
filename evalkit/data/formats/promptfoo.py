"""Results of promptfoo (``promptfoo eval -o results.json`` or ``.jsonl``); each provider is a system.

::

    {"evalId": "...", "results": {"results": [{"testIdx": 0, "promptIdx": 0, "provider": {"id": "openai:gpt-4o"},
      "vars": {"source": "你好", "reference": "Hello"}, "response": {"output": "Hello!"}}]}}

Sources and references are variables of the test: ``source`` and ``reference``, or the names given with ``--field
source=text``.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from evalkit.data.fields import ROLES, Fields
from evalkit.data.formats.file_format import Row
from evalkit.data.formats.json_records import Log
from evalkit.errors import InputError


def _document(name: str, value: dict[str, Any]) -> list[Any] | None:
    results = value.get("results")
    if isinstance(results, dict):
        results = results.get("results")
    if isinstance(results, list) and results and isinstance(results[0], dict) and _matches(results[0]):
        return results
    return None


def _matches(record: Mapping[str, Any]) -> bool:
    return record.keys() >= {"vars", "provider"} and ("response" in record or "error" in record)


def _results(name: str, rows: Iterator[Row], fields: Fields) -> Iterator[Row]:
    result_rows = list(rows)
    prompts = {str(row.get("promptIdx")) for _, row in result_rows}
    labels = {_label(row) for _, row in result_rows}
    # Several prompts for one provider count as several systems.
    several = len(prompts) > len(labels)
    texts = (name for role in ("id", "source", "references", "article") for name in ROLES[role])
    roles = dict.fromkeys([*texts, *(name for names in fields.named.values() for name in names)])
    for number, row in result_rows:
        where = f"{name}, result {number}"
        if not _matches(row) or not isinstance(row["vars"], dict):
            raise InputError(f"{where}: not a result of promptfoo as before")
        response = row.get("response")
        output = response.get("output") if isinstance(response, dict) else None
        if output is not None and not isinstance(output, str):
            raise InputError(f"{where}: the output is not a text; remove the transform that parses it")
        system = _label(row) + (f" prompt {row.get('promptIdx')}" if several else "")
        record = {
            **{name: row["vars"][name] for name in roles if name in row["vars"]},
            "score": row.get("score"),
            "vars": row["vars"],
            "system": re.sub(r"[/\\\"'`|<>]", "_", system),
            "output": output,
        }
        if isinstance(row.get("testIdx"), int):
            record["position"] = row["testIdx"]
        yield number, record


def _label(row: Mapping[str, Any]) -> str:
    provider = row.get("provider")
    if isinstance(provider, dict):
        provider = provider.get("label") or provider.get("id")
    return str(provider)


PROMPTFOO = Log("promptfoo", "result", _matches, _results, _document)
