"""``evalkit report``: render the report of a run folder again."""

import sys
from pathlib import Path

import click

from evalkit.cli.printing import format_option, writer
from evalkit.errors import SettingError


@click.command(short_help="Render a run as a page, a table or data.")
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@format_option("html", "markdown", "latex", "csv", "json", "table")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Output file; see above for the default.")
@click.option("--baseline", metavar="SYSTEM", help="The system that the others are compared with.")
@click.option("--by", metavar="SLICES", help="Also show scores by article, kind, length, quantities, names or a field.")
def report(run_folder: Path, format_: str, out: Path | None, baseline: str | None, by: str | None) -> None:
    """Render a run again without scoring: as a page, a table for a paper, or plain numbers.

    Without --out, HTML replaces the run's own report.html and everything else goes to standard output.
    """
    from evalkit.reports import render_as
    from evalkit.results.run_folder import load_results, replace_report

    if baseline is not None and format_ in ("csv", "table"):
        raise SettingError(
            f"--format {format_} shows only scores; --baseline works with html, markdown, latex and json"
        )
    if by is not None and format_ in ("csv", "json", "latex"):
        raise SettingError(f"--format {format_} shows no slices; --by works with html, markdown and table")
    write = writer(out, format_, "evalkit report", csv="system,task,level,", json='{"format": "evalkit-report"')
    results = load_results(run_folder)
    if format_ == "table":
        from evalkit.reports import terminal

        text = terminal.render(results, by=by, stream=None if out else sys.stdout)
    else:
        text = render_as(results, format_, baseline=baseline, by=by)
    if out is None and format_ == "html":
        out = replace_report(run_folder, "report.html", text)
    else:
        write(text)
    if out is not None:
        click.echo(str(out))
