"""Charts for a paper or a notebook, drawn with matplotlib (the extra ``plot``)."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from evalkit.arguments import checked
from evalkit.errors import SettingError
from evalkit.reports.task_view import TaskView
from evalkit.reports.view import build
from evalkit.reports.view_model import HeatCell
from evalkit.results.results import Results
from evalkit.version import install_hint

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("differences", "articles")
#: Colors that are distinguishable in grayscale and with most color-vision deficiencies; the sign is also printed.
_COLORS = {"better": "#14693f", "worse": "#a3211b"}
_OPEN = "#6b7c93"
#: Fonts with Chinese characters; the first one that is installed is used.
_FONTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "SimHei")


@checked
def plot(
    results: Results,
    kind: str = "differences",
    *,
    task: str | None = None,
    metric: str | None = None,
    baseline: str | None = None,
) -> Figure:
    """Draw a figure. Nothing is displayed or saved, and the global state of matplotlib does not change.

    :param kind: ``differences``, a forest plot of differences from the baseline with their intervals; or ``articles``, a
        heat map of articles by systems.
    :param task: may be omitted if there is only one.
    :param metric: its label; defaults to the first metric of the task.
    :param baseline: see :func:`evalkit.reports.view.choose_baseline`.
    :raises SettingError: for an unknown kind, task, metric or system, if there is nothing to draw, or if matplotlib is
        not installed.
    """
    if kind not in KINDS:
        raise SettingError(f"no chart {kind!r}; there are {', '.join(KINDS)}")
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise SettingError(f"charts need matplotlib: {install_hint('plot')}") from None
    chosen = results.task(task)
    label = chosen.metrics[0].label if metric is None else chosen.metric(metric).label
    view = build(results, baseline=baseline, texts=False).tasks[results.tasks.index(chosen)]
    column = next(i for i, c in enumerate(view.columns) if c.label == label)
    from matplotlib import rc_context

    # A notebook displays any object with this method, with or without pyplot.
    chart: Any = type("Chart", (Figure,), {"_repr_png_": _png})
    with rc_context({"font.family": [*_installed(), "sans-serif"], "axes.unicode_minus": True}):
        figure: Figure = chart(layout="constrained")
        (_differences if kind == "differences" else _articles)(figure, view, column)
        # Text keeps the fonts it was created with; laying it out here raises drawing errors now instead of later.
        figure.draw_without_rendering()
    return figure


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=144)
    return buffer.getvalue()


def _installed() -> list[str]:
    from matplotlib.font_manager import fontManager

    known = {font.name for font in fontManager.ttflist}
    return ["DejaVu Sans", *[name for name in _FONTS if name in known][:1]]


def _differences(figure: Figure, view: TaskView, column: int) -> None:
    label = view.columns[column].label
    evidence = view.evidence[label]
    base = next(row.index for row in view.rows if row.system == view.baseline)
    pairs: list[tuple[str, Any]] = [(row.system, evidence.pairs.get((row.index, base))) for row in reversed(view.rows)]
    rows = [(name, pair) for name, pair in pairs if pair is not None and pair.low is not None]
    if not rows:
        raise SettingError(f"{view.name}: no system can be compared with {view.baseline} on {label}")
    figure.set_size_inches(6.4, 1.2 + 0.32 * len(rows))
    axes = figure.add_subplot()
    axes.axvline(0, color="#8f8b7e", linewidth=1)
    for y, (_, pair) in enumerate(rows):
        color = _COLORS.get(pair.verdict, _OPEN)
        fill = color if pair.verdict in _COLORS else "white"
        axes.plot([pair.low, pair.high], [y, y], color=color, linewidth=3, solid_capstyle="butt")
        axes.plot(pair.difference, y, "o", color=color, markersize=6, markerfacecolor=fill)
    axes.set_yticks(range(len(rows)), [_plain(name) for name, _ in rows])
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xlabel(
        _plain(
            f"difference in {view.columns[column].heading} from {view.baseline}, with {evidence.confidence} interval"
        )
    )
    axes.set_title(_plain(f"{view.name}: {label}"), loc="left", fontsize=11)
    _hide_spines(axes, ("top", "right", "left"))


def _articles(figure: Figure, view: TaskView, column: int) -> None:
    import numpy as np

    if not view.heat:
        raise SettingError(f"{view.name}: the articles are not known, or there is only one")
    table = view.heat[column]
    systems = table.header[1:]
    titles = [_plain(row[0].text) for row in table.rows[:-1]]
    cells = [[cell for cell in row if isinstance(cell, HeatCell)] for row in table.rows[:-1]]
    shades = np.array([[np.nan if cell.shade is None else cell.shade for cell in row] for row in cells])
    longest = max(map(cell_len, titles))
    figure.set_size_inches(max(5.5, 0.6 + 0.07 * longest + 0.75 * len(systems)), 1.3 + 0.34 * len(titles))
    axes = figure.add_subplot()
    from matplotlib.colors import LinearSegmentedColormap

    colors = LinearSegmentedColormap.from_list("", ["#f0b491", "#f7f6f2", "#9cc3db"])
    axes.imshow(shades, cmap=colors, vmin=-4, vmax=4, aspect="auto")
    for y, row in enumerate(cells):
        for x, cell in enumerate(row):
            weight = "bold" if cell.best else "normal"
            axes.text(x, y, cell.text, ha="center", va="center", fontsize=8, fontweight=weight)
    axes.set_xticks(range(len(systems)), [_plain(name) for name in systems], rotation=30, ha="left")
    axes.xaxis.tick_top()
    axes.set_yticks(range(len(titles)), titles, fontsize=9)
    figure.suptitle(_plain(f"{view.name}: {table.title}"), x=0.01, ha="left", fontsize=11)
    axes.tick_params(axis="x", length=0)
    _hide_spines(axes, axes.spines)


def _hide_spines(axes: Any, sides: Iterable[str]) -> None:
    axes.tick_params(axis="y", length=0)
    for side in sides:
        axes.spines[side].set_visible(False)


def _plain(text: str) -> str:
    """Prepare text for the chart: a dollar sign would start math mode, and a long name would distort the layout."""
    text = " ".join(text.split()).replace("$", r"\$")
    return text if len(text) <= 60 else text[:59] + "…"
