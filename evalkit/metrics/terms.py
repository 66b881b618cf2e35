"""Terms: are the names and terms of the source translated with their accepted forms?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Finding, References, Statistics, setting
from evalkit.metrics.fact_metric import AGGREGATE_DOC, AGGREGATES, FactMetric, ratio
from evalkit.text.health_checks import has_answer
from evalkit.text.languages import language
from evalkit.text.renderings import Rendering, SourceTerms, inconsistencies, renderings
from evalkit.text.term_matching import Glossary, Term, glossary
from evalkit.wording import count


@dataclass(frozen=True)
class Terms(FactMetric):
    """Share of the source's names and terms with an accepted form, minus wrong forms and added names; 0 to 1.

    E is the number of names, titles and terms in the source of a segment. F is the number of those for which the output
    has an accepted form and no rejected one (each counts once per segment). A is the number of persons, places and
    organizations that the output names and the source does not, plus the phrases for which the output has a rejected
    form. The credit of a segment is max(0, F - A) out of E. A segment with E = 0 has weight 1 and gets credit 1 unless
    it adds something wrong. An empty output gets no credit. The score is the sum of the credits over the sum of the
    weights, so that the denominator never depends on the output.

    Terms of the kind ``phrase`` are recommendations: good translations may reword them (for 10% of those in the zh-news
    glossary, a good translation has no accepted form). A missing phrase is therefore a warning and does not affect the
    score.

    A summary need not mention every term. Every summary has weight 1; E is the number of terms of which it has a form,
    accepted or rejected, and its credit is max(0, F - A) / E, or 1 if it mentions none. Undefined for summaries in the
    source's own language, where terms are not translated. Names outside the glossary are checked by :class:`Names`.

    Its findings are ``term`` (ok), ``missing-term`` (of a phrase ``missing-phrase``, a warning), ``rejected-term`` and
    ``added-name``.

    Forms are matched as whole words, regardless of case, plural, possessive or hyphenation. The surname of a person is
    sufficient.

    :param aggregate: ``segments`` as above, or ``pooled``: F / (E + A) over all segments, as in version 2. Emptying an
        output can raise the pooled score.
    """

    name: ClassVar[str] = "Terms"
    version: ClassVar[int] = 4
    finding_kinds: ClassVar[tuple[str, ...]] = (
        "missing-phrase",
        "missing-term",
        "added-name",
        "rejected-term",
        "inconsistent-term",
        "term",
    )
    summary: ClassVar[str] = "share of the source's names and terms in an accepted form, minus wrong and added names"
    needs: ClassVar[frozenset[str]] = frozenset({"sources", "terms"})
    reading: ClassVar[frozenset[str]] = frozenset({"aggregate"})

    columns: ClassVar[tuple[str, ...]] = ("found", "expected", "rejected", "added", "credit", "weight")

    aggregate: str = setting("segments", choices=AGGREGATES, doc=AGGREGATE_DOC)

    def prepare(self, references: References) -> Any:
        """The glossary of each article and the terms of each source."""
        return _Prepared(references)

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """Credit over weight, or F / (E + A): float64[..., 6] to float64[...]; nan if nothing is required."""
        s = np.asarray(statistics, dtype=np.float64)
        if self.aggregate == "pooled":
            return ratio(s[..., 0], s[..., 1] + s[..., 3])
        return ratio(s[..., 4], s[..., 5])


def inconsistent(outputs: Sequence[str], references: References) -> dict[int, tuple[Finding, ...]]:
    """Names that one document translates in more than one way. They do not affect the score but confuse readers.

    :param outputs: n outputs of one system.
    :param references: with ``sources``, ``terms`` and ``articles``; without articles all segments are one document.
    :returns: one warning per name, by the segment in which the second form first occurs.
    """
    prepared = _Prepared(references)
    articles = references.articles or ("",) * len(references)
    findings: dict[int, tuple[Finding, ...]] = {}
    for article in dict.fromkeys(articles):
        members = [i for i, name in enumerate(articles) if name == article]
        rendered = [prepared.judge(i, outputs[i]) for i in members]
        for case in inconsistencies(rendered):
            forms = list(case.segments)
            at, form = min((case.segments[form][0], form) for form in forms[1:])
            place = next(p for r in rendered[at] if r.term == case.term for p in r.forms if p.form == form)
            spelled = " and ".join(f"“{form}”" for form in forms)
            message = f"{case.term.source} is rendered as {spelled} in one document"
            span = (place.start, place.end)
            warning = Finding("inconsistent-term", "warning", message, None, span, case.term.source)
            findings[members[at]] = (*findings.get(members[at], ()), warning)
    return findings


class _Prepared:
    def __init__(self, references: References) -> None:
        if references.terms is None or references.sources is None:
            raise SettingError("Terms needs sources and terms; use a benchmark that has them, or give a glossary")
        self._lang = references.lang
        self._summary = references.kind == "summary"
        # Terms are not translated within the same language.
        source_lang = references.source_lang
        self._none = self._summary and source_lang is not None and language(source_lang) == language(references.lang)
        self._sources = references.sources
        self._articles = references.articles
        named = set() if self._none else set(references.articles or ("",))
        self._glossaries = {article: glossary(_terms_of(references, article)) for article in named}
        self._source_occurrences = [
            None if self._summary else SourceTerms.of(self._glossary(i), source)
            for i, source in enumerate(references.sources)
        ]

    def _glossary(self, i: int) -> Glossary:
        return self._glossaries[self._articles[i] if self._articles else ""]

    def judge(self, i: int, text: str) -> list[Rendering]:
        if self._none:
            return []
        return renderings(self._glossary(i), self._source_occurrences[i], text, self._lang)

    def row(self, i: int, text: str, judgement: Sequence[Rendering]) -> tuple[float, ...]:
        status = [rendering.status for rendering in judgement if rendering.term.kind != "phrase"]
        wrong_phrases = sum(r.status == "rejected" for r in judgement if r.term.kind == "phrase")
        accepted, added, rejected = (status.count(name) for name in ("accepted", "added", "rejected"))
        expected = len(status) - added
        weight = 0 if self._none else 1 if self._summary else max(expected, 1)
        credit = 0.0
        if has_answer(text, self._sources[i], self._lang):
            wrong = added + wrong_phrases
            credit = weight * max(0, accepted - wrong) / expected if expected else weight * (wrong == 0)
        return accepted, expected + wrong_phrases, rejected + wrong_phrases, added, credit, weight

    def findings(self, _i: int, _text: str, judgement: Sequence[Rendering]) -> Iterator[Finding]:
        return map(_finding, judgement)


def _terms_of(references: References, article: str) -> tuple[Term, ...]:
    """The terms of an article and those that apply to every article; the article's own take precedence."""
    terms = references.terms or {}
    own = terms.get(article, ())
    known = {term.source for term in own}
    return (*own, *(term for term in (terms.get("", ()) if article else ()) if term.source not in known))


