"""``report.md``: for job summaries and comments; at most 60 kB, untrusted text escaped, bars drawn with characters."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from evalkit.errors import few
from evalkit.printable import printable
from evalkit.reports.narrative import Part
from evalkit.reports.tables import Table
from evalkit.reports.task_view import TaskView
from evalkit.reports.view import ReportView
from evalkit.reports.view_model import ScoreCell
from evalkit.wording import count

#: Maximum size in bytes of UTF-8; a longer summary may be dropped entirely by the site that shows it.
LIMIT = 60_000

_SPECIAL = re.compile(r"([\\`*_{}\[\]|~$]|(?<=\])\()")
#: Characters that start a heading, a list, a quotation or a rule, but only at the beginning of a line.
_OPENING = re.compile(r"^(\s*)([-+=#]|\d+(?=[.)]))")
#: Characters that sites turn into a mention, an issue link or an emoji; a backslash does not prevent it.
_MENTION = re.compile(r"[@#](?=\w)|(?<=\w)!(?=\d)|:(?=[\w+-]+:)")
#: Width of a drawn interval in characters.
_WIDTH = 16
#: Maximum rows of a leaderboard, articles of a table, and systems of a table by article.
_ROWS, _ARTICLES, _SYSTEMS = 40, 20, 12


def escape(text: str, *, first: bool = True) -> str:
    """Escape text so that Markdown shows it unchanged: one line, no markup, no HTML, no mentions.

    :param first: whether the text may be the first of its line, where ``1.`` and ``-`` start a list.
    """
    # White space at the ends is kept, because pieces of a sentence are escaped one by one.
    text = printable(re.sub(r"\s+", " ", text))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _SPECIAL.sub(r"\\\1", text)
    text = _OPENING.sub(_open, text) if first else text
    return _MENTION.sub(lambda match: match.group() + "\N{WORD JOINER}", text)


def _open(match: re.Match[str]) -> str:
    white, mark = match.groups()
    return f"{white}{mark}\\" if mark.isdigit() else f"{white}\\{mark}"


def table(content: Table, left: int = 1) -> str:
    """Render a pipe table with the best values in bold and the first ``left`` columns aligned to the left."""
    rows = [[(escape(cell.text, first=False), cell.best) for cell in row] for row in content.rows]
    cells = [[f"**{text}**" if best else text for text, best in row] for row in rows]
    return _pipe([escape(name, first=False) for name in content.header], cells, left)


def render(report: ReportView, *, quotes: bool = True) -> str:
    """Render the whole report. Sections that do not fit are omitted from the end, and the report says which.

    :param quotes: whether to show the outputs to read first, the only section that quotes texts.
    """
    sections: list[tuple[str, str]] = [(task.name, _task(task)) for task in report.tasks]
    for task in report.tasks:
        if quotes and task.read_first:
            sections.append((f"{task.name}, outputs to read first", _read_first(task)))
    for task in report.tasks:
        sections += [(t.title, table_section(t)) for tables in task.slices.values() for t in tables]
    for task in report.tasks:
        if task.worse.rows:
            sections.append((f"{task.name}, articles below {task.baseline}", _titled(task, task.worse, left=3)))
    for task in report.tasks:
        sections += [(f"{task.name}, {t.title}", _titled(task, _shortened(t))) for t in task.heat]
    sections.append(("signatures", _signatures(report)))
    text, left = fitted(f"# evalkit: {escape(report.title)}\n", sections, LIMIT - 1000)
    if left:
        text += f"\nLeft out, to stay under {LIMIT // 1000} kB: {few(map(escape, left), 5)}. See report.html.\n"
    return text


def fitted(text: str, sections: Iterable[tuple[str, str]], room: int) -> tuple[str, list[str]]:
    """Add the sections that fit into ``room`` bytes, given with their names, in order; return the names of the others."""
    left: list[str] = []
    for name, section in sections:
        if len((text + section).encode()) > room:
            left.append(name)
        else:
            text += "\n" + section
    return text, left


def _task(task: TaskView) -> str:
    header = ["rank", "system", *(escape(column.heading) for column in task.columns)]
    rows = []
    for row in task.rows[:_ROWS]:
        name = escape(row.system) + (" (baseline)" if row.system == task.baseline and len(task.rows) > 1 else "")
        rows.append([row.cells[0].ranks, name, *map(_score, row.cells)])
    if any(row.cells[0].bar for row in task.rows):
        first = [row.cells[0] for row in task.rows]
        intervals = [f"`{_bar(cell.bar)}` {cell.interval}" if cell.bar else "" for cell in first]
        for cells, text in zip([header, *rows], ["interval", *intervals], strict=False):
            cells.insert(3, text)
    more = f"\nand {count(len(task.rows) - _ROWS, 'more system')}\n" if len(task.rows) > _ROWS else ""
    key = ""
    if len(task.rows) > 1:
        key = "In parentheses: the difference from the baseline. Rank: by score alone, because no system was tested.\n"
        if task.ranked_by_tests:
            key = (
                "▲ better, ▼ worse than the baseline, ≈ no significant difference, ? depends on unjudged segments. "
                "Rank: the best and worst rank that the tests allow.\n"
            )
    notes = "".join(f"{escape(note)}.  \n" for note in task.notes)
    return (
        f"## {escape(task.name)}\n\n{escape(task.heading)}, {escape(task.units)}.\n\n"
        + "".join(f"{''.join(map(_part, sentence))}\n\n" for sentence in task.verdict)
        + f"{_pipe(header, rows, left=2)}\n{more}\n{key}\n{notes}"
    )


def _read_first(task: TaskView) -> str:
    blocks = []
    for entry in task.read_first:
        lines = [f"- **{escape(entry.row.system)}**, segment {escape(entry.row.segment)}: {escape(entry.headline)}"]
        for name, _, pieces in entry.excerpts:
            parts = (f"**{escape(part)}**" if wrong and part.strip() else escape(part) for part, wrong in pieces)
            lines.append(f"  - {escape(name)}: {''.join(parts)}")
        lines += [f"  - {finding.severity}: {escape(finding.message)}" for _, finding in entry.row.findings[:4]]
        blocks.append("\n".join(lines))
    return f"### {escape(task.name)}: outputs to read first\n\n" + "\n".join(blocks) + "\n"


def table_section(content: Table, left: int = 1) -> str:
    """Render a table with its title and note."""
    note = f"\n{escape(content.note)}.\n" if content.note else ""
    return f"### {escape(content.title)}\n\n{table(content, left)}\n{note}"


def _titled(task: TaskView, content: Table, left: int = 1) -> str:
    return table_section(replace(content, title=f"{task.name}: {content.title}"), left)


def _shortened(heat: Table) -> Table:
    """Return the first articles and systems of a table by article, with the last row and a note of what is left out."""
    *articles, total = heat.rows
    left = [(len(articles) - _ARTICLES, "article"), (len(heat.header) - 1 - _SYSTEMS, "system")]
    more = " and ".join(count(n, noun) for n, noun in left if n > 0)
    return Table(
        heat.title,
        heat.header[: _SYSTEMS + 1],
        tuple(row[: _SYSTEMS + 1] for row in (*articles[:_ARTICLES], total)),
        f"{more} more in report.html" if more else "",
    )


def _signatures(report: ReportView) -> str:
    lines = [
        f"- {escape(task.name)}, {escape(column.label)}: `{column.signature.replace('`', '')}`"
        for task in report.tasks
        for column in task.columns
    ]
    notes = [f"{escape(task.name)}: {task.references}" for task in report.tasks if task.references]
    notes += [escape(text) for name, text in report.about if name == "versions"]
    return "## Signatures\n\n" + "\n".join([*lines, *(f"- {text}" for text in notes)]) + "\n"


def _score(cell: ScoreCell) -> str:
    text = f"**{cell.text}**" if cell.best else cell.text
    marks = {"better": "▲", "worse": "▼", "open": "≈", "same": "≈", "undecided": "?"}
    return f"{text} ({cell.delta}{marks.get(cell.verdict, '')})" if cell.delta else text


def _bar(bar: Sequence[float]) -> str:
    low, at, high = (min(_WIDTH - 1, int(_WIDTH * value / 100)) for value in bar)
    return "".join("●" if i == at else "━" if low <= i <= high else "·" for i in range(_WIDTH))


def _part(part: Part) -> str:
    return f"**{escape(part.text)}**" if part.strong else escape(part.text)


def _pipe(header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    lines = ["| " + " | ".join(header) + " |"]
    lines.append("|" + "|".join([" :--- "] * left + [" ---: "] * (len(header) - left)) + "|")
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)
