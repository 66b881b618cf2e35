"""Find wrong persons in an English output."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator

from evalkit.text.names.lexicon import (
    BODIES,
    CHARACTER,
    ENGLISH,
    ENGLISH_TITLES,
    KNOWN,
    SURNAMES,
    bare,
    hong_kong_spellings,
    place_readings,
    spellings as spelled,
    surname_readings,
)
from evalkit.text.names.roles import introduced
from evalkit.text.names.source_names import SourceNames
from evalkit.text.names.transcription import distance
from evalkit.text.names.wrong_name import WrongName
from evalkit.text.pinyin import loose, syllables
from evalkit.text.translation import translation

_BEFORE_A_SURNAME = frozenset((*ENGLISH["before_a_name"].split(), *ENGLISH_TITLES))
#: The word before a name, which may be a title: Mayor Bai Xuesong.
WORD_BEFORE = re.compile(r"\b([A-Z][a-z’']+) \Z")
_HYPHENATED = re.compile(r"\b([A-Z][a-z]+) ([A-Z][a-z]+-[a-z]+)\b(?! [A-Z])")
_PINYIN_PERSON = re.compile(r"\b(?=([A-Z][a-z]{0,8}) ([A-Z][a-z’']{1,11})\b(?![’']?[-\w]| [A-Z][a-z]+\b))")
NO_PINYIN = frozenset(ENGLISH["not_pinyin"].split())
_TITLE = "|".join(sorted(ENGLISH_TITLES, key=len, reverse=True))
_TITLED = re.compile(
    rf"\b(?:(?i:(?P<title>{_TITLE})) (?P<before>[A-Z][a-z]+(?: [A-Z][a-z’']+)?)(?! [A-Z])"
    rf"|(?P<after>[A-Z][a-z]+ [A-Z][a-z’']+), (?:the |an? )?(?:[A-Za-z]+ ){{0,3}}(?P<apposition>{_TITLE}))\b"
)
#: A person and the kind of organization: Li Qun, director of the hospital.
_POST = re.compile(
    r"\b(?P<name>[A-Z][a-z]+ [A-Z][a-z’']+), (?:the |an? )?"
    r"(?:who (?:heads|leads|runs|chairs) |[a-z-]+ (?:[a-z-]+ ){0,2}(?:of|at|with) )"
    rf"[^.;,]{{0,60}}?\b(?i:(?P<body>{'|'.join(BODIES)}))\b"
)
_FOREIGN_PERSON = re.compile(
    r"\b((?!The\b)[A-Z][a-zà-ÿ]{2,}) ((?:(?:van|von|de|der|den|da|di|al|el|bin|la|le|du) ){0,2}[A-Z][\w’'-]{2,})\b(?! [A-Z])"
)
#: How unlike a name and its transcription are at most, and another name and all transcriptions at least.
_ALIKE, UNLIKE, _LONG = 0.2, 0.45, 3
_AFTER_A_DOT = re.compile(f"(?<=·){CHARACTER}{{1,7}}")


def _is_title(text: str, word: re.Match[str]) -> bool:
    """Whether a capitalized word before a name may be a title: it is one, or begins a sentence (Ranger Niu Tiezhu)."""
    begins = word.start() == 0 or text[word.start() - 2 : word.start()] in (". ", "\n")
    return word[1].lower() in _BEFORE_A_SURNAME or (begins and len(word[1]) > 4 and not syllables(word[1].lower()))


def _is_surname(names: SourceNames, reading: str) -> bool:
    """Whether a word is the pinyin of a surname, also of a rare one that somebody in the source has."""
    return reading in surname_readings() or any(reading in spelled(one[0]) for one in names.mentioned.names)


def _pinyin_names(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find persons in pinyin (Guo Meijuan) without characters of this reading in the source."""
    for match in _PINYIN_PERSON.finditer(text):
        surname, given = (bare(part) for part in match.groups())
        before = WORD_BEFORE.search(text, max(0, match.start() - 20), match.start())
        if (
            (before and not _is_title(text, before))
            or not _is_surname(names, surname)
            or {given, surname + given} & NO_PINYIN
            or surname + given in place_readings()
            or {given, surname} & names.latin_words
            or {bare(part) for part in match.groups()} <= names.accepted_words
        ):
            continue
        spellings = [[one for one in split if one != "mou"] for split in syllables(given)]
        if not spellings or len(min(spellings, key=len)) > 2 or loose(surname + given) in names.other_spellings:
            continue
        surnames = [known for known in syllables(surname) if len(known) < 3]
        # Some texts write the surname last: Ye Li for Li Ye.
        orders = ([*a, *b] for known in surnames for name in spellings for a, b in ((known, name), (name, known)))
        if not any(names.with_reading(*order) for order in orders):
            yield WrongName(match.start(1), match.end(2), "added", "person")


