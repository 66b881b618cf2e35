"""Word lists as they are best read and edited: words separated by spaces or bars."""

from __future__ import annotations

__all__ = ["barred", "spaced"]


def spaced(text: str) -> tuple[str, ...]:
    """Words separated by white space."""
    return tuple(text.split())


def barred(text: str) -> tuple[str, ...]:
    """Phrases separated by ``|``; white space around them is dropped."""
    return tuple(phrase.strip() for phrase in text.split("|"))
