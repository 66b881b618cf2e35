"""Arguments of the wrong type: one sentence that names the argument, whatever is given to whatever function."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evalkit
from evalkit.arguments import checked
from evalkit.engine.statistics_cache import StatisticsCache
from evalkit.errors import EvalkitError, InputError
from evalkit.gate.baseline import baseline_of
from evalkit.gate.checking import check as gate_check
from evalkit.gate.rules import Rules, rules_from
from evalkit.text.facts import Fact
from evalkit.text.term_matching import Term

OUTPUTS = ["The cat sat on a mat today.", "A dog barked at 5 people.", "It rained in Beijing on Monday."]
ROWS = [
    {"id": str(i), "source": "今天下雨。", "references": [text.replace("A dog", "The dog")], "article": f"a{i}"}
    for i, text in enumerate(OUTPUTS)
]


@pytest.fixture(scope="module")
def benchmark() -> evalkit.Benchmark:
    return evalkit.Benchmark.from_dataset(ROWS, lang="zh-en")


@pytest.fixture(scope="module")
def results(benchmark: evalkit.Benchmark) -> evalkit.Results:
    return evalkit.run(benchmark, {"a": OUTPUTS, "b": OUTPUTS[::-1]}, metrics=["BLEU", "chrF"])


def _wrong_values() -> dict[str, Any]:
    series = type("Series", (), {"__iter__": lambda self: iter([1]), "__bool__": lambda self: 1 / 0})
    return {
        "number": 5,
        "negative": -1,
        "fraction": 1.5,
        "nan": float("nan"),
        "text": "xyz",
        "nothing": "",
        "bytes": b"ab",
        "texts": ["x"],
        "numbers": [1, 2],
        "null": [None],
        "mapping": {"a": 1},
        "numbered": {1: 2},
        "set": {"a"},
        "flag": True,
        "object": object(),
        "array": np.array([1.0, 2.0]),
        "scalar": np.float64(2),
        "series": series(),
        "path": Path("missing"),
        "surrogate": "\ud800",
        "control": "a\0b",
    }


def _calls(
    bench: evalkit.Benchmark, run: evalkit.Results, folder: Path
) -> Iterator[tuple[Callable[..., Any], dict[str, Any]]]:
    """Public functions, and arguments with which they succeed."""
    base = baseline_of(run)
    yield (
        evalkit.score,
        {"hypotheses": OUTPUTS, "references": OUTPUTS, "lang": "en", "sources": None, "source_lang": None},
    )
    yield (
        evalkit.score,
        {"hypotheses": OUTPUTS, "references": OUTPUTS, "lang": "en", "metrics": ["BLEU"], "runtime": None},
    )
    yield (
        evalkit.run,
        {
            "benchmark": bench,
            "systems": {"a": OUTPUTS},
            "metrics": ["BLEU"],
            "allow_missing": False,
            "samples": False,
            "seed": 1,
        }
        | {
            "executor": None,
            "cache": None,
            "runtime": None,
            "leave_one_out": False,
            "with_texts": None,
            "metadata": None,
        },
    )
    yield evalkit.load_benchmark, {"name": "zh-news", "task": "translate-en", "lang": None, "fields": None}
    yield evalkit.load_results, {"folder": folder / "run", "metrics": ()}
    yield (
        evalkit.save_results,
        {"results": run, "folder": folder / "new", "command": (), "reports": None, "confidence": None},
    )
    yield evalkit.load_articles, {"config": "articles"}
    yield (
        evalkit.Benchmark.from_dataset,
        {
            "dataset": ROWS,
            "lang": "zh-en",
            "references": "references",
            "id": "id",
            "source": "source",
            "article": "article",
        }
        | {"date": None, "task": None, "name": "n"},
    )
    yield bench.task, {"name": "translate-en"}
    yield bench.first, {"count": 2}
    yield evalkit.check, {"benchmark": bench, "systems": {"a": OUTPUTS}, "allow_missing": False}
    yield evalkit.with_terms, {"benchmark": bench, "terms": [Term("今天", ("today",))]}
    yield evalkit.with_facts, {"benchmark": bench, "facts": {"a0": [Fact("f", 1, {"en": "x"}, {"en": (("cat",),)})]}}
    yield (
        evalkit.Runtime,
        {"device": None, "batch_size": None, "download": False, "store": None, "judge": None, "notify": None},
    )
    yield (
        evalkit.JudgeOptions,
        {
            "url": "http://127.0.0.1:9/v1",
            "key": None,
            "folder": None,
            "replay": False,
            "concurrency": 1,
            "timeout": 1.0,
            "retries": 0,
        }
        | {
            "requests_per_minute": None,
            "backoff": 0.0,
            "failures_in_row": 1,
            "max_calls": None,
            "max_cost": None,
            "price": None,
        },
    )
    yield evalkit.parse, {"text": "BLEU"}
    yield evalkit.plot, {"results": run, "kind": "no such kind", "task": None, "metric": None, "baseline": None}
    yield evalkit.RecordedScores, {"title": "T", "scores": {"a": {"0": 1.0}}, "low": 0.0, "high": 1.0, "higher": True}
    yield evalkit.BLEU(tokenize="13a").statistics, {"hypotheses": OUTPUTS}
    yield evalkit.BLEU().resolve, {"lang": "zh", "defaults": None}
    yield run.scores, {"level": None, "task": None, "system": None, "metric": None, "confidence": None}
    yield (
        run.compare,
        {
            "baseline": None,
            "task": None,
            "metric": None,
            "method": "bootstrap",
            "trials": 10,
            "confidence": 0.9,
            "correction": "none",
        },
    )
    yield run.slices, {"by": "article", "task": None, "metric": None, "baseline": None}
    yield run.intervals, {"task": None, "metric": None, "trials": 10, "confidence": 0.9}
    yield run.jackknife, {"task": None, "metric": None, "baseline": None, "unit": "article"}
    yield run.rank, {"task": None, "metric": None, "trials": 10, "correction": "holm"}
    yield run.worst, {"system": "a", "n": 3, "task": None, "against": None, "metric": None, "by": None}
    yield run.coverage, {"task": None}
    yield StatisticsCache, {"folder": folder / "cache", "versions": {}, "limit": 1000}
    yield baseline_of, {"results": run, "systems": (), "with_texts": False}
    yield gate_check, {"results": run, "baseline": base, "rules": Rules(), "systems": ()}
    yield rules_from, {"table": {}}
    for name in evalkit.METRICS.values():
        yield name, {f.name: f.default for f in dataclasses.fields(name) if f.default is not dataclasses.MISSING}


def test_no_wrong_argument_ends_in_a_traceback(
    benchmark: evalkit.Benchmark, results: evalkit.Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    evalkit.save_results(results, tmp_path / "run")
    tried, problems = 0, []
    for function, arguments in _calls(benchmark, results, tmp_path):
        required = {} if function.__name__ != "statistics" else {"references": [[text] for text in OUTPUTS]}
        for name in arguments:
            for kind, value in _wrong_values().items():
                tried += 1
                try:
                    function(**required, **{**arguments, name: value})
                except EvalkitError:
                    pass
                except Exception as error:
                    problems.append(f"{function.__qualname__}({name}: {kind}): {error!r}")
    assert tried > 3000
    assert problems == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda b, r: evalkit.run(b, {}, cache="folder"),
            "run: cache is 'folder'; give an evalkit.engine.*StatisticsCache",
        ),
        (lambda b, r: evalkit.run(b, {}, metrics={"BLEU"}), "metrics is {'BLEU'}; give a list of names"),
        (lambda b, r: evalkit.run(b, {}, executor=2), "run: executor is 2; give a concurrent.futures.Executor"),
        (lambda b, r: evalkit.run(b, {}, runtime="x"), "run: runtime is 'x'; give an evalkit.Runtime"),
        (lambda b, r: evalkit.run("zh-news", {}), "run: benchmark is 'zh-news'; give an evalkit.Benchmark"),
        (lambda b, r: evalkit.probe(["BLEU"], "x"), r"probe: cases is 'x'; give an evalkit\.probing\.cases\.Probe"),
        (lambda b, r: evalkit.load_benchmark(5), "load_benchmark: name is 5; give a path"),
        (lambda b, r: evalkit.load_benchmark(task=["a", 5]), r"load_benchmark: task\[1\] is 5; give a text"),
        (lambda b, r: evalkit.load_results("x", metrics=["BLEU"]), r"metrics\[0\] is 'BLEU'; give an evalkit.Metric"),
        (
            lambda b, r: evalkit.load_results("x", metrics="BLEU"),
            "metrics is 'BLEU'; give a list of evalkit.Metric objects",
        ),
        (lambda b, r: r.scores(confidence="95"), "scores: confidence is '95'; give a number"),
        (lambda b, r: r.worst("a", n=2.0), "worst: n is 2.0; give a whole number"),
        (lambda b, r: evalkit.with_facts(b, {1: []}), "a key of facts is 1; give a text"),
        (lambda b, r: evalkit.with_facts(b, {"a0": [5]}), r"facts\['a0'\]\[0\] is 5; give an evalkit.text.facts.Fact"),
        (
            lambda b, r: evalkit.JudgeOptions(price=[1, 2, 3]),
            "JudgeOptions: price is a list; give a tuple of 2 numbers",
        ),
        (lambda b, r: evalkit.BLEU(tokenize="13a").statistics("abc", evalkit.References((("a",),) * 3)), "one string"),
        (lambda b, r: evalkit.References(("a b", "c d")), "give a list of lists"),
        (lambda b, r: b.first(-1), "count is -1, not a whole number of at least 1"),
    ],
)
def test_messages(
    call: Callable[..., Any], message: str, benchmark: evalkit.Benchmark, results: evalkit.Results
) -> None:
    with pytest.raises(EvalkitError, match=message):
        call(benchmark, results)


def test_other_forms_are_converted(benchmark: evalkit.Benchmark, results: evalkit.Results, tmp_path: Path) -> None:
    assert results.worst("a", np.int64(2)) == results.worst("a", 2) or len(results.worst("a", np.int64(2))) == 2
    assert evalkit.Runtime(store=str(tmp_path)).store == tmp_path  # type: ignore[arg-type]
    assert evalkit.JudgeOptions(price=np.array([1.0, 2.0])).price == (1.0, 2.0)  # type: ignore[arg-type]
    tasks = (name for name in ["translate-en", "summarize-zh"])
    assert len(evalkit.load_benchmark(task=tasks).tasks) == 2  # type: ignore[arg-type]
    assert [r.score for r in evalkit.run(benchmark, {"a": OUTPUTS}, metrics="chrF").scores("corpus")] == [  # type: ignore[arg-type]
        evalkit.score(OUTPUTS, [row["references"] for row in ROWS], metrics=["chrF"], lang="en")["chrF"]
    ]


def test_checked() -> None:
    @checked
    def function(
        one: int, *more: str, flag: bool = False, by_name: Mapping[str, Sequence[float]] | None = None
    ) -> tuple[Any, ...]:
        return one, more, flag, by_name

    given = {"a": [1, 2.5]}
    assert function(1, "x", flag=True, by_name=given)[3] is given
    assert function(np.int64(3), flag=np.bool_(True)) == (3, (), True, None)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"function: more\[1\] is 2; give a text"):
        function(1, "x", 2)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"by_name\['a\{'\]\[1\] is None; give a number"):
        function(1, by_name={"a{": [1, None]})  # type: ignore[list-item]
    with pytest.raises(InputError, match="one is True; give a whole number"):
        function(True)
    with pytest.raises(TypeError, match="unexpected keyword argument 'other'"):
        function(1, other=2)  # type: ignore[call-arg]
    assert inspect.signature(function).parameters["one"].annotation == "int"


def test_equal_metrics_have_equal_signatures() -> None:
    for ours, text in [
        (evalkit.Judge(cap=5, model="openai:x"), "Judge(cap=5,model=openai:x)"),
        (
            evalkit.BLEU(tokenize="13a", smooth="add-k", smooth_value=1),
            "BLEU(tokenize=13a,smooth=add-k,smooth_value=1)",
        ),
        (evalkit.COMET(model=Path("a/b"), empty=0.0), "COMET(model=a/b,empty=0)"),
        (evalkit.COMET(empty=0), "COMET(empty=0.0)"),
        (evalkit.ChrF(beta=np.int64(3)), "chrF(beta=3)"),  # type: ignore[arg-type]
    ]:
        assert ours == evalkit.parse(text)
        assert ours.signature() == evalkit.parse(text).signature()


FORMS = {"en": (("cat",),)}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda b: evalkit.with_terms(b, [Term("今天", "today")]), "Term: accepted is 'today'; give a list of texts"),  # type: ignore[arg-type]
        (lambda b: evalkit.with_terms(b, []), "with_terms: no terms are given"),
        (lambda b: evalkit.with_terms(b, [Term("今天", ())]), "'今天' has no accepted form"),
        (lambda b: evalkit.with_terms(b, [Term("", ("today",))]), "the form '' has no letter or digit"),
        (lambda b: evalkit.with_terms(b, [Term("今天", ("a",), ("a",))]), "both accepted and rejected"),
        (lambda b: evalkit.with_terms(b, [Term("今天", ("a",), kind="city")]), "unknown kind 'city'"),
        (lambda b: evalkit.with_terms(b, [Term("今天", ("a",))] * 2), "duplicate term '今天'; give all its forms"),
        (lambda b: evalkit.with_facts(b, {"a0": []}), "with_facts: no facts are given"),
        (lambda b: Fact("f", 1, {"en": "x"}, {"en": "cat"}), r"forms\['en'\] is 'cat'; give a list of lists of texts"),  # type: ignore[dict-item]
        (lambda b: Fact("f", 1, {"en": "x"}, {"en": ("cat",)}), r"forms\['en'\]\[0\] is 'cat'; give a list of texts"),  # type: ignore[dict-item]
        (lambda b: evalkit.with_facts(b, {"a0": [Fact("f", 9, {}, FORMS)]}), "fact 'f' of 'a0': tier is 9; use 1"),
        (lambda b: evalkit.with_facts(b, {"a0": [Fact("f", 1, {}, {})]}), "no forms, so the fact could never be"),
        (lambda b: evalkit.with_facts(b, {"a0": [Fact("f", 1, {}, {"de": (("x",),)})]}), "not supported in 'de'"),
        (lambda b: evalkit.with_facts(b, {"a0": [Fact("f", 1, {}, FORMS)] * 2}), "duplicate fact 'f' of 'a0'"),
    ],
)
def test_terms_and_facts_are_checked_as_those_of_files_are(
    call: Callable[[evalkit.Benchmark], Any], message: str, benchmark: evalkit.Benchmark
) -> None:
    with pytest.raises(EvalkitError, match=message):
        call(benchmark)


def test_lists_make_the_same_terms_and_facts() -> None:
    assert Term("今天", ["today"], ["tomorrow"]) == Term("今天", ("today",), ("tomorrow",))  # type: ignore[arg-type]
    assert hash(Term("今天", ["today"])) == hash(Term("今天", ("today",)))  # type: ignore[arg-type]
    assert Fact("f", 1, {}, {"en": [["cat"]]}) == Fact("f", 1, {}, FORMS)  # type: ignore[dict-item]
