from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from evalkit.data import articles
from evalkit.data.articles import CONFIGS, bundled, load_articles, read_table
from evalkit.errors import BenchmarkError
from references.tools import build
from references.tools.build import COLUMNS, rows_of, version_of
from references.tools.load import load_folder


def versions(folder: Path) -> dict[str, str]:
    text = (folder / "README.md").read_text("utf-8")
    return dict(re.findall(r"- config_name: (\S+)\n  data_files: \S+\n  version: (\S+)", text))


def contents(folder: Path) -> dict[str, bytes]:
    files = [p for p in folder.rglob("*") if p.is_file()]
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}


def edit(folder: Path, was: str, now: str) -> None:
    path = folder / "articles" / "village-library.yaml"
    text = path.read_text("utf-8")
    assert text.count(was) == 1
    path.write_text(text.replace(was, now), "utf-8", newline="\n")


# -- what is committed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", CONFIGS)
def test_the_committed_tables_are_what_the_articles_give(references: Path, config: str) -> None:
    """Whoever edits an article and does not build again fails here."""
    authored = load_folder(references)
    rows = rows_of(config, authored)
    assert read_table(config) == rows, "run: python -m references.tools build"
    assert versions(references)[config] == version_of(config, rows), "run: python -m references.tools build"


def test_building_the_bundled_articles_again_changes_no_byte_of_the_card(references: Path, tmp_path: Path) -> None:
    copy = tmp_path / "references"
    shutil.copytree(references, copy)
    build(copy)
    assert (copy / "README.md").read_bytes() == (references / "README.md").read_bytes()


def test_the_card_says_what_every_column_holds(references: Path) -> None:
    card = (references / "README.md").read_text("utf-8")
    for config, columns in COLUMNS.items():
        section = card.split(f"### {config}\n")[1].split("\n### ")[0]
        described = dict(re.findall(r"^\| `(\w+)` \| `\S+` \| (\S.*) \|$", section, flags=re.MULTILINE))
        assert list(described) == list(columns), config


# -- building ---------------------------------------------------------------------------------------------------------


def test_building_twice_gives_the_same_bytes(folder: Path) -> None:
    written = build(folder)
    assert [p.name for p in written] == [*(f"{c}.parquet" for c in CONFIGS), "croissant.json", "README.md"]
    first = contents(folder)
    build(folder)
    assert contents(folder) == first
    assert not [name for name in first if name.endswith(".tmp")]


def test_what_is_built_is_what_is_authored(folder: Path) -> None:
    build(folder)
    (row,) = read_table("articles", folder)
    assert row["source"] == (
        "村里来了新图书馆\n\n3月5日,清溪村图书馆开馆,藏书2000余册。“孩子们终于有书看了。”馆长李小萌说。\n\n(赵一凡)"
    )
    assert row["translation_news"].split("\n\n")[0] == "New library opens in village"
    assert (len(row["summary_zh_short"]), len(row["summary_zh_long"]), len(row["summary_en_short"])) == (3, 2, 2)
    assert row["summary_zh_headline"] == "清溪村图书馆开馆"
    segments = read_table("segments", folder)
    assert [(s["id"], s["kind"], s["position"], len(s["en"])) for s in segments] == [
        ("village-library/title", "title", 0, 2),
        ("village-library/p01", "paragraph", 1, 2),
        ("village-library/byline", "byline", 2, 2),
    ]
    sentences = read_table("sentences", folder)
    assert [s["id"].removeprefix("village-library/") for s in sentences] == ["title/1", "p01/1", "p01/2", "byline/1"]
    assert "".join(s["zh"] for s in sentences if s["segment"].endswith("p01")) == segments[1]["zh"]
    assert [f["forms_en"] for f in read_table("facts", folder)] == [[["#date --03-05", "open*"]], [["#>2000", "book"]]]
    assert [(c["type"], c["breaks"]) for c in read_table("contrasts", folder)] == [
        ("contrast", ["fact:f02", "quantity:p01:16"]),
        ("contrast", ["term:李小萌"]),
        ("variant", []),
    ]
    changed = read_table("contrasts", folder)[0]
    assert changed["base_text"] == segments[1]["en"][1]
    assert changed["text"] == changed["base_text"].replace("2,000", "20,000")
    for config in CONFIGS:
        rows = read_table(config, folder)
        ids = [r["id"] for r in rows]
        assert len(ids) == len(set(ids)), config
        assert {r["made_by"] for r in rows} <= {"large language model"}
        assert all(list(row) == list(COLUMNS[config]) for row in rows)


