"""Expressions for the residue of a prompt or chat in an output: words about the task, formatting marks."""

from __future__ import annotations

import re

from evalkit.text.word_lists import word_lists

#: kind of residue to an expression that matches it in linear time.
RESIDUE: dict[str, re.Pattern[str]] = {
    kind: re.compile(f"{rows.get('before', '')}(?:{'|'.join(rows['any'])})", re.IGNORECASE)
    for kind, rows in word_lists("residue").items()
}
