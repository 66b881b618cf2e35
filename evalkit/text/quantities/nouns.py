"""The nouns that numbers count, from ``nouns.tsv``.

Each counted noun has a class, and numbers of incompatible classes do not match. Further nouns, qualifiers and dates around
a number show what it refers to; they help to detect numbers that were exchanged.
"""

from __future__ import annotations

import re

from evalkit.text.quantities.lexicons import nouns

#: form to class
ZH_NOUN: dict[str, str] = {form: name for name, forms, _ in nouns() if name for form in forms}
EN_NOUN: dict[str, str] = {form: name for name, _, forms in nouns() if name for form in forms}
_NAMES = frozenset(EN_NOUN.values())
#: pairs of classes that good translations use for each other
KIN: frozenset[frozenset[str]] = frozenset(
    frozenset(pair.split("+"))
    for pair in (
        "person+person-time person+household organisation+company organisation+school organisation+hospital "
        "organisation+team person+case person-time+time region+country region+province region+county region+city "
        "region+town city+town measure+project time+point goal+point time+goal company+country case+time case+question "
        "county+city"
    ).split()
)


def english_class(word: str) -> str:
    """Return the class of an English noun or class name, or an empty string if it is unknown."""
    return EN_NOUN.get(word) or EN_NOUN.get(word.lower()) or (word if word in _NAMES else "")


def kin(a: str, b: str) -> bool:
    """Whether two classes of nouns are compatible; an unknown class (empty) is compatible with all."""
    return not a or not b or a == b or frozenset((a, b)) in KIN


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
#: the role of a number: start (-1) and end (-2) of a change, part of a whole (-3), rank (-4), rate (-5)
_ROLES = (
    (-1, re.compile(
        r"(?:\bfrom|\bagainst|\bversus|compared (?:with|to)|从|由|自|较|(?<![同环])比|[高低]于(?=[0-9]{4}年))"
        r"[^,.;，。；0-9]{0,12}(?:[0-9]+[年月][^,.;，。；0-9]{0,6})?$"
    )),
    (-2, re.compile(r"(?:\bto(?: reach)?|[至到达为])[^,.;，。；0-9]{0,4}$")),
    (-3, re.compile(r"\bamong (?:them|which)[^.;0-9]{0,12}$|中[，,]?[^，。；0-9]{0,5}$")),
    (-4, re.compile(r"(?:\btop|前|\bno[.]|第)[ -]?$")),
    (-5, re.compile(r"(?:\bper|\bevery|每)[^,.;，。；0-9]{0,2}$")),
)  # fmt: skip
#: the direction of a change: down (-6), up (-7); and "only" (-8)
_DIRECTIONS = (
    (-6, re.compile(r"\b(?:f[ae]ll|drop|decline|decrease|down|reduc|los[et])|下降|减少|降低|回落|下跌|下滑")),
    (-7, re.compile(r"\b(?:r[io]se|gr[eo]w|increase|up\b|gain)|增长|增加|上升|上涨|提高|增至")),
    (-8, re.compile(r"\bonly\b|仅|只[有给]")),
)
_MONTHS = "january february march april may june july august september october november december".split()
#: offset of years and months among the numbers that :func:`counted` returns; smaller ones are rows, negative ones roles
DATED = 10_000
_NAMED_MONTH = "|".join(_MONTHS)
#: the year or month before or after a number: 2016年增长7.5%, 7.5% in 2016
_DATED = (
    re.compile(
        rf"((?:19|20)[0-9]{{2}}|[0-9]{{1,2}}(?=月)|{_NAMED_MONTH})[年月]?(?:[^,.;，。；0-9]{{0,14}}|[ a-z'-]{{0,30}})$"
    ),
    re.compile(
        r"[^,.;，。；0-9]{0,12} (?:in|of|by|for|at the end of|from) (?:early |late |mid-)?"
        rf"((?:19|20)[0-9]{{2}}|{_NAMED_MONTH})"
    ),
)
_PART_OF = re.compile(
    r" (?:(?:[a-z-]+ ){0,3}out )?of (?:the|its|their|his|her|our|those|these|them|which|all|more than|over|nearly|about|some|"
    r"[0-9]|two|three|four|five|six|seven|eight|nine|ten)(?![a-z])"
)
_AFTER = re.compile(r"[^0-9,.;:!?()，。；：！？、（）“”\n]{0,60}")
_EN_END = frozenset(
    (
        "over about against under between during in from across with for to at by and or as but who which that after "
        "before since than"
    ).split()
)


def counted(text: str, span: tuple[int, int]) -> frozenset[int]:
    """Return what the number at a span refers to, encoded as integers.

    The result contains the rows of the nouns directly after the number, its role (negative, such as the start of a change
    or a part of a whole), and its year or month plus :data:`DATED`.
    """
    start, end = span
    before = text[max(0, start - 32) : start].lower()
    roles = [role for role, pattern in _ROLES if pattern.search(before)]
    dated = _DATED[0].search(before) or _DATED[1].match(text[end : end + 40].lower())
    dates = [_date_number(dated[1])] if dated else []
    clause = re.split("[,.;，。；0-9]", before)[-1]
    dates += [role for role, pattern in _DIRECTIONS if pattern.search(clause)]
    if _PART_OF.match(text, end):
        return frozenset((-3, *dates))
    after = _AFTER.match(text, end)
    nouns_named = _named(text[start:end]) | _named(after.group() if after else "")
    return frozenset((*roles[:1], *dates, *nouns_named))


def _date_number(named: str) -> int:
    return DATED + (_MONTHS.index(named) + 1 if named in _MONTHS else int(named))


def _named(phrase: str) -> frozenset[int]:
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
        if at and (word in _EN_END or (word == "of" and kinds)):
            break
        kinds |= _EN_ROWS.get(word) or _EN_ROWS.get(word.rpartition("-")[2], frozenset())
    return kinds
