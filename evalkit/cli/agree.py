"""``evalkit agree``: agreement of metrics with human scores."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from evalkit.cli.options import Human, human_options
from evalkit.cli.printing import choice_option, format_option, print_rows
from evalkit.errors import InputError

if TYPE_CHECKING:
    from evalkit.results.results import Results


@click.command(short_help="Measure how well metrics agree with human scores.")
@click.argument("folder", metavar="RUN")
@human_options(required=True, what="Human scores: a table, or MQM, ESA or DA scores as published.")
@click.option("--spans", is_flag=True, help="Compare error spans instead of scores.")
@click.option("--normalize", type=click.Choice(["rater"]), help="Add a table with each rater's scores standardized.")
@choice_option("--ties", choices=["held-out", "parity"], help="Where the tie threshold is fitted.")
@click.option(
    "--compare-by",
    type=click.Choice(["pearson", "accuracy", "soft-pairwise-accuracy", "calibrated-accuracy"]),
    help="Also compare the metrics with each other by this measure.",
)
@click.option("--task", metavar="TASK", help="The task to use, if the run has several.")
@click.option("--trials", type=click.IntRange(0, 1_000_000), default=200, help="Number of resamples for the intervals.")
@format_option("table", "json")
def agree(
    folder: str,
    human: Human,
    spans: bool,
    normalize: str | None,
    ties: str,
    compare_by: str | None,
    task: str | None,
    trials: int,
    format_: str,
) -> None:
    """Measure how well the metrics of a run agree with human scores.

    The file of human scores has the columns system, id (or line, from 1) and a score, or the format in which WMT
    publishes human scores.
    """
    from evalkit import stats
    from evalkit.reports.human_score_tables import agreement_table, metric_tables
    from evalkit.reports.tables import Table
    from evalkit.results import meta_evaluation
    from evalkit.results.run_folder import load_results

    results = load_results(folder)
    scored = results.task(task)
    if spans:
        _compare_spans(results, human.file, task, trials, format_)
        return
    scores = human.read(scored)
    warnings: list[str] = []
    versions = [scores] + ([scores.normalized()] if normalize else [])
    if normalize is None and len(scores.raters) > 1:
        share = stats.variance_between_raters(scores.values, scores.places[:, 2])
        warnings.append(f"{share:.0%} of the variance of the scores lies between raters; see --normalize rater")
    tables: list[Table] = []
    rows: list[dict[str, object]] = []
    for version in versions:
        agreement_rows, more = meta_evaluation.agree(results, version.scores, task=task, trials=trials, ties=ties)
        warnings += [warning for warning in more if warning not in warnings]
        name = version.column + (", sign flipped (higher is better)" if scores.sign_flipped else "")
        rows += [{"human": version.column, **asdict(row)} for row in agreement_rows]
        tables.append(agreement_table(agreement_rows, f"the human scores ({name})"))
        if compare_by is not None:
            pairs, ranks = meta_evaluation.compare_agreement(results, version.scores, compare_by, task=task, ties=ties)
            rows += [{"human": version.column, **asdict(pair)} for pair in pairs]
            tables += metric_tables(pairs, ranks)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    print_rows(rows, format_, lambda: tables)


def _compare_spans(results: Results, human: str, task: str | None, trials: int, format_: str) -> None:
    """Compute precision and recall of the metrics' error spans against the spans marked by people."""
    from evalkit.data.human import human_spans
    from evalkit.reports.human_score_tables import span_table
    from evalkit.results.span_agreement import span_agreement

    scored = results.task(task)
    people = human_spans(human, scored.ids, articles=scored.articles, lang=scored.lang)
    if not people:
        raise InputError(f"{human}: no spans of errors; ESA files of WMT have them, and tables with a column spans")
    rows = span_agreement(results, people, task=task, trials=max(100, trials))
    if not rows:
        raise InputError(f"{scored.name}: no metric of this run marks errors in the outputs that are judged in {human}")
    print_rows(rows, format_, lambda: [span_table(scored.name, rows)])
