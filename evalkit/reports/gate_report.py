"""Render the verdict of a gate for a terminal: the headline, new errors, broken rules and changes."""

from __future__ import annotations

from typing import TextIO

from evalkit.gate.verdict import State, Verdict
from evalkit.reports.comment import changes_table
from evalkit.reports.terminal import page_for

__all__ = ["render"]

_MAX_RULES = 20
#: Columns aligned to the left.
_NAMES = {"system", "metric", "verdict"}


def render(verdict: Verdict, *, stream: TextIO | None = None) -> str:
    """Return the whole text, plain and unwrapped unless the stream is a terminal."""
    page = page_for(stream)
    style = {State.FAILED: "bold red", State.PASSED: "bold green"}.get(verdict.state, "bold yellow")
    page.line(verdict.headline, style)
    for breach in verdict.breaches[:_MAX_RULES]:
        page.line(f"  {breach.rule}: {breach.message}")
    if len(verdict.breaches) > _MAX_RULES:
        page.line(f"  and {len(verdict.breaches) - _MAX_RULES} more")
    for example in verdict.examples:
        if example.new_error:
            page.line(f"  new error in {example.segment} of {example.system}: {example.why}")
    table = changes_table(verdict.changes)
    if table.rows:
        page.line("")
        page.table(table, left=tuple(i for i, name in enumerate(table.header) if name in _NAMES))
    elif table.note:
        page.line(table.note, "dim")
    for note in verdict.notes:
        page.line(note, "dim")
    return page.text()
