"""The command line: parses, calls, prints, exits. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evalkit import __version__
from evalkit.errors import EvalkitError, IncomparableError, InputError, SettingError

if TYPE_CHECKING:
    from evalkit.data.benchmark import Benchmark
    from evalkit.gate.verdict import Verdict

__all__ = ["main"]

DEFAULT_OUT = "evalkit-results"


class _Group(click.Group):
    """Commands in the order they are used, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="evalkit")
def cli() -> None:
    """Judge candidate summaries and translations of Chinese news.

    evalkit run scores the bundled systems on the bundled articles. Exit status: 0 done, 1 a gate failed, 2 wrong usage
    or bad input, 3 runs that cannot be compared.
    """


def _benchmark_options(command: Any) -> Any:
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


@cli.command()
@click.argument("systems", nargs=-1, metavar="[SYSTEM]...")
@_benchmark_options
@click.option(
    "-m",
    "--metric",
    "metrics",
    multiple=True,
    metavar="METRIC",
    help='Such as chrF or "ROUGE-L(tokenize=char)"; may be repeated.',
)
@click.option("--out", default=DEFAULT_OUT, show_default=True, metavar="FOLDER", help="The run folder.")
@click.option(
    "--format", "format_", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True
)
@click.option("--by", type=click.Choice(["article"]), help="A column an article as well.")
@click.option("--allow-missing", is_flag=True, help="Score a missing output as empty, and say so.")
@click.option("--with-bundled", is_flag=True, help="Score the bundled systems beside yours.")
@click.option("--intervals", is_flag=True, help="Write 95% bootstrap intervals (low, high) to scores.jsonl as well.")
@click.option("--seed", type=int, default=12345, show_default=True, help="Seed of everything random.")
@click.option("--jobs", type=click.IntRange(1, 1024), help="Processes; chosen by the amount of work if left out.")
@click.option("--dask", metavar="ADDRESS", help="Score on a Dask cluster: tcp://host:8786, or local to start one here.")
@click.option("--no-cache", is_flag=True, help="Score everything anew, and keep nothing for the next run.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar, no path.")
def run(
    systems: tuple[str, ...],
    benchmark: str,
    tasks: tuple[str, ...],
    source: str | None,
    references: tuple[str, ...],
    docids: str | None,
    lang: str | None,
    terms: str | None,
    facts: str | None,
    metrics: tuple[str, ...],
    out: str,
    format_: str,
    by: str | None,
    allow_missing: bool,
    with_bundled: bool,
    intervals: bool,
    seed: int,
    jobs: int | None,
    dask: str | None,
    no_cache: bool,
    quiet: bool,
) -> None:
    """Score systems on a benchmark; without a SYSTEM, the bundled ones.

    A SYSTEM is a file of outputs (JSONL, CSV, TSV, Parquet, or a line a segment) or a folder with a file a task
    (translate-en.jsonl, ...). Its name is the file's stem or the folder's name.
    """
    from evalkit.cache import StatisticsCache
    from evalkit.data.outputs import read_systems
    from evalkit.engine import evaluate
    from evalkit.metrics.names import as_metrics, split_names
    from evalkit.reports import markdown, run_reports
    from evalkit.run_folder import check_writable, save_results, versions

    bench = _with(_load(benchmark, tasks, source, references, docids, lang), terms, facts)
    chosen = as_metrics(name for text in metrics for name in split_names(text)) if metrics else None
    check_writable(out)
    paths: list[str | Path] = [*systems]
    if not systems or with_bundled:
        paths += _bundled_systems(bench)
    cache = None if no_cache else StatisticsCache(_cache_folder(), versions())
    size = _size([*paths, *references]) * len(chosen or ())
    with _executor(dask, jobs, size) as executor, _progress(quiet) as progress:
        outputs = read_systems(bench, paths, allow_missing=allow_missing)
        results = evaluate(
            bench, outputs, metrics=chosen, seed=seed, progress=progress, executor=executor, jobs=jobs, cache=cache
        )
    folder = save_results(
        results,
        out,
        command=["evalkit", *sys.argv[1:]],
        confidence=0.95 if intervals else None,
        reports=run_reports(),
    )
    if format_ == "json":
        # Of a million segments it is not put together in memory.
        for start, lines in zip(chain("[", repeat(", ")), filter(None, results.iter_json()), strict=False):
            click.echo(start + ", ".join(lines), nl=False)
        click.echo("]")
    elif format_ == "markdown":
        click.echo(markdown.render(results), nl=False)
    else:
        from evalkit.reports import terminal

        click.echo(terminal.render(results, by=by, stream=sys.stdout), nl=False)
    if not quiet:
        click.echo(f"run folder: {folder}", err=format_ != "table")


