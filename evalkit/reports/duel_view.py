"""Reports of a duel: tables for the terminal and Markdown, and a section of an HTML page."""

from evalkit.reports.markdown import table_section
from evalkit.reports.page_template import render_page
from evalkit.reports.tables import Table, format_p, row_of
from evalkit.results.duel_results import DuelPair, DuelResults, DuelStanding
from evalkit.wording import UNDEFINED, bounded, count, format_number


def duel_tables(duel: DuelResults) -> list[Table]:
    """Return one table of the pairs and, if there are more than two systems, one of the systems."""
    rows = tuple(
        row_of(
            pair.system,
            pair.opponent,
            str(pair.wins),
            str(pair.ties),
            str(pair.losses),
            format_number(pair.flip_rate, ".0%"),
            format_number(pair.first_rate, ".0%"),
            _half_wins(pair),
            format_p(pair.p_corrected),
            pair.better or UNDEFINED,
        )
        for pair in duel.pairs
    )
    header = ("system", "opponent", "wins", "ties", "losses", "flips", "first", "half-wins", "corrected p", "better")
    tables = [Table(f"{duel.task}: duel over {count(duel.segments, 'segment')}", header, rows, _note(duel))]
    if len(duel.standings) > 2:
        lines = tuple(row_of(s.system, _half_wins(s)) for s in duel.standings)
        tables.append(Table(f"{duel.task}: against all others", ("system", "half-wins"), lines, duel.note))
    return tables


def _note(duel: DuelResults) -> str:
    notes = [
        *duel.declarations,
        "each segment was judged in both orders; a verdict that depends on the order is a tie and counts as a flip",
        "first: share of verdicts for the text shown first, 50% without position bias",
        f"for this judge and prompt: {duel.signature}",
        duel.note,
    ]
    for pair in duel.pairs:
        name = f"{pair.system} and {pair.opponent}"
        if pair.undefined:
            notes.append(f"{name}: {count(pair.undefined, 'segment')} not judged")
        if pair.reason:
            notes.append(f"{name}: {pair.reason}")
    return "; ".join(notes)


def _half_wins(of: DuelPair | DuelStanding) -> str:
    low, high = (None if end is None else min(1.0, max(0.0, end)) for end in (of.low, of.high))
    return bounded(of.half_wins, low, high)


def markdown(duels: list[DuelResults]) -> str:
    """Render all tables as Markdown."""
    return "\n".join(table_section(content) for duel in duels for content in duel_tables(duel))


def page(duels: list[DuelResults]) -> str:
    """Render a standalone page without scripts or network requests; all text is escaped."""
    return render_page("duel.html.j2", style="report.css", duels=[(duel.task, duel_tables(duel)) for duel in duels])
