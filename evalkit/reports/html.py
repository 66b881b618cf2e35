"""``report.html``: a single file that opens from disk, makes no network requests and runs only its own script."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path

import jinja2

from evalkit.reports.view import build
from evalkit.reports.view_model import ReportView
from evalkit.results.results import Results

__all__ = ["render", "render_view"]

_FOLDER = Path(__file__).parent / "templates"


def render(results: Results, *, baseline: str | None = None) -> str:
    """Render the whole page; all text is escaped.

    :param baseline: see :func:`evalkit.reports.view.choose_baseline`.
    """
    return render_view(build(results, baseline=baseline))


def render_view(report: ReportView) -> str:
    """Render the page of a view."""
    style, script = _part("report.css"), _part("report.js")
    # Only this script and this style are allowed to run, so any text that escapes escaping stays inert.
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return _template().render(report=report, style=_Raw(style), script=_Raw(script), policy=policy)


class _Raw(str):
    """The page's own script and style, which are inserted unescaped."""

    def __html__(self) -> str:
        return str(self)


@lru_cache
def _part(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


@lru_cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
