"""Find wrong names in an English output."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator

from evalkit.text.names.lexicon import (
    BODIES,
    CHARACTER,
    CHINESE,
    ENGLISH,
    ENGLISH_TITLES,
    KNOWN,
    KNOWN_NAME,
    ORGANISATION_HEADS,
    PLACE,
    PROVINCES,
    SURNAMES,
    bare,
    hong_kong_spellings,
    place_readings,
    spellings as spelled,
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
_BEFORE_A_SURNAME = frozenset((*ENGLISH["before_a_name"].split(), *ENGLISH_TITLES))
#: The word before a name, which may be a title: Mayor Bai Xuesong.
_WORD_BEFORE = re.compile(r"\b([A-Z][a-z’']+) \Z")
_HYPHENATED = re.compile(r"\b([A-Z][a-z]+) ([A-Z][a-z]+-[a-z]+)\b(?! [A-Z])")
_PINYIN_PERSON = re.compile(r"\b(?=([A-Z][a-z]{0,8}) ([A-Z][a-z’']{1,11})\b(?![’']?[-\w]| [A-Z][a-z]+\b))")
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
_MOST_TRANSCRIBED = 40
_NO_PINYIN = frozenset(ENGLISH["not_pinyin"].split())
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
_ALIKE, _UNLIKE, _LONG = 0.2, 0.45, 3
_AFTER_A_DOT = re.compile(f"(?<=·){CHARACTER}{{1,7}}")


def _is_title(text: str, word: re.Match[str]) -> bool:
    """Whether a capitalized word before a name may be a title: it is one, or begins a sentence (Ranger Niu Tiezhu)."""
    begins = word.start() == 0 or text[word.start() - 2 : word.start()] in (". ", "\n")
    return word[1].lower() in _BEFORE_A_SURNAME or (begins and len(word[1]) > 4 and not syllables(word[1].lower()))


def _pinyin_names(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find persons in pinyin (Guo Meijuan) without characters of this reading in the source."""
    for match in _PINYIN_PERSON.finditer(text):
        surname, given = (bare(part) for part in match.groups())
        before = _WORD_BEFORE.search(text, max(0, match.start() - 20), match.start())
        if (
            (before and not _is_title(text, before))
            or not (surname in surname_readings() or any(surname in spelled(one[0]) for one in names.mentioned.names))
            or {given, surname + given} & _NO_PINYIN
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
        if len(alike) == 1 and surname[0] not in initials:
            yield WrongName(*match.span(), "altered", "person", alike[0])


def _is_given_name(text: str, match: re.Match[str]) -> bool:
    """Whether a surname is before a word, as in Li Jian."""
    before = _WORD_BEFORE.search(text, max(0, match.start() - 20), match.start())
    return before is not None and bare(before[1]) in surname_readings()


def _is_located(text: str, match: re.Match[str]) -> bool:
    """Whether the words around a word show that it is a place: Minhang District, in Minhang, Minhang's."""
    if match[1]:
        return match[2] not in ("province", "county", "city")
    alone = not _WORD_BEFORE.search(text, max(0, match.start() - 20), match.start())
    return (match[0].endswith(("'s", "’s")) and alone) or bool(
        _LOCATED.search(text, max(0, match.start() - 9), match.start())
    )


def _pinyin_places(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find places in pinyin (Minhang) without characters of this reading in the source."""
    for match in _PINYIN_PLACE.finditer(text):
        word = bare(match[1] or match[0])
        if word in _NO_PINYIN or word in names.accepted_words or word in names.latin_words:
            continue
        place = place_readings().get(word)
        is_place = place is not None or (is_pinyin(word) and _is_located(text, match))
        # Jiangsu Development Group, but Li Na Na and Wuhan Daily; the given name of Li Jian
        start, end = match.span(1) if match[1] else match.span()
        other = match[1] is None and (
            _is_given_name(text, match) or (place not in PROVINCES and text[end + 1 : end + 2].isupper())
        )
        if not is_place or other or names.has_place(word, place):
            continue
        # a place that is named in addition to those of the source may be known from the context
        replaces = match[1] is not None or (text[end : end + 1] != "-" and names.lacks_place(text))
        sure = replaces and not (place and names.may_abbreviate(place))
        if place or (sure and (match[1] or _TYPICAL.search(word))):
            yield WrongName(start, end, "added", "place", sure=sure)


def _foreign_places(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find places that sound like nothing in the source, which has another one: in Valparaíso for 在安托法加斯塔."""
    found = {match[1] for match in _FOREIGN_PLACE.finditer(text)}
    words = {word for word in found if not (word in KNOWN or translation(word) or is_pinyin(word.lower()))}
    runs = dict.fromkeys(m[0] for m in itertools.islice(_TRANSCRIBED.finditer(names.text), _MOST_TRANSCRIBED))
    heard = {run[i:j] for run in runs for i, j in itertools.combinations(range(len(run) + 1), 2) if j - i > 1}
    unlike = {word for word in words if all(distance(word, one) >= _UNLIKE for one in heard)}
    if not unlike:
        return
    said = set(itertools.islice(re.findall(r"\b[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?", text), 4 * _MOST_TRANSCRIBED))
    places = {m[0] for m in itertools.islice(_TRANSCRIBED_PLACE.finditer(names.text), _MOST_TRANSCRIBED)}
    starts = ({place[:size] for size in range(3, len(place) + 1)} for place in places)
    omitted = any(all(distance(word, start) >= _UNLIKE for word in said for start in one) for one in starts)
    for match in _FOREIGN_PLACE.finditer(text):
        known = bare(match[1]) in names.latin_words | names.accepted_words
        if omitted and match[1] in unlike and not known:
            yield WrongName(*match.span(1), "added", "place")


def _pinyin_organisations(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find companies and institutions in pinyin (Hongsheng Construction) without characters of this reading in the source."""
    for match in _PINYIN_ORGANISATION.finditer(text):
        word = bare(match[1] or match[2])
        known = {word} & (
            _NO_PINYIN | place_readings().keys() | names.accepted_words | names.latin_words
        ) or translation(word)
        spelled = any(names.with_reading(*split) for split in syllables(word) if len(split) > 1)
        if is_pinyin(word) and not known and not spelled and loose(word) not in names.other_spellings:
            yield WrongName(*match.span(), "added", "organisation")


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
            yield WrongName(*match.span(), "title", "person", min(known, default="") + chinese)
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
            yield WrongName(*match.span(), "title", "person", chinese)


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
        unlike = (distance(form, end) >= _UNLIKE for form in {last, last.split()[-1]} for end in ends)
        if len(meant) == 1 and not known and not words and len(last) > _LONG and all(unlike):
            yield WrongName(*match.span(), "altered", "person", meant[0])


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
        if not names.has_organisation(words, cities):
            yield WrongName(*match.span(1), "added", "organisation")


def organisations_in(text: str) -> list[tuple[int, int]]:
    """Organization names in an English text: capitalized words that end in Bank, Association and the like."""
    return [match.span(1) for match in _ORGANISATION.finditer(text)]


#: Functions that take the names of the source and an output, and yield the wrong names.
CHECKS = (
    *(_pinyin_names, _hyphenated, _pinyin_places, _foreign_places, _pinyin_organisations, _provinces, _titled, _posts),
    *(_english_people, _foreign_people, _organisations, _organisation_words),
)
