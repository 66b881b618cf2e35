"""``evalkit agree``: agreement of metrics with human scores."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from evalkit.errors import InputError

if TYPE_CHECKING:
    from evalkit.results.results import Results


@click.command()
@click.argument("folder", metavar="RUN")
@click.option(
    "--human", required=True, metavar="FILE", help="People's scores: a table, or MQM, ESA or DA as published."
)
@click.option("--column", metavar="NAME", help="The score's column; mqm, esa, da, z or score if left out.")
@click.option("--field", "fields", multiple=True, metavar="ROLE=COLUMN", help="Names a column: --field system=model.")
@click.option("--higher-is-better", type=click.BOOL, metavar="yes|no", help="For a score whose direction is unknown.")
@click.option("--spans", is_flag=True, help="Compare the spans of errors, instead of scores.")
@click.option("--task", metavar="TASK", help="Of a run with several tasks.")
@click.option("--trials", type=click.IntRange(0), default=200, show_default=True, help="Resamples for the intervals.")
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
def agree(
    folder: str,
    human: str,
    column: str | None,
    fields: tuple[str, ...],
    higher_is_better: bool | None,
    spans: bool,
    task: str | None,
    trials: int,
    format_: str,
) -> None:
    """Say how far the metrics of a run agree with people.

    FILE has the columns system, id (or line, from 1) and a score, or is a file of human scores as WMT publishes them.
    """
    from dataclasses import asdict

    from evalkit.data.fields import Fields
    from evalkit.data.human import match_systems, read_human_scores
    from evalkit.results import meta_evaluation
    from evalkit.results.run_folder import load_results

    results = load_results(folder)
    scored = results.task(task)
    if spans:
        _compare_spans(results, human, task, trials, format_)
        return
    judged = read_human_scores(
        human,
        scored.ids,
        articles=scored.articles,
        column=column,
        fields=Fields.parse(fields),
        higher_is_better=higher_is_better,
    )
    notes = match_systems(scored.systems, judged.scores, human)
    rows, warnings = meta_evaluation.agree(results, judged.scores, task=task, trials=trials)
    for warning in [*([f"{human}: {judged.decided}"] if judged.decided else []), *notes, *warnings]:
        click.echo(f"warning: {warning}", err=True)
    if format_ == "json":
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, allow_nan=False))
    else:
        from evalkit.reports import terminal

        turned = ", its sign turned" if judged.turned else ""
        click.echo(terminal.agreement(rows, f"people's {judged.column}{turned}", stream=sys.stdout), nl=False)


def _compare_spans(results: Results, human: str, task: str | None, trials: int, format_: str) -> None:
    """Precision and recall of the metrics' error spans against those that people marked."""
    from dataclasses import asdict

    from evalkit.data.human import human_spans
    from evalkit.reports import terminal
    from evalkit.reports.span_table import span_table
    from evalkit.results.span_agreement import span_agreement

    scored = results.task(task)
    people = human_spans(human, scored.ids, articles=scored.articles)
    if not people:
        raise InputError(f"{human}: no spans of errors; ESA files of WMT have them, and tables with a column spans")
    rows = span_agreement(results, people, task=task, trials=max(100, trials))
    if not rows:
        raise InputError(f"{scored.name}: no metric of this run marks errors in an output that {human} judges")
    if format_ == "json":
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, allow_nan=False))
    else:
        click.echo(terminal.tables([span_table(scored.name, rows)], stream=sys.stdout), nl=False)
