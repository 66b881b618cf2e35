"""Quantities in short texts: hand-written values against extracted ones."""

from __future__ import annotations

import datetime
from decimal import Decimal, localcontext

import pytest
from hypothesis import given, strategies as st

from evalkit.errors import InputError, SettingError
from evalkit.text.quantities import EXACTNESS, KINDS, Quantity, extract, parse_normal
from evalkit.text.quantities.units import EN_SYMBOL

ARTICLE = "2022-07-25"


def checkable(text: str, lang: str, date: str | None = ARTICLE) -> list[str]:
    return [str(q) for q in extract(text, lang, date) if q.checkable]


CHINESE = {
    "numerals": [
        ("4.2亿流量、11万乡村主播、400万人次帮扶", ["420000000", "110000", "4000000"]),
        ("１３０多个", ["more than 130"]),
        ("1.2万亿元", ["CNY 1200000000000"]),
        ("2万4801张", ["24801"]),
        ("1亿2000万人", ["120000000"]),
        ("3万5人", ["35000"]),
        ("一百零五人", ["105"]),
        ("二十五万六千人", ["256000"]),
        ("三点五万户", ["35000"]),
        ("两千三百名", ["2300"]),
        ("几十个、数百名、十几家", ["about 20-90", "about 200-900", "about 11-19"]),
        ("三四十人", ["30-40"]),
        ("七八个", ["7-8"]),
        ("成千上万", ["about 1000-90000"]),
        ("上百人", ["about 100-900"]),
        ("2,06,737例", ["206737"]),
    ],
    "counted": [
        ("12个省22个偏远县域", ["12", "22"]),
        ("1500户农民", ["1500"]),
        ("三点希望", ["3"]),
        ("三方共建", ["3"]),
        ("四大主题", ["4"]),
        ("第一批共12名", ["12"]),
    ],
    "money": [
        ("销售额230万元", ["CNY 2300000"]),
        ("3元/箱", ["CNY 3"]),
        ("200亿美元、3000英镑、5000卢比", ["USD 20000000000", "GBP 3000", "INR 5000"]),
        ("50美分", ["USD 0.5"]),
        ("人民币300元", ["CNY 300"]),
        ("￥100、$32、US$5", ["CNY 100", "USD 32", "USD 5"]),
        ("200块的拍子", ["CNY 200"]),
        ("几个亿", ["about 200000000-900000000"]),
    ],
    "shares": [
        ("降低20%", ["20%"]),
        ("提高了三个百分点", ["3 pp"]),
        ("三分之一", ["1/3"]),
        ("百分之三十五点六", ["35.6%"]),
        ("千分之三", ["0.3%"]),
        ("近七成", ["nearly 70%"]),
        ("八折", ["80%"]),
        ("一半以上", ["at least 50%"]),
        ("过半", ["more than 50%"]),
    ],
    "multiples": [
        ("增长3倍", ["x3"]),
        ("翻一番", ["x2"]),
        ("翻了两番", ["x4"]),
        ("是去年的10 倍", ["date 2021", "x10"]),
    ],
    "measures": [
        ("板栗38吨", ["38 t"]),
        ("700匹马力", ["700 hp"]),
        ("30公里、六公里", ["30 km", "6 km"]),
        ("5亩、10斤、3公顷", ["5 mu", "10 jin", "3 ha"]),
        ("120ml+120ml", ["120 mL", "120 mL"]),
        ("零下15度、-5℃、5-10℃", ["-15 degree", "-5 C", "5-10 C"]),
        ("15.6寸", ["15.6 inch"]),
    ],
    "durations": [
        ("22年积累", ["22 year"]),
        ("跨越20余年", ["more than 20 year"]),
        ("半年", ["0.5 year"]),
        ("一年半", ["1.5 year"]),
        ("两个半小时", ["2.5 hour"]),
        ("一个半月", ["1.5 month"]),
        ("四到七天", ["4-7 day"]),
        ("3到6岁", ["3-6 year"]),
        ("一万纳秒", ["10000 nanosecond"]),
    ],
    "dates": [
        ("7月25日", ["date --07-25"]),
        ("2022年7月25日", ["date 2022-07-25"]),
        ("二〇二二年", ["date 2022"]),
        ("去年5月17日", ["date 2021-05-17"]),
        ("今年、前年、明年", ["date 2022", "date 2020", "date 2023"]),
        ("本月6日、上个月", ["date 2022-07-06", "date 2022-06"]),
        ("7月23日至25日", ["date --07-23", "date --07-25"]),
        ("3至6月", ["date --03", "date --06"]),
        ("2019-2020年", ["date 2019", "date 2020"]),
        ("20世纪六七十年代", ["date 1960s", "date 1970s"]),
        ("上世纪90年代", ["date 1990s"]),
        ("17-18世纪", ["date 17th century", "date 18th century"]),
        ("公元前472年", ["date 472 BC"]),
        ("热土计划2022", ["date 2022"]),
        ("2021.6.11", ["date 2021-06-11"]),
        ("12月11日电：10日", ["date --12-11", "date --12-10"]),
    ],
    "times": [
        ("上午10点30分", ["time 10:30"]),
        ("下午3时", ["time 15:00"]),
        ("今晚12点", ["time 00:00"]),
        ("19:25", ["time 19:25"]),
        ("十点三十分", ["time 10:30"]),
        ("上午10点左右", ["about time 10:00"]),
    ],
    "exactness": [
        ("近1000位", ["nearly 1000"]),
        ("4.5万余户", ["more than 45000"]),
        ("约100人", ["about 100"]),
        ("超过300人、逾300人", ["more than 300", "more than 300"]),
        ("300人以上", ["at least 300"]),
        ("三年以下", ["at most 3 year"]),
        ("20岁左右", ["about 20 year"]),
        ("至少六个", ["at least 6"]),
        ("不到20人", ["less than 20"]),
        ("至少提前24小时", ["at least 24 hour"]),
        ("几乎用了三分钟", ["nearly 3 minute"]),
        ("附近3公里，纽约5家", ["3 km", "5"]),
        ("其中超46.7万例", ["more than 467000"]),
    ],
    "scores": [("以3-2取胜", ["2-3"]), ("3比1", ["1-3"]), ("1-1战平", ["1"])],
    "none": [
        ("一二三产业、第三产业、一号文件、一起、一定、百年大计、5G、G20、COVID-19", []),
        ("第三届、第3章、第一百零三條之二", []),
        ("1、阿里\n2.腾讯", []),
        ("电话13812345678，400-123-4567", []),
        ("歼-20、A380、iPhone 13、Porsche 911 车主", []),
        ("周三、星期五、礼拜二", []),
        ("陆军、十分感谢、万一、千万不要、胡说八道、四面八方", []),
        ("“十四五”规划、十九届六中全会、三农、两会", []),
        ("5号线、3楼、95后、2.0版", []),
        ("一个问题、几名工人", []),
    ],
    "labels": [
        ("卡号尾号8888，尾号为6666、8888的用户", []),
        ("热线12345，邮编100084", []),
        ("波音737客机，985高校，320国道", []),
        ("住在7号楼3单元502室", []),
        ("全天7×24小时值班", []),
        ("二十国集团和八国联军", []),
        ("买了3箱，一共985元", ["3", "CNY 985"]),
    ],
    "passing days": [
        ("已经3日没有消息", ["3 day"]),
        ("为期5日的展览，3日内答复", ["5 day", "3 day"]),
        ("他3日离开上海", ["date ---03"]),
        ("今（11）日上午", ["date ---11"]),
        ("5月1-7日", ["date --05-01", "date --05-07"]),
        ("22年8月", ["date 2022-08"]),
    ],
    "said": [
        ("下午三点一刻", ["time 15:15"]),
        ("北京时间1430开始，格林尼治时间0200 GMT", ["time 14:30", "time 02:00"]),
        ("身高一米八五，1米75", ["1.85 m", "1.75 m"]),
        ("三块五，5块8", ["CNY 3.5", "CNY 5.8"]),
        ("七成五，一成半", ["75%", "15%"]),
        ("三场比赛，其中两场均告负", ["3", "2"]),
    ],
    "odds and ends": [
        ("保修两年或更长，80英寸及以上", ["at least 2 year", "at least 80 inch"]),
        ("马币近两百万，美金5000", ["nearly MYR 2000000", "USD 5000"]),
        ("十几万人，几十万人", ["about 110000-190000", "about 200000-900000"]),
        ("晚上 11:30 左右", ["about time 23:30"]),
        ("亮度在2000以上", ["at least 2000"]),
        ("农历十一月十一", []),
        ("九讲，两具尸体", ["9", "2"]),
    ],
    "shares of a whole": [
        ("不超过总额的5%", ["at most 5%"]),
        ("超过全国人口的一半", ["50%"]),
        ("不得低于30%，不应超过20%", ["at least 30%", "at most 20%"]),
        ("超过去年的50%", ["date 2021", "50%"]),
    ],
    "seen in many texts": [
        ("近4年、近两天的", ["4 year", "2 day"]),
        ("将近三个月，历时近三年", ["nearly 3 month", "nearly 3 year"]),
        ("7-9-12岁儿童文学", ["7-12 year"]),
        ("二月二龙抬头、三月三歌会", []),
        ("二月二日", ["date --02-02"]),
        ("毛坯双倍返还、百分百、百分二百的力", ["x2", "100%", "200%"]),
        ("提高3个百分点", ["3 pp"]),
        ("Covid- 19 患者、Covid －19 、Pac- 12 冠军", []),
        ("2019冠状病毒病例", []),
        ("9.11事件、9·11恐袭、9／11之后", []),
        ("40x10米广告牌", ["40 m", "10 m"]),
        ("格林尼治标准时间2点", ["time 02:00"]),
        ("21日、22日两日", ["date ---21", "date ---22"]),
        ("约合49米", ["about 49 m"]),
        ("10541码传球", ["10541 yard"]),
        ("有人打 911 报警", []),
        ("做不到100，达不到50", ["100", "less than 50"]),
        ("未达到18周岁", ["less than 18 year"]),
        ("两派", ["2"]),
        ("800词以上", ["at least 800"]),
        ("150微升", ["150 uL"]),
        ("一刻钟、三刻钟后", ["15 minute", "45 minute"]),
        ("七五折、八折", ["75%", "80%"]),
        ("亿元以上", ["at least CNY 100000000"]),
    ],
}

