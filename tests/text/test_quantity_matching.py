"""Which quantities match, and the verdicts on those that do not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

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
def test_equal_quantities_in_both_languages(zh: str, en: str) -> None:
    assert all(severity == OK for _, severity in verdicts(zh, en)), verdicts(zh, en)


WRONG = [
    ("4.2亿", "42 million", "wrong-value"),
    ("零下20度", "20 degrees", "wrong-value"),
    ("230万元", "2.3 million dollars", "wrong-unit"),
    ("38吨", "38 kilograms", "wrong-unit"),
    ("提高3个百分点", "up 3 percent", "wrong-unit"),
    ("22年", "22 months", "wrong-unit"),
    ("7月25日", "July 26", "wrong-value"),
    ("2021年", "2022", "wrong-value"),
    ("2016年", "20160", "wrong-value"),
    ("2016名员工", "20160 employees", "wrong-value"),
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


def test_the_count_of_listed_names_may_be_left_out() -> None:
    assert verdicts("江苏、浙江、辽宁3省", "Jiangsu, Zhejiang and Liaoning") == [("missing", WARNING)]
    assert verdicts("江苏、浙江、辽宁等12省", "Jiangsu, Zhejiang, Liaoning and others") == [("missing", ERROR)]


def test_uncheckable_quantities_are_no_errors() -> None:
    assert verdicts("一个、第三届、几名", "the fourth, several") == []
    assert verdicts("1个", "one") == []


def test_pairs_are_one_to_one_except_for_repetitions() -> None:
    assert verdicts("5%和5%", "5% and 50%") == [("matched", OK), ("wrong-value", ERROR)]
    assert verdicts("2021年，2021年", "2021") == [("matched", OK)] * 2
    assert verdicts("2021年", "2021 and again 2021") == [("matched", OK)] * 2


def test_a_conversion_is_added_information() -> None:
    assert verdicts("230万元", "2.3 million yuan ($340,000)") == [("matched", OK)]
    assert verdicts("230万元", "2.3 million yuan. Much later another firm paid a sum of $340,000") == [
        ("matched", OK),
        ("added", ERROR),
    ]


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("造成560万难民", "caused 5.6m to become refugees"),
        ("900万至1000万桶石油", "9m or 10m b/d of oil"),
        ("墙高5.6米，有560万人", "a wall of 5.6m for 5,600,000 people"),
        ("2米高", "2m tall"),
    ],
)
def test_m_is_million_where_the_source_has_that_number(zh: str, en: str) -> None:
    assert all(severity != ERROR for _, severity in verdicts(zh, en)), verdicts(zh, en)
    back = align(extract(en, "en"), extract(zh, "zh"), texts=(en, zh))
    assert all(pair.severity != ERROR for pair in back)


def test_m_is_million_in_a_fact() -> None:
    (found,) = extract("The war caused 5.6m to become refugees.", "en")
    assert matches(found, parse_normal("5600000")) and matches(parse_normal("5600000"), found)
    assert not matches(found, parse_normal("6500000"))


def test_rates_of_a_price_may_be_several() -> None:
    assert verdicts("每人每年380元", "380 yuan per capita per annum") == [("matched", OK)]
    assert verdicts("每人每年由420元提高到450元", "from 420 to 450 yuan per person per annum") == [("matched", OK)] * 2
    assert verdicts("每箱3元", "3 yuan per kilogram") == [("wrong-unit", ERROR)]


def test_a_wrong_number_of_millions_is_an_error() -> None:
    assert ("missing", ERROR) in verdicts("造成560万难民", "caused 6.5m to become refugees")


def test_a_currency_that_the_source_does_not_name() -> None:
    assert verdicts("他付了350", "He paid $350") == [("wrong-unit", ERROR)]
    assert verdicts("美元上涨，他付了350", "The dollar rose; he paid $350") == [("wrong-unit", WARNING)]


def test_a_plain_dollar_made_specific_is_a_warning() -> None:
    pairs = align(extract("$65.9 million", "en"), extract("6590万澳元", "zh"))
    assert [(p.verdict, p.severity) for p in pairs] == [("wrong-unit", WARNING)]
    pairs = align(extract("US$65.9 million", "en"), extract("6590万澳元", "zh"))
    assert [(p.verdict, p.severity) for p in pairs] == [("wrong-unit", ERROR)]


def test_a_quantity_from_elsewhere_in_the_article_is_not_added() -> None:
    output = extract("1,500 households and 38 tonnes", "en")
    pairs = align(extract("1500户", "zh"), output, extract("板栗38吨", "zh"))
    assert [(p.verdict, p.severity) for p in pairs] == [("matched", OK), ("matched", OK)]
    assert pairs[1].source is not None
    assert pairs[1].source.surface == "38吨"


def test_a_summary_need_not_render_the_whole_source() -> None:
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


def found_errors(source: str, output: str) -> list[str]:
    source_lang, lang = ("en", "zh") if any("一" <= c <= "鿿" for c in output) else ("zh", "en")
    pairs = align(extract(source, source_lang), extract(output, lang), texts=(source, output))
    return [f"{p.source} | {p.output}" for p in pairs if p.severity == "error"]


@pytest.mark.parametrize(
    ("source", "right", "wrong"),
    [
        ("拨打911报警。", "Call 911.", "Call 912."),
        ("大美360集成家装", "Damei 360 Integrated Home Decoration", "Damei 370 Integrated Home Decoration"),
        ("富时250指数公司", "the FTSE 250 firm", "the FTSE 2500 firm"),
        ("《超级马力创作家》1", "Super Mario Maker 1", "Super Mario Maker 2"),
        (
            "请致电988，988热线全天开放。",
            "Call 988; the 988 line is always open.",
            "Call 988; the 989 line is always open.",
        ),
        ("序号3501至6500", "serial numbers 3501 to 6500", "serial numbers 3502 to 6500"),
        (
            "(1)发热；(2)肺炎；(3)正常。",
            "(1) fever; (2) pneumonia; (3) normal.",
            "(1) fever; (3) pneumonia; (3) normal.",
        ),
        (
            "Two of them: (1) raise prices at 2 sites; (2) cut costs.",
            "其中两项：(1)在2处提价；(2)降低成本。",
            "其中两项：(2)在2处提价；(2)降低成本。",
        ),
        (
            "There are two reasons: 1) he is honest; 2) he is odd.",
            "理由有二：1)他诚实；2)他古怪。",
            "理由有二：2)他诚实；2)他古怪。",
        ),
        (
            "The president is 62, the median age 19.5.",
            "总统为62岁，年龄中位数为19.5岁。",
            "总统为62个月，年龄中位数为19.5岁。",
        ),
        ("a girl of 6 months and a boy of 8", "6个月的女孩和8个月的男孩", "6个月的女孩和8周的男孩"),
        ("It held nine meetings in April.", "4月举行了9次会议。", "4月举行了1次会议。"),
        ("measures between August and December 2019", "2019年8月至12月期间的措施", "2018年8月至12月期间的措施"),
    ],
)
def test_a_changed_figure_of_a_name_or_a_bare_number_is_an_error(source: str, right: str, wrong: str) -> None:
    assert found_errors(source, right) == []
    assert len(found_errors(source, wrong)) == 1


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("全国约30万人", "300 thousand people nationwide"),  # a scale follows
        ("60年代、70年代", "the 1960s and '70s"),
        ("有效期5-10年", "valid for 5 to 10 years"),
        ("17时30分开会", "The meeting is at 5:30 p.m."),
        ("共有8个", "eight in all, 9 with the spare"),
        ("收益率跌破1.60%和1.3%", "yields fell below 1.6% and 1.3%"),
        ("含量为10、20和30，共两项", "contents of 10, 20 and 30; 2 items"),
    ],
)
def test_figures_in_another_form_have_not_changed(source: str, output: str) -> None:
    assert found_errors(source, output) == []


@pytest.mark.parametrize(
    ("source", "right", "wrong"),
    [
        (
            "来自25个国家、22个不同品类的279个作品",
            "279 works from 25 countries and 22 categories",
            "279 works from 22 countries and 25 categories",
        ),
        (
            "2022年全球市场份额达到29%，预计2023年将达到32%。",
            "The global share was 29% in 2022 and is expected to be 32% in 2023.",
            "The global share was 32% in 2022 and is expected to be 29% in 2023.",
        ),
        (
            "医疗队在56个国家的115个医疗点工作",
            "The teams work in 115 medical facilities in 56 countries.",
            "The teams work in 56 medical facilities in 115 countries.",
        ),
        (
            "他为三个孩子请了四天假。",
            "He took four days off for three children.",
            "He took three days off for four children.",
        ),
        (
            "The rate rose to 54.7% in 2021 from 47.0% in 2020.",
            "比率由2020年的47.0%上升至2021年的54.7%。",
            "比率由2020年的54.7%上升至2021年的47.0%。",
        ),
        (
            "There were 1,127 defections last year, compared with 2,706 in 2011.",
            "2011年有2,706名，去年则有1,127名。",
            "2011年有1,127名，去年则有2,706名。",
        ),
        ("36 of the 116 runners failed", "116名选手中有36名失败", "36名选手中有116名失败"),
        (
            "It tracked 180 of the largest firms, with sales of $200 billion",
            "跟踪了180家公司，销售额2000亿美元",
            "跟踪了2000亿家公司，销售额180美元",
        ),
        ("取得了9金1银4铜", "won 9 gold, 1 silver and 4 bronze", "won 1 gold, 9 silver and 4 bronze"),
        (
            "35℃以上37℃以下的，每天发放10元",
            "10 yuan a day at a temperature below 37℃ but above 35℃",
            "10 yuan a day at a temperature below 35℃ but above 37℃",
        ),
        (
            "总面积5440平方米的膜结构呈现6种颜色",
            "The membrane of 5,440 square meters shows 6 colors",
            "The membrane of 6 square meters shows 5,440 colors",
        ),
        (
            "在Nature Physics（10篇）、Optica（3篇）等发表论文16篇",
            "16 papers in Nature Physics (10 papers), Optica (3 papers) and others",
            "16 papers in Nature Physics (3 papers), Optica (10 papers) and others",
        ),
        (
            "好转组(n=67)及无效组(n=116)",
            "an improved (n=67) and an ineffective group (n=116)",
            "an improved (n=116) and an ineffective group (n=67)",
        ),
        ("(1)甲；(2)乙；(3)丙。", "(1) a; (2) b; (3) c.", "(1) a; (3) b; (2) c."),
        (  # far apart, and beside the same figures without brackets
            f"(1) 2 signs {'of the disease ' * 8}; (2) fever",
            f"(1)2个{'该疾病的' * 20}体征；(2)发热",
            f"(2)2个{'该疾病的' * 20}体征；(1)发热",
        ),
        (
            "王某（24）、李某（25）和赵某（20）三人",
            "three people: Wang (24), Li (25) and Zhao (20)",
            "three people: Wang (25), Li (24) and Zhao (20)",
        ),
        (
            "226 adults (109 men and 117 women) aged 20 to 55 took part.",
            "226名成人(109名男性及117名女性)参加，年龄介于20至55岁。",
            "226名成人(109名男性及20名女性)参加，年龄介于117至55岁。",
        ),
        (
            "Two tankers were attacked last week, and four tankers last month.",
            "上周有两艘油轮遇袭，上月有四艘油轮遇袭。",
            "上周有四艘油轮遇袭，上月有两艘油轮遇袭。",
        ),
        ("a box of 5 inches by 6 inches", "5英寸乘以6英寸的箱子", "6英寸乘以5英寸的箱子"),
        (
            "Its mortality is higher (10.9% versus 1.4%).",
            "其死亡率更高（10.9%对1.4%）。",
            "其死亡率更高（1.4%对10.9%）。",
        ),
        (
            "The firm employs 34,000 people to serve its 14 million customers.",
            "该公司雇佣了3.4万人为其1400万名客户服务。",
            "该公司雇佣了1400万人为其3.4万名客户服务。",
        ),
        (
            "The 12 victims present -- including 2 children -- needed help",
            "当时有12名受害人在场，包括2名儿童",
            "当时有2名受害人在场，包括12名儿童",
        ),
        (
            "1名16岁的女孩遇难，12人受伤",
            "A girl of 16 was killed and 12 were hurt",
            "A girl of 12 was killed and 16 were hurt",
        ),
        (  # Chinese keeps the order of this comparison
            "The odds of a rise are 80 per cent, up from 34 per cent last week.",
            "加息的几率为80%，高于上周的34%。",
            "加息的几率为34%，高于上周的80%。",
        ),
        (  # the total moved
            "The club sold 16 flutes, 8 harps and 13 lutes, 37 in all.",
            "该俱乐部共售出37件乐器：16支长笛、8架竖琴和13把鲁特琴。",
            "该俱乐部共售出37件乐器：8支长笛、16架竖琴和13把鲁特琴。",
        ),
        (  # only one of the units is stated
            "The wait was eleven days, with six spent indoors.",
            "等待时间为十一天，其中在室内度过六天。",
            "等待时间为六天，其中在室内度过十一天。",
        ),
        (  # one of the numbers occurs once more
            "研究纳入5属7种植物。",
            "Plants of five genera and seven species were studied. Seven grew in China.",
            "Plants of seven genera and five species were studied. Seven grew in China.",
        ),
        (
            "该校今年录取男生1426人、女生1873人。",
            "The university admitted 1,426 men and 1,873 women this year.",
            "The university admitted 1,873 men and 1,426 women this year.",
        ),
        (
            "A staircase of 14 steps leads to 21 rooms.",
            "14级台阶的楼梯通向21个房间。",
            "21级台阶的楼梯通向14个房间。",
        ),
    ],
)
def test_two_quantities_that_changed_places(source: str, right: str, wrong: str) -> None:
    assert found_errors(source, right) == []
    assert found_errors(source, wrong) != []


@pytest.mark.parametrize(
    ("source", "output"),
    [
        (
            "It received more than 48,300 visitors. Over 530,400 people have visited it since 2003.",
            "年內接待超過48,300名訪客。自2003年啟用以來訪客總數超過530,400人次。",
        ),
        ("a binary number has the values 0 or 1", "二进制数的值为1或者0"),
        ("cases of COVID-19 in 210 countries, and 2.4 of MERS-2", "在210个国家有COVID-19的病例，以及MERS-2的2.4"),
        ("under section 7 of the Exchange Fund Ordinance (Cap. 66)", "根据《外汇基金条例》（第66章）第7条"),
        ("Room 302 in Building 8", "8号楼302室"),
        ("3 papers in Science, 5 papers in Nature", "Nature（5篇）、Science（3篇）"),
        ("(1) gas; (2) power, with 689,000 users", "（1）燃气；（2）电力，有68.9万用户"),
        ("84 of the 100 seats", "100个席位中的84个"),
        # clauses that Chinese reverses
        (
            "We give this extra $2,000 a year to people that make $70,000 a year.",
            "我们给那些年收入7万美元的人每年多发2000美元。",
        ),
        (
            "It had to limit its squad to 21 players instead of the normal 25.",
            "该队须把人数减至21名，而不是正常的25名球员。",
        ),
        # the year and "as" of the start of a change
        ("增长到740万，2019年为52.08万", "It rose from 520,800 in 2019 to 7.4 million"),
        # a range beside the average
        ("They were followed for 12.5 months on average (range, 6 to 16 months).", "随访6～16个月，平均12.5个月。"),
    ],
)
def test_no_exchange_without_clear_evidence(source: str, output: str) -> None:
    assert found_errors(source, output) == []


@pytest.mark.parametrize(
    ("source", "output", "right", "wrong", "value"),
    [
        ("The class has two sublayers.", "这个类包含两个子层，这{}个子层都有连接。", "两", "四", 4),
        ("将小鼠分为两组。", "The mice were divided into two groups. The {} groups differed.", "two", "four", 4),
        ("介绍了3种方法的原理。", "It describes three methods. All {} are simple.", "three", "five", 5),
        ("The two men met twice.", "两个人见了两次面，这{}位朋友很高兴。", "两", "六", 6),
        (
            "他有9项发明，获2项专利。",
            "He has 9 inventions and 2 patents; the {} patents are his.",
            "2",
            "3",
            3,
        ),
    ],
)
def test_an_added_count_in_words(source: str, output: str, right: str, wrong: str, value: int) -> None:
    assert found_errors(source, output.format(right)) == []
    assert found_errors(source, output.format(wrong)) == [f"None | {value}"]
    assert found_errors(f"{source} {value}", output.format(wrong)) == []


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("Anna and Tom are two of six players.", "安娜和汤姆是六名选手中的两名，另外四人是其他俱乐部的。"),
        ("Rumors spread.", "流言四起，五个人都听说了。"),
        ("Two members left the Quad.", "两个成员退出了四方集团。"),
        ("Two pairs lost the fourballs.", "两对选手输掉了四人四球赛。"),
    ],
)
def test_an_added_count_in_words_that_is_right(source: str, output: str) -> None:
    assert found_errors(source, output) == []


@pytest.mark.parametrize(
    ("source", "output", "right", "wrong"),
    [
        ("Tech stocks in the S&P 500 fell.", "标普{}指数(S&P 500)中的科技股下跌。", "500", "600"),
        ("沪深300指数上涨。", "The CSI {} index (沪深300) rose.", "300", "3000"),
        ("patients with type 1 diabetes at 120 sites in 15 countries", "15个国家120个中心的{}型糖尿病患者", "1", "2"),
        ("全军将换发07式军服。", "All troops will change into 0{}-series uniforms.", "7", "8"),
        ("2型患者和2型细胞、2型血、2型人", "type 2 patients and type 2 cells, type {} blood, type 2 men", "2", "4"),
    ],
)
def test_a_changed_figure_that_is_repeated(source: str, output: str, right: str, wrong: str) -> None:
    assert found_errors(source, output.format(right)) == []
    assert len(found_errors(source, output.format(wrong))) == 1


@pytest.mark.parametrize(
    ("source", "output", "right", "wrong"),
    [
        ("The median was 100% (range, 90 to 95).", "中位数为100%（90～95{}）。", "%", "个百分点"),
        ("It was born nine months later.", "{}个月后它出生了。", "9", "1"),
        ("They paid 2 times book value.", "他们支付了{}倍的账面价值。", "2", "3"),
        ("It takes about five to six days.", "大约需要5到{}天。", "6", "60"),
        ("从1405年到1433年的航行", "the voyages between 1405 and {}", "1433", "14330"),
        ("Stay inside for two days or so.", "待在室内两天，或者在地下室躲避至少{}天。", "两", "四"),
        ("It has two types.", "它有两种类型；至少{}种类型。", "两", "四"),
        ("patients in a 1: 1 ratio to one of the two groups", "以{}∶1的比例将患者分到两个组中的一个", "1", "10"),
        ("They found four more cases.", "他们又发现了{}例病例。", "4", "5"),
        ("a field divided into five or more plots", "分割为{}块或以上的田地", "5", "6"),
        ("Stay inside for at least two days.", "待在室内至少两天，或者在地下室躲避{}两天。", "至少", "最多"),
    ],
)
def test_a_change_that_was_only_a_warning(source: str, output: str, right: str, wrong: str) -> None:
    assert found_errors(source, output.format(right)) == []
    assert found_errors(source, output.format(wrong)) != []


def test_a_year_is_no_changed_figure() -> None:
    assert found_errors("Sales rose in 2014 from a year earlier.", "2014年销售额比2013年增长。") == []


def test_counts_far_apart_are_paired_if_both_count_something() -> None:
    filler = "这里的研究人员仔细观察了植物的生长情况。" * 25
    source = f"{filler}其中十三种苔藓保持绿色。"
    output = "{} mosses stayed green." + " The plants were watched closely here." * 25
    assert found_errors(source, output.format("Thirteen")) == []
    assert found_errors(source, output.format("Fifteen")) == ["13 | 15"]
    assert found_errors(source, f"(15) Others. {output.format('Thirteen')}") == []


def test_a_vague_quantity_is_not_paired_before_a_wrong_one() -> None:
    output = "the records of the past {} days remain useful for several days"
    assert found_errors("过去7天的记录仍然有用", output.format(7)) == []
    assert found_errors("过去7天的记录仍然有用", output.format(8)) == ["7 day | 8 day"]


@pytest.mark.parametrize("wrong", ["30个百分点至43%", "30%至43个百分点"])
def test_one_end_of_a_range_with_a_wrong_unit(wrong: str) -> None:
    source = "between 30 and 43 percent of voters would take part"
    assert found_errors(source, "30%至43%的选民会参加") == []
    assert found_errors(source, f"{wrong}的选民会参加") != []


def test_a_clause_that_moves_takes_its_quantities_along() -> None:
    source = "在16.7万例死亡中，有66%是它造成的，在损失的2100万年寿命中，有50%是它造成的。"
    output = "50 percent of the 21 million years of life and 66 percent of the 167,000 deaths were due to it."
    assert found_errors(source, output) == []
    more = "an increase of 961 yuan compared to 13,719 yuan in 2021"
    assert found_errors("比2021年的13719元增加961元", more) == []
    assert (
        found_errors(
            "50%在北美，40%在欧洲，2%在大洋洲。", "2% are in Oceania, 50% in North America, and 40% in Europe."
        )
        == []
    )


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("The team won by 14½-13½.", "最终以14½-13½赢得了比赛。"),
        ('There is no second version of "8½".', "《8½》没有第二个版本。"),
        ('There is no second version of "8½".', "《八部半》没有第二个版本。"),
        ("It gets 3 1/2 stars.", "它得到3 1/2星。"),
        ("It gets 3 1/2 stars.", "它得到3星半。"),
        ("The bonds of HK$10 billionequivalent were sold.", "這筆100億港元的債券已售出。"),
        ("The total reached 109,990,742 doses.", "总数达到109，990，742剂。"),
        ("The forecast is for growth of 2.5% in 20246.", "預測2024年增長2.5%。"),
        ("每人每天35℃以上37℃以下", "above 35°C and below 37°C"),
        ("三台九尺钢琴", "three nine-foot pianos"),
        ("Trump won the district by 20 points.", "特朗普以20个百分点的优势获胜。"),
        ("The opener came on 3:35.", "首开纪录是在3分35秒。"),
        ("He had been with her for twenty-two years.", "他陪了她二十多年。"),
        ("There were 98 guests and 1.6 calls a night.", "近百名客人，每晚不足两次呼叫。"),
        ("跌破1美元兑人民币7.0元关口", "fell below the 7.0 yuan per US dollar mark"),
        ("从70名医务人员中组成了11个医疗队", "11 medical teams, comprising 70 medical staff"),
        ("斐济人生来就是打7人制橄榄球的。", "Rugby Sevens is second nature to Fijians."),
        # a unit on one side, or another name of it
        ("The fee was 300 zorkmids.", "他付了300元。"),
        ("The ticket costs about ¥7,000.", "票价约为7000日元。"),
        ("She won the new $5 bill.", "她赢得了新的5元纸币。"),
        ("在香港，附加费为652元。", "In Hong Kong, the surcharge is $652."),
        ("一般為 56 至 64 公里 / 小時", "commonly 56-64 km/h"),
        ("During the 1920s, they were isolated.", "20年代，他们很孤立。"),
        # one end of a range, and a negated comparison
        ("利率由0.5%开始上升，现在升至4.75%。", "The rate rose from 0.5% to 4.75%."),
        ("每条不得超过3分钟。", "Each should not last for more than 3 minutes."),
        # a point before thousands, dozens, a rate in another word, a list, and a trio
        ("Last week 10.700 had been tested.", "上一周已经检测了10,700次。"),
        ("节目荣获二十多项艾美奖", "The show has won more than two dozen Emmys."),
        ("winds of 149 miles per hour", "风速149英里"),
        (
            "湖北、陕西、广西、重庆、山西和江西等6省区市下调费率",
            "Hubei, Shaanxi, Guangxi, Chongqing, Shanxi and Jiangxi cut it.",
        ),
        ("这3位演员刚刚获奖", "The trio of actors won a prize."),
        ("1.38岁的亚当斯来自佛罗里达州。", "1. Adams, 38, of Florida"),
    ],
)
def test_another_reading_of_the_same_place_is_no_error(source: str, output: str) -> None:
    assert found_errors(source, output) == []


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("The team won by 14-13.", "最终以14-12赢得了比赛。"),
        ("外汇影响0.5亿港元", "an effect of HK$5 billion"),
        ("She waited for twenty-two years.", "她等了三十多年。"),
        ("三台九尺钢琴", "three eight-foot pianos"),
        ("The opener came on 3:35.", "首开纪录是在3分53秒。"),
        ("零下20度", "20 degrees"),
    ],
)
def test_such_a_reading_hides_no_other_number(source: str, output: str) -> None:
    assert found_errors(source, output) != []


def test_counts_at_other_places_of_a_long_text_are_no_pair() -> None:
    filling = "这是一句没有数字的话，只是为了让文字变长。" * 12
    long, short = f"七只股票。{filling}", f"{'This sentence has no number. ' * 20}Those three funds rose."
    assert len(long) < 400 or found_errors(long, short) == []
    assert found_errors(f"7500只股票。{filling}" * 2, f"{'This sentence has no number. ' * 20}7600 stocks.") != []


@pytest.mark.parametrize(
    ("source", "output", "rough", "wrong"),
    [
        ("$41.5 billion in cheap loans", "{}亿元的低息贷款", "3000", "300"),
        ("It is just six miles away.", "就在{}公里外。", "10", "60"),
        ("It is hundreds of miles long.", "长达{}公里。", "数百", "数十万"),
        ("It was more than 100 degrees Fahrenheit.", "气温超过摄氏{}度。", "37", "73"),
        ("處三萬元以下罰金。", "a fine of up to {}30,000", "NT$", "US$"),
        ("門票每張五百元。", "Tickets cost {}500 each.", "HK$", "€"),
        ("新台币三万元，另付五百元。", "{}500 on top of NT$30,000", "NT$", "A$"),
        ("2. 出租360的票", "{} tickets for rent", "3. 360", "2. 370"),
        ("(4) Type 2 cells", "（{}型细胞", "3）2", "4）3"),
    ],
)
def test_a_difference_that_is_only_a_warning(source: str, output: str, rough: str, wrong: str) -> None:
    source_lang, target_lang = ("zh", "en") if not source.isascii() else ("en", "zh")

    def severities(figure: str) -> set[str]:
        text = output.format(figure)
        aligned = align(extract(source, source_lang), extract(text, target_lang), texts=(source, text))
        return {p.severity for p in aligned} - {"ok"}

    assert severities(rough) == {WARNING}
    assert severities(wrong) == {ERROR}


@pytest.mark.parametrize(
    ("source", "output", "errors"),
    [
        ("版本1.2.3共两个", "version 1.2.4, two in all", []),
        ("3月5日开馆，藏书2000册。", "It opened on 5 March at 8:30 with 2,000 books.", ["None | time 08:30"]),
    ],
)
def test_parts_of_versions_and_times_are_no_changed_figures(source: str, output: str, errors: list[str]) -> None:
    assert found_errors(source, output) == errors


def test_the_words_near_two_numbers_tell_whether_they_were_exchanged() -> None:
    source = "公司去年营收217亿元，净利润13.9亿元。"
    text = "The company earned a net profit of {} billion yuan on revenue of {} billion yuan last year."
    assert found_errors(source, text.format("1.39", "21.7")) == []
    assert found_errors(source, text.format("21.7", "1.39")) == [
        "CNY 1390000000 | CNY 21700000000",
        "CNY 21700000000 | CNY 1390000000",
    ]


def test_two_numbers_that_may_have_been_exchanged_are_a_warning() -> None:
    source, output = "A model 0.7 km wide by 1.3 km tall.", "这个模型宽{}公里，高{}公里。"
    for numbers, expected in ((("0.7", "1.3"), [OK, OK]), (("1.3", "0.7"), [WARNING, WARNING])):
        text = output.format(*numbers)
        pairs = align(extract(source, "en"), extract(text, "zh"), texts=(source, text))
        assert [pair.severity for pair in pairs] == expected
