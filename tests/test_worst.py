"""The segments to read first."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import evalkit
from evalkit.data.benchmark import Benchmark
from evalkit.metrics.base import Finding
from evalkit.reports.view import build
from evalkit.reports.worst_text import marked_parts, render, texts_of
from evalkit.results.results import Results
from evalkit.results.run_folder import save_results
from evalkit.results.worst_segments import WorstSegment

Cli = Callable[..., subprocess.CompletedProcess[str]]

ROWS = [
    {"id": "1", "source": "去年有420万人参加。", "references": ["Last year 4.2 million people took part."]},
    {"id": "2", "source": "天气很好。", "references": ["The weather was fine."]},
    {"id": "3", "source": "他在家。", "references": ["He was at home."]},
    {"id": "4", "source": "会议结束了。", "references": ["The meeting is over."]},
]
GOOD = ["Last year 4.2 million people took part.", "The weather was fine.", "He stayed home.", "The meeting is over."]
POOR = ["Last year 42 million people took part.", "Weather good <b>", "He was at home.", ""]


@pytest.fixture(scope="module")
def results() -> Results:
    bench = Benchmark.from_dataset(ROWS, lang="zh-en", name="own")
    return evalkit.run(bench, {"good": GOOD, "poor": POOR}, metrics=["chrF", "Quantities"])


def test_errors_come_first_then_the_lowest_scores(results: Results) -> None:
    rows = results.worst("poor")
    assert [row.segment for row in rows][:2] == ["1", "4"]
    assert rows[0].errors >= 1
    assert rows[0].source == ROWS[0]["source"]
    assert rows[0].output == POOR[0]
    assert rows[-1].segment == "3"


def test_the_best_system_is_the_default(results: Results) -> None:
    assert {row.system for row in results.worst()} == {"good"}
    assert results.worst()[0].segment == "3"


def test_against_lists_losses_and_errors_only(results: Results) -> None:
    rows = results.worst("poor", against="good")
    assert [row.segment for row in rows] == ["1", "4", "2"]
    assert rows[1].loss == pytest.approx(100.0)
    assert rows[1].against_output == GOOD[3]
    assert "100 worse than good" in repr(rows)


def test_n_and_metric(results: Results) -> None:
    assert len(results.worst("poor", n=1)) == 1
    assert results.worst("poor", metric="Quantities")[0].metric == "Quantities"


def test_unknown_names_are_refused(results: Results) -> None:
    with pytest.raises(evalkit.SettingError, match="there are good, poor"):
        results.worst("best")
    with pytest.raises(evalkit.SettingError, match="compared with itself"):
        results.worst("good", against="good")
    with pytest.raises(evalkit.SettingError, match="was not scored"):
        results.worst("good", metric="BLEU")


def test_the_command_shows_texts_scores_and_findings(results: Results, cli: Cli, tmp_path: Path) -> None:
    evalkit.save_results(results, tmp_path / "run")
    done = cli("worst", "run", "--system", "poor", "--against", "good", "-n", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1. translate-en, poor, segment 1: chrF ")
    for text in (
        "source: 去年有⟦420万人⟧参加。",
        "reference: Last year 4.2 million",
        "poor: Last year ⟦42 million⟧ people took",
        "error: ",
    ):
        assert text in done.stdout
    assert "poor: (empty)" in done.stdout
    rows = json.loads(cli("worst", "run", "--system", "poor", "--format", "json", cwd=tmp_path).stdout)
    assert rows[0]["findings"][0]["severity"] == "error"
    wrong = cli("worst", "run", "--system", "best", cwd=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "good, poor" in wrong.stderr


def test_tasks_without_one_of_the_two_systems_are_left_out(results: Results, cli: Cli, tmp_path: Path) -> None:
    task = results.tasks[0]
    alone = replace(
        task, name="first", systems=tuple(f"other {name}" for name in task.systems), texts=None, findings={}
    )
    save_results(replace(results, tasks=(alone, task)), tmp_path / "run")
    done = cli("worst", "run", "--system", "poor", "--against", "good", "-n", "1", cwd=tmp_path)
    assert done.returncode == 0 and "first" not in done.stdout and "worse than good" in done.stdout, done.stderr
    assert cli("worst", "run", "--system", "poor", "--against", "other good", cwd=tmp_path).returncode == 2


def test_every_wrong_place_of_a_segment_is_marked() -> None:
    rows = [{"id": "1", "source": "去年有420万人参加，花了3亿元。", "references": ["x"]}]
    bench = Benchmark.from_dataset(rows, lang="zh-en", name="own")
    text = "Last year 42 million people took part, at a cost of 3 million yuan."
    found = evalkit.run(bench, {"a": [text]}, metrics=["Quantities"])
    printed = render(found.worst("a"))
    assert "⟦420万人⟧参加，花了⟦3亿元⟧" in printed
    assert "⟦42 million⟧ people took part, at a cost of ⟦3 million yuan⟧" in printed
    parts = next(parts for name, _, parts in build(found).tasks[0].read_first[0].excerpts if name == "a")
    assert [part for part, wrong in parts if wrong] == ["42 million", "3 million yuan"]


def test_marked_parts_are_the_text_without_what_is_far_from_every_span() -> None:
    text = "a" * 200 + "bb" + "c" * 400 + "dd" + "e" * 50
    parts = marked_parts(text, [(602, 604), (200, 201), (201, 202), (900, 901), (3, 3)], 20)
    assert [part for part, wrong in parts if wrong] == ["bb", "dd"]
    whole = "".join(part for part, _ in parts)
    assert whole == "…" + "a" * 110 + "bb" + "c" * 110 + "…" + "c" * 110 + "dd" + "e" * 50
    assert marked_parts("x" * 30, [], 20) == (("x" * 20, False), ("…", False))
    assert marked_parts("short\ntext", [], 20) == (("short text", False),)
    assert marked_parts("one two three", [], 9) == (("one two", False), ("…", False))
    assert marked_parts("", [], 20) == ()


def test_a_run_without_sources_shows_none() -> None:
    rows = [{"id": str(i), "references": ["It rained."]} for i in range(3)]
    run = evalkit.run(
        evalkit.Benchmark.from_dataset(rows, lang="en"), {"a": ["It rained.", "Rain.", ""]}, metrics=["chrF"]
    )
    segments = run.worst("a")
    assert [segment.source for segment in segments] == [None] * 3
    assert segments[0].references == ("It rained.",) and segments[0].output == ""


def test_a_finding_is_marked_in_its_own_sample_alone() -> None:
    finding = Finding("k", "error", "m", None, (0, 3), "")
    last = Finding("k", "error", "n", None, (4, 8), "")
    row = WorstSegment(
        index=0, task="t", system="a", article=None, segment="s", metric="m", score=None, against=None,
        against_score=None, loss=None, findings=(("m", finding), ("m", last)), missing=False, source=None, references=(),
        output="one\nfour\n", against_output=None, samples=((0, 3), (4, 8), (9, 9)),
    )  # fmt: skip
    assert list(texts_of(row)) == [
        ("a, sample 1", "one", [(0, 3)]),
        ("a, sample 2", "four", [(0, 4)]),
        ("a, sample 3", "(empty)", []),
    ]
