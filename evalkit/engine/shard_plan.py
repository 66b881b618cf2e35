"""The plan of one task of a run: its shards, and the statistics that have been collected so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evalkit.data.outputs import Outputs
from evalkit.data.tasks import Task, references_of
from evalkit.engine.shards import Shard, ShardResult, chunks, with_references
from evalkit.engine.statistics_cache import StatisticsCache, cacheable, reference_hash, texts_hash
from evalkit.metrics.base import Finding, Metric, Runtime, SystemStatistics
from evalkit.metrics.kernels.routing import RoutedMetric
from evalkit.printable import is_blank
from evalkit.results.packed import Block, PackedFindings, PackedRows, PackedStatistics
from evalkit.results.task_results import NO_REFERENCE, ScoredMetric, TaskResults, Texts

#: Outputs (systems times segments of a task) up to which texts and matched pairs are kept for the reports.
READABLE = 50_000

# Characters times metrics with compiled loops that plain code scores in a second or more, which is twice what it takes to
# load these loops.
_LOADING_PAYS = 3_000_000
# Work per shard, as :meth:`Plan.work` counts it: some seconds, so that all processes work on slow metrics.
_WORK_PER_SHARD = 30_000_000
# Outputs per shard: with many systems, a chunk is split into several shards so that none is too large to send.
OUTPUTS_PER_SHARD = 65_536


class Plan:
    """One task of a run: what has to be scored, and what has been collected so far.

    Metrics that share statistics are scored once: ``keys`` maps a metric label to the key of its statistics, and
    ``metrics`` that key to the metric that is scored.

    :param with_texts: whether texts are kept; None for all but large tasks.
    """

    def __init__(
        self, task: Task, outputs: Outputs, scored: tuple[ScoredMetric, ...], chunk: int, with_texts: bool | None
    ) -> None:
        self.task, self.outputs, self.scored, self.chunk = task, outputs[task.name], scored, chunk
        self.with_texts = with_texts
        self.keys = {item.label: item.metric.statistics_key() for item in scored}
        self.metrics: dict[str, Metric] = {}
        for item in scored:
            self.metrics.setdefault(self.keys[item.label], item.metric)
        self.statistics = {
            key: PackedRows((len(self.outputs), len(task), len(metric.columns))) for key, metric in self.metrics.items()
        }
        self.findings: dict[tuple[str, str], PackedFindings] = {}
        self.undefined: dict[str, dict[str, Mapping[int, str]]] = {}
        #: Indices of the segments without a reference.
        self.bare: set[int] = set()

    @property
    def size(self) -> int:
        """Outputs times metrics."""
        return len(self.task) * len(self.outputs) * len(self.metrics)

    @property
    def readable(self) -> bool:
        """Whether texts and matched pairs are kept for the reports."""
        few = len(self.task) * len(self.outputs) <= READABLE
        asked = few if self.with_texts is None else self.with_texts
        return asked and all(system_outputs.known for system_outputs in self.outputs.values())

    def work(self) -> int:
        """Characters of texts, times the cost of the metrics that workers score."""
        return self._characters() * sum(metric.cost for metric in self.in_workers.values())

    def _characters(self) -> int:
        """Characters of references and outputs, estimated from a sample of segments."""
        n = len(self.task)
        rows = range(0, n, max(1, n // 32))
        texts = [
            text for i in rows for text in (*self.task.references[i], *(o.texts[i] for o in self.outputs.values()))
        ]
        return sum(map(len, texts)) * n // max(1, len(rows))

    @property
    def in_workers(self) -> dict[str, Metric]:
        """The metrics whose segments can be scored in any process."""
        return {key: metric for key, metric in self.metrics.items() if metric.where == "worker"}

    def shards(self, cache: StatisticsCache | None, step: Callable[[int, str], None]) -> Iterator[Job]:
        """Yield the shards that are not in the cache; cached rows are copied into the statistics."""
        metrics = self.in_workers
        if not metrics:
            return
        routed = sum(isinstance(metric, RoutedMetric) for metric in metrics.values())
        large = self._characters() * routed >= _LOADING_PAYS
        names = list(self.outputs)
        for start, stop in chunks(len(self.task), self.chunk, self.task.articles):
            side = references_of(self.task, start, stop)
            self.bare.update(start + i for i, references in enumerate(side.texts) if not references)
            texts = {name: system_outputs.texts[start:stop] for name, system_outputs in self.outputs.items()}
            hashed = reference_hash(side) if cache is not None else b""
            hashes = {name: texts_hash(part) for name, part in texts.items()} if cache is not None else {}
            wanted: list[tuple[str, str]] = []
            keys: dict[tuple[str, str], str] = {}
            for key, metric in metrics.items():
                shape = (stop - start, len(metric.columns))
                kept = f"{key} with matches" if metric.gives_findings and self.readable else key
                for name in names:
                    if cache is not None and cacheable(metric):
                        keys[key, name] = cache.key(kept, hashed, hashes[name])
                        known = cache.get(keys[key, name], shape, findings=metric.gives_findings)
                        if known is not None:
                            self._store(key, name, start, known)
                            step(stop - start, f"{metric.name} of {name}")
                            continue
                    wanted.append((key, name))
            where = f"{self.task.name}, {self.task.place(start, stop)}"
            most = max(1, OUTPUTS_PER_SHARD // (stop - start))
            for first in range(0, len(names), most):
                some = set(names[first : first + most])
                pairs = [pair for pair in wanted if pair[1] in some]
                for asked in self._portions(pairs, texts):
                    part = {name: texts[name] for _, name in asked}
                    yield Job(self, Shard(side, metrics, part, asked, self.readable, where, large), start, stop, keys)

    def _portions(
        self, pairs: Iterable[tuple[str, str]], texts: Mapping[str, Sequence[str]]
    ) -> Iterator[tuple[tuple[str, str], ...]]:
        """Split pairs of statistics key and system where the work before is enough for one shard."""
        sizes = {name: sum(map(len, part)) for name, part in texts.items()}
        portion: list[tuple[str, str]] = []
        work = 0
        for key, name in pairs:
            if work >= _WORK_PER_SHARD:
                yield tuple(portion)
                portion, work = [], 0
            portion.append((key, name))
            work += sizes[name] * self.metrics[key].cost
        if portion:
            yield tuple(portion)

    def score_in_main(self, runtime: Runtime, step: Callable[[int, str], None]) -> None:
        """Score the metrics that need all systems of the task at once.

        :raises InputError: if the statistics do not have the shape that the metric declares.
        """
        metrics = {key: metric for key, metric in self.metrics.items() if metric.where == "main"}
        if not metrics:
            return
        side = references_of(self.task)
        filled, bare = with_references(side)
        self.bare.update(bare)
        texts = {name: system_outputs.texts[:] for name, system_outputs in self.outputs.items()}
        for key, metric in metrics.items():
            progress = _share(len(self.task) * len(texts), step)
            statistics = metric.checked_statistics_of(
                texts, filled if "references" in metric.needs else side, replace(runtime, progress=progress)
            )
            for s, name in enumerate(texts):
                self._take_system(key, metric, s, name, statistics[name])
            progress(1, 1, metric.name)
        self.scored = tuple(replace(item, metric=item.metric.observed(runtime)) for item in self.scored)

    def _take_system(self, key: str, metric: Metric, place: int, name: str, statistics: SystemStatistics) -> None:
        n, rows = len(self.task), statistics.rows
        if "references" in metric.needs:
            rows[sorted(self.bare)] = 0.0
        self.statistics[key].pack(place, 0, rows)
        if statistics.undefined:
            self.undefined.setdefault(key, {})[name] = dict(sorted(statistics.undefined.items()))
        if any(statistics.findings.values()):
            self.findings[key, name] = PackedFindings.of([statistics.findings.get(i, ()) for i in range(n)])

    def _store(self, key: str, name: str, start: int, block: Block) -> None:
        self.statistics[key].put(list(self.outputs).index(name), start, block.rows)
        if block.findings is not None:
            self.findings.setdefault((key, name), PackedFindings(len(self.task))).put(start, block.findings)

    def take(self, job: Job, result: ShardResult, cache: StatisticsCache | None) -> None:
        """Store the blocks of a shard."""
        for (key, name), block in result.blocks.items():
            self._store(key, name, job.start, block)
            if cache is not None and (key, name) in job.keys:
                cache.put(job.keys[key, name], block)

    def _undefined(self) -> dict[str, dict[str, Mapping[int, str]]]:
        """By metric label and system, the segments whose judgement failed and those that lack a required reference."""
        without = dict.fromkeys(sorted(self.bare), NO_REFERENCE)
        reasons: dict[str, dict[str, Mapping[int, str]]] = {}
        for item in self.scored:
            failed = self.undefined.get(self.keys[item.label], {})
            if self.bare and "references" in item.metric.needs:
                failed = {name: dict(sorted({**failed.get(name, {}), **without}.items())) for name in self.outputs}
            if failed:
                reasons[item.label] = failed
        return reasons

    def _empty(self) -> dict[str, tuple[str, ...]]:
        """By system, the ids whose output is present but blank."""
        empty_ids: dict[str, tuple[str, ...]] = {}
        for name, system_outputs in self.outputs.items():
            if not system_outputs.known:
                continue
            missing = set(system_outputs.missing)
            blank = (id_ for id_, text in zip(self.task.ids, system_outputs.texts, strict=True) if is_blank(text))
            if empty := tuple(id_ for id_ in blank if id_ not in missing):
                empty_ids[name] = empty
        return empty_ids

    def unscored(self) -> TaskResults:
        """Return the results of the task without metrics, which shows what the results can be sliced by."""
        task = self.task
        texts = None
        if self.readable:
            texts = Texts(
                sources=None if task.sources is None else tuple(task.sources),
                references=tuple(map(tuple, task.references)),
                outputs={name: tuple(given.texts) for name, given in self.outputs.items()},
                blocks=task.blocks,
                reference_names=task.reference_names,
            )
        return TaskResults(
            name=task.name,
            lang=task.lang,
            source_lang=task.source_lang,
            kind=task.kind,
            fingerprint=task.fingerprint(),
            systems=tuple(self.outputs),
            ids=task.ids,
            articles=task.articles,
            metrics=(),
            statistics={},
            missing={name: given.missing for name, given in self.outputs.items() if given.missing},
            fields=dict(task.fields),
            texts=texts,
        )

    def results(self) -> TaskResults:
        """Return the results of the task after everything is scored."""
        findings: dict[str, dict[str, Sequence[tuple[Finding, ...]]]] = {}
        none = ((),) * len(self.task)
        counts = set(map(len, self.task.references))
        texts = [given.texts for given in self.outputs.values()]
        for item in self.scored:
            keys = {name: (self.keys[item.label], name) for name in self.outputs}
            if item.metric.gives_findings or any(key in self.findings for key in keys.values()):
                findings[item.label] = {name: self.findings.get(key, none) for name, key in keys.items()}
        return replace(
            self.unscored(),
            metrics=self.scored,
            statistics=PackedStatistics({label: self.statistics[key] for label, key in self.keys.items()}),
            empty=self._empty(),
            findings=findings,
            undefined=self._undefined(),
            reference_counts=(min(counts), max(counts)),
            notes=tuple(note for item in self.scored for note in item.metric.text_notes(texts)),
        )


@dataclass(frozen=True, eq=False)
class Job:
    """A submitted shard: the plan it belongs to, where its rows are stored, and their cache keys."""

    plan: Plan
    shard: Shard
    start: int
    stop: int
    keys: Mapping[tuple[str, str], str]

    def by_metric(self) -> Iterator[Job]:
        """Yield a job for each metric, or for the metrics that extract the same from the texts."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for key, name in self.shard.wanted:
            groups.setdefault(self.shard.metrics[key].extracts or key, []).append((key, name))
        for wanted in groups.values():
            yield replace(self, shard=replace(self.shard, wanted=tuple(wanted)))

    @property
    def cost(self) -> int:
        """The highest cost of its metrics."""
        return max(self.shard.metrics[key].cost for key, _ in self.shard.wanted)


def _share(size: int, step: Callable[[int, str], None]) -> Callable[[int, int, str], None]:
    """Report the progress of one metric, as ``(done, total, what)``, as a share of ``size`` steps of the whole run."""
    counted = 0

    def progress(done: int, total: int, what: str) -> None:
        nonlocal counted
        now = size * min(done, total) // max(1, total)
        if now > counted:
            step(now - counted, what)
            counted = now

    return progress
