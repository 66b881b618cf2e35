"""Counted nouns in Chinese and English, in classes: what tells "12 provinces and 22 counties" from its reverse.

Only nouns that a translator hardly exchanges are here; a classifier is no noun. Two classes conflict unless they are
the same or listed in :data:`KIN`.
"""

from __future__ import annotations

from evalkit.text.quantities.wordlists import spaced

__all__ = ["KIN", "ZH_NOUN", "english_class", "kin"]

#: class, Chinese forms, English forms
_CLASSES: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [
    (name, spaced(chinese), spaced(english))
    for name, chinese, english in (
        (
            "province",
            "省 省份 省区 省市区 省区市",
            "province provinces provincial-level",
        ),
        (
            "county",
            "县 县域 县区 县市 县城 区县",
            "county counties",
        ),
        (
            "city",
            "市 城市 地级市 地市 座城市",
            "city cities",
        ),
        (
            "town",
            "镇 乡镇 街道",
            "town towns township townships subdistricts",
        ),
        (
            "village",
            "村 村庄 行政村 自然村 山村",
            "village villages hamlet hamlets",
        ),
        (
            "country",
            "国 国家 国家和地区 州",
            "country countries nation nations state states economies",
        ),
        (
            "region",
            "地区 区域",
            "region regions area areas",
        ),
        (
            "household",
            "户 家庭 农户 户农户 住户 贫困户",
            "household households family families homes",
        ),
        (
            "person",
            "人 口人 人员 学生 教师 老师 医生 工人 员工 居民 农民 代表 专家 学者 儿童 孩子 青年 男子 "
            "女子 患者 病人 官员 运动员 志愿者 民众 群众 村民 游客 旅客 乘客 士兵 警察 嫌疑人 成员 选手 球员 "
            "院士 博士 记者 用户",
            "people person persons student students teacher teachers doctor doctors worker workers employee "
            "employees resident residents farmer farmers delegates representatives experts scholars children "
            "kids youths men women patient patients officials athletes volunteers villagers tourists passengers "
            "soldiers troops suspects members players academicians reporters journalists users participants "
            "trainees visitors scientists researchers engineers adults teenagers victims individuals citizens "
            "guests policemen designers commissioners livestreamers streamers persons attendees",
        ),
        (
            "person-time",
            "人次",
            "person-times visits trips person-trips visitors",
        ),
        (
            "company",
            "公司 企业 家公司 家企业",
            "company companies enterprise enterprises firm firms businesses",
        ),
        (
            "organisation",
            "组织 机构 团体 单位 社会组织 社会团体",
            "organization organizations organisation organisations institutions agencies bodies ngos",
        ),
        (
            "school",
            "学校 高校 大学 中学 小学 所学校",
            "school schools university universities college colleges",
        ),
        (
            "hospital",
            "医院",
            "hospital hospitals",
        ),
        (
            "team",
            "球队 队",
            "team teams",
        ),
        (
            "vehicle",
            "汽车 车辆 轿车",
            "vehicle vehicles car cars",
        ),
        (
            "aircraft",
            "飞机 客机",
            "aircraft planes airplanes plane jets",
        ),
        (
            "ship",
            "船只 轮船 船 航母",
            "ship ships carriers vessels boats",
        ),
        (
            "measure",
            "措施 举措",
            "measure measures initiatives",
        ),
        (
            "project",
            "项目 工程",
            "project projects",
        ),
        (
            "time",
            "次 回 遍 趟",
            "times time",
        ),
        (
            "case",
            "例 病例 确诊病例",
            "case cases infections",
        ),
        (
            "goal",
            "球",
            "goal goals",
        ),
        (
            "step",
            "步",
            "step steps",
        ),
        (
            "word",
            "字",
            "words characters",
        ),
        (
            "question",
            "问题",
            "questions problems issues",
        ),
        (
            "point",
            "分",
            "point points",
        ),
    )
]

#: Chinese form -> class
ZH_NOUN: dict[str, str] = {form: name for name, forms, _ in _CLASSES for form in forms}
#: English form -> class
EN_NOUN: dict[str, str] = {form: name for name, _, forms in _CLASSES for form in forms}

#: classes that stand for each other in good translations.
KIN: frozenset[frozenset[str]] = frozenset(
    frozenset(pair.split("+"))
    for pair in (
        "person+person-time",
        "person+household",
        "organisation+company",
        "organisation+school",
        "organisation+hospital",
        "organisation+team",
        "person+case",
        "person-time+time",
        "region+country",
        "region+province",
        "region+county",
        "region+city",
        "region+town",
        "city+town",
        "measure+project",
        "time+point",
        "goal+point",
        "time+goal",
        "company+country",
        "case+time",
        "case+question",
        "county+city",
    )
)


def english_class(word: str) -> str:
    """The class of an English noun, by its form or by the class's own name; empty where it is not known."""
    return EN_NOUN.get(word) or EN_NOUN.get(word.lower()) or (word if word in _NAMES else "")


_NAMES = frozenset(name for name, _, _ in _CLASSES)


def kin(a: str, b: str) -> bool:
    """Whether two counted nouns can stand for each other: one is not known, or their classes agree."""
    return not a or not b or a == b or frozenset((a, b)) in KIN
