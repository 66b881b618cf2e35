"""Find the span of a judge's quote in the text."""

from functools import lru_cache

from evalkit.text.normalize import FULL_WIDTH

Span = tuple[int, int]

#: Characters that copies often change: full-width forms and curly quotes, one for one; invisible ones are left out.
_SAME: dict[int, int | str] = {
    **FULL_WIDTH,
    **dict.fromkeys(map(ord, "‘’‚‛"), "'"),
    **dict.fromkeys(map(ord, "“”„‟"), '"'),
}
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")


def anchor(text: str, quote: str, context: str = "") -> Span | None:
    """The half-open span of a quote in a text; None if it occurs nowhere or more than once.

    An exact match is searched for first, then one that ignores spacing, width and kind of quotation mark. If the quote
    occurs more than once, ``context`` (a longer quote that contains it) decides. Occurrences inside a longer word only
    count if there are no others.
    """
    for find in (_exact, _normalized):
        spans = find(text, quote)
        if len(spans) > 1 and context:
            places = _exact(text, context) or _normalized(text, context)
            spans = [(a, b) for a, b in spans if any(start <= a and b <= end for start, end in places)]
            if not spans:
                return None
        if spans:
            return spans[0] if len(spans) == 1 else None
    return None


def _exact(text: str, quote: str) -> list[Span]:
    return _whole_words(text, _occurrences(text, quote.strip()))


def _normalized(text: str, quote: str) -> list[Span]:
    folded, places = _normal(text)
    spans = _occurrences(folded, _normal(quote)[0])
    return _whole_words(text, [(places[a], places[b - 1] + 1) for a, b in spans])


def _occurrences(text: str, quote: str) -> list[Span]:
    spans = []
    at = text.find(quote) if quote else -1
    while at >= 0:
        spans.append((at, at + len(quote)))
        at = text.find(quote, at + 1)
    return spans


def _whole_words(text: str, spans: list[Span]) -> list[Span]:
    """Drop spans that begin or end inside an alphabetic word; return all spans if none is left."""
    whole = [(a, b) for a, b in spans if not (_inside_word(text, a) or _inside_word(text, b))]
    return whole or spans


def _inside_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and all(c.isalnum() and c < "\u2e80" for c in text[at - 1 : at + 1])


@lru_cache(maxsize=64)
def _normal(text: str) -> tuple[str, tuple[int, ...]]:
    """The text without spacing, in one width, and for each character its place in the text."""
    characters = [(c, i) for i, c in enumerate(text.translate(_SAME)) if not c.isspace() and c not in _INVISIBLE]
    return "".join(c for c, _ in characters), tuple(i for _, i in characters)
