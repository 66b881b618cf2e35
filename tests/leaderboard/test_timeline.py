"""Timelines of small, hand-made histories."""

from __future__ import annotations

from dataclasses import replace

from evalkit.leaderboard.history import Entry, Measured, TaskEntry
from evalkit.leaderboard.timeline import boards


def run(
    day: int, system: str, scores: dict[str, float | None], data: str = "d1", version: int = 1, task: str = "t"
) -> Entry:
    metrics = {m: Measured(f"{m}|v:{version}", s, None, None, m != "TER", 100.0) for m, s in scores.items()}
    return Entry(f"c{day}", f"2026-01-{day:02d}T00:00:00+00:00", "b", system, {task: TaskEntry(data, 5, metrics)})


def test_the_standing_is_of_each_systems_last_run_best_first() -> None:
    history = [
        run(1, "old", {"chrF": 90, "TER": 10}),
        run(1, "a", {"chrF": 60, "TER": 10}),
        run(2, "a", {"chrF": 50, "TER": 20}),
        run(2, "b", {"chrF": 55, "TER": 30}),
        run(2, "none", {"chrF": None, "TER": 30}),
    ]
    (board,) = boards(history)
    assert [s.system for s in board.standings] == ["old", "b", "a", "none"]
    assert [(s.commit, s.scores[0].score) for s in board.standings if s.scores[0]][:3] == [
        ("c1", 90),
        ("c2", 55),
        ("c2", 50),
    ]
    (lower,) = boards([run(1, "a", {"TER": 10}), run(1, "b", {"TER": 5})])
    assert [s.system for s in lower.standings] == ["b", "a"]


def test_who_was_last_run_on_other_data_or_another_metric_is_not_ranked() -> None:
    history = [
        run(1, "data", {"chrF": 99, "TER": 1}, data="d0"),
        run(2, "metric", {"chrF": 98, "TER": 1}, version=0),
        run(3, "now", {"chrF": 10, "TER": 90}),
    ]
    (board,) = boards(history)
    assert [(s.system, s.outdated) for s in board.standings] == [
        ("now", ""),
        ("data", "its last run is of other data"),
        ("metric", "its last run is of another chrF"),
    ]
    assert board.fingerprint == "d1"


def test_points_are_joined_only_while_data_and_metric_stay_the_same() -> None:
    history = [
        run(1, "a", {"chrF": 1}),
        run(2, "a", {"chrF": 2}),
        run(3, "a", {"chrF": 3}, data="d2"),
        run(4, "a", {"chrF": 4}, data="d2", version=2),
        run(5, "a", {"chrF": 5}, data="d2", version=2),
        run(6, "a", {"chrF": 6}, data="d3", version=3),
        run(7, "a", {"chrF": None}, data="d3", version=3),
        run(8, "a", {"chrF": 8}, data="d3", version=3),
        run(9, "a", {"chrF": None}, data="d3", version=3),
        run(10, "a", {"chrF": 10}, data="d4", version=3),
    ]
    (board,) = boards(history)
    (timeline,) = board.charts[0].timelines
    assert [[p.score for p in stretch] for stretch in timeline.stretches()] == [[1, 2], [3], [4, 5], [6], [8], [10]]
    assert [p.broken for p in timeline.points if p.broken] == [
        "data changed",
        "metric changed",
        "data and metric changed",
        "no score between",
        "data changed",
    ]
    assert [p.at for p in timeline.points] == [0, 1, 2, 3, 4, 5, 7, 9]
    assert timeline.current


def test_recorded_scores_from_another_file_are_the_same_metric() -> None:
    def signed(entry: Entry, signature: str) -> Entry:
        task = entry.tasks["t"]
        measured = {"J": replace(task.metrics["J"], signature=signature)}
        return replace(entry, tasks={"t": replace(task, metrics=measured)})

    form = "RecordedScores|title:J|low:0|high:{}|higher:true|sha256:{}|v:1"
    signatures = [form.format(100, "a" * 64), form.format(100, "b" * 64), form.format(5, "b" * 64)]
    history = [signed(run(day, "ab"[day - 1], {"J": day}), signatures[day - 1]) for day in (1, 2)]
    (board,) = boards(history)
    assert [s.outdated for s in board.standings] == ["", ""]
    (board,) = boards([*history, signed(run(3, "c", {"J": 3}), signatures[2])])
    assert [s.outdated for s in board.standings] == ["", *["its last run is of another J"] * 2]


def test_a_system_that_was_not_run_keeps_its_timeline_and_its_own_axis_place() -> None:
    history = [
        run(1, "a", {"chrF": 1}),
        run(2, "b", {"chrF": 5}),
        run(3, "a", {"chrF": 3}),
        run(3, "b", {"chrF": 4}, data="d2"),
    ]
    (board,) = boards(history)
    a, b = board.charts[0].timelines
    assert [p.at for p in a.points] == [0, 2] and len(a.stretches()) == 1
    assert [p.broken for p in b.points] == ["", "data changed"]
    assert (a.current, b.current) == (False, True)


def test_each_task_has_a_board() -> None:
    history = [run(1, "a", {"chrF": 1}), run(1, "a", {"ROUGE-L": 1}, task="u"), run(2, "a", {"chrF": 2, "TER": 3})]
    t, u = boards(history)
    assert (t.task, t.metrics, u.task, u.metrics) == ("t", ("chrF", "TER"), "u", ("ROUGE-L",))
    assert t.charts[0].runs == (("2026-01-01T00:00:00+00:00", "c1"), ("2026-01-02T00:00:00+00:00", "c2"))
    assert boards([]) == []
