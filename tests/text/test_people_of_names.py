"""The persons of a source: their names, their transcriptions, and what a text says of them."""

from __future__ import annotations

import pytest

from evalkit.text.names import NameCheck
from evalkit.text.names.likely_people import likely_people
from evalkit.text.names.mentions import People
from evalkit.text.names.transcription import distance

SOURCE = (
    "清溪县副县长莫长庚昨天在会上否认水库漏水。水文专家、河海大学教授檀耀宗认为，大坝必须加固，费用约两亿元。护林员滕阿福去年救起一只小鹿。"
    "法国工程师皮埃尔·马尔尚提供了监测设备。律师应晓岚要求公布检测报告。"
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("村民檀耀宗说，柴伯庸没有来。", ["檀耀宗", "柴伯庸"]),
        ("南宋龙窑出土，浙江乐清的水位上涨。", []),
        ("工程师古斯塔沃·里瓦斯因国内罢工没有来。", ["古斯塔沃·里瓦斯"]),
        ("司机次仁平措说，公司高水平发展。", ["次仁平措"]),
        ("德国马克斯·鲍曼与意大利人保拉·孔蒂起初反对。", ["马克斯·鲍曼", "保拉·孔蒂"]),
        ("大卫·韦恩和安娜·沃尔科娃观看了演出。", ["大卫·韦恩", "安娜·沃尔科娃"]),
        ("角色会使用仪·律，高蛋白大豆热销。", []),
        ("", []),
    ],
)
def test_names_by_their_characters(text: str, names: list[str]) -> None:
    assert [text[start:end] for start, end, _ in likely_people(text)] == names


@pytest.mark.parametrize(
    ("word", "name", "alike"),
    [
        ("Mansouri", "曼苏里", True),
        ("King", "金", True),
        ("Chloé", "克洛伊", True),
        ("Hillary", "希拉里", True),
        ("Rowe", "罗斯", False),
        ("Berg", "范德梅尔", False),
    ],
)
def test_transcriptions(word: str, name: str, alike: bool) -> None:
    assert (distance(word, name) <= 0.4) == alike


def test_mentions_in_both_languages() -> None:
    people = People(SOURCE)
    english = "Pierre Marchand and Tan Yaozong met; Marchand left. The Rhino Shield stayed."
    found = [(english[one.start : one.end], one.name) for one in people.in_english(english)]
    assert found == [("Pierre Marchand", "皮埃尔·马尔尚"), ("Tan Yaozong", "檀耀宗"), ("Marchand", "皮埃尔·马尔尚")]
    assert [one.name for one in people.in_chinese("马尔尚和檀耀宗")] == ["皮埃尔·马尔尚", "檀耀宗"]


def test_a_surname_in_another_name_is_no_mention() -> None:
    people = People("主席檀耀宗出席会议。")
    assert people.in_english("Foreign Minister Tan Yi met President Tan Ying-jeou.") == []
    assert [one.name for one in people.in_english("Chairman Tan met him.")] == ["檀耀宗"]


