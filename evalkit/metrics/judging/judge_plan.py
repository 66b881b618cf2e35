"""The questions to a judge about the outputs of a task, and the conversion of replies to rows and findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from evalkit.metrics.base import Finding, References, Statistics, SystemStatistics
from evalkit.metrics.judging.asking import model_name
from evalkit.metrics.judging.prompts import messages, prompt_words
from evalkit.metrics.judging.readings import Form, Item, Reading, fact_id
from evalkit.metrics.judging.replies import parse_reply
from evalkit.models.chat import ChatRequest, Judgement, Question, ReplyError
from evalkit.printable import is_blank

if TYPE_CHECKING:
    from evalkit.metrics.judge import Judge

#: Columns with several samples: the variance of the samples of one output, and the number of outputs that have one.
REPEATS = ("variance", "repeated")


@dataclass(eq=False)
class JudgePlan:
    """The items to judge and their questions; the questions of an item are adjacent, one per sample."""

    metric: Judge
    references: References
    outputs: Mapping[str, tuple[str, ...]]
    facts: Sequence[tuple[Any, ...]]

    @cached_property
    def items(self) -> list[tuple[str, Item]]:
        """Systems and items, segment by segment, so that a run that stops early has judged the same ones of all systems."""
        items = [(system, item) for system in self.outputs for item in self._items(system, self.metric.form)]
        return sorted(items, key=lambda pair: pair[1].segments[0])

    def questions(self) -> Iterator[Question]:
        """The questions in the order of :attr:`items`, one for each sample."""
        metric, form, rubric = self.metric, self.metric.form, self.metric.asked_rubric
        words = prompt_words(self.references)
        schema = rubric.schema
        for _, item in self.items:
            prompt = messages(rubric, words, self._material(item))

            def check(text: str, item: Item = item) -> Any:
                reply = parse_reply(text, rubric.reply_type)
                if fault := form.fault(reply, item):
                    raise ReplyError(fault)
                return reply

            model = model_name(metric.model)
            for sample in range(metric.samples):
                yield ChatRequest(model, prompt, schema, metric.temperature, metric.max_tokens, sample), check

    def _items(self, system: str, form: Form) -> Iterator[Item]:
        sources, outputs = self.references.sources or (), self.outputs[system]
        articles = self.references.articles if self.metric.unit == "article" else None
        groups: dict[Any, list[int]] = {}
        for i in range(len(outputs)):
            if not is_blank(outputs[i]) and form.asks(sources[i], self.facts[i]):
                groups.setdefault(articles[i] if articles else i, []).append(i)
        for group in groups.values():
            yield Item(
                tuple(group),
                tuple(sources[i] for i in group),
                tuple(outputs[i] for i in group),
                self.facts[group[0]] if len(group) == 1 else (),
            )

    def _material(self, item: Item) -> dict[str, Any]:
        before, after = self._context(item)
        material: dict[str, Any] = {}
        if before or after:
            material["context"] = {"before": before, "after": after}
        if self.metric.rubric == "keyfacts":
            material["facts"] = {
                fact_id(k): fact.statement.get(self.references.lang) or next(iter(fact.statement.values()), fact.id)
                for k, fact in enumerate(item.facts)
            }
        else:
            material["source"] = item.source
        material[self.references.kind] = item.output
        return material

    def _context(self, item: Item) -> tuple[str, str]:
        """The sources of the article around a segment: whole segments, the nearest first, up to the setting's length."""
        articles, sources = self.references.articles, self.references.sources
        ids = self.references.ids
        if (
            articles is None
            or sources is None
            or len(item.segments) > 1
            or (ids is not None and len(set(ids)) < len(ids))  # contrasts, several of a segment: no running text
            or self.metric.rubric in ("keyfacts", "faithfulness")
        ):
            return "", ""
        at = item.segments[0]
        parts: list[str] = []
        for step in (-1, 1):
            neighbors: list[str] = []
            room, i = self.metric.context, at + step
            while 0 <= i < len(sources) and articles[i] == articles[at] and len(sources[i]) <= room:
                neighbors.append(sources[i])
                room -= len(sources[i])
                i += step
            parts.append("\n".join(neighbors[::step]))
        return parts[0], parts[1]

    def statistics(self, system: str, judgements: Sequence[Judgement]) -> SystemStatistics:
        """Rows, failures and findings of one system, from the judgements of all questions."""
        metric, form = self.metric, self.metric.form
        sources, outputs = self.references.sources or (), self.outputs[system]
        rows = np.zeros((len(outputs), len(metric.columns)))
        k = len(form.columns)
        for i, text in enumerate(outputs):
            if is_blank(text) and form.asks(sources[i], self.facts[i]):
                rows[i, :k] = form.worst(sources[i], self.facts[i])
        undefined: dict[int, str] = {}
        findings: dict[int, tuple[Finding, ...]] = {}
        for place, (owner, item) in enumerate(self.items):
            if owner != system:
                continue
            samples = judgements[place * metric.samples : (place + 1) * metric.samples]
            readings = [form.read(judgement.value, item) for judgement in samples if judgement.reason is None]
            if not readings:
                undefined.update(dict.fromkeys(item.segments, samples[0].reason or ""))
                continue
            combined, closest, variance = _combined(readings, metric.aggregate, form.higher_is_better)
            rows[list(item.segments), :k] = combined
            if len(readings) > 1:
                rows[item.segments[0], k:] = variance, 1.0
            findings.update({item.segments[j]: tuple(of_segment) for j, of_segment in closest.findings.items()})
        return SystemStatistics(rows, dict(sorted(undefined.items())), dict(sorted(findings.items())))


def _combined(readings: Sequence[Reading], aggregate: str, higher: bool) -> tuple[Statistics, Reading, float]:
    """The combined rows of the samples, the sample that is closest to them, and the variance of the samples."""
    values = np.array([reading.value for reading in readings])
    weights = sample_weights(values, aggregate, higher_is_better=higher)
    rows = np.tensordot(weights, np.stack([reading.rows for reading in readings]), axes=1)
    closest = int(np.abs(values - weights @ values).argmin())
    variance = float(values.var(ddof=1)) if len(values) > 1 else 0.0
    return rows, readings[closest], variance


def sample_weights(values: Statistics, aggregate: str, *, higher_is_better: bool) -> Statistics:
    """Return the weight of each sample; the weights sum to 1.

    :param values: float64[samples], the value of each sample.
    :param aggregate: ``mean``, or ``gemba-v2``: without the samples beyond two standard deviations from the mean, weighted
        by the reciprocal of their rank, the best first. Source: Junczys-Dowmunt 2025, GEMBA V2,
        https://aclanthology.org/2025.wmt-1.67.
    """
    n = len(values)
    if aggregate == "mean" or n == 1:
        return np.full(n, 1.0 / n)
    inliers = np.abs(values - values.mean()) <= 2 * values.std() + 1e-12
    order = np.argsort(-values if higher_is_better else values, kind="stable")
    weights = np.zeros(n)
    ranked = order[inliers[order]]
    weights[ranked] = 1.0 / np.arange(1, len(ranked) + 1)
    weights /= weights.sum()
    return weights
