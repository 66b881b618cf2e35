"""The leaderboard over time as one page: the current standings, and each system's timeline with its intervals.

The page contains no script. Charts are inline SVG, each with a text alternative; the points are also listed in a table.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import jinja2

from evalkit.leaderboard.history import History, Measured
from evalkit.leaderboard.timeline import Chart, Course, Point, TaskBoard, boards
from evalkit.printable import printable
from evalkit.reports.tables import UNDEFINED, format_score

__all__ = ["GENERATOR", "render"]

GENERATOR = "evalkit leaderboard"

#: Maximum numbers of items drawn; the history itself contains everything.
MAX_RUNS = 60
MAX_SYSTEMS = 24
MAX_ROWS = 400
MAX_STANDINGS = 500
MAX_BROKEN = 20

_FOLDER = Path(__file__).parent / "templates"

# Units of the drawing.
WIDTH, HEIGHT = 720, 150
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 22, 26


@dataclass(frozen=True)
class _Mark:
    x: float
    y: float
    low: float | None
    high: float | None
    new: bool
    said: str


@dataclass(frozen=True)
class _Drawing:
    """One system's timeline, in the units of its drawing."""

    system: str
    headline: str
    words: str
    lines: tuple[str, ...]
    marks: tuple[_Mark, ...]
    breaks: tuple[tuple[float, str, str], ...]
    ticks: tuple[tuple[float, str], ...]
    first: str
    last: str


