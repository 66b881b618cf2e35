"""System outputs in every form, and every way they can be wrong."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest

import evalkit
from evalkit.data.benchmark import Benchmark
from evalkit.data.opening import MAX_TEXT, check_text
from evalkit.data.outputs import check_system_name, collect, read_systems
from evalkit.errors import EvalkitError, InputError, OutputsError, SettingError

IDS = ("a/1", "a/2", "b/1")
TEXTS = ("one", "two", "three")


@pytest.fixture
def bench() -> Benchmark:
    rows = [
        {"id": id_, "article": id_[0], "source": "一", "references": [text]}
        for id_, text in zip(IDS, TEXTS, strict=True)
    ]
    return Benchmark.from_dataset(rows, lang="zh-en", name="small")


@pytest.fixture
def two_tasks(bench: Benchmark) -> Benchmark:
    summaries = Benchmark.from_dataset(
        [{"id": a, "article": a, "source": "一", "references": ["x"]} for a in "ab"], lang="zh-en", task="summarize-en"
    )
    return Benchmark("small", (*bench.tasks, *summaries.tasks))


def jsonl(path: Path, records: list[Any], *, end: str = "\n", start: bytes = b"") -> Path:
    text = end.join(r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records) + end
    path.write_bytes(start + text.encode())
    return path


def records(texts: tuple[Any, ...] = TEXTS) -> list[dict[str, Any]]:
    return [{"id": id_, "output": text} for id_, text in zip(IDS, texts, strict=True)]


def only(bench: Benchmark, path: Path, **options: Any) -> tuple[str, ...]:
    return read_systems(bench, [path], **options)["translate-en"][path.stem].texts


def write_csv(folder: Path) -> Path:
    path = folder / "sys.csv"
    path.write_text('id,output,extra\nb/1,three,\na/1,one,\n"a/2",two,"x\ny"\n', encoding="utf-8")
    return path


def write_tsv(folder: Path) -> Path:
    path = folder / "sys.tsv"
    path.write_text("output\tid\none\ta/1\ntwo\ta/2\nthree\tb/1\n", encoding="utf-8")
    return path


def write_parquet(folder: Path) -> Path:
    import pyarrow
    import pyarrow.parquet

    path = folder / "sys.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"id": list(IDS[::-1]), "output": list(TEXTS[::-1])}), path)
    return path


def write_text(folder: Path) -> Path:
    path = folder / "sys.txt"
    path.write_bytes("\ufeffone\r\ntwo\r\nthree".encode())
    return path


@pytest.mark.parametrize(
    "write",
    [
        lambda folder: jsonl(folder / "sys.jsonl", records()),
        lambda folder: jsonl(folder / "sys.jsonl", records()[::-1], end="\r\n", start=b"\xef\xbb\xbf"),
        write_csv,
        write_tsv,
        write_parquet,
        write_text,
    ],
)
def test_every_form_gives_the_benchmarks_order(bench: Benchmark, tmp_path: Path, write: Callable[[Path], Path]) -> None:
    assert only(bench, write(tmp_path)) == TEXTS


def test_a_folder_has_a_file_a_task(two_tasks: Benchmark, tmp_path: Path) -> None:
    folder = tmp_path / "系统 α"
    folder.mkdir()
    jsonl(folder / "translate-en.jsonl", records())
    jsonl(folder / "summarize-en.jsonl", [{"id": "b", "output": "y"}, {"id": "a", "output": "x"}])
    found = read_systems(two_tasks, [folder])
    assert found["translate-en"]["系统 α"].texts == TEXTS
    assert found["summarize-en"]["系统 α"].texts == ("x", "y")


def test_the_task_of_a_file_is_told_by_its_ids(two_tasks: Benchmark, tmp_path: Path) -> None:
    assert list(read_systems(two_tasks, [jsonl(tmp_path / "s.jsonl", records())])) == ["translate-en"]


def test_a_whole_article_is_split_at_blank_lines(bench: Benchmark, tmp_path: Path) -> None:
    whole = [{"id": "a", "output": "one\n\n  two\n"}, {"id": "b/1", "output": "three"}]
    assert only(bench, jsonl(tmp_path / "s.jsonl", whole)) == TEXTS
    whole[0]["output"] = "one two"
    with pytest.raises(OutputsError, match=r"s\.jsonl:1.*'a' has 1 paragraph,.*has 2 blocks"):
        only(bench, jsonl(tmp_path / "s.jsonl", whole))
    whole[0]["output"] = "one\n\ntwo"
    with pytest.raises(OutputsError, match=r"duplicate id 'a/2' \(part of 'a'\)"):
        only(bench, jsonl(tmp_path / "s.jsonl", [{"id": "a/2", "output": "x"}, *whole]))


def test_missing_outputs_are_scored_as_empty_only_where_allowed(bench: Benchmark, tmp_path: Path) -> None:
    path = jsonl(tmp_path / "s.jsonl", records()[1:])
    with pytest.raises(OutputsError, match=r"no output for the id 'a/1'.*--allow-missing"):
        only(bench, path)
    given = read_systems(bench, [path], allow_missing=True)["translate-en"]["s"]
    assert (given.texts, given.missing) == (("", "two", "three"), ("a/1",))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([*records(), {"id": "a/3", "output": "x"}], r":4: unknown id 'a/3'; did you mean 'a/"),
        (
            [*records(), {"id": "a/1", "output": "x"}],
            r":4: duplicate id 'a/1', first at .*s\.jsonl:1; several outputs of a segment are read with --samples of evalkit run",
        ),
        (records(("one", None, "three")), r":2 \(id 'a/2'\): the output is null"),
        (records(("one", 2, "three")), r":2 \(id 'a/2'\): the output is a number"),
        (records(("one", ["two"], "three")), r":2 \(id 'a/2'\): the output is a list"),
        ([{"id": "a/1", "said": "x"}], r":1: no field 'output'; the fields are 'id', 'said'"),
        ([*records(), {"output": "x"}], r":4: no id, though other records of this file have one"),
        ([{"id": None, "output": "x"}], r":1: the id is null"),
        ([*records(), ["a/1", "one"]], r":4: a list where a mapping is expected"),
        (["[", '{"id": 1}', "]"], r"item 1: no field 'output'"),
        (["{'id': 1}"], r":1: not valid JSON"),
        (['{"id": "a/1", "output": "x"}', "", '{"id": "a/2", "output": "x"}'], r":2: an empty line"),
        (['{"id": "a/1", "id": "a/2", "output": "x"}'], r":1: duplicate key 'id'"),
        ([r'{"id": "a/1", "output": "\ud800"}'], r":1 \(id 'a/1'\).*half a surrogate pair"),
        (
            [{"id": "a/1", "output": "x" * (MAX_TEXT.get() + 1)}],
            r":1 \(id 'a/1'\): the output has 16,777,217 characters",
        ),
        (["[" * 100_000], r":1: not valid JSON"),
    ],
)
def test_wrong_records_name_file_line_and_id(
    bench: Benchmark, tmp_path: Path, content: list[Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        only(bench, jsonl(tmp_path / "s.jsonl", content))


def test_a_text_may_have_as_many_characters_as_accepted() -> None:
    token = MAX_TEXT.set(5)
    try:
        assert check_text("12345", "the output") == "12345"
        with pytest.raises(InputError, match="the output has 6 characters; at most 5 are accepted"):
            check_text("123456", "the output")
    finally:
        MAX_TEXT.reset(token)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("s.jsonl", b"", "the file is empty"),
        ("s.txt", b"", "the file is empty"),
        ("s.txt", b"one\ntwo\n", "2 lines, but translate-en has 3 segments"),
        ("s.txt", b"one\ntwo\nthree\n\n", "4 lines"),
        ("s.txt", b"one\ntw\xff\nthree\n", r"s\.txt:2: not UTF-8 \(byte 0xff"),
        ("s.jsonl", b'{"id": "a/1", "output": "\xe4\xbd"}\n', r"s\.jsonl:1: not UTF-8"),
        ("s.jsonl", "{}".encode("utf-16"), "this is UTF-16"),
        ("s.csv", b"id,output\na/1\n", r"s\.csv:2: 1 field, but the header has 2"),
        ("s.csv", b"id,id\n", r"s\.csv:1: duplicate column 'id'"),
        ("s.csv", b'id,output\na/1,"x\n', r"s\.csv:.: not valid CSV"),
        ("s.parquet", b"PAR1", "not a readable Parquet file"),
    ],
)
def test_wrong_files_are_named(bench: Benchmark, tmp_path: Path, name: str, data: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        only(bench, tmp_path / name)


def test_files_and_folders_that_cannot_be_systems(bench: Benchmark, two_tasks: Benchmark, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        only(bench, tmp_path / "none.jsonl")
    (tmp_path / "empty").mkdir()
    with pytest.raises(OutputsError, match="no file of outputs in this folder"):
        read_systems(bench, [tmp_path / "empty"])
    both = tmp_path / "both"
    both.mkdir()
    jsonl(both / "translate-en.jsonl", records())
    (both / "translate-en.txt").write_text("one\ntwo\nthree\n")
    with pytest.raises(OutputsError, match="keep one"):
        read_systems(bench, [both])
    (both / "translate-en.txt").unlink()
    jsonl(both / "translate-zh.jsonl", records())
    with pytest.raises(OutputsError, match=r"translate-zh\.jsonl: no task of small"):
        read_systems(bench, [both])
    (tmp_path / "s.txt").write_text("one\ntwo\nthree\n")
    with pytest.raises(OutputsError, match="which task"):
        read_systems(two_tasks, [tmp_path / "s.txt"])
    path = jsonl(tmp_path / "s.jsonl", records())
    with pytest.raises(OutputsError, match="a system named 's' was given already"):
        read_systems(bench, [path, path])


@pytest.mark.parametrize(
    ("name", "why"),
    [
        *(
            (name, "holds")
            for name in ("a/b", "a\\b", 'a"b', "a'b", "a|b", "<script>", "a\nb", "a\u200bb", "a\xadb", "a\u202eb")
        ),
        *((name, "must be a text") for name in ("", 3, None)),
        (" a", "has outer spaces"),
        ("..", "is that of a folder"),
        ("x" * 101, "is longer than 100 characters"),
    ],
)
def test_names_that_cannot_stand_in_a_table_are_refused(name: Any, why: str) -> None:
    with pytest.raises(OutputsError, match=f"name.* {why}"):
        check_system_name(name, "here")


def test_two_systems_whose_names_look_the_same_are_refused(bench: Benchmark) -> None:
    with pytest.raises(OutputsError, match="was given already"):
        collect(bench, {"caf\u00e9": list(TEXTS), "cafe\u0301": list(TEXTS)})


@pytest.mark.parametrize("name", ["gpt-4.1", "क्‍ष", "👩‍💻", "系统一", "نظام", "🚀 model", "a_b (v2) + c@d"])
def test_names_of_any_script_are_taken(name: str) -> None:
    assert check_system_name(name, "here") == name


def test_warnings_about_outputs_given_in_python_name_the_system_once(
    bench: Benchmark, caplog: pytest.LogCaptureFixture
) -> None:
    collect(bench, {"a": list(TEXTS)})
    (message,) = caplog.messages
    assert message.startswith("system 'a': the outputs: all 3 sampled texts are identical to a reference")


def test_python_forms(bench: Benchmark) -> None:
    datasets = pytest.importorskip("datasets")
    forms: dict[str, Any] = {
        "list": list(TEXTS),
        "mapping": dict(zip(IDS[::-1], TEXTS[::-1], strict=True)),
        "dataset": datasets.Dataset.from_list(records()[::-1]),
        "by task": {"translate-en": list(TEXTS)},
    }
    found = collect(bench, forms)["translate-en"]
    assert {name: given.texts for name, given in found.items()} == dict.fromkeys(forms, TEXTS)


@pytest.mark.parametrize(
    ("systems", "error", "message"),
    [
        ({}, OutputsError, "no systems"),
        ({"s": "one"}, InputError, "no such file"),
        ({"s": ["one"]}, OutputsError, "1 output, but translate-en has 3"),
        ({"s": ["one", None, "three"]}, OutputsError, r"item 2 \(id 'a/2'\): the output is null"),
        ({"s": 3}, OutputsError, "outputs are a number"),
        ({"s": {"a/1": "one"}}, OutputsError, "no output for the id 'a/2' and 1 more"),
        ({"s": {"translate-de": ["one"]}}, SettingError, "no task 'translate-de'"),
        ({"a/b": list(TEXTS)}, OutputsError, "name"),
    ],
)
def test_wrong_python_forms(bench: Benchmark, systems: Any, error: type[EvalkitError], message: str) -> None:
    with pytest.raises(error, match=message):
        collect(bench, systems)


def test_outputs_for_several_tasks_say_whose_they_are(two_tasks: Benchmark) -> None:
    given = {"s": {"translate-en": list(TEXTS), "summarize-en": {"a": "x", "b": "y"}}}
    assert set(collect(two_tasks, given)) == {"translate-en", "summarize-en"}
    with pytest.raises(OutputsError, match="say whose outputs these are"):
        collect(two_tasks, {"s": list(TEXTS)})
    assert set(collect(two_tasks, {"s": dict(zip(IDS, TEXTS, strict=True))})) == {"translate-en"}


@pytest.mark.parametrize("name", ["mine.txt.gz", "mine.jsonl.gz"])
def test_a_file_that_unpacks_to_far_too_many_lines_is_not_read_to_its_end(tmp_path: Path, name: str) -> None:
    bench = Benchmark.from_dataset([{"id": "1", "references": ["A cat."]}], lang="en")
    line = b"a\n" if ".txt" in name else b'{"id": "1", "output": "a"}\n'
    path = tmp_path / name
    path.write_bytes(gzip.compress(line * 10_011 + b"\xff\n"))  # the byte at the end is never read
    with pytest.raises(OutputsError, match=r"more than 10,010 lines for one system, but .* has 1 segment"):
        read_systems(bench, [path])


@pytest.mark.parametrize(
    ("ids", "texts", "index", "read"),
    [
        (IDS, TEXTS, None, TEXTS),
        (IDS, TEXTS, ["b/1", "a/2", "a/1"], TEXTS[::-1]),
        (("1", "2", "3"), TEXTS, None, TEXTS),
        (("1", "2", "3"), TEXTS, [3.0, 2.0, 1.0], TEXTS[::-1]),
        (("1", "2", "3"), TEXTS, [7, 8, 9], TEXTS),
        (("0", "1", "2"), TEXTS, [2, 1, 0], TEXTS[::-1]),
        # A later output of the same segment does not replace the first.
        (IDS, (*TEXTS, "four"), ["a/1", "a/2", "b/1", "b/1"], "duplicate id 'b/1'"),
        # Numbers that are ids of other segments, or of only some.
        (("2", "0", "1"), TEXTS, None, "also the ids of segments in another order"),
        (("0", "1", "2"), TEXTS, [1, 2, 3], "neither the ids"),
        (("1", "2", "3"), TEXTS, [3, 4, 5], "neither the ids"),
    ],
)
def test_series(ids: tuple[str, ...], texts: tuple[str, ...], index: list[Any] | None, read: Any) -> None:
    pandas = pytest.importorskip("pandas")
    rows = [{"id": id_, "source": "一", "references": ["x"]} for id_ in ids]
    bench = Benchmark.from_dataset(rows, lang="zh-en")
    systems = {"a": pandas.Series(texts, index=index)}
    if isinstance(read, str):
        with pytest.raises(OutputsError, match=read):
            collect(bench, systems)
    else:
        assert tuple(collect(bench, systems)["translate-en"]["a"].texts) == read


def test_arrays_and_tables(bench: Benchmark, tmp_path: Path) -> None:
    systems = {np.str_("arrays"): np.array(TEXTS), "table": pyarrow.table({"id": IDS[::-1], "output": TEXTS[::-1]})}
    read = collect(bench, systems)["translate-en"]
    assert [tuple(outputs.texts) for outputs in read.values()] == [TEXTS, TEXTS]
    assert {type(text) for outputs in read.values() for text in outputs.texts} == {str}
    # What numpy calls a text was refused when the run was written.
    results = evalkit.run(bench, systems, metrics=["chrF"], metadata={"systems": {"arrays": {"model": np.str_("m")}}})
    evalkit.save_results(results, tmp_path / "run")
    assert evalkit.load_results(tmp_path / "run").tasks[0].systems == ("arrays", "table")
    samples = {"a/1": np.array(["x", "y"]), "a/2": ("x",), "b/1": "x"}
    assert collect(bench, {"a": samples}, samples=True)["translate-en"]["a"].samples == (("x", "y"), ("x",), ("x",))
    with pytest.raises(OutputsError, match="'output' and 'mt' may both be the output; leave one out"):
        collect(bench, {"a": [{"id": id_, "output": "x", "mt": "y"} for id_ in IDS]})