def _cache_folder() -> Path:
    """Where this user's caches go: EVALKIT_CACHE, else what the system says."""
    import os

    from platformdirs import user_cache_path

    return Path(os.environ["EVALKIT_CACHE"]) if os.environ.get("EVALKIT_CACHE") else user_cache_path("evalkit")


def _executor(dask: str | None, jobs: int | None, size: int) -> Any:
    """Where a run is scored: a cluster, processes that start while the outputs are read, or None: the run decides."""
    from evalkit.executors import dask_executor, jobs_ahead, process_pool
    from evalkit.shards import get_ready

    if dask is not None:
        return dask_executor(dask, jobs=jobs)
    return process_pool(jobs_ahead(size) if jobs is None else jobs, ahead=get_ready)


def _size(paths: Iterable[str | Path]) -> int:
    """Bytes of the files among these; what is missing is told when it is read."""
    return sum(path.stat().st_size for path in map(Path, paths) if path.is_file())


def _load(
    benchmark: str,
    tasks: Sequence[str],
    source: str | None,
    references: Sequence[str],
    docids: str | None,
    lang: str | None,
) -> Benchmark:
    from evalkit.data.benchmark import Benchmark, load_benchmark

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


def _with(bench: Benchmark, terms: str | None, facts: str | None) -> Benchmark:
    """The benchmark with a glossary and facts of the user's own."""
    if terms is not None:
        from evalkit.data.glossary import with_terms

        bench = with_terms(bench, terms)
    if facts is not None:
        from evalkit.data.facts_file import with_facts

        bench = with_facts(bench, facts)
    return bench


def _bundled_systems(bench: Benchmark) -> list[Path]:
    if bench.systems is None:
        raise SettingError(f"the benchmark {bench.name} brings no systems of its own: name the files to score")
    names = [task.name for task in bench.tasks]
    folders = sorted(f for f in bench.systems.iterdir() if f.is_dir())
    return [f for f in folders if any((f / f"{name}.jsonl").exists() for name in names)]


@cli.command()
@click.argument("folder", metavar="RUN")
@click.option("--baseline", metavar="SYSTEM", help="Compare every other system with this one; all pairs if left out.")
@click.option("--all-pairs", is_flag=True, help="All pairs (what is done without --baseline).")
@click.option("--task", metavar="TASK", help="Only this task.")
@click.option("-m", "--metric", metavar="METRIC", help="Only this metric, as it was asked for in the run.")
@click.option("--method", type=click.Choice(["randomization", "bootstrap"]), default="randomization", show_default=True)
@click.option("--trials", type=click.IntRange(100), help="10,000 if left out.")
@click.option("--confidence", type=click.FloatRange(0.5, 0.999), default=0.95, show_default=True)
@click.option(
    "--correction", type=click.Choice(["holm", "benjamini-hochberg", "none"]), default="holm", show_default=True
)
@click.option("--compat", type=click.Choice(["sacrebleu"]), help="The p-values sacrebleu gives for the same seed.")
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
def compare(
    folder: str,
    baseline: str | None,
    all_pairs: bool,
    task: str | None,
    metric: str | None,
    method: str,
    trials: int | None,
    confidence: float,
    correction: str,
    compat: str | None,
    format_: str,
) -> None:
    """Say which systems of a run are better, and how sure that is."""
    from evalkit.run_folder import load_results

    if baseline and all_pairs:
        raise SettingError("give --baseline or --all-pairs, not both")
    results = load_results(folder)
    found = results.compare(
        baseline,
        task=task,
        metric=metric,
        method=method,
        trials=trials,
        confidence=confidence,
        correction=correction,
        compat=compat,
    )
    if format_ == "json":
        click.echo(json.dumps(found.to_dicts(), ensure_ascii=False, allow_nan=False))
    else:
        from evalkit.reports import terminal

        click.echo(terminal.differences(found, stream=sys.stdout), nl=False)


