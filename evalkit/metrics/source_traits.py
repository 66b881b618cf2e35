"""What a source asks for, to group segments by: its quantities and names."""

from __future__ import annotations

from evalkit.text.languages import language
from evalkit.text.quantities import extract

__all__ = ["count_names", "count_quantities"]

#: languages that write names, and little else within a sentence, with a capital.
_CAPITALIZED = frozenset({"en", "fr", "es", "it", "pt", "nl", "pl", "cs", "ru", "uk"})
_MARKS = "\"'“”‘’«»()[]{}.,;:!?…"


def count_quantities(text: str, lang: str) -> int | None:
    """How many quantities a text has; None for languages in which none are found."""
    return len(extract(text, lang)) if language(lang) in ("zh", "en") else None


def count_names(text: str, lang: str) -> int | None:
    """How many words within sentences have a capital; None for languages where that is no sign of a name."""
    if language(lang) not in _CAPITALIZED:
        return None
    count, opens = 0, True
    for token in text.split():
        word = token.strip(_MARKS)
        count += len(word) > 1 and word[0].isupper() and not opens
        opens = token.rstrip("\"'”’»)").endswith((".", "!", "?", ":", "…"))
    return count
