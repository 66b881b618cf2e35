"""The content of a report as plain values; templates and scripts make no decisions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits on the content of a report; whatever is omitted is mentioned in the report.

    :param texts: total bytes of sources, references, outputs and findings.
    :param text: characters of one text.
    :param systems: systems whose outputs and article scores are included.
    :param articles: rows of a heat table.
    :param worse: articles listed on which a system scores below the baseline.
    :param heat_systems: columns of a heat table.
    :param chunk: segments per page if the task has no article ids.
    """

    texts: int = 16_000_000
    text: int = 20_000
    systems: int = 60
    articles: int = 200
    worse: int = 100
    heat_systems: int = 40
    chunk: int = 50


@dataclass(frozen=True)
class Bar:
    """An interval and a score, in percent of the width of the column's scale."""

    low: float
    high: float
    at: float


@dataclass(frozen=True)
class Delta:
    """A system compared with the baseline on one metric."""

    text: str
    verdict: str


@dataclass(frozen=True)
class Cell:
    """One system's score on one metric."""

    text: str
    value: float | None
    best: bool
    bar: Bar | None
    interval: str
    delta: Delta | None
    ranks: str
    cluster: int | None


@dataclass(frozen=True)
class Row:
    """A system of the leaderboard; ``page_position`` is its place among the systems of the page.

    :param badges: warnings beside its name: missing outputs, metrics that it was tuned on.
    """

    system: str
    index: int
    page_position: int | None
    ranks: str
    cluster: int | None
    first_of_cluster: bool
    cells: tuple[Cell, ...]
    badges: tuple[str, ...]


@dataclass(frozen=True)
class HeatCell:
    """A score with its shade, -4 (worst) to 4 (best), and the link to its texts."""

    text: str
    shade: int | None
    best: bool
    link: str | None


@dataclass(frozen=True)
class HeatTable:
    """Articles by systems for one metric."""

    label: str
    arrow: str
    systems: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[HeatCell, ...]], ...]
    total: tuple[str, ...]


@dataclass(frozen=True)
class Excerpt:
    """An excerpt of a text in pieces, each with whether it is an erroneous span."""

    name: str
    lang: str
    parts: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class ReadFirst:
    """An output worth reading, with its findings.

    :param findings: severity and message; ``more`` is the number of findings omitted.
    :param link: opens the segment on the page; None if its texts are omitted.
    """

    system: str
    segment: str
    headline: str
    findings: tuple[tuple[str, str], ...]
    more: int
    texts: tuple[Excerpt, ...]
    link: str | None


@dataclass(frozen=True)
class ArticleTexts:
    """The texts of an article as a block of JSON; ``article`` is its index, ``id`` the element id of the block."""

    article: int
    id: str
    json: str


@dataclass(frozen=True)
class Group:
    """An article, or a page of segments if the task has no article ids; ``segments`` holds their indices."""

    id: str
    title: str
    lang: str
    segments: tuple[int, ...]