#: the number of accepted forms listed in a message; a single further form is listed as well.
_SHOWN = 3


def _finding(rendering: Rendering) -> Finding:
    term = rendering.term
    forms = [f"“{form}”" for form in term.accepted[: _SHOWN if len(term.accepted) > _SHOWN + 1 else None]]
    rest = len(term.accepted) - len(forms)
    accepted = " or ".join(forms) + (f" or one of {count(rest, 'other form')}" if rest else "")
    if rendering.status == "missing":
        kind, severity = ("missing-phrase", "warning") if term.kind == "phrase" else ("missing-term", "error")
        message = f"{term.source} is missing: expected {accepted}"
        return Finding(kind, severity, message, rendering.source_span, None, term.source)
    wanted = "rejected" if rendering.status == "rejected" else "accepted"
    place = next(place for place in rendering.forms if place.status == wanted)
    kind, severity, message = {
        "added": ("added-name", "error", f"“{place.form}” ({term.source}) is not in the source"),
        "rejected": ("rejected-term", "error", f"{term.source}: “{place.form}” is wrong; expected {accepted}"),
        "accepted": ("term", "ok", f"{term.source}: “{place.form}”"),
    }[rendering.status]
    return Finding(kind, severity, message, rendering.source_span, (place.start, place.end), term.source)
