"""Precision and recall of extraction on labeled sentences of public data, and strings that no one should write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, strategies as st

from evalkit.errors import InputError
from evalkit.text.quantities import Quantity, align, extract, parse_normal

LABELS = Path(__file__).with_name("quantity_labels.tsv")


class Sentence(NamedTuple):
    """Where a labeled sentence stands, and its labels: start, end, normal form."""

    folder: str
    file: str
    line: int
    lang: str
    half: str
    labels: list[tuple[int, int, str]]


def sentences() -> Iterator[Sentence]:
    for row in LABELS.read_text("utf-8").splitlines():
        if row.startswith("#"):
            continue
        folder, file, line, lang, half, labels = row.split("\t")
        spans = [label.split("=", 1) for label in labels.split("; ")] if labels else []
        places = [(*map(int, span.split(":")), normal) for span, normal in spans]
        yield Sentence(folder, file, int(line), lang, half, places)  # type: ignore[arg-type]


def agrees(q: Quantity, normal: str) -> bool:
    """Equal normal forms; a date may also name more than the label, which has what the words say by themselves."""
    if str(q) == normal:
        return True
    if q.kind != "date" or not normal.startswith("date "):
        return False
    label = parse_normal(normal)
    parts = ((label.year, q.year), (label.month, q.month), (label.day, q.day))
    return label.unit == q.unit and all(a is None or a == b for a, b in parts)


def test_the_labels_are_many_and_well_formed() -> None:
    read = list(sentences())
    assert len(read) >= 300
    assert len({s[:3] for s in read}) == len(read)
    for s in read:
        end = 0
        for start, stop, normal in s.labels:
            assert end <= start < stop
            end = stop
            parse_normal(normal)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_precision_and_recall_on_labelled_sentences(lang: str, shared_data: Path) -> None:
    files: dict[tuple[str, str], list[str]] = {}
    hits = found = labeled = 0
    for s in sentences():
        if s.lang != lang:
            continue
        key = (s.folder, s.file)
        lines = files.setdefault(key, (shared_data / s.folder / s.file).read_text("utf-8").split("\n"))
        got = [q for q in extract(lines[s.line - 1], lang) if q.checkable]
        found += len(got)
        labeled += len(s.labels)
        for start, end, normal in s.labels:
            hit = next((q for q in got if q.span[0] < end and start < q.span[1] and agrees(q, normal)), None)
            if hit is not None:
                got.remove(hit)
                hits += 1
    assert labeled > 300
    assert hits / found >= 0.98
    assert hits / labeled >= 0.97


# -- bad input --------------------------------------------------------------------------------------------------------

_PIECES = [
    *"0123456789.,%$￥一二三四五六七八九十百千万亿兆零〇两几数半余多个名元年月日号点时分周岁成折倍番第至",
    *"-—~：:/（）[] 今去前明后本上下翻约近超左右",
    *"one two twenty hundred thousand million half a and third of dozen dozens May March last this next year decade".split(
        " "
    ),
    *"century s th percent RMB yuan km m more than at least times fold twice both few several o'clock a.m. GMT B.C.".split(
        " "
    ),
    *"1990s '60s 2022 07 2022-07-25 分之 百分之 世纪 年代 个半 公元前 上世纪 成千上万 数以万计".split(" "),
    *(
        "\u200f",
        "\u202e",
        "\0",
        "\ufeff",
        "İ",
        "ß",
        "①",
        "²",
        "٣",
        "１２",
        "．",
        "％",
        "\U0001f605",
        "\n",
        "\t",
        "\u2028",
    ),
]


@given(st.lists(st.sampled_from(_PIECES), max_size=24), st.sampled_from([None, "2022", "2022-07-25"]))
def test_any_string_is_answered(pieces: list[str], date: str | None) -> None:
    for text in ("".join(pieces), " ".join(pieces)):
        sides = []
        for lang in ("zh", "en"):
            found = extract(text, lang, date)
            end = 0
            for q in found:
                assert end <= q.span[0] < q.span[1] <= len(text)
                assert q.surface == text[slice(*q.span)]
                assert q.low <= q.high
                end = q.span[1]
                try:
                    parse_normal(str(q))
                except InputError:  # no unit of the table, or a decade of a two-digit year
                    assert q.kind in ("date", "count", "measure")
            sides.append(found)
        align(*sides)


@given(st.text(max_size=60))
def test_any_unicode_is_answered(text: str) -> None:
    align(extract(text, "zh", "2022"), extract(text, "en", "2022"))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "piece",
    [
        *(
            "1",
            "1,",
            ",123",
            "1.",
            "一",
            "万",
            "亿",
            "1万",
            "1年",
            "1-",
            "first ",
            "one ",
            "hundred ",
            "one hundred and ",
        ),
        *(
            "half a ",
            "$",
            "$1 ",
            "May 1, ",
            "1至",
            " ",
            "\n",
            "twenty-",
            "12:",
            "1/",
            "百分之",
            "半",
            "1多",
            "a ",
            "三点",
        ),
        *(
            "成千上万",
            "20世纪",
            "tens of thousands of ",
            "数以",
            "1%",
            "more than ",
            ",12",
            "1km",
            "\u200f1",
            "17th-",
            "(",
        ),
        *(
            "1 Ab ",
            "1 Abcdef Road ",
            "two-as ",
            "“two a ",
            "70% or ",
            "7-9-",
            "age 3-",
            "1 or above ",
            "911 ",
            "on the 9th and ",
        ),
        *(
            "百分百",
            "双倍",
            "近3年",
            "1x2",
            "Covid- 1",
            "二月二",
            "21日两日",
            "(kg): 1 ",
            "increase of 1 times ",
            "the eighties ",
        ),
        *("5六", "4七百", "一00", "00一", "第1、", "1.,", "第一条第", "Articles 1, ", "1/5 ", "三斤二两", "三点四十"),
        *("year and a half ", "第", "[1,", "0", "9" * 10_000 + " ", "几", "到1", "至少", "at least "),
    ],
)
def test_long_strings_take_no_more_than_linear_work(lang: str, piece: str) -> None:
    """Quadratic work would take minutes here: the test is that it ends."""
    extract(piece * (60_000 // len(piece)), lang, "2022-07-25")


def test_numbers_of_ten_thousand_digits_are_no_quantities() -> None:
    for text in ("9" * 10_000, "9." + "9" * 10_000, "1,999" + ",999" * 3000, "一" * 10_000, "1" + "亿" * 10_000):
        assert extract(text, "zh") == []
    for text in ("9" * 10_000, "9." + "9" * 10_000, "$" + "9" * 10_000, "9" * 10_000 + " million", "1/" + "9" * 10_000):
        assert [q for q in extract(text, "en") if q.checkable] == []
