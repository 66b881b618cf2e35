"""Derive from a history the current standings of the systems and the timeline of each.

Points are comparable as long as the data (fingerprint) and the metric (signature) stay the same. When either changes,
the line breaks: the next point begins a new segment, and the two are never connected.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from evalkit.leaderboard.history import Entry, Measured, TaskEntry
from evalkit.results.task_results import comparable


@dataclass(frozen=True)
class Point:
    """One run of a system.

    :param at: index of the run on the chart's axis, from 0.
    :param broken: what changed since the previous point (``data changed``, ``metric changed``, ``data and metric
        changed``), or ``no score between`` if a run lacks the score, or empty.
    """

    at: int
    date: str
    commit: str | None
    score: float
    low: float | None
    high: float | None
    broken: str = ""


@dataclass(frozen=True)
class Timeline:
    """One system's points, oldest first. ``current`` says whether the last one has the latest data and metric."""

    system: str
    points: tuple[Point, ...]
    current: bool

    def stretches(self) -> tuple[tuple[Point, ...], ...]:
        """Groups of points that may be connected by a line."""
        stretches: list[list[Point]] = []
        for point in self.points:
            if not stretches or point.broken:
                stretches.append([])
            stretches[-1].append(point)
        return tuple(map(tuple, stretches))


@dataclass(frozen=True)
class Chart:
    """One metric of a task: all systems share one axis of ``runs`` (date and commit) and one of scores."""

    metric: str
    signature: str
    higher_is_better: bool
    scale: float
    runs: tuple[tuple[str, str | None], ...]
    timelines: tuple[Timeline, ...]


@dataclass(frozen=True)
class Standing:
    """A system's latest scores, in the order of the task's metrics; None for a metric that the run does not have.

    :param outdated: why the system is not ranked: its last run used other data or another first metric. Empty if it is
        ranked.
    :param notes: what was declared about the system, as sentences.
    """

    system: str
    date: str
    commit: str | None
    scores: tuple[Measured | None, ...]
    outdated: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaskBoard:
    """One task of a benchmark; standings are sorted by the first metric, best first, with outdated ones last."""

    benchmark: str
    task: str
    fingerprint: str
    segments: int
    metrics: tuple[str, ...]
    standings: tuple[Standing, ...]
    charts: tuple[Chart, ...]


def boards(entries: Iterable[Entry]) -> list[TaskBoard]:
    """Create one board for each benchmark and task, in order of first appearance, from entries in order of time."""
    by_task: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        for name in entry.tasks:
            by_task.setdefault((entry.benchmark, name), []).append(entry)
    return [_board(benchmark, task, task_entries) for (benchmark, task), task_entries in by_task.items()]


def _board(benchmark: str, task: str, entries: list[Entry]) -> TaskBoard:
    # The newest run defines what is current: its data, and the signature of each metric.
    newest = entries[-1].tasks[task]
    metrics = tuple(newest.metrics)
    charts = tuple(_chart(task, label, newest, entries) for label in metrics)
    last = {entry.system: entry for entry in entries}
    standings = [_standing(entry, task, newest) for entry in last.values()]
    way = -1.0 if metrics and newest.metrics[metrics[0]].higher_is_better else 1.0

    def key(standing: Standing) -> tuple[bool, bool, float, str]:
        first = standing.scores[0] if standing.scores else None
        score = None if first is None else first.score
        return bool(standing.outdated), score is None, way * (score or 0.0), standing.system

    standings.sort(key=key)
    return TaskBoard(benchmark, task, newest.fingerprint, newest.segments, metrics, tuple(standings), charts)


def _standing(entry: Entry, task: str, newest: TaskEntry) -> Standing:
    of_task = entry.tasks[task]
    scores = tuple(of_task.metrics.get(label) for label in newest.metrics)
    outdated = ""
    if of_task.fingerprint != newest.fingerprint:
        outdated = "its last run is of other data"
    elif scores and scores[0] is not None:
        label, today = next(iter(newest.metrics.items()))
        if comparable(scores[0].signature) != comparable(today.signature):
            outdated = f"its last run is of another {label}"
    return Standing(entry.system, entry.date, entry.commit, scores, outdated, of_task.notes)


def _chart(task: str, label: str, newest: TaskEntry, entries: list[Entry]) -> Chart:
    today = newest.metrics[label]
    runs = sorted({(entry.date, entry.commit) for entry in entries}, key=lambda run: (run[0], run[1] or ""))
    place = {run: i for i, run in enumerate(runs)}
    by_system: dict[str, list[Entry]] = {}
    for entry in entries:
        by_system.setdefault(entry.system, []).append(entry)
    timelines = []
    for system, own in by_system.items():
        points: list[Point] = []
        before: tuple[str, str] | None = None
        gap = False
        for entry in own:
            measured = entry.tasks[task].metrics.get(label)
            if measured is None or measured.score is None:
                # A run without this score is a gap, and no line is drawn across it.
                gap = before is not None
                continue
            now = (entry.tasks[task].fingerprint, comparable(measured.signature))
            change, at = _what_changed(before, now, gap), place[entry.date, entry.commit]
            points.append(Point(at, entry.date, entry.commit, measured.score, measured.low, measured.high, change))
            before, gap = now, False
        if points:
            current = not gap and before == (newest.fingerprint, comparable(today.signature))
            timelines.append(Timeline(system, tuple(points), current))
    return Chart(label, today.signature, today.higher_is_better, today.scale, tuple(runs), tuple(timelines))


def _what_changed(before: tuple[str, str] | None, now: tuple[str, str], gap: bool) -> str:
    if before is None:
        return ""
    changed = [what for what, was, is_ in zip(("data", "metric"), before, now, strict=True) if was != is_]
    return f"{' and '.join(changed)} changed" if changed else "no score between" if gap else ""
