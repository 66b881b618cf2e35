"""Finding a benchmark by name or path."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evalkit.data.benchmark import Benchmark
from evalkit.data.zh_news import zh_news
from evalkit.errors import SettingError

__all__ = ["load_benchmark"]


def load_benchmark(
    name: str | Path = "zh-news", *, task: str | Sequence[str] | None = None, lang: str | None = None
) -> Benchmark:
    """The bundled benchmark ``zh-news``, or one of your own from a JSONL, CSV, TSV or Parquet file.

    :param task: keep this task, or these.
    :param lang: for a file: ``zh-en`` (source and target language), or the target alone.
    :raises SettingError: an unknown benchmark or task.
    :raises BenchmarkError: a file that does not hold.
    """
    names = [task] if isinstance(task, str) else list(task or [])
    if name == "zh-news":
        bench = zh_news()
        return bench.only(*names) if names else bench
    path = Path(name)
    if not path.exists():
        raise SettingError(f"no benchmark {str(name)!r}: the bundled one is zh-news, and there is no such file")
    if lang is None:
        raise SettingError(f"{path}: say the languages, source and target: lang=zh-en")
    if len(names) > 1:
        raise SettingError(f"{path}: a file holds one task, not {len(names)}")
    return Benchmark.from_records(path, lang=lang, task=names[0] if names else None)
