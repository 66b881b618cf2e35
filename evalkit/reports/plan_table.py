"""Tables of ``evalkit plan``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from evalkit.reports.tables import Cell, Table, format_number, row_of
from evalkit.results.planning import Goal, PlanRow

__all__ = ["plan_tables"]


def plan_tables(rows: Sequence[PlanRow], goal: Goal) -> list[Table]:
    """List the data required for each metric and pair of systems, one line per number of samples or raters."""
    return [_table(list(group), goal) for _, group in groupby(rows, key=lambda row: (row.task, row.metric))]


def _table(rows: Sequence[PlanRow], goal: Goal) -> Table:
    first = rows[0]
    units, repeats = f"{first.unit}s", first.repeats_of
    notes = [
        f"to find a true difference of {goal.difference:g} with {goal.power:.0%} power at p ≤ {goal.level:g}; pilot: "
        f"{first.pilot:,} {units}; detectable now: what the pilot shows with that power; in parentheses: 95% interval "
        f"of the number of {units}, as the pilot only estimates their variance; * fewest judgements",
        *dict.fromkeys(row.reason for row in rows if row.reason),
    ]
    if any(row.repeats is None for row in rows):
        notes.append(f"what more {repeats} per output would bring cannot be estimated from one")
    if first.unit == "segment":
        notes.append("planned by segment, so for these articles only: other articles need at least 10 in the pilot")
    lines: list[tuple[Cell, ...]] = []
    for _, group in groupby(rows, key=lambda row: (row.system, row.baseline)):
        for place, row in enumerate(group):
            texts = [""] * 4
            if not place:
                observed, detectable = format_number(row.observed, "+.3g"), format_number(row.detectable, ".3g")
                texts = [row.system, row.baseline, observed, detectable]
            mark = "*" if row.cheapest and row.repeats is not None else ""
            low, high = (format_number(bound, ",") for bound in row.needed_range)
            interval = f" ({low} to {high})" if row.needed is not None else ""
            texts += [format_number(row.repeats, "d"), format_number(row.needed, ",") + interval]
            if first.unit == "article":
                texts.append(format_number(row.segments, ","))
            lines.append(row_of(*texts, format_number(row.judgements, ",") + mark))
    header = ["system", "baseline", "in the pilot", "detectable now", repeats, units]
    header += ["segments"] if first.unit == "article" else []
    return Table(f"{first.task}, {first.metric}", (*header, "judgements"), tuple(lines), ". ".join(notes))
