"""Tables of ``evalkit agree``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from evalkit.reports.tables import Cell, Table, format_p, row_of
from evalkit.results.meta_evaluation import AgreementRow, MetricPair
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