@cli.command()
@click.argument("folder", metavar="RUN")
@click.option("--human", required=True, metavar="FILE", help="People's scores: CSV, TSV, JSONL or Parquet.")
@click.option("--column", metavar="NAME", help="The score's column; mqm, score, da, esa or z if left out.")
@click.option("--task", metavar="TASK", help="Of a run with several tasks.")
@click.option("--trials", type=click.IntRange(0), default=200, show_default=True, help="Resamples for the intervals.")
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
def agree(folder: str, human: str, column: str | None, task: str | None, trials: int, format_: str) -> None:
    """Say how far the metrics of a run agree with people.

    FILE has the columns system, id (or line, from 1) and a score; mqm is turned so that higher is better.
    """
    from dataclasses import asdict

    from evalkit.data.human import read_human_scores
    from evalkit.people import agree as agree_with
    from evalkit.run_folder import load_results

    results = load_results(folder)
    judged = read_human_scores(human, results.task(task).ids, column=column)
    rows, warnings = agree_with(results, judged.scores, task=task, trials=trials)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    if format_ == "json":
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, allow_nan=False))
    else:
        from evalkit.reports import terminal

        turned = ", its sign turned" if judged.turned else ""
        click.echo(terminal.agreement(rows, f"people's {judged.column}{turned}", stream=sys.stdout), nl=False)


@cli.command("list")
@click.argument("what", type=click.Choice(["metrics", "benchmarks", "tasks", "systems"]), default="metrics")
@click.option("--lang", default="zh", show_default=True, help="Language the metrics' open settings are shown for.")
def list_(what: str, lang: str) -> None:
    """Show what evalkit knows: metrics, benchmarks, tasks or bundled systems."""
    if what == "metrics":
        from evalkit.reports.listing import metrics_table

        click.echo(metrics_table(lang), nl=False)
        return
    from evalkit.data.benchmark import load_benchmark

    bench = load_benchmark()
    if what == "benchmarks":
        click.echo(f"{bench.name}: {', '.join(t.name for t in bench.tasks)} over {len(bench.titles)} articles")
    elif what == "tasks":
        for task in bench.tasks:
            click.echo(f"{task.name}: {len(task)} segments, scored with {', '.join(task.metrics)}")
    else:
        for path in _bundled_systems(bench):
            click.echo(path.name)


@cli.group(cls=_Group)
def references() -> None:
    """Build and check the authored articles and references."""


@references.command("check")
@click.option("--folder", type=click.Path(path_type=Path), help="The references folder; the bundled one if left out.")
def references_check(folder: Path | None) -> None:
    """Prove that the authored files hold; every violation with its file and line."""
    from evalkit.data.articles import bundled
    from evalkit.data.references.check import check

    report = check(folder or bundled("references"))
    for violation in report.violations:
        click.echo(str(violation))
    click.echo(
        ", ".join(f"{count} {name}" for name, count in report.counts.items()) + f", {len(report.violations)} violations"
    )
    if report.violations:
        raise click.exceptions.Exit(2)


@references.command("build")
@click.option("--folder", type=click.Path(path_type=Path), help="The references folder; the bundled one if left out.")
def references_build(folder: Path | None) -> None:
    """Build the dataset (Parquet files and card) from the authored files."""
    from evalkit.data.articles import bundled
    from evalkit.data.references.build import build

    for path in build(folder or bundled("references")):
        click.echo(str(path))


