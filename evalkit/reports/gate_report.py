"""Render the verdict of a gate for a terminal: the headline, new errors, broken rules and changes."""

from __future__ import annotations

import io

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from evalkit.gate.verdict import State, Verdict
from evalkit.printable import printable
from evalkit.reports.comment import changes_table

__all__ = ["render"]

_MAX_RULES = 20


def render(verdict: Verdict, *, tty: bool = False, width: int | None = None) -> str:
    """Return the whole text, plain and unwrapped unless it goes to a terminal; control characters are escaped visibly."""
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=width if tty else 10_000,
        force_terminal=tty,
        no_color=None if tty else True,
        highlight=False,
        emoji=False,
        markup=False,
    )
    style = {State.FAILED: "bold red", State.PASSED: "bold green"}.get(verdict.state, "bold yellow")
    console.print(Text(printable(verdict.headline), style=style))
    for breach in verdict.breaches[:_MAX_RULES]:
        console.print(Text(printable(f"  {breach.rule}: {breach.message}")))
    if len(verdict.breaches) > _MAX_RULES:
        console.print(Text(f"  and {len(verdict.breaches) - _MAX_RULES} more"))
    for example in verdict.examples:
        if example.new_error:
            console.print(Text(printable(f"  new error in {example.segment} of {example.system}: {example.why}")))
    table, left = changes_table(verdict.changes)
    if table.rows:
        console.print()
        shown = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for name in table.header:
            shown.add_column(Text(name), justify="right" if name in _NUMBERS else "left", overflow="fold")
        for row in table.rows:
            shown.add_row(*(Text(printable(cell.text)) for cell in row))
        console.print(shown)
    if left:
        console.print(Text(left, style="dim"))
    for note in verdict.notes:
        console.print(Text(printable(note), style="dim"))
    return "\n".join(line.rstrip() for line in buffer.getvalue().split("\n"))


_NUMBERS = {"baseline", "now", "change", "95% interval", "p", "corrected p"}
