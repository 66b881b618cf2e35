"""The plugin, in a pytest of its own."""

from __future__ import annotations

import json
import os
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import evalkit.engine.evaluate
import evalkit.gate.checking
import evalkit.metrics.parsing  # noqa: F401 - what a run within this process loads must be loaded before it

pytest_plugins = ["pytester"]

INSTALLED = any(point.value == "evalkit.pytest_plugin" for point in entry_points(group="pytest11"))

ROWS = [
    {
        "id": "s1",
        "article": "图书馆",
        "source": "村里有三个孩子。",
        "references": ["Three children live in the village."],
    },
    {"id": "s2", "article": "图书馆", "source": "他们都在读书。", "references": ["All of them are reading books."]},
    {"id": "s3", "article": "苹果", "source": "苹果卖完了。", "references": ["The apples are sold out."]},
]

GOOD = '{"s1": "Three children live in the village.", "s2": "All of them are reading books.", "s3": "The apples are sold out."}'
BAD = GOOD.replace("The apples are sold out.", "Nothing <b>of</b> the \\x1bkind.")


@pytest.fixture(autouse=True)
def _the_package_is_found(monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    if "EVALKIT_TEST_WHEEL" not in os.environ:
        monkeypatch.setenv("PYTHONPATH", str(repository))


@pytest.fixture
def suite(pytester: pytest.Pytester):  # type: ignore[no-untyped-def]
    pytester.path.joinpath("bench.jsonl").write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS), encoding="utf-8"
    )

    def run(body: str, *options: str, status: tuple[int, int] = (1, 0)) -> pytest.RunResult:
        pytester.makepyfile(f"import pytest\nGOOD = {GOOD}\nBAD = {BAD}\n" + body)
        plugin = () if INSTALLED else ("-p", "evalkit.pytest_plugin")
        chosen = ("--evalkit-benchmark", "bench.jsonl", "--evalkit-lang", "zh-en")
        done = pytester.runpytest_inprocess("--strict-markers", "-q", *plugin, *chosen, *options)
        done.assert_outcomes(passed=status[0], failed=status[1])
        return done

    return run


def test_good_outputs_pass_and_the_results_are_returned(suite) -> None:  # type: ignore[no-untyped-def]
    suite(
        "def test_quality(evalkit_gate):\n"
        "    results = evalkit_gate.check(GOOD, min={'chrF': 99, 'translate-en/ROUGE-L': 0.9}, article_min={'chrF': 99})\n"
        "    assert [m.label for m in results.tasks[0].metrics] == ['chrF', 'ROUGE-L']\n"
        "    assert results.tasks[0].corpus('chrF')[0] == 100\n"
    )


def test_a_broken_rule_fails_with_the_worst_text_and_no_traceback(suite) -> None:  # type: ignore[no-untyped-def]
    done = suite(
        "def test_quality(evalkit_gate):\n"
        "    evalkit_gate.check(BAD, task='translate-en', min={'chrF': 95}, article_min={'chrF': 50})\n",
        status=(0, 1),
    )
    done.stdout.fnmatch_lines(
        [
            "*test_quality*",
            "evalkit: gate failed: chrF of outputs on translate-en is *, below 95.00; 1 more broken rule",
            "  article_min: chrF of outputs on translate-en is * in “苹果”, below 50.00",
            "worst: s3 of “苹果”, chrF *",
            "  source:    苹果卖完了。",
            "  reference: The apples are sold out.",
            "  output:    Nothing <b>of</b> the \\u001bkind.",
        ]
    )
    done.stdout.no_fnmatch_line("*evalkit_gate.check(BAD*")
    told = done.stdout.str().split("short test summary")[0]
    assert told.count("below 95.00") == told.count("below 50.00") == 1
    done.stdout.no_fnmatch_line("*Traceback*")


