"""The worst segments as plain text and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evalkit.reports.tables import UNDEFINED
from evalkit.results.worst_segments import Worst, WorstSegment

__all__ = ["excerpt", "headline", "render"]

#: Maximum characters of a text shown in a list.
_EXCERPT = 400


def render(found: Worst) -> str:
    """Render one block per segment: its location, its score, its texts, and one line per finding."""
    if not len(found):
        return "no segment has an error or scores worse\n"
    blocks = []
    for place, row in enumerate(found, 1):
        part = f" ({row.slice})" if row.slice else ""
        head = f"{place}. {row.task}, {row.system}, segment {row.segment}{part}: {headline(row)}"
        lines = [head, *(f"   {name}: {excerpt(text)}" for name, text in _texts(row))]
        lines += [f"   {finding.severity}: {label}: {finding.message}" for label, finding in row.findings]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def headline(row: WorstSegment) -> str:
    """Return the score, and the loss against the other system.

    >>> # "chrF 31.20, 12.40 worse than baseline"
    """
    digits = 3 if max(abs(v) for v in (row.score or 0.0, row.against_score or 0.0)) <= 1.0 else 2
    score = UNDEFINED if row.score is None else f"{row.score:.{digits}f}"
    text = f"{row.metric} {score}"
    if row.loss is not None:
        text += f", {abs(row.loss):.{digits}f} {'worse' if row.loss >= 0 else 'better'} than {row.against}"
    return text + (", missing output" if row.missing else "")


def excerpt(text: str, limit: int = _EXCERPT) -> str:
    """Return one line of a text, truncated if it is long."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[:limit] + " …"


def _texts(row: WorstSegment) -> Iterator[tuple[str, str]]:
    if row.source is not None:
        yield "source", row.source
    references: Sequence[str] = row.references or ()
    for i, text in enumerate(references[:2]):
        yield "reference" if len(references) == 1 else f"reference {i + 1}", text
    if row.output is not None:
        yield row.system, row.output or "(empty)"
    if row.against_output is not None and row.against is not None:
        yield row.against, row.against_output or "(empty)"
