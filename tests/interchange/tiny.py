"""The three sentences that the logs in ``made`` are of."""

from __future__ import annotations

from pathlib import Path

from evalkit.data.benchmark import Benchmark

MADE = Path(__file__).parent / "made"

IDS = ("library/p1", "library/p2", "apples/p1")
SAID = (
    "A new library has been built in the village.",
    "Children read there after school.\nThey like it.",
    "“4,000” crates of apples were sold 🍎",
)
REFERENCES = (
    "The village has built a new library.",
    "The children come to read after school.",
    "This year 4,000 crates of apples were sold.",
)


def tiny(ids: tuple[str, ...] = IDS, references: tuple[str, ...] = REFERENCES) -> Benchmark:
    rows = [
        {"id": id_, "article": id_.partition("/")[0], "source": "原文", "references": [reference]}
        for id_, reference in zip(ids, references, strict=True)
    ]
    return Benchmark.from_dataset(rows, lang="zh-en", name="tiny")
