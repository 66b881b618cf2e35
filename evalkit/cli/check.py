"""``evalkit check``: list the findings in outputs."""

import click

from evalkit.cli.options import Inputs, benchmark_options
from evalkit.cli.printing import format_option, json_text


@click.command(short_help="List the problems in outputs.")
@click.argument("systems", nargs=-1, metavar="[SYSTEM]...")
@benchmark_options
@click.option("--allow-missing", is_flag=True, help="Treat missing outputs as empty.")
@format_option("table", "json")
def check(systems: tuple[str, ...], inputs: Inputs, allow_missing: bool, format_: str) -> None:
    """List the problems in outputs one by one: quantities, names and terms, key facts, health.

    Nothing is scored or written. The exit status is 0 whatever is found, because this command is for readers; use
    evalkit gate in a build.
    """
    from evalkit.engine.check_outputs import check as check_outputs
    from evalkit.reports.worst_text import render_findings

    bench = inputs.load(systems)
    checked = check_outputs(bench, inputs.read(bench, systems, allow_missing=allow_missing))
    rows = [item.as_dict() for item in checked.items]
    click.echo(json_text(rows) if format_ == "json" else render_findings(checked), nl=False)
