"""Every file format on small files: what is read, and what is refused with advice."""

from __future__ import annotations

import gzip
import json
import logging
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from formats_made import (
    EN,
    INSPECT,
    OUT,
    PROMPTFOO,
    ROWS,
    TMX,
    WMT,
    XLIFF,
    XLIFF2,
    ZH,
    csv_text,
    harness,
    jsonl,
    lines,
    sgm,
    tsv_text,
)

from evalkit.data.benchmark import Benchmark
from evalkit.data.columns import TextWriter
from evalkit.data.fields import Fields
from evalkit.data.formats import FORMATS, LOGS, columnar, open_table
from evalkit.data.loading import load_benchmark
from evalkit.data.outputs import read_systems
from evalkit.errors import InputError, SettingError


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


BENCHMARKS: dict[str, str | bytes] = {
    "b.jsonl": jsonl(ROWS),
    "lines.json": jsonl(ROWS),
    "b.json": json.dumps(ROWS, indent=1),
    "one-line.json": json.dumps(ROWS),
    "by-id.json": json.dumps({row["id"]: {k: v for k, v in row.items() if k != "id"} for row in ROWS}),
    "columns.json": json.dumps({key: [row[key] for row in ROWS] for key in ROWS[0]}),
    "b.csv": csv_text(ROWS),
    "bom.csv": b"\xef\xbb\xbf" + csv_text(ROWS).encode(),
    "b.tsv": tsv_text(ROWS),
    "tabs.txt": tsv_text(ROWS),
    "b.jsonl.gz": gzip.compress(jsonl(ROWS).encode()),
    "log.jsonl": jsonl([harness(i) for i in range(3)]),
    "early.json": json.dumps([harness(i) for i in range(3)]),
    "nested.jsonl": jsonl([harness(i, filtered_resps=[[OUT[i]]]) for i in range(3)]),
    "inspect.json": json.dumps(INSPECT),
    "promptfoo.json": json.dumps(PROMPTFOO),
    "promptfoo.jsonl": jsonl(PROMPTFOO["results"]["results"]),  # type: ignore[index]
    "wmt.xml": WMT,
    "m.tmx": TMX,
    "x.xlf": XLIFF,
    "x2.xliff": XLIFF2,
}


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_format_is_a_benchmark(tmp_path: Path, name: str) -> None:
    bench = load_benchmark(write(tmp_path, name, BENCHMARKS[name]), lang="zh-en")
    task = bench.tasks[0]
    assert [refs[0] for refs in task.references] == EN
    assert list(task.sources or ()) == ZH
    if "output" in str(BENCHMARKS[name]) or "hyp" in str(BENCHMARKS[name]):
        assert bench.systems is not None
        outputs = read_systems(bench, [bench.systems])[task.name]
        assert list(next(iter(outputs.values())).texts) == OUT
        assert list(outputs) == (["a", "b"] if name.startswith("promptfoo") else list(outputs))


