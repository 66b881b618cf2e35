"""``report.html``: a single file that opens from disk, makes no network requests and runs only its own script."""

from __future__ import annotations

from evalkit.reports.page_template import render_page
from evalkit.reports.view import build
from evalkit.reports.view_model import ReportView
from evalkit.results.results import Results

__all__ = ["render", "render_view"]


def render(results: Results, *, baseline: str | None = None, by: str | None = None) -> str:
    """Render the whole page; all text is escaped.

    :param baseline: see :func:`evalkit.reports.view.choose_baseline`.
    :param by: slices to show.
    """
    return render_view(build(results, baseline=baseline, by=by))


def render_view(report: ReportView) -> str:
    """Render the page of a view."""
    return render_page("report.html.j2", style="report.css", script="report.js", report=report)
