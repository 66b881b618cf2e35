"""``report.md``: for job summaries and comments, at most 60 kB, everything untrusted escaped."""

from __future__ import annotations

import re

from evalkit.reports.tables import Table, by_article, leaderboard
from evalkit.results import Results

__all__ = ["LIMIT", "escape", "render", "table"]

#: bytes of UTF-8; a longer summary may be dropped whole by the page that shows it.
LIMIT = 60_000

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$^=:@-])")


def escape(text: str) -> str:
    """A text that Markdown shows as it is: one line, no mark-up, no HTML, no mention."""
    text = " ".join(text.split())
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", text)


def table(shown: Table) -> str:
    """A pipe table; best values in bold."""
    lines = [
        "| " + " | ".join(escape(name) for name in shown.header) + " |",
        "|" + "|".join([" :--- "] + [" ---: "] * (len(shown.header) - 1)) + "|",
    ]
    for row in shown.rows:
        cells = (f"**{escape(cell.text)}**" if cell.best else escape(cell.text) for cell in row)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def render(results: Results) -> str:
    """The whole report; sections that do not fit are left out from the end, and the report says which."""
    head = f"# evalkit: {escape(results.benchmark)}\n"
    sections: list[tuple[str, str]] = []
    for task in results.tasks:
        shown = leaderboard(task)
        sections.append((task.name, f"## {escape(task.name)}\n\n{table(shown)}\n\n{escape(shown.note)}\n"))
    for task in results.tasks:
        names = [results.titles.get(name, name) for name in task.article_names()]
        if 1 < len(names) <= 20 and len(names) < len(task.ids):
            for scored in task.metrics:
                shown = by_article(task, scored.label, names)
                sections.append((shown.title, f"### {escape(shown.title)}\n\n{table(shown)}\n"))
    lines = [
        f"- {escape(t.name)}, {escape(m.label)}: `{m.signature.replace('`', '')}`"
        for t in results.tasks
        for m in t.metrics
    ]
    sections.append(("signatures", "## Signatures\n\n" + "\n".join(lines) + "\n"))
    text = head
    left: list[str] = []
    for name, section in sections:
        if left or len((text + section).encode()) > LIMIT - 500:
            left.append(name)
        else:
            text += "\n" + section
    if left:
        shown_names = ", ".join(escape(name) for name in left[:5]) + (
            f" and {len(left) - 5} more" if len(left) > 5 else ""
        )
        text += f"\nLeft out, to stay under {LIMIT // 1000} kB: {shown_names}. See report.html.\n"
    return text