ENGLISH = {
    "numerals": [
        ("420 million", ["420000000"]),
        ("1,500 households and 2,06,737 cases", ["1500", "206737"]),
        ("one hundred and five", ["105"]),
        ("twenty-two thousand three hundred", ["22300"]),
        ("two and a half million", ["2500000"]),
        ("half a million", ["500000"]),
        ("a dozen, two dozen, dozens of", ["12", "24", "about 24-99"]),
        ("tens of thousands", ["about 20000-90000"]),
        ("several hundred, a few thousand", ["about 200-900", "about 2000-9000"]),
        ("a couple of thousand", ["about 2000-3000"]),
        ("20k, 3mn, 4bn", ["20000", "3000000", "4000000000"]),
        ("13 to 15", ["13-15"]),
        ("10-20", ["10-20"]),
        ("two or three", ["2-3"]),
        ("between 5 and 10 people", ["5-10"]),
        ("10 to 20 million", ["10000000-20000000"]),
    ],
    "money": [
        ("2.3 million yuan", ["CNY 2300000"]),
        ("RMB 5 million", ["CNY 5000000"]),
        ("$3.5bn, US$20 million, £10m, €5", ["USD 3500000000", "USD 20000000", "GBP 10000000", "EUR 5"]),
        ("Rs 2,500", ["INR 2500"]),
        ("30 billion USD", ["USD 30000000000"]),
        ("between £3million and £8million", ["GBP 3000000-8000000"]),
        ("50 cents", ["USD 0.5"]),
    ],
    "shares": [
        ("20%, 20 percent, 20 per cent", ["20%", "20%", "20%"]),
        ("3 percentage points", ["3 pp"]),
        ("two-thirds, a third of, three quarters", ["2/3", "1/3", "75%"]),
        ("by a third", ["1/3"]),
        ("1/3", ["1/3"]),
        ("more than half the soldiers", ["more than 50%"]),
    ],
    "multiples": [
        ("3 times as many", ["x3"]),
        ("tripled", ["x3"]),
        ("tenfold", ["x10"]),
        ("twice as much", ["x2"]),
        ("twice a week", ["2"]),
    ],
    "measures": [
        ("38 tonnes, 38 t", ["38 t", "38 t"]),
        ("30 square kilometers, 5 km2", ["30 km2", "5 km2"]),
        ("8-foot", ["8 ft"]),
        ("5 mu, 10 jin", ["5 mu", "10 jin"]),
        ("90 degrees, 32 degrees Celsius", ["90 degree", "32 C"]),
        ("135m2", ["135 m2"]),
    ],
    "durations": [
        ("22 years", ["22 year"]),
        ("5-year-old, 5 years old", ["5 year", "5 year"]),
        ("half a year", ["0.5 year"]),
        ("a year and a half", ["1.5 year"]),
        ("three consecutive years", ["3 year"]),
        ("20th anniversary", ["20 year"]),
        ("decades later", ["about 20-90 year"]),
    ],
    "dates": [
        ("July 25, 2022", ["date 2022-07-25"]),
        ("25 July 2022", ["date 2022-07-25"]),
        ("the 25th of July", ["date --07-25"]),
        ("July 23-25", ["date --07-23", "date --07-25"]),
        ("May 17 last year", ["date 2021-05-17"]),
        ("Feb. 22 this year", ["date 2022-02-22"]),
        ("25 Sept. last year", ["date 2021-09-25"]),
        ("this year, last year", ["date 2022", "date 2021"]),
        ("last May", ["date 2021-05"]),
        ("last month", ["date 2022-06"]),
        ("the 1990s, the '60s", ["date 1990s", "date 1960s"]),
        ("the 21st century", ["date 21st century"]),
        ("2022-07-25, 25/12/2021", ["date 2022-07-25", "date 2021-12-25"]),
        ("in 2021", ["date 2021"]),
        ("2019-20", ["date 2019", "date 2020"]),
        ("472 B.C.", ["date 472 BC"]),
        ("March to June", ["date --03", "date --06"]),
        ("2000-3000 yuan", ["CNY 2000-3000"]),
        ("It may rain; we march on", []),
    ],
    "times": [
        ("10:30 a.m., 7pm, 19:25", ["time 10:30", "time 19:00", "time 19:25"]),
        ("three o'clock", ["time 03:00"]),
        ("0200GMT", ["time 02:00"]),
        ("about 8pm", ["about time 20:00"]),
    ],
    "exactness": [
        ("nearly 1,000", ["nearly 1000"]),
        ("more than 300, over 300, 300+", ["more than 300"] * 3),
        ("300 or more, at least 300, no fewer than 300", ["at least 300"] * 3),
        ("up to 5%, 5 percent or less", ["at most 5%"] * 2),
        ("about 20, some 20, 20-odd, 20 or so", ["about 20"] * 4),
        ("fewer than 20, under 20", ["less than 20"] * 2),
        ("20000, at least, species", ["at least 20000"]),
        ("more than a year later", []),
        ("talk about 3 things", ["3"]),
    ],
    "scores": [("a 3-1 win", ["1-3"]), ("a 1-1 draw", ["1"])],
    "none": [
        ("COVID-19, Chapter 3, no one, G20, 5G, 4K, B-2, MH370", []),
        ("the first, the 3rd, a second time", []),
        ("1. Alibaba\n(2) Tencent", []),
        ("Call 13812345678 or 400-123-4567", []),
        ("The Porsche 911 is fast", []),
        ("the 14th Five-Year Plan", []),
        ("the Five Eyes countries", []),
        ("24/7 and 9/11", []),
        ("the latter half of the season", []),
        ("No. 5, No.12", []),
        ("one of them", []),
    ],
    "labels": [
        ("numbers such as 6666 and 8888", []),
        ("a phone ending in 4455; please dial 911", []),
        ("chapter three, the phase “four” package, step 2", []),
        ("Fortune 500, the Group of 20, the Big Four", []),
        ("a 7-Eleven", []),
        ("the page numbered 14", []),
        ("with 2 dogs, with 3 cats", ["2", "3"]),
    ],
    "said": [
        ("half past six, a quarter to nine", ["time 06:30", "time 08:45"]),
        ("at 7 in the evening, at seven in the morning", ["time 19:00", "time 07:00"]),
        ("one in five people, three out of ten", ["20%", "30%"]),
        ("two in 2020, one in 3 days", ["2", "date 2020", "3 day"]),
        ("the hundred billion stars", ["100000000000"]),
        ("cases top 60,000, the top 10", ["more than 60000", "10"]),
        ("exceeding US $3 billion", ["more than USD 3000000000"]),
        ("the two-way selection", []),
        ("fined Rs. 500 and Rs.200", ["INR 500", "INR 200"]),
    ],
    "seen in many texts": [
        ("500 yuan or 600 yuan, 70% or 80%", ["CNY 500-600", "70-80%"]),
        ("rises to 60 or 65 percent", ["60-65%"]),
        ("5 or 10 people", ["5", "10"]),
        ("children aged one to 14 years old", ["1-14 year"]),
        ("aged 25-34; Children Aged 3 to 6", ["25-34 year", "3-6 year"]),
        ("between the ages of 13 and 15, around the age of 50", ["13-15 year", "about 50 year"]),
        ("7-9-12-year-old children", ["7-12 year"]),
        ("500000 to a million parts", ["500000-1000000"]),
        ("over every four kilometers", ["4 km"]),
        ("the above two aircraft carriers", ["2"]),
        ("of or above 80 inches; at or below 5 degrees", ["at least 80 inch", "at most 5 degree"]),
        ("two years or longer", ["at least 2 year"]),
        ("at least two months every two years", ["at least 2 month", "2 year"]),
        ("an increase of more than 40 times", ["more than x40"]),
        ("returned in double", ["x2"]),
        ("once or twice", ["1-2"]),
        ("twice the result with half the effort", []),
        ("on the 23rd day of this month", ["date ---23"]),
        ("said on the 9th that; On the 21st and 22nd, schools", ["date ---09", "date ---21", "date ---22"]),
        ("on the 9th floor", []),
        ("2nd in 2021 and 3rd in 2022", ["date 2021", "date 2022"]),
        ("at 5:9 in the morning", ["time 05:09"]),
        ("in the eighties, in his late forties", ["date 1980s"]),
        ("In the 1960 s and 1970 s,", ["date 1960s", "date 1970s"]),
        ("2021.6.11 sold", ["date 2021-06-11"]),
        ("120ml+120ml+100ml", ["120 mL", "120 mL", "100 mL"]),
        ("7,700 + users", ["more than 7700"]),
        ("under 150ul/min", ["less than 150 uL"]),
        ("a Six Piece Set", ["6"]),
        ("a few dozen patients", ["about 24-99"]),
        ('“six-stability”, the three-rivers area, “two establishments”, "Three Highs"', []),
        ("a 911 caller, called 120", []),
        ("2, Han beam", []),
        ("12th Floor, 156 Huancheng South Road", []),
        ("grade one, two and three", []),
        ("Super Mary 5 serious illness insurance", []),
        ("a score of villagers, three score years; scores of people", ["20", "60 year", "about 40-99"]),
        ("the score of the game, test scores of students", []),
        ("a million and a half; two million and a half people", ["1500000", "2500000"]),
        ("a quarter-million, a quarter of a million", ["250000", "250000"]),
        ("minus 5 degrees, -5°C, 20 degrees below zero", ["-5 degree", "-5 C", "-20 degree"]),
        ("fifty-fifty", []),
    ],
}


