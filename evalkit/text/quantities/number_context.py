"""Find out what a number refers to: the noun it counts, its role in a change or whole, and its date."""

from __future__ import annotations

import re

from evalkit.text.quantities.english_words import MONTHS
from evalkit.text.quantities.lexicons import load, nouns
from evalkit.text.quantities.number_values import simplified


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
_LONGEST = max(map(len, _ZH_ROWS))
_ROLES, _DIRECTIONS, _PERIODS = (
    [(int(role), re.compile(pattern)) for role, pattern in load("evidence")[table].items()]
    for table in ("roles", "directions", "periods")
)
#: offset of years and months among the numbers that :func:`referents` returns; smaller ones are rows, negative ones roles
DATED = 10_000
_NAMED_MONTH = "|".join(month for month in MONTHS if len(month) > 4 or month in ("may", "june", "july"))
#: the year or month before or after a number: 2016年增长7.5%, 7.5% in 2016
_DATED_BEFORE = re.compile(
    rf"((?:19|20)[0-9]{{2}}|[0-9]{{1,2}}(?=月)|{_NAMED_MONTH}) ?[年月]?"
    r"(?:[^,.;，。；0-9a-z]{0,14}|(?: (?!from\b)[a-z'-]{1,12}){0,5} ?)$"
)
_DATED_AFTER = re.compile(
    r"[^,.;，。；0-9]{0,12} (?:in|of|by|for|at the end of|from) (?:early |late |mid-)?"
    rf"((?:19|20)[0-9]{{2}}|{_NAMED_MONTH})"
)
#: a date between a role and its number in Chinese: 由2022年底的1.40%
_DATES = re.compile("(?: ?(?:19|20)[0-9]{2} ?年(?:第?[一二三四]季度?)?| ?[0-9]{1,2} ?月份?)[初中末底]?的? ?$")
_PART_OF = re.compile(
    r" (?:(?:[a-z-]+ ){0,3}out )?of (?:[A-Z][a-z]+['’]s|the|its|their|his|her|our|those|these|them|which|all|more than|over|"
    r"nearly|about|some|[0-9]|two|three|four|five|six|seven|eight|nine|ten)(?![a-z])"
)
_AFTER = re.compile(r"[^0-9,.;:!?()，。；：！？、（）“”\n]{0,60}")
_EN_END = frozenset(
    """over about against under between during in from across with for to at by and or as but who which that after
    before since than""".split()
)


def referents(text: str, span: tuple[int, int]) -> frozenset[int]:
    """Return what the number at a span refers to, encoded as integers.

    The result contains the rows of the nouns directly after the number, its role (negative, such as the start of a change
    or a part of a whole), and its year or month plus :data:`DATED`.
    """
    start, end = span
    before = simplified(text)[max(0, start - 40) : start].lower()
    dated = _DATED_AFTER.match(text[end : end + 40].lower()) or _DATED_BEFORE.search(before)
    dates = [DATED + (MONTHS.get(dated[1]) or int(dated[1]))] if dated else []
    before = _DATES.sub("", before)
    roles = [role for role, pattern in _ROLES if pattern.search(before)]
    clause = re.split("[,.;，。；0-9]", before)[-1]
    dates += [role for role, pattern in _DIRECTIONS if pattern.search(clause)]
    after = _AFTER.match(simplified(text), end)
    near = f"{clause} {after.group()[:30] if after and text.isascii() else ''}".lower()
    dates += [role for role, pattern in _PERIODS if pattern.search(near)]
    if _PART_OF.match(text, end):
        return frozenset((-3, *dates))
    nouns_named = _noun_rows(text[start:end]) | _noun_rows(after.group() if after else "")
    return frozenset((*roles[:1], *dates, *nouns_named))


def _noun_rows(phrase: str) -> frozenset[int]:
    kinds: frozenset[int] = frozenset()
    if any("一" <= c <= "鿿" for c in phrase[:12]):
        i, stop = 0, min(len(phrase), 16)
        while i < stop:
            for length in range(min(_LONGEST, stop - i), 0, -1):
                rows = _ZH_ROWS.get(phrase[i : i + length])
                if rows is not None:
                    kinds |= rows
                    i += length - 1
                    break
            i += 1
        return kinds
    for at, word in enumerate(re.findall("[a-z]+(?:-[a-z]+)?", phrase.lower())[:7]):
        if word == "to" or (at and (word in _EN_END or (word == "of" and kinds))):
            break
        kinds |= _EN_ROWS.get(word) or _EN_ROWS.get(word.rpartition("-")[2], frozenset())
    return kinds
