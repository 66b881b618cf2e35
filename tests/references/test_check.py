from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.data.articles import CONFIGS, read_table
from evalkit.errors import BenchmarkError
from references.tools.build import build
from references.tools.check import Report, check
from references.tools.load import load_folder
from references.tools.repairs import raw_lines, rebuild

BLOCK = "- id: p01\n  kind: par"


def edit(folder: Path, was: str, now: str) -> str:
    path = folder / "articles" / "village-library.yaml"
    text = path.read_text("utf-8")
    assert text.count(was) == 1, (was, text.count(was))
    text = text.replace(was, now)
    path.write_text(text, "utf-8", newline="\n")
    return text


def line_of(text: str, words: str) -> int:
    assert text.count(words) == 1, (words, text.count(words))
    return text[: text.index(words)].count("\n") + 1


def shown(report: Report) -> list[str]:
    return [f"{v.line}: {v.message}" for v in report.violations]


# -- what is bundled --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bundled_report(repository: Path) -> Report:
    return check(repository / "references")


def test_the_bundled_references_hold(bundled_report: Report) -> None:
    assert [str(v) for v in bundled_report.violations] == []


def test_the_bundled_references_are_as_rich_as_promised(references: Path, bundled_report: Report) -> None:
    articles = load_folder(references)
    report = bundled_report
    assert report.counts["articles"] == len(articles) == 3
    for name in ("facts", "terms", "quantities", "contrasts", "variants"):
        assert report.counts[name] == sum(len(getattr(a, name)) for a in articles)
    assert report.counts["blocks"] == len(read_table("segments"))
    assert report.counts["sentences"] == len(read_table("sentences"))
    first, *others = articles
    assert len(first.facts) >= 30 and all(len(a.facts) >= 12 for a in others)
    assert len(first.contrasts) >= 20 and all(len(a.contrasts) >= 12 for a in others)
    assert all(len(a.variants) >= len(a.contrasts) for a in articles)


def test_the_bundled_articles_follow_from_the_raw_page(references: Path) -> None:
    for article in load_folder(references):
        assert rebuild(article, raw_lines(article, references)) == [b.text("zh") for b in article.blocks]
        assert article.repairs


def test_supplied_words_are_marked(references: Path) -> None:
    supplied = {s["id"]: s["supplied"] for s in read_table("segments") if s["supplied"]}
    assert supplied == {"youth-forum/p02": ["联合国教科文组织"]}


# -- a fourth article -------------------------------------------------------------------------------------------------


def test_adding_an_article_is_one_file_and_one_command(everything: Path) -> None:
    """The guide's promise: write the file, build, and everything holds, for the three and for the new one."""
    before = check(everything)
    assert {v.path.name for v in before.violations} == {"README.md"}
    build(everything)
    after = check(everything)
    assert shown(after) == []
    assert after.counts["articles"] == 4
    for config in CONFIGS:
        ids = [row["id"] for row in read_table(config, everything)]
        assert any(id.startswith("village-library") for id in ids)
        assert ids[: len(read_table(config))] == [row["id"] for row in read_table(config)]


def test_the_guide_shows_keys_that_exist(folder: Path) -> None:
    """The YAML of the guide is read by the reader it describes, but for what it leaves out with dots."""
    import yaml

    guide = (Path(__file__).parents[2] / "docs" / "adding-an-article.md").read_text("utf-8")
    shown_keys = yaml.safe_load(guide.split("```yaml\n")[1].split("```")[0])
    raw = yaml.safe_load(guide.split("```yaml\n")[2].split("```")[0])
    complete = yaml.safe_load((folder / "articles" / "village-library.yaml").read_text("utf-8"))
    assert set(shown_keys) | set(raw) == set(complete)
    for part in ("blocks", "facts", "terms", "quantities", "contrasts"):
        known = {key for item in complete[part] for key in item}
        assert {key for item in shown_keys[part] for key in item} <= known, part


def test_the_small_article_holds(folder: Path) -> None:
    build(folder)
    report = check(folder)
    assert shown(report) == []
    assert report.counts == {
        "articles": 1,
        "blocks": 3,
        "sentences": 4,
        "references": 16,
        "summaries": 10,
        "facts": 2,
        "terms": 2,
        "quantities": 2,
        "contrasts": 2,
        "variants": 1,
    }