@pytest.mark.parametrize(
    ("lang", "text", "reported"),
    [
        ("zh", "檀耀宗认为大坝必须加固，费用约两亿元。", []),
        ("zh", "应晓岚认为大坝必须加固，费用约两亿元。", ["attributed"]),
        ("en", "The dam must be reinforced at a cost of about 200 million, thinks Tan Yaozong.", []),
        ("zh", "护林员滕阿福救起一只小鹿。", []),
        ("zh", "护士滕阿福救起一只小鹿。", ["title"]),
        ("en", "Teng Afu, a ranger, rescued a deer.", []),
        ("en", "Teng Afu, a nurse, rescued a deer.", ["title"]),
        ("zh", "副县长莫长庚否认漏水。", []),
        ("zh", "县长莫长庚否认漏水。", ["title"]),
        ("en", "The deputy magistrate, Mo Changgeng, denied that there was a leak.", []),
        ("en", "The magistrate, Mo Changgeng, denied that there was a leak.", ["title"]),
        ("en", "The deputy magistrate, Mo Changgeng, admitted at the meeting that there was a leak.", ["negated"]),
        ("en", "Mo Changgeng did not deny at the meeting that there was a leak.", ["negated"]),
        ("zh", "莫长庚昨天承认有裂缝。", ["negated"]),
        ("zh", "律师英小岚要求公布报告。", ["altered"]),
        ("en", "Pierre Marchand supplied the equipment.", []),
        ("en", "Pierre Lindqvist supplied the equipment.", ["altered"]),
        ("en", "Hongsheng Construction will build it.", ["added"]),
        # introduced as somebody else of the source
        ("en", "Teng Afu, a professor at Hohai University, was there.", ["title"]),
        ("en", "Pierre Marchand, a lawyer, was there.", ["attributed"]),
        ("en", "Pierre Marchand, an engineer from France, was there.", []),
        ("zh", "法国工程师檀耀宗到场。", ["attributed"]),
        ("zh", "河海大学的檀耀宗到场。", []),
        ("zh", "莫长庚是清溪县的县长。", ["title"]),
        ("zh", "莫长庚是清溪县的副县长。", []),
        # not in the source
        ("zh", "村民柴伯庸说，水库漏水。", ["added"]),
        ("zh", "法国工程师让·马尔尚到场。", ["altered"]),
        ("zh", "檀先生说，水库漏水。", []),
        ("en", "Ying Xiaofeng asked for the report.", ["added"]),
    ],
)
def test_what_is_said_of_persons(lang: str, text: str, reported: list[str]) -> None:
    assert [name.why for name in NameCheck(SOURCE).wrong(text, lang)] == reported


def test_traditional_and_simplified_names_are_the_same() -> None:
    assert NameCheck("發言人吳宗翰否認，公司沒有投標。").wrong("发言人吴宗翰否认投标。", "zh") == ()


def test_an_error_is_preferred_to_a_warning_about_the_same_words() -> None:
    source = "智利参议员伊格纳西奥·韦拉批评政府没有招标，财政部长玛尔塔·里韦罗反驳说，法律并不要求招标。"
    (first, second) = NameCheck(source).wrong("参议员里韦罗批评政府没有招标。对此，财政部长韦拉说，法律不要求。", "zh")
    assert (first.sure, first.meant, second.sure, second.meant) == (True, "伊格纳西奥·韦拉", True, "玛尔塔·里韦罗")


def test_rare_readings_are_no_names() -> None:
    assert NameCheck("裁判长熊建平说。").wrong("Chief referee Xiong Jianbing spoke.", "en")
    assert not NameCheck("裁判长熊建平、律师单小山说。").wrong("Xiong Jianping and Shan Xiaoshan spoke.", "en")


HONG_KONG = "香港訊 乘客、護士鍾詠詩替傷者止血，運輸署助理署長蘇美娟到場，救護主任馮嘉敏說無人死亡。"


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("Chung Wing-sze, a nurse, helped; So Mei-kuen, assistant commissioner for transport, was there.", []),
        ("Chung Wing-sze, a lawyer, helped.", ["title"]),
        ("So Mei-kuen, commissioner for transport, was there.", ["title"]),
        ("Nobody died, according to Wong Ka-man, an ambulance officer.", ["altered"]),
        ("Nobody died, according to Fung Ka-man, an ambulance officer.", []),
        ("Officer Ka-man spoke.", []),
    ],
)
def test_names_in_hong_kong(text: str, reported: list[str]) -> None:
    assert [name.why for name in NameCheck(HONG_KONG).wrong(text, "en")] == reported


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("主攻仇思颖带着肩伤上场，队医鲍海燕事先不同意她出战。", "主攻仇思颖肩上有伤，队医鲍海燕反对她上场。"),
        ("副局长纪云鹏说已发出问询函，否认已经立案。", "副局长纪云鹏说，问询函已经发出，但还没有立案。"),
        ("总干事彭金水否认庙方反对灯会。", "总干事彭金水澄清，庙方并不反对灯会。"),
        ("厂长廖启明说，德国公司拒绝转让技术。", "厂长廖启明说，德国公司不肯转让技术。"),
        ("市议员曾文彬要求处长邓凯文下台；邓凯文拒绝辞职。", "拒绝下台的处长邓凯文没有辞职。"),
    ],
)
def test_the_same_denial_in_other_words(source: str, text: str) -> None:
    assert NameCheck(source).wrong(text, "zh") == ()


