"""From results to text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evalkit.results import Results

__all__ = ["render_as"]


def render_as(results: Results, format_: str, *, baseline: str | None = None) -> str:
    """A report as ``html``, ``markdown``, ``latex``, ``csv`` or ``json``.

    :param baseline: the system the others are held against; see :func:`evalkit.reports.view.choose_baseline`.
    :raises SettingError: a baseline that was not scored.
    """
    from evalkit.reports import html, latex, markdown, plain
    from evalkit.reports.view import build

    if format_ == "html":
        return html.render(results, baseline=baseline)
    if format_ == "csv":
        return plain.render_csv(results)
    view = build(results, baseline=baseline, texts=False)
    if format_ == "json":
        return plain.render_json(results, view)
    return latex.render_view(view) if format_ == "latex" else markdown.render_view(view)