def _hyphenated(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find persons of Taiwan and Hong Kong with another surname: Wong Ka-man for 冯嘉敏."""
    for match in _HYPHENATED.finditer(text):
        surname, given = bare(match[1]), loose(bare(match[2]))
        if (
            names.mentioned.named((match[1], match[2]))
            or match[1].lower() in _BEFORE_A_SURNAME
            or translation(match[1])
        ):
            continue
        alike = [
            one
            for one in names.mentioned.names
            if len(one) == 3 and given in map(loose, (*spelled(one[1:]), *hong_kong_spellings(one[1:])))
        ]
        initials = {form[0] for one in alike for form in (*spelled(one[0]), *hong_kong_spellings(one[0]))}
        known = all(map(any, map(hong_kong_spellings, (one[0] for one in alike))))
        if len(alike) == 1 and known and surname[0] not in initials:
            yield WrongName(*match.span(), "altered", "person", alike[0])


def chinese_name(names: SourceNames, name: str) -> str:
    """The characters of the source that a name in pinyin spells, or an empty string."""
    surname, _, given = name.partition(" ")
    spellings = itertools.product(syllables(bare(surname)), syllables(bare(given)))
    readings = [names.with_reading(*first, *last) for first, last in spellings if first and last]
    people = (one for one in names.people if bare(surname + given) in set(spelled(one)))
    return next(people, next((one for one in readings if one and one[0] in SURNAMES), ""))


def _has_title(text: str, match: re.Match[str], known: Collection[str]) -> bool:
    """Whether the output also has a title of the source: after a title, or before two persons (Ambassador Li Na, the mayor)."""
    near = text[match.end() :] if match["title"] else text[max(0, match.start() - 60) : match.start()]
    titles = (title for title, forms in ENGLISH_TITLES.items() if any(one.endswith(forms) for one in known))
    return any(title in near.lower() for title in titles)


_DEPUTY = re.compile(r"\b(?:[Dd]eputy|[Vv]ice|[Aa]ssociate)\b")


def _titled(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find wrong titles (Mayor Tao Yifan, or Tao Yifan, mayor of), titles of unknown persons, and deputies who are none."""
    for match in _TITLED.finditer(text):
        name = match["before"] or match["after"]
        titles = ENGLISH_TITLES[(match["title"] or match["apposition"]).lower()]
        holders = [other for other in names.people if any(t.endswith(titles) for t in names.titles_of(other))]
        chinese, known = _titled_person(names, name)
        holds = any(title.endswith(titles) for title in known) or any(t + chinese[:1] in names.text for t in titles)
        is_given = _has_title(text, match, known)
        is_wrong = holders if match["title"] else holders and not is_given
        is_strange = is_wrong or not (is_given or any(title in names.text for title in titles))
        if chinese and (known or holders) and not holds and is_strange:
            meant = min(known) + chinese if known else introduced(names, chinese)
            yield WrongName(*match.span(), "title", "person", meant)
        elif _is_unknown(names, bare(name), holders) and text[match.end() : match.end() + 1] not in ("’", "'", "-"):
            yield WrongName(*match.span(), "title", "person")
        elif " " in name and known and _is_no_deputy(names, match[0], chinese, known):
            yield WrongName(*match.span(), "title", "person", min(known) + chinese)


def _titled_person(names: SourceNames, name: str) -> tuple[str, frozenset[str]]:
    """The characters of a full name or surname, or an empty string, with the titles in the source."""
    if " " in name:
        chinese = chinese_name(names, name)
        return chinese, names.titles_of(chinese) if chinese else frozenset()
    chinese = next((one for one in names.people if bare(name) in spelled(one[0])), "")
    return chinese, names.titles_of_surname(bare(name))


def _is_no_deputy(names: SourceNames, form: str, chinese: str, known: Collection[str]) -> bool:
    """Whether a person is called a deputy, but not in the source."""
    introduction = "|".join(known) + names.introduction_of(chinese)
    return _DEPUTY.search(form) is not None and re.search("副|助|代", introduction) is None


def _is_unknown(names: SourceNames, name: str, holders: Collection[str]) -> bool:
    """Whether nobody in the source has a surname, where the holders of the title have others."""
    if (name,) not in syllables(name) or name not in surname_readings() or not names.lacks_surname(name):
        return False
    # The spellings of Hong Kong often begin with the same letter: Chan for 陈.
    alike = any(reading[0] == name[0] for other in holders for reading in spelled(other[0]))
    return bool(holders) and not alike and all(other[0] in SURNAMES for other in holders)


def _posts(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find persons with the post of another one: Rao Quan, director of the hospital where he is with a ministry."""
    for match in _POST.finditer(text):
        chinese = chinese_name(names, match["name"])
        ends = BODIES[match["body"].lower()]
        elsewhere = any(end in names.text for end in ends) and not any(
            end in names.introduction_of(chinese) for end in ends
        )
        if chinese and names.titles_of(chinese) and elsewhere:
            yield WrongName(*match.span(), "title", "person", introduced(names, chinese))


def _english_people(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find persons with the wrong first name: Imran Khan if the glossary has Shahbaz Khan."""
    for term in names.terms:
        if term.kind != "person":
            continue
        first, _, last = term.accepted[0].partition(" ")
        forms = {form.lower() for form in term.accepted}
        if not last or " " in last or bare(first) in surname_readings():
            continue
        for match in re.finditer(rf"\b([A-Z][a-z]+) {re.escape(last)}\b", text):
            if match[0].lower() not in forms and match[1].lower() not in _BEFORE_A_SURNAME:
                yield WrongName(*match.span(), "altered", "person", term.accepted[0])


def _foreign_people(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find persons with another last name than the source transcribes: Pierre Lindqvist for 皮埃尔·马尔尚."""
    people = [name for name in names.mentioned.names if "·" in name]
    # The ends of transcribed names are not certain.
    ends = {m[0][:size] for m in _AFTER_A_DOT.finditer(names.text) for size in range(1, len(m[0]) + 1)}
    ends.update(name for name in names.mentioned.names if "·" not in name)
    for match in _FOREIGN_PERSON.finditer(text):
        first, last = match[1], match[2]
        meant = [name for name in people if distance(first, name.partition("·")[0]) <= _ALIKE]
        known = {bare(first), bare(last)} & (names.latin_words | names.accepted_words)
        words = any(word in KNOWN or translation(word) for word in match[0].split())
        unlike = (distance(form, end) >= UNLIKE for form in {last, last.split()[-1]} for end in ends)
        if len(meant) == 1 and not known and not words and len(last) > _LONG and all(unlike):
            yield WrongName(*match.span(), "altered", "person", meant[0])


#: Functions that take the names of the source and an output, and yield the wrong names.
CHECKS = (_pinyin_names, _hyphenated, _titled, _posts, _english_people, _foreign_people)
