"""Messages of model-based metrics whose packages are not installed."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

import evalkit
from evalkit.cli.app import cli as commands
from evalkit.cli.list_command import metrics_table
from evalkit.engine import evaluate
from evalkit.errors import SettingError
from evalkit.models import model_folder

METRICS = (evalkit.COMET(), evalkit.MetricX(), evalkit.BERTScore(), evalkit.Entailment())


@pytest.fixture(autouse=True)
def no_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_folder, "missing_packages", lambda extra: ["torch", "safetensors"])


@pytest.mark.parametrize("metric", METRICS, ids=str)
def test_the_extra_is_named_in_one_line(metric: evalkit.Metric) -> None:
    with pytest.raises(SettingError, match=r"needs torch, safetensors: .*evalkit-zh\[neural\]") as caught:
        evalkit.score(["a"], [["a"]], metrics=[metric], lang="en", sources=["一"], source_lang="zh")
    assert "\n" not in str(caught.value)


def test_the_list_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    table = metrics_table("zh").split("\n")
    for metric in METRICS:
        start = next(i for i, line in enumerate(table) if line.startswith(f"{metric.name}: "))
        assert table[start + 2].startswith("    needs torch, safetensors, not installed: ")
        assert "evalkit-zh[neural]" in table[start + 2]
    monkeypatch.setattr(model_folder, "missing_packages", lambda extra: [])
    assert metrics_table("zh").count("\n    installed\n") == len(METRICS) + 1  # and Judge


def test_the_command_names_the_extra_before_it_reads_anything() -> None:
    done = CliRunner().invoke(commands, ["run", "none.en", "--source", "none.zh", "-m", "chrF,comet"])
    assert done.exit_code != 0
    assert "COMET needs torch, safetensors: " in str(done.exception or done.output)


def test_packages_are_missed_before_anything_is_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "score_plans", lambda *_: pytest.fail("scored"))
    with pytest.raises(SettingError, match="needs torch"):
        evalkit.score(["a"], [["a"]], metrics=["chrF", "comet"], lang="en", sources=["一"], source_lang="zh")