# -- what is wrong is found, with its line -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "now", "at", "message"),
    [
        # the raw page and the blocks
        ("lines: [2, 5]", "lines: [2, 50]", "raw:\n", "raw.lines ends at 50"),
        ("file: raw/village.txt", "file: raw/town.txt", "raw:\n", "No such file"),
        ("  was: 村里来了 新图书馆", "  was: 村里来了  新图书馆", "- kind: joined", "occurs 0 times in the raw lines"),
        (
            "      村里来了新图书馆\n",
            "      村里来了新图书馆。\n",
            "- id: title",
            "zh is not what the raw page and the repairs give",
        ),
        ("byline: 赵一凡\n", "byline: 赵二凡\n", "- id: byline", "byline says '赵二凡'"),
        # alignment
        (
            "      New library opens in village",
            "      New library  opens in village",
            "      村里",
            "stray white space",
        ),
        (
            "      New library opens in village",
            "      New 图书馆 opens in village",
            "      村里",
            "has '图' left untranslated",
        ),
        ('      "At last the children', "      At last the children", BLOCK, "a quotation that is not closed"),
        (
            "Li Xiaomeng, the library's director.\n- id",
            "Li Xiaomeng, the library’s director.\n- id",
            BLOCK,
            "write straight quotation marks",
        ),
        # summaries
        (
            "    headline: 清溪村图书馆开馆",
            "    headline: 清溪村图书馆在全村孩子们的盼望中终于正式开馆了",
            "    headline: 清溪",
            "has 23 characters; promised are 1 to 20",
        ),
        (
            "with more than 2,000 books opens",
            "with some 3,000 books opens",
            "    headline: New library with",
            "the text '3,000' (about 3000)",
        ),
        # terms
        (
            "the Qingxi Village Library opened, with",
            "the Clear Stream Village Library opened, with",
            BLOCK,
            "close has 'Clear Stream Village', a rejected form of 清溪村",
        ),
        (
            "said Li Xiaomeng, the director",
            "said Li Xiaoming, the director",
            BLOCK,
            "close has no accepted form of 李小萌",
        ),
        (
            "  - Li Xiaomeng\n  blocks: [p01]",
            "  - Li Xiaomeng\n  blocks: [title, p01]",
            "- zh: 李小萌",
            "blocks says title, p01; it occurs in p01",
        ),
        ("  - Clear Stream Village\n", "  - Qingxi\n", "- zh: 清溪村", "'Qingxi' is both accepted and rejected"),
        (
            "  - Clear Stream Village\n",
            "  - Clear; Stream; Village\n",
            "- zh: 清溪村",
            "'Clear; Stream; Village' is not even found in itself",
        ),
        # quantities
        (
            "opened on March 5 with more than 2,000 books.\n  - zh",
            "opened on March 5 with more than 200 books.\n  - zh",
            BLOCK,
            "news: quantity wrong-value",
        ),
        (
            "opened on March 5 with more than 2,000 books.\n  - zh",
            "opened on March 5 with nearly 2,000 books.\n  - zh",
            BLOCK,
            "news: quantity wrong-qualifier",
        ),
        (
            "  low: 2000\n  high: 2000\n",
            "  low: 20000\n  high: 20000\n",
            "  surface: 2000余册",
            "annotated as more than 20000, but found as more than 2000",
        ),
        (
            "  start: 16\n",
            "  start: 18\n",
            "  surface: 2000余册",
            "does not stand at character 18 of p01; it stands at 16",
        ),
        ("  kind: count\n", "  kind: number\n", "  surface: 2000余册", "is of the kind 'number'"),
        (
            "- block: p01\n  surface: 3月5日\n",
            "- block: p09\n  surface: 3月5日\n",
            "  surface: 3月5日",
            "there is no block 'p09'",
        ),
        # facts
        ("    - ['#>2000', book]", "    - ['#>2000', tome]", "- id: f02", "no form of en matches close of p01"),
        ("    - ['#>2000', book]", "    - ['#>2000', 'b|']", "- id: f02", "empty variant"),
        (
            "  blocks: [p01]\n  zh: |-\n    图书馆藏书",
            "  blocks: [title]\n  zh: |-\n    图书馆藏书",
            "- id: f02",
            "no form of zh matches zh of title",
        ),
        ("    图书馆藏书2000余册。", "    图书馆有很多书。", "- id: f02", "matches its own statement"),
        (
            ' opened on March 5 with a collection of more than 2,000 books. "At',
            ' opened with a collection of more than 2,000 books. "At',
            "opened with a collection of more",
            "does not carry the tier-1 fact f01",
        ),
        (
            "    - ['#>2000', book]\n",
            "    - ['#>2000', book]\n  contradicts:\n    en:\n    - [children]\n",
            "- id: f02",
            "matches close of the article itself",
        ),
        # contrasts and variants
        ("  was: 2,000 books\n", "  was: 2,001 books\n", "- id: c01", "'2,001 books' occurs 0 times in its base"),
        ("  was: Li Xiaomeng\n", "  was: e\n", "- id: c02", "'e' occurs"),
        ("  now: Wang Xiaomeng\n", "  now: Li Xiaomeng\n", "- id: c02", "was and now are the same"),
        (
            "  base: news\n  block: p01\n  kind: person",
            "  base: news\n  block: p09\n  kind: person",
            "- id: c02",
            "there is no base 'news' of block 'p09'",
        ),
        (
            "  base: news\n  block: p01\n  kind: person",
            "  base: summary/en/long/9\n  kind: person",
            "- id: c02",
            "there is no base 'summary/en/long/9'",
        ),
        (
            "  breaks: ['term:李小萌']",
            "  breaks: ['term:李大萌']",
            "- id: c02",
            "breaks 'term:李大萌', which the article does not have",
        ),
        (
            "  breaks: ['term:李小萌']",
            "  breaks: ['fact:f01']",
            "- id: c02",
            "breaks term:李小萌 too, which breaks does not name",
        ),
        (
            "  breaks: ['term:李小萌']",
            "  breaks: ['term:李小萌', 'fact:f01']",
            "- id: c02",
            "does not break fact:f01: the change leaves it whole",
        ),
        ("  breaks: ['term:李小萌']", "  breaks: ['unseen:term:李小萌']", "- id: c02", "write it without unseen:"),
        ("  breaks: ['term:李小萌']", "  breaks: []", "- id: c02", "breaks nothing; name the fact"),
        ("  now: 5 March\n", "  now: 6 March\n", "- id: v01", "variant v01 means no change, but breaks fact:f01"),
        ("  now: 5 March\n", "  now: 5 March at 8:30\n", "- id: v01", "variant v01 means no change, but breaks added"),
    ],
)
def test_a_broken_promise_is_named_with_its_line(folder: Path, was: str, now: str, at: str, message: str) -> None:
    text = edit(folder, was, now)
    found = shown(check(folder))
    hits = [line for line in found if message in line]
    assert hits, found
    first = text[: text.index(at)].count("\n") + 1
    # an item's line is the line of its first key, which may stand just above what the case points at
    assert any(abs(int(hit.split(":")[0]) - first) <= 1 for hit in hits), (first, hits)


