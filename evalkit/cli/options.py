"""Options and arguments shared by several commands: what is scored, and against what."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evalkit.errors import SettingError, few

if TYPE_CHECKING:
    from evalkit.data.benchmark import Benchmark
    from evalkit.data.fields import Fields
    from evalkit.data.human import HumanScores
    from evalkit.data.outputs import Outputs
    from evalkit.results.task_results import TaskResults


def gathered(name: str, make: Callable[..., Any], *options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a decorator that adds options to a command, which receives them as one argument, ``make(**values)``."""

    def decorate(command: Any) -> Any:
        known = len(getattr(command, "__click_params__", ()))

        @functools.wraps(command)
        def wrapped(**values: Any) -> Any:
            return command(**{name: make(**{key: values.pop(key) for key in keys})}, **values)

        decorated: Any = wrapped
        for option in reversed(options):
            decorated = option(decorated)
        keys = [parameter.name for parameter in decorated.__click_params__[known:] if parameter.expose_value]
        return decorated

    return decorate


@dataclass(frozen=True)
class Inputs:
    """The options that select the benchmark, and the files that they name."""

    benchmark: str | None
    tasks: tuple[str, ...]
    source: str | None
    references: tuple[str, ...]
    docids: str | None
    slices: tuple[str, ...]
    lang: str | None
    named_fields: tuple[str, ...]
    terms: str | None
    facts: str | None
    first: int | None = None

    @property
    def bundled(self) -> bool:
        """Whether the bundled benchmark is used."""
        return self.benchmark in (None, "zh-news") and not self.references and not self.source and not self.lang

    @functools.cached_property
    def fields(self) -> Fields:
        """The fields named by ``--field``."""
        from evalkit.data.fields import Fields

        return Fields.parse(self.named_fields)

    def load(self, systems: Sequence[str] = ()) -> Benchmark:
        """Load the benchmark that the options or the files to score describe, with the user's glossary and facts."""
        bench = self._load(systems)
        for text in self.slices or ():
            name, _, path = text.rpartition("=")
            bench = bench.with_field(name or Path(path).stem, path)
        if self.first is not None:
            bench = bench.first(self.first)
        if self.terms is not None:
            from evalkit.data.glossary import with_terms

            bench = with_terms(bench, self.terms)
        if self.facts is not None:
            from evalkit.data.facts_file import with_facts

            bench = with_facts(bench, self.facts)
        return bench

    def _load(self, systems: Sequence[str]) -> Benchmark:
        from evalkit.data.benchmark import Benchmark
        from evalkit.data.loading import load_benchmark, names_its_languages

        if self.references or self.source:
            if self.benchmark is not None:
                raise SettingError("give --benchmark FILE, or --reference and --source FILE, not both")
            if len(set(self.tasks)) > 1:
                raise SettingError("files of references hold one task; give --task once")
            return Benchmark.from_lines(
                self.references,
                source=self.source,
                docids=self.docids,
                lang=self.lang,
                task=self.tasks[0] if self.tasks else None,
                fields=self.fields,
            )
        if self.docids:
            raise SettingError("--docids requires --reference or --source")
        name = self.benchmark
        alone = name is None and bool(systems) and bool(self.lang or names_its_languages(systems[0]))
        if alone:
            name = systems[0]  # a file that contains sources and references besides outputs
        bench = load_benchmark(name or "zh-news", task=list(self.tasks), lang=self.lang, fields=self.fields)
        if alone and bench.systems is None:
            raise SettingError(f"{name}: the file has sources and references, but no outputs{_columns(bench)}")
        return bench

    def read(self, bench: Benchmark, systems: Sequence[str], *, with_bundled: bool = False, **options: bool) -> Outputs:
        """Read the outputs in the named files or, if there are none, the outputs of the bundled systems."""
        from evalkit.data.outputs import read_systems

        paths = [*systems, *(bundled_systems(bench) if with_bundled or not systems else ())]
        outputs = read_systems(bench, paths, fields=self.fields, **options)
        self.fields.refuse_unfound()
        return outputs


