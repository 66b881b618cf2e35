"""``evalkit compare``: compare the systems of a run."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from evalkit.cli import share_one_heap
from evalkit.cli.options import Human, gathered, human_options, pair_options
from evalkit.cli.printing import choice_option, format_option, print_rows
from evalkit.errors import SettingError

if TYPE_CHECKING:
    from evalkit.results.results import Results


@click.command(short_help="Test which systems of a run are better.")
@click.argument("folder", metavar="RUN")
@pair_options
@click.option("--all-pairs", is_flag=True, help="Compare all pairs, as without --baseline.")
@gathered(
    "test",
    dict,
    choice_option("--method", choices=["randomization", "bootstrap"], help="Significance test."),
    click.option("--trials", type=click.IntRange(100, 1_000_000), help="Number of resamples.  [default: 10,000]"),
    click.option(
        "--confidence", type=click.FloatRange(0.5, 0.999), default=0.95, help="Confidence level of the intervals."
    ),
    choice_option(
        "--correction", choices=["holm", "benjamini-hochberg", "none"], help="Correction for multiple comparisons."
    ),
    click.option("--compat", type=click.Choice(["sacrebleu"]), help="Compute the p-values of this tool instead."),
)
@click.option("--by", metavar="SLICES", help="Compare by article, kind, length, quantities, names or another field.")
@human_options(required=False, what="Human scores of some segments, to correct metrics with.")
@click.option(
    "--weights", metavar="FILE", help="With --human: weights of the labeled segments, as evalkit plan writes them."
)
@format_option("table", "json")
def compare(
    folder: str,
    pairs: dict[str, Any],
    all_pairs: bool,
    test: dict[str, Any],
    by: str | None,
    human: Human | None,
    weights: str | None,
    format_: str,
) -> None:
    """Test which systems of a run differ significantly.

    With --human, differences in human scores are estimated from the metric on all segments and corrected with the
    segments that have human scores, which must have been chosen at random or with evalkit plan.
    """
    from evalkit.results.run_folder import load_results

    if pairs["baseline"] and all_pairs:
        raise SettingError("give --baseline or --all-pairs, not both")
    if by is not None and human is not None:
        raise SettingError("give --by or --human, not both")
    if weights is not None and human is None:
        raise SettingError("--weights requires --human FILE")
    share_one_heap()
    results = load_results(folder)
    if by is not None:
        from evalkit.reports.slice_tables import slice_tables

        _refuse_unused(test, "--by")
        if pairs["baseline"] is None:
            raise SettingError("--by compares with one system in each slice; name it with --baseline")
        slices = results.slices(by, **pairs)
        print_rows(slices.to_dicts(), format_, lambda: slice_tables(slices, results), _declarations(results, slices))
        return
    if human is not None:
        from evalkit.data.human import read_weights
        from evalkit.reports.human_score_tables import correction_tables
        from evalkit.results.human_correction import corrected_differences

        _refuse_unused([name for name in test if name != "confidence"], "--human")
        scored = results.task(pairs["task"])
        scores = human.read(scored).scores
        of_segments = None if weights is None else read_weights(weights, scored.ids)
        rows = corrected_differences(results, scores, **pairs, weights=of_segments, confidence=test["confidence"])
        print_rows(rows, format_, lambda: correction_tables(rows), _declarations(results, rows))
        return
    differences = results.compare(**pairs, **test)
    if format_ == "json":
        print_rows(differences.to_dicts(), format_, list, _declarations(results, differences))
    else:
        from evalkit.reports import terminal

        notes = _declarations(results, differences)
        click.echo(terminal.differences(differences, notes=notes, stream=sys.stdout), nl=False)


def _refuse_unused(names: Iterable[str], option: str) -> None:
    """:raises SettingError: if one of these options was given, which have no effect together with another one."""
    given = click.get_current_context().get_parameter_source
    if unused := [f"--{name}" for name in names if given(name) is ParameterSource.COMMANDLINE]:
        raise SettingError(f"{' and '.join(unused)} cannot be used with {option}; leave out one of them")


def _declarations(results: Results, rows: Iterable[Any]) -> list[str]:
    """Return what was declared about the systems that affects how these rows should be read."""
    from evalkit.results.metadata import metadata_notes

    labels: dict[str, set[str]] = {}
    for row in rows:
        labels.setdefault(row.task, set()).add(row.metric)
    tasks = [task for task in results.tasks if task.name in labels]
    return [f"{task.name}: {note}" for task in tasks for note in metadata_notes(task, labels=labels[task.name])]
