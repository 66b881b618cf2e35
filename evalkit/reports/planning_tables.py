"""Tables of the commands that plan and use human labels: ``evalkit plan`` and ``evalkit compare --human``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from evalkit.reports.tables import Table, format_p, row_of
from evalkit.results.human_correction import CorrectedDifference
from evalkit.results.planning import Goal, PlanRow
from evalkit.wording import UNDEFINED, format_interval, format_number


def plan_tables(rows: Sequence[PlanRow], goal: Goal) -> list[Table]:
    """List the data required for each metric and pair of systems, one line per number of samples or raters."""
    return [_plan_table(list(group), goal) for _, group in groupby(rows, key=attrgetter("task", "metric"))]


def _plan_table(rows: Sequence[PlanRow], goal: Goal) -> Table:
    first = rows[0]
    units, repeats = f"{first.unit}s", first.repeats_of
    notes = [
        f"data needed to find a true difference of {goal.difference:g} with {goal.power:.0%} power at p ≤ {goal.level:g}; "
        f"pilot: {first.pilot:,} {units}; detectable now: the smallest difference that the pilot can show with that power; "
        f"in parentheses: 95% interval of the number of {units}, whose variance the pilot only estimates; * fewest judgements",
        *dict.fromkeys(row.reason for row in rows if row.reason),
    ]
    if any(row.repeats is None for row in rows):
        notes.append(f"the effect of more {repeats} per output cannot be estimated from one")
    if first.unit == "segment":
        notes.append(
            "planned by segment, so for these articles only; planning by article takes a pilot of 10 articles or more"
        )
    lines = []
    for _, group in groupby(rows, key=attrgetter("system", "baseline")):
        for place, row in enumerate(group):
            pair = [row.system, row.baseline, format_number(row.observed, "+.3g"), format_number(row.detectable, ".3g")]
            mark = "*" if row.cheapest and row.repeats is not None else ""
            low, high = (format_number(bound, ",") for bound in row.needed_range)
            interval = f" ({low} to {high})" if row.needed is not None else ""
            needed = [format_number(row.repeats, "d"), format_number(row.needed, ",") + interval]
            needed += [format_number(row.segments, ",")] if first.unit == "article" else []
            lines.append(row_of(*(pair if not place else [""] * 4), *needed, format_number(row.judgements, ",") + mark))
    header = ["system", "baseline", "in the pilot", "detectable now", repeats, units]
    header += ["segments"] if first.unit == "article" else []
    return Table(f"{first.task}, {first.metric}", (*header, "judgements"), tuple(lines), ". ".join(notes))


def correction_tables(rows: Sequence[CorrectedDifference]) -> list[Table]:
    """List for each metric how many labels it can save, and every pair of systems."""
    return [_correction_table(list(group)) for _, group in groupby(rows, key=attrgetter("task", "metric"))]


def _correction_table(rows: Sequence[CorrectedDifference]) -> Table:
    first = rows[0]
    known = [row for row in rows if row.rho2 is not None and row.saved is not None]
    gain = ""
    if known:
        rho2, saved = _range([row.rho2 for row in known], ".2f"), _range([row.saved for row in known], ".0%")
        gain = f"; rho² = {rho2}: the metric saves {saved} of the labels"
    notes = [
        "difference: in human scores over all segments, estimated from the metric and corrected with the labels; labels "
        f"only: from the labeled segments alone; standard errors by {first.unit}; p corrected (Holm)",
        *dict.fromkeys(row.reason for row in rows if row.reason),
    ]
    notes += [
        f"{row.system} and {row.baseline}: sensitivity {row.sensitivity:.2f}, specificity {row.specificity:.2f}"
        for row in rows
        if row.sensitivity is not None and row.specificity is not None
    ]
    lines = [
        row_of(
            row.system,
            row.baseline,
            f"{row.labels:,}/{row.segments:,}",
            format_number(row.rho2, ".2f"),
            format_number(row.labels_only, "+.3g"),
            format_number(row.difference, "+.3g"),
            format_interval(row.low, row.high, ".3g"),
            format_p(row.p_corrected),
            row.better or UNDEFINED,
        )
        for row in rows
    ]
    header = ("system", "baseline", "labels", "rho²", "labels only", "difference", "interval", "p", "better")
    return Table(f"{first.task}, {first.metric}{gain}", header, tuple(lines), ". ".join(notes))


def _range(values: Sequence[float | None], spec: str) -> str:
    """The smallest and the largest value, or one of them if they are printed alike."""
    ordered = sorted(value or 0.0 for value in values)
    return " to ".join(dict.fromkeys(format_number(value, spec) for value in (ordered[0], ordered[-1])))
