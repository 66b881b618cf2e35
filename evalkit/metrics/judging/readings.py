"""Convert replies to rows of statistics, a value by which samples are aggregated, and findings.

Each form of reply (error spans, verdicts on facts, claims, a score) is a class with the columns of its rows, the worst row
that an output can have, and how a reply becomes a :class:`Reading`.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.metrics.base import Finding, mean_score
from evalkit.metrics.judging.anchoring import anchor
from evalkit.metrics.judging.asking import word_count
from evalkit.metrics.key_facts import WEIGHTS
from evalkit.printable import is_blank
from evalkit.text.facts import Fact

Floats = NDArray[np.float64]
Span = tuple[int, int]

#: What joins the segments of an article that is judged as one.
JOINT = "\n\n"


@dataclass(frozen=True, eq=False)
class Item:
    """The unit that is judged in one request: one segment, or all segments of an article.

    :param segments: indices of the segments; one, or those of an article in order.
    :param sources: their sources, and ``outputs`` their outputs.
    :param facts: the expected key facts, if the rubric uses them.
    """

    segments: tuple[int, ...]
    sources: tuple[str, ...]
    outputs: tuple[str, ...]
    facts: tuple[Fact, ...] = ()

    @property
    def source(self) -> str:
        """The sources as one text."""
        return JOINT.join(self.sources)

    @property
    def output(self) -> str:
        """The outputs as one text."""
        return JOINT.join(self.outputs)

    def place(self, texts: Sequence[str], span: Span) -> tuple[int, Span]:
        """The segment (counted within the item) that a span of the joined texts begins in, and the span within it."""
        starts = [0, *accumulate(len(text) + len(JOINT) for text in texts[:-1])]
        k = bisect_right(starts, span[0]) - 1
        end = min(span[1] - starts[k], len(texts[k]))
        return k, (min(span[0] - starts[k], end), end)


@dataclass(frozen=True, eq=False)
class Reading:
    """The content of one reply on an item.

    :param value: the value by which samples are ranked and averaged.
    :param rows: float64[segments of the item, k].
    :param findings: by the index of the segment within the item.
    """

    value: float
    rows: Floats
    findings: Mapping[int, Sequence[Finding]]


class Form(ABC):
    """A format of replies; :func:`form_of` gives that of a rubric."""

    columns: ClassVar[tuple[str, ...]]
    higher_is_better: bool = True
    range: tuple[float, float] = (0.0, 1.0)

    def worst(self, source: str, facts: Sequence[Fact]) -> Floats:
        """float64[k]: the row of an empty output; the default is a score of 0."""
        return np.array([0.0, 1.0] + [0.0] * (len(self.columns) - 2))

    @abstractmethod
    def read(self, reply: Any, item: Item) -> Reading:
        """The reading of a reply that fits the schema; a score of an article is the same for all its segments."""

    def score(self, s: Floats) -> Floats:
        """The first column divided by the second: float64[..., k] to float64[...]."""
        return mean_score(s)

    def fault(self, reply: Any, item: Item) -> str | None:
        """Describe an error in a reply that the schema does not exclude; None if there is none."""
        return None

    def asks(self, source: str, facts: Sequence[Fact]) -> bool:
        """Whether the judge is asked about a segment; this depends on sources and references only."""
        return not is_blank(source)


class _ErrorSpans(Form):
    """Columns: any number, then the weight of the segment, the errors, and the errors whose quote was not found."""

    def marked(self, errors: Sequence[Mapping[str, str]], item: Item) -> tuple[Floats, dict[int, list[Finding]]]:
        """Rows with the counts of errors, and the findings of each segment."""
        rows = np.zeros((len(item.segments), len(self.columns)))
        rows[:, 1] = 1.0
        findings: defaultdict[int, list[Finding]] = defaultdict(list)
        for error in errors:
            in_source = error["text"] == "source"
            texts = item.sources if in_source else item.outputs
            span = anchor(JOINT.join(texts), error["quote"], error["context"])
            k, span = (0, None) if span is None else item.place(texts, span)
            findings[k].append(_error_finding(error, span, in_source))
            rows[k, -2:] += 1.0, findings[k][-1].kind == "unanchored"
            self.count(rows[k], error)
        return rows, dict(findings)

    def count(self, row: Floats, error: Mapping[str, str]) -> None:
        """Add an error to the other columns of its segment."""


def _error_finding(error: Mapping[str, str], span: Span | None, in_source: bool) -> Finding:
    kind, words = error["category"], f"{error['severity']}: {error['explanation']}"
    if span is None and kind != "non-translation":
        words = f"{kind}, {words} (the quote does not occur in the text, or occurs more than once: {error['quote']})"
        kind = "unanchored"
    return Finding(
        kind,
        "warning" if error["severity"] == "minor" else "error",
        words,
        source_span=span if in_source else None,
        output_span=None if in_source else span,
        key=error["quote"],
    )


class _MqmSpans(_ErrorSpans):
    """Error spans as a penalty: non-translation 25, critical and major 5, minor 1, minor punctuation 0.1, as in Freitag et
    al. 2021 (https://aclanthology.org/2021.tacl-1.87).

    An empty output gets 25 and 5 more for each word of the source (character, in Chinese): every word a major error. No
    output gets more than that, or than ``cap``."""

    columns = ("penalty", "segments", "length", "critical", "major", "minor", "spans", "unanchored")
    higher_is_better = False

    def __init__(self, cap: float | None, critical: float, per: str) -> None:
        self._cap, self._critical, self._per = cap, critical, per
        self.range = (0.0, cap if cap is not None and per == "segment" else float("inf"))

    def worst(self, source: str, facts: Sequence[Fact]) -> Floats:
        length = word_count(source)
        most = max(25.0, self._critical) + max(5.0, self._critical) * length
        return np.array([most if self._cap is None else self._cap, 1.0, length, 0, 0, 0, 0, 0])

    def count(self, row: Floats, error: Mapping[str, str]) -> None:
        severity = error["severity"]
        if error["category"] == "non-translation":
            row[0] += 25.0
        elif severity == "minor":
            row[0] += 0.1 if error["category"] == "fluency/punctuation" else 1.0
        else:
            row[0] += self._critical if severity == "critical" else 5.0
        row[self.columns.index(severity)] += 1

    def read(self, reply: Any, item: Item) -> Reading:
        rows, findings = self.marked(reply["errors"], item)
        worst = np.array([self.worst(source, ()) for source in item.sources])
        rows[:, 2] = worst[:, 2]
        rows[:, 0] = np.minimum(rows[:, 0], worst[:, 0])
        return Reading(float(rows[:, 0].sum()), rows, findings)

    def score(self, s: Floats) -> Floats:
        per_length: Floats = 1000 * s[..., 0] / s[..., 2]
        return super().score(s) if self._per == "segment" else per_length


class _EsaSpans(_ErrorSpans):
    """Error spans, and a score from 0 to 100 given the spans."""

    columns = ("sum", "count", "spans", "unanchored")
    range = (0.0, 100.0)

    def read(self, reply: Any, item: Item) -> Reading:
        rows, findings = self.marked(reply["errors"], item)
        rows[:, 0] = reply["score"]
        return Reading(float(reply["score"]), rows, findings)


class _FactVerdicts(Form):
    """Share of the expected key facts that are carried, minus those that are contradicted; 0 to 1, weighted by tier (3, 2, 1)."""

    columns = ("net", "expected", "carried", "contradicted")
    _KINDS: ClassVar[dict[str, tuple[str, str, str]]] = {
        "carried": ("fact", "ok", ""),
        "contradicted": ("contradicted-fact", "error", "contradicts the fact: "),
        "absent": ("missing-fact", "warning", "the fact is missing: "),
    }

    def asks(self, source: str, facts: Sequence[Fact]) -> bool:
        return bool(facts)

    def worst(self, source: str, facts: Sequence[Fact]) -> Floats:
        return np.array([0.0, sum(WEIGHTS[fact.tier] for fact in facts), 0.0, 0.0])

    def fault(self, reply: Any, item: Item) -> str | None:
        asked = [fact_id(k) for k in range(len(item.facts))]
        ids = [verdict["id"] for verdict in reply["facts"]]
        return None if sorted(ids) == sorted(asked) else f"facts must have one verdict for each of {', '.join(asked)}"

    def read(self, reply: Any, item: Item) -> Reading:
        row = self.worst("", item.facts)
        findings = []
        replies = {verdict["id"]: verdict for verdict in reply["facts"]}
        for k, fact in enumerate(item.facts):
            verdict = replies[fact_id(k)]["verdict"]
            kind, severity, before = self._KINDS[verdict]
            span = None
            if verdict in self.columns:
                row[self.columns.index(verdict)] += WEIGHTS[fact.tier]
                span = anchor(item.output, replies[fact_id(k)]["quote"])
            statement = next(iter(fact.statement.values()), fact.id)
            findings.append(Finding(kind, severity, before + statement, output_span=span, key=fact.id))
        row[0] = max(0.0, row[2] - row[3])
        return Reading(row[0] / row[1], row[np.newaxis], {0: findings})


def fact_id(k: int) -> str:
    """The id of the k-th fact in the prompt."""
    return f"F{k + 1}"


class _Claims(Form):
    """Share of a summary's claims that its source supports (0 if it claims nothing), averaged over summaries; 0 to 1."""

    columns = ("share", "summaries", "supported", "contradicted", "not_in_source")
    _KINDS: ClassVar[dict[str, tuple[str, str]]] = {
        "supported": ("claim", "ok"),
        "contradicted": ("contradicted-claim", "error"),
        "not in source": ("unsupported-claim", "error"),
    }

    def read(self, reply: Any, item: Item) -> Reading:
        row = self.worst("", ())
        findings = []
        for claim in reply["claims"]:
            row[2 + list(self._KINDS).index(claim["verdict"])] += 1
            kind, severity = self._KINDS[claim["verdict"]]
            findings.append(
                Finding(
                    kind,
                    severity,
                    claim["claim"] if severity == "ok" else f"{claim['verdict']}: {claim['claim']}",
                    source_span=anchor(item.source, claim["evidence"]),
                    output_span=anchor(item.output, claim["quote"]),
                    key=claim["quote"],
                )
            )
        row[0] = row[2] / max(1.0, row[2:].sum())
        return Reading(row[0], row[np.newaxis], {0: findings})


class _ScaleScore(Form):
    """A score on the scale of a custom rubric, from its worst to its best value."""

    columns = ("sum", "count")

    def __init__(self, scale: tuple[float, float]) -> None:
        self._worst = scale[0]
        self.higher_is_better = scale[1] > scale[0]
        self.range = (min(scale), max(scale))

    def worst(self, source: str, facts: Sequence[Fact]) -> Floats:
        return np.array([self._worst, 1.0])

    def read(self, reply: Any, item: Item) -> Reading:
        return Reading(float(reply["score"]), np.tile([float(reply["score"]), 1.0], (len(item.segments), 1)), {})


def form_of(rubric: str, *, cap: float | None, critical: float, per: str, scale: tuple[float, float]) -> Form:
    """The form of the replies to a rubric, with the settings of Judge; a custom rubric asks for a score on its scale."""
    if rubric == "mqm":
        return _MqmSpans(cap, critical, per)
    forms: dict[str, Callable[[], Form]] = {"esa": _EsaSpans, "keyfacts": _FactVerdicts, "faithfulness": _Claims}
    return forms[rubric]() if rubric in forms else _ScaleScore(scale)
