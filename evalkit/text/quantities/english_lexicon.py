"""Words around English numbers: qualifiers, what ends a noun phrase, and the words after which a number counts nothing."""

from __future__ import annotations

import re

from evalkit.text.quantities.wordlists import barred, spaced

__all__ = [
    "AFTER",
    "BEFORE",
    "COMPARED",
    "DIALLED",
    "GROWTH",
    "NAMED",
    "NAMED_CAPITAL",
    "NAMED_IN_WORDS",
    "NOT_ABOUT",
    "NOUN_STOP",
    "SKIPPED",
    "UNMARKED_PLURAL",
    "VERB_BEFORE",
    "WEEKDAYS",
]

_PHRASES = (
    (
        "more than",
        "more than|over|above|exceeding|exceeded|exceeds|exceed|in excess of|upwards of|upward of|greater than|well over|"
        "just over|larger than|higher than|surpassing|surpassed|topped|beyond|older than|longer than|slightly over",
    ),
    (
        "at least",
        "at least|no less than|no fewer than|not less than|a minimum of|minimum of|not fewer than|minimum|at minimum",
    ),
    (
        "less than",
        "less than|fewer than|under|below|lower than|short of|smaller than|just under|younger than|within less than",
    ),
    (
        "at most",
        "at most|up to|no more than|not more than|a maximum of|maximum of|no higher than|maximum|not exceeding|not exceed|"
        "as much as possible up to|no later than",
    ),
    ("nearly", "nearly|almost|close to|approaching|near|nearing|just short of|virtually"),
    ("about", "about|around|approximately|some|roughly|circa|approx.|approx|an estimated|estimated|or so|ca."),
)
#: last word -> phrases that end with it, the longer first
BEFORE: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {}
for _exact, _list in _PHRASES:
    for _phrase in barred(_list):
        _words = spaced(_phrase)
        BEFORE[_words[-1]] = tuple(
            sorted((*BEFORE.get(_words[-1], ()), (_words[:-1], _exact)), key=lambda item: -len(item[0]))
        )
#: between a qualifier and its number
SKIPPED = frozenset(spaced("a an the another additional every further only its their or other"))
#: before "about" it speaks of a subject.
NOT_ABOUT = frozenset(
    spaced(
        "talk talked talking learn information know concern concerned worried think thinking speak story stories all"
    )
)
#: qualifiers behind: group 1 at least, 2 more than, 3 about, 4 at most.
AFTER = re.compile(
    r"(?:,? ?(or|and) (?:more|above|over|older|higher|up|beyond|longer|larger|greater)\b(?! than| to))"
    r"|( ?\+(?! ?[0-9])|-plus\b| plus\b(?! [a-z]))|( or so\b|-odd\b| odd\b| or thereabouts\b)"
    r"|(?:,? (?:or|and) (less|fewer|under|below|younger|lower|shorter)\b)|(,? at least\b(?=[,.;:]))"
)
COMPARED = re.compile(
    r" (?:as|more|less|higher|larger|greater|faster|bigger|lower|the|that|of|its|their|what|longer|stronger|smaller|"
    r"cheaper|better|worse|heavier|richer|those|this|over|his|her|likelier|hotter|brighter|difference|increase|compared)\b"
)
#: before "40 times" it speaks of a factor.
GROWTH = re.compile(
    r"\b(?:increas(?:e|ed|es|ing)|growth|gr[eo]wn?|growing|rose|risen|rise|rising|jump(?:ed)?|soar(?:ed)?|surged?|"
    r"expand(?:ed)?|multiplied|up)"
    r"(?: of| by| to| up| nearly| almost| about| around| over| some| more than| at least| the| a| an)* $"
)
#: after these a bare number is a name, a place in a list or an address.
NAMED = frozenset(
    spaced(
        "no no. nos. number numbers numbered chapter section figure fig fig. picture article articles phase type types "
        "grade grades boeing airbus iphone windows apollo version vol vol. episode pm pm2. xbox playstation covid "
        "ipad redmi paragraph appendix annex page pages step size slide fortune s&p csi nasdaq nikkei ftse topix stoxx dax"
    )
)
#: the same for numbers in words.
NAMED_IN_WORDS = frozenset(
    spaced(
        "chapter section figure article phase type grade version vol volume episode paragraph appendix annex page step"
    )
)
#: numbers that are dialled or read off.
DIALLED = (
    "such as ",
    "ending in ",
    "ending with ",
    "ends in ",
    "ends with ",
    "dial ",
    "dialed ",
    "dialled ",
    "dialing ",
)
#: before "number" as a verb.
VERB_BEFORE = frozenset(spaced("will would to could may might should they now can did"))
#: the same where they have a capital.
NAMED_CAPITAL = frozenset(
    spaced(
        "table route flight unit level levels line lines room page pages class volume gate platform highway interstate "
        "channel act scene lot item mark pier hall building zone galaxy mate note python ps bus train war formula area "
        "model clause rule question step tip reason part district ward nova honor office catch"
    )
)
NOUN_STOP = frozenset(
    spaced(
        "of in and the to for from with at on by were was is are have has had who that which or a an as than per into since "
        "after before during until when while but will would could can may be been being their his her its our your my this "
        "these those more if so not about under over between because where whose did do does said says"
    )
)
WEEKDAYS = frozenset(spaced("monday tuesday wednesday thursday friday saturday sunday"))
#: nouns that are plural without an s.
UNMARKED_PLURAL = frozenset(
    spaced("people men women children kids personnel staff police aircraft policemen clergy folk")
)
