"""Subtitles (SubRip, WebVTT, SubStation Alpha, LRC, MicroDVD, SBV, TTML): recognized only to be rejected.

They are split by time, so that two translations do not correspond, and their timestamps would be scored as text::

    00:00:01,000 --> 00:00:03,000
    Good morning.
"""

import re

from evalkit.data.fields import Fields
from evalkit.data.formats.file_format import Format, Table
from evalkit.data.opening import Input
from evalkit.errors import InputError

#: The first cue, without white space before it.
_CUE = re.compile(
    r"(?:\d{1,9}\s{1,9})?(?:\d{1,9}:)?\d\d:\d\d[,.]\d{3}\s{0,9}-->"
    r"|\d{1,3}:\d\d:\d\d\.\d{3},\d{1,3}:\d\d:\d\d\.\d{3}|<tt\s"
    r"|WEBVTT|\[Script Info\]|\[\d{1,4}:\d\d[.:]\d{2,3}\]|\{\d{1,9}\}\{\d{1,9}\}"
)


def _refuse(file: Input, fields: Fields) -> Table:
    why = "cues are cut by time and do not correspond between two files"
    advice = "Extract the text, align it by sentence, and give one sentence per line"
    raise InputError(f"{file.name}: subtitles (such as SRT or WebVTT) cannot be scored: {why}. {advice}")


_ENDINGS = (".srt", ".vtt", ".ass", ".ssa", ".lrc", ".sbv", ".ttml")
SUBTITLES = Format("subtitles", _ENDINGS, lambda file: bool(_CUE.match(file.beginning.lstrip())), _refuse)
