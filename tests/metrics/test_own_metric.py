"""Metrics of other packages: what they may get wrong, and that the example of the documentation works everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import evalkit
from evalkit.errors import EvalkitError
from evalkit.metrics.base import SystemStatistics, setting

OUTPUTS = ["one two", "three", "four five six", "seven"]
ROWS = [{"id": str(i), "source": "今天", "references": ["a b"], "article": str(i // 2)} for i in range(4)]


@pytest.fixture(scope="module")
def benchmark() -> evalkit.Benchmark:
    return evalkit.Benchmark.from_dataset(ROWS, lang="zh-en")


def own(**attributes: Any) -> evalkit.Metric:
    """A metric with the mean length of the outputs, and with other attributes."""
    usual: dict[str, Any] = {
        "name": "Own",
        "summary": "length",
        "range": (0.0, 100.0),
        "columns": ("sum", "count"),
        "_statistics": lambda self, hypotheses, prepared: np.array([[len(text), 1.0] for text in hypotheses]),
        "score": lambda self, statistics: statistics[..., 0] / statistics[..., 1],
    }
    cls = type("Own", (evalkit.Metric,), {**usual, **attributes, "__annotations__": {}})
    metric: evalkit.Metric = dataclass(frozen=True)(cls)()
    return metric


def test_the_documented_example_works_everywhere(benchmark: evalkit.Benchmark, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "own-metric.md").read_text(encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0]
    names: dict[str, Any] = {"__name__": __name__}
    exec(code.replace("print", "repr"), names)
    metric = names["LengthRatio"](spaces=False)
    results = evalkit.run(benchmark, {"a": OUTPUTS}, metrics=[metric])
    expected = np.mean([len(text.replace(" ", "")) for text in OUTPUTS]) / 2
    (row,) = results.scores("corpus")
    assert row.score == pytest.approx(expected)
    assert evalkit.score(OUTPUTS, [["a b"]] * 4, metrics=[metric], lang="en") == {str(metric): row.score}
    evalkit.save_results(results, tmp_path / "run")
    assert list(evalkit.load_results(tmp_path / "run", metrics=[metric]).scores("corpus")) == [row]


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"higher_is_better": "no"}, "higher_is_better is 'no', not True or False"),
        ({"columns": "sn"}, "columns is 'sn', not a tuple of different names"),
        ({"columns": ("sum", "sum")}, "not a tuple of different names"),
        ({"needs": ["sources"]}, r"needs is \['sources'\], not a frozenset of any of articles, "),
        ({"needs": frozenset({"sorces"})}, "needs is .*, not a frozenset of any of articles, "),
        ({"kinds": "summary"}, "kinds is 'summary', not a frozenset of any of summary, translation"),
        ({"range": (0.0, 5.0)}, r"the score 7.5 is outside range=\(0.0, 5.0\); correct the range"),
        ({"_statistics": lambda self, texts, _: np.array([["a", "b"]] * len(texts))}, "of the type <U1, not numbers"),
        ({"_statistics": lambda self, texts, _: np.ones((len(texts), 2), complex)}, "complex128, not numbers"),
        ({"score": lambda self, rows: 0.5}, r"Own: score returned .* shape \(\) for rows .*, of shape \(1,\)"),
        ({"score": lambda self, rows: rows[..., :1]}, "Own: score returned values"),
        ({"score": lambda self, rows: None}, "Own: score returned values of the type object"),
        ({"score": lambda self, rows: 1 / 0}, "Own: score failed with ZeroDivisionError"),
        ({"score": lambda self, rows: rows.sort() or rows[..., 0]}, "it must not change its argument"),
        ({"explain": lambda self, *_: "abc"}, "'a' is not a finding; give a tuple of Findings"),
        ({"explain": lambda self, *_: [evalkit.Finding("kind", "fatal", "x")]}, "is not a finding"),
    ],
)
def test_mistakes_are_named(attributes: dict[str, Any], message: str, benchmark: evalkit.Benchmark) -> None:
    with pytest.raises(EvalkitError, match=message):
        evalkit.run(benchmark, {"a": OUTPUTS}, metrics=[own(**attributes)]).scores()


def test_lists_and_whole_numbers_are_scores(benchmark: evalkit.Benchmark) -> None:
    for score in (lambda self, rows: (rows[..., 0] // 1).astype(int), lambda self, rows: rows[..., 0].tolist()):
        results = evalkit.run(benchmark, {"a": OUTPUTS}, metrics=[own(score=score, range=(0.0, 1000.0))])
        assert [row.score for row in results.scores("segment")] == list(map(float, map(len, OUTPUTS)))
        assert len(results.slices("article")) == 3


def test_a_class_whose_settings_are_no_fields_is_refused() -> None:
    class Forgotten(type(own())):  # type: ignore[misc]
        name: ClassVar[str] = "Forgotten"
        strict: bool = setting(False, kind=bool, doc="which is true as long as it is not a field")

    with pytest.raises(EvalkitError, match=r"strict is a setting; write @dataclass\(frozen=True\) above the class"):
        evalkit.score(["a"], [["a"]], metrics=[Forgotten()], lang="en")


def rows_of(outputs: Mapping[str, Sequence[str]]) -> dict[str, SystemStatistics]:
    return {s: SystemStatistics(np.array([[len(text), 1.0] for text in texts])) for s, texts in outputs.items()}


def changed(**more: Any) -> Callable[..., Any]:
    def statistics_of(self: Any, outputs: Any, references: Any, runtime: Any) -> Any:
        return {s: SystemStatistics(**{"rows": found.rows, **more}) for s, found in rows_of(outputs).items()}

    return statistics_of


@pytest.mark.parametrize(
    ("statistics_of", "message"),
    [
        (lambda self, outputs, *_: None, "Own.*: statistics_of returned no SystemStatistics; return them for every"),
        (lambda self, outputs, *_: {s: found.rows for s, found in rows_of(outputs).items()}, "no SystemStatistics"),
        (lambda self, outputs, *_: {s: rows_of(outputs)[s] for s in outputs if s in ("", "a")}, "Own of b: "),
        (lambda self, outputs, *_: 1 / 0, "Own: statistics_of failed with ZeroDivisionError"),
        (lambda self, outputs, *_: outputs.clear(), "statistics_of failed with AttributeError"),
        (changed(rows=np.ones((3, 2))), r"of shape \(3, 2\) and type float64, not numbers of shape \(4, 2\)"),
        (changed(rows=[["a", "b"]] * 4), "not numbers of shape"),
        (changed(undefined=[1]), "undefined must be a mapping by the index of segments, 0 to 3"),
        (changed(undefined={-1: "why"}), "undefined must be a mapping by the index of segments, 0 to 3"),
        (changed(undefined={"1": "why"}), "undefined must be a mapping by the index of segments, 0 to 3"),
        (changed(undefined={1: ""}), "every undefined segment needs a reason"),
        (changed(findings={9: ()}), "findings must be a mapping by the index of segments, 0 to 3"),
        (changed(findings={0: evalkit.Finding("kind", "error", "x", key=5)}), "is not a finding"),  # type: ignore[arg-type]
        (changed(findings={0: (evalkit.Finding("kind", "error", "x", (3, 1)),)}), "is not a finding"),
    ],
)
def test_mistakes_of_metrics_that_run_in_the_main_process(
    statistics_of: Any, message: str, benchmark: evalkit.Benchmark
) -> None:
    metric = own(where="main", statistics_of=statistics_of)
    with pytest.raises(EvalkitError, match=message):
        evalkit.run(benchmark, {"a": OUTPUTS, "b": OUTPUTS}, metrics=[metric])
    if "of b" not in message:
        with pytest.raises(EvalkitError, match=message):
            evalkit.score(OUTPUTS, [["a b"]] * 4, metrics=[metric], lang="en")


def test_score_leaves_undefined_segments_out_as_run_does(benchmark: evalkit.Benchmark) -> None:
    # Whatever is in their rows.
    metric = own(where="main", statistics_of=changed(undefined={0: "why"}))
    (row,) = evalkit.run(benchmark, {"a": OUTPUTS}, metrics=[metric]).scores("corpus")
    assert row.score == evalkit.score(OUTPUTS, [["a b"]] * 4, metrics=[metric], lang="en")["Own"]
    assert row.score == np.mean([len(text) for text in OUTPUTS[1:]])


def test_a_run_is_loaded_only_with_the_metric_it_was_saved_with(benchmark: evalkit.Benchmark, tmp_path: Path) -> None:
    evalkit.save_results(evalkit.run(benchmark, {"a": OUTPUTS}, metrics=[own(), "BLEU"]), tmp_path / "run")
    assert evalkit.load_results(tmp_path / "run", metrics=[own(), evalkit.BLEU(lowercase=True)])
    for attributes, message in (
        ({"higher_is_better": False}, "Own was saved with columns sum, count and higher_is_better True, unlike"),
        ({"columns": ("count", "sum")}, "Own was saved with columns sum, count"),
        ({"version": 2}, r"Own has the signature 'Own\|v:1', but the metric given has 'Own\|v:2'"),
    ):
        with pytest.raises(EvalkitError, match=message):
            evalkit.load_results(tmp_path / "run", metrics=[own(**attributes)])
