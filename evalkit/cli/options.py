"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evalkit.errors import SettingError

if TYPE_CHECKING:
    from evalkit.data.benchmark import Benchmark


def benchmark_options(command: Any) -> Any:
    """The options that say what is scored against."""
    options = [
        click.option(
            "--benchmark", default="zh-news", metavar="NAME|FILE", help="zh-news, or a JSONL, CSV, TSV or Parquet file."
        ),
        click.option("--task", "tasks", multiple=True, metavar="TASK", help="Only this task; may be repeated."),
        click.option("--source", metavar="FILE", help="Line-aligned sources of a benchmark of your own."),
        click.option(
            "--reference", "references", multiple=True, metavar="FILE", help="Line-aligned references; may be repeated."
        ),
        click.option("--docids", metavar="FILE", help="The article of each line."),
        click.option("--lang", metavar="SRC-TGT", help="Languages of your own benchmark, such as zh-en."),
        click.option(
            "--terms", metavar="FILE", help="A glossary of your own, CSV or TSV: source, accepted, rejected, kind."
        ),
        click.option("--facts", metavar="FILE", help="Key facts of your own, JSONL or YAML."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def load(
    benchmark: str,
    tasks: Sequence[str],
    source: str | None,
    references: Sequence[str],
    docids: str | None,
    lang: str | None,
) -> Benchmark:
    """The benchmark that the options describe."""
    from evalkit.data.benchmark import Benchmark
    from evalkit.data.loading import load_benchmark

    if not references:
        if source or docids:
            raise SettingError("--source and --docids belong to a benchmark of --reference files; give those too")
        if lang and benchmark == "zh-news":
            raise SettingError("--lang is for a benchmark of your own; zh-news knows its languages")
        return load_benchmark(benchmark, task=list(tasks), lang=lang)
    if benchmark != "zh-news":
        raise SettingError("give --benchmark FILE or --reference FILE, not both")
    if lang is None:
        raise SettingError("say the languages, source and target: --lang zh-en")
    if len(tasks) > 1:
        raise SettingError("line-aligned files hold one task; give --task once")
    return Benchmark.from_lines(references, source=source, docids=docids, lang=lang, task=tasks[0] if tasks else None)


def with_extras(bench: Benchmark, terms: str | None, facts: str | None) -> Benchmark:
    """The benchmark with a glossary and facts of the user's own."""
    if terms is not None:
        from evalkit.data.glossary import with_terms

        bench = with_terms(bench, terms)
    if facts is not None:
        from evalkit.data.facts_file import with_facts

        bench = with_facts(bench, facts)
    return bench


def bundled_systems(bench: Benchmark) -> list[Path]:
    """Folders of the systems that come with a benchmark."""
    if bench.systems is None:
        raise SettingError(f"the benchmark {bench.name} brings no systems of its own: name the files to score")
    names = [task.name for task in bench.tasks]
    folders = sorted(f for f in bench.systems.iterdir() if f.is_dir())
    return [f for f in folders if any((f / f"{name}.jsonl").exists() for name in names)]
