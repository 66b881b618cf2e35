"""Recorded scores: read from every format, ranked, compared and gated like any other metric."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest

import evalkit
from evalkit.data.benchmark import Benchmark
from evalkit.errors import InputError, SettingError
from evalkit.metrics.recorded import RecordedScores

IDS = ("1", "2", "3")
BENCH = Benchmark.from_dataset(
    [{"id": i, "source": "猫。", "references": ["The cat sat."]} for i in IDS], lang="zh-en", name="own"
)
SCORES = {"a": {"1": 90.0, "2": 80.0, "3": 70.0}, "b": {"1": 60.0, "3": 50.0}, "c": {"1": 1.0}}
#: what GEMBA says of the systems with outputs, from the card of the data.
GEMBA_MEANS = {
    "Online-G": 91.275,
    "Lan-Bridge": 91.093,
    "JDExploreAcademy": 90.707,
    "Online-B": 90.648,
    "LanguageX": 90.379,
    "HuaweiTSC": 89.691,
    "Online-Y": 89.635,
    "AISP-SJTU": 89.605,
    "Online-A": 87.576,
    "DLUT": 86.427,
    "NiuTrans": 86.189,
    "Online-W": 85.928,
}


def test_missing_scores_are_undefined_and_systems_without_outputs_are_reported() -> None:
    told: list[str] = []
    results = evalkit.run(
        BENCH,
        {"a": ["x", "y", "z"], "b": ["x", "", "z"]},
        metrics=["chrF", RecordedScores("GEMBA", SCORES, low=0, high=100)],
        runtime=evalkit.Runtime(notify=told.append),
    )
    task = results.task()
    assert task.corpus("GEMBA").tolist() == [80.0, 55.0]
    assert task.undefined == {"GEMBA": {"b": {1: "no recorded score"}}}
    assert task.metric("GEMBA").metric.range == (0, 100)
    assert told == ["GEMBA: no outputs of c; their scores are left out"]
    assert results.info["models"]["GEMBA"] == {"systems_without_outputs": ["c"]}


def test_recorded_scores_need_no_outputs_and_can_be_loaded(tmp_path: Path) -> None:
    results = evalkit.run(BENCH, None, metrics=[RecordedScores("GEMBA", SCORES)])
    assert results.task().texts is None
    assert results.task().systems == ("a", "b", "c")
    evalkit.save_results(results, tmp_path / "run")
    loaded = evalkit.load_results(tmp_path / "run")
    assert loaded.task().metric("GEMBA").signature == results.task().metric("GEMBA").signature
    assert loaded.task().metric("GEMBA").metric.range == (1.0, 90.0)
    np.testing.assert_array_equal(loaded.task().corpus("GEMBA"), [80.0, 55.0, 1.0])


def test_the_signature_holds_the_content_and_the_direction() -> None:
    metric = RecordedScores("GEMBA", SCORES)
    turned = RecordedScores("GEMBA", dict(reversed(SCORES.items())))
    assert metric.signature() == turned.signature()
    assert str(metric) == "GEMBA"
    other = RecordedScores("GEMBA", {**SCORES, "c": {"1": 1.5}})
    assert other.signature() != metric.signature()
    cost = RecordedScores("TER", SCORES, higher=False)
    assert "|higher:false|" in cost.signature()
    assert not cost.higher_is_better
    assert metric.higher_is_better


@pytest.mark.parametrize(
    "title",
    [
        "MQM",
        "ter",
        "MetricX-24",
        "metricx",
        "my-penalty",
        "GEMBA-MQM",
        "HTER",
        "errors",
        "TERp",
        "XMetricX",
        "hallucinations",
        "my-rank",
        "RMSE",
        "译文错误",
        "PPL",
        "edit_distance",
        "err-rate",
        "latency",
    ],
)
def test_names_that_count_errors_must_say_which_way_is_better(title: str) -> None:
    with pytest.raises(SettingError, match="higher=false"):
        RecordedScores(title, SCORES)
    assert RecordedScores(title, SCORES, higher=True).higher_is_better


@pytest.mark.parametrize(
    "title", ["better", "Interest", "GEMBA", "materials", "COMET", "Franken", "glossary", "filter", "terrific"]
)
def test_other_names_need_not(title: str) -> None:
    assert RecordedScores(title, SCORES).higher_is_better


def test_scores_up_to_one_in_a_range_up_to_a_hundred_are_reported(caplog: pytest.LogCaptureFixture) -> None:
    for scores, high in (({"1": 0.5, "2": 1.0}, 1.0), ({"1": 0.5, "2": 1.5}, 100.0), ({"1": -0.5, "2": 1.0}, 100.0)):
        RecordedScores("J", {"a": scores}, high=high)
    assert not caplog.records
    RecordedScores("J", {"a": {"1": 0.5, "2": 1.0}}, high=100.0).resolve("en")
    assert [record.getMessage() for record in caplog.records] == [
        "J: no score is above 1, but high=100; if the scale ends at 1, write high=1"
    ]


def test_scores_that_are_never_positive_must_say_which_way_is_better() -> None:
    with pytest.raises(SettingError, match="no score is above 0"):
        RecordedScores("X", {"a": {"1": -3.0, "2": 0.0}})


@pytest.mark.parametrize(
    ("scores", "settings", "message"),
    [
        ({"a": {"1": math.nan}}, {}, "system 'a', segment '1' is nan"),
        ({"a": {"1": True}}, {}, "is True, not a finite number"),
        ({"a": {"1": 101.0}}, {"high": 100.0}, "outside low=None, high=100"),
        ({"a": {"9": 1.0}}, {}, "segment '9', which this task does not have"),
        ({"z": {"1": 1.0}}, {}, "no scores for a; its systems are z"),
    ],
)
def test_scores_that_do_not_fit_are_refused(scores: Any, settings: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        evalkit.run(BENCH, {"a": ["x", "y", "z"]}, metrics=[RecordedScores("X", scores, **settings)])


def test_files_with_only_texts_and_duplicate_names_are_refused() -> None:
    with pytest.raises(SettingError, match=r"use evalkit\.run"):
        RecordedScores("X", SCORES).statistics(["a"], [["a"]])
    with pytest.raises(SettingError, match="two different metrics are called X"):
        evalkit.run(BENCH, None, metrics=[RecordedScores("X", SCORES), RecordedScores("X", {"a": {"1": 1.0}})])
    with pytest.raises(InputError, match="chrF needs outputs"):
        evalkit.run(BENCH, None, metrics=["chrF", RecordedScores("X", SCORES)])
    with pytest.raises(SettingError, match="one output per segment"):
        evalkit.run(BENCH, {"a": [["x", "y"], "y", "z"]}, metrics=[RecordedScores("X", SCORES)], samples=True)


# -- files ------------------------------------------------------------------------------------------------------------

PLAIN = {"a": {"1": 90.0, "2": 80.5}, "b": {"1": 60.0, "3": 50.0}}
ROWS = [{"system": s, "id": i, "score": v} for s, by_id in PLAIN.items() for i, v in by_id.items()]


def _write(folder: Path, form: str) -> Path:
    path = folder / f"scores.{form}"
    if form in ("tsv", "csv"):
        mark = "\t" if form == "tsv" else ","
        path.write_text("\n".join(mark.join(map(str, row)) for row in [ROWS[0], *(r.values() for r in ROWS)]) + "\n")
    elif form == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in [*ROWS, {"system": "b", "id": "2", "score": None}]))
    elif form == "parquet":
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), path)
    elif form == "seg.score":
        path.write_text("".join(f"{s}\t{by_id.get(i)}\n" for s, by_id in PLAIN.items() for i in IDS))
    elif form == "json":
        segments = {
            f"out/{s}.txt": [{"src": "猫。", "mt": "x", "COMET": by_id.get(i)} for i in IDS]
            for s, by_id in PLAIN.items()
        }
        path.write_text(json.dumps(segments))
    return path


@pytest.mark.parametrize("form", ["tsv", "csv", "jsonl", "parquet", "seg.score", "json"])
def test_every_form_reads_the_same(form: str, tmp_path: Path) -> None:
    assert evalkit.read_recorded_scores(_write(tmp_path, form), IDS) == PLAIN


def test_scores_in_another_order_or_of_other_outputs_are_refused(
    cli: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    texts = {
        "s.zh": ["猫。", "狗。", "鱼。"],
        "r.en": ["A cat.", "A dog.", "A fish."],
        "a.en": ["Cat.", "Dog.", "Fish."],
    }
    for name, lines in texts.items():
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = [
        {"src": src, "mt": mt, "COMET": i / 10}
        for i, (src, mt) in enumerate(zip(texts["s.zh"], texts["a.en"], strict=True))
    ]
    (tmp_path / "same.json").write_text(json.dumps({"out/a.en": rows}))
    (tmp_path / "turned.json").write_text(json.dumps({"out/a.en": rows[::-1]}))
    (tmp_path / "old.json").write_text(json.dumps({"out/a.en": [*rows[:2], {**rows[2], "mt": "Fishes."}]}))
    command = ["run", "--reference", "r.en", "--lang", "zh-en", "-m", "chrF", "--no-save", "a.en"]
    for more, name, message in (
        ([], "same", ""),
        (["--source", "s.zh"], "turned", "segment 1: the source of '1' is '鱼。' there, but '猫。' here"),
        ([], "turned", "segment 1: the output of '1' is 'Fish.' there, but 'Cat.' here"),
        ([], "old", "segment 3: the output of '3' is 'Fishes.' there, but 'Fish.' here"),
    ):
        done = cli(*command, *more, "--scores", f"X={name}.json", cwd=tmp_path)
        assert (done.returncode, message in done.stderr) == (2 if message else 0, True), done.stderr
    with pytest.raises(InputError, match="the same data in the same order"):
        evalkit.read_recorded_scores(tmp_path / "turned.json", IDS, sources=texts["s.zh"])
    (tmp_path / "b.en").write_text("A cat\nA dog\nA fish\n")
    cli("run", "--source", "s.zh", "--reference", "r.en", "--lang", "zh-en", "-m", "chrF", "a.en", "b.en", cwd=tmp_path)
    lines = [f"{system},{i},{src},{i}" for system in "ab" for i, src in enumerate(reversed(texts["s.zh"]), 1)]
    (tmp_path / "human.csv").write_text("\n".join(["system,line,source,da", *lines]), encoding="utf-8")
    agree = cli("agree", "evalkit-results", "--human", "human.csv", cwd=tmp_path)
    assert agree.returncode == 2 and "the source of '1' is '鱼。' there, but '猫。' here" in agree.stderr


def test_a_column_of_a_log(tmp_path: Path) -> None:
    samples = [
        {"id": i, "epoch": 1, "output": {"completion": "x"}, "scores": {"judge": {"value": {"fluency": i / 2}}}}
        for i in (1, 2, 3)
    ]
    inspect = tmp_path / "mine.json"
    inspect.write_text(json.dumps({"eval": {}, "status": "success", "samples": samples}))
    expected = {"mine": {"1": 0.5, "2": 1.0, "3": 1.5}}
    assert evalkit.read_recorded_scores(inspect, IDS, column="judge/fluency") == expected
    harness = tmp_path / "mine.jsonl"
    rows = [{"doc_id": i, "doc": {}, "resps": [], "filtered_resps": [], "fluency": (i + 1) / 2} for i in range(3)]
    harness.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert evalkit.read_recorded_scores(harness, IDS, column="fluency") == expected


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("s.tsv", "system\tid\tscore\na\t1\tgood\n", r"s.tsv:2: the score is 'good', not a number"),
        ("s.tsv", "system\tid\tscore\na\t1\tnan\n", r"s.tsv:2: the score is 'nan', not a number; leave out"),
        ("s.tsv", "system\tid\tscore\na\t9\t1\n", r"s.tsv:2: no segment '9'"),
        ("s.tsv", "system\tid\tscore\na\t1\t1\na\t1\t2\n", r"s.tsv:3: a second score .* first at .*s.tsv:2"),
        ("s.tsv", "system\tid\tvalue\na\t1\t1\n", r"no column score or COMET; the columns are 'system', 'id', 'value'"),
        ("s.tsv", "id\tscore\n1\t1\n", r"the columns system and id"),
        ("s.csv", "system,line,score\na,4,1\n", r"no segment 'line 4'; there are 3 segments \([^,]+, [^,]+, [^,]+\)$"),
        ("s.csv", "system,line,score\na,0,1\n", r"the line is '0', not a number from 1"),
        ("s.seg.score", "a\t1\na\t2\n", r"2 scores of system 'a' in segment order, but there are 3 segments"),
        ("s.seg.score", "a\t1\na\t2\na\t3\na\t4\n", r"4 scores of system 'a' in segment order, but there are 3"),
        ("s.seg.score", "a b c\n", r"3 fields"),
        ("s.sys.score", "a\t1\n", r"scores of whole systems"),
        ("s.json", '{"a.txt": [{"mt": "x"}]}', r"a.txt, segment 1: no column score or COMET"),
        ("s.json", "[1]", r"item 1: a number where a mapping is expected"),
        ("s.json", '{"a": ', r"not valid JSON"),
        ("s.json", '{"a.txt": [], "a.txt": []}', r"duplicate key 'a.txt'"),
        ("s.jsonl", '{"system": "a", "id": "1", "score": 1, "score": 2}\n', r"s.jsonl:1: duplicate key 'score'"),
        ("s.jsonl", '"text"\n', r"s.jsonl: a text where records are expected"),
        ("s.jsonl", '{"system": "a", "id": "1", "score": true}\n', r"is '?True'?, not a number"),
        ("s.jsonl", '{"system": "a", "id": "1", "score": null}\n', r"no scores"),
        ("s.jsonl", '{"system": " ", "id": "1", "score": 1}\n', r"name of the system is empty"),
    ],
)
def test_damaged_files_name_the_line(name: str, content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        evalkit.read_recorded_scores(path, IDS)


# -- the command line, and what GPT-4 said of real systems ------------------------------------------------------------


def test_gemba_scores_are_ranked_compared_with_chrf_and_gated(
    shared_data: Path, cli: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    data = shared_data / "wmt22-zh-en"
    scores = data / "scores" / "GEMBA-GPT4-DA-src.seg.score"
    bench = ["--source", data / "source.zh", "--reference", data / "reference.ref-A.en", "--lang", "zh-en"]
    given = ["--scores", f"GEMBA(low=0,high=100)={scores}", "-m", "chrF", *sorted((data / "systems").glob("*.en"))]
    done = cli("run", *bench, *given, "--out", "run", "--no-cache", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "GEMBA: no outputs of M2M100_1.2B-B4, QUARTZ_TuneReranking" in done.stderr
    task = evalkit.load_results(tmp_path / "run").task()
    means = dict(zip(task.systems, task.corpus("GEMBA"), strict=True))
    assert {name: round(value, 3) for name, value in means.items()} == pytest.approx(GEMBA_MEANS, abs=1e-9)
    ranks = evalkit.load_results(tmp_path / "run").rank(metric="GEMBA")
    assert [rank.system for rank in ranks] == list(GEMBA_MEANS)
    assert ranks[0].cluster < ranks[-1].cluster
    across = np.corrcoef(task.by_segment("GEMBA").ravel(), task.by_segment("chrF").ravel())[0, 1]
    assert round(across, 3) == 0.300
    rules = tmp_path / "rules.toml"
    rules.write_text("max_drop = { GEMBA = 0.5 }\n")
    gate = ["gate", "run", "--baseline", "base.json", "--config", rules]
    assert cli("gate", "run", "--update", "--baseline", "base.json", cwd=tmp_path).returncode == 0
    same = cli(*gate, "--system", "LanguageX", cwd=tmp_path)
    assert same.returncode == 0, same.stdout + same.stderr
    exchanged, names = tmp_path / "exchanged.seg.score", {"NiuTrans": "Online-B", "Online-B": "NiuTrans"}
    rows = [line.split("\t") for line in scores.read_text(encoding="utf-8").splitlines()]
    exchanged.write_text("".join(f"{names.get(system, system)}\t{score}\n" for system, score in rows), encoding="utf-8")
    given[1] = f"GEMBA(low=0,high=100)={exchanged}"
    assert cli("run", *bench, *given, "--out", "run", "--no-cache", cwd=tmp_path).returncode == 0
    worse = cli(*gate, "--system", "Online-B", cwd=tmp_path)
    assert worse.returncode == 1, worse.stdout + worse.stderr


def test_the_scores_of_all_systems_of_a_file_without_their_outputs(
    shared_data: Path, cli: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    data = shared_data / "wmt22-zh-en"
    scores = data / "scores" / "GEMBA-GPT4-DA-src.seg.score"
    bench = ["--source", data / "source.zh", "--reference", data / "reference.ref-A.en", "--lang", "zh-en"]
    done = cli("run", *bench, "--scores", f"GEMBA(low=0,high=100)={scores}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "refA" in done.stdout
    assert "bleurt_bestmbr" in done.stdout
    task = evalkit.load_results(tmp_path / "evalkit-results").task()
    assert len(task.systems) == 20
    assert task.texts is None


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("GEMBA", "write --scores 'NAME(low=0,high=100)=FILE'"),
        ("chrF=scores.tsv", "chrF is the name of a metric"),
        ("CHRF=scores.tsv", "CHRF is the name of a metric"),
        ("*=scores.tsv", "cannot be used in tables"),
        ("X(best=1)=scores.tsv", "'best=1' is not a setting"),
        ("X(low=a)=scores.tsv", "low=a is not a number"),
        ("X(low=1,low=2)=scores.tsv", "'low=2' is not a setting"),
        ("X Y=scores.tsv", "cannot be used in tables"),
        ("X=nowhere.tsv", "nowhere.tsv: no such file"),
        ("MQM=scores.tsv", "say which way is better"),
        ("X(low=0,high=70)=scores.tsv", "outside low=0.0, high=70.0"),
    ],
)
def test_wrong_options_are_one_sentence(
    option: str, message: str, cli: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    _write(tmp_path, "tsv")
    lines = tmp_path / "ref.en"
    lines.write_text("a\nb\nc\n")
    done = cli("run", "--reference", lines, "--lang", "zh-en", "--scores", option, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "evalkit-results").exists()


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ([1.0], "T: scores: a list where a mapping by system is expected"),
        ({"a": [1.0]}, "T: the scores of 'a': a list where a mapping by segment id is expected"),
        ({"a": {0: 1.0}}, "T: the scores of 'a': the segment id 0 is a number, not a text"),
        ({"a": {"0": 10**400}}, r"segment '0' is 10000.*\.\.\., not a finite number"),
        ({"a": {"0": "1"}}, "segment '0' is '1', not a finite number"),
    ],
)
def test_scores_of_the_wrong_type(scores: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        evalkit.RecordedScores("T", scores)


def test_scores_that_change_later_do_not_change_the_metric() -> None:
    scores = {"a": {"0": 1.0, "1": 0.5}}
    metric = evalkit.RecordedScores("T", scores, low=0, high=1)
    scores["a"]["0"] = 0.0
    scores["b"] = {}
    bench = evalkit.Benchmark.from_dataset([{"id": i, "source": "一", "references": ["x"]} for i in "01"], lang="zh-en")
    results = evalkit.run(bench, {"a": ["x", "y"]}, metrics=[metric])
    assert [row.score for row in results.scores("segment")] == [1.0, 0.5]
    assert metric == evalkit.RecordedScores("T", {"a": {"0": np.float32(1), "1": Fraction(1, 2)}}, low=0, high=1)  # type: ignore[dict-item]