@dataclass(frozen=True)
class _ChartView:
    chart: Chart
    drawings: tuple[_Drawing, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: str


@dataclass(frozen=True)
class _Cell:
    text: str
    interval: str
    bar: tuple[float, float, float] | None
    other: bool


@dataclass(frozen=True)
class _Row:
    system: str
    cells: tuple[_Cell, ...]
    date: str
    commit: str
    outdated: str


@dataclass(frozen=True)
class _Board:
    board: TaskBoard
    header: tuple[str, ...]
    rows: tuple[_Row, ...]
    left_out: int
    charts: tuple[_ChartView, ...]


def render(history: History, name: str) -> str:
    """Render the whole page; all text is escaped.

    :param name: the name of the history file, for the title.
    """
    style = (_FOLDER / "history.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    views = [_board(board) for board in boards(history.entries)]
    dates = [entry.date for entry in history.entries]
    return _template().render(
        name=name,
        generator=GENERATOR,
        style=_Raw(style),
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        boards=views,
        entries=len(history.entries),
        runs=len({(entry.date, entry.commit) for entry in history.entries}),
        systems=len({entry.system for entry in history.entries}),
        first=_day(min(dates)) if dates else "",
        last=_day(max(dates)) if dates else "",
        broken=history.broken[:MAX_BROKEN],
        more_broken=max(0, len(history.broken) - MAX_BROKEN),
        size=(WIDTH, HEIGHT),
        plot=(LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM),
    )


class _Raw(str):
    """The page's own style, which is inserted unescaped."""

    def __html__(self) -> str:
        return str(self)


@lru_cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("history.html.j2")


# -- standing -------------------------------------------------------------------------------------------------------


def _board(board: TaskBoard) -> _Board:
    charts = {chart.metric: chart for chart in board.charts}
    header = tuple(f"{m} {'↑' if charts[m].higher_is_better else '↓'}" for m in board.metrics)
    shown = board.standings[:MAX_STANDINGS]
    ranges = [_range([s.scores[i] for s in shown]) for i in range(len(board.metrics))]
    rows = tuple(
        _Row(
            standing.system,
            tuple(
                _cell(score, ranges[i], score is not None and score.signature != charts[label].signature)
                for i, (label, score) in enumerate(zip(board.metrics, standing.scores, strict=True))
            ),
            _day(standing.date),
            _short(standing.commit),
            standing.outdated,
        )
        for standing in shown
    )
    order = {standing.system: i for i, standing in enumerate(board.standings)}
    return _Board(
        board,
        header,
        rows,
        len(board.standings) - len(shown),
        tuple(_chart(charts[label], order) for label in board.metrics),
    )


def _range(scores: Sequence[Measured | None]) -> tuple[float, float]:
    values = [v for s in scores if s is not None for v in (s.score, s.low, s.high) if v is not None]
    return (min(values), max(values)) if values else (0.0, 1.0)


def _cell(measured: Measured | None, range_: tuple[float, float], other: bool) -> _Cell:
    if measured is None or measured.score is None:
        return _Cell(UNDEFINED, "", None, False)
    low, high = range_
    span = high - low or 1.0

    def place(value: float | None) -> float:
        return 4 + 92 * ((measured.score or 0.0) - low if value is None else value - low) / span

    interval, bar = "", None
    if measured.low is not None and measured.high is not None:
        interval = f"{_number(measured.low, measured.scale)} to {_number(measured.high, measured.scale)}"
        bar = (place(measured.low), place(measured.score), place(measured.high))
    return _Cell(_number(measured.score, measured.scale), interval, bar, other)


# -- courses --------------------------------------------------------------------------------------------------------


def _chart(chart: Chart, order: dict[str, int]) -> _ChartView:
    runs = len(chart.runs)
    start = max(0, runs - MAX_RUNS)
    courses = sorted(chart.courses, key=lambda course: order.get(course.system, len(order)))
    kept: list[Course] = []
    for course in courses:
        points = tuple(point for point in course.points if point.at >= start)
        if points and len(kept) < MAX_SYSTEMS:
            kept.append(Course(course.system, points, course.current))
    values = [v for c in kept for p in c.points for v in (p.score, p.low, p.high) if v is not None]
    scale = _Axis(min(values), max(values), runs - start) if values else None
    drawings = tuple(_drawing(chart, course, scale, start) for course in kept) if scale else ()
    points_shown = sum(len(course.points) for course in kept)
    rows: tuple[tuple[str, ...], ...] = ()
    if points_shown <= MAX_ROWS:
        rows = tuple(_row(chart, course.system, point) for course in kept for point in course.points)
    said = []
    if start:
        said.append(f"the last {MAX_RUNS} of {runs} runs are drawn")
    if len(courses) > len(kept):
        said.append(f"{len(kept)} of {len(courses)} systems are drawn, as they stand")
    if not rows and points_shown:
        said.append(f"the {points_shown} points are too many for a table here")
    return _ChartView(chart, drawings, rows, "; ".join(said))


class _Axis:
    """Maps scores and runs to positions in a drawing; all systems of a chart share it so that they can be compared."""

    def __init__(self, low: float, high: float, runs: int) -> None:
        span = high - low or max(abs(high), 1.0) * 0.1
        self.low, self.high = low - 0.06 * span, high + 0.06 * span
        self.runs = runs

    def x(self, at: int) -> float:
        width = WIDTH - LEFT - RIGHT
        return round(LEFT + (width / 2 if self.runs == 1 else 8 + (width - 16) * at / (self.runs - 1)), 1)

    def y(self, value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (self.high - value) / (self.high - self.low), 1)

    def ticks(self) -> list[float]:
        """Return three to seven round values within the range."""
        size = 10.0 ** math.floor(math.log10(self.high - self.low))
        for step in (size, size / 2, size / 5, size / 10):
            first = math.ceil(self.low / step)
            count = math.floor(self.high / step) - first + 1
            if count >= 3:
                break
        return [(first + i) * step for i in range(count)]


def _drawing(chart: Chart, course: Course, axis: _Axis, start: int) -> _Drawing:
    def mark(point: Point) -> _Mark:
        whole = point.low is not None and point.high is not None
        return _Mark(
            axis.x(point.at - start),
            axis.y(point.score),
            axis.y(point.low) if whole and point.low is not None else None,
            axis.y(point.high) if whole and point.high is not None else None,
            bool(point.broken),
            _said(chart, point),
        )

    lines = tuple(
        " ".join(f"{axis.x(point.at - start)},{axis.y(point.score)}" for point in stretch)
        for stretch in course.stretches()
        if len(stretch) > 1
    )
    points = course.points
    # A label is placed to the left of its line if there is no room to its right.
    breaks = tuple(
        (axis.x(p.at - start), p.broken, "end" if axis.x(p.at - start) > 0.72 * WIDTH else "start")
        for p in points
        if p.broken
    )
    step = axis.ticks()
    width = max(0, -math.floor(math.log10(step[1] - step[0]))) if len(step) > 1 else 2
    return _Drawing(
        system=course.system,
        headline=_headline(chart, course),
        words=_words(chart, course),
        lines=lines,
        marks=tuple(mark(point) for point in points),
        breaks=breaks,
        ticks=tuple((axis.y(value), f"{value:.{width}f}".replace("-", "−")) for value in step),
        first=_day(chart.runs[start][0]),
        last=_day(chart.runs[-1][0]) if len(chart.runs) - start > 1 else "",
    )


def _headline(chart: Chart, course: Course) -> str:
    """The last score and its change since the previous run."""
    last = course.points[-1]
    text = _number(last.score, chart.scale)
    if len(course.points) > 1 and not last.broken:
        change = last.score - course.points[-2].score
        text += f", {_signed(change, chart.scale)} since the run before"
    elif last.broken:
        text += f", {last.broken}"
    return text if course.current else f"{text}, not comparable with today's runs"


def _words(chart: Chart, course: Course) -> str:
    """The text alternative of the drawing."""
    points = course.points
    scores = [point.score for point in points]
    text = f"{chart.metric} of {course.system}: {len(points)} run{'s' if len(points) > 1 else ''}"
    if len(points) > 1:
        text += f" from {_day(points[0].date)} to {_day(points[-1].date)}, from {_number(scores[0], chart.scale)}"
        text += f" to {_number(scores[-1], chart.scale)}, lowest {_number(min(scores), chart.scale)}"
        text += f", highest {_number(max(scores), chart.scale)}"
    else:
        text += f" of {_day(points[0].date)}, {_number(scores[0], chart.scale)}"
    for point in points:
        if point.broken:
            text += f"; {point.broken} {_at(point)}"
    return text + "."


def _said(chart: Chart, point: Point) -> str:
    text = f"{_at(point)}: {_number(point.score, chart.scale)}"
    if point.low is not None and point.high is not None:
        text += f" ({_number(point.low, chart.scale)} to {_number(point.high, chart.scale)})"
    return text + (f", {point.broken}" if point.broken else "")


def _row(chart: Chart, system: str, point: Point) -> tuple[str, ...]:
    interval = UNDEFINED
    if point.low is not None and point.high is not None:
        interval = f"{_number(point.low, chart.scale)} to {_number(point.high, chart.scale)}"
    score = _number(point.score, chart.scale)
    return system, _moment(point.date), _short(point.commit), score, interval, point.broken


def _at(point: Point) -> str:
    return f"at {_short(point.commit)} of {_day(point.date)}" if point.commit else f"on {_day(point.date)}"


def _number(value: float, scale: float) -> str:
    return format_score(value, scale).replace("-", "−")


def _signed(value: float, scale: float) -> str:
    text = format_score(value, scale)
    return f"+{text}" if not text.startswith("-") else text.replace("-", "−")


def _day(date: str) -> str:
    return date[:10]


def _moment(date: str) -> str:
    return date[:16].replace("T", " ")


def _short(commit: str | None) -> str:
    """Shorten a commit hash to its usual length; truncate any other name."""
    if commit is None:
        return ""
    if len(commit) == 40 and all(c in "0123456789abcdef" for c in commit):
        return commit[:10]
    return commit if len(commit) <= 40 else f"{commit[:39]}…"
