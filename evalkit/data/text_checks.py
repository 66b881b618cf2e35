"""Plausibility checks on a sample of texts.

Texts that cannot be correct raise an error; suspicious ones cause a one-line warning.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from evalkit.errors import BenchmarkError, InputError
from evalkit.files import tell
from evalkit.text.scripts import sample_script

__all__ = ["as_list", "check_language", "warn_about_texts"]

#: the number of texts that are checked, evenly spaced.
_SAMPLE = 200
#: the minimum number of letters needed to determine the script of a sample.
_FEW_LETTERS = 20


def as_list(values: Iterable[Any], what: str) -> list[Any]:
    """Convert a value given in Python to a list: a sequence, a pandas Series, a generator, ``zip(...)``.

    :raises InputError: for a single text, a mapping, a set or a value that is not iterable.
    """
    if isinstance(values, str | bytes | Mapping | Set) or not isinstance(values, Iterable):
        one = "one string" if isinstance(values, str) else f"a {type(values).__name__}"
        raise InputError(f"{what} is {one}; give a list with one entry per segment, in order")
    return list(values)


def check_language(texts: Sequence[str], lang: str, what: str, *, refuse: bool = True) -> None:
    """Compare the script of some texts with their language.

    :param what: a name for the texts in messages: ``the references``.
    :param refuse: whether to raise if hardly any text is in the script; otherwise warn.
    :raises BenchmarkError: naming both scripts.
    """
    scripts = sample_script(_sample(texts), lang)
    if scripts is None or scripts.weight < _FEW_LETTERS or scripts.share >= 0.5:
        return
    message = f"{what} are {scripts.highest:.0%} {scripts.script}, but {lang} is written in {scripts.expected}"
    if refuse and scripts.share < 0.1:
        raise BenchmarkError(f"{message}; give the language that they are in with --lang")
    tell(f"{message}; is this the right file?")


def warn_about_texts(texts: Sequence[str], what: str, references: Sequence[str] = ()) -> None:
    """Warn about placeholders and about texts that are still tokenized or cut into subwords.

    :param references: texts to compare the outputs with; spaces before periods are normal if the references have them
        too.
    """
    sample = _sample(texts)
    text, count = (
        Counter(text for text in sample if text.strip()).most_common(1)[0] if any(map(str.strip, sample)) else ("", 0)
    )
    if len(sample) >= 20 and count > 0.2 * len(sample):
        count = sum(other == text for other in texts)
        tell(f"{what}: {count:,} of {len(texts):,} are the same text, {_example(text)}; is it a placeholder?")
    for name, marks in _SUBWORDS.items():
        marked = [text for text in sample if marks.search(text)]
        if len(marked) > 0.2 * len(sample):
            tell(
                f"{what}: {len(marked):,} of {len(sample):,} sampled texts hold {name}, as in {_example(marked[0])}; "
                f"{'unescape them' if 'HTML' in name else 'join the subwords'} before scoring"
            )
            return
    spaced = [text for text in sample if _SPACED_STOP.search(text)]
    usual = [text for text in _sample(references) if _SPACED_STOP.search(text)]
    if (
        len(spaced) > 0.5 * len(sample)
        and len(spaced) >= 3
        and references
        and len(usual) < 0.1 * len(_sample(references))
    ):
        tell(
            f"{what}: {len(spaced):,} of {len(sample):,} sampled texts end in a space and a full stop, as in "
            f"{_example(spaced[0])}, the references do not; detokenize them before scoring"
        )


_SUBWORDS = {
    "the subword mark ▁": re.compile("▁"),
    "the subword mark @@": re.compile(r"\w@@(?: |$)"),
    "the subword mark ##": re.compile(r" ##\w"),
    "the subword mark Ġ": re.compile(r"(?:^| )Ġ\w|\wĠ\w"),
    "HTML entities": re.compile(r"&(?:amp|apos|quot|lt|gt|#\d+);"),
}
_SPACED_STOP = re.compile(r"\s[.。!?！？]\s*$")


def _sample(texts: Sequence[str]) -> Sequence[str]:
    step = max(1, len(texts) // _SAMPLE)
    return texts if step == 1 else [texts[i] for i in range(0, len(texts), step)]


def _example(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
