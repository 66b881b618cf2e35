"""The leaderboard over time as a page, or as a site with one page per benchmark.

Each page has the current standings and a timeline for each system, with its intervals. It contains no script: charts are
inline SVG with a text alternative, and their points are also listed in a table.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from evalkit.leaderboard.history import History, Measured
from evalkit.leaderboard.timeline import Chart, Point, TaskBoard, Timeline, boards
from evalkit.reports.page_template import render_page
from evalkit.wording import UNDEFINED, arrow, count, format_score

GENERATOR = "evalkit leaderboard"

#: Maximum numbers of items drawn; the history itself contains everything.
MAX_RUNS = 60
MAX_SYSTEMS = 24
MAX_ROWS = 400
MAX_STANDINGS = 500
MAX_BROKEN = 20

# Units of the drawing.
WIDTH, HEIGHT = 720, 164
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 22, 40
#: Room for the name of a commit on the time axis.
_COMMIT_WIDTH = 74


def render(history: History, name: str, *, home: str = "") -> str:
    """Render one page with all benchmarks; all text is escaped.

    :param name: the title, such as the name of the history file.
    :param home: address of the page that lists all benchmarks, if there is one.
    """
    dates = [entry.date for entry in history.entries]
    return _page(
        "history.html.j2",
        name=name,
        home=home,
        boards=[_board(board) for board in boards(history.entries)],
        entries=len(history.entries),
        runs=len({(entry.date, entry.commit) for entry in history.entries}),
        systems=len({entry.system for entry in history.entries}),
        first=_day(min(dates, default="")),
        last=_day(max(dates, default="")),
        broken=history.broken[:MAX_BROKEN],
        more_broken=max(0, len(history.broken) - MAX_BROKEN),
        size=(WIDTH, HEIGHT),
        plot=(LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM),
    )


def render_site(history: History, title: str) -> dict[str, str]:
    """Render a static site: ``index.html`` lists the benchmarks, and each has a page of its own.

    :returns: maps the name of each file to its content.
    """
    pages = {}
    overview = []
    for name in dict.fromkeys(entry.benchmark for entry in history.entries):
        file = _file_name(name)
        entries = tuple(entry for entry in history.entries if entry.benchmark == name)
        pages[file] = render(History(entries), name, home="index.html")
        rows = []
        for view in map(_board, boards(entries)):
            leader = next((row for row in view["rows"] if not row[0].outdated), None)
            rows.append((view["board"], view["header"], leader, max(_day(s.date) for s in view["board"].standings)))
        overview.append((name, file, rows))
    index = _page("history_index.html.j2", name=title, overview=overview, broken=len(history.broken))
    return {"index.html": index, **pages}


def _page(template: str, **values: Any) -> str:
    return render_page(
        template, style="history.css", generator=GENERATOR, day=_day, short=_short, count=count, **values
    )


def _file_name(benchmark: str) -> str:
    """Return a file name of plain characters; where they are not the whole name, a checksum makes it unique."""
    plain = re.sub(r"[^a-z0-9.]+", "-", benchmark.casefold())[:60].strip("-.")
    if plain == benchmark != "index":
        return f"{plain}.html"
    checksum = hashlib.sha256(benchmark.encode("utf-8", "backslashreplace")).hexdigest()
    return f"{plain or 'benchmark'}-{checksum[:8]}.html"


# -- standings ------------------------------------------------------------------------------------------------------


def _board(board: TaskBoard) -> dict[str, Any]:
    charts = {chart.metric: chart for chart in board.charts}
    standings = board.standings[:MAX_STANDINGS]
    ranges = [_range([s.scores[i] for s in standings]) for i in range(len(board.metrics))]
    cells = [
        [
            _cell(score, ranges[i], charts[label].signature)
            for i, (label, score) in enumerate(zip(board.metrics, standing.scores, strict=True))
        ]
        for standing in standings
    ]
    order = {standing.system: i for i, standing in enumerate(board.standings)}
    return {
        "board": board,
        "header": [f"{m} {arrow(charts[m].higher_is_better)}" for m in board.metrics],
        "rows": list(zip(standings, cells, strict=True)),
        "left_out": len(board.standings) - len(standings),
        "charts": [_chart(charts[label], order) for label in board.metrics],
    }


def _range(scores: Sequence[Measured | None]) -> tuple[float, float]:
    values = [v for s in scores if s is not None for v in (s.score, s.low, s.high) if v is not None]
    return (min(values), max(values)) if values else (0.0, 1.0)


def _cell(measured: Measured | None, range_: tuple[float, float], signature: str) -> dict[str, Any]:
    """A score of the standings; ``bar`` has the places of the interval's ends and of the score, in percent."""
    if measured is None or measured.score is None:
        return {"text": UNDEFINED, "interval": "", "bar": None, "other_signature": False}
    low, high = range_
    bar = None
    if measured.low is not None and measured.high is not None:
        bar = [4 + 92 * (v - low) / (high - low or 1.0) for v in (measured.low, measured.score, measured.high)]
    return {
        "text": _number(measured.score, measured.scale),
        "interval": _interval(measured, measured.scale),
        "bar": bar,
        "other_signature": measured.signature != signature,
    }


