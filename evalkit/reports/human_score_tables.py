"""Tables of the commands that use human scores: ``agree``, ``plan`` and ``compare --human``."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from evalkit.reports.tables import Cell, Table, format_p, row_of
from evalkit.results.human_correction import CorrectedDifference
from evalkit.results.meta_evaluation import AgreementRow, MetricPair
from evalkit.results.planning import Goal, PlanRow
from evalkit.results.span_agreement import SpanAgreement
from evalkit.wording import UNDEFINED, bounded, format_interval, format_number, format_score, rank_text

_KINDS = ("metric", "sentinel", "floor")
_LEGEND = (
    "In parentheses: what text length alone, or a metric without any information, reaches; judged: number of segments "
    "with human scores behind the figure"
)


def agreement_table(rows: Sequence[AgreementRow], gold: str) -> Table:
    """List the metrics for each agreement measure, best first, with intervals and the number of judged segments."""
    figures = list(dict.fromkeys((r.level, r.measure) for r in rows))
    ordered = sorted(
        rows,
        key=lambda r: (figures.index((r.level, r.measure)), _KINDS.index(r.kind), r.value is None, -(r.value or 0.0)),
    )
    lines: list[tuple[Cell, ...]] = []
    for figure, group in groupby(ordered, key=lambda r: f"{r.level} {r.measure}"):
        for place, r in enumerate(group):
            name = r.metric if r.kind == "metric" else f"({r.metric})"
            interval = format_interval(r.low, r.high, ".3f", undefined="")
            lines.append(row_of("" if place else figure, name, format_score(r.value, 1.0), interval, f"{r.judged:,}"))
    reasons = dict.fromkeys(r.reason for r in rows if r.reason)
    return Table(
        title=f"{rows[0].task}: agreement with {gold}",
        header=("figure", "metric", "value", "interval", "judged"),
        rows=tuple(lines),
        note=". ".join([f"{rows[0].count} systems; {rows[0].note}", _LEGEND, *filter(None, reasons)]),
    )


def metric_tables(pairs: Sequence[MetricPair], ranks: Mapping[str, tuple[int, int, int]]) -> list[Table]:
    """The metrics ranked by their agreement with human scores (``ranks``: cluster, best and worst rank), and their pairs."""
    first = pairs[0]
    values = {name: value for p in pairs for name, value in ((p.metric, p.value), (p.other, p.other_value))}
    figure = f"{first.level} {first.measure}"
    ordered = sorted(ranks, key=lambda name: (ranks[name][0] or len(ranks) + 1, -(values[name] or 0.0)))
    ranked = tuple(
        row_of(name, format_score(values[name], 1.0), rank_text(*ranks[name][1:]), str(ranks[name][0] or UNDEFINED))
        for name in ordered
    )
    compared = tuple(
        row_of(
            pair.metric,
            pair.other,
            format_number(pair.difference, "+.3f"),
            format_p(pair.p),
            format_p(pair.p_corrected),
            pair.better or UNDEFINED,
        )
        for pair in pairs
    )
    note = (
        f"paired permutation of the metrics' scores by {first.unit} ({first.units:,}), corrected (Holm); applies to these "
        "systems on other texts"
    )
    header = ("metric", "against", "difference", "p", "corrected p", "better")
    return [
        Table(f"{first.task}: metrics by {figure}", ("metric", figure, "rank", "cluster"), ranked),
        Table(f"{first.task}: pairs of metrics", header, compared, note),
    ]


def span_table(task: str, rows: Sequence[SpanAgreement]) -> Table:
    """List metrics by measures of the agreement of error spans, each with its interval."""
    measures = list(dict.fromkeys(row.measure for row in rows))
    by_measure = {(row.metric, row.measure): row for row in rows}
    lines = []
    for metric in dict.fromkeys(row.metric for row in rows):
        mine = [by_measure[metric, measure] for measure in measures]
        chance = next((row.chance for row in mine if row.chance is not None), None)
        values = (bounded(row.value, row.low, row.high) for row in mine)
        lines.append(row_of(metric, str(mine[0].outputs), *values, format_number(chance, ".3f")))
    note = f"chance: precision by characters of spans at random places; {rows[0].note}"
    header = ("metric", "outputs", *measures, "chance")
    return Table(f"{task}: agreement with human error spans", header, tuple(lines), note)


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
