"""The classes of counted nouns, from ``nouns.tsv``; numbers of incompatible classes do not match."""

from __future__ import annotations

from evalkit.text.quantities.lexicons import load, nouns

#: form to class
ZH_NOUN: dict[str, str] = {form: name for name, forms, _ in nouns() if name for form in forms}
EN_NOUN: dict[str, str] = {form: name for name, _, forms in nouns() if name for form in forms}
_NAMES = frozenset(EN_NOUN.values())
#: pairs of classes that good translations use for each other
KIN = frozenset(frozenset(pair.split("+")) for pair in load("evidence")["nouns"]["kin"].split())


def english_class(word: str) -> str:
    """Return the class of an English noun or class name, or an empty string if it is unknown."""
    return EN_NOUN.get(word) or EN_NOUN.get(word.lower()) or (word if word in _NAMES else "")


def compatible(a: str, b: str) -> bool:
    """Whether two classes of nouns are compatible; an unknown class (empty) is compatible with all."""
    return not a or not b or a == b or frozenset((a, b)) in KIN
