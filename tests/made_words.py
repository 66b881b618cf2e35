"""References of made-up words, and outputs with a share of the words wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from evalkit.data.benchmark import Benchmark


class MadeWords:
    """A benchmark of ``n`` segments, ``per_article`` in each article, and outputs for it, from one seed."""

    def __init__(self, n: int, per_article: int, **more: list[Any]) -> None:
        self._random = np.random.default_rng(5)
        words = [f"w{i}" for i in range(50)]
        self._references = [" ".join(self._random.choice(words, 12)) for _ in range(n)]
        rows = [
            {"id": str(i), "article": f"d{i // per_article}", "references": [text]}
            | {name: values[i] for name, values in more.items()}
            for i, text in enumerate(self._references)
        ]
        self.benchmark = Benchmark.from_dataset(rows, lang="zh-en")

    def worse(self, share: float) -> list[str]:
        """Outputs in which this share of the words is wrong."""
        return [
            " ".join(word if self._random.random() > share else "x" for word in text.split())
            for text in self._references
        ]
