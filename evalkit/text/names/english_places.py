"""Find wrong places and organizations in an English output."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from evalkit.text.names.english_people import NO_PINYIN, UNLIKE, WORD_BEFORE
from evalkit.text.names.lexicon import (
    BODIES,
    CHINESE,
    ENGLISH,
    KNOWN,
    KNOWN_NAME,
    ORGANISATION_HEADS,
    PLACE,
    PROVINCES,
    bare,
    place_readings,
    surname_readings,
    words_of,
)
from evalkit.text.names.source_names import SourceNames
from evalkit.text.names.transcription import distance
from evalkit.text.names.wrong_name import WrongName
from evalkit.text.pinyin import is_pinyin, loose, syllables
from evalkit.text.translation import translation

_HEAD = "|".join(sorted(head.capitalize() for head in ORGANISATION_HEADS))
_SMALL = frozenset(ENGLISH["small"].split())
_ORGANISATION = re.compile(rf"\b((?:[A-Z][\w’'-]* (?:and )?){{1,7}}(?:{_HEAD}))\b")
_OFFICE_OF = re.compile(rf"\b(?=((?:{_HEAD}) (?:of|for) (?:the )?[A-Z][\w’'-]*(?:(?: and| of)? [A-Z][\w’'-]*){{0,7}}))")
_BODY = "|".join(sorted(word.capitalize() for word in {*ORGANISATION_HEADS, *BODIES}))
_BODIES = (
    re.compile(_ORGANISATION.pattern.replace(_HEAD, _BODY)),
    re.compile(_OFFICE_OF.pattern.replace(_HEAD, _BODY)),
    re.compile(rf"\b((?:[a-z]+ and )?[a-z]+ (?:{'|'.join(ENGLISH['common_bodies'].split())}))\b"),
)
_PINYIN_PLACE = re.compile(
    r"\b(?<!New )([A-Z][a-z’']{2,14})(?= (County|City|Province|District|Village|Town|"
    r"(?:Medical |Normal |Agricultural )?University|Mountains?|Temple|(?:Grand |Opera )?Theat(?:er|re)|"
    r"[Cc]ampus|province|county|city|"
    r"Islands?|Street|Bridge|Port|[Ss]tation|Banner|Township|Community|Reservoir)\b)"
    r"|\b(?<!New )[A-Z][a-z’']{3,14}\b(?!-[a-z])"
)
_COMPANY_KIND = "|".join(ENGLISH["company_kinds"].replace("_", " ").split(","))
_PINYIN_ORGANISATION = re.compile(
    rf"\b(?<!New )([A-Z][a-z’']{{4,14}}) (?:{'|'.join(ENGLISH['after_a_company'].split())}|(?:[a-z]+ )?(?:{_COMPANY_KIND}))\b"
    rf"|\b(?:{_COMPANY_KIND}),? ([A-Z][a-z’']{{4,14}})\b"
)
_IN_PROVINCE = re.compile(r"\b([A-Z][a-z’']{2,14}), ([A-Z][a-z’']+)\b")
#: Letters that are frequent in pinyin and rare in the names of places elsewhere.
_TYPICAL = re.compile("zh|x|q|ng|ian|iao|uan|ai|ao|ou|ui|uo")
_LOCATED = re.compile(r"\b(?:in|at|from|near|to|struck|[Mm]ayor of|county of) \Z")
_FOREIGN_PLACE = re.compile(r"\b(?:in|from|near|at) ([A-Z][a-zà-ÿ]{4,})\b(?! [A-Z]|-)")
_TRANSCRIBED_PLACE = re.compile(rf"(?<=[在于赴到往自抵港驻])[{CHINESE['transcription']}]{{3,8}}")
_TRANSCRIBED = re.compile(rf"[{CHINESE['transcription']}]{{2,8}}")
_MOST_TRANSCRIBED, _LIKE = 40, 0.3


def _is_given_name(text: str, match: re.Match[str]) -> bool:
    """Whether a surname is before a word, as in Li Jian."""
    before = WORD_BEFORE.search(text, max(0, match.start() - 20), match.start())
    return before is not None and bare(before[1]) in surname_readings()


def _is_located(text: str, match: re.Match[str]) -> bool:
    """Whether the words around a word show that it is a place: Minhang District, in Minhang, Minhang's."""
    if match[1]:
        return match[2] not in ("province", "county", "city")
    alone = not WORD_BEFORE.search(text, max(0, match.start() - 20), match.start())
    return (match[0].endswith(("'s", "’s")) and alone) or bool(
        _LOCATED.search(text, max(0, match.start() - 9), match.start())
    )


def _is_no_place(names: SourceNames, text: str, match: re.Match[str], place: str | None) -> bool:
    """Whether a word is part of another name (Li Na Na, Wuhan Daily, Li Jian) or no pinyin (Seneca County)."""
    if match[1] is None:
        capitalized = text[match.end() + 1 : match.end() + 2].isupper()
        return _is_given_name(text, match) or (place not in PROVINCES and capitalized)
    foreign = match[2] == "County" and not (place or _TYPICAL.search(match[1].lower()))
    return foreign and _is_transcribed(names, match[1], _LIKE)


