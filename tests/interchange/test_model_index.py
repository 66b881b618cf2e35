from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import yaml

from evalkit.engine.evaluate import run as evaluate
from evalkit.errors import SettingError
from evalkit.reports.model_index import model_index, render
from evalkit.results.results import Results
from evalkit.results.run_folder import save_results
from interchange.tiny import REFERENCES, SAID, tiny

Cli = Callable[..., CompletedProcess[str]]
NAME = "模型: {1} #2 🚄"


@pytest.fixture(scope="module")
def run() -> Results:
    bench = tiny()
    systems = {NAME: list(SAID), "copy": list(REFERENCES)}
    return evaluate(bench, systems, metrics=["BLEU", "chrF++", "TER", "ROUGE-L"])


def test_the_hubs_own_library_reads_what_is_written(run: Results) -> None:
    from huggingface_hub.repocard_data import eval_results_to_model_index, model_index_to_eval_results

    written = yaml.safe_load(render(run, NAME))["model-index"]
    name, results = model_index_to_eval_results(written)
    assert name == NAME
    assert [(r.metric_type, r.metric_name) for r in results] == [
        ("bleu", "BLEU"),
        ("chrf", "chrF++"),
        ("ter", "TER"),
        ("rouge", "ROUGE-L"),
    ]
    task = run.tasks[0]
    for result, scored in zip(results, task.metrics, strict=True):
        assert result.metric_value == pytest.approx(task.corpus(scored.label)[0], abs=1e-6)
        assert result.metric_args["signature"] == scored.signature
        assert (result.task_type, result.task_name) == ("translation", "translate-en")
        assert (result.dataset_type, result.dataset_name, result.dataset_config) == ("tiny", "tiny", "translate-en")
        assert result.dataset_revision == task.fingerprint
    # and writes it again as it was
    assert eval_results_to_model_index(name, results) == written


def test_every_system_is_a_model_and_the_dataset_may_be_named(run: Results) -> None:
    models = model_index(run, dataset="someone/tiny")
    assert [m["name"] for m in models] == [NAME, "copy"]
    assert models[0]["results"][0]["dataset"]["type"] == "someone/tiny"
    with pytest.raises(SettingError, match="no system 'none'"):
        model_index(run, "none")


def test_a_score_that_is_undefined_is_left_out() -> None:
    from gate.making import results
    from gate.test_check import Quantities

    bench = tiny()
    found = results(bench, {"empty": [""] * 3}, [Quantities(), "chrF"])
    assert [m["name"] for m in model_index(found)[0]["results"][0]["metrics"]] == ["chrF"]
    found = results(bench, {"empty": [""] * 3}, [Quantities()])
    with pytest.raises(SettingError, match="no score of this run is defined"):
        model_index(found)


def test_the_command_prints_the_block(cli: Cli, run: Results, tmp_path: Path) -> None:
    save_results(run, tmp_path / "run")
    done = cli("export", "run", "--to", "model-index", "--system", "copy", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == render(run, "copy")
    assert cli("export", "run", cwd=tmp_path).returncode == 2
