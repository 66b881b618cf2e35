"""Compare what persons are in an output and in its source: a nurse is no lawyer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from evalkit.text.names.lexicon import TITLE
from evalkit.text.names.mentions import Mention
from evalkit.text.names.source_names import SourceNames
from evalkit.text.names.wrong_name import WrongName
from evalkit.text.word_lists import word_lists

#: The kind of the words that fit every role.
ANY = frozenset({"any"})


def _kinds(side: int) -> dict[str, frozenset[str]]:
    kinds: dict[str, set[str]] = {}
    for kind, words in word_lists("roles", Path(__file__).parent)["roles"].items():
        for word in words.split("|")[side].split():
            kinds.setdefault(word, set()).add(kind)
    return {word: frozenset(of) for word, of in kinds.items()}


_CHINESE, _ENGLISH = _kinds(0), _kinds(1)
#: all roles at a place, as 公司机长 contains 司机, too
_CHINESE_ROLE = re.compile(f"(?=({'|'.join(sorted(_CHINESE, key=len, reverse=True))}))")
_NOUNS = "|".join(sorted((word for word in _CHINESE if len(word) > 1), key=len, reverse=True))
#: one role, or two in one word: 乘客代表
_CHINESE_BEFORE = re.compile(rf"(?:{_NOUNS})?(?:{_NOUNS})\Z")
#: what somebody is said to be: 徐建平是研究院的院长
_CHINESE_IS = re.compile(rf"(?:是|担任|出任)[^,。;:!?]{{0,20}}?(?P<role>副?(?:{_NOUNS}))(?=[,。;!?]|\Z)")
_LONGEST, _FARTHEST = 12, 40
_WORD = re.compile(r"(?!(?:vice|under|deputy|co)-)[A-Za-z][a-z’'-]*(?<!vice)(?<!under)")
_BEFORE = re.compile(
    r"(?:(?:[Dd]eputy|[Vv]ice|[Aa]cting|[Aa]ssociate|[Aa]ssistant) )?"
    r"(?:[A-Za-z][a-z’'-]+ )?(?:[A-Za-z][a-z’'-]+|(?:[Tt]he|[Ii]ts|[Hh]is|[Hh]er) [a-z’'-]+,) \Z"
)
_AFTER = re.compile(
    r", (?:an?|the|its|his|her|their|[A-Z][a-z]+[’']s) ([^,.;:]{2,80})"
    r"|, ((?:[a-z-]+ ){0,3}[a-z-]+ (?:of|at|for|with|in|from|to) [^,.;:]{2,60})"
)
_RELATION = re.compile(r" (?:of|at|for|with|in|from|to|who|whose|that|on|by|and|which|[a-z]+ing) ")
#: the kinds that have deputies
_RANKED = frozenset(
    "executive club_head school_head ruler minister mayor governor county_head secretary office_head curator".split()
)
_RANKS = ("head", "chief", "coach", "教练")
_DEPUTY = {
    "zh": re.compile("副|助理|代理|代(?=[院局市县区校省州]长)"),
    "en": re.compile(r"\b(?:deputy|vice|associate|assistant|acting|under|lieutenant)\b", re.IGNORECASE),
}


def chinese_kinds(text: str) -> frozenset[str]:
    """The kinds of all roles in a Chinese text."""
    return frozenset[str]().union(*(_CHINESE[m[1]] for m in _CHINESE_ROLE.finditer(text)))


def _chinese_role(text: str, mention: Mention) -> tuple[int, int]:
    """Where a Chinese text says what a person is, directly before or after the name; an empty span if it does not."""
    if after := TITLE.match(text, mention.end):
        return after.span()
    before = _CHINESE_BEFORE.search(text, max(0, mention.start - _LONGEST), mention.start)
    found = before or _CHINESE_IS.match(text, mention.end)
    return found.span(found.lastgroup or 0) if found else (mention.start, mention.start)


def introduction_before(text: str, mention: Mention) -> tuple[int, int] | None:
    """Where an English text introduces a person before the name, such as "the Italian conductor, "."""
    before = _BEFORE.search(text, max(0, mention.start - _FARTHEST), mention.start)
    return before.span() if before else None


def _english_role(text: str, mention: Mention) -> tuple[int, int]:
    """Where an English text says what a person is: Professor Li Na; Li Na, a professor of law."""
    if after := _AFTER.match(text, mention.end):
        start = after.start(1 if after[1] else 2)
        head = _RELATION.split(text[start : after.end()] + " ")[0]
    elif before := introduction_before(text, mention):
        start, head = before[0], text[slice(*before)].rstrip(", ")
    else:
        return mention.start, mention.start
    words = list(_WORD.finditer(head))
    if words and words[-1][0].lower() in _ENGLISH:
        return start, start + words[-1].end()
    return mention.start, mention.start


_ROLES = {"zh": _chinese_role, "en": _english_role}


def _kinds_of(role: str, lang: str) -> frozenset[str]:
    return chinese_kinds(role) if lang == "zh" else _ENGLISH[_WORD.findall(role)[-1].lower()]


def kinds_of_role(text: str, lang: str, mention: Mention) -> frozenset[str]:
    """The kinds of the role that a text gives a person; empty if it gives none."""
    start, end = _ROLES[lang](text, mention)
    return _kinds_of(text[start:end], lang) if start < end else frozenset()


def wrong_roles(names: SourceNames, text: str, lang: str, mentions: Sequence[Mention]) -> Iterator[WrongName]:
    """Find persons who have a role of another kind in the source, and none of the same, or are deputies in one text only."""
    for mention in mentions:
        start, end = _ROLES[lang](text, mention)
        if start == end:
            continue
        ours = _kinds_of(text[start:end], lang)
        theirs = chinese_kinds(names.introduction_of(mention.name) + mention.name)
        is_deputy = _DEPUTY[lang].search(text, max(0, start - 2 * (lang == "zh")), end) is not None
        other = ours - ANY and theirs - ANY and (ours - ANY).isdisjoint(theirs)
        ranked = ours & theirs & _RANKED or text.endswith(_RANKS, start, end)
        if other or (ranked and _is_other_rank(names, mention.name, is_deputy)):
            span = min(start, mention.start), max(end, mention.end)
            # The roles of foreigners are translated in many ways.
            sure = not other or "·" not in mention.name
            yield WrongName(*span, "title", "person", introduced(names, mention.name), sure=sure)


def _is_other_rank(names: SourceNames, name: str, is_deputy: bool) -> bool:
    """Whether a person is a deputy in the source, and not in the output, or the other way round."""
    introduction = names.introduction_of(name)
    ranked = (role for role in _CHINESE_ROLE.finditer(introduction) if len(role[1]) > 1 and _CHINESE[role[1]] & _RANKED)
    titles = [introduction[max(0, role.start() - 3) : role.end(1)] for role in ranked]
    deputies = [title for title in titles if _DEPUTY["zh"].search(title)]
    if is_deputy:
        return bool(titles) and not _DEPUTY["zh"].search(introduction)
    return bool(titles) and len(deputies) == len(titles)


def introduced(names: SourceNames, name: str) -> str:
    """What the source calls a person, with the name."""
    at = names.text.find(name)
    before = re.split("[,。;:]", names.text[max(0, at - _LONGEST) : at])[-1]
    return before + name
