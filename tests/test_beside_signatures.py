"""What is recorded besides signatures: the number of references, versions, and the tokenizer error that BLEU reproduces."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

import evalkit
from evalkit.data.benchmark import Benchmark
from evalkit.errors import IncomparableError
from evalkit.gate.baseline import baseline_of, check_alike, read_baseline, write_baseline
from evalkit.reports import terminal
from evalkit.reports.markdown import render
from evalkit.reports.plain import render_json
from evalkit.reports.tables import leaderboard
from evalkit.reports.view import build
from evalkit.results.results import Results
from evalkit.results.run_folder import load_results, save_results

RARE = "𠮷野家昨天在北京开业。"


def run(texts: list[str], references: int) -> Results:
    rows = [{"id": str(i), "references": [text] * references} for i, text in enumerate(texts)]
    return evalkit.run(Benchmark.from_dataset(rows, lang="zh"), {"mine": texts}, metrics=["BLEU"])


def test_the_number_of_references_is_recorded_and_shown(tmp_path: Path) -> None:
    results = run(["我们明天去北京。", RARE], 2)
    save_results(results, tmp_path / "run", command=["evalkit", "run"])
    loaded = load_results(tmp_path / "run")
    assert loaded.tasks[0].reference_counts == (2, 2)
    assert loaded.tasks[0].notes == results.tasks[0].notes
    shown = terminal.tables([leaderboard(loaded.tasks[0])])
    assert "2 segments, 2 references per segment; sorted by BLEU" in shown
    assert "BLEU: 1 output has characters of CJK Extension B, which tokenize=zh does not split" in shown
    view = build(loaded)
    text = render(view)
    assert "- translate-zh: 2 references per segment\n- evalkit " in text and "sacrebleu" in text
    document = json.loads(render_json(loaded, view))
    assert document["reference_counts"] == {"translate-zh": [2, 2]} and "numpy" in document["versions"]


def test_one_reference_and_common_characters_need_no_note() -> None:
    task = run(["我们明天去北京。"], 1).tasks[0]
    assert (task.reference_counts, task.notes) == ((1, 1), ())
    assert "per segment" not in terminal.tables([leaderboard(task)])


def test_a_baseline_says_how_many_references_it_had(tmp_path: Path) -> None:
    texts = ["我们明天去北京。", "他说经济增长了百分之五。"]
    write_baseline(tmp_path / "b.json", baseline_of(run(texts, 1)))
    baseline = read_baseline(tmp_path / "b.json")
    assert baseline.tasks[0].reference_counts == (1, 1)
    with pytest.raises(IncomparableError, match="2 references per segment now, 1 in the baseline"):
        check_alike(run(texts, 2), baseline, {"mine": "mine"})
    older = msgspec.structs.replace(
        baseline, tasks=tuple(msgspec.structs.replace(task, reference_counts=None) for task in baseline.tasks)
    )
    check_alike(run(texts, 1), older, {"mine": "mine"})