def benchmark_options(command: Any, *, limit: bool = True) -> Any:
    """Add the options that select the benchmark, which the command receives as ``inputs``."""
    text = functools.partial(click.option, metavar="FILE")
    several = functools.partial(click.option, multiple=True)
    number = functools.partial(click.option, metavar="N", type=click.IntRange(1))
    options = [
        text("--benchmark", metavar="NAME|FILE", help="zh-news (the default), a file, or hf:NAME[:CONFIG][SPLIT]."),
        several("--task", "tasks", metavar="TASK", help="Use only this task; may be repeated."),
        text("--source", help="Source texts, in any format."),
        several("--reference", "references", metavar="FILE", help="Reference texts, in any format; may be repeated."),
        text("--docids", help="Article id of each line."),
        several("--slices", metavar="NAME=FILE", help="One value per line, for --by NAME."),
        text("--lang", metavar="SRC-TGT", help="Languages of your own benchmark, such as zh-en, en:zh-TW or en."),
        several("--field", "named_fields", metavar="ROLE=COLUMN", help="Column of a role, such as output=prediction."),
        *([number("--limit", "first", help="Use only the first N segments of each task.")] if limit else ()),
        number(
            "--max-text",
            expose_value=False,
            callback=_set_longest,
            help="Maximum length of a text in characters.  [default: 16,777,216]",
        ),
        text("--terms", help="Your own glossary, CSV or TSV: source, accepted, rejected, kind."),
        text("--facts", help="Your own key facts, JSONL or YAML."),
    ]
    return gathered("inputs", Inputs, *options)(command)


#: Adds the options that choose what is compared, which the command receives as ``pairs``.
pair_options = gathered(
    "pairs",
    dict,
    click.option("--baseline", metavar="SYSTEM", help="Compare all other systems with this one.  [default: all pairs]"),
    click.option("--task", metavar="TASK", help="Use only this task."),
    click.option("-m", "--metric", metavar="METRIC", help="Use only this metric, named as in the run."),
)


def _set_longest(context: click.Context, parameter: click.Parameter, value: int | None) -> None:
    if value is not None:
        from evalkit.data.opening import MAX_TEXT

        MAX_TEXT.set(value)


def _columns(bench: Benchmark) -> str:
    """What to do if a benchmark file has no outputs, as the end of a message."""
    if not bench.unknown:
        return "; score other files against it with --benchmark FILE" if bench.files else ""
    return f", or the column of the outputs with --field output=COLUMN; unused are {few(map(repr, bench.unknown))}"


def bundled_systems(bench: Benchmark) -> list[Path]:
    """Return the systems that come with a benchmark: folders, or the benchmark file itself."""
    if bench.systems is None:
        raise SettingError(f"{bench.name} has no systems of its own: name the files to score{_columns(bench)}")
    if bench.systems in bench.files:
        return [bench.systems]
    names = [task.name for task in bench.tasks]
    folders = sorted(f for f in bench.systems.iterdir() if f.is_dir())
    return [f for f in folders if any((f / f"{name}.jsonl").exists() for name in names)]


@dataclass(frozen=True)
class Human:
    """The options that name a file of human scores and describe how to read it."""

    file: str
    fields: tuple[str, ...]
    reading: dict[str, Any]

    def read(self, task: TaskResults) -> HumanScores:
        """Read the scores, and print notes on how they were read and which systems they belong to."""
        from evalkit.data.fields import Fields
        from evalkit.data.human import match_systems, read_human_scores

        reading = {**self.reading, "fields": Fields.parse(self.fields), "lang": task.lang}
        if task.texts is not None:
            # A judged output may be any of several samples.
            outputs = {name: texts for name, texts in task.texts.outputs.items() if name not in task.samples}
            reading |= {"sources": task.texts.sources, "outputs": outputs}
        scores = read_human_scores(self.file, task.ids, articles=task.articles, **reading)
        for warning in (*scores.notes, *match_systems(task.systems, scores.scores, self.file)):
            click.echo(f"warning: {warning}", err=True)
        return scores


def human_options(*, required: bool, what: str) -> Callable[[Any], Any]:
    """Add the options to a command, which receives them as ``human``; None without a file."""

    def human(file: str | None, fields: tuple[str, ...], **reading: Any) -> Human | None:
        if file is None and (fields or any(value is not None for value in reading.values())):
            raise SettingError("--column, --field and --higher-is-better require --human FILE")
        return None if file is None else Human(file, fields, reading)

    return gathered(
        "human",
        human,
        click.option("--human", "file", required=required, metavar="FILE", help=what),
        click.option("--column", metavar="NAME", help="Column with the score.  [default: mqm, esa, da, z or score]"),
        click.option(
            "--field", "fields", multiple=True, metavar="ROLE=COLUMN", help="Column of a role, such as system=model."
        ),
        click.option(
            "--higher-is-better",
            type=click.BOOL,
            metavar="yes|no",
            help="Whether higher human scores are better, if the file does not say.",
        ),
    )
