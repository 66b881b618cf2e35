"""The leaderboard over time as a page, or as a site with one page per benchmark.

Each page has the current standings and a timeline for each system, with its intervals. It contains no script: charts are
inline SVG with a text alternative, and their points are also listed in a table.
"""

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from evalkit.leaderboard.history import History, Measured
from evalkit.leaderboard.timeline import Chart, Point, TaskBoard, Timeline, boards
from evalkit.reports.page_template import render_page
from evalkit.wording import UNDEFINED, arrow, count, decimals, format_score, signed

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
# Characters of a date to the day, the minute and the second.
_DAY, _MINUTE, _SECOND = 10, 16, 19
#: Room for the name of a commit on the time axis.
_COMMIT_WIDTH = 74


def render(history: History, name: str, *, home: str = "") -> str:
    """Render one page with all benchmarks; ``home`` is the address of the page that lists them, if there is one."""
    dates = [entry.date for entry in history.entries]
    return _page(
        "history.html.j2",
        name=name,
        home=home,
        boards=boards(history.entries),
        entries=len(history.entries),
        runs=len({(entry.date, entry.commit) for entry in history.entries}),
        systems=len({entry.system for entry in history.entries}),
        first=_time(min(dates, default="")),
        last=_time(max(dates, default="")),
        broken=history.broken[:MAX_BROKEN],
        more_broken=max(0, len(history.broken) - MAX_BROKEN),
        size=(WIDTH, HEIGHT),
        plot=(LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM),
    )


def render_site(history: History, title: str) -> dict[str, str]:
    """Render a static site, by file name: ``index.html`` lists the benchmarks, and each has a page of its own."""
    pages = {}
    overview = []
    for name in dict.fromkeys(entry.benchmark for entry in history.entries):
        file = _file_name(name)
        entries = tuple(entry for entry in history.entries if entry.benchmark == name)
        pages[file] = render(History(entries), name, home="index.html")
        overview.append((name, file, boards(entries)))
    index = _page("history_index.html.j2", name=title, overview=overview, broken=len(history.broken))
    return {"index.html": index, **pages}


def _page(template: str, **values: Any) -> str:
    return render_page(
        template,
        style="history.css",
        generator=GENERATOR,
        arrow=arrow,
        bars=_bars,
        count=count,
        time=_time,
        drawn=_Drawn,
        interval=_interval,
        most=MAX_STANDINGS,
        number=_number,
        short=_short,
        undefined=UNDEFINED,
        **values,
    )


def _file_name(benchmark: str) -> str:
    """Return a file name of plain characters; where they are not the whole name, a checksum makes it unique."""
    plain = re.sub(r"[^a-z0-9.]+", "-", benchmark.casefold())[:60].strip("-.")
    if plain == benchmark != "index":
        return f"{plain}.html"
    checksum = hashlib.sha256(benchmark.encode("utf-8", "backslashreplace")).hexdigest()
    return f"{plain or 'benchmark'}-{checksum[:8]}.html"


def _known(scores: Sequence[Measured | Point | None]) -> list[float]:
    """Return the defined scores and ends of intervals."""
    return [v for s in scores if s is not None for v in (s.score, s.low, s.high) if v is not None]


def _bars(board: TaskBoard, column: int) -> list[list[float] | None]:
    """Return for each standing the places of the interval's ends and of the score, in percent of the column's range."""
    scores = [standing.scores[column] for standing in board.standings[:MAX_STANDINGS]]
    values = _known(scores) or [0.0]
    low, width = min(values), max(values) - min(values) or 1.0
    ends = [s and [s.low, s.score, s.high] for s in scores]
    return [
        None if not three or None in three else [4 + 92 * ((v or 0.0) - low) / width for v in three] for three in ends
    ]


