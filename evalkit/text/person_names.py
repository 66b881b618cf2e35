"""Wrong names that no glossary lists: a ministry or a place that the source never names, and names altered by a word.

All of it looks for what a reader would stumble over without knowing the world: a name of a closed class (provinces,
ministries) that stands in an output and not in its source, a name that is a known one but for a character or a word, and a
person under the title that the source gives to somebody else. Everything is linear in the texts, times the names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evalkit.text.term_matching import Occurrence, Term, fold

__all__ = ["WrongName", "altered_english", "wrong_chinese"]


@dataclass(frozen=True)
class WrongName:
    """A name in an output that is none of its source's.

    :param form: as it stands in the output.
    :param why: ``added`` (the source does not name it), ``altered`` (it is ``meant`` but for a character or a word) or
        ``title`` (its title is that of ``meant`` in the source).
    :param meant: the name that the source has, or empty.
    """

    form: str
    start: int
    end: int
    why: str
    kind: str
    meant: str = ""


# -- Chinese --------------------------------------------------------------------------------------------------------

_PLACES = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 "
    "甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 石家庄 沈阳 长春 哈尔滨 南京 杭州 合肥 福州 南昌 济南 郑州 武汉 长沙 "
    "广州 南宁 海口 成都 贵阳 昆明 拉萨 西安 兰州 西宁 银川 乌鲁木齐 深圳 青岛 大连 宁波 厦门 苏州"
).split()
_OFFICES = (
    "外交部 国防部 教育部 科技部 公安部 国家安全部 民政部 司法部 财政部 人社部 自然资源部 生态环境部 住建部 交通运输部 水利部 "
    "农业农村部 商务部 文化和旅游部 卫健委 国家卫生健康委 退役军人事务部 应急管理部 审计署 国资委 海关总署 税务总局 市场监管总局 "
    "国家统计局 国家发展改革委 国家发改委 国家民委 中央组织部 中央宣传部 中央统战部 团中央 全国妇联 全国总工会"
).split()
_CLOSED = {**dict.fromkeys(_PLACES, "place"), **dict.fromkeys(_OFFICES, "organisation")}
_CLOSED_NAME = re.compile("|".join(sorted(_CLOSED, key=len, reverse=True)))
#: what else names a place: 在京 is in Beijing
_SHORT = dict(
    pair.split(":")
    for pair in (
        "北京:京 天津:津 上海:沪 重庆:渝 河北:冀 山西:晋 辽宁:辽 吉林:吉 黑龙江:黑 江苏:苏 浙江:浙 "
        "安徽:皖 福建:闽 江西:赣 山东:鲁 河南:豫 湖北:鄂 湖南:湘 广东:粤 海南:琼 "
        "四川:川蜀 贵州:黔 云南:滇 陕西:陕 甘肃:甘陇 青海:青 台湾:台 内蒙古:蒙 广西:桂 西藏:藏 宁夏:宁 新疆:疆 香港:港 澳门:澳"
    ).split()
)
#: how the name of an organisation ends
_ORGANISATION = re.compile("(?:部|委|局|厅|院|校|学|会|司|团|所|署|社|中心|公司|基金|联盟|银行)$")
#: characters before that make another word of a name: 上海南部, 长江西岸, 黄河北岸
_NOT_BEFORE = {"海南": "上", "江西": "长", "江苏": "", "河南": "黄", "河北": "黄", "湖南": "太西东", "湖北": "太西东"}
_TITLES = (
    "书记 主任 院长 校长 教授 理事长 秘书长 总裁 部长 主席 会长 局长 处长 总经理 董事长 司长 厅长 市长 县长 镇长 村长 研究员 "
    "总监 创始人 馆长 所长 站长"
).split()
_TITLED = re.compile("|".join(sorted(_TITLES, key=len, reverse=True)))
#: how people are called by their surname: 李小姐
_CALLED = frozenset("姐哥妹弟叔姨爷奶总说")
#: characters before a name in which its title may stand.
_TITLE_REACH = 24


def wrong_chinese(text: str, source: str, terms: Iterable[Term]) -> list[WrongName]:
    """The wrong names of a Chinese output for a Chinese source, in the order of the text, not overlapping.

    :param terms: the glossary of the source.
    """
    folded, known = fold(text), fold(source)
    found = [*_closed(folded, known), *_altered(folded, known, terms), *_mistitled(folded, known, terms)]
    kept: list[WrongName] = []
    for name in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or name.start >= kept[-1].end:
            kept.append(name)
    return [
        WrongName(text[name.start : name.end], name.start, name.end, name.why, name.kind, name.meant) for name in kept
    ]


def _closed(text: str, source: str) -> Iterator[WrongName]:
    for match in _CLOSED_NAME.finditer(text):
        name = match.group()
        before = text[match.start() - 1 : match.start()]
        if any(c in source for c in _SHORT.get(name, "")):
            continue
        if name not in source and not (before and before in _NOT_BEFORE.get(name, "")):
            yield WrongName(name, *match.span(), "added", _CLOSED[name])


def _altered(text: str, source: str, terms: Iterable[Term]) -> Iterator[WrongName]:
    """孙利民 for 孙利军, 教育部政策研究中心 for 民政部政策研究中心."""
    for term in terms:
        name = fold(term.source)
        least = _least_alike(term.kind, name)
        if not least or name not in source:
            continue
        for start in _beginnings(text, name):
            window = text[start : start + len(name)]
            if term.kind == "person" and (window[0] != name[0] or window[-1] in _CALLED):
                continue
            alike = sum(a == b for a, b in zip(window, name, strict=True))
            if least <= alike < len(name) and window not in source and all("一" <= c <= "鿿" for c in window):
                yield WrongName(window, start, start + len(name), "altered", term.kind, term.source)


def _least_alike(kind: str, name: str) -> int:
    """How many characters of an altered name are the same; 0 for names too short or too common to tell."""
    if kind == "person":
        return 2 if len(name) == 3 and not _TITLED.search(name) else 0
    return max(4, len(name) - 2) if kind == "organisation" and _ORGANISATION.search(name) and len(name) >= 5 else 0


def _beginnings(text: str, name: str) -> list[int]:
    """Where the name may begin: its first or its last two characters stand where they should."""
    starts = {match.start() for match in re.finditer(re.escape(name[:2]), text)}
    starts |= {match.start() - len(name) + 2 for match in re.finditer(re.escape(name[-2:]), text)}
    return sorted(start for start in starts if 0 <= start <= len(text) - len(name))


def _mistitled(text: str, source: str, terms: Iterable[Term]) -> Iterator[WrongName]:
    """书记王杰秀 where the source has 书记顾锋, and gives 王杰秀 another title."""
    people = [fold(term.source) for term in terms if term.kind == "person" and fold(term.source) in source]
    holders: dict[str, set[str]] = {}
    for name in people:
        for match in re.finditer(re.escape(name), source):
            title = _title_before(source, match.start())
            if title:
                holders.setdefault(title, set()).add(name)
    for name in people:
        for match in re.finditer(re.escape(name), text):
            title = _title_before(text, match.start())
            others = holders.get(title, set()) - {name}
            if not others or name in holders[title] or _ever_titled(source, name, title, people):
                continue
            start = match.start() - len(title)
            yield WrongName(text[start : match.end()], start, match.end(), "title", "person", title + min(others))


def _title_before(text: str, start: int) -> str:
    for title in _TITLES:
        if text.endswith(title, max(0, start - len(title)), start):
            return title
    return ""


def _ever_titled(source: str, name: str, title: str, people: Sequence[str]) -> bool:
    """Whether the title stands near the name anywhere in the source: before it, or right after it."""
    for match in re.finditer(re.escape(name), source):
        if source.startswith(title, match.end()):
            return True
        at = source.rfind(title, max(0, match.start() - _TITLE_REACH), match.start())
        between = source[at + len(title) : match.start()] if at >= 0 else ""
        # 书记顾锋、主任王杰秀: the title of whoever comes first
        if at >= 0 and not _TITLED.search(between) and not any(other in between for other in people):
            return True
    return False


# -- English --------------------------------------------------------------------------------------------------------

_CAPITALISED = re.compile(r"(?:[A-Z][\w’'-]*)(?: [A-Z][\w’'-]*)+")
_HEADS = frozenset(
    """school university college institute foundation fund group committee commission association federation academy center
    centre ministry bureau department council union league society company corporation bank hospital""".split()
)


def altered_english(text: str, terms: Sequence[Term], places: Sequence[Occurrence]) -> list[WrongName]:
    """Capitalised names with the last two words of an organisation's form, and others before that none of its forms has.

    :param terms: the glossary.
    :param places: where its forms stand in the text.
    """
    if not any(term.kind == "organisation" for term in terms):
        return []
    taken = {place.end for place in places}
    found = []
    for match in _CAPITALISED.finditer(text):
        start = match.start() + (4 if match.group().startswith("The ") else 0)
        name = text[start : match.end()]
        words = [word.casefold().removesuffix("'s").removesuffix("’s") for word in name.split()]
        if len(words) < 3 or words[-1] not in _HEADS or match.end() in taken:
            continue
        meant = _meant(words, terms)
        if meant is not None:
            found.append(WrongName(name, start, match.end(), "altered", "organisation", meant.accepted[0]))
    return found


def _meant(words: Sequence[str], terms: Sequence[Term]) -> Term | None:
    """The organisation whose name this is but for the words before; None where it is a known name, or like none."""
    near = None
    for term in terms:
        if term.kind not in ("organisation", "programme", "place"):
            continue
        forms = [re.findall(r"[\w’'-]+", form.casefold()) for form in term.accepted]
        if any(set(words) <= set(form) for form in forms):
            return None
        pair = (words[-2], words[-1])
        if near is None and term.kind == "organisation" and any(pair in pairwise(f) for f in forms):
            known = {word for form in forms for word in form}
            near = term if not known.intersection(words[:-2]) else None
    return near
