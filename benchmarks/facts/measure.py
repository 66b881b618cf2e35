"""Measure the fact metrics on translations of sets that lie in one folder: false alarms, changes noticed, and flags."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.facts.mutate import mutations
from benchmarks.facts.piles import interval
from benchmarks.facts.sets import ParallelSet
from evalkit.metrics.base import References
from evalkit.metrics.health import Health
from evalkit.text.quantities import Pair, Quantity, align, extract

JUDGED = Path(__file__).with_name("judged_flags.tsv")


class Flag(NamedTuple):
    """One error finding. :param system: a system or a reference. :param line: from 1. :param kind: of the finding."""

    set: str
    system: str
    line: int
    metric: str
    kind: str
    source: str
    output: str


class Change(NamedTuple):
    """One changed reference, and whether the change was noticed."""

    set: str
    reference: str
    line: int
    kind: str
    noticed: bool
    source: str
    text: str


class Measurement:
    """Everything counted on some sets. ``required``: quantities of the sources that an output has to state."""

    def __init__(self, sets: Iterable[ParallelSet]) -> None:
        self.flags: list[Flag] = []
        self.changes: list[Change] = []
        self.required: Counter[tuple[str, str]] = Counter()
        self._seconds, self._bytes = Counter[str](), Counter[str]()
        for one in sets:
            self._quantities(one)
            self._health(one)

    def _read(self, text: str, lang: str) -> list[Quantity]:
        begin = time.process_time()
        found = extract(text, lang)
        self._seconds[lang] += time.process_time() - begin
        self._bytes[lang] += len(text.encode())
        return found

    def _quantities(self, one: ParallelSet) -> None:
        wanted = [self._read(text, one.source_lang) for text in one.sources]
        for name, texts in {**one.references, **one.systems}.items():
            self.required[one.name, name] += sum(q.checkable for found in wanted for q in found)
            for line, source, found, text in zip(one.numbers, one.sources, wanted, texts, strict=True):
                known = _errors(align(found, self._read(text, one.target_lang), texts=(source, text)))
                self.flags += (Flag(one.name, name, line, "Quantities", *error) for error in known.elements())
                if name in one.references:
                    for kind, changed in mutations(text, one.target_lang, source, one.source_lang):
                        errors = _errors(align(found, self._read(changed, one.target_lang), texts=(source, changed)))
                        self.changes.append(Change(one.name, name, line, kind, bool(errors - known), source, changed))

    def _health(self, one: ParallelSet) -> None:
        if not one.references:
            return
        references = References(
            tuple(zip(*one.references.values(), strict=True)),
            lang=one.target_lang,
            sources=one.sources,
            source_lang=one.source_lang,
        )
        metric = Health().resolve(one.target_lang)
        for name, texts in one.systems.items():
            for i, text in enumerate(texts):
                for found in metric.explain(text, references, i):
                    if found.severity == "error":
                        self.flags.append(Flag(one.name, name, one.numbers[i], "Health", found.kind, "", ""))

    def report(self) -> str:
        """The counts as text."""
        return "\n".join(self._report())

    def _report(self) -> Iterator[str]:
        yield "errors of Quantities, per quantity required by the source"
        flags = Counter((flag.set, flag.system) for flag in self.flags if flag.metric == "Quantities")
        for (name, system), required in self.required.items():
            yield f"  {name} {system:18} {share(flags[name, system], required)}"
        made, seen = Counter(c.kind for c in self.changes), Counter(c.kind for c in self.changes if c.noticed)
        yield "changes of references noticed, by kind"
        for kind in sorted(made):
            yield f"  {kind:12} {share(seen[kind], made[kind])}"
        exchanged = made["exchanged"], seen["exchanged"]
        yield f"  {'all others':12} {share(seen.total() - exchanged[1], made.total() - exchanged[0])}"
        right = judgements()
        for metric in ("Quantities", "Health"):
            found = [flag for flag in self.flags if flag.metric == metric]
            judged = [right[flag] for flag in found if flag in right]
            yield f"errors of {metric} that are judged right {share(sum(judged), len(judged))}, {len(found)} in all"
        for lang, seconds in self._seconds.items():
            yield f"speed {lang}: {self._bytes[lang] / seconds / 1e6:.1f} MB/s"


def _errors(pairs: list[Pair]) -> Counter[tuple[str, str, str]]:
    return Counter(
        (pair.verdict, str(pair.source or ""), str(pair.output or "")) for pair in pairs if pair.severity == "error"
    )


def share(hits: int, of: int) -> str:
    """``hits`` of ``of``, in percent, with the interval."""
    if not of:
        return f"{hits:5} / {of:5}"
    low, high = interval(hits, of)
    return f"{hits:5} / {of:5}  {hits / of:6.1%}  ({low:.1%} to {high:.1%})"


def judgements(path: Path = JUDGED) -> dict[Flag, bool]:
    """The flags that a language model has judged, and whether they are right."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            Flag(
                row["set"], row["system"], int(row["line"]), row["metric"], row["kind"], row["source"], row["output"]
            ): row["right"] == "yes"
            for row in csv.DictReader(file, delimiter="\t")
        }


def write(rows: Iterable[NamedTuple], path: Path) -> None:
    """The rows as a table for a judge."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        for i, row in enumerate(rows):
            if not i:
                writer.writerow(row._fields)
            writer.writerow(row)
