"""Error flags on the strongest systems of wmt24-en-zh, drawn for a judge: are they right?

The sample is drawn with a fixed seed from all error findings of Quantities and Health on the four systems that people
rated best. Judgements are kept in ``flags.tsv`` beside this file.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.facts.sets import lines
from evalkit.metrics.base import Metric, References
from evalkit.metrics.health import Health
from evalkit.metrics.quantities import Quantities

JUDGED = Path(__file__).with_name("flags.tsv")
#: the best four by the mean of the ESA scores.
SYSTEMS = ("GPT-4", "Unbabel-Tower70B", "Claude-3.5", "ONLINE-B")


@dataclass(frozen=True)
class Flag:
    """One error finding. :param line: from 1."""

    system: str
    line: int
    metric: str
    kind: str
    key: str
    message: str

    @property
    def id(self) -> tuple[str, str, str, str, str]:
        """What a judgement is kept under."""
        return self.system, str(self.line), self.metric, self.kind, self.key


def flags(folder: Path) -> Iterator[Flag]:
    """All error findings on the four systems."""
    data = folder / "wmt24-en-zh"
    sources, docids = lines(data / "source.en"), lines(data / "docids")
    references = References(
        tuple((text,) for text in lines(data / "reference.refA.zh")),
        lang="zh",
        sources=sources,
        source_lang="en",
        articles=docids,
    )
    metrics: tuple[Metric, ...] = (Quantities().resolve("zh"), Health().resolve("zh"))
    for system in SYSTEMS:
        for i, text in enumerate(lines(data / "systems" / f"{system}.zh")):
            for metric in metrics:
                for found in metric.explain(text, references, i):
                    if found.severity == "error":
                        yield Flag(system, i + 1, metric.name, found.kind, found.key, found.message)


def sample(found: list[Flag], size: int = 60, seed: int = 2026) -> list[Flag]:
    """A random sample, in the order of the flags."""
    chosen = sorted(random.Random(seed).sample(range(len(found)), min(size, len(found))))
    return [found[i] for i in chosen]
