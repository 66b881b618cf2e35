"""Metrics that are scored in the main process, all systems of a task together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

import evalkit
from evalkit.data.benchmark import Benchmark
from evalkit.errors import InputError, SettingError
from evalkit.metrics.base import Finding, Metric, References, Statistics, SystemStatistics, setting
from evalkit.models.runtime import Runtime

ROWS = [{"id": str(i), "article": f"a{i // 2}", "source": "源" * i, "references": ["the cat sat"]} for i in range(1, 5)]
BENCH = Benchmark.from_dataset(ROWS, lang="zh-en", name="own")
SYSTEMS = {"a": ["one", "two", "three", "four"], "b": ["one", "", "three!", "4"]}


@dataclass(frozen=True)
class Length(Metric):
    """Mean length; an output that is a digit cannot be judged."""

    name: ClassVar[str] = "Length"
    summary: ClassVar[str] = "length of the output"
    range: ClassVar[tuple[float, float]] = (0.0, float("inf"))
    where: ClassVar[str] = "main"
    columns: ClassVar[tuple[str, ...]] = ("sum", "count")
    calls: ClassVar[list[tuple[str, ...]]] = []

    scale: float = setting(1.0, kind=float, doc="factor")
    server: str = setting("", doc="what the server called itself")

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> Statistics:
        return np.array([[self.scale * len(text), 1.0] for text in hypotheses])

    def statistics_of(
        self, outputs: Mapping[str, Sequence[str]], references: References, runtime: Runtime
    ) -> Mapping[str, SystemStatistics]:
        self.calls.append(tuple(outputs))
        assert references.articles == ("a0", "a1", "a1", "a2")
        runtime.record["Length"] = {"device": runtime.device or "none"}
        found = {}
        for done, (system, texts) in enumerate(outputs.items()):
            rows = self._statistics(texts, None)
            bad = [i for i, text in enumerate(texts) if text.isdigit()]
            marked = {i: (Finding("long", "warning", "too long"),) for i, text in enumerate(texts) if len(text) > 5}
            found[system] = SystemStatistics(rows, dict.fromkeys(bad, "a digit"), marked)
            assert runtime.progress is not None
            runtime.progress(done + 1, len(outputs), "Length")
        return found

    def observed(self, runtime: Runtime) -> Metric:
        return replace(self, server="v2")

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        s = np.asarray(statistics, dtype=np.float64)
        with np.errstate(invalid="ignore"):
            mean: NDArray[np.float64] = s[..., 0] / s[..., 1]
        return mean


def test_all_systems_are_scored_in_one_call_together_with_other_metrics() -> None:
    steps: list[tuple[int, int, str]] = []
    Length.calls.clear()
    results = evalkit.run(
        BENCH,
        SYSTEMS,
        metrics=[Length(), "chrF"],
        runtime=Runtime(device="tpu"),
        progress=lambda done, total, what: steps.append((done, total, what)),
    )
    task = results.task()
    assert Length.calls == [("a", "b")]
    assert task.corpus("Length").tolist() == [15 / 4, 3.0]
    assert task.corpus("chrF").shape == (2,)
    assert task.undefined == {"Length": {"b": {3: "a digit"}}}
    assert np.isnan(task.by_segment("Length")[1, 3])
    assert task.findings["Length"]["b"][2][0].kind == "long"
    assert "server:v2" in task.metric("Length").signature
    assert results.info == {"models": {"Length": {"device": "tpu"}}}
    assert steps[-1][0] == steps[-1][1] == 16


def test_score_takes_them_too() -> None:
    Length.calls.clear()

    @dataclass(frozen=True)
    class Plain(Length):
        """Without the checks of the benchmark above."""

        name: ClassVar[str] = "Plain"

        def statistics_of(
            self, outputs: Mapping[str, Sequence[str]], references: References, runtime: Runtime
        ) -> Mapping[str, SystemStatistics]:
            return Metric.statistics_of(self, outputs, references, runtime)

    assert evalkit.score(["ab", "abcd"], [["x"], ["y"]], metrics=[Plain(scale=2.0)], lang="en") == {
        "Plain(scale=2.0)": 6.0
    }


def test_score_says_what_was_not_judged(caplog: pytest.LogCaptureFixture) -> None:
    @dataclass(frozen=True)
    class Failing(Length):
        """Judges the first text only."""

        name: ClassVar[str] = "Failing"

        def statistics_of(
            self, outputs: Mapping[str, Sequence[str]], references: References, runtime: Runtime
        ) -> Mapping[str, SystemStatistics]:
            return {"": SystemStatistics(np.array([[2.0, 1.0], [0.0, 0.0]]), {1: "timeout"})}

    evalkit.score(["ab", "abcd"], [["x"], ["y"]], metrics=[Failing()], lang="en")
    assert caplog.records[-1].message == "Failing: 1 of 2 have no score, hypotheses[1] because: timeout"


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"where": "moon"}, "the metric 'Length': where is 'moon', not 'worker' or 'main'"),
        ({"name": "a|b"}, r"the metric 'a\|b': a name is a text without spaces and without any of"),
        ({"name": "x\x1b"}, "a name is a text"),
        ({"range": (1.0, 0.0)}, "range is .*, not a tuple of the lowest and the highest score"),
        ({"range": None}, "range is None, not a tuple"),
    ],
)
def test_a_class_that_would_be_scored_wrongly_is_refused(attributes: dict[str, Any], message: str) -> None:
    wrong = dataclass(frozen=True)(type("Wrong", (Length,), {**attributes, "__annotations__": {}}))
    with pytest.raises(SettingError, match=message):
        evalkit.run(BENCH, SYSTEMS, metrics=[wrong()])


def test_a_wrong_shape_names_metric_and_system() -> None:
    @dataclass(frozen=True)
    class Short(Length):
        """One row too few."""

        name: ClassVar[str] = "Short"

        def statistics_of(
            self, outputs: Mapping[str, Sequence[str]], references: References, runtime: Runtime
        ) -> Mapping[str, SystemStatistics]:
            return {system: SystemStatistics(np.zeros((1, 2))) for system in outputs}

    with pytest.raises(InputError, match=r"Short of a: statistics of shape \(1, 2\) .*not numbers of shape \(4, 2\)"):
        evalkit.run(BENCH, SYSTEMS, metrics=[Short()])
