"""``evalkit plan``: how much data detects a difference, and which segments people should label."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evalkit.cli.options import Human, human_options, pair_options
from evalkit.cli.printing import format_option, print_rows
from evalkit.errors import SettingError

if TYPE_CHECKING:
    from evalkit.results.results import Results


@click.command(short_help="Plan the sample size, and choose segments to label.")
@click.argument("folder", metavar="RUN")
@click.option("--difference", type=float, metavar="D", help="The difference to detect, in units of the score.")
@click.option("--power", type=click.FloatRange(0.5, 0.999), default=0.8, help="Probability of detecting it.")
@click.option("--alpha", type=click.FloatRange(1e-6, 0.5), default=0.05, help="Significance level of the test.")
@click.option(
    "--comparisons", type=click.IntRange(1), default=1, help="Number of tests that share the significance level."
)
@pair_options
@human_options(required=False, what="Plan a study with raters, from these scores of a pilot.")
@click.option("--label", type=click.IntRange(1), metavar="N", help="Choose N segments for people to label.")
@click.option("--system", "systems", multiple=True, metavar="NAME", help="With --label: the systems to compare.")
@click.option("--seed", type=click.IntRange(0), default=12345, help="With --label: seed of the random choice.")
@click.option("--out", metavar="FILE", help="With --label: the CSV file of chosen segments with their weights.")
@format_option("table", "json")
def plan(
    folder: str,
    difference: float | None,
    power: float,
    alpha: float,
    comparisons: int,
    pairs: dict[str, Any],
    human: Human | None,
    label: int | None,
    systems: tuple[str, ...],
    seed: int,
    out: str | None,
    format_: str,
) -> None:
    """Plan an evaluation from the pilot in RUN, before paying for it.

    With --difference, print how many articles, segments, and samples or raters per output are needed to detect a
    difference of D. With --label, choose the segments that people should label, with their weights for evalkit compare
    --human.
    """
    from evalkit.reports.human_score_tables import plan_tables
    from evalkit.results import planning
    from evalkit.results.run_folder import load_results

    if (difference is None) == (label is None):
        raise SettingError("give --difference D for the size of an evaluation, or --label N to choose segments")
    if label is not None and out is None:
        raise SettingError("--label needs --out FILE for the chosen segments")
    if label is None and (out is not None or systems):
        raise SettingError("--out and --system require --label N")
    if label is not None and (human is not None or pairs["baseline"] or pairs["metric"]):
        raise SettingError("--human, --baseline and --metric require --difference D")
    if difference is not None and not 0 < abs(difference) < math.inf:
        raise SettingError(f"--difference {difference:g} must be a number other than 0")
    if difference is not None and human is not None and pairs["metric"] is not None:
        raise SettingError("give --metric or --human, not both")
    results = load_results(folder)
    if label is not None and out is not None:
        _choose(results, label, systems, pairs["task"], seed, out)
        return
    goal = planning.Goal(difference or 0.0, power, alpha, comparisons)
    if human is None:
        rows = planning.plan(results, goal, **pairs)
    else:
        scores = human.read(results.task(pairs["task"]))
        owners, segments, _ = scores.places.T
        own = {name: owners == i for i, name in enumerate(scores.systems)}
        judgements = {name: (segments[of], scores.values[of]) for name, of in own.items()}
        rows = planning.plan_for_people(results, judgements, goal, baseline=pairs["baseline"], task=pairs["task"])
    print_rows(rows, format_, lambda: plan_tables(rows, goal))


def _choose(results: Results, n: int, systems: tuple[str, ...], task: str | None, seed: int, out: str) -> None:
    """Choose segments and write them with their weights."""
    import csv
    import io

    from evalkit.files import write_file
    from evalkit.printable import spreadsheet_field
    from evalkit.results.planning import choose_segments
    from evalkit.wording import count

    if Path(out).exists():
        raise SettingError(f"refusing to overwrite {out}; name another file with --out")
    chosen = choose_segments(results, n, systems=systems or None, task=task, seed=seed)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "article", "weight"])
    for row in chosen:
        writer.writerow([spreadsheet_field(row.id), spreadsheet_field(row.article or ""), f"{row.weight:.6g}"])
    write_file(out, text.getvalue())
    click.echo(f"{out}: label {count(len(chosen), 'segment')}; then: evalkit compare RUN --human FILE --weights {out}")
