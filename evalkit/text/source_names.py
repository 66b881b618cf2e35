"""Detect names in an output that its Chinese source does not contain, without world knowledge.

Names are recognized by their context: a surname after a title or before a reporting verb, the characters before 大学 or
基金会, a province, two capitalized words that are pinyin, the words before "University". A name is wrong if the source
contains neither its characters nor any with the same reading. The running time is linear in the texts, multiplied by
the number of names in the source.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache

from evalkit.text.pinyin import is_pinyin, loose, readings_of, syllables
from evalkit.text.quantities.number_values import simplified
from evalkit.text.scripts import HAN
from evalkit.text.term_matching import Term, fold
from evalkit.text.word_lists import word_lists


@dataclass(frozen=True)
class WrongName:
    """A name in an output that does not occur in its source.

    :param why: ``added`` (not in the source), ``altered`` (similar to ``meant``) or ``title`` (the source gives this
        person another title).
    :param kind: ``person``, ``organisation`` or ``place``.
    :param meant: the name in the source, or empty.
    :param sure: whether the evidence is strong enough for an error; otherwise, it is a warning.
    :param form: the name as written in the output.
    """

    start: int
    end: int
    why: str
    kind: str
    meant: str = ""
    sure: bool = True
    form: str = ""


class SourceNames:
    """The names of one Chinese source and its glossary; any number of outputs can be checked against them."""

    def __init__(self, source: str, terms: Sequence[Term] = ()) -> None:
        self.source = _folded(source)
        self.terms = tuple(terms)
        # Cached, because Names and KeyFacts check the same outputs.
        self.wrong = lru_cache(maxsize=256)(self._wrong)
        self._titles_of = cache(self._find_titles_of)

    def _wrong(self, text: str, lang: str) -> tuple[WrongName, ...]:
        """The wrong names of an output in ``zh`` or ``en``, in text order, without overlaps."""
        chinese = (self._chinese_people, self._titles, self._places, self._offices, self._districts, self._agencies)
        english = (
            self._pinyin_names,
            self._pinyin_places,
            self._titled,
            self._english_people,
            self._organisations,
            self._agencies,
        )
        given = _folded(text) if lang == "zh" else text
        candidates = (name for check in {"zh": chinese, "en": english}.get(lang, ()) for name in check(given))
        outermost: list[WrongName] = []
        for name in sorted(candidates, key=lambda one: (one.start, -one.end)):
            if not outermost or name.start >= outermost[-1].end:
                outermost.append(replace(name, form=text[name.start : name.end]))
        return tuple(outermost)

    # -- Chinese ------------------------------------------------------------------------------------------------------

    @cached_property
    def _people(self) -> tuple[str, ...]:
        return tuple(name for name in self._any_people if name in self.source)

    @cached_property
    def _any_people(self) -> tuple[str, ...]:
        """The persons of the glossary, and those with a title in the source."""
        named = [_folded(t.source) for t in self.terms if t.kind == "person"]
        return tuple(dict.fromkeys([*named, *(name for name, _ in _people(self.source, self.source))]))

    def _chinese_people(self, text: str) -> Iterator[WrongName]:
        for name, start in _people(text, self.source):
            if name not in self.source:
                alike = [known for known in self._people if known[0] == name[0]]
                why, meant = ("altered", alike[0]) if len(alike) == 1 else ("added", "")
                yield WrongName(start, start + len(name), why, "person", meant)
        # 孙利民 for 孙利军, in any context.
        for meant in self._people:
            if len(meant) != 3 or _TITLE.search(meant):
                continue
            for match in re.finditer(f"{meant[0]}(?:{meant[1]}{_CHARACTER}|{_CHARACTER}{meant[2]})", text):
                if match[0][1:] not in self.source and match[0][-1] not in _ZH["called"]:
                    yield WrongName(*match.span(), "altered", "person", meant)

    def _titles(self, text: str) -> Iterator[WrongName]:
        """Find wrong titles: 书记王杰秀 if the source has 书记顾锋 or 主任王杰秀."""
        for name in self._people:
            known = self._titles_of(name)
            for match in re.finditer(re.escape(name), text):
                title = _title_before(text, match.start())
                if not title or title in known:
                    continue
                others = [other for other in self._people if other != name and title in self._titles_of(other)]
                start = match.start() - len(title)
                # 副 is a different title, and a title that the source lacks is wrong for anyone with a known title.
                deputy = title.startswith("副")
                lacking = title not in self.source or all(k.startswith("副") != deputy for k in known)
                if others or (known and lacking):
                    meant = title + others[0] if others else min(known) + name
                    yield WrongName(start, match.end(), "title", "person", meant)

    def _find_titles_of(self, name: str) -> frozenset[str]:
        """The titles next to a name anywhere in the source: before it, or directly after it."""
        titles: set[str] = set()
        others = [other for other in self._any_people if other != name]
        for match in re.finditer(re.escape(name), self.source):
            before = self.source[max(0, match.start() - _TITLE_REACH) : match.start()]
            # 书记顾锋、主任王杰秀: the title belongs to the person named first.
            last = max((before.rfind(other) + len(other) for other in others if other in before), default=0)
            titles.update(m[0] for m in _TITLE.finditer(before, last))
            if after := _TITLE.match(self.source, match.end()):
                titles.add(after[0])
        return frozenset(titles)

    def _places(self, text: str) -> Iterator[WrongName]:
        for match in _PLACE.finditer(text):
            before = text[match.start() - 1 : match.start()] or "|"
            if not self._names_place(match[0]) and before not in _ZH["not_before"].get(match[0], ""):
                yield WrongName(*match.span(), "added", "place")

    def _offices(self, text: str) -> Iterator[WrongName]:
        """Find organizations and places whose last part is in the source: 复旦大学."""
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
                yield WrongName(start, end, "added", "organisation")
            elif before and not self._names_part(before, text, end):
                kind = "place" if match["place"] else "organisation"
                meant = [t.source for t in self.terms if t.kind == kind and _folded(t.source).endswith(match[0])]
                why = "altered" if len(meant) == 1 else "added"
                yield WrongName(start - len(before), end, why, kind, meant[0] if len(meant) == 1 else "")

    def _names_part(self, before: str, text: str, end: int) -> bool:
        """Whether the text before a known part of a name is also known, or is not part of the name."""
        if before in self.source or before.endswith(_VERBS) or (before[-1:] in "市省县" and before[-1:] in self.source):
            return True
        # 厦大嘉庚学院, and 讲述厦门大学 if the glossary has 厦门大学.
        short = len(before) == 2 and re.search(f"{before[0]}.{{0,3}}{before[1]}", self.source)
        names = (_folded(t.source) for t in self.terms if t.kind in ("organisation", "place") and len(t.source) > 3)
        return bool(short) or any(text.endswith(name, 0, end) for name in names)

    def _districts(self, text: str) -> Iterator[WrongName]:
        """Find altered places after the name of a province: 贵州普定 if the source has 贵州普安."""
        for term in self.terms:
            name = _folded(term.source)
            if term.kind != "place" or len(name) != 2:
                continue
            for province in {self.source[m.start() - 2 : m.start()] for m in re.finditer(re.escape(name), self.source)}:
                if not _PLACE.fullmatch(province):
                    continue
                for match in re.finditer(rf"{province}({_CHARACTER}{{2}})(?=[，。、；：,等的与和及县推帮销卖])", text):
                    if match[1] not in self.source and match[1][0] not in "省市县" and match[1] not in _NO_DISTRICT:
                        yield WrongName(match.start(), match.end(), "altered", "place", province + name)

    def _agencies(self, text: str) -> Iterator[WrongName]:
        """Find international organizations that the source does not name; if it names another one, this is an error."""
        for name, forms in _AGENCIES.items():
            for match in forms.finditer(text):
                if name not in self._named_agencies:
                    yield WrongName(*match.span(), "added", "organisation", sure=bool(self._named_agencies))

    @cached_property
    def _named_agencies(self) -> frozenset[str]:
        named = (one for one, forms in _AGENCIES.items() if one in self._latin_words or forms.search(self.source))
        return frozenset(named)

    # -- English ------------------------------------------------------------------------------------------------------

    @cached_property
    def _source_without_mou(self) -> str:
        """The source without 某 in partly withheld names (王某国 may be written Wang Guo) and spaces between characters."""
        return _NOT_SPOKEN.sub("", self.source)

    @cached_property
    def _places_of_syllable(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for i, character in enumerate(self._source_without_mou):
            for reading in readings_of(character):
                places.setdefault(reading, []).append(i)
        return places

    def _with_reading(self, syllables: Sequence[str]) -> str:
        """Return the first characters of the source that have this pinyin reading, or an empty string."""
        text, size = self._source_without_mou, len(syllables)
        words = (text[i : i + size] for i in self._places_of_syllable.get(syllables[0], ()) if i + size <= len(text))
        spoken = (word for word in words if all(s in readings_of(c) for c, s in zip(word, syllables, strict=True)))
        return next(spoken, "")

    @cached_property
    def _latin_words(self) -> frozenset[str]:
        """The words in Latin letters, such as an original name in brackets."""
        return frozenset(re.findall("[a-z]+", self.source))

    @cached_property
    def _other_spellings(self) -> frozenset[str]:
        """Spellings of adjacent characters in Taiwan and Hong Kong, if the source is about these."""
        if not _OTHER_SPELLINGS.search(self.source):
            return frozenset()
        readings = [{loose(reading) for reading in readings_of(c)} for c in self.source]
        windows = (readings[i : i + size] for i in range(len(readings)) for size in (2, 3, 4))
        return frozenset("".join(spelled) for window in windows for spelled in itertools.product(*window))

    def _names_place(self, place: str) -> bool:
        """Whether the source names a province or city, or has an abbreviation or a word for it."""
        words = (place, *_SHORT.get(place, ""), *_OTHER_WORDS.get(place, "").split())
        return any(word in self.source for word in words)

    def _may_abbreviate(self, place: str) -> bool:
        """Whether the source may mean the place: 中国 for Beijing, or 京广 for Beijing and Guangzhou."""
        if any(word in self.source for word in _CAPITAL_OF.get(place, "").split()):
            return True
        short = place[0]
        rest = _PLACE.sub("|", self.source)
        return re.search(f"[{_ABBREVIATIONS}]{short}|{short}[{_ABBREVIATIONS}]", rest) is not None

    def _is_university(self, first: str) -> bool:
        """Whether the source has 大 at most three characters after a character with this reading."""
        return any("大" in self._source_without_mou[i + 1 : i + 4] for i in self._places_of_syllable.get(first, ()))

    @cached_property
    def _known_words(self) -> frozenset[str]:
        """The words in all accepted forms."""
        forms = (form.lower() for term in self.terms for form in term.accepted)
        return frozenset(word for form in forms for word in re.findall(r"[\w’'-]+", form))

    @cached_property
    def _english_places(self) -> tuple[frozenset[str], ...]:
        """The English names of each place of the source, such as a province and the characters before 县."""
        found = {match[0] for match in re.finditer(f"{_PLACE.pattern}|[{HAN}]{{2}}(?={_PLACE_END})", self.source)}
        found.update(place for place, short in _SHORT.items() if re.search(f"[在抵赴来离][{short}]", self.source))
        names = _place_readings().items()
        return tuple(
            frozenset((*_spellings(place), *(name for name, chinese in names if chinese == place))) for place in found
        )

    def _pinyin_names(self, text: str) -> Iterator[WrongName]:
        """Find persons in pinyin (Guo Meijuan) without characters of this reading in the source."""
        for match in _PINYIN_PERSON.finditer(text):
            surname, given = (_bare(part) for part in match.groups())
            before = _WORD_BEFORE.search(text, max(0, match.start() - 20), match.start())
            if (
                (before and before[1].lower() not in _BEFORE_A_SURNAME)
                or surname not in _surname_readings()
                or {given, surname + given} & _NO_PINYIN
                or surname + given in _place_readings()
                or {given, surname} & self._latin_words
                or _bare(match[2]) in self._known_words
            ):
                continue
            spellings = [[one for one in split if one != "mou"] for split in syllables(given)]
            if not spellings or len(min(spellings, key=len)) > 2 or loose(surname + given) in self._other_spellings:
                continue
            surnames = [known for known in syllables(surname) if len(known) < 3]
            # Some texts write the surname last: Ye Li for Li Ye.
            orders = ([*a, *b] for known in surnames for name in spellings for a, b in ((known, name), (name, known)))
            if not any(map(self._with_reading, orders)):
                yield WrongName(match.start(1), match.end(2), "added", "person")

    def _pinyin_places(self, text: str) -> Iterator[WrongName]:
        """Find places in pinyin (Minhang) without characters of this reading in the source."""
        for match in _PINYIN_PLACE.finditer(text):
            word = _bare(match[1] or match[0])
            before = _WORD_BEFORE.search(text, max(0, match.start() - 20), match.start())
            if before and not match[1] and _bare(before[1]) in _surname_readings():
                continue  # the given name of Li Jian
            place = _place_readings().get(word)
            if word in _NO_PINYIN or word in self._known_words or word in self._latin_words:
                continue
            if not (place or (match[1] and match[2] not in ("province", "county", "city") and is_pinyin(word))):
                continue
            if self._has_place(word, place):
                continue
            start, end = match.span(1) if match[1] else match.span()
            # a place that is named in addition to those of the source may be known from the context
            replaces = match[1] is not None or (text[end : end + 1] != "-" and self._lacks_place(text))
            sure = replaces and not (place and self._may_abbreviate(place))
            yield WrongName(start, end, "added", "place", sure=sure)

    def _has_place(self, word: str, place: str | None) -> bool:
        """Whether the source has the place with this reading: 交大 and 北师大 are abbreviated universities, 粤 is Guangdong."""
        readings = (split for split in syllables(word) if len(split) > 1)
        abbreviated = any(self._with_reading(s) or self._is_university(s[0]) for s in readings)
        named = place is not None and self._names_place(place)
        return abbreviated or named or loose(word) in self._other_spellings

    def _lacks_place(self, text: str) -> bool:
        """Whether an English text does not name a place of the source."""
        said = {_bare(word) for word in re.findall(r"[A-Z][\w’']+", text)}
        return any(names.isdisjoint(said) for names in self._english_places)

    def _titled(self, text: str) -> Iterator[WrongName]:
        """Find wrong titles: Mayor Tao Yifan, or Tao Yifan, mayor of."""
        for match in _TITLED.finditer(text):
            name = match["before"] or match["after"]
            titles = _ENGLISH_TITLES[(match["title"] or match["apposition"]).lower()]
            surname, _, given = name.partition(" ")
            spellings = itertools.product(syllables(_bare(surname)), syllables(_bare(given)))
            readings = (self._with_reading([*first, *last]) for first, last in spellings if first and last)
            chinese = next(filter(None, readings), "")
            known = self._titles_of(chinese) if chinese else frozenset()
            if not known or any(title.endswith(titles) for title in known):
                continue
            others = [other for other in self._people if any(t.endswith(titles) for t in self._titles_of(other))]
            # Professor Deng Chuxia, the Dean: the output has the title of the source, too.
            rest = text[match.end() :].lower() if match["title"] else ""
            meant = (t for t, forms in _ENGLISH_TITLES.items() if any(k.endswith(forms) for k in known))
            if others or not (any(title in self.source for title in titles) or any(title in rest for title in meant)):
                yield WrongName(*match.span(), "title", "person", min(known) + chinese)

    def _english_people(self, text: str) -> Iterator[WrongName]:
        """Find persons with the wrong first name: Imran Khan if the glossary has Shahbaz Khan."""
        for term in self.terms:
            if term.kind != "person":
                continue
            first, _, last = term.accepted[0].partition(" ")
            forms = {form.lower() for form in term.accepted}
            if not last or " " in last or _bare(first) in _surname_readings():
                continue
            for match in re.finditer(rf"\b([A-Z][a-z]+) {re.escape(last)}\b", text):
                if match[0].lower() not in forms and match[1].lower() not in _BEFORE_A_SURNAME:
                    yield WrongName(*match.span(), "altered", "person", term.accepted[0])

    @cached_property
    def _heads(self) -> dict[str, Term]:
        """The kinds of organizations in the source, such as ``bank``, with a term of each kind."""
        organisations = (t for t in self.terms if t.kind == "organisation" and _folded(t.source) in self.source)
        return {word: t for t in organisations for form in t.accepted for word in _words(form) if word in _HEADS}

    @cached_property
    def _forms(self) -> list[set[str]]:
        """The words of each form of the glossary, except those of persons."""
        terms = (term for term in self.terms if term.kind != "person")
        return [set(_words(form)) for term in terms for form in (*term.accepted, *term.rejected)]

    def _organisations(self, text: str) -> Iterator[WrongName]:
        """Find organizations of a kind that the glossary has (a bank) whose name is not one of its forms."""
        heads = self._heads
        for match in (*_ORGANISATION.finditer(text), *_OFFICE_OF.finditer(text)):
            start, end = match.span(1)
            start += 4 if text.startswith("The ", start) else 0
            words = _words(text[start:end])
            content = {word for word in words if word not in _SMALL}
            named = [word for word in words if word in _HEADS]
            unlike = len(named) != 1 or named[0] not in heads or len(content) < 2
            if unlike or any(content <= form for form in self._forms):
                continue
            unknown = [word for word in content if word not in self._known_words]
            pinyin = (any(map(self._with_reading, syllables(_bare(word)))) for word in unknown)
            if not (match.re is _ORGANISATION and all(pinyin)):
                yield WrongName(start, end, "altered", "organisation", heads[named[0]].accepted[0])


@lru_cache(maxsize=256)
def names_of_source(source: str, terms: tuple[Term, ...]) -> SourceNames:
    """The names of a source; the tasks and metrics of one benchmark share them."""
    return SourceNames(source, terms)


#: a Chinese character, for expressions that are made for each name: the class of all Han characters compiles slowly
_CHARACTER = r"[^\W\d_a-zA-Z]"
_WORDS = word_lists("names")
_ZH, _EN = _WORDS["chinese"], _WORDS["english"]
_LONGEST_NAME = 24
_NOT_SPOKEN = re.compile(f"某|(?<=[{HAN}]) (?=[{HAN}])")
#: the number of characters before a name that may contain its title.
_TITLE_REACH = 24
_TITLES: tuple[str, ...] = tuple(sorted(_ZH["titles"].split(), key=len, reverse=True))
_TITLE = re.compile(f"副?(?:{'|'.join(_TITLES)})")
_DOUBLE_SURNAMES = "|".join(_ZH["double_surnames"].split())
_SURNAMES, _COMMON = _ZH["surnames"], _ZH["common_surnames"]
_ROLE_END = f"(?:{'|'.join(_TITLES)}|老师|代表|特派员|医生|记者|专家|艺人|[家员长师工农]|主播)"
#: what may follow a name: a verb, a particle or punctuation
_SAYS = rf"(?:{'|'.join(_ZH['after_a_name'].split())}|[，。、；：！？”）,.;:!?]|\Z)"
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
            if (
                text is not source
                and size > 1
                and name[:size] in source
                and not _is_longer(text, start, size, len(name))
            ):
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
            sure = group == "name" and len(match["role"]) > 1 and re.match(_SAYS, text[start + len(name) :])
            if (_NO_GIVEN.match(name) and not sure) or len(name) < 2:
                continue
        yield name, start


def _is_longer(text: str, start: int, size: int, longest: int) -> bool:
    """Whether a verb shows that a name ends after the longest reading, and not after the shorter one."""
    return (
        size < longest
        and re.match(_SAYS, text[start + longest :]) is not None
        and not re.match(_SAYS, text[start + size :])
    )


def _title_before(text: str, start: int) -> str:
    title = next((title for title in _TITLES if text.endswith(title, 0, start)), "")
    return "副" + title if title and text.endswith("副", 0, start - len(title)) else title


_SHORT: dict[str, str] = _ZH["provinces"]
_OTHER_WORDS: dict[str, str] = _ZH["other_words"]
_CAPITAL_OF: dict[str, str] = _ZH["capital_of"]
_CITIES = _ZH["cities"].split()
_ABBREVIATIONS = "".join((*_SHORT.values(), *(place[0] for place in (*_SHORT, *_CITIES))))
_PLACE = re.compile("|".join(sorted([*_SHORT, *_CITIES], key=len, reverse=True)))
_FUNCTION = _ZH["function"]
_VERBS = tuple(_ZH["verbs"].split())
_NAME_PART = re.compile(f"(?:(?![{_FUNCTION}])[{HAN}]){{0,2}}\\Z")
_NO_DISTRICT = frozenset(_ZH["no_district"].split())
_PLACE_END = "(?<![全本该我各外跨个邻节城超上股门])[省市县](?![场民值面容域长级委内外里])"
_SUFFIX = re.compile(
    "基金会|联合会|研究院|研究所|委员会|出版社|博物馆|图书馆|科学院|社科院|协会|学会|商会|总工会|大学(?!生)|学院|中学(?!生)|党校|医院|法院|检察院|"
    "集团|银行|电视台|总局|管理局|"
    "(?P<office>(?:外交|国防|教育|科技|公安|民政|司法|财政|自然资源|生态环境|住建|交通运输|水利|农业农村|商务|文化和旅游|应急管理|卫生健康)[部厅局](?!门))|"
    f"工程局|(?P<place>{_PLACE_END}|[州湾岛](?![民国上内外]))"
)
_HEADS = frozenset(_EN["heads"].split())
_SMALL = frozenset(_EN["small"].split())
_HEAD = "|".join(sorted(head.capitalize() for head in _HEADS))
_ORGANISATION = re.compile(rf"\b((?:[A-Z][\w’'-]* (?:and )?){{1,7}}(?:{_HEAD}))\b")
_OFFICE_OF = re.compile(rf"\b(?=((?:{_HEAD}) (?:of|for) (?:the )?[A-Z][\w’'-]*(?:(?: and| of)? [A-Z][\w’'-]*)*))")
#: international organizations: their acronym, or a Chinese form
_AGENCIES = {
    name.lower(): re.compile(rf"\b{name}\b|{'|'.join(forms.split())}") for name, forms in _WORDS["agencies"].items()
}
_ENGLISH_TITLES = {name: tuple(titles.split()) for name, titles in _EN["titles"].items()}
_BEFORE_A_SURNAME = frozenset((*_EN["before_a_name"].split(), *_ENGLISH_TITLES))
#: the word before a name, which may be a title: Mayor Bai Xuesong
_WORD_BEFORE = re.compile(r"\b([A-Z][a-z’']+) \Z")
_PINYIN_PERSON = re.compile(r"\b(?=([A-Z][a-z]{0,8}) ([A-Z][a-z’']{1,11})\b(?![’']?[-\w]| [A-Z][a-z]+\b))")
_PINYIN_PLACE = re.compile(
    r"\b([A-Z][a-z’']{2,14})(?= (County|City|Province|District|Village|Town|(?:Medical |Normal |Agricultural )?University|"
    r"[Cc]ampus|province|county|city)\b)|\b[A-Z][a-z’']{3,14}\b(?! [A-Z]|-[a-z])"
)
#: a source about places whose names are not written in pinyin
_OTHER_SPELLINGS = re.compile('台[湾北中南东"]|香港|澳门')
_NO_PINYIN = frozenset(_EN["not_pinyin"].split())
_TITLED = re.compile(
    rf"\b(?:(?P<title>{'|'.join(map(str.capitalize, _ENGLISH_TITLES))}) (?P<before>[A-Z][a-z]+ [A-Z][a-z’']+)"
    rf"|(?P<after>[A-Z][a-z]+ [A-Z][a-z’']+), (?:the |an? )?(?:[a-z]+ ){{0,2}}(?P<apposition>{'|'.join(_ENGLISH_TITLES)}))\b"
)


def organisations_in(text: str) -> list[tuple[int, int]]:
    """Organization names in an English text: capitalized words that end in Bank, Association and the like."""
    return [match.span(1) for match in _ORGANISATION.finditer(text)]


def _folded(text: str) -> str:
    """The form in which names are compared: without case and width, in simplified characters if these are known."""
    return simplified(fold(text))


def _bare(word: str) -> str:
    return re.sub(r"[’']s\Z|[’'-]", "", word.lower())


@lru_cache(maxsize=1 << 14)
def _words(name: str) -> tuple[str, ...]:
    return tuple(word.removesuffix("'s").removesuffix("’s") for word in re.findall(r"[\w’'-]+", name.casefold()))


def _spellings(name: str) -> Iterator[str]:
    """Return the readings of a Chinese name in pinyin, each in one word."""
    return map("".join, itertools.product(*map(readings_of, name)))


@cache
def _surname_readings() -> frozenset[str]:
    names = (*_SURNAMES, *_DOUBLE_SURNAMES.split("|"))
    return frozenset(reading for name in names for reading in _spellings(name))


@cache
def _place_readings() -> dict[str, str]:
    """Provinces and large cities by their English names, which are pinyin with a few exceptions."""
    english: dict[str, str] = dict(_EN["places"])
    for place in (*_SHORT, *_CITIES):
        for reading in _spellings(place):
            english.setdefault(reading, place)
    # 西安 is written Xi'an; Xian is a given name.
    del english["xian"]
    return english