def test_only_the_versions_of_changed_configs_change(folder: Path) -> None:
    build(folder)
    before = versions(folder)
    edit(folder, "New library opens in village", "Village gets new library")
    build(folder)
    after = versions(folder)
    changed = {c for c in CONFIGS if before[c] != after[c]}
    assert changed == {"articles", "segments", "sentences"}
    assert all(re.fullmatch(r"1\.0\.\d+", v) for v in after.values())


def test_a_remark_in_an_article_changes_nothing(folder: Path) -> None:
    build(folder)
    before = contents(folder)
    edit(folder, "id: village-library\n", "id: village-library\n# a remark\n")
    build(folder)
    after = contents(folder)
    del before["articles/village-library.yaml"], after["articles/village-library.yaml"]
    assert after == before


def test_prose_of_the_card_stays(folder: Path) -> None:
    build(folder)
    readme = folder / "README.md"
    text = readme.read_text("utf-8").replace("# References\n", "# My articles\n\nWritten by hand.\n")
    readme.write_text(text, "utf-8", newline="\n")
    edit(folder, "New library opens in village", "Village gets new library")
    build(folder)
    card = readme.read_text("utf-8")
    assert "# My articles\n\nWritten by hand.\n" in card
    assert card.count("configs:\n") == 1 and card.startswith("---\n")


def test_a_card_with_a_lost_end_mark_is_refused(folder: Path) -> None:
    build(folder)
    readme = folder / "README.md"
    readme.write_text(readme.read_text("utf-8").replace("<!-- end -->", ""), "utf-8", newline="\n")
    with pytest.raises(BenchmarkError, match="has no <!-- end -->"):
        build(folder)


def test_a_wrong_article_leaves_the_tables_as_they_are(folder: Path) -> None:
    build(folder)
    before = contents(folder)
    edit(folder, "byline: 赵一凡", "author: 赵一凡")
    with pytest.raises(BenchmarkError, match="unknown key"):
        build(folder)
    del before["articles/village-library.yaml"]
    after = contents(folder)
    del after["articles/village-library.yaml"]
    assert after == before


def test_a_failed_write_leaves_no_half_written_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(folder)
    before = contents(folder)

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(pq, "write_table", fail)
    with pytest.raises(OSError, match="disk full"):
        build(folder)
    assert contents(folder) == before


