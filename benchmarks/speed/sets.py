"""Line-aligned sets of system outputs, and smaller or longer ones made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Set:
    """System outputs with their references.

    :param references: the references of each segment.
    :param systems: name to texts.
    """

    name: str
    lang: str
    references: tuple[tuple[str, ...], ...]
    systems: dict[str, tuple[str, ...]]

    def __str__(self) -> str:
        systems, segments, references = len(self.systems), len(self.references), len(self.references[0])
        return f"{self.name}, {systems} x {segments:,}" + (f", {references} references" if references > 1 else "")

    def with_references(self, count: int) -> Set:
        """The first references of each segment."""
        return replace(self, references=tuple(refs[:count] for refs in self.references))

    def sample(self, *, systems: int, every: int = 1) -> Set:
        """The first systems, every so many segments."""
        some = dict(list(self.systems.items())[:systems])
        return replace(
            self,
            references=self.references[::every],
            systems={name: texts[::every] for name, texts in some.items()},
        )

    def articles(self, words: Sequence[int], *, lines: bool = False) -> Set:
        """Neighbouring segments joined until the reference has so many words, one text for each number of words.

        :param lines: a segment a line, instead of a space between.
        """
        between = "\n" if lines else " "
        bounds, start = [], 0
        for wanted in words:
            end, have = start, 0
            while have < wanted:
                have += len(self.references[end][0].split())
                end += 1
            bounds.append((start, end))
            start = end
        columns = list(zip(*self.references, strict=True))
        joined = [tuple(between.join(column[a:b]) for a, b in bounds) for column in columns]
        return replace(
            self,
            name=f"{self.name}, joined",
            references=tuple(zip(*joined, strict=True)),
            systems={k: tuple(between.join(texts[a:b]) for a, b in bounds) for k, texts in self.systems.items()},
        )


def load(folder: Path, name: str) -> Set:
    """A set with all its references; rows choose how many."""
    paths = sorted((folder / name).glob("reference.*"))
    if not paths:
        raise SystemExit(f"{folder / name} holds no reference.*; give the folder that holds {name}")
    systems = {path.stem: lines_of(path) for path in sorted((folder / name / "systems").iterdir())}
    return Set(name, paths[0].suffix[1:], tuple(zip(*map(lines_of, paths), strict=True)), systems)


def lines_of(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"))
