"""Kinds of quantities that earlier versions misread on new text: how each is read, and what it equals."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.text.quantities import align, extract, parse_normal

VARIANTS = Path(__file__).with_name("quantity_kinds.tsv")

READ_ZH = {
    "82万千瓦": ["820000 kW"],
    "20十二届": [],
    "150亿千瓦时": ["15000000000 kWh"],
    "3千瓦时": ["3 kWh"],
    "用电量1.98亿度": ["198000000 kWh"],
    "发电3200万度": ["32000000 kWh"],
    "气温35度": ["35 degree"],
    "两度访华": ["2"],
    "三伏天": [],
    "6000多块": ["more than CNY 6000"],
    "两百块。": ["CNY 200"],
    "两块石头": ["2"],
    "5毛": ["CNY 0.5"],
    "249,289,299都有": ["249", "289", "299"],
    "2000,2005年": ["date 2000", "date 2005"],
    "7月17和7月22日": ["date --07-17", "date --07-22"],
    "3月5、6日": ["date --03-05", "date --03-06"],
    "今明两天": [],
    "11日0—24时": ["date ---11"],
    "8时—20时": ["time 08:00", "time 20:00"],
    "08H00": ["time 08:00"],
    "零点": ["time 00:00"],
    "19 世纪 80 年代": ["date 1880s"],
    "7 号通道": [],
    "2 路公交": [],
    "七八月份": ["date --07", "date --08"],
    "月薪上万": ["about 10000-90000"],
    "粉丝破亿": ["more than 100000000"],
    "不大于5毫米": ["at most 5 mm"],
    "不得低于97%": ["at least 97%"],
    "从未超过20人": ["at most 20"],
    "1小时30分": ["90 minute"],
    "2分15秒": ["135 second"],
    "3年零2个月": ["38 month"],
    "三四十": ["30-40"],
    "二十出头": ["more than 20"],
    "年过五十": ["more than 50 year"],
    "5、6个人": ["5-6"],
    "20里": ["20 li"],
    "米-28NM": [],
    "737NG": [],
    "火星17": [],
    "6，注意事项": [],
    "时速120公里": ["120 km/h"],
    "500兆宽带": ["500 Mbps"],
    "晚上6点至8点": ["time 18:00", "time 20:00"],
    "在0500时出发": ["time 05:00"],
    "1981-87年间": ["date 1981", "date 1987"],
    "@用户44": [],
    "第1、2、3节": [],
    "负120度": ["-120 degree"],
    "101、102、103室": [],
    "神舟十四号": [],
    "运20": [],
    "年近七旬": ["nearly 70 year"],
    "两分半钟": ["2.5 minute"],
    "一年零三个月": ["15 month"],
    "每10人中有4人": ["40%"],
    "每秒20米": ["20 m/s"],
    "第1-3季": [],
    "非二元性别": [],
    "翻了翻书": [],
    "碳14测年": [],
    "3/3": [],
    "在300码，": ["300 yard"],
    "5.85亿奈拉": ["NGN 585000000"],
}
READ_EN = {
    "500Mbps": ["500 Mbps"],
    "85mph": ["85 mph"],
    "two fortnights": ["2 fortnight"],
    "99p": ["GBP 0.99"],
    "1080p": [],
    "420m people": ["420000000"],
    "5m tall": ["5 m"],
    "2.3m yuan": ["CNY 2300000"],
    "31.51 billion U.S. dollars": ["USD 31510000000"],
    "not higher than 97%": ["at most 97%"],
    "never more than 20": ["at most 20"],
    "isn't over 20": ["at most 20"],
    "must not be less than 20": ["at least 20"],
    "did not exceed 20": ["at most 20"],
    "from 330,600 in 2021 to 6.3 million": ["330600", "date 2021", "6300000"],
    "an increase of 4,860 over 2018": ["4860", "date 2018"],
    "one-quarter to one-fifth": ["25%", "20%"],
    "three out of four": ["75%"],
    "1 hour and 30 minutes": ["90 minute"],
    "5 feet 10 inches": ["70 inch"],
    "5: 30 pm": ["time 17:30"],
    "at 8: 00": ["time 08:00"],
    "120 km/h": ["120 km/h"],
    "50 basis points": ["0.5 pp"],
    "GB 18030": [],
    "Mukherjee, 52, of Kirkland": ["52 year"],
    "from 6-8 p.m.": ["time 18:00", "time 20:00"],
    "11-1 pm": ["time 11:00", "time 13:00"],
    "four-in-ten patients": ["40%"],
    "another hour or two": ["1-2 hour"],
    "at 0500": ["time 05:00"],
    "the pico-8 game": [],
    "a year and three months": ["15 month"],
    "5ft 11in": ["71 inch"],
    "a Long March 5 rocket": [],
    "zero new cases": ["0"],
    "at 12 noon": [],
    "0430 Itania time. He": ["time 04:30"],
    "6in x 6in canvas": ["6 inch", "6 inch"],
    "the sections 1 to 6": [],
    "a 5K race": [],
    "N585 million": ["585000000"],
}


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [("zh", *case) for case in READ_ZH.items()] + [("en", *case) for case in READ_EN.items()],
)
def test_reading(lang: str, text: str, expected: list[str]) -> None:
    assert [str(q) for q in extract(text, lang) if q.checkable] == expected


def test_variants_of_each_kind() -> None:
    """Written before the reader was run on them, several for each kind, and kept where they are right."""
    rows = [row.split("\t") for row in VARIANTS.read_text("utf-8").splitlines() if not row.startswith("#")]
    assert len(rows) > 600
    for kind, text, expected in rows:
        verdict, _, direction = kind.partition("-")
        if verdict in ("equal", "differ"):
            for a, b in ((("zh", text), ("en", expected)), (("en", expected), ("zh", text))):
                if direction not in ("", f"{a[0]}-{b[0]}"):
                    continue
                pairs = align(extract(a[1], a[0]), extract(b[1], b[0]), texts=(a[1], b[1]))
                assert any(p.severity == "error" for p in pairs) == (verdict == "differ"), (text, expected)
        else:
            assert "; ".join(str(q) for q in extract(text, kind) if q.checkable) == expected, text


PROVISIONS = [
    ("zh", "依第十二條第二項規定", ["article 12", "paragraph 2"]),
    ("zh", "第七十八条之一", ["article 78-1"]),
    ("zh", "第一百二十三條之十", ["article 123-10"]),
    ("zh", "第三、五至七款", ["paragraph 3", "paragraph 5", "paragraph 7"]),
    ("zh", "301条款", ["section 301"]),
    ("zh", "第三项目组、第一目标", []),
    ("en", "Paragraph 2 of Article 12", ["paragraph 2", "article 12"]),
    ("en", "ARTICLE 78-1", ["article 78-1"]),
    ("en", "Articles 3, 5 and 7 shall apply", ["article 3", "article 5", "article 7"]),
    ("en", "subparagraphs 1 to 3", ["paragraph 1", "paragraph 3"]),
    ("en", "Article 1(2), § 5, Chapter Four", ["article 1", "paragraph 2", "section 5", "chapter 4"]),
    ("en", "Section 1, 70 kilometers away", ["section 1"]),
    ("en", "the 12 articles", []),
]


@pytest.mark.parametrize(("lang", "text", "expected"), PROVISIONS)
def test_provisions_of_laws(lang: str, text: str, expected: list[str]) -> None:
    found = [q for q in extract(text, lang) if q.kind == "provision"]
    assert [str(q) for q in found] == expected
    assert [str(parse_normal(str(q))) for q in found] == expected
    assert not any(q.checkable for q in found)


SOUND = [
    ("新增死亡0例", "no new deaths"),
    ("零新增", "0 new cases"),
    ("24小时营业", "open around the clock"),
    ("走了20里", "walked 10 km"),
    ("90后", "those born in the 1990s"),
    ("11日0—24时新增5例", "5 new cases on the 11th"),
    ("11日0—24时新增5例", "5 new cases from 0:00 to 24:00 on the 11th"),
    ("两度访华", "visited China twice"),
    ("82万千瓦", "820 megawatts"),
    ("时速120公里", "120 kilometers per hour"),
    ("两周后", "in a fortnight"),
    ("从100万元增至500万元", "rose to 5 million yuan from 1 million yuan"),
    ("142家企业和23个国家", "142 enterprises and 23 countries"),
    ("吸引了来自25个国家的279个作品", "attracted 279 works from 25 countries"),
    ("三场战争，其中两场", "two of their three wars"),
    ("投资500万元", "5 million yuan ($700,000)"),
    ("以3比1获胜", "won 3-1"),
    ("以1比3告负", "lost 3-1"),
    ("19世纪", "the 1800s"),
    ("12项法案中的4项", "four of 12 bills"),
    ("在900多项定罪中，只有95项", "just 95 out of more than 900 convictions"),
    ("每周7天、每天24小时", "24 hours a day, 7 days a week"),
    ("十几岁的歌手", "a teenage singer"),
    ("跑了5公里", "ran a 5K"),
    ("去年增长5%，今年增长8%", "growth of 8% this year, up from 5% last year"),
    ("成本从100元降到60元", "the cost fell to 60 yuan from 100 yuan"),
    ("在10场比赛中打进15球", "scored 15 goals in 10 games"),
    ("造成3人死亡、5人受伤", "left five people injured and three dead"),
    ("每两年一次，已办10年，上次是两年前", "biannual, for 10 years; the last one two years ago"),
]
WRONG = [
    ("142家企业参加了来自23个国家的展会", "23 enterprises from 142 countries took part"),
    ("39万人确诊、5千人死亡", "5,000 people were diagnosed and 390,000 died"),
    ("90%的人和9%的动物", "9% of people and 90% of animals"),
    ("资产8亿元，负债2.4亿元", "assets of 240 million yuan and debts of 800 million yuan"),
    ("2名警察、3名士兵", "three police officers and two soldiers"),
    ("从100万元增至500万元", "rose to 1 million yuan from 5 million yuan"),
    ("超过1吨", "nearly 1 ton"),
    ("7日内送达", "delivered within 7 weeks"),
    ("出动直升机2架", "four helicopters"),
    ("投资500万元", "5 million yuan ($70 million)"),
    ("不超过20人", "more than 20 people"),
    ("5至11岁", "from 11 years old to 5 years old"),
    ("以3比1获胜", "won 1-3"),
]


@pytest.mark.parametrize(("zh", "en"), SOUND)
def test_good_translations_have_no_error(zh: str, en: str) -> None:
    for a, b in ((extract(zh, "zh"), extract(en, "en")), (extract(en, "en"), extract(zh, "zh"))):
        assert [p for p in align(a, b) if p.severity == "error"] == []


@pytest.mark.parametrize(("zh", "en"), WRONG)
def test_wrong_translations_have_an_error(zh: str, en: str) -> None:
    for a, b in ((extract(zh, "zh"), extract(en, "en")), (extract(en, "en"), extract(zh, "zh"))):
        assert any(p.severity == "error" for p in align(a, b))


def test_a_day_may_be_the_next_day() -> None:
    pairs = align(extract("26日8时", "zh"), extract("at 8 am the next day", "en"))
    assert [(p.verdict, p.severity) for p in pairs] == [("missing", "warning"), ("matched", "ok")]