def _pinyin_places(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find places in pinyin (Minhang) without characters of this reading in the source."""
    for match in _PINYIN_PLACE.finditer(text):
        word = bare(match[1] or match[0])
        if word in NO_PINYIN or word in names.accepted_words or word in names.latin_words:
            continue
        place = place_readings().get(word)
        is_place = place is not None or (is_pinyin(word) and _is_located(text, match))
        if not is_place or _is_no_place(names, text, match, place) or names.has_place(word, place):
            continue
        start, end = match.span(1) if match[1] else match.span()
        # a place that is named in addition to those of the source may be known from the context
        replaces = match[1] is not None or (text[end : end + 1] != "-" and names.lacks_place(text))
        sure = replaces and not (place and names.may_abbreviate(place))
        if place or (sure and (_TYPICAL.search(word) or (match[1] and not names.has_minority_places))):
            yield WrongName(start, end, "added", "place", sure=sure)


def _is_transcribed(names: SourceNames, word: str, unlike: float) -> bool:
    """Whether a word sounds like characters of the source with which foreign names are transcribed."""
    runs = dict.fromkeys(m[0] for m in itertools.islice(_TRANSCRIBED.finditer(names.text), _MOST_TRANSCRIBED))
    heard = {run[i:j] for run in runs for i, j in itertools.combinations(range(len(run) + 1), 2) if j - i > 1}
    return any(distance(word, one) < unlike for one in heard)


def _foreign_places(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find places that sound like nothing in the source, which has another one: in Valparaíso for 在安托法加斯塔."""
    found = {match[1] for match in _FOREIGN_PLACE.finditer(text)}
    words = {word for word in found if not (word in KNOWN or translation(word) or is_pinyin(word.lower()))}
    unlike = {word for word in words if not _is_transcribed(names, word, UNLIKE)}
    if not unlike:
        return
    said = set(itertools.islice(re.findall(r"\b[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?", text), 4 * _MOST_TRANSCRIBED))
    places = {m[0] for m in itertools.islice(_TRANSCRIBED_PLACE.finditer(names.text), _MOST_TRANSCRIBED)}
    starts = ({place[:size] for size in range(3, len(place) + 1)} for place in places)
    omitted = any(all(distance(word, start) >= UNLIKE for word in said for start in one) for one in starts)
    for match in _FOREIGN_PLACE.finditer(text):
        known = bare(match[1]) in names.latin_words | names.accepted_words
        if omitted and match[1] in unlike and not known:
            yield WrongName(*match.span(1), "added", "place")


def _pinyin_organisations(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find companies and institutions in pinyin (Hongsheng Construction) that the source does not seem to have."""
    for match in _PINYIN_ORGANISATION.finditer(text):
        word = bare(match[1] or match[2])
        known = {word} & (
            NO_PINYIN | place_readings().keys() | names.accepted_words | names.latin_words
        ) or translation(word)
        spelled = any(names.with_reading(*split) for split in syllables(word) if len(split) > 1)
        # three syllables may be an English word: Meridian Capital
        short = any(len(split) < 3 for split in syllables(word))
        if short and is_pinyin(word) and not known and not spelled and loose(word) not in names.other_spellings:
            yield WrongName(*match.span(), "added", "organisation", sure=False)


def _provinces(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find places in another province than in the source: Lingshan, Guizhou."""
    for match in _IN_PROVINCE.finditer(text):
        province = place_readings().get(bare(match[2]))
        place = next(filter(None, (names.with_reading(*split) for split in syllables(bare(match[1])))), "")
        if province in PROVINCES and place and bare(match[1]) not in place_readings():
            # 江西三清山、新疆喀纳斯: another place follows in a list.
            around = [names.text[max(0, m.start() - 8) : m.end() + 4] for m in re.finditer(place, names.text)]
            provinces = {name for part in around for name in PLACE.findall(part) if name in PROVINCES}
            if provinces and province not in provinces:
                yield WrongName(*match.span(2), "altered", "place", min(provinces))


def _organisations(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find organizations of a kind that the glossary has (a bank) whose name is not one of its forms."""
    heads = names.organisation_heads
    for match in (*_ORGANISATION.finditer(text), *_OFFICE_OF.finditer(text)):
        start, end = match.span(1)
        start += 4 if text.startswith("The ", start) else 0
        parts = words_of(text[start:end])
        content = {word for word in parts if word not in _SMALL}
        named = [word for word in parts if word in ORGANISATION_HEADS]
        unlike = len(named) != 1 or named[0] not in heads or len(content) < 2
        if unlike or any(content <= form for form in names.forms):
            continue
        unknown = [word for word in content if word not in names.accepted_words]
        pinyin = (any(names.with_reading(*split) for split in syllables(bare(word))) for word in unknown)
        if not (match.re is _ORGANISATION and all(pinyin)):
            yield WrongName(start, end, "altered", "organisation", heads[named[0]].accepted[0])


def _organisation_words(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find organizations whose words are not together anywhere in the source: Southwest Petroleum University."""
    for match in itertools.chain.from_iterable(pattern.finditer(text) for pattern in _BODIES):
        words = words_of(KNOWN_NAME.sub("", match[1]))
        cities = tuple(name for m in KNOWN_NAME.finditer(match[1]) if (name := KNOWN[m[1]]).group == "foreign_cities")
        # "An Education Committee shall be set up" names none.
        if not match[1].startswith(("A ", "An ", "Each ", "Every ")) and not names.has_organisation(words, cities):
            yield WrongName(*match.span(1), "added", "organisation")


def organisations_in(text: str) -> list[tuple[int, int]]:
    """Organization names in an English text: capitalized words that end in Bank, Association and the like."""
    return [match.span(1) for match in _ORGANISATION.finditer(text)]


#: Functions that take the names of the source and an output, and yield the wrong names.
CHECKS = (_pinyin_places, _foreign_places, _pinyin_organisations, _provinces, _organisations, _organisation_words)
