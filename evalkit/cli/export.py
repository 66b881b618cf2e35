"""``evalkit export``: write a run for other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    pass


@click.command()
@click.argument("run_folder", metavar="RUN")
@click.option("--format", "format_", type=click.Choice(["model-index"]), required=True)
@click.option("--system", metavar="NAME", help="Only this system.")
@click.option("--dataset", metavar="ID", help="The dataset's id on the hub.  [default: the benchmark's name]")
def export(run_folder: str, format_: str, system: str | None, dataset: str | None) -> None:
    """Write a run in a form that other tools read: model-index, the metadata of a model card (YAML)."""
    from evalkit.reports.model_index import render
    from evalkit.results.run_folder import load_results

    click.echo(render(load_results(run_folder), system, dataset), nl=False)
