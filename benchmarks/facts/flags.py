"""Error flags on the strongest systems of wmt24-en-zh, drawn for a judge: are they right?

All error findings of Quantities and Health on the four systems that people rated best. The judgements, of a language
model, are kept in ``flags.tsv`` beside this file: those of the 60 flags that were drawn before and after a change, and since
then of all.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.facts.piles import interval
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


def report(found: list[Flag], path: Path = JUDGED) -> str:
    """How many of the flags are judged right, by metric; flags that nobody judged are listed."""
    with path.open(encoding="utf-8", newline="") as file:
        right = {tuple(row[:5]): row[5] == "yes" for row in csv.reader(file, delimiter="\t")}
    rows = []
    for name in dict.fromkeys(flag.metric for flag in found):
        judged = [right[flag.id] for flag in found if flag.metric == name and flag.id in right]
        if judged:
            low, high = interval(sum(judged), len(judged))
            share = sum(judged) / len(judged)
            rows.append(
                f"{name}: {sum(judged)} of {len(judged)} flags are right ({share:.0%}; {low:.0%} to {high:.0%})"
            )
    rows += [f"not judged: {' '.join(flag.id)}: {flag.message}" for flag in found if flag.id not in right]
    return "\n".join(rows)
