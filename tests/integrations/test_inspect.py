"""The scorer for inspect_ai, in a real evaluation whose solver answers from the sample: no model is called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.importorskip("inspect_ai", reason="the tox environment integrations installs it")

import evalkit

# What the tool and its own dependencies warn of is not ours.
pytestmark = pytest.mark.filterwarnings("default")

SAMPLES = [
    ("去年有420万人参加。", ["Last year 4.2 million people took part."], "Last year 42 million people took part."),
    ("天气很好。", ["The weather was fine."], "The weather was fine."),
    ("他在家。", ["He was at home."], "He stayed at home."),
]


@pytest.mark.parametrize(("metric", "epochs"), [("chrF", 1), ("chrF", 2), ("BLEU", 1), ("Quantities", 1)])
def test_the_corpus_score_is_that_of_evalkit(
    metric: str, epochs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inspect_ai import Task, eval
    from inspect_ai.dataset import Sample
    from inspect_ai.model import ModelOutput
    from inspect_ai.solver import solver

    from evalkit.integrations.inspect_scorer import evalkit_scorer

    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(os.environ, "INSPECT_DISPLAY", "none")

    @solver
    def answer() -> object:
        async def solve(state: object, generate: object) -> object:
            output = state.metadata["output"] if state.epoch == 1 else "Another answer."  # type: ignore[attr-defined]
            state.output = ModelOutput.from_content("mockllm/model", output)  # type: ignore[attr-defined]
            return state

        return solve

    task = Task(
        dataset=[Sample(input=i, target=t, metadata={"output": o}) for i, t, o in SAMPLES],
        solver=answer(),
        scorer=evalkit_scorer(metric, lang="zh-en"),
        epochs=epochs,
    )
    (log,) = eval(task, model="mockllm/model", log_dir=str(tmp_path / "logs"))
    assert log.status == "success", log.error
    assert log.results is not None
    value = log.results.scores[0].metrics["corpus"].value
    expected = evalkit.score(
        [*(output for *_, output in SAMPLES), *["Another answer."] * (len(SAMPLES) * (epochs - 1))],
        [references for _, references, _ in SAMPLES] * epochs,
        metrics=[metric],
        lang="zh-en",
        sources=[source for source, *_ in SAMPLES] * epochs,
    )
    assert value == pytest.approx(expected[metric])
    if metric == "Quantities":
        assert log.samples is not None
        (wrong,) = [s for s in log.samples if s.scores and next(iter(s.scores.values())).explanation]
        assert "42" in str(next(iter(wrong.scores.values())).explanation)  # type: ignore[union-attr]
