"""Quantities in Chinese and English text: numbers, money, percentages, measures, durations, dates and times.

::

    >>> [str(q) for q in extract("累计销售额超过230万元", "zh")]
    ['more than CNY 2300000']
    >>> [str(q) for q in extract("sales of more than 2.3 million yuan", "en")]
    ['more than CNY 2300000']

Pure functions of strings, linear in their length; any string is answered.
"""

from __future__ import annotations

import datetime

from evalkit.errors import SettingError
from evalkit.text.quantities.dates import parse_day
from evalkit.text.quantities.equivalence import matches, required
from evalkit.text.quantities.matching import Pair, align
from evalkit.text.quantities.model import EXACTNESS, KINDS, Quantity, parse_normal

__all__ = ["EXACTNESS", "KINDS", "Pair", "Quantity", "align", "extract", "matches", "parse_normal", "required"]


def extract(text: str, lang: str, date: str | datetime.date | None = None) -> list[Quantity]:
    """The quantities of a text, in the order of the text, their spans not overlapping.

    :param text: any text.
    :param lang: ``zh`` or ``en`` (a longer tag such as ``zh-CN`` counts by its first part).
    :param date: the day the text was written, ISO, whole or in part (``2022-07-25``, ``2022-07``, ``2022``): what words
        such as 去年 or "last year" are counted from. Without it such words are no quantities.
    :raises SettingError: for another language.
    :raises InputError: for a date that is none.
    """
    when = parse_day(date)
    # A reader compiles some hundred expressions, so it is imported by the first text in its language.
    if lang == "zh" or lang.startswith(("zh-", "zh_")):
        from evalkit.text.quantities import chinese

        return chinese.extract(text, when)
    if lang == "en" or lang.startswith(("en-", "en_")):
        from evalkit.text.quantities import english

        return english.extract(text, when)
    raise SettingError(f"quantities are read in zh and en, not in {lang!r}")
