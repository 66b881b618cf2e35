"""Tokenizers for ROUGE on Chinese: each turns a text into a list of tokens, punctuation dropped, width folded."""

import logging
import re
from collections.abc import Callable

from evalkit.errors import SettingError
from evalkit.text.normalize import fold_width
from evalkit.text.scripts import HAN
from evalkit.version import install_hint

Tokenizer = Callable[[str], list[str]]

# One Han character; or a number with its separators and attached characters (4.2, 2,100, 20%, 5G, 4.2GB); or a word
# with inner hyphens and apostrophes (COVID-19, G20). A separator belongs to a number only between digits.
_LETTER = rf"(?:(?![{HAN}])[^\W_])"
_TAIL = rf"(?:[-'’]{_LETTER}+)*"
_MIXED = re.compile(rf"[{HAN}]|\d+(?:[.,]\d+)*(?:%|{_LETTER}*{_TAIL})|{_LETTER}+{_TAIL}")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def mixed_tokens(text: str) -> list[str]:
    """Each Han character, each number and each word of Latin letters and digits is a token; lowercased, width folded.

    >>> mixed_tokens("AI创收达4.2亿元，增长20%（COVID-19、5G）")
    ['ai', '创', '收', '达', '4.2', '亿', '元', '增', '长', '20%', 'covid-19', '5g']
    """
    return _MIXED.findall(fold_width(text).lower())


def word_tokens(text: str) -> list[str]:
    """Runs of letters and digits of any alphabet, lowercased; for languages that put spaces between words."""
    return _WORD.findall(text.lower())


def char_tokens(text: str) -> list[str]:
    """Every letter, ideograph and digit is a token; lowercased, width folded."""
    return [c for c in fold_width(text).lower() if c.isalnum()]


def jieba_tokens(text: str) -> list[str]:
    """Words as segmented by jieba's accurate mode (extra ``zh``), without tokens that have no letter or digit.

    :raises SettingError: if jieba is not installed.
    """
    try:
        import jieba
    except ImportError:
        raise SettingError(f"tokenize=jieba needs jieba: {install_hint('zh')}") from None
    jieba.setLogLevel(logging.WARNING)
    return [t for t in jieba.lcut(fold_width(text).lower()) if any(c.isalnum() for c in t)]


#: Name to tokenizer.
TOKENIZERS: dict[str, Tokenizer] = {
    "mixed": mixed_tokens,
    "char": char_tokens,
    "jieba": jieba_tokens,
    "words": word_tokens,
}
