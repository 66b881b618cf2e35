"""Ambiguous files: each is read as what it is, or refused with advice."""

from __future__ import annotations

import gzip
import json
import os
import struct
import threading
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from formats_made import EN, INSPECT, OUT, ROWS, TMX, XLIFF, ZH, csv_text, harness, jsonl, lines

import evalkit
from evalkit.cli.app import cli
from evalkit.data.benchmark import Benchmark
from evalkit.data.fields import Fields
from evalkit.data.formats import FORMATS
from evalkit.data.formats.human_judgements import SCORE_FORMATS
from evalkit.data.loading import load_benchmark
from evalkit.data.opening import Input, named_path, stem_of
from evalkit.data.outputs import collect, read_systems
from evalkit.errors import EvalkitError, InputError

PARALLEL = [{"translation": {"zh": z, "en": e}} for z, e in zip(ZH, EN, strict=True)]
LONG = [{**row, "system": name} for row in ROWS for name in ("a", "b")]


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def cli_run(*arguments: object) -> Any:
    fixed = ["run", "--no-save", "--no-cache", "--no-config", "--quiet", "-m", "chrF"]
    return CliRunner().invoke(cli, [*fixed, *map(str, arguments)])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("out.en", lines(OUT), "one text per segment, and neither sources nor outputs"),
        ("out.json", json.dumps(OUT), "one text per segment"),
        ("x.xlf", XLIFF, "the file has sources and references, but no outputs"),
        ("t.tmx", TMX, "the file has sources and references, but no outputs"),
        ("pairs.jsonl", jsonl(PARALLEL), "the file has sources and references, but no outputs"),
        ("one.csv", csv_text([{"source": r["source"], "reference": r["reference"], "gpt": r["output"]} for r in ROWS]),
         "--field output=COLUMN; unused are 'gpt'"),
        ("names.csv", csv_text([{f"my {key}": text for key, text in row.items()} for row in ROWS]),
         "the columns are 'my id', 'my source', 'my reference', 'my output'"),
        ("comma.tsv", csv_text(ROWS), "separate the columns by tabs"),
        ("long.jsonl", jsonl([*LONG[:-1], {**LONG[-1], "reference": "Another."}]), "differ from those at"),
        ("others.jsonl", jsonl([{"translation": {"de": "x", "fr": "y"}}]), "--field references=translation.de"),
    ],
)  # fmt: skip
def test_a_file_is_never_scored_against_itself(tmp_path: Path, name: str, content: str, message: str) -> None:
    result = cli_run("--lang", "zh-en", write(tmp_path, name, content))
    assert isinstance(result.exception, EvalkitError), result.output
    assert message in str(result.exception) and name in str(result.exception)


def test_a_table_without_known_columns_is_explained(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [{"src": r["source"], "target": r["reference"], "prediction": r["output"]} for r in ROWS]
    bench = load_benchmark(write(tmp_path, "t.csv", csv_text(rows)), lang="zh-en")
    assert "no references were found; columns without a known role are 'target', 'prediction'" in caplog.text
    read_systems(bench, [tmp_path / "t.csv"])
    assert "one column per system (target, prediction)" in caplog.text and "--field output=target" in caplog.text
    fields = Fields.parse(["references=target", "output=prediction"])
    named = load_benchmark(tmp_path / "t.csv", lang="zh-en", fields=fields)
    assert [refs[0] for refs in named.tasks[0].references] == EN


def test_a_log_in_a_pipe_is_enough(tmp_path: Path) -> None:
    log = jsonl([harness(i) for i in range(3)])
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_text, args=(log,))
    writer.start()
    result = cli_run("--lang", "zh-en", f"mine={fifo}")
    writer.join()
    assert result.exit_code == 0 and "mine" in result.output
    with pytest.raises(InputError, match="can be given once"):
        Benchmark.from_lines(["-"], lang="en")
    assert [stem_of(path) for path in ("-", "/dev/fd/63", "a.en.gz", "hf:a/b:c[d]")] == [
        "stdin", "pipe", "a", "a-b-c-d",
    ]  # fmt: skip


