"""References as systems: both are scored against all references but one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import ClassVar

import numpy as np
import pytest
from gate.making import noisy, sentences

from evalkit import Benchmark, ChrF, load_results, run
from evalkit.engine.leave_one_out import REFERENCES
from evalkit.metrics import METRICS
from evalkit.metrics.base import References, Runtime, SystemStatistics
from evalkit.metrics.recorded import RecordedScores
from evalkit.reports import terminal
from evalkit.results.run_folder import save_results


def test_both_are_means_over_the_sets_of_the_other_references(tmp_path: Path) -> None:
    texts = sentences(12)
    references = [noisy(texts, 0.2, seed) for seed in (1, 2, 3)]
    rows = [{"id": f"s{i}", "references": list(refs)} for i, refs in enumerate(zip(*references, strict=True))]
    b = Benchmark.from_dataset(rows, lang="en", task="translate-en")
    results = run(b, {"mine": texts}, metrics=["BLEU", "ROUGE-L"], leave_one_out=True)
    found = results.tasks[0].leave_one_out
    assert found is not None and found.references == 3
    for label in ("BLEU", "ROUGE-L"):
        mine, theirs = [], []
        for r in range(3):
            others = [references[k] for k in range(3) if k != r]
            part = Benchmark.from_dataset(
                [{"id": f"s{i}", "references": list(refs)} for i, refs in enumerate(zip(*others, strict=True))],
                lang="en",
                task="translate-en",
            )
            scores = run(part, {"mine": texts, "reference": references[r]}, metrics=[label]).tasks[0].corpus(label)
            mine.append(scores[0])
            theirs.append(scores[1])
        assert found.scores[label] == pytest.approx({"mine": np.mean(mine), REFERENCES: np.mean(theirs)})
    assert results.tasks[0].systems == ("mine",)  # the row is not used in any test
    loaded = load_results(save_results(results, tmp_path / "run")).tasks[0].leave_one_out
    assert loaded is not None and loaded.scores == found.scores
    shown = terminal.render(results)
    assert "translate-en, leave-one-out" in shown and "References by: unknown" in shown
    assert run(b, {"mine": texts}, metrics=["BLEU"]).tasks[0].leave_one_out is None


def test_the_bundled_references_say_who_made_them(cli: Callable[..., CompletedProcess[str]], tmp_path: Path) -> None:
    options = ("--task", "summarize-zh", "-m", "KeyFacts", "--out", "run", "--leave-one-out")
    done = cli("run", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "summarize-zh, leave-one-out" in done.stdout
    assert "mean over the 5 sets of 4 references" in done.stdout
    assert "References by: a large language model" in done.stdout


def test_metrics_of_the_main_process_take_part_or_say_why_not() -> None:
    rows = [{"id": f"s{i}", "source": "字", "references": [text, text[:-2]]} for i, text in enumerate(sentences(4))]
    b = Benchmark.from_dataset(rows, lang="zh-en")
    recorded = RecordedScores("Human", {"mine": {f"s{i}": 50.0 + i for i in range(4)}})
    results = run(b, {"mine": sentences(4)}, metrics=["chrF", InMain(), recorded], leave_one_out=True)
    found = results.tasks[0].leave_one_out
    assert found is not None and list(found.scores) == ["chrF", "InMain"]
    assert found.scores["InMain"] == pytest.approx(found.scores["chrF"])
    assert "Without Human: recorded scores were given against the references that their tool used" in terminal.render(
        results
    )
    assert {name for name, cls in METRICS.items() if cls.no_leave_one_out} == {"Judge", "RecordedScores"}


@dataclass(frozen=True)
class InMain(ChrF):
    """chrF, scored in the main process."""

    name: ClassVar[str] = "InMain"
    where: ClassVar[str] = "main"

    def statistics_of(
        self, outputs: Mapping[str, Sequence[str]], references: References, runtime: Runtime
    ) -> Mapping[str, SystemStatistics]:
        assert runtime is not None
        return {name: SystemStatistics(self.statistics(texts, references)) for name, texts in outputs.items()}


@pytest.mark.parametrize("references", [[["a cat"], ["a dog"]], [["a cat", "the cat"], ["a dog"]]])
def test_references_that_cannot_be_left_out_are_told(
    references: list[list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    rows = [{"id": f"s{i}", "references": texts} for i, texts in enumerate(references)]
    b = Benchmark.from_dataset(rows, lang="en", task="translate-en")
    results = run(b, {"mine": ["cat", "dog"]}, metrics=["chrF"], leave_one_out=True)
    assert results.tasks[0].leave_one_out is None
    assert "translate-en: no leave-one-out scores; every segment needs the same number of references" in caplog.text
