"""A folder that is ready to be pushed to a model hub as a dataset: scores as Parquet, with a card."""

import json
from pathlib import Path

from evalkit.errors import SettingError
from evalkit.files import write_file
from evalkit.reports.markdown import render
from evalkit.reports.view import build
from evalkit.results.results import Results
from evalkit.version import __version__


def write_hub_folder(results: Results, folder: Path) -> list[Path]:
    """Write scores and a card to an empty or new folder, but no texts, which may not be yours to publish."""
    import pyarrow
    import pyarrow.parquet

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingError(f"{folder} is not empty; name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    buffer = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(results.to_arrow(), buffer, compression="zstd")
    write_file(folder / "scores.parquet", buffer.getvalue().to_pybytes())
    # A JSON string is a YAML string.
    title = json.dumps("".join(c for c in f"evalkit scores on {results.benchmark}" if c.isprintable()))
    card = f"""---
pretty_name: {title}
tags: [evalkit, evaluation]
configs:
- config_name: scores
  data_files: scores.parquet
---

Scores computed by evalkit {__version__}; one row per system, task, level and metric.
The texts that were scored are not included.

"""
    write_file(folder / "README.md", card + render(build(results, texts=False), quotes=False))
    return [folder / "README.md", folder / "scores.parquet"]
