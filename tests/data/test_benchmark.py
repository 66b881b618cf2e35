"""User-defined benchmarks from files and datasets, and the bundled one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evalkit.data.benchmark import Benchmark
from evalkit.data.building import task_names
from evalkit.data.loading import load_benchmark
from evalkit.errors import BenchmarkError, InputError, SettingError
from evalkit.text.languages import parse_pair


def write(folder: Path, **files: str) -> dict[str, Path]:
    paths = {}
    for name, text in files.items():
        paths[name] = folder / f"{name}.txt"
        paths[name].write_text(text, encoding="utf-8")
    return paths


def test_line_aligned_files(tmp_path: Path) -> None:
    paths = write(tmp_path, s="甲\n乙\n", a="x\ny\n", b="X\nY\n", d="doc1\ndoc2\n")
    task = Benchmark.from_lines([paths["a"], paths["b"]], source=paths["s"], docids=paths["d"], lang="zh-en").tasks[0]
    assert task.name == "translate-en"
    assert task.ids == ("1", "2")
    assert task.references == (("x", "X"), ("y", "Y"))
    assert task.sources == ("甲", "乙")
    assert task.articles == ("doc1", "doc2")
    assert task.reference_names == ("a.txt", "b.txt")


@pytest.mark.parametrize("short", ["s", "b", "d"])
def test_line_aligned_files_of_different_length(tmp_path: Path, short: str) -> None:
    texts = {"s": "甲\n乙\n", "a": "x\ny\n", "b": "X\nY\n", "d": "1\n2\n", short: "one\n"}
    paths = write(tmp_path, **texts)
    with pytest.raises(BenchmarkError, match=rf"{short}\.txt: 1 line, but .*a\.txt has 2"):
        Benchmark.from_lines([paths["a"], paths["b"]], source=paths["s"], docids=paths["d"], lang="zh-en")


def test_records(tmp_path: Path) -> None:
    path = tmp_path / "bench.jsonl"
    rows = [
        {"id": 1, "article": "d", "source": "甲", "references": ["x", "y"], "date": "2022", "note": "kept aside"},
        {"id": 2, "article": "d", "source": "乙", "reference": "z"},
    ]
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    task = load_benchmark(path, lang="zh-en").tasks[0]
    assert task.ids == ("1", "2")
    assert task.references == (("x", "y"), ("z",))
    assert task.dates == ("2022", None)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"id": None, "references": ["x"]}], "1: the id is null"),
        ([{"id": "1", "references": []}], "all references are blank"),
        ([{"id": "1", "references": [None]}], "all references are blank"),
        ([{"id": "1"}], "neither references nor sources"),
        ([{"id": "1", "references": [1]}], "a reference is a number"),
        (
            [{"id": "1", "references": ["x"]}, {"id": "1", "references": ["x"]}],
            r"2: duplicate id '1' \(first seen as segment 1\)",
        ),
        (
            [{"id": "1", "references": ["x"], "source": "s"}, {"id": "2", "references": ["x"]}],
            r"2 \(id '2'\): no source",
        ),
        ([{"id": "1", "references": ["\ud800"]}], "half a surrogate pair"),
    ],
)
def test_wrong_records(tmp_path: Path, rows: list[dict[str, Any]], message: str) -> None:
    path = tmp_path / "bench.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    with pytest.raises(BenchmarkError, match=message):
        load_benchmark(path, lang="zh-en")


def test_datasets_with_columns_named() -> None:
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_dict({"key": ["p", "q"], "zh": ["甲", "乙"], "en": ["x", "y"], "en2": ["X", "Y"]})
    task = Benchmark.from_dataset(data, lang="zh-en", id="key", source="zh", references=["en", "en2"]).tasks[0]
    assert (task.ids, task.references, task.sources) == (("p", "q"), (("x", "X"), ("y", "Y")), ("甲", "乙"))
    assert Benchmark.from_dataset(data, lang="zh-en", id=None, references="en").tasks[0].ids == ("1", "2")
    with pytest.raises(BenchmarkError, match="no field 'ref' for references; the fields are key"):
        Benchmark.from_dataset(data, lang="zh-en", id="key", references="ref")


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("zh-en", "translate-en"), ("zh-zh", "summarize-zh"), ("en", "translate-en"), ("zho-eng", "translate-en")],
)
def test_task_names(lang: str, expected: str) -> None:
    assert task_names(parse_pair(lang), None)[0] == expected


def test_what_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no benchmark 'zh-nws'"):
        load_benchmark("zh-nws")
    (tmp_path / "b.jsonl").write_text('{"id": "1", "references": ["x"]}\n')
    with pytest.raises(SettingError, match="lang=zh-en"):
        load_benchmark(tmp_path / "b.jsonl")
    with pytest.raises(SettingError, match="not a language tag"):
        load_benchmark(tmp_path / "b.jsonl", lang="zh-xx")
    (tmp_path / "b.json").write_text("{}")
    with pytest.raises(InputError, match="the benchmark has no segments"):
        load_benchmark(tmp_path / "b.json", lang="zh-en")
    with pytest.raises(SettingError, match="no task 'translate-de'; it has translate-en"):
        load_benchmark(task="translate-de")


def test_the_fingerprint_follows_what_the_scores_depend_on() -> None:
    rows = [{"id": "1", "source": "甲", "references": ["x"]}, {"id": "2", "source": "乙", "references": ["y"]}]
    prints = {
        Benchmark.from_dataset(changed, lang=lang).fingerprint()
        for changed, lang in [
            (rows, "zh-en"),
            (rows[::-1], "zh-en"),
            (rows[:1], "zh-en"),
            ([rows[0] | {"references": ["x", "x"]}, rows[1]], "zh-en"),
            ([rows[0] | {"source": "丙"}, rows[1]], "zh-en"),
            ([rows[0] | {"article": "d"}, rows[1] | {"article": "d"}], "zh-en"),
            (rows, "zh-de"),
        ]
    }
    assert len(prints) == 7
    assert Benchmark.from_dataset(rows, lang="zh-en", name="other").fingerprint() in prints


def test_the_bundled_benchmark() -> None:
    bench = load_benchmark()
    assert [task.name for task in bench.tasks] == ["translate-en", "summarize-zh", "summarize-en"]
    translate, zh, en = bench.tasks
    assert len(translate) == 32
    assert set(translate.blocks or ()) == {"title", "deck", "heading", "paragraph", "caption"}
    assert all(len(refs) == 2 and all(refs) for refs in translate.references)
    assert len(zh) == len(en) == len(bench.titles) == 3
    for task in (zh, en):
        assert all(refs and all(refs) for refs in task.references)
        assert {len(refs) for refs in task.references} == {len(task.reference_names)}
    assert bench.only("summarize-zh").tasks == (zh,) == bench.only("summarize-zh", "summarize-zh").tasks
    assert load_benchmark(task="summarize-zh").fingerprint() == bench.only("summarize-zh").fingerprint()


def test_articles_follow_the_ids_of_their_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "1", "ref": "one"}\n{"id": "2", "ref": "two"}\n')
    (tmp_path / "s.jsonl").write_text(
        '{"id": "2", "src": "second", "doc": "d2"}\n{"id": "1", "src": "first", "doc": "d1"}\n'
    )
    task = Benchmark.from_lines(tmp_path / "a.jsonl", source=tmp_path / "s.jsonl", lang="de-en").tasks[0]
    assert (task.sources, task.articles) == (("first", "second"), ("d1", "d2"))
    (tmp_path / "docids.txt").write_text("d1\n\n")
    with pytest.raises(BenchmarkError, match=r"docids\.txt:2: no article; give the article of every segment"):
        Benchmark.from_lines(tmp_path / "a.jsonl", docids=tmp_path / "docids.txt", lang="en")


def test_labels_and_arrays_of_a_frame() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "source": ["今天", "明天", "后天"],
            "references": [np.array(["x", "y"]), ["z"], pandas.Series(["w"])],
            "date": [pandas.Timestamp("2024-01-02 03:00"), pandas.NaT, pandas.Timestamp("2024-02-03")],
            "domain": [False, float("nan"), 0],
        }
    )
    task = Benchmark.from_dataset(frame, lang="zh-en").tasks[0]
    assert list(task.references) == [("x", "y"), ("z",), ("w",)]
    assert task.dates is not None
    assert list(task.dates) == ["2024-01-02", None, "2024-02-03"]
    # 0 and False are values; only what is missing has no slice.
    assert tuple(task.fields["domain"]) == ("False", "", "0")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"domain": ["news"]}, r"row 1 \(id '1'\): the domain is a list; give a text"),
        ({5: "x"}, "row 1: the name of a column is a number, not a text"),
        ({None: "x"}, "row 1: the name of a column is null, not a text"),
    ],
)
def test_wrong_columns_in_python(record: dict[Any, Any], message: str) -> None:
    with pytest.raises(BenchmarkError, match=message):
        Benchmark.from_dataset([{"id": 1, "source": "今天", "references": ["x"], **record}], lang="zh-en")
