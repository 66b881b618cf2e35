"""The Porter stemmer, with the extensions of NLTK: the stems that rouge-score compares.

Source: M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980 (https://tartarus.org/martin/PorterStemmer);
the extensions are those of ``nltk.stem.porter`` in its default mode, which rouge-score uses. Importing nltk takes up to a
second, because it imports scipy where that is installed.
"""

from collections.abc import Callable, Sequence

#: A suffix, its replacement and the condition on the rest of the word; the first rule whose suffix occurs decides.
Rule = tuple[str, str, Callable[[str], bool]]

_IRREGULAR = {
    "skies": "sky",
    "dying": "die",
    "lying": "lie",
    "tying": "tie",
    **{word + ending: word for word in ("inning", "outing", "canning") for ending in ("", "s")},
    **{word: word for word in ("sky", "news", "howe", "proceed", "exceed", "succeed")},
}


def porter_stem(word: str) -> str:
    """Stem a lowercase word.

    >>> porter_stem("generalizations"), porter_stem("flies"), porter_stem("dying")
    ('gener', 'fli', 'die')
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 2:
        return word
    for step in (_plurals, _past_and_participles, _final_y):
        word = step(word)
    if word.endswith("alli") and _measure(word[:-4]) > 0:
        word = word[:-2]
    for rules in (_STEP_2, _STEP_3, _STEP_4):
        word = _apply(word, rules)
    return _final_e(word)


def _pattern(word: str) -> str:
    """One letter per letter: v for a vowel, c for a consonant."""
    letters = ""
    for i, letter in enumerate(word):
        is_vowel = letter in "aeiou" or (letter == "y" and i > 0 and letters[-1] == "c")
        letters += "v" if is_vowel else "c"
    return letters


def _measure(stem: str) -> int:
    """How often a vowel is followed by a consonant."""
    return _pattern(stem).count("vc")


def _is_short(word: str) -> bool:
    """Whether a word ends in consonant, vowel, consonant (other than w, x, y), or consists of vowel and consonant."""
    pattern = _pattern(word)
    return (pattern.endswith("cvc") and word[-1] not in "wxy") or pattern == "vc"


def _apply(word: str, rules: Sequence[Rule]) -> str:
    for suffix, replacement, allowed in rules:
        if word.endswith(suffix):
            stem = word[: len(word) - len(suffix)]
            return stem + replacement if allowed(stem) else word
    return word


def _plurals(word: str) -> str:
    if word.endswith("ies"):
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith("sses"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _past_and_participles(word: str) -> str:
    if word.endswith("ied"):
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for suffix in ("ed", "ing"):
        stem = word.removesuffix(suffix)
        if stem != word and "v" in _pattern(stem):
            break
    else:
        return word
    if stem.endswith(("at", "bl", "iz")):
        return stem + "e"
    if len(stem) > 1 and stem[-1] == stem[-2] and _pattern(stem)[-1] == "c":
        return stem if stem[-1] in "lsz" else stem[:-1]
    return stem + "e" if _measure(stem) == 1 and _is_short(stem) else stem


def _final_y(word: str) -> str:
    stem = word[:-1]
    return stem + "i" if word.endswith("y") and len(stem) > 1 and _pattern(stem)[-1] == "c" else word


def _final_e(word: str) -> str:
    if word.endswith("e"):
        stem = word[:-1]
        measure = _measure(stem)
        if measure > 1 or (measure == 1 and not _is_short(stem)):
            word = stem
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word


def _rules(text: str, allowed: Callable[[str], bool]) -> list[Rule]:
    pairs = (pair.partition(">") for pair in text.split())
    return [(suffix, replacement, allowed) for suffix, _, replacement in pairs]


def _some(stem: str) -> bool:
    return _measure(stem) > 0


def _several(stem: str) -> bool:
    return _measure(stem) > 1


_STEP_2: list[Rule] = [
    *_rules(
        "ational>ate tional>tion enci>ence anci>ance izer>ize bli>ble alli>al entli>ent eli>e ousli>ous ization>ize "
        "ation>ate ator>ate alism>al iveness>ive fulness>ful ousness>ous aliti>al iviti>ive biliti>ble fulli>ful",
        _some,
    ),
    ("logi", "log", lambda stem: _some(stem + "l")),
]
_STEP_3 = _rules("icate>ic ative> alize>al iciti>ic ical>ic ful> ness>", _some)
_STEP_4: list[Rule] = [
    *_rules("al> ance> ence> er> ic> able> ible> ant> ement> ment> ent>", _several),
    ("ion", "", lambda stem: _several(stem) and stem[-1] in "st"),
    *_rules("ou> ism> ate> iti> ous> ive> ize>", _several),
]
