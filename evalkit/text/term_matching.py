"""Find the terms of a glossary in a text: source forms, and their accepted and rejected translations.

Forms in languages without spaces are matched as substrings. Other forms are matched as whole words, regardless of case,
plural, possessive, hyphens and spaces (``live-stream``, ``livestreams``), quotation marks, and British or American
spelling. A source form inside a longer one of the same glossary does not count: 上海交通大学 does not contain the term 上海.
The running time is linear in the text, multiplied by the length of the longest form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from evalkit.arguments import checked_fields
from evalkit.text.normalize import FULL_WIDTH, PLAIN_QUOTES
from evalkit.text.scripts import HAN
from evalkit.text.sentences import ABBREVIATIONS


@checked_fields
@dataclass(frozen=True)
class Term:
    """One entry of a glossary.

    :param source: the form in the source language.
    :param accepted: forms in the target language, the official one first.
    :param rejected: known wrong forms.
    :param kind: ``person``, ``place``, ``organisation``, ``programme``, ``title``, ``term``, or ``phrase``: an
        expression that good translations may reword.
    """

    source: str
    accepted: tuple[str, ...]
    rejected: tuple[str, ...] = ()
    kind: str = "term"


class Occurrence(NamedTuple):
    """A form of a term in a text.

    :param status: ``source``, ``accepted`` or ``rejected``; during the search also ``surname``.
    :param form: the matched form of the glossary; for a surname alone, the surname.
    :param start: first character in the text.
    :param end: after the last character.
    """

    term: Term
    status: str
    form: str
    start: int
    end: int


class Glossary:
    """Terms prepared once for many texts."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms = tuple(terms)
        self._target: dict[bool, _Index] = {}

    @cached_property
    def _source(self) -> _Index:
        return _Index((t, "source", t.source) for t in self.terms)

    def source(self, text: str) -> list[Occurrence]:
        """Occurrences of source forms in a source text, in order, excluding those inside longer ones."""
        longer = _Cover()
        return [hit for hit in self._source.find(text) if longer.add(hit)]

    def target(self, text: str, lang: str = "en", *, surnames: bool = False) -> list[Occurrence]:
        """Occurrences of accepted and rejected forms in a target text, in order.

        A person's surname alone counts as accepted after the full name has occurred. With ``surnames`` it counts
        anywhere; use this if the text is part of a longer one that may have named the person before. An accepted form
        counts inside an accepted form of another term (Shanghai in Shanghai Jiao Tong University), because a
        translation may name once what the source names twice. It does not count inside a rejected form or inside a
        longer form of the same term. A rejected form does not count if an accepted form covers it.
        """
        english = lang.lower().split("-")[0] == "en"
        if english not in self._target:
            self._target[english] = _Index(self._target_forms(), english=english)
        return list(_settle(self._target[english].find(text), surnames))

    def _target_forms(self) -> Iterator[tuple[Term, str, str]]:
        for term in self.terms:
            yield from ((term, "accepted", form) for form in term.accepted)
            yield from ((term, "rejected", form) for form in term.rejected)
            if term.kind == "person":
                yield from ((term, "surname", name) for name in _surnames(term))


@lru_cache(maxsize=64)
def glossary(terms: tuple[Term, ...]) -> Glossary:
    """The glossary of some terms; the tasks and metrics of one benchmark share it."""
    return Glossary(terms)


# -- one text against many forms --------------------------------------------------------------------------------------

#: Han, kana, hangul syllables, Thai, Lao, Khmer, Burmese: scripts written without spaces or with attached particles.
_UNSPACED = re.compile(rf"[{HAN}\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\uac00-\ud7af]")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
#: What may occur between two words of a form; a period only after an abbreviation.
_GAP = re.compile(r"[ \t\r\n\u00a0\-\u2010\u2011\u2013'\"&/(),:]*\Z")
_FOLD: dict[int, int | str] = {**FULL_WIDTH, **PLAIN_QUOTES, 0xFFE5: "¥"}

_SHORT_CAPITALS = 4

#: Term, status and form.
_Entry = tuple[Term, str, str]
#: Form, or prefix of one, to the entries with exactly this form.
_Forms = dict[str, tuple[_Entry, ...]]


