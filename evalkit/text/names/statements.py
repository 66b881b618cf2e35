"""Find statements of a Chinese output that its source makes about somebody else, or negates."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache

from evalkit.text.names.attribution import SENTENCE, Told, wrong_attributions
from evalkit.text.names.introductions import wrong_introductions
from evalkit.text.names.mentions import People, without
from evalkit.text.names.opposites import opposite_statements
from evalkit.text.names.roles import wrong_roles
from evalkit.text.names.source_names import LONGEST_SOURCE, SourceNames
from evalkit.text.names.wrong_name import WrongName
from evalkit.text.polarity import NO_NEGATION
from evalkit.text.scripts import HAN

CLAUSE = re.compile(r"[^,:]+")
#: Longer sources and outputs are not searched: every statement is compared with every sentence.
_MOST_SENTENCES, _LONGEST_OUTPUT = 300, 30_000
#: Of a word that occurs more often, only the first places are compared.
_MOST_PLACES = 5
NEGATIONS = re.compile(
    "没有|没能|没|并非|并未|不|未(?!遂)|无(?=人|法|意|权|需|须|罪|效|望|缘)|否认|拒绝|反对|禁止|驳回|不肯"
)
NO_NEGATIONS = re.compile(
    f"{NO_NEGATION['zh'].pattern}|[不没未]+(?:反对|否认|拒绝|禁止)|不过|不锈|不幸|不良|不法|不动产|不时|未婚|不丹|不列颠|不等(?!于)|不一|不乏|"
    "不畏|不愁|不怕|足不出户|忍不住|不由|不当(?!选)|不利|不便|好不容易|[少免大]不了|不了了之|忘不了|不起|未成年|无效|反对[党派]|不禁|不愧|不满|不安|不妨|不敌|有条不紊|[沉淹出埋吞覆隐]没|"
    "不同寻常|不寻常|不移|不胜感激|不可思议|不起眼|不菲|不俗|不凡|不屑|不休|不绝|不遗余力|不约而同|不以为然|不言而喻|不失为|不惜|不逊|不亚|不无|不料|不巧|不妙|不慎|不迟于"
)
#: What may express a negation in another way, or demands, which are no statements.
DOUBTFUL = re.compile(
    "[不没未无非否拒反禁驳难少假伪仅只才除远却免防停终失缺弱低差错误谣斥虚妄勿莫别休毫罕鲜岂何吗么几撤弃止直前批阻脱离漏怀疑质超限欠短异绝]"
    f"|要求|呼吁|建议|主张|希望|敦促|要[{HAN}]{{1,6}}?[部局署厅院校司府方会团]"
)
#: Pairs that do not show what is negated: 不是一, 不认为.
_UNSPECIFIC = re.compile("[的一是在这那其如因你我他她们而为被真以]|[觉相希]")
#: Words between a negation and what it negates.
AUXILIARY = re.compile("[能会再将可想要肯愿敢应该必须有过曾让把给对被]*")


def _grams(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1) if text[i : i + 2].isalnum())


def _told(text: str, people: People) -> Told:
    mentions = people.in_chinese(text)
    plain = without(text, mentions)
    return Told(text, "zh", mentions, lambda start, end: _grams(plain[start:end]))


@dataclass(frozen=True)
class Place:
    """Words in a text.

    :param negated: whether they follow a negation; None if they may be negated in another way.
    """

    start: int
    end: int
    negated: bool | None
    sentence: str


#: The places of each word, or pair of characters, in a text.
Places = dict[str, list[Place]]


def chinese_clauses(text: str, masked: bool) -> Iterator[tuple[str, int, str, list[tuple[int, int]], bool | None]]:
    """The clauses of a Chinese text.

    Each with its sentence, its start, its words without what only looks like a negation, the spans of its negations,
    and False, or None if its words may be negated in another way, as by the clause before: 不会大修汽车,在后院建喷泉.

    :param masked: whether what only looks like a negation is also no negation in another way.
    """
    for sentence in SENTENCE["zh"].finditer(text):
        earlier = False
        for clause in CLAUSE.finditer(text, *sentence.span()):
            plain = NO_NEGATIONS.sub(lambda m: "|" * len(m[0]), clause[0])
            ends = ((m.start(), AUXILIARY.match(plain, m.end())) for m in NEGATIONS.finditer(plain))
            spans = [(start, end.end()) for start, end in ends if end]
            doubtful = earlier or len(spans) > 1 or DOUBTFUL.search(plain if masked else clause[0])
            yield sentence[0], clause.start(), plain, spans, None if doubtful else False
            earlier = earlier or bool(spans)


def comparable(source: str, output: str) -> bool:
    """Whether there are statements to compare, and few enough of them."""
    short = len(source) <= LONGEST_SOURCE and len(output) <= _LONGEST_OUTPUT
    return short and 0 < len(SENTENCE["zh"].findall(source)) <= _MOST_SENTENCES


def opposites(ours: Places, theirs: Places) -> Iterator[tuple[Place, list[Place]]]:
    """The places of words that are negated in one of two texts only, each with those in the other text."""
    for word, places in ours.items():
        others = theirs.get(word, [])
        polarities = {place.negated for place in places}, {place.negated for place in others}
        if polarities in (({True}, {False}), ({False}, {True})):
            yield from ((place, others[:_MOST_PLACES]) for place in places[:_MOST_PLACES])


def _pairs(text: str) -> Places:
    pairs: Places = defaultdict(list)
    for sentence, start, plain, spans, otherwise in chinese_clauses(text, masked=True):
        negated = {end + i: first for first, end in spans for i in (0, 1)} if len(spans) == 1 else {}
        for i in range(len(plain) - 1):
            gram = plain[i : i + 2]
            if gram.isalpha() and not _UNSPECIFIC.search(gram):
                place = Place(start + negated.get(i, i), start + i + 2, i in negated or otherwise, sentence)
                pairs[gram].append(place)
    return pairs


def has_negation(sentence: str) -> bool:
    """Whether a Chinese sentence has a negation, or calls something a rumor."""
    return re.search(f"{NEGATIONS.pattern}|谣|斥|辟", NO_NEGATIONS.sub("|", sentence)) is not None


def _negated(names: SourceNames, text: str, person: re.Pattern[str]) -> Iterator[WrongName]:
    """Find words that follow a negation in the output only, or in the source only, in sentences about the same."""

    @cache
    def contents(sentence: str) -> tuple[frozenset[str], frozenset[str]]:
        return _grams(sentence), frozenset(person.findall(sentence))

    for place, others in opposites(_pairs(text), _pairs(names.text)):
        grams, people = contents(place.sentence)
        for other in others:
            # Where both sentences have a negation, they may say the same: 反对她上场, 不同意她出战.
            if has_negation(other.sentence if place.negated else place.sentence):
                continue
            their_grams, their_people = contents(other.sentence)
            shared = len(grams & their_grams)
            if shared >= 4 and (shared >= 0.3 * len(grams) or people & their_people):
                yield WrongName(place.start, place.end, "negated", "statement", other.sentence)
                break


def wrong_statements(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find statements of a Chinese output that its source makes about somebody else, or negates."""
    if not comparable(names.text, text):
        return
    people = names.mentioned.with_names(People(text).sure)
    person = re.compile("|".join(map(re.escape, people.names)) or "(?!)")
    yield from compared(names, _told(names.text, people), _told(text, people), people.sure)
    yield from _negated(names, text, person)


def compared(names: SourceNames, source: Told, output: Told, people: Collection[str]) -> Iterator[WrongName]:
    """Find what the source does not say about the persons of an output.

    :param people: the names that are surely those of persons.
    """
    yield from wrong_attributions(source, output, people)
    yield from wrong_introductions(names, source, output, people)
    yield from wrong_roles(names, output.text, output.lang, output.mentions)
    yield from opposite_statements(source, output)
