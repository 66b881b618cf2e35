"""The schema of authored articles: an immutable class for each part of ``references/articles/<id>.yaml``.

Every value has the line of the file it was read from, for use in messages; lines are ignored in comparisons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evalkit.text.facts import Fact
from evalkit.text.term_matching import Term

__all__ = [
    "BLOCK_KINDS",
    "FACT_KINDS",
    "REPAIR_KINDS",
    "SUMMARY_LENGTHS",
    "TERM_KINDS",
    "TRANSLATIONS",
    "Article",
    "Block",
    "Contrast",
    "FactEntry",
    "NotQuantity",
    "Provenance",
    "Quantity",
    "Raw",
    "Repair",
    "Sentence",
    "SourceNote",
    "Summary",
    "TermEntry",
]

#: the two reference translations, in their order in ``segments.en``.
TRANSLATIONS = ("close", "news")
BLOCK_KINDS = ("title", "deck", "heading", "paragraph", "caption", "byline")
REPAIR_KINDS = (
    "broken-line",
    "joined-headline",
    "misplaced-caption",
    "missing-words",
    "moved-caption",
    "separated-byline",
    "stray-space",
)
FACT_KINDS = ("who", "what", "quantity", "date", "place", "quote", "cause")
TERM_KINDS = ("person", "place", "organisation", "programme", "title", "term", "phrase")
SUMMARY_LENGTHS = ("headline", "short", "long")


def _line() -> int:
    value: int = field(default=0, compare=False)
    return value


@dataclass(frozen=True)
class Raw:
    """The position of an article in the raw page.

    :param file: path below the references folder.
    :param sha256: SHA-256 of the bytes of the whole page.
    :param lines: first and last line, from 1, inclusive.
    """

    file: str
    sha256: str
    lines: tuple[int, int]
    line: int = _line()


@dataclass(frozen=True)
class Repair:
    """One correction of a defect in the text layer.

    :param kind: one of :data:`REPAIR_KINDS`.
    :param was: the text to replace, which occurs exactly once in the raw lines after the preceding repairs.
    :param now: what takes its place.
    :param supplied: words that are missing from the raw page, if any.
    :param moved: words removed here and reinserted by a ``moved-caption`` repair.
    """

    kind: str
    was: str
    now: str
    supplied: str = ""
    moved: str = ""
    line: int = _line()


@dataclass(frozen=True)
class Sentence:
    """An alignment unit: one or more sentences of the source and their translations."""

    zh: str
    close: str
    news: str
    line: int = _line()

    def text(self, side: str) -> str:
        """The Chinese (``zh``) or one of the translations (``close``, ``news``)."""
        return {"zh": self.zh, "close": self.close, "news": self.news}[side]


@dataclass(frozen=True)
class Block:
    """A headline, deck, heading, paragraph, caption or byline."""

    id: str
    kind: str
    sentences: tuple[Sentence, ...]
    line: int = _line()

    def text(self, side: str) -> str:
        """The whole block: Chinese units are joined without spaces, English units with a space."""
        return ("" if side == "zh" else " ").join(s.text(side) for s in self.sentences)


@dataclass(frozen=True)
class Summary:
    """A reference summary of the article.

    :param lang: ``zh`` or ``en``.
    :param length: one of :data:`SUMMARY_LENGTHS`.
    :param number: from 1, within language and length.
    """

    lang: str
    length: str
    number: int
    text: str
    line: int = _line()

    @property
    def id(self) -> str:
        """For example ``zh/long/1``."""
        return f"{self.lang}/{self.length}/{self.number}"


@dataclass(frozen=True)
class FactEntry:
    """A key fact and its line number."""

    fact: Fact
    line: int = _line()


@dataclass(frozen=True)
class TermEntry:
    """A term or name.

    :param blocks: the blocks it occurs in.
    :param note: the source of the official form, or a caveat.
    """

    term: Term
    blocks: tuple[str, ...]
    note: str = ""
    line: int = _line()


@dataclass(frozen=True)
class Quantity:
    """A quantity or a date of the source in normal form.

    :param block: id of the block.
    :param surface: the characters of the source.
    :param start: offset of ``surface`` in the block's text.
    :param kind: what is counted or measured; see the dataset card.
    :param low: lowest value; for dates None.
    :param high: highest value, equal to ``low`` for a single value, None if it is open.
    :param unit: the unit in normal form, empty for a bare count.
    :param noun: what is counted.
    :param exact: ``exact``, ``about``, ``nearly``, ``more than``, ``at least``, ...
    :param date: year, month and day, as far as known, or None.
    :param year_inferred: whether the year is missing from the text.
    :param checkable: whether an automatic check can be expected to find it in a translation.
    :param note: what else the source says about it, for example that it is an average or a total.
    """

    block: str
    surface: str
    start: int
    kind: str
    low: float | None
    high: float | None
    unit: str
    noun: str
    exact: str
    date: tuple[int | None, int | None, int | None] | None
    year_inferred: bool
    checkable: bool
    note: str = ""
    line: int = _line()

    @property
    def id(self) -> str:
        """For example ``p03:27``: block and offset."""
        return f"{self.block}:{self.start}"


@dataclass(frozen=True)
class NotQuantity:
    """A numeral of the source that states no quantity (the 22 of a name, the one of 一直)."""

    block: str
    surface: str
    start: int
    why: str
    line: int = _line()


@dataclass(frozen=True)
class Contrast:
    """A reference changed in one place, either introducing one error or none.

    :param lang: language of the text.
    :param base: ``close`` or ``news`` for a translation, ``summary/zh/long/1`` for a summary.
    :param block: the block of a translation; empty for a summary.
    :param kind: kind of error or of harmless difference.
    :param breaks: all annotations that the error violates: ``fact:f07``, ``quantity:p04:9``, ``term:夏泽翰``;
        ``unseen:fact:f07`` for a violation that a reader notices but no pattern can detect; ``added`` for a quantity
        that is not in the article; ``meaning`` for errors that no annotation covers. Empty for a variant.
    :param truth: what the source says at this point, in words; empty for a variant.
    :param was: the text to replace, which occurs exactly once in the base.
    :param now: the replacement.
    """

    id: str
    lang: str
    base: str
    block: str
    kind: str
    was: str
    now: str
    breaks: tuple[str, ...] = ()
    truth: str = ""
    line: int = _line()


@dataclass(frozen=True)
class SourceNote:
    """A known error of the newspaper itself, kept unchanged."""

    block: str
    zh: str
    note: str
    line: int = _line()


@dataclass(frozen=True)
class Provenance:
    """How the authored parts were made.

    :param made_by: kind of author.
    :param parts: one sentence per part: translations, summaries, annotation.
    """

    made_by: str
    parts: Mapping[str, str]
    line: int = _line()


@dataclass(frozen=True)
class Article:
    """One authored file.

    :param raw: its position in a raw page; None for an article that was provided as clean text.
    """

    path: Path = field(compare=False)
    id: str
    raw: Raw | None
    byline: str
    date: str
    date_inferred: str
    repairs: tuple[Repair, ...]
    blocks: tuple[Block, ...]
    summaries: tuple[Summary, ...]
    facts: tuple[FactEntry, ...]
    terms: tuple[TermEntry, ...]
    quantities: tuple[Quantity, ...]
    not_quantities: tuple[NotQuantity, ...]
    contrasts: tuple[Contrast, ...]
    variants: tuple[Contrast, ...]
    source_notes: tuple[SourceNote, ...]
    provenance: Provenance

    @property
    def place(self) -> tuple[bool, str, tuple[int, int], str]:
        """The sort key of articles: their position in the raw pages; articles without a page come last, by id."""
        if self.raw is None:
            return True, "", (0, 0), self.id
        return False, self.raw.file, self.raw.lines, self.id

    def block(self, id: str) -> Block:
        """The block with this id.

        :raises KeyError: if there is none.
        """
        for block in self.blocks:
            if block.id == id:
                return block
        raise KeyError(id)

    def summary(self, id: str) -> Summary:
        """The summary with this id (``zh/long/1``).

        :raises KeyError: if there is none.
        """
        for summary in self.summaries:
            if summary.id == id:
                return summary
        raise KeyError(id)

    def text(self, side: str) -> str:
        """The whole article: blocks separated by a blank line."""
        return "\n\n".join(block.text(side) for block in self.blocks)

    def of_kind(self, kind: str, side: str) -> str:
        """The text of the first block of a kind; empty if there is none."""
        return next((b.text(side) for b in self.blocks if b.kind == kind), "")

    def supplied(self, block: Block) -> tuple[str, ...]:
        """Words of a block that are missing from the raw page."""
        return tuple(r.supplied for r in self.repairs if r.supplied and r.now in block.text("zh"))

    def base_of(self, contrast: Contrast) -> str | None:
        """The base text of a contrast or variant; None if it does not exist."""
        try:
            if contrast.base.startswith("summary/"):
                return self.summary(contrast.base.removeprefix("summary/")).text
            return self.block(contrast.block).text(contrast.base)
        except KeyError:
            return None

    def contrastive(self) -> Iterator[tuple[str, Contrast]]:
        """Contrasts and variants, each with its type."""
        yield from (("contrast", c) for c in self.contrasts)
        yield from (("variant", c) for c in self.variants)
