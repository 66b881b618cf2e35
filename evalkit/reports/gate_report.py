"""Render the verdict of a gate for a terminal: the headline, new errors, broken rules and changes."""

from typing import TextIO

from evalkit.gate.verdict import State, Verdict
from evalkit.reports.comment import changes_table
from evalkit.reports.tables import Cell, Table
from evalkit.reports.terminal import page_for

_MAX_RULES = 20


def render(verdict: Verdict, *, stream: TextIO | None = None) -> str:
    """Return the whole text, plain and unwrapped unless the stream is a terminal."""
    page = page_for(stream)
    style = {State.FAILED: "bold red", State.PASSED: "bold green"}.get(verdict.state, "bold yellow")
    page.line(verdict.headline, style)
    # Each error is written once: the headline has the message of the first rule.
    for breach in verdict.breaches[:_MAX_RULES]:
        above = breach.message in verdict.headline
        page.line(f"  rule: {breach.rule}" if above else f"  {breach.rule}: {breach.message}")
    if len(verdict.breaches) > _MAX_RULES:
        page.line(f"  and {len(verdict.breaches) - _MAX_RULES} more")
    written = page.text()
    for example in verdict.examples:
        if example.new_error and example.why.partition(": ")[2] not in written:
            page.line(f"  new error in segment {example.segment} of {example.system}: {example.why}")
    table = changes_table(verdict.changes)
    if table.rows:
        page.line("")
        # A narrow terminal shows the columns in several parts, each with the first column, which must name the score.
        rows = [(Cell(" ".join(cell.text for cell in row[:3])), *row[3:]) for row in table.rows]
        page.table(Table("", ("score", *table.header[3:]), tuple(rows), table.note), left=(len(table.header) - 3,))
    elif table.note:
        page.line(table.note, "dim")
    for note in verdict.notes:
        page.line(note, "dim")
    return page.text()
