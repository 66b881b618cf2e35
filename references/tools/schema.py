"""What an authored article is: frozen values, one for each part of ``references/articles/<id>.yaml``.

Every value knows the line of the file it was read from, so that a check can name it; lines take no part in equality.
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

#: the two reference translations, in the order they stand in ``segments.en``.
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
    """Where the article stands in the raw page.

    :param file: path below the references folder.
    :param sha256: of the whole page, byte for byte.
    :param lines: first and last line, from 1, both included.
    """

    file: str
    sha256: str
    lines: tuple[int, int]
    line: int = _line()


@dataclass(frozen=True)
class Repair:
    """One mending of the text layer's damage.

    :param kind: one of :data:`REPAIR_KINDS`.
    :param was: what stands in the raw lines (after the repairs before this one), exactly once.
    :param now: what takes its place.
    :param supplied: words that the raw page lacks, where there are any.
    :param moved: words taken away here and put back by a ``moved-caption`` repair.
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
        """The whole block: Chinese units stand together, English units are joined by a space."""
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
    """A key fact and the line it stands on."""

    fact: Fact
    line: int = _line()


@dataclass(frozen=True)
class TermEntry:
    """A term or name.

    :param blocks: the blocks it occurs in.
    :param note: where the official form comes from, or what to beware of.
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
    :param kind: what is counted or measured: see the card.
    :param low: lowest value; for dates None.
    :param high: highest value, equal to ``low`` for a single value, None where it is open.
    :param unit: the unit in normal form, empty for a bare count.
    :param noun: what is counted.
    :param exact: ``exact``, ``about``, ``nearly``, ``more than``, ``at least``, ...
    :param date: year, month, day as far as known, or None.
    :param year_inferred: the year is not in the text.
    :param checkable: whether an automatic check can be expected to find it in a translation.
    :param note: what else the source says of it: that it is an average, that it is in total.
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
    """A reference changed in one place: with one error, or without any.

    :param lang: language of the text.
    :param base: ``close`` or ``news`` for a translation, ``summary/zh/long/1`` for a summary.
    :param block: the block of a translation; empty for a summary.
    :param kind: kind of error or of harmless difference.
    :param breaks: the annotations that the error breaks, all of them: ``fact:f07``, ``quantity:p04:9``,
        ``term:夏泽翰``; ``unseen:fact:f07`` for one that a reader sees broken but no pattern can; ``added`` for a
        quantity that the article does not have; ``meaning`` for what no annotation holds. Empty for a variant.
    :param truth: what the source says there, in words; empty for a variant.
    :param was: what stands in the base, exactly once.
    :param now: what stands there instead.
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
    """A known slip of the paper itself, kept as it is."""

    block: str
    zh: str
    note: str
    line: int = _line()


@dataclass(frozen=True)
class Provenance:
    """How the authored parts were made.

    :param made_by: kind of author.
    :param parts: a sentence for each part: translations, summaries, annotation.
    """

    made_by: str
    parts: Mapping[str, str]
    line: int = _line()


@dataclass(frozen=True)
class Article:
    """One authored file.

    :param raw: where it stands in a raw page; None for an article that came as clean text.
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
        """What articles are ordered by: their place in the raw pages; those without a page come last, by id."""
        if self.raw is None:
            return True, "", (0, 0), self.id
        return False, self.raw.file, self.raw.lines, self.id

    def block(self, id: str) -> Block:
        """The block of that id.

        :raises KeyError: if there is none.
        """
        for block in self.blocks:
            if block.id == id:
                return block
        raise KeyError(id)

    def summary(self, id: str) -> Summary:
        """The summary of that id (``zh/long/1``).

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
        """Words of a block that the raw page lacks."""
        return tuple(r.supplied for r in self.repairs if r.supplied and r.now in block.text("zh"))

    def base_of(self, contrast: Contrast) -> str | None:
        """The text a contrast or a variant starts from; None if it names nothing."""
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
