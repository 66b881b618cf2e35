"""Counted nouns of Chinese and English in classes (``nouns.tsv``), which tell "12 provinces, 22 counties" from its reverse."""

from __future__ import annotations

from evalkit.text.quantities.lexicons import nouns

__all__ = ["EN_NOUN", "ZH_NOUN", "english_class", "kin"]

#: Chinese form -> class, English form -> class
ZH_NOUN: dict[str, str] = {form: name for name, forms, _ in nouns() for form in forms}
EN_NOUN: dict[str, str] = {form: name for name, _, forms in nouns() for form in forms}
_NAMES = frozenset(name for name, *_ in nouns())
#: classes that stand for each other in good translations
KIN: frozenset[frozenset[str]] = frozenset(
    frozenset(pair.split("+"))
    for pair in (
        "person+person-time person+household organisation+company organisation+school organisation+hospital "
        "organisation+team person+case person-time+time region+country region+province region+county region+city "
        "region+town city+town measure+project time+point goal+point time+goal company+country case+time case+question "
        "county+city"
    ).split()
)


def english_class(word: str) -> str:
    """The class of an English noun, by its form or by the class's own name; empty where it is not known."""
    return EN_NOUN.get(word) or EN_NOUN.get(word.lower()) or (word if word in _NAMES else "")


def kin(a: str, b: str) -> bool:
    """Whether two counted nouns can stand for each other: one is not known, or their classes agree."""
    return not a or not b or a == b or frozenset((a, b)) in KIN