def test_results_of_the_harness_are_enough(tmp_path: Path) -> None:
    for model in ("m1", "m2"):
        (tmp_path / model).mkdir()
        write(tmp_path / model, "samples_t.jsonl", jsonl([harness(i) for i in range(3)]))
        write(tmp_path / model, "results_t.json", "{}")
    result = cli_run("--lang", "zh-en", tmp_path)
    assert result.exit_code == 0 and "m1" in result.output and "m2" in result.output
    bench = load_benchmark(tmp_path / "m1", lang="zh-en")
    assert bench.systems is not None
    assert list(read_systems(bench, [bench.systems])["translate-en"]) == ["m1"]


def test_epochs_of_inspect_are_samples(tmp_path: Path) -> None:
    samples: Any = INSPECT["samples"]
    log = {**INSPECT, "samples": [*samples, *({**sample, "epoch": 2} for sample in samples)]}
    path = write(tmp_path, "log.json", json.dumps(log))
    bench = load_benchmark(path, lang="zh-en")
    with pytest.raises(InputError, match="read with --samples"):
        read_systems(bench, [path])
    outputs = read_systems(bench, [path], samples=True)["translate-en"]["log"]
    assert outputs.samples == tuple((text, text) for text in OUT)


def test_one_reference_per_name_and_none_blank(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    first, second = write(tmp_path, "r.en", lines(EN)), write(tmp_path / "b", "r.en", lines(OUT))
    with pytest.raises(InputError, match=r"a reference called 'r\.en' was given already; write --reference NAME="):
        Benchmark.from_lines([first, second], lang="en")
    named = Benchmark.from_lines([first, f"B={second}"], lang="en").tasks[0]
    assert named.reference_names == ("r.en", "B")
    with pytest.raises(InputError, match=r"blank\.en: all references are blank"):
        Benchmark.from_lines([first, write(tmp_path, "blank.en", "\n" * 3)], lang="en")
    assert named_path(f"a/b={first}") == ("a/b", str(first))


@pytest.mark.parametrize(
    "script",
    [("市议会昨天批准了新的预算。", "sr"), ("市议会昨天批准了新的预算。", "zh-en"), ("The council met on Monday.", "sr-Cyrl")],
)  # fmt: skip
def test_short_texts_in_another_script_are_refused(script: tuple[str, str]) -> None:
    text, lang = script
    with pytest.raises(InputError, match=r"the references are 100% (Han|Latin), but"):
        evalkit.score([text], [[text]], metrics=["ROUGE-1"], lang=lang)


def test_python_takes_what_has_an_order() -> None:
    pandas = pytest.importorskip("pandas")
    bench = Benchmark.from_dataset([{"id": f"s{i}", "ref": text} for i, text in enumerate(EN)], lang="en")
    shuffled = pandas.Series(OUT[::-1], index=["s2", "s1", "s0"])
    given: dict[str, Any] = {
        "series": pandas.Series(OUT),
        "by id": shuffled,
        "array": np.array(OUT),
        "generator": iter(OUT),
    }
    for outputs in collect(bench, given)["translate-en"].values():
        assert list(outputs.texts) == OUT
    refused: list[Callable[[], object]] = [
        lambda: collect(bench, {"a": set(OUT)}),
        lambda: collect(bench, {"a": pandas.Series(OUT, index=[2, 0, 1])}),
        lambda: evalkit.score(set(OUT), EN, lang="en"),  # a set has no order
    ]
    for call in refused:
        with pytest.raises(InputError, match=r"in order|in (the )?benchmark('s)? order"):
            call()
    assert evalkit.score(OUT, [[text, None] for text in EN], lang="en") == evalkit.score(OUT, EN, lang="en")


def test_rows_in_python_have_the_columns_of_files() -> None:
    pandas = pytest.importorskip("pandas")
    for rows in (PARALLEL, [{"src": z, "reference": e} for z, e in zip(ZH, EN, strict=True)]):
        task = Benchmark.from_dataset(rows, lang="zh-en").tasks[0]
        assert list(task.references) == [(text,) for text in EN] and list(task.sources or ()) == ZH
    frame = pandas.DataFrame({"id": ["1", "2"], "a": ["one", "two"], "b": ["uno", None]})
    task = Benchmark.from_dataset(frame, lang="en", references=["a", "b"]).tasks[0]
    assert list(task.references) == [("one", "uno"), ("two",)]
    assert Benchmark.from_dataset(frame, lang="en", references="a", id=None).tasks[0].ids == ("1", "2")
    doubled = pandas.DataFrame({"id": ["1", "2"], "output": ["one", "two"], "hyp": ["uno", "dos"]})
    with pytest.raises(InputError, match="'output' and 'hyp' may both be the output"):
        evalkit.run(Benchmark.from_dataset(frame, lang="en", references="a"), {"mine": doubled}, metrics=["chrF"])
    with pytest.raises(InputError, match="is a mapping; give rows"):
        Benchmark.from_dataset({"id": ["1"], "ref": ["x"]}, lang="en")  # type: ignore[arg-type]


def test_an_archive_that_states_a_small_size_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "log.eval"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", json.dumps({"status": "success", "eval": {}}))
        archive.writestr("samples/1_epoch_1.json", b" " * 50_000_000)
    content = bytearray(path.read_bytes())
    # The size in the central directory: 24 bytes after the last entry's signature.
    struct.pack_into("<I", content, content.rfind(b"PK\x01\x02") + 24, 1000)
    path.write_bytes(content)
    tracemalloc.start()
    with pytest.raises(InputError, match="not a readable log of inspect_ai"):
        load_benchmark(path, lang="en")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_far_too_many_lines_are_not_all_read(tmp_path: Path) -> None:
    bench = Benchmark.from_dataset([{"id": "1", "ref": "x"}], lang="en")
    (tmp_path / "many.en.gz").write_bytes(gzip.compress(b"\n" * 30_000))
    with pytest.raises(InputError, match="more than 10,010 lines"):
        read_systems(bench, [tmp_path / "many.en.gz"])


def test_a_thousand_columns_are_not_all_systems(tmp_path: Path) -> None:
    header = ["id", "ref", *(f"c{i}" for i in range(2000))]
    path = write(tmp_path, "wide.csv", ",".join(header) + "\n" + ",".join("x" * len(header)) + "\n")
    with pytest.raises(
        InputError, match=r"wide\.csv:2: 2,000 columns without a known role; name the ones with outputs"
    ):
        read_systems(load_benchmark(path, lang="en"), [path])


@pytest.mark.parametrize(
    "text",
    ["\n" * 65_536, "<?x ?>" * 10_000, "\n<!-- -->" * 7_000, "<!DOCTYPE x[ ]" * 5_000, "1\n" * 30_000, " \t" * 30_000 + "<"],
)  # fmt: skip
def test_any_beginning_is_recognized_at_once(tmp_path: Path, text: str) -> None:
    start = time.process_time()
    for suffix in ("", ".csv", ".score"):
        file = Input(write(tmp_path, f"x{suffix}", text))
        for format_ in (*FORMATS, *SCORE_FORMATS):
            format_.sniff(file)
    assert time.process_time() - start < 2


@pytest.mark.parametrize("role", ["id", "source", "output"])
def test_a_named_column_is_never_replaced_by_another(tmp_path: Path, role: str) -> None:
    """A misspelled column is refused, although the file has one with the default name."""
    result = cli_run("--lang", "zh-en", "--field", f"{role}=clean_{role}", write(tmp_path, "b.csv", csv_text(ROWS)))
    assert f"no file has a field 'clean_{role}' for {role}" in str(result.exception)
    if role != "output":
        with pytest.raises(EvalkitError, match=f"no file has a field 'x' for {role}; correct or leave out {role}=x"):
            Benchmark.from_dataset(ROWS, lang="zh-en", **{role: "x"})
