"""Detects names in an output that its Chinese source does not contain, without world knowledge.

Names are recognized by their context: a surname after a title or before a reporting verb, the characters before 大学 or
基金会, a province, two capitalized words that are pinyin, the words before "University". A name is wrong if the source
contains neither its characters nor any with the same reading. The running time is linear in the texts, multiplied by
the number of names in the source.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location

from evalkit.text.scripts import HAN
from evalkit.text.term_matching import Term, fold

__all__ = ["SourceNames", "WrongName", "organisations_in"]


@dataclass(frozen=True)
class WrongName:
    """A name in an output that does not occur in its source.

    :param form: the name as written in the output.
    :param why: ``added`` (not in the source), ``altered`` (similar to ``meant``) or ``title`` (the source gives this
        person another title).
    :param kind: ``person``, ``organisation`` or ``place``.
    :param meant: the name in the source, or empty.
    """

    form: str
    start: int
    end: int
    why: str
    kind: str
    meant: str = ""


class SourceNames:
    """The names of one Chinese source; any number of outputs can be checked against them.

    :param source: the article or the segment.
    :param terms: the glossary of the source; optional.
    """

    def __init__(self, source: str, terms: Sequence[Term] = ()) -> None:
        self.source = fold(source)
        self.terms = tuple(terms)
        self._titles_by_name: dict[str, frozenset[str]] = {}

    def wrong(self, text: str, lang: str) -> list[WrongName]:
        """The wrong names of an output, in text order, without overlaps.

        :param lang: ``zh`` or ``en``; the result is empty for other languages.
        """
        folded = fold(text)
        if lang == "zh":
            candidates = [
                *self._chinese_people(folded),
                *self._titles(folded),
                *self._places(folded),
                *self._offices(folded),
                *self._districts(folded),
            ]
        elif lang == "en":
            candidates = [
                *self._pinyin_names(text),
                *self._pinyin_places(text),
                *self._english_titles(text),
                *self._english_people(text),
                *self._english_organisations(text),
            ]
        else:
            candidates = []
        outermost: list[WrongName] = []
        for name in sorted(candidates, key=lambda one: (one.start, -one.end)):
            if not outermost or name.start >= outermost[-1].end:
                outermost.append(replace(name, form=text[name.start : name.end]))
        return outermost

    # -- Chinese ------------------------------------------------------------------------------------------------------

    @cached_property
    def people(self) -> tuple[str, ...]:
        """The persons in the source: those in the glossary, and those with a title."""
        return tuple(name for name in self._any_people if name in self.source)

    @cached_property
    def _any_people(self) -> tuple[str, ...]:
        """The persons of the glossary, and those with a title in the source."""
        named = [fold(t.source) for t in self.terms if t.kind == "person"]
        return tuple(dict.fromkeys([*named, *(name for name, _ in _people(self.source, self.source))]))

    def _chinese_people(self, text: str) -> Iterator[WrongName]:
        for name, start in _people(text, self.source):
            if name not in self.source:
                yield self._unknown_person(name, start)
        # 孙利民 for 孙利军, in any context.
        for meant in self.people:
            if len(meant) != 3 or _TITLE.search(meant):
                continue
            for match in re.finditer(f"{meant[0]}(?:{meant[1]}[{HAN}]|[{HAN}]{meant[2]})", text):
                name = match[0]
                if name not in self.source and name[-1] not in _CALLED and name[1:] not in self.source:
                    yield WrongName(name, *match.span(), "altered", "person", meant)

    def _unknown_person(self, name: str, start: int) -> WrongName:
        alike = [known for known in self.people if known[0] == name[0]]
        why, meant = ("altered", alike[0]) if len(alike) == 1 else ("added", "")
        return WrongName(name, start, start + len(name), why, "person", meant)

    def _titles(self, text: str) -> Iterator[WrongName]:
        """书记王杰秀 if the source has 书记顾锋, or gives 王杰秀 another title."""
        for name in self.people:
            known = self._titles_of(name)
            for match in re.finditer(re.escape(name), text):
                title = _title_before(text, match.start())
                if not title or title in known:
                    continue
                others = [other for other in self.people if other != name and title in self._titles_of(other)]
                start = match.start() - len(title)
                # A deputy does not hold the title itself, and a title that is not in the source belongs to nobody.
                deputy = title.startswith("副")
                if others or (
                    known and (title not in self.source or deputy not in {k.startswith("副") for k in known})
                ):
                    meant = title + others[0] if others else min(known) + name
                    yield WrongName(text[start : match.end()], start, match.end(), "title", "person", meant)

    def _titles_of(self, name: str) -> frozenset[str]:
        """The titles next to a name anywhere in the source: before it, or directly after it."""
        if name in self._titles_by_name:
            return self._titles_by_name[name]
        titles: set[str] = set()
        others = [other for other in self._any_people if other != name]
        for match in re.finditer(re.escape(name), self.source):
            before = self.source[max(0, match.start() - _TITLE_REACH) : match.start()]
            # 书记顾锋、主任王杰秀: the title belongs to the person named first.
            last = max((before.rfind(other) + len(other) for other in others if other in before), default=0)
            titles.update(m[0] for m in _TITLE.finditer(before, last))
            after = _TITLE.match(self.source, match.end())
            if after:
                titles.add(after[0])
        return self._titles_by_name.setdefault(name, frozenset(titles))

    def _places(self, text: str) -> Iterator[WrongName]:
        for match in _PLACE.finditer(text):
            name = match[0]
            before = text[match.start() - 1 : match.start()]
            if name in self.source or any(c in self.source for c in _SHORT.get(name, "")):
                continue
            if not (before and before in _NOT_BEFORE.get(name, "")):
                yield WrongName(name, *match.span(), "added", "place")

    def _offices(self, text: str) -> Iterator[WrongName]:
        """复旦大学 and 北京市民政局: names whose last part is in the source, with other characters before it."""
        for match in _SUFFIX.finditer(text):
            start, end = match.span()
            known = match[0] in self.source
            while known and start > 0 and end - start < _LONGEST_NAME and text[start - 1 : end] in self.source:
                start -= 1
            # 在兰州大学: preceded by a word that is not part of the name.
            if any(c in _FUNCTION for c in text[start : match.start()]):
                continue
            before = _NAME_PART.search(text[max(0, start - 2) : start])[0]  # type: ignore[index]
            if match["office"] and not known:
                yield WrongName(match[0], start, end, "added", "organisation")
            elif before and not self._names_part(before, text, end):
                kind = "place" if match["place"] else "organisation"
                meant = [t.source for t in self.terms if t.kind == kind and fold(t.source).endswith(match[0])]
                why = "altered" if len(meant) == 1 else "added"
                yield WrongName("", start - len(before), end, why, kind, meant[0] if len(meant) == 1 else "")

    def _names_part(self, before: str, text: str, end: int) -> bool:
        """Whether the text before a known part of a name is also known, or is not part of the name."""
        if before in self.source or before.endswith(_VERBS) or (before[-1:] in "市省县" and before[-1:] in self.source):
            return True
        # 厦大嘉庚学院, and 讲述厦门大学 if the glossary has 厦门大学.
        short = len(before) == 2 and re.search(f"{before[0]}.{{0,3}}{before[1]}", self.source)
        return bool(short) or any(
            text.endswith(fold(t.source), 0, end)
            for t in self.terms
            if t.kind in ("organisation", "place") and len(t.source) > 3
        )

    def _districts(self, text: str) -> Iterator[WrongName]:
        """贵州普定 if the source has 贵州普安."""
        for term in self.terms:
            name = fold(term.source)
            if term.kind != "place" or len(name) != 2:
                continue
            for province in {self.source[m.start() - 2 : m.start()] for m in re.finditer(re.escape(name), self.source)}:
                if not _PLACE.fullmatch(province):
                    continue
                for match in re.finditer(rf"{province}([{HAN}]{{2}})(?=[，。、；：,等的与和及县推帮销卖])", text):
                    if match[1] not in self.source and match[1][0] not in "省市县" and match[1] not in _NO_DISTRICT:
                        yield WrongName("", match.start(), match.end(), "altered", "place", province + name)

    # -- English ------------------------------------------------------------------------------------------------------

    @cached_property
    def _readings(self) -> list[frozenset[str]]:
        """The possible pinyin readings of each character of the source; empty for other than Chinese characters."""
        return [_readings_of(c) for c in self.source]

    @cached_property
    def _places_of_syllable(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for i, readings in enumerate(self._readings):
            for reading in readings:
                places.setdefault(reading, []).append(i)
        return places

    def _is_read(self, syllables: Sequence[str]) -> bool:
        """Whether adjacent characters of the source have this reading."""
        return bool(self._read_as(syllables))

    def _read_as(self, syllables: Sequence[str]) -> str:
        """The first characters of the source that have this reading, or nothing."""
        readings, size = self._readings, len(syllables)
        places = (
            i
            for i in self._places_of_syllable.get(syllables[0], ())
            if i + size <= len(readings) and all(s in readings[i + k] for k, s in enumerate(syllables))
        )
        return next((self.source[i : i + size] for i in places), "")

    def _is_university(self, first: str) -> bool:
        """Whether the source has 大 at most three characters after a character with this reading."""
        return any("大" in self.source[i + 1 : i + 4] for i in self._places_of_syllable.get(first, ()))

    @cached_property
    def _known_words(self) -> frozenset[str]:
        """The words in all accepted forms."""
        return frozenset(
            w for term in self.terms for form in term.accepted for w in re.findall(r"[\w’'-]+", form.lower())
        )

    def _pinyin_names(self, text: str) -> Iterator[WrongName]:
        """Guo Meijuan, if no characters of the source have this reading."""
        for match in _PINYIN_PERSON.finditer(text):
            surname, given = (_bare(part) for part in match.groups())
            before = _WORD_BEFORE.search(text, max(0, match.start() - 20), match.start())
            if (
                (before and before[1].lower() not in _BEFORE_A_SURNAME)
                or surname not in _surname_readings()
                or {given, surname + given} & _NO_PINYIN
                or _bare(match[2]) in self._known_words
            ):
                continue
            spellings = _syllables(given)
            if not spellings or len(min(spellings, key=len)) > 2:
                continue
            surnames = [known for known in _syllables(surname) if len(known) < 3]
            if not any(self._is_read([*known, *given]) for known in surnames for given in spellings):
                yield WrongName("", match.start(1), match.end(2), "added", "person")

    def _pinyin_places(self, text: str) -> Iterator[WrongName]:
        """Minhang and Guangdong, if no characters of the source have this reading."""
        for match in _PINYIN_PLACE.finditer(text):
            word = _bare(match[1] or match[0])
            readings = [syllables for syllables in _syllables(word) if len(syllables) > 1]
            place = _place_readings().get(word)
            if word in _NO_PINYIN or word in self._known_words or not (place or (match[1] and readings)):
                continue
            short = _SHORT.get(place, "") if place else ""
            # 交大 and 北师大 are abbreviated universities, and 粤 stands for Guangdong.
            if any(self._is_read(s) or self._is_university(s[0]) for s in readings) or any(
                c in self.source for c in short
            ):
                continue
            start = match.start(1) if match[1] else match.start()
            end = match.end(1) if match[1] else match.end()
            yield WrongName("", start, end, "added", "place")

    def _english_titles(self, text: str) -> Iterator[WrongName]:
        """Mayor Tao Yifan, and Tao Yifan, mayor of, if the source gives this person another title."""
        for match in _TITLED.finditer(text):
            name = match["before"] or match["after"]
            titles = _ENGLISH_TITLES[(match["title"] or match["apposition"]).lower()]
            surname, _, given = name.partition(" ")
            spellings = itertools.product(_syllables(_bare(surname)), _syllables(_bare(given)))
            chinese = next(
                filter(None, (self._read_as([*first, *last]) for first, last in spellings if first and last)), ""
            )
            known = self._titles_of(chinese) if chinese else frozenset()
            if not known or any(title.endswith(titles) for title in known):
                continue
            others = [other for other in self.people if any(t.endswith(titles) for t in self._titles_of(other))]
            if others or not any(title in self.source for title in titles):
                yield WrongName("", *match.span(), "title", "person", min(known) + chinese)

    def _english_people(self, text: str) -> Iterator[WrongName]:
        """Imran Khan if the glossary has Shahbaz Khan."""
        for term in self.terms:
            if term.kind != "person":
                continue
            first, _, last = term.accepted[0].partition(" ")
            forms = {form.lower() for form in term.accepted}
            if not last or " " in last or _bare(first) in _surname_readings():
                continue
            for match in re.finditer(rf"\b([A-Z][a-z]+) {re.escape(last)}\b", text):
                if match[0].lower() not in forms and match[1].lower() not in _BEFORE_A_SURNAME:
                    yield WrongName(match[0], *match.span(), "altered", "person", term.accepted[0])

    @cached_property
    def _heads(self) -> dict[str, Term]:
        """The kinds of organizations in the source, such as ``bank``, with a term of each kind."""
        organisations = (t for t in self.terms if t.kind == "organisation" and fold(t.source) in self.source)
        return {word: t for t in organisations for form in t.accepted for word in _words(form) if word in _HEADS}

    @cached_property
    def _forms(self) -> list[set[str]]:
        """The words of each form of the glossary, except those of persons."""
        terms = (term for term in self.terms if term.kind != "person")
        return [set(_words(form)) for term in terms for form in (*term.accepted, *term.rejected)]

    def _english_organisations(self, text: str) -> Iterator[WrongName]:
        """Capitalized names of the same kind as names in the glossary that are not among its forms."""
        heads = self._heads
        for match in (*_ORGANISATION.finditer(text), *_OFFICE_OF.finditer(text)):
            start, end = match.span(1)
            start += 4 if text.startswith("The ", start) else 0
            words = _words(text[start:end])
            content = {word for word in words if word not in _SMALL}
            named = [word for word in words if word in _HEADS]
            if len(named) != 1 or named[0] not in heads or _is_known(content, self._forms):
                continue
            unknown = [word for word in content if word not in self._known_words]
            if match.re is _ORGANISATION and (not unknown or all(map(self._may_be_read, unknown))):
                continue
            yield WrongName("", start, end, "altered", "organisation", heads[named[0]].accepted[0])

    def _may_be_read(self, word: str) -> bool:
        return any(self._is_read(s) for s in _syllables(_bare(word)))


_HAN = re.compile(f"[{HAN}]")
_LONGEST_NAME = 24
#: the number of characters before a name that may contain its title.
_TITLE_REACH = 24
_TITLES = (
    "书记 主任 院长 校长 教授 理事长 秘书长 总裁 部长 主席 会长 局长 处长 总经理 董事长 司长 厅长 市长 县长 镇长 村长 "
    "研究员 总监 创始人 负责人 发言人 队长 馆长 所长 站长 总工程师 首席执行官 首席财务官 首席运营官 首席技术官"
).split()
_TITLE = re.compile("副?(?:" + "|".join(sorted(_TITLES, key=len, reverse=True)) + ")")
#: forms of address used with a surname: 李小姐
_CALLED = frozenset("姐哥妹弟叔姨爷奶总说")
_DOUBLE_SURNAMES = (
    "欧阳|上官|司马|诸葛|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|东方|申屠|端木|南宫|宇文|长孙|轩辕|钟离|濮阳|淳于|独孤|闻人|"
    "赫连|澹台|西门|司空|拓跋"
)
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方"
    "俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明"
    "臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢"
    "莫房裘缪解应宗丁宣邓郁单杭洪包诸左石崔吉龚程邢裴陆荣翁荀羊甄曲封储靳段焦巴牧山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾"
    "甘厉戎祖武符刘景詹束龙叶幸司韶黎蓟薄印宿白怀蒲台从鄂索咸赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦"
    "雍桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东"
    "欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查後荆红游竺权逯盖益桓公肖佟覃闫付代岳"
    "涂"
)
#: surnames that are also words: they are only recognized as names with a title.
_COMMON = "于和何时成常平安明计从能都国文广公通相向连应有全别双空关方高万石金水车山江路充满利强白黄台任单支东师红代解"
_ROLE_END = (
    f"(?:{'|'.join(sorted(_TITLES, key=len, reverse=True))}|老师|代表|特派员|医生|记者|专家|艺人|[家员长师工农]|主播)"
)
_SAYS = (
    r"表示|说|称|指出|认为|介绍|呼吁|强调|分享|讲述|致辞|宣布|透露|告诉|讲授|作了?主旨|发表|主持|回忆|坦言|总结|提出|捐赠|展示|肯定|出席|推动|希望|"
    r"则|也|还|曾|的|在|为|和|与|对|向|等|将|[，。、；：！？”）,.;:!?]|\Z"
)
_PERSON = re.compile(
    rf"(?P<role>(?<=[{HAN}]){_ROLE_END})(?P<name>(?:{_DOUBLE_SURNAMES}|[{_SURNAMES}])[{HAN}]{{1,2}})"
    rf"|(?:\A|(?<=[，。；：、！？\n,;“和与由]))(?P<free>(?:{_DOUBLE_SURNAMES}|(?![{_COMMON}])[{_SURNAMES}])[{HAN}]{{1,2}}?)"
    rf"(?=表示|说|称|指出|认为|介绍|呼吁|强调|讲述|致辞|坦言|告诉|透露|分享了?)"
)
#: characters that follow a surname in ordinary words but not in names.
_NO_GIVEN = re.compile(
    r".[的了在是与和及其们等这该各都也就还将会能可以于到出来去上下中内外前后里间度级性化量力面时年月日个位名家员人大小多少新旧一二三四五六七八九十两、，]"
)


def _people(text: str, source: str) -> Iterator[tuple[str, int]]:
    """The persons recognized by their context, each with its position."""
    at = 0
    while match := _PERSON.search(text, at):
        group = "name" if match["name"] else "free"
        name, start = match[group], match.start(group)
        at = match.start() + 1
        # 顾锋对: of the readings with two and three characters, the one that occurs in the source; a verb ends 赵宇航.
        for size in (len(name), *((len(name) - 1,) if group == "name" or _NO_GIVEN.match(name[-2:]) else ())):
            if text is not source and size > 1 and name[:size] in source:
                name = name[:size]
                break
        else:
            if group == "name":
                two = len(name) == 3 and re.match(_SAYS, text[start + 2 :])
                name = name[:2] if two else name
                if text is source and not re.match(_SAYS, text[start + len(name) :]):
                    continue
                common = name[0] in _COMMON and not re.match(_SAYS, text[start + len(name) :])
                if common or (len(match["role"]) == 1 and not re.match(_SAYS, text[start + len(name) :])):
                    continue
            sure = group == "name" and re.match(_SAYS, text[start + len(name) :])
            if (_NO_GIVEN.match(name) and not sure) or len(name) < 2:
                continue
        yield name, start


def _title_before(text: str, start: int) -> str:
    for title in sorted(_TITLES, key=len, reverse=True):
        if text.endswith(title, 0, start):
            deputy = start - len(title) - 1
            return "副" + title if deputy >= 0 and text[deputy] == "副" else title
    return ""


#: provinces and their abbreviations: 在京 means in Beijing.
_SHORT = dict(
    pair.split(":")
    for pair in (
        "北京:京 天津:津 上海:沪 重庆:渝 河北:冀 山西:晋 辽宁:辽 吉林:吉 黑龙江:黑 江苏:苏 浙江:浙 "
        "安徽:皖 福建:闽 江西:赣 山东:鲁 "
        "河南:豫 湖北:鄂 湖南:湘 广东:粤 海南:琼 四川:川蜀 贵州:黔 云南:滇 陕西:陕 甘肃:甘陇 青海:青 "
        "台湾:台 内蒙古:蒙 广西:桂 西藏:藏 "
        "宁夏:宁 新疆:疆 香港:港 澳门:澳"
    ).split()
)
_CITIES = (
    "石家庄 沈阳 长春 哈尔滨 南京 杭州 合肥 福州 南昌 济南 郑州 武汉 长沙 广州 南宁 海口 成都 贵阳 昆明 拉萨 西安 兰州 西宁 银川 "
    "乌鲁木齐 深圳 青岛 大连 宁波 厦门 苏州"
).split()
_PLACE = re.compile("|".join(sorted([*_SHORT, *_CITIES], key=len, reverse=True)))
#: preceding characters that turn a name into part of another word: 上海南部, 长江西岸, 黄河北岸
_NOT_BEFORE = {"海南": "上", "江西": "长", "河南": "黄", "河北": "黄", "湖南": "太西东", "湖北": "太西东"}
#: words before a name that are not part of it.
_FUNCTION = (
    "的在由与和及对向从被把为到是了将以等之该各本其某这那此有所名家位个第一二三四五六七八九十"
    "两多并而或则且自于至中任让使给跟同按经据当"
)
_VERBS = tuple(
    "出席 参加 加入 联合 携手 介绍 访问 成立 来自 就读 毕业 任职 隶属 属于 位于 担任 通过 根据 按照 支持 肯定 "
    "认为 表示 走进 邀请 组织 举办 主办 承办 协办 指导 委托 依托 带领 共同 以及 并且 同时 其中 包括 获得 得到 "
    "经过 前往 学校 附近 当地 国家 地方 连接 往返 驶向 抵达 赶到 运到 全国 知名 著名 重点 高等 公益 新建 建设 "
    "建立 设立 创办 聘请 推动 帮助 偏远 周边 所在 城 省 市 县 区 去 来 说 称 兼 任 邻 进 往 达".split()
)

_NAME_PART = re.compile(f"(?:(?![{_FUNCTION}])[{HAN}]){{0,2}}\\Z")
#: words after the name of a province that are not places.
_NO_DISTRICT = frozenset(
    "人民 农民 省内 当地 多地 地区 农村 全省 山区 村民 群众 各地 一带 等地 境内 农户 果农 企业 乡村".split()
)
_SUFFIX = re.compile(
    "基金会|联合会|研究院|研究所|委员会|出版社|博物馆|图书馆|科学院|社科院|协会|学会|商会|总工会|大学(?!生)|学院|中学(?!生)|党校|医院|法院|检察院|"
    "集团|银行|电视台|总局|管理局|"
    "(?P<office>(?:外交|国防|教育|科技|公安|民政|司法|财政|自然资源|生态环境|住建|交通运输|水利|农业农村|商务|文化和旅游|应急管理|卫生健康)[部厅局](?!门))|"
    "工程局|(?P<place>(?<![全本该我各外跨个邻节城超上股门])[省市县](?![场民值面容域长级委内外里])|[州湾岛](?![民国上内外]))"
)
_HEADS = frozenset(
    """school university college institute foundation fund group committee commission association federation academy center
    centre ministry bureau department council union league society corporation bank hospital""".split()
)
_SMALL = frozenset(
    "the of for and in at on to a an 's municipal provincial national city county state central people".split()
)
_HEAD = "|".join(sorted(head.capitalize() for head in _HEADS))
_ORGANISATION = re.compile(rf"\b((?:[A-Z][\w’'-]* (?:and )?){{1,7}}(?:{_HEAD}))\b")
_OFFICE_OF = re.compile(rf"\b(?=((?:{_HEAD}) (?:of|for) (?:the )?[A-Z][\w’'-]*(?:(?: and| of)? [A-Z][\w’'-]*)*))")
_ENGLISH_TITLES = {
    name: tuple(titles.split())
    for name, titles in {
        "mayor": "市长",
        "professor": "教授",
        "president": "总统 主席 会长 院长 校长 总裁 总经理 行长 理事长 社长",
        "chairman": "主席 董事长 理事长 会长 委员长",
        "chairwoman": "主席 董事长 理事长 会长",
        "director": "主任 局长 所长 馆长 院长 处长 司长 厅长 总监 理事 导演 台长 站长 董事 负责人 长",
        "secretary": "书记 秘书长 秘书 部长 大臣 国务卿",
        "minister": "部长 大臣 首相 总理",
        "governor": "省长 州长 行长 总督",
        "dean": "院长 主任",
        "premier": "总理",
        "founder": "创始人 创办人 发起人",
        "principal": "校长 院长",
    }.items()
}
_BEFORE_A_SURNAME = frozenset(
    (
        "mr mrs ms dr chair representative reporter doctor teacher secretary and but when while as then that said by in on "
        "after at with from the commissioner comrade general"
    ).split()
) | frozenset(_ENGLISH_TITLES)
#: the word before may be a title: Mayor Bai Xuesong
_WORD_BEFORE = re.compile(r"\b([A-Z][a-z]+) \Z")
_PINYIN_PERSON = re.compile(r"\b(?=([A-Z][a-z]{0,8}) ([A-Z][a-z’']{1,11})\b(?![’']?[-\w]))")
_PINYIN_PLACE = re.compile(
    r"\b([A-Z][a-z’']{2,14})(?= (?:County|City|Province|District|Village|Town|(?:Medical |Normal |Agricultural )?University|"
    r"[Cc]ampus|province|county|city)\b)|\b[A-Z][a-z’']{3,14}\b(?! [A-Z])"
)
#: names of other countries and people, and English words, that look like pinyin.
_NO_PINYIN = frozenset(
    """china canada panama kenya nigeria tanzania uganda ghana guinea asia sudan iran lanka ukraine india yemen haiti malawi
    hongkong    obama susan anna diana maria duncan juan ian dana lina alan hannah nathan rowan yale hong banana agenda mania
    engine online people home canine change lebanon""".split()
)


_TITLED = re.compile(
    rf"\b(?:(?P<title>{'|'.join(map(str.capitalize, _ENGLISH_TITLES))}) (?P<before>[A-Z][a-z]+ [A-Z][a-z’']+)"
    rf"|(?P<after>[A-Z][a-z]+ [A-Z][a-z’']+), (?:the |an? )?(?:[a-z]+ ){{0,2}}(?P<apposition>{'|'.join(_ENGLISH_TITLES)}))\b"
)


def _is_known(content: set[str], forms: Sequence[set[str]]) -> bool:
    """Whether a name has too few words to decide, or all its words occur in one known form."""
    return len(content) < 2 or any(content <= form for form in forms)


def organisations_in(text: str) -> list[tuple[int, int]]:
    """Organization names in an English text: capitalized words that end in Bank, Association and the like."""
    return [match.span(1) for match in _ORGANISATION.finditer(text)]


def _bare(word: str) -> str:
    return re.sub(r"[’']s\Z|[’'-]", "", word.lower())


@lru_cache(maxsize=1 << 14)
def _words(name: str) -> tuple[str, ...]:
    return tuple(word.removesuffix("'s").removesuffix("’s") for word in re.findall(r"[\w’'-]+", name.casefold()))


@cache
def _readings() -> dict[int, str]:
    """pypinyin's table of single characters, without importing the package, which loads 47,000 phrases."""
    folder = find_spec("pypinyin").submodule_search_locations[0]  # type: ignore[union-attr, index]
    spec = spec_from_file_location("evalkit_pinyin_table", f"{folder}/pinyin_dict.py")
    module = module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    table: dict[int, str] = module.pinyin_dict
    return table


