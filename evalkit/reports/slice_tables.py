"""Tables of scores by slice: one per task and metric, and with a baseline one per pair of systems."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from evalkit.reports.tables import Cell, Table, format_p
from evalkit.results.results import Results
from evalkit.results.slices import MACRO, Slice
from evalkit.results.task_results import NO_REFERENCE, ScoredMetric
from evalkit.wording import UNDEFINED, count, signed

_NOTE = (
    "p: whether the difference in the slice differs from that in the rest (interaction, by article, corrected over slices "
    "and pairs); share: contribution of the slice to the total difference"
)


def slice_tables(slices: Iterable[Slice], results: Results) -> Iterator[Table]:
    """Yield for each task and metric a table of systems by slices and, with a baseline, a table of slices for each pair."""
    for (task, metric), group in groupby(slices, key=lambda row: (row.task, row.metric)):
        rows = list(group)
        scored = results.task(task).metric(metric)
        few = list(dict.fromkeys(row.slice for row in rows if row.small))
        interpretable = any(not row.small for row in rows if row.slice != MACRO)
        left_out = ", and not part of the macro-average" if interpretable else ""
        small = f"Too few segments or articles to interpret{left_out}: {', '.join(few)}" if few else ""
        systems = list(dict.fromkeys(row.system for row in rows))
        undefined = results.task(task).undefined.get(metric, {})
        if len(systems) > 1:
            yield _system_table(rows, scored, small)
        for system in systems:
            of_system = [row for row in rows if row.system == system]
            baseline = of_system[0].baseline
            if baseline or len(systems) == 1:
                reasons = [undefined.get(name, {}) for name in (system, baseline) if name]
                lacking = len({i for of_one in reasons for i, why in of_one.items() if why != NO_REFERENCE})
                common = (
                    f"{count(lacking, 'segment')} not judged for both systems; they count only in the score"
                    if lacking and baseline
                    else ""
                )
                yield _detailed_table(of_system, scored, ". ".join(filter(None, (common, small))))


def _head(row: Slice) -> str:
    if row.slice == MACRO:
        return MACRO
    articles = "" if row.articles is None else f", {count(row.articles, 'article')}"
    return f"{row.slice} ({row.segments:,}{articles}{'; too few' if row.small else ''})"


def _system_table(rows: list[Slice], scored: ScoredMetric, small: str) -> Table:
    slices = list(dict.fromkeys(_head(row) for row in rows))
    systems = list(dict.fromkeys(row.system for row in rows))
    cells = {(row.system, _head(row)): Cell(scored.text(row.score), faded=row.small) for row in rows}
    return Table(
        title=f"{rows[0].task}, {rows[0].metric} by {rows[0].by}",
        header=("system", *slices),
        rows=tuple((Cell(system), *(cells[system, name] for name in slices)) for system in systems),
        note=small,
    )


def _detailed_table(rows: list[Slice], scored: ScoredMetric, note: str) -> Table:
    """Return the slices of one system, with its interval and, if there is a baseline, the comparison with it."""

    def cells(row: Slice) -> Iterator[Cell]:
        interval = UNDEFINED
        if row.low is not None and row.high is not None:
            interval = f"{scored.text(row.low)} to {scored.text(row.high)}"
        digits = scored.digits
        compared = (signed(row.difference, digits), signed(row.share, digits), format_p(row.p)) if against else ()
        for text in (_head(row), scored.text(row.score), interval, *compared):
            yield Cell(text, faded=row.small)

    first, against = rows[0], rows[0].baseline
    return Table(
        title=f"{first.task}, {first.metric} by {first.by}: {first.system}"
        + (f" against {against}" if against else ""),
        header=(first.by, "score", "95% interval", *(("difference", "share", "p") if against else ())),
        rows=tuple(tuple(cells(row)) for row in rows),
        note=". ".join(filter(None, (_NOTE if against else "", note))),
    )
