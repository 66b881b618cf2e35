"""Names in outputs that their Chinese source does not have."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, strategies as st

from evalkit.data.loading import load_benchmark
from evalkit.data.tasks import references_of
from evalkit.errors import SettingError
from evalkit.metrics.base import Finding, References
from evalkit.metrics.names import Names, _finding
from evalkit.metrics.terms import Terms
from evalkit.text.names import NameCheck
from evalkit.text.names.wrong_name import WrongName
from evalkit.text.term_matching import Term

SOURCE = (
    "25日，市民政局在京举行会议。乡村教育发展基金会秘书长李小明介绍，广西的活动由该基金会主办。主任王大力、书记陈文表示支持。"
    "王大力教授说，活动将在苏州举行。"
)
TERMS = (
    Term("乡村教育发展基金会", ("Rural Education Development Foundation",), kind="organisation"),
    Term("李小明", ("Li Xiaoming",), kind="person"),
    Term("王大力", ("Wang Dali",), kind="person"),
    Term("陈文", ("Chen Wen",), kind="person"),
    Term("夏泽翰", ("Shahbaz Khan",), kind="person"),
)
WRITTEN: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[1] / "written" / "wrong_names.yaml").read_text("utf-8")
)


def wrong(text: str, lang: str, terms: tuple[Term, ...] = TERMS) -> list[tuple[str, str, str]]:
    found = NameCheck(SOURCE, terms).wrong(text, lang)
    assert all(text[name.start : name.end] == name.form for name in found)
    return [(name.form, name.why, name.meant) for name in found]


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("粵港澳大灣區發展迅速。", "The Guangdong-Hong Kong-Macao Greater Bay Area is growing fast."),
        ("滬深兩市收跌。", "Stocks in Shanghai and Shenzhen closed lower."),
        ("恒生指數升86點。", "The Hang Seng Index rose by 86 points."),
        ("瀋陽與濟南之間的列車", "the train between Shenyang and Jinan"),
        ("瀋陽與濟南之間的列車", "沈阳与济南之间的列车"),
        ("沈阳与济南之间的列车", "瀋陽與濟南之間的列車"),
    ],
)
def test_a_source_in_traditional_characters_names_the_same_places(source: str, output: str) -> None:
    lang = "en" if output.isascii() else "zh"
    assert not NameCheck(source).wrong(output, lang)
    assert "Hang Seng" in output or NameCheck("会议在昆明举行。").wrong(output, lang)


def test_another_international_organization_is_wrong() -> None:
    source = "联合国儿童基金会驻华代表桑爱玲表示祝贺。"
    assert [n.form for n in NameCheck(source).wrong("UNESCO's Sang Ailing sent congratulations.", "en")] == ["UNESCO"]
    assert not NameCheck(source).wrong("UNICEF's Sang Ailing, who spoke first, sent congratulations.", "en")
    assert [n.sure for n in NameCheck("桑爱玲表示祝贺。").wrong("Sang Ailing of UNICEF spoke.", "en")] == [False]
    assert [n.form for n in NameCheck(source).wrong("联合国教科文组织代表桑爱玲祝贺。", "zh")] == ["教科文"]


@pytest.mark.parametrize(
    ("source", "output", "wrong"),
    [
        ("救助局局长陈晓钟指挥救援。", "局长陈晓东指挥救援。", ["陈晓东"]),
        ("救助局局长陈晓指挥救援。", "局长陈晓组织救援。", []),
        ("省长王清宪会见了司长乔跃山。", "省长乔跃山会见了来宾。", ["省长乔跃山"]),
        ("工党还被看作只会加税的政党。", "工党仍被视为提高税收的政党。", []),
    ],
)
def test_a_verb_shows_where_a_name_ends(source: str, output: str, wrong: list[str]) -> None:
    assert [name.form for name in NameCheck(source).wrong(output, "zh")] == wrong


@pytest.mark.parametrize(
    ("source", "output", "wrong"),
    [
        ("博物馆馆长关睿之说，展览免费。", "管睿之说展览不收费。", ["管睿之"]),
        ("纪念馆馆长纪明远说，展览免费。", "馆长明远说，展览免费。", []),
        ("记者李建国说，这是新中国建国七十年。", "文章纪念新中国建国。", []),
        ("卫星从酒泉升空。", "卫星从太原升空。", ["太原"]),
        ("约旦译者获奖。", "叙利亚译者获奖。", ["叙利亚"]),
        ("约旦译者获奖。", "来自约旦的译者获奖。", []),
        ("教授梁子辰讲授课程。", "讲师梁子辰讲授课程。", ["讲师梁子辰"]),
    ],
)
def test_another_surname_place_or_title(source: str, output: str, wrong: list[str]) -> None:
    assert [name.form for name in NameCheck(source).wrong(output, "zh") if name.sure] == wrong


def test_the_name_of_a_capital_is_unsure_where_the_source_has_the_country() -> None:
    assert [name.sure for name in NameCheck("中国对此表示关切。").wrong("Beijing expressed concern.", "en")] == [False]
    concern = "Beijing expressed concern."
    assert [name.sure for name in NameCheck("昆明市长对此表示关切。").wrong(concern, "en")] == [True]
    # a place in addition to those of the source may be known from the context
    assert [name.sure for name in NameCheck("市长对此表示关切。").wrong(concern, "en")] == [False]


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("广西的活动由乡村教育发展基金会主办。", []),
        ("北京会议上，李小明秘书长介绍了广西的活动。", []),  # 在京
        ("广东的活动由基金会主办。", [("广东", "added", "")]),
        ("教育部举行会议。", [("教育部", "added", "")]),
        ("教育部门举行会议。", []),
        ("乡村教育创新基金会主办。", [("创新基金会", "altered", "乡村教育发展基金会")]),
        ("秘书长李小军介绍。", [("李小军", "altered", "李小明")]),
        ("书记王大力表示支持。", [("书记王大力", "title", "书记陈文")]),
        ("副主任王大力表示支持。", [("副主任王大力", "title", "主任王大力")]),
        ("主任王大力和书记陈文表示支持，王大力教授介绍。", []),
        ("教授王大力说。", []),
        ("他去了上海南部和黄河北岸。", [("上海", "added", "")]),
        ("秘书长赵晓天说，会议由复旦大学主办。", [("赵晓天", "added", ""), ("复旦大学", "added", "")]),
        ("李小姐和刘老师来了。", []),
        ("", []),
    ],
)
def test_wrong_names_in_chinese(summary: str, expected: list[tuple[str, str, str]]) -> None:
    assert wrong(summary, "zh") == expected


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("The Rural Education Development Foundation met.", []),
        ("The Education Development Foundation met.", []),
        ("The Shanghai Development Foundation met.", ["Shanghai Development Foundation"]),
        ("The Development Foundation met Big Oil.", []),
        ("The Great Wall School opened.", []),
        ("Li Xiaoming said so in Guangxi, and Wang Dali in Beijing.", []),
        ("Li Xiaojun said so in Guangdong.", ["Li Xiaojun", "Guangdong"]),
        ("Shahbaz Khan and Imran Khan came; Mr. Khan left.", ["Imran Khan"]),
        ("China and Hong Kong; Susan He said so.", []),
    ],
)
def test_wrong_names_in_english(summary: str, expected: list[str]) -> None:
    assert [form for form, _, _ in wrong(summary, "en")] == expected


@pytest.mark.parametrize(
    ("source", "text", "errors", "warnings"),
    [
        ("叶莉表示支持。", "Ye Li agreed, and so did Li Ye.", [], []),
        ("叶莉表示支持。", "Li Yi agreed.", ["Li Yi"], []),
        ("警方通报王某国一案。", "Wang Guo and Wang Mouguo are one.", [], []),
        ("（人民日报 记者 颜 欢）", "Yan Huan reports.", [], []),
        ("警方通报黄某某一案。", "Huang Moumou was found; Huang Lei was not.", ["Huang Lei"], []),
        ("帕拉纳圭市(Panaque)监狱", "Panaque City Jail", [], []),
        ("加拿大的一座城市", "a Canadian city", [], []),
        ("据台湾媒体报道，林全宣布花莲县停课。", "Lin Chuan closed schools in Hualien County.", [], []),
        ("林全宣布桐乡县停课。", "Lin Chuan closed schools.", ["Lin Chuan"], []),
        ("呼和浩特、哈尔滨和台北", "Hohhot, Harbin and Taipei City", [], []),
        ("首都和大连自然生态持续向好", "Nature in Beijing improves, not in Shenyang.", ["Shenyang"], []),
        ("线路北接京济高铁", "It joins the line from Beijing to Jinan.", [], ["Jinan"]),
    ],
)
def test_what_is_doubtful_is_no_error(source: str, text: str, errors: list[str], warnings: list[str]) -> None:
    references = References((("x",),), lang="en", sources=(source,), source_lang="zh")
    found = Names().explain(text, references, 0)
    assert [f.key for f in found if f.severity == "error"] == errors
    assert [f.key for f in found if f.severity == "warning"] == warnings
    assert Names().statistics([text], references)[0, 2] == len(errors)


@pytest.mark.parametrize(
    ("source", "output", "names"),
    [
        ("会议在南京举行。", "The meeting was held in Beijing.", ["Beijing"]),
        ("会议在东京举行。", "会议在北京举行。", ["北京"]),
        ("会议在青岛举行。", "会议在青海举行。", ["青海"]),
        ("会议在辽宁举行。", "会议在宁夏举行。", ["宁夏"]),
        ("会议在京举行。", "The meeting was held in Beijing.", []),
        ("京沪高铁", "the Beijing-Shanghai railway", []),
    ],
)
def test_a_character_of_another_place_is_no_abbreviation(source: str, output: str, names: list[str]) -> None:
    lang = "en" if output.isascii() else "zh"
    assert [name.form for name in NameCheck(source).wrong(output, lang)] == names


def test_other_languages_are_not_read() -> None:
    assert wrong("Li Xiaojun in Guangdong", "de") == []
    references = References((("x",),), lang="en", sources=("Li",), source_lang="de")
    with pytest.raises(SettingError, match="Names reads sources in zh, not de"):
        Names().statistics(["Li Xiaojun"], references)


def test_rows_and_findings() -> None:
    references = References(((SOURCE,),) * 3, lang="zh", sources=(SOURCE,) * 3, source_lang="zh", kind="summary")
    outputs = ["李小明介绍，广东的活动由教育部主办。", "活动由基金会主办。", ""]
    rows = Names().statistics(outputs, references)
    assert rows.tolist() == [[1 / 3, 1, 2], [1, 1, 0], [0, 1, 0]]
    assert Names().score(rows.sum(axis=0)) == pytest.approx(4 / 9)
    place, _ = Names().explain(outputs[0], references, 0)
    assert (place.kind, place.severity, place.output_span) == ("wrong-name", "error", (6, 8))
    assert place.message == "“广东” is not in the source"


def test_a_translation_may_name_what_its_article_names() -> None:
    sources = ("秘书长李小明来了。", "他说活动很好。")
    for articles, count in ((("a", "a"), 0), (("a", "b"), 1), (None, 1)):
        references = References((("x",), ("x",)), lang="en", sources=sources, source_lang="zh", articles=articles)
        assert len(Names().explain("Li Xiaoming said it was good.", references, 1)) == count


def written_errors() -> Any:
    """The error findings of a written summary of a bundled or an invented article."""
    bundled = {task.lang: references_of(task) for task in load_benchmark().tasks if task.kind == "summary"}
    own = {
        (article, lang): References((("x",),), lang=lang, sources=(source,), source_lang="zh", kind="summary")
        for article, source in WRITTEN["articles"].items()
        for lang in ("zh", "en")
    }

    def errors(summary: dict[str, Any], text: str) -> tuple[Finding, ...]:
        if (summary["article"], summary["lang"]) in own:
            return Names().explain(text, own[summary["article"], summary["lang"]], 0)
        references = bundled[summary["lang"]]
        assert references.articles is not None
        place = references.articles.index(summary["article"])
        # Known wrong forms of a glossary are found by Terms.
        found = (*Names().explain(text, references, place), *Terms().explain(text, references, place))
        return tuple(finding for finding in found if finding.severity == "error")

    return errors


def test_wrong_names_that_were_written_before_the_code() -> None:
    errors = written_errors()
    summaries = {summary["id"]: summary for summary in WRITTEN["summaries"]}
    assert [f.message for s in summaries.values() for f in errors(s, s["text"])] == []
    missed = [
        case
        for case in WRITTEN["wrong"]
        if not errors(s := summaries[case["summary"]], s["text"].replace(case["was"], case["now"], 1))
    ]
    assert len(WRITTEN["wrong"]) >= 60
    assert len(missed) <= 0.05 * len(WRITTEN["wrong"]), missed


def test_no_false_alarm_in_the_bundled_references() -> None:
    for task in load_benchmark().tasks:
        references = references_of(task)
        found = [
            f for i, refs in enumerate(task.references) for text in refs for f in Names().explain(text, references, i)
        ]
        assert found == []


@given(
    st.text(alphabet="北京上海南广东教育部民政局李小明军书记主任王大力陈文，。A İß\u200f", max_size=60)
    | st.text(alphabet="LiXaomng Chwe'’-University of\n", max_size=60),
    st.sampled_from(["zh", "en"]),
)
def test_any_text_is_answered(text: str, lang: str) -> None:
    found = NameCheck(SOURCE, TERMS).wrong(text, lang)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(text[name.start : name.end] == name.form for name in found)


@pytest.mark.parametrize(
    "piece",
    [
        "广东李小军书记王大力乡村教育",
        "大学",
        "秘书长",
        "Shanghai Development Foundation ",
        "Li Xiaojun ",
        "Xiaoming",
        "A ",
    ],
)
def test_long_texts_take_linear_time(piece: str) -> None:
    """Quadratic work would take minutes here: the test is that it ends."""
    for lang in ("zh", "en"):
        NameCheck(SOURCE, TERMS).wrong(piece * (100_000 // len(piece)), lang)


def test_wrong_names_of_the_second_set() -> None:
    errors = written_errors()
    second = yaml.safe_load((Path(__file__).parents[1] / "written" / "tested_once.yaml").read_text("utf-8"))["names"]
    assert [f.message for summary in second for f in errors(summary, summary["text"])] == []
    cases = [(s, s["text"].replace(was, now, 1)) for s in second for was, now in s["wrong"]]
    missed = [text for summary, text in cases if not errors(summary, text)]
    assert len(missed) <= 3, missed


def test_the_given_name_of_a_person_is_no_place() -> None:
    source = "李健在济南说，会议已经结束。"
    assert not NameCheck(source).wrong("Li Jian said in Jinan that the meeting was over.", "en")
    wrong = NameCheck(source).wrong("The meeting in Jian is over, Li Jian said.", "en")
    assert [name.form for name in wrong] == ["Jian"]


NEWS = (
    "河中省水利厅副厅长宋海涛3日说，清溪县的水库没有决口。清溪县县长路遥远陪同检查。青河大学教授毕刚讲解了图纸。"
    "省地质研究所所长段海峰拒绝评论，乘客裘小曼等候了两小时。法国工程师索菲·勒鲁瓦提供帮助，京东捐款。"
)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("副厅长宋海涛3日说，水库没有决口。教授毕刚讲话，所长段海峰没有评论。", []),
        ("副厅长宋海波3日说", ["宋海波"]),
        ("所长段海岩拒绝评论", ["段海岩"]),
        ("教授毕刚到场，毕刚谈了图纸", []),
        ("县长段海峰陪同", ["县长段海峰"]),
        ("乘客路遥远等候", ["乘客路遥远"]),
        ("东清大学教授毕刚", ["东清大学"]),
        ("省地震研究所所长段海峰", ["地震研究所"]),
        ("省交通厅副厅长宋海涛", ["交通厅"]),
        ("路遥远说，清溪县的水库没有决口。", ["路遥远"]),
        ("宋海涛说，清溪县的水库没有决口。", []),
        ("德国工程师索菲·勒鲁瓦提供帮助，腾讯捐款", ["德国", "腾讯"]),
        ("法国工程师索菲·贝尔纳提供帮助", ["贝尔"]),
    ],
)
def test_names_in_a_chinese_summary_without_a_glossary(output: str, expected: list[str]) -> None:
    assert [name.form for name in NameCheck(NEWS).wrong(output, "zh") if name.sure] == expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("Bi Gang, a professor at Qinghe University, and Lu Yaoyuan, head of Qingxi County, came.", []),
        ("Bi Gang, a professor at Southwest Petroleum University, came.", ["Southwest Petroleum University"]),
        ("Duan Haifeng of the Institute of Geology declined to comment.", []),
        ("Duan Haifeng of the Institute of Finance declined to comment.", ["Institute of Finance"]),
        ("Magistrate Duan Haifeng came.", ["Magistrate Duan Haifeng"]),
        ("Magistrate Lu came with Professor Bi.", []),
        ("Magistrate Duan came.", ["Magistrate Duan"]),
        (
            "Song Haitao, director of the research institute, spoke.",
            ["Song Haitao, director of the research institute"],
        ),
        ("JD.com gave money and a French engineer helped.", []),
        ("Tencent gave money and a Kenyan engineer helped.", ["Tencent", "Kenyan"]),
        ("The reservoir in Qingshui did not burst.", ["Qingshui"]),
    ],
)
def test_names_in_an_english_summary_without_a_glossary(output: str, expected: list[str]) -> None:
    assert [name.form for name in NameCheck(NEWS).wrong(output, "en") if name.sure] == expected


def test_a_place_is_in_the_province_of_the_source() -> None:
    source = NameCheck("会议在广西灵山县举行，贵州也派人参加。")
    assert [name.meant for name in source.wrong("They met in Lingshan, Guizhou.", "en")] == ["广西"]
    assert not source.wrong("They met in Lingshan, Guangxi, with guests from Guizhou, Guangxi.", "en")
    parks = NameCheck("江西三清山、新疆喀纳斯等景区降价。")
    assert not parks.wrong("Fees fell in Jiangxi Sanqingshan, Xinjiang Kanas and other parks.", "en")


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("加拿大不列颠哥伦比亚省", "the province of British Columbia in Canada"),
        ("省人社厅厅长出席。", "The head of the Department of Human Resources and Social Security came."),
        ("暨南大学招生", "Jinan University is enrolling students."),
        ("外长王毅与总理会谈。", "Minister Wang Yi met the Prime Minister."),
        ("四省的渔民受灾，云南最重。", "Fishermen in Yunnan, Guizhou and Hunan suffered."),
        ("习近平总书记和省委书记杨浩到场。", "General Secretary Xi Jinping and Secretary Yang Hao came."),
        ("北韩与南韩的大学谈判", "North Korea and South Korea talk about a university."),
        ("宣传东大建筑学院", "the School of Architecture, Southeast University"),
        ("大使张春和信德省内政部长孙业明送别", "Ambassador Zhang Chun, the interior minister of Sindh, said goodbye."),
        ("顶尖的企业和高校", "the best firms and schools of Tulane University"),
    ],
)
def test_correct_translations_have_no_wrong_name(source: str, output: str) -> None:
    assert not [name for name in NameCheck(source).wrong(output, "en") if name.sure]


@pytest.mark.parametrize(
    ("lang", "text"),
    [("en", "Coach Xu Gensheng admitted that the referee was fair."), ("zh", "海岩队主教练徐根生表示，裁判公正。")],
)
def test_titles_that_mean_the_same_are_not_wrong(lang: str, text: str) -> None:
    source = "江城队主教练卢卡赛后说，防守还不够稳定。海岩队主帅徐根生承认，裁判的判罚是公正的。"
    references = References(((text,),), lang=lang, sources=(source,), source_lang="zh", kind="summary")
    assert [f.message for f in Names().explain(text, references, 0)] == []


SPEECHES = (
    "市气象局局长温立秋说，这场暴雨造成的积水已经全部排除。水务集团董事长邹海棠表示，新水库不会提高居民用水价格，也没有推迟工期的计划。"
    "河东大学环境学院教授鲁子敬认为，水库的选址避开了断裂带。渔民代表柯大同否认村民破坏过围栏。记者于4月8日在现场采访。"
)


@pytest.mark.parametrize(
    ("output", "wrong"),
    [
        ("鲁子敬教授认为，水库选址避开了断裂带。", []),
        ("温立秋认为，水库选址避开了断裂带。", [("温立秋", "attributed", "鲁子敬")]),
        ("邹海棠表示，暴雨造成的积水已经排除。", [("邹海棠", "attributed", "温立秋")]),
        ("暴雨造成的积水已经排除，温立秋说。", []),
        ("邹海棠表示，新水库不会提高用水价格。", []),
        ("邹海棠表示，新水库会提高用水价格。", [("提高", "negated", SPEECHES.split("。")[1].replace("，", ","))]),
        ("柯大同否认村民破坏过围栏。", []),
        ("温立秋与邹海棠都提到暴雨造成的积水。", []),
        (
            "The rainstorm has been drained, Wen Liqiu of the city's weather bureau said. Zou Haitang said the new reservoir "
            "would not raise the price of water for residents.",
            [],
        ),
        (
            "Lu Zijing said the new reservoir would not raise the price of water for residents.",
            [("Lu Zijing", "attributed", "邹海棠")],
        ),
    ],
)
def test_statements_about_persons(output: str, wrong: list[tuple[str, str, str]]) -> None:
    found = NameCheck(SPEECHES).wrong(output, "en" if output.isascii() else "zh")
    assert [(name.form, name.why, name.meant) for name in found] == wrong


def test_a_negation_is_compared_in_sentences_about_the_same_person() -> None:
    source = "7月2日，董事长方秋白表示，公司没有公布新药的价格。实验室主任何冬青介绍了试验。"
    for verb, reported in (("had not disclosed", []), ("had disclosed", ["negated"])):
        text = f"Fang Qiubai, the chairman, said the company {verb} the price of the new drug."
        assert [name.why for name in NameCheck(source).wrong(text, "en")] == reported


@pytest.mark.parametrize(("words", "reported"), [("不愁卖", []), ("没有卖", ["negated"])])
def test_words_with_a_negation_that_negate_nothing(words: str, reported: list[str]) -> None:
    source = f"果农褚卫星说，今年合作社的苹果{words}。县长方秋白介绍了采摘节。"
    text = "Chu Weixing, a grower, said the cooperative's apples were sold this year."
    assert [name.why for name in NameCheck(source).wrong(text, "en")] == reported


@pytest.mark.parametrize(
    ("output", "wrong"),
    [
        ("巡护员沈小楼先看到鹤群。", []),
        ("巡护员田有禾先看到鹤群。", ["巡护员田有禾"]),
        ("巡护员沈小梅先看到鹤群。", ["沈小梅"]),
        ("秦教授说，鹤群会停留一个月。", []),
        ("段教授说，鹤群会停留一个月。", ["段教授"]),
        ("Professor Qin said the cranes would stay for a month.", []),
        ("Professor Duan said the cranes would stay for a month.", ["Professor Duan"]),
    ],
)
def test_roles_and_surnames(output: str, wrong: list[str]) -> None:
    source = "巡护员沈小楼发现鹤群，渔民田有禾表示高兴。教授秦守义介绍，鹤群会停留一个月。"
    found = NameCheck(source).wrong(output, "en" if output.isascii() else "zh")
    assert [name.form for name in found] == wrong


def test_clubs_and_mountains_after_a_verb_are_no_names() -> None:
    source = "登山俱乐部主席秦守义说，队员将翻过青岭山。"
    assert not NameCheck(source).wrong("秦守义说，队员离开俱乐部后将越过山岭。", "zh")


NEGATED = (
    "护士代表秦守义说，护士和病人吃的是同样的饭菜，并无例外。环保署署长段海峰答复，依法不必做监测，但愿意公开图纸。"
    "议员沈小楼要求环保署先做环境监测。"
)


@pytest.mark.parametrize(
    ("output", "reported"),
    [
        ("Nurses get no special meals and eat what patients eat, said Qin Shouyi, who spoke for the nurses.", []),
        ("Nurses get no meals and eat what patients eat, said Qin Shouyi, who spoke for the nurses.", ["no meals"]),
        ("议员沈小楼要环保署先做监测，署长段海峰说可以公开图纸。", []),
        ("署长段海峰答复，依法做监测，愿意公开图纸。", ["做监"]),
    ],
)
def test_what_is_restricted_or_demanded_is_not_negated(output: str, reported: list[str]) -> None:
    found = NameCheck(NEGATED).wrong(output, "en" if output.isascii() else "zh")
    assert [name.form for name in found] == reported


@pytest.mark.parametrize(
    ("words", "reported"),
    [("国家那样", []), ("国家曾有", []), ("专家那样", []), ("专家安全", []), ("专家段海峰", ["段海峰"])],
)
def test_a_word_after_a_role_or_country_is_no_name(words: str, reported: list[str]) -> None:
    found = NameCheck("中方谈待遇。").wrong(f"中方不谋求发达{words}的待遇。", "zh")
    assert [name.form for name in found] == reported


@pytest.mark.parametrize(
    ("lang", "piece"),
    [("zh", "李明局长说，会议不会取消大会，"), ("en", "Li Ming said the meeting will not be cancelled, ")],
)
def test_long_texts_take_no_more_than_linear_work(lang: str, piece: str) -> None:
    """Quadratic work would take minutes here: the test is that it ends."""
    for source, output in ((300, 600), (4000, 4000)):
        NameCheck("李明局长说，会议将会取消大会，" * source, ()).wrong(piece * output, lang)


@pytest.mark.parametrize("why", ["altered", "title", "attributed", "negated"])
def test_braces_in_a_source_are_no_placeholders(why: str) -> None:
    name = WrongName(0, 2, why, "person", "{meant.__class__} {x}", form="{form}")
    assert "{meant.__class__} {x}" in _finding(name).message
    assert "{form}" in _finding(name).message


@pytest.mark.parametrize(
    ("output", "wrong"),
    [
        ("承建商鼎晟地产拖欠工资。", ["鼎晟地产"]),
        ("他投诉了鼎晟公司。", ["鼎晟公司"]),
        ("鼎晟科技宣布赔偿。", ["鼎晟科技"]),
        ("永沛置业拖欠工资。", []),
        ("房地产公司拖欠工资。", []),
        ("焚烧汽车的人被捕。", []),
        # The company may be known from the context, because the output has that of the source, too.
        ("永沛置业的母公司鼎晟地产拖欠工资。", []),
    ],
)
def test_another_company_in_chinese(output: str, wrong: list[str]) -> None:
    source = "工人投诉“永沛置业”拖欠工资，律师陈立表示将起诉。"
    assert [name.form for name in NameCheck(source).wrong(output, "zh") if name.kind == "organisation"] == wrong


@pytest.mark.parametrize(
    ("output", "wrong"),
    [
        ("a doctor at the Hospital of Chinese Medicine", ["Hospital of Chinese Medicine"]),
        ("a doctor at the children's hospital", []),
        ("a doctor at the Songyuan Maternity Hospital", ["Songyuan Maternity Hospital"]),
        ("the Badminton Federation paid", ["Badminton Federation"]),
        ("the education ministry paid", ["education ministry"]),
        ("the Ministry of Natural Resources paid", ["Ministry of Natural Resources"]),
        ("a doctor at the University of Cologne", ["University of Cologne"]),
        ("the Chinese Academy of Sciences paid", ["Academy of Sciences"]),
        ("the law firm Zhongxin sued", ["law firm Zhongxin"]),
        ("the law firm Hengtai sued", []),
        ("the Dongfang insurance company paid", ["Dongfang insurance company"]),
        ("the Heritage Administration paid", []),
        ("a doctor at the Yokohama Hospital", ["Yokohama Hospital"]),
        ("a doctor of the Conservatory of Music", ["Conservatory of Music"]),
        # Nothing in these names is known.
        ("the Rotary Foundation paid", []),
    ],
)
def test_another_organization_in_english(output: str, wrong: list[str]) -> None:
    source = "儿童医院医生陈立说，国家文物局支付了费用，恒泰律师事务所起诉。"
    assert [name.form for name in NameCheck(source).wrong(output, "en") if name.kind == "organisation"] == wrong


def test_new_taipei_is_not_taipei() -> None:
    assert not NameCheck("新北市的办公室开幕。").wrong("The New Taipei office in New Taipei City opened.", "en")


@pytest.mark.parametrize(
    ("output", "wrong"),
    [
        ("A refinery opened in Antofagasta.", []),
        ("A refinery opened in Coquimbo.", ["Coquimbo"]),
        # The output has the place of the source, too.
        ("A refinery opened in Antofagasta, not in Coquimbo.", []),
        ("A refinery opened in Parliament.", []),
        ("A refinery opened in Nairobi.", ["Nairobi"]),
        ("A refinery opened in Norway.", ["Norway"]),
        ("The minister of Norway opened a refinery.", []),
        ("The mayor of Liuyang opened a refinery.", ["Liuyang"]),
        ("The mayor of Linchuan opened a refinery on Weizhou Island.", ["Weizhou"]),
        ("The mayor of Linchuan opened a refinery on Naozhou Island.", []),
    ],
)
def test_another_place_in_english(output: str, wrong: list[str]) -> None:
    source = "公司在安托法加斯塔开办炼厂，临川市市长和硇洲岛居民到场。"
    assert [name.form for name in NameCheck(source).wrong(output, "en") if name.sure] == wrong


@pytest.mark.parametrize(
    ("output", "wrong"), [("论坛在奥斯陆举行。", ["奥斯陆"]), ("奥斯陆的代表出席。", []), ("论坛在印度举行。", [])]
)
def test_a_city_replaces_a_country(output: str, wrong: list[str]) -> None:
    assert [name.form for name in NameCheck("论坛在印度开幕。").wrong(output, "zh") if name.sure] == wrong


def test_known_names_with_accents_in_organizations() -> None:
    wrong = NameCheck("杜塞尔多夫大学和圣保罗银行说。").wrong(
        "The University of Düsseldorf and São Paulo Bank said.", "en"
    )
    assert wrong == ()
    assert NameCheck("杜塞尔多夫大学说。").wrong("The University of São Paulo said.", "en")