class _Index:
    """The forms of a glossary and all their prefixes: characters for unspaced forms, joined words for others."""

    def __init__(self, forms: Iterable[_Entry], *, english: bool = False) -> None:
        self.english = english
        self.unspaced: _Forms = {}
        self.spaced: _Forms = {}
        for entry in forms:
            form = fold(entry[2])
            table, key = self.unspaced, form
            if not _UNSPACED.search(form):
                table, key = self.spaced, "".join(word for word, _, _ in self.words(form))
            for end in range(1, len(key)):
                table.setdefault(key[:end], ())
            if key:
                table[key] = (*table.get(key, ()), entry)

    def words(self, folded: str) -> list[tuple[str, int, int]]:
        words = []
        for match in _WORD.finditer(folded):
            word = match[0].removesuffix("'s")
            words.append((_plain(word, self.english), match.start(), match.start() + len(word)))
        return words

    def find(self, text: str) -> list[Occurrence]:
        """All matches of all forms, sorted by start, longest first, accepted before rejected."""
        folded, narrow = fold(text), text.translate(_FOLD)
        characters = self._in_characters(folded) if self.unspaced else ()
        hits = [*characters, *(self._in_words(folded) if self.spaced else ())]
        same = (hit for hit in hits if _same_case(hit, narrow[hit.start : hit.end]))
        return sorted(same, key=lambda hit: (hit.start, -hit.end, hit.status))

    def _in_characters(self, text: str) -> Iterator[Occurrence]:
        for start in range(len(text)):
            for end in range(start + 1, len(text) + 1):
                entries = self.unspaced.get(text[start:end])
                if entries is None:
                    break
                yield from (Occurrence(*entry, start, end) for entry in entries)

    def _in_words(self, text: str) -> Iterator[Occurrence]:
        words = self.words(text)
        for i, (_, start, _) in enumerate(words):
            key = ""
            for j in range(i, len(words)):
                if j > i and not self._joined(text, words[j - 1], words[j]):
                    break
                key += words[j][0]
                entries = self.spaced.get(key)
                if entries is None:
                    break
                yield from (Occurrence(*entry, start, words[j][2]) for entry in entries)

    @staticmethod
    def _joined(text: str, before: tuple[str, int, int], after: tuple[str, int, int]) -> bool:
        gap = text[before[2] : after[1]].removeprefix("'s")
        if gap.startswith(".") and (len(before[0]) == 1 or before[0] in ABBREVIATIONS):
            gap = gap[1:]
        return _GAP.match(gap) is not None and gap.count("\n") < 2


def fold(text: str) -> str:
    """Fold width, quotation marks and case, character by character, so that offsets remain valid."""
    text = text.translate(_FOLD)
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


class _Cover:
    """Tracks the hit with the greatest end so far; hits are added by start, longest first."""

    def __init__(self) -> None:
        self.start, self.end = -1, -1

    def longer(self, hit: Occurrence) -> bool:
        """Whether an earlier, longer hit covers this one."""
        return hit.end <= self.end and (hit.start, hit.end) != (self.start, self.end)

    def add(self, hit: Occurrence) -> bool:
        """Add a hit, and return whether no earlier, longer hit covers it."""
        if self.longer(hit):
            return False
        if hit.end > self.end:
            self.start, self.end = hit.start, hit.end
        return True


def _settle(hits: list[Occurrence], surnames: bool) -> Iterator[Occurrence]:
    """The hits that count in a target text; see :meth:`Glossary.target`."""
    every, accepted, rejected = _Cover(), _Cover(), _Cover()
    own: dict[Term, _Cover] = {}
    for hit in hits:
        mine = own.setdefault(hit.term, _Cover())
        if mine.longer(hit) or rejected.longer(hit):
            continue
        # before the full name, the surname may belong to anyone; inside a longer name, it belongs to another person
        if hit.status == "surname" and ((mine.end < 0 and not surnames) or every.longer(hit)):
            continue
        if hit.status == "rejected":
            if hit.end <= accepted.end:
                continue
            rejected.add(hit)
        else:
            accepted.add(hit)
            mine.add(hit)
        every.add(hit)
        yield hit._replace(status="accepted") if hit.status == "surname" else hit


def _same_case(hit: Occurrence, text: str) -> bool:
    """Case matters for short uppercase forms and surnames alone: AI is not "ai", and the surname Sun is not "sun"."""
    if hit.status == "surname":
        return text[:1] == hit.form[:1]
    capitals = hit.form.isupper() and hit.form.isascii() and len(hit.form) <= _SHORT_CAPITALS
    return not capitals or text.startswith(hit.form)


def _surnames(term: Term) -> tuple[str, ...]:
    """The words that may refer to a person after the full name has occurred.

    Of two full forms (Daniel Zhang, Zhang Yong) the surname is the word they share. Of one form it is the first word
    (Sun Lijun) or the last (Shahbaz Khan). Because these cases cannot be distinguished, either counts.
    """
    forms = [form.split() for form in term.accepted if len(form.split()) > 1 and not _UNSPACED.search(form)]
    if not forms:
        return ()
    shared = set(forms[0]).intersection(*forms[1:])
    names = [forms[0][0], forms[0][-1]] if len(forms) == 1 else [word for word in forms[0] if word in shared]
    return tuple(dict.fromkeys(name for name in names if name[:1].isupper() and len(name) > 1))


@lru_cache(maxsize=1 << 16)
def _plain(word: str, english: bool) -> str:
    """Strip the plural and unify English spelling, for forms and texts alike, so that only collisions cause errors."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        ends_in_es = word.endswith(("sses", "xes", "ches", "shes", "zes"))
        word = word[:-3] + "y" if word.endswith("ies") else word[: -2 if ends_in_es else -1]
    if english:
        for british, american in _SPELLINGS:
            word = british.sub(american, word)
    return word


_SPELLINGS = [
    (re.compile(british), american)
    for british, american in (
        (r"is(e|ed|er|ing|ation|ational)$", r"iz\1"),
        (r"ys(e|ed|er|ing)$", r"yz\1"),
        (r"our(ed|er|ing|ite|hood|ly)?$", r"or\1"),
        (r"tre$", r"ter"),
        (r"programme$", "program"),
        (r"ll(ed|er|ing)$", r"l\1"),
        (r"ence$", "ense"),
    )
]
