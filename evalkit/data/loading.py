"""Loads a benchmark by name or path."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from evalkit.arguments import checked
from evalkit.data.benchmark import Benchmark
from evalkit.data.fields import Fields
from evalkit.data.formats import find_format
from evalkit.data.formats.harness import sample_logs
from evalkit.data.formats.wmt_xml import WMT_XML
from evalkit.data.opening import Input, existing_file, named_path
from evalkit.errors import SettingError


@checked
def load_benchmark(
    name: str | Path = "zh-news",
    *,
    task: str | Sequence[str] | None = None,
    lang: str | None = None,
    fields: Fields | None = None,
) -> Benchmark:
    """Load the bundled benchmark ``zh-news``, a file in any format, a data set, or ``hf:NAME[:CONFIG][SPLIT]``.

    :param task: the task or tasks to keep.
    :param lang: for a file: ``zh-en`` (source and target language), or only the target.
    :param fields: names of columns, see :class:`evalkit.data.fields.Fields`.
    :raises SettingError: for an unknown benchmark or task.
    :raises BenchmarkError: if the file is not a benchmark.
    """
    names = [task] if isinstance(task, str) else list(dict.fromkeys(task or []))
    if name == "zh-news":
        from evalkit.data.articles import zh_news

        if lang is not None:
            raise SettingError("--lang is for a benchmark of your own; the languages of zh-news are fixed")
        bench = zh_news()
        return bench.only(*names) if names else bench
    file = named_path(name)[1]
    if not str(file).startswith("hf:") and str(file) != "-" and not Path(file).exists():
        raise SettingError(f"no benchmark {str(name)!r}: the bundled one is zh-news, and there is no such file")
    if len(names) > 1:
        raise SettingError(f"{name}: a file holds one task, not {len(names)}")
    logs = sample_logs(Path(file)) or sorted(Path(file).glob("*.eval"))
    read = logs[0] if logs else name
    bench = Benchmark.from_records(read, lang=lang, task=names[0] if names else None, fields=fields)
    # A folder of logs: the first one has the sources and references, all have outputs.
    return replace(bench, name=Path(file).name, systems=Path(file), files=(Path(file),)) if logs else bench


def names_its_languages(path: str) -> bool:
    """Whether a file has sources and outputs and specifies their languages, so that it is a complete benchmark."""
    file = named_path(path)[1]
    return existing_file(file) and find_format(Input(file)) is WMT_XML
