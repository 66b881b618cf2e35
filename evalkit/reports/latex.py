"""A table for a paper: booktabs, best values in bold, significant differences from the baseline marked."""

import re

from evalkit.printable import printable
from evalkit.reports.task_view import TaskView
from evalkit.reports.view import ReportView
from evalkit.reports.view_model import ScoreCell
from evalkit.results.metadata import metadata_notes

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    # At the beginning of a row, LaTeX would read these two as an argument of the line break before it.
    "[": "{[}",
    "*": "{*}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "\N{NO-BREAK SPACE}": "~",
    "–": "--",
    "−": "$-$",
}
_SPECIAL_CHARACTERS = re.compile("|".join(map(re.escape, _SPECIAL)))
_MARKS = {"better": r"$^{\uparrow}$", "worse": r"$^{\downarrow}$"}


def escape(text: str) -> str:
    """Escape text so that TeX typesets it unchanged on one line."""
    return _SPECIAL_CHARACTERS.sub(
        lambda match: _SPECIAL[match.group()], printable(re.sub(r"[ \t\r\n\v\f]+", " ", text)).strip()
    )


def render(report: ReportView) -> str:
    """Render one table per task."""
    return r"% needs \usepackage{booktabs}" + "\n" + "\n".join(_table(report, task) for task in report.tasks)


def _table(report: ReportView, task: TaskView) -> str:
    arrows = {True: r"$\uparrow$", False: r"$\downarrow$"}
    header = " & ".join(["System", *(f"{escape(c.label)} {arrows[c.higher_is_better]}" for c in task.columns)])
    rows = [" & ".join([escape(row.system), *map(_cell, row.cells)]) for row in task.rows]
    body = "".join(f"    {row} \\\\\n" for row in rows)
    caption = [escape(f"{task.heading} ({task.name} of {report.title}, {task.units}).")]
    if len(task.rows) > 1:
        caption.append("Best in bold.")
    if any(cell.verdict in _MARKS for row in task.rows for cell in row.cells):
        method = next((e.method for e in task.evidence.values() if e.method), "")
        baseline = f"{escape(task.baseline)} ({escape(method)})"
        caption.append(rf"$^{{\uparrow}}$, $^{{\downarrow}}$: better, worse than {baseline}.")
    caption += [escape(f"{note}.") for note in metadata_notes(task.task)]
    signatures = "\n".join(f"% {c.label}: {c.signature}".replace("\n", " ") for c in task.columns)
    return (
        f"{signatures}\n"
        "\\begin{table}[t]\n  \\centering\n"
        f"  \\begin{{tabular}}{{l{'r' * len(task.columns)}}}\n"
        f"    \\toprule\n    {header} \\\\\n    \\midrule\n{body}    \\bottomrule\n"
        "  \\end{tabular}\n"
        f"  \\caption{{{' '.join(caption)}}}\n"
        f"  \\label{{tab:{re.sub('[^A-Za-z0-9-]+', '-', task.name)}}}\n"
        "\\end{table}\n"
    )


def _cell(cell: ScoreCell) -> str:
    text = escape(cell.text)
    if cell.best:
        text = rf"\textbf{{{text}}}"
    return text + _MARKS.get(cell.verdict, "")
