"""The results of one task: statistics by metric and system, and the scores computed from them."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Finding as Finding, Metric
from evalkit.metrics.parsing import canonical
from evalkit.results.metadata import Metadata
from evalkit.results.packed import PackedStatistics
from evalkit.stats.resampling_units import ENOUGH_ARTICLES, sum_by_group
from evalkit.stats.sampling import SamplingShare, sampling_share
from evalkit.wording import arrow, count, decimals, format_score

#: Segments scored at a time.
_BLOCK = 8_192

#: Why a metric that needs references has no score for a segment without one.
NO_REFERENCE = "no reference"

_RECORDED = re.compile(r"(RecordedScores\|.*)sha256:[0-9a-f]{64}\|(.*)")


def comparable(signature: str) -> str:
    """Return the part of a signature that must be equal in runs whose scores are compared.

    It does not include the hash of recorded scores, because new outputs always have their scores in a new file.
    """
    return _RECORDED.sub(r"\1\2", signature)


@dataclass(frozen=True)
class ScoredMetric:
    """A metric as it was requested (``label``) and as it was resolved for the task's language."""

    label: str
    metric: Metric

    @property
    def signature(self) -> str:
        """See :meth:`evalkit.metrics.Metric.signature`."""
        return self.metric.signature()

    @property
    def higher_is_better(self) -> bool:
        """Whether higher scores are better."""
        return self.metric.higher_is_better

    @property
    def sign(self) -> float:
        """The factor that makes higher scores better: 1 or -1."""
        return 1.0 if self.metric.higher_is_better else -1.0

    def signed_score(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64[...] from float64[..., k]: scores of which higher ones are better."""
        return self.sign * self.metric.score(rows)

    @property
    def heading(self) -> str:
        """The label with an arrow that shows whether higher or lower scores are better: ``BLEU ↑``."""
        return f"{self.label} {arrow(self.higher_is_better)}"

    @property
    def scale(self) -> float:
        """1 or 100, the upper end of a full scale, even if scores can exceed it."""
        return 1.0 if self.metric.range[1] <= 1.0 else 100.0

    @property
    def digits(self) -> int:
        """The number of decimals of a score."""
        return decimals(self.metric.range[1])

    def text(self, value: float | None) -> str:
        """Format a score of this metric."""
        return format_score(value, self.metric.range[1])


@dataclass(frozen=True, eq=False)
class Texts:
    """The texts of a task for readers: sources, references and outputs, in the order of its segments."""

    sources: tuple[str, ...] | None
    references: tuple[tuple[str, ...], ...]
    outputs: Mapping[str, tuple[str, ...]]
    blocks: tuple[str, ...] | None = None
    reference_names: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Samples:
    """Several outputs of one system per segment.

    :param counts: the number of outputs of each segment, including missing ones, which are scored as empty.
    :param shares: by metric label, the share of the variance of the score that comes from sampling.
    :param pass_rates: by label of a metric that reports findings, the share of outputs without an error.
    """

    counts: tuple[int, ...]
    shares: Mapping[str, SamplingShare] = field(default_factory=dict)
    pass_rates: Mapping[str, float] = field(default_factory=dict)

    def parts(self, text: str) -> tuple[tuple[int, int], ...]:
        """Return the span of each sample in the joined text of a segment, without its label ``[1]``, ``[2]``, ...

        Empty for a single sample, and for samples that contain such labels themselves, so that none is cut wrongly.
        """
        most = max(self.counts, default=0)
        labels = [f"\n[{k + 1}] " for k in range(most)]
        starts = [f"\n{text}".find(label) for label in labels]
        unique = all(f"\n{text}".count(label) == 1 for label in labels)
        if most < 2 or not unique or starts != sorted(starts) or starts[0] != 0:
            return ()
        ends = [*(start - 1 for start in starts[1:]), len(text)]
        return tuple((start + len(label) - 1, end) for start, label, end in zip(starts, labels, ends, strict=True))

    def including(
        self, scored: ScoredMetric, rows: NDArray[np.float64], groups: NDArray[np.int64] | None, pass_rate: float | None
    ) -> Samples:
        """Return a copy with one more metric; ``rows`` is float64[n, K, k], nan for missing samples."""
        share = sampling_share(rows, scored.metric.score, groups)
        rates = {} if pass_rate is None else {scored.label: pass_rate}
        return replace(self, shares={**self.shares, scored.label: share}, pass_rates={**self.pass_rates, **rates})


@dataclass(frozen=True, eq=False)
class LeaveOneOut:
    """Scores of systems and references as the mean over the sets of all references but one.

    These scores are comparable with each other, but not with scores against all references, and they are not tested.

    :param made_by: the authors of the references, or their names.
    :param scores: by metric label, the score of each system, followed by those of the references.
    """

    references: int
    made_by: str
    scores: Mapping[str, Mapping[str, float | None]]


@dataclass(frozen=True, eq=False, kw_only=True)
class TaskInfo:
    """What is known of a task besides its statistics, texts and findings.

    :param missing: by system, the ids that had no output and were scored as empty.
    :param empty: by system, the ids whose output was given but blank.
    :param undefined: by metric label and system, the reason for each segment (by index) whose judgement failed; such a
        segment has a row of zeros. Coverage is the share of the remaining segments.
    :param leave_one_out: systems and references against all references but one, if requested.
    :param reference_counts: the smallest and the largest number of references of a segment; None in older runs.
    :param notes: facts about the texts that affect the scores, shown with the signatures of the metrics.
    """

    name: str
    lang: str
    source_lang: str | None
    kind: str
    fingerprint: str
    systems: tuple[str, ...]
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    empty: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    undefined: Mapping[str, Mapping[str, Mapping[int, str]]] = field(default_factory=dict)
    leave_one_out: LeaveOneOut | None = None
    reference_counts: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class TaskResults(TaskInfo):
    """The results of one task.

    :param statistics: by metric label, float64[systems, n, k] in the order of ``systems`` and ``ids``. They are packed;
        every lookup unpacks the array again (:class:`evalkit.results.packed.PackedStatistics`).
    :param findings: by metric label and system, the findings of each segment; only for metrics that report findings.
    :param findings_kept: False for a large run of format 1, which kept no findings: their absence says nothing there.
    :param samples: only for systems with several outputs per segment; the statistics contain their means.
    :param fields: by name of a field of the benchmark (such as ``domain``), the value of each segment: slices to compare.
    :param metadata: what was declared about the systems and the benchmark.
    """

    ids: tuple[str, ...]
    articles: tuple[str, ...] | None
    metrics: tuple[ScoredMetric, ...]
    statistics: Mapping[str, NDArray[np.float64]]
    texts: Texts | None = None
    findings: Mapping[str, Mapping[str, Sequence[tuple[Finding, ...]]]] = field(default_factory=dict)
    findings_kept: bool = True
    samples: Mapping[str, Samples] = field(default_factory=dict)
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    metadata: Metadata = field(default_factory=Metadata)

    def __post_init__(self) -> None:
        if not isinstance(self.statistics, PackedStatistics):
            object.__setattr__(self, "statistics", PackedStatistics.of(self.statistics))

    def __repr__(self) -> str:
        metrics = ", ".join(scored.label for scored in self.metrics)
        return f"<{self.name}: {count(len(self.ids), 'segment')}; systems {', '.join(self.systems)}; metrics {metrics}>"

    def absent(self, system: str) -> tuple[int, ...]:
        """The indices of the segments whose output is missing or empty."""
        gone = {*self.missing.get(system, ()), *self.empty.get(system, ())}
        return tuple(i for i, id_ in enumerate(self.ids) if id_ in gone) if gone else ()

    def without_reference(self, label: str) -> list[int]:
        """The indices of the segments without a reference, if the metric needs one; they are the same for all systems."""
        reasons: Mapping[int, str] = next(iter(self.undefined.get(label, {}).values()), {})
        return [i for i, why in reasons.items() if why == NO_REFERENCE]

    def unjudged(self, label: str) -> NDArray[np.bool_]:
        """bool[systems, n]: segments not judged for a reason other than a missing reference."""
        return self.failed(label, {NO_REFERENCE})

    def failed(self, label: str, except_for: Container[str] = ()) -> NDArray[np.bool_]:
        """bool[systems, n]: segments whose judgement failed, except for some reasons."""
        marks = np.zeros((len(self.systems), len(self.ids)), dtype=bool)
        for system, reasons in self.undefined.get(label, {}).items():
            marks[self.systems.index(system), [i for i, why in reasons.items() if why not in except_for]] = True
        return marks

    def metric(self, label: str) -> ScoredMetric:
        """Return a metric by its label or by its name with settings; it must have been scored."""
        scored = self._found(label)
        if scored is None:
            labels = ", ".join(m.label for m in self.metrics)
            raise SettingError(f"{label!r} was not scored for {self.name}; there are {labels}")
        return scored

    def has(self, label: str) -> bool:
        """Whether a metric with this label or name was scored."""
        return self._found(label) is not None

    def _found(self, label: str) -> ScoredMetric | None:
        return self._metrics_by_name.get(label) or self._metrics_by_name.get(canonical(label))

    def chosen(self, metric: str | None) -> tuple[ScoredMetric, ...]:
        """All metrics, or those with this label or name."""
        if metric is None:
            return self.metrics
        return tuple(m for m in self.metrics if m.label == metric) or (self.metric(metric),)

    @cached_property
    def _metrics_by_name(self) -> dict[str, ScoredMetric]:
        """Metrics by label and by name with settings; of equal names the first counts."""
        return {name: m for m in reversed(self.metrics) for name in (str(m.metric), m.label)}

    def system_index(self, system: str) -> int:
        """Return the index of a system, which must have been scored."""
        if system not in self.systems:
            raise SettingError(f"no system {system!r} in {self.name}; there are {', '.join(self.systems)}")
        return self.systems.index(system)

    def pairs(self, baseline: str | None = None, among: Sequence[str] | None = None) -> list[tuple[int, int]]:
        """Return pairs of indices of systems (only those of ``among``): all of them, or every other one with the baseline."""
        known = [i for i, name in enumerate(self.systems) if among is None or name in among]
        if baseline is None:
            return list(combinations(known, 2))
        second = self.system_index(baseline)
        return [(i, second) for i in known if i != second]

    def article_names(self) -> tuple[str, ...]:
        """The articles in order of first appearance; empty if the task has no article ids."""
        return self._articles[0]

    def groups(self, part: Any = slice(None)) -> NDArray[np.int64] | None:
        """int64[m]: the index of the article of each segment, or of each of some segments; None if articles are unknown."""
        groups = self._articles[1]
        return None if groups is None else groups[part]

    @cached_property
    def _articles(self) -> tuple[tuple[str, ...], NDArray[np.int64] | None]:
        return ((), None) if self.articles is None else number_articles(self.articles)

    def rows(self, label: str, system: int, start: int, stop: int) -> NDArray[np.float64]:
        """float64[stop - start, k]: the statistics of some segments of one system."""
        assert isinstance(self.statistics, PackedStatistics)
        return self.statistics.packed[label].read(system, start, min(stop, len(self.ids)))

    def row_blocks(self, label: str, system: int) -> Iterator[tuple[slice, NDArray[np.float64]]]:
        """Yield the statistics of one system in blocks, each with the segments that it belongs to."""
        for start in range(0, len(self.ids), _BLOCK):
            part = slice(start, min(start + _BLOCK, len(self.ids)))
            yield part, self.rows(label, system, part.start, part.stop)

    def _by_system(self, label: str) -> Iterator[NDArray[np.float64]]:
        """float64[n, k] of each system; only one of them is in memory at a time."""
        return (self.rows(label, s, 0, len(self.ids)) for s in range(len(self.systems)))

    @cached_property
    def totals(self) -> dict[str, NDArray[np.float64]]:
        """By metric label, float64[systems, k]: the sums of the statistics over all segments."""
        return {label: np.array([rows.sum(axis=0) for rows in self._by_system(label)]) for label in self.statistics}

    def corpus(self, label: str) -> NDArray[np.float64]:
        """float64[systems]: corpus scores."""
        return self.metric(label).metric.score(self.totals[label])

    def referenced(self, label: str) -> tuple[NDArray[np.float64], NDArray[np.int64] | None]:
        """float64[systems, m, k] and int64[m]: the statistics of the segments that the metric applies to, and their articles.

        A segment without a reference has a row of zeros, which must not be drawn as if it had been scored.
        """
        rows, groups = self.statistics[label], self.groups()
        if bare := self.without_reference(label):
            rows, groups = np.delete(rows, bare, axis=1), None if groups is None else np.delete(groups, bare)
        return rows, groups

    def resampled(self, label: str) -> tuple[NDArray[np.float64], NDArray[np.int64] | None]:
        """As :meth:`referenced`, but with one row per article if articles are resampled.

        The figures are the same, but the rows of all systems need not be in memory at the same time.
        """
        if self._sums_articles and not self.without_reference(label):
            return self._article_sums(label), np.arange(len(self.article_names()))
        return self.referenced(label)

    @cached_property
    def _sums_articles(self) -> bool:
        # Statistics that are not finite are reported by segment.
        enough = len(self.article_names()) >= ENOUGH_ARTICLES
        return enough and all(np.isfinite(total).all() for total in self.totals.values())

    def identical(self, label: str, first: int, second: int) -> bool:
        """Whether two systems have the same statistics on every segment."""
        both = zip(self.row_blocks(label, first), self.row_blocks(label, second), strict=True)
        return all(np.array_equal(a, b) for (_, a), (_, b) in both)

    def _article_sums(self, label: str) -> NDArray[np.float64]:
        groups: Any = self.groups()
        return np.concatenate([sum_by_group(rows[np.newaxis], groups)[0] for rows in self._by_system(label)])

    def by_article(self, label: str) -> NDArray[np.float64]:
        """float64[systems, articles]: scores of each article, in the order of :meth:`article_names`."""
        if self.articles is None:
            return np.empty((len(self.systems), 0))
        scores = np.array(self.metric(label).metric.score(self._article_sums(label)))
        if label in self.undefined:
            groups: Any = self.groups()
            judged = sum_by_group(np.array(~self.failed(label)[..., np.newaxis], np.float64), groups)[0]
            scores[judged[..., 0] == 0] = np.nan
        return scores

    def by_segment(self, label: str) -> NDArray[np.float64]:
        """float64[systems, n]: scores of each segment, nan where they are undefined."""
        scores = np.empty((len(self.systems), len(self.ids)))
        for system in range(len(self.systems)):
            for part, of_part in self.segment_scores(label, system):
                scores[system, part] = of_part
        return scores

    def segment_scores(self, label: str, system: int) -> Iterator[tuple[slice, NDArray[np.float64]]]:
        """Yield the scores of the segments of one system in blocks, nan where they are undefined."""
        score, failed = self.metric(label).metric.score, np.zeros(len(self.ids), dtype=bool)
        failed[list(self.undefined.get(label, {}).get(self.systems[system], ()))] = True
        for part, rows in self.row_blocks(label, system):
            yield part, np.where(failed[part], np.nan, score(rows))

    def ranked(self, label: str) -> list[int]:
        """Return the indices of the systems, best first; ties in the order given, undefined last."""
        values = -self.metric(label).sign * self.corpus(label)
        return sorted(range(len(self.systems)), key=lambda i: (bool(np.isnan(values[i])), values[i], i))


def number_articles(articles: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the articles in order of first appearance, and int64[n], the index of each segment's article."""
    numbers: dict[str, int] = {}
    groups = np.fromiter((numbers.setdefault(name, len(numbers)) for name in articles), np.int64, len(articles))
    groups.flags.writeable = False
    return tuple(numbers), groups


def number(value: Any) -> float | None:
    """Return a float, or None for an undefined or infinite value, which JSON cannot represent."""
    value = float(value)
    return value if math.isfinite(value) else None
