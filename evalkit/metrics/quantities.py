"""Quantities: does the output state the numbers, amounts, measurements and dates of the source?"""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Finding, References, Statistics, setting
from evalkit.metrics.fact_metric import FactMetric, ratio
from evalkit.text.health_checks import has_answer
from evalkit.text.quantities import VERDICTS, Pair, Quantity, align, extract, required


@dataclass(frozen=True)
class Quantities(FactMetric):
    """Whether an output states the quantities of its source and no others; 0 to 1.

    Supports Chinese and English on both sides (:func:`evalkit.text.quantities.extract`) and pairs the quantities one to
    one (:func:`evalkit.text.quantities.align`). Two quantities match if value, kind and unit (after conversion) are
    equal, the counted nouns agree where both are known, and the qualifiers are not opposite. A quantity of a
    translation that occurs in another block of the article is not an error. A dropped qualifier ("over", 近) is a
    warning and does not affect the score; neither does a small count written in words that one side omits ("the two
    men").

    A segment of a translation has the weight ``max(1, n)``, where n is the number of quantities its source
    requires, and loses 1 for each error (missing, added, wrong value, unit or qualifier), but never scores below 0.
    If the source has no quantities, the segment still has weight 1: the output must not add any. The weight of a
    summary is the mean number of quantities in its references (in its source if there are no references), at least
    1, and omissions are not penalized. An empty output, a refusal and an output in another script (a copy of the
    source) score 0. Because weights depend only on source and references, emptying an output never raises the
    corpus score.

    Its findings are ``matched`` (ok), ``missing``, ``added``, ``wrong-value``, ``wrong-unit`` and ``wrong-qualifier``, each
    with its span on both sides; omissions in summaries are not listed.

    :param measure: ``recall`` counts omissions only, ``precision`` wrong and added quantities, ``f1`` both. The default
        is ``f1`` for translations and ``precision`` for summaries. Recall is undefined (nan) if the source requires no
        quantities.
    :param aggregate: ``source`` uses the weights above. ``pooled`` divides matched quantities by all quantities of both
        sides, as in version 2, so that the weight of a segment depends on its output.
    """

    name: ClassVar[str] = "Quantities"
    version: ClassVar[int] = 14
    finding_kinds: ClassVar[tuple[str, ...]] = VERDICTS
    summary: ClassVar[str] = "numbers, amounts, measures and dates that agree with the source"
    needs: ClassVar[frozenset[str]] = frozenset({"sources"})
    source_languages: ClassVar[frozenset[str] | None] = frozenset({"zh", "en"})
    output_languages: ClassVar[frozenset[str] | None] = source_languages
    reading: ClassVar[frozenset[str]] = frozenset({"measure", "aggregate"})
    extracts: ClassVar[str] = "quantities"

    #: ``summaries`` counts the segments that are summaries, since a sum of rows does not show their kind. ``recalled``,
    #: ``precise`` and ``both`` are what remains of ``required`` (recall) and of ``weight`` (the others) after
    #: subtracting errors.
    columns: ClassVar[tuple[str, ...]] = (
        "matched_source",
        "source",
        "matched_output",
        "output",
        "errors",
        "warnings",
        "summaries",
        "required",
        "recalled",
        "weight",
        "precise",
        "both",
    )

    measure: str | None = setting(
        None,
        choices=("f1", "recall", "precision"),
        doc="f1, recall or precision; by default f1 for translations, precision for summaries",
    )
    aggregate: str = setting(
        "source", choices=("source", "pooled"), doc="source (weights of the source) or pooled (as in version 2)"
    )

    def prepare(self, references: References) -> Any:
        """Extract the quantities of every source, and compute the weight of every segment."""
        return _Prepared(references)

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """float64[..., 12] to float64[...]; nan if nothing is required."""
        column = dict(zip(self.columns, np.moveaxis(np.asarray(statistics, dtype=np.float64), -1, 0), strict=True))
        if self.aggregate == "pooled":
            shares = {
                "recall": (column["matched_source"], column["source"]),
                "precision": (column["matched_output"], column["output"]),
                "f1": (column["matched_source"] + column["matched_output"], column["source"] + column["output"]),
            }
        else:
            shares = {
                "recall": (column["recalled"], column["required"]),
                "precision": (column["precise"], column["weight"]),
                "f1": (column["both"], column["weight"]),
            }
        scores = {measure: ratio(right, asked) for measure, (right, asked) in shares.items()}
        by_task = np.where(column["summaries"] > 0, scores["precision"], scores["f1"])
        return np.asarray(by_task if self.measure is None else scores[self.measure], dtype=np.float64)


_Judgement = tuple[Sequence[Quantity], Sequence[Pair]]