OUTPUTS: dict[str, str | bytes] = {
    **{name: text for name, text in BENCHMARKS.items() if name.startswith(("b.", "log", "early", "inspect", "bom"))},
    "lines.en": lines(OUT),
    "windows.en": lines(OUT).replace("\n", "\r\n"),
    "plain": lines(OUT).rstrip("\n"),
    "lines.en.gz": gzip.compress(lines(OUT).encode()),
    "texts.json": json.dumps(OUT),
    "map.json": json.dumps({row["id"]: row["output"] for row in ROWS}),
    "quoted.tsv": tsv_text([{"id": r["id"], "output": r["output"].replace('"', '""')} for r in ROWS], quote='"'),
    "batch.jsonl": jsonl(
        [
            {
                "custom_id": str(i + 1),
                "response": {"status_code": 200, "body": {"choices": [{"message": {"content": OUT[i]}}]}},
            }
            for i in (2, 0, 1)
        ]
    ),
    "responses.jsonl": jsonl(
        [
            {
                "custom_id": str(i + 1),
                "response": {
                    "status_code": 200,
                    "body": {
                        "output": [
                            {"type": "reasoning"},
                            {"type": "message", "content": [{"type": "output_text", "text": OUT[i]}]},
                        ]
                    },
                },
            }
            for i in range(3)
        ]
    ),
    "mt.csv": csv_text([{"src": r["source"], "mt": r["output"], "ref": r["reference"]} for r in ROWS]),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_every_format_is_an_output(tmp_path: Path, name: str) -> None:
    rows = [{"id": row["id"], "source": row["source"], "references": [row["reference"]]} for row in ROWS]
    bench = Benchmark.from_dataset(rows, lang="zh-en")
    outputs = read_systems(bench, [write(tmp_path, name, OUTPUTS[name])])["translate-en"]
    assert {tuple(given.texts) for given in outputs.values()} == {tuple(OUT)}
    assert list(outputs) == [name.removesuffix(".gz").partition(".")[0]]


def test_several_systems_in_one_file(tmp_path: Path) -> None:
    bench = Benchmark.from_dataset([{"id": r["id"], "references": [r["reference"]]} for r in ROWS], lang="en")
    long = [
        {"id": r["id"], "system": name, "output": r[of]}
        for r in ROWS
        for name, of in (("A", "output"), ("B", "reference"))
    ]
    wide = [{"id": r["id"], "A": r["output"], "B": r["reference"]} for r in ROWS]
    for name, text in (("long.csv", csv_text(long)), ("wide.tsv", tsv_text(wide)), ("wide.jsonl", jsonl(wide))):
        outputs = read_systems(bench, [write(tmp_path, name, text)])["translate-en"]
        assert {system: list(given.texts) for system, given in outputs.items()} == {"A": OUT, "B": EN}
    one = write(tmp_path, "one.csv", csv_text([{"id": r["id"], "prediction": r["output"]} for r in ROWS]))
    with pytest.raises(InputError, match="--field output="):
        read_systems(bench, [one])
    named = read_systems(bench, [f"mine={one}"], fields=Fields.parse(["output=prediction"]))["translate-en"]
    assert list(named["mine"].texts) == OUT


def test_parquet_arrow_and_data_sets(tmp_path: Path) -> None:
    import datasets
    import pyarrow as pa
    import pyarrow.parquet

    odd = pa.table(
        {
            **{key: [row[key] for row in ROWS] for key in ROWS[0]},
            "wait": pa.array([2**62] * 3, pa.duration("s")),
            "day": pa.array([2**31 - 1] * 3, pa.date32()),
            "zone": pa.array([0] * 3, pa.timestamp("s", tz="Mars/Olympus")),
        }
    )
    pyarrow.parquet.write_table(odd, tmp_path / "odd.parquet")
    data = datasets.Dataset.from_list(ROWS)
    data.save_to_disk(str(tmp_path / "saved"))
    datasets.DatasetDict(test=data, train=data).save_to_disk(str(tmp_path / "splits"))
    translation = [{"translation": {"zh": r["source"], "en": r["reference"]}} for r in ROWS]
    pyarrow.parquet.write_table(pa.Table.from_pylist(translation), tmp_path / "translation.parquet")
    for name in ("odd.parquet", "saved", "splits/test", "translation.parquet"):
        task = load_benchmark(tmp_path / name, lang="zh-en").tasks[0]
        assert [refs[0] for refs in task.references] == EN and list(task.sources or ()) == ZH
    with pytest.raises(InputError, match=r"splits test, train; give one: .*splits/test"):
        load_benchmark(tmp_path / "splits", lang="zh-en")
    read_day = Fields.parse(["date=day"])
    with pytest.raises(InputError, match="the column 'day' of type date32"):
        load_benchmark(tmp_path / "odd.parquet", lang="zh-en", fields=read_day)


def test_a_columnar_file_without_texts_is_refused_at_its_first_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow as pa
    import pyarrow.feather
    import pyarrow.parquet

    n = 5000
    table = pa.table({"id": [str(i) for i in range(n)], "title": ["x"] * n, "number": range(n)})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    pyarrow.feather.write_feather(table, tmp_path / "a.arrow", compression="uncompressed")
    (tmp_path / "parts").mkdir()
    pyarrow.parquet.write_table(table, tmp_path / "parts" / "a.parquet")
    read: list[int] = []
    rows = columnar._rows

    def counted(batches: Any, name: str) -> Any:
        for row in rows(batches, name):
            read.append(row[0])
            yield row

    monkeypatch.setattr(columnar, "_rows", counted)
    for name in ("a.parquet", "a.arrow", "parts"):
        with pytest.raises(InputError, match="neither references nor sources; the columns are 'id', 'title'"):
            load_benchmark(tmp_path / name, lang="zh-en")
    assert read == [1, 1, 1]
    # The first row of a column of texts may be empty.
    texts = pa.table({"id": ["1", "2"], "reference": [None, "one"]})
    pyarrow.parquet.write_table(texts, tmp_path / "b.parquet")
    assert [tuple(refs) for refs in load_benchmark(tmp_path / "b.parquet", lang="en").tasks[0].references] == [
        (),
        ("one",),
    ]


def test_a_small_parquet_file_that_holds_gigabytes_is_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet

    text = pa.array(["x" * 4_000_000])
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), text)
    ids = pa.array([str(i) for i in range(1000)])
    pyarrow.parquet.write_table(pa.table({"id": ids, "output": column}), tmp_path / "b.parquet", compression="zstd")
    assert (tmp_path / "b.parquet").stat().st_size < 1_000_000
    bench = Benchmark.from_dataset([{"id": str(i), "references": ["x"]} for i in range(1000)], lang="en")
    with pytest.raises(InputError, match="the column 'output' has 4,000,000,000 bytes"):
        read_systems(bench, [tmp_path / "b.parquet"])


