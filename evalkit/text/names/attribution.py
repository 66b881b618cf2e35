"""Find persons in an output that are said to have said or done what the source says about somebody else."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from evalkit.text.names.lexicon import CHINESE, TITLE
from evalkit.text.names.mentions import Mention
from evalkit.text.names.wrong_name import WrongName

#: What a statement must have in common with the source's clauses about another person: the number of words and their share
#: of the weight; and the greatest share of this weight that it may have in common with those about the same person.
_FEWEST, _SHARE, _OWN = 3, 0.5, 0.2
#: The share if the other person is not known.
_SURE_SHARE = 0.6

#: The sentences of a text; folded, if it is Chinese.
SENTENCE = {
    # “……。”李彦说 is one sentence
    "zh": re.compile(r"(?:[^。!?;\n]|[。!?](?=[\"”][^。!?;\n]{1,12}(?:说|道|表示|称)))+"),
    "en": re.compile(r"(?:[^.!?;\n]|\.(?! [A-Z]|\Z|\n))+"),
}
_CLAUSE = {"zh": re.compile(r"[^,:]+"), "en": re.compile(r"(?:(?!, |: | but | while | whereas |—).)+.?", re.DOTALL)}
_SPEECH = "|".join(CHINESE["speech"].split())
#: What ends a clause that says who made the preceding statement.
_SAID = {
    "zh": re.compile(f'(?:{_SPEECH})[“"]?\\Z'),
    "en": re.compile(
        r"\W*(?:(?:and|but) )?(?:according to|in the (?:view|opinion|words) of|as"
        r"|(?!(?:was|is|has|its|his|this|does|besides|perhaps|always|sometimes)\b)[a-z]+(?:ed|id|[^aus\W]s)"
        r"|[\w ]{0,30}(?:said|says|announced|revealed|warned))\b"
    ),
}
_OBJECT = {
    "zh": re.compile(rf"(?:{'|'.join(CHINESE['takes_a_person'].split())})[^,:的是]{{0,16}}\Z"),
    "en": re.compile(
        r"\b(?i:(?<!view )(?<!words )(?<!opinion )of|against|for|with|without|about|than|like|(?<!ccording )to)"
        r" (?:[A-Z][a-z]+\.? ){0,2}\Z"
    ),
}
#: 她同路承泽对局时
_WITH = re.compile("[他她][曾还也又]?[同与和跟对向把让请给替为]\\Z")
#: What introduces a person: General manager Xia Qinghe; Gu Feng, a deputy secretary of the committee,
_TITLE_BEFORE = {"zh": re.compile(r"[^,:]*\Z"), "en": re.compile(r"(?:[A-Za-z’'-]+ ){0,4}\Z")}
_TITLE_AFTER = {
    "zh": TITLE,
    "en": re.compile(
        r", (?:who|whose|an?|the|its|his|her|their|deputy|head|chief|director|president|chairman|[a-z]+ (?:of|at|with|for)\b)"
        r"[^,]*,?| of [^,]*,"
    ),
}
#: The author, whose statements name nobody.
_AUTHOR, _QUOTED = re.compile("笔者|我(?![国省市县们军党方校])"), re.compile('[“"「][^“”"「」]*[”"」]')
_PASSIVE = re.compile("[则也却均都已]?[被遭]")
_PRONOUN = {"zh": re.compile('["“]?[他她其该]'), "en": re.compile(r"\W*(?:He|She|His|Her|They|Their)\b")}


@dataclass(frozen=True)
class Unit:
    """Clauses about one person.

    :param sentence: the number of the sentence.
    :param mention: the first person named, unless something is done to this person; None if nobody is named.
    :param people: the persons named in the clauses, except objects; the first is the subject, or the last subject for a pronoun.
    :param topic: these, with the object of a single clause, or the last subject for a sentence that names nobody.
    :param words: what the clauses have in common with the other text.
    :param statement: the same without what introduces the person, and without clauses before it.
    :param reports: whether a sentence that names nobody says that somebody said something.
    """

    sentence: int
    mention: Mention | None
    people: tuple[str, ...]
    topic: tuple[str, ...]
    words: frozenset[str]
    statement: frozenset[str] = frozenset()
    reports: bool = False


Span = tuple[int, int]
#: What the words in a part of a text are called; the same in both texts.
Words = Callable[[int, int], frozenset[str]]


class Told(NamedTuple):
    """A text with the persons in it, and what the words in a part of it are called, the same in both texts."""

    text: str
    lang: str
    mentions: Sequence[Mention]
    words: Words

    def all_words(self, spans: Iterable[Span]) -> frozenset[str]:
        """The words in several parts of the text."""
        return frozenset[str]().union(*(self.words(start, end) for start, end in spans if start < end))


def units(told: Told) -> Iterator[Unit]:
    """Divide a text into one unit for each clause that names a person, with the clauses that belong to it.

    These are the following ones that name nobody, the first ones of a sentence, and those before “X said”.
    """
    text, lang, mentions, words = told
    topic: Mention | None = None
    by_author = _AUTHOR.search(_QUOTED.sub("", text)) is not None
    surnames = {one.name[0] for one in mentions if "·" not in one.name}
    for number, sentence in enumerate(SENTENCE[lang].finditer(text)):
        groups = list(_groups(text, lang, [c.span() for c in _CLAUSE[lang].finditer(text, *sentence.span())], mentions))
        if not any(named for named, _ in groups):
            last: tuple[str, ...] = (topic.name,) if topic else ()
            people = last if _PRONOUN[lang].match(sentence[0]) else ()
            # 欧阳官说: perhaps somebody who is named elsewhere
            reports = re.search(_SPEECH, sentence[0]) is not None and surnames.isdisjoint(sentence[0]) and not by_author
            yield Unit(number, None, people, last, words(*sentence.span()), reports=reports)
            continue
        for named, spans in groups:
            topic = named[0]
            objects = {one for one in named for _, end in spans if one.end == end and _is_object(text, lang, one, end)}
            people = tuple(dict.fromkeys(one.name for one in named if one not in objects))
            # The clause is about its object, too, but not the following ones.
            everyone = tuple(dict.fromkeys(one.name for one in named)) if len(spans) == 1 else people
            found, said = told.all_words(spans), told.all_words(_statement(text, lang, named[0], spans))
            # What is done to somebody is often said of the one who does it.
            passive = _PASSIVE.match(text, named[0].end) or text.endswith(" by ", 0, named[0].start)
            subject = None if passive else named[0]
            yield Unit(number, subject, people, everyone, found, said)


def _statement(text: str, lang: str, mention: Mention, spans: Sequence[Span]) -> Iterator[Span]:
    """The parts of the clauses that say something about a person, not only who it is."""
    own = next(span for span in spans if span[0] <= mention.start < span[1])
    before = _TITLE_BEFORE[lang].search(text, own[0], mention.start)
    after = _TITLE_AFTER[lang].match(text, mention.end, spans[-1][1])
    first = own[0] if not _is_said(text, lang, own, mention, spans[-1]) else spans[0][0]
    for start, end in spans:
        if start >= first:
            yield start, min(end, before.start() if before else mention.start)
            yield max(start, after.end() if after else mention.end), end


def spoken_spans(told: Told) -> Iterator[tuple[Mention, list[Span]]]:
    """The first person of each unit with the clauses of the unit."""
    text, lang, mentions, _ = told
    for sentence in SENTENCE[lang].finditer(text):
        clauses = [clause.span() for clause in _CLAUSE[lang].finditer(text, *sentence.span())]
        yield from ((named[0], spans) for named, spans in _groups(text, lang, clauses, mentions) if named)


_Group = tuple[list[Mention], list[Span]]


def _groups(text: str, lang: str, clauses: Sequence[Span], mentions: Sequence[Mention]) -> Iterator[_Group]:
    """The mentions and the clauses of each unit of a sentence."""
    groups: list[_Group] = [([], [])]
    for start, end in clauses:
        inside = [one for one in mentions if start <= one.start < end]
        named = [one for one in inside if not _is_object(text, lang, one, end)]
        others = [one for one in inside if one not in named] if lang == "zh" else []
        if not named or (groups[-1][0] and named[0].name == groups[-1][0][0].name):
            groups[-1][0].extend([*named, *others] if groups[-1][0] else named)
            groups[-1][1].append((start, end))
            continue
        named += others
        before = groups[-1][1]
        if not groups[-1][0]:
            groups[-1] = (named, [*before, (start, end)])
        elif len(before) > 1 and _is_said(text, lang, (start, end), named[0], clauses[-1]):
            said = next((i for i in range(len(before), 0, -1) if _names(groups[-1][0], before[i - 1])), 0)
            groups.append((named, [*before[said:], (start, end)]))
            del before[said:]
        else:
            groups.append((named, [(start, end)]))
    yield from groups


def _is_object(text: str, lang: str, mention: Mention, end: int) -> bool:
    """Whether a clause says something about the proposal, parents or opponent of a person, or ends in the object of a verb."""
    before = text[max(0, mention.start - 40) : mention.start]
    possessive = lang == "en" and text[mention.start : mention.end].endswith(("'s", "’s"))
    last = lang == "en" or mention.end == end
    return possessive or bool((last and _OBJECT[lang].search(before)) or _WITH.search(before))


def _names(mentions: Sequence[Mention], span: Span) -> bool:
    return any(span[0] <= one.start < span[1] for one in mentions)


def _is_said(text: str, lang: str, clause: Span, mention: Mention, last: Span) -> bool:
    """Whether a clause says who made the statement before it: “…, said X”, “……, X说。”"""
    if lang == "en":
        return _SAID["en"].match(text[clause[0] : mention.start]) is not None
    return clause == last and _SAID["zh"].search(text[clause[0] : clause[1]]) is not None


def are_alike(name: str, other: str) -> bool:
    """Whether two names may mean the same person."""
    if "·" in name and "·" in other:
        return not set(name.split("·")).isdisjoint(other.split("·"))
    return name[0] == other[0] or len(set(name) & set(other)) > 1


class Attribution:
    """Compares who does what in the units of a source and an output.

    :param sure: the names that are surely those of persons.
    """

    def __init__(self, source: Sequence[Unit], output: Sequence[Unit], sure: Collection[str]) -> None:
        self._source, self._output = source, output
        self._sure = frozenset(sure)
        self._count = Counter(word for unit in source for word in unit.words)
        self._said_of: dict[str, frozenset[str]] = {}
        self._sentences_of: dict[str, set[int]] = {}
        for unit in source:
            for name in unit.topic:
                self._said_of[name] = self._said_of.get(name, frozenset()) | unit.words
                self._sentences_of.setdefault(name, set()).add(unit.sentence)

    def wrong(self) -> Iterator[tuple[Mention, str]]:
        """The mentions whose units are about somebody else in the source, with the names of these persons.

        The name is empty if the source does not tell who it is.
        """
        others = [self._others(unit) for unit in self._output]
        for unit, names in zip(self._output, others, strict=True):
            if (
                unit.mention
                and (name := next((name for name in names if self._is_sure(unit, name, others)), None)) is not None
            ):
                yield unit.mention, name

    def _is_sure(self, unit: Unit, name: str, others: Sequence[Collection[str]]) -> bool:
        """Whether a unit is about another person, who must be exchanged with this one if a sentence has both."""
        person = unit.mention.name if unit.mention else ""
        of_the_other = [
            (one.sentence == unit.sentence, person in theirs)
            for one, theirs in zip(self._output, others, strict=True)
            if name in one.people
        ]
        exchanged = any(is_wrong for _, is_wrong in of_the_other)
        together = self._sentences_of.get(person, set()) & self._sentences_of.get(name, set())
        return all(is_wrong for beside, is_wrong in of_the_other if beside) and (exchanged or not together)

    def _others(self, unit: Unit) -> list[str]:
        """The persons whom the unit is about in the source, if that is somebody else."""
        if not unit.mention or unit.mention.name not in self._sure:
            return []
        person = unit.mention.name
        found = [name for words in (unit.words, unit.statement) if (name := self._other(person, words))]
        return found or [""] * self._is_of_nobody(person, unit.statement)

    def _weight(self, words: frozenset[str]) -> float:
        return math.fsum(math.log(1 + len(self._source) / self._count[word]) for word in words if self._count[word])

    def _best(self, words: frozenset[str], of: Iterable[Unit]) -> tuple[float, Unit | None]:
        """The unit that has most of the words, and their weight."""
        weights = ((self._weight(words & unit.words), unit) for unit in of)
        return max(weights, key=lambda one: one[0], default=(0.0, None))

    def _other(self, person: str, words: frozenset[str]) -> str:
        """The other person about whom the source says the same, or an empty string."""
        weight, unit = self._best(words, (one for one in self._source if self._is_of_another(person, one)))
        rest, _ = self._best(words, (one for one in self._source if not one.people))
        said = self._said_of.get(person, frozenset())
        known = self._weight(words & said) > _OWN * weight or weight < max(rest, _SHARE * self._weight(words))
        return unit.people[0] if unit and not known and len(words & unit.words - said) >= _FEWEST else ""

    def _is_of_another(self, person: str, unit: Unit) -> bool:
        return (
            bool(unit.people)
            and unit.people[0] in self._sure
            and not any(are_alike(person, one) for one in unit.people)
        )

    def _is_of_nobody(self, person: str, words: frozenset[str]) -> bool:
        """Whether the source reports the same of somebody whose name is not recognized."""
        rest, unit = self._best(words, (one for one in self._source if not one.people))
        said = self._said_of.get(person, frozenset())
        known = self._weight(words & said) > _OWN / 2 * rest or rest < _SURE_SHARE * self._weight(words)
        return unit is not None and unit.reports and not known and len(words & unit.words - said) >= _FEWEST


def wrong_attributions(source: Told, output: Told, sure: Collection[str]) -> Iterator[WrongName]:
    """Find persons of an output who are said to have said or done what the source says about somebody else.

    :param sure: the names that are surely those of persons.
    """
    for mention, name in Attribution(list(units(source)), list(units(output)), sure).wrong():
        yield WrongName(mention.start, mention.end, "attributed", "person", name)