def test_a_failure_shows_the_sentence_and_not_the_whole_article(suite, pytester: pytest.Pytester) -> None:  # type: ignore[no-untyped-def]
    words = "村里有人在读书。" * 400
    source, reference = f"{words}去年卖了4.2亿元。{words}", "People are reading. " * 60
    row = {"id": "s1", "source": source, "references": [reference]}
    pytester.path.joinpath("long.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    output = f"{'People read. ' * 200}Last year 42 million yuan was made. {'People read. ' * 40}"
    done = suite(
        f"def test_quality(evalkit_gate):\n    evalkit_gate.check({{'s1': {output!r}}}, benchmark='long.jsonl', "
        "lang='zh-en', min={'Quantities': 0.9})\n",
        status=(0, 1),
    )
    done.stdout.fnmatch_lines(["*source:*⟦4.2亿元⟧*", "*reference: People are*…", "*output:*⟦42 million yuan⟧*"])
    assert all(len(line) < 300 for line in done.outlines)


def test_markers_hold_what_the_tests_of_a_class_share(suite) -> None:  # type: ignore[no-untyped-def]
    suite(
        "@pytest.mark.evalkit(task='translate-en', min={'chrF': 99})\n"
        "class TestQuality:\n"
        "    def test_class(self, evalkit_gate):\n"
        "        evalkit_gate.check(BAD)\n"
        "    @pytest.mark.evalkit(min={'chrF': 1})\n"
        "    def test_own(self, evalkit_gate):\n"
        "        evalkit_gate.check(BAD)\n"
        "    def test_argument(self, evalkit_gate):\n"
        "        evalkit_gate.check(BAD, min={'chrF': 1})\n",
        status=(2, 1),
    )


def test_a_baseline_is_made_when_asked_for_and_then_compared_with(suite, pytester: pytest.Pytester) -> None:  # type: ignore[no-untyped-def]
    body = (
        "def test_quality(evalkit_gate):\n"
        "    evalkit_gate.check({}, metrics=['chrF'], baseline='b.json', max_article_drop={{'chrF': 5}})\n"
    )
    done = suite(body.format("GOOD"), status=(0, 1))
    done.stdout.fnmatch_lines(["*no such baseline; make it with pytest --evalkit-update*"])
    suite(body.format("GOOD"), "--evalkit-update")
    assert pytester.path.joinpath("b.json").exists()
    suite(body.format("GOOD"))
    before = pytester.path.joinpath("b.json").read_bytes()
    done = suite(body.format("BAD"), status=(0, 1))
    done.stdout.fnmatch_lines(
        ["*in “苹果”, from 100.00 to * (5.00 allowed)*", "worst: s3 of *, 100.00 in the baseline*"]
    )
    assert pytester.path.joinpath("b.json").read_bytes() == before


WRONG = [
    ("{'s1': 'x'}, min={'chrF': 1}", "evalkit: system 'outputs': no output for the id 's2' and 1 more"),
    ("GOOD, min={'chFR': 1}", "evalkit: unknown metric 'chFR'; did you mean chrF?"),
    ("GOOD, min={'chrF': 'high'}", "evalkit: evalkit_gate.corpus_min: chrF is 'high', not a finite number"),
    ("GOOD, task='other', min={'chrF': 1}", "evalkit: the benchmark bench has no task 'other'"),
    ("GOOD, benchmark='none.jsonl', min={'chrF': 1}", "evalkit: no benchmark 'none.jsonl'"),
    ("GOOD, metrics=5", "evalkit: metrics is 5; give a list of names of metrics"),
    ("GOOD, metrics='chrF', baseline=5", "evalkit: baseline_path: baseline is 5; give a path"),
    ("GOOD, min={5: 1}", "evalkit: evalkit_gate.corpus_min: 5 names no metric"),
    ("GOOD, mim={'chrF': 1}", "TypeError: evalkit_gate.check() takes no 'mim'; it takes task, "),
]


def test_errors_are_reported_in_one_line(suite) -> None:  # type: ignore[no-untyped-def]
    body = "".join(
        f"def test_{i}(evalkit_gate):\n    evalkit_gate.check({call})\n" for i, (call, _) in enumerate(WRONG)
    )
    done = suite(body, status=(0, len(WRONG)))
    done.stdout.fnmatch_lines([f"*{said.replace('[', '[[]')}*" for _, said in WRONG])
    assert "During handling of the above exception" not in done.stdout.str()


def test_a_wrong_marker_is_an_error_that_names_the_test(suite, pytester: pytest.Pytester) -> None:  # type: ignore[no-untyped-def]
    for marker, said in (("mim=1", "the marker evalkit takes no 'mim'"), ("'x'", "takes named arguments only")):
        pytester.makepyfile(
            f"import pytest\n@pytest.mark.evalkit({marker})\ndef test_quality(evalkit_gate):\n    pass\n"
        )
        plugin = () if INSTALLED else ("-p", "evalkit.pytest_plugin")
        done = pytester.runpytest_inprocess("--strict-markers", *plugin)
        done.assert_outcomes(errors=1)
        done.stdout.fnmatch_lines([f"*test_quality: *{said}*"])


def test_the_plugin_loads_nothing_before_it_is_used(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\n"
        "def test_nothing():\n"
        "    loaded = {name.split('.')[0] for name in sys.modules}\n"
        "    assert not loaded & {'numpy', 'datasets', 'sacrebleu', 'pyarrow', 'numba', 'rich', 'jinja2', 'click'}\n"
        "    ours = {n for n in sys.modules if n.startswith('evalkit')}\n"
        "    assert ours == {'evalkit', 'evalkit.pytest_plugin', 'evalkit.version'}\n"
    )
    plugin = () if INSTALLED else ("-p", "evalkit.pytest_plugin")
    pytester.runpytest_subprocess(*plugin).assert_outcomes(passed=1)


def test_options_and_marker_are_documented_and_prefixed(pytester: pytest.Pytester) -> None:
    plugin = () if INSTALLED else ("-p", "evalkit.pytest_plugin")
    done = pytester.runpytest_inprocess("--help", *plugin)
    done.stdout.fnmatch_lines(["evalkit:", "  --evalkit-benchmark=*", "  --evalkit-lang=*", "  --evalkit-update *"])
    pytester.runpytest_inprocess("--markers", *plugin).stdout.fnmatch_lines(["@pytest.mark.evalkit(task=*"])
