"""Location and loading of the bundled articles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import BenchmarkError
from evalkit.reading import arrow_source

if TYPE_CHECKING:
    import datasets


#: the configs of the references dataset, the default first.
CONFIGS = ("articles", "segments", "sentences", "summaries", "facts", "terms", "quantities", "contrasts")


def bundled(name: str) -> Path:
    """The folder ``references`` or ``benchmarks/zh-news``: in the installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    places = (package / "_bundled" / name, package.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise BenchmarkError(f"{name}: not bundled with this installation; looked for {' and '.join(map(str, places))}")


def load_articles(config: str = "articles") -> datasets.Dataset:
    """The bundled articles and their references as a ``datasets.Dataset``; nothing is written to a cache.

    :param config: one of :data:`CONFIGS`; see the dataset card for the columns of each.
    :raises BenchmarkError: for another config, or if its table is missing.
    """
    import datasets

    return datasets.Dataset(_table(config))


def read_table(config: str, folder: Path | None = None) -> list[dict[str, Any]]:
    """The rows of one of :data:`CONFIGS`, read without ``datasets`` from the bundled references or another folder."""
    rows: list[dict[str, Any]] = _table(config, folder).to_pylist()
    return rows


def _table(config: str, folder: Path | None = None) -> Any:
    import pyarrow
    import pyarrow.parquet

    if config not in CONFIGS:
        raise BenchmarkError(f"no config {config!r}; there are {', '.join(CONFIGS)}")
    path = (folder or bundled("references")) / "data" / f"{config}.parquet"
    if not path.is_file():
        raise BenchmarkError(f"{path}: no such table; build it with: python -m references.tools build")
    try:
        with path.open("rb") as file:
            return pyarrow.parquet.ParquetFile(arrow_source(file)).read(use_threads=False)
    except (OSError, pyarrow.ArrowException) as error:
        advice = "rebuild it with: python -m references.tools build"
        raise BenchmarkError(f"{path}: not a readable Parquet file ({error}); {advice}") from error
