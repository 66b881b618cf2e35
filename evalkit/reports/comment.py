"""``comment.md``: a gate's verdict for a job summary or a comment: the verdict, what changed, the worst examples.

Everything untrusted is escaped; at most :data:`~evalkit.reports.markdown.LIMIT` bytes, with a note of what was cut.
"""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.gate.verdict import Change, Example, Verdict
from evalkit.reports.markdown import LIMIT, escape, table
from evalkit.reports.tables import UNDEFINED, Cell, Table, format_score
from evalkit.results.pair_text import p_value

__all__ = ["MARK", "changes_table", "render"]

#: stands first, so that a workflow can find and renew its own comment.
MARK = "<!-- evalkit-gate -->"

#: rows of the table and broken rules that are listed; the rest is counted.
MAX_ROWS = 60
MAX_RULES = 40

_SIGNS = {"failed": "❌", "passed": "✅", "refused": "⚠️"}
_ORDER = (
    "worse",
    "undefined",
    "worse, within what is allowed",
    "better",
    "cannot be tested",
    "new",
    "no evidence of a change",
    "unchanged",
)


def render(verdict: Verdict) -> str:
    """The whole text."""
    parts = [f"{MARK}\n{_SIGNS[verdict.status]} **{escape(verdict.headline)}**\n"]
    if verdict.breaches:
        listed = [f"- `{b.rule}`: {escape(b.message)}" for b in verdict.breaches[:MAX_RULES]]
        if len(verdict.breaches) > MAX_RULES:
            listed.append(f"- and {len(verdict.breaches) - MAX_RULES} more; junit.xml lists them all")
        parts.append("#### Broken rules\n\n" + "\n".join(listed) + "\n")
    if verdict.changes:
        parts.append(_changes(verdict.changes))
    if verdict.notes:
        parts.append("\n".join(f"- {escape(note)}" for note in verdict.notes) + "\n")
    if verdict.examples:
        title = "Worst examples" if verdict.breaches else "What fell most"
        parts.append(f"#### {title}\n")
        parts.extend(_example(example) for example in verdict.examples)
    return _fitted(parts)


def _fitted(parts: Sequence[str]) -> str:
    text = parts[0]
    for i, part in enumerate(parts[1:], 1):
        if len((text + "\n" + part).encode()) > LIMIT - 200:
            return text + f"\nCut here, to stay under {LIMIT // 1000} kB: {len(parts) - i} parts are left out.\n"
        text += "\n" + part
    return text


def changes_table(changes: Sequence[Change]) -> tuple[Table, str]:
    """What changed, what matters most first; and a sentence on the rows that are not shown."""

    def key(change: Change) -> tuple[int, float]:
        return _ORDER.index(change.state), -abs(change.change or 0.0) / change.scale

    ordered = sorted(changes, key=key)
    shown = [change for change in ordered if change.state != "unchanged"][:MAX_ROWS]
    left = len(changes) - len(shown)
    header = ("task", "system", "metric", "baseline", "now", "change", "95% interval", "p", "verdict")
    rows = tuple(tuple(Cell(text) for text in _row(change)) for change in shown)
    same = sum(change.state == "unchanged" for change in changes)
    others = left - same
    counts = ([f"{same} unchanged"] if same else []) + ([f"{others} more that changed less"] if others else [])
    return Table("", header, rows), f"{' and '.join(counts)} not shown." if left else ""


def _changes(changes: Sequence[Change]) -> str:
    shown, left = changes_table(changes)
    text = table(shown) + "\n" if shown.rows else ""
    return text + (f"\n{left}\n" if left else "")


def _row(change: Change) -> tuple[str, ...]:
    def shown(value: float | None, sign: bool = False) -> str:
        text = format_score(value, change.scale)
        return f"+{text}" if sign and value is not None and value > 0 else text.replace("-", "−")

    arrow = "↑" if change.higher_is_better else "↓"
    interval = UNDEFINED
    if change.low is not None and change.high is not None:
        interval = f"{shown(change.low, True)} to {shown(change.high, True)}"
    p = UNDEFINED if change.p is None else p_value(change.p)
    return (
        change.task,
        change.system,
        f"{change.metric} {arrow}",
        shown(change.old),
        shown(change.new),
        shown(change.change, True),
        interval,
        p,
        change.state,
    )


def _example(example: Example) -> str:
    lines = [
        f"**{escape(example.system)}**, {escape(example.task)}, {escape(example.segment)}: {escape(example.why)}\n"
    ]
    for name, text in (("source", example.source), ("reference", example.reference), ("output", example.output)):
        if text or name == "output":
            lines.append(f"> **{name}** {escape(text) if text.strip() else '(empty)'}\n>")
    return "\n".join(lines).removesuffix("\n>") + "\n"
