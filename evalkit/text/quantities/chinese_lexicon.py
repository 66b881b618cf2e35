"""Words around Chinese numerals: classifiers, qualifiers, and the words that only look like quantities (``zh.toml``)."""

from __future__ import annotations

from evalkit.text.quantities.lexicons import load

_TABLES = load("zh")
_WORDS: dict[str, tuple[str, ...]] = {name: tuple(words.split()) for name, words in _TABLES["words"].items()}


def _inverted(name: str) -> dict[str, str]:
    """Word -> the name of its row."""
    return {word: row for row, words in _TABLES[name].items() for word in words.split()}


def _followers(text: str) -> dict[str, str]:
    return {word[0]: word[1:] for word in text.split()}


CLASSIFIERS = frozenset(_TABLES["classifiers"].split())
LONGEST_CLASSIFIER = max(map(len, CLASSIFIERS))
#: what follows a classifier or a unit that is the beginning of another word (360集成, 米饭)
NOT_CLASSIFIER = _followers(_TABLES["not_classifier"])
OTHER_WORD = _followers(_TABLES["other_word"]["units"])
#: units that are read only before these characters (^ is the end of the text)
ONLY_BEFORE: dict[str, str] = _TABLES["only_before"]
#: what a classifier alone says of the counted noun
NOUN_OF = _inverted("noun_of")
BEFORE = _inverted("before")
LONGEST_BEFORE = max(map(len, BEFORE))
AFTER = _inverted("after")
DISTANT = _inverted("distant")
OF_A_WHOLE = _inverted("of_a_whole")
#: qualifiers that qualify nothing as the end of another word: 附近, 合约, 做不到
NOT_AFTER: dict[str, str] = _TABLES["not_after"]
CURRENCY_BEFORE: dict[str, str] = _TABLES["currency_before"]
#: fixed phrases -> lowest value, highest value
IDIOMS: dict[str, list[int]] = _TABLES["idioms"]
#: days known by their number
DAYS: dict[str, list[int]] = _TABLES["days"]
#: what a share of is compared with, not taken from: 超过去年的50%
COMPARED = _WORDS["compared"]
#: words after which 3日 is three days
LASTING = _WORDS["lasting"]
#: what is numbered in points: 三点希望
POINTS = _WORDS["points"]
#: what a number after it names: 尾号8888, 热线12345, 波音737
NUMBERED = _WORDS["numbered"]
#: what a number before it names: 320国道, 737客机; and, of three digits, 985高校, 301医院
NAMED = _WORDS["named"]
NAMED_OF_THREE = _WORDS["named_of_three"]
#: numeral characters alone that name no number: 万一, 千百
NO_NUMBER = frozenset(_WORDS["no_number"])
#: what 百, 千, 万 alone count: 千人, 万亩
COUNTED_ALONE = frozenset(_WORDS["counted_alone"])
ALONE_IDIOMS = frozenset(_WORDS["alone_idioms"])
#: words that begin with 一 and count nothing
ONE_WORDS = frozenset(_WORDS["one_words"])
#: a numeral before these counts nothing, though their first character is a classifier or a unit
NO_COUNT = frozenset(_WORDS["no_count"])
#: words that begin with a numeral and count nothing
WORDS = frozenset(_WORDS["words"])
#: before 近 in words that say nearly: 将近三年, beside 近三年, the last three
NOT_OF_LATE = frozenset("将接几临逼靠迫")
#: before 百, 千, 万 alone: 上百 is hundreds, 近千 nearly a thousand
ABOVE = frozenset("上近逾超约成过破")
#: the numeral with what follows it -> phrases in which it counts nothing, and its position in them
PHRASES: dict[str, list[tuple[str, int]]] = {}
for _phrase in _WORDS["phrases"]:
    for _i, _c in enumerate(_phrase[:-1]):
        if _c in "一二三四五六七八九十百千万两半":
            PHRASES.setdefault(_phrase[_i : _i + 2], []).append((_phrase, _i))
