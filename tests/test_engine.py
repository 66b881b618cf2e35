"""Runs, results, and what a run folder keeps."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

import evalkit
from evalkit.data.benchmark import Benchmark
from evalkit.errors import InputError, RunFolderError, SettingError
from evalkit.metrics.base import Finding, Metric, References
from evalkit.results.packed import PackedStatistics
from evalkit.results.results import Results

ROWS = [
    {
        "id": "a/1",
        "article": "a",
        "source": "猫坐在垫子上。",
        "references": ["The cat sat on the mat.", "A cat was sitting."],
    },
    {"id": "a/2", "article": "a", "source": "狗跑了。", "references": ["The dog ran.", "A dog ran away."]},
    {"id": "b/1", "article": "b", "source": "二〇二二年。", "references": ["In 2022.", "It was 2022."]},
]
SYSTEMS = {
    "good": ["The cat sat on a mat.", "The dog ran away.", "In 2022."],
    "bad": ["Cat mat", "Runs dog the", ""],
}


@dataclass(frozen=True)
class Length(Metric):
    """Mean length in characters; a metric as a third party would write one."""

    name: ClassVar[str] = "Length"
    summary: ClassVar[str] = "characters"
    range: ClassVar[tuple[float, float]] = (0.0, float("inf"))
    columns: ClassVar[tuple[str, ...]] = ("characters", "segments")

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> NDArray[np.float64]:
        return np.array([[len(text), 1.0] for text in hypotheses]).reshape(len(hypotheses), 2)

    def score(self, statistics: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(statistics[..., 0] / statistics[..., 1])

    def explain(self, hypothesis: str, references: References, index: int) -> tuple[Finding, ...]:
        return () if hypothesis else (Finding("empty", "error", "nothing\u2028 <here>", output_span=(0, 0), key="|"),)


@pytest.fixture(scope="module")
def bench() -> Benchmark:
    return Benchmark.from_dataset(ROWS, lang="zh-en", name="small")


@pytest.fixture(scope="module")
def results(bench: Benchmark) -> Results:
    return evalkit.run(bench, SYSTEMS, metrics=["BLEU", "chrF", "TER", "ROUGE-L", Length()])


def test_every_level_is_the_score_of_summed_statistics(results: Results) -> None:
    task = results.task()
    groups = np.array([0, 0, 1])
    for scored in task.metrics:
        rows = task.statistics[scored.label]
        score = scored.metric.score
        np.testing.assert_array_equal(task.by_segment(scored.label), score(rows))
        np.testing.assert_array_equal(task.corpus(scored.label), score(rows.sum(axis=1)))
        for article in (0, 1):
            expected = score(rows[:, groups == article].sum(axis=1))
            np.testing.assert_array_equal(task.by_article(scored.label)[:, article], expected)


def test_tidy_scores(results: Results) -> None:
    scores = results.scores()
    assert len(scores) == 5 * 2 * (1 + 2 + 3)
    assert {row.level for row in scores} == {"corpus", "article", "segment"}
    one = results.scores("segment", system="good", metric="BLEU")
    assert [(row.article, row.segment) for row in one] == [("a", "a/1"), ("a", "a/2"), ("b", "b/1")]
    assert results.scores("corpus", metric="Length")[0].as_dict() == {
        "system": "good",
        "task": "translate-en",
        "level": "corpus",
        "article": None,
        "segment": None,
        "metric": "Length",
        "score": pytest.approx(46 / 3),
    }
    frame = results.scores("corpus").to_pandas()
    assert list(frame.columns) == [
        "system",
        "task",
        "level",
        "article",
        "segment",
        "metric",
        "score",
        "low",
        "high",
        "coverage",
    ]
    assert frame["score"].dtype == np.float64


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"level": "document"}, "no level 'document'; there are corpus"),
        ({"task": "x"}, "no task 'x'"),
        ({"system": "x"}, "no system 'x'"),
        ({"metric": "x"}, "'x' was not scored"),
    ],
)
def test_what_is_not_there_is_named(results: Results, arguments: dict[str, str], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        results.scores(**arguments)  # type: ignore[arg-type]


def test_score_gives_just_the_numbers(results: Results) -> None:
    numbers = evalkit.score(SYSTEMS["good"], [r["references"] for r in ROWS], metrics=["BLEU", "chrF"], lang="en")
    assert numbers == {name: results.scores("corpus", system="good", metric=name)[0].score for name in ("BLEU", "chrF")}


@pytest.mark.parametrize(
    ("hypotheses", "references", "message"),
    [
        (["a", "b", "c"], [["x", "y", "z"]], "look transposed"),
        (["a", "b", "c"], [["x", "y", "z"], ["x", "y", "z"]], "look transposed"),
        (["a"], [["x"], ["y"]], "look transposed"),
        (["a", "b"], [["x"], ["y"], ["z"]], "2 hypotheses but references for 3"),
        (["a"], [[]], r"references\[0\] is empty"),
        (["a"], [[None]], r"references\[0\]\[0\] is NoneType"),
        ([None], [["x"]], r"hypotheses\[0\] is NoneType"),
        ("a", [["x"]], "hypotheses is one string"),
        (["a"], "x", "references is one string"),
        ([], [], "no hypotheses"),
    ],
)
def test_score_refuses_what_does_not_fit(hypotheses: Any, references: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        evalkit.score(hypotheses, references, lang="en")


def test_score_says_which_references_are_blank(caplog: pytest.LogCaptureFixture) -> None:
    evalkit.score(["a", "b", "c"], [["a"], [" ", "\u200b"], ["", "c"]], lang="en")
    assert [record.message for record in caplog.records] == [
        "references[1] is blank (1 of 3 are); leave out segments without a reference"
    ]


def test_square_references_that_look_transposed_are_reported(caplog: pytest.LogCaptureFixture) -> None:
    outputs = ["the cat sat on the mat", "it rained all day in Beijing"]
    references = [["the cat is on the mat", "a cat sat on the mat"], ["it rained in Beijing", "all day it rained"]]
    evalkit.score(outputs, references, lang="en")
    evalkit.score(["nothing like it", "neither is this"], references, lang="en")
    evalkit.score(["yes", "no"], [["yes", "no"], ["no", "yes"]], lang="en")
    assert not caplog.records
    evalkit.score(outputs, list(zip(*references, strict=True)), lang="en")
    assert "references may be transposed" in caplog.text


def test_undefined_is_null_and_never_zero(bench: Benchmark, tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Undefined(Length):
        """Never defined."""

        name: ClassVar[str] = "Undefined"

        def score(self, statistics: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.full(np.asarray(statistics).shape[:-1], np.nan)

    found = evalkit.run(bench, SYSTEMS, metrics=[Undefined()])
    assert all(row.score is None for row in found.scores())
    evalkit.save_results(found, tmp_path / "run")
    lines = (tmp_path / "run" / "scores.jsonl").read_text().splitlines()
    assert all(json.loads(line)["score"] is None for line in lines)


def test_measures_of_one_metric_are_scored_once(bench: Benchmark) -> None:
    found = evalkit.run(bench, SYSTEMS, metrics=["ROUGE-L", "ROUGE-L(measure=recall)"]).task()
    assert isinstance(found.statistics, PackedStatistics)
    assert found.statistics.packed["ROUGE-L"] is found.statistics.packed["ROUGE-L(measure=recall)"]
    assert not np.array_equal(found.corpus("ROUGE-L"), found.corpus("ROUGE-L(measure=recall)"))


def test_wrong_metrics_stop_a_run_before_it_starts(bench: Benchmark) -> None:
    calls: list[str] = []
    with pytest.raises(SettingError, match="unknown metric 'BLUE'; did you mean BLEU"):
        evalkit.run(bench, SYSTEMS, metrics=["chrF", "BLUE"], progress=lambda *a: calls.append(a[2]))
    with pytest.raises(SettingError, match="keeps a-z"):
        chinese = [{"id": row["id"], "references": ["中文参考译文"]} for row in ROWS]
        evalkit.run(Benchmark.from_dataset(chinese, lang="en-zh"), SYSTEMS, metrics=["ROUGE-1(tokenize=rouge)"])
    assert not calls
    with pytest.raises(SettingError, match="metrics is None; give a list of names of metrics"):
        evalkit.score(["a"], [["a"]], lang="en", metrics=None)  # type: ignore[arg-type]


def test_a_metric_of_ones_own_needs_a_name_of_its_own(bench: Benchmark) -> None:
    for name in ("BLEU", "Chrf++"):
        kind = type("Mine", (Length,), {"name": name})
        with pytest.raises(SettingError, match=r"is a metric of evalkit; give the class Mine another name"):
            evalkit.run(bench, SYSTEMS, metrics=[kind()])


def test_progress_counts_every_system_and_metric(bench: Benchmark) -> None:
    calls: list[tuple[int, int, str]] = []
    evalkit.run(bench, SYSTEMS, metrics=["chrF", "BLEU"], progress=lambda *a: calls.append(a))
    assert [c[:2] for c in calls] == [(3 * i, 12) for i in range(1, 5)]


# -- the run folder -------------------------------------------------------------------------------------------------


def test_a_run_comes_back_as_it_was(results: Results, tmp_path: Path) -> None:
    evalkit.save_results(results, tmp_path / "run", command=["evalkit", "run"])
    back = evalkit.load_results(tmp_path / "run", metrics=[Length()])
    task, before = back.task(), results.task()
    assert (back.benchmark, back.fingerprint, back.seed) == (results.benchmark, results.fingerprint, results.seed)
    assert task.systems == before.systems
    assert [m.signature for m in task.metrics] == [m.signature for m in before.metrics]
    for scored in task.metrics:
        np.testing.assert_array_equal(task.statistics[scored.label], before.statistics[scored.label])
    assert task.texts is not None
    assert before.texts is not None
    assert vars(task.texts) == vars(before.texts)
    assert task.findings == before.findings
    assert back.scores().to_dicts() == results.scores().to_dicts()
    assert back.info["command"] == ["evalkit", "run"]


def test_the_same_run_gives_the_same_bytes(bench: Benchmark, tmp_path: Path) -> None:
    for name in ("one", "two"):
        found = evalkit.run(bench, SYSTEMS, metrics=["BLEU", "ROUGE-L", Length()])
        evalkit.save_results(found, tmp_path / name)
    for path in sorted((tmp_path / "one").iterdir()):
        if path.name != "run.json":
            assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name
    heads = [json.loads((tmp_path / name / "run.json").read_text()) for name in ("one", "two")]
    for head in heads:
        del head["created"], head["sha256"]
    assert heads[0] == heads[1]


def test_an_earlier_run_is_replaced_whole_and_nothing_else_is_touched(results: Results, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    evalkit.save_results(results, folder)
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "chapter.txt").write_text("precious")
    with pytest.raises(RunFolderError, match="something other than a run"):
        evalkit.save_results(results, other)
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunFolderError, match="is not a directory"):
        evalkit.save_results(results, tmp_path / "file")
    assert (other / "chapter.txt").read_text() == "precious"


def test_a_report_that_fails_leaves_the_earlier_run_alone(results: Results, tmp_path: Path) -> None:
    folder = evalkit.save_results(results, tmp_path / "run")
    before = {p.name: p.read_bytes() for p in folder.iterdir()}

    def fail(_: Results) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evalkit.save_results(results, folder, reports={"report.md": fail})
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("name", ["run.json", "scores.jsonl", "statistics.parquet", "texts.parquet", "findings.jsonl"])
@pytest.mark.parametrize("damage", ["missing", "short", "empty", "folder"])
def test_a_damaged_run_folder_names_its_file(results: Results, tmp_path: Path, name: str, damage: str) -> None:
    folder = evalkit.save_results(results, tmp_path / "run")
    path = folder / name
    if damage == "missing":
        path.unlink()
    elif damage == "short":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes(b"")
    with pytest.raises(RunFolderError, match=name.replace(".", r"\.")):
        evalkit.load_results(folder, metrics=[Length()])


@pytest.mark.parametrize("name", ["scores.jsonl", "statistics.parquet", "texts.parquet", "findings.jsonl"])
def test_one_byte_altered_in_a_data_file_is_noticed(results: Results, tmp_path: Path, name: str) -> None:
    folder = evalkit.save_results(results, tmp_path / "run")
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(RunFolderError, match=rf"{name}: cut short or changed since the run"):
        evalkit.load_results(folder, metrics=[Length()])
    evalkit.save_results(results, folder)
    (folder / "report.html").write_text("made anew")
    evalkit.load_results(folder, metrics=[Length()])


def test_a_run_without_checksums_is_refused(results: Results, tmp_path: Path) -> None:
    folder = evalkit.save_results(results, tmp_path / "run")
    head = json.loads((folder / "run.json").read_text())
    for files in (None, {}, [], {k: v for k, v in head["files"].items() if k != "texts.parquet"}):
        (folder / "run.json").write_text(json.dumps({**head, "format_version": 1, "files": files}))
        with pytest.raises(RunFolderError, match=r"run\.json: (no checksum for|Expected `object`)"):
            evalkit.load_results(folder, metrics=[Length()])


def test_runs_that_are_not_ours(results: Results, tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="no such run folder"):
        evalkit.load_results(tmp_path / "none")
    folder = evalkit.save_results(results, tmp_path / "run")
    with pytest.raises(RunFolderError, match="the metric Length is not installed"):
        evalkit.load_results(folder)
    head = json.loads((folder / "run.json").read_text())
    for change, message in (({"format_version": 99}, "format 99"), ({"format": "x"}, "not written by evalkit")):
        shutil.copytree(folder, tmp_path / "copy", dirs_exist_ok=True)
        (tmp_path / "copy" / "run.json").write_text(json.dumps(head | change))
        with pytest.raises(RunFolderError, match=message):
            evalkit.load_results(tmp_path / "copy", metrics=[Length()])


def test_texts_are_kept_up_to_a_size_or_as_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from evalkit.engine import shard_plan

    rows = [{"id": str(i), "source": "2只猫", "references": ["2 cats"]} for i in range(3)]
    bench = evalkit.Benchmark.from_dataset(rows, lang="zh-en")
    for readable, with_texts, kept in ((3, None, True), (2, None, False), (2, True, True), (3, False, False)):
        monkeypatch.setattr(shard_plan, "READABLE", readable)
        results = evalkit.run(bench, {"mine": ["3 cats"] * 3}, metrics=["Quantities"], with_texts=with_texts)
        folder = evalkit.save_results(results, tmp_path / "run")
        task = evalkit.load_results(folder).task()
        assert (task.texts is not None) == kept
        assert all(task.findings["Quantities"]["mine"])


def test_a_metric_of_some_tasks_is_found_by_any_of_its_names() -> None:
    bench = evalkit.load_benchmark("zh-news", task=["summarize-zh", "summarize-en"])
    assert bench.systems
    results = evalkit.run(bench, {name: bench.systems / name for name in ("title", "lead")})
    terms = [task.name for task in results.tasks if task.has("Terms")]
    assert 0 < len(terms) < len(results.tasks)
    for rows in (results.scores(metric="terms"), results.intervals(metric="terms"), results.rank(metric="terms")):
        assert {row.task for row in rows} == set(terms)  # type: ignore[attr-defined]
    assert {row.metric for row in results.scores(metric="rouge-l")} == {"ROUGE-L"}
    with pytest.raises(SettingError, match="'comet' was not scored for"):
        results.scores(metric="comet")
