"""A shard: the segments of one chunk, to be scored by every metric for the systems that still need it.

A row of statistics depends only on its segment and, at most, on the sources of its article, so a task can be split
between articles and reassembled. The chunk boundaries depend only on the benchmark, never on the systems, the workers
or the machine, so the cached statistics of a chunk are valid in every later run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evalkit.errors import EvalkitError, interrupt_in
from evalkit.metrics.base import Metric, References
from evalkit.metrics.kernels.routing import compiled_where_kept
from evalkit.results.packed import Block, pack_findings, smallest

#: Maximum segments per chunk; kernels reach full speed with a few hundred.
CHUNK = 2048


@dataclass(frozen=True, eq=False)
class Shard:
    """The unit of work sent to a worker.

    :param metrics: maps each statistics key to the resolved metric.
    :param outputs: maps each system to its m texts of this chunk; with many systems, a shard holds only some of them.
    :param wanted: pairs of statistics key and system to score; the others are already known.
    :param matches: whether to keep ``ok`` findings, which link matched pairs in the text viewer; errors and warnings
        are always kept.
    :param where: the task and segments of the chunk, for error messages.
    :param large: whether the task is so large that loading compiled loops from the disk cache is worthwhile from the
        first text.
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
    """The result of a shard: a block by statistics key and system, or an error message."""

    blocks: Mapping[tuple[str, str], Block]
    error: str | None = None


def chunks(n: int, size: int = CHUNK, articles: Sequence[str] | None = None) -> list[tuple[int, int]]:
    """Return half-open ranges that cover n segments.

    :param articles: n article ids. Consecutive segments of one article stay together, so that a metric may read the
        whole source of a segment's article. An article of more than ``size`` segments is split nevertheless.
    """
    bounds: list[tuple[int, int]] = []
    start = 0
    while start < n:
        stop = min(start + size, n)
        if articles is not None and stop < n:
            last, *following = articles[stop - 1 : min(stop + size, n)]
            for article in following:
                if article != last:
                    break
                stop += 1
        bounds.append((start, stop))
        start = stop
    return bounds


def with_references(side: References) -> tuple[References, list[int]]:
    """Return references with an empty text for each segment that has none, and the indices of those segments."""
    bare = [i for i, texts in enumerate(side.texts) if not texts]
    return (replace(side, texts=tuple(texts or ("",) for texts in side.texts)) if bare else side), bare


def get_ready() -> None:
    """Prepare a worker for many shards: load what every metric needs, and the cached compiled loops."""
    compiled_where_kept(load=True)


def score_shard(shard: Shard) -> ShardResult:
    """Score one shard. The function is pure, so any executor may run it, and run it again if a worker dies.

    An exception raised by a metric is returned as a message, so that the other shards continue.
    """
    blocks: dict[tuple[str, str], Block] = {}
    what = ""
    if shard.large:
        compiled_where_kept()
    filled, bare = with_references(shard.references)
    try:
        for key, metric in shard.metrics.items():
            systems = [system for k, system in shard.wanted if k == key]
            if not systems:
                continue
            what = metric.name
            needs_references = "references" in metric.needs
            side = filled if needs_references else shard.references
            prepared = None if metric.gives_findings else metric.prepare(side)
            for system in systems:
                texts, findings = shard.outputs[system], None
                if prepared is None:
                    rows, explained = metric.explained_statistics(texts, side)
                    findings = pack_findings(
                        [tuple(f for f in found if shard.matches or f.severity != "ok") for found in explained]
                    )
                else:
                    rows = metric.prepared_statistics(texts, prepared)
                if needs_references:
                    rows[bare] = 0.0
                blocks[key, system] = Block(smallest(rows), findings)
    except EvalkitError as error:
        return ShardResult({}, f"{shard.where}: {error}")
    except Exception as error:  # a third-party metric may raise anything; the other shards must not be lost
        if interrupt := interrupt_in(error):
            raise interrupt from None
        return ShardResult({}, f"{shard.where}: {what} failed with {type(error).__name__}: {error}")
    return ShardResult(blocks)
