"""People's scores of the outputs of a run: reading and checking."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evalkit.data.records import read_records
from evalkit.errors import InputError

__all__ = ["HumanScores", "read_human_scores"]

#: names of a score's column, and whether higher is better.
_SCORES = {"mqm": False, "errors": False, "score": True, "da": True, "esa": True, "z": True}


@dataclass(frozen=True, eq=False)
class HumanScores:
    """Scores by system, in the order of the segments.

    :param scores: by system, float64[n], higher is better, nan where not judged.
    :param column: the column they were read from; ``turned`` says that its sign was turned.
    """

    scores: dict[str, NDArray[np.float64]]
    column: str
    turned: bool


def read_human_scores(path: str | Path, ids: Sequence[str], *, column: str | None = None) -> HumanScores:
    """A CSV, TSV, JSONL or Parquet file with a score a record.

    Columns: ``system``; ``id`` (the segment's) or ``line`` (its number from 1), or, for line-aligned data with articles,
    ``doc`` and ``line``, the line's number within the file; and the score: ``mqm`` (lower is better), ``score``, ``da``,
    ``esa``, ``z`` (higher is better), or the column that is named. Several scores of one output are averaged.

    :raises InputError: naming file and line.
    """
    path = Path(path)
    number = {id_: i for i, id_ in enumerate(ids)}
    sums: dict[str, NDArray[np.float64]] = {}
    counts: dict[str, NDArray[np.float64]] = {}
    for at, record in read_records(path):
        where = f"{path}:{at}"
        if column is None:
            column = next((name for name in _SCORES if name in record), None)
        if column is None or column not in record:
            raise InputError(
                f"{where}: no column {column or 'mqm, score, da, esa or z'}; there are {', '.join(record)}"
            )
        if "system" not in record or not ("id" in record or "line" in record):
            raise InputError(f"{where}: the columns system and id (or line) are needed; there are {', '.join(record)}")
        system = str(record["system"])
        if "id" in record:
            place = number.get(str(record["id"]))
        else:
            line = str(record["line"])
            place = int(line) - 1 if line.isdigit() and 0 < int(line) <= len(ids) else None
        if place is None:
            raise InputError(
                f"{where}: no segment {record.get('id', record.get('line'))!r} in the run ({len(ids)} segments)"
            )
        value = record[column]
        if value is None or value == "":
            continue
        try:
            score = float(value)
        except (TypeError, ValueError):
            raise InputError(f"{where}: {column} is {value!r}, not a number") from None
        if not math.isfinite(score):
            raise InputError(f"{where}: {column} is {value!r}; leave out what was not judged")
        if system not in sums:
            sums[system], counts[system] = np.zeros(len(ids)), np.zeros(len(ids))
        sums[system][place] += score
        counts[system][place] += 1
    if not sums or column is None:
        raise InputError(f"{path}: no scores")
    turned = not _SCORES.get(column, True)
    sign = -1.0 if turned else 1.0
    scores = {
        name: np.where(counts[name] > 0, sign * sums[name] / np.maximum(counts[name], 1), np.nan) for name in sums
    }
    return HumanScores(scores, column, turned)
