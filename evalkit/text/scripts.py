"""Which script a language is written in, and how much of a text is in it."""

from __future__ import annotations

import re

from evalkit.text.tokenize import HAN

__all__ = ["WORD", "by_script", "script_of", "script_share"]

#: a word: one Han, kana or Thai character, or a run of other letters and digits.
WORD = re.compile(rf"[{HAN}\u3040-\u30ff\u0e00-\u0eff]|[^\W_{HAN}\u3040-\u30ff\u0e00-\u0eff]+")

_KANA = "\u3041-\u30ff"
_SCRIPTS = {
    "zh": HAN,
    "ja": HAN + _KANA,
    "ko": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    "th": "\u0e00-\u0e7f",
    "he": "\u0590-\u05ff",
    "yi": "\u0590-\u05ff",
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "ka": "\u10a0-\u10ff",
    "hy": "\u0530-\u058f",
    **dict.fromkeys(("ru", "uk", "bg", "be", "mk", "ky", "tg"), "\u0400-\u052f"),
    **dict.fromkeys(("ar", "fa", "ur", "ps", "ug"), "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff"),
    **dict.fromkeys(("hi", "mr", "ne", "sa"), "\u0900-\u097f"),
}
#: languages written in more than one script, or in one that the table does not hold.
_OPEN = frozenset("sr kk uz az tk mn ku ks sd bn pa gu or ta te kn ml si lo my km bo dz am ti iu dv ii".split())
_LATIN = "A-Za-zªºÀ-ÖØ-öø-ʸ\u1e00-\u1eff"
_LETTER = re.compile(r"[^\W\d_]")
_KANA_WORD = re.compile(f"[{_KANA}]")
#: kana that a Chinese text may quote.
_QUOTED_KANA = 4


def script_of(lang: str) -> re.Pattern[str] | None:
    """Runs of the script of a language (base code, see :func:`evalkit.text.languages.language`); None where it is open."""
    return None if lang in _OPEN else re.compile(f"[{_SCRIPTS.get(lang, _LATIN)}]+")


def by_script(text: str, script: re.Pattern[str]) -> tuple[int, list[str]]:
    """How many words are in a script, and the words that are not, as they are written. Numbers are in none."""
    words = [word for word in WORD.findall(text) if _LETTER.search(word)]
    foreign = [word for word in words if not script.search(word)]
    return len(words) - len(foreign), foreign


def script_share(text: str, lang: str) -> float:
    """Share of the words that are in the language's script, 0 to 1; 0 where there are none or the script is open."""
    script = script_of(lang)
    if script is None:
        return 0.0
    own, foreign = by_script(text, script)
    # Han characters among kana are Japanese.
    if lang == "zh" and sum(bool(_KANA_WORD.match(word)) for word in foreign) > max(_QUOTED_KANA, 0.1 * own):
        return 0.0
    return own / (own + len(foreign)) if own else 0.0
