"""A scorer for inspect_ai: one output at a time, and the corpus score from the sum of the statistics.

Example: ``Task(dataset=..., solver=..., scorer=evalkit_scorer("chrF", lang="zh-en"))``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from evalkit.metrics.base import References
from evalkit.metrics.parsing import parse
from evalkit.text.languages import parse_pair
from evalkit.version import install_hint

try:
    from inspect_ai.scorer import Metric, SampleScore, Score, Scorer, Target, metric, scorer
    from inspect_ai.solver import TaskState
except ImportError as error:
    raise ImportError(f"this module needs inspect-ai: {install_hint('inspect')}") from error


# The rows of all epochs: a reducer would keep those of the first epoch only.
@metric(scores="unreduced")  # type: ignore[untyped-decorator,unused-ignore]
def corpus(name: str, lang: str) -> Metric:
    """The corpus score: from the sum of the statistics, which for BLEU is not the mean of sentence scores."""
    resolved = parse(name).resolve(parse_pair(lang).target)

    def compute(scores: list[SampleScore]) -> float:
        rows = [s.score.metadata["statistics"] for s in scores if "statistics" in (s.score.metadata or {})]
        return float(resolved.score(np.sum(rows, axis=0))) if rows else math.nan

    return compute


def evalkit_scorer(name: str, *, lang: str) -> Scorer:
    """A scorer of one metric of evalkit; the input of a sample is the source, its target the references.

    :param name: such as ``chrF`` or ``BLEU(tokenize=zh)``.
    :param lang: source and target language, such as ``zh-en``, or the target alone.
    """
    pair = parse_pair(lang)
    resolved = parse(name).resolve(pair.target)
    resolved.check_languages(pair.target, pair.source)

    async def score(state: TaskState, target: Target) -> Score:
        output = state.output.completion
        side: Any = References((tuple(target),), pair.target, (state.input_text,), pair.source)
        (row,) = resolved.statistics([output], side)
        errors = "; ".join(f.message for f in resolved.explain(output, side, 0) if f.severity == "error")
        value, metadata = float(resolved.score(row)), {"statistics": row.tolist()}
        return Score(value=value, answer=output, explanation=errors or None, metadata=metadata)

    inspect_scorer: Scorer = scorer(metrics=[corpus(name, lang)], name=f"evalkit_{resolved.name}")(lambda: score)()
    return inspect_scorer
