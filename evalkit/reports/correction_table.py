"""Tables of ``evalkit compare --human``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from evalkit.reports.tables import UNDEFINED, Cell, Table, format_number, format_p, row_of
from evalkit.results.human_correction import CorrectedDifference

__all__ = ["correction_tables"]


def correction_tables(rows: Sequence[CorrectedDifference]) -> list[Table]:
    """List for each metric how many labels it can save, and every pair of systems."""
    return [_table(list(group)) for _, group in groupby(rows, key=lambda row: (row.task, row.metric))]


def _table(rows: Sequence[CorrectedDifference]) -> Table:
    first = rows[0]
    known = [row for row in rows if row.rho2 is not None and row.saved is not None]
    gain = ""
    if known:
        low, high = (side(round(100 * (row.saved or 0.0)) for row in known) for side in (min, max))
        rho2 = sorted(row.rho2 or 0.0 for row in known)
        what = f"{rho2[0]:.2f}" if len(rho2) == 1 else f"{rho2[0]:.2f} to {rho2[-1]:.2f}"
        share = f"{low}%" if low == high else f"{low}% to {high}%"
        gain = f"; rho² = {what}: the metric saves {share} of the labels"
    notes = [
        "difference: of the human scores over all segments, from the metric corrected by the labels; labels only: from the "
        f"labelled segments alone; errors by {first.unit}, p corrected after Holm",
        *dict.fromkeys(row.reason for row in rows if row.reason),
    ]
    rates = [row for row in rows if row.sensitivity is not None and row.specificity is not None]
    notes += [
        f"{row.system} and {row.baseline}: sensitivity {row.sensitivity:.2f}, specificity {row.specificity:.2f}"
        for row in rates
    ]
    header = ("system", "baseline", "labels", "rho²", "labels only", "difference", "interval", "p", "better")
    return Table(f"{first.task}, {first.metric}{gain}", header, tuple(map(_row, rows)), ". ".join(notes))


def _row(row: CorrectedDifference) -> tuple[Cell, ...]:
    interval = UNDEFINED if row.low is None or row.high is None else f"[{row.low:.3g}, {row.high:.3g}]"
    return row_of(
        row.system,
        row.baseline,
        f"{row.labels:,}/{row.segments:,}",
        format_number(row.rho2, ".2f"),
        format_number(row.labels_only, "+.3g"),
        format_number(row.difference, "+.3g"),
        interval,
        format_p(row.p_corrected),
        row.better or UNDEFINED,
    )
