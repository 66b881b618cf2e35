"""Key facts: atomic statements and the surface forms that carry or contradict them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Fact"]

#: alternatives of word groups: a form matches when every group of one alternative occurs.
Forms = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Fact:
    """One atomic statement about an article.

    :param statement: the statement by language.
    :param tier: 1 (central) to 3 (detail).
    :param kind: ``who``, ``what``, ``quantity``, ``date``, ``place``, ``quote`` or ``cause``.
    :param forms: accepted surface forms by language.
    :param contradicts: surface forms that contradict the fact, by language.
    :param blocks: the blocks of the article it comes from.
    """

    id: str
    tier: int
    statement: Mapping[str, str]
    forms: Mapping[str, Forms]
    contradicts: Mapping[str, Forms] = field(default_factory=dict)
    kind: str = "what"
    blocks: tuple[str, ...] = ()
