"""Properties of a source by which segments can be grouped: its numbers of quantities and names."""

from evalkit.text.languages import language

#: Languages in which, within a sentence, almost only names are capitalized.
_CAPITALIZED = frozenset({"en", "fr", "es", "it", "pt", "nl", "pl", "cs", "ru", "uk"})
_MARKS = "\"'“”‘’«»()[]{}.,;:!?…"


def count_quantities(text: str, lang: str) -> int | None:
    """The number of quantities in a text; None for languages that are not supported."""
    if language(lang) not in ("zh", "en"):
        return None
    from evalkit.text.quantities import extract

    return len(extract(text, lang))


def count_names(text: str, lang: str) -> int | None:
    """The number of capitalized words within sentences; None for languages where capitals do not indicate names."""
    if language(lang) not in _CAPITALIZED:
        return None
    count, opens = 0, True
    for token in text.split():
        word = token.strip(_MARKS)
        count += len(word) > 1 and word[0].isupper() and not opens
        opens = token.rstrip("\"'”’»)").endswith((".", "!", "?", ":", "…"))
    return count
