"""The Chinese expressions for English words, from ``translations.toml``."""

import re
from functools import cache

from evalkit.text.word_lists import entries, word_lists

_ENDINGS = [entry.split("=") for entry in "s= es= ies=y ed= ed=e ied=y ing= ing=e ly=".split()]


@cache
def _translations() -> dict[str, str]:
    table = entries(word_lists("translations")["words"]["english"])
    return {word: "|".join(forms) for words, forms in table for word in words.lower().split("/")}


@cache
def chinese_words() -> frozenset[str]:
    """Return the expressions of two or more characters."""
    return frozenset(form for forms in _translations().values() for form in forms.split("|") if len(form) > 1)


@cache
def translation(word: str) -> re.Pattern[str] | None:
    """Return what may express an English word, in any inflection, in Chinese; None if the word is not in the list.

    The expressions are fragments of Chinese words ("农" for "agriculture") and are searched in simplified characters.
    They tell which parts of a source and an output are about the same; they do not list all translations.

    >>> bool(translation("farming").search("农业"))
    True
    """
    known, word = _translations(), word.lower().removesuffix("'s").removesuffix("’s")
    stems = [word, *(word.removesuffix(end) + new for end, new in _ENDINGS if word.endswith(end))]
    stems += [stem[:-1] for stem in stems if len(stem) > 3 and stem[-1] == stem[-2]]
    return next((re.compile(known[stem]) for stem in stems if stem in known), None)
