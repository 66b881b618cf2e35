"""``evalkit worst``: the segments to read first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evalkit.cli.printing import format_option, json_text

if TYPE_CHECKING:
    from evalkit.results.task_results import TaskResults


@click.command(short_help="Show the segments to read first.")
@click.argument("folder", metavar="RUN")
@click.option("--system", metavar="NAME", help="The system to show.  [default: the best of each task]")
@click.option("--against", metavar="NAME", help="Order by the loss against this system, instead of by score.")
@click.option("-m", "--metric", metavar="METRIC", help="The metric that orders segments.  [default: the first]")
@click.option("--task", metavar="TASK", help="Use only this task.")
@click.option("--by", metavar="SLICES", help="Show N segments per article, kind, length, quantities, names or field.")
@click.option("-n", "count", type=click.IntRange(1), default=20, help="Segments per task.")
@format_option("text", "json")
def worst(
    folder: str,
    system: str | None,
    against: str | None,
    metric: str | None,
    task: str | None,
    by: str | None,
    count: int,
    format_: str,
) -> None:
    """Show the segments of RUN to read first, with source, reference, output and findings.

    Segments with error findings come first, then those with the lowest score, or with --against those with the largest
    loss.
    """
    from evalkit.reports import worst_text
    from evalkit.results.run_folder import load_results

    results = load_results(folder)
    tasks = [results.task(task)] if task else [t for t in results.tasks if _has(t, system, against, metric)]
    names = [t.name for t in tasks] or [results.tasks[0].name]
    worst_lists = [results.worst(system, count, task=name, against=against, metric=metric, by=by) for name in names]
    rows = [row for part in worst_lists for row in part.to_dicts()]
    click.echo(json_text(rows) if format_ == "json" else "\n".join(map(worst_text.render, worst_lists)), nl=False)


def _has(task: TaskResults, system: str | None, against: str | None, metric: str | None) -> bool:
    return (metric is None or task.has(metric)) and {system, against} <= {None, *task.systems}
