"""What became of the terms of a source text in an output."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evalkit.text.terms import Glossary, Occurrence, Term

__all__ = ["Inconsistency", "Rendering", "inconsistencies", "renderings"]

_Span = tuple[int, int]


@dataclass(frozen=True)
class Rendering:
    """A term of the source and its fate.

    :param status: ``accepted``, ``rejected`` (a rejected form stands in the output, whatever else does) or ``missing``.
    :param source_span: its first place in the source; None where it was only seen in the output.
    :param forms: its accepted and rejected forms in the output, in order.
    """

    term: Term
    status: str
    source_span: _Span | None
    forms: tuple[Occurrence, ...]


@dataclass(frozen=True)
class Inconsistency:
    """A term that one document renders in several ways.

    :param segments: form to the segments it stands in, in the order of their appearance.
    """

    term: Term
    segments: Mapping[str, tuple[int, ...]]


def renderings(glossary: Glossary, source: Iterable[Occurrence] | None, text: str, lang: str) -> list[Rendering]:
    """The fate of each term, in the order of the source (or of the glossary, where no source is given).

    :param source: the occurrences of source forms, as ``glossary.source`` gives them; None to take every term that has
        a form in the output.
    :param text: the output.
    """
    first: dict[Term, _Span | None] = {}
    for place in source or ():
        first.setdefault(place.term, (place.start, place.end))
    forms: dict[Term, list[Occurrence]] = {}
    for place in glossary.target(text, lang, surnames=source is not None):
        seen_before = forms.setdefault(place.term, [])
        surname = place.status == "accepted" and place.form not in place.term.accepted
        if seen_before or not surname or _alone(text, place):
            seen_before.append(place)
    if source is None:
        first = {term: None for term in glossary.terms if term in forms}
    found = []
    for term, span in first.items():
        seen = tuple(forms.get(term, ()))
        rejected = any(place.status == "rejected" for place in seen)
        found.append(Rendering(term, "rejected" if rejected else "accepted" if seen else "missing", span, seen))
    return found


def inconsistencies(segments: Sequence[Sequence[Rendering]]) -> list[Inconsistency]:
    """The names (of persons, places, organisations, programmes) that a document renders by several accepted forms.

    A surname after a full name, an abbreviation and a shortened form are no other form: SJTU, Jiao Tong University and
    Shanghai Jiao Tong University are one. Nor is a word without a capital: "the company" may stand for a name. Terms are
    left out: good style varies them.

    :param segments: the renderings of each segment of one document.
    """
    places: dict[Term, dict[str, list[int]]] = {}
    for i, found in enumerate(segments):
        for rendering in found:
            for place in rendering.forms:
                if place.status == "accepted" and rendering.term.kind != "term" and _is_name(place.form):
                    by_form = places.setdefault(rendering.term, {})
                    at = by_form.setdefault(place.form, [])
                    if i not in at[-1:]:
                        at.append(i)
    return [
        Inconsistency(term, {form: tuple(at) for form, at in by_form.items()})
        for term, by_form in places.items()
        if len(_apart(by_form)) > 1
    ]


def _apart(forms: Iterable[str]) -> list[str]:
    """The forms that are no shorter form of another one."""
    spelled = {tuple(_words(form)): form for form in forms}
    return [
        form
        for words, form in spelled.items()
        if not any(len(other) > len(words) and _shortens(words, other) for other in spelled)
    ]


_TITLES = frozenset("mr mrs ms miss dr prof professor president chairman chairwoman director the".split())


def _shortens(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether a form is another with words left out, or its initials."""
    initials = ("".join(word[0] for word in long), "".join(word[0] for word in long if len(word) > 3))
    return set(short) <= set(long) or "".join(short) in initials


#: capitals before a surname that are no first name: titles, and words that begin sentences.
_BEFORE = _TITLES | frozenset(
    """secretary minister premier governor mayor general captain colonel judge senator chief chair ceo head founder
    teacher principal dean comrade and but or so yet as when while if because since after before although though then
    now for with by to in on at from of that this these those according says said did does is was has had will can
    what who how why where which he she it they we you i his her its their our your my a an""".split()
)
_NEXT_WORD = re.compile(r"[ \u00a0\-]([^\W\d_])")
_LAST_WORD = re.compile(r"([^\W\d_]+)\.?[ \u00a0\-]\Z")


def _alone(text: str, surname: Occurrence) -> bool:
    """Whether a surname is no part of another full name: Sun Lijuan is not Sun Lijun."""
    after = _NEXT_WORD.match(text, surname.end)
    if after and after[1].isupper():
        return False
    before = _LAST_WORD.search(text[max(0, surname.start - 30) : surname.start])
    return before is None or not before[1][0].isupper() or before[1].casefold() in _BEFORE


def _is_name(form: str) -> bool:
    """Whether a form has a capital, or letters that have none."""
    return any(c.isalpha() and not c.islower() for c in form)


def _words(form: str) -> list[str]:
    if form == form.swapcase():
        return [c for c in form if c.isalnum()] or [form]
    words = "".join(c if c.isalnum() else " " for c in form.casefold()).split()
    return [word for word in words if word not in _TITLES] or words or [form]
