"""The Parquet files of a run folder.

``statistics.parquet`` has one row per task, metric, system and segment. It is written and read in blocks: however many
segments there are, only one block is in memory in addition to the statistics themselves. ``texts.parquet`` has sources,
references, outputs and other data of each segment.

Columns are built from buffers and builders, because ``pyarrow.array`` and ``pyarrow.table`` import pandas if it is installed,
which takes longer than scoring a system.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, product, repeat
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import RunFolderError
from evalkit.reading import arrow_source
from evalkit.results.packed import PackedRows, PackedStatistics
from evalkit.results.results import Results
from evalkit.results.run_json import TaskHead, reading
from evalkit.results.task_results import ScoredMetric, TaskResults, Texts
from evalkit.wording import count

#: Number of rows of a row group.
BLOCK = 16_384

_TEXT_COLUMNS = ("task", "segment", "article", "block", "source", "references", "outputs", "samples", "fields")


class LoadedTask(NamedTuple):
    """The contents of the file for a task."""

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
        for columns in (c for task in results.tasks for c in _statistics_columns(task)):
            # Small tasks share a row group.
            if waiting and sum(map(len, waiting)) + len(columns[-1]) > BLOCK:
                writer.write_table(pyarrow.concat_tables(waiting).unify_dictionaries().combine_chunks())
                waiting = []
            waiting.append(pyarrow.Table.from_arrays(columns, schema=schema))
        if waiting:
            writer.write_table(pyarrow.concat_tables(waiting).unify_dictionaries().combine_chunks())


def _statistics_columns(task: TaskResults) -> Iterator[list[Any]]:
    n = len(task.ids)
    ranges = [(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]
    ids = [_strings(task.ids[a:b]) for a, b in ranges]
    articles = [_strings(task.articles[a:b] if task.articles else repeat(None, b - a)) for a, b in ranges]
    for scored in task.metrics:
        for s, system in enumerate(task.systems):
            for (a, b), article, segment in zip(ranges, articles, ids, strict=True):
                part = task.rows(scored.label, s, a, b)
                yield [
                    *(_constant(text, b - a) for text in (task.name, scored.label, system)),
                    article,
                    segment,
                    _lists(repeat(part.shape[1], b - a), _numbers(part.reshape(-1))),
                ]


def read_statistics(path: Path, tasks: Sequence[tuple[TaskHead, Sequence[ScoredMetric]]]) -> list[LoadedTask]:
    """Read the statistics of all tasks, each given with its metrics, in the order of ``run.json``."""
    import pyarrow
    import pyarrow.parquet

    with (
        reading(path, pyarrow.ArrowException),
        path.open("rb") as raw,
        pyarrow.parquet.ParquetFile(arrow_source(raw)) as file,
    ):
        expected = sum(head.segments * len(head.systems) * len(scored) for head, scored in tasks)
        if file.metadata.num_rows != expected:
            raise RunFolderError(
                f"{path}: {count(file.metadata.num_rows, 'row')}, but run.json lists {expected}; score again"
            )
        pieces = _pieces(path, file.iter_batches(BLOCK, use_threads=False), tasks)
        return [_read_task(pieces, head, scored) for head, scored in tasks]


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
                        raise RunFolderError(
                            f"{path}: the rows of {', '.join(names)} are not in the expected order; score again"
                        )
                yield piece


def write_texts(path: Path, results: Results) -> None:
    """Write the texts, fields and sample counts of the tasks that have any."""
    import pyarrow
    import pyarrow.parquet

    text, texts = pyarrow.string(), pyarrow.list_(pyarrow.string())
    types = [text] * 5 + [texts, texts, pyarrow.list_(pyarrow.int32()), texts]
    schema = pyarrow.schema(
        zip(_TEXT_COLUMNS, types, strict=True),
        metadata={
            "outputs": "in the order of the task's systems in run.json; empty where texts were not kept",
            "samples": "numbers of outputs, in the order of the task's samples in run.json",
            "fields": "in the order of the task's fields in run.json",
        },
    )
    with path.open("wb") as file, pyarrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for task in results.tasks:
            if task.texts or task.samples or task.fields:
                writer.write_table(pyarrow.Table.from_arrays(_text_columns(task), schema=schema))


def _text_columns(task: TaskResults) -> list[Any]:
    n = len(task.ids)
    texts = task.texts or Texts(None, ((),) * n, {})
    outputs = [texts.outputs[name] for name in task.systems] if task.texts else []
    counts = [task.samples[name].counts for name in task.samples]
    by_segment = [[task.name] * n, task.ids, task.articles, texts.blocks, texts.sources]
    return [
        *(_strings(values or [None] * n) for values in by_segment),
        _string_lists(texts.references),
        _string_lists(_by_segment(outputs, n)),
        _lists([len(counts)] * n, _numbers(np.array(_by_segment(counts, n), np.int32).reshape(-1))),
        _string_lists(_by_segment(list(task.fields.values()), n)),
    ]


def _by_segment(columns: Sequence[Sequence[Any]], n: int) -> list[tuple[Any, ...]]:
    """One tuple per segment from one sequence per system or field."""
    return list(zip(*columns, strict=True)) if columns else [()] * n


class SegmentTexts(NamedTuple):
    """The texts of a task (None if they were not kept), sample counts by system, and values by field."""

    texts: Texts | None
    samples: dict[str, tuple[int, ...]]
    fields: dict[str, tuple[str, ...]]


def read_texts(path: Path, tasks: Sequence[tuple[TaskHead, tuple[str, ...]]]) -> list[SegmentTexts]:
    """Read the texts of all tasks, each given with the ids of its segments."""
    import pyarrow
    import pyarrow.compute
    import pyarrow.parquet

    with reading(path, pyarrow.ArrowException), path.open("rb") as file:
        table = pyarrow.parquet.ParquetFile(arrow_source(file)).read(use_threads=False)
        table.validate(full=True)
        names = table["task"].cast(pyarrow.string())
        return [_task_texts(table.filter(pyarrow.compute.equal(names, head.name)), head, ids) for head, ids in tasks]


def _task_texts(table: Any, head: TaskHead, ids: tuple[str, ...]) -> SegmentTexts:
    if table.num_rows == 0 and not (head.samples or head.fields):
        return SegmentTexts(None, {}, {})
    columns: dict[str, list[Any]] = {name: table[name].to_pylist() for name in table.column_names}
    if tuple(columns["segment"]) != ids:
        raise ValueError("its segments differ from those in run.json")
    sources, blocks = columns["source"], columns["block"]
    texts = Texts(
        sources=None if None in sources else tuple(sources),
        references=tuple(map(tuple, columns["references"])),
        outputs=_by_name(head.systems, columns["outputs"]) if any(columns["outputs"]) else {},
        blocks=None if None in blocks else tuple(blocks),
        reference_names=tuple(head.reference_names),
    )
    return SegmentTexts(
        texts if texts.outputs else None,
        _by_name(head.samples, columns["samples"]) if head.samples else {},
        _by_name(head.fields, columns["fields"]) if head.fields else {},
    )


def _by_name(names: Iterable[str], rows: list[list[Any]]) -> dict[str, tuple[Any, ...]]:
    """One tuple per name from one list per segment."""
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def _strings(values: Iterable[str | None]) -> Any:
    """A ``pyarrow.StringArray``; None becomes null."""
    from pyarrow.lib import StringBuilder

    builder = StringBuilder()
    for value in values:
        builder.append(value)
    return builder.finish()


def _numbers(values: NDArray[Any]) -> Any:
    """A ``pyarrow`` array that shares the memory of a one-dimensional array of numbers."""
    import pyarrow

    values = np.ascontiguousarray(values)
    kind = pyarrow.from_numpy_dtype(values.dtype)
    return pyarrow.Array.from_buffers(kind, len(values), [None, pyarrow.py_buffer(values)])


def _lists(lengths: Iterable[int], values: Any) -> Any:
    """A ``pyarrow.ListArray`` that splits ``values`` into lists of the given lengths."""
    import pyarrow

    return pyarrow.ListArray.from_arrays(_numbers(np.fromiter(accumulate(lengths, initial=0), np.int32)), values)


def _string_lists(values: Sequence[Sequence[str]]) -> Any:
    """A ``pyarrow.ListArray`` of strings."""
    return _lists(map(len, values), _strings(text for texts in values for text in texts))


def _constant(value: str, length: int) -> Any:
    """A ``pyarrow.DictionaryArray`` of one string, repeated."""
    import pyarrow

    return pyarrow.DictionaryArray.from_arrays(_numbers(np.zeros(length, np.int32)), _strings([value]))
