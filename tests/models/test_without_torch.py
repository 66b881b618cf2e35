"""What the metrics that need a model say where its packages are not installed."""

from __future__ import annotations

import pytest

import evalkit
from evalkit.cli.list_command import metrics_table
from evalkit.errors import SettingError
from evalkit.models import model_folder

METRICS = (evalkit.COMET(), evalkit.MetricX(), evalkit.BERTScore(), evalkit.Entailment())


@pytest.fixture(autouse=True)
def no_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_folder, "missing_packages", lambda: ["torch", "safetensors"])


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
    monkeypatch.setattr(model_folder, "missing_packages", list)
    assert metrics_table("zh").count("\n    installed\n") == len(METRICS)
