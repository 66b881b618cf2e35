"""Find the persons in a Chinese text by their context: after a title, or before a reporting verb."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evalkit.text.names.lexicon import CHINESE, COMMON_SURNAMES, DOUBLE_SURNAMES, SURNAMES, TITLES
from evalkit.text.scripts import HAN

_ROLES = "|".join((*TITLES, *CHINESE["roles"].split(), *CHINESE["general_roles"].split()))
#: What may follow a name: a verb, a particle or punctuation.
_AFTER = "|".join(CHINESE["after_a_name"].split())
SAYS = re.compile(rf"{_AFTER}|[不没未，。、；：！？”）,.;:!?\d]|\Z")
_VERB = re.compile(_AFTER)
_NO_PERSON = (*CHINESE["no_person"].split(), *(verb for verb in CHINESE["after_a_name"].split() if len(verb) > 1))
#: 欧阳团长, 申屠副局长: a title after a surname
ADDRESSED = re.compile(rf"(?:{DOUBLE_SURNAMES}|.)(?:副|{'|'.join(TITLES)})")
_DOUBLE = re.compile(DOUBLE_SURNAMES)
_PERSON = re.compile(
    rf"(?P<role>{_ROLES}|(?<=[{HAN}])(?:(?<![国大人全回])家|[员长师]))(?P<name>(?:{DOUBLE_SURNAMES}|[{SURNAMES}])[{HAN}]{{1,2}})"
    rf"|(?:\A|(?<=[，。；：、！？\n,;“和与由是]))(?P<free>(?:{DOUBLE_SURNAMES}|(?![{COMMON_SURNAMES}])[{SURNAMES}])"
    rf"(?:[{HAN}]{{1,2}}?(?=表示|说|称|指出|认为|介绍|呼吁|强调|讲述|致辞|坦言|告诉|透露|分享了?)"
    rf"|[{HAN}]{{2}}(?={'|'.join(verb for verb in CHINESE['after_a_name'].split() if len(verb) > 1)})))"
)
#: Characters that follow a surname in ordinary words but not in names.
_NO_GIVEN = re.compile(
    r".(?:先生|女士|小姐|老师|师傅|同志)|.[不没未的了在是与和及其们等这该各都也就还将会能可以于到出来去上下中内外前后里间度级性化量力面时年月日个位名家员人大小多少新旧一二三四五六七八九十两、，]"
)


def people_in(text: str, source: str) -> Iterator[tuple[str, int]]:
    """The persons recognized by their context, each with its position."""
    at = 0
    while match := _PERSON.search(text, at):
        at, start = match.start() + 1, match.start("name" if match["name"] else "free")
        if text.startswith(_NO_PERSON, start) or ADDRESSED.match(text, start):
            continue
        known = "" if text is source else _known_reading(text, source, match, start)
        if name := known or _reading(text, match, start):
            yield name, start


def _known_reading(text: str, source: str, match: re.Match[str], start: int) -> str:
    """The reading that occurs in the source, or an empty string: 顾锋 in 顾锋对; a verb ends 赵宇航."""
    name = match["name"] or match["free"]
    shorter = match["name"] or _NO_GIVEN.match(name[-2:])
    if name in source and not (name[:-1] in source and _is_shorter(text, start, name)):
        return name
    longer = SAYS.match(text, start + len(name)) and not SAYS.match(text, start + len(name) - 1)
    return name[:-1] if shorter and len(name) > 2 and name[:-1] in source and not longer else ""


def _reading(text: str, match: re.Match[str], start: int) -> str:
    """The most likely reading, or an empty string if it is probably no name."""
    name, titled = match["free"] or match["name"], False
    if match["name"]:
        name = name[:-1] if _is_shorter(text, start, name) else name
        ends, common = SAYS.match(text, start + len(name)) is not None, name[0] in COMMON_SURNAMES
        if not ends and (common or len(match["role"]) == 1):
            return ""
        titled = (len(match["role"]) > 1 and ends) or (name[1] in "小大新一月" and not common)
    # 博士代读。
    is_last = not text[start + len(name) : start + len(name) + 1].isalnum()
    is_verb = len(name) == 2 and name[0] in COMMON_SURNAMES + CHINESE["verb_surnames"] and is_last
    is_word = is_verb or (_NO_GIVEN.match(name) and not titled)
    return "" if is_word or len(name) < 2 else name


def _is_shorter(text: str, start: int, name: str) -> bool:
    """Whether the last character of a reading begins a verb: 顾锋说, but not 封大为称."""
    full = len(name) == (4 if _DOUBLE.match(name) else 3)
    ends = start + len(name)
    return full and SAYS.match(text, ends - 1) is not None and (name[-1] not in "为向和" or not _VERB.match(text, ends))
