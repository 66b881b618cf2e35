"""Tables of ``evalkit agree``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from evalkit.reports.numbers import rank_text
from evalkit.reports.tables import UNDEFINED, Cell, Table, format_score
from evalkit.results.meta_evaluation import AgreementRow, MetricPair
from evalkit.results.pair_text import p_value

__all__ = ["agreement_table", "metric_tables"]

_KINDS = ("metric", "sentinel", "floor")
_LEGEND = (
    "In parentheses: what a length alone, or a metric without any information, reaches; judged: segments that the figure "
    "rests on"
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
            interval = "" if r.low is None or r.high is None else f"[{r.low:.3f}, {r.high:.3f}]"
            texts = ("" if place else figure, name, format_score(r.value, 1.0), interval, f"{r.judged:,}")
            lines.append(tuple(map(Cell, texts)))
    reasons = dict.fromkeys(r.reason for r in rows if r.reason)
    return Table(
        title=f"{rows[0].task}: agreement with {gold}",
        header=("figure", "metric", "value", "interval", "judged"),
        rows=tuple(lines),
        note=". ".join([f"{rows[0].count} systems; {rows[0].note}", _LEGEND, *filter(None, reasons)]),
    )


def metric_tables(pairs: Sequence[MetricPair], ranks: Mapping[str, tuple[int, int, int]]) -> list[Table]:
    """List the metrics ranked by their agreement with human scores, and every pair of metrics.

    :param ranks: maps each metric to its cluster and its best and worst rank.
    """
    first = pairs[0]
    values = {name: value for p in pairs for name, value in ((p.metric, p.value), (p.other, p.other_value))}
    figure = f"{first.level} {first.measure}"
    ordered = sorted(ranks, key=lambda name: (ranks[name][0] or len(ranks) + 1, -(values[name] or 0.0)))
    ranked = [
        (name, format_score(values[name], 1.0), rank_text(ranks[name][1:], 0), ranks[name][0]) for name in ordered
    ]
    compared = [
        (
            pair.metric,
            pair.other,
            UNDEFINED if pair.difference is None else f"{pair.difference:+.3f}",
            UNDEFINED if pair.p is None else p_value(pair.p),
            UNDEFINED if pair.p_corrected is None else p_value(pair.p_corrected),
            pair.better or UNDEFINED,
        )
        for pair in pairs
    ]
    note = (
        f"paired permutation of the metrics' scores by {first.unit} ({first.units:,}), corrected after Holm; applies to these "
        "systems on other texts"
    )
    header = ("metric", "against", "difference", "p", "corrected p", "better")
    return [
        Table(f"{first.task}: metrics by {figure}", ("metric", figure, "rank", "cluster"), _cells(ranked)),
        Table(f"{first.task}: pairs of metrics", header, _cells(compared), note),
    ]


def _cells(rows: Sequence[Sequence[object]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(tuple(Cell(str(value)) for value in row) for row in rows)
