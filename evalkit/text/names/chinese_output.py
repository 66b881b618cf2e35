"""Find wrong names in a Chinese output."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from evalkit.text.names.chinese_people import ADDRESSED, SAYS, people_in
from evalkit.text.names.lexicon import (
    CHARACTER,
    CHINESE,
    NOT_BEFORE,
    PLACE,
    PLACE_END,
    SURNAMES,
    TITLE,
    TITLES,
    folded,
)
from evalkit.text.names.likely_people import likely_people
from evalkit.text.names.roles import ANY, chinese_kinds
from evalkit.text.names.source_names import SourceNames
from evalkit.text.names.statements import wrong_statements
from evalkit.text.names.wrong_name import WrongName
from evalkit.text.pinyin import readings_of
from evalkit.text.scripts import HAN
from evalkit.text.translation import chinese_words
from evalkit.text.word_lists import entries

_LONGEST_NAME = 24
#: The log-odds from which on a name that the source does not have is wrong.
_CERTAIN = 0.0
#: The characters that an abbreviated name may leave out at one place, and the places where a name is looked up.
_GAP, _MOST_PLACES = 9, 40
_REGION = re.compile(f"{PLACE.pattern}|[东西南北华][东西南北中]")
_BREAK = re.compile(r"[^\w·]")
_FUNCTION = CHINESE["function"]
_SAME_TITLES = dict(entries(CHINESE["same_titles"]))
_ROLES = frozenset(CHINESE["roles"].split())
_VERBS = tuple(CHINESE["verbs"].split())
#: Verbs and particles that follow the name of a person, and precede that of an organization.
_AFTER_A_NAME = tuple(word for key in ("after_a_name", "particles") for word in CHINESE[key].split() if len(word) > 1)
_TRANSCRIBED = re.compile(f"[{CHINESE['transcription']}·]+")
_NAME_PART = re.compile(f"(?:(?![{_FUNCTION}])[{HAN}]){{0,2}}\\Z")
_NO_DISTRICT = frozenset(CHINESE["no_district"].split())
#: The endings of the names of companies, which also follow ordinary words.
_COMPANY, _COMPANY_WORD = ("|".join(CHINESE[key].split()) for key in ("company_ends", "company_words"))
_ORDINARY = frozenset((*CHINESE["no_company"].split(), *f"{_COMPANY}|{_COMPANY_WORD}".split("|")))
_SUFFIX = re.compile(
    "基金会|联合会|研究院|研究所|委员会|出版社|书局|(?P<common>中心|公司)|博物馆|图书馆|科学院|社科院|协会|学会|商会|总工会|(?<!夜)总会|红十字会|大学(?![生者习])|学院|[中小]学(?![生校])|党校|剧院|剧团|乐团|医院|法院|检察院|"
    f"集团|银行|电视台|总局|管理局|(?P<brand>{_COMPANY}|(?:{_COMPANY_WORD})(?=公司|集团|经理|老板|{TITLE.pattern}|{'|'.join(CHINESE['speech'].split())}))|"
    "(?P<office>(?:外交|国防|教育|科技|公安|民政|司法|财政|自然资源|生态环境|住建|交通运输|水利|农业农村|商务|文化和旅游|应急管理|卫生健康)[部厅局](?![门队]))|"
    f"(?<![结布格当大全平开时政出僵骗残饭书药终败战邮警察防报治每首])局(?![面势部限促长内外中里])|(?<![客餐大舞门歌展音机])厅(?![长堂局级内外里])|"
    f"(?P<place>{PLACE_END}|(?<![全本该各足荒孤小海群半列])[州湾岛](?![民国上内外])|机场|大桥|水库|隧道|火车站|"
    "(?<![农乡山全本该各新城小古老渔牧江街集重冶和故家异他思返同坐下回还离归进入])(?:村|镇(?![压静定痛])|乡(?!村))(?![民里庄子委长企办干落上中内外人寨级医卫教小]))"
)


def _people(names: SourceNames, text: str) -> Iterator[WrongName]:
    for name, start in people_in(text, names.text):
        if name not in names.text:
            alike = [known for known in names.people if known[0] == name[0]]
            why, meant = ("altered", alike[0]) if len(alike) == 1 else ("added", "")
            yield WrongName(start, start + len(name), why, "person", meant)
    # 索菲·贝尔纳 for 索菲·勒鲁瓦
    for match in re.finditer(f"(?<=·){CHARACTER}{{2}}", text):
        if match[0] not in names.text:
            yield WrongName(*match.span(), "added", "person")
    # 孙利民 for 孙利军, in any context.
    for meant in names.people:
        named = meant[-1:] not in CHINESE["verb_characters"] or any(
            SAYS.match(names.text, m.end()) for m in re.finditer(meant, names.text)
        )
        if len(meant) != 3 or not named or TITLE.search(meant):
            continue
        for match in re.finditer(f"{meant[0]}(?:{meant[1]}{CHARACTER}|{CHARACTER}{meant[2]})", text):
            # 毕刚说 is another reading of 教授毕刚讲解.
            verb = match[0][-1] in CHINESE["verb_characters"] + CHINESE["called"]
            if match[0][1:] not in names.text and not verb and not ADDRESSED.match(text, match.start()):
                yield WrongName(*match.span(), "altered", "person", meant)


def _sounds_alike(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find names that sound like the name of a person in the source: 季怀元 for 嵇怀远."""
    starts: dict[str, list[str]] = {}
    characters = set(text)
    for name in names.mentioned.names:
        if len(name) > 2 and not _TRANSCRIBED.fullmatch(name):
            for character in {name[0], *(c for c in characters if readings_of(c) & readings_of(name[0]))}:
                starts.setdefault(character, []).append(name)
    for i, character in enumerate(text):
        for meant in starts.get(character, ()):
            form = text[i : i + len(meant)]
            if len(form) == len(meant) and form not in names.text and _have_same_readings(form, meant):
                yield WrongName(i, i + len(form), "altered", "person", meant)


