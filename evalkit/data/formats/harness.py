"""Sample logs of lm-evaluation-harness (``samples_*.jsonl``, written with ``--log_samples``).

One sample per line (an array of them before April 2024)::

    {"doc_id": 0, "doc": {"source": "你好", "ref": "Hello"}, "target": "Hello", "arguments": [["Translate: 你好"]],
     "resps": [["Hello!"]], "filtered_resps": ["Hello!"]}

The source is in ``doc``; if its field is not ``source`` or ``src``, specify it with ``--field source=doc.text``.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evalkit.data.fields import Fields
from evalkit.data.formats.file_format import Row
from evalkit.data.formats.json_records import Log
from evalkit.errors import InputError
from evalkit.wording import kind_of

_KEYS = {"doc_id", "doc", "resps", "filtered_resps"}


def _matches(record: Mapping[str, Any]) -> bool:
    return record.keys() >= _KEYS


def _samples(name: str, rows: Iterator[Row], fields: Fields) -> Iterator[Row]:
    filters: dict[str, int] = {}
    for number, row in rows:
        where = f"{name}:{number}"
        if not _matches(row):
            raise InputError(f"{where}: not a sample of lm-evaluation-harness as before; is the log cut short?")
        filters.setdefault(str(row.get("filter", "none")), number)
        if len(filters) > 1:
            named = " and ".join(filters)
            raise InputError(f"{where}: the log has the outputs of several filters ({named}); keep the lines of one")
        if type(row["doc_id"]) is not int:
            raise InputError(f"{where}: doc_id is {kind_of(row['doc_id'])}, not a whole number")
        response = row["filtered_resps"]
        while isinstance(response, list) and len(response) == 1:
            response = response[0]
        if not isinstance(response, str) and not fields.scores:
            having = "only tasks of the output type generate_until with one response per sample have outputs"
            raise InputError(f"{where}: filtered_resps is not one text; {having}")
        doc = row["doc"] if isinstance(row["doc"], dict) else {}
        record = {**row, "position": row["doc_id"], "output": response, "article": None}
        for role in ("source", "src", "translation"):
            if isinstance(doc.get(role), str | dict):
                record["translation" if role == "translation" else "source"] = doc[role]
        if isinstance(doc.get("id"), str | int):
            record["id"] = doc["id"]
        if isinstance(row.get("target"), str | list):
            record["references"] = row["target"]
        yield number, record


def sample_logs(folder: Path) -> list[Path]:
    """The sample logs in a folder of results: of one model, or with a folder per model."""
    return sorted([*folder.glob("samples_*.jsonl"), *folder.glob("*/samples_*.jsonl")])


HARNESS = Log("lm-evaluation-harness", "line", _matches, _samples)
