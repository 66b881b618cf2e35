"""Outputs from the logs of evaluation harnesses, told by their form.

Read are the sample logs of lm-evaluation-harness (``samples_*.jsonl``, written with ``--log_samples``) and the JSON logs of
inspect_ai (``--log-format json``). Both keep more than the output; only what the model said is taken.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.data.records import read_lines
from evalkit.errors import OutputsError

__all__ = ["LogRecord", "read_log"]


@dataclass(frozen=True)
class LogRecord:
    """One output of a log.

    :param where: for messages.
    :param id: the id the log gives it, or None.
    :param position: its place in the log's dataset, from 0, where the dataset gave no id of its own.
    """

    where: str
    id: str | None
    position: int | None
    text: str


def read_log(path: Path) -> list[LogRecord] | None:
    """The outputs of a log, or None where the file is no log.

    :raises OutputsError: a log without outputs a benchmark can take: an unfinished run, several epochs or filters, scores of
        choices instead of texts.
    :raises InputError: a file that cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix == ".eval":
        raise OutputsError(f"{path}: inspect_ai's own log format; make JSON of it: inspect log convert --to json")
    if suffix == ".json":
        return _json(path)
    if suffix in (".jsonl", ".ndjson"):
        return _harness(path)
    return None


# -- lm-evaluation-harness ------------------------------------------------------------------------------------------

_HARNESS = {"doc_id", "doc", "resps", "filtered_resps"}


def _harness(path: Path) -> list[LogRecord] | None:
    if not path.is_file() or not _first_is_harness(path):
        return None
    records: list[LogRecord] = []
    filters: dict[str, int] = {}
    for number, line in enumerate(read_lines(path), 1):
        where = f"{path}:{number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise OutputsError(f"{where}: not valid JSON: {error}; is the log cut short?") from None
        if not isinstance(row, dict) or not set(row) >= _HARNESS:
            raise OutputsError(
                f"{where}: not a sample of lm-evaluation-harness as the lines before; is the log cut short?"
            )
        filters.setdefault(str(row.get("filter", "none")), number)
        if len(filters) > 1:
            names = " and ".join(filters)
            raise OutputsError(
                f"{where}: the log holds the outputs of several filters ({names}); keep the lines of one of them"
            )
        records.append(_sample(row, where))
    return records


def _first_is_harness(path: Path) -> bool:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        try:
            first = json.loads(file.readline())
        except (ValueError, RecursionError):
            return False
    return isinstance(first, dict) and set(first) >= _HARNESS


def _sample(row: Mapping[str, Any], where: str) -> LogRecord:
    said = row["filtered_resps"]
    if isinstance(said, list) and len(said) == 1:
        said = said[0]
    if not isinstance(said, str):
        raise OutputsError(
            f"{where}: filtered_resps is not one text; only tasks of the output type generate_until with one response each "
            "give outputs"
        )
    doc = row["doc"]
    id_ = _id(doc.get("id")) if isinstance(doc, dict) else None
    place = row["doc_id"]
    return LogRecord(where, id_, place if id_ is None and isinstance(place, int) else None, said)


# -- inspect_ai -----------------------------------------------------------------------------------------------------


def _json(path: Path) -> list[LogRecord] | None:
    try:
        log = json.loads("\n".join(read_lines(path)))
    except (ValueError, RecursionError) as error:
        raise OutputsError(f"{path}: not valid JSON: {error}; is the file cut short?") from None
    if not isinstance(log, dict) or not isinstance(log.get("eval"), dict) or "status" not in log:
        raise OutputsError(
            f"{path}: a JSON file that is no log of inspect_ai; give outputs as JSONL, a record a line: "
            '{"id": ..., "output": ...}'
        )
    if log["status"] != "success":
        raise OutputsError(f"{path}: the run of this log ended with the status {log['status']!r}; finish it first")
    samples = log.get("samples")
    if not isinstance(samples, list):
        raise OutputsError(f"{path}: the log holds no samples; run inspect_ai with --log-samples")
    records: list[LogRecord] = []
    for number, sample in enumerate(samples, 1):
        where = f"{path}, sample {number}"
        if not isinstance(sample, dict) or not isinstance(sample.get("output"), dict):
            raise OutputsError(f"{where}: not a sample of inspect_ai")
        if sample.get("epoch", 1) != 1:
            raise OutputsError(f"{where}: the log holds several epochs; run inspect_ai with --epochs 1")
        # What failed has no output: it is missing, and said to be.
        if not sample.get("error"):
            id_ = sample.get("id")
            # Without ids of the dataset, inspect_ai numbers the samples from 1.
            position = id_ - 1 if isinstance(id_, int) and not isinstance(id_, bool) else None
            records.append(LogRecord(where, _id(id_), position, _completion(sample["output"], where)))
    return records


def _completion(output: Mapping[str, Any], where: str) -> str:
    """The text of the first choice, without its reasoning."""
    said = output.get("completion")
    if isinstance(said, str):
        return said
    try:
        content = output["choices"][0]["message"]["content"]
        if isinstance(content, list):
            content = "\n".join(part["text"] for part in content if part["type"] == "text")
    except (LookupError, TypeError):
        raise OutputsError(f"{where}: no output of a model") from None
    if not isinstance(content, str):
        raise OutputsError(f"{where}: the output is no text")
    return content


def _id(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None
