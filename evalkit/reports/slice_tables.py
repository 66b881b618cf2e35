"""Tables of scores by slice: one per task and metric, and with a baseline one per pair."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from evalkit.reports.tables import UNDEFINED, Cell, Table, format_score
from evalkit.results.pair_text import p_value
from evalkit.results.results import Results
from evalkit.results.slices import MACRO, Slice, Slices

__all__ = ["slice_tables"]

_NOTE = (
    "p: whether the difference in the slice differs from that in the rest (interaction, by article, corrected over slices "
    "and pairs); share: what the slice contributes to the whole difference"
)


def slice_tables(found: Slices, results: Results) -> Iterator[Table]:
    """Return tables of systems by slices or, with a baseline, tables of slices for each pair.

    :param results: the results that the slices belong to.
    """
    for (task, metric), group in groupby(found, key=lambda row: (row.task, row.metric)):
        rows = list(group)
        scale = results.task(task).metric(metric).metric.range[1]
        few = sorted({row.slice for row in rows if row.small})
        some = any(not row.small for row in rows if row.slice != MACRO)
        left_out = ", and not part of the macro-average" if some else ""
        small = f"too few segments or articles to read anything into{left_out}: {', '.join(few)}" if few else ""
        if any(row.baseline for row in rows):
            for system in dict.fromkeys(row.system for row in rows if row.baseline):
                yield _pair_table([row for row in rows if row.system == system], scale, small)
        else:
            yield _system_table(rows, scale, small)


def _head(row: Slice) -> str:
    if row.slice == MACRO:
        return MACRO
    articles = "" if row.articles is None else f", {row.articles} article{'s' if row.articles != 1 else ''}"
    return f"{row.slice} ({row.segments:,}{articles}{'; too few' if row.small else ''})"


def _system_table(rows: list[Slice], scale: float, small: str) -> Table:
    slices = list(dict.fromkeys(_head(row) for row in rows))
    systems = list(dict.fromkeys(row.system for row in rows))
    cells = {(row.system, _head(row)): Cell(format_score(row.score, scale)) for row in rows}
    return Table(
        title=f"{rows[0].task}, {rows[0].metric} by {rows[0].by}",
        header=("system", *slices),
        rows=tuple((Cell(system), *(cells[system, name] for name in slices)) for system in systems),
        note=small,
    )


def _pair_table(rows: list[Slice], scale: float, small: str) -> Table:
    def signed(value: float | None) -> str:
        text = format_score(value, scale)
        if not text.strip("-0."):
            return text.lstrip("-")
        return f"+{text}" if value is not None and value > 0 else text

    def cells(row: Slice) -> tuple[Cell, ...]:
        interval = UNDEFINED
        if row.low is not None and row.high is not None:
            interval = f"{format_score(row.low, scale)} to {format_score(row.high, scale)}"
        p = UNDEFINED if row.p is None else p_value(row.p)
        texts = (_head(row), format_score(row.score, scale), interval, signed(row.difference), signed(row.share), p)
        return tuple(map(Cell, texts))

    return Table(
        title=f"{rows[0].task}, {rows[0].metric} by {rows[0].by}: {rows[0].system} against {rows[0].baseline}",
        header=(rows[0].by, "score", "95% interval", "difference", "share", "p"),
        rows=tuple(map(cells, rows)),
        note=". ".join(filter(None, (_NOTE, small))),
    )
