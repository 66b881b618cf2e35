"""The script of a language, and the share of a text that is written in it."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from evalkit.text.languages import script_codes

#: Han characters as a regular expression class: the unified ideographs with all extensions, compatibility forms, 〇 and 々.
HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f\U00030000-\U000323af"

#: A word: one Han, kana or Thai character, or a run of other letters and digits.
WORD = re.compile(rf"[{HAN}\u3040-\u30ff\u0e00-\u0eff]|[^\W_{HAN}\u3040-\u30ff\u0e00-\u0eff]+")

_KANA = "\u3041-\u30ff"
# Letters of a script (ISO 15924).
_SCRIPTS = {
    "Latn": "A-Za-zªºÀ-ÖØ-öø-ʸ\u1e00-\u1eff",
    "Hani": HAN,
    "Kana": _KANA,
    "Hang": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    "Cyrl": "\u0400-\u052f",
    "Arab": "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff",
    "Hebr": "\u0590-\u05ff",
    "Grek": "\u0370-\u03ff\u1f00-\u1fff",
    "Geor": "\u10a0-\u10ff\u1c90-\u1cbf",
    "Armn": "\u0530-\u058f",
    "Deva": "\u0900-\u097f",
    "Beng": "\u0980-\u09ff",
    "Guru": "\u0a00-\u0a7f",
    "Gujr": "\u0a80-\u0aff",
    "Orya": "\u0b00-\u0b7f",
    "Taml": "\u0b80-\u0bff",
    "Telu": "\u0c00-\u0c7f",
    "Knda": "\u0c80-\u0cff",
    "Mlym": "\u0d00-\u0d7f",
    "Sinh": "\u0d80-\u0dff",
    "Thai": "\u0e00-\u0e7f",
    "Laoo": "\u0e80-\u0eff",
    "Tibt": "\u0f00-\u0fff",
    "Mymr": "\u1000-\u109f\uaa60-\uaa7f",
    "Ethi": "\u1200-\u139f",
    "Khmr": "\u1780-\u17ff",
}
_ALSO = {"Kore": "Hang", "Hans": "Hani", "Hant": "Hani"}
_NAMES = {
    "Latn": "Latin",
    "Hani": "Han",
    "Jpan": "Japanese (kana)",
    "Hang": "Hangul",
    "Cyrl": "Cyrillic",
    "Arab": "Arabic",
    "Deva": "Devanagari",
}
_LETTER = re.compile(r"[^\W\d_]")
_KANA_WORD = re.compile(f"[{_KANA}]")
#: The number of kana words that a Chinese text may quote.
_QUOTED_KANA = 4


@lru_cache(256)
def script_of(lang: str) -> re.Pattern[str] | None:
    """Runs of the script of a language; None if several are common or the table does not include it."""
    codes = script_codes(lang)
    script = _ALSO.get(codes[0], codes[0]) if len(codes) == 1 else ""
    if script == "Jpan":
        return re.compile(f"[{HAN}{_KANA}]+")
    return re.compile(f"[{_SCRIPTS[script]}]+") if script in _SCRIPTS else None


@dataclass(frozen=True)
class ScriptShare:
    """The share of the letters of some texts that is in the script of their language.

    :param share: 0 to 1; ``weight`` is the number of letters, with letters of scripts such as Han counted three times.
    :param expected: the name of the language's script.
    :param script: the name of the most frequent script in the texts; ``highest`` is its share.
    """

    share: float
    expected: str
    script: str
    highest: float
    weight: int


def sample_script(texts: Iterable[str], lang: str) -> ScriptShare | None:
    """Count the first letters of texts by script; None if the language has no definite script or there are no letters.

    :param lang: a language tag; a script in it (``zh-Latn``) is the expected script.
    """
    characters = Counter("".join(text[:400] for text in texts))
    distinct = "".join(characters)
    counts = {
        name: sum(characters[letter] for letter in re.findall(f"[{letters}]", distinct))
        for name, letters in _SCRIPTS.items()
    }
    kana, han = counts.pop("Kana"), counts["Hani"]
    # Text with kana is Japanese, including its Han characters; a Chinese text may quote some kana.
    counts["Jpan"] = kana + han if kana > 0.05 * (kana + han) else 0
    counts["Hani"] = 0 if counts["Jpan"] else han + kana
    expected = [_ALSO.get(code, code) for code in script_codes(lang)]
    letters = sum(counts.values())
    if not letters or not any(script in counts for script in expected):
        return None
    most_frequent = max(counts, key=lambda name: counts[name])
    return ScriptShare(
        share=sum(counts.get(script, 0) for script in expected) / letters,
        expected=" or ".join(_NAMES.get(script, script) for script in expected),
        script=_NAMES.get(most_frequent, most_frequent),
        highest=counts[most_frequent] / letters,
        weight=letters + 2 * sum(counts[script] for script in ("Hani", "Jpan", "Hang")),
    )


def by_script(text: str, script: re.Pattern[str]) -> tuple[int, list[str]]:
    """The number of words in a script, and the words that are not in it. Numbers belong to no script."""
    words = [word for word in WORD.findall(text) if _LETTER.search(word)]
    foreign = [word for word in words if not script.search(word)]
    return len(words) - len(foreign), foreign


def script_share(text: str, lang: str) -> float:
    """Share of words in the language's script, 0 to 1; 0 if there are no words or the script is not definite."""
    script = script_of(lang)
    if script is None:
        return 0.0
    own, foreign = by_script(text, script)
    # Han characters among kana are Japanese.
    if lang == "zh" and sum(bool(_KANA_WORD.match(word)) for word in foreign) > max(_QUOTED_KANA, 0.1 * own):
        return 0.0
    return own / (own + len(foreign)) if own else 0.0
