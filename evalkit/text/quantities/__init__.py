"""Find quantities in Chinese and English text, and compare the quantities of two texts.

Quantities are numbers, money, percentages, measures, durations, dates and times.

::

    >>> [str(q) for q in extract("累计销售额超过230万元", "zh")]
    ['more than CNY 2300000']
    >>> [str(q) for q in extract("sales of more than 2.3 million yuan", "en")]
    ['more than CNY 2300000']

Every function accepts any string and is deterministic. Extraction takes time linear in the length of the text.
"""

import datetime
import re
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module

from evalkit.errors import SettingError
from evalkit.text.quantities.equivalence import matches, required
from evalkit.text.quantities.matching import align
from evalkit.text.quantities.model import EXACTNESS, KINDS, Quantity, parse_normal
from evalkit.text.quantities.number_values import repaired
from evalkit.text.quantities.pairing import VERDICTS, Pair
from evalkit.text.quantities.scanner import Day, parse_day

__all__ = [
    "EXACTNESS",
    "KINDS",
    "VERDICTS",
    "Pair",
    "Quantity",
    "align",
    "extract",
    "matches",
    "parse_normal",
    "required",
]


def extract(text: str, lang: str, date: str | datetime.date | None = None) -> list[Quantity]:
    """Return the quantities of a text, in text order; their spans do not overlap.

    :param text: any text.
    :param lang: ``zh`` or ``en``; of a longer tag such as ``zh-CN``, only the language matters.
    :param date: the date of the text in ISO format: a day, month or year (``2022-07-25``, ``2022-07``, ``2022``). It is
        needed to read 去年 or "last year" as a date; without it, such words are skipped.
    :raises SettingError: if the language is neither Chinese nor English.
    :raises InputError: if the date is not valid.
    """
    return _scanner(lang)(repaired(text), parse_day(date))


@lru_cache(maxsize=16)
def _scanner(lang: str) -> Callable[[str, Day | None], list[Quantity]]:
    """Import the module of a language on first use: it compiles hundreds of regular expressions."""
    module = {"zh": "chinese", "en": "english"}.get(re.split("[-_]", lang)[0])
    if module is None:
        raise SettingError(f"quantities are supported in zh and en, not in {lang!r}")
    scan: Callable[[str, Day | None], list[Quantity]] = import_module(f"{__name__}.{module}").extract
    return scan
