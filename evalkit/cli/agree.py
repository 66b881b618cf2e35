"""``evalkit agree``: agreement of metrics with human scores."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    pass


@click.command()
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
    from evalkit.results import meta_evaluation
    from evalkit.results.run_folder import load_results

    results = load_results(folder)
    judged = read_human_scores(human, results.task(task).ids, column=column)
    rows, warnings = meta_evaluation.agree(results, judged.scores, task=task, trials=trials)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    if format_ == "json":
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, allow_nan=False))
    else:
        from evalkit.reports import terminal

        turned = ", its sign turned" if judged.turned else ""
        click.echo(terminal.agreement(rows, f"people's {judged.column}{turned}", stream=sys.stdout), nl=False)
