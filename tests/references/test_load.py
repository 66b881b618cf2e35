from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.errors import BenchmarkError
from references.tools.load import AuthoringError, load_article, load_folder


def line_of(text: str, words: str) -> int:
    assert text.count(words) == 1, (words, text.count(words))
    return text[: text.index(words)].count("\n") + 1


def edit(folder: Path, was: str, now: str) -> Path:
    path = folder / "articles" / "village-library.yaml"
    text = path.read_text("utf-8")
    assert was in text
    path.write_bytes(text.replace(was, now, 1).encode())
    return path


def refusal(path: Path) -> AuthoringError:
    with pytest.raises(AuthoringError) as caught:
        load_article(path)
    assert isinstance(caught.value, BenchmarkError)
    assert str(caught.value) == f"{path}:{caught.value.line}: {caught.value.reason}"
    return caught.value


def test_what_is_written_is_what_is_read(folder: Path) -> None:
    (article,) = load_folder(folder)
    assert article.id == "village-library"
    assert (article.byline, article.date, article.date_inferred) == ("赵一凡", "2023-03-06", "year")
    assert [(b.id, b.kind, len(b.sentences)) for b in article.blocks] == [
        ("title", "title", 1),
        ("p01", "paragraph", 2),
        ("byline", "byline", 1),
    ]
    block = article.block("p01")
    assert block.text("zh") == "3月5日,清溪村图书馆开馆,藏书2000余册。“孩子们终于有书看了。”馆长李小萌说。"
    assert block.text("close").endswith(
        '2,000 books. "The children finally have books to read," said Li Xiaomeng, the director.'
    )
    assert [s.id for s in article.summaries] == [
        "zh/headline/1",
        *(f"zh/short/{i}" for i in (1, 2, 3)),
        *(f"zh/long/{i}" for i in (1, 2)),
        "en/headline/1",
        *(f"en/short/{i}" for i in (1, 2)),
        "en/long/1",
    ]
    assert article.facts[0].fact.forms["en"] == (("#date --03-05", "open*"),)
    assert article.terms[0].term.rejected == ("Clear Stream Village",)
    assert article.contrasts[1].breaks == ("term:李小萌",)
    assert article.repairs[1].was == "2000余\n册"


def test_every_part_has_its_line_number(folder: Path) -> None:
    path = folder / "articles" / "village-library.yaml"
    text = path.read_text("utf-8")
    article = load_article(path)
    assert article.facts[1].line == line_of(text, "- id: f02")
    assert article.block("p01").line == line_of(text, "- id: p01")
    assert article.contrasts[0].line == line_of(text, "- id: c01")
    assert article.repairs[0].line == line_of(text, "- kind: joined-headline")
    assert article.terms[1].line == line_of(text, "- zh: 李小萌")


def test_lines_take_no_part_in_equality(folder: Path) -> None:
    before = load_article(folder / "articles" / "village-library.yaml")
    after = load_article(edit(folder, "id: village", "# a remark\n\nid: village"))
    assert before == after
    assert before.blocks[0].line + 2 == after.blocks[0].line


