"""Reads recorded scores (one number per system and segment) in the formats of other tools."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.data.formats.json_records import parse_json
from evalkit.data.records import read_lines, read_records
from evalkit.errors import InputError

__all__ = ["read_recorded_scores"]

#: system, id or None, index from 0 or None, value, location in the file.
_Row = tuple[str, "str | None", "int | None", Any, str]


def read_recorded_scores(
    path: str | Path, ids: Sequence[str], *, column: str | None = None
) -> dict[str, dict[str, float]]:
    """The scores of a file, by system and segment id.

    =============================  ==================================================================================
    CSV, TSV, JSONL, Parquet       columns system, id (or line, from 1) and ``score``, or the given column
    ``.seg.score``                 of mt-metrics-eval: system, tab, score; the lines of a system in segment order
    ``.json`` of ``comet-score``   by file of outputs (its stem is the system), the segments in order; column COMET
    log of inspect_ai (``.json``)  the given scorer, one system per file (its stem)
    lm-evaluation-harness samples  the given field, one system per file (its stem)
    =============================  ==================================================================================

    An empty value, ``None`` or ``null`` means that the score is missing.

    :param ids: the segment ids of the task, in order.
    :param column: the name of the score; defaults to ``score`` (``COMET`` for comet-score).
    :raises InputError: naming file and line: a missing column, a value that is not a number, an unknown segment, a
        second score for a segment, or a number of segments that differs from the task.
    """
    path = Path(path)
    known = set(ids)
    scores: dict[str, dict[str, float]] = {}
    first: dict[tuple[str, str], str] = {}
    places: dict[str, int] = {}
    for system, id_, place, value, where in _rows(path, column):
        if not system.strip():
            raise InputError(f"{where}: the name of the system is empty")
        if id_ is None or (id_ not in known and place is not None):
            if place is None or not 0 <= place < len(ids):
                raise InputError(f"{where}: no segment {(place or 0) + 1}; the task has {len(ids)} segments")
            id_ = ids[place]
            places[system] = places.get(system, 0) + 1
        elif id_ not in known:
            raise InputError(f"{where}: no segment {id_!r} in the task; its first is {ids[0]!r}")
        if (system, id_) in first:
            raise InputError(
                f"{where}: a second score of system {system!r} for the segment {id_!r}, first at {first[system, id_]}; "
                "average them before"
            )
        first[system, id_] = where
        by_id = scores.setdefault(system, {})
        number = _number(value, where)
        if number is not None:
            by_id[id_] = number
    if not any(scores.values()):
        raise InputError(f"{path}: no scores")
    if path.suffix.lower() in (".score", ".json"):
        for system, count in places.items():
            if count != len(ids):
                raise InputError(
                    f"{path}: {count} scores of system {system!r} in segment order, but the task has {len(ids)} segments"
                )
    return scores


def _rows(path: Path, column: str | None) -> Iterator[_Row]:
    name = path.name.lower()
    if name.endswith(".seg.score"):
        yield from _seg_score(path)
    elif name.endswith((".sys.score", ".doc.score", ".domain.score")):
        raise InputError(f"{path}: scores of whole systems or documents; scores by segment are needed (.seg.score)")
    elif name.endswith(".json"):
        yield from _json(path, column)
    else:
        yield from _records(path, column)


def _seg_score(path: Path) -> Iterator[_Row]:
    counts: dict[str, int] = {}
    for number, line in enumerate(read_lines(path), 1):
        where = f"{path}:{number}"
        fields = line.split("\t") if "\t" in line else line.split()
        if len(fields) != 2:
            raise InputError(f"{where}: {len(fields)} fields; a line of a .seg.score file is system, tab, score")
        system, value = fields
        place = counts.get(system, 0)
        counts[system] = place + 1
        yield system, None, place, value, where


def _records(path: Path, column: str | None) -> Iterator[_Row]:
    wanted = column or "score"
    for number, record in read_records(path, (wanted,)):
        where = f"{path}:{number}"
        if wanted not in record:
            raise InputError(
                f"{where}: no column {wanted!r}; there are {', '.join(map(repr, record))}. "
                "Name the one that holds the scores: NAME(column=...)=FILE"
            )
        if {"doc_id", "doc", "resps"} <= set(record):
            doc = record["doc"]
            id_ = doc.get("id") if isinstance(doc, Mapping) else None
            place = record["doc_id"] if isinstance(record["doc_id"], int) else None
            yield path.stem, None if id_ is None else str(id_), place, record[wanted], where
            continue
        if "system" not in record or not ("id" in record or "line" in record):
            raise InputError(f"{where}: the columns system and id (or line) are needed; there are {', '.join(record)}")
        system = str(record["system"])
        if "id" in record:
            yield system, str(record["id"]), None, record[wanted], where
        else:
            line = str(record["line"])
            yield system, None, int(line) - 1 if line.isdecimal() else -1, record[wanted], where


def _json(path: Path, column: str | None) -> Iterator[_Row]:
    try:
        content = parse_json("\n".join(read_lines(path)))
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{path}: not valid JSON: {error}; is the file cut short?") from None
    if isinstance(content, dict) and isinstance(content.get("samples"), list):
        yield from _inspect_log(path, content["samples"], column)
    elif isinstance(content, dict) and content and all(isinstance(v, list) for v in content.values()):
        yield from _comet_json(path, content, column or "COMET")
    else:
        raise InputError(
            f"{path}: neither the JSON of comet-score (a list of segments for each file of outputs) nor a log of inspect_ai; "
            "give scores as JSONL, one record per line: system, id, score"
        )


def _comet_json(path: Path, content: Mapping[str, Iterable[Any]], column: str) -> Iterator[_Row]:
    for file, segments in content.items():
        for place, segment in enumerate(segments):
            where = f"{path}, {file}, segment {place + 1}"
            if not isinstance(segment, dict) or column not in segment:
                raise InputError(f"{where}: no score {column!r}; name another with NAME(column=...)=FILE")
            yield Path(file).stem, None, place, segment[column], where


def _inspect_log(path: Path, samples: Sequence[Any], column: str | None) -> Iterator[_Row]:
    for place, sample in enumerate(samples):
        where = f"{path}, sample {place + 1}"
        scores = sample.get("scores") if isinstance(sample, dict) else None
        if not isinstance(scores, dict):
            continue  # failed samples have no score
        if column is None and len(scores) == 1:
            column = next(iter(scores))
        scorer, _, part = (column or "").partition("/")
        if scorer not in scores or not isinstance(scores[scorer], dict):
            raise InputError(
                f"{where}: no scorer {scorer!r}; there are {', '.join(scores)}. Name one: NAME(column=...)=FILE"
            )
        value = scores[scorer].get("value")
        if part:
            value = value.get(part) if isinstance(value, dict) else None
        if sample.get("epoch", 1) != 1:
            raise InputError(f"{where}: the log holds several epochs; run inspect_ai with --epochs 1")
        id_ = sample.get("id")
        # If the dataset has no ids, inspect_ai numbers the samples from 1.
        numbered = isinstance(id_, int) and not isinstance(id_, bool)
        yield path.stem, str(id_), id_ - 1 if numbered else None, value, where


def _number(value: Any, where: str) -> float | None:
    """The score, or None if it is missing."""
    if value is None or (isinstance(value, str) and value.strip() in ("", "None", "null", "NA")):
        return None
    try:
        if isinstance(value, bool | Mapping | list):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{where}: the score is {str(value)[:40]!r}, not a number") from None
    if not math.isfinite(number):
        raise InputError(f"{where}: the score is {value!r}; leave out what was not scored")
    return number