@pytest.mark.parametrize("side", ["close", "news"])
def test_empty_fields_are_found(folder: Path, side: str) -> None:
    old = {"close": "A New Library Comes to the Village", "news": "New library opens in village"}[side]
    text = edit(folder, f"    {side}: |-\n      {old}\n", f"    {side}: ''\n")
    found = shown(check(folder))
    line = line_of(text, "  - zh: |-\n      村里")
    assert f"{line}: block title, sentence 1: {side} is empty" in found


def test_missing_summaries_are_found(folder: Path) -> None:
    path = folder / "articles" / "village-library.yaml"
    text = path.read_text("utf-8")
    start, end = text.index("summaries:\n"), text.index("facts:\n")
    path.write_text(text[:start] + text[end:], "utf-8", newline="\n")
    found = "\n".join(shown(check(folder)))
    assert "summaries.zh.long: 0 instead of 2" in found and "summaries.en.headline: 0 instead of 1" in found


def test_an_altered_raw_page_is_found(folder: Path) -> None:
    page = folder / "raw" / "village.txt"
    page.write_bytes(page.read_bytes() + b"\n")
    assert any("the raw page must stay byte for byte as it was" in line for line in shown(check(folder)))


def test_a_quantity_that_is_not_annotated_is_found(folder: Path) -> None:
    path = folder / "articles" / "village-library.yaml"
    text = path.read_text("utf-8")
    start, end = text.index("quantities:\n"), text.index("contrasts:\n")
    path.write_text(text[:start] + text[end:], "utf-8", newline="\n")
    found = "\n".join(shown(check(folder)))
    assert "the quantity '3月5日' (date --03-05) at 0 is not annotated" in found


def test_text_without_a_quantity_may_not_be_annotated_as_one(folder: Path) -> None:
    edit(
        folder,
        "contrasts:\n- id: c01",
        "not_quantities:\n- block: p01\n  surface: 2000余册\n  start: 16\n  why: a test\n\ncontrasts:\n- id: c01",
    )
    assert any("'2000余册' of p01 states no quantity, but is found" in line for line in shown(check(folder)))


def test_two_contrasts_with_the_same_text_are_found(folder: Path) -> None:
    edit(
        folder,
        "variants:\n",
        "- {id: c03, lang: en, base: news, block: p01, kind: person, breaks: ['term:李小萌'], truth: x,"
        " was: said Li X, now: said Wang X}\n\nvariants:\n",
    )
    assert any("contrast c03 gives the same text as contrast c02" in line for line in shown(check(folder)))


def test_every_wrong_file_is_reported_not_only_the_first(everything: Path) -> None:
    for name in ("village-library.yaml", "youth-forum.yaml"):
        path = everything / "articles" / name
        path.write_text(path.read_text("utf-8").replace("byline:", "author:", 1), "utf-8", newline="\n")
    report = check(everything)
    assert [v.path.name for v in report.violations] == ["village-library.yaml", "youth-forum.yaml"]
    assert str(
        report.violations[1]
    ) == f"{everything / 'articles' / 'youth-forum.yaml'}:{report.violations[1].line}: " + (
        report.violations[1].message
    )
    assert report.counts["articles"] == 2


def test_a_stale_build_is_found(folder: Path) -> None:
    build(folder)
    edit(folder, "New library opens in village", "Village gets new library")
    found = shown(check(folder))
    assert found == [
        f"1: the config {config} is not what the articles give; run python -m references.tools build"
        for config in ("articles", "segments", "sentences")
    ]


def test_a_folder_without_articles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="no article"):
        check(tmp_path)
