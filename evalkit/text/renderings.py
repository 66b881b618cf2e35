"""How the terms of a source text are translated in an output."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from evalkit.text.term_matching import Glossary, Occurrence, Term, fold

_Span = tuple[int, int]


@dataclass(frozen=True)
class Rendering:
    """A term of the source and how the output renders it.

    :param status: ``accepted``; ``rejected`` (the output contains a rejected form, regardless of others); ``missing``;
        or ``added``: a person, place or organization that the source does not name.
    :param source_span: its first occurrence in the source; None if it occurs only in the output.
    :param forms: its accepted and rejected forms in the output, in order.
    """

    term: Term
    status: str
    source_span: _Span | None
    forms: tuple[Occurrence, ...]


@dataclass(frozen=True)
class Inconsistency:
    """A term that one document renders in several ways, with the segments of each form in order of appearance."""

    term: Term
    segments: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class SourceTerms:
    """The terms of a source text.

    :param first: the first occurrence of each term; excludes terms that occur only inside longer ones.
    :param named: the same terms, and those inside longer ones.
    """

    first: Mapping[Term, _Span]
    named: frozenset[Term]

    @classmethod
    def of(cls, glossary: Glossary, source: str) -> SourceTerms:
        """Look up the terms of a glossary in a source text."""
        first: dict[Term, _Span] = {}
        for place in glossary.source(source):
            first.setdefault(place.term, (place.start, place.end))
        folded = fold(source)
        return cls(first, frozenset(term for term in glossary.terms if term in first or fold(term.source) in folded))


def renderings(glossary: Glossary, source: SourceTerms | None, text: str, lang: str) -> list[Rendering]:
    """The rendering of each term of the source or, without a source, of each glossary term in the output."""
    first: dict[Term, _Span | None] = dict(source.first) if source else {}
    target = glossary.target(text, lang, surnames=source is not None)
    forms: dict[Term, list[Occurrence]] = {}
    for place in target:
        seen_before = forms.setdefault(place.term, [])
        surname = place.status == "accepted" and place.form not in place.term.accepted
        if seen_before or not surname or is_alone(text, place):
            seen_before.append(place)
    if source is None:
        first = {term: None for term in glossary.terms if term in forms}
    results = []
    for term, span in first.items():
        seen = tuple(forms.get(term, ()))
        rejected = any(place.status == "rejected" for place in seen)
        results.append(Rendering(term, "rejected" if rejected else "accepted" if seen else "missing", span, seen))
    if source is not None:
        results += _added(target, source.named)
    return results


_NAMES = frozenset({"person", "place", "organisation"})
_CONSISTENT = _NAMES | {"programme"}


def _added(target: Sequence[Occurrence], named: Collection[Term]) -> list[Rendering]:
    """Names in the output whose terms do not occur in the source.

    Excludes surnames alone and lowercase words, which may replace a pronoun, and forms that a term of the source shares
    or that lie inside one of its forms.
    """
    shared = {form.casefold() for term in named for form in term.accepted}
    known = {(place.start, place.end) for place in target if place.term in named}
    reach = 0  # the end of the known names that begin before
    occurrences: dict[Term, list[Occurrence]] = {}
    taken: set[_Span] = set()
    for place in target:
        term, span = place.term, (place.start, place.end)
        reach = max(reach, place.end) if span in known else reach
        if term in named or term.kind not in _NAMES or place.status != "accepted" or place.form not in term.accepted:
            continue
        if not _is_name(place.form) or place.form.casefold() in shared or place.end <= reach:
            continue
        # Two terms with the same form are one name.
        if term in occurrences or span not in taken:
            occurrences.setdefault(term, []).append(place)
            taken.add(span)
    return [Rendering(term, "added", None, tuple(places)) for term, places in occurrences.items()]


def inconsistencies(segments: Sequence[Sequence[Rendering]]) -> list[Inconsistency]:
    """Names (of persons, places, organizations, programs) for which a document uses several accepted forms.

    A surname after a full name, an abbreviation and a shortened form do not count as different forms: SJTU, Jiao Tong
    University and Shanghai Jiao Tong University are the same name. Neither do lowercase words: "the company" may
    replace a name. Terms that are not names are excluded, because varying them can be good style.

    :param segments: the renderings of each segment of one document.
    """
    places: dict[Term, dict[str, list[int]]] = {}
    for i, segment_renderings in enumerate(segments):
        for rendering in segment_renderings:
            for place in rendering.forms:
                if place.status == "accepted" and rendering.term.kind in _CONSISTENT and _is_name(place.form):
                    by_form = places.setdefault(rendering.term, {})
                    at = by_form.setdefault(place.form, [])
                    if i not in at[-1:]:
                        at.append(i)
    several = {term: by_form for term, by_form in places.items() if _distinct_forms(by_form) > 1}
    return [Inconsistency(term, {form: tuple(at) for form, at in of.items()}) for term, of in several.items()]


def _distinct_forms(forms: Iterable[str]) -> int:
    """Return the number of forms that are not short for another one."""
    spelled = {tuple(_words(form)) for form in forms}
    return sum(not any(len(long) > len(short) and _is_short_for(short, long) for long in spelled) for short in spelled)


_TITLES = frozenset("mr mrs ms miss dr prof professor president chairman chairwoman director the".split())


def _is_short_for(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether a form is another form with words omitted, or its initials."""
    initials = ("".join(word[0] for word in long), "".join(word[0] for word in long if len(word) > 3))
    return set(short) <= set(long) or "".join(short) in initials


#: Capitalized words before a surname that are not first names: titles, and words that begin sentences.
_BEFORE = _TITLES | frozenset(
    """secretary minister premier governor mayor general captain colonel judge senator chief chair ceo head founder
    teacher principal dean comrade and but or so yet as when while if because since after before although though then
    now for with by to in on at from of that this these those according says said did does is was has had will can
    what who how why where which he she it they we you i his her its their our your my a an""".split()
)
_NEXT_WORD = re.compile(r"[ \u00a0\-]([^\W\d_])")
_LAST_WORD = re.compile(r"([^\W\d_]+)\.?[ \u00a0\-]\Z")


def is_alone(text: str, surname: Occurrence) -> bool:
    """Whether a surname is not part of another full name: Sun Lijuan is not Sun Lijun."""
    after = _NEXT_WORD.match(text, surname.end)
    if after and after[1].isupper():
        return False
    before = _LAST_WORD.search(text[max(0, surname.start - 30) : surname.start])
    return before is None or not before[1][0].isupper() or before[1].casefold() in _BEFORE


def _is_name(form: str) -> bool:
    """Whether a form has a capital letter, or letters without case."""
    return any(c.isalpha() and not c.islower() for c in form)


def _words(form: str) -> list[str]:
    words = re.findall(r"[^\W_]" if form == form.swapcase() else r"[^\W_]+", form.casefold())
    return [word for word in words if word not in _TITLES] or words or [form]