def _toneless(readings: str) -> set[str]:
    """Readings separated by commas in plain letters, with v for ü."""
    plain = unicodedata.normalize("NFD", readings).replace("u\u0308", "v")
    return set(re.sub("[^A-Za-z,]", "", plain).split(",")) - {""}


@lru_cache(maxsize=1 << 14)
def _readings_of(character: str) -> frozenset[str]:
    if not _HAN.match(character):
        return frozenset()
    readings = _toneless(_readings().get(ord(character), ""))
    return frozenset(readings | {r.replace("v", u) for r in readings for u in ("u", "yu")})


@cache
def _every_syllable() -> frozenset[str]:
    syllables = _toneless(",".join(reading for code, reading in _readings().items() if 0x4E00 <= code <= 0x9FFF))
    return frozenset(syllables - {"m", "n", "ng", "hm", "hng"}) | {"lu", "nu", "lyu", "nyu"}


@cache
def _surname_readings() -> frozenset[str]:
    double = (
        "".join(pair) for name in _DOUBLE_SURNAMES.split("|") for pair in itertools.product(*map(_readings_of, name))
    )
    return frozenset(itertools.chain((reading for c in _SURNAMES for reading in _readings_of(c)), double))


@cache
def _place_readings() -> dict[str, str]:
    """Provinces and large cities by their English names, which are pinyin with a few exceptions."""
    english = {
        "shaanxi": "陕西",
        "harbin": "哈尔滨",
        "hohhot": "呼和浩特",
        "tibet": "西藏",
        "macau": "澳门",
        "macao": "澳门",
    }
    for place in (*_SHORT, *_CITIES):
        for reading in itertools.product(*map(_readings_of, place)):
            english.setdefault("".join(reading), place)
    # 西安 is written Xi'an; Xian is a given name.
    del english["xian"]
    return english


@lru_cache(maxsize=1 << 12)
def _syllables(word: str) -> tuple[tuple[str, ...], ...]:
    """Every way to split a word into the pinyin of at most five characters."""
    if not word:
        return ((),)
    if len(word) > 20:
        return ()
    every = _every_syllable()
    return tuple(
        (word[:size], *rest)
        for size in range(1, 7)
        if word[:size] in every
        for rest in _syllables(word[size:])
        if len(rest) < 5
    )