def test_hub_data_sets_are_loaded_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets
    import huggingface_hub

    asked: list[tuple[Any, ...]] = []

    def load(name: str, config: str | None, split: str | None) -> Any:
        asked.append((name, config, split))
        data = datasets.Dataset.from_list([{"translation": {"zh": r["source"], "en": r["reference"]}} for r in ROWS])
        return data if split else datasets.DatasetDict(test=data, train=data)

    monkeypatch.setattr(datasets, "load_dataset", load)
    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", lambda self, name, timeout: None)
    task = load_benchmark("hf:wmt/wmt19:zh-en[validation]", lang="zh-en").tasks[0]
    assert asked == [("wmt/wmt19", "zh-en", "validation")] and list(task.sources or ()) == ZH
    with pytest.raises(SettingError, match=r"the splits are test, train; name one: hf:a/b\[test\]"):
        load_benchmark("hf:a/b", lang="zh-en")


def test_a_hub_that_cannot_be_reached_is_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import datasets
    import huggingface_hub

    offline = "HF_HUB_OFFLINE" if hasattr(datasets.config, "HF_HUB_OFFLINE") else "HF_DATASETS_OFFLINE"
    asked: list[str] = []

    def refuse(self: Any, name: str, timeout: float) -> None:
        asked.append(name)
        raise OSError("connection refused")

    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", refuse)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    logging.getLogger("huggingface_hub").addHandler(caplog.handler)
    began = time.monotonic()
    try:
        with pytest.raises(
            InputError, match=r"the hub cannot be reached \(connection refused\), and the data set is not in"
        ):
            load_benchmark("hf:some/name", lang="zh-en")
    finally:
        logging.getLogger("huggingface_hub").removeHandler(caplog.handler)
    assert asked == ["some/name"] and not caplog.records and time.monotonic() - began < 10
    assert not getattr(datasets.config, offline)