@pytest.mark.parametrize(("text", "expected"), [case for cases in CHINESE.values() for case in cases])
def test_chinese(text: str, expected: list[str]) -> None:
    assert checkable(text, "zh") == expected


@pytest.mark.parametrize(("text", "expected"), [case for cases in ENGLISH.values() for case in cases])
def test_english(text: str, expected: list[str]) -> None:
    assert checkable(text, "en") == expected


def test_every_kind_and_exactness_has_an_example() -> None:
    cases = [(text, "zh") for cases in CHINESE.values() for text, _ in cases]
    cases += [(text, "en") for cases in ENGLISH.values() for text, _ in cases]
    found = [q for text, lang in cases for q in extract(text, lang, ARTICLE)]
    assert {q.kind for q in found} == set(KINDS)
    assert {q.exact for q in found} == set(EXACTNESS)


def test_words_that_count_from_the_date_need_one() -> None:
    assert checkable("去年、今年", "zh", None) == []
    assert checkable("last year", "en", None) == []
    assert checkable("去年5月17日", "zh", None) == ["date --05-17"]
    assert checkable("去年", "zh", "2022") == ["date 2021"]
    assert [str(q) for q in extract("last year", "en", datetime.date(2022, 7, 25))] == ["date 2021"]


def test_last_may_read_in_july_may_be_of_either_year() -> None:
    (q,) = extract("last May", "en", ARTICLE)
    assert (q.year, q.low, q.high) == (2021, Decimal(20210500), Decimal(20220500))