@pytest.mark.parametrize(
    ("source", "lang", "text"),
    [
        ("轨道集团董事长沈励否认超支，米厂负责人侯大勇说产品合格。", "zh", "轨道集团负责人沈励不承认超支。"),
        ("段宏毅任组长，师范学院院长祁正梅任副组长，组长段宏毅说不裁员。", "zh", "副组长祁正梅说，不裁员。"),
        ("祁正梅说，民族史研究所予以保留。", "zh", "祁正梅保证民族史研究所不会取消。"),
        (
            "高雄市副市長曾麗卿支持港口計劃，荷蘭人彼得·揚森反對。",
            "en",
            "Kaohsiung Deputy Mayor Tseng Li-ching backed the harbor project.",
        ),
        (
            "前行长马立新伙同地产商高振东骗取贷款。",
            "en",
            "Ma Lixin stood trial with the developer Gao Zhendong, accused by prosecutors of fraud.",
        ),
        ("江苏省昆剧院演出《牡丹亭》。", "en", "The Jiangsu Kunqu company staged the Peony Pavilion."),
    ],
)
def test_correct_introductions_in_other_words(source: str, lang: str, text: str) -> None:
    assert NameCheck(source).wrong(text, lang) == ()


@pytest.mark.parametrize(
    ("source", "lang", "text"),
    [
        (
            "渔民靠海为生，请求已经市政府批准，全州的海外大学毕业生入场。",
            "zh",
            "渔民靠渔市为生，请求已获市政府接受，全州欢迎海外大学毕业生。",
        ),
        ("外长柳云帆和国防部发言人说，三颗卫星入轨。", "zh", "外交部长柳云帆说，火箭送三星入轨。"),
        ("绵阳的绣娘从广东回到老家。", "en", "She went home to the mountains of Sichuan."),
        ("甘孜的绣娘从广东回到老家。", "en", "She went home to the mountains of Sichuan."),
        ("越南专家缺席，顾问从蒙巴萨前来参会。", "en", "An adviser came from Kenya."),
        (
            "文化部次長表示，將呈請總統褒揚，台中公演照常。",
            "en",
            "Taipei's culture ministry wants the president to honor him.",
        ),
        ("报告由韩国的姜泰宇博士宣读。", "zh", "报告由姜泰宇博士代读。"),
        (
            "中霖资本首席策略师惠特克说不必恐慌，宏盛公司下跌。",
            "en",
            "There is no need to panic, says Meridian Capital.",
        ),
        (
            "他先后担任塞内卡县、威廉姆斯县的检察官。",
            "en",
            "He was a prosecutor for Seneca County and Williams County.",
        ),
        ("该角由乔治·多恩命名，以赞美副总督菲利普·帕克。", "en", "It honors Phillip Parker, the Lieutenant-Governor."),
        ("约书亚·皮姆以6-4击败了威尔弗雷德·巴德利。", "en", "Joshua Pim beat Wilfred Baddeley, 6-4."),
        ("法官的研修計畫由委員會規劃。", "en", "An Education and Training Planning Committee shall plan it."),
        ("民勤县副县长马伊斯哈说，居民已经撤离。", "en", "All have left, deputy county head Ma Yisiha said."),
        ("前国手司徒晓岚当选协会主席。", "en", "Former national player Situ Xiaolan was elected."),
    ],
)
def test_correct_statements_in_other_words(source: str, lang: str, text: str) -> None:
    assert not any(name.sure for name in NameCheck(source).wrong(text, lang))
