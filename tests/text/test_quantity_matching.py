"""Which quantities stand for each other, and what is said of those that do not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.text.quantities import align, extract, matches, parse_normal


def verdicts(zh: str, en: str, *, date: str | None = "2022-07-25", **options: bool) -> list[tuple[str, str]]:
    return [(p.verdict, p.severity) for p in align(extract(zh, "zh", date), extract(en, "en", date), **options)]


OK, ERROR, WARNING = "ok", "error", "warning"

SAME = [
    ("4.2亿流量", "420 million in traffic"),
    ("400万人次", "4 million person-times"),
    ("400万人次", "4 million people"),
    ("12个省22个县", "12 provinces and 22 counties"),
    ("230万元", "RMB 2.3 million"),
    ("5亩", "0.33 hectares"),
    ("10公里", "6.2 miles"),
    ("10斤", "5 kilograms"),
    ("120平方米", "1,292 square feet"),
    ("20摄氏度", "68 degrees Fahrenheit"),
    ("零下5摄氏度", "23 degrees Fahrenheit"),
    ("零下5摄氏度", "5 degrees below zero"),
    ("32.2摄氏度", "90 degrees"),
    ("7月25日", "July 25, 2022"),
    ("去年5月17日", "17 May 2021"),
    ("去年5月", "last May"),
    ("3到5天", "3 to 5 days"),
    ("下午3点", "3 p.m."),
    ("3点半", "3:30"),
    ("三分之一", "a third of"),
    ("八折", "20% off"),
    ("增长3倍", "quadrupled"),
    ("增长3倍", "increased threefold"),
    ("翻一番", "doubled"),
    ("三次", "three times"),
    ("20周年", "20th anniversary"),
    ("5岁", "aged 5"),
    ("两周", "14 days"),
    ("几十年", "decades"),
    ("数百人", "hundreds of people"),
    ("十余年", "more than a decade"),
    ("超过20人", "at least 20 people"),
    ("近1000人", "under 1,000 people"),
    ("3-1", "3-1"),
    ("500、600就很好", "500 or 600 yuan"),
    ("17世纪", "the 17th century"),
    ("500、600就很好", "500 yuan or 600 yuan"),
    ("60% 或65%", "60 or 65 percent"),
    ("至少1000亿以上的市场规模", "a market of at least 100 billion yuan"),
    ("百万册畅销书", "millions of bestsellers"),
    ("价值千万", "worth tens of millions"),
    ("4个学时", "four hours"),
    ("21日、22日两日", "on the 21st and 22nd"),
    ("9.11事件", "September 11"),
    ("近三年", "the last three years"),
    ("400万人次帮扶", "4 million times of help"),
]


@pytest.mark.parametrize(("zh", "en"), SAME)
def test_the_same_said_in_both_languages(zh: str, en: str) -> None:
    assert all(severity == OK for _, severity in verdicts(zh, en)), verdicts(zh, en)


WRONG = [
    ("4.2亿", "42 million", "wrong-value"),
    ("零下20度", "20 degrees", "wrong-value"),
    ("230万元", "2.3 million dollars", "wrong-unit"),
    ("38吨", "38 kilograms", "wrong-unit"),
    ("38吨", "38", "wrong-unit"),
    ("提高3个百分点", "up 3 percent", "wrong-unit"),
    ("22年", "22 months", "wrong-unit"),
    ("7月25日", "July 26", "wrong-value"),
    ("2021年", "2022", "wrong-value"),
    ("下午3点", "3 a.m.", "wrong-value"),
    ("超过20人", "less than 20 people", "wrong-qualifier"),
    ("近1000位", "more than 1,000 people", "wrong-qualifier"),
    ("300人以上", "at most 300 people", "wrong-qualifier"),
    ("5亩", "5 hectares", "wrong-unit"),
    ("10公里", "10 miles", "wrong-unit"),
]


@pytest.mark.parametrize(("zh", "en", "verdict"), WRONG)
def test_one_thing_wrong(zh: str, en: str, verdict: str) -> None:
    assert verdicts(zh, en) == [(verdict, ERROR)]


def test_provinces_and_counties_exchanged() -> None:
    assert verdicts("12个省22个县", "22 provinces and 12 counties") == [("wrong-value", ERROR)] * 2


def test_two_counts_of_one_noun_exchanged() -> None:
    zh = "覆盖4.5万余户农户，对接2100余户重点农户"
    assert verdicts(zh, "more than 45,000 households and more than 2,100 key households") == [("matched", OK)] * 2
    assert (
        verdicts(zh, "more than 2,100 households and more than 45,000 key households") == [("wrong-value", ERROR)] * 2
    )
    # a sum that grew is told in either order
    assert verdicts("从3%升至5%", "rose to 5% from 3%") == [("matched", OK)] * 2


def test_a_price_is_for_something() -> None:
    assert verdicts("3元/箱", "3 yuan a box") == [("matched", OK)]
    assert verdicts("每箱3元", "3 yuan") == [("matched", OK)]
    assert verdicts("3元/箱", "3 yuan per kilogram") == [("wrong-unit", ERROR)]


def test_a_year_that_the_source_cannot_mean() -> None:
    source, output = extract("7月23日", "zh"), extract("July 23, 2021", "en")
    assert [p.verdict for p in align(source, output)] == ["matched"]
    assert [p.verdict for p in align(source, output, date="2022-07-25")] == ["wrong-value"]
    assert [p.verdict for p in align(source, extract("July 23, 2022", "en"), date="2022-07-25")] == ["matched"]
    assert [p.verdict for p in align(source, output, extract("2021年", "zh"), date="2022-07-25")] == ["matched"]
    december = extract("12月23日", "zh")
    assert [p.verdict for p in align(december, extract("December 23, 2021", "en"), date="2022-07-25")] == ["matched"]


def test_missing_and_added_with_their_places() -> None:
    source, output = extract("38吨，1500户", "zh"), extract("1,500 households and 27 commissioners", "en")
    missing, matched, added = align(source, output)
    assert (missing.verdict, missing.source, missing.output) == ("missing", source[0], None)
    assert (matched.verdict, matched.source, matched.output) == ("matched", source[1], output[0])
    assert (added.verdict, added.source, added.output) == ("added", None, output[1])


def test_a_dropped_qualifier_is_a_warning_only() -> None:
    assert verdicts("近1000位", "1,000 designers") == [("wrong-qualifier", WARNING)]
    assert verdicts("1000位", "some 1,000 designers") == [("wrong-qualifier", WARNING)]


def test_a_small_count_in_words_may_be_left_out() -> None:
    assert verdicts("两国领导人", "the leaders") == [("missing", WARNING)]
    assert verdicts("领导人", "the two leaders") == [("added", WARNING)]
    assert verdicts("2位领导人", "the leaders") == [("missing", ERROR)]
    assert verdicts("两国领导人", "the leaders of the three countries") == [("wrong-value", ERROR)]


def test_unchecked_quantities_are_nobodys_fault() -> None:
    assert verdicts("一个、第三届、几名", "the fourth, several") == []
    assert verdicts("1个", "one") == []


def test_one_to_one_and_said_again() -> None:
    assert verdicts("5%和5%", "5% and 50%") == [("matched", OK), ("wrong-value", ERROR)]
    assert verdicts("2021年，2021年", "2021") == [("matched", OK)] * 2
    assert verdicts("2021年", "2021 and again 2021") == [("matched", OK)] * 2


def test_a_conversion_is_added_information() -> None:
    assert verdicts("230万元", "2.3 million yuan ($340,000)") == [("matched", OK)]
    assert verdicts("230万元", "2.3 million yuan. Much later another firm paid a sum of $340,000") == [
        ("matched", OK),
        ("added", ERROR),
    ]


def test_a_plain_dollar_made_specific_is_a_warning() -> None:
    pairs = align(extract("$65.9 million", "en"), extract("6590万澳元", "zh"))
    assert [(p.verdict, p.severity) for p in pairs] == [("wrong-unit", WARNING)]
    pairs = align(extract("US$65.9 million", "en"), extract("6590万澳元", "zh"))
    assert [(p.verdict, p.severity) for p in pairs] == [("wrong-unit", ERROR)]


def test_what_stands_elsewhere_in_the_article_is_not_added() -> None:
    output = extract("1,500 households and 38 tonnes", "en")
    pairs = align(extract("1500户", "zh"), output, extract("板栗38吨", "zh"))
    assert [(p.verdict, p.severity) for p in pairs] == [("matched", OK), ("matched", OK)]
    assert pairs[1].source is not None
    assert pairs[1].source.surface == "38吨"


def test_a_summary_is_not_taken_for_a_rendering_of_the_whole() -> None:
    zh, en = "27位，38吨，1500户", "96 experts"
    assert ("wrong-value", ERROR) not in verdicts("27位，38吨，1500户，7人", "96 boxes", whole=False)
    assert ("added", ERROR) in verdicts(zh, "96 boxes", whole=False)
    assert ("wrong-value", ERROR) in verdicts(zh, en, whole=False)  # the same noun
    assert ("wrong-value", ERROR) in verdicts("1500户", "15,000 families", whole=False)
    assert ("wrong-value", ERROR) in verdicts("38吨", "83 tonnes", whole=False)


def test_very_many_quantities_are_compared_by_normal_form() -> None:
    source = extract("38吨，" * 600 + "7吨", "zh")
    output = extract("38 tonnes, " * 600 + "9 tonnes", "en")
    counts = [p.verdict for p in align(source, output)]
    assert (counts.count("matched"), counts.count("missing"), counts.count("added")) == (1200, 1, 1)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("420000000", "420000000", True),
        (">20", "at least 20", True),
        (">20", "<20", False),
        ("nearly 1000", "1000", True),
        ("12 province", "12 county", False),
        ("12 province", "12", True),
        ("CNY 5", "USD 5", False),
        ("date 2022-07-25", "date --07-25", True),
        ("date 2022", "date --07", False),
        ("date 2022-07", "date 2022-08", False),
        ("38 t", "38000 kg", True),
        ("2 week", "14 day", True),
        ("1 year", "365 day", False),
        ("about 20-90", "50", True),
        ("20-90", "50", False),
    ],
)
def test_matches_is_symmetric(a: str, b: str, same: bool) -> None:
    x, y = parse_normal(a), parse_normal(b)
    assert matches(x, y) is same
    assert matches(y, x) is same


_NUMBERS = st.one_of(
    st.integers(0, 10**9).map(str),
    st.decimals(18, 21, places=1).map(str),
    st.integers(0, 10**7).map("{:,}".format),
    st.sampled_from(["０１２", "½", "1e400", "9" * 400, "1 000 000", ".5", "5.", "-3", "20:65", "2022-23", "1/0"]),
)


def _texts(words: str, separator: str) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(_NUMBERS, st.sampled_from(words.split())), max_size=12).map(separator.join)


@settings(max_examples=300, deadline=None)
@given(
    _texts("亿 万 人 元 年 月 日 时 点 分 % 超过 约 近 多 比 一 二 十 半 倍 分之 第 至 到 ， 。 、 ：", ""),
    _texts(
        "million billion hundred % $ yuan years May of the people over about from to and - / . , half ten times th", " "
    ),
)
def test_any_two_texts_are_compared(chinese: str, english: str) -> None:
    source, output = extract(chinese, "zh"), extract(english, "en")
    align(source, output, texts=(chinese, english))
    align(output, source, texts=(english, chinese))


def test_a_decimal_that_looks_like_a_year_is_compared() -> None:
    texts = ("增长19%", "an increase of 20.2%, from 20.2")
    assert align(extract(texts[0], "zh"), extract(texts[1], "en"), texts=texts)
