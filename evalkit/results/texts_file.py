"""``texts.parquet`` of a run folder: sources, references, outputs and other data of each segment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from evalkit.errors import RunFolderError
from evalkit.reading import arrow_source
from evalkit.results.arrow_columns import lists, numbers, string_lists, strings
from evalkit.results.results import Results
from evalkit.results.run_json import TaskHead
from evalkit.results.task_results import TaskResults, Texts

_COLUMNS = ("task", "segment", "article", "block", "source", "references", "outputs", "samples", "fields")


def write_texts(path: Path, results: Results) -> None:
    """Write the texts, fields and sample counts of the tasks that have any."""
    import pyarrow
    import pyarrow.parquet

    text, texts = pyarrow.string(), pyarrow.list_(pyarrow.string())
    types = [text] * 5 + [texts, texts, pyarrow.list_(pyarrow.int32()), texts]
    schema = pyarrow.schema(
        zip(_COLUMNS, types, strict=True),
        metadata={
            "outputs": "in the order of the task's systems in run.json; empty where texts were not kept",
            "samples": "numbers of outputs, in the order of the task's samples in run.json",
            "fields": "in the order of the task's fields in run.json",
        },
    )
    with path.open("wb") as file, pyarrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for task in results.tasks:
            if task.texts or task.samples or task.fields:
                writer.write_table(pyarrow.Table.from_arrays(_columns(task), schema=schema))


def _columns(task: TaskResults) -> list[Any]:
    n = len(task.ids)
    texts = task.texts or Texts(None, ((),) * n, {})
    outputs = [texts.outputs[name] for name in task.systems] if task.texts else []
    counts = [task.samples[name].counts for name in task.samples]
    by_segment = [[task.name] * n, task.ids, task.articles, texts.blocks, texts.sources]
    return [
        *(strings(values or [None] * n) for values in by_segment),
        string_lists(texts.references),
        string_lists(_rows(outputs, n)),
        lists([len(counts)] * n, numbers(np.array(_rows(counts, n), np.int32).reshape(-1))),
        string_lists(_rows(list(task.fields.values()), n)),
    ]


def _rows(columns: Sequence[Sequence[Any]], n: int) -> list[tuple[Any, ...]]:
    """One tuple per segment from one sequence per system or field."""
    return list(zip(*columns, strict=True)) if columns else [()] * n


class SegmentTexts(NamedTuple):
    """The texts of a task (None if they were not kept), sample counts by system, and values by field."""

    texts: Texts | None
    samples: dict[str, tuple[int, ...]]
    fields: dict[str, tuple[str, ...]]


def read_texts(path: Path, tasks: Sequence[tuple[TaskHead, tuple[str, ...]]]) -> list[SegmentTexts]:
    """Read the texts of all tasks.

    :param tasks: each with the ids of its segments.
    """
    import pyarrow
    import pyarrow.compute
    import pyarrow.parquet

    try:
        with path.open("rb") as file:
            table = pyarrow.parquet.ParquetFile(arrow_source(file)).read(use_threads=False)
        table.validate(full=True)
        names = table["task"].cast(pyarrow.string())
    except (pyarrow.ArrowException, OSError, KeyError, ValueError) as error:
        raise RunFolderError(f"{path}: cut short or changed ({error}); score again") from None
    try:
        return [_of_task(table.filter(pyarrow.compute.equal(names, head.name)), head, ids) for head, ids in tasks]
    except (ValueError, KeyError, TypeError) as error:
        raise RunFolderError(f"{path}: does not fit run.json ({error}); score again") from None


def _of_task(table: Any, head: TaskHead, ids: tuple[str, ...]) -> SegmentTexts:
    if table.num_rows == 0 and not (head.samples or head.fields):
        return SegmentTexts(None, {}, {})
    columns: dict[str, list[Any]] = {name: table[name].to_pylist() for name in table.column_names}
    if tuple(columns["segment"]) != ids:
        raise ValueError("other segments than run.json")
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
