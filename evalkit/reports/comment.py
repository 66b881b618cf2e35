"""``comment.md``: the verdict of a gate for a job summary or a pull-request comment.

It lists new errors, broken rules, changes and the largest losses. Untrusted text is escaped. The file has at most
:data:`~evalkit.reports.markdown.LIMIT` bytes; a note says what was cut.
"""

from collections.abc import Sequence

from evalkit.gate.verdict import Change, ChangeState, Example, State, Verdict
from evalkit.reports.markdown import LIMIT, escape, fitted, table
from evalkit.reports.tables import Cell, Table, format_p, row_of
from evalkit.wording import UNDEFINED, arrow, count, decimals, format_score, p_equation, signed

#: The first line, by which a workflow finds and replaces its own comment.
MARK = "<!-- evalkit-gate -->"

#: Maximum rows of the table and maximum broken rules listed; the rest are counted.
MAX_ROWS = 60
MAX_RULES = 40

_SIGNS = {State.FAILED: "❌", State.PASSED: "✅", State.INCONCLUSIVE: "❔", State.REFUSED: "⚠️"}
_ORDER = list(ChangeState)


def render(verdict: Verdict) -> str:
    """Return the whole comment."""
    parts = [f"{MARK}\n{_SIGNS[verdict.state]} **{escape(verdict.headline)}**\n"]
    new_errors = [example for example in verdict.examples if example.new_error]
    if verdict.findings:
        parts.append(_new_errors(verdict))
        parts.extend(map(_example, new_errors))
    if verdict.breaches:
        listed = [f"- `{b.rule}`: {escape(b.message)}" for b in verdict.breaches[:MAX_RULES]]
        if len(verdict.breaches) > MAX_RULES:
            listed.append(f"- and {len(verdict.breaches) - MAX_RULES} more; junit.xml lists them all")
        parts.append("#### Broken rules\n\n" + "\n".join(listed) + "\n")
    if verdict.changes:
        content = changes_table(verdict.changes)
        rows, note = table(content) + "\n" if content.rows else "", f"\n{content.note}\n" if content.note else ""
        parts.append(rows + note)
    if verdict.notes:
        parts.append("\n".join(f"- {escape(note)}" for note in verdict.notes) + "\n")
    if len(new_errors) < len(verdict.examples):
        parts.append(f"#### {'Worst examples' if verdict.breaches else 'Largest losses'}\n")
        parts.extend(_example(example) for example in verdict.examples if not example.new_error)
    text, left = fitted(parts[0], (("", part) for part in parts[1:]), LIMIT - 200)
    return text + (
        f"\nCut here, to stay under {LIMIT // 1000} kB: {count(len(left), 'part')} left out.\n" if left else ""
    )


def _new_errors(verdict: Verdict) -> str:
    lines = []
    for change in verdict.findings:
        p = "" if change.p is None else f"; {p_equation(change.p)} (sign flips by article)"
        alone = f" ({change.alone} of a kind that fails a build on its own)" if change.alone else ""
        lines.append(
            f"- {escape(change.metric)} in {escape(change.system)}, {escape(change.task)}: {len(change.new)} new{alone}, "
            f"{change.resolved} resolved{p}"
        )
    return "#### New errors\n\n" + "\n".join(lines) + "\n"


def changes_table(changes: Sequence[Change]) -> Table:
    """Return the changes, most important first, with a note of how many are not shown."""

    def key(change: Change) -> tuple[int, float]:
        return _ORDER.index(change.state), -abs(change.change or 0.0) / change.scale

    ordered = sorted(changes, key=key)
    listed = [change for change in ordered if change.state is not ChangeState.UNCHANGED][:MAX_ROWS]
    same = sum(change.state is ChangeState.UNCHANGED for change in changes)
    others = len(changes) - len(listed) - same
    counts = [count(same, "unchanged score")] if same else []
    counts += [f"{count(others, 'score')} with a smaller change"] if others else []
    header = ("task", "system", "metric", "baseline", "now", "change", "95% interval", "p", "corrected p", "verdict")
    return Table("", header, tuple(map(_row, listed)), f"Not shown: {' and '.join(counts)}." if counts else "")


def _row(change: Change) -> tuple[Cell, ...]:
    digits = decimals(change.scale)
    interval = UNDEFINED
    if change.low is not None and change.high is not None:
        interval = f"{signed(change.low, digits)} to {signed(change.high, digits)}".replace("±", "")
    explained = change.state in (ChangeState.INCONCLUSIVE, ChangeState.WITHIN) and change.reason
    return row_of(
        change.task,
        change.system,
        f"{change.metric} {arrow(change.higher_is_better)}",
        format_score(change.old, change.scale),
        format_score(change.new, change.scale),
        signed(change.change, digits),
        interval,
        format_p(change.p),
        format_p(change.p_corrected),
        f"{change.state.value}: {change.reason}" if explained else change.state.value,
    )


def _example(example: Example) -> str:
    named = ", ".join(map(escape, (example.task, example.segment)))
    lines = [f"**{escape(example.system)}**, {named}: {escape(example.why)}\n"]
    now = "output" if example.before is None else "after"
    texts = {"source": example.source, "reference": example.reference, "before": example.before, now: example.output}
    for name, text in texts.items():
        if text or name == now or (name == "before" and text is not None):
            lines.append(f"> **{name}** {escape(text) if text and text.strip() else '(empty)'}\n>")
    return "\n".join(lines).removesuffix("\n>") + "\n"
