"""Find the persons in a Chinese text by their context: after a title, or before a reporting verb."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evalkit.text.names.lexicon import CHINESE, COMMON_SURNAMES, DOUBLE_SURNAMES, SURNAMES, TITLES
from evalkit.text.scripts import HAN

_ROLES = "|".join((*TITLES, *CHINESE["roles"].split()))
#: What may follow a name: a verb, a particle or punctuation.
_AFTER = "|".join(CHINESE["after_a_name"].split())
SAYS = re.compile(rf"{_AFTER}|[，。、；：！？”）,.;:!?\d]|\Z")
_VERB = re.compile(_AFTER)
_NO_PERSON = tuple(CHINESE["no_person"].split())
_DOUBLE = re.compile(DOUBLE_SURNAMES)
_PERSON = re.compile(
    rf"(?P<role>{_ROLES}|(?<=[{HAN}])[家员长师])(?P<name>(?:{DOUBLE_SURNAMES}|[{SURNAMES}])[{HAN}]{{1,2}})"
    rf"|(?:\A|(?<=[，。；：、！？\n,;“和与由]))(?P<free>(?:{DOUBLE_SURNAMES}|(?![{COMMON_SURNAMES}])[{SURNAMES}])[{HAN}]{{1,2}}?)"
    rf"(?=表示|说|称|指出|认为|介绍|呼吁|强调|讲述|致辞|坦言|告诉|透露|分享了?)"
)
#: Characters that follow a surname in ordinary words but not in names.
_NO_GIVEN = re.compile(
    r".[的了在是与和及其们等这该各都也就还将会能可以于到出来去上下中内外前后里间度级性化量力面时年月日个位名家员人大小多少新旧一二三四五六七八九十两、，]"
)


def people_in(text: str, source: str) -> Iterator[tuple[str, int]]:
    """The persons recognized by their context, each with its position."""
    at = 0
    while match := _PERSON.search(text, at):
        group = "name" if match["name"] else "free"
        name, start = match[group], match.start(group)
        at = match.start() + 1
        # 顾锋对: of the readings with two and three characters, the one that occurs in the source; a verb ends 赵宇航.
        for size in (len(name), *((len(name) - 1,) if group == "name" or _NO_GIVEN.match(name[-2:]) else ())):
            if (
                text is not source
                and size > 1
                and name[:size] in source
                and not _is_longer(text, start, size, len(name))
                and not (size == len(name) and name[:-1] in source and _is_shorter(text, start, name))
            ):
                name = name[:size]
                break
        else:
            if group == "name":
                name = name[:-1] if _is_shorter(text, start, name) else name
                common = name[0] in COMMON_SURNAMES and not SAYS.match(text, start + len(name))
                if common or (len(match["role"]) == 1 and not SAYS.match(text, start + len(name))):
                    continue
            sure = (
                group == "name"
                and len(match["role"]) > 1
                and (SAYS.match(text, start + len(name)) or (name[1] in "小大新一" and name[0] not in COMMON_SURNAMES))
            )
            if name.startswith(_NO_PERSON) or (_NO_GIVEN.match(name) and not sure) or len(name) < 2:
                continue
        yield name, start


def _is_shorter(text: str, start: int, name: str) -> bool:
    """Whether the last character of a reading begins a verb: 顾锋说, but not 封大为称."""
    full = len(name) == (4 if _DOUBLE.match(name) else 3)
    ends = start + len(name)
    return full and SAYS.match(text, ends - 1) is not None and (name[-1] not in "为向和" or not _VERB.match(text, ends))


def _is_longer(text: str, start: int, size: int, longest: int) -> bool:
    """Whether a verb shows that a name ends after the longest reading, and not after the shorter one."""
    return (
        size < longest
        and SAYS.match(text, start + longest) is not None
        and not SAYS.match(text, start + size)
    )
