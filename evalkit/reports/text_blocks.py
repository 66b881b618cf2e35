"""The texts of a task as blocks of JSON, one per article, for the page's text viewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.reports.embedding import script_json, utf16
from evalkit.reports.numbers import rounded
from evalkit.reports.view_model import ArticleTexts, Group, Limits
from evalkit.results.task_results import Finding, TaskResults

__all__ = ["TextBlocks"]


@dataclass(frozen=True)
class TextBlocks:
    """Sources, references, outputs, segment scores and findings of the systems included in the page.

    :param page_systems: indices of these systems.
    :param digits: maps each metric label to the decimals of its scores.
    """

    task: TaskResults
    key: str
    groups: Sequence[Group]
    page_systems: Sequence[int]
    digits: Mapping[str, int]
    limits: Limits

    def within(self, room: int, order: Sequence[int]) -> tuple[ArticleTexts, ...]:
        """Return as many articles as fit.

        :param room: available space in bytes.
        :param order: indices of the articles, most important first.
        """
        scores = {label: self.task.by_segment(label) for label in self.digits}
        blocks: dict[int, str] = {}
        for a in order:
            text = script_json({"segments": [self._segment(i, scores) for i in self.groups[a].segments]})
            size = len(text.encode())
            if size <= room:
                blocks[a] = text
                room -= size
        return tuple(ArticleTexts(a, f"{self.key}a{a}", blocks[a]) for a in sorted(blocks))

    def _segment(self, i: int, scores: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
        task, texts = self.task, self.task.texts
        assert texts is not None
        names = [task.systems[s] for s in self.page_systems]
        findings = []
        for m, label in enumerate(self.digits):
            by_system = task.findings.get(label, {})
            for place, name in enumerate(names):
                segments = by_system.get(name, ())
                if i < len(segments):
                    source = texts.sources[i] if texts.sources else ""
                    findings += [self._finding(f, place, m, source, texts.outputs[name][i]) for f in segments[i]]
        segment: dict[str, Any] = {
            "id": task.ids[i],
            "references": [self._cut(text) for text in texts.references[i]],
            "outputs": [self._cut(texts.outputs[name][i]) for name in names],
            "scores": [
                [rounded(scores[label][s, i], digits) for s in self.page_systems]
                for label, digits in self.digits.items()
            ],
        }
        if texts.sources:
            segment["source"] = self._cut(texts.sources[i])
        if texts.blocks:
            segment["block"] = texts.blocks[i]
        if findings:
            segment["findings"] = findings
        samples = {
            place: [[utf16(text, start), utf16(text, end)] for start, end in parts]
            for place, name in enumerate(names)
            if name in task.samples and len(text := texts.outputs[name][i]) <= self.limits.text
            if (parts := task.samples[name].parts(text))
        }
        if samples:
            segment["samples"] = samples
        missing = [place for place, name in enumerate(names) if task.ids[i] in task.missing.get(name, ())]
        if missing:
            segment["missing"] = missing
        return segment

    def _finding(self, f: Finding, system: int, metric: int, source: str, output: str) -> list[Any]:
        """Encode a finding as a list in the order that the page's script expects."""
        spans = [self._span(f.source_span, source), self._span(f.output_span, output)]
        return [system, metric, f.kind, f.severity, f.message, *spans, f.key]

    def _span(self, span: tuple[int, int] | None, text: str) -> list[int] | None:
        """Convert a span to UTF-16 code units, which browsers count in; None if it lies outside the text that is shown."""
        if span is None or not 0 <= span[0] < span[1] <= min(len(text), self.limits.text):
            return None
        return [utf16(text, span[0]), utf16(text, span[1])]

    def _cut(self, text: str) -> str | list[Any]:
        if len(text) <= self.limits.text:
            return text
        return [text[: self.limits.text], len(text) - self.limits.text]
