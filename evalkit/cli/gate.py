"""``evalkit gate``: check a run against a baseline."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evalkit.errors import EvalkitError, IncomparableError, SettingError
from evalkit.files import append_file, check_own, errors_of, write_own

if TYPE_CHECKING:
    from evalkit.gate.verdict import Verdict

#: Maximum size in bytes. The service drops a longer job summary, together with the output of other steps.
SUMMARY_LIMIT = 1024 * 1024


@click.command(short_help="Fail a build if a run is worse than a baseline.")
@click.argument("run_folder", metavar="RUN")
@click.option("--baseline", metavar="FILE", help="The baseline.  [default: evalkit-baseline.json]")
@click.option("--no-baseline", is_flag=True, help="Check only floors and findings.")
@click.option("--update", is_flag=True, help="Make RUN the new baseline without checking it.")
@click.option("--with-texts", is_flag=True, help="With --update: keep the outputs, so that reports can show them.")
@click.option("--config", metavar="FILE", help="TOML file of rules.  [default: [tool.evalkit.gate] of pyproject.toml]")
@click.option("--system", "systems", multiple=True, metavar="NAME", help="Check only this system; may be repeated.")
@click.option("--reports", metavar="FOLDER", help="Folder for junit.xml, badge.json and comment.md.  [default: RUN]")
def gate(
    run_folder: str,
    baseline: str | None,
    no_baseline: bool,
    update: bool,
    with_texts: bool,
    config: str | None,
    systems: tuple[str, ...],
    reports: str | None,
) -> None:
    """Fail a build (exit 1) if a run breaks the rules: a significant drop, lost outputs, new errors, a floor.

    Rules are written in TOML, for example max_drop = { BLEU = 1.0 }, article_min = { KeyFacts = 0.1 } or findings_max =
    { "Health.error" = 0 }. A gate that can show neither a failure nor that every drop is within max_drop is
    inconclusive (exit 0, or 1 with inconclusive = "fail"). Runs with different data or signatures are not compared
    (exit 3).
    """
    from evalkit.gate.baseline import baseline_of, read_baseline, write_baseline
    from evalkit.gate.checking import check, refused
    from evalkit.gate.rules import find_rules, read_rules
    from evalkit.results.claim import GATE_REPORTS
    from evalkit.results.run_folder import load_results

    if update and (no_baseline or systems):
        raise SettingError("--update makes the whole run the baseline; leave out --no-baseline and --system")
    if no_baseline and baseline:
        raise SettingError("--no-baseline compares with nothing; leave out --baseline")
    baseline = baseline or "evalkit-baseline.json"
    if with_texts and not update:
        raise SettingError("--with-texts requires --update")
    rules = read_rules(config) if config else find_rules()
    results = load_results(run_folder)
    if update:
        written_path = write_baseline(baseline, baseline_of(results, rules.systems, with_texts=with_texts))
        click.echo(f"baseline: {written_path}")
        return
    folder = Path(reports or run_folder)
    for name, (mark, format_) in GATE_REPORTS.items():
        check_own(folder / name, mark, format_)
    error: IncomparableError | None = None
    try:
        verdict = check(results, None if no_baseline else read_baseline(baseline), rules, systems)
    except IncomparableError as unlike:
        error, verdict = unlike, refused(results, unlike)
    _report_verdict(verdict, folder)
    if error:
        raise error
    if verdict.failed:
        raise click.exceptions.Exit(1)


def _report_verdict(verdict: Verdict, folder: Path) -> None:
    """Write all reports, however the command ends."""
    from evalkit.gate.verdict import State
    from evalkit.reports import badge, comment, gate_report, junit
    from evalkit.results.claim import GATE_REPORTS

    text = comment.render(verdict)
    reports = {"junit.xml": junit.render(verdict), "badge.json": badge.render(verdict), "comment.md": text}
    for name, (mark, format_) in GATE_REPORTS.items():
        write_own(folder / name, reports[name], mark, format_)
    job_summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if job_summary:
        try:
            append_summary(job_summary, text)
        except EvalkitError as problem:
            click.echo(f"evalkit: {problem}", err=True)
    if verdict.state is not State.REFUSED:
        click.echo(gate_report.render(verdict, stream=sys.stdout), nl=False)
    click.echo(f"reports: {', '.join(str(folder / name) for name in reports)}", err=True)


def append_summary(path: str | Path, text: str) -> bool:
    """Append a text to a job summary, or its first two lines if it is too long; return whether there was room."""
    with errors_of("read", path):
        room = SUMMARY_LIMIT - (Path(path).stat().st_size if Path(path).exists() else 0)
    short = "\n".join(text.split("\n")[:2]) + "\n"
    fitting = next((part + "\n" for part in (text, short) if len(part.encode()) + 2 < room), "")
    if fitting:
        append_file(path, fitting)
    return bool(fitting)
