"""The reference side of segments: all inputs of a metric other than the hypotheses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.errors import InputError

if TYPE_CHECKING:
    from evalkit.text.facts import Fact
    from evalkit.text.term_matching import Term


@dataclass(frozen=True, eq=False)
class References:
    """The reference side of n segments: all inputs of a metric other than the hypotheses.

    Prepared once for a task and shared by all systems. Everything except ``texts`` is optional; a metric lists in
    ``needs`` what it requires.

    :param texts: n tuples of one or more reference texts.
    :param lang: language of hypotheses and references, an ISO 639 code such as ``zh``.
    :param sources: n source texts (the block that is translated, or the article that is summarized).
    :param source_lang: language of the sources.
    :param articles: n article ids.
    :param dates: n ISO dates of the articles (``2022-07-25``, or partial dates such as ``2022``), or None.
    :param facts: the key facts of an article, by article id.
    :param terms: the glossary of an article, by article id; the key ``""`` applies to every article.
    :param kind: ``translation`` or ``summary``; determines whether omissions are errors.
    :param ids: n segment ids.
    """

    texts: tuple[tuple[str, ...], ...]
    lang: str = "en"
    sources: tuple[str, ...] | None = None
    source_lang: str | None = None
    articles: tuple[str, ...] | None = None
    dates: tuple[str | None, ...] | None = None
    facts: Mapping[str, tuple[Fact, ...]] | None = None
    terms: Mapping[str, tuple[Term, ...]] | None = None
    kind: str = "translation"
    ids: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        texts: Sequence[object] = self.texts
        if isinstance(texts, str) or not isinstance(texts, Sequence) or any(isinstance(refs, str) for refs in texts):
            raise InputError("the texts of References are the references of each segment; give a list of lists")

    def __len__(self) -> int:
        return len(self.texts)