def test_a_bare_one_and_ordinals_are_found_but_not_checkable() -> None:
    found = extract("一个问题、第三届", "zh") + extract("the third man had one question", "en")
    assert [(q.kind, q.low, q.checkable) for q in found] == [
        ("count", 1, False),
        ("ordinal", 3, False),
        ("ordinal", 3, False),
        ("count", 1, False),
    ]


def test_counted_nouns_are_classes_shared_by_both_languages() -> None:
    zh = extract("12个省22个偏远县域，1500户，300名村干部，400万人次", "zh")
    en = extract(
        "12 provinces, 22 remote counties, 1,500 households, 300 village officials, 4 million person-times", "en"
    )
    assert [q.noun for q in zh] == ["province", "county", "household", "person", "person-time"]
    assert [q.noun for q in en] == ["province", "county", "household", "person", "person-time"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_spans_are_in_order_and_do_not_overlap(lang: str) -> None:
    cases = CHINESE if lang == "zh" else ENGLISH
    text = "；".join(text for group in cases.values() for text, _ in group)
    end = 0
    for q in extract(text, lang, ARTICLE):
        assert end <= q.span[0] < q.span[1] <= len(text)
        assert q.surface == text[slice(*q.span)]
        end = q.span[1]


def test_a_longer_language_tag_counts_by_its_first_part() -> None:
    assert checkable("3吨", "zh-CN") == checkable("3 tonnes", "en_US") == ["3 t"]


def test_another_language_is_refused() -> None:
    with pytest.raises(SettingError, match="zh and en, not in 'de'"):
        extract("3 Tonnen", "de")


@pytest.mark.parametrize("date", ["25.7.2022", "2022-13", "2022-00-01", "22", ""])
def test_a_wrong_date_is_refused(date: str) -> None:
    with pytest.raises(InputError, match="2022-07-25"):
        extract("去年", "zh", date)


@pytest.mark.parametrize(("sign", "code"), sorted(EN_SYMBOL.items()))
@pytest.mark.parametrize("space", ["", " "])
def test_every_currency_sign_is_read_before_digits(sign: str, code: str, space: str) -> None:
    assert checkable(f"It cost {sign}{space}2.13 million.", "en") == [f"{code} 2130000"]


def test_digits_with_two_points_around_a_vague_numeral_are_no_number() -> None:
    assert extract("843.95几64.788人", "zh") == []


def test_the_decimal_context_of_the_caller_changes_nothing() -> None:
    texts = [
        "4.2亿、1亿2000万、三十五点六、1.5万、三分之一、两个半小时、几个亿、百分之三十五点六",
        "2.5 million, half a dozen, 1/3",
    ]
    expected = [[str(q) for q in extract(t, lang)] for t, lang in zip(texts, ("zh", "en"), strict=True)]
    with localcontext() as context:
        context.prec = 1
        context.traps = dict.fromkeys(context.traps, True)
        assert [[str(q) for q in extract(t, lang)] for t, lang in zip(texts, ("zh", "en"), strict=True)] == expected


# -- the normal form --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("420000000", "420000000"),
        ("CNY 2300000", "CNY 2300000"),
        ("20%", "20%"),
        ("1/3", "1/3"),
        ("38 t", "38 t"),
        ("-5 C", "-5 C"),
        ("-10--5 C", "-10--5 C"),
        ("22 year", "22 year"),
        ("2 pp", "2 pp"),
        ("x3", "x3"),
        ("ordinal 3", "ordinal 3"),
        ("article 12-10", "article 12-10"),
        ("Article 12", "article 12"),
        ("10-20", "10-20"),
        ("time 9:05", "time 09:05"),
        ("date 2022-07-25", "date 2022-07-25"),
        ("date 2022-07", "date 2022-07"),
        ("date --07-25", "date --07-25"),
        ("date ---25", "date ---25"),
        ("date 1990s", "date 1990s"),
        ("date 21st century", "date 21st century"),
        ("date 472 BC", "date 472 BC"),
        (">20", "more than 20"),
        (">=300", "at least 300"),
        ("<5", "less than 5"),
        ("<= 5%", "at most 5%"),
        ("nearly 1000", "nearly 1000"),
        ("~100", "about 100"),
        ("12 province", "12"),
    ],
)
def test_normal_forms_are_read(written: str, normal: str) -> None:
    quantity = parse_normal(written)
    assert str(quantity) == normal
    assert str(parse_normal(str(quantity))) == normal