class _Prepared:
    """The prepared references: the quantities of each segment and of its whole article."""

    def __init__(self, references: References) -> None:
        if references.sources is None:
            raise SettingError("Quantities needs sources; use a benchmark that has them")
        self.lang = references.lang
        Quantities().check_languages(self.lang, references.source_lang)
        source_lang = references.source_lang or ""
        self.summary = references.kind == "summary"
        self.texts = references.sources
        self.dates: Sequence[str | None] = references.dates or (None,) * len(references)
        self.sources = [extract(text, source_lang, date) for text, date in zip(self.texts, self.dates, strict=True)]
        self.elsewhere = self._elsewhere(references.articles)
        self.required = [sum(map(required, quantities)) for quantities in self.sources]
        self.weights = [max(1.0, n) for n in map(self._expected, range(len(self.sources)), references.texts)]

    def _expected(self, i: int, references: Sequence[str]) -> float:
        """The number of quantities that an output of segment i should state."""
        texts = [text for text in references if text.strip()]
        if not self.summary or not texts:
            return self.required[i]
        return sum(sum(map(required, extract(text, self.lang, self.dates[i]))) for text in texts) / len(texts)

    def _elsewhere(self, articles: Sequence[str] | None) -> Sequence[Sequence[Quantity]]:
        if articles is None or self.summary:
            return ((),) * len(self.sources)
        by_article: dict[str, list[Quantity]] = {}
        for article, quantities in zip(articles, self.sources, strict=True):
            by_article.setdefault(article, []).extend(quantities)
        return [by_article[article] for article in articles]

    def judge(self, i: int, text: str) -> _Judgement:
        """The quantities of one output, and their comparison with those of its source."""
        output = extract(text, self.lang, self.dates[i])
        side, texts = self.elsewhere[i], (self.texts[i], text)
        return output, align(self.sources[i], output, side, whole=not self.summary, date=self.dates[i], texts=texts)

    def findings(self, i: int, _text: str, judgement: _Judgement) -> Iterator[Finding]:
        """A finding for each pair; omissions in summaries are ignored."""
        own = {id(q) for q in self.sources[i]}
        wrong = {
            (p.source.low, p.output.low) for p in judgement[1] if p.verdict == "wrong-value" and p.source and p.output
        }
        return (_finding(p, own, wrong) for p in judgement[1] if not (self.summary and p.verdict == "missing"))

    def row(self, i: int, text: str, judgement: _Judgement) -> tuple[float, ...]:
        """The statistics of one segment, in the order of :attr:`Quantities.columns`; each quantity is counted once."""
        output, pairs = judgement
        right_of: dict[int, bool] = {}
        errors = warnings = missing = lost = 0
        for pair in pairs:
            # an unmatched quantity with only a warning does not affect the score
            if pair.severity == "warning" and (pair.source is None or pair.output is None):
                warnings += 1
                continue
            right = pair.severity != "error"
            for q in (pair.source, pair.output):
                right_of.setdefault(id(q), right)
            lost += not right and pair.source is not None and required(pair.source)
            if self.summary and pair.output is None:
                continue
            errors += not right
            missing += not right and pair.output is None
            warnings += pair.severity == "warning"
        sides = [
            [right_of[id(q)] for q in side if q.checkable and id(q) in right_of] for side in (self.sources[i], output)
        ]
        counts = (*(n for side in sides for n in (sum(side), len(side))), errors, warnings, int(self.summary))
        required_here, weight = self.required[i], self.weights[i]
        left = (required_here - lost, weight - errors + missing, weight - errors)
        answered = has_answer(text, self.texts[i], self.lang)
        recalled, precise, both = (max(0, n) if answered else 0 for n in left)
        return *counts, required_here, recalled, weight, precise, both


def _finding(pair: Pair, own: set[int], wrong: Container[tuple[Decimal, Decimal]]) -> Finding:
    """Return the finding of a pair. :param own: ids of the segment's quantities. :param wrong: values of the wrong pairs."""
    a, b = pair.source, pair.output
    here = a is not None and id(a) in own
    message = _message(pair, elsewhere=a is not None and not here)
    if pair.verdict == "wrong-value" and a and b and a.low != b.low and (b.low, a.low) in wrong:
        message += "; the two numbers may have been exchanged"
    spans = (a.span if a is not None and here else None, b.span if b is not None else None)
    return Finding(pair.verdict, pair.severity, message, *spans, str(a if a is not None else b))


_LONG_NUMBER = re.compile(r"(?<![\d.:-])\d{5,}(?![\d:-])")


def _readable(quantity: Quantity | None) -> str:
    """The normal form with thousands separators, and without the dashes that stand for the unknown parts of a date."""
    text = _LONG_NUMBER.sub(lambda match: f"{int(match[0]):,}", str(quantity))
    return text.replace("date ---", "day ").replace("date --", "date ")


def _message(pair: Pair, *, elsewhere: bool) -> str:
    a, b = pair.source, pair.output
    source, output = (f"“{q.surface}”" if q is not None else "" for q in (a, b))
    if a is None:
        return f"{output} ({_readable(b)}) is not in the source"
    if b is None:
        return f"{source} ({_readable(a)}) of the source is missing"
    if pair.verdict == "matched":
        return f"{output} matches {source}{' elsewhere in the article' if elsewhere else ''} ({_readable(a)})"
    if pair.verdict == "wrong-qualifier":
        given, expected = ("an exact number" if q.exact == "exact" else f"“{q.exact}”" for q in (b, a))
        return f"{output} for {source}: {given} where the source has {expected}"
    if pair.verdict == "wrong-value" and (a.low, a.high) == (b.low, b.high):
        if "score" in (a.noun, b.noun):
            return f"{output} for {source}: the score is reversed"
        return f"{output} for {source}: {_readable(b)} {b.noun} where the source has {_readable(a)} {a.noun}"
    return f"{output} for {source}: {_readable(b)} where the source has {_readable(a)}"
