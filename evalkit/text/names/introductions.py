"""Find persons who are introduced as another person of the source: with this one's role, organization or country."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from evalkit.text.names.attribution import Told, are_alike, units
from evalkit.text.names.lexicon import TITLE
from evalkit.text.names.likely_people import ROLE
from evalkit.text.names.mentions import Mention
from evalkit.text.names.roles import ANY, chinese_kinds, introduction_before, kinds_of_role
from evalkit.text.names.source_names import SourceNames
from evalkit.text.names.wrong_name import WrongName

#: The weight that an introduction must have in common with that of another person: in any case, and if it has at least
#: two words or a role in common; and the greatest share of this weight that it may have in common with the same person.
_ENOUGH, _ENOUGH_OF_TWO, _OWN = 3.0, 2.0, 0.3
#: The share of the weight of the whole introduction that this must be.
_SHARE = 0.3
#: The number of characters before a Chinese name that may introduce it.
_REACH = 24
_BREAK = re.compile("[,:;。!?\n、与和及对向被由给让是了]")
_END = r"(?= (?:said|says|has|had|was|is|will|wants|wanted|and|but)\b|[,.;:—]|\Z)"
#: Li Na, a professor of law; Li Na, head of the office; Li Na, who leads the office; Li Na of Fudan University
_AFTER = re.compile(
    r", (?:an?|the|its|his|her|their|one of|[A-Z][a-z]+[’']s) [^,.;:—]{2,80}"
    r"|, (?!(?:wh\w+|and|but|by|in|at|on|with|for|as|to|after|before|from|under|according)\b)"
    r"(?:[a-z-]+ ){0,3}[a-z-]+ (?:of|at|for|with|in|from|to) [^,.;:—]{2,60}"
    r"|,? who (?:is|was|heads?|headed|leads?|led|runs?|ran|chairs?|represent(?:s|ed)|speaks|spoke|teaches|works|serves|directs?"
    r"|owns|founded)\b[^,.;:—]{2,80}"
    rf"| (?:of|from|at|with) (?:the |an? )?[A-Z][^,.;:—]{{2,60}}?{_END}"
)


def _chinese_spans(text: str, mentions: Sequence[Mention]) -> Iterator[list[tuple[int, int]]]:
    """What introduces each person: the words of the clause before the name, up to another person, and a title after it."""
    last = 0
    for mention in mentions:
        start = max(last, mention.start - _REACH)
        start = max((match.end() for match in _BREAK.finditer(text, start, mention.start)), default=start)
        title = TITLE.match(text, mention.end)
        is_one = ROLE.search(text, start, mention.start) or text[mention.start - 1 : mention.start] in ("的", "国")
        yield [*([(start, mention.start)] if is_one else []), *([title.span()] if title else [])]
        last = mention.end


def _english_spans(text: str, mentions: Sequence[Mention]) -> Iterator[list[tuple[int, int]]]:
    ends = [mention.start for mention in mentions[1:]] + [len(text)]
    for mention, end in zip(mentions, ends, strict=False):
        after = _AFTER.match(text, mention.end, end)
        yield [span for span in (introduction_before(text, mention), after.span() if after else None) if span]


_SPANS = {"zh": _chinese_spans, "en": _english_spans}


def _introductions(told: Told) -> Iterator[tuple[Mention, frozenset[str]]]:
    """The mentions of a text with the words and the kinds of roles that introduce them."""
    for mention, spans in zip(told.mentions, _SPANS[told.lang](told.text, told.mentions), strict=True):
        words = told.all_words(spans)
        if told.lang == "zh":
            kinds = chinese_kinds("|".join(told.text[start:end] for start, end in spans))
        else:
            kinds = kinds_of_role(told.text, told.lang, mention)
        yield mention, words | {f"role {kind}" for kind in kinds - ANY}


def _roles(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in words if word.startswith("role "))


def wrong_introductions(names: SourceNames, source: Told, output: Told, people: Collection[str]) -> Iterator[WrongName]:
    """Find persons whose introduction in an output has more in common with another person's than with theirs.

    :param people: the names that are surely those of persons.
    """
    theirs: dict[str, frozenset[str]] = {}
    for mention, words in _introductions(source):
        theirs[mention.name] = theirs.get(mention.name, frozenset()) | words
    own = {
        name: words | {f"role {kind}" for kind in chinese_kinds(names.introduction_of(name))}
        for name, words in theirs.items()
    }
    for unit in units(source):
        for name in unit.topic:
            own[name] |= unit.words
    count = Counter(word for words in theirs.values() for word in words)

    def weight(words: frozenset[str]) -> float:
        return math.fsum(math.log(1 + len(theirs) / max(1, count[word])) for word in words)

    for mention, words in _introductions(output):
        if mention.name not in people or mention.name not in own:
            continue
        strange = words - own[mention.name]
        others = {
            name: strange & theirs[name] for name in theirs if name in people and not are_alike(name, mention.name)
        }
        name = max(others, key=lambda one: (weight(others[one]), one), default="")
        shared = others.get(name, frozenset())
        # A role or two words show something only if the own introduction is understood, too.
        several = (len(shared) > 1 and theirs[mention.name]) or (_roles(shared) and _roles(theirs[mention.name]))
        enough = weight(shared) >= max(_SHARE * weight(words), _ENOUGH_OF_TWO if several else _ENOUGH)
        if enough and weight(words & own[mention.name]) <= _OWN * weight(shared):
            yield WrongName(mention.start, mention.end, "attributed", "person", name)
