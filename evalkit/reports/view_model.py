"""The content of a report as plain values; templates and scripts make no decisions."""

from dataclasses import dataclass

from evalkit.reports.tables import Cell
from evalkit.results.worst_segments import WorstSegment


@dataclass(frozen=True)
class ScoreCell(Cell):
    """One system's score on one metric.

    :param bar: the low end of the interval, the score and the high end, in percent of the width of the column's scale.
    :param delta: the difference from the baseline, with the ``verdict`` on the pair; both empty if there is none.
    """

    value: float | None = None
    bar: tuple[float, float, float] | None = None
    interval: str = ""
    delta: str = ""
    verdict: str = ""
    ranks: str = ""
    cluster: int | None = None


@dataclass(frozen=True)
class Row:
    """A system of the leaderboard, with warnings (``badges``): missing outputs, metrics that it was tuned on."""

    system: str
    index: int
    cells: tuple[ScoreCell, ...]
    badges: tuple[str, ...]


@dataclass(frozen=True)
class HeatCell(Cell):
    """A score with its shade, -4 (worst) to 4 (best), and the link to its texts."""

    shade: int | None = None
    link: str | None = None


@dataclass(frozen=True)
class ReadFirst:
    """An output worth reading.

    :param excerpts: the name, the language and the pieces of each text, each piece with whether it is an erroneous span.
    :param link: opens the segment on the page; None if its texts are omitted.
    """

    row: WorstSegment
    headline: str
    excerpts: tuple[tuple[str, str, tuple[tuple[str, bool], ...]], ...]
    link: str | None


@dataclass(frozen=True)
class Group:
    """An article, or a page of segments if the task has no article ids; ``segments`` holds their indices."""

    id: str
    title: str
    lang: str
    segments: tuple[int, ...]
