"""Large files read slice by slice give what small ones give held in memory."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import evalkit
from evalkit.data import lazy
from evalkit.data.benchmark import Benchmark
from evalkit.data.lazy import LazyColumn, Lines, ParquetRows
from evalkit.data.loading import load_benchmark
from evalkit.data.outputs import read_systems
from evalkit.data.records import read_lines
from evalkit.errors import BenchmarkError, InputError, OutputsError

N = 9000
ROWS = [
    {"id": f"s{i}", "article": f"d{i // 7}", "source": f"源{i}", "references": [f"ref {i}", f"réf {i}"]}
    for i in range(N)
]
OUTPUTS = [{"id": f"s{i}", "output": f"out {i} 😀" if i % 5 else ""} for i in range(N)]


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lazy, "LARGE", 0)


def jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@given(st.text(st.sampled_from("ab中😀\r\n\u2028\x85"), min_size=1, max_size=40), st.integers(1, 5), st.booleans())
def test_lines_are_those_of_the_whole_file(tmp_path_factory: Any, text: str, block: int, bom: bool) -> None:
    path = tmp_path_factory.mktemp("lines") / "a.txt"
    path.write_bytes(b"\xef\xbb\xbf" * bom + text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lazy, "_BLOCK", block)
        lines = Lines.scan(path)
    expected = read_lines(path)
    assert list(lines.column()) == expected
    rows = np.array([i for i in range(len(expected)) for _ in range(2)][::-1], np.int64)
    assert lines.read_at(rows) == [expected[i] for i in rows]


@pytest.mark.parametrize("block", [1, 3, 1000])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"one\ntw\xff\n", ":2: not UTF-8"),
        ("一\n二\n".encode()[:-2], ":2: the file ends in the middle"),
        (b"one\ntwo\n\xe4\xbd\n", ":3: not UTF-8"),
        (b"", "the file is empty"),
    ],
)
def test_wrong_bytes_are_found_wherever_a_block_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, data: bytes, message: str
) -> None:
    monkeypatch.setattr(lazy, "_BLOCK", block)
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(InputError, match=message):
        Lines.scan(tmp_path / "a.txt")


def test_a_column_is_a_sequence() -> None:
    column = LazyColumn(10, lambda a, b: list(range(a, b)))
    assert (column[3], column[-1], column[2:5], column[::4], column[8:99], column[5:2]) == (
        3, 9, [2, 3, 4], [0, 4, 8], [8, 9], []
    )  # fmt: skip
    assert list(column) == list(range(10))
    with pytest.raises(IndexError):
        column[10]


def test_jsonl_benchmarks_and_outputs(tmp_path: Path, everything_is_large: None) -> None:
    bench = jsonl(tmp_path / "bench.jsonl", ROWS)
    held = Benchmark.from_dataset(ROWS, lang="zh-en")
    large = load_benchmark(bench, lang="zh-en")
    assert isinstance(large.tasks[0].references, LazyColumn)
    assert large.fingerprint() == held.fingerprint()
    shuffled = [OUTPUTS[i] for i in np.random.default_rng(1).permutation(N)]
    found = read_systems(large, [jsonl(tmp_path / "sys.jsonl", shuffled)])["translate-en"]["sys"]
    assert list(found.texts) == [o["output"] for o in OUTPUTS]
    partial = jsonl(tmp_path / "part.jsonl", shuffled[1:])
    with pytest.raises(OutputsError, match="no output for the id"):
        read_systems(large, [partial])
    allowed = read_systems(large, [partial], allow_missing=True)["translate-en"]["part"]
    assert allowed.missing == (shuffled[0]["id"],)
    assert len(list(allowed.texts)) == N


def test_parquet_in_many_files(tmp_path: Path, everything_is_large: None) -> None:
    import pyarrow
    import pyarrow.parquet

    folder = tmp_path / "bench"
    folder.mkdir()
    for part, start in enumerate(range(0, N, 4000)):
        table = pyarrow.Table.from_pylist(ROWS[start : start + 4000])
        pyarrow.parquet.write_table(table, folder / f"{part}.parquet", row_group_size=900)
    large = Benchmark.from_records(folder, lang="zh-en")
    assert large.fingerprint() == Benchmark.from_dataset(ROWS, lang="zh-en").fingerprint()
    rows = ParquetRows(sorted(folder.iterdir()))
    order = np.random.default_rng(2).permutation(N)[:50]
    assert [r["id"] for r in rows.read_at(order)] == [f"s{i}" for i in order]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(OUTPUTS[::-1]), tmp_path / "sys.parquet", row_group_size=500)
    found = read_systems(large, [tmp_path / "sys.parquet"])["translate-en"]["sys"]
    assert list(found.texts) == [o["output"] for o in OUTPUTS]


def test_a_parquet_file_of_one_row_group_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow
    import pyarrow.parquet

    monkeypatch.setattr(lazy, "_PART", 64)
    monkeypatch.setattr(lazy, "_KEPT", 4)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), tmp_path / "a.parquet")
    rows = ParquetRows([tmp_path / "a.parquet"])
    passed: list[int] = []
    parts = ParquetRows._parts

    def counted(self: ParquetRows, place: int) -> Iterator[list[dict[str, Any]]]:
        for records in parts(self, place):
            passed.append(len(records))
            yield records

    monkeypatch.setattr(ParquetRows, "_parts", counted)
    for _ in range(2):  # two columns of the same rows
        for start in range(0, 640, 100):
            assert [r["id"] for r in rows.read(start, start + 100)] == [r["id"] for r in ROWS[start : start + 100]]
            assert rows.read(start, start + 100) == ROWS[start : start + 100]
        assert len(rows._kept) <= 4
    assert sum(passed) <= 2 * 704
    rows = pickle.loads(pickle.dumps(rows))
    assert rows.read(N - 1, N) == [ROWS[-1]]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS[:100]), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="the file changed while it was read"):
        rows.read(0, 128)
    (tmp_path / "a.parquet").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        ParquetRows.read(pickle.loads(pickle.dumps(rows)), 0, 1)


def test_lines(tmp_path: Path, everything_is_large: None) -> None:
    for name, texts in (("s", "源"), ("r", "ref"), ("o", "out")):
        (tmp_path / f"{name}.txt").write_text("".join(f"{texts} {i}\n" for i in range(N)), encoding="utf-8")
    (tmp_path / "d.txt").write_text("".join(f"doc{i // 9}\n" for i in range(N)))
    files = {"source": tmp_path / "s.txt", "docids": tmp_path / "d.txt", "lang": "zh-en"}
    large = Benchmark.from_lines([tmp_path / "r.txt"], **files)
    assert isinstance(large.tasks[0].sources, LazyColumn)
    results = evalkit.run(large, {"o": tmp_path / "o.txt"}, metrics=["chrF"])
    (tmp_path / "d.txt").write_text("doc\n")
    with pytest.raises(BenchmarkError, match=r"d\.txt: 1 lines"):
        Benchmark.from_lines([tmp_path / "r.txt"], **files)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lazy, "LARGE", 2**40)
        (tmp_path / "d.txt").write_text("".join(f"doc{i // 9}\n" for i in range(N)))
        held = Benchmark.from_lines([tmp_path / "r.txt"], **files)
        assert isinstance(held.tasks[0].sources, tuple)
        expected = evalkit.run(held, {"o": tmp_path / "o.txt"}, metrics=["chrF"])
    assert large.fingerprint() == held.fingerprint()
    np.testing.assert_array_equal(results.task().statistics["chrF"], expected.task().statistics["chrF"])


def test_a_stream_is_read_once_and_kept_aside() -> None:
    def stream() -> Iterator[dict[str, Any]]:
        yield from ROWS

    large = Benchmark.from_dataset(stream(), lang="zh-en")
    assert isinstance(large.tasks[0].references, LazyColumn)
    assert large.fingerprint() == Benchmark.from_dataset(ROWS, lang="zh-en").fingerprint()
    with pytest.raises(BenchmarkError, match="no segments"):
        Benchmark.from_dataset(iter(()), lang="zh-en")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "s3"}, r"8500: the id 's3' stands in an earlier record already"),
        ({"references": []}, r"8500 \(id 's8499'\): references is a list"),
        ({"source": None}, r"8500: no source"),
    ],
)
def test_wrong_records_of_a_large_file(
    tmp_path: Path, everything_is_large: None, change: dict[str, Any], message: str
) -> None:
    rows = [row | change if i == 8499 else row for i, row in enumerate(ROWS)]
    with pytest.raises(BenchmarkError, match=message):
        load_benchmark(jsonl(tmp_path / "b.jsonl", rows), lang="zh-en")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([*OUTPUTS, {"id": "s4", "output": "x"}], r":9001: the id 's4' stands twice, first at .*:5"),
        ([*OUTPUTS[:-1], {"id": "t", "output": "x"}], r":9000: unknown id 't'"),
        ([*OUTPUTS[:-1], {"id": "s8999", "output": None}], r":9000 \(id 's8999'\): the output is null"),
        ([*OUTPUTS[:-1], ["x"]], r":9000: not a mapping"),
    ],
)
def test_wrong_outputs_of_a_large_file(
    tmp_path: Path, everything_is_large: None, rows: list[Any], message: str
) -> None:
    bench = Benchmark.from_dataset(ROWS, lang="zh-en")
    with pytest.raises(InputError, match=message):
        read_systems(bench, [jsonl(tmp_path / "s.jsonl", rows)])
