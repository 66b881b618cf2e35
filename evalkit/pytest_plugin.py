"""The gate in pytest: ``def test_quality(evalkit_gate): evalkit_gate.check(outputs, task="summarize-zh", min={...})``.

The plugin is installed with evalkit (entry point ``pytest11``) and loaded by every pytest run in the environment, so
only pytest is imported until a test uses the fixture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from evalkit.data.benchmark import Benchmark
    from evalkit.gate.rules import Rules
    from evalkit.gate.verdict import Example, Verdict
    from evalkit.results.results import Results

#: What :meth:`EvalkitGate.check` and the marker take: rules, named as in a gate but for these two, and the rest.
_RENAMED = {"min": "corpus_min", "max": "corpus_max"}
_RULES = (
    "min max article_min article_max max_drop max_article_drop pass_rate findings_max unsupported_quantities_max missing_max "
    "lost_outputs_max primary inconclusive new_findings coverage_min alpha"
).split()
_PARAMETERS = ["task", "metrics", "benchmark", "lang", "baseline", "system", *_RULES]

#: Maximum characters that a failure shows of a text in which no place is known to be wrong.
_EXCERPT = 220


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, all prefixed ``--evalkit-``."""
    group = parser.getgroup("evalkit", "evalkit")
    unnamed = "benchmark of the evalkit_gate fixture if the test names none (default: zh-news)"
    group.addoption("--evalkit-benchmark", metavar="NAME|FILE", default="zh-news", help=unnamed)
    group.addoption("--evalkit-lang", metavar="SRC-TGT", help="languages of a benchmark file, such as zh-en")
    update = "make the outputs of this run the baselines of evalkit_gate.check(baseline=...)"
    group.addoption("--evalkit-update", action="store_true", help=update)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    marker = "evalkit(task=..., min=..., ...): what evalkit_gate.check takes where a test leaves it out"
    config.addinivalue_line("markers", f"{marker}; any of {', '.join(_PARAMETERS)}")


@pytest.fixture
def evalkit_gate(request: pytest.FixtureRequest) -> EvalkitGate:
    """Return an object that scores outputs and fails the test with a readable message if a rule is broken."""
    defaults: dict[str, Any] = {}
    for marker in request.node.iter_markers("evalkit"):
        if marker.args:
            raise pytest.UsageError(f"{request.node.nodeid}: the marker evalkit takes named arguments only")
        if problem := _unknown(marker.kwargs):
            raise pytest.UsageError(f"{request.node.nodeid}: the marker evalkit {problem}")
        # The marker closest to the test takes precedence.
        defaults = {**marker.kwargs, **defaults}
    return EvalkitGate(request.config, defaults)


def _unknown(names: Iterable[str]) -> str:
    """The end of a message about the first name that is not a parameter; empty if all are."""
    unknown = next((name for name in names if name not in _PARAMETERS), None)
    return "" if unknown is None else f"takes no {unknown!r}; it takes {', '.join(_PARAMETERS)}"


