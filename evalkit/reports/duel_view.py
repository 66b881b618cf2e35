"""Reports of a duel: tables for the terminal and Markdown, and a section of an HTML page."""

from __future__ import annotations

from html import escape

from evalkit.reports.markdown import escape as escape_markdown
from evalkit.reports.markdown import table as markdown_table
from evalkit.reports.tables import Table, format_p, row_of
from evalkit.results.duel_results import DuelResults
from evalkit.wording import UNDEFINED, format_number

__all__ = ["duel_tables", "markdown", "page", "section"]


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
            _bounded(pair.half_wins, pair.low, pair.high),
            format_p(pair.p_corrected),
            pair.better or UNDEFINED,
        )
        for pair in duel.pairs
    )
    header = ("system", "opponent", "wins", "ties", "losses", "flips", "first", "half-wins", "corrected p", "better")
    tables = [Table(f"{duel.task}: duel over {duel.segments:,} segments", header, rows, _note(duel))]
    if len(duel.standings) > 2:
        lines = tuple(row_of(s.system, _bounded(s.half_wins, s.low, s.high)) for s in duel.standings)
        tables.append(Table(f"{duel.task}: against all others", ("system", "half-wins"), lines, duel.note))
    return tables


def _note(duel: DuelResults) -> str:
    notes = [
        "each segment was judged in both orders; a verdict that depends on the order is a tie and counts as a flip",
        "first: share of verdicts for the text shown first, 50% without position bias",
        f"for this judge and prompt: {duel.signature}",
        duel.note,
    ]
    for pair in duel.pairs:
        name = f"{pair.system} and {pair.opponent}"
        if pair.undefined:
            notes.append(f"{name}: {pair.undefined:,} segments were not judged")
        if pair.reason:
            notes.append(f"{name}: {pair.reason}")
    return "; ".join(notes)


def _bounded(value: float | None, low: float | None, high: float | None) -> str:
    bounds = "" if low is None or high is None else f" [{max(0.0, low):.3f}, {min(1.0, high):.3f}]"
    return UNDEFINED if value is None else f"{value:.3f}{bounds}"


def markdown(duels: list[DuelResults]) -> str:
    """Render all tables as Markdown."""
    parts = [
        f"### {escape_markdown(content.title)}\n\n{markdown_table(content)}\n\n{escape_markdown(content.note)}\n"
        for duel in duels
        for content in duel_tables(duel)
    ]
    return "\n".join(parts)


def section(duel: DuelResults) -> str:
    """Render the tables as HTML for a page; all text is escaped."""
    parts = [f'<section class="duel"><h2>{escape(duel.task)}: duel</h2>']
    for content in duel_tables(duel):
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in content.header)
        body = "".join(
            f'<tr><th scope="row">{escape(row[0].text)}</th>'
            + "".join(f"<td>{escape(cell.text)}</td>" for cell in row[1:])
            + "</tr>"
            for row in content.rows
        )
        parts.append(
            f"<table><caption>{escape(content.title)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            f"<p>{escape(content.note)}</p>"
        )
    return "\n".join([*parts, "</section>"])


def page(duels: list[DuelResults]) -> str:
    """Render a standalone page without scripts, style sheets or network requests."""
    style = (
        "body{font:16px/1.5 sans-serif;max-width:70em;margin:auto;padding:1em}td,th{padding:.2em .6em;text-align:left}"
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>evalkit duel</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{style}</style></head><body><main><h1>Duel</h1>\n"
        + "\n".join(section(duel) for duel in duels)
        + "\n</main></body></html>\n"
    )
