"""Tokenizers in plain Python for inputs too small for compiled loops: sacrebleu's, and the words of chrF++.

Sources: ``sacrebleu.tokenizers.tokenizer_13a``, ``tokenizer_re``, ``tokenizer_zh``, ``tokenizer_char`` and
``sacrebleu.metrics.chrf`` 2.6. The tokens of each space-separated word are cached, because words repeat.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from evalkit.metrics.kernels.tokens import PUNCTUATION, SYMBOLS, ZH_RANGES, Rows, prepare_13a

# The number of cached words, and the maximum length of a cached word, because long words rarely repeat.
_KEPT_WORDS = 1 << 16
_KEPT_LENGTH = 24

# The expressions of mteval-v13a in their order; the first one splits off single characters. Matches of the second and
# third do not overlap, so ``a.,1`` gives ``a . ,1``.
_SYMBOLS = {point: f" {chr(point)} " for point in SYMBOLS}
_POINT_AFTER = re.compile(r"([^0-9])([\.,])")
_POINT_BEFORE = re.compile(r"([\.,])([^0-9])")
_DASH = re.compile(r"([0-9])(-)")
_CHINESE = re.compile("([" + "".join(f"{chr(low)}-{chr(high)}" for low, high in ZH_RANGES) + "])")


@dataclass(eq=False)
class NumberedTokens:
    """The tokens of a tokenizer as numbers."""

    tokenize: Callable[[str], list[str]]
    _numbers: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._numbers)

    def references(self, texts: Sequence[str]) -> Rows:
        """Token numbers of the references; each distinct token gets the next number."""
        number = self._numbers.setdefault
        return Rows.of([[number(token, len(self._numbers)) for token in self.tokenize(text)] for text in texts])

    def hypotheses(self, texts: Sequence[str]) -> Rows:
        """Token numbers of hypotheses, -1 for a token that occurs in no reference."""
        number = self._numbers.get
        return Rows.of([[number(token, -1) for token in self.tokenize(text)] for text in texts])


def _chrf_words(text: str) -> list[str]:
    """The words of chrF++: a punctuation mark at the end of a word (otherwise at its start) is a separate word."""
    words: list[str] = []
    for word in text.split():
        if len(word) > 1 and word[-1] in PUNCTUATION:
            words += (word[:-1], word[-1])
        elif len(word) > 1 and word[0] in PUNCTUATION:
            words += (word[0], word[1:])
        else:
            words.append(word)
    return words


def _tokens_13a(text: str) -> list[str]:
    return _split_words([f" {word} " for word in prepare_13a([text])[0].split()])


def _tokens_zh(text: str) -> list[str]:
    line = _CHINESE.sub(r" \1 ", text.strip())
    words = [f" {word} " for word in line.split()]
    # Unlike in 13a, the line is not padded: its first and last word have no space on that side.
    if words and not line[0].isspace():
        words[0] = words[0][1:]
    if words and not line[-1].isspace():
        words[-1] = words[-1][:-1]
    return _split_words(words)


def _tokens_char(text: str) -> list[str]:
    return [character for character in text if not character.isspace()]


def _split_words(words: list[str]) -> list[str]:
    tokens: list[str] = []
    for word in words:
        tokens += _remembered(word) if len(word) <= _KEPT_LENGTH else _split_word(word)
    return tokens


def _split_word(word: str) -> tuple[str, ...]:
    if word.strip().isalpha():
        return (word.strip(),)
    word = word.translate(_SYMBOLS)
    if "." in word or "," in word:
        word = _POINT_AFTER.sub(r"\1 \2 ", word)
        word = _POINT_BEFORE.sub(r" \1 \2", word)
    if "-" in word:
        word = _DASH.sub(r"\1 \2 ", word)
    return tuple(word.split())


_remembered = lru_cache(maxsize=_KEPT_WORDS)(_split_word)


#: by name, the tokenizers of sacrebleu, and the words of chrF++ (``chrf``).
TOKENIZERS: dict[str, Callable[[str], list[str]]] = {
    "13a": _tokens_13a,
    "zh": _tokens_zh,
    "char": _tokens_char,
    "none": str.split,
    "chrf": _chrf_words,
}
