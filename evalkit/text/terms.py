"""Terms and names: what a source form may and may not become in the target language."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Term"]


@dataclass(frozen=True)
class Term:
    """One entry of a glossary.

    :param source: the form in the source language.
    :param accepted: forms in the target language, the official one first.
    :param rejected: known wrong forms.
    :param kind: ``person``, ``place``, ``organisation``, ``programme`` or ``term``.
    """

    source: str
    accepted: tuple[str, ...]
    rejected: tuple[str, ...] = ()
    kind: str = "term"