# -- timelines ------------------------------------------------------------------------------------------------------


def _chart(chart: Chart, order: dict[str, int]) -> dict[str, Any]:
    runs = len(chart.runs)
    start = max(0, runs - MAX_RUNS)
    timelines = sorted(chart.timelines, key=lambda timeline: order.get(timeline.system, len(order)))
    recent = [replace(t, points=tuple(p for p in t.points if p.at >= start)) for t in timelines]
    drawn = [timeline for timeline in recent if timeline.points][:MAX_SYSTEMS]
    values = [v for t in drawn for p in t.points for v in (p.score, p.low, p.high) if v is not None]
    axis = _Axis(min(values), max(values), start, runs) if values else None
    points = sum(len(timeline.points) for timeline in drawn)
    notes = []
    if start:
        notes.append(f"the last {MAX_RUNS} of {runs} runs are drawn")
    if len(timelines) > len(drawn):
        notes.append(f"{len(drawn)} of {len(timelines)} systems are drawn, in the order of the standings")
    if points > MAX_ROWS:
        notes.append(f"the {points} points are too many for a table here")
    return {
        "chart": chart,
        "drawings": [_drawing(chart, timeline, axis) for timeline in drawn] if axis else [],
        "ends": _ends(chart.runs[start:]),
        "rows": [_row(chart, t.system, p) for t in drawn for p in t.points] if points <= MAX_ROWS else [],
        "left_out": "; ".join(notes),
    }


