"""A row of the table, and how its times are taken."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from evalkit.metrics.base import Metric, References

from .sets import Set


def same_rows(theirs: Any, ours: Any) -> bool:
    """Equal statistics, segment by segment, for every system."""
    return len(theirs) == len(ours) and all(np.array_equal(a, b) for a, b in zip(theirs, ours, strict=True))


@dataclass(frozen=True)
class Row:
    """One comparison.

    :param name: the job.
    :param input: what both are given.
    :param theirs: the job as the reference implementation does it; returns what is compared.
    :param ours: the same for evalkit.
    :param goal: the ratio to reach; 0 for none.
    :param equal: whether what both returned is the same.
    :param equality: what that means, for the table.
    """

    name: str
    input: str
    theirs: Callable[[], Any]
    ours: Callable[[], Any]
    goal: int
    equal: Callable[[Any, Any], bool] = same_rows
    equality: str = "every row"


def statistics(metric: Metric, data: Set) -> list[np.ndarray]:
    """Rows of every system, the references prepared once."""
    prepared = metric.prepare(References(data.references, lang=data.lang))
    return [metric.statistics(texts, prepared) for texts in data.systems.values()]


def timed(job: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Least CPU seconds of a process that does the job, and what it returned."""
    best, found = float("inf"), None
    for _ in range(repeats):
        forget()
        gc.collect()
        start = time.process_time()
        found = job()
        best = min(best, time.process_time() - start)
    return best, found


def forget() -> None:
    """Empty what is remembered of texts: sacrebleu's tokenized lines and evalkit's stems."""
    from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a
    from sacrebleu.tokenizers.tokenizer_re import TokenizerRegexp
    from sacrebleu.tokenizers.tokenizer_ter import TercomTokenizer
    from sacrebleu.tokenizers.tokenizer_zh import TokenizerZh

    from evalkit.metrics.kernels.rouge import stem

    for tokenizer in (Tokenizer13a, TokenizerRegexp, TercomTokenizer, TokenizerZh):
        tokenizer.__call__.cache_clear()
    stem.cache_clear()