class _Drawn:
    """The data of a chart: the last runs of the first systems of a board, with common axes of runs and scores."""

    def __init__(self, chart: Chart, board: TaskBoard) -> None:
        self.chart, runs = chart, len(chart.runs)
        self._start = max(0, runs - MAX_RUNS)
        self._runs = chart.runs[self._start :]
        order = {standing.system: i for i, standing in enumerate(board.standings)}
        timelines = sorted(chart.timelines, key=lambda timeline: order.get(timeline.system, len(order)))
        recent = [replace(t, points=tuple(p for p in t.points if p.at >= self._start)) for t in timelines]
        self.timelines = [timeline for timeline in recent if timeline.points][:MAX_SYSTEMS]
        self.points = sum(len(timeline.points) for timeline in self.timelines)
        values = _known(list(chain.from_iterable(timeline.points for timeline in self.timelines))) or [0.0]
        low, high = min(values), max(values)
        margin = 0.06 * (high - low or max(abs(high), 1.0) * 0.1)
        self._low, self._high = low - margin, high + margin
        drawn, known = len(self.timelines), len(timelines)
        notes = {
            f"the last {MAX_RUNS} of {runs} runs are drawn": self._start > 0,
            f"{drawn} of {known} systems are drawn, in the order of the standings": known > drawn,
            f"the {self.points} points are too many for a table here": self.points > MAX_ROWS,
        }
        self.left_out = "; ".join(note for note, applies in notes.items() if applies)
        self.has_table = 0 < self.points <= MAX_ROWS

    def x(self, point: Point) -> float:
        """The place of a run on the time axis."""
        runs = len(self._runs)
        share = 0.5 if runs == 1 else (point.at - self._start) / (runs - 1)
        return round(LEFT + 8 + (WIDTH - LEFT - RIGHT - 16) * share, 1)

    def y(self, value: float) -> float:
        """The place of a score."""
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (self._high - value) / (self._high - self._low), 1)

    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Return the places and texts of three to seven round values within the range."""
        size = 10.0 ** math.floor(math.log10(self._high - self._low))
        for step in (size, size / 2, size / 5, size / 10):
            first, last = math.ceil(self._low / step), math.floor(self._high / step)
            if last - first >= 2:
                break
        digits = max(0, -math.floor(math.log10(step)))
        values = [i * step for i in range(first, last + 1)]
        return tuple((self.y(value), f"{value:.{digits}f}".replace("-", "−")) for value in values)

    def ends(self) -> tuple[str, ...]:
        """Return the labels of both ends of the time axis, as precise as they must be to differ; one if there is one run."""
        ends = (self._runs[0], self._runs[-1])
        if len(self._runs) == 1:
            return (_time(ends[0][0]),)
        for precision in (_DAY, _MINUTE, _SECOND):
            first, last = (_time(date, precision) for date, _ in ends)
            if first != last:
                return first, last
        return tuple(f"{_time(date, _SECOND)} {_short(commit) or 'no commit'}" for date, commit in ends)

    def anchor(self, point: Point) -> str:
        """The side of its line on which a label is placed: to the left if there is no room to its right."""
        return "end" if self.x(point) > 0.72 * WIDTH else "start"

    def commits(self, timeline: Timeline) -> list[tuple[float, str, str]]:
        """Label the commits of as many points as there is room for, the latest first: place, name and text anchor."""
        labels: list[tuple[float, str, str]] = []
        room = math.inf
        for point in reversed(timeline.points):
            x = self.x(point)
            if point.commit and x <= room:
                at_end = x > WIDTH - RIGHT - _COMMIT_WIDTH / 2
                labels.append((x, _short(point.commit), "end" if at_end else "middle"))
                room = x - _COMMIT_WIDTH * (1.5 if at_end else 1)
        return labels

    def headline(self, timeline: Timeline) -> str:
        """The last score and its change since the previous run."""
        last, scale = timeline.points[-1], self.chart.scale
        text = _number(last.score, scale)
        if last.broken:
            text += f", {last.broken}"
        elif len(timeline.points) > 1:
            text += f", {signed(last.score - timeline.points[-2].score, decimals(scale))} since the run before"
        return text if timeline.current else f"{text}, not comparable with today's runs"

    def words(self, timeline: Timeline) -> str:
        """The text alternative of a drawing."""
        points, scale = timeline.points, self.chart.scale
        scores = [point.score for point in points]
        low, high, first, last = (_number(score, scale) for score in (min(scores), max(scores), scores[0], scores[-1]))
        runs = f"1 run of {_time(points[0].date)}, {first}"
        if len(points) > 1:
            dates = f"from {_time(points[0].date)} to {_time(points[-1].date)}"
            runs = f"{len(points)} runs {dates}, from {first} to {last}, lowest {low}, highest {high}"
        breaks = "".join(f"; {point.broken} {_at(point)}" for point in points if point.broken)
        return f"{self.chart.metric} of {timeline.system}: {runs}{breaks}."

    def described(self, point: Point) -> str:
        """A point in words."""
        interval = _interval(point, self.chart.scale)
        text = f"{_at(point)}: {_number(point.score, self.chart.scale)}" + (f" ({interval})" if interval else "")
        return text + (f", {point.broken}" if point.broken else "")


def _at(point: Point) -> str:
    return f"at {_short(point.commit)} of {_time(point.date)}" if point.commit else f"on {_time(point.date)}"


def _number(value: float | None, scale: float) -> str:
    return format_score(value, scale).replace("-", "−")


def _interval(of: Measured | Point, scale: float) -> str:
    return "" if of.low is None or of.high is None else f"{_number(of.low, scale)} to {_number(of.high, scale)}"


def _time(date: str, precision: int = _DAY) -> str:
    return date[:precision].replace("T", " ")


def _short(commit: str | None) -> str:
    """Shorten a commit hash to its usual length; truncate any other name."""
    if commit and re.fullmatch("[0-9a-f]{40}", commit):
        return commit[:10]
    return commit if commit and len(commit) <= 40 else f"{commit[:39]}…" if commit else ""