@pytest.mark.parametrize(
    "text",
    ["", "twenty", "20 flats", "date 2022-13", "date", "1/0", "CNY", "%", "date 2022-07-25-1", "--07", "time 10"],
)
def test_what_is_no_normal_form_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not a quantity in normal form"):
        parse_normal(text)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_extracted_is_read_back_equal(lang: str) -> None:
    for text, _ in [case for cases in (CHINESE if lang == "zh" else ENGLISH).values() for case in cases]:
        for q in extract(text, lang, ARTICLE):
            again = parse_normal(str(q))
            if (
                q.unit == "12h" or q.low != again.low
            ):  # what a short form leaves out: 12h, the second year of "last May"
                assert q.kind in ("time", "date", "percent")
                continue
            assert (again.low, again.kind, again.unit, again.exact) == (q.low, q.kind, q.unit, q.exact)
            assert (again.year, again.month, again.day) == (q.year, q.month, q.day)


@given(
    st.decimals(min_value=0, max_value=10**15, places=3, allow_nan=False, allow_infinity=False),
    st.sampled_from([("count", ""), ("money", "CNY"), ("percent", ""), ("measure", "kg"), ("duration", "year")]),
    st.sampled_from(EXACTNESS),
)
def test_the_normal_form_of_any_value_is_read_back(value: Decimal, kind: tuple[str, str], exact: str) -> None:
    q = Quantity(value, value, *kind, exact=exact)
    again = parse_normal(str(q))
    assert (again.low, again.high, again.kind, again.unit, again.exact) == (value, value, *kind, exact)
