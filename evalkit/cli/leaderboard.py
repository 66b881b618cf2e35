"""``evalkit leaderboard``: append runs to a history and render its page or site."""

import os
from pathlib import Path

import click

from evalkit.errors import InputError
from evalkit.files import check_own, exclusive, write_own
from evalkit.wording import count


@click.command(short_help="Append runs to a history and write its page or site.")
@click.argument("history", metavar="HISTORY")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@click.option("--commit", metavar="TEXT", help="Commit that produced the outputs.  [default: the commit of the CI job]")
@click.option("--out", metavar="FILE", help="Output file of the page.  [default: HISTORY with the ending .html]")
@click.option("--site", metavar="FOLDER", help="Write a static site instead: an overview and a page per benchmark.")
@click.option("--title", metavar="TEXT", help="Title of the page or site.  [default: the name of HISTORY]")
def leaderboard(
    history: str, runs: tuple[str, ...], commit: str | None, out: str | None, site: str | None, title: str | None
) -> None:
    """Append runs to a history of scores, and render its page, or a site that can be published as it is.

    HISTORY is an append-only JSONL file with one line per system and run. Lines from other files can be merged into it,
    and a line that cannot be read is reported and skipped.
    """
    from evalkit.leaderboard.history import append, entries_of, read_history
    from evalkit.reports import timeline_page as page
    from evalkit.results.run_folder import load_results

    if out and site:
        raise click.UsageError("give --out or --site, not both")
    file = Path(history)
    target = Path(site) / "index.html" if site else Path(out) if out else file.with_suffix(".html")
    check_own(target, page.GENERATOR, "html")
    if not runs and not file.exists():
        raise InputError(f"{file}: no such history; name the runs to start it with")
    commit = commit or os.environ.get("GITHUB_SHA") or os.environ.get("CI_COMMIT_SHA") or None
    entries = [entry for folder in runs for entry in entries_of(load_results(folder), commit)]
    with exclusive(file.parent):
        added = append(file, entries)
        lines_read = read_history(file)
        name = title or file.name
        pages = page.render_site(lines_read, name) if site else {target.name: page.render(lines_read, name)}
        for path in pages:
            check_own(target.parent / path, page.GENERATOR, "html")
        for path, text in pages.items():
            write_own(target.parent / path, text, page.GENERATOR, "html")
    for line in lines_read.broken:
        click.echo(f"evalkit: {file}:{line.number}: {line.reason}; skipped", err=True)
    if lines_read.broken:
        lines = len(lines_read.broken) + len(lines_read.entries)
        click.echo(f"evalkit: {file}: {count(len(lines_read.broken), 'line')} skipped of {lines:,}", err=True)
    known = f", {len(entries) - added} already present" if added < len(entries) else ""
    click.echo(f"{file}: {count(added, 'line')} added{known}, {len(lines_read.entries):,} in total")
    click.echo(f"site: {target}" if site else f"page: {target}")
