"""Small benchmarks and systems with known errors, made from a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from evalkit.data.benchmark import Benchmark
from evalkit.engine.evaluate import run
from evalkit.results.results import Results
from evalkit.results.run_folder import save_results

WORDS = (
    "village library county school teacher volunteer river market apple train bridge winter harvest office letter "
    "student doctor engine garden window museum forest kitchen market paper road evening station island flower"
).split()


def sentences(n: int, seed: int = 1, length: int = 14) -> list[str]:
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, k=length)) for _ in range(n)]


def noisy(texts: Sequence[str], rate: float, seed: int) -> list[str]:
    """Each word replaced with probability ``rate``."""
    rng = random.Random(seed)
    return [" ".join(rng.choice(WORDS) if rng.random() < rate else word for word in text.split()) for text in texts]


def bench(n: int = 60, articles: int | None = 12, seed: int = 1, **more: Any) -> Benchmark:
    rows = [
        {"id": f"s{i}", "references": [text], "source": f"原文{i}"}
        | ({} if articles is None else {"article": f"a{i * articles // n}"})
        for i, text in enumerate(sentences(n, seed))
    ]
    return Benchmark.from_dataset(rows, lang="zh-en", **more)


def references(benchmark: Benchmark) -> list[str]:
    return [refs[0] for refs in benchmark.tasks[0].references]


def results(
    benchmark: Benchmark, systems: Mapping[str, Any], metrics: Sequence[Any] = ("BLEU", "chrF"), **more: Any
) -> Results:
    # Some tests put a metric in the place of one of evalkit's, which a user may not.
    with patch("evalkit.metrics.parsing._fault", return_value=""):
        return run(benchmark, systems, metrics=metrics, **more)


def saved(
    folder: Path, benchmark: Benchmark, systems: Mapping[str, Any], metrics: Sequence[Any] = ("BLEU", "chrF")
) -> Path:
    return save_results(results(benchmark, systems, metrics), folder)