def test_files_by_role_correspond_by_id_or_by_line(tmp_path: Path) -> None:
    write(tmp_path, "src.sgm", sgm("srcset", ZH))
    write(tmp_path, "ref.sgm", sgm("refset", [f"{text} & more" for text in EN], sysid="ref"))
    write(tmp_path, "out.sgm", sgm("tstset", [f"{text} &amp; more" for text in OUT], sysid="mine"))
    bench = Benchmark.from_lines([tmp_path / "ref.sgm"], source=tmp_path / "src.sgm")
    task = bench.tasks[0]
    assert (task.name, task.ids[0], task.articles) == ("translate-en", "d#1", ("d",) * 3)
    assert task.references[0] == (f"{EN[0]} & more",)
    assert read_systems(bench, [tmp_path / "out.sgm"])[task.name]["out"].texts[0] == f"{OUT[0]} & more"
    write(tmp_path, "ref.jsonl", jsonl([{"id": r["id"], "reference": r["reference"]} for r in reversed(ROWS)]))
    write(tmp_path, "src.jsonl", jsonl([{"id": r["id"], "source": r["source"]} for r in ROWS]))
    task = Benchmark.from_lines([tmp_path / "ref.jsonl"], source=tmp_path / "src.jsonl", lang="zh-en").tasks[0]
    assert task.ids == ("3", "2", "1") and list(task.sources or ()) == ZH[::-1]
    write(tmp_path, "src.jsonl", jsonl([{"id": r["id"] + "x", "source": r["source"]} for r in ROWS]))
    with pytest.raises(InputError, match="no segment '3', which"):
        Benchmark.from_lines([tmp_path / "ref.jsonl"], source=tmp_path / "src.jsonl", lang="zh-en")


def test_missing_references_are_missing_and_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    a, b = write(tmp_path, "a.en", "one\n\nthree\n"), write(tmp_path, "b.en", "ONE\nTWO\n \n")
    task = Benchmark.from_lines([a, b], lang="en").tasks[0]
    assert list(task.references) == [("one", "ONE"), ("TWO",), ("three",)]
    assert "left out (1 time reference 1, 1 time reference 2), the first at" in caplog.text
    lone = Benchmark.from_lines([a], lang="en").tasks[0]
    assert list(lone.references) == [("one",), (), ("three",)]
    assert "1 of 3 segments have no reference, the first is '2'" in caplog.text
    rows = [{"id": "1", "references": ["x", None, ""]}, {"id": "2", "references": None}]
    assert list(Benchmark.from_dataset(rows, lang="en").tasks[0].references) == [("x",), ()]
    table = write(tmp_path, "r.csv", "id,source,reference,reference2\n1,a,x,y\n2,b,z,\n")
    assert list(load_benchmark(table, lang="en").tasks[0].references) == [("x", "y"), ("z",)]


