"""``evalkit run``: score systems on a benchmark."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evalkit.cli import share_one_heap
from evalkit.cli.config import config_options, config_used, print_config_used
from evalkit.cli.judge_flags import (
    check_answered,
    judge_flags,
    judge_options_of,
    print_estimates,
    print_spent,
    shown_command,
)
from evalkit.cli.models import ModelOptions, cache_folder, check_named, metric_names, model_options, recorded_scores
from evalkit.cli.options import Inputs, benchmark_options, gathered
from evalkit.cli.printing import format_option, progress_bar
from evalkit.version import versions

if TYPE_CHECKING:
    from evalkit.results.claim import Claim
    from evalkit.results.results import Results


@click.command(short_help="Score systems on a benchmark.")
@click.argument("systems", nargs=-1, metavar="[SYSTEM]...")
@benchmark_options
@click.option(
    *("-m", "--metric", "metrics"),
    multiple=True,
    metavar="METRIC",
    help='A metric such as chrF or "ROUGE-L(tokenize=char)", or a group: all, facts, surface; may be repeated.',
)
@click.option(
    "--scores",
    multiple=True,
    metavar="NAME(low=,high=)=FILE",
    help="Use scores from another tool as an additional metric; may be repeated. Without SYSTEM, its systems are used.",
)
@model_options
@judge_flags
@gathered(
    "reading",
    dict,
    click.option("--allow-missing", is_flag=True, help="Score missing outputs as empty; reports say how many."),
    click.option("--samples", is_flag=True, help="Read repeated ids as several outputs for one segment."),
    click.option("--with-bundled", is_flag=True, help="Also score the bundled systems."),
)
@gathered(
    "scoring",
    dict,
    click.option("--metadata", metavar="FILE", help="TOML file with facts about the systems and the benchmark."),
    click.option(
        "--by", metavar="SLICES", help="Also show scores by article, kind, length, quantities, names or a field."
    ),
    click.option("--leave-one-out", is_flag=True, help="Also score each reference against the others."),
    click.option(
        "--with-texts/--no-texts",
        default=None,
        help="Keep sources, references and outputs in the run folder.  [default: up to 50,000 outputs of a task]",
    ),
    click.option("--seed", type=click.IntRange(0), default=12345, help="Seed of all random numbers."),
    click.option("--jobs", type=click.IntRange(1, 1024), help="Number of processes.  [default: by the amount of work]"),
)
@click.option("--out", default="evalkit-results", metavar="FOLDER", help="The run folder.")
@format_option("table", "json", "markdown")
@click.option("--intervals", is_flag=True, help="Write 95% bootstrap intervals (low, high) to scores.jsonl as well.")
@click.option("--dask", metavar="ADDRESS", help="Score on a Dask cluster: tcp://host:8786, or local to start one here.")
@click.option("--no-save", is_flag=True, help="Print the scores and write no run folder.")
@click.option("--no-cache", is_flag=True, help="Neither use nor store cached statistics.")
@config_options
@click.option("-q", "--quiet", is_flag=True, help="Show no progress bar and no paths.")
def run(
    systems: tuple[str, ...],
    inputs: Inputs,
    metrics: tuple[str, ...],
    scores: tuple[str, ...],
    models: ModelOptions,
    judge: dict[str, Any],
    reading: dict[str, bool],
    scoring: dict[str, Any],
    out: str,
    format_: str,
    intervals: bool,
    dask: str | None,
    no_save: bool,
    no_cache: bool,
    quiet: bool,
) -> None:
    """Score systems on a benchmark; without a SYSTEM, the bundled ones.

    A SYSTEM is a file of outputs in any format (one text per line, JSONL, CSV, a log of lm-evaluation-harness, ...) or a
    folder: one file per task (translate-en.jsonl, ...) or one file per system (*.en). Its name is the file's stem or the
    folder's name, or NAME in NAME=PATH. See docs/inputs.md.
    """
    from evalkit.engine.evaluate import check_slices, estimates, judges_among, run as score_systems, systems_of_scores
    from evalkit.engine.metric_choice import choose_metrics
    from evalkit.engine.statistics_cache import StatisticsCache
    from evalkit.metrics.parsing import as_metrics
    from evalkit.results.claim import claim

    print_config_used(click.get_current_context())
    share_one_heap()
    # Older versions of click take no default of an argument from a configuration.
    systems = systems or tuple((click.get_current_context().default_map or {}).get("systems", ()))
    check_named(metrics)
    by = scoring.pop("by")
    bench = inputs.load(systems)
    named = None
    if metrics:
        bench, named = choose_metrics(bench, metric_names(metrics))
    chosen = models.with_dtype(named)
    judges = judges_among(chosen or ())
    caches = None if no_cache else cache_folder()
    options = judge_options_of(judge, caches, asked=bool(judges))
    scores_alone = bool(scores) and not (systems or reading["with_bundled"] or metrics)
    cache = StatisticsCache(caches, versions()) if caches else None
    runtime = models.runtime(caches, options)
    if quiet:
        logging.getLogger("evalkit").setLevel(logging.WARNING)  # prints warnings, but no notes
    with nullcontext() if no_save else claim(out) as place:
        ahead = [*systems, *inputs.references], len(chosen or ()) + len(scores)
        with _executor(dask, scoring["jobs"], *ahead) as executor, progress_bar(quiet) as progress:
            outputs = None if scores_alone else inputs.read(bench, systems, **reading)
            if recorded := recorded_scores(scores, bench, outputs):
                others = () if scores_alone else as_metrics(bench.tasks[0].metrics) if chosen is None else chosen
                chosen = (*others, *recorded)
            outputs = systems_of_scores(bench, recorded) if outputs is None else outputs
            if by is not None:
                check_slices(bench, outputs, by, scoring["with_texts"])
            if judge["dry_run"]:
                print_estimates(estimates(bench, outputs, chosen, runtime, scoring["metadata"]))
                return
            environment: dict[str, Any] = {"progress": progress, "executor": executor, "runtime": runtime}
            results = score_systems(bench, outputs, metrics=chosen, cache=cache, **environment, **scoring)
        print_spent(options)
        folder = place and _save(results, place, intervals, by)
    _show(results, format_, by)
    if folder and not quiet:
        click.echo(_next_steps(results, folder), err=format_ != "table")
    check_answered(runtime)


def _next_steps(results: Results, folder: Path) -> str:
    several = any(len(task.systems) > 1 for task in results.tasks)
    following = f"evalkit worst {folder}" + (f"; evalkit compare {folder}" if several else "")
    return f"run folder: {folder}\nreport: {folder / 'report.html'}\nnext: {following}"


def _save(results: Results, place: Claim, intervals: bool, by: str | None) -> Path:
    """Write the run folder."""
    from evalkit.reports import run_reports
    from evalkit.results.run_folder import save_results

    config = config_used(click.get_current_context())
    if config is not None:
        results = replace(results, info={**results.info, "config": config})
    confidence = 0.95 if intervals else None
    return save_results(results, place, command=shown_command(), confidence=confidence, reports=run_reports(by))


def _show(results: Results, format_: str, by: str | None) -> None:
    """Print the results."""
    if format_ == "json":
        # The rows of a million segments are not collected in memory.
        for start, lines in zip(chain("[", repeat(", ")), filter(None, results.iter_json()), strict=False):
            click.echo(start + ", ".join(lines), nl=False)
        click.echo("]")
    elif format_ == "markdown":
        from evalkit.reports import render_as

        results = replace(results, info={**results.info, "versions": versions()})  # as in report.md
        click.echo(render_as(results, "markdown", by=by), nl=False)
    else:
        from evalkit.reports import terminal

        click.echo(terminal.render(results, by=by, stream=sys.stdout), nl=False)


def _executor(dask: str | None, jobs: int | None, paths: Sequence[str], metrics: int) -> Any:
    """Choose a cluster, or processes that start while the files are read; None lets the run decide."""
    from evalkit.data.opening import existing_file, named_path
    from evalkit.engine.executors import dask_executor, jobs_for, process_pool
    from evalkit.engine.shards import get_ready

    if dask is not None:
        return dask_executor(dask, jobs=jobs)
    if jobs is None:
        # Missing files are reported when they are read.
        files = [path for _, path in map(named_path, paths) if existing_file(path)]
        size = sum(map(os.path.getsize, files))
        jobs = jobs_for(size * metrics // 4)  # a character has at most four bytes
    return process_pool(jobs, ahead=get_ready)
