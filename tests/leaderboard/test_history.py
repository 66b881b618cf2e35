from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from gate.making import bench, noisy, references, saved

from evalkit.errors import InputError
from evalkit.leaderboard.history import Entry, Measured, TaskEntry, append, entries_of, read_history
from evalkit.printable import printable
from evalkit.results.run_folder import load_results


def entry(
    system: str = "mine", date: str = "2026-01-02T03:04:05+00:00", score: float | None = 40.0, **more: Any
) -> Entry:
    metrics = {
        "chrF": Measured("chrF|v:1", score, None if score is None else score - 1, None if score is None else score + 1)
    }
    return Entry(more.get("commit"), date, "bench", system, {more.get("task", "t"): TaskEntry("f1", 10, metrics)})


NAMES = ("系统一", "نظام", "emoji 🚄", "line\u2028separator")


def test_what_is_read_is_what_was_appended_oldest_first(tmp_path: Path) -> None:
    path = tmp_path / "new" / "history.jsonl"
    later = [entry(name, "2026-01-03T00:00:00+00:00", commit="abc") for name in NAMES]
    assert append(path, later) == 4
    assert append(path, [entry(score=None)]) == 1
    history = read_history(path)
    assert history.entries == (entry(score=None), *sorted(later, key=lambda e: e.system))
    assert history.broken == ()
    assert len(path.read_bytes().split(b"\n")) == 6