@cli.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["html", "markdown", "latex", "csv", "json", "table"]),
    default="html",
    show_default=True,
)
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Where it goes.")
@click.option("--baseline", metavar="SYSTEM", help="The system the others are held against.")
def report(run_folder: Path, format_: str, out: Path | None, baseline: str | None) -> None:
    """Show a run again, without scoring: a page, a table for a paper, or plain numbers.

    Without --out, HTML replaces the run's own report.html and everything else goes to standard output.
    """
    from evalkit.reports import render_as
    from evalkit.run_folder import load_results

    if baseline is not None and format_ in ("csv", "table"):
        raise SettingError(
            f"--format {format_} holds scores alone; --baseline belongs to html, markdown, latex and json"
        )
    results = load_results(run_folder)
    if format_ == "table":
        from evalkit.reports import terminal

        text = terminal.render(results, stream=None if out else sys.stdout)
    else:
        text = render_as(results, format_, baseline=baseline)
    if format_ == "html" and out is None:
        out = run_folder / "report.html"
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"{out}: cannot be written: {error.strerror or error}") from None
    click.echo(str(out))


@cli.command()
@click.argument("run_folder", metavar="RUN")
@click.option("--baseline", default="evalkit-baseline.json", show_default=True, metavar="FILE", help="The earlier run.")
@click.option("--no-baseline", is_flag=True, help="Check floors and findings alone.")
@click.option("--update", is_flag=True, help="Make RUN the new baseline, and check nothing.")
@click.option(
    "--config", metavar="FILE", help="TOML file with the rules.  [default: [tool.evalkit.gate] of ./pyproject.toml]"
)
@click.option(
    "--system",
    "systems",
    multiple=True,
    metavar="NAME[=OLD]",
    help="Check only this system, compared with OLD of the baseline; may be repeated.",
)
@click.option("--reports", metavar="FOLDER", help="Where junit.xml, badge.json and comment.md go.  [default: RUN]")
def gate(
    run_folder: str,
    baseline: str,
    no_baseline: bool,
    update: bool,
    config: str | None,
    systems: tuple[str, ...],
    reports: str | None,
) -> None:
    """Fail (exit 1) if a run is worse than the baseline by more than the rules allow and more than chance explains.

    The rules are written in TOML, such as max_drop = { BLEU = 1.0 }, article_min = { KeyFacts = 0.5 } or
    findings_max = { "Health.error" = 0 }. Runs of other data or signatures are refused (exit 3).
    """
    from evalkit.gate.baseline import baseline_of, read_baseline, write_baseline
    from evalkit.gate.check import check, pair_systems, refused
    from evalkit.gate.files import check_reports
    from evalkit.gate.rules import find_rules, read_rules
    from evalkit.run_folder import load_results

    if update and (no_baseline or systems):
        raise SettingError("--update makes the whole run the baseline; leave out --no-baseline and --system")
    rules = read_rules(config) if config else find_rules()
    results = load_results(run_folder)
    if update:
        made = write_baseline(baseline, baseline_of(results, rules.systems))
        click.echo(f"baseline: {made}")
        return
    pairs = pair_systems(systems)
    folder = check_reports(reports or run_folder)
    error: IncomparableError | None = None
    try:
        verdict = check(results, None if no_baseline else read_baseline(baseline), rules, pairs)
    except IncomparableError as unlike:
        error, verdict = unlike, refused(results, unlike)
    _report_verdict(verdict, folder)
    if error:
        raise error
    if verdict.failed:
        raise click.exceptions.Exit(1)


def _report_verdict(verdict: Verdict, folder: Path) -> None:
    """All reports, before the command ends in whatever way."""
    from evalkit.gate.files import append_summary, write_reports
    from evalkit.reports import badge, comment, junit
    from evalkit.reports import verdict as terminal

    text = comment.render(verdict)
    paths = write_reports(
        folder, {"junit.xml": junit.render(verdict), "badge.json": badge.render(verdict), "comment.md": text}
    )
    job_summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if job_summary:
        try:
            append_summary(job_summary, text)
        except EvalkitError as problem:
            click.echo(f"evalkit: {problem}", err=True)
    if verdict.status != "refused":
        click.echo(terminal.render(verdict, tty=sys.stdout.isatty()), nl=False)
    click.echo(f"reports: {', '.join(map(str, paths))}", err=True)