@pytest.mark.parametrize(
    ("was", "now", "at", "reason"),
    [
        ("byline: 赵一凡\n", "author: 赵一凡\n", "author:", "the unknown key 'author'"),
        ("  kind: title\n", "  sort: title\n", "sort: title", "the unknown key 'sort'"),
        ("byline: 赵一凡\n", "", "id: village", "lacks the key 'byline'"),
        (
            "    news: |-\n      New library opens in village\n",
            "",
            "- zh: |-\n      村里来了新图书馆",
            "lacks the key 'news'",
        ),
        ("date_inferred: year", "date_inferred: year\ndate: '2024'", "date: '2024'", "the key 'date' twice"),
        ("byline: 赵一凡\n", "byline: 12\n", "byline: 12", "is a whole number ('12'), not a text; put it in quotes"),
        ("byline: 赵一凡\n", "byline:\n", "byline:\n", "is nothing, not a text"),
        ("byline: 赵一凡\n", "byline: [赵一凡]\n", "byline: [", "is a list, not a text"),
        (
            "byline: 赵一凡\n",
            "byline: !!python/name:os.system x\n",
            "byline: !!",
            "is tag:yaml.org,2002:python/name:os.system",
        ),
        ("byline: 赵一凡\n", "byline: no\n", "byline: no", "is true or false ('no'), not a text"),
        (
            "  tier: 1\n  blocks: [p01]\n  zh: |-\n    清溪村",
            "  tier: one\n  blocks: [p01]\n  zh: |-\n    清溪村",
            "tier: one",
            "is a text ('one'), not a whole number",
        ),
        ("  tier: 1\n", "  tier: 4\n", "tier: 4", "is 4; it may be 1, 2 or 3"),
        ("  kind: title\n", "  kind: headline\n", "kind: headline", "is 'headline'; it may be title, deck"),
        (
            "- id: p01\n  kind: paragraph\n",
            "- id: title\n  kind: paragraph\n",
            "- id: title\n  kind: paragraph",
            "the block 'title' is a duplicate (first seen on line",
        ),
        ("- id: f02", "- id: f01", "- id: f01\n  kind: quantity", "the fact 'f01' is a duplicate"),
        ("- zh: 李小萌", "- zh: 清溪村", "- zh: 清溪村\n  kind: person", "the term '清溪村' is a duplicate"),
        (
            "- id: v01",
            "- id: c01",
            "- id: c01\n  lang: en\n  base: news\n  block: p01\n  kind: number",
            "the contrast 'c01' is a duplicate",
        ),
        ("blocks:\n- id: title", "blocks:\n  id: title", "kind: title", "bad YAML"),
        ("repairs:\n", "repairs: {}\nrepairz:\n", "repairz:", "the unknown key 'repairz'"),
        ("raw:\n", "raw: []\nrax:\n", "rax:", "the unknown key 'rax'"),
        ("lines: [2, 5]", "lines: [5, 2]", "lines: [5", "give the first and the last line"),
        ("lines: [2, 5]", "lines: 2-5", "lines: 2-5", "is a text ('2-5'), not a list"),
        ("date: '2023-03-06'", "date: 6 March 2023", "date: 6 March", "write 2022-07-25"),
        (
            "id: village-library",
            "id: town-library",
            "id: town-library",
            "but the file is called 'village-library.yaml'",
        ),
        ("  accepted:\n  - Li Xiaomeng\n", "  accepted: []\n", "- zh: 李小萌", "accepted is empty"),
        (
            "    en:\n    - ['#date --03-05', open*]\n",
            "    en: []\n",
            "    zh:\n    - ['#date",
            "forms.en needs at least one group",
        ),
        ("  breaks: ['term:李小萌']\n", "", "- id: c02", "lacks the key 'breaks'"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(folder: Path, was: str, now: str, at: str, reason: str) -> None:
    path = edit(folder, was, now)
    error = refusal(path)
    assert reason in error.reason
    if reason != "bad YAML":
        assert error.line == line_of(path.read_text("utf-8"), at)


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"id: a\nbyline: \xe7\xc3\n", 2, "bad UTF-8 (byte 0xe7)"),
        (b"id: a\ndate: 'x\n", 3, "bad YAML"),
        (b"id: a\n\tb: c\n", 2, "bad YAML"),
        (b"", 1, "the file is empty"),
        (b"# nothing\n", 1, "the file is empty"),
        (b"- id: a\n", 1, "the article is a list, not a mapping"),
        (b"id: a\n---\nid: b\n", 2, "bad YAML"),
    ],
)
def test_a_file_that_is_no_article(tmp_path: Path, content: bytes, line: int, reason: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    error = refusal(path)
    assert reason in str(error)
    assert error.line == line


def test_a_byte_order_mark_and_windows_lines_are_accepted(folder: Path) -> None:
    path = folder / "articles" / "village-library.yaml"
    before = load_article(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_article(path) == before


def test_a_folder_without_articles(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="no article"):
        load_folder(tmp_path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").mkdir()
    assert "cannot be read" in refusal(tmp_path / "a.yaml").reason


def test_an_article_needs_no_raw_page(folder: Path) -> None:
    path = folder / "articles" / "village-library.yaml"
    text = path.read_text("utf-8")
    start, end = text.index("raw:\n"), text.index("byline:")
    repairs, blocks = text.index("repairs:\n"), text.index("blocks:\n- id")
    path.write_bytes((text[:start] + text[end:repairs] + text[blocks:]).encode())
    article = load_article(path)
    assert article.raw is None and article.repairs == ()


def test_the_bundled_articles_in_the_order_of_the_page(references: Path) -> None:
    assert [a.id for a in load_folder(references)] == ["alibaba-hometown", "shanghai-training", "youth-forum"]
