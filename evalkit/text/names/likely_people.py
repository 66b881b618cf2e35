"""Find the persons in a Chinese text by the characters of their names and the words around these."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from evalkit.text.names.lexicon import CHARACTER, CHINESE, DOUBLE_SURNAMES, PLACE, TITLES
from evalkit.text.translation import chinese_words
from evalkit.text.word_lists import word_lists

_TABLES = word_lists("people", Path(__file__).parent)
_LOG_ODDS = {
    name: {
        character: float(value) for value, characters in table.items() if value != "default" for character in characters
    }
    for name, table in _TABLES.items()
}
#: The weights of a logistic regression: names of two characters, punctuation before and after, and a role or punctuation
#: before with a verb or punctuation after.
_ALWAYS, _SHORT, _STARTS, _ENDS, _FRAMED = -7.2, -0.8, -0.3, 0.95, 2.05
#: From these log-odds on, a name is accepted, and from the higher ones on it needs no other evidence.
POSSIBLE, LIKELY = -3.5, -2.8
_SURNAME = re.compile(rf"(?=({DOUBLE_SURNAMES}))|(?=([{''.join(_LOG_ODDS['surname'])}{CHINESE['surnames']}]))")
_GIVEN = re.compile(f"{CHARACTER}{{1,2}}")
#: a role, or what may be the end of one, before a name
ROLE = re.compile(
    rf"(?:{'|'.join((*TITLES, *CHINESE['roles'].split(), *CHINESE['general_roles'].split()))}|[{CHINESE['role_ends']}])\Z"
)
_VERB = re.compile("|".join((*CHINESE["after_a_name"].split(), *CHINESE["particles"].split())))
_BEFORE_NO_NAME = frozenset(CHINESE["before_no_name"].split())
#: What follows the name of an area.
_AREAS = tuple("市县省镇乡州")
_LONGEST_ROLE = 6
_TRANSCRIBED = rf"[{CHINESE['transcription']}]"
_PART = rf"(?:(?![和与及]){CHARACTER})"
_DOTTED = re.compile(rf"({_PART}{{1,8}})(?:·{_PART}{{1,6}}(?=·))*·({_PART}{{1,8}})")
#: Characters before a transcribed name, in addition to roles.
_BEFORE_FOREIGN = "的国将了和与及由被对向当在是为把给让从比"
_UNDOTTED = re.compile(
    rf"(?:{'|'.join(CHINESE['tibetan'].split())}){{2,3}}|(?<=[{CHINESE['role_ends']}人]){_TRANSCRIBED}{{2,6}}"
)


def likely_people(text: str) -> list[tuple[int, int, float]]:
    """Return the start, the end and the log-odds of each name of a person, in text order.

    >>> text = "村民檀耀宗说,柴伯庸没有来。"
    >>> [text[start:end] for start, end, _ in likely_people(text)]
    ['檀耀宗', '柴伯庸']
    """
    found: list[tuple[int, int, float]] = []
    taken: set[int] = set()
    candidates = [*_foreign(text), *_chinese(text)]
    for start, end, odds in sorted(candidates, key=lambda one: (-one[2], one)):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            found.append((start, end, odds))
    return sorted(found)


def _chinese(text: str) -> Iterator[tuple[int, int, float]]:
    places = [match.span() for match in PLACE.finditer(text)]
    inside = frozenset(at for start, end in places for at in range(start, end))
    for match in _SURNAME.finditer(text):
        start = match.start()
        if start in inside or start + 1 in inside or text[max(0, start - 1) : start + 1] in _BEFORE_NO_NAME:
            continue  # 浙江乐清, 于江苏, 南宋龙窑
        surname = match[1] or match[2]
        given = start + len(surname)
        characters = _GIVEN.match(text, given)
        for size in range(1, len(characters[0]) + 1 if characters else 1):
            end = given + size
            # 孙氏凌河龙 is named after a person; 阮氏秋庄 is Vietnamese
            clan = text[given] == "氏" and surname not in "阮黎陈范黄潘武邓裴"
            if clan or text[end : end + 1] in _AREAS or text[start - 1 : start] == "氏":
                continue
            odds = (
                _surname(surname) + _given(text[given:end]) + _context(text, start, end) - _words_in(text, start, end)
            )
            if odds >= POSSIBLE:
                yield start, end, odds


def _words_in(text: str, start: int, end: int) -> float:
    """What ordinary words in a name cost: 公司, 高水平, 马俊封 in 马俊封闭, 白大豆 in 蛋白大豆."""
    words, name = chinese_words(), text[start:end]
    return (
        4.0 * (name in words)
        + 2.0 * (len(name) > 2 and name[:2] in words)
        + 1.5 * (len(name) > 2 and name[-2:] in words)
        + 1.5 * (len(name) > 2 and text[end - 1 : end + 1] in words)
        + 1.0 * (text[start - 1 : start + 1] in words)
    )


def _surname(surname: str) -> float:
    return 2.5 if len(surname) == 2 else _table("surname", surname)


def _given(name: str) -> float:
    if len(name) == 1:
        return _table("only", name) + _SHORT
    return _table("first", name[0]) + _table("second", name[1])


def _table(name: str, character: str) -> float:
    return _LOG_ODDS[name].get(character, float(_TABLES[name]["default"]))


def _context(text: str, start: int, end: int) -> float:
    starts = start == 0 or not text[start - 1].isalnum()
    ends = end == len(text) or not text[end].isalnum()
    role = starts or ROLE.search(text, max(0, start - _LONGEST_ROLE), start)
    framed = role and (ends or _VERB.match(text, end))
    return _ALWAYS + _STARTS * starts + _ENDS * ends + (_FRAMED if framed else 0)


def _foreign(text: str) -> Iterator[tuple[int, int, float]]:
    """Transcribed names: 古斯塔沃·里瓦斯, 艺人巴桑."""
    for match in _DOTTED.finditer(text):
        starts = range(match.start(), match.end(1))
        ends = range(match.start(2) + 1, match.end() + 1)
        start = max(starts, key=lambda at: _begins(text, at) + _transcribed(text[at : match.end(1)]))
        end = max(ends, key=lambda at: _stops(text, at) + _transcribed(text[match.start(2) : at]))
        # 仪·律 is no person, but a weapon in a game.
        if _transcribed(text[start : match.end(1)] + text[match.start(2) : end]) >= 0:
            yield start, end, 6.0
    for match in _UNDOTTED.finditer(text):
        ends = range(match.end(), match.start() + 2, -1)
        if end := next((at for at in ends if not text[at : at + 1].isalnum() or _VERB.match(text, at)), 0):
            yield match.start(), end, 5.0


def _transcribed(part: str) -> float:
    """How likely characters are part of a transcribed name."""
    return sum(0.5 if character in CHINESE["transcription"] else -1.2 for character in part)


def _begins(text: str, at: int) -> float:
    """How likely a transcribed name begins at a place: after a role, a country or punctuation."""
    before = text[at - 1 : at]
    is_after = not before.isalnum() or before in _BEFORE_FOREIGN or ROLE.search(text, max(0, at - _LONGEST_ROLE), at)
    return 2.0 if is_after else 0.0


def _stops(text: str, at: int) -> float:
    """How likely a transcribed name ends at a place: before punctuation, a verb or another word."""
    if not text[at : at + 1].isalnum():
        return 2.0
    verb = _VERB.match(text, at)
    return 1.5 if verb and len(verb[0]) > 1 else 1.2 if verb else 0.5 * (text[at : at + 2] in chinese_words())
