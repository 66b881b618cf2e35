"""Normalization for scoring only; stored texts keep their original form."""

# NFKC would change more than width: …… becomes ......, ① becomes 1, ㎡ becomes m2.
#: A table for ``str.translate``.
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

#: Quotation marks and apostrophes of any shape as ASCII; a table for ``str.translate``
PLAIN_QUOTES = {**dict.fromkeys(map(ord, "‘’‚‛′ʼ`´"), "'"), **dict.fromkeys(map(ord, "“”„‟″«»"), '"')}


def fold_width(text: str) -> str:
    """Replace full-width variants of ASCII and the ideographic space; the length, and so any span, stays the same."""
    return text.translate(FULL_WIDTH)
