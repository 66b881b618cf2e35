"""``evalkit compare-sacrebleu``: compare a run with the scores of sacrebleu."""

import click


@click.command("compare-sacrebleu", short_help="Compare a run with the scores of sacrebleu.")
@click.argument("run_folder", metavar="RUN")
@click.argument("scores", metavar="FILE")
@click.option("--task", metavar="TASK", help="The task that sacrebleu scored, if the run has several.")
@click.option("--system", metavar="NAME", help="The system that sacrebleu scored, if the run has several.")
def compare_sacrebleu(run_folder: str, scores: str, task: str | None, system: str | None) -> None:
    """Compare a run with sacrebleu's scores (its JSON), and list the settings that differ."""
    from evalkit.integrations.sacrebleu import compare_scores, read_scores
    from evalkit.results.run_folder import load_results

    for row in compare_scores(load_results(run_folder).task(task), read_scores(scores), system):
        click.echo(str(row))
