"""Detect names in an output that its Chinese source does not contain, without world knowledge.

Chinese persons are recognized by the characters of their names and the words around these, other names by their context:
a title, the characters before 大学 or 基金会, a province, two capitalized words that are pinyin, the words before "University".
A name is wrong if the source contains neither its characters nor any with the same reading. What an output says of a person,
and the role of a person, are compared with the clauses of the source about this person and about others. The running time is
linear in the texts, multiplied by the number of names in the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from evalkit.text.names import chinese_output, english_people, english_places, english_statements
from evalkit.text.names.english_places import organisations_in
from evalkit.text.names.lexicon import KNOWN, KNOWN_NAME, folded
from evalkit.text.names.source_names import SourceNames
from evalkit.text.names.wrong_name import WrongName
from evalkit.text.term_matching import Term

__all__ = ["NameCheck", "WrongName", "check_of_source", "organisations_in"]


class NameCheck:
    """Checks any number of outputs against the names of one Chinese source and its glossary."""

    def __init__(self, source: str, terms: Sequence[Term] = ()) -> None:
        self._source = SourceNames(source, terms)
        # Cached, because Names and KeyFacts check the same outputs.
        self.wrong = lru_cache(maxsize=256)(self._wrong)

    def _wrong(self, text: str, lang: str) -> tuple[WrongName, ...]:
        """The wrong names of an output in ``zh`` or ``en``, in text order, without overlaps; errors before warnings."""
        given = folded(text) if lang == "zh" else text
        candidates = [name for check in _CHECKS.get(lang, ()) for name in check(self._source, given)]
        outermost: list[WrongName] = []
        taken: set[int] = set()
        for name in sorted(candidates, key=lambda one: (not one.sure, one.start, -one.end)):
            if taken.isdisjoint(range(name.start, name.end)):
                taken.update(range(name.start, name.end))
                outermost.append(replace(name, form=text[name.start : name.end]))
        return tuple(sorted(outermost, key=lambda one: one.start))


#: the groups of known names that are no organizations
_PLACES = frozenset({"countries", "foreign_cities", "continents"})
_LOCATED = re.compile(r"\b(?:in|from|at|near|to) \Z|[在于赴到往抵去自]\Z")


def _known_names(names: SourceNames, text: str) -> Iterator[WrongName]:
    """Find well-known organizations and countries that the source does not name.

    It may be known from the context, unless it replaces one of the source.
    """
    forms = [(match, KNOWN[match[1] or match[2]]) for match in KNOWN_NAME.finditer(text)]
    for match, name in forms:
        if not names.has_known(name):
            kinds = {"companies": "公司|集团|企业", "universities": "大学|学院"}.get(name.group, "(?!)")
            omitted = {other.group for other in names.known.difference(other for _, other in forms)}
            # An English text may name the city of an institution that the source abbreviates.
            replaces = (name.group != "foreign_cities" or match[2]) and name.group in omitted
            if name.group in _PLACES and _LOCATED.search(text, max(0, match.start() - 6), match.start()):
                replaces = replaces or not omitted.isdisjoint(_PLACES) or (bool(match[1]) and names.lacks_place(text))
            sure = replaces or re.search(kinds, names.text) is not None
            kind = "place" if name.group in _PLACES else "organisation"
            if sure or name.group == "agencies":
                yield WrongName(*match.span(), "added", kind, sure=sure)


_CHECKS = {
    "zh": (*chinese_output.CHECKS, _known_names),
    "en": (*english_people.CHECKS, *english_places.CHECKS, english_statements.wrong_statements, _known_names),
}


@lru_cache(maxsize=256)
def check_of_source(source: str, terms: tuple[Term, ...]) -> NameCheck:
    """The check of a source; the tasks and metrics of one benchmark share it."""
    return NameCheck(source, terms)
