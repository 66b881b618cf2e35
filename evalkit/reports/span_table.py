"""The table of ``evalkit agree --spans``."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.reports.tables import UNDEFINED, Table, format_number, row_of
from evalkit.results.span_agreement import SpanAgreement

__all__ = ["span_table"]


def span_table(task: str, rows: Sequence[SpanAgreement]) -> Table:
    """List metrics by measures, each with its interval."""
    measures = list(dict.fromkeys(row.measure for row in rows))
    by_measure = {(row.metric, row.measure): row for row in rows}
    lines = []
    for metric in dict.fromkeys(row.metric for row in rows):
        mine = [by_measure[metric, measure] for measure in measures]
        chance = next((row.chance for row in mine if row.chance is not None), None)
        lines.append(row_of(metric, str(mine[0].outputs), *map(_bounded, mine), format_number(chance, ".3f")))
    note = f"chance: precision by characters of spans at random places; {rows[0].note}"
    return Table(
        f"{task}: agreement with human error spans", ("metric", "outputs", *measures, "chance"), tuple(lines), note
    )


def _bounded(row: SpanAgreement) -> str:
    if row.value is None:
        return UNDEFINED
    bounds = "" if row.low is None or row.high is None else f" [{row.low:.3f}, {row.high:.3f}]"
    return f"{row.value:.3f}{bounds}"
