"""``texts.parquet`` of a run folder: sources, references and outputs, for the reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evalkit.errors import RunFolderError
from evalkit.results import arrow_columns
from evalkit.results.results import Results
from evalkit.results.task_results import Texts

__all__ = ["TextsFile", "write_texts"]


def write_texts(path: Path, results: Results) -> None:
    """Write the texts of the tasks that have them.

    :raises OSError: where the file cannot be written.
    """
    import pyarrow
    import pyarrow.parquet

    text = pyarrow.string()
    schema = pyarrow.schema(
        [
            ("task", text),
            ("segment", text),
            ("article", text),
            ("block", text),
            ("source", text),
            ("references", pyarrow.list_(text)),
            ("outputs", pyarrow.list_(text)),
        ],
        metadata={"outputs": "in the order of the task's systems in run.json"},
    )
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for task in results.tasks:
            if task.texts is None:
                continue
            n = len(task.ids)
            columns = [
                arrow_columns.strings([task.name] * n),
                arrow_columns.strings(task.ids),
                arrow_columns.strings(task.articles or [None] * n),
                arrow_columns.strings(task.texts.blocks or [None] * n),
                arrow_columns.strings(task.texts.sources or [None] * n),
                arrow_columns.string_lists(task.texts.references),
                arrow_columns.string_lists(
                    list(zip(*(task.texts.outputs[name] for name in task.systems), strict=True))
                ),
            ]
            writer.write_table(pyarrow.Table.from_arrays(columns, schema=schema))


class TextsFile:
    """The file, read once for all tasks.

    :raises RunFolderError: where it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        import pyarrow
        import pyarrow.parquet

        self._path = path
        try:
            self._table = pyarrow.parquet.read_table(path)
            self._tasks = self._table["task"].cast(pyarrow.string())
        except (pyarrow.ArrowException, OSError, KeyError) as error:
            raise RunFolderError(f"{path}: cut short or changed ({error}); score again") from None

    def of_task(
        self, task: str, systems: Sequence[str], ids: tuple[str, ...], reference_names: Sequence[str]
    ) -> Texts | None:
        """The texts of one task; None where none were kept.

        :raises RunFolderError: where they do not fit the run.
        """
        import pyarrow.compute

        table = self._table.filter(pyarrow.compute.equal(self._tasks, task)).combine_chunks()
        if table.num_rows == 0:
            return None
        try:
            columns: dict[str, list[Any]] = {name: table[name].to_pylist() for name in table.column_names}
            sources, blocks, outputs = columns["source"], columns["block"], columns["outputs"]
            if tuple(columns["segment"]) != ids or any(len(row) != len(systems) for row in outputs):
                raise ValueError("other segments or systems than run.json")
            return Texts(
                sources=None if None in sources else tuple(sources),
                references=tuple(tuple(references) for references in columns["references"]),
                outputs={name: tuple(row[i] for row in outputs) for i, name in enumerate(systems)},
                blocks=None if None in blocks else tuple(blocks),
                reference_names=tuple(reference_names),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise RunFolderError(f"{self._path}: does not fit run.json ({error}); score again") from None
