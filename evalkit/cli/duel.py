"""``evalkit duel``: a judge compares systems pair by pair, in both orders."""

import sys
from pathlib import Path
from typing import Any

import click

from evalkit.cli.judge_flags import check_answered, judge_flags, judge_options_of, print_estimates, print_spent
from evalkit.cli.models import ModelOptions, cache_folder
from evalkit.cli.options import Inputs, benchmark_options
from evalkit.cli.printing import format_option, json_text, progress_bar, writer


@click.command(short_help="Let a judge compare systems pair by pair.")
@click.argument("systems", nargs=-1, required=True, metavar="SYSTEM SYSTEM...")
@click.option("--judge", "model", required=True, metavar="openai:NAME", help="The judge model.")
@click.option("--temperature", type=click.FloatRange(0, 2), default=0.0, help="Sampling temperature of the judge.")
@benchmark_options
@judge_flags
@click.option("--metadata", metavar="FILE", help="TOML file with facts about the systems and the benchmark.")
@click.option("--allow-missing", is_flag=True, help="Treat missing outputs as empty.")
@click.option("--seed", type=click.IntRange(0), default=12345, help="Seed of the tests and intervals.")
@format_option("table", "json", "markdown", "html")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Output file.  [default: standard output]")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress bar.")
def duel(
    systems: tuple[str, ...],
    model: str,
    temperature: float,
    inputs: Inputs,
    judge: dict[str, Any],
    metadata: str | None,
    allow_missing: bool,
    seed: int,
    format_: str,
    out: Path | None,
    quiet: bool,
) -> None:
    """Ask a judge which of two outputs is better, for each segment in both orders.

    A verdict that depends on the order is a tie. Systems are files or folders of outputs, as for evalkit run.
    """
    from evalkit.engine.run_duel import duel as run_duel, duel_estimates
    from evalkit.reports import duel_view, terminal

    bench = inputs.load(systems)
    write = writer(out, format_, "evalkit duel", json='[{"task":')
    options = judge_options_of(judge, cache_folder(), asked=True)
    outputs = inputs.read(bench, systems, allow_missing=allow_missing)
    asked: dict[str, Any] = {"model": model, "temperature": temperature, "metadata": metadata}
    with progress_bar(quiet) as progress:
        runtime = ModelOptions().runtime(None, options, progress)
        if judge["dry_run"]:
            print_estimates(duel_estimates(bench, outputs, runtime, **asked))
            return
        duels = run_duel(bench, outputs, runtime=runtime, seed=seed, **asked)
    print_spent(options)
    if format_ == "json":
        text = json_text([one.to_dict() for one in duels])
    elif format_ == "markdown":
        text = duel_view.markdown(duels)
    elif format_ == "html":
        text = duel_view.page(duels)
    else:
        tables = [table for one in duels for table in duel_view.duel_tables(one)]
        text = terminal.tables(tables, stream=sys.stdout if out is None else None)
    write(text)
    check_answered(runtime)
