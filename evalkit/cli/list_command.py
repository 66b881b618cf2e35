"""``evalkit list``: list metrics, benchmarks, tasks and bundled systems."""

import click

from evalkit.cli.options import bundled_systems
from evalkit.errors import SettingError
from evalkit.text.languages import parse_text_language
from evalkit.wording import count


@click.command("list", short_help="List metrics, tasks, benchmarks and bundled systems.")
@click.argument("what", type=click.Choice(["metrics", "benchmarks", "tasks", "systems"]), default="metrics")
@click.option("--lang", default="zh", help="Target language for which default settings are shown.")
def list_(what: str, lang: str) -> None:
    """List the available metrics, benchmarks, tasks or bundled systems."""
    if what == "metrics":
        parse_text_language(lang)
        click.echo(metrics_table(lang), nl=False)
        return
    from evalkit.data.loading import load_benchmark

    bench = load_benchmark()
    if what == "benchmarks":
        click.echo(f"{bench.name}: {', '.join(t.name for t in bench.tasks)} over {count(len(bench.titles), 'article')}")
    elif what == "tasks":
        for task in bench.tasks:
            click.echo(f"{task.name}: {count(len(task), 'segment')}, scored with {', '.join(task.metrics)}")
    else:
        for path in bundled_systems(bench):
            click.echo(path.name)


def metrics_table(lang: str) -> str:
    """List for each metric its description, range, direction, signature for a language, and missing requirements."""
    from evalkit.metrics.judge import Judge
    from evalkit.metrics.model_metric import ModelMetric
    from evalkit.metrics.parsing import known_metrics
    from evalkit.models.model_folder import missing_packages
    from evalkit.version import install_hint

    extras = {ModelMetric: "neural", Judge: "judge"}
    blocks = []
    for name, cls in known_metrics().items():
        metric = cls()
        low, high = metric.range
        way = "higher" if metric.higher_is_better else "lower"
        try:
            resolved = metric.resolve(lang)
            signature = "\n    ".join(filter(None, (resolved.signature(), resolved.caveat)))
        except SettingError as error:
            signature = str(error)
        blocks.append(f"{name}: {metric.summary}; {_bound(low)} to {_bound(high)}, {way} is better\n    {signature}\n")
        if extra := next((extra for kind, extra in extras.items() if isinstance(metric, kind)), None):
            missing = ", ".join(missing_packages(extra))
            needed = f"needs {missing}, not installed: {install_hint(extra)}" if missing else "installed"
            blocks.append(f"    {needed}\n")
    return "".join(blocks)


def _bound(value: float) -> str:
    return f"{value:g}" if abs(value) < float("inf") else "any"
