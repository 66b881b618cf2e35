"""Render results as text: the reports."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from evalkit.reports.view import ReportView
    from evalkit.results.results import Results

__all__ = ["render_as", "render_html", "run_reports"]


def run_reports(by: str | None = None) -> dict[str, Callable[[Results], str]]:
    """The reports of a run folder by file name, with slices if any; they all show the same view of the results."""
    from evalkit.reports import markdown
    from evalkit.reports.view import build

    view = lru_cache(maxsize=1)(partial(build, by=by))
    return {
        "report.md": lambda results: markdown.render(view(results)),
        "report.html": lambda results: render_html(view(results)),
    }


def render_as(results: Results, format_: str, *, baseline: str | None = None, by: str | None = None) -> str:
    """Render a report as ``html``, ``markdown``, ``latex``, ``csv`` or ``json``; all text is escaped.

    :param baseline: the system that the others are compared with; see :func:`evalkit.reports.view.choose_baseline`.
    :param by: slices to show, in ``html`` and ``markdown``.
    :raises SettingError: if the baseline was not scored, or no task has the slices.
    """
    from evalkit.reports import latex, markdown, plain
    from evalkit.reports.view import build

    if format_ == "csv":
        return plain.render_csv(results)
    view = build(results, baseline=baseline, by=by, texts=format_ == "html")
    if format_ == "json":
        return plain.render_json(results, view)
    return {"html": render_html, "latex": latex.render, "markdown": markdown.render}[format_](view)


def render_html(report: ReportView) -> str:
    """Render ``report.html``: a single file that opens from disk, makes no network requests and runs only its own script."""
    from evalkit.reports.page_template import render_page

    return render_page("report.html.j2", style="report.css", script="report.js", report=report)
