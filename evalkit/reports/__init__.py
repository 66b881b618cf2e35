"""Render results as text: the reports."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from evalkit.results.results import Results

__all__ = ["render_as", "run_reports"]


def run_reports(by: str | None = None) -> dict[str, Callable[[Results], str]]:
    """Return the reports of a run folder by file name; they all show the same view of the results.

    :param by: slices to show.
    """
    from evalkit.reports import html, markdown
    from evalkit.reports.view import build
    from evalkit.reports.view_model import ReportView

    @lru_cache(maxsize=1)
    def view(results: Results) -> ReportView:
        return build(results, by=by)

    return {
        "report.md": lambda results: markdown.render_view(view(results)),
        "report.html": lambda results: html.render_view(view(results)),
    }


def render_as(results: Results, format_: str, *, baseline: str | None = None, by: str | None = None) -> str:
    """Render a report as ``html``, ``markdown``, ``latex``, ``csv`` or ``json``.

    :param baseline: the system that the others are compared with; see :func:`evalkit.reports.view.choose_baseline`.
    :param by: slices to show, in ``html`` and ``markdown``.
    :raises SettingError: if the baseline was not scored, or no task has the slices.
    """
    from evalkit.reports import html, latex, markdown, plain
    from evalkit.reports.view import build

    if format_ == "html":
        return html.render(results, baseline=baseline, by=by)
    if format_ == "csv":
        return plain.render_csv(results)
    view = build(results, baseline=baseline, by=by, texts=False)
    if format_ == "json":
        return plain.render_json(results, view)
    return latex.render_view(view) if format_ == "latex" else markdown.render_view(view)
