"""A folder that is ready to be pushed to a model hub as a dataset: scores as Parquet, with a card."""

from __future__ import annotations

from pathlib import Path

from evalkit.errors import SettingError
from evalkit.files import write_file
from evalkit.reports import markdown
from evalkit.results.results import Results
from evalkit.version import __version__

__all__ = ["write_hub_folder"]


def write_hub_folder(results: Results, folder: Path) -> list[Path]:
    """Write ``scores.parquet`` and ``README.md`` to an empty or new folder.

    Texts are not written: sources, references and outputs may not be yours to publish.

    :returns: the files.
    :raises SettingError: a folder that holds something already.
    """
    import pyarrow
    import pyarrow.parquet

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingError(f"{folder} is not empty; name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    buffer = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(results.to_arrow(), buffer, compression="zstd")
    write_file(folder / "scores.parquet", buffer.getvalue().to_pybytes())
    card = "\n".join(
        [
            "---",
            f"pretty_name: {_quoted(f'evalkit scores on {results.benchmark}')}",
            "tags: [evalkit, evaluation]",
            "configs:",
            "- config_name: scores",
            "  data_files: scores.parquet",
            "---",
            "",
            f"Scores computed by evalkit {__version__}; one row per system, task, level and metric.",
            "The texts that were scored are not included.",
            "",
            markdown.render(results),
        ]
    )
    write_file(folder / "README.md", card)
    return [folder / "README.md", folder / "scores.parquet"]


def _quoted(text: str) -> str:
    return '"' + "".join(c for c in text if c.isprintable()).replace("\\", "\\\\").replace('"', '\\"') + '"'
