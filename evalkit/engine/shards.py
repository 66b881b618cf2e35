"""A shard: the segments of one chunk, scored by every metric for the systems that still need it.

Rows of statistics depend on their segment alone, and at most on the sources of its article, so a task can be cut between
articles and put together again. Where it is cut into chunks follows from the benchmark alone, never from the systems, the
workers or the machine: what was scored for a chunk once holds in every later run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import EvalkitError
from evalkit.metrics.base import Finding, Metric, References
from evalkit.metrics.kernels.routing import compiled_where_kept

__all__ = ["Shard", "ShardResult", "chunks", "get_ready", "score_shard", "with_references"]

#: most segments of a chunk; kernels are at full speed with some hundreds.
CHUNK = 2048

Floats = NDArray[np.float64]
Findings = dict[tuple[str, str], tuple[tuple[Finding, ...], ...]]


@dataclass(frozen=True, eq=False)
class Shard:
    """What a worker gets.

    :param metrics: by statistics key, the resolved metric.
    :param outputs: by system, the m texts of this chunk; with many systems, of some of them.
    :param wanted: pairs of statistics key and system to be scored; the others are known already.
    :param matches: whether to keep ``ok`` findings, which link matched pairs for a reader; errors and warnings are always
        kept.
    :param where: names the chunk in an error: task and segments.
    :param large: whether it is one of so many that compiled loops, where they are kept on disk, pay from its first text.
    """

    references: References
    metrics: Mapping[str, Metric]
    outputs: Mapping[str, Sequence[str]]
    wanted: tuple[tuple[str, str], ...]
    matches: bool
    where: str
    large: bool = False


@dataclass(frozen=True, eq=False)
class ShardResult:
    """What a worker gives back: rows float64[m, k] by statistics key and system, or what went wrong."""

    rows: Mapping[tuple[str, str], Floats]
    findings: Findings
    error: str | None = None


def chunks(n: int, size: int = CHUNK, articles: Sequence[str] | None = None) -> list[tuple[int, int]]:
    """Half-open ranges that cover n segments.

    :param articles: n article ids: the segments of one article that follow each other stay together, so that a metric
        may look at the whole source of a segment's article. An article of more than ``size`` segments is cut all the same.
    """
    found: list[tuple[int, int]] = []
    start = 0
    while start < n:
        stop = min(start + size, n)
        if articles is not None and stop < n:
            last, *following = articles[stop - 1 : min(stop + size, n)]
            for article in following:
                if article != last:
                    break
                stop += 1
        found.append((start, stop))
        start = stop
    return found


def with_references(side: References) -> tuple[References, list[int]]:
    """References for metrics that need them: an empty text for each segment without one, and the numbers of those."""
    bare = [i for i, texts in enumerate(side.texts) if not texts]
    return (replace(side, texts=tuple(texts or ("",) for texts in side.texts)) if bare else side), bare


def get_ready() -> None:
    """What a worker can do before its first shard of many: load what every metric needs, and the loops that are kept."""
    compiled_where_kept(load=True)


def score_shard(shard: Shard) -> ShardResult:
    """Score one shard; pure, so that any executor may run it, and run it again if a worker dies.

    What a metric raises comes back as a message: the other shards go on.
    """
    rows: dict[tuple[str, str], Floats] = {}
    findings: Findings = {}
    what = ""
    if shard.large:
        compiled_where_kept()
    filled, bare = with_references(shard.references)
    try:
        for key, metric in shard.metrics.items():
            systems = [system for k, system in shard.wanted if k == key]
            what = metric.name
            if systems:
                # Explaining needs the same again.
                needs_references = "references" in metric.needs
                side = filled if needs_references else shard.references
                prepared = metric._kept(side) if metric.gives_findings else metric.prepare(side)
                for system in systems:
                    rows[key, system] = metric.statistics(shard.outputs[system], prepared)
                    if needs_references:
                        rows[key, system][bare] = 0.0
            if metric.gives_findings:
                for system, texts in shard.outputs.items():
                    explained = (metric.explain(text, shard.references, i) for i, text in enumerate(texts))
                    findings[key, system] = tuple(
                        found if shard.matches else tuple(f for f in found if f.severity != "ok") for found in explained
                    )
    except EvalkitError as error:
        return ShardResult({}, {}, f"{shard.where}: {error}")
    except Exception as error:  # a metric of a third party may raise anything; the other shards must not be lost
        return ShardResult({}, {}, f"{shard.where}: {what} failed with {type(error).__name__}: {error}")
    return ShardResult(rows, findings)
