"""Quantities in sentences: what is said, by reading, against what is extracted."""

from __future__ import annotations

import pytest

from evalkit.text.quantities import extract, parse_normal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4.2亿流量、11万乡村主播、400万人次帮扶", ["420000000", "110000", "4000000"]),
        ("12个省22个偏远县域", ["12", "22"]),
        ("近1000位", ["nearly 1000"]),
        ("销售额230万元", ["CNY 2300000"]),
        ("3000万元以上", ["at least CNY 30000000"]),
        ("4.5万余户", ["more than 45000"]),
        ("二〇二二年", ["date 2022"]),
        ("三分之一", ["1/3"]),
        ("一二三产业、第三产业、一号文件、一起、一定、百年大计、5G、G20、COVID-19", []),
    ],
)
def test_chinese(text: str, expected: list[str]) -> None:
    assert [str(q) for q in extract(text, "zh") if q.checkable] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("420 million", ["420000000"]),
        ("2.3 million yuan", ["CNY 2300000"]),
        ("more than 45,000 households", ["more than 45000"]),
        ("one hundred and five", ["105"]),
        ("two and a half million", ["2500000"]),
        ("May 17, 2021", ["date 2021-05-17"]),
        ("17 May 2021", ["date 2021-05-17"]),
        ("two-thirds", ["2/3"]),
        ("$3.5bn", ["USD 3500000000"]),
        ("COVID-19, Chapter 3, no one, G20, 5G", []),
    ],
)
def test_english(text: str, expected: list[str]) -> None:
    assert [str(q) for q in extract(text, "en") if q.checkable] == expected


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("420000000", "420000000"),
        ("CNY 2300000", "CNY 2300000"),
        ("20%", "20%"),
        ("38 t", "38 t"),
        ("22 year", "22 year"),
        ("date 2022-07-25", "date 2022-07-25"),
        (">20", "more than 20"),
        (">=300", "at least 300"),
        ("nearly 1000", "nearly 1000"),
        ("~100", "about 100"),
    ],
)
def test_normal_form_is_read_back(written: str, normal: str) -> None:
    quantity = parse_normal(written)
    assert str(quantity) == normal
    assert str(parse_normal(str(quantity))) == normal
