"""Find out what a number refers to: the noun it counts, its role in a change or whole, and its date."""

import re
from functools import lru_cache

from evalkit.text.quantities.english_words import MONTHS
from evalkit.text.quantities.lexicons import nouns, patterns
from evalkit.text.quantities.number_values import simplified
from evalkit.text.quantities.rule_lists import trie


def _rows(column: int) -> dict[str, frozenset[int]]:
    """Return the rows of the table by form."""
    rows: dict[str, frozenset[int]] = {}
    for i, row in enumerate(nouns()):
        for form in row[column]:
            forms = (form, f"{form}s") if form.isascii() and form[-1] != "s" else (form,)
            for one in forms:
                rows[one] = rows.get(one, frozenset()) | {i}
    return rows


_ZH_ROWS, _EN_ROWS = _rows(1), _rows(2)
_ZH_NOUN, _EN_WORD = re.compile(trie(_ZH_ROWS)), re.compile("[a-z]+(?:-[a-z]+)?")
_HAN, _CLAUSE = re.compile("[一-鿿]"), re.compile("[,.;，。；0-9]")
_ROLES, _DIRECTIONS, _PERIODS = (
    [(int(role), pattern) for role, pattern in patterns(table).items()] for table in ("roles", "directions", "periods")
)
#: offset of years and months among the numbers that :func:`referents` returns; smaller ones are rows, negative ones roles
DATED = 10_000
#: the start of a change
_START = -1
_NAMED_MONTH = "|".join(month for month in MONTHS if len(month) > 4 or month in ("may", "june", "july"))
_RE = patterns("context", month=_NAMED_MONTH)


@lru_cache(maxsize=256)
def referents(text: str, span: tuple[int, int]) -> frozenset[int]:
    """Return what the number at a span refers to, encoded as integers.

    The result contains the rows of the nouns directly after the number, its role (negative, such as the start of a change
    or a part of a whole), and its year or month plus :data:`DATED`.
    """
    start, end = span
    simple = simplified(text)
    before = simple[max(0, start - 40) : start].lower()
    dated = _RE["dated_after"].match(text[end : end + 40].lower()) or _RE["dated_before"].search(before)
    dates = [DATED + (MONTHS.get(dated[1]) or int(dated[1]))] if dated else []
    before = _RE["dates"].sub("", before)
    roles = [role for role, pattern in _ROLES if pattern.search(before)]
    clause = _CLAUSE.split(before)[-1]
    if _START not in roles:  # "rose from 3 to 5" says of both that they rose
        dates += [role for role, pattern in _DIRECTIONS if pattern.search(clause)]
    after = _RE["after"].match(simple, end)
    near = f"{clause} {after.group()[:30] if after and text.isascii() else ''}".lower()
    dates += [role for role, pattern in _PERIODS if pattern.search(near)]
    if _RE["part_of"].match(text, end):
        return frozenset((-3, *dates))
    nouns_named = _noun_rows(text[start:end]) | _noun_rows(after.group() if after else "")
    return frozenset((*roles[:1], *dates, *nouns_named))


def _noun_rows(phrase: str) -> frozenset[int]:
    kinds: frozenset[int] = frozenset()
    if _HAN.search(phrase, 0, 12):
        return kinds.union(*(_ZH_ROWS[name] for name in _ZH_NOUN.findall(phrase, 0, 16)))
    for at, word in enumerate(_EN_WORD.findall(phrase.lower())[:7]):
        if word == "to" or (at and (_RE["end"].fullmatch(word) or (word == "of" and kinds))):
            break
        kinds |= _EN_ROWS.get(word) or _EN_ROWS.get(word.rpartition("-")[2], frozenset())
    return kinds
