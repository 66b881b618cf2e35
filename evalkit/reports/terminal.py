"""Tables for a terminal or a pipe."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Literal, TextIO

from rich.cells import cell_len

from evalkit.errors import few
from evalkit.printable import printable
from evalkit.reports.slice_tables import slice_tables
from evalkit.reports.tables import Table, by_article, format_p, leaderboard, leave_one_out, row_of
from evalkit.results.comparisons import Difference, unjudged_note
from evalkit.results.results import Results
from evalkit.results.rows import Rows
from evalkit.wording import UNDEFINED, format_interval, format_number

if TYPE_CHECKING:
    from rich.text import Text

# Number of spaces between columns.
_GAP = 2


def render(results: Results, *, by: str | None = None, stream: TextIO | None = None) -> str:
    """The leaderboard of each task.

    :param by: ``article`` adds one table per metric with one column per article; other slices add their tables.
    :param stream: the stream that the text is written to, which determines colors and width; plain and unwrapped by default.
    """
    page = page_for(stream)
    for task in results.tasks:
        page.table(leaderboard(task), mark=True)
        if references := leave_one_out(task):
            page.table(references)
        if by == "article":
            for scored in task.metrics:
                page.table(by_article(task, scored.label), mark=True)
    if by not in (None, "article"):
        for table in slice_tables(results.slices(by), results):
            page.table(table, left=(1,) if table.header[1] == "score" else ())
    return page.text()


#: Explanations of columns, by name.
_LEGEND = {
    "detectable difference": "the smallest true difference that these data show with 80% power",
    "human agreement": "how often people rank two systems with this difference the same way, where published (Kocmi et "
    "al. 2024)",
}


def differences(comparisons: Rows[Difference], *, notes: Sequence[str] = (), stream: TextIO | None = None) -> str:
    """Render a table of pairs for each task and metric; the notes, the resampling and the test are described at the end."""
    page = page_for(stream)
    described, columns = dict.fromkeys(notes), set[str]()
    reasons: dict[tuple[str, str], list[str]] = {}
    metrics: dict[str, set[str]] = {}
    for (task, metric), group in groupby(comparisons, key=lambda d: (d.task, d.metric)):
        rows = list(group)
        table = _difference_table(f"{task}, {metric}", rows)
        page.table(table, mark=True, left=tuple(map(table.header.index, {"baseline", "better"} & {*table.header})))
        columns.update(table.header)
        metrics.setdefault(task, set()).add(metric)
        for reason in dict.fromkeys(d.reason for d in rows if d.reason):
            reasons.setdefault((task, reason), []).append(metric)
        described |= dict.fromkeys(f"{task}, {metric}: {unjudged_note(d)}" for d in rows if d.unjudged)
        described |= dict.fromkeys(f"{task}: {d.method}; {d.note}" for d in rows)
    # A reason that holds for all metrics of a task is written once.
    why = (
        f"{task}{'' if len(names) == len(metrics[task]) > 1 else f', {few(names)}'}: {reason}"
        for (task, reason), names in reasons.items()
    )
    legend = (f"{column}: {meaning}" for column, meaning in _LEGEND.items() if column in columns)
    for note in (*why, *described, *legend):
        page.line(note, "dim")
    return page.text()


def tables(
    contents: Sequence[Table], *, left: tuple[int, ...] = (1,), notes: Sequence[str] = (), stream: TextIO | None = None
) -> str:
    """Render any tables, with the columns of ``left`` aligned to the left besides the first one, and notes below them."""
    page = page_for(stream)
    for table in contents:
        page.table(table, left=left)
    for note in notes:
        page.line(note, "dim")
    return page.text()


def _difference_table(title: str, rows: Sequence[Difference]) -> Table:
    # A value that is the same in all rows, or missing from all of them, needs no column.
    left_out = set()
    if all(d.p is None and d.p_corrected is None for d in rows):
        left_out |= {"p", "corrected p", "better"}
    if all(d.min_detectable_difference is None for d in rows):
        left_out.add("detectable difference")
    if len({d.baseline for d in rows}) == 1:
        left_out.add("baseline")
        title += f", against {rows[0].baseline}"
    if all(d.agreement is None for d in rows):
        left_out.add("human agreement")
    texts = [{name: text for name, text in _difference_row(d).items() if name not in left_out} for d in rows]
    return Table(title, tuple(texts[0]), tuple(row_of(*row.values()) for row in texts))


def _difference_row(d: Difference) -> dict[str, str]:
    digits = 2
    if d.low is not None and d.high is not None and d.high - d.low > 1e-9 * abs(d.high):
        # Use two significant digits of the interval's width.
        digits = max(0, 1 - math.floor(math.log10(d.high - d.low)))
    return {
        "system": d.system,
        "baseline": d.baseline,
        "difference": format_number(d.difference, f"+.{digits}f"),
        "interval": format_interval(d.low, d.high, f".{digits}f"),
        "p": format_p(d.p),
        "corrected p": format_p(d.p_corrected),
        "better": d.better or UNDEFINED,
        "detectable difference": format_number(d.min_detectable_difference, f".{digits}f"),
        "human agreement": format_number(d.agreement, ".0%"),
    }


def page_for(stream: TextIO | None) -> _Plain:
    """Return the page for a stream: styled and wrapped for a terminal, plain for a pipe or no stream."""
    return _Styled() if stream is not None and stream.isatty() else _Plain()


class _Plain:
    """Lines for a pipe, which has no width, so that no line is wrapped."""

    #: Explains how the best values are marked.
    legend = " (* best)"

    def __init__(self) -> None:
        self._lines: list[str] = []

    def line(self, text: str, style: str = "", *, wrapped: bool = False) -> None:
        """Add a line; a ``wrapped`` text may contain line feeds."""
        self._lines.append(printable(text, one_line=not wrapped))

    def text(self) -> str:
        """All lines so far."""
        return "".join(f"{line}\n" for line in self._lines)

    def table(self, table: Table, *, mark: bool = False, left: tuple[int, ...] = ()) -> None:
        """Add a table with its title and note; ``mark`` puts a star beside the best values, because bold is lost in a pipe."""
        if table.title:
            self.line(table.title, "italic")
        self._rows(table, mark, left)
        if table.note:
            self.line(table.note + (self.legend if mark else ""), "dim", wrapped=True)
        self.line("")

    def _rows(self, table: Table, mark: bool, left: tuple[int, ...]) -> None:
        # There is room for a star beside every number, so that decimal points are aligned.
        star = ("", "") if not mark else (" ", "*")
        cells = [[row[0].text, *(cell.text + star[cell.best] for cell in row[1:])] for row in table.rows]
        rows = [[printable(text, one_line=True) for text in row] for row in (table.header, *cells)]
        widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            padded = []
            for i, (text, width) in enumerate(zip(row, widths, strict=True)):
                space = " " * (width - cell_len(text))
                padded.append(text + space if i == 0 or i in left else space + text)
            self._lines.append((" " * _GAP).join(padded).rstrip())


class _Styled(_Plain):
    """Lines for a terminal of some width, with styles."""

    legend = ""

    def __init__(self) -> None:
        from rich.console import Console

        self._buffer = io.StringIO()
        self._console = Console(file=self._buffer, force_terminal=True, highlight=False, emoji=False, markup=False)

    def line(self, text: str, style: str = "", *, wrapped: bool = False) -> None:
        self._console.print(_text(text, style, one_line=not wrapped))

    def text(self) -> str:
        return self._buffer.getvalue()

    def _rows(self, table: Table, mark: bool, left: tuple[int, ...]) -> None:
        from rich.table import Table as RichTable

        rows = [
            [_text(cell.text, "bold" if cell.best else "dim" if cell.faded else "") for cell in row]
            for row in table.rows
        ]
        room = self._console.width
        words = [max(map(cell_len, name.split()), default=1) for name in table.header]
        widths = [max([word, *(row[i].cell_len for row in rows)]) for i, word in enumerate(words)]
        for columns in _fitting(widths, room):
            grid = RichTable(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
            whole = sum(max(widths[i], cell_len(table.header[i])) + _GAP for i in columns) - _GAP <= room
            for i in columns:
                side: Literal["left", "right"] = "left" if i == 0 or i in left else "right"
                width = None if whole else min(widths[i], room)
                grid.add_column(_text(table.header[i]), justify=side, overflow="fold", width=width)
            for row in rows:
                grid.add_row(*(row[i] for i in columns))
            self._console.print(grid)


def _fitting(widths: Sequence[int], room: int) -> list[list[int]]:
    """Split a table into parts that fit the width without breaking a word; each part repeats the first column."""
    parts: list[list[int]] = [[0]]
    for i in range(1, len(widths)):
        if sum(widths[k] + _GAP for k in parts[-1]) + widths[i] > room and len(parts[-1]) > 1:
            parts.append([0])
        parts[-1].append(i)
    return parts


def _text(text: str, style: str = "", *, one_line: bool = True) -> Text:
    from rich.text import Text

    return Text(printable(text, one_line=one_line), style=style)