def _likely(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find what is likely to be a person by its characters and is not in the source."""
    people = frozenset(names.mentioned.names)
    for start, end, odds in likely_people(text):
        form = text[start:end]
        if form in names.text or form.endswith(("先生", "女士", "小姐")):
            continue
        alike = [one for one in people if _are_alike(one, form)]
        # 陆笙七 may be 陆笙 before a number; the first name of a foreigner may be known from the context.
        known = form[:-1] in people or any(part in names.text for part in form.split("·"))
        called = re.search(f"{form[0]}(?:某|{TITLE.pattern})", names.text)
        if len(alike) == 1:
            yield WrongName(start, end, "altered", "person", alike[0])
        elif odds >= _CERTAIN and (len(form) == 3 or "·" in form) and not (alike or known or called):
            yield WrongName(start, end, "added", "person")


def _are_alike(name: str, form: str) -> bool:
    """Whether two names have the same given name, or two foreign ones the same last name."""
    if "·" in name and "·" in form:
        (first, _, last), (other, _, other_last) = name.partition("·"), form.partition("·")
        return last == other_last and first not in other and other not in first
    return len(name) == len(form) == 3 and name[1:] == form[1:]


def _have_same_readings(form: str, meant: str) -> bool:
    return all(readings_of(a) & readings_of(b) for a, b in zip(form, meant, strict=True))


def _is_held(names: SourceNames, name: str, title: str) -> bool:
    """Whether the source introduces a person by a title, or by one that means the same."""
    same = (*_SAME_TITLES.get(title, ()), *({title} & _ROLES))
    introduced = re.search(f"(?<!副){title}", names.introduction_of(name)) is not None
    return introduced or any(one + name in names.text or one in names.titles_of(name) for one in same)


def _titles(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find wrong titles: 书记王杰秀 if the source has 书记顾锋 or 主任王杰秀."""
    titled = (n for n, _ in people_in(text, names.text) if n in names.text and not n.startswith(names.people))
    in_source = frozenset(TITLE.findall(names.text))
    for name in dict.fromkeys((*names.people, *titled)):
        known = names.titles_of(name)
        for match in re.finditer(re.escape(name), text):
            after = TITLE.match(text, match.end())
            title = after[0] if after else _title_before(text, match.start())
            # 伊格纳西奥 is longer than 伊格纳.
            longer = not SAYS.match(text, match.end()) and text[match.start() : match.end() + 1] in names.text
            # 负责人 may be said of anyone.
            if not title or title in known or longer or chinese_kinds(title) == ANY or _is_held(names, name, title):
                continue
            others = [o for o in names.people if o != name and (title in names.titles_of(o) or title + o in names.text)]
            start, end = (match.start(), after.end()) if after else (match.start() - len(title), match.end())
            # A title that the source lacks is wrong for anyone with a known title.
            if others or (known and title not in in_source and title not in _ROLES):
                meant = title + others[0] if others else min(known) + name
                yield WrongName(start, end, "title", "person", meant)


def _surnames(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find titles after a surname that nobody in the source has: 陈教授."""
    in_source = frozenset(TITLE.findall(names.text))
    for match in re.finditer(f"(?:\\A|(?<=[,。;:、“和与由]))([{SURNAMES}])({TITLE.pattern})(?={SAYS.pattern})", text):
        if match[1] not in names.text and match[2] in in_source:
            yield WrongName(*match.span(), "added", "person")


def _places(names: SourceNames, text: str) -> Iterator[WrongName]:
    for match in PLACE.finditer(text):
        before = text[match.start() - 1 : match.start()] or "|"
        if not names.has_place_name(match[0]) and before not in NOT_BEFORE.get(match[0], ("",))[0]:
            yield WrongName(*match.span(), "added", "place")


def _offices(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find organizations and places whose last part is in the source: 复旦大学."""
    # A company may be known from the context, unless it replaces one of the source.
    omits = any(company not in text for company in itertools.islice(_companies(names.text), _MOST_PLACES))
    for match in _SUFFIX.finditer(text):
        start, is_whole = _known_part(names.text, text, match)
        # 在兰州大学: preceded by a word that is not part of the name.
        before = _NAME_PART.search(text[max(0, start - 2) : start])[0]  # type: ignore[index]
        # 外交部长 for 外长
        short = text[match.end() : match.end() + 1] == "长" and any(f"{c}长" in names.text for c in match[0])
        if match["office"] and not short and not re.search(".{0,5}".join(match[0]), names.text):
            yield WrongName(*match.span(), "added", "organisation")
        elif (match["brand"] or (match["common"] and start == match.start())) and not (
            omits and _is_other_company(names, text, match)
        ):
            continue
        elif start == match.start() and len(before) == 1 and match[0] in "省市":
            continue  # 获市人大常委会批准
        elif before not in ("", "家") and not is_whole and not _is_other_word(names, before, text, start, match):
            kind = "place" if match["place"] else "organisation"
            meant = [t.source for t in names.terms if t.kind == kind and folded(t.source).endswith(match[0])]
            why = "altered" if len(meant) == 1 else "added"
            yield WrongName(start - len(before), match.end(), why, kind, meant[0] if len(meant) == 1 else "")


def _companies(text: str) -> Iterator[str]:
    """The names of companies: two characters before an ending that are no word."""
    for match in re.finditer(f'({CHARACTER}{{2}})[”」"]?(?:公司|集团|{_COMPANY}|{_COMPANY_WORD})', text):
        other = {match[1]} & (_ORDINARY | chinese_words()) or set(match[1]) & set(_FUNCTION) or PLACE.match(match[1])
        if not other and match[1][1] not in CHINESE["no_company_name"]:
            yield match[1]


def _is_other_company(names: SourceNames, text: str, suffix: re.Match[str]) -> bool:
    """Whether two characters before an ending are the name of a company that the source does not have."""
    name = next(_companies(text[max(0, suffix.start() - 3) : suffix.end()]), "")
    return bool(name) and not names.has_characters(name)


def _known_part(source: str, text: str, suffix: re.Match[str]) -> tuple[int, bool]:
    """Where the part of a name begins that the source has, perhaps in a longer form, and whether it is a whole name there."""
    candidates = [(suffix.start(), True)]
    for found in itertools.islice(re.finditer(re.escape(suffix[0]), source), _MOST_PLACES):
        at, place = suffix.start(), found.start()
        while at > max(0, suffix.end() - _LONGEST_NAME) and text[at - 1] not in _FUNCTION:
            near = _BREAK.split(source[max(0, place - _GAP) : place])[-1]
            # 科技大学 for 科学技术大学: two characters at a time
            size = 1 if near.endswith(text[at - 1]) else 2
            last = near.rfind(text[at - 1])
            back = last if size == 1 else near.rfind(text[max(0, at - 2)], max(0, last - 4), max(0, last))
            if back < 0:
                break
            at, place = at - size, place - len(near) + back
        previous = source[max(0, place - 2) : place]
        whole = not previous or previous[-1] in _FUNCTION or _BREAK.match(previous[-1]) or previous.endswith(_VERBS)
        candidates.append((at, not whole))
    start, is_part = min(candidates)
    return start, not is_part and start < suffix.start()


def _is_other_word(names: SourceNames, before: str, text: str, start: int, suffix: re.Match[str]) -> bool:
    """Whether the text before the known part of a name is not part of it, or an addition such as the place."""
    # 变成珊瑚中心 for 改建成珊瑚中心: the last character of a verb may be in both texts.
    joined = {before + text[start], before[-1:] + text[start]}
    is_verb = before.endswith((*_VERBS, *_AFTER_A_NAME)) or joined & {*_VERBS, *chinese_words()}
    # 不肯撤出医院: a verb with its direction
    if (
        is_verb
        or {*text[start : start + 2]} & {*"出入到回进往"}
        or (before[-1:] in "市省县" and before[-1:] in names.text)
    ):
        return True
    # 车企协会 for 汽车工业协会
    if suffix[0] in ("协会", "学会", "商会") and re.search(f"[{before}].{{0,6}}{suffix[0]}", names.text):
        return True
    if suffix[0] not in names.text and not suffix["place"]:
        # 北大 for 北京大学
        short = suffix[0][-1 if suffix[0].endswith(("银行", "委员会")) else 0]
        if re.search(f"[{before}].{{0,3}}{short}", names.text):
            return True
    # 海南大学, where another university and Hainan are in the source
    elif before in names.text and not (
        start == suffix.start()
        and (suffix[0] in ("大学", "基金会") or _REGION.fullmatch(before))
        and not suffix["place"]
    ):
        return True
    known = (folded(t.source) for t in names.terms if t.kind in ("organisation", "place") and len(t.source) > 3)
    return any(text.endswith(name, 0, suffix.end()) for name in known)


def _districts(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find other places after the name of a province: 贵州普定 if the source has 贵州普安."""
    named = [folded(term.source) for term in names.terms if term.kind == "place" and len(term.source) == 2]
    counties = "|".join(re.escape(name) for name in named) or "(?!)"
    for match in re.finditer(
        rf"({PLACE.pattern})省?({counties}|(?:[{HAN}]{{2,5}}州)?[{HAN}]{{2}}(?=[县市]))", names.text
    ):
        for other in re.finditer(rf"{match[1]}({CHARACTER}{{2}})(?=[，。、；：,等的与和及县市推帮销卖\d])", text):
            if other[1] not in names.text and other[1][0] not in "省市县" and other[1] not in _NO_DISTRICT:
                yield WrongName(other.start(), other.end(), "altered", "place", match[1] + match[2][-2:])


def _title_before(text: str, start: int) -> str:
    title = next((title for title in (*TITLES, *_ROLES) if text.endswith(title, 0, start)), "")
    return "副" + title if title and text.endswith("副", 0, start - len(title)) else title


#: Functions that take the names of the source and an output, and yield the wrong names.
CHECKS = (_people, _sounds_alike, _likely, _titles, _surnames, _places, _offices, _districts, wrong_statements)
