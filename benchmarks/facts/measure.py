"""Measure the fact metrics on sets of translations: errors in references and systems, and changes of references noticed."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.facts.mutate import mutations
from benchmarks.facts.piles import interval
from benchmarks.facts.sets import ParallelSet, references_from
from evalkit.metrics import METRICS
from evalkit.text.quantities import Pair, align, extract

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
    """One changed reference.

    :param noticed: whether the change gives a new error finding. :param hinted: whether it gives a new error or warning.
    """

    set: str
    reference: str
    line: int
    kind: str
    noticed: bool
    hinted: bool
    source: str
    text: str


class Measurement:
    """Everything counted on some sets.

    :ivar required: quantities of the sources that an output has to state, by set and output.
    :ivar outputs: outputs that ``Names`` and ``Health`` judged, by set, output and metric.
    """

    def __init__(self, sets: Iterable[ParallelSet]) -> None:
        self.flags: list[Flag] = []
        self.changes: list[Change] = []
        self.required: Counter[tuple[str, str]] = Counter()
        self.outputs: Counter[tuple[str, str, str]] = Counter()
        for one in sets:
            self._quantities(one)
            if one.references:
                self._findings(one, "Health", one.systems)
                if one.source_lang == "zh":
                    self._findings(one, "Names", {**one.references, **one.systems})

    def _quantities(self, one: ParallelSet) -> None:
        wanted = [extract(source, one.source_lang) for source in one.sources]
        for name, texts in {**one.references, **one.systems}.items():
            self.required[one.name, name] += sum(q.checkable for found in wanted for q in found)
            for line, source, found, text in zip(one.numbers, one.sources, wanted, texts, strict=True):
                known = align(found, extract(text, one.target_lang), texts=(source, text))
                errors = _keys(known, "error").elements()
                self.flags += (Flag(one.name, name, line, "Quantities", *error) for error in errors)
                if name in one.references:
                    for kind, changed in mutations(text, one.target_lang, source, one.source_lang):
                        pairs = align(found, extract(changed, one.target_lang), texts=(source, changed))
                        seen = [
                            bool(_keys(pairs, *levels) - _keys(known, *levels))
                            for levels in (["error"], ["error", "warning"])
                        ]
                        self.changes.append(Change(one.name, name, line, kind, *seen, source, changed))

    def _findings(self, one: ParallelSet, name: str, outputs: dict[str, tuple[str, ...]]) -> None:
        references = references_from(one, *one.references)
        metric: Any = METRICS[name]().resolve(one.target_lang)
        for output, lines in outputs.items():
            self.outputs[one.name, output, name] += len(lines)
            for i, text in enumerate(lines):
                for found in metric.explain(text, references, i):
                    if found.severity == "error":
                        key = found.key if found.key != found.kind else ""
                        self.flags.append(Flag(one.name, output, one.numbers[i], name, found.kind, "", key))

    def report(self) -> str:
        """The counts as text."""
        return "\n".join(self._report())

    def _report(self) -> Iterator[str]:
        yield "errors of Quantities, per quantity required by the source"
        flags = Counter((flag.set, flag.system) for flag in self.flags if flag.metric == "Quantities")
        for (name, system), required in self.required.items():
            yield f"  {f'{name} {system}':42} {share(flags[name, system], required)}"
        yield "outputs with an error"
        lines = {(flag.set, flag.system, flag.metric, flag.line) for flag in self.flags}
        wrong = Counter(found[:3] for found in lines)
        for key, outputs in self.outputs.items():
            yield f"  {' '.join(key):42} {share(wrong[key], outputs)}"
        made = Counter(c.kind for c in self.changes)
        for what in ("noticed", "hinted"):
            seen = Counter(c.kind for c in self.changes if getattr(c, what))
            yield f"changes of references noticed as {'an error' if what == 'noticed' else 'an error or a warning'}, by kind"
            for kind in sorted(made):
                yield f"  {kind:12} {share(seen[kind], made[kind])}"
            exchanged = made["exchanged"], seen["exchanged"]
            yield f"  {'all others':12} {share(seen.total() - exchanged[1], made.total() - exchanged[0])}"
        right = judgements()
        for metric in ("Quantities", "Names", "Health"):
            judged = [right[flag] for flag in self.flags if flag.metric == metric and flag in right]
            yield f"errors of {metric} that are judged right {share(sum(judged), len(judged))}"


def _keys(pairs: list[Pair], *levels: str) -> Counter[tuple[str, str, str]]:
    return Counter(
        (pair.verdict, str(pair.source or ""), str(pair.output or "")) for pair in pairs if pair.severity in levels
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