class EvalkitGate:
    """The value of the fixture ``evalkit_gate``."""

    def __init__(self, config: pytest.Config, defaults: Mapping[str, Any]) -> None:
        self._config = config
        self._defaults = dict(defaults)

    def check(self, outputs: Any, **options: Any) -> Results:
        """Score outputs and fail the test if a rule is broken.

        :param outputs: the outputs of one system in any form that :func:`evalkit.run` accepts: a mapping of id to text,
            a list in benchmark order, a ``datasets.Dataset``, the path of a file or folder, or a mapping of task to
            these.
        :param options: ``task`` (required if the benchmark has several tasks and the outputs do not name one), ``min``
            and ``max`` (limits on the corpus score, by metric), ``article_min`` and ``article_max`` (limits on the
            score of every article), ``findings_max``, ``unsupported_quantities_max``, ``missing_max``; ``baseline`` (a
            file, relative to the root of the tests) with ``max_drop``, ``max_article_drop`` and ``alpha``; ``metrics``
            in addition to those that the rules name; ``benchmark`` (an object, a name or a file) and ``lang``;
            ``system``, the name in messages.
        :returns: the results, for further assertions.
        """
        __tracebackhide__ = True
        from evalkit.errors import EvalkitError
        from evalkit.printable import printable

        if problem := _unknown(options):
            raise TypeError(f"evalkit_gate.check() {problem}")
        settings = {**self._defaults, **options}
        problem = ""
        try:
            results, verdict = self._checked(outputs, settings)
            if verdict is not None and verdict.failed:
                problem = _failure_text(verdict, results)
        except EvalkitError as error:
            problem = f"evalkit: {error}"
        if problem:
            pytest.fail(printable(problem), pytrace=False)  # after the except clause, so that the error is shown once
        return results

    def _checked(self, outputs: Any, settings: Mapping[str, Any]) -> tuple[Results, Verdict | None]:
        from evalkit.arguments import checked
        from evalkit.engine.evaluate import run
        from evalkit.gate.baseline import baseline_of, read_baseline, write_baseline
        from evalkit.gate.checking import check
        from evalkit.gate.rules import rules_from

        @checked
        def baseline_path(root: Path, baseline: Path) -> Path:
            return root / baseline

        table = {_RENAMED.get(key, key): value for key, value in settings.items() if key in _RULES}
        rules = rules_from(table, "evalkit_gate")
        bench = self._benchmark(settings)
        systems = {settings.get("system", "outputs"): outputs}
        named = _metrics_of(rules, settings.get("metrics") or [])
        results = run(bench, systems, metrics=named or None, allow_missing=rules.missing_max is not None)
        if not settings.get("baseline"):
            return results, check(results, None, rules)
        path = baseline_path(self._config.rootpath, settings["baseline"])
        if self._config.getoption("--evalkit-update"):
            write_baseline(path, baseline_of(results))
            return results, None
        if not path.exists():
            pytest.fail(f"evalkit: {path}: no such baseline; make it with pytest --evalkit-update", pytrace=False)
        return results, check(results, read_baseline(path), rules)

    def _benchmark(self, settings: Mapping[str, Any]) -> Benchmark:
        from evalkit.data.benchmark import Benchmark
        from evalkit.data.loading import load_benchmark

        chosen = settings.get("benchmark", self._config.getoption("--evalkit-benchmark"))
        if not isinstance(chosen, Benchmark):
            lang = settings.get("lang", self._config.getoption("--evalkit-lang"))
            chosen = load_benchmark(chosen, lang=None if chosen == "zh-news" else lang)
        task = settings.get("task")
        return chosen.only(task) if task else chosen


def _metrics_of(rules: Rules, asked: Any) -> list[Any]:
    """Return the metrics requested and those that the rules name; empty to use the benchmark's default."""
    from evalkit.metrics.parsing import listed

    bare = [name.partition("/")[2] or name for _, name in rules.named_metrics()]
    metrics = listed(asked)
    known = {getattr(metric, "name", None) for metric in metrics} | {str(metric) for metric in metrics}
    return [*metrics, *dict.fromkeys(name for name in bare if name not in ("", "*") and name not in known)]


def _failure_text(verdict: Verdict, results: Results) -> str:
    """Format the failure: every broken rule once, then the worst segments with errors in ⟦ ⟧."""
    # The headline has the message of the first one.
    rules = [breach for breach in verdict.breaches if breach.message not in verdict.headline]
    lines = [f"evalkit: {verdict.headline}", *(f"  {breach.rule}: {breach.message}" for breach in rules[:10])]
    if len(rules) > 10:
        lines.append(f"  and {len(rules) - 10} more")
    for number, example in enumerate(verdict.examples[:3]):
        article = verdict.articles.get(example.task, {}).get(example.article, example.article)
        title = f" of “{article}”" if article and article != example.segment else ""
        lines += ["", f"{'next' if number else 'worst'}: {example.segment}{title}, {example.why}"]
        lines += _marked_texts(example, results)
    lines += ["", *verdict.notes[:2]] if verdict.notes else []
    return "\n".join(lines)


def _marked_texts(example: Example, results: Results) -> list[str]:
    """Lines with the source, reference and output of a segment, and the errors (or else all findings) in ⟦ ⟧."""
    from evalkit.reports.worst_text import marked_parts, texts_of
    from evalkit.results.worst_segments import segment_at

    task = results.task(example.task)
    system, segment = task.system_index(example.system), task.ids.index(example.segment)
    row = segment_at(task, task.metrics[0].label, system, None, segment)
    lines = []
    for name, text, spans in texts_of(row, references=1, output="output"):
        if text:
            parts = marked_parts(text, spans, _EXCERPT)
            lines.append(f"  {name + ':':<11}{''.join(f'⟦{part}⟧' if mark else part for part, mark in parts)}")
    return lines
