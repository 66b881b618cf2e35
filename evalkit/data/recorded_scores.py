"""Reads recorded scores (one number per system and segment) in the formats of other tools."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from evalkit.arguments import checked
from evalkit.data.score_files import read_scores
from evalkit.errors import InputError
from evalkit.files import tell


@checked
def read_recorded_scores(
    path: str | Path,
    ids: Sequence[str],
    *,
    column: str | None = None,
    articles: Sequence[str] | None = None,
    sources: Sequence[str] | None = None,
    outputs: Mapping[str, Sequence[str]] | None = None,
    unordered: str = "",
) -> dict[str, dict[str, float]]:
    """The scores of a file, by system and segment id.

    =============================  ==================================================================================
    CSV, TSV, JSONL, Parquet       columns system, id (or line, from 1) and ``score``, or the given column
    ``.seg.score``                 of mt-metrics-eval: system, tab, score; the lines of a system in segment order
    ``.json`` of ``comet-score``   by file of outputs (its stem is the system), the segments in order; column COMET
    logs                           of inspect_ai (the given scorer), lm-evaluation-harness and promptfoo (the given
                                   field); the system is the stem of the file unless the log names it
    =============================  ==================================================================================

    An empty value, ``None``, ``NA`` or ``null`` means that the score is missing.

    :param ids: the segment ids of the task, in order.
    :param column: the name of the score; defaults to ``score`` (``COMET`` for comet-score).
    :param sources: the sources of the task; ``outputs`` are the outputs of each system. If the file has texts as well,
        they are compared with these, because scores may be in another order, or of other outputs. For the others, see
        :meth:`ScoreFile.by_segment`.
    :raises InputError: naming file and line: a missing column, a value that is not a number, an unknown segment, a
        second score for a segment, a number of segments that differs from the task, or another source or output.
    """
    file = read_scores(path, column=column, usual={"score": None, "COMET": None}, option="NAME(column=...)=FILE")
    scores: dict[str, dict[str, float]] = {}
    first: dict[tuple[str, int], str] = {}
    rows, note = file.by_segment(ids, articles, sources=sources, outputs=outputs, unordered=unordered)
    if note:
        tell(f"{file.path}: {note}")
    for row, place in rows:
        if (row.system, place) in first:
            second = f"a second score of system {row.system!r} for the segment {ids[place]!r}"
            raise InputError(f"{row.where}: {second}, first at {first[row.system, place]}; average them first")
        first[row.system, place] = row.where
        scores.setdefault(row.system, {})[ids[place]] = row.score
    return scores
