"""Polarity and subject of a key-fact match: does the text affirm the fact, and about the right subject?

A match does not count if its clause negates it ("does not oppose discrimination"), or if its sentence is about a
different subject, that is, if it names persons or organizations but none of those in the fact's statement.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from evalkit.text.facts import Fact, Match, Span, View, carries
from evalkit.text.names import check_of_source, organisations_in
from evalkit.text.polarity import CLAUSE, NEGATION, NO_NEGATION
from evalkit.text.renderings import SourceTerms, is_alone, renderings
from evalkit.text.term_matching import Term, glossary

#: Names in comparable form: the forms of a term, or the single form of a name that is not in the glossary.
_Name = frozenset[str]
#: Kind, name and position.
_Named = tuple[str, _Name, int]
#: Kinds of facts about what an organization does or says, as opposed to events in which others also took part.
_SUBJECT = frozenset({"who", "quote"})


class Claims:
    """Checks matches of key facts against the names and the glossary of one article, if it is Chinese."""

    def __init__(self, source: str, terms: Sequence[Term] = ()) -> None:
        self._names = check_of_source(source, tuple(terms)) if source else None
        self._glossary = glossary(tuple(t for t in terms if t.kind in ("person", "organisation")))
        self._every_term = glossary(tuple(t for t in terms if t.rejected))
        self._names_and_terms = glossary(tuple(t for t in terms if t.kind != "phrase"))
        # Cached, because many facts look at the same sentence.
        self._rejected_in = lru_cache(maxsize=16)(self._rejected)
        self.misrendered_in = lru_cache(maxsize=16)(self._misrendered)
        self._names_in = lru_cache(maxsize=256)(lambda text, lang: tuple(self._names_of(text, lang)))
        self._subjects_of = lru_cache(maxsize=1024)(self._subjects)

    def affirmed_match(self, fact: Fact, view: View) -> Match | None:
        """Return the first match of a fact that the text affirms, about the same persons and organizations."""
        return carries(fact, view, lambda match: self.affirms(fact, view, match))

    def _misrendered(self, source: str, text: str, lang: str) -> dict[str, Span]:
        """Return the source terms that a text omits or renders with a rejected form, with their spans in the source."""
        terms = SourceTerms.of(self._names_and_terms, source)
        return {
            one.term.source: one.source_span
            for one in renderings(self._names_and_terms, terms, text, lang)
            if one.status in ("missing", "rejected") and one.source_span is not None
        }

    def affirms(self, fact: Fact, view: View, match: Match) -> bool:
        """Whether the text affirms the fact at this match, about the same persons and organizations."""
        if _is_denied(view, match.spans) and not self._is_negative(fact, view.lang):
            return False
        rejected = self._rejected_in(view.text) if view.lang == "en" else ()
        if any(s < end and at < e for at, end in rejected for s, e in match.spans):
            return False
        names = self._around(view, match)
        people, organisations = self._subjects_of(fact.statement.get(view.lang, ""), view.lang) if names else ((), ())
        if not (people or organisations):
            return True
        interrupted = self._is_interrupted(view, match, (*people, *organisations), names)
        return not interrupted and self._agrees(fact, people, organisations, names)

    def _around(self, view: View, match: Match) -> list[_Named]:
        """The names in the sentences around a match."""
        places = [view.sentence(start) for start, _ in match.spans]
        bounds = (*view.sentences, len(view.text))
        start, end = bounds[min(places)], bounds[max(places) + 1]
        return [name for name in self._names_in(view.text, view.lang) if start <= name[2] < end]

    @staticmethod
    def _is_interrupted(view: View, match: Match, expected: Sequence[_Name], names: Sequence[_Named]) -> bool:
        """Whether a wrong place, or a clause about a different subject, lies inside the match."""
        start, end = min(start for start, _ in match.spans), max(end for _, end in match.spans)
        near, clause = 6 if view.lang == "zh" else 0, CLAUSE[view.lang]
        if any(kind == "place" and start - near <= at < end for kind, _, at in names):
            return True
        others = [at for _, name, at in names if not any(name & one for one in expected)]
        return any(clause.search(view.folded, at, e) for s, e in match.spans for at in others if s <= at < e)

    @staticmethod
    def _agrees(
        fact: Fact, people: Collection[_Name], organisations: Collection[_Name], names: Sequence[_Named]
    ) -> bool:
        """Whether the names around a match agree with those of the statement, if both contain names."""
        named_people = [name for kind, name, _ in names if kind == "person"]
        named = [name for kind, name, _ in names if kind == "organisation"]
        if people and named_people:
            return any(name & one for name in named_people for one in people)
        if fact.kind not in _SUBJECT or not (organisations and named):
            return True
        return any(_same_organisation(name, one) for name in named for one in organisations)

    def _rejected(self, text: str) -> list[Span]:
        """The spans of rejected glossary forms in a text; a match that relies on one does not state the fact."""
        return [(p.start, p.end) for p in self._every_term.target(text) if p.status == "rejected"]

    @staticmethod
    def _is_negative(fact: Fact, lang: str) -> bool:
        """Whether the statement of a fact is itself negated."""
        view = View(fact.statement.get(lang, ""), lang)
        match = carries(fact, view)
        return match is not None and _is_denied(view, match.spans)

    def _subjects(self, statement: str, lang: str) -> tuple[set[_Name], set[_Name]]:
        """The persons and organizations in the statement of a fact."""
        names = list(self._names_of(statement, lang))
        people = {name for kind, name, _ in names if kind == "person"}
        return people, {name for kind, name, _ in names if kind == "organisation"}

    def _names_of(self, text: str, lang: str) -> Iterator[_Named]:
        """Kind, name and position of the persons, organizations and wrong places in a text."""
        if lang == "zh":
            places = self._glossary.source(text)
        else:
            places = [p for p in self._glossary.target(text, lang, surnames=True) if is_alone(text, p)]
        for place in places:
            term = place.term
            if place.status == "rejected":
                yield term.kind, frozenset({place.form.casefold()}), place.start
            elif lang == "zh" or place.form[:1].isupper():
                yield term.kind, frozenset({term.source, *(form.casefold() for form in term.accepted)}), place.start
        taken = [(p.start, p.end) for p in places if p.status != "rejected"]
        for name in self._names.wrong(text, lang) if self._names else ():
            if not any(start < name.end and name.start < end for start, end in taken):
                yield name.kind, frozenset(), name.start
                taken.append((name.start, name.end))
        for at, stop in organisations_in(text) if lang == "en" else ():
            if not any(start < stop and at < end for start, end in taken):
                yield "organisation", frozenset({text[at:stop].casefold()}), at


def _same_organisation(a: _Name, b: _Name) -> bool:
    """Whether two organizations are equal or one name contains the other: Shanghai (Municipal) Civil Affairs Bureau."""

    def parts(form: str) -> set[str]:
        return set(re.findall(r"[\w'-]+", form)) - _GENERIC if form.isascii() else set(form)

    return any(parts(x) <= parts(y) or parts(y) <= parts(x) for x in a for y in b)


_GENERIC = frozenset("the of for and municipal provincial national central city state".split())


# -- polarity -----------------------------------------------------------------------------------------------------------

#: The maximum distance from a negation to the matched word after it.
_REACH = {"zh": 10, "en": 45}


def _is_denied(view: View, spans: Sequence[Span]) -> bool:
    """Whether an odd number of negations precedes the match in its clause or lies inside it."""
    pieces = sorted({edge for start, end in spans for edge in (start, end - 1)})
    harmless = [m.span() for m in NO_NEGATION[view.lang].finditer(view.folded)]
    cuts = [m.start() for m in CLAUSE[view.lang].finditer(view.folded)]
    starts = {start for start, _ in spans}
    counts: dict[int, int] = {}
    for match in NEGATION[view.lang].finditer(view.folded):
        at, end = match.span()
        # The form itself may begin with a negation: does not tolerate.
        if any(at <= start < end for start in starts) or any(s <= at < e for s, e in harmless):
            continue
        after = next((piece for piece in pieces if piece >= end), None)
        if after is None or after - end > _REACH[view.lang] or any(at < cut < after for cut in cuts):
            continue
        counts[after] = counts.get(after, 0) + 1
    return any(count % 2 for count in counts.values())
