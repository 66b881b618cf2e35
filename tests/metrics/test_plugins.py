"""Metrics of installed packages: found by name, and told of if their name is taken."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

import evalkit
from evalkit.metrics.parsing import known_metrics, parse

MODULE = """
from dataclasses import dataclass
from evalkit import BLEU

@dataclass(frozen=True)
class Own(BLEU):
    name = "OwnMetric"
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path with two packages, which register metrics called like one of evalkit and like each other."""
    for package, names in {"first-plugin": ("OwnMetric", "bleu"), "second-plugin": ("ownmetric",)}.items():
        folder = tmp_path / f"{package.replace('-', '_')}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        points = "".join(f"{name} = own_metric_module:Own\n" for name in names)
        (folder / "entry_points.txt").write_text(f"[evalkit.metrics]\n{points}")
    (tmp_path / "own_metric_module.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("install")
def test_names_that_are_taken_are_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "evalkit"):
        assert list(known_metrics()).count("OwnMetric") == 1 and "bleu" not in known_metrics()
    taken = "the metric bleu of the package first-plugin (own_metric_module:Own) is not used: evalkit has a metric"
    assert f"{taken} of this name; it needs another name" in caplog.messages
    second = "the metric ownmetric of the package second-plugin (own_metric_module:Own) is not used: first-plugin has a"
    assert any(message.startswith(second) for message in caplog.messages)
    assert type(parse("OWNMETRIC")).__name__ == "Own"


@pytest.mark.usefixtures("install")
def test_a_metric_of_evalkit_that_hides_another_is_told_when_it_is_used(caplog: pytest.LogCaptureFixture) -> None:
    benchmark = evalkit.Benchmark.from_dataset([{"references": "a b c d"}], lang="en")
    for metrics, told in ((["chrF"], 0), (["chrF", "BLEU(lowercase=true)"], 1), (None, 0)):
        caplog.clear()
        with caplog.at_level(logging.WARNING, "evalkit"):
            evalkit.run(benchmark, {"mine": ["a b c d"]}, metrics=metrics)
        assert sum("is not used: evalkit has a metric" in message for message in caplog.messages) == told
