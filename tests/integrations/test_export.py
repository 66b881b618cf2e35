"""Exports: text formats, a hub folder, and the real trackers if they are installed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import evalkit
from evalkit.data.benchmark import Benchmark
from evalkit.errors import EvalkitError
from evalkit.metrics.recorded import RecordedScores
from evalkit.results.results import Results

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def results() -> Results:
    rows = [{"id": str(i), "references": [text]} for i, text in enumerate(("the cat sat", "a dog ran", "it rained"))]
    bench = Benchmark.from_dataset(rows, lang="en", name="own")
    systems = {"good": ["the cat sat", "a dog ran", "it rained"], "=poor": ["cat", "dog run", ""]}
    recorded = [
        RecordedScores(title, {system: {str(i): k + i for i in range(3)} for system in systems})
        for k, title in enumerate(("质量", "流畅"))
    ]
    return evalkit.run(bench, systems, metrics=["chrF", "BLEU", *recorded])


def test_arrow_and_pandas_hold_the_same_rows(results: Results) -> None:
    table = results.to_arrow()
    assert table.num_rows == len(results.scores())
    assert [str(column.type) for column in table.columns] == 6 * ["string"] + 4 * ["double"]
    rows = [{**dict.fromkeys(table.column_names), **row.as_dict()} for row in results.scores()]
    assert table.to_pylist() == rows


def test_texts_and_the_hub_folder(results: Results, cli: Cli, tmp_path: Path) -> None:
    evalkit.save_results(results, tmp_path / "run")
    assert cli("export", "run", "--to", "csv", cwd=tmp_path).stdout.startswith("system,task,level")
    assert "'=poor" in cli("export", "run", "--to", "csv", cwd=tmp_path).stdout
    assert "tabular" in cli("export", "run", "--to", "latex", cwd=tmp_path).stdout
    written = cli("export", "run", "--to", "csv", "--out", "scores.csv", cwd=tmp_path)
    assert (written.returncode, written.stdout.strip()) == (0, "scores.csv")
    again = cli("export", "run", "--to", "csv", "--out", "scores.csv", cwd=tmp_path)
    assert (again.returncode, "refusing to overwrite scores.csv" in again.stderr) == (2, True)
    done = cli("export", "run", "--to", "hub", "--out", "hub", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    card = (tmp_path / "hub" / "README.md").read_text(encoding="utf-8")
    assert "## Signatures" in card and "to read first" not in card
    import datasets

    loaded = datasets.load_dataset(str(tmp_path / "hub"), split="train", cache_dir=str(tmp_path / "cache"))
    assert len(loaded) == len(results.scores())
    assert cli("export", "run", "--to", "hub", "--out", "hub", cwd=tmp_path).returncode == 2
    assert "Missing option '--to'" in cli("export", "run", cwd=tmp_path).stderr
    for options, said in (
        (("csv", "--system", "good"), "--system is for --to model-index; leave it out"),
        (("latex", "--uri", "sqlite:///x"), "--uri is for --to mlflow"),
        (("hub", "--out", "other", "--online"), "--online is for --to wandb"),
    ):
        refused = cli("export", "run", "--to", *options, cwd=tmp_path)
        assert (refused.returncode, said in refused.stderr) == (2, True)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # MLflow's own, with newer versions of SQLAlchemy
def test_mlflow_gets_a_run_per_system(results: Results, tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow", reason="the tox environment integrations installs it")
    from evalkit.integrations.trackers import to_mlflow

    uri = f"sqlite:///{tmp_path}/mlflow.db"
    assert len(to_mlflow(results, uri)) == 2
    client = mlflow.MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("own")
    runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    assert runs["good"].data.metrics["translate-en/chrF"] == pytest.approx(100.0)
    assert "BLEU" in runs["=poor"].data.params["translate-en/BLEU"]
    assert [runs["good"].data.metrics[f"translate-en/{title}"] for title in ("质量", "流畅")] == [1.0, 2.0]


def test_an_mlflow_run_that_fails_halfway_is_closed(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mlflow = pytest.importorskip("mlflow", reason="the tox environment integrations installs it")
    from evalkit.integrations.trackers import to_mlflow

    def fail(*_: object) -> None:
        raise mlflow.exceptions.MlflowException("the disk is full")

    uri = f"sqlite:///{tmp_path}/mlflow.db"
    monkeypatch.setattr(mlflow.MlflowClient, "log_metric", fail)
    with pytest.raises(EvalkitError, match="the disk is full; the run folder is unchanged"):
        to_mlflow(results, uri)
    client = mlflow.MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("own")
    assert [run.info.status for run in client.search_runs([experiment.experiment_id])] == ["FAILED"]


def test_a_server_that_is_not_there_is_given_up_in_seconds(results: Results) -> None:
    pytest.importorskip("mlflow", reason="the tox environment integrations installs it")
    from evalkit.integrations.trackers import to_mlflow

    begun = time.monotonic()
    with pytest.raises(EvalkitError, match="the run folder is unchanged"):
        to_mlflow(results, "http://127.0.0.1:9")
    assert time.monotonic() - begun < 60


def test_wandb_keeps_its_files_here(results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb", reason="the tox environment integrations installs it")
    from evalkit.integrations.trackers import to_wandb

    monkeypatch.setenv("WANDB_ERROR_REPORTING", "false")
    monkeypatch.setenv("WANDB_CACHE_DIR", str(tmp_path / "cache"))
    lines = to_wandb(results, None, tmp_path / "kept", online=False)
    assert len(lines) == 2
    assert len(list((tmp_path / "kept").glob("wandb/offline-run-*/*.wandb"))) == 2
