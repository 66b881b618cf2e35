"""The metric for lm-evaluation-harness, in a real run of a task with a model that answers from a list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("lm_eval", reason="the tox environment integrations installs it")

import evalkit
from evalkit.errors import SettingError

# What the tool and its own dependencies warn of is not ours.
pytestmark = pytest.mark.filterwarnings("default")

ROWS = [
    {"q": "一", "a": "The cat sat on the mat."},
    {"q": "二", "a": "Last year 4.2 million people took part."},
    {"q": "三", "a": "He was at home."},
]
ANSWERS = {"一": "The cat sat on a mat.", "二": "42 million people took part last year.", "三": "He was at home."}

TASK = """
task: own
dataset_path: json
dataset_kwargs: {data_files: {test: DATA}}
test_split: test
output_type: generate_until
doc_to_text: "{{q}}"
doc_to_target: "{{a}}"
generation_kwargs: {until: ["\\n"]}
metric_list:
  - metric: evalkit_chrf_en
  - metric: evalkit_bleu_en
"""


def test_the_value_is_the_corpus_score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lm_eval import simple_evaluate
    from lm_eval.api.model import LM
    from lm_eval.tasks import TaskManager

    from evalkit.integrations.harness_metric import register_metric

    class Listed(LM):
        def generate_until(self, requests: Any, disable_tqdm: bool = False) -> list[str]:
            return [ANSWERS[request.arguments[0]] for request in requests]

        def loglikelihood(self, requests: Any, disable_tqdm: bool = False) -> Any:
            raise NotImplementedError

        loglikelihood_rolling = loglikelihood

    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    data = tmp_path / "data.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "own.yaml").write_text(TASK.replace("DATA", str(data)), encoding="utf-8")
    register_metric("evalkit_chrf_en", "chrF", lang="en")
    register_metric("evalkit_bleu_en", "BLEU", lang="en")
    manager = TaskManager(include_path=str(tmp_path / "tasks"), include_defaults=False)
    found = simple_evaluate(model=Listed(), tasks=["own"], task_manager=manager, bootstrap_iters=0)
    assert found is not None
    results = found["results"]["own"]
    expected = evalkit.score(
        [ANSWERS[row["q"]] for row in ROWS], [[row["a"]] for row in ROWS], metrics=["chrF", "BLEU"], lang="en"
    )
    assert results["evalkit_chrf_en,none"] == pytest.approx(expected["chrF"])
    assert results["evalkit_bleu_en,none"] == pytest.approx(expected["BLEU"])


def test_a_metric_that_needs_more_is_refused() -> None:
    from evalkit.integrations.harness_metric import register_metric

    with pytest.raises(SettingError, match="needs"):
        register_metric("evalkit_quantities", "Quantities", lang="en")
