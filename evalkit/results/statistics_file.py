"""``statistics.parquet`` of a run folder: one row per task, metric, system and segment, written and read in blocks.

Regardless of the number of segments, only one block is in memory in addition to the statistics themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import product, repeat
from pathlib import Path
from typing import Any, NamedTuple

from evalkit.errors import RunFolderError
from evalkit.reading import arrow_source
from evalkit.results.arrow_columns import constant, lists, numbers, strings
from evalkit.results.packed import PackedRows, PackedStatistics
from evalkit.results.results import Results
from evalkit.results.run_json import TaskHead
from evalkit.results.task_results import ScoredMetric, TaskResults
from evalkit.wording import count

#: Number of rows of a row group.
BLOCK = 16_384


class LoadedTask(NamedTuple):
    """Ids, articles (or None) and statistics."""

    ids: tuple[str, ...]
    articles: tuple[str, ...] | None
    statistics: PackedStatistics


def write_statistics(path: Path, results: Results) -> None:
    """Write the statistics of all tasks."""
    import pyarrow
    import pyarrow.parquet

    name, text = pyarrow.dictionary(pyarrow.int32(), pyarrow.string()), pyarrow.string()
    types = {"task": name, "metric": name, "system": name, "article": text, "segment": text}
    schema = pyarrow.schema({**types, "statistics": pyarrow.list_(pyarrow.float64())}.items())
    with path.open("wb") as file, pyarrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        waiting: list[Any] = []
        for columns in (c for task in results.tasks for c in _blocks(task)):
            # Small tasks share a row group.
            if waiting and sum(map(len, waiting)) + len(columns[-1]) > BLOCK:
                writer.write_table(pyarrow.concat_tables(waiting).unify_dictionaries().combine_chunks())
                waiting = []
            waiting.append(pyarrow.Table.from_arrays(columns, schema=schema))
        if waiting:
            writer.write_table(pyarrow.concat_tables(waiting).unify_dictionaries().combine_chunks())


def _blocks(task: TaskResults) -> Iterator[list[Any]]:
    n = len(task.ids)
    ranges = [(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]
    ids = [strings(task.ids[a:b]) for a, b in ranges]
    articles = [strings(task.articles[a:b] if task.articles else repeat(None, b - a)) for a, b in ranges]
    for scored in task.metrics:
        for s, system in enumerate(task.systems):
            for (a, b), article, segment in zip(ranges, articles, ids, strict=True):
                part = task.rows(scored.label, s, a, b)
                yield [
                    *(constant(text, b - a) for text in (task.name, scored.label, system)),
                    article,
                    segment,
                    lists(repeat(part.shape[1], b - a), numbers(part.reshape(-1))),
                ]


def read_statistics(path: Path, tasks: Sequence[tuple[TaskHead, Sequence[ScoredMetric]]]) -> list[LoadedTask]:
    """Read the statistics of all tasks.

    :param tasks: each with its metrics; ``run.json`` lists tasks, metrics and systems in the order of the rows.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        with path.open("rb") as raw, pyarrow.parquet.ParquetFile(arrow_source(raw)) as file:
            expected = sum(head.segments * len(head.systems) * len(scored) for head, scored in tasks)
            if file.metadata.num_rows != expected:
                raise RunFolderError(
                    f"{path}: {count(file.metadata.num_rows, 'row')}, but run.json lists {expected}; score again"
                )
            pieces = _pieces(path, file.iter_batches(BLOCK, use_threads=False), tasks)
            return [_read_task(pieces, head, scored) for head, scored in tasks]
    except (pyarrow.ArrowException, OSError, KeyError) as error:
        raise RunFolderError(f"{path}: cut short or altered ({error}); score again") from None


def _read_task(pieces: Iterator[Any], head: TaskHead, scored: Sequence[ScoredMetric]) -> LoadedTask:
    ids: list[str] = []
    articles: list[Any] = []
    packed: dict[str, PackedRows] = {}
    for item in scored:
        label, k = item.label, len(item.metric.columns)
        packed[label] = PackedRows((len(head.systems), head.segments, k))
        for s in range(len(head.systems)):
            done = 0
            while done < head.segments:
                piece = next(pieces)
                values = piece.column("statistics").flatten().to_numpy()
                packed[label].pack(s, done, values.reshape(len(piece), k))
                done += len(piece)
                if len(ids) < head.segments:
                    ids += piece.column("segment").to_pylist()
                    # All segments of an article share one string object.
                    articles += (name and sys.intern(name) for name in piece.column("article").to_pylist())
    return LoadedTask(tuple(ids), None if None in articles else tuple(articles), PackedStatistics(packed))


def _pieces(
    path: Path, batches: Iterator[Any], tasks: Sequence[tuple[TaskHead, Sequence[ScoredMetric]]]
) -> Iterator[Any]:
    """The rows of the file in order, in pieces of one task, metric and system each."""
    rest: Any = next(batches, None)
    for head, scored in tasks:
        for names in product([head.name], [item.label for item in scored], head.systems):
            rows = head.segments
            while rows:
                piece, rest = rest.slice(0, rows), rest.slice(rows)
                rows -= len(piece)
                rest = rest if len(rest) else next(batches, rest)
                for column, name in zip(("task", "metric", "system"), names, strict=True):
                    if piece.column(column).unique().to_pylist() != [name]:
                        raise RunFolderError(f"{path}: the rows of {', '.join(names)} are out of place; score again")
                yield piece
