"""Quantities: does the output say the numbers, sums, measures and dates of the source?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Finding, Metric, References, Statistics, setting
from evalkit.text.languages import language
from evalkit.text.quantities import Pair, Quantity, align, extract

__all__ = ["Quantities"]

_LANGUAGES = ("zh", "en")
_MATCHED_SOURCE, _SOURCE, _MATCHED_OUTPUT, _OUTPUT, _ERRORS, _WARNINGS, _SUMMARIES = range(7)


@dataclass(frozen=True)
class Quantities(Metric):
    """Quantities of the source that the output says, and quantities of the output that the source bears out; 0 to 1.

    Reads Chinese and English on either side (:func:`evalkit.text.quantities.extract`) and pairs the quantities one to one,
    best first: equal value, kind and unit, units converted, counted nouns where both are known, qualifiers not turned.
    A quantity of a translation that stands in another block of the article is not held against it. A dropped qualifier
    ("over", 近) is a warning and costs nothing, nor does a small count in words that one side leaves out ("the two men").

    Recall is the share of the source's quantities, precision the share of the output's, F1 both together (matched over
    all, of both sides). Undefined (nan) where there is nothing to check.

    :param measure: ``f1``, ``recall`` or ``precision``; None for F1 of a translation and precision of a summary, which
        may leave out but not make up.
    """

    name: ClassVar[str] = "Quantities"
    version: ClassVar[int] = 2
    summary: ClassVar[str] = "numbers, sums, measures and dates that agree with the source"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    needs: ClassVar[frozenset[str]] = frozenset({"sources"})
    reading: ClassVar[frozenset[str]] = frozenset({"measure"})

    #: ``summaries`` counts segments that are summaries: what a row cannot tell otherwise.
    columns: ClassVar[tuple[str, ...]] = (
        "matched_source",
        "source",
        "matched_output",
        "output",
        "errors",
        "warnings",
        "summaries",
    )

    measure: str | None = setting(
        None, choices=("f1", "recall", "precision"), doc="f1, recall or precision; by default the task's own"
    )

    def prepare(self, references: References) -> Any:
        """The quantities of every source."""
        return _Prepared(references)

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> Statistics:
        rows = np.zeros((len(hypotheses), len(self.columns)))
        for i, text in enumerate(hypotheses):
            rows[i] = prepared.row(i, text)
        return rows

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """Matched over all: float64[..., 7] to float64[...]; nan where there is nothing to check."""
        s = np.asarray(statistics, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            recall = s[..., _MATCHED_SOURCE] / s[..., _SOURCE]
            precision = s[..., _MATCHED_OUTPUT] / s[..., _OUTPUT]
            f1 = (s[..., _MATCHED_SOURCE] + s[..., _MATCHED_OUTPUT]) / (s[..., _SOURCE] + s[..., _OUTPUT])
        by_task = np.where(s[..., _SUMMARIES] > 0, precision, f1)
        named: dict[str | None, NDArray[np.float64]] = {
            "recall": recall,
            "precision": precision,
            "f1": f1,
            None: by_task,
        }
        return np.asarray(named[self.measure], dtype=np.float64)

    def explain(self, hypothesis: str, references: References, index: int) -> tuple[Finding, ...]:
        """Each quantity compared: ``matched`` (ok), ``missing``, ``added``, ``wrong-value``, ``wrong-unit`` or
        ``wrong-qualifier``, with its place on both sides. What a summary leaves out is not listed.
        """
        prepared = self._kept(references)
        own = {id(q) for q in prepared.sources[index]}
        return tuple(_finding(pair, own) for pair in prepared.pairs(index, hypothesis))


class _Prepared:
    """The reference side: quantities by segment, and of the whole article behind each."""

    def __init__(self, references: References) -> None:
        if references.sources is None:
            raise SettingError("Quantities needs the sources; use a benchmark that has them")
        self.lang = references.lang
        source_lang = references.source_lang
        if source_lang is None:
            raise SettingError("Quantities needs the language of the sources; set source_lang to zh or en")
        for lang in (self.lang, source_lang):
            if language(lang) not in _LANGUAGES:
                raise SettingError(f"Quantities reads zh and en, not {lang}; leave it out of this benchmark")
        self.summary = references.kind == "summary"
        self.dates: Sequence[str | None] = references.dates or (None,) * len(references)
        self.sources = [
            extract(text, source_lang, date) for text, date in zip(references.sources, self.dates, strict=True)
        ]
        self.elsewhere = self._elsewhere(references.articles)

    def _elsewhere(self, articles: Sequence[str] | None) -> Sequence[Sequence[Quantity]]:
        if articles is None or self.summary:
            return ((),) * len(self.sources)
        by_article: dict[str, list[Quantity]] = {}
        for article, quantities in zip(articles, self.sources, strict=True):
            by_article.setdefault(article, []).extend(quantities)
        return [by_article[article] for article in articles]

    def _aligned(self, i: int, output: Sequence[Quantity]) -> list[Pair]:
        return align(self.sources[i], output, self.elsewhere[i], whole=not self.summary, date=self.dates[i])

    def pairs(self, i: int, text: str) -> list[Pair]:
        """What is said of one output; a summary is not asked what it leaves out."""
        output = extract(text, self.lang, self.dates[i])
        found = self._aligned(i, output)
        return [pair for pair in found if pair.verdict != "missing"] if self.summary else found

    def row(self, i: int, text: str) -> tuple[int, ...]:
        """Counts of one segment, each quantity once."""
        output = extract(text, self.lang, self.dates[i])
        found = self._aligned(i, output)
        source, said = _Side(self.sources[i]), _Side(output)
        errors = warnings = 0
        for pair in found:
            # one side alone with a warning is neither held for nor against
            if pair.severity == "warning" and (pair.source is None or pair.output is None):
                warnings += 1
                continue
            right = pair.severity != "error"
            source.count(pair.source, right)
            said.count(pair.output, right)
            if self.summary and pair.output is None:
                continue
            errors += pair.severity == "error"
            warnings += pair.severity == "warning"
        return (source.right, source.all, said.right, said.all, errors, warnings, int(self.summary))


class _Side:
    """How many checkable quantities of one side were compared, and how many were right."""

    def __init__(self, quantities: Sequence[Quantity]) -> None:
        self._open = {id(q) for q in quantities if q.checkable}
        self.right = 0
        self.all = 0

    def count(self, q: Quantity | None, right: bool) -> None:
        """A quantity that is matched a second time, or that stands elsewhere in the article, is not counted again."""
        if q is not None and id(q) in self._open:
            self._open.remove(id(q))
            self.all += 1
            self.right += right


def _finding(pair: Pair, own: set[int]) -> Finding:
    a, b = pair.source, pair.output
    here = a is not None and id(a) in own
    return Finding(
        pair.verdict,
        pair.severity,
        _message(pair, elsewhere=a is not None and not here),
        a.span if a is not None and here else None,
        b.span if b is not None else None,
        str(a if a is not None else b),
    )


def _message(pair: Pair, *, elsewhere: bool) -> str:
    a, b = pair.source, pair.output
    said = f"“{b.surface}”" if b is not None else ""
    meant = f"“{a.surface}”" if a is not None else ""
    if a is None:
        return f"{said} ({b}) is not in the source"
    if b is None:
        return f"{meant} ({a}) of the source is missing"
    if pair.verdict == "matched":
        return f"{said} stands for {meant}{' elsewhere in the article' if elsewhere else ''} ({a})"
    if pair.verdict == "wrong-qualifier":
        turned = "is turned into" if pair.severity == "error" else "is not the same as"
        return f"{said} for {meant}: “{a.exact}” {turned} “{b.exact}”"
    if pair.verdict == "wrong-value" and (a.low, a.high) == (b.low, b.high):
        return f"{said} for {meant}: {b} {b.noun} where the source counts {a.noun}"
    return f"{said} for {meant}: {b} where the source has {a}"
