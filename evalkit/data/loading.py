"""Finding a benchmark by name or path."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evalkit.data.benchmark import Benchmark
from evalkit.data.fields import Fields
from evalkit.data.formats import find_format
from evalkit.data.formats.wmt_xml import WMT_XML
from evalkit.data.opening import Input, existing_file, named_path
from evalkit.data.zh_news import zh_news
from evalkit.errors import SettingError

__all__ = ["load_benchmark", "names_its_languages"]


def load_benchmark(
    name: str | Path = "zh-news",
    *,
    task: str | Sequence[str] | None = None,
    lang: str | None = None,
    fields: Fields | None = None,
) -> Benchmark:
    """The bundled benchmark ``zh-news``, or one of your own: a file in any format, a data set, ``hf:NAME[:CONFIG][SPLIT]``.

    :param task: keep this task, or these.
    :param lang: for a file: ``zh-en`` (source and target language), or the target alone.
    :param fields: names of columns, see :class:`evalkit.data.fields.Fields`.
    :raises SettingError: an unknown benchmark or task.
    :raises BenchmarkError: a file that is no benchmark.
    """
    names = [task] if isinstance(task, str) else list(task or [])
    if name == "zh-news":
        bench = zh_news()
        return bench.only(*names) if names else bench
    file = named_path(name)[1]
    if not str(file).startswith("hf:") and str(file) != "-" and not Path(file).exists():
        raise SettingError(f"no benchmark {str(name)!r}: the bundled one is zh-news, and there is no such file")
    if len(names) > 1:
        raise SettingError(f"{name}: a file holds one task, not {len(names)}")
    return Benchmark.from_records(name, lang=lang, task=names[0] if names else None, fields=fields)


def names_its_languages(path: str) -> bool:
    """Whether a file has sources and outputs together and says in which languages: it is a benchmark of its own."""
    file = named_path(path)[1]
    return existing_file(file) and find_format(Input(file)) is WMT_XML
