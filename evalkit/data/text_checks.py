"""Plausibility checks on a sample of texts.

Texts that cannot be correct raise an error; suspicious ones cause a one-line warning.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from evalkit.errors import BenchmarkError, InputError
from evalkit.files import tell
from evalkit.text.scripts import sample_script
from evalkit.text.word_lists import word_lists

T = TypeVar("T")

#: The number of texts that are checked, evenly spaced.
SAMPLE = 200
#: The minimum number of letters needed to determine the script of a sample.
_FEW_LETTERS = 20


def as_list(values: Iterable[Any], what: str) -> list[Any]:
    """Convert a value given in Python to a list: a sequence, a pandas Series, a generator, ``zip(...)``."""
    table = hasattr(values, "iterrows") or hasattr(values, "to_pydict")
    if table or isinstance(values, str | bytes | Mapping | Set) or not isinstance(values, Iterable):
        one = "one string" if isinstance(values, str) else f"a {type(values).__name__}"
        advice = "one of its columns" if table else "a list with one entry per segment, in order"
        raise InputError(f"{what} is {one}; give {advice}")
    return list(values.to_pylist() if hasattr(values, "to_pylist") else values)


def check_same_index(**columns: Any) -> None:
    """Refuse pandas Series whose rows have other labels, or the same labels in another order."""
    labels = {name: list(c.index) for name, c in columns.items() if hasattr(c, "index") and not callable(c.index)}
    for (first, index), (second, other) in pairwise(labels.items()):
        if index != other:
            advice = "align the two, or give .tolist() of both if they are in the same order"
            raise InputError(f"the index of {second} differs from that of {first}; {advice}")


def check_language(
    texts: Sequence[str],
    lang: str,
    what: str,
    *,
    refuse: bool = True,
    advice: str = "give the language that they are in with --lang",
) -> None:
    """Compare the script of some texts, such as ``the references``, with their language.

    :param refuse: whether to raise if hardly any text is in the script, with the advice; otherwise warn.
    """
    scripts = sample_script(_sample(texts), lang)
    if scripts is None or scripts.weight < _FEW_LETTERS or scripts.share >= 0.5:
        return
    message = f"{what} are {scripts.highest:.0%} {scripts.script}, but {lang} is written in {scripts.expected}"
    if refuse and scripts.share < 0.1:
        raise BenchmarkError(f"{message}; {advice}")
    tell(f"{message}; is this the right file?")


def check_texts(texts: Sequence[str], what: str, references: Sequence[tuple[str, ...]] | None = None) -> None:
    """Warn about texts that neither a person nor a system is likely to have written: placeholders, tokenized texts, markup.

    :param references: if the texts are outputs, the references of each; what these contain as well is not reported.
    """
    sample = _sample(texts)
    n, present = len(sample), [text for text in sample if text.strip()]
    text, times = Counter(present).most_common(1)[0] if present else ("", 0)
    if times >= 3 and n >= 5 and times > 0.2 * n:
        times = sum(other == text for other in texts)
        tell(f"{what}: {times:,} of {len(texts):,} are the same text, {_example(text)}; is it a placeholder?")
    others: list[str] = []
    if references is not None:
        groups = _sample(references)
        others = [reference for group in groups for reference in group]
        if 2 * len(present) < n:
            tell(f"{what}: {n - len(present):,} of {n:,} sampled texts are empty")
        if n >= 3 and all(text in group for text, group in zip(sample, groups, strict=True)):
            tell(f"{what}: all {n:,} sampled texts are identical to a reference; is this the right file?")
    _check_marks(present, n, what, None if references is None else others)


def _check_marks(texts: Sequence[str], n: int, what: str, references: Sequence[str] | None) -> None:
    """Report the first marks that too many of n texts have, and, if they are outputs, the references do not."""
    for marks in _marks():
        marked = marks.among(texts)
        compared = references if marks.least > 1 else None
        if len(marked) < marks.least or len(marked) <= marks.share * n or (marks.outputs_only and not references):
            continue
        if compared and len(marks.among(compared)) > 0.1 * len(compared):
            continue
        also = ", the references do not" if compared else ""
        message = f"{what}: {len(marked):,} of {n:,} sampled texts {marks.name}, as in {_example(marked[0])}{also}"
        message += f"; {marks.advice} before scoring"
        if marks.refused and references is None:
            raise BenchmarkError(message)
        tell(message)
        return
    for end, name in ((False, "begin"), (True, "end")):
        if references and (shared := _shared(texts, references, at_end=end)):
            found = f"most sampled texts {name} with {shared!r} (0 is any number), the references do not"
            tell(f"{what}: {found}; remove what is not part of the texts before scoring")
            return


#: Number of texts that are compared with those of other segments, and how many must resemble the wrong segment for a warning.
_COMPARED, _ENOUGH = 50, 5


class Alignment:
    """Warns if texts resemble those of their own segments less often than those of other segments.

    Files without ids belong together line by line, so a missing line or another order changes every score, and nothing
    else shows it. Texts in different languages resemble each other by their numbers and Latin names. Between the systems
    of four public test sets and their references, at least 93% of sampled texts resemble their own the most.

    :param n: the number of segments; ``text`` is that of a segment by index, such as its reference.
    :param what: what these texts are called: ``reference``.
    """

    def __init__(self, n: int, text: Callable[[int], str], what: str) -> None:
        self._n, self._what = n, what
        self._sample = range(0, n, max(1, n // _COMPARED))
        self._words = cache(lambda i: _words(text(i)))

    def check(self, text: Callable[[int], str], where: str) -> None:
        """Compare the text of each segment with that of its own, of both neighbors, and of one far away."""
        n, wins, losses = self._n, 0, 0
        for i in self._sample if n > 3 else ():
            words = _words(text(i))
            others = (self._words(j % n) for j in (i - 1, i + 1, i + n // 2))
            difference = _resemblance(words, self._words(i)) - max(_resemblance(words, other) for other in others)
            wins, losses = wins + (difference > 0), losses + (difference < 0)
        if losses >= max(_ENOUGH, wins + 1):
            seen = f"{losses} of {wins + losses} sampled texts resemble the {self._what} of another segment more than their own"
            tell(f"{where}: {seen}; are both files of the same data in the same order?")


def _words(text: str) -> frozenset[str]:
    """The words of a text, and pairs of characters where words are not separated."""
    words = re.findall(r"[a-z0-9]+|[^\W\da-z_]+", text.lower())
    pairs = (w[k : k + 2] for w in words for k in range(len(w) - 1) if not w.isascii())
    return frozenset((*(w for w in words if w.isascii()), *pairs))


def _resemblance(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / max(1, len(one) + len(other))


def _shared(texts: Sequence[str], references: Sequence[str], *, at_end: bool) -> str:
    """What most texts and hardly any reference begin or end with, numbers being alike: a label, a mark, a time."""

    def edges(of: Sequence[str], length: int) -> list[str]:
        alike = [re.sub(r"\d+", "0", (text[-60:] if at_end else text[:60]).strip()) for text in of]
        return [text[-length:] if at_end else text[:length] for text in alike]

    for length in (16, 8, 4, 2):
        edge, times = Counter(edges(texts, length)).most_common(1)[0] if texts else ("", 0)
        # Many sentences may end in "s.", but they do not begin with the same characters.
        plain = at_end and edge.replace(".", "").isalpha()
        common = times >= 5 and times > 0.5 * len(texts) and not plain
        if common and edges(references, length).count(edge) <= 0.1 * len(references):
            return edge
    return ""


class _Marks(NamedTuple):
    """Marks that no translation contains, the share of texts above which they are reported, and the advice to the user.

    :param needs: characters of which every match has one; without them, the pattern is not searched for.
    :param refused: whether sources and references with it are refused.
    :param least: the number of texts from which on it is reported; if more than 1, only if the references do not have it.
    :param outputs_only: whether sources and references are not searched.
    """

    name: str
    pattern: re.Pattern[str]
    needs: str = ""
    advice: str = "join the subwords"
    share: float = 0.2
    refused: bool = False
    least: int = 1
    outputs_only: bool = False

    def among(self, texts: Iterable[str]) -> list[str]:
        """The texts that contain it."""
        likely = (text for text in texts if not self.needs or any(character in text for character in self.needs))
        return [text for text in likely if self.pattern.search(text)]


@cache
def _marks() -> tuple[_Marks, ...]:
    """The rows of ``suspicious.toml``."""
    rows = word_lists("suspicious", Path(__file__).parent)["marks"]
    return tuple(_Marks(**{**row, "pattern": re.compile(row["pattern"])}) for row in rows)


def _sample(texts: Sequence[T]) -> Sequence[T]:
    step = max(1, len(texts) // SAMPLE)
    return texts if step == 1 else [texts[i] for i in range(0, len(texts), step)]


def _example(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