@cli.command()
@click.argument("history", metavar="HISTORY")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@click.option(
    "--commit", metavar="TEXT", help="What the runs' outputs were made from.  [default: the commit a CI job is of]"
)
@click.option("--out", metavar="FILE", help="The page.  [default: HISTORY with the ending .html]")
def leaderboard(history: str, runs: tuple[str, ...], commit: str | None, out: str | None) -> None:
    """Append runs to a history of scores, and make a page of it.

    HISTORY is a JSONL file with a line a system and run. It only grows: lines may be merged from elsewhere, and a line that
    cannot be read is named and skipped.
    """
    from evalkit.leaderboard.history import append, entries_of, read_history
    from evalkit.leaderboard.page import check_page, write_page
    from evalkit.reports import history as page
    from evalkit.run_folder import load_results

    file = Path(history)
    target = check_page(out or file.with_suffix(".html"))
    if not runs and not file.exists():
        raise InputError(f"{file}: no such history; name the runs to begin it with")
    commit = commit or os.environ.get("GITHUB_SHA") or os.environ.get("CI_COMMIT_SHA") or None
    entries = [entry for folder in runs for entry in entries_of(load_results(folder), commit)]
    added = append(file, entries)
    held = read_history(file)
    for line in held.broken:
        click.echo(f"evalkit: {file}:{line.number}: {line.reason}; skipped", err=True)
    if held.broken:
        click.echo(
            f"evalkit: {file}: {len(held.broken)} lines skipped of {len(held.broken) + len(held.entries)}", err=True
        )
    write_page(target, page.render(held, file.name))
    known = f", {len(entries) - added} there already" if added < len(entries) else ""
    click.echo(f"{file}: {added} lines added{known}, {len(held.entries)} in all")
    click.echo(f"page: {target}")


@cli.command()
@click.argument("systems", nargs=-1, metavar="[SYSTEM]...")
@_benchmark_options
@click.option("--allow-missing", is_flag=True, help="Read a missing output as empty.")
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
def check(
    systems: tuple[str, ...],
    benchmark: str,
    tasks: tuple[str, ...],
    source: str | None,
    references: tuple[str, ...],
    docids: str | None,
    lang: str | None,
    terms: str | None,
    facts: str | None,
    allow_missing: bool,
    format_: str,
) -> None:
    """Say what is wrong with outputs, one by one: quantities, names and terms, key facts, health.

    Nothing is scored and nothing written. Exit status 0 whatever is found: this is for a reader; a build asks
    evalkit gate.
    """
    from evalkit.checks import check_outputs, render
    from evalkit.data.outputs import read_systems

    bench = _with(_load(benchmark, tasks, source, references, docids, lang), terms, facts)
    paths: list[str | Path] = [*systems] or [*_bundled_systems(bench)]
    found = check_outputs(bench, read_systems(bench, paths, allow_missing=allow_missing))
    if format_ == "json":
        click.echo(json.dumps([item.as_dict() for item in found.items], ensure_ascii=False, allow_nan=False))
    else:
        click.echo(render(found), nl=False)


