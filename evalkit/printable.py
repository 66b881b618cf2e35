"""Text that is safe to print: what a terminal, a log or a spreadsheet would interpret is escaped."""

import re
import unicodedata

#: Control characters, marks that change the direction of text, invisible characters, line separators other than the
#: line feed, noncharacters, and lone surrogates (from file names that are not UTF-8).
_INTERPRETED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2061-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
#: The beginnings of lines that a CI service interprets as commands when it shows the log of a job.
_COMMAND = re.compile(r"(?m)^(?P<white>[^\S\n]*):(?=:)|#(?=#(?:vso|teamcity)?\[)")

#: Characters that are not shown, although they are neither control nor format characters.
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"

#: Invisible characters that no script needs; they make different names look the same.
_UNSEEN = re.compile(f"[{_BLANK}\xad\u180e\u200b\u2060]")

_NOTHING_SHOWN = re.compile(rf"[\s{_BLANK}\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]*")


def is_blank(text: str) -> bool:
    """Whether a reader sees nothing: the text is empty, or has only white space and invisible characters."""
    return _NOTHING_SHOWN.fullmatch(text) is not None


def first_invisible(text: str) -> re.Match[str] | None:
    """The first character of a name that a reader does not see, or that a terminal interprets."""
    return _INTERPRETED.search(text) or _UNSEEN.search(text)


def printable(text: str, *, one_line: bool = False) -> str:
    r"""Escape everything that a terminal or a log would interpret, such as ``\u001b``; a text without it is unchanged.

    The spelling is that of JSON strings, so a JSON document keeps its meaning. Applying it twice changes nothing more.

    :param one_line: spell out line feeds and tabs as well.
    """
    text = _INTERPRETED.sub(_spelled, text)
    if one_line:
        text = text.replace("\n", "\\n").replace("\t", "\\t")
    if "::" not in text and "##" not in text:
        return text  # no command; looking for these is ten times as fast as the expression
    return _COMMAND.sub(lambda match: (match["white"] or "") + _spelled(match), text)


def _spelled(match: re.Match[str]) -> str:
    character = match[0][-1]
    if ord(character) > 0xFFFF:
        return "".join(f"\\u{unit:04x}" for unit in memoryview(character.encode("utf-16-le")).cast("H"))
    return f"\\u{ord(character):04x}"


def visible(text: str) -> str:
    """Replace the same characters with their code points, such as ``⟨U+202E⟩``, for a page that shows text to readers."""
    return _INTERPRETED.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)


def spreadsheet_field(text: str) -> str:
    """A printable text, with an apostrophe in front if a spreadsheet would interpret it as a formula."""
    return ("'" if _is_formula(text) else "") + printable(text)


def _is_formula(text: str) -> bool:
    """Whether the first character that is shown begins a formula, in any width."""
    if text[:1] in ("\t", "\r", "\n"):
        return True
    for character in text:
        if character not in _BLANK and unicodedata.category(character) not in ("Cc", "Cf", "Mn", "Zl", "Zp", "Zs"):
            return unicodedata.normalize("NFKC", character) in ("=", "+", "-", "@")
    return False