def test_suspicious_texts_are_told_with_count_and_example(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    references = write(tmp_path, "r.en", lines([f"Sentence number {i}." if i % 10 == 0 else "TBD" for i in range(300)]))
    bench = Benchmark.from_lines([references], lang="en")
    assert "270 of 300 are the same text, 'TBD'" in caplog.text
    for name, text, told in (
        ("sp", "▁The ▁council ▁met .", "the subword mark ▁"),
        ("bpe", "The coun@@ cil met .", "the subword mark @@"),
        ("tok", "The council met .", "end in a space and a full stop"),
    ):
        read_systems(bench, [write(tmp_path, f"{name}.en", lines([f"{text}"] * 300))])
        assert told in caplog.text


def test_summaries_are_articles_of_their_own(tmp_path: Path) -> None:
    text = csv_text([{"id": str(i), "article": "x" * 300, "highlights": "A summary."} for i in range(2)])
    path = write(tmp_path, "cnn.csv", text)
    with pytest.raises(InputError, match=r"this is a text\. .* --field source=article"):
        load_benchmark(path, lang="en-en")
    fields = Fields.parse(["source=article", "references=highlights", "article=id"])
    assert load_benchmark(path, lang="en-en", fields=fields).tasks[0].articles == ("0", "1")
    task = load_benchmark(write(tmp_path, "b.jsonl", jsonl(ROWS)), lang="zh-en", task="summarize-en").tasks[0]
    assert (task.kind, task.articles) == ("summary", ("1", "2", "3"))
    with pytest.raises(SettingError, match="called summarize-en"):
        load_benchmark(tmp_path / "b.jsonl", lang="zh-en", task="summarize-zh")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", jsonl(ROWS), "ends in .csv, but the content is JSON"),
        ("x.jsonl", csv_text(ROWS), "ends in .jsonl, but the content is CSV"),
        ("x.parquet", "text\n", "ends in .parquet, but the content is text"),
        ("x.xml", "text\n", "ends in .xml, but the content is text"),
        ("x.en", "<?xml version='1.0'?><foo/>", "XML of a kind that evalkit does not read"),
        ("x.en", lines([f'<seg id="{i}">x</seg>' for i in range(3)]), "most lines begin with a tag"),
        ("x.en", lines([f"{a}\t{b}" for a, b in zip(ZH, EN, strict=True)]), "2 columns separated by tabs"),
        ("x.srt", "1\n00:00:01,000 --> 00:00:02,000\nHi\n", "cues are cut by time"),
        ("x.en", "1\n00:00:01,000 --> 00:00:02,000\nHi\n", "cues are cut by time"),
        ("x.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n", "cues are cut by time"),
        ("x.csv", "\ufeff", "the file is empty"),
        ("x.tsv", "\ufeff", "the file is empty"),
        ("x.csv", "\n", "no column names"),
        ("x.csv", "id;output\n1;x\n", "one column called id;output"),
        ("x.en", "a".encode("utf-16"), "this is UTF-16"),
        ("x.en", "a".encode("utf-32"), "this is UTF-32"),
        ("x.en", "ab".encode("utf-16-le"), "a NUL character"),
        ("x.en", ZH[0].encode("gb18030"), "iconv -f GB18030"),
        ("x.en.gz", "text\n", "not compressed"),
        ("x.en.gz", gzip.compress(b"text\n" * 100, mtime=0)[:-20], "damaged or cut short"),
        ("x.json", "[" * 100_000, "not valid JSON"),
        ("x.json", '{"a": 1}', "a JSON mapping gives a text or a record"),
        ("x.json", json.dumps({**INSPECT, "status": "cancelled"}), "ended with the status 'cancelled'"),
        ("x.xml", '<!DOCTYPE d [<!ENTITY a "x">]><dataset><doc id="1">&a;</doc></dataset>', "defines entities"),
        ("x.xml", "<dataset><doc id='1'>", "x.xml:1: not well-formed XML"),
        ("x.sgm", sgm("refset", EN).replace("</seg>", "", 1), "the <seg> has no end"),
        ("x.eval", b"PK\x03\x04", "not a readable log of inspect_ai"),
        ("x.pdf", b"%PDF-1.7", "this is a PDF file"),
        ("x.jsonl", jsonl([harness(0), {"id": 1}]), "not a sample of lm-evaluation-harness"),
        ("x.jsonl", jsonl([harness(0, filter="a"), harness(1, filter="b")]), "several filters (a and b)"),
    ],
)
def test_what_is_refused(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError) as raised:
        list(open_table(write(tmp_path, name, content)).rows)
    assert message in str(raised.value) and name in str(raised.value)


