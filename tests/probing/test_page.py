"""The committed page of results says what the probe says now."""

from __future__ import annotations

from pathlib import Path

from evalkit.probing import probe
from evalkit.reports import probe_report as report

PAGE = Path(__file__).parents[2] / "benchmarks" / "probe" / "README.md"
FACTS = ("KeyFacts", "Quantities", "Terms", "Names", "Health")


def cells(page: str, heading: str) -> dict[str, dict[str, str]]:
    """Rows of the table below a heading, by first cell and column."""
    lines = page.split(f"## {heading}", 1)[1].split("\n## ", 1)[0].splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    columns, _, *rows = table
    return {row[0]: dict(zip(columns, row, strict=True)) for row in rows}


def test_the_page_is_not_stale() -> None:
    fresh, kept = report.markdown(probe(FACTS)), PAGE.read_text("utf-8")
    for heading in ("Errors detected", "False positives"):
        old = cells(kept, heading)
        for name, row in cells(fresh, heading).items():
            assert {column: old[name][column] for column in row} == row, name
    for heading in ("Detection by annotation", "Errors that no factual metric detects"):
        assert cells(fresh, heading) == cells(kept, heading)
