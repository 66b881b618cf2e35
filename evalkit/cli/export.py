"""``evalkit export``: export a run for other tools."""

from pathlib import Path

import click

from evalkit.errors import SettingError
from evalkit.files import write_file

TARGETS = ("csv", "latex", "model-index", "hub", "mlflow", "wandb")
#: The options that only some targets have.
_OPTIONS = {
    "out": ("csv", "latex", "model-index", "hub", "wandb"),
    "uri": ("mlflow",),
    "project": ("mlflow", "wandb"),
    "online": ("wandb",),
    "system": ("model-index",),
    "dataset": ("model-index",),
}


@click.command(short_help="Export a run for other tools.")
@click.argument("run_folder", metavar="RUN")
@click.option("--to", "target", type=click.Choice(TARGETS), required=True, help="Format or tool to export to.")
@click.option("--out", metavar="PATH", help="File or folder.  [default: standard output; the current folder for wandb]")
@click.option("--uri", metavar="URI", help="MLflow's tracking store, such as sqlite:///mlflow.db or a server.")
@click.option("--project", metavar="NAME", help="Project or experiment of a tracker.  [default: the benchmark's name]")
@click.option("--online", is_flag=True, help="Upload to wandb now, instead of leaving the files for wandb sync.")
@click.option("--system", metavar="NAME", help="Only this system (model-index).")
@click.option("--dataset", metavar="ID", help="The dataset's id on the hub (model-index).  [default: the benchmark's]")
def export(
    run_folder: str,
    target: str,
    out: str | None,
    uri: str | None,
    project: str | None,
    online: bool,
    system: str | None,
    dataset: str | None,
) -> None:
    """Export the scores of RUN for other tools.

    csv, latex and model-index (the metadata of a model card) are text formats; hub is a folder that can be pushed as a
    dataset; mlflow and wandb log one run per system.
    """
    from evalkit.results.run_folder import load_results

    for name, targets in _OPTIONS.items():
        if click.get_current_context().params[name] and target not in targets:
            raise SettingError(f"--{name} is for --to {', '.join(targets)}; leave it out")
    results = load_results(run_folder)
    if target in ("mlflow", "wandb"):
        from evalkit.integrations.trackers import to_mlflow, to_wandb

        if target == "mlflow":
            lines = to_mlflow(results, uri, project)
        else:
            lines = to_wandb(results, project, Path(out or "."), online=online)
        click.echo("\n".join(lines))
    elif target == "hub":
        from evalkit.integrations.hub_folder import write_hub_folder

        if out is None:
            raise SettingError("--to hub writes a folder; name it with --out")
        click.echo("\n".join(map(str, write_hub_folder(results, Path(out)))))
    else:
        from evalkit.reports import model_index, render_as

        model = target == "model-index"
        text = model_index.render(results, system, dataset) if model else render_as(results, target)
        if out is None:
            click.echo(text, nl=False)
            return
        if Path(out).exists():
            raise SettingError(f"refusing to overwrite {out}; name a new file")
        write_file(out, text)
        click.echo(out)