# -- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", CONFIGS)
def test_load_articles_gives_the_rows_without_a_cache(
    config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    table = load_articles(config)
    assert table.to_list() == read_table(config)
    assert table.column_names == list(COLUMNS[config])
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("config", CONFIGS)
def test_datasets_loads_every_config_from_the_folder(references: Path, tmp_path: Path, config: str) -> None:
    import datasets

    loaded = datasets.load_dataset(str(references), config, split="train", cache_dir=str(tmp_path))
    assert loaded.to_list() == read_table(config)
    assert str(loaded.version) == versions(references)[config]


def test_the_default_config_is_articles(references: Path, tmp_path: Path) -> None:
    import datasets

    loaded = datasets.load_dataset(str(references), split="train", cache_dir=str(tmp_path))
    assert loaded["id"][:] == ["alibaba-hometown", "shanghai-training", "youth-forum"]


def test_datasets_shows_new_rows_after_a_build(folder: Path, tmp_path: Path) -> None:
    """Without a new version it goes on showing the old ones."""
    import datasets

    def english() -> str:
        loaded = datasets.load_dataset(str(folder), "segments", split="train", cache_dir=str(tmp_path / "cache"))
        return str(loaded[0]["en"][1])

    build(folder)
    assert english() == "New library opens in village"
    edit(folder, "New library opens in village", "Village gets new library")
    build(folder)
    assert english() == "Village gets new library"


def test_a_config_without_rows_is_not_offered_to_datasets(folder: Path) -> None:
    import datasets

    path = folder / "articles" / "village-library.yaml"
    head, _, rest = path.read_text("utf-8").partition("quantities:\n")
    path.write_text(head + rest[rest.index("contrasts:") :], "utf-8", newline="\n")
    build(folder)
    assert read_table("quantities", folder) == []
    assert set(datasets.get_dataset_config_names(str(folder))) == set(CONFIGS) - {"quantities"}


def test_unknown_configs_and_missing_tables(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="no config 'segment'; there are articles, segments"):
        read_table("segment")
    with pytest.raises(BenchmarkError, match="no such table; build it with: python -m references"):
        read_table("segments", folder)
    (folder / "data").mkdir()
    (folder / "data" / "segments.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(BenchmarkError, match="not a readable Parquet file"):
        read_table("segments", folder)
    with pytest.raises(BenchmarkError, match="no-such-thing: not bundled"):
        bundled("no-such-thing")


def test_an_installed_package_is_asked_before_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "evalkit"
    (package / "data").mkdir(parents=True)
    (package / "_bundled" / "references").mkdir(parents=True)
    (tmp_path / "references").mkdir()
    monkeypatch.setattr(articles, "__file__", str(package / "data" / "articles.py"))
    assert bundled("references") == package / "_bundled" / "references"
    (package / "_bundled" / "references").rmdir()
    assert bundled("references") == tmp_path / "references"


# -- from anywhere, and for search engines ----------------------------------------------------------------------------


def test_the_card_loads_a_copy_from_anywhere_and_never_a_stale_cache(
    references: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bare name that is no folder here would be looked up on the hub, and then in the cache."""
    import datasets

    code = re.findall(r"```python\n(.*?)```", (references / "README.md").read_text("utf-8"), re.DOTALL)[0]
    load = datasets.load_dataset
    monkeypatch.setattr(datasets, "load_dataset", lambda *a, **k: load(*a, **k, cache_dir=str(tmp_path / "cache")))
    for place in ("one", "two"):
        shutil.copytree(references / "data", tmp_path / place / "references" / "data")
        shutil.copy(references / "README.md", tmp_path / place / "references")
        monkeypatch.chdir(tmp_path / place)
        names: dict[str, Any] = {}
        exec(code, names)
        assert names["segments"].to_list() == read_table("segments")
        assert names["articles"].to_list() == read_table("articles")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError):
        exec(code, {})


def test_croissant_describes_the_tables_as_they_are(references: Path) -> None:
    described = json.loads((references / "croissant.json").read_text("utf-8"))
    assert described["@type"] == "sc:Dataset" and described["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    needed = {"name", "description", "license", "creator", "datePublished", "version", "distribution", "recordSet"}
    assert needed <= described.keys() and all(described[name] for name in needed)
    terms = described["@context"]
    used = {key for item in [*described["distribution"], *described["recordSet"]] for key in item}
    used |= {key for records in described["recordSet"] for field in records["field"] for key in field}
    plain = {"name", "description", "contentUrl", "encodingFormat", "sha256", "@id", "@type"}  # schema.org's
    assert used - plain <= terms.keys()
    files = {file["@id"]: file for file in described["distribution"]}
    for file in files.values():
        content = (references / file["contentUrl"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest(), "run: python -m references.tools build"
        assert file["encodingFormat"] == "application/x-parquet"
    assert [records["@id"] for records in described["recordSet"]] == list(CONFIGS)
    types = {"string": "sc:Text", "int32": "sc:Integer", "double": "sc:Float", "bool": "sc:Boolean"}
    for records in described["recordSet"]:
        config, seen = records["@id"], {}
        assert records["description"] == f"Version {versions(references)[config]}."
        for field in records["field"]:
            source = field["source"]
            assert files[source["fileObject"]["@id"]]["contentUrl"] == f"data/{config}.parquet"
            assert field["@id"] == f"{config}/{field['name']}" and field["description"]
            seen[source["extract"]["column"]] = (field["dataType"], field.get("arrayShape", ""))
        schema = pq.read_schema(references / "data" / f"{config}.parquet")
        assert list(seen) == schema.names
        for name, (type_, shape) in seen.items():
            arrow = COLUMNS[config][name]
            assert (type_, shape.count("-1")) == (types[re.sub(r"list<|>", "", arrow)], arrow.count("list<"))
        assert records["key"]["@id"] == f"{config}/id" and "id" in seen


def test_croissant_is_read_by_its_own_library(references: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = mlcroissant.Dataset(str(references / "croissant.json"))
    for config in CONFIGS:
        assert len(list(dataset.records(config))) == len(read_table(config))