@cli.command()
@_benchmark_options
@click.option("-m", "--metric", "metrics", multiple=True, metavar="METRIC", help="Only this one; may be repeated.")
@click.option("--generate", is_flag=True, help="Make contrasts by rule from the benchmark's references.")
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND", help="Make only contrasts of this kind; may be repeated."
)
@click.option(
    "--limit", type=click.IntRange(1), default=200, show_default=True, help="Most contrasts made of a kind and task."
)
@click.option("--seed", type=int, default=12345, show_default=True, help="Seed of what is made.")
@click.option(
    "--format", "format_", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True
)
@click.option(
    "--out", metavar="FILE", type=click.Path(path_type=Path), help="Where it goes; standard output if left out."
)
def probe(
    benchmark: str,
    tasks: tuple[str, ...],
    source: str | None,
    references: tuple[str, ...],
    docids: str | None,
    lang: str | None,
    terms: str | None,
    facts: str | None,
    metrics: tuple[str, ...],
    generate: bool,
    kinds: tuple[str, ...],
    limit: int,
    seed: int,
    format_: str,
    out: Path | None,
) -> None:
    """Ask metrics whether they notice: texts with one known error each, and harmless variants of right ones.

    The bundled contrasts by default; with --generate, or for a benchmark of your own, contrasts made by rule (numbers,
    units, names of a glossary, negation, omission, duplication, untranslated sentences).
    """
    from evalkit.metrics.names import as_metrics, split_names
    from evalkit.probing import bundled_cases, report
    from evalkit.probing import generate as make
    from evalkit.probing import probe as ask

    own = benchmark != "zh-news" or bool(references)
    if (kinds or terms or facts) and not (own or generate):
        raise SettingError("--kind, --terms and --facts belong to contrasts made by rule; give --generate too")
    bench = _with(_load(benchmark, tasks, source, references, docids, lang), terms, facts)
    cases = make(bench, kinds=kinds or None, limit=limit, seed=seed) if own or generate else bundled_cases(bench)
    chosen = as_metrics(name for text in metrics for name in split_names(text)) if metrics else None
    with _progress(quiet=False) as progress:
        probed = ask(chosen, cases, progress=progress)
    if format_ == "json":
        text = json.dumps(report.records(probed), ensure_ascii=False, allow_nan=False) + "\n"
    elif format_ == "markdown":
        text = report.markdown(probed, command=" ".join(["evalkit", *sys.argv[1:]]))
    else:
        text = report.table(probed)
    if out is None:
        click.echo(text, nl=False)
    else:
        _write_text(out, text)


def _write_text(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise SettingError(f"{path}: cannot be written: {error.strerror or error}") from None


@cli.command()
@click.argument("run_folder", metavar="RUN")
@click.option("--format", "format_", type=click.Choice(["model-index"]), required=True)
@click.option("--system", metavar="NAME", help="Only this system.")
@click.option("--dataset", metavar="ID", help="The dataset's id on the hub.  [default: the benchmark's name]")
def export(run_folder: str, format_: str, system: str | None, dataset: str | None) -> None:
    """Write a run in a form that other tools read: model-index, the metadata of a model card (YAML)."""
    from evalkit.interchange.model_index import render
    from evalkit.run_folder import load_results

    click.echo(render(load_results(run_folder), system, dataset), nl=False)


@cli.command()
@click.argument("run_folder", metavar="RUN")
@click.argument("scores", metavar="FILE")
@click.option("--task", metavar="TASK", help="The task that was scored, where the run has several.")
@click.option("--system", metavar="NAME", help="The system that was scored, where the run has several.")
def beside(run_folder: str, scores: str, task: str | None, system: str | None) -> None:
    """Show sacrebleu's scores (its JSON) beside those of a run, with the settings in which they differ."""
    from evalkit.interchange.sacrebleu import beside as lay_beside
    from evalkit.interchange.sacrebleu import read_scores
    from evalkit.run_folder import load_results

    rows = lay_beside(load_results(run_folder).task(task), read_scores(scores), system)
    for row in rows:
        click.echo(str(row))


class _progress:
    """A progress bar on a terminal's error stream; nothing elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self._bar: Any = None
        if not quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

            columns = (
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TaskProgressColumn(show_speed=True),
                TimeRemainingColumn(),
            )
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)

    def __enter__(self) -> Any:
        if self._bar is None:
            return None
        self._bar.start()
        task = self._bar.add_task("scoring", total=None)
        return lambda done, total, what: self._bar.update(task, completed=done, total=total, description=what)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def main() -> None:
    """Entry point: every foreseen error is one message on stderr and an exit status, never a traceback."""
    try:
        status = cli.main(standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except EvalkitError as error:
        click.echo(f"evalkit: {error}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("evalkit: interrupted; nothing was written", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader has gone (evalkit run | head); point the stream elsewhere so that the interpreter's own flush is quiet.
        sys.stdout = open("/dev/null", "w")  # noqa: SIM115, PTH123
        sys.exit(141)
    except MemoryError:
        click.echo("evalkit: out of memory; score fewer systems or segments at once", err=True)
        sys.exit(2)
