"""Normalisation for the scoring view only: what is stored keeps the form it was given."""

from __future__ import annotations

__all__ = ["FULL_WIDTH", "fold_width"]

# NFKC would do more than width: …… becomes ......, ① becomes 1, ㎡ becomes m2.
#: A table for ``str.translate``.
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def fold_width(text: str) -> str:
    """Full-width ASCII variants (U+FF01 to U+FF5E) and the ideographic space as their ASCII counterparts.

    The length stays the same, so spans found in the folded text hold in the original.
    """
    return text.translate(FULL_WIDTH)
