"""User-defined glossaries: read strictly, and used instead of the benchmark's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from evalkit.data.benchmark import Benchmark
from evalkit.data.glossary import read_glossary, with_terms
from evalkit.data.loading import load_benchmark
from evalkit.engine.evaluate import run
from evalkit.errors import EvalkitError, InputError, SettingError
from evalkit.text.term_matching import Term

GOOD = """source,accepted,rejected,kind,article
孙利军,Sun Lijun,Sun Lijuan|Sun Liyun,person,
热土计划, Hometown Initiative | Homeland Plan |,,programme,storm
板栗,chestnut,,,storm
"""


def write(folder: Path, text: str | bytes, name: str = "terms.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def bench(articles: bool = True, sources: bool = True, lang: str = "zh-en") -> Benchmark:
    rows = [
        {"id": "1", "source": "孙利军卖板栗", "references": ["Sun Lijun sold chestnuts."], "article": "storm"},
        {"id": "2", "source": "下雨", "references": ["Rain."], "article": "sea"},
    ]
    for row in rows:
        for key in [*([] if articles else ["article"]), *([] if sources else ["source"])]:
            del row[key]
    return Benchmark.from_dataset(rows, lang=lang)


@pytest.mark.parametrize(
    ("name", "text"), [("t.csv", GOOD), ("t.TSV", GOOD.replace(",", "\t")), ("t.csv", "\ufeff" + GOOD)]
)
def test_reads_terms_by_article(tmp_path: Path, name: str, text: str) -> None:
    assert read_glossary(write(tmp_path, text, name)) == {
        "": (Term("孙利军", ("Sun Lijun",), ("Sun Lijuan", "Sun Liyun"), "person"),),
        "storm": (
            Term("热土计划", ("Hometown Initiative", "Homeland Plan"), (), "programme"),
            Term("板栗", ("chestnut",), (), "term"),
        ),
    }


def test_two_columns_will_do(tmp_path: Path) -> None:
    assert read_glossary(write(tmp_path, "source,accepted\n板栗,chestnut\n")) == {"": (Term("板栗", ("chestnut",)),)}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            "source,accepted,reject\n板栗,chestnut,\n",
            2,
            "unknown column 'reject'; the columns are source, accepted, rejected",
        ),
        ("source,rejected\n板栗,chestnut\n", 2, "no column 'accepted'"),
        ("source,accepted\n ,chestnut\n", 2, "no source form"),
        ("source,accepted\n板栗, | \n", 2, "'板栗' has no accepted form"),
        (
            "source,accepted\n板栗,chestnut; marron\n",
            2,
            "'chestnut; marron' could never be found: give one source form",
        ),
        ("source,accepted\n板栗|栗子,chestnut\n", 2, "'板栗|栗子' could never be found: give one source form per line"),
        ("source,accepted\n板栗,chestnut\n\n板栗,marron\n", 4, "first on line 2"),
        ("source,accepted,rejected\n板栗,chestnut|marron,marron\n", 2, "'marron' is both accepted and rejected"),
        ("source,accepted,kind\n板栗,chestnut,food\n", 2, "unknown kind 'food'; use person, place"),
        ("source,accepted\n板栗,…\n", 2, "the form '…' has no letter"),
        ("source,accepted\n板栗\n", 2, "1 field, but the header has 2"),
        ("source,source\n", 1, "duplicate column 'source'"),
        (b"source,accepted\n\xff,chestnut\n", 2, "not UTF-8"),
        ('source,accepted\n"板栗,chestnut\n', 2, "not valid CSV"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_line(tmp_path: Path, text: str | bytes, line: int, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=re.escape(f"{path}:{line}: ") + ".*" + re.escape(message)):
        read_glossary(path)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("t.csv", "source,accepted\n", "no term"),
        ("t.csv", "", "the file is empty"),
        ("t.txt", GOOD, r"a \.csv or \.tsv file"),
    ],
)
def test_files_without_a_glossary(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_glossary(write(tmp_path, text, name))
    with pytest.raises(InputError, match="no such file"):
        read_glossary(tmp_path / "none.csv")


def test_a_benchmark_with_terms_scores_them(tmp_path: Path) -> None:
    mine = with_terms(bench(), write(tmp_path, GOOD))
    assert mine.tasks[0].metrics == (*bench().tasks[0].metrics, "Terms")
    results = run(mine, {"a": ["Sun Lijun sold marrons.", "Rain."]}, metrics=["Terms"])
    assert results.scores(level="corpus")[0].score == pytest.approx(2 / 3)  # 1 of 2 terms, and a segment without
    assert mine.fingerprint() != bench().fingerprint()
    assert with_terms(bench(), [Term("板栗", ("chestnut",))]).tasks[0].terms == {"": (Term("板栗", ("chestnut",)),)}
    assert with_terms(mine, {"sea": [Term("雨", ("rain",))]}).tasks[0].terms == {"sea": (Term("雨", ("rain",)),)}


def test_the_bundled_benchmark_takes_a_glossary() -> None:
    mine = with_terms(load_benchmark(), [Term("板栗", ("chestnut",))])
    assert ["Terms" in task.metrics for task in mine.tasks] == [True, False, True]


def test_terms_that_do_not_fit(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    with pytest.raises(InputError, match=re.escape(f"{path}: no article 'storm'") + ".*have no article ids"):
        with_terms(bench(articles=False), path)
    with pytest.raises(InputError, match=r"no article 'x' in dataset; it has sea, storm"):
        with_terms(bench(), {"x": [Term("板栗", ("chestnut",))]})
    with pytest.raises(SettingError, match="no sources"):
        with_terms(bench(sources=False), [Term("板栗", ("chestnut",))])


@given(
    st.binary(max_size=60) | st.text(st.sampled_from("source,accepted\n板|\"'\t ab\x00"), max_size=60).map(str.encode)
)
def test_any_bytes_are_a_glossary_or_a_clear_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(data)
    try:
        found = read_glossary(path)
    except EvalkitError as error:
        assert str(path) in str(error)
    else:
        assert all(term.accepted for terms in found.values() for term in terms)


def test_the_command_line_takes_a_glossary(tmp_path: Path, cli) -> None:  # type: ignore[no-untyped-def]
    write(tmp_path, "source,accepted\n板栗,chestnut\n")
    (tmp_path / "s.zh").write_text("卖板栗\n下雨\n", encoding="utf-8")
    (tmp_path / "r.en").write_text("They sold chestnuts.\nRain.\n", encoding="utf-8")
    (tmp_path / "mine.txt").write_text("They sold marrons.\nRain.\n", encoding="utf-8")
    call = (
        "run",
        "-q",
        "--source",
        "s.zh",
        "--reference",
        "r.en",
        "--lang",
        "zh-en",
        "--terms",
        "terms.csv",
        "mine.txt",
    )
    done = cli(*call, "--format", "json", "--metric", "Terms", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert '"metric": "Terms", "score": 0.0' in done.stdout
    write(tmp_path, "source,accepted\n板栗,\n")
    done = cli(*call, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        "evalkit: terms.csv:2: '板栗' has no accepted form; give one, or several separated by |\n",
    )