def test_a_tsv_has_no_quoting_unless_a_whole_column_has(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write(tmp_path, "x.tsv", 'id\ttext\n1\t"Yes," he said\n2\t"quoted ""so"""\n')
    assert [record["text"] for _, record in open_table(path).rows] == ['"Yes," he said', '"quoted ""so"""']
    assert "look quoted as in CSV" in caplog.text
    path = write(tmp_path, "y.tsv", '"id"\t"text"\n"1"\t"a ""b"""\n')
    assert [record for _, record in open_table(path).rows] == [{"id": "1", "text": 'a "b"'}]
    path = write(tmp_path, "z.tsv", "你好\tHello\n再见\tBye\n")
    by_number = open_table(path, Fields.parse(["references=2"]))
    assert [record["2"] for _, record in by_number.rows] == ["Hello", "Bye"]


def test_an_eval_archive_and_a_log_on_one_long_line(tmp_path: Path) -> None:
    samples = INSPECT["samples"]
    assert isinstance(samples, list)
    with zipfile.ZipFile(tmp_path / "x.eval", "w") as archive:
        archive.writestr("header.json", json.dumps({k: v for k, v in INSPECT.items() if k != "samples"}))
        for sample in reversed(samples):
            archive.writestr(f"samples/{sample['id']}_epoch_1.json", json.dumps(sample))
    assert [record["output"] for _, record in open_table(tmp_path / "x.eval").rows] == OUT
    long = {**INSPECT, "padding": "x" * 20_000_000}
    assert [r["output"] for _, r in open_table(write(tmp_path, "x.json", json.dumps(long))).rows] == OUT


def test_a_log_with_other_targets_is_refused_at_the_first_id(tmp_path: Path) -> None:
    bench = Benchmark.from_dataset([{"id": r["id"], "references": [r["reference"]]} for r in ROWS], lang="en")
    path = write(tmp_path, "m.jsonl", jsonl([harness(0), harness(1, target="Other."), harness(2, target="Other.")]))
    with pytest.raises(InputError, match=r"m.jsonl:2: the log's own target of '2' is 'Other\.'"):
        read_systems(bench, [path])
    subset = write(tmp_path, "s.jsonl", jsonl([harness(1), harness(0)]))
    with pytest.raises(InputError, match="--limit 2"):
        read_systems(bench, [subset])
    outputs = read_systems(bench.first(2), [subset])["translate-en"]["s"]
    assert list(outputs.texts) == OUT[:2]


def test_folders_are_sets_of_systems_or_results_of_the_harness(tmp_path: Path) -> None:
    write(tmp_path, "ref.en", lines(EN))
    bench = Benchmark.from_lines([tmp_path / "ref.en"], lang="en")
    for name in ("a.en", "b.en", "notes.md"):
        write(tmp_path, name, lines(OUT))
    assert list(read_systems(bench, [tmp_path])["translate-en"]) == ["a", "b"]
    results = tmp_path / "results" / "some__model"
    results.mkdir(parents=True)
    write(results, "samples_t_2024.jsonl", jsonl([harness(i) for i in range(3)]))
    write(results, "results_2024.json", "{}")
    for path in (results, results.parent):
        assert list(read_systems(bench, [path])["translate-en"]) == ["some__model"]


def test_large_columns_are_read_from_a_file_as_from_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    import evalkit.data.columns as columns

    texts = [f"text {i} 中文" * (i % 5) for i in range(1000)]
    order = [999, 3, 4, 5, -1, 0, *range(10, 500)]
    results = []
    for limit in (10**9, 1000):
        monkeypatch.setattr(columns, "SPILL_BYTES", limit)
        writer = TextWriter()
        for text in texts:
            writer.append(text)
        plain, ordered = writer.column(), writer.column(order)
        results.append([list(plain), plain[5], plain[-1], list(plain[10:20:3]), list(ordered), ordered[4]])
    assert results[0] == results[1] and results[0][0] == texts and results[0][5] == ""


def test_every_format_has_an_example_in_its_documentation() -> None:
    import sys

    readers: list[Callable[..., Any]] = [f.read for f in FORMATS] + [log.read for log in LOGS]
    modules = {sys.modules[getattr(reader, "func", reader).__module__] for reader in readers}
    assert all(module.__doc__ for module in modules)
    assert sum("::" in (module.__doc__ or "") for module in modules) >= len(modules) - 1
