"""Sentence splitting for Chinese and English, based on punctuation only."""

import re

# Chinese: after 。！？ (and their half-width or ASCII forms if no Latin text follows) or ……, with the closing marks that
# follow. A single … is a pause inside a sentence.
_ZH_END = re.compile(r"(?:[。！？｡]+|[!?]+|…{2,}|\.{6})[”’」』）〉》】\"')\]]*|\n+")

# English: . ! ? with closing marks, then white space and a possible beginning of a sentence. If the search fails at the
# first of many marks, it must not restart at each of them.
_EN_END = re.compile(r"(?<![.!?])[.!?]+[”’\"')\]]*(?=\s+[“‘\"'(\[]?[A-Z0-9])|\n+")
#: English abbreviations that end with a period inside a sentence.
ABBREVIATIONS = frozenset(
    """mr mrs ms messrs dr prof st gen sen rep rev gov lt col capt no nos vs etc inc ltd co corp jr sr dept jan feb mar apr jun
    jul aug sep sept oct nov dec fig vol art approx e.g i.e a.m p.m u.s u.k u.n""".split()
)
_LAST_WORD = re.compile(r"\b(?:[A-Z]|[A-Za-z](?:[a-z]+|(?:\.[A-Za-z])+))(?=\.\Z)")


def sentence_spans(text: str, lang: str) -> list[tuple[int, int]]:
    """Half-open spans of the sentences of a text: all but white space. Only ``zh`` is not split like English."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in (_ZH_END if lang == "zh" else _EN_END).finditer(text):
        end = match.end()
        if lang != "zh" and _is_abbreviation(text[max(start, end - 12) : end]):
            continue
        spans.append((start, end))
        start = end
    spans.append((start, len(text)))
    parts = ((end - len(text[start:end].lstrip()), text[start:end].strip()) for start, end in spans)
    return [(start, start + len(part)) for start, part in parts if part]


def sentences(text: str, lang: str) -> list[str]:
    """The sentences of a text.

    >>> sentences("他说：“好。”然后走了……真的！", "zh")
    ['他说：“好。”', '然后走了……', '真的！']
    """
    return [text[a:b] for a, b in sentence_spans(text, lang)]


def _is_abbreviation(text: str) -> bool:
    """Whether the period at the end of a text belongs to an abbreviation or an initial."""
    last = _LAST_WORD.search(text)
    return last is not None and (len(last[0]) == 1 or last[0].lower() in ABBREVIATIONS)
