"""``evalkit probe``: measure which errors metrics detect."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evalkit.cli.judge_flags import estimate_text, judge_flags, judge_options_of, print_spent, shown_command
from evalkit.cli.models import model_options, runtime_of, with_dtype
from evalkit.cli.options import Inputs, benchmark_options
from evalkit.cli.progress import progress_bar
from evalkit.errors import SettingError
from evalkit.files import check_own, write_own

if TYPE_CHECKING:
    pass


@click.command(short_help="Measure which errors metrics detect.")
@partial(benchmark_options, limit=False)
@click.option("-m", "--metric", "metrics", multiple=True, metavar="METRIC", help="Only this one; may be repeated.")
@judge_flags
@model_options
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
    inputs: Inputs,
    metrics: tuple[str, ...],
    judge: dict[str, Any],
    device: str | None,
    dtype: str | None,
    batch_size: int | None,
    download: bool,
    generate: bool,
    kinds: tuple[str, ...],
    limit: int,
    seed: int,
    format_: str,
    out: Path | None,
) -> None:
    """Ask metrics whether they notice: texts with one known error each, and harmless variants of right ones.

    The bundled contrasts by default; with --generate, or for a benchmark of your own, contrasts made by rule (numbers,
    units, names of a glossary, negation, omission, duplication, untranslated sentences, and whole outputs that are empty,
    truncated, a copy of the source, very long, or that ask for a high score).
    """
    from evalkit.cli.run import cache_folder
    from evalkit.metrics.judge import Judge
    from evalkit.metrics.parsing import as_metrics, split_names
    from evalkit.probing import bundled_cases
    from evalkit.probing import generate as make
    from evalkit.probing import probe as ask
    from evalkit.probing.score import judge_estimates
    from evalkit.reports import probe_report as report

    marked = (
        ('{"probe":', "json") if format_ == "json" else ("evalkit probe", "text" if format_ == "table" else format_)
    )
    if out is not None:
        check_own(out, *marked)
    own = not inputs.bundled
    if (kinds or inputs.terms or inputs.facts) and not (own or generate):
        raise SettingError("--kind, --terms and --facts belong to contrasts made by rule; give --generate too")
    bench = inputs.load()
    cases = make(bench, kinds=kinds or None, limit=limit, seed=seed) if own or generate else bundled_cases(bench)
    chosen = as_metrics(name for text in metrics for name in split_names(text)) if metrics else None
    chosen = with_dtype(chosen, dtype)
    judges = [metric for metric in chosen or () if isinstance(metric, Judge)]
    runtime = runtime_of(
        device=device,
        batch_size=batch_size,
        download=download,
        store=cache_folder() / "models",
        judge=judge_options_of(judge, cache_folder(), asked=bool(judges)),
    )
    if judge["dry_run"]:
        for what, estimate in judge_estimates(judges, cases, runtime):
            click.echo(estimate_text(what, estimate))
        return
    with progress_bar(quiet=False) as progress:
        probed = ask(chosen, cases, progress=progress, runtime=runtime)
    print_spent(runtime.judge)
    if format_ == "json":
        text = json.dumps(report.records(probed), ensure_ascii=False, allow_nan=False) + "\n"
    elif format_ == "markdown":
        text = report.markdown(probed, command=" ".join(shown_command()))
    else:
        text = report.table(probed)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_own(out, text, *marked)
