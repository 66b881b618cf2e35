"""``evalkit duel``: a judge compares systems pair by pair, in both orders."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from evalkit.cli.judge_flags import estimate_text, judge_flags, judge_options_of, print_spent
from evalkit.cli.options import Inputs, benchmark_options
from evalkit.cli.progress import progress_bar


@click.command(short_help="Let a judge compare systems pair by pair.")
@click.argument("systems", nargs=-1, required=True, metavar="SYSTEM SYSTEM...")
@click.option("--judge", "model", required=True, metavar="openai:NAME", help="The model that judges.")
@click.option("--temperature", type=click.FloatRange(0, 2), default=0.0, show_default=True, help="Of the judge.")
@benchmark_options
@judge_flags
@click.option("--allow-missing", is_flag=True, help="Read a missing output as empty.")
@click.option("--seed", type=int, default=12345, show_default=True, help="Seed of the tests and intervals.")
@click.option(
    "--format", "format_", type=click.Choice(["table", "json", "markdown", "html"]), default="table", show_default=True
)
@click.option(
    "--out", metavar="FILE", type=click.Path(path_type=Path), help="Write to a file instead of standard output."
)
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
def duel(
    systems: tuple[str, ...],
    model: str,
    temperature: float,
    inputs: Inputs,
    judge: dict[str, Any],
    allow_missing: bool,
    seed: int,
    format_: str,
    out: Path | None,
    quiet: bool,
) -> None:
    """Ask a judge which of two outputs is better, for each segment in both orders.

    A verdict that depends on the order is a tie. Systems are files or folders of outputs, as for evalkit run.
    """
    from evalkit.cli.run import cache_folder
    from evalkit.engine.run_duel import duel_estimates, run_duel
    from evalkit.files import check_own, write_own
    from evalkit.models.runtime import Runtime
    from evalkit.reports import duel_view, terminal

    bench = inputs.load(systems)
    mark = "evalkit duel" if format_ != "json" else '[{"task":'
    if out is not None:
        check_own(out, mark, "text" if format_ == "table" else format_)
    options = judge_options_of(judge, cache_folder(), asked=True)
    outputs = inputs.read(bench, systems, allow_missing=allow_missing)
    with progress_bar(quiet) as progress:
        runtime = Runtime(
            judge=options, progress=progress, notify=lambda sentence: click.echo(f"note: {sentence}", err=True)
        )
        if judge["dry_run"]:
            for what, estimate in duel_estimates(bench, outputs, runtime, model=model, temperature=temperature):
                click.echo(estimate_text(what, estimate))
            return
        duels = run_duel(bench, outputs, runtime, model=model, temperature=temperature, seed=seed)
    print_spent(options)
    if format_ == "json":
        text = json.dumps([one.to_dict() for one in duels], ensure_ascii=False, allow_nan=False) + "\n"
    elif format_ == "markdown":
        text = duel_view.markdown(duels)
    elif format_ == "html":
        text = duel_view.page(duels)
    else:
        tables = [table for one in duels for table in duel_view.duel_tables(one)]
        text = terminal.tables(tables, stream=sys.stdout if out is None else None)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_own(out, text, mark, "text" if format_ == "table" else format_)