class _Axis:
    """Maps scores and runs to positions in a drawing; all systems of a chart share it so that they can be compared."""

    def __init__(self, low: float, high: float, start: int, runs: int) -> None:
        span = high - low or max(abs(high), 1.0) * 0.1
        self.low, self.high = low - 0.06 * span, high + 0.06 * span
        self.start, self.runs = start, runs - start

    def x(self, point: Point) -> float:
        width = WIDTH - LEFT - RIGHT
        share = 0.5 if self.runs == 1 else (point.at - self.start) / (self.runs - 1)
        return round(LEFT + 8 + (width - 16) * share, 1)

    def y(self, value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (self.high - value) / (self.high - self.low), 1)

    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Return the places and texts of three to seven round values within the range."""
        size = 10.0 ** math.floor(math.log10(self.high - self.low))
        for step in (size, size / 2, size / 5, size / 10):
            first = math.ceil(self.low / step)
            count = math.floor(self.high / step) - first + 1
            if count >= 3:
                break
        digits = max(0, -math.floor(math.log10(step)))
        values = [(first + i) * step for i in range(count)]
        return tuple((self.y(value), f"{value:.{digits}f}".replace("-", "−")) for value in values)


def _ends(runs: Sequence[tuple[str, str | None]]) -> tuple[str, ...]:
    """Return the labels of both ends of the time axis, as precise as they must be to differ; one if there is one run."""
    if len(runs) == 1:
        return (_day(runs[0][0]),)
    for form in (_day, _minute, _second):
        first, last = form(runs[0][0]), form(runs[-1][0])
        if first != last:
            return first, last
    return tuple(f"{_second(date)} {_short(commit) or 'no commit'}" for date, commit in (runs[0], runs[-1]))


def _drawing(chart: Chart, timeline: Timeline, axis: _Axis) -> dict[str, Any]:
    """One system's timeline, in the units of its drawing.

    Its ``marks`` are the place of a score, the ends of the interval (None if there is none), whether a new line begins, and
    the words; ``breaks`` the place, reason and text anchor; ``commits`` the place, name and text anchor on the axis.
    """
    points = timeline.points
    marks = []
    for p in points:
        ends = None if p.low is None or p.high is None else (axis.y(p.low), axis.y(p.high))
        marks.append((axis.x(p), axis.y(p.score), ends, bool(p.broken), _described(chart, p)))
    return {
        "timeline": timeline,
        "headline": _headline(chart, timeline),
        "words": _words(chart, timeline),
        "lines": [
            " ".join(f"{axis.x(point)},{axis.y(point.score)}" for point in stretch)
            for stretch in timeline.stretches()
            if len(stretch) > 1
        ],
        "marks": marks,
        # A label is placed to the left of its line if there is no room to its right.
        "breaks": [(axis.x(p), p.broken, "end" if axis.x(p) > 0.72 * WIDTH else "start") for p in points if p.broken],
        "commits": _commit_labels(points, axis),
        "ticks": axis.ticks(),
    }


def _commit_labels(points: Sequence[Point], axis: _Axis) -> list[tuple[float, str, str]]:
    """Label the commits of as many points as there is room for, the latest first."""
    labels: list[tuple[float, str, str]] = []
    room = math.inf
    for point in reversed(points):
        x = axis.x(point)
        if point.commit and x <= room:
            at_end = x > WIDTH - RIGHT - _COMMIT_WIDTH / 2
            labels.append((x, _short(point.commit), "end" if at_end else "middle"))
            room = x - _COMMIT_WIDTH * (1.5 if at_end else 1)
    return labels


def _headline(chart: Chart, timeline: Timeline) -> str:
    """The last score and its change since the previous run."""
    last = timeline.points[-1]
    text = _number(last.score, chart.scale)
    if last.broken:
        text += f", {last.broken}"
    elif len(timeline.points) > 1:
        change = _number(last.score - timeline.points[-2].score, chart.scale)
        text += f", {'' if change.startswith('−') else '+'}{change} since the run before"
    return text if timeline.current else f"{text}, not comparable with today's runs"


def _words(chart: Chart, timeline: Timeline) -> str:
    """The text alternative of the drawing."""
    points = timeline.points
    scores = [p.score for p in points]
    ends = (min(scores), max(scores), scores[0], scores[-1])
    low, high, first, last = (_number(score, chart.scale) for score in ends)
    text = f"{chart.metric} of {timeline.system}: "
    if len(points) > 1:
        text += f"{len(points)} runs from {_day(points[0].date)} to {_day(points[-1].date)}, from {first} to {last}, "
        text += f"lowest {low}, highest {high}"
    else:
        text += f"1 run of {_day(points[0].date)}, {first}"
    return text + "".join(f"; {point.broken} {_at(point)}" for point in points if point.broken) + "."


def _described(chart: Chart, point: Point) -> str:
    interval = _interval(point, chart.scale)
    text = f"{_at(point)}: {_number(point.score, chart.scale)}" + (f" ({interval})" if interval else "")
    return text + (f", {point.broken}" if point.broken else "")


def _row(chart: Chart, system: str, point: Point) -> tuple[str, ...]:
    score, interval = _number(point.score, chart.scale), _interval(point, chart.scale) or UNDEFINED
    return system, _minute(point.date), _short(point.commit), score, interval, point.broken


def _at(point: Point) -> str:
    return f"at {_short(point.commit)} of {_day(point.date)}" if point.commit else f"on {_day(point.date)}"


def _number(value: float, scale: float) -> str:
    return format_score(value, scale).replace("-", "−")


def _interval(of: Measured | Point, scale: float) -> str:
    return "" if of.low is None or of.high is None else f"{_number(of.low, scale)} to {_number(of.high, scale)}"


def _day(date: str) -> str:
    return date[:10]


def _minute(date: str) -> str:
    return date[:16].replace("T", " ")


def _second(date: str) -> str:
    return date[:19].replace("T", " ")


def _short(commit: str | None) -> str:
    """Shorten a commit hash to its usual length; truncate any other name."""
    if commit and re.fullmatch("[0-9a-f]{40}", commit):
        return commit[:10]
    return commit if commit and len(commit) <= 40 else f"{commit[:39]}…" if commit else ""