def test_a_name_cannot_disguise_its_line(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    names = ("a\u202eb", "c\u2066\\d", "e\x7f\x9bf", "##vso[g]")
    append(path, [entry(name) for name in names])
    assert {e.system for e in read_history(path).entries} == set(names)
    assert append(path, [entry(name) for name in names]) == 0
    text = path.read_text(encoding="utf-8")
    assert printable(text) == text and "\\u202e" in text


def test_nothing_that_stands_there_is_touched_and_a_line_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    append(path, [entry("a"), entry("b")])
    before = path.read_bytes()
    assert append(path, [entry("a"), entry("c")]) == 1
    assert path.read_bytes().startswith(before)
    assert append(path, [entry("a")]) == 0


def test_histories_merge_line_by_line_in_any_order(tmp_path: Path) -> None:
    ours, theirs, merged = (tmp_path / name for name in ("ours", "theirs", "merged"))
    common = [entry("a")]
    append(ours, [*common, entry("b", "2026-02-01T00:00:00+00:00")])
    append(theirs, [*common, entry("c", "2026-01-01T00:00:00+00:00")])
    merged.write_bytes(ours.read_bytes() + theirs.read_bytes())
    one = read_history(merged)
    merged.write_bytes(theirs.read_bytes() + ours.read_bytes())
    assert read_history(merged) == one
    assert [e.system for e in one.entries] == ["c", "a", "b"]


LINE = json.loads(Path(__file__).with_name("line.json").read_text(encoding="utf-8"))


def _with(path: str, value: Any) -> str:
    line = json.loads(json.dumps(LINE))
    *parts, last = path.split("/")
    inner = line
    for part in parts:
        inner = inner[part]
    inner[last] = value
    return json.dumps(line)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"format": "evalkit-hist', "not valid JSON"),
        ("<<<<<<< ours", "a mark of a merge conflict"),
        ("[1]", "not a line of a history"),
        ('{"a": 1}', "not a line of a history"),
        ("[" * 100_000, "not a line of a history"),
        ('{"x": ' + "[" * 100_000, "nested too deeply"),
        (_with("format_version", 2), "of format 2, and this version of evalkit reads 1"),
        (_with("date", "yesterday"), "no valid date"),
        (_with("date", 5), "Expected `str`, got `int` - at `$.date`"),
        (_with("commit", "a\nb"), "no valid commit"),
        (_with("system", ""), "at `$.system`"),
        (_with("system", "\ud800"), "not valid JSON"),
        (_with("tasks", []), "at `$.tasks`"),
        (_with("tasks/t", None), "at `$.tasks[...]`"),
        (_with("tasks/t/metrics", None), "at `$.tasks[...].metrics`"),
        (_with("tasks/t/metrics/chrF", 3), "at `$.tasks[...].metrics[...]`"),
        (_with("tasks/t/metrics/chrF/score", "high"), "metrics[...].score`"),
        (_with("tasks/t/metrics/chrF/score", float("nan")), "not valid JSON"),
        (_with("tasks/t/metrics/chrF/scale", 0), "metrics[...].scale`"),
        (_with("tasks/t/metrics/chrF/score", 10**400), "not a line of a history"),
        (
            _with("tasks/t/metrics/chrF/score", 1).replace('"score": 1', '"score": ' + "1" * 5000),
            "not a line of a history",
        ),
        (_with("tasks/t/metrics/chrF/score", 1e308), "metrics[...].score`"),
        (json.dumps(LINE)[:-1] + ', "system": "other"}', "duplicate key 'system'"),
        (_with("tasks/t/segments", True), "segments`"),
        (_with("tasks/t/segments", 10**400), "not a line of a history"),
        (_with("tasks/t/fingerprint", None), "fingerprint`"),
    ],
)
def test_a_broken_line_is_named_skipped_and_counted(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text(f"{json.dumps(LINE)}\n{line}\n{_with('system', 'other')}\n", encoding="utf-8")
    history = read_history(path)
    assert [e.system for e in history.entries] == ["mine", "other"]
    assert [(b.number, reason in b.reason) for b in history.broken] == [(2, True)], history.broken
    before = path.read_bytes()
    assert append(path, [entry("new")]) == 1
    assert path.read_bytes().startswith(before)


def test_lines_that_are_not_utf8_or_cut_short_do_not_swallow_the_next(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    append(path, [entry("a")])
    path.write_bytes(path.read_bytes() + b'\xff\xfe\n{"format": "evalkit-history", "cut')
    append(path, [entry("b")])
    history = read_history(path)
    assert [e.system for e in history.entries] == ["a", "b"]
    assert [(b.number, b.reason.split(":")[0]) for b in history.broken] == [
        (2, "not valid JSON"),
        (3, "not valid JSON"),
    ]


def test_lines_of_one_run_that_say_different_things_are_named(tmp_path: Path) -> None:
    path, other = tmp_path / "one", tmp_path / "two"
    append(path, [entry("a", score=1.0)])
    append(other, [entry("a", score=2.0)])
    path.write_bytes(path.read_bytes() + other.read_bytes())
    history = read_history(path)
    assert [b.reason for b in history.broken] == ["other scores for the system, commit and date of line 1"]
    assert history.entries[0].tasks["t"].metrics["chrF"].score == 1.0


def test_two_runs_with_one_system_name_are_refused_where_they_cannot_be_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    append(path, [entry("a", score=1.0)])
    before = path.read_bytes()
    with pytest.raises(InputError, match="two runs with the system 'a' and the date 2026"):
        append(path, [entry("new"), entry("a", score=2.0)])
    two = [entry("b", commit="c1"), entry("b", "2026-01-03T00:00:00+00:00", commit="c1", score=2.0)]
    with pytest.raises(InputError, match="two of the runs have the system 'b' at the commit c1"):
        append(path, two)
    assert path.read_bytes() == before
    other_task = [two[0], entry("b", "2026-01-03T00:00:00+00:00", commit="c1", task="u")]
    assert append(path, other_task) == 2


def test_a_file_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "outputs.jsonl"
    path.write_text('{"id": "1", "output": "x"}\n')
    with pytest.raises(InputError, match=r"outputs\.jsonl:1: not a line of a history; .* refusing to append"):
        append(path, [entry()])
    assert path.read_text() == '{"id": "1", "output": "x"}\n'
    with pytest.raises(InputError, match="this is a directory"):
        append(tmp_path, [entry()])
    assert read_history(tmp_path / "none").entries == ()


def test_the_lines_of_a_run_hold_its_scores_signatures_and_intervals(tmp_path: Path) -> None:
    b = bench(20, 10)
    texts = references(b)
    folder = saved(tmp_path / "run", b, {"mine": noisy(texts, 0.3, 1), "系统": texts}, ("chrF", "ROUGE-L", "TER"))
    results = load_results(folder)
    lines = entries_of(results, "abc123")
    assert [e.system for e in lines] == ["mine", "系统"]
    task = lines[0].tasks["translate-en"]
    assert (task.fingerprint, task.segments) == (results.tasks[0].fingerprint, 20)
    for scored in results.tasks[0].metrics:
        found = task.metrics[scored.label]
        assert found.score == pytest.approx(results.tasks[0].corpus(scored.label)[0], rel=1e-12)
        assert found.signature == scored.signature
        assert found.low is not None and found.high is not None and found.low < found.score < found.high
    assert [task.metrics[m].higher_is_better for m in ("chrF", "TER")] == [True, False]
    assert [task.metrics[m].scale for m in ("chrF", "ROUGE-L", "TER")] == [100.0, 1.0, 100.0]
    assert lines[0].date == results.info["created"]
    append(tmp_path / "h", lines)
    assert read_history(tmp_path / "h").entries == tuple(lines)
    with pytest.raises(InputError, match="without control characters"):
        entries_of(results, "a\nb")
