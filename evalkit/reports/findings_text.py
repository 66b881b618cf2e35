"""Render findings as plain text for a terminal."""

from __future__ import annotations

from evalkit.printable import printable
from evalkit.results.findings import Checked

__all__ = ["render"]


def render(checked: Checked) -> str:
    """Render one block per system and task: one line per finding under the id of its output, and a count."""
    lines: list[str] = []
    for (system, task), number in checked.outputs.items():
        items = [item for item in checked.items if (item.system, item.task) == (system, task)]
        lines.append(f"{system}, {task}")
        last = None
        for item in items:
            if item.segment != last:
                lines.append(f"  {printable(item.segment, one_line=True)}")
                last = item.segment
            lines.append(
                f"    {item.finding.severity:<7}  {item.metric}: {printable(item.finding.message, one_line=True)}"
            )
        errors = sum(item.finding.severity == "error" for item in items)
        faulty = len({item.segment for item in items if item.finding.severity == "error"})
        looked = ", ".join(checked.metrics[task]) or "no metric: nothing to check with"
        lines += [
            f"  {errors} errors in {faulty} of {number} outputs, {len(items) - errors} warnings ({looked})",
            "",
        ]
    return "\n".join(lines)
