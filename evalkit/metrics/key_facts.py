"""KeyFacts: does the output state the key facts of its article, and does it contradict any?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Finding, References, Statistics, setting
from evalkit.metrics.fact_metric import AGGREGATE_DOC, AGGREGATES, FactMetric, ratio
from evalkit.text.claims import Claims
from evalkit.text.facts import Fact, Match, View, carries, contradicted
from evalkit.text.languages import language
from evalkit.text.quantities import Quantity, extract
from evalkit.text.term_matching import Term

#: the weight of a fact of each tier: central, important, detail.
WEIGHTS = {1: 3.0, 2: 2.0, 3: 1.0}
#: languages in which the forms of facts can be searched.
_LANGUAGES = frozenset({"zh", "en"})


@dataclass(frozen=True)
class KeyFacts(FactMetric):
    """Recall of the key facts weighted by tier (3, 2 and 1), minus the facts that the output contradicts; 0 to 1.

    The credit of a segment is max(0, C - X) out of E, where C is the total weight of the facts stated, X that of the
    facts contradicted and E that of the facts expected. Stating a fact incorrectly therefore costs more than omitting
    it. A fact that the output states in one place and contradicts in another counts as contradicted. The score is the
    sum of the credits over the sum of E; it is undefined if no facts are expected.

    A summary is expected to state all facts of its article. A segment of a translation is expected to state the facts
    that its source states: ``blocks`` includes the segment, and a form in the source's language occurs in it. If a fact
    has no blocks, or no forms in the source's language, the respective condition is skipped.

    Its findings are ``fact`` (ok), ``contradicted-fact`` (error) and ``missing-fact``. A missing fact is a warning, because
    its forms cannot list every correct wording; in summaries, only facts of tier 1 are reported as missing.

    :param aggregate: ``segments`` as above, or ``pooled``: C / (E + X) over all segments, as in version 2. Emptying an
        output can raise the pooled score.
    """

    name: ClassVar[str] = "KeyFacts"
    version: ClassVar[int] = 3
    finding_kinds: ClassVar[tuple[str, ...]] = ("contradicted-fact", "missing-fact", "fact")
    summary: ClassVar[str] = "share of the key facts that are stated, weighted by tier, minus those contradicted"
    needs: ClassVar[frozenset[str]] = frozenset({"facts"})
    output_languages: ClassVar[frozenset[str] | None] = _LANGUAGES
    cost: ClassVar[int] = 70
    extracts: ClassVar[str] = "quantities"
    reading: ClassVar[frozenset[str]] = frozenset({"aggregate"})

    columns: ClassVar[tuple[str, ...]] = ("carried", "expected", "contradicted", "credit")

    aggregate: str = setting("segments", choices=AGGREGATES, doc=AGGREGATE_DOC)

    def prepare(self, references: References) -> Any:
        """The facts expected in each segment."""
        return _Prepared(references)

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """Credit over E, or C / (E + X): float64[..., 4] to float64[...]; nan if nothing is expected."""
        s = np.asarray(statistics, dtype=np.float64)
        if self.aggregate == "pooled":
            return ratio(s[..., 0], s[..., 1] + s[..., 2])
        return ratio(s[..., 3], s[..., 1])


@dataclass(frozen=True)
class _Verdict:
    fact: Fact
    status: str
    match: Match | None = None


class _Prepared:
    #: the facts expected in each segment.
    expected: list[tuple[Fact, ...]]

    def __init__(self, references: References) -> None:
        if references.facts is None:
            raise SettingError("KeyFacts needs facts; use a benchmark that has them, or provide a facts file")
        self._lang = language(references.lang)
        self._summary = references.kind == "summary"
        self._dates = references.dates
        self._sources: list[View | None] = [None] * len(references)
        source_lang = language(references.source_lang) if references.source_lang else None
        if references.sources and source_lang in _LANGUAGES:
            self._sources = [self._view(source, source_lang, i) for i, source in enumerate(references.sources)]
        articles = references.articles or ("",) * len(references)
        ids = references.ids or ("",) * len(references)
        self._claims = _claims_of(references, articles)
        self._stated: dict[tuple[int, str], Match | None] = {}
        self.expected = [
            tuple(fact for fact in references.facts.get(article, ()) if self._is_expected(fact, i, article, ids[i]))
            for i, article in enumerate(articles)
        ]

    def _is_expected(self, fact: Fact, i: int, article: str, id_: str) -> bool:
        if not fact.forms.get(self._lang):
            return False
        if self._summary:
            return True
        if fact.blocks and id_ and id_.removeprefix(f"{article}/") not in fact.blocks and id_ not in fact.blocks:
            return False
        source = self._sources[i]
        return source is None or not fact.forms.get(source.lang) or self._in_source(i, fact) is not None

    def _in_source(self, i: int, fact: Fact) -> Match | None:
        """Where the source of a segment states a fact."""
        source = self._sources[i]
        if source is None:
            return None
        if (i, fact.id) not in self._stated:
            self._stated[i, fact.id] = carries(fact, source)
        return self._stated[i, fact.id]

    def _view(self, text: str, lang: str, i: int) -> View:
        """Relative dates such as "last year" are resolved from the article's date."""
        date = self._dates[i] if self._dates else None

        def quantities(text: str, lang: str) -> list[Quantity]:
            return extract(text, lang, date)

        return View(text, lang, quantities)

    def judge(self, i: int, text: str) -> list[_Verdict]:
        if not self.expected[i]:
            return []
        view, claims = self._view(text, self._lang, i), self._claims[i]

        def verdict(fact: Fact) -> _Verdict:
            if wrong := contradicted(fact, view):
                return _Verdict(fact, "contradicted", wrong)
            right = claims.affirmed_match(fact, view)
            return _Verdict(fact, "carried" if right else "missing", right)

        return list(map(verdict, self.expected[i]))

    def row(self, _i: int, _text: str, judgement: Sequence[_Verdict]) -> tuple[float, ...]:
        weights = dict.fromkeys(("carried", "contradicted", "missing"), 0.0)
        for verdict in judgement:
            weights[verdict.status] += WEIGHTS[verdict.fact.tier]
        carried, wrong = weights["carried"], weights["contradicted"]
        return carried, sum(weights.values()), wrong, max(carried - wrong, 0.0)

    def findings(self, i: int, text: str, judgement: Sequence[_Verdict]) -> Iterator[Finding]:
        return filter(None, (self._finding(i, text, verdict) for verdict in judgement))

    def _finding(self, i: int, text: str, verdict: _Verdict) -> Finding | None:
        fact, match = verdict.fact, verdict.match
        statement = fact.statement.get(self._lang) or next(iter(fact.statement.values()), fact.id)
        span = _hull(self._in_source(i, fact))
        if verdict.status == "carried":
            return Finding("fact", "ok", statement + self._terms_aside(i, text, span), span, _hull(match), fact.id)
        if verdict.status == "contradicted":
            return Finding(
                "contradicted-fact", "error", f"contradicts the fact: {statement}", span, _hull(match), fact.id
            )
        if self._summary and fact.tier > 1:
            return None
        return Finding("missing-fact", "warning", f"the fact is missing: {statement}", span, None, fact.id)

    def _terms_aside(self, i: int, text: str, span: tuple[int, int] | None) -> str:
        """Explain why a fact counts as stated although Terms reports a name or title at the same place."""
        source = self._sources[i]
        if source is None or span is None:
            return ""
        places = self._claims[i].misrendered_in(source.text, text, self._lang)
        names = [name for name, (start, end) in places.items() if start < span[1] and span[0] < end]
        return f" (stated; Terms judges the rendering of {', '.join(names)} separately)" if names else ""


def _claims_of(references: References, articles: Sequence[str]) -> list[Claims]:
    """The names of each article, from its source, which consists of all its segments."""
    whole: dict[str, dict[str, None]] = {article: {} for article in articles}
    if references.sources and references.source_lang and language(references.source_lang) == "zh":
        for article, source in zip(articles, references.sources, strict=True):
            whole[article][source] = None
    terms = references.terms or {}
    claims = {a: _claims("\n".join(texts), (*terms.get(a, ()), *terms.get("", ()))) for a, texts in whole.items()}
    return [claims[article] for article in articles]


@lru_cache(maxsize=16)
def _claims(source: str, terms: tuple[Term, ...]) -> Claims:
    """Shared by the tasks of one benchmark, which have the same articles."""
    return Claims(source, terms)


def _hull(match: Match | None) -> tuple[int, int] | None:
    """The span from the first to the last character of the match."""
    return None if match is None else (min(s for s, _ in match.spans), max(e for _, e in match.spans))
