"""User-defined key facts: JSONL or YAML, read strictly."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from evalkit.data.benchmark import Benchmark
from evalkit.data.facts_file import read_facts, with_facts
from evalkit.engine.evaluate import run
from evalkit.errors import EvalkitError, InputError, SettingError
from evalkit.text.facts import Fact

YAML = """# facts
- article: storm
  id: f1
  statement: 38 people died.
  forms:
    en:
    - ['#38', people|dead]
    - 38 deaths
  contradicts: {en: ['#83 + people/dead']}
  kind: quantity
  tier: 2
  blocks: [p1]

- {article: storm, id: 2, statement: {en: It was in May., zh: 在五月。}, forms: {en: [May], zh: [五月]}}
- {article: sea, id: f1, forms: {en: [[rain]]}}
"""
FACTS = {
    "storm": (
        Fact(
            "f1",
            2,
            {"en": "38 people died."},
            {"en": (("#38", "people|dead"), ("38 deaths",))},
            {"en": (("#83 + people/dead",),)},
            "quantity",
            ("p1",),
        ),
        Fact("2", 1, {"en": "It was in May.", "zh": "在五月。"}, {"en": (("May",),), "zh": (("五月",),)}),
    ),
    "sea": (Fact("f1", 1, {"en": "f1"}, {"en": (("rain",),)}),),
}


def write(folder: Path, text: str | bytes, name: str = "facts.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def bench() -> Benchmark:
    rows = [
        {"id": "storm/p1", "source": "死亡38人", "references": ["38 people died in May."], "article": "storm"},
        {"id": "sea/p1", "source": "下雨", "references": ["Rain."], "article": "sea"},
    ]
    return Benchmark.from_dataset(rows, lang="zh-en")


def test_yaml_and_jsonl_read_the_same(tmp_path: Path) -> None:
    import yaml

    assert read_facts(write(tmp_path, YAML)) == FACTS
    lines = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in yaml.safe_load(YAML))
    assert read_facts(write(tmp_path, lines, "facts.jsonl")) == FACTS


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("- 3\n", 1, "a number where a fact is expected"),
        ("facts: []\n", 1, "not a list"),
        ("- {article: a, id: f1, forms: {en: [x]}, teir: 2}\n", 1, "unknown key 'teir'"),
        ("\n- {id: f1, forms: {en: [x]}}\n", 2, "article is missing"),
        ("- {article: a, forms: {en: [x]}}\n", 1, "id is missing"),
        ("- {article: a, id: true, forms: {en: [x]}}\n", 1, "id is true or false"),
        ("- {article: a, id: f1}\n", 1, "(fact 'f1'): no forms"),
        ("- {article: a, id: f1, forms: [x]}\n", 1, "forms is a list"),
        ("- {article: a, id: f1, forms: {de: [x]}}\n", 1, "facts are not supported in 'de'; use zh or en"),
        ("- {article: a, id: f1, forms: {en: x}}\n", 1, "forms, en: a text; give a list of alternatives"),
        ("- {article: a, id: f1, forms: {en: []}}\n", 1, "forms, en: empty"),
        ("- {article: a, id: f1, forms: {en: [[]]}}\n", 1, "an alternative is a text or a list of texts, not []"),
        ("- {article: a, id: f1, forms: {en: [3]}}\n", 1, "not 3"),
        ("- {article: a, id: f1, forms: {en: ['#many']}}\n", 1, "'many' is not a quantity in normal form"),
        ("- {article: a, id: f1, forms: {en: ['a||b']}}\n", 1, "an empty variant"),
        ("- {article: a, id: f1, forms: {en: [x]}, tier: 4}\n", 1, "tier is 4; use 1 for central"),
        ("- {article: a, id: f1, forms: {en: [x]}, tier: true}\n", 1, "tier is True"),
        ("- {article: a, id: f1, forms: {en: [x]}, kind: claim}\n", 1, "unknown kind 'claim'"),
        ("- {article: a, id: f1, forms: {en: [x]}, blocks: p1}\n", 1, "blocks is a text"),
        ("- {article: a, id: f1, forms: {en: [x]}, statement: [x]}\n", 1, "statement is a list"),
        (
            "- {article: a, id: f1, forms: {en: [x]}}\n\n- {article: a, id: f1, forms: {en: [x]}}\n",
            3,
            "first on line 1",
        ),
        ("- {article: a, id: f1, forms: {en: [x]}, id: f2}\n", 1, "the key 'id' is given twice"),
        ("- {article: a, id: f1, forms: {en: [x], en: [y]}}\n", 1, "the key 'en' is given twice"),
        ("- article: a\n  id: [\n", 2, "bad YAML"),
        ("- &a [*a]\n", 1, "a list where a fact is expected"),
        (b"- {article: \xff}\n", 1, "not UTF-8"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_line(tmp_path: Path, text: str | bytes, line: int, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=re.escape(f"{path}:{line}") + ".*" + re.escape(message)):
        read_facts(path)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("f.yaml", "[]", "no fact"),
        ("f.yaml", "", "the file is empty"),
        ("f.yaml", "# nothing", "not a list"),
        ("f.jsonl", '{"article": "a"}\n', ":1: id is missing"),
        ("f.jsonl", "{\n", ":2: not valid JSON"),
        ("f.csv", "a,b\n", r"\.jsonl, \.yaml or \.yml"),
        ("f.yaml", "- !!python/object:os.system {}", "bad YAML"),
        ("f.yaml", "- 2022-02-31", "bad YAML"),
    ],
)
def test_files_without_facts(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_facts(write(tmp_path, text, name))


def test_a_benchmark_with_facts_scores_them(tmp_path: Path) -> None:
    mine = with_facts(bench(), write(tmp_path, YAML))
    assert mine.tasks[0].metrics == (*bench().tasks[0].metrics, "KeyFacts")
    # storm: f1 (2 carried), May (no 五月 in the source); sea: rain (3 missing)
    results = run(mine, {"a": ["38 people died.", "Snow."]}, metrics=["KeyFacts"])
    assert results.scores(level="corpus")[0].score == pytest.approx(2 / 5)
    assert mine.fingerprint() != bench().fingerprint()


def test_ids_are_read_as_they_are_written(tmp_path: Path) -> None:
    path = write(
        tmp_path, "- {article: 010, id: 1_0, forms: {en: [x]}}\n- {article: 010, id: 12:30, forms: {en: [x]}}\n"
    )
    assert [[fact.id for fact in facts] for facts in (read_facts(path)["010"],)] == [["1_0", "12:30"]]


def test_facts_that_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no article 'lake' in dataset; it has sea, storm"):
        with_facts(bench(), {"lake": FACTS["sea"]})
    path = write(tmp_path, YAML.replace("[p1]", "[p9]"))
    with pytest.raises(
        InputError, match=re.escape(f"{path}: fact 'f1' of 'storm': no segment 'p9'; the article has storm/p1")
    ):
        with_facts(bench(), path)
    rows = [{"id": "1", "references": ["x"]}]
    with pytest.raises(SettingError, match="has no article ids"):
        with_facts(Benchmark.from_dataset(rows, lang="en"), FACTS)


@given(
    st.binary(max_size=60)
    | st.text(st.sampled_from("- article:id,forms{}[]en\n&*!|>'\"#\x00"), max_size=60).map(str.encode)
)
def test_any_bytes_are_facts_or_a_clear_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    for name in ("fuzz.yaml", "fuzz.jsonl"):
        path = tmp_path_factory.getbasetemp() / name
        path.write_bytes(data)
        try:
            read_facts(path)
        except EvalkitError as error:
            assert str(path) in str(error)
