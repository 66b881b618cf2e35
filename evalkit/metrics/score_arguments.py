"""Check the hypotheses and references that a metric is given."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evalkit.errors import InputError
from evalkit.files import tell
from evalkit.wording import count, kind_of


def _check_listed(what: str, texts: Any, advice: str) -> None:
    if isinstance(texts, str | bytes) or not isinstance(texts, Sequence):
        raise InputError(f"{what} is {'one string' if isinstance(texts, str) else kind_of(texts)}; {advice}")


def check_hypotheses(hypotheses: Sequence[Any]) -> None:
    """:raises InputError: unless the hypotheses are a list of texts."""
    _check_listed("hypotheses", hypotheses, "give a list with one text per segment")
    for i, text in enumerate(hypotheses):
        if not isinstance(text, str):
            raise InputError(f"hypotheses[{i}] is {type(text).__name__}, not a text")


def check_references(hypotheses: Sequence[str], references: Sequence[Any]) -> tuple[tuple[str, ...], ...]:
    """Validate segment-major references and return them as tuples.

    :raises InputError: for a string instead of a list, a wrong number of segments, transposed references (where this can be
        detected), or a value that is not a string.
    """
    check_hypotheses(hypotheses)
    _check_listed("references", references, "give a list of lists: references[i] belongs to hypotheses[i]")
    n = len(hypotheses)
    if len(references) != n:
        if references and all(isinstance(r, Sequence) and not isinstance(r, str) and len(r) == n for r in references):
            raise InputError(
                f"references look transposed: {len(references)} lists of {n} texts for {n} hypotheses. references[i] "
                "must list the references of hypotheses[i]; use list(zip(*references))"
            )
        raise InputError(f"{n} hypotheses but references for {count(len(references), 'segment')}")
    rows: list[tuple[str, ...]] = []
    for i, refs in enumerate(references):
        listed = isinstance(refs, Iterable) and not isinstance(refs, str | bytes | Mapping)
        refs = tuple(refs) if listed else (refs,)
        if not refs:
            raise InputError(f"references[{i}] is empty; every segment needs at least one reference")
        # A null among other references (nan in pandas) is a missing one.
        present = tuple(text for text in refs if text is not None and text == text)
        for j, text in enumerate(present or refs):
            if not isinstance(text, str):
                advice = "" if present else "; leave out segments without a reference"
                raise InputError(f"references[{i}][{j}] is {type(text).__name__}, not a text{advice}")
        rows.append(present)
    if 1 < n <= _SQUARE and all(len(refs) == n for refs in rows) and _look_transposed(hypotheses, rows):
        tell(
            "references may be transposed: hypotheses[i] is more similar to references[...][i] than to "
            "references[i], which must list the references of hypotheses[i]"
        )
    return tuple(rows)


#: More references per segment than this are not expected.
_SQUARE = 20


def _look_transposed(hypotheses: Sequence[str], rows: Sequence[tuple[str, ...]]) -> bool:
    """Whether n hypotheses are much more similar to the columns of n lists of n references than to the lists."""

    def bigrams(text: str) -> set[str]:
        return {text[i : i + 2] for i in range(len(text) - 1)}

    def similarity(references: Iterable[Iterable[str]]) -> float:
        pairs = [
            (bigrams(text), bigrams(ref)) for text, refs in zip(hypotheses, references, strict=True) for ref in refs
        ]
        return sum(len(a & b) / max(1, len(a | b)) for a, b in pairs) / len(pairs)

    given, transposed = similarity(rows), similarity(zip(*rows, strict=True))
    return transposed > given + 0.1 and transposed > 1.3 * given
