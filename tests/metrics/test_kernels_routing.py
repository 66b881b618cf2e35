"""Small inputs never wait for compiled loops, and both paths return the same numbers."""

from __future__ import annotations

import importlib.util
import logging
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence

import numpy as np
import pytest

import evalkit
from evalkit.errors import InputError
from evalkit.metrics import METRICS, Metric, References
from evalkit.metrics.kernels import routing

NAMES = ("BLEU", "chrF", "chrF++", "TER", "ROUGE-1", "ROUGE-2", "ROUGE-L", "ROUGE-Lsum")


@pytest.fixture(autouse=True)
def fresh_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "_plain_seconds", type(routing._plain_seconds)(float))
    monkeypatch.setattr(routing, "_ready", set())


def resolved() -> list[Metric]:
    return [METRICS[name]().resolve("en") for name in NAMES]


class Source:
    def __init__(self, name: str, made: list[str]) -> None:
        made.append(name)
        self._value = float(name == "fast")

    def rows(self, hypotheses: Sequence[str]) -> np.ndarray:
        return np.full((len(hypotheses), 1), self._value)


def source_of(made: list[str]) -> Callable[..., Source]:
    return lambda compiled: Source("fast" if compiled else "plain", made)


def routed(made: list[str], seconds: float) -> routing.Routed:
    return routing.Routed([("x",)] * 2, "some_loops", source_of(made), seconds)


def test_work_goes_the_plain_way_until_it_has_added_up() -> None:
    made: list[str] = []
    source = routed(made, seconds=0.2)
    way = [source.rows(["ab", "c"])[0, 0] for _ in range(4)]  # 0.6 seconds' worth each, to be compiled from 1.5 on
    assert way == [0, 0, 1, 1]
    assert made == ["plain", "fast"]


def test_every_reference_counts_as_work() -> None:
    made: list[str] = []
    source = routing.Routed([("x", "y", "z")], "some_loops", source_of(made), 1.0)
    assert source.rows(["a"])[0, 0] == 1


def test_what_is_ready_is_used_for_the_smallest_work() -> None:
    made: list[str] = []
    routed(made, seconds=100.0).rows(["ab", "c"])
    routed(made, seconds=0.0).rows(["", ""])
    assert made == ["fast", "fast"]


def test_loops_on_disk_cost_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "_on_disk", lambda loops: True)
    assert not routing.compiled_pays("some_loops", 0.4)
    assert routing.compiled_pays("some_loops", 0.4)


def test_the_loops_of_all_metrics_are_known() -> None:
    assert {metric.prepare(References((("a",),)))._loops for metric in resolved()} == {*routing._LOOPS}


def test_loops_on_disk_are_used_at_once_where_much_work_is_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "_LOOPS", ("kept_loops", "new_loops"))
    monkeypatch.setattr(routing, "_on_disk", lambda loops: loops == "kept_loops")
    monkeypatch.setattr(routing, "_ready", set())
    assert not routing.compiled_pays("kept_loops", 0.0)
    routing.compiled_where_kept()
    assert routing.compiled_pays("kept_loops", 0.0)
    assert not routing.compiled_pays("new_loops", 0.0)


def test_without_numba_everything_goes_the_plain_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    made: list[str] = []
    routed(made, seconds=1e9).rows(["ab", "c"])
    assert made == ["plain"]


def test_compiling_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="evalkit"):
        for _ in range(2):
            routed([], seconds=1e9).rows(["ab", "c"])
    assert [record.getMessage()[:9] for record in caplog.records] == ["compiling"]


def test_loading_from_disk_prints_no_message(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "_on_disk", lambda loops: True)
    with caplog.at_level(logging.WARNING, logger="evalkit"):
        routed([], seconds=1e9).rows(["ab", "c"])
    assert not caplog.records


def test_another_number_of_hypotheses_is_refused() -> None:
    with pytest.raises(InputError, match="3 hypotheses but references for 2 segments"):
        routed([], 0.0).rows(["a", "b", "c"])


@pytest.mark.parametrize("name", NAMES)
def test_prepared_references_can_be_sent_to_another_process(name: str) -> None:
    metric = METRICS[name]().resolve("en")
    references = References((("The cat sat on the mat.", "A cat."), ("No.",)))
    hypotheses = ["A cat sat on a mat.", ""]
    expected = metric.statistics(hypotheses, references)
    prepared = metric.prepare(references)
    metric.statistics(hypotheses, prepared)  # whatever it keeps by now must travel too
    copy = pickle.loads(pickle.dumps(prepared))
    assert (metric.statistics(hypotheses, copy) == expected).all()


def test_small_work_loads_no_numba() -> None:
    code = (
        "import sys; from evalkit.metrics import METRICS\n"
        f"for name in {NAMES!r}: METRICS[name]().resolve('en').statistics(['a cat'], [['the cat']])\n"
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=".").returncode == 0


def test_scoring_a_large_system_prepares_for_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "_on_disk", lambda loops: loops == "ngram_loops")
    monkeypatch.setattr(routing, "_ready", set())
    evalkit.score(["a"], [["a"]], metrics=["chrF"], lang="en")
    assert not routing._ready
    evalkit.score(["a"] * 1_000, [["a"]] * 1_000, metrics=["chrF"], lang="en")
    assert routing._ready == {"ngram_loops"}
