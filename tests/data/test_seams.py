"""Inputs that are almost right: each is read as intended, or refused with advice."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow
import pyarrow.parquet
import pytest
from formats_made import EN, OUT, ROWS, ZH, csv_text, harness, jsonl, lines

import evalkit
from evalkit.data.benchmark import Benchmark
from evalkit.data.fields import Fields
from evalkit.data.glossary import with_terms
from evalkit.data.human import read_human_scores
from evalkit.data.loading import load_benchmark
from evalkit.data.outputs import read_systems
from evalkit.data.recorded_scores import read_recorded_scores
from evalkit.errors import EvalkitError

REPLY = {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}
SOURCES_AND_REFERENCES = [{"source": row["source"], "reference": row["reference"]} for row in ROWS]


def read(folder: Path, files: dict[str, str | bytes], *, lang: str = "zh-en", systems: str = "") -> list[str]:
    """The outputs in ``systems``, or in the benchmark itself, which is the first of the files."""
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    benchmark = load_benchmark(folder / next(iter(files)), lang=lang)
    outputs = read_systems(benchmark, [folder / (systems or next(iter(files)))])
    return list(next(iter(next(iter(outputs.values())).values())).texts)


def test_pairs_in_python_are_explained() -> None:
    benchmark = Benchmark.from_dataset(SOURCES_AND_REFERENCES, lang="zh-en")
    with pytest.raises(EvalkitError, match=r"give dict\(outputs\) if they are pairs of id and text"):
        evalkit.run(benchmark, {"mine": zip("123", OUT, strict=True)}, metrics=["chrF"])


@pytest.mark.parametrize("ending", ["yaml", "yml.gz", "toml", "po", "cfg", "strings", "tex"])
def test_text_files_that_do_not_hold_one_text_per_line_are_refused(ending: str, tmp_path: Path) -> None:
    content = lines(OUT).encode()
    given = {
        "b.csv": csv_text(SOURCES_AND_REFERENCES),
        f"o.{ending}": gzip.compress(content) if "gz" in ending else content,
    }
    with pytest.raises(EvalkitError, match=rf"o\.{ending}: files with the ending .* are not read; convert it"):
        read(tmp_path, given, systems=f"o.{ending}")


def doubled(name: str, text: str) -> str:
    return csv_text([{**row, name: text} for row in ROWS])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("b.csv", doubled("hypothesis", "x"), "'output' and 'hypothesis' may both be the output; choose with --field output="),
        ("b.csv", doubled("ref", "x"), "'reference' and 'ref' may both be the references"),
        ("b.csv", csv_text([{**row, "reference": json.dumps([row["reference"]])} for row in ROWS]),
         "references: .* are lists in JSON or Python, as in"),
        ("b.csv", csv_text([{**row, "source": row["reference"]} for row in ROWS]), "the sources are 100% Latin, but zh"),
        ("b.csv", csv_text([{**row, "article": row["source"]} for row in ROWS]), "the ids of the articles are the texts"),
        ("b.csv", csv_text([row for row in ROWS for _ in "ab"]), "duplicate id .* name the column with their names"),
        ("b.csv", csv_text(ROWS).replace("\r\n", "\n").replace("\n", "\r"), "the lines end with carriage returns alone"),
        ("b.jsonl", jsonl([{**row, "output": "a\0"} for row in ROWS]), "the output contains a NUL character"),
        ("b.jsonl", '["one"]\n["two"]\n', "b.jsonl:1: a list where a mapping is expected"),
        ("b.jsonl", jsonl([{"doc": {"text": z}, "ref": e} for z, e in zip(ZH, EN, strict=True)]), "--field article=doc.NAME"),
        ("b.lrc", "[00:01.00]One\n[00:02.00]Two\n", "subtitles"),
        ("b.txt", "[Script Info]\nTitle: x\n", "subtitles"),
        ("b.csv", csv_text([{**r, "output": "x", "ms": f"{i}.5"} for i, r in enumerate(SOURCES_AND_REFERENCES)])
         .replace("output", "mine"), "'mine', 'ms' has the same text in every row, or no letters, .*--field output=COLUMN"),
        ("b-00001-of-00002.arrow", b"ARROW1", "not a readable Arrow file"),
        ("b.jsonl", '{"id": "\\ud800", "source": "x", "reference": "y", "output": "z"}\n', "b.jsonl:1: the id contains half a"),
        ("b.jsonl", jsonl([{**ROWS[0], "article": "\ud800"}]).encode(errors="surrogatepass"), "not UTF-8"),
        ("b.csv", csv_text([{**row, "id": ""} for row in ROWS]), "b.csv:2: the id is an empty text"),
        ("b.csv", csv_text([{**row, "system": ""} for row in ROWS]), "b.csv:2: the system is an empty text"),
        ("b.json", f'[{"9" * 5000}]', "not valid JSON: a number has too many digits$"),
        ("b.json", json.dumps(ROWS)[:-40], "is the file cut short"),
        ("b.jsonl", jsonl(ROWS).replace("}\n", "},\n"), r"not valid JSON: Extra data: line 1 column \d+ \(char \d+\)$"),
        ("b.sbv", "0:00:01.000,0:00:02.000\nOne\n\n", "subtitles"),
        ("b.tar.gz", gzip.compress(b"b.txt".ljust(257, b"\0") + b"ustar", mtime=0), "this is a tar archive"),
        ("b.en", lines(OUT).encode("utf-32-le"), "Is it UTF-32"),
        ("b.doc", "{\\rtf1 " + lines(OUT), "this is an RTF document"),
        ("b.xlf", '<xliff version="1.2"><file original="a" source-language="zh" target-language="en_US.UTF-8"/></xliff>',
         "b.xlf: 'en_US.UTF-8' is the name of a locale; did you mean en-US"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    with pytest.raises(EvalkitError, match=message):
        read(tmp_path, {name: content})


def test_tables_of_other_tools_are_read(tmp_path: Path) -> None:
    table = pyarrow.Table.from_pylist(ROWS)
    pyarrow.parquet.write_table(table, tmp_path / "x")
    files: dict[str, str | bytes] = {
        "a.parquet.gz": gzip.compress((tmp_path / "x").read_bytes()),
        "b.json": json.dumps({"version": "1.0", "examples": ROWS}),
        "c.csv": csv_text([{f" {key} ": text for key, text in row.items()} for row in ROWS]),
    }
    for name, content in files.items():
        assert read(tmp_path, {name: content}) == [row["output"] for row in ROWS]
    assert [row["reference"] for row in ROWS] == [
        group[0] for group in Benchmark.from_dataset(table, lang="zh-en").tasks[0].references
    ]


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), tmp_path / "test-00001-of-00002.parquet")
    with pytest.raises(EvalkitError, match=r"test-00000-of-00002\.parquet is missing"):
        load_benchmark(tmp_path, lang="zh-en")


@pytest.mark.parametrize(
    ("record", "output"),
    [
        ({"key": "1", "response": {"candidates": [{"content": {"parts": [{"text": "?", "thought": 1}, {"text": "x"}]}}]}}, "x"),
        ({"key": "1", "response": {"candidates": [{"finishReason": "SAFETY"}]}}, "empty or refused, for example '1'"),
        ({"key": "1", "error": {"code": 429}}, "1 request failed: 429"),
        ({"custom_id": "1", "response": {"status_code": 500}}, "1 request failed: status 500"),
        ({"custom_id": "1", "method": "POST", "body": {}}, "the lines are requests, not replies"),
        ({"request": {}, "response": REPLY}, "no custom_id or key"),
        ({"id": "1", "object": "chat.completion", "model": "m", "choices": [{}]}, "no field 'output'"),
    ],
)  # fmt: skip
def test_batches(tmp_path: Path, caplog: pytest.LogCaptureFixture, record: dict[str, Any], output: str) -> None:
    (tmp_path / "r.en").write_text("One sentence.\n")
    (tmp_path / "b.jsonl").write_text(jsonl([record]))
    benchmark = Benchmark.from_lines(tmp_path / "r.en", lang="en")
    try:
        result = read_systems(benchmark, [tmp_path / "b.jsonl"])["translate-en"]["b"].texts[0]
    except EvalkitError as error:
        result = str(error)
    assert output in f"{result} {caplog.text}"


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([1, 3, 2], "from 1"), ([0, 2, 1], "from 0"), ([3, 2], "from 1"), ([0, 1], "from 0"),
     ([1, 2], "unknown id 'request-1'"), ([0, 3], "unknown id 'request-0'"), ([2, 4], "unknown id 'request-2'")],
)  # fmt: skip
def test_numbered_requests(tmp_path: Path, caplog: pytest.LogCaptureFixture, numbers: list[int], expected: str) -> None:
    (tmp_path / "r.en").write_text(lines(EN))
    first = 0 if 0 in numbers else 1
    (tmp_path / "b.jsonl").write_text(
        jsonl([{"custom_id": f"request-{i}", "response": {**REPLY, "id": i}} for i in numbers])
    )
    benchmark = Benchmark.from_lines(tmp_path / "r.en", lang="en")
    if expected.startswith("from"):
        outputs = read_systems(benchmark, [tmp_path / "b.jsonl"], allow_missing=True)["translate-en"]["b"]
        assert outputs.missing == tuple(str(i + 1) for i in range(3) if i + first not in numbers)
        assert f"the ids 'request-{numbers[0]}', ... number the segments, {expected}" in caplog.text
        return
    with pytest.raises(EvalkitError, match=expected):
        read_systems(benchmark, [tmp_path / "b.jsonl"], allow_missing=True)


def test_logs_of_inspect_are_whole(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    samples = [
        {"id": i, "epoch": 1, "input": "attachment://a", "target": EN[0], "attachments": {"a": ZH[0], "b": OUT[0]},
         "output": {"completion": "attachment://b", "choices": [{"stop_reason": "max_tokens"}]}}
        for i in (1, 2)
    ]  # fmt: skip
    log = {"status": "success", "eval": {"dataset": {"sample_ids": [1, 2, 3]}}, "samples": samples}
    assert read(tmp_path, {"l.json": json.dumps(log)}) == [OUT[0]] * 2
    assert "the log has 2 of the 3 samples of its run" in caplog.text
    assert "2 outputs cut off by a limit, for example '1'" in caplog.text


def test_every_model_in_a_folder_of_results_is_scored(tmp_path: Path) -> None:
    log = jsonl([harness(i) for i in range(3)])
    for model in "ab":
        (tmp_path / model).mkdir()
        (tmp_path / model / "samples_t.jsonl").write_text(log)
    benchmark = load_benchmark(tmp_path, lang="zh-en")
    assert list(read_systems(benchmark, [tmp_path])["translate-en"]) == ["a", "b"]


def test_the_sources_beside_outputs_are_compared(tmp_path: Path) -> None:
    outputs = csv_text([{"source": z, "output": "x"} for z in reversed(ZH)])
    with pytest.raises(EvalkitError, match=r"o\.csv:2: the source of '1' in this file is not that of the benchmark"):
        read(tmp_path, {"b.csv": csv_text(SOURCES_AND_REFERENCES), "o.csv": outputs}, systems="o.csv")


def test_references_beside_outputs_may_be_others_but_not_those_of_another_segment(tmp_path: Path) -> None:
    beside = {"b.csv": csv_text(SOURCES_AND_REFERENCES)}
    outputs = [{"output": o, "reference": e} for o, e in zip(OUT, EN, strict=True)]
    assert read(tmp_path, {**beside, "o.csv": csv_text(outputs)}, systems="o.csv") == OUT
    others = [{**row, "reference": f"Another translation: {row['reference']}"} for row in outputs]
    assert read(tmp_path, {**beside, "o.csv": csv_text(others)}, systems="o.csv") == OUT
    with pytest.raises(EvalkitError, match=r"o\.csv:2: the reference of '1' in this file is that of another segment"):
        read(tmp_path, {**beside, "o.csv": csv_text(outputs[::-1])}, systems="o.csv")


def test_the_sources_of_a_log_are_compared_where_it_has_no_targets(tmp_path: Path) -> None:
    log = [{**harness(i), "target": None, "doc": {"source": ZH[i - 1]}} for i in range(3)]
    with pytest.raises(EvalkitError, match=r"l\.jsonl:1: the source of '1' in this file is not that of the benchmark"):
        read(tmp_path, {"b.csv": csv_text(SOURCES_AND_REFERENCES), "l.jsonl": jsonl(log)}, systems="l.jsonl")
    prompts = [{**harness(i), "target": None, "doc": {"source": f"Translate: {ZH[i]}"}} for i in range(3)]
    read(tmp_path, {"b.csv": csv_text(SOURCES_AND_REFERENCES), "l.jsonl": jsonl(prompts)}, systems="l.jsonl")


def test_columns_named_for_the_benchmark_need_not_be_in_the_outputs(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text(
        csv_text([{"key": i, "zh": z, "gold": e} for i, (z, e) in enumerate(zip(ZH, EN, strict=True))])
    )
    (tmp_path / "o.jsonl").write_text(jsonl([{"id": i, "output": text} for i, text in enumerate(OUT)]))
    (tmp_path / "l.jsonl").write_text(jsonl([harness(i) for i in range(3)]))
    fields = Fields.parse(["id=key", "source=zh", "references=gold"])
    benchmark = load_benchmark(tmp_path / "b.csv", lang="zh-en", fields=fields)
    systems = read_systems(benchmark, [tmp_path / "o.jsonl", tmp_path / "l.jsonl"], fields=fields)["translate-en"]
    assert [list(system.texts) for system in systems.values()] == [OUT, OUT]


def test_a_folder_with_a_dead_link_is_not_read_without_it(tmp_path: Path) -> None:
    (tmp_path / "systems").mkdir()
    (tmp_path / "systems" / "a.en").write_text(lines(OUT))
    (tmp_path / "systems" / "b.en").symlink_to(tmp_path / "nowhere")
    benchmark = Benchmark.from_dataset(SOURCES_AND_REFERENCES, lang="zh-en")
    with pytest.raises(EvalkitError, match=r"b\.en: no such file"):
        read_systems(benchmark, [tmp_path / "systems"])


def test_columns_by_number_although_the_first_row_has_such_a_number(tmp_path: Path) -> None:
    rows = "".join(f"{i}\t{z}\t{e}\n" for i, (z, e) in enumerate(zip(ZH, EN, strict=True), 1))
    (tmp_path / "b.tsv").write_text(rows)
    fields = Fields.parse(["id=1", "source=2", "references=3"])
    task = load_benchmark(tmp_path / "b.tsv", lang="zh-en", fields=fields).tasks[0]
    assert (task.ids[0], task.sources, [group[0] for group in task.references]) == ("1", tuple(ZH), EN)


BACKWARDS = list(reversed(list(enumerate(zip(ZH, EN, OUT, strict=True), 1))))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"b.csv": csv_text(SOURCES_AND_REFERENCES), "o.csv": csv_text([{"": i, "output": o} for i, (_, _, o) in BACKWARDS])},
         "o.csv: no ids, and the column '' numbers the records in another order"),
        ({"b.csv": csv_text(SOURCES_AND_REFERENCES),
          "o.jsonl": jsonl([{"line": i - 1, "output": o} for i, (_, _, o) in BACKWARDS])},
         "the column 'line' numbers the records in another order; .* with --field id=COLUMN"),
        ({"b.csv": csv_text([{"index": i, "source": z, "reference": e} for i, (z, e, _) in BACKWARDS]), "o.en": lines(OUT)},
         "outputs without ids, but the column 'index' of .*b.csv numbers the segments in another order"),
    ],
)  # fmt: skip
def test_columns_that_number_the_records_otherwise(tmp_path: Path, files: dict[str, str | bytes], message: str) -> None:
    with pytest.raises(EvalkitError, match=message):
        read(tmp_path, files, systems=[*files][1])


def test_an_index_in_order_and_other_numbers_are_no_ids(tmp_path: Path) -> None:
    outputs = [{"index": i, "tokens": 7 - i % 2, "output": text} for i, text in enumerate(OUT)]
    assert (
        read(tmp_path, {"b.csv": csv_text(SOURCES_AND_REFERENCES), "o.csv": csv_text(outputs)}, systems="o.csv") == OUT
    )


def test_columns_named_for_one_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(csv_text([{"key": i, "gold": e} for i, e in enumerate(EN)]))
    (tmp_path / "s.csv").write_text(csv_text([{"key": i, "zh": z, "part": "a"} for i, z in enumerate(ZH)]))
    fields = Fields.parse(["id=key", "references=gold", "source=zh", "article=part"])
    paths: dict[str, Any] = {"references": tmp_path / "r.csv", "source": tmp_path / "s.csv", "lang": "zh-en"}
    assert Benchmark.from_lines(**paths, fields=fields).tasks[0].articles == ("a", "a", "a")
    (tmp_path / "s.csv").write_text(csv_text([{"zh": z} for z in ZH]))
    with pytest.raises(EvalkitError, match=r"s\.csv:2: no field 'key' for id; the fields are zh"):
        Benchmark.from_lines(**paths, fields=fields)


def test_the_outputs_beside_their_sources_are_in_order(tmp_path: Path) -> None:
    rows = [{"index": i, "source": z, "reference": e, "output": o} for i, (z, e, o) in BACKWARDS]
    assert read(tmp_path, {"b.csv": csv_text(rows)}) == OUT[::-1]
    columns = [{key: row[key] for key in ("index", "source", "output")} for row in rows]
    assert read(tmp_path, {"b.csv": csv_text(rows), "o.csv": csv_text(columns)}, systems="o.csv") == OUT[::-1]


def test_files_in_different_orders(tmp_path: Path) -> None:
    (tmp_path / "s.zh").write_text(lines(ZH))
    (tmp_path / "o.en").write_text(lines(OUT))
    (tmp_path / "s.jsonl").write_text(jsonl([{"id": i, "source": z} for i, z in enumerate(ZH, 1)]))
    (tmp_path / "r.jsonl").write_text(jsonl([{"id": i, "reference": e} for i, (_, e, _) in BACKWARDS]))
    (tmp_path / "o.jsonl").write_text(jsonl([{"id": i, "output": o} for i, (_, _, o) in BACKWARDS]))
    with pytest.raises(EvalkitError, match=r"the column 'id' of .*r\.jsonl numbers the segments in another order"):
        Benchmark.from_lines(tmp_path / "r.jsonl", source=tmp_path / "s.zh", lang="zh-en")
    benchmark = Benchmark.from_lines(tmp_path / "r.jsonl", source=tmp_path / "s.jsonl", lang="zh-en")
    with pytest.raises(EvalkitError, match=r"r\.jsonl and .*s\.jsonl have the segments in different orders; give"):
        read_systems(benchmark, [tmp_path / "o.en"])
    assert list(read_systems(benchmark, [tmp_path / "o.jsonl"])["translate-en"]["o"].texts) == OUT[::-1]
    with pytest.raises(EvalkitError, match=r"o\.en: line i belongs to segment i, but .* in different orders"):
        benchmark.with_field("domain", tmp_path / "o.en")


MANY = [f"{kind} of {i}" for kind in ("Birds", "Songs", "Tales") for i in range(4)]
#: what a file of outputs without ids has beside the outputs, by the column and the text of segment i.
BESIDE: dict[str, Any] = {
    "input": lambda i: f"源文{i}",
    "target": lambda i: MANY[i],
    "gold": lambda i: f"{MANY[i]}!",
    "segment": lambda i: f"s{i}",
    "row": lambda i: i + 100,
    "number": lambda i: float(i),
}


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
@pytest.mark.parametrize("column", BESIDE)
def test_outputs_without_ids_beside_texts_of_the_segments_in_another_order(
    column: str, ending: str, tmp_path: Path
) -> None:
    rows = [{"id": f"s{i}", "source": f"源文{i}", "references": [e, f"{e}!"]} for i, e in enumerate(MANY)]
    benchmark = Benchmark.from_dataset(rows, lang="zh-en")
    made = [{column: BESIDE[column](i), "output": e} for i, e in enumerate(MANY)]
    path = tmp_path / f"o.{ending}"
    for records in (made, made[5:] + made[:5]):
        if ending == "jsonl":
            path.write_text(jsonl(records))
        else:
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(records), path)
        if records is made:
            assert list(read_systems(benchmark, [path])["translate-en"]["o"].texts) == MANY
        else:
            for limited in (benchmark, benchmark.first(3)):
                with pytest.raises(EvalkitError, match=rf"no ids, and the column '{column}' (has the|numbers the)"):
                    read_systems(limited, [path])


@pytest.mark.parametrize("shift", [0, 1, 6])
def test_texts_that_resemble_those_of_other_segments_are_told(
    shift: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sources = [f"第{i}年有{3 * i}只鸟飞过。" for i in range(100, 112)]
    english = [f"In year {i}, {3 * i} birds were seen by {who}." for i, who in enumerate(MANY, 100)]
    other = [f"By {who}, {3 * i} birds were observed in the year {i}" for i, who in enumerate(MANY, 100)]
    moved = {
        name: texts[shift:] + texts[:shift] for name, texts in (("s.zh", sources), ("o.en", other), ("r2.en", other))
    }
    for name, texts in {**moved, "r.en": english, "z.zh": sources, "d": ["a", "b", "c"] * 4}.items():
        (tmp_path / name).write_text(lines(texts))
    references = [tmp_path / "r.en", tmp_path / "r2.en"]
    benchmark = Benchmark.from_lines(references, source=tmp_path / "s.zh", lang="zh-en")
    read_systems(benchmark, [tmp_path / "o.en"])
    read_systems(Benchmark.from_lines(source=tmp_path / "z.zh", lang="zh-en"), [tmp_path / "o.en"])
    told = [message.partition(" sampled")[0] for message in caplog.messages if "than their own; are both" in message]
    whose = ["references (number 2 of each segment)", "the sources", "the outputs of o", "the outputs of o"]
    assert [message.rpartition(": ")[0].rpartition(": ")[2] for message in told] == (whose if shift else [])
    assert all(message.endswith(": 12 of 12") for message in told)
    caplog.clear()
    Benchmark.from_lines(tmp_path / "r.en", docids=tmp_path / "d", lang="en")
    assert "d: 3 articles in 12 blocks of lines; are both files" in caplog.text


def test_files_without_ids_that_have_texts_in_common(tmp_path: Path) -> None:
    texts = [f"源文{i}" for i in range(len(MANY))]
    rows = [{"source": z, "reference": e, "kind": e.split()[0]} for z, e in zip(texts, MANY, strict=True)]
    (tmp_path / "s.zh").write_text(lines(texts))
    for name, records in (("r", rows), ("shuffled", rows[3:] + rows[:3])):
        (tmp_path / f"{name}.jsonl").write_text(jsonl(records))
    r, shuffled = tmp_path / "r.jsonl", tmp_path / "shuffled.jsonl"
    assert Benchmark.from_lines(r, source=tmp_path / "s.zh", lang="zh-en").tasks[0].sources == tuple(texts)
    for references, source in (([shuffled], tmp_path / "s.zh"), ([r, shuffled], None), ([r], shuffled)):
        with pytest.raises(
            EvalkitError, match=r"has the text of another line of .*; sort the records of the two alike"
        ):
            Benchmark.from_lines(references, source=source, lang="zh-en")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_every_column_of_references_is_read_or_told(
    ending: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / f"b.{ending}"
    for column in ("reference2", "reference_b", "Ref-C", "reference_alt", "gold_reference", "ref_id", "preference"):
        rows = [{"source": row["source"], "reference": row["reference"], column: OUT[0]} for row in ROWS]
        if ending == "csv":
            path.write_text(csv_text(rows))
        else:
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
        caplog.clear()
        number = len(load_benchmark(path, lang="zh-en").tasks[0].references[0])
        assert number == (2 if column in ("reference2", "reference_b", "Ref-C") else 1)
        told = [message for message in caplog.messages if "columns that are not read" in message]
        assert bool(told) == (column in ("reference_alt", "gold_reference"))
        assert not told or f"name all with --field references=COLUMN,{column}" in told[0]


def test_translations_into_two_variants_of_a_language(tmp_path: Path) -> None:
    rows = [{"translation": {"zh_CN": row["source"], "zh_TW": "頭", "en_XX": row["reference"]}} for row in ROWS]
    (tmp_path / "b.jsonl").write_text(jsonl(rows))
    with pytest.raises(
        EvalkitError, match=r"several translations into zh: zh_CN, zh_TW\. Name one with --field source="
    ):
        load_benchmark(tmp_path / "b.jsonl", lang="zh-en")
    assert load_benchmark(tmp_path / "b.jsonl", lang="zh-TW-en").tasks[0].sources == ("頭",) * 3
    assert load_benchmark(tmp_path / "b.jsonl", lang="zh-CN:en").tasks[0].sources == tuple(ZH)
    fields = Fields.parse(["source=translation.zh_TW"])
    assert load_benchmark(tmp_path / "b.jsonl", lang="zh-en", fields=fields).tasks[0].sources == ("頭",) * 3


def test_a_file_without_ids_beside_files_whose_ids_are_in_different_orders(tmp_path: Path) -> None:
    names = ["a", "b", "c"]
    (tmp_path / "docs").write_text("d1\nd2\nd3\n")
    (tmp_path / "s.jsonl").write_text(jsonl([{"id": i, "source": z} for i, z in zip(names, ZH, strict=True)]))
    (tmp_path / "s.zh").write_text(lines(ZH))
    (tmp_path / "o.jsonl").write_text(jsonl([{"id": i, "output": o} for i, o in zip("cab", OUT, strict=True)]))
    rows = [{"id": i, "reference": e} for i, e in zip(names, EN, strict=True)]
    given = {"source": tmp_path / "s.jsonl", "docids": tmp_path / "docs", "lang": "zh-en"}
    for order in (rows[::-1], [rows[0] | {"id": "other"}, *rows[1:]]):
        (tmp_path / "r.jsonl").write_text(jsonl(order))
        with pytest.raises(EvalkitError, match=r"docs: no ids, but .* in different orders|no segment 'other'"):
            Benchmark.from_lines(tmp_path / "r.jsonl", **given)  # type: ignore[arg-type]
    (tmp_path / "r.jsonl").write_text(jsonl(rows))
    built = Benchmark.from_lines(tmp_path / "r.jsonl", **given)  # type: ignore[arg-type]
    assert built.tasks[0].sources == tuple(ZH)
    # The ids are those of the file that has some.
    (tmp_path / "r.en").write_text(lines(EN))
    built = Benchmark.from_lines(tmp_path / "r.en", source=tmp_path / "s.jsonl", lang="zh-en")
    outputs = read_systems(built, [tmp_path / "o.jsonl"])["translate-en"]["o"]
    assert list(outputs.texts) == [OUT[1], OUT[2], OUT[0]]


def test_scores_by_line_of_segments_in_another_order(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text("system,line,score\ns,1,5\ns,2,4\ns,3,3\n")
    for ids, more, problem in (
        (["2", "3", "1"], {}, "not have its segments in the order of their numbers"),
        (["c", "a", "b"], {"unordered": "r and s have the segments in different orders"}, "in different orders"),
    ):
        with pytest.raises(EvalkitError, match=rf"h\.csv:2: .* no id, but .*{problem}; give the scores the ids"):
            read_recorded_scores(tmp_path / "h.csv", ids, **more)
    with pytest.raises(EvalkitError, match="in the order of their numbers"):
        read_human_scores(tmp_path / "h.csv", ["2", "3", "1"], column="score", higher_is_better=True)
    (tmp_path / "n.csv").write_text("system,id,score\ns,11,5\ns,12,4\ns,13,3\n")
    with pytest.raises(EvalkitError, match=r"taken as the segments in order, but .* in different orders"):
        read_recorded_scores(
            tmp_path / "n.csv", ["c", "a", "b"], unordered="r and s have the segments in different orders"
        )
    assert read_recorded_scores(tmp_path / "n.csv", ["c", "a", "b"]) == {"s": {"c": 5.0, "a": 4.0, "b": 3.0}}
    assert read_recorded_scores(tmp_path / "h.csv", ["1", "2", "3"]) == {"s": {"1": 5.0, "2": 4.0, "3": 3.0}}


def sgm(kind: str, texts: list[str], target: str = "en") -> str:
    segments = "".join(f'<seg id="{i}">{text}</seg>\n' for i, text in enumerate(texts))
    return f'<{kind} setid="t" srclang="zh" trglang="{target}"><doc docid="d" sysid="s">\n{segments}</doc></{kind}>'


def test_a_file_that_says_what_it_is_cannot_be_something_else(tmp_path: Path) -> None:
    for name, text in (("s", sgm("srcset", EN)), ("r", sgm("refset", EN)), ("o", sgm("tstset", OUT, "de"))):
        (tmp_path / f"{name}.sgm").write_text(text)
    with pytest.raises(EvalkitError, match=r"s\.sgm: the file says that it holds the source, not the references"):
        Benchmark.from_lines(tmp_path / "s.sgm", lang="en")
    with pytest.raises(EvalkitError, match=r"r\.sgm: the file says that it holds the references, not the source"):
        Benchmark.from_lines(tmp_path / "r.sgm", source=tmp_path / "r.sgm", lang="en")
    benchmark = Benchmark.from_lines(tmp_path / "r.sgm", lang="zh-en")
    with pytest.raises(EvalkitError, match=r"o\.sgm: the target language is de in the file, but en in r\.sgm"):
        read_systems(benchmark, [tmp_path / "o.sgm"])
    (tmp_path / "f.csv").write_text("id,domain\n")
    with pytest.raises(EvalkitError, match=r"f\.csv: table, but a field is read from plain text"):
        benchmark.with_field("domain", tmp_path / "f.csv")
    (tmp_path / "f.txt").write_text("a\n" * len(benchmark.tasks[0]))
    with pytest.raises(EvalkitError, match=r"f\.txt: give the articles of the segments with --docids"):
        benchmark.with_field("article", tmp_path / "f.txt")


def test_numbers_are_written_plainly(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text("system,id,esa\na,1,8_0\n")
    with pytest.raises(EvalkitError, match=r"h\.csv:2: the score is '8_0', not a number"):
        read_human_scores(tmp_path / "h.csv", ["1"])


def test_a_glossary_that_is_used_the_wrong_way_round_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "g.csv.gz").write_bytes(gzip.compress(f"source,accepted\n{EN[0]},{ZH[0]}\n".encode()))
    with_terms(Benchmark.from_dataset(SOURCES_AND_REFERENCES, lang="zh-en"), tmp_path / "g.csv.gz")
    assert "no term occurs in the sources of dataset; are the columns source and accepted swapped?" in caplog.text


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (EN, "identical to a reference"),
        ([""] * len(EN), "are empty"),
        ([f"so </think> {text}" for text in OUT], "hold the reasoning of a model"),
        ([*OUT[:-1], f"{OUT[-1]}</s>"], "hold special tokens of a model"),
        (["It’s ‘so’ – 1".encode().decode("cp1252", "ignore")] * len(EN), "read in another encoding"),
        ([*OUT[:-1], "NaN"], "the word for a missing value"),
        ([f"“{text}”" for text in OUT], "are in quotation marks"),
        ([f"{text}\\n" for text in OUT], "hold escape sequences"),
        ([text.upper() for text in OUT], "are in capital letters"),
        ([text.lower() for text in OUT], "have no capital letters"),
        ([f"{text}\ufffd" for text in OUT], "hold the replacement character"),
        ([text.replace("e", "e\u0301") for text in OUT], "hold separate accents"),
        (["這是國會", "他們來了", "這個學校"], "are in traditional characters"),
        ([f"{i}. {text}" for i, text in enumerate(OUT)], "begin with a number, a key or a list mark"),
        ([f"({i}) {text}" for i, text in enumerate(OUT)], "begin with a number, a key or a list mark"),
        ([f"H-{i}: {text}" for i, text in enumerate(OUT)], "begin with a number, a key or a list mark"),
        ([f"- {text}" for text in OUT], "begin with a number, a key or a list mark"),
        ([json.dumps(text) for text in OUT], "are in quotation marks"),
        ([repr(text) for text in OUT], "are in quotation marks"),
        ([f"{i} ||| {text} ||| -1.5" for i, text in enumerate(OUT)], "hold a separator of columns or references"),
        ([OUT[0], f"\ufeff{OUT[1]}", OUT[2]], "hold a byte-order mark"),
    ],
)  # fmt: skip
def test_suspicious_outputs_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, texts: list[str], message: str
) -> None:
    read(tmp_path, {"b.csv": csv_text(SOURCES_AND_REFERENCES), "o": lines(texts)}, systems="o")
    assert message in caplog.text


@pytest.mark.parametrize(
    ("form", "shared"),
    [
        ("Translation: {}", "begin with 'Translat'"),
        ("**{}**", "begin with '**'"),
        ("2024-01-01 12:00:0{i} INFO {}", "begin with '0-0-0 0:0:0 INFO'"),
        ("{i} {}", "begin with '0 '"),
        ("{},{i}", "end with ',0'"),
        ("{} [END]", "end with 'END]'"),
        ("line<br>break {}", "hold HTML tags"),
        ("line%20break {}", "hold escape sequences"),
        ("line\\nbreak {}", "hold escape sequences"),
        ("{}", ""),
    ],
)
def test_what_all_outputs_share_and_no_reference_has_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, form: str, shared: str
) -> None:
    words = "apple bread chair dance earth fruit".split()
    rows = [{"id": w, "source": "猫。", "reference": f"{w.title()} is what the {w} said {w}."} for w in words]
    rows = [{**r, "output": form.format(r["reference"].replace("what", "all"), i=i)} for i, r in enumerate(rows)]
    read(tmp_path, {"b.csv": csv_text(rows)})
    told = [record.message for record in caplog.records if "outputs of" in record.message]
    assert len(told) == bool(shared) and all(shared in message for message in told), told


def test_outputs_that_look_like_their_references_are_not_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [
        {**row, "reference": f"{i}. {row['reference']}", "output": f"{i}. {row['output']}"}
        for i, row in enumerate(ROWS)
    ]
    read(tmp_path, {"b.csv": csv_text(rows)})
    assert [record.message for record in caplog.records if "outputs of" in record.message] == []


def test_one_reference_of_several_in_another_language_is_refused(tmp_path: Path) -> None:
    for name, texts in (("r.en", EN), ("s.zh", ZH)):
        (tmp_path / name).write_text(lines(texts), encoding="utf-8")
    with pytest.raises(EvalkitError, match=r"s\.zh: the references \(number 2 of each segment\) are 100% Han"):
        Benchmark.from_lines([tmp_path / "r.en", tmp_path / "s.zh"], lang="en")


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff\u2060", "\u3000\u2800"])
def test_a_reference_that_nobody_sees_is_missing(tmp_path: Path, unseen: str) -> None:
    rows = [{**row, "reference": unseen if row["id"] == "2" else row["reference"]} for row in ROWS]
    (tmp_path / "b.csv").write_text(csv_text(rows), encoding="utf-8")
    (tmp_path / "r.en").write_text(lines([row["reference"] for row in rows]), encoding="utf-8")
    for benchmark in (
        load_benchmark(tmp_path / "b.csv", lang="zh-en"),
        Benchmark.from_lines([tmp_path / "r.en"], lang="en"),
    ):
        assert [len(group) for group in benchmark.tasks[0].references] == [1, 0, 1]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"jobs": 0}, "jobs is 0, not a whole number of at least 1"),
        ({"jobs": 1.5}, "jobs is 1.5; give a whole number"),
        ({"seed": -1}, "seed is -1, not a whole number of at least 0"),
        ({"seed": "a"}, "seed is 'a'; give a whole number"),
    ],
)
def test_numbers_in_python_are_checked_before_scoring(setting: dict[str, Any], message: str) -> None:
    benchmark = Benchmark.from_dataset(SOURCES_AND_REFERENCES, lang="zh-en")
    with pytest.raises(EvalkitError, match=message):
        evalkit.run(benchmark, {"mine": OUT}, metrics=["chrF"], **setting)
    results = evalkit.run(benchmark, {"mine": OUT}, metrics=["chrF"])
    for n in (0, -1, "x"):
        with pytest.raises(EvalkitError, match=r"n is .*whole number"):
            results.worst("mine", n=n)
    with pytest.raises(EvalkitError, match="the languages of zh-news are fixed"):
        evalkit.load_benchmark("zh-news", lang="en")


def test_names_of_columns_may_be_in_uppercase(tmp_path: Path) -> None:
    for change in (str.upper, str.title):
        rows = [{change(key): text for key, text in row.items()} for row in ROWS]
        assert read(tmp_path, {"b.csv": csv_text(rows)}) == OUT


def test_native_codes_of_a_translation_memory_are_no_text(tmp_path: Path) -> None:
    units = "".join(
        f'<tu><tuv xml:lang="zh"><seg>{z}</seg></tuv><tuv xml:lang="en"><seg><bpt i="1">&lt;b&gt;</bpt>Hello<ph/> you</seg>'
        "</tuv></tu>"
        for z in ZH
    )
    (tmp_path / "t.tmx").write_text(f'<tmx version="1.4"><header srclang="zh"/><body>{units}</body></tmx>')
    assert load_benchmark(tmp_path / "t.tmx", lang="zh-en").tasks[0].references[0] == ("Hello you",)


def test_judgments_of_another_language_are_left_out(tmp_path: Path) -> None:
    row = "a,{},{},TGT,zho,{},{},d,False,[],1.0,2.0\n"
    path = tmp_path / "esa.csv"
    path.write_text("".join(row.format(s, i, "eng", 50 + i) + row.format(s, i, "deu", 1) for s in "ab" for i in (0, 1)))
    assert read_human_scores(path, ["1", "2"], lang="en").scores["a"].tolist() == [50.0, 51.0]
    with pytest.raises(EvalkitError, match=r"the judged outputs are in deu, eng, but those of the run are in ja"):
        read_human_scores(path, ["1", "2"], lang="ja")


@pytest.mark.parametrize(
    ("hypotheses", "references", "message"),
    [
        (["a", "b"], pd.DataFrame({"r": ["a"], "s": ["b"]}), "a DataFrame; give one of its columns"),
        (pd.Series(["a", "b"], ["x", "y"]), pd.Series(["a", "b"], ["y", "x"]), "the index of references differs"),
        (["a", "b"], ["a", None], r"references\[1\]\[0\] is NoneType, not a text; leave out segments"),
        (["a", "b"], ["a", float("nan")], "is float, not a text"),
        (["a", "b"], [["a"], {"A": "b"}], "is dict, not a text"),
    ],
)  # fmt: skip
def test_python_says_what_to_give(hypotheses: Any, references: Any, message: str) -> None:
    with pytest.raises(EvalkitError, match=message):
        evalkit.score(hypotheses, references, lang="en")


def test_python_refuses_what_is_no_language_and_no_table(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(EvalkitError, match="lang is a list; give a text"):
        evalkit.score(["a"], ["a"], lang=["en"])  # type: ignore[arg-type]
    with pytest.raises(EvalkitError, match="dataset is a number; give rows"):
        Benchmark.from_dataset(5, lang="en")  # type: ignore[arg-type]
    with pytest.raises(EvalkitError, match="Name them with references=COLUMN or source=COLUMN"):
        Benchmark.from_dataset([{"a": "x"}], lang="en")
    with pytest.raises(EvalkitError, match=r"references\[0\] is a list; give a path"):
        Benchmark.from_lines([EN], lang="en")  # type: ignore[list-item]
    evalkit.score(ZH, EN, lang="en")
    assert "the hypotheses are" in caplog.text
    with pytest.raises(EvalkitError, match="a name of your own; did you mean summarize"):
        Benchmark.from_dataset(SOURCES_AND_REFERENCES, lang="en", task="summarise-en")
